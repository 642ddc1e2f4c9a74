//! The bytes that will run: a sealed copy of the program, or its path right after its digest was checked.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::{Launch, SpawnError};
use crate::world::facts::{self, Identity, Pin, ReadError};

/// A program whose digest was found to be the approved one.
#[derive(Debug)]
pub(super) struct Image {
    program: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// The child opens this descriptor by its own `/proc/self/fd`; it closes on exec, when the kernel holds the file.
    #[cfg(target_os = "linux")]
    Sealed {
        _memory: File,
        path: PathBuf,
    },
    Checked(Identity),
}

impl Image {
    pub(super) fn of(launch: &Launch) -> Result<Self, SpawnError> {
        let program = launch.program.clone();
        if !program.is_absolute() {
            return Err(SpawnError::NotFound(program));
        }
        let (file, meta) = facts::open(&program).map_err(|error| unopened(&program, error))?;
        let failed = |source| SpawnError::Io { path: program.clone(), source };
        let (kind, content) = match launch.pin {
            #[cfg(target_os = "linux")]
            Pin::Sealed => {
                let (memory, path) = sealed::copy(&file, meta.len(), &program)?;
                let content = memory.metadata().and_then(|meta| facts::scan(&memory, &meta)).map_err(failed)?;
                (Kind::Sealed { _memory: memory, path }, content)
            }
            #[cfg(not(target_os = "linux"))]
            Pin::Sealed => {
                return Err(SpawnError::Seal { path: program, what: "this system has no sealed memory".into() });
            }
            Pin::Checked => {
                let content = facts::scan(&file, &meta).map_err(failed)?;
                (Kind::Checked(content.identity), content)
            }
        };
        if content.sha256 != launch.sha256 {
            return Err(SpawnError::Drift { path: program, what: "its sha256 is another" });
        }
        Ok(Self { program, kind })
    }

    /// What to execute.
    pub(super) fn path(&self) -> &Path {
        match &self.kind {
            #[cfg(target_os = "linux")]
            Kind::Sealed { path, .. } => path,
            Kind::Checked(_) => &self.program,
        }
    }

    /// Looks once more, without reading: a checked program must still be the inode that was hashed, untouched.
    pub(super) fn recheck(&self) -> Result<(), SpawnError> {
        let hashed = match &self.kind {
            #[cfg(target_os = "linux")]
            Kind::Sealed { .. } => return Ok(()),
            Kind::Checked(hashed) => hashed,
        };
        let now = std::fs::metadata(&self.program).map_err(|error| unopened(&self.program, error.into()))?;
        if Identity::of(&now) == *hashed {
            return Ok(());
        }
        Err(SpawnError::Drift { path: self.program.clone(), what: "it changed right before it was to start" })
    }

    /// What a failed start means.
    pub(super) fn refused(&self, source: io::Error) -> SpawnError {
        let path = self.program.clone();
        match (&self.kind, source.kind()) {
            #[cfg(target_os = "linux")]
            (Kind::Sealed { .. }, io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
                SpawnError::Seal { path, what: format!("{source} (it needs /proc, and memory that may be executed)") }
            }
            (_, io::ErrorKind::NotFound) if !path.exists() => SpawnError::NotFound(path),
            // What it needs to start is missing: the interpreter of a script, the loader of a program.
            (_, io::ErrorKind::NotFound) => SpawnError::NotExecutable { path, source },
            (_, io::ErrorKind::PermissionDenied) => SpawnError::NotExecutable { path, source },
            _ if source.raw_os_error() == Some(Errno::NOEXEC.raw_os_error()) => {
                SpawnError::NotExecutable { path, source }
            }
            _ => SpawnError::Io { path, source },
        }
    }
}

fn unopened(program: &Path, error: ReadError) -> SpawnError {
    let path = program.to_owned();
    match error {
        ReadError::NotRegular | ReadError::Changed => SpawnError::Drift { path, what: "it is not a regular file" },
        ReadError::TooLarge(_) => SpawnError::Drift { path, what: "it is larger than can be bound" },
        ReadError::Io(error) if error.kind() == io::ErrorKind::NotFound => SpawnError::NotFound(path),
        ReadError::Io(source) => SpawnError::NotExecutable { path, source },
    }
}

#[cfg(target_os = "linux")]
mod sealed {
    use std::fs::File;
    use std::io::{self, Read, Seek};
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::path::{Path, PathBuf};

    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
    use rustix::io::Errno;

    use super::SpawnError;
    use crate::world::facts::SEAL_LIMIT;

    /// Copies an opened program into memory that nobody can write any more, `memfd_create(2)`; not hashed yet.
    pub(super) fn copy(program: &File, size: u64, path: &Path) -> Result<(File, PathBuf), SpawnError> {
        let failed = |what: String| SpawnError::Seal { path: path.to_owned(), what };
        if size > SEAL_LIMIT {
            return Err(failed(format!("it has {size} bytes, the limit is {SEAL_LIMIT}")));
        }
        let mut memory = fill(program).map_err(|error| failed(error.to_string()))?;
        memory.rewind().map_err(|error| failed(error.to_string()))?;
        let link = PathBuf::from(format!("/proc/self/fd/{}", memory.as_raw_fd()));
        if !link.exists() {
            return Err(failed("/proc is not there".into()));
        }
        Ok((memory, link))
    }

    fn fill(program: &File) -> io::Result<File> {
        let mut memory = File::from(create()?);
        io::copy(&mut program.take(SEAL_LIMIT), &mut memory)?;
        let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
        // Linux 6.3 can seal the execute bits too.
        match fcntl_add_seals(&memory, seals | SealFlags::EXEC) {
            Err(Errno::INVAL) => fcntl_add_seals(&memory, seals)?,
            other => other?,
        }
        Ok(memory)
    }

    fn create() -> rustix::io::Result<OwnedFd> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        // Since Linux 6.3 memory that may be executed has to be asked for.
        match memfd_create("expacti", flags | MemfdFlags::EXEC) {
            Err(Errno::INVAL) => memfd_create("expacti", flags),
            other => other,
        }
    }
}
