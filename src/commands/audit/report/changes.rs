//! Policy versions of a period: who signed them, what they change, and between which endings they came into force.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::commands::audit::period::Period;
use crate::commands::audit::trail::Trail;
use crate::commands::audit::versions::{Step, steps};
use crate::commands::error::CommandError;
use crate::domain::shown;
use crate::trust::root::{self, PolicyVersion};

/// The most lines about one version.
const LINES: usize = 40;

/// A policy version that came into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyChange {
    /// Its number.
    pub version: u32,
    /// The step of `main` that landed it.
    pub commit: String,
    /// How many steps stand below that one.
    pub height: u64,
    /// The fingerprint of its `root.toml`.
    pub root: String,
    /// Admins of the version before it whose signature it bears.
    pub signed_by: Vec<String>,
    /// How many of them it needed; of version 1 its own.
    pub threshold: u32,
    /// Admins of its own whose signature it bears.
    pub signed_by_own: Vec<String>,
    /// How many of those it needed.
    pub own_threshold: u32,
    /// When the last request before it ended, as signed: it came into force after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// When the first request after it ended, as signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Governed files that differ: `changed config.toml`.
    pub files: Vec<String>,
    /// What asks for less than before, or may.
    pub weaker: Vec<String>,
    /// Everything else that it changes.
    pub other: Vec<String>,
    /// How many lines of both are left out here.
    pub more: u64,
}

/// The versions that came into force in a period, or may have.
pub(super) fn within(trail: &Trail, period: Period) -> Result<Vec<PolicyChange>, CommandError> {
    if !trail.verified.sure {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut old: Option<Arc<PolicyVersion>> = None;
    for step in steps(trail)? {
        // The version's own step has no time that anyone signed.
        let (after, before) = step.around;
        let surely_later = period.to.is_some_and(|to| after.is_some_and(|after| after >= to));
        let surely_earlier = period.from.is_some_and(|from| before.is_some_and(|before| before < from));
        let version = Arc::clone(&step.version);
        if !surely_later && !surely_earlier {
            found.push(change(old.as_deref(), step));
        }
        old = Some(version);
    }
    Ok(found)
}

fn change(old: Option<&PolicyVersion>, step: Step) -> PolicyChange {
    let new = &step.version;
    let signed = |version: &PolicyVersion| {
        root::signers(&step.files, version.roster()).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let lines = step.weaker.len() + step.changes.len();
    let weaker: Vec<String> = step.weaker.iter().take(LINES).cloned().collect();
    let other: Vec<String> = step.changes.iter().take(LINES - weaker.len()).cloned().collect();
    PolicyChange {
        version: step.number,
        signed_by: signed(old.unwrap_or(new)),
        threshold: old.unwrap_or(new).roster().threshold(),
        signed_by_own: signed(new),
        own_threshold: new.roster().threshold(),
        after: step.around.0.map(|at| at.to_string()),
        before: step.around.1.map(|at| at.to_string()),
        files: old.map(|old| files_between(old, new)).unwrap_or_default(),
        more: (lines - weaker.len() - other.len()) as u64,
        commit: step.commit,
        height: step.height,
        root: step.fingerprint,
        weaker,
        other,
    }
}

fn files_between(old: &PolicyVersion, new: &PolicyVersion) -> Vec<String> {
    let (old, new) = (&old.root().files, &new.root().files);
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differing = paths.into_iter().filter(|path| old.get(*path) != new.get(*path));
    let word = |path: &String| match (old.contains_key(path), new.contains_key(path)) {
        (true, true) => "changed",
        (false, _) => "added",
        (true, false) => "removed",
    };
    differing.map(|path| format!("{} {}", word(path), shown::line(path))).collect()
}
