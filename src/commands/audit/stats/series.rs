//! What the plots draw.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::commands::audit::period::Period;
use crate::commands::audit::stats::{
    Endings, Reviewer, Spread, approves, ended_in, executions, moment, voices, waited,
};
use crate::domain::time::{Timestamp, zone};
use crate::gate::account::Account;

const DAY: i64 = 86_400;
/// 1970-01-05 was the first Monday.
const MONDAY: i64 = 4 * DAY;

/// Requests over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Days in a bucket: 1, 7 or 28.
    pub days: u32,
    /// One after another, without gaps.
    pub buckets: Vec<Bucket>,
}

/// Requests that ended in some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// The first day, in UTC.
    pub from: String,
    /// How they ended.
    pub ended: Endings,
}

/// Requests that ended in the period: by day, by week from Monday on, or by four weeks, so that it fits a screen.
pub fn flow(period: Period, accounts: &[Account]) -> Flow {
    let mut timed: Vec<(i64, &str)> = accounts
        .iter()
        .filter(|account| ended_in(period, account))
        .filter_map(|account| Some((moment(account.ended.as_deref()?)?.unix(), account.state.as_str())))
        .collect();
    timed.sort_unstable();
    let (Some((first, _)), Some((last, _))) = (timed.first(), timed.last()) else {
        return Flow { days: 1, buckets: Vec::new() };
    };
    let days = match (last - first) / DAY {
        0..=34 => 1,
        35..=400 => 7,
        _ => 28,
    };
    let start = |at: i64| {
        let (width, origin) = (i64::from(days) * DAY, if days == 1 { 0 } else { MONDAY });
        (at - origin).div_euclid(width) * width + origin
    };
    let mut counts: BTreeMap<i64, Endings> = BTreeMap::new();
    let (mut at, end) = (start(*first), start(*last));
    // A signed time may lie in the year 9999: what is plotted stays bounded, and the tables have all.
    while at <= end && counts.len() < 1_000 {
        counts.insert(at, Endings::default());
        at += i64::from(days) * DAY;
    }
    for (at, state) in timed {
        counts.entry(start(at)).or_default().add(state);
    }
    let day = |at: i64| Timestamp::from_unix(at).map(|at| at.to_string().chars().take(10).collect());
    let buckets = counts.into_iter().filter_map(|(at, ended)| Some(Bucket { from: day(at).ok()?, ended }));
    Flow { days, buckets: buckets.collect() }
}

/// From the request to the last approval that was counted, over the executions that somebody approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quorum {
    /// Of all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<Spread>,
    /// How many took how long, on a scale of powers.
    pub bins: Vec<QuorumBin>,
}

/// Executions that waited so long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuorumBin {
    /// Less than so many seconds; absent in the last bin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<u64>,
    /// How many.
    pub count: u64,
}

/// The upper ends of the bins of [`Quorum`], in seconds: roughly a factor of three each.
const EDGES: [u64; 11] = [10, 30, 60, 180, 600, 1_800, 3_600, 10_800, 36_000, 86_400, 259_200];

/// How long requests waited for their quorum.
pub fn quorum(period: Period, accounts: &[Account]) -> Quorum {
    let mut bins: Vec<QuorumBin> = EDGES.iter().map(|edge| QuorumBin { below: Some(*edge), count: 0 }).collect();
    bins.push(QuorumBin { below: None, count: 0 });
    let mut all = Vec::new();
    for account in executions(period, accounts) {
        let counted = account.decisions.iter().filter(|voice| voice.counts && approves(voice));
        let Some(seconds) = counted.map(|voice| waited(account, voice)).max() else { continue };
        all.push(seconds);
        if let Some(bin) = bins.iter_mut().find(|bin| bin.below.is_none_or(|below| seconds < below)) {
            bin.count += 1;
        }
    }
    Quorum { seconds: Spread::of(all), bins }
}

/// The review times of one reviewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pace {
    /// Who.
    pub reviewer: String,
    /// By seconds, growing.
    pub bins: Vec<PaceBin>,
}

/// Decisions with about the same review time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaceBin {
    /// The least of them, in seconds.
    pub seconds: u64,
    /// How many.
    pub count: u64,
    /// How many of these belong to a rubber-stamp run.
    pub in_runs: u64,
}

/// Review times by reviewer, in the order given, in sixteen bins a power of ten.
pub fn paces(period: Period, accounts: &[Account], reviewers: &[Reviewer]) -> Vec<Pace> {
    let mut found: BTreeMap<&str, BTreeMap<u32, PaceBin>> = BTreeMap::new();
    let mut runs: BTreeMap<&str, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    for reviewer in reviewers {
        let spans = reviewer.runs.iter().filter_map(|run| Some((moment(&run.from)?, moment(&run.to)?)));
        runs.insert(&reviewer.reviewer, spans.collect());
    }
    for (_, voice) in voices(period, accounts) {
        let bin = found.entry(&voice.reviewer).or_default().entry(bin(voice.seconds));
        let bin = bin.or_insert(PaceBin { seconds: voice.seconds, count: 0, in_runs: 0 });
        bin.seconds = bin.seconds.min(voice.seconds);
        bin.count += 1;
        let decided = moment(&voice.decided);
        let spans = runs.get(voice.reviewer.as_str()).into_iter().flatten();
        let within = |(from, to): &(Timestamp, Timestamp)| decided.is_some_and(|at| *from <= at && at <= *to);
        if approves(voice) && spans.into_iter().any(within) {
            bin.in_runs += 1;
        }
    }
    let named = reviewers.iter().filter_map(|reviewer| {
        let bins = found.remove(reviewer.reviewer.as_str())?.into_values().collect();
        Some(Pace { reviewer: reviewer.reviewer.clone(), bins })
    });
    named.collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place on a plot, between 0 and 320"
)]
fn bin(seconds: u64) -> u32 {
    ((seconds as f64 + 1.0).log10() * 16.0) as u32
}

/// Executions by day of the week and hour of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hours {
    /// The time zone of the policy in force.
    pub zone: String,
    /// Monday first; 24 numbers each.
    pub counts: Vec<Vec<u64>>,
}

/// When the executions of the period were claimed, in this time zone; in UTC where there is no such zone.
pub fn hours(period: Period, accounts: &[Account], name: &str) -> Hours {
    let (name, zone) = zone(name).map_or(("UTC", jiff::tz::TimeZone::UTC), |zone| (name, zone));
    let mut counts = vec![vec![0; 24]; 7];
    for at in executions(period, accounts).filter_map(|account| moment(account.ended.as_deref()?)) {
        let local = at.instant().to_zoned(zone.clone());
        let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
        let hour = usize::try_from(local.hour()).unwrap_or(0);
        if let Some(count) = counts.get_mut(day).and_then(|day| day.get_mut(hour)) {
            *count += 1;
        }
    }
    Hours { zone: name.to_owned(), counts }
}
