//! What can be typed, and nothing of what it means.
//!
//! Doc comments and the texts of `crate::cli::text` become `--help`, the man pages and the completions:
//! after a change, run `EXPACTI_REGENERATE=1 cargo test --test it generated`.

pub mod audit;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as Group, Parser, Subcommand, ValueEnum, ValueHint};

use crate::cli::text;
use crate::domain::id::Digest;
use crate::domain::principal::Name;
use crate::domain::time::Lifetime;

/// Run a command once the people its policy names have signed for it
///
/// expacti matches a command against the approval policies of a shared git repository, writes a signed request there, waits for the reviewers,
/// and runs exactly what was approved, once, as soon as enough different, qualified people have signed. A denial, a timeout, a missing policy, a
/// record that does not verify, or any fault means that it does not run.
#[derive(Debug, Clone, Parser)]
#[command(name = "expacti", version, propagate_version = false, after_long_help = text::EXPACTI)]
#[command(
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    infer_subcommands = false
)]
pub struct Args {
    /// What holds for every verb.
    #[command(flatten)]
    pub global: Global,
    /// The verb.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What holds for every verb.
#[derive(Debug, Clone, Group)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The policy repository to use
    ///
    /// A path or any URL that git fetches from. Without it the one this machine joined; where it joined several, one must be named.
    #[arg(long, global = true, env = "EXPACTI_REPO", hide_env_values = true, value_name = "URL|PATH", value_hint = ValueHint::AnyPath)]
    pub repo: Option<String>,
    /// The key to sign with
    ///
    /// An OpenSSH private key of type ed25519, readable by you alone, or a .pub file whose key an ssh-agent or a FIDO device holds. Who you are
    /// follows from the key through the roster.
    #[arg(long, global = true, env = "EXPACTI_KEY", hide_env_values = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
    /// Print one JSON object (or array) instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Print only results and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Also into files and pipes
    Always,
    /// Not at all
    Never,
}

/// The verbs.
#[derive(Debug, Clone, Subcommand)]
pub enum Verb {
    Init(Init),
    Join(Join),
    Doctor(Doctor),
    /// Make and list signing keys
    ///
    /// An identity is an OpenSSH ed25519 key under a name of your choice. It means something once a policy repository's roster.toml lists its
    /// public key under a principal.
    #[command(subcommand)]
    Identity(Identity),
    Run(Run),
    Resume(Resume),
    Cancel(Cancel),
    Status(Status),
    Sync(Sync),
    Pending(Pending),
    Show(Show),
    Approve(Approve),
    Deny(Deny),
    /// Go through the requests that wait for you, one card at a time
    ///
    /// What expires first comes first, of those what is riskier. Each card is shown as by `expacti show`; then a letter and Enter approve it, deny it,
    /// open all that travels with it in a pager, leave it as it is, or end. Nothing typed before a card was there counts for it. At the end come those that
    /// you have approved and that have not run: a denial takes the approval back.
    ///
    /// Needs a terminal. Nothing is remembered that was not delivered; Ctrl-C leaves at any time.
    #[command(after_long_help = text::REVIEW)]
    Review,
    Watch(Watch),
    /// Check, explain and sign approval policies
    ///
    /// Policies live in config.toml and principals in roster.toml of the policy repository; expacti-policy(5) describes both files.
    #[command(subcommand)]
    Policy(Policy),
    Verify(Verify),
    /// List, report and export what happened, for auditors
    ///
    /// Everything comes from the verified history of the policy repository: signed records, and how they were counted. Needs no key and no
    /// membership, but for signing an evidence package.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Let a server judge every push before it takes it
    ///
    /// On a server of your own, with a bare repository, git asks a hook before it takes a push. This one refuses what breaks the rules: a step of
    /// main that is not legal, records that do not verify, branches that have no meaning, deletions of what is still needed. So nobody who can
    /// push can stop the others, and what is wrong is told to the one who did it.
    #[command(subcommand)]
    Hook(Hook),
    Demo(Demo),
}

