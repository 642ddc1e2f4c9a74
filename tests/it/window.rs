//! `main`'s tip holds a window of the newest requests; what it dropped is found in history all the same.

use std::path::Path;

use expacti::domain::id::{Digest, Nonce, RequestId};
use expacti::domain::outcome::Outcome;
use expacti::domain::request::Request;
use expacti::gate::history::History as _;
use expacti::record::Record;
use expacti::world::objects::Objects;

use crate::support::{Town, cast, key_of};

const POLICY: &str =
    "[[approval_policies]]\nname = \"job\"\npattern = \"job\"\nrequirement = \"any_of\"\nreviewers = [\"alice\"]\n";

/// Requests in the tip's tree.
fn held(town: &Town) -> Vec<String> {
    let files = town.files("main", "requests");
    files.iter().filter_map(|file| Some(file.strip_suffix("/request.toml")?.rsplit('/').next()?.to_owned())).collect()
}

/// Lands `count` more refusals like the one of `id`, as a machine of its own would, with one push at the end.
fn land_refusals(town: &Town, id: &str, count: u8) {
    let objects = Objects::open(Path::new(&town.url())).unwrap();
    let files = town.files("main", "requests");
    let read = |name: &str| {
        let path = files.iter().find(|file| file.ends_with(&format!("{id}/{name}"))).unwrap();
        town.git_bytes(&["show", &format!("main:{path}")])
    };
    let mut request = Request::parse(&read("request.toml")).unwrap();
    let mut outcome = Outcome::parse(&read("outcome.toml")).unwrap();
    let key = key_of(request.requester.as_str());
    let mut tip = objects.reference("refs/heads/main").unwrap().unwrap();
    for nonce in 1..=count {
        request.nonce = Nonce::new([nonce; 16]);
        let asked = request.render();
        outcome.request = Digest::of(&asked);
        outcome.seen = vec![outcome.request];
        let ended = outcome.render();
        let directory = request.directory(&RequestId::of(&outcome.request));
        let blobs = [
            ("request.toml", asked.clone()),
            ("request.toml.sig", key.sign(Request::NAMESPACE, &asked)),
            ("outcome.toml", ended.clone()),
            ("outcome.toml.sig", key.sign(Outcome::NAMESPACE, &ended)),
        ]
        .map(|(name, bytes)| (format!("{directory}/{name}"), objects.write_blob(&bytes).unwrap()));
        let write = |parents: &[_], added: &[_]| {
            let tree = objects.commit(&parents[0]).unwrap().tree;
            let tree = objects.write_tree(Some(&tree), added).unwrap();
            objects.write_commit(parents, &tree, "bot", outcome.recorded, "refused").unwrap()
        };
        let own = write(&[request.place.base], &blobs[..2]);
        let own = write(&[own], &blobs[2..]);
        tip = write(&[tip, own], &blobs);
    }
    town.git(&["update-ref", "refs/heads/main", &tip.to_string()]);
}

#[test]
fn the_tip_holds_a_window_of_the_newest_requests() {
    let town = Town::found(POLICY, &cast().person("alice").agent("bot"));
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    town.resume("bot", &id).expect(0);
    let refused = town.run("bot", &["--json", "run", "--", "true"]).expect(120).json();
    land_refusals(&town, refused["id"].as_str().unwrap(), 253);
    town.run("bot", &["run", "--", "true"]).expect(120);
    assert_eq!(held(&town).len(), 256);
    assert!(held(&town).contains(&id));
    town.run("bot", &["run", "--", "true"]).expect(120);
    assert_eq!(held(&town).len(), 1, "the lander starts afresh");
    assert!(town.git(&["ls-tree", "--name-only", "main"]).contains("policy"), "and drops nothing else");
    for who in ["alice", "ada"] {
        town.run(who, &["--json", "show", &id]).expect(0).says("\"executed\"").says("looked at it");
        town.run(who, &["status", &id[..8]]).expect(0).says("it ran and exited with 0");
    }
    town.resume("bot", &id).expect(119);
    town.approve("alice", &id).expect(1);
    assert_eq!(town.marks(), 1);
}

/// The program takes the repository away while it runs, so that its outcome must wait.
#[test]
fn an_outcome_lands_also_after_its_claim_has_left_the_window() {
    let town = Town::found(POLICY, &cast().person("alice").agent("bot"));
    let away = town.path("away.git");
    town.program("job", &format!("mv '{}' '{}'", town.url(), away.display()));
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    town.resume("bot", &id).expect(0).says("not on main yet");
    std::fs::rename(&away, town.url()).unwrap();
    let refused = town.run("alice", &["--json", "run", "--", "true"]).expect(120).json();
    land_refusals(&town, refused["id"].as_str().unwrap(), 254);
    assert_eq!(held(&town).len(), 256);
    town.run("alice", &["run", "--", "true"]).expect(120);
    assert_eq!((held(&town).len(), town.state(&id).as_str()), (1, "claimed"));
    town.run("bot", &["sync"]).expect(0).says(&id);
    assert_eq!((held(&town).len(), town.state(&id).as_str()), (2, "executed"));
    assert!(held(&town).contains(&id));
    town.resume("bot", &id).expect(119);
}
