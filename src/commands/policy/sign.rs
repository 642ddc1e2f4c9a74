//! `policy status`, `policy diff` and `policy sign`: versions that wait for the admins.
//!
//! A version waits on a branch of its own and lands on `main` when enough admins signed it. Version 1 makes `main`;
//! later versions are steps on it.

use crate::commands::deliver::{ATTEMPTS, pause};
use crate::commands::error::CommandError;
use crate::commands::policy::words;
use crate::commands::report::{self, PolicyReport};
use crate::commands::{Context, Hand};
use crate::domain::id::Digest;
use crate::domain::principal::Name;
use crate::domain::root::Root;
use crate::domain::shown;
use crate::gate::audit::Standpoint;
use crate::record::Record as _;
use crate::world::paths::{create_durably, read_bounded};
use crate::world::signer::Signer;
use crate::world::store::{Landing, Proposal, Store, StoreError};

/// What is in force, and what waits for whom.
struct Standing {
    /// None while version 1 still waits.
    at: Option<Standpoint>,
    proposals: Vec<Proposal>,
    /// The branch of what is in force by now, where nobody removed it.
    over: Option<Proposal>,
    unreadable: Vec<(String, String)>,
}

impl Standing {
    /// Looks at the repository; a `main` that was there before and is gone is no beginning.
    fn look(store: &Store) -> Result<Self, CommandError> {
        let at = match store.refresh() {
            Ok(at) => Some(at),
            Err(StoreError::NoMain(_)) => {
                if store.remembered()?.is_some() {
                    return Err(CommandError::unsure("main is gone, and this machine has verified one before")
                        .hint("somebody deleted it, or the address leads elsewhere: tell an admin"));
                }
                None
            }
            Err(error) => return Err(error.into()),
        };
        let (mut proposals, unreadable) = store.proposals()?;
        let over = at
            .as_ref()
            .and_then(|at| proposals.iter().find(|proposal| proposal.version.digest() == at.version.digest()).cloned());
        // The first version is the pinned one; of later ones only the next can come into force.
        proposals.retain(|proposal| match &at {
            None => proposal.version.digest() == store.repo(),
            Some(at) => proposal.version.root().version == at.version.root().version + 1,
        });
        Ok(Self { at, proposals, over, unreadable })
    }

    fn version(&self) -> u32 {
        self.at.as_ref().map_or(0, |at| at.version.root().version)
    }

    fn in_force(&self, digest: &Digest) -> bool {
        self.at.as_ref().is_some_and(|at| at.version.digest() == *digest)
    }

    fn find(&self, digest: &Digest) -> Result<&Proposal, CommandError> {
        let found = self.proposals.iter().find(|proposal| proposal.version.digest() == *digest);
        found.ok_or_else(|| {
            let error = if self.in_force(digest) {
                CommandError::no(format!("version {} is in force already", self.version()))
            } else {
                CommandError::no(format!("no proposal has the digest {digest}"))
            };
            let unreadable = self.unreadable.iter().filter(|(branch, _)| branch.ends_with(&digest.to_string()));
            let error = unreadable
                .fold(error, |error, (branch, why)| error.hint(format!("branch {branch}: {}", shown::line(why))));
            error.hint("`expacti policy status` lists them")
        })
    }

    fn report(&self, proposals: Vec<report::Proposal>, message: Option<String>) -> PolicyReport {
        let unreadable = self.unreadable.iter().map(|(branch, why)| (shown::line(branch), shown::line(why))).collect();
        PolicyReport { version: self.version(), proposals, unreadable, message }
    }
}

fn view(proposal: &Proposal, content: Option<String>) -> report::Proposal {
    let names = |names: Vec<Name>| names.iter().map(ToString::to_string).collect();
    let digest = proposal.version.digest();
    report::Proposal {
        version: proposal.version.root().version,
        digest: digest.to_string(),
        fingerprint: digest.fingerprint(),
        signed: names(proposal.signed()),
        waiting: names(proposal.waiting()),
        threshold: proposal.version.root().threshold,
        content,
    }
}

/// Lists proposals, with who signed and who is missing.
///
/// # Errors
/// The repository does not answer, or its `main` is not legal.
pub fn status(context: &Context<'_>) -> Result<PolicyReport, CommandError> {
    let standing = Standing::look(&context.store()?)?;
    let proposals = standing.proposals.iter().map(|proposal| view(proposal, None)).collect();
    Ok(standing.report(proposals, None))
}

/// Shows all that a proposal says, and remembers that this machine has shown it.
///
/// # Errors
/// There is no such proposal.
pub fn diff(context: &Context<'_>, digest: &Digest) -> Result<PolicyReport, CommandError> {
    let store = context.store()?;
    let standing = Standing::look(&store)?;
    let proposal = standing.find(digest)?;
    only_genesis(proposal)?;
    let mut texts = Vec::new();
    for (path, id) in &proposal.governed {
        let bytes = crate::gate::history::History::blob(store.objects(), id, 1 << 20)
            .map_err(|error| CommandError::unsure(error.to_string()))?;
        texts.push((path.clone(), bytes));
    }
    let content = words::version(&proposal.version, &texts);
    remember(context, &store, digest)?;
    Ok(standing.report(vec![view(proposal, Some(content))], None))
}

