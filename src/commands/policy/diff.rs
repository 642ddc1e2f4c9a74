//! `policy diff`: all that a proposal says or changes, the worst first.

use std::collections::BTreeMap;
use std::path::Path;

use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::commands::policy::files::edits;
use crate::commands::policy::propose::draft;
use crate::commands::policy::recorded::{Judged, judge, newest};
use crate::commands::policy::standing::{Standing, view};
use crate::commands::policy::{changes, textdiff, words};
use crate::commands::report::{ChangeReport, FileChange, JudgedView, PolicyReport, RejudgedView};
use crate::domain::id::{Digest, ObjectId};
use crate::domain::shown;
use crate::gate::audit::{self, Standpoint};
use crate::gate::history::{self, History as _, ReadError};
use crate::gate::ledger::Ledger as _;
use crate::matching::canonical_text;
use crate::trust::root::PolicyVersion;
use crate::world::paths::{create_durably, read_bounded};
use crate::world::store::{Proposal, Store};

/// How many of the newest recorded requests are judged again.
const JUDGED: usize = 500;
/// Lines of one file's text that are shown.
const LINES: usize = 80;
/// The most bytes of a command that are shown.
const COMMAND: usize = 160;

/// Shows a proposal, and remembers that this machine has shown it.
///
/// # Errors
/// There is no such proposal, or it is stale.
pub fn diff(context: &Context<'_>, digest: &Digest) -> Result<PolicyReport, CommandError> {
    let store = context.store()?;
    let standing = Standing::look(&store)?;
    let proposal = standing.find(digest)?;
    tell(context, &store, &standing, proposal)
}

/// As [`diff`], for what `policy propose --from` would propose.
///
/// # Errors
/// As `policy propose`.
pub fn diff_from(context: &Context<'_>, from: &Path, remove: &[String]) -> Result<PolicyReport, CommandError> {
    let store = context.store()?;
    let standing = Standing::look(&store)?;
    let at = standing.at.as_ref().ok_or_else(|| {
        CommandError::no("version 1 still waits for signatures: there is nothing to compare with yet")
            .hint("`expacti policy status` says whose")
    })?;
    let draft = draft(&store, at, &edits(context, at, Some(from))?, remove)?;
    let digest = draft.version.digest();
    let proposal = Proposal {
        branch: Proposal::branch(draft.version.root().version, &digest),
        tip: at.commit,
        version: draft.version,
        files: draft.files,
        governed: draft.governed,
        previous: Some(std::sync::Arc::clone(&at.version)),
    };
    tell(context, &store, &standing, &proposal)
}

fn tell(
    context: &Context<'_>,
    store: &Store,
    standing: &Standing,
    proposal: &Proposal,
) -> Result<PolicyReport, CommandError> {
    let mut shown = view(proposal);
    match &standing.at {
        Some(at) => shown.change = Some(change(store, at, proposal)?),
        None => shown.content = Some(words::version(&proposal.version, &texts(store, &proposal.governed)?)),
    }
    remember(context, store, &proposal.version.digest())?;
    Ok(standing.report(vec![shown], None))
}

/// The files a version governs, by path.
fn texts(store: &Store, governed: &BTreeMap<String, ObjectId>) -> Result<Vec<(String, Vec<u8>)>, CommandError> {
    let mut texts = Vec::new();
    for (path, id) in governed {
        texts.push((path.clone(), store.objects().blob(id, audit::MAX_FILE).map_err(unsure)?));
    }
    Ok(texts)
}

fn unsure(error: ReadError) -> CommandError {
    CommandError::unsure(error.to_string())
}

