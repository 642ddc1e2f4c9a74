//! What auditors are told of every request that ended: derived from `main` like the rest of the index.

use rusqlite::{Connection, params};

use crate::domain::id::{CommitId, RequestId};
use crate::domain::time::Timestamp;
use crate::gate::account::{Account, Told};
use crate::gate::ledger::LedgerError;
use crate::world::index::{Index, failed};

pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS accounts (
        height INTEGER PRIMARY KEY, ended INTEGER NOT NULL, account TEXT NOT NULL, told TEXT) STRICT;
    CREATE INDEX IF NOT EXISTS accounts_ended ON accounts (ended);
";

fn damaged(_: impl std::fmt::Display) -> LedgerError {
    LedgerError("a row is damaged".to_owned())
}

/// Seconds since 1970.
fn seconds(time: &str) -> Result<i64, LedgerError> {
    time.parse::<Timestamp>().map(|time| time.unix()).map_err(damaged)
}

/// Keeps the account of a request that ended at `height`.
pub(super) fn add(connection: &Connection, height: i64, account: &Account) -> Result<(), LedgerError> {
    let ended = seconds(account.ended.as_deref().unwrap_or(&account.created))?;
    let text = serde_json::to_string(account).map_err(damaged)?;
    connection
        .prepare_cached("INSERT INTO accounts (height, ended, account) VALUES (?, ?, ?)")
        .and_then(|mut insert| insert.execute(params![height, ended, text]))
        .map(|_| ())
        .map_err(failed)
}

/// Keeps what came of its claim, told by the step `commit`.
pub(super) fn tell(connection: &Connection, id: &RequestId, commit: &CommitId, told: &Told) -> Result<(), LedgerError> {
    let before = connection
        .prepare_cached("SELECT told FROM accounts WHERE height = (SELECT height FROM requests WHERE id = ?)")
        .and_then(|mut query| query.query_row(params![id.as_bytes()], |row| row.get::<_, Option<String>>(0)))
        .map_err(failed)?;
    let before = before.map(|text| serde_json::from_str(&text)).transpose().map_err(damaged)?;
    let told = Told { commit: Some(commit.to_string()), before, ..told.clone() };
    let text = serde_json::to_string(&told).map_err(damaged)?;
    connection
        .prepare_cached("UPDATE accounts SET told = ? WHERE height = (SELECT height FROM requests WHERE id = ?)")
        .and_then(|mut update| update.execute(params![text, id.as_bytes()]))
        .map(|_| ())
        .map_err(failed)
}

impl Index {
    /// The accounts of requests that ended from `from` on and before `to`, in the order in which they landed; both in
    /// seconds since 1970, by the clock of whoever signed the ending.
    ///
    /// # Errors
    /// As SQLite says, or `each` does.
    pub fn accounts<E: From<LedgerError>>(
        &self,
        from: Option<i64>,
        to: Option<i64>,
        each: &mut dyn FnMut(Account) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut query = self
            .connection
            .prepare_cached(
                "SELECT a.account, a.told, a.height, s.oid FROM accounts a JOIN steps s ON s.height = a.height
                 WHERE a.ended >= ?1 AND a.ended < ?2 ORDER BY a.height",
            )
            .map_err(failed)?;
        let bounds = params![from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX)];
        let mut rows = query.query(bounds).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            each(read(row)?)?;
        }
        Ok(())
    }

    /// When the first request that landed above `height` ended and when the last one at or below it did, in seconds
    /// since 1970: between the two the step at `height` was made.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn around(&self, height: u64) -> Result<(Option<i64>, Option<i64>), LedgerError> {
        let height = height.cast_signed();
        let one = |query: &str| {
            self.connection
                .prepare_cached(query)
                .and_then(|mut query| query.query_row(params![height], |row| row.get::<_, Option<i64>>(0)))
                .map_err(failed)
        };
        let before = one("SELECT max(ended) FROM accounts WHERE height <= ?")?;
        Ok((before, one("SELECT min(ended) FROM accounts WHERE height > ?")?))
    }

    /// How many steps of `main` are known, and the height of the highest: one less, where none is missing.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn steps(&self) -> Result<(u64, u64), LedgerError> {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?.unwrap_or(0)));
        let query = self.connection.query_row("SELECT count(*), max(height) FROM steps", [], read);
        query.map(|(count, highest)| (count.cast_unsigned(), highest.cast_unsigned())).map_err(failed)
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<Account, LedgerError> {
    let (text, told): (String, Option<String>) = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
    let (height, oid): (i64, [u8; 20]) = (row.get(2).map_err(failed)?, row.get(3).map_err(failed)?);
    let account: Account = serde_json::from_str(&text).map_err(damaged)?;
    let account = account.at(&CommitId::new(oid), height.cast_unsigned());
    match told {
        Some(told) => Ok(account.with(serde_json::from_str(&told).map_err(damaged)?)),
        None => Ok(account),
    }
}
