//! `run` and `resume`: ask, wait, and run exactly what was approved, once.

use std::os::unix::ffi::OsStringExt as _;
use std::time::Duration;

use crate::commands::answer::{ended, finished, interrupted, still_pending};
use crate::commands::ask::Ask;
use crate::commands::close::{close, land_denial};
use crate::commands::deliver::{ATTEMPTS, deliver_spooled, pause, rest};
use crate::commands::error::CommandError;
use crate::commands::execute::{Executed, execute, landed, take_back};
use crate::commands::notify::Teller;
use crate::commands::report::RunReport;
use crate::commands::{Context, Hand, request, secrets};
use crate::domain::id::RequestId;
use crate::domain::outcome::Ending;
use crate::domain::policy::Land;
use crate::domain::principal::Name;
use crate::domain::shown;
use crate::domain::time::{Lifetime, Timestamp};
use crate::gate::governing::Gate;
use crate::gate::state::State;
use crate::world::signer::Signer;
use crate::world::store::{Store, StoreError};

/// What `run` was asked.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The arguments, as bytes.
    pub argv: Vec<Vec<u8>>,
    /// The requester's words.
    pub reason: String,
    /// `--stdin`: a file, or `-`.
    pub stdin: Option<std::path::PathBuf>,
    /// `--secret-env`: variables that pass without being seen.
    pub secret_env: Vec<std::ffi::OsString>,
    /// The ended request this tries again.
    pub retry_of: Option<String>,
    /// Ask also with what looks like a secret, where the policies consent.
    pub allow_secret_looking: bool,
    /// How long to wait.
    pub wait: Wait,
}

/// How long `run` waits for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Until the request ends.
    ToTheEnd,
    /// This long.
    For(Lifetime),
    /// Not at all: ask, and say the id.
    No,
}

/// Asks for a command, waits, and runs it.
///
/// # Errors
/// expacti could not tell, or the command is none; nothing ran.
pub fn run(context: &Context<'_>, options: &RunOptions) -> Result<RunReport, CommandError> {
    secrets::short_enough("the reason", &options.reason)?;
    let (store, signer) = (context.store()?, context.signer(Hand::Run)?);
    let at = store.refresh()?;
    deliver_before(context, &store);
    let me = context.me(&at, &signer)?;
    let retry_of = match &options.retry_of {
        Some(text) => Some(context.resolve(&store, text)?),
        None => None,
    };
    let ask = Ask { context, store: &store, signer: &signer, me: &me, options, retry_of };
    let (bound, draft, governing) = ask.draft(&at)?;
    secrets::refuse(at.version.config(), &governing, &bound, &options.reason, options.allow_secret_looking)?;
    if let Gate::Deny(reason) = &governing.gate {
        return ask.refuse(&at, draft, &bound, reason);
    }
    let by_ci = at.version.config().land == Land::Ci;
    let allowed = governing.gate == Gate::Allow;
    if allowed && !by_ci {
        return ask.allowed(at, &draft, &bound);
    }
    // What nobody need approve is asked for anew each time; where CI lands, its claim waits for that like any other.
    let open = if allowed { None } else { ask.adopt(&at, &draft)? };
    let id = match open {
        Some(id) => {
            context.world.console.say(&format!("expacti: request {id} already asks for this, going on with it"));
            id
        }
        None => ask.record(&at, &draft, &bound, &governing)?,
    };
    follow(context, &store, &signer, &me.id, id, options.wait)
}

/// Goes on with a request.
///
/// # Errors
/// As [`run`].
pub fn resume(context: &Context<'_>, id: &str, wait: Wait) -> Result<RunReport, CommandError> {
    let (store, signer) = (context.store()?, context.signer(Hand::Run)?);
    let at = store.refresh()?;
    deliver_before(context, &store);
    let me = context.me(&at, &signer)?;
    let id = context.resolve(&store, id)?;
    follow(context, &store, &signer, &me.id, id, wait)
}

fn deliver_before(context: &Context<'_>, store: &Store) {
    let (_, problems) = deliver_spooled(context, store);
    for problem in problems {
        context.world.console.say(&format!("expacti: {problem}"));
    }
}

/// Waits for a request's end and, once it is approved, runs it.
fn follow(
    context: &Context<'_>,
    store: &Store,
    signer: &Signer,
    me: &Name,
    id: RequestId,
    wait: Wait,
) -> Result<RunReport, CommandError> {
    let world = context.world;
    world.console.hear_interrupts();
    let mut teller = Teller::open(context, store);
    // What could not be told before.
    if let Ok(Some(at)) = store.remembered() {
        teller.step(&at);
    }
    let mut report = match wait_and_run(context, store, signer, &mut teller, me, id, wait) {
        // A Ctrl-C also reaches the git of this moment: its failure is the interrupt's.
        Err(_) if world.console.interrupted() => interrupted(id),
        other => other?,
    };
    if let (Some(request), Ok(Some(at))) = (&report.request, store.remembered()) {
        teller.ended(&at, request);
    }
    report.notified = teller.finish();
    Ok(report)
}

