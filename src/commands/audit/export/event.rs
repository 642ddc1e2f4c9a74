//! What happened, one event at a time: everything that landed on `main`, in its order.

use serde::Serialize;

use crate::commands::audit::versions::Step;
use crate::gate::account::{Account, Signed, Told, Voice};

/// One signed record that landed, or the ending of a request.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// About a request.
    Request(&'a Account, What<'a>, At<'a>),
    /// A policy version came into force.
    Policy(&'a Step),
}

/// What happened to a request.
#[derive(Debug, Clone, Copy)]
pub enum What<'a> {
    /// It was made.
    Made,
    /// A reviewer signed a decision.
    Decided(&'a Voice),
    /// It was claimed, denied, withdrawn, refused, or expired.
    Ended,
    /// The outcome of its claim was told.
    Told(&'a Told),
}

/// The step of `main` that brought it.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// Its commit.
    pub commit: &'a str,
    /// How many steps stand below it.
    pub height: u64,
}

impl<'a> Event<'a> {
    /// `request.made`, `request.decided`, `request.claimed`, `request.denied`, `request.expired`, `request.withdrawn`,
    /// `request.refused`, `request.outcome`, `policy.version`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Policy(_) => "policy.version",
            Self::Request(_, What::Made, _) => "request.made",
            Self::Request(_, What::Decided(_), _) => "request.decided",
            Self::Request(_, What::Told(_), _) => "request.outcome",
            Self::Request(account, What::Ended, _) => match account.state.as_str() {
                "denied" => "request.denied",
                "expired" => "request.expired",
                "withdrawn" => "request.withdrawn",
                "refused" => "request.refused",
                _ => "request.claimed",
            },
        }
    }

    /// The same in every export: what tells an event that was read before.
    pub fn uid(&self) -> String {
        format!("{}:{}", self.name(), self.record())
    }

    /// When, by the clock of whoever signed it; of a policy version the date of its commit.
    pub fn time(&self) -> &'a str {
        match *self {
            Self::Policy(step) => &step.time,
            Self::Request(account, What::Made, _) => &account.created,
            Self::Request(_, What::Decided(voice), _) => &voice.decided,
            Self::Request(account, What::Ended, _) => account.ended.as_deref().unwrap_or(&account.created),
            Self::Request(_, What::Told(told), _) => &told.recorded,
        }
    }

    /// The step that brought it.
    pub fn at(&self) -> At<'a> {
        match *self {
            Self::Policy(step) => At { commit: &step.commit, height: step.height },
            Self::Request(_, _, at) => at,
        }
    }

    /// SHA-256 of the signed record; of the denial, where it denied a request.
    pub fn record(&self) -> &'a str {
        match *self {
            Self::Policy(step) => &step.root,
            Self::Request(account, What::Made, _) => &account.record,
            Self::Request(_, What::Decided(voice), _) => &voice.record,
            Self::Request(account, What::Ended, _) => ending(account).map_or(&account.record, |signed| &signed.record),
            Self::Request(_, What::Told(told), _) => &told.record,
        }
    }

    /// The fingerprint of the key that signed it; several for a policy version.
    pub fn keys(&self) -> Vec<&'a str> {
        match *self {
            Self::Policy(step) => step.signed.iter().map(|(_, key)| key.as_str()).collect(),
            Self::Request(account, What::Made, _) => vec![&account.key],
            Self::Request(_, What::Decided(voice), _) => vec![&voice.key],
            Self::Request(account, What::Ended, _) => {
                vec![ending(account).map_or(&account.key, |signed| &signed.key)]
            }
            Self::Request(_, What::Told(told), _) => vec![&told.key],
        }
    }

    /// Who did it; several for a policy version.
    pub fn actors(&self) -> Vec<&'a str> {
        match *self {
            Self::Policy(step) => step.signed.iter().map(|(who, _)| who.as_str()).collect(),
            Self::Request(account, What::Made, _) => vec![&account.requester],
            Self::Request(_, What::Decided(voice), _) => vec![&voice.reviewer],
            Self::Request(account, What::Ended, _) => vec![account.ended_by.as_deref().unwrap_or(&account.requester)],
            Self::Request(_, What::Told(told), _) => vec![&told.author],
        }
    }

    /// The request it is about.
    pub fn account(&self) -> Option<&'a Account> {
        match *self {
            Self::Policy(_) => None,
            Self::Request(account, ..) => Some(account),
        }
    }
}

fn ending(account: &Account) -> Option<&Signed> {
    account.ending.as_ref()
}

/// A line of the feed: what every event has, then what its kind adds.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    uid: String,
    time: &'a str,
    commit: &'a str,
    height: u64,
    record: &'a str,
    keys: Vec<&'a str>,
    actors: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requester: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a str>,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Made {
        requester_kind: &'a str,
        operators: &'a [String],
        runner: &'a str,
        host: &'a str,
        cwd: &'a str,
        program: &'a str,
        reason: &'a str,
        expires: &'a str,
        environments: &'a [String],
        opaque: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_of: Option<&'a str>,
    },
    Decided(&'a Voice),
    Ended {
        policies: &'a [String],
        policy_version: u32,
        unattended: bool,
        approved_by: Vec<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    },
    Told {
        outcome: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u8>,
        #[serde(skip_serializing_if = "Option::is_none")]
        started: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        duration_ms: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    },
    Policy {
        policy_version: u32,
        fingerprint: &'a str,
        admins: &'a [String],
        threshold: u32,
        weaker: &'a [String],
        changes: &'a [String],
    },
}

/// One JSON object, without the line's end.
pub fn line(event: &Event<'_>) -> Vec<u8> {
    let body = match *event {
        Event::Policy(step) => Body::Policy {
            policy_version: step.number,
            fingerprint: &step.fingerprint,
            admins: &step.admins,
            threshold: step.threshold,
            weaker: &step.weaker,
            changes: &step.changes,
        },
        Event::Request(account, What::Made, _) => Body::Made {
            requester_kind: &account.requester_kind,
            operators: &account.operators,
            runner: &account.runner,
            host: &account.host,
            cwd: &account.cwd,
            program: &account.program,
            reason: &account.reason,
            expires: &account.expires,
            environments: &account.environments,
            opaque: account.opaque,
            retry_of: account.retry_of.as_deref(),
        },
        Event::Request(_, What::Decided(voice), _) => Body::Decided(voice),
        Event::Request(account, What::Ended, _) => Body::Ended {
            policies: &account.policies,
            policy_version: account.version,
            unattended: account.unattended,
            approved_by: account.approvers().map(|voice| voice.reviewer.as_str()).collect(),
            // What a claim's outcome says comes with that.
            reason: account.outcome.as_ref().filter(|_| !account.is_claimed()).and_then(|told| told.reason.as_deref()),
        },
        Event::Request(_, What::Told(told), _) => Body::Told {
            outcome: &told.word,
            status: told.status,
            started: told.started.as_deref(),
            duration_ms: told.duration_ms,
            reason: told.reason.as_deref(),
        },
    };
    let At { commit, height } = event.at();
    let account = event.account();
    let line = Line {
        event: event.name(),
        uid: event.uid(),
        time: event.time(),
        commit,
        height,
        record: event.record(),
        keys: event.keys(),
        actors: event.actors(),
        request: account.map(|account| account.id.as_str()),
        requester: account.map(|account| account.requester.as_str()),
        command: account.map(|account| account.command.as_str()),
        body,
    };
    serde_json::to_vec(&line).unwrap_or_default()
}
