//! Steps pushed onto `main`: each a plain fast-forward that the server takes.

use expacti::domain::id::{CommitId, Digest, Nonce};
use expacti::domain::root::Origin;
use expacti::gate::audit::{self, Standpoint, StepError, Versions};
use expacti::gate::finding::Code;
use expacti::world::index::Index;
use expacti::world::store::judge_chain;

use super::fixture::{Ground, Open, Version, key, roster, signed};
use super::{Found, Row, SIDE, check, ground};

/// A step built by hand on the newest one, about a request that lacks an approval.
fn pushed(ground: &mut Ground, step: impl Fn(&Ground, &Open) -> CommitId) -> Open {
    let open = ground.half_approved(SIDE);
    let commit = step(ground, &open);
    ground.push(commit);
    open
}

/// Something more on the chain of a request, and all of it landed.
pub(super) fn landed(ground: &mut Ground, open: &mut Open, files: &[(String, Vec<u8>)]) {
    ground.append(open, files);
    ground.land(open);
}

/// A second policy version, pushed beside an open request.
pub(super) fn policy(ground: &mut Ground, make: impl Fn(&Ground) -> Version) -> Open {
    let open = ground.half_approved(SIDE);
    let version = make(ground);
    let commit = ground.on(ground.main, &version.files());
    ground.push(commit);
    open
}

/// A well signed second version with something else in its step.
fn stowed(ground: &mut Ground, path: &str, bytes: &[u8]) -> Open {
    let open = ground.half_approved(SIDE);
    let mut files = Version::second(ground.root).files();
    files.retain(|(own, _)| own != path);
    files.push((path.to_owned(), bytes.to_vec()));
    let commit = ground.on(ground.main, &files);
    ground.push(commit);
    open
}

