//! `expacti demo`: the main job on a real database, and what it leaves behind, which is nothing.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use assert_cmd::Command;
use expacti::world::clock::SystemClock;
use expacti::world::console::Console;
use expacti::world::entropy::SystemEntropy;
use expacti::world::paths::Paths;
use expacti::world::{Terminal, World};
use serde_json::Value;

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).unwrap().next().is_none()
}

fn expacti(temporary: &Path) -> Command {
    let mut command = Command::cargo_bin("expacti").unwrap();
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("TMPDIR", temporary);
    command
}

#[test]
fn it_tells_the_whole_story_and_leaves_nothing() {
    let (home, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let output = expacti(temporary.path()).env("HOME", home.path()).arg("demo").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
    assert!(!text.contains('\x1b'));
    let story = [
        "alice$ expacti init",
        "erin$ expacti join",
        "columns id, name, email, orders\n",
        "deploy-bot$ expacti run --no-wait",
        "[exit 122]",
        "erin$ expacti show",
        "erin$ expacti approve",
        "dave$ expacti approve",
        "deploy-bot$ expacti resume --no-wait",
        "carol$ expacti approve",
        "[exit 121]",
        "[5000 rows in 10 batches]",
        "[exit 119]",
        "orders, tier\n",
        "dave$ expacti deny",
        "[exit 120]",
        "auditor$ expacti verify",
        "policy 000001: genesis",
        "three people agreed, and it ran once",
    ];
    let mut rest = text.as_str();
    for line in story {
        let at = rest.find(line).unwrap_or_else(|| panic!("`{line}` is not where it should be in\n{text}"));
        rest = &rest[at..];
    }
    let too_wide = |line: &&str| line.chars().count() > 80;
    assert_eq!(text.lines().find(too_wide), None);
    assert!(is_empty(home.path()) && is_empty(temporary.path()));
}

#[test]
fn it_is_one_object_without_a_home_and_whatever_the_environment_says() {
    let temporary = tempfile::tempdir().unwrap();
    let output = expacti(temporary.path())
        .args(["demo", "--json"])
        .env("EXPACTI_REPO", "/nowhere/policy.git")
        .env("EXPACTI_KEY", "/nowhere/key")
        .env("GIT_DIR", "/nowhere")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["ok"], &report["executed"]), (&Value::Bool(true), &Value::Bool(true)));
    // Everyone's card fits a screen: the last one holds what two others said, under a directory with a long name.
    for step in report["steps"].as_array().unwrap() {
        if step["command"].as_str().unwrap().starts_with("expacti show") {
            let card = step["output"].as_str().unwrap().split("=== ").next().unwrap();
            assert!((10..=24).contains(&card.lines().count()), "{} lines\n{card}", card.lines().count());
        }
    }
    assert_eq!(report["before"]["columns"].as_array().unwrap().len(), 4);
    assert_eq!(report["after"]["columns"][4], "tier");
    let tiers = report["after"]["tiers"].as_array().unwrap();
    assert_eq!(tiers.iter().map(|tier| tier[1].as_u64().unwrap()).sum::<u64>(), 5_000);
    let steps = report["steps"].as_array().unwrap();
    let by = |who: &str| -> Vec<u64> {
        steps.iter().filter(|step| step["who"] == who).map(|step| step["exit"].as_u64().unwrap()).collect()
    };
    assert_eq!(by("deploy-bot"), [0, 0, 122, 122, 121, 0, 119, 122, 120]);
    assert!(["alice", "erin", "dave", "carol", "auditor"].iter().all(|who| by(who).iter().all(|exit| *exit == 0)));
    assert!(output.stderr.is_empty());
    assert!(is_empty(temporary.path()));
}

#[test]
fn it_says_what_it_needs() {
    let (temporary, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = |words: &[&str], path: Option<&str>| {
        let mut command = expacti(temporary.path());
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let output = command.env("HOME", home.path()).args(words).output().unwrap();
        assert!(is_empty(temporary.path()) && is_empty(home.path()));
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (exit, said) = run(&["demo", "--interactive"], None);
    assert_eq!(exit, 2);
    assert!(said.contains("needs a terminal") && said.contains("hint:"), "{said}");
    let (exit, said) = run(&["demo"], Some("/nowhere"));
    assert_eq!(exit, 125);
    assert!(said.contains("no git on PATH") && said.contains("hint: install git"), "{said}");
}

#[test]
fn under_another_name_and_elsewhere_it_is_expacti() {
    let dir = tempfile::tempdir().unwrap();
    let migrate = dir.path().join("migrate");
    std::os::unix::fs::symlink(assert_cmd::cargo::cargo_bin("expacti"), &migrate).unwrap();
    let output = Command::new(&migrate)
        .env_clear()
        .env("HOME", dir.path())
        .arg("--version")
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(output.stdout.starts_with(b"expacti "));
}

/// A person at a terminal who answers from a list.
#[derive(Debug, Clone)]
struct Answers(Arc<Mutex<VecDeque<&'static str>>>);

impl Console for Answers {
    fn say(&self, _line: &str) {}

    fn progress(&self, _line: &str) {}

    fn ask(&self, _question: &str) -> io::Result<Option<String>> {
        Ok(self.0.lock().unwrap().pop_front().map(str::to_owned))
    }
}

/// Plays with these answers; exit status, what was shown, answers left.
fn interactive(answers: &[&'static str]) -> (u8, String, usize) {
    let home = tempfile::tempdir().unwrap();
    let console = Answers(Arc::new(Mutex::new(answers.iter().copied().collect())));
    let world = World {
        env: BTreeMap::from([(OsString::from("PATH"), std::env::var_os("PATH").unwrap())]),
        cwd: home.path().to_owned(),
        paths: Paths::under(home.path()),
        host: "test".to_owned(),
        clock: std::rc::Rc::new(SystemClock),
        entropy: std::rc::Rc::new(SystemEntropy),
        console: std::rc::Rc::new(console.clone()),
        courier: Arc::new(expacti::world::courier::Post),
        terminal: Terminal { stdin: true, stdout: true, stderr: true },
    };
    let mut out = Vec::new();
    let words = ["expacti", "--color=never", "demo", "--interactive"].map(OsString::from).to_vec();
    let exit = expacti::cli::run(&world, words, &mut out);
    assert!(is_empty(home.path()));
    let left = console.0.lock().unwrap().len();
    (exit, String::from_utf8(out).unwrap(), left)
}

#[test]
fn the_audience_may_deny_and_nothing_runs() {
    let answers = ["", "", "x", "d", "it locks the table", "", "", "n"];
    let (exit, text, left) = interactive(&answers);
    assert_eq!((exit, left), (0, 0), "{text}");
    assert!(text.contains("erin$ expacti deny") && text.contains("it locks the table") && text.contains("[exit 120]"));
    assert!(!text.contains("dave$ expacti") && !text.contains("orders, tier"));
    assert!(text.contains("it was denied, and did not run; nothing is left behind"));
}

#[test]
fn the_audience_may_leave() {
    let (exit, _, _) = interactive(&["", ""]);
    assert_eq!(exit, 1);
}
