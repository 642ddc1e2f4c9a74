//! Records that somebody forged, copied or bent, on the branch of a request that lacks one approval.

use expacti::domain::decision::{Decision, Verdict};
use expacti::domain::id::{CommitId, Digest};
use expacti::gate::finding::Code;
use expacti::record::{Record as _, decision_file_name};

use super::fixture::{Files, Ground, Open, beside, decided, key, name, signed};
use super::{Found, Row, SIDE, check_branches, ground, names};

/// An open request that needs one more, with bob's approval as `edit` and `sign` leave it.
fn forged(ground: &mut Ground, make: impl Fn(&Ground, &Open) -> Files) -> Open {
    let mut open = ground.half_approved(SIDE);
    let files = make(ground, &open);
    ground.append(&mut open, &files);
    open
}

fn bobs(ground: &Ground, open: &Open) -> Decision {
    ground.decision(open, "bob", Verdict::Approve)
}

/// bob's approval with other bytes, signed by bob all the same.
fn rewritten(ground: &mut Ground, edit: fn(String) -> String) -> Open {
    forged(ground, |ground, open| {
        let bytes = edit(String::from_utf8(bobs(ground, open).render()).unwrap()).into_bytes();
        let signature = key("bob").sign(Decision::NAMESPACE, &bytes);
        beside(&decision_file_name(&name("bob"), &bytes), bytes, signature)
    })
}

/// bob's approval with his signature changed.
fn resigned(ground: &mut Ground, edit: fn(Vec<u8>) -> Vec<u8>) -> Open {
    forged(ground, |ground, open| {
        let mut files = decided(&bobs(ground, open), "bob");
        files[1].1 = edit(std::mem::take(&mut files[1].1));
        files
    })
}

/// bob's approval under another namespace.
fn purposed(ground: &mut Ground, namespace: &'static str) -> Open {
    forged(ground, |ground, open| {
        let decision = bobs(ground, open);
        let signature = key("bob").sign(namespace, &decision.render());
        beside(&decision_file_name(&name("bob"), &decision.render()), decision.render(), signature)
    })
}

/// bob's approval with a changed value, well signed.
fn placed(ground: &mut Ground, edit: fn(&Ground, &Open, &mut Decision)) -> Open {
    forged(ground, |ground, open| {
        let mut decision = bobs(ground, open);
        edit(ground, open, &mut decision);
        decided(&decision, "bob")
    })
}

/// bob's approval with another mode.
fn moded(ground: &mut Ground, mode: u32) -> Open {
    let mut open = ground.half_approved(SIDE);
    ground.approve(&mut open, "bob");
    let before = ground.objects_parent(&open.tip);
    let mut path: Vec<&str> = open.directory.split('/').collect();
    path.push("decisions");
    let tree = ground.edited(&ground.tree(&open.tip), &path, &|entries| {
        let bob = entries.iter_mut().find(|(_, name, _)| name.starts_with("bob.") && name.ends_with(".toml")).unwrap();
        bob.0 = mode;
    });
    open.tip = ground.of_tree(&[before], &tree);
    ground.set(&open.branch(), open.tip);
    open
}

