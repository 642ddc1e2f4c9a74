//! Carrying notifications: the one other use of the network beside git's, and nothing that comes back is believed.
//!
//! What a channel is reached by is this machine's own: [`Reach`], from settings.toml. Every errand has its own thread and a time that is over soon, so
//! nothing waits for a receiver that hangs.

mod http;
mod program;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::world::World;
use crate::world::paths::{is_open_to_others, read_bounded};

/// All that one errand may take, its repetitions included.
pub const WITHIN: Duration = Duration::from_secs(5);
/// How long after each failure it is tried again.
const PAUSES: [Duration; 3] = [Duration::from_millis(200), Duration::from_millis(800), Duration::from_secs(2)];
/// The most bytes of an address or a secret.
const MAX_SECRET: u64 = 8_192;

/// How this machine reaches a channel. Secrets never stand here themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// The variable that holds the webhook's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_env: Option<String>,
    /// The file that does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_file: Option<PathBuf>,
    /// The variable that holds the webhook's secret, `whsec_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
    /// The file that does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// The program that takes mails, by its absolute path, with its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sendmail: Option<Vec<String>>,
    /// The sender of mails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The program that takes events, by its absolute path, with its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
}

/// Reads an address or a secret from where settings.toml says it is.
///
/// # Errors
/// In words that do not hold it: it is nowhere, in two places, empty, or others can read the file.
pub fn secret(world: &World, what: &str, env: Option<&str>, file: Option<&Path>) -> Result<Option<String>, String> {
    let text = match (env, file) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(format!("both `{what}_env` and `{what}_file` are set")),
        (Some(_), None) if world.paths.barrier.is_some() => {
            return Err(format!("`{what}_env` means nothing behind a barrier, where the environment is the caller's"));
        }
        (Some(name), None) => match world.var(name) {
            Some(value) => value.to_string_lossy().into_owned(),
            None => return Err(format!("`{what}_env` names the variable `{name}`, which is not set")),
        },
        (None, Some(path)) => {
            let shown = path.display();
            if !path.is_absolute() {
                return Err(format!("`{what}_file`: `{shown}` is not an absolute path"));
            }
            match (is_open_to_others(path), read_bounded(path, MAX_SECRET)) {
                (Ok(true), _) => return Err(format!("`{shown}` can be read by others: chmod 600 {shown}")),
                (Ok(false), Ok(Some(bytes))) => String::from_utf8_lossy(&bytes).into_owned(),
                (Err(error), _) | (_, Err(error)) => return Err(format!("`{shown}`: {error}")),
                (_, Ok(None)) => return Err(format!("`{shown}` is not there")),
            }
        }
    };
    let text = text.trim();
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(format!("`{what}` is not one word of visible ASCII where it is kept"));
    }
    Ok(Some(text.to_owned()))
}

/// Something to be carried.
pub enum Errand {
    /// An HTTP POST.
    Post {
        /// Where to; `https`, or `http` to this machine.
        url: String,
        /// Names and values.
        headers: Vec<(&'static str, String)>,
        /// What.
        body: Vec<u8>,
        /// Whether the proxies and certificates that the environment names are for us.
        environment: bool,
    },
    /// A program that reads its standard input.
    Start {
        /// The program, by its absolute path, and its arguments.
        argv: Vec<String>,
        /// All of its environment.
        env: Vec<(OsString, OsString)>,
        /// What it reads.
        stdin: Vec<u8>,
    },
}

/// Without addresses and contents: they are secrets.
impl fmt::Debug for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Post { .. } => "Post",
            Self::Start { .. } => "Start",
        })
    }
}

/// Why an errand came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// In words that may be shown once escaped; never an address.
    pub why: String,
    /// Whether the same may go better in a moment.
    pub again: bool,
}

/// Who carries.
pub trait Courier: fmt::Debug + Send + Sync {
    /// Tries once.
    ///
    /// # Errors
    /// It was not taken, or not `within` that time.
    fn carry(&self, errand: &Errand, within: Duration) -> Result<(), Undelivered>;
}

/// Over the network and to programs of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Post;

impl Courier for Post {
    fn carry(&self, errand: &Errand, within: Duration) -> Result<(), Undelivered> {
        match errand {
            Errand::Post { url, headers, body, environment } => http::post(url, headers, body, *environment, within),
            Errand::Start { argv, env, stdin } => program::start(argv, env, stdin, within),
        }
    }
}

/// Errands that are under way.
#[derive(Debug)]
pub struct Flight {
    results: Receiver<(usize, Result<(), Undelivered>)>,
    open: usize,
    until: Instant,
}

impl Flight {
    /// Sends each on its way; nobody waits here.
    pub fn start(courier: &Arc<dyn Courier>, errands: Vec<Errand>) -> Self {
        let (sender, results) = mpsc::channel();
        let (open, until) = (errands.len(), Instant::now() + WITHIN);
        for (at, errand) in errands.into_iter().enumerate() {
            let (courier, sender) = (Arc::clone(courier), sender.clone());
            thread::spawn(move || {
                // Where nobody listens any more, the letter lies in the spool still.
                let _ = sender.send((at, carry(courier.as_ref(), &errand, until)));
            });
        }
        Self { results, open, until }
    }

    /// The next that has ended: at once if one has, else after waiting for it where `wait` says so; none once all have, or time is over.
    pub fn next(&mut self, wait: bool) -> Option<(usize, Result<(), Undelivered>)> {
        if self.open == 0 {
            return None;
        }
        // A moment more than they have, so that they say themselves that it was too long.
        let left = self.until.saturating_duration_since(Instant::now()) + Duration::from_millis(300);
        let next = if wait {
            self.results.recv_timeout(left)
        } else {
            self.results.try_recv().map_err(|_| RecvTimeoutError::Timeout)
        };
        self.open -= usize::from(next.is_ok());
        next.ok()
    }

    /// Whether all have ended.
    pub fn is_over(&self) -> bool {
        self.open == 0
    }
}

/// Tries until it is taken, refused for good, or time is over.
fn carry(courier: &dyn Courier, errand: &Errand, until: Instant) -> Result<(), Undelivered> {
    let mut pauses = PAUSES.iter();
    loop {
        let failed = match courier.carry(errand, until.saturating_duration_since(Instant::now())) {
            Ok(()) => return Ok(()),
            Err(failed) => failed,
        };
        let left = until.saturating_duration_since(Instant::now());
        match pauses.next() {
            Some(pause) if failed.again && *pause < left => thread::sleep(*pause),
            _ => return Err(failed),
        }
    }
}
