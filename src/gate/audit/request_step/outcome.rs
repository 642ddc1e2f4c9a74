//! The outcome of a claim that stands on `main`.

use crate::domain::id::{CommitId, ObjectId, RequestId};
use crate::domain::outcome::{Ending, Outcome};
use crate::domain::principal::Name;
use crate::gate::account::Told;
use crate::gate::audit::{Event, Standpoint, StepError};
use crate::gate::branch::{Branch, Changes};
use crate::gate::dossier::{MAX_RECORD, rejection};
use crate::gate::finding::{Code, Finding};
use crate::gate::history::{self, History};
use crate::gate::ledger::Ledger;
use crate::record::Record as _;
use crate::risk::End;
use crate::trust::signature::MAX_SIGNATURE;
use crate::trust::verify::{open, open_by};

/// The claim that it must follow.
pub(super) struct Spent {
    pub(super) claim: crate::domain::id::Digest,
    pub(super) runner: Name,
    pub(super) key: String,
    /// The request's directory as the claim, or the outcome before this one, left it.
    pub(super) tree: ObjectId,
}

/// Judges the outcome that a step adds to a claimed request, as the file `name`.
pub(super) fn outcome(
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
    Ok(Event::Outcome(branch.id, end, Box::new(Told::of(&verified))))
}

/// Who wrote the outcome that stands.
pub(super) fn closed_by(history: &dyn History, commit: &CommitId, directory: &str) -> Result<Option<Name>, StepError> {
    let tree = history.commit(commit)?.tree;
    let Some(entry) = history::at(history, &tree, &format!("{directory}/outcome.toml"))? else { return Ok(None) };
    let record = Outcome::parse(&history.blob(&entry.id, MAX_RECORD)?);
    Ok(record.ok().map(|record| record.author))
}

/// An outcome's chain goes on from that of its claim: on another base the request would no longer verify.
pub(super) fn goes_on(
    history: &dyn History,
    ledger: &dyn Ledger,
    claimed: &CommitId,
    second: &CommitId,
) -> Result<(), StepError> {
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
