//! A request as every verb sees it: found on its branch or on `main`, judged, and put into words.

mod beside;
mod bound;
mod risk;

use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::commands::report::{
    CountedView, DecisionView, FoundCommand, MissingView, NotCountedView, OutcomeView, PolicyStanding, RequestReport,
};
use crate::commands::waiting::waits;
use crate::domain::bytes::encode;
use crate::domain::decision::Decision;
use crate::domain::id::RequestId;
use crate::domain::outcome::{End, Ending, Outcome};
use crate::domain::policy::Land;
use crate::domain::shown;
use crate::domain::time::Timestamp;
use crate::gate::audit::Standpoint;
use crate::gate::dossier::Dossier;
use crate::gate::evaluate::evaluate;
use crate::gate::governing::governing;
use crate::gate::hazard;
use crate::gate::ledger::{Landed, LandedEnding, Ledger as _};
use crate::gate::quorum::{Missing, Tally};
use crate::gate::state::{Standing, State};
use crate::matching::canonical_text;
use crate::risk::History;
use crate::trust::root::PolicyVersion;
use crate::world::store::{Kind, Store, Waits};

pub use beside::describe_to;

/// A request, wherever it stands.
#[derive(Debug)]
pub struct Found {
    /// Its records.
    pub dossier: Dossier,
    /// What stands on `main` about it.
    pub landed: Option<Landed>,
    /// What was in force where it was judged: at its ending, or now.
    pub judged: Standpoint,
    /// What waits until CI lands it.
    pub waiting: Option<Waits>,
    /// What had landed there about commands like it, and about who asks.
    pub past: History,
}

/// Finds a request on `main` or among the open ones.
///
/// # Errors
/// There is none of this id, or it does not verify.
pub fn find(store: &Store, at: &Standpoint, id: RequestId) -> Result<Found, CommandError> {
    let by_ci = at.version.config().land == Land::Ci;
    if let Some(landed) = store.index().landed(&id)? {
        let (dossier, judged) = store.landed_dossier(at, id, &landed)?;
        let claimed = matches!(landed.ending, LandedEnding::Claimed { .. }) && landed.outcome.is_none();
        let waiting = if by_ci && claimed { waits(store, at, Kind::Outcome, &id)? } else { None };
        let past = past(store, &judged, &dossier)?;
        return Ok(Found { dossier, landed: Some(landed), judged, waiting, past });
    }
    let Some(tip) = store.branch_tip(&id)? else {
        // What policy refused was pushed with its refusal alone.
        let below = if by_ci { store.below_outcome(&id)? } else { None };
        let tip = below.ok_or_else(|| CommandError::no(format!("there is no request {id}")))?;
        return Found::open(store, at, store.dossier(at, id, tip)?);
    };
    let dossier = store.dossier(at, id, tip)?;
    store.saw(&id, &tip)?;
    let waiting = if by_ci { waits(store, at, Kind::Claim, &id)? } else { None };
    Ok(Found { waiting, ..Found::open(store, at, dossier)? })
}

fn past(store: &Store, at: &Standpoint, dossier: &Dossier) -> Result<History, CommandError> {
    let governing = governing(&at.version, dossier.request.value(), &dossier.texts);
    Ok(store.index().past(&hazard::subject(dossier, &governing), at.height)?)
}

impl Found {
    /// An open request, judged at `at`, with what had landed before it.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn open(store: &Store, at: &Standpoint, dossier: Dossier) -> Result<Self, CommandError> {
        let past = past(store, at, &dossier)?;
        Ok(Self { dossier, landed: None, judged: at.clone(), waiting: None, past })
    }

    /// How it is judged at `now`; for a landed claim: as of the claim.
    pub fn state(&self, now: Timestamp) -> State {
        let now = match &self.dossier.claim {
            Some(claim) if self.landed.is_some() => claim.value().claimed,
            _ => now,
        };
        evaluate(&self.judged.version, &self.dossier, now)
    }
}

