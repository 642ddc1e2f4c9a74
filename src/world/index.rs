//! The index of the verified chain: derived from `main`, bound to the tip it was built for, rebuilt when lost.

mod accounts;
mod open;
mod past;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::id::{CommitId, Digest, ObjectId, RequestId};
use crate::gate::audit::Event;
use crate::gate::ledger::{Landed, LandedEnding, Ledger, LedgerError, Position};
use crate::risk::{History, Subject};

/// A SQLite database of steps and of what landed about each request.
pub struct Index {
    connection: Connection,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Index")
    }
}

/// One row about a request, newest endings first.
#[derive(Debug, Clone)]
pub struct Row {
    /// The request.
    pub id: RequestId,
    /// What landed.
    pub landed: Landed,
    /// The word for its outcome, where that landed.
    pub outcome: Option<String>,
}

fn failed(error: rusqlite::Error) -> LedgerError {
    LedgerError(error.to_string())
}

impl Index {
    /// Whether it outlives this process.
    pub fn is_kept(&self) -> bool {
        self.connection.path().is_some_and(|path| !path.is_empty())
    }

    /// How many requests ended.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn count(&self) -> Result<u64, LedgerError> {
        self.connection.query_row("SELECT count(*) FROM requests", [], |row| row.get(0)).map(height).map_err(failed)
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn clear(&self) -> Result<(), LedgerError> {
        self.connection
            .execute_batch(
                "DELETE FROM steps; DELETE FROM requests; DELETE FROM past; DELETE FROM kinds; DELETE FROM accounts;",
            )
            .map_err(failed)
    }

    /// SHA-256 of the root of the first step.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn genesis(&self) -> Result<Option<Digest>, LedgerError> {
        self.connection
            .query_row("SELECT root FROM steps WHERE height = 0", [], |row| row.get(0).map(Digest::new))
            .optional()
            .map_err(failed)
    }

    /// The newest step.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn tip(&self) -> Result<Option<(CommitId, Position)>, LedgerError> {
        self.connection
            .query_row("SELECT oid, height, root FROM steps ORDER BY height DESC LIMIT 1", [], |row| {
                Ok((
                    CommitId::new(row.get(0)?),
                    Position { height: height(row.get(1)?), root: Digest::new(row.get(2)?) },
                ))
            })
            .optional()
            .map_err(failed)
    }

    /// Runs `work` so that its rows are kept together or not at all.
    ///
    /// # Errors
    /// As SQLite or `work` says.
    pub fn together<T, E: From<LedgerError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| E::from(failed(error)))?;
        let done = work();
        let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.connection.execute_batch(end).map_err(|error| E::from(failed(error)));
        let done = done?;
        ended.map(|()| done)
    }

    /// Runs `work` and takes back whatever it added.
    ///
    /// # Errors
    /// As SQLite or `work` says.
    pub fn tentatively<T, E: From<LedgerError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| E::from(failed(error)))?;
        let done = work();
        self.connection.execute_batch("ROLLBACK").map_err(|error| E::from(failed(error)))?;
        done
    }

    /// Adds a judged step.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn add(&self, commit: &CommitId, position: &Position, event: Option<&Event>) -> Result<(), LedgerError> {
        let height = position.height.cast_signed();
        self.connection
            .prepare_cached("INSERT INTO steps (height, oid, root) VALUES (?, ?, ?)")
            .and_then(|mut insert| insert.execute(params![height, commit.as_bytes(), position.root.as_bytes()]))
            .map_err(failed)?;
        match event {
            Some(Event::Ended(id, landed, kept)) => {
                self.add_ending(id, landed, height)?;
                accounts::add(&self.connection, height, &kept.account)?;
                past::add(&self.connection, &kept.past)
            }
            Some(Event::Outcome(id, end, told)) => {
                let word = &told.word;
                accounts::tell(&self.connection, id, commit, told)?;
                past::end(&self.connection, id, *end, height)?;
                self.connection
                    .prepare_cached("UPDATE requests SET outcome = ?, outcome_word = ? WHERE id = ?")
                    .and_then(|mut update| update.execute(params![commit.as_bytes(), word, id.as_bytes()]))
                    .map(|_| ())
                    .map_err(failed)
            }
            Some(Event::Policy(_) | Event::Repair { .. }) | None => Ok(()),
        }
    }

    fn add_ending(&self, id: &RequestId, landed: &Landed, height: i64) -> Result<(), LedgerError> {
        let (claim, runner, key) = match &landed.ending {
            LandedEnding::Claimed { claim, runner, key } => {
                (Some(claim.as_bytes().to_vec()), Some(runner.as_str()), Some(key.as_str()))
            }
            _ => (None, None, None),
        };
        self.connection
            .prepare_cached(
                "INSERT INTO requests (id, directory, oid, tree, ending, claim, runner, key, height)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    id.as_bytes(),
                    landed.directory,
                    landed.commit.as_bytes(),
                    landed.tree.as_bytes(),
                    landed.ending.as_str(),
                    claim,
                    runner,
                    key,
                    height
                ])
            })
            .map(|_| ())
            .map_err(failed)
    }

    /// Requests that ever landed whose id starts with `prefix`, at most `limit`.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<RequestId>, LedgerError> {
        let bounds = (format!("{prefix:0<32}").parse::<RequestId>(), format!("{prefix:f<32}").parse::<RequestId>());
        // What is no beginning of an id is the beginning of none.
        let (Ok(first), Ok(last)) = bounds else { return Ok(Vec::new()) };
        let mut query = self
            .connection
            .prepare_cached("SELECT id FROM requests WHERE id BETWEEN ?1 AND ?2 LIMIT ?3")
            .map_err(failed)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = query
            .query_map(params![first.as_bytes(), last.as_bytes(), limit], |row| row.get(0).map(RequestId::new))
            .map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    /// Everything that landed, newest first, at most `limit` rows.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn newest(&self, limit: usize) -> Result<Vec<Row>, LedgerError> {
        let mut query = self
            .connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM requests ORDER BY height DESC LIMIT ?"))
            .map_err(failed)?;
        let rows = query.query_map(params![i64::try_from(limit).unwrap_or(i64::MAX)], read_row).map_err(failed)?;
        rows.map(|row| row.map_err(failed).and_then(Raw::check)).collect()
    }

    /// Requests of which something landed between two heights, both included.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn between(&self, from: u64, to: u64) -> Result<Vec<Row>, LedgerError> {
        let mut query = self
            .connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM requests WHERE height BETWEEN ?1 AND ?2
                 OR outcome IN (SELECT oid FROM steps WHERE height BETWEEN ?1 AND ?2)"
            ))
            .map_err(failed)?;
        let rows = query.query_map(params![from.cast_signed(), to.cast_signed()], read_row).map_err(failed)?;
        rows.map(|row| row.map_err(failed).and_then(Raw::check)).collect()
    }

    /// Height, commit and root of every policy step, the oldest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn versions(&self) -> Result<Vec<(u64, CommitId, Digest)>, LedgerError> {
        let mut query = self
            .connection
            .prepare_cached(
                "SELECT height, oid, root FROM steps
                 WHERE height IN (SELECT min(height) FROM steps GROUP BY root) ORDER BY height",
            )
            .map_err(failed)?;
        let rows = query
            .query_map([], |row| Ok((height(row.get(0)?), CommitId::new(row.get(1)?), Digest::new(row.get(2)?))))
            .map_err(failed)?;
        rows.map(|row| row.map_err(failed)).collect()
    }

    /// The step that holds everything that landed about a request.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn landed_at(&self, id: &RequestId) -> Result<Option<CommitId>, LedgerError> {
        Ok(self.row(id)?.map(|row| row.landed.outcome.unwrap_or(row.landed.commit)))
    }

    /// What landed about one request.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn row(&self, id: &RequestId) -> Result<Option<Row>, LedgerError> {
        self.connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM requests WHERE id = ?"))
            .and_then(|mut query| query.query_row(params![id.as_bytes()], read_row).optional())
            .map_err(failed)?
            .map(Raw::check)
            .transpose()
    }
}

