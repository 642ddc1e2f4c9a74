//! What stands on the branch of a request, and stops nobody.

use expacti::domain::decision::Verdict;
use expacti::gate::finding::Code;

use super::fixture::{Files, Ground, Open, decided, signed};
use super::{SIDE, ground, names};

/// An open request that needs one more, with bob's approval under an empty signature.
fn resigned(ground: &Ground) -> Open {
    let mut open = ground.half_approved(SIDE);
    let mut files = decided(&ground.decision(&open, "bob", Verdict::Approve), "bob");
    files[1].1.clear();
    ground.append(&mut open, &files);
    open
}

#[test]
fn junk_on_a_branch_stops_nobody() {
    let ground = ground();
    let mut open = ground.half_approved(SIDE);
    let junk = [("claim.toml", "x"), ("claim.toml.sig", "y"), ("outcome.toml", "z"), ("decisions/zoe.toml", "")];
    let junk: Files = junk.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    ground.append(&mut open, &junk);
    ground.approve(&mut open, "bob");
    let (status, said) = ground.run("bot", &["resume", "--no-wait", &open.id.to_string()]);
    assert_eq!(status, 0, "{said}");
    assert!(ground.ran(SIDE));
    assert_eq!(ground.verify("auditor", &[]).0, 0);
}

/// gate/dossier.rs `endings`: a claim or an outcome that verifies, by whom it may be, counts only where it lands. On the
/// open branch it would take the name of the real one, and decisions would rest on it.
#[test]
fn endings_pushed_to_an_open_branch_stop_nobody() {
    let ground = ground();
    let mut open = ground.half_approved(SIDE);
    let claim = signed("claim.toml", &ground.claim(&open, "mal"), "mal");
    let outcome = signed("outcome.toml", &ground.outcome(&open, "mal", Ground::executed()), "mal");
    ground.append(&mut open, &claim);
    ground.append(&mut open, &outcome);
    ground.approve(&mut open, "bob");
    let (status, said) = ground.run("bot", &["resume", "--no-wait", &open.id.to_string()]);
    assert_eq!(status, 0, "{said}");
    assert!(ground.ran(SIDE));
    assert_eq!(ground.verify("auditor", &["--full"]).0, 0);
}

#[test]
fn a_request_that_is_asked_for_decides_the_answer() {
    let ground = ground();
    let bad = resigned(&ground);
    let good = ground.half_approved("good");
    assert_eq!(ground.verify("auditor", &[]).0, 0);
    let (status, report) = ground.verify("auditor", &["--request", &bad.id.to_string()]);
    assert_eq!(status, 1, "{report:#}");
    assert!(names(&report["request"]["findings"], Code::SignatureInvalid), "{report:#}");
    assert_eq!(ground.verify("auditor", &["--request", &good.id.to_string()[..8]]).0, 0);
    assert_eq!(ground.run("auditor", &["verify", "--request", "ffffffffffffffffffffffffffffffff"]).0, 1);
}
