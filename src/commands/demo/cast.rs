//! The people of the demo, each with a home, a key and a machine's memory of their own, and the directory they share.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::commands::demo::stage::Screen;
use crate::commands::demo::{migrate, shop};
use crate::commands::error::CommandError;
use crate::world::clock::SystemClock;
use crate::world::entropy::SystemEntropy;
use crate::world::paths::Paths;
use crate::world::{Terminal, World};

/// The policies, as people would write them.
pub(super) const CONFIG: &str = include_str!("config.toml");
const ROSTER: &str = include_str!("roster.toml");
/// The migration that is wanted.
pub(super) const MIGRATION: &str = include_str!("add_tier.sql");
/// The one that is not.
pub(super) const UNWANTED: &str = include_str!("drop_orders.sql");

/// Somebody, or the agent, at a machine of their own.
#[derive(Debug)]
pub(super) struct Person {
    /// As in the roster.
    pub name: &'static str,
    /// What they do.
    pub part: &'static str,
    /// The seat they fill, for reviewers.
    pub seat: &'static str,
    /// Their machine.
    pub world: World,
    /// What they see.
    pub screen: Screen,
}

impl Person {
    /// Their key file.
    pub(super) fn key(&self) -> PathBuf {
        self.world.paths.keys().join(self.name)
    }
}

/// Everybody.
#[derive(Debug)]
pub(super) struct Cast {
    /// Everything of the demo lies here.
    pub dir: PathBuf,
    /// Runs the policy repository and operates the agent.
    pub alice: Person,
    /// The agent.
    pub bot: Person,
    /// Those who review: the lead of the developers, the DBA, the lead of security.
    pub reviewers: [Person; 3],
    /// Somebody with a clone, and no key.
    pub auditor: Person,
}

impl Cast {
    /// Makes their homes below `dir`, and the shop's database.
    ///
    /// # Errors
    /// As the file system says.
    pub(super) fn new(world: &World, dir: &Path) -> Result<Self, CommandError> {
        let dir = std::fs::canonicalize(dir)?;
        let app = dir.join("app");
        let bin = app.join("bin");
        std::fs::create_dir_all(&bin)?;
        std::fs::write(app.join(migrate::MARK), migrate::MARK_TEXT)?;
        shop::make(&app.join(shop::FILE))
            .map_err(|error| CommandError::unsure(format!("the demo's database: {error}")))?;
        let this = std::env::current_exe()
            .map_err(|error| CommandError::unsure(format!("where expacti itself lies cannot be told: {error}")))?;
        std::os::unix::fs::symlink(this, bin.join(migrate::NAME))?;
        let path = path(world)?;
        let person = |name, part, seat| person(world, (&dir, &path), (name, part, seat));
        let mut bot = person("deploy-bot", "the AI agent, operated by erin", "")?;
        bot.world.cwd = app;
        Ok(Self {
            alice: person("alice", "keeps the policies", "")?,
            bot,
            reviewers: [
                person("erin", "leads the developers", "dev-lead")?,
                person("dave", "runs the databases", "dba")?,
                person("carol", "leads security", "security")?,
            ],
            auditor: person("auditor", "has no key and no seat", "")?,
            dir,
        })
    }

    /// All who have a key.
    pub(super) fn signers(&self) -> impl Iterator<Item = &Person> {
        [&self.alice, &self.bot].into_iter().chain(&self.reviewers)
    }

    /// The policy repository.
    pub(super) fn repository(&self) -> PathBuf {
        self.dir.join("policy.git")
    }

    /// The shop's database.
    pub(super) fn database(&self) -> PathBuf {
        self.dir.join("app").join(shop::FILE)
    }

    /// The agent writes what `migrate up` is to apply.
    ///
    /// # Errors
    /// As the file system says.
    pub(super) fn write_migration(&self, sql: &str) -> Result<(), CommandError> {
        Ok(std::fs::write(self.bot.world.cwd.join(migrate::FILE), sql)?)
    }

    /// Writes what alice would write by hand, once the keys are there.
    ///
    /// # Errors
    /// As the file system says.
    pub(super) fn write_policy(&self) -> Result<(), CommandError> {
        let mut roster = ROSTER.to_owned();
        for person in self.signers() {
            let mut file = person.key().into_os_string();
            file.push(".pub");
            let key = std::fs::read_to_string(file)?;
            roster = roster.replace(&format!("@{}@", person.name), key.trim());
        }
        let policy = self.alice.world.cwd.join("policy");
        std::fs::create_dir(&policy)?;
        std::fs::write(policy.join("config.toml"), CONFIG)?;
        std::fs::write(policy.join("roster.toml"), roster)?;
        Ok(())
    }
}

/// Where git lies, and the system's programs.
fn path(world: &World) -> Result<OsString, CommandError> {
    let all = world.var("PATH").unwrap_or_default();
    let git = std::env::split_paths(all).find(|dir| dir.join("git").is_file()).ok_or_else(|| {
        CommandError::unsure("there is no git on PATH, and policies live in git repositories").hint("install git")
    })?;
    let mut path = git.into_os_string();
    path.push(":/usr/bin:/bin");
    Ok(path)
}

fn person(
    world: &World,
    (dir, path): (&Path, &OsStr),
    (name, part, seat): (&'static str, &'static str, &'static str),
) -> Result<Person, CommandError> {
    let home = dir.join(name);
    std::fs::create_dir(&home)?;
    // Nothing of the caller's: no git settings, no keys, no agent, no odd directories on PATH.
    let env = BTreeMap::from([
        (OsString::from("HOME"), home.clone().into_os_string()),
        (OsString::from("PATH"), path.to_owned()),
    ]);
    let screen = Screen::default();
    let world = World {
        paths: Paths::under(&home.join("expacti")),
        env,
        cwd: home,
        host: world.host.clone(),
        clock: std::rc::Rc::new(SystemClock),
        entropy: std::rc::Rc::new(SystemEntropy),
        console: std::rc::Rc::new(screen.clone()),
        courier: std::sync::Arc::new(crate::world::courier::Post),
        terminal: Terminal::default(),
    };
    Ok(Person { name, part, seat, world, screen })
}
