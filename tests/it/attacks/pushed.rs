//! Every attack again, as a push to a server with the hook, and as a pull request in a CI clone: the verdict is the same.
//!
//! The server lets git itself refuse nothing, so that it is the hook that stands in the way.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expacti::domain::id::CommitId;
use expacti::gate::finding::Code;
use expacti::world::objects::Objects;
use expacti::world::paths::Paths;
use expacti::world::settings::{Pin, Pins};
use tempfile::TempDir;

use super::fixture::{Ground, MAIN, Open};
use super::only;

pub type Refs = BTreeMap<String, CommitId>;

/// What each ref of the fixture's repository points at.
pub fn refs(ground: &Ground) -> Refs {
    ground.objects.references("refs/heads/").unwrap().into_iter().collect()
}

fn git(repository: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("GIT_CONFIG_NOSYSTEM", "1");
    command.arg("--git-dir").arg(repository).args(arguments).output().unwrap()
}

/// A bare repository on a server, with the hook in place.
#[derive(Debug)]
pub struct Guarded {
    pub path: PathBuf,
    home: TempDir,
    pub objects: Objects,
    genesis: CommitId,
}

impl Guarded {
    /// With the genesis of every fixture.
    pub fn new() -> Self {
        let ground = Ground::new();
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("guarded.git");
        expacti::world::git::create_bare(&path).unwrap();
        let objects = Objects::open(&path).unwrap();
        let guarded = Self { path, home, objects, genesis: ground.main };
        guarded.taken(&ground, "genesis", &[format!("{0}:{0}", MAIN)]);
        let output = install(&guarded.path, &ground.repo.fingerprint());
        assert!(output.status.success(), "{output:?}");
        // What git itself would refuse is left to the hook.
        guarded.objects.set_setting("receive.fsckObjects", "false").unwrap();
        guarded.objects.set_setting("receive.denyNonFastForwards", "false").unwrap();
        guarded
    }

    pub fn refs(&self) -> Refs {
        self.objects.references("refs/heads/").unwrap().into_iter().collect()
    }

    /// What its administrator can do: everything back to the genesis.
    pub fn restart(&self, ground: &Ground) {
        for name in self.refs().into_keys() {
            self.objects.remove_reference(&format!("refs/heads/{name}")).unwrap();
        }
        self.objects.set_reference(MAIN, &self.genesis).unwrap();
        assert!(ground.objects.holds(&self.genesis));
    }

    /// From the genesis the honest history goes through the hook.
    pub fn begin(&self, ground: &Ground) {
        self.restart(ground);
        self.taken(ground, "honest", &[format!("{0}:{0}", MAIN)]);
    }

    /// Pushes from the fixture's repository, by force where git lets one.
    pub fn push(&self, ground: &Ground, refspecs: &[String]) -> Output {
        let mut arguments = vec!["push", "--force", "--porcelain", self.path.to_str().unwrap()];
        arguments.extend(refspecs.iter().map(String::as_str));
        git(&ground.remote, &arguments)
    }

    /// What the hook says to it; nothing of it may have been taken.
    #[track_caller]
    pub fn refused(&self, ground: &Ground, what: &str, refspecs: &[String]) -> String {
        let before = self.refs();
        let output = self.push(ground, refspecs);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.success(), "{what}: it was taken\n{said}");
        assert!(said.contains("pre-receive hook declined"), "{what}: another than the hook refused it\n{said}");
        assert_eq!(self.refs(), before, "{what}: {said}");
        said
    }

    #[track_caller]
    pub fn taken(&self, ground: &Ground, what: &str, refspecs: &[String]) {
        let output = self.push(ground, refspecs);
        assert!(output.status.success(), "{what}: {output:?}");
    }

    /// `verify --head` on a machine that knows this server alone, in a clone that holds what is asked about.
    pub fn pull_request(&self, ground: &Ground, head: &str) -> (u8, serde_json::Value) {
        let home = tempfile::tempdir_in(self.home.path()).unwrap();
        self.verify(ground, home.path(), &["--head", head])
    }

    /// `verify` on the machine of this home, in the fixture's repository as its clone.
    pub fn verify(&self, ground: &Ground, home: &Path, arguments: &[&str]) -> (u8, serde_json::Value) {
        let mut world = ground.world("ci");
        world.paths = Paths::under(home);
        let url = self.path.to_str().unwrap().to_owned();
        let pin = Pin { url, repo: ground.repo.to_string(), root: ground.repo.fingerprint() };
        Pins::add(&world.paths, pin).unwrap();
        world.cwd = ground.remote.clone();
        let words = ["expacti", "verify", "--json"].iter().chain(arguments).map(OsString::from).collect();
        let mut out = Vec::new();
        let code = expacti::cli::run(&world, words, &mut out);
        (code, serde_json::from_slice(&out).unwrap_or_default())
    }
}

