//! Machine-wide pins: what `/etc/expacti` says wins, and behind a barrier `run` and `resume` know nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use expacti::world::paths::SystemDir;

use crate::notify::{Server, configure, keep, reach};
use crate::support::{Ran, Town, cast, play, snapshot};

const ASKS: &str = "[[approval_policies]]\nname = \"job\"\npattern = [\"job\", \"job *\"]\nrequirement = \"any_of\"\nreviewers = [\"alice\"]\n\n[[approval_policies]]\nname = \"looking\"\npattern = \"touch *\"\nrequirement = \"allow\"\n";
const ALLOWS: &str = "[matching]\ntrusted_path = [\"/\"]\n\n[[approval_policies]]\nname = \"all\"\npattern = \"*\"\nrequirement = \"allow\"\n";

/// A town whose agent runs behind a barrier, and another in which that agent may do everything.
struct Scene {
    town: Town,
    lax: Town,
    etc: PathBuf,
}

impl Scene {
    fn new() -> Self {
        Self::with(ASKS)
    }

    fn with(config: &str) -> Self {
        let people = cast().people(&["alice", "olga"]).agent("bot").operators(&["olga"]);
        let town = Town::found(config, &people);
        let lax = Town::found(ALLOWS, &cast().agent("bot"));
        town.marking_program("job");
        // The caller's own home trusts the other town, and both keys are the same.
        let home = town.home("bot");
        town.run_raw("bot", &["join", &lax.url(), "--root", &lax.root()]).expect(0);
        let (etc, key) = (town.path("etc"), town.path("runner-key"));
        fs::create_dir(&etc).unwrap();
        fs::copy(home.join("key"), &key).unwrap();
        let scene = Self { town, lax, etc };
        scene.write("trust.toml", &scene.pin());
        scene.write("settings.toml", &scene.settings());
        scene
    }

    fn pin(&self) -> String {
        let root = self.town.root();
        let repo = expacti::domain::id::Digest::from_fingerprint(&root).unwrap();
        format!("[[pin]]\nurl = {:?}\nrepo = \"{repo}\"\nroot = {root:?}\n", self.town.url())
    }

    fn settings(&self) -> String {
        format!("key = {:?}\nhome = {:?}\n", self.town.path("runner-key"), self.town.path("runner"))
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.etc.join(name), text).unwrap();
        fs::set_permissions(self.etc.join(name), fs::Permissions::from_mode(0o644)).unwrap();
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.run_as_owner(rustix::process::getuid().as_raw(), args)
    }

    fn run_as_owner(&self, owner: u32, args: &[&str]) -> Ran {
        self.run_with(owner, &[], args)
    }

    fn run_with(&self, owner: u32, env: &[(&str, &str)], args: &[&str]) -> Ran {
        let (mut world, heard) = self.town.world("bot");
        world.env.extend(env.iter().map(|(name, value)| (name.into(), value.into())));
        world.paths.system = Some(SystemDir { dir: self.etc.clone(), owner });
        play(&world, &heard, args)
    }
}

#[test]
fn behind_a_barrier_nothing_of_the_callers_decides() {
    let scene = Scene::new();
    let (town, lax) = (&scene.town, scene.lax.url());
    let key = town.home("bot").join("key");
    let status = town.path("status");
    let lines: [&[&str]; 4] = [
        &["run", "--no-wait", "--", "job"],
        &["--repo", &lax, "run", "--no-wait", "--", "job"],
        &["--key", "/nowhere", "--repo", &lax, "run", "--no-wait", "--", "job"],
        &["run", "--no-wait", "--status-file", status.to_str().unwrap(), "--", "job"],
    ];
    let mut ids = Vec::new();
    for line in lines {
        let ran = scene.run(line).expect(122);
        assert_eq!(ran.err.matches("ignored:").count(), 1, "{ran:?}");
        ids.push(ran.out.trim().to_owned());
    }
    // The same request each time, of the pinned repository, remembered in the runner's home.
    assert_eq!(ids.iter().filter(|id| **id == ids[0]).count(), 4);
    assert_eq!((town.branches(), town.marks(), status.exists()), (vec![ids[0].clone()], 0, false));
    assert!(town.path("runner/data/repos").exists());
    let said = scene.run(&["--repo", &lax, "--key", key.to_str().unwrap(), "resume", "--no-wait", &ids[0]]).expect(122);
    for word in ["--repo", "--key", "EXPACTI_HOME", "homes/bot/config/settings.toml"] {
        assert!(said.err.contains(word), "{word}: {}", said.err);
    }
    // Without the barrier, the caller's word is enough: that is what it is for.
    town.run("bot", &["--repo", &lax, "run", "--", "job"]).expect(0);
    assert_eq!(town.marks(), 1);
    town.approve("alice", &ids[0]).expect(0);
    scene.run(&["resume", "--no-wait", &ids[0]]).expect(0);
    assert_eq!(town.marks(), 2);
}