/// The words for a request.
pub fn describe(context: &Context<'_>, found: &Found) -> RequestReport {
    let now = context.world.clock.now();
    let state = found.state(now);
    let (word, why) = conclude(found, &state);
    let dossier = &found.dossier;
    let request = dossier.request.value();
    let standing = state.standing();
    let outcome = dossier.outcome.as_ref().map(|outcome| outcome_view(outcome.value()));
    let environments = standing.governing.environments.named().map(str::to_owned).collect();
    let (bound, mut unbound) = bound::bindings(&request.command);
    unbound.extend(bound::inside(&request.command, &standing.governing));
    if request.runner != request.requester {
        unbound.push(format!("home and user name are `{}`'s", request.runner));
    }
    RequestReport {
        id: dossier.id.to_string(),
        state: word,
        reason_for_state: why,
        landed: found.landed.is_some(),
        command: shown::bytes(&canonical_text(&request.command.argv)),
        argv: request.command.argv.iter().map(|argument| encode(argument)).collect(),
        cwd: shown::line(&encode(&request.command.cwd)),
        requester: request.requester.to_string(),
        runner: request.runner.to_string(),
        host: shown::line(&request.host),
        reason: shown::line(&request.reason),
        retry_of: request.retry_of.map(|id| id.to_string()),
        environments,
        risk: risk::view(found, standing),
        created: request.created.to_string(),
        expires: standing.expires.to_string(),
        policies: policies(&found.judged.version, standing),
        opaque: standing.governing.tree.opaque.iter().map(|reason| shown::line(reason)).collect(),
        commands: standing
            .governing
            .tree
            .commands
            .iter()
            .map(|command| FoundCommand {
                text: shown::line(&command.text),
                via: command.via.iter().map(|place| shown::line(place)).collect(),
                policies: command.policies.clone(),
                flags: command.flags.iter().map(|flag| shown::line(flag)).collect(),
            })
            .collect(),
        bound,
        unbound,
        texts: bound::texts(&request.command, &dossier.texts),
        decisions: dossier.decisions.iter().map(|decision| decision_view(decision.value())).collect(),
        outcome,
        findings: dossier.findings.iter().map(|finding| shown::line(&finding.to_string())).collect(),
        you: None,
        asks_you: Vec::new(),
        since: None,
        denial: None,
        notified: Vec::new(),
    }
}

fn decision_view(decision: &Decision) -> DecisionView {
    DecisionView {
        reviewer: decision.reviewer.to_string(),
        verdict: decision.verdict.as_str().to_owned(),
        comment: shown::line(&decision.comment),
        answers: decision.answers.iter().map(|(seat, answer)| (seat.to_string(), shown::line(answer))).collect(),
        suggest: decision.suggest.as_deref().map(shown::line),
        decided: decision.decided.to_string(),
        review_seconds: decision.review_seconds(),
    }
}

/// The word for where it stands, and why.
fn conclude(found: &Found, state: &State) -> (String, String) {
    let outcome = found.dossier.outcome.as_ref().map(|outcome| outcome.value());
    if let Some(landed) = &found.landed {
        let waiting = found.waiting.as_ref().and_then(|waits| waits.outcome.as_ref());
        return match (&landed.ending, outcome) {
            (LandedEnding::Claimed { runner, .. }, None) => (
                "claimed".to_owned(),
                match waiting {
                    Some(outcome) => format!("{}; CI has not landed that on main yet", ended(outcome)),
                    None => format!("`{runner}` spent it; what came of it is not known yet, and it never runs again"),
                },
            ),
            (LandedEnding::Claimed { .. }, Some(outcome)) => (outcome.ending.as_str().to_owned(), ended(outcome)),
            (LandedEnding::Denied, _) => ("denied".to_owned(), denied(state)),
            (other, outcome) => (other.as_str().to_owned(), outcome.map(ended).unwrap_or_default()),
        };
    }
    let why = match state {
        State::Pending(standing) => missing(standing),
        State::Approved(..) if found.waiting.is_some() => {
            let runner = &found.dossier.request.value().runner;
            format!("`{runner}` has claimed it; it runs once CI has landed the claim on main")
        }
        State::Approved(..) => {
            format!("every policy is satisfied; `{}` may run it", found.dossier.request.value().runner)
        }
        State::Denied(..) => denied(state),
        State::Expired(standing) => format!("nobody claimed it until {}", standing.expires),
        State::Withdrawn(outcome, _) => ended(outcome),
        State::Refused(reason, _) | State::Blocked(reason, _) => reason.clone(),
    };
    let by_ci = found.judged.version.config().land == Land::Ci;
    let why = match state {
        State::Denied(..) | State::Withdrawn(..) | State::Refused(..) if by_ci => format!("{why}; not landed yet"),
        _ => why,
    };
    (state.as_str().to_owned(), shown::line(&why))
}

fn denied(state: &State) -> String {
    match state {
        State::Denied(decision, _) => format!("`{}` denied it: {}", decision.reviewer, shown::line(&decision.comment)),
        _ => "a reviewer denied it".to_owned(),
    }
}

/// What is missing, in one line: each policy once.
pub fn missing(standing: &Standing) -> String {
    let needs = |(name, tally): &(String, Tally)| {
        if let Some(reason) = &tally.impossible {
            return Some(format!("policy `{name}` can never be met: {reason}"));
        }
        let parts: Vec<String> = tally.missing.iter().map(needed).collect();
        (!parts.is_empty()).then(|| format!("policy `{name}` needs {}", parts.join(", ")))
    };
    standing.tallies.iter().filter_map(needs).collect::<Vec<_>>().join("; ")
}

