//! The proof without us: every record of a history verifies with `git` and `ssh-keygen`, and `contrib/verify.sh` says of
//! one request whether its quorum stood. It must say no where somebody forged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use expacti::domain::decision::Verdict;
use expacti::domain::id::Digest;
use expacti::domain::outcome::Ending;
use expacti::domain::time::Lifetime;

use crate::attacks::SIDE;
use crate::attacks::fixture::{Ground, Version, config_for, now, roster, signed};
use crate::hostile::attacks;
use crate::support::{Ran, Town, cast, tool};

/// Two policy versions and every way a request ends, by hand and by the verbs; the ids of those that ran.
fn history(ground: &mut Ground) -> Vec<String> {
    let mut ran = vec![id_of(&ground.finished("first"))];
    let mut denied = ground.half_approved("denied");
    ground.decide(&mut denied, "carol", Verdict::Deny);
    ground.land(&denied);
    for (who, ending) in [
        ("bot", Ending::Withdrawn { reason: "a mistake".to_owned() }),
        ("bot", Ending::Refused { reason: "no policy".to_owned() }),
    ] {
        end(ground, "ended", who, ending, Lifetime::minutes(0));
    }
    end(ground, "late", "alice", Ending::Expired, Lifetime::minutes(31));
    for (who, ending) in [
        ("bot", Ending::NotRun { reason: "it had changed".to_owned() }),
        ("alice", Ending::Unknown { reason: "the power went".to_owned() }),
    ] {
        let mut open = ground.claimed("claimed");
        let outcome = ground.outcome(&open, who, ending);
        ground.append(&mut open, &signed("outcome.toml", &outcome, who));
        ground.land(&open);
        ran.push(id_of(&open));
    }
    // bob leaves while one of his approvals waits and another one has been claimed.
    let mut claimed = ground.claimed("across");
    ground.policy(&Version {
        config: config_for(&["alice", "carol"]),
        roster: roster(&["alice", "carol"], 2),
        signers: vec!["alice", "carol"],
        ..Version::second(ground.root)
    });
    let outcome = ground.outcome(&claimed, "bot", Ground::executed());
    ground.append(&mut claimed, &signed("outcome.toml", &outcome, "bot"));
    ground.land(&claimed);
    ran.push(id_of(&claimed));
    // The verbs themselves.
    let mut open = ground.half_approved(SIDE);
    ground.approve(&mut open, "carol");
    assert_eq!(ground.run("bot", &["resume", "--no-wait", &id_of(&open)]).0, 0);
    ran.push(id_of(&open));
    assert_eq!(ground.verify("auditor", &["--full"]).0, 0);
    ran
}

fn id_of(open: &crate::attacks::fixture::Open) -> String {
    open.id.to_string()
}

fn end(ground: &mut Ground, file: &str, who: &str, ending: Ending, later: Lifetime) {
    let mut open = ground.half_approved(file);
    let mut outcome = ground.outcome(&open, who, ending);
    outcome.recorded = now().plus(later);
    ground.append(&mut open, &signed("outcome.toml", &outcome, who));
    ground.land(&open);
}

fn git(repository: &Path, arguments: &[&str]) -> String {
    String::from_utf8(tool(Command::new("git").arg("--git-dir").arg(repository).args(arguments))).unwrap()
}

/// `key = "value"` of a record, as a stranger reads it.
fn value(record: &str, key: &str) -> String {
    let line = record.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
    line.unwrap_or_else(|| panic!("no {key} in {record}")).trim_matches('"').to_owned()
}