#[test]
fn only_what_the_administrator_trusts_runs_without_approval() {
    let scene = Scene::new();
    let file = scene.town.work().join("made");
    scene.run(&["run", "--", "touch", "made"]).expect(0);
    assert!(file.exists());
    fs::remove_file(&file).unwrap();
    scene.write("settings.toml", &format!("{}trusted_path = [\"/opt/tools\"]\n", scene.settings()));
    scene.run(&["run", "--", "touch", "made"]).expect(120);
    assert!(!file.exists());
}

#[test]
fn files_that_leave_a_doubt_stop_everything() {
    let scene = Scene::new();
    let id = scene.run(&["run", "--no-wait", "--", "job"]).expect(122).out.trim().to_owned();
    scene.town.approve("alice", &id).expect(0);
    let stopped = |what: &str, says: &str| {
        for line in [&["run", "--", "job"][..], &["resume", &id]] {
            scene.run(line).expect(125).says(says);
            assert_eq!(scene.town.marks(), 0, "{what}");
        }
    };
    let chmod = |name: &str, mode| fs::set_permissions(scene.etc.join(name), fs::Permissions::from_mode(mode)).unwrap();
    for name in ["trust.toml", "settings.toml", ""] {
        let honest = fs::metadata(scene.etc.join(name)).unwrap().permissions().mode();
        for mode in [0o020, 0o002] {
            chmod(name, honest | mode);
            stopped(name, "can write it");
        }
        chmod(name, honest);
    }
    let (pin, settings) = (scene.pin(), scene.settings());
    let broken = [
        ("trust.toml", String::new(), "no pin beside them"),
        ("trust.toml", pin.replace("[[pin]]", "[[pins]]"), "unknown field"),
        ("trust.toml", pin.replace("root = \"SHA256:", "root = \"SHA1:"), "pin of"),
        ("trust.toml", format!("{pin}{}", pin.replace("policy.git", "other.git")), "`repo` must say"),
        ("settings.toml", String::new(), "`key` must be an absolute path"),
        ("settings.toml", settings.replace("key = \"/", "key = \""), "`key` must be an absolute path"),
        ("settings.toml", settings.replace("home", "hone"), "unknown field"),
        ("settings.toml", format!("repo = \"/elsewhere\"\n{settings}"), "not pinned"),
        ("settings.toml", format!("trusted_path = [\"bin\"]\n{settings}"), "absolute paths"),
    ];
    for (name, text, says) in broken {
        scene.write(name, &text);
        stopped(&text, says);
        scene.write(name, if name == "trust.toml" { &pin } else { &settings });
    }
    for name in ["trust.toml", "settings.toml"] {
        let text = fs::read_to_string(scene.etc.join(name)).unwrap();
        fs::remove_file(scene.etc.join(name)).unwrap();
        stopped(name, scene.etc.to_str().unwrap());
        scene.write(name, &text);
    }
    let another = rustix::process::getuid().as_raw() + 1;
    scene.run_as_owner(another, &["resume", &id]).expect(125).says("belongs to user");
    scene.run(&["resume", "--no-wait", &id]).expect(0);
    assert_eq!(scene.town.marks(), 1);
}

#[test]
fn a_pin_for_everyone_wins_over_the_users_own() {
    let scene = Scene::new();
    let lax = &scene.lax;
    // The administrator pins the same address with another root than the user, who joined it before.
    let other = scene.pin().replace(&scene.town.url(), &lax.url());
    scene.write("trust.toml", &format!("{}{other}", scene.pin()));
    scene.run(&["--repo", &lax.url(), "doctor", "--root-fingerprint"]).expect(0).says(&scene.town.root());
    scene.run(&["--repo", &lax.url(), "verify"]).expect(1).says("pin-mismatch");
    scene.run(&["join", &lax.url(), "--root", &lax.root()]).expect(125).says("pins SHA256:");
    scene.run(&["--repo", &scene.town.url(), "verify"]).expect(0);
    // A file that anyone could have written is no word of the administrator's, for any verb.
    fs::set_permissions(scene.etc.join("trust.toml"), fs::Permissions::from_mode(0o666)).unwrap();
    scene.run(&["verify"]).expect(125).says("can write it");
}

