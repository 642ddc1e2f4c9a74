//! A town: one bare repository, homes with keys of their own, a clock that stands still, and the verbs.
//!
//! [`Town::run`] plays a verb in-process; [`Town::expacti`] is the real binary in the same home. Nothing reaches the
//! user's files or the network. Every test founds its own town.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use expacti::domain::id::Digest;
use expacti::domain::time::Timestamp;
use expacti::trust::secret::SecretKey;
use expacti::world::clock::{Clock, Uptime};
use expacti::world::console::Console;
use expacti::world::entropy::{Entropy, EntropyError};
use expacti::world::paths::Paths;
use expacti::world::{Terminal, World};
use serde_json::Value;

/// 2026-11-22T09:00:00Z, where every town's clock starts.
pub const START: i64 = 1_795_338_000;

/// Who lives in a town; `ada`, a person without a role, is always there and its only admin.
#[derive(Debug, Clone)]
pub struct Cast {
    roles: Vec<&'static str>,
    members: Vec<Member>,
    groups: Vec<(String, Vec<String>)>,
}

#[derive(Debug, Clone, Default)]
struct Member {
    id: String,
    kind: &'static str,
    role: Option<String>,
    team: Option<String>,
    operators: Vec<String>,
}

pub fn cast() -> Cast {
    let roles = vec!["developer", "dba", "security-lead", "admin"];
    Cast { roles, members: Vec::new(), groups: Vec::new() }.person("ada")
}

/// What [`Cast`] methods without a name of their own refer to is the member named last.
impl Cast {
    pub fn person(self, id: &str) -> Self {
        self.member(id, "person")
    }

    pub fn agent(self, id: &str) -> Self {
        self.member(id, "agent")
    }

    pub fn runner(self, id: &str) -> Self {
        self.member(id, "runner")
    }

    pub fn people(self, ids: &[&str]) -> Self {
        ids.iter().fold(self, |cast, id| cast.person(id))
    }

    fn member(mut self, id: &str, kind: &'static str) -> Self {
        self.members.push(Member { id: id.to_owned(), kind, ..Member::default() });
        self
    }

    fn last(mut self, change: impl FnOnce(&mut Member)) -> Self {
        change(self.members.last_mut().unwrap());
        self
    }

    pub fn role(self, role: &str) -> Self {
        self.last(|member| member.role = Some(role.to_owned()))
    }

    pub fn team(self, team: &str) -> Self {
        self.last(|member| member.team = Some(team.to_owned()))
    }

    pub fn operators(self, operators: &[&str]) -> Self {
        self.last(|member| member.operators = strings(operators))
    }

    pub fn group(mut self, name: &str, members: &[&str]) -> Self {
        self.groups.push((name.to_owned(), strings(members)));
        self
    }

    /// `roster.toml`.
    pub fn toml(&self) -> String {
        let mut text = format!("roles = {:?}\n\n[trust]\nadmins = [\"ada\"]\nthreshold = 1\n", self.roles);
        for member in &self.members {
            text += &format!("\n[[principals]]\nid = {:?}\nkind = {:?}\n", member.id, member.kind);
            for (name, value) in [("role", &member.role), ("team", &member.team)] {
                if let Some(value) = value {
                    text += &format!("{name} = {value:?}\n");
                }
            }
            if !member.operators.is_empty() {
                text += &format!("operators = {:?}\n", member.operators);
            }
            text += &format!("keys = [{:?}]\n", public_line(&member.id));
        }
        if !self.groups.is_empty() {
            text += "\n[groups]\n";
        }
        for (name, members) in &self.groups {
            text += &format!("{name} = {members:?}\n");
        }
        text
    }
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|item| (*item).to_owned()).collect()
}

/// The key that belongs to a name in every town.
pub fn key_of(name: &str) -> SecretKey {
    SecretKey::generate(*Digest::of(format!("the key of {name}").as_bytes()).as_bytes())
}

/// `ssh-ed25519 AAAA…`
pub fn public_line(name: &str) -> String {
    key_of(name).public().line()
}

