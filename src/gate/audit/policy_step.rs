//! Policy steps: one new version and the files it digests, nothing else.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::id::{CommitId, Digest, ObjectId};
use crate::domain::root::Root;
use crate::gate::audit::{Standpoint, StepError};
use crate::gate::branch::{self, Changes};
use crate::gate::finding::{Code, Finding};
use crate::gate::history::{self, DIRECTORY, Entry, FILE, History};
pub use crate::record::root::MAX_FILE;
use crate::trust::root::{self, PolicyVersion, RootError, VersionFiles};

/// Accepts the first commit of `main`: it has no parent, and its root is the pinned one.
///
/// # Errors
/// [`StepError`], with the commit named.
pub fn genesis(history: &dyn History, commit: &CommitId, pin: Option<&Digest>) -> Result<PolicyVersion, StepError> {
    let refused = |code, message: String| StepError::Illegal(Finding::new(code, message).commit(*commit));
    let first = history.commit(commit)?;
    if !first.parents.is_empty() {
        return Err(refused(Code::StepIllegal, "the first step of main has a parent".to_owned()));
    }
    let directory = history::at(history, &first.tree, &Root::directory(1))?;
    let Some(directory) = directory.filter(|entry| entry.mode == DIRECTORY) else {
        return Err(refused(Code::PolicyInvalid, "there is no policy/000001: this is no policy repository".to_owned()));
    };
    let files = read_version(history, &directory.id)?;
    let digest = Digest::of(&files.root);
    if let Some(pin) = pin.filter(|pin| **pin != digest) {
        let message = format!("its first root is {}, pinned is {}", digest.fingerprint(), pin.fingerprint());
        return Err(refused(Code::PinMismatch, message));
    }
    let version = root::accept_genesis(&files).map_err(|error| refused(rejection(&error), error.to_string()))?;
    let top = history.tree(&first.tree)?;
    if let Some(entry) = top.iter().find(|entry| entry.name == b"requests") {
        return Err(refused(Code::StepIllegal, format!("the first step already holds {:?}", entry.name)));
    }
    governed(history, &top, &version)?;
    let policy = history::subtree(history, &first.tree, "policy")?;
    if policy.len() != 1 {
        return Err(refused(Code::StepIllegal, "the first step holds more than policy/000001".to_owned()));
    }
    Ok(version)
}

/// Judges a step with one parent.
pub(super) fn judge(
    history: &dyn History,
    below: &Standpoint,
    old: &ObjectId,
    new: &ObjectId,
) -> Result<PolicyVersion, StepError> {
    let illegal = |message: String| StepError::illegal(Code::StepIllegal, message);
    let (before, after) = (history.tree(old)?, history.tree(new)?);
    if history::entry(&before, "requests") != history::entry(&after, "requests") {
        let finding = Finding::new(Code::StepIllegal, "a policy step that touches requests/");
        return Err(StepError::Illegal(finding.path("requests")));
    }
    let number = below.version.root().version + 1;
    let directory = Root::directory(number);
    let policy = |tree: &[Entry]| history::entry(tree, "policy").filter(|entry| entry.mode == DIRECTORY).cloned();
    let (Some(from), Some(to)) = (policy(&before), policy(&after)) else {
        return Err(illegal("there is no policy/".to_owned()));
    };
    let mut changes = Changes::default();
    changes.compare(history, Some(&from.id), &to.id, "policy")?;
    if let Some(other) = changes.other.first() {
        let finding = Finding::new(Code::StepIllegal, format!("a policy step that {other}"));
        return Err(StepError::Illegal(finding.path(branch::place(other).unwrap_or("policy"))));
    }
    if let Some((path, _)) = changes.added.iter().find(|(path, _)| !path.starts_with(&format!("{directory}/"))) {
        let ahead =
            path.split('/').nth(1).and_then(|number| number.parse::<u32>().ok()).filter(|ahead| *ahead > number);
        let finding = match ahead {
            Some(ahead) => Finding::new(Code::PolicyOrder, format!("version {ahead} where {number} is next")),
            None => Finding::new(Code::StepIllegal, format!("a policy step that adds {path}; its version is {number}")),
        };
        return Err(StepError::Illegal(finding.path(path)));
    }
    let Some(entry) = history::at(history, new, &directory)?.filter(|entry| entry.mode == DIRECTORY) else {
        return Err(illegal(format!("a step with one parent and no new {directory}")));
    };
    let files = read_version(history, &entry.id)?;
    let version = root::accept(&files, &below.version)
        .map_err(|error| StepError::Illegal(Finding::new(rejection(&error), error.to_string()).path(directory)))?;
    governed(history, &after, &version)?;
    Ok(version)
}

