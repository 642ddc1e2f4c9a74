//! `verify`: judges `main` anew, then every open request apart.

mod range;

use std::collections::BTreeMap;

use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::commands::report::{AgainView, FindingView, OpenView, SuspectView, VerifyReport};
use crate::domain::id::{CommitId, RequestId};
use crate::domain::shown;
use crate::gate::audit::Standpoint;
use crate::gate::branch::BranchError;
use crate::gate::evaluate::evaluate;
use crate::gate::finding::{Code, Finding};
use crate::world::store::{Audited, Store, StoreError};

/// How many steps are judged before progress is told.
const TOLD: u64 = 64;

/// What shall be verified.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// From the pinned root on, not from what this machine verified before.
    pub full: bool,
    /// One request.
    pub request: Option<&'a str>,
    /// From which commit of `main` `head` is judged.
    pub base: Option<&'a str>,
    /// What a merge, a pull request or a branch would bring.
    pub head: Option<&'a str>,
}

/// Judges `main`, from what this machine verified before or, with `full`, from the pinned root; then the open
/// requests, or what was asked for.
///
/// Needs no key and no membership. What does not hold is in the report, and nothing of it is remembered.
///
/// # Errors
/// It cannot be told: nothing is pinned, the repository cannot be reached, there is no such request or commit.
pub fn verify(context: &Context<'_>, asked: &Asked<'_>) -> Result<VerifyReport, CommandError> {
    look(context, asked).map(|looked| looked.report)
}

/// What was judged, and with what.
#[derive(Debug)]
pub struct Looked {
    /// The store; with `full` its index begins at the pinned root.
    pub store: Store,
    /// The newest step that holds; none where not even the first does.
    pub last: Option<Standpoint>,
    /// What `verify` reports.
    pub report: VerifyReport,
}

/// As [`verify`], for those who go on from there.
///
/// # Errors
/// As [`verify`].
pub fn look(context: &Context<'_>, asked: &Asked<'_>) -> Result<Looked, CommandError> {
    let store = context.store()?;
    let store = if asked.full { store.afresh()? } else { store };
    let console = &context.world.console;
    let mut told = None;
    let audited = store.audit(&mut |done, total| {
        let percent = done * 100 / total.max(1);
        if total > TOLD && told.replace(percent) != Some(percent) {
            console.progress(&bar(done, total, percent));
        }
    });
    console.settle();
    let audited = match audited {
        Ok(audited) => audited,
        Err(StoreError::Read(error)) => {
            let finding = Finding::new(Code::ObjectUnreadable, error.to_string());
            let report = unsure(&store, &finding);
            return Ok(Looked { store, last: None, report });
        }
        Err(error) => return Err(error.into()),
    };
    let Audited { tip, last, finding } = audited;
    let mut report = VerifyReport {
        ok: finding.is_none(),
        sure: true,
        tip: tip.map(|tip| tip.to_string()),
        last: last.as_ref().map(|last| last.commit.to_string()),
        steps: last.as_ref().map_or(0, |last| last.height + 1),
        requests: store.index().count()?,
        root: store.repo().fingerprint(),
        version: last.as_ref().map_or(0, |last| last.version.root().version),
        findings: finding.iter().map(view).collect(),
        request: None,
        head: None,
        open: Vec::new(),
        again: Vec::new(),
    };
    if let Some(last) = &last {
        beside(context, &store, last, asked, &mut report)?;
    }
    Ok(Looked { store, last, report })
}

/// What is judged beside `main`.
fn beside(
    context: &Context<'_>,
    store: &Store,
    last: &Standpoint,
    asked: &Asked<'_>,
    report: &mut VerifyReport,
) -> Result<(), CommandError> {
    let judged = |findings: &[FindingView], report: &mut VerifyReport| {
        report.ok &= findings.is_empty();
        report.sure &= findings.iter().all(|finding| finding.code != Code::ObjectUnreadable.as_str());
    };
    if let Some(head) = asked.head {
        let head = range::range(context, store, last, asked.base, head)?;
        judged(&head.findings, report);
        report.head = Some(head);
        return Ok(());
    }
    report.again = again(store, last)?;
    match asked.request {
        Some(text) => {
            let id = context.resolve(store, text)?;
            let request = one(context, store, last, id)?;
            judged(&request.findings, report);
            report.request = Some(request);
        }
        None => report.open = open(context, store, last)?,
    }
    Ok(())
}

/// Neither yes nor no.
fn unsure(store: &Store, finding: &Finding) -> VerifyReport {
    VerifyReport {
        ok: false,
        sure: false,
        tip: None,
        last: None,
        steps: 0,
        requests: 0,
        root: store.repo().fingerprint(),
        version: 0,
        findings: vec![view(finding)],
        request: None,
        head: None,
        open: Vec::new(),
        again: Vec::new(),
    }
}

/// One line that grows: `verifying main [########            ]  42%  4,200 of 10,000 steps`.
fn bar(done: u64, total: u64, percent: u64) -> String {
    const WIDTH: usize = 20;
    let full = usize::try_from(percent).unwrap_or(0) * WIDTH / 100;
    format!("verifying main [{:<WIDTH$}] {percent:>3}%  step {done} of {total}", "#".repeat(full.min(WIDTH)))
}

