//! Who counts: the only code that counts people (spec section 2).
//!
//! `run`, `approve`, `verify`, the dashboard and every report ask [`tally`]. It counts persons, never
//! keys or signatures, and the order in which votes arrive never matters.

mod clock;
mod fewest;
mod panel;
mod reasons;
mod seating;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use fewest::fewest;
pub use reasons::NotCounted;

use crate::domain::decision::{Decision, Verdict};
use crate::domain::policy::Policy;
use crate::domain::principal::{Name, Roster};
use crate::domain::requirement::{Escalation, Operators, Presence, Requirement, When};
use crate::domain::risk::Heat;
use crate::domain::time::Timestamp;
use crate::gate::quorum::clock::Clock;
use crate::gate::quorum::panel::Panel;
use crate::gate::quorum::seating::Hands;

/// Who asks, under which roster.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The principal that signed the request.
    pub requester: &'a Name,
    /// The roster in force where it is judged.
    pub roster: &'a Roster,
}

/// A verified decision; one reviewer may have made several.
#[derive(Debug, Clone, Copy)]
pub struct Vote<'a> {
    /// What was signed.
    pub decision: &'a Decision,
    /// What the key that signed it proved.
    pub presence: Presence,
    /// The request's, with what had landed at the decision's base.
    pub heat: Heat,
}

/// The times and the heat against which the conditions of escalations are held.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The claim's time; where there is none yet, now.
    pub now: Timestamp,
    /// The request's `created`.
    pub requested: Timestamp,
    /// The policy set's; with a name this machine does not know, all hours hold.
    pub time_zone: &'a str,
    /// The request's, with what had landed at its base.
    pub heat: Heat,
}

/// What one policy makes of the votes on one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Whether enough different, qualified people approved; exactly when nothing is missing.
    pub met: bool,
    /// Whose approval counts, by name, each person once.
    pub counted: Vec<Counted>,
    /// Whose approval does not count, by name, with the reason nearest to counting.
    pub not_counted: Vec<(Name, NotCounted)>,
    /// What is still needed.
    pub missing: Vec<Missing>,
    /// Why it can never be met for this requester, whoever approves.
    pub impossible: Option<String>,
    /// What a reader of this tally must know: operators that count, escalations that hold.
    pub flags: Vec<String>,
}

/// Somebody whose approval counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    /// The person.
    pub reviewer: Name,
    /// The entry of `reviewers` they fill; none outside `all_of`, and for whom no seat is left.
    pub seat: Option<Name>,
}

/// Something still needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// In words: "2 more of `dba`".
    pub what: String,
    /// Who could bring it by approving, as things stand.
    pub who: Vec<Name>,
}

/// Counts the approvals of a request under one policy; denials are the caller's business ([`may_deny`]).
///
/// An approval for which the condition of an escalation holds (its hour, what had landed at its base) counts only if what it brings outweighs what it
/// raises, so that a further approval never undoes a quorum.
pub fn tally(policy: &Policy, asking: &Asking<'_>, votes: &[Vote<'_>], moment: &Moment<'_>) -> Tally {
    match policy.requirement {
        Requirement::Allow => return Tally { met: true, ..Tally::default() },
        Requirement::Deny => {
            let impossible = Some(format!("policy `{}` denies whatever it governs", policy.name));
            return Tally { impossible, ..Tally::default() };
        }
        Requirement::Review(_) => {}
    }
    let panel = Panel::new(policy, asking);
    let clock = Clock::new(moment.time_zone);
    let (held, conditions) = clock.sort(&policy.escalations, moment);

    let mut cast: Vec<(&Name, BTreeSet<usize>, u32)> = Vec::new();
    let mut refused: BTreeMap<Name, NotCounted> = BTreeMap::new();
    for vote in votes.iter().filter(|vote| vote.decision.verdict == Verdict::Approve) {
        match panel.weigh(vote) {
            Ok((person, seats)) => {
                cast.push((person, seats, clock.mask(&conditions, vote.decision.decided, vote.heat)))
            }
            Err(reason) => {
                let kept = refused.entry(vote.decision.reviewer.clone()).or_insert_with(|| reason.clone());
                *kept = reason.max(kept.clone());
            }
        }
    }

    // Which conditions may hold for the counted approvals: all that occur at first, then fewer.
    let try_within = |mask: u32| {
        let mut hands = Hands::new();
        let mut hit = 0;
        for (person, seats, within) in cast.iter().filter(|(_, _, within)| within & !mask == 0) {
            hands.entry(*person).or_default().extend(seats);
            hit |= within;
        }
        let entered = |at: usize| hit & (1 << at) != 0;
        let entered = conditions.iter().enumerate().filter(|(at, _)| entered(*at)).map(|(_, when)| *when);
        let entered: Vec<When> = entered.collect();
        let raised = |escalation: &&Escalation| held.contains(escalation) || entered.contains(&escalation.when);
        let raised: Vec<&Escalation> = policy.escalations.iter().filter(raised).collect();
        let standing = panel.stand(&hands, &raised, &panel.open(&hands));
        (hands, raised, standing)
    };
    let all = cast.iter().fold(0, |all, (_, _, within)| all | within);
    let (hands, raised, standing) = (0..=all)
        .rev()
        .filter(|mask| mask & !all == 0)
        .map(try_within)
        .find(|(_, _, standing)| standing.missing.is_empty())
        .unwrap_or_else(|| try_within(all));

    for (person, _, _) in cast.iter().filter(|(person, _, _)| !hands.contains_key(person)) {
        refused.insert((*person).clone(), NotCounted::Spare);
    }
    refused.retain(|person, _| !hands.contains_key(person));
    let lasts = |escalation: &&Escalation| clock.holds(escalation.when, moment.requested, moment.heat);
    let lasting: Vec<&Escalation> = policy.escalations.iter().filter(lasts).collect();
    let solo = (policy.operators == Operators::Count).then(|| "operators count like anyone (solo use)".to_owned());
    Tally {
        met: standing.missing.is_empty(),
        counted: hands
            .keys()
            .map(|person| Counted { reviewer: (*person).clone(), seat: standing.seats.get(person).copied().cloned() })
            .collect(),
        not_counted: refused.into_iter().collect(),
        impossible: panel.impossible(&lasting),
        missing: standing.missing,
        flags: solo.into_iter().chain(raised.iter().map(|escalation| reasons::escalation(escalation))).collect(),
    }
}

/// Whether an approval by `person` could count, before what it must bring (time, comment, answers, key).
///
/// # Errors
/// Why it could not, to be told before anything is signed.
pub fn may_decide(policy: &Policy, asking: &Asking<'_>, person: &Name) -> Result<(), NotCounted> {
    Panel::new(policy, asking).admit(person).map(|_| ())
}

/// Whether a denial by `person` ends the request.
///
/// Anyone who may fill a seat, operators included; separation takes only the right to approve away.
pub fn may_deny(policy: &Policy, asking: &Asking<'_>, person: &Name) -> bool {
    person != asking.requester && policy.pool(asking.roster).contains(person)
}