#[test]
fn policies() {
    let rows: &[Row] = &[
        // trust/root.rs accept(): enough() of the version before it, then of its own.
        (
            "unsigned",
            |g| policy(g, |g| Version { signers: vec![], ..Version::second(g.root) }),
            Found::Main(Code::PolicyUnsigned),
        ),
        (
            "signed by one of two",
            |g| policy(g, |g| Version { signers: vec!["alice"], ..Version::second(g.root) }),
            Found::Main(Code::PolicyUnsigned),
        ),
        (
            "signed by agents",
            |g| policy(g, |g| Version { signers: vec!["alice", "bot", "mal"], ..Version::second(g.root) }),
            Found::Main(Code::PolicyUnsigned),
        ),
        (
            "signed by its new admins alone",
            |g| {
                policy(g, |g| Version {
                    roster: roster(&["alice", "eve", "mallory"], 2),
                    config: super::fixture::config_for(&["alice", "eve", "mallory"]),
                    signers: vec!["eve", "mallory"],
                    ..Version::second(g.root)
                })
            },
            Found::Main(Code::PolicyUnsigned),
        ),
        (
            "signed by the old admins alone",
            |g| {
                policy(g, |g| Version {
                    roster: roster(&["alice", "dora", "erin"], 2),
                    config: super::fixture::config_for(&["alice", "dora", "erin"]),
                    signers: vec!["alice", "bob"],
                    ..Version::second(g.root)
                })
            },
            Found::Main(Code::PolicyUnsigned),
        ),
        // trust/root.rs signers(): by the key of the admin whom the path names.
        (
            "alice's signature as bob's",
            |g| {
                let open = g.half_approved(SIDE);
                let version = Version { signers: vec!["alice"], ..Version::second(g.root) };
                let mut files = version.files();
                let alice = files.iter().find(|(path, _)| path.ends_with("alice.sig")).unwrap().1.clone();
                files.push(("policy/000002/root.toml.bob.sig".to_owned(), alice));
                let commit = g.on(g.main, &files);
                g.push(commit);
                open
            },
            Found::Main(Code::PolicyUnsigned),
        ),
        // trust/root.rs read(): the roster that counts is the one that was signed.
        (
            "another roster than the one that was signed",
            |g| {
                let open = g.half_approved(SIDE);
                let mut files = Version::second(g.root).files();
                let (carol, mal) = (key("carol").public().line(), key("mal-too").public().line());
                for (path, bytes) in &mut files {
                    if path == "policy/000002/roster.toml" || path == "policy/000002/allowed_signers" {
                        let text = String::from_utf8(bytes.clone()).unwrap();
                        assert!(text.contains(&carol), "{text}");
                        *bytes = text.replace(&carol, &mal).into_bytes();
                    }
                }
                let commit = g.on(g.main, &files);
                g.push(commit);
                open
            },
            Found::Main(Code::PolicyInvalid),
        ),
        // trust/root.rs accept(): exactly one more, naming the one before.
        ("another predecessor", |g| policy(g, |_| Version::second(Digest::of(b"x"))), Found::Main(Code::PolicyOrder)),
        (
            "number 3 in the place of 2",
            |g| {
                let open = g.half_approved(SIDE);
                let version = Version { number: 3, ..Version::second(g.root) };
                let files: Vec<_> = version
                    .files()
                    .into_iter()
                    .map(|(path, bytes)| (path.replace("000003", "000002"), bytes))
                    .collect();
                let commit = g.on(g.main, &files);
                g.push(commit);
                open
            },
            Found::Main(Code::PolicyOrder),
        ),
        (
            "the first version again",
            |g| {
                let open = g.half_approved(SIDE);
                let version = Version { origin: Origin::Genesis(Nonce::new([7; 16])), ..Version::genesis() };
                let files: Vec<_> = version
                    .files()
                    .into_iter()
                    .map(|(path, bytes)| (path.replace("000001", "000002"), bytes))
                    .collect();
                let commit = g.on(g.main, &files);
                g.push(commit);
                open
            },
            Found::Main(Code::PolicyOrder),
        ),
        (
            "an old version as the newest",
            |g| {
                g.policy(&Version::second(g.root));
                let open = g.half_approved(SIDE);
                let files: Vec<_> = Version::second(g.repo)
                    .files()
                    .into_iter()
                    .map(|(path, bytes)| (path.replace("000002", "000003"), bytes))
                    .collect();
                let commit = g.on(g.main, &files);
                g.push(commit);
                open
            },
            Found::Main(Code::PolicyOrder),
        ),
        // gate/audit/policy_step.rs judge(): policy/N alone.
        (
            "number 3 after 1",
            |g| policy(g, |g| Version { number: 3, ..Version::second(g.root) }),
            Found::Main(Code::PolicyOrder),
        ),
        (
            "a change of the first version",
            |g| stowed(g, "policy/000001/config.toml", b"x"),
            Found::Main(Code::StepIllegal),
        ),
        (
            "a request's file along with it",
            |g| stowed(g, "requests/2026/11/23/x", b"x"),
            Found::Main(Code::StepIllegal),
        ),
        // read_version(): no other file.
        (
            "another file in its directory",
            |g| stowed(g, "policy/000002/notes.md", b"x"),
            Found::Main(Code::PolicyInvalid),
        ),
        // trust/root.rs read().
        (
            "config edited after signing",
            |g| stowed(g, "policy/000002/config.toml", b"# x\n"),
            Found::Main(Code::PolicyInvalid),
        ),
        (
            "allowed_signers of its own",
            |g| stowed(g, "policy/000002/allowed_signers", b"x"),
            Found::Main(Code::PolicyInvalid),
        ),
        // policy_step.rs governed().
        ("an extra file at the top", |g| stowed(g, "evil.sh", b"x"), Found::Main(Code::FileUngoverned)),
        (
            "an extra directory at the top",
            |g| stowed(g, ".github/workflows/x.yml", b"x"),
            Found::Main(Code::FileUngoverned),
        ),
        ("another config.toml at the top", |g| stowed(g, "config.toml", b"# x\n"), Found::Main(Code::FileUngoverned)),
        (
            "config.toml without a version",
            |g| pushed(g, |g, _| g.on(g.main, &[("config.toml".to_owned(), b"x".to_vec())])),
            Found::Main(Code::StepIllegal),
        ),
        // gate/audit.rs From<ReadError>: too large is a judgement, or nobody could ever repair it.
        (
            "a root too large to read",
            |g| stowed(g, "policy/000002/root.toml", &vec![b'#'; (2 << 20) + 1]),
            Found::Main(Code::StepIllegal),
        ),
        // request_step.rs ending(): keys of the version under which the claim lands.
        (
            "approval by a key removed meanwhile",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                g.policy(&Version {
                    roster: roster(&["alice", "carol"], 2),
                    config: super::fixture::config_for(&["alice", "carol"]),
                    signers: vec!["alice", "carol"],
                    ..Version::second(g.root)
                });
                let claim = g.claim(&open, "bot");
                landed(g, &mut open, &signed("claim.toml", &claim, "bot"));
                open
            },
            Found::Main(Code::KeyUnknown),
        ),
    ];
    check(rows);
}

