//! Where this user's files lie, and writing them so that a crash leaves the old or the new.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::domain::id::Digest;
use crate::world::barrier::Barrier;

/// The directories of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// Settings, pins and keys.
    pub config: PathBuf,
    /// Repository caches, and the embedded repository.
    pub data: PathBuf,
    /// What this machine remembers: verified heads, journals, spools.
    pub state: PathBuf,
    /// Where the machine's administrator pins and sets; never read from the environment.
    pub system: Option<SystemDir>,
    /// The barrier that these directories lie behind.
    pub barrier: Option<Barrier>,
}

/// A directory whose files win over the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemDir {
    /// Which.
    pub dir: PathBuf,
    /// The user it must belong to: 0, root.
    pub owner: u32,
}

/// Where the machine-wide files lie.
const SYSTEM: &str = "/etc/expacti";

impl Paths {
    /// `EXPACTI_HOME`'s three subdirectories, or the platform's directories.
    ///
    /// # Errors
    /// There is neither `EXPACTI_HOME` nor a home directory, or it is not absolute.
    pub fn find(env: &BTreeMap<OsString, OsString>) -> Result<Self, PathsError> {
        let system = SystemDir { dir: PathBuf::from(SYSTEM), owner: 0 };
        if let Some(home) = env.get(std::ffi::OsStr::new("EXPACTI_HOME")).filter(|home| !home.is_empty()) {
            let home = PathBuf::from(home);
            if !home.is_absolute() {
                return Err(PathsError::Relative(home));
            }
            return Ok(Self { system: Some(system), ..Self::under(&home) });
        }
        let dirs = directories::ProjectDirs::from("", "", "expacti").ok_or(PathsError::NoHome)?;
        let state = dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir());
        Ok(Self {
            config: dirs.config_dir().to_owned(),
            data: dirs.data_dir().to_owned(),
            state: state.to_owned(),
            system: Some(system),
            barrier: None,
        })
    }

    /// All three under one directory; nothing machine-wide.
    pub fn under(home: &Path) -> Self {
        Self {
            config: home.join("config"),
            data: home.join("data"),
            state: home.join("state"),
            system: None,
            barrier: None,
        }
    }

    /// The pins: which repositories this machine trusts, from which root on.
    pub fn pins(&self) -> PathBuf {
        self.config.join("trust.toml")
    }

    /// The user's settings.
    pub fn settings(&self) -> PathBuf {
        self.config.join("settings.toml")
    }

    /// Keys made by `identity new`.
    pub fn keys(&self) -> PathBuf {
        self.config.join("keys")
    }

    /// The bare repository that `init` makes without arguments.
    pub fn embedded(&self) -> PathBuf {
        self.data.join("policy.git")
    }

    /// The object cache of the repository with this genesis.
    pub fn cache(&self, repo: &Digest) -> PathBuf {
        self.data.join("repos").join(format!("{repo}.git"))
    }

    /// What this machine remembers of the repository with this genesis.
    pub fn memory(&self, repo: &Digest) -> PathBuf {
        self.state.join("repos").join(repo.to_string())
    }
}

/// Why there is no place for files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathsError {
    /// No home directory.
    #[error("there is no home directory: set HOME or EXPACTI_HOME")]
    NoHome,
    /// `EXPACTI_HOME` depends on where one stands.
    #[error("EXPACTI_HOME is `{0}`, which is not an absolute path")]
    Relative(PathBuf),
}

/// Makes a directory and those above it, for this user alone.
///
/// # Errors
/// As the file system says.
pub fn make_private_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Replaces a file so that after a crash it holds the old bytes or the new ones, on disk.
///
/// The file is readable by this user alone.
///
/// # Errors
/// As the file system says; the old file is then untouched.
pub fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a file has no directory"))?;
    make_private_dir(dir)?;
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs::File::open(dir)?.sync_all()
}

/// Makes a file that must not exist yet, durably and for this user alone.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where it does; else as the file system says.
pub fn create_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a file has no directory"))?;
    make_private_dir(dir)?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::File::open(dir)?.sync_all()
}

/// The file's bytes; `None` where there is no such file.
///
/// # Errors
/// Anything but its absence, and files over `limit` bytes.
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    use io::Read as _;
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("over {limit} bytes")));
    }
    Ok(Some(bytes))
}

/// Whether others than the owner can read or write a file.
///
/// # Errors
/// As the file system says.
pub fn is_open_to_others(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.mode() & 0o077 != 0)
}

/// Whether others than the owner can write a file.
///
/// # Errors
/// As the file system says.
pub fn is_writable_by_others(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.mode() & 0o022 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_private_and_whole() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("a/b/file");
        write_durably(&file, b"one").unwrap();
        write_durably(&file, b"two").unwrap();
        assert_eq!(read_bounded(&file, 3).unwrap().unwrap(), b"two");
        assert!(!is_open_to_others(&file).unwrap());
        assert!(!is_open_to_others(file.parent().unwrap()).unwrap());
        assert!(read_bounded(&file, 2).is_err());
        assert!(read_bounded(&home.path().join("none"), 1).unwrap().is_none());
        assert_eq!(create_durably(&file, b"x").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    }
}
