//! The card: what a reviewer sees before signing, as text whose digest the decision carries.
//!
//! It is 80 columns wide on every screen, and says nothing of the time that passes, so that the same request at the same `main` is the same card to the same
//! person. What does not fit stands in [`Card::in_full`], and the card says so.

mod layout;
mod look;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use layout::{begins, fold};

use crate::commands::card::layout::{CUT, Line, Tone, code};
use crate::commands::card::look::Told;
use crate::commands::report::{DecisionView, PolicyStanding, RequestReport, TextView, WordView};
use crate::domain::id::Digest;
use crate::risk::anomaly::RETRY;
use crate::world::facts::passes_by_itself;

/// How many lines of the command itself.
const COMMAND_LINES: usize = 8;
/// How many lines of what was said before.
const FEW: usize = 3;
/// How many commands found inside it.
const INNER: usize = 5;
/// How many reasons of the risk, beside the one that comes first.
const REASONS: usize = 2;
/// How many words that changed.
const WORDS: usize = 4;
/// How many things that are bound or not.
const THINGS: usize = 6;

/// A request on a screen.
#[derive(Debug, Clone)]
pub struct Card {
    lines: Vec<Line>,
    full: String,
}

impl Card {
    /// The card of a request for who looks at it.
    ///
    /// INVARIANT: every text in a report has passed `domain::shown`.
    pub fn of(report: &RequestReport) -> Self {
        let mut lines = Vec::new();
        let short = report.id.get(..8).unwrap_or(&report.id);
        let command = Line::new("command", Tone::Plain, &report.command).within(COMMAND_LINES);
        head(report, command.cut().is_some(), &mut lines);
        lines.push(command);
        what(report, short, &mut lines);
        before(report, &mut lines);
        bound(report, short, &mut lines);
        said(report, &mut lines);
        for policy in &report.policies {
            standing(policy, &mut lines);
        }
        few(&report.findings, "IGNORED", Tone::Care, short, &mut lines);
        if report.you.is_some() {
            for (seat, question) in &report.asks_you {
                lines.push(Line::new("asks you", Tone::Care, format!("{question} (as {seat})")));
            }
        } else {
            let asked: BTreeSet<&(String, String)> =
                report.policies.iter().flat_map(|policy| &policy.questions).collect();
            for (seat, question) in asked {
                lines.push(Line::new("asks", Tone::Plain, format!("{seat}: {question}")));
            }
        }
        let full = in_full(report, &lines);
        Self { lines, full }
    }

    /// Its text, without colour: what is signed.
    pub fn plain(&self) -> String {
        self.lines.iter().flat_map(Line::folded).map(|line| line + "\n").collect()
    }

    /// The same with colour.
    pub fn painted(&self) -> String {
        self.lines.iter().flat_map(Line::painted).map(|line| line + "\n").collect()
    }

    /// All that does not fit on it: every command, every difference, every text that travels along.
    pub fn in_full(&self) -> &str {
        &self.full
    }

    /// The digest a decision carries.
    pub fn digest(&self) -> Digest {
        Digest::of(self.plain().as_bytes())
    }
}

