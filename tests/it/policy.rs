//! `policy check`, `explain`, and the signing of a first version by several admins in homes of their own.

mod chain;
mod changes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The configuration as the seed prints it.
const SEED: &str = r#"[[approval_policies]]
name = "schema-migration"
pattern = "migrate*"
requirement = "all_of"
reviewers = ["dev-lead", "dba", "security"]
[[approval_policies]]
name = "on-call-approve"
pattern = "*"
requirement = "any_of"
reviewers = ["oncall-primary", "oncall-secondary", "eng-manager"]
[[approval_policies]]
name = "prod-deploy"
pattern = "deploy*"
requirement = "min_role"
min_role = "admin"
"#;

/// A directory with a home a person.
struct Place(TempDir);

struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn command(&self, who: &str) -> Command {
        let home = self.path(who);
        fs::create_dir_all(&home).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_expacti"));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", &home);
        command.env("EXPACTI_HOME", home.join("expacti")).current_dir(self.0.path());
        command
    }

    fn run(&self, who: &str, args: &[&str]) -> Ran {
        self.command(who).args(args).output().unwrap().into()
    }

    fn git(&self, args: &[&str]) -> String {
        let mut command = Command::new("git");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.0.path());
        command.env("GIT_CONFIG_NOSYSTEM", "1").arg("--git-dir").arg(self.path("policy.git"));
        command.args(["-c", "user.name=mallory", "-c", "user.email=mallory@example.com"]).args(args);
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A new identity; its line for the roster.
    fn identity(&self, who: &str) -> String {
        let made = self.run(who, &["identity", "new", who, "--json"]).expect(0).json();
        made[0]["key"].as_str().unwrap().to_owned()
    }

    /// A repository that `ada` made and that waits for her fellow admins, who have joined it; its digest.
    fn waiting(&self, threshold: u32) -> String {
        let mut roster =
            format!("roles = [\"admin\"]\n[trust]\nadmins = [\"ada\", \"bea\", \"cyd\"]\nthreshold = {threshold}\n");
        for who in ["ada", "bea", "cyd", "dan"] {
            let key = self.identity(who);
            roster +=
                &format!("[[principals]]\nid = \"{who}\"\nkind = \"person\"\nrole = \"admin\"\nkeys = [\"{key}\"]\n");
        }
        self.write("pol/roster.toml", &roster);
        self.write(
            "pol/config.toml",
            "[[approval_policies]]\nname = \"all\"\npattern = \"*\"\nrequirement = \"min_role\"\nmin_role = \"admin\"\nmin_approvals = 2\n",
        );
        let made = self.run("ada", &["init", "--from", "pol", "policy.git", "--json"]).expect(0).json();
        assert_eq!(made["complete"], false);
        let root = made["root"].as_str().unwrap();
        for who in ["bea", "cyd", "dan"] {
            self.run(who, &["join", "policy.git", "--root", root]).expect(0);
        }
        made["digest"].as_str().unwrap().to_owned()
    }

    fn branches(&self) -> Vec<String> {
        self.git(&["for-each-ref", "--format=%(refname:short)", "refs/heads"]).lines().map(str::to_owned).collect()
    }

    fn sign(&self, who: &str, digest: &str) -> Ran {
        self.run(who, &["policy", "diff", digest]).expect(0);
        self.run(who, &["policy", "sign", digest, "--yes", "--json"])
    }
}

#[track_caller]
fn holds(text: &str, part: &str) {
    assert!(text.contains(part), "`{part}` is not in:\n{text}");
}

#[test]
fn the_order_of_the_seed_is_valid_and_warned_of() {
    let place = Place::new();
    place.write("config.toml", SEED);
    let checked = place.run("ada", &["policy", "check", "--config", "config.toml"]).expect(0);
    holds(&checked.out, "config.toml:13:11: warning[unreachable]: policy `prod-deploy` is never reached");
    holds(&checked.out, "`*` of policy `on-call-approve`");
    holds(&checked.out, "no errors");
}

