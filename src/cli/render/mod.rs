//! Reports as text or JSON: the only place that prints.

mod audit;
mod change;
mod doctor;
mod hook;
mod policy;
mod verify;
mod watch;
mod words;

pub use audit::report::{twin_beside, write as write_report};
pub use watch::notice;

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::cli::args::{Args, Color, Format, Verb};
use crate::commands::audit::{EvidenceReport, ExportReport};
use crate::commands::error::CommandError;
use crate::commands::report::{Report, RunReport};
use crate::world::World;

/// Prints what a verb returned.
///
/// # Errors
/// Standard output is closed or full.
pub fn report(world: &World, args: &Args, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if let Report::Run(run) = report {
        return ran(world, args, run, out);
    }
    // What there was to print was printed when it happened.
    if let Report::Watch(_) = report {
        return Ok(());
    }
    if let Report::Log(log) = report {
        audit::log::warn(world, &log.findings);
    }
    if let Report::Export(ExportReport { findings, .. }) | Report::Evidence(EvidenceReport { findings, .. }) = report {
        audit::log::warn(world, findings);
    }
    // It was written as it came.
    if matches!(report, Report::Export(export) if export.path.is_none()) {
        return Ok(());
    }
    if let Report::Audit(report) = report {
        return audit::report::print(world, args, report, out);
    }
    if wants_json(args) {
        return writeln!(out, "{}", pretty(&value(report)));
    }
    if let (Report::Verify(report), Some(format)) = (report, format(args))
        && let Some(text) = verify::formats::report(report, format)
    {
        return out.write_all(text.as_bytes());
    }
    if let Report::Log(log) = report
        && let Some(text) = audit::log::machine(log, args)
    {
        return out.write_all(&text);
    }
    let text = words::text(&args.verb, report, columns(world));
    let mut colored = Vec::new();
    write!(painted(world, args, &mut colored), "{text}")?;
    out.write_all(&colored)
}

/// Standard output belongs to the child: our words go to standard error, the object to `--status-file`.
fn ran(world: &World, args: &Args, run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let (status_file, no_wait) = match &args.verb {
        Verb::Run(run) => (run.status_file.as_ref(), run.waiting.no_wait),
        Verb::Resume(resume) => (resume.status_file.as_ref(), resume.waiting.no_wait),
        _ => (None, false),
    };
    let object = serde_json::to_value(run).unwrap_or(Value::Null);
    if let Some(path) = status_file {
        let path = world.cwd.join(path);
        let text = format!("{}\n", pretty(&object));
        if let Err(error) = crate::world::paths::write_durably(&path, text.as_bytes()) {
            world.console.say(&format!("error: `{}`: {error}", path.display()));
        }
    }
    if !run.ran {
        for line in words::ran(run) {
            world.console.complain(&line);
        }
    }
    // With the child's output on standard output there is no room for ours.
    if run.ran {
        return Ok(());
    }
    match (args.global.json, no_wait, &run.id) {
        (true, _, _) => writeln!(out, "{}", pretty(&object)),
        (false, true, Some(id)) => writeln!(out, "{id}"),
        _ => Ok(()),
    }
}

/// Prints why a verb did not do what was asked.
pub fn error(world: &World, args: &Args, error: &CommandError, code: u8, out: &mut dyn Write) {
    if wants_json(args) {
        let object = json!({ "error": error.message, "hints": error.hints, "exit": code });
        let _ = writeln!(out, "{}", pretty(&object));
    }
    if let Some(text) = format(args).and_then(|format| verify::formats::error(error, format)) {
        let _ = out.write_all(text.as_bytes());
    }
    let status_file = match &args.verb {
        Verb::Run(run) => run.status_file.as_ref(),
        Verb::Resume(resume) => resume.status_file.as_ref(),
        _ => None,
    };
    if let Some(path) = status_file {
        let object =
            json!({ "exit": code, "result": "error", "ran": false, "message": error.message, "next": error.hints });
        let text = format!("{}\n", pretty(&object));
        let _ = crate::world::paths::write_durably(&world.cwd.join(path), text.as_bytes());
    }
    world.console.complain(&format!("error: {}", error.message));
    for hint in &error.hints {
        world.console.complain(&format!("hint: {hint}"));
    }
}

/// How `verify` shall print.
fn format(args: &Args) -> Option<Format> {
    match &args.verb {
        Verb::Verify(verify) => Some(verify.format),
        _ => None,
    }
}

fn wants_json(args: &Args) -> bool {
    args.global.json || matches!(&args.verb, Verb::Verify(verify) if verify.format == Format::Json)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn value(report: &Report) -> Value {
    let value = match report {
        Report::Init(report) => serde_json::to_value(report),
        Report::Join(report) => serde_json::to_value(report),
        Report::Run(report) => serde_json::to_value(report),
        Report::Request(report) => serde_json::to_value(report),
        Report::Requests(report) => serde_json::to_value(report),
        Report::Decisions(report) => serde_json::to_value(report),
        Report::Review(report) => serde_json::to_value(report),
        Report::Watch(report) => serde_json::to_value(report),
        Report::Doctor(report) => serde_json::to_value(report),
        Report::Identities(report) => serde_json::to_value(report),
        Report::Sync(report) => serde_json::to_value(report),
        Report::Verify(report) => serde_json::to_value(report),
        Report::Log(log) => serde_json::to_value(log),
        Report::Export(report) => serde_json::to_value(report),
        Report::Evidence(report) => serde_json::to_value(report),
        Report::Audit(report) => serde_json::to_value(report),
        Report::Check(report) => serde_json::to_value(report),
        Report::Hook(report) => serde_json::to_value(report),
        Report::Hooked(report) => serde_json::to_value(report),
        Report::Explain(report) => serde_json::to_value(report),
        Report::Policy(report) => serde_json::to_value(report),
        Report::Propose(report) => serde_json::to_value(report),
        Report::Preview(report) => serde_json::to_value(report),
        Report::Demo(report) => serde_json::to_value(report),
        Report::Text(text) => Ok(Value::String(text.clone())),
    };
    value.unwrap_or(Value::Null)
}

/// Columns of the terminal on standard output, where there is one.
pub(super) fn columns(world: &World) -> Option<usize> {
    let size = world.terminal.stdout.then(|| rustix::termios::tcgetwinsize(io::stdout()).ok()).flatten()?;
    Some(usize::from(size.ws_col))
}

/// A writer that keeps or strips colour, as asked.
fn painted<'a>(world: &World, args: &Args, out: &'a mut Vec<u8>) -> Box<dyn Write + 'a> {
    if is_colored(world, args) { Box::new(out) } else { Box::new(anstream::StripStream::new(out)) }
}

/// Whether standard output is to have colour.
pub(super) fn is_colored(world: &World, args: &Args) -> bool {
    match args.global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            world.terminal.stdout
                && world.var("NO_COLOR").is_none_or(|value| value.is_empty())
                && world.var("TERM").is_none_or(|term| term != "dumb")
        }
    }
}
