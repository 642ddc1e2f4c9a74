//! `verify --head`: what a pull request would bring, judged in a CI clone, and remembered nowhere.

use std::path::Path;

use expacti::domain::decision::Verdict;
use expacti::record::Record as _;
use serde_json::Value;

use crate::attacks::fixture::{Ground, Version};
use crate::attacks::pushed::Guarded;

/// A server with one finished request, and a clone that may know more.
fn ground() -> (Guarded, Ground) {
    let (guarded, mut ground) = (Guarded::new(), Ground::new());
    ground.finished("before");
    guarded.begin(&ground);
    (guarded, ground)
}

fn codes(report: &Value) -> Vec<&str> {
    let findings = report["head"]["findings"].as_array().unwrap_or_else(|| panic!("{report:#}"));
    findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

#[track_caller]
fn is(report: &(u8, Value), status: u8, kind: &str, found: &[&str]) {
    let (code, report) = report;
    assert_eq!(
        (*code, report["head"]["kind"].as_str(), codes(report)),
        (status, Some(kind), found.to_vec()),
        "{report:#}"
    );
}

/// A pull request that begins like the branch of a request that is long over, and then does what it likes.
#[test]
fn an_ended_request_is_no_cover() {
    let (guarded, ground) = ground();
    let home = tempfile::tempdir().unwrap();
    let done = ground.done.clone().unwrap();
    let first = ground.on(ground.main, &[(format!("{done}/notes.md"), b"x".to_vec())]);
    let second = ground.on(first, &[(".github/workflows/expacti.yml".to_owned(), b"x".to_vec())]);
    let id = done.rsplit('/').next().unwrap();
    for name in ["requests", "claims", "outcomes"] {
        ground.set(&format!("refs/heads/{name}/{id}"), second);
    }
    for rev in [second.to_string(), format!("requests/{id}"), format!("claims/{id}"), format!("outcomes/{id}")] {
        let found = guarded.verify(&ground, home.path(), &["--head", &rev]);
        assert_eq!((found.0, codes(&found.1)), (1, vec!["branch-tainted"]), "{rev}: {:#}", found.1);
    }
}

#[test]
fn a_head_is_judged_as_what_it_is() {
    let (guarded, mut ground) = ground();
    let (base, home) = (ground.main, tempfile::tempdir().unwrap());
    let verify = |ground: &Ground, arguments: &[&str]| guarded.verify(ground, home.path(), arguments);
    // An open request, by its commit and by its branch, which the server does not have.
    let mut open = ground.half_approved("x");
    for rev in [open.tip.to_string(), format!("requests/{}", open.id), open.branch()] {
        let found = verify(&ground, &["--head", &rev]);
        is(&found, 0, "request", &[]);
        assert_eq!(found.1["head"]["state"], "pending");
        assert!(found.1["head"]["note"].as_str().unwrap().contains("do not merge it on the host"));
    }
    ground.append(&mut open, &[("notes.md".to_owned(), b"x".to_vec())]);
    is(&verify(&ground, &["--head", &open.tip.to_string()]), 1, "request", &["path-unexpected"]);
    let tainted = ground.on(open.tip, &[("evil.sh".to_owned(), b"x".to_vec())]);
    let found = verify(&ground, &["--head", &tainted.to_string()]);
    is(&found, 1, "request", &["path-unexpected", "branch-tainted"]);
    // A continuation of main: legal steps, and one that is not.
    let denied = {
        let mut denied = ground.half_approved("y");
        ground.decide(&mut denied, "bob", Verdict::Deny);
        ground.land(&denied);
        ground.finished("z");
        ground.main
    };
    let found = verify(&ground, &["--head", &denied.to_string()]);
    is(&found, 0, "main", &[]);
    assert_eq!(found.1["head"]["steps"], 3);
    let bad = ground.on(denied, &[("evil.sh".to_owned(), b"x".to_vec())]);
    is(&verify(&ground, &["--head", &bad.to_string()]), 1, "main", &["step-illegal"]);
    // A policy version: unsigned is nothing wrong, forged is.
    let mut version = Version { signers: vec![], ..Version::second(ground.root) };
    let propose = |ground: &Ground, version: &Version| ground.on(base, &version.files()).to_string();
    let found = verify(&ground, &["--head", &propose(&ground, &version)]);
    is(&found, 0, "policy", &[]);
    assert_eq!(found.1["head"]["waiting"][0], "2 of alice, bob, carol");
    version.signers = vec!["alice"];
    let found = verify(&ground, &["--head", &propose(&ground, &version)]);
    assert_eq!(found.1["head"]["waiting"][1], "1 of bob, carol");
    let mut files = version.files();
    let forged = files.iter_mut().find(|(path, _)| path.ends_with("alice.sig")).unwrap();
    forged.1 = crate::attacks::fixture::key("mal").sign(expacti::domain::root::Root::NAMESPACE, b"x");
    let forged = ground.on(base, &files).to_string();
    is(&verify(&ground, &["--head", &forged]), 1, "policy", &["signature-invalid"]);
    version.signers = vec!["alice", "bob"];
    is(&verify(&ground, &["--head", &propose(&ground, &version)]), 0, "main", &[]);
    // Anything else.
    let orphan = ground.commit(&[], None, &[("x".to_owned(), b"x".to_vec())]);
    is(&verify(&ground, &["--head", &orphan.to_string()]), 1, "unrelated", &["head-unrelated"]);
    // Nothing of it was believed.
    let (status, report) = verify(&ground, &[]);
    assert_eq!((status, report["tip"].as_str()), (0, Some(base.to_string().as_str())), "{report:#}");
    assert_eq!(report["steps"], 3);
}

#[test]
fn a_base_is_a_commit_of_the_verified_main() {
    let (guarded, mut ground) = ground();
    let home = tempfile::tempdir().unwrap();
    let verify = |ground: &Ground, arguments: &[&str]| guarded.verify(ground, home.path(), arguments);
    let (newest, older) = (ground.main, ground.objects_parent(&ground.main));
    let found = verify(&ground, &["--base", &older.to_string(), "--head", "main"]);
    is(&found, 0, "main", &[]);
    assert_eq!((&found.1["head"]["steps"], &found.1["head"]["base"]), (&1.into(), &older.to_string().into()));
    is(&verify(&ground, &["--base", &newest.to_string(), "--head", &older.to_string()]), 0, "main", &[]);
    // A request that ended stays what it was, whatever its branch says now.
    let ended = ground.finished("more");
    guarded.taken(&ground, "main", &[format!("{0}:{0}", crate::attacks::fixture::MAIN)]);
    let found = verify(&ground, &["--head", &ended.branch()]);
    is(&found, 0, "request", &[]);
    assert_eq!(found.1["head"]["state"], "executed");
    let open = ground.half_approved("x");
    let found = verify(&ground, &["--base", &open.tip.to_string(), "--head", &open.tip.to_string()]);
    is(&found, 1, "main", &["base-unknown"]);
    for unknown in ["no-such-branch", "a..b", "-x", "@{", &"1".repeat(40)] {
        let (status, said) = verify(&ground, &["--head", unknown]);
        assert_eq!(status, if unknown == "-x" { 2 } else { 125 }, "{unknown}: {said}");
    }
    assert_eq!(verify(&ground, &["--base", "main"]).0, 2);
}

#[test]
fn a_shallow_clone_cannot_be_judged() {
    let (guarded, ground) = ground();
    let open = ground.half_approved("x");
    let clone = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        crate::support::tool(std::process::Command::new("git").arg("-C").arg(clone.path()).args(arguments));
    };
    git(&["init", "--quiet"]);
    let url = format!("file://{}", ground.remote.display());
    git(&["fetch", "--quiet", "--depth=1", &url, &open.branch()]);
    let home = tempfile::tempdir().unwrap();
    let mut world = ground.world("ci");
    world.paths = expacti::world::paths::Paths::under(home.path());
    world.cwd = clone.path().to_owned();
    let pin = expacti::world::settings::Pin {
        url: guarded.path.to_str().unwrap().to_owned(),
        repo: ground.repo.to_string(),
        root: ground.repo.fingerprint(),
    };
    expacti::world::settings::Pins::add(&world.paths, pin).unwrap();
    let words = ["expacti", "verify", "--head", &open.tip.to_string()].iter().map(Into::into).collect();
    assert_eq!(expacti::cli::run(&world, words, &mut Vec::new()), 125);
    assert!(!Path::new(&world.paths.cache(&ground.repo)).join("shallow").exists());
}
