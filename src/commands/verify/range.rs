//! `verify --head`: what a merge, a pull request or a branch would bring.

use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::commands::report::HeadView;
use crate::commands::verify::view;
use crate::domain::id::{CommitId, Digest, RequestId};
use crate::domain::root::Root;
use crate::domain::shown;
use crate::gate::ahead::Ahead;
use crate::gate::arrival::Gatehouse;
use crate::gate::audit::{self, Standpoint, StepError, proposed};
use crate::gate::evaluate::evaluate;
use crate::gate::finding::{Code, Finding};
use crate::gate::history::{self, History as _};
use crate::gate::ledger::{AsOf, Ledger as _};
use crate::gate::reference::Branch;
use crate::world::store::{Store, StoreError};

/// How a head is to be taken.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Main,
    Request(RequestId),
    Policy(u32, Digest),
    Waiting(bool, RequestId),
    Unrelated,
}

/// Judges `head` as it stands on `base`, the newest verified step without one.
///
/// # Errors
/// It cannot be told: nobody knows such a commit, or it cannot be fetched.
pub(super) fn range(
    context: &Context<'_>,
    store: &Store,
    newest: &Standpoint,
    base: Option<&str>,
    head: &str,
) -> Result<HeadView, CommandError> {
    let commit = find(context, store, head)?;
    let mut judged = HeadView {
        rev: shown::line(head),
        commit: commit.to_string(),
        base: newest.commit.to_string(),
        kind: "main",
        id: None,
        steps: 0,
        state: None,
        waiting: Vec::new(),
        note: None,
        findings: Vec::new(),
    };
    let at = match base {
        None => newest.clone(),
        Some(base) => {
            let id = find(context, store, base)?;
            judged.base = id.to_string();
            match store.verified(id)? {
                Some(at) => at,
                None => {
                    let message = format!("{}, given as --base, is not on the verified main", shown::line(base));
                    judged.findings.push(view(&Finding::new(Code::BaseUnknown, message).commit(id)));
                    return Ok(judged);
                }
            }
        }
    };
    match examine(context, store, &at, head, commit, &mut judged) {
        Ok(()) => {}
        Err(StepError::Illegal(finding)) => {
            let commit = finding.commit.unwrap_or(commit);
            judged.findings.push(view(&finding.commit(commit)));
        }
        Err(StepError::Read(error)) => {
            judged.findings.push(view(&Finding::new(Code::ObjectUnreadable, error.to_string())));
        }
        Err(error @ (StepError::Ledger(_) | StepError::ManyVersions(_))) => return Err(StoreError::from(error).into()),
    }
    Ok(judged)
}

fn find(context: &Context<'_>, store: &Store, rev: &str) -> Result<CommitId, CommandError> {
    store.locate(rev, &context.world.cwd)?.ok_or_else(|| {
        CommandError::unsure(format!("`{}` is no commit or branch that can be found", shown::line(rev)))
            .hint("it is looked for in the policy repository and in the git repository of the current directory")
            .hint("a shallow clone does not do: fetch the whole history (`fetch-depth: 0`, `GIT_DEPTH: 0`)")
    })
}