/// Tell when requests come that wait for you, as they come
///
/// Fetches and verifies the policy repository every few seconds, and prints each request once it waits for you, once more before it expires, and when
/// it has ended. What already waits comes first. With --json each is one object on a line of its own.
///
/// A program named in settings.toml as `command` of `[watch]`, by its absolute path, gets each of them as JSON on standard input: for a pop-up, or a sound.
/// Nothing is decided here: that is for `expacti review`. Ctrl-C leaves at any time.
#[derive(Debug, Clone, Copy, Group)]
#[command(after_long_help = text::WATCH)]
pub struct Watch {
    /// Stop after this long, like `8h`; `0s` looks once
    #[arg(long, value_name = "DURATION")]
    pub wait: Option<Lifetime>,
    /// Tell the channels of all requests, for the machine that holds their secrets
    ///
    /// The policy's `[[notify.channels]]` are told of every request, whoever asks, so that the agents' machines need to reach none of them. Needs no key.
    /// What could not be delivered is tried again, also after a restart, and nothing is told twice from the same machine.
    #[arg(long)]
    pub relay: bool,
}

/// Make a policy repository and pin it on this machine
///
/// Writes the template (config.toml, roster.toml, a README for reviewers, workflows for CI), signs the first trust root with your key as its
/// admin, and prints the root's fingerprint: give that to the others by another way than the repository itself. With a threshold above 1 the
/// repository waits until enough admins have run `expacti policy sign`.
///
/// Without PATH or URL it makes a repository for this machine alone, in your data directory, with an agent identity that you operate and whose
/// requests you may approve by yourself. That is for trying things out: it is no second pair of eyes, and it says so wherever it shows.
#[derive(Debug, Clone, Group)]
#[command(after_long_help = text::INIT)]
pub struct Init {
    /// Take config.toml and roster.toml from this directory instead of the template
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub from: Option<PathBuf>,
    /// Where to make it: a path for a new bare repository, or the URL of an empty one
    #[arg(value_name = "PATH|URL", value_hint = ValueHint::AnyPath)]
    pub target: Option<String>,
}

/// Trust a policy repository from this machine on
///
/// Fetches the repository, verifies its chain of trust roots and pins the first one. No key and no membership is needed: auditors join too.
/// Without --root, the fingerprint and the admins are shown and asked for on a terminal, and never assumed in a script.
#[derive(Debug, Clone, Group)]
#[command(after_long_help = text::JOIN)]
pub struct Join {
    /// The path or URL of the repository
    #[arg(value_name = "URL", value_hint = ValueHint::AnyPath)]
    pub url: String,
    /// The root fingerprint you were given, `SHA256:...`; any other is refused
    #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint)]
    pub root: Option<Digest>,
}

/// Say what is wrong with this machine's set-up, and what to do
///
/// Looks at git, your key and its place in the roster, the pin, the remote and the clock. Exits with 0 when all is fine, with 1 when something
/// is not.
///
/// While `main` does not hold (somebody pushed to it past expacti, or pressed a host's Merge button), nothing runs and nothing is signed
/// anywhere. Then it shows the plain push that heals it, and --repair makes that push.
#[derive(Debug, Clone, Group)]
#[command(after_long_help = text::DOCTOR)]
pub struct Doctor {
    /// Make `main` hold again
    ///
    /// A repair is a step that goes back to the last good tree and sets aside what was pushed after it; it takes back nothing that was legal,
    /// and where that is not possible it says who can help. Needs no key: every machine judges the repair by itself. A `main` that was set
    /// back or deleted is brought forward to what this machine verified.
    #[arg(long, conflicts_with = "root_fingerprint")]
    pub repair: bool,
    /// Print the fingerprint of the pinned root and nothing else
    #[arg(long)]
    pub root_fingerprint: bool,
}

/// Verbs of `identity`.
#[derive(Debug, Clone, Subcommand)]
pub enum Identity {
    /// Make a key, and print its public half for the roster
    ///
    /// An existing identity of that name is never overwritten. For a key with a passphrase, in an agent or on a FIDO device use ssh-keygen, and
    /// name the .pub file with --key.
    #[command(after_long_help = text::IDENTITY_NEW)]
    New {
        /// What to call it: 1 to 63 of a-z, 0-9, `_`, `-`
        #[arg(value_name = "NAME", value_hint = ValueHint::Other)]
        name: Name,
    },
    /// List the keys of this machine, and who they are in the roster
    List,
}

