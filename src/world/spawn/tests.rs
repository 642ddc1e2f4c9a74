use std::convert::Infallible;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout};

use tempfile::TempDir;

use super::*;
use crate::world::facts;

#[expect(clippy::disallowed_methods, reason = "a test starts its own helpers")]
fn tool(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// `sh`, and what it is asked to do in `dir`.
fn shell(dir: &Path, script: &str) -> Launch {
    let found = facts::resolve(OsStr::new("sh"), Path::new("/"), None, &[]).unwrap();
    Launch {
        program: found.path,
        argv0: "sh".into(),
        args: vec!["-c".into(), script.into()],
        cwd: dir.to_owned(),
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        stdin: Stdin::Empty,
        pin: found.pin,
        sha256: found.sha256,
    }
}

/// A copy of `sh` that is not ours alone; written by another process, so that no child of ours ever holds it open.
fn copy_of_shell(dir: &Path, script: &str, pin: Pin) -> Launch {
    let launch = shell(dir, script);
    let program = dir.join("program");
    assert!(tool("cp").args([&launch.program, &program]).status().unwrap().success());
    Launch { program, pin, ..launch }
}

fn ready() -> Result<(), Infallible> {
    Ok(())
}

fn run(launch: &Launch) -> Result<Ended, SpawnError> {
    spawn(launch, &mut ready)
}

fn end(dir: &Path, script: &str) -> End {
    run(&shell(dir, script)).unwrap().end
}

#[test]
fn the_end_is_the_child_s() {
    let dir = dir();
    for code in [0, 1, 7, 126, 127, 255] {
        assert_eq!(end(dir.path(), &format!("exit {code}")), End::Exit(code));
    }
    for signal in [1, 2, 3, 9, 10, 13, 15] {
        assert_eq!(end(dir.path(), &format!("kill -{signal} $$; exit 1")), End::Signal(signal));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn every_byte_of_argv_and_environment_arrives() {
    let dir = dir();
    let bytes: Vec<u8> = (1..=255).collect();
    let mut launch = shell(dir.path(), "cat /proc/$$/cmdline >argv; cat /proc/$$/environ >env");
    launch.argv0 = OsString::from_vec(b"-\xff\x1b[0m sh".to_vec());
    launch.args.extend([OsString::from_vec(bytes.clone()), "".into(), " ".into(), "-c".into()]);
    launch.args.extend(bytes.iter().map(|byte| OsString::from_vec(vec![*byte])));
    launch.env.push(("Z".into(), OsString::from_vec(bytes)));
    assert_eq!(run(&launch).unwrap().end, End::Exit(0));
    let mut expected = Vec::new();
    for argument in [&launch.argv0].into_iter().chain(&launch.args) {
        expected.extend_from_slice(argument.as_bytes());
        expected.push(0);
    }
    assert_eq!(fs::read(dir.path().join("argv")).unwrap(), expected);
    let mut expected = Vec::new();
    for (name, value) in &launch.env {
        expected.extend_from_slice(&[name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat());
    }
    assert_eq!(fs::read(dir.path().join("env")).unwrap(), expected);
}

#[test]
fn stdin_is_empty_or_exactly_the_bytes() {
    let dir = dir();
    let mut launch = shell(dir.path(), "cat >out");
    let large: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    for (stdin, expected) in
        [(Stdin::Empty, &b""[..]), (Stdin::Bytes(vec![]), b""), (Stdin::Bytes(large.clone()), &large)]
    {
        launch.stdin = stdin;
        assert_eq!(run(&launch).unwrap().end, End::Exit(0));
        assert_eq!(fs::read(dir.path().join("out")).unwrap(), expected);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_child_is_in_our_group_with_nothing_blocked_and_a_live_pipe_signal() {
    let dir = dir();
    assert_eq!(end(dir.path(), "exec cat /proc/self/status /proc/self/stat >out"), End::Exit(0));
    let out = fs::read_to_string(dir.path().join("out")).unwrap();
    let mask = |name: &str| {
        let line = out.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        u64::from_str_radix(line.trim(), 16).unwrap()
    };
    assert_eq!(mask("SigBlk:"), 0);
    assert_eq!(mask("SigIgn:") & (1 << 12), 0);
    let stat: Vec<&str> = out.lines().last().unwrap().rsplit(')').next().unwrap().split_whitespace().collect();
    assert_eq!(stat[2], getpgrp().as_raw_nonzero().to_string());
}

#[test]
fn a_failure_before_the_start_runs_nothing() {
    let dir = dir();
    let error = spawn(&shell(dir.path(), ">ran"), &mut || Err("disk full")).unwrap_err();
    assert!(matches!(&error, SpawnError::BeforeExec(cause) if cause.to_string() == "disk full"));
    assert!(error.nothing_ran() && !dir.path().join("ran").exists());
}

type Swap = fn(&Path);

/// What someone does to the program between the check and the start.
const SWAPS: [(&str, Swap); 3] = [
    ("by path", |program| {
        let new = program.with_extension("new");
        fs::write(&new, "#!/bin/sh\n>swapped\n").unwrap();
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(new, program).unwrap();
    }),
    ("by inode rewrite", |program| {
        fs::write(program, "#!/bin/sh\n>swapped\n").unwrap();
    }),
    ("by a symlink", |program| {
        fs::remove_file(program).unwrap();
        std::os::unix::fs::symlink("/bin/true", program).unwrap();
    }),
];

#[test]
#[cfg(target_os = "linux")]
fn a_swap_before_the_start_runs_the_approved_bytes_when_sealed() {
    for (name, swap) in SWAPS {
        let dir = dir();
        let launch = copy_of_shell(dir.path(), ">ran; readlink /proc/$$/exe >exe; exit 7", Pin::Sealed);
        let ended = spawn(&launch, &mut || {
            swap(&launch.program);
            ready()
        });
        let ended = ended.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!((ended.end, ended.pinned), (End::Exit(7), Pin::Sealed), "{name}");
        assert!(dir.path().join("ran").exists() && !dir.path().join("swapped").exists(), "{name}");
        assert_eq!(fs::read_to_string(dir.path().join("exe")).unwrap(), "/memfd:expacti (deleted)\n");
    }
}

#[test]
fn a_swap_before_the_start_is_drift_when_checked() {
    for (name, swap) in SWAPS {
        let dir = dir();
        let launch = copy_of_shell(dir.path(), ">ran", Pin::Checked);
        let error = spawn(&launch, &mut || {
            swap(&launch.program);
            ready()
        });
        assert!(matches!(error, Err(SpawnError::Drift { .. })), "{name}: {error:?}");
        assert!(!dir.path().join("ran").exists() && !dir.path().join("swapped").exists(), "{name}");
    }
}

#[test]
fn an_earlier_swap_is_drift_and_is_not_recorded_as_started() {
    for pin in [Pin::Checked, Pin::Sealed].into_iter().filter(|pin| cfg!(target_os = "linux") || *pin == Pin::Checked) {
        for (name, swap) in SWAPS {
            let dir = dir();
            let launch = copy_of_shell(dir.path(), ">ran", pin);
            swap(&launch.program);
            let error = spawn(&launch, &mut || -> Result<(), Infallible> { panic!("recorded: {name}") });
            assert!(matches!(error, Err(SpawnError::Drift { .. })), "{name}: {error:?}");
            assert!(!dir.path().join("ran").exists());
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn sealed_bytes_cannot_be_written_by_anyone_who_finds_them() {
    let dir = dir();
    let launch = copy_of_shell(dir.path(), "exit 7", Pin::Sealed);
    let image = Image::of(&launch).unwrap();
    assert!(image.path().starts_with("/proc/self/fd"));
    // Opening for writing may be allowed; changing anything is not.
    if let Ok(mut writable) = File::options().write(true).open(image.path()) {
        assert!(writable.write_all(b"evil").is_err());
        assert!(writable.set_len(0).is_err());
        assert!(writable.set_len(1 << 24).is_err());
    }
    assert!(rustix::fs::fcntl_add_seals(File::open(image.path()).unwrap(), rustix::fs::SealFlags::WRITE).is_err());
}

#[test]
fn what_cannot_start_says_why() {
    let dir = dir();
    let approved = |name: &str, bytes: &[u8], mode: u32| {
        let program = dir.path().join(name);
        fs::write(dir.path().join("source"), bytes).unwrap();
        assert!(tool("cp").args([&dir.path().join("source"), &program]).status().unwrap().success());
        fs::set_permissions(&program, fs::Permissions::from_mode(mode)).unwrap();
        let (file, meta) = facts::open(&program).unwrap();
        let sha256 = facts::scan(&file, &meta).unwrap().sha256;
        Launch { program, sha256, pin: Pin::Checked, ..shell(dir.path(), ">ran") }
    };
    let gone = Launch { program: dir.path().join("gone"), ..shell(dir.path(), "") };
    assert!(matches!(run(&gone), Err(SpawnError::NotFound(_))));
    let relative = Launch { program: "sh".into(), ..shell(dir.path(), "") };
    assert!(matches!(run(&relative), Err(SpawnError::NotFound(_))));
    let directory = Launch { program: dir.path().into(), ..shell(dir.path(), "") };
    assert!(matches!(run(&directory), Err(SpawnError::Drift { .. })));
    let nowhere = Launch { cwd: dir.path().join("gone"), ..shell(dir.path(), "") };
    assert!(matches!(run(&nowhere), Err(SpawnError::WorkingDirectory(_))));
    let nul = Launch { args: vec!["a\0b".into()], ..shell(dir.path(), "") };
    assert!(matches!(run(&nul), Err(SpawnError::Io { .. })));
    let long = Launch { args: vec!["x".repeat(64 << 20).into()], ..shell(dir.path(), "") };
    assert!(matches!(run(&long), Err(SpawnError::Io { .. })));
    assert!(matches!(run(&approved("plain", b"#!/bin/sh\n>ran\n", 0o644)), Err(SpawnError::NotExecutable { .. })));
    assert!(matches!(run(&approved("script", b"#!/nowhere\n", 0o755)), Err(SpawnError::NotExecutable { .. })));
    // No shell is tried on text without `#!`.
    assert!(matches!(run(&approved("text", b">ran\n", 0o755)), Err(SpawnError::NotExecutable { .. })));
    assert!(!dir.path().join("ran").exists());
    assert_eq!(run(&approved("fine", b"#!/bin/sh\nexit 3\n", 0o755)).unwrap().end, End::Exit(3));
}

/// A process of its own in a group of its own, which spawns `sh -c SCRIPT` with its own standard input.
struct Helper {
    process: Child,
    lines: io::Lines<BufReader<ChildStdout>>,
    _stdin: ChildStdin,
}

const SCRIPT: &str = "EXPACTI_TEST_SCRIPT";

impl Helper {
    fn start(before: &str, script: &str) -> Self {
        let myself = std::env::current_exe().unwrap();
        let mut process = tool("sh")
            .args(["-c", &format!("{before} exec \"$0\" \"$@\"")])
            .arg(myself)
            .args(["--exact", "world::spawn::tests::helper", "--ignored", "--nocapture"])
            .env(SCRIPT, script)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let stdin = process.stdin.take().unwrap();
        Self { process, lines, _stdin: stdin }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap()
    }

    /// Reads on to a line that holds `word`.
    fn says(&mut self, word: &str) {
        assert!(self.lines.by_ref().any(|line| line.unwrap().contains(word)), "it never said {word}");
    }

    fn stops(&self) {
        let (_, status) = waitpid(Some(self.pid()), WaitOptions::UNTRACED).unwrap().unwrap();
        assert!(status.stopped(), "{status:?}");
    }

    fn ends(mut self, end: End) {
        self.says(&format!("ended {end:?}"));
        assert!(self.process.wait().unwrap().success());
    }
}

#[test]
#[ignore = "the other process of the tests below"]
fn helper() {
    let Some((_, script)) = std::env::vars_os().find(|(name, _)| name == SCRIPT) else {
        return;
    };
    let dir = dir();
    let launch = Launch { stdin: Stdin::Inherit, ..shell(dir.path(), script.to_str().unwrap()) };
    println!("ended {:?}", run(&launch).unwrap().end);
}

#[test]
fn a_signal_sent_to_us_reaches_the_child() {
    for (signal, name) in [
        (Signal::TERM, "TERM"),
        (Signal::HUP, "HUP"),
        (Signal::USR1, "USR1"),
        (Signal::USR2, "USR2"),
        (Signal::INT, "INT"),
        (Signal::QUIT, "QUIT"),
    ] {
        // `wait` is what a trap interrupts; `cat` ends with our standard input.
        let script =
            format!("trap 'kill $!; echo got {name}; exit 3' {name}; exec 3<&0; cat <&3 & echo; echo ready; wait");
        let mut helper = Helper::start("", &script);
        helper.says("ready");
        kill_process(helper.pid(), signal).unwrap();
        helper.says(&format!("got {name}"));
        helper.ends(End::Exit(3));
    }
}

#[test]
fn a_signal_that_kills_the_child_is_its_end_and_not_ours() {
    let mut helper = Helper::start("", "echo; echo ready; exec cat");
    helper.says("ready");
    kill_process(helper.pid(), Signal::TERM).unwrap();
    helper.ends(End::Signal(15));
}

#[test]
fn we_stop_with_the_child_and_continue_it() {
    let mut helper = Helper::start("", "echo; kill -STOP $$; echo continued; kill -STOP $$; exit 5");
    helper.stops();
    kill_process(helper.pid(), Signal::CONT).unwrap();
    helper.says("continued");
    helper.stops();
    kill_process(helper.pid(), Signal::CONT).unwrap();
    helper.ends(End::Exit(5));
}

#[test]
fn a_stop_of_the_whole_group_is_one_stop() {
    let mut helper = Helper::start("", "echo; echo ready; exec cat");
    helper.says("ready");
    rustix::process::kill_process_group(helper.pid(), Signal::TSTP).unwrap();
    helper.stops();
    rustix::process::kill_process_group(helper.pid(), Signal::CONT).unwrap();
    kill_process(helper.pid(), Signal::TERM).unwrap();
    helper.ends(End::Signal(15));
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_ignored_when_we_started_stays_ignored() {
    let script = "echo; kill -HUP $$; kill -HUP $PPID; echo survived; exec cat";
    let mut helper = Helper::start("trap '' HUP;", script);
    helper.says("survived");
    kill_process(helper.pid(), Signal::HUP).unwrap();
    kill_process(helper.pid(), Signal::TERM).unwrap();
    helper.ends(End::Signal(15));
}
