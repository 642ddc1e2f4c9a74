//! The only spawner of git, for what crosses a network: fetch, push and asking for refs.
//!
//! Every call runs in a bare repository of our own that has no remotes, with an
//! environment from which all `GIT_*` variables were removed. The user's git
//! configuration is included, so that credential helpers, proxies and ssh
//! settings work, and what could run a program or bend an object is overridden.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::domain::id::CommitId;
use crate::world::{World, tool_path};

/// git, set up for one cache.
#[derive(Debug, Clone)]
pub struct Git {
    cache: PathBuf,
    env: Vec<(OsString, OsString)>,
    config: PathBuf,
}

/// Where git and ssh are looked for behind a barrier.
const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Why a call to git did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git to run.
    #[error("git could not be started: {0}")]
    NotStarted(io::Error),
    /// A remote's name that git might take for an option.
    #[error("`{0}` is not a repository address")]
    Address(String),
    /// The remote could not be reached, or said no.
    #[error("git {verb} failed: {said}")]
    Failed {
        /// `fetch`, `push`, `ls-remote`.
        verb: &'static str,
        /// The last lines git wrote.
        said: String,
    },
}

/// What became of one ref of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The remote holds the new value.
    Landed,
    /// It was no longer what the lease names: somebody else was first.
    Moved,
    /// The remote refuses it: a hook, a protected branch, no permission.
    Refused(String),
}

/// One ref of a push, with the value it must have on the remote before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The remote's ref, in full: `refs/heads/main`.
    pub reference: String,
    /// What the remote must hold now; `None`: no such ref.
    pub expected: Option<CommitId>,
    /// What it shall hold; `None`: delete it.
    pub new: Option<CommitId>,
}

impl Git {
    /// git for the bare repository at `cache`.
    pub fn new(world: &World, cache: &Path) -> Self {
        let env = match &world.paths.barrier {
            None => world
                .env
                .iter()
                .filter(|(name, _)| !name.as_encoded_bytes().starts_with(b"GIT_"))
                .map(|(name, value)| {
                    let value = if name == "PATH" { tool_path(value) } else { value.clone() };
                    (name.clone(), value)
                })
                .collect(),
            // The caller is kept out: which git and ssh run, with which settings and agent, is not theirs to say.
            Some(barrier) => vec![("PATH".into(), SYSTEM_PATH.into()), ("HOME".into(), barrier.home.clone().into())],
        };
        Self { cache: cache.to_owned(), env, config: world.paths.state.join("gitconfig") }
    }

