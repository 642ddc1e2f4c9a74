//! Request steps: the first records of a request with exactly one ending, or the outcome of its claim.

mod outcome;

use crate::domain::decision::{Decision, Verdict};
use crate::domain::id::{CommitId, ObjectId, RequestId};
use crate::domain::outcome::{Ending, Outcome};
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::gate::account::Account;
use crate::gate::audit::request_step::outcome::{Spent, closed_by, goes_on, outcome};
use crate::gate::audit::{Event, Kept, Standpoint, StepError, Versions};
use crate::gate::branch::{self, Branch, Changes};
use crate::gate::dossier::{Dossier, Judges, gather};
use crate::gate::evaluate::{approver, denier, evaluate};
use crate::gate::finding::{Code, Finding};
use crate::gate::hazard;
use crate::gate::history::{self, Commit, DIRECTORY, Entry, History};
use crate::gate::ledger::{Landed, LandedEnding, Ledger};
use crate::gate::state::{Standing, State};
use crate::trust::verify::Verified;

#[expect(clippy::too_many_arguments, reason = "everything a judge looks at, named")]
pub(super) fn judge(
    history: &dyn History,
    ledger: &dyn Ledger,
    versions: &Versions,
    below: &Standpoint,
    old: &ObjectId,
    commit: &CommitId,
    step: &Commit,
    second: &CommitId,
) -> Result<Event, StepError> {
    let (id, added) = subject(history, old, &step.tree)?;
    let branch = branch::read(history, ledger, id, *second).map_err(|error| match StepError::from(error) {
        StepError::Illegal(finding) => {
            let landed = added.first().map(|path| path.split('/').take(5).collect::<Vec<_>>().join("/"));
            StepError::Illegal(finding.path(landed.unwrap_or_default()))
        }
        other => other,
    })?;
    let directory = branch.directory.clone();
    let inside = format!("{directory}/");
    if let Some(path) = added.into_iter().find(|path| !path.starts_with(&inside)) {
        let finding =
            Finding::new(Code::StepIllegal, "a request step that adds a file outside the request's directory");
        return Err(StepError::Illegal(finding.path(path)));
    }
    about(history, ledger, versions, below, commit, step, second, id, branch).map_err(|error| match error {
        StepError::Illegal(finding) if finding.path.is_none() => StepError::Illegal(finding.path(directory)),
        other => other,
    })
}

/// What landing the chain that ends at `tip` would do to its request, as a step on `below`.
///
/// # Errors
/// [`StepError`]: it would not be legal.
pub fn would_land(
    history: &dyn History,
    ledger: &dyn Ledger,
    versions: &Versions,
    below: &Standpoint,
    id: RequestId,
    tip: &CommitId,
) -> Result<Event, StepError> {
    let branch = branch::read(history, ledger, id, *tip)?;
    let step = Commit { parents: vec![below.commit, *tip], tree: history.commit(tip)?.tree };
    about(history, ledger, versions, below, tip, &step, tip, id, branch)
}

#[expect(clippy::too_many_arguments, reason = "everything a judge looks at, named")]
fn about(
    history: &dyn History,
    ledger: &dyn Ledger,
    versions: &Versions,
    below: &Standpoint,
    commit: &CommitId,
    step: &Commit,
    second: &CommitId,
    id: RequestId,
    branch: Branch,
) -> Result<Event, StepError> {
    if let Some(taint) = branch.taint.first() {
        return Err(StepError::illegal(Code::BranchTainted, taint.clone()));
    }
    let own = own_tree(history, second, &branch)?;
    let landed_tree = history::at(history, &step.tree, &branch.directory)?;
    if landed_tree.as_ref() != Some(&own) {
        let message = format!("{} is not what its second parent holds", branch.directory);
        return Err(StepError::illegal(Code::StepIllegal, message));
    }
    match ledger.landed(&id)? {
        None => ending(history, ledger, versions, below, commit, branch, own.id),
        Some(Landed { ending: LandedEnding::Claimed { claim, runner, key }, outcome: None, tree, commit, .. }) => {
            let spent = Spent { claim, runner, key, tree };
            let event = outcome(history, ledger, below, &branch, own.id, &spent, "outcome.toml")?;
            goes_on(history, ledger, &commit, second)?;
            Ok(event)
        }
        // An admin had closed it as unknown: the key of the claim may still say what happened, once.
        Some(Landed {
            ending: LandedEnding::Claimed { claim, runner, key }, outcome: Some(commit), directory, ..
        }) if closed_by(history, &commit, &directory)?.is_some_and(|author| author != runner) => {
            let tree = history::at(history, &history.commit(&commit)?.tree, &directory)?;
            let tree = tree.ok_or_else(|| StepError::illegal(Code::StepIllegal, "an outcome without its request"))?.id;
            let spent = Spent { claim, runner, key, tree };
            let event = outcome(history, ledger, below, &branch, own.id, &spent, "outcome-late.toml")?;
            goes_on(history, ledger, &commit, second)?;
            Ok(event)
        }
        Some(landed) => Err(StepError::illegal(
            Code::EndedTwice,
            format!("request {id} had ended at {} ({})", landed.commit, landed.ending.as_str()),
        )),
    }
}