/// How long to wait for the people.
#[derive(Debug, Clone, Copy, Group)]
pub struct Waiting {
    /// Wait this long for the approvals, like `90s`, `10m` or `1h30m`
    ///
    /// Without it: on a terminal until the request ends, elsewhere 90s. `0s` looks once. When the time is over the request stays open, and the
    /// exit status is 122.
    #[arg(long, value_name = "DURATION", conflicts_with = "no_wait")]
    pub wait: Option<Lifetime>,
    /// Do not wait: print the id and exit with 122 while approvals are missing
    #[arg(long)]
    pub no_wait: bool,
}

/// Ask for a command, wait for its approvals, and run it
///
/// The request binds what will run: arguments, directory, program, scripts, environment and standard input. If any of it changes between
/// request and execution, the command does not run. An open request of yours for the same thing is taken up again, so a caller that was killed
/// can repeat the same line.
///
/// The environment is cleared: HOME, PATH, TERM, the locale and a few more pass, what the policy names, and what --secret-env hides. Reviewers
/// see every other value. What looks like a password or a key anywhere in the request is refused before anything is written.
///
/// Standard input is empty unless --stdin binds some or the policy hands it through. Standard output belongs to the command; expacti's own
/// words go to standard error. Options of expacti come before COMMAND, everything after it is the command's own.
#[derive(Debug, Clone, Group)]
#[command(after_long_help = text::RUN)]
pub struct Run {
    /// How long to wait.
    #[command(flatten)]
    pub waiting: Waiting,
    /// Why; the reviewers read it
    #[arg(long, value_name = "TEXT", value_hint = ValueHint::Other)]
    pub reason: Option<String>,
    /// Bind this file's bytes as standard input; `-` binds expacti's own
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub stdin: Option<PathBuf>,
    /// Pass this variable without anyone seeing its value; may be repeated
    ///
    /// Reviewers see its name. The value is bound by a digest that means nothing on other machines, and must still be the same when the
    /// command runs: whoever resumes needs it set.
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub secret_env: Vec<OsString>,
    /// Write how it ended to this file, as one JSON object
    ///
    /// That tells expacti's own exit status from an equal one of the command.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub status_file: Option<PathBuf>,
    /// Ask again for what an ended request asked, and show reviewers the link
    #[arg(long, value_name = "ID", value_hint = ValueHint::Other)]
    pub retry_of: Option<String>,
    /// Ask even though something in it looks like a password or a key
    ///
    /// Everyone with a clone can read it, for ever. Works only where every policy that governs the command says
    /// `allow_secret_looking = true`.
    #[arg(long)]
    pub allow_secret_looking: bool,
    #[command(flatten)]
    pub line: CommandLine,
}

// No doc comment: clap would make it the about text of what it is flattened into.
#[derive(Debug, Clone, Group)]
pub struct CommandLine {
    /// Run this text by a shell: pipes, lists, redirections
    ///
    /// The request is for `sh -c TEXT`, and every command in the text must satisfy the policies that govern it. What follows is the text's own
    /// `$0`, `$1` and so on, as sh(1) has it.
    #[arg(short = 'c', value_name = "TEXT", value_hint = ValueHint::CommandString)]
    pub text: Option<OsString>,
    /// The shell for -c: `sh` or `bash`, `dash`, `zsh` and the like, or the path of one
    #[arg(long, value_name = "SHELL", default_value = "sh", requires = "text", value_hint = ValueHint::CommandName)]
    pub shell: OsString,
    /// The command and its arguments
    #[arg(
        value_name = "COMMAND",
        required_unless_present = "text",
        trailing_var_arg = true,
        value_hint = ValueHint::CommandWithArguments
    )]
    pub command: Vec<OsString>,
}