/// Which request, how it stands, and what matters first.
fn head(report: &RequestReport, cut: bool, lines: &mut Vec<Line>) {
    let open = matches!(report.state.as_str(), "pending" | "approved");
    let until = if open { format!(" until {}", report.expires) } else { String::new() };
    lines.push(Line::new("request", Tone::Plain, format!("{} {}{until}", report.id, report.state)));
    if !open {
        lines.push(Line::new("", Tone::Plain, &report.reason_for_state).marked("="));
    }
    let told = look::first(report, cut);
    let tone = if told.is_some() { Tone::Alarm } else { Tone::Plain };
    let first = told.as_ref().map_or_else(|| look::calm(report), |(text, _)| text.clone());
    lines.push(Line::new("LOOK", tone, first));
    let told = told.map(|(_, told)| told);
    let risk = &report.risk;
    let tone = match risk.level.as_str() {
        "critical" | "high" => Tone::Alarm,
        "medium" => Tone::Care,
        _ => Tone::Plain,
    };
    let rest: Vec<_> = risk.reasons.iter().skip(usize::from(told == Some(Told::Reason))).collect();
    let mut unusual: Vec<_> = risk.anomalies.iter().skip(usize::from(told == Some(Told::Anomaly))).collect();
    // The denied one has lines of its own.
    unusual.retain(|anomaly| risk.denied_before.is_none() || anomaly.anomaly != RETRY);
    // What is unlike the requester takes the place of a reason.
    let most = REASONS.saturating_sub(unusual.len());
    let more = rest.len().saturating_sub(most);
    let more = if more > 0 { format!("; {} reasons in all", risk.reasons.len()) } else { String::new() };
    lines.push(Line::new("risk", tone, format!("{}, {} of 100{more}", risk.level, risk.score)));
    for reason in rest.iter().take(most) {
        lines.push(Line::new("", Tone::Plain, &reason.text).marked("-").within(FEW));
    }
    for anomaly in unusual {
        lines.push(Line::new("UNUSUAL", Tone::Care, format!("{} ({})", anomaly.text, anomaly.facts)));
    }
}

/// What the command is made of, and where it would run.
fn what(report: &RequestReport, short: &str, lines: &mut Vec<Line>) {
    let inner = inner(report);
    for command in inner.iter().take(INNER) {
        let line = format!("{} ({})", command.text, command.via.join(" > "));
        lines.push(Line::new("", Tone::Plain, line).marked(">").within(FEW));
    }
    if inner.len() > INNER {
        let more = format!("{} more commands: `expacti show {short}`", inner.len() - INNER);
        lines.push(Line::new(CUT, Tone::Care, more));
    }
    few(&report.opaque, "OPAQUE", Tone::Alarm, short, lines);
    let environments = match report.environments.as_slice() {
        [] => String::new(),
        names => format!(", environment {}", names.join(", ")),
    };
    let place = format!("{} on {}, as {}{environments}", report.cwd, report.host, report.runner);
    lines.push(Line::new("where", Tone::Plain, place));
}

/// The first of a list, and how many more there are.
fn few(list: &[String], label: &'static str, tone: Tone, short: &str, lines: &mut Vec<Line>) {
    lines.extend(list.iter().take(THINGS).map(|one| Line::new(label, tone, one)));
    if list.len() > THINGS {
        lines.push(Line::new(label, tone, format!("{} more: `expacti show {short}`", list.len() - THINGS)));
    }
}

/// The same text found by several readings is one command to a person.
fn inner(report: &RequestReport) -> Vec<&crate::commands::report::FoundCommand> {
    let mut texts = BTreeSet::from([report.command.as_str()]);
    report.commands.iter().filter(|command| texts.insert(&command.text)).collect()
}

/// What came before: the denied one that it repeats, and the last run of its kind.
fn before(report: &RequestReport, lines: &mut Vec<Line>) {
    if let Some(denied) = &report.risk.denied_before {
        let id = denied.id.get(..8).unwrap_or_default();
        lines.push(Line::new("DENIED", Tone::Alarm, format!("{id} of {}, then in these words:", denied.created)));
        lines.push(Line::new("", Tone::Claim, &denied.command).within(FEW));
        if let Some(denial) = &report.denial {
            lines.push(Line::new("", Tone::Plain, format!("{} said no:", denial.reviewer)).marked("="));
            lines.push(Line::new("", Tone::Claim, &denial.comment).within(FEW));
        }
    }
    if let Some(since) = &report.since {
        let id = since.id.get(..8).unwrap_or_default();
        let run = format!("{id} of {} ({})", since.created, since.end);
        if since.words.iter().all(|word| word.change == "same") && since.changed.is_empty() {
            lines.push(Line::new("last run", Tone::Plain, format!("{run}: nothing differs")));
        } else {
            lines.push(Line::new("CHANGED", Tone::Care, format!("since the last run, {run}:")));
            let changed: Vec<&WordView> = since.words.iter().filter(|word| word.change != "same").collect();
            for word in changed.iter().take(WORDS) {
                lines.push(Line::new("", Tone::Plain, &word.text).marked(mark(word)).within(FEW));
            }
            if changed.len() > WORDS {
                let more = format!("{} more words", changed.len() - WORDS);
                lines.push(Line::new("", Tone::Plain, more).marked("*"));
            }
            if !since.changed.is_empty() {
                lines.push(Line::new("", Tone::Plain, since.changed.join("; ")).marked("*").within(FEW));
            }
        }
    }
    if let Some(id) = &report.retry_of {
        lines.push(Line::new("again", Tone::Plain, format!("tries request {id} again")));
    }
}

