//! What anybody can write, at any length and with anything in it: bounded, harmless wherever it is shown, and nothing else is lost by it.

use std::fs;

use expacti::domain::shown::is_hidden;

use crate::notify::{Server, configure, keep, reach};
use crate::support::{Ran, Town, cast, play};

const POLICY: &str = "
[[approval_policies]]
name = \"job\"
pattern = [\"job\", \"job *\", \"sh *\", \"*error*\"]
requirement = \"any_of\"
reviewers = [\"alice\", \"bob\", \"carol\"]
min_approvals = 2
timeout = \"1h\"
[[notify.channels]]
name = \"room\"
kind = \"slack\"
";

/// The most bytes of one person's words.
const MOST: usize = 16 << 10;

fn found() -> Town {
    let town = Town::found(POLICY, &cast().people(&["alice", "bob", "carol"]).agent("bot"));
    town.marking_program("job");
    town
}

#[test]
fn a_mebibyte_is_refused_in_words_and_nothing_is_lost() {
    let town = found();
    let id = town.ask("bot", &["job"]);
    let (long, longest) = ("x".repeat(1 << 20), "ü".repeat(MOST / 2));
    let before = town.refs();
    let refused = |ran: Ran, status: u8, what: &str| {
        let ran = ran.expect(status);
        let said = ran.out.clone() + &ran.err;
        assert!(
            said.contains(&format!("{what} has 1048576 bytes, at most 16384 are taken; nothing was written")),
            "{said:.900}"
        );
        assert!(said.len() < 2_000, "{} bytes are said", said.len());
        assert_eq!(town.refs(), before, "{what}");
    };
    let answer = format!("alice={long}");
    refused(town.run("bot", &["run", "--no-wait", "--reason", &long, "--", "job", "1"]), 125, "the reason");
    refused(town.run("bot", &["cancel", "--reason", &long, &id]), 2, "the reason");
    refused(town.run("alice", &["approve", "--yes", "-m", &long, &id]), 2, "the comment");
    refused(town.run("alice", &["approve", "--yes", "--answer", &answer, &id]), 2, "an answer");
    refused(town.run("alice", &["deny", "--yes", "--reason", &long, &id]), 2, "the comment");
    refused(town.run("alice", &["deny", "--yes", "--reason", "x", "--suggest", &long, &id]), 2, "the suggestion");
    // At the card it can be said again.
    let ran = town.run_at_terminal("alice", &["a", &long, "a", "short enough"], &["review"]).expect(0);
    assert!(ran.err.contains("nothing signed: the comment has 1048576 bytes"), "{}", ran.err);
    assert_eq!(town.status(&id)["decisions"][0]["comment"], "short enough");

    // As much as a record takes is kept whole, and the card says where the rest stands.
    let asked = town.run("bot", &["run", "--no-wait", "--reason", &longest, "--", "job", "2"]).expect(122);
    let id = asked.out.trim();
    town.run("alice", &["approve", "--yes", "-m", &longest, id]).expect(0);
    let report = town.status(id);
    assert_eq!(
        (&report["reason"], &report["decisions"][0]["comment"]),
        (&longest.as_str().into(), &longest.as_str().into())
    );
    let shown = town.run("bob", &["show", id]).expect(0).out;
    let (card, full) = shown.split_once("=== ").unwrap();
    assert_eq!(card.matches("this goes on, 8192 characters in all").count(), 2, "{card}");
    assert!(card.lines().count() < 60, "{card}");
    assert_eq!(full.matches('ü').count(), 2 * MOST / 2, "both stand below the card");
    town.run("bob", &["approve", "--yes", "-m", "read all of it", id]).expect(0);
    town.resume("bot", id).expect(0);
    town.run("ada", &["verify", "--full"]).expect(0);
    assert_eq!(town.marks(), 1);
}

/// What terminals, browsers and CI runners take for their own.
const ODD: &str = "::error::a\n::set-output name=a::b\r##[add-mask]c ##vso[task.setvariable variable=d]e <script>alert(1)</script> \
    <!channel> &amp; \u{202e}f\u{2066} \u{1b}[2J\u{1b}]8;;http://g\u{7} \u{200b}\u{9b}31m ]]> %0A::error::h";

/// Nothing in it steers a terminal, turns text around, or is a command to a runner that prints it.
#[track_caller]
fn harmless(what: &str, text: &str) {
    for line in text.lines() {
        assert!(!line.chars().any(is_hidden), "{what}: {line:?}");
        assert!(!line.trim_start().starts_with("::"), "{what}: {line}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{what}: {line}");
    }
}

#[test]
fn nothing_that_anybody_writes_steers_what_shows_it() {
    let town = found();
    let server = Server::start(&[]);
    let url = keep(&town, "url", &server.url());
    ["bot", "carol"].iter().for_each(|name| configure(&town, name, &reach(&url, "room")));
    // The name of the program too, at the beginning of a line.
    fs::copy("/bin/true", town.bin().join("::error::y")).unwrap();
    // Folded so that a line would begin with it.
    let folded = format!("{}::set-output name=a::b", "x".repeat(65));
    let mut seen = Vec::new();
    let mut say = |what: &str, ran: Ran| {
        harmless(what, &ran.out);
        harmless(what, &ran.err);
        seen.push(ran.out + &ran.err);
    };
    let mut ids = Vec::new();
    for command in [&["job", ODD, &folded][..], &["::error::y", ODD, &folded], &["job", &folded, ODD]] {
        let asked = town.run("bot", &[&["run", "--no-wait", "--reason", ODD, "--"], command].concat()).expect(122);
        ids.push(asked.out.trim().to_owned());
        say("run", asked);
    }
    // A directory, and a file that travels along.
    let (mut world, heard) = town.world("bot");
    world.cwd = town.work().join("##[add-mask]here");
    fs::create_dir(&world.cwd).unwrap();
    fs::write(world.cwd.join("##[group]script"), "##[error]text\n::error::text\n").unwrap();
    let asked = play(&world, &heard, &["run", "--no-wait", "--", "sh", "##[group]script"]).expect(122);
    ids.push(asked.out.trim().to_owned());
    say("run", asked);
    say("watch", town.run("alice", &["watch", "--wait", "0s"]).expect(0));
    for id in &ids {
        say("approve", town.run("alice", &["approve", "--yes", "-m", ODD, id]).expect(0));
        say("show", town.run("bob", &["show", id]).expect(0));
        say("status", town.run("bob", &["status", id]).expect(0));
    }
    say("pending", town.run("bob", &["pending"]).expect(0));
    say("review", town.run_at_terminal("bob", &["a", ODD, "d", ODD, ODD, "s"], &["review"]).expect(0));
    say("deny", town.run("carol", &["deny", "--yes", "--reason", ODD, "--suggest", ODD, &ids[2]]));
    say("cancel", town.run("bot", &["cancel", "--reason", ODD, &ids[1]]));
    for id in &ids {
        say("resume", town.run("bot", &["resume", "--no-wait", id]));
        say("show", town.run("bob", &["show", id]).expect(0));
        say("verify", town.run("ada", &["verify", "--request", id]));
    }
    // A branch with a file of a name like that.
    let other = town.ask("bot", &["job"]);
    let branch = format!("refs/heads/requests/{other}");
    let tree = odd_tree(&town, &branch);
    let words = ["-c", "user.name=m", "-c", "user.email=m@example.org", "commit-tree", &tree, "-p", &branch, "-m", ODD];
    let commit = town.git(&words).trim().to_owned();
    town.git(&["update-ref", &branch, &commit]);
    say("pending", town.run("bob", &["pending"]).expect(0));
    say("show", town.run("bob", &["show", &other]));
    say("verify", town.run("ada", &["verify", "--full"]).expect(0));
    for format in ["sarif", "junit"] {
        say(format, town.run("ada", &["verify", "--format", format]).expect(0));
    }
    let annotations = town.run("ada", &["verify", "--format", "github"]).expect(0).out;
    assert!(annotations.contains("branch-tainted") || annotations.contains("::warning"), "{annotations}");
    for line in annotations.lines() {
        assert!(["::notice ", "::warning "].iter().any(|ours| line.starts_with(ours)), "{line}");
        assert!(!line.chars().any(is_hidden), "{line:?}");
    }
    // It is all there, spelled out.
    assert!(seen.concat().contains("\\u{1b}[2J"), "nothing was shown");
    for post in server.posted() {
        let text = post.json().to_string();
        assert!(!text.chars().any(is_hidden), "{text}");
    }
    assert!(!server.posted().is_empty());
}

/// The branch's tree, with another file in the request's directory.
fn odd_tree(town: &Town, branch: &str) -> String {
    let file = town.path("odd");
    fs::write(&file, "x").unwrap();
    let blob = town.git(&["hash-object", "-w", file.to_str().unwrap()]).trim().to_owned();
    let mut command = std::process::Command::new("sh");
    command.arg("-c").arg("{ git ls-tree -z \"$1\"; printf '100644 blob %s\\t%s\\0' \"$2\" \"$3\"; } | git mktree -z");
    command.args(["sh", branch, &blob, ODD.replace('/', "_").as_str()]).env("GIT_DIR", town.url());
    String::from_utf8(crate::support::tool(&mut command)).unwrap().trim().to_owned()
}
