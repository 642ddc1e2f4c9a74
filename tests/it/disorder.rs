//! Branches that vanish, a `main` that is bent or rewound, memories that are lost, everyone at once.

use std::fs;
use std::process::{Child, Stdio};

use crate::support::{Ran, Town, cast};

const POLICY: &str = "[[approval_policies]]\nname = \"job\"\npattern = [\"job\", \"job *\"]\nrequirement = \"any_of\"\nreviewers = [\"alice\", \"erin\"]\n";

fn found() -> Town {
    let town = Town::found(POLICY, &cast().people(&["alice", "erin"]).agent("bot"));
    town.marking_program("job");
    town
}

fn bent_main(town: &Town) -> String {
    let tree = town.git(&["rev-parse", "main^{tree}"]);
    let commit = [
        "-c",
        "user.name=m",
        "-c",
        "user.email=m@example.org",
        "commit-tree",
        "-p",
        "main",
        "-m",
        "Merge",
        tree.trim(),
    ];
    town.git(&commit).trim().to_owned()
}

fn move_main(town: &Town, to: &str) {
    town.git(&["update-ref", "refs/heads/main", to]);
}

#[test]
fn a_branch_that_vanished_is_pushed_back_by_who_saw_it() {
    for how in ["sync", "approve", "resume"] {
        let town = found();
        let id = town.ask("bot", &["job"]);
        town.run("alice", &["show", &id]).expect(0);
        let tip = town.git(&["rev-parse", &format!("requests/{id}")]);
        town.git(&["update-ref", "-d", &format!("refs/heads/requests/{id}")]);
        match how {
            "sync" => town.run("bot", &["sync"]).expect(0).says(&id),
            "resume" => town.resume("bot", &id).expect(122).says("had vanished"),
            _ => town.approve("alice", &id).expect(0),
        };
        assert_eq!(town.branches(), std::slice::from_ref(&id), "{how}");
        let merge_base = town.git(&["merge-base", tip.trim(), &format!("requests/{id}")]);
        assert_eq!(merge_base, tip, "{how}");
    }
}

#[test]
fn a_branch_that_git_refuses_stops_no_other() {
    let town = found();
    let tree = town.git(&["rev-parse", "main^{tree}"]);
    let commit = town.path("commit");
    // Without an address no fetch that checks objects takes it.
    fs::write(&commit, format!("tree {tree}author nobody 0 +0000\ncommitter nobody 0 +0000\n\nbad\n")).unwrap();
    let bad = town.git(&["hash-object", "--literally", "-w", "-t", "commit", commit.to_str().unwrap()]);
    town.git(&["update-ref", &format!("refs/heads/requests/{}", "0".repeat(32)), bad.trim()]);
    let id = town.ask("bot", &["job"]);
    assert_eq!(town.run("alice", &["--json", "pending"]).expect(0).json()[0]["id"], id.as_str());
    town.git(&["update-ref", "-d", &format!("refs/heads/requests/{id}")]);
    town.run("alice", &["sync"]).expect(0).says(&id);
    town.approve("alice", &id).expect(0);
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn an_approval_that_was_rewound_away_comes_back() {
    let town = found();
    let id = town.ask("bot", &["job"]);
    let branch = format!("refs/heads/requests/{id}");
    let before = town.git(&["rev-parse", &branch]);
    town.approve("alice", &id).expect(0);
    town.git(&["update-ref", &branch, before.trim()]);
    assert_eq!(town.state(&id), "pending", "who never saw it cannot know");
    // Looking does not make her machine forget what it saw.
    town.run("alice", &["show", &id]).expect(0);
    town.run("alice", &["sync"]).expect(0).says(&id);
    assert_eq!(town.state(&id), "approved");
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 1);
}