fn mark(word: &WordView) -> &'static str {
    match word.change {
        "gone" => "-",
        "new" => "+",
        _ => " ",
    }
}

fn bound(report: &RequestReport, short: &str, lines: &mut Vec<Line>) {
    // What everything gets stands in full alone; what the policy lets pass decides something.
    let passes = |line: &&String| {
        let name = line.strip_prefix("variable ").and_then(|line| line.split('=').next());
        name.is_some_and(|name| passes_by_itself(name.as_bytes()))
    };
    let things: Vec<&String> = report.bound.iter().filter(|line| !passes(line)).collect();
    for thing in things.iter().take(THINGS) {
        let tone = if thing.contains("OUTSIDE") { Tone::Care } else { Tone::Plain };
        lines.push(Line::new("bound", tone, briefly(thing)));
    }
    if things.len() > THINGS {
        let more = format!("{} more things: `expacti show {short}`", things.len() - THINGS);
        lines.push(Line::new(CUT, Tone::Care, more));
    }
    few(&report.unbound, "NOT BOUND", Tone::Alarm, short, lines);
    if !report.texts.is_empty() {
        let own = |text: &TextView| text.name.rsplit('/').next().unwrap_or_default().to_owned();
        let names = report.texts.iter().map(|text| format!("{} ({} lines)", own(text), written(text).len()));
        let names = names.collect::<Vec<_>>().join(", ");
        lines.push(Line::new("READ", Tone::Care, format!("`expacti show {short}` has {names}")).within(FEW));
    }
}

/// Nobody compares twelve digits at night, and the decision signs them with the request: in full they stand below the card.
///
/// INVARIANT: nothing of the requester's follows the last ` sha256 ` of a file.
fn briefly(thing: &str) -> String {
    let file = thing.strip_prefix("file ").and_then(|_| thing.rsplit_once(" sha256 "));
    file.map_or_else(|| thing.to_owned(), |(file, rest)| format!("{file}{}", rest.get(12..).unwrap_or_default()))
}

/// The lines of a text; what follows its last line end is none.
fn written(text: &TextView) -> &[String] {
    match text.lines.as_slice() {
        [lines @ .., last] if last.is_empty() => lines,
        lines => lines,
    }
}

/// What the requester says, and everybody else.
fn said(report: &RequestReport, lines: &mut Vec<Line>) {
    let asked = format!("{} at {}", report.requester, report.created);
    if report.reason.is_empty() {
        lines.push(Line::new("asked by", Tone::Plain, format!("{asked}, without a reason")));
    } else {
        lines.push(Line::new("asked by", Tone::Plain, format!("{asked}, who says:")));
        lines.push(Line::new("", Tone::Claim, &report.reason));
    }
    for decision in &report.decisions {
        let word = if decision.verdict == "approve" { "approved" } else { "denied" };
        let silent = decision.comment.is_empty() && decision.answers.is_empty() && decision.suggest.is_none();
        let colon = if silent { "" } else { ", and says:" };
        let text = format!("{} {word} after {} s{colon}", decision.reviewer, decision.review_seconds);
        lines.push(Line::new("said", Tone::Plain, text));
        words(decision, lines);
    }
}

