//! The score: signals put together, and the words that explain it.

use crate::domain::risk::{Level, RiskSettings};
use crate::domain::time::Timestamp;
use crate::risk::anomaly::{Anomaly, ago, anomalies};
use crate::risk::history::{End, History, Subject};
use crate::risk::look::Looked;
use crate::risk::signals::SIGNALS;

/// How much a request deserves a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// From 0 to 100.
    pub score: u8,
    /// In a word.
    pub level: Level,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
    /// What is unlike the requester.
    pub anomalies: Vec<Anomaly>,
}

/// One signal that fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Its stable name.
    pub id: &'static str,
    /// From 0 to 100.
    pub weight: u8,
    /// What it tells; may hold text from the request, escape before showing.
    pub text: String,
}

/// Signals beside those of the command: name, default weight, what it tells. `environment` weighs what the environment
/// says, else 40 where its name names production, else 10.
pub const OTHERS: &[(&str, u8, &str)] = &[
    ("environment", 10, "goes to an environment that policy knows"),
    ("environment-unknown", 10, "goes nowhere that policy recognises"),
    ("night", 10, "asked at night"),
    ("weekend", 8, "asked on a weekend"),
    ("never-by-anyone", 25, "nothing of its kind was ever executed"),
    ("never-by-requester", 15, "its requester never executed anything of its kind"),
    ("never-in-environment", 15, "nothing of its kind was ever executed there"),
    ("new-form", 5, "never executed in exactly this form"),
    ("last-failed", 15, "the last run of its kind failed"),
    ("denied-recently", 25, "one like it was denied within the last seven days"),
    ("expired-recently", 10, "one like it was left to expire within the last seven days"),
];

/// The names of all signals, for `[risk] weights`.
pub fn names() -> impl Iterator<Item = &'static str> {
    SIGNALS.iter().map(|signal| signal.id).chain(OTHERS.iter().map(|(id, _, _)| *id))
}

/// An environment a request goes to, as far as risk needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// What `[[environments]] risk` says.
    pub risk: Option<u8>,
}

/// Judges a request: `targets` are the environments recognised, `known` whether the policy knows any at all.
pub fn assess(
    looked: &Looked<'_>,
    subject: &Subject,
    targets: &[Target],
    known: bool,
    history: &History,
    settings: &RiskSettings,
    zone: Option<&jiff::tz::TimeZone>,
) -> Assessment {
    let mut reasons = Vec::new();
    let mut add = |id: &'static str, weight: u8, text: String| {
        let weight = settings.weights.get(id).copied().unwrap_or(weight);
        if weight > 0 {
            reasons.push(Reason { id, weight, text });
        }
    };
    for signal in SIGNALS {
        if let Some(detail) = signal.fires(looked) {
            let text =
                if detail.is_empty() { signal.reason.to_owned() } else { format!("{}: {detail}", signal.reason) };
            add(signal.id, signal.weight, text);
        }
    }
    let other = |id: &str| OTHERS.iter().find(|(known, _, _)| *known == id).copied().unwrap_or(("opaque", 0, ""));
    let weightiest = targets.iter().map(|target| (target_weight(target), &target.name)).max();
    match weightiest {
        Some((weight, name)) => add("environment", weight, format!("goes to {name}")),
        None if known => {
            add("environment-unknown", other("environment-unknown").1, other("environment-unknown").2.to_owned())
        }
        None => {}
    }
    if let Some(zone) = zone {
        when(subject.created, zone, settings, &mut |id, text| add(id, other(id).1, text));
    }
    past(subject, history, &mut |id, text| add(id, other(id).1, text));
    reasons.sort_by(|one, other| other.weight.cmp(&one.weight).then(one.id.cmp(other.id)));
    let score = combined(reasons.iter().map(|reason| reason.weight));
    Assessment { score, level: settings.level(score), reasons, anomalies: anomalies(subject, history, zone) }
}

fn target_weight(target: &Target) -> u8 {
    let by_name = if crate::risk::signals::names_production(&target.name) { 40 } else { 10 };
    target.risk.unwrap_or(by_name)
}

/// `100·(1−∏(1−w/100))`, rounded: each signal takes its share of what is left.
pub fn combined(weights: impl Iterator<Item = u8>) -> u8 {
    // In integers, so that every machine rounds alike; 10^9 is certainty.
    const WHOLE: u64 = 1_000_000_000;
    let left = weights.fold(WHOLE, |left, weight| left * u64::from(100 - weight.min(100)) / 100);
    u8::try_from((WHOLE - left + WHOLE / 200) / (WHOLE / 100)).unwrap_or(100)
}

fn when(at: Timestamp, zone: &jiff::tz::TimeZone, settings: &RiskSettings, add: &mut dyn FnMut(&'static str, String)) {
    let local = at.instant().to_zoned(zone.clone());
    let (hour, minute) = (local.hour(), local.minute());
    let clock = u16::try_from(i32::from(hour) * 60 + i32::from(minute)).unwrap_or(0);
    if settings.night.holds(clock) {
        add("night", format!("asked at night, {hour:02}:{minute:02}"));
    }
    if matches!(local.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday) {
        add("weekend", "asked on a weekend".to_owned());
    }
}

fn past(subject: &Subject, history: &History, add: &mut dyn FnMut(&'static str, String)) {
    let never = subject.kinds.iter().find(|kind| history.runs_of(kind).next().is_none());
    let by_them = |kind: &&String| !history.runs_of(kind).any(|past| past.requester == subject.requester);
    if let Some(kind) = never {
        add("never-by-anyone", format!("`{kind}` was never executed before, by anyone"));
    } else if let Some(kind) = subject.kinds.iter().find(by_them) {
        add("never-by-requester", format!("`{}` never executed `{kind}` before", subject.requester));
    } else if !history.alike.iter().any(|past| past.end.ran() && past.text == subject.text) {
        add("new-form", "never executed in exactly this form".to_owned());
    }
    if never.is_none() {
        let there = |kind: &String, name: &String| history.runs_of(kind).any(|past| past.environments.contains(name));
        let new = subject.environments.iter().find_map(|name| {
            let kind = subject.kinds.iter().find(|kind| !there(kind, name))?;
            Some(format!("`{kind}` was never executed in {name} before"))
        });
        if let Some(text) = new {
            add("never-in-environment", text);
        }
    }
    if let Some(past) = history.last_run(subject)
        && past.end == (End::Executed { ok: false })
    {
        add("last-failed", format!("its last run failed, {} before", ago(subject.created.since(past.created))));
    }
    for (id, end, word) in
        [("denied-recently", End::Denied, "denied"), ("expired-recently", End::Expired, "left to expire")]
    {
        let times = history.lately(subject, end).count();
        let times = match times {
            0 => continue,
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            more => format!("{more} times"),
        };
        add(id, format!("one like it was {word} {times} within seven days"));
    }
}

#[cfg(test)]
mod tests;