/// Where `main` is not for everyone to push to, a denial waits on its branch; who saw it there does not let it go.
#[test]
fn a_denial_that_was_rewound_away_forbids_a_claim_all_the_same() {
    let town = found();
    let id = town.ask("bot", &["job"]);
    let branch = format!("refs/heads/requests/{id}");
    town.approve("alice", &id).expect(0);
    let before = town.git(&["rev-parse", &branch]);
    let guard = town.path("policy.git/hooks/update");
    let script = "#!/bin/sh\n[ \"$1\" != refs/heads/main ]\n";
    fs::create_dir_all(guard.parent().unwrap()).unwrap();
    fs::write(&guard, script).unwrap();
    fs::set_permissions(&guard, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    town.deny("erin", &id).expect(0).says("not landed yet");
    town.resume("bot", &id).expect(120);
    fs::remove_file(&guard).unwrap();
    town.git(&["update-ref", &branch, before.trim()]);
    town.resume("bot", &id).expect(120);
    assert_eq!((town.state(&id).as_str(), town.marks()), ("denied", 0));
}

#[test]
fn while_main_is_bent_nothing_is_decided_and_nothing_runs() {
    let town = found();
    let (approved, open) = (town.ask("bot", &["job"]), town.ask("bot", &["job", "other"]));
    town.approve("alice", &approved).expect(0);
    town.member("erin");
    let good = town.git(&["rev-parse", "main"]).trim().to_owned();
    move_main(&town, &bent_main(&town));
    let refs = town.refs();
    let verbs: [(&str, &[&str]); 6] = [
        ("bot", &["run", "--no-wait", "--", "job", "new"]),
        ("bot", &["resume", &approved]),
        ("bot", &["cancel", &open]),
        ("erin", &["approve", "--yes", &open]),
        ("erin", &["deny", "--yes", "--reason", "no", &open]),
        ("bot", &["run", "--", "nothing-matches"]),
    ];
    for (who, args) in verbs {
        let ran = town.run(who, args);
        let not_found = args.contains(&"nothing-matches") && ran.status == 127;
        assert!(ran.status == 125 || not_found, "{args:?}: {ran:?}");
    }
    assert_eq!((town.refs(), town.marks()), (refs, 0));
    // A bad tip is never remembered: with the good one back, all goes on.
    move_main(&town, &good);
    town.resume("bot", &approved).expect(0);
    town.approve("erin", &open).expect(0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn a_main_that_was_rewound_is_refused_by_who_remembers() {
    let town = found();
    let before = town.git(&["rev-parse", "main"]).trim().to_owned();
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    let tip = town.git(&["rev-parse", &format!("requests/{id}")]).trim().to_owned();
    town.resume("bot", &id).expect(0);
    let after = town.git(&["rev-parse", "main"]).trim().to_owned();
    move_main(&town, &before);
    town.git(&["update-ref", &format!("refs/heads/requests/{id}"), &tip]);
    town.resume("bot", &id).expect(125).says("rollback");
    town.run("bot", &["run", "--no-wait", "--", "job"]).expect(125);
    assert_eq!(town.marks(), 1);
    move_main(&town, &after);
    town.resume("bot", &id).expect(119);
}

#[test]
fn a_finished_request_whose_branch_is_pushed_again_stays_finished() {
    let town = found();
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    let tip = town.git(&["rev-parse", &format!("requests/{id}")]).trim().to_owned();
    town.resume("bot", &id).expect(0);
    town.git(&["update-ref", &format!("refs/heads/requests/{id}"), &tip]);
    town.resume("bot", &id).expect(119);
    town.approve("erin", &id).expect(1);
    assert_eq!(town.run("erin", &["--json", "pending", "--all"]).expect(0).json(), serde_json::json!([]));
    assert_eq!(town.marks(), 1);
}

#[test]
fn a_lost_index_or_cache_is_built_anew() {
    let town = found();
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    town.resume("bot", &id).expect(0);
    let home = town.member("bot");
    let state = fs::read_dir(home.join("state/repos")).unwrap().next().unwrap().unwrap().path();
    for damage in ["index", "damaged index", "cache"] {
        match damage {
            "index" => fs::remove_file(state.join("index.sqlite")).unwrap(),
            "cache" => fs::remove_dir_all(home.join("data/repos")).unwrap(),
            _ => fs::write(state.join("index.sqlite"), "no database").unwrap(),
        }
        for rest in ["index.sqlite-wal", "index.sqlite-shm"] {
            let _ = fs::remove_file(state.join(rest));
        }
        town.run("bot", &["status", &id]).expect(0).says("it ran and exited with 0");
        town.resume("bot", &id).expect(119);
    }
    assert_eq!(town.marks(), 1);
}

#[test]
fn eight_reviewers_approve_at_once_and_all_count() {
    let names: Vec<String> = (0..8).map(|count| format!("reviewer{count}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let policy = format!(
        "[[approval_policies]]\nname = \"job\"\npattern = \"job\"\nrequirement = \"all_of\"\nreviewers = {names:?}\n"
    );
    let town = Town::found(&policy, &cast().people(&names).agent("bot"));
    town.set_clock();
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    let start = |name: &&str| -> Child {
        let mut command = town.expacti(name);
        command.args(["approve", "--yes", "-m", "fine", &id]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    names.iter().for_each(|name| drop(town.member(name)));
    let running: Vec<Child> = names.iter().map(start).collect();
    for child in running {
        Ran::from(child.wait_with_output().unwrap()).expect(0);
    }
    assert_eq!(town.status(&id)["decisions"].as_array().unwrap().len(), 8);
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn one_approval_of_several_that_fails_leaves_the_others() {
    let town = found();
    let (first, second) = (town.ask("bot", &["job"]), town.ask("bot", &["job", "again"]));
    town.deny("erin", &first).expect(0);
    town.run("alice", &["approve", "--yes", &first, &second]).expect(1).says("has ended");
    assert_eq!(town.state(&second), "approved");
    // Saying it twice changes nothing.
    town.approve("alice", &second);
    assert_eq!(town.state(&second), "approved");
    town.resume("bot", &second).expect(0);
}

#[test]
fn a_branch_that_git_refuses_costs_nothing_twice() {
    // world/store/fetch.rs: its head is remembered and left out, until it moves.
    let town = found();
    let ids: Vec<String> = (0..4).map(|nth| town.ask("bot", &["job", &nth.to_string()])).collect();
    town.member("alice");
    let file = town.path("commit");
    let tree = town.git(&["rev-parse", "main^{tree}"]);
    fs::write(&file, format!("tree {tree}author nobody 0 +0000\ncommitter nobody 0 +0000\n\nbad\n")).unwrap();
    let bad = town.git(&["hash-object", "--literally", "-w", "-t", "commit", file.to_str().unwrap()]);
    let name = format!("refs/heads/requests/{}", "0".repeat(32));
    town.git(&["update-ref", &name, bad.trim()]);
    let log = town.path("log");
    let git =
        std::env::split_paths(&std::env::var_os("PATH").unwrap()).map(|dir| dir.join("git")).find(|git| git.exists());
    town.program("git", &format!("echo \"$*\" >> '{}'; exec '{}' \"$@\"", log.display(), git.unwrap().display()));
    let calls = || {
        let _ = fs::remove_file(&log);
        let ran = town.run("alice", &["--json", "pending"]).expect(0);
        assert_eq!(ran.json().as_array().unwrap().len(), ids.len());
        fs::read_to_string(&log).unwrap().lines().count()
    };
    // The first time: main, all, the heads, five branches; then main, the heads, all but one.
    assert_eq!((calls(), calls(), calls()), (8, 3, 3));
    town.run("alice", &["verify"]).expect(0).says("git refuses to fetch");
    // A head that moved is looked at again, and so is a list that was lost.
    let good = town.git(&["rev-parse", &format!("requests/{}", ids[0])]);
    town.git(&["update-ref", &name, good.trim()]);
    assert_eq!((calls(), calls()), (3, 2));
    town.git(&["update-ref", &name, bad.trim()]);
    assert_eq!((calls(), calls()), (8, 3));
    let repos = town.member("alice").join("state/repos");
    fs::remove_file(fs::read_dir(repos).unwrap().next().unwrap().unwrap().path().join("refused")).unwrap();
    assert_eq!((calls(), calls()), (8, 3));
}