fn words(decision: &DecisionView, lines: &mut Vec<Line>) {
    if !decision.comment.is_empty() {
        lines.push(Line::new("", Tone::Claim, &decision.comment).within(FEW));
    }
    for (seat, answer) in &decision.answers {
        lines.push(Line::new("", Tone::Claim, format!("({seat}) {answer}")).within(FEW));
    }
    if let Some(suggest) = &decision.suggest {
        lines.push(Line::new("", Tone::Claim, format!("(instead) {suggest}")).within(FEW));
    }
}

/// How far a policy is met, by whom, and who is missing.
fn standing(policy: &PolicyStanding, lines: &mut Vec<Line>) {
    let needs: Vec<String> = policy
        .missing
        .iter()
        .map(|missing| {
            let who = if missing.who.is_empty() { "nobody can".to_owned() } else { missing.who.join(", ") };
            format!("{} ({who})", missing.what)
        })
        .collect();
    let needs = if policy.met { "satisfied".to_owned() } else { format!("needs {}", needs.join(", ")) };
    let counted: Vec<String> = policy
        .counted
        .iter()
        .map(|counted| match &counted.seat {
            Some(seat) => format!("{} as {seat}", counted.reviewer),
            None => counted.reviewer.clone(),
        })
        .collect();
    let has = if counted.is_empty() { String::new() } else { format!("; has {}", counted.join(", ")) };
    let least = policy.min_review_seconds.map(|least| format!("; at least {least} s of review"));
    let text = format!("{}: {needs}{has}{}", policy.name, least.unwrap_or_default());
    lines.push(Line::new("policy", Tone::Plain, text).within(FEW));
    for other in &policy.not_counted {
        lines.push(Line::new("", Tone::Care, format!("{} {}", other.reviewer, other.why)).marked("-"));
    }
    for reason in policy.impossible.iter().chain(&policy.flags) {
        lines.push(Line::new("", Tone::Care, reason).marked("!"));
    }
}

/// Everything, for a pager; the card stands before it.
fn in_full(report: &RequestReport, lines: &[Line]) -> String {
    let mut out = Vec::new();
    let mut list = |title: &str, items: Vec<String>| {
        if !items.is_empty() {
            out.push(format!("=== {title}"));
            out.extend(items.iter().flat_map(|item| code(item)));
        }
    };
    list("what does not fit on the card", lines.iter().filter_map(Line::cut).map(str::to_owned).collect());
    if let Some(since) = report.since.as_ref().filter(|since| since.words.iter().any(|word| word.change != "same")) {
        let words = since.words.iter().map(|word| format!("{} {}", mark(word), word.text)).collect();
        list("the command, beside that of the last run", words);
    }
    if let Some(since) = &report.since {
        list("what else differs from the last run", since.changed.clone());
    }
    let inner = inner(report);
    if inner.len() > INNER {
        let all = inner.iter().map(|command| format!("{} ({})", command.text, command.via.join(" > "))).collect();
        list("commands found inside", all);
    }
    for text in &report.texts {
        let sha: String = text.sha256.chars().take(12).collect();
        // A name may be as long as its author likes.
        let title = format!("text, {} lines, sha256 {sha}", written(text).len());
        let mut lines = vec![format!("({})", text.name)];
        lines.extend(written(text).iter().cloned());
        list(&title, lines);
    }
    if report.risk.reasons.len() + report.risk.anomalies.len() > REASONS {
        let reasons = report.risk.reasons.iter();
        list(
            "why the risk is what it is",
            reasons.map(|reason| format!("{:>3} {}", reason.weight, reason.text)).collect(),
        );
    }
    list("what is bound", report.bound.clone());
    for (title, all) in [
        ("what is not bound", &report.unbound),
        ("what cannot be taken apart", &report.opaque),
        ("what is ignored", &report.findings),
    ] {
        if all.len() > THINGS {
            list(title, all.clone());
        }
    }
    out.into_iter().map(|line| line + "\n").collect()
}