/// What came of a command line.
#[derive(Debug, Clone)]
pub struct Ran {
    pub status: u8,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Fails loudly where it ended otherwise.
    #[track_caller]
    pub fn expect(self, status: u8) -> Self {
        assert_eq!(self.status, status, "\n--- out\n{}--- err\n{}", self.out, self.err);
        self
    }

    /// Whether either stream holds the text; else it says what they hold.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let said = self.out.contains(text) || self.err.contains(text);
        assert!(said, "`{text}` is not in\n--- out\n{}--- err\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt as _;
        let code = output.status.code().or_else(|| output.status.signal().map(|signal| 128 + signal));
        Self {
            status: u8::try_from(code.unwrap()).unwrap(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

type Meanwhile = Box<dyn FnOnce() + Send>;

/// Cheap to clone: every clone is the same town.
#[derive(Clone)]
pub struct Town(Arc<Inner>);

struct Inner {
    dir: tempfile::TempDir,
    bin: tempfile::TempDir,
    clock: AtomicI64,
    /// How far the wall clock is off, in seconds.
    skew: AtomicI64,
    /// When the machine was started, by the clock.
    booted: AtomicI64,
    random: AtomicU64,
    root: Mutex<String>,
    joined: Mutex<BTreeSet<String>>,
    meanwhile: Mutex<VecDeque<Meanwhile>>,
}

impl Town {
    /// Homes and an empty place for the repository; nothing is founded yet.
    pub fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for below in ["homes", "work"] {
            fs::create_dir(dir.path().join(below)).unwrap();
        }
        let bin = tempfile::tempdir_in(place_for_programs()).unwrap();
        Self(Arc::new(Inner {
            dir,
            bin,
            clock: AtomicI64::new(START * 1_000),
            skew: AtomicI64::new(0),
            booted: AtomicI64::new(0),
            random: AtomicU64::new(0),
            root: Mutex::default(),
            joined: Mutex::default(),
            meanwhile: Mutex::default(),
        }))
    }

    /// A town whose repository has this config.toml and these people; `ada` founded it.
    #[track_caller]
    pub fn found(config: &str, cast: &Cast) -> Self {
        Self::found_in(Self::empty(), config, cast)
    }

    /// The same where the configuration must name the town's own paths.
    #[track_caller]
    pub fn found_in(town: Self, config: &str, cast: &Cast) -> Self {
        let policy = town.write_policy(config, &cast.toml());
        town.home("ada");
        let made = town.run_raw("ada", &["--json", "init", "--from", &policy, &town.url()]).expect(0);
        *town.0.root.lock().unwrap() = made.json()["root"].as_str().unwrap().to_owned();
        town.0.joined.lock().unwrap().insert("ada".to_owned());
        town
    }

    /// A directory with the two files, for `init --from`.
    pub fn write_policy(&self, config: &str, roster: &str) -> String {
        let dir = self.path("policy");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("config.toml"), config).unwrap();
        fs::write(dir.join("roster.toml"), roster).unwrap();
        dir.to_str().unwrap().to_owned()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.dir.path().join(name)
    }

    /// The bare repository's path.
    pub fn url(&self) -> String {
        self.path("policy.git").to_str().unwrap().to_owned()
    }

    /// The root's fingerprint.
    pub fn root(&self) -> String {
        self.0.root.lock().unwrap().clone()
    }

    /// Where commands run.
    pub fn work(&self) -> PathBuf {
        self.path("work")
    }

    /// Where the programs lie; not in a directory for temporary files, since a PATH through one makes every command opaque.
    pub fn bin(&self) -> PathBuf {
        self.0.bin.path().to_owned()
    }

    /// `EXPACTI_HOME` of a name, made with its key and settings where there is none.
    pub fn home(&self, name: &str) -> PathBuf {
        let home = self.path("homes").join(name);
        if !home.exists() {
            fs::create_dir_all(home.join("config")).unwrap();
            let key = home.join("key");
            fs::write(&key, key_of(name).to_openssh(name)).unwrap();
            fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
            fs::write(home.join("config/settings.toml"), format!("key = {key:?}\n")).unwrap();
        }
        home
    }

    /// A home that has joined.
    pub fn member(&self, name: &str) -> PathBuf {
        let home = self.home(name);
        let mut joined = self.0.joined.lock().unwrap();
        if joined.insert(name.to_owned()) {
            self.run_raw(name, &["join", &self.url(), "--root", &self.root()]).expect(0);
        }
        home
    }

    /// A copy of a whole home, as a restored backup would be.
    pub fn copy_home(&self, name: &str, copy: &str) -> PathBuf {
        let (from, to) = (self.member(name), self.path("homes").join(copy));
        tool(Command::new("cp").arg("-r").arg(from).arg(&to));
        self.0.joined.lock().unwrap().insert(copy.to_owned());
        to
    }

    /// The variables a verb starts with.
    pub fn env(&self, name: &str) -> BTreeMap<OsString, OsString> {
        let home = self.path("homes").join(name);
        let path = std::env::var_os("PATH").unwrap();
        let path = std::env::split_paths(&path).filter(|dir| dir.is_absolute() && !is_shared(dir));
        let path = std::env::join_paths([self.bin()].into_iter().chain(path)).unwrap();
        // One HOME for all: it is bound into each request, and a runner must find it as the requester had it.
        let vars = [("PATH", path), ("HOME", self.path("homes").into()), ("EXPACTI_HOME", home.into())];
        vars.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }

    /// The machine of a name, its console, and where its words go.
    pub fn world(&self, name: &str) -> (World, Heard) {
        let heard = Heard::default();
        let world = World {
            env: self.env(name),
            cwd: self.work(),
            paths: Paths::under(&self.path("homes").join(name)),
            host: expacti::world::host_name(),
            clock: std::rc::Rc::new(TownClock(self.clone())),
            entropy: std::rc::Rc::new(TownEntropy(self.clone())),
            console: std::rc::Rc::new(heard.clone()),
            courier: Arc::new(expacti::world::courier::Post),
            terminal: Terminal::default(),
        };
        (world, heard)
    }

    /// Plays a command line in the home of a member, without a terminal.
    #[track_caller]
    pub fn run(&self, name: &str, args: &[&str]) -> Ran {
        self.member(name);
        self.run_raw(name, args)
    }

    /// The same for a home that need not have joined.
    #[track_caller]
    pub fn run_raw(&self, name: &str, args: &[&str]) -> Ran {
        let (world, heard) = self.world(name);
        play(&world, &heard, args)
    }

    /// The same, and at the `nth` time that it asks for the time, from 0, something else happens first.
    ///
    /// The clock is read between looking and acting: in a loop over `nth`, this comes in between everywhere.
    #[track_caller]
    pub fn run_meddled(&self, name: &str, nth: u64, deed: impl FnOnce() + Send + 'static, args: &[&str]) -> Ran {
        self.member(name);
        let (mut world, heard) = self.world(name);
        let (left, deed): (_, Deed) = (AtomicU64::new(nth), Box::new(deed));
        world.clock = std::rc::Rc::new(Meddling { clock: TownClock(self.clone()), left, deed: Mutex::new(Some(deed)) });
        play(&world, &heard, args)
    }

    /// The same with a person at the terminal who gives these answers.
    #[track_caller]
    pub fn run_at_terminal(&self, name: &str, answers: &[&str], args: &[&str]) -> Ran {
        self.member(name);
        let (mut world, heard) = self.world(name);
        world.terminal = Terminal { stdin: true, stdout: false, stderr: true };
        *heard.answers.lock().unwrap() = strings(answers).into();
        play(&world, &heard, args)
    }

    /// The real binary in the home of a member.
    pub fn expacti(&self, name: &str) -> Command {
        self.member(name);
        self.binary(name)
    }

    /// The real binary in a home that need not have joined.
    pub fn binary(&self, name: &str) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("expacti"));
        command.env_clear().envs(self.env(name)).current_dir(self.work()).stdin(std::process::Stdio::null());
        command
    }

