//! Judging for an auditor: reports what is wrong instead of failing on it, and remembers nothing of it.

use std::collections::BTreeSet;

use crate::domain::id::{CommitId, RequestId};
use crate::gate::audit::{self, Standpoint, StepError, Versions};
use crate::gate::finding::{Code, Finding};
use crate::gate::history::{History, ReadError};
use crate::gate::ledger::{AsOf, Landed, Ledger as _, Position};
use crate::world::git::GitError;
use crate::world::index::Index;
use crate::world::objects::Objects;
use crate::world::store::{FETCHED_MAIN, MAIN, SEEN_REQUESTS, Store, StoreError, fetch, lock_file};

/// What was found on `main`.
#[derive(Debug)]
pub struct Audited {
    /// The tip the repository shows; `None`: it has no `main`.
    pub tip: Option<CommitId>,
    /// The last legal step; `None`: not even the first is.
    pub last: Option<Standpoint>,
    /// Why `main` does not hold.
    pub finding: Option<Finding>,
}

impl Store {
    /// The same repository with an empty index, so that everything is judged from the pinned root.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn afresh(&self) -> Result<Self, StoreError> {
        Ok(Self {
            url: self.url.clone(),
            repo: self.repo,
            floor: self.floor,
            memory: self.memory.clone(),
            objects: Objects::open(self.objects.path())?,
            git: self.git.clone(),
            index: Index::in_memory()?,
            versions: Versions::default(),
            warnings: std::cell::RefCell::default(),
        })
    }

    /// Fetches `main` alone.
    ///
    /// # Errors
    /// [`StoreError::NoMain`], or [`StoreError::Illegal`] where this machine remembers one; or git could not tell.
    pub(super) fn fetch_main(&self) -> Result<CommitId, StoreError> {
        if let Err(error) = self.git.fetch(&self.url, &[&format!("+{MAIN}:{FETCHED_MAIN}")], false) {
            let missing = matches!(&error, GitError::Failed { said, .. } if said.contains("couldn't find remote ref"));
            return Err(match self.remembered_main()? {
                _ if !missing => error.into(),
                None => StoreError::NoMain(self.url.clone()),
                Some(memory) => {
                    let message = format!("the repository has no main any more; {memory} was verified here before");
                    StoreError::Illegal(Finding::new(Code::MainMissing, message).path(MAIN))
                }
            });
        }
        self.objects.reference(FETCHED_MAIN)?.ok_or_else(|| StoreError::NoMain(self.url.clone()))
    }

    /// Fetches `main` and judges what the index does not hold yet, then fetches the open requests.
    ///
    /// # Errors
    /// It cannot be told: not reachable, or objects are missing or damaged.
    pub fn audit(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Audited, StoreError> {
        let _lock = lock_file(&self.memory)?;
        let memory = self.remembered_main()?;
        let tip = match self.fetch_main() {
            Ok(tip) => tip,
            Err(StoreError::Illegal(finding)) => {
                return Ok(Audited { tip: None, last: self.newest()?, finding: Some(finding) });
            }
            Err(error) => return Err(error),
        };
        let finding = match self.judge_main(tip, memory, progress) {
            Ok(_) => None,
            Err(StepError::Illegal(finding)) => Some(self.keep(finding, &tip)?),
            Err(error) => return Err(error.into()),
        };
        let last = self.newest()?;
        if let (None, Some(last), true) = (&finding, &last, self.index.is_kept()) {
            self.remember(last)?;
        }
        self.fetch_branches(&fetch::REQUESTS)?;
        Ok(Audited { tip: Some(tip), last, finding })
    }

    fn newest(&self) -> Result<Option<Standpoint>, StoreError> {
        match self.index.tip()? {
            Some((commit, position)) => self.standpoint(commit, position).map(Some),
            None => Ok(None),
        }
    }

    /// Judges the steps that landed a request once more, as of their first parents.
    ///
    /// # Errors
    /// It cannot be told.
    pub fn rejudge(&self, landed: &Landed) -> Result<Option<Finding>, StoreError> {
        for step in std::iter::once(&landed.commit).chain(&landed.outcome) {
            let first = self.objects.commit(step)?.parents.first().copied();
            let found = first.map(|first| self.index.find(&first).map(|position| (first, position))).transpose()?;
            let Some((first, Some(Position { height, root }))) = found else {
                let finding = Finding::new(Code::StepIllegal, "its first parent is not on the verified main");
                return Ok(Some(finding.commit(*step)));
            };
            let below = self.standpoint(first, Position { height, root })?;
            let ledger = AsOf { ledger: &self.index, height };
            match audit::step(&self.objects, &ledger, &self.versions, &below, step) {
                Ok(_) => {}
                Err(StepError::Illegal(finding)) => return Ok(Some(finding)),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Open requests whose branch lost commits this machine saw on it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn lost_branches(&self) -> Result<Vec<(RequestId, Finding)>, StoreError> {
        let mut lost = Vec::new();
        for (name, seen) in self.objects.references(SEEN_REQUESTS)? {
            let Ok(id) = name.parse::<RequestId>() else { continue };
            if self.index.landed(&id)?.is_some() {
                continue;
            }
            let path = format!("refs/heads/requests/{id}");
            match self.branch_tip(&id)? {
                None => {
                    let message =
                        format!("the branch is gone; its commit {seen} was seen here, and it never ended on main");
                    lost.push((id, Finding::new(Code::BranchVanished, message).commit(seen).path(path)));
                }
                Some(tip) if tip != seen && !self.objects.descends(&tip, &seen)? => {
                    let message = format!("the branch is at {tip}, which lacks commit {seen} that was seen here");
                    lost.push((id, Finding::new(Code::BranchRewound, message).commit(tip).path(path)));
                }
                Some(_) => {}
            }
        }
        Ok(lost)
    }
}

/// Whether a finding says that `main` is not a continuation of what was verified.
pub(super) fn is_divergence(code: Code) -> bool {
    matches!(code, Code::Rollback | Code::Fork | Code::Foxtrot)
}

/// What became of `known`, verified here before and not on the first-parent chain of `tip`.
///
/// # Errors
/// An object is missing.
pub(super) fn diverged(history: &dyn History, tip: &CommitId, known: &CommitId) -> Result<Finding, StepError> {
    let (code, how) = if is_older(history, tip, known) {
        (Code::Rollback, "is older than")
    } else if reaches(history, tip, known)? {
        (Code::Foxtrot, "names as a later parent, not as the step before it,")
    } else {
        (Code::Fork, "does not descend from")
    };
    Ok(Finding::new(code, format!("main is {tip}, which {how} {known}, verified here before")).commit(*tip))
}

/// Whether `tip` is on the first-parent chain of `known`; not where that chain is no longer here.
fn is_older(history: &dyn History, tip: &CommitId, known: &CommitId) -> bool {
    let mut at = *known;
    while let Some(first) = history.commit(&at).ok().and_then(|commit| commit.parents.first().copied()) {
        if first == *tip {
            return true;
        }
        at = first;
    }
    false
}

/// Whether `known` is an ancestor of `tip` by any parent.
fn reaches(history: &dyn History, tip: &CommitId, known: &CommitId) -> Result<bool, ReadError> {
    let mut queue = vec![*tip];
    let mut met = BTreeSet::new();
    while let Some(at) = queue.pop() {
        if at == *known {
            return Ok(true);
        }
        if met.insert(at) {
            queue.extend(history.commit(&at)?.parents);
        }
    }
    Ok(false)
}
