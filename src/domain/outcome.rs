//! The signed record of what happened.

use crate::domain::command::Pin;
use crate::domain::id::Digest;
use crate::domain::principal::Name;
use crate::domain::request::Place;
use crate::domain::time::Timestamp;

/// `outcome.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where its author stood.
    pub place: Place,
    /// SHA-256 of the request's bytes.
    pub request: Digest,
    /// Records it was made on, sorted.
    pub seen: Vec<Digest>,
    /// Who writes it.
    pub author: Name,
    /// By the author's clock.
    pub recorded: Timestamp,
    /// What happened.
    pub ending: Ending,
}

/// How a request ended, where no denial and no open claim says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The child ran.
    Executed(Execution),
    /// Claimed, but something had changed: the approval is spent, nothing ran.
    NotRun {
        /// Why.
        reason: String,
    },
    /// Claimed, and nobody knows: the machine stopped in between.
    Unknown {
        /// What is known.
        reason: String,
    },
    /// Nobody claimed it in time.
    Expired,
    /// The requester took it back.
    Withdrawn {
        /// Why.
        reason: String,
    },
    /// Policy, or the absence of one, refused it.
    Refused {
        /// Which, in words.
        reason: String,
    },
}

/// A run, in the words of the machine that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Exit status or signal.
    pub end: End,
    /// When the child started.
    pub started: Timestamp,
    /// In milliseconds.
    pub duration_ms: u64,
    /// How the program's bytes were held.
    pub pin: Pin,
}

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It exited with this status, 0 to 255.
    Exit(u8),
    /// This signal ended it.
    Signal(u8),
}

impl End {
    /// The status a shell would show: the exit status, or 128 and the signal's number.
    pub fn status(self) -> u8 {
        match self {
            Self::Exit(code) => code,
            Self::Signal(number) => number.saturating_add(128),
        }
    }
}

impl Ending {
    /// The word in records.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Executed(_) => "executed",
            Self::NotRun { .. } => "not-run",
            Self::Unknown { .. } => "unknown",
            Self::Expired => "expired",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Refused { .. } => "refused",
        }
    }

    /// Whether it is written after a claim.
    pub fn follows_claim(&self) -> bool {
        match self {
            Self::Executed(_) | Self::NotRun { .. } | Self::Unknown { .. } => true,
            Self::Expired | Self::Withdrawn { .. } | Self::Refused { .. } => false,
        }
    }
}
