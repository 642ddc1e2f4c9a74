//! What a machine believes without memory, what it remembers, and a cache that somebody wrote into.

use std::fs;
use std::process::Command;

use expacti::domain::decision::Verdict;
use expacti::domain::id::{CommitId, Digest};
use expacti::gate::audit::Standpoint;
use expacti::gate::finding::Code;
use expacti::gate::history::History as _;
use expacti::world::objects::Objects;
use expacti::world::settings::Pins;
use expacti::world::store::{Ending, Landing, Store, StoreError};

use super::fixture::{Ground, MAIN, Open, Version, decided, name, now};
use super::{SIDE, ground, names, stopped_agent};
use crate::support::tool;

/// A machine that forgot everything but its pin.
fn forget(ground: &Ground, who: &str) {
    let paths = ground.world(who).paths;
    for dir in [paths.data, paths.state] {
        let _ = fs::remove_dir_all(dir);
    }
}

#[test]
fn a_pin_of_a_later_version_is_a_floor() {
    // world/store.rs above_floor(): for a machine without memory, a genuine past is as good as the present.
    let mut ground = ground();
    let before = ground.main;
    ground.policy(&Version::second(ground.root));
    let after = ground.main;
    let floor = ground.root.fingerprint();
    let open = ground.half_approved(SIDE);
    let url = ground.remote.to_str().unwrap().to_owned();
    let unknown = Digest::of(b"unknown").fingerprint();
    assert_eq!(ground.run("bot", &["join", &url, "--root", &unknown]).0, 1);
    assert_eq!(ground.run("bot", &["join", &url, "--root", &floor]).0, 0);
    assert_eq!(ground.verify("bot", &["--full"]).0, 0);
    ground.force(before);
    // Who pinned the genesis believes it; who pinned the second version does not, on whatever occasion.
    assert_eq!(ground.verify("auditor", &[]).0, 0);
    for memory in ["with memory", "without"] {
        if memory == "without" {
            forget(&ground, "bot");
        }
        let code = if memory == "without" { Code::BelowFloor } else { Code::Rollback };
        for arguments in [[].as_slice(), &["--full"]] {
            let (status, report) = ground.verify("bot", arguments);
            assert_eq!(status, 1, "{memory}: {report:#}");
            assert!(names(&report["findings"], code), "{memory}: {report:#}");
            assert!(report["findings"][0]["commit"].is_string(), "{report:#}");
        }
        stopped_agent(&ground, memory, &open.id.to_string());
    }
    assert_eq!(ground.run("bot", &["doctor", "--repair"]).0, 1, "it has nothing to bring forward");
    assert_eq!(ground.run("newcomer", &["join", &url, "--root", &floor]).0, 1);
    ground.force(after);
    assert_eq!(ground.verify("bot", &[]).0, 0);
    assert_eq!(ground.run("bot", &["resume", "--no-wait", &open.id.to_string()]).0, 0);
}

#[test]
fn an_approval_given_in_a_fork_counts_there_alone() {
    // gate/dossier.rs belongs(): a fork has the same genesis and so the same name; its commits are others.
    let mut here = ground();
    let open = here.half_approved(SIDE);
    let main = here.main;
    // The fork goes on, and bob, who sees it alone, approves there.
    here.finished("in the fork");
    let mut forked = open.clone();
    let decision = here.decision(&forked, "bob", Verdict::Approve);
    assert_eq!(decision.place.repo, here.repo);
    here.force(main);
    here.append(&mut forked, &decided(&decision, "bob"));
    let id = open.id.to_string();
    let (status, report) = here.verify("auditor", &["--request", &id]);
    assert_eq!(status, 1, "{report:#}");
    assert!(names(&report["request"]["findings"], Code::BaseUnknown), "{report:#}");
    let (status, said) = here.run("bot", &["resume", "--no-wait", &id]);
    assert_eq!(status, 122, "{said}");
    assert!(!here.ran(SIDE));
    // A request whose base is in the fork is none of ours either.
    here.finished("in the fork");
    let foreign = here.half_approved(SIDE);
    here.force(main);
    let (status, said) = here.run("bot", &["resume", "--no-wait", &foreign.id.to_string()]);
    assert_eq!(status, 125, "{said}");
    let (_, report) = here.verify("auditor", &["--request", &foreign.id.to_string()]);
    assert!(!report["request"]["findings"].as_array().unwrap().is_empty(), "{report:#}");
}

