//! `migrate`, the program that the demo's agent asks to run: a small migration tool for SQLite.
//!
//! Not every machine has an `sqlite3`, so the demo makes a link `migrate` to this very binary. Started under that name, in a
//! directory that holds the demo's mark, it is this tool; under any other name, or anywhere else, it is expacti.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use rusqlite::Connection;

use crate::commands::demo::shop;
use crate::domain::shown;

/// The name it is started by.
pub(super) const NAME: &str = "migrate";

/// The file that says: this directory is the demo's.
pub(super) const MARK: &str = ".expacti-demo";

/// What stands in it.
pub(super) const MARK_TEXT: &str =
    "made by `expacti demo`; here, expacti under the name `migrate` is a migration tool\n";

/// What it applies.
pub(super) const FILE: &str = "migration.sql";

/// A migration is not larger, in bytes.
const MAX: u64 = 1 << 20;

/// Batches of one statement; more would be a statement that never comes to its end.
const MAX_BATCHES: u32 = 1_000;

/// Plays the migration tool if that is what this process was started as; its exit status then.
///
/// `arguments` begin with the name; `dir` is the working directory.
pub fn migrate(arguments: &[OsString], dir: &Path, out: &mut dyn Write) -> Option<u8> {
    let (name, rest) = arguments.split_first()?;
    let marked = || crate::world::paths::read_bounded(&dir.join(MARK), MAX).ok().flatten();
    if Path::new(name).file_name()? != NAME || marked()? != MARK_TEXT.as_bytes() {
        return None;
    }
    Some(match apply(rest, dir, out) {
        Ok(()) => 0,
        Err(why) => {
            let _ = writeln!(out, "migrate: {why}");
            1
        }
    })
}

fn apply(arguments: &[OsString], dir: &Path, out: &mut dyn Write) -> Result<(), String> {
    let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
    let quiet = match words.as_slice() {
        ["up"] => false,
        ["up", "--quiet"] => true,
        _ => return Err("usage: migrate up [--quiet]".to_owned()),
    };
    let mut say =
        |line: String| if quiet { Ok(()) } else { writeln!(out, "{line}").map_err(|error| error.to_string()) };
    let text = crate::world::paths::read_bounded(&dir.join(FILE), MAX).map_err(|error| format!("`{FILE}`: {error}"))?;
    let text = String::from_utf8(text.ok_or(format!("`{FILE}` is not there"))?).map_err(|error| error.to_string())?;
    let failed = |error: rusqlite::Error| error.to_string();
    let mut shop = Connection::open(dir.join(shop::FILE)).map_err(failed)?;
    say(format!("migrate: {FILE} on {}", shop::FILE))?;
    for part in parts(&text)? {
        let mut rows = 0;
        let mut batches = 0;
        loop {
            let changes = shop.transaction().map_err(failed)?;
            let changed = match part.repeat {
                true => changes.execute(part.sql, []).map_err(failed)?,
                false => changes.execute_batch(part.sql).map(|()| 0).map_err(failed)?,
            };
            changes.commit().map_err(failed)?;
            if changed == 0 {
                break;
            }
            rows += changed;
            batches += 1;
            if batches == MAX_BATCHES {
                return Err(format!("no end after {MAX_BATCHES} batches: {}", shown::line(part.title)));
            }
        }
        let count = if part.repeat { format!(" [{rows} rows in {batches} batches]") } else { String::new() };
        say(format!("  {}{count}", shown::line(part.title)))?;
    }
    say("migrate: done".to_owned())
}

/// A part of a migration: what follows a line `-- once: TITLE` or `-- repeat: TITLE`, up to the next.
#[derive(Debug, PartialEq, Eq)]
struct Part<'a> {
    repeat: bool,
    title: &'a str,
    sql: &'a str,
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (head, body) = rest.split_once('\n').unwrap_or((rest, ""));
        let (repeat, title) = match (head.strip_prefix("-- once:"), head.strip_prefix("-- repeat:")) {
            (Some(title), _) => (false, title),
            (_, Some(title)) => (true, title),
            _ => return Err(format!("expected `-- once:` or `-- repeat:`, found `{}`", shown::line(head))),
        };
        let ends = ["\n-- once:", "\n-- repeat:"].into_iter().filter_map(|end| body.find(end)).min();
        let (sql, next) = ends.and_then(|end| body.split_at_checked(end)).unwrap_or((body, ""));
        found.push(Part { repeat, title: title.trim(), sql });
        rest = next.trim_start();
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, words: &[&str], dir: &Path) -> (Option<u8>, String) {
        let mut out = Vec::new();
        let words: Vec<OsString> = std::iter::once(&name).chain(words).map(OsString::from).collect();
        let code = migrate(&words, dir, &mut out);
        (code, String::from_utf8(out).unwrap())
    }

    #[test]
    fn it_is_a_migration_tool_only_by_name_and_mark() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(run("migrate", &["up"], dir.path()).0, None);
        std::fs::write(dir.path().join(MARK), "something else").unwrap();
        assert_eq!(run("migrate", &["up"], dir.path()).0, None);
        std::fs::write(dir.path().join(MARK), MARK_TEXT).unwrap();
        assert_eq!(run("expacti", &["up"], dir.path()).0, None);
        assert_eq!(run("/opt/x/migrate2", &["up"], dir.path()).0, None);
        assert_eq!(
            run("/opt/x/migrate", &["up"], dir.path()),
            (Some(1), "migrate: `migration.sql` is not there\n".into())
        );
        assert_eq!(run("migrate", &[], dir.path()), (Some(1), "migrate: usage: migrate up [--quiet]\n".into()));
    }

    #[test]
    fn the_demos_migration_changes_every_row_in_batches() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(MARK), MARK_TEXT).unwrap();
        shop::make(&dir.path().join(shop::FILE)).unwrap();
        let up = |sql: &str, words: &[&str]| {
            std::fs::write(dir.path().join(FILE), sql).unwrap();
            run("migrate", words, dir.path())
        };
        let is_migrated = || shop::look(&dir.path().join(shop::FILE)).unwrap().is_migrated();
        assert!(!is_migrated());
        let add_tier = include_str!("add_tier.sql");
        let (code, said) = up(add_tier, &["up"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("[5000 rows in 10 batches]"), "{said}");
        assert!(is_migrated());
        for wrong in [
            add_tier,
            "SELECT 1;\n",
            "-- once: no such table\nALTER TABLE nothing ADD COLUMN x;\n",
            "-- repeat: no end\nUPDATE customers SET name = name WHERE id = 1;\n",
        ] {
            assert_eq!(up(wrong, &["up"]).0, Some(1), "{wrong}");
            assert!(is_migrated());
        }
        assert_eq!(up(include_str!("drop_orders.sql"), &["up", "--quiet"]), (Some(0), String::new()));
        assert!(!is_migrated());
    }
}
