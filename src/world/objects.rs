//! Local git objects, through git2: it checks each object's hash and ignores `refs/replace`.

mod cache;
mod parse;

use std::cell::RefCell;
use std::io;
use std::path::Path;

use git2::{ObjectType, Oid, Repository};

use crate::domain::id::{CommitId, ObjectId};
use crate::domain::time::Timestamp;
use crate::gate::history::{Commit, DIRECTORY, History, ReadError, Tree};
use crate::world::objects::cache::Cache;
use crate::world::paths::{read_bounded, write_durably};

/// One bare repository on this machine.
pub struct Objects {
    repository: Repository,
    commits: RefCell<Cache<CommitId, Commit>>,
    trees: RefCell<Cache<ObjectId, Tree>>,
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Objects({})", self.repository.path().display())
    }
}

/// The configuration of a cache: what every git takes for granted.
const CONFIG: &[u8] = b"[core]\n\tbare = true\n\trepositoryformatversion = 0\n\tfilemode = true\n";

/// The most lines of one tree we read.
const MAX_ENTRIES: usize = 100_000;
/// The largest tree we unpack, in bytes: more than its most lines take with any name of ours.
const MAX_TREE: usize = 16 << 20;
/// Lines of trees, and parents of commits, that are kept at hand.
const KEPT: usize = 1 << 16;

fn commit_weight(commit: &Commit) -> usize {
    commit.parents.len() + 1
}

fn tree_weight(tree: &Tree) -> usize {
    tree.len() + 1
}

fn oid(bytes: &[u8; 20]) -> Oid {
    // Twenty bytes are always an object name.
    Oid::from_bytes(bytes).unwrap_or(Oid::ZERO_SHA1)
}

fn commit_id(oid: Oid) -> CommitId {
    CommitId::new(*bytes(&oid))
}

fn object_id(oid: Oid) -> ObjectId {
    ObjectId::new(*bytes(&oid))
}

fn bytes(oid: &Oid) -> &[u8; 20] {
    const NONE: [u8; 20] = [0; 20];
    oid.as_bytes().try_into().unwrap_or(&NONE)
}

impl Objects {
    /// Opens the repository at `path`, refusing one that is shallow or lists grafts.
    ///
    /// # Errors
    /// As git2 says.
    pub fn open(path: &Path) -> Result<Self, git2::Error> {
        let repository = Repository::open_bare(path)?;
        if repository.is_shallow() || Self::cut(path).is_some() {
            return Err(git2::Error::from_str("the repository is shallow or has grafts: history is missing"));
        }
        Ok(Self::of(repository))
    }

    fn of(repository: Repository) -> Self {
        // What was read lately is kept here; libgit2 would keep it as well, up to 256 MiB.
        git2::opts::enable_caching(false);
        Self { repository, commits: RefCell::new(Cache::new(KEPT)), trees: RefCell::new(Cache::new(KEPT)) }
    }

    /// Opens the bare repository that git started this process for, objects in quarantine included: plain opening does
    /// not see those.
    ///
    /// # Errors
    /// As git2 says; also where it is not bare, or cut.
    pub fn of_environment() -> Result<Self, git2::Error> {
        let repository = Repository::open_from_env()?;
        if !repository.is_bare() {
            return Err(git2::Error::from_str("it is no bare repository"));
        }
        if repository.is_shallow() || Self::cut(repository.path()).is_some() {
            return Err(git2::Error::from_str("the repository is shallow or has grafts: history is missing"));
        }
        Ok(Self::of(repository))
    }

    /// A value of the repository's own `config` file, whatever the user's, the system's or the environment say.
    ///
    /// # Errors
    /// As git2 says.
    pub fn setting(&self, name: &str) -> Result<Option<String>, git2::Error> {
        let config = self.repository.config()?.open_level(git2::ConfigLevel::Local)?;
        match config.get_string(name) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What `rev` names in the git repository around a directory, and where that lies.
    pub fn look_up(directory: &Path, rev: &str) -> Option<(String, CommitId)> {
        let repository = Repository::discover(directory).ok()?;
        let commit = repository.revparse_single(rev).ok()?.peel_to_commit().ok()?.id();
        Some((repository.path().to_str()?.to_owned(), commit_id(commit)))
    }

    /// Sets a value in the repository's own `config` file; whether it was another one.
    ///
    /// # Errors
    /// As git2 says.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<bool, git2::Error> {
        if self.setting(name)?.as_deref() == Some(value) {
            return Ok(false);
        }
        self.repository.config()?.open_level(git2::ConfigLevel::Local)?.set_str(name, value).map(|()| true)
    }

