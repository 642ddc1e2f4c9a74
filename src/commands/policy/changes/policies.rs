//! Which policies ask for less, for more, or for others.

use super::{Changes, beyond};
use crate::commands::policy::lint::covers;
use crate::commands::policy::words::{asks, conditions, span};
use crate::domain::policy::{Policy, people};
use crate::domain::principal::{Name, Roster};
use crate::domain::requirement::{Entry, Operators, Presence, Quorum, Requirement, Review};
use crate::domain::shown;
use crate::trust::root::PolicyVersion;

/// Policies by name, then their order.
pub(super) fn compare(old: &PolicyVersion, new: &PolicyVersion, changes: &mut Changes) {
    let (before, after) = (old.config(), new.config());
    for policy in &before.policies {
        let name = shown::line(&policy.name);
        match after.get(&policy.name) {
            Some(now) => one(policy, now, (old.roster(), new.roster()), changes),
            None => changes.add(
                policy.requirement != Requirement::Allow,
                format!(
                    "policy `{name}` is gone ({}): its commands meet the policies below it, or are denied",
                    asks(policy)
                ),
            ),
        }
    }
    for (at, policy) in after.policies.iter().enumerate().filter(|(_, policy)| before.get(&policy.name).is_none()) {
        let own = least(&policy.requirement, new.roster());
        // What it takes over from a policy below that surely matched the same commands before.
        let mut below = after.policies.iter().skip(at + 1).filter(|below| before.get(&below.name).is_some());
        let from = below.find(|below| {
            let covered = |pattern| below.patterns.iter().any(|wider| covers(wider, pattern));
            policy.patterns.iter().all(covered) && less(own, least(&below.requirement, new.roster()))
        });
        let mut text = format!("new policy `{}`, {}: {}", shown::line(&policy.name), patterns(policy), asks(policy));
        if let Some(from) = from {
            text += &format!("; `{}` asked for more", shown::line(&from.name));
        }
        changes.add(own == Some(0) || from.is_some(), text);
    }
    order(old, new, changes);
}

/// Which policies are now tried before others that used to come first.
fn order(old: &PolicyVersion, new: &PolicyVersion, changes: &mut Changes) {
    let place = |name: &str| old.config().policies.iter().position(|policy| policy.name == name);
    for (at, policy) in new.config().policies.iter().enumerate() {
        let Some(own) = place(&policy.name) else { continue };
        let overtaken: Vec<&Policy> = new
            .config()
            .policies
            .iter()
            .skip(at + 1)
            .filter(|other| place(&other.name).is_some_and(|n| n < own))
            .collect();
        if overtaken.is_empty() {
            continue;
        }
        let count = |policy: &Policy| least(&policy.requirement, new.roster());
        let weaker = overtaken.iter().any(|other| less(count(policy), count(other)));
        let names: Vec<String> = overtaken.iter().map(|other| format!("`{}`", shown::line(&other.name))).collect();
        changes.add(weaker, format!("policy `{}` is now tried before {}", shown::line(&policy.name), names.join(", ")));
    }
}

fn patterns(policy: &Policy) -> String {
    let sources: Vec<String> = policy.patterns.iter().map(|p| format!("`{}`", shown::line(p.source()))).collect();
    format!("for commands like {}", sources.join(", "))
}

/// How many people a requirement takes, whoever asks; `None`: it never runs.
fn least(requirement: &Requirement, roster: &Roster) -> Option<usize> {
    let review = match requirement {
        Requirement::Allow => return Some(0),
        Requirement::Deny => return None,
        Requirement::Review(review) => review,
    };
    Some(match &review.quorum {
        Quorum::AllOf(entries) => entries
            .iter()
            .map(|entry| match entry {
                Entry::One(_) => 1,
                Entry::Count(_, count) => *count as usize,
                Entry::Every(group) => people(group, roster).len(),
            })
            .sum(),
        Quorum::AnyOf { count, .. } | Quorum::MinRole { count } => *count as usize,
    })
}

