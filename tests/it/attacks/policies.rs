//! Policy versions that enough admins signed and that are faulty all the same, and keys that were taken away.

use expacti::domain::decision::Verdict;
use expacti::domain::id::Digest;
use expacti::domain::outcome::Ending;
use expacti::domain::root::Root;
use expacti::gate::finding::Code;
use expacti::record::Record as _;

use super::fixture::{Ground, Open, Version, config_for, key, roster, signed};
use super::steps::landed;
use super::{Found, Row, SIDE, check, ground};

/// A public key line whose point is neutral: anyone can sign for it.
const WEAK: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A second version of these two files and root, signed by all admins, whatever it says.
fn signed_by_all(ground: &mut Ground, edit: fn(&mut String, &mut String, &mut Root)) -> Open {
    let open = ground.half_approved(SIDE);
    let honest = Version { signers: vec!["alice", "bob", "carol"], ..Version::second(ground.root) };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (mut config, mut roster, mut root) = (text(&honest.config), text(&honest.roster), honest.root());
    edit(&mut config, &mut roster, &mut root);
    root.files.insert("config.toml".to_owned(), Digest::of(config.as_bytes()));
    root.files.insert("roster.toml".to_owned(), Digest::of(roster.as_bytes()));
    let bytes = root.render();
    let mut files = honest.files();
    for (path, content) in &mut files {
        match path.rsplit('/').next().unwrap() {
            "config.toml" => *content = config.clone().into_bytes(),
            "roster.toml" => *content = roster.clone().into_bytes(),
            "root.toml" => *content = bytes.clone(),
            name => {
                if let Some(who) = name.strip_prefix("root.toml.").and_then(|name| name.strip_suffix(".sig")) {
                    *content = key(who).sign(Root::NAMESPACE, &bytes);
                }
            }
        }
    }
    let commit = ground.on(ground.main, &files);
    ground.push(commit);
    open
}

/// A roster without one of its principals.
fn without(roster: &[u8], who: &str) -> Vec<u8> {
    let text = std::str::from_utf8(roster).unwrap();
    let mut parts = text.split("[[principals]]\n");
    let head = parts.next().unwrap().to_owned();
    let kept = parts.filter(|part| !part.starts_with(&format!("id = {who:?}\n")));
    kept.fold(head, |text, part| text + "[[principals]]\n" + part).into_bytes()
}

/// A roster in which `who` has another key.
fn rekeyed(roster: &[u8], who: &str, new: &str) -> Vec<u8> {
    let text = std::str::from_utf8(roster).unwrap();
    let (old, new) = (key(who).public().line(), key(new).public().line());
    assert!(text.contains(&old));
    text.replace(&old, &new).into_bytes()
}

/// The second version in force: with this roster, and with the policy of the first.
fn revoked(ground: &mut Ground, edit: impl Fn(&[u8]) -> Vec<u8>) {
    let first = Version::genesis();
    let signers = vec!["alice", "carol"];
    ground.policy(&Version {
        roster: edit(&first.roster),
        config: first.config,
        signers,
        ..Version::second(ground.root)
    });
}

#[test]
fn faulty_versions_that_everybody_signed() {
    let invalid = Found::Main(Code::PolicyInvalid);
    let rows: &[Row] = &[
        // record::read_policy() in trust/root.rs read(): domain/principal.rs, domain/policy.rs.
        (
            "an agent as a reviewer",
            |g| signed_by_all(g, |config, _, _| *config = config.replace("\"carol\"", "\"carol\", \"bot\"")),
            invalid,
        ),
        (
            "an agent in a reviewing group",
            |g| {
                signed_by_all(g, |config, roster, _| {
                    *config = config.replace("\"carol\"", "\"crowd\"");
                    *roster += "[groups]\ncrowd = [\"carol\", \"bot\"]\n";
                })
            },
            invalid,
        ),
        (
            "an agent with a role",
            |g| {
                signed_by_all(g, |_, roster, _| {
                    *roster = roster.replace("kind = \"agent\"\n", "kind = \"agent\"\nrole = \"dev\"\n")
                })
            },
            invalid,
        ),
        (
            "an agent as an admin",
            |g| {
                signed_by_all(g, |_, roster, root| {
                    *roster = roster.replace("\"carol\"]", "\"bot\"]");
                    root.admins = ["alice", "bob", "bot"].map(super::fixture::name).to_vec();
                })
            },
            invalid,
        ),
        (
            "one key of two people",
            |g| {
                signed_by_all(g, |_, roster, _| {
                    *roster =
                        roster.replace(&key("carol").public().line(), &format!("{} other", key("bob").public().line()));
                })
            },
            invalid,
        ),
        (
            "a weak key",
            |g| signed_by_all(g, |_, roster, _| *roster = roster.replace(&key("carol").public().line(), WEAK)),
            invalid,
        ),
        (
            "a revoked key",
            |g| {
                signed_by_all(g, |_, roster, _| {
                    let line = key("mal").public().line();
                    *roster +=
                        &format!("[[revocations]]\nkey = {line:?}\ncompromised_since = \"{}\"\n", "ab".repeat(20));
                })
            },
            invalid,
        ),
        (
            "a path as a name",
            |g| signed_by_all(g, |_, roster, _| *roster = roster.replace("id = \"mal\"", "id = \"../mal\"")),
            invalid,
        ),
        (
            "more approvals than reviewers",
            |g| signed_by_all(g, |config, _, _| *config = config.replace("min_approvals = 1", "min_approvals = 9")),
            invalid,
        ),
        // trust/root.rs read(): the two say the same.
        (
            "a root with a lower threshold than its roster",
            |g| signed_by_all(g, |_, _, root| root.threshold = 1),
            invalid,
        ),
        (
            "a root with fewer admins than its roster",
            |g| {
                signed_by_all(g, |_, _, root| {
                    root.admins.pop();
                })
            },
            invalid,
        ),
        // record/root.rs.
        ("a threshold of nobody", |g| signed_by_all(g, |_, _, root| root.threshold = 0), invalid),
        (
            "a version four billion ahead",
            |g| signed_by_all(g, |_, _, root| root.version = u32::MAX),
            Found::Main(Code::PolicyOrder),
        ),
    ];
    check(rows);
}

