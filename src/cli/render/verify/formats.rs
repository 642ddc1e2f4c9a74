//! `verify` for other programs: annotations of GitHub's workflow runs, SARIF, JUnit XML.
//!
//! What is wrong with an open request is a warning there: it decides nothing, unless it was asked for.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cli::args::Format;
use crate::cli::render::verify::rules::rules;
use crate::commands::error::CommandError;
use crate::commands::report::{AgainView, FindingView, VerifyReport};

/// What was judged, with what was found.
struct Subject<'a> {
    /// `main`, `requests/<id>`, `head <rev>`.
    name: String,
    /// Whether it decides.
    decides: bool,
    findings: &'a [FindingView],
    /// What else is to be said.
    note: Option<String>,
}

fn subjects(report: &VerifyReport) -> Vec<Subject<'_>> {
    let holds =
        format!("{} steps, {} ended requests, policy version {}", report.steps, report.requests, report.version);
    let main = Subject { name: "main".to_owned(), decides: true, findings: &report.findings, note: Some(holds) };
    let request = report.request.iter().map(|request| Subject {
        name: format!("requests/{}", request.id),
        decides: true,
        findings: &request.findings,
        note: Some(request.state.clone()),
    });
    let head = report.head.iter().map(|head| Subject {
        name: format!("{} {}", head.kind, head.id.as_ref().unwrap_or(&head.rev)),
        decides: true,
        findings: &head.findings,
        note: head.note.clone(),
    });
    let open = report.open.iter().map(|open| Subject {
        name: format!("requests/{}", open.id),
        decides: false,
        findings: &open.findings,
        note: Some(open.state.clone()),
    });
    std::iter::once(main).chain(request).chain(head).chain(open).collect()
}

/// The report in a format other than text and JSON.
pub(in crate::cli::render) fn report(report: &VerifyReport, format: Format) -> Option<String> {
    match format {
        Format::Text | Format::Json => None,
        Format::Github => Some(github(&subjects(report), &report.again)),
        Format::Sarif => Some(sarif(&subjects(report), &report.again, report.sure, None)),
        Format::Junit => Some(junit(&subjects(report), &report.again, report.sure, None)),
    }
}

/// Why there is none, in the same format.
pub(in crate::cli::render) fn error(error: &CommandError, format: Format) -> Option<String> {
    let whole: Vec<&str> =
        std::iter::once(error.message.as_str()).chain(error.hints.iter().map(String::as_str)).collect();
    let whole = whole.join("\n");
    match format {
        Format::Text | Format::Json => None,
        Format::Github => Some(format!("::error title=expacti could not tell::{}\n", data(&whole))),
        Format::Sarif => Some(sarif(&[], &[], false, Some(&whole))),
        Format::Junit => Some(junit(&[], &[], false, Some(&whole))),
    }
}

/// <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>
fn github(subjects: &[Subject<'_>], again: &[AgainView]) -> String {
    let mut out = String::new();
    for subject in subjects {
        for finding in subject.findings {
            let command = if subject.decides { "error" } else { "warning" };
            let file = finding.path.as_ref().map(|path| format!("file={},", property(path))).unwrap_or_default();
            let title = property(&format!("expacti {} {}", subject.name, finding.code));
            let commit = finding.commit.as_ref().map(|commit| format!("\ncommit {commit}")).unwrap_or_default();
            let _ = writeln!(out, "::{command} {file}title={title}::{}", data(&format!("{}{commit}", finding.message)));
        }
        if let Some(note) = subject.note.as_ref().filter(|_| subject.decides) {
            let holds = if subject.findings.is_empty() { "holds" } else { "does NOT hold" };
            let title = property(&format!("expacti {} {holds}", subject.name));
            let _ = writeln!(out, "::notice title={title}::{}", data(note));
        }
    }
    for key in again {
        let title = property(&format!("expacti revoked key {}", key.key));
        let _ = writeln!(out, "::notice title={title}::{}", data(&look_again(key).join("\n")));
    }
    out
}

/// What a revoked key signed, a line a record below the first: it stays valid, and is for a person to look at.
fn look_again(key: &AgainView) -> Vec<String> {
    let reason = key.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    let since = format!("revoked{reason}, to be doubted since {}", key.compromised_since);
    if key.records.is_empty() {
        return vec![format!("{since}; it signed nothing that landed since then")];
    }
    let records = key.records.iter().map(|record| {
        let request = record.request.as_ref().map(|id| format!("request {id}, ")).unwrap_or_default();
        format!("{request}{}, commit {}", record.record, record.commit)
    });
    std::iter::once(format!("{since}; to look at again, though it stays valid:")).chain(records).collect()
}

/// As GitHub's own toolkit escapes a message: a line of a record must not become a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As it escapes a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// SARIF 2.1.0, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
fn sarif(subjects: &[Subject<'_>], again: &[AgainView], sure: bool, fault: Option<&str>) -> String {
    let rules = rules();
    // "Requires review by a human user", §3.27.9; such a result has no level.
    let reviews = again.iter().map(|key| {
        json!({
            "kind": "review",
            "level": "none",
            "message": { "text": format!("key {}: {}", key.key, look_again(key).join("\n")) },
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "roster.toml" } } }],
        })
    });
    let results: Vec<Value> = subjects
        .iter()
        .flat_map(|subject| subject.findings.iter().map(move |finding| (subject, finding)))
        .map(|(subject, finding)| {
            let level = if subject.decides { "error" } else { "warning" };
            let commit = finding.commit.as_ref().map(|commit| json!({ "name": commit, "kind": "commit" }));
            let branch = json!({ "name": subject.name, "kind": "branch" });
            let logical: Vec<Value> = std::iter::once(branch).chain(commit).collect();
            let place = uri(finding.path.as_deref().unwrap_or(&subject.name));
            let index = rules.iter().position(|rule| rule.code.as_str() == finding.code);
            let mut result = json!({
                "ruleId": finding.code,
                "level": level,
                "message": { "text": finding.message },
                "locations": [{
                    "physicalLocation": { "artifactLocation": { "uri": place } },
                    "logicalLocations": logical,
                }],
                "properties": { "subject": subject.name, "commit": finding.commit },
            });
            if let (Some(index), Some(object)) = (index, result.as_object_mut()) {
                object.insert("ruleIndex".to_owned(), json!(index));
            }
            result
        })
        .chain(reviews)
        .collect();
    let described: Vec<Value> = rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code.as_str(),
                "shortDescription": { "text": rule.meaning },
                "fullDescription": { "text": rule.meaning },
                "help": { "text": rule.help },
                "defaultConfiguration": { "level": "error" },
            })
        })
        .collect();
    let mut invocation = json!({ "executionSuccessful": sure });
    if let (Some(fault), Some(object)) = (fault, invocation.as_object_mut()) {
        let notification = json!([{ "level": "error", "message": { "text": fault } }]);
        object.insert("toolExecutionNotifications".to_owned(), notification);
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "expacti", "version": env!("CARGO_PKG_VERSION"), "rules": described } },
            "invocations": [invocation],
            "results": results,
        }],
    });
    format!("{}\n", serde_json::to_string_pretty(&log).unwrap_or_default())
}

