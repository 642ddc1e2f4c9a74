//! How reviewers review: times, comments, and approvals given faster than anyone reads.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::commands::audit::period::Period;
use crate::commands::audit::stats::{Spread, approves, moment, voices, waited};
use crate::gate::account::{Account, Voice};

/// A rubber-stamp run has at least so many approvals,
pub const RUN_LEAST: usize = 5;
/// each decided at most so many seconds after the one before.
pub const RUN_GAP: u64 = 10;
/// Review of fewer seconds than this is hasty.
pub const HASTY: u64 = 3;

/// One reviewer over a period. Times are the reviewers' own statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reviewer {
    /// Who.
    pub reviewer: String,
    /// Roles held where it was judged.
    pub roles: Vec<String>,
    /// How often they approved.
    pub approvals: u64,
    /// How often they denied.
    pub denials: u64,
    /// How many of their approvals and denials did not count.
    pub did_not_count: u64,
    /// Approvals without a comment.
    pub without_comment: u64,
    /// Approvals after less than [`HASTY`] seconds of review.
    pub hasty: u64,
    /// Seconds from seeing the card to deciding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_seconds: Option<Spread>,
    /// Seconds from the request to the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_seconds: Option<Spread>,
    /// Rubber-stamp runs, the longest first.
    pub runs: Vec<Run>,
}

/// A maximal series of approvals by one reviewer, ordered by when they were decided: at least [`RUN_LEAST`] of them,
/// each at most [`RUN_GAP`] seconds after the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Who.
    pub reviewer: String,
    /// How many.
    pub approvals: u64,
    /// From the first to the last, in seconds.
    pub seconds: u64,
    /// When the first was decided.
    pub from: String,
    /// When the last was.
    pub to: String,
    /// The request approved first.
    pub first: String,
    /// The one approved last.
    pub last: String,
}

impl Run {
    /// `15 approvals in 8 s`.
    pub fn words(&self) -> String {
        format!("{} approvals in {} s", self.approvals, self.seconds)
    }
}

/// Every reviewer who decided in the period, the busiest first.
pub fn reviewers(period: Period, accounts: &[Account]) -> Vec<Reviewer> {
    let mut by_name: BTreeMap<&str, Vec<(&Account, &Voice)>> = BTreeMap::new();
    for (account, voice) in voices(period, accounts) {
        by_name.entry(&voice.reviewer).or_default().push((account, voice));
    }
    let mut found: Vec<Reviewer> = by_name.into_iter().map(|(name, decisions)| reviewer(name, &decisions)).collect();
    found.sort_by(|a, b| (b.approvals + b.denials, &a.reviewer).cmp(&(a.approvals + a.denials, &b.reviewer)));
    found
}

fn reviewer(name: &str, decisions: &[(&Account, &Voice)]) -> Reviewer {
    let count = |which: &dyn Fn(&Voice) -> bool| decisions.iter().filter(|(_, voice)| which(voice)).count() as u64;
    let mut roles: Vec<String> = decisions.iter().filter_map(|(_, voice)| voice.role.clone()).collect();
    roles.sort();
    roles.dedup();
    let approvals: Vec<_> = decisions.iter().copied().filter(|(_, voice)| approves(voice)).collect();
    Reviewer {
        reviewer: name.to_owned(),
        roles,
        approvals: approvals.len() as u64,
        denials: count(&|voice| !approves(voice)),
        did_not_count: count(&|voice| !voice.counts),
        without_comment: count(&|voice| approves(voice) && voice.comment.trim().is_empty()),
        hasty: count(&|voice| approves(voice) && voice.seconds < HASTY),
        review_seconds: Spread::of(decisions.iter().map(|(_, voice)| voice.seconds).collect()),
        waited_seconds: Spread::of(decisions.iter().map(|(account, voice)| waited(account, voice)).collect()),
        runs: runs(name, approvals),
    }
}

/// Rubber-stamp runs among one reviewer's approvals.
fn runs(name: &str, approvals: Vec<(&Account, &Voice)>) -> Vec<Run> {
    let mut timed: Vec<_> = approvals
        .into_iter()
        .filter_map(|(account, voice)| Some((moment(&voice.decided)?, account.id.as_str())))
        .collect();
    timed.sort_unstable();
    let mut found = Vec::new();
    for series in timed.chunk_by(|(before, _), (after, _)| after.since(*before) <= RUN_GAP) {
        let (Some((from, first)), Some((to, last))) = (series.first(), series.last()) else { continue };
        if series.len() >= RUN_LEAST {
            found.push(Run {
                reviewer: name.to_owned(),
                approvals: series.len() as u64,
                seconds: to.since(*from),
                from: from.to_string(),
                to: to.to_string(),
                first: (*first).to_owned(),
                last: (*last).to_owned(),
            });
        }
    }
    found.sort_by(|a, b| (b.approvals, &a.from).cmp(&(a.approvals, &b.from)));
    found
}
