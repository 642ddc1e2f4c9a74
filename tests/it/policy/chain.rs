//! Later versions: proposed by anyone, signed by the admins of both sides in homes of their own, landed by the last.

use std::process::{Command, Stdio};

use super::*;

/// A repository with version 1 in force: ada, bea and cyd are admins, two of them sign; dan is a person.
fn founded() -> Place {
    let place = Place::new();
    let digest = place.waiting(2);
    place.sign("bea", &digest).expect(0);
    place
}

impl Place {
    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The drafts with one text in the place of another.
    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "`{from}` is not in:\n{text}");
        self.write(name, &text.replacen(from, to, 1));
    }

    fn propose(&self, who: &str, args: &[&str]) -> Ran {
        self.run(who, &[&["policy", "propose", "--json"], args].concat())
    }

    /// Proposes the drafts; the digest.
    fn proposed(&self, who: &str) -> String {
        let made = self.propose(who, &["--from", "pol"]).expect(0).json();
        made["digest"].as_str().unwrap().to_owned()
    }

    fn version(&self, who: &str) -> Value {
        self.run(who, &["policy", "status", "--json"]).expect(0).json()["version"].clone()
    }

    /// A work tree as `git clone` makes it.
    fn clone_to(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        let mut command = Command::new("git");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.0.path());
        let done = command.args(["clone", "-q"]).arg(self.path("policy.git")).arg(&path).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        path
    }

    fn run_in(&self, who: &str, directory: &Path, args: &[&str]) -> Ran {
        self.command(who).current_dir(directory).args(args).output().unwrap().into()
    }
}

#[test]
fn a_new_admin_comes_with_signatures_of_both_sides() {
    let place = founded();
    place.edit("pol/roster.toml", "[\"ada\", \"bea\", \"cyd\"]", "[\"ada\", \"bea\", \"dan\"] # cyd left");
    // Anyone may propose, also who is no admin.
    let made = place.propose("dan", &["--from", "pol"]).expect(0).json();
    assert_eq!((&made["version"], &made["changed"]), (&2.into(), &serde_json::json!(["roster.toml"])));
    let digest = made["digest"].as_str().unwrap();
    assert_eq!(digest.len(), 64);
    assert_eq!(made["next"][1], format!("expacti policy sign {digest}"));
    assert_eq!(place.branches(), ["main".to_owned(), format!("policy/000002-{digest}")]);
    assert_eq!(place.version("bea"), 1);

    // The new one proves that they hold the key; both sides have to agree.
    let by_dan = place.sign("dan", digest).expect(0).json();
    let needs = &by_dan["proposals"][0]["needs"];
    assert_eq!(needs[0]["signed"], serde_json::json!([]));
    assert_eq!(needs[0]["waiting"], serde_json::json!(["ada", "bea", "cyd"]));
    assert_eq!(needs[1]["signed"], serde_json::json!(["dan"]));
    // Two of the old admins, one of them still one: enough for the old side, and for the new.
    let by_cyd = place.sign("cyd", digest).expect(0).json();
    assert_eq!(by_cyd["version"], 1);
    holds(by_cyd["message"].as_str().unwrap(), "waits for 1 of ada, bea");
    let status = place.run("ada", &["policy", "status"]).expect(0).out;
    holds(&status, "admins of 1  1 of 2 needed have signed, not enough: cyd; not yet: ada, bea");
    holds(&status, "its own      1 of 2 needed have signed, not enough: dan; not yet: ada, bea");
    let by_ada = place.sign("ada", digest).expect(0).json();
    assert_eq!(by_ada["version"], 2);

    assert_eq!(place.branches(), ["main"]);
    assert_eq!(place.git(&["rev-list", "--count", "main"]), "2");
    assert_eq!(place.git(&["show", "main:roster.toml"]), place.read("pol/roster.toml").trim());
    assert_eq!(place.git(&["diff", "--name-only", "main~", "main", "--", "README.md", "config.toml"]), "");
    for who in ["ada", "bea", "cyd", "dan"] {
        assert_eq!(place.version(who), 2);
        place.run(who, &["verify", "--full"]).expect(0);
    }
    // Later, who is told what.
    holds(&place.run("bea", &["policy", "diff", digest]).expect(1).err, "version 2 is in force already");
    holds(&place.run("cyd", &["policy", "sign", digest, "--yes"]).expect(0).out, "nothing more to sign");
    place.edit("pol/config.toml", "min_approvals = 2", "min_approvals = 3");
    let next = place.proposed("bea");
    place.run("cyd", &["policy", "diff", &next]).expect(0);
    holds(
        &place.run("cyd", &["policy", "sign", &next, "--yes"]).expect(1).err,
        "`cyd` is no admin of version 2 or of this one",
    );
}

