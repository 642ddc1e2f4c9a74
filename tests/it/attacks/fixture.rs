//! A policy repository written object by object, and the machines of those who use it.
//!
//! What stands here is what somebody can do who may push, or who holds one valid key: commits are put straight into
//! the bare repository, without asking expacti.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use expacti::cli;
use expacti::commands::bind::{Runner, Wanted, WantedStdin, bind};
use expacti::domain::claim::Claim;
use expacti::domain::command::Pin as ProgramPin;
use expacti::domain::decision::{Decision, Verdict};
use expacti::domain::id::{CommitId, Digest, Nonce, ObjectId, RequestId};
use expacti::domain::outcome::{End, Ending, Execution, Outcome};
use expacti::domain::principal::Name;
use expacti::domain::request::{Place, Request};
use expacti::domain::root::{Origin, Root};
use expacti::domain::time::{Lifetime, Timestamp};
use expacti::gate::history::History as _;
use expacti::record::{self, Record, decision_file_name};
use expacti::trust::root::{PolicyVersion, VersionFiles};
use expacti::trust::secret::SecretKey;
use expacti::world::clock::Clock;
use expacti::world::console::Console;
use expacti::world::entropy::{Entropy, EntropyError};
use expacti::world::git::create_bare;
use expacti::world::objects::Objects;
use expacti::world::paths::Paths;
use expacti::world::settings::{Pin, Pins, Settings};
use expacti::world::{Terminal, World};
use tempfile::TempDir;

pub const MAIN: &str = "refs/heads/main";
/// 2026-11-23T10:00:00Z.
const NOW: i64 = 1_795_428_000;

pub fn now() -> Timestamp {
    Timestamp::from_unix(NOW).unwrap()
}

pub fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// The key of a person, an agent, or of anyone else: one seed a name.
pub fn key(who: &str) -> SecretKey {
    SecretKey::generate(*Digest::of(who.as_bytes()).as_bytes())
}

/// A file with its signature.
pub type Files = Vec<(String, Vec<u8>)>;

/// A record and its signature by `who`, in the record's own namespace.
pub fn signed<T: Record>(path: &str, value: &T, who: &str) -> Files {
    let bytes = value.render();
    let signature = key(who).sign(T::NAMESPACE, &bytes);
    beside(path, bytes, signature)
}

fn beside(path: &str, bytes: Vec<u8>, signature: Vec<u8>) -> Files {
    vec![(path.to_owned(), bytes), (format!("{path}.sig"), signature)]
}

/// A decision under its own name, signed by `who`.
pub fn decided(decision: &Decision, who: &str) -> Files {
    signed(&decision_file_name(&decision.reviewer, &decision.render()), decision, who)
}

/// A request, its chain so far and what it consists of.
#[derive(Debug, Clone)]
pub struct Open {
    pub id: RequestId,
    pub request: Request,
    pub directory: String,
    pub tip: CommitId,
    pub seen: Vec<Digest>,
}

impl Open {
    pub fn digest(&self) -> Digest {
        Digest::of(&self.request.render())
    }

    pub fn branch(&self) -> String {
        format!("refs/heads/requests/{}", self.id)
    }
}

#[allow(missing_debug_implementations, reason = "git2 has none")]
pub struct Ground {
    pub home: TempDir,
    pub remote: PathBuf,
    pub objects: Objects,
    pub raw: git2::Repository,
    pub repo: Digest,
    /// The root in force at the tip.
    pub root: Digest,
    pub main: CommitId,
    /// The directory of a request that ran, if one did.
    pub done: Option<String>,
    nonces: Cell<u8>,
}

const CONFIG: &str = r#"
[[approval_policies]]
name = "touching"
pattern = "touch *"
requirement = "any_of"
reviewers = ["alice", "bob", "carol"]
min_approvals = 2
"#;

/// The policy, with these people to ask.
pub fn config_for(people: &[&str]) -> Vec<u8> {
    let quoted: Vec<String> = people.iter().map(|who| format!("{who:?}")).collect();
    CONFIG.replace("\"alice\", \"bob\", \"carol\"", &quoted.join(", ")).into_bytes()
}