#[test]
fn every_record_verifies_with_git_and_ssh_keygen_alone() {
    let mut ground = Ground::new();
    history(&mut ground);
    let scratch = ground.home.path().join("auditor-alone");
    fs::create_dir(&scratch).unwrap();
    let remote = &ground.remote;
    let blob = |commit: &str, path: &str| git(remote, &["cat-file", "blob", &format!("{commit}:{path}")]);
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    let mut check = |signers: &str, who: &str, kind: &str, record: &str, signature: &str| {
        for (name, text) in [("signers", signers), ("record", record), ("signature", signature)] {
            fs::write(scratch.join(name), text).unwrap();
        }
        let mut keygen = Command::new("ssh-keygen");
        keygen.current_dir(&scratch).args(["-Y", "verify", "-f", "signers", "-s", "signature", "-I", who]);
        keygen.args(["-n", &format!("{kind}.v1@expacti")]).stdin(fs::File::open(scratch.join("record")).unwrap());
        let said = Ran::from(keygen.output().unwrap());
        assert_eq!(said.status, 0, "{who}: {record}{}", said.err);
        *counted.entry(kind.to_owned()).or_default() += 1;
    };
    // Policies: each by the admins of its predecessor and by its own.
    let versions: Vec<String> =
        git(remote, &["ls-tree", "--name-only", "main", "policy/"]).lines().map(str::to_owned).collect();
    assert_eq!(versions, ["policy/000001", "policy/000002"]);
    for (at, version) in versions.iter().enumerate() {
        let root = blob("main", &format!("{version}/root.toml"));
        for judge in BTreeSet::from([at.saturating_sub(1), at]) {
            let signers = blob("main", &format!("{}/allowed_signers", versions[judge]));
            let admins = value(&blob("main", &format!("{}/root.toml", versions[judge])), "admins");
            let admins: BTreeSet<&str> =
                admins.trim_matches(['[', ']']).split(", ").map(|name| name.trim_matches('"')).collect();
            let signed: Vec<&&str> = admins
                .iter()
                .filter(|admin| {
                    let path = format!("{version}/root.toml.{admin}.sig");
                    !git(remote, &["ls-tree", "main", &path]).is_empty()
                })
                .collect();
            assert!(signed.len() >= 2);
            for admin in signed {
                check(&signers, admin, "root", &root, &blob("main", &format!("{version}/root.toml.{admin}.sig")));
            }
        }
    }
    // Records: each step under the policy of its first parent, an outcome under that of its claim.
    let mut claims: BTreeMap<String, String> = BTreeMap::new();
    for step in git(remote, &["rev-list", "--first-parent", "--reverse", "--min-parents=2", "main"]).lines() {
        let first = git(remote, &["rev-parse", &format!("{step}^1")]).trim().to_owned();
        let added = git(remote, &["diff-tree", "-r", "--name-only", "--diff-filter=A", &first, step]);
        let policy = git(remote, &["ls-tree", "--name-only", &first, "policy/"]).lines().last().unwrap().to_owned();
        let signers = blob(&first, &format!("{policy}/allowed_signers"));
        for path in added.lines().filter(|path| path.ends_with(".toml")) {
            let record = blob(step, path);
            let (directory, name) = path.split_at(path.find("/decisions/").unwrap_or(path.rfind('/').unwrap()));
            let (kind, author) = match name {
                "/request.toml" => ("request", "requester"),
                "/claim.toml" => ("claim", "runner"),
                "/outcome.toml" => ("outcome", "author"),
                _ => ("decision", "reviewer"),
            };
            if kind == "claim" {
                claims.insert(directory.to_owned(), signers.clone());
            }
            let signers = if kind == "outcome" { claims.get(directory).unwrap_or(&signers) } else { &signers };
            check(signers, &value(&record, author), kind, &record, &blob(step, &format!("{path}.sig")));
        }
    }
    let kinds: Vec<(&str, usize)> = counted.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    assert_eq!(kinds, [("claim", 5), ("decision", 15), ("outcome", 8), ("request", 9), ("root", 6)]);
}

/// `contrib/verify.sh` in a clone that knows nothing but the pin.
fn script(ground: &Ground, arguments: &[&str]) -> Ran {
    let mut shell = Command::new("sh");
    shell.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/verify.sh")).args(arguments);
    Ran::from(shell.current_dir(&ground.remote).env_remove("SSH_AUTH_SOCK").output().unwrap())
}

#[test]
fn the_script_says_yes_to_what_ran_and_no_to_all_else() {
    let mut ground = Ground::new();
    let ran = history(&mut ground);
    let pin = ground.repo.fingerprint();
    for id in &ran {
        script(&ground, &[&pin, id, "touching"]).expect(0).says("the signatures hold");
    }
    script(&ground, &[&pin, &ran[0]]).expect(125).says("touch *");
    script(&ground, &[&pin, &ran[0], "another"]).expect(125);
    script(&ground, &[&Digest::of(b"x").fingerprint(), &ran[0], "touching"]).expect(1).says("another root");
    script(&ground, &[&pin]).expect(2).says("POLICY");
    let landed =
        git(&ground.remote, &["log", "--first-parent", "-m", "--name-only", "--format=", "main", "--", "requests"]);
    let all: BTreeSet<&str> = landed.lines().filter_map(|path| path.split('/').nth(4)).collect();
    let others: Vec<&&str> = all.iter().filter(|id| !ran.iter().any(|ran| ran == **id)).collect();
    assert_eq!(others.len(), 4);
    for id in others {
        script(&ground, &[&pin, id, "touching"]).expect(1).says("no claim");
    }
}

