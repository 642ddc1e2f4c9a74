//! The program a command names: where it lies, its digest, what starts it, and how it will be pinned.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::Access;
use thiserror::Error;

use super::file::{self, Content, ReadError};
use super::path::{Walk, has_capabilities, walk, writable_by_others};
use super::shebang::{env_program, first_line};

/// The largest program that is sealed, in bytes: a sealed copy lies in memory.
pub const SEAL_LIMIT: u64 = 512 * 1024 * 1024;

/// Where a program is looked for when there is no `PATH` at all.
const NO_PATH: &str = "/usr/bin:/bin";
/// Linux starts an interpreter of an interpreter this deep (`execve(2)`).
const MAX_INTERPRETERS: usize = 4;

/// How the hashed bytes become the running bytes (spec section 3, step 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pin {
    /// From a sealed copy in memory: nobody can change it between the check and the start.
    ///
    /// Such a program sees `/memfd:expacti (deleted)` as `/proc/self/exe`, and on some kernels a number as its
    /// process name; `argv[0]` is as asked. One that must find itself there belongs into a place that only root
    /// and the runner can write, where it is never sealed.
    Sealed,
    /// By path, its digest checked right before.
    Checked,
}

/// What is bound of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramFacts {
    /// Absolute, as found on `PATH` or named; symlinks and `..` stand as they were.
    pub path: PathBuf,
    /// Every symlink hop from there, the last being the real file; never empty.
    pub hops: Vec<PathBuf>,
    /// Digest of the real file.
    pub sha256: [u8; 32],
    /// Bytes of the real file.
    pub size: u64,
    /// What starts it, if it is a script.
    pub interpreter: Option<Interpreter>,
    /// How it will run.
    pub pin: Pin,
    /// It and its interpreters were found in and lie in the trusted path, and nobody but root can bend a hop between.
    pub trusted: bool,
    /// The text, if it starts with `#!` and is at most [`super::TEXT_LIMIT`] bytes.
    pub script: Option<Vec<u8>>,
    /// It runs with more rights than the caller's: set-user-ID, set-group-ID or file capabilities.
    ///
    /// Never sealed, since a copy would lose them; the kernel raises the rights as from a shell.
    pub setuid: bool,
}

/// What a script's `#!` line names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpreter {
    /// Absolute, as named or as `env` finds it.
    pub path: PathBuf,
    /// Every symlink hop, the last being the real file.
    pub hops: Vec<PathBuf>,
    /// The one argument of the `#!` line.
    pub argument: Option<Vec<u8>>,
    /// Digest of the real file.
    pub sha256: [u8; 32],
    /// What it starts in turn: the program `env` looks up, or its own `#!` interpreter.
    pub next: Option<Box<Interpreter>>,
}

impl ProgramFacts {
    /// The real file.
    #[must_use]
    pub fn real(&self) -> &Path {
        self.hops.last().unwrap_or(&self.path)
    }

    /// The first field in which `now` differs from what was bound.
    #[must_use]
    pub fn drift(&self, now: &Self) -> Option<&'static str> {
        [
            ("program path", self.path == now.path),
            ("program symlinks", self.hops == now.hops),
            ("program sha256", self.sha256 == now.sha256 && self.size == now.size),
            ("interpreter", self.interpreter == now.interpreter),
            ("setuid", self.setuid == now.setuid),
            ("pin", self.pin == now.pin),
            ("trusted", self.trusted == now.trusted),
        ]
        .into_iter()
        .find_map(|(field, same)| (!same).then_some(field))
    }
}

/// Why a name is no program that can be bound and run.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// No such program: 127.
    #[error("`{}` was not found", .0.display())]
    NotFound(PathBuf),
    /// It is there and cannot be started: 126.
    #[error("`{path}` cannot be executed: {reason}", path = .path.display())]
    NotExecutable {
        /// The file.
        path: PathBuf,
        /// Why, in words.
        reason: &'static str,
    },
    /// What cannot be read cannot be hashed, and so not be bound.
    #[error("`{path}` cannot be read, so it cannot be bound", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Someone writes to it at this moment.
    #[error("`{}` changed while it was read", .0.display())]
    ChangedWhileReading(PathBuf),
    /// It must be sealed, and is too large to be kept in memory; or it is too large to be hashed at all.
    #[error(
        "`{path}` is too large ({size} bytes): at most {SEAL_LIMIT} where others can write it, so that it must run from a sealed copy, else {limit}",
        path = .path.display(),
        limit = file::HASH_LIMIT
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        size: u64,
    },
    /// The `#!` line of a script leads nowhere.
    #[error("the `#!` line of `{path}` does not work: {source}", path = .path.display())]
    Interpreter {
        /// The script.
        path: PathBuf,
        /// Why its interpreter is none.
        source: Box<ProgramError>,
    },
}

