//! Where CI lands: the claim waits on a branch, and the machine that signed it starts its child once it stands on `main`.
//!
//! That is the process that signed it or a later one, under the journal's lock, and only if the journal has this
//! claim's nonce and no start.

use crate::commands::Context;
use crate::commands::error::{CommandError, Kind};
use crate::commands::execute::claim::{Signed, sign};
use crate::commands::execute::{Claimed, Executed, Ready, launch, start, stdin};
use crate::commands::request::Found;
use crate::commands::waiting::{Left, lands, leave, waits};
use crate::domain::id::{CommitId, Digest, Nonce, RequestId};
use crate::domain::policy::Land;
use crate::gate::audit::Standpoint;
use crate::gate::authorized::Authorized;
use crate::gate::dossier::Dossier;
use crate::gate::evaluate::evaluate;
use crate::gate::history::History as _;
use crate::gate::ledger::{Landed, LandedEnding};
use crate::gate::state::State;
use crate::world::journal::{self, Entry, Stage};
use crate::world::signer::Signer;
use crate::world::spawn;
use crate::world::store::{self, Store};

/// Whether a claim that would land waits for it already: this machine's, or another's of the same runner.
pub(super) fn has_claimed(store: &Store, at: &Standpoint, id: &RequestId) -> Result<bool, CommandError> {
    Ok(waits(store, at, store::Kind::Claim, id)?.is_some())
}

/// Leaves a claim to CI: the one this machine signed before, as long as it would land, or else a new one.
pub(super) fn claim(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    dossier: &Dossier,
    authorized: &Authorized,
    entry: &Entry,
    signer: &Signer,
) -> Result<Executed, CommandError> {
    let id = &dossier.id;
    let before = match entry.stage()? {
        Some(Stage::Claiming(nonce)) => {
            let own = own(store, at, id, &nonce)?;
            // Another process here has seen more of main: maybe that claim on it, and its nonce must stay in the journal.
            if own.is_none() && !store.is_newest(at)? {
                return Ok(Executed::Again);
            }
            own
        }
        _ => None,
    };
    let (tip, digest) = match before {
        Some(own) => own,
        None => {
            let Some(Signed { record, tip, .. }) = sign(context, store, at, dossier, authorized, entry, signer)? else {
                return Ok(Executed::Again);
            };
            store.keep_own_claim(id, tip)?;
            (tip, record.digest())
        }
    };
    let path = format!("{}/claim.toml", dossier.branch.directory);
    leave(context, store, store::Kind::Claim, &Left { id, tip, path, digest })?;
    Ok(Executed::Waits)
}

/// The claim this machine signed with that nonce, if it still would land.
fn own(
    store: &Store,
    at: &Standpoint,
    id: &RequestId,
    nonce: &Nonce,
) -> Result<Option<(CommitId, Digest)>, CommandError> {
    let Some(tip) = store.own_claim(id)? else { return Ok(None) };
    if lands(store, at, store::Kind::Claim, id, tip)?.is_none() {
        return Ok(None);
    }
    let claim = store.ending_dossier(at, *id, tip)?.claim.filter(|claim| claim.value().nonce == *nonce);
    Ok(claim.map(|claim| (tip, claim.digest())))
}

/// Takes this machine's claim back while it has not landed: the request ended otherwise. CI may be faster.
pub fn take_back(store: &Store, id: &RequestId) -> Result<(), CommandError> {
    let (own, there) = (store.own_claim(id)?, store.waiting_tip(store::Kind::Claim, id)?);
    if let Some(tip) = there.filter(|_| own == there) {
        store.remove_waiting(store::Kind::Claim, id, tip);
    }
    Ok(())
}

/// Starts what this machine claimed and CI has landed; `None` where it is not this machine's to start.
///
/// # Errors
/// expacti could not tell; nothing ran here.
pub fn landed(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    found: &Found,
    signer: &Signer,
) -> Result<Option<Executed>, CommandError> {
    let world = context.world;
    let dossier = &found.dossier;
    let id = &dossier.id;
    let Some(landed @ Landed { ending: LandedEnding::Claimed { claim: on_main, key, .. }, outcome: None, .. }) =
        &found.landed
    else {
        return Ok(None);
    };
    let claim = dossier.claim.as_ref().filter(|claim| claim.digest() == *on_main);
    // An outcome that waits says that it is over: an admin may have closed it.
    let by_ci = found.judged.version.config().land == Land::Ci && found.waiting.is_none();
    let Some(claim) = claim.filter(|_| by_ci) else { return Ok(None) };
    let nonce = claim.value().nonce;
    let ours = |stage: Option<Stage>| stage == Some(Stage::Claiming(nonce));
    if !ours(journal::peek(&store.journal(), id)?) {
        return Ok(None);
    }
    if signer.public().line() != *key {
        return Err(CommandError::unsure(format!(
            "request {id} was claimed with another key of `{}`",
            claim.value().runner
        ))
        .hint("name that key with --key: it has to sign the outcome"));
    }
    let request = dossier.request.value();
    if request.host != world.host {
        return Ok(Some(Executed::Drifted(vec![format!(
            "host: asked on `{}`, this is `{}`",
            request.host, world.host
        )])));
    }
    let Some(entry) = journal::lock(&store.journal(), id)? else { return Ok(Some(Executed::Again)) };
    if !ours(entry.stage()?) {
        return Ok(None);
    }
    // As of the claim, which is how `main` judged it.
    let State::Approved(authorized, _) = found.state(world.clock.now()) else { return Ok(None) };
    let stopped = stopped(context, store, at, id, landed)?;
    let input = stdin(store, authorized.command(), &dossier.texts)?;
    let objection = match &stopped {
        Some((_, why)) => Some((why.clone(), Kind::No)),
        None if input.is_none() => {
            Some(("standard input: its bytes are not on this machine any more".to_owned(), Kind::Drift))
        }
        None => None,
    };
    let input = input.unwrap_or(spawn::Stdin::Empty);
    let launch = launch(world, store, authorized.command(), input, request.runner != request.requester)?;
    let claimed = Claimed {
        id: authorized.id(),
        request: authorized.request(),
        seen: authorized.seen().to_vec(),
        nonce,
        expires: authorized.expires(),
        ready: Ready { launch, entry },
        objection,
    };
    let executed = start(context, store, dossier, claimed, signer)?;
    Ok(Some(match (stopped, executed) {
        (Some((how, why)), Executed::NotRun(..)) => Executed::Stopped(how, why),
        (_, executed) => executed,
    }))
}

/// A denial or a withdrawal on the request's branches that CI was too fast for: it holds all the same.
fn stopped(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    id: &RequestId,
    landed: &Landed,
) -> Result<Option<(&'static str, String)>, CommandError> {
    let step = store.objects().commit(&landed.commit).map_err(|error| CommandError::unsure(error.to_string()))?;
    for tip in store.tips(id)?.into_iter().chain(step.parents.get(1).copied()) {
        let Ok(dossier) = store.dossier(at, *id, tip) else { continue };
        let state = evaluate(&at.version, &dossier, context.world.clock.now());
        let (how, who) = match &state {
            State::Denied(decision, _) => ("denied", &decision.reviewer),
            State::Withdrawn(outcome, _) => ("withdrawn", &outcome.author),
            _ => continue,
        };
        let word = if how == "denied" { "denied" } else { "withdrew" };
        return Ok(Some((how, format!("`{who}` {word} it before it could start"))));
    }
    Ok(None)
}
