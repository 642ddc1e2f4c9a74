//! The programs that a request is sure to start deeper in than the one it names.

use std::collections::BTreeMap;

use super::Found;
use super::extract::{basename, is_word};
use super::tables;

/// A program that text for a shell or a wrapper starts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Started {
    /// As it is named there.
    pub name: Vec<u8>,
    /// Nothing that is seen changes where it will be looked for: neither the directory nor the account or machine.
    pub settled: bool,
}

/// Each once, by name.
pub fn started(found: &[Found]) -> Vec<Started> {
    let head = |found: &Found| found.argv.first().filter(|word| word.is_whole()).map(|word| word.bytes.clone());
    let goes = found.iter().filter_map(head).any(|name| is_word("cd chdir pushd popd", basename(&name)));
    let mut all = BTreeMap::new();
    for one in found.iter().filter(|one| one.certain && !one.via.is_empty()) {
        let Some(name) = head(one).filter(|name| !name.is_empty()) else { continue };
        let builtin = tables::INERT_BUILTINS.has(&name) || is_word("[[ . source eval exec command builtin", &name);
        if builtin && one.via.iter().any(|place| is_shell_text(place)) {
            continue;
        }
        let stays = one.via.iter().all(|place| is_shell_text(place) || is_word(STAYING, place.as_bytes()));
        // `env -C` and its like: an option in any spelling.
        let elsewhere = found.iter().any(|other| {
            let is_env = head(other).is_some_and(|name| is_word("env genv", basename(&name)));
            let option = |word: &[u8]| word.starts_with(b"-") && word.iter().any(|byte| b"CcPS".contains(byte));
            is_env && other.argv.iter().skip(1).any(|word| option(&word.bytes))
        });
        let settled = stays && !elsewhere && (!goes || !name.contains(&b'/') || name.starts_with(b"/"));
        *all.entry(name).or_insert(true) &= settled;
    }
    all.into_iter().map(|(name, settled)| Started { name, settled }).collect()
}

/// Wrappers that look for a program as the request itself would.
const STAYING: &str =
    "env genv nohup setsid time gtime nice ionice chrt taskset stdbuf timeout gtimeout xargs command exec eval trap";

fn is_shell_text(place: &str) -> bool {
    super::is_shell(place.strip_suffix(" -c").unwrap_or(place).as_bytes())
}
