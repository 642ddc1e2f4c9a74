//! `doctor`, driven as the real binary in homes of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use expacti::domain::time::Timestamp;
use expacti::world::clock::Clock;
use expacti::world::console::Stderr;
use expacti::world::entropy::SystemEntropy;
use expacti::world::paths::Paths;
use expacti::world::{Terminal, World};
use serde_json::Value;
use tempfile::TempDir;

struct Machine(TempDir);

struct Ran {
    status: i32,
    out: String,
}

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_expacti"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.0.path())
            .env("USER", "ada");
        command.env("EXPACTI_HOME", self.path("expacti")).current_dir(self.0.path());
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        let output = self.command().args(args).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        Ran { status: output.status.code().unwrap(), out: String::from_utf8(output.stdout).unwrap() + &err }
    }

    /// A machine with a repository at `policy.git`, made by `ada`, its only admin.
    fn set_up() -> (Self, String) {
        let machine = Self::new();
        assert_eq!(machine.run(&["identity", "new", "ada"]).status, 0);
        let made = machine.run(&["init", "policy.git", "--json"]);
        assert_eq!(made.status, 0, "{}", made.out);
        let made: Value = serde_json::from_str(&made.out).unwrap();
        (machine, made["root"].as_str().unwrap().to_owned())
    }

    fn doctor(&self) -> Value {
        let ran = self.run(&["doctor", "--json"]);
        let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.out));
        assert_eq!(report["ok"] == true, ran.status == 0, "{}", ran.out);
        assert!(ran.status < 2, "{}", ran.out);
        report
    }

    fn git(&self, args: &[&str]) -> String {
        let mut command = Command::new("git");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.0.path());
        command.env("GIT_CONFIG_NOSYSTEM", "1").args(["-c", "user.name=x", "-c", "user.email=x@example.com"]);
        let output = command.arg("--git-dir").arg(self.path("policy.git")).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// The check of this name that is not fine, in one text.
#[track_caller]
fn faulty(report: &Value, name: &str) -> String {
    assert_eq!(report["ok"], false, "{report:#}");
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name && check["ok"] == false);
    check.unwrap_or_else(|| panic!("{name} is fine: {report:#}")).to_string()
}

#[track_caller]
fn holds(text: &str, part: &str) {
    assert!(text.contains(part), "`{part}` is not in:\n{text}");
}

