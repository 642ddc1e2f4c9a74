//! The signed record that spends an authorization.

use crate::domain::id::{Digest, Nonce};
use crate::domain::principal::Name;
use crate::domain::request::Place;
use crate::domain::time::Timestamp;

/// `claim.toml`: one run, by this runner, on these decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where its author stood.
    pub place: Place,
    /// SHA-256 of the request's bytes.
    pub request: Digest,
    /// Every record it was judged on, sorted.
    pub seen: Vec<Digest>,
    /// Who executes.
    pub runner: Name,
    /// Tells this claim from another process's: without it, identical concurrent pushes all succeed.
    pub nonce: Nonce,
    /// By the runner's clock; expiry is judged against it.
    pub claimed: Timestamp,
}
