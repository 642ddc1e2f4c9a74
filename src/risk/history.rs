//! What has landed on `main` about commands like this one, and about who asks.

use crate::domain::id::RequestId;
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::risk::kind::likeness;

/// How far back a requester's own habits are looked at, in seconds.
pub const HABITS: u64 = 90 * 86_400;

/// A request that ended, as history knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Which.
    pub id: RequestId,
    /// The height of the step that ended it.
    pub height: u64,
    /// Who asked.
    pub requester: Name,
    /// The fingerprint of the key that signed the request.
    pub key: String,
    /// When, by the requester's clock.
    pub created: Timestamp,
    /// When it ended, by the clock of whoever ended it: a denial's `decided`, a claim's `claimed`, else the outcome's `recorded`.
    pub ended: Timestamp,
    /// Its kinds of commands.
    pub kinds: Vec<String>,
    /// Its command line, bounded; any bytes an attacker likes.
    pub text: String,
    /// The environments it went to.
    pub environments: Vec<String>,
    /// What became of it, as known at the height it is looked at.
    pub end: End,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It ran.
    Executed {
        /// Whether it ended with status 0.
        ok: bool,
    },
    /// Claimed, and then not run.
    NotRun,
    /// Claimed; what happened is not known, or not yet.
    Unknown,
    /// A reviewer said no.
    Denied,
    /// Nobody claimed it in time.
    Expired,
    /// Its requester took it back.
    Withdrawn,
    /// Policy refused it.
    Refused,
}

impl End {
    /// The word people and programs see.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Executed { ok: true } => "executed",
            Self::Executed { ok: false } => "failed",
            Self::NotRun => "not-run",
            Self::Unknown => "unknown",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Refused => "refused",
        }
    }

    /// Whether it ran, whatever came of it.
    pub fn ran(self) -> bool {
        matches!(self, Self::Executed { .. })
    }
}

impl Past {
    /// When it was over: nothing ends before it was asked for, whatever a clock says.
    pub fn over(&self) -> Timestamp {
        self.ended.max(self.created)
    }

    /// Whether the subject was asked for within [`AT_ONCE`] of it or of its end.
    ///
    /// Where the clock of who ended it was ahead, `main` tells that the end came first.
    fn just_before(&self, subject: &Subject) -> bool {
        let over = self.over();
        let after = if subject.created < over {
            self.height <= subject.base && subject.created.since(self.created) <= REPHRASED
        } else {
            subject.created.since(over) <= AT_ONCE
        };
        after || subject.created.since(self.created) <= AT_ONCE
    }
}

/// What history is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Who asks.
    pub requester: Name,
    /// The fingerprint of the key that signed the request.
    pub key: String,
    /// When, by the requester's clock.
    pub created: Timestamp,
    /// The height of the step of `main` it was made on: what had landed there came before it.
    pub base: u64,
    /// The kinds of its commands.
    pub kinds: Vec<String>,
    /// Its command line.
    pub text: String,
    /// The environments it goes to.
    pub environments: Vec<String>,
}

/// What is known up to one step of `main`, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Requests, by anyone, of which one kind is one of the subject's.
    pub alike: Vec<Past>,
    /// The subject's requester's own, of the last [`HABITS`].
    pub own: Vec<Past>,
    /// Whether the key of the subject ever signed a request that landed.
    pub key_known: bool,
}

/// The most requests of a kind that are looked at; the newest.
pub const ALIKE: usize = 256;
/// The most requests of a requester that are looked at; the newest.
pub const OWN: usize = 4_096;

/// How long after a request was denied one that says the same in other words is shown beside it.
const REPHRASED: u64 = 7 * 86_400;
/// How soon after that any other of its requester is shown beside it: what says the same with no word in common.
const AT_ONCE: u64 = 15 * 60;
/// From this likeness on, texts say the same in other words.
const REWORDED: u8 = 60;

/// How a request follows a denied one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It says the same, perhaps in other words.
    Alike,
    /// It was made soon after the denial.
    Soon,
}

impl History {
    /// With newer requests on top, newest first, within the same bounds: as an index that held them all would answer.
    #[must_use]
    pub fn topped(self, newer: &[Past], subject: &Subject) -> Self {
        let shares = |past: &&Past| past.kinds.iter().any(|kind| subject.kinds.contains(kind));
        let alike: Vec<Past> = newer.iter().filter(shares).cloned().chain(self.alike).collect();
        let mut left: Vec<(&String, usize)> = subject.kinds.iter().map(|kind| (kind, ALIKE)).collect();
        let mut kept = Vec::with_capacity(alike.len());
        for past in alike {
            let mut within = false;
            for (kind, left) in &mut left {
                if past.kinds.contains(kind) && *left > 0 {
                    *left -= 1;
                    within = true;
                }
            }
            if within {
                kept.push(past);
            }
        }
        let since = subject.created.unix().saturating_sub_unsigned(HABITS);
        let theirs = |past: &&Past| past.requester == subject.requester && past.created.unix() >= since;
        let own = newer.iter().filter(theirs).cloned().chain(self.own).take(OWN).collect();
        let key_known = self.key_known || newer.iter().any(|past| past.key == subject.key);
        Self { alike: kept, own, key_known }
    }

    /// Runs of this kind, newest first.
    pub fn runs_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Past> {
        self.alike.iter().filter(move |past| past.end.ran() && past.kinds.iter().any(|known| known == kind))
    }

    /// The newest run of all kinds that the subject has: what a reviewer compares it with.
    pub fn last_run(&self, subject: &Subject) -> Option<&Past> {
        self.alike.iter().find(|past| past.end.ran() && past.kinds == subject.kinds)
    }

    /// The newest denied request of the same requester that this one repeats, perhaps in other words; else the newest whose denial it follows at once.
    pub fn denied_before(&self, subject: &Subject) -> Option<(&Past, Again)> {
        let before = |past: &&Past| past.created <= subject.created || past.height <= subject.base;
        let denied = || self.own.iter().filter(|past| past.end == End::Denied).filter(before);
        let lately = |past: &&Past| subject.created.since(past.over()) <= REPHRASED;
        let alike = |past: &&Past| lately(past) && likeness(&past.text, &subject.text) >= REWORDED;
        let soon = || denied().find(|past| past.just_before(subject)).map(|past| (past, Again::Soon));
        denied().find(alike).map(|past| (past, Again::Alike)).or_else(soon)
    }

    /// Requests of a shared kind that ended so within the last seven days, by anyone.
    pub fn lately<'a>(&'a self, subject: &'a Subject, end: End) -> impl Iterator<Item = &'a Past> {
        self.alike.iter().filter(move |past| past.end == end && subject.created.since(past.created) <= REPHRASED)
    }
}