fn examine(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    rev: &str,
    head: CommitId,
    judged: &mut HeadView,
) -> Result<(), StepError> {
    let objects = store.objects();
    let ledger = AsOf { ledger: store.index(), height: at.height };
    let house = Gatehouse { history: objects, ledger: &ledger, versions: store.versions(), at };
    match kind(store, at, &house, rev, head)? {
        Kind::Main => {
            judged.note =
                Some("a plain fast-forward push brings it; a host's Merge button would break main".to_owned());
            if let Some(position) = store.index().find(&head)?
                && position.height <= at.height
            {
                judged.note = Some("it is on the verified main already".to_owned());
                return Ok(());
            }
            let ahead = Ahead::new(store.index(), at.height);
            let end = ahead.judge(objects, store.versions(), Some(at), at.repo, head);
            judged.steps = ahead.steps();
            end.map(|_| ())
        }
        Kind::Request(id) => {
            judged.kind = "request";
            judged.id = Some(id.to_string());
            judged.note = Some(
                "do not merge it on the host: what ends a request is landed by expacti, and main is illegal otherwise"
                    .to_owned(),
            );
            if let Some(row) = store.index().row(&id)? {
                judged.state = Some(row.outcome.unwrap_or_else(|| row.landed.ending.as_str().to_owned()));
                return house.ended(id, head);
            }
            let dossier = house.open(id, head)?;
            judged.findings.extend(dossier.findings.iter().map(view));
            judged.state = Some(evaluate(&at.version, &dossier, context.world.clock.now()).as_str().to_owned());
            Ok(())
        }
        Kind::Waiting(claims, id) => {
            judged.kind = if claims { "claim" } else { "outcome" };
            judged.id = Some(id.to_string());
            judged.note = Some("do not merge it on the host: `expacti sync --land` lands it".to_owned());
            let landed = store.index().landed(&id)?;
            if landed.is_some_and(|landed| claims || landed.outcome.is_some()) {
                judged.state = Some("landed".to_owned());
                return house.ended(id, head);
            }
            house.waiting(claims, id, None, head).map(|_| ())
        }
        Kind::Policy(number, digest) => {
            judged.kind = "policy";
            judged.id = Some(format!("{number:06}-{digest}"));
            judged.note = Some(
                "do not merge it on the host: the last `expacti policy sign` puts it in force, and main is illegal \
                 otherwise"
                    .to_owned(),
            );
            let proposed = proposed(objects, Some(at), &at.repo, number, &digest, &head)?;
            judged.state = Some(if proposed.missing.is_empty() { "complete" } else { "waiting" }.to_owned());
            judged.waiting = proposed.missing.iter().map(|(count, of)| words(*count, of)).collect();
            Ok(())
        }
        Kind::Unrelated => {
            judged.kind = "unrelated";
            judged.note = Some("do not merge it on the host".to_owned());
            let message = "it neither continues main nor holds a request or a policy version that waits";
            Err(StepError::Illegal(Finding::new(Code::HeadUnrelated, message).commit(head)))
        }
    }
}

fn words(count: usize, of: &[crate::domain::principal::Name]) -> String {
    let names: Vec<&str> = of.iter().map(crate::domain::principal::Name::as_str).collect();
    format!("{count} of {}", names.join(", "))
}

/// By the branch's name where it has one of ours, else by what the commits are.
fn kind(store: &Store, at: &Standpoint, house: &Gatehouse<'_>, rev: &str, head: CommitId) -> Result<Kind, StepError> {
    let name = ["refs/heads/", "refs/remotes/origin/", "origin/"].iter().find_map(|prefix| rev.strip_prefix(prefix));
    match Branch::parse(name.unwrap_or(rev)) {
        Some(Branch::Main) => return Ok(Kind::Main),
        Some(Branch::Request(id)) => return Ok(Kind::Request(id)),
        Some(Branch::Policy(number, digest)) => return Ok(Kind::Policy(number, digest)),
        Some(Branch::Claim(id)) => return Ok(Kind::Waiting(true, id)),
        Some(Branch::Outcome(id)) => return Ok(Kind::Waiting(false, id)),
        None => {}
    }
    if let Some(id) = house.subject(head)? {
        return Ok(Kind::Request(id));
    }
    let ahead = Ahead::new(store.index(), at.height);
    match ahead.judge(store.objects(), store.versions(), Some(at), at.repo, head) {
        Ok(_) => Ok(Kind::Main),
        Err(StepError::Illegal(finding)) => {
            if let Some((number, digest)) = version(store, at, head)? {
                return Ok(Kind::Policy(number, digest));
            }
            let on_main = store.index().find(&head)?.is_some();
            let apart = matches!(finding.code, Code::Fork | Code::Rollback | Code::Foxtrot);
            Ok(if apart && !on_main { Kind::Unrelated } else { Kind::Main })
        }
        Err(other) => Err(other),
    }
}

/// The policy version that a commit would bring, by the files in its tree.
fn version(store: &Store, at: &Standpoint, head: CommitId) -> Result<Option<(u32, Digest)>, StepError> {
    let objects = store.objects();
    let commit = objects.commit(&head)?;
    if commit.parents.len() != 1 {
        return Ok(None);
    }
    let number = at.version.root().version + 1;
    let path = format!("{}/root.toml", Root::directory(number));
    let Some(entry) = history::at(objects, &commit.tree, &path)? else { return Ok(None) };
    match objects.blob(&entry.id, audit::MAX_FILE) {
        Ok(bytes) => Ok(Some((number, Digest::of(&bytes)))),
        Err(error) if error.malformed => Ok(None),
        Err(error) => Err(error.into()),
    }
}
