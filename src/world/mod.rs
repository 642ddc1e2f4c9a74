//! Floor 6: effects, as narrow ports with one real implementation each.

pub mod barrier;
pub mod checkout;
pub mod clock;
pub mod console;
pub mod courier;
pub mod entropy;
pub mod facts;
pub mod git;
pub mod host;
pub mod index;
pub mod journal;
pub mod keyed;
pub mod objects;
pub mod pager;
pub mod paths;
pub mod receive;
pub mod settings;
pub mod signer;
pub mod spawn;
pub mod store;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use crate::world::barrier::Barrier;
use crate::world::clock::Clock;
use crate::world::console::Console;
use crate::world::courier::Courier;
use crate::world::entropy::Entropy;
use crate::world::paths::Paths;

/// Everything outside the program, read once in `main.rs` and handed down.
///
/// Tests build their own, with a fixed clock, seeded entropy and a temporary home.
#[derive(Debug)]
pub struct World {
    /// The variables expacti was started with.
    pub env: BTreeMap<OsString, OsString>,
    /// The directory it was started in, absolute.
    pub cwd: PathBuf,
    /// Where this user's files lie.
    pub paths: Paths,
    /// This machine's name.
    pub host: String,
    /// What time it is.
    pub clock: Rc<dyn Clock>,
    /// Randomness.
    pub entropy: Rc<dyn Entropy>,
    /// What is said on the way, and asked.
    pub console: Rc<dyn Console>,
    /// Who carries notifications; also on other threads.
    pub courier: Arc<dyn Courier>,
    /// Whether standard input, output and error are terminals.
    pub terminal: Terminal,
}

/// Which standard streams a person is at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Standard input.
    pub stdin: bool,
    /// Standard output.
    pub stdout: bool,
    /// Standard error.
    pub stderr: bool,
}

impl World {
    /// The same machine as a barrier shows it: its home alone, and nothing of the caller's settings.
    #[must_use]
    pub fn behind(&self, barrier: Barrier) -> Self {
        let mut env = self.env.clone();
        env.retain(|name, _| !name.as_encoded_bytes().starts_with(b"EXPACTI_"));
        let paths = Paths { system: self.paths.system.clone(), ..Paths::under(&barrier.home) };
        Self {
            env,
            cwd: self.cwd.clone(),
            paths: Paths { barrier: Some(barrier), ..paths },
            host: self.host.clone(),
            clock: Rc::clone(&self.clock),
            entropy: Rc::clone(&self.entropy),
            console: Rc::clone(&self.console),
            courier: Arc::clone(&self.courier),
            terminal: self.terminal,
        }
    }

    /// A variable of the environment.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.env.get(OsStr::new(name)).map(OsString::as_os_str)
    }
}

/// The absolute directories of a PATH, where our own tools are looked for.
///
/// Of an empty or relative entry `execvp(3)` makes the directory one stands in, and what lies there may be anybody's checkout.
pub fn tool_path(path: &OsStr) -> OsString {
    let absolute = std::env::split_paths(path).filter(|directory| directory.is_absolute());
    std::env::join_paths(absolute).unwrap_or_default()
}

/// This machine's name, as `uname -n` says it, in printable ASCII.
pub fn host_name() -> String {
    let name = rustix::system::uname();
    let name = String::from_utf8_lossy(name.nodename().to_bytes()).into_owned();
    let tame: String = name.chars().filter(char::is_ascii_graphic).take(255).collect();
    if tame.is_empty() { "localhost".to_owned() } else { tame }
}
