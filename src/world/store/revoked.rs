//! What a revoked key has signed while it may have been in other hands.

use crate::domain::id::{CommitId, ObjectId, RequestId};
use crate::domain::key::PublicKey;
use crate::domain::revocation::Revocation;
use crate::domain::root::Root;
use crate::gate::audit::Standpoint;
use crate::gate::history::{self, DIRECTORY, FILE, History as _};
use crate::gate::ledger::Ledger as _;
use crate::trust::signature::{ArmoredSignature, MAX_SIGNATURE};
use crate::world::store::{Store, StoreError};

/// A record that stays valid, and that somebody should read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// The request it is about; none for a policy version.
    pub request: Option<RequestId>,
    /// The signed file, below the request's directory or the top of the repository.
    pub record: String,
    /// The step that landed it.
    pub commit: CommitId,
}

impl Store {
    /// For each revocation in force, what its key signed that landed from the commit it names up to the revocation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn to_look_at_again(&self, at: &Standpoint) -> Result<Vec<(Revocation, Vec<Suspect>)>, StoreError> {
        let revocations = at.version.roster().revocations();
        if revocations.is_empty() {
            return Ok(Vec::new());
        }
        let tree = self.objects.commit(&at.commit)?.tree;
        let mut versions = self.index.versions()?;
        versions.sort_by_key(|(height, ..)| std::cmp::Reverse(*height));
        let mut found = Vec::new();
        for revocation in revocations {
            // One of a commit that is no step of main names no beginning: everything is to be looked at.
            let from = self.index.find(&revocation.since)?.map_or(0, |position| position.height);
            let mut to = at.height;
            for (height, _, root) in &versions {
                let version = self.versions.get(&self.objects, &tree, root)?;
                if !version.roster().revocations().iter().any(|other| other.key == revocation.key) {
                    break;
                }
                to = *height;
            }
            found.push((revocation.clone(), self.signed_by(&revocation.key, from, to)?));
        }
        Ok(found)
    }

    /// What a key signed that landed on `main` between two heights, both included, in the order of its landing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn signed_by(&self, key: &PublicKey, from: u64, to: u64) -> Result<Vec<Suspect>, StoreError> {
        let mut found = Vec::new();
        for (height, commit, _) in
            self.index.versions()?.into_iter().filter(|(height, ..)| (from..=to).contains(height))
        {
            let tree = self.objects.commit(&commit)?.tree;
            // The step added the newest of its tree.
            let newest = history::subtree(&self.objects, &tree, "policy")?.into_iter().filter(|e| e.mode == DIRECTORY);
            let number = newest.filter_map(|entry| String::from_utf8_lossy(&entry.name).parse::<u32>().ok()).max();
            let Some(directory) = number.map(Root::directory) else { continue };
            for entry in history::subtree(&self.objects, &tree, &directory)? {
                let name = String::from_utf8_lossy(&entry.name).into_owned();
                if self.is_by(key, &name, entry.mode, &entry.id)? {
                    let record = format!("{directory}/root.toml");
                    found.push((height, Suspect { request: None, record, commit }));
                }
            }
        }
        for row in self.index.between(from, to)? {
            let (id, landed) = (row.id, row.landed);
            let ending = self.index.find(&landed.commit)?.map(|position| position.height);
            if let Some(height) = ending.filter(|height| (from..=to).contains(height)) {
                for record in self.records_by(key, &landed.tree)? {
                    found.push((height, Suspect { request: Some(id), record, commit: landed.commit }));
                }
            }
            let Some(commit) = landed.outcome else { continue };
            let outcome = self.index.find(&commit)?.map(|position| position.height);
            if let Some(height) = outcome.filter(|height| (from..=to).contains(height)) {
                let tree = self.objects.commit(&commit)?.tree;
                let Some(own) = history::at(&self.objects, &tree, &landed.directory)? else { continue };
                for record in self.records_by(key, &own.id)?.into_iter().filter(|name| name.starts_with("outcome")) {
                    found.push((height, Suspect { request: Some(id), record, commit }));
                }
            }
        }
        found.sort_by(|(a, x), (b, y)| (a, &x.record).cmp(&(b, &y.record)));
        Ok(found.into_iter().map(|(_, suspect)| suspect).collect())
    }

    /// Names of the records in a request's directory that this key signed.
    fn records_by(&self, key: &PublicKey, directory: &ObjectId) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        let mut queue = vec![(String::new(), *directory)];
        while let Some((prefix, tree)) = queue.pop() {
            for entry in self.objects.tree(&tree)? {
                let name = format!("{prefix}{}", String::from_utf8_lossy(&entry.name));
                if entry.mode == DIRECTORY && name == "decisions" {
                    queue.push((format!("{name}/"), entry.id));
                } else if self.is_by(key, &name, entry.mode, &entry.id)? {
                    names.push(name.trim_end_matches(".sig").to_owned());
                }
            }
        }
        Ok(names)
    }

    /// Whether a file is a signature of this key; that it holds was judged when it landed.
    fn is_by(&self, key: &PublicKey, name: &str, mode: u32, id: &ObjectId) -> Result<bool, StoreError> {
        if mode != FILE || !name.ends_with(".sig") {
            return Ok(false);
        }
        let bytes = self.objects.blob(id, MAX_SIGNATURE)?;
        Ok(ArmoredSignature::parse(&bytes).is_ok_and(|signature| signature.key() == key))
    }
}
