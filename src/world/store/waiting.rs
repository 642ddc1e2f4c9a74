//! Where CI lands: what ends a request, and the outcome of a claim, waiting on branches of their own until it does.
//!
//! A waiting branch is the request's own chain and one signed record on top of it. Whoever may push can put
//! anything there, so nobody believes a branch: what counts is whether the judge of `main` would take it.

use crate::domain::id::{CommitId, Digest, RequestId};
use crate::domain::outcome::{self, Outcome};
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::gate::audit::{self, Standpoint};
use crate::gate::branch;
use crate::gate::dossier::{Dossier, Judges, MAX_RECORD, gather};
use crate::gate::finding::{Code, Finding};
use crate::gate::history::{self, History as _};
use crate::gate::ledger::{Landed, LandedEnding, Ledger as _};
use crate::record::Record as _;
use crate::trust::signature::MAX_SIGNATURE;
use crate::trust::verify::Verified;
use crate::world::git::{Pushed, Update};
use crate::world::store::{Ending, FETCHED, FETCHED_REQUESTS, Record, SEEN_REQUESTS, Store, StoreError, fetch};

/// Directories of the branches on which what CI lands waits.
pub(super) const DIRECTORIES: [&str; 2] = ["claims", "outcomes"];
/// The claim this machine signed last for a request, so that it leaves the same one again.
const OWN_CLAIMS: &str = "refs/expacti/claims/";

/// Which kind of record waits on a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `claims/<id>`.
    Claim,
    /// `outcomes/<id>`: the outcome of a claim, or one that ends a request without a claim.
    Outcome,
}

impl Kind {
    /// The directory of its branches.
    pub fn directory(self) -> &'static str {
        match self {
            Self::Claim => DIRECTORIES[0],
            Self::Outcome => DIRECTORIES[1],
        }
    }

    /// Its branch for a request, without `refs/heads/`.
    pub fn branch(self, id: &RequestId) -> String {
        format!("{}/{id}", self.directory())
    }
}

/// What a waiting branch holds, as it would land.
#[derive(Debug, Clone)]
pub struct Waits {
    /// The request's directory.
    pub directory: String,
    /// The second parent of the step: this request's verifying records and nothing else.
    pub second: CommitId,
    /// Who signed what waits.
    pub author: Name,
    /// When, by their clock.
    pub signed: Timestamp,
    /// The word for it.
    pub what: &'static str,
    /// The outcome, where it is one.
    pub outcome: Option<Outcome>,
}

impl Waits {
    /// As it shall stand on `main`.
    pub fn ending<'a>(&'a self, id: &'a RequestId, now: Timestamp) -> Ending<'a> {
        let Self { directory, second, author, what, .. } = self;
        Ending { id, directory, second: *second, author, now, what }
    }
}