fn wait_and_run(
    context: &Context<'_>,
    store: &Store,
    signer: &Signer,
    teller: &mut Teller<'_>,
    me: &Name,
    id: RequestId,
    wait: Wait,
) -> Result<RunReport, CommandError> {
    let world = context.world;
    let started = world.clock.now();
    let over = |now: Timestamp| match wait {
        Wait::No => true,
        Wait::For(span) => now.since(started) >= span.seconds(),
        Wait::ToTheEnd => false,
    };
    let mut last = String::new();
    let mut attempt = 0_u32;
    loop {
        if world.console.interrupted() {
            return Ok(interrupted(id));
        }
        let at = match store.refresh() {
            // A network that is gone for a moment ends no wait.
            Err(StoreError::Git(error)) if !over(world.clock.now()) => {
                announce(context, &mut last, format!("the repository does not answer, trying again: {error}"));
                nap(context, started);
                continue;
            }
            refreshed => refreshed?,
        };
        restore(context, store, &id)?;
        let found = request::find(store, &at, id)?;
        let now = world.clock.now();
        if found.landed.is_some() {
            match landed(context, store, &at, &found, signer)? {
                None => return Ok(ended(context, &found)),
                // Another process here is about to start it, or has.
                Some(Executed::Again) if !over(now) => {
                    nap(context, started);
                    continue;
                }
                Some(Executed::Again) => return Ok(still_pending(context, &found)),
                Some(other) => return finished(context, store, id, other),
            }
        }
        let (mut ended_here, mut claimed) = (false, false);
        match found.state(now) {
            State::Approved(authorized, _) if authorized.runner() == me => {
                match execute(context, store, &at, &found.dossier, *authorized, signer)? {
                    Executed::Again => {
                        pause(world, attempt);
                        attempt += 1;
                        if attempt < ATTEMPTS {
                            continue;
                        }
                    }
                    Executed::Waits => {
                        announce(
                            context,
                            &mut last,
                            "claimed; it runs once CI has landed the claim on main".to_owned(),
                        );
                        claimed = true;
                    }
                    other => return finished(context, store, id, other),
                }
            }
            State::Approved(authorized, _) => {
                let line = format!("approved; runner `{}` may run it with `expacti resume {id}`", authorized.runner());
                announce(context, &mut last, line);
            }
            State::Pending(standing) => {
                teller.waits(&at, &found, &standing);
                // Who does not wait is told the same at the end.
                if wait != Wait::No {
                    announce(context, &mut last, format!("waiting: {}", request::missing(&standing)));
                }
                let left = Lifetime::from_seconds(standing.expires.since(now))
                    .map(|left| left.to_string())
                    .unwrap_or_default();
                world.console.progress(&format!("  {left} left"));
            }
            State::Denied(..) => {
                try_landing(context, land_denial(context, store, id, me));
                ended_here = true;
            }
            State::Expired(_) => {
                try_landing(context, close(context, store, id, me, signer, Ending::Expired));
                ended_here = true;
            }
            State::Withdrawn(..) | State::Blocked(..) => ended_here = true,
            State::Refused(reason, _) => {
                if found.dossier.request.value().requester == *me {
                    try_landing(context, close(context, store, id, me, signer, Ending::Refused { reason }));
                }
                ended_here = true;
            }
        }
        if ended_here {
            take_back(store, &id)?;
            let at = store.refresh()?;
            return Ok(ended(context, &request::find(store, &at, id)?));
        }
        if over(now) {
            let found = if claimed { request::find(store, &at, id)? } else { found };
            return Ok(still_pending(context, &found));
        }
        nap(context, started);
    }
}

/// An ending holds also where this machine may not, or cannot, land it.
fn try_landing(context: &Context<'_>, landed: Result<bool, CommandError>) {
    if let Err(error) = landed {
        context.world.console.say(&format!("expacti: its end is not on main yet: {}", error.message));
    }
}

/// Looks often at first, then every two seconds; Ctrl-C ends it.
fn nap(context: &Context<'_>, started: Timestamp) {
    let world = context.world;
    let span = match world.clock.now().since(started) {
        0..10 => Duration::from_millis(250),
        10..60 => Duration::from_millis(1_000),
        _ => Duration::from_millis(2_000),
    };
    rest(world, span);
}

fn announce(context: &Context<'_>, last: &mut String, line: String) {
    if *last != line {
        context.world.console.say(&format!("expacti: {}", shown::line(&line)));
        *last = line;
    }
}

/// Pushes a branch back that this machine saw and that has vanished without ending.
fn restore(context: &Context<'_>, store: &Store, id: &RequestId) -> Result<(), CommandError> {
    if store.restore(id)? {
        context
            .world
            .console
            .say(&format!("expacti: the branch of request {id} had vanished or was rewound, and was pushed back"));
    }
    Ok(())
}

/// The bytes of arguments.
pub fn argv(arguments: &[std::ffi::OsString]) -> Vec<Vec<u8>> {
    arguments.iter().map(|argument| argument.clone().into_vec()).collect()
}
