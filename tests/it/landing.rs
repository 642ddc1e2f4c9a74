//! `[store] land = "ci"`: the host lets CI alone push to `main`, and nothing runs, ends or is lost because of that.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::{Cast, Ran, Town, cast, tool};

const POLICY: &str = "[[approval_policies]]\nname = \"job\"\npattern = [\"job\", \"job *\"]\nrequirement = \"any_of\"\n\
    reviewers = [\"alice\", \"erin\"]\ntimeout = \"30m\"\n\
    [[approval_policies]]\nname = \"look\"\npattern = \"touch *\"\nrequirement = \"allow\"\n\
    [store]\nland = \"ci\"\n";

fn people() -> Cast {
    cast().people(&["alice", "erin"]).agent("bot").agent("mal")
}

/// A town whose repository takes `main` from the home of CI alone, and no forced pushes from anyone.
fn found() -> Town {
    found_with(POLICY)
}

fn found_with(policy: &str) -> Town {
    let town = Town::found(policy, &people());
    // CI has no key: it signs nothing.
    let ci = town.home("ci");
    fs::remove_file(ci.join("key")).unwrap();
    guard(&town, "case \"$1:$EXPACTI_HOME\" in refs/heads/main:*/ci*) ;; refs/heads/main:*) exit 1 ;; esac");
    town.marking_program("job");
    town
}

/// What the host lets pass.
fn guard(town: &Town, script: &str) {
    let hook = town.path("policy.git/hooks/update");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
}

/// CI's job, and what it landed, as `word word`.
#[track_caller]
fn land(town: &Town) -> String {
    landed(&town.run("ci", &["--json", "sync", "--land"]).expect(0).json())
}

fn landed(report: &Value) -> String {
    let words = report["landed"].as_array().unwrap().iter().map(|landed| landed["what"].as_str().unwrap());
    words.collect::<Vec<_>>().join(" ")
}

/// The findings of what CI left.
#[track_caller]
fn leaves(town: &Town) -> Vec<String> {
    let report = town.run("ci", &["--json", "sync", "--land"]).expect(1).json();
    let left = report["left"].as_array().unwrap();
    left.iter().map(|left| left["code"].as_str().unwrap_or("later").to_owned()).collect()
}

fn refs(town: &Town, below: &str) -> Vec<String> {
    let list = town.git(&["for-each-ref", "--format=%(refname:lstrip=2)", &format!("refs/heads/{below}")]);
    list.lines().map(str::to_owned).collect()
}

fn approved(town: &Town) -> String {
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    id
}

/// An approved request whose claim waits for CI.
fn claimed(town: &Town) -> String {
    let id = approved(town);
    town.resume("bot", &id).expect(122).says("once CI has landed the claim");
    assert_eq!(refs(town, "claims"), [format!("claims/{id}")]);
    id
}

#[track_caller]
fn reason(town: &Town, id: &str) -> (String, bool, String) {
    let status = town.status(id);
    let text = |key: &str| status[key].as_str().unwrap().to_owned();
    (text("state"), status["landed"].as_bool().unwrap(), text("reason_for_state"))
}

