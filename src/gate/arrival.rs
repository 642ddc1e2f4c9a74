//! What may arrive on a branch beside `main`, and which branch may go: what a server's hook and CI ask.

use std::collections::BTreeSet;

use crate::domain::id::{CommitId, RequestId};
use crate::gate::audit::{self, Event, Standpoint, StepError, Versions};
use crate::gate::branch::{self, BranchError, Changes};
use crate::gate::dossier::{Dossier, DossierError, Judges, gather};
use crate::gate::finding::{Code, Finding};
use crate::gate::history::{History, ReadError};
use crate::gate::ledger::{Landed, LandedEnding, Ledger};

/// The most commits of one branch that are looked through.
const MAX_COMMITS: usize = 4_096;

/// One verified tip of `main`, from which branches are judged.
#[derive(Debug, Clone, Copy)]
pub struct Gatehouse<'a> {
    /// Objects.
    pub history: &'a dyn History,
    /// What is known of the chain up to the tip.
    pub ledger: &'a dyn Ledger,
    /// Policy versions of that chain.
    pub versions: &'a Versions,
    /// The tip.
    pub at: &'a Standpoint,
}

impl Gatehouse<'_> {
    /// The records on an open request's branch, with what does not hold among its findings.
    ///
    /// # Errors
    /// [`StepError::Illegal`] where there is no request to speak of; else it cannot be told.
    pub fn open(&self, id: RequestId, tip: CommitId) -> Result<Dossier, StepError> {
        let tainted = |why: String| StepError::Illegal(Finding::new(Code::BranchTainted, why).commit(tip));
        let unreadable = |error: ReadError| {
            if error.malformed { tainted(error.to_string()) } else { StepError::Read(error) }
        };
        let branch = branch::read(self.history, self.ledger, id, tip).map_err(|error| match error {
            BranchError::Read(error) => unreadable(error),
            BranchError::Ledger(error) => StepError::Ledger(error),
            other => tainted(other.to_string()),
        })?;
        let tree = self.history.commit(&self.at.commit)?.tree;
        let base = self.versions.get(self.history, &tree, &branch.base_position.root)?;
        let (repo, height) = (self.at.repo, self.at.height);
        let judges = Judges { now: &self.at.version, base: &base, repo, height, endings: false };
        gather(self.history, self.ledger, branch, &judges).map_err(|error| match error {
            DossierError::Read(error) => unreadable(error),
            other => other.into(),
        })
    }

    /// Whether a branch of a request that has ended only adds files of it, as every branch of ours does.
    ///
    /// # Errors
    /// [`Code::BranchTainted`]; else it cannot be told.
    pub fn ended(&self, id: RequestId, tip: CommitId) -> Result<(), StepError> {
        let branch = branch::read(self.history, self.ledger, id, tip)?;
        match branch.taint.first() {
            Some(taint) => Err(StepError::Illegal(Finding::new(Code::BranchTainted, taint.clone()).commit(tip))),
            None => Ok(()),
        }
    }

    /// Whether a push to `requests/<id>` adds records that verify and nothing else.
    ///
    /// What stood there before is not held against it: a key may have been removed since.
    ///
    /// # Errors
    /// [`StepError::Illegal`] says what is wrong; else it cannot be told.
    pub fn request(&self, id: RequestId, old: Option<CommitId>, new: CommitId) -> Result<Dossier, StepError> {
        if let Some(landed) = self.ledger.landed(&id)? {
            let message = format!("request {id} has ended on main at {} ({})", landed.commit, landed.ending.as_str());
            return Err(StepError::Illegal(Finding::new(Code::LateRecord, message).commit(new)));
        }
        self.forward(old, new)?;
        let dossier = self.open(id, new)?;
        let stood = old.and_then(|old| self.open(id, old).ok());
        // First, since it explains the rest.
        let taint = stood.iter().flat_map(|stood| &stood.branch.taint).collect::<BTreeSet<_>>();
        if let Some(taint) = dossier.branch.taint.iter().find(|what| !taint.contains(what)) {
            return Err(StepError::Illegal(Finding::new(Code::BranchTainted, taint.clone()).commit(new)));
        }
        let known = stood.iter().flat_map(|stood| &stood.findings).map(place).collect::<BTreeSet<_>>();
        match dossier.findings.iter().find(|finding| !known.contains(&place(finding))) {
            Some(finding) => Err(StepError::Illegal(finding.clone())),
            None => Ok(dossier),
        }
    }

    /// Whether what waits on `claims/<id>` or `outcomes/<id>` could land.
    ///
    /// # Errors
    /// [`StepError::Illegal`] says what is wrong; else it cannot be told.
    pub fn waiting(
        &self,
        claims: bool,
        id: RequestId,
        old: Option<CommitId>,
        new: CommitId,
    ) -> Result<Event, StepError> {
        self.forward(old, new)?;
        let event = audit::would_land(self.history, self.ledger, self.versions, self.at, id, &new)?;
        let claim = matches!(&event, Event::Ended(_, Landed { ending: LandedEnding::Claimed { .. }, .. }, _));
        if claim == claims {
            return Ok(event);
        }
        let (what, other) = if claims { ("no claim", "outcomes") } else { ("a claim", "claims") };
        let message = format!("it ends with {what}: that belongs to {other}/{id}");
        Err(StepError::Illegal(Finding::new(Code::PathUnexpected, message).commit(new)))
    }

    /// Whether `requests/<id>` may be deleted: its request has ended on `main`, or it holds none that verifies.
    ///
    /// # Errors
    /// It may not, or it cannot be told.
    pub fn request_may_go(&self, id: RequestId, tip: CommitId) -> Result<(), StepError> {
        if self.ledger.landed(&id)?.is_some() {
            return Ok(());
        }
        match self.open(id, tip) {
            Ok(_) => Err(needed(tip, format!("request {id} is open: it has not ended on main"))),
            Err(StepError::Illegal(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Whether `claims/<id>` or `outcomes/<id>` may be deleted: it has landed, or never can.
    ///
    /// # Errors
    /// It may not, or it cannot be told.
    pub fn waiting_may_go(&self, claims: bool, id: RequestId, tip: CommitId) -> Result<(), StepError> {
        match self.waiting(claims, id, None, tip) {
            Ok(_) => Err(needed(tip, "what waits there has not landed on main".to_owned())),
            Err(StepError::Illegal(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// The request whose file the first commit of a chain beyond `main` adds, where it is one of single parents.
    ///
    /// # Errors
    /// It cannot be told.
    pub fn subject(&self, tip: CommitId) -> Result<Option<RequestId>, StepError> {
        let mut at = tip;
        for _ in 0..MAX_COMMITS {
            let commit = self.history.commit(&at)?;
            let Some(first) = commit.parents.first() else { return Ok(None) };
            if self.ledger.find(first)?.is_some() {
                if commit.parents.len() > 1 || self.ledger.find(&at)?.is_some() {
                    return Ok(None);
                }
                let below = self.history.commit(first)?.tree;
                let mut changes = Changes::default();
                return match changes.compare(self.history, Some(&below), &commit.tree, "") {
                    Ok(()) => Ok(changes.added.iter().find_map(|(path, _)| branch::subject(path))),
                    Err(BranchError::Read(error)) if !error.malformed => Err(error.into()),
                    Err(_) => Ok(None),
                };
            }
            at = *first;
        }
        Ok(None)
    }

    /// A push only adds commits.
    fn forward(&self, old: Option<CommitId>, new: CommitId) -> Result<(), StepError> {
        match old {
            Some(old) => forward(self.history, self.ledger, old, new),
            None => Ok(()),
        }
    }
}

/// Whether `new` is `old` or goes on from it, by first parents alone.
///
/// # Errors
/// [`Code::PushForced`]; else it cannot be told.
pub fn forward(history: &dyn History, ledger: &dyn Ledger, old: CommitId, new: CommitId) -> Result<(), StepError> {
    let mut at = Some(new);
    for _ in 0..MAX_COMMITS {
        match at {
            Some(commit) if commit == old => return Ok(()),
            Some(commit) if ledger.find(&commit)?.is_none() => at = history.commit(&commit)?.parents.first().copied(),
            _ => break,
        }
    }
    let message = format!("it takes commit {old} away from the branch");
    Err(StepError::Illegal(Finding::new(Code::PushForced, message).commit(new)))
}

/// A branch that must stay.
pub fn needed(tip: CommitId, why: String) -> StepError {
    StepError::Illegal(Finding::new(Code::RefNeeded, why).commit(tip))
}

/// What tells a finding that stood before from a new one.
fn place(finding: &Finding) -> (Code, Option<&str>, &str) {
    (finding.code, finding.path.as_deref(), &finding.message)
}
