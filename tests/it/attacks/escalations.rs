//! Escalations by risk: every judge reckons them anew from what had landed, and nobody believes the claimer.

use expacti::gate::finding::Code;

use super::fixture::{Ground, Open, Version, config_for, signed};
use super::{SIDE, names};

/// One approval suffices, unless the risk is medium: then two. Nothing was ever executed here.
fn ground() -> Ground {
    let mut ground = Ground::new();
    let config = String::from_utf8(config_for(&["alice", "bob", "carol"])).unwrap();
    let config = config.replace("min_approvals = 2", "min_approvals = 1")
        + "escalations = [{ risk = \"medium\", min_approvals = 2 }]\n";
    ground.policy(&Version { config: config.into_bytes(), ..Version::second(ground.root) });
    ground
}

fn asked(ground: &Ground, file: &str) -> Open {
    let mut open = ground.ask(ground.request(file), "bot");
    ground.approve(&mut open, "alice");
    open
}

fn resumed(ground: &Ground, open: &Open) -> (u8, String) {
    ground.run("bot", &["resume", "--no-wait", &open.id.to_string()])
}

/// As an honest runner would end it, whether or not anybody may.
fn claimed(ground: &mut Ground, mut open: Open) {
    let claim = ground.claim(&open, "bot");
    ground.append(&mut open, &signed("claim.toml", &claim, "bot"));
    ground.land(&open);
}

#[test]
fn what_was_never_executed_needs_more_people() {
    let mut ground = ground();
    let mut first = asked(&ground, SIDE);
    assert_eq!(resumed(&ground, &first).0, 122);
    assert!(!ground.ran(SIDE));
    ground.approve(&mut first, "bob");
    let (status, said) = resumed(&ground, &first);
    assert_eq!(status, 0, "{said}");
    assert!(ground.ran(SIDE));
    // Once it is known, one suffices; and everybody who verifies agrees.
    ground.main = ground.objects.reference(super::fixture::MAIN).unwrap().unwrap();
    let second = asked(&ground, "other");
    let (status, said) = resumed(&ground, &second);
    assert_eq!(status, 0, "{said}");
    let (status, report) = ground.verify("auditor", &["--full"]);
    assert_eq!(status, 0, "{report:#}");
}

#[test]
fn a_claim_that_passes_an_escalation_over_is_found() {
    let mut ground = ground();
    let open = asked(&ground, SIDE);
    claimed(&mut ground, open);
    let (status, report) = ground.verify("auditor", &["--full"]);
    assert_eq!(status, 1, "{report:#}");
    assert!(names(&report["findings"], Code::ClaimUnauthorized), "{report:#}");
}

/// Else an agent could have something harmless of the same kind executed first, and its old request for less.
#[test]
fn what_happens_later_lowers_no_bar() {
    let mut ground = ground();
    let old = ground.ask(ground.request(SIDE), "bot");
    let mut harmless = asked(&ground, "harmless");
    ground.approve(&mut harmless, "bob");
    claimed(&mut ground, harmless);
    let mut old = old;
    ground.approve(&mut old, "alice");
    assert_eq!(resumed(&ground, &old).0, 122);
    assert!(!ground.ran(SIDE));
    claimed(&mut ground, old);
    let (status, report) = ground.verify("auditor", &["--full"]);
    assert_eq!(status, 1, "{report:#}");
    assert!(names(&report["findings"], Code::ClaimUnauthorized), "{report:#}");
}

/// `trusted` is the requester's word; where the program lies is for the policy to judge.
#[test]
fn a_requester_that_calls_its_program_trusted_is_not_believed() {
    let ground = ground();
    let signals = |path: &str| {
        let mut request = ground.request(SIDE);
        request.command.program.path = path.as_bytes().to_vec();
        request.command.program.hops = Vec::new();
        request.command.program.trusted = true;
        let open = ground.ask(request, "bot");
        let (_, said) = ground.run("alice", &["--json", "show", &open.id.to_string()]);
        let shown = serde_json::Deserializer::from_str(&said).into_iter::<serde_json::Value>().next().unwrap().unwrap();
        let reasons = shown["risk"]["reasons"].as_array().unwrap().clone();
        reasons.iter().map(|reason| reason["signal"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(signals("/home/bot/touch").contains(&"untrusted-binary".to_owned()));
    assert!(!signals("/usr/bin/touch").contains(&"untrusted-binary".to_owned()));
}
