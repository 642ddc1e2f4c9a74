//! `join`: trust a policy repository from this machine on.

use crate::commands::error::CommandError;
use crate::commands::report::JoinReport;
use crate::commands::{Context, Hand, address};
use crate::domain::id::{CommitId, Digest};
use crate::domain::shown;
use crate::gate::audit;
use crate::gate::history::{self, History as _};
use crate::trust::root::PolicyVersion;
use crate::world::World;
use crate::world::git::{Git, GitError};
use crate::world::objects::Objects;
use crate::world::paths::make_private_dir;
use crate::world::settings::{Pin, Pins, Settings};
use crate::world::store::{FETCHED_MAIN, Proposal, Store};

/// Fetches, verifies, pins.
///
/// # Errors
/// The fingerprint is another one, the repository is none of ours, or nobody could be asked: nothing is pinned then.
pub fn join(context: &Context<'_>, url: &str, given: Option<Digest>) -> Result<JoinReport, CommandError> {
    let world = context.world;
    let url = address(world, url);
    // In a cache of its own first: nothing is known yet that could name it.
    make_private_dir(&world.paths.data)?;
    let scratch = tempfile::Builder::new().prefix(".join-").tempdir_in(&world.paths.data)?;
    let objects = Objects::create(scratch.path()).map_err(|error| CommandError::unsure(error.message().to_owned()))?;
    let git = Git::new(world, scratch.path());
    git.write_config(world)?;
    let (genesis, waiting) = fetch_genesis(world, &git, &objects, &url, given)?;
    let repo = genesis.digest();
    // A later version may be pinned as well: it names its predecessors, down to the genesis.
    if let Some(given) = given.filter(|given| *given != repo)
        && (waiting || !names_version(&objects, &given)?)
    {
        return Err(CommandError::no(format!(
            "the repository's root is {}, given was {}; nothing pinned",
            repo.fingerprint(),
            given.fingerprint()
        ))
        .hint("ask whoever gave you the fingerprint; a wrong one means another repository, or somebody in between"));
    }
    if given.is_none() {
        confirm(context, &url, &genesis)?;
    }
    let root = given.unwrap_or(repo);
    let pin = Pin { url: url.clone(), repo: repo.to_string(), root: root.fingerprint() };
    let version = if waiting {
        0
    } else {
        let store = Store::open_pin(world, &pin)?;
        let at = store.refresh()?;
        at.version.root().version
    };
    Pins::add(&world.paths, pin)?;
    let mut settings = Settings::load(&world.paths)?;
    if settings.repo.is_none() {
        settings.repo = Some(url.clone());
        settings.save(&world.paths)?;
    }
    let current = if waiting { genesis } else { in_force(context, &url, repo)? };
    let me = context
        .signer(Hand::Person)
        .ok()
        .and_then(|signer| current.roster().owner_of(signer.public()).map(|me| me.id.to_string()));
    Ok(JoinReport {
        url,
        root: root.fingerprint(),
        version,
        admins: current.root().admins.iter().map(ToString::to_string).collect(),
        threshold: current.root().threshold,
        me,
    })
}

fn in_force(context: &Context<'_>, url: &str, repo: Digest) -> Result<PolicyVersion, CommandError> {
    let at = Store::open(context.world, url, repo)?.remembered()?;
    let at = at.ok_or_else(|| CommandError::unsure("the verified main was forgotten"))?;
    Ok(PolicyVersion::clone(&at.version))
}

