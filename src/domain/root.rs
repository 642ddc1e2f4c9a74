//! A version of the policy, as the admins sign it.

use std::collections::BTreeMap;

use crate::domain::id::{Digest, Nonce};
use crate::domain::principal::Name;

/// `policy/NNNNNN/root.toml`: what this version consists of, and who may change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// 1 for the genesis, then one more each time.
    pub version: u32,
    /// What ties it to its place: the genesis's salt, or the previous root.
    pub origin: Origin,
    /// The persons who sign, in the roster's order; equal to the roster's.
    pub admins: Vec<Name>,
    /// How many of them must.
    pub threshold: u32,
    /// Every file outside `requests/` and `policy/`, by path.
    pub files: BTreeMap<String, Digest>,
}

/// What comes before a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Nothing: 128 random bits make this repository unlike any other.
    Genesis(Nonce),
    /// The SHA-256 of the previous version's `root.toml`.
    Previous(Digest),
}

impl Root {
    /// The directory of a version: `policy/000001`.
    pub fn directory(version: u32) -> String {
        format!("policy/{version:06}")
    }
}