#[test]
fn from_request_to_outcome_with_the_words_of_every_phase() {
    let town = found();
    let main = town.git(&["rev-parse", "main"]);
    let id = town.ask("bot", &["job"]);
    let is = |state: &str, landed: bool, word: &str| {
        let found = reason(&town, &id);
        assert!(found.0 == state && found.1 == landed && found.2.contains(word), "{found:?}");
    };
    is("pending", false, "needs");
    town.approve("alice", &id).expect(0);
    is("approved", false, "may run it");
    town.resume("bot", &id).expect(122);
    is("approved", false, "once CI has landed the claim on main");
    assert_eq!((town.git(&["rev-parse", "main"]), town.marks()), (main, 0), "nobody but CI lands, and nothing runs");
    assert_eq!(land(&town), "claim");
    is("claimed", true, "not known yet");
    assert_eq!((town.marks(), refs(&town, "claims").len(), town.branches().len()), (0, 0, 0));
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 1);
    is("claimed", true, "it ran and exited with 0; CI has not landed that on main yet");
    town.resume("bot", &id).expect(119);
    assert_eq!(refs(&town, "outcomes"), [format!("outcomes/{id}")]);
    assert_eq!(land(&town), "outcome");
    is("executed", true, "it ran and exited with 0");
    assert!(refs(&town, "outcomes").is_empty());
    // The spooled copy is kept until the outcome stands on main, and no longer.
    town.run("bot", &["sync"]).expect(0).says(&id);
    town.run("bot", &["sync"]).expect(0).says("nothing to do");
    town.resume("bot", &id).expect(119);
    assert_eq!((land(&town).as_str(), town.marks()), ("", 1));
    town.run("erin", &["verify", "--full"]).expect(0);
}

/// Nobody but CI can push to `main`, admins neither: what they sign waits there like everything else.
#[test]
fn a_policy_version_waits_for_ci_and_lands_before_a_claim_that_it_forbids() {
    let town = found();
    town.run("ada", &["sync"]).expect(0);
    let main = town.git(&["rev-parse", "main"]);
    let id = claimed(&town);
    let drafts = town.write_policy(&POLICY.replacen("[\"alice\", \"erin\"]", "[\"erin\"]", 1), &people().toml());
    let made = town.run("ada", &["--json", "policy", "propose", "--from", &drafts]).expect(0).json();
    let digest = made["digest"].as_str().unwrap();
    assert_eq!(land(&town), "claim", "a version without its signatures is left alone");
    let second = town.ask("bot", &["job", "two"]);
    town.approve("alice", &second).expect(0);
    town.resume("bot", &second).expect(122).says("once CI has landed the claim");
    town.run("ada", &["policy", "diff", digest]).expect(0);
    town.run("ada", &["policy", "sign", "--yes", digest]).expect(0).says("CI lands it on main");
    assert_ne!(town.git(&["rev-parse", "main"]), main);
    assert_eq!(town.run("ada", &["--json", "policy", "status"]).expect(0).json()["version"], 1);
    // Alice no longer counts when the claim's turn comes.
    let report = town.run("ci", &["--json", "sync", "--land"]).expect(1).json();
    assert_eq!((landed(&report).as_str(), &report["landed"][0]["id"]), ("policy", &Value::from(digest)));
    assert_eq!(report["left"][0]["code"], "claim-unauthorized", "{report:#}");
    assert!(refs(&town, "policy").is_empty());
    town.run("ada", &["policy", "sign", "--yes", digest]).expect(0).says("in force already");
    town.resume("bot", &second).expect(122);
    assert_eq!(town.marks(), 0);
    town.resume("bot", &id).expect(0);
    town.run("erin", &["verify", "--full"]).expect(0);
}

#[test]
fn a_run_waits_on_until_ci_has_landed_its_claim() {
    let town = found();
    let id = approved(&town);
    let ci = town.clone();
    // The first wait is over before the second look; then CI comes.
    town.meanwhile(|| ());
    town.meanwhile(move || assert_eq!(land(&ci), "claim"));
    town.run("bot", &["resume", "--wait", "5m", &id]).expect(0).says("once CI has landed");
    assert_eq!((town.marks(), land(&town).as_str(), town.state(&id).as_str()), (1, "outcome", "executed"));
}

#[test]
fn what_nobody_need_approve_waits_for_ci_too() {
    let town = found();
    let waiting =
        town.run("bot", &["run", "--wait", "0s", "--", "touch", "one"]).expect(122).says("CI has landed the claim");
    assert!(!town.work().join("one").exists());
    assert_eq!(land(&town), "claim");
    let id = town.files("main", "requests")[0].split('/').nth(4).unwrap().to_owned();
    assert!(waiting.err.contains(&id));
    town.resume("bot", &id).expect(0);
    assert!(town.work().join("one").exists());
    let ci = town.clone();
    town.meanwhile(move || drop(land(&ci)));
    town.run("bot", &["run", "--", "touch", "two"]).expect(0);
    assert!(town.work().join("two").exists());
}

