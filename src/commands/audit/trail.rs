//! The verified history as a list of accounts.

use crate::commands::Context;
use crate::commands::audit::filter::Filter;
use crate::commands::error::CommandError;
use crate::commands::report::VerifyReport;
use crate::commands::verify::{Asked, Looked, look};
use crate::domain::id::{CommitId, Digest};
use crate::gate::account::Account;
use crate::gate::audit::Standpoint;
use crate::gate::evaluate::evaluate;
use crate::world::store::{Store, StoreError};

/// What was verified just now, as far as it holds.
#[derive(Debug)]
pub struct Trail {
    /// The store it stands in.
    pub store: Store,
    /// The newest step that holds.
    pub last: Option<Standpoint>,
    /// How verification ended; findings are told, whatever was asked.
    pub verified: VerifyReport,
}

impl Trail {
    /// Fetches and verifies, with `full` from the pinned root on.
    ///
    /// # Errors
    /// It cannot be told: nothing is pinned, or the repository cannot be reached.
    pub fn open(context: &Context<'_>, full: bool) -> Result<Self, CommandError> {
        let Looked { store, last, report } = look(context, &Asked { full, ..Asked::default() })?;
        Ok(Self { store, last, verified: report })
    }

    /// What a filter takes: requests that ended, in the order in which they landed, then those that are open.
    ///
    /// # Errors
    /// The index cannot be read, or an object is missing.
    pub fn accounts(&self, context: &Context<'_>, filter: &Filter) -> Result<Vec<Account>, CommandError> {
        let mut found = Vec::new();
        self.each(filter, &mut |account| {
            found.push(account);
            Ok(())
        })?;
        found.extend(self.open_requests(context)?.into_iter().filter(|account| filter.takes(account)));
        Ok(found)
    }

    /// Those among them that ended, one after the other.
    ///
    /// # Errors
    /// The index cannot be read, or `each` says so.
    pub fn each(
        &self,
        filter: &Filter,
        each: &mut dyn FnMut(Account) -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        let (from, to) = (filter.period.from.map(|at| at.unix()), filter.period.to.map(|at| at.unix()));
        let mut stopped = false;
        let told = self.store.index().accounts(from, to, &mut |account| {
            if filter.takes(&account) { each(account).inspect_err(|_| stopped = true) } else { Ok(()) }
        });
        told.map_err(|error: CommandError| {
            if stopped {
                return error;
            }
            error.hint("with --full it is told from the pinned root, and not from what this machine remembers")
        })
    }

    /// The open requests that can be read, as judged now; what became of the others is told by [`Trail::verified`].
    ///
    /// # Errors
    /// The list of branches cannot be read.
    pub fn open_requests(&self, context: &Context<'_>) -> Result<Vec<Account>, CommandError> {
        let Some(at) = &self.last else { return Ok(Vec::new()) };
        let now = context.world.clock.now();
        let mut found = Vec::new();
        for (id, tip) in self.store.open_requests()? {
            match self.store.dossier(at, id, tip) {
                Ok(dossier) => {
                    let state = evaluate(&at.version, &dossier, now);
                    found.push(Account::open(&at.version, &dossier, &state, now));
                }
                Err(StoreError::Request(_) | StoreError::Read(_) | StoreError::Branch(_) | StoreError::Illegal(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        found.sort_by(|a, b| (&a.created, &a.id).cmp(&(&b.created, &b.id)));
        Ok(found)
    }

    /// Height, commit and root of every policy step, the oldest first.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn versions(&self) -> Result<Vec<(u64, CommitId, Digest)>, CommandError> {
        Ok(self.store.index().versions()?)
    }
}
