//! `audit log`: what an auditor is told of every request, and how each voice counted.

use std::collections::BTreeMap;

use expacti::domain::decision::{Decision, Verdict};
use expacti::domain::id::Digest;
use expacti::domain::outcome::Ending;
use expacti::domain::time::Timestamp;
use expacti::record::Record as _;
use serde_json::Value;

use crate::attacks::fixture::{Ground, Open, Version, config_for, decided, now, roster, signed};
use crate::support::{Town, cast};

/// Signs a decision of one's own making and puts it on the request's branch, as no verb of ours would.
fn signs(ground: &Ground, open: &mut Open, decision: &Decision, who: &str) {
    ground.append(open, &decided(decision, who));
    open.seen.push(Digest::of(&decision.render()));
    open.seen.sort();
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_unix(now().unix() + seconds).unwrap()
}

fn log(ground: &Ground, arguments: &[&str]) -> Vec<Value> {
    let (code, out) = ground.run("auditor", &[&["audit", "log", "--format", "jsonl"], arguments].concat());
    assert_eq!(code, 0, "{out}");
    out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// `alice counts as …` or why not, in the order of the records.
fn voices(account: &Value) -> Vec<String> {
    let voices = account["decisions"].as_array().cloned().unwrap_or_default();
    let said = |voice: &Value| {
        let how = match voice["counts"].as_bool().unwrap() {
            true => "counts".to_owned(),
            false => voice["why_not"].as_str().unwrap().to_owned(),
        };
        format!("{} {} {how}", voice["reviewer"].as_str().unwrap(), voice["verdict"].as_str().unwrap())
    };
    voices.iter().map(said).collect()
}

#[test]
fn each_voice_is_told_with_how_it_counted() {
    let mut ground = Ground::new();
    // From the second version on a review takes twenty seconds.
    let config = String::from_utf8(config_for(&["alice", "bob", "carol"])).unwrap() + "min_review_time = \"20s\"\n";
    let version = Version {
        config: config.into_bytes(),
        roster: roster(&["alice", "bob", "carol"], 2),
        signers: vec!["alice", "bob"],
        ..Version::second(ground.root)
    };
    ground.policy(&version);
    let mut open = ground.ask(ground.request("slow"), "bot");
    let base = |who: &str, open: &Open, took: i64, at: i64| Decision {
        shown: later(at - took),
        decided: later(at),
        ..ground.decision(open, who, Verdict::Approve)
    };
    // Too fast, and then again; its own request; somebody else's in time; one more than is needed.
    let fast = base("alice", &open, 3, 10);
    signs(&ground, &mut open, &fast, "alice");
    let again = base("alice", &open, 25, 40);
    signs(&ground, &mut open, &again, "alice");
    let own = base("bot", &open, 60, 41);
    signs(&ground, &mut open, &own, "bot");
    let other = base("bob", &open, 30, 50);
    signs(&ground, &mut open, &other, "bob");
    let mut claim = ground.claim(&open, "bot");
    claim.claimed = later(60);
    ground.append(&mut open, &signed("claim.toml", &claim, "bot"));
    open.seen.push(Digest::of(&claim.render()));
    open.seen.sort();
    ground.land(&open);
    let outcome = ground.outcome(&open, "bot", Ground::executed());
    ground.append(&mut open, &signed("outcome.toml", &outcome, "bot"));
    ground.land(&open);

    let told = log(&ground, &[]);
    let [account] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        voices(account),
        [
            "alice approve decided after 3 s, and the policy asks for at least 20 s",
            "alice approve counts",
            "bot approve asks for it, and nobody approves their own request",
            "bob approve counts",
        ]
    );
    let text = |key: &str| account[key].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        [text("state"), text("requester"), text("requester_kind"), text("ended_by"), text("ended")],
        ["executed", "bot", "agent", "bot", &later(60).to_string()]
    );
    assert_eq!((account["version"].as_u64(), account["outcome"]["status"].as_u64()), (Some(2), Some(0)));
    assert_eq!(account["decisions"][1]["seconds"], 25);
    // The commits are those of main.
    let landed = ground.objects_parent(&ground.main);
    assert_eq!(text("commit"), landed.to_string());
    assert_eq!(account["outcome"]["commit"].as_str(), Some(ground.main.to_string().as_str()));
    // Told afresh from the pinned root it is the same.
    assert_eq!(log(&ground, &["--full"]), told);
}

