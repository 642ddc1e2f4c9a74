//! A `main` that does not hold stops everyone, and `doctor --repair` heals it with a plain push.

use std::process::{Command, Stdio};

use expacti::world::settings::Pins;
use expacti::world::store::{Landing, Remedy, Store};

use crate::support::{Ran, Town, cast};

const POLICY: &str = "[[approval_policies]]\nname = \"job\"\npattern = [\"job\", \"job *\"]\nrequirement = \"any_of\"\nreviewers = [\"alice\", \"erin\"]\n";

/// A request that is approved, one that is not, and three machines that have verified `main`.
struct Scene {
    town: Town,
    approved: String,
    open: String,
}

impl Scene {
    fn new() -> Self {
        let town = Town::found(POLICY, &cast().people(&["alice", "erin"]).agent("bot"));
        town.marking_program("job");
        // One step more than the genesis: there is an older step to name.
        let denied = town.ask("bot", &["job", "denied"]);
        town.deny("alice", &denied).expect(0);
        let (approved, open) = (town.ask("bot", &["job"]), town.ask("bot", &["job", "other"]));
        town.approve("alice", &approved).expect(0);
        for who in ["bot", "erin"] {
            town.run(who, &["verify"]).expect(0);
        }
        Self { town, approved, open }
    }

    /// A commit whose tree is that of `tree`, on these parents.
    fn commit(&self, tree: &str, parents: &[&str]) -> String {
        let tree = self.town.git(&["rev-parse", &format!("{tree}^{{tree}}")]);
        let mut words = vec!["-c", "user.name=m", "-c", "user.email=m@example.org", "commit-tree", tree.trim()];
        words.extend(["-m", "Merge"]);
        parents.iter().for_each(|parent| words.extend(["-p", *parent]));
        self.town.git(&words).trim().to_owned()
    }

    fn main(&self) -> String {
        self.town.git(&["rev-parse", "main"]).trim().to_owned()
    }

    fn set(&self, to: &str) {
        self.town.git(&["update-ref", "refs/heads/main", to]);
    }

    /// Nobody decides and nothing runs, on a machine that remembers and on one that does not.
    #[track_caller]
    fn stopped(&self, what: &str) {
        let refs = self.town.refs();
        let verbs: [(&str, &[&str]); 6] = [
            ("bot", &["run", "--no-wait", "--", "job", "new"]),
            ("bot", &["resume", &self.approved]),
            ("bot", &["cancel", &self.open]),
            ("erin", &["approve", "--yes", &self.open]),
            ("alice", &["approve", "--yes", &self.open]),
            ("erin", &["deny", "--yes", "--reason", "no", &self.open]),
        ];
        for (who, args) in verbs {
            let ran = self.town.run(who, args);
            assert_eq!(ran.status, 125, "{what}: {args:?}: {ran:?}");
        }
        assert_eq!((self.town.refs(), self.town.marks()), (refs, 0), "{what}");
    }

    /// Everything goes on, for those who had refused.
    #[track_caller]
    fn goes_on(&self) {
        self.town.resume("bot", &self.approved).expect(0);
        self.town.approve("erin", &self.open).expect(0);
        self.town.resume("bot", &self.open).expect(0);
        assert_eq!(self.town.marks(), 2);
        self.town.run("bot", &["verify", "--full"]).expect(0);
    }

    /// Those three parents that a host's Merge button makes of an open request's branch.
    fn merge_button(&self) -> String {
        let branch = format!("requests/{}", self.open);
        let merged = self.town.git(&["merge-tree", "--write-tree", "main", &branch]);
        let words =
            ["-c", "user.name=m", "-c", "user.email=m@example.org", "commit-tree", merged.trim(), "-m", "Merge"];
        self.town.git(&[&words[..], &["-p", "main", "-p", &branch]].concat()).trim().to_owned()
    }
}

