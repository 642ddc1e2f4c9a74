//! What the administrator of this machine pins and sets, in `/etc/expacti`: it wins over the user's files, and where it
//! pins a repository, `run` and `resume` know nothing else.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::world::paths::{Paths, SystemDir};
use crate::world::settings::{Pin, Pins, SettingsError, load};

/// What `run` and `resume` take from the machine's administrator alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barrier {
    /// The repository.
    pub pin: Pin,
    /// The key that asks and claims.
    pub key: PathBuf,
    /// The directory that holds configuration, data and state.
    pub home: PathBuf,
    /// Where programs are trusted that run without approval; `None`: where the policy says.
    pub trusted_path: Option<Vec<PathBuf>>,
}

/// `settings.toml` beside machine-wide pins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct SystemSettings {
    repo: Option<String>,
    key: Option<PathBuf>,
    home: Option<PathBuf>,
    trusted_path: Option<Vec<PathBuf>>,
}

const PINS: &str = "trust.toml";
const SETTINGS: &str = "settings.toml";

/// The machine-wide pins; none where there is no such file.
///
/// # Errors
/// [`SettingsError`], also where others than the owner could have written them.
pub fn pins(paths: &Paths) -> Result<Pins, SettingsError> {
    match &paths.system {
        Some(system) if is_there(&system.dir.join(PINS))? => {
            guarded(system, PINS)?;
            load(&system.dir.join(PINS))
        }
        _ => Ok(Pins::default()),
    }
}

/// The barrier of this machine, where its administrator set one up.
///
/// # Errors
/// [`SettingsError`]: a file that is there is not to be believed, or leaves something open. Then nothing runs.
pub fn barrier(paths: &Paths) -> Result<Option<Barrier>, SettingsError> {
    let Some(system) = &paths.system else { return Ok(None) };
    let (pins, settings) = (system.dir.join(PINS), system.dir.join(SETTINGS));
    if !is_there(&pins)? && !is_there(&settings)? {
        return Ok(None);
    }
    let said =
        |path: &Path, message: &str| SettingsError::Content { path: path.to_owned(), message: message.to_owned() };
    let pinned = self::pins(paths)?.pin;
    if pinned.is_empty() {
        return Err(said(&pins, "settings for everyone, and no pin beside them"));
    }
    if !is_there(&settings)? {
        return Err(said(&settings, "it is missing: beside a pin for everyone it must name `key` and `home`"));
    }
    guarded(system, SETTINGS)?;
    let SystemSettings { repo, key, home, trusted_path } = load(&settings)?;
    let pin = match (repo, pinned.as_slice()) {
        (None, [pin]) => pin.clone(),
        (None, _) => return Err(said(&settings, "`repo` must say which of the pinned repositories it is")),
        (Some(repo), all) => match all.iter().find(|pin| pin.url == repo) {
            Some(pin) => pin.clone(),
            None => return Err(said(&settings, "`repo` is not pinned in trust.toml beside it")),
        },
    };
    let absolute = |path: Option<PathBuf>, name: &str| {
        path.filter(|path| path.is_absolute())
            .ok_or_else(|| said(&settings, &format!("`{name}` must be an absolute path")))
    };
    let (key, home) = (absolute(key, "key")?, absolute(home, "home")?);
    if trusted_path.iter().flatten().any(|path| !path.is_absolute()) {
        return Err(said(&settings, "`trusted_path` must hold absolute paths"));
    }
    Ok(Some(Barrier { pin, key, home, trusted_path }))
}

/// Whether there is anything of that name; that it cannot be told is an error, never a no.
fn is_there(path: &Path) -> Result<bool, SettingsError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(SettingsError::Io { path: path.to_owned(), error }),
    }
}

/// The file, and the directory in which it could be replaced, belong to the owner, and nobody else writes them.
fn guarded(system: &SystemDir, name: &str) -> Result<(), SettingsError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |error| SettingsError::Io { path, error }
    };
    let file = system.dir.join(name);
    let real = fs::canonicalize(&file).map_err(io(&file))?;
    for path in [Some(system.dir.as_path()), real.parent(), Some(real.as_path())].into_iter().flatten() {
        let meta = fs::metadata(path).map_err(io(path))?;
        let message = if meta.uid() != system.owner {
            format!(
                "it belongs to user {}, not to {}",
                meta.uid(),
                if system.owner == 0 { "root" } else { "its owner" }
            )
        } else if meta.mode() & 0o022 != 0 {
            "others than its owner can write it".to_owned()
        } else {
            continue;
        };
        return Err(SettingsError::Content { path: path.to_owned(), message });
    }
    Ok(())
}
