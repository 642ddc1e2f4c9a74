//! What history keeps of every request that ended, for risk: derived from `main` like the rest of the index.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::id::RequestId;
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::gate::ledger::LedgerError;
use crate::risk::history::{ALIKE, HABITS, OWN};
use crate::risk::{End, History, Past, Subject};
use crate::world::index::failed;

pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS past (
        id BLOB PRIMARY KEY, height INTEGER NOT NULL, requester TEXT NOT NULL, key TEXT NOT NULL, created INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        kinds TEXT NOT NULL, line TEXT NOT NULL, environments TEXT NOT NULL, ending TEXT NOT NULL,
        told INTEGER, end TEXT) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS past_of ON past (requester, height);
    CREATE INDEX IF NOT EXISTS past_key ON past (key, height);
    CREATE TABLE IF NOT EXISTS kinds (
        kind TEXT NOT NULL, height INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY (kind, height, id)) STRICT, WITHOUT ROWID;
";

/// Keeps a request that ended.
pub(super) fn add(connection: &Connection, past: &Past) -> Result<(), LedgerError> {
    let (id, height) = (past.id.as_bytes(), past.height.cast_signed());
    connection
        .prepare_cached(
            "INSERT INTO past (id, height, requester, key, created, ended, kinds, line, environments, ending)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .and_then(|mut insert| {
            insert.execute(params![
                id,
                height,
                past.requester.as_str(),
                past.key,
                past.created.unix(),
                past.ended.unix(),
                joined(&past.kinds),
                past.text,
                joined(&past.environments),
                past.end.as_str()
            ])
        })
        .map_err(failed)?;
    let mut insert =
        connection.prepare_cached("INSERT OR IGNORE INTO kinds (kind, height, id) VALUES (?, ?, ?)").map_err(failed)?;
    for kind in &past.kinds {
        insert.execute(params![kind, height, id]).map_err(failed)?;
    }
    Ok(())
}

/// Keeps what came of a claimed request, told at `height`.
pub(super) fn end(connection: &Connection, id: &RequestId, end: End, height: i64) -> Result<(), LedgerError> {
    connection
        .prepare_cached("UPDATE past SET told = ?, end = ? WHERE id = ?")
        .and_then(|mut update| update.execute(params![height, end.as_str(), id.as_bytes()]))
        .map(|_| ())
        .map_err(failed)
}

/// See [`crate::gate::ledger::Ledger::past`].
pub(super) fn past(connection: &Connection, subject: &Subject, height: u64) -> Result<History, LedgerError> {
    let height = height.cast_signed();
    let mut alike: Vec<Past> = Vec::new();
    for kind in &subject.kinds {
        let query = "SELECT p.* FROM kinds k JOIN past p ON p.id = k.id WHERE k.kind = ?1 AND k.height <= ?2
                     ORDER BY k.height DESC LIMIT ?3";
        let found = rows(connection, query, params![kind, height, ALIKE.cast_signed()], height)?;
        alike.extend(found);
    }
    alike.sort_by(|one, other| other.height.cmp(&one.height).then(one.id.cmp(&other.id)));
    alike.dedup_by(|one, other| one.id == other.id);
    let since = subject.created.unix().saturating_sub_unsigned(HABITS);
    let query =
        "SELECT * FROM past WHERE requester = ?1 AND height <= ?2 AND created >= ?3 ORDER BY height DESC LIMIT ?4";
    let own = params![subject.requester.as_str(), height, since, OWN.cast_signed()];
    let own = rows(connection, query, own, height)?;
    let key_known = connection
        .prepare_cached("SELECT 1 FROM past WHERE key = ? AND height <= ? LIMIT 1")
        .and_then(|mut query| query.query_row(params![subject.key, height], |_| Ok(())).optional())
        .map_err(failed)?
        .is_some();
    Ok(History { alike, own, key_known })
}

fn rows(
    connection: &Connection,
    query: &str,
    parameters: &[&dyn rusqlite::ToSql],
    height: i64,
) -> Result<Vec<Past>, LedgerError> {
    let mut query = connection.prepare_cached(query).map_err(failed)?;
    let rows = query.query_map(parameters, |row| read(row, height)).map_err(failed)?;
    let damaged = || LedgerError("a row is damaged".to_owned());
    rows.map(|row| row.map_err(failed)?.ok_or_else(damaged)).collect()
}

/// One row as it was known at `height`: what was told later is not known yet.
fn read(row: &rusqlite::Row<'_>, height: i64) -> rusqlite::Result<Option<Past>> {
    let (ending, told, end): (String, Option<i64>, Option<String>) =
        (row.get("ending")?, row.get("told")?, row.get("end")?);
    let word = if told.is_some_and(|told| told <= height) { end.unwrap_or_default() } else { ending };
    let requester = row.get::<_, String>("requester")?.parse::<Name>();
    let (created, ended) = (Timestamp::from_unix(row.get("created")?), Timestamp::from_unix(row.get("ended")?));
    let (Some(end), Ok(requester), Ok(created), Ok(ended)) = (parsed(&word), requester, created, ended) else {
        return Ok(None);
    };
    Ok(Some(Past {
        id: RequestId::new(row.get("id")?),
        height: u64::try_from(row.get::<_, i64>("height")?).unwrap_or(0),
        requester,
        key: row.get("key")?,
        created,
        ended,
        kinds: apart(&row.get::<_, String>("kinds")?),
        text: row.get("line")?,
        environments: apart(&row.get::<_, String>("environments")?),
        end,
    }))
}

fn parsed(word: &str) -> Option<End> {
    const ALL: [End; 8] = [
        End::Executed { ok: true },
        End::Executed { ok: false },
        End::NotRun,
        End::Unknown,
        End::Denied,
        End::Expired,
        End::Withdrawn,
        End::Refused,
    ];
    ALL.into_iter().find(|end| end.as_str() == word)
}

/// Names hold no line break.
fn joined(names: &[String]) -> String {
    names.join("\n")
}

fn apart(names: &str) -> Vec<String> {
    names.lines().map(str::to_owned).collect()
}
