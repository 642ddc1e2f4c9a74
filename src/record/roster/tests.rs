use proptest::prelude::*;

use super::*;

/// The public key line of the secret key made of 32 times this byte.
pub(crate) fn key_line(seed: u8) -> String {
    let point = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes();
    let key = ssh_key::public::KeyData::Ed25519(ssh_key::public::Ed25519PublicKey(point));
    ssh_key::PublicKey::new(key, "").to_openssh().unwrap().trim().to_owned()
}

pub(crate) fn person(id: &str, role: &str, team: &str, seed: u8) -> String {
    let key = key_line(seed);
    format!(
        "[[principals]]\nid = \"{id}\"\nkind = \"person\"\nrole = \"{role}\"\nteam = \"{team}\"\nkeys = [\"{key} {id}@laptop\"]\n"
    )
}

fn roster() -> String {
    [
        "roles = [\"developer\", \"dba\", \"admin\"]\n[trust]\nadmins = [\"alice\", \"bob\"]\nthreshold = 2\n"
            .to_owned(),
        person("bob", "admin", "platform", 1),
        person("alice", "dba", "data", 2),
        format!(
            "[[principals]]\nid = \"deploy-bot\"\nkind = \"agent\"\noperators = [\"bob\"]\nkeys = [\"{}\"]\n",
            key_line(3)
        ),
        "[groups]\ndba = [\"alice\", \"oncall\"]\noncall = [\"bob\"]\n".to_owned(),
    ]
    .concat()
}

#[test]
fn a_roster_is_read() {
    let roster = parse("roster.toml", roster().as_bytes()).unwrap();
    let alice: Name = "alice".parse().unwrap();
    assert_eq!(roster.get(&alice).unwrap().keys[0].comment(), "alice@laptop");
    assert_eq!(roster.group(&"dba".parse().unwrap()).unwrap().len(), 2);
    assert_eq!((roster.threshold(), roster.admins().len(), roster.roles().len()), (2, 2, 3));
    assert!(roster.holds(&alice, "developer") && !roster.holds(&alice, "admin"));
}

#[test]
fn signers_are_generated() {
    let roster = parse("roster.toml", roster().as_bytes()).unwrap();
    let expected = format!(
        "alice namespaces=\"{PERSON}\" {}\nbob namespaces=\"{PERSON}\" {}\ndeploy-bot namespaces=\"{MACHINE}\" {}\n",
        key_line(2),
        key_line(1),
        key_line(3),
    );
    assert_eq!(String::from_utf8(allowed_signers(&roster)).unwrap(), expected);
}

/// After `from` became `to`: the first line of each diagnostic, without the file.
fn faults(from: &str, to: &str) -> Vec<String> {
    let text = roster();
    assert!(text.contains(from), "{from}");
    let diagnostics = parse("roster.toml", text.replacen(from, to, 1).as_bytes()).unwrap_err();
    let first = |diagnostic: &Diagnostic| diagnostic.to_string().lines().next().unwrap_or_default().to_owned();
    diagnostics.iter().map(|diagnostic| first(diagnostic).replacen("roster.toml:", "", 1)).collect()
}

