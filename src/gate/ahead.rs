//! Steps beyond the verified `main`, judged without writing them down: a push that may still fail, a pull request.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::id::{CommitId, Digest, RequestId};
use crate::gate::audit::{self, Event, Standpoint, StepError, Versions};
use crate::gate::finding::{Code, Finding};
use crate::gate::history::{History, ReadError};
use crate::gate::ledger::{AsOf, Landed, Ledger, LedgerError, Position};
use crate::risk::{End, History as Pasts, Past, Subject};

/// The most steps that are judged ahead in one go, and the most commits that are looked through for one.
pub const MAX_AHEAD: usize = 100_000;

/// A ledger with steps on top that it does not hold.
#[derive(Debug)]
pub struct Ahead<'a> {
    below: AsOf<'a>,
    steps: RefCell<BTreeMap<CommitId, Position>>,
    requests: RefCell<BTreeMap<RequestId, Landed>>,
    /// What history keeps of the requests that ended on top, oldest first.
    pasts: RefCell<Vec<Past>>,
    /// Outcomes on top: what they tell, and at which height.
    ends: RefCell<Vec<(RequestId, End, u64)>>,
}

impl<'a> Ahead<'a> {
    /// Nothing on top yet of what was known at a height.
    pub fn new(ledger: &'a dyn Ledger, height: u64) -> Self {
        Self {
            below: AsOf { ledger, height },
            steps: RefCell::default(),
            requests: RefCell::default(),
            pasts: RefCell::default(),
            ends: RefCell::default(),
        }
    }

    fn add(&self, commit: &CommitId, position: Position, event: Option<&Event>) -> Result<(), LedgerError> {
        self.steps.borrow_mut().insert(*commit, position);
        match event {
            Some(Event::Ended(id, landed, kept)) => {
                self.requests.borrow_mut().insert(*id, landed.clone());
                self.pasts.borrow_mut().push(kept.past.clone());
            }
            Some(Event::Outcome(id, end, _)) => {
                self.ends.borrow_mut().push((*id, *end, position.height));
                if let Some(landed) = self.landed(id)? {
                    self.requests.borrow_mut().insert(*id, Landed { outcome: Some(*commit), ..landed });
                }
            }
            Some(Event::Policy(_) | Event::Repair { .. }) | None => {}
        }
        Ok(())
    }

    /// How many steps are on top.
    pub fn steps(&self) -> u64 {
        self.steps.borrow().len() as u64
    }

    /// Judges the first-parent chain from `start` to `tip`, or, where nothing is verified yet, from a genesis with the
    /// root `repo`.
    ///
    /// # Errors
    /// [`StepError`] of the first step that is not legal; [`Code::Rollback`], [`Code::Fork`] or [`Code::Foxtrot`]
    /// where `tip` does not continue `start`. What was judged before stands on top.
    pub fn judge(
        &self,
        history: &dyn History,
        versions: &Versions,
        start: Option<&Standpoint>,
        repo: Digest,
        tip: CommitId,
    ) -> Result<Standpoint, StepError> {
        let mut steps = self.beyond(history, start, tip)?.into_iter().rev();
        let mut at = match (start, steps.len()) {
            (Some(start), _) => start.clone(),
            (None, 0) => return Err(LedgerError("an empty history".to_owned()).into()),
            (None, _) => {
                let first = steps.next().unwrap_or(tip);
                let version = Arc::new(audit::genesis(history, &first, Some(&repo))?);
                versions.add(&version);
                self.add(&first, Position { height: 0, root: version.digest() }, None)?;
                Standpoint { commit: first, height: 0, version, repo }
            }
        };
        for commit in steps {
            let event = audit::step(history, self, versions, &at, &commit)?;
            if let Event::Policy(version) = &event {
                versions.add(version);
                at.version = Arc::clone(version);
            }
            at.commit = commit;
            at.height += 1;
            self.add(&commit, Position { height: at.height, root: at.version.digest() }, Some(&event))?;
        }
        Ok(at)
    }

