//! All events in the order in which they landed, one after the other: however long the history, few are held at once.

use std::collections::BTreeMap;

use crate::commands::audit::export::event::{At, Event, What};
use crate::commands::audit::filter::Filter;
use crate::commands::audit::trail::Trail;
use crate::commands::audit::versions::steps;
use crate::commands::error::CommandError;
use crate::domain::id::CommitId;
use crate::domain::time::Timestamp;
use crate::gate::account::{Account, Told};
use crate::gate::ledger::Ledger as _;

/// Takes one event.
pub type Taker<'a> = dyn FnMut(&[u8]) -> Result<(), CommandError> + 'a;

/// Renders every event that landed above `after` and that `filter` takes.
///
/// Policy versions come where no filter but that of time is set. What is open has not landed, and is not here.
///
/// # Errors
/// The index or an object cannot be read, or `take` says so.
pub fn feed(
    trail: &Trail,
    filter: &Filter,
    after: Option<u64>,
    render: &dyn Fn(&Event<'_>) -> Vec<u8>,
    take: &mut Taker<'_>,
) -> Result<(), CommandError> {
    let wanted = |height: u64| after.is_none_or(|after| height > after);
    // What lands above the requests that were met so far.
    let mut later: BTreeMap<u64, Vec<Vec<u8>>> = BTreeMap::new();
    if filter.is_of_time_alone() {
        for step in steps(trail)?.iter().filter(|step| wanted(step.height)) {
            if step.time.parse::<Timestamp>().map_or(true, |at| filter.period.holds(at)) {
                later.entry(step.height).or_default().push(render(&Event::Policy(step)));
            }
        }
    }
    trail.each(filter, &mut |account| {
        let height = account.height.unwrap_or(0);
        while let Some(first) = later.first_entry().filter(|first| *first.key() < height) {
            first.remove().iter().try_for_each(|line| take(line))?;
        }
        let commit = account.commit.clone().unwrap_or_default();
        let at = At { commit: &commit, height };
        let mut tell = |what| take(&render(&Event::Request(&account, what, at)));
        if wanted(height) {
            tell(What::Made)?;
            account.decisions.iter().try_for_each(|voice| tell(What::Decided(voice)))?;
            tell(What::Ended)?;
        }
        for (told, height) in outcomes(trail, &account)? {
            if wanted(height) {
                let at = At { commit: told.commit.as_deref().unwrap_or(&commit), height };
                later.entry(height).or_default().push(render(&Event::Request(&account, What::Told(told), at)));
            }
        }
        Ok(())
    })?;
    later.into_values().flatten().try_for_each(|line| take(&line))
}

/// What came of its claim, and before that what an admin had said, each with the height of its step.
fn outcomes<'a>(trail: &Trail, account: &'a Account) -> Result<Vec<(&'a Told, u64)>, CommandError> {
    let mut found = Vec::new();
    let mut next = account.outcome.as_ref().filter(|_| account.is_claimed());
    while let Some(told) = next {
        let commit = told.commit.as_deref().and_then(|commit| commit.parse::<CommitId>().ok());
        let position = commit.map(|commit| trail.store.index().find(&commit)).transpose()?.flatten();
        found.push((told, position.map_or(account.height.unwrap_or(0), |position| position.height)));
        next = told.before.as_deref();
    }
    Ok(found)
}