/// L, the order of the base point, added to the signature's scalar: valid to verifiers that do not reduce.
fn malleated(signature: Vec<u8>) -> Vec<u8> {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let text = String::from_utf8(signature).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let mut blob = super::fixture::unbase64(&body);
    let at = blob.len() - 32;
    let mut carry = 0;
    for (byte, add) in blob[at..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    super::fixture::armoured(&blob)
}

const BAD_SIGNATURE: Found = Found::Branch(Some(Code::SignatureInvalid), 122);
const BAD_RECORD: Found = Found::Branch(Some(Code::RecordInvalid), 122);
/// What is more than added files can only be ended.
const TAINTED: Found = Found::Branch(Some(Code::BranchTainted), 125);

#[test]
fn signatures() {
    let rows: &[Row] = &[
        // trust/verify.rs open_by: verify() with T::NAMESPACE, never the one in the file.
        ("namespace of requests", |g| purposed(g, "request.v1@expacti"), BAD_SIGNATURE),
        ("namespace of claims", |g| purposed(g, "claim.v1@expacti"), BAD_SIGNATURE),
        ("namespace of git", |g| purposed(g, "git"), BAD_SIGNATURE),
        ("namespace of files", |g| purposed(g, "file"), BAD_SIGNATURE),
        // trust/signature.rs: canonical armour, verify_strict.
        ("truncated signature", |g| resigned(g, |s| s[..s.len() / 2].to_vec()), BAD_SIGNATURE),
        ("empty signature", |g| resigned(g, |_| Vec::new()), BAD_SIGNATURE),
        ("malleated signature", |g| resigned(g, malleated), BAD_SIGNATURE),
        ("text after the armour", |g| resigned(g, |s| [s, b"x\n".to_vec()].concat()), BAD_SIGNATURE),
        ("two signatures", |g| resigned(g, |s| [s.clone(), s].concat()), BAD_SIGNATURE),
        ("crlf", |g| resigned(g, |s| String::from_utf8(s).unwrap().replace('\n', "\r\n").into_bytes()), BAD_SIGNATURE),
        (
            "no last newline",
            |g| {
                resigned(g, |mut s| {
                    s.pop();
                    s
                })
            },
            BAD_SIGNATURE,
        ),
        // gate/dossier.rs bytes(): MAX_SIGNATURE.
        ("oversized signature", |g| resigned(g, |s| [s, vec![b'\n'; 5_000]].concat()), BAD_RECORD),
        (
            "signature of another record",
            |g| {
                forged(g, |g, open| {
                    let decision = bobs(g, open);
                    let other = Decision { comment: "yes".to_owned(), ..decision.clone() };
                    let signature = key("bob").sign(Decision::NAMESPACE, &other.render());
                    beside(&decision_file_name(&name("bob"), &decision.render()), decision.render(), signature)
                })
            },
            BAD_SIGNATURE,
        ),
        // trust/verify.rs open(): the key's owner comes from the roster.
        (
            "stranger's key",
            |g| forged(g, |g, open| decided(&bobs(g, open), "stranger")),
            Found::Branch(Some(Code::KeyUnknown), 122),
        ),
        // trust/verify.rs open_by(): author == owner.
        (
            "another agent's key",
            |g| forged(g, |g, open| decided(&bobs(g, open), "mal")),
            Found::Branch(Some(Code::AuthorMismatch), 122),
        ),
        (
            "alice's key in bob's name",
            |g| forged(g, |g, open| decided(&bobs(g, open), "alice")),
            Found::Branch(Some(Code::AuthorMismatch), 122),
        ),
        // gate/dossier.rs gather(): the name is that of reviewer and bytes.
        (
            "bob's approval at alice's path",
            |g| {
                forged(g, |g, open| {
                    let bytes = bobs(g, open).render();
                    let signature = key("bob").sign(Decision::NAMESPACE, &bytes);
                    beside(&decision_file_name(&name("alice"), &bytes), bytes, signature)
                })
            },
            Found::Branch(Some(Code::PathUnexpected), 122),
        ),
        (
            "under other bytes' name",
            |g| {
                forged(g, |g, open| {
                    let bytes = bobs(g, open).render();
                    let signature = key("bob").sign(Decision::NAMESPACE, &bytes);
                    beside("decisions/bob.000000000000.toml", bytes, signature)
                })
            },
            Found::Branch(Some(Code::PathUnexpected), 122),
        ),
        // gate/dossier.rs pair().
        ("no signature", |g| forged(g, |g, open| decided(&bobs(g, open), "bob")[..1].to_vec()), BAD_RECORD),
    ];
    check_branches(rows);
}

#[test]
fn containers() {
    let rows: &[Row] = &[
        // record/strict.rs: deny_unknown_fields, the schema's version, canonical bytes.
        ("unknown field", |g| rewritten(g, |text| text + "urgent = true\n"), BAD_RECORD),
        ("future version", |g| rewritten(g, |text| text.replace("decision/v1", "decision/v2")), BAD_RECORD),
        ("another kind's schema", |g| rewritten(g, |text| text.replace("decision/v1", "claim/v1")), BAD_RECORD),
        ("byte order mark", |g| rewritten(g, |text| format!("\u{feff}{text}")), BAD_RECORD),
        ("carriage returns", |g| rewritten(g, |text| text.replace('\n', "\r\n")), BAD_RECORD),
        ("comment", |g| rewritten(g, |text| text + "# \u{202e}evil\n"), BAD_RECORD),
        ("escaped spelling", |g| rewritten(g, |text| text.replace("\"approve\"", "\"\\u0061pprove\"")), BAD_RECORD),
        ("repeated key", |g| rewritten(g, |text| text + "verdict = \"approve\"\n"), BAD_RECORD),
        ("empty", |g| rewritten(g, |_| String::new()), BAD_RECORD),
        // gate/dossier.rs bytes(): MAX_RECORD, from the object's header.
        ("oversized record", |g| rewritten(g, |text| text + &"#".repeat(300 * 1024)), BAD_RECORD),
        // gate/branch.rs read(): mode 100644 alone.
        ("symlink", |g| moded(g, 0o120_000), TAINTED),
        ("executable", |g| moded(g, 0o100_755), TAINTED),
        // record/path.rs: exactly these paths.
        (
            "unexpected path",
            |g| forged(g, |_, _| vec![("notes.md".to_owned(), b"x".to_vec())]),
            Found::Branch(Some(Code::PathUnexpected), 122),
        ),
        (
            "upper case",
            |g| {
                forged(g, |g, open| {
                    let files = decided(&bobs(g, open), "bob");
                    files.into_iter().map(|(path, bytes)| (path.replace("bob", "Bob"), bytes)).collect()
                })
            },
            Found::Branch(Some(Code::PathUnexpected), 122),
        ),
    ];
    check_branches(rows);
}

#[test]
fn places_and_order() {
    let rows: &[Row] = &[
        // gate/dossier.rs belongs(), a branch each.
        (
            "copied to another request",
            |g| {
                let mut other = g.half_approved("harmless");
                let decision = bobs(g, &other);
                g.append(&mut other, &decided(&decision, "bob"));
                forged(g, |_, _| decided(&decision, "bob"))
            },
            Found::Branch(Some(Code::RequestMismatch), 122),
        ),
        (
            "of another repository",
            |g| placed(g, |_, _, d| d.place.repo = Digest::of(b"fork")),
            Found::Branch(Some(Code::ForeignRepo), 122),
        ),
        (
            "base is no commit",
            |g| placed(g, |_, _, d| d.place.base = CommitId::new([9; 20])),
            Found::Branch(Some(Code::BaseUnknown), 122),
        ),
        (
            "base is on the branch",
            |g| placed(g, |_, open, d| d.place.base = open.tip),
            Found::Branch(Some(Code::BaseUnknown), 122),
        ),
        (
            "another root",
            |g| placed(g, |_, _, d| d.place.root = Digest::of(b"root")),
            Found::Branch(Some(Code::RootMismatch), 122),
        ),
        (
            "seen nowhere",
            |g| {
                placed(g, |_, _, d| {
                    d.seen.push(Digest::of(b"x"));
                    d.seen.sort();
                })
            },
            Found::Branch(Some(Code::SeenMissing), 122),
        ),
        (
            "seen before it stood",
            |g| {
                let mut open = g.half_approved(SIDE);
                let mut decision = bobs(g, &open);
                let later = g.decision(&open, "carol", Verdict::Deny);
                decision.seen.push(Digest::of(&later.render()));
                decision.seen.sort();
                g.append(&mut open, &decided(&decision, "bob"));
                open
            },
            Found::Branch(Some(Code::SeenMissing), 122),
        ),
        // gate/dossier.rs doubts: who denies on a history we do not know still stops it.
        (
            "denial from another history",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                let mut denial = g.decision(&open, "carol", Verdict::Deny);
                denial.place.base = CommitId::new([9; 20]);
                g.append(&mut open, &decided(&denial, "carol"));
                open
            },
            Found::Branch(Some(Code::BaseUnknown), 120),
        ),
        // gate/branch.rs read(): a path is read as first added; what is taken away taints.
        (
            "denial taken off the branch",
            |g| {
                let mut open = g.half_approved(SIDE);
                let good = open.tip;
                g.decide(&mut open, "carol", Verdict::Deny);
                g.approve(&mut open, "bob");
                let removed = g.of_tree(&[open.tip], &g.tree(&good));
                open.tip = removed;
                g.set(&open.branch(), open.tip);
                open
            },
            Found::Branch(Some(Code::BranchTainted), 120),
        ),
        (
            "merge on the branch",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                open.tip = g.of_tree(&[open.tip, g.main], &g.tree(&open.tip));
                g.set(&open.branch(), open.tip);
                open
            },
            TAINTED,
        ),
        (
            "another file of the repository",
            |g| {
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                open.tip = g.on(open.tip, &[(".github/workflows/x.yml".to_owned(), b"x".to_vec())]);
                g.set(&open.branch(), open.tip);
                open
            },
            TAINTED,
        ),
        (
            "another request's directory",
            |g| {
                let other = g.half_approved("harmless");
                let mut open = g.half_approved(SIDE);
                g.approve(&mut open, "bob");
                open.tip = g.on(open.tip, &[(format!("{}/x", other.directory), b"x".to_vec())]);
                g.set(&open.branch(), open.tip);
                open
            },
            TAINTED,
        ),
    ];
    check_branches(rows);
}

