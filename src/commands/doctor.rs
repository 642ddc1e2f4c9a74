//! `doctor`: whether git, key, pin, repository, roster and clock are fine, and what to do where one is not.

mod branches;
mod notify;
mod repair;

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::commands::error::CommandError;
use crate::commands::report::{Check, DoctorReport};
use crate::commands::{Context, Hand};
use crate::domain::id::{Digest, RequestId};
use crate::domain::shown;
use crate::domain::time::Timestamp;
use crate::gate::audit::Standpoint;
use crate::gate::ledger::LandedEnding;
use crate::matching::canonical_text;
use crate::world::git::Git;
use crate::world::host::host_settings;
use crate::world::journal;
use crate::world::settings::Pin;
use crate::world::signer::Signer;
use crate::world::store::{Store, StoreError};

/// The oldest git that is tried with: 2.34, of November 2021.
const OLDEST_GIT: (u32, u32) = (2, 34);
/// A clock further behind the newest record than this, in seconds, is wrong.
const MAX_BEHIND: u64 = 300;
/// How many of the newest requests the clock is compared with.
const NEWEST: usize = 8;

fn fine(name: &'static str, message: impl Into<String>) -> Check {
    Check { name, ok: true, message: message.into(), hints: Vec::new() }
}

fn fault(name: &'static str, message: impl Into<String>) -> Check {
    Check { ok: false, ..fine(name, message) }
}

impl Check {
    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

fn refused(name: &'static str, error: CommandError) -> Check {
    error.hints.into_iter().fold(fault(name, shown::line(&error.message)), Check::hint)
}

/// The pinned fingerprint, and a newline.
///
/// # Errors
/// No repository is pinned, or it is not clear which is meant.
pub fn root_fingerprint(context: &Context<'_>) -> Result<String, CommandError> {
    Ok(format!("{}\n", context.pin()?.root))
}

/// Looks at everything; what is wrong stands in the report. With `repair`, a `main` that does not hold is healed first.
pub fn doctor(context: &Context<'_>, repair: bool) -> DoctorReport {
    let mut checks = vec![git(context), key(context)];
    match context.pin() {
        Err(error) => checks.push(refused("pin", error)),
        Ok(pin) => {
            checks.push(pinned(context, &pin));
            checks.extend(host(&pin));
            match Store::open_pin(context.world, &pin) {
                Err(error) => checks.push(refused("remote", error.into())),
                Ok(store) => repository(context, &store, repair, &mut checks),
            }
        }
    }
    DoctorReport { ok: checks.iter().all(|check| check.ok), checks }
}

fn git(context: &Context<'_>) -> Check {
    let install = "install git 2.34 or newer, and let PATH lead to it";
    let said = match Git::new(context.world, &context.world.paths.data).version() {
        Ok(said) => said,
        Err(error) => return fault("git", shown::line(&error.to_string())).hint(install),
    };
    let shown = shown::line(&said);
    match version(&said) {
        Some(found) if found >= OLDEST_GIT => fine("git", shown),
        Some(_) => fault("git", format!("{shown} is too old")).hint(install),
        None => fault("git", format!("`{shown}` is no version of git")).hint(install),
    }
}

/// `git version 2.47.3` and `git version 2.39.5 (Apple Git-154)`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.strip_prefix("git version ")?.split(['.', ' ', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn key(context: &Context<'_>) -> Check {
    let signer = match context.signer(Hand::Person) {
        Ok(signer) => signer,
        Err(error) => return refused("key", error).hint("without a key this machine can still join and audit"),
    };
    let path = context.key_path(Hand::Person).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    let kind = if signer.public().is_sk() { "hardware key" } else { "ssh-ed25519" };
    let how = if signer.needs_ssh_keygen() { ", signs through ssh-keygen" } else { "" };
    let check = fine("key", format!("{} ({kind}{how}) in {}", signer.public().fingerprint(), shown::line(&path)));
    if signer.needs_ssh_keygen() && !on_path(context, "ssh-keygen") {
        return Check { ok: false, ..check }.hint("ssh-keygen is not on PATH: install OpenSSH");
    }
    check
}

fn on_path(context: &Context<'_>, program: &str) -> bool {
    let path = context.world.var("PATH").unwrap_or_default();
    std::env::split_paths(path).any(|dir| dir.join(program).is_file())
}

