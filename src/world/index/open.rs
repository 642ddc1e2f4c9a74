//! Opening an index, or making it anew where it is damaged.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use crate::gate::ledger::LedgerError;
use crate::world::index::{Index, accounts, failed, past};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS steps (
        height INTEGER PRIMARY KEY, oid BLOB NOT NULL UNIQUE, root BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS requests (
        id BLOB PRIMARY KEY, directory TEXT NOT NULL, oid BLOB NOT NULL, tree BLOB NOT NULL,
        ending TEXT NOT NULL, claim BLOB, runner TEXT, key TEXT,
        height INTEGER NOT NULL, outcome BLOB, outcome_word TEXT) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS by_height ON requests (height);
";

/// The layout's number; another one means: build anew.
const LAYOUT: i64 = 6;

/// How long another process is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What says nothing about the file itself.
const PASSING: [ErrorCode; 6] = [
    ErrorCode::DatabaseBusy,
    ErrorCode::DatabaseLocked,
    ErrorCode::DiskFull,
    ErrorCode::CannotOpen,
    ErrorCode::PermissionDenied,
    ErrorCode::OutOfMemory,
];

fn other_layout() -> LedgerError {
    LedgerError("the index just made is of another layout".to_owned())
}

impl Index {
    /// An empty index in memory, for judging a whole history from its root.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn in_memory() -> Result<Self, LedgerError> {
        let connection = Connection::open_in_memory().map_err(failed)?;
        Self::prepare(connection, PATIENCE).map_err(failed)?.ok_or_else(other_layout)
    }

    /// The index at `path`; one that is damaged or of another layout is thrown away and made anew.
    ///
    /// # Errors
    /// As SQLite says; also where another process holds it too long, or there is no room: that is no damage.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        Self::open_within(path, PATIENCE)
    }

    fn open_within(path: &Path, patience: Duration) -> Result<Self, LedgerError> {
        let open = || Connection::open(path).and_then(|connection| Self::prepare(connection, patience));
        match open() {
            Ok(Some(index)) => return Ok(index),
            Err(error) if error.sqlite_error_code().is_some_and(|code| PASSING.contains(&code)) => {
                return Err(failed(error));
            }
            Ok(None) | Err(_) => Self::discard(path)?,
        }
        open().map_err(failed)?.ok_or_else(other_layout)
    }

    fn discard(path: &Path) -> Result<(), LedgerError> {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            match std::fs::remove_file(&name) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(LedgerError(error.to_string()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// `None` where it is of another layout.
    fn prepare(connection: Connection, patience: Duration) -> rusqlite::Result<Option<Self>> {
        connection.busy_timeout(patience)?;
        let layout: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if layout != LAYOUT && layout != 0 {
            return Ok(None);
        }
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // It can be rebuilt from git: a crash may lose the newest rows, never mix them up.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(SCHEMA)?;
        connection.execute_batch(past::SCHEMA)?;
        connection.execute_batch(accounts::SCHEMA)?;
        connection.pragma_update(None, "user_version", LAYOUT)?;
        Ok(Some(Self { connection }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{CommitId, Digest};
    use crate::gate::ledger::Position;

    #[test]
    fn what_another_process_holds_is_not_thrown_away() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("index.sqlite");
        let position = Position { height: 0, root: Digest::of(b"root") };
        Index::open(&path).unwrap().add(&CommitId::new([1; 20]), &position, None).unwrap();
        let held = Connection::open(&path).unwrap();
        held.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;").unwrap();
        assert!(Index::open_within(&path, Duration::ZERO).is_err());
        drop(held);
        assert_eq!(Index::open(&path).unwrap().genesis().unwrap(), Some(position.root));
        // One of another layout is not read.
        Connection::open(&path).unwrap().pragma_update(None, "user_version", LAYOUT - 1).unwrap();
        let index = Index::open(&path).unwrap();
        assert_eq!(index.genesis().unwrap(), None);
        index.add(&CommitId::new([1; 20]), &position, None).unwrap();
        drop(index);
        // Damage is: then it is made anew.
        std::fs::write(&path, "no database").unwrap();
        assert_eq!(Index::open(&path).unwrap().genesis().unwrap(), None);
    }
}
