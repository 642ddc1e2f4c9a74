//! Attacks, a directory each: `tests/hostile/<class>/<attack>/` holds what is expected and the script that does it.
//!
//! Each begins on an honest history, and in an honest place to run; the script does what the attacker would, with git,
//! `ssh-keygen` and the keys they hold. Then the finding must be exactly the one expected, and the command must not have
//! run. `tests/hostile/README.md` says how to add one.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use expacti::gate::finding::Code;
use expacti::gate::history::History as _;
use serde::Deserialize;

use crate::attacks::fixture::{Ground, MAIN, Open, key};
use crate::attacks::{Found, SIDE, ground, settle, settle_branches};
use crate::support::{Ran, Town, cast};

const CLASSES: [&str; 6] = ["signature", "tree", "identity", "history", "binding", "environment"];

/// `attack.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// Its class and name: the directory below `tests/hostile/`.
    #[serde(skip)]
    pub name: String,
    /// What is tried, in a line.
    pub title: String,
    /// Who can try it.
    pub attacker: String,
    /// Where it shows.
    pub place: Place,
    /// The code of the finding; what is tried on the run has none.
    pub finding: Option<String>,
    /// What `resume` ends with on a branch; what the script's `attempt` ends with on the run.
    pub status: Option<u8>,
    /// What the attempt says besides.
    pub says: Option<String>,
    /// How often the command may run: once where the attack changes nothing.
    #[serde(default)]
    pub runs: usize,
    /// On a branch: it changes what others stand on, so it has a ground of its own.
    #[serde(default)]
    pub alone: bool,
    /// The line of defence.
    pub defence: String,
    /// What happens without it.
    pub without: String,
    /// What this test said once the line was taken out.
    pub seen: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// On the branch of an open request: it counts for nothing.
    Branch,
    /// On `main`: whoever looks for the first time is told, and all else ends with 125.
    Main,
    /// At the tip of `main`: whoever remembers is told.
    Tip,
    /// On the machine that runs it.
    Run,
}

/// All attacks of a class; with `ATTACK=tree/symlink` in the environment that one alone.
pub fn attacks(class: &str) -> Vec<Attack> {
    let mut found: Vec<Attack> = directories(&hostile().join(class)).iter().map(|path| read(path)).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if let Ok(only) = std::env::var("ATTACK") {
        found.retain(|attack| attack.name == only);
    }
    found
}

/// Plays each, and then names all that failed.
fn each(attacks: &[Attack], mut play: impl FnMut(usize, &Attack)) {
    let failed = |(turn, attack): (usize, &Attack)| {
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(turn, attack)));
        played.is_err().then(|| attack.name.clone())
    };
    let failed: Vec<String> = attacks.iter().enumerate().filter_map(failed).collect();
    assert!(failed.is_empty(), "{} of {} attacks: {}", failed.len(), attacks.len(), failed.join(", "));
}

fn read(path: &Path) -> Attack {
    let text = fs::read_to_string(path.join("attack.toml")).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let attack: Attack = toml::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let name = path.strip_prefix(hostile()).unwrap().to_str().unwrap().to_owned();
    Attack { name, ..attack }
}

impl Attack {
    /// The code of its finding.
    pub fn code(&self) -> Option<Code> {
        let code = self.finding.as_ref()?;
        let known = Code::ALL.iter().find(|known| known.as_str() == code);
        Some(*known.unwrap_or_else(|| panic!("{}: `{code}` is no finding", self.name)))
    }

    /// Does it on an open request that lacks one approval, which is returned. `main` may have moved.
    pub fn build(&self, ground: &mut Ground) -> Open {
        let mut open = ground.half_approved(SIDE);
        let scratch = ground.home.path().join("scratch").join(open.id.to_string());
        fs::create_dir_all(&scratch).unwrap();
        let keys = keys(ground.home.path());
        let version = crate::attacks::fixture::Version::genesis();
        fs::write(scratch.join("config.toml"), &version.config).unwrap();
        fs::write(scratch.join("roster.toml"), &version.roster).unwrap();
        let done = ground.done.clone().unwrap_or_default();
        let mut first = ground.main;
        while let [parent, ..] = ground.objects.commit(&first).unwrap().parents[..] {
            first = parent;
        }
        let seen: Vec<String> = open.seen.iter().map(|digest| format!("\"{digest}\"")).collect();
        let variables = [
            ("ID", open.id.to_string()),
            ("DIR", open.directory.clone()),
            ("TIP", open.tip.to_string()),
            ("BASE", open.request.place.base.to_string()),
            ("MAIN", ground.main.to_string()),
            ("OLDER", ground.objects_parent(&ground.main).to_string()),
            ("FIRST", first.to_string()),
            ("DONE", done),
            ("REPO", ground.repo.to_string()),
            ("ROOT", ground.root.to_string()),
            ("REQUEST", open.digest().to_string()),
            ("SEEN", seen.join(", ")),
            ("NOW", crate::attacks::fixture::now().to_string()),
        ];
        let mut shell = self.shell("");
        shell.current_dir(&scratch).env("GIT_DIR", &ground.remote).env("GIT_INDEX_FILE", scratch.join("index"));
        shell.env("GIT_WORK_TREE", &scratch);
        shell.env("KEYS", &keys).envs(variables);
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        ground.main = ground.objects.reference(MAIN).unwrap().unwrap_or(ground.main);
        // A request of the script's own making.
        if let Ok(id) = fs::read_to_string(scratch.join("id")) {
            open.id = id.trim().parse().unwrap();
        }
        open
    }