fn less(own: Option<usize>, other: Option<usize>) -> bool {
    match (own, other) {
        (Some(own), Some(other)) => own < other,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn one(old: &Policy, new: &Policy, rosters: (&Roster, &Roster), changes: &mut Changes) {
    let name = shown::line(&new.name);
    let asked = || format!("policy `{name}` asks: {}; before: {}", asks(new), asks(old));
    match (&old.requirement, &new.requirement) {
        (before, after) if before == after => {}
        (_, Requirement::Allow) => {
            changes.add(true, format!("policy `{name}`: RUNS WITHOUT APPROVAL from now on; before: {}", asks(old)));
        }
        (Requirement::Deny, _) => {
            changes.add(true, format!("policy `{name}` can be approved: {}; before it never ran", asks(new)))
        }
        (Requirement::Allow, _) | (_, Requirement::Deny) => changes.add(false, asked()),
        (Requirement::Review(before), Requirement::Review(after)) => {
            changes.add(!as_strong(before, after, rosters), asked());
        }
    }
    let (who, was) = (new.pool(rosters.1), old.pool(rosters.0));
    let reviewed = matches!(old.requirement, Requirement::Review(_));
    let more: Vec<String> = who.difference(&was).map(|person| format!("`{person}`")).collect();
    if reviewed && !more.is_empty() {
        changes.add(true, format!("policy `{name}`: {} may approve too", more.join(", ")));
    }
    coverage(old, new, &name, changes);
    care(old, new, &name, changes);
    binding(old, new, &name, changes);
}

/// Whether who meets `after` has surely met `before`, but for who may approve at all.
fn as_strong(before: &Review, after: &Review, rosters: (&Roster, &Roster)) -> bool {
    let rank = |review: &Review, roster: &Roster| review.min_role.as_ref().map(|role| roster.rank(role));
    let ranks = rank(after, rosters.1) >= rank(before, rosters.0);
    let count = |review: &Review, roster| least(&Requirement::Review(review.clone()), roster);
    let people = !less(count(after, rosters.1), count(before, rosters.0));
    let seats = match (&before.quorum, &after.quorum) {
        (Quorum::AllOf(had), Quorum::AllOf(has)) => had.iter().all(|entry| has.contains(entry)),
        (Quorum::AllOf(_), _) => false,
        (Quorum::MinRole { .. }, Quorum::MinRole { .. }) | (Quorum::AnyOf { .. }, _) => true,
        // Everyone who counted held the role; of other kinds only one does.
        (Quorum::MinRole { .. }, _) => false,
    };
    ranks && people && seats
}

/// For which commands and requesters it is.
fn coverage(old: &Policy, new: &Policy, name: &str, changes: &mut Changes) {
    let sources = |policy: &Policy| policy.patterns.iter().map(|p| p.source().to_owned()).collect::<Vec<_>>();
    if let Some(gone) = beyond(&sources(old), &sources(new)) {
        changes.add(old.requirement != Requirement::Allow, format!("policy `{name}` no longer matches {gone}"));
    }
    if let Some(more) = beyond(&sources(new), &sources(old)) {
        changes.add(new.requirement == Requirement::Allow, format!("policy `{name}` also matches {more}"));
    }
    if old.patterns != new.patterns && sources(old) == sources(new) {
        changes.add(true, format!("policy `{name}` reads its patterns in another way: read the text below"));
    }
    let (before, after) = (conditions(old), conditions(new));
    if before != after {
        let words = |lines: &[String]| if lines.is_empty() { "always".to_owned() } else { lines.join(", ") };
        changes.add(true, format!("policy `{name}` holds {}; before {}", words(&after), words(&before)));
    }
    if old.runner != new.runner {
        let who = |runner: &Option<Name>| runner.as_ref().map_or("who asks".to_owned(), |runner| format!("`{runner}`"));
        changes.add(true, format!("policy `{name}`: {} runs it; before {}", who(&new.runner), who(&old.runner)));
    }
}

/// What an approval must bring, and who is kept from giving one.
fn care(old: &Policy, new: &Policy, name: &str, changes: &mut Changes) {
    if old.separation != new.separation {
        let word = |policy: &Policy| match policy.separation {
            None => "nobody is kept apart",
            Some(crate::domain::requirement::Separation::Team) => "another team than who asks",
            Some(crate::domain::requirement::Separation::Role) => "another role than who asks",
        };
        changes.add(old.separation.is_some(), format!("policy `{name}`: {}; before {}", word(new), word(old)));
    }
    if old.operators != new.operators {
        let (word, was) = (operators(new.operators), operators(old.operators));
        changes.add(
            word.0 > was.0,
            format!("policy `{name}`: operators of the asking agent {}; before they {}", word.1, was.1),
        );
    }
    if old.timeout != new.timeout {
        let text =
            format!("policy `{name}`: requests expire after {}; before {}", span(new.timeout), span(old.timeout));
        changes.add(new.timeout > old.timeout, text);
    }
    let (before, after) = (&old.care, &new.care);
    let seconds = |policy: &Policy| policy.care.min_review_time.map_or(0, |least| least.seconds());
    if seconds(old) != seconds(new) {
        let text = format!("policy `{name}`: an approval takes at least {}s; before {}s", seconds(new), seconds(old));
        changes.add(seconds(new) < seconds(old), text);
    }
    if before.require_comment != after.require_comment {
        let word = if after.require_comment { "needs" } else { "no longer needs" };
        changes.add(before.require_comment, format!("policy `{name}`: an approval {word} a comment"));
    }
    if before.require_key != after.require_key {
        let word = |presence| match presence {
            Presence::Key => "any key",
            Presence::Touch => "a touch of a hardware key",
            Presence::Pin => "a hardware key and its PIN",
        };
        let text = format!(
            "policy `{name}`: an approval takes {}; before {}",
            word(after.require_key),
            word(before.require_key)
        );
        changes.add(after.require_key < before.require_key, text);
    }
    let question = |(seat, text): &(Name, String)| format!("{seat}: {}", shown::line(text));
    let questions = |policy: &Policy| policy.care.questions.iter().map(question).collect::<Vec<_>>();
    if let Some(gone) = beyond(&questions(old), &questions(new)) {
        changes.add(true, format!("policy `{name}` no longer asks {gone}"));
    }
    if let Some(more) = beyond(&questions(new), &questions(old)) {
        changes.add(false, format!("policy `{name}` asks {more}"));
    }
    let escalations =
        |policy: &Policy| policy.escalations.iter().map(super::super::words::escalation).collect::<Vec<_>>();
    if let Some(gone) = beyond(&escalations(old), &escalations(new)) {
        changes.add(true, format!("policy `{name}` no longer raises {gone}"));
    }
    if let Some(more) = beyond(&escalations(new), &escalations(old)) {
        changes.add(false, format!("policy `{name}` raises {more}"));
    }
}

/// The weaker, the higher.
fn operators(operators: Operators) -> (u8, &'static str) {
    match operators {
        Operators::Exclude => (0, "do not count"),
        Operators::NotSole => (1, "count, never alone"),
        Operators::Count => (2, "COUNT LIKE ANYONE"),
    }
}

/// What of the command is held fast.
fn binding(old: &Policy, new: &Policy, name: &str, changes: &mut Changes) {
    let (before, after) = (&old.binding, &new.binding);
    for (was, is, more_is_weaker, words) in [
        (before.inherit_stdin, after.inherit_stdin, true, "the command reads the caller's standard input"),
        (before.clean_worktree, after.clean_worktree, false, "the git work tree must be clean"),
        (before.sealed, after.sealed, false, "the program must run from sealed bytes"),
        (before.refuse_hash_only, after.refuse_hash_only, false, "files that reviewers cannot read are refused"),
        (
            before.allow_secret_looking,
            after.allow_secret_looking,
            true,
            "what looks like a secret may stand in the command",
        ),
    ] {
        if was != is {
            let no = if is { "" } else { "no longer: " };
            changes.add(is == more_is_weaker, format!("policy `{name}`: {no}{words}"));
        }
    }
    if let Some(gone) = beyond(&before.files, &after.files) {
        changes.add(true, format!("policy `{name}` no longer binds {gone}"));
    }
    if let Some(more) = beyond(&after.files, &before.files) {
        changes.add(false, format!("policy `{name}` binds {more}"));
    }
}
