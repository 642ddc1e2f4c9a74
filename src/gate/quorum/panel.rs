//! Whose approval could count, and for which seats.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::policy::{Policy, people};
use crate::domain::principal::{Kind, Name, Roster};
use crate::domain::requirement::{Entry, Operators, Quorum, Requirement, Separation};
use crate::gate::quorum::reasons::NotCounted;
use crate::gate::quorum::seating::Hands;
use crate::gate::quorum::{Asking, Vote};

/// One entry of `reviewers`, or for `"dba/*"` one of its members.
pub(super) struct Seat<'a> {
    pub(super) entry: &'a Name,
    pub(super) who: BTreeSet<&'a Name>,
}

/// Who sits in judgement over one request under one policy.
pub(super) struct Panel<'a> {
    pub(super) policy: &'a Policy,
    pub(super) roster: &'a Roster,
    pub(super) requester: &'a Name,
    /// The persons who operate the requester.
    pub(super) operators: &'a [Name],
    /// None where the policy asks nobody.
    pub(super) quorum: Option<&'a Quorum>,
    pub(super) min_role: Option<&'a str>,
    pub(super) seats: Vec<Seat<'a>>,
    /// How many people each of `seats` takes; at least 1.
    pub(super) places: Vec<usize>,
    /// Everyone the policy names, whoever asks.
    pub(super) pool: BTreeSet<Name>,
}

impl<'a> Panel<'a> {
    pub(super) fn new(policy: &'a Policy, asking: &Asking<'a>) -> Self {
        let (quorum, min_role) = match &policy.requirement {
            Requirement::Review(review) => (Some(&review.quorum), review.min_role.as_deref()),
            Requirement::Allow | Requirement::Deny => (None, None),
        };
        let roster = asking.roster;
        let mut panel = Self {
            policy,
            roster,
            requester: asking.requester,
            // INVARIANT: only agents and runners have operators (Roster).
            operators: roster.get(asking.requester).map_or(&[], |principal| &principal.operators),
            quorum,
            min_role,
            seats: Vec::new(),
            places: Vec::new(),
            pool: policy.pool(roster),
        };
        for entry in quorum.map(Quorum::entries).unwrap_or_default() {
            let names = people(entry.name(), roster);
            let who: BTreeSet<&Name> = names.iter().filter_map(|name| roster.get(name)).map(|p| &p.id).collect();
            match entry {
                // A group without persons is a seat that nobody can fill, not one that nobody need fill.
                Entry::Every(group) if !who.is_empty() => {
                    who.into_iter().for_each(|member| panel.seat(group, BTreeSet::from([member]), 1));
                }
                Entry::One(name) | Entry::Every(name) => panel.seat(name, who, 1),
                Entry::Count(group, count) => panel.seat(group, who, *count as usize),
            }
        }
        panel
    }

    fn seat(&mut self, entry: &'a Name, who: BTreeSet<&'a Name>, places: usize) {
        self.seats.push(Seat { entry, who });
        self.places.push(places.max(1));
    }

    pub(super) fn is_operator(&self, person: &Name) -> bool {
        self.operators.contains(person)
    }

