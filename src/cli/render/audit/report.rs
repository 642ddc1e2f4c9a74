//! `audit report`: where the page, its JSON twin and the first page as text go.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::args::audit::Audit;
use crate::cli::args::{Args, Verb};
use crate::cli::render::audit::html::{self, words::grouped};
use crate::commands::audit::Whole;
use crate::commands::audit::report::{AuditReport, Verdict, Weight};
use crate::commands::error::CommandError;
use crate::domain::id::Digest;
use crate::domain::shown;
use crate::world::World;

/// Where the twin of a page lies: beside it, with the extension `json`.
///
/// # Errors
/// The page would be its own twin, or has no name.
pub fn twin_beside(page: &Path) -> Result<PathBuf, CommandError> {
    let twin = page.with_extension("json");
    if twin == page || page.file_name().is_none() {
        let named = shown::line(&page.to_string_lossy());
        return Err(CommandError::usage(format!("`{named}` cannot be the page: its twin takes the extension `json`"))
            .hint("name the page like `report.html`"));
    }
    Ok(twin)
}

/// Writes the twin and the page, each whole or not at all; the page last, since it names the twin's digest.
///
/// # Errors
/// As the file system says.
pub fn write(world: &World, report: &AuditReport, page: &Path) -> Result<(), CommandError> {
    let page = world.cwd.join(page);
    let beside = twin_beside(&page)?;
    let json = twin(report);
    Whole::put(&beside, &json)?;
    let name = beside.file_name().map(|name| shown::line(&name.to_string_lossy())).unwrap_or_default();
    let text = html::page(report, Some((&name, &Digest::of(&json))));
    Whole::put(&page, text.as_bytes())
}

/// The JSON twin: indented, with one line a request.
pub fn twin(report: &AuditReport) -> Vec<u8> {
    let text = serde_json::to_string_pretty(report).unwrap_or_default();
    let mut out = text.trim_end().trim_end_matches('}').trim_end().as_bytes().to_vec();
    out.extend(b",\n  \"requests\": [");
    for (nth, account) in report.requests.iter().enumerate() {
        out.extend(if nth == 0 { "\n    " } else { ",\n    " }.as_bytes());
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut out, account);
    }
    out.extend(if report.requests.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" }.as_bytes());
    out
}

/// Prints what was asked for: the twin, a summary, the page, or its first page as text.
pub fn print(world: &World, args: &Args, report: &AuditReport, out: &mut dyn Write) -> io::Result<()> {
    let Verb::Audit(Audit::Report(asked)) = &args.verb else { return Ok(()) };
    if args.global.json {
        return out.write_all(&twin(report));
    }
    match &asked.output {
        Some(page) => {
            let twin = page.with_extension("json");
            let shown = |path: &Path| shown::line(&path.to_string_lossy());
            out.write_all(text(report).as_bytes())?;
            writeln!(out, "\nwritten: {} and {}", shown(page), shown(&twin))
        }
        None if world.terminal.stdout => {
            out.write_all(text(report).as_bytes())?;
            world.console.complain("hint: `-o report.html` writes the whole report, and its JSON twin beside it");
            Ok(())
        }
        None => out.write_all(html::page(report, None).as_bytes()),
    }
}

/// The first page, as text.
pub fn text(report: &AuditReport) -> String {
    let mut out = String::new();
    let (population, duties) = (&report.population, &report.duties);
    let _ = writeln!(out, "{}", headline(report));
    let _ = writeln!(out, "{}", stretch(report));
    let root = &report.repository.pinned_root;
    let commit = report.repository.commit.as_deref().unwrap_or("none");
    let _ = writeln!(
        out,
        "root {root}\nmain {commit}, {} steps, policy version {}",
        report.chain.steps, report.repository.version
    );
    for (weight, title) in
        [(Weight::Wrong, "Findings"), (Weight::Explain, "To be explained"), (Weight::Look, "Deserves an eye")]
    {
        let notices: Vec<_> = report.notices.iter().filter(|notice| notice.weight == weight).collect();
        if !notices.is_empty() {
            let _ = writeln!(out, "\n{title}");
            for notice in notices {
                let _ = writeln!(out, "  {:>6}  {}", notice.count, notice.text);
            }
        }
    }
    let _ = writeln!(out, "\nPopulation");
    for (count, what) in [
        (population.open_at_start, "open at the start"),
        (population.made, "made"),
        (population.ended.total(), "ended"),
        (population.open_at_end, "open at the end"),
    ] {
        let _ = writeln!(out, "  {count:>6}  {what}");
    }
    for (word, count) in population.ended.listed().into_iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(out, "          {count} {word}");
    }
    let _ = writeln!(
        out,
        "\nSeparation of duties\n  {:>6}  of {} executions break it\n  {:>6}  needed nobody's approval\n  {:>6}  approved by the requester's operators alone",
        duties.breaches.len(),
        duties.executions,
        duties.needed_nobody,
        duties.operators_alone.len()
    );
    out
}

/// The verdict in a line.
pub fn headline(report: &AuditReport) -> String {
    let wrong = report.notices.iter().filter(|notice| notice.weight == Weight::Wrong);
    let findings: u64 = wrong.map(|notice| notice.count).sum();
    match report.verdict {
        Verdict::Holds if report.chain.steps == 1 => "HOLDS: the one step of main verifies".to_owned(),
        Verdict::Holds => format!("HOLDS: all {} steps of main verify", grouped(report.chain.steps)),
        Verdict::DoesNotHold if findings == 1 => "DOES NOT HOLD: 1 finding".to_owned(),
        Verdict::DoesNotHold => format!("DOES NOT HOLD: {} findings", grouped(findings)),
        Verdict::Unsure => "COULD NOT TELL: an object could not be read".to_owned(),
    }
}

/// The period in words.
pub fn stretch(report: &AuditReport) -> String {
    match (&report.period.from, &report.period.to) {
        (None, None) => format!("the whole history, up to {}", report.generated),
        (Some(from), None) => format!("from {from} up to {}", report.generated),
        (None, Some(to)) => format!("from the beginning, before {to}"),
        (Some(from), Some(to)) => format!("from {from}, before {to}"),
    }
}