/// Go on with a request: wait for its approvals, and run it
///
/// Runs exactly what was recorded, once. The exit status is that of `expacti run`.
#[derive(Debug, Clone, Group)]
#[command(after_long_help = text::RESUME)]
pub struct Resume {
    /// The request, or a unique prefix of at least 6 digits
    #[arg(value_name = "ID", value_hint = ValueHint::Other)]
    pub id: String,
    /// How long to wait.
    #[command(flatten)]
    pub waiting: Waiting,
    /// Write how it ended to this file, as one JSON object
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub status_file: Option<PathBuf>,
    /// Close a run that was interrupted as "unknown", without running anything
    ///
    /// For a request that was claimed and whose machine stopped before it said what happened. It is never run again.
    #[arg(long, conflicts_with_all = ["wait", "no_wait", "status_file"])]
    pub unknown: bool,
    /// What is known about it
    #[arg(long, value_name = "TEXT", requires = "unknown", value_hint = ValueHint::Other)]
    pub reason: Option<String>,
}

/// Withdraw a request of yours
///
/// Nothing reopens it. A request that was claimed already cannot be withdrawn: the exit status is 1.
#[derive(Debug, Clone, Group)]
pub struct Cancel {
    /// The request, or a unique prefix of at least 6 digits
    #[arg(value_name = "ID", value_hint = ValueHint::Other)]
    pub id: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_hint = ValueHint::Other)]
    pub reason: Option<String>,
}

/// Say where a request stands
///
/// One line: pending, denied, expired, withdrawn, refused, claimed or finished, and what is missing or what happened. `expacti show` tells more.
#[derive(Debug, Clone, Group)]
pub struct Status {
    /// The request, or a unique prefix of at least 6 digits
    #[arg(value_name = "ID", value_hint = ValueHint::Other)]
    pub id: String,
}

/// Deliver what waits on this machine and close what has expired
///
/// Fetches and verifies the policy repository, delivers outcomes that could not be delivered when their command ended, and records as expired
/// what nobody claimed in time. Other verbs do their share of this by themselves.
#[derive(Debug, Clone, Copy, Group)]
#[command(after_long_help = text::SYNC)]
pub struct Sync {
    /// Land what waits for CI: for the job that alone may push to main
    ///
    /// Where config.toml says `land = "ci"`, denials wait on their request's branch, claims on `claims/ID`, outcomes, withdrawals, refusals and
    /// expiries on `outcomes/ID`. Each is judged on the newest main by the judge that `verify` uses, and landed by one push that holds only if
    /// main is still there: denials first, then what else ends a request, claims, outcomes, expiries, one of each requester in turn. What
    /// does not verify is left where it is and reported. No key is needed, since nothing is signed; several may run at once.
    #[arg(long)]
    pub land: bool,
}

/// List the open requests that you can decide
#[derive(Debug, Clone, Group)]
pub struct Pending {
    /// All open requests, also those that others decide
    #[arg(long)]
    pub all: bool,
}

/// Show a request: what would run, who asks and why, who agreed, what is missing
#[derive(Debug, Clone, Group)]
pub struct Show {
    /// The request, or a unique prefix of at least 6 digits
    #[arg(value_name = "ID", value_hint = ValueHint::Other)]
    pub id: String,
}

