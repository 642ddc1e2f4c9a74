//! Numbers for the report: pure functions over accounts and a period, with nothing taken from the gate but its words.

mod breakdown;
mod duties;
mod population;
mod reviewers;
mod series;
#[cfg(test)]
pub(crate) mod tests;

use serde::Serialize;

use crate::commands::audit::period::Period;
use crate::domain::time::Timestamp;
use crate::gate::account::{Account, Voice};

pub use breakdown::{Group, KeyUse, Told, by_environment, by_policy, keys, not_counted};
pub use duties::{Attempt, Breach, Duties, duties};
pub use population::{Endings, Population, population};
pub use reviewers::{HASTY, RUN_GAP, RUN_LEAST, Reviewer, Run, reviewers};
pub use series::{Bucket, Flow, Hours, Pace, PaceBin, Quorum, QuorumBin, flow, hours, paces, quorum};

/// Whole seconds of many things: the middle one, the one nine of ten do not exceed (nearest rank both), and the extremes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// The least.
    pub least: u64,
    /// Half of them take no longer.
    pub median: u64,
    /// Nine of ten take no longer.
    pub p90: u64,
    /// The most.
    pub most: u64,
}

impl Spread {
    /// Of these seconds; none of nothing.
    pub fn of(mut seconds: Vec<u64>) -> Option<Self> {
        seconds.sort_unstable();
        let rank = |tenths: usize| seconds.get((seconds.len() * tenths).div_ceil(10).saturating_sub(1)).copied();
        Some(Self { least: *seconds.first()?, median: rank(5)?, p90: rank(9)?, most: *seconds.last()? })
    }
}

/// A time of an account.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// When it was made; where the clock of who ended it says earlier, then: nothing ends before it begins.
fn begun(account: &Account) -> Option<Timestamp> {
    let made = moment(&account.created);
    match account.ended.as_deref().and_then(moment) {
        Some(ended) => Some(made.map_or(ended, |made| made.min(ended))),
        None => made,
    }
}

/// Whether it ended in the period.
pub fn ended_in(period: Period, account: &Account) -> bool {
    account.ended.as_deref().and_then(moment).is_some_and(|ended| period.holds(ended))
}

/// Whether it was open, made or ended in the period: all that the report speaks of.
pub fn concerns(period: Period, account: &Account) -> bool {
    let before_the_end = begun(account).is_none_or(|begun| period.to.is_none_or(|to| begun < to));
    let ended = account.ended.as_deref().and_then(moment);
    before_the_end && ended.is_none_or(|ended| period.from.is_none_or(|from| from <= ended))
}

/// Requests whose approval was spent in the period.
pub fn executions(period: Period, accounts: &[Account]) -> impl Iterator<Item = &Account> {
    accounts.iter().filter(move |account| account.is_claimed() && ended_in(period, account))
}

/// Decisions made in the period, each with its request.
pub fn voices(period: Period, accounts: &[Account]) -> impl Iterator<Item = (&Account, &Voice)> {
    let all = accounts.iter().flat_map(|account| account.decisions.iter().map(move |voice| (account, voice)));
    all.filter(move |(_, voice)| moment(&voice.decided).is_some_and(|decided| period.holds(decided)))
}

/// From the request to the decision, 0 where the clocks disagree.
pub fn waited(account: &Account, voice: &Voice) -> u64 {
    match (moment(&voice.decided), moment(&account.created)) {
        (Some(decided), Some(created)) => decided.since(created),
        _ => 0,
    }
}

pub(super) fn approves(voice: &Voice) -> bool {
    voice.verdict == "approve"
}
