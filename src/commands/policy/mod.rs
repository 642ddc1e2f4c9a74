//! `policy`: what the files say, what they mean for a command, and who signs them.

pub(in crate::commands) mod changes;
pub mod check;
pub mod diff;
pub mod explain;
pub(in crate::commands) mod files;
mod lint;
pub mod preview;
pub mod propose;
mod recorded;
pub mod sign;
mod standing;
mod textdiff;
mod words;

use std::path::Path;

use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::domain::principal::Name;
use crate::domain::shown;
use crate::gate::audit::Standpoint;
use crate::record::Diagnostic;
use crate::world::paths::read_bounded;
use crate::world::store::{Store, StoreError};

/// The largest file read, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// A file named on the command line, and what diagnostics call it.
fn file(context: &Context<'_>, path: &Path) -> Result<(String, Vec<u8>), CommandError> {
    let name = path.to_string_lossy().into_owned();
    let refused = |why: String| CommandError::unsure(format!("`{}`: {why}", shown::line(&name)));
    let bytes = read_bounded(&context.world.cwd.join(path), MAX_FILE).map_err(|error| refused(error.to_string()))?;
    let bytes = bytes.ok_or_else(|| refused("there is no such file".to_owned()))?;
    Ok((name, bytes))
}

/// What is in force: as fetched now, or as last verified here where the repository cannot be reached.
fn in_force(context: &Context<'_>) -> Result<(Store, Standpoint), CommandError> {
    let store = context.store()?;
    let at = match store.refresh() {
        Ok(at) => at,
        Err(error @ StoreError::Git(_)) => match store.remembered()? {
            Some(at) => {
                let world = context.world;
                world.console.say(&format!("expacti: {}", shown::line(&error.to_string())));
                world.console.say("expacti: going by the policy last verified on this machine");
                at
            }
            None => return Err(error.into()),
        },
        Err(error) => return Err(error.into()),
    };
    Ok((store, at))
}

/// Faults of a file as one error, for verbs that cannot go on without it.
fn faulty(faults: &[Diagnostic]) -> CommandError {
    let text: Vec<String> = faults.iter().map(ToString::to_string).collect();
    CommandError::no(text.join("\n"))
}

/// `alice, bob and carol`.
fn names(names: Vec<&Name>) -> String {
    let names: Vec<&str> = names.into_iter().map(Name::as_str).collect();
    match names.as_slice() {
        [] => "nobody".to_owned(),
        [one] => (*one).to_owned(),
        [many @ .., last] => format!("{} and {last}", many.join(", ")),
    }
}
