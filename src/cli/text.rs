//! The sections that follow the options in `--help` and in the man pages.
//!
//! A line of capitals ending in a colon opens a section; lines beneath are indented by two, and shown as they are.

pub(crate) const EXPACTI: &str = "\
EXIT STATUS:
  run and resume: the status of the command, or one of expacti's own, 119 to
  127 and 130; see expacti-run(1). All other verbs:

  0    yes, or done
  1    no: refused, findings, nothing like that, too late
  2    wrong usage
  125  could not tell

ENVIRONMENT:
  EXPACTI_REPO   as --repo
  EXPACTI_KEY    as --key
  EXPACTI_HOME   keep settings, data and state under this one directory
  SSH_AUTH_SOCK  the agent that holds the key of a .pub file
  NO_COLOR       no colour, unless --color says so
  PATH           where commands, git and ssh-keygen are found

FILES:
  settings.toml in the configuration directory (~/.config/expacti)
      this machine's settings
  the data directory (~/.local/share/expacti)
      copies of policy repositories, and the one that `expacti init` makes
      without an argument
  the state directory (~/.local/state/expacti)
      pinned roots, what this machine has verified, the journal of runs, and
      outcomes still to be delivered; do not copy or delete it
  /etc/expacti/trust.toml, /etc/expacti/settings.toml
      pins for everyone on this machine, which win over a user's own, and the
      barrier that they make: see expacti-run(1)
  config.toml, roster.toml in the policy repository
      approval policies and principals; see expacti-policy(5)

EXAMPLES:
  expacti demo
      See a request, three approvals, the run and its history.
  expacti run -- terraform apply
      Ask for a command, wait for the approvals, run it.
  expacti pending
      List what waits for you.
";

pub(crate) const DOCTOR: &str = "\
EXIT STATUS:
  0  all is fine, or is again
  1  something is not
  2  wrong usage

EXAMPLES:
  expacti doctor
      What is wrong, and what to do.
  expacti doctor --repair
      Heal a main that somebody pushed to past expacti.
";

pub(crate) const RUN: &str = "\
EXIT STATUS:
  The command's own when it ran; 128 plus the number when a signal ended it.
  Otherwise the command did not run now:

  119  already spent: claimed or run before, here or elsewhere; see status
  120  denied: by a reviewer, by a policy, or because no policy matches
  121  something bound has changed since it was asked
  122  pending: the request is open, go on with expacti resume
  123  withdrawn by the requester
  124  expired
  125  could not tell: wrong usage, no repository, a fault; nothing ran
  126  the command was found and cannot be executed
  127  the command was not found
  130  interrupted while waiting; the request is still open

  The command may end with the same numbers: --status-file tells them apart.