/// alice, bob and carol review and are admins, two of three; bot asks and runs; mal is another agent with a valid key.
pub fn roster(people: &[&str], threshold: u32) -> Vec<u8> {
    let quoted: Vec<String> = people.iter().map(|who| format!("{who:?}")).collect();
    let mut text = format!("roles = [\"dev\"]\n[trust]\nadmins = [{}]\nthreshold = {threshold}\n", quoted.join(", "));
    let agents = ["bot", "mal"];
    for (who, kind) in people.iter().map(|who| (who, "person")).chain(agents.iter().map(|who| (who, "agent"))) {
        text += &format!("[[principals]]\nid = {who:?}\nkind = {kind:?}\nkeys = [{:?}]\n", key(who).public().line());
    }
    text.into_bytes()
}

pub const PEOPLE: &[&str] = &["alice", "bob", "carol"];

/// A policy version and the files it governs.
#[derive(Debug, Clone)]
pub struct Version {
    pub number: u32,
    pub origin: Origin,
    pub config: Vec<u8>,
    pub roster: Vec<u8>,
    pub signers: Vec<&'static str>,
}

impl Version {
    pub fn genesis() -> Self {
        Self {
            number: 1,
            origin: Origin::Genesis(Nonce::new([7; 16])),
            config: CONFIG.as_bytes().to_vec(),
            roster: roster(PEOPLE, 2),
            signers: vec!["alice", "bob"],
        }
    }

    /// A second version whose policy asks for one approval alone.
    pub fn second(previous: Digest) -> Self {
        Self {
            number: 2,
            origin: Origin::Previous(previous),
            config: CONFIG.replace("min_approvals = 2", "min_approvals = 1").into_bytes(),
            ..Self::genesis()
        }
    }

    pub fn root(&self) -> Root {
        let (_, roster) = record::read_policy(&self.config, &self.roster).unwrap();
        let files = BTreeMap::from([
            ("README.md".to_owned(), Digest::of(b"read me\n")),
            ("config.toml".to_owned(), Digest::of(&self.config)),
            ("roster.toml".to_owned(), Digest::of(&self.roster)),
        ]);
        Root {
            version: self.number,
            origin: self.origin,
            admins: roster.admins().iter().cloned().collect(),
            threshold: roster.threshold(),
            files,
        }
    }

    pub fn files(&self) -> Files {
        let (_, roster) = record::read_policy(&self.config, &self.roster).unwrap();
        let root = self.root().render();
        let directory = Root::directory(self.number);
        let own = |name: &str| format!("{directory}/{name}");
        let mut files = vec![
            ("README.md".to_owned(), b"read me\n".to_vec()),
            ("config.toml".to_owned(), self.config.clone()),
            ("roster.toml".to_owned(), self.roster.clone()),
            (own("config.toml"), self.config.clone()),
            (own("roster.toml"), self.roster.clone()),
            (own("allowed_signers"), record::roster::allowed_signers(&roster)),
        ];
        for who in &self.signers {
            files.push((own(&format!("root.toml.{who}.sig")), key(who).sign(Root::NAMESPACE, &root)));
        }
        files.push((own("root.toml"), root));
        files
    }

    /// As a machine reads it that believes it.
    pub fn read(&self) -> PolicyVersion {
        let (_, roster) = record::read_policy(&self.config, &self.roster).unwrap();
        expacti::trust::root::read(&VersionFiles {
            root: self.root().render(),
            signatures: BTreeMap::new(),
            config: self.config.clone(),
            roster: self.roster.clone(),
            allowed_signers: record::roster::allowed_signers(&roster),
        })
        .unwrap()
    }
}

