//! Repairs: the tree of the last good step again, and what was pushed after it as second parent.
//!
//! Whoever can push can also write a repair, so it must not undo anything that was legal. Which first parent a
//! commit names is the pusher's choice: a broken merge that names an old step first and the true tip second is a
//! plain fast-forward, and a repair on that old step would make everything between vanish for whoever sees the
//! repository for the first time. Hence no ancestor of the bad tip, by any parent, may be a legal step from a step
//! of the chain that the repair stands on.

use std::collections::BTreeMap;

use crate::domain::id::CommitId;
use crate::gate::audit::{Standpoint, StepError, Versions, plain};
use crate::gate::finding::Code;
use crate::gate::history::{Commit, History};
use crate::gate::ledger::{AsOf, Ledger, Position};

/// The most commits that one repair sets aside.
const MAX_COMMITS: usize = 100_000;

/// What is known of a commit beyond the chain and of all its ancestors there.
#[derive(Debug, Clone, Copy, Default)]
struct Facts {
    /// The height of the newest step of the chain among its ancestors.
    top: Option<u64>,
    /// A legal step from a step of the chain, which is not on the chain.
    undone: Option<CommitId>,
}

/// What a repair on a step of the chain would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// Set aside what was never legal, and nothing else.
    Legal,
    /// Take back this step, which was legal.
    Undoes(CommitId),
    /// Set aside a tip that does not come from that step.
    Elsewhere,
}

/// Judges the repair of `bad` on `below`.
pub(super) fn judge(
    history: &dyn History,
    ledger: &dyn Ledger,
    versions: &Versions,
    below: &Standpoint,
    bad: &CommitId,
) -> Result<(), StepError> {
    let illegal = |message: String| Err(StepError::illegal(Code::RepairIllegal, message));
    match weigh(history, ledger, versions, below, bad)? {
        Repair::Legal => Ok(()),
        Repair::Undoes(undone) => illegal(format!("a repair that undoes the legal step {undone}")),
        Repair::Elsewhere => illegal("a repair of a tip that does not come from the step before it".to_owned()),
    }
}

/// What a repair of `bad` on `below` would do, for whoever judges one and whoever wants to write one.
///
/// # Errors
/// [`StepError`], also where more is set aside than can be judged.
pub fn weigh(
    history: &dyn History,
    ledger: &dyn Ledger,
    versions: &Versions,
    below: &Standpoint,
    bad: &CommitId,
) -> Result<Repair, StepError> {
    let chain = AsOf { ledger, height: below.height };
    let mut known: BTreeMap<CommitId, Facts> = BTreeMap::new();
    for (id, commit) in beyond(history, &chain, bad)? {
        let mut facts = Facts::default();
        for parent in &commit.parents {
            let theirs = match chain.find(parent)? {
                Some(position) => Facts { top: Some(position.height), undone: None },
                None => known.get(parent).copied().unwrap_or_default(),
            };
            facts = Facts { top: facts.top.max(theirs.top), undone: facts.undone.or(theirs.undone) };
        }
        if let Some(first) = commit.parents.first()
            && let Some(position) = chain.find(first)?
            && is_legal(history, &chain, versions, below, &known, first, position, &id, &commit)?
        {
            facts.undone = Some(id);
        }
        known.insert(id, facts);
    }
    Ok(match known.get(bad) {
        Some(Facts { undone: Some(undone), .. }) => Repair::Undoes(*undone),
        Some(Facts { top, undone: None }) if *top == Some(below.height) => Repair::Legal,
        _ => Repair::Elsewhere,
    })
}

/// Whether a commit would have been a legal step of the chain when its first parent was the tip.
#[expect(clippy::too_many_arguments, reason = "everything a judge looks at, named")]
fn is_legal(
    history: &dyn History,
    chain: &AsOf<'_>,
    versions: &Versions,
    below: &Standpoint,
    known: &BTreeMap<CommitId, Facts>,
    first: &CommitId,
    position: Position,
    id: &CommitId,
    commit: &Commit,
) -> Result<bool, StepError> {
    let tree = history.commit(first)?.tree;
    if let (true, [_, bad]) = (commit.tree == tree, commit.parents.as_slice()) {
        // A repair itself: its bad tip's facts are known, since parents come first.
        return Ok(known.get(bad).is_some_and(|facts| facts.top == Some(position.height) && facts.undone.is_none()));
    }
    let version = versions.get(history, &tree, &position.root)?;
    let then = Standpoint { commit: *first, height: position.height, version, repo: below.repo };
    let ledger = AsOf { ledger: chain, height: position.height };
    match plain(history, &ledger, versions, &then, id, commit) {
        Ok(_) => Ok(true),
        Err(StepError::Illegal(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// `tip` and its ancestors up to the chain, parents before children.
fn beyond(history: &dyn History, chain: &AsOf<'_>, tip: &CommitId) -> Result<Vec<(CommitId, Commit)>, StepError> {
    let mut order = Vec::new();
    let mut met: BTreeMap<CommitId, Option<Commit>> = BTreeMap::new();
    let mut stack = vec![*tip];
    while let Some(at) = stack.last().copied() {
        match met.get_mut(&at) {
            // All its parents are done.
            Some(waiting) => {
                stack.pop();
                order.extend(waiting.take().map(|commit| (at, commit)));
            }
            None if chain.find(&at)?.is_some() => {
                stack.pop();
            }
            None => {
                if met.len() >= MAX_COMMITS {
                    return Err(StepError::illegal(
                        Code::RepairIllegal,
                        "a repair that sets aside more commits than can be judged",
                    ));
                }
                let commit = history.commit(&at)?;
                stack.extend(commit.parents.iter().filter(|parent| !met.contains_key(*parent)));
                met.insert(at, Some(commit));
            }
        }
    }
    Ok(order)
}