#[test]
fn one_admin_is_one_however_many_keys() {
    let rows: &[Row] = &[(
        // trust/root.rs signers(): by the key of the admin whom the path names.
        "two keys of one admin",
        |g| {
            let two = |roster: &[u8]| {
                let text = String::from_utf8(roster.to_vec()).unwrap();
                let line = format!("{:?}", key("alice").public().line());
                text.replace(&line, &format!("{line}, {:?}", key("alice-too").public().line())).into_bytes()
            };
            revoked(g, two);
            let open = g.half_approved(SIDE);
            let second = Version::genesis();
            let third = Version { number: 3, roster: two(&second.roster), signers: vec![], ..Version::second(g.root) };
            let root = third.root().render();
            let mut files = third.files();
            for (name, signer) in [("alice", "alice"), ("bob", "alice-too")] {
                files.push((format!("policy/000003/root.toml.{name}.sig"), key(signer).sign(Root::NAMESPACE, &root)));
            }
            let commit = g.on(g.main, &files);
            g.push(commit);
            open
        },
        Found::Main(Code::PolicyUnsigned),
    )];
    check(rows);
}

#[test]
fn nothing_older_is_touched() {
    let beside = |g: &mut Ground, path: &str, content: Option<&[u8]>| {
        let open = g.half_approved(SIDE);
        let mut tree = g.with(Some(&g.tree(&g.main)), &Version::second(g.root).files());
        match content {
            Some(content) => tree = g.with(Some(&tree), &[(path.to_owned(), content.to_vec())]),
            None => {
                let (directory, name) = path.rsplit_once('/').unwrap();
                let directory: Vec<&str> = directory.split('/').collect();
                tree = g.edited(&tree, &directory, &|entries| entries.retain(|(_, own, _)| own != name));
            }
        }
        let commit = g.of_tree(&[g.main], &tree);
        g.push(commit);
        open
    };
    // gate/audit/policy_step.rs judge(): additions in the new directory alone.
    type Touch = (&'static str, &'static str, Option<&'static [u8]>);
    let rows: [Touch; 4] = [
        ("a further signature of the first", "policy/000001/root.toml.carol.sig", Some(b"x")),
        ("a signature of the first removed", "policy/000001/root.toml.bob.sig", None),
        ("the first removed", "policy/000001", None),
        ("a signature of the first changed", "policy/000001/root.toml.bob.sig", Some(b"x")),
    ];
    for (attack, path, content) in rows {
        let mut ground = ground();
        beside(&mut ground, path, content);
        let (status, report) = ground.verify("auditor", &["--full"]);
        assert_eq!(status, 1, "{attack}: {report:#}");
        assert!(super::names(&report["findings"], Code::StepIllegal), "{attack}: {report:#}");
        assert_eq!(ground.run("bot", &["run", "--no-wait", "--", "touch", SIDE]).0, 125, "{attack}");
    }
}

#[test]
fn late_records_of_keys_that_were_taken_away() {
    let unknown = Found::Main(Code::KeyUnknown);
    let rows: &[Row] = &[
        // gate/dossier.rs: decisions by the roster under which the claim lands, whenever they were signed.
        (
            "approval by a key that was replaced",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                revoked(g, |roster| rekeyed(roster, "bob", "bob-new"));
                let claim = g.claim(&open, "bot");
                landed(g, &mut open, &signed("claim.toml", &claim, "bot"));
                open
            },
            unknown,
        ),
        (
            "denial by a key that was replaced",
            |g| {
                let mut open = g.half_approved(SIDE);
                revoked(g, |roster| rekeyed(roster, "bob", "bob-new"));
                g.decide(&mut open, "bob", Verdict::Deny);
                g.land(&open);
                open
            },
            unknown,
        ),
        // gate/evaluate.rs unclaimable(): the requester still stands.
        (
            "claim by a requester who was removed",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                revoked(g, |roster| without(roster, "bot"));
                let claim = g.claim(&open, "bot");
                landed(g, &mut open, &signed("claim.toml", &claim, "bot"));
                open
            },
            unknown,
        ),
        (
            "withdrawal by a requester who was removed",
            |g| {
                let mut open = g.half_approved(SIDE);
                revoked(g, |roster| without(roster, "bot"));
                let outcome = g.outcome(&open, "bot", Ending::Withdrawn { reason: String::new() });
                landed(g, &mut open, &signed("outcome.toml", &outcome, "bot"));
                open
            },
            unknown,
        ),
        // gate/dossier.rs open_by(): the key of the claim alone, not another one of its owner's.
        (
            "outcome by a new key of who claimed",
            |g| {
                let mut open = g.claimed("claimed");
                revoked(g, |roster| rekeyed(roster, "bot", "bot-new"));
                let outcome = g.outcome(&open, "bot", Ground::executed());
                landed(g, &mut open, &signed("outcome.toml", &outcome, "bot-new"));
                open
            },
            Found::Main(Code::EndingUnauthorized),
        ),
    ];
    check(rows);
}

