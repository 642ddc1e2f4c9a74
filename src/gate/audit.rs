//! Re-judges every step of `main` under its first parent: a policy step, a request step or a repair.

mod policy_step;
mod proposal;
mod repair;
mod request_step;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::id::{CommitId, Digest, ObjectId, RequestId};
use crate::domain::root::Root;
use crate::gate::account::{Account, Told};
use crate::gate::branch::BranchError;
use crate::gate::dossier::DossierError;
use crate::gate::finding::{Code, Finding};
use crate::gate::history::{self, Commit, DIRECTORY, History, ReadError};
use crate::gate::ledger::{Landed, Ledger, LedgerError};
use crate::risk::{End, Past};
use crate::trust::root::{self, PolicyVersion};

pub use policy_step::{MAX_FILE, genesis, read_version};
pub use proposal::{Proposed, proposed};
pub use repair::{Repair, weigh};
pub use request_step::would_land;

/// A verified commit of `main` with what is in force there.
#[derive(Debug, Clone)]
pub struct Standpoint {
    /// The commit.
    pub commit: CommitId,
    /// 0 for the genesis.
    pub height: u64,
    /// The policy in force after it.
    pub version: Arc<PolicyVersion>,
    /// SHA-256 of the genesis root: the repository's identity.
    pub repo: Digest,
}

/// What a legal step did.
#[derive(Debug, Clone)]
pub enum Event {
    /// A policy version came into force.
    Policy(Arc<PolicyVersion>),
    /// A request ended; what history keeps of it.
    Ended(RequestId, Landed, Box<Kept>),
    /// The outcome of a claim landed; what history keeps of it.
    Outcome(RequestId, End, Box<Told>),
    /// An illegal step was undone.
    Repair {
        /// The tip that held it.
        bad: CommitId,
    },
}

/// What history keeps of a request that ended.
#[derive(Debug, Clone)]
pub struct Kept {
    /// For the risk of later ones.
    pub past: Past,
    /// For auditors.
    pub account: Account,
}

/// Why a step is not legal, or why nobody can say.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StepError {
    /// It breaks a rule.
    #[error("{0}")]
    Illegal(Finding),
    /// An object is missing or damaged.
    #[error(transparent)]
    Read(ReadError),
    /// The index cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// More new policy versions than are judged at once; those before are judged and known.
    #[error("more than {0} new policy versions at once: {0} were verified, and are remembered")]
    ManyVersions(usize),
}

impl StepError {
    /// A broken rule.
    fn illegal(code: Code, message: impl Into<String>) -> Self {
        Self::Illegal(Finding::new(code, message))
    }

    /// The same of a certain commit.
    #[must_use]
    pub fn at(self, commit: &CommitId) -> Self {
        match self {
            Self::Illegal(finding) => Self::Illegal(Finding { commit: Some(*commit), ..finding }),
            other => other,
        }
    }

    /// Whether it is a judgement, not a failure to judge.
    pub fn finding(&self) -> Option<&Finding> {
        match self {
            Self::Illegal(finding) => Some(finding),
            Self::Read(_) | Self::Ledger(_) | Self::ManyVersions(_) => None,
        }
    }
}

impl From<ReadError> for StepError {
    fn from(error: ReadError) -> Self {
        // What is there and is nothing of ours is a judgement, or one such push would stop everyone for ever.
        if error.malformed { Self::illegal(Code::StepIllegal, error.to_string()) } else { Self::Read(error) }
    }
}

impl From<BranchError> for StepError {
    fn from(error: BranchError) -> Self {
        match error {
            BranchError::Read(error) => error.into(),
            BranchError::Ledger(error) => Self::Ledger(error),
            other => Self::illegal(Code::BranchTainted, other.to_string()),
        }
    }
}

impl From<DossierError> for StepError {
    fn from(error: DossierError) -> Self {
        match error {
            DossierError::Read(error) => error.into(),
            DossierError::Ledger(error) => Self::Ledger(error),
            DossierError::Request(finding) => Self::Illegal(finding),
        }
    }
}

/// The policy versions of the verified chain, by the digest of their root.
#[derive(Debug, Default)]
pub struct Versions {
    known: RefCell<BTreeMap<Digest, Arc<PolicyVersion>>>,
}

impl Versions {
    /// Remembers an accepted version.
    pub fn add(&self, version: &Arc<PolicyVersion>) {
        self.known.borrow_mut().insert(version.digest(), Arc::clone(version));
    }

    /// The version with this root, read again from `policy/` below a verified tree where it is not at hand.
    ///
    /// The digest comes from the verified chain, so the files need no second judgement of their signatures.
    ///
    /// # Errors
    /// [`StepError`].
    pub fn get(
        &self,
        history: &dyn History,
        tree: &ObjectId,
        digest: &Digest,
    ) -> Result<Arc<PolicyVersion>, StepError> {
        if let Some(version) = self.known.borrow().get(digest) {
            return Ok(Arc::clone(version));
        }
        for entry in history::subtree(history, tree, "policy")?.iter().rev().filter(|entry| entry.mode == DIRECTORY) {
            let files = history.tree(&entry.id)?;
            let Some(file) = history::entry(&files, "root.toml") else { continue };
            if Digest::of(&history.blob(&file.id, MAX_FILE)?) == *digest {
                let files = read_version(history, &entry.id)?;
                let version =
                    root::read(&files).map_err(|error| StepError::illegal(Code::PolicyInvalid, error.to_string()))?;
                let version = Arc::new(version);
                self.add(&version);
                return Ok(version);
            }
        }
        Err(StepError::illegal(Code::PolicyInvalid, format!("no policy version has the root {digest}")))
    }
}

/// Judges the step from `below` to `commit`.
///
/// # Errors
/// [`StepError`], with the commit named.
pub fn step(
    history: &dyn History,
    ledger: &dyn Ledger,
    versions: &Versions,
    below: &Standpoint,
    commit: &CommitId,
) -> Result<Event, StepError> {
    let judged = (|| {
        let step = history.commit(commit)?;
        let old = history.commit(&below.commit)?.tree;
        match step.parents.as_slice() {
            [first, bad] if *first == below.commit && step.tree == old => {
                repair::judge(history, ledger, versions, below, bad).map(|()| Event::Repair { bad: *bad })
            }
            _ => plain(history, ledger, versions, below, commit, &step),
        }
    })();
    judged.map_err(|error| error.at(commit))
}

/// A policy step or a request step.
fn plain(
    history: &dyn History,
    ledger: &dyn Ledger,
    versions: &Versions,
    below: &Standpoint,
    commit: &CommitId,
    step: &Commit,
) -> Result<Event, StepError> {
    let old = history.commit(&below.commit)?.tree;
    match step.parents.as_slice() {
        [first] if *first == below.commit => {
            let judged = policy_step::judge(history, below, &old, &step.tree);
            judged.map(|version| Event::Policy(Arc::new(version))).map_err(|error| match error {
                StepError::Illegal(finding) if finding.path.is_none() => {
                    StepError::Illegal(finding.path(Root::directory(below.version.root().version + 1)))
                }
                other => other,
            })
        }
        [first, second] if *first == below.commit => {
            request_step::judge(history, ledger, versions, below, &old, commit, step, second)
        }
        _ => Err(StepError::illegal(
            Code::StepIllegal,
            "a step of main has one or two parents, the first the tip before it",
        )),
    }
}
