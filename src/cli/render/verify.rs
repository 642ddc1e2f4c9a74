//! `verify` in words.

pub(super) mod formats;
mod rules;

use std::fmt::Write as _;

use crate::commands::report::{AgainView, FindingView, HeadView, OpenView, VerifyReport};

/// The verdict, every finding, and the open requests apart.
pub(super) fn text(report: &VerifyReport) -> String {
    let mut out = String::new();
    let judged = format!(
        "{}, {}, policy version {}",
        count(report.steps, "step"),
        count(report.requests, "ended request"),
        report.version
    );
    let main_holds = report.findings.is_empty();
    if main_holds {
        let _ = writeln!(out, "main holds  {judged}");
    } else if report.sure {
        let _ = writeln!(out, "main does NOT hold  {judged} stand before what is wrong");
    } else {
        let _ = writeln!(out, "it cannot be told whether main holds");
    }
    let _ = writeln!(out, "root        {}", report.root);
    if let Some(tip) = &report.tip {
        let _ = writeln!(out, "tip         {tip}");
    }
    if let Some(last) = report.last.as_ref().filter(|_| !main_holds) {
        let _ = writeln!(out, "last good   {last}");
    }
    findings(&mut out, &report.findings);
    if let Some(request) = &report.request {
        let holds = if request.findings.is_empty() { "holds" } else { "does NOT hold" };
        let _ = writeln!(out, "\nrequest {} ({}) {holds}", request.id, request.state);
        findings(&mut out, &request.findings);
    }
    if let Some(head) = &report.head {
        out.push_str(&of_head(head));
    }
    if !report.open.is_empty() {
        let _ = writeln!(out, "\nopen requests; they change nothing about the verdict:");
        report.open.iter().for_each(|open| one(&mut out, open));
    }
    report.again.iter().for_each(|again| look_again(&mut out, again));
    if !main_holds && report.sure {
        let _ = writeln!(
            out,
            "\nnothing runs and nothing is signed until main is legal again; docs/findings.md says what to do"
        );
    }
    out
}

fn of_head(head: &HeadView) -> String {
    let mut out = String::new();
    let id = head.id.as_deref().unwrap_or_default();
    let what = match head.kind {
        "main" => format!("continues main by {}", count(head.steps, "legal step")),
        "unrelated" => "is nothing of this repository".to_owned(),
        kind => format!("is {kind} {id}"),
    };
    let state = head.state.as_ref().map(|state| format!(" ({state})")).unwrap_or_default();
    let holds = if head.findings.is_empty() { "holds" } else { "does NOT hold" };
    let _ = writeln!(out, "\nhead {} {what}{state}: {holds}", head.commit);
    let _ = writeln!(out, "base {}", head.base);
    findings(&mut out, &head.findings);
    for waiting in &head.waiting {
        let _ = writeln!(out, "    still to sign: {waiting}");
    }
    if let Some(note) = &head.note {
        let _ = writeln!(out, "note: {note}");
    }
    out
}

fn one(out: &mut String, open: &OpenView) {
    let what = match open.findings.len() {
        0 => String::new(),
        some => format!(", {}", count(some as u64, "finding")),
    };
    let _ = writeln!(out, "  {}  {}{what}", open.id, open.state);
    findings(out, &open.findings);
}

/// What a revoked key signed; it stays valid.
fn look_again(out: &mut String, again: &AgainView) {
    let reason = again.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    let _ = writeln!(out, "\nkey {} is revoked{reason}, to be doubted since {}", again.key, again.compromised_since);
    if again.records.is_empty() {
        let _ = writeln!(out, "  it signed nothing that landed since then");
        return;
    }
    let _ = writeln!(out, "  to look at again, though it stays valid:");
    for suspect in &again.records {
        let what = suspect.request.as_ref().map(|id| format!("request {id}  ")).unwrap_or_default();
        let _ = writeln!(out, "    {what}{}", suspect.record);
        let _ = writeln!(out, "        commit {}", suspect.commit);
    }
}

fn findings(out: &mut String, findings: &[FindingView]) {
    for finding in findings {
        let _ = writeln!(out, "    {}: {}", finding.code, finding.message);
        if let Some(commit) = &finding.commit {
            let _ = writeln!(out, "        commit {commit}");
        }
        if let Some(path) = &finding.path {
            let _ = writeln!(out, "        path   {path}");
        }
    }
}

fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
