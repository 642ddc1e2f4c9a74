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

#[cfg(test)]
pub(crate) mod tests;
