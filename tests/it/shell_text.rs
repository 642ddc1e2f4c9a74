//! `run -c`: a shell runs the text, and every command in it needs its own approvals.

use std::fs;
use std::process::Command;

use crate::support::{Ran, Town, cast, tool};

const POLICY: &str = "
[[approval_policies]]
name = \"unasked\"
pattern = [\"sh -c *\", \"bash -c *\", \"cat *\", \"echo *\", \"tr *\", \"exit *\", \"test *\", \"env *\", \"xargs *\"]
requirement = \"allow\"
[[approval_policies]]
name = \"reviewed\"
pattern = [\"job\", \"job *\", \"tr again *\"]
requirement = \"any_of\"
reviewers = [\"alice\"]
";

fn found() -> Town {
    let town = Town::found(POLICY, &cast().person("alice").agent("bot"));
    town.set_clock();
    town
}

fn run(town: &Town, line: &[&str]) -> Ran {
    let mut command: Command = town.expacti("bot");
    command.arg("run").args(line).output().unwrap().into()
}

#[test]
fn the_text_runs_as_a_shell_runs_it() {
    let town = found();
    for (line, out, status) in [
        (&["-c", "echo hi | tr h j"][..], "ji\n", 0),
        (&["-c", "echo \"$0 $1 $#\"", "name", "one", "--json"], "name one 2\n", 0),
        (&["-c", "echo a > f; exit 7"], "", 7),
        (&["-c", "test -e f && echo there || echo gone"], "there\n", 0),
        (&["--shell", "bash", "-c", "echo {a,b}"], "a b\n", 0),
        (&["--shell", "/bin/sh", "-c", "echo path"], "path\n", 0),
        (&["-c", "echo 'it''s'; echo two"], "its\ntwo\n", 0),
    ] {
        let ran = run(&town, line).expect(status);
        assert_eq!(ran.out, out, "{line:?}");
    }
    assert_eq!(fs::read_to_string(town.work().join("f")).unwrap(), "a\n");
}

#[test]
fn every_command_in_the_text_is_governed_and_shown() {
    let town = found();
    town.marking_program("job");
    let ran = run(&town, &["--no-wait", "-c", "echo ready | job one && echo done"]).expect(122);
    let id = ran.out.split_whitespace().next().unwrap();
    let card = town.run("alice", &["show", id]).expect(0);
    for shown in ["sh -c 'echo ready | job one && echo done'", "> echo ready", "> job one", "> echo done"] {
        assert!(card.out.contains(shown), "{shown}: {}", card.out);
    }
    town.approve("alice", id).expect(0);
    let ran: Ran = town.expacti("bot").args(["resume", id]).output().unwrap().into();
    assert_eq!((ran.status, ran.out.as_str(), town.marks()), (0, "done\n", 1), "{}", ran.err);
    // What cannot be read needs everyone, and what nobody governs runs for nobody.
    run(&town, &["--no-wait", "-c", "x=job; $x"]).expect(122);
    run(&town, &["--no-wait", "-c", "echo a; unknown-program"]).expect(120).says("no policy matches `unknown-program`");
    assert_eq!(town.marks(), 1);
}

#[test]
fn what_is_no_text_for_a_shell_is_refused() {
    let town = found();
    let before = town.refs();
    for (line, says) in [
        (&["-c", ""][..], "no command"),
        (&["-c", " \n"], "no command"),
        (&["-c", "--", "echo"], "a value is required"),
        (&["-c=-x"], "as an option"),
        (&["-c+x"], "as an option"),
        (&["--shell", "python3", "-c", "print(1)"], "`python3` is no shell"),
        (&["--shell", "fish", "-c", "echo"], "`fish` is no shell"),
        (&["--shell", "bash", "--", "echo"], "-c <TEXT>"),
        (&["--shell", "no/such/sh", "-c", "echo"], "not found"),
        (&[], "required"),
    ] {
        let ran = run(&town, line);
        assert!(matches!(ran.status, 125 | 127), "{line:?}: {ran:?}");
        ran.says(says);
    }
    assert_eq!(town.refs(), before);
}

#[test]
fn explain_takes_text_as_run_does() {
    let town = found();
    town.marking_program("job");
    let explained = town.run("bot", &["policy", "explain", "-c", "echo ready | job one"]).expect(0);
    for shown in ["sh -c 'echo ready | job one'", "job one", "-> reviewed"] {
        assert!(explained.out.contains(shown), "{shown}: {}", explained.out);
    }
    let same = ["policy", "explain", "--", "sh", "-c", "echo ready | job one"];
    assert_eq!(town.run("bot", &same).expect(0).out, explained.out);
    let named = town.run("bot", &["policy", "explain", "--shell", "bash", "-c", "job one", "zero"]).expect(0);
    assert!(named.out.contains("bash -c 'job one' zero"), "{}", named.out);
    for (line, says) in [
        (&["-c", ""][..], "no command"),
        (&["-c=-x"], "as an option"),
        (&["--shell", "python3", "-c", "print(1)"], "`python3` is no shell"),
        (&["--shell", "bash", "--", "echo"], "-c <TEXT>"),
        (&[], "required"),
    ] {
        town.run("bot", &[&["policy", "explain"], line].concat()).expect(2).says(says);
    }
}

#[test]
fn the_card_says_that_text_starts_what_it_writes() {
    let town = found();
    let script = town.work().join("job");
    tool(Command::new("cp").arg(town.marking_program("job")).arg(&script));
    for (text, said) in [("cat evil > job && ./job", true), ("cat job > evil && ./job", false)] {
        let ran = run(&town, &["--no-wait", "-c", text]);
        let id = ran.out.split_whitespace().next().unwrap();
        let card = town.run("alice", &["show", id]).expect(0).out;
        let line = card.lines().find(|line| line.contains("LOOK")).unwrap();
        assert_eq!(line.contains("writes a file that it also starts"), said, "{card}");
    }
}

/// A directory of PATH is what it really is: a file there named like one that policy allows must not run unasked.
#[test]
fn no_other_name_of_a_shared_directory_makes_it_ones_own() {
    let town = found();
    let shared = tempfile::tempdir_in("/tmp").unwrap();
    let (shared, work) = (shared.path(), town.work());
    let marks = town.path("marks");
    let link = town.bin().join("link");
    std::os::unix::fs::symlink(shared, &link).unwrap();
    std::os::unix::fs::symlink(&link, town.bin().join("link-of-link")).unwrap();
    for place in [shared, &work] {
        tool(Command::new("cp").arg(town.marking_program("tr")).arg(place.join("tr")));
    }
    fs::remove_file(town.bin().join("tr")).unwrap();
    let open = fs::File::open(shared).unwrap();
    let (me, number) = (std::process::id(), std::os::fd::AsRawFd::as_raw_fd(&open));
    let shared = shared.to_str().unwrap();
    for path in [
        shared.to_owned(),
        format!("/proc/self/root{shared}"),
        format!("/proc/thread-self/root{shared}"),
        format!("/proc/{me}/root{shared}"),
        format!("/proc/{me}/task/{me}/root{shared}"),
        "/proc/self/cwd".to_owned(),
        format!("/proc/{me}/fd/{number}"),
        "/dev/fd/3".to_owned(),
        format!("//proc/./self/root{shared}"),
        town.bin().join("link").to_str().unwrap().to_owned(),
        town.bin().join("link-of-link").to_str().unwrap().to_owned(),
    ] {
        let mut command: Command = town.expacti("bot");
        command.env("PATH", format!("{path}:/usr/bin:/bin"));
        let ran: Ran = command.args(["run", "--no-wait", "-c", "tr again b"]).output().unwrap().into();
        assert_eq!((ran.status, marks.exists()), (122, false), "{path}: {}{}", ran.out, ran.err);
        let id = ran.out.split_whitespace().next().unwrap();
        let card = town.run("alice", &["show", id]).expect(0).out;
        assert!(card.contains("the variable `PATH`"), "{path}: {card}");
    }
}

/// What a policy lets run unasked is the system's program of that name; one's own never is, whatever text or program starts it.
#[test]
fn no_program_of_ones_own_runs_unasked_under_an_allowed_name() {
    let town = found();
    let marks = town.path("marks");
    let own = town.marking_program("tr");
    let (work, away) = (town.work(), town.path("away"));
    fs::create_dir(&away).unwrap();
    for place in [&work, &away] {
        tool(Command::new("cp").arg(&own).arg(place.join("tr")));
    }
    let bin = format!("{}:/usr/bin:/bin", town.bin().display());
    let (own, away) = (own.display(), away.display());
    for (path, text) in [
        // On PATH, in the work directory, by a path; also past a wrapper, in a list, in what cannot run twice.
        (bin.as_str(), "tr a b".to_owned()),
        (&bin, "echo x | tr a b".to_owned()),
        (&bin, "env tr a b".to_owned()),
        (&bin, "sh -c 'tr a b'".to_owned()),
        ("/usr/bin:/bin", "./tr a b".to_owned()),
        ("/usr/bin:/bin", format!("{own} a b")),
        ("/usr/bin:/bin", format!("/usr/bin/../..{own} a b")),
        ("/usr/bin:/bin", format!("cd {away} && ./tr a b")),
        ("/usr/bin:/bin", "echo x | xargs ./tr a".to_owned()),
    ] {
        let mut command: Command = town.expacti("bot");
        let ran: Ran = command.env("PATH", path).args(["run", "--no-wait", "-c", &text]).output().unwrap().into();
        // No policy is left that it matches, or one that asks somebody.
        assert!(matches!(ran.status, 120 | 122) && !marks.exists(), "{text}: {} {}{}", ran.status, ran.out, ran.err);
    }
    // The system's own does, by either name.
    for text in ["echo ab | tr a b", "echo ab | /usr/bin/tr a b", "echo ab | env tr a b"] {
        let mut command: Command = town.expacti("bot");
        let ran: Ran = command.env("PATH", "/usr/bin:/bin").args(["run", "-c", text]).output().unwrap().into();
        assert_eq!((ran.status, ran.out.as_str()), (0, "bb\n"), "{text}: {}", ran.err);
    }
    // One that nobody can read cannot be bound either: then it must not take part.
    let hidden = town.bin().join("tr");
    fs::remove_file(&hidden).unwrap();
    std::os::unix::fs::symlink("/proc/self/exe", &hidden).unwrap();
    let mut command: Command = town.expacti("bot");
    let ran: Ran = command.env("PATH", &bin).args(["run", "--no-wait", "-c", "tr a b"]).output().unwrap().into();
    assert_eq!(ran.status, 125, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("outside the trusted path and cannot be bound"), "{}", ran.err);
}

/// Where every policy lets things run unasked, "every policy" would ask nobody about what cannot be seen.
#[test]
fn what_cannot_be_taken_apart_never_runs_unasked() {
    let policy = "
[[approval_policies]]
name = \"unasked\"
pattern = [\"bash -c *\", \"echo *\", \"tr *\", \"hash *\", \"export *\", \"shopt *\", \"alias *\"]
requirement = \"allow\"
";
    let town = Town::found(policy, &cast().agent("bot"));
    town.set_clock();
    let marks = town.path("marks");
    tool(Command::new("cp").arg(town.marking_program("tr")).arg(town.work().join("tr")));
    fs::remove_file(town.bin().join("tr")).unwrap();
    let run = |text: &str| -> Ran {
        let mut command: Command = town.expacti("bot");
        command.env("PATH", "/usr/bin:/bin").args(["run", "--shell", "bash", "-c", text]).output().unwrap().into()
    };
    for text in [
        "PATH=.:$PATH; tr a b",
        "export PATH=.; tr a b",
        "hash -p ./tr tr; tr a b",
        "tr() { ./tr; }; tr a b",
        "shopt -s expand_aliases\nalias tr=./tr\ntr a b",
        "echo ${PATH:=.}; tr a b",
    ] {
        let ran = run(text);
        assert_eq!((ran.status, marks.exists()), (120, false), "{text}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("cannot be taken apart") && ran.err.contains("no policy asks anyone"), "{}", ran.err);
    }
    assert_eq!(run("echo ab | tr a b").out, "bb\n");
}
