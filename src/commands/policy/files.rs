//! The files of a policy version as somebody edits them: a directory, or a checkout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::domain::id::Digest;
use crate::domain::root::Root;
use crate::domain::shown;
use crate::gate::audit::Standpoint;
use crate::record::root::is_governed;
use crate::world::checkout::checkout;
use crate::world::paths::read_bounded;

/// The largest governed file, in bytes.
pub(in crate::commands) const MAX_FILE: u64 = crate::record::root::MAX_FILE as u64;

/// What somebody wants a version to hold.
#[derive(Debug, Default)]
pub(super) struct Edits {
    /// Files by path.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// Files in force that the checkout no longer has.
    pub(super) absent: Vec<String>,
}

/// Every file below a directory but those of `.git`, `policy` and `requests`.
///
/// # Errors
/// Something in it cannot be a file of a policy repository.
pub(in crate::commands) fn below(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>, CommandError> {
    let mut files = BTreeMap::new();
    let mut queue = vec![PathBuf::new()];
    let unreadable = |path: &Path, error: std::io::Error| {
        CommandError::unsure(format!("`{}`: {error}", shown::line(&dir.join(path).to_string_lossy())))
    };
    while let Some(below) = queue.pop() {
        for entry in std::fs::read_dir(dir.join(&below)).map_err(|error| unreadable(&below, error))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            let name = path.to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                if name != ".git" && name != "policy" && name != "requests" {
                    queue.push(path);
                }
            } else {
                files.insert(name.clone(), plain(dir, &name)?);
            }
        }
    }
    Ok(files)
}

/// The bytes of one file, which must be a plain one under a path that can be governed.
fn plain(dir: &Path, name: &str) -> Result<Vec<u8>, CommandError> {
    let shown = shown::line(name);
    if !is_governed(name) {
        return Err(CommandError::no(format!("`{shown}` cannot be a file of a policy repository")).hint(
            "paths are printable ASCII, and none lies in policy/, requests/ or .git; take it out of the directory",
        ));
    }
    let path = dir.join(name);
    let kind = std::fs::symlink_metadata(&path).map_err(|error| CommandError::unsure(format!("`{shown}`: {error}")))?;
    if !kind.is_file() {
        return Err(CommandError::no(format!("`{shown}` is no plain file")));
    }
    match read_bounded(&path, MAX_FILE) {
        Ok(bytes) => Ok(bytes.unwrap_or_default()),
        Err(error) => Err(CommandError::no(format!("`{shown}`: {error}"))),
    }
}

/// What `--from` or the checkout around the current directory says, next to what is in force.
///
/// # Errors
/// There is neither, or something in it cannot be a file of a policy repository.
pub(super) fn edits(context: &Context<'_>, at: &Standpoint, from: Option<&Path>) -> Result<Edits, CommandError> {
    let cwd = &context.world.cwd;
    if let Some(from) = from {
        let dir = cwd.join(from);
        if !dir.is_dir() {
            return Err(CommandError::no(format!("`{}` is no directory", shown::line(&dir.to_string_lossy()))));
        }
        return Ok(Edits { files: below(&dir)?, absent: Vec::new() });
    }
    let found = checkout(cwd).map_err(|error| CommandError::unsure(error.message().to_owned()))?;
    let holds = |dir: &&Path| ["config.toml", "roster.toml"].iter().all(|name| dir.join(name).is_file());
    let top = found.as_ref().map(|found| found.top.as_path());
    let dir = [Some(cwd.as_path()), top].into_iter().flatten().find(holds).ok_or_else(|| {
        CommandError::no("there is no config.toml and roster.toml here: nothing to propose")
            .hint("go to a checkout of the policy repository, or name a directory with --from DIR")
    })?;
    is_current(dir, at)?;
    let in_force = &at.version.root().files;
    let tracked = found.iter().flat_map(|found| below_of(dir, &found.top, &found.tracked));
    let mut edits = Edits::default();
    let named = ["config.toml", "roster.toml"].into_iter().map(str::to_owned);
    for name in in_force.keys().cloned().chain(named).chain(tracked) {
        if edits.files.contains_key(&name) || edits.absent.contains(&name) || is_record(&name) {
            continue;
        }
        if dir.join(&name).symlink_metadata().is_ok() {
            edits.files.insert(name.clone(), plain(dir, &name)?);
        } else if in_force.contains_key(&name) {
            edits.absent.push(name);
        }
    }
    Ok(edits)
}

fn is_record(name: &str) -> bool {
    name.starts_with("policy/") || name.starts_with("requests/")
}

/// Tracked paths below `dir`, as seen from there.
fn below_of(dir: &Path, top: &Path, tracked: &[String]) -> Vec<String> {
    let (dir, top) = (std::fs::canonicalize(dir), std::fs::canonicalize(top));
    let (Ok(dir), Ok(top)) = (dir, top) else { return Vec::new() };
    let Ok(prefix) = dir.strip_prefix(&top) else { return Vec::new() };
    let own = |path: &String| Path::new(path).strip_prefix(prefix).ok().map(|path| path.to_string_lossy().into_owned());
    tracked.iter().filter_map(own).collect()
}

/// A checkout of an older version would take back what was changed since, without anybody having said so.
fn is_current(dir: &Path, at: &Standpoint) -> Result<(), CommandError> {
    if !dir.join("policy").is_dir() {
        return Ok(());
    }
    let newest = at.version.root().version;
    let root = read_bounded(&dir.join(Root::directory(newest)).join("root.toml"), MAX_FILE)?;
    if root.is_some_and(|root| Digest::of(&root) == at.version.digest()) {
        return Ok(());
    }
    Err(CommandError::no(format!("this checkout is older than version {newest}, which is in force; nothing proposed"))
        .hint("bring it up to date first, with your edits on top: git stash && git pull && git stash pop"))
}
