//! Joining a repository whose first policy still waits for signatures, past whatever else was pushed there.

use std::fs;

use crate::support::{Town, cast};

const POLICY: &str =
    "[[approval_policies]]\nname = \"job\"\npattern = \"job\"\nrequirement = \"any_of\"\nreviewers = [\"bea\"]\n";

/// Made by `ada`; `bea` has yet to sign.
fn waiting() -> (Town, String, String) {
    let town = Town::empty();
    let roster = cast().people(&["bea"]).agent("bot").toml();
    let roster = roster.replace("admins = [\"ada\"]\nthreshold = 1", "admins = [\"ada\", \"bea\"]\nthreshold = 2");
    let policy = town.write_policy(POLICY, &roster);
    town.home("ada");
    let made = town.run_raw("ada", &["--json", "init", "--from", &policy, &town.url()]).expect(0).json();
    let root = made["root"].as_str().unwrap().to_owned();
    let branch = town.git(&["for-each-ref", "--format=%(refname)", "refs/heads/policy"]).trim().to_owned();
    (town, root, branch)
}

#[test]
fn whoever_can_push_cannot_keep_anyone_from_joining() {
    let (town, root, branch) = waiting();
    let commit = |tree: &str, parent: &[&str]| {
        let words = ["-c", "user.name=m", "-c", "user.email=m@example.org", "commit-tree", tree, "-m", "x"];
        town.git(&[&words[..], parent].concat()).trim().to_owned()
    };
    let empty = town.git(&["hash-object", "-w", "-t", "tree", "/dev/null"]);
    // Names before it and after it, and a commit that takes its files away.
    for digit in ["0", "f"] {
        let name = format!("refs/heads/policy/000001-{}", digit.repeat(64));
        town.git(&["update-ref", &name, &commit(empty.trim(), &[])]);
    }
    town.git(&["update-ref", "refs/heads/policy/000001-x", &commit(empty.trim(), &[])]);
    town.git(&["update-ref", &branch, &commit(empty.trim(), &["-p", &branch])]);
    for who in ["bea", "bot"] {
        town.home(who);
        let joined = town.run_raw(who, &["--json", "join", &town.url(), "--root", &root]).expect(0).json();
        assert_eq!((joined["root"].as_str(), joined["version"].as_u64()), (Some(root.as_str()), Some(0)));
    }
    // Nobody guesses which of them is meant, and a wrong fingerprint is no yes.
    let other = expacti::domain::id::Digest::of(b"x").fingerprint();
    town.home("eve");
    town.run_raw("eve", &["join", &town.url(), "--root", &other]).expect(1).says(&root);
    town.run_raw("eve", &["join", &town.url()]).expect(2).says("--root must say which");
    assert!(!town.path("homes/eve/config/trust.toml").exists());
    let digest = branch.rsplit('-').next().unwrap().to_owned();
    town.run_raw("bea", &["policy", "diff", &digest]).expect(0);
    town.run_raw("bea", &["policy", "sign", &digest, "--yes"]).expect(0);
    town.run_raw("bot", &["verify"]).expect(0);
    assert!(fs::exists(town.path("homes/bot/config/trust.toml")).unwrap());
}
