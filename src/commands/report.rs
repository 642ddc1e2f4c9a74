//! What a verb returns, as data: the shapes of `--json`, stable by name.

use serde::Serialize;

use crate::commands::audit::report::AuditReport;
use crate::commands::audit::{EvidenceReport, ExportReport, Log};

/// The answer of a verb.
#[derive(Debug, Clone)]
pub enum Report {
    /// `init`.
    Init(InitReport),
    /// `join`.
    Join(JoinReport),
    /// `run`, `resume`.
    Run(Box<RunReport>),
    /// `status`, `show`, `cancel`.
    Request(Box<RequestReport>),
    /// `pending`.
    Requests(Vec<RequestReport>),
    /// `approve`, `deny`.
    Decisions(Vec<DecisionReport>),
    /// `review`.
    Review(ReviewReport),
    /// `watch`, which has told all it had to tell.
    Watch(WatchReport),
    /// `doctor`.
    Doctor(DoctorReport),
    /// `identity new`, `identity list`.
    Identities(Vec<IdentityReport>),
    /// `sync`.
    Sync(SyncReport),
    /// `verify`.
    Verify(Box<VerifyReport>),
    /// `audit log`.
    Log(Log),
    /// `audit report`.
    Audit(Box<AuditReport>),
    /// `audit export --format`.
    Export(ExportReport),
    /// `audit export --evidence`.
    Evidence(EvidenceReport),
    /// `verify --pre-receive`, `hook pre-receive`.
    Hook(HookReport),
    /// `hook install`.
    Hooked(HookedReport),
    /// `policy check`.
    Check(CheckReport),
    /// `policy explain`.
    Explain(Box<ExplainReport>),
    /// `policy preview`.
    Preview(Box<PreviewReport>),
    /// `policy propose`.
    Propose(ProposeReport),
    /// `policy diff`, `sign`, `status`.
    Policy(PolicyReport),
    /// `demo`.
    Demo(Box<DemoReport>),
    /// Plain words: `doctor --root-fingerprint`.
    Text(String),
}

/// `init`.
#[derive(Debug, Clone, Serialize)]
pub struct InitReport {
    /// Where the repository lies.
    pub url: String,
    /// Its root's fingerprint.
    pub root: String,
    /// The admins of the first version.
    pub admins: Vec<String>,
    /// How many of them must sign.
    pub threshold: u32,
    /// Whether `main` exists, or signatures are missing.
    pub complete: bool,
    /// Admins whose signature is missing.
    pub waiting: Vec<String>,
    /// The branch that waits for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The digest that `policy sign` takes.
    pub digest: String,
    /// For one person's own use: the agent's key, and what that gives up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solo: Option<Solo>,
}

/// The solo set-up.
#[derive(Debug, Clone, Serialize)]
pub struct Solo {
    /// The person.
    pub person: String,
    /// Its key file.
    pub person_key: String,
    /// The agent.
    pub agent: String,
    /// Its key file.
    pub agent_key: String,
}

/// `join`.
#[derive(Debug, Clone, Serialize)]
pub struct JoinReport {
    /// Where the repository lies.
    pub url: String,
    /// The pinned fingerprint.
    pub root: String,
    /// The newest policy version, 0 while the first still waits for signatures.
    pub version: u32,
    /// Its admins.
    pub admins: Vec<String>,
    /// How many of them must sign a change.
    pub threshold: u32,
    /// Who the caller is there, where a key is set and the roster lists it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub me: Option<String>,
}

/// The end of `run` and `resume`; what `--status-file` holds.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// The exit status of expacti.
    pub exit: u8,
    /// `executed`, `spent`, `denied`, `drifted`, `pending`, `withdrawn`, `expired`, `refused`, `interrupted`.
    pub result: &'static str,
    /// Whether the command ran in this process.
    pub ran: bool,
    /// The request's full id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// In words.
    pub message: String,
    /// What the caller may do next.
    pub next: Vec<String>,
    /// The request, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestReport>,
    /// Which channels were told of what from here, and which could not be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notified: Vec<ToldView>,
}

