//! The `policy` verbs in words.

use std::fmt::Write as _;

use crate::cli::render::change;
use crate::commands::report::{CheckReport, ExplainReport, ExplainedCommand, PolicyReport};

pub(super) use change::{preview, propose};

/// `policy check`: errors, warnings, and the sum of it.
pub(super) fn check(report: &CheckReport) -> String {
    let mut out = String::new();
    for text in report.errors.iter().chain(&report.warnings) {
        let _ = writeln!(out, "{text}\n");
    }
    let count = |number: usize, what: &str| match number {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    };
    let (errors, warnings) = (count(report.errors.len(), "error"), count(report.warnings.len(), "warning"));
    let _ = writeln!(out, "{}: {errors}, {warnings}", report.checked.join(", "));
    out
}

/// `policy diff`, `sign` and `status`.
pub(super) fn proposals(report: &PolicyReport) -> String {
    if let [proposal] = report.proposals.as_slice()
        && let Some(content) = &proposal.content
    {
        return content.clone();
    }
    if let [proposal] = report.proposals.as_slice()
        && let Some(change) = &proposal.change
    {
        return change::change(proposal, change);
    }
    let mut out = String::new();
    if let Some(message) = &report.message {
        let _ = writeln!(out, "{message}");
    } else if report.version > 0 {
        let _ = writeln!(out, "version {} is in force", report.version);
    } else {
        let _ = writeln!(out, "no version is in force yet");
    }
    for proposal in &report.proposals {
        let _ = writeln!(out, "\nversion {} {}", proposal.version, proposal.digest);
        let _ = writeln!(out, "  fingerprint  {}", proposal.fingerprint);
        change::needs(&mut out, proposal);
        let _ = writeln!(out, "  read it:     expacti policy diff {}", proposal.digest);
        let _ = writeln!(out, "  then:        expacti policy sign {}", proposal.digest);
    }
    for stale in &report.stale {
        let _ = writeln!(out, "\nversion {} {} is stale: {}", stale.version, stale.digest, stale.why);
        let _ = writeln!(out, "  its edits are on branch {}", stale.branch);
    }
    for (branch, why) in &report.unreadable {
        let _ = writeln!(out, "\nignored: branch {branch}: {why}");
    }
    out
}

/// `policy explain`: the answer first, then what it follows from.
pub(super) fn explain(report: &ExplainReport) -> String {
    let mut out = String::new();
    let answer = match (report.decision, &report.reason) {
        ("allow", _) => "allow: it runs without approval, and is recorded".to_owned(),
        ("deny", Some(reason)) => format!("deny: {reason}"),
        ("deny", None) => "deny".to_owned(),
        _ => "review: every policy listed must be satisfied".to_owned(),
    };
    let _ = writeln!(out, "{answer}");
    for (name, asks) in report.policies.iter().zip(&report.asks) {
        let _ = writeln!(out, "  {name}: {asks}");
    }
    for reason in &report.opaque {
        let _ = writeln!(out, "\nOPAQUE: {reason}");
    }
    if !report.commands.is_empty() {
        let _ = writeln!(out, "\ncommands found");
    }
    report.commands.iter().for_each(|command| one(&mut out, command));
    if !report.notes.is_empty() {
        let _ = writeln!(out);
    }
    for note in &report.notes {
        let _ = writeln!(out, "note: {note}");
    }
    out
}

/// A command, indented by how deep it was found.
fn one(out: &mut String, command: &ExplainedCommand) {
    let depth = "  ".repeat(command.via.len() + 1);
    let certain = if command.certain { "" } else { " (tried: it may run)" };
    let place = command.via.last().map(|via| format!("in {via}: ")).unwrap_or_default();
    let _ = writeln!(out, "{depth}{place}{}{certain}", command.text);
    for view in &command.views {
        let met = match (view.policies.as_slice(), view.name) {
            ([], "literal") if command.certain && command.policies.is_empty() => "no policy".to_owned(),
            ([], _) => continue,
            (policies, _) => policies.join(", "),
        };
        // Of the other texts only those that add something are of interest to a tired reader.
        let adds = view.name == "literal" || view.policies.iter().any(|policy| !literal(command).contains(policy));
        if adds && view.name == "literal" {
            let _ = writeln!(out, "{depth}  -> {met}");
        } else if adds {
            let _ = writeln!(out, "{depth}  as {} `{}` -> {met}", view.name, view.text);
        }
    }
    if command.views.is_empty() && !command.policies.is_empty() {
        let _ = writeln!(out, "{depth}  -> {}", command.policies.join(", "));
    }
    if !command.flags.is_empty() {
        let _ = writeln!(out, "{depth}  ! {}", command.flags.join(", "));
    }
}

fn literal(command: &ExplainedCommand) -> &[String] {
    command.views.iter().find(|view| view.name == "literal").map_or(&[], |view| &view.policies)
}
