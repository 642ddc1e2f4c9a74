//! `audit report`: the numbers of a town in which everything happened, the page, and what stands first on it.

use std::fs;
use std::path::Path;
use std::process::Command;

use expacti::domain::decision::Decision;
use expacti::record::{Record, decision_file_name};
use serde_json::Value;

use crate::support::{Ran, Town, cast, key_of, play, tool};

const POLICY: &str = "
[[environments]]
name = \"production\"
arguments = [\"prod\"]
[[approval_policies]]
name = \"jobs\"
pattern = [\"job*\", \"fails*\"]
requirement = \"any_of\"
reviewers = [\"alice\", \"bob\", \"pat\"]
timeout = \"1h\"
[[approval_policies]]
name = \"unasked\"
pattern = \"true\"
requirement = \"allow\"
[[approval_policies]]
name = \"never\"
pattern = \"never*\"
requirement = \"deny\"
";

/// What people write when they mean harm to whoever reads it, 10 KiB of it.
fn hostile() -> String {
    format!(
        "</td><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>\u{202e}\u{1b}[2J'\"&<!-- {}",
        "x".repeat(10_240)
    )
}

fn founded() -> Town {
    let people = cast().people(&["alice", "bob", "pat"]).agent("bot").operators(&["alice"]);
    let town = Town::found(POLICY, &people);
    town.marking_program("job");
    town.program("fails", "exit 3");
    town.program("never", "exit 0");
    town
}

/// Shown, looked at for so long, approved, and run.
fn executed(town: &Town, who: &str, command: &[&str], reviewer: &str, seconds: i64) -> String {
    let id = town.ask(who, command);
    town.run(reviewer, &["show", &id]).expect(0);
    town.pass(seconds);
    town.approve(reviewer, &id).expect(0);
    town.resume(who, &id);
    id
}

/// A town in which everything happened, and the ids of some of it.
struct Lively {
    town: Town,
    denied: String,
    again: String,
    own: String,
    open: String,
}

fn lively() -> Lively {
    let town = founded();
    let hostile = hostile();
    town.run("bot", &["run", "--no-wait", "--reason", &hostile, "--", "job", "prod"]).expect(122);
    let first = town.branches().pop().unwrap();
    town.run("bob", &["show", &first]).expect(0);
    town.pass(30);
    town.run("bob", &["approve", "--yes", "-m", &hostile, &first]).expect(0);
    town.resume("bot", &first).expect(0);
    executed(&town, "bot", &["fails"], "bob", 40);
    let denied = town.ask("bot", &["job", "denied"]);
    town.run("bob", &["deny", "--yes", "--reason", &hostile, "--suggest", "job --dry-run <b>", &denied]).expect(0);
    town.ask("bot", &["job", "late"]);
    town.pass(7_200);
    town.run("bot", &["sync"]).expect(0);
    let withdrawn = town.ask("bot", &["job", "withdrawn"]);
    town.run("bot", &["cancel", &withdrawn]).expect(0);
    town.run("bot", &["run", "--", "never"]).expect(120);
    town.run("bot", &["run", "--", "true"]).expect(0);
    // Nobody but who operates the agent.
    let alone = town.ask("bot", &["job", "alone"]);
    town.approve("alice", &alone);
    town.run("bot", &["cancel", &alone]).expect(0);
    // Approved at once while that was enough; it is not any more when it is claimed, and then it is.
    let again = town.ask("bot", &["job", "again"]);
    town.approve("bob", &again).expect(0);
    let stricter = POLICY.replace("timeout = \"1h\"", "timeout = \"1h\"\nmin_review_time = \"20s\"");
    let people = cast().people(&["alice", "bob", "pat"]).agent("bot").operators(&["alice"]);
    let from = town.write_policy(&stricter, &people.toml());
    let proposed = town.run("ada", &["--json", "policy", "propose", "--from", &from]).expect(0).json();
    let digest = proposed["digest"].as_str().unwrap();
    town.run("ada", &["policy", "diff", digest]).expect(0);
    town.run("ada", &["policy", "sign", "--yes", digest]).expect(0);
    town.resume("bot", &again).expect(122);
    town.run("bob", &["show", &again]).expect(0);
    town.pass(60);
    town.approve("bob", &again).expect(0);
    town.resume("bot", &again).expect(0);
    // Who asks writes an approval of their own beside another's.
    let own = town.ask("pat", &["job", "own"]);
    town.run("bob", &["show", &own]).expect(0);
    town.pass(25);
    town.approve("bob", &own).expect(0);
    approve_own(&town, &own, "pat");
    town.resume("pat", &own).expect(0);
    // Seen long ago, and then five in one second.
    let several: Vec<String> = (0..5).map(|nth| town.ask("bot", &["job", &format!("several-{nth}")])).collect();
    for id in &several {
        town.run("bob", &["show", id]).expect(0);
    }
    town.pass(120);
    for id in &several {
        town.approve("bob", id).expect(0);
    }
    for id in &several {
        town.resume("bot", id).expect(0);
    }
    let open = town.ask("bot", &["job", "open"]);
    Lively { town, denied, again, own, open }
}

/// Puts a decision on a request's branch that says what another's says, signed by `who`.
fn approve_own(town: &Town, id: &str, who: &str) {
    let clone = town.path("forging");
    let git = |args: &[&str]| tool(Command::new("git").arg("-C").arg(&clone).args(args));
    tool(Command::new("git").args(["clone", "-q", "-b", &format!("requests/{id}"), &town.url()]).arg(&clone));
    let listed = String::from_utf8(git(&["ls-files", "*/decisions/*.toml"])).unwrap();
    let path = listed.lines().find(|line| line.contains(id)).unwrap();
    let mut decision = Decision::parse(&fs::read(clone.join(path)).unwrap()).unwrap();
    decision.reviewer = who.parse().unwrap();
    let bytes = decision.render();
    let own = Path::new(path).parent().unwrap().parent().unwrap().join(decision_file_name(&decision.reviewer, &bytes));
    fs::write(clone.join(&own), &bytes).unwrap();
    let signature = key_of(who).sign(Decision::NAMESPACE, &bytes);
    fs::write(clone.join(format!("{}.sig", own.display())), signature).unwrap();
    git(&["add", "."]);
    git(&["-c", "user.name=pat", "-c", "user.email=pat@example.org", "commit", "-q", "-m", "approve"]);
    git(&["push", "-q", "origin", "HEAD"]);
}

fn report(town: &Town, args: &[&str]) -> Ran {
    town.run("ada", &[&["audit", "report"], args].concat())
}

fn twin(town: &Town, args: &[&str]) -> Value {
    report(town, &[&["--json"], args].concat()).json()
}

/// Notices of a section: weight and count.
fn notices<'a>(report: &'a Value, section: &str) -> Vec<(&'a str, u64)> {
    let all = report["notices"].as_array().unwrap().iter().filter(|notice| notice["section"] == section);
    all.map(|notice| (notice["weight"].as_str().unwrap(), notice["count"].as_u64().unwrap())).collect()
}

#[test]
fn the_numbers_are_those_of_what_happened() {
    let Lively { town, denied, again, own, open } = lively();
    let twin = report(&town, &["--json"]).expect(0).json();
    assert_eq!((&twin["schema"], &twin["verdict"]), (&"expacti/audit-report/v1".into(), &"holds".into()));
    let population = &twin["population"];
    let ended = &population["ended"];
    for (key, count) in [
        ("executed", 10),
        ("claimed", 0),
        ("not_run", 0),
        ("unknown", 0),
        ("denied", 1),
        ("expired", 1),
        ("withdrawn", 2),
        ("refused", 1),
    ] {
        assert_eq!(ended[key], count, "{key}: {population}");
    }
    assert_eq!(
        (&population["open_at_start"], &population["made"], &population["open_at_end"]),
        (&0.into(), &16.into(), &1.into())
    );
    assert_eq!(population["adds_up"], true);
    let chain = &twin["chain"];
    assert_eq!(
        (&chain["versions"], &chain["endings"], &chain["repairs"]),
        (&2.into(), &15.into(), &0.into()),
        "{chain}"
    );
    assert_eq!(
        chain["steps"],
        town.git(&["rev-list", "--first-parent", "--count", "main"]).trim().parse::<u64>().unwrap()
    );
    assert_eq!(chain["without_gaps"], true);

    let duties = &twin["duties"];
    assert_eq!(
        (&duties["executions"], &duties["needed_nobody"], &duties["approved"]),
        (&10.into(), &1.into(), &9.into())
    );
    assert_eq!(duties["breaches"], Value::Array(vec![]));
    assert_eq!(duties["attempts"][0]["id"].as_str(), Some(own.as_str()));
    assert_eq!(duties["attempts"][0]["reviewer"], "pat");

    let bob = &twin["reviewers"][0];
    assert_eq!(bob["reviewer"], "bob");
    assert_eq!(
        (&bob["approvals"], &bob["denials"], &bob["did_not_count"]),
        (&10.into(), &1.into(), &1.into()),
        "{bob}"
    );
    assert_eq!((&bob["runs"][0]["approvals"], &bob["runs"][0]["seconds"]), (&5.into(), &0.into()), "{bob}");
    let why: Vec<&str> =
        twin["not_counted"].as_array().unwrap().iter().map(|told| told["why"].as_str().unwrap()).collect();
    assert!(why.iter().any(|why| why.contains("at least 20 s")), "{why:?}");
    assert!(why.iter().any(|why| why.contains("nobody approves their own request")), "{why:?}");

    let requests = twin["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 16);
    let found = |id: &str| requests.iter().find(|one| one["id"] == id).unwrap();
    assert_eq!(found(&denied)["state"], "denied");
    assert_eq!(found(&open)["state"], "pending");
    let voices = found(&again)["decisions"].as_array().unwrap();
    assert_eq!(voices.iter().filter(|voice| voice["counts"] == true).count(), 1);
    assert_eq!(voices.len(), 2);

    let changes = twin["policy_changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(
        (&changes[1]["version"], &changes[1]["signed_by"][0], &changes[1]["threshold"]),
        (&2.into(), &"ada".into(), &1.into())
    );
    assert!(changes[1]["files"].as_array().unwrap().contains(&"changed config.toml".into()), "{}", changes[1]);
    assert_eq!(notices(&twin, "runs"), [("look", 1)]);
    assert_eq!(notices(&twin, "duties"), [("look", 1), ("look", 1)], "unasked, and one's own: {}", twin["notices"]);
    let production =
        twin["environments"].as_array().unwrap().iter().find(|group| group["name"] == "production").unwrap();
    assert_eq!(production["ended"]["executed"], 1);
    assert!(twin.get("framework").is_none());
}

#[test]
fn a_period_takes_what_belongs_to_it() {
    let town = founded();
    let before = executed(&town, "bot", &["job", "before"], "bob", 5);
    let across = town.ask("bot", &["job", "across"]);
    // The clock starts on the 22nd at 9:00, and requests last an hour.
    town.pass(15 * 3_600 - 5 - 1_800);
    let open = town.ask("bot", &["job", "open"]);
    town.pass(1_800);
    town.run("bot", &["sync"]).expect(0);
    town.approve("bob", &open).expect(0);
    town.resume("bot", &open).expect(0);
    let day = |args: &[&str]| {
        let twin = twin(&town, args);
        let population = twin["population"].clone();
        assert_eq!(population["adds_up"], true, "{population}");
        let number = |key: &str| population[key].as_u64().unwrap();
        (number("open_at_start"), number("made"), number("open_at_end"), twin["requests"].as_array().unwrap().len())
    };
    assert_eq!(day(&["--to", "2026-11-22"]), (0, 3, 2, 3), "{before} {across}");
    assert_eq!(day(&["--from", "2026-11-23"]), (2, 0, 0, 2));
    assert_eq!(day(&[]), (0, 3, 0, 3));
    assert_eq!(day(&["--from", "2027-01-01"]), (0, 0, 0, 0));
    report(&town, &["--from", "2026-11-23", "--to", "2026-11-22"]).expect(2).says("before it begins");
}

#[test]
fn a_finding_stands_on_the_first_page() {
    let town = founded();
    executed(&town, "bot", &["job"], "bob", 5);
    let tree = town.git(&["rev-parse", "main^{tree}"]);
    let evil =
        ["-c", "user.name=m", "-c", "user.email=m@example.org", "commit-tree", tree.trim(), "-p", "main", "-m", "x"];
    let evil = town.git(&evil);
    town.git(&["update-ref", "refs/heads/main", evil.trim()]);
    let twin = report(&town, &["--json"]).expect(1).json();
    assert_eq!(twin["verdict"], "does-not-hold");
    assert_eq!(twin["verification"]["findings"][0]["commit"].as_str(), Some(evil.trim()));
    assert_eq!(twin["notices"][0]["weight"], "wrong");
    // What held is reported all the same.
    assert_eq!(twin["population"]["ended"]["executed"], 1);
    let page = report(&town, &[]).expect(1).out;
    let (first, _) = page.split_once("<nav").unwrap();
    assert!(
        first.contains("DOES NOT HOLD") && first.contains("step-illegal") && first.contains(evil.trim()),
        "{first}"
    );
    let ran = report(&town, &["-o", "found.html"]).expect(1).says("DOES NOT HOLD: 1 finding");
    assert!(ran.out.contains("step-illegal"), "{}", ran.out);
    assert!(town.work().join("found.html").exists());
}

/// Elements that are closed, in order; attributes are quoted, and no text opens a tag.
#[track_caller]
fn well_formed(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let (mut rest, mut elements) = (page.strip_prefix("<!DOCTYPE html>").expect("a doctype"), 0);
    while let Some(at) = rest.find('<') {
        let (_, tag) = rest.split_at(at + 1);
        let end = tag.find('>').expect("a tag that ends");
        let (tag, after) = tag.split_at(end);
        rest = &after[1..];
        let name: &str = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap();
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()) && !name.is_empty(), "<{tag}>");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{}", &rest[..rest.len().min(200)]);
        } else if !["meta", "br", "link", "img", "input"].contains(&name) {
            open.push(name);
            elements += 1;
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(elements > 300, "{elements}");
}

#[test]
fn the_page_is_one_harmless_file() {
    let Lively { town, .. } = lively();
    let frameworks = ["soc2", "pci-dss", "iso27001", "hipaa", "sox"];
    for framework in frameworks {
        let page = report(&town, &["--framework", framework]).expect(0).out;
        well_formed(&page);
        // Text cannot open a tag, so these are ours.
        let lower = page.to_lowercase();
        let tags: Vec<&str> = lower.split('<').skip(1).map(|tag| tag.split('>').next().unwrap()).collect();
        for tag in tags {
            for wrong in ["script", "img", "iframe", "link", "object", "embed", "form", "base", "!--"] {
                assert!(!tag.starts_with(wrong), "<{tag}>");
            }
            for wrong in [" src=", " on", "href=\"http", "javascript:", "url(http", "srcset"] {
                assert!(!tag.contains(wrong), "<{tag}>");
            }
        }
        assert!(!lower.contains("@import"));
        assert!(!page.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "hidden characters");
        assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("\\u{202e}\\u{1b}[2J"));
        assert!(page.contains("default-src 'none'"));
        assert!(page.contains("not covered") && page.len() < 400_000, "{}", page.len());
        // Each link leads somewhere on the page.
        for target in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
        }
    }
    let twin = twin(&town, &["--framework", "soc2"]);
    assert!(twin["framework"]["controls"].as_array().unwrap().iter().any(|row| row["control"] == "CC6.1"));
}

