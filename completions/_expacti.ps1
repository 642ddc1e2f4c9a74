
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'expacti' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'expacti'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'expacti' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a policy repository and pin it on this machine')
            [CompletionResult]::new('join', 'join', [CompletionResultType]::ParameterValue, 'Trust a policy repository from this machine on')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Say what is wrong with this machine''s set-up, and what to do')
            [CompletionResult]::new('identity', 'identity', [CompletionResultType]::ParameterValue, 'Make and list signing keys')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Ask for a command, wait for its approvals, and run it')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Go on with a request: wait for its approvals, and run it')
            [CompletionResult]::new('cancel', 'cancel', [CompletionResultType]::ParameterValue, 'Withdraw a request of yours')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say where a request stands')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Deliver what waits on this machine and close what has expired')
            [CompletionResult]::new('pending', 'pending', [CompletionResultType]::ParameterValue, 'List the open requests that you can decide')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a request: what would run, who asks and why, who agreed, what is missing')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Sign that a command may run')
            [CompletionResult]::new('deny', 'deny', [CompletionResultType]::ParameterValue, 'Sign that a command must not run')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Go through the requests that wait for you, one card at a time')
            [CompletionResult]::new('watch', 'watch', [CompletionResultType]::ParameterValue, 'Tell when requests come that wait for you, as they come')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Check, explain and sign approval policies')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Re-check every past execution against the policy in force at its time')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'List, report and export what happened, for auditors')
            [CompletionResult]::new('hook', 'hook', [CompletionResultType]::ParameterValue, 'Let a server judge every push before it takes it')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Play a schema migration with three reviewers, on a repository of its own')
            break
        }
        'expacti;init' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Take config.toml and roster.toml from this directory instead of the template')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;join' {
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The root fingerprint you were given, `SHA256:...`; any other is refused')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;doctor' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--repair', '--repair', [CompletionResultType]::ParameterName, 'Make `main` hold again')
            [CompletionResult]::new('--root-fingerprint', '--root-fingerprint', [CompletionResultType]::ParameterName, 'Print the fingerprint of the pinned root and nothing else')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;identity' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a key, and print its public half for the roster')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the keys of this machine, and who they are in the roster')
            break
        }
        'expacti;identity;new' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;identity;list' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;run' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for the approvals, like `90s`, `10m` or `1h30m`')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; the reviewers read it')
            [CompletionResult]::new('--stdin', '--stdin', [CompletionResultType]::ParameterName, 'Bind this file''s bytes as standard input; `-` binds expacti''s own')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Pass this variable without anyone seeing its value; may be repeated')
            [CompletionResult]::new('--status-file', '--status-file', [CompletionResultType]::ParameterName, 'Write how it ended to this file, as one JSON object')
            [CompletionResult]::new('--retry-of', '--retry-of', [CompletionResultType]::ParameterName, 'Ask again for what an ended request asked, and show reviewers the link')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Run this text by a shell: pipes, lists, redirections')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'The shell for -c: `sh` or `bash`, `dash`, `zsh` and the like, or the path of one')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait: print the id and exit with 122 while approvals are missing')
            [CompletionResult]::new('--allow-secret-looking', '--allow-secret-looking', [CompletionResultType]::ParameterName, 'Ask even though something in it looks like a password or a key')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;resume' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for the approvals, like `90s`, `10m` or `1h30m`')
            [CompletionResult]::new('--status-file', '--status-file', [CompletionResultType]::ParameterName, 'Write how it ended to this file, as one JSON object')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'What is known about it')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait: print the id and exit with 122 while approvals are missing')
            [CompletionResult]::new('--unknown', '--unknown', [CompletionResultType]::ParameterName, 'Close a run that was interrupted as "unknown", without running anything')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;cancel' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;status' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;sync' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--land', '--land', [CompletionResultType]::ParameterName, 'Land what waits for CI: for the job that alone may push to main')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;pending' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All open requests, also those that others decide')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;show' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;approve' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'What you checked; everyone can read it')
            [CompletionResult]::new('--comment', '--comment', [CompletionResultType]::ParameterName, 'What you checked; everyone can read it')
            [CompletionResult]::new('--answer', '--answer', [CompletionResultType]::ParameterName, 'Answer the question the policy puts to a seat, as SEAT=TEXT; may be repeated')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;deny' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why not; everyone can read it')
            [CompletionResult]::new('--suggest', '--suggest', [CompletionResultType]::ParameterName, 'A command you would approve instead')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;review' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;watch' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Stop after this long, like `8h`; `0s` looks once')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--relay', '--relay', [CompletionResultType]::ParameterName, 'Tell the channels of all requests, for the machine that holds their secrets')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;policy' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check config.toml and roster.toml')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show which policies govern a command, and why')
            [CompletionResult]::new('preview', 'preview', [CompletionResultType]::ParameterValue, 'Show which recorded commands an edited config.toml would govern')
            [CompletionResult]::new('propose', 'propose', [CompletionResultType]::ParameterValue, 'Propose the next version of the policy')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what a proposed version changes')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a proposed version as an admin')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say which version is in force, and which proposals wait for whom')
            break
        }
        'expacti;policy;check' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Check this file instead of the one in force')
            [CompletionResult]::new('--roster', '--roster', [CompletionResultType]::ParameterName, 'Check against the people in this file')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;policy;explain' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this file instead of the policy in force; no repository is needed then')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Run this text by a shell: pipes, lists, redirections')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'The shell for -c: `sh` or `bash`, `dash`, `zsh` and the like, or the path of one')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;policy;preview' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The edited file; without it config.toml in the current directory')
            [CompletionResult]::new('--commands', '--commands', [CompletionResultType]::ParameterName, 'Also judge the commands in this file, one command line a line')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;policy;propose' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Take the files below this directory: config.toml, roster.toml, or any other file of the policy repository')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'Remove this file from the policy repository; may be repeated')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;policy;diff' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Show what `policy propose --from DIR` would propose, without proposing it')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'As with `policy propose`')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;policy;sign' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;policy;status' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;verify' {
            [CompletionResult]::new('--request', '--request', [CompletionResultType]::ParameterName, 'Judge this request alone: its id, or a unique prefix of at least 6 digits')
            [CompletionResult]::new('--head', '--head', [CompletionResultType]::ParameterName, 'Judge what leads to this commit or branch, as a pull request would bring it')
            [CompletionResult]::new('--base', '--base', [CompletionResultType]::ParameterName, 'Judge --head from this commit of main on [default: the newest verified one]')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'With --pre-receive: the root fingerprint, `SHA256:...`')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'Begin at the pinned root, not at what this machine verified before')
            [CompletionResult]::new('--pre-receive', '--pre-receive', [CompletionResultType]::ParameterName, 'Judge a push, as git''s pre-receive hook: reads `old new ref` lines from standard input')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;audit' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'List requests, who decided on them and what came of them')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Make a report for auditors: a page and its JSON twin')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Hand the verified history to other programs, or to an auditor as signed evidence')
            break
        }
        'expacti;audit;log' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'From this day or time on, like `2026-07-01` or `2026-07-01T08:00:00Z`; days are those of UTC')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Until this day, which belongs to it, or before this time')
            [CompletionResult]::new('--principal', '--principal', [CompletionResultType]::ParameterName, 'Those in which this principal has a part: asks, operates who asks, decides, runs or closes')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'Those that this policy governs')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Those whose command line holds this text; with `*`, `?` or `[` a glob over all of it')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Those in this state; may be given more than once')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'Those that go to this environment')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print them')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'Begin at the pinned root, not at what this machine verified before')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;audit;report' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'From this day or time on, like `2026-07-01` or `2026-07-01T08:00:00Z`; days are those of UTC')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Until this day, which belongs to it, or before this time')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'Point to the controls of this framework that the report holds evidence towards, and say what is not covered')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the page to this file, and the JSON twin beside it with the extension `json`')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the page to this file, and the JSON twin beside it with the extension `json`')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'Begin at the pinned root, not at what this machine verified before')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;audit;export' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'From this day or time on, like `2026-07-01` or `2026-07-01T08:00:00Z`; days are those of UTC')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Until this day, which belongs to it, or before this time')
            [CompletionResult]::new('--principal', '--principal', [CompletionResultType]::ParameterName, 'Those in which this principal has a part: asks, operates who asks, decides, runs or closes')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'Those that this policy governs')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Those whose command line holds this text; with `*`, `?` or `[` a glob over all of it')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Those in this state; may be given more than once')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'Those that go to this environment')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to write it')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which is replaced, not to standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which is replaced, not to standard output')
            [CompletionResult]::new('--after', '--after', [CompletionResultType]::ParameterName, 'Only events that landed after this step of main: the `commit` of the last line that was read before')
            [CompletionResult]::new('--evidence', '--evidence', [CompletionResultType]::ParameterName, 'Write evidence for auditors to this zip file, its manifest signed with your key; takes --from, --to and --full')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'Begin at the pinned root, not at what this machine verified before')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;hook' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Set up a bare repository on this server')
            [CompletionResult]::new('pre-receive', 'pre-receive', [CompletionResultType]::ParameterValue, 'Judge a push; for git to call')
            break
        }
        'expacti;hook;install' {
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The root fingerprint you were given, `SHA256:...` [default: what this machine has pinned for it]')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;hook;pre-receive' {
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The root fingerprint, `SHA256:...` [default: `expacti.root` in the repository''s configuration]')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'expacti;demo' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The policy repository to use')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key to sign with')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--interactive', '--interactive', [CompletionResultType]::ParameterName, 'Decide yourself in the reviewers'' places')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (or array) instead of text')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
