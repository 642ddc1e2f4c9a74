//! Writing policy versions: proposing, signing and landing one, each only on the tips that were read.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::id::{CommitId, Digest, ObjectId};
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::gate::audit::{self, Standpoint};
use crate::gate::history::History as _;
use crate::trust::root::VersionFiles;
use crate::world::git::{Pushed, Update};
use crate::world::store::proposals::{FETCHED, Proposal};
use crate::world::store::{Landing, MAIN, Store, StoreError};

impl Store {
    /// Puts a version that nobody has signed on a branch of its own, on top of what lies there; `false`: it moved.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn propose(
        &self,
        at: &Standpoint,
        files: &VersionFiles,
        governed: &BTreeMap<String, ObjectId>,
        author: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let number = at.version.root().version + 1;
        let branch = Proposal::branch(number, &Digest::of(&files.root));
        let there = self.objects.reference(&format!("{FETCHED}{}", branch.trim_start_matches("policy/")))?;
        let tree = self.policy_tree(Some(&at.commit), files, governed, number)?;
        let parent = there.unwrap_or(at.commit);
        let message = format!("policy {number:06}: proposed");
        let commit = self.objects.write_commit(&[parent], &tree, author, now, &message)?;
        self.push_policy(&format!("refs/heads/{branch}"), there, Some(commit))
    }

    /// Adds an admin's signature to a proposal's branch, if it is still where it was read; `None` where it moved.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn add_signature(
        &self,
        at: Option<&Standpoint>,
        proposal: &Proposal,
        seats: &BTreeSet<Name>,
        signature: &[u8],
        now: Timestamp,
    ) -> Result<Option<Proposal>, StoreError> {
        let mut signed = proposal.clone();
        for seat in seats {
            signed.files.signatures.insert(seat.clone(), signature.to_vec());
        }
        let number = proposal.version.root().version;
        let parent = at.map(|at| at.commit);
        let tree = self.policy_tree(parent.as_ref(), &signed.files, &signed.governed, number)?;
        let me = seats.iter().next().map(Name::as_str).unwrap_or_default();
        let message = format!("policy {number:06}: signed by {me}");
        signed.tip = self.objects.write_commit(&[proposal.tip], &tree, me, now, &message)?;
        let landed =
            self.push_policy(&format!("refs/heads/{}", proposal.branch), Some(proposal.tip), Some(signed.tip))?;
        Ok(landed.then_some(signed))
    }

    /// Lands a completely signed version: on `at`, or as the first commit of `main` where there is none yet.
    ///
    /// It is judged before it is pushed, by the judge everyone else will use.
    ///
    /// # Errors
    /// [`StoreError::Illegal`] where it would not be accepted; [`StoreError::Refused`].
    pub fn land_policy(
        &self,
        at: Option<&Standpoint>,
        proposal: &Proposal,
        author: &Name,
        now: Timestamp,
    ) -> Result<Landing, StoreError> {
        let number = proposal.version.root().version;
        let parent = at.map(|at| at.commit);
        let tree = self.policy_tree(parent.as_ref(), &proposal.files, &proposal.governed, number)?;
        let message = if at.is_some() { format!("policy {number:06}") } else { format!("policy {number:06}: genesis") };
        let parents: Vec<CommitId> = parent.into_iter().collect();
        let commit = self.objects.write_commit(&parents, &tree, author.as_str(), now, &message)?;
        match at {
            None => {
                audit::genesis(&self.objects, &commit, Some(&self.repo))?;
            }
            Some(at) => {
                audit::step(&self.objects, &self.index, &self.versions, at, &commit)?;
            }
        }
        let landed = self.push_policy(MAIN, parent, Some(commit))?;
        Ok(if landed { Landing::Landed(commit) } else { Landing::Moved })
    }

    /// Removes a proposal's branch where it is still at this tip; nothing depends on it.
    pub fn remove_proposal(&self, branch: &str, tip: CommitId) {
        let _ = self.push_policy(&format!("refs/heads/{branch}"), Some(tip), None);
    }

    /// The tree of `base` in which a version and the files it governs stand in the place of those before.
    fn policy_tree(
        &self,
        base: Option<&CommitId>,
        files: &VersionFiles,
        governed: &BTreeMap<String, ObjectId>,
        number: u32,
    ) -> Result<ObjectId, StoreError> {
        let mut tree = match base {
            Some(base) => Some(self.objects.commit(base)?.tree),
            None => None,
        };
        if let Some(old) = tree {
            for entry in self.objects.tree(&old)? {
                let name = String::from_utf8_lossy(&entry.name).into_owned();
                if !matches!(name.as_str(), "policy" | "requests") {
                    tree = tree.map(|tree| self.objects.replace_top(&tree, &name, None)).transpose()?;
                }
            }
        }
        let mut blobs: Vec<(String, ObjectId)> = governed.iter().map(|(path, id)| (path.clone(), *id)).collect();
        for (path, bytes) in files.listed(number) {
            blobs.push((path, self.objects.write_blob(bytes)?));
        }
        Ok(self.objects.write_tree(tree.as_ref(), &blobs)?)
    }

    fn push_policy(
        &self,
        reference: &str,
        expected: Option<CommitId>,
        new: Option<CommitId>,
    ) -> Result<bool, StoreError> {
        let update = Update { reference: reference.to_owned(), expected, new };
        match self.git.push(&self.url, &update)? {
            Pushed::Landed => Ok(true),
            Pushed::Moved => Ok(false),
            Pushed::Refused(reason) => Err(StoreError::Refused(reason)),
        }
    }
}