/// The end of `watch`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct WatchReport {
    /// Whether Ctrl-C ended it.
    pub interrupted: bool,
}

/// A channel that was told of a request, or could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToldView {
    /// The request's full id.
    pub id: String,
    /// `created`, `expiring`, `ended`.
    pub event: &'static str,
    /// The channel's name in config.toml.
    pub channel: String,
    /// Whether it took it.
    pub told: bool,
    /// Why not; it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// One request, as anyone with a clone can compute it.
#[derive(Debug, Clone, Serialize)]
pub struct RequestReport {
    /// Its full id.
    pub id: String,
    /// `pending`, `approved`, `denied`, `expired`, `withdrawn`, `refused`, `claimed`, `executed`, `not-run`, `unknown`.
    pub state: String,
    /// Why, in words.
    pub reason_for_state: String,
    /// Whether its ending stands on `main`.
    pub landed: bool,
    /// The command, quoted for a shell, harmless to show.
    pub command: String,
    /// The arguments, percent-encoded.
    pub argv: Vec<String>,
    /// The working directory, percent-encoded.
    pub cwd: String,
    /// Who asks.
    pub requester: String,
    /// Who would run it.
    pub runner: String,
    /// Where.
    pub host: String,
    /// The requester's words.
    pub reason: String,
    /// The ended request it tries again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<String>,
    /// Recognised environments, recomputed here.
    pub environments: Vec<String>,
    /// How much it deserves a look, recomputed here.
    pub risk: RiskView,
    /// By the requester's clock.
    pub created: String,
    /// Until when it can be claimed.
    pub expires: String,
    /// The policies that govern it, and how far each is met.
    pub policies: Vec<PolicyStanding>,
    /// Why it cannot be taken apart; empty: it can.
    pub opaque: Vec<String>,
    /// Commands found in it, with the policies each met.
    pub commands: Vec<FoundCommand>,
    /// What is bound, a line a thing.
    pub bound: Vec<String>,
    /// What is not bound, a line a thing.
    pub unbound: Vec<String>,
    /// Scripts, named operands and standard input that travel along, to be read.
    pub texts: Vec<TextView>,
    /// Everything that was said, oldest first.
    pub decisions: Vec<DecisionView>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeView>,
    /// What did not verify and counts for nothing.
    pub findings: Vec<String>,
    /// Who looks at it, where their key is set and the roster lists it; with `show` and decisions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub you: Option<String>,
    /// Seats and questions that are put to `you`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asks_you: Vec<(String, String)>,
    /// Beside `risk.last_run`; with `show` and decisions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<SinceView>,
    /// The denial of `risk.denied_before`; with `show` and decisions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denial: Option<DecisionView>,
    /// Which channels this call told of its end, and which could not be; with `cancel` and `resume --unknown` only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notified: Vec<ToldView>,
}

impl RequestReport {
    /// Whether nothing more is to come; a claim is no end: what came of it is.
    pub fn has_ended(&self) -> bool {
        !matches!(self.state.as_str(), "pending" | "approved" | "claimed")
    }
}

/// A request beside an earlier run of the same kind.
#[derive(Debug, Clone, Serialize)]
pub struct SinceView {
    /// The earlier one's full id.
    pub id: String,
    /// By its requester's clock.
    pub created: String,
    /// `executed` or `failed`.
    pub end: &'static str,
    /// The words of both command lines, in order.
    pub words: Vec<WordView>,
    /// What else differs, a line a thing.
    pub changed: Vec<String>,
}

/// Words of a command line beside another.
#[derive(Debug, Clone, Serialize)]
pub struct WordView {
    /// `same`, `gone` or `new`.
    pub change: &'static str,
    /// One word or several.
    pub text: String,
}

