//! Floor 1: how things are written, bytes to domain values and back.
//!
//! Records have one spelling: a file is read, rendered again and compared.
//! What people write (`config.toml`, `roster.toml`) may look as they like, and
//! its errors point at line and column.

pub mod canonical;
pub mod claim;
pub mod decision;
pub mod diagnostic;
pub mod document;
mod notify;
pub mod outcome;
pub mod path;
pub mod policy;
pub mod request;
pub mod root;
pub mod roster;
pub mod strict;

use crate::domain::claim::Claim;
use crate::domain::decision::Decision;
use crate::domain::outcome::Outcome;
use crate::domain::policy::PolicySet;
use crate::domain::principal::Roster;
use crate::domain::request::Request;
use crate::domain::root::Root;
pub use crate::record::diagnostic::Diagnostic;
pub use crate::record::path::{RecordFile, decision_file_name};
pub use crate::record::strict::RecordError;

/// A kind of signed file.
///
/// `render` writes any value; only what `parse` reads back is a record, so an
/// author parses what it rendered before it signs.
pub trait Record: Sized {
    /// The namespace inside its signatures.
    const NAMESPACE: &'static str;
    /// What its first line names.
    const SCHEMA: &'static str;

    /// Reads a file.
    ///
    /// # Errors
    /// Every byte sequence but the canonical one of a valid record of this kind.
    fn parse(bytes: &[u8]) -> Result<Self, RecordError>;

    /// Its canonical bytes.
    fn render(&self) -> Vec<u8>;
}

macro_rules! record {
    ($kind:ident, $module:ident, $namespace:literal) => {
        impl Record for $kind {
            const NAMESPACE: &'static str = $namespace;
            const SCHEMA: &'static str = $module::SCHEMA;

            fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
                $module::parse(bytes)
            }

            fn render(&self) -> Vec<u8> {
                $module::render(self)
            }
        }
    };
}

record!(Request, request, "request.v1@expacti");
record!(Decision, decision, "decision.v1@expacti");
record!(Claim, claim, "claim.v1@expacti");
record!(Outcome, outcome, "outcome.v1@expacti");
record!(Root, root, "root.v1@expacti");

/// Reads `config.toml` and `roster.toml` and checks that they hold together.
///
/// # Errors
/// Every fault of both, with its place.
pub fn read_policy(config: &[u8], roster: &[u8]) -> Result<(PolicySet, Roster), Vec<Diagnostic>> {
    match (policy::parse("config.toml", config), roster::parse("roster.toml", roster)) {
        (Ok(set), Ok(roster)) => {
            let faults = policy::check_together("config.toml", config, &set, &roster);
            if faults.is_empty() { Ok((set, roster)) } else { Err(faults) }
        }
        (config, roster) => {
            let mut faults = config.err().unwrap_or_default();
            faults.extend(roster.err().unwrap_or_default());
            Err(faults)
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
