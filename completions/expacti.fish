# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_expacti_global_optspecs
    string join \n repo= key= json q/quiet color= h/help V/version
end

function __fish_expacti_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_expacti_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_expacti_using_subcommand
    set -l cmd (__fish_expacti_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c expacti -n "__fish_expacti_needs_command" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_needs_command" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_needs_command" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_needs_command" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_needs_command" -s V -l version -d 'Print version'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "init" -d 'Make a policy repository and pin it on this machine'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "join" -d 'Trust a policy repository from this machine on'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "doctor" -d 'Say what is wrong with this machine\'s set-up, and what to do'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "identity" -d 'Make and list signing keys'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "run" -d 'Ask for a command, wait for its approvals, and run it'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "resume" -d 'Go on with a request: wait for its approvals, and run it'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "cancel" -d 'Withdraw a request of yours'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "status" -d 'Say where a request stands'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "sync" -d 'Deliver what waits on this machine and close what has expired'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "pending" -d 'List the open requests that you can decide'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "show" -d 'Show a request: what would run, who asks and why, who agreed, what is missing'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "approve" -d 'Sign that a command may run'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "deny" -d 'Sign that a command must not run'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "review" -d 'Go through the requests that wait for you, one card at a time'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "watch" -d 'Tell when requests come that wait for you, as they come'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "policy" -d 'Check, explain and sign approval policies'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "verify" -d 'Re-check every past execution against the policy in force at its time'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "audit" -d 'List, report and export what happened, for auditors'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "hook" -d 'Let a server judge every push before it takes it'
complete -c expacti -n "__fish_expacti_needs_command" -f -a "demo" -d 'Play a schema migration with three reviewers, on a repository of its own'
complete -c expacti -n "__fish_expacti_using_subcommand init" -l from -d 'Take config.toml and roster.toml from this directory instead of the template' -r -f -a "(__fish_complete_directories)"
complete -c expacti -n "__fish_expacti_using_subcommand init" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand init" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand init" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand init" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand init" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand join" -l root -d 'The root fingerprint you were given, `SHA256:...`; any other is refused' -r
complete -c expacti -n "__fish_expacti_using_subcommand join" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand join" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand join" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand join" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand join" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand join" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand doctor" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand doctor" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand doctor" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand doctor" -l repair -d 'Make `main` hold again'
complete -c expacti -n "__fish_expacti_using_subcommand doctor" -l root-fingerprint -d 'Print the fingerprint of the pinned root and nothing else'
complete -c expacti -n "__fish_expacti_using_subcommand doctor" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand doctor" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand identity; and not __fish_seen_subcommand_from new list" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand identity; and not __fish_seen_subcommand_from new list" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand identity; and not __fish_seen_subcommand_from new list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand identity; and not __fish_seen_subcommand_from new list" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand identity; and not __fish_seen_subcommand_from new list" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand identity; and not __fish_seen_subcommand_from new list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand identity; and not __fish_seen_subcommand_from new list" -f -a "new" -d 'Make a key, and print its public half for the roster'
complete -c expacti -n "__fish_expacti_using_subcommand identity; and not __fish_seen_subcommand_from new list" -f -a "list" -d 'List the keys of this machine, and who they are in the roster'
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from new" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from new" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from new" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from new" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from new" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from list" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from list" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand identity; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand run" -l wait -d 'Wait this long for the approvals, like `90s`, `10m` or `1h30m`' -r
complete -c expacti -n "__fish_expacti_using_subcommand run" -l reason -d 'Why; the reviewers read it' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand run" -l stdin -d 'Bind this file\'s bytes as standard input; `-` binds expacti\'s own' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand run" -l secret-env -d 'Pass this variable without anyone seeing its value; may be repeated' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand run" -l status-file -d 'Write how it ended to this file, as one JSON object' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand run" -l retry-of -d 'Ask again for what an ended request asked, and show reviewers the link' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand run" -s c -d 'Run this text by a shell: pipes, lists, redirections' -r -f -a "(__fish_complete_command)"
complete -c expacti -n "__fish_expacti_using_subcommand run" -l shell -d 'The shell for -c: `sh` or `bash`, `dash`, `zsh` and the like, or the path of one' -r -f -a "(__fish_complete_command)"
complete -c expacti -n "__fish_expacti_using_subcommand run" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand run" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand run" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand run" -l no-wait -d 'Do not wait: print the id and exit with 122 while approvals are missing'
complete -c expacti -n "__fish_expacti_using_subcommand run" -l allow-secret-looking -d 'Ask even though something in it looks like a password or a key'
complete -c expacti -n "__fish_expacti_using_subcommand run" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand run" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand resume" -l wait -d 'Wait this long for the approvals, like `90s`, `10m` or `1h30m`' -r
complete -c expacti -n "__fish_expacti_using_subcommand resume" -l status-file -d 'Write how it ended to this file, as one JSON object' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand resume" -l reason -d 'What is known about it' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand resume" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand resume" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand resume" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand resume" -l no-wait -d 'Do not wait: print the id and exit with 122 while approvals are missing'
complete -c expacti -n "__fish_expacti_using_subcommand resume" -l unknown -d 'Close a run that was interrupted as "unknown", without running anything'
complete -c expacti -n "__fish_expacti_using_subcommand resume" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand resume" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand cancel" -l reason -d 'Why' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand cancel" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand cancel" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand cancel" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand cancel" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand cancel" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand cancel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand status" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand status" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand status" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand status" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand status" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand sync" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand sync" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand sync" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand sync" -l land -d 'Land what waits for CI: for the job that alone may push to main'
complete -c expacti -n "__fish_expacti_using_subcommand sync" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand sync" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand pending" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand pending" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand pending" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand pending" -l all -d 'All open requests, also those that others decide'
complete -c expacti -n "__fish_expacti_using_subcommand pending" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand pending" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand pending" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand show" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand show" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand show" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand show" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand approve" -s m -l comment -d 'What you checked; everyone can read it' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand approve" -l answer -d 'Answer the question the policy puts to a seat, as SEAT=TEXT; may be repeated' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand approve" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand approve" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand approve" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand approve" -s y -l yes -d 'Do not ask'
complete -c expacti -n "__fish_expacti_using_subcommand approve" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand approve" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand approve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand deny" -l reason -d 'Why not; everyone can read it' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand deny" -l suggest -d 'A command you would approve instead' -r -f -a "(__fish_complete_command)"
complete -c expacti -n "__fish_expacti_using_subcommand deny" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand deny" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand deny" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand deny" -s y -l yes -d 'Do not ask'
complete -c expacti -n "__fish_expacti_using_subcommand deny" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand deny" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand deny" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand review" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand review" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand review" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand review" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand review" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand review" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand watch" -l wait -d 'Stop after this long, like `8h`; `0s` looks once' -r
complete -c expacti -n "__fish_expacti_using_subcommand watch" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand watch" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand watch" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand watch" -l relay -d 'Tell the channels of all requests, for the machine that holds their secrets'
complete -c expacti -n "__fish_expacti_using_subcommand watch" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand watch" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -f -a "check" -d 'Check config.toml and roster.toml'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -f -a "explain" -d 'Show which policies govern a command, and why'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -f -a "preview" -d 'Show which recorded commands an edited config.toml would govern'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -f -a "propose" -d 'Propose the next version of the policy'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -f -a "diff" -d 'Show what a proposed version changes'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -f -a "sign" -d 'Sign a proposed version as an admin'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and not __fish_seen_subcommand_from check explain preview propose diff sign status" -f -a "status" -d 'Say which version is in force, and which proposals wait for whom'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from check" -l config -d 'Check this file instead of the one in force' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from check" -l roster -d 'Check against the people in this file' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from check" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from check" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from check" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from explain" -l config -d 'Use this file instead of the policy in force; no repository is needed then' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from explain" -s c -d 'Run this text by a shell: pipes, lists, redirections' -r -f -a "(__fish_complete_command)"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from explain" -l shell -d 'The shell for -c: `sh` or `bash`, `dash`, `zsh` and the like, or the path of one' -r -f -a "(__fish_complete_command)"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from explain" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from explain" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from explain" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from explain" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from preview" -l config -d 'The edited file; without it config.toml in the current directory' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from preview" -l commands -d 'Also judge the commands in this file, one command line a line' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from preview" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from preview" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from preview" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from preview" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from preview" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from preview" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from propose" -l from -d 'Take the files below this directory: config.toml, roster.toml, or any other file of the policy repository' -r -f -a "(__fish_complete_directories)"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from propose" -l remove -d 'Remove this file from the policy repository; may be repeated' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from propose" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from propose" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from propose" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from propose" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from propose" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from propose" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from diff" -l from -d 'Show what `policy propose --from DIR` would propose, without proposing it' -r -f -a "(__fish_complete_directories)"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from diff" -l remove -d 'As with `policy propose`' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from diff" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from diff" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from diff" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from sign" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from sign" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from sign" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from sign" -s y -l yes -d 'Do not ask'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from sign" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from sign" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from status" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from status" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from status" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from status" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand policy; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand verify" -l request -d 'Judge this request alone: its id, or a unique prefix of at least 6 digits' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand verify" -l head -d 'Judge what leads to this commit or branch, as a pull request would bring it' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand verify" -l base -d 'Judge --head from this commit of main on [default: the newest verified one]' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand verify" -l root -d 'With --pre-receive: the root fingerprint, `SHA256:...`' -r
complete -c expacti -n "__fish_expacti_using_subcommand verify" -l format -d 'How to print the result' -r -f -a "text\t'For people'
json\t'One object, as with --json'
github\t'Annotations of GitHub\'s workflow runs'
sarif\t'SARIF 2.1.0, for code scanning'
junit\t'JUnit XML, for test reports'"
complete -c expacti -n "__fish_expacti_using_subcommand verify" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand verify" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand verify" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand verify" -l full -d 'Begin at the pinned root, not at what this machine verified before'
complete -c expacti -n "__fish_expacti_using_subcommand verify" -l pre-receive -d 'Judge a push, as git\'s pre-receive hook: reads `old new ref` lines from standard input'
complete -c expacti -n "__fish_expacti_using_subcommand verify" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand verify" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and not __fish_seen_subcommand_from log report export" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand audit; and not __fish_seen_subcommand_from log report export" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand audit; and not __fish_seen_subcommand_from log report export" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand audit; and not __fish_seen_subcommand_from log report export" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and not __fish_seen_subcommand_from log report export" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and not __fish_seen_subcommand_from log report export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and not __fish_seen_subcommand_from log report export" -f -a "log" -d 'List requests, who decided on them and what came of them'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and not __fish_seen_subcommand_from log report export" -f -a "report" -d 'Make a report for auditors: a page and its JSON twin'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and not __fish_seen_subcommand_from log report export" -f -a "export" -d 'Hand the verified history to other programs, or to an auditor as signed evidence'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l from -d 'From this day or time on, like `2026-07-01` or `2026-07-01T08:00:00Z`; days are those of UTC' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l to -d 'Until this day, which belongs to it, or before this time' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l principal -d 'Those in which this principal has a part: asks, operates who asks, decides, runs or closes' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l policy -d 'Those that this policy governs' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l command -d 'Those whose command line holds this text; with `*`, `?` or `[` a glob over all of it' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l state -d 'Those in this state; may be given more than once' -r -f -a "pending\t'Open: more approvals are needed'
approved\t'Open: it may run'
blocked\t'Open: it can never run as things stand'
denied\t'A reviewer said no'
expired\t'Nobody claimed it in time'
withdrawn\t'Its requester took it back'
refused\t'Policy refused it'
claimed\t'Spent; what came of it is not told yet'
executed\t'It ran'
not-run\t'Spent, and it did not run'
unknown\t'Spent, and nobody can say whether it ran'"
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l environment -d 'Those that go to this environment' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l format -d 'How to print them' -r -f -a "text\t'A line a request, for people'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header line, for spreadsheets (RFC 4180)'"
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l full -d 'Begin at the pinned root, not at what this machine verified before'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from report" -l from -d 'From this day or time on, like `2026-07-01` or `2026-07-01T08:00:00Z`; days are those of UTC' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from report" -l to -d 'Until this day, which belongs to it, or before this time' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from report" -l framework -d 'Point to the controls of this framework that the report holds evidence towards, and say what is not covered' -r -f -a "soc2\t'SOC 2, Trust Services Criteria'
pci-dss\t'PCI DSS 4.0.1'
iso27001\t'ISO/IEC 27001:2022, Annex A'
hipaa\t'HIPAA Security Rule'
sox\t'Sarbanes-Oxley, general IT controls'"
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from report" -s o -l output -d 'Write the page to this file, and the JSON twin beside it with the extension `json`' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from report" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from report" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from report" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from report" -l full -d 'Begin at the pinned root, not at what this machine verified before'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from report" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from report" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from report" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l from -d 'From this day or time on, like `2026-07-01` or `2026-07-01T08:00:00Z`; days are those of UTC' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l to -d 'Until this day, which belongs to it, or before this time' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l principal -d 'Those in which this principal has a part: asks, operates who asks, decides, runs or closes' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l policy -d 'Those that this policy governs' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l command -d 'Those whose command line holds this text; with `*`, `?` or `[` a glob over all of it' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l state -d 'Those in this state; may be given more than once' -r -f -a "pending\t'Open: more approvals are needed'
approved\t'Open: it may run'
blocked\t'Open: it can never run as things stand'
denied\t'A reviewer said no'
expired\t'Nobody claimed it in time'
withdrawn\t'Its requester took it back'
refused\t'Policy refused it'
claimed\t'Spent; what came of it is not told yet'
executed\t'It ran'
not-run\t'Spent, and it did not run'
unknown\t'Spent, and nobody can say whether it ran'"
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l environment -d 'Those that go to this environment' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l format -d 'How to write it' -r -f -a "ocsf\t'One JSON object an event, in the Open Cybersecurity Schema Framework 1.9.0'
jsonl\t'One JSON object an event'
csv\t'Comma-separated values with a header line, one row a request (RFC 4180)'"
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -s o -l output -d 'Write to this file, which is replaced, not to standard output' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l after -d 'Only events that landed after this step of main: the `commit` of the last line that was read before' -r -f
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l evidence -d 'Write evidence for auditors to this zip file, its manifest signed with your key; takes --from, --to and --full' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l full -d 'Begin at the pinned root, not at what this machine verified before'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand audit; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand hook; and not __fish_seen_subcommand_from install pre-receive" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand hook; and not __fish_seen_subcommand_from install pre-receive" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand hook; and not __fish_seen_subcommand_from install pre-receive" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand hook; and not __fish_seen_subcommand_from install pre-receive" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand hook; and not __fish_seen_subcommand_from install pre-receive" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand hook; and not __fish_seen_subcommand_from install pre-receive" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand hook; and not __fish_seen_subcommand_from install pre-receive" -f -a "install" -d 'Set up a bare repository on this server'
complete -c expacti -n "__fish_expacti_using_subcommand hook; and not __fish_seen_subcommand_from install pre-receive" -f -a "pre-receive" -d 'Judge a push; for git to call'
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from install" -l root -d 'The root fingerprint you were given, `SHA256:...` [default: what this machine has pinned for it]' -r
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from install" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from install" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from install" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from install" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from pre-receive" -l root -d 'The root fingerprint, `SHA256:...` [default: `expacti.root` in the repository\'s configuration]' -r
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from pre-receive" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from pre-receive" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from pre-receive" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from pre-receive" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from pre-receive" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand hook; and __fish_seen_subcommand_from pre-receive" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c expacti -n "__fish_expacti_using_subcommand demo" -l repo -d 'The policy repository to use' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand demo" -l key -d 'The key to sign with' -r -F
complete -c expacti -n "__fish_expacti_using_subcommand demo" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files and pipes'
never\t'Not at all'"
complete -c expacti -n "__fish_expacti_using_subcommand demo" -l interactive -d 'Decide yourself in the reviewers\' places'
complete -c expacti -n "__fish_expacti_using_subcommand demo" -l json -d 'Print one JSON object (or array) instead of text'
complete -c expacti -n "__fish_expacti_using_subcommand demo" -s q -l quiet -d 'Print only results and errors'
complete -c expacti -n "__fish_expacti_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
