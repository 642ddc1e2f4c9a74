//! `identity new` and `identity list`: the keys of this machine.

use std::path::{Path, PathBuf};

use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::commands::report::IdentityReport;
use crate::domain::key::PublicKey;
use crate::domain::principal::Name;
use crate::trust::secret::SecretKey;
use crate::world::World;
use crate::world::entropy;
use crate::world::paths::{create_durably, read_bounded};
use crate::world::settings::{Pins, Settings};
use crate::world::store::Store;

/// Makes a key under a name; an existing one is never overwritten.
///
/// # Errors
/// There is one already, or it cannot be written.
pub fn new(context: &Context<'_>, name: &Name) -> Result<IdentityReport, CommandError> {
    let world = context.world;
    let path = world.paths.keys().join(name.as_str());
    if path.exists() {
        return Err(CommandError::no(format!("identity `{name}` exists; nothing written"))
            .hint(format!("it lies in {}", path.display())));
    }
    let public = make(world, &path, name)?;
    let mut settings = Settings::load(&world.paths)?;
    if settings.key.is_none() {
        settings.key = Some(path.clone());
        settings.save(&world.paths)?;
    }
    Ok(view(name.as_str(), &path, &public, None))
}

fn make(world: &World, path: &Path, name: &Name) -> Result<PublicKey, CommandError> {
    let secret = SecretKey::generate(entropy::bytes(world.entropy.as_ref())?);
    let comment = format!("{name}@{}", world.host);
    let mut beside = path.as_os_str().to_owned();
    beside.push(".pub");
    let line = format!("{} {comment}\n", secret.public().line());
    create_durably(path, &secret.to_openssh(&comment))?;
    crate::world::paths::write_durably(Path::new(&beside), line.as_bytes())?;
    Ok(secret.public().clone())
}

/// The key file of an identity, made where there is none.
///
/// # Errors
/// It cannot be written.
pub fn make_or_find(world: &World, name: &Name) -> Result<PathBuf, CommandError> {
    let path = world.paths.keys().join(name.as_str());
    if !path.exists() {
        make(world, &path, name)?;
    }
    Ok(path)
}

/// Lists them, with whom they stand for in the pinned repository as last verified.
///
/// # Errors
/// A key file cannot be read.
pub fn list(context: &Context<'_>) -> Result<Vec<IdentityReport>, CommandError> {
    let world = context.world;
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(world.paths.keys()) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error.into()),
    };
    let roster = roster(context);
    for entry in entries {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".pub"))
        else {
            continue;
        };
        let text = read_bounded(&path, 4_096)?.unwrap_or_default();
        let Ok(public) = PublicKey::parse(&String::from_utf8_lossy(&text)) else { continue };
        let principal =
            roster.as_ref().and_then(|version| version.roster().owner_of(&public)).map(|p| p.id.to_string());
        found.push(view(name, &world.paths.keys().join(name), &public, principal));
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn roster(context: &Context<'_>) -> Option<std::sync::Arc<crate::trust::root::PolicyVersion>> {
    Pins::load(&context.world.paths).ok()?;
    let pin = context.pin().ok()?;
    let store = Store::open_pin(context.world, &pin).ok()?;
    Some(store.remembered().ok()??.version)
}

fn view(name: &str, path: &Path, public: &PublicKey, principal: Option<String>) -> IdentityReport {
    IdentityReport {
        name: name.to_owned(),
        path: path.to_string_lossy().into_owned(),
        fingerprint: public.fingerprint(),
        key: public.line(),
        principal,
    }
}
