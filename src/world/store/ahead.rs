//! Working ahead: other threads judge steps before it is certain what stands below them.
//!
//! They are told what the ledger will probably say by then, and note every answer they used. Whoever takes the steps
//! in order asks the true ledger the same questions: with the same answers the judgement is the true one, since a
//! judgement depends on nothing but objects and answers. With any other answer, and wherever a step did not come out
//! as legal, it is judged again in its turn. So nothing here decides anything, and the first finding is always the same.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

use crate::domain::id::{CommitId, RequestId};
use crate::gate::audit::{self, Event, Standpoint, StepError, Versions};
use crate::gate::ledger::{Answers, AsOf, Landed, LandedEnding, Ledger, LedgerError, Noting, Position};
use crate::risk::{History, Subject};
use crate::world::objects::Objects;
use crate::world::store::chain::Pace;

/// The most answers kept with a guess; a judgement that needs more is made in its turn.
const MAX_ANSWERS: usize = 4_096;

/// What a step would be if the ledger gave these answers.
#[derive(Debug)]
pub(super) struct Guess {
    pub(super) event: Event,
    pub(super) answers: Answers,
}

/// Who takes the steps in order.
type Take<'a> = dyn FnMut(&CommitId, Option<Guess>) -> Result<(), StepError> + 'a;

/// What the ledger will probably say.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Where the steps stand, if all of them are legal.
    placed: HashMap<CommitId, Position>,
    /// Claims whose outcome has not landed.
    claims: Mutex<HashMap<RequestId, Landed>>,
}

impl Shared {
    pub(super) fn place(&mut self, commit: &CommitId, position: Position) {
        self.placed.insert(*commit, position);
    }

    /// A step was judged in its turn.
    pub(super) fn note(&self, event: &Event) {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        note(&mut claims, event);
    }
}

fn note(claims: &mut HashMap<RequestId, Landed>, event: &Event) {
    match event {
        Event::Ended(id, landed, _) if matches!(landed.ending, LandedEnding::Claimed { .. }) => {
            claims.insert(*id, landed.clone());
        }
        Event::Outcome(id, ..) => drop(claims.remove(id)),
        Event::Ended(..) | Event::Policy(_) | Event::Repair { .. } => {}
    }
}

/// The probable ledger of one thread.
#[derive(Debug)]
struct Probable<'a> {
    shared: &'a Shared,
    /// Claims of the steps this thread has just judged.
    own: &'a HashMap<RequestId, Landed>,
}

impl Ledger for Probable<'_> {
    fn find(&self, commit: &CommitId) -> Result<Option<Position>, LedgerError> {
        Ok(self.shared.placed.get(commit).copied())
    }

    fn landed(&self, id: &RequestId) -> Result<Option<Landed>, LedgerError> {
        if let Some(landed) = self.own.get(id) {
            return Ok(Some(landed.clone()));
        }
        let claims = self.shared.claims.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(claims.get(id).cloned())
    }

    fn past(&self, _: &Subject, _: u64) -> Result<History, LedgerError> {
        Err(LedgerError("what had landed before is not known ahead".to_owned()))
    }
}

/// Calls `take` for every step in order, with a guess where a thread made one in time.
///
/// # Errors
/// The first of `take`; the threads stop then.
pub(super) fn guesses(
    pace: &Pace,
    repository: &Path,
    shared: &Shared,
    below: &Standpoint,
    steps: &[CommitId],
    take: &mut Take<'_>,
) -> Result<(), StepError> {
    let batches: Vec<&[CommitId]> = steps.chunks(pace.batch.max(1)).collect();
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let (send, made) = mpsc::channel();
        for _ in 0..pace.threads {
            let send = send.clone();
            let (batches, next, stop) = (&batches, &next, &stop);
            scope.spawn(move || {
                // Without objects there are no guesses, and every step is judged in its turn.
                let Ok(objects) = Objects::open(repository) else { return };
                let versions = Versions::default();
                versions.add(&below.version);
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(batch) = batches.get(number) else { break };
                    let first = number * pace.batch.max(1);
                    let before = first.checked_sub(1).and_then(|before| steps.get(before)).unwrap_or(&below.commit);
                    let below = Standpoint { commit: *before, height: below.height + first as u64, ..below.clone() };
                    let guesses = guess(&objects, &versions, shared, below, batch);
                    if send.send((number, guesses)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let taken = in_order(&batches, &made, take);
        stop.store(true, Ordering::Relaxed);
        taken
    })
}

type Made = (usize, Vec<Option<Guess>>);

fn in_order(batches: &[&[CommitId]], made: &mpsc::Receiver<Made>, take: &mut Take<'_>) -> Result<(), StepError> {
    let mut early: BTreeMap<usize, Vec<Option<Guess>>> = BTreeMap::new();
    for (number, batch) in batches.iter().enumerate() {
        let guesses = loop {
            if let Some(guesses) = early.remove(&number) {
                break guesses;
            }
            match made.recv() {
                Ok((number, guesses)) => drop(early.insert(number, guesses)),
                // Every thread is gone.
                Err(mpsc::RecvError) => break Vec::new(),
            }
        };
        let mut guesses = guesses.into_iter();
        for commit in *batch {
            take(commit, guesses.next().flatten())?;
        }
    }
    Ok(())
}

/// Judges the steps of one batch as if all of them were legal.
fn guess(
    objects: &Objects,
    versions: &Versions,
    shared: &Shared,
    mut below: Standpoint,
    batch: &[CommitId],
) -> Vec<Option<Guess>> {
    let mut own = HashMap::new();
    let mut guesses = Vec::with_capacity(batch.len());
    for commit in batch {
        let probable = Probable { shared, own: &own };
        let then = AsOf { ledger: &probable, height: below.height };
        let noting = Noting::new(&then);
        let judged = audit::step(objects, &noting, versions, &below, commit);
        let answers = noting.answers();
        below.commit = *commit;
        below.height += 1;
        guesses.push(match judged {
            Ok(event) if answers.count() <= MAX_ANSWERS => {
                note(&mut own, &event);
                Some(Guess { event, answers })
            }
            _ => None,
        });
    }
    guesses
}
