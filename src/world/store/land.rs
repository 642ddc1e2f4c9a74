//! Appending to a request's branch, and landing what ends it on `main`, each only on the tips that were judged.

use std::collections::BTreeMap;

use crate::domain::id::{CommitId, Digest, ObjectId, RequestId};
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::gate::audit::{self, Standpoint};
use crate::gate::dossier::Dossier;
use crate::gate::history::{self, DIRECTORY, History};
use crate::record;
use crate::world::git::{Pushed, Update};
use crate::world::signer::Signer;
use crate::world::store::{MAIN, Store, StoreError};

/// A record with its signature, as it will be written.
#[derive(Debug, Clone)]
pub struct Record {
    /// Below the request's directory: `claim.toml`.
    pub name: String,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// The signature file.
    pub signature: Vec<u8>,
}

impl Record {
    /// Renders, reads back, and signs.
    ///
    /// # Errors
    /// [`StoreError::Record`] where the value could not be read again: it is then not signed.
    pub fn sign<T: record::Record>(name: &str, value: &T, signer: &Signer) -> Result<Self, StoreError> {
        let bytes = value.render();
        T::parse(&bytes)?;
        let signature = signer.sign(T::NAMESPACE, &bytes)?;
        Ok(Self { name: name.to_owned(), bytes, signature })
    }

    /// SHA-256 of its bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }
}

/// What ends a request, or tells the outcome of its claim, as it shall stand on `main`.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// The request.
    pub id: &'a RequestId,
    /// Its directory: `requests/2026/11/22/<id>`.
    pub directory: &'a str,
    /// The tip of its own chain of commits.
    pub second: CommitId,
    /// Who lands it.
    pub author: &'a Name,
    /// When, for the commit's date.
    pub now: Timestamp,
    /// The word for the commit's message.
    pub what: &'a str,
}

/// What became of a landing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landing {
    /// It is on `main`.
    Landed(CommitId),
    /// `main` had moved: fetch and judge again.
    Moved,
}

/// How many requests the tip's tree holds before it starts afresh.
const WINDOW: usize = 256;

