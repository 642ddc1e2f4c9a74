//! Risk: everybody reckons the same of the same request, and `docs/risk.md` lists every signal and anomaly as the program has it.

use std::fs;
use std::process::Command;

use serde_json::Value;

use expacti::risk::anomaly::ANOMALIES;
use expacti::risk::score::OTHERS;
use expacti::risk::signals::SIGNALS;

use crate::support::{Ran, Town, cast, snapshot, tool};

#[test]
fn the_document_lists_every_signal_with_its_weight_and_source() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/risk.md")).unwrap();
    let rows = |heading: &str| -> Vec<String> {
        let section = text.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
        let table = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
        table.take_while(|line| line.starts_with('|')).map(str::to_owned).collect()
    };
    let signals: Vec<String> = SIGNALS
        .iter()
        .map(|signal| format!("| `{}` | {} | {} | {} |", signal.id, signal.weight, signal.reason, signal.source))
        .collect();
    assert_eq!(rows("Signals of the command"), signals, "\n{}\n", signals.join("\n"));
    let others: Vec<String> =
        OTHERS.iter().map(|(id, weight, reason)| format!("| `{id}` | {weight} | {reason} |")).collect();
    assert_eq!(rows("Signals of environment"), others, "\n{}\n", others.join("\n"));
    let anomalies: Vec<String> = ANOMALIES.iter().map(|(id, text)| format!("| `{id}` | {text} |")).collect();
    assert_eq!(rows("Anomalies"), anomalies, "\n{}\n", anomalies.join("\n"));
}

