//! `policy-repo-template/` is what `expacti init` writes: it is valid as it stands, and so are its examples.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::Table;

const KEY: &str = "ssh-ed25519 AAAA alice@laptop";

fn template() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("policy-repo-template")
}

fn read(file: &str) -> String {
    fs::read_to_string(template().join(file)).unwrap()
}

/// With the examples put to use: lines that begin with `#` alone.
fn with_examples(text: &str) -> String {
    let example = |line: &str| {
        line.strip_prefix('#').filter(|line| !line.is_empty() && !line.starts_with([' ', ':'])).map(str::to_owned)
    };
    text.lines().map(|line| example(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

fn parse(text: &str) -> Table {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn names(file: &Table, list: &str, key: &str) -> Vec<String> {
    file[list].as_array().unwrap().iter().map(|item| item[key].as_str().unwrap().to_owned()).collect()
}

#[test]
fn one_policy_lives_and_the_roster_can_meet_it() {
    let roster = parse(&read("roster.toml").replace("@ADMIN@", "alice").replace("@KEY@", KEY));
    let config = parse(&read("config.toml"));
    assert_eq!(names(&config, "approval_policies", "name"), ["everything-else"]);
    let reviewer = config["approval_policies"][0]["reviewers"][0].as_str().unwrap();
    assert_eq!(roster["groups"][reviewer][0].as_str(), Some("alice"));
    assert_eq!(names(&roster, "principals", "id"), ["alice"]);
    assert_eq!(roster["principals"][0]["keys"][0].as_str(), Some(KEY));
    assert_eq!(roster["trust"]["admins"][0].as_str(), Some("alice"));
}

#[test]
fn the_examples_are_valid_and_stand_before_the_catch_all() {
    let config = parse(&with_examples(&read("config.toml")));
    let policies = names(&config, "approval_policies", "name");
    for seed in ["schema-migration", "prod-deploy", "on-call-approve"] {
        assert!(policies.iter().any(|policy| policy == seed), "{seed}");
    }
    let all = config["approval_policies"].as_array().unwrap();
    let specific = all.iter().take_while(|policy| policy["pattern"].as_str() != Some("*")).count();
    assert_eq!(policies[specific..], ["on-call-approve", "everything-else"]);
    let roster = parse(&with_examples(&read("roster.toml")).replace("@ADMIN@", "alice").replace("@KEY@", KEY));
    assert_eq!(names(&roster, "principals", "id"), ["alice", "erin", "dave", "carol", "deploy-bot"]);
}

#[test]
fn placeholders_stand_in_the_roster_alone() {
    for file in files(&template()) {
        let text = fs::read_to_string(template().join(&file)).unwrap();
        assert!(file.is_ascii() && text.is_ascii(), "{file} is not ASCII");
        assert_eq!(
            ["@ADMIN@", "@KEY@"].iter().any(|placeholder| text.contains(placeholder)),
            file == "roster.toml",
            "{file}"
        );
    }
}

#[test]
fn the_workflow_pins_and_grants_nothing() {
    let workflow = read(".github/workflows/expacti.yml");
    assert!(workflow.contains("\npermissions: {}\n") && workflow.contains("fetch-depth: 0"));
    assert!(workflow.contains("persist-credentials: false"));
    for line in workflow.lines().filter_map(|line| line.trim().strip_prefix("uses: ")) {
        let (action, version) = line.split_once(" # v").unwrap_or_else(|| panic!("no version beside {line}"));
        let hash = action.split_once('@').unwrap().1;
        assert!(hash.len() == 40 && hash.chars().all(|c| c.is_ascii_hexdigit()) && !version.is_empty(), "{line}");
    }
}

/// What a pusher chooses never becomes part of a script.
#[test]
fn no_script_has_an_expression_in_it() {
    for file in files(&template()).iter().filter(|file| file.starts_with(".github/")) {
        let mut in_script = None;
        for line in read(file).lines() {
            let indent = line.len() - line.trim_start().len();
            in_script = in_script.filter(|start| indent > *start || line.trim().is_empty());
            assert!(in_script.is_none() || !line.contains("${{"), "{file}: {line}");
            if line.trim_end().ends_with("run: |") {
                in_script = Some(indent);
            }
        }
    }
}

/// Main, requests, policy versions and pull requests are judged, by a head that no tree under test chooses.
#[test]
fn the_checks_judge_what_a_merge_would_bring() {
    let github = read(".github/workflows/expacti.yml");
    assert!(github.contains("  pull_request_target:\n") && !github.contains("  pull_request:\n"));
    assert!(github.contains("branches: [main, \"requests/**\", \"policy/**\"]"));
    // The tree that is checked out is main's, whatever is asked about.
    assert_eq!(github.matches("ref: main\n").count(), 1);
    assert!(github.contains("HEAD: ${{ github.event.pull_request.head.sha }}"));
    let gitlab = read(".gitlab-ci.yml");
    assert!(gitlab.contains("GIT_CHECKOUT: \"false\"") && gitlab.contains("junit: expacti-*.xml"));
    for (file, text) in [("github", github), ("gitlab", gitlab)] {
        assert!(text.contains("verify --full") && text.contains("--head \"$"), "{file}");
        assert!(text.contains("sha256sum --check --strict") && text.contains("--root \"$EXPACTI_ROOT\""), "{file}");
        assert!(!text.contains("eval ") && !text.contains("--pre-receive"), "{file}");
    }
}

/// What a host's runner does, with the host's own parts left out.
#[test]
fn the_scripts_of_the_checks_are_shell() {
    for (file, from) in [(".github/workflows/expacti.yml", "        run: |"), (".gitlab-ci.yml", "    - |")] {
        let text = read(file);
        let scripts: Vec<&str> = text.split(&format!("{from}\n")).skip(1).collect();
        assert!(!scripts.is_empty(), "{file}");
        for script in scripts {
            let indent = script.len() - script.trim_start_matches(' ').len();
            let lines =
                script.lines().take_while(|line| line.trim().is_empty() || line.starts_with(&" ".repeat(indent)));
            let script = lines.map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect::<String>();
            let output = Command::new("sh").args(["-n", "-c", &script]).output().unwrap();
            assert!(output.status.success(), "{file}: {output:?}\n{script}");
        }
    }
}

#[test]
fn the_hook_takes_nothing_without_its_program() {
    let hook = template().join("hooks/pre-receive");
    let output = Command::new("/bin/sh").arg(&hook).env_clear().env("PATH", "/nonexistent").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("expacti is not installed on this server"));
    assert!(read("README.md").contains("expacti hook install --root SHA256:... "));
}

/// The right to push to `main` is in reach of its own workflow alone.
#[test]
fn one_workflow_lands_and_no_pushed_branch_starts_it() {
    let land = read(".github/workflows/expacti-land.yml");
    let triggers: Vec<&str> = land
        .lines()
        .skip_while(|line| *line != "on:")
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with(' '))
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':').filter(|name| !name.starts_with(' ')))
        .collect();
    // Of a dispatch the ref can be chosen; the environment is restricted to main.
    assert_eq!(triggers, ["schedule", "workflow_run", "workflow_dispatch"]);
    assert!(land.contains("\npermissions: {}\n") && land.contains("environment: expacti-land\n"));
    assert!(land.contains("if: github.ref == 'refs/heads/main'\n"));
    for file in files(&template()).iter().filter(|file| file.contains(".yml")) {
        let (secret, text) = (["${{ secrets.", "EXPACTI_LAND_KEY"], read(file));
        let lands = file.ends_with("/expacti-land.yml");
        assert!(lands || !secret.iter().any(|secret| text.contains(secret)), "{file}");
        assert_eq!(lands, text.contains("sync --land\n"), "{file}");
        assert!(
            !lands || !(text.contains("actions/checkout") || text.contains("--key")),
            "{file} reads branches as data"
        );
    }
    let gitlab = read(".gitlab/expacti-land.yml");
    assert!(gitlab.contains("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH") && gitlab.contains("GIT_STRATEGY: none"));
    assert!(read(".gitlab-ci.yml").contains("- local: .gitlab/expacti-land.yml"));
}

fn files(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut queue = vec![directory.to_owned()];
    while let Some(next) = queue.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                queue.push(path);
            } else {
                found.push(path.strip_prefix(directory).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}