fn own_tree(history: &dyn History, tip: &CommitId, branch: &Branch) -> Result<Entry, StepError> {
    let tree = history.commit(tip)?.tree;
    history::at(history, &tree, &branch.directory)?
        .filter(|entry| entry.mode == DIRECTORY)
        .ok_or_else(|| StepError::illegal(Code::BranchTainted, "its second parent lacks the request's directory"))
}

/// The one request whose files the step adds, with their paths; all of the rest of `requests/` kept or none of it.
fn subject(history: &dyn History, old: &ObjectId, new: &ObjectId) -> Result<(RequestId, Vec<String>), StepError> {
    let illegal = |message: String| StepError::Illegal(Finding::new(Code::StepIllegal, message).path("requests"));
    let (before, after) = (history.tree(old)?, history.tree(new)?);
    let requests =
        |tree: &[Entry]| history::entry(tree, "requests").filter(|entry| entry.mode == DIRECTORY).map(|entry| entry.id);
    let (kept, now) = (requests(&before), requests(&after));
    let others =
        |tree: &[Entry]| -> Vec<Entry> { tree.iter().filter(|entry| entry.name != b"requests").cloned().collect() };
    let (before, after) = (others(&before), others(&after));
    if before != after {
        let changed = after
            .iter()
            .find(|entry| !before.contains(entry))
            .or_else(|| before.iter().find(|entry| !after.contains(entry)));
        let name = changed.map(|entry| crate::domain::bytes::encode(&entry.name)).unwrap_or_default();
        let finding =
            Finding::new(Code::FileUngoverned, format!("a request step that changes {name}, outside requests/"));
        return Err(StepError::Illegal(finding.path(name)));
    }
    let now = now.ok_or_else(|| illegal("a request step without requests/".to_owned()))?;
    let mut changes = Changes::default();
    changes.compare(history, kept.as_ref(), &now, "requests")?;
    if !changes.other.is_empty() {
        // Not all of it kept: then none of it.
        let dropped = std::mem::take(&mut changes.other);
        changes.added.clear();
        changes.compare(history, None, &now, "requests")?;
        let directories: std::collections::BTreeSet<_> = changes.added.iter().map(|(path, _)| id_of(path)).collect();
        if directories.len() != 1 || !changes.other.is_empty() {
            let what = dropped.first().map(String::as_str).unwrap_or_default();
            let message = format!("a request step that {what}, and keeps others of requests/");
            let path = branch::place(what).unwrap_or("requests");
            return Err(StepError::Illegal(Finding::new(Code::WindowPartial, message).path(path)));
        }
    }
    let first = changes
        .added
        .first()
        .and_then(|(path, _)| id_of(path))
        .ok_or_else(|| illegal("a request step that adds no request's file".to_owned()))?;
    if let Some((other, _)) = changes.added.iter().find(|(path, _)| id_of(path) != Some(first)) {
        let finding = Finding::new(Code::StepMixed, "a request step about more than one request");
        return Err(StepError::Illegal(finding.path(other)));
    }
    Ok((first, changes.added.into_iter().map(|(path, _)| path).collect()))
}

fn id_of(path: &str) -> Option<RequestId> {
    path.split('/').nth(4)?.parse().ok()
}

fn ending(
    history: &dyn History,
    ledger: &dyn Ledger,
    versions: &Versions,
    below: &Standpoint,
    commit: &CommitId,
    branch: Branch,
    tree: ObjectId,
) -> Result<Event, StepError> {
    let below_tree = history.commit(&below.commit)?.tree;
    let base = versions.get(history, &below_tree, &branch.base_position.root)?;
    let judges = Judges { now: &below.version, base: &base, repo: below.repo, height: below.height, endings: true };
    let dossier = gather(history, ledger, branch, &judges)?;
    if let Some(finding) = dossier.findings.first() {
        return Err(StepError::Illegal(finding.clone()));
    }
    let Ended { ending, at, by, standing } = verdict(below, &base, &dossier)?;
    let governing = standing.as_ref().map(|standing| &standing.governing);
    let past = hazard::past(&below.version, &dossier, governing, (&ending, at), below.height + 1);
    let account = Account::ended(&below.version, &dossier, &ending, (at, &by), standing.as_ref());
    let landed = Landed { directory: dossier.branch.directory.clone(), commit: *commit, tree, ending, outcome: None };
    Ok(Event::Ended(dossier.id, landed, Box::new(Kept { past, account })))
}

