//! The bare repository that a push arrives at, as a hook sees it: objects in quarantine, and an index of its `main`.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::domain::id::{CommitId, Digest};
use crate::gate::audit::{self, Standpoint, StepError, Versions};
use crate::gate::finding::{Code, Finding};
use crate::gate::history::History as _;
use crate::gate::ledger::LedgerError;
use crate::world::index::Index;
use crate::world::objects::Objects;
use crate::world::store::judge_chain;

/// A bare repository with what is verified of its `main`.
///
/// The index below the repository is derived from `main` as it is, never from what is being pushed; it is rebuilt
/// when it is lost or belongs to another pin, and done without where it cannot be written.
#[derive(Debug)]
pub struct Server {
    /// Its objects, those of the push included.
    pub objects: Objects,
    /// What is known of the verified part of its `main`.
    pub index: Index,
    /// The policy versions of that part.
    pub versions: Versions,
    /// SHA-256 of the genesis root.
    pub repo: Digest,
    /// The tip of `main`.
    pub tip: Option<CommitId>,
    /// The last legal step; `None`: there is none.
    pub good: Option<Standpoint>,
    /// Why `main` does not hold as it is.
    pub fault: Option<Finding>,
}

impl Server {
    /// Verifies the `main` that is there from the pinned root `given`: the first one, or a later one that must be on the
    /// chain. Where there is no `main` yet, the first is looked for below `arriving`.
    ///
    /// # Errors
    /// It cannot be told; [`StepError::Illegal`] where the repository is not the pinned one.
    pub fn open(objects: Objects, given: Digest, arriving: Option<CommitId>) -> Result<Self, StepError> {
        let versions = Versions::default();
        // Locked first: another hook must not take the index past the tip that is read here.
        let kept = Kept::open(&objects.path().join("expacti"));
        let tip = objects.reference("refs/heads/main").map_err(|error| LedgerError(error.message().to_owned()))?;
        let known = kept.as_ref().ok().and_then(|kept| kept.index.genesis().ok().flatten());
        let repo = match tip.or(arriving) {
            Some(tip) if known != Some(given) => identity(&objects, tip, &given)?,
            _ => given,
        };
        let (index, judged) = match (tip, kept) {
            (None, _) => (Index::in_memory()?, Ok(None)),
            (Some(tip), Ok(kept)) => match kept.judge(&objects, &versions, repo, tip) {
                Err(StepError::Ledger(_)) => afresh(&objects, &versions, repo, tip)?,
                judged => (kept.index, judged.map(Some)),
            },
            (Some(tip), Err(_)) => afresh(&objects, &versions, repo, tip)?,
        };
        let fault = match judged {
            Ok(_) => None,
            Err(StepError::Illegal(finding)) => Some(finding),
            Err(other) => return Err(other),
        };
        let good = match index.tip()? {
            Some((commit, position)) => {
                let tree = objects.commit(&commit)?.tree;
                let version = versions.get(&objects, &tree, &position.root)?;
                Some(Standpoint { commit, height: position.height, version, repo })
            }
            None => None,
        };
        Ok(Self { objects, index, versions, repo, tip, good, fault })
    }
}

/// The genesis below `tip`, where it is the given root or the given root is one that `tip` holds.
fn identity(objects: &Objects, tip: CommitId, given: &Digest) -> Result<Digest, StepError> {
    let mut first = tip;
    while let Some(parent) = objects.commit(&first)?.parents.first() {
        first = *parent;
    }
    let repo = audit::genesis(objects, &first, None)?.digest();
    // A later version names its predecessor, down to the genesis; the chain between is judged afterwards.
    let tree = objects.commit(&tip)?.tree;
    if repo == *given || Versions::default().get(objects, &tree, given).is_ok() {
        return Ok(repo);
    }
    let message = format!("its first root is {}, pinned is {}", repo.fingerprint(), given.fingerprint());
    Err(StepError::Illegal(Finding::new(Code::PinMismatch, message).commit(first)))
}

type Judged = Result<Option<Standpoint>, StepError>;

fn afresh(objects: &Objects, versions: &Versions, repo: Digest, tip: CommitId) -> Result<(Index, Judged), StepError> {
    let index = Index::in_memory()?;
    let judged = judge_chain(objects, &index, versions, repo, tip, &mut |_, _| {}).map(Some);
    Ok((index, judged))
}

/// The index that is kept, for one hook at a time.
struct Kept {
    index: Index,
    _lock: File,
}

impl Kept {
    fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let lock = File::options().create(true).truncate(false).write(true).open(directory.join("lock"))?;
        lock.lock()?;
        let index = Index::open(&directory.join("index.sqlite")).map_err(io::Error::other)?;
        Ok(Self { index, _lock: lock })
    }

    fn judge(
        &self,
        objects: &Objects,
        versions: &Versions,
        repo: Digest,
        tip: CommitId,
    ) -> Result<Standpoint, StepError> {
        if self.index.genesis()?.is_some_and(|genesis| genesis != repo) {
            self.index.clear()?;
        }
        let judge = || judge_chain(objects, &self.index, versions, repo, tip, &mut |_, _| {});
        match judge() {
            // The index is no memory: whoever administers the server has moved main.
            Err(StepError::Illegal(finding)) if matches!(finding.code, Code::Rollback | Code::Fork | Code::Foxtrot) => {
                self.index.clear()?;
                judge()
            }
            judged => judged,
        }
    }
}
