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
";

pub(crate) const VERIFY: &str = "\
EXIT STATUS:
  0    all of it holds
  1    findings
  2    wrong usage
  125  could not tell

EXAMPLES:
  expacti verify --full
      Prove the whole history from the pinned root.
  expacti verify --request 3f9c2ab1
      Judge one request.
";
