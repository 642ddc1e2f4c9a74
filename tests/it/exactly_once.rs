//! Real processes at the same time, killed, and cut off: what was approved runs once or not at all.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Cast, Ran, Town, cast, tool};

const POLICY: &str = "[[approval_policies]]\nname = \"job\"\npattern = [\"job\", \"job *\"]\nrequirement = \"any_of\"\nreviewers = [\"alice\"]\n";

fn agent(count: usize) -> String {
    format!("agent{count}")
}

fn found() -> Town {
    let people = cast().person("alice").agent("bot");
    let with_agents = |cast: Cast, count| cast.agent(&agent(count));
    let town = Town::found(POLICY, &(0..8).fold(people, with_agents));
    town.set_clock();
    town.marking_program("job");
    town
}

fn approved(town: &Town) -> String {
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    id
}

fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn end(child: Child) -> Ran {
    child.wait_with_output().unwrap().into()
}

/// Resumes one request from all these homes at the same time.
fn resume_at_once(town: &Town, homes: &[&str], id: &str) {
    let before = town.marks();
    let running: Vec<Child> =
        homes.iter().map(|home| start(town.expacti(home).args(["resume", "--wait", "60s", id]))).collect();
    let ended: Vec<Ran> = running.into_iter().map(end).collect();
    assert_eq!(town.marks() - before, 1, "{ended:#?}");
    assert_eq!(ended.iter().filter(|ran| ran.status == 0).count(), 1, "{ended:#?}");
    assert!(ended.iter().all(|ran| matches!(ran.status, 0 | 119)), "{ended:#?}");
    assert_eq!(town.state(id), "executed");
}

#[test]
fn eight_processes_on_one_home_run_it_once() {
    let town = found();
    let id = approved(&town);
    resume_at_once(&town, &["bot"; 8], &id);
}

#[test]
fn whatever_comes_in_between_wherever_it_runs_once_or_not_at_all() {
    type Between = fn(&Town, &str) -> bool;
    // Each says whether the command may run no more, had it not run before.
    let deeds: [(&str, Between); 4] = [
        ("the same machine runs it", |town, id| town.resume("bot", id).status == 0),
        ("a copy of the machine runs it", |town, id| town.resume("copy", id).status == 0),
        ("alice denies after all", |town, id| town.deny("alice", id).status == 0),
        ("it is withdrawn", |town, id| town.run("bot", &["cancel", id]).status == 0),
    ];
    for (what, deed) in deeds {
        for nth in 0..12 {
            let town = found();
            let id = approved(&town);
            town.member("alice");
            town.copy_home("bot", "copy");
            let (told, tell) = std::sync::mpsc::channel();
            let (others, of) = (town.clone(), id.clone());
            let between = move || told.send((deed(&others, &of), others.marks())).unwrap();
            let ran = town.run_meddled("bot", nth, between, &["resume", &id]);
            let Ok((over, before)) = tell.recv() else { break };
            let after = town.marks();
            assert!(after <= 1, "{what}, at {nth}: {ran:#?}");
            assert!(!over || after == before, "{what}, at {nth}: {before} then {after} {ran:#?}");
            assert_eq!(after == 1, town.state(&id) == "executed", "{what}, at {nth}: {ran:#?}");
        }
    }
}

#[test]
fn eight_processes_on_copies_of_a_home_run_it_once() {
    let town = found();
    let id = approved(&town);
    let copies: Vec<String> = (0..8).map(|count| format!("bot-copy{count}")).collect();
    copies.iter().for_each(|copy| drop(town.copy_home("bot", copy)));
    let copies: Vec<&str> = copies.iter().map(String::as_str).collect();
    resume_at_once(&town, &copies, &id);
}

#[test]
fn one_home_and_its_copies_together_run_it_once() {
    let town = found();
    let id = approved(&town);
    town.copy_home("bot", "bot-copy");
    resume_at_once(&town, &["bot", "bot-copy", "bot", "bot-copy", "bot", "bot-copy"], &id);
}

