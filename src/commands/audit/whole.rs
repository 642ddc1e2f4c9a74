//! Files that an audit verb writes for people.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::commands::error::CommandError;
use crate::domain::shown;
use crate::world::paths::make_private_dir;

/// A file that appears whole or not at all, in the place of one that was there.
#[derive(Debug)]
pub struct Whole {
    path: PathBuf,
    /// What it will hold.
    pub file: tempfile::NamedTempFile<File>,
}

impl Whole {
    /// Opens it beside its place.
    ///
    /// # Errors
    /// The directory is not there, or not writable, or something else than a plain file lies in its place.
    pub fn new(path: &Path) -> Result<Self, CommandError> {
        // Putting a file in the place of a device would take that from everyone.
        let path = match std::fs::canonicalize(path) {
            Ok(there) if !there.is_file() => {
                return Err(CommandError::unsure(format!(
                    "`{}` is no plain file",
                    shown::line(&path.to_string_lossy())
                )));
            }
            Ok(there) => there,
            Err(_) => path.to_owned(),
        };
        let file = tempfile::Builder::new()
            .prefix(".new-")
            .tempfile_in(directory(&path))
            .map_err(|error| failed(&path, &error))?;
        Ok(Self { path, file })
    }

    /// Puts a file of these bytes at `path`, in a directory that is made where there is none.
    ///
    /// # Errors
    /// As [`Whole::new`] and [`Whole::keep`].
    pub fn put(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
        make_private_dir(directory(path)).map_err(|error| failed(path, &error))?;
        let mut whole = Self::new(path)?;
        whole.file.write_all(bytes).map_err(|error| failed(&whole.path, &error))?;
        whole.keep()
    }

    /// Puts it in its place, on disk.
    ///
    /// # Errors
    /// As the file system says.
    pub fn keep(self) -> Result<(), CommandError> {
        let Self { path, file } = self;
        let dir = directory(&path).to_owned();
        let kept = file.as_file().sync_all().and_then(|()| file.persist(&path).map_err(|error| error.error));
        kept.and_then(|_| File::open(dir)?.sync_all()).map_err(|error| failed(&path, &error))
    }
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn failed(path: &Path, error: &io::Error) -> CommandError {
    CommandError::unsure(format!("`{}` was not written: {error}", shown::line(&path.to_string_lossy())))
}