impl ProgramError {
    /// Whether a shell would end with 127 rather than 126.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_))
    }
}

/// Finds the program `name` as a shell in `cwd` with this `PATH` would, and everything about it that is bound.
///
/// A name with a slash is a path from `cwd`; an empty entry of `PATH` is `cwd`. `trusted` are directories whose
/// programs, also deeper down, an `allow` policy may match. A file that is neither ELF nor starts with `#!` is refused, since
/// which program the system would hand it to cannot be bound.
pub fn resolve(
    name: &OsStr,
    cwd: &Path,
    path_var: Option<&OsStr>,
    trusted: &[PathBuf],
) -> Result<ProgramFacts, ProgramError> {
    let trusted = trusted.iter().filter_map(|dir| dir.canonicalize().ok()).collect();
    Search { cwd, path_var, trusted, seal_limit: SEAL_LIMIT }.resolve(name)
}

/// Where a shell would find the program `name`, if that is a file and not one of the trusted directories' own.
pub fn find_outside(name: &OsStr, cwd: &Path, path_var: Option<&OsStr>, trusted: &[PathBuf]) -> Option<PathBuf> {
    let trusted = trusted.iter().filter_map(|dir| dir.canonicalize().ok()).collect();
    let search = Search { cwd, path_var, trusted, seal_limit: SEAL_LIMIT };
    let path = search.locate(name).ok()?;
    let walk = walk(&path).ok()?;
    let inside = |place: &Path| search.trusted.iter().any(|dir| place.starts_with(dir));
    let bent = walk.links.iter().any(|link| !inside(link) && writable_by_others(link, 0));
    let trusted = inside(&walk.named) && walk.hops.last().is_some_and(|real| inside(real)) && !bent;
    (!trusted).then_some(path)
}

struct Search<'a> {
    cwd: &'a Path,
    path_var: Option<&'a OsStr>,
    trusted: Vec<PathBuf>,
    seal_limit: u64,
}

/// One executable file, read.
struct Found {
    hops: Vec<PathBuf>,
    content: Content,
    trusted: bool,
    exposed: bool,
    setuid: bool,
}

