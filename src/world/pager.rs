//! The only spawner of a pager, which gets harmless text and an environment of a few words.
//!
//! `less` reads variables and files that run programs (`LESSOPEN`, `lesskey`) and takes commands that do (`!`, `|`, `v`); none of that is meant while somebody
//! reads what an agent wrote, so it gets none of the variables, and is told to be secure.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::world::{World, tool_path};

/// What a pager may know of where it runs.
const KEPT: [&str; 6] = ["TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "TERMINFO"];

/// Shows a text in the pager of the user's choice, or in `less`, and waits for its end.
///
/// # Errors
/// There is none, or it cannot be started.
pub fn page(world: &World, text: &str) -> io::Result<()> {
    let chosen = world.var("PAGER").filter(|pager| !pager.is_empty());
    let line = chosen.map_or_else(|| "less".to_owned(), |pager| pager.to_string_lossy().into_owned());
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or("less");
    let path = world.var("PATH").map(tool_path).unwrap_or_default();
    let program = found(&path, name)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("no pager `{name}` on PATH")))?;
    #[expect(clippy::disallowed_methods, reason = "this is the one spawner of pagers")]
    let mut command = Command::new(program);
    command.args(words).env_clear().env("PATH", &path).env("LESSSECURE", "1").env("LESSHISTFILE", "-");
    for name in KEPT {
        if let Some(value) = world.var(name) {
            command.env(name, value);
        }
    }
    // The person is at standard error; standard output may go elsewhere.
    let screen = io::stderr().as_fd().try_clone_to_owned()?;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::from(screen)).spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        // Somebody who has read enough closes it.
        let _ = pipe.write_all(text.as_bytes());
    }
    child.wait().map(drop)
}

fn found(path: &OsString, name: &str) -> Option<PathBuf> {
    let given = PathBuf::from(name);
    if name.contains('/') {
        return Some(given).filter(|given| given.is_absolute());
    }
    std::env::split_paths(path).map(|directory| directory.join(name)).find(|file| file.is_file())
}