#[test]
fn a_refusal_a_withdrawal_and_an_expiry_wait_and_land() {
    let town = found();
    let refused = town.run("bot", &["--json", "run", "--", "nothing-allows-this"]);
    let refused = if refused.status == 127 {
        town.marking_program("other");
        town.run("bot", &["--json", "run", "--", "other"]).expect(120).json()
    } else {
        refused.expect(120).json()
    };
    let refused = refused["id"].as_str().unwrap().to_owned();
    let found = reason(&town, &refused);
    assert!(found.0 == "refused" && !found.1 && found.2.contains("not landed yet"), "{found:?}");
    let withdrawn = approved(&town);
    town.run("bot", &["cancel", &withdrawn]).expect(0).says("not landed yet");
    // Nobody claims against it, landed or not.
    town.resume("bot", &withdrawn).expect(123);
    town.run("bot", &["cancel", &withdrawn]).expect(1);
    let expired = town.ask("bot", &["job", "late"]);
    // Without a key CI closes nothing; of one kind any may come first.
    let landed = land(&town);
    assert!(["withdrawn refused", "refused withdrawn"].contains(&landed.as_str()), "{landed}");
    town.pass(3_600);
    assert_eq!(land(&town), "");
    town.run("erin", &["sync"]).expect(0).says(&expired);
    town.run("erin", &["sync"]).expect(0).says("nothing to do");
    town.resume("bot", &expired).expect(124);
    assert_eq!(land(&town), "expired");
    for (id, state) in [(refused, "refused"), (withdrawn, "withdrawn"), (expired, "expired")] {
        let found = reason(&town, &id);
        assert!(found.0 == state && found.1 && !found.2.contains("not landed"), "{found:?}");
    }
    assert!(refs(&town, "outcomes").is_empty() && town.branches().is_empty());
    assert_eq!(town.marks(), 0);
    town.run("erin", &["verify", "--full"]).expect(0);
}

#[test]
fn a_denial_lands_before_the_claim_that_came_first() {
    let town = found();
    let id = claimed(&town);
    let other = town.ask("bot", &["job", "other"]);
    town.approve("alice", &other).expect(0);
    town.deny("erin", &id).expect(0).says("not landed yet");
    let found = reason(&town, &id);
    assert!(found.0 == "denied" && !found.1 && found.2.contains("not landed yet"), "{found:?}");
    assert_eq!(land(&town), "denied");
    assert_eq!(town.state(&id), "denied");
    town.resume("bot", &id).expect(120).says("Silence is not consent");
    town.deny("erin", &other).expect(0);
    town.resume("bot", &other).expect(120);
    assert!(refs(&town, "claims").is_empty());
    assert_eq!(town.marks(), 0);
}

#[test]
fn who_denied_takes_a_waiting_claim_with_it() {
    let town = found();
    let id = claimed(&town);
    town.deny("erin", &id).expect(0);
    town.resume("bot", &id).expect(120);
    assert!(refs(&town, "claims").is_empty(), "the runner takes its claim back");
    assert_eq!(land(&town), "denied");
}

