//! `audit log`: requests, a line each.

use serde::Serialize;

use crate::commands::Context;
use crate::commands::audit::filter::Filter;
use crate::commands::audit::trail::Trail;
use crate::commands::error::CommandError;
use crate::commands::report::FindingView;
use crate::gate::account::Account;

/// `audit log`.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Log {
    /// What was asked for, as it landed; then the open ones.
    pub accounts: Vec<Account>,
    /// What does not hold: the log ends before it.
    #[serde(skip)]
    pub findings: Vec<FindingView>,
    /// Whether it could be told at all.
    #[serde(skip)]
    pub sure: bool,
}

/// Lists what the verified history says of the requests that `filter` takes.
///
/// # Errors
/// It cannot be told: nothing is pinned, the repository cannot be reached, the index cannot be read.
pub fn log(context: &Context<'_>, filter: &Filter, full: bool) -> Result<Log, CommandError> {
    let trail = Trail::open(context, full)?;
    let accounts = trail.accounts(context, filter)?;
    Ok(Log { accounts, findings: trail.verified.findings, sure: trail.verified.sure })
}
