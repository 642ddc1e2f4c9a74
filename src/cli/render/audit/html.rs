//! The report as one page: no script, nothing fetched, all text escaped by the templates.

mod first;
mod people;
mod sections;
#[cfg(test)]
mod tests;
pub mod words;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::cli::render::audit::report::{headline, stretch};
use crate::commands::audit::report::AuditReport;
use crate::domain::id::Digest;

/// The most rows of a table; the twin has all.
pub const ROWS: usize = 2_000;

/// Nothing but the page itself, and no script whatever a record says.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The sections below the first page: anchor and title.
const SECTIONS: [(&str, &str); 16] = [
    ("findings", "Findings"),
    ("population", "Population and completeness"),
    ("duties", "Separation of duties"),
    ("executions", "Executions"),
    ("denials", "Denials"),
    ("ended", "Expired, withdrawn, refused"),
    ("unknown", "Unknown and late outcomes"),
    ("open", "Open requests"),
    ("policy", "Policy changes"),
    ("reviewers", "Reviewers"),
    ("runs", "Rubber-stamp runs"),
    ("not-counted", "Decisions that did not count"),
    ("environments", "By environment and policy"),
    ("keys", "Keys"),
    ("verify", "How to verify this"),
    ("limits", "What is proven, and what is stated"),
];

/// The page; `twin` is the name of the file beside it, and its digest.
pub fn page(report: &AuditReport, twin: Option<(&str, &Digest)>) -> String {
    let title = format!("expacti audit report: {}", stretch(report));
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (headline(report)) " · " (title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                a.skip href="#notices" { "To what needs an eye" }
                (first::page(report, &title))
                (contents(report))
                main {
                    (sections::findings(report))
                    (sections::population(report))
                    (people::duties(report))
                    (people::executions(report))
                    (sections::denials(report))
                    (sections::ended(report))
                    (sections::unknown(report))
                    (sections::open(report))
                    (sections::policy(report))
                    (people::reviewers(report))
                    (people::runs(report))
                    (people::not_counted(report))
                    (sections::groups(report))
                    (sections::keys(report))
                    (sections::verify(report, twin))
                    (sections::limits())
                    (sections::framework(report))
                }
            }
        }
    }
    .into_string()
}

fn contents(report: &AuditReport) -> Markup {
    let mapping = report.framework.as_ref().map(|_| ("framework", "Controls"));
    html! {
        nav aria-label="Sections" {
            ul { @for (anchor, title) in SECTIONS.into_iter().chain(mapping) { li { a href={ "#" (anchor) } { (title) } } } }
        }
    }
}

/// A section with its heading.
fn section(anchor: &str, body: Markup) -> Markup {
    let title = SECTIONS.iter().find(|(name, _)| *name == anchor).map_or("Controls", |(_, title)| title);
    html! { section id=(anchor) aria-labelledby={ "h-" (anchor) } { h2 id={ "h-" (anchor) } { (title) } (body) } }
}

/// A table that may be wider than the screen.
fn table(label: &str, head: &[&str], numbers: &[usize], rows: Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(label) {
            table class=[(head.len() == 2).then_some("narrow")] {
                thead { tr {
                    @for (nth, title) in head.iter().enumerate() { th scope="col" class=[numbers.contains(&nth).then_some("num")] { (title) } }
                } }
                tbody { (rows) }
            }
        }
    }
}

/// What a table leaves out.
fn left(all: usize) -> Markup {
    html! {
        @if all > ROWS {
            p { (words::grouped((all - ROWS) as u64)) " more of " (words::grouped(all as u64)) " are not on this page: the JSON twin has all of them." }
        }
    }
}

fn nothing() -> Markup {
    html! { p.soft { "None." } }
}
