//! `policy propose`: the next version, on a branch where the admins find it. It decides nothing.

use std::collections::BTreeMap;
use std::path::Path;

use crate::commands::deliver::{ATTEMPTS, pause};
use crate::commands::error::CommandError;
use crate::commands::policy::files::{Edits, edits};
use crate::commands::policy::standing::Standing;
use crate::commands::policy::{faulty, names};
use crate::commands::report::ProposeReport;
use crate::commands::{Context, Hand};
use crate::domain::id::{Digest, ObjectId};
use crate::domain::principal::{Fault, Name, Roster};
use crate::domain::root::{Origin, Root};
use crate::domain::shown;
use crate::gate::audit::Standpoint;
use crate::gate::history::{self, History as _};
use crate::gate::ledger::Ledger as _;
use crate::record::{self, Record as _};
use crate::trust::root::{PolicyVersion, VersionFiles, read, signable};
use crate::world::store::{Proposal, Store, StoreError};

/// A version that could be proposed.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) files: VersionFiles,
    pub(super) governed: BTreeMap<String, ObjectId>,
    pub(super) version: PolicyVersion,
    changed: Vec<String>,
    added: Vec<String>,
    removed: Vec<String>,
}

/// Puts the next version on a branch of its own.
///
/// # Errors
/// It is faulty, changes nothing, could never be signed, or there is nothing to follow yet: nothing is written then.
pub fn propose(context: &Context<'_>, from: Option<&Path>, remove: &[String]) -> Result<ProposeReport, CommandError> {
    let (world, store) = (context.world, context.store()?);
    for attempt in 0..ATTEMPTS {
        let standing = Standing::look(&store)?;
        let at = standing.at.as_ref().ok_or_else(|| {
            CommandError::no("version 1 still waits for signatures: there is nothing to follow yet")
                .hint("`expacti policy status` says whose")
        })?;
        let edits = edits(context, at, from)?;
        let draft = draft(&store, at, &edits, remove)?;
        let digest = draft.version.digest();
        let known = standing.waiting.proposals.iter().any(|proposal| proposal.version.digest() == digest);
        if !known {
            let key = context.signer(Hand::Person).ok();
            let owner = key.as_ref().and_then(|key| at.version.roster().owner_of(key.public()));
            let author = owner.map_or("proposer", |owner| owner.id.as_str());
            if !store.propose(at, &draft.files, &draft.governed, author, world.clock.now())? {
                pause(world, attempt);
                continue;
            }
        }
        let others = standing.waiting.proposals.iter().filter(|proposal| proposal.version.digest() != digest).count();
        return Ok(report(at, &draft, &edits, !known, others));
    }
    Err(CommandError::unsure(format!("the branch kept moving for {ATTEMPTS} attempts")))
}

fn report(at: &Standpoint, draft: &Draft, edits: &Edits, new: bool, others: usize) -> ProposeReport {
    let (version, digest) = (draft.version.root().version, draft.version.digest());
    let mut notes = Vec::new();
    if !new {
        notes.push("it was proposed before; nothing more was written".to_owned());
    }
    notes.extend(
        edits
            .absent
            .iter()
            .filter(|path| !draft.removed.contains(path))
            .map(|path| format!("{} stays as it is; to remove it, propose with --remove {0}", shown::line(path))),
    );
    if others > 0 {
        notes.push(format!("another version {version} is proposed too: once one lands, the other can no longer"));
    }
    let needs = |roster: &Roster| {
        let admins: Vec<&Name> = roster.admins().iter().collect();
        format!("{} of {}", roster.threshold(), names(admins))
    };
    let (old, own) = (needs(at.version.roster()), needs(draft.version.roster()));
    notes.push(if old == own {
        format!("it needs the signatures of {old}")
    } else {
        format!("it needs the signatures of {old} (version {}), and of {own} (this version)", at.version.root().version)
    });
    ProposeReport {
        version,
        digest: digest.to_string(),
        fingerprint: digest.fingerprint(),
        branch: Proposal::branch(version, &digest),
        new,
        changed: draft.changed.clone(),
        added: draft.added.clone(),
        removed: draft.removed.clone(),
        notes,
        next: vec![format!("expacti policy diff {digest}"), format!("expacti policy sign {digest}")],
    }
}

