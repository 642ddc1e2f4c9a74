//! What the gate reads of a git history, as a narrow port: commits, trees, blobs.

mod tree;

use std::fmt;

use crate::domain::id::{CommitId, ObjectId};
pub use tree::{Component, Entry, Tree};

/// A commit without its claims: author, message and date prove nothing and are not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its parents, in order.
    pub parents: Vec<CommitId>,
    /// Its tree.
    pub tree: ObjectId,
}

/// The mode of a plain file, the only kind a record can be.
pub const FILE: u32 = 0o100_644;
/// The mode of a directory.
pub const DIRECTORY: u32 = 0o040_000;

/// An object is not there, is damaged, or is larger than anything of ours.
///
/// Never the same as "absent": the gate then cannot tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("object {id} cannot be read: {reason}")]
pub struct ReadError {
    /// Which.
    pub id: ObjectId,
    /// Why.
    pub reason: String,
    /// It is there and whole, and is not what a repository of ours holds in that place.
    pub malformed: bool,
}

/// Read access to git objects; implementations check each object's hash.
pub trait History: fmt::Debug {
    /// A commit.
    ///
    /// # Errors
    /// [`ReadError`].
    fn commit(&self, id: &CommitId) -> Result<Commit, ReadError>;

    /// The lines of a tree, in stored order, duplicates included.
    ///
    /// # Errors
    /// [`ReadError`], also for trees of more than 100,000 lines.
    fn tree(&self, id: &ObjectId) -> Result<Tree, ReadError>;

    /// A blob of at most `limit` bytes.
    ///
    /// # Errors
    /// [`ReadError`], also for a larger one.
    fn blob(&self, id: &ObjectId, limit: usize) -> Result<Vec<u8>, ReadError>;
}

/// The entry of this name; `None` also where a tree names it twice, since readers differ on which one counts.
pub fn entry<'a>(tree: &'a [Entry], name: &str) -> Option<&'a Entry> {
    let mut found = tree.iter().filter(|entry| *entry.name == *name.as_bytes());
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The tree of a directory below `tree`; an absent one is empty.
///
/// # Errors
/// [`ReadError`].
pub fn subtree(history: &dyn History, tree: &ObjectId, path: &str) -> Result<Tree, ReadError> {
    let mut entries = history.tree(tree)?;
    for name in path.split('/') {
        match entry(&entries, name) {
            Some(found) if found.mode == DIRECTORY => entries = history.tree(&found.id)?,
            _ => return Ok(Tree::from_iter([])),
        }
    }
    Ok(entries)
}

/// The object id of whatever lies at `path` below `tree`.
///
/// # Errors
/// [`ReadError`].
pub fn at(history: &dyn History, tree: &ObjectId, path: &str) -> Result<Option<Entry>, ReadError> {
    let (directory, name) = match path.rsplit_once('/') {
        Some((directory, name)) => (subtree(history, tree, directory)?, name),
        None => (history.tree(tree)?, path),
    };
    Ok(entry(&directory, name).cloned())
}
