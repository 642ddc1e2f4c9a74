//! Healing `main`: what can be pushed as a plain fast-forward so that it holds again, or why nothing can.

use std::sync::Arc;

use crate::domain::id::CommitId;
use crate::domain::time::Timestamp;
use crate::gate::audit::{self, Event, Repair, Standpoint, StepError};
use crate::gate::finding::{Code, Finding};
use crate::gate::history::History as _;
use crate::gate::ledger::Position;
use crate::world::git::{Pushed, Update};
use crate::world::store::{Landing, MAIN, Store, StoreError, lock_file};

/// What stands between this repository and a `main` that holds.
#[derive(Debug)]
pub enum Remedy {
    /// It holds.
    Holds(Standpoint),
    /// This, and whoever may push can do it.
    Push(Fix),
    /// Only who may move `main` on the host can do it: nothing that follows from this tip is legal.
    Host {
        /// What is wrong.
        finding: Finding,
        /// Why no plain push heals it.
        why: String,
        /// What `main` is.
        bad: CommitId,
        /// What it was when it last held, where that is known.
        good: Option<CommitId>,
    },
}

/// A fast-forward that heals `main`.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What is wrong.
    pub finding: Finding,
    /// What `main` is now; `None`: it was deleted.
    pub bad: Option<CommitId>,
    /// The last good tip.
    pub good: CommitId,
    /// What is pushed: a repair, or the last good tip itself where `main` was merely set back or deleted.
    pub new: CommitId,
}

/// Where the newest repair that was made lies, so that no maintenance takes it away.
const MADE: &str = "refs/expacti/repair";
/// The most legal steps beneath a bad merge that one repair takes up again.
const MAX_STEPS: usize = 1_024;

impl Store {
    /// Fetches `main` and says whether it holds and, where it does not, what heals it.
    ///
    /// A repair is made and judged here as everyone else will judge it; it is not pushed yet.
    ///
    /// # Errors
    /// It cannot be told.
    pub fn remedy(&self, now: Timestamp) -> Result<Remedy, StoreError> {
        let _lock = lock_file(&self.memory)?;
        let memory = self.remembered_main()?;
        let tip = match (self.fetch_main(), memory) {
            (Ok(tip), _) => tip,
            (Err(StoreError::Illegal(finding)), Some(good)) => {
                return Ok(Remedy::Push(Fix { finding, bad: None, good, new: good }));
            }
            (Err(error), _) => return Err(error),
        };
        let finding = match self.verify_main(tip) {
            Ok(at) => return Ok(Remedy::Holds(at)),
            Err(StoreError::Illegal(finding)) => finding,
            Err(error) => return Err(error),
        };
        let Some((known, position)) = self.index.tip()? else {
            let why = "not even its first step holds: it is another repository, or was overwritten by one".to_owned();
            return Ok(Remedy::Host { finding, why, bad: tip, good: None });
        };
        if finding.code == Code::BelowFloor {
            let why =
                "this machine has not seen the steps after it: somebody who has must bring main forward".to_owned();
            return Ok(Remedy::Host { finding, why, bad: tip, good: None });
        }
        if finding.code == Code::Rollback {
            return Ok(Remedy::Push(Fix { finding, bad: Some(tip), good: known, new: known }));
        }
        let below = self.standpoint(known, position)?;
        match self.index.tentatively(|| self.repair(below, &tip, now))? {
            Ok((good, new)) => {
                self.objects.set_reference(MADE, &new)?;
                Ok(Remedy::Push(Fix { finding, bad: Some(tip), good, new }))
            }
            Err(why) => Ok(Remedy::Host { finding, why, bad: tip, good: Some(known) }),
        }
    }

    /// The repair of `bad`, with the step it stands on; or why there is none.
    fn repair(
        &self,
        mut below: Standpoint,
        bad: &CommitId,
        now: Timestamp,
    ) -> Result<Result<(CommitId, CommitId), String>, StoreError> {
        let (history, index, versions) = (&self.objects, &self.index, &self.versions);
        for _ in 0..MAX_STEPS {
            let undone = match audit::weigh(history, index, versions, &below, bad) {
                Ok(Repair::Legal) => {
                    let tree = history.commit(&below.commit)?.tree;
                    let message = format!("repair: back to {}", below.commit);
                    let repair = history.write_commit(&[below.commit, *bad], &tree, "expacti", now, &message)?;
                    audit::step(history, index, versions, &below, &repair)?;
                    return Ok(Ok((below.commit, repair)));
                }
                Ok(Repair::Elsewhere) => {
                    return Ok(Err(format!("it does not come from {}, the last step that holds", below.commit)));
                }
                Err(StepError::Illegal(finding)) => return Ok(Err(finding.message)),
                Ok(Repair::Undoes(undone)) => undone,
                Err(error) => return Err(error.into()),
            };
            // A merge that named an older step first hides legal ones: the repair stands on the newest of them.
            if history.commit(&undone)?.parents.first() != Some(&below.commit) {
                return Ok(Err(format!("a repair would undo {undone}, which was legal where it stands")));
            }
            let event = audit::step(history, index, versions, &below, &undone)?;
            if let Event::Policy(version) = &event {
                versions.add(version);
                below.version = Arc::clone(version);
            }
            below.commit = undone;
            below.height += 1;
            let position = Position { height: below.height, root: below.version.digest() };
            index.add(&undone, &position, Some(&event))?;
        }
        Ok(Err(format!("it hides more than {MAX_STEPS} legal steps")))
    }

    /// Pushes what heals `main`, if it is still what was judged.
    ///
    /// # Errors
    /// [`StoreError::Refused`], or git could not tell.
    pub fn heal(&self, fix: &Fix) -> Result<Landing, StoreError> {
        let update = Update { reference: MAIN.to_owned(), expected: fix.bad, new: Some(fix.new) };
        match self.git.push(&self.url, &update)? {
            Pushed::Landed => Ok(Landing::Landed(fix.new)),
            Pushed::Moved => Ok(Landing::Moved),
            Pushed::Refused(reason) => Err(StoreError::Refused(reason)),
        }
    }
}
