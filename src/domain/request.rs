//! The signed ask.

use crate::domain::command::Command;
use crate::domain::id::{CommitId, Digest, Nonce, RequestId};
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;

/// Where a record's author stood: which repository, which verified `main`, which policy version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// SHA-256 of the genesis `root.toml`.
    pub repo: Digest,
    /// The `main` commit its author had verified.
    pub base: CommitId,
    /// SHA-256 of the `root.toml` in force at that base.
    pub root: Digest,
}

/// `request.toml`: who wants which bytes to run where, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Where its author stood.
    pub place: Place,
    /// Who asks; never counts among those who approve.
    pub requester: Name,
    /// Who claims and executes: the requester, or the one a policy names.
    pub runner: Name,
    /// The host it runs on.
    pub host: String,
    /// By the requester's clock.
    pub created: Timestamp,
    /// Not claimed by then: expired.
    pub expires: Timestamp,
    /// Makes equal asks different.
    pub nonce: Nonce,
    /// The requester's words.
    pub reason: String,
    /// The ended request this one tries again.
    pub retry_of: Option<RequestId>,
    /// Names of the environments its command was recognised to go to; judges recompute them.
    pub environments: Vec<String>,
    /// What would run.
    pub command: Command,
}

impl Request {
    /// Whether both ask for the same thing: all that is bound but nonce, place and times.
    pub fn same_intent(&self, other: &Self) -> bool {
        self.requester == other.requester
            && self.runner == other.runner
            && self.host == other.host
            && self.environments == other.environments
            && self.command == other.command
    }

    /// Its directory in the policy repository: `requests/2026/11/22/<id>`.
    pub fn directory(&self, id: &RequestId) -> String {
        format!("requests/{}/{id}", self.created.day_path())
    }
}
