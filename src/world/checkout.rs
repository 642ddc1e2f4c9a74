//! A person's own checkout: where its top is, and which files git tracks in it. Nothing of it is ever changed.

use std::path::{Path, PathBuf};

use git2::{ErrorCode, Repository};

/// A work tree with the files that git tracks in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// Its top directory.
    pub top: PathBuf,
    /// Paths below it, with `/`.
    pub tracked: Vec<String>,
}

/// The work tree that holds `cwd`, if any.
///
/// Reads with libgit2 only: no program that the repository names runs.
///
/// # Errors
/// As git2 says.
pub fn checkout(cwd: &Path) -> Result<Option<Checkout>, git2::Error> {
    let repository = match Repository::discover(cwd) {
        Ok(repository) => repository,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(top) = repository.workdir() else { return Ok(None) };
    let tracked = repository.index()?.iter().map(|entry| String::from_utf8_lossy(&entry.path).into_owned()).collect();
    Ok(Some(Checkout { top: top.to_owned(), tracked }))
}