/// `expacti hook install`, without a home.
pub fn install(repository: &Path, root: &str) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("expacti"));
    command.args(["hook", "install", "--root", root]).arg(repository).env_clear().output().unwrap()
}

/// The code that the hook names for a ref.
pub fn code_for(said: &str, name: &str) -> Option<String> {
    let line = said.lines().find_map(|line| line.split_once(&format!("refused {name}: ")));
    line.and_then(|(_, rest)| rest.split_once(": ")).map(|(code, _)| code.to_owned())
}

thread_local! {
    static SERVER: Guarded = Guarded::new();
}

/// An attack on `main`: the whole history, which is honest but for the last.
pub fn main(ground: &Ground, attack: &str, code: Code) {
    SERVER.with(|guarded| {
        guarded.restart(ground);
        let head = refs(ground)["main"].to_string();
        let said = guarded.refused(ground, attack, &[format!("{head}:{MAIN}")]);
        assert_eq!(code_for(&said, "main").as_deref(), Some(code.as_str()), "{attack}: {said}");
        let (status, report) = guarded.pull_request(ground, &head);
        assert!(report["findings"].as_array().is_some_and(Vec::is_empty), "{attack}: {report:#}");
        if report["head"]["kind"] == "main" {
            assert_eq!(status, 1, "{attack}: {report:#}");
            assert!(only(&report["head"]["findings"], code), "{attack}: {report:#}");
        } else {
            // A commit that is not called main may wait on a branch of its own, as long as nobody merges it.
            let note = report["head"]["note"].as_str().unwrap();
            assert!(note.contains("do not merge it on the host"), "{attack}: {report:#}");
        }
    });
}

/// An attack on the tip that bot has verified before.
pub fn tip(ground: &Ground, attack: &str) {
    let honest = Objects::open(&ground.cache("bot")).unwrap().reference("refs/expacti/main").unwrap().unwrap();
    SERVER.with(|guarded| {
        guarded.restart(ground);
        guarded.taken(ground, attack, &[format!("{honest}:{MAIN}")]);
        let head = refs(ground).get("main").map(ToString::to_string).unwrap_or_default();
        guarded.refused(ground, attack, &[format!("{head}:{MAIN}")]);
    });
}

/// An attack on a request's branch; `None`: nothing is wrong with the records, they only do not count.
pub fn branch(ground: &Ground, attack: &str, open: &Open, code: Option<Code>) {
    SERVER.with(|guarded| {
        guarded.restart(ground);
        // What honest people landed goes through.
        guarded.taken(ground, attack, &[format!("{0}:{0}", MAIN)]);
        // A script has pushed more than the fixture knows of.
        let tip = ground.objects.reference(&open.branch()).unwrap().unwrap_or(open.tip);
        let push = [format!("{tip}:{}", open.branch())];
        let (status, report) = guarded.pull_request(ground, &tip.to_string());
        match code {
            Some(code) => {
                let said = guarded.refused(ground, attack, &push);
                // What git itself does not let into a cache, the hook reads, and names by its own rule.
                if code == Code::ObjectUnreadable {
                    return;
                }
                let found = code_for(&said, &format!("requests/{}", open.id));
                assert_eq!(found.as_deref(), Some(code.as_str()), "{attack}: {said}");
                assert_eq!(status, 1, "{attack}: {report:#}");
                assert!(only(&report["head"]["findings"], code), "{attack}: {report:#}");
            }
            None => {
                guarded.taken(ground, attack, &push);
                assert_eq!(status, 0, "{attack}: {report:#}");
            }
        }
    });
}
