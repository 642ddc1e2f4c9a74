//! The card: what a reviewer sees before signing, as text whose digest the decision carries.

use std::fmt::Write as _;

use crate::commands::report::RequestReport;
use crate::domain::id::Digest;
use crate::world::facts::passes_by_itself;

/// The card of a request, without colour; every line harmless to show.
///
/// Computed facts come first and the requester's own words are marked as such.
pub fn card(report: &RequestReport) -> String {
    let mut out = String::new();
    let mut put = |label: &str, text: &str| {
        // A label, then text wrapped under itself: nothing can pose as another line's label.
        let mut label = label;
        for line in wrap(text, 66) {
            let _ = writeln!(out, "{label:>12}  {line}");
            label = "";
        }
    };
    put("request", &report.id);
    put("state", &format!("{}: {}", report.state, report.reason_for_state));
    let risk = &report.risk;
    put("risk", &format!("{}, {} of 100", risk.level, risk.score));
    for reason in risk.reasons.iter().take(REASONS) {
        put("", &format!("- {}", reason.text));
    }
    for anomaly in &risk.anomalies {
        put("UNUSUAL", &format!("{} ({})", anomaly.text, anomaly.facts));
    }
    put("command", &report.command);
    // The same text found by several readings is one command to a person.
    let mut texts = std::collections::BTreeSet::from([report.command.as_str()]);
    let inner: Vec<_> = report.commands.iter().filter(|command| texts.insert(&command.text)).collect();
    for command in inner.iter().take(12) {
        put("", &format!("> {} ({})", command.text, command.via.join(" > ")));
    }
    if inner.len() > 12 {
        put("", &format!("> and {} more, see --json", inner.len() - 12));
    }
    if !report.opaque.is_empty() {
        put("OPAQUE", &report.opaque.join(", "));
    }
    put("where", &format!("{} on {}, as {}", report.cwd, report.host, report.runner));
    if !report.environments.is_empty() {
        put("environment", &report.environments.join(", "));
    }
    put("asked by", &format!("{} at {}, expires {}", report.requester, report.created, report.expires));
    let said = if report.reason.is_empty() { "no reason given" } else { &report.reason };
    put("they say", &format!("\"{said}\""));
    if let Some(id) = &report.retry_of {
        put("again", &format!("tries request {id} again"));
    }
    // Those that everything gets are named; what the policy lets pass decides something, and is shown.
    let passes = |line: &&String| {
        let name = line.strip_prefix("variable ").and_then(|line| line.split('=').next());
        name.is_some_and(|name| passes_by_itself(name.as_bytes()))
    };
    let (variables, things): (Vec<&String>, Vec<&String>) = report.bound.iter().partition(passes);
    for line in things {
        put("bound", line);
    }
    if !variables.is_empty() {
        let names: Vec<&str> = variables
            .iter()
            .filter_map(|line| line.strip_prefix("variable ").and_then(|line| line.split('=').next()))
            .collect();
        put("variables", &names.join(" "));
    }
    for line in &report.unbound {
        put("NOT BOUND", line);
    }
    for text in &report.texts {
        put("text", &format!("{} ({} lines)", text.name, text.lines.len()));
        for line in text.lines.iter().take(TEXT_LINES) {
            // Code is broken where the line is full, and the break is marked.
            let characters: Vec<char> = line.chars().collect();
            for (nth, piece) in characters.chunks(64).enumerate() {
                let mark = if nth == 0 { '|' } else { '\\' };
                put("", &format!("{mark} {}", piece.iter().collect::<String>()));
            }
            if characters.is_empty() {
                put("", "|");
            }
        }
        if text.lines.len() > TEXT_LINES {
            put("", &format!("and {} more: `expacti show --json {}`", text.lines.len() - TEXT_LINES, report.id));
        }
    }
    for policy in &report.policies {
        let met = if policy.met { "satisfied" } else { "not satisfied yet" };
        put("policy", &format!("{}: {met}", policy.name));
        for counted in &policy.counted {
            let seat = counted.seat.as_ref().map(|seat| format!(" as {seat}")).unwrap_or_default();
            put("", &format!("+ {}{seat}", counted.reviewer));
        }
        for other in &policy.not_counted {
            put("", &format!("- {} {}", other.reviewer, other.why));
        }
        for missing in &policy.missing {
            let who = if missing.who.is_empty() { "nobody can".to_owned() } else { missing.who.join(", ") };
            put("", &format!("? {}: {who}", missing.what));
        }
        for reason in policy.impossible.iter().chain(&policy.flags) {
            put("", &format!("! {reason}"));
        }
        for (seat, question) in &policy.questions {
            put("asks", &format!("{seat}: {question}"));
        }
    }
    for decision in &report.decisions {
        let comment = if decision.comment.is_empty() { String::new() } else { format!(": \"{}\"", decision.comment) };
        let word = if decision.verdict == "approve" { "approved" } else { "denied" };
        put("said", &format!("{} {word} after {} s{comment}", decision.reviewer, decision.review_seconds));
        for (seat, answer) in &decision.answers {
            put("", &format!("{seat}: \"{answer}\""));
        }
        if let Some(suggest) = &decision.suggest {
            put("", &format!("suggests: {suggest}"));
        }
    }
    for finding in &report.findings {
        put("IGNORED", finding);
    }
    out
}

/// How many reasons of the risk the card shows; `--json` has all.
const REASONS: usize = 4;
/// How many lines of each text the card shows.
const TEXT_LINES: usize = 40;

/// The digest a decision carries.
pub fn digest(card: &str) -> Digest {
    Digest::of(card.as_bytes())
}

/// Lines of at most `width` characters, broken at blanks where there are any.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        if length > 0 && length + 1 + word.len() > width {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        while word.len() > width {
            let rest = word.split_off(width);
            lines.push(word.into_iter().collect());
            word = rest;
        }
        length += word.len();
        line.extend(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_lost_in_wrapping(text in "[ -~]{0,300}") {
            let joined: String = wrap(&text, 20).concat();
            let strip = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(strip(&joined), strip(&text));
            prop_assert!(wrap(&text, 20).iter().all(|line| line.chars().count() <= 20));
        }
    }
}
