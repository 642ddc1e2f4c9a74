//! Who comes and goes, and with which keys.

use std::collections::BTreeSet;

use super::Changes;
use crate::domain::key::PublicKey;
use crate::domain::principal::{Kind, Name, Principal, Roster};
use crate::domain::shown;

/// Who may change the policy itself.
pub(super) fn admins(old: &Roster, new: &Roster, changes: &mut Changes) {
    let (from, to) = (old.threshold(), new.threshold());
    if from != to {
        let people = |count: u32| if count == 1 { "1 admin".to_owned() } else { format!("{count} admins") };
        changes.add(to < from, format!("a change of the policy takes {}; before {}", people(to), people(from)));
    }
    for admin in new.admins().difference(old.admins()) {
        changes.add(true, format!("`{admin}` is an admin from now on, and may sign changes of the policy"));
    }
    for admin in old.admins().difference(new.admins()) {
        changes.add(false, format!("`{admin}` is no admin any more"));
    }
    for revocation in old.revocations().iter().filter(|revocation| !new.revocations().contains(revocation)) {
        let text = format!("the revocation of key {} is dropped or changed", revocation.key.fingerprint());
        changes.add(true, text);
    }
    for revocation in new.revocations().iter().filter(|revocation| !old.revocations().contains(revocation)) {
        let key = &revocation.key;
        let whose = old.owner_of(key).map(|owner| format!(" of `{}`", owner.id)).unwrap_or_default();
        let reason = revocation.reason.as_deref().map(|why| format!(" ({})", shown::line(why))).unwrap_or_default();
        let since = revocation.since;
        changes.add(
            false,
            format!("key {}{whose} is revoked{reason}, to be doubted since commit {since}", key.fingerprint()),
        );
    }
}

/// Everybody else. `by_team`: whether some policy separates duties, so that teams and roles decide who counts.
pub(super) fn compare(old: &Roster, new: &Roster, by_team: bool, changes: &mut Changes) {
    for principal in new.principals() {
        match old.get(&principal.id) {
            None => changes.add(false, format!("new {}", described(principal))),
            Some(before) => one(before, principal, (old, new), by_team, changes),
        }
    }
    for principal in old.principals().filter(|principal| new.get(&principal.id).is_none()) {
        changes.add(false, format!("{} `{}` is removed", principal.kind.as_str(), principal.id));
    }
    let ranks = |roster: &Roster| roster.roles().join(" < ");
    if old.roles() != new.roles() {
        let text = format!("roles are {}; before {}", shown::line(&ranks(new)), shown::line(&ranks(old)));
        changes.add(true, text);
    }
    for (group, members) in new.groups() {
        match old.group(group) {
            None => changes.add(false, format!("new group `{group}`: {}", list(members))),
            Some(before) => {
                let came: BTreeSet<Name> = members.difference(before).cloned().collect();
                let went: BTreeSet<Name> = before.difference(members).cloned().collect();
                if !came.is_empty() {
                    changes.add(false, format!("group `{group}` also has {}", list(&came)));
                }
                if !went.is_empty() {
                    changes.add(false, format!("group `{group}` no longer has {}", list(&went)));
                }
            }
        }
    }
    for (group, _) in old.groups().filter(|(group, _)| new.group(group).is_none()) {
        changes.add(false, format!("group `{group}` is gone"));
    }
}

fn one(before: &Principal, after: &Principal, rosters: (&Roster, &Roster), by_team: bool, changes: &mut Changes) {
    let (old, new) = rosters;
    let id = &after.id;
    if before.kind != after.kind {
        let text = format!("`{id}` is of kind {}; before {}", after.kind.as_str(), before.kind.as_str());
        changes.add(after.kind == Kind::Person, text);
    }
    let named =
        |text: &Option<String>| text.as_ref().map_or("none".to_owned(), |text| format!("`{}`", shown::line(text)));
    if before.role != after.role {
        let rank = |roster: &Roster, role: &Option<String>| role.as_ref().and_then(|role| roster.rank(role));
        let raised = rank(new, &after.role) > rank(old, &before.role);
        changes.add(raised, format!("`{id}` has the role {}; before {}", named(&after.role), named(&before.role)));
    }
    if before.team != after.team {
        changes.add(by_team, format!("`{id}` is of team {}; before {}", named(&after.team), named(&before.team)));
    }
    let gone: BTreeSet<Name> = before.operators.iter().filter(|who| !after.operators.contains(who)).cloned().collect();
    if !gone.is_empty() {
        changes
            .add(true, format!("{} no longer counts as operating `{id}`, and may approve for it alone", list(&gone)));
    }
    let more: BTreeSet<Name> = after.operators.iter().filter(|who| !before.operators.contains(who)).cloned().collect();
    if !more.is_empty() {
        changes.add(false, format!("{} operates `{id}` too", list(&more)));
    }
    let soft = |keys: &[PublicKey]| keys.iter().any(|key| !key.is_sk());
    for key in after.keys.iter().filter(|key| !before.keys.contains(key)) {
        let weaker = !key.is_sk() && !soft(&before.keys);
        changes.add(weaker, format!("`{id}` signs with {} too", key_in_words(key)));
    }
    for key in before.keys.iter().filter(|key| !after.keys.contains(key)) {
        changes.add(false, format!("`{id}` no longer signs with {}", key_in_words(key)));
    }
}

fn key_in_words(key: &PublicKey) -> String {
    let kind = if key.is_sk() { "hardware key" } else { "key" };
    let comment = if key.comment().is_empty() { String::new() } else { format!(" ({})", shown::line(key.comment())) };
    format!("{kind} {}{comment}", key.fingerprint())
}

fn described(principal: &Principal) -> String {
    let mut text = format!("{} `{}`", principal.kind.as_str(), principal.id);
    for (word, value) in [("role", &principal.role), ("team", &principal.team)] {
        if let Some(value) = value {
            text += &format!(", {word} `{}`", shown::line(value));
        }
    }
    if !principal.operators.is_empty() {
        let operators: Vec<&str> = principal.operators.iter().map(Name::as_str).collect();
        text += &format!(", operated by {}", operators.join(", "));
    }
    let keys: Vec<String> = principal.keys.iter().map(key_in_words).collect();
    text + ", " + &keys.join(", ")
}

fn list(names: &BTreeSet<Name>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
