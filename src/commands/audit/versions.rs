//! The policy versions of the verified chain, as auditors are told of them.

use std::sync::Arc;

use crate::commands::audit::trail::Trail;
use crate::commands::error::CommandError;
use crate::commands::policy::changes;
use crate::domain::id::CommitId;
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::gate::history::History as _;
use crate::trust::root::{PolicyVersion, VersionFiles, signers};
use crate::trust::signature::ArmoredSignature;
use crate::world::store::StoreError;

/// One version, and the step that brought it into force.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its number.
    pub number: u32,
    /// SHA-256 of its `root.toml`.
    pub root: String,
    /// The same as people compare it.
    pub fingerprint: String,
    /// The step.
    pub commit: String,
    /// How many steps stand below that one.
    pub height: u64,
    /// When the last request that landed before it ended, and the first one after it, as signed.
    pub around: (Option<Timestamp>, Option<Timestamp>),
    /// The date of the commit, which nobody signed, held between what was signed before and after it.
    pub time: String,
    /// Who signed it and by which key: admins of the version before, and its own.
    pub signed: Vec<(String, String)>,
    /// Its admins.
    pub admins: Vec<String>,
    /// How many of them must sign.
    pub threshold: u32,
    /// What asks for less than in the version before, or may.
    pub weaker: Vec<String>,
    /// All other changes.
    pub changes: Vec<String>,
    /// What it says.
    pub version: Arc<PolicyVersion>,
    /// Its files, as they lie in the repository.
    pub files: VersionFiles,
}

/// Every version of the verified chain, the oldest first.
///
/// # Errors
/// The index or an object cannot be read.
pub fn steps(trail: &Trail) -> Result<Vec<Step>, CommandError> {
    let store = &trail.store;
    let mut found: Vec<Step> = Vec::new();
    for (height, commit, root) in trail.versions()? {
        let tree = store.objects().commit(&commit).map_err(StoreError::from)?.tree;
        let version = store.versions().get(store.objects(), &tree, &root).map_err(StoreError::from)?;
        let number = version.root().version;
        let missing = || CommandError::unsure(format!("there is no policy version {number}"));
        let files = store.version_files(&commit, number)?.ok_or_else(missing)?;
        let around = store.index().around(height)?;
        let before = found.last().map(|step| Arc::clone(&step.version));
        let changed = before.as_ref().map(|before| changes::between(before, &version)).unwrap_or_default();
        found.push(Step {
            number,
            root: root.to_string(),
            fingerprint: root.fingerprint(),
            commit: commit.to_string(),
            height,
            around: (bound(around.0), bound(around.1)),
            time: time(trail, &commit, around)?.to_string(),
            signed: signed(&files, before.as_deref(), &version),
            admins: version.root().admins.iter().map(Name::to_string).collect(),
            threshold: version.root().threshold,
            weaker: changed.weaker,
            changes: changed.other,
            version,
            files,
        });
    }
    Ok(found)
}

fn bound(seconds: Option<i64>) -> Option<Timestamp> {
    seconds.and_then(|seconds| Timestamp::from_unix(seconds).ok())
}

/// A date that was only written down cannot lie further than the signed times around it.
fn time(
    trail: &Trail,
    commit: &CommitId,
    (before, after): (Option<i64>, Option<i64>),
) -> Result<Timestamp, CommandError> {
    let dated = trail.store.dated(commit)?.map(|time| time.unix());
    let stated = dated.or(before).or(after).unwrap_or(0);
    let held = stated.max(before.unwrap_or(i64::MIN));
    let held = held.min(after.unwrap_or(i64::MAX).max(before.unwrap_or(i64::MIN)));
    Timestamp::from_unix(held).map_err(|error| CommandError::unsure(error.to_string()))
}

/// Whose signatures count for it, and the keys that made them.
fn signed(files: &VersionFiles, before: Option<&PolicyVersion>, own: &PolicyVersion) -> Vec<(String, String)> {
    let mut names = signers(files, own.roster());
    names.extend(before.map(|before| signers(files, before.roster())).unwrap_or_default());
    names.sort();
    names.dedup();
    let key = |name: &Name| {
        let signature = files.signatures.get(name).and_then(|bytes| ArmoredSignature::parse(bytes).ok());
        signature.map(|signature| signature.key().fingerprint()).unwrap_or_default()
    };
    names.iter().map(|name| (name.to_string(), key(name))).collect()
}
