//! The chain of policy versions: each signed by its predecessor's admins and by its own.
//!
//! The rules are TUF's for root rotation (specification 5.3), with the one
//! that Radicle (2026-03-30) and gittuf (CVE-2026-44544) lacked: a version
//! names its predecessor's digest and is exactly one more.

use std::collections::BTreeMap;

use crate::domain::id::Digest;
use crate::domain::policy::PolicySet;
use crate::domain::principal::{Name, Roster};
use crate::domain::root::{Origin, Root};
use crate::record::diagnostic::Diagnostic;
use crate::record::{Record, RecordError};
use crate::trust::signature::{ArmoredSignature, verify};

/// A policy version that was accepted: everything a judge needs to know about it.
#[derive(Debug, Clone)]
pub struct PolicyVersion {
    digest: Digest,
    root: Root,
    config: PolicySet,
    roster: Roster,
}

impl PolicyVersion {
    /// SHA-256 of its `root.toml`.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What the admins signed.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The approval policies.
    pub fn config(&self) -> &PolicySet {
        &self.config
    }

    /// The principals.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }
}

/// The files of one `policy/NNNNNN/`.
#[derive(Debug, Clone, Default)]
pub struct VersionFiles {
    /// `root.toml`.
    pub root: Vec<u8>,
    /// `root.toml.<admin>.sig`, by admin.
    pub signatures: BTreeMap<Name, Vec<u8>>,
    /// `config.toml`.
    pub config: Vec<u8>,
    /// `roster.toml`.
    pub roster: Vec<u8>,
    /// `allowed_signers`.
    pub allowed_signers: Vec<u8>,
}

impl VersionFiles {
    /// Paths and bytes of version `number`'s directory.
    pub fn listed(&self, number: u32) -> Vec<(String, &[u8])> {
        let directory = Root::directory(number);
        let own = [
            ("root.toml", &self.root),
            ("config.toml", &self.config),
            ("roster.toml", &self.roster),
            ("allowed_signers", &self.allowed_signers),
        ];
        let own = own.into_iter().map(|(name, bytes)| (format!("{directory}/{name}"), bytes.as_slice()));
        let signatures = self.signatures.iter();
        own.chain(signatures.map(|(admin, bytes)| (format!("{directory}/root.toml.{admin}.sig"), bytes.as_slice())))
            .collect()
    }
}