/// CI had looked before the denial came: the claim is on main, and the machine that is about to start sees both.
#[test]
fn a_denial_that_ci_was_too_fast_for_still_keeps_it_from_running() {
    for (how, status) in [("deny", 120), ("cancel", 123)] {
        let town = found();
        let id = claimed(&town);
        let claim = town.git(&["rev-parse", &format!("claims/{id}")]).trim().to_owned();
        let before = town.git(&["rev-parse", &format!("requests/{id}")]).trim().to_owned();
        let after = match how {
            "deny" => {
                town.deny("erin", &id).expect(0);
                town.git(&["rev-parse", &format!("requests/{id}")]).trim().to_owned()
            }
            _ => {
                town.run("bot", &["cancel", &id]).expect(0);
                town.git(&["rev-parse", &format!("outcomes/{id}")]).trim().to_owned()
            }
        };
        // As CI saw it a moment before.
        let denied = format!("refs/heads/requests/{id}");
        town.git(&["update-ref", &denied, &before]);
        town.git(&["update-ref", "-d", &format!("refs/heads/outcomes/{id}")]);
        town.git(&["update-ref", &format!("refs/heads/claims/{id}"), &claim]);
        assert_eq!(land(&town), "claim");
        let branch = if how == "deny" { denied } else { format!("refs/heads/outcomes/{id}") };
        town.git(&["update-ref", &branch, &after]);
        town.resume("bot", &id).expect(status).says("before it could start");
        town.resume("bot", &id).expect(119);
        assert_eq!(town.marks(), 0, "{how}");
        assert_eq!(land(&town), "outcome");
        assert_eq!(town.state(&id), "not-run");
    }
}

#[test]
fn a_claim_whose_time_is_over_is_not_landed_and_never_runs() {
    let town = found();
    let id = claimed(&town);
    town.pass(3_600);
    let report = town.run("ci", &["--json", "sync", "--land"]).expect(0).json();
    assert!(report["left"][0]["message"].as_str().unwrap().contains("its time was over"), "{report:#}");
    town.resume("bot", &id).expect(124);
    assert_eq!(land(&town), "expired");
    assert_eq!((town.state(&id).as_str(), town.marks()), ("expired", 0));
}

#[test]
fn a_claim_that_landed_in_time_and_was_found_too_late_is_told_and_not_run() {
    let town = found();
    let id = claimed(&town);
    assert_eq!(land(&town), "claim");
    town.pass(3_600);
    town.resume("bot", &id).expect(124).says("its time was over");
    town.resume("bot", &id).expect(119);
    assert_eq!(land(&town), "outcome");
    assert_eq!((town.state(&id).as_str(), town.marks()), ("not-run", 0));
}

#[test]
fn what_changed_while_it_waited_is_drift_and_spends_it() {
    let town = found();
    let id = claimed(&town);
    assert_eq!(land(&town), "claim");
    town.program("job", "exit 3");
    town.resume("bot", &id).expect(121);
    town.marking_program("job");
    town.resume("bot", &id).expect(119);
    // Also where nothing but the journal is left to say that it is over.
    let outcome = town.git(&["rev-parse", &format!("outcomes/{id}")]);
    town.git(&["update-ref", "-d", &format!("refs/heads/outcomes/{id}")]);
    let repos = fs::read_dir(town.member("bot").join("state/repos")).unwrap();
    repos.for_each(|repo| fs::remove_dir_all(repo.unwrap().path().join("spool")).unwrap());
    town.resume("bot", &id).expect(119);
    assert_eq!(town.marks(), 0);
    town.git(&["update-ref", &format!("refs/heads/outcomes/{id}"), outcome.trim()]);
    assert_eq!((land(&town).as_str(), town.state(&id).as_str(), town.marks()), ("outcome", "not-run", 0));
}