#[test]
fn faults_are_placed_and_end_with_1() {
    let place = Place::new();
    place.write("config.toml", &SEED.replacen("reviewers", "reviewer", 1));
    let checked = place.run("ada", &["policy", "check", "--config", "config.toml", "--json"]).expect(1).json();
    assert_eq!(checked["ok"], false);
    holds(checked["errors"][0].as_str().unwrap(), "config.toml:");
    holds(&checked["errors"].to_string(), "did you mean `reviewers`?");
    let gone = place.run("ada", &["policy", "check", "--config", "gone.toml"]).expect(125);
    holds(&gone.err, "`gone.toml`: there is no such file");
    // No repository was joined, and no file was named.
    holds(&place.run("ada", &["policy", "check"]).expect(125).err, "joined no policy repository");
}

#[test]
fn people_nobody_can_do_without_are_named() {
    let place = Place::new();
    let mut roster = "roles = [\"dba\", \"admin\"]\n[trust]\nadmins = [\"ada\", \"bea\"]\nthreshold = 2\n\
                      [groups]\ndba = [\"ada\", \"bea\"]\nalone = [\"bea\"]\n"
        .to_owned();
    for (who, kind, more) in [
        ("ada", "person", "role = \"admin\""),
        ("bea", "person", "role = \"dba\""),
        ("cyd", "person", "role = \"dba\""),
        ("bot", "agent", "operators = [\"ada\"]"),
    ] {
        let key = place.identity(who);
        roster += &format!("[[principals]]\nid = \"{who}\"\nkind = \"{kind}\"\n{more}\nkeys = [\"{key}\"]\n");
    }
    place.write("roster.toml", &roster);
    let policy =
        |name: &str, rest: &str| format!("[[approval_policies]]\nname = \"{name}\"\npattern = \"{name}\"\n{rest}\n");
    let config = policy("single", "requirement = \"any_of\"\nreviewers = [\"alone\"]")
        + &policy("seat", "requirement = \"all_of\"\nreviewers = [\"alone\", \"cyd\"]")
        + &policy("two", "requirement = \"any_of\"\nreviewers = [\"dba\"]\nmin_approvals = 2")
        + &policy("fine", "requirement = \"any_of\"\nreviewers = [\"dba\", \"cyd\"]")
        + &policy("role", "requirement = \"min_role\"\nmin_role = \"admin\"")
        + &policy("solo", "requirement = \"any_of\"\nreviewers = [\"dba\", \"cyd\"]\noperators = \"count\"")
        + &policy("free", "requirement = \"allow\"");
    place.write("config.toml", &config);
    let checked =
        place.run("ada", &["policy", "check", "--config", "config.toml", "--roster", "roster.toml", "--json"]);
    let checked = checked.expect(0).json();
    let warnings: Vec<String> =
        checked["warnings"].as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_owned()).collect();
    let all = warnings.join("\n");
    for part in [
        "only `bea` can meet policy `single`",
        "policy `seat` cannot be met without any one of `bea`, `cyd`",
        "policy `two` cannot be met without any one of `ada`, `bea`",
        "only `ada` can meet policy `role`",
        "policy `role` can never be met for `bot`",
        "under policy `solo` whoever operates an agent may approve",
        "roster.toml:4:13: warning[threshold]: all 2 admins must sign",
    ] {
        holds(&all, part);
    }
    assert!(!all.contains("`fine`") && !all.contains("`free`"), "{all}");
    // An unknown reviewer is an error with the roster, and nothing without it.
    place.write("other.toml", &policy("x", "requirement = \"any_of\"\nreviewers = [\"beaa\"]"));
    place.run("ada", &["policy", "check", "--config", "other.toml"]).expect(0);
    let checked = place.run("ada", &["policy", "check", "--config", "other.toml", "--roster", "roster.toml"]).expect(1);
    holds(&checked.out, "did you mean `bea`?");
}

