//! `--secret-env`: the command gets the value, and nobody reads it anywhere.

use std::fs;

use crate::support::{Ran, Town, cast, play, snapshot};

const POLICY: &str = "
[environment]
pass = [\"TARGET\"]

[[environments]]
name = \"production\"
variables = { CLUSTER = \"prod*\" }

[[environments]]
name = \"here\"
cwd = [\"*\"]

[[approval_policies]]
name = \"unasked\"
pattern = \"printenv *\"
requirement = \"allow\"

[[approval_policies]]
name = \"careful\"
pattern = \"job *\"
requirement = \"any_of\"
reviewers = [\"bea\"]
environments = [\"production\"]

[[approval_policies]]
name = \"any\"
pattern = \"*\"
requirement = \"any_of\"
reviewers = [\"alice\"]
";

const VALUE: &str = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

fn found() -> Town {
    let town = Town::found(POLICY, &cast().person("alice").person("bea").agent("bot"));
    town.program("job", &format!("printf '%s' \"$TOKEN\" > '{}'", town.path("got").display()));
    town.member("bot");
    town
}

/// Plays a line as `bot` with these variables besides.
fn with(town: &Town, variables: &[(&str, &str)], line: &[&str]) -> Ran {
    let (mut world, heard) = town.world("bot");
    world.env.extend(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())));
    play(&world, &heard, line)
}

const ASK: [&str; 6] = ["run", "--no-wait", "--secret-env", "TOKEN", "--", "job"];

fn asked(town: &Town) -> String {
    let ran = with(town, &[("TOKEN", VALUE)], &ASK).expect(122);
    ran.out.split_whitespace().next().unwrap().to_owned()
}

/// Everything in the repository, and in every home: nowhere may the value stand.
fn traces(town: &Town) -> Vec<String> {
    let mut found = Vec::new();
    for (path, bytes) in snapshot(&town.path("homes")) {
        if bytes.windows(VALUE.len()).any(|part| part == VALUE.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    let objects = town.git_bytes(&["cat-file", "--batch-all-objects", "--batch"]);
    if objects.windows(VALUE.len()).any(|part| part == VALUE.as_bytes()) {
        found.push("the repository".to_owned());
    }
    found
}

#[test]
fn the_command_gets_it_and_it_stands_nowhere() {
    let town = found();
    let id = asked(&town);
    let shown = town.run("alice", &["show", &id]).expect(0).says("secret TOKEN, not shown");
    let json = town.run("alice", &["show", "--json", &id]).expect(0);
    town.approve("alice", &id).expect(0);
    let status = town.path("status");
    let line = ["resume", "--wait", "0s", "--status-file", status.to_str().unwrap(), &id];
    let ran = with(&town, &[("TOKEN", VALUE)], &line).expect(0);
    assert_eq!(fs::read_to_string(town.path("got")).unwrap(), VALUE);
    for text in [shown.out, shown.err, json.out, ran.out, ran.err, fs::read_to_string(status).unwrap()] {
        assert!(!text.contains(VALUE), "{text}");
    }
    assert_eq!(traces(&town), Vec::<String>::new());
    town.run("alice", &["verify"]).expect(0);
}

#[test]
fn another_value_or_none_is_drift_that_names_it_and_shows_nothing() {
    let town = found();
    let id = asked(&town);
    town.approve("alice", &id).expect(0);
    let resume = ["resume", "--wait", "0s", &id];
    let other = "hunter2hunter2";
    let ran = with(&town, &[("TOKEN", other)], &resume).expect(121).says("variable TOKEN");
    assert!(!ran.err.contains(other) && !ran.err.contains(VALUE), "{}", ran.err);
    with(&town, &[("TOKEN", "")], &resume).expect(121).says("variable TOKEN");
    with(&town, &[], &resume).expect(121).says("secret variable TOKEN is not set here");
    // Under another key nothing can be recognised.
    let key = snapshot(&town.home("bot")).into_keys().find(|path| path.ends_with("secret-env.key")).unwrap();
    let kept = key.with_extension("kept");
    fs::rename(&key, &kept).unwrap();
    with(&town, &[("TOKEN", VALUE)], &resume).expect(121).says("is not on this machine");
    fs::write(&key, [7; 64]).unwrap();
    with(&town, &[("TOKEN", VALUE)], &resume).expect(125).says("can be read by others");
    fs::rename(&kept, &key).unwrap();
    assert_eq!(town.state(&id), "approved");
    with(&town, &[("TOKEN", VALUE)], &resume).expect(0);
    assert_eq!(fs::read_to_string(town.path("got")).unwrap(), VALUE);
}

#[test]
fn another_machine_cannot_have_it() {
    let policy = POLICY.replace("requirement = \"any_of\"", "requirement = \"any_of\"\nrunner = \"prod\"");
    let town = Town::found(&policy, &cast().person("alice").person("bea").agent("bot").runner("prod"));
    town.member("bot");
    let before = town.refs();
    let line = ["run", "--no-wait", "--secret-env", "TOKEN", "--", "far"];
    town.marking_program("far");
    with(&town, &[("TOKEN", VALUE)], &line).expect(125).says("cannot reach a runner other than the requester");
    assert_eq!(town.refs(), before);
}

#[test]
fn the_same_ask_with_the_same_value_is_the_same_request() {
    let town = found();
    let id = asked(&town);
    assert_eq!(asked(&town), id);
    assert_ne!(with(&town, &[("TOKEN", "another")], &ASK).expect(122).out.trim(), id);
    assert_ne!(with(&town, &[], &["run", "--no-wait", "--", "job"]).expect(122).out.trim(), id);
}

#[test]
fn what_decides_over_the_run_cannot_be_hidden() {
    let town = found();
    let before = town.refs();
    for (name, says) in [
        ("", "names no variable"),
        ("MISSING", "is not set"),
        ("EMPTY", "is empty"),
        ("PATH", "decides what is run"),
        ("HOME", "decides what is run"),
        ("LC_ALL", "decides what is run"),
        ("LD_PRELOAD", "decides what is run"),
        ("BASH_ENV", "decides what is run"),
        ("GIT_SSH_COMMAND", "decides what is run"),
        ("PAGER", "decides what is run"),
        ("TARGET", "the policy has it shown"),
    ] {
        let variables = [("EMPTY", ""), ("LD_PRELOAD", "x"), ("PAGER", "x"), ("TARGET", "x"), ("LC_ALL", "C")];
        with(&town, &variables, &["run", "--no-wait", "--secret-env", name, "--", "job"]).expect(125).says(says);
    }
    // Typed with its value, which is not repeated.
    let ran = with(&town, &[], &["run", "--secret-env", &format!("TOKEN={VALUE}"), "--", "job"]).expect(125);
    assert!(ran.err.contains("--secret-env TOKEN") && !ran.err.contains(VALUE), "{}", ran.err);
    assert_eq!(town.refs(), before);
}

#[test]
fn what_nobody_sees_is_never_allowed_unasked_nor_passes_for_harmless() {
    let town = found();
    let ask = |name: &str, command: &[&str]| {
        let line = [&["run", "--no-wait", "--json", "--secret-env", name, "--"], command].concat();
        let ran = with(&town, &[(name, "x")], &line).expect(122);
        let policies = ran.json()["request"]["policies"].clone();
        policies
            .as_array()
            .unwrap()
            .iter()
            .map(|policy| policy["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    with(&town, &[], &["run", "--", "printenv", "HOME"]).expect(0);
    assert_eq!(ask("KUBECONFIG", &["printenv", "HOME"]), ["any"]);
    // It may be production.
    assert_eq!(ask("CLUSTER", &["job", "x"]), ["careful", "any"]);
    assert_eq!(ask("TOKEN", &["job", "x"]), ["any"]);
    // Its value is a command that somebody runs.
    let line = ["run", "--no-wait", "--json", "--secret-env", "AWS_PAGER", "--", "job", "y"];
    let ran = with(&town, &[("AWS_PAGER", "x")], &line).expect(122);
    assert!(!ran.json()["request"]["opaque"].as_array().unwrap().is_empty(), "{}", ran.out);
}

#[test]
fn a_value_that_looks_like_a_secret_is_refused_with_the_way_out() {
    let town = found();
    let before = town.refs();
    let ran = with(&town, &[("TARGET", VALUE)], &["run", "--no-wait", "--", "job"]).expect(125);
    assert!(ran.err.contains("variable TARGET") && ran.err.contains("--secret-env TARGET"), "{}", ran.err);
    assert!(!ran.err.contains(VALUE), "{}", ran.err);
    let ran = with(&town, &[], &["run", "--no-wait", "--", "job", "--token", VALUE]).expect(125);
    assert!(ran.err.contains("the command holds") && ran.err.contains("--secret-env"), "{}", ran.err);
    assert!(!ran.err.contains(VALUE), "{}", ran.err);
    assert_eq!(town.refs(), before);
    // Quotes within quotes hide nothing.
    let text = "sshpass -p 'letmein' ssh host";
    with(&town, &[], &["run", "--no-wait", "-c", text]).expect(125).says("the command holds");
    assert_eq!(town.refs(), before);
    // What people say of it is read by everyone too.
    let id = asked(&town);
    let before = town.refs();
    for line in [
        ["approve", "--yes", "-m", VALUE],
        ["approve", "--yes", "--answer", &format!("dba={VALUE}")],
        ["deny", "--yes", "--reason", VALUE],
    ] {
        let ran = town.run("alice", &[&line[..], &[&id]].concat()).expect(2).says("looks like a GitHub token");
        assert!(!ran.err.contains(VALUE), "{}", ran.err);
    }
    town.run("bot", &["cancel", "--reason", VALUE, &id]).expect(2);
    assert_eq!(town.refs(), before);
}

#[test]
fn what_only_looks_like_a_secret_needs_every_policy_to_consent() {
    let consenting = |also: &str| {
        let rows = [("any", "*", "allow_secret_looking = true\n"), ("shell", "sh -c *", also)];
        let row = |(name, pattern, more): &(&str, &str, &str)| {
            format!(
                "[[approval_policies]]\nname = \"{name}\"\npattern = \"{pattern}\"\nrequirement = \"any_of\"\n\
                 reviewers = [\"alice\"]\n{more}"
            )
        };
        let policy: String = rows.iter().rev().map(row).collect();
        let town = Town::found(&policy, &cast().person("alice").agent("bot"));
        town.program("job", "true");
        town.member("bot");
        town
    };
    let (ask, text) = (["--", "job", "--token", VALUE], format!("job --token {VALUE}"));
    for (also, in_shell) in [("", 125), ("allow_secret_looking = true\n", 122)] {
        let town = consenting(also);
        let before = town.refs();
        with(&town, &[], &[&["run", "--no-wait"], &ask[..]].concat()).expect(125).says("add --allow-secret-looking");
        assert_eq!(town.refs(), before);
        with(&town, &[], &[&["run", "--no-wait", "--allow-secret-looking"], &ask[..]].concat()).expect(122);
        let ran = with(&town, &[], &["run", "--no-wait", "--allow-secret-looking", "--", "sh", "-c", &text]);
        assert_eq!(ran.status, in_shell, "{}", ran.err);
        if in_shell == 125 {
            ran.says("needs every governing policy to say `allow_secret_looking = true`");
        }
    }
}
