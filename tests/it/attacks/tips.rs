//! The tip of `main` moved to where it must not be, and caches that somebody bent.

use std::fs;
use std::path::PathBuf;

use expacti::domain::id::{CommitId, Digest, Nonce};
use expacti::domain::root::Origin;
use expacti::gate::finding::Code;
use expacti::world::objects::Objects;

use super::fixture::{Ground, Version};
use super::{SIDE, ground, names, stopped_agent};

#[test]
fn first_steps() {
    // policy_step.rs genesis(): for those who remember nothing but the pin.
    let version = Version { origin: Origin::Genesis(Nonce::new([8; 16])), ..Version::genesis() };
    let other: &dyn Fn(&Ground) -> CommitId = &|g| g.commit(&[], None, &version.files());
    let unsigned = Version { signers: vec!["alice"], ..Version::genesis() };
    let cases: &[(&str, &dyn Fn(&Ground) -> CommitId, Code)] = &[
        ("another genesis", other, Code::PinMismatch),
        ("no policy", &|g| g.commit(&[], None, &[("x".to_owned(), b"x".to_vec())]), Code::PolicyInvalid),
        ("one of two signatures", &|g| g.commit(&[], None, &unsigned.files()), Code::PolicyUnsigned),
        (
            "with requests",
            &|g| {
                let files = [Version::genesis().files(), vec![("requests/x".to_owned(), b"x".to_vec())]].concat();
                g.commit(&[], None, &files)
            },
            Code::StepIllegal,
        ),
        (
            "with an extra file",
            &|g| {
                let files = [Version::genesis().files(), vec![("evil.sh".to_owned(), b"x".to_vec())]].concat();
                g.commit(&[], None, &files)
            },
            Code::FileUngoverned,
        ),
        // policy_step.rs read_version(): nothing in a version's directory that a checkout would run or follow.
        (
            "with a program for a policy",
            &|g| {
                let tree = g.with(None, &Version::genesis().files());
                let tree = g.edited(&tree, &["policy", "000001"], &|entries| {
                    entries.iter_mut().find(|(_, name, _)| name == "config.toml").unwrap().0 = 0o100_755;
                });
                g.of_tree(&[], &tree)
            },
            Code::PolicyInvalid,
        ),
    ];
    for (attack, make, code) in cases {
        let mut ground = Ground::new();
        let commit = make(&ground);
        ground.force(commit);
        let (status, report) = ground.verify("auditor", &[]);
        assert_eq!(status, 1, "{attack}: {report:#}");
        assert!(names(&report["findings"], *code), "{attack}: {report:#}");
        stopped_agent(&ground, attack, &Digest::of(b"x").to_string()[..32]);
    }
}

#[test]
fn both_heads_are_kept_and_the_old_one_is_believed_again() {
    let mut ground = ground();
    let good = ground.main;
    ground.force(ground.objects_parent(&good));
    ground.finished("instead");
    let bad = ground.main;
    assert_eq!(ground.verify("bot", &[]).0, 1);
    let cache = Objects::open(&ground.cache("bot")).unwrap();
    assert!(cache.holds(&good) && cache.holds(&bad));
    assert_eq!(cache.reference("refs/expacti/main").unwrap(), Some(good));
    ground.force(good);
    assert_eq!(ground.verify("bot", &[]).0, 0);
    // Also once the server shows the good one again: both have names, so that no maintenance takes them away.
    for head in [good, bad] {
        assert_eq!(cache.reference(&format!("refs/expacti/kept/{head}")).unwrap(), Some(head));
    }
}

#[test]
fn memory_stands_also_without_its_index() {
    // world/store.rs verify_main(): what is remembered is on the chain.
    let mut ground = ground();
    let open = ground.half_approved(SIDE);
    let good = ground.main;
    ground.force(ground.objects_parent(&good));
    let memory = ground.world("bot").paths.memory(&ground.repo);
    for file in fs::read_dir(memory).unwrap().map(|entry| entry.unwrap().path()) {
        if file.file_name().unwrap().to_str().unwrap().starts_with("index") {
            fs::remove_file(file).unwrap();
        }
    }
    stopped_agent(&ground, "no index", &open.id.to_string());
    let (status, report) = ground.verify("bot", &[]);
    assert_eq!(status, 1, "{report:#}");
    assert!(names(&report["findings"], Code::Rollback), "{report:#}");
    // Nor does another history take the place of the index: with the good one back, all goes on.
    let older = ground.main;
    ground.finished("instead");
    stopped_agent(&ground, "no index, another history", &open.id.to_string());
    ground.force(older);
    stopped_agent(&ground, "no index, set back", &open.id.to_string());
    ground.force(good);
    assert_eq!(ground.verify("bot", &[]).0, 0);
}