fn pinned(context: &Context<'_>, pin: &Pin) -> Check {
    let file = context.world.paths.pins();
    let shown = shown::line(&file.to_string_lossy());
    let words = format!("{} at {}", pin.root, shown::line(&pin.url));
    if Digest::from_fingerprint(&pin.root).is_err() {
        return fault("pin", format!("`{}` in {shown} is no fingerprint", shown::line(&pin.root)))
            .hint("join again with the fingerprint you were given");
    }
    match std::fs::metadata(&file) {
        Ok(meta) if meta.mode() & 0o022 != 0 => fault("pin", format!("{words}, but others can write {shown}"))
            .hint(format!("chmod go-w {}", quoted(&file.to_string_lossy()))),
        Ok(_) => fine("pin", words),
        Err(error) => fault("pin", format!("{shown}: {error}")),
    }
}

/// For a word on a command line that is printed for people to run.
fn quoted(word: &str) -> String {
    shown::bytes(&canonical_text(&[word.as_bytes()]))
}

/// What can be seen of the host without pushing.
fn host(pin: &Pin) -> Vec<Check> {
    let path = Path::new(&pin.url);
    if pin.url.contains("://") || !path.is_absolute() {
        return vec![
            fine("host", "whether it refuses force pushes cannot be seen from here")
                .hint("protect `main` there: no force pushes, no deletion; other branches may be deleted"),
        ];
    }
    let at = quoted(&pin.url);
    let settings = match host_settings(path) {
        Ok(Some(settings)) => settings,
        Ok(None) => return vec![fault("host", format!("there is no git repository at {at}"))],
        Err(error) => return vec![fault("host", shown::line(error.message()))],
    };
    let mut checks = Vec::new();
    if settings.sha256 {
        checks.push(
            fault("host", "it names objects by SHA-256, which expacti does not read yet")
                .hint("make a new one with `git init --bare --object-format=sha1 PATH`, and `expacti init` it"),
        );
    }
    if settings.reftable {
        checks.push(
            fine("host", "it keeps its refs in a reftable, which git before 2.45 cannot read")
                .hint(format!("for older ones: git --git-dir {at} refs migrate --ref-format=files")),
        );
    }
    for (holds, what, option) in [
        (settings.denies_force, "accepts force pushes: history can be rewritten", "receive.denyNonFastForwards"),
        (settings.checks_objects, "accepts damaged objects", "receive.fsckObjects"),
    ] {
        if !holds {
            checks.push(fault("host", format!("it {what}")).hint(format!("git --git-dir {at} config {option} true")));
        }
    }
    if checks.is_empty() {
        checks.push(fine("host", "refuses force pushes and damaged objects"));
    }
    checks
}

fn repository(context: &Context<'_>, store: &Store, repair: bool, checks: &mut Vec<Check>) {
    let branches = match store.remote_branches() {
        Ok(branches) => branches,
        Err(error) => {
            checks.push(unreachable(&error));
            checks.push(waiting(store, false));
            return;
        }
    };
    if repair {
        checks.push(repair::repair(context, store, true));
    }
    match store.refresh() {
        Ok(at) => {
            let version = at.version.root().version;
            checks.push(fine(
                "remote",
                format!("reachable; main verifies up to step {}, policy version {version}", at.height + 1),
            ));
            for warning in store.take_warnings() {
                checks.push(fault("remote", shown::line(&warning.to_string())));
            }
            checks.push(member(context, &at));
            checks.push(clock(context, store, &at));
            checks.extend(notify::channels(context, store, &at));
        }
        Err(error) => {
            checks.push(unreachable(&error));
            if !repair && is_broken(&error) {
                checks.push(repair::repair(context, store, false));
            }
        }
    }
    checks.push(waiting(store, true));
    checks.extend(branches::foreign(store.url(), &branches));
}

/// Whether something stands there that is no legal `main`.
fn is_broken(error: &StoreError) -> bool {
    matches!(error, StoreError::Illegal(_)) || error.to_string().contains("fsck error")
}

fn unreachable(error: &StoreError) -> Check {
    let said = shown::line(&error.to_string());
    let check = fault("remote", said.clone());
    match error {
        StoreError::NoMain(_) => check.hint("if it is new: `expacti policy status` says who has yet to sign"),
        StoreError::Illegal(_) => check.hint("nothing runs and nothing is signed until main holds again"),
        _ if said.contains("mismatched algorithms") => check
            .hint("it names objects by SHA-256, which expacti does not read yet")
            .hint("make a new one with `git init --bare --object-format=sha1 PATH`, and `expacti init` it"),
        StoreError::Git(_) => {
            check.hint("is the address right, the network up, and do you have access? try `git ls-remote` with it")
        }
        _ => check,
    }
}

