//! `audit export`: the verified history for machines, a line an event or a row a request.

mod event;
mod feed;
mod ocsf;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use crate::commands::Context;
use crate::commands::audit::csv;
use crate::commands::audit::filter::Filter;
use crate::commands::audit::trail::Trail;
use crate::commands::audit::whole::Whole;
use crate::commands::error::CommandError;
use crate::commands::report::FindingView;
use crate::domain::id::CommitId;
use crate::domain::shown;
use crate::gate::ledger::Ledger as _;

pub(in crate::commands::audit) use event::line;
pub(in crate::commands::audit) use feed::feed;

/// A machine's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object an event, our own keys.
    Jsonl,
    /// One JSON object an event, OCSF 1.9.0.
    Ocsf,
    /// One row a request, open ones too.
    Csv,
}

/// What shall be exported.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Which requests.
    pub filter: Filter,
    /// From the pinned root on, not from what this machine verified before.
    pub full: bool,
    /// How.
    pub format: Format,
    /// Only what landed above this step of `main`.
    pub after: Option<&'a str>,
    /// Into this file; else to standard output.
    pub output: Option<&'a Path>,
}

/// `audit export`.
#[derive(Debug, Clone, Serialize)]
pub struct ExportReport {
    /// The file; absent: standard output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Lines that were written, a header aside.
    pub lines: u64,
    /// The newest step that was looked at: the next export goes on after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// What does not hold: the export ends before it.
    pub findings: Vec<FindingView>,
    /// Whether it could be told at all.
    pub sure: bool,
}

/// Writes the verified history to a file or to `out`.
///
/// # Errors
/// It cannot be told: nothing is pinned, the repository cannot be reached, the index cannot be read; `after` is no step
/// of `main`; the file cannot be written.
pub fn export(context: &Context<'_>, asked: &Asked<'_>, out: &mut dyn Write) -> Result<ExportReport, CommandError> {
    let path = asked.output.map(|path| context.world.cwd.join(path));
    // Before the long part.
    let mut file = path.as_deref().map(Whole::new).transpose()?;
    let trail = Trail::open(context, asked.full)?;
    // A partial file would be taken for a whole one.
    if let (false, Some(_), Some(finding)) = (trail.verified.sure, &path, trail.verified.findings.first()) {
        return Err(CommandError::unsure(finding.message.clone()));
    }
    let after = asked.after.map(|text| height(&trail, text)).transpose()?;
    let lines = {
        let mut sink = BufWriter::new(match &mut file {
            Some(file) => &mut file.file as &mut dyn Write,
            None => out,
        });
        let written = write(context, &trail, asked, after, &mut sink);
        let written = written.and_then(|lines| sink.flush().map(|()| lines).map_err(|error| unwritten(&error)));
        match written {
            // A reader that went away, as `head` does, has what it wanted.
            Err(Failure::Gone) if path.is_none() => 0,
            Err(Failure::Gone) => return Err(CommandError::unsure("the file went away")),
            Err(Failure::Other(error)) => return Err(error),
            Ok(lines) => lines,
        }
    };
    if let Some(file) = file {
        file.keep()?;
    }
    Ok(ExportReport {
        path: path.map(|path| shown::line(&path.to_string_lossy())),
        lines,
        head: trail.last.as_ref().map(|last| last.commit.to_string()),
        findings: trail.verified.findings,
        sure: trail.verified.sure,
    })
}

/// Why it ended early.
enum Failure {
    /// Nobody reads any more.
    Gone,
    /// Anything else.
    Other(CommandError),
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        Self::Other(error)
    }
}

fn unwritten(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::Gone;
    }
    Failure::Other(CommandError::unsure(format!("not written: {error}")))
}

fn write(
    context: &Context<'_>,
    trail: &Trail,
    asked: &Asked<'_>,
    after: Option<u64>,
    sink: &mut dyn Write,
) -> Result<u64, Failure> {
    let mut lines = 0;
    let mut gone = false;
    let repo = trail.store.repo().fingerprint();
    let mut broken = |error: io::Error| {
        gone |= error.kind() == io::ErrorKind::BrokenPipe;
        CommandError::unsure(format!("not written: {error}"))
    };
    let written = match asked.format {
        Format::Csv => (|| {
            let mut table = csv::Table::new(&csv::ACCOUNTS, sink).map_err(&mut broken)?;
            trail.each(&asked.filter, &mut |account| {
                lines += 1;
                table.row(csv::row(&account)).map_err(&mut broken)
            })?;
            for account in trail.open_requests(context)?.iter().filter(|account| asked.filter.takes(account)) {
                lines += 1;
                table.row(csv::row(account)).map_err(&mut broken)?;
            }
            table.finish().map_err(&mut broken).map(|_| ())
        })(),
        Format::Jsonl | Format::Ocsf => {
            let render = |event: &event::Event<'_>| match asked.format {
                Format::Ocsf => ocsf::line(event, &repo),
                _ => line(event),
            };
            feed(trail, &asked.filter, after, &render, &mut |line| {
                lines += 1;
                sink.write_all(line).and_then(|()| sink.write_all(b"\n")).map_err(&mut broken)
            })
        }
    };
    match written {
        Err(_) if gone => Err(Failure::Gone),
        written => Ok(written.map(|()| lines)?),
    }
}

/// Where a step of `main` stands.
fn height(trail: &Trail, text: &str) -> Result<u64, CommandError> {
    let commit = text.parse::<CommitId>().map_err(|_| {
        CommandError::usage(format!("`{}` is no commit", shown::line(text)))
            .hint("give all 40 digits, as the `commit` of the last line that was read")
    })?;
    match trail.store.index().find(&commit)? {
        Some(position) => Ok(position.height),
        None => Err(CommandError::no(format!("{commit} is no step of the verified main"))
            .hint("export everything, or from a day on with --from")),
    }
}
