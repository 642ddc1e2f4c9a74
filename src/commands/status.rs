//! `status`, `show`, `pending`, `cancel`, `sync` and `resume --unknown`: where requests stand, and tidying up.

use crate::commands::close::{close, land_denial};
use crate::commands::deliver::{deliver, deliver_spooled};
use crate::commands::error::CommandError;
use crate::commands::land::land;
use crate::commands::notify::{Teller, tell_end};
use crate::commands::report::{RequestReport, SyncReport, ToldView};
use crate::commands::request::{self, Found, describe};
use crate::commands::{Context, Hand, place, secrets, showing};
use crate::domain::id::RequestId;
use crate::domain::outcome::{Ending, Outcome};
use crate::domain::principal::Name;
use crate::domain::shown;
use crate::gate::audit::Standpoint;
use crate::gate::evaluate::approver;
use crate::gate::ledger::{LandedEnding, Ledger as _};
use crate::gate::state::State;
use crate::world::journal::{self, Stage};
use crate::world::signer::Signer;
use crate::world::store::{Record, Store, StoreError};

/// Where a request stands.
///
/// # Errors
/// There is none of this id, or it cannot be told.
pub fn status(context: &Context<'_>, id: &str) -> Result<RequestReport, CommandError> {
    let store = context.store()?;
    let at = store.refresh()?;
    let id = context.resolve(&store, id)?;
    Ok(describe(context, &request::find(&store, &at, id)?))
}

/// The request, and the note that this machine has shown it.
///
/// # Errors
/// As [`status`].
pub fn show(context: &Context<'_>, id: &str) -> Result<RequestReport, CommandError> {
    let store = context.store()?;
    let at = store.refresh()?;
    let id = context.resolve(&store, id)?;
    let found = request::find(&store, &at, id)?;
    if found.landed.is_none() {
        showing::note(&store, context.world.clock.as_ref(), &id)?;
    }
    // An auditor without a key reads it as nobody in particular.
    let you = context.signer(Hand::Person).ok().and_then(|signer| context.me(&at, &signer).ok());
    request::describe_to(context, &store, &at, &found, you.as_ref())
}

/// Open requests: those that an approval of mine would bring forward, or all.
///
/// # Errors
/// It cannot be told.
pub fn pending(context: &Context<'_>, all: bool) -> Result<Vec<RequestReport>, CommandError> {
    let store = context.store()?;
    let at = store.refresh()?;
    let me = if all { None } else { Some(context.me(&at, &context.signer(Hand::Person)?)?) };
    open(context, &store, &at, |found| me.as_ref().is_none_or(|me| waits_for(context, &at, found, &me.id)))
}

/// Whether an approval by `me` would bring it forward.
pub(super) fn waits_for(context: &Context<'_>, at: &Standpoint, found: &Found, me: &Name) -> bool {
    let undecided = !found.dossier.decisions.iter().any(|decision| decision.value().reviewer == *me);
    undecided
        && matches!(found.state(context.world.clock.now()), State::Pending(_) | State::Approved(..))
        && approver(&at.version, &found.dossier, me).is_ok()
}

/// Hands over every open request that verifies, one at a time, and why another does not.
///
/// # Errors
/// It cannot be told.
pub(super) fn each_open(
    store: &Store,
    at: &Standpoint,
    ignored: impl Fn(RequestId, StoreError),
    mut each: impl FnMut(Found),
) -> Result<(), CommandError> {
    for (id, tip) in store.open_requests()? {
        match store.dossier(at, id, tip) {
            Ok(dossier) => {
                store.saw(&id, &tip)?;
                each(Found::open(store, at, dossier)?);
            }
            Err(error) => ignored(id, error),
        }
    }
    Ok(())
}

/// Open requests that are `wanted`, what ends first at the head, of those what is riskier.
///
/// # Errors
/// It cannot be told.
pub(super) fn open(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    wanted: impl Fn(&Found) -> bool,
) -> Result<Vec<RequestReport>, CommandError> {
    let ignored = |id: RequestId, error: StoreError| {
        let error = shown::line(&error.to_string());
        context.world.console.say(&format!("expacti: branch requests/{id} is ignored: {error}"));
    };
    let mut open = Vec::new();
    each_open(store, at, ignored, |found| {
        if wanted(&found) {
            open.push(describe(context, &found));
        }
    })?;
    let key =
        |report: &RequestReport| (report.expires.clone(), std::cmp::Reverse(report.risk.score), report.id.clone());
    open.sort_by_cached_key(key);
    Ok(open)
}

/// Takes a request back.
///
/// # Errors
/// It is another's, or has ended.
pub fn cancel(context: &Context<'_>, id: &str, reason: &str) -> Result<RequestReport, CommandError> {
    secrets::in_words("the reason", reason)?;
    let (store, signer) = (context.store()?, context.signer(Hand::Run)?);
    let at = store.refresh()?;
    let me = context.me(&at, &signer)?;
    let id = context.resolve(&store, id)?;
    let found = request::find(&store, &at, id)?;
    let requester = &found.dossier.request.value().requester;
    if *requester != me.id {
        return Err(CommandError::no(format!("request {id} is `{requester}`'s, not `{}`'s", me.id)));
    }
    if let Some(landed) = &found.landed {
        return Err(CommandError::no(format!("request {id} has ended ({})", landed.ending.as_str())));
    }
    let ending = Ending::Withdrawn { reason: reason.to_owned() };
    let ours = close(context, &store, id, &me.id, &signer, ending)?;
    let at = store.refresh()?;
    let mut report = describe(context, &request::find(&store, &at, id)?);
    report.notified = tell_end(context, &store, &at, &report);
    if ours { Ok(report) } else { Err(CommandError::no(format!("request {id} ended meanwhile: {}", report.state))) }
}

