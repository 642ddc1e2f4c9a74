//! How far a set of approvals goes, and what it leaves missing.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::principal::Name;
use crate::domain::requirement::{Escalation, Operators, Quorum};
use crate::gate::quorum::Missing;
use crate::gate::quorum::panel::Panel;
use crate::gate::quorum::seating::{Hands, Seating};
/// How far a set of approvals goes.
pub(super) struct Standing<'a> {
    /// Who fills which entry of `all_of`.
    pub(super) seats: BTreeMap<&'a Name, &'a Name>,
    /// Empty when the quorum stands.
    pub(super) missing: Vec<Missing>,
}

impl<'a> Panel<'a> {
    /// What these approvals fill and what they leave missing, under these escalations.
    pub(super) fn stand(&'a self, hands: &Hands<'a>, raised: &[&'a Escalation], open: &Hands<'a>) -> Standing<'a> {
        let least = raised.iter().filter_map(|e| e.min_approvals).max().unwrap_or(0);
        let layered = self.min_role.filter(|_| !matches!(self.quorum, Some(Quorum::MinRole { .. })));
        let roles: BTreeSet<&str> =
            layered.into_iter().chain(raised.iter().filter_map(|e| e.min_role.as_deref())).collect();
        // Roles are ranked: who holds all of them holds the highest.
        let ranks = |person: &Name| roles.iter().all(|role| self.roster.holds(person, role));
        let outsider = |person: &Name| self.policy.operators != Operators::NotSole || !self.is_operator(person);
        let mut missing = Vec::new();
        let mut need = |what: String, who: Vec<&Name>| {
            missing.push(Missing { what, who: who.into_iter().cloned().collect() });
        };
        let of_open = |fits: &dyn Fn(&Name) -> bool| open.keys().copied().filter(|p| fits(p)).collect::<Vec<_>>();

        let mut seats = BTreeMap::new();
        match self.quorum {
            Some(Quorum::AllOf(_)) => {
                let pair = self.pair(hands, &ranks, &outsider);
                let seating = Seating::fill(&self.places, hands, &pair.unwrap_or_default());
                let seat_of = |person: &&'a Name| Some((*person, self.seats.get(seating.seat_of(person)?)?.entry));
                seats = hands.keys().filter_map(seat_of).collect();
                let mut empty: BTreeMap<&Name, (usize, Vec<usize>)> = BTreeMap::new();
                for (at, seat) in self.seats.iter().enumerate().filter(|(at, _)| seating.empty(*at) > 0) {
                    let (places, which) = empty.entry(seat.entry).or_default();
                    *places = places.saturating_add(seating.empty(at));
                    which.push(at);
                }
                let vacant = empty.values().fold(0_usize, |sum, (places, _)| sum.saturating_add(*places));
                for (entry, (places, which)) in empty {
                    let what = match self.roster.group(entry) {
                        Some(_) => format!("{places} more of `{entry}`"),
                        None => format!("`{entry}`"),
                    };
                    need(what, seating.could_fill(&which, hands, open));
                }
                if self.seats.is_empty() {
                    need("a reviewer: this policy names none".to_owned(), Vec::new());
                }
                let lacking = (least as usize).saturating_sub(hands.len()).saturating_sub(vacant);
                if lacking > 0 {
                    need(format!("{lacking} more of its reviewers"), of_open(&|_| true));
                }
            }
            Some(Quorum::AnyOf { count, .. } | Quorum::MinRole { count }) => {
                let lacking = ((*count).max(least).max(1) as usize).saturating_sub(hands.len());
                if lacking > 0 {
                    need(format!("{lacking} more {}", self.pool_words()), of_open(&|_| true));
                }
            }
            None => need("a policy that asks for reviewers".to_owned(), Vec::new()),
        }
        let has_rank = hands.keys().any(|person| ranks(person));
        let has_outsider = hands.keys().any(|person| outsider(person));
        let highest = roles.iter().max_by_key(|role| self.roster.rank(role).map_or(usize::MAX, |rank| rank));
        let holding = highest.map_or_else(String::new, |role| format!("one holding `{role}` or higher"));
        let outside = format!("someone who does not operate `{}`", self.requester);
        if !roles.is_empty() && !has_rank {
            need(holding.clone(), of_open(&ranks));
        }
        if !hands.is_empty() && !has_outsider {
            need(outside.clone(), of_open(&outsider));
        }
        if self.is_all_of() && has_rank && has_outsider && self.pair(hands, &ranks, &outsider).is_none() {
            let helps = |person: &Name| {
                let seats = open.get_key_value(person);
                let more = hands.iter().chain(seats).map(|(name, seats)| (*name, seats.clone())).collect();
                self.pair(&more, &ranks, &outsider).is_some()
            };
            need(format!("{holding} and {outside}, in two seats"), of_open(&helps));
        }
        Standing { seats, missing }
    }

    /// One or two people who together bring rank and distance, and can be seated at once.
    ///
    /// Any such set extends to a seating that fills as many places as any other does.
    fn pair(
        &self,
        hands: &Hands<'a>,
        ranks: &dyn Fn(&Name) -> bool,
        outsider: &dyn Fn(&Name) -> bool,
    ) -> Option<Vec<&'a Name>> {
        if let Some(person) = hands.keys().find(|person| ranks(person) && outsider(person)) {
            return Some(vec![person]);
        }
        let places = |one: &BTreeSet<usize>, other: &BTreeSet<usize>| {
            one.union(other).filter_map(|at| self.places.get(*at)).fold(0_usize, |sum, n| sum.saturating_add(*n))
        };
        hands.iter().filter(|(person, _)| ranks(person)).find_map(|(high, may)| {
            let mut outsiders = hands.iter().filter(|(person, _)| outsider(person));
            outsiders.find(|(_, other)| places(may, other) >= 2).map(|(other, _)| vec![*high, *other])
        })
    }

    fn pool_words(&self) -> String {
        match self.quorum {
            Some(Quorum::MinRole { .. }) => format!("holding `{}` or higher", self.min_role.unwrap_or("?")),
            quorum => {
                let names: BTreeSet<&str> =
                    quorum.map(Quorum::entries).unwrap_or_default().iter().map(|e| e.name().as_str()).collect();
                format!("of `{}`", names.into_iter().collect::<Vec<_>>().join("`, `"))
            }
        }
    }

    /// Whether even everyone who may approve could not meet it, and who of the pool may not.
    pub(super) fn impossible(&'a self, lasting: &[&'a Escalation]) -> Option<String> {
        let everyone = self.open(&Hands::new());
        let missing = self.stand(&everyone, lasting, &Hands::new()).missing;
        let lacking: Vec<&str> = missing.iter().map(|missing| missing.what.as_str()).collect();
        if lacking.is_empty() {
            return None;
        }
        let excluded: Vec<String> = self
            .pool
            .iter()
            .filter_map(|person| self.admit(person).err().map(|reason| format!("`{person}` {reason}")))
            .collect();
        let shown = excluded.iter().take(3).map(|why| format!("; {why}")).collect::<String>();
        let rest = if excluded.len() > 3 { format!("; and {} others", excluded.len() - 3) } else { String::new() };
        Some(format!("even if everyone who may approve does, it lacks {}{shown}{rest}", lacking.join(", ")))
    }
}
