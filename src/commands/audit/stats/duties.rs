//! Separation of duties, counted anew: names and keys of who asked and of who was counted, compared one by one.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::commands::audit::period::Period;
use crate::commands::audit::stats::{approves, executions, voices};
use crate::gate::account::{Account, Voice};

/// Who asked beside who approved, over all executions of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Duties {
    /// Requests whose approval was spent in the period.
    pub executions: u64,
    /// Of these, those that policy lets run without anyone's approval.
    pub needed_nobody: u64,
    /// Of these, those that somebody approved.
    pub approved: u64,
    /// Where who asked is among who was counted, or nobody approved what somebody had to: must be empty.
    pub breaches: Vec<Breach>,
    /// Approved by somebody who operates the requester, among others.
    pub operator_among: Vec<String>,
    /// Approved by nobody but those who operate the requester: solo use.
    pub operators_alone: Vec<String>,
    /// Requesters who tried to approve their own request; none of these counted.
    pub attempts: Vec<Attempt>,
}

/// An execution that breaks the separation of duties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// The request.
    pub id: String,
    /// `own-name`, `own-key`, `shared-key` or `nobody`.
    pub kind: &'static str,
    /// In words.
    pub what: String,
}

/// An approval of one's own request, which did not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The request.
    pub id: String,
    /// Who.
    pub reviewer: String,
    /// When they decided.
    pub decided: String,
}

fn counted(account: &Account) -> impl Iterator<Item = &Voice> {
    account.decisions.iter().filter(|voice| voice.counts && approves(voice))
}

/// By name, or by key.
fn is_own(account: &Account, voice: &Voice) -> bool {
    voice.reviewer == account.requester || voice.key == account.key
}

/// Counts anew over every execution of the period.
pub fn duties(period: Period, accounts: &[Account]) -> Duties {
    let mut duties = Duties::default();
    for account in executions(period, accounts) {
        duties.executions += 1;
        if counted(account).next().is_some() {
            duties.approved += 1;
        }
        duties.breaches.extend(breaches(account));
        if account.unattended {
            duties.needed_nobody += 1;
            continue;
        }
        let operates = |voice: &Voice| account.operators.contains(&voice.reviewer);
        let operators = counted(account).filter(|voice| operates(voice)).count();
        if operators > 0 {
            let all = counted(account).all(operates);
            let list = if all { &mut duties.operators_alone } else { &mut duties.operator_among };
            list.push(account.id.clone());
        }
    }
    duties.attempts = voices(period, accounts)
        .filter(|(account, voice)| approves(voice) && !voice.counts && is_own(account, voice))
        .map(|(account, voice)| Attempt {
            id: account.id.clone(),
            reviewer: voice.reviewer.clone(),
            decided: voice.decided.clone(),
        })
        .collect();
    duties
}

fn breaches(account: &Account) -> Vec<Breach> {
    let breach = |kind, what| Breach { id: account.id.clone(), kind, what };
    let mut found = Vec::new();
    let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
    for voice in counted(account) {
        if voice.reviewer == account.requester {
            found.push(breach("own-name", format!("{} asked for it and was counted as approving it", voice.reviewer)));
        } else if voice.key == account.key {
            let (asks, counts) = (&account.requester, &voice.reviewer);
            let what = format!("the key that signed the request for {asks} was counted as {counts}'s approval");
            found.push(breach("own-key", what));
        }
        let first = *keys.entry(&voice.key).or_insert(&voice.reviewer);
        if first != voice.reviewer {
            found.push(breach("shared-key", format!("one key was counted for {first} and for {}", voice.reviewer)));
        }
    }
    if !account.unattended && counted(account).next().is_none() {
        found.push(breach("nobody", "policy asks for approval, and none was counted".to_owned()));
    }
    found
}