/// Why a policy version is not accepted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RootError {
    /// `root.toml` is no record.
    #[error("root.toml: {0}")]
    Record(#[from] RecordError),
    /// Not exactly one more than its predecessor.
    #[error("version {found} follows version {previous}: expected {}", .previous + 1)]
    Version {
        /// The predecessor's.
        previous: u32,
        /// Its own.
        found: u32,
    },
    /// It names another predecessor, or none.
    #[error("it does not name the version before it as its predecessor")]
    Predecessor,
    /// A genesis that is not version 1 with a salt.
    #[error("the first root is version 1 and has a salt")]
    Genesis,
    /// Too few admins signed.
    #[error("{signed} of {threshold} admins of {whose} signed it{}", list(.waiting))]
    Signatures {
        /// `the version before it` or `this version`.
        whose: &'static str,
        /// Distinct admins whose signature holds.
        signed: usize,
        /// How many must.
        threshold: u32,
        /// Admins who have not.
        waiting: Vec<Name>,
    },
    /// A file differs from its digest in `root.toml`.
    #[error("`{0}` is not the file that root.toml names")]
    File(&'static str),
    /// `root.toml` and `roster.toml` name different admins or thresholds.
    #[error("root.toml and roster.toml disagree about admins or threshold")]
    Admins,
    /// `allowed_signers` is not what `roster.toml` generates.
    #[error("allowed_signers is not what roster.toml generates")]
    AllowedSigners,
    /// `config.toml` or `roster.toml` is faulty.
    #[error("{}", first(.0))]
    Faulty(Vec<Diagnostic>),
}

fn list(waiting: &[Name]) -> String {
    if waiting.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = waiting.iter().map(Name::as_str).collect();
    format!("; still missing: {}", names.join(", "))
}

fn first(diagnostics: &[Diagnostic]) -> String {
    match diagnostics.first() {
        Some(diagnostic) => diagnostic.to_string(),
        None => "config.toml or roster.toml is faulty".to_owned(),
    }
}

/// Accepts a genesis; that its digest is the pinned one is the caller's to check, first.
///
/// # Errors
/// [`RootError`].
pub fn accept_genesis(files: &VersionFiles) -> Result<PolicyVersion, RootError> {
    let version = read(files)?;
    match version.root.origin {
        Origin::Genesis(_) if version.root.version == 1 => {}
        _ => return Err(RootError::Genesis),
    }
    enough(files, &version.roster, "this version")?;
    Ok(version)
}

/// Accepts a successor of `previous`.
///
/// # Errors
/// [`RootError`].
pub fn accept(files: &VersionFiles, previous: &PolicyVersion) -> Result<PolicyVersion, RootError> {
    // Before a byte of it is parsed, enough of those who may change it have signed.
    enough(files, &previous.roster, "the version before it")?;
    let version = read(files)?;
    if version.root.version != previous.root.version + 1 {
        return Err(RootError::Version { previous: previous.root.version, found: version.root.version });
    }
    if version.root.origin != Origin::Previous(previous.digest) {
        return Err(RootError::Predecessor);
    }
    enough(files, &version.roster, "this version")?;
    Ok(version)
}

/// Reads a version's files and checks that they belong together, signatures aside.
///
/// For showing a version that still waits for its signatures; it is not yet to be believed.
///
/// # Errors
/// [`RootError`].
pub fn read(files: &VersionFiles) -> Result<PolicyVersion, RootError> {
    let root = Root::parse(&files.root)?;
    let named = |name: &str, bytes: &[u8]| root.files.get(name) == Some(&Digest::of(bytes));
    if !named("config.toml", &files.config) {
        return Err(RootError::File("config.toml"));
    }
    if !named("roster.toml", &files.roster) {
        return Err(RootError::File("roster.toml"));
    }
    let (config, roster) = crate::record::read_policy(&files.config, &files.roster).map_err(RootError::Faulty)?;
    let admins: std::collections::BTreeSet<Name> = root.admins.iter().cloned().collect();
    if admins != *roster.admins() || root.threshold != roster.threshold() {
        return Err(RootError::Admins);
    }
    if crate::record::roster::allowed_signers(&roster) != files.allowed_signers {
        return Err(RootError::AllowedSigners);
    }
    Ok(PolicyVersion { digest: Digest::of(&files.root), root, config, roster })
}

/// Which of a roster's admins signed these bytes: people, each once, however many keys.
pub fn signers(files: &VersionFiles, roster: &Roster) -> Vec<Name> {
    let signed = |admin: &&Name| {
        let Some(signature) = files.signatures.get(*admin) else { return false };
        let Ok(hint) = ArmoredSignature::parse(signature) else { return false };
        let key = roster.get(admin).and_then(|p| p.keys.iter().find(|key| *key == hint.key()));
        key.is_some_and(|key| verify(key, Root::NAMESPACE, &files.root, signature).is_ok())
    };
    roster.admins().iter().filter(signed).cloned().collect()
}

/// Whether the admins of both versions can meet both thresholds, each signing once.
///
/// A version holds one signature a name: who has other keys in the new version than in the old one counts on one
/// side only, and has to keep an old key for one version.
///
/// # Errors
/// Names of such admins, where too few others are left.
pub fn signable(old: &Roster, new: &Roster) -> Result<(), Vec<Name>> {
    let keys = |roster: &Roster, name: &Name| roster.get(name).map(|p| p.keys.clone()).unwrap_or_default();
    let torn = |name: &&Name| keys(old, name).iter().all(|key| !keys(new, name).contains(key));
    let torn: Vec<Name> = old.admins().intersection(new.admins()).filter(torn).cloned().collect();
    let lacking = |roster: &Roster| {
        let sure = roster.admins().len() - torn.len();
        (roster.threshold() as usize).saturating_sub(sure)
    };
    if lacking(old) + lacking(new) <= torn.len() { Ok(()) } else { Err(torn) }
}

fn enough(files: &VersionFiles, roster: &Roster, whose: &'static str) -> Result<(), RootError> {
    let signed = signers(files, roster);
    if signed.len() >= roster.threshold() as usize {
        return Ok(());
    }
    let waiting = roster.admins().iter().filter(|admin| !signed.contains(admin)).cloned().collect();
    Err(RootError::Signatures { whose, signed: signed.len(), threshold: roster.threshold(), waiting })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::roster::tests::key_line;

    /// Admins by name and the seed of their key.
    fn roster(threshold: u32, admins: &[(&str, u8)]) -> Roster {
        let names: Vec<String> = admins.iter().map(|(name, _)| format!("{name:?}")).collect();
        let mut text = format!("[trust]\nadmins = [{}]\nthreshold = {threshold}\n", names.join(", "));
        for (name, seed) in admins {
            text += &format!("[[principals]]\nid = {name:?}\nkind = \"person\"\nkeys = [{:?}]\n", key_line(*seed));
        }
        crate::record::roster::parse("roster.toml", text.as_bytes()).unwrap()
    }

    #[test]
    fn one_signature_each_must_be_enough_for_both_sides() {
        let abc = |threshold, seeds: [u8; 3]| roster(threshold, &[("a", seeds[0]), ("b", seeds[1]), ("c", seeds[2])]);
        for (old, new, holds) in [
            (abc(2, [1, 2, 3]), abc(2, [1, 2, 3]), true),
            (abc(3, [1, 2, 3]), abc(3, [1, 2, 3]), true),
            // One new key: the two others are enough, or they are not.
            (abc(2, [1, 2, 3]), abc(2, [9, 2, 3]), true),
            (abc(3, [1, 2, 3]), abc(2, [9, 2, 3]), true),
            (abc(3, [1, 2, 3]), abc(3, [9, 2, 3]), false),
            (abc(2, [1, 2, 3]), abc(2, [9, 8, 3]), true),
            (abc(2, [1, 2, 3]), abc(2, [9, 8, 7]), false),
            (abc(1, [1, 2, 3]), abc(1, [9, 8, 7]), true),
            (roster(1, &[("a", 1)]), roster(1, &[("a", 9)]), false),
            // Other people, or the same person under another name: each side signs for itself.
            (roster(1, &[("a", 1)]), roster(1, &[("b", 9)]), true),
            (roster(1, &[("a", 1)]), roster(1, &[("b", 1)]), true),
        ] {
            assert_eq!(signable(&old, &new).is_ok(), holds, "{old:?} {new:?}");
        }
    }
}
