//! Steps pushed onto `main`: each a plain fast-forward that the server takes.

use expacti::domain::decision::Verdict;
use expacti::domain::id::{CommitId, Digest, Nonce};
use expacti::domain::outcome::Ending;
use expacti::domain::root::Origin;
use expacti::gate::audit::{self, Standpoint, StepError, Versions};
use expacti::gate::finding::Code;
use expacti::world::index::Index;
use expacti::world::store::judge_chain;

use super::fixture::{Ground, Open, Version, name, now, roster, signed};
use super::{Found, Row, SIDE, check, ground};

/// A step built by hand on the newest one, about a request that lacks an approval.
fn pushed(ground: &mut Ground, step: impl Fn(&Ground, &Open) -> CommitId) -> Open {
    let open = ground.half_approved(SIDE);
    let commit = step(ground, &open);
    ground.push(commit);
    open
}

/// Something more on the chain of a request, and all of it landed.
fn landed(ground: &mut Ground, open: &mut Open, files: &[(String, Vec<u8>)]) {
    ground.append(open, files);
    ground.land(open);
}

/// A claim by bot with all approvals but what `edit` changes.
fn claimed(ground: &mut Ground, approvals: &[&str], who: &str, edit: fn(&mut expacti::domain::claim::Claim)) -> Open {
    let mut open = ground.ask(ground.request(SIDE), "bot");
    for reviewer in approvals {
        ground.approve(&mut open, reviewer);
    }
    let mut claim = ground.claim(&open, "bot");
    edit(&mut claim);
    landed(ground, &mut open, &signed("claim.toml", &claim, who));
    open
}

/// An outcome after an honest claim.
fn concluded(ground: &mut Ground, author: &str, who: &str, ending: Ending) -> Open {
    let mut open = ground.claimed("claimed");
    let outcome = ground.outcome(&open, author, ending);
    landed(ground, &mut open, &signed("outcome.toml", &outcome, who));
    open
}

/// An open request ended by an outcome.
fn ended(ground: &mut Ground, author: &str, ending: Ending) -> Open {
    let mut open = ground.half_approved(SIDE);
    let outcome = ground.outcome(&open, author, ending);
    landed(ground, &mut open, &signed("outcome.toml", &outcome, author));
    open
}

fn withdrawn() -> Ending {
    Ending::Withdrawn { reason: String::new() }
}

const UNAUTHORIZED: Found = Found::Main(Code::ClaimUnauthorized);

#[test]
fn claims() {
    let rows: &[Row] = &[
        // gate/audit/request_step.rs verdict(): evaluate() under the first parent.
        ("nobody approved", |g| claimed(g, &[], "bot", |_| ()), UNAUTHORIZED),
        ("one of two approved", |g| claimed(g, &["alice"], "bot", |_| ()), UNAUTHORIZED),
        ("one approved twice", |g| claimed(g, &["alice", "alice"], "bot", |_| ()), UNAUTHORIZED),
        ("agents approved", |g| claimed(g, &["alice", "bot", "mal"], "bot", |_| ()), UNAUTHORIZED),
        (
            "after its time",
            |g| {
                claimed(g, &["alice", "bob"], "bot", |c| {
                    c.claimed = now().plus(expacti::domain::time::Lifetime::minutes(31));
                })
            },
            UNAUTHORIZED,
        ),
        // verdict(): record.seen == rests_on, record.runner == request.runner.
        (
            "resting on less",
            |g| {
                claimed(g, &["alice", "bob"], "bot", |c| {
                    c.seen.pop();
                })
            },
            UNAUTHORIZED,
        ),
        ("by another agent", |g| claimed(g, &["alice", "bob"], "mal", |c| c.runner = name("mal")), UNAUTHORIZED),
        // trust/verify.rs.
        (
            "with another agent's key",
            |g| claimed(g, &["alice", "bob"], "mal", |_| ()),
            Found::Main(Code::AuthorMismatch),
        ),
        ("with a stranger's key", |g| claimed(g, &["alice", "bob"], "x", |_| ()), Found::Main(Code::KeyUnknown)),
        // gate/dossier.rs belongs().
        (
            "from another repository",
            |g| claimed(g, &["alice", "bob"], "bot", |c| c.place.repo = Digest::of(b"x")),
            Found::Main(Code::ForeignRepo),
        ),
        (
            "base nowhere",
            |g| claimed(g, &["alice", "bob"], "bot", |c| c.place.base = CommitId::new([1; 20])),
            Found::Main(Code::BaseUnknown),
        ),
        (
            "of another request",
            |g| claimed(g, &["alice", "bob"], "bot", |c| c.request = Digest::of(b"x")),
            Found::Main(Code::RequestMismatch),
        ),
        (
            "over a denial it leaves out",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                let claim = g.claim(&open, "bot");
                g.decide(&mut open, "carol", Verdict::Deny);
                landed(g, &mut open, &signed("claim.toml", &claim, "bot"));
                open
            },
            UNAUTHORIZED,
        ),
    ];
    check(rows);
}