#[test]
fn neither_the_callers_git_nor_their_settings_of_it_are_used() {
    // world/git.rs: behind a barrier PATH and HOME of git are the machine's.
    let scene = Scene::new();
    let (town, lax) = (&scene.town, scene.lax.url());
    let settings = town.path("homes/.gitconfig");
    fs::write(&settings, format!("[url {lax:?}]\n\tinsteadOf = {:?}\n", town.url())).unwrap();
    scene.run(&["run", "--no-wait", "--", "job"]).expect(122);
    town.program("git", &format!("echo ran >> '{}'; exit 1", town.path("marks").display()));
    scene.run(&["run", "--no-wait", "--", "job"]).expect(122);
    assert_eq!((town.branches().len(), town.marks()), (1, 0));
    // The caller's own expacti uses both.
    town.run_raw("bot", &["--repo", &lax, "verify"]).expect(125);
    assert_ne!(town.marks(), 0);
}

#[test]
fn behind_a_barrier_the_channels_are_those_of_its_home() {
    let names = [("room", "slack"), ("pager", "command"), ("other", "slack")];
    let channels = names.map(|(name, kind)| format!("[[notify.channels]]\nname = {name:?}\nkind = {kind:?}\n"));
    let scene = Scene::with(&format!("{ASKS}\n{}", channels.concat()));
    let town = &scene.town;
    let (theirs, callers) = (Server::start(&[]), Server::start(&[]));
    let pager = town.program("pager", &format!("cat >> '{0}'; env > '{0}.env'", town.path("paged").display()));
    let settings = town.path("runner/config/settings.toml");
    fs::create_dir_all(settings.parent().unwrap()).unwrap();
    let text = reach(&keep(town, "url", &theirs.url()), "room")
        + &format!("[notify.pager]\ncommand = [{pager:?}]\n[notify.other]\nurl_env = \"OTHER_URL\"\n");
    fs::write(&settings, text).unwrap();
    // The caller has settings of its own for the same channel, and variables for everything.
    configure(town, "bot", &reach(&keep(town, "callers", &callers.url()), "room"));
    let url = callers.url();
    let env = [("OTHER_URL", url.as_str()), ("HTTPS_PROXY", &url), ("DISPLAY", ":0"), ("LD_AUDIT", "x")];
    let owner = rustix::process::getuid().as_raw();
    let asked = scene.run_with(owner, &env, &["run", "--no-wait", "--", "job"]).expect(122);
    let id = asked.out.trim();
    assert!(
        asked.err.contains("channel `room` is told of") && asked.err.contains("channel `pager` is told of"),
        "{asked:?}"
    );
    assert!(asked.err.contains("`url_env` means nothing behind a barrier"), "{asked:?}");
    assert_eq!((theirs.posted().len(), callers.posted().len()), (1, 0));
    let event: serde_json::Value = serde_json::from_str(&fs::read_to_string(town.path("paged")).unwrap()).unwrap();
    assert_eq!((&event["type"], &event["data"]["id"]), (&"request.created".into(), &id.into()));
    // What the shell itself sets does not count.
    let env = fs::read_to_string(town.path("paged.env")).unwrap();
    let own = |line: &&str| !["PWD=", "OLDPWD=", "SHLVL=", "_="].iter().any(|name| line.starts_with(name));
    assert_eq!(env.lines().filter(own).collect::<Vec<_>>(), ["PATH=/usr/local/bin:/usr/bin:/bin"]);
    // The end is told to whoever operates it, and each event once: what was told lies in the barrier's home.
    town.approve("alice", id).expect(0);
    scene.run(&["resume", "--no-wait", id]).expect(0);
    scene.run(&["resume", "--no-wait", id]).expect(119);
    assert_eq!((theirs.posted().len(), callers.posted().len(), town.marks()), (2, 0, 1));
    assert!(snapshot(&town.path("runner/state")).into_keys().any(|path| path.to_string_lossy().contains("told/")));
    // Whoever could have written its settings could have named a program: nobody is told, and it runs all the same.
    fs::set_permissions(&settings, fs::Permissions::from_mode(0o666)).unwrap();
    let asked = scene.run(&["run", "--no-wait", "--", "job", "2"]).expect(122).says("nobody is told");
    town.approve("alice", asked.out.trim()).expect(0);
    scene.run(&["resume", "--no-wait", asked.out.trim()]).expect(0);
    assert_eq!((theirs.posted().len(), town.marks()), (2, 2));
}
