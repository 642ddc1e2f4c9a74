//! The child is what a shell would have started, with what was bound and nothing else.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::process::{Command, Output, Stdio};

use crate::support::{Ran, Town, cast};

/// These programs of the system run unasked; the others need alice.
const POLICY: &str = "
[[approval_policies]]
name = \"unasked\"
pattern = [\"printf *\", \"pwd*\", \"sh -c *\", \"exit *\", \"kill *\", \"echo *\", \"cat\", \"env\", \"missing\", \"./*\"]
requirement = \"allow\"
[[approval_policies]]
name = \"reviewed\"
pattern = [\"job\", \"job *\", \"sh script.sh\"]
requirement = \"any_of\"
reviewers = [\"alice\"]
";

fn found() -> Town {
    let town = Town::found(POLICY, &cast().person("alice").agent("bot"));
    town.set_clock();
    town
}

fn run(town: &Town) -> Command {
    let mut command = town.expacti("bot");
    command.arg("run");
    command
}

fn output(command: &mut Command) -> Output {
    command.output().unwrap()
}

#[test]
fn arguments_arrive_byte_for_byte() {
    let town = found();
    let arguments: [&[u8]; 9] = [
        b"plain",
        b"",
        b"two words",
        b"new\nline",
        b"\xff\xfe\x80",
        b"--json",
        b"--",
        b"$HOME `id` 'x'",
        "\u{202e}".as_bytes(),
    ];
    let mut command = run(&town);
    command.args(["--", "printf", "%s\\0"]);
    command.args(arguments.iter().map(|argument| OsString::from_vec(argument.to_vec())));
    let output = output(&mut command);
    let expected: Vec<u8> = arguments.iter().flat_map(|argument| [*argument, b"\0"].concat()).collect();
    assert_eq!(output.stdout, expected, "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn it_runs_where_it_was_asked() {
    let town = found();
    let below = town.work().join("below");
    fs::create_dir(&below).unwrap();
    let output = output(run(&town).current_dir(&below).args(["--", "pwd"]));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(fs::canonicalize(said.trim_end()).unwrap(), fs::canonicalize(below).unwrap());
}

#[test]
fn its_status_is_ours_and_a_signal_counts_from_128() {
    let town = found();
    for (script, status) in
        [("exit 0", 0), ("exit 42", 42), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
    {
        let output = output(run(&town).args(["--", "sh", "-c", script]));
        assert_eq!(output.status.code(), Some(status), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn standard_input_is_empty_unless_bound() {
    let town = found();
    let given = town.path("given");
    fs::write(&given, "from our caller\n").unwrap();
    fs::write(town.work().join("bound"), "bound\n").unwrap();
    let cat = |options: &[&str]| {
        let mut command = run(&town);
        let command = command.args(options).args(["--", "cat"]).stdin(fs::File::open(&given).unwrap());
        let ran = Ran::from(output(command));
        ran.expect(0).out
    };
    assert_eq!(cat(&[]), "");
    assert_eq!(cat(&["--stdin", "bound"]), "bound\n");
    assert_eq!(cat(&["--stdin", "-"]), "from our caller\n");
    // More than a reviewer would read: bound by its digest.
    let large = "x".repeat((256 << 10) + 1);
    fs::write(town.work().join("large"), &large).unwrap();
    assert_eq!(cat(&["--stdin", "large"]), large);
    Ran::from(output(run(&town).args(["--stdin", "absent", "--", "cat"]))).expect(125).says("absent");
}

#[test]
fn standard_input_is_inherited_where_every_policy_says_so() {
    let policy = "
[[approval_policies]]
name = \"reads\"
pattern = \"cat*\"
requirement = \"allow\"
stdin = \"inherit\"
[[approval_policies]]
name = \"does-not\"
pattern = \"nl*\"
requirement = \"allow\"
[[approval_policies]]
name = \"shell\"
pattern = \"sh -c *\"
requirement = \"allow\"
stdin = \"inherit\"
";
    let town = Town::found(policy, &cast().person("alice").agent("bot"));
    town.set_clock();
    let given = town.path("given");
    fs::write(&given, "from our caller\n").unwrap();
    let read = |line: &[&str]| {
        let mut command = run(&town);
        Ran::from(output(command.args(line).stdin(fs::File::open(&given).unwrap()))).expect(0).out
    };
    assert_eq!(read(&["--", "cat"]), "from our caller\n");
    assert_eq!(read(&["--", "sh", "-c", "cat"]), "from our caller\n");
    // One policy that does not say so is enough to close it; so is text that is bound.
    assert_eq!(read(&["--", "nl"]), "");
    assert_eq!(read(&["--", "sh", "-c", "cat; nl"]), "");
    fs::write(town.work().join("bound"), "bound\n").unwrap();
    assert_eq!(read(&["--stdin", "bound", "--", "cat"]), "bound\n");
}

#[test]
fn the_environment_is_cleared_but_for_what_is_harmless() {
    let town = found();
    let mut command = run(&town);
    let dropped = [
        "LD_PRELOAD",
        "BASH_ENV",
        "ENV",
        "GIT_DIR",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "NODE_OPTIONS",
        "SECRET_TOKEN",
        "EXPACTI_KEY",
    ];
    for name in dropped {
        command.env(
            name,
            if name == "EXPACTI_KEY" { town.home("bot").join("key").into_os_string() } else { "/none".into() },
        );
    }
    let ran = Ran::from(output(command.env("LANG", "C.UTF-8").args(["--", "env"]))).expect(0);
    let names: Vec<&str> = ran.out.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    assert!(names.iter().all(|name| !dropped.contains(name)), "{names:?}");
    for kept in ["PATH", "HOME", "LANG"] {
        assert!(names.contains(&kept), "{kept}: {names:?}");
    }
    assert!(!names.iter().any(|name| name.starts_with("EXPACTI")), "{names:?}");
}

#[test]
fn standard_output_belongs_to_the_child() {
    let town = found();
    let output = output(run(&town).args(["--", "sh", "-c", "echo out; echo err >&2"]).stdin(Stdio::null()));
    assert_eq!(output.stdout, b"out\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains("err\n"));
}

#[test]
fn what_is_no_program_is_told_as_a_shell_tells_it() {
    let town = found();
    fs::write(town.work().join("data"), "no program").unwrap();
    let before = town.refs();
    Ran::from(output(run(&town).args(["--", "missing"]))).expect(127).says("missing");
    Ran::from(output(run(&town).args(["--", "./missing"]))).expect(127);
    Ran::from(output(run(&town).args(["--", "./data"]))).expect(126).says("data");
    Ran::from(output(run(&town).args(["--", "./"]))).expect(126);
    assert_eq!(town.refs(), before);
}

/// Asks, has it approved, changes something, resumes: 121 and the field; puts it back, resumes: it runs.
fn drifts(town: &Town, command: &[&str], field: &str, change: impl FnOnce(), mend: impl FnOnce()) {
    let before = town.marks();
    let id = town.ask("bot", command);
    town.approve("alice", &id).expect(0);
    change();
    town.resume("bot", &id).expect(121).says(field);
    assert_eq!((town.marks(), town.state(&id).as_str()), (before, "approved"), "{command:?}");
    mend();
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), before + 1, "{command:?}");
}

#[test]
fn what_changed_since_it_was_approved_does_not_run() {
    let town = found();
    let mark = format!("echo ran >> '{}'", town.path("marks").display());
    town.program("job", &mark);
    let swapped = || drop(town.program("job", "echo something else"));
    drifts(&town, &["job"], "program", swapped, || drop(town.program("job", &mark)));
    let gone = || fs::remove_file(town.bin().join("job")).unwrap();
    drifts(&town, &["job"], "job", gone, || drop(town.program("job", &mark)));
    let script = town.work().join("script.sh");
    let write = |text: &str| fs::write(&script, text).unwrap();
    write(&mark);
    drifts(&town, &["sh", "script.sh"], "operand file script.sh", || write("echo something else"), || write(&mark));
    // An earlier directory of PATH now has one too.
    let other = town.work().join("job");
    drifts(
        &town,
        &["job", "again"],
        "program",
        || {
            fs::rename(town.bin().join("job"), &other).unwrap();
            std::os::unix::fs::symlink(&other, town.bin().join("job")).unwrap();
        },
        || fs::rename(&other, town.bin().join("job")).unwrap(),
    );
}

#[test]
fn a_directory_that_is_gone_is_drift() {
    let town = found();
    town.marking_program("job");
    let below = town.work().join("below");
    fs::create_dir(&below).unwrap();
    let (mut world, heard) = town.world("bot");
    town.member("bot");
    world.cwd = below.clone();
    let ran = crate::support::play(&world, &heard, &["run", "--no-wait", "--", "job"]).expect(122);
    let id = ran.out.split_whitespace().next().unwrap().to_owned();
    town.approve("alice", &id).expect(0);
    fs::remove_dir(&below).unwrap();
    town.resume("bot", &id).expect(121).says("working directory");
    assert_eq!((town.marks(), town.state(&id).as_str()), (0, "approved"));
    fs::create_dir(&below).unwrap();
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn another_host_is_drift() {
    let town = found();
    town.marking_program("job");
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    let (mut world, heard) = town.world("bot");
    world.host = "elsewhere".to_owned();
    crate::support::play(&world, &heard, &["resume", "--wait", "0s", &id]).expect(121).says("host");
    assert_eq!(town.marks(), 0);
}
