//! `watch`: what waits for one reviewer, as it comes; and the relay that tells the channels for everyone.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::notify::{Answer, POLICY, Server, configure, keep, people, reach};
use crate::support::Town;

fn found() -> Town {
    let town = Town::found(POLICY, &people());
    town.marking_program("job");
    town
}

#[test]
fn it_tells_what_waits_for_me_and_nothing_else() {
    let town = found();
    let id = town.ask("bot", &["job", "one"]);
    town.ask("alice", &["job", "mine"]);
    let ran = town.run("alice", &["watch", "--wait", "0s"]).expect(0);
    assert_eq!(ran.out.matches("new").count(), 1, "{}", ran.out);
    ran.says(&format!("new  {id} by bot\n    job one\n")).says(&format!("expacti review, or expacti approve {id}\n"));
    // Not a reviewer; and who has decided is not told again.
    assert_eq!(town.run("carol", &["watch", "--wait", "0s"]).expect(0).out, "");
    town.approve("alice", &id).expect(0);
    assert_eq!(town.run("alice", &["watch", "--wait", "0s"]).expect(0).out, "");
}

#[test]
fn it_tells_what_comes_and_how_it_ends() {
    let town = found();
    let told = town.clone();
    town.meanwhile(move || {
        let id = told.ask("bot", &["job", "later"]);
        fs::write(told.path("id"), id).unwrap();
    });
    let ended = town.clone();
    for _ in 0..60 {
        town.meanwhile(|| {});
    }
    town.meanwhile(move || {
        let id = fs::read_to_string(ended.path("id")).unwrap();
        ended.approve("bob", &id).expect(0);
        ended.resume("bot", &id).expect(0);
    });
    let ran = town.run("alice", &["--json", "watch", "--wait", "30s"]).expect(0);
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["request.created", "request.ended"]);
    assert_eq!((&lines[0]["data"]["command"], &lines[1]["data"]["state"]), (&"job later".into(), &"executed".into()));
    assert_eq!(lines[0]["data"]["who"], serde_json::json!(["alice"]));
}

#[test]
fn it_reminds_once_and_tells_of_the_expiry() {
    let town = found();
    let id = town.ask("bot", &["job"]);
    // Each pause is cut short by what happens in it.
    for seconds in [51 * 60, 10 * 60] {
        let later = town.clone();
        town.meanwhile(move || later.pass(seconds));
        (0..60).for_each(|_| town.meanwhile(|| {}));
    }
    let ran = town.run("alice", &["watch", "--wait", "62m"]).expect(0);
    let words: Vec<&str> = ran.out.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(words.len(), 3, "{}", ran.out);
    assert!(words[0].contains(&format!("new  {id}")) && words[1].contains(&format!("soon over  {id}")), "{words:?}");
    assert!(words[2].contains(&format!("ended  {} of bot: expired", &id[..8])), "{words:?}");
}

#[test]
fn a_pop_up_gets_each_event_and_its_failure_is_said() {
    let town = found();
    let kept = town.path("popped");
    let popup = town.program("popup", &format!("cat >> '{}'; exit 4", kept.display()));
    configure(&town, "alice", &format!("[watch]\ncommand = [{popup:?}]\n"));
    let id = town.ask("bot", &["job"]);
    let ran = town.run("alice", &["watch", "--wait", "0s"]).expect(0);
    let event: Value = serde_json::from_str(&fs::read_to_string(&kept).unwrap()).unwrap();
    assert_eq!(event["data"]["id"], id);
    ran.says("the command of `[watch]`: its program ended with 4");
}

#[test]
fn a_repository_that_is_gone_for_a_while_ends_nothing() {
    let town = found();
    let (away, back) = (town.clone(), town.clone());
    let hidden = town.path("hidden.git");
    let (there, url) = (hidden.clone(), town.url());
    town.meanwhile(move || fs::rename(away.url(), &hidden).unwrap());
    for _ in 0..60 {
        town.meanwhile(|| {});
    }
    town.meanwhile(move || {
        fs::rename(&there, url).unwrap();
        back.ask("bot", &["job", "after"]);
    });
    let ran = town.run("alice", &["watch", "--wait", "2m"]).expect(0);
    ran.says("nothing can be told now, trying again").says("the repository answers again").says("job after");
}

/// A town whose relay, `carol`'s machine, reaches a webhook.
fn relayed(server: &Server) -> Town {
    let town = Town::found(&format!("{POLICY}\n[[notify.channels]]\nname = \"room\"\nkind = \"teams\"\n"), &people());
    town.marking_program("job");
    let url = keep(&town, "url", &server.url());
    configure(&town, "carol", &reach(&url, "room"));
    town
}

#[test]
fn a_relay_tells_for_everyone_once_also_after_a_restart() {
    let server = Server::start(&[Answer::Status(200)]);
    let town = relayed(&server);
    let relay = || town.run("carol", &["watch", "--relay", "--wait", "0s"]).expect(0);
    let first = town.ask("bot", &["job", "1"]);
    let second = town.ask("alice", &["job", "2"]);
    relay();
    let bodies = || -> Vec<String> {
        server.posted().iter().map(|post| String::from_utf8(post.body.clone()).unwrap()).collect()
    };
    assert_eq!(bodies().len(), 2);
    assert!([&first, &second].iter().all(|id| bodies().iter().any(|body| body.contains(id.as_str()))));
    relay();
    assert_eq!(bodies().len(), 2);
    town.approve("bob", &first).expect(0);
    town.resume("bot", &first).expect(0);
    town.deny("bob", &second).expect(0);
    relay();
    relay();
    assert_eq!(bodies().len(), 4);
    assert!(bodies()[2..].iter().any(|body| body.contains("is executed")), "{:?}", &bodies()[2..]);
    assert!(bodies()[2..].iter().any(|body| body.contains("is denied")), "{:?}", &bodies()[2..]);
    // Without channels it has nothing to do, and says so.
    town.run("bob", &["watch", "--relay", "--wait", "0s"]).expect(1).says("this machine reaches no channel");
}

#[test]
fn ctrl_c_leaves_at_once() {
    let town = found();
    town.set_clock();
    town.ask("bot", &["job"]);
    let mut watching = town.expacti("alice").arg("watch").stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(watching.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.contains("new"), "{line}");
    let pid = rustix::process::Pid::from_raw(i32::try_from(watching.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(watching.wait().unwrap().code(), Some(130));
}
