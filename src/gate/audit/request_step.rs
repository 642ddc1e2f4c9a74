//! Request steps: the first records of a request with exactly one ending, or the outcome of its claim.

use crate::domain::id::{CommitId, ObjectId, RequestId};
use crate::domain::outcome::{Ending, Outcome};
use crate::domain::principal::Name;
use crate::gate::account::{Account, Told};
use crate::gate::audit::{Event, Kept, Standpoint, StepError, Versions};
use crate::gate::branch::{self, Branch, Changes};
use crate::gate::dossier::{Dossier, Judges, MAX_RECORD, gather, rejection};
use crate::gate::evaluate::{approver, denier, evaluate};
use crate::gate::finding::{Code, Finding};
use crate::gate::hazard;
use crate::gate::history::{self, Commit, DIRECTORY, Entry, History};
use crate::gate::ledger::{Landed, LandedEnding, Ledger};
use crate::gate::state::{Standing, State};
use crate::record::Record as _;
use crate::risk::End;
use crate::trust::signature::MAX_SIGNATURE;
use crate::trust::verify::{Verified, open, open_by};

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

/// Who wrote the outcome that stands.
fn closed_by(history: &dyn History, commit: &CommitId, directory: &str) -> Result<Option<Name>, StepError> {
    let tree = history.commit(commit)?.tree;
    let Some(entry) = history::at(history, &tree, &format!("{directory}/outcome.toml"))? else { return Ok(None) };
    let record = Outcome::parse(&history.blob(&entry.id, MAX_RECORD)?);
    Ok(record.ok().map(|record| record.author))
}

/// An outcome's chain goes on from that of its claim: on another base the request would no longer verify.
fn goes_on(history: &dyn History, ledger: &dyn Ledger, claimed: &CommitId, second: &CommitId) -> Result<(), StepError> {
    let chain = history.commit(claimed)?.parents.get(1).copied();
    let mut at = Some(*second);
    while let Some(commit) = at.filter(|at| chain != Some(*at)) {
        let on_main = ledger.find(&commit)?.is_some();
        at = if on_main { None } else { history.commit(&commit)?.parents.first().copied() };
    }
    match at {
        Some(_) => Ok(()),
        None => Err(StepError::illegal(Code::BranchTainted, "its second parent does not go on from the claim's")),
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
    let (ending, standing) = verdict(below, &base, &dossier)?;
    let governing = standing.as_ref().map(|standing| &standing.governing);
    let past = hazard::past(&below.version, &dossier, governing, &ending, below.height + 1);
    let account = Account::ended(&below.version, &base, &dossier, &ending, standing.as_ref());
    let landed = Landed { directory: dossier.branch.directory.clone(), commit: *commit, tree, ending, outcome: None };
    Ok(Event::Ended(dossier.id, landed, Box::new(Kept { past, account })))
}

fn verdict(
    below: &Standpoint,
    base: &crate::trust::root::PolicyVersion,
    dossier: &Dossier,
) -> Result<(LandedEnding, Option<Standing>), StepError> {
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
                    Ok((ending, Some(standing)))
                }
                other => Err(refused(format!("it was claimed while it was {}", other.as_str()))),
            }
        }
        (None, Some(outcome)) => Ok((ended(below, base, dossier, outcome)?, None)),
        (None, None) => match evaluate(&below.version, dossier, request.created) {
            State::Denied(_, standing) => Ok((LandedEnding::Denied, Some(standing))),
            _ if dossier.decisions.iter().any(|decision| {
                decision.value().verdict == crate::domain::decision::Verdict::Deny
                    && denier(base, dossier, &decision.value().reviewer)
            }) =>
            {
                Ok((LandedEnding::Denied, None))
            }
            _ => Err(StepError::illegal(
                Code::EndingMissing,
                "nothing ends the request: no claim, no denial by a reviewer, no outcome",
            )),
        },
        (Some(_), Some(_)) => Err(StepError::illegal(Code::EndedTwice, "a claim and its outcome land in two steps")),
    }
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

struct Spent {
    claim: crate::domain::id::Digest,
    runner: Name,
    key: String,
    tree: ObjectId,
}

fn outcome(
    history: &dyn History,
    ledger: &dyn Ledger,
    below: &Standpoint,
    branch: &Branch,
    own: ObjectId,
    spent: &Spent,
    name: &str,
) -> Result<Event, StepError> {
    let mut changes = Changes::default();
    changes.compare(history, Some(&spent.tree), &own, &branch.directory)?;
    let path = |name: &str| format!("{}/{name}", branch.directory);
    let names: Vec<&str> = changes.added.iter().map(|(path, _)| path.as_str()).collect();
    if !changes.other.is_empty() || names != [path(name), path(&format!("{name}.sig"))] {
        return Err(StepError::illegal(
            Code::LateRecord,
            format!("after a claim only its outcome lands, not {}", names.join(", ")),
        ));
    }
    let refused = |code, message: String| {
        let finding = Finding::new(code, message).path(path(name));
        Err(StepError::Illegal(finding))
    };
    let blob = |nth: usize, limit| match changes.added.get(nth) {
        Some((_, entry)) => history.blob(&entry.id, limit).map_err(StepError::from),
        None => Err(StepError::illegal(Code::StepIllegal, "no outcome")),
    };
    let (bytes, signature) = (blob(0, MAX_RECORD)?, blob(1, MAX_SIGNATURE)?);
    let key = crate::domain::key::PublicKey::parse(&spent.key)
        .map_err(|error| StepError::illegal(Code::RecordInvalid, error.to_string()))?;
    let by_claimer = open_by::<Outcome>(&bytes, &signature, &key, &spent.runner);
    let verified = match by_claimer {
        Ok(verified) => verified,
        Err(by_claimer) => match open::<Outcome>(&bytes, &signature, below.version.roster()) {
            Ok(verified)
                if name == "outcome.toml"
                    && below.version.roster().admins().contains(&verified.value().author)
                    && matches!(verified.value().ending, Ending::Unknown { .. }) =>
            {
                verified
            }
            Ok(_) => {
                return refused(Code::EndingUnauthorized, "only the key of the claim says what happened".to_owned());
            }
            Err(_) => return refused(rejection(&by_claimer), by_claimer.to_string()),
        },
    };
    let record = verified.value();
    if RequestId::of(&record.request) != branch.id {
        return refused(Code::RequestMismatch, "it speaks of another request".to_owned());
    }
    if record.place.repo != below.repo {
        return refused(Code::ForeignRepo, "it was made for another repository".to_owned());
    }
    match ledger.find(&record.place.base)? {
        Some(position) if position.root == record.place.root => {}
        Some(_) => return refused(Code::RootMismatch, "the policy it names was not in force at its base".to_owned()),
        None => {
            return refused(Code::BaseUnknown, format!("its base {} is not on the verified main", record.place.base));
        }
    }
    if !record.seen.contains(&spent.claim) {
        return refused(Code::SeenMissing, "it does not name the claim it follows".to_owned());
    }
    if !record.ending.follows_claim() {
        return refused(Code::EndedTwice, format!("a claimed request cannot end as `{}`", record.ending.as_str()));
    }
    let end = match record.ending {
        Ending::Executed(ref execution) => End::Executed { ok: execution.end.status() == 0 },
        Ending::NotRun { .. } => End::NotRun,
        _ => End::Unknown,
    };
    let told = Told { late: name != "outcome.toml", ..Told::of(record) };
    Ok(Event::Outcome(branch.id, end, Box::new(told)))
}
