//! Leaving a record to CI: on a branch of its own, whatever others put there.

use crate::commands::Context;
use crate::commands::deliver::pause;
use crate::commands::error::CommandError;
use crate::domain::id::{CommitId, Digest, RequestId};
use crate::gate::audit::Standpoint;
use crate::gate::ledger::{LandedEnding, Ledger as _};
use crate::world::store::{Kind, Store, StoreError, Waits};

/// How often a branch is made anew while something else comes to lie there.
const ATTEMPTS: u32 = 16;

/// What waits on a request's branch and would land now.
///
/// # Errors
/// It cannot be told.
pub(super) fn waits(store: &Store, at: &Standpoint, kind: Kind, id: &RequestId) -> Result<Option<Waits>, CommandError> {
    match store.waiting_tip(kind, id)? {
        Some(tip) => lands(store, at, kind, id, tip),
        None => Ok(None),
    }
}

/// A record as it is left: where it lies, and its digest.
#[derive(Debug)]
pub(super) struct Left<'a> {
    /// The request.
    pub(super) id: &'a RequestId,
    /// The chain with the record on top.
    pub(super) tip: CommitId,
    /// The record's place in the repository.
    pub(super) path: String,
    /// SHA-256 of the record.
    pub(super) digest: Digest,
}

/// What would land of a commit.
pub(super) fn lands(
    store: &Store,
    at: &Standpoint,
    kind: Kind,
    id: &RequestId,
    tip: CommitId,
) -> Result<Option<Waits>, CommandError> {
    let found = store.waits(at, kind, id, tip).and_then(|waits| store.takes(at, id, &waits).map(|()| waits));
    match found {
        Ok(waits) => Ok(Some(waits)),
        Err(StoreError::Illegal(_) | StoreError::Request(_) | StoreError::Branch(_) | StoreError::Read(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether a record of this kind stands on `main` already, this one or another in its place.
fn is_over(store: &Store, kind: Kind, id: &RequestId) -> Result<bool, CommandError> {
    let landed = store.index().landed(id)?;
    Ok(landed.is_some_and(|landed| match (kind, &landed.ending) {
        (Kind::Outcome, LandedEnding::Claimed { .. }) => landed.outcome.is_some(),
        (Kind::Outcome | Kind::Claim, _) => true,
    }))
}

/// Leaves a record to CI, on top of its request's chain.
///
/// A branch that is there and would not land belongs to nobody, and makes room. One that would is left alone: then
/// the answer is `false`, as it is where CI has landed one meanwhile. Branches are made and removed only, so a host that refuses forced pushes does not mind.
///
/// # Errors
/// It could not be left there.
pub(super) fn leave(context: &Context<'_>, store: &Store, kind: Kind, record: &Left<'_>) -> Result<bool, CommandError> {
    let Left { id, tip, .. } = *record;
    let mut at = store.remembered()?.ok_or_else(|| CommandError::unsure("the verified main was forgotten"))?;
    for attempt in 0..ATTEMPTS {
        if lands(store, &at, kind, id, tip)?.is_none() && store.is_newest(&at)? {
            // CI was faster: whoever left it looks at main.
            if is_over(store, kind, id)? {
                return Ok(false);
            }
            let message = format!("what would be left on `{}` could not land", kind.branch(id));
            return Err(CommandError::unsure(message).hint(format!("`expacti status {id}` tells where it stands")));
        }
        match store.waiting_tip(kind, id)? {
            Some(there) => match lands(store, &at, kind, id, there)? {
                Some(waits) => return Ok(store.holds(&waits.second, &record.path, &record.digest)?),
                // Another process here has seen more of main: judge it there.
                None if !store.is_newest(&at)? => {}
                None => store.remove_waiting(kind, id, there),
            },
            None => {
                if store.push_waiting(kind, id, tip)? {
                    return Ok(true);
                }
            }
        }
        if attempt > 0 {
            pause(context.world, attempt);
        }
        at = store.refresh()?;
    }
    Err(CommandError::unsure(format!("the branch `{}` cannot be written", kind.branch(id))).hint(
        "something else keeps coming to lie there, or a branch of another name is in the way: see `expacti doctor`",
    ))
}