#[test]
fn eight_agents_ask_and_run_at_once() {
    let town = found();
    (0..8).for_each(|count| drop(town.member(&agent(count))));
    let asking: Vec<Child> =
        (0..8).map(|count| start(town.expacti(&agent(count)).args(["run", "--no-wait", "--", "job"]))).collect();
    let ids: Vec<String> = asking
        .into_iter()
        .map(|child| end(child).expect(122).out.split_whitespace().next().unwrap().to_owned())
        .collect();
    let mut landed = ids.clone();
    landed.sort();
    assert_eq!(town.branches(), landed);
    for id in &ids {
        town.approve("alice", id).expect(0);
    }
    let running: Vec<Child> = ids
        .iter()
        .enumerate()
        .map(|(count, id)| start(town.expacti(&agent(count)).args(["resume", "--wait", "60s", id])))
        .collect();
    running.into_iter().for_each(|child| drop(end(child).expect(0)));
    assert_eq!(town.marks(), 8);
    assert!(town.branches().is_empty());
}

#[test]
fn a_denial_and_a_claim_at_once_have_one_winner() {
    let town = found();
    for _ in 0..4 {
        let (id, before) = (approved(&town), town.marks());
        let run = start(town.expacti("bot").args(["resume", "--wait", "60s", &id]));
        let deny = start(town.expacti("alice").args(["deny", "--yes", "--reason", "wait", &id]));
        let (run, deny) = (end(run), end(deny));
        match (run.status, deny.status) {
            (0, 1) => {
                assert_eq!(town.marks(), before + 1);
                assert_eq!(town.state(&id), "executed");
                assert!((deny.out + &deny.err).contains(&id), "the denier is told");
            }
            (120, 0) => {
                assert_eq!(town.marks(), before);
                assert_eq!(town.state(&id), "denied");
            }
            _ => panic!("{run:?}\n{deny:?}"),
        }
    }
}

/// A program that says it has started, and goes on when a line comes through a pipe with a name.
fn blocking(town: &Town, status: u8) -> std::path::PathBuf {
    let gate = town.path("gate");
    tool(Command::new("mkfifo").arg(&gate));
    let marks = town.path("marks");
    town.program("job", &format!("echo ran >> '{}'\nread line < '{}'\nexit {status}", marks.display(), gate.display()));
    gate
}

/// Returns once the program has opened its end: it runs.
fn open(gate: &std::path::Path) -> fs::File {
    fs::File::options().write(true).open(gate).unwrap()
}

#[test]
fn killed_while_it_ran_it_never_runs_again_and_its_runner_closes_it() {
    killed_while_it_ran("bot");
}

#[test]
fn killed_while_it_ran_it_never_runs_again_and_an_admin_closes_it() {
    killed_while_it_ran("ada");
}

fn killed_while_it_ran(closer: &str) {
    let town = found();
    let gate = blocking(&town, 0);
    let id = approved(&town);
    let mut running = start(town.expacti("bot").args(["resume", &id]));
    let mut opened = open(&gate);
    running.kill().unwrap();
    running.wait().unwrap();
    opened.write_all(b"go on\n").unwrap();
    drop(opened);
    assert_eq!(town.state(&id), "claimed");
    town.copy_home("bot", "bot-without-journal");
    let state = town.path("homes/bot-without-journal/state/repos");
    for repository in fs::read_dir(state).unwrap() {
        fs::remove_dir_all(repository.unwrap().path().join("journal")).unwrap();
    }
    for home in ["bot", "bot-without-journal"] {
        town.resume(home, &id).expect(119);
    }
    town.run("alice", &["resume", "--unknown", &id]).expect(1);
    town.run(closer, &["resume", "--unknown", "--reason", "power", &id]).expect(0);
    assert_eq!(town.state(&id), "unknown");
    town.run("bot", &["resume", "--unknown", &id]).expect(1);
    town.resume("bot", &id).expect(119);
    assert_eq!(town.marks(), 1);
}