    /// What happens the next time a verb here waits; several happen one a wait, in order.
    pub fn meanwhile(&self, what: impl FnOnce() + Send + 'static) {
        self.0.meanwhile.lock().unwrap().push_back(Box::new(what));
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.0.clock.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock, by so many seconds; no time passes.
    pub fn skew(&self, seconds: i64) {
        self.0.skew.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The machine is started anew; no time passes.
    pub fn reboot(&self) {
        self.0.booted.store(self.0.clock.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// Sets the clock by the machine's, so that real processes find requests made here fresh.
    pub fn set_clock(&self) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        self.0.clock.store(i64::try_from(now.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        self.0.clock.load(Ordering::SeqCst) / 1_000 + self.0.skew.load(Ordering::SeqCst)
    }

    /// Asks without waiting; the request's full id.
    #[track_caller]
    pub fn ask(&self, name: &str, command: &[&str]) -> String {
        let ran = self.run(name, &[&["run", "--no-wait", "--"], command].concat()).expect(122);
        ran.out.split_whitespace().next().unwrap().to_owned()
    }

    #[track_caller]
    pub fn approve(&self, name: &str, id: &str) -> Ran {
        self.run(name, &["approve", "--yes", "-m", "looked at it", id])
    }

    #[track_caller]
    pub fn deny(&self, name: &str, id: &str) -> Ran {
        self.run(name, &["deny", "--yes", "--reason", "not today", id])
    }

    #[track_caller]
    pub fn resume(&self, name: &str, id: &str) -> Ran {
        self.run(name, &["resume", "--wait", "0s", id])
    }

    /// `status --json`, as anyone sees it.
    #[track_caller]
    pub fn status(&self, id: &str) -> Value {
        self.run("ada", &["--json", "status", id]).expect(0).json()
    }

    /// The word for where a request stands.
    #[track_caller]
    pub fn state(&self, id: &str) -> String {
        self.status(id)["state"].as_str().unwrap().to_owned()
    }

    /// A shell script on everyone's PATH.
    ///
    /// Another process writes it: were a descriptor for writing open here while another test forks, it would be "text busy".
    pub fn program(&self, name: &str, script: &str) -> PathBuf {
        let (text, path) = (self.path(&format!("{name}.src")), self.bin().join(name));
        fs::write(&text, format!("#!/bin/sh\n{script}\n")).unwrap();
        tool(Command::new("install").args(["-m", "755"]).args([&text, &path]));
        path
    }

    /// A program that leaves a line in `marks` a run, and exits with 0.
    pub fn marking_program(&self, name: &str) -> PathBuf {
        self.program(name, &format!("echo ran >> '{}'", self.path("marks").display()))
    }

    /// How often marking programs ran.
    pub fn marks(&self) -> usize {
        fs::read_to_string(self.path("marks")).unwrap_or_default().lines().count()
    }

    /// Plain git on the bare repository.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> String {
        let output = self.git_bytes(args);
        String::from_utf8(output).unwrap()
    }

    #[track_caller]
    pub fn git_bytes(&self, args: &[&str]) -> Vec<u8> {
        tool(Command::new("git").args(["--git-dir", &self.url()]).args(args))
    }

    /// Every ref with what it points at: what a test compares to see that nothing was written.
    pub fn refs(&self) -> String {
        self.git(&["for-each-ref", "--format=%(refname) %(objectname)"])
    }

    /// The files of a commit below a directory.
    pub fn files(&self, commit: &str, below: &str) -> Vec<String> {
        let list = self.git(&["ls-tree", "-r", "--name-only", commit, "--", below]);
        list.lines().map(str::to_owned).collect()
    }

    /// Ids of the open branches.
    pub fn branches(&self) -> Vec<String> {
        let list = self.git(&["for-each-ref", "--format=%(refname:lstrip=3)", "refs/heads/requests/"]);
        list.lines().map(str::to_owned).collect()
    }
}

fn is_shared(dir: &Path) -> bool {
    let real = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    ["/tmp", "/var/tmp", "/dev/shm"].iter().any(|shared| real.starts_with(shared))
}

/// The build's own directory; of a checkout below `/tmp` the home directory, where a directory lies while a test runs.
fn place_for_programs() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_dir() && !is_shared(home));
    if is_shared(&own) { home.unwrap_or(own) } else { own }
}

/// Runs a stock tool that must succeed; its standard output.
#[track_caller]
pub fn tool(command: &mut Command) -> Vec<u8> {
    let output = command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Plays a command line on a world of one's own making.
pub fn play<S: AsRef<OsStr>>(world: &World, heard: &Heard, args: &[S]) -> Ran {
    let mut line = vec![OsString::from("expacti")];
    line.extend(args.iter().map(|argument| argument.as_ref().to_owned()));
    let mut out = Vec::new();
    let status = expacti::cli::run(world, line, &mut out);
    // As standard error without colour shows it.
    let err = anstream::adapter::strip_str(&std::mem::take(&mut *heard.lines.lock().unwrap())).to_string();
    Ran { status, out: String::from_utf8(out).unwrap(), err }
}

struct TownClock(Town);

impl std::fmt::Debug for TownClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TownClock")
    }
}

impl Clock for TownClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.now()).unwrap()
    }

    fn uptime(&self) -> Option<Uptime> {
        let (now, booted) = (self.0.0.clock.load(Ordering::SeqCst), self.0.0.booted.load(Ordering::SeqCst));
        Some(Uptime { boot: booted.to_string(), millis: u64::try_from(now - booted).unwrap() })
    }

    /// Time passes only by waiting, and nobody really waits.
    fn sleep(&self, span: Duration) {
        let next = self.0.0.meanwhile.lock().unwrap().pop_front();
        if let Some(next) = next {
            next();
        }
        self.0.0.clock.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

type Deed = Box<dyn FnOnce() + Send>;

/// A clock at one of whose readings something else happens.
struct Meddling {
    clock: TownClock,
    left: AtomicU64,
    deed: Mutex<Option<Deed>>,
}

impl std::fmt::Debug for Meddling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meddling")
    }
}