#[test]
fn only_the_machine_that_signed_the_claim_runs_it() {
    let town = found();
    let id = approved(&town);
    town.copy_home("bot", "bot-elsewhere");
    town.resume("bot", &id).expect(122);
    let claim = town.git(&["rev-parse", &format!("claims/{id}")]);
    town.resume("bot-elsewhere", &id).expect(122);
    assert_eq!(town.git(&["rev-parse", &format!("claims/{id}")]), claim, "a claim that would land is left alone");
    assert_eq!(land(&town), "claim");
    town.resume("bot-elsewhere", &id).expect(119);
    town.resume("mal", &id).expect(119);
    assert_eq!(town.marks(), 0);
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn a_claim_that_another_machine_overtook_is_never_run() {
    let town = found();
    town.copy_home("bot", "bot-elsewhere");
    let id = claimed(&town);
    town.git(&["update-ref", "-d", &format!("refs/heads/claims/{id}")]);
    town.resume("bot-elsewhere", &id).expect(122);
    assert_eq!(land(&town), "claim");
    town.resume("bot", &id).expect(119);
    assert_eq!(town.marks(), 0);
    town.resume("bot-elsewhere", &id).expect(0);
    assert_eq!(town.marks(), 1);
}

/// Who says that nobody knows must not see it run afterwards, also while that has not landed.
#[test]
fn what_was_closed_as_unknown_does_not_run_any_more() {
    for who in ["bot", "ada"] {
        let town = found();
        let id = claimed(&town);
        assert_eq!(land(&town), "claim");
        town.run(who, &["resume", "--unknown", &id]).expect(0);
        if who == "bot" {
            town.git(&["update-ref", "-d", &format!("refs/heads/outcomes/{id}")]);
        }
        town.resume("bot", &id).expect(119);
        assert_eq!(town.marks(), 0, "{who}");
        if who == "ada" {
            assert_eq!((land(&town).as_str(), town.state(&id).as_str()), ("outcome", "unknown"));
        }
    }
}

fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn end(child: Child) -> Ran {
    child.wait_with_output().unwrap().into()
}

#[test]
fn killed_while_its_claim_waits_it_runs_once_when_resumed() {
    let town = found();
    town.set_clock();
    let id = approved(&town);
    let mut waiting = start(town.expacti("bot").args(["resume", "--wait", "10m", &id]));
    let said = std::io::BufReader::new(waiting.stderr.take().unwrap());
    assert!(std::io::BufRead::lines(said).any(|line| line.unwrap().contains("once CI has landed")));
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    let claim = town.git(&["rev-parse", &format!("claims/{id}")]);
    town.resume("bot", &id).expect(122);
    assert_eq!(town.git(&["rev-parse", &format!("claims/{id}")]), claim, "the same claim, not a second one");
    assert_eq!(land(&town), "claim");
    resume_at_once(&town, "bot", &id);
    assert_eq!((land(&town).as_str(), town.state(&id).as_str()), ("outcome", "executed"));
}

#[track_caller]
fn resume_at_once(town: &Town, home: &str, id: &str) {
    let running: Vec<Child> = (0..8).map(|_| start(town.expacti(home).args(["resume", "--wait", "60s", id]))).collect();
    let ended: Vec<Ran> = running.into_iter().map(end).collect();
    assert_eq!(town.marks(), 1, "{ended:#?}");
    assert_eq!(ended.iter().filter(|ran| ran.status == 0).count(), 1, "{ended:#?}");
    assert!(ended.iter().all(|ran| matches!(ran.status, 0 | 119)), "{ended:#?}");
}

#[test]
fn wherever_another_process_comes_in_between_the_claim_runs_once() {
    // execute/waiting.rs claim(): a nonce that may have landed stays in the journal.
    for nth in 0..8 {
        let town = found();
        let id = approved(&town);
        town.member("ci");
        let (others, of) = (town.clone(), id.clone());
        let deed = move || {
            // The same machine claims, CI lands, and the same machine sees that; what waits is left waiting.
            others.resume("bot", &of);
            others.run("ci", &["sync", "--land"]);
            others.run("bot", &["verify"]).expect(0);
        };
        let ran = town.run_meddled("bot", nth, deed, &["resume", "--wait", "60s", &id]);
        town.run("ci", &["sync", "--land"]);
        town.resume("bot", &id);
        assert_eq!(town.marks(), 1, "at reading {nth}: {ran:#?}");
    }
}

#[test]
fn eight_processes_wait_for_one_claim_and_one_runs_it() {
    let town = found();
    town.set_clock();
    let id = approved(&town);
    town.member("ci");
    let running: Vec<Child> =
        (0..8).map(|_| start(town.expacti("bot").args(["resume", "--wait", "60s", &id]))).collect();
    while refs(&town, "claims").is_empty() {}
    end(start(town.expacti("ci").args(["sync", "--land"]))).expect(0);
    let ended: Vec<Ran> = running.into_iter().map(end).collect();
    assert_eq!((town.marks(), ended.iter().filter(|ran| ran.status == 0).count()), (1, 1), "{ended:#?}");
    assert!(ended.iter().all(|ran| matches!(ran.status, 0 | 119)), "{ended:#?}");
}

#[test]
fn two_jobs_of_ci_at_once_land_everything_once() {
    let town = found();
    town.set_clock();
    let ids: Vec<String> = (0..6)
        .map(|count| {
            let id = town.ask("bot", &["job", &count.to_string()]);
            town.approve("alice", &id).expect(0);
            town.resume("bot", &id).expect(122);
            id
        })
        .collect();
    town.deny("erin", &ids[0]).expect(0);
    town.member("ci");
    town.copy_home("ci", "ci-too");
    let jobs = ["ci", "ci-too", "ci"].map(|home| start(town.expacti(home).args(["--json", "sync", "--land"])));
    // Two may make the same commit in the same second: then both have landed it.
    let landed = jobs.into_iter().flat_map(|job| end(job).expect(0).json()["landed"].as_array().unwrap().clone());
    let landed: BTreeSet<(String, String)> =
        landed.map(|step| (step["id"].to_string(), step["what"].to_string())).collect();
    let claims = landed.iter().filter(|(_, what)| what == "\"claim\"").count();
    assert_eq!((landed.len(), claims, town.state(&ids[0]).as_str()), (6, 5, "denied"));
    for id in &ids[1..] {
        town.resume("bot", id).expect(0);
    }
    assert_eq!(town.marks(), 5);
    town.run("erin", &["verify", "--full"]).expect(0);
}

#[test]
fn one_requester_with_many_claims_and_junk_keeps_no_other_waiting() {
    let town = found();
    let claim = |who: &str, count: &str| {
        let id = town.ask(who, &["job", who, count]);
        town.approve("alice", &id).expect(0);
        town.resume(who, &id).expect(122);
        id
    };
    let many: Vec<String> = (0..4).map(|count| claim("mal", &count.to_string())).collect();
    let one = claim("bot", "1");
    let junk = town.ask("mal", &["job", "junk"]);
    town.git(&["update-ref", &format!("refs/heads/claims/{junk}"), &format!("requests/{junk}")]);
    town.git(&["update-ref", &format!("refs/heads/outcomes/{}", "0".repeat(32)), "main"]);
    let report = town.run("ci", &["--json", "sync", "--land"]).expect(1).json();
    assert_eq!(report["left"].as_array().unwrap().len(), 2, "{report:#}");
    let landed: Vec<&str> =
        report["landed"].as_array().unwrap().iter().map(|step| step["id"].as_str().unwrap()).collect();
    assert_eq!(landed.len(), 5, "{report:#}");
    let place = landed.iter().position(|id| *id == one).unwrap();
    assert!(place < 2, "one of each requester in turn: {place} of {landed:?}, not behind {many:?}");
    town.resume("bot", &one).expect(0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn everything_waits_while_ci_does_and_a_refusing_host_is_said() {
    let town = found();
    let id = claimed(&town);
    guard(&town, "case \"$1\" in refs/heads/main) exit 1 ;; esac");
    town.run("ci", &["sync", "--land"]).expect(1).says("refuses the push to main");
    town.resume("bot", &id).expect(122);
    assert_eq!(town.marks(), 0);
}

/// What somebody who may push, and holds the valid key of an agent, puts where a claim shall wait.
#[test]
fn whatever_lies_on_a_claims_branch_its_runner_gets_through() {
    let town = found();
    for attack in ["request", "junk file", "merge", "junk on top", "copied approval", "unrelated", "gone"] {
        let before = town.marks();
        let id = town.ask("bot", &["job", attack]);
        town.approve("alice", &id).expect(0);
        let branch = format!("refs/heads/claims/{id}");
        let request = town.git(&["rev-parse", &format!("requests/{id}")]).trim().to_owned();
        let put = |tip: &str| drop(town.git(&["update-ref", &branch, tip]));
        let mut code = Some("ending-missing");
        match attack {
            "request" => put(&request),
            "junk file" => {
                put(&commit(&town, &[&request], &format!("{}/claim.toml", directory(&town, &id)), "junk"));
                code = Some("record-invalid");
            }
            "merge" => {
                put(&commit(&town, &[&request, "main"], "requests/x", "junk"));
                code = Some("branch-tainted");
            }
            "unrelated" => {
                put(&commit(&town, &[], "x", "junk"));
                code = Some("branch-tainted");
            }
            _ => {
                town.resume("bot", &id).expect(122);
                let claim = town.git(&["rev-parse", &branch]).trim().to_owned();
                match attack {
                    // The lander drops what does not verify by itself.
                    "junk on top" => {
                        put(&commit(&town, &[&claim], &format!("{}/zzz", directory(&town, &id)), "junk"));
                        code = None;
                    }
                    // A decision that came after the claim, on top of it.
                    "copied approval" => {
                        town.approve("erin", &id).expect(0);
                        put(&copied(&town, &id, &claim, "erin"));
                        code = Some("claim-unauthorized");
                    }
                    _ => {
                        town.git(&["update-ref", "-d", &branch]);
                        code = None;
                    }
                }
            }
        }
        if let Some(code) = code {
            assert_eq!(leaves(&town), [code], "{attack}");
            assert_eq!(town.marks(), before);
        }
        if attack != "junk on top" {
            town.resume("bot", &id).expect(122);
        }
        assert_eq!(land(&town), "claim", "{attack}");
        town.resume("bot", &id).expect(0);
        assert_eq!((land(&town).as_str(), town.marks()), ("outcome", before + 1), "{attack}");
    }
    town.run("erin", &["verify", "--full"]).expect(0);
}

#[test]
fn whatever_lies_on_an_outcomes_branch_the_outcome_gets_through() {
    let town = found();
    for attack in ["claim again", "junk", "gone", "on top"] {
        let id = town.ask("bot", &["job", attack]);
        town.approve("alice", &id).expect(0);
        town.resume("bot", &id).expect(122);
        let claim = town.git(&["rev-parse", &format!("claims/{id}")]).trim().to_owned();
        assert_eq!(land(&town), "claim");
        let branch = format!("refs/heads/outcomes/{id}");
        let put = |tip: &str| drop(town.git(&["update-ref", &branch, tip]));
        let path = format!("{}/outcome.toml", directory_on(&town, &claim, &id));
        match attack {
            "claim again" => put(&claim),
            "junk" => put(&commit(&town, &[&claim], &path, "junk")),
            _ => {}
        }
        town.resume("bot", &id).expect(0);
        match attack {
            "gone" => {
                town.git(&["update-ref", "-d", &branch]);
                assert_eq!(land(&town), "");
                town.run("bot", &["sync"]).expect(0);
            }
            "on top" => {
                let outcome = town.git(&["rev-parse", &branch]).trim().to_owned();
                put(&commit(&town, &[&outcome], &path, "junk"));
            }
            _ => {}
        }
        assert_eq!(land(&town), "outcome", "{attack}");
        assert_eq!(town.state(&id), "executed", "{attack}");
    }
    town.run("erin", &["verify", "--full"]).expect(0);
}

/// A claim of a request that nobody approved, signed by its own runner, outside of expacti.
#[test]
fn ci_lands_no_claim_without_its_quorum() {
    let town = found();
    let id = claimed(&town);
    let (claim, open) = (town.git(&["rev-parse", &format!("claims/{id}")]), town.ask("bot", &["job", "other"]));
    // The claim of one request under the name of another, and with its approvals taken away.
    town.git(&["update-ref", &format!("refs/heads/claims/{open}"), claim.trim()]);
    let bare = without_decisions(&town, &id, claim.trim());
    town.git(&["update-ref", &format!("refs/heads/claims/{id}"), &bare]);
    let main = town.git(&["rev-parse", "main"]);
    let mut codes = leaves(&town);
    codes.sort();
    assert_eq!(codes, ["branch-tainted", "seen-missing"]);
    assert_eq!((town.git(&["rev-parse", "main"]), town.marks()), (main, 0));
}

#[test]
fn a_name_in_the_way_is_said() {
    let town = found();
    let id = approved(&town);
    town.git(&["update-ref", "refs/heads/claims", "main"]);
    town.resume("bot", &id).expect(125).says("expacti doctor");
    town.git(&["update-ref", "-d", "refs/heads/claims"]);
    town.resume("bot", &id).expect(122);
}

/// The directory of a request on its branch.
fn directory(town: &Town, id: &str) -> String {
    directory_on(town, &format!("requests/{id}"), id)
}

fn directory_on(town: &Town, commit: &str, id: &str) -> String {
    let files = town.files(commit, "requests");
    files.iter().find_map(|file| file.strip_suffix(&format!("{id}/request.toml"))).unwrap().to_owned() + id
}

const AUTHOR: [&str; 4] = ["-c", "user.name=mal", "-c", "user.email=mal@example.org"];

/// A commit with one more file, written with plain git.
fn commit(town: &Town, parents: &[&str], path: &str, text: &str) -> String {
    let file = town.path("junk");
    fs::write(&file, text).unwrap();
    let blob = town.git(&["hash-object", "-w", file.to_str().unwrap()]);
    with(town, parents, parents.first().copied(), &[(path.to_owned(), blob.trim().to_owned())], &[])
}

/// A commit of the tree of another, with blobs added and paths taken away.
fn with(town: &Town, parents: &[&str], base: Option<&str>, add: &[(String, String)], take: &[String]) -> String {
    let index = town.path("index");
    let _ = fs::remove_file(&index);
    let git = |args: &[&str]| -> String {
        let mut command = Command::new("git");
        command
            .env("GIT_INDEX_FILE", &index)
            .env("GIT_WORK_TREE", town.work())
            .args(["--git-dir", &town.url()])
            .args(args);
        String::from_utf8(tool(&mut command)).unwrap().trim().to_owned()
    };
    if let Some(base) = base {
        git(&["read-tree", base]);
    }
    for path in take {
        git(&["update-index", "--force-remove", path]);
    }
    for (path, blob) in add {
        git(&["update-index", "--add", "--replace", "--cacheinfo", &format!("100644,{blob},{path}")]);
    }
    let tree = git(&["write-tree"]);
    let parents = parents.iter().flat_map(|parent| ["-p", parent]);
    git(&AUTHOR.into_iter().chain(["commit-tree", "-m", "x"]).chain(parents).chain([tree.as_str()]).collect::<Vec<_>>())
}

/// The claim's chain with somebody's decision of the request's branch on top.
fn copied(town: &Town, id: &str, claim: &str, who: &str) -> String {
    let branch = format!("requests/{id}");
    let files = town.files(&branch, &format!("{}/decisions", directory(town, id)));
    let blob = |path: &String| town.git(&["rev-parse", &format!("{branch}:{path}")]).trim().to_owned();
    let add: Vec<(String, String)> = files
        .into_iter()
        .filter(|path| path.contains(&format!("/{who}.")))
        .map(|path| (path.clone(), blob(&path)))
        .collect();
    assert_eq!(add.len(), 2);
    with(town, &[claim], Some(claim), &add, &[])
}

/// The request and its claim, and nobody's decision.
fn without_decisions(town: &Town, id: &str, claim: &str) -> String {
    let take = town.files(claim, &format!("{}/decisions", directory(town, id)));
    with(town, &["main"], Some(claim), &[], &take)
}