#[test]
fn a_denial_ends_it_and_says_who() {
    let mut ground = Ground::new();
    let mut open = ground.half_approved("denied");
    let no = Decision {
        comment: "not\non a \u{202e}Friday \u{1b}[2J<b>".to_owned(),
        shown: later(1),
        decided: later(31),
        ..ground.decision(&open, "carol", Verdict::Deny)
    };
    signs(&ground, &mut open, &no, "carol");
    ground.land(&open);
    let mut lost = ground.half_approved("late");
    let expired = ground.outcome(&lost, "alice", Ending::Expired);
    let expired = expacti::domain::outcome::Outcome { recorded: later(31 * 60), ..expired };
    ground.append(&mut lost, &signed("outcome.toml", &expired, "alice"));
    ground.land(&lost);
    let told = log(&ground, &[]);
    assert_eq!(voices(&told[0]), ["alice approve counts", "carol deny counts"]);
    let text = |at: usize, key: &str| told[at][key].as_str().unwrap_or_default().to_owned();
    assert_eq!([text(0, "state"), text(0, "ended_by"), text(0, "ended")], ["denied", "carol", &later(31).to_string()]);
    assert_eq!([text(1, "state"), text(1, "ended_by")], ["expired", "alice"]);
    // Whatever was said, it is harmless to show.
    let comment = told[0]["decisions"][1]["comment"].as_str().unwrap();
    assert_eq!(comment, "not\\non a \\u{202e}Friday \\u{1b}[2J<b>");
}