/// What revoked keys signed while they may have been in other hands; it stays valid, and changes no answer.
fn again(store: &Store, at: &Standpoint) -> Result<Vec<AgainView>, CommandError> {
    let found = store.to_look_at_again(at)?.into_iter().map(|(revocation, suspects)| AgainView {
        key: revocation.key.fingerprint().to_string(),
        compromised_since: revocation.since.to_string(),
        reason: revocation.reason.as_deref().map(shown::line),
        records: suspects
            .into_iter()
            .map(|suspect| SuspectView {
                request: suspect.request.map(|id| id.to_string()),
                record: shown::line(&suspect.record),
                commit: suspect.commit.to_string(),
            })
            .collect(),
    });
    Ok(found.collect())
}

/// One request, on `main` or open.
fn one(context: &Context<'_>, store: &Store, at: &Standpoint, id: RequestId) -> Result<OpenView, CommandError> {
    if let Some(row) = store.index().row(&id)? {
        let finding = match store.rejudge(&row.landed) {
            Ok(finding) => finding,
            Err(StoreError::Read(error)) => Some(Finding::new(Code::ObjectUnreadable, error.to_string())),
            Err(error) => return Err(error.into()),
        };
        let state = row.outcome.unwrap_or_else(|| row.landed.ending.as_str().to_owned());
        return Ok(OpenView { id: id.to_string(), state, findings: finding.iter().map(view).collect() });
    }
    let lost = store.lost_branches()?.into_iter().filter(|(lost, _)| *lost == id).map(|(_, finding)| finding);
    let lost: Vec<Finding> = lost.collect();
    match store.branch_tip(&id)? {
        Some(tip) => judge(context, store, at, id, tip, &lost),
        None if !lost.is_empty() => Ok(vanished(id, &lost)),
        None => Err(CommandError::no(format!("there is no request {id}"))),
    }
}

/// Every open request, and what became of those whose branch is gone.
fn open(context: &Context<'_>, store: &Store, at: &Standpoint) -> Result<Vec<OpenView>, CommandError> {
    let mut lost: BTreeMap<RequestId, Vec<Finding>> = BTreeMap::new();
    for (id, finding) in store.lost_branches()? {
        lost.entry(id).or_default().push(finding);
    }
    let mut views = Vec::new();
    for (id, tip) in store.open_requests()? {
        let own = lost.remove(&id).unwrap_or_default();
        views.push(judge(context, store, at, id, tip, &own)?);
    }
    views.extend(lost.iter().map(|(id, findings)| vanished(*id, findings)));
    for finding in store.take_warnings() {
        let name = finding.path.clone().unwrap_or_default();
        let id = name.rsplit('/').next().unwrap_or_default();
        views.push(OpenView { id: shown::line(id), state: "unreadable".to_owned(), findings: vec![view(&finding)] });
    }
    Ok(views)
}

fn judge(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    id: RequestId,
    tip: CommitId,
    lost: &[Finding],
) -> Result<OpenView, CommandError> {
    let mut findings: Vec<FindingView> = lost.iter().map(view).collect();
    let branch = format!("refs/heads/requests/{id}");
    let state = match store.dossier(at, id, tip) {
        Ok(dossier) => {
            findings.extend(dossier.findings.iter().map(view));
            evaluate(&at.version, &dossier, context.world.clock.now()).as_str()
        }
        Err(error) => {
            let finding = match error {
                StoreError::Request(finding) => finding,
                StoreError::Read(error) | StoreError::Branch(BranchError::Read(error)) if !error.malformed => {
                    Finding::new(Code::ObjectUnreadable, error.to_string())
                }
                StoreError::Read(error) => Finding::new(Code::BranchTainted, error.to_string()).commit(tip),
                StoreError::Branch(error) => Finding::new(Code::BranchTainted, error.to_string()).commit(tip),
                StoreError::Illegal(finding) => finding,
                other => return Err(other.into()),
            };
            let path = finding.path.clone().unwrap_or(branch);
            findings.push(view(&finding.path(path)));
            "unreadable"
        }
    };
    Ok(OpenView { id: id.to_string(), state: state.to_owned(), findings })
}

fn vanished(id: RequestId, findings: &[Finding]) -> OpenView {
    OpenView { id: id.to_string(), state: "vanished".to_owned(), findings: findings.iter().map(view).collect() }
}

fn view(finding: &Finding) -> FindingView {
    FindingView {
        code: finding.code.to_string(),
        commit: finding.commit.map(|commit| commit.to_string()),
        path: finding.path.as_deref().map(shown::line),
        message: shown::line(&finding.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_keeps_its_width() {
        for (done, percent, full) in [(0, 0, 0), (5_000, 50, 10), (9_999, 99, 19), (10_000, 100, 20)] {
            let line = bar(done, 10_000, percent);
            let inside = line.split(['[', ']']).nth(1).unwrap();
            assert_eq!((inside.len(), inside.matches('#').count()), (20, full), "{line}");
        }
        assert_eq!(bar(1, 200, 0), "verifying main [                    ]   0%  step 1 of 200");
    }
}