const POLICY: &str = "
[defaults]
time_zone = \"Europe/Berlin\"
[[environments]]
name = \"production\"
arguments = [\"*prod*\"]
[[approval_policies]]
name = \"jobs\"
pattern = [\"job\", \"job *\"]
requirement = \"any_of\"
reviewers = [\"alice\"]
timeout = \"1h\"
";

/// A town where something ran, something failed and something was denied; `ci` has joined by the fingerprint and holds no key.
fn known() -> Town {
    let town = Town::found(POLICY, &cast().people(&["alice"]).agent("bot"));
    town.program("job", "test \"$1\" != fails");
    for arguments in [&["job", "runs"][..], &["job", "fails"]] {
        let id = town.ask("bot", arguments);
        town.approve("alice", &id).expect(0);
        town.resume("bot", &id);
        town.pass(60);
    }
    fs::create_dir_all(town.path("homes/ci")).unwrap();
    town.run_raw("ci", &["join", &town.url(), "--root", &town.root()]).expect(0);
    town
}

fn denied(town: &Town) {
    let id = town.ask("bot", &["job", "--env", "prod", "drop"]);
    town.deny("alice", &id).expect(0);
}

/// All that `show` says of the risk of a request, in somebody's home.
#[track_caller]
fn risk(town: &Town, name: &str, id: &str) -> Value {
    let shown = town.run_raw(name, &["--json", "show", id]).expect(0).json();
    assert!(shown["risk"]["score"].as_u64().is_some(), "{shown}");
    shown["risk"].clone()
}

fn named<'a>(risk: &'a Value, list: &str, key: &str) -> Vec<&'a str> {
    risk[list].as_array().unwrap().iter().map(|item| item[key].as_str().unwrap()).collect()
}

#[test]
fn requester_reviewer_and_ci_reckon_the_same() {
    let town = known();
    denied(&town);
    town.pass(13 * 3_600 + 1_800);
    let id = town.ask("bot", &["job", "--env", "prod", "--drop"]);
    let theirs = risk(&town, "bot", &id);
    let signals = named(&theirs, "reasons", "signal");
    // 22:32 UTC on a Sunday is 23:32 in Berlin, and already Monday further east.
    for signal in ["night", "weekend", "denied-recently", "last-failed", "environment"] {
        assert!(signals.contains(&signal), "{signal}: {theirs:#}");
    }
    assert_eq!(named(&theirs, "anomalies", "anomaly"), ["retry-after-denial"]);
    for name in ["alice", "ci", "ada"] {
        assert_eq!(risk(&town, name, &id), theirs, "{name}");
    }
    // Neither a wrong clock nor the time that passes moves it.
    for skew in [-86_400, 7 * 3_600, 30 * 86_400] {
        town.skew(skew);
        assert_eq!(risk(&town, "alice", &id), theirs, "{skew}");
        town.skew(-skew);
    }
    // Nor where a machine stands: the real program, by the real clock.
    for (name, zone) in [("alice", "Pacific/Kiritimati"), ("ci", "America/Los_Angeles"), ("bot", ":/nowhere")] {
        let mut shown = town.binary(name);
        shown.args(["--json", "show", &id]).env("TZ", zone).env("TZDIR", "/nowhere");
        assert_eq!(Ran::from(shown.output().unwrap()).expect(0).json()["risk"], theirs, "{name} in {zone}");
    }
    town.run_raw("ci", &["verify", "--full"]).expect(0);
}

#[test]
fn a_requester_that_lies_to_itself_convinces_nobody() {
    let town = known();
    denied(&town);
    town.run("bot", &["verify"]).expect(0);
    // Its own memory: nothing was denied, and everything went well.
    let index = snapshot(&town.home("bot")).into_keys().find(|path| path.ends_with("index.sqlite")).unwrap();
    let forged = rusqlite::Connection::open(&index).unwrap();
    let changed = forged.execute("UPDATE past SET ending = 'claimed', told = height, end = 'executed'", []).unwrap();
    drop(forged);
    assert_eq!(changed, 3);
    // And its clock says that it is noon of a Tuesday.
    town.skew(-5 * 86_400 + 3 * 3_600);
    let ran = town.run("bot", &["run", "--no-wait", "--", "job", "--env", "prod", "--drop"]).expect(122);
    town.skew(5 * 86_400 - 3 * 3_600);
    let id = ran.out.trim();
    let (believed, seen) = (risk(&town, "bot", id), risk(&town, "alice", id));
    assert_eq!(named(&believed, "anomalies", "anomaly"), Vec::<&str>::new());
    assert!(!named(&believed, "reasons", "signal").contains(&"denied-recently"), "{believed:#}");
    assert_eq!(risk(&town, "ci", id), seen);
    let signals = named(&seen, "reasons", "signal");
    assert!(signals.contains(&"denied-recently") && signals.contains(&"last-failed"), "{seen:#}");
    assert_ne!(seen["score"], believed["score"]);
}

#[test]
fn what_follows_a_denial_at_once_is_told_from_when_it_was_denied() {
    let town = known();
    let id = town.ask("bot", &["job", "--env", "prod", "drop"]);
    town.pass(40 * 60);
    town.deny("alice", &id).expect(0);
    town.pass(5 * 60);
    // No word in common.
    let next = town.ask("bot", &["job", "tidy"]);
    let seen = risk(&town, "ci", &next);
    assert_eq!(named(&seen, "anomalies", "anomaly"), ["retry-after-denial"], "{seen:#}");
    assert!(named(&seen, "anomalies", "facts")[0].ends_with(" 5 minutes before"), "{seen:#}");
    town.pass(11 * 60);
    let later = town.ask("bot", &["job", "tidy", "up"]);
    assert_eq!(named(&risk(&town, "ci", &later), "anomalies", "anomaly"), Vec::<&str>::new());
}

#[test]
fn a_requester_that_knows_less_is_judged_by_what_is_known() {
    let town = known();
    let mirror = town.path("mirror.git");
    tool(Command::new("git").args(["clone", "-q", "--bare", &town.url()]).arg(&mirror));
    let old = town.home("old");
    fs::copy(town.home("bot").join("key"), old.join("key")).unwrap();
    town.run_raw("old", &["join", mirror.to_str().unwrap(), "--root", &town.root()]).expect(0);
    denied(&town);
    // It asks where the denial has not arrived, and the branch travels on.
    let ran = town.run_raw("old", &["run", "--no-wait", "--", "job", "--env", "prod", "--drop"]).expect(122);
    let id = ran.out.trim();
    let there = risk(&town, "old", id);
    town.git(&["fetch", "-q", mirror.to_str().unwrap(), "refs/heads/requests/*:refs/heads/requests/*"]);
    let seen = risk(&town, "alice", id);
    for name in ["bot", "ci"] {
        assert_eq!(risk(&town, name, id), seen, "{name}");
    }
    // Each number says of which main it is.
    assert_eq!(named(&there, "anomalies", "anomaly"), Vec::<&str>::new());
    assert_eq!(named(&seen, "anomalies", "anomaly"), ["retry-after-denial"]);
    assert_ne!(there["as_of"], seen["as_of"]);
    assert_eq!(seen["as_of"], town.git(&["rev-parse", "main"]).trim());
}