#[test]
fn the_list_ends_before_the_step_that_breaks_main() {
    let mut ground = Ground::new();
    ground.finished("first");
    let broken = ground.on(ground.main, &[("requests/junk".to_owned(), b"junk".to_vec())]);
    ground.force(broken);
    let (code, out) = ground.run("auditor", &["audit", "log", "--format", "csv"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.starts_with("id,state,"), "{out}");
    assert!(out.contains(",executed,") || out.contains("executed,0"), "{out}");
    assert!(out.contains("what it says from there on is not told here"), "{out}");
    // In a machine's language too: the array is whole, the status says that it is not all.
    assert_eq!(ground.run("auditor", &["audit", "log", "--json"]).0, 1);
}

#[test]
fn what_this_machine_remembers_is_no_source() {
    let mut ground = Ground::new();
    ground.finished("first");
    ground.finished("second");
    let told = log(&ground, &[]);
    assert_eq!(told.len(), 2);
    let index = walk(&ground.home.path().join("homes/auditor"))
        .into_iter()
        .find(|path| path.ends_with("index.sqlite"))
        .unwrap();
    let change = |what: &str| {
        let database = rusqlite::Connection::open(&index).unwrap();
        database.execute_batch(what).unwrap();
    };
    // A row that is no account is not passed over.
    change("UPDATE accounts SET account = '{}' WHERE height = 1");
    let (code, out) = ground.run("auditor", &["audit", "log"]);
    assert!(code == 125 && out.contains("a row is damaged") && out.contains("--full"), "{code} {out}");
    assert_eq!(log(&ground, &["--full"]), told);
    // Gone, it is made anew.
    std::fs::remove_file(&index).unwrap();
    assert_eq!(log(&ground, &[]), told);
}

/// Every file below a directory.
fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap()) {
        let path = entry.path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

/// A town in which one of each happened, an hour apart.
fn busy() -> (Town, BTreeMap<&'static str, String>) {
    let people = cast()
        .people(&["alice", "bob"])
        .group("dba", &["alice", "bob"])
        .agent("bot")
        .operators(&["bob"])
        .agent("other");
    let policy = "
[[environments]]
name = \"production\"
arguments = [\"prod\"]
[[approval_policies]]
name = \"jobs\"
pattern = \"job *\"
requirement = \"any_of\"
reviewers = [\"dba\"]
timeout = \"1h\"
[[approval_policies]]
name = \"tasks\"
pattern = \"task *\"
requirement = \"any_of\"
reviewers = [\"dba\"]
timeout = \"1h\"
";
    let town = Town::found(policy, &people);
    town.marking_program("job");
    town.program("task", "exit 3");
    let mut ids = BTreeMap::new();
    // 2026-11-22, from 09:00 on.
    ids.insert("ran", town.ask("bot", &["job", "prod"]));
    town.approve("alice", &ids["ran"]).expect(0);
    town.resume("bot", &ids["ran"]).expect(0);
    town.pass(3_600);
    ids.insert("failed", town.ask("other", &["task", "=cmd|' /C calc'!A0"]));
    town.approve("bob", &ids["failed"]).expect(0);
    town.resume("other", &ids["failed"]).expect(3);
    town.pass(3_600);
    ids.insert("denied", town.ask("bot", &["job", "test"]));
    town.deny("alice", &ids["denied"]).expect(0);
    town.run("bot", &["sync"]).expect(0);
    town.pass(86_400);
    ids.insert("open", town.ask("bot", &["job", "again"]));
    (town, ids)
}

#[test]
fn filters_take_what_they_say() {
    let (town, ids) = busy();
    let names: BTreeMap<&String, &str> = ids.iter().map(|(name, id)| (id, *name)).collect();
    for (arguments, wanted) in [
        ("", "ran failed denied open"),
        ("--from 2026-11-23", "open"),
        ("--to 2026-11-22", "ran failed denied"),
        ("--from 2026-11-22T10:00:00Z --to 2026-11-22T11:00:00Z", "failed"),
        ("--from 2026-11-22T10:00:01Z --to 2026-11-22T11:00:00Z", ""),
        ("--principal alice", "ran denied"),
        // Whoever operates an agent has a part in what it asks for.
        ("--principal bob", "ran failed denied open"),
        ("--principal other", "failed"),
        ("--policy tasks", "failed"),
        ("--command prod", "ran"),
        ("--command job*", "ran denied open"),
        ("--command *a*", "failed open"),
        ("--state executed", "ran failed"),
        ("--state denied --state pending", "denied open"),
        ("--environment production", "ran"),
        ("--environment production --state denied", ""),
    ] {
        let arguments: Vec<&str> = ["audit", "log", "--json"].into_iter().chain(arguments.split_whitespace()).collect();
        let told = town.run("ada", &arguments).expect(0).json();
        let told: Vec<&str> =
            told.as_array().unwrap().iter().map(|one| names[&one["id"].as_str().unwrap().to_owned()]).collect();
        assert_eq!(told.join(" "), wanted, "{arguments:?}");
    }
    for wrong in [["--from", "yesterday"], ["--state", "done"], ["--to", "2026-02-30"]] {
        town.run("ada", &[&["audit", "log"], wrong.as_slice()].concat()).expect(2);
    }
}

#[test]
fn a_line_a_request_for_people_and_no_formula_for_spreadsheets() {
    let (town, ids) = busy();
    let short = |name: &str| ids[name].chars().take(8).collect::<String>();
    let text = town.run("ada", &["audit", "log"]).expect(0).out;
    let lines: Vec<&str> = text.lines().collect();
    let wanted = [
        format!("2026-11-22 09:00  {}  executed    bot    alice  job prod", short("ran")),
        format!("2026-11-22 10:00  {}  executed 3  other  bob    task '=cmd|'\\'' /C calc'\\''!A0'", short("failed")),
        format!("2026-11-22 11:00  {}  denied      bot    alice  job test", short("denied")),
        format!("2026-11-23 11:00  {}  pending     bot    -      job again", short("open")),
    ];
    assert_eq!(lines, wanted);
    let table = town.run("ada", &["audit", "log", "--format", "csv", "--state", "executed"]).expect(0).out;
    let mut reader = csv_rows(&table);
    let header = reader.remove(0);
    let column = |name: &str| header.iter().position(|known| known == name).unwrap();
    assert_eq!(reader[1][column("exit_status")], "3");
    assert_eq!(reader[1][column("approved_by")], "bob");
    assert!(!table.split(',').any(|cell| cell.starts_with(['=', '+', '-', '@'])), "{table}");
}

/// Cells, for tables without line breaks in cells.
fn csv_rows(table: &str) -> Vec<Vec<String>> {
    table
        .lines()
        .map(|line| {
            let mut cells = vec![String::new()];
            let mut quoted = false;
            for c in line.chars() {
                match c {
                    '"' => quoted = !quoted,
                    ',' if !quoted => cells.push(String::new()),
                    c => cells.last_mut().unwrap().push(c),
                }
            }
            cells
        })
        .collect()
}