/// The next version: what is in force, with the edits in it.
///
/// # Errors
/// As [`propose`].
pub(super) fn draft(store: &Store, at: &Standpoint, edits: &Edits, remove: &[String]) -> Result<Draft, CommandError> {
    let objects = store.objects();
    let unsure = |error: history::ReadError| CommandError::unsure(error.to_string());
    let tree = objects.commit(&at.commit).map_err(unsure)?.tree;
    let in_force = &at.version.root().files;
    let mut governed = BTreeMap::new();
    for path in in_force.keys() {
        let entry = history::at(objects, &tree, path).map_err(unsure)?;
        let entry = entry.ok_or_else(|| CommandError::unsure(format!("`{path}` is missing")))?;
        governed.insert(path.clone(), entry.id);
    }
    let mut digests = in_force.clone();
    let (mut changed, mut added, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    for (path, bytes) in &edits.files {
        let digest = Digest::of(bytes);
        match digests.insert(path.clone(), digest) {
            Some(old) if old == digest => continue,
            Some(_) => changed.push(path.clone()),
            None => added.push(path.clone()),
        }
        governed.insert(path.clone(), objects.write_blob(bytes).map_err(StoreError::from)?);
    }
    for path in remove {
        let shown = shown::line(path);
        if matches!(path.as_str(), "config.toml" | "roster.toml") {
            return Err(CommandError::no(format!("`{shown}` cannot be removed: every version has one")));
        }
        if edits.files.contains_key(path) {
            return Err(CommandError::no(format!("`{shown}` is still there; delete it first, or leave --remove out")));
        }
        if digests.remove(path).is_none() {
            return Err(CommandError::no(format!("`{shown}` is no file of version {}", at.version.root().version)));
        }
        governed.remove(path);
        removed.push(path.clone());
    }
    if changed.is_empty() && added.is_empty() && removed.is_empty() {
        let number = at.version.root().version;
        return Err(CommandError::no(format!("nothing changes: that is version {number}, which is in force")));
    }
    let text = |name: &str| -> Result<Vec<u8>, CommandError> {
        let id = governed.get(name).ok_or_else(|| CommandError::unsure(format!("`{name}` is missing")))?;
        objects.blob(id, record::root::MAX_FILE).map_err(unsure)
    };
    let (config, roster_text) = (text("config.toml")?, text("roster.toml")?);
    let (_, roster) = record::read_policy(&config, &roster_text).map_err(|faults| faulty(&faults))?;
    check(store, at, &roster, &roster_text)?;
    let root = Root {
        version: at.version.root().version + 1,
        origin: Origin::Previous(at.version.digest()),
        admins: roster.admins().iter().cloned().collect(),
        threshold: roster.threshold(),
        files: digests,
    };
    let bytes = root.render();
    Root::parse(&bytes).map_err(|error| CommandError::no(format!("it cannot be a version: {error}")))?;
    let files = VersionFiles {
        root: bytes,
        signatures: BTreeMap::new(),
        config,
        roster: roster_text,
        allowed_signers: record::roster::allowed_signers(&roster),
    };
    let version = read(&files).map_err(|error| CommandError::no(error.to_string()))?;
    Ok(Draft { files, governed, version, changed, added, removed })
}

/// What only the history can tell: whether it could ever be signed, and whether revocations name steps of it.
fn check(store: &Store, at: &Standpoint, roster: &Roster, text: &[u8]) -> Result<(), CommandError> {
    if let Err(torn) = signable(at.version.roster(), roster) {
        let who = names(torn.iter().collect());
        return Err(CommandError::no(format!(
            "too few admins could sign it on both sides: {who} would have new keys only"
        ))
        .hint("who signs a change counts by one key in both versions: keep the old key beside the new one")
        .hint("then take the old one out by a further change, signed with the new one"));
    }
    let mut faults = Vec::new();
    for (nth, revocation) in roster.revocations().iter().enumerate() {
        if !at.version.roster().revocations().contains(revocation) && store.index().find(&revocation.since)?.is_none() {
            let message = format!("{} is no step of main", revocation.since);
            let fault = Fault::new(format!("revocations[{nth}].compromised_since"), message);
            faults.push(
                fault.help("take the last commit of main that was surely good; `git log --first-parent` lists them"),
            );
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faulty(&record::policy::place("roster.toml", text, &faults))) }
}
