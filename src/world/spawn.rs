//! Running what was approved: the bytes that were hashed, in our process group, once.
//!
//! The child is what a shell would have made of it: argv byte for byte, the terminal, default handlers; a
//! signal ignored or blocked when we started stays so (`nohup`). While it runs, keys reach it once: Ctrl-C,
//! Ctrl-\ and Ctrl-Z go to the whole foreground group, so we take no notice, and stop and continue with the child.
//! Signals sent to us are passed on. INT, QUIT and TSTP count as keys while our group holds the terminal.

mod image;

use std::error::Error;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, getpgrp, getpid, kill_process, waitpid};
use rustix::termios::tcgetpgrp;
use signal_hook::consts::signal::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2};
use signal_hook::iterator::Signals;
use thiserror::Error;

use crate::world::facts::Pin;
use image::Image;

/// What to run, bound to the last byte.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Absolute path of the program, as found: scripts and applets see it.
    pub program: PathBuf,
    /// `argv[0]`, as asked.
    pub argv0: OsString,
    /// The other arguments.
    pub args: Vec<OsString>,
    /// Absolute working directory.
    pub cwd: PathBuf,
    /// The whole environment; the last of a repeated name counts.
    pub env: Vec<(OsString, OsString)>,
    /// Standard input.
    pub stdin: Stdin,
    /// How the program is pinned.
    pub pin: Pin,
    /// Digest of the program as approved.
    pub sha256: [u8; 32],
}

/// What the child reads.
#[derive(Debug, Clone)]
pub enum Stdin {
    /// Nothing.
    Empty,
    /// Exactly these bytes, from a file that has no name.
    Bytes(Vec<u8>),
    /// Ours.
    Inherit,
}

/// How the child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It exited with this status, 0 to 255.
    Exit(i32),
    /// This signal ended it; a shell says 128 and the number.
    Signal(i32),
}

/// A child that ran.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// How it ended.
    pub end: End,
    /// From its start to its end.
    pub duration: Duration,
    /// How it was pinned.
    pub pinned: Pin,
}