/// How a request ended.
struct Ended {
    ending: LandedEnding,
    /// By the clock of whoever ended it.
    at: Timestamp,
    by: Name,
    /// How it stood, where that was asked.
    standing: Option<Standing>,
}

fn verdict(
    below: &Standpoint,
    base: &crate::trust::root::PolicyVersion,
    dossier: &Dossier,
) -> Result<Ended, StepError> {
    let request = dossier.request.value();
    match (&dossier.claim, &dossier.outcome) {
        (Some(claim), None) => {
            let refused = |message: String| StepError::illegal(Code::ClaimUnauthorized, message);
            let record = claim.value();
            let mut rests_on: Vec<_> = dossier.seen();
            rests_on.retain(|digest| *digest != claim.digest());
            if record.seen != rests_on {
                return Err(refused("the claim does not rest on exactly the records before it".to_owned()));
            }
            if record.runner != request.runner {
                return Err(refused(format!(
                    "claimed by `{}`, the request's runner is `{}`",
                    record.runner, request.runner
                )));
            }
            match evaluate(&below.version, dossier, record.claimed) {
                State::Approved(authorized, standing) => {
                    // A claim stands on what was judged; nothing runs from an audit.
                    drop(authorized);
                    let runner = record.runner.clone();
                    let ending = LandedEnding::Claimed { claim: claim.digest(), runner, key: claim.key().line() };
                    Ok(Ended { ending, at: record.claimed, by: record.runner.clone(), standing: Some(standing) })
                }
                other => Err(refused(format!("it was claimed while it was {}", other.as_str()))),
            }
        }
        (None, Some(outcome)) => {
            let ending = ended(below, base, dossier, outcome)?;
            let (at, by) = (outcome.value().recorded, outcome.value().author.clone());
            Ok(Ended { ending, at, by, standing: None })
        }
        (None, None) => match evaluate(&below.version, dossier, request.created) {
            State::Denied(denial, standing) => Ok(denied(&denial, Some(standing))),
            _ => {
                let mut decisions = dossier.decisions.iter().map(|decision| decision.value());
                let denial = decisions
                    .find(|decision| decision.verdict == Verdict::Deny && denier(base, dossier, &decision.reviewer));
                match denial {
                    Some(denial) => Ok(denied(denial, None)),
                    None => Err(StepError::illegal(
                        Code::EndingMissing,
                        "nothing ends the request: no claim, no denial by a reviewer, no outcome",
                    )),
                }
            }
        },
        (Some(_), Some(_)) => Err(StepError::illegal(Code::EndedTwice, "a claim and its outcome land in two steps")),
    }
}

fn denied(denial: &Decision, standing: Option<Standing>) -> Ended {
    Ended { ending: LandedEnding::Denied, at: denial.decided, by: denial.reviewer.clone(), standing }
}

/// Endings without a claim: expired, withdrawn, refused.
fn ended(
    below: &Standpoint,
    base: &crate::trust::root::PolicyVersion,
    dossier: &Dossier,
    outcome: &Verified<Outcome>,
) -> Result<LandedEnding, StepError> {
    let refused = |message: String| Err(StepError::illegal(Code::EndingUnauthorized, message));
    let request = dossier.request.value();
    let record = outcome.value();
    let author = &record.author;
    match record.ending {
        Ending::Withdrawn { .. } if *author == request.requester => Ok(LandedEnding::Withdrawn),
        Ending::Refused { .. } if *author == request.requester => Ok(LandedEnding::Refused),
        Ending::Expired => {
            let may = |version: &crate::trust::root::PolicyVersion| {
                *author == request.requester
                    || *author == request.runner
                    || version.roster().admins().contains(author)
                    || approver(version, dossier, author).is_ok()
                    || denier(version, dossier, author)
            };
            if !may(&below.version) && !may(base) {
                return refused(format!("`{author}` may not close this request"));
            }
            if record.recorded <= request.expires {
                let expires = evaluate(&below.version, dossier, record.recorded).standing().expires;
                if record.recorded <= expires {
                    return refused(format!("closed as expired at {}, it lasts until {expires}", record.recorded));
                }
            }
            Ok(LandedEnding::Expired)
        }
        _ => refused(format!("`{author}` may not end it as `{}`", record.ending.as_str())),
    }
}
