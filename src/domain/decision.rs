//! A reviewer's signed word on one request.

use std::collections::BTreeMap;

use crate::domain::id::Digest;
use crate::domain::principal::Name;
use crate::domain::request::Place;
use crate::domain::time::Timestamp;

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may run, as far as this reviewer goes.
    Approve,
    /// It must not run; final, whoever approved before.
    Deny,
}

impl Verdict {
    /// The word in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
        }
    }
}

/// `decisions/<reviewer>.<12 hex of its SHA-256>.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Where its author stood.
    pub place: Place,
    /// SHA-256 of the request's bytes.
    pub request: Digest,
    /// Records it was made on, sorted; each stands before it.
    pub seen: Vec<Digest>,
    /// Who decides; equal to the name in its path.
    pub reviewer: Name,
    /// Yes or no.
    pub verdict: Verdict,
    /// The reviewer's words; empty where none.
    pub comment: String,
    /// Answers by seat.
    pub answers: BTreeMap<Name, String>,
    /// What to ask for instead; denials only.
    pub suggest: Option<String>,
    /// SHA-256 of the card it was made on.
    pub card: Digest,
    /// When this machine first showed the card, by its own clock.
    pub shown: Timestamp,
    /// When the reviewer decided, by the same clock.
    pub decided: Timestamp,
}

impl Decision {
    /// Seconds between showing and deciding, as the reviewer's machine states them.
    pub fn review_seconds(&self) -> u64 {
        self.decided.since(self.shown)
    }
}
