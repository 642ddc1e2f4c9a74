//! Judging the first-parent chain of `main`, step after step; on long ones the other cores work ahead.

use std::sync::Arc;

use crate::domain::id::{CommitId, Digest};
use crate::gate::audit::{self, Event, Standpoint, StepError, Versions};
use crate::gate::history::History as _;
use crate::gate::ledger::{Ledger as _, LedgerError, Position};
use crate::world::index::Index;
use crate::world::objects::Objects;
use crate::world::store::ahead::{Guess, Shared, guesses};
use crate::world::store::verify::diverged;

/// How a long chain is shared out. It changes how long judging takes, never what comes of it.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Threads that work ahead; with fewer than two nobody does.
    pub threads: usize,
    /// Steps that one thread takes at a time.
    pub batch: usize,
    /// Steps that are kept in the index together.
    pub chunk: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { threads: std::thread::available_parallelism().map_or(1, usize::from).min(16), batch: 128, chunk: 8_192 }
    }
}

/// Judges the first-parent chain from the index's tip, or from the genesis, up to `tip`.
///
/// Legal steps are added to the index even where a later one is not: what was good stays known.
///
/// # Errors
/// [`StepError`] of the first step that is not legal; [`crate::gate::finding::Code::Rollback`], `Fork` or
/// `Foxtrot` where `tip` does not descend from what the index holds.
pub fn judge_chain(
    objects: &Objects,
    index: &Index,
    versions: &Versions,
    repo: Digest,
    tip: CommitId,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Standpoint, StepError> {
    judge_chain_at(&Pace::default(), objects, index, versions, repo, tip, progress)
}

/// As [`judge_chain`], at a pace of the caller's.
///
/// # Errors
/// As [`judge_chain`].
pub fn judge_chain_at(
    pace: &Pace,
    objects: &Objects,
    index: &Index,
    versions: &Versions,
    repo: Digest,
    tip: CommitId,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Standpoint, StepError> {
    let (start, steps) = walk(objects, index, tip)?;
    let total = steps.len() as u64;
    let mut steps = steps.as_slice();
    let standpoint = match start {
        Some((commit, position)) => {
            let tree = objects.commit(&commit)?.tree;
            let version = versions.get(objects, &tree, &position.root)?;
            Standpoint { commit, height: position.height, version, repo }
        }
        None => {
            let Some(((first, _), rest)) = steps.split_first() else {
                return Err(StepError::Ledger(LedgerError("an empty history".to_owned())));
            };
            steps = rest;
            let version = Arc::new(audit::genesis(objects, first, Some(&repo))?);
            versions.add(&version);
            index.add(first, &Position { height: 0, root: version.digest() }, None)?;
            Standpoint { commit: *first, height: 0, version, repo }
        }
    };
    let mut chain =
        Chain { pace, objects, index, versions, standpoint, shared: Shared::default(), done: 0, total, fresh: 0 };
    for part in steps.chunks(pace.chunk.max(1)) {
        // The rows of what was legal are kept also where a later step is not.
        let broken = index.together(|| match chain.judge(part, progress) {
            Err(StepError::Ledger(error)) => Err(StepError::Ledger(error)),
            judged => Ok(judged.err()),
        })?;
        if let Some(error) = broken {
            return Err(error);
        }
    }
    Ok(chain.standpoint)
}

/// New policy versions that are judged at once where the index is kept: running again goes on behind them.
const MAX_NEW_VERSIONS: usize = 1_024;

/// A commit of the chain, and whether it has two parents: a step with one brings a policy version.
type Step = (CommitId, bool);

/// Where judging begins, and the steps from there.
type Walked = (Option<(CommitId, Position)>, Vec<Step>);

/// The steps from the newest one the index holds to `tip`, oldest first.
fn walk(objects: &Objects, index: &Index, tip: CommitId) -> Result<Walked, StepError> {
    let known = index.tip()?;
    let mut steps = Vec::new();
    let mut at = tip;
    let start = loop {
        if known.is_some()
            && let Some(position) = index.find(&at)?
        {
            break Some((at, position));
        }
        let parents = objects.commit(&at).map_err(|error| StepError::from(error).at(&at))?.parents;
        steps.push((at, parents.len() == 2));
        match parents.first() {
            Some(first) => at = *first,
            None => break None,
        }
    };
    if let Some((known, _)) = known
        && start.is_none_or(|(commit, _)| commit != known)
    {
        return Err(StepError::Illegal(diverged(objects, &tip, &known)?));
    }
    steps.reverse();
    Ok((start, steps))
}

/// A chain under judgement, up to `standpoint`.
struct Chain<'a> {
    pace: &'a Pace,
    objects: &'a Objects,
    index: &'a Index,
    versions: &'a Versions,
    standpoint: Standpoint,
    shared: Shared,
    done: u64,
    total: u64,
    /// Policy versions judged so far.
    fresh: usize,
}

impl Chain<'_> {
    fn judge(&mut self, steps: &[Step], progress: &mut dyn FnMut(u64, u64)) -> Result<(), StepError> {
        // A policy step changes who judges what follows: nobody works ahead of one.
        for run in steps.chunk_by(|(_, one), (_, next)| one == next) {
            if self.pace.threads < 2 || run.len() < self.pace.batch * 2 || !run.iter().all(|(_, request)| *request) {
                for (commit, _) in run {
                    let event = self.step(commit, None, progress)?;
                    self.shared.note(&event);
                }
            } else {
                self.ahead(run, progress)?;
            }
        }
        Ok(())
    }

    /// Takes the steps of a run in order, with what other threads made of them where that still holds.
    fn ahead(&mut self, run: &[Step], progress: &mut dyn FnMut(u64, u64)) -> Result<(), StepError> {
        let mut shared = std::mem::take(&mut self.shared);
        let root = self.standpoint.version.digest();
        let run: Vec<CommitId> = run.iter().map(|(commit, _)| *commit).collect();
        for (height, commit) in (self.standpoint.height + 1..).zip(&run) {
            shared.place(commit, Position { height, root });
        }
        let below = self.standpoint.clone();
        let judged = guesses(self.pace, self.objects.path(), &shared, &below, &run, &mut |commit, guess| {
            let event = self.step(commit, guess, progress)?;
            shared.note(&event);
            Ok(())
        });
        self.shared = shared;
        judged
    }

    fn step(
        &mut self,
        commit: &CommitId,
        guess: Option<Guess>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Event, StepError> {
        progress(self.done, self.total);
        let event = match guess {
            Some(Guess { event, answers }) if answers.hold(self.index)? => event,
            _ => audit::step(self.objects, self.index, self.versions, &self.standpoint, commit)?,
        };
        if let Event::Policy(version) = &event {
            if self.index.is_kept() && self.fresh == MAX_NEW_VERSIONS {
                return Err(StepError::ManyVersions(self.fresh));
            }
            self.fresh += 1;
            self.versions.add(version);
            self.standpoint.version = Arc::clone(version);
        }
        self.standpoint.commit = *commit;
        self.standpoint.height += 1;
        let position = Position { height: self.standpoint.height, root: self.standpoint.version.digest() };
        self.index.add(commit, &position, Some(&event))?;
        self.done += 1;
        Ok(event)
    }
}