/// A request's risk, from verified data alone.
#[derive(Debug, Clone, Serialize)]
pub struct RiskView {
    /// From 0 to 100.
    pub score: u8,
    /// `low`, `medium`, `high`, `critical`.
    pub level: String,
    /// The commit of `main` up to which history was looked at.
    pub as_of: String,
    /// Signals that fired, the weightiest first.
    pub reasons: Vec<ReasonView>,
    /// What is unlike the requester.
    pub anomalies: Vec<AnomalyView>,
    /// The newest run of the same kinds of commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_run: Option<PastView>,
    /// The requester's newest denied request of seven days that this one repeats, perhaps in other words; else one made within 15 minutes before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denied_before: Option<PastView>,
}

/// A signal that fired.
#[derive(Debug, Clone, Serialize)]
pub struct ReasonView {
    /// Its stable name.
    pub signal: &'static str,
    /// From 0 to 100.
    pub weight: u8,
    /// What it tells.
    pub text: String,
}

/// Something unlike the requester.
#[derive(Debug, Clone, Serialize)]
pub struct AnomalyView {
    /// Its stable name.
    pub anomaly: &'static str,
    /// What is unusual.
    pub text: String,
    /// What that rests on.
    pub facts: String,
}

/// An ended request, beside the one that is shown.
#[derive(Debug, Clone, Serialize)]
pub struct PastView {
    /// Its full id.
    pub id: String,
    /// Its command line, bounded.
    pub command: String,
    /// By its requester's clock.
    pub created: String,
    /// `executed`, `failed`, `denied` and so on.
    pub end: &'static str,
}

/// A text that travels with a request.
#[derive(Debug, Clone, Serialize)]
pub struct TextView {
    /// What it is: `program`, `standard input`, or the file's name, percent-encoded.
    pub name: String,
    /// Of its bytes.
    pub sha256: String,
    /// Its lines, each harmless to show.
    pub lines: Vec<String>,
}

/// How far one policy is met.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyStanding {
    /// Its name.
    pub name: String,
    /// Whether it is satisfied.
    pub met: bool,
    /// Whose approval counts, with the seat.
    pub counted: Vec<CountedView>,
    /// Whose does not, and why.
    pub not_counted: Vec<NotCountedView>,
    /// What is still needed, and who could bring it.
    pub missing: Vec<MissingView>,
    /// Why it can never be met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impossible: Option<String>,
    /// What a reader must know.
    pub flags: Vec<String>,
    /// Questions by seat.
    pub questions: Vec<(String, String)>,
    /// Whether an approval needs a comment.
    pub require_comment: bool,
    /// The least time between seeing and approving, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_review_seconds: Option<u64>,
}

/// Somebody who counts.
#[derive(Debug, Clone, Serialize)]
pub struct CountedView {
    /// Who.
    pub reviewer: String,
    /// Which seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seat: Option<String>,
}

/// Somebody who does not.
#[derive(Debug, Clone, Serialize)]
pub struct NotCountedView {
    /// Who.
    pub reviewer: String,
    /// Why not.
    pub why: String,
}

/// Something missing.
#[derive(Debug, Clone, Serialize)]
pub struct MissingView {
    /// What.
    pub what: String,
    /// Who could bring it.
    pub who: Vec<String>,
}

/// A command found inside the request.
#[derive(Debug, Clone, Serialize)]
pub struct FoundCommand {
    /// Its text.
    pub text: String,
    /// Where it was found, outermost first.
    pub via: Vec<String>,
    /// What it met.
    pub policies: Vec<String>,
    /// What is odd about it.
    pub flags: Vec<String>,
}

/// A decision.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionView {
    /// Who.
    pub reviewer: String,
    /// `approve` or `deny`.
    pub verdict: String,
    /// In their words.
    pub comment: String,
    /// Answers by seat.
    pub answers: Vec<(String, String)>,
    /// What they would approve instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggest: Option<String>,
    /// When, by their clock.
    pub decided: String,
    /// Seconds between showing and deciding, as their machine states them.
    pub review_seconds: u64,
}