/// The genesis, and whether it still waits for signatures.
fn fetch_genesis(
    world: &World,
    git: &Git,
    objects: &Objects,
    url: &str,
    given: Option<Digest>,
) -> Result<(PolicyVersion, bool), CommandError> {
    let not_ours = |why: String| {
        CommandError::no(format!("`{}` is not a policy repository: {why}", shown::line(url)))
            .hint("make one with `expacti init`")
    };
    let unsure = |error: &dyn std::fmt::Display| CommandError::unsure(shown::line(&error.to_string()));
    let fetched = git.fetch(url, &[&format!("+refs/heads/main:{FETCHED_MAIN}")], false);
    match fetched {
        Ok(()) => {
            let tip = objects.reference(FETCHED_MAIN).map_err(|error| unsure(&error.message()))?;
            let tip = tip.ok_or_else(|| not_ours("it has no main".to_owned()))?;
            let first = first_commit(objects, tip).map_err(|error| unsure(&error))?;
            let genesis = audit::genesis(objects, &first, None).map_err(|error| not_ours(error.to_string()))?;
            Ok((genesis, false))
        }
        Err(GitError::Failed { said, .. }) if said.contains("couldn't find remote ref") => {
            let heads = git.remote_heads(url).map_err(|error| unsure(&error))?;
            let waiting =
                heads.iter().filter_map(|(name, _)| name.strip_prefix("refs/heads/policy/000001-")?.parse().ok());
            let repo = chosen(waiting.collect(), given).ok_or_else(|| not_ours("it has no main".to_owned()))??;
            // Whoever can push can put more than files and signatures on that branch, or branches beside it.
            let found = Store::open(world, url, repo)?.proposals(None)?;
            let branch = Proposal::branch(1, &repo);
            let why = found.unreadable.into_iter().find(|(name, _)| *name == branch).map(|(_, why)| why);
            found
                .proposals
                .into_iter()
                .find(|proposal| proposal.branch == branch)
                .map(|found| (found.version, true))
                .ok_or_else(|| not_ours(why.unwrap_or_else(|| "its first policy is gone".to_owned())))
        }
        Err(error) => Err(unsure(&error).hint("is the address right, and do you have access?")),
    }
}

/// Which first policy is meant of those that wait: the one whose digest was given, or the only one.
fn chosen(waiting: Vec<Digest>, given: Option<Digest>) -> Option<Result<Digest, CommandError>> {
    match (given, waiting.as_slice()) {
        (_, []) => None,
        (Some(given), several) if several.contains(&given) => Some(Ok(given)),
        (_, [one]) => Some(Ok(*one)),
        (given, several) => {
            let error = match given {
                Some(given) => {
                    CommandError::no(format!("no first policy there is {}; nothing pinned", given.fingerprint()))
                }
                None => CommandError::usage("several first policies wait there: --root must say which"),
            };
            let list = several.iter().take(8).map(Digest::fingerprint).collect::<Vec<_>>().join(" ");
            Some(Err(error.hint(format!("there are: {list}"))))
        }
    }
}

fn first_commit(objects: &Objects, tip: CommitId) -> Result<CommitId, history::ReadError> {
    let mut at = tip;
    while let Some(first) = objects.commit(&at)?.parents.first() {
        at = *first;
    }
    Ok(at)
}

/// Whether the fetched tip holds a policy version with this root; the chain to it is verified afterwards.
fn names_version(objects: &Objects, wanted: &Digest) -> Result<bool, CommandError> {
    let unsure = |error: history::ReadError| CommandError::unsure(error.to_string());
    let tip = objects.reference(FETCHED_MAIN).map_err(|error| CommandError::unsure(error.message().to_owned()))?;
    let Some(tip) = tip else { return Ok(false) };
    let tree = objects.commit(&tip).map_err(unsure)?.tree;
    for entry in history::subtree(objects, &tree, "policy").map_err(unsure)? {
        let path = format!("policy/{}/root.toml", String::from_utf8_lossy(&entry.name));
        if let Some(file) = history::at(objects, &tree, &path).map_err(unsure)?
            && Digest::of(&objects.blob(&file.id, audit::MAX_FILE).map_err(unsure)?) == *wanted
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn confirm(context: &Context<'_>, url: &str, genesis: &PolicyVersion) -> Result<(), CommandError> {
    let world = context.world;
    let fingerprint = genesis.digest().fingerprint();
    if !(world.terminal.stdin && world.terminal.stderr) {
        return Err(CommandError::usage("without a terminal, --root is needed: trust is never assumed")
            .hint(format!("the repository claims the root {fingerprint}; compare it with what you were given")));
    }
    let admins: Vec<&str> = genesis.root().admins.iter().map(|admin| admin.as_str()).collect();
    world.console.say(&format!("repository   {}", shown::line(url)));
    world.console.say(&format!("root         {fingerprint}"));
    world.console.say(&format!("admins       {} ({} must sign a change)", admins.join(", "), genesis.root().threshold));
    let answer =
        world.console.ask("is this the fingerprint you were given, by another way than the repository? [y/N]")?;
    if matches!(answer.as_deref(), Some("y" | "Y" | "yes")) { Ok(()) } else { Err(CommandError::no("nothing pinned")) }
}
