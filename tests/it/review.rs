//! The reviewer's side: the card, the walk through the queue, and the time it took.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use expacti::domain::id::Digest;
use expacti::world::Terminal;
use expacti::world::console::Console;

use crate::support::{Heard, Ran, Town, cast, play};

const POLICY: &str = "
[[approval_policies]]
name = \"soon\"
pattern = \"soon*\"
requirement = \"any_of\"
reviewers = [\"dba\"]
timeout = \"10m\"
[[approval_policies]]
name = \"careful\"
pattern = \"careful*\"
requirement = \"any_of\"
reviewers = [\"dba\"]
require_comment = true
min_review_time = \"20s\"
questions = { dba = \"Will it lock the table?\" }
[[approval_policies]]
name = \"jobs\"
pattern = [\"job*\", \"sh *\"]
requirement = \"any_of\"
reviewers = [\"dba\"]
min_approvals = 2
timeout = \"1h\"
";

fn found() -> Town {
    let people = cast().people(&["alice", "bob"]).group("dba", &["alice", "bob"]).agent("bot");
    let town = Town::found(POLICY, &people);
    for name in ["soon", "careful", "job"] {
        town.marking_program(name);
    }
    town
}

fn review(town: &Town, answers: &[&str]) -> Ran {
    town.run_at_terminal("alice", answers, &["review"])
}

/// The decisions on a request, as `show` has them.
fn decisions(town: &Town, id: &str) -> Vec<serde_json::Value> {
    town.status(id)["decisions"].as_array().unwrap().clone()
}

#[test]
fn what_ends_first_comes_first_and_each_card_is_one_decision() {
    let town = found();
    let (late, soon, other) = (town.ask("bot", &["job"]), town.ask("bot", &["soon"]), town.ask("bot", &["job", "x"]));
    let ran = review(&town, &["what?", "a", "", "d", "locks at peak time", "job --dry-run", "s"]).expect(0);
    let at = |id: &str| ran.err.find(&format!("request  {id}")).unwrap_or_else(|| panic!("{id}: {}", ran.err));
    assert!(at(&soon) < at(&late) && at(&soon) < at(&other), "{}", ran.err);
    let (first, second) = if at(&late) < at(&other) { (&late, &other) } else { (&other, &late) };
    assert_eq!(town.state(&soon), "approved");
    assert_eq!(town.state(first), "denied");
    assert_eq!(decisions(&town, first)[0]["suggest"], "job --dry-run");
    assert_eq!(decisions(&town, first)[0]["comment"], "locks at peak time");
    assert_eq!((town.state(second), decisions(&town, second).len()), ("pending".to_owned(), 0));
    ran.says("2 decided, 1 left as they are");
}

#[test]
fn an_answer_that_is_none_decides_nothing() {
    let town = found();
    let id = town.ask("bot", &["job"]);
    let before = town.refs();
    // Enter, a word, a denial without its reason, a person who leaves, one who quits.
    for answers in [&["", "y", "yes", "approve it", "d", "", "s"][..], &[], &["q"], &["a"], &["d", "no"]] {
        review(&town, answers).expect(0);
        assert_eq!(town.refs(), before, "{answers:?}");
    }
    assert_eq!(decisions(&town, &id).len(), 0);
}

#[test]
fn what_is_left_is_counted_however_it_ends() {
    let town = found();
    for n in ["1", "2", "3"] {
        town.ask("bot", &["job", n]);
    }
    // Quit, left at the menu, left at a question; the last leaves nothing behind.
    for (answers, said) in [
        (&["q"][..], "0 decided, 1 left as they are, 2 not looked at"),
        (&["s"], "0 decided, 2 left as they are, 1 not looked at"),
        (&["a"], "0 decided, 1 left as they are, 2 not looked at"),
        (&["a", "looked", "q"], "1 decided, 1 left as they are, 1 not looked at"),
        (&["s", "s", "n"], "0 decided, 2 left as they are\n"),
    ] {
        review(&town, answers).expect(0).says(said);
    }
}

#[test]
fn an_approval_is_taken_back_by_a_denial() {
    let town = found();
    let id = town.ask("bot", &["job"]);
    // What was approved just now is not asked about again.
    review(&town, &["a", "looked", "y", "d", "no"]).expect(0);
    assert_eq!(town.state(&id), "pending");
    review(&town, &["n"]).expect(0).says("nothing waits for you").says("1 that you approved may still run");
    review(&town, &["y", "a", "d", "thought again", ""]).expect(0);
    assert_eq!(town.state(&id), "denied");
    review(&town, &[]).expect(0).says("nothing waits for you");
}

#[test]
fn off_a_terminal_it_says_what_to_use() {
    let town = found();
    town.run("alice", &["review"]).expect(2).says("expacti pending --json");
}

/// Does something when a question is asked, then answers.
#[derive(Clone)]
struct Meanwhile(Heard, Arc<Mutex<VecDeque<Answer>>>);

type Answer = (&'static str, Box<dyn FnOnce() + Send>);

impl std::fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meanwhile")
    }
}

impl Console for Meanwhile {
    fn say(&self, line: &str) {
        self.0.say(line);
    }

    fn progress(&self, _line: &str) {}

    fn ask(&self, question: &str) -> io::Result<Option<String>> {
        self.say(question);
        let next = self.1.lock().unwrap().pop_front();
        Ok(next.map(|(answer, meanwhile)| {
            meanwhile();
            answer.to_owned()
        }))
    }
}

fn review_meanwhile(town: &Town, answers: Vec<Answer>) -> Ran {
    town.member("alice");
    let (mut world, heard) = town.world("alice");
    world.terminal = Terminal { stdin: true, stdout: false, stderr: true };
    world.console = std::rc::Rc::new(Meanwhile(heard.clone(), Arc::new(Mutex::new(answers.into()))));
    play(&world, &heard, &["review"])
}

fn nothing() -> Box<dyn FnOnce() + Send> {
    Box::new(|| {})
}

#[test]
fn what_arrives_waits_until_the_card_is_done_with() {
    let town = found();
    let first = town.ask("bot", &["job"]);
    let other = town.clone();
    let arrives = Box::new(move || drop(other.ask("bot", &["soon"])));
    let ran = review_meanwhile(&town, vec![("a", arrives), ("", nothing()), ("s", nothing())]).expect(0);
    assert_eq!(decisions(&town, &first).len(), 1, "{}", ran.err);
    // More urgent than the first, and yet after it.
    let (job, soon) = (ran.err.find("command  job").unwrap(), ran.err.find("command  soon").unwrap());
    assert!(job < soon, "{}", ran.err);
}

#[test]
fn what_ended_while_its_card_lay_there_is_told_and_not_signed() {
    let town = found();
    let id = town.ask("bot", &["job"]);
    let (other, gone) = (town.clone(), id.clone());
    let ends = Box::new(move || drop(other.run("bot", &["cancel", &gone]).expect(0)));
    review_meanwhile(&town, vec![("a", ends), ("", nothing())]).expect(0).says("has ended");
    assert_eq!((town.state(&id), decisions(&town, &id).len()), ("withdrawn".to_owned(), 0));
}

#[test]
fn a_decision_names_the_card_that_was_shown() {
    let town = found();
    let id = town.ask("bot", &["careful"]);
    let shown = || town.run("alice", &["show", &id]).expect(0).out;
    let text = shown();
    // Neither time nor the screen changes it.
    town.pass(61);
    assert_eq!(shown(), text);
    let card = text.split("=== ").next().unwrap();
    assert!(card.contains("asks you  Will it lock the table? (as dba)"), "{card}");
    // Another person's asks them nothing.
    let others = town.run("ada", &["show", &id]).expect(0).out;
    assert!(!others.contains("asks you"), "{others}");
    let ran = review(&town, &["a", "looked", "no, it is online"]).expect(0);
    assert!(ran.err.contains(card), "{}\n{card}", ran.err);
    let tip = format!("refs/heads/requests/{id}");
    let file = town.git(&["ls-tree", "-r", "--name-only", &tip]);
    let file = file.lines().find(|line| line.contains("/decisions/") && line.ends_with(".toml")).unwrap();
    let decision = town.git(&["show", &format!("{tip}:{file}")]);
    assert!(decision.contains(&Digest::of(card.as_bytes()).to_string()), "{decision}\n{card}");
    assert_eq!(decisions(&town, &id)[0]["answers"][0][1], "no, it is online");
    assert_eq!(decisions(&town, &id)[0]["review_seconds"], 61);
}

#[test]
fn what_is_too_fast_is_told_before_it_is_signed() {
    let town = found();
    let id = town.ask("bot", &["careful"]);
    let before = town.refs();
    // Given up, then waited for.
    review(&town, &["a", "looked", "no", "n", "s"]).expect(0).says("20 s to go").says("nothing signed");
    assert_eq!(town.refs(), before);
    town.pass(8);
    let ran = review(&town, &["a", "looked", "no", ""]).expect(0).says("12 s to go");
    assert_eq!(town.state(&id), "approved", "{}", ran.err);
    assert_eq!(decisions(&town, &id)[0]["review_seconds"], 20);
}

#[test]
fn with_yes_it_is_refused_with_the_time_that_is_left() {
    let town = found();
    let id = town.ask("bot", &["careful"]);
    let approve = || town.run("alice", &["--json", "approve", "--yes", "-m", "x", "--answer", "dba=no", &id]);
    // Nothing was shown before: it is now, and can be said again.
    let ran = approve().expect(1);
    assert_eq!(ran.json()[0]["wait_seconds"], 20);
    assert!(ran.err.contains("careful"), "the card is shown: {}", ran.err);
    town.pass(19);
    assert_eq!(approve().expect(1).json()[0]["wait_seconds"], 1);
    town.pass(1);
    approve().expect(0);
    assert_eq!(decisions(&town, &id)[0]["review_seconds"], 20);
}

#[test]
fn what_must_be_said_is_asked_for() {
    let town = found();
    let id = town.ask("bot", &["careful"]);
    town.run("alice", &["show", &id]).expect(0);
    town.pass(60);
    // No comment: asked for, and given up.
    review(&town, &["a", "", "no", "", "s"]).expect(0).says("the policy asks for one");
    assert_eq!(decisions(&town, &id).len(), 0);
    town.run_at_terminal("alice", &["y", "no", "looked at the plan"], &["approve", &id]).expect(0);
    assert_eq!(decisions(&town, &id)[0]["comment"], "looked at the plan");
}

/// Seconds that a decision would state after 3 s of looking, whatever is done to the wall clock meanwhile.
#[test]
fn a_wall_clock_that_is_set_neither_helps_nor_hurts() {
    for (skew, boots) in [(0, false), (60, false), (-200, false), (200, true)] {
        let town = found();
        let id = town.ask("bot", &["careful"]);
        town.run("alice", &["show", &id]).expect(0);
        if boots {
            town.reboot();
        }
        town.skew(skew);
        town.pass(3);
        let approve = || town.run("alice", &["--json", "approve", "--yes", "-m", "x", "--answer", "dba=no", &id]);
        assert_eq!(approve().expect(1).json()[0]["wait_seconds"], 17, "{skew} {boots}");
        town.pass(17);
        approve().expect(0);
        assert_eq!(decisions(&town, &id)[0]["review_seconds"], 20, "{skew} {boots}");
    }
}

#[test]
fn a_damaged_note_costs_time_and_not_the_decision() {
    let town = found();
    let id = town.ask("bot", &["careful"]);
    town.run("alice", &["show", &id]).expect(0);
    town.pass(60);
    let note = crate::support::snapshot(&town.home("alice"))
        .into_keys()
        .find(|path| path.ends_with(format!("shown/{id}")))
        .unwrap();
    std::fs::write(&note, "2000-01-01T00:00:00Z soon").unwrap();
    let approve = || town.run("alice", &["--json", "approve", "--yes", "-m", "x", "--answer", "dba=no", &id]);
    assert_eq!(approve().expect(1).json()[0]["wait_seconds"], 20);
    town.pass(20);
    approve().expect(0);
}

#[test]
fn several_ids_are_exactly_those() {
    let town = found();
    let ids: Vec<String> = ["1", "2", "3"].iter().map(|n| town.ask("bot", &["job", n])).collect();
    town.run("alice", &["approve", "--yes", &ids[0], &ids[2]]).expect(0);
    let counts: Vec<usize> = ids.iter().map(|id| decisions(&town, id).len()).collect();
    assert_eq!(counts, [1, 0, 1]);
    // One of them has ended: the other is decided, and the status says no.
    town.run("bot", &["cancel", &ids[0]]).expect(0);
    town.run("bob", &["approve", "--yes", &ids[0], &ids[1]]).expect(1).says("has ended");
    let counts: Vec<usize> = ids.iter().map(|id| decisions(&town, id).len()).collect();
    assert_eq!(counts, [1, 1, 1]);
    town.run_at_terminal("bob", &["y", "n"], &["approve", &ids[2], &ids[1]]).expect(1).says("nothing signed");
}

#[test]
fn the_card_stands_beside_the_last_run_and_the_denied_one() {
    let town = found();
    let id = town.ask("bot", &["soon", "--env", "staging"]);
    town.approve("alice", &id).expect(0);
    town.resume("bot", &id).expect(0);
    let show = |id: &str| town.run("alice", &["show", id]).expect(0).out;
    let again = town.ask("bot", &["soon", "--env", "staging"]);
    assert!(show(&again).contains("(executed): nothing differs\n"), "{}", show(&again));
    town.program("soon", "echo other");
    let next = town.ask("bot", &["soon", "--env", "prod"]);
    let card = show(&next);
    for line in
        ["CHANGED  since the last run, ", "            - staging\n", "            + prod\n", "            * program\n"]
    {
        assert!(card.contains(line), "`{line}`: {card}");
    }
    town.deny("alice", &next).expect(0);
    let retry = town.ask("bot", &["soon", "--env", "prod", "--now"]);
    let card = show(&retry);
    for line in [
        "LOOK  asks again, perhaps in other words, for what was denied",
        "            | soon --env prod\n",
        "= alice said no:\n            | not today\n",
    ] {
        assert!(card.contains(line), "`{line}`: {card}");
    }
    let json = town.run("alice", &["--json", "show", &retry]).expect(0).json();
    assert_eq!((&json["you"], &json["denial"]["reviewer"]), (&"alice".into(), &"alice".into()));
    assert_eq!(json["since"]["words"][0]["change"], "same");
}

/// Lines of a card on a screen of 24, beside the header above it and the question below it; one is for a long path.
const CARD: usize = 22 - 1;

#[test]
fn an_ordinary_card_fits_a_screen() {
    // A town's clock starts on a Sunday at 09:00.
    for (hour, after) in [("Sunday 09:00", 0), ("Monday 02:00", 17), ("Tuesday 14:00", 53), ("Sunday 02:00", 161)] {
        let town = found();
        town.pass(after * 3_600);
        town.ask("bot", &["soon"]);
        let id = town.ask("bot", &["sh", "-c", "job && careful"]);
        town.run("bob", &["show", &id]).expect(0);
        town.run("bob", &["approve", "--yes", "-m", "fine with me", &id]).expect(0);
        let text = town.run("alice", &["show", &id]).expect(0).out;
        let card = text.split("=== ").next().unwrap();
        // Where a line goes on is a matter of where this checkout lies.
        let lines = card.lines().filter(|line| !line.is_empty() && !line.starts_with(&" ".repeat(14))).count();
        assert!(lines <= CARD, "{hour}: {lines} lines\n{card}");
    }
}

#[test]
fn the_pager_gets_harmless_text_and_no_variable_that_runs_programs() {
    let town = found();
    town.ask("bot", &["sh", "-c", "job #\u{1b}[2J\u{202e}"]);
    let (seen, knows) = (town.path("seen"), town.path("knows"));
    town.program("reader", &format!("cat > '{}'; env > '{}'", seen.display(), knows.display()));
    town.member("alice");
    let (mut world, heard) = town.world("alice");
    for (name, value) in
        [("PAGER", "reader -R"), ("LESSOPEN", "|touch x"), ("LESS", "-o x"), ("LESSKEYIN", "x"), ("TERM", "xterm")]
    {
        world.env.insert(name.into(), value.into());
    }
    world.terminal = Terminal { stdin: true, stdout: false, stderr: true };
    let answers: Vec<Answer> = vec![("o", nothing()), ("q", nothing())];
    world.console = std::rc::Rc::new(Meanwhile(heard.clone(), Arc::new(Mutex::new(answers.into()))));
    play(&world, &heard, &["review"]).expect(0);
    let text = std::fs::read_to_string(seen).unwrap();
    assert!(text.contains("=== what is bound") && text.contains("\\u{1b}[2J\\u{202e}"), "{text}");
    assert!(!text.contains('\x1b'));
    let knows = std::fs::read_to_string(knows).unwrap();
    assert!(knows.contains("LESSSECURE=1\n") && knows.contains("TERM=xterm\n"), "{knows}");
    for name in ["LESSOPEN", "LESS=", "LESSKEYIN", "HOME", "EXPACTI"] {
        assert!(!knows.contains(name), "{name}: {knows}");
    }
    // None there: said, and the card is still there to be decided.
    world.env.insert("PAGER".into(), "no-such-pager".into());
    let answers: Vec<Answer> = vec![("o", nothing()), ("q", nothing())];
    world.console = std::rc::Rc::new(Meanwhile(heard.clone(), Arc::new(Mutex::new(answers.into()))));
    play(&world, &heard, &["review"]).expect(0).says("no pager `no-such-pager`");
}

/// The real program in a terminal of its own.
struct Screen {
    child: std::process::Child,
    keys: std::fs::File,
    seen: String,
}

impl Screen {
    fn open(town: &Town, args: &[&str]) -> Self {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
        let theirs: OwnedFd = std::fs::File::options().read(true).write(true).open(name).unwrap().into();
        town.member("alice");
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).arg(assert_cmd::cargo::cargo_bin!("expacti")).args(args);
        command.env_clear().envs(town.env("alice")).env("TERM", "xterm").current_dir(town.work());
        let end = |fd: &OwnedFd| Stdio::from(fd.try_clone().unwrap());
        command.stdin(end(&theirs)).stdout(end(&theirs)).stderr(end(&theirs));
        Self { child: command.spawn().unwrap(), keys: ours.into(), seen: String::new() }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads until the text is there, or everybody has left; at most a minute for a busy machine.
    fn until(&mut self, text: &str) {
        let from = self.seen.len();
        while !self.seen[from..].contains(text) {
            let mut fds = [rustix::event::PollFd::new(&self.keys, rustix::event::PollFlags::IN)];
            let minute = rustix::time::Timespec { tv_sec: 60, tv_nsec: 0 };
            assert!(rustix::event::poll(&mut fds, Some(&minute)).unwrap() > 0, "no `{text}` in {}", self.seen);
            let mut buffer = [0; 4096];
            match self.keys.read(&mut buffer) {
                Ok(read) if read > 0 => self.seen.push_str(&String::from_utf8_lossy(&buffer[..read])),
                _ => panic!("no `{text}` before the end in {}", self.seen),
            }
        }
    }

    fn left(mut self) -> (Option<i32>, String) {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = self.keys.read(&mut buffer) {
            self.seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
        (self.child.wait().unwrap().code(), self.seen)
    }
}

#[test]
fn in_a_terminal_nothing_typed_ahead_counts_and_ctrl_c_leaves() {
    let town = found();
    town.set_clock();
    let id = town.ask("bot", &["soon"]);
    let other = town.ask("bot", &["job"]);
    let before = town.refs();
    let mut screen = Screen::open(&town, &["review"]);
    let mode = rustix::termios::tcgetattr(screen.keys.as_fd()).unwrap();
    // Before anything was shown.
    screen.press("a\nlooked\n");
    screen.until("q quit:");
    assert!(screen.seen.contains("\x1b["), "colour: {}", screen.seen);
    screen.press("?\n");
    screen.until("q quit:");
    screen.press("\x03");
    let after = rustix::termios::tcgetattr(screen.keys.as_fd()).unwrap();
    assert_eq!((mode.local_modes, mode.input_modes), (after.local_modes, after.input_modes));
    let (status, seen) = screen.left();
    assert_eq!(status, Some(130), "{seen}");
    assert!(seen.contains("interrupted; 0 decided, 1 left as they are, 1 not looked at"), "{seen}");
    assert_eq!(town.refs(), before, "{seen}");
    town.run("bot", &["cancel", &other]).expect(0);
    let mut screen = Screen::open(&town, &["review"]);
    screen.until("q quit:");
    screen.press("a\n");
    screen.until("(Enter for no comment)");
    screen.press("read it\n");
    let (status, seen) = screen.left();
    assert_eq!(status, Some(0), "{seen}");
    assert_eq!(decisions(&town, &id)[0]["comment"], "read it");
}
