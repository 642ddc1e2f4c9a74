//! `roster.toml`, and the `allowed_signers` file it generates for stock `ssh-keygen`.

use crate::domain::key::PublicKey;
use crate::domain::principal::{Kind, Name, Principal, Roster, RosterDraft};
use crate::domain::revocation::Revocation;
use crate::record::diagnostic::Diagnostic;
use crate::record::document::{Document, Item, Section};
use crate::record::strict;

/// Reads `roster.toml`; `file` is what its diagnostics call it.
///
/// # Errors
/// Everything wrong with its form; once the form is right, everything wrong with its meaning.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Roster, Vec<Diagnostic>> {
    let document = Document::open(file, bytes, strict::MAX_BYTES)?;
    let draft = document.finish(document.read(draft))?;
    let roster = Roster::new(draft);
    if let Err(faults) = &roster {
        faults.iter().for_each(|fault| document.fault(fault));
    }
    document.finish(roster.ok())
}

fn draft(file: &Section<'_>) -> Option<RosterDraft> {
    let roles = file.get("roles").map(|roles| roles.list()).unwrap_or_default();
    let trust = file.require("trust").and_then(|trust| {
        trust.table("`[trust]`", |trust| {
            let admins = trust.require("admins").map(|admins| names(&admins));
            let threshold = trust.require("threshold").and_then(|threshold| threshold.count());
            Some((admins?, threshold?))
        })
    });
    let principals = file.tables("principals", principal);
    let groups = file.table("groups", |groups| {
        let groups = groups.entries();
        groups
            .into_iter()
            .filter_map(|(name, members)| {
                let name: Name = members.checked(name.parse())?;
                Some((name, names(&members)))
            })
            .collect()
    });
    let revocations = file.tables("revocations", revocation);
    let (admins, threshold) = trust?;
    let roles = roles.iter().filter_map(|role| role.text().map(str::to_owned)).collect();
    Some(RosterDraft { roles, principals, groups, admins, threshold, revocations })
}

fn names(item: &Item<'_>) -> Vec<Name> {
    item.list().iter().filter_map(Item::parse).collect()
}

fn principal(section: &Section<'_>) -> Option<Principal> {
    let id = section.require("id").and_then(|id| id.parse());
    let kinds = [Kind::Person, Kind::Agent, Kind::Runner].map(|kind| (kind.as_str(), kind));
    let kind = section.require("kind").and_then(|kind| kind.one_of(&kinds));
    let role = section.get("role").and_then(|role| role.text()).map(str::to_owned);
    let team = section.get("team").and_then(|team| team.label());
    let operators = section.get("operators").map(|operators| names(&operators)).unwrap_or_default();
    let keys = section.require("keys").map(|keys| keys.list()).unwrap_or_default();
    let keys = keys.iter().filter_map(key).collect();
    Some(Principal { id: id?, kind: kind?, role, team, operators, keys })
}

fn revocation(section: &Section<'_>) -> Option<Revocation> {
    let revoked = section.require("key").and_then(|item| key(&item));
    let since = section.require("compromised_since").and_then(|since| {
        let help = "name the first commit of main to be doubted: `git log --first-parent main` lists them";
        since.text()?.parse().map_err(|error| since.error("bad-value", error, Some(help))).ok()
    });
    let reason = section.get("reason").and_then(|reason| reason.text()).map(str::to_owned);
    Some(Revocation { key: revoked?, since: since?, reason })
}

fn key(item: &Item<'_>) -> Option<PublicKey> {
    let key = PublicKey::parse(item.text()?);
    key.map_err(|error| {
        item.error("bad-key", error, Some("give the line of a `.pub` file, as `ssh-keygen -t ed25519` writes it"))
    })
    .ok()
}

const PERSON: &str = "decision.v1@expacti,claim.v1@expacti,outcome.v1@expacti,root.v1@expacti,request.v1@expacti";
const MACHINE: &str = "request.v1@expacti,claim.v1@expacti,outcome.v1@expacti";

/// The file with which `ssh-keygen -Y verify` checks the records: a line a key, sorted.
///
/// Only persons may sign decisions and roots.
pub fn allowed_signers(roster: &Roster) -> Vec<u8> {
    let mut lines: Vec<String> = roster
        .principals()
        .flat_map(|principal| {
            let namespaces = if principal.kind == Kind::Person { PERSON } else { MACHINE };
            let id = &principal.id;
            principal.keys.iter().map(move |key| format!("{id} namespaces=\"{namespaces}\" {}\n", key.line()))
        })
        .collect();
    lines.sort();
    lines.concat().into_bytes()
}

#[cfg(test)]
pub(crate) mod tests;