/// Sign that a command may run
///
/// Shows each request as `expacti show` does and asks before it signs. Your signature covers the exact bytes of the request and the card you
/// were shown. To take an approval back before the command ran, deny the same request.
///
/// Off a terminal --yes is needed, and with it the full id of 32 digits: a prefix could be made to fit another request.
#[derive(Debug, Clone, Group)]
#[command(after_long_help = text::APPROVE)]
pub struct Approve {
    /// The requests; each is shown and decided on its own
    #[arg(value_name = "ID", required = true, num_args = 1.., value_hint = ValueHint::Other)]
    pub ids: Vec<String>,
    /// What you checked; everyone can read it
    #[arg(long, short = 'm', value_name = "TEXT", value_hint = ValueHint::Other)]
    pub comment: Option<String>,
    /// Answer the question the policy puts to a seat, as SEAT=TEXT; may be repeated
    #[arg(long = "answer", value_name = "SEAT=TEXT", value_parser = answer, value_hint = ValueHint::Other)]
    pub answers: Vec<(Name, String)>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

/// Sign that a command must not run
///
/// One denial by anyone who may fill a seat ends the request for good, also after their own approval. The requester reads the reason.
///
/// Off a terminal --yes is needed, and with it the full id of 32 digits.
#[derive(Debug, Clone, Group)]
#[command(after_long_help = text::DENY)]
pub struct Deny {
    /// The request
    #[arg(value_name = "ID", value_hint = ValueHint::Other)]
    pub id: String,
    /// Why not; everyone can read it
    #[arg(long, value_name = "TEXT", value_hint = ValueHint::Other)]
    pub reason: String,
    /// A command you would approve instead
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    pub suggest: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

/// Verbs of `policy`.
#[derive(Debug, Clone, Subcommand)]
pub enum Policy {
    /// Check config.toml and roster.toml
    ///
    /// Every fault is shown with file, line, column and advice; so are policies that can never be reached, and policies that depend on one person.
    /// Without options the policy in force is checked.
    #[command(after_long_help = text::POLICY_CHECK)]
    Check {
        /// Check this file instead of the one in force
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        config: Option<PathBuf>,
        /// Check against the people in this file
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        roster: Option<PathBuf>,
    },
    /// Show which policies govern a command, and why
    ///
    /// Takes the command apart as `expacti run` does, and shows every command found in it, the texts it is matched by, and the first policy that
    /// each meets. Nothing is run, and nothing is written.
    #[command(after_long_help = text::POLICY_EXPLAIN)]
    Explain {
        /// Use this file instead of the policy in force; no repository is needed then
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        config: Option<PathBuf>,
        #[command(flatten)]
        line: CommandLine,
    },
    /// Show which recorded commands an edited config.toml would govern
    ///
    /// Judges the newest 1,000 commands recorded in the repository, and those of a list, by the file and by the policy in force, and shows what
    /// each policy would govern beside today. Nothing is run, and nothing is written.
    #[command(after_long_help = text::POLICY_PREVIEW)]
    Preview {
        /// The edited file; without it config.toml in the current directory
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        config: Option<PathBuf>,
        /// Also judge the commands in this file, one command line a line
        ///
        /// As one types them; what takes a shell to understand is judged as `sh -c 'LINE'`. Empty lines and those that begin with `#` are passed
        /// over.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        commands: Option<PathBuf>,
    },
    /// Propose the next version of the policy
    ///
    /// Takes the edited files, to the byte, and puts them on a branch where the admins find them. Anyone who can push may propose; nothing changes
    /// until enough admins of the version in force, and of the new one, have signed it. The same files always give the same digest.
    ///
    /// Without --from it takes config.toml, roster.toml and the other tracked files of the checkout around the current directory. Files that are
    /// not there stay as they are in force; to take one out of the policy on purpose, name it with --remove.
    #[command(after_long_help = text::POLICY_PROPOSE)]
    Propose {
        /// Take the files below this directory: config.toml, roster.toml, or any other file of the policy repository
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        from: Option<PathBuf>,
        /// Remove this file from the policy repository; may be repeated
        #[arg(long, value_name = "PATH", value_hint = ValueHint::Other)]
        remove: Vec<String>,
    },
    /// Show what a proposed version changes
    ///
    /// In words, what gets weaker first; then which of the newest 500 recorded requests would have asked fewer people, been denied, or met other
    /// policies; then the changed lines of every file. What was shown here may be signed here.
    #[command(after_long_help = text::POLICY_DIFF)]
    Diff {
        /// The proposal: 64 hexadecimal digits, as `policy status` prints them
        #[arg(value_name = "DIGEST", value_hint = ValueHint::Other, required_unless_present = "from")]
        digest: Option<Digest>,
        /// Show what `policy propose --from DIR` would propose, without proposing it
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "digest")]
        from: Option<PathBuf>,
        /// As with `policy propose`
        #[arg(long, value_name = "PATH", value_hint = ValueHint::Other, requires = "from")]
        remove: Vec<String>,
    },
    /// Sign a proposed version as an admin
    ///
    /// Signs exactly the version with this digest, which you have read with `expacti policy diff`. It needs the threshold of the admins of the
    /// version in force, and of its own; the last signature puts it in force. If another version came into force meanwhile it is stale: the exit
    /// status is 1, and its edits stay on their branch.
    #[command(after_long_help = text::POLICY_SIGN)]
    Sign {
        /// The proposal: 64 hexadecimal digits, as `policy diff` prints them
        #[arg(value_name = "DIGEST", value_hint = ValueHint::Other)]
        digest: Digest,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Say which version is in force, and which proposals wait for whom
    Status,
}

/// Re-check every past execution against the policy in force at its time
///
/// Walks the history of `main` from the pinned root and judges every step anew, with the same functions that `expacti run` uses, offline.
/// Findings are listed with commit, path and rule. Open requests are judged and listed apart; they do not change the exit status, except with
/// --request.
#[derive(Debug, Clone, Group)]
#[command(after_long_help = text::VERIFY)]
pub struct Verify {
    /// Begin at the pinned root, not at what this machine verified before
    #[arg(long)]
    pub full: bool,
    /// Judge this request alone: its id, or a unique prefix of at least 6 digits
    #[arg(long, value_name = "ID", value_hint = ValueHint::Other, conflicts_with_all = ["base", "head"])]
    pub request: Option<String>,
    /// Judge what leads to this commit or branch, as a pull request would bring it
    ///
    /// A continuation of main is judged step by step, the branch of an open request as such, a proposed policy version as if it were to come into
    /// force; anything else is a finding. It may lie in the policy repository, or in the git repository of the current directory alone. It
    /// decides the exit status, and is remembered nowhere.
    #[arg(long, value_name = "REV", value_hint = ValueHint::Other)]
    pub head: Option<String>,
    /// Judge --head from this commit of main on [default: the newest verified one]
    #[arg(long, value_name = "REV", requires = "head", value_hint = ValueHint::Other)]
    pub base: Option<String>,
    /// Judge a push, as git's pre-receive hook: reads `old new ref` lines from standard input
    ///
    /// Needs no home and no pin of this machine: the root is --root, or `expacti.root` in the bare repository's own configuration. Exits with 1
    /// whenever the push must not be taken, also where it could not be told. See `expacti hook install`.
    #[arg(long, conflicts_with_all = ["full", "request", "head", "base"])]
    pub pre_receive: bool,
    /// With --pre-receive: the root fingerprint, `SHA256:...`
    #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint, requires = "pre_receive")]
    pub root: Option<Digest>,
    /// How to print the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text, conflicts_with_all = ["json", "pre_receive"])]
    pub format: Format,
}

/// Verbs of `hook`.
#[derive(Debug, Clone, Subcommand)]
pub enum Hook {
    /// Set up a bare repository on this server
    ///
    /// Writes its pre-receive hook, pins the root in its configuration, and has git refuse force pushes and damaged objects. A hook that is
    /// there already is left alone: call `expacti hook pre-receive` from it.
    #[command(after_long_help = text::HOOK_INSTALL)]
    Install {
        /// The root fingerprint you were given, `SHA256:...` [default: what this machine has pinned for it]
        #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint)]
        root: Option<Digest>,
        /// The bare repository
        #[arg(value_name = "BARE_REPO", value_hint = ValueHint::DirPath)]
        repository: PathBuf,
    },
    /// Judge a push; for git to call
    ///
    /// The same as `expacti verify --pre-receive`.
    PreReceive {
        /// The root fingerprint, `SHA256:...` [default: `expacti.root` in the repository's configuration]
        #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint)]
        root: Option<Digest>,
    },
}

/// How `verify` prints its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One object, as with --json
    Json,
    /// Annotations of GitHub's workflow runs
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for test reports
    Junit,
}

/// Play a schema migration with three reviewers, on a repository of its own
///
/// An agent asks to alter a real database file; a developer, a DBA and a security lead read their cards and sign; it runs once; the history is
/// verified. Uses the public verbs only, needs no network, takes under a minute and leaves nothing in your home directory.
#[derive(Debug, Clone, Group)]
pub struct Demo {
    /// Decide yourself in the reviewers' places
    #[arg(long)]
    pub interactive: bool,
}

fn answer(text: &str) -> Result<(Name, String), String> {
    let (seat, answer) = text.split_once('=').ok_or("expected SEAT=TEXT, like `dba=It takes no lock`")?;
    Ok((seat.parse::<Name>().map_err(|error| error.to_string())?, answer.to_owned()))
}

fn fingerprint(text: &str) -> Result<Digest, String> {
    Digest::from_fingerprint(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
