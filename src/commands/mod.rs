//! Floor 7: one file a verb: load, verify, judge, act, record.

mod answer;
mod ask;
pub mod audit;
pub mod bind;
pub mod card;
pub mod close;
pub mod decide;
pub mod deliver;
pub mod demo;
pub mod doctor;
pub mod error;
pub mod execute;
pub mod hook;
pub mod identity;
pub mod init;
pub mod join;
pub mod land;
pub mod notify;
pub mod policy;
pub mod report;
pub mod request;
pub mod review;
pub mod run;
mod secret_env;
mod secrets;
pub mod showing;
pub mod status;
pub mod verify;
mod waiting;
pub mod watch;

use std::path::{Path, PathBuf};

use crate::commands::error::CommandError;
use crate::domain::id::RequestId;
use crate::domain::principal::Principal;
use crate::domain::request::Place;
use crate::domain::shown;
use crate::gate::audit::Standpoint;
use crate::world::World;
use crate::world::settings::{Pin, Pins, Settings};
use crate::world::signer::{Signer, SignerError};
use crate::world::store::Store;

/// What every verb starts from: the world, and what was said for all verbs.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Effects.
    pub world: &'a World,
    /// `--repo`, `EXPACTI_REPO`.
    pub repo: Option<&'a str>,
    /// `--key`, `EXPACTI_KEY`.
    pub key: Option<&'a Path>,
}

/// Which key a verb signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// A person's: approve, deny, policy.
    Person,
    /// The one that asks and runs.
    Run,
}

impl<'a> Context<'a> {
    /// The pinned repository that is meant.
    ///
    /// # Errors
    /// None is pinned, several are, or the one named is not.
    pub fn pin(&self) -> Result<Pin, CommandError> {
        let paths = &self.world.paths;
        if let Some(barrier) = &paths.barrier {
            return Ok(barrier.pin.clone());
        }
        let settings = Settings::load(paths)?;
        let pins = Pins::load(paths)?;
        let join = "run `expacti join URL --root FINGERPRINT` with the fingerprint you were given";
        let named = self.repo.map(str::to_owned).or(settings.repo);
        match (named, pins.pin.as_slice()) {
            (Some(url), _) => {
                let url = address(self.world, &url);
                pins.find(&url).cloned().ok_or_else(|| {
                    CommandError::unsure(format!("`{}` is not pinned on this machine", shown::line(&url))).hint(join)
                })
            }
            (None, [pin]) => Ok(pin.clone()),
            (None, []) => Err(CommandError::unsure("this machine has joined no policy repository")
                .hint(join)
                .hint("or `expacti init` to make one for this machine alone")),
            (None, _) => Err(CommandError::unsure("this machine has joined several policy repositories")
                .hint("name one with --repo, or set `repo` in settings.toml")),
        }
    }

    /// The repository, opened; nothing is fetched yet.
    ///
    /// # Errors
    /// As [`Context::pin`], or it cannot be opened.
    pub fn store(&self) -> Result<Store, CommandError> {
        Ok(Store::open_pin(self.world, &self.pin()?)?)
    }

    /// The key file that is meant.
    ///
    /// # Errors
    /// None is set and none lies in the usual place.
    pub fn key_path(&self, hand: Hand) -> Result<PathBuf, CommandError> {
        if let Some(barrier) = &self.world.paths.barrier {
            return Ok(barrier.key.clone());
        }
        if let Some(key) = self.key {
            return Ok(self.world.cwd.join(key));
        }
        let settings = Settings::load(&self.world.paths)?;
        let own = match hand {
            Hand::Run => settings.run_key.or(settings.key),
            Hand::Person => settings.key,
        };
        if let Some(key) = own {
            return Ok(key);
        }
        let usual = self.world.var("HOME").map(|home| Path::new(home).join(".ssh/id_ed25519"));
        usual.filter(|path| path.exists()).ok_or_else(|| {
            CommandError::unsure("there is no key to sign with")
                .hint("name one with --key FILE or EXPACTI_KEY, or make one with `expacti identity new NAME`")
        })
    }