#[test]
fn endings() {
    let rows: &[Row] = &[
        // request_step.rs verdict(): (None, None).
        ("merge button", |g| pushed(g, |g, open| g.step(g.main, open)), Found::Main(Code::EndingMissing)),
        (
            "merge button on an approved one",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                g.land(&open);
                open
            },
            Found::Main(Code::EndingMissing),
        ),
        (
            "denied by an agent",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.decide(&mut open, "mal", Verdict::Deny);
                g.land(&open);
                open
            },
            Found::Main(Code::EndingMissing),
        ),
        // verdict(): (Some, Some).
        (
            "claim and outcome in one step",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                let claim = g.claim(&open, "bot");
                g.append(&mut open, &signed("claim.toml", &claim, "bot"));
                open.seen.push(Digest::of(&expacti::record::Record::render(&claim)));
                open.seen.sort();
                let outcome = g.outcome(&open, "bot", Ground::executed());
                landed(g, &mut open, &signed("outcome.toml", &outcome, "bot"));
                open
            },
            Found::Main(Code::EndedTwice),
        ),
        // about(): ledger.landed().
        (
            "claimed after a denial",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                let before = open.clone();
                g.decide(&mut open, "carol", Verdict::Deny);
                g.land(&open);
                let mut again = before;
                let claim = g.claim(&again, "bot");
                g.append(&mut again, &signed("claim.toml", &claim, "bot"));
                let afresh = g.objects.replace_top(&g.tree(&g.main), "requests", None).unwrap();
                let step = g.of_tree(&[g.main, again.tip], &g.landed(&afresh, &again));
                g.push(step);
                again
            },
            Found::Main(Code::EndedTwice),
        ),
        (
            "claimed twice",
            |g| {
                let open = g.claimed("claimed");
                let mut again = Open { tip: g.objects_parent(&open.tip), ..open.clone() };
                let claim = expacti::domain::claim::Claim { nonce: Nonce::new([3; 16]), ..g.claim(&again, "bot") };
                g.append(&mut again, &signed("claim.toml", &claim, "bot"));
                let afresh = g.objects.replace_top(&g.tree(&g.main), "requests", None).unwrap();
                let step = g.of_tree(&[g.main, again.tip], &g.landed(&afresh, &again));
                g.push(step);
                open
            },
            Found::Main(Code::LateRecord),
        ),
        ("withdrawn after the claim", |g| concluded(g, "bot", "bot", withdrawn()), Found::Main(Code::EndedTwice)),
        (
            "two outcomes",
            |g| {
                let mut open = g.finished("finished");
                g.append(&mut open, &[("notes.md".to_owned(), b"x".to_vec())]);
                g.land(&open);
                open
            },
            Found::Main(Code::EndedTwice),
        ),
        // outcome(): nothing but the outcome's two files.
        (
            "approval after the claim",
            |g| {
                let mut open = g.claimed("claimed");
                g.approve(&mut open, "carol");
                g.land(&open);
                open
            },
            Found::Main(Code::LateRecord),
        ),
        (
            "denial after the claim",
            |g| {
                let mut open = g.claimed("claimed");
                g.decide(&mut open, "carol", Verdict::Deny);
                g.land(&open);
                open
            },
            Found::Main(Code::LateRecord),
        ),
        // about(): the chain's taint, where nothing else would see it.
        (
            "an outcome whose chain did more",
            |g| {
                let mut open = g.claimed("claimed");
                let good = g.tree(&open.tip);
                let more = g.on(open.tip, &[("evil.sh".to_owned(), b"x".to_vec())]);
                open.tip = g.of_tree(&[more], &good);
                let outcome = g.outcome(&open, "bot", Ground::executed());
                landed(g, &mut open, &signed("outcome.toml", &outcome, "bot"));
                open
            },
            Found::Main(Code::BranchTainted),
        ),
        // goes_on(): else `show` could no longer read what ran.
        (
            "an outcome on another base",
            |g| {
                let base = g.main;
                g.finished("between");
                let mut open = g.claimed("claimed");
                let outcome = g.outcome(&open, "bot", Ground::executed());
                let all = g.landed(&g.tree(&base), &open);
                open.tip = g.of_tree(&[base], &all);
                landed(g, &mut open, &signed("outcome.toml", &outcome, "bot"));
                open
            },
            Found::Main(Code::BranchTainted),
        ),
        // outcome(): open_by() the claim's key.
        (
            "outcome by another agent",
            |g| concluded(g, "mal", "mal", Ground::executed()),
            Found::Main(Code::EndingUnauthorized),
        ),
        (
            "outcome by a reviewer",
            |g| concluded(g, "bob", "bob", Ground::executed()),
            Found::Main(Code::EndingUnauthorized),
        ),
        (
            "outcome in the claimer's name",
            |g| concluded(g, "bot", "mal", Ground::executed()),
            Found::Main(Code::SignatureInvalid),
        ),
        (
            "unknown, by another agent",
            |g| concluded(g, "mal", "mal", Ending::Unknown { reason: String::new() }),
            Found::Main(Code::EndingUnauthorized),
        ),
        (
            "outcome that saw no claim",
            |g| {
                let mut open = g.claimed("claimed");
                let mut outcome = g.outcome(&open, "bot", Ground::executed());
                outcome.seen = vec![open.digest()];
                landed(g, &mut open, &signed("outcome.toml", &outcome, "bot"));
                open
            },
            Found::Main(Code::SeenMissing),
        ),
        (
            "outcome of another repository",
            |g| {
                let mut open = g.claimed("claimed");
                let mut outcome = g.outcome(&open, "bot", Ground::executed());
                outcome.place.repo = Digest::of(b"x");
                landed(g, &mut open, &signed("outcome.toml", &outcome, "bot"));
                open
            },
            Found::Main(Code::ForeignRepo),
        ),
        // ended().
        ("withdrawn by another", |g| ended(g, "mal", withdrawn()), Found::Main(Code::EndingUnauthorized)),
        ("withdrawn by a reviewer", |g| ended(g, "bob", withdrawn()), Found::Main(Code::EndingUnauthorized)),
        (
            "refused by another",
            |g| ended(g, "mal", Ending::Refused { reason: String::new() }),
            Found::Main(Code::EndingUnauthorized),
        ),
        ("expired before its time", |g| ended(g, "bot", Ending::Expired), Found::Main(Code::EndingUnauthorized)),
        ("expired by a bystander", |g| ended(g, "mal", Ending::Expired), Found::Main(Code::EndingUnauthorized)),
        ("executed without a claim", |g| ended(g, "bot", Ground::executed()), Found::Main(Code::EndingUnauthorized)),
    ];
    check(rows);
}

