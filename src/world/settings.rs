//! This machine's settings and pins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::id::Digest;
use crate::world::barrier;
use crate::world::courier::Reach;
use crate::world::paths::{Paths, read_bounded, write_durably};

/// `settings.toml`: what a person would otherwise type every time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The policy repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// The key that signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// The key with which `run`, `resume` and `cancel` sign, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_key: Option<PathBuf>,
    /// `[watch]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch: Option<Watch>,
    /// `[notify.NAME]`: how this machine reaches the channel that config.toml calls so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notify: BTreeMap<String, Reach>,
}

/// What `watch` does besides printing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// A program, by its absolute path, and its arguments: it gets each event as JSON.
    pub command: Vec<String>,
}

/// `trust.toml`: which repositories this machine trusts, from which root on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// One a repository address.
    #[serde(default)]
    pub pin: Vec<Pin>,
}

/// A pinned repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// Its address, as git takes it.
    pub url: String,
    /// SHA-256 of its genesis root, in hexadecimal: what all its records name.
    pub repo: String,
    /// The fingerprint that was given out of band: the genesis root's, or a later version's.
    pub root: String,
}

/// A settings file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It cannot be read or written.
    #[error("`{path}`: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It does not say what it should.
    #[error("`{path}`: {message}")]
    Content {
        /// Which.
        path: PathBuf,
        /// Where and what, in the parser's words.
        message: String,
    },
}

const MAX: u64 = 1 << 20;

pub(super) fn load<T: Default + for<'de> Deserialize<'de>>(path: &Path) -> Result<T, SettingsError> {
    let io = |error| SettingsError::Io { path: path.to_owned(), error };
    let content = |message: String| SettingsError::Content { path: path.to_owned(), message };
    let Some(bytes) = read_bounded(path, MAX).map_err(io)? else { return Ok(T::default()) };
    let text = String::from_utf8(bytes).map_err(|error| content(error.to_string()))?;
    toml::from_str(&text).map_err(|error| content(error.to_string().trim_end().to_owned()))
}

fn save<T: Serialize>(path: &Path, value: &T) -> Result<(), SettingsError> {
    let text = toml::to_string(value)
        .map_err(|error| SettingsError::Content { path: path.to_owned(), message: error.to_string() })?;
    write_durably(path, text.as_bytes()).map_err(|error| SettingsError::Io { path: path.to_owned(), error })
}

impl Settings {
    /// Reads them; none are there at first.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn load(paths: &Paths) -> Result<Self, SettingsError> {
        load(&paths.settings())
    }

    /// Writes them.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn save(&self, paths: &Paths) -> Result<(), SettingsError> {
        save(&paths.settings(), self)
    }
}

impl Pins {
    /// Reads them, those for everyone on this machine first: they win.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn load(paths: &Paths) -> Result<Self, SettingsError> {
        let mut all = barrier::pins(paths)?;
        let own: Self = load(&paths.pins())?;
        all.pin.extend(own.pin.into_iter().filter(|own| all.find(&own.url).is_none()).collect::<Vec<_>>());
        Ok(all)
    }

    /// Adds or replaces this user's pin of its address.
    ///
    /// # Errors
    /// [`SettingsError`]; one that contradicts a pin for everyone is refused.
    pub fn add(paths: &Paths, pin: Pin) -> Result<(), SettingsError> {
        if let Some(theirs) = barrier::pins(paths)?.find(&pin.url).filter(|theirs| theirs.repo != pin.repo) {
            let path = paths.system.as_ref().map(|system| system.dir.clone()).unwrap_or_default();
            let message = format!("it pins {} for `{}`", theirs.root, pin.url);
            return Err(SettingsError::Content { path, message });
        }
        let mut own: Self = load(&paths.pins())?;
        own.pin.retain(|known| known.url != pin.url);
        own.pin.push(pin);
        save(&paths.pins(), &own)
    }

    /// The pin of an address.
    pub fn find(&self, url: &str) -> Option<&Pin> {
        self.pin.iter().find(|pin| pin.url == url)
    }
}

impl Pin {
    /// The repository's identity.
    ///
    /// # Errors
    /// [`SettingsError::Content`] where the file was edited by hand.
    pub fn identity(&self, paths: &Paths) -> Result<Digest, SettingsError> {
        self.repo.parse().map_err(|error: crate::domain::id::IdError| SettingsError::Content {
            path: paths.pins(),
            message: error.to_string(),
        })
    }
}