#[test]
fn branches_that_lost_something() {
    // world/store/verify.rs lost_branches().
    let ground = ground();
    let mut rewound = ground.half_approved(SIDE);
    let vanished = ground.half_approved("other");
    let older = ground.objects_parent(&rewound.tip);
    assert_eq!(ground.run("bot", &["pending", "--all"]).0, 0);
    ground.approve(&mut rewound, "bob");
    ground.set(&rewound.branch(), older);
    ground.objects.remove_reference(&vanished.branch()).unwrap();
    let (status, report) = ground.verify("bot", &[]);
    assert_eq!(status, 0, "{report:#}");
    for (id, code) in [(rewound.id, Code::BranchRewound), (vanished.id, Code::BranchVanished)] {
        let open = report["open"].as_array().unwrap().iter().find(|open| open["id"] == *id.to_string()).unwrap();
        assert!(names(&open["findings"], code), "{report:#}");
        assert_eq!(ground.verify("bot", &["--request", &id.to_string()]).0, 1);
    }
}

/// The loose file of the policy in force, in the cache of bot.
pub fn loose(ground: &Ground) -> PathBuf {
    let id = expacti::gate::history::at(&ground.objects, &ground.tree(&ground.main), "policy/000001/config.toml");
    let id = id.unwrap().unwrap().id.to_string();
    let objects = ground.cache("bot").join("objects");
    // Whether git kept the pack that it fetched or not: what lies loose at the server lies loose here.
    fs::remove_dir_all(objects.join("pack")).unwrap();
    for directory in fs::read_dir(ground.remote.join("objects")).unwrap().map(|entry| entry.unwrap()) {
        fs::create_dir_all(objects.join(directory.file_name())).unwrap();
        for file in fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap()) {
            fs::copy(file.path(), objects.join(directory.file_name()).join(file.file_name())).ok();
        }
    }
    objects.join(&id[..2]).join(&id[2..])
}

#[test]
fn bent_caches() {
    let cases: &[(&str, fn(&Ground))] = &[
        // world/objects.rs cut().
        ("shallow", |g| fs::write(g.cache("bot").join("shallow"), format!("{}\n", g.main)).unwrap()),
        ("grafts", |g| {
            fs::create_dir_all(g.cache("bot").join("info")).unwrap();
            fs::write(g.cache("bot").join("info/grafts"), format!("{}\n", g.main)).unwrap();
        }),
        // git2 checks hashes; world/objects.rs blob().
        ("deleted object", |g| fs::remove_file(loose(g)).unwrap()),
        ("tampered object", |g| {
            // A whole loose object, only of other bytes.
            let (path, id) = (loose(g), g.objects.write_blob(b"[[approval_policies]]\n").unwrap().to_string());
            let other = g.remote.join("objects").join(&id[..2]).join(&id[2..]);
            fs::remove_file(&path).unwrap();
            fs::copy(other, path).unwrap();
        }),
        ("damaged object", |g| {
            let path = loose(g);
            fs::remove_file(&path).unwrap();
            fs::write(path, b"x").unwrap();
        }),
    ];
    for (attack, bend) in cases {
        let ground = ground();
        let open = ground.half_approved(SIDE);
        bend(&ground);
        let (status, said) = ground.run("bot", &["verify", "--full"]);
        assert_eq!(status, 125, "{attack}: {said}");
        let code = if ["shallow", "grafts"].contains(attack) { Code::HistoryCut } else { Code::ObjectUnreadable };
        assert!(said.contains(code.as_str()), "{attack}: {said}");
        stopped_agent(&ground, attack, &open.id.to_string());
    }
}

#[test]
fn replacements_show_nothing_else() {
    // world/git.rs --no-replace-objects; git2 knows none.
    let mut ground = ground();
    let open = ground.half_approved(SIDE);
    let good = ground.main;
    let bad = ground.step(ground.main, &open);
    ground.push(bad);
    ground.set(&format!("refs/replace/{bad}"), good);
    assert_eq!(ground.verify("bot", &[]).0, 1);
    Objects::open(&ground.cache("bot")).unwrap().set_reference(&format!("refs/replace/{bad}"), &good).unwrap();
    let (status, report) = ground.verify("bot", &["--full"]);
    assert_eq!(status, 1, "{report:#}");
    assert!(names(&report["findings"], Code::EndingMissing), "{report:#}");
    stopped_agent(&ground, "replaced", &open.id.to_string());
}

#[test]
fn a_shallow_or_absent_remote_cannot_be_judged() {
    let ground = ground();
    let open = ground.half_approved(SIDE);
    fs::write(ground.remote.join("shallow"), format!("{}\n", ground.main)).unwrap();
    let (status, said) = ground.run("auditor", &["verify"]);
    assert_eq!(status, 125, "{said}");
    fs::remove_file(ground.remote.join("shallow")).unwrap();
    fs::rename(&ground.remote, ground.home.path().join("gone")).unwrap();
    let (status, said) = ground.run("bot", &["verify"]);
    assert_eq!(status, 125, "{said}");
    assert!(said.contains("git fetch failed"), "{said}");
    stopped_agent(&ground, "gone", &open.id.to_string());
}
