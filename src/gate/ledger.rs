//! What is known of the verified part of `main`, as a narrow port.

use std::cell::RefCell;
use std::fmt;

use crate::domain::id::{CommitId, Digest, ObjectId, RequestId};
use crate::domain::principal::Name;
use crate::risk::{History, Subject};

/// A place on the first-parent chain of `main`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// 0 for the genesis.
    pub height: u64,
    /// SHA-256 of the root in force after this step.
    pub root: Digest,
}

/// What stands on `main` about one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landed {
    /// Its directory: `requests/2026/11/22/<id>`.
    pub directory: String,
    /// The step that ended it.
    pub commit: CommitId,
    /// Its directory's tree at that step.
    pub tree: ObjectId,
    /// The ending.
    pub ending: LandedEnding,
    /// The step that landed the outcome of its claim.
    pub outcome: Option<CommitId>,
}

/// How a request ended on `main`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LandedEnding {
    /// Claimed: spent, whatever happened then.
    Claimed {
        /// SHA-256 of `claim.toml`.
        claim: Digest,
        /// Who claimed.
        runner: Name,
        /// The key that signed the claim, as `type base64`: it may sign the outcome for ever.
        key: String,
    },
    /// Denied by a reviewer.
    Denied,
    /// Not claimed in time.
    Expired,
    /// Taken back by the requester.
    Withdrawn,
    /// Refused by policy.
    Refused,
}

impl LandedEnding {
    /// The word people and programs see.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Claimed { .. } => "claimed",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Refused => "refused",
        }
    }
}

/// The ledger cannot be read: the gate cannot tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the index of the verified history cannot be read: {0}")]
pub struct LedgerError(pub String);

/// Answers about the verified part of `main`, derived from it and from nothing else.
pub trait Ledger: fmt::Debug {
    /// Where a commit stands on the first-parent chain; `None`: it does not.
    ///
    /// # Errors
    /// [`LedgerError`].
    fn find(&self, commit: &CommitId) -> Result<Option<Position>, LedgerError>;

    /// What ever landed about a request.
    ///
    /// # Errors
    /// [`LedgerError`].
    fn landed(&self, id: &RequestId) -> Result<Option<Landed>, LedgerError>;

    /// What had ended at `height` or below about commands like the subject's, and about its requester; newest first
    /// and bounded, so that every machine that knows this much of `main` gets the same.
    ///
    /// # Errors
    /// [`LedgerError`].
    fn past(&self, subject: &Subject, height: u64) -> Result<History, LedgerError>;
}

/// A ledger as it stood at a height of `main`: nothing above it is known.
#[derive(Debug, Clone, Copy)]
pub struct AsOf<'a> {
    /// What is known now.
    pub ledger: &'a dyn Ledger,
    /// The height of the newest step known then.
    pub height: u64,
}

impl Ledger for AsOf<'_> {
    fn find(&self, commit: &CommitId) -> Result<Option<Position>, LedgerError> {
        Ok(self.ledger.find(commit)?.filter(|position| position.height <= self.height))
    }

    fn landed(&self, id: &RequestId) -> Result<Option<Landed>, LedgerError> {
        let Some(landed) = self.ledger.landed(id)? else { return Ok(None) };
        if self.find(&landed.commit)?.is_none() {
            return Ok(None);
        }
        let outcome = match landed.outcome {
            Some(outcome) if self.find(&outcome)?.is_some() => Some(outcome),
            _ => None,
        };
        Ok(Some(Landed { outcome, ..landed }))
    }

    fn past(&self, subject: &Subject, height: u64) -> Result<History, LedgerError> {
        self.ledger.past(subject, height.min(self.height))
    }
}

/// What a judge asked a ledger, and what it was told.
///
/// A judgement depends on objects, which never change, and on these answers: where another ledger gives the same
/// ones, the judgement is the same.
#[derive(Debug, Default)]
pub struct Answers {
    found: Vec<(CommitId, Option<Position>)>,
    landed: Vec<(RequestId, Option<Landed>)>,
}

impl Answers {
    /// Whether `ledger` gives the same answers.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn hold(&self, ledger: &dyn Ledger) -> Result<bool, LedgerError> {
        for (id, told) in &self.landed {
            if ledger.landed(id)? != *told {
                return Ok(false);
            }
        }
        for (commit, told) in &self.found {
            if ledger.find(commit)? != *told {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.found.len() + self.landed.len()
    }
}

/// A ledger that notes down what it is asked.
#[derive(Debug)]
pub struct Noting<'a> {
    ledger: &'a dyn Ledger,
    noted: RefCell<Answers>,
}

impl<'a> Noting<'a> {
    /// Notes what `ledger` answers.
    pub fn new(ledger: &'a dyn Ledger) -> Self {
        Self { ledger, noted: RefCell::default() }
    }

    /// What was noted.
    pub fn answers(self) -> Answers {
        self.noted.into_inner()
    }
}

impl Ledger for Noting<'_> {
    fn find(&self, commit: &CommitId) -> Result<Option<Position>, LedgerError> {
        let found = self.ledger.find(commit)?;
        self.noted.borrow_mut().found.push((*commit, found));
        Ok(found)
    }

    fn landed(&self, id: &RequestId) -> Result<Option<Landed>, LedgerError> {
        let landed = self.ledger.landed(id)?;
        self.noted.borrow_mut().landed.push((*id, landed.clone()));
        Ok(landed)
    }

    /// What is asked here is too much to note: whoever needs it judges in turn.
    fn past(&self, _: &Subject, _: u64) -> Result<History, LedgerError> {
        Err(LedgerError("what had landed before is not noted".to_owned()))
    }
}