/// An outcome.
#[derive(Debug, Clone, Serialize)]
pub struct OutcomeView {
    /// `executed`, `not-run`, `unknown`, `expired`, `withdrawn`, `refused`.
    pub ending: String,
    /// Exit status, where it exited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<u8>,
    /// Signal, where one ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<u8>,
    /// When it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// `sealed` or `checked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Why, where it did not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who recorded it.
    pub author: String,
}

/// What came of one `approve` or `deny`.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionReport {
    /// The request's full id.
    pub id: String,
    /// `approve` or `deny`.
    pub verdict: String,
    /// Whether it was signed and delivered.
    pub recorded: bool,
    /// It was not, and nobody can say whether it might have been: the exit status is 125.
    #[serde(skip)]
    pub unsure: bool,
    /// In words.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
    /// It was too fast: so many seconds later it would count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u64>,
    /// The request afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestReport>,
    /// Which channels this call told of the end, and which could not be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notified: Vec<ToldView>,
}

/// `review`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ReviewReport {
    /// What was decided, in order; also what could not be recorded.
    pub decisions: Vec<DecisionReport>,
    /// Requests that were looked at and left as they are.
    pub skipped: Vec<String>,
    /// How many more waited when it ended.
    pub unseen: usize,
    /// Whether Ctrl-C ended it.
    pub interrupted: bool,
}

/// `doctor`.
#[derive(Debug, Clone, Serialize)]
pub struct DoctorReport {
    /// Whether all is fine.
    pub ok: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// One thing that `doctor` looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// `git`, `key`, `pin`, `host`, `remote`, `roster`, `clock`, `journal`, `branches`; what depends on a failed one is left out.
    pub name: &'static str,
    /// Whether it is fine.
    pub ok: bool,
    /// What was found.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
}

/// A key of this machine.
#[derive(Debug, Clone, Serialize)]
pub struct IdentityReport {
    /// Its name, for keys that `identity new` made.
    pub name: String,
    /// The file.
    pub path: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// The line for the roster.
    pub key: String,
    /// Who it is in the pinned repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
}

/// `sync`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SyncReport {
    /// Outcomes delivered, by request.
    pub delivered: Vec<String>,
    /// Requests closed as expired, on `main` or waiting for CI to land that.
    pub expired: Vec<String>,
    /// Denials seen on branches and landed.
    pub denied: Vec<String>,
    /// Branches that had vanished or were rewound, and were pushed back.
    pub restored: Vec<String>,
    /// What `--land` landed, in this order.
    pub landed: Vec<LandedView>,
    /// What waits for `--land` and was left as it is.
    pub left: Vec<LeftView>,
    /// What could not be done.
    pub problems: Vec<String>,
    /// Which channels were told of what from here, and which could not be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notified: Vec<ToldView>,
}

/// A step that `sync --land` put on `main`.
#[derive(Debug, Clone, Serialize)]
pub struct LandedView {
    /// The request's full id, or the policy version's digest.
    pub id: String,
    /// `denied`, `withdrawn`, `refused`, `claim`, `outcome`, `expired`, `policy`.
    pub what: String,
}

/// A branch that `sync --land` left alone.
#[derive(Debug, Clone, Serialize)]
pub struct LeftView {
    /// The branch.
    pub branch: String,
    /// The finding, where it does not verify; absent: it is honest and cannot land now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why.
    pub message: String,
}

/// `verify`.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyReport {
    /// Whether everything holds.
    pub ok: bool,
    /// False where an object could not be read: the answer is then neither yes nor no.
    pub sure: bool,
    /// The tip the repository shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tip: Option<String>,
    /// The last legal step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Legal steps on `main`, the first included.
    pub steps: u64,
    /// Requests that ended there.
    pub requests: u64,
    /// The pinned root.
    pub root: String,
    /// The newest policy version.
    pub version: u32,
    /// What is wrong with `main`.
    pub findings: Vec<FindingView>,
    /// The request asked for: what is wrong with it is part of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<OpenView>,
    /// What --head asked for: what is wrong with it is part of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<HeadView>,
    /// Open requests, and what is wrong with them; they do not change the answer.
    pub open: Vec<OpenView>,
    /// What revoked keys signed while they may have been in other hands; it does not change the answer either.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<AgainView>,
}

