//! What an account keeps of single records: whose they are, and what an outcome told.

use serde::{Deserialize, Serialize};

use crate::domain::outcome::{Ending, Outcome};
use crate::gate::account::line;
use crate::trust::verify::Verified;

/// Which record, and whose signature it bears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// SHA-256 of the record.
    pub record: String,
    /// The fingerprint of the key that signed it.
    pub key: String,
}

impl Signed {
    /// What a verified record is.
    pub fn of<T>(record: &Verified<T>) -> Self {
        Self { record: record.digest().to_string(), key: record.key().fingerprint() }
    }
}

/// The signed outcome of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// `executed`, `not-run` or `unknown`.
    pub word: String,
    /// The exit status as a shell gives it: 128 and the number for a signal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
    /// When the command was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// How long it ran, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// When it was signed.
    pub recorded: String,
    /// Who signed it.
    pub author: String,
    /// Why it did not run, or why nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// SHA-256 of the record.
    pub record: String,
    /// The fingerprint of the key that signed it.
    pub key: String,
    /// The step of `main` that told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What an admin had said before, until the key of the claim knew better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Told>>,
}

impl Told {
    /// Whether an admin had closed it as unknown before.
    pub fn is_late(&self) -> bool {
        self.before.is_some()
    }

    /// What a verified outcome tells.
    pub fn of(verified: &Verified<Outcome>) -> Self {
        let outcome = verified.value();
        let Signed { record, key } = Signed::of(verified);
        let (status, started, duration_ms, reason) = match &outcome.ending {
            Ending::Executed(run) => {
                (Some(run.end.status()), Some(run.started.to_string()), Some(run.duration_ms), None)
            }
            Ending::NotRun { reason }
            | Ending::Unknown { reason }
            | Ending::Withdrawn { reason }
            | Ending::Refused { reason } => (None, None, None, Some(line(reason))),
            Ending::Expired => (None, None, None, None),
        };
        Self {
            word: outcome.ending.as_str().to_owned(),
            status,
            started,
            duration_ms,
            recorded: outcome.recorded.to_string(),
            author: outcome.author.to_string(),
            reason: reason.filter(|reason| !reason.is_empty()),
            record,
            key,
            commit: None,
            before: None,
        }
    }
}
