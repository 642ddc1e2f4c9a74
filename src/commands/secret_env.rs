//! `--secret-env`: variables that a command gets, and of which nobody reads more than the name.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::commands::error::CommandError;
use crate::domain::command::{Command, Value, Variable};
use crate::domain::policy::PolicySet;
use crate::domain::shown;
use crate::world::World;
use crate::world::facts;
use crate::world::keyed::{Key, KeyError};

/// The variables named, each bound by a digest under the key in this file; the key is made where there is none.
///
/// # Errors
/// One is not set, has no value, or must be seen by the reviewers. No value stands in a message.
pub(super) fn bind(
    world: &World,
    set: &PolicySet,
    key: &Path,
    names: &[OsString],
) -> Result<Vec<Variable>, CommandError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = Vec::with_capacity(names.len());
    for name in names {
        values.push((name, value(world, set, name)?));
    }
    let key = Key::load_or_make(key, world.entropy.as_ref())?;
    let mut bound: Vec<Variable> =
        values.into_iter().map(|(name, value)| digest(&key, name.as_bytes(), value)).collect();
    bound.sort();
    bound.dedup();
    Ok(bound)
}

fn value<'a>(world: &'a World, set: &PolicySet, name: &OsStr) -> Result<&'a OsStr, CommandError> {
    let bytes = name.as_bytes();
    // What follows a `=` may be the secret itself: it is not repeated.
    if let Some(at) = bytes.iter().position(|byte| *byte == b'=') {
        let name = shown::bytes(bytes.get(..at).unwrap_or_default());
        return Err(CommandError::usage("--secret-env takes the name of a variable alone")
            .hint(format!("export {name}, then say --secret-env {name}")));
    }
    let shown = shown::bytes(bytes);
    if bytes.is_empty() {
        return Err(CommandError::usage("--secret-env names no variable"));
    }
    if facts::passes_by_itself(bytes) || facts::is_dangerous(bytes) {
        return Err(CommandError::usage(format!("variable `{shown}` cannot be a secret: it decides what is run")));
    }
    if set.pass.iter().any(|pass| pass.as_bytes() == bytes) {
        return Err(CommandError::usage(format!("variable `{shown}` cannot be a secret: the policy has it shown")));
    }
    match world.env.get(name) {
        Some(value) if !value.is_empty() => Ok(value),
        Some(_) => Err(CommandError::usage(format!("variable `{shown}` is empty"))),
        None => Err(CommandError::usage(format!("variable `{shown}` is not set"))
            .hint(format!("--secret-env passes what expacti itself was started with: export {shown} first"))),
    }
}

/// The secret variables of an approved command as this machine has them now, and what is wrong with them, in words.
///
/// # Errors
/// The key is there and cannot be used.
pub(super) fn look(world: &World, key: &Path, approved: &Command) -> Result<(Vec<Variable>, Vec<String>), KeyError> {
    let mut names =
        approved.env.iter().filter(|variable| is_secret(variable)).map(|variable| &variable.name).peekable();
    let (mut now, mut wrong) = (Vec::new(), Vec::new());
    if names.peek().is_none() {
        return Ok((now, wrong));
    }
    let Some(key) = Key::load(key)? else {
        wrong.push("secret variables: the key they were bound with is not on this machine".to_owned());
        return Ok((now, wrong));
    };
    for name in names {
        match world.env.get(OsStr::from_bytes(name)) {
            Some(value) => now.push(digest(&key, name, value)),
            None => wrong.push(format!("secret variable {} is not set here", shown::bytes(name))),
        }
    }
    Ok((now, wrong))
}

/// The value that was approved, for the child alone.
///
/// # Errors
/// It is not the one that was approved, or cannot be recognised.
pub(super) fn reveal(world: &World, key: &Path, variable: &Variable) -> Result<OsString, CommandError> {
    let value = world.env.get(OsStr::from_bytes(&variable.name)).cloned().unwrap_or_default();
    match Key::load(key)? {
        Some(key) if digest(&key, &variable.name, &value) == *variable => Ok(value),
        _ => {
            let name = shown::bytes(&variable.name);
            Err(CommandError::unsure(format!("secret variable {name} has not the value that was approved")))
        }
    }
}

/// Whether nobody sees its value.
pub(super) fn is_secret(variable: &Variable) -> bool {
    matches!(variable.value, Value::Secret(_))
}

fn digest(key: &Key, name: &[u8], value: &OsStr) -> Variable {
    Variable { name: name.to_vec(), value: Value::Secret(key.digest(name, value.as_bytes())) }
}