/// A revoked key, and what is to be looked at again because of it.
#[derive(Debug, Clone, Serialize)]
pub struct AgainView {
    /// Its fingerprint.
    pub key: String,
    /// The commit since which it is to be doubted.
    pub compromised_since: String,
    /// Why it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it signed from then up to the revocation, in the order of its landing.
    pub records: Vec<SuspectView>,
}

/// A record that stays valid, and that somebody should read again.
#[derive(Debug, Clone, Serialize)]
pub struct SuspectView {
    /// The request; absent for a policy version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The signed file.
    pub record: String,
    /// The step of `main` that landed it.
    pub commit: String,
}

/// A finding.
#[derive(Debug, Clone, Serialize)]
pub struct FindingView {
    /// Its stable code.
    pub code: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// In which file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// In words.
    pub message: String,
}

/// What a merge, a pull request or a branch would bring.
#[derive(Debug, Clone, Serialize)]
pub struct HeadView {
    /// As it was asked for.
    pub rev: String,
    /// The commit that is.
    pub commit: String,
    /// The commit of `main` from which it was judged.
    pub base: String,
    /// What it is: `main` (a continuation of it), `request`, `policy`, `claim`, `outcome`, or `unrelated`.
    pub kind: &'static str,
    /// The request's id, or the version's number and digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Legal steps of `main` from the base to it.
    pub steps: u64,
    /// Where a request or a policy version stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whose signatures a policy version still waits for.
    pub waiting: Vec<String>,
    /// What to do with it, and what not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What is wrong with it.
    pub findings: Vec<FindingView>,
}

/// A request, as `verify` lists it.
#[derive(Debug, Clone, Serialize)]
pub struct OpenView {
    /// Its full id.
    pub id: String,
    /// `pending`, `approved`, `claimed`, … or `unreadable`, `vanished`.
    pub state: String,
    /// What is wrong with it.
    pub findings: Vec<FindingView>,
}

/// `verify --pre-receive`, `hook pre-receive`.
#[derive(Debug, Clone, Serialize)]
pub struct HookReport {
    /// Whether the push may be taken, all of it.
    pub ok: bool,
    /// How many refs it would change.
    pub updates: usize,
    /// Those that may not.
    pub refused: Vec<RefusedView>,
}

/// A ref that a push may not change so.
#[derive(Debug, Clone, Serialize)]
pub struct RefusedView {
    /// Its full name.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What it shall be; absent: deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// The finding's stable code.
    pub code: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// In which file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// In words.
    pub message: String,
    /// What to do.
    pub advice: String,
}

/// `hook install`.
#[derive(Debug, Clone, Serialize)]
pub struct HookedReport {
    /// The bare repository.
    pub repository: String,
    /// The hook's file.
    pub hook: String,
    /// The root it is pinned to.
    pub root: String,
    /// Settings that were changed, as `name = value`.
    pub settings: Vec<String>,
    /// What is wrong with the repository as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// `policy check`.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// Whether there is no error; warnings do not count.
    pub ok: bool,
    /// What was checked, in words.
    pub checked: Vec<String>,
    /// Faults, as text with file, line and column.
    pub errors: Vec<String>,
    /// Shadowed, unreachable or one-person policies, odd patterns.
    pub warnings: Vec<String>,
}

/// `policy explain`.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainReport {
    /// Names of all that govern.
    pub policies: Vec<String>,
    /// `allow`, `deny` or `review`.
    pub decision: &'static str,
    /// Why it cannot be taken apart.
    pub opaque: Vec<String>,
    /// Every command found.
    pub commands: Vec<ExplainedCommand>,
    /// In words, where it is denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was assumed, because this machine or the file does not say it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What each of `policies` asks for, in words, in their order.
    #[serde(skip)]
    pub asks: Vec<String>,
}