#[test]
fn faults_have_places() {
    let bob = key_line(1);
    let alice = key_line(2);
    for (from, to, expected) in [
        (
            "[trust]",
            "[thrust]",
            [
                "1:1: error[missing-key]: the file has no `trust`",
                "2:2: error[unknown-key]: unknown key `thrust` in the file",
            ]
            .as_slice(),
        ),
        (
            "threshold = 2",
            "threshold = 0",
            &["4:13: error[bad-value]: `threshold` is at least 1, and a number of people"],
        ),
        ("threshold = 2", "threshold = 3", &["4:13: error[cannot-hold]: threshold 3 can never be met by 2 admins"]),
        ("threshold = 2", "threshold = \"2\"", &["4:13: error[wrong-type]: `threshold` takes a number, not string"]),
        ("threshold = 2", "threshold = 2.0", &["4:13: error[wrong-type]: `threshold` takes a number, not float"]),
        ("\"alice\", \"bob\"", "\"alice\", \"bobb\"", &["3:20: error[unknown-name]: unknown principal `bobb`"]),
        (
            "\"alice\", \"bob\"",
            "\"alice\", \"deploy-bot\"",
            &["3:20: error[cannot-hold]: admin `deploy-bot` is of kind `agent`"],
        ),
        (
            "id = \"bob\"",
            "id = \"Bob\"",
            &[
                "6:6: error[bad-value]: `Bob` is not a name: expected 1 to 63 of `a-z`, `0-9`, `_`, `-`, the first a letter or digit",
            ],
        ),
        (
            "id = \"bob\"",
            "id = \"alice\"",
            &[
                "3:20: error[unknown-name]: unknown principal `bob`",
                "12:6: error[cannot-hold]: principal `alice` is defined twice",
                "20:14: error[unknown-name]: unknown principal `bob`",
                "24:11: error[unknown-name]: unknown member `bob`",
            ],
        ),
        ("kind = \"agent\"", "kind = \"agnet\"", &["19:8: error[bad-value]: unknown kind `agnet`"]),
        (
            "kind = \"agent\"",
            "kind = \"agent\"\nrole = \"dba\"",
            &["20:8: error[cannot-hold]: agent `deploy-bot` holds the role `dba`"],
        ),
        ("role = \"admin\"", "role = \"amdin\"", &["8:8: error[unknown-name]: unknown role `amdin`"]),
        (
            "role = \"admin\"",
            "rolle = \"admin\"",
            &["8:1: error[unknown-key]: unknown key `rolle` in `[[principals]]`"],
        ),
        ("[\"bob\"]\nkeys", "[\"bobby\"]\nkeys", &["20:14: error[unknown-name]: unknown principal `bobby`"]),
        (&bob, &alice, &["16:9: error[cannot-hold]: key"]),
        (&bob, "ssh-rsa AAAA", &["10:9: error[bad-key]: "]),
        (
            "oncall = [\"bob\"]",
            "oncall = [\"dba\"]",
            &[
                "23:7: error[cannot-hold]: group `dba` contains itself",
                "24:10: error[cannot-hold]: group `oncall` contains itself",
            ],
        ),
        ("oncall = [\"bob\"]", "OnCall = [\"bob\"]", &["24:10: error[bad-value]: `OnCall` is not a name"]),
        (
            "dba = [",
            "alice = [",
            &[
                "23:9: error[cannot-hold]: `alice` names a group and a principal",
                "23:9: error[cannot-hold]: group `alice` contains itself",
            ],
        ),
        ("[groups]", "[groups", &["22:8: error[syntax]: "]),
        ("[groups]", "[trust]", &["22:2: error[syntax]: duplicate key"]),
        (
            "[groups]",
            "[[revocations]]\nkey = \"x\"\ncompromised_since = \"12\"\nby = \"bob\"\n[groups]",
            &[
                "23:7: error[bad-key]: not an openssh public key line",
                "24:21: error[bad-value]: ",
                "25:1: error[unknown-key]: unknown key `by` in `[[revocations]]`",
            ],
        ),
        (
            "[groups]",
            "[[revocations]]\n[groups]",
            &["22:1: error[missing-key]: `[[revocations]]` has no `key`", "22:1: error[missing-key]: "],
        ),
        ("[groups]", &revoked(&key_line(1), 1), &["10:9: error[cannot-hold]: key SHA256:"]),
        ("[groups]", &revoked(&key_line(9), 2), &["26:7: error[cannot-hold]: key SHA256:"]),
        ("laptop", "lap\u{200b}top", &["10:98: error[hidden-character]: hidden character `\\u200B`"]),
    ] {
        let found = faults(from, to);
        let matches = found.len() == expected.len()
            && found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected));
        assert!(matches, "{to}: {found:#?}, expected {expected:#?}");
    }
}

/// So many revocations of one key.
fn revoked(key: &str, times: usize) -> String {
    let one = format!("[[revocations]]\nkey = \"{key} gone\"\ncompromised_since = \"{}\"\n", "ab".repeat(20));
    one.repeat(times) + "[groups]"
}

#[test]
fn revoked_keys_are_read_and_generate_nothing() {
    let text = roster();
    let plain = parse("roster.toml", text.as_bytes()).unwrap();
    assert_eq!(plain.revocations(), []);
    let roster = parse("roster.toml", text.replace("[groups]", &revoked(&key_line(9), 1)).as_bytes()).unwrap();
    let [revocation] = roster.revocations() else { panic!("{roster:?}") };
    assert_eq!((revocation.key.line(), revocation.since.to_string()), (key_line(9), "ab".repeat(20)));
    assert_eq!(revocation.reason, None);
    assert_eq!(allowed_signers(&roster), allowed_signers(&plain));
}

#[test]
fn every_fault_is_reported() {
    let text = roster().replace("kind = \"person\"", "kind = \"man\"").replace("threshold = 2", "threshold = true");
    assert_eq!(parse("roster.toml", text.as_bytes()).unwrap_err().len(), 3);
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read(bytes: Vec<u8>, at: prop::sample::Index, byte: u8) {
        let _ = parse("roster.toml", &bytes);
        let mut changed = roster().into_bytes();
        let at = at.index(changed.len());
        changed[at] = byte;
        if let Err(diagnostics) = parse("roster.toml", &changed) {
            prop_assert!(diagnostics.iter().all(|diagnostic| !diagnostic.to_string().is_empty()));
        }
    }
}