impl Clock for Meddling {
    fn now(&self) -> Timestamp {
        let due = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err();
        let deed = if due { self.deed.lock().unwrap().take() } else { None };
        if let Some(deed) = deed {
            deed();
        }
        self.clock.now()
    }

    fn uptime(&self) -> Option<Uptime> {
        self.clock.uptime()
    }

    fn sleep(&self, span: Duration) {
        self.clock.sleep(span);
    }
}

struct TownEntropy(Town);

impl std::fmt::Debug for TownEntropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TownEntropy")
    }
}

impl Entropy for TownEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for chunk in bytes.chunks_mut(32) {
            let count = self.0.0.random.fetch_add(1, Ordering::SeqCst);
            let block = Digest::of(&count.to_be_bytes());
            chunk.copy_from_slice(&block.as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// What a verb said, and what it will be answered.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    lines: Arc<Mutex<String>>,
    answers: Arc<Mutex<VecDeque<String>>>,
}

impl Console for Heard {
    fn say(&self, line: &str) {
        let mut lines = self.lines.lock().unwrap();
        lines.push_str(line);
        lines.push('\n');
    }

    fn progress(&self, _line: &str) {}

    fn ask(&self, question: &str) -> io::Result<Option<String>> {
        self.say(question);
        Ok(self.answers.lock().unwrap().pop_front())
    }
}

/// Every file below a directory with its bytes: what a test compares to see that nothing changed.
pub fn snapshot(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut queue = vec![dir.to_owned()];
    while let Some(dir) = queue.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                queue.push(path);
            } else {
                found.insert(path.clone(), fs::read(&path).unwrap_or_default());
            }
        }
    }
    found
}