#[test]
fn what_was_executed_stays_valid_and_its_outcome_may_come_late() {
    let mut ground = ground();
    let executed = ground.finished("executed");
    let mut open = ground.claimed("claimed");
    // Everybody of the first version is gone, with all their keys, but who had to sign that.
    revoked(&mut ground, |roster| rekeyed(&without(roster, "bot"), "bob", "bob-new"));
    let outcome = ground.outcome(&open, "bot", Ground::executed());
    landed(&mut ground, &mut open, &signed("outcome.toml", &outcome, "bot"));
    let people = ["dora", "erin", "fred"];
    let version = Version {
        number: 3,
        roster: roster(&people, 1),
        config: config_for(&people),
        signers: vec!["alice", "carol", "dora"],
        ..Version::second(ground.root)
    };
    ground.policy(&version);
    let id = executed.id.to_string();
    for arguments in [["--full"].as_slice(), &[], &["--request", &id], &["--full", "--request", &id]] {
        let (status, report) = ground.verify("auditor", arguments);
        assert_eq!((status, &report["version"]), (0, &serde_json::json!(3)), "{report:#}");
    }
    let (status, report) = ground.verify("auditor", &["--request", &open.id.to_string()]);
    assert_eq!((status, &report["request"]["state"]), (0, &"executed".into()), "{report:#}");
}

fn policy_tree(ground: &Ground) -> expacti::domain::id::ObjectId {
    let top = ground.entries(&ground.tree(&ground.main));
    top.into_iter().find(|(_, name, _)| name == "policy").unwrap().2
}

#[test]
fn more_versions_than_are_judged_at_once_are_judged_in_turns() {
    const VERSIONS: u32 = 1_027;
    let mut ground = Ground::new();
    let second =
        Version { roster: roster(&["alice"], 1), config: config_for(&["alice"]), ..Version::second(ground.root) };
    let config = String::from_utf8(second.config).unwrap().replace("min_approvals = 2", "min_approvals = 1");
    let second = Version { config: config.into_bytes(), ..second };
    ground.policy(&second);
    // The same policy again and again, each version on top of the one before; their trees are made in one go.
    let mut root = second.root();
    let content = second.files();
    let blob = |bytes: &[u8]| ground.objects.write_blob(bytes).unwrap();
    let of = |name: &str| blob(&content.iter().find(|(path, _)| path.ends_with(name)).unwrap().1);
    let [config, people, allowed] = ["000002/config.toml", "000002/roster.toml", "allowed_signers"].map(of);
    let mut below = ground.entries(&policy_tree(&ground));
    for number in 3..=VERSIONS {
        root.version = number;
        root.origin = expacti::domain::root::Origin::Previous(ground.root);
        let bytes = root.render();
        let signature = key("alice").sign(Root::NAMESPACE, &bytes);
        let directory = ground.raw_tree(&[
            (0o100_644, "allowed_signers", allowed),
            (0o100_644, "config.toml", config),
            (0o100_644, "root.toml", blob(&bytes)),
            (0o100_644, "root.toml.alice.sig", blob(&signature)),
            (0o100_644, "roster.toml", people),
        ]);
        below.push((0o040_000, format!("{number:06}"), directory));
        let entries: Vec<_> = below.iter().map(|(mode, name, id)| (*mode, name.as_str(), *id)).collect();
        let policy = ground.raw_tree(&entries);
        let tree = ground.objects.replace_top(&ground.tree(&ground.main), "policy", Some(&policy)).unwrap();
        ground.root = Digest::of(&bytes);
        ground.main = ground.of_tree(&[ground.main], &tree);
    }
    ground.set(super::fixture::MAIN, ground.main);
    let (status, said) = ground.run("bot", &["run", "--no-wait", "--", "touch", SIDE]);
    assert_eq!(status, 125, "{said}");
    assert!(said.contains("more than 1024 new policy versions at once") && said.contains("run it again"), "{said}");
    assert!(!ground.ran(SIDE));
    // What was verified is known, and the rest is judged on top of it.
    let (status, report) = ground.verify("bot", &[]);
    assert_eq!((status, &report["version"]), (0, &serde_json::json!(VERSIONS)), "{report:#}");
}