#[test]
fn all_is_fine_after_init_and_the_fingerprint_is_printed_alone() {
    let (machine, root) = Machine::set_up();
    let report = machine.doctor();
    assert_eq!(report["ok"], true, "{report:#}");
    let names: Vec<&str> =
        report["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["git", "key", "pin", "host", "remote", "roster", "clock", "journal", "branches"]);
    let printed = machine.run(&["doctor", "--root-fingerprint"]);
    assert_eq!((printed.status, printed.out), (0, format!("{root}\n")));
    let text = machine.run(&["doctor"]);
    holds(&text.out, "you are `ada`, person, role admin, admin");
    holds(&text.out, "all is fine");
}

#[test]
fn a_machine_with_nothing_is_told_how_to_begin() {
    let machine = Machine::new();
    let report = machine.doctor();
    holds(&faulty(&report, "key"), "expacti identity new");
    holds(&faulty(&report, "pin"), "expacti join URL --root FINGERPRINT");
    assert_eq!(machine.run(&["doctor", "--root-fingerprint"]).status, 125);
    let no_git = machine.command().env("PATH", "/nowhere").args(["doctor", "--json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&no_git.stdout).unwrap();
    holds(&faulty(&report, "git"), "install git 2.34");
}

#[test]
fn keys_that_others_read_and_strangers_are_faults() {
    let (machine, _) = Machine::set_up();
    let key = machine.path("expacti/config/keys/ada");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    holds(&faulty(&machine.doctor(), "key"), "chmod 600");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let pins = machine.path("expacti/config/trust.toml");
    fs::set_permissions(&pins, fs::Permissions::from_mode(0o666)).unwrap();
    holds(&faulty(&machine.doctor(), "pin"), "chmod go-w");
    fs::set_permissions(&pins, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(machine.run(&["identity", "new", "eve"]).status, 0);
    let ran = machine.run(&["doctor", "--json", "--key", "expacti/config/keys/eve"]);
    assert_eq!(ran.status, 1);
    holds(&faulty(&serde_json::from_str(&ran.out).unwrap(), "roster"), "is not in the roster");
}

#[test]
fn a_host_that_lets_history_be_rewritten_is_a_fault() {
    let (machine, _) = Machine::set_up();
    machine.git(&["config", "receive.denyNonFastForwards", "false"]);
    holds(&faulty(&machine.doctor(), "host"), "config receive.denyNonFastForwards true");
    machine.git(&["config", "receive.denyNonFastForwards", "true"]);
    machine.git(&["config", "--unset", "receive.fsckObjects"]);
    holds(&faulty(&machine.doctor(), "host"), "config receive.fsckObjects true");
    machine.git(&["config", "receive.fsckObjects", "true"]);
    assert_eq!(machine.doctor()["ok"], true);
}

#[test]
fn a_bad_main_a_gone_repository_and_sha256_are_named() {
    let (machine, _) = Machine::set_up();
    let tip = machine.git(&["rev-parse", "main"]);
    let bad = machine.git(&["commit-tree", "main^{tree}", "-p", "main", "-m", "nothing"]);
    machine.git(&["update-ref", "refs/heads/main", &bad]);
    holds(&faulty(&machine.doctor(), "remote"), "main is not legal");
    machine.git(&["update-ref", "refs/heads/main", &tip]);
    assert_eq!(machine.doctor()["ok"], true);
    fs::rename(machine.path("policy.git"), machine.path("elsewhere.git")).unwrap();
    let report = machine.doctor();
    faulty(&report, "remote");
    holds(&faulty(&report, "host"), "there is no git repository at");
    let made = Command::new("git")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", machine.0.path())
        .args(["init", "-q", "--bare", "--object-format=sha256"])
        .arg(machine.path("policy.git"))
        .output()
        .unwrap();
    assert!(made.status.success());
    holds(&faulty(&machine.doctor(), "host"), "--object-format=sha1");
}

#[test]
fn a_repository_with_a_reftable_works_and_is_named() {
    let (machine, _) = Machine::set_up();
    // Only where this git knows reftables.
    let migrated = Command::new("git")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", machine.0.path())
        .arg("--git-dir")
        .arg(machine.path("policy.git"))
        .args(["refs", "migrate", "--ref-format=reftable"])
        .output()
        .unwrap();
    if !migrated.status.success() {
        return;
    }
    let report = machine.doctor();
    assert_eq!(report["ok"], true, "{report:#}");
    holds(&report.to_string(), "refs migrate --ref-format=files");
}

#[test]
fn branches_that_are_none_of_ours_are_listed_with_their_deletion() {
    let (machine, _) = Machine::set_up();
    let tip = machine.git(&["rev-parse", "main"]);
    machine.git(&["update-ref", "refs/heads/feature/x", &tip]);
    let report = machine.doctor();
    assert_eq!(report["ok"], true, "{report:#}");
    holds(&report.to_string(), "--delete refs/heads/feature/x");
    machine.git(&["update-ref", "refs/heads/requests", &tip]);
    holds(&faulty(&machine.doctor(), "branches"), "--delete refs/heads/requests");
}

#[test]
fn outcomes_that_wait_are_a_fault_until_they_are_delivered() {
    let (machine, _) = Machine::set_up();
    let repos = machine.path("expacti/state/repos");
    let memory = fs::read_dir(repos).unwrap().next().unwrap().unwrap().path();
    fs::create_dir_all(memory.join("spool")).unwrap();
    let id = "0".repeat(32);
    fs::write(memory.join(format!("spool/{id}.sig")), "x").unwrap();
    fs::write(memory.join(format!("spool/{id}.toml")), "x").unwrap();
    holds(&faulty(&machine.doctor(), "journal"), "expacti sync");
}

#[derive(Debug)]
struct Still(i64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0).unwrap()
    }

    fn sleep(&self, _: Duration) {}
}

#[test]
fn a_clock_behind_what_others_signed_is_a_fault() {
    let machine = Machine::new();
    assert_eq!(machine.run(&["identity", "new", "ada"]).status, 0);
    let key: Value = serde_json::from_str(&machine.run(&["identity", "list", "--json"]).out).unwrap();
    let key = key[0]["key"].as_str().unwrap();
    fs::create_dir_all(machine.path("pol")).unwrap();
    fs::write(
        machine.path("pol/roster.toml"),
        format!("[trust]\nadmins = [\"ada\"]\nthreshold = 1\n[[principals]]\nid = \"ada\"\nkind = \"person\"\nkeys = [\"{key}\"]\n"),
    )
    .unwrap();
    let config = "[[approval_policies]]\nname = \"a\"\npattern = \"true\"\nrequirement = \"allow\"\n";
    fs::write(machine.path("pol/config.toml"), config).unwrap();
    let now = expacti::world::clock::SystemClock.now().unix();
    assert_eq!(machine.run(&["init", "--from", "pol", "policy.git"]).status, 0);
    let ran = machine.run(&["run", "--", "true"]);
    assert_eq!(ran.status, 0, "{}", ran.out);
    let doctor = |at: i64| {
        let env = [("PATH", std::env::var_os("PATH").unwrap()), ("HOME", machine.0.path().into())];
        let world = World {
            env: env.into_iter().map(|(name, value)| (name.into(), value)).collect(),
            cwd: machine.0.path().to_owned(),
            paths: Paths::under(&machine.path("expacti")),
            host: "here".to_owned(),
            clock: std::rc::Rc::new(Still(at)),
            entropy: std::rc::Rc::new(SystemEntropy),
            console: std::rc::Rc::new(Stderr::new(true, false)),
            courier: std::sync::Arc::new(expacti::world::courier::Post),
            terminal: Terminal::default(),
        };
        let mut out = Vec::new();
        expacti::cli::run(&world, ["expacti", "doctor", "--json"].map(Into::into).into(), &mut out);
        serde_json::from_slice::<Value>(&out).unwrap()
    };
    for at in [now, now - 240, now + 1_000_000] {
        assert_eq!(doctor(at)["ok"], true, "{at}");
    }
    holds(&faulty(&doctor(now - 3_600), "clock"), "set this machine's clock");
}
