//! What is in force, and what waits for whom.

use crate::commands::error::CommandError;
use crate::commands::report::{self, PolicyReport};
use crate::domain::id::Digest;
use crate::domain::policy::Land;
use crate::domain::principal::Name;
use crate::domain::shown;
use crate::gate::audit::Standpoint;
use crate::world::store::{Proposal, Stale, Store, StoreError, Waiting};

/// The policy of a repository as it stands now.
#[derive(Debug)]
pub(super) struct Standing {
    /// None while version 1 still waits.
    pub(super) at: Option<Standpoint>,
    pub(super) waiting: Waiting,
}

impl Standing {
    /// Looks at the repository; a `main` that was there before and is gone is no beginning.
    pub(super) fn look(store: &Store) -> Result<Self, CommandError> {
        let at = match store.refresh() {
            Ok(at) => Some(at),
            Err(StoreError::NoMain(_)) => {
                if store.remembered()?.is_some() {
                    return Err(CommandError::unsure("main is gone, and this machine has verified one before")
                        .hint("somebody deleted it, or the address leads elsewhere: tell an admin"));
                }
                None
            }
            Err(error) => return Err(error.into()),
        };
        let waiting = store.proposals(at.as_ref())?;
        Ok(Self { at, waiting })
    }

    pub(super) fn version(&self) -> u32 {
        self.at.as_ref().map_or(0, |at| at.version.root().version)
    }

    /// Whether nobody but CI need be able to push to `main`.
    pub(super) fn lands_by_ci(&self) -> bool {
        self.at.as_ref().is_some_and(|at| at.version.config().land == Land::Ci)
    }

    pub(super) fn in_force(&self, digest: &Digest) -> bool {
        self.at.as_ref().is_some_and(|at| at.version.digest() == *digest)
    }

    /// The proposal of this digest, if it can still come into force.
    pub(super) fn find(&self, digest: &Digest) -> Result<&Proposal, CommandError> {
        let found = self.waiting.proposals.iter().find(|proposal| proposal.version.digest() == *digest);
        found.ok_or_else(|| {
            if self.in_force(digest) {
                return CommandError::no(format!("version {} is in force already", self.version()));
            }
            let text = digest.to_string();
            if let Some((branch, _)) = self.waiting.over.iter().find(|(branch, _)| branch.ends_with(&text)) {
                return CommandError::no(format!("{} came into force before, and was followed", shown::line(branch)));
            }
            if let Some(stale) = self.waiting.stale.iter().find(|stale| stale.digest == *digest) {
                return self.stale(stale);
            }
            let error = CommandError::no(format!("no proposal has the digest {digest}"));
            let unreadable = self.waiting.unreadable.iter().filter(|(branch, _)| branch.ends_with(&text));
            let error = unreadable
                .fold(error, |error, (branch, why)| error.hint(format!("branch {branch}: {}", shown::line(why))));
            error.hint("`expacti policy status` lists them")
        })
    }

    fn stale(&self, stale: &Stale) -> CommandError {
        let error = CommandError::no(format!("version {} is stale: {}", stale.number, stale.why));
        if self.version() == 0 {
            return error;
        }
        error
            .hint(format!("its edits are kept on branch {}", stale.branch))
            .hint("make them again on what is in force now, so that nothing of it is taken back, and propose that:")
            .hint(format!(
                "git fetch && git checkout -B edits origin/main && git checkout origin/{} -- config.toml roster.toml",
                stale.branch
            ))
            .hint("git diff --cached    # put back what the other version changed; then: expacti policy propose")
    }

    pub(super) fn report(&self, proposals: Vec<report::Proposal>, message: Option<String>) -> PolicyReport {
        let unreadable = &self.waiting.unreadable;
        let stale = self.waiting.stale.iter().map(|stale| report::StaleProposal {
            version: stale.number,
            digest: stale.digest.to_string(),
            branch: stale.branch.clone(),
            why: stale.why.clone(),
        });
        PolicyReport {
            version: self.version(),
            proposals,
            stale: stale.collect(),
            unreadable: unreadable.iter().map(|(branch, why)| (shown::line(branch), shown::line(why))).collect(),
            message,
        }
    }
}

/// A proposal with its signatures.
pub(super) fn view(proposal: &Proposal) -> report::Proposal {
    let names = |names: &[Name]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let digest = proposal.version.digest();
    let version = proposal.version.root().version;
    let sides = proposal.sides();
    let every = |pick: &dyn Fn(&crate::world::store::Side) -> Vec<Name>| -> Vec<Name> {
        let all: std::collections::BTreeSet<Name> = sides.iter().flat_map(pick).collect();
        all.into_iter().collect()
    };
    let waiting = every(&|side| side.waiting.clone());
    let signed = every(&|side| side.signed.clone());
    report::Proposal {
        version,
        digest: digest.to_string(),
        fingerprint: digest.fingerprint(),
        signed: names(&signed),
        waiting: names(&waiting),
        threshold: proposal.version.root().threshold,
        needs: sides
            .iter()
            .map(|side| report::Needs {
                version: side.version,
                in_force: side.version != version,
                threshold: side.threshold,
                signed: names(&side.signed),
                waiting: names(&side.waiting),
                met: side.is_met(),
            })
            .collect(),
        content: None,
        change: None,
    }
}

/// Who is still missing, in words: `1 of bob, carol (admins of version 1)`.
pub(super) fn missing(proposal: &Proposal) -> String {
    let words = proposal.sides().into_iter().filter(|side| !side.is_met()).map(|side| {
        let more = (side.threshold as usize).saturating_sub(side.signed.len());
        let who = super::names(side.waiting.iter().collect());
        let who = if more == side.waiting.len() { who } else { format!("{more} of {}", who.replace(" and ", ", ")) };
        match side.version == proposal.version.root().version {
            _ if proposal.previous.is_none() => who,
            true => format!("{who} (its own admins)"),
            false => format!("{who} (admins of version {})", side.version),
        }
    });
    words.collect::<Vec<_>>().join(", and ")
}
