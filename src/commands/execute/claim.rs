//! Claiming: a nonce in the journal, a signed claim, and our own claim seen on `main`.

use crate::commands::error::CommandError;
use crate::commands::execute::{Claimed, Executed, Ready};
use crate::commands::{Context, place};
use crate::domain::claim::Claim;
use crate::domain::id::{CommitId, Nonce};
use crate::domain::time::Timestamp;
use crate::gate::audit::Standpoint;
use crate::gate::authorized::Authorized;
use crate::gate::dossier::Dossier;
use crate::gate::ledger::{LandedEnding, Ledger as _};
use crate::world::entropy;
use crate::world::journal::Entry;
use crate::world::signer::Signer;
use crate::world::store::{self, Landing, Record, Store, StoreError};

/// A claim as it was signed, on top of its request's chain.
#[derive(Debug)]
pub(super) struct Signed {
    nonce: Nonce,
    now: Timestamp,
    pub(super) record: Record,
    pub(super) tip: CommitId,
}

/// Journals a nonce and signs a claim with it; `None` where its time is over.
pub(super) fn sign(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    dossier: &Dossier,
    authorized: &Authorized,
    entry: &Entry,
    signer: &Signer,
) -> Result<Option<Signed>, CommandError> {
    let world = context.world;
    let nonce = Nonce::new(entropy::bytes(world.entropy.as_ref())?);
    entry.claiming(&nonce)?;
    let now = world.clock.now();
    if now > authorized.expires() {
        return Ok(None);
    }
    let record = Claim {
        place: place(at),
        request: authorized.request(),
        seen: authorized.seen().to_vec(),
        runner: authorized.runner().clone(),
        nonce,
        claimed: now,
    };
    let record = Record::sign("claim.toml", &record, signer)?;
    let runner = authorized.runner();
    let tip = store.clean_tip(dossier, runner, now)?;
    let message = format!("request {}: claim", dossier.id);
    let tip = store.append_record(&tip, &dossier.branch.directory, &record, runner, now, &message)?;
    Ok(Some(Signed { nonce, now, record, tip }))
}

/// Lands our claim and sees it on `main`.
pub(super) fn claim(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    dossier: &Dossier,
    authorized: Authorized,
    ready: Ready,
    signer: &Signer,
) -> Result<Result<Claimed, Executed>, CommandError> {
    let Some(Signed { nonce, now, record, tip }) =
        sign(context, store, at, dossier, &authorized, &ready.entry, signer)?
    else {
        return Ok(Err(Executed::Again));
    };
    let (directory, author) = (&dossier.branch.directory, authorized.runner());
    let ending = store::Ending { id: &dossier.id, directory, second: tip, author, now, what: "claim" };
    let landing = store.land(at, &ending);
    match landing {
        Ok(Landing::Moved) => return Ok(Err(Executed::Again)),
        Ok(Landing::Landed(_)) => {}
        // Whether the push landed is for `main` to say.
        Err(error @ StoreError::Git(_)) => {
            store.refresh_main().map_err(|_| CommandError::from(error))?;
        }
        Err(error) => return Err(error.into()),
    }
    store.refresh_main()?;
    let ours = match store.index().landed(&dossier.id)?.map(|landed| landed.ending) {
        Some(LandedEnding::Claimed { claim, .. }) => claim == record.digest(),
        Some(_) => false,
        None => return Ok(Err(Executed::Again)),
    };
    if !ours {
        return Ok(Err(Executed::Spent));
    }
    if store.branch_tip(&dossier.id)?.is_some() {
        store.remove_branch(&dossier.id, dossier.branch.tip);
    }
    let mut seen = authorized.seen().to_vec();
    seen.push(record.digest());
    seen.sort();
    Ok(Ok(Claimed {
        id: authorized.id(),
        request: authorized.request(),
        seen,
        nonce,
        expires: authorized.expires(),
        ready,
        objection: None,
    }))
}