#[test]
fn nothing_lands_with_one_side_alone() {
    for (signers, missing) in [
        (["ada", "bea"].as_slice(), "eve and fay (its own admins)"),
        (&["eve", "fay"], "2 of ada, bea, cyd (admins of version 1)"),
        (&["ada", "eve", "fay"], "1 of bea, cyd (admins of version 1)"),
    ] {
        let place = founded();
        let mut more = String::new();
        let root = place.run("ada", &["doctor", "--root-fingerprint"]).expect(0).out;
        for who in ["eve", "fay"] {
            let key = place.identity(who);
            more +=
                &format!("[[principals]]\nid = \"{who}\"\nkind = \"person\"\nrole = \"admin\"\nkeys = [\"{key}\"]\n");
            place.run(who, &["join", "policy.git", "--root", root.trim()]).expect(0);
        }
        place.edit("pol/roster.toml", "[\"ada\", \"bea\", \"cyd\"]", "[\"eve\", \"fay\"]");
        place.write("pol/roster.toml", &(place.read("pol/roster.toml") + &more));
        let digest = place.proposed("ada");
        let last = signers.iter().fold(Value::Null, |_, who| place.sign(who, &digest).expect(0).json());
        assert_eq!(last["version"], 1, "{signers:?}");
        holds(last["message"].as_str().unwrap(), &format!("waits for {missing}"));
        assert_eq!(place.git(&["rev-list", "--count", "main"]), "1");
    }
}