#[test]
fn explain_needs_neither_repository_nor_program() {
    let place = Place::new();
    place.write("config.toml", SEED);
    let explain = |command: &[&str]| {
        let args = [&["policy", "explain", "--config", "config.toml", "--json", "--"], command].concat();
        place.run("ada", &args).expect(0).json()
    };
    let found = explain(&["env", "X=1", "sh", "-c", "migrate up"]);
    assert_eq!(found["policies"], serde_json::json!(["schema-migration", "on-call-approve"]));
    assert_eq!(found["decision"], "review");
    assert_eq!(found["opaque"], serde_json::json!([]));
    let inner = found["commands"].as_array().unwrap().iter().find(|command| command["text"] == "migrate up").unwrap();
    assert_eq!(inner["certain"], true);
    assert_eq!(inner["policies"], serde_json::json!(["schema-migration"]));
    assert_eq!(inner["via"].as_array().unwrap().len(), 2);
    let opaque = explain(&["sh", "-c", "$WHAT"]);
    assert!(!opaque["opaque"].as_array().unwrap().is_empty());
    assert_eq!(opaque["policies"].as_array().unwrap().len(), 3);
    // Nothing was written for a question about a file.
    assert!(!place.path("ada/expacti").exists());
    let text =
        place.run("ada", &["policy", "explain", "--config", "config.toml", "--", "sudo", "migrate"]).expect(0).out;
    holds(&text, "schema-migration: all of `dev-lead`, `dba`, `security`");
}

