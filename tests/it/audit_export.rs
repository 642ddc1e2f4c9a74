//! `audit export`: feeds that a SIEM takes, and evidence that an auditor checks with stock tools.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::ocsf;
use crate::support::{Ran, Town, cast};

const POLICY: &str = "
[[approval_policies]]
name = \"job\"
pattern = \"job*\"
requirement = \"any_of\"
reviewers = [\"alice\", \"bob\"]
min_approvals = 1

[[approval_policies]]
name = \"unasked\"
pattern = \"printf *\"
requirement = \"allow\"
";

/// What no table may hand to a spreadsheet as it is, and no line may be broken by.
const HOSTILE: [&str; 6] = [
    "=HYPERLINK(\"http://example.org/\",\"x\")",
    "@SUM(A1:A9)",
    "two\n=1+1",
    "\t=1+1",
    "say \"hi\", then",
    "\u{202e}txt.exe",
];

struct Story {
    town: Town,
    ids: BTreeMap<&'static str, String>,
}

/// One request of every end, one that is open, and a second policy version in between.
fn story() -> Story {
    let people = cast().people(&["alice", "bob"]).agent("bot");
    let town = Town::found(POLICY, &people);
    town.marking_program("job");
    town.program("job-fails", "exit 3");
    let mut ids = BTreeMap::new();
    let asked = |reason: &str, command: &[&str]| {
        let ran = town.run("bot", &[&["run", "--no-wait", "--reason", reason, "--"], command].concat()).expect(122);
        ran.out.split_whitespace().next().unwrap().to_owned()
    };
    let ran = asked(HOSTILE[0], &["job", "=1+1"]);
    town.pass(40);
    town.approve("alice", &ran).expect(0);
    town.resume("bot", &ran).expect(0);
    ids.insert("executed", ran);
    let failed = asked(HOSTILE[1], &["job-fails"]);
    town.approve("bob", &failed).expect(0);
    town.resume("bot", &failed).expect(3);
    ids.insert("failed", failed);
    let denied = asked(HOSTILE[2], &["job", "two"]);
    town.run("bob", &["deny", "--yes", "--reason", HOSTILE[1], &denied]).expect(0);
    ids.insert("denied", denied);
    let withdrawn = asked(HOSTILE[3], &["job", "three"]);
    town.run("bot", &["cancel", &withdrawn]).expect(0);
    ids.insert("withdrawn", withdrawn);
    let expired = asked(HOSTILE[4], &["job", "four"]);
    town.pass(3_600);
    town.resume("bot", &expired).expect(124);
    ids.insert("expired", expired);
    town.run("bot", &["run", "--", "true"]).expect(120);
    town.run("bot", &["run", "--", "printf", "x"]).expect(0);
    let judged_anew = asked(HOSTILE[5], &["job", "five"]);
    town.approve("alice", &judged_anew).expect(0);
    let policy = town.write_policy(&POLICY.replace("\"alice\", ", ""), &people.toml());
    let made = town.run("ada", &["--json", "policy", "propose", "--from", &policy]).expect(0).json();
    let digest = made["digest"].as_str().unwrap();
    town.run("ada", &["policy", "diff", digest]).expect(0);
    town.run("ada", &["policy", "sign", "--yes", digest]).expect(0);
    town.approve("bob", &judged_anew).expect(0);
    town.resume("bot", &judged_anew).expect(0);
    ids.insert("judged anew", judged_anew);
    town.pass(60);
    let open = asked("waits", &["job", "six"]);
    ids.insert("open", open);
    Story { town, ids }
}

impl Story {
    #[track_caller]
    fn export(&self, args: &[&str]) -> Ran {
        self.town.run("ada", &[&["audit", "export"], args].concat())
    }

    #[track_caller]
    fn events(&self, args: &[&str]) -> Vec<Value> {
        let ran = self.export(&[&["--format", "jsonl"], args].concat()).expect(0);
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The steps of `main`, the first one first.
    fn steps(&self) -> Vec<String> {
        let list = self.town.git(&["rev-list", "--first-parent", "--reverse", "main"]);
        list.lines().map(str::to_owned).collect()
    }
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[test]
fn every_record_of_main_is_one_event_in_its_order() {
    let story = story();
    let events = story.events(&[]);
    let steps = story.steps();
    let heights: Vec<usize> =
        events.iter().map(|event| event["height"].as_u64().unwrap().try_into().unwrap()).collect();
    assert!(heights.is_sorted(), "{heights:?}");
    for (event, height) in events.iter().zip(&heights) {
        assert_eq!(event["commit"], *steps[*height]);
    }
    assert_eq!(heights.iter().collect::<BTreeSet<_>>().len(), steps.len(), "each step brought something");
    let uids: BTreeSet<&str> = events.iter().map(|event| event["uid"].as_str().unwrap()).collect();
    assert_eq!(uids.len(), events.len());
    assert_eq!(
        names(&events)[..5],
        ["policy.version", "request.made", "request.decided", "request.claimed", "request.outcome"]
    );

    // Each signed record of main is told, with its digest and its key; no other is.
    let mut told: BTreeSet<String> = BTreeSet::new();
    for event in &events {
        assert!(event["keys"].as_array().unwrap().iter().all(|key| key.as_str().unwrap().starts_with("SHA256:")));
        told.insert(event["record"].as_str().unwrap().to_owned());
    }
    let mut there = BTreeSet::new();
    for below in ["requests", "policy"] {
        for path in story.town.files("main", below) {
            if path.ends_with(".toml") && !path.ends_with("config.toml") && !path.ends_with("roster.toml") {
                let bytes = story.town.git_bytes(&["show", &format!("main:{path}")]);
                there.insert(expacti::domain::id::Digest::of(&bytes).to_string());
            }
        }
    }
    assert_eq!(told, there);

    let of = |id: &str| -> Vec<&Value> { events.iter().filter(|event| event["request"] == *story.ids[id]).collect() };
    let kinds = |id: &str| -> Vec<&str> { of(id).iter().map(|event| event["event"].as_str().unwrap()).collect() };
    assert_eq!(kinds("executed"), ["request.made", "request.decided", "request.claimed", "request.outcome"]);
    assert_eq!(kinds("denied"), ["request.made", "request.decided", "request.denied"]);
    assert_eq!(kinds("withdrawn"), ["request.made", "request.withdrawn"]);
    assert_eq!(kinds("expired"), ["request.made", "request.expired"]);
    assert!(kinds("open").is_empty(), "it has not landed");
    assert_eq!(of("denied")[1]["record"], of("denied")[2]["record"]);
    assert_eq!((&of("failed")[3]["outcome"], &of("failed")[3]["status"]), (&"executed".into(), &3.into()));
    let voices: Vec<(&Value, &Value)> = of("judged anew")
        .iter()
        .filter(|e| e["event"] == "request.decided")
        .map(|e| (&e["reviewer"], &e["counts"]))
        .collect();
    assert_eq!(voices, [(&"alice".into(), &false.into()), (&"bob".into(), &true.into())]);
    let policies: Vec<&Value> = events.iter().filter(|event| event["event"] == "policy.version").collect();
    assert_eq!((&policies[0]["policy_version"], &policies[1]["policy_version"]), (&1.into(), &2.into()));
    assert_eq!(policies[1]["actors"], serde_json::json!(["ada"]));
    assert!(policies[1]["changes"].as_array().unwrap().len() + policies[1]["weaker"].as_array().unwrap().len() > 0);
}

#[test]
fn an_export_goes_on_after_the_last_line_of_another() {
    let story = story();
    let all = story.events(&[]);
    // In the middle, also between a claim and its outcome.
    for (at, event) in all.iter().enumerate() {
        let rest: Vec<Value> =
            all.iter().filter(|other| other["height"].as_u64() > event["height"].as_u64()).cloned().collect();
        if at % 4 == 0 || event["event"] == "request.claimed" {
            assert_eq!(story.events(&["--after", event["commit"].as_str().unwrap()]), rest, "{at}");
        }
    }
    story.export(&["--format", "jsonl", "--after", "abc"]).expect(2).says("is no commit");
    let elsewhere = story.town.git(&["rev-parse", "main^2"]);
    story.export(&["--format", "jsonl", "--after", elsewhere.trim()]).expect(1).says("no step of the verified main");
    story.export(&["--format", "csv", "--after", elsewhere.trim()]).expect(2);

    let denied = story.events(&["--state", "denied"]);
    assert_eq!(names(&denied), ["request.made", "request.decided", "request.denied"]);
    assert!(story.events(&["--from", "2026-11-23"]).is_empty());
    assert_eq!(story.events(&["--to", "2026-11-22"]), all);
    let reported = story.export(&["--format", "jsonl", "-o", "events"]).expect(0).says("go on with --after");
    assert!(reported.out.contains(&format!("{} lines", all.len())), "{}", reported.out);
    assert_eq!(fs::read_to_string(story.town.work().join("events")).unwrap().lines().count(), all.len());
}

#[test]
fn every_event_is_what_the_schema_wants() {
    let story = story();
    let events = ocsf::judged(&story.export(&["--format", "ocsf"]).expect(0).out);
    let plain = story.events(&[]);
    assert_eq!(events.len(), plain.len());
    for (event, plain) in events.iter().zip(&plain) {
        assert_eq!(event["metadata"]["uid"], plain["uid"]);
        assert_eq!(event["metadata"]["version"], "1.9.0");
        assert_eq!(event["raw_data_hash"]["value"], plain["record"]);
        assert_eq!(event["unmapped"]["commit"], plain["commit"]);
        let class = match plain["event"].as_str().unwrap() {
            "request.outcome" => 1007,
            "policy.version" => 3004,
            _ => 6003,
        };
        assert_eq!(event["class_uid"], class);
    }
    let find = |id: &str, name: &str| -> &Value {
        let is = |event: &&Value| {
            event["metadata"]["correlation_uid"] == *story.ids[id] && event["metadata"]["event_code"] == name
        };
        events.iter().find(is).unwrap()
    };
    let ran = find("executed", "request.outcome");
    assert_eq!((&ran["type_uid"], &ran["exit_code"], &ran["status_id"]), (&100_701.into(), &0.into(), &1.into()));
    assert_eq!(ran["process"]["cmd_line"], "job =1+1");
    assert_eq!(ran["process"]["file"]["name"], "job");
    assert_eq!(ran["ai_agent"]["name"], "bot");
    assert_eq!(find("failed", "request.outcome")["exit_code"], 3);
    let approved = find("executed", "request.decided");
    assert_eq!((&approved["type_uid"], &approved["api"]["operation"]), (&600_301.into(), &"approve".into()));
    assert_eq!(approved["actor"]["user"]["name"], "alice");
    assert_eq!(approved["time"], 1_795_338_040_000_u64);
    assert!(approved.get("ai_agent").is_none(), "a person did it");
    let uncounted = find("judged anew", "request.decided");
    assert_eq!((&uncounted["status_id"], &uncounted["severity_id"]), (&2.into(), &2.into()));
    assert!(uncounted["status_detail"].is_string());
    assert_eq!(find("denied", "request.denied")["action"], "Denied");
    assert_eq!(find("executed", "request.claimed")["action"], "Allowed");
    let policies: Vec<&Value> = events.iter().filter(|event| event["class_uid"] == 3004).collect();
    assert_eq!((&policies[0]["type_uid"], &policies[1]["type_uid"]), (&300_401.into(), &300_403.into()));
    assert_eq!(policies[1]["updated_entity"]["version"], "2");
    assert_eq!(policies[1]["actor"]["user"]["name"], "ada");
}

/// Rows of a table by its header.
fn rows(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().unwrap().clone();
    let pairs = |record: &csv::StringRecord| -> BTreeMap<String, String> {
        header.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    reader.records().map(|record| pairs(&record.unwrap())).collect()
}

#[test]
fn the_population_is_complete_and_no_cell_is_run() {
    let story = story();
    let table = story.export(&["--format", "csv"]).expect(0).out;
    let rows = rows(table.as_bytes());
    assert_eq!(rows.len(), 9, "every request once: {table}");
    let states: Vec<&str> = rows.iter().map(|row| row["state"].as_str()).collect();
    assert_eq!(
        states,
        ["executed", "executed", "denied", "withdrawn", "expired", "refused", "executed", "executed", "pending"]
    );
    for row in &rows {
        for (name, cell) in row {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']), "{name}: {cell}");
            assert!(!cell.contains(['\n', '\r', '\t', '\u{202e}']), "{name}: {cell:?}");
        }
    }
    assert_eq!(rows[0]["reason"], format!("'{}", HOSTILE[0]));
    assert_eq!(rows[4]["reason"], HOSTILE[4]);
}

/// A zip that was unpacked.
struct Evidence(PathBuf);

impl Evidence {
    #[track_caller]
    fn unpacked(zip: &Path, into: PathBuf) -> Self {
        let mut archive = zip::ZipArchive::new(fs::File::open(zip).unwrap()).unwrap();
        archive.extract(&into).unwrap();
        Self(into)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// A shell in its directory: what it says on both streams, and whether it succeeded.
    fn shell(&self, script: &str) -> (bool, String) {
        let output = Command::new("sh").args(["-c", script]).current_dir(&self.0).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// What README.txt says to type, step by step.
    fn steps(&self) -> Vec<String> {
        let mut steps: Vec<String> = Vec::new();
        let readme = self.read("README.txt");
        let how = readme.split_once("HOW TO CHECK IT").unwrap().1.split_once("WHAT IT PROVES").unwrap().0;
        for line in how.lines() {
            if line.starts_with(|c: char| c.is_ascii_digit()) {
                steps.push(String::new());
            } else if let Some(command) = line.strip_prefix("    ") {
                steps.last_mut().unwrap().push_str(&format!("{command}\n"));
            }
        }
        steps
    }

    /// What each step of README.txt says, or finds wrong.
    fn checked(&self) -> Vec<(bool, String)> {
        self.steps().iter().map(|step| self.shell(step)).collect()
    }

    /// Which steps find something wrong.
    fn wrong(&self) -> Vec<usize> {
        let wrong = |(at, (fine, said)): (usize, (bool, String))| {
            let silent = if at == 1 { !said.is_empty() } else { false };
            (!fine || silent || said.contains("FAILED") || said.contains("BAD")).then_some(at + 1)
        };
        self.checked().into_iter().enumerate().filter_map(wrong).collect()
    }
}

impl Story {
    #[track_caller]
    fn evidence(&self, who: &str, name: &str, args: &[&str]) -> Vec<u8> {
        let path = self.town.path(name);
        let ran = self.town.run(who, &[&["audit", "export", "--evidence", path.to_str().unwrap()], args].concat());
        ran.expect(0).says("manifest signed by");
        fs::read(path).unwrap()
    }

    #[track_caller]
    fn unpacked(&self, who: &str, args: &[&str]) -> Evidence {
        self.evidence(who, "evidence.zip", args);
        let into = self.town.path("evidence/below");
        fs::create_dir_all(&into).unwrap();
        Evidence::unpacked(&self.town.path("evidence.zip"), into)
    }
}

#[test]
fn evidence_is_checked_as_its_readme_says() {
    let story = story();
    let evidence = story.unpacked("ada", &[]);
    let steps = evidence.steps();
    assert_eq!(steps.len(), 5, "{steps:#?}");
    let checked = evidence.checked();
    for (step, (fine, said)) in steps.iter().zip(&checked) {
        assert!(fine, "{step}\n{said}");
        assert!(!said.contains("FAILED") && !said.contains("BAD"), "{step}\n{said}");
    }
    assert!(checked[1].1.is_empty(), "{}", checked[1].1);
    assert!(checked[2].1.starts_with("Good \"evidence.v1@expacti\" signature for ada"), "{}", checked[2].1);
    assert!(checked[4].1.contains(&story.town.root()), "{}", checked[4].1);

    // Every record of main is in it, byte for byte, and those of the open request.
    for below in ["requests", "policy"] {
        for path in story.town.files("main", below) {
            assert_eq!(
                fs::read(evidence.0.join(&path)).unwrap(),
                story.town.git_bytes(&["show", &format!("main:{path}")])
            );
        }
    }
    let open = format!("requests/2026/11/22/{}/request.toml.sig", story.ids["open"]);
    assert!(evidence.0.join(open).exists());

    let about: Value = serde_json::from_str(&evidence.read("about.json")).unwrap();
    assert_eq!(about["head"], *story.steps().last().unwrap());
    assert_eq!((&about["requests"], &about["open"], &about["holds"]), (&8.into(), &1.into(), &true.into()));
    assert_eq!((&about["signer"]["name"], &about["signer"]["in_roster"]), (&"ada".into(), &true.into()));
    let verify: Value = serde_json::from_str(&evidence.read("verify.json")).unwrap();
    assert_eq!((&verify["ok"], &verify["root"]), (&true.into(), &story.town.root().into()));
    assert_eq!(evidence.read("population.csv"), story.export(&["--format", "csv"]).expect(0).out);
    assert_eq!(evidence.read("events.jsonl"), story.export(&["--format", "jsonl"]).expect(0).out);

    let table = |name: &str| rows(evidence.read(name).as_bytes());
    let approvals = table("approvals.csv");
    assert_eq!(approvals.len(), 5);
    assert_eq!((approvals[0]["reviewer"].as_str(), approvals[0]["seconds_to_decide"].as_str()), ("alice", "40"));
    assert!(approvals.iter().all(|row| evidence.0.join(&row["file"]).exists()), "{approvals:?}");
    assert_eq!(table("executions.csv").len(), 4);
    assert_eq!(table("executions.csv")[1]["exit_status"], "3");
    let exceptions = table("exceptions.csv");
    let kinds: Vec<&str> = exceptions.iter().map(|row| row["kind"].as_str()).collect();
    assert!(kinds.contains(&"approval did not count"), "{kinds:?}");
    let keys = table("keys.csv");
    let owners: Vec<&str> = keys.iter().map(|row| row["owner"].as_str()).collect();
    assert_eq!(owners, ["ada", "alice", "bob", "bot"]);
    assert!(keys.iter().all(|row| row["to_version"] == "2" && row["in_force"] == "yes"));
    assert_eq!(table("policy-changes.csv").len(), 2);
    for name in
        ["population.csv", "approvals.csv", "executions.csv", "policy-changes.csv", "exceptions.csv", "keys.csv"]
    {
        for (column, cell) in table(name).iter().flatten() {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t']), "{name} {column}: {cell}");
        }
    }
}

#[test]
fn a_changed_byte_in_any_file_is_found() {
    let story = story();
    let evidence = story.unpacked("ada", &[]);
    assert!(evidence.wrong().is_empty(), "{:#?}", evidence.checked());
    let manifest = evidence.read("MANIFEST");
    let files: Vec<&str> = manifest.lines().map(|line| &line[66..]).collect();
    assert!(files.len() > 40, "{manifest}");
    for file in &files {
        let path = evidence.0.join(file);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        fs::write(&path, bad).unwrap();
        let (fine, said) = evidence.shell("sha256sum --quiet -c MANIFEST");
        assert!(!fine && said.contains(&format!("{file}: FAILED")), "{file}: {said}");
        fs::write(&path, good).unwrap();
    }
    // A table is nobody's record: without the manifest its change would go unnoticed, and with one that is made anew it
    // is the signature that tells.
    let table = evidence.read("approvals.csv");
    fs::write(evidence.0.join("approvals.csv"), table.replace("alice", "carol")).unwrap();
    assert_eq!(evidence.wrong(), [1]);
    let anew = "cut -c67- MANIFEST | xargs -d '\\n' sha256sum > ../new && mv ../new MANIFEST";
    assert!(evidence.shell(anew).0);
    assert_eq!(evidence.wrong(), [3], "{:#?}", evidence.checked());
    fs::write(evidence.0.join("approvals.csv"), table).unwrap();
    fs::write(evidence.0.join("MANIFEST"), &manifest).unwrap();
    assert!(evidence.wrong().is_empty());

    // A file more, a file less.
    for more in ["more.csv", "MANIFEST.csv", "requests/MANIFEST"] {
        fs::write(evidence.0.join(more), "x").unwrap();
        assert_eq!(evidence.wrong(), [2], "{more}");
        fs::remove_file(evidence.0.join(more)).unwrap();
    }
    fs::remove_file(evidence.0.join("executions.csv")).unwrap();
    assert_eq!(evidence.wrong(), [1, 2]);
}

#[test]
fn a_record_that_its_signer_did_not_sign_is_found_even_where_the_manifest_is_signed_anew() {
    let story = story();
    let evidence = story.unpacked("ada", &[]);
    let path = format!("requests/2026/11/22/{}/request.toml", story.ids["executed"]);
    let text = evidence.read(&path);
    fs::write(evidence.0.join(&path), text.replace("\"=1+1\"", "\"=1+2\"")).unwrap();
    let anew = "cut -c67- MANIFEST | xargs -d '\\n' sha256sum > ../new && mv ../new MANIFEST";
    assert!(evidence.shell(anew).0);
    let signed =
        expacti::trust::secret::SecretKey::parse(&fs::read(story.town.home("ada").join("key")).unwrap()).unwrap();
    let manifest = fs::read(evidence.0.join("MANIFEST")).unwrap();
    fs::write(evidence.0.join("MANIFEST.sig"), signed.sign("evidence.v1@expacti", &manifest)).unwrap();
    assert_eq!(evidence.wrong(), [4], "{:#?}", evidence.checked());
}

#[test]
fn the_same_state_makes_the_same_bytes() {
    let story = story();
    let first = story.evidence("ada", "first.zip", &[]);
    let second = story.evidence("ada", "second.zip", &["--full"]);
    assert!(first == second);
    // Another signer: only what names them differs.
    let bob = story.evidence("bob", "bob.zip", &[]);
    let contents = |bytes: &[u8]| -> BTreeMap<String, Vec<u8>> {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        (0..archive.len())
            .map(|at| {
                let mut file = archive.by_index(at).unwrap();
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).unwrap();
                (file.name().unwrap().into_owned(), bytes)
            })
            .collect()
    };
    let (ada, bob) = (contents(&first), contents(&bob));
    let differ: Vec<&str> =
        ada.iter().filter(|(name, bytes)| bob[*name] != **bytes).map(|(name, _)| name.as_str()).collect();
    assert_eq!(differ, ["MANIFEST", "MANIFEST.sig", "README.txt", "about.json", "allowed_signers"]);

    // A period takes what ended in it, the versions before it, and no more.
    let none = contents(&story.evidence("ada", "none.zip", &["--from", "2026-11-23"]));
    assert!(none.keys().all(|name| !name.starts_with("requests/")), "{:?}", none.keys());
    assert!(none.contains_key("policy/000002/root.toml"));
}

#[test]
fn who_signs_is_said_and_who_cannot_is_told_why() {
    let story = story();
    // An outside auditor, whose key no roster lists.
    let evidence = story.unpacked("zoe", &[]);
    let about: Value = serde_json::from_str(&evidence.read("about.json")).unwrap();
    assert_eq!((&about["signer"]["name"], &about["signer"]["in_roster"]), (&"not.in.roster".into(), &false.into()));
    assert!(evidence.wrong().is_empty(), "{:#?}", evidence.checked());

    let zip = story.town.path("keyless.zip");
    let zip = zip.to_str().unwrap();
    fs::remove_file(story.town.home("zoe").join("config/settings.toml")).unwrap();
    story
        .town
        .run("zoe", &["audit", "export", "--evidence", zip])
        .expect(125)
        .says("there is no key to sign with")
        .says("hint");
    story.town.run("ada", &["--key", "/nowhere", "audit", "export", "--evidence", zip]).expect(125);
    assert!(!Path::new(zip).exists());
    story.town.run("ada", &["audit", "export", "--evidence", "nowhere/x.zip"]).expect(125).says("was not written");
    story.town.run("ada", &["audit", "export", "--evidence", zip, "--format", "csv"]).expect(2);
    story.town.run("ada", &["audit", "export", "--evidence", zip, "--state", "denied"]).expect(2);
    story.town.run("ada", &["audit", "export"]).expect(2);
    story.town.run("ada", &["--json", "audit", "export", "--format", "jsonl"]).expect(2).says("--output");
    story.town.run("ada", &["audit", "export", "--evidence", "/dev/null"]).expect(125).says("is no plain file");
    story.export(&["--format", "csv", "-o", "."]).expect(125).says("is no plain file");
    assert!(!Path::new(zip).exists());
    let report = story.town.run("ada", &["--json", "audit", "export", "--evidence", zip]).expect(0).json();
    assert_eq!((&report["requests"], &report["signer"]), (&9.into(), &"ada".into()));
    let left: Vec<_> = fs::read_dir(story.town.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_str().unwrap().starts_with(".new-")), "{left:?}");
}

#[test]
fn what_does_not_hold_ends_it_and_is_said() {
    let story = story();
    let good = story.events(&[]);
    // What a machine never showed to anyone, it does not miss.
    story.town.run("ada", &["pending", "--all"]).expect(0);
    story.town.state(&story.ids["open"]);
    let tree = story.town.git(&["rev-parse", "main^{tree}"]);
    let words =
        ["-c", "user.name=m", "-c", "user.email=m@example.org", "commit-tree", tree.trim(), "-p", "main", "-m", "x"];
    let bad = story.town.git(&words);
    story.town.git(&["update-ref", "-d", &format!("refs/heads/requests/{}", story.ids["open"])]);
    story.town.git(&["update-ref", "refs/heads/main", bad.trim()]);
    let ran = story.export(&["--format", "jsonl"]).expect(1).says("main does not hold");
    assert_eq!(ran.out.lines().count(), good.len());
    story.town.run("ada", &["audit", "export", "--evidence", story.town.path("e.zip").to_str().unwrap()]).expect(1);
    let into = story.town.path("evidence/below");
    fs::create_dir_all(&into).unwrap();
    let evidence = Evidence::unpacked(&story.town.path("e.zip"), into);
    assert!(evidence.wrong().is_empty(), "{:#?}", evidence.checked());
    assert!(evidence.read("README.txt").contains("MAIN DOES NOT HOLD"));
    let exceptions = rows(evidence.read("exceptions.csv").as_bytes());
    let kinds: Vec<(&str, &str)> =
        exceptions.iter().map(|row| (row["kind"].as_str(), row["request"].as_str())).collect();
    assert_eq!(kinds[..2], [("main does not hold", ""), ("branch vanished", story.ids["open"].as_str())]);
    let about: Value = serde_json::from_str(&evidence.read("about.json")).unwrap();
    assert_eq!(about["holds"], false);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let story = story();
    let mut child =
        story.town.expacti("ada").args(["audit", "export", "--format", "ocsf"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
