//! What an auditor is told of one request: verified facts and how each voice was counted, harmless to show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::decision::{Decision, Verdict};
use crate::domain::id::CommitId;
use crate::domain::outcome::{Ending, Outcome};
use crate::domain::shown;
use crate::domain::time::Timestamp;
use crate::gate::dossier::Dossier;
use crate::gate::evaluate::{denier, evaluate, singly};
use crate::gate::governing::Gate;
use crate::gate::ledger::LandedEnding;
use crate::gate::quorum::Tally;
use crate::gate::state::{Standing, State};
use crate::matching::canonical_text;
use crate::trust::root::PolicyVersion;
use crate::trust::verify::Verified;

/// The most characters of a command line, a reason or a comment; the whole stands in the record.
pub const LONGEST: usize = 1_000;

/// One request as the audit verbs tell it; times are RFC 3339 in UTC, by the clock of whoever signed them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its full id.
    pub id: String,
    /// As in every other report: `pending`, `approved`, `denied`, `executed`, `unknown` and so on.
    pub state: String,
    /// When it was made, by the requester's clock.
    pub created: String,
    /// Until when it could be claimed.
    pub expires: String,
    /// When its ending was signed; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Who ended it: the runner that claimed, the reviewer who denied, who closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// Who asked.
    pub requester: String,
    /// `person`, `agent` or `runner`; `unknown` where the roster that judged it does not list it.
    pub requester_kind: String,
    /// The persons who operate the requester.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operators: Vec<String>,
    /// The fingerprint of the key that signed the request.
    pub key: String,
    /// Who claims and executes.
    pub runner: String,
    /// Where.
    pub host: String,
    /// The working directory.
    pub cwd: String,
    /// The command line, at most [`LONGEST`] characters.
    pub command: String,
    /// SHA-256 of the program's bytes.
    pub program: String,
    /// The requester's words, at most [`LONGEST`] characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The ended request this one tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<String>,
    /// Where it goes, as far as the policy recognises it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
    /// Whether it could not be taken apart.
    #[serde(default, skip_serializing_if = "is_false")]
    pub opaque: bool,
    /// The policies that govern it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// Whether policy lets it run without anyone's approval.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unattended: bool,
    /// The policy version it was judged under.
    pub version: u32,
    /// Every decision that verified, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Voice>,
    /// What a reader of the count must know: operators that count, escalations that held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// What did not verify; on `main` nothing of the kind can stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// The step of `main` that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// How many steps of `main` stand below that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
    /// What came of its claim, as far as anyone told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Told>,
}

/// One reviewer's signed word, and how it counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// Who.
    pub reviewer: String,
    /// Their role where it was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Their team where it was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The fingerprint of the key that signed it.
    pub key: String,
    /// `approve` or `deny`.
    pub verdict: String,
    /// When their machine first showed the card, by its clock.
    pub shown: String,
    /// When they decided, by the same clock.
    pub decided: String,
    /// Between the two, in seconds: the reviewer's own measurement, a statement and no proof.
    pub seconds: u64,
    /// Their words, at most [`LONGEST`] characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Their answers by seat.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, String>,
    /// What they would have approved instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggest: Option<String>,
    /// Whether it helped to decide: an approval that was counted, a denial by one who may deny.
    pub counts: bool,
    /// The entries of `reviewers` that they filled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<String>,
    /// Why it did not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
    /// SHA-256 of the record.
    pub record: String,
}

/// The signed outcome of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// `executed`, `not-run` or `unknown`.
    pub word: String,
    /// The exit status as a shell gives it: 128 and the number for a signal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
    /// When the command was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// How long it ran, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// When it was signed.
    pub recorded: String,
    /// Who signed it.
    pub author: String,
    /// Why it did not run, or why nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the claim had been closed as unknown before.
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
    /// The step of `main` that told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// One harmless line of at most [`LONGEST`] characters.
fn line(text: &str) -> String {
    let mut shown = shown::line(text);
    if let Some((cut, _)) = shown.char_indices().nth(LONGEST) {
        shown.truncate(cut);
        shown.push('…');
    }
    shown
}

