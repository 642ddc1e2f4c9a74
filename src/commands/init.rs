//! `init`: a policy repository with a signed first root, pinned on this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::commands::error::CommandError;
use crate::commands::identity;
use crate::commands::policy::files::below;
use crate::commands::report::{InitReport, Solo};
use crate::commands::{Context, Hand, address};
use crate::domain::id::{Digest, Nonce};
use crate::domain::principal::Name;
use crate::domain::root::{Origin, Root};
use crate::domain::shown;
use crate::record::{Record as _, read_policy};
use crate::trust::root::{VersionFiles, read};
use crate::world::entropy;
use crate::world::git::{Git, Pushed, Update, create_bare, is_occupied};
use crate::world::objects::Objects;
use crate::world::settings::{Pin, Pins, Settings};
use crate::world::signer::Signer;
use crate::world::store::Proposal;

/// The template, as it lies in `policy-repo-template/`.
const TEMPLATE: &[(&str, &str)] = &[
    ("config.toml", include_str!("../../policy-repo-template/config.toml")),
    ("roster.toml", include_str!("../../policy-repo-template/roster.toml")),
    ("hooks/pre-receive", include_str!("../../policy-repo-template/hooks/pre-receive")),
    ("README.md", include_str!("../../policy-repo-template/README.md")),
    (".gitlab-ci.yml", include_str!("../../policy-repo-template/.gitlab-ci.yml")),
    (".gitlab/expacti-land.yml", include_str!("../../policy-repo-template/.gitlab/expacti-land.yml")),
    (".github/workflows/expacti.yml", include_str!("../../policy-repo-template/.github/workflows/expacti.yml")),
    (
        ".github/workflows/expacti-land.yml",
        include_str!("../../policy-repo-template/.github/workflows/expacti-land.yml"),
    ),
    (
        ".github/workflows/expacti-wake.yml",
        include_str!("../../policy-repo-template/.github/workflows/expacti-wake.yml"),
    ),
];

/// Makes the repository.
///
/// # Errors
/// The policy is faulty, the caller is no admin of it, or something lies there already: nothing is written then.
pub fn init(context: &Context<'_>, from: Option<&Path>, target: Option<&str>) -> Result<InitReport, CommandError> {
    let world = context.world;
    let url = match target {
        Some(target) => address(world, target),
        None => world.paths.embedded().to_string_lossy().into_owned(),
    };
    let local = !url.contains("://") && Path::new(&url).is_absolute();
    if local && is_occupied(Path::new(&url)) && !is_empty_repository(Path::new(&url)) {
        return Err(CommandError::no(format!("`{}` exists and is not empty; nothing written", shown::line(&url)))
            .hint("join it with `expacti join`, or name another place"));
    }
    let mut solo = None;
    let signer;
    let mut files = template();
    if target.is_none() && from.is_none() {
        let made = make_solo(context, &mut files)?;
        signer = made.0;
        solo = Some(made.1);
    } else {
        signer = context.signer(Hand::Person)?;
        match from {
            Some(dir) => take_from(context, dir, &mut files)?,
            None => fill(&mut files, &caller(context)?, &signer.public().line()),
        }
    }
    let version = sign_genesis(context, &files, &signer)?;
    publish(context, &url, local, &files, &version, &signer)?;
    let report = finish(context, &url, &version, &signer, solo)?;
    Ok(report)
}