    /// The person whose approval could count; the checks that no wording of an approval changes.
    pub(super) fn admit(&self, person: &Name) -> Result<&'a Name, NotCounted> {
        let Some(requester) = self.roster.get(self.requester) else {
            return Err(NotCounted::UnknownRequester { requester: self.requester.clone() });
        };
        if *person == requester.id {
            return Err(NotCounted::Requester);
        }
        let principal = self.roster.get(person).ok_or(NotCounted::NotInRoster)?;
        if principal.kind != Kind::Person {
            return Err(NotCounted::NotAPerson);
        }
        if !self.pool.contains(person) {
            return Err(match (self.quorum, self.min_role) {
                (Some(Quorum::MinRole { .. }), Some(role)) => NotCounted::RoleTooLow { needs: role.to_owned() },
                _ => NotCounted::NotASeat,
            });
        }
        if self.policy.operators == Operators::Exclude && self.is_operator(person) {
            return Err(NotCounted::Operator { requester: self.requester.clone() });
        }
        let side = std::iter::once(&requester.id).chain(self.operators).filter_map(|id| self.roster.get(id));
        match self.policy.separation {
            None => {}
            Some(Separation::Team) => {
                let team = principal.team.as_ref().ok_or_else(|| NotCounted::NoTeam { who: person.clone() })?;
                for asker in side {
                    match &asker.team {
                        None => return Err(NotCounted::NoTeam { who: asker.id.clone() }),
                        Some(own) if own == team => {
                            return Err(NotCounted::SameTeam { team: team.clone(), with: asker.id.clone() });
                        }
                        Some(_) => {}
                    }
                }
            }
            Some(Separation::Role) => {
                let role = principal.role.as_ref().ok_or_else(|| NotCounted::NoRole { who: person.clone() })?;
                let mut askers = side.filter(|asker| asker.role.is_some()).peekable();
                if askers.peek().is_none() {
                    return Err(NotCounted::NoRole { who: self.requester.clone() });
                }
                if let Some(asker) = askers.find(|asker| asker.role.as_ref() == Some(role)) {
                    return Err(NotCounted::SameRole { role: role.clone(), with: asker.id.clone() });
                }
            }
        }
        Ok(&principal.id)
    }

    /// The seats an approval may fill; outside `all_of` an empty set of them still counts.
    pub(super) fn weigh(&self, vote: &Vote<'_>) -> Result<(&'a Name, BTreeSet<usize>), NotCounted> {
        let decision = vote.decision;
        let person = self.admit(&decision.reviewer)?;
        let care = &self.policy.care;
        if vote.presence < care.require_key {
            return Err(NotCounted::WeakKey { needs: care.require_key });
        }
        let took = decision.review_seconds();
        let least = care.min_review_time.map_or(0, |least| least.seconds());
        if took < least {
            return Err(NotCounted::TooFast { took, least });
        }
        if care.require_comment && is_blank(&decision.comment) {
            return Err(NotCounted::NoComment);
        }
        let role = self.roster.get(person).and_then(|principal| principal.role.as_deref());
        let mut unanswered = care
            .questions
            .iter()
            .filter(|(key, _)| decision.answers.get(key).is_none_or(|answer| is_blank(answer)))
            .map(|(key, question)| (key, NotCounted::NoAnswer { seat: key.clone(), question: question.clone() }))
            .collect::<BTreeMap<_, _>>();
        // A key that names no entry names a role; with `min_role` alone, the seat of everyone who counts.
        let of_min_role = |key: &Name| self.seats.is_empty() && self.min_role == Some(key.as_str());
        let is_entry = |key: &Name| self.seats.iter().any(|seat| seat.entry == key);
        let own = |key: &Name| !is_entry(key) && (role == Some(key.as_str()) || of_min_role(key));
        if let Some(key) = unanswered.keys().copied().find(|key| own(key)) {
            return Err(unanswered.remove(key).unwrap_or(NotCounted::NotASeat));
        }
        let (asked, free): (Vec<_>, Vec<_>) = self
            .seats
            .iter()
            .enumerate()
            .filter(|(_, seat)| seat.who.contains(person))
            .partition(|(_, seat)| unanswered.contains_key(seat.entry));
        match asked.first().and_then(|(_, seat)| unanswered.remove(seat.entry)) {
            Some(reason) if free.is_empty() || !self.is_all_of() => Err(reason),
            _ => Ok((person, free.into_iter().map(|(at, _)| at).collect())),
        }
    }

    pub(super) fn is_all_of(&self) -> bool {
        matches!(self.quorum, Some(Quorum::AllOf(_)))
    }

    /// Everyone whose approval could still come to count, the ones already in `hands` left out.
    pub(super) fn open(&self, hands: &Hands<'a>) -> Hands<'a> {
        let admitted = self.pool.iter().filter_map(|person| self.admit(person).ok());
        let seats = |person: &Name| {
            let may = self.seats.iter().enumerate().filter(|(_, seat)| seat.who.contains(person));
            may.map(|(at, _)| at).collect()
        };
        admitted.filter(|person| !hands.contains_key(person)).map(|person| (person, seats(person))).collect()
    }
}

/// Whether a text shows nothing: white space, control characters, the invisible ones of Unicode.
fn is_blank(text: &str) -> bool {
    text.chars().all(|character| {
        character.is_whitespace()
            || character.is_control()
            || matches!(character,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
    })
}