impl Told {
    /// What a verified outcome tells.
    pub fn of(outcome: &Outcome) -> Self {
        let (status, started, duration_ms, reason) = match &outcome.ending {
            Ending::Executed(run) => {
                (Some(run.end.status()), Some(run.started.to_string()), Some(run.duration_ms), None)
            }
            Ending::NotRun { reason }
            | Ending::Unknown { reason }
            | Ending::Withdrawn { reason }
            | Ending::Refused { reason } => (None, None, None, Some(line(reason))),
            Ending::Expired => (None, None, None, None),
        };
        Self {
            word: outcome.ending.as_str().to_owned(),
            status,
            started,
            duration_ms,
            recorded: outcome.recorded.to_string(),
            author: outcome.author.to_string(),
            reason: reason.filter(|reason| !reason.is_empty()),
            late: false,
            commit: None,
        }
    }
}

impl Account {
    /// A request that ends on `main`, as the version below judges it at the time its ending names; whoever could deny
    /// it under the version at its `base` still could.
    pub fn ended(
        version: &PolicyVersion,
        base: &PolicyVersion,
        dossier: &Dossier,
        ending: &LandedEnding,
        standing: Option<&Standing>,
    ) -> Self {
        let denies = |one: &&Decision| {
            let may = |version| denier(version, dossier, &one.reviewer);
            one.verdict == Verdict::Deny && (may(version) || may(base))
        };
        let denial = || dossier.decisions.iter().map(Verified::value).find(denies);
        let (when, who) = match (&dossier.claim, &dossier.outcome) {
            (Some(claim), _) => (claim.value().claimed, Some(&claim.value().runner)),
            (None, Some(outcome)) => (outcome.value().recorded, Some(&outcome.value().author)),
            (None, None) => denial()
                .map_or((dossier.request.value().created, None), |denial| (denial.decided, Some(&denial.reviewer))),
        };
        let own;
        let standing = match standing {
            Some(standing) => standing,
            None => {
                own = evaluate(version, dossier, when);
                own.standing()
            }
        };
        let mut account = Self::of(version, dossier, standing, when, ending.as_str());
        if *ending == LandedEnding::Denied {
            let ended_by = who.map(ToString::to_string);
            let ends = |voice: &&mut Voice| voice.verdict == "deny" && Some(&voice.reviewer) == ended_by.as_ref();
            account.decisions.iter_mut().filter(ends).for_each(|voice| (voice.counts, voice.why_not) = (true, None));
        }
        account.ended = Some(when.to_string());
        account.ended_by = who.map(ToString::to_string);
        account.outcome = dossier.outcome.as_ref().map(|outcome| Told::of(outcome.value()));
        account
    }

    /// A request that is open, as `version` judges it now.
    pub fn open(version: &PolicyVersion, dossier: &Dossier, state: &State, now: Timestamp) -> Self {
        let mut account = Self::of(version, dossier, state.standing(), now, state.as_str());
        account.findings = dossier.findings.iter().map(|finding| line(&finding.to_string())).collect();
        account
    }

    fn of(version: &PolicyVersion, dossier: &Dossier, standing: &Standing, now: Timestamp, state: &str) -> Self {
        let request = dossier.request.value();
        let requester = version.roster().get(&request.requester);
        let governing = &standing.governing;
        let flags = standing.tallies.iter().flat_map(|(_, tally)| &tally.flags);
        let mut flags: Vec<String> = flags.map(|flag| line(flag)).collect();
        flags.sort();
        flags.dedup();
        Self {
            id: dossier.id.to_string(),
            state: state.to_owned(),
            created: request.created.to_string(),
            expires: standing.expires.to_string(),
            ended: None,
            ended_by: None,
            requester: request.requester.to_string(),
            requester_kind: requester.map_or("unknown", |requester| requester.kind.as_str()).to_owned(),
            operators: requester.map_or_else(Vec::new, |one| one.operators.iter().map(ToString::to_string).collect()),
            key: dossier.request.key().fingerprint(),
            runner: request.runner.to_string(),
            host: line(&request.host),
            cwd: line(&shown::bytes(&request.command.cwd)),
            command: line(&shown::bytes(&canonical_text(&request.command.argv))),
            program: request.command.program.sha256.to_string(),
            reason: line(&request.reason),
            retry_of: request.retry_of.map(|id| id.to_string()),
            environments: governing.environments.named().map(str::to_owned).collect(),
            opaque: !governing.tree.opaque.is_empty(),
            policies: governing.policies.clone(),
            unattended: governing.gate == Gate::Allow,
            version: version.root().version,
            decisions: voices(version, dossier, standing, now),
            flags,
            findings: Vec::new(),
            commit: None,
            height: None,
            outcome: None,
        }
    }