#[test]
fn requests_themselves() {
    let rows: &[Row] = &[
        // gate/dossier.rs request(), a branch each.
        ("by a stranger", |g| g.ask(g.request(SIDE), "stranger"), Found::Branch(Some(Code::KeyUnknown), 125)),
        ("in another's name", |g| g.ask(g.request(SIDE), "mal"), Found::Branch(Some(Code::AuthorMismatch), 125)),
        (
            "of another repository",
            |g| {
                let mut request = g.request(SIDE);
                request.place.repo = Digest::of(b"fork");
                g.ask(request, "bot")
            },
            Found::Branch(Some(Code::ForeignRepo), 125),
        ),
        (
            "of another policy",
            |g| {
                let mut request = g.request(SIDE);
                request.place.root = Digest::of(b"root");
                g.ask(request, "bot")
            },
            Found::Branch(Some(Code::RootMismatch), 125),
        ),
        (
            "moved to another base",
            |g| {
                let open = g.half_approved(SIDE);
                let request = open.request.clone();
                g.finished("between");
                let mut moved = Open { tip: g.main, ..open };
                g.append(&mut moved, &signed("request.toml", &request, "bot"));
                moved
            },
            Found::Branch(Some(Code::BaseUnknown), 125),
        ),
        (
            "under another id",
            |g| {
                let open = g.half_approved(SIDE);
                let other = g.ask(g.request("harmless"), "bot");
                let mut posing = Open { tip: g.main, ..other };
                g.append(&mut posing, &signed("request.toml", &open.request, "bot"));
                posing
            },
            Found::Branch(Some(Code::RequestMismatch), 125),
        ),
        (
            "under another day",
            |g| {
                let open = g.half_approved(SIDE);
                let mut moved = Open { tip: g.main, directory: format!("requests/1999/01/01/{}", open.id), ..open };
                let files = signed("request.toml", &moved.request.clone(), "bot");
                g.append(&mut moved, &files);
                moved
            },
            Found::Branch(Some(Code::PathUnexpected), 125),
        ),
    ];
    check_branches(rows);
}