fn template() -> BTreeMap<String, Vec<u8>> {
    TEMPLATE.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

fn is_empty_repository(path: &Path) -> bool {
    Objects::open(path).is_ok_and(|objects| objects.references("refs/").is_ok_and(|refs| refs.is_empty()))
}

/// What the caller is called in a roster made for them.
fn caller(context: &Context<'_>) -> Result<Name, CommandError> {
    let user = context.world.var("USER").or_else(|| context.world.var("LOGNAME"));
    let user = user.map(|user| user.to_string_lossy().to_lowercase()).unwrap_or_default();
    let tame: String = user.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let tame = tame.trim_matches('-').chars().take(63).collect::<String>();
    let tame = if tame.is_empty() || tame == "agent" || tame == "reviewers" { "admin".to_owned() } else { tame };
    tame.parse().map_err(|error: crate::domain::principal::NameError| CommandError::unsure(error.to_string()))
}

/// Puts the caller into the template's roster.
fn fill(files: &mut BTreeMap<String, Vec<u8>>, admin: &Name, key: &str) {
    if let Some(roster) = files.get_mut("roster.toml") {
        let text = String::from_utf8_lossy(roster);
        let kept: String =
            text.lines().filter(|line| !line.starts_with("#:")).map(|line| format!("{line}\n")).collect();
        *roster = kept.replace("@ADMIN@", admin.as_str()).replace("@KEY@", key).into_bytes();
    }
}

/// One person and their agent: usable at once, and no second pair of eyes.
fn make_solo(context: &Context<'_>, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(Signer, Solo), CommandError> {
    let world = context.world;
    let person = caller(context)?;
    let person_key = match context.key_path(Hand::Person) {
        Ok(path) => path,
        Err(_) => identity::make_or_find(world, &person)?,
    };
    let agent: Name = "agent"
        .parse()
        .map_err(|error: crate::domain::principal::NameError| CommandError::unsure(error.to_string()))?;
    let agent_key = identity::make_or_find(world, &agent)?;
    let signer = Signer::open(&person_key)?;
    let agent_signer = Signer::open(&agent_key)?;
    fill(files, &person, &signer.public().line());
    if let Some(roster) = files.get_mut("roster.toml") {
        let entry = format!(
            "\n[[principals]]\nid = \"{agent}\"\nkind = \"agent\"\noperators = [\"{person}\"]\nkeys = [\"{}\"]\n",
            agent_signer.public().line()
        );
        roster.extend_from_slice(entry.as_bytes());
    }
    if let Some(config) = files.get_mut("config.toml") {
        *config =
            String::from_utf8_lossy(config).replace("operators = \"not-sole\"", "operators = \"count\"").into_bytes();
    }
    let solo = Solo {
        person: person.to_string(),
        person_key: person_key.to_string_lossy().into_owned(),
        agent: agent.to_string(),
        agent_key: agent_key.to_string_lossy().into_owned(),
    };
    Ok((signer, solo))
}

/// Replaces the template's files by those of a directory, which must hold config.toml and roster.toml.
fn take_from(context: &Context<'_>, dir: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), CommandError> {
    let dir = context.world.cwd.join(dir);
    for needed in ["config.toml", "roster.toml"] {
        if !dir.join(needed).is_file() {
            return Err(CommandError::no(format!("`{}` holds no {needed}", shown::line(&dir.to_string_lossy())))
                .hint("--from takes a directory with config.toml and roster.toml"));
        }
    }
    files.extend(below(&dir)?);
    Ok(())
}

fn sign_genesis(
    context: &Context<'_>,
    files: &BTreeMap<String, Vec<u8>>,
    signer: &Signer,
) -> Result<VersionFiles, CommandError> {
    let empty = Vec::new();
    let config = files.get("config.toml").unwrap_or(&empty);
    let roster_text = files.get("roster.toml").unwrap_or(&empty);
    let (_, roster) = read_policy(config, roster_text).map_err(|faults| {
        let text: Vec<String> = faults.iter().map(ToString::to_string).collect();
        CommandError::no(format!("the policy is faulty; nothing written\n{}", text.join("\n")))
    })?;
    let me = roster.owner_of(signer.public()).filter(|me| roster.admins().contains(&me.id)).ok_or_else(|| {
        CommandError::no(format!("key {} is no admin's in roster.toml; nothing written", signer.public().fingerprint()))
            .hint("the first root is signed by one of its admins: add your key, or name another with --key")
            .hint(format!("keys = [\"{}\"]", signer.public().line()))
    })?;
    let genesis = Root {
        version: 1,
        origin: Origin::Genesis(Nonce::new(entropy::bytes(context.world.entropy.as_ref())?)),
        admins: roster.admins().iter().cloned().collect(),
        threshold: roster.threshold(),
        files: files.iter().map(|(path, bytes)| (path.clone(), Digest::of(bytes))).collect(),
    };
    let bytes = genesis.render();
    Root::parse(&bytes).map_err(|error| CommandError::no(error.to_string()))?;
    let signature = signer.sign(Root::NAMESPACE, &bytes)?;
    let version = VersionFiles {
        root: bytes,
        signatures: BTreeMap::from([(me.id.clone(), signature)]),
        config: config.clone(),
        roster: roster_text.clone(),
        allowed_signers: crate::record::roster::allowed_signers(&roster),
    };
    read(&version).map_err(|error| CommandError::no(error.to_string()))?;
    Ok(version)
}

/// Writes the first commit and pushes it: to `main`, or to the branch where it waits for more signatures.
fn publish(
    context: &Context<'_>,
    url: &str,
    local: bool,
    files: &BTreeMap<String, Vec<u8>>,
    version: &VersionFiles,
    signer: &Signer,
) -> Result<(), CommandError> {
    let world = context.world;
    let unsure = |error: git2::Error| CommandError::unsure(error.message().to_owned());
    let digest = Digest::of(&version.root);
    let cache = world.paths.cache(&digest);
    let objects = Objects::create(&cache).map_err(unsure)?;
    let mut blobs = Vec::new();
    let governed = files.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice()));
    for (path, bytes) in governed.chain(version.listed(1)) {
        blobs.push((path, objects.write_blob(bytes).map_err(unsure)?));
    }
    let tree = objects.write_tree(None, &blobs).map_err(unsure)?;
    let read = read(version).map_err(|error| CommandError::no(error.to_string()))?;
    let author = read.roster().owner_of(signer.public()).map(|me| me.id.to_string()).unwrap_or_default();
    let commit =
        objects.write_commit(&[], &tree, &author, world.clock.now(), "policy 000001: genesis").map_err(unsure)?;
    if local {
        create_bare(Path::new(url)).map_err(unsure)?;
    }
    let git = Git::new(world, &cache);
    git.write_config(world)?;
    if !local {
        let heads = git.remote_heads(url).map_err(|error| CommandError::unsure(error.to_string()))?;
        if !heads.is_empty() {
            return Err(CommandError::no(format!("`{}` is not empty; nothing written", shown::line(url))));
        }
    }
    let complete = version.signatures.len() >= read.root().threshold as usize;
    let reference =
        if complete { "refs/heads/main".to_owned() } else { format!("refs/heads/{}", Proposal::branch(1, &digest)) };
    let update = Update { reference, expected: None, new: Some(commit) };
    match git.push(url, &update).map_err(|error| CommandError::unsure(error.to_string()))? {
        Pushed::Landed => Ok(()),
        Pushed::Moved => Err(CommandError::no(format!("`{}` has a main already", shown::line(url)))),
        Pushed::Refused(reason) => Err(CommandError::unsure(format!("the repository refuses the push: {reason}"))),
    }
}