/// Every claim that an attack lands: the script needs no more than the signatures to see what is wrong.
#[test]
fn the_script_says_no_to_forged_claims() {
    let all = ["identity", "history", "tree"].map(attacks).concat();
    let lands = |name: &str| name.starts_with("identity/claim-") || CLAIMS.contains(&name);
    let claims: Vec<_> = all.into_iter().filter(|attack| lands(&attack.name)).collect();
    assert!(claims.len() >= 15, "{}", claims.len());
    for attack in claims {
        let mut ground = Ground::new();
        ground.finished("before");
        let open = attack.build(&mut ground);
        let said = script(&ground, &[&ground.repo.fingerprint(), &open.id.to_string(), "touching"]);
        assert!([1, 125].contains(&said.status), "{}: {said:?}", attack.name);
    }
}

const CLAIMS: [&str; 7] = [
    "history/claim-and-outcome-at-once",
    "history/key-removed-meanwhile",
    "history/backdated-by-a-removed-key",
    "history/claimed-after-a-denial",
    "history/repair-of-a-claim",
    "tree/chain-that-drops-a-denial",
    "identity/executed-without-a-claim",
];

/// Policy versions that lower the bar, and a claim under them.
#[test]
fn the_script_says_no_under_a_forged_policy() {
    let forged = |code: &str| ["policy-unsigned", "policy-order"].contains(&code);
    let versions: Vec<_> =
        attacks("history").into_iter().filter(|attack| attack.finding.as_deref().is_some_and(forged)).collect();
    assert!(versions.len() >= 10, "{}", versions.len());
    for attack in versions {
        let mut ground = Ground::new();
        ground.finished("before");
        let mut open = attack.build(&mut ground);
        let claim = ground.claim(&open, "bot");
        ground.append(&mut open, &signed("claim.toml", &claim, "bot"));
        let step = ground.step(ground.main, &open);
        ground.push(step);
        let said = script(&ground, &[&ground.repo.fingerprint(), &open.id.to_string(), "touching"]);
        assert!([1, 125].contains(&said.status), "{}: {said:?}", attack.name);
    }
}

/// One request that alice, who operates the agent, and erin approved; which of these policies would have been met?
#[test]
fn the_script_counts_as_a_quorum_is_counted() {
    let rows: [(&str, &str, u8); 12] = [
        ("governs", "requirement = \"any_of\"\nreviewers = [\"dba\", \"carol\"]\nmin_approvals = 2", 0),
        ("all", "requirement = \"all_of\"\nreviewers = [\"dba\", \"alice\"] # whoever else", 0),
        ("lines", "requirement = \"all_of\"\nreviewers = [\n  \"everyone\", # all\n  \"dba\",\n]", 0),
        ("one-lacks", "requirement = \"all_of\"\nreviewers = [\"dba\", \"alice\", \"carol\"]", 1),
        ("one-person-two-seats", "requirement = \"all_of\"\nreviewers = [\"pair\", \"alice\"]", 1),
        ("three", "requirement = \"any_of\"\nreviewers = [\"dba\", \"carol\"]\nmin_approvals = 3", 1),
        ("operator-alone", "requirement = \"any_of\"\nreviewers = [\"alice\", \"carol\"]", 1),
        ("operators-count", "requirement = \"any_of\"\nreviewers = [\"alice\", \"carol\"]\noperators = \"count\"", 0),
        (
            "operators-do-not",
            "requirement = \"any_of\"\nreviewers = [\"dba\", \"carol\"]\nmin_approvals = 2\noperators = \"exclude\"",
            1,
        ),
        ("a-rule-more", "requirement = \"any_of\"\nreviewers = [\"erin\", \"carol\"]\nrequire_comment = true", 125),
        ("a-role", "requirement = \"min_role\"\nmin_role = \"dba\"", 125),
        ("a-count", "requirement = \"all_of\"\nreviewers = [{ group = \"dba\", count = 2 }]", 125),
    ];
    let policy = |(name, rest, _): &(&str, &str, u8)| {
        let head = format!("[[approval_policies]]\nname = \"{name}\"\n");
        format!("{head}pattern = [\"job-{name} # no comment\", \"job-{name}\"]\n{rest}\n\n")
    };
    let config: String = rows.iter().map(policy).collect();
    let people = cast().person("alice").role("dba").person("erin").role("dba").person("carol").person("dave");
    let people = people.agent("bot").operators(&["alice"]).group("dba", &["alice", "erin"]);
    let town = Town::found(&config, &people.group("pair", &["alice", "dave"]).group("everyone", &["dba", "pair"]));
    town.marking_program("job-governs");
    let id = town.ask("bot", &["job-governs"]);
    for who in ["alice", "erin"] {
        town.approve(who, &id).expect(0);
    }
    town.resume("bot", &id).expect(0);
    for (name, _, status) in rows {
        let mut shell = Command::new("sh");
        shell.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/verify.sh")).args([&town.root(), &id, name]);
        let said = Ran::from(shell.current_dir(town.url()).output().unwrap());
        assert_eq!(said.status, status, "{name}: {said:?}");
    }
}
