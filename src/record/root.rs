//! `policy/NNNNNN/root.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::domain::id::{Digest, Nonce};
use crate::domain::principal::Name;
use crate::domain::root::{Origin, Root};
use crate::record::canonical::Writer;
use crate::record::strict::{self, RecordError, Text};

pub(crate) const SCHEMA: &str = "expacti/root/v1";

/// The most files one version governs.
pub const MAX_FILES: usize = 1_024;
/// The most bytes of one of them; `roster.toml` and `root.toml` have fewer.
pub const MAX_FILE: usize = 2 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(rename = "schema")]
    _schema: String,
    version: u32,
    salt: Option<Text<Nonce>>,
    previous: Option<Text<Digest>>,
    admins: Vec<Text<Name>>,
    threshold: u32,
    files: BTreeMap<String, Text<Digest>>,
}

impl TryFrom<Raw> for Root {
    type Error = RecordError;

    fn try_from(raw: Raw) -> Result<Self, RecordError> {
        let origin = match (raw.version, raw.salt, raw.previous) {
            (0, ..) => return Err(strict::invalid("version", "is at least 1")),
            (1, Some(salt), None) => Origin::Genesis(salt.0),
            (1, ..) => return Err(strict::invalid("salt", "and nothing else is the origin of version 1")),
            (_, None, Some(previous)) => Origin::Previous(previous.0),
            _ => return Err(strict::invalid("previous", "and nothing else is the origin of every later version")),
        };
        let admins = strict::values(raw.admins);
        let different: BTreeSet<&Name> = admins.iter().collect();
        strict::require(different.len() == admins.len(), "admins", "names somebody twice")?;
        let can_be_met = raw.threshold >= 1 && raw.threshold as usize <= admins.len();
        strict::require(
            can_be_met,
            "threshold",
            format!("{} can never be met by {} admins", raw.threshold, admins.len()),
        )?;
        let count = raw.files.len();
        strict::require(count <= MAX_FILES, "files", format!("names {count} files, at most {MAX_FILES} are allowed"))?;
        for path in raw.files.keys() {
            strict::require(
                is_governed(path),
                "files",
                format!("holds `{path}`, which is no path of a governed file"),
            )?;
        }
        Ok(Self {
            version: raw.version,
            origin,
            admins,
            threshold: raw.threshold,
            files: raw.files.into_iter().map(|(path, digest)| (path, digest.0)).collect(),
        })
    }
}

/// Whether a path can be that of a file a root digests: relative, printable ASCII, outside `requests/` and `policy/`.
///
/// No empty, `.`, `..` or `.git` component and no `\`, whatever file system a clone lands on.
pub fn is_governed(path: &str) -> bool {
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.eq_ignore_ascii_case(".git");
    let ours = ["requests", "policy"];
    let top = path.split('/').next().unwrap_or_default();
    path.bytes().all(|byte| matches!(byte, 0x20..=0x7e) && byte != b'\\')
        && path.split('/').all(plain)
        && !ours.iter().any(|our| top.eq_ignore_ascii_case(our))
}

/// Reads `root.toml`.
///
/// # Errors
/// All but the canonical bytes of a valid root.
pub fn parse(bytes: &[u8]) -> Result<Root, RecordError> {
    strict::record(bytes, SCHEMA, |raw: Raw| raw.try_into(), render)
}

/// Writes `root.toml`.
pub fn render(root: &Root) -> Vec<u8> {
    let mut out = Writer::new(SCHEMA);
    out.number("version", root.version.into());
    match root.origin {
        Origin::Genesis(salt) => out.text("salt", salt),
        Origin::Previous(previous) => out.text("previous", previous),
    }
    out.list("admins", &root.admins);
    out.number("threshold", root.threshold.into());
    out.table("files");
    for (path, digest) in &root.files {
        out.quoted(path, digest);
    }
    out.finish()
}
