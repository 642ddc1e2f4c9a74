//! Commits that somebody asks about: here, in the pinned repository, or in the clone one stands in.

use std::path::Path;

use crate::domain::id::CommitId;
use crate::gate::audit::Standpoint;
use crate::gate::ledger::Ledger as _;
use crate::world::git::GitError;
use crate::world::objects::Objects;
use crate::world::store::{Store, StoreError};

/// Where it is fetched to, for the time of one call.
const ASKED: &str = "refs/expacti/asked";

impl Store {
    /// The commit that `rev` names, with its objects at hand: a commit id, or a ref of the pinned repository, or
    /// whatever it names in the git repository around `directory`; `None`: nobody knows it.
    ///
    /// Nothing is concluded from it being here.
    ///
    /// # Errors
    /// git could not tell.
    pub fn locate(&self, rev: &str, directory: &Path) -> Result<Option<CommitId>, StoreError> {
        let id = rev.parse::<CommitId>().ok();
        if let Some(id) = id.filter(|id| self.objects.holds(id)) {
            return Ok(Some(id));
        }
        let reference = if rev.starts_with("refs/") { rev.to_owned() } else { format!("refs/heads/{rev}") };
        let source = match id {
            Some(id) => Some(id.to_string()),
            None => git2::Reference::is_valid_name(&reference).then_some(reference),
        };
        if let Some(source) = source
            && let Some(found) = self.fetch_asked(&self.url, &source)?
        {
            return Ok(Some(found));
        }
        let Some((place, found)) = Objects::look_up(directory, rev) else { return Ok(None) };
        if self.objects.holds(&found) {
            return Ok(Some(found));
        }
        self.fetch_asked(&place, &found.to_string())
    }

    /// One commit with all it stands on; `None`: the repository there has none of that name, or does not give it away.
    fn fetch_asked(&self, url: &str, source: &str) -> Result<Option<CommitId>, StoreError> {
        match self.git.fetch(url, &[&format!("+{source}:{ASKED}")], false) {
            Ok(()) => {}
            Err(GitError::Failed { .. }) if source.parse::<CommitId>().is_ok() => return Ok(None),
            Err(GitError::Failed { said, .. }) if said.contains("couldn't find remote ref") => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let found = self.objects.reference(ASKED)?;
        self.objects.remove_reference(ASKED)?;
        Ok(found)
    }

    /// A commit of the verified `main` with what is in force there; `None`: it is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn verified(&self, commit: CommitId) -> Result<Option<Standpoint>, StoreError> {
        match self.index.find(&commit)? {
            Some(position) => self.standpoint(commit, position).map(Some),
            None => Ok(None),
        }
    }

    /// The policy versions of the verified chain.
    pub fn versions(&self) -> &crate::gate::audit::Versions {
        &self.versions
    }
}
