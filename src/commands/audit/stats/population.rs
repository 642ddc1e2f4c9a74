//! Roll-forward: what was open, plus what was made, less what ended, is what is open.

use serde::Serialize;

use crate::commands::audit::period::Period;
use crate::commands::audit::stats::{begun, ended_in, moment};
use crate::gate::account::Account;

/// How many requests ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Endings {
    /// It ran.
    pub executed: u64,
    /// Spent, and nobody has told what came of it.
    pub claimed: u64,
    /// Spent, and it did not run.
    pub not_run: u64,
    /// Spent, and nobody can say whether it ran.
    pub unknown: u64,
    /// A reviewer said no.
    pub denied: u64,
    /// Nobody claimed it in time.
    pub expired: u64,
    /// Its requester took it back.
    pub withdrawn: u64,
    /// Policy refused it.
    pub refused: u64,
}

impl Endings {
    /// One more of this state; a state of open requests is none.
    pub fn add(&mut self, state: &str) {
        match state {
            "executed" => self.executed += 1,
            "claimed" => self.claimed += 1,
            "not-run" => self.not_run += 1,
            "unknown" => self.unknown += 1,
            "denied" => self.denied += 1,
            "expired" => self.expired += 1,
            "withdrawn" => self.withdrawn += 1,
            "refused" => self.refused += 1,
            _ => {}
        }
    }

    /// Word and number, in the order in which they are shown.
    pub fn listed(&self) -> [(&'static str, u64); 8] {
        [
            ("executed", self.executed),
            ("claimed", self.claimed),
            ("not-run", self.not_run),
            ("unknown", self.unknown),
            ("denied", self.denied),
            ("expired", self.expired),
            ("withdrawn", self.withdrawn),
            ("refused", self.refused),
        ]
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.listed().iter().map(|(_, count)| count).sum()
    }

    /// Those whose approval was spent.
    pub fn spent(&self) -> u64 {
        self.executed + self.claimed + self.not_run + self.unknown
    }
}

/// The population of a period; each number is counted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Population {
    /// Made before the period, and not ended before it.
    pub open_at_start: u64,
    /// Made in it.
    pub made: u64,
    /// Ended in it, by ending.
    pub ended: Endings,
    /// Made before its end, and not ended before that.
    pub open_at_end: u64,
    /// Whether start and made, less ended, are the end.
    pub adds_up: bool,
}

/// Counts the population of a period.
pub fn population(period: Period, accounts: &[Account]) -> Population {
    let (mut open_at_start, mut made, mut open_at_end) = (0, 0, 0);
    let mut ended = Endings::default();
    let mut all_ended = 0;
    for account in accounts {
        let (begun, end) = (begun(account), account.ended.as_deref().and_then(moment));
        // What cannot be placed in time was there from the start.
        let before = |edge| begun.is_none_or(|begun| begun < edge);
        let open_at = |edge| before(edge) && end.is_none_or(|end| end >= edge);
        if period.from.map_or(begun.is_none(), open_at) {
            open_at_start += 1;
        }
        if begun.is_some_and(|begun| period.holds(begun)) {
            made += 1;
        }
        if ended_in(period, account) {
            ended.add(&account.state);
            all_ended += 1;
        }
        if period.to.map_or(end.is_none(), open_at) {
            open_at_end += 1;
        }
    }
    let adds_up = open_at_start + made == all_ended + open_at_end && ended.total() == all_ended;
    Population { open_at_start, made, ended, open_at_end, adds_up }
}
