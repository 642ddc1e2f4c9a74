//! What a proposal is said to change, over requests that were recorded; and keys that are revoked.

use std::fs;

use crate::support::{Cast, Town, cast, public_line};

const POLICY: &str = "# kept as it is written
[[approval_policies]]
name = \"job\"
pattern = \"job*\"
requirement = \"any_of\"
reviewers = [\"alice\", \"bob\", \"carl\"]
min_approvals = 2
[[approval_policies]]
name = \"look\"
pattern = \"printf *\"
requirement = \"allow\"
[[approval_policies]]
name = \"rest\"
pattern = \"*\"
requirement = \"all_of\"
reviewers = [\"alice\", \"bob\"]
";

fn people() -> Cast {
    cast().people(&["alice", "bob", "carl"]).agent("bot").operators(&["carl"])
}

/// A town in which `job` ran with the approvals of alice and bob, and `printf` without any; the job's id.
fn found() -> (Town, String) {
    let town = Town::found(POLICY, &people());
    town.marking_program("job");
    town.run("bot", &["run", "--", "printf", "x"]).expect(0);
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    town.approve("bob", &id).expect(0);
    town.resume("bot", &id).expect(0);
    (town, id)
}

fn main_of(town: &Town) -> String {
    let mut command = std::process::Command::new("git");
    command.args(["--git-dir", &town.url(), "rev-parse", "main"]);
    String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned()
}

/// Puts the edited files in force; the admin signs alone.
fn enact(town: &Town, config: &str, roster: &str) {
    let directory = town.write_policy(config, roster);
    let made = town.run("ada", &["--json", "policy", "propose", "--from", &directory]).expect(0).json();
    let digest = made["digest"].as_str().unwrap();
    town.run("ada", &["policy", "diff", digest]).expect(0);
    town.run("ada", &["policy", "sign", "--yes", digest]).expect(0).says("is in force");
}

#[test]
fn the_worst_is_said_first_and_over_recorded_requests() {
    let (town, id) = found();
    let lowered = POLICY.replace("min_approvals = 2", "min_approvals = 1").replace("\"allow\"", "\"deny\"");
    let directory = town.write_policy(&lowered, &people().toml());
    let diff = town.run("ada", &["policy", "diff", "--from", &directory]).expect(0).out;
    let places: Vec<usize> = [
        "WEAKER, or possibly so",
        "! policy `job` asks: any one of `alice`, `bob`, `carl`; before: any 2 of",
        "WOULD HAVE ASKED FEWER PEOPLE, of the newest 2 recorded requests: 1",
        &format!("{}  job", &id[..8]),
        "2 people -> 1 person (job)",
        "would have been denied, of the newest 2 recorded requests: 1",
        "no approval -> never (look): policy `look` denies it",
        "other changes",
        "policy `look` asks: never runs; before: runs without approval",
        "--- config.toml (changed)",
        "| - min_approvals = 2",
        "| + min_approvals = 1",
    ]
    .iter()
    .map(|part| diff.find(part).unwrap_or_else(|| panic!("`{part}` is not in:\n{diff}")))
    .collect();
    assert!(places.is_sorted(), "{diff}");

    let json = town.run("ada", &["--json", "policy", "diff", "--from", &directory]).expect(0).json();
    let change = &json["proposals"][0]["change"];
    assert_eq!(change["requests"], 2);
    let fewer = &change["fewer"][0];
    assert_eq!(
        (&fewer["id"], &fewer["before"]["people"], &fewer["after"]["people"]),
        (&id.as_str().into(), &2.into(), &1.into())
    );
    assert_eq!(change["denied"][0]["after"]["decision"], "deny");
    // Nothing was proposed by looking.
    let status = town.run("ada", &["--json", "policy", "status"]).expect(0).json();
    assert_eq!(status["proposals"], serde_json::json!([]));
}

#[test]
fn requests_that_end_meanwhile_do_not_stale_a_proposal() {
    let (town, _) = found();
    let stricter =
        POLICY.replace("min_approvals = 2", "min_approvals = 3").replace("name = \"look\"", "name = \"looking\"");
    let directory = town.write_policy(&stricter, &people().toml());
    let made = town.run("ada", &["--json", "policy", "propose", "--from", &directory]).expect(0).json();
    let digest = made["digest"].as_str().unwrap().to_owned();
    let diff = town.run("ada", &["policy", "diff", &digest]).expect(0).out;
    for part in [
        "policy `look` is gone",
        "new policy `looking`, for commands like `printf *`: runs without approval",
        "would have been governed otherwise, of the newest 2 recorded requests: 2",
        "2 people -> 3 people (job)",
        "no approval -> no approval (look -> looking)",
    ] {
        assert!(diff.contains(part), "`{part}` is not in:\n{diff}");
    }
    // Here between reading and signing, there between judging and pushing.
    town.run("bot", &["run", "--", "printf", "y"]).expect(0);
    let open = town.ask("bot", &["job", "later"]);
    town.run("ada", &["policy", "sign", "--yes", &digest]).expect(0).says("version 2 is in force");
    let verified = town.run("alice", &["--json", "verify", "--full"]).expect(0).json();
    assert_eq!(verified["version"], 2);
    // What was open is judged by the new version: three have to agree, and carl operates the agent.
    for who in ["alice", "bob"] {
        town.approve(who, &open).expect(0);
    }
    town.resume("bot", &open).expect(122);
    town.approve("carl", &open).expect(0);
    town.resume("bot", &open).expect(0);
}

#[test]
fn a_revoked_key_counts_no_longer_and_what_it_signed_is_listed() {
    let (town, before) = found();
    let since = main_of(&town);
    let id = town.ask("bot", &["job", "two"]);
    town.approve("alice", &id).expect(0);
    town.approve("bob", &id).expect(0);
    town.resume("bot", &id).expect(0);
    let open = town.ask("bot", &["job", "three"]);
    town.approve("alice", &open).expect(0);
    town.approve("bob", &open).expect(0);

    let (old, new) = (public_line("bob"), public_line("bob-new"));
    let revoking = |since: &str| {
        let roster = people().toml().replace(&old, &new);
        format!(
            "{roster}\n[[revocations]]\nkey = \"{old}\"\ncompromised_since = \"{since}\"\nreason = \"laptop stolen\"\n"
        )
    };
    // Of a commit that is not on main nothing could be told.
    let directory = town.write_policy(POLICY, &revoking(&"ab".repeat(20)));
    let refused = town.run("ada", &["policy", "propose", "--from", &directory]).expect(1);
    refused.says("roster.toml:").says("is no step of main");
    let directory = town.write_policy(POLICY, &revoking(&since));
    let diff = town.run("ada", &["policy", "diff", "--from", &directory]).expect(0);
    diff.says("of `bob` is revoked (laptop stolen), to be doubted since commit").says("1 record to be looked at again");
    enact(&town, POLICY, &revoking(&since));

    // The approval that had not been used counts no longer; what ran stays valid, and is listed.
    town.resume("bot", &open).expect(122);
    let verified = town.run("alice", &["--json", "verify", "--full"]).expect(0).json();
    assert_eq!(verified["ok"], true);
    let [again] = verified["again"].as_array().unwrap().as_slice() else { panic!("{verified:#}") };
    assert_eq!((&again["compromised_since"], &again["reason"]), (&since.as_str().into(), &"laptop stolen".into()));
    let [record] = again["records"].as_array().unwrap().as_slice() else { panic!("{verified:#}") };
    assert_eq!(record["request"], id.as_str());
    assert!(record["record"].as_str().unwrap().starts_with("decisions/bob."), "{record}");
    assert_eq!(record["commit"].as_str().unwrap().len(), 40);
    assert!(!again.to_string().contains(&before), "{again:#}");
    town.run("alice", &["verify"]).expect(0).says("to look at again, though it stays valid:").says(&id);
    town.run("alice", &["verify", "--request", &id]).expect(0);

    // Dropped without a word it is not, and the key comes back for nobody.
    let directory = town.write_policy(POLICY, &people().toml().replace(&old, &new));
    town.run("ada", &["policy", "diff", "--from", &directory]).expect(0).says("! the revocation of key");
    let back = revoking(&since).replace(&new, &old);
    let directory = town.write_policy(POLICY, &back);
    town.run("ada", &["policy", "propose", "--from", &directory]).expect(1).says("of `bob` is revoked");
}

#[test]
fn an_edited_file_is_previewed_beside_today() {
    let (town, _) = found();
    town.run("bot", &["run", "--", "printf", "x"]).expect(0);
    let edited = POLICY.replace("pattern = \"job*\"", "pattern = \"job\"").replace("\"printf *\"", "\"printf x\"");
    let config = town.path("edited.toml");
    fs::write(&config, &edited).unwrap();
    let commands = town.path("commands");
    fs::write(&commands, "# what CI does\njob nightly\n\nprintf y\nprintf 'x'\nls | job\n").unwrap();
    let paths = [config.to_str().unwrap(), commands.to_str().unwrap()];
    let arguments = ["policy", "preview", "--config", paths[0], "--commands", paths[1]];
    let json = town.run("bot", &[&["--json"], arguments.as_slice()].concat()).expect(0).json();
    let find = |text: &str| {
        let commands = json["commands"].as_array().unwrap();
        commands.iter().find(|command| command["command"] == text).unwrap_or_else(|| panic!("{text}: {json:#}")).clone()
    };
    assert_eq!((&json["version"], &json["changed"]), (&1.into(), &2.into()), "{json:#}");
    let nightly = find("job nightly");
    assert_eq!(nightly["before"]["policies"], serde_json::json!(["job"]));
    assert_eq!(nightly["after"]["policies"], serde_json::json!(["rest"]));
    let y = find("printf y");
    assert_eq!((&y["before"]["decision"], &y["after"]["decision"]), (&"allow".into(), &"review".into()));
    let x = find("printf x");
    assert_eq!((&x["recorded"], &x["listed"], &x["changed"]), (&2.into(), &1.into(), &false.into()));
    let piped = find("sh -c 'ls | job'");
    assert!(piped["after"]["policies"].to_string().contains("job"), "{piped}");
    let text = town.run("bot", &arguments).expect(0).out;
    for part in [
        "2 of ",
        "  job nightly\n      today  review: job\n      then   review: rest\n",
        "\nlook  today 2, then 1\n",
        "  - printf y\n",
    ] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    fs::write(&config, edited.replace("requirement", "requirment")).unwrap();
    town.run("bot", &arguments).expect(1).says("edited.toml:5:1: error[unknown-key]");
}
