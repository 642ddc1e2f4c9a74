//! What was approved and what is there: every way in which they can part, before the claim and after it.

use std::ffi::OsString;
use std::fs;
use std::process::Command;

use expacti::world::World;

use crate::support::{Heard, Ran, Town, cast, play, tool};

const POLICY: &str = "
[environment]
pass = [\"TARGET\"]

[[approval_policies]]
name = \"bound\"
pattern = \"load *\"
requirement = \"any_of\"
reviewers = [\"alice\"]
bind = [\"*.csv\", \"Makefile\"]

[[approval_policies]]
name = \"any\"
pattern = \"*\"
requirement = \"any_of\"
reviewers = [\"alice\"]
";

/// What lies there when it is asked for; `$W` is the working directory, `$B` the directory of programs.
///
/// `early` stands before `$B` in PATH. `reader` is a program of its own, for `#!` lines.
const BEFORE: &str = r##"
rm -rf "$W" "$B"; mkdir -p "$W/below" "$B/early" "$B/v1" "$B/v2"; cd "$W"
mark() { printf '#!/bin/sh\necho ran >> "%s"\n' "$M" > "$1"; chmod 755 "$1"; }
mark "$B/job"; mark "$B/load"; mark "$B/v1/kept"; mark "$B/v2/kept"
ln -s v1/kept "$B/linked"; ln -s v1 "$B/version"
cp "$(command -v sh)" "$B/reader"; cp "$B/reader" "$B/copy"; chmod 755 "$B/reader" "$B/copy"
printf '#!%s\necho ran >> "%s"\n' "$B/reader" "$M" > "$B/read"; chmod 755 "$B/read"
printf '#!/usr/bin/env reader\necho ran >> "%s"\n' "$M" > "$B/found"; chmod 755 "$B/found"
mark script.sh; printf '1,2\n' > data.csv; printf 'all:\n' > Makefile; mark below/tool
git init -q .; git add .; git commit -qm one
"##;

struct Row {
    command: &'static [&'static str],
    below: bool,
    field: &'static str,
    change: &'static str,
}

const fn row(command: &'static [&'static str], field: &'static str, change: &'static str) -> Row {
    Row { command, below: false, field, change }
}

const ROWS: &[Row] = &[
    row(&["job"], "program", "printf '#!/bin/sh\\necho evil\\n' > $B/new; chmod 755 $B/new; mv $B/new $B/job"),
    row(&["job"], "program", "printf '#!/bin/sh\\necho evil\\n' > $B/job"),
    row(&["job"], "program", "ln $B/job other; echo echo evil >> other; mv other below"),
    row(&["job"], "`job` was not found", "rm $B/job"),
    row(&["job"], "cannot be executed", "chmod 644 $B/job"),
    row(&["job"], "cannot be executed", "rm $B/job; mkdir $B/job"),
    row(&["job"], "cannot be executed", "rm $B/job; mkfifo $B/job"),
    row(&["job"], "program path", "cp $B/job $B/early/job"),
    row(&["job"], "symbolic links of the program", "mv $B/job $B/v1/job; ln -s v1/job $B/job"),
    row(&["linked"], "symbolic links of the program", "ln -sfn v2/kept $B/linked"),
    row(&["linked"], "a symlink to nothing", "ln -sfn nowhere $B/linked"),
    row(&["linked"], "symlinks run in a circle", "ln -sfn linked $B/linked"),
    row(&["version/kept"], "not found", "rm $B/version"),
    row(&["copy", "-c", "echo ran >> $M"], "how the program is pinned", "chmod 757 $B/copy"),
    row(&["read"], "interpreter", "printf x >> $B/reader"),
    row(&["found"], "interpreter", "printf x >> $B/reader"),
    row(&["found"], "interpreter", "cp $B/reader $B/early/reader"),
    row(&["found"], "`reader` was not found", "rm $B/reader"),
    row(&["sh", "script.sh"], "operand file script.sh", "echo echo evil >> script.sh"),
    row(&["sh", "script.sh"], "operand file script.sh", "rm script.sh"),
    row(&["sh", "script.sh"], "script.sh` cannot be bound", "rm script.sh; mkfifo script.sh"),
    row(&["sh", "./below/../script.sh"], "operand file ./below/../script.sh", "mv below elsewhere"),
    row(&["sh", "-c", "./script.sh | cat"], "operand file ./script.sh", "echo echo evil >> script.sh"),
    row(&["sh", "-c", "./script.sh | cat"], "./script.sh", "rm script.sh"),
    row(&["sh", "-c", "./script.sh | cat"], "/early/cat", "cp $B/job $B/early/cat"),
    row(&["sh", "-c", "job && true"], "/job", "echo echo evil >> $B/job"),
    row(&["sh", "-c", "job && true"], "/early/job", "cp $B/job $B/early/job"),
    row(&["sh", "-c", "$B/read && true"], "/reader", "printf x >> $B/reader"),
    row(&["sh", "-c", "found && true"], "/reader", "printf x >> $B/reader"),
    row(&["sh", "-c", "found && true"], "/early/reader", "cp $B/reader $B/early/reader"),
    row(&["env", "A=1", "job"], "/early/job", "cp $B/job $B/early/job"),
    row(&["load", "data.csv"], "operand file data.csv", "echo 3,4 >> data.csv"),
    row(&["load", "data.csv"], "operand file data.csv", "ln -sf /etc/passwd data.csv"),
    row(&["load", "data.csv"], "Makefile", "echo evil: >> Makefile"),
    row(&["load", "data.csv"], "Makefile", "rm Makefile"),
    row(&["load", "data.csv"], "Makefile", "rm Makefile; mkfifo Makefile"),
    row(&["load", "data.csv"], "Makefile", "rm Makefile; ln -s /dev/zero Makefile"),
    row(&["job", "new"], "unpinned operands", "echo x > new"),
    row(&["job"], "work tree", "echo x > untracked"),
    row(&["job"], "work tree", "git commit -q --allow-empty -m two"),
    row(&["job"], "work tree", "rm -rf .git"),
    Row { command: &["./tool"], below: true, field: "was not found", change: "mv below elsewhere" },
    Row { command: &["job"], below: true, field: "working directory", change: "mv below elsewhere" },
    Row {
        command: &["job"],
        below: true,
        field: "working directory",
        change: "mv below elsewhere; ln -s elsewhere below",
    },
    Row { command: &["job"], below: true, field: "working directory", change: "rm -r below; echo > below" },
];

struct Place {
    town: Town,
    variables: Vec<(&'static str, OsString)>,
}

impl Place {
    fn new() -> Self {
        let town = Town::found(POLICY, &cast().person("alice").agent("bot"));
        let (bin, work) = (town.bin(), town.work());
        let bindable = !bin.starts_with("/proc");
        assert!(bindable, "what shell text starts below /tmp is never bound: check this repository out elsewhere");
        let mut variables = vec![("W", work.into()), ("B", bin.into()), ("M", town.path("marks").into())];
        // The same commit whenever it is made.
        for name in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
            variables.push((name, "2026-01-01T00:00:00Z".into()));
        }
        for name in ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"] {
            variables.push((name, "a".into()));
        }
        variables.push(("K", town.path("kept").into()));
        let place = Self { town, variables };
        place.play(&format!("{BEFORE}\nmkdir \"$K\"; cp -a \"$W\" \"$K/work\"; cp -a \"$B\" \"$K/bin\""));
        place
    }

    /// Another process does it, as the agent would.
    fn play(&self, script: &str) {
        let variables = self.variables.iter().cloned();
        tool(Command::new("sh").args(["-euc", &format!("cd /\n{script}")]).envs(variables).current_dir("/"));
    }

    /// Puts everything back as it was.
    fn before(&self) {
        self.play("rm -rf \"$W\" \"$B\"; cp -a \"$K/work\" \"$W\"; cp -a \"$K/bin\" \"$B\"");
    }

    fn world(&self, row: &Row) -> (World, Heard) {
        self.town.member("bot");
        let (mut world, heard) = self.town.world("bot");
        let path = world.env.get_mut(std::ffi::OsStr::new("PATH")).unwrap();
        let dirs = [self.town.bin().join("early"), self.town.bin()].into_iter();
        *path = std::env::join_paths(dirs.chain(std::env::split_paths(&path.clone()))).unwrap();
        world.cwd = if row.below { self.town.work().join("below") } else { self.town.work() };
        (world, heard)
    }

    fn command(&self, row: &Row) -> Vec<String> {
        let marks = self.town.path("marks").to_str().unwrap().to_owned();
        let bin = self.town.bin().to_str().unwrap().to_owned();
        row.command
            .iter()
            .map(|word| word.replace("$M", &marks).replace("$B", &bin))
            .map(|word| self.name(&word))
            .collect()
    }

    /// `version/kept` lies among the programs.
    fn name(&self, word: &str) -> String {
        match word {
            "version/kept" => self.town.bin().join(word).to_str().unwrap().to_owned(),
            word => word.to_owned(),
        }
    }

    fn approved(&self, row: &Row) -> String {
        let (world, heard) = self.world(row);
        let command = self.command(row);
        let mut line = vec!["run", "--no-wait", "--"];
        line.extend(command.iter().map(String::as_str));
        let ran = play(&world, &heard, &line).expect(122);
        let id = ran.out.split_whitespace().next().unwrap().to_owned();
        self.town.approve("alice", &id).expect(0);
        id
    }

    fn resume(&self, row: &Row, id: &str) -> Ran {
        let (world, heard) = self.world(row);
        play(&world, &heard, &["resume", "--wait", "0s", id])
    }
}

#[test]
fn what_changed_before_the_claim_is_named_and_spends_nothing() {
    let place = Place::new();
    for rows in ROWS.chunk_by(|one, other| (one.command, one.below) == (other.command, other.below)) {
        let marks = place.town.marks();
        place.before();
        let id = place.approved(&rows[0]);
        for row in rows {
            place.play(&format!("cd \"$W\"; {}", row.change));
            place.resume(row, &id).expect(121).says(row.field);
            assert_eq!(place.town.marks(), marks, "{}", row.change);
            place.before();
        }
        place.resume(&rows[0], &id).expect(0);
        assert_eq!(place.town.marks(), marks + 1, "{:?}", rows[0].command);
    }
}

#[test]
fn what_changed_after_the_claim_spends_the_approval_and_does_not_run() {
    let place = Place::new();
    let hook = std::path::Path::new(&place.town.url()).join("hooks/post-receive");
    let mut ended = Vec::new();
    // Every field once; what can no longer be bound at all is one of them.
    let mut fields = std::collections::BTreeSet::new();
    let once = |row: &&Row| fields.insert(if row.field.contains("be bound") { "" } else { row.field });
    let is_field = |row: &&Row| !["be executed", "found", "symlink"].iter().any(|word| row.field.contains(word));
    for row in ROWS.iter().filter(is_field).filter(once) {
        place.before();
        let id = place.approved(row);
        // Right when the claim has landed, before its runner has seen it there.
        let exports: String = place
            .variables
            .iter()
            .map(|(name, value)| format!("export {name}='{}'\n", value.to_str().unwrap()))
            .collect();
        let script = format!(
            "#!/bin/sh\ngrep -q ' refs/heads/main$' || exit 0\nrm \"$0\"\nunset $(git rev-parse --local-env-vars)\n{exports}cd \"$W\"\n{}\n",
            row.change
        );
        let text = place.town.path("hook");
        fs::write(&text, script).unwrap();
        tool(Command::new("install").args(["-m", "755"]).args([&text, &hook]));
        place.resume(row, &id).expect(121).says(row.field).says("spent");
        assert!(!hook.exists(), "the change was not made: {}", row.change);
        assert_eq!(place.town.marks(), 0, "{}", row.change);
        ended.push(id);
    }
    place.before();
    for id in ended {
        place.resume(&ROWS[0], &id).expect(119).says("(not-run)");
    }
    assert_eq!(place.town.marks(), 0);
}

/// The people approved under one policy, and another holds when it is to run.
#[test]
fn a_policy_that_changes_what_is_bound_is_drift_or_asks_again() {
    let anyone = "requirement = \"any_of\"\nreviewers = [\"alice\"]\nbind";
    for (from, to, status, says) in [
        ("pass = [\"TARGET\"]", "pass = [\"TARGET\", \"REGION\"]", 121, "REGION"),
        ("pass = [\"TARGET\"]", "pass = [\"REGION\"]", 121, "TARGET"),
        ("pass = [\"TARGET\"]", "pass = []", 121, "TARGET"),
        ("bind = [\"*.csv\", \"Makefile\"]", "bind = [\"*.csv\", \"Makefile\", \"more\"]", 120, "`more` to be bound"),
        (anyone, "requirement = \"deny\"\nbind", 120, "denies it"),
        (anyone, "requirement = \"any_of\"\nreviewers = [\"bea\"]\nbind", 122, "bea"),
        ("timeout", "timeout", 0, ""),
    ] {
        let people = cast().person("alice").person("bea").agent("bot");
        let town = Town::found(POLICY, &people);
        town.marking_program("load");
        for name in ["data.csv", "Makefile", "more"] {
            fs::write(town.work().join(name), name).unwrap();
        }
        town.member("bot");
        let bot = |line: &[&str]| {
            let (mut world, heard) = town.world("bot");
            world.env.extend([("TARGET".into(), "here".into()), ("REGION".into(), "eu".into())]);
            play(&world, &heard, line)
        };
        let ran = bot(&["run", "--no-wait", "--", "load", "data.csv"]).expect(122);
        let id = ran.out.split_whitespace().next().unwrap().to_owned();
        town.approve("alice", &id).expect(0);
        if from != to {
            let policy = POLICY.replacen(from, to, 1);
            assert_ne!(policy, POLICY, "{from}");
            let drafts = town.write_policy(&policy, &people.toml());
            let made = town.run("ada", &["--json", "policy", "propose", "--from", &drafts]).expect(0).json();
            let digest = made["digest"].as_str().unwrap();
            town.run("ada", &["policy", "diff", digest]).expect(0);
            town.run("ada", &["policy", "sign", "--yes", digest]).expect(0);
        }
        bot(&["resume", "--wait", "0s", &id]).expect(status).says(says);
        assert_eq!(town.marks(), usize::from(status == 0), "{to}");
    }
}