    /// The key, opened.
    ///
    /// # Errors
    /// As [`Context::key_path`], or it is no usable key.
    pub fn signer(&self, hand: Hand) -> Result<Signer, CommandError> {
        let path = self.key_path(hand)?;
        let opened = Signer::open(&path);
        // Which ssh-keygen and which agent would be the caller's choice.
        if self.world.paths.barrier.is_some() && opened.as_ref().is_ok_and(Signer::needs_ssh_keygen) {
            return Err(CommandError::unsure(format!("`{}` is no private key without a passphrase", path.display()))
                .hint("behind a barrier expacti signs by itself alone"));
        }
        opened.map_err(|error| {
            let hint = match &error {
                SignerError::OpenToOthers(path) => Some(format!("chmod 600 {}", path.display())),
                SignerError::Missing(_) => {
                    Some("make one with `expacti identity new NAME`, or name another with --key".to_owned())
                }
                _ => None,
            };
            let error = CommandError::from(error);
            match hint {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })
    }

    /// Who the key belongs to, under the policy in force.
    ///
    /// # Errors
    /// Nobody: the roster does not list it.
    pub fn me(&self, at: &Standpoint, signer: &Signer) -> Result<Principal, CommandError> {
        let roster = at.version.roster();
        roster.owner_of(signer.public()).cloned().ok_or_else(|| {
            let key = signer.public();
            if let Some(revoked) = roster.revocations().iter().find(|revoked| revoked.key == *key) {
                let why = revoked.reason.as_deref().map(|why| format!(" ({})", shown::line(why))).unwrap_or_default();
                return CommandError::unsure(format!("key {} is revoked{why}", key.fingerprint()))
                    .hint("it can never come back: have an admin add a new one, from `expacti identity new NAME`");
            }
            CommandError::unsure(format!("key {} is not in the roster", key.fingerprint()))
                .hint("ask an admin to add it to roster.toml:")
                .hint(format!("keys = [\"{}\"]", key.line()))
        })
    }

    /// The full id that `text` abbreviates.
    ///
    /// # Errors
    /// It matches none or several, or is too short.
    pub fn resolve(&self, store: &Store, text: &str) -> Result<RequestId, CommandError> {
        if let Ok(id) = text.parse::<RequestId>() {
            return Ok(id);
        }
        let shown = shown::line(text);
        let hex = text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() < 6 || text.len() > 32 || !hex {
            return Err(CommandError::usage(format!("`{shown}` is no request id"))
                .hint("give the id, or a prefix of it of at least 6 digits"));
        }
        let mut found: Vec<RequestId> = store.index().with_prefix(text, 8)?;
        found
            .extend(store.open_requests()?.into_iter().map(|(id, _)| id).filter(|id| id.to_string().starts_with(text)));
        found.sort();
        found.dedup();
        match found.as_slice() {
            [id] => Ok(*id),
            [] => Err(CommandError::no(format!("no request's id begins with `{shown}`"))),
            several => {
                let ids: Vec<String> = several.iter().map(RequestId::to_string).collect();
                Err(CommandError::no(format!("`{shown}` stands for several requests")).hint(ids.join(" ")))
            }
        }
    }
}

/// Where a record made now stands.
pub fn place(at: &Standpoint) -> Place {
    Place { repo: at.repo, base: at.commit, root: at.version.digest() }
}

/// A repository's address: an absolute path for what lies on this machine, everything else as it is.
pub fn address(world: &World, given: &str) -> String {
    let local = !given.contains("://") && {
        // `host:path` is ssh's, unless a slash comes first.
        let colon = given.find(':');
        let slash = given.find('/');
        colon.is_none_or(|colon| slash.is_some_and(|slash| slash < colon))
    };
    if !local {
        return given.to_owned();
    }
    let path = world.cwd.join(given);
    let path = std::fs::canonicalize(&path).unwrap_or(path);
    path.to_string_lossy().into_owned()
}
