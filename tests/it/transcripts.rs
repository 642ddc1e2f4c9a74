//! Prose with console blocks, run against the real binary: `tests/transcripts/` and the README's first steps.
//!
//! In a block marked `console`, `alice$ command` is typed by alice in her own home, `$ command` by the person alone. The lines
//! below are what it prints, standard error included; without any, it may print anything. `[..]` stands for any
//! text within a line, a line `...` for any lines, and `[exit 122]` at the end for that status, which else is 0.
//! Shell variables are everyone's. A block marked `toml alice:drafts/config.toml` is written to that file, with
//! `ssh-ed25519 AAAA... bob` in it replaced by bob's key; in commands, `SHA256:...` is the last root that `init`
//! printed, and `/srv` a directory of the test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

#[test]
fn readme() {
    play("README.md");
}

#[test]
fn first_use() {
    play("tests/transcripts/first-use.md");
}

#[test]
fn landing_by_ci() {
    play("tests/transcripts/landing-by-ci.md");
}

#[test]
fn text_and_secrets() {
    play("tests/transcripts/text-and-secrets.md");
}

#[test]
fn changing_the_policy() {
    play("tests/transcripts/changing-the-policy.md");
}

#[test]
fn being_told() {
    play("tests/transcripts/being-told.md");
}

#[test]
fn wildcards_match_what_they_say() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    for (expected, actual, holds) in [
        ("a", "a", true),
        ("a", "b", false),
        ("a", "a\nb", false),
        ("a\nb", "a", false),
        ("a[..]c", "abc", true),
        ("a[..]c", "ac", true),
        ("a[..]c", "abd", false),
        ("[..]b[..]", "abc", true),
        ("a[..]", "ba", false),
        ("...\nb", "a\na\nb", true),
        ("...\nb", "a\nc", false),
        ("a\n...", "a", true),
        ("...\nb\n...", "b", true),
    ] {
        assert_eq!(agree(&lines(expected), &lines(actual)), holds, "{expected:?} {actual:?}");
    }
}

enum Step {
    File { person: String, path: String, text: String },
    Command { line: usize, person: String, command: String, expected: Vec<String>, exit: i32 },
}

fn play(document: &str) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).unwrap();
    let mut stage = Stage::new();
    let mut commands = 0;
    for step in steps(&text) {
        match step {
            Step::File { person, path, text } => stage.write(&person, &path, &text),
            Step::Command { line, person, command, expected, exit } => {
                let (found, printed) = stage.run(&person, &command);
                let printed: Vec<String> = printed.lines().map(str::to_owned).collect();
                let told = format!("{document}:{line}: `{command}`\n{}\n[exit {found}]", printed.join("\n"));
                assert_eq!(found, exit, "{told}");
                assert!(expected.is_empty() || agree(&expected, &printed), "{told}\nexpected\n{}", expected.join("\n"));
                commands += 1;
            }
        }
    }
    assert!(commands > 0, "{document} shows no commands");
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((_, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let block: Vec<(usize, &str)> = lines.by_ref().take_while(|(_, line)| *line != "```").collect();
        if info == "console" {
            console(&block, &mut steps);
        } else if let Some((person, path)) = info.strip_prefix("toml ").and_then(|file| file.split_once(':')) {
            let text = block.iter().map(|(_, line)| format!("{line}\n")).collect();
            steps.push(Step::File { person: person.to_owned(), path: path.to_owned(), text });
        }
    }
    steps
}

fn console(block: &[(usize, &str)], steps: &mut Vec<Step>) {
    let mut lines = block.iter().copied();
    while let Some((number, text)) = lines.next() {
        let prompt = text.split_once("$ ").filter(|(who, _)| who.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        if let Some((who, command)) = prompt {
            let mut command = command.to_owned();
            while command.ends_with('\\') {
                command.push('\n');
                command.push_str(lines.next().expect("a line to go on with").1);
            }
            let person = if who.is_empty() { "you" } else { who }.to_owned();
            steps.push(Step::Command { line: number, person, command, expected: Vec::new(), exit: 0 });
        } else if let Some(Step::Command { expected, exit, .. }) = steps.last_mut() {
            match text.strip_prefix("[exit ").and_then(|code| code.strip_suffix(']')) {
                Some(code) => *exit = code.parse().unwrap(),
                None => expected.push(text.to_owned()),
            }
        }
    }
}

/// Homes, a place for shared repositories, and the variables of the shell.
struct Stage {
    directory: TempDir,
    root: Option<String>,
}

impl Stage {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("srv")).unwrap();
        fs::write(directory.path().join("variables"), "").unwrap();
        Self { directory, root: None }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().canonicalize().unwrap()
    }

    fn home(&self, person: &str) -> PathBuf {
        let home = self.path().join("home").join(person);
        fs::create_dir_all(&home).unwrap();
        home
    }

    fn write(&self, person: &str, path: &str, text: &str) {
        const ELIDED: &str = "ssh-ed25519 AAAA... ";
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(ELIDED) {
            let (whose, after) = after.split_once('"').unwrap();
            let key = self.home(whose).join(".config/expacti/keys").join(format!("{whose}.pub"));
            filled += &format!("{before}{}\"", fs::read_to_string(key).unwrap().trim());
            rest = after;
        }
        let path = self.home(person).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, filled + rest).unwrap();
    }

    /// The status, and all that was printed.
    fn run(&mut self, person: &str, command: &str) -> (i32, String) {
        let stage = self.path();
        let stage_name = stage.to_str().unwrap();
        let command = command
            .replace("/srv/", &format!("{stage_name}/srv/"))
            .replace("SHA256:...", self.root.as_deref().unwrap_or("SHA256:..."));
        // Not by PATH: the build may lie in a directory for temporary files, and a PATH through one makes every command opaque.
        let binary = env!("CARGO_BIN_EXE_expacti");
        let script = format!(
            "exec 2>&1\nexpacti() {{ '{binary}' \"$@\"; }}\n. {stage_name}/variables\n{command}\nstatus=$?\n\
             set | grep -E '^[a-z]+=' > {stage_name}/variables\nexit $status"
        );
        let home = self.home(person);
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(&home)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", &home)
            .env("USER", person)
            .env("LANG", "C.UTF-8")
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap().replace(stage_name, "");
        if let Some(root) = printed.lines().find_map(|line| line.strip_prefix("root fingerprint")) {
            self.root = Some(root.trim().to_owned());
        }
        (output.status.code().unwrap(), printed)
    }
}

/// Whether lines are as expected.
fn agree(expected: &[String], actual: &[String]) -> bool {
    match (expected.split_first(), actual.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "..." => (0..=actual.len()).any(|skip| agree(rest, &actual[skip..])),
        (Some((first, rest)), Some((line, lines))) => line_agrees(first, line) && agree(rest, lines),
        _ => false,
    }
}

fn line_agrees(expected: &str, actual: &str) -> bool {
    let mut parts = expected.split("[..]");
    let Some(mut rest) = actual.strip_prefix(parts.next().unwrap()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}
