//! A policy version on its branch, before it has all its signatures: what it says, and who is still missing.

use std::collections::BTreeSet;

use crate::domain::id::{CommitId, Digest};
use crate::domain::principal::Name;
use crate::domain::root::{Origin, Root};
use crate::gate::audit::{Standpoint, StepError, policy_step};
use crate::gate::finding::{Code, Finding};
use crate::gate::history::{self, DIRECTORY, History};
use crate::trust::root::{PolicyVersion, read, signers};

/// A version that would come into force with enough signatures.
#[derive(Debug, Clone)]
pub struct Proposed {
    /// What it says; not yet to be believed.
    pub version: PolicyVersion,
    /// Admins of either version who have signed.
    pub signed: BTreeSet<Name>,
    /// How many more signatures are needed, and whose could be among them; empty where it is complete.
    pub missing: Vec<(usize, Vec<Name>)>,
}

/// Judges the tip of `policy/<number>-<digest>` as a step on `at` would be, missing signatures aside.
///
/// # Errors
/// [`StepError::Illegal`]: it can never come into force there, or holds a signature that does not hold.
pub fn proposed(
    history: &dyn History,
    at: Option<&Standpoint>,
    repo: &Digest,
    number: u32,
    digest: &Digest,
    tip: &CommitId,
) -> Result<Proposed, StepError> {
    let directory = Root::directory(number);
    let refused =
        |code, message: String| StepError::Illegal(Finding::new(code, message).commit(*tip).path(directory.clone()));
    let tree = history.commit(tip)?.tree;
    let entry = history::at(history, &tree, &directory)?.filter(|entry| entry.mode == DIRECTORY);
    let entry = entry.ok_or_else(|| refused(Code::PolicyInvalid, format!("there is no {directory}")))?;
    let files = policy_step::read_version(history, &entry.id)?;
    if Digest::of(&files.root) != *digest {
        return Err(refused(
            Code::PolicyInvalid,
            "its root.toml is not the one that the branch's name says".to_owned(),
        ));
    }
    let version = read(&files).map_err(|error| refused(policy_step::rejection(&error), error.to_string()))?;
    let follows = match at {
        Some(at) => {
            number == at.version.root().version + 1 && version.root().origin == Origin::Previous(at.version.digest())
        }
        None => number == 1 && digest == repo && matches!(version.root().origin, Origin::Genesis(_)),
    };
    if version.root().version != number || !follows {
        let newest = at.map_or(0, |at| at.version.root().version);
        let message = match at {
            Some(_) => format!("it does not follow version {newest}, which is in force"),
            None => "it is not the pinned first version".to_owned(),
        };
        return Err(refused(Code::PolicyOrder, message));
    }
    policy_step::governed(history, &history.tree(&tree)?, &version)?;
    let rosters = at.map(|at| at.version.roster()).into_iter().chain([version.roster()]);
    let mut signed = BTreeSet::new();
    let mut missing = Vec::new();
    for roster in rosters {
        let theirs = signers(&files, roster);
        let lacking = (roster.threshold() as usize).saturating_sub(theirs.len());
        if lacking > 0 {
            let others = roster.admins().iter().filter(|admin| !theirs.contains(admin)).cloned().collect();
            missing.push((lacking, others));
        }
        signed.extend(theirs);
    }
    match files.signatures.keys().find(|admin| !signed.contains(*admin)) {
        Some(admin) => Err(refused(Code::SignatureInvalid, format!("the signature of `{admin}` does not hold"))),
        None => Ok(Proposed { version, signed, missing }),
    }
}
