//! `sync --land`: what waits for CI goes to `main`, policy versions included, each judged on the newest one, in an order nobody can press forward in.

use std::collections::BTreeMap;

use crate::commands::Context;
use crate::commands::deliver::{ATTEMPTS, pause};
use crate::commands::error::CommandError;
use crate::commands::report::{LandedView, LeftView, SyncReport};
use crate::domain::id::{CommitId, Digest, RequestId};
use crate::domain::outcome::Ending;
use crate::domain::principal::Name;
use crate::domain::shown;
use crate::gate::audit::Standpoint;
use crate::gate::branch::BranchError;
use crate::gate::evaluate::evaluate;
use crate::gate::finding::{Code, Finding};
use crate::gate::ledger::{LandedEnding, Ledger as _};
use crate::gate::state::State;
use crate::world::entropy;
use crate::world::store::{Kind, Landing, Store, StoreError, Waits};

/// The most branches of a kind that one call looks at: what is more waits for the next.
const MOST: usize = 4_096;
/// The most finished branches that one call removes.
const REMOVED: usize = 512;
/// How many refused pushes in a row mean that the host refuses all of them.
const REFUSALS: usize = 8;

/// In the order in which they land: whatever forbids a claim before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Denial,
    Ending,
    Claim,
    Outcome,
    Expiry,
}

/// Something that may land.
#[derive(Debug, Clone, Copy)]
struct Item {
    turn: Turn,
    id: RequestId,
    tip: CommitId,
}

/// What became of it.
enum Done {
    Landed(&'static str),
    /// Nothing about it can land any more: another was first.
    Over,
    /// Honest, and cannot land now.
    Later(String),
    Left(Finding),
    Refused(String),
}

impl Item {
    fn kind(&self) -> Option<Kind> {
        match self.turn {
            Turn::Denial => None,
            Turn::Claim => Some(Kind::Claim),
            Turn::Ending | Turn::Outcome | Turn::Expiry => Some(Kind::Outcome),
        }
    }