impl Search<'_> {
    fn resolve(&self, name: &OsStr) -> Result<ProgramFacts, ProgramError> {
        let path = self.locate(name)?;
        let found = self.look(&path)?;
        let started = self.interpreter(&found, 0)?;
        let (interpreter, interpreter_trusted) = started.map_or((None, true), |(next, trusted)| (Some(next), trusted));
        let sealed = cfg!(target_os = "linux")
            && found.exposed
            && !found.setuid
            && !found.content.origin
            && interpreter.is_none();
        let size = found.content.size;
        if sealed && size > self.seal_limit {
            return Err(ProgramError::TooLarge { path, size });
        }
        Ok(ProgramFacts {
            path,
            hops: found.hops,
            sha256: found.content.sha256,
            size,
            pin: if sealed { Pin::Sealed } else { Pin::Checked },
            trusted: found.trusted && interpreter_trusted,
            script: if interpreter.is_some() { found.content.whole() } else { None },
            interpreter,
            setuid: found.setuid,
        })
    }

    fn locate(&self, name: &OsStr) -> Result<PathBuf, ProgramError> {
        if name.is_empty() || name.as_bytes().contains(&0) {
            return Err(ProgramError::NotFound(name.into()));
        }
        if name.as_bytes().contains(&b'/') {
            let path = self.cwd.join(name);
            return executable(&path).map(|_| path);
        }
        let mut refused = None;
        for dir in std::env::split_paths(self.path_var.unwrap_or(OsStr::new(NO_PATH))) {
            let path = self.cwd.join(dir).join(name);
            match executable(&path) {
                Ok(_) => return Ok(path),
                Err(ProgramError::NotFound(_)) => {}
                Err(error) => {
                    refused.get_or_insert(error);
                }
            }
        }
        Err(refused.unwrap_or_else(|| ProgramError::NotFound(name.into())))
    }

    fn look(&self, path: &Path) -> Result<Found, ProgramError> {
        let meta = executable(path)?;
        let unreadable = |source| ProgramError::Unreadable { path: path.to_owned(), source };
        let Walk { named, links, hops } = walk(path).map_err(unreadable)?;
        let real = hops.last().map_or(path, PathBuf::as_path);
        let content = file::read(real).map_err(|error| match error {
            ReadError::Changed | ReadError::NotRegular => ProgramError::ChangedWhileReading(path.to_owned()),
            ReadError::TooLarge(size) => ProgramError::TooLarge { path: path.to_owned(), size },
            ReadError::Io(source) => unreadable(source),
        })?;
        let inside = |place: &Path| self.trusted.iter().any(|dir| place.starts_with(dir));
        let me = rustix::process::geteuid().as_raw();
        let exposed = |me| links.iter().any(|link| writable_by_others(link, me)) || writable_by_others(real, me);
        let bent = links.iter().any(|link| !inside(link) && writable_by_others(link, 0));
        Ok(Found {
            trusted: inside(&named) && inside(real) && !bent,
            exposed: exposed(me),
            setuid: meta.mode() & 0o6000 != 0 || has_capabilities(real),
            hops,
            content,
        })
    }

    /// What starts a script, and whether all of it is trusted; nothing for an ELF program.
    fn interpreter(&self, found: &Found, depth: usize) -> Result<Option<(Interpreter, bool)>, ProgramError> {
        let script = found.hops.last().cloned().unwrap_or_default();
        let broken = |reason| ProgramError::NotExecutable { path: script.clone(), reason };
        let nested = |source| ProgramError::Interpreter { path: script.clone(), source: Box::new(source) };
        let Some(text) = found.content.head.strip_prefix(b"#!") else {
            let native = NATIVE.iter().any(|magic| found.content.head.starts_with(magic));
            return if native {
                Ok(None)
            } else {
                Err(broken("it is neither a native program nor a script with `#!`"))
            };
        };
        if depth >= MAX_INTERPRETERS {
            return Err(broken("interpreters of interpreters are nested too deep"));
        }
        let (name, argument) = first_line(text).map_err(broken)?;
        let path = self.cwd.join(OsStr::from_bytes(name));
        let program = self.look(&path).map_err(nested)?;
        let mut next = self.interpreter(&program, depth + 1).map_err(nested)?;
        if next.is_none() && path.file_name() == Some(OsStr::new("env")) {
            let name = env_program(argument.unwrap_or_default())
                .ok_or_else(|| broken("its `#!` line does not say plainly which program `env` starts"))?;
            let path = self.locate(name).map_err(nested)?;
            let program = self.look(&path).map_err(nested)?;
            let further = self.interpreter(&program, depth + 1).map_err(nested)?;
            next = Some(link(path, None, program, further));
        }
        Ok(Some(link(path, argument.map(<[u8]>::to_vec), program, next)))
    }
}

fn link(
    path: PathBuf,
    argument: Option<Vec<u8>>,
    found: Found,
    next: Option<(Interpreter, bool)>,
) -> (Interpreter, bool) {
    let trusted = found.trusted && next.as_ref().is_none_or(|(_, trusted)| *trusted);
    let next = next.map(|(next, _)| Box::new(next));
    (Interpreter { path, hops: found.hops, argument, sha256: found.content.sha256, next }, trusted)
}

#[cfg(target_os = "macos")]
const NATIVE: [&[u8]; 3] = [b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"];
#[cfg(not(target_os = "macos"))]
const NATIVE: [&[u8]; 1] = [b"\x7fELF"];

/// The metadata of an executable regular file at `path`, symlinks followed.
fn executable(path: &Path) -> Result<Metadata, ProgramError> {
    let refuse = |reason| ProgramError::NotExecutable { path: path.to_owned(), reason };
    let meta = fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if fs::symlink_metadata(path).is_ok() => refuse("it is a symlink to nothing"),
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput | io::ErrorKind::NotADirectory => {
            ProgramError::NotFound(path.to_owned())
        }
        _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            refuse("its symlinks run in a circle")
        }
        _ => ProgramError::Unreadable { path: path.to_owned(), source: error },
    })?;
    if meta.is_dir() {
        return Err(refuse("it is a directory"));
    }
    if !meta.is_file() {
        return Err(refuse("it is not a regular file"));
    }
    // For root this too asks for an execute bit, and it knows `noexec` mounts.
    if rustix::fs::access(path, Access::EXEC_OK).is_err() {
        return Err(refuse("permission denied"));
    }
    Ok(meta)
}

#[cfg(test)]
mod tests;
