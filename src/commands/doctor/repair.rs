//! `doctor --repair`: makes `main` hold again with a plain push, or says who can.

use std::path::Path;

use super::{fault, fine, quoted};
use crate::commands::Context;
use crate::commands::deliver::{ATTEMPTS, pause};
use crate::commands::report::Check;
use crate::domain::id::CommitId;
use crate::domain::shown;
use crate::world::store::{Fix, Landing, Remedy, Store, StoreError};

/// The name of this check.
const NAME: &str = "repair";

/// What heals `main`, pushed where `push` says so.
///
/// A repair proves itself: it is judged like any other step, so it needs no key and anyone who may push can make it.
pub(super) fn repair(context: &Context<'_>, store: &Store, push: bool) -> Check {
    let mut healed: Option<Fix> = None;
    for attempt in 0..ATTEMPTS {
        let fix = match store.remedy(context.world.clock.now()) {
            Ok(Remedy::Holds(at)) => {
                return match healed {
                    None => fine(NAME, "main holds: there is nothing to repair"),
                    Some(Fix { bad: Some(bad), new, .. }) => {
                        let words = format!("main holds again up to step {}: {new} sets {bad} aside", at.height + 1);
                        fine(NAME, words).hint("requests that were open are open still, and can be decided and run")
                    }
                    Some(Fix { new, .. }) => fine(NAME, format!("main is back, and holds: it is {new} again")),
                };
            }
            Ok(Remedy::Push(fix)) => fix,
            Ok(Remedy::Host { finding, why, bad, good }) => {
                let words = format!("no push heals it: {}: {}", shown::line(&finding.message), shown::line(&why));
                return by_host(store, fault(NAME, words), Some(bad), good);
            }
            Err(error) => return unclear(store, &error),
        };
        if !push {
            return offered(store, &fix);
        }
        match store.heal(&fix) {
            Ok(Landing::Landed(_)) => healed = Some(fix),
            // Somebody else repairs it, or goes on breaking it.
            Ok(Landing::Moved) => pause(context.world, attempt),
            Err(StoreError::Refused(reason)) => {
                return fault(NAME, format!("the repository refuses the push: {}", shown::line(&reason)))
                    .hint("somebody who may push main must run `expacti doctor --repair`, or:")
                    .hint(command(store, &fix));
            }
            Err(error) => return unclear(store, &error),
        }
    }
    fault(NAME, "main is changed again and again").hint("stop who pushes to it, then run `expacti doctor --repair`")
}

/// What would be done, and the plain push that does it.
fn offered(store: &Store, fix: &Fix) -> Check {
    let words = match fix.bad {
        None => format!("main can be brought back as {}", fix.good),
        Some(bad) if fix.new == fix.good => format!("main can go forward from {bad} to {} again", fix.good),
        Some(bad) => format!("{bad} can be set aside: everything as it was at {}, nothing legal is undone", fix.good),
    };
    fault(NAME, words).hint("expacti doctor --repair").hint(format!("the same by hand: {}", command(store, fix)))
}

fn command(store: &Store, fix: &Fix) -> String {
    let cache = quoted(&store.objects().path().to_string_lossy());
    format!("git --git-dir {cache} push {} {}:refs/heads/main", quoted(store.url()), fix.new)
}

/// How whoever runs the host moves `main` to where it last held.
fn by_host(store: &Store, check: Check, bad: Option<CommitId>, good: Option<CommitId>) -> Check {
    let Some(good) = good else {
        return check.hint("ask an admin; if the repository was made anew on purpose, join it again");
    };
    let (url, bad) = (store.url(), bad.map(|bad| bad.to_string()).unwrap_or_default());
    let cache = quoted(&store.objects().path().to_string_lossy());
    let lease = format!("--force-with-lease=refs/heads/main:{bad}");
    let force = format!("git --git-dir {cache} push {lease} {} {good}:refs/heads/main", quoted(url));
    let check = check.hint(format!("who may force-push there can set it to the last step that holds here: {force}"));
    if url.contains("://") || !Path::new(url).is_absolute() {
        return check.hint(format!("or on the host: git update-ref refs/heads/main {good} {bad}"));
    }
    check.hint(format!("or on this machine: git --git-dir {} update-ref refs/heads/main {good} {bad}", quoted(url)))
}

fn unclear(store: &Store, error: &StoreError) -> Check {
    let words = shown::line(&error.to_string());
    // What git refuses to fetch nobody can judge, and so nobody can set it aside.
    if !words.contains("fsck error") {
        return fault(NAME, words);
    }
    let bad = store.remote_tip().ok().flatten();
    let good = store.remembered().ok().flatten().map(|at| at.commit);
    let words = format!("main holds an object that git refuses to fetch, so no repair can be made: {words}");
    by_host(store, fault(NAME, words), bad, good)
        .hint("and let the host refuse such objects: git config receive.fsckObjects true")
}
