//! What this machine set out to run: a fsynced entry a claim, so that nothing runs twice here.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::id::{Nonce, RequestId};
use crate::world::paths::{create_durably, make_private_dir, read_bounded, write_durably};

/// The entry of one request, held under its lock for as long as this value lives.
#[derive(Debug)]
pub struct Entry {
    path: PathBuf,
    _lock: File,
}

/// How far a request got on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A claim with this nonce may have been pushed.
    Claiming(Nonce),
    /// Its child was about to start: whatever happened, it never starts again.
    Started(Nonce),
}

/// Takes the lock of a request; `None` while another process here holds it.
///
/// # Errors
/// As the file system says.
pub fn lock(directory: &Path, id: &RequestId) -> io::Result<Option<Entry>> {
    make_private_dir(directory)?;
    let lock = File::options().create(true).truncate(false).write(true).open(directory.join(format!("{id}.lock")))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(Entry { path: directory.join(id.to_string()), _lock: lock })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// How far a request was when its entry was last written; another process may be going on with it.
///
/// # Errors
/// As [`Entry::stage`].
pub fn peek(directory: &Path, id: &RequestId) -> io::Result<Option<Stage>> {
    read(&directory.join(id.to_string()))
}

fn read(path: &Path) -> io::Result<Option<Stage>> {
    let Some(bytes) = read_bounded(path, 4_096)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    let mut words = text.split_whitespace();
    let nonce = |word: Option<&str>| word.and_then(|word| word.parse().ok());
    match (words.next(), nonce(words.next())) {
        (Some("claiming"), Some(nonce)) => Ok(Some(Stage::Claiming(nonce))),
        (Some("started"), Some(nonce)) => Ok(Some(Stage::Started(nonce))),
        _ => {
            let message = format!("journal entry `{}` is damaged", path.display());
            Err(io::Error::new(io::ErrorKind::InvalidData, message))
        }
    }
}

impl Entry {
    /// How far it got.
    ///
    /// # Errors
    /// The entry cannot be read or makes no sense: it then may have started.
    pub fn stage(&self) -> io::Result<Option<Stage>> {
        read(&self.path)
    }

    /// Writes down the nonce of the claim about to be pushed.
    ///
    /// # Errors
    /// As the file system says; nothing may be pushed then.
    pub fn claiming(&self, nonce: &Nonce) -> io::Result<()> {
        write_durably(&self.path, format!("claiming {nonce}\n").as_bytes())
    }

    /// Writes down that the child is about to start.
    ///
    /// # Errors
    /// As the file system says; nothing may start then.
    pub fn started(&self, nonce: &Nonce) -> io::Result<()> {
        write_durably(&self.path, format!("started {nonce}\n").as_bytes())
    }
}

/// Requests with an entry here.
///
/// # Errors
/// As the file system says.
pub fn entries(directory: &Path) -> io::Result<Vec<RequestId>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        found.extend(entry?.file_name().to_str().and_then(|name| name.parse::<RequestId>().ok()));
    }
    found.sort();
    Ok(found)
}

/// Keeps a signed record on disk until it is delivered.
///
/// # Errors
/// As the file system says.
pub fn spool(directory: &Path, id: &RequestId, record: &[u8], signature: &[u8]) -> io::Result<()> {
    if directory.join(format!("{id}.toml")).exists() {
        return Ok(());
    }
    // The signature first: a record without one is not delivered.
    write_durably(&directory.join(format!("{id}.sig")), signature)?;
    create_durably(&directory.join(format!("{id}.toml")), record)
}

/// A request, its record and the record's signature.
pub type Spooled = (RequestId, Vec<u8>, Vec<u8>);

/// Everything that waits for delivery.
///
/// # Errors
/// As the file system says.
pub fn spooled(directory: &Path) -> io::Result<Vec<Spooled>> {
    let mut waiting = Vec::new();
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(waiting),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.strip_suffix(".toml")).and_then(|id| id.parse().ok()) else {
            continue;
        };
        let record = read_bounded(&directory.join(&name), 1 << 20)?;
        let signature = read_bounded(&directory.join(format!("{id}.sig")), 1 << 16)?;
        if let (Some(record), Some(signature)) = (record, signature) {
            waiting.push((id, record, signature));
        }
    }
    Ok(waiting)
}

/// Forgets a record that was delivered.
///
/// # Errors
/// As the file system says.
pub fn delivered(directory: &Path, id: &RequestId) -> io::Result<()> {
    std::fs::remove_file(directory.join(format!("{id}.toml")))?;
    std::fs::remove_file(directory.join(format!("{id}.sig")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_a_time_and_started_is_for_ever() {
        let home = tempfile::tempdir().unwrap();
        let id = RequestId::new([7; 16]);
        let entry = lock(home.path(), &id).unwrap().unwrap();
        assert!(lock(home.path(), &id).unwrap().is_none());
        assert_eq!(entry.stage().unwrap(), None);
        let nonce = Nonce::new([1; 16]);
        entry.claiming(&nonce).unwrap();
        assert_eq!(entry.stage().unwrap(), Some(Stage::Claiming(nonce)));
        entry.started(&nonce).unwrap();
        drop(entry);
        let entry = lock(home.path(), &id).unwrap().unwrap();
        assert_eq!(entry.stage().unwrap(), Some(Stage::Started(nonce)));
        std::fs::write(home.path().join(id.to_string()), "nonsense").unwrap();
        assert!(entry.stage().is_err());
    }

    #[test]
    fn what_is_spooled_stays_until_delivered() {
        let home = tempfile::tempdir().unwrap();
        let spool_dir = home.path().join("spool");
        let id = RequestId::new([7; 16]);
        assert!(spooled(&spool_dir).unwrap().is_empty());
        spool(&spool_dir, &id, b"record", b"signature").unwrap();
        spool(&spool_dir, &id, b"other", b"signature").unwrap();
        assert_eq!(spooled(&spool_dir).unwrap(), [(id, b"record".to_vec(), b"signature".to_vec())]);
        delivered(&spool_dir, &id).unwrap();
        assert!(spooled(&spool_dir).unwrap().is_empty());
    }
}
