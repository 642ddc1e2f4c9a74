//! Landing the outcome of a claim, now or as soon as the repository answers again.

use std::time::Duration;

use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::commands::waiting::{Left, leave};
use crate::domain::id::RequestId;
use crate::domain::outcome::Outcome;
use crate::domain::policy::Land;
use crate::domain::principal::Name;
use crate::gate::history::{self, History as _, ReadError};
use crate::gate::ledger::{Landed, Ledger as _};
use crate::record::Record as _;
use crate::world::store::{self, Kind, Landing, Record, Store};
use crate::world::{World, entropy, journal};

/// Lands a signed outcome of a claim, and forgets its spooled copy.
///
/// Returns whether it is on `main`; where CI lands, it waits on a branch of its own, and the spooled copy stays until it has landed.
///
/// # Errors
/// It could not be landed; the spooled copy stays.
pub fn deliver(
    context: &Context<'_>,
    store: &Store,
    id: &RequestId,
    record: &Record,
    author: &Name,
) -> Result<bool, CommandError> {
    let world = context.world;
    for attempt in 0..ATTEMPTS {
        let at = store.refresh_main()?;
        let landed =
            store.index().landed(id)?.ok_or_else(|| CommandError::unsure(format!("request {id} was not claimed")))?;
        if !stands(store, &landed, record)? {
            let now = Outcome::parse(&record.bytes).map_or_else(|_| world.clock.now(), |outcome| outcome.recorded);
            let tip = store.outcome_chain(&landed, record, id, author, now)?;
            if at.version.config().land == Land::Ci {
                let path = format!("{}/{}", landed.directory, record.name);
                leave(context, store, Kind::Outcome, &Left { id, tip, path, digest: record.digest() })?;
                return Ok(false);
            }
            let ending = store::Ending { id, directory: &landed.directory, second: tip, author, now, what: "outcome" };
            match store.land(&at, &ending)? {
                Landing::Landed(_) => {
                    store.refresh_main()?;
                }
                Landing::Moved => {
                    pause(world, attempt);
                    continue;
                }
            }
        }
        let _ = journal::delivered(&store.spool(), id);
        return Ok(true);
    }
    Err(CommandError::unsure(format!("main kept moving for {ATTEMPTS} attempts")))
}

/// Whether these very bytes are on `main` already.
fn stands(store: &Store, landed: &Landed, record: &Record) -> Result<bool, CommandError> {
    let unsure = |error: ReadError| CommandError::unsure(error.to_string());
    let Some(outcome) = &landed.outcome else { return Ok(false) };
    let tree = store.objects().commit(outcome).map_err(unsure)?.tree;
    for name in ["outcome.toml", "outcome-late.toml"] {
        let path = format!("{}/{name}", landed.directory);
        if let Some(entry) = history::at(store.objects(), &tree, &path).map_err(unsure)?
            && store.objects().blob(&entry.id, record.bytes.len()).is_ok_and(|bytes| bytes == record.bytes)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How often a landing is tried while `main` keeps moving.
pub const ATTEMPTS: u32 = 60;

/// A short wait, longer each time and different on every machine.
pub fn pause(world: &World, attempt: u32) {
    let jitter = entropy::bytes::<1>(world.entropy.as_ref()).map_or(128, |[byte]| u64::from(byte));
    let most = 20 * u64::from(attempt.min(10) + 1);
    world.clock.sleep(Duration::from_millis(most / 2 + most * jitter / 256));
}

/// Waits so long; Ctrl-C ends it.
pub fn rest(world: &World, span: Duration) {
    let mut left = span;
    while !left.is_zero() && !world.console.interrupted() {
        let slice = left.min(Duration::from_millis(100));
        world.clock.sleep(slice);
        left = left.saturating_sub(slice);
    }
}

/// Delivers what this machine could not deliver before; says what is still waiting.
pub fn deliver_spooled(context: &Context<'_>, store: &Store) -> (Vec<RequestId>, Vec<String>) {
    let mut delivered = Vec::new();
    let mut problems = Vec::new();
    let waiting = match journal::spooled(&store.spool()) {
        Ok(waiting) => waiting,
        Err(error) => return (delivered, vec![error.to_string()]),
    };
    for (id, bytes, signature) in waiting {
        let author = match Outcome::parse(&bytes) {
            Ok(outcome) => outcome.author,
            Err(error) => {
                problems.push(format!("the spooled outcome of {id}: {error}"));
                continue;
            }
        };
        // A process that is running it right now delivers it itself.
        match journal::lock(&store.journal(), &id) {
            Ok(Some(_entry)) => {}
            _ => continue,
        }
        let record = Record { name: "outcome.toml".to_owned(), bytes, signature };
        match deliver(context, store, &id, &record, &author) {
            Ok(true) => delivered.push(id),
            Ok(false) => {}
            Err(error) => problems.push(format!("the outcome of {id}: {error}")),
        }
    }
    (delivered, problems)
}