/// A relative URI: paths of ours are plain; what is not is percent-encoded, and what was so already stays.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'%' => {
                out.push(char::from(byte))
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

/// The XML that test reports are read from; a test a subject.
fn junit(subjects: &[Subject<'_>], again: &[AgainView], sure: bool, fault: Option<&str>) -> String {
    let decided = |subject: &&Subject<'_>| subject.decides && !subject.findings.is_empty();
    let failures = if sure { subjects.iter().filter(decided).count() } else { 0 };
    let errors = if sure { 0 } else { subjects.iter().filter(decided).count() + usize::from(fault.is_some()) };
    let tests = subjects.len() + again.len() + usize::from(fault.is_some());
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"");
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"expacti\" {counts}>");
    let _ = writeln!(out, "  <testsuite name=\"expacti verify\" {counts} skipped=\"0\">");
    if let Some(fault) = fault {
        let _ = writeln!(out, "    <testcase classname=\"expacti\" name=\"verify\">");
        let _ = writeln!(out, "      <error message=\"could not tell\" type=\"could-not-tell\">{}</error>", xml(fault));
        let _ = writeln!(out, "    </testcase>");
    }
    for subject in subjects {
        let _ = writeln!(out, "    <testcase classname=\"expacti\" name=\"{}\">", xml(&subject.name));
        let lines: Vec<String> = subject.findings.iter().map(line).collect();
        if let Some(first) = subject.findings.first().filter(|_| subject.decides) {
            let kind = if sure { "failure" } else { "error" };
            let (code, message) = (xml(&first.code), xml(&first.message));
            let _ = writeln!(
                out,
                "      <{kind} type=\"{code}\" message=\"{message}\">{}</{kind}>",
                xml(&lines.join("\n"))
            );
        }
        let aside = if subject.decides { &[] } else { lines.as_slice() };
        let said: Vec<&str> = subject.note.iter().chain(aside).map(String::as_str).collect();
        if !said.is_empty() {
            let _ = writeln!(out, "      <system-out>{}</system-out>", xml(&said.join("\n")));
        }
        let _ = writeln!(out, "    </testcase>");
    }
    for key in again {
        let said = xml(&look_again(key).join("\n"));
        let _ = writeln!(out, "    <testcase classname=\"expacti\" name=\"revoked key {}\">", xml(&key.key));
        let _ = writeln!(out, "      <system-out>{said}</system-out>\n    </testcase>");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn line(finding: &FindingView) -> String {
    let commit = finding.commit.as_ref().map(|commit| format!(" at {commit}")).unwrap_or_default();
    let path = finding.path.as_ref().map(|path| format!(" in {path}")).unwrap_or_default();
    format!("{}{commit}{path}: {}", finding.code, finding.message)
}

/// Text of an element or an attribute; what XML cannot hold at all becomes a replacement character.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c < ' ' || matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
