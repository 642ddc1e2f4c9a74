//! The same requests by environment, by policy and by key, and approvals by why they did not count.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::commands::audit::period::Period;
use crate::commands::audit::stats::{Endings, approves, ended_in, moment, voices};
use crate::gate::account::Account;

/// Requests that ended in the period and have something in common; a request with several of these counts in each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// What; absent: those that have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How they ended.
    pub ended: Endings,
}

/// By recognised environment.
pub fn by_environment(period: Period, accounts: &[Account]) -> Vec<Group> {
    groups(period, accounts, |account| &account.environments)
}

/// By governing policy.
pub fn by_policy(period: Period, accounts: &[Account]) -> Vec<Group> {
    groups(period, accounts, |account| &account.policies)
}

fn groups(period: Period, accounts: &[Account], names: impl Fn(&Account) -> &Vec<String>) -> Vec<Group> {
    let mut found: BTreeMap<Option<&str>, Endings> = BTreeMap::new();
    for account in accounts.iter().filter(|account| ended_in(period, account)) {
        for name in names(account) {
            found.entry(Some(name)).or_default().add(&account.state);
        }
        if names(account).is_empty() {
            found.entry(None).or_default().add(&account.state);
        }
    }
    let mut groups: Vec<Group> =
        found.into_iter().map(|(name, ended)| Group { name: name.map(str::to_owned), ended }).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.ended.total()));
    groups
}

/// Why approvals did not count, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// In the gate's words.
    pub why: String,
    /// How often.
    pub count: u64,
    /// By whom.
    pub reviewers: Vec<String>,
}

/// Approvals and denials of the period that did not count, by why, the most frequent first.
pub fn not_counted(period: Period, accounts: &[Account]) -> Vec<Told> {
    let mut found: BTreeMap<&str, (u64, BTreeSet<&str>)> = BTreeMap::new();
    for (_, voice) in voices(period, accounts).filter(|(_, voice)| !voice.counts) {
        let (count, reviewers) = found.entry(voice.why_not.as_deref().unwrap_or("no reason is told")).or_default();
        *count += 1;
        reviewers.insert(&voice.reviewer);
    }
    let told = |(why, (count, reviewers)): (&str, (u64, BTreeSet<&str>))| Told {
        why: why.to_owned(),
        count,
        reviewers: reviewers.into_iter().map(str::to_owned).collect(),
    };
    let mut list: Vec<Told> = found.into_iter().map(told).collect();
    list.sort_by_key(|told| std::cmp::Reverse(told.count));
    list
}

/// A key and what it signed in the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyUse {
    /// Its fingerprint.
    pub key: String,
    /// Whose it is; more than one would be wrong.
    pub principals: Vec<String>,
    /// Requests.
    pub requests: u64,
    /// Approvals.
    pub approvals: u64,
    /// Denials.
    pub denials: u64,
}

/// Keys that signed requests made, or decisions taken, in the period.
pub fn keys(period: Period, accounts: &[Account]) -> Vec<KeyUse> {
    let mut found: BTreeMap<&str, (BTreeSet<&str>, [u64; 3])> = BTreeMap::new();
    let made = |account: &&Account| moment(&account.created).is_some_and(|made| period.holds(made));
    for account in accounts.iter().filter(made) {
        let (names, [requests, ..]) = found.entry(&account.key).or_default();
        names.insert(&account.requester);
        *requests += 1;
    }
    for (_, voice) in voices(period, accounts) {
        let (names, [_, approvals, denials]) = found.entry(&voice.key).or_default();
        names.insert(&voice.reviewer);
        *(if approves(voice) { approvals } else { denials }) += 1;
    }
    let mut uses: Vec<KeyUse> = found
        .into_iter()
        .map(|(key, (names, [requests, approvals, denials]))| KeyUse {
            key: key.to_owned(),
            principals: names.into_iter().map(str::to_owned).collect(),
            requests,
            approvals,
            denials,
        })
        .collect();
    uses.sort_by(|a, b| (&a.principals, &a.key).cmp(&(&b.principals, &b.key)));
    uses
}
