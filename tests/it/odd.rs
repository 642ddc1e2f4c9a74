//! Odd files, names, sizes and streams: an answer soon, and never another command than the one shown.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use crate::support::{Ran, Town, cast, tool};

const POLICY: &str = "
[[approval_policies]]
name = \"migration\"
pattern = \"migrate*\"
requirement = \"any_of\"
reviewers = [\"bea\"]
[[approval_policies]]
name = \"any\"
pattern = \"*\"
requirement = \"any_of\"
reviewers = [\"alice\"]
";

fn found() -> Town {
    let town = Town::found(POLICY, &cast().person("alice").person("bea").agent("bot"));
    town.set_clock();
    town.marking_program("job");
    town
}

fn run(town: &Town, line: &[&str]) -> Command {
    let mut command = town.expacti("bot");
    command.args(["run", "--no-wait"]).args(line);
    command
}

fn end(command: &mut Command) -> Ran {
    command.output().unwrap().into()
}

#[test]
fn standard_input_is_a_plain_file_or_a_stream_that_ends() {
    let town = found();
    tool(Command::new("mkfifo").arg(town.work().join("pipe")));
    let before = town.refs();
    for path in ["pipe", "/dev/zero", "/dev/null", "."] {
        end(&mut run(&town, &["--stdin", path, "--", "job"])).expect(125).says("not a regular file").says("--stdin -");
    }
    let endless = fs::File::open("/dev/zero").unwrap();
    end(run(&town, &["--stdin", "-", "--", "job"]).stdin(endless)).expect(125).says("larger than");
    assert_eq!(town.refs(), before);
}

#[test]
fn files_that_never_end_or_cannot_be_bound_hold_nobody() {
    let town = found();
    let work = town.work();
    tool(Command::new("mkfifo").args([work.join("pipe"), work.join("program")]));
    fs::set_permissions(work.join("program"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::File::create(work.join("sparse")).unwrap().set_len(1 << 42).unwrap();
    fs::File::create(work.join("large")).unwrap().set_len(1 << 42).unwrap();
    fs::set_permissions(work.join("large"), fs::Permissions::from_mode(0o755)).unwrap();
    let before = town.refs();
    for (command, status, says) in [
        (&["./program"][..], 126, "not a regular file"),
        (&["./large"], 126, "too large"),
        (&["sh", "sparse"], 125, "too large"),
        (&["/dev/zero"], 126, "not a regular file"),
        (&["./pipe/"], 127, "not found"),
    ] {
        end(&mut run(&town, &[&["--"], command].concat())).expect(status).says(says);
    }
    assert_eq!(town.refs(), before);
    // They are no files to be bound; what reads them is the command's own affair.
    for command in [&["sh", "pipe"][..], &["cat", "/dev/zero"], &["cat", "sparse"]] {
        end(&mut run(&town, &[&["--"], command].concat())).expect(122);
    }
}

#[test]
fn a_script_that_is_another_for_another_process_is_not_taken_for_what_it_is_here() {
    let town = found();
    fs::write(town.work().join("harmless.sh"), "echo harmless\n").unwrap();
    fs::write(town.work().join("evil.sh"), "migrate up\n").unwrap();
    for path in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        let harmless = fs::File::open(town.work().join("harmless.sh")).unwrap();
        let mut command = run(&town, &["--json", "--stdin", "evil.sh", "--", "bash", path]);
        let request = end(command.stdin(harmless)).expect(122).json()["request"].clone();
        assert!(!request["texts"].to_string().contains("harmless"), "{path}: {request}");
        let policies = request["policies"].as_array().unwrap();
        assert!(policies.iter().any(|policy| policy["name"] == "migration"), "{path}: {policies:?}");
    }
}

#[test]
fn command_lines_that_no_record_holds_are_refused() {
    let town = found();
    let before = town.refs();
    let long = "x".repeat(120_000);
    end(&mut run(&town, &["--", "job", &long, &long, &long]))
        .expect(125)
        .says("bytes are too many: it may have 262144");
    let mut many = vec!["--", "job"];
    many.resize(5_000, "x");
    end(&mut run(&town, &many)).expect(125).says("`command.argv` has 4999 items");
    assert_eq!(town.refs(), before);
}

#[test]
fn names_of_any_bytes_run_and_are_shown_harmlessly() {
    let town = found();
    let below = town.work().join(OsStr::from_bytes(b"a\xff\n\x1b[2J"));
    fs::create_dir(&below).unwrap();
    let (marks, name) = (town.path("marks"), OsStr::from_bytes(b"p\xfe\r"));
    tool(Command::new("cp").arg(town.bin().join("job")).arg(below.join(name)));
    let mut line = OsString::from("./");
    line.push(name);
    let mut command = run(&town, &["--"]);
    let odd = OsString::from_vec((1..=255).collect());
    let ran = end(command.args([&line, &odd]).current_dir(&below)).expect(122);
    let id = ran.out.split_whitespace().next().unwrap();
    for card in [town.run("alice", &["show", id]).expect(0), town.run("alice", &["--json", "show", id]).expect(0)] {
        let text = card.out + &card.err;
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    }
    town.approve("alice", id).expect(0);
    if town.state(id) != "approved" {
        // The odd argument cannot be taken apart: everyone is asked.
        town.approve("bea", id).expect(0);
    }
    end(town.expacti("bot").args(["resume", id]).current_dir("/")).expect(0);
    assert_eq!(fs::read_to_string(marks).unwrap(), "ran\n");
}

#[test]
fn closed_streams_are_no_way_in() {
    let town = found();
    let expacti = assert_cmd::cargo::cargo_bin!("expacti");
    let closed = |line: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec \"$0\" {line} <&- >&- 2>&-")]).arg(expacti);
        command.env_clear().envs(town.env("bot")).current_dir(town.work()).stdin(Stdio::null());
        end(&mut command).status
    };
    town.member("bot");
    assert_eq!(closed("run --no-wait -- job"), 122);
    let [id] = &town.branches()[..] else { panic!("one request") };
    town.approve("alice", id).expect(0);
    assert_eq!(closed(&format!("resume {id}")), 0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn a_program_that_others_can_write_runs_sealed_and_says_so() {
    let town = found();
    let (shell, marks) = (town.bin().join("copy"), town.path("marks"));
    let sh = String::from_utf8(tool(Command::new("sh").args(["-c", "command -v sh"]))).unwrap();
    tool(Command::new("install").args(["-m", "757", sh.trim()]).arg(&shell));
    let script = format!("readlink /proc/$$/exe >> '{}'", marks.display());
    let ran = end(&mut run(&town, &["--", "copy", "-c", &script])).expect(122);
    let id = ran.out.split_whitespace().next().unwrap();
    town.run("alice", &["show", id]).expect(0).says("runs sealed");
    town.approve("alice", id).expect(0);
    if town.state(id) != "approved" {
        town.approve("bea", id).expect(0);
    }
    end(town.expacti("bot").args(["resume", id])).expect(0);
    assert_eq!(fs::read_to_string(marks).unwrap(), "/memfd:expacti (deleted)\n");
    assert_eq!(town.status(id)["outcome"]["pin"], "sealed");
}