/// Which rule a policy version breaks.
pub(super) fn rejection(error: &RootError) -> Code {
    match error {
        RootError::Signatures { .. } => Code::PolicyUnsigned,
        RootError::Version { .. } | RootError::Predecessor | RootError::Genesis => Code::PolicyOrder,
        RootError::Record(_)
        | RootError::File(_)
        | RootError::Admins
        | RootError::AllowedSigners
        | RootError::Faulty(_) => Code::PolicyInvalid,
    }
}

/// The files of a version's directory; any other file in it is an error.
///
/// # Errors
/// [`StepError`].
pub fn read_version(history: &dyn History, directory: &ObjectId) -> Result<VersionFiles, StepError> {
    let refused = |message: String| StepError::illegal(Code::PolicyInvalid, message);
    let mut files = VersionFiles::default();
    let mut seen = BTreeSet::new();
    for entry in history.tree(directory)? {
        let name = String::from_utf8_lossy(&entry.name).into_owned();
        if entry.mode != FILE || !seen.insert(name.clone()) {
            return Err(refused(format!("`{name}` is no plain file, or there twice")));
        }
        let bytes = history.blob(&entry.id, MAX_FILE)?;
        match name.as_str() {
            "root.toml" => files.root = bytes,
            "config.toml" => files.config = bytes,
            "roster.toml" => files.roster = bytes,
            "allowed_signers" => files.allowed_signers = bytes,
            other => {
                let admin = other.strip_prefix("root.toml.").and_then(|rest| rest.strip_suffix(".sig"));
                let admin = admin.and_then(|admin| admin.parse().ok());
                let admin = admin.ok_or_else(|| refused(format!("`{other}` does not belong to a policy version")))?;
                files.signatures.insert(admin, bytes);
            }
        }
    }
    Ok(files)
}

/// Whether the files outside `requests/` and `policy/` are exactly those that root.toml names.
pub(super) fn governed(history: &dyn History, top: &[Entry], version: &PolicyVersion) -> Result<(), StepError> {
    let refused = |message: String| StepError::illegal(Code::FileUngoverned, message);
    let wrong = |path: &str, what: &str| {
        StepError::Illegal(Finding::new(Code::FileUngoverned, format!("{path} {what}")).path(path))
    };
    let mut found = BTreeMap::new();
    // Readers differ on which of two entries of one name counts.
    let mut names = BTreeSet::new();
    for entry in top {
        if !names.insert(&entry.name) {
            return Err(wrong(&crate::domain::bytes::encode(&entry.name), "is named twice"));
        }
        if entry.name == b"policy" || entry.name == b"requests" {
            continue;
        }
        let name = crate::domain::bytes::encode(&entry.name);
        if entry.mode == DIRECTORY {
            let mut changes = Changes::default();
            changes.compare(history, None, &entry.id, &name)?;
            if let Some(other) = changes.other.first() {
                return Err(refused(format!("the tree {other}")));
            }
            found.extend(changes.added);
        } else {
            found.insert(name, entry.clone());
        }
    }
    let wanted = &version.root().files;
    for (path, entry) in &found {
        let Some(digest) = wanted.get(path) else {
            return Err(wrong(path, "is not named by root.toml"));
        };
        if entry.mode != FILE {
            return Err(wrong(path, "is no plain file"));
        }
        if Digest::of(&history.blob(&entry.id, MAX_FILE)?) != *digest {
            return Err(wrong(path, "is not the file that root.toml names"));
        }
    }
    match wanted.keys().find(|path| !found.contains_key(*path)) {
        Some(missing) => Err(wrong(missing, "is named by root.toml and missing")),
        None => Ok(()),
    }
}