/// Who the keys of this machine are.
fn member(context: &Context<'_>, at: &Standpoint) -> Check {
    let roster = at.version.roster();
    let describe = |signer: &Signer| {
        let me = roster.owner_of(signer.public())?;
        let role = me.role.as_ref().map(|role| format!(", role {}", shown::line(role))).unwrap_or_default();
        let admin = if roster.admins().contains(&me.id) { ", admin" } else { "" };
        Some(format!("`{}`, {}{role}{admin}", me.id, me.kind.as_str()))
    };
    let mut who = Vec::new();
    for hand in [Hand::Person, Hand::Run] {
        let Ok(signer) = context.signer(hand) else { continue };
        let Some(words) = describe(&signer) else {
            let key = signer.public();
            return fault("roster", format!("key {} is not in the roster", key.fingerprint()))
                .hint("ask an admin to add it to roster.toml:")
                .hint(format!("keys = [\"{}\"]", key.line()));
        };
        if !who.contains(&words) {
            who.push(words);
        }
    }
    match who.as_slice() {
        [] => fault("roster", "no key, so nobody"),
        [one] => fine("roster", format!("you are {one}")),
        [person, run, ..] => fine("roster", format!("you are {person}; runs are asked by {run}")),
    }
}

/// Our clock against the newest times that others signed.
fn clock(context: &Context<'_>, store: &Store, at: &Standpoint) -> Check {
    let now = context.world.clock.now();
    let newest = match newest_record(store, at) {
        Ok(newest) => newest,
        Err(error) => return refused("clock", error),
    };
    match newest {
        None => fine("clock", format!("{now}; no record on main to compare it with")),
        Some((id, time)) if time.since(now) > MAX_BEHIND => {
            fault("clock", format!("{now} is {} s behind the newest record on main, of request {id}", time.since(now)))
                .hint("set this machine's clock; if it is right, the machine that signed that record has a wrong one")
        }
        Some((_, time)) => fine("clock", format!("{now}; the newest record on main is of {time}")),
    }
}

fn newest_record(store: &Store, at: &Standpoint) -> Result<Option<(RequestId, Timestamp)>, CommandError> {
    let mut newest: Option<(RequestId, Timestamp)> = None;
    for row in store.index().newest(NEWEST)? {
        let (dossier, _) = store.landed_dossier(at, row.id, &row.landed)?;
        let decided = dossier.decisions.iter().map(|decision| decision.value().decided);
        let claimed = dossier.claim.as_ref().map(|claim| claim.value().claimed);
        let recorded = dossier.outcome.as_ref().map(|outcome| outcome.value().recorded);
        let created = std::iter::once(dossier.request.value().created);
        let time = created.chain(decided).chain(claimed).chain(recorded).max();
        newest = newest.into_iter().chain(time.map(|time| (row.id, time))).max_by_key(|(_, time)| *time);
    }
    Ok(newest)
}

/// What waits on this machine: records to deliver, and runs that were interrupted.
fn waiting(store: &Store, reachable: bool) -> Check {
    let look = || -> Result<(usize, Vec<RequestId>), CommandError> {
        let spooled = journal::spooled(&store.spool())?;
        let mut interrupted = Vec::new();
        for id in journal::entries(&store.journal())? {
            let claimed = store.index().row(&id)?.is_some_and(|row| {
                matches!(row.landed.ending, LandedEnding::Claimed { .. }) && row.landed.outcome.is_none()
            });
            let delivered = spooled.iter().all(|(waiting, _, _)| *waiting != id);
            // A lock that is held belongs to a run that goes on.
            if claimed && delivered && journal::lock(&store.journal(), &id)?.is_some() {
                interrupted.push(id);
            }
        }
        Ok((spooled.len(), interrupted))
    };
    match look() {
        Err(error) => refused("journal", error),
        Ok((0, interrupted)) if interrupted.is_empty() => fine("journal", "nothing waits on this machine"),
        Ok((spooled, interrupted)) => {
            let mut words = Vec::new();
            if spooled > 0 {
                words.push(format!("{spooled} outcomes wait to be delivered"));
            }
            if !interrupted.is_empty() {
                words.push(format!("{} runs began here and have no outcome", interrupted.len()));
            }
            let mut check = fault("journal", words.join("; "));
            if spooled > 0 {
                check = check.hint(if reachable {
                    "expacti sync"
                } else {
                    "once the repository is reachable: expacti sync"
                });
            }
            let close =
                |id: &RequestId| format!("look what happened, then: expacti resume {id} --unknown --reason TEXT");
            interrupted.iter().map(close).fold(check, Check::hint)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_git_are_read() {
        for (said, found) in [
            ("git version 2.34.0", Some((2, 34))),
            ("git version 2.39.5 (Apple Git-154)", Some((2, 39))),
            ("git version 3.0-rc1", Some((3, 0))),
            ("git version 2.47.3.windows.1", Some((2, 47))),
            ("git version two", None),
            ("", None),
        ] {
            assert_eq!(version(said), found, "{said}");
        }
    }
}
