//! How long the verification of a whole history takes, beside git's own reading of it, in one run.
//!
//! `cargo bench --bench history` takes 1,000 closed requests of five signatures each; more with
//! `EXPACTI_BENCH_REQUESTS="1000 10000 100000"`, which needs minutes, 2 GB of disk and a quiet machine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot be made must stop, and it starts programs"
)]

#[path = "history/synthetic.rs"]
mod synthetic;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use expacti::commands::request::Found;
use expacti::domain::id::Digest;
use expacti::gate::governing::governing;
use expacti::gate::hazard;
use expacti::world::clock::SystemClock;
use expacti::world::console::Stderr;
use expacti::world::courier::Post;
use expacti::world::entropy::SystemEntropy;
use expacti::world::git::create_bare;
use expacti::world::paths::Paths;
use expacti::world::store::Store;
use expacti::world::{Terminal, World};

const EXPACTI: &str = env!("CARGO_BIN_EXE_expacti");
/// Commits that `git log --show-signature` verifies, each with a process of its own.
const SIGNED: usize = 300;

fn main() {
    let wanted = std::env::var("EXPACTI_BENCH_REQUESTS").unwrap_or_else(|_| "1000".to_owned());
    let each = stock();
    println!("git log --show-signature: {:.1} ms a commit, over {SIGNED}", each.as_secs_f64() * 1_000.0);
    println!(
        "{:>8} {:>10} {:>8} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8}",
        "requests", "full", "MiB", "raw log", "show-sig", "new", "nothing", "report", "fetch"
    );
    for requests in wanted.split_whitespace() {
        history(requests.parse().unwrap(), each);
    }
}

fn took(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}");
    start.elapsed()
}

fn git(repository: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("--git-dir").arg(repository).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

fn expacti(home: &Path) -> Command {
    let mut command = Command::new(EXPACTI);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("EXPACTI_HOME", home).env("HOME", home);
    command
}

/// The most memory a child of this process took so far, in MiB.
fn peak(command: &Command) -> u64 {
    // GNU time is not everywhere; the child's own shell reads it before it goes.
    let program = command.get_program().to_owned();
    let mut measured = Command::new("sh");
    measured.args(["-c", "\"$0\" \"$@\" >&2 & pid=$!; most=0; while now=$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$pid/status 2>/dev/null) && [ -n \"$now\" ]; do most=$now; sleep 0.2; done; echo $most"]);
    measured.arg(program).args(command.get_args()).env_clear();
    measured.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let said = measured.stdin(Stdio::null()).stderr(Stdio::null()).output().unwrap().stdout;
    String::from_utf8(said).unwrap().trim().parse::<u64>().unwrap() / 1_024
}

fn history(requests: u32, each: Duration) {
    let home = tempfile::tempdir().unwrap();
    let remote = home.path().join("policy.git");
    create_bare(&remote).unwrap();
    // One more than is known at first, to be the new one.
    let repo = synthetic::write(&remote, requests + 1);
    reverse_indexes(&remote);
    let main = "refs/heads/main";
    let newest = rev(&remote, main);
    set(&remote, main, &rev(&remote, "main~2"));
    let auditor = home.path().join("auditor");
    let fetch = join(&auditor, &remote, &repo);
    let raw =
        took(git(&remote).args(["log", "--first-parent", "-m", "--raw", "-z", "--no-renames", "--format=%H", "main"]));
    let full = took(expacti(&auditor).args(["verify", "--full"]));
    let memory = peak(expacti(&auditor).args(["verify", "--full"]));
    took(expacti(&auditor).arg("verify"));
    let nothing = took(expacti(&auditor).arg("verify"));
    set(&remote, main, &newest);
    let new = took(expacti(&auditor).arg("verify"));
    let report = took(expacti(&auditor).args(["audit", "report", "-o"]).arg(home.path().join("report.html")));
    println!(
        "{requests:>8} {:>9.2}s {memory:>8} {:>8.2}s {:>8.0}s {:>6.0}ms {:>6.0}ms {:>7.1}s {:>7.1}s",
        full.as_secs_f64(),
        raw.as_secs_f64(),
        (each * requests * 5).as_secs_f64(),
        new.as_secs_f64() * 1_000.0,
        nothing.as_secs_f64() * 1_000.0,
        report.as_secs_f64(),
        fetch.as_secs_f64(),
    );
    reading(&auditor, &remote, repo);
}

/// What people and auditors ask of the same repository: processes with everything they fetch, the newest of three.
fn reading(home: &Path, remote: &Path, repo: Digest) {
    let key = |who: &str| {
        let path = home.join(who);
        std::fs::write(&path, synthetic::key(who).to_openssh(who)).unwrap();
        took(Command::new("chmod").arg("600").arg(&path));
        path
    };
    let (bot, alice) = (key("bot"), key("alice"));
    let asked = expacti(home).args(["run", "--no-wait", "--key"]).arg(&bot).args(["--", "uptime"]).output().unwrap();
    let id = String::from_utf8(asked.stdout).unwrap().trim().to_owned();
    assert_eq!(id.len(), 32, "{}", String::from_utf8_lossy(&asked.stderr));
    let thrice = |arguments: &[&str]| {
        let run = || took(expacti(home).arg("--key").arg(&alice).args(arguments));
        [run(), run(), run()].into_iter().min().unwrap()
    };
    let told = |name: &str, time: Duration| println!("{:>20} {name:<40} {:>9.1} ms", "", time.as_secs_f64() * 1_000.0);
    told("git --version", took(Command::new("git").arg("--version")));
    told("git ls-remote", took(git(remote).args(["ls-remote"]).arg(remote)));
    told("pending", thrice(&["pending"]));
    told("show", thrice(&["show", &id]));
    told("risk and anomalies of one, in process", weighing(home, remote, repo));
    told("audit log --format jsonl", thrice(&["audit", "log", "--format", "jsonl"]));
    took(expacti(home).arg("--key").arg(&bot).args(["cancel", &id]));
}

/// Risk and anomalies of the one open request, with what the index knows: warm, the fastest of five.
fn weighing(home: &Path, remote: &Path, repo: Digest) -> Duration {
    let var = |name: &str| (name.into(), std::env::var_os(name).unwrap());
    let world = World {
        env: BTreeMap::from([var("PATH"), ("EXPACTI_HOME".into(), home.into())]),
        cwd: home.to_owned(),
        paths: Paths::under(home),
        host: "here".to_owned(),
        clock: Rc::new(SystemClock),
        entropy: Rc::new(SystemEntropy),
        console: Rc::new(Stderr::new(true, false)),
        courier: Arc::new(Post),
        terminal: Terminal::default(),
    };
    let store = Store::open(&world, remote.to_str().unwrap(), repo).unwrap();
    let at = store.remembered().unwrap().unwrap();
    let (id, tip) = store.open_requests().unwrap().remove(0);
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let dossier = store.dossier(&at, id, tip).unwrap();
        let governing = governing(&at.version, dossier.request.value(), &dossier.texts);
        let start = Instant::now();
        let found = Found::open(&store, &at, dossier).unwrap();
        let assessed = hazard::judge(&at.version, &found.dossier, &governing, &found.past);
        fastest = fastest.min(start.elapsed());
        assert!(assessed.score > 0);
    }
    fastest
}