#[test]
fn an_approval_of_the_agent_itself_counts_for_nothing() {
    let ground = ground();
    let mut open = ground.half_approved(SIDE);
    for who in ["bot", "mal"] {
        ground.approve(&mut open, who);
    }
    assert_eq!(ground.run("bot", &["resume", "--no-wait", &open.id.to_string()]).0, 122);
    assert!(!ground.ran(SIDE));
}

#[test]
fn a_name_twice_in_a_tree_never_reaches_the_cache() {
    // world/git.rs: transfer.fsckObjects; git reads the first of the two, git2 the second.
    let ground = ground();
    let mut open = ground.half_approved(SIDE);
    let parent = open.tip;
    ground.approve(&mut open, "bob");
    let mut path: Vec<&str> = open.directory.split('/').collect();
    path.push("decisions");
    let tree = ground.edited(&ground.tree(&open.tip), &path, &|entries| {
        let twice = entries.iter().find(|(_, name, _)| name.starts_with("bob.")).unwrap().clone();
        entries.push(twice);
    });
    open.tip = ground.of_tree(&[parent], &tree);
    ground.set(&open.branch(), open.tip);
    let (status, report) = ground.verify("auditor", &[]);
    assert_eq!(status, 0, "{report:#}");
    let found = report["open"].as_array().unwrap().iter().find(|one| one["id"] == *open.id.to_string()).unwrap();
    assert!(names(&found["findings"], Code::ObjectUnreadable), "{report:#}");
    assert_eq!(ground.run("bot", &["resume", "--no-wait", &open.id.to_string()]).0, 125);
    assert!(!ground.ran(SIDE));
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
    let mut ground = ground();
    let bad = resigned(&mut ground, |_| Vec::new());
    let good = ground.half_approved("good");
    assert_eq!(ground.verify("auditor", &[]).0, 0);
    let (status, report) = ground.verify("auditor", &["--request", &bad.id.to_string()]);
    assert_eq!(status, 1, "{report:#}");
    assert!(names(&report["request"]["findings"], Code::SignatureInvalid), "{report:#}");
    assert_eq!(ground.verify("auditor", &["--request", &good.id.to_string()[..8]]).0, 0);
    assert_eq!(ground.run("auditor", &["verify", "--request", "ffffffffffffffffffffffffffffffff"]).0, 1);
}