const COLUMNS: &str = "id, directory, oid, tree, ending, claim, runner, key, outcome, outcome_word";

struct Raw {
    id: [u8; 16],
    directory: String,
    oid: [u8; 20],
    tree: [u8; 20],
    ending: String,
    claim: Option<[u8; 32]>,
    runner: Option<String>,
    key: Option<String>,
    outcome: Option<[u8; 20]>,
    outcome_word: Option<String>,
}

fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: row.get(0)?,
        directory: row.get(1)?,
        oid: row.get(2)?,
        tree: row.get(3)?,
        ending: row.get(4)?,
        claim: row.get(5)?,
        runner: row.get(6)?,
        key: row.get(7)?,
        outcome: row.get(8)?,
        outcome_word: row.get(9)?,
    })
}

impl Raw {
    fn check(self) -> Result<Row, LedgerError> {
        let damaged = || LedgerError("a row is damaged".to_owned());
        let ending = match (self.ending.as_str(), self.claim, self.runner, self.key) {
            ("claimed", Some(claim), Some(runner), Some(key)) => {
                LandedEnding::Claimed { claim: Digest::new(claim), runner: runner.parse().map_err(|_| damaged())?, key }
            }
            ("denied", ..) => LandedEnding::Denied,
            ("expired", ..) => LandedEnding::Expired,
            ("withdrawn", ..) => LandedEnding::Withdrawn,
            ("refused", ..) => LandedEnding::Refused,
            _ => return Err(damaged()),
        };
        let landed = Landed {
            directory: self.directory,
            commit: CommitId::new(self.oid),
            tree: ObjectId::new(self.tree),
            ending,
            outcome: self.outcome.map(CommitId::new),
        };
        Ok(Row { id: RequestId::new(self.id), landed, outcome: self.outcome_word })
    }
}

fn height(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}

impl Ledger for Index {
    fn find(&self, commit: &CommitId) -> Result<Option<Position>, LedgerError> {
        self.connection
            .prepare_cached("SELECT height, root FROM steps WHERE oid = ?")
            .and_then(|mut query| {
                query
                    .query_row(params![commit.as_bytes()], |row| {
                        Ok(Position { height: height(row.get(0)?), root: Digest::new(row.get(1)?) })
                    })
                    .optional()
            })
            .map_err(failed)
    }

    fn landed(&self, id: &RequestId) -> Result<Option<Landed>, LedgerError> {
        Ok(self.row(id)?.map(|row| row.landed))
    }

    fn past(&self, subject: &Subject, height: u64) -> Result<History, LedgerError> {
        past::past(&self.connection, subject, height)
    }
}
