//! The unspent yes.

use crate::domain::command::Command;
use crate::domain::id::{CommitId, Digest, RequestId};
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::gate::dossier::Dossier;

/// Permission to claim one request, as judged at one tip of `main`.
///
/// Only `evaluate` makes one, it cannot be copied, and it owns the command: what was
/// approved is what can run. It moves into the claim.
///
/// ```compile_fail
/// fn twice(yes: expacti::gate::authorized::Authorized) {
///     let _ = (yes.clone(), yes);
/// }
/// ```
///
/// ```
/// fn once(yes: expacti::gate::authorized::Authorized) {
///     let _ = yes;
/// }
/// ```
#[derive(Debug)]
#[must_use = "an authorization that is dropped approves nothing"]
pub struct Authorized {
    id: RequestId,
    request: Digest,
    runner: Name,
    expires: Timestamp,
    seen: Vec<Digest>,
    branch_tip: CommitId,
    command: Command,
}

impl Authorized {
    /// For `evaluate` alone.
    pub(super) fn mint(dossier: &Dossier, expires: Timestamp) -> Self {
        let request = dossier.request.value();
        Self {
            id: dossier.id,
            request: dossier.request.digest(),
            runner: request.runner.clone(),
            expires,
            seen: dossier.seen(),
            branch_tip: dossier.branch.tip,
            command: request.command.clone(),
        }
    }

    /// The request.
    pub fn id(&self) -> RequestId {
        self.id
    }

    /// SHA-256 of its bytes.
    pub fn request(&self) -> Digest {
        self.request
    }

    /// Who may claim it.
    pub fn runner(&self) -> &Name {
        &self.runner
    }

    /// Until when.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// The records it rests on, sorted.
    pub fn seen(&self) -> &[Digest] {
        &self.seen
    }

    /// The tip of the request's branch that was judged.
    pub fn branch_tip(&self) -> CommitId {
        self.branch_tip
    }

    /// What was approved.
    pub fn command(&self) -> &Command {
        &self.command
    }
}
