//! Why a verb ends without doing what was asked, and what to do about it.

use crate::gate::ledger::LedgerError;
use crate::world::entropy::EntropyError;
use crate::world::keyed::KeyError;
use crate::world::settings::SettingsError;
use crate::world::signer::SignerError;
use crate::world::store::StoreError;

/// What an error means for who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The answer is no.
    No,
    /// It was asked wrongly.
    Usage,
    /// expacti could not tell; nothing ran.
    Unsure,
    /// The command was found and cannot be executed.
    NotExecutable,
    /// The command was not found.
    NotFound,
    /// What was approved is not what is there.
    Drift,
}

/// An error with its meaning and its way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CommandError {
    /// What it means.
    pub kind: Kind,
    /// What happened, lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
    /// A decision was too fast: so many seconds later it would count.
    pub wait: Option<u64>,
}

impl CommandError {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), wait: None }
    }

    /// The answer is no.
    pub fn no(message: impl Into<String>) -> Self {
        Self::new(Kind::No, message)
    }

    /// Asked wrongly.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Could not tell.
    pub fn unsure(message: impl Into<String>) -> Self {
        Self::new(Kind::Unsure, message)
    }

    /// Of this meaning.
    pub fn of(kind: Kind, message: impl Into<String>) -> Self {
        Self::new(kind, message)
    }

    /// With a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<SettingsError> for CommandError {
    fn from(error: SettingsError) -> Self {
        Self::unsure(error.to_string())
    }
}

impl From<SignerError> for CommandError {
    fn from(error: SignerError) -> Self {
        Self::unsure(error.to_string())
    }
}

impl From<LedgerError> for CommandError {
    fn from(error: LedgerError) -> Self {
        Self::unsure(error.to_string())
    }
}

impl From<EntropyError> for CommandError {
    fn from(error: EntropyError) -> Self {
        Self::unsure(error.to_string())
    }
}

impl From<KeyError> for CommandError {
    fn from(error: KeyError) -> Self {
        let message = crate::domain::shown::line(&error.to_string());
        match error {
            KeyError::OpenToOthers(path) => Self::unsure(message).hint(format!("chmod 600 {}", path.display())),
            _ => Self::unsure(message),
        }
    }
}

impl From<std::io::Error> for CommandError {
    fn from(error: std::io::Error) -> Self {
        Self::unsure(error.to_string())
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        let message = crate::domain::shown::line(&error.to_string());
        match error {
            StoreError::Illegal(_) => Self::unsure(message).hint(
                "nothing runs and nothing is signed until main holds again: `expacti doctor` says how that can be done",
            ),
            StoreError::ManyVersions(_) => Self::unsure(message).hint(
                "so many are hardly honest: ask an admin; if they are, run it again, and it goes on where it stopped",
            ),
            StoreError::Git(_) => Self::unsure(message).hint("is the repository reachable? `expacti doctor` tries it"),
            _ => Self::unsure(message),
        }
    }
}