/// Beside each pack what git keeps there of its own since 2.41, and `fast-import` does not: else every fetch makes it anew.
fn reverse_indexes(repository: &Path) {
    for file in std::fs::read_dir(repository.join("objects/pack")).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|end| end == "pack") {
            took(git(repository).args(["index-pack", "--rev-index"]).arg(file));
        }
    }
}

/// Pins the repository; the first fetch and the first verification are in its time.
fn join(home: &Path, remote: &Path, repo: &Digest) -> Duration {
    took(expacti(home).arg("join").arg(remote).args(["--root", &repo.fingerprint()]))
}

fn rev(repository: &Path, name: &str) -> String {
    let said = git(repository).args(["rev-parse", name]).output().unwrap().stdout;
    String::from_utf8(said).unwrap().trim().to_owned()
}

fn set(repository: &Path, name: &str, commit: &str) {
    took(git(repository).args(["update-ref", name, commit]));
}

/// What one ssh-signed commit takes `git log --show-signature`.
fn stock() -> Duration {
    let home = tempfile::tempdir().unwrap();
    let (key, signers) = (home.path().join("key"), home.path().join("signers"));
    std::fs::write(&key, synthetic::key("alice").to_openssh("alice")).unwrap();
    Command::new("chmod").arg("600").arg(&key).status().unwrap();
    std::fs::write(&signers, format!("alice@example.org {}\n", synthetic::key("alice").public().line())).unwrap();
    let repository: PathBuf = home.path().join("signed.git");
    create_bare(&repository).unwrap();
    let signed = |repository: &Path| {
        let mut command = git(repository);
        command
            .args(["-c", "gpg.format=ssh", "-c", "user.name=alice", "-c", "user.email=alice@example.org"])
            .args(["-c", &format!("user.signingKey={}", key.display())])
            .args(["-c", &format!("gpg.ssh.allowedSignersFile={}", signers.display())]);
        command
    };
    let tree = git(&repository).args(["mktree"]).stdin(Stdio::null()).output().unwrap().stdout;
    let tree = String::from_utf8(tree).unwrap().trim().to_owned();
    let mut parent: Option<String> = None;
    for _ in 0..SIGNED {
        let mut commit = signed(&repository);
        commit.args(["commit-tree", "-S", "-m", "signed", &tree]);
        commit.args(parent.iter().flat_map(|parent| ["-p", parent]));
        let made = commit.output().unwrap();
        assert!(made.status.success(), "{made:?}");
        parent = Some(String::from_utf8(made.stdout).unwrap().trim().to_owned());
    }
    set(&repository, "refs/heads/main", &parent.unwrap());
    took(signed(&repository).args(["log", "--show-signature", "main"])) / SIGNED as u32
}