#[test]
fn what_a_crash_leaves_behind_is_whole() {
    // world/paths.rs write_durably(): the old file or the new one; world/store.rs remembered_main().
    let mut ground = ground();
    let open = ground.half_approved(SIDE);
    let memory = ground.world("bot").paths.memory(&ground.repo);
    let remembered = ground.main;
    let kept = || fs::read_to_string(memory.join("main")).unwrap();
    assert_eq!(kept().trim(), remembered.to_string());
    // A write that did not come to its end.
    fs::write(memory.join(".new-1"), &kept()[..7]).unwrap();
    ground.finished("more");
    assert_eq!(ground.verify("bot", &[]).0, 0);
    assert_eq!(kept().trim(), ground.main.to_string());
    // What is damaged is not taken for nothing remembered: nobody runs on it.
    let whole = kept();
    for bytes in ["", "\n", &whole[..20], "0000"] {
        fs::write(memory.join("main"), bytes).unwrap();
        let (status, said) = ground.run("bot", &["verify"]);
        assert_eq!(status, 125, "{bytes:?}: {said}");
        stopped_agent(&ground, bytes, &open.id.to_string());
        assert_eq!(fs::read_to_string(memory.join("main")).unwrap(), bytes);
    }
    // A bad tip leaves no trace in it.
    fs::write(memory.join("main"), &whole).unwrap();
    let bad = ground.of_tree(&[ground.main], &ground.tree(&ground.main));
    ground.push(bad);
    assert_eq!(ground.verify("bot", &[]).0, 1);
    assert_eq!(kept(), whole);
}

#[test]
fn nothing_is_remembered_that_could_not_be_written() {
    // Each limit stops another write: of the cache, the index, the memory. What holds then holds on, and no more runs.
    let town = crate::support::Town::found(
        "[[approval_policies]]\nname = \"job\"\npattern = \"job\"\nrequirement = \"any_of\"\nreviewers = [\"alice\"]\n",
        &crate::support::cast().people(&["alice"]).agent("bot"),
    );
    town.set_clock();
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    let repos = town.member("bot").join("state/repos");
    let memory = fs::read_dir(repos).unwrap().next().unwrap().unwrap().path().join("main");
    let main = || town.git(&["rev-parse", "main"]);
    let before = main();
    for blocks in [0, 1, 2, 4, 8, 16, 32, 64] {
        let whole = town.expacti("bot");
        let line = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" resume --no-wait {id}");
        let mut command = Command::new("sh");
        command.arg("-c").arg(line).arg(whole.get_program()).current_dir(town.work());
        command.env_clear().envs(town.env("bot")).stdin(std::process::Stdio::null());
        let output = command.output().unwrap();
        let remembered = fs::read_to_string(&memory).unwrap();
        assert!([before.trim(), main().trim()].contains(&remembered.trim()), "{blocks}: {remembered} {output:?}");
        assert!(town.marks() <= 1);
        if main() != before {
            break;
        }
        assert_eq!((output.status.code(), town.marks()), (Some(125), 0), "{blocks}: {output:?}");
    }
    // With room again it goes on where it was, or says that it was spent.
    let after = town.resume("bot", &id);
    assert!([0, 119].contains(&after.status), "{after:?}");
    assert!(town.marks() <= 1);
    assert_eq!(fs::read_to_string(&memory).unwrap().trim(), main().trim());
}