#[test]
fn page_and_twin_are_written_beside_each_other() {
    let town = founded();
    executed(&town, "bot", &["job"], "bob", 5);
    let ran = report(&town, &["-o", "out/report.html"])
        .expect(0)
        .says("HOLDS")
        .says("written: out/report.html and out/report.json");
    assert!(!ran.out.contains('<'), "{}", ran.out);
    let page = fs::read_to_string(town.work().join("out/report.html")).unwrap();
    let twin = fs::read(town.work().join("out/report.json")).unwrap();
    assert!(page.contains(&expacti::domain::id::Digest::of(&twin).to_string()));
    let read: Value = serde_json::from_slice(&twin).unwrap();
    assert_eq!(read["population"]["ended"]["executed"], 1);
    assert_eq!(fs::read_dir(town.work().join("out")).unwrap().count(), 2);
    // The same once more, by the same clock: the same bytes.
    report(&town, &["-o", "again.html"]).expect(0);
    assert_eq!(fs::read(town.work().join("again.json")).unwrap(), twin);
    report(&town, &["-o", "report.json"]).expect(2).says("its twin");
    fs::create_dir(town.work().join("directory.html")).unwrap();
    report(&town, &["-o", "directory.html"]).expect(125).says("directory.html");
    // What is no plain file stays what it is: a file in its place would take a device from everyone.
    let socket = town.work().join("socket.html");
    let _held = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    report(&town, &["-o", "socket.html"]).expect(125).says("is no plain file");
    assert!(std::os::unix::fs::FileTypeExt::is_socket(&fs::symlink_metadata(&socket).unwrap().file_type()));
    let empty = Town::found(POLICY, &cast().people(&["alice", "bob", "pat"]).agent("bot"));
    well_formed(&report(&empty, &[]).expect(0).out);
    assert_eq!(self::twin(&empty, &[])["requests"], Value::Array(vec![]));
}

#[test]
fn a_terminal_gets_the_first_page_as_text() {
    let town = founded();
    executed(&town, "bot", &["fails"], "bob", 5);
    let (mut world, heard) = town.world("ada");
    world.terminal.stdout = true;
    let ran = play(&world, &heard, &["audit", "report", "--color", "never"]).expect(0).says("-o report.html");
    assert!(ran.out.starts_with("HOLDS: all 3 steps of main verify\n"), "{}", ran.out);
    for line in ["1  executions that ended with another status than 0", "0  of 1 executions break it", "1  made"] {
        assert!(ran.out.contains(line), "{line}: {}", ran.out);
    }
    assert!(!ran.out.contains('<') && ran.out.lines().count() < 40, "{}", ran.out);
}