#[test]
fn an_outcome_waits_while_the_repository_is_gone() {
    let town = found();
    let gate = blocking(&town, 7);
    let id = approved(&town);
    let running = start(town.expacti("bot").args(["resume", &id]));
    let mut opened = open(&gate);
    let away = town.path("away.git");
    fs::rename(town.url(), &away).unwrap();
    opened.write_all(b"go on\n").unwrap();
    drop(opened);
    end(running).expect(7).says("expacti sync");
    fs::rename(&away, town.url()).unwrap();
    assert_eq!(town.state(&id), "claimed");
    town.resume("alice", &id).expect(119);
    town.run("bot", &["sync"]).expect(0).says(&id);
    assert_eq!(town.state(&id), "executed");
    assert_eq!(town.status(&id)["outcome"]["exit"], 7);
    town.run("bot", &["sync"]).expect(0).says("nothing to do");
    assert_eq!(town.marks(), 1);
}

#[test]
fn what_really_happened_lands_beside_an_admins_unknown() {
    let town = found();
    let gate = blocking(&town, 7);
    let id = approved(&town);
    let running = start(town.expacti("bot").args(["resume", &id]));
    let mut opened = open(&gate);
    let away = town.path("away.git");
    fs::rename(town.url(), &away).unwrap();
    opened.write_all(b"go on\n").unwrap();
    drop(opened);
    end(running).expect(7);
    fs::rename(&away, town.url()).unwrap();
    town.run("ada", &["resume", "--unknown", "--reason", "power", &id]).expect(0);
    assert_eq!(town.state(&id), "unknown");
    town.run("bot", &["sync"]).expect(0).says(&id);
    assert_eq!(town.state(&id), "executed");
    assert_eq!(town.status(&id)["outcome"]["exit"], 7);
    town.run("bot", &["sync"]).expect(0).says("nothing to do");
    town.run("bot", &["verify", "--full"]).expect(0);
    // Auditors are told both.
    let events = town.run("ada", &["audit", "export", "--format", "jsonl"]).expect(0).out;
    let events = events.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let told: Vec<_> = events.filter(|event| event["event"] == "request.outcome").collect();
    assert_eq!((&told[0]["outcome"], &told[0]["actors"][0]), (&"unknown".into(), &"ada".into()));
    assert_eq!((&told[1]["outcome"], &told[1]["actors"][0]), (&"executed".into(), &"bot".into()));
    assert!(told[0]["height"].as_u64() < told[1]["height"].as_u64());
    // An auditor is told of it, and that it took two steps.
    let report = town.run("ada", &["--json", "audit", "report"]).expect(0).json();
    assert_eq!((&report["chain"]["outcomes"], &report["chain"]["repairs"]), (&2.into(), &0.into()));
    let notices = report["notices"].as_array().unwrap();
    assert!(notices.iter().any(|notice| notice["weight"] == "explain" && notice["requests"][0] == id.as_str()));
    assert_eq!(town.marks(), 1);
}

#[test]
fn ctrl_c_while_waiting_leaves_the_request_open() {
    let town = found();
    let mut waiting = start(town.expacti("bot").args(["run", "--wait", "10m", "--", "job"]));
    let mut said = BufReader::new(waiting.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("waiting:")));
    let pid = Pid::from_raw(i32::try_from(waiting.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let last: Vec<String> = said.map(Result::unwrap).collect();
    assert_eq!(waiting.wait().unwrap().code(), Some(130), "{last:#?}");
    let last = last.join("\n");
    let id = town.branches().pop().unwrap();
    for words in ["stays open", &format!("expacti resume {id}"), &format!("expacti cancel {id}")] {
        assert!(last.contains(words), "{last}");
    }
    assert_eq!((town.state(&id).as_str(), town.marks()), ("pending", 0));
    town.approve("alice", &id).expect(0);
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn nothing_runs_while_the_repository_is_gone() {
    let town = found();
    let id = approved(&town);
    let away = town.path("away.git");
    fs::rename(town.url(), &away).unwrap();
    town.resume("bot", &id).expect(125);
    fs::rename(&away, town.url()).unwrap();
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 1);
}