/// Later versions are compared with the one in force; that is not built yet, and nothing is signed blindly.
fn only_genesis(proposal: &Proposal) -> Result<(), CommandError> {
    match proposal.version.root().version {
        1 => Ok(()),
        number => Err(CommandError::unsure(format!("version {number} cannot be shown or signed by this release"))),
    }
}

fn remember(context: &Context<'_>, store: &Store, digest: &Digest) -> Result<(), CommandError> {
    let note = format!("{}\n", context.world.clock.now());
    match create_durably(&shown_file(store, digest), note.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

fn shown_file(store: &Store, digest: &Digest) -> std::path::PathBuf {
    store.shown().join(format!("policy-{digest}"))
}

/// Signs a proposal that [`diff`] showed here; the last signature puts it in force.
///
/// # Errors
/// It was not shown, the key is no admin's, nobody could be asked: nothing is signed then.
pub fn sign(context: &Context<'_>, digest: &Digest, yes: bool) -> Result<PolicyReport, CommandError> {
    let world = context.world;
    let watched = world.terminal.stdin && world.terminal.stderr;
    if !yes && !watched {
        return Err(CommandError::usage("there is no terminal to ask on").hint("add --yes"));
    }
    let (store, signer) = (context.store()?, context.signer(Hand::Person)?);
    if read_bounded(&shown_file(&store, digest), 128)?.is_none() {
        return Err(CommandError::no(format!("this machine has not shown version {digest}; nothing signed"))
            .hint(format!("read it first: expacti policy diff {digest}")));
    }
    let mut asked = yes;
    for attempt in 0..ATTEMPTS {
        let standing = Standing::look(&store)?;
        if standing.in_force(digest) {
            standing.over.iter().for_each(|over| store.remove_proposal(over));
            let message = format!("version {} is in force already; nothing more to sign", standing.version());
            return Ok(standing.report(Vec::new(), Some(message)));
        }
        let proposal = standing.find(digest)?;
        only_genesis(proposal)?;
        let me = admin(proposal, &signer)?;
        let mut signed = proposal.clone();
        if !proposal.signed().contains(&me) {
            if !std::mem::replace(&mut asked, true) {
                confirm(context, proposal, &me)?;
            }
            let signature = signer.sign(Root::NAMESPACE, &proposal.files.root)?;
            match store.add_signature(proposal, &me, signature, world.clock.now())? {
                Some(with_mine) => signed = with_mine,
                None => {
                    // Another admin was first: theirs stays, ours goes on top.
                    pause(world, attempt);
                    continue;
                }
            }
        }
        if !signed.is_complete() {
            let missing: Vec<String> = signed.waiting().iter().map(ToString::to_string).collect();
            let message = format!(
                "signed as `{me}`; {} of {} signatures, waiting for {}",
                signed.signed().len(),
                signed.version.root().threshold,
                missing.join(", ")
            );
            return Ok(standing.report(vec![view(&signed, None)], Some(message)));
        }
        match store.land_genesis(&signed, &me, world.clock.now())? {
            Landing::Landed(_) => {
                // From here on the ordinary way: fetched, verified, remembered.
                let at = Some(store.refresh()?);
                store.remove_proposal(&signed);
                let standing = Standing { at, proposals: Vec::new(), over: None, unreadable: Vec::new() };
                let message = format!("signed as `{me}`; version 1 is in force");
                return Ok(standing.report(Vec::new(), Some(message)));
            }
            // Two last signatures at once: the other's version is this one.
            Landing::Moved => pause(world, attempt),
        }
    }
    Err(CommandError::unsure(format!("the branch kept moving for {ATTEMPTS} attempts")))
}

/// Which of the proposal's admins the key belongs to.
fn admin(proposal: &Proposal, signer: &Signer) -> Result<Name, CommandError> {
    let roster = proposal.version.roster();
    let key = signer.public();
    let owner = roster.owner_of(key).map(|owner| &owner.id);
    match owner {
        Some(me) if roster.admins().contains(me) => Ok(me.clone()),
        Some(me) => Err(CommandError::no(format!("`{me}` is no admin of this version; nothing signed"))),
        None => Err(CommandError::no(format!("key {} is not in its roster; nothing signed", key.fingerprint()))
            .hint("name your own with --key")),
    }
}

fn confirm(context: &Context<'_>, proposal: &Proposal, me: &Name) -> Result<(), CommandError> {
    let number = proposal.version.root().version;
    let fingerprint = proposal.version.digest().fingerprint();
    let question = format!("sign version {number}, {fingerprint}, as admin `{me}`? [y/N]");
    let answer = context.world.console.ask(&question)?;
    if matches!(answer.as_deref(), Some("y" | "Y" | "yes")) { Ok(()) } else { Err(CommandError::no("nothing signed")) }
}