impl Ground {
    /// A repository with its first policy, as `init` leaves it.
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let remote = home.path().join("policy.git");
        create_bare(&remote).unwrap();
        let objects = Objects::open(&remote).unwrap();
        let raw = git2::Repository::open_bare(&remote).unwrap();
        fs::create_dir(home.path().join("work")).unwrap();
        let version = Version::genesis();
        let repo = Digest::of(&version.root().render());
        let mut ground = Self {
            home,
            remote,
            objects,
            raw,
            repo,
            root: repo,
            main: CommitId::new([0; 20]),
            done: None,
            nonces: Cell::new(0),
        };
        ground.main = ground.commit(&[], None, &version.files());
        ground.set(MAIN, ground.main);
        ground
    }

    pub fn set(&self, reference: &str, commit: CommitId) {
        self.objects.set_reference(reference, &commit).unwrap();
    }

    /// A plain push to main: the server takes it, since it is a fast-forward.
    pub fn push(&mut self, commit: CommitId) {
        assert!(self.objects.descends(&commit, &self.main).unwrap(), "not a fast-forward");
        self.force(commit);
    }

    /// What needs a server that allows it.
    pub fn force(&mut self, commit: CommitId) {
        self.set(MAIN, commit);
        self.main = commit;
    }

    pub fn tree(&self, commit: &CommitId) -> ObjectId {
        self.objects.commit(commit).unwrap().tree
    }

    pub fn with(&self, tree: Option<&ObjectId>, files: &[(String, Vec<u8>)]) -> ObjectId {
        let blobs: Vec<(String, ObjectId)> =
            files.iter().map(|(path, bytes)| (path.clone(), self.objects.write_blob(bytes).unwrap())).collect();
        self.objects.write_tree(tree, &blobs).unwrap()
    }

    pub fn of_tree(&self, parents: &[CommitId], tree: &ObjectId) -> CommitId {
        self.objects.write_commit(parents, tree, "mallory", now(), "x").unwrap()
    }

    /// The first parent of a commit.
    pub fn objects_parent(&self, commit: &CommitId) -> CommitId {
        self.objects.commit(commit).unwrap().parents[0]
    }

    /// A commit on `parents` that adds files to a tree.
    pub fn commit(&self, parents: &[CommitId], tree: Option<&ObjectId>, files: &[(String, Vec<u8>)]) -> CommitId {
        self.of_tree(parents, &self.with(tree, files))
    }

    /// A commit that adds files to its parent's tree.
    pub fn on(&self, parent: CommitId, files: &[(String, Vec<u8>)]) -> CommitId {
        self.commit(&[parent], Some(&self.tree(&parent)), files)
    }

    pub fn place(&self) -> Place {
        Place { repo: self.repo, base: self.main, root: self.root }
    }

    /// A request of `bot` to touch a file, as `run` would make it.
    pub fn request(&self, file: &str) -> Request {
        let world = self.world("bot");
        let cwd = self.home.path().join("work");
        let wanted = Wanted {
            argv: vec![b"touch".to_vec(), file.as_bytes().to_vec()],
            cwd: cwd.as_os_str().as_bytes().to_vec(),
            stdin: WantedStdin::Empty,
            secrets: Vec::new(),
            bind: Vec::new(),
            inside: Vec::new(),
            runner: Runner::Requester,
            worktree: true,
        };
        let version = Version::genesis().read();
        Request {
            place: self.place(),
            requester: name("bot"),
            runner: name("bot"),
            host: world.host.clone(),
            created: now(),
            expires: now().plus(Lifetime::minutes(30)),
            nonce: Nonce::new([self.nonces.replace(self.nonces.get() + 1); 16]),
            reason: String::new(),
            retry_of: None,
            environments: Vec::new(),
            command: bind(&world, version.config(), &wanted).unwrap().command,
        }
    }

    /// The branch of a request with its first commit, not pushed yet.
    pub fn ask(&self, request: Request, who: &str) -> Open {
        let digest = Digest::of(&request.render());
        let id = RequestId::of(&digest);
        let directory = request.directory(&id);
        let base = request.place.base;
        let mut open = Open { id, directory, tip: base, seen: vec![digest], request };
        let files = signed("request.toml", &open.request, who);
        self.append(&mut open, &files);
        open
    }

    /// Adds files below the request's directory and pushes its branch.
    pub fn append(&self, open: &mut Open, files: &[(String, Vec<u8>)]) {
        let files: Files =
            files.iter().map(|(path, bytes)| (format!("{}/{path}", open.directory), bytes.clone())).collect();
        open.tip = self.on(open.tip, &files);
        self.set(&open.branch(), open.tip);
    }

    /// An open request of bot's with alice's approval: one more, and it runs.
    pub fn half_approved(&self, file: &str) -> Open {
        let mut open = self.ask(self.request(file), "bot");
        self.approve(&mut open, "alice");
        open
    }

    pub fn decision(&self, open: &Open, who: &str, verdict: Verdict) -> Decision {
        Decision {
            place: self.place(),
            request: open.digest(),
            seen: open.seen.clone(),
            reviewer: name(who),
            verdict,
            comment: String::new(),
            answers: BTreeMap::new(),
            suggest: None,
            card: Digest::of(b"card"),
            shown: now(),
            decided: now(),
        }
    }

    pub fn decide(&self, open: &mut Open, who: &str, verdict: Verdict) {
        let decision = self.decision(open, who, verdict);
        self.append(open, &decided(&decision, who));
        open.seen.push(Digest::of(&decision.render()));
        open.seen.sort();
    }

    pub fn approve(&self, open: &mut Open, who: &str) {
        self.decide(open, who, Verdict::Approve);
    }

    pub fn claim(&self, open: &Open, who: &str) -> Claim {
        Claim {
            place: self.place(),
            request: open.digest(),
            seen: open.seen.clone(),
            runner: name(who),
            nonce: Nonce::new([2; 16]),
            claimed: now(),
        }
    }

    pub fn outcome(&self, open: &Open, who: &str, ending: Ending) -> Outcome {
        Outcome {
            place: self.place(),
            request: open.digest(),
            seen: open.seen.clone(),
            author: name(who),
            recorded: now(),
            ending,
        }
    }

    pub fn executed() -> Ending {
        Ending::Executed(Execution { end: End::Exit(0), started: now(), duration_ms: 1, pin: ProgramPin::Checked })
    }

    /// The step that lands a request's directory, as it is at the tip of its chain, on `first`.
    pub fn step(&self, first: CommitId, open: &Open) -> CommitId {
        let tree = self.landed(&self.tree(&first), open);
        self.of_tree(&[first, open.tip], &tree)
    }

    /// `base` with the request's files.
    pub fn landed(&self, base: &ObjectId, open: &Open) -> ObjectId {
        let mut files = Vec::new();
        self.below(&self.tree(&open.tip), &open.directory, &mut files);
        self.objects.write_tree(Some(base), &files).unwrap()
    }

    fn below(&self, tree: &ObjectId, path: &str, files: &mut Vec<(String, ObjectId)>) {
        for entry in expacti::gate::history::subtree(&self.objects, tree, path).unwrap() {
            let path = format!("{path}/{}", String::from_utf8(entry.name.to_vec()).unwrap());
            if entry.mode == expacti::gate::history::DIRECTORY {
                self.below(tree, &path, files);
            } else {
                files.push((path, entry.id));
            }
        }
    }

    /// Lands the chain of a request on main.
    pub fn land(&mut self, open: &Open) {
        let step = self.step(self.main, open);
        self.push(step);
    }

    /// Approves, claims and lands, as an honest runner does.
    pub fn claimed(&mut self, file: &str) -> Open {
        let mut open = self.half_approved(file);
        self.approve(&mut open, "bob");
        let claim = self.claim(&open, "bot");
        self.append(&mut open, &signed("claim.toml", &claim, "bot"));
        open.seen.push(Digest::of(&claim.render()));
        open.seen.sort();
        self.land(&open);
        open
    }

    /// A request that ran and is over.
    pub fn finished(&mut self, file: &str) -> Open {
        let mut open = self.claimed(file);
        let outcome = self.outcome(&open, "bot", Self::executed());
        self.append(&mut open, &signed("outcome.toml", &outcome, "bot"));
        self.land(&open);
        self.done = Some(open.directory.clone());
        open
    }

    /// Lands a policy version as it is.
    pub fn policy(&mut self, version: &Version) {
        let commit = self.on(self.main, &version.files());
        self.push(commit);
        self.root = Digest::of(&version.root().render());
    }

    /// A tree object of exactly these entries, in this order, whatever git says to it.
    pub fn raw_tree(&self, entries: &[(u32, &str, ObjectId)]) -> ObjectId {
        let mut bytes = Vec::new();
        for (mode, name, id) in entries {
            write!(bytes, "{mode:o} {name}\0").unwrap();
            bytes.extend_from_slice(id.as_bytes());
        }
        let oid = self.raw.odb().unwrap().write(git2::ObjectType::Tree, &bytes).unwrap();
        ObjectId::new(oid.as_bytes().try_into().unwrap())
    }

    /// A commit of any tree, whatever git says to it.
    pub fn raw_commit(&self, parent: &CommitId, tree: &ObjectId) -> CommitId {
        let text = format!("tree {tree}\nparent {parent}\nauthor x <x@x> 0 +0000\ncommitter x <x@x> 0 +0000\n\nx\n");
        let oid = self.raw.odb().unwrap().write(git2::ObjectType::Commit, text.as_bytes()).unwrap();
        CommitId::new(oid.as_bytes().try_into().unwrap())
    }

    pub fn entries(&self, tree: &ObjectId) -> Vec<(u32, String, ObjectId)> {
        let entries = self.objects.tree(tree).unwrap();
        entries
            .into_iter()
            .map(|entry| (entry.mode, String::from_utf8(entry.name.to_vec()).unwrap(), entry.id))
            .collect()
    }

    /// `tree` with whatever `edit` does to the entries of the directory at `path`.
    pub fn edited(&self, tree: &ObjectId, path: &[&str], edit: &dyn Fn(&mut Vec<(u32, String, ObjectId)>)) -> ObjectId {
        let mut entries = self.entries(tree);
        match path.split_first() {
            None => edit(&mut entries),
            Some((first, rest)) => {
                let entry = entries.iter_mut().find(|(_, name, _)| name == first).unwrap();
                entry.2 = self.edited(&entry.2, rest, edit);
            }
        }
        let lines: Vec<(u32, &str, ObjectId)> =
            entries.iter().map(|(mode, name, id)| (*mode, name.as_str(), *id)).collect();
        self.raw_tree(&lines)
    }

    /// The machine of `who`: a home, a key, the pin.
    pub fn world(&self, who: &str) -> World {
        let home = self.home.path().join("homes").join(who);
        let paths = Paths::under(&home);
        let path = home.join("key");
        if !path.exists() {
            fs::create_dir_all(&home).unwrap();
            let options = fs::File::options().write(true).create_new(true).mode(0o600).open(&path);
            options.unwrap().write_all(&key(who).to_openssh(who)).unwrap();
            let url = self.remote.canonicalize().unwrap().to_str().unwrap().to_owned();
            let pin = Pin { url: url.clone(), repo: self.repo.to_string(), root: self.repo.fingerprint() };
            Pins::add(&paths, pin).unwrap();
            Settings { repo: Some(url), key: Some(path), run_key: None, ..Settings::default() }.save(&paths).unwrap();
        }
        World {
            env: BTreeMap::from([
                (OsString::from("PATH"), std::env::var_os("PATH").unwrap()),
                (OsString::from("HOME"), home.clone().into()),
                (OsString::from("XDG_CONFIG_HOME"), home.into()),
            ]),
            cwd: self.home.path().join("work"),
            paths,
            host: "host".to_owned(),
            clock: std::rc::Rc::new(Still),
            entropy: std::rc::Rc::new(Counting(AtomicU8::new(1))),
            console: std::rc::Rc::new(Heard::default()),
            courier: std::sync::Arc::new(expacti::world::courier::Post),
            terminal: Terminal::default(),
        }
    }

    /// The cache of `who`.
    pub fn cache(&self, who: &str) -> PathBuf {
        self.world(who).paths.cache(&self.repo)
    }

    /// One command line on the machine of `who`: its exit status, and what it printed.
    pub fn run(&self, who: &str, arguments: &[&str]) -> (u8, String) {
        let world = self.world(who);
        let words = std::iter::once("expacti").chain(arguments.iter().copied()).map(OsString::from).collect();
        let mut out = Vec::new();
        let code = cli::run(&world, words, &mut out);
        (code, format!("{}{:?}", String::from_utf8(out).unwrap(), world.console))
    }

    /// What `verify` says on the machine of `who`.
    pub fn verify(&self, who: &str, arguments: &[&str]) -> (u8, serde_json::Value) {
        let world = self.world(who);
        let words = ["expacti", "verify", "--json"].iter().chain(arguments).map(OsString::from).collect();
        let mut out = Vec::new();
        let code = cli::run(&world, words, &mut out);
        (code, serde_json::from_slice(&out).unwrap())
    }

    /// Whether the program ran.
    pub fn ran(&self, file: &str) -> bool {
        self.home.path().join("work").join(file).exists()
    }
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        now()
    }
    fn sleep(&self, _: Duration) {}
}

#[derive(Debug)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Heard(Mutex<Vec<String>>);

impl Console for Heard {
    fn say(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
    fn progress(&self, _: &str) {}
    fn ask(&self, _: &str) -> std::io::Result<Option<String>> {
        Ok(None)
    }
}
