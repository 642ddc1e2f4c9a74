//! An auditor with a clone, `git` and `ssh-keygen`, and nothing of ours.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::{Town, cast};

struct Auditor<'a>(&'a Town);

impl Auditor<'_> {
    fn write(&self, name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.0.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn accepts(&self, who: &str, namespace: &str, signature: &[u8], message: &[u8]) -> bool {
        let signers = self.write("allowed_signers", &self.0.git_bytes(&["show", "main:policy/000001/allowed_signers"]));
        let signature = self.write("signature", signature);
        let message = self.write("message", message);
        let verdict = Command::new("ssh-keygen")
            .args(["-Y", "verify", "-I", who, "-n", namespace, "-f"])
            .arg(signers)
            .arg("-s")
            .arg(signature)
            .stdin(fs::File::open(message).unwrap())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        verdict.success()
    }
}

/// Who signed a record, by what it says, and in which namespace.
fn signer(path: &str, text: &str) -> (String, String) {
    let name = path.rsplit('/').next().unwrap();
    let record: toml::Table = text.parse().unwrap();
    let says = |key: &str| record[key].as_str().unwrap().to_owned();
    let (who, kind) = match name {
        "request.toml" => (says("requester"), "request"),
        "claim.toml" => (says("runner"), "claim"),
        "outcome.toml" => (says("author"), "outcome"),
        _ => (name.split_once('.').unwrap().0.to_owned(), "decision"),
    };
    (who, format!("{kind}.v1@expacti"))
}

#[test]
fn stock_ssh_keygen_accepts_every_record_that_landed() {
    let policy = "[[approval_policies]]\nname = \"job\"\npattern = \"job\"\nrequirement = \"all_of\"\nreviewers = [\"alice\", \"bob\"]\n";
    let town = Town::found(policy, &cast().people(&["alice", "bob"]).agent("bot"));
    town.marking_program("job");
    let ran = town.ask("bot", &["job"]);
    town.approve("alice", &ran).expect(0);
    town.approve("bob", &ran).expect(0);
    town.resume("bot", &ran).expect(0);
    let denied = town.ask("bot", &["job"]);
    town.deny("bob", &denied).expect(0);
    let withdrawn = town.ask("bot", &["job"]);
    town.run("bot", &["cancel", &withdrawn]).expect(0);
    let expired = town.ask("bot", &["job"]);
    town.pass(3_600);
    town.resume("bot", &expired).expect(124);
    town.run("bot", &["run", "--", "true"]).expect(120);

    let auditor = Auditor(&town);
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for path in town.files("main", "requests").iter().filter(|path| path.ends_with(".toml")) {
        let record = town.git_bytes(&["show", &format!("main:{path}")]);
        let signature = town.git_bytes(&["show", &format!("main:{path}.sig")]);
        let (who, namespace) = signer(path, std::str::from_utf8(&record).unwrap());
        assert!(auditor.accepts(&who, &namespace, &signature, &record), "{path}");
        let mut altered = record.clone();
        altered.push(b'\n');
        assert!(!auditor.accepts(&who, &namespace, &signature, &altered), "{path} with a byte more");
        let other = if who == "alice" { "bob" } else { "alice" };
        assert!(!auditor.accepts(other, &namespace, &signature, &record), "{path} as {other}");
        assert!(!auditor.accepts(&who, "other.v1@expacti", &signature, &record), "{path} as another kind");
        *seen.entry(namespace).or_default() += 1;
    }
    let expected =
        [("claim.v1@expacti", 1), ("decision.v1@expacti", 3), ("outcome.v1@expacti", 4), ("request.v1@expacti", 5)];
    assert!(seen.iter().map(|(kind, count)| (kind.as_str(), *count)).eq(expected), "{seen:?}");

    let root = town.git_bytes(&["show", "main:policy/000001/root.toml"]);
    let signature = town.git_bytes(&["show", "main:policy/000001/root.toml.ada.sig"]);
    assert!(auditor.accepts("ada", "root.v1@expacti", &signature, &root));
    assert!(town.git(&["fsck", "--strict", "--no-dangling"]).is_empty());
}
