
use builtin;
use str;

set edit:completion:arg-completer[expacti] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'expacti'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'expacti'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand init 'Make a policy repository and pin it on this machine'
            cand join 'Trust a policy repository from this machine on'
            cand doctor 'Say what is wrong with this machine''s set-up, and what to do'
            cand identity 'Make and list signing keys'
            cand run 'Ask for a command, wait for its approvals, and run it'
            cand resume 'Go on with a request: wait for its approvals, and run it'
            cand cancel 'Withdraw a request of yours'
            cand status 'Say where a request stands'
            cand sync 'Deliver what waits on this machine and close what has expired'
            cand pending 'List the open requests that you can decide'
            cand show 'Show a request: what would run, who asks and why, who agreed, what is missing'
            cand approve 'Sign that a command may run'
            cand deny 'Sign that a command must not run'
            cand policy 'Check, explain and sign approval policies'
            cand verify 'Re-check every past execution against the policy in force at its time'
            cand hook 'Let a server judge every push before it takes it'
            cand demo 'Play a schema migration with three reviewers, on a repository of its own'
        }
        &'expacti;init'= {
            cand --from 'Take config.toml and roster.toml from this directory instead of the template'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;join'= {
            cand --root 'The root fingerprint you were given, `SHA256:...`; any other is refused'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;doctor'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --repair 'Make `main` hold again'
            cand --root-fingerprint 'Print the fingerprint of the pinned root and nothing else'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;identity'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand new 'Make a key, and print its public half for the roster'
            cand list 'List the keys of this machine, and who they are in the roster'
        }
        &'expacti;identity;new'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;identity;list'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;run'= {
            cand --wait 'Wait this long for the approvals, like `90s`, `10m` or `1h30m`'
            cand --reason 'Why; the reviewers read it'
            cand --stdin 'Bind this file''s bytes as standard input; `-` binds expacti''s own'
            cand --secret-env 'Pass this variable without anyone seeing its value; may be repeated'
            cand --status-file 'Write how it ended to this file, as one JSON object'
            cand --retry-of 'Ask again for what an ended request asked, and show reviewers the link'
            cand -c 'Run this text by a shell: pipes, lists, redirections'
            cand --shell 'The shell for -c: `sh` or `bash`, `dash`, `zsh` and the like, or the path of one'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --no-wait 'Do not wait: print the id and exit with 122 while approvals are missing'
            cand --allow-secret-looking 'Ask even though something in it looks like a password or a key'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;resume'= {
            cand --wait 'Wait this long for the approvals, like `90s`, `10m` or `1h30m`'
            cand --status-file 'Write how it ended to this file, as one JSON object'
            cand --reason 'What is known about it'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --no-wait 'Do not wait: print the id and exit with 122 while approvals are missing'
            cand --unknown 'Close a run that was interrupted as "unknown", without running anything'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;cancel'= {
            cand --reason 'Why'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;status'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;sync'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --land 'Land what waits for CI: for the job that alone may push to main'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;pending'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --all 'All open requests, also those that others decide'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;show'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;approve'= {
            cand -m 'What you checked; everyone can read it'
            cand --comment 'What you checked; everyone can read it'
            cand --answer 'Answer the question the policy puts to a seat, as SEAT=TEXT; may be repeated'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;deny'= {
            cand --reason 'Why not; everyone can read it'
            cand --suggest 'A command you would approve instead'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;policy'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand check 'Check config.toml and roster.toml'
            cand explain 'Show which policies govern a command, and why'
            cand preview 'Show which recorded commands an edited config.toml would govern'
            cand propose 'Propose the next version of the policy'
            cand diff 'Show what a proposed version changes'
            cand sign 'Sign a proposed version as an admin'
            cand status 'Say which version is in force, and which proposals wait for whom'
        }
        &'expacti;policy;check'= {
            cand --config 'Check this file instead of the one in force'
            cand --roster 'Check against the people in this file'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;policy;explain'= {
            cand --config 'Use this file instead of the policy in force; no repository is needed then'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;policy;preview'= {
            cand --config 'The edited file; without it config.toml in the current directory'
            cand --commands 'Also judge the commands in this file, one command line a line'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;policy;propose'= {
            cand --from 'Take the files below this directory: config.toml, roster.toml, or any other file of the policy repository'
            cand --remove 'Remove this file from the policy repository; may be repeated'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;policy;diff'= {
            cand --from 'Show what `policy propose --from DIR` would propose, without proposing it'
            cand --remove 'As with `policy propose`'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;policy;sign'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;policy;status'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;verify'= {
            cand --request 'Judge this request alone: its id, or a unique prefix of at least 6 digits'
            cand --head 'Judge what leads to this commit or branch, as a pull request would bring it'
            cand --base 'Judge --head from this commit of main on [default: the newest verified one]'
            cand --root 'With --pre-receive: the root fingerprint, `SHA256:...`'
            cand --format 'How to print the result'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --full 'Begin at the pinned root, not at what this machine verified before'
            cand --pre-receive 'Judge a push, as git''s pre-receive hook: reads `old new ref` lines from standard input'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;hook'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand install 'Set up a bare repository on this server'
            cand pre-receive 'Judge a push; for git to call'
        }
        &'expacti;hook;install'= {
            cand --root 'The root fingerprint you were given, `SHA256:...` [default: what this machine has pinned for it]'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;hook;pre-receive'= {
            cand --root 'The root fingerprint, `SHA256:...` [default: `expacti.root` in the repository''s configuration]'
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'expacti;demo'= {
            cand --repo 'The policy repository to use'
            cand --key 'The key to sign with'
            cand --color 'When to use colour'
            cand --interactive 'Decide yourself in the reviewers'' places'
            cand --json 'Print one JSON object (or array) instead of text'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
    ]
    $completions[$command]
}
