//! Attacks on the history, by somebody who may push or who holds one valid key: each is found by name, and nothing runs.
//!
//! A row names the line of defence: taken away, the row fails. `controls` shows that the same ground lets honest
//! people through, so that no row passes because nothing works.

mod escalations;
pub mod fixture;
mod memory;
mod policies;
pub mod pushed;
mod records;
mod repairs;
mod steps;
mod tips;

use expacti::gate::finding::Code;

use fixture::{Ground, Open, decided, name};

/// What must come of it.
#[derive(Debug, Clone, Copy)]
pub enum Found {
    /// On the branch: reported apart, counts for nothing; `resume` ends with this. Without a code there is nothing to report.
    Branch(Option<Code>, u8),
    /// On `main`: whoever looks for the first time is told, and all else ends with 125.
    Main(Code),
    /// At the tip of `main`: whoever remembers is told.
    Tip(Code),
}

/// An attack by name, and how it is made: returns the request that must not run.
pub type Row = (&'static str, fn(&mut Ground) -> Open, Found);

/// The file that the target program makes.
pub const SIDE: &str = "side";

/// A ground on which a request ran before, and whose agent remembers that.
pub fn ground() -> Ground {
    let mut ground = Ground::new();
    ground.finished("before");
    assert_eq!(ground.verify("bot", &[]).0, 0);
    ground
}

/// What has come of attacks on branches of one ground.
pub fn settle_branches(ground: &Ground, built: &[(&str, Open, Found)]) {
    let (status, report) = ground.verify("auditor", &[]);
    assert_eq!(status, 0, "{report:#}");
    for (attack, open, found) in built {
        let Found::Branch(code, exit) = found else { panic!("{attack}: not on a branch") };
        let id = open.id.to_string();
        let shown = report["open"].as_array().unwrap().iter().find(|open| open["id"] == *id);
        let findings = shown.map(|open| &open["findings"]);
        match code {
            Some(code) => assert!(findings.is_some_and(|all| only(all, *code)), "{attack}: {shown:#?}"),
            None => assert_eq!(findings.and_then(|all| all.as_array()).map(Vec::len), Some(0), "{attack}: {shown:#?}"),
        }
        pushed::branch(ground, attack, open, *code);
        let (status, said) = ground.run("bot", &["resume", "--no-wait", &id]);
        assert_eq!(status, *exit, "{attack}: {said}");
        assert!(!ground.ran(SIDE), "{attack}: it ran");
    }
}

/// Attacks on `main`, each on a ground of its own.
pub fn check(rows: &[Row]) {
    for (turn, (attack, build, found)) in rows.iter().enumerate() {
        let mut ground = Ground::new();
        ground.finished("before");
        if matches!(found, Found::Tip(_)) {
            assert_eq!(ground.verify("bot", &[]).0, 0);
        }
        let open = build(&mut ground);
        settle(&ground, attack, &open, *found, turn);
    }
}

/// What has come of an attack on a ground of its own.
pub fn settle(ground: &Ground, attack: &str, open: &Open, found: Found, turn: usize) {
    let id = &open.id.to_string();
    match found {
        Found::Branch(..) => settle_branches(ground, &[(attack, open.clone(), found)]),
        Found::Main(code) => {
            // Who is turned away at the door looks first; a machine remembers nothing of what does not hold.
            let (status, report) = ground.verify(["bot", "bob"][turn % 4 / 2], &["--full"]);
            assert_eq!(status, 1, "{attack}: {report:#}");
            assert!(only(&report["findings"], code), "{attack}: {report:#}");
            assert!(report["findings"][0]["commit"].is_string(), "{attack}: {report:#}");
            // Which commit, which path, which rule: only a repair, and a commit of three parents, is wrong as a whole.
            let whole = code == Code::RepairIllegal || attack.replace('-', " ").ends_with("three parents");
            assert!(whole || report["findings"][0]["path"].is_string(), "{attack}: {report:#}");
            pushed::main(ground, attack, code);
            stopped(ground, attack, id, turn);
        }
        Found::Tip(code) => {
            let (status, report) = ground.verify("bot", &[]);
            assert_eq!(status, 1, "{attack}: {report:#}");
            assert!(only(&report["findings"], code), "{attack}: {report:#}");
            pushed::tip(ground, attack);
            stopped_agent(ground, attack, id);
        }
    }
    assert!(!ground.ran(SIDE), "{attack}: it ran");
}

/// One after the other for one row, in turn for many: they all begin at the same door.
fn stopped(ground: &Ground, attack: &str, id: &str, turn: usize) {
    let doors: [(&str, &[&str]); 4] = [
        ("bot", &["resume", "--no-wait", id]),
        ("bot", &["run", "--no-wait", "--", "touch", SIDE]),
        ("bob", &["approve", "--yes", id]),
        ("bob", &["deny", "--yes", "--reason", "no", id]),
    ];
    let (who, verb) = doors[turn % doors.len()];
    let (status, said) = ground.run(who, verb);
    assert_eq!(status, 125, "{attack}: {verb:?}: {said}");
}

/// The agent that remembers can do nothing.
pub fn stopped_agent(ground: &Ground, attack: &str, id: &str) {
    (0..2).for_each(|turn| stopped(ground, attack, id, turn));
    assert!(!ground.ran(SIDE), "{attack}: it ran");
}

/// Whether this was found, and nothing else: a record that is no plain file leaves its signature alone, too.
fn only(findings: &serde_json::Value, code: Code) -> bool {
    let alone = code == Code::BranchTainted;
    let follows = |found: &serde_json::Value| alone && *found == Code::PathUnexpected.as_str();
    let is = |finding: &serde_json::Value| finding["code"] == code.as_str() || follows(&finding["code"]);
    names(findings, code) && findings.as_array().is_some_and(|all| all.iter().all(is))
}

pub fn names(findings: &serde_json::Value, code: Code) -> bool {
    findings.as_array().is_some_and(|all| all.iter().any(|finding| finding["code"] == code.as_str()))
}

#[test]
fn controls() {
    let mut ground = ground();
    let mut open = ground.half_approved(SIDE);
    let id = open.id.to_string();
    assert_eq!(ground.run("bot", &["resume", "--no-wait", &id]).0, 122);
    assert!(!ground.ran(SIDE));
    let decision = ground.decision(&open, "bob", expacti::domain::decision::Verdict::Approve);
    assert_eq!(decision.reviewer, name("bob"));
    ground.append(&mut open, &decided(&decision, "bob"));
    let (status, said) = ground.run("bot", &["resume", "--no-wait", &id]);
    assert_eq!(status, 0, "{said}");
    assert!(ground.ran(SIDE));
    for arguments in [[].as_slice(), &["--full"], &["--request", &id], &["--full", "--request", &id]] {
        let (status, report) = ground.verify("auditor", arguments);
        assert_eq!((status, &report["ok"]), (0, &serde_json::Value::Bool(true)), "{report:#}");
    }
    // Honest history made by hand is history like any other.
    ground.main = ground.objects.reference(fixture::MAIN).unwrap().unwrap();
    ground.finished("more");
    assert_eq!(ground.verify("bot", &[]).0, 0);
    assert_eq!(ground.run("bot", &["resume", "--no-wait", &id]).0, 119);
}
