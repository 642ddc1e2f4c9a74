//! The git work tree a command starts in: its commit and whether it is clean.

use std::path::Path;

use git2::{ErrorCode, Repository, StatusOptions};
use thiserror::Error;

/// What is bound of a work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkTree {
    /// The commit that HEAD names, in hex; zeros before the first commit, as git writes "none".
    pub head: String,
    /// Nothing is staged, changed, untracked or in conflict; ignored files do not count.
    ///
    /// Filters configured in the repository are not run, so a file that passes through one may count as changed.
    pub clean: bool,
}

/// The work tree is there and cannot be judged: not the same as clean, nor as none.
#[derive(Debug, Error)]
#[error("the git work tree cannot be read: {}", .0.message())]
pub struct WorkTreeError(#[from] git2::Error);

impl WorkTreeError {
    /// Whether git's owner check refuses it; `git config --global --add safe.directory DIR` is the way out.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.0.code() == ErrorCode::Owner
    }
}

/// The work tree that holds `cwd`, if any; a bare repository has none.
///
/// Reads with libgit2 only: hooks, filters, fsmonitor and other programs the repository names never run, and
/// `GIT_*` variables are not looked at. Repositories with SHA-256 object names are an error (libgit2 1.9).
pub fn worktree(cwd: &Path) -> Result<Option<WorkTree>, WorkTreeError> {
    let repository = match Repository::discover(cwd) {
        Ok(repository) => repository,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if repository.is_bare() {
        return Ok(None);
    }
    let head = match repository.head() {
        Ok(head) => head.peel_to_commit()?.id(),
        Err(error) if error.code() == ErrorCode::UnbornBranch => git2::Oid::ZERO_SHA1,
        Err(error) => return Err(error.into()),
    };
    let mut options = StatusOptions::new();
    options.include_untracked(true).include_ignored(false).exclude_submodules(false);
    let clean = repository.statuses(Some(&mut options))?.is_empty();
    Ok(Some(WorkTree { head: head.to_string(), clean }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    type Change = fn(&Path);

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
