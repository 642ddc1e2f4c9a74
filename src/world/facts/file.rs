//! One regular file, read whole and told apart from whatever takes its place.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The longest text carried along for a reviewer to read, in bytes (spec section 3, step 3).
pub const TEXT_LIMIT: u64 = 256 * 1024;

/// The largest file that is hashed, in bytes: a few seconds.
pub const HASH_LIMIT: u64 = 4 << 30;

/// What `ld.so(8)` replaces by the directory of the program, in both spellings.
const ORIGIN: [&[u8]; 2] = [b"$ORIGIN", b"${ORIGIN}"];
const OVERLAP: usize = 8;

/// Why a file could not be read whole.
#[derive(Debug, Error)]
pub(crate) enum ReadError {
    #[error("not a regular file")]
    NotRegular,
    #[error("it changed while it was read")]
    Changed,
    #[error("it has {0} bytes, and at most {HASH_LIMIT} can be bound")]
    TooLarge(u64),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What tells one state of one inode from the next: a write, a rename or a chmod changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    mode: u32,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Identity {
    pub(crate) fn of(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            mode: meta.mode(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }
}

/// A file's digest and what else one pass over it tells.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) sha256: [u8; 32],
    pub(crate) size: u64,
    /// The whole file, or its first [`TEXT_LIMIT`] bytes.
    pub(crate) head: Vec<u8>,
    /// It holds `$ORIGIN` or `${ORIGIN}` somewhere.
    pub(crate) origin: bool,
    pub(crate) identity: Identity,
}

impl Content {
    /// The head, if it is the whole file.
    pub(crate) fn whole(self) -> Option<Vec<u8>> {
        (self.size <= TEXT_LIMIT).then_some(self.head)
    }
}

/// Opens a regular file for reading, following symlinks; a pipe or device put in its place cannot hold us.
pub(crate) fn open(path: &Path) -> Result<(File, Metadata), ReadError> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(ReadError::NotRegular);
    }
    Ok((file, meta))
}

/// Reads a file whole, once.
///
/// [`ReadError::Changed`] if its size, times or inode moved meanwhile, so that a digest never describes a mixture.
pub(crate) fn read(path: &Path) -> Result<Content, ReadError> {
    let (file, before) = open(path)?;
    if before.size() > HASH_LIMIT {
        return Err(ReadError::TooLarge(before.size()));
    }
    let content = scan(&file, &before)?;
    if Identity::of(&file.metadata()?) != content.identity || content.size != before.size() {
        return Err(ReadError::Changed);
    }
    Ok(content)
}

/// Reads an opened file from where it stands to its end, or one byte more than `meta` says it has.
pub(crate) fn scan(file: &File, meta: &Metadata) -> io::Result<Content> {
    // One byte more than its size shows that it grows, and ends a file that grows for ever.
    let mut rest = file.take(meta.size().saturating_add(1));
    let (mut hash, mut head, mut size, mut origin) = (Sha256::new(), Vec::new(), 0_u64, false);
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut window: Vec<u8> = Vec::new();
    loop {
        let read = match rest.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let Some(chunk) = buffer.get(..read) else {
            break;
        };
        hash.update(chunk);
        let room = usize::try_from(TEXT_LIMIT.saturating_sub(size)).unwrap_or(usize::MAX);
        head.extend_from_slice(chunk.get(..room).unwrap_or(chunk));
        size = size.saturating_add(read as u64);
        if !origin {
            window.extend_from_slice(chunk);
            origin = ORIGIN.iter().any(|needle| contains(&window, needle));
            window.drain(..window.len().saturating_sub(OVERLAP));
        }
    }
    Ok(Content { sha256: hash.finalize().into(), size, head, origin, identity: Identity::of(meta) })
}

/// Whether `needle` lies in `hay`; looks closer only where a `$` stands.
fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'$')
        .any(|(at, _)| hay.get(at..).is_some_and(|rest| rest.starts_with(needle)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(bytes: &[u8]) -> Content {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, bytes).unwrap();
        read(&path).unwrap()
    }

    #[test]
    fn digest_size_and_head_are_the_file_s() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
        let found = content(&bytes);
        assert_eq!(found.sha256, <[u8; 32]>::from(Sha256::digest(&bytes)));
        assert_eq!(found.size, 300_000);
        assert_eq!(found.head, bytes[..TEXT_LIMIT as usize]);
        assert_eq!(found.whole(), None);
        assert_eq!(content(b"short").whole().unwrap(), b"short");
        let limit = vec![b'x'; TEXT_LIMIT as usize];
        assert_eq!(content(&limit).whole().unwrap(), limit);
    }

    #[test]
    fn origin_is_found_across_every_boundary() {
        for needle in ORIGIN {
            for at in (0..20).chain(65_520..65_550).chain(131_060..131_080) {
                let mut bytes = vec![b'$'; 140_000];
                bytes[at..at + needle.len()].copy_from_slice(needle);
                assert!(content(&bytes).origin, "at {at}");
            }
        }
        assert!(!content(b"$ORIGI ${ORIGIN ORIGIN $ORIGIM").origin);
    }

    #[test]
    fn only_regular_files_open_and_a_pipe_does_not_hold_us() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(open(dir.path()), Err(ReadError::NotRegular)));
        let socket = dir.path().join("s");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(matches!(open(&socket), Err(ReadError::Io(_))));
        let pipe = dir.path().join("p");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(matches!(open(&pipe), Err(ReadError::NotRegular)));
    }

    #[test]
    fn a_file_of_any_size_ends_soon() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sparse");
        File::create(&path).unwrap().set_len(HASH_LIMIT + 1).unwrap();
        assert!(matches!(read(&path), Err(ReadError::TooLarge(size)) if size == HASH_LIMIT + 1));
    }

    #[test]
    fn a_file_longer_than_it_says_is_a_change() {
        // Files under /proc say they are empty.
        if Path::new("/proc/version").exists() {
            assert!(matches!(read(Path::new("/proc/version")), Err(ReadError::Changed)));
        }
    }
}
