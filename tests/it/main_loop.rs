//! From a request to its outcome: who must agree, how a request ends, and what then stands on `main`.

use serde_json::Value;

use crate::support::{Cast, Town, cast};

/// Two DBAs, three others with roles, one without, and an agent that bob operates.
fn people() -> Cast {
    cast()
        .person("alice")
        .role("dba")
        .team("data")
        .person("erin")
        .role("dba")
        .team("data")
        .person("bob")
        .role("developer")
        .team("platform")
        .person("carol")
        .role("security-lead")
        .team("security")
        .person("dave")
        .role("admin")
        .team("ops")
        .person("frank")
        .agent("bot")
        .team("platform")
        .operators(&["bob"])
        .agent("helper")
        .team("platform")
        .runner("prod-runner")
        .group("dba", &["alice", "erin"])
        .group("leads", &["bob", "carol"])
        .group("everyone", &["dba", "leads"])
}

fn policy(name: &str, rest: &str) -> String {
    format!("[[approval_policies]]\nname = \"{name}\"\npattern = [\"{name}\", \"{name} *\"]\n{rest}\n")
}

/// One row: a policy, who approves in which order, and what `resume` then says.
///
/// `alice+` is an approval that is taken, `alice!` one that is refused before it is signed, `|122` a look in between.
struct Row(&'static str, &'static str, &'static str);

fn play_rows(rows: &[Row]) {
    let config: String = rows.iter().map(|row| policy(row.0, row.1)).collect();
    let town = Town::found(&config, &people());
    for (count, Row(name, _, steps)) in rows.iter().enumerate() {
        town.marking_program(name);
        let id = town.ask("bot", &[name]);
        for step in steps.split(' ') {
            if let Some(status) = step.strip_prefix('|') {
                town.resume("bot", &id).expect(status.parse().unwrap());
            } else if let Some(person) = step.strip_suffix('+') {
                town.approve(person, &id).expect(0);
            } else {
                let ran = town.approve(step.strip_suffix('!').unwrap(), &id);
                assert_eq!(ran.status, 1, "{name}: {step}: {}{}", ran.out, ran.err);
            }
        }
        assert_eq!(town.marks(), count + 1, "{name} ran once");
        assert_eq!(town.state(&id), "executed", "{name}");
        town.resume("bot", &id).expect(119);
        assert_eq!(town.marks(), count + 1, "{name} ran no more");
    }
}

#[test]
fn all_of_wants_a_different_person_in_every_seat() {
    play_rows(&[
        Row(
            "three",
            "requirement = \"all_of\"\nreviewers = [\"alice\", \"bob\", \"carol\"]",
            "alice+ bob+ |122 carol+ |0",
        ),
        Row(
            "one-person-one-seat",
            "requirement = \"all_of\"\nreviewers = [\"dba\", \"alice\"]",
            "alice+ |122 erin+ |0",
        ),
        Row("matching", "requirement = \"all_of\"\nreviewers = [\"everyone\", \"dba\"]", "alice+ |122 carol+ |0"),
        Row(
            "two-of-a-group",
            "requirement = \"all_of\"\nreviewers = [{ group = \"dba\", count = 2 }]",
            "alice+ |122 erin+ |0",
        ),
        Row(
            "the-whole-group",
            "requirement = \"all_of\"\nreviewers = [\"leads/*\", \"dba\"]",
            "carol+ erin+ |122 bob+ |0",
        ),
        Row(
            "layered-all",
            "requirement = \"all_of\"\nreviewers = [\"dba\", \"everyone\"]\nmin_role = \"security-lead\"",
            "alice+ erin+ |122 carol+ |0",
        ),
    ]);
}

#[test]
fn any_of_wants_as_many_different_people_as_it_says() {
    play_rows(&[
        Row("one", "requirement = \"any_of\"\nreviewers = [\"dba\"]", "frank! |122 erin+ |0"),
        Row(
            "two",
            "requirement = \"any_of\"\nreviewers = [\"dba\", \"carol\"]\nmin_approvals = 2",
            "alice+ |122 carol+ |0",
        ),
        Row(
            "layered",
            "requirement = \"any_of\"\nreviewers = [\"everyone\"]\nmin_approvals = 2\nmin_role = \"security-lead\"",
            "alice+ erin+ |122 carol+ |0",
        ),
        Row(
            "at-that-hour",
            "requirement = \"any_of\"\nreviewers = [\"dba\"]\nescalations = [{ hours = \"08:00-10:00\", min_approvals = 2 }]",
            "alice+ |122 erin+ |0",
        ),
        Row("nested-groups", "requirement = \"any_of\"\nreviewers = [\"everyone\"]", "dave! frank! |122 carol+ |0"),
    ]);
}

#[test]
fn min_role_wants_that_rank_or_a_higher_one() {
    play_rows(&[
        Row("lead", "requirement = \"min_role\"\nmin_role = \"security-lead\"", "alice! bob! frank! |122 carol+ |0"),
        Row("higher", "requirement = \"min_role\"\nmin_role = \"security-lead\"", "dave+ |0"),
        Row(
            "two-leads",
            "requirement = \"min_role\"\nmin_role = \"security-lead\"\nmin_approvals = 2",
            "carol+ |122 dave+ |0",
        ),
    ]);
}

#[test]
fn the_asking_side_is_kept_apart_as_the_policy_says() {
    play_rows(&[
        Row(
            "another-team",
            "requirement = \"any_of\"\nreviewers = [\"bob\", \"frank\", \"carol\"]\nseparation = \"team\"",
            "bob! frank! |122 carol+ |0",
        ),
        Row(
            "another-role",
            "requirement = \"any_of\"\nreviewers = [\"bob\", \"frank\", \"carol\"]\nseparation = \"role\"",
            "bob! frank! |122 carol+ |0",
        ),
        Row(
            "never-the-operator",
            "requirement = \"any_of\"\nreviewers = [\"bob\", \"carol\"]\noperators = \"exclude\"",
            "bob! |122 carol+ |0",
        ),
        Row(
            "not-the-operator-alone",
            "requirement = \"any_of\"\nreviewers = [\"bob\", \"carol\"]",
            "bob+ |122 carol+ |0",
        ),
        Row(
            "the-operator-counts",
            "requirement = \"any_of\"\nreviewers = [\"bob\", \"carol\"]\noperators = \"count\"",
            "bob+ |0",
        ),
    ]);
}

#[test]
fn nobody_approves_their_own_request_and_agents_approve_nothing() {
    let config = policy("job", "requirement = \"any_of\"\nreviewers = [\"alice\", \"erin\"]");
    let town = Town::found(&config, &people());
    town.marking_program("job");
    let id = town.ask("alice", &["job"]);
    town.approve("alice", &id).expect(1).says("nobody approves their own request");
    town.approve("helper", &id).expect(1).says("is not a person");
    town.resume("alice", &id).expect(122);
    town.approve("erin", &id).expect(0);
    town.resume("bot", &id).expect(122).says("runner `alice`");
    town.resume("alice", &id).expect(0);
    assert_eq!(town.marks(), 1);
}

/// The records of one request as they lie at the tip of `main`, without signatures.
fn records(town: &Town, id: &str) -> Vec<String> {
    let files = town.files("main", "requests");
    let own = files.iter().filter_map(|file| Some(file.split_once(id)?.1.trim_start_matches('/').to_owned()));
    let (signatures, records): (Vec<_>, Vec<_>) = own.partition(|file| file.ends_with(".sig"));
    let named: Vec<String> = records.iter().filter(|file| file.ends_with(".toml")).cloned().collect();
    let signed: Vec<String> = signatures.iter().map(|file| file.trim_end_matches(".sig").to_owned()).collect();
    assert_eq!(named, signed, "each record has its signature");
    // `decisions/alice.1f2e….toml`
    let short = |file: String| match file.split_once('.') {
        Some((person, _)) if file.starts_with("decisions/") => person.to_owned(),
        _ => file,
    };
    records.into_iter().filter(|file| !file.starts_with("files/")).map(short).collect()
}

/// Every step of `main` has the shape that the contract gives it, read with plain git.
fn steps_are_legal(town: &Town) -> Vec<String> {
    let chain = town.git(&["rev-list", "--first-parent", "--reverse", "--parents", "main"]);
    let mut subjects = Vec::new();
    for (height, line) in chain.lines().enumerate() {
        let ids: Vec<&str> = line.split(' ').collect();
        if height == 0 {
            assert_eq!(ids.len(), 1, "the genesis has no parent");
            continue;
        }
        let [step, first, second] = ids.as_slice() else { panic!("a request step has two parents: {line}") };
        // The second parent is a chain of single-parent commits from a commit of main.
        let own = town.git(&["rev-list", "--parents", second, &format!("^{first}")]);
        assert!(own.lines().all(|line| line.split(' ').count() == 2), "{own}");
        let changes = town.git(&["diff-tree", "-r", "--name-status", first, step]);
        let mut of = std::collections::BTreeSet::new();
        for change in changes.lines() {
            let (how, path) = change.split_once('\t').unwrap();
            assert_eq!(how, "A", "a step only adds: {change}");
            let parts: Vec<&str> = path.split('/').collect();
            assert_eq!(parts[0], "requests", "{path}");
            of.insert(parts[1..5].join("/"));
        }
        assert_eq!(of.len(), 1, "a step is about one request: {changes}");
        subjects.push(town.git(&["log", "-1", "--format=%s", step]).trim().rsplit(' ').next().unwrap().to_owned());
    }
    subjects
}

#[test]
fn allow_runs_at_once_and_deny_and_no_match_never() {
    let harmless = "[[approval_policies]]\nname = \"harmless\"\npattern = \"touch *\"\nrequirement = \"allow\"\n";
    let town = Town::found(&(harmless.to_owned() + &policy("forbidden", "requirement = \"deny\"")), &people());
    for name in ["forbidden", "unknown"] {
        town.marking_program(name);
    }
    for file in ["one", "two", "two"] {
        town.run("bot", &["run", "--", "touch", file]).expect(0);
        assert!(town.work().join(file).exists(), "an allowed command is asked for anew each time");
    }
    let denied = town.run("bot", &["--json", "run", "--", "forbidden"]).expect(120).says("Silence is not consent");
    town.run("bot", &["run", "--", "unknown"]).expect(120).says("refused by policy");
    assert_eq!(town.marks(), 0);
    let id = denied.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(town.state(&id), "refused");
    assert_eq!(records(&town, &id), ["outcome.toml", "request.toml"]);
    let ran = ["claim", "outcome"];
    assert_eq!(steps_are_legal(&town), [&ran[..], &ran, &ran, &["refused", "refused"]].concat());
    assert!(town.branches().is_empty());
    town.resume("bot", &id).expect(120);
}

#[test]
fn allow_holds_only_for_programs_in_the_trusted_path() {
    let config = policy("harmless", "requirement = \"allow\"");
    let town = Town::found(&config, &people());
    town.marking_program("harmless");
    town.run("bot", &["run", "--", "harmless"]).expect(120);
    assert_eq!(town.marks(), 0);
}

const ONE: &str = "requirement = \"any_of\"\nreviewers = [\"alice\", \"erin\"]\ntimeout = \"10m\"";

fn one_job() -> Town {
    let town = Town::found(&policy("job", ONE), &people());
    town.marking_program("job");
    town
}

#[test]
fn first_match_wins() {
    let config = format!(
        "{}{}",
        policy("job", "requirement = \"any_of\"\nreviewers = [\"carol\"]"),
        "[[approval_policies]]\nname = \"rest\"\npattern = \"*\"\nrequirement = \"deny\"\n"
    );
    let town = Town::found(&config, &people());
    town.marking_program("job");
    town.marking_program("other");
    let id = town.ask("bot", &["job"]);
    town.run("bot", &["run", "--", "other"]).expect(120);
    town.approve("carol", &id).expect(0);
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn what_stands_on_main_after_a_run() {
    let town = one_job();
    let id = town.ask("bot", &["job"]);
    assert_eq!(town.branches(), std::slice::from_ref(&id));
    assert_eq!(town.files("main", "requests"), Vec::<String>::new());
    town.approve("alice", &id).expect(0);
    assert_eq!(town.state(&id), "approved");
    town.resume("bot", &id).expect(0);
    assert_eq!(records(&town, &id), ["claim.toml", "decisions/alice", "outcome.toml", "request.toml"]);
    assert_eq!(steps_are_legal(&town), ["claim", "outcome"]);
    assert!(town.branches().is_empty(), "the finished branch is gone");
    let status = town.status(&id);
    assert_eq!(status["outcome"]["exit"], 0);
    assert_eq!(status["decisions"][0]["comment"], "looked at it");
}

#[test]
fn one_denial_ends_it_for_good() {
    let town = one_job();
    let id = town.ask("bot", &["job"]);
    town.deny("bob", &id).expect(1).says("fills no seat");
    town.deny("erin", &id).expect(0);
    assert_eq!(records(&town, &id), ["decisions/erin", "request.toml"]);
    town.approve("alice", &id).expect(1).says("has ended");
    let ran = town.resume("bot", &id).expect(120);
    assert!(ran.err.contains("not today") && ran.err.contains("Silence is not consent"), "{}", ran.err);
    assert_eq!(town.marks(), 0);
    assert_eq!(steps_are_legal(&town), ["denied"]);
    // A retry is a new request, linked to the old one.
    let again = town.run("bot", &["run", "--no-wait", "--retry-of", &id[..8], "--", "job"]).expect(122);
    let again = again.out.split_whitespace().next().unwrap().to_owned();
    assert_ne!(again, id);
    assert_eq!(town.status(&again)["retry_of"], Value::String(id));
}

#[test]
fn a_denial_takes_back_an_approval() {
    let config = policy("job", "requirement = \"all_of\"\nreviewers = [\"alice\", \"carol\"]");
    let town = Town::found(&config, &people());
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    town.deny("alice", &id).expect(0);
    town.approve("carol", &id).expect(1);
    town.resume("bot", &id).expect(120);
    assert_eq!(records(&town, &id), ["decisions/alice", "decisions/alice", "request.toml"]);
    assert_eq!(town.marks(), 0);
}

#[test]
fn the_operator_may_deny_even_where_it_may_not_approve() {
    let config = policy("job", "requirement = \"any_of\"\nreviewers = [\"bob\", \"carol\"]\noperators = \"exclude\"");
    let town = Town::found(&config, &people());
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    town.approve("bob", &id).expect(1);
    town.deny("bob", &id).expect(0);
    town.resume("bot", &id).expect(120);
}

#[test]
fn the_requester_can_take_it_back() {
    let town = one_job();
    let id = town.ask("bot", &["job"]);
    town.run("helper", &["cancel", &id]).expect(1).says("not `helper`'s");
    town.run("bot", &["cancel", "--reason", "wrong branch", &id[..6]]).expect(0);
    assert_eq!(town.state(&id), "withdrawn");
    assert_eq!(records(&town, &id), ["outcome.toml", "request.toml"]);
    town.approve("alice", &id).expect(1);
    town.deny("alice", &id).expect(1);
    town.run("bot", &["cancel", &id]).expect(1);
    town.resume("bot", &id).expect(123);
    assert_eq!(steps_are_legal(&town), ["withdrawn"]);
    assert_eq!(town.marks(), 0);
}

#[test]
fn silence_is_a_denial_when_the_time_is_over() {
    let town = one_job();
    let id = town.ask("bot", &["job"]);
    town.pass(599);
    town.resume("bot", &id).expect(122);
    town.pass(2);
    assert_eq!(town.state(&id), "expired");
    town.approve("alice", &id).expect(1).says("expired");
    town.resume("bot", &id).expect(124);
    assert_eq!(records(&town, &id), ["outcome.toml", "request.toml"]);
    assert_eq!(steps_are_legal(&town), ["expired"]);
    assert_eq!(town.marks(), 0);
}

#[test]
fn an_approval_does_not_outlive_the_request() {
    let town = one_job();
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    town.pass(601);
    town.resume("bot", &id).expect(124);
    assert_eq!(town.marks(), 0);
}

#[test]
fn anyone_may_tidy_up_what_has_expired() {
    let town = one_job();
    let id = town.ask("bot", &["job"]);
    town.pass(601);
    town.run("alice", &["sync"]).expect(0).says(&id);
    assert_eq!(town.status(&id)["landed"], true);
    assert!(town.branches().is_empty());
}

#[test]
fn the_same_ask_is_taken_up_again() {
    let town = one_job();
    let id = town.ask("bot", &["job"]);
    assert_eq!(town.ask("bot", &["job"]), id, "the same request");
    assert_ne!(town.ask("bot", &["job", "other"]), id, "other arguments are another request");
    assert_ne!(town.ask("helper", &["job"]), id, "another's request is another");
    town.approve("alice", &id).expect(0);
    town.run("bot", &["run", "--wait", "0s", "--", "job"]).expect(0);
    assert_eq!(town.marks(), 1);
    assert_eq!(town.state(&id), "executed");
    assert_ne!(town.ask("bot", &["job"]), id, "what is spent is asked for anew");
}

#[test]
fn waiting_ends_with_the_approval_or_with_the_time_given() {
    let town = one_job();
    let started = town.now();
    town.run("bot", &["run", "--wait", "3s", "--", "job"]).expect(122).says("expacti resume");
    assert!((3..=4).contains(&(town.now() - started)));
    let id = town.branches().remove(0);
    let (there, approved) = (town.clone(), id.clone());
    town.meanwhile(|| {});
    town.meanwhile(move || {
        there.approve("erin", &approved).expect(0);
    });
    town.run("bot", &["resume", "--wait", "1h", &id]).expect(0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn waiting_ends_with_a_denial_a_withdrawal_and_the_end_of_its_time() {
    let town = one_job();
    let there = town.clone();
    town.meanwhile(move || {
        there.deny("erin", &there.branches().remove(0)).expect(0);
    });
    town.run("bot", &["run", "--wait", "1h", "--", "job"]).expect(120);
    let there = town.clone();
    town.meanwhile(move || {
        there.run("bot", &["cancel", &there.branches().remove(0)]).expect(0);
    });
    town.run("bot", &["run", "--wait", "1h", "--", "job"]).expect(123);
    let there = town.clone();
    town.meanwhile(move || there.pass(600));
    town.run("bot", &["run", "--wait", "1h", "--", "job"]).expect(124);
    assert_eq!(town.marks(), 0);
}

#[test]
fn only_the_runner_that_the_policy_names_may_run_it() {
    let config = policy("job", "requirement = \"any_of\"\nreviewers = [\"carol\"]\nrunner = \"prod-runner\"");
    let town = Town::found(&config, &people());
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    assert_eq!(town.status(&id)["runner"], "prod-runner");
    town.approve("carol", &id).expect(0);
    town.resume("bot", &id).expect(122).says("prod-runner");
    assert_eq!(town.marks(), 0);
    town.resume("prod-runner", &id).expect(0);
    assert_eq!(town.marks(), 1);
    town.resume("bot", &id).expect(119);
}

#[test]
fn an_approval_must_be_as_careful_as_the_policy_asks() {
    let config = policy(
        "job",
        "requirement = \"any_of\"\nreviewers = [\"dba\"]\nrequire_comment = true\nmin_review_time = \"20s\"\nquestions = { dba = \"Will it lock the table?\" }",
    );
    let town = Town::found(&config, &people());
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    town.run("alice", &["show", &id]).expect(0).says("Will it lock the table?");
    let approve = |more: &[&str]| town.run("alice", &[&["approve", "--yes", &id], more].concat());
    approve(&["-m", "fine", "--answer", "dba=no"]).expect(1).says("20 s");
    town.pass(30);
    approve(&["--answer", "dba=no"]).expect(1).says("comment");
    approve(&["-m", "fine"]).expect(1).says("Will it lock the table?");
    approve(&["-m", "fine", "--answer", "dba=no"]).expect(0);
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn pending_shows_what_i_can_decide() {
    let config = policy("job", ONE) + &policy("other", "requirement = \"any_of\"\nreviewers = [\"carol\"]");
    let town = Town::found(&config, &people());
    town.marking_program("job");
    town.marking_program("other");
    let (job, other) = (town.ask("bot", &["job"]), town.ask("bot", &["other"]));
    let pending = |who: &str, args: &[&str]| -> Vec<String> {
        let list = town.run(who, &[&["--json", "pending"], args].concat()).expect(0).json();
        list.as_array().unwrap().iter().map(|request| request["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(pending("alice", &[]), std::slice::from_ref(&job));
    assert_eq!(pending("carol", &[]), std::slice::from_ref(&other));
    assert!(pending("frank", &[]).is_empty() && pending("bot", &[]).is_empty());
    assert_eq!(pending("frank", &["--all"]).len(), 2);
    town.approve("alice", &job).expect(0);
    assert!(pending("alice", &[]).is_empty(), "decided");
    town.deny("carol", &other).expect(0);
    assert!(pending("carol", &["--all"]) == [job]);
}

#[test]
fn at_a_terminal_a_reviewer_is_asked_and_may_say_no() {
    let town = one_job();
    let id = town.ask("bot", &["job"]);
    let before = town.refs();
    town.run_at_terminal("alice", &["n"], &["approve", &id[..6]]).expect(1).says("nothing signed");
    town.run("alice", &["approve", &id]).expect(2).says("--yes");
    town.run("alice", &["approve", "--yes", &id[..31]]).expect(2).says("full id");
    assert_eq!(town.refs(), before);
    town.run_at_terminal("alice", &["y"], &["approve", &id[..6]]).expect(0).says("job");
    town.resume("bot", &id).expect(0);
}

#[test]
fn the_seeds_sample_is_valid_byte_for_byte() {
    let seed = include_str!("seed-config.toml");
    let cast = cast()
        .people(&["dev-lead", "dba", "security", "oncall-primary", "oncall-secondary", "eng-manager"])
        .person("boss")
        .role("admin")
        .agent("bot")
        .operators(&["eng-manager"]);
    let town = Town::found(seed, &cast);
    assert_eq!(town.git(&["show", "main:config.toml"]), seed);
    for name in ["migrate", "deploy", "uptime-report"] {
        town.marking_program(name);
    }
    let id = town.ask("bot", &["migrate", "up"]);
    town.approve("boss", &id).expect(1);
    for person in ["dev-lead", "dba", "security"] {
        town.resume("bot", &id).expect(122);
        town.approve(person, &id).expect(0);
    }
    town.resume("bot", &id).expect(0);
    // The seed's own order: `*` stands before `deploy*`, so the on-call pool governs deployments.
    let id = town.ask("bot", &["deploy", "prod"]);
    town.approve("boss", &id).expect(1);
    town.approve("oncall-secondary", &id).expect(0);
    town.resume("bot", &id).expect(0);
    let id = town.ask("bot", &["uptime-report"]);
    town.approve("oncall-primary", &id).expect(0);
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 3);
}

/// Seen to pass by one approval where only whole arguments are looked at: the directory of staging "proves" that production is not meant.
#[test]
fn a_shell_around_a_command_takes_it_to_no_other_environment() {
    let people = cast().people(&["alice", "bob"]).group("dba", &["alice", "bob"]).agent("bot");
    let town = Town::empty();
    town.program("deploy", "echo deployed");
    let config = "
[[environments]]
name = \"production\"
arguments = [\"prod\"]
[[environments]]
name = \"staging\"
cwd = [\"*/work\"]
[[approval_policies]]
name = \"production\"
pattern = \"deploy*\"
environments = [\"production\"]
requirement = \"all_of\"
reviewers = [\"alice\", \"bob\"]
[[approval_policies]]
name = \"rest\"
pattern = \"*\"
requirement = \"any_of\"
reviewers = [\"dba\"]
";
    let town = Town::found_in(town, config, &people);
    let governs = |command: &[&str]| {
        let report = town.status(&town.ask("bot", command));
        let names = |key: &str, name: &str| {
            let of = |one: &Value| one[name].as_str().or(one.as_str()).unwrap_or_default().to_owned();
            report[key].as_array().unwrap().iter().map(of).collect::<Vec<_>>().join(" ")
        };
        format!("{} | {}", names("environments", "name"), names("policies", "name"))
    };
    for (command, expected) in [
        (&["deploy", "test"][..], "staging | rest"),
        (&["sh", "-c", "deploy test"], "staging | rest"),
        (&["sh", "-c", "deploy prod"], "production staging | production rest"),
        (&["env", "nice", "sh", "-c", "true; deploy 'pr'od"], "production staging | production rest"),
    ] {
        assert_eq!(governs(command), expected, "{command:?}");
    }
}
