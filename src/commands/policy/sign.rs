//! `policy status` and `policy sign`: versions that wait for the admins.
//!
//! A version waits on a branch of its own and lands on `main` when enough admins signed it. Version 1 makes `main`;
//! later versions are steps on it.

use std::collections::BTreeSet;

use crate::commands::deliver::{ATTEMPTS, pause};
use crate::commands::error::CommandError;
use crate::commands::policy::diff::was_shown;
use crate::commands::policy::standing::{Standing, missing, view};
use crate::commands::report::PolicyReport;
use crate::commands::{Context, Hand};
use crate::domain::id::Digest;
use crate::domain::principal::Name;
use crate::domain::root::Root;
use crate::record::Record as _;
use crate::world::signer::Signer;
use crate::world::store::{Landing, Proposal, Store, StoreError, Waiting};

/// Lists proposals, with who signed and who is missing.
///
/// # Errors
/// The repository does not answer, or its `main` is not legal.
pub fn status(context: &Context<'_>) -> Result<PolicyReport, CommandError> {
    let standing = Standing::look(&context.store()?)?;
    let proposals = standing.waiting.proposals.iter().map(view).collect();
    Ok(standing.report(proposals, None))
}

/// Signs a proposal that `policy diff` showed here; the last signature puts it in force.
///
/// # Errors
/// It was not shown, the key is no admin's, it is stale, nobody could be asked: nothing is signed then.
pub fn sign(context: &Context<'_>, digest: &Digest, yes: bool) -> Result<PolicyReport, CommandError> {
    let world = context.world;
    let watched = world.terminal.stdin && world.terminal.stderr;
    if !yes && !watched {
        return Err(CommandError::usage("there is no terminal to ask on").hint("add --yes"));
    }
    let (store, signer) = (context.store()?, context.signer(Hand::Person)?);
    if !was_shown(&store, digest)? {
        return Err(CommandError::no(format!("this machine has not shown version {digest}; nothing signed"))
            .hint(format!("read it first: expacti policy diff {digest}")));
    }
    let mut asked = yes;
    for attempt in 0..ATTEMPTS {
        let standing = Standing::look(&store)?;
        if standing.in_force(digest) {
            standing.waiting.over.iter().for_each(|(branch, tip)| store.remove_proposal(branch, *tip));
            let message = format!("version {} is in force already; nothing more to sign", standing.version());
            return Ok(standing.report(Vec::new(), Some(message)));
        }
        let proposal = standing.find(digest)?;
        let seats = seats(proposal, &signer)?;
        let me = seats.first().ok_or_else(|| CommandError::unsure("nobody signs"))?;
        let mut signed = proposal.clone();
        if !has_signed(proposal, &seats, &signer) {
            if !std::mem::replace(&mut asked, true) {
                confirm(context, proposal, me)?;
            }
            let signature = signer.sign(Root::NAMESPACE, &proposal.files.root)?;
            match store.add_signature(standing.at.as_ref(), proposal, &seats, &signature, world.clock.now())? {
                Some(with_mine) => signed = with_mine,
                None => {
                    // Another admin was first: theirs stays, ours goes on top.
                    pause(world, attempt);
                    continue;
                }
            }
        }
        if !signed.is_complete() {
            let message = format!("signed as `{me}`; it waits for {}", missing(&signed));
            return Ok(standing.report(vec![view(&signed)], Some(message)));
        }
        match store.land_policy(standing.at.as_ref(), &signed, me, world.clock.now()) {
            Ok(Landing::Landed(_)) => return landed(&store, &signed, me),
            // Requests ended meanwhile, or another last signature landed it, or another version did: look again.
            Ok(Landing::Moved) => pause(world, attempt),
            Err(StoreError::Refused(_)) if standing.lands_by_ci() => {
                let message = format!("signed as `{me}`; it has all its signatures, and CI lands it on main");
                return Ok(standing.report(vec![view(&signed)], Some(message)));
            }
            Err(StoreError::Refused(why)) => {
                return Err(CommandError::unsure(format!("the repository refuses a push to main: {why}"))
                    .hint("the version has all its signatures, and they are kept on its branch")
                    .hint(format!("who may push to main lands it: expacti policy sign {digest}")));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(CommandError::unsure(format!("the branch kept moving for {ATTEMPTS} attempts")))
}

/// From here on the ordinary way: fetched, verified, remembered.
fn landed(store: &Store, signed: &Proposal, me: &Name) -> Result<PolicyReport, CommandError> {
    let at = Some(store.refresh()?);
    store.remove_proposal(&signed.branch, signed.tip);
    let standing = Standing { at, waiting: Waiting::default() };
    let message = format!("signed as `{me}`; version {} is in force", signed.version.root().version);
    Ok(standing.report(Vec::new(), Some(message)))
}

/// Under which names the key signs; an admin of either version may.
fn seats(proposal: &Proposal, signer: &Signer) -> Result<BTreeSet<Name>, CommandError> {
    let key = signer.public();
    let seats = proposal.seats(key);
    if !seats.is_empty() {
        return Ok(seats);
    }
    let previous = proposal.previous.as_deref();
    let owner = [Some(&proposal.version), previous].into_iter().flatten().find_map(|v| v.roster().owner_of(key));
    let of = previous.map_or_else(
        || "of this version".to_owned(),
        |previous| format!("of version {} or of this one", previous.root().version),
    );
    Err(match owner {
        Some(me) => CommandError::no(format!("`{}` is no admin {of}; nothing signed", me.id)),
        None => CommandError::no(format!("key {} is no admin's {of}; nothing signed", key.fingerprint()))
            .hint("name your own with --key"),
    })
}

/// Whether this key's signature is there already, on every side where it counts.
fn has_signed(proposal: &Proposal, seats: &BTreeSet<Name>, signer: &Signer) -> bool {
    let own = |seat: &Name| {
        let bytes = proposal.files.signatures.get(seat)?;
        let signature = crate::trust::signature::ArmoredSignature::parse(bytes).ok()?;
        Some(signature.key() == signer.public())
    };
    seats.iter().all(|seat| own(seat) == Some(true))
}

fn confirm(context: &Context<'_>, proposal: &Proposal, me: &Name) -> Result<(), CommandError> {
    let number = proposal.version.root().version;
    let fingerprint = proposal.version.digest().fingerprint();
    let question = format!("sign version {number}, {fingerprint}, as admin `{me}`? [y/N]");
    let answer = context.world.console.ask(&question)?;
    if matches!(answer.as_deref(), Some("y" | "Y" | "yes")) { Ok(()) } else { Err(CommandError::no("nothing signed")) }
}