impl Store {
    /// Fetches all branches that CI looks at, whatever the policy in force says.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn fetch_waiting(&self) -> Result<(), StoreError> {
        let _lock = super::lock_file(&self.memory)?;
        self.fetch_branches(&fetch::ALL)
    }

    /// The waiting branches of a kind as last fetched.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting(&self, kind: Kind) -> Result<Vec<(RequestId, CommitId)>, StoreError> {
        let found = self.objects.references(&format!("{FETCHED}{}/", kind.directory()))?;
        Ok(found.into_iter().filter_map(|(name, tip)| Some((name.parse().ok()?, tip))).collect())
    }

    /// The tip of one as last fetched.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting_tip(&self, kind: Kind, id: &RequestId) -> Result<Option<CommitId>, StoreError> {
        Ok(self.objects.reference(&format!("{FETCHED}{}", kind.branch(id)))?)
    }

    /// Makes a waiting branch, if there is none; `false` where there is.
    ///
    /// # Errors
    /// [`StoreError::Refused`], or git could not tell.
    pub fn push_waiting(&self, kind: Kind, id: &RequestId, tip: CommitId) -> Result<bool, StoreError> {
        let branch = kind.branch(id);
        let update = Update { reference: format!("refs/heads/{branch}"), expected: None, new: Some(tip) };
        match self.git.push(&self.url, &update)? {
            Pushed::Landed => {
                // Else the next fetch says so.
                let _ = self.objects.set_reference(&format!("{FETCHED}{branch}"), &tip);
                Ok(true)
            }
            Pushed::Moved => Ok(false),
            Pushed::Refused(reason) => Err(StoreError::Refused(reason)),
        }
    }

    /// Removes a waiting branch where it is still at `tip`; nothing depends on it.
    pub fn remove_waiting(&self, kind: Kind, id: &RequestId, tip: CommitId) {
        let branch = kind.branch(id);
        let update = Update { reference: format!("refs/heads/{branch}"), expected: Some(tip), new: None };
        if let Ok(Pushed::Landed) = self.git.push(&self.url, &update) {
            let _ = self.objects.remove_reference(&format!("{FETCHED}{branch}"));
        }
    }

    /// Branches of requests about which nothing can land any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remove_finished(&self, most: usize) -> Result<(), StoreError> {
        let mut left = most;
        for (name, tip) in self.objects.references(FETCHED_REQUESTS)? {
            let Ok(id) = name.parse::<RequestId>() else { continue };
            if left > 0 && self.index.landed(&id)?.is_some() {
                left -= 1;
                self.remove_branch(&id, tip);
            }
        }
        for kind in [Kind::Claim, Kind::Outcome] {
            for (id, tip) in self.waiting(kind)? {
                let over = match self.index.landed(&id)? {
                    None => false,
                    Some(Landed { ending: LandedEnding::Claimed { .. }, outcome, .. }) => {
                        kind == Kind::Claim || outcome.is_some()
                    }
                    Some(_) => true,
                };
                if left > 0 && over {
                    left -= 1;
                    self.remove_waiting(kind, &id, tip);
                }
            }
        }
        Ok(())
    }

    /// The tips of a request's branch: as last fetched, and as seen here before, where it was rewound or removed since.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn tips(&self, id: &RequestId) -> Result<Vec<CommitId>, StoreError> {
        let fetched = self.objects.reference(&format!("{FETCHED_REQUESTS}{id}"))?;
        let seen = self.objects.reference(&format!("{SEEN_REQUESTS}{id}"))?;
        Ok(fetched.into_iter().chain(seen.filter(|_| seen != fetched)).collect())
    }

    /// The claim this machine signed last for a request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn own_claim(&self, id: &RequestId) -> Result<Option<CommitId>, StoreError> {
        Ok(self.objects.reference(&format!("{OWN_CLAIMS}{id}"))?)
    }

    /// Remembers the claim about to be left to CI.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn keep_own_claim(&self, id: &RequestId, tip: CommitId) -> Result<(), StoreError> {
        Ok(self.objects.set_reference(&format!("{OWN_CLAIMS}{id}"), &tip)?)
    }

    /// Reads a chain with its claim and outcome, under what is in force at `at`.
    ///
    /// # Errors
    /// [`StoreError::Request`] where it does not verify; else it cannot be told.
    pub fn ending_dossier(&self, at: &Standpoint, id: RequestId, tip: CommitId) -> Result<Dossier, StoreError> {
        let branch = branch::read(&self.objects, &self.index, id, tip)?;
        let tree = self.objects.commit(&at.commit)?.tree;
        let base = self.versions.get(&self.objects, &tree, &branch.base_position.root)?;
        let judges = Judges { now: &at.version, base: &base, repo: self.repo, height: at.height, endings: true };
        Ok(gather(&self.objects, &self.index, branch, &judges)?)
    }

    /// A withdrawal that waits for its landing: nothing is claimed against it.
    pub(super) fn waiting_withdrawal(
        &self,
        at: &Standpoint,
        id: &RequestId,
    ) -> Result<Option<Verified<Outcome>>, StoreError> {
        let Some(tip) = self.waiting_tip(Kind::Outcome, id)? else { return Ok(None) };
        // What does not verify there withdraws nothing.
        let outcome = self.ending_dossier(at, *id, tip).ok().and_then(|dossier| dossier.outcome);
        Ok(outcome.filter(|outcome| matches!(outcome.value().ending, outcome::Ending::Withdrawn { .. })))
    }

    /// The chain of a request that was pushed only together with its ending, below that.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn below_outcome(&self, id: &RequestId) -> Result<Option<CommitId>, StoreError> {
        let Some(tip) = self.waiting_tip(Kind::Outcome, id)? else { return Ok(None) };
        Ok(self.objects.commit(&tip)?.parents.first().copied())
    }

    /// What a waiting branch would land: read, and freed of what does not verify. Not judged yet, see [`Store::takes`].
    ///
    /// # Errors
    /// [`StoreError`], with a finding where it holds no such record.
    pub fn waits(&self, at: &Standpoint, kind: Kind, id: &RequestId, tip: CommitId) -> Result<Waits, StoreError> {
        match (kind, self.index.landed(id)?) {
            (Kind::Outcome, Some(landed)) if matches!(landed.ending, LandedEnding::Claimed { .. }) => {
                let record = self.waiting_outcome(id, tip)?;
                let outcome = Outcome::parse(&record.bytes).map_err(|error| {
                    StoreError::Request(Finding::new(Code::RecordInvalid, error.to_string()).commit(tip))
                })?;
                let (author, signed) = (outcome.author.clone(), outcome.recorded);
                let second = self.outcome_chain(&landed, &record, id, &author, signed)?;
                let directory = landed.directory;
                Ok(Waits { directory, second, author, signed, what: "outcome", outcome: Some(outcome) })
            }
            (_, Some(landed)) => {
                let message = format!("request {id} had ended at {} ({})", landed.commit, landed.ending.as_str());
                Err(StoreError::Request(Finding::new(Code::EndedTwice, message).commit(tip)))
            }
            (kind, None) => {
                let dossier = self.ending_dossier(at, *id, tip)?;
                let (author, signed, what) = match (kind, &dossier.claim, &dossier.outcome) {
                    (Kind::Claim, Some(claim), None) => (claim.value().runner.clone(), claim.value().claimed, "claim"),
                    (Kind::Outcome, None, Some(outcome)) => {
                        let outcome = outcome.value();
                        (outcome.author.clone(), outcome.recorded, outcome.ending.as_str())
                    }
                    _ => return Err(StoreError::Request(nothing(kind, id, &dossier))),
                };
                let second = self.clean_tip(&dossier, &author, signed)?;
                let outcome = dossier.outcome.as_ref().map(|outcome| outcome.value().clone());
                Ok(Waits { directory: dossier.branch.directory, second, author, signed, what, outcome })
            }
        }
    }

    /// Whether the judge of `main` takes what waits, as a step on `at`.
    ///
    /// # Errors
    /// [`StoreError::Illegal`] where it does not.
    pub fn takes(&self, at: &Standpoint, id: &RequestId, waits: &Waits) -> Result<(), StoreError> {
        // The same time each time it is asked, so that asking leaves one object.
        let step = self.step(at, &waits.ending(id, waits.signed))?;
        audit::step(&self.objects, &self.index, &self.versions, at, &step)?;
        Ok(())
    }

    /// Whether no process of this home has seen a newer `main` than `at`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn is_newest(&self, at: &Standpoint) -> Result<bool, StoreError> {
        Ok(self.index.tip()?.is_none_or(|(tip, _)| tip == at.commit))
    }

    /// The chain of a claim, with its outcome on top.
    ///
    /// Where an admin has closed it as unknown meanwhile, what really happened lands beside that.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn outcome_chain(
        &self,
        landed: &Landed,
        record: &Record,
        id: &RequestId,
        author: &Name,
        now: Timestamp,
    ) -> Result<CommitId, StoreError> {
        let (newest, name) = match &landed.outcome {
            None => (&landed.commit, "outcome.toml"),
            Some(outcome) => (outcome, "outcome-late.toml"),
        };
        let record = Record { name: name.to_owned(), ..record.clone() };
        let second = self.objects.commit(newest)?.parents.get(1).copied();
        let second =
            second.ok_or_else(|| crate::gate::ledger::LedgerError("a landed request without its chain".to_owned()))?;
        self.append_record(&second, &landed.directory, &record, author, now, &format!("request {id}: outcome"))
    }

    /// The outcome on a waiting branch, as first added there; not verified.
    fn waiting_outcome(&self, id: &RequestId, tip: CommitId) -> Result<Record, StoreError> {
        let branch = branch::read(&self.objects, &self.index, *id, tip)?;
        for name in ["outcome-late.toml", "outcome.toml"] {
            let signature = format!("{name}.sig");
            if let (Some(record), Some(signature)) = (branch.files.get(name), branch.files.get(&signature)) {
                let bytes = self.objects.blob(&record.blob, MAX_RECORD)?;
                let signature = self.objects.blob(&signature.blob, MAX_SIGNATURE)?;
                return Ok(Record { name: name.to_owned(), bytes, signature });
            }
        }
        let message = format!("{} holds no signed outcome", Kind::Outcome.branch(id));
        Err(StoreError::Request(Finding::new(Code::EndingMissing, message).commit(tip)))
    }

    /// Whether a commit holds a file with this digest at a path.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn holds(&self, tip: &CommitId, path: &str, digest: &Digest) -> Result<bool, StoreError> {
        let tree = self.objects.commit(tip)?.tree;
        let blob = history::at(&self.objects, &tree, path)?.map(|entry| self.objects.blob(&entry.id, MAX_RECORD));
        Ok(blob.is_some_and(|bytes| bytes.is_ok_and(|bytes| Digest::of(&bytes) == *digest)))
    }
}

/// Why a branch lands nothing: the first thing wrong with it, or that it ends nothing.
fn nothing(kind: Kind, id: &RequestId, dossier: &Dossier) -> Finding {
    let ending = ["claim.toml", "outcome.toml"].map(|name| format!("{}/{name}", dossier.branch.directory));
    let about = |finding: &&Finding| finding.path.as_ref().is_some_and(|path| ending.contains(path));
    dossier.findings.iter().find(about).or_else(|| dossier.findings.first()).cloned().unwrap_or_else(|| {
        let record = if kind == Kind::Claim { "claim" } else { "outcome" };
        let message = format!("{} holds no {record} that could land", kind.branch(id));
        Finding::new(Code::EndingMissing, message).commit(dossier.branch.tip)
    })
}