    /// Writes the configuration every call uses; once a process is enough.
    ///
    /// # Errors
    /// As the file system says.
    pub fn write_config(&self, world: &World) -> io::Result<()> {
        let mut text = String::from("# Made by expacti: the user's configuration, then what must not be bent.\n");
        let home = match &world.paths.barrier {
            None => world.var("HOME").map(PathBuf::from),
            Some(barrier) => Some(barrier.home.clone()),
        };
        let xdg = match world.var("XDG_CONFIG_HOME").filter(|dir| !dir.is_empty() && world.paths.barrier.is_none()) {
            Some(dir) => Some(PathBuf::from(dir)),
            None => home.as_ref().map(|home| home.join(".config")),
        };
        let theirs = [xdg.map(|dir| dir.join("git/config")), home.map(|home| home.join(".gitconfig"))];
        for path in theirs.into_iter().flatten() {
            if let Some(path) = path.to_str().filter(|path| !path.contains(['\n', '"', '\\'])) {
                text.push_str(&format!("[include]\n\tpath = \"{path}\"\n"));
            }
        }
        // The command line says more, and wins; but where the remote is a path, git serves it from this machine under this
        // configuration alone. A relative directory of hooks is the one in that repository, whatever the user's files say.
        text.push_str("[core]\n\thooksPath = hooks\n\tfsmonitor = false\n\talternateRefsCommand = :\n");
        // `env git pack-objects …` is what git starts without a hook.
        text.push_str("[uploadpack]\n\tpackObjectsHook = env\n");
        if crate::world::paths::read_bounded(&self.config, 1 << 16)?.as_deref() == Some(text.as_bytes()) {
            return Ok(());
        }
        crate::world::paths::write_durably(&self.config, text.as_bytes())
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one spawner of git")]
    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command
            .arg("--no-replace-objects") // refs/replace must not show one object for another
            .arg("--git-dir")
            .arg(&self.cache)
            .args(["-c", "core.hooksPath=/dev/null"]) // no program of a repository's runs
            .args(["-c", "core.fsmonitor=false"]) // nor this one
            .args(["-c", "core.alternateRefsCommand=:"]) // nor this one
            .args(["-c", "protocol.ext.allow=never"]) // an address must not name a program
            .args(["-c", "transfer.fsckObjects=true"]) // duplicate entries, `..`, bad modes stay outside
            .args(["-c", "fetch.fsckObjects=true"])
            .args(["-c", "transfer.bundleURI=false"]) // objects come from the remote alone
            .args(["-c", "fetch.recurseSubmodules=false"])
            .args(["-c", "push.recurseSubmodules=no"])
            .args(["-c", "push.gpgSign=false"])
            .args(["-c", "gc.auto=0"]) // maintenance is ours to time
            .args(["-c", "maintenance.auto=false"])
            .args(["-c", "advice.pushUpdateRejected=false"])
            .args(["-c", "core.askPass="]) // no window in the middle of an agent's run
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .env("GIT_CONFIG_GLOBAL", &self.config)
            .env("GIT_TERMINAL_PROMPT", "0") // an agent has nobody to ask
            .env("LC_ALL", "C") // messages we can read
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&OsStr]) -> Result<Output, GitError> {
        self.command().args(arguments).output().map_err(GitError::NotStarted)
    }

    /// Fetches refspecs such as `+refs/heads/main:refs/expacti/fetched/main`.
    ///
    /// Our own refs are overwritten: rollbacks are judged against what this
    /// machine verified, not by git.
    ///
    /// # Errors
    /// [`GitError`]; a missing remote ref is one.
    pub fn fetch(&self, remote: &str, refspecs: &[&str], prune: bool) -> Result<(), GitError> {
        check_address(remote)?;
        let mut arguments = vec![
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
        ];
        if prune {
            arguments.push("--prune");
        }
        arguments.extend(["--", remote]);
        arguments.extend(refspecs);
        let output = self.run(&as_os(&arguments))?;
        if output.status.success() { Ok(()) } else { Err(failed("fetch", &output)) }
    }

    /// The refs under `refs/heads/` of a remote.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn remote_heads(&self, remote: &str) -> Result<Vec<(String, CommitId)>, GitError> {
        check_address(remote)?;
        let output = self.run(&as_os(&["ls-remote", "--quiet", "--heads", "--", remote]))?;
        if !output.status.success() {
            return Err(failed("ls-remote", &output));
        }
        Ok(parse_heads(&output.stdout))
    }

    /// What `git --version` says, like `git version 2.47.3`.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn version(&self) -> Result<String, GitError> {
        let output = self.run(&as_os(&["--version"]))?;
        if !output.status.success() {
            return Err(failed("--version", &output));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Pushes one update, only if the remote still holds what the lease names.
    ///
    /// # Errors
    /// [`GitError`] where nothing is known about the outcome: the caller fetches and looks.
    pub fn push(&self, remote: &str, update: &Update) -> Result<Pushed, GitError> {
        check_address(remote)?;
        let name = &update.reference;
        let expected = update.expected.map(|id| id.to_string()).unwrap_or_default();
        let lease = format!("--force-with-lease={name}:{expected}");
        let source = update.new.map(|id| id.to_string()).unwrap_or_default();
        let refspec = format!("{source}:{name}");
        let arguments =
            ["push", "--porcelain", "--no-verify", "--no-recurse-submodules", &lease, "--", remote, &refspec];
        let output = self.run(&as_os(&arguments))?;
        match parse_push(&output.stdout, name) {
            Some(Pushed::Landed) if !output.status.success() => Err(failed("push", &output)),
            Some(Pushed::Refused(summary)) => Ok(Pushed::Refused(with_remote_words(summary, &output.stderr))),
            Some(pushed) => Ok(pushed),
            None => Err(failed("push", &output)),
        }
    }
}

fn as_os<'a>(arguments: &[&'a str]) -> Vec<&'a OsStr> {
    arguments.iter().map(|argument| OsStr::new(*argument)).collect()
}

/// `--` stands before every address already; this refuses what no address needs.
fn check_address(remote: &str) -> Result<(), GitError> {
    let bad = remote.is_empty()
        || remote.starts_with('-')
        || remote.starts_with("ext::")
        || remote.contains(|c: char| c.is_control());
    if bad { Err(GitError::Address(remote.escape_debug().to_string())) } else { Ok(()) }
}

fn failed(verb: &'static str, output: &Output) -> GitError {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("hint:")).collect();
    let tail = lines.iter().skip(lines.len().saturating_sub(4)).copied().collect::<Vec<_>>().join("; ");
    let said = if tail.is_empty() { output.status.to_string() } else { tail };
    GitError::Failed { verb, said }
}