fn change(store: &Store, at: &Standpoint, proposal: &Proposal) -> Result<ChangeReport, CommandError> {
    let (old, new) = (&*at.version, &proposal.version);
    let mut changes = changes::between(old, new);
    for revocation in new.roster().revocations().iter().filter(|one| !old.roster().revocations().contains(one)) {
        let from = store.index().find(&revocation.since)?.map_or(0, |position| position.height);
        let count = store.signed_by(&revocation.key, from, at.height)?.len();
        let key = revocation.key.fingerprint();
        let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        changes.other.push(format!("what key {key} signed since then stays valid: {records} to be looked at again, as `expacti verify` lists them"));
    }
    let mut report = ChangeReport {
        follows: old.root().version,
        weaker: changes.weaker,
        changes: changes.other,
        requests: 0,
        fewer: Vec::new(),
        denied: Vec::new(),
        otherwise: Vec::new(),
        files: files(store, at, proposal)?,
    };
    rejudge(store, old, new, &mut report)?;
    Ok(report)
}

/// Judges the newest recorded requests under both versions.
fn rejudge(
    store: &Store,
    old: &PolicyVersion,
    new: &PolicyVersion,
    report: &mut ChangeReport,
) -> Result<(), CommandError> {
    for recorded in newest(store, JUDGED)? {
        report.requests += 1;
        let (request, texts) = (&recorded.request, &recorded.texts);
        let before = judge(old.config(), old.roster(), request, texts);
        let after = judge(new.config(), new.roster(), request, texts);
        if before == after {
            continue;
        }
        let view = RejudgedView {
            id: recorded.id.to_string(),
            command: command(&request.command.argv),
            requester: request.requester.to_string(),
            before: judged(&before),
            after: judged(&after),
        };
        if after.asks_less_than(&before) {
            report.fewer.push(view);
        } else if after.people.is_none() && before.people.is_some() {
            report.denied.push(view);
        } else {
            report.otherwise.push(view);
        }
    }
    Ok(())
}

fn judged(judged: &Judged) -> JudgedView {
    JudgedView {
        decision: judged.decision(),
        policies: judged.policies.iter().map(|name| shown::line(name)).collect(),
        people: judged.people,
        words: judged.words(),
        reason: judged.reason.as_deref().map(shown::line),
    }
}

/// A command line, harmless and of bounded length.
pub(super) fn command(argv: &[Vec<u8>]) -> String {
    let text = canonical_text(argv);
    let start = text.get(..COMMAND).unwrap_or(&text);
    let mut line = shown::bytes(start);
    if start.len() < text.len() {
        line.push('…');
    }
    line
}

/// What changes in the text of every governed file.
fn files(store: &Store, at: &Standpoint, proposal: &Proposal) -> Result<Vec<FileChange>, CommandError> {
    let objects = store.objects();
    let tree = objects.commit(&at.commit).map_err(unsure)?.tree;
    let (old, new) = (&at.version.root().files, &proposal.version.root().files);
    let paths: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut changes = Vec::new();
    for path in paths.into_iter().filter(|path| old.get(*path) != new.get(*path)) {
        let what = match (old.contains_key(path), new.contains_key(path)) {
            (true, true) => "changed",
            (false, _) => "added",
            (true, false) => "removed",
        };
        let before = match history::at(objects, &tree, path).map_err(unsure)? {
            Some(entry) if old.contains_key(path) => objects.blob(&entry.id, audit::MAX_FILE).map_err(unsure)?,
            _ => Vec::new(),
        };
        let after = match proposal.governed.get(path) {
            Some(id) => objects.blob(id, audit::MAX_FILE).map_err(unsure)?,
            None => Vec::new(),
        };
        let (lines, more) = textdiff::changed(&before, &after, LINES);
        changes.push(FileChange { path: shown::line(path), what, lines, more });
    }
    Ok(changes)
}

fn remember(context: &Context<'_>, store: &Store, digest: &Digest) -> Result<(), CommandError> {
    let note = format!("{}\n", context.world.clock.now());
    match create_durably(&shown_file(store, digest), note.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether this machine has shown the version.
pub(super) fn was_shown(store: &Store, digest: &Digest) -> Result<bool, CommandError> {
    Ok(read_bounded(&shown_file(store, digest), 128)?.is_some())
}

fn shown_file(store: &Store, digest: &Digest) -> std::path::PathBuf {
    store.shown().join(format!("policy-{digest}"))
}
