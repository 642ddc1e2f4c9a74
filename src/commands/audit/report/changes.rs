//! Policy versions of a period: who signed them, what they change, and between which endings they came into force.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::commands::audit::period::Period;
use crate::commands::audit::trail::Trail;
use crate::commands::error::CommandError;
use crate::commands::policy::changes::between;
use crate::domain::id::CommitId;
use crate::domain::root::Root;
use crate::domain::shown;
use crate::domain::time::Timestamp;
use crate::gate::audit::read_version;
use crate::gate::history::{self, History as _, ReadError};
use crate::trust::root::{self, PolicyVersion, VersionFiles};
use crate::world::store::Store;

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
    let mut old: Option<PolicyVersion> = None;
    for (number, (height, commit, _)) in (1..).zip(trail.versions()?) {
        let (files, version) = read(&trail.store, &commit, number)?;
        let (after, before) = trail.store.index().around(height)?;
        let bound = |at: Option<i64>| at.and_then(|at| Timestamp::from_unix(at).ok());
        // The version's own step has no time that anyone signed.
        let (after, before) = (if height == 0 { None } else { bound(after) }, bound(before));
        let surely_later = period.to.is_some_and(|to| after.is_some_and(|after| after >= to));
        let surely_earlier = period.from.is_some_and(|from| before.is_some_and(|before| before < from));
        if !surely_later && !surely_earlier {
            found.push(change(old.as_ref(), &files, &version, (height, &commit), (after, before)));
        }
        old = Some(version);
    }
    Ok(found)
}

/// The version of this number, from the step that landed it; that step was judged.
fn read(store: &Store, commit: &CommitId, number: u32) -> Result<(VersionFiles, PolicyVersion), CommandError> {
    let unsure = |error: ReadError| CommandError::unsure(error.to_string());
    let objects = store.objects();
    let tree = objects.commit(commit).map_err(unsure)?.tree;
    let directory = history::at(objects, &tree, &Root::directory(number)).map_err(unsure)?;
    let directory = directory.ok_or_else(|| CommandError::unsure(format!("there is no policy version {number}")))?;
    let files = read_version(objects, &directory.id).map_err(|error| CommandError::unsure(error.to_string()))?;
    let version = root::read(&files).map_err(|error| CommandError::unsure(error.to_string()))?;
    Ok((files, version))
}

fn change(
    old: Option<&PolicyVersion>,
    files: &VersionFiles,
    new: &PolicyVersion,
    (height, commit): (u64, &CommitId),
    (after, before): (Option<Timestamp>, Option<Timestamp>),
) -> PolicyChange {
    let signed = |version: &PolicyVersion| {
        root::signers(files, version.roster()).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let changes = old.map(|old| between(old, new)).unwrap_or_default();
    let lines = changes.weaker.len() + changes.other.len();
    let weaker: Vec<String> = changes.weaker.into_iter().take(LINES).collect();
    let other: Vec<String> = changes.other.into_iter().take(LINES - weaker.len()).collect();
    PolicyChange {
        version: new.root().version,
        commit: commit.to_string(),
        height,
        root: new.digest().fingerprint(),
        signed_by: signed(old.unwrap_or(new)),
        threshold: old.unwrap_or(new).roster().threshold(),
        signed_by_own: signed(new),
        own_threshold: new.roster().threshold(),
        after: after.map(|at| at.to_string()),
        before: before.map(|at| at.to_string()),
        files: old.map(|old| files_between(old, new)).unwrap_or_default(),
        more: (lines - weaker.len() - other.len()) as u64,
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