fn finish(
    context: &Context<'_>,
    url: &str,
    version: &VersionFiles,
    signer: &Signer,
    solo: Option<Solo>,
) -> Result<InitReport, CommandError> {
    let world = context.world;
    let digest = Digest::of(&version.root);
    let read = read(version).map_err(|error| CommandError::no(error.to_string()))?;
    let pin = Pin { url: url.to_owned(), repo: digest.to_string(), root: digest.fingerprint() };
    Pins::add(&world.paths, pin)?;
    let mut settings = Settings::load(&world.paths)?;
    settings.repo.get_or_insert_with(|| url.to_owned());
    if let Some(solo) = &solo {
        settings.key.get_or_insert_with(|| PathBuf::from(&solo.person_key));
        settings.run_key.get_or_insert_with(|| PathBuf::from(&solo.agent_key));
        settings.repo = Some(url.to_owned());
    }
    settings.save(&world.paths)?;
    let signed: Vec<&Name> = version.signatures.keys().collect();
    let complete = signed.len() >= read.root().threshold as usize;
    if complete {
        // From here on the ordinary way: fetched, verified, remembered.
        context.world.console.progress("verifying");
        crate::world::store::Store::open(world, url, digest)?.refresh()?;
    }
    let _ = signer;
    Ok(InitReport {
        url: url.to_owned(),
        root: digest.fingerprint(),
        admins: read.root().admins.iter().map(ToString::to_string).collect(),
        threshold: read.root().threshold,
        complete,
        waiting: read.root().admins.iter().filter(|admin| !signed.contains(admin)).map(ToString::to_string).collect(),
        branch: (!complete).then(|| Proposal::branch(1, &digest)),
        digest: digest.to_string(),
        solo,
    })
}