/// How `main` is broken; what it must be afterwards, beneath a repair or itself.
type Break = (&'static str, fn(&Scene));

const HEALS: &[Break] = &[
    ("a bad push", |scene| scene.set(&scene.commit("main", &["main"]))),
    ("a host's merge button", |scene| scene.set(&scene.merge_button())),
    ("several bad commits", |scene| {
        let first = scene.commit("main~1", &["main"]);
        scene.set(&scene.commit("main", &[&first]));
    }),
    ("a bad push on top of one", |scene| {
        scene.set(&scene.commit("main", &["main"]));
        scene.set(&scene.merge_button());
    }),
    ("an older tip named first", |scene| scene.set(&scene.commit("main", &["main~1", "main"]))),
    ("an older tip named first, twice", |scene| {
        scene.set(&scene.commit("main", &["main~1", "main"]));
        scene.set(&scene.commit("main", &["main~1", "main"]));
    }),
    ("set back", |scene| scene.set(&scene.main_before())),
    ("deleted", |scene| drop(scene.town.git(&["update-ref", "-d", "refs/heads/main"]))),
];

impl Scene {
    fn main_before(&self) -> String {
        self.town.git(&["rev-parse", "main~1"]).trim().to_owned()
    }
}

#[test]
fn whatever_broke_main_is_healed_by_one_plain_push() {
    for (what, break_it) in HEALS {
        let scene = Scene::new();
        let town = &scene.town;
        let good = scene.main();
        break_it(&scene);
        let stops = !["set back", "deleted"].contains(what);
        if stops {
            scene.stopped(what);
        }
        town.run("bot", &["resume", &scene.approved]).expect(125);
        town.run("erin", &["doctor"]).expect(1).says("expacti doctor --repair").says("the same by hand: git --git-dir");
        assert_ne!(town.refs().lines().find(|line| line.contains("/main ")), Some(good.as_str()), "{what}");
        town.run("erin", &["doctor", "--repair"]).expect(0).says("holds");
        let healed = scene.main();
        if stops {
            assert_eq!(town.git(&["rev-parse", "main^1"]).trim(), good, "{what}");
            assert_eq!(town.git(&["diff", "--stat", &good, &healed]), "", "{what}");
        } else {
            assert_eq!(healed, good, "{what}");
        }
        // Once more, and by somebody else, changes nothing.
        for who in ["erin", "bot"] {
            town.run(who, &["doctor", "--repair"]).expect(0).says("nothing to repair");
        }
        assert_eq!(scene.main(), healed, "{what}");
        scene.goes_on();
    }
}

#[test]
fn a_machine_without_memory_finds_the_step_that_a_bad_merge_hides() {
    // store/repair.rs: the repair stands on the newest legal step, also where the chain no longer leads to it.
    let scene = Scene::new();
    let good = scene.main();
    scene.set(&scene.commit("main", &["main~1", "main"]));
    let town = &scene.town;
    town.home("passerby");
    // joining asks for a main that holds
    town.run_raw("passerby", &["join", &town.url(), "--root", &town.root()]).expect(125);
    let world = town.world("passerby").0;
    let repo = Pins::load(&town.world("erin").0.paths).unwrap().pin[0].repo.parse().unwrap();
    let store = Store::open(&world, &town.url(), repo).unwrap();
    let Remedy::Push(fix) = store.remedy(world.clock.now()).unwrap() else { panic!("nothing to push") };
    assert_eq!(fix.good.to_string(), good);
    assert!(matches!(store.heal(&fix).unwrap(), Landing::Landed(_)));
    scene.goes_on();
}

#[test]
fn what_a_repair_would_undo_only_the_host_can_move() {
    type Case = (&'static str, fn(&Scene), &'static str);
    let cases: &[Case] = &[
        ("another history", |scene| scene.set(&scene.commit("main", &["main~1"])), "does not come from"),
        ("another genesis", |scene| scene.set(&scene.commit("main", &[])), "does not come from"),
        (
            "two legal steps on one",
            |scene| {
                // A claim on an older tip that lost its race, and a merge that names both.
                let id = scene.town.ask("bot", &["job", "raced"]);
                let before = scene.main();
                scene.town.deny("alice", &id).expect(0);
                let raced = scene.main();
                scene.set(&before);
                let other = scene.town.ask("ada", &["job", "as", "well"]);
                scene.town.home("fresh");
                scene.town.run_raw("fresh", &["join", &scene.town.url(), "--root", &scene.town.root()]).expect(0);
                scene
                    .town
                    .run_raw(
                        "fresh",
                        &["--key", scene.town.home("ada").join("key").to_str().unwrap(), "cancel", &other],
                    )
                    .expect(0);
                let landed = scene.main();
                scene.set(&scene.commit("main", &[&landed, &raced]));
            },
            "would undo",
        ),
    ];
    for (what, break_it, why) in cases {
        let scene = Scene::new();
        let town = &scene.town;
        break_it(&scene);
        scene.stopped(what);
        let bad = scene.main();
        for args in [&["doctor"][..], &["doctor", "--repair"]] {
            let ran = town.run("erin", args).expect(1).says(why).says("who may force-push").says("update-ref");
            assert_eq!(scene.main(), bad, "{what}: {ran:?}");
        }
        // What it says to do on the host does it.
        let ran = town.run("erin", &["doctor"]);
        let line = ran.out.lines().find_map(|line| line.split_once("or on this machine: ")).unwrap().1;
        let done = Command::new("sh").args(["-c", line]).output().unwrap();
        assert!(done.status.success(), "{line}: {done:?}");
        town.run("erin", &["doctor"]).expect(0);
        scene.goes_on();
    }
}

#[test]
fn two_who_repair_at_once_make_one_repair() {
    let scene = Scene::new();
    let town = &scene.town;
    scene.set(&scene.commit("main", &["main"]));
    let bad = scene.main();
    // Judged on the same tip, one second apart: two different commits.
    let store = |who: &str| {
        let (world, _) = town.world(who);
        let pin = Pins::load(&world.paths).unwrap().pin.remove(0);
        Store::open_pin(&world, &pin).unwrap()
    };
    let (first, second) = (store("alice"), store("erin"));
    let fix = |store: &Store| match store.remedy(town.world("ada").0.clock.now()).unwrap() {
        Remedy::Push(fix) => fix,
        other => panic!("{other:?}"),
    };
    let one = fix(&first);
    town.pass(1);
    let two = fix(&second);
    assert_ne!(one.new, two.new);
    assert_eq!(first.heal(&one).unwrap(), Landing::Landed(one.new));
    assert_eq!(second.heal(&two).unwrap(), Landing::Moved);
    assert!(matches!(second.remedy(town.world("ada").0.clock.now()).unwrap(), Remedy::Holds(_)));
    assert_eq!(scene.main(), one.new.to_string());
    // And as processes, with a new break.
    scene.set(&scene.commit("main", &["main"]));
    let start = |who: &str| {
        let mut command = town.expacti(who);
        command.args(["doctor", "--repair"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for child in [start("alice"), start("erin"), start("bot")] {
        Ran::from(child.wait_with_output().unwrap()).expect(0).says("hold");
    }
    let repairs = town.git(&["rev-list", "--first-parent", "--count", &format!("{bad}^..main")]);
    assert_eq!(repairs.trim(), "2");
    scene.goes_on();
}

#[test]
fn the_line_that_is_printed_heals_as_well_and_a_guarded_main_says_who_can() {
    let scene = Scene::new();
    let town = &scene.town;
    scene.set(&scene.commit("main", &["main"]));
    let guard = town.path("policy.git/hooks/update");
    std::fs::create_dir_all(guard.parent().unwrap()).unwrap();
    std::fs::write(&guard, "#!/bin/sh\n[ \"$1\" != refs/heads/main ]\n").unwrap();
    std::fs::set_permissions(&guard, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    town.run("bot", &["doctor", "--repair"]).expect(1).says("refuses the push").says("somebody who may push main");
    std::fs::remove_file(&guard).unwrap();
    let ran = town.run("bot", &["doctor"]).expect(1);
    let line = ran.out.lines().find_map(|line| line.split_once("the same by hand: ")).unwrap().1;
    let done = Command::new("sh").args(["-c", line]).output().unwrap();
    assert!(done.status.success(), "{line}: {done:?}");
    scene.goes_on();
}

#[test]
fn an_object_that_git_refuses_on_main_is_named_with_the_way_out() {
    let scene = Scene::new();
    let town = &scene.town;
    let good = scene.main();
    let file = town.path("commit");
    let tree = town.git(&["rev-parse", "main^{tree}"]);
    // Without an address no fetch that checks objects takes it, and this server did.
    let text = format!("tree {tree}parent {good}\nauthor nobody 0 +0000\ncommitter nobody 0 +0000\n\nbad\n");
    std::fs::write(&file, text).unwrap();
    let bad = town.git(&["hash-object", "--literally", "-w", "-t", "commit", file.to_str().unwrap()]);
    scene.set(bad.trim());
    scene.stopped("an object git refuses");
    for args in [&["doctor"][..], &["doctor", "--repair"]] {
        let way = format!("update-ref refs/heads/main {good} {}", bad.trim());
        town.run("erin", args).expect(1).says("git refuses to fetch").says(&way).says("receive.fsckObjects true");
    }
    scene.set(&good);
    scene.goes_on();
}