    /// A shell that knows `lib.sh`, plays this attack and then `more`.
    fn shell(&self, more: &str) -> Command {
        let (library, directory) = (hostile().join("lib.sh"), hostile().join(&self.name));
        let mut shell = Command::new("sh");
        let text = format!(". {library:?}\nATTACK={directory:?}\n. \"$ATTACK/build.sh\"\n{more}");
        shell.args(["-euc", &text]).env_clear();
        shell.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", "/nonexistent").env("LC_ALL", "C");
        for (who, value) in [("NAME", "mallory"), ("EMAIL", "mallory@example.org"), ("DATE", "2019-01-01T00:00:00Z")] {
            shell.env(format!("GIT_AUTHOR_{who}"), value).env(format!("GIT_COMMITTER_{who}"), value);
        }
        shell.env("GIT_CONFIG_NOSYSTEM", "1");
        shell
    }

    fn found(&self) -> Found {
        let status = || self.status.unwrap_or_else(|| panic!("{}: what does `resume` end with?", self.name));
        let code = || self.code().unwrap_or_else(|| panic!("{}: no finding", self.name));
        match self.place {
            Place::Branch => Found::Branch(self.code(), status()),
            Place::Main => Found::Main(code()),
            Place::Tip => Found::Tip(code()),
            Place::Run => panic!("{}: not on the history", self.name),
        }
    }
}

/// Everyone's private key, and its seed in hexadecimal for those who write signatures by hand.
fn keys(home: &Path) -> PathBuf {
    let directory = home.join("keys");
    if !directory.exists() {
        fs::create_dir(&directory).unwrap();
        for who in ["alice", "bob", "carol", "bot", "mal", "stranger", "dora", "erin", "eve", "mallory"] {
            let options =
                |name: &str| fs::File::options().write(true).create_new(true).mode(0o600).open(directory.join(name));
            use std::io::Write as _;
            options(who).unwrap().write_all(&key(who).to_openssh(who)).unwrap();
            options(&format!("{who}.pub"))
                .unwrap()
                .write_all(format!("{}\n", key(who).public().line()).as_bytes())
                .unwrap();
            let seed = expacti::domain::id::Digest::of(who.as_bytes()).to_string();
            options(&format!("{who}.seed")).unwrap().write_all(seed.as_bytes()).unwrap();
        }
    }
    directory
}

/// Attacks on the history.
fn on_the_history(class: &str) {
    let (together, alone): (Vec<_>, Vec<_>) =
        attacks(class).into_iter().partition(|attack| attack.place == Place::Branch && !attack.alone);
    // They must not get in each other's way either.
    let mut shared = ground();
    let built: Vec<_> =
        together.iter().map(|attack| (attack.name.as_str(), attack.build(&mut shared), attack.found())).collect();
    settle_branches(&shared, &built);
    each(&alone, |turn, attack| {
        let mut own = if attack.place == Place::Main { Ground::new() } else { ground() };
        if attack.place == Place::Main {
            own.finished("before");
        }
        let open = attack.build(&mut own);
        settle(&own, &attack.name, &open, attack.found(), turn);
    });
}

#[test]
fn signature() {
    on_the_history("signature");
}

#[test]
fn tree() {
    on_the_history("tree");
}

#[test]
fn identity() {
    on_the_history("identity");
}

#[test]
fn history() {
    on_the_history("history");
}

