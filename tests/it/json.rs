//! `--json`: each verb's object has the keys that are promised, and `run` leaves standard output to the child.

use std::fs;

use serde_json::Value;

use crate::support::{Town, cast};

const POLICY: &str = "
[[approval_policies]]
name = \"job\"
pattern = \"job\"
requirement = \"any_of\"
reviewers = [\"alice\", \"bob\"]
min_approvals = 2
[[approval_policies]]
name = \"unasked\"
pattern = \"printf *\"
requirement = \"allow\"
";

fn cast_toml() -> String {
    cast().people(&["alice", "bob"]).agent("bot").toml()
}

fn found() -> Town {
    let town = Town::found(POLICY, &cast().people(&["alice", "bob"]).agent("bot"));
    town.marking_program("job");
    town
}

const ACCOUNT: &str = "id state created expires requester requester_kind key runner host cwd command program version|ended ended_by operators reason \
    retry_of environments opaque policies unattended decisions flags findings commit height outcome record ending";

/// The object has these keys; those after `|` may be missing, others may not be there.
#[track_caller]
fn has(value: &Value, keys: &str) {
    let always = keys.split('|').next().unwrap();
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    for key in always.split_whitespace() {
        assert!(object.contains_key(key), "`{key}` is missing: {value:#}");
    }
    let known: Vec<&str> = keys.split([' ', '|']).collect();
    for key in object.keys() {
        assert!(known.contains(&key.as_str()), "`{key}` is not documented: {value:#}");
    }
}

const REQUEST: &str = "id state reason_for_state landed command argv cwd requester runner host reason environments risk created expires \
    policies opaque commands bound unbound texts decisions findings|retry_of outcome you asks_you since denial notified";
const RUN: &str = "exit result ran message next|id request notified";
const DECISION: &str = "id verdict recorded message hints|wait_seconds request notified";

#[test]
fn every_verb_says_it_as_json() {
    let town = found();
    let json =
        |who: &str, status: u8, args: &[&str]| town.run(who, &[&["--json"], args].concat()).expect(status).json();

    let asked = json("bot", 122, &["run", "--no-wait", "--reason", "because", "--", "job"]);
    has(&asked, RUN);
    has(&asked["request"], REQUEST);
    assert_eq!((&asked["exit"], &asked["result"], &asked["ran"]), (&122.into(), &"pending".into(), &false.into()));
    let id = asked["id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 32);

    let pending = json("alice", 0, &["pending"]);
    has(&pending[0], REQUEST);
    assert_eq!((&pending[0]["id"], &pending[0]["reason"]), (&id.as_str().into(), &"because".into()));
    has(
        &pending[0]["policies"][0],
        "name met counted not_counted missing flags questions require_comment|impossible min_review_seconds",
    );
    has(&pending[0]["policies"][0]["missing"][0], "what who");
    has(&pending[0]["commands"][0], "text via policies flags");

    let approved = json("alice", 0, &["approve", "--yes", "-m", "fine", &id]);
    has(&approved[0], DECISION);
    assert_eq!((&approved[0]["recorded"], &approved[0]["verdict"]), (&true.into(), &"approve".into()));
    let shown = json("bob", 0, &["show", &id]);
    has(&shown, REQUEST);
    has(&shown["decisions"][0], "reviewer verdict comment answers decided review_seconds|suggest");
    has(&shown["policies"][0]["counted"][0], "reviewer|seat");
    let status = json("bob", 0, &["status", &id]);
    has(&status, REQUEST);
    assert_eq!(status["state"], "pending");

    let denied = json("bob", 0, &["deny", "--yes", "--reason", "no", "--suggest", "job --dry-run", &id]);
    has(&denied[0], DECISION);
    assert_eq!(denied[0]["request"]["decisions"][1]["suggest"], "job --dry-run");
    let ended = json("bot", 120, &["resume", &id]);
    has(&ended, RUN);
    assert_eq!(ended["result"], "denied");
    let late = json("alice", 1, &["approve", "--yes", &id]);
    has(&late[0], DECISION);
    assert_eq!(late[0]["recorded"], false);

    let other = town.ask("bot", &["job"]);
    let withdrawn = json("bot", 0, &["cancel", &other]);
    has(&withdrawn, REQUEST);
    has(&withdrawn["outcome"], "ending author|exit signal started duration_ms pin reason");
    assert_eq!(withdrawn["outcome"]["ending"], "withdrawn");

    has(&json("bot", 0, &["sync"]), "delivered expired denied restored landed left problems|notified");
    let made = json("bot", 0, &["identity", "new", "another"]);
    has(&made[0], "name path fingerprint key|principal");
    has(&json("bot", 0, &["identity", "list"])[0], "name path fingerprint key|principal");
    has(&json("bob", 0, &["join", &town.url(), "--root", &town.root()]), "url root version admins threshold|me");
    let place = town.path("another.git");
    let policy = town.path("policy");
    let made = json("ada", 0, &["init", "--from", policy.to_str().unwrap(), place.to_str().unwrap()]);
    has(&made, "url root admins threshold complete waiting digest|branch solo");
    let from = town.write_policy(&POLICY.replace("min_approvals = 2", "min_approvals = 1"), &cast_toml());
    let proposed = json("ada", 0, &["policy", "propose", "--from", &from]);
    has(&proposed, "version digest fingerprint branch new changed added removed notes next");
    let diff = json("ada", 0, &["policy", "diff", proposed["digest"].as_str().unwrap()]);
    has(&diff, "version proposals|stale unreadable message");
    has(&diff["proposals"][0], "version digest fingerprint signed waiting threshold needs change");
    has(&diff["proposals"][0]["needs"][0], "version in_force threshold signed waiting met");
    has(&diff["proposals"][0]["change"], "follows weaker changes requests fewer denied otherwise files");
    has(&diff["proposals"][0]["change"]["fewer"][0], "id command requester before after");
    has(&diff["proposals"][0]["change"]["fewer"][0]["after"], "decision policies|people reason");
    has(&diff["proposals"][0]["change"]["files"][0], "path what lines more");
    let edited = format!("{from}/config.toml");
    let preview = json("ada", 0, &["policy", "preview", "--config", &edited]);
    has(&preview, "config version changed commands policies notes");
    has(&preview["commands"][0], "command recorded listed changed before after");
    has(&preview["commands"][0]["before"], "decision policies|reason");
    has(&preview["policies"][0], "name|today then");
    let told = json("bob", 0, &["audit", "log"]);
    has(&told[0], ACCOUNT);
    has(
        &told[0]["decisions"][0],
        "reviewer key verdict shown decided seconds counts record|role team comment answers suggest seats why_not",
    );
    has(&told[1]["outcome"], "word recorded author|status started duration_ms reason commit record key before");
    let error = json("bot", 1, &["status", "000000"]);
    has(&error, "error hints exit");
    assert_eq!(error["exit"], 1);
}

#[test]
fn run_leaves_standard_output_to_the_child() {
    let town = found();
    town.set_clock();
    let file = town.work().join("status.json");
    let run = |args: &[&str]| {
        town.expacti("bot").args(["--json", "run", "--status-file", "status.json"]).args(args).output().unwrap()
    };
    let read = || -> Value { serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap() };

    let output = run(&["--", "printf", "only this"]);
    assert_eq!(output.stdout, b"only this");
    let status = read();
    has(&status, RUN);
    assert_eq!((&status["exit"], &status["result"], &status["ran"]), (&0.into(), &"executed".into(), &true.into()));
    has(&status["request"], REQUEST);
    has(&status["request"]["outcome"], "ending author exit started duration_ms pin|signal reason");

    let output = run(&["--no-wait", "--", "job"]);
    assert_eq!(output.status.code(), Some(122));
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), read());

    let output = run(&["--", "no-such-program"]);
    assert_eq!(output.status.code(), Some(127));
    assert_eq!((&read()["exit"], &read()["ran"]), (&127.into(), &false.into()));
}

#[test]
fn without_json_no_wait_prints_the_id_as_the_first_word() {
    let town = found();
    let ran = town.run("bot", &["run", "--no-wait", "--", "job"]).expect(122);
    assert_eq!(ran.out.split_whitespace().next().map(str::len), Some(32));
    assert_eq!(ran.out.lines().count(), 1);
}