    /// With what the step that landed it adds.
    #[must_use]
    pub fn at(mut self, commit: &CommitId, height: u64) -> Self {
        self.commit = Some(commit.to_string());
        self.height = Some(height);
        self
    }

    /// With what came of its claim.
    #[must_use]
    pub fn with(mut self, told: Told) -> Self {
        self.state.clone_from(&told.word);
        self.outcome = Some(told);
        self
    }

    /// Whether its approval was spent: it ran, or may have.
    pub fn is_claimed(&self) -> bool {
        matches!(self.state.as_str(), "claimed" | "executed" | "not-run" | "unknown")
    }

    /// Who was counted among those who approved, each once.
    pub fn approvers(&self) -> impl Iterator<Item = &Voice> {
        let mut met = std::collections::BTreeSet::new();
        self.decisions.iter().filter(move |voice| {
            voice.counts && voice.verdict == Verdict::Approve.as_str() && met.insert(voice.reviewer.as_str())
        })
    }
}

/// Every decision, with how it counted.
fn voices(version: &PolicyVersion, dossier: &Dossier, standing: &Standing, now: Timestamp) -> Vec<Voice> {
    let of = |one: &Verified<Decision>| one.value().reviewer.clone();
    dossier
        .decisions
        .iter()
        .map(|decision| {
            let value = decision.value();
            let mut seats = Vec::new();
            let (counts, why_not) = match value.verdict {
                Verdict::Deny if denier(version, dossier, &value.reviewer) => (true, None),
                Verdict::Deny => (false, Some("is not among those who may deny it".to_owned())),
                Verdict::Approve => {
                    let approvals = dossier.decisions.iter().filter(|one| one.value().verdict == Verdict::Approve);
                    // Of several approvals by one person each is asked by itself.
                    let alone = (approvals.filter(|one| of(one) == value.reviewer).count() > 1)
                        .then(|| singly(version, dossier, &standing.governing, decision, now));
                    let refused = |tallies: &[(String, Tally)]| {
                        let reasons = tallies.iter().flat_map(|(_, tally)| &tally.not_counted);
                        reasons.filter(|(who, _)| *who == value.reviewer).map(|(_, why)| why.to_string()).next()
                    };
                    let seated = standing.tallies.iter().flat_map(|(_, tally)| &tally.counted);
                    let seated: Vec<_> = seated.filter(|counted| counted.reviewer == value.reviewer).collect();
                    let holds = alone.as_ref().is_none_or(|tallies| {
                        tallies.iter().any(|(_, tally)| tally.counted.iter().any(|one| one.reviewer == value.reviewer))
                    });
                    if !seated.is_empty() && holds {
                        seats.extend(seated.iter().filter_map(|one| one.seat.as_ref().map(ToString::to_string)));
                        (true, None)
                    } else {
                        let why = alone.as_deref().and_then(refused).or_else(|| refused(&standing.tallies));
                        (false, Some(why.unwrap_or_else(|| "nobody had to approve it".to_owned())))
                    }
                }
            };
            let person = version.roster().get(&value.reviewer);
            Voice {
                reviewer: value.reviewer.to_string(),
                role: person.and_then(|person| person.role.clone()),
                team: person.and_then(|person| person.team.clone()),
                key: decision.key().fingerprint(),
                verdict: value.verdict.as_str().to_owned(),
                shown: value.shown.to_string(),
                decided: value.decided.to_string(),
                seconds: value.review_seconds(),
                comment: line(&value.comment),
                answers: value.answers.iter().map(|(seat, answer)| (seat.to_string(), line(answer))).collect(),
                suggest: value.suggest.as_deref().map(line),
                counts,
                seats,
                why_not: why_not.map(|why| line(&why)),
                record: decision.digest().to_string(),
            }
        })
        .collect()
}