#[test]
fn shapes() {
    let rows: &[Row] = &[
        // gate/audit/policy_step.rs judge(): requests/ unchanged.
        (
            "a request's files by a plain commit",
            |g| pushed(g, |g, open| g.of_tree(&[g.main], &g.landed(&g.tree(&g.main), open))),
            Found::Main(Code::StepIllegal),
        ),
        (
            "an empty commit",
            |g| pushed(g, |g, _| g.of_tree(&[g.main], &g.tree(&g.main))),
            Found::Main(Code::StepIllegal),
        ),
        // gate/audit.rs plain().
        (
            "three parents",
            |g| {
                pushed(g, |g, open| {
                    let first = g.objects_parent(&g.main);
                    g.of_tree(&[g.main, open.tip, first], &g.landed(&g.tree(&g.main), open))
                })
            },
            Found::Main(Code::StepIllegal),
        ),
        // request_step.rs subject().
        (
            "config.toml along with a request",
            |g| {
                pushed(g, |g, open| {
                    let tree =
                        g.with(Some(&g.landed(&g.tree(&g.main), open)), &[("config.toml".to_owned(), b"x".to_vec())]);
                    g.of_tree(&[g.main, open.tip], &tree)
                })
            },
            Found::Main(Code::FileUngoverned),
        ),
        (
            "a workflow along with a request",
            |g| {
                pushed(g, |g, open| {
                    let tree = g.with(
                        Some(&g.landed(&g.tree(&g.main), open)),
                        &[(".github/workflows/x.yml".to_owned(), b"x".to_vec())],
                    );
                    g.of_tree(&[g.main, open.tip], &tree)
                })
            },
            Found::Main(Code::FileUngoverned),
        ),
        (
            "a policy version along with a request",
            |g| {
                pushed(g, |g, open| {
                    let tree = g.with(
                        Some(&g.landed(&g.tree(&g.main), open)),
                        &[("policy/000002/config.toml".to_owned(), b"x".to_vec())],
                    );
                    g.of_tree(&[g.main, open.tip], &tree)
                })
            },
            Found::Main(Code::FileUngoverned),
        ),
        (
            "two requests in one step",
            |g| {
                let other = g.half_approved("other");
                pushed(g, |g, open| {
                    g.of_tree(&[g.main, open.tip], &g.landed(&g.landed(&g.tree(&g.main), &other), open))
                })
            },
            Found::Main(Code::StepMixed),
        ),
        (
            "another request's file changed",
            |g| {
                let done = g.finished("done");
                pushed(g, |g, open| {
                    let tree = g.with(
                        Some(&g.landed(&g.tree(&g.main), open)),
                        &[(format!("{}/outcome.toml", done.directory), b"x".to_vec())],
                    );
                    g.of_tree(&[g.main, open.tip], &tree)
                })
            },
            Found::Main(Code::WindowPartial),
        ),
        (
            "a window that drops some",
            |g| {
                let done = g.finished("done");
                pushed(g, |g, open| {
                    let mut path: Vec<&str> = done.directory.split('/').collect();
                    let id = path.pop().unwrap();
                    let tree = g.edited(&g.landed(&g.tree(&g.main), open), &path, &|entries| {
                        entries.retain(|(_, name, _)| name != id)
                    });
                    g.of_tree(&[g.main, open.tip], &tree)
                })
            },
            Found::Main(Code::WindowPartial),
        ),
        // request_step.rs judge(): every path lies in the request's directory.
        (
            "the same id under another day",
            |g| {
                pushed(g, |g, open| {
                    let path = format!("requests/1999/01/01/{}/request.toml", open.id);
                    let tree = g.with(Some(&g.landed(&g.tree(&g.main), open)), &[(path, b"x".to_vec())]);
                    g.of_tree(&[g.main, open.tip], &tree)
                })
            },
            Found::Main(Code::StepIllegal),
        ),
        // request_step.rs about(): the tree is the second parent's.
        (
            "more than the second parent holds",
            |g| {
                pushed(g, |g, open| {
                    let path = format!("{}/claim.toml", open.directory);
                    let tree = g.with(Some(&g.landed(&g.tree(&g.main), open)), &[(path, b"x".to_vec())]);
                    g.of_tree(&[g.main, open.tip], &tree)
                })
            },
            Found::Main(Code::StepIllegal),
        ),
        (
            "less than the second parent holds",
            |g| {
                pushed(g, |g, open| {
                    let mut less = open.clone();
                    less.tip = g.objects_parent(&open.tip);
                    g.of_tree(&[g.main, open.tip], &g.landed(&g.tree(&g.main), &less))
                })
            },
            Found::Main(Code::StepIllegal),
        ),
        // gate/branch.rs read(): the second parent is the request's own chain.
        (
            "second parent is an old tip",
            |g| pushed(g, |g, open| g.of_tree(&[g.main, g.objects_parent(&g.main)], &g.landed(&g.tree(&g.main), open))),
            Found::Main(Code::BranchTainted),
        ),
        (
            "second parent has no base on main",
            |g| {
                pushed(g, |g, open| {
                    let orphan = g.of_tree(&[], &g.tree(&open.tip));
                    g.of_tree(&[g.main, orphan], &g.landed(&g.tree(&g.main), open))
                })
            },
            Found::Main(Code::BranchTainted),
        ),
        (
            "a chain that drops a denial",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                let good = g.tree(&open.tip);
                g.decide(&mut open, "carol", Verdict::Deny);
                open.tip = g.of_tree(&[open.tip], &good);
                let claim = g.claim(&open, "bot");
                landed(g, &mut open, &signed("claim.toml", &claim, "bot"));
                open
            },
            Found::Main(Code::BranchTainted),
        ),
        // gate/audit.rs From<ReadError>: what is whole and no tree is judged, so that it can be repaired.
        (
            "requests/ is a file",
            |g| {
                pushed(g, |g, open| {
                    let blob = g.objects.write_blob(b"x").unwrap();
                    let tree = g.edited(&g.tree(&g.main), &[], &|entries| {
                        let requests = entries.iter_mut().find(|(_, name, _)| name == "requests").unwrap();
                        (requests.0, requests.2) = (0o100_644, blob);
                    });
                    g.of_tree(&[g.main, open.tip], &tree)
                })
            },
            Found::Main(Code::StepIllegal),
        ),
    ];
    check(rows);
}

/// A second policy version, pushed beside an open request.
fn policy(ground: &mut Ground, make: impl Fn(&Ground) -> Version) -> Open {
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
            Found::Main(Code::StepIllegal),
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
            |g| stowed(g, "policy/000002/root.toml", &vec![b'#'; 2 << 20]),
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
