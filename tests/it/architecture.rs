//! The house stands as `docs/architecture.md` tells it: floors name only floors below, and the pure half touches nothing.

use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up, in the order of `src/lib.rs`.
const FLOORS: [&str; 10] =
    ["domain", "record", "trust", "matching", "risk", "gate", "world", "commands", "cli", "dashboard"];

/// Floors below this one are the pure half.
const FIRST_WITH_EFFECTS: &str = "world";

/// What reaches files, processes, sockets, the environment, the clock or randomness.
const EFFECTS: [&str; 18] = [
    "std::fs",
    "std::process",
    "std::env",
    "std::net",
    "std::thread",
    "std::os::unix::net",
    "std::io::stdin",
    "std::{",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "Zoned::now",
    "git2::",
    "rustix::",
    "rusqlite::",
    "getrandom::",
    "tempfile::",
    "directories::",
];

/// The most lines of a source file, unit tests at its foot included; files of tests alone may be longer.
const MAX_LINES: usize = 400;

/// Files that are longer, and why they stay whole.
const LONG: [(&str, &str); 15] = [
    ("cli/args.rs", "one declaration: all that can be typed"),
    ("commands/audit/frameworks.rs", "one table: controls, evidence, limits"),
    ("commands/report.rs", "one declaration: the shape of every `--json`"),
    ("domain/glob.rs", "one syntax, with its limits"),
    ("domain/pattern.rs", "the pattern engine with its limits and its properties"),
    ("domain/policy.rs", "the policy set and all that makes one faulty"),
    ("domain/principal.rs", "the roster and all that makes one invalid"),
    ("matching/extract.rs", "one recursion through wrappers and carriers"),
    ("matching/programs.rs", "programs with a rule of their own"),
    ("matching/shell.rs", "one recogniser for one grammar"),
    ("matching/shell/words.rs", "the words of that grammar"),
    ("matching/tables.rs", "data, nothing else"),
    ("record/policy.rs", "all keys of config.toml"),
    ("world/facts/operands.rs", "which operands are files"),
    ("world/store.rs", "what is read of a repository, behind one type"),
];

#[test]
fn a_floor_names_only_floors_below() {
    let mut wrong = Vec::new();
    for file in sources() {
        let Some(own) = file.floor() else { continue };
        for (line, text) in file.code() {
            for (at, _) in text.match_indices("crate::") {
                let name: String = text[at + "crate::".len()..].chars().take_while(|c| is_word(*c)).collect();
                match rank(&name) {
                    Some(floor) if floor <= own => {}
                    Some(_) => wrong.push(format!("{}:{line} names `{name}`, which lies above", file.path)),
                    None => wrong.push(format!("{}:{line} hides which floor it names", file.path)),
                }
            }
            if text.contains("use crate as") || text.contains("use crate;") {
                wrong.push(format!("{}:{line} renames the crate", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nobody_leaves_a_floor_upwards_by_super() {
    let mut wrong = Vec::new();
    for file in sources() {
        let mut depth = file.path.trim_end_matches("/mod.rs").split('/').count();
        for (line, text) in file.code() {
            if text.starts_with("mod ") && text.trim_end().ends_with('{') {
                depth += 1;
            }
            let supers = text.split(|c: char| !is_word(c) && c != ':').map(|path| path.matches("super::").count());
            if file.floor().is_some() && supers.max().is_some_and(|most| most >= depth) {
                wrong.push(format!("{}:{line} reaches the crate by `super`", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pure_half_touches_nothing() {
    let first = rank(FIRST_WITH_EFFECTS).unwrap();
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| file.floor().is_some_and(|floor| floor < first)) {
        for (line, text) in file.code() {
            let found = EFFECTS.iter().filter(|effect| text.contains(**effect));
            wrong.extend(found.map(|effect| format!("{}:{line} uses `{effect}`", file.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_directory_is_a_floor_and_lib_rs_has_them_in_order() {
    let library = read("src/lib.rs");
    let named: Vec<&str> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ").or(line.strip_prefix("mod "))?.strip_suffix(';'))
        .collect();
    let ordered: Vec<&str> = FLOORS.into_iter().filter(|floor| named.contains(floor)).collect();
    assert_eq!(named, ordered, "src/lib.rs lists the floors from the ground up, and nothing else");
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = ["lib.rs", "main.rs"].contains(&name.as_str()) || named.contains(&name.trim_end_matches(".rs"));
        assert!(known, "src/{name} lies on no floor");
    }
}

#[test]
fn files_can_be_read_in_a_sitting() {
    for (path, _) in LONG {
        assert!(root().join("src").join(path).exists(), "src/{path} is gone: strike it from the list");
    }
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| !file.is_tests()) {
        let lines = file.text.lines().count();
        if lines > MAX_LINES && !LONG.iter().any(|(path, _)| *path == file.path) {
            wrong.push(format!("src/{} has {lines} lines: split it, or say in `LONG` why not", file.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_documents_name_what_is_there() {
    for document in ["docs/architecture.md", "CONTRIBUTING.md", "docs/format.md", "docs/threat-model.md"] {
        let text = read(document);
        // Every second piece lies between backticks.
        for quoted in text.split('`').skip(1).step_by(2) {
            let ours = ["src/", "tests/", "docs/", "man/", "contrib/", "policy-repo-template/", ".ci/"];
            if ours.iter().any(|top| quoted.starts_with(top)) && !quoted.contains(['*', '<', '…', ' ']) {
                assert!(root().join(quoted).exists(), "{document} names `{quoted}`, which is not there");
            }
        }
    }
    let told = read("docs/architecture.md");
    let rows: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix("| `src/")?.split_once("/`"))
        .map(|(floor, _)| floor)
        .collect();
    let built: Vec<&str> = FLOORS.into_iter().filter(|floor| root().join("src").join(floor).exists()).collect();
    assert_eq!(rows, built, "the table of floors in docs/architecture.md");
}

struct Source {
    /// Below `src/`.
    path: String,
    text: String,
}

impl Source {
    fn floor(&self) -> Option<usize> {
        rank(self.path.split('/').next()?.trim_end_matches(".rs"))
    }

    fn is_tests(&self) -> bool {
        self.path.ends_with("tests.rs") || self.path.contains("/tests/")
    }

    /// Numbered lines that are no comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines()).filter(|(_, text)| !text.trim_start().starts_with("//"))
    }
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut directories = vec![root().join("src")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root().join("src")).unwrap().to_str().unwrap().to_owned();
                found.push(Source { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    assert!(found.len() > 50, "only {} files were read", found.len());
    found
}

fn rank(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| *floor == name)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
