//! Ending a request without running it: withdrawn, expired, refused, or denied on its branch and not landed yet.

use crate::commands::deliver::{ATTEMPTS, pause};
use crate::commands::error::CommandError;
use crate::commands::waiting::{Left, leave, waits};
use crate::commands::{Context, place};
use crate::domain::id::RequestId;
use crate::domain::outcome::{Ending, Outcome};
use crate::domain::policy::Land;
use crate::domain::principal::Name;
use crate::gate::dossier::Dossier;
use crate::gate::ledger::Ledger as _;
use crate::world::signer::Signer;
use crate::world::store::{self, Kind, Landing, Record, Store};

/// Lands an outcome that ends an open request. Whoever was first decides: another ending that landed stays.
///
/// Returns whether it is ours that landed, or waits for that.
///
/// # Errors
/// It could not be landed.
pub fn close(
    context: &Context<'_>,
    store: &Store,
    id: RequestId,
    author: &Name,
    signer: &Signer,
    ending: Ending,
) -> Result<bool, CommandError> {
    let what = ending.as_str();
    end_with(context, store, id, author, what, |at, dossier, now| {
        let outcome = Outcome {
            place: place(at),
            request: dossier.request.digest(),
            seen: dossier.seen(),
            author: author.clone(),
            recorded: now,
            ending: ending.clone(),
        };
        Ok(Some(Record::sign("outcome.toml", &outcome, signer)?))
    })
}

/// Lands a denial that so far stands on the branch only; anyone may.
///
/// # Errors
/// It could not be landed.
pub fn land_denial(context: &Context<'_>, store: &Store, id: RequestId, author: &Name) -> Result<bool, CommandError> {
    end_with(context, store, id, author, "denied", |_, _, _| Ok(None))
}

/// Judges the newest `main` and branch, adds what `make` gives, and lands it, until it is on `main` or another ending is.
///
/// Where CI lands, what `make` gives waits for that on `outcomes/<id>`.
///
/// # Errors
/// It could not be landed.
pub fn end_with(
    context: &Context<'_>,
    store: &Store,
    id: RequestId,
    author: &Name,
    what: &str,
    mut make: impl FnMut(
        &crate::gate::audit::Standpoint,
        &Dossier,
        crate::domain::time::Timestamp,
    ) -> Result<Option<Record>, CommandError>,
) -> Result<bool, CommandError> {
    let world = context.world;
    for attempt in 0..ATTEMPTS {
        let at = store.refresh()?;
        if store.index().landed(&id)?.is_some() {
            return Ok(false);
        }
        store.restore(&id)?;
        let tip = store.branch_tip(&id)?.ok_or_else(|| CommandError::no(format!("there is no request {id}")))?;
        let dossier = store.dossier(&at, id, tip)?;
        let now = world.clock.now();
        let by_ci = at.version.config().land == Land::Ci;
        if by_ci && waits(store, &at, Kind::Outcome, &id)?.is_some() {
            return Ok(false);
        }
        let mut second = store.clean_tip(&dossier, author, now)?;
        let directory = dossier.branch.directory.clone();
        if let Some(record) = make(&at, &dossier, now)? {
            let message = format!("request {id}: {what}");
            second = store.append_record(&second, &directory, &record, author, now, &message)?;
            if by_ci {
                let path = format!("{directory}/{}", record.name);
                let left = Left { id: &id, tip: second, path, digest: record.digest() };
                return leave(context, store, Kind::Outcome, &left);
            }
        } else if by_ci {
            return Ok(false);
        }
        let ending = store::Ending { id: &id, directory: &directory, second, author, now, what };
        match store.land(&at, &ending)? {
            Landing::Landed(_) => {
                store.refresh()?;
                store.remove_branch(&id, tip);
                return Ok(true);
            }
            Landing::Moved => pause(world, attempt),
        }
    }
    Err(CommandError::unsure(format!("main kept moving for {ATTEMPTS} attempts")))
}
