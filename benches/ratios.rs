//! How long expacti takes, beside what people know, in one run: medians and ratios, never a verdict.
//!
//! `cargo bench` prints a table; `docs/benchmarks.md` keeps one, with the machine it came from.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot be made must stop, and it starts programs"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use expacti::trust::secret::SecretKey;
use expacti::trust::signature::verify;

const EXPACTI: &str = env!("CARGO_BIN_EXE_expacti");

fn main() {
    let home = tempfile::tempdir().unwrap();
    println!("{:<44} {:>10} {:>10} {:>8}", "what", "median", "beside", "ratio");
    start_up(home.path());
    signatures(home.path());
    allowed_run(home.path());
    history(home.path());
}

fn row(what: &str, one: Duration, other: Duration) {
    let ratio = one.as_secs_f64() / other.as_secs_f64().max(f64::EPSILON);
    println!("{what:<44} {:>8.2}ms {:>8.2}ms {ratio:>8.3}", millis(one), millis(other));
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}

/// Medians of two commands run in turn, so that a change of the machine's speed meets both.
fn pair(runs: usize, mut one: impl FnMut(), mut other: impl FnMut()) -> (Duration, Duration) {
    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    one();
    other();
    let mut times: (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        times.0.push(time(&mut one));
        times.1.push(time(&mut other));
    }
    times.0.sort();
    times.1.sort();
    (times.0[runs / 2], times.1[runs / 2])
}

fn quiet(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}");
}

fn expacti(home: &Path) -> Command {
    let mut command = Command::new(EXPACTI);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("EXPACTI_HOME", home).env("HOME", home);
    command
}

fn start_up(home: &Path) {
    let git = || quiet(Command::new("git").arg("--version"));
    let (ours, theirs) = pair(60, || quiet(expacti(home).arg("--version")), git);
    row("expacti --version / git --version", ours, theirs);
    let config = home.join("config.toml");
    std::fs::write(
        &config,
        "[[approval_policies]]\nname = \"any\"\npattern = \"*\"\nrequirement = \"any_of\"\nreviewers = [\"a\"]\n",
    )
    .unwrap();
    let explain = || quiet(expacti(home).args(["policy", "explain", "--config"]).arg(&config).args(["--", "true"]));
    let (ours, theirs) = pair(60, explain, git);
    row("expacti policy explain -- true / git --version", ours, theirs);
}

fn signatures(home: &Path) {
    let key = SecretKey::generate([7; 32]);
    let message = vec![b'x'; 550];
    let namespace = "decision.v1@expacti";
    let signature = key.sign(namespace, &message);
    let signers = home.join("allowed_signers");
    std::fs::write(&signers, format!("alice {}\n", key.public().line())).unwrap();
    let file = home.join("record.sig");
    std::fs::write(&file, &signature).unwrap();
    let record = home.join("record");
    std::fs::write(&record, &message).unwrap();
    const EACH: u32 = 500;
    let native = || {
        for _ in 0..EACH {
            verify(key.public(), namespace, &message, &signature).unwrap();
        }
    };
    let stock = || {
        let status = Command::new("ssh-keygen")
            .args(["-Y", "verify", "-I", "alice", "-n", namespace, "-f"])
            .arg(&signers)
            .arg("-s")
            .arg(&file)
            .stdin(std::fs::File::open(&record).unwrap())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
    };
    let (ours, theirs) = pair(20, native, stock);
    row("one signature: native / ssh-keygen -Y verify", ours / EACH, theirs);
}

/// A repository with an agent, a reviewer, and a policy that allows `true`.
fn town(home: &Path) -> (PathBuf, PathBuf) {
    let agent = home.join("agent");
    quiet(expacti(&agent).args(["identity", "new", "agent"]));
    let public = std::fs::read_to_string(agent.join("config/keys/agent.pub")).unwrap();
    let admin = home.join("admin");
    quiet(expacti(&admin).args(["identity", "new", "admin"]));
    let admin_public = std::fs::read_to_string(admin.join("config/keys/admin.pub")).unwrap();
    let from = home.join("from");
    std::fs::create_dir_all(&from).unwrap();
    let config = "[[approval_policies]]\nname = \"ok\"\npattern = \"true*\"\nrequirement = \"allow\"\n";
    std::fs::write(from.join("config.toml"), config).unwrap();
    let roster = format!(
        "roles = [\"admin\"]\n[trust]\nadmins = [\"admin\"]\nthreshold = 1\n\
         [[principals]]\nid = \"admin\"\nkind = \"person\"\nrole = \"admin\"\nkeys = [\"{}\"]\n\
         [[principals]]\nid = \"agent\"\nkind = \"agent\"\noperators = [\"admin\"]\nkeys = [\"{}\"]\n",
        admin_public.trim(),
        public.trim()
    );
    std::fs::write(from.join("roster.toml"), roster).unwrap();
    let repository = home.join("policy.git");
    quiet(expacti(&admin).arg("init").arg("--from").arg(&from).arg(&repository));
    let root = expacti(&admin).args(["doctor", "--root-fingerprint"]).output().unwrap().stdout;
    let root = String::from_utf8(root).unwrap();
    quiet(expacti(&agent).arg("join").arg(&repository).args(["--root", root.trim()]));
    (agent, repository)
}

fn allowed_run(home: &Path) {
    let (agent, _) = town(home);
    let ours = || quiet(expacti(&agent).args(["run", "--", "true"]));
    let (run, bare) = pair(20, ours, || quiet(&mut Command::new("true")));
    row("expacti run -- true (allow) / true", run, bare);
    if Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|output| output.status.success()) {
        let (run, sudo) = pair(20, ours, || quiet(Command::new("sudo").args(["-n", "true"])));
        row("expacti run -- true (allow) / sudo -n true", run, sudo);
    }
}

/// Every closed request of `allowed_run` holds three signatures: request, claim, outcome.
fn history(home: &Path) {
    let agent = home.join("agent");
    let full = || quiet(expacti(&agent).args(["verify", "--full"]));
    let known = || quiet(expacti(&agent).arg("verify"));
    let (full, known) = pair(10, full, known);
    row("expacti verify --full / verify (about 60 runs)", full, known);
}