fn parse_heads(output: &[u8]) -> Vec<(String, CommitId)> {
    String::from_utf8_lossy(output)
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(id, name)| Some((name.to_owned(), id.parse().ok()?)))
        .collect()
}

/// Reads `git push --porcelain`: `<flag>\t<from>:<to>\t<summary> (<reason>)`.
fn parse_push(output: &[u8], reference: &str) -> Option<Pushed> {
    let text = String::from_utf8_lossy(output);
    text.lines().find_map(|line| {
        let mut fields = line.split('\t');
        let (flag, refs, summary) = (fields.next()?, fields.next()?, fields.next()?);
        let (_, to) = refs.rsplit_once(':')?;
        if to != reference {
            return None;
        }
        Some(match flag {
            " " | "*" | "=" | "-" | "+" => Pushed::Landed,
            _ if summary.contains("stale info")
                || summary.contains("fetch first")
                || summary.contains("non-fast-forward")
                || summary.contains("cannot lock ref")
                || summary.contains("failed to update ref")
                || summary.contains("incorrect old value") =>
            {
                Pushed::Moved
            }
            _ => Pushed::Refused(summary.to_owned()),
        })
    })
}

/// Why a server's hook refuses: what it said itself stands before git's own word for it.
fn with_remote_words(summary: String, said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let words = said.lines().filter_map(|line| line.strip_prefix("remote: ")).map(str::trim);
    let words: Vec<&str> = words.filter(|line| !line.is_empty()).take(4).collect();
    if words.is_empty() { summary } else { format!("{}; {summary}", words.join("; ")) }
}

/// Makes a bare repository that git2 and every git can read, for others to push to, or sets up an empty one.
///
/// Force pushes and damaged objects are refused there; deletions are not, since
/// finished request branches go.
///
/// # Errors
/// As git2 says.
pub fn create_bare(path: &Path) -> Result<(), git2::Error> {
    let mut options = git2::RepositoryInitOptions::new();
    options.bare(true).mkpath(true).external_template(false).initial_head("main");
    let repository = git2::Repository::init_opts(path, &options)?;
    repository.set_head("refs/heads/main")?;
    let mut config = repository.config()?;
    config.set_bool("receive.denyNonFastForwards", true)?;
    config.set_bool("receive.fsckObjects", true)?;
    config.set_bool("core.logAllRefUpdates", true)
}

/// Whether a directory exists and holds anything.
pub fn is_occupied(path: &Path) -> bool {
    match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => path.exists(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn push_reports_are_read() {
        let landed = b"To /srv/p.git\n*\taaa:refs/heads/requests/1\t[new branch]\nDone\n";
        assert_eq!(parse_push(landed, "refs/heads/requests/1"), Some(Pushed::Landed));
        let moved = b"To /srv/p.git\n!\taaa:refs/heads/main\t[rejected] (stale info)\nDone\n";
        assert_eq!(parse_push(moved, "refs/heads/main"), Some(Pushed::Moved));
        let race = b"To x\n!\taaa:refs/heads/main\t[remote rejected] (cannot lock ref 'refs/heads/main': is at b but expected a)\n";
        assert_eq!(parse_push(race, "refs/heads/main"), Some(Pushed::Moved));
        let hook = b"To x\n!\taaa:refs/heads/main\t[remote rejected] (pre-receive hook declined)\nDone\n";
        assert_eq!(
            parse_push(hook, "refs/heads/main"),
            Some(Pushed::Refused("[remote rejected] (pre-receive hook declined)".into()))
        );
        let said = b"remote: refused main: step-illegal: x        \nremote: \nTo x\n";
        assert_eq!(with_remote_words("[no]".into(), said), "refused main: step-illegal: x; [no]");
        assert_eq!(with_remote_words("[no]".into(), b"To x\n"), "[no]");
        assert_eq!(parse_push(b"", "refs/heads/main"), None);
        assert_eq!(parse_push(landed, "refs/heads/main"), None);
    }

    #[test]
    fn addresses_are_not_options_or_programs() {
        for bad in ["", "--upload-pack=x", "-o", "ext::sh -c x", "a\nb"] {
            assert!(check_address(bad).is_err(), "{bad:?}");
        }
        for good in ["/srv/p.git", "git@host:p.git", "ssh://h/p", "https://h/p", "C:/p"] {
            assert!(check_address(good).is_ok(), "{good}");
        }
    }
}