/// Closes a claim that nobody can say the outcome of.
///
/// # Errors
/// It was not claimed, its outcome is known, or the key may not say so.
pub fn unknown(context: &Context<'_>, id: &str, reason: &str) -> Result<RequestReport, CommandError> {
    secrets::in_words("the reason", reason)?;
    let (store, signer) = (context.store()?, context.signer(Hand::Run)?);
    let at = store.refresh()?;
    let (_, problems) = deliver_spooled(context, &store);
    problems.iter().for_each(|problem| context.world.console.say(&format!("expacti: {problem}")));
    let me = context.me(&at, &signer)?;
    let id = context.resolve(&store, id)?;
    let found = request::find(&store, &at, id)?;
    let landed = store.index().landed(&id)?;
    let (claim, runner) = match landed.map(|landed| (landed.ending, landed.outcome)) {
        Some((LandedEnding::Claimed { claim, runner, .. }, None)) => (claim, runner),
        Some((LandedEnding::Claimed { .. }, Some(_))) => {
            return Err(
                CommandError::no(format!("what came of request {id} is known")).hint(format!("expacti status {id}"))
            );
        }
        _ => return Err(CommandError::no(format!("request {id} was not claimed"))),
    };
    if me.id != runner && !at.version.roster().admins().contains(&me.id) {
        return Err(CommandError::no(format!("only `{runner}` or an admin may close it")));
    }
    // While a process here still holds it, it may be running.
    let Some(entry) = journal::lock(&store.journal(), &id)? else {
        return Err(CommandError::no(format!("request {id} is being run by another process here")));
    };
    // Where CI lands, this machine may still have meant to start it.
    if let Some(Stage::Claiming(nonce)) = entry.stage()? {
        entry.started(&nonce)?;
    }
    let mut seen = found.dossier.seen();
    if !seen.contains(&claim) {
        seen.push(claim);
        seen.sort();
    }
    let outcome = Outcome {
        place: place(&at),
        request: found.dossier.request.digest(),
        seen,
        author: me.id.clone(),
        recorded: context.world.clock.now(),
        ending: Ending::Unknown { reason: reason.to_owned() },
    };
    let record = Record::sign("outcome.toml", &outcome, &signer)?;
    deliver(context, &store, &id, &record, &me.id)?;
    let at = store.refresh()?;
    let mut report = describe(context, &request::find(&store, &at, id)?);
    report.notified = tell_end(context, &store, &at, &report);
    Ok(report)
}

/// Delivers what waits here, closes what has expired, lands denials, pushes vanished branches back; and, where asked, lands
/// what waits for CI.
///
/// # Errors
/// The repository does not answer.
pub fn sync(context: &Context<'_>, landing: bool) -> Result<SyncReport, CommandError> {
    let store = context.store()?;
    let at = store.refresh()?;
    let (delivered, problems) = deliver_spooled(context, &store);
    let mut report = SyncReport {
        delivered: delivered.iter().map(ToString::to_string).collect(),
        restored: store.restore_all()?.iter().map(ToString::to_string).collect(),
        problems,
        ..SyncReport::default()
    };
    // An auditor, or CI, without a key signs nothing.
    if let Ok(signer) = context.signer(Hand::Run)
        && let Ok(me) = context.me(&at, &signer)
    {
        close_open(context, &store, &at, &me.id, &signer, &mut report)?;
    }
    if landing {
        land(context, &store, &mut report)?;
    }
    report.notified = tell(context, &store, &report)?;
    Ok(report)
}

/// Tells the ends that this call brought about, and what could not be told before.
fn tell(context: &Context<'_>, store: &Store, report: &SyncReport) -> Result<Vec<ToldView>, CommandError> {
    let Some(at) = store.remembered()? else { return Ok(Vec::new()) };
    let mut teller = Teller::open(context, store);
    for id in report.expired.iter().chain(&report.denied).filter_map(|id| id.parse().ok()) {
        teller.ended(&at, &describe(context, &request::find(store, &at, id)?));
    }
    teller.step(&at);
    Ok(teller.finish())
}

fn close_open(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    me: &Name,
    signer: &Signer,
    report: &mut SyncReport,
) -> Result<(), CommandError> {
    let now = context.world.clock.now();
    for (id, tip) in store.open_requests()? {
        let Ok(dossier) = store.dossier(at, id, tip) else { continue };
        let found = Found::open(store, at, dossier)?;
        let done = match found.state(now) {
            State::Expired(_) => close(context, store, id, me, signer, Ending::Expired).map(|ours| (ours, false)),
            State::Denied(..) => land_denial(context, store, id, me).map(|ours| (ours, true)),
            _ => continue,
        };
        match done {
            Ok((true, true)) => report.denied.push(id.to_string()),
            Ok((true, false)) => report.expired.push(id.to_string()),
            Ok((false, _)) => {}
            Err(error) => report.problems.push(format!("request {id}: {}", error.message)),
        }
    }
    Ok(())
}
