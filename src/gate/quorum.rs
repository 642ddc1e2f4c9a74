//! Who counts: the only code that counts people (spec section 2).
//!
//! `run`, `approve`, `verify`, the dashboard and every report ask [`tally`]. It counts persons, never
//! keys or signatures, and the order in which votes arrive never matters.

mod reasons;
mod seating;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use reasons::NotCounted;

use crate::domain::decision::{Decision, Verdict};
use crate::domain::policy::{Policy, people};
use crate::domain::principal::{Kind, Name, Roster};
use crate::domain::requirement::{Entry, Escalation, Hours, Operators, Presence, Quorum, Requirement, Separation, When};
use crate::domain::time::Timestamp;
use crate::gate::quorum::seating::{Hands, Seating};

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
}

/// The times against which `hours` are held.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The claim's time; where there is none yet, now.
    pub now: Timestamp,
    /// The request's `created`.
    pub requested: Timestamp,
    /// The policy set's; with a name this machine does not know, all hours hold.
    pub time_zone: &'a str,
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

/// More different windows of `hours` than this hold always: they are tried in every combination.
const WINDOWS: usize = 6;

/// Counts the approvals of a request under one policy; denials are the caller's business ([`may_deny`]).
///
/// An approval inside the `hours` of an escalation counts only if what it brings outweighs what it
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
    let clock = Clock(jiff::tz::TimeZone::get(moment.time_zone).ok());
    let (held, windows) = clock.sort(&policy.escalations, moment);

    let mut cast: Vec<(&Name, BTreeSet<usize>, u32)> = Vec::new();
    let mut refused: BTreeMap<Name, NotCounted> = BTreeMap::new();
    for vote in votes.iter().filter(|vote| vote.decision.verdict == Verdict::Approve) {
        match panel.weigh(vote) {
            Ok((person, seats)) => cast.push((person, seats, clock.mask(&windows, vote.decision.decided))),
            Err(reason) => {
                let kept = refused.entry(vote.decision.reviewer.clone()).or_insert_with(|| reason.clone());
                *kept = reason.max(kept.clone());
            }
        }
    }

    // Which windows the counted approvals may lie in: all that occur at first, then fewer.
    let try_within = |mask: u32| {
        let mut hands = Hands::new();
        let mut hit = 0;
        for (person, seats, within) in cast.iter().filter(|(_, _, within)| within & !mask == 0) {
            hands.entry(*person).or_default().extend(seats);
            hit |= within;
        }
        let entered = |at: usize| hit & (1 << at) != 0;
        let entered = windows.iter().enumerate().filter(|(at, _)| entered(*at)).map(|(_, hours)| *hours);
        let entered: Vec<Hours> = entered.collect();
        let raised = |escalation: &&Escalation| held.contains(escalation) || entered.contains(&hours(escalation));
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
    let lasting = policy.escalations.iter().filter(|e| clock.inside(hours(e), moment.requested)).collect::<Vec<_>>();
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

fn hours(escalation: &Escalation) -> Hours {
    let When::Hours(hours) = escalation.when;
    hours
}

/// The policy's time zone; none where its name is unknown.
struct Clock(Option<jiff::tz::TimeZone>);

impl Clock {
    /// Whether `at` lies inside; fails closed.
    fn inside(&self, hours: Hours, at: Timestamp) -> bool {
        self.0.as_ref().is_none_or(|zone| {
            let local = at.instant().to_zoned(zone.clone());
            let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
            u16::try_from(minute).map_or(true, |minute| hours.holds(minute))
        })
    }

    /// Escalations that hold whatever is decided, and the windows whose escalations depend on decisions.
    fn sort<'a>(&self, escalations: &'a [Escalation], moment: &Moment<'_>) -> (Vec<&'a Escalation>, Vec<Hours>) {
        let mut held = Vec::new();
        let mut windows = Vec::new();
        for escalation in escalations {
            let hours = hours(escalation);
            if self.inside(hours, moment.requested) || self.inside(hours, moment.now) {
                held.push(escalation);
            } else if !windows.contains(&hours) {
                if windows.len() < WINDOWS { windows.push(hours) } else { held.push(escalation) }
            }
        }
        (held, windows)
    }

    fn mask(&self, windows: &[Hours], at: Timestamp) -> u32 {
        let bit = |(nth, hours): (usize, &Hours)| if self.inside(*hours, at) { 1 << nth } else { 0 };
        windows.iter().enumerate().map(bit).fold(0, |mask, bit| mask | bit)
    }
}

/// One entry of `reviewers`, or for `"dba/*"` one of its members.
struct Seat<'a> {
    entry: &'a Name,
    who: BTreeSet<&'a Name>,
}

/// Who sits in judgement over one request under one policy.
struct Panel<'a> {
    policy: &'a Policy,
    roster: &'a Roster,
    requester: &'a Name,
    operators: &'a [Name],
    quorum: Option<&'a Quorum>,
    min_role: Option<&'a str>,
    seats: Vec<Seat<'a>>,
    places: Vec<usize>,
    pool: BTreeSet<Name>,
}

/// How far a set of approvals goes.
struct Standing<'a> {
    seats: BTreeMap<&'a Name, &'a Name>,
    missing: Vec<Missing>,
}

impl<'a> Panel<'a> {
    fn new(policy: &'a Policy, asking: &Asking<'a>) -> Self {
        let (quorum, min_role) = match &policy.requirement {
            Requirement::Review(review) => (Some(&review.quorum), review.min_role.as_deref()),
            Requirement::Allow | Requirement::Deny => (None, None),
        };
        let roster = asking.roster;
        let machine = roster.get(asking.requester).filter(|principal| principal.kind != Kind::Person);
        let mut panel = Self {
            policy,
            roster,
            requester: asking.requester,
            operators: machine.map_or(&[], |principal| &principal.operators),
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

    fn is_operator(&self, person: &Name) -> bool {
        self.operators.contains(person)
    }

    /// The person whose approval could count; the checks that no wording of an approval changes.
    fn admit(&self, person: &Name) -> Result<&'a Name, NotCounted> {
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
    fn weigh(&self, vote: &Vote<'_>) -> Result<(&'a Name, BTreeSet<usize>), NotCounted> {
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

    fn is_all_of(&self) -> bool {
        matches!(self.quorum, Some(Quorum::AllOf(_)))
    }

    /// Everyone whose approval could still come to count, the ones already in `hands` left out.
    fn open(&self, hands: &Hands<'a>) -> Hands<'a> {
        let admitted = self.pool.iter().filter_map(|person| self.admit(person).ok());
        let seats = |person: &Name| {
            let may = self.seats.iter().enumerate().filter(|(_, seat)| seat.who.contains(person));
            may.map(|(at, _)| at).collect()
        };
        admitted.filter(|person| !hands.contains_key(person)).map(|person| (person, seats(person))).collect()
    }

    /// What these approvals fill and what they leave missing, under these escalations.
    fn stand(&'a self, hands: &Hands<'a>, raised: &[&'a Escalation], open: &Hands<'a>) -> Standing<'a> {
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
    fn impossible(&'a self, lasting: &[&'a Escalation]) -> Option<String> {
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