    /// Where git looks for hooks, where that is not the repository's own directory.
    ///
    /// # Errors
    /// As git2 says.
    pub fn hooks_path(&self) -> Result<Option<String>, git2::Error> {
        match self.repository.config()?.get_string("core.hooksPath") {
            Ok(path) => Ok(Some(path)),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether it has no work tree.
    pub fn is_bare(&self) -> bool {
        self.repository.is_bare() && !matches!(self.setting("core.bare"), Ok(Some(bare)) if bare == "false")
    }

    /// Makes an empty bare repository at `path`, or opens the one there.
    ///
    /// # Errors
    /// As git2 says.
    pub fn create(path: &Path) -> Result<Self, git2::Error> {
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).mkpath(true).external_template(false).initial_head("main");
        Repository::init_opts(path, &options)?;
        Self::open(path)
    }

    /// What bends the history of the repository at `path`: shallow borders or grafts.
    pub fn cut(path: &Path) -> Option<&'static str> {
        ["shallow", "info/grafts"].into_iter().find(|file| path.join(file).exists())
    }

    /// Where the repository at `path` has objects that lie elsewhere and may go: a cache of ours never does.
    pub fn borrows(path: &Path) -> Option<&'static str> {
        ["objects/info/alternates", "objects/info/http-alternates"].into_iter().find(|file| path.join(file).exists())
    }

    /// Gives a cache of ours its plain configuration back: whatever else stands there could lead git elsewhere, or run
    /// a program.
    ///
    /// # Errors
    /// As the file system says.
    pub fn settle(path: &Path) -> io::Result<()> {
        let file = path.join("config");
        match read_bounded(&file, 1 << 16) {
            Ok(None) => Ok(()),
            Ok(Some(bytes)) if bytes == CONFIG => Ok(()),
            _ => write_durably(&file, CONFIG),
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.repository.path()
    }

    /// Whether `old` is among the ancestors of `new`, by any parent.
    ///
    /// # Errors
    /// As git2 says.
    pub fn descends(&self, new: &CommitId, old: &CommitId) -> Result<bool, git2::Error> {
        self.repository.graph_descendant_of(oid(new.as_bytes()), oid(old.as_bytes()))
    }

    /// The commit a local ref names.
    ///
    /// # Errors
    /// As git2 says; a ref that is not there is `None`.
    pub fn reference(&self, name: &str) -> Result<Option<CommitId>, git2::Error> {
        match self.repository.refname_to_id(name) {
            Ok(oid) => Ok(Some(commit_id(oid))),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Names and commits of the refs under a prefix such as `refs/expacti/fetched/requests/`.
    ///
    /// # Errors
    /// As git2 says.
    pub fn references(&self, prefix: &str) -> Result<Vec<(String, CommitId)>, git2::Error> {
        let mut found = Vec::new();
        for reference in self.repository.references_glob(&format!("{prefix}*"))? {
            let reference = reference?;
            let (Ok(name), Some(target)) = (reference.name(), reference.target()) else { continue };
            if let Some(rest) = name.strip_prefix(prefix) {
                found.push((rest.to_owned(), commit_id(target)));
            }
        }
        Ok(found)
    }

    /// Points a local ref at a commit.
    ///
    /// # Errors
    /// As git2 says.
    pub fn set_reference(&self, name: &str, id: &CommitId) -> Result<(), git2::Error> {
        self.repository.reference(name, oid(id.as_bytes()), true, "expacti").map(|_| ())
    }

    /// Removes a local ref, where it is there.
    ///
    /// # Errors
    /// As git2 says.
    pub fn remove_reference(&self, name: &str) -> Result<(), git2::Error> {
        match self.repository.find_reference(name) {
            Ok(mut reference) => reference.delete(),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether an object is here.
    pub fn holds(&self, id: &CommitId) -> bool {
        self.repository.odb().is_ok_and(|odb| odb.exists(oid(id.as_bytes())))
    }

    /// Whether a commit comes before another, along any parents; a commit does not come before itself.
    ///
    /// # Errors
    /// As git2 says, also where one of them is not here.
    pub fn is_before(&self, earlier: &CommitId, later: &CommitId) -> Result<bool, git2::Error> {
        self.repository.graph_descendant_of(oid(later.as_bytes()), oid(earlier.as_bytes()))
    }

    /// Writes a blob.
    ///
    /// # Errors
    /// As git2 says.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<ObjectId, git2::Error> {
        self.repository.blob(bytes).map(object_id)
    }

    /// The tree `base` with files added or replaced; paths are relative, with `/`.
    ///
    /// # Errors
    /// As git2 says.
    pub fn write_tree(&self, base: Option<&ObjectId>, files: &[(String, ObjectId)]) -> Result<ObjectId, git2::Error> {
        let base = match base {
            Some(base) => self.repository.find_tree(oid(base.as_bytes()))?,
            None => self.repository.find_tree(self.repository.treebuilder(None)?.write()?)?,
        };
        let mut update = git2::build::TreeUpdateBuilder::new();
        for (path, id) in files {
            update.upsert(path.as_str(), oid(id.as_bytes()), git2::FileMode::Blob);
        }
        update.create_updated(&self.repository, &base).map(object_id)
    }

    /// The tree `base` with one entry of its top level put in place of what was there, or taken away.
    ///
    /// # Errors
    /// As git2 says.
    pub fn replace_top(
        &self,
        base: &ObjectId,
        name: &str,
        subtree: Option<&ObjectId>,
    ) -> Result<ObjectId, git2::Error> {
        let base = self.repository.find_tree(oid(base.as_bytes()))?;
        let mut builder = self.repository.treebuilder(Some(&base))?;
        match subtree {
            Some(subtree) => {
                builder.insert(name, oid(subtree.as_bytes()), DIRECTORY.cast_signed())?;
            }
            None if builder.get(name)?.is_some() => builder.remove(name)?,
            None => {}
        }
        builder.write().map(object_id)
    }

    /// When a commit says that it was made, in seconds since 1970; nobody signed it.
    ///
    /// # Errors
    /// As git2 says.
    pub fn committed(&self, id: &CommitId) -> Result<i64, git2::Error> {
        Ok(self.repository.find_commit(oid(id.as_bytes()))?.time().seconds())
    }

    /// Writes a commit in a principal's name; who really made it is for signatures to say.
    ///
    /// # Errors
    /// As git2 says.
    pub fn write_commit(
        &self,
        parents: &[CommitId],
        tree: &ObjectId,
        author: &str,
        now: Timestamp,
        message: &str,
    ) -> Result<CommitId, git2::Error> {
        let time = git2::Time::new(now.unix(), 0);
        let signature = git2::Signature::new(author, &format!("{author}@expacti.invalid"), &time)?;
        let tree = self.repository.find_tree(oid(tree.as_bytes()))?;
        let parents =
            parents.iter().map(|id| self.repository.find_commit(oid(id.as_bytes()))).collect::<Result<Vec<_>, _>>()?;
        let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
        self.repository.commit(None, &signature, &signature, message, &tree, &parents).map(commit_id)
    }
}

impl History for Objects {
    fn commit(&self, id: &CommitId) -> Result<Commit, ReadError> {
        if let Some(commit) = self.commits.borrow_mut().get(id, commit_weight) {
            return Ok(commit);
        }
        let object = ObjectId::new(*id.as_bytes());
        // Without a bound: a commit whose parents nobody reads could never be set aside, and git has held it already.
        let commit = self.read(&object, ObjectType::Commit, usize::MAX, parse::commit)?;
        let commit = commit.ok_or_else(|| malformed(&object, "it is no commit".to_owned()))?;
        self.commits.borrow_mut().put(*id, commit.clone(), commit_weight(&commit));
        Ok(commit)
    }

    fn tree(&self, id: &ObjectId) -> Result<Tree, ReadError> {
        if let Some(tree) = self.trees.borrow_mut().get(id, tree_weight) {
            return Ok(tree);
        }
        let entries = self.read(id, ObjectType::Tree, MAX_TREE, parse::tree)?;
        let entries = entries.ok_or_else(|| malformed(id, "it is no directory".to_owned()))?;
        if entries.len() > MAX_ENTRIES {
            return Err(malformed(id, format!("a directory of {} entries", entries.len())));
        }
        let tree = Tree::from_iter(entries);
        self.trees.borrow_mut().put(*id, tree.clone(), tree_weight(&tree));
        Ok(tree)
    }

    fn blob(&self, id: &ObjectId, limit: usize) -> Result<Vec<u8>, ReadError> {
        self.read(id, ObjectType::Blob, limit, <[u8]>::to_vec)
    }
}

impl Objects {
    /// What `parse` makes of the bytes of an object of this kind; libgit2 checks that they have its hash.
    fn read<T>(
        &self,
        id: &ObjectId,
        kind: ObjectType,
        limit: usize,
        parse: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, ReadError> {
        let failed = |error: git2::Error| ReadError { id: *id, reason: error.message().to_owned(), malformed: false };
        let name = oid(id.as_bytes());
        let odb = self.repository.odb().map_err(failed)?;
        // The header first, so that a bomb is never unpacked.
        let (size, found) = odb.read_header(name).map_err(failed)?;
        if found != kind {
            return Err(malformed(id, format!("it is a {found}, not a {kind}")));
        }
        if size > limit {
            return Err(malformed(id, format!("{size} bytes, more than {limit}")));
        }
        odb.read(name).map(|object| parse(object.data())).map_err(failed)
    }
}

fn malformed(id: &ObjectId, reason: String) -> ReadError {
    ReadError { id: *id, reason, malformed: true }
}