#[test]
fn an_honest_second_version_counts_from_its_step_on() {
    let mut ground = ground();
    let open = ground.half_approved(SIDE);
    let id = open.id.to_string();
    assert_eq!(ground.run("bot", &["resume", "--no-wait", &id]).0, 122);
    ground.policy(&Version::second(ground.root));
    let (status, report) = ground.verify("auditor", &["--full"]);
    assert_eq!((status, &report["version"]), (0, &serde_json::json!(2)), "{report:#}");
    let (status, said) = ground.run("bot", &["resume", "--no-wait", &id]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(ground.verify("auditor", &["--full"]).0, 0);
}

/// Judges one commit on the tip, in the repository itself: what fsck keeps from every cache.
fn judged(ground: &Ground, commit: &CommitId) -> Result<audit::Event, StepError> {
    let (index, versions) = (Index::in_memory().unwrap(), Versions::default());
    let at: Standpoint =
        judge_chain(&ground.objects, &index, &versions, ground.repo, ground.main, &mut |_, _| {}).unwrap();
    audit::step(&ground.objects, &index, &versions, &at, commit)
}

#[test]
fn names_that_stand_twice_at_the_top() {
    // policy_step.rs governed(): git reads the first, git2 the second.
    let ground = Ground::new();
    let tree = ground.with(Some(&ground.tree(&ground.main)), &Version::second(ground.root).files());
    assert!(judged(&ground, &ground.of_tree(&[ground.main], &tree)).is_ok());
    let evil = ground.with(None, &[("x".to_owned(), b"evil".to_vec())]);
    for (mode, name) in
        [(0o040_000, "requests"), (0o040_000, "policy"), (0o100_644, "config.toml"), (0o040_000, "hooks")]
    {
        let twice = ground.edited(&tree, &[], &|entries| {
            entries.push((mode, name.to_owned(), evil));
            entries.push((mode, name.to_owned(), evil));
        });
        let step = ground.raw_commit(&ground.main, &twice);
        let found = judged(&ground, &step).unwrap_err();
        assert!(found.finding().is_some(), "{name}: {found}");
    }
}

#[test]
fn governed_files_that_are_no_plain_files() {
    // policy_step.rs governed(): the digest holds, and a checkout would make something else of it.
    let ground = Ground::new();
    let tree = ground.with(Some(&ground.tree(&ground.main)), &Version::second(ground.root).files());
    for mode in [0o100_755, 0o120_000, 0o100_664] {
        let other = ground.edited(&tree, &[], &|entries| {
            let (old, ..) = entries.iter_mut().find(|(_, name, _)| name == "config.toml").unwrap();
            *old = mode;
        });
        let step = ground.raw_commit(&ground.main, &other);
        let found = judged(&ground, &step).unwrap_err();
        let finding = found.finding().unwrap();
        assert_eq!((finding.code, finding.path.as_deref()), (Code::FileUngoverned, Some("config.toml")), "{mode:o}");
    }
}
