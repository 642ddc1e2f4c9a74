//! What can be typed after `audit`.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand, ValueEnum, ValueHint};

use crate::cli::text;
use crate::commands::audit::{since, until};
use crate::domain::time::Timestamp;

/// Verbs of `audit`.
#[derive(Debug, Clone, Subcommand)]
pub enum Audit {
    Log(Log),
    Report(Report),
    Export(Export),
}

/// List requests, who decided on them and what came of them
///
/// Fetches and verifies as `expacti verify` does, then lists what the verified history says: requests that ended in the order in which they landed on
/// main, then the open ones. Needs no key and no membership. Where main does not hold, the log ends before the step that breaks it, says so, and the
/// exit status is 1.
#[derive(Debug, Clone, Group)]
#[command(after_long_help = text::AUDIT_LOG)]
pub struct Log {
    /// Which requests.
    #[command(flatten)]
    pub which: Which,
    /// How to print them
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text, conflicts_with = "json")]
    pub format: LogFormat,
}

/// Hand the verified history to other programs, or to an auditor as signed evidence
///
/// Fetches and verifies as `expacti verify` does, then writes what landed on main. With --format jsonl or ocsf one event a line, in the order of landing:
/// requests, decisions, endings, outcomes, policy versions, each with its commit, the SHA-256 of the signed record and the key that signed it; with
/// --format csv one row a request, open ones too. With --evidence a zip for auditors: the whole population of a period as tables, every signed record
/// as it is, and a manifest signed with your key. Where main does not hold, the export ends before the step that breaks it, says so, and the exit status is 1.
#[derive(Debug, Clone, Group)]
#[command(after_long_help = text::AUDIT_EXPORT)]
pub struct Export {
    /// Which requests.
    #[command(flatten)]
    pub which: Which,
    /// How to write it
    #[arg(long, value_enum, value_name = "FORMAT", required_unless_present = "evidence")]
    pub format: Option<ExportFormat>,
    /// Write to this file, which is replaced, not to standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Only events that landed after this step of main: the `commit` of the last line that was read before
    #[arg(long, value_name = "COMMIT", value_hint = ValueHint::Other)]
    pub after: Option<String>,
    /// Write evidence for auditors to this zip file, its manifest signed with your key; takes --from, --to and --full
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath,
        conflicts_with_all = ["format", "output", "after", "principal", "policy", "command", "states", "environment"])]
    pub evidence: Option<PathBuf>,
}

/// How `audit export` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object an event, in the Open Cybersecurity Schema Framework 1.9.0
    Ocsf,
    /// One JSON object an event
    Jsonl,
    /// Comma-separated values with a header line, one row a request (RFC 4180)
    Csv,
}

/// Make a report for auditors: a page and its JSON twin
///
/// Fetches and verifies as `expacti verify` does, then reports on a period: population and completeness, every execution with who approved it in
/// what time and role, separation of duties counted anew, denials, expiries, unknown outcomes, policy changes with their signatures, how reviewers
/// review, and how to verify it all again. Needs no key and no membership.
///
/// With -o the page and its JSON twin are written and a summary is printed. Without it, the page goes to a pipe, and a terminal gets its first page as
/// text; --json prints the twin. The page is one file without scripts that fetches nothing.
///
/// What is wrong stands on the first page, and the exit status is then 1; the report is made all the same.
#[derive(Debug, Clone, Group)]
#[command(after_long_help = text::AUDIT_REPORT)]
pub struct Report {
    /// When.
    #[command(flatten)]
    pub span: Span,
    /// Point to the controls of this framework that the report holds evidence towards, and say what is not covered
    #[arg(long, value_enum, value_name = "NAME")]
    pub framework: Option<Framework>,
    /// Write the page to this file, and the JSON twin beside it with the extension `json`
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// A framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Framework {
    /// SOC 2, Trust Services Criteria
    Soc2,
    /// PCI DSS 4.0.1
    PciDss,
    /// ISO/IEC 27001:2022, Annex A
    Iso27001,
    /// HIPAA Security Rule
    Hipaa,
    /// Sarbanes-Oxley, general IT controls
    Sox,
}

/// How `audit log` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line a request, for people
    Text,
    /// One JSON object a line
    Jsonl,
    /// Comma-separated values with a header line, for spreadsheets (RFC 4180)
    Csv,
}

/// Which stretch of time.
#[derive(Debug, Clone, Copy, Group)]
pub struct Span {
    /// From this day or time on, like `2026-07-01` or `2026-07-01T08:00:00Z`; days are those of UTC
    ///
    /// What counts is when a request ended, by the clock of whoever signed the ending; while it is open, when it was made.
    #[arg(long, value_name = "TIME", value_parser = since, value_hint = ValueHint::Other)]
    pub from: Option<Timestamp>,
    /// Until this day, which belongs to it, or before this time
    #[arg(long, value_name = "TIME", value_parser = until, value_hint = ValueHint::Other)]
    pub to: Option<Timestamp>,
    /// Begin at the pinned root, not at what this machine verified before
    #[arg(long)]
    pub full: bool,
}

/// Which requests.
#[derive(Debug, Clone, Group)]
pub struct Which {
    /// When.
    #[command(flatten)]
    pub span: Span,
    /// Those in which this principal has a part: asks, operates who asks, decides, runs or closes
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub principal: Option<String>,
    /// Those that this policy governs
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub policy: Option<String>,
    /// Those whose command line holds this text; with `*`, `?` or `[` a glob over all of it
    #[arg(long, value_name = "TEXT", value_hint = ValueHint::Other)]
    pub command: Option<String>,
    /// Those in this state; may be given more than once
    #[arg(long = "state", value_enum, value_name = "STATE")]
    pub states: Vec<State>,
    /// Those that go to this environment
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub environment: Option<String>,
}

/// A request's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum State {
    /// Open: more approvals are needed
    Pending,
    /// Open: it may run
    Approved,
    /// Open: it can never run as things stand
    Blocked,
    /// A reviewer said no
    Denied,
    /// Nobody claimed it in time
    Expired,
    /// Its requester took it back
    Withdrawn,
    /// Policy refused it
    Refused,
    /// Spent; what came of it is not told yet
    Claimed,
    /// It ran
    Executed,
    /// Spent, and it did not run
    NotRun,
    /// Spent, and nobody can say whether it ran
    Unknown,
}

impl State {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Blocked => "blocked",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Refused => "refused",
            Self::Claimed => "claimed",
            Self::Executed => "executed",
            Self::NotRun => "not-run",
            Self::Unknown => "unknown",
        }
    }
}