/// One command of `policy explain`.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedCommand {
    /// Its text.
    pub text: String,
    /// Where it was found, outermost first.
    pub via: Vec<String>,
    /// Whether it is certainly executed.
    pub certain: bool,
    /// The texts it was matched by, the literal one first.
    pub views: Vec<ExplainedView>,
    /// First matches of all of them.
    pub policies: Vec<String>,
    /// What is odd about it.
    pub flags: Vec<String>,
}

/// One text by which a command was matched.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedView {
    /// `literal`, `basename`, ….
    pub name: &'static str,
    /// The text.
    pub text: String,
    /// The first policy it meets, and those before it that may apply.
    pub policies: Vec<String>,
}

/// `policy diff`, `sign`, `status`.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyReport {
    /// The version in force, 0 where there is none yet.
    pub version: u32,
    /// Proposals that can come into force.
    pub proposals: Vec<Proposal>,
    /// Proposals that no longer can, or not yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<StaleProposal>,
    /// Branches that look like a proposal and are none, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<(String, String)>,
    /// What was done, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A version that waits for signatures.
#[derive(Debug, Clone, Serialize)]
pub struct Proposal {
    /// Its number.
    pub version: u32,
    /// What `diff` and `sign` take.
    pub digest: String,
    /// Its fingerprint, as people compare it.
    pub fingerprint: String,
    /// Admins who signed, of the version in force or of its own.
    pub signed: Vec<String>,
    /// Admins who have not.
    pub waiting: Vec<String>,
    /// How many of its own must.
    pub threshold: u32,
    /// What each side must sign: the admins of the version in force, and its own.
    pub needs: Vec<Needs>,
    /// What a first version says, for `diff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// What a later version changes, for `diff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeReport>,
}

/// One roster whose admins must sign.
#[derive(Debug, Clone, Serialize)]
pub struct Needs {
    /// The version whose admins these are.
    pub version: u32,
    /// Whether that is the version in force.
    pub in_force: bool,
    /// How many of them must.
    pub threshold: u32,
    /// Who has.
    pub signed: Vec<String>,
    /// Who has not.
    pub waiting: Vec<String>,
    /// Whether enough have.
    pub met: bool,
}

/// A proposal that cannot come into force.
#[derive(Debug, Clone, Serialize)]
pub struct StaleProposal {
    /// Its number.
    pub version: u32,
    /// Its digest.
    pub digest: String,
    /// Its branch, which keeps the edits.
    pub branch: String,
    /// Why.
    pub why: String,
}

/// What a version changes.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeReport {
    /// The version in force.
    pub follows: u32,
    /// What asks for less than before, or may, in words.
    pub weaker: Vec<String>,
    /// All other changes, in words.
    pub changes: Vec<String>,
    /// How many of the newest recorded requests were judged again.
    pub requests: usize,
    /// Those that would have asked fewer people.
    pub fewer: Vec<RejudgedView>,
    /// Those that would have been denied.
    pub denied: Vec<RejudgedView>,
    /// Those that would have been governed otherwise, and not by fewer people.
    pub otherwise: Vec<RejudgedView>,
    /// Changed files.
    pub files: Vec<FileChange>,
}

/// A recorded request under both versions.
#[derive(Debug, Clone, Serialize)]
pub struct RejudgedView {
    /// Its full id.
    pub id: String,
    /// The command, shortened where it is long.
    pub command: String,
    /// Who asked.
    pub requester: String,
    /// Under the version in force.
    pub before: JudgedView,
    /// Under the proposed one.
    pub after: JudgedView,
}

