//! What is unlike a requester's own habits: each with the facts it rests on.
//!
//! Habits are those of the last 90 days, from requests that landed on `main`. Somebody with too short a history has
//! none, and nothing is unlike them. `docs/risk.md` says how often each is right, on a generated year.

use crate::domain::time::Timestamp;
use crate::risk::history::{Again, History, Past, Subject};

/// Something unusual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// Its stable name.
    pub id: &'static str,
    /// What is unusual.
    pub text: String,
    /// What that rests on: "47 requests in 90 days, never outside 08-19".
    pub facts: String,
}

/// The anomaly that points at a denied request.
pub const RETRY: &str = "retry-after-denial";

/// The names of all anomalies, with what they tell.
pub const ANOMALIES: &[(&str, &str)] = &[
    ("new-kind", "a kind of command this requester never asked for"),
    ("new-environment", "an environment this requester never went to"),
    ("unusual-hour", "an hour at which this requester hardly ever asks"),
    ("unusual-day", "a weekend, on which this requester hardly ever asks"),
    ("burst", "far more requests within an hour than this requester usually makes"),
    (RETRY, "a denied request again, perhaps in other words, or one made within 15 minutes of the denial"),
    ("first-of-key", "the first request that this key has signed"),
];

/// The fewest requests from which a kind is missed.
const FEW: usize = 10;
/// The fewest requests from which hours and days are habits.
const MANY: usize = 20;
/// So many within an hour are no burst, whoever asks.
const CALM: usize = 5;

/// Everything unusual about a request; `zone` is the policy's time zone.
pub fn anomalies(subject: &Subject, history: &History, zone: Option<&jiff::tz::TimeZone>) -> Vec<Anomaly> {
    let mut found = Vec::new();
    let mut add = |id, text: String, facts: String| found.push(Anomaly { id, text, facts });
    let own: Vec<&Past> = history.own.iter().filter(|past| past.created <= subject.created).collect();
    let so_many = format!("{} requests in 90 days", own.len());
    if own.len() >= FEW {
        let new = subject.kinds.iter().find(|kind| !own.iter().any(|past| past.kinds.contains(kind)));
        if let Some(kind) = new {
            add("new-kind", format!("`{}` never asked for `{kind}` before", subject.requester), so_many.clone());
        }
        let new = subject.environments.iter().find(|name| !own.iter().any(|past| past.environments.contains(name)));
        if let Some(name) = new {
            let text = format!("`{}` never went to {name} before", subject.requester);
            add("new-environment", text, so_many.clone());
        }
    }
    if let Some(zone) = zone.filter(|_| own.len() >= MANY) {
        let (hour, minute, weekend) = local(subject.created, zone);
        let habits: Vec<(usize, usize, bool)> = own.iter().map(|past| local(past.created, zone)).collect();
        let near = habits.iter().filter(|habit| apart(habit.0, hour) <= 1).count();
        // Less than one in a hundred.
        if near * 100 < own.len() {
            let (from, to) = usual(habits.iter().map(|habit| habit.0));
            let facts = format!("{so_many}, nearly all between {from:02}:00 and {to:02}:00");
            add("unusual-hour", format!("asked at {hour:02}:{minute:02}"), facts);
        }
        let span = own.last().map_or(0, |past| subject.created.since(past.created));
        let before = habits.iter().filter(|habit| habit.2).count();
        if weekend && span >= 14 * 86_400 && before * 50 < own.len() {
            add("unusual-day", "asked on a weekend".to_owned(), format!("{so_many}, {before} on a weekend"));
        }
    }
    let within_hour = own.iter().filter(|past| subject.created.since(past.created) < 3_600).count() + 1;
    let usual = usual_rate(own.iter().filter(|past| subject.created.since(past.created) >= 3_600));
    if within_hour > CALM && within_hour > 3 * usual {
        let facts = match usual {
            0 => "none in the 90 days before".to_owned(),
            usual => format!("in 95 of 100 hours in which it asks at all, it asks at most {usual} times"),
        };
        add("burst", format!("{within_hour} requests within an hour"), facts);
    }
    if let Some((past, how)) = history.denied_before(subject) {
        let over = past.over();
        // Earlier by its own clock, or made while the other was open.
        let before = if subject.created < over {
            String::new()
        } else {
            format!(" {} before", ago(subject.created.since(over)))
        };
        let facts = format!("`{}` was denied (request {}){before}", past.text, past.id);
        let text = match how {
            Again::Alike => "asks again, perhaps in other words, for what was denied",
            Again::Soon => "asked within 15 minutes of a request that was denied",
        };
        add(RETRY, text.to_owned(), facts);
    }
    if !history.key_known {
        let facts = match own.len() {
            0 => "none before, in 90 days".to_owned(),
            before => format!("{before} with other keys in 90 days"),
        };
        add("first-of-key", "the first request signed with its key".to_owned(), facts);
    }
    found
}

/// Hour, minute, and whether it is Saturday or Sunday.
fn local(at: Timestamp, zone: &jiff::tz::TimeZone) -> (usize, usize, bool) {
    let local = at.instant().to_zoned(zone.clone());
    let weekend = matches!(local.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
    let number = |value: i8| usize::try_from(value).unwrap_or(0);
    (number(local.hour()), number(local.minute()), weekend)
}

/// How many hours lie between two on the face of a clock.
fn apart(one: usize, other: usize) -> usize {
    let distance = one.abs_diff(other);
    distance.min(24 - distance)
}

/// The shortest stretch of the clock that holds 98 of 100 of these hours: its first hour, and the one after its last.
fn usual(hours: impl Iterator<Item = usize>) -> (usize, usize) {
    let mut counts = [0_usize; 24];
    for hour in hours {
        if let Some(count) = counts.get_mut(hour) {
            *count += 1;
        }
    }
    let total: usize = counts.iter().sum();
    let held = |from: usize, length: usize| -> usize { counts.iter().cycle().skip(from).take(length).sum() };
    let stretches = (1..=24).flat_map(|length| (0..24).map(move |from| (from, length)));
    let shortest = stretches.into_iter().find(|(from, length)| held(*from, *length) * 100 >= total * 98);
    let (from, length) = shortest.unwrap_or((0, 24));
    (from, (from + length) % 24)
}

/// How many requests an hour has, of those that have any: 95 of 100 have no more. A burst of the past is no habit.
fn usual_rate<'a, 'b: 'a>(own: impl Iterator<Item = &'a &'b Past>) -> usize {
    let mut hours = std::collections::BTreeMap::<i64, usize>::new();
    for past in own {
        *hours.entry(past.created.unix() / 3_600).or_default() += 1;
    }
    let mut counts: Vec<usize> = hours.into_values().collect();
    counts.sort_unstable();
    let at = counts.len().saturating_sub(1) * 95 / 100;
    counts.get(at).copied().unwrap_or(0)
}

/// `5 minutes`, `3 hours`, `2 days`.
pub fn ago(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
