//! Tables for spreadsheets: RFC 4180, and no cell that a spreadsheet would run.

use std::io::{self, Write};

use crate::gate::account::{Account, Voice};

/// A cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe in front.
///
/// Source: OWASP, "CSV Injection".
pub fn cell(text: &str) -> String {
    if text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// A table that is written row by row; cells are neutralised here.
pub struct Table<W: Write>(csv::Writer<W>);

impl<W: Write> std::fmt::Debug for Table<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Table")
    }
}

impl<W: Write> Table<W> {
    /// A table with this header line.
    ///
    /// # Errors
    /// As `out` says.
    pub fn new(header: &[&str], out: W) -> io::Result<Self> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        writer.write_record(header)?;
        Ok(Self(writer))
    }

    /// Adds a row.
    ///
    /// # Errors
    /// As `out` says.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> io::Result<()> {
        self.0.write_record(cells.into_iter().map(|text| cell(text.as_ref())))?;
        Ok(())
    }

    /// Writes what is left, and gives `out` back.
    ///
    /// # Errors
    /// As `out` says.
    pub fn finish(self) -> io::Result<W> {
        self.0.into_inner().map_err(|error| io::Error::from(error.error().kind()))
    }
}

/// The columns of `accounts`.
pub const ACCOUNTS: [&str; 26] = [
    "id",
    "state",
    "exit_status",
    "created",
    "ended",
    "ended_by",
    "requester",
    "requester_kind",
    "operators",
    "approved_by",
    "denied_by",
    "did_not_count",
    "environments",
    "policies",
    "policy_version",
    "command",
    "reason",
    "runner",
    "host",
    "cwd",
    "started",
    "duration_ms",
    "requester_key",
    "program_sha256",
    "commit",
    "outcome_commit",
];

/// One row a request.
pub fn accounts<'a>(accounts: impl Iterator<Item = &'a Account>) -> Vec<u8> {
    // Writing to memory does not fail.
    let write = || {
        let mut table = Table::new(&ACCOUNTS, Vec::new())?;
        accounts.map(row).try_for_each(|cells| table.row(cells))?;
        table.finish()
    };
    write().unwrap_or_default()
}

/// The cells of a request, by [`ACCOUNTS`].
pub fn row(account: &Account) -> Vec<String> {
    let told = account.outcome.as_ref();
    let number = |number: Option<String>| number.unwrap_or_default();
    let denied = account.decisions.iter().filter(|voice| voice.counts && voice.verdict == "deny");
    let spare = account.decisions.iter().filter(|voice| !voice.counts);
    let spare: Vec<String> =
        spare.map(|voice| format!("{} {}", voice.reviewer, voice.why_not.as_deref().unwrap_or_default())).collect();
    vec![
        account.id.clone(),
        account.state.clone(),
        number(told.and_then(|told| told.status).map(|status| status.to_string())),
        account.created.clone(),
        account.ended.clone().unwrap_or_default(),
        account.ended_by.clone().unwrap_or_default(),
        account.requester.clone(),
        account.requester_kind.clone(),
        account.operators.join("; "),
        account.approvers().map(seated).collect::<Vec<_>>().join("; "),
        denied.map(|voice| voice.reviewer.as_str()).collect::<Vec<_>>().join("; "),
        spare.join("; "),
        account.environments.join("; "),
        account.policies.join("; "),
        account.version.to_string(),
        account.command.clone(),
        account.reason.clone(),
        account.runner.clone(),
        account.host.clone(),
        account.cwd.clone(),
        told.and_then(|told| told.started.clone()).unwrap_or_default(),
        number(told.and_then(|told| told.duration_ms).map(|spent| spent.to_string())),
        account.key.clone(),
        account.program.clone(),
        account.commit.clone().unwrap_or_default(),
        told.and_then(|told| told.commit.clone()).unwrap_or_default(),
    ]
}

/// `alice (dba)`.
fn seated(voice: &Voice) -> String {
    if voice.seats.is_empty() {
        voice.reviewer.clone()
    } else {
        format!("{} ({})", voice.reviewer, voice.seats.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (given, shown) in [
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-rf", "'-rf"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =cmd|'/C calc'!A0", "'  =cmd|'/C calc'!A0"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("terraform apply", "terraform apply"),
            ("", ""),
        ] {
            assert_eq!(cell(given), shown);
        }
        let mut table = Table::new(&["a", "b"], Vec::new()).unwrap();
        table.row(["x,\"y\"", "=1"]).unwrap();
        let table = table.finish().unwrap();
        assert_eq!(String::from_utf8(table).unwrap(), "a,b\r\n\"x,\"\"y\"\"\",'=1\r\n");
    }
}