/// A pack of one object that its index calls by another name.
fn false_pack(ground: &Ground, bytes: &[u8], name: &[u8; 20]) {
    let evil = ground.objects.write_blob(bytes).unwrap().to_string();
    let packs = ground.cache("bot").join("objects/pack");
    fs::create_dir_all(&packs).unwrap();
    let listed = ground.home.path().join("listed");
    fs::write(&listed, format!("{evil}\n")).unwrap();
    let mut pack = Command::new("git");
    pack.arg("--git-dir").arg(&ground.remote).args(["pack-objects", "-q"]).arg(packs.join("pack"));
    pack.stdin(fs::File::open(listed).unwrap());
    let made = String::from_utf8(tool(&mut pack)).unwrap();
    let path = packs.join(format!("pack-{}.idx", made.trim()));
    let mut index = fs::read(&path).unwrap();
    for (at, count) in index[8..8 + 1_024].chunks_mut(4).enumerate() {
        count.copy_from_slice(&u32::from(at >= usize::from(name[0])).to_be_bytes());
    }
    index[1_032..1_052].copy_from_slice(name);
    fs::remove_file(&path).unwrap();
    fs::write(path, index).unwrap();
}

#[test]
fn a_cache_that_somebody_wrote_into_shows_nothing_else() {
    type Case = (&'static str, fn(&Ground), Option<Code>);
    let policy = |ground: &Ground| {
        let entry =
            expacti::gate::history::at(&ground.objects, &ground.tree(&ground.main), "policy/000001/config.toml");
        *entry.unwrap().unwrap().id.as_bytes()
    };
    let cases: &[Case] = &[
        // git2 checks the hash of what it reads from a pack too.
        (
            "tampered pack",
            |g| {
                let entry = expacti::gate::history::at(&g.objects, &g.tree(&g.main), "policy/000001/config.toml");
                let name = entry.unwrap().unwrap().id;
                let loose = super::tips::loose(g);
                fs::remove_file(loose).unwrap();
                false_pack(
                    g,
                    b"[[approval_policies]]\nname = \"x\"\npattern = \"*\"\nrequirement = \"allow\"\n",
                    name.as_bytes(),
                );
            },
            Some(Code::ObjectUnreadable),
        ),
        (
            "alternates",
            |g| {
                let elsewhere = g.home.path().join("elsewhere");
                tool(Command::new("cp").arg("-r").arg(g.cache("bot").join("objects")).arg(&elsewhere));
                fs::create_dir_all(g.cache("bot").join("objects/info")).unwrap();
                fs::write(g.cache("bot").join("objects/info/alternates"), format!("{}\n", elsewhere.display()))
                    .unwrap();
            },
            Some(Code::HistoryCut),
        ),
        // world/objects.rs settle(): the configuration is ours.
        (
            "another address by configuration",
            |g| {
                let other = g.home.path().join("other.git");
                tool(Command::new("cp").arg("-r").arg(&g.remote).arg(&other));
                let version = Version { signers: vec!["mal"], ..Version::second(g.root) };
                let rogue = g.on(g.main, &version.files());
                tool(Command::new("cp").arg("-r").arg(g.remote.join("objects")).arg(&other));
                Objects::open(&other).unwrap().set_reference(MAIN, &rogue).unwrap();
                let text = format!("[url {other:?}]\n\tinsteadOf = {:?}\n", g.remote);
                append(g, &text);
            },
            None,
        ),
        (
            "programs by configuration",
            |g| {
                let program = g.home.path().join("program");
                fs::write(&program, format!("#!/bin/sh\ntouch '{}'\n", g.home.path().join("work/side").display()))
                    .unwrap();
                fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
                let text = format!(
                    "[core]\n\tfsmonitor = {program:?}\n\thooksPath = {:?}\n\talternateRefsCommand = {program:?}\n[credential]\n\thelper = {program:?}\n[include]\n\tpath = {:?}\n",
                    g.home.path(),
                    g.home.path().join("more")
                );
                append(g, &text);
                fs::copy(&program, g.home.path().join("reference-transaction")).unwrap();
            },
            None,
        ),
        ("no configuration at all", |g| fs::write(g.cache("bot").join("config"), "[core").unwrap(), None),
    ];
    for (attack, bend, code) in cases {
        let ground = ground();
        let open = ground.half_approved(SIDE);
        let _ = policy(&ground);
        bend(&ground);
        let (status, said) = ground.run("bot", &["verify", "--full"]);
        match code {
            Some(code) => {
                assert_eq!(status, 125, "{attack}: {said}");
                assert!(said.contains(code.as_str()), "{attack}: {said}");
                stopped_agent(&ground, attack, &open.id.to_string());
            }
            None => {
                assert_eq!(status, 0, "{attack}: {said}");
                assert_eq!(ground.run("bot", &["resume", "--no-wait", &open.id.to_string()]).0, 122, "{attack}");
            }
        }
        assert!(!ground.ran(SIDE), "{attack}: it ran");
    }
}

fn append(ground: &Ground, text: &str) {
    let file = ground.cache("bot").join("config");
    let config = fs::read_to_string(&file).unwrap();
    fs::write(file, config + text).unwrap();
}

#[test]
fn a_rewound_branch_comes_back_also_while_the_remote_holds_another_tip() {
    // world/store.rs restore(): what was seen is pushed back; what took its place is reported and left.
    let ground = ground();
    let mut open = ground.half_approved(SIDE);
    let id = open.id.to_string();
    assert_eq!(ground.run("bot", &["resume", "--no-wait", &id]).0, 122);
    let seen = open.tip;
    let older: CommitId = ground.objects_parent(&open.tip);
    // Recomposed: the same request with carol's approval in the place of alice's.
    open.tip = older;
    ground.approve(&mut open, "carol");
    let (status, said) = ground.run("bot", &["resume", "--no-wait", &id]);
    assert_eq!(status, 122, "{said}");
    let (_, report) = ground.verify("bot", &["--request", &id]);
    assert!(names(&report["request"]["findings"], Code::BranchRewound), "{report:#}");
    assert!(report["request"]["findings"][0]["path"].is_string(), "{report:#}");
    for how in ["rewound", "vanished"] {
        match how {
            "rewound" => ground.set(&open.branch(), older),
            _ => ground.objects.remove_reference(&open.branch()).unwrap(),
        }
        assert_eq!(ground.run("bot", &["sync"]).0, 0);
        assert_eq!(ground.objects.reference(&open.branch()).unwrap(), Some(seen), "{how}");
    }
    assert!(ground.objects.commit(&seen).is_ok());
}

#[test]
fn a_landing_judged_on_a_main_that_another_process_has_passed_is_no_fault() {
    // world/store/land.rs land(): two processes of one home share an index; the slower one judges again.
    let mut ground = ground();
    let mut open = ground.half_approved(SIDE);
    let world = ground.world("bot");
    let store = || {
        let pin = Pins::load(&world.paths).unwrap().pin.remove(0);
        Store::open_pin(&world, &pin).unwrap()
    };
    let (slow, fast) = (store(), store());
    let ending = |open: &Open| (open.id, open.directory.clone(), open.tip);
    let land = |at: &Standpoint, (id, directory, second): (_, String, CommitId)| {
        let author = name("bot");
        let what = "denied";
        slow.land(at, &Ending { id: &id, directory: &directory, second, author: &author, now: now(), what })
    };
    let at = slow.refresh().unwrap();
    // Nothing ends it yet: on the tip that was judged, that is a fault.
    assert!(matches!(land(&at, ending(&open)), Err(StoreError::Illegal(_))));
    ground.decide(&mut open, "carol", Verdict::Deny);
    let at = slow.refresh().unwrap();
    ground.land(&open);
    fast.refresh().unwrap();
    // The index says that it has ended, which the slow one did not know when it judged.
    assert_eq!(land(&at, ending(&open)).unwrap(), Landing::Moved);
    assert_eq!(ground.objects.reference(MAIN).unwrap(), Some(ground.main));
}