BARRIER:
  Where /etc/expacti/trust.toml pins a repository, run and resume take the
  repository, the key, their home and the trusted path from there and from
  /etc/expacti/settings.toml alone. --repo, --key, --status-file, EXPACTI_*
  and the caller's own settings are ignored, which is said once. git and ssh
  come from the system's directories, and their settings from that home.
  trust.toml is as expacti join writes it. settings.toml:

    key = \"/etc/expacti/runner.key\"   # private, without a passphrase
    home = \"/var/lib/expacti\"         # for the runner's user alone
    repo = \"ssh://git@host/policy\"    # where trust.toml pins several
    trusted_path = [\"/usr/bin\"]       # what may run without approval

  Both files, and the directory, must belong to root, and nobody else may
  write them: else nothing runs, and the exit status is 125.

EXAMPLES:
  expacti run -- terraform apply
      Ask, wait, run.
  expacti run --reason 'adds orders.note, batched' -- migrate up
      Tell the reviewers why.
  id=$(expacti run --no-wait -- migrate up)
  expacti resume --wait 10m $id
      Ask now, go on later.
  expacti run --stdin grants.sql -- psql prod
      Let the reviewers read what goes in.
  expacti run -c 'pg_dump prod | gzip > prod.sql.gz'
      Run a pipeline; each of its commands needs its own approvals.
  expacti run --secret-env PGPASSWORD -- psql prod
      Pass a password that nobody else reads.
";

pub(crate) const RESUME: &str = "\
EXIT STATUS:
  As of expacti-run(1). With --unknown: 0 closed, 1 not possible, 125 could
  not tell.

EXAMPLES:
  expacti resume 3f9c2ab1 --wait 10m
      Wait up to ten minutes, then run it.
  expacti resume 3f9c2ab1 --unknown --reason 'host lost power'
      Close an interrupted run.
";

pub(crate) const INIT: &str = "\
EXAMPLES:
  expacti init
      Try it on this machine alone.
  expacti init /srv/git/approvals.git
      Make a bare repository that others can reach.
  expacti init --from drafts git@example.com:ops/approvals.git
      Fill an empty repository with policies you wrote before.
";

pub(crate) const JOIN: &str = "\
EXAMPLES:
  expacti join git@example.com:ops/approvals.git --root SHA256:...
      The admin who made it reads the fingerprint to you, or prints it with
      expacti doctor --root-fingerprint.
";

pub(crate) const IDENTITY_NEW: &str = "\
EXAMPLES:
  expacti identity new deploy-bot
      Make a key for an agent, and print its public half.
";

pub(crate) const WATCH: &str = "\
EXIT STATUS:
  0    the time of --wait is over
  1    with --relay: this machine reaches no channel
  2    wrong usage
  125  could not tell
  130  ended with Ctrl-C

EXAMPLES:
  expacti watch
      In a terminal of its own: what waits for you, as it comes.
  expacti --json watch | while read -r event; do ...; done
      The same for a script.
  expacti watch --relay
      As a service, on the machine that may post to the team's chat.
";

pub(crate) const SYNC: &str = "\
EXIT STATUS:
  0    done
  1    something could not be done, or does not verify
  2    wrong usage
  125  could not tell

EXAMPLES:
  expacti sync
      Deliver and close what waits, from cron or after an outage.
  expacti sync --land
      In CI, with the right to push to main: land what waits for it.
";

pub(crate) const APPROVE: &str = "\
EXAMPLES:
  expacti approve 3f9c2ab1 -m 'online DDL, the backfill is batched'
      Read the card, confirm, sign.
  expacti approve 3f9c2ab1 --answer dba='no: ALGORITHM=INPLACE'
      Answer the question put to your seat.
";

pub(crate) const DENY: &str = "\
EXAMPLES:
  expacti deny 3f9c2ab1 --reason 'locks the table at peak time' \\
      --suggest 'migrate up --batch 1000'
      End it, and say what would be fine.
";

pub(crate) const REVIEW: &str = "\
KEYS, EACH WITH ENTER:
  a  approve: asks for the answers and the comment that the policy wants
  d  deny: asks for the reason, and for a command you would approve instead
  o  open everything in the pager: commands, differences, texts
  s  leave it as it is, and go on
  q  end

  Where a policy has a min_review_time, it counts from when this machine first
  showed the card. Your machine measures that and you sign it: a statement, not
  a proof.

EXIT STATUS:
  0    gone through, or ended with q
  2    no terminal
  125  could not tell
  130  ended with Ctrl-C

ENVIRONMENT:
  PAGER  shows what o opens; less without it. It is started without a shell,
         and gets none of the variables that have less run programs.

EXAMPLES:
  expacti review
      Decide what waits.
  expacti pending --json
      List it, where there is no terminal.
";

pub(crate) const POLICY_CHECK: &str = "\
EXAMPLES:
  expacti policy check --config config.toml --roster roster.toml
      Check files that you edit, before anyone signs them.
";

pub(crate) const POLICY_EXPLAIN: &str = "\
EXIT STATUS:
  0    explained, whatever the policies say about the command
  2    wrong usage
  125  could not tell

EXAMPLES:
  expacti policy explain -- sudo sh -c 'migrate up'
      What would this need?
  expacti policy explain --config config.toml -- deploy prod
      What would it need under an edited file?
  expacti policy explain -c 'migrate status | tail -3'
      What would this need as text for a shell?
";

pub(crate) const POLICY_PREVIEW: &str = "\
EXIT STATUS:
  0    shown, whatever it shows
  1    the file is faulty
  2    wrong usage
  125  could not tell

EXAMPLES:
  expacti policy preview --config drafts/config.toml
      What would become of the commands people have asked for?
  expacti policy preview --commands ci-commands.txt
      And of these?
";

pub(crate) const POLICY_PROPOSE: &str = "\
EXIT STATUS:
  0    proposed, now or before
  1    faulty, nothing changes, or it could never be signed; nothing written
  2    wrong usage
  125  could not tell

EXAMPLES:
  expacti policy propose
      Propose what you have edited in your checkout.
  expacti policy propose --from drafts
      Propose the files of a directory; all others stay as they are.
  expacti policy propose --remove .gitlab-ci.yml
      Take a file out of the policy repository.
";

pub(crate) const POLICY_DIFF: &str = "\
EXAMPLES:
  expacti policy status
      Which proposals are there?
  expacti policy diff 4f0c...
      What does this one change? Give all 64 digits.
  expacti policy diff --from drafts
      What would these files change?
";

pub(crate) const POLICY_SIGN: &str = "\
EXIT STATUS:
  0    signed, or in force already
  1    not shown here, no admin's key, stale, or declined; nothing signed
  2    wrong usage
  125  could not tell

EXAMPLES:
  expacti policy sign 4f0c...
      Sign what policy diff has just shown. Give all 64 digits.
";

pub(crate) const VERIFY: &str = "\
EXIT STATUS:
  0    all of it holds
  1    findings
  2    wrong usage
  125  could not tell

  With --pre-receive: 0 the push may be taken; anything else, it may not.

EXAMPLES:
  expacti verify --full
      Prove the whole history from the pinned root.
  expacti verify --request 3f9c2ab1
      Judge one request.
  expacti verify --head \"$SHA\" --format github
      Judge a pull request, in a workflow.
  expacti verify --format sarif > expacti.sarif
      Hand the findings to a code scanner.
";

pub(crate) const AUDIT_LOG: &str = "\
EXIT STATUS:
  0    all that was asked for is listed
  1    main does not hold: the list ends before the step that breaks it
  2    wrong usage
  125  could not tell

EXAMPLES:
  expacti audit log --from 2026-07-01 --to 2026-09-30
      A quarter, both days included.
  expacti audit log --principal alice --state denied --state executed
      What alice had a part in.
  expacti audit log --environment production --format csv > production.csv
      For a spreadsheet.
  expacti audit log --format jsonl | jq -r 'select(.state == \"unknown\").id'
      For a program.
";

pub(crate) const AUDIT_EXPORT: &str = "\
EXIT STATUS:
  0    all that was asked for is written
  1    main does not hold: the export ends before the step that breaks it; or
       --after names no step of main
  2    wrong usage
  125  could not tell, no key, or a file that cannot be written

EXAMPLES:
  expacti audit export --format ocsf --after 3bae874... >> events.ocsf
      What landed since the last time, for a SIEM.
  expacti audit export --format csv --from 2026-07-01 --to 2026-09-30 -o q3.csv
      Every request of a quarter.
  expacti audit export --evidence q3.zip --from 2026-07-01 --to 2026-09-30
      Evidence of a quarter; its README.txt says how to check it.
";

pub(crate) const AUDIT_REPORT: &str = "\
EXIT STATUS:
  0    what was verified holds
  1    something does not: the report says what, on its first page
  2    wrong usage
  125  could not tell

EXAMPLES:
  expacti audit report --from 2026-07-01 --to 2026-09-30 -o third-quarter.html
      A quarter, both days included: third-quarter.html and third-quarter.json.
  expacti audit report --framework soc2 -o report.html
      The whole history, with the controls it is evidence towards.
  expacti audit report --json | jq .duties
      For a program.
";

pub(crate) const HOOK_INSTALL: &str = "\
EXAMPLES:
  expacti hook install --root SHA256:... /srv/git/approvals.git
      As the user who owns the repository on the server.
";
