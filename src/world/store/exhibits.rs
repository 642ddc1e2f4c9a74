//! What lies in the repository about requests and policy versions, byte for byte, for those who carry it elsewhere.

use crate::domain::id::{CommitId, ObjectId};
use crate::domain::root::Root;
use crate::domain::time::Timestamp;
use crate::gate::audit::read_version;
use crate::gate::history::{self, DIRECTORY, FILE, History as _};
use crate::record::RecordFile;
use crate::trust::root::VersionFiles;
use crate::world::store::{Store, StoreError};

impl Store {
    /// The date a commit gives itself, which nobody signed; none where it is no time of ours.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn dated(&self, commit: &CommitId) -> Result<Option<Timestamp>, StoreError> {
        Ok(Timestamp::from_unix(self.objects.committed(commit)?).ok())
    }

    /// The files of a policy version that stands in the tree of a verified commit; none: it is not there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn version_files(&self, commit: &CommitId, number: u32) -> Result<Option<VersionFiles>, StoreError> {
        let tree = self.objects.commit(commit)?.tree;
        let found = history::at(&self.objects, &tree, &Root::directory(number))?;
        let directory = found.filter(|entry| entry.mode == DIRECTORY);
        directory.map(|entry| read_version(&self.objects, &entry.id).map_err(StoreError::from)).transpose()
    }

    /// Paths below a request's directory and the files they name, as they stand in a commit, sorted by path.
    ///
    /// Only names that records, their signatures and texts of requests have.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn exhibits(&self, commit: &CommitId, directory: &str) -> Result<Vec<(String, ObjectId)>, StoreError> {
        let tree = self.objects.commit(commit)?.tree;
        let mut found = Vec::new();
        for (below, prefix) in [("", ""), ("/decisions", "decisions/"), ("/files", "files/")] {
            for entry in history::subtree(&self.objects, &tree, &format!("{directory}{below}"))? {
                let name = format!("{prefix}{}", String::from_utf8_lossy(&entry.name));
                if entry.mode == FILE && RecordFile::parse(&name).is_some() {
                    found.push((name, entry.id));
                }
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }
}