const POLICY: &str = "
[[approval_policies]]
name = \"job\"
pattern = [\"job-*\", \"sh script.sh\", \"echo *\"]
requirement = \"any_of\"
reviewers = [\"alice\"]
";

/// Attacks on the machine that runs it, one place for all: each has a program and a directory of its own.
fn on_the_run(class: &str) {
    let town = Town::found(POLICY, &cast().person("alice").agent("bot").agent("mal"));
    town.set_clock();
    for who in ["alice", "bot", "mal"] {
        town.member(who);
    }
    town.copy_home("bot", "bot-elsewhere");
    each(&attacks(class), |_, attack| play(&town, attack));
    town.run("ada", &["verify", "--full"]).expect(0);
}

fn play(town: &Town, attack: &Attack) {
    let name = &attack.name;
    assert_eq!((attack.place, attack.finding.as_deref()), (Place::Run, None), "{name}");
    let job = format!("job-{}", name.rsplit('/').next().unwrap());
    town.marking_program(&job);
    let (work, evil) = (town.path("work").join(&job), town.path("evil").join(&job));
    fs::create_dir_all(&work).unwrap();
    fs::create_dir_all(&evil).unwrap();
    let canary = evil.join("canary");
    let here = |shell: &mut Command| {
        shell.current_dir(&work).envs(town.env("bot")).env_remove("EXPACTI_HOME").env("JOB", &job);
        shell.env("EXPACTI", assert_cmd::cargo::cargo_bin!("expacti")).env("HOMES", town.path("homes"));
        shell.env("BIN", town.bin()).env("WORK", &work).env("EVIL", &evil).env("CANARY", &canary);
        shell.env("REMOTE", town.url()).env("ROOT", town.root()).env("MARKS", town.path("marks"));
        // Who plays git here is the user, not the attack.
        for variable in ["GIT_CONFIG_NOSYSTEM", "GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE", "LC_ALL"] {
            shell.env_remove(variable);
        }
    };
    let before = hostile().join(name).join("before.sh");
    let mut asking = Command::new("sh");
    let library = hostile().join("lib.sh");
    let scene = if before.exists() { format!(". {before:?}\n") } else { String::new() };
    let ask = "ask() { as bot run --no-wait -- \"$JOB\"; }";
    asking.env_clear().args(["-euc", &format!(". {library:?}\n{ask}\n{scene}ask")]);
    here(&mut asking);
    let asked = Ran::from(asking.output().unwrap());
    assert_eq!(asked.status, 122, "{name}: {}{}", asked.out, asked.err);
    let id = asked.out.split_whitespace().next().unwrap().to_owned();
    town.approve("alice", &id).expect(0);
    let ran = town.marks();
    let mut shell = attack.shell("status=0\nattempt || status=$?\ncheck || exit 99\nexit $status\n");
    here(&mut shell);
    shell.env("ID", &id);
    let tried = Ran::from(shell.output().unwrap());
    let said = format!("{}{}", tried.out, tried.err);
    let foreign = fs::read_to_string(&canary).unwrap_or_default();
    assert_eq!(foreign, "", "{name}: a foreign program ran: {said}");
    assert_eq!(Some(tried.status), attack.status, "{name}: {said}");
    assert!(attack.says.as_ref().is_none_or(|words| said.contains(words)), "{name}: {said}");
    assert_eq!(town.marks() - ran, attack.runs, "{name}: how often it ran: {said}");
}

#[test]
fn binding() {
    on_the_run("binding");
}

#[test]
fn environment() {
    on_the_run("environment");
}

#[test]
fn every_directory_is_an_attack_that_a_test_plays() {
    let root = hostile();
    let classes: BTreeSet<String> =
        directories(&root).iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(classes, CLASSES.map(str::to_owned).into());
    let mut titles = BTreeSet::new();
    let (mut count, mut seen_to_fail) = (0, 0);
    println!("{:<50} {:<22} {}", "attack", "finding", "what is tried");
    for attack in CLASSES.iter().flat_map(|class| attacks(class)) {
        let name = &attack.name;
        let on_the_run = ["binding", "environment"].iter().any(|class| name.starts_with(class));
        assert_eq!(on_the_run, attack.place == Place::Run, "{name}: {:?}", attack.place);
        assert!(root.join(name).join("build.sh").exists(), "{name} has no build.sh");
        for (field, text) in [("attacker", &attack.attacker), ("without", &attack.without)] {
            assert!(!text.is_empty(), "{name}: {field}");
        }
        assert!(titles.insert(attack.title.clone()), "{name}: two attacks are titled `{}`", attack.title);
        let file = attack.defence.split(':').next().unwrap();
        assert!(root.join("../..").join(file).is_file(), "{name}: the defence in `{file}` is not there");
        let found = attack.finding.clone().unwrap_or_else(|| format!("exit {}", attack.status.unwrap()));
        println!("{name:<50} {found:<22} {}", attack.title);
        count += 1;
        seen_to_fail += usize::from(attack.seen.is_some());
    }
    println!(
        "{count} attacks, {seen_to_fail} of them seen to get through, or on to the next line, with their defence taken out"
    );
    assert!(count >= 60 && seen_to_fail >= 60, "{count} attacks, {seen_to_fail} seen");
}

fn hostile() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile")
}

fn directories(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}