/// Why there is no end to report; nothing ran unless [`SpawnError::nothing_ran`] says otherwise.
#[derive(Debug, Error)]
pub enum SpawnError {
    /// The program is not the one that was approved.
    #[error("`{path}` is not the program that was approved: {what}", path = .path.display())]
    Drift {
        /// The program.
        path: PathBuf,
        /// What is different.
        what: &'static str,
    },
    /// It is gone.
    #[error("`{}` was not found", .0.display())]
    NotFound(PathBuf),
    /// The system does not start it, or what it needs to start is missing.
    #[error("`{path}` cannot be executed", path = .path.display())]
    NotExecutable {
        /// The program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A sealed copy cannot be made or started here.
    #[error("`{path}` cannot run from a sealed copy: {what}", path = .path.display())]
    Seal {
        /// The program.
        path: PathBuf,
        /// What does not work.
        what: String,
    },
    /// The working directory is not there.
    #[error("the working directory `{}` cannot be entered", .0.display())]
    WorkingDirectory(PathBuf),
    /// `before_exec` refused.
    #[error("the start was not recorded, so nothing was started")]
    BeforeExec(#[source] Box<dyn Error + Send + Sync>),
    /// Anything else before the start: an argument too long, no process to be had.
    #[error("`{path}` cannot be started", path = .path.display())]
    Io {
        /// The program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It started, and how it ended cannot be learnt.
    #[error("the command was started, and how it ended is not known")]
    Lost(#[source] io::Error),
}

impl SpawnError {
    /// Whether it is certain that the command did not start.
    #[must_use]
    pub fn nothing_ran(&self) -> bool {
        !matches!(self, Self::Lost(_))
    }
}

/// Runs it to its end, with our standard output and error.
///
/// `before_exec` is called last before the start, when everything has been checked. If it fails, or if the program changed
/// meanwhile, nothing runs. From the first call on, this process no longer dies of INT, QUIT, TERM, HUP, USR1, USR2 or
/// TSTP, so that it lives to record the outcome; a child of its own still does.
pub fn spawn<E>(launch: &Launch, before_exec: &mut dyn FnMut() -> Result<(), E>) -> Result<Ended, SpawnError>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    if !launch.cwd.is_absolute() || !launch.cwd.is_dir() {
        return Err(SpawnError::WorkingDirectory(launch.cwd.clone()));
    }
    let failed = |source| SpawnError::Io { path: launch.program.clone(), source };
    let image = Image::of(launch)?;
    #[expect(clippy::disallowed_methods, reason = "this is the one place that runs what was approved")]
    let mut command = Command::new(image.path());
    command
        .arg0(&launch.argv0)
        .args(&launch.args)
        .current_dir(&launch.cwd)
        .env_clear()
        .envs(launch.env.iter().cloned());
    command.stdin(stdin(&launch.stdin).map_err(failed)?);
    let mut signals = Signals::new(watched()).map_err(failed)?;
    before_exec().map_err(|error| SpawnError::BeforeExec(error.into()))?;
    image.recheck()?;
    let start = Instant::now();
    let child = command.spawn().map_err(|error| image.refused(error))?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(SpawnError::Lost(Errno::SRCH.into()))?;
    let end = follow(pid, &mut signals).map_err(SpawnError::Lost)?;
    Ok(Ended { end, duration: start.elapsed(), pinned: launch.pin })
}

fn stdin(from: &Stdin) -> io::Result<Stdio> {
    Ok(match from {
        Stdin::Empty => Stdio::null(),
        Stdin::Inherit => Stdio::inherit(),
        Stdin::Bytes(bytes) => {
            let mut file: File = tempfile::tempfile()?;
            file.write_all(bytes)?;
            file.rewind()?;
            Stdio::from(file)
        }
    })
}

/// The signals to watch: all but those that are ignored, which stay so for the child too.
fn watched() -> Vec<i32> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    let is_ignored = |signal: i32| ignored.checked_shr(signal.unsigned_abs() - 1).is_some_and(|rest| rest & 1 == 1);
    let passed_on = [SIGINT, SIGQUIT, SIGTSTP, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2];
    // Were SIGCHLD ignored, there would be no status to wait for.
    passed_on.into_iter().filter(|signal| !is_ignored(*signal)).chain([SIGCHLD]).collect()
}

/// Waits for the child, passing on what is sent to us; its pid stays its own until it is waited for here.
fn follow(child: Pid, signals: &mut Signals) -> io::Result<End> {
    loop {
        while let Some((_, status)) = retry(|| waitpid(Some(child), WaitOptions::NOHANG | WaitOptions::UNTRACED))? {
            if let Some(code) = status.exit_status() {
                return Ok(End::Exit(code));
            }
            if let Some(signal) = status.terminating_signal() {
                return Ok(End::Signal(signal));
            }
            if status.stopped() {
                // Stop as it did, so that the shell sees it; we go on from here when continued, and it with us.
                kill_process(getpid(), Signal::STOP)?;
                pass_on(child, Signal::CONT);
                // What asked for this stop must not ask for another.
                let late: Vec<i32> = signals.pending().filter(|number| *number != SIGTSTP).collect();
                late.into_iter().for_each(|number| forward(child, number));
            }
        }
        signals.wait().for_each(|number| forward(child, number));
    }
}

fn forward(child: Pid, number: i32) {
    let key = matches!(number, SIGINT | SIGQUIT | SIGTSTP) && at_terminal();
    if let Some(signal) = Signal::from_named_raw(number).filter(|_| number != SIGCHLD && !key) {
        pass_on(child, signal);
    }
}

fn pass_on(child: Pid, signal: Signal) {
    // A child with more rights than ours cannot be signalled; its sender learns nothing either way.
    let _refused = kill_process(child, signal);
}

fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

/// Whether our process group holds the terminal, so that its keys reach the child without us.
fn at_terminal() -> bool {
    File::open("/dev/tty").is_ok_and(|tty| tcgetpgrp(&tty).is_ok_and(|group| group == getpgrp()))
}

#[cfg(test)]
mod tests;