/// `1 more of `dba` (dave, erin)`, a long list of people cut short.
fn needed(missing: &Missing) -> String {
    const SHOWN: usize = 8;
    let who: Vec<&str> = missing.who.iter().map(|name| name.as_str()).take(SHOWN).collect();
    match missing.who.len().saturating_sub(SHOWN) {
        0 if who.is_empty() => missing.what.clone(),
        0 => format!("{} ({})", missing.what, who.join(", ")),
        more => format!("{} ({} and {more} more)", missing.what, who.join(", ")),
    }
}

fn ended(outcome: &Outcome) -> String {
    match &outcome.ending {
        Ending::Executed(execution) => match execution.end {
            End::Exit(code) => format!("it ran and exited with {code}"),
            End::Signal(signal) => format!("it ran, and signal {signal} ended it"),
        },
        Ending::NotRun { reason } => format!("its approval is spent, it did not run: {}", shown::line(reason)),
        Ending::Unknown { reason } => format!("whether it ran is not known: {}", shown::line(reason)),
        Ending::Expired => "nobody claimed it in time".to_owned(),
        Ending::Withdrawn { reason } if reason.is_empty() => format!("`{}` withdrew it", outcome.author),
        Ending::Withdrawn { reason } => format!("`{}` withdrew it: {}", outcome.author, shown::line(reason)),
        Ending::Refused { reason } => shown::line(reason),
    }
}

fn outcome_view(outcome: &Outcome) -> OutcomeView {
    let mut view = OutcomeView {
        ending: outcome.ending.as_str().to_owned(),
        exit: None,
        signal: None,
        started: None,
        duration_ms: None,
        pin: None,
        reason: None,
        author: outcome.author.to_string(),
    };
    match &outcome.ending {
        Ending::Executed(execution) => {
            match execution.end {
                End::Exit(code) => view.exit = Some(code),
                End::Signal(signal) => view.signal = Some(signal),
            }
            view.started = Some(execution.started.to_string());
            view.duration_ms = Some(execution.duration_ms);
            view.pin = Some(execution.pin.as_str().to_owned());
        }
        Ending::NotRun { reason }
        | Ending::Unknown { reason }
        | Ending::Withdrawn { reason }
        | Ending::Refused { reason } => {
            view.reason = Some(shown::line(reason));
        }
        Ending::Expired => {}
    }
    view
}

fn policies(version: &PolicyVersion, standing: &Standing) -> Vec<PolicyStanding> {
    standing
        .governing
        .policies
        .iter()
        .map(|name| {
            let tally = standing.tallies.iter().find(|(tallied, _)| tallied == name).map(|(_, tally)| tally);
            let policy = version.config().get(name);
            let allowed =
                policy.is_some_and(|policy| policy.requirement == crate::domain::requirement::Requirement::Allow);
            PolicyStanding {
                name: name.clone(),
                met: tally.map_or(allowed, |tally| tally.met),
                counted: tally.map_or_else(Vec::new, |tally| {
                    let view = |counted: &crate::gate::quorum::Counted| CountedView {
                        reviewer: counted.reviewer.to_string(),
                        seat: counted.seat.as_ref().map(ToString::to_string),
                    };
                    tally.counted.iter().map(view).collect()
                }),
                not_counted: tally.map_or_else(Vec::new, |tally| {
                    let view = |(reviewer, why): &(crate::domain::principal::Name, crate::gate::quorum::NotCounted)| {
                        NotCountedView { reviewer: reviewer.to_string(), why: shown::line(&why.to_string()) }
                    };
                    tally.not_counted.iter().map(view).collect()
                }),
                missing: tally.map_or_else(Vec::new, |tally| {
                    let view = |missing: &Missing| MissingView {
                        what: missing.what.clone(),
                        who: missing.who.iter().map(ToString::to_string).collect(),
                    };
                    tally.missing.iter().map(view).collect()
                }),
                impossible: tally.and_then(|tally| tally.impossible.clone()),
                flags: tally.map_or_else(Vec::new, |tally| tally.flags.clone()),
                questions: policy.map_or_else(Vec::new, |policy| {
                    let question = |(seat, question): &(crate::domain::principal::Name, String)| {
                        (seat.to_string(), shown::line(question))
                    };
                    policy.care.questions.iter().map(question).collect()
                }),
                require_comment: policy.is_some_and(|policy| policy.care.require_comment),
                min_review_seconds: policy.and_then(|policy| policy.care.min_review_time).map(|least| least.seconds()),
            }
        })
        .collect()
}
