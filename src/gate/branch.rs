//! The commits of one request, from its base on `main` to a tip: what they add, in which order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::domain::id::{CommitId, ObjectId, RequestId};
use crate::gate::history::{DIRECTORY, Entry, FILE, History, ReadError, Tree};
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

/// The request below whose directory a path lies, by its form alone.
pub fn subject(path: &str) -> Option<RequestId> {
    let id = path.split('/').nth(4)?.parse().ok()?;
    split(path, &id).map(|_| id)
}

/// The difference of two trees.
#[derive(Debug, Default)]
pub struct Changes {
    /// New files, by full path.
    pub added: Vec<(String, Entry)>,
    /// Everything else, in words: `changes a/b`, `removes a/b`.
    pub other: Vec<String>,
    /// How many trees were compared: a few empty ones can name each other billions of times.
    trees: usize,
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
        if self.added.len() + self.other.len() + self.trees > MAX_FILES || prefix.len() > 1_024 {
            return Err(BranchError::TooLarge);
        }
        self.trees += 1;
        let (old, new) = (below.map(|below| history.tree(below)).transpose()?, history.tree(above)?);
        let empty = Tree::from_iter([]);
        let (old, new) = unlike(old.as_ref().unwrap_or(&empty), &new);
        let mut before = old.iter().peekable();
        let mut gone = Vec::new();
        let mut last = None;
        for entry in new.iter() {
            if last.replace(&entry.name) == Some(&entry.name) {
                self.other.push(format!("names {} twice", join(prefix, &entry.name)));
                continue;
            }
            while let Some(old) = before.next_if(|old| old.name < entry.name) {
                gone.push(old);
            }
            // Where the old tree names it twice, its last line counts: so git2 reads it.
            let mut was = None;
            while let Some(old) = before.next_if(|old| old.name == entry.name) {
                was = Some(old);
            }
            match was {
                Some(same) if same.id == entry.id && same.mode == entry.mode => {}
                Some(old) if old.mode == DIRECTORY && entry.mode == DIRECTORY => {
                    self.compare(history, Some(&old.id), &entry.id, &join(prefix, &entry.name))?;
                }
                Some(_) => self.other.push(format!("changes {}", join(prefix, &entry.name))),
                None if entry.mode == DIRECTORY => {
                    self.compare(history, None, &entry.id, &join(prefix, &entry.name))?;
                }
                None => self.added.push((join(prefix, &entry.name), entry.clone())),
            }
        }
        gone.extend(before);
        gone.dedup_by(|one, other| one.name == other.name);
        self.other.extend(gone.into_iter().map(|entry| format!("removes {}", join(prefix, &entry.name))));
        Ok(())
    }
}

/// The lines of two trees in the order of their names, without those at both ends that are the same in both.
fn unlike<'a>(old: &'a Tree, new: &'a Tree) -> (Cow<'a, [Entry]>, Cow<'a, [Entry]>) {
    let (mut one, mut other): (&[Entry], &[Entry]) = (old, new);
    // Elsewhere a name may be there twice, and each line counts.
    if old.is_ascending() && new.is_ascending() {
        while let (Some((first, rest)), Some((same, others))) = (one.split_first(), other.split_first())
            && first == same
        {
            (one, other) = (rest, others);
        }
        while let (Some((last, rest)), Some((same, others))) = (one.split_last(), other.split_last())
            && last == same
        {
            (one, other) = (rest, others);
        }
    }
    let by_name = |tree: &Tree, lines: &'a [Entry]| {
        if tree.is_ascending() {
            return Cow::Borrowed(lines);
        }
        let mut sorted = lines.to_vec();
        sorted.sort_by(|one, other| one.name.cmp(&other.name));
        Cow::Owned(sorted)
    };
    (by_name(old, one), by_name(new, other))
}

/// The path that a line of [`Changes::other`] speaks of.
pub fn place(what: &str) -> Option<&str> {
    let (_, path) = what.split_once(' ')?;
    Some(path.strip_suffix(" twice").unwrap_or(path))
}

/// A path of one more component; bytes that are not plain ASCII are shown percent-encoded,
/// which no path of ours contains.
fn join(prefix: &str, name: &[u8]) -> String {
    let name = crate::domain::bytes::encode(name);
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}