#[test]
fn what_cannot_be_a_version_is_not_proposed() {
    let place = founded();
    holds(&place.propose("ada", &["--from", "pol"]).expect(1).err, "nothing changes: that is version 1");
    let (config, roster) = (place.read("pol/config.toml"), place.read("pol/roster.toml"));
    for (name, from, to, said) in [
        ("config.toml", "min_role =", "minrole =", "config.toml:5:1: error[unknown-key]"),
        ("config.toml", "min_approvals = 2", "min_approvals = 5", "config.toml:6:17: error[cannot-hold]"),
        (
            "roster.toml",
            "threshold = 2",
            "threshold = 4",
            "roster.toml:4:13: error[cannot-hold]: threshold 4 can never be met by 3 admins",
        ),
        ("roster.toml", "\"cyd\"]", "\"cydd\"]", "roster.toml:3:25: error[unknown-name]"),
    ] {
        place.edit(&format!("pol/{name}"), from, to);
        holds(&place.run("ada", &["policy", "propose", "--from", "pol"]).expect(1).err, said);
        place.write("pol/config.toml", &config);
        place.write("pol/roster.toml", &roster);
    }
    place.write("pol/täst.md", "x");
    holds(&place.propose("ada", &["--from", "pol"]).expect(1).err, "cannot be a file of a policy repository");
    fs::remove_file(place.path("pol/täst.md")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", place.path("pol/x")).unwrap();
    holds(&place.propose("ada", &["--from", "pol"]).expect(1).err, "`x` is no plain file");
    fs::remove_file(place.path("pol/x")).unwrap();
    place.write("pol/big", &"x".repeat((2 << 20) + 1));
    place.propose("ada", &["--from", "pol"]).expect(1);
    fs::remove_file(place.path("pol/big")).unwrap();
    for (path, said) in [
        ("config.toml", "cannot be removed"),
        ("README.txt", "is no file of version 1"),
        ("policy/000001/root.toml", "is no file of version 1"),
    ] {
        place.write("one/notes.md", "x");
        holds(&place.propose("ada", &["--from", "one", "--remove", path]).expect(1).err, said);
    }
    holds(&place.propose("ada", &["--from", "gone"]).expect(1).err, "is no directory");
    // Nowhere near a checkout.
    holds(&place.propose("ada", &[]).expect(1).err, "nothing to propose");
    assert_eq!(place.branches(), ["main"]);
}

#[test]
fn the_same_files_are_the_same_proposal_and_absent_ones_stay() {
    let place = founded();
    place.write("one/notes.md", "read me\n");
    let first = place.propose("ada", &["--from", "one", "--remove", ".gitlab-ci.yml"]).expect(0).json();
    assert_eq!(first["added"], serde_json::json!(["notes.md"]));
    assert_eq!(first["removed"], serde_json::json!([".gitlab-ci.yml"]));
    let branches = place.git(&["for-each-ref"]);
    let again = place.propose("dan", &["--from", "one", "--remove", ".gitlab-ci.yml"]).expect(0).json();
    assert_eq!((&again["digest"], &again["new"]), (&first["digest"], &Value::Bool(false)));
    assert_eq!(place.git(&["for-each-ref"]), branches);
    let digest = first["digest"].as_str().unwrap();
    // Junk on the branch stops nobody: proposing again lays the files on top, and what was signed stays signed.
    place.sign("ada", digest).expect(0);
    meddle(
        &place,
        &format!("policy/000002-{digest}"),
        &[("notes.md", "junk"), ("config.toml", "junk"), ("extra", "junk")],
    );
    place.propose("dan", &["--from", "one", "--remove", ".gitlab-ci.yml"]).expect(0);
    assert_eq!(place.sign("cyd", digest).expect(0).json()["version"], 2);
    let files = place.git(&["ls-tree", "-r", "--name-only", "main"]);
    assert!(files.contains("notes.md") && files.contains("README.md") && files.contains("config.toml"), "{files}");
    assert!(!files.contains(".gitlab-ci.yml") && !files.contains("extra"), "{files}");
    assert_eq!(place.git(&["show", "main:notes.md"]), "read me");
    place.run("bea", &["verify", "--full"]).expect(0);
}

#[test]
fn a_checkout_is_proposed_as_it_is_edited() {
    let place = founded();
    let tree = place.clone_to("tree");
    let config = place.read("tree/config.toml");
    place.write("tree/config.toml", &format!("# why: see the minutes\n{config}"));
    place.write("tree/scratch.txt", "not tracked, and nobody's business");
    fs::create_dir(tree.join("sub")).unwrap();
    fs::remove_file(tree.join("README.md")).unwrap();
    let made = place.run_in("ada", &tree.join("sub"), &["policy", "propose", "--json"]).expect(0).json();
    assert_eq!(made["changed"], serde_json::json!(["config.toml"]));
    assert_eq!(made["added"], serde_json::json!([]));
    holds(&made["notes"].to_string(), "README.md stays as it is; to remove it, propose with --remove README.md");
    let digest = made["digest"].as_str().unwrap();
    let branch = format!("policy/000002-{digest}");
    assert_eq!(place.git(&["show", &format!("{branch}:config.toml")]), place.read("tree/config.toml").trim());
    assert!(!place.git(&["ls-tree", "-r", "--name-only", &branch]).contains("scratch"));
    place.sign("ada", digest).expect(0);
    place.sign("bea", digest).expect(0);
    // The checkout is of version 1 still, and would take back what version 2 says.
    place.write("tree/config.toml", &config);
    let old = place.run_in("ada", &tree, &["policy", "propose"]).expect(1);
    holds(&old.err, "this checkout is older than version 2");
}

#[test]
fn of_two_proposals_one_lands_and_the_other_is_told() {
    let place = founded();
    place.edit("pol/config.toml", "min_approvals = 2", "min_approvals = 3");
    let first = place.proposed("ada");
    place.edit("pol/config.toml", "min_approvals = 3", "min_approvals = 1");
    let made = place.propose("bea", &["--from", "pol"]).expect(0).json();
    let second = made["digest"].as_str().unwrap();
    holds(&made["notes"].to_string(), "another version 2 is proposed too");
    place.sign("ada", &first).expect(0);
    place.sign("ada", second).expect(0);
    place.run("cyd", &["policy", "diff", second]).expect(0);
    assert_eq!(place.sign("bea", &first).expect(0).json()["version"], 2);

    let late = place.run("cyd", &["policy", "sign", second, "--yes"]).expect(1);
    holds(&late.err, "version 2 is stale: another version 2 came into force");
    holds(&late.err, &format!("its edits are kept on branch policy/000002-{second}"));
    holds(&late.err, "expacti policy propose");
    let status = place.run("cyd", &["policy", "status", "--json"]).expect(0).json();
    assert_eq!(status["proposals"], serde_json::json!([]));
    assert_eq!(status["stale"][0]["digest"], second);
    holds(&place.run("cyd", &["policy", "status"]).expect(0).out, "is stale: another version 2 came into force");
    // Made again on what is in force, it lands.
    let again = place.proposed("cyd");
    place.sign("cyd", &again).expect(0);
    assert_eq!(place.sign("ada", &again).expect(0).json()["version"], 3);
    // Versions that are too far ahead wait for nobody.
    place.git(&["update-ref", &format!("refs/heads/policy/000009-{second}"), &format!("policy/000002-{second}")]);
    let status = place.run("cyd", &["policy", "status", "--json"]).expect(0).json();
    holds(&status["stale"].to_string(), "version 3 is in force: the next is 4");
}

#[test]
fn signatures_of_the_same_moment_are_all_kept() {
    let place = Place::new();
    let digest = place.waiting(3);
    place.sign("bea", &digest).expect(0);
    place.sign("cyd", &digest).expect(0);
    place.edit("pol/config.toml", "min_approvals = 2", "min_approvals = 3");
    let digest = place.proposed("dan");
    for who in ["ada", "bea", "cyd"] {
        place.run(who, &["policy", "diff", &digest]).expect(0);
    }
    let sign = |who: &str| {
        let mut command = place.command(who);
        command.args(["policy", "sign", &digest, "--yes", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let children = ["ada", "bea", "cyd"].map(sign);
    for child in children {
        let ran: Ran = child.wait_with_output().unwrap().into();
        ran.expect(0);
    }
    assert_eq!(place.version("dan"), 2);
    let files = place.git(&["ls-tree", "--name-only", "main", "policy/000002/"]);
    for who in ["ada", "bea", "cyd"] {
        holds(&files, &format!("root.toml.{who}.sig"));
    }
    assert_eq!(place.git(&["rev-list", "--count", "main"]), "2");
    assert_eq!(place.branches(), ["main"]);
}

#[test]
fn an_admin_changes_key_in_two_steps_and_name_in_one() {
    let place = Place::new();
    let key = place.identity("ada");
    let new = place.identity("neo");
    let roster = |id: &str, keys: &[&str]| {
        format!(
            "[trust]\nadmins = [\"{id}\"]\nthreshold = 1\n[[principals]]\nid = \"{id}\"\nkind = \"person\"\nkeys = {keys:?}\n"
        )
    };
    place.write("pol/roster.toml", &roster("ada", &[&key]));
    place.write("pol/config.toml", "[[approval_policies]]\nname = \"all\"\npattern = \"*\"\nrequirement = \"deny\"\n");
    let made = place.run("ada", &["init", "--from", "pol", "policy.git", "--json"]).expect(0).json();
    place.run("neo", &["join", "policy.git", "--root", made["root"].as_str().unwrap()]).expect(0);

    place.write("pol/roster.toml", &roster("ada", &[&new]));
    let torn = place.run("ada", &["policy", "propose", "--from", "pol"]).expect(1);
    holds(&torn.err, "too few admins could sign it on both sides: ada would have new keys only");
    holds(&torn.err, "keep the old key beside the new one");
    place.write("pol/roster.toml", &roster("ada", &[&key, &new]));
    assert_eq!(place.sign("ada", &place.proposed("ada")).expect(0).json()["version"], 2);
    place.write("pol/roster.toml", &roster("ada", &[&new]));
    let digest = place.proposed("neo");
    place.run("ada", &["policy", "diff", &digest]).expect(0);
    holds(&place.run("ada", &["policy", "sign", &digest, "--yes"]).expect(0).out, "waits for ada (its own admins)");
    assert_eq!(place.sign("neo", &digest).expect(0).json()["version"], 3);

    place.write("pol/roster.toml", &roster("ada-neo", &[&new]));
    assert_eq!(place.sign("neo", &place.proposed("neo")).expect(0).json()["version"], 4);
    place.run("ada", &["verify", "--full"]).expect(0);
}
