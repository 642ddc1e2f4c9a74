//! What is wrong is refused in words that help, and nothing is written.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::support::{Town, cast, public_line, snapshot, tool};

const CONFIG: &str = "[[approval_policies]]
name = \"job\"
pattern = \"job\"
requirement = \"any_of\"
reviewers = [\"alice\", \"erin\"]
";

fn people() -> crate::support::Cast {
    cast().people(&["alice", "erin"]).agent("bot")
}

/// Neither the repository nor this home holds anything new.
#[track_caller]
fn init_refuses(config: &str, roster: &str, says: &[&str]) {
    let town = Town::empty();
    let policy = town.write_policy(config, roster);
    let home = town.home("ada");
    let before = snapshot(&home);
    let mut ran = town.run_raw("ada", &["init", "--from", &policy, &town.url()]).expect(1).says("nothing written");
    for text in says {
        ran = ran.says(text);
    }
    assert!(!fs::exists(town.url()).unwrap());
    assert_eq!(snapshot(&home), before);
}

#[test]
fn a_faulty_config_is_refused_with_its_place() {
    let with = |line: &str| format!("{CONFIG}{line}\n");
    let replaced = |from: &str, to: &str| CONFIG.replace(from, to);
    let cases: [(String, &[&str]); 14] = [
        (with("min_aprovals = 2"), &["config.toml:6:1", "unknown-key", "min_aprovals", "min_approvals"]),
        (replaced("pattern =", "patern ="), &["config.toml:3:1", "patern", "pattern"]),
        (with("[[approval_policy]]"), &["config.toml:6:", "approval_policy", "approval_policies"]),
        (with("min_approvals = \"2\""), &["config.toml:6:", "min_approvals"]),
        (replaced("\"any_of\"", "\"any-of\""), &["config.toml:4:", "any_of"]),
        (replaced("[\"alice\", \"erin\"]", "[\"alice\", 7]"), &["config.toml:5:"]),
        (replaced("\"erin\"", "\"eirn\""), &["config.toml:5:", "eirn", "erin"]),
        (replaced("\"erin\"", "\"bot\""), &["config.toml:5:", "bot"]),
        (with("min_approvals = 3"), &["config.toml:6:", "3"]),
        (with("min_approvals = 0"), &["config.toml:6:"]),
        (with("timeout = \"soon\""), &["config.toml:6:", "soon"]),
        (format!("{CONFIG}{CONFIG}"), &["config.toml:7:8", "name = \"job\"", "another policy above"]),
        (with("name = \"again\""), &["config.toml:6:", "name"]),
        ("approval_policies = [".to_owned(), &["config.toml:1:"]),
    ];
    for (config, says) in cases {
        init_refuses(&config, &people().toml(), says);
    }
}

#[test]
fn a_faulty_roster_is_refused_with_its_place() {
    let good = people().toml();
    // The neutral point: every signature by it can be made to hold.
    let weak = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let cases: [(String, &[&str]); 12] = [
        (good.replace("kind = \"agent\"", "kynd = \"agent\""), &["roster.toml:", "kynd", "kind"]),
        (good.replace("kind = \"agent\"", "kind = \"robot\""), &["roster.toml:", "robot"]),
        (good.replace("threshold = 1", "threshold = \"1\""), &["roster.toml:5:", "threshold"]),
        (good.replace("threshold = 1", "threshold = 2"), &["roster.toml:"]),
        (good.replace("[\"ada\"]", "[\"nobody\"]"), &["roster.toml:", "nobody"]),
        (good.replace("[\"ada\"]", "[\"ada\", \"bot\"]"), &["roster.toml:", "bot"]),
        (good.replace(&public_line("erin"), &public_line("alice")), &["roster.toml:", "alice", "erin"]),
        (good.replace(&public_line("erin"), weak), &["roster.toml:", "weak"]),
        (good.replace(&public_line("erin"), "ssh-rsa AAAA"), &["roster.toml:", "bad-key"]),
        (good.replace("id = \"erin\"", "id = \"alice\""), &["roster.toml:", "alice"]),
        (good.replace("id = \"erin\"", "id = \"Erin!\""), &["roster.toml:", "Erin!"]),
        (good.clone() + "\n[groups]\none = [\"two\"]\ntwo = [\"one\"]\n", &["roster.toml:", "one"]),
    ];
    for (roster, says) in cases {
        assert_ne!(roster, good);
        init_refuses(CONFIG, &roster, says);
    }
}

#[test]
fn init_writes_nothing_where_something_is_or_for_a_stranger() {
    let town = Town::found(CONFIG, &people());
    let (refs, policy) = (town.refs(), town.path("policy"));
    let policy = policy.to_str().unwrap();
    town.run("ada", &["init", "--from", policy, &town.url()]).expect(1).says("nothing written");
    town.home("stranger");
    let place = town.path("other.git");
    town.run_raw("stranger", &["init", "--from", policy, place.to_str().unwrap()]).expect(1).says("no admin's");
    assert!(!place.exists());
    town.run_raw("stranger", &["init", "--from", "absent", place.to_str().unwrap()]).expect(1).says("config.toml");
    assert!(!place.exists());
    assert_eq!(town.refs(), refs);
}

#[test]
fn join_pins_nothing_that_it_was_not_told() {
    let town = Town::found(CONFIG, &people());
    let home = town.home("auditor");
    let wrong = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let plain = town.path("plain.git");
    tool(Command::new("git").args(["init", "--quiet", "--bare"]).arg(&plain));
    let absent = town.path("absent.git");
    let (plain, absent) = (plain.to_str().unwrap(), absent.to_str().unwrap());
    let cases: [(&[&str], u8, &str); 6] = [
        (&["join", &town.url(), "--root", wrong], 1, "root"),
        (&["join", &town.url(), "--root", "SHA256:short"], 2, "SHA256:short"),
        (&["join", &town.url()], 2, "--root"),
        (&["join", plain, "--root", wrong], 1, "not a policy repository"),
        (&["join", absent, "--root", wrong], 125, "git"),
        (&["status", "0123456789"], 125, "expacti join"),
    ];
    for (args, status, says) in cases {
        town.run_raw("auditor", args).expect(status).says(says);
        assert!(!home.join("config/trust.toml").exists(), "{args:?}");
    }
    town.run_raw("auditor", &["join", &town.url(), "--root", &town.root()]).expect(0).says("not in the roster");
}

#[test]
fn an_id_matches_one_request_or_is_refused() {
    let town = Town::found(CONFIG, &people());
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    // Anybody who may push can make a branch whose name begins like another's.
    let other = format!("{}{}", &id[..8], "0".repeat(24));
    town.git(&["update-ref", &format!("refs/heads/requests/{other}"), "main"]);
    let refs = town.refs();
    let absent = "f".repeat(32);
    let cases: [(&str, u8, &str); 6] = [
        (&id[..8], 1, "several"),
        ("ffffffff", 1, "no request"),
        (&absent, 1, "no request"),
        (&id[..5], 2, "6 digits"),
        ("ABCDEF12", 2, "no request id"),
        ("../../main", 2, "no request id"),
    ];
    for (given, status, says) in cases {
        for verb in ["status", "show"] {
            town.run("alice", &[verb, given]).expect(status).says(says);
        }
        town.run("bot", &["cancel", given]).expect(status).says(says);
        town.run("bot", &["resume", given]).expect(125).says(says);
    }
    town.run("alice", &["approve", "--yes", &absent]).expect(1).says("no request");
    assert_eq!(town.refs(), refs);
    town.run("alice", &["status", &id[..12]]).expect(0);
}

#[test]
fn a_remote_that_is_gone_is_no_answer() {
    let town = Town::found(CONFIG, &people());
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    town.member("alice");
    fs::rename(town.url(), town.path("away.git")).unwrap();
    let cases: [(&str, &[&str]); 8] = [
        ("bot", &["run", "--", "job"]),
        ("bot", &["resume", &id]),
        ("bot", &["cancel", &id]),
        ("bot", &["sync"]),
        ("alice", &["pending"]),
        ("alice", &["status", &id]),
        ("alice", &["approve", "--yes", &id]),
        ("alice", &["deny", "--yes", "--reason", "no", &id]),
    ];
    for (who, args) in cases {
        town.run(who, args).expect(125).says("git");
    }
    fs::rename(town.path("away.git"), town.url()).unwrap();
    assert_eq!(town.state(&id), "pending");
    assert_eq!(town.marks(), 0);
}

#[test]
fn a_key_that_is_missing_open_to_others_or_unknown_signs_nothing() {
    let town = Town::found(CONFIG, &people());
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    town.member("stranger");
    let refs = town.refs();
    let home = town.member("bot");
    let key = home.join("key");
    let absent = town.path("no-key");
    let nonsense = town.path("nonsense");
    fs::write(&nonsense, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n").unwrap();
    fs::set_permissions(&nonsense, fs::Permissions::from_mode(0o600)).unwrap();
    let signing: [&[&str]; 4] = [&["run", "--", "job"], &["resume", &id], &["cancel", &id], &["approve", "--yes", &id]];
    for args in signing {
        let with = |key: &std::path::Path| town.run("bot", &[&["--key", key.to_str().unwrap()], args].concat());
        with(&absent).expect(125).says("not there").says("expacti identity new");
        with(&nonsense).expect(125).says("nonsense");
        town.run("stranger", args).expect(125).says("not in the roster").says(&public_line("stranger"));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        town.run("bot", args).expect(125).says("read by others").says("chmod 600");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert_eq!(town.refs(), refs);
    assert_eq!(town.marks(), 0);
}

/// Puts a commit that adds one file onto a branch of the bare repository, as anyone who may push could.
fn push_file(town: &Town, parent: &str, branch: &str, path: &str, bytes: &[u8]) {
    let (file, index) = (town.path("pushed"), town.path("index"));
    fs::write(&file, bytes).unwrap();
    let _ = fs::remove_file(&index);
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.args(["--git-dir", &town.url(), "-c", "user.name=m", "-c", "user.email=m@example.org"]);
        let said = tool(command.args(args).env("GIT_INDEX_FILE", &index));
        String::from_utf8(said).unwrap().trim().to_owned()
    };
    let blob = git(&["hash-object", "-w", file.to_str().unwrap()]);
    git(&["read-tree", parent]);
    git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")]);
    let tree = git(&["write-tree"]);
    let commit = git(&["commit-tree", "-p", parent, "-m", "pushed by hand", &tree]);
    git(&["update-ref", &format!("refs/heads/{branch}"), &commit]);
}

#[test]
fn a_request_that_does_not_verify_cannot_be_approved_or_run() {
    let town = Town::found(CONFIG, &people());
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    let branch = format!("requests/{id}");
    let files = town.files(&branch, "requests");
    let request = files.iter().find(|file| file.ends_with("request.toml")).unwrap().clone();
    let bytes = town.git_bytes(&["show", &format!("{branch}:{request}")]);
    let signature = town.git_bytes(&["show", &format!("{branch}:{request}.sig")]);
    let huge = vec![b'#'; 300 * 1024];
    let bent: [(&str, &[u8], &[u8]); 6] = [
        ("a truncated signature", &bytes, &signature[..signature.len() / 2]),
        ("no signature", &bytes, b""),
        ("a byte more", &[&bytes[..], b"\n"].concat(), &signature),
        ("not TOML", b"request = [", &signature),
        ("not UTF-8", b"\xff\xfe\x00", &signature),
        ("too large", &huge, &signature),
    ];
    for (what, record, signature) in bent {
        push_file(&town, "main", &branch, &request, record);
        push_file(&town, &branch, &branch, &format!("{request}.sig"), signature);
        let refs = town.refs();
        // Homes that never saw the good branch.
        for (home, args) in
            [("erin", &["approve", "--yes", &id][..]), ("erin", &["show", &id]), ("ada", &["status", &id])]
        {
            let ran = town.run(home, args);
            assert!(matches!(ran.status, 1 | 125), "{what}: {args:?}: {ran:?}");
        }
        town.run("erin", &["pending"]).expect(0).says("nothing waits for you");
        assert_eq!(town.refs(), refs, "{what}");
    }
    assert_eq!(town.marks(), 0);
    // The requester's machine remembers the branch as it was, and puts it back.
    town.approve("erin", &id);
    town.resume("bot", &id);
    assert_eq!(town.marks(), 0, "no approval of a bent request counts");
}

#[test]
fn a_decision_that_does_not_verify_is_reported_and_counts_for_nothing() {
    let town = Town::found(CONFIG, &people());
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    let branch = format!("requests/{id}");
    let request = town.files(&branch, "requests").into_iter().find(|file| file.ends_with("request.toml")).unwrap();
    let directory = request.trim_end_matches("request.toml").to_owned();
    // A genuine approval, cut out and pasted back with a truncated signature.
    let before = town.git(&["rev-parse", &branch]).trim().to_owned();
    town.approve("alice", &id).expect(0);
    let files = town.files(&branch, &format!("{directory}decisions"));
    let record = files.iter().find(|file| file.ends_with(".toml")).unwrap();
    let bytes = town.git_bytes(&["show", &format!("{branch}:{record}")]);
    let signature = town.git_bytes(&["show", &format!("{branch}:{record}.sig")]);
    push_file(&town, &before, &branch, record, &bytes);
    push_file(&town, &branch, &branch, &format!("{record}.sig"), &signature[..signature.len() / 2]);
    push_file(&town, &branch, &branch, &format!("{directory}decisions/erin.000000000000.toml"), b"verdict = 1");
    push_file(&town, &branch, &branch, &format!("{directory}notes.txt"), b"hello");
    let seen = town.run("ada", &["--json", "show", &id]).expect(0).json();
    assert_eq!(seen["state"], "pending");
    assert!(!seen["findings"].as_array().unwrap().is_empty(), "{seen:#}");
    assert_eq!(seen["decisions"], serde_json::json!([]));
    assert_eq!(town.marks(), 0);
}

#[test]
fn usage_is_told_apart_for_run_and_the_others() {
    let town = Town::found(CONFIG, &people());
    let cases: [(&[&str], u8); 9] = [
        (&["run"], 125),
        (&["run", "--wait", "soon", "--", "job"], 125),
        (&["run", "--wait", "1s", "--no-wait", "--", "job"], 125),
        (&["run", "--bogus", "--", "job"], 125),
        (&["resume"], 125),
        (&["approve"], 2),
        (&["deny", "0123456789"], 2),
        (&["status"], 2),
        (&["bogus"], 2),
    ];
    let refs = town.refs();
    for (args, status) in cases {
        town.run("bot", args).expect(status);
    }
    assert_eq!(town.refs(), refs);
}
