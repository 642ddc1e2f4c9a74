//! The one judge: `run`, `approve`, `verify` and every screen ask here.

use crate::domain::decision::{Decision, Verdict};
use crate::domain::outcome::Ending;
use crate::domain::policy::Policy;
use crate::domain::principal::Name;
use crate::domain::requirement::Requirement;
use crate::domain::time::{Lifetime, Timestamp};
use crate::gate::authorized::Authorized;
use crate::gate::dossier::Dossier;
use crate::gate::governing::{Gate, Governing, governing};
use crate::gate::hazard::heat;
use crate::gate::quorum::{Asking, Moment, NotCounted, Tally, Vote, may_decide, may_deny, tally};
use crate::gate::state::{Standing, State};
use crate::trust::root::PolicyVersion;
use crate::trust::verify::Verified;

/// How far the requester's clock may be ahead: a request from the future would never expire.
const CLOCK_SKEW: Lifetime = Lifetime::minutes(5);

/// Judges a request under one policy version at one moment.
///
/// A doubt is never a yes: whatever is not plainly approved comes out as something else.
pub fn evaluate(version: &PolicyVersion, dossier: &Dossier, now: Timestamp) -> State {
    let standing = stand(version, dossier, now);
    let request = dossier.request.value();
    if let Some(outcome) = dossier.outcome.as_ref().map(|outcome| outcome.value())
        && matches!(outcome.ending, Ending::Withdrawn { .. })
        && outcome.author == request.requester
    {
        return State::Withdrawn(Box::new(outcome.clone()), standing);
    }
    if let Some(denial) = denials(version, dossier).next() {
        return State::Denied(Box::new(denial.clone()), standing);
    }
    if let Gate::Deny(reason) = &standing.governing.gate {
        return State::Refused(reason.clone(), standing);
    }
    if now > standing.expires {
        return State::Expired(standing);
    }
    if request.created > now.plus(CLOCK_SKEW) {
        return State::Blocked(format!("it is dated {}, which lies in the future", request.created), standing);
    }
    if let Some(reason) = unclaimable(version, dossier, &standing.governing) {
        return State::Blocked(reason, standing);
    }
    let met = standing.tallies.iter().all(|(_, tally)| tally.met);
    let asked = standing.governing.gate == Gate::Allow || !standing.tallies.is_empty();
    if met && asked {
        let authorized = Box::new(Authorized::mint(dossier, standing.expires));
        State::Approved(authorized, standing)
    } else {
        State::Pending(standing)
    }
}

/// What no approval can mend.
fn unclaimable(version: &PolicyVersion, dossier: &Dossier, governing: &Governing) -> Option<String> {
    let request = dossier.request.value();
    if !dossier.requester_stands(version) {
        return Some(format!("the key of requester `{}` is not in the roster in force", request.requester));
    }
    if let Some(taint) = dossier.branch.taint.first() {
        return Some(format!("its branch holds more than its records: {taint}"));
    }
    if version.roster().get(&request.runner).is_none() {
        return Some(format!("runner `{}` is not in the roster in force", request.runner));
    }
    let named = governing.runner.as_ref().unwrap_or(&request.requester);
    if *named != request.runner {
        return Some(format!("policy names the runner `{named}`, the request `{}`", request.runner));
    }
    None
}

fn stand(version: &PolicyVersion, dossier: &Dossier, now: Timestamp) -> Standing {
    let request = dossier.request.value();
    let governing = governing(version, request, &dossier.texts);
    let expires = request.expires.min(request.created.plus(governing.timeout));
    let tallies = tallies(version, dossier, &governing, dossier.decisions.iter(), now);
    Standing { governing, tallies, expires }
}

/// What each policy makes of one decision alone: why it does not count, where another of the same reviewer does.
pub fn singly(
    version: &PolicyVersion,
    dossier: &Dossier,
    governing: &Governing,
    decision: &Verified<Decision>,
    now: Timestamp,
) -> Vec<(String, Tally)> {
    tallies(version, dossier, governing, std::iter::once(decision), now)
}

/// What each policy that asks people makes of the approvals among `decisions`.
fn tallies<'a>(
    version: &PolicyVersion,
    dossier: &Dossier,
    governing: &Governing,
    decisions: impl Iterator<Item = &'a Verified<Decision>>,
    now: Timestamp,
) -> Vec<(String, Tally)> {
    let request = dossier.request.value();
    let asking = Asking { requester: &request.requester, roster: version.roster() };
    let heat = |base| heat(version, dossier, governing, base);
    let time_zone = &version.config().time_zone;
    let moment = Moment { now, requested: request.created, time_zone, heat: heat(&request.place.base) };
    let votes: Vec<Vote<'_>> = decisions
        .filter(|decision| decision.value().verdict == Verdict::Approve)
        .map(|decision| {
            let (value, presence) = (decision.value(), decision.presence());
            Vote { decision: value, presence, heat: heat(&value.place.base) }
        })
        .collect();
    reviews(version, governing).map(|policy| (policy.name.clone(), tally(policy, &asking, &votes, &moment))).collect()
}

/// The governing policies that ask people.
fn reviews<'a>(version: &'a PolicyVersion, governing: &'a Governing) -> impl Iterator<Item = &'a Policy> {
    governing
        .policies
        .iter()
        .filter_map(|name| version.config().get(name))
        .filter(|policy| matches!(policy.requirement, Requirement::Review(_)))
}

/// Denials by people who may deny, oldest first.
fn denials<'a>(version: &'a PolicyVersion, dossier: &'a Dossier) -> impl Iterator<Item = &'a Decision> {
    dossier
        .decisions
        .iter()
        .chain(&dossier.doubts)
        .map(|decision| decision.value())
        .filter(|decision| decision.verdict == Verdict::Deny)
        .filter(|decision| denier(version, dossier, &decision.reviewer))
}

/// Whether this person's denial ends the request.
pub fn denier(version: &PolicyVersion, dossier: &Dossier, person: &Name) -> bool {
    let request = dossier.request.value();
    let governing = governing(version, request, &dossier.texts);
    let asking = Asking { requester: &request.requester, roster: version.roster() };
    reviews(version, &governing).any(|policy| may_deny(policy, &asking, person))
}

/// Whether an approval by this person would count for a governing policy.
///
/// # Errors
/// For each policy that asks people, why it would not; empty where none asks.
pub fn approver(version: &PolicyVersion, dossier: &Dossier, person: &Name) -> Result<(), Vec<(String, NotCounted)>> {
    let request = dossier.request.value();
    let governing = governing(version, request, &dossier.texts);
    let asking = Asking { requester: &request.requester, roster: version.roster() };
    let mut reasons = Vec::new();
    for policy in reviews(version, &governing) {
        match may_decide(policy, &asking, person) {
            Ok(()) => return Ok(()),
            Err(reason) => reasons.push((policy.name.clone(), reason)),
        }
    }
    Err(reasons)
}