    /// The first-parent chain from `tip` down to `start`, which is left out.
    fn beyond(
        &self,
        history: &dyn History,
        start: Option<&Standpoint>,
        tip: CommitId,
    ) -> Result<Vec<CommitId>, StepError> {
        let mut steps = Vec::new();
        let mut at = Some(tip);
        while let Some(commit) = at {
            if start.is_some_and(|start| start.commit == commit) {
                return Ok(steps);
            }
            if let (Some(start), Some(_)) = (start, self.below.find(&commit)?) {
                return Err(StepError::Illegal(self.elsewhere(history, &start.commit, tip, steps.is_empty())?));
            }
            if steps.len() >= MAX_AHEAD {
                let message = format!("more than {MAX_AHEAD} steps at once; push them in parts");
                return Err(StepError::Illegal(Finding::new(Code::StepIllegal, message).commit(tip)));
            }
            steps.push(commit);
            at = history.commit(&commit)?.parents.first().copied();
        }
        match start {
            None => Ok(steps),
            Some(start) => Err(StepError::Illegal(self.elsewhere(history, &start.commit, tip, false)?)),
        }
    }

    /// How `tip` fails to continue `start`.
    fn elsewhere(
        &self,
        history: &dyn History,
        start: &CommitId,
        tip: CommitId,
        older: bool,
    ) -> Result<Finding, StepError> {
        let (code, how) = if older {
            (Code::Rollback, "is older than")
        } else if reaches(history, &self.below, &tip, start)? {
            (Code::Foxtrot, "names as a later parent, not as the step before it,")
        } else {
            (Code::Fork, "does not descend from")
        };
        Ok(Finding::new(code, format!("main would be {tip}, which {how} {start}")).commit(tip))
    }
}

impl Ledger for Ahead<'_> {
    fn find(&self, commit: &CommitId) -> Result<Option<Position>, LedgerError> {
        if let Some(position) = self.steps.borrow().get(commit) {
            return Ok(Some(*position));
        }
        self.below.find(commit)
    }

    fn landed(&self, id: &RequestId) -> Result<Option<Landed>, LedgerError> {
        if let Some(landed) = self.requests.borrow().get(id) {
            return Ok(Some(landed.clone()));
        }
        self.below.landed(id)
    }

    fn past(&self, subject: &Subject, height: u64) -> Result<Pasts, LedgerError> {
        let mut newer: Vec<Past> = self.pasts.borrow().iter().filter(|past| past.height <= height).cloned().collect();
        newer.reverse();
        let mut history = self.below.past(subject, height)?.topped(&newer, subject);
        for (id, end, _) in self.ends.borrow().iter().filter(|(_, _, told)| *told <= height) {
            history
                .alike
                .iter_mut()
                .chain(&mut history.own)
                .filter(|past| past.id == *id)
                .for_each(|past| past.end = *end);
        }
        Ok(history)
    }
}

/// Whether `wanted` is `tip` or among its ancestors, by any parent; what lies below the verified chain is not walked.
///
/// # Errors
/// [`StepError`], also where there are more than [`MAX_AHEAD`] commits to look at.
pub fn reaches(
    history: &dyn History,
    ledger: &dyn Ledger,
    tip: &CommitId,
    wanted: &CommitId,
) -> Result<bool, StepError> {
    let mut queue = vec![*tip];
    let mut met = BTreeSet::new();
    while let Some(at) = queue.pop() {
        if at == *wanted {
            return Ok(true);
        }
        if met.len() >= MAX_AHEAD {
            let reason = format!("more than {MAX_AHEAD} commits to look through");
            let id = crate::domain::id::ObjectId::new(*tip.as_bytes());
            return Err(ReadError { id, reason, malformed: true }.into());
        }
        if met.insert(at) && ledger.find(&at)?.is_none() {
            queue.extend(history.commit(&at)?.parents);
        }
    }
    Ok(false)
}
