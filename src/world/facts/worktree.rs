//! The git work tree a command starts in: its commit and whether it is clean.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Oid, Repository, StatusOptions, Tree};
use thiserror::Error;

/// What is bound of a work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkTree {
    /// The commit that HEAD names, in hex; zeros before the first commit, as git writes "none".
    pub head: String,
    /// Nothing is staged, changed, untracked or in conflict; ignored files do not count.
    ///
    /// Filters configured in the repository are not run, so a file that passes through one may count as changed.
    /// Where it was looked at exactly, every file holds the very bytes of the commit.
    pub clean: bool,
}

/// The work tree is there and cannot be judged: not the same as clean, nor as none.
#[derive(Debug, Error)]
pub enum WorkTreeError {
    /// git's library does not read it.
    #[error("the git work tree cannot be read: {}", .0.message())]
    Git(#[from] git2::Error),
    /// Its files do not open.
    #[error("the git work tree cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Its settings say that its files lie somewhere else.
    #[error("the git repository around the directory has its work tree elsewhere, in `{}`", .0.display())]
    Elsewhere(PathBuf),
}

/// The work tree that holds `cwd`, if any; a bare repository has none.
///
/// Reads with libgit2 only: hooks, filters, fsmonitor and other programs the repository names never run, and
/// `GIT_*` variables are not looked at. Repositories with SHA-256 object names are an error (libgit2 1.9).
///
/// `exactly`: the index is not believed. Whoever owns the work tree can write there that a file is unchanged, or is
/// not to be looked at, and in the repository's settings how much of a file is compared.
pub fn worktree(cwd: &Path, exactly: bool) -> Result<Option<WorkTree>, WorkTreeError> {
    let repository = match Repository::discover(cwd) {
        Ok(repository) => repository,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if repository.is_bare() {
        return Ok(None);
    }
    let root = repository.workdir().unwrap_or(repository.path()).canonicalize()?;
    if !cwd.canonicalize()?.starts_with(&root) {
        return Err(WorkTreeError::Elsewhere(root));
    }
    let commit = match repository.head() {
        Ok(head) => Some(head.peel_to_commit()?),
        Err(error) if error.code() == ErrorCode::UnbornBranch => None,
        Err(error) => return Err(error.into()),
    };
    let mut options = StatusOptions::new();
    options.include_untracked(true).include_ignored(false).exclude_submodules(false);
    let mut clean = repository.statuses(Some(&mut options))?.is_empty();
    if let Some(commit) = commit.as_ref().filter(|_| clean && exactly) {
        clean = holds(&repository, &commit.tree()?, &root)?;
    }
    let head = commit.map_or(Oid::ZERO_SHA1, |commit| commit.id());
    Ok(Some(WorkTree { head: head.to_string(), clean }))
}

/// Whether every file of the tree lies in this directory, byte for byte.
fn holds(repository: &Repository, tree: &Tree<'_>, directory: &Path) -> Result<bool, WorkTreeError> {
    for entry in tree {
        let path = directory.join(OsStr::from_bytes(entry.name_bytes()));
        let meta = match fs::symlink_metadata(&path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let executable = meta.mode() & 0o100 != 0;
        let same = match entry.filemode() {
            0o040_000 => meta.is_dir() && holds(repository, &entry.to_object(repository)?.peel_to_tree()?, &path)?,
            0o120_000 if meta.is_symlink() => {
                Oid::hash_object(ObjectType::Blob, fs::read_link(&path)?.as_os_str().as_bytes())? == entry.id()
            }
            0o160_000 if meta.is_dir() && fs::read_dir(&path)?.next().is_none() => true,
            0o160_000 if meta.is_dir() => {
                worktree(&path, true)?.is_some_and(|inner| inner.clean && inner.head == entry.id().to_string())
            }
            mode @ (0o100_644 | 0o100_755) if meta.is_file() => {
                executable == (mode == 0o100_755) && Oid::hash_file(ObjectType::Blob, &path)? == entry.id()
            }
            _ => false,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    /// Looks both ways, which agree but where somebody lies.
    fn worktree(cwd: &Path) -> Result<Option<WorkTree>, WorkTreeError> {
        let found = super::worktree(cwd, true);
        if let Ok(found) = &found {
            assert_eq!(*found, super::worktree(cwd, false).unwrap());
        }
        found
    }

    type Change = fn(&Path);
    type Lie<'a> = &'a dyn Fn(&Path);

    fn repository() -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().unwrap();
        let repository = Repository::init(dir.path()).unwrap();
        fs::write(dir.path().join("Makefile"), "all:\n").unwrap();
        fs::write(dir.path().join(".gitignore"), "ignored\n").unwrap();
        let mut index = repository.index().unwrap();
        index.add_path(Path::new("Makefile")).unwrap();
        index.add_path(Path::new(".gitignore")).unwrap();
        index.write().unwrap();
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        let who = git2::Signature::new("a", "a@example.org", &git2::Time::new(1, 0)).unwrap();
        let commit = repository.commit(Some("HEAD"), &who, &who, "first", &tree, &[]).unwrap();
        (dir, commit.to_string())
    }

    #[test]
    fn head_and_cleanliness_are_seen_from_any_directory_below() {
        let (dir, head) = repository();
        fs::create_dir(dir.path().join("sub")).unwrap();
        let found = worktree(&dir.path().join("sub")).unwrap().unwrap();
        assert_eq!(found, WorkTree { head, clean: true });
    }

    #[test]
    fn any_change_that_is_not_ignored_is_dirt() {
        let dirt: [(&str, Change); 5] = [
            ("changed", |dir| fs::write(dir.join("Makefile"), "all: evil\n").unwrap()),
            ("removed", |dir| fs::remove_file(dir.join("Makefile")).unwrap()),
            ("untracked", |dir| fs::write(dir.join("new"), "").unwrap()),
            ("untracked below", |dir| {
                fs::create_dir(dir.join("d")).unwrap();
                fs::write(dir.join("d/new"), "").unwrap();
            }),
            ("symlink instead", |dir| {
                fs::remove_file(dir.join("Makefile")).unwrap();
                std::os::unix::fs::symlink("x", dir.join("Makefile")).unwrap();
            }),
        ];
        for (name, make) in dirt {
            let (dir, _) = repository();
            make(dir.path());
            assert!(!worktree(dir.path()).unwrap().unwrap().clean, "{name}");
        }
        let (dir, _) = repository();
        fs::write(dir.path().join("ignored"), "").unwrap();
        assert!(worktree(dir.path()).unwrap().unwrap().clean);
    }

    #[test]
    fn an_index_and_settings_that_lie_are_not_believed() {
        fn flag(dir: &Path, change: fn(&mut git2::IndexEntry)) {
            let repository = Repository::open(dir).unwrap();
            let mut index = repository.index().unwrap();
            let mut entry = index.get_path(Path::new("Makefile"), 0).unwrap();
            change(&mut entry);
            index.add(&entry).unwrap();
            index.write().unwrap();
        }
        let evil = |dir: &Path| fs::write(dir.join("Makefile"), "evil").unwrap();
        let lies: [(&str, Lie<'_>); 3] = [
            ("assumed to be unchanged", &|dir| {
                flag(dir, |entry| entry.flags |= 0x8000);
                evil(dir);
            }),
            ("not to be looked at", &|dir| {
                flag(dir, |entry| entry.flags_extended |= 1 << 14);
                evil(dir);
            }),
            ("another file's times", &|dir| {
                // What is written into the index is what it says of the changed file.
                evil(dir);
                let meta = fs::metadata(dir.join("Makefile")).unwrap();
                let repository = Repository::open(dir).unwrap();
                let mut index = repository.index().unwrap();
                let committed = index.get_path(Path::new("Makefile"), 0).unwrap().id;
                let time = |seconds: i64, nanoseconds: i64| {
                    git2::IndexTime::new(i32::try_from(seconds).unwrap(), u32::try_from(nanoseconds).unwrap())
                };
                index
                    .add(&git2::IndexEntry {
                        ctime: time(meta.ctime(), meta.ctime_nsec()),
                        mtime: time(meta.mtime(), meta.mtime_nsec()),
                        dev: 0,
                        ino: meta.ino() as u32,
                        mode: 0o100_644,
                        uid: meta.uid(),
                        gid: meta.gid(),
                        file_size: meta.len() as u32,
                        id: committed,
                        flags: 0,
                        flags_extended: 0,
                        path: b"Makefile".to_vec(),
                    })
                    .unwrap();
                index.write().unwrap();
                // An index as old as the file would be looked at again.
                let later = meta.modified().unwrap() + std::time::Duration::from_secs(60);
                File::options().write(true).open(dir.join(".git/index")).unwrap().set_modified(later).unwrap();
            }),
        ];
        for (name, lie) in lies {
            let (dir, _) = repository();
            lie(dir.path());
            assert!(super::worktree(dir.path(), false).unwrap().unwrap().clean, "no lie at all: {name}");
            assert!(!super::worktree(dir.path(), true).unwrap().unwrap().clean, "{name}");
        }
        let (dir, _) = repository();
        let (clean, _) = repository();
        evil(dir.path());
        let mut config = Repository::open(dir.path()).unwrap().config().unwrap();
        config.set_str("core.worktree", clean.path().to_str().unwrap()).unwrap();
        assert!(matches!(worktree(dir.path()), Err(WorkTreeError::Elsewhere(_))));
    }

    #[test]
    fn a_submodule_is_looked_into() {
        let (dir, _) = repository();
        let (inner, head) = repository();
        let below = dir.path().join("sub");
        fs::create_dir(&below).unwrap();
        fs::rename(inner.path().join(".git"), below.join(".git")).unwrap();
        for file in ["Makefile", ".gitignore"] {
            fs::copy(inner.path().join(file), below.join(file)).unwrap();
        }
        let repository = Repository::open(dir.path()).unwrap();
        fs::write(dir.path().join(".gitmodules"), "[submodule \"sub\"]\n\tpath = sub\n\turl = ./sub\n").unwrap();
        let mut index = repository.index().unwrap();
        index.add_path(Path::new(".gitmodules")).unwrap();
        index.add_path(Path::new("sub")).unwrap();
        index.write().unwrap();
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        assert_eq!(tree.get_name("sub").unwrap().id().to_string(), head);
        let who = git2::Signature::new("a", "a@example.org", &git2::Time::new(1, 0)).unwrap();
        let parent = repository.head().unwrap().peel_to_commit().unwrap();
        repository.commit(Some("HEAD"), &who, &who, "second", &tree, &[&parent]).unwrap();
        assert!(super::worktree(dir.path(), true).unwrap().unwrap().clean);
        let inside = Repository::open(&below).unwrap();
        let mut index = inside.index().unwrap();
        let mut entry = index.get_path(Path::new("Makefile"), 0).unwrap();
        entry.flags |= 0x8000;
        index.add(&entry).unwrap();
        index.write().unwrap();
        fs::write(below.join("Makefile"), "evil").unwrap();
        assert!(!super::worktree(dir.path(), true).unwrap().unwrap().clean);
    }

    #[test]
    fn programs_the_repository_names_never_run() {
        let (dir, _) = repository();
        let ran = dir.path().join("ignored");
        let evil = format!("touch {}", ran.display());
        let mut config = Repository::open(dir.path()).unwrap().config().unwrap();
        for key in ["core.fsmonitor", "filter.evil.clean", "filter.evil.process", "diff.evil.command", "core.pager"] {
            config.set_str(key, &evil).unwrap();
        }
        fs::write(dir.path().join(".git/info/attributes"), "* filter=evil diff=evil\n").unwrap();
        fs::write(dir.path().join("Makefile"), "all: changed\n").unwrap();
        assert!(!worktree(dir.path()).unwrap().unwrap().clean);
        assert!(!ran.exists());
    }

    #[test]
    fn no_repository_a_bare_one_one_without_commits_and_a_broken_one() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(worktree(dir.path()).unwrap(), None);
        let bare = dir.path().join("bare");
        Repository::init_bare(&bare).unwrap();
        assert_eq!(worktree(&bare).unwrap(), None);
        let empty = dir.path().join("empty");
        Repository::init(&empty).unwrap();
        let expected = WorkTree { head: "0".repeat(40), clean: true };
        assert_eq!(worktree(&empty).unwrap(), Some(expected));
        let (broken, head) = repository();
        let object = head.split_at(2);
        fs::remove_file(broken.path().join(".git/objects").join(object.0).join(object.1)).unwrap();
        assert!(worktree(broken.path()).is_err());
    }
}