    fn branch(&self) -> String {
        self.kind().map_or_else(|| format!("requests/{}", self.id), |kind| kind.branch(&self.id))
    }
}

/// Lands everything that waits and verifies, and reports the rest.
///
/// # Errors
/// The repository does not answer, or refuses every push.
pub fn land(context: &Context<'_>, store: &Store, report: &mut SyncReport) -> Result<(), CommandError> {
    let at = store.refresh()?;
    store.fetch_waiting()?;
    let mut refused = 0;
    let mut judged_policy = false;
    for item in items(context, store, &at, report)? {
        // After the denials, which it could take the right from; before the claims, which it may forbid.
        if item.turn > Turn::Denial && !std::mem::replace(&mut judged_policy, true) {
            policy(context, store, report)?;
        }
        match settle(context, store, item)? {
            Done::Landed(what) => {
                refused = 0;
                report.landed.push(LandedView { id: item.id.to_string(), what: what.to_owned() });
            }
            Done::Over => {}
            Done::Later(message) => report.left.push(LeftView { branch: item.branch(), code: None, message }),
            Done::Left(finding) => report.left.push(left(item.branch(), &finding)),
            Done::Refused(reason) => {
                refused += 1;
                let reason = shown::line(&reason);
                if report.landed.is_empty() && refused >= REFUSALS {
                    return Err(CommandError::unsure(format!("the repository refuses the push to main: {reason}"))
                        .hint("whoever runs `expacti sync --land` must be allowed to push to main"));
                }
                report.problems.push(format!("{}: the repository refuses the push to main: {reason}", item.branch()));
            }
        }
    }
    if !judged_policy {
        policy(context, store, report)?;
    }
    store.remove_finished(REMOVED)?;
    Ok(())
}

/// Policy versions that have all the signatures they need, one after the other.
fn policy(context: &Context<'_>, store: &Store, report: &mut SyncReport) -> Result<(), CommandError> {
    for attempt in 0..ATTEMPTS {
        let at = store.refresh_main()?;
        let waiting = store.proposals(Some(&at))?;
        waiting.over.iter().for_each(|(branch, tip)| store.remove_proposal(branch, *tip));
        let Some(complete) = waiting.proposals.iter().find(|proposal| proposal.is_complete()) else { return Ok(()) };
        let signed = complete.sides().into_iter().find_map(|side| side.signed.first().cloned());
        let Some(author) = signed else { return Ok(()) };
        match store.land_policy(Some(&at), complete, &author, context.world.clock.now()) {
            Ok(Landing::Landed(_)) => {
                store.refresh_main()?;
                store.remove_proposal(&complete.branch, complete.tip);
                let id = complete.version.digest().to_string();
                report.landed.push(LandedView { id, what: "policy".to_owned() });
            }
            Ok(Landing::Moved) => pause(context.world, attempt),
            Err(StoreError::Refused(reason)) => {
                let reason = shown::line(&reason);
                report.problems.push(format!("{}: the repository refuses the push to main: {reason}", complete.branch));
                return Ok(());
            }
            Err(error) => {
                report.left.push(left(complete.branch.clone(), &finding(error)?));
                return Ok(());
            }
        }
    }
    Ok(())
}

fn left(branch: String, finding: &Finding) -> LeftView {
    LeftView { branch, code: Some(finding.code.to_string()), message: shown::line(&finding.message) }
}

/// What there is to land, in the order of [`Turn`], and of each kind one of every requester in turn.
fn items(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    report: &mut SyncReport,
) -> Result<Vec<Item>, CommandError> {
    let now = context.world.clock.now();
    let salt: [u8; 16] = entropy::bytes(context.world.entropy.as_ref())?;
    let mut found: Vec<(Name, Item)> = Vec::new();
    for (id, tip) in some(&salt, "requests", store.open_requests()?, report) {
        // A branch that cannot be read asks for nothing; `verify` lists it.
        let Ok(dossier) = store.dossier(at, id, tip) else { continue };
        // Another job in this home may be noting the same at this moment.
        let _ = store.saw(&id, &tip);
        if matches!(evaluate(&at.version, &dossier, now), State::Denied(..)) {
            found.push((dossier.request.value().requester.clone(), Item { turn: Turn::Denial, id, tip }));
        }
    }
    for kind in [Kind::Claim, Kind::Outcome] {
        for (id, tip) in some(&salt, kind.directory(), store.waiting(kind)?, report) {
            match looked_at(store, at, kind, id, tip) {
                Ok(item) => found.extend(item),
                Err(error) => report.left.push(left(kind.branch(&id), &finding(error)?)),
            }
        }
    }
    let mut turns: BTreeMap<(Turn, Name), usize> = BTreeMap::new();
    let mut ordered = Vec::with_capacity(found.len());
    for (requester, item) in found {
        let nth = turns.entry((item.turn, requester)).or_default();
        ordered.push((item.turn, *nth, item));
        *nth += 1;
    }
    ordered.sort_by_key(|(turn, nth, _)| (*turn, *nth));
    Ok(ordered.into_iter().map(|(_, _, item)| item).collect())
}

/// Branches by chance, and not by anything that whoever names a branch or dates a request can choose.
fn some(
    salt: &[u8],
    what: &str,
    mut branches: Vec<(RequestId, CommitId)>,
    report: &mut SyncReport,
) -> Vec<(RequestId, CommitId)> {
    branches.sort_by_key(|(id, _)| Digest::of(&[salt, id.as_bytes()].concat()));
    if branches.len() > MOST {
        report.problems.push(format!("{} branches below {what}/ wait for the next call", branches.len() - MOST));
        branches.truncate(MOST);
    }
    branches
}

/// What kind of record waits on a branch, and whose request it is about; `None`: nothing of it can land any more.
fn looked_at(
    store: &Store,
    at: &Standpoint,
    kind: Kind,
    id: RequestId,
    tip: CommitId,
) -> Result<Option<(Name, Item)>, StoreError> {
    let landed = store.index().landed(&id)?;
    let turn = match (&landed, kind) {
        (Some(landed), Kind::Outcome) if matches!(landed.ending, LandedEnding::Claimed { .. }) => Turn::Outcome,
        (Some(_), _) => return Ok(None),
        (None, Kind::Claim) => Turn::Claim,
        (None, Kind::Outcome) => match store.waits(at, kind, &id, tip)?.outcome.map(|outcome| outcome.ending) {
            Some(Ending::Expired) => Turn::Expiry,
            _ => Turn::Ending,
        },
    };
    let requester = match &landed {
        Some(landed) => store.landed_dossier(at, id, landed)?.0.request.value().requester.clone(),
        None => store.ending_dossier(at, id, tip)?.request.value().requester.clone(),
    };
    Ok(Some((requester, Item { turn, id, tip })))
}

/// Judges one on the newest `main`, and lands it, until it is there or cannot be.
fn settle(context: &Context<'_>, store: &Store, item: Item) -> Result<Done, CommandError> {
    let world = context.world;
    for attempt in 0..ATTEMPTS {
        let at = store.refresh_main()?;
        let done = match prepare(context, store, &at, item) {
            Err(done) => return Ok(done),
            Ok(prepared) => prepared.and_then(|waits| {
                let landing = store.land(&at, &waits.ending(&item.id, world.clock.now()))?;
                Ok((waits, landing))
            }),
        };
        match done {
            Ok((waits, Landing::Landed(_))) => {
                store.refresh_main()?;
                return Ok(Done::Landed(waits.what));
            }
            Ok((_, Landing::Moved)) => pause(world, attempt),
            Err(StoreError::Refused(reason)) => return Ok(Done::Refused(reason)),
            Err(error) => return finding(error).map(|finding| overtaken(store, item, finding)),
        }
    }
    Err(CommandError::unsure(format!("main kept moving for {ATTEMPTS} attempts")))
}

/// What does not land because something else about the request has is nobody's fault.
fn overtaken(store: &Store, item: Item, finding: Finding) -> Done {
    match store.index().landed(&item.id) {
        Ok(Some(landed)) if landed.outcome.is_some() || finding.code == Code::EndedTwice => Done::Over,
        _ => Done::Left(finding),
    }
}

/// As it would land on `at`; the other side where it is settled already.
fn prepare(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    item: Item,
) -> Result<Result<Waits, StoreError>, Done> {
    let Item { turn, id, tip } = item;
    let now = context.world.clock.now();
    if turn != Turn::Outcome && store.index().landed(&id).is_ok_and(|landed| landed.is_some()) {
        return Err(Done::Over);
    }
    let Some(kind) = item.kind() else {
        return Ok(denial(context, store, at, id, tip));
    };
    if kind == Kind::Claim {
        // A denial or a withdrawal that stands on a branch forbids it, also where it cannot land itself.
        let tips = match store.tips(&id) {
            Ok(tips) => tips.into_iter().chain([tip]),
            Err(error) => return Ok(Err(error)),
        };
        for tip in tips {
            let Ok(dossier) = store.dossier(at, id, tip) else { continue };
            match evaluate(&at.version, &dossier, now) {
                State::Denied(decision, _) => {
                    return Err(Done::Later(format!("`{}` denied the request", decision.reviewer)));
                }
                State::Withdrawn(..) => return Err(Done::Later("the requester withdrew the request".to_owned())),
                State::Expired(standing) => {
                    let message =
                        format!("its time was over at {}; `expacti sync` with a key closes it", standing.expires);
                    return Err(Done::Later(message));
                }
                State::Pending(_) | State::Approved(..) | State::Refused(..) | State::Blocked(..) => {}
            }
        }
    }
    Ok(store.waits(at, kind, &id, tip))
}

/// A denial on the request's own branch, as it would land.
fn denial(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    id: RequestId,
    tip: CommitId,
) -> Result<Waits, StoreError> {
    let now = context.world.clock.now();
    let dossier = store.dossier(at, id, tip)?;
    let author = match evaluate(&at.version, &dossier, now) {
        State::Denied(decision, _) => decision.reviewer,
        _ => dossier.request.value().requester.clone(),
    };
    let second = store.clean_tip(&dossier, &author, now)?;
    Ok(Waits { directory: dossier.branch.directory, second, author, signed: now, what: "denied", outcome: None })
}

/// What is wrong with a branch; an error that is not about it ends the whole call.
fn finding(error: StoreError) -> Result<Finding, CommandError> {
    match error {
        StoreError::Illegal(finding) | StoreError::Request(finding) => Ok(finding),
        StoreError::Read(error) | StoreError::Branch(BranchError::Read(error)) => {
            Ok(Finding::new(Code::ObjectUnreadable, error.to_string()))
        }
        StoreError::Branch(error) if !matches!(error, BranchError::Ledger(_)) => {
            Ok(Finding::new(Code::BranchTainted, error.to_string()))
        }
        error => Err(error.into()),
    }
}