#[test]
fn explain_judges_conditions_and_the_trusted_path_of_this_machine() {
    let place = Place::new();
    let own = place.write("bin/look", "#!/bin/sh\nmigrate up\n");
    fs::set_permissions(&own, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("look", place.path("bin/other")).unwrap();
    let config = "[[approval_policies]]\nname = \"look\"\npattern = [\"ls\", \"look\"]\nrequirement = \"allow\"\n\
                  [[approval_policies]]\nname = \"never\"\npattern = \"migrate*\"\nrequirement = \"deny\"\n\
                  [[approval_policies]]\nname = \"bots\"\npattern = \"look*\"\nrequirement = \"deny\"\nrequesters = [\"ci-*\"]\n\
                  [[approval_policies]]\nname = \"prod\"\npattern = \"ls prod*\"\nrequirement = \"deny\"\nenvironments = [\"production\"]\n\
                  [[approval_policies]]\nname = \"dev\"\npattern = \"ls*\"\nrequirement = \"min_role\"\nmin_role = \"x\"\n\
                  [[environments]]\nname = \"production\"\narguments = [\"*live\"]\n\
                  [[environments]]\nname = \"test\"\narguments = [\"*test\"]\n";
    place.write("config.toml", config);
    let explain = |command: &[&str]| {
        let mut all = vec!["policy", "explain", "--config", "config.toml", "--json", "--"];
        all.extend(command);
        let json = place.run("ada", &all).expect(0).json();
        let names: Vec<String> =
            json["policies"].as_array().unwrap().iter().map(|p| p.as_str().unwrap().to_owned()).collect();
        (json["decision"].as_str().unwrap().to_owned(), names.join(" "), json)
    };
    let ask = |command: &[&str]| {
        let (decision, names, _) = explain(command);
        (decision, names)
    };
    let is = |decision: &str, names: &str| (decision.to_owned(), names.to_owned());
    assert_eq!(ask(&["ls"]), is("allow", "look"));
    // Outside the trusted path `allow` is passed over; the script's own text and the unknown requester add the others.
    assert_eq!(ask(&["bin/look"]), is("deny", "never bots"));
    let through_link = explain(&["bin/other"]).2;
    holds(&through_link.to_string(), "never");
    assert_eq!(ask(&["ls", "prod-live"]), is("deny", "prod"));
    assert_eq!(ask(&["ls", "prod-test"]), is("review", "dev"));
    // Neither environment is recognised: the condition may hold.
    assert_eq!(ask(&["ls", "prod"]), is("deny", "prod dev"));
    let (decision, names, json) = explain(&["nothing-like-it"]);
    assert_eq!((decision, names), is("deny", ""));
    holds(json["reason"].as_str().unwrap(), "no policy matches `nothing-like-it`");
    holds(&json["notes"].to_string(), "`nothing-like-it` was not found");
}

#[test]
fn two_of_three_admins_put_the_first_version_in_force() {
    let place = Place::new();
    let digest = place.waiting(2);
    let branch = format!("policy/000001-{digest}");
    assert_eq!(place.branches(), std::slice::from_ref(&branch));
    let status = place.run("bea", &["policy", "status", "--json"]).expect(0).json();
    assert_eq!(status["version"], 0);
    assert_eq!(status["proposals"][0]["signed"], serde_json::json!(["ada"]));
    assert_eq!(status["proposals"][0]["waiting"], serde_json::json!(["bea", "cyd"]));

    // Not before it was shown on this machine.
    let early = place.run("bea", &["policy", "sign", &digest, "--yes"]).expect(1);
    holds(&early.err, "has not shown version");
    let diff = place.run("bea", &["policy", "diff", &digest]).expect(0).out;
    for part in [
        "admins       ada, bea, cyd (2 must sign a change)",
        "2 people of role `admin` or higher",
        "| threshold = 2",
        "SHA256:",
    ] {
        holds(&diff, part);
    }
    // Not without a terminal to ask on, and not by somebody who is no admin.
    place.run("bea", &["policy", "sign", &digest]).expect(2);
    let stranger = place.sign("dan", &digest).expect(1);
    holds(&stranger.err, "`dan` is no admin of this version");
    assert_eq!(place.branches(), std::slice::from_ref(&branch));

    let signed = place.run("bea", &["policy", "sign", &digest, "--yes"]).expect(0);
    holds(&signed.out, "version 1 is in force");
    assert_eq!(place.branches(), ["main"]);
    assert_eq!(place.git(&["rev-list", "--count", "main"]), "1");
    let files = place.git(&["ls-tree", "--name-only", "main", "policy/000001/"]);
    holds(&files, "policy/000001/root.toml.bea.sig");
    // The third is told, also where they have not shown it; everyone can begin.
    let late = place.run("cyd", &["policy", "diff", &digest]).expect(1);
    holds(&late.err, "version 1 is in force already");
    for who in ["ada", "bea", "cyd"] {
        assert_eq!(place.run(who, &["policy", "status", "--json"]).expect(0).json()["version"], 1);
    }
    let checked = place.run("cyd", &["policy", "check"]).expect(0);
    holds(&checked.out, "config.toml in force (version 1)");
    let explained = place.run("cyd", &["policy", "explain", "--json", "--", "ls"]).expect(0).json();
    assert_eq!(explained["policies"], serde_json::json!(["all"]));
}

#[test]
fn all_three_are_needed_where_the_threshold_says_so() {
    let place = Place::new();
    let digest = place.waiting(3);
    let first = place.sign("bea", &digest).expect(0).json();
    assert_eq!(first["proposals"][0]["waiting"], serde_json::json!(["cyd"]));
    // Again: nothing more happens.
    let tip = place.git(&["rev-parse", &format!("policy/000001-{digest}")]);
    holds(place.sign("bea", &digest).expect(0).json()["message"].as_str().unwrap(), "it waits for cyd");
    assert_eq!(place.git(&["rev-parse", &format!("policy/000001-{digest}")]), tip);
    let tree = place.git(&["rev-parse", &format!("{tip}^{{tree}}:policy/000001/root.toml.bea.sig")]);
    assert_eq!(place.sign("cyd", &digest).expect(0).json()["version"], 1);
    assert_eq!(place.branches(), ["main"]);
    assert_eq!(place.git(&["rev-parse", "main:policy/000001/root.toml.bea.sig"]), tree);
}

#[test]
fn two_last_signers_at_once() {
    let place = Place::new();
    let digest = place.waiting(2);
    for who in ["bea", "cyd"] {
        place.run(who, &["policy", "diff", &digest]).expect(0);
    }
    let mut children: Vec<_> = ["bea", "cyd"]
        .map(|who| {
            let mut command = place.command(who);
            command.args(["policy", "sign", &digest, "--yes", "--json"]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .into();
    for child in children.drain(..) {
        let ran: Ran = child.wait_with_output().unwrap().into();
        assert_eq!(ran.expect(0).json()["version"], 1);
    }
    assert_eq!(place.git(&["rev-list", "--count", "main"]), "1");
    for who in ["ada", "bea", "cyd"] {
        assert_eq!(place.run(who, &["policy", "status", "--json"]).expect(0).json()["version"], 1);
    }
    assert_eq!(place.branches(), ["main"]);
}

/// A commit on the waiting branch that replaces or adds files, as anyone who can push makes it.
fn meddle(place: &Place, branch: &str, files: &[(&str, &str)]) {
    let index = place.path("index");
    let git = |args: &[&str], input: Option<&Path>| {
        let mut command = Command::new("git");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("GIT_INDEX_FILE", &index);
        command.env("HOME", place.0.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        command.args(["-c", "user.name=mallory", "-c", "user.email=mallory@example.com"]);
        command.arg("--git-dir").arg(place.path("policy.git")).args(args);
        if let Some(input) = input {
            command.stdin(fs::File::open(input).unwrap());
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["read-tree", branch], None);
    for (path, text) in files {
        let junk = place.write("junk", text);
        let blob = git(&["hash-object", "-w", "--stdin"], Some(&junk));
        git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")], None);
    }
    let tree = git(&["write-tree"], None);
    let commit = git(&["commit-tree", &tree, "-p", branch, "-m", "junk"], None);
    git(&["update-ref", &format!("refs/heads/{branch}"), &commit], None);
}

#[test]
fn whoever_can_push_can_neither_change_nor_block_what_is_signed() {
    let place = Place::new();
    let digest = place.waiting(2);
    let branch = format!("policy/000001-{digest}");
    let honest = place.git(&["rev-parse", &format!("{branch}:config.toml")]);
    meddle(
        &place,
        &branch,
        &[
            ("config.toml", "[[approval_policies]]\nname = \"all\"\npattern = \"*\"\nrequirement = \"allow\"\n"),
            ("policy/000001/config.toml", "junk"),
            ("policy/000001/root.toml", "junk"),
            ("policy/000001/root.toml.ada.sig", "junk"),
            ("policy/000001/root.toml.bea.sig", "junk"),
            ("policy/000001/root.toml.eve.sig", "junk"),
            ("requests/x", "junk"),
            ("extra", "junk"),
        ],
    );
    let status = place.run("bea", &["policy", "status", "--json"]).expect(0).json();
    assert_eq!(status["proposals"][0]["signed"], serde_json::json!(["ada"]));
    let diff = place.run("bea", &["policy", "diff", &digest]).expect(0).out;
    assert!(!diff.contains("junk") && !diff.contains("runs without approval"), "{diff}");
    assert_eq!(place.sign("bea", &digest).expect(0).json()["version"], 1);
    assert_eq!(place.git(&["rev-parse", "main:config.toml"]), honest);
    let files = place.git(&["ls-tree", "-r", "--name-only", "main"]);
    assert!(!files.contains("eve") && !files.contains("extra") && !files.contains("requests"), "{files}");

    // A main that was there and is gone is no beginning.
    place.git(&["update-ref", "-d", "refs/heads/main"]);
    let gone = place.run("bea", &["policy", "status"]).expect(125);
    holds(&gone.err, "main-missing");
}

#[test]
fn a_proposal_that_is_not_what_its_name_says_is_ignored_and_named() {
    let place = Place::new();
    let digest = place.waiting(2);
    let other = "0".repeat(64);
    place.git(&["update-ref", &format!("refs/heads/policy/000001-{other}"), &format!("policy/000001-{digest}")]);
    place.git(&["update-ref", "refs/heads/policy/000002-junk", &format!("policy/000001-{digest}")]);
    let status = place.run("bea", &["policy", "status", "--json"]).expect(0).json();
    assert_eq!(status["proposals"].as_array().unwrap().len(), 1);
    holds(&status["unreadable"][0].to_string(), &other);
    let unknown = place.run("bea", &["policy", "diff", &other]).expect(1);
    holds(&unknown.err, "no proposal has the digest");
    place.run("bea", &["policy", "diff", "xyz"]).expect(2);
}
