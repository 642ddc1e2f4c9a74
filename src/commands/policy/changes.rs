//! What a version changes, in words, with what gets weaker apart: a tired admin must see the worst first.
//!
//! Whatever is not surely as strong as before is called weaker. Only words are made here; nothing is decided.

mod people;
mod policies;

use crate::domain::policy::{OnOpaque, PolicySet};
use crate::domain::shown;
use crate::gate::governing::trusted_path;
use crate::trust::root::PolicyVersion;

/// Changes in words, each a line, harmless to show.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Changes {
    /// What asks for less than before, or may.
    pub(in crate::commands) weaker: Vec<String>,
    /// Everything else.
    pub(in crate::commands) other: Vec<String>,
}

impl Changes {
    fn add(&mut self, weaker: bool, text: String) {
        if weaker { &mut self.weaker } else { &mut self.other }.push(text);
    }
}

/// What is different in `new`.
pub(in crate::commands) fn between(old: &PolicyVersion, new: &PolicyVersion) -> Changes {
    let mut changes = Changes::default();
    let (before, after) = (old.roster(), new.roster());
    people::admins(before, after, &mut changes);
    policies::compare(old, new, &mut changes);
    settings(old.config(), new.config(), &mut changes);
    let by_team = new.config().policies.iter().any(|policy| policy.separation.is_some());
    people::compare(before, after, by_team, &mut changes);
    changes
}

fn settings(old: &PolicySet, new: &PolicySet, changes: &mut Changes) {
    let rank = |on: &OnOpaque| match on {
        OnOpaque::Policy(_) => 0,
        OnOpaque::All => 1,
        OnOpaque::Deny => 2,
    };
    let opaque = |on: &OnOpaque| match on {
        OnOpaque::All => "needs every policy".to_owned(),
        OnOpaque::Deny => "is denied".to_owned(),
        OnOpaque::Policy(name) => format!("needs policy `{}`", shown::line(name)),
    };
    let (from, to) = (&old.matching.opaque, &new.matching.opaque);
    if from != to {
        let weaker = rank(to) < rank(from) || rank(to) == 0;
        changes.add(weaker, format!("what cannot be taken apart {}; before it {}", opaque(to), opaque(from)));
    }
    for (what, old, new, more_is_weaker, fewer_is_weaker) in [
        (
            "programs whose arguments are plain data",
            old.matching.inert.clone(),
            new.matching.inert.clone(),
            true,
            false,
        ),
        (
            "programs that run their arguments",
            old.matching.carriers.clone(),
            new.matching.carriers.clone(),
            false,
            true,
        ),
        ("the trusted path", trusted_path(old), trusted_path(new), true, false),
        ("variables that pass to commands", old.pass.clone(), new.pass.clone(), true, false),
    ] {
        if let Some(more) = beyond(&new, &old) {
            changes.add(more_is_weaker, format!("{what}: {more} is new"));
        }
        if let Some(fewer) = beyond(&old, &new) {
            changes.add(fewer_is_weaker, format!("{what}: {fewer} is gone"));
        }
    }
    for environment in &old.environments {
        let name = shown::line(&environment.name);
        match new.environments.iter().find(|other| other.name == environment.name) {
            None => changes.add(true, format!("environment `{name}` is not recognised any more")),
            Some(other) if other != environment => {
                let text = format!("environment `{name}` is recognised by other facts: read the text below");
                changes.add(true, text);
            }
            Some(_) => {}
        }
    }
    for environment in &new.environments {
        if !old.environments.iter().any(|other| other.name == environment.name) {
            changes.add(false, format!("environment `{}` is recognised from now on", shown::line(&environment.name)));
        }
    }
    if old.notify != new.notify {
        let text = "who is told of requests, by which channel or how much of them, is different: read the text below";
        changes.add(false, text.to_owned());
    }
    if old.time_zone != new.time_zone {
        let (from, to) = (shown::line(&old.time_zone), shown::line(&new.time_zone));
        changes.add(true, format!("hours are read in {to}; before in {from}"));
    }
}

/// What the first list holds and the second does not: "`a`, `b`".
fn beyond<T: PartialEq + AsRef<str>>(own: &[T], other: &[T]) -> Option<String> {
    let more: Vec<String> = own
        .iter()
        .filter(|item| !other.contains(item))
        .map(|item| format!("`{}`", shown::line(item.as_ref())))
        .collect();
    (!more.is_empty()).then(|| more.join(", "))
}

#[cfg(test)]
mod tests;