impl Store {
    /// A commit on `parent` that adds files to a request's directory.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn append(
        &self,
        parent: &CommitId,
        directory: &str,
        files: &[(String, Vec<u8>)],
        author: &Name,
        now: Timestamp,
        message: &str,
    ) -> Result<CommitId, StoreError> {
        let mut blobs = Vec::with_capacity(files.len());
        for (name, bytes) in files {
            blobs.push((format!("{directory}/{name}"), self.objects.write_blob(bytes)?));
        }
        let tree = self.objects.commit(parent)?.tree;
        let tree = self.objects.write_tree(Some(&tree), &blobs)?;
        Ok(self.objects.write_commit(&[*parent], &tree, author.as_str(), now, message)?)
    }

    /// As [`Store::append`], for one signed record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn append_record(
        &self,
        parent: &CommitId,
        directory: &str,
        record: &Record,
        author: &Name,
        now: Timestamp,
        message: &str,
    ) -> Result<CommitId, StoreError> {
        let files =
            [(record.name.clone(), record.bytes.clone()), (format!("{}.sig", record.name), record.signature.clone())];
        self.append(parent, directory, &files, author, now, message)
    }

    /// Pushes a request's branch, if it is still where it was judged (`None`: not there yet).
    ///
    /// # Errors
    /// [`StoreError::Refused`], or git could not tell.
    pub fn push_branch(&self, id: &RequestId, expected: Option<CommitId>, new: CommitId) -> Result<bool, StoreError> {
        let reference = format!("refs/heads/requests/{id}");
        let update = Update { reference, expected, new: Some(new) };
        match self.git.push(&self.url, &update)? {
            Pushed::Landed => Ok(true),
            Pushed::Moved => Ok(false),
            Pushed::Refused(reason) => Err(StoreError::Refused(reason)),
        }
    }

    /// Removes a finished request's branch where it is still at `tip`; nothing depends on it.
    pub fn remove_branch(&self, id: &RequestId, tip: CommitId) {
        let reference = format!("refs/heads/requests/{id}");
        let _ = self.git.push(&self.url, &Update { reference, expected: Some(tip), new: None });
    }

    /// A tip that holds a request's verifying records alone: the branch's own, or one built anew on its base.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn clean_tip(&self, dossier: &Dossier, author: &Name, now: Timestamp) -> Result<CommitId, StoreError> {
        let branch = &dossier.branch;
        if branch.taint.is_empty() && branch.files.len() == dossier.verified.len() {
            return Ok(branch.tip);
        }
        let mut commits: BTreeMap<usize, Vec<(String, Vec<u8>)>> = BTreeMap::new();
        for path in &dossier.verified {
            let Some(added) = branch.files.get(path) else { continue };
            let bytes = self.objects.blob(&added.blob, crate::gate::dossier::MAX_RECORD)?;
            // A record stands when its signature does: both go where the later one came.
            let pair = path.strip_suffix(".sig").map_or_else(|| format!("{path}.sig"), str::to_owned);
            let order = branch.files.get(&pair).map_or(added.order, |other| other.order.max(added.order));
            commits.entry(order).or_default().push((path.clone(), bytes));
        }
        let mut tip = branch.base;
        for files in commits.into_values() {
            tip =
                self.append(&tip, &branch.directory, &files, author, now, &format!("request {}: records", dossier.id))?;
        }
        Ok(tip)
    }

    /// Lands a request's chain on `main`, if `main` is still at `at`.
    ///
    /// The step is judged before it is pushed, by the judge everyone else will use.
    ///
    /// # Errors
    /// [`StoreError::Illegal`] where it would not be legal; [`StoreError::Refused`].
    pub fn land(&self, at: &Standpoint, ending: &Ending<'_>) -> Result<Landing, StoreError> {
        let step = self.step(at, ending)?;
        if let Err(error) = audit::step(&self.objects, &self.index, &self.versions, at, &step) {
            // Another process of this home has seen more of main meanwhile: it was judged on what is no longer the tip.
            let known = self.index.tip()?.map(|(tip, _)| tip);
            return if known == Some(at.commit) { Err(error.into()) } else { Ok(Landing::Moved) };
        }
        let update = Update { reference: MAIN.to_owned(), expected: Some(at.commit), new: Some(step) };
        match self.git.push(&self.url, &update)? {
            Pushed::Landed => Ok(Landing::Landed(step)),
            Pushed::Moved => Ok(Landing::Moved),
            Pushed::Refused(reason) => Err(StoreError::Refused(reason)),
        }
    }

    pub(super) fn step(&self, at: &Standpoint, ending: &Ending<'_>) -> Result<CommitId, StoreError> {
        let Ending { id, directory, second, author, now, what } = *ending;
        let tip = self.objects.commit(&at.commit)?.tree;
        let own = self.objects.commit(&second)?.tree;
        let mut files = Vec::new();
        self.files_below(&own, directory, &mut files)?;
        let in_window = history::at(&self.objects, &tip, directory)?.is_some();
        let base = if !in_window && self.window(&tip)? >= WINDOW {
            self.objects.replace_top(&tip, "requests", None)?
        } else {
            tip
        };
        let tree = self.objects.write_tree(Some(&base), &files)?;
        let message = format!("request {id}: {what}");
        Ok(self.objects.write_commit(&[at.commit, second], &tree, author.as_str(), now, &message)?)
    }

    fn files_below(
        &self,
        tree: &ObjectId,
        directory: &str,
        files: &mut Vec<(String, ObjectId)>,
    ) -> Result<(), StoreError> {
        for entry in history::subtree(&self.objects, tree, directory)? {
            let path = format!("{directory}/{}", String::from_utf8_lossy(&entry.name));
            if entry.mode == DIRECTORY {
                self.files_below(tree, &path, files)?;
            } else {
                files.push((path, entry.id));
            }
        }
        Ok(())
    }

    /// How many requests a tree holds.
    fn window(&self, tree: &ObjectId) -> Result<usize, StoreError> {
        let mut level: Vec<ObjectId> =
            history::at(&self.objects, tree, "requests")?.into_iter().map(|entry| entry.id).collect();
        for _ in 0..3 {
            let mut below = Vec::new();
            for tree in level {
                let entries = self.objects.tree(&tree)?;
                below.extend(entries.into_iter().filter(|entry| entry.mode == DIRECTORY).map(|entry| entry.id));
            }
            level = below;
        }
        let mut requests = 0;
        for day in level {
            requests += self.objects.tree(&day)?.len();
        }
        Ok(requests)
    }
}
