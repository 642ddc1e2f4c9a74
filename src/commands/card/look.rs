//! The one fact that matters first: a tired person reads one line.

use crate::commands::report::RequestReport;
use crate::risk::anomaly::RETRY;

/// What the first line has taken, so that it is not said twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// The weightiest reason of the risk.
    Reason,
    /// The first anomaly.
    Anomaly,
    /// Something that has a line of its own.
    Other,
}

/// The fact that most asks for a second look, where there is one.
pub(super) fn first(report: &RequestReport, cut: bool) -> Option<(String, Told)> {
    let risk = &report.risk;
    if report.risk.denied_before.is_some() {
        let retry = risk.anomalies.iter().find(|anomaly| anomaly.anomaly == RETRY);
        let text = retry.map_or("it follows a request that was denied", |anomaly| anomaly.text.as_str());
        return Some((text.to_owned(), Told::Other));
    }
    if cut {
        return Some(("the command is longer than this card: open it in full".to_owned(), Told::Other));
    }
    if !report.opaque.is_empty() {
        return Some(("part of it cannot be taken apart: nobody can say what it would run".to_owned(), Told::Other));
    }
    let reason = || risk.reasons.first().map(|reason| (reason.text.clone(), Told::Reason));
    let loud = matches!(risk.level.as_str(), "high" | "critical");
    if let Some(first) = reason().filter(|_| loud) {
        return Some(first);
    }
    if let Some(anomaly) = risk.anomalies.first() {
        return Some((format!("{} ({})", anomaly.text, anomaly.facts), Told::Anomaly));
    }
    if let Some(unbound) = report.unbound.first() {
        return Some((format!("not everything is bound: {unbound}"), Told::Other));
    }
    if let Some(first) = reason().filter(|_| risk.level == "medium") {
        return Some(first);
    }
    let since = report.since.as_ref()?;
    let words = since.words.iter().any(|word| word.change != "same");
    (words || !since.changed.is_empty()).then(|| ("it is not what ran last time".to_owned(), Told::Other))
}

/// What is said where nothing stands out.
pub(super) fn calm(report: &RequestReport) -> String {
    if report.since.is_some() {
        "the same as last time, as far as it is bound".to_owned()
    } else if report.risk.last_run.is_some() {
        "nothing stands out".to_owned()
    } else {
        "nothing stands out; nothing quite of this kind has run before".to_owned()
    }
}
