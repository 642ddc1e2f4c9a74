//! The commits of one request, from its base on `main` to a tip: what they add, in which order.

use std::collections::BTreeMap;

use crate::domain::id::{CommitId, ObjectId, RequestId};
use crate::gate::history::{DIRECTORY, Entry, FILE, History, ReadError};
use crate::gate::ledger::{Ledger, LedgerError, Position};

/// The most commits one request can have.
const MAX_COMMITS: usize = 4_096;
/// The most files one request can have.
const MAX_FILES: usize = 8_192;

/// A request's own chain of commits.
#[derive(Debug, Clone)]
pub struct Branch {
    /// The request it is for.
    pub id: RequestId,
    /// Its newest commit.
    pub tip: CommitId,
    /// The commit of `main` it starts from.
    pub base: CommitId,
    /// Where that stands.
    pub base_position: Position,
    /// `requests/2026/11/22/<id>`, as its first file shows it.
    pub directory: String,
    /// Its files by path below the directory, as first added.
    pub files: BTreeMap<String, Added>,
    /// What else its commits did: such a branch can be ended, never claimed.
    pub taint: Vec<String>,
}

/// A file of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// Its bytes.
    pub blob: ObjectId,
    /// The commit that added it, counted from 0 at the base.
    pub order: usize,
}

/// Why a branch cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BranchError {
    /// An object is missing or damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The index of `main` cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It does not start on `main`.
    #[error("it does not start from a commit of the verified main")]
    Baseless,
    /// More commits or files than any request has.
    #[error("it has more commits or files than a request can have")]
    TooLarge,
    /// It adds nothing.
    #[error("it adds no file of request {0}")]
    Empty(RequestId),
}

/// Reads the chain that ends at `tip`.
///
/// # Errors
/// [`BranchError`]; anything it does beyond adding this request's files is a taint, not an error.
pub fn read(history: &dyn History, ledger: &dyn Ledger, id: RequestId, tip: CommitId) -> Result<Branch, BranchError> {
    let (base, base_position, chain, mut taint) = walk(history, ledger, tip)?;
    let mut files = BTreeMap::new();
    let mut directory = None;
    let mut below = history.commit(&base)?.tree;
    for (order, commit) in chain.iter().enumerate() {
        let tree = history.commit(commit)?.tree;
        let mut changes = Changes::default();
        changes.compare(history, Some(&below), &tree, "")?;
        for what in changes.other {
            taint.push(format!("commit {commit} {what}"));
        }
        for (path, entry) in changes.added {
            let Some((own, rest)) = split(&path, &id) else {
                taint.push(format!("commit {commit} adds {path}"));
                continue;
            };
            match &directory {
                None => directory = Some(own.to_owned()),
                Some(known) if known != own => {
                    taint.push(format!("commit {commit} adds {path}"));
                    continue;
                }
                Some(_) => {}
            }
            if entry.mode != FILE {
                taint.push(format!("commit {commit} adds {path}, which is no plain file"));
                continue;
            }
            files.entry(rest.to_owned()).or_insert(Added { blob: entry.id, order });
            if files.len() > MAX_FILES {
                return Err(BranchError::TooLarge);
            }
        }
        below = tree;
    }
    let directory = directory.ok_or(BranchError::Empty(id))?;
    Ok(Branch { id, tip, base, base_position, directory, files, taint })
}

type Walked = (CommitId, Position, Vec<CommitId>, Vec<String>);

/// From the tip back to the first commit of `main`, oldest first.
fn walk(history: &dyn History, ledger: &dyn Ledger, tip: CommitId) -> Result<Walked, BranchError> {
    let mut chain = Vec::new();
    let mut taint = Vec::new();
    let mut at = tip;
    loop {
        if let Some(position) = ledger.find(&at)? {
            chain.reverse();
            return Ok((at, position, chain, taint));
        }
        if chain.len() >= MAX_COMMITS {
            return Err(BranchError::TooLarge);
        }
        let parents = history.commit(&at)?.parents;
        if parents.len() > 1 {
            taint.push(format!("commit {at} is a merge"));
        }
        chain.push(at);
        at = *parents.first().ok_or(BranchError::Baseless)?;
    }
}

/// `requests/2026/11/22/<id>/<rest>` into directory and rest.
fn split<'a>(path: &'a str, id: &RequestId) -> Option<(&'a str, &'a str)> {
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    let (own, rest) = path.split_at_checked(slashes.nth(4)?)?;
    let mut parts = own.split('/');
    let digits = |part: Option<&str>, length: usize| {
        part.is_some_and(|part| part.len() == length && part.bytes().all(|digit| digit.is_ascii_digit()))
    };
    let ours = parts.next() == Some("requests")
        && digits(parts.next(), 4)
        && digits(parts.next(), 2)
        && digits(parts.next(), 2)
        && parts.next() == Some(id.to_string().as_str());
    ours.then_some((own, rest.get(1..)?))
}

/// The difference of two trees.
#[derive(Debug, Default)]
pub struct Changes {
    /// New files, by full path.
    pub added: Vec<(String, Entry)>,
    /// Everything else, in words: `changes a/b`, `removes a/b`.
    pub other: Vec<String>,
}

impl Changes {
    /// Compares `below` with `above`, collecting paths under `prefix`.
    ///
    /// # Errors
    /// [`BranchError::TooLarge`] past the bounds; unreadable objects.
    pub fn compare(
        &mut self,
        history: &dyn History,
        below: Option<&ObjectId>,
        above: &ObjectId,
        prefix: &str,
    ) -> Result<(), BranchError> {
        if below == Some(above) {
            return Ok(());
        }
        if self.added.len() + self.other.len() > MAX_FILES || prefix.len() > 1_024 {
            return Err(BranchError::TooLarge);
        }
        let old = match below {
            Some(below) => history.tree(below)?,
            None => Vec::new(),
        };
        let new = history.tree(above)?;
        let mut before: BTreeMap<&[u8], &Entry> = BTreeMap::new();
        for entry in &old {
            before.insert(&entry.name, entry);
        }
        let mut names = std::collections::BTreeSet::new();
        for entry in &new {
            let path = join(prefix, &entry.name);
            if !names.insert(&entry.name) {
                self.other.push(format!("names {path} twice"));
                continue;
            }
            match before.remove(entry.name.as_slice()) {
                Some(same) if same.id == entry.id && same.mode == entry.mode => {}
                Some(old) if old.mode == DIRECTORY && entry.mode == DIRECTORY => {
                    self.compare(history, Some(&old.id), &entry.id, &path)?;
                }
                Some(_) => self.other.push(format!("changes {path}")),
                None if entry.mode == DIRECTORY => self.compare(history, None, &entry.id, &path)?,
                None => self.added.push((path, entry.clone())),
            }
        }
        for name in before.into_keys() {
            self.other.push(format!("removes {}", join(prefix, name)));
        }
        Ok(())
    }
}

/// A path of one more component; bytes that are not plain ASCII are shown percent-encoded,
/// which no path of ours contains.
fn join(prefix: &str, name: &[u8]) -> String {
    let name = crate::domain::bytes::encode(name);
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}