/// What policies ask for a command.
#[derive(Debug, Clone, Serialize)]
pub struct JudgedView {
    /// `allow`, `review` or `deny`.
    pub decision: &'static str,
    /// All that govern.
    pub policies: Vec<String>,
    /// How many different people at least; absent: it never runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<usize>,
    /// The same in words.
    #[serde(skip)]
    pub words: String,
    /// Why it never runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A file that changes.
#[derive(Debug, Clone, Serialize)]
pub struct FileChange {
    /// Its path.
    pub path: String,
    /// `changed`, `added` or `removed`.
    pub what: &'static str,
    /// Changed lines with their surroundings, each begun by `+ `, `- ` or two spaces.
    pub lines: Vec<String>,
    /// How many more lines there are.
    pub more: usize,
}

/// `policy propose`.
#[derive(Debug, Clone, Serialize)]
pub struct ProposeReport {
    /// The number of the proposed version.
    pub version: u32,
    /// What `diff` and `sign` take.
    pub digest: String,
    /// Its fingerprint, as people compare it.
    pub fingerprint: String,
    /// The branch on which it waits.
    pub branch: String,
    /// Whether it was proposed just now, and not before.
    pub new: bool,
    /// Files that change.
    pub changed: Vec<String>,
    /// Files that are new.
    pub added: Vec<String>,
    /// Files that are removed.
    pub removed: Vec<String>,
    /// What to know about it.
    pub notes: Vec<String>,
    /// The next two commands.
    pub next: Vec<String>,
}

/// `policy preview`.
#[derive(Debug, Clone, Serialize)]
pub struct PreviewReport {
    /// The edited file.
    pub config: String,
    /// The version in force, with which it is compared.
    pub version: u32,
    /// How many of `commands` would be governed otherwise.
    pub changed: usize,
    /// Every command looked at, those that would be governed otherwise first.
    pub commands: Vec<PreviewedCommand>,
    /// Every policy of either file.
    pub policies: Vec<PreviewedPolicy>,
    /// Faults of the file with the roster in force.
    pub notes: Vec<String>,
}

/// One command of `policy preview`.
#[derive(Debug, Clone, Serialize)]
pub struct PreviewedCommand {
    /// The command, shortened where it is long.
    pub command: String,
    /// How many of the newest recorded requests asked for it.
    pub recorded: usize,
    /// How often it is listed.
    pub listed: usize,
    /// Whether it would be governed otherwise.
    pub changed: bool,
    /// By the version in force.
    pub before: Governs,
    /// By the edited file.
    pub after: Governs,
}

/// What governs a command.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Governs {
    /// `allow`, `review` or `deny`.
    pub decision: &'static str,
    /// All policies that govern.
    pub policies: Vec<String>,
    /// Why it is denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One policy of `policy preview`.
#[derive(Debug, Clone, Serialize)]
pub struct PreviewedPolicy {
    /// Its name.
    pub name: String,
    /// The commands it governs today; absent: it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub today: Option<Vec<String>>,
    /// The commands it would govern; absent: it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<Vec<String>>,
}

/// `demo`.
#[derive(Debug, Clone, Serialize)]
pub struct DemoReport {
    /// Everything came out as told.
    pub ok: bool,
    /// How long it took, in seconds.
    pub seconds: u64,
    /// The migration's request.
    pub request: String,
    /// Whether it was approved and ran; an audience may deny it.
    pub executed: bool,
    /// The table before.
    pub before: DemoTable,
    /// The table after.
    pub after: DemoTable,
    /// Everything that was typed, in order.
    pub steps: Vec<DemoStep>,
    /// Where everything lies, where the audience keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
}

/// The table that the demo's migration alters.
#[derive(Debug, Clone, Serialize)]
pub struct DemoTable {
    /// Its rows.
    pub rows: u32,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// Customers by tier; `none` for those without.
    pub tiers: Vec<(String, u32)>,
}

/// One command line of the demo.
#[derive(Debug, Clone, Serialize)]
pub struct DemoStep {
    /// Who typed it.
    pub who: String,
    /// What.
    pub command: String,
    /// Its exit status.
    pub exit: u8,
    /// What expacti printed; what the command itself prints goes past it.
    pub output: String,
}
