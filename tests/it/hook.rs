//! A real server with the hook: honest work passes, and what may not be pushed does not get in.
//!
//! The attacks themselves are pushed through it in `attacks/pushed.rs`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::attacks::fixture::{Ground, MAIN, Open, Version, decided};
use crate::attacks::pushed::{Guarded, code_for, install};
use crate::support::{Town, cast};

const POLICY: &str = "
[[approval_policies]]
name = \"job\"
pattern = \"job *\"
requirement = \"any_of\"
reviewers = [\"alice\", \"bob\"]
min_approvals = 2
timeout = \"30m\"
";

fn guarded_town() -> Town {
    let town = Town::found(POLICY, &cast().people(&["alice", "bob"]).agent("bot"));
    town.marking_program("job");
    let output = install(Path::new(&town.url()), &town.root());
    assert!(output.status.success(), "{output:?}");
    town
}

#[test]
fn honest_work_passes() {
    let town = guarded_town();
    // Approved, run, and its branch deleted.
    let id = town.ask("bot", &["job", "one"]);
    town.approve("alice", &id).expect(0);
    town.resume("bot", &id).expect(122);
    town.approve("bob", &id).expect(0);
    town.resume("bot", &id).expect(0);
    assert_eq!((town.state(&id).as_str(), town.marks()), ("executed", 1));
    // Denied, taken back, timed out.
    let denied = town.ask("bot", &["job", "two"]);
    town.approve("alice", &denied).expect(0);
    town.deny("alice", &denied).expect(0);
    town.resume("bot", &denied).expect(120);
    let withdrawn = town.ask("bot", &["job", "three"]);
    town.run("bot", &["cancel", &withdrawn]).expect(0);
    let late = town.ask("bot", &["job", "four"]);
    town.pass(3_600);
    town.run("alice", &["sync"]).expect(0);
    assert_eq!(town.state(&late), "expired");
    assert_eq!(town.branches(), [""; 0]);
    for arguments in [&["verify"][..], &["verify", "--full"]] {
        town.run("ada", arguments).expect(0);
    }
    // Asked twice at once, and while another lands.
    let (one, two) = (town.ask("bot", &["job", "five"]), town.ask("bot", &["job", "six"]));
    for id in [&one, &two] {
        for who in ["alice", "bob"] {
            town.approve(who, id).expect(0);
        }
    }
    for id in [&one, &two] {
        town.resume("bot", id).expect(0);
    }
    assert_eq!(town.marks(), 3);
    // The index may be lost at any time.
    fs::remove_dir_all(Path::new(&town.url()).join("expacti")).unwrap();
    town.ask("bot", &["job", "seven"]);
}

#[test]
fn a_person_is_told_why() {
    let town = guarded_town();
    let id = town.ask("bot", &["job", "one"]);
    let hook = Path::new(&town.url()).join("hooks/pre-receive");
    // Without the program nothing is taken.
    let script = fs::read_to_string(&hook).unwrap();
    fs::write(&hook, script.replace("expacti='", "expacti='/nowhere")).unwrap();
    town.approve("alice", &id).expect(125).says("expacti is not installed on this server, so nothing is taken");
    fs::write(&hook, &script).unwrap();
    // Nor without a pin, nor under another one.
    let config = Path::new(&town.url()).join("config");
    let settings = fs::read_to_string(&config).unwrap();
    let root = format!("\troot = {}\n", town.root());
    assert!(settings.contains(&root), "{settings}");
    fs::write(&config, settings.replace(&root, "")).unwrap();
    town.approve("alice", &id).expect(125).says("is pinned to no root; nothing is taken");
    fs::write(&config, settings.replace(&town.root(), "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).unwrap();
    town.approve("alice", &id).expect(125).says("pin-mismatch");
    fs::write(&config, settings).unwrap();
    town.approve("alice", &id).expect(0);
}

/// A fixture with one finished request, on a server that has it.
fn ground() -> (Guarded, Ground) {
    let (guarded, mut ground) = (Guarded::new(), Ground::new());
    ground.finished("before");
    guarded.begin(&ground);
    (guarded, ground)
}

fn push(open: &Open) -> String {
    format!("{}:{}", open.tip, open.branch())
}

#[test]
fn only_branches_with_a_meaning_are_taken() {
    let (guarded, ground) = ground();
    let open = ground.half_approved("x");
    let id = open.id;
    for name in [
        "refs/heads/topic".to_owned(),
        "refs/heads/requests".to_owned(),
        "refs/heads/requests/abc".to_owned(),
        format!("refs/heads/requests/{id}/x"),
        format!("refs/heads/request/{id}"),
        "refs/tags/v1".to_owned(),
        "refs/notes/x".to_owned(),
        format!("refs/replace/{}", open.tip),
        "refs/pull/1/head".to_owned(),
    ] {
        let said = guarded.refused(&ground, &name, &[format!("{}:{name}", open.tip)]);
        assert!(said.contains(": ref-unknown: "), "{name}: {said}");
    }
    guarded.taken(&ground, "its own", &[push(&open)]);
}

#[test]
fn one_bad_ref_refuses_the_push_and_each_is_named() {
    let (guarded, ground) = ground();
    let (good, mut bad) = (ground.half_approved("x"), ground.half_approved("y"));
    ground.append(&mut bad, &[("notes.md".to_owned(), b"x".to_vec())]);
    let topic = format!("{}:refs/heads/topic", good.tip);
    let said = guarded.refused(&ground, "three", &[push(&good), push(&bad), topic]);
    assert_eq!(code_for(&said, &format!("requests/{}", good.id)), None, "{said}");
    assert_eq!(code_for(&said, &format!("requests/{}", bad.id)).as_deref(), Some("path-unexpected"), "{said}");
    assert_eq!(code_for(&said, "topic").as_deref(), Some("ref-unknown"), "{said}");
    assert!(said.contains(&format!("commit {}, path {}/notes.md", bad.tip, bad.directory)), "{said}");
    guarded.taken(&ground, "the good one", &[push(&good)]);
}

#[test]
fn branches_only_grow() {
    let (guarded, ground) = ground();
    let mut open = ground.half_approved("x");
    let older = Open { tip: ground.objects_parent(&open.tip), ..open.clone() };
    guarded.taken(&ground, "asked", &[push(&open)]);
    let said = guarded.refused(&ground, "rewound", &[push(&older)]);
    assert_eq!(code_for(&said, &format!("requests/{}", open.id)).as_deref(), Some("push-forced"), "{said}");
    let mut other = older.clone();
    ground.approve(&mut other, "bob");
    guarded.refused(&ground, "recomposed", &[push(&other)]);
    // An evil merge with the old tip as second parent.
    let merge = ground.of_tree(&[other.tip, open.tip], &ground.tree(&other.tip));
    guarded.refused(&ground, "merged", &[format!("{merge}:{}", open.branch())]);
    let merge = ground.of_tree(&[open.tip, other.tip], &ground.tree(&open.tip));
    let said = guarded.refused(&ground, "merged", &[format!("{merge}:{}", open.branch())]);
    assert_eq!(code_for(&said, &format!("requests/{}", open.id)).as_deref(), Some("branch-tainted"), "{said}");
    ground.approve(&mut open, "bob");
    guarded.taken(&ground, "approved", &[push(&open)]);
}

#[test]
fn what_stood_before_the_hook_is_held_against_nobody() {
    let (guarded, mut ground) = ground();
    let mut open = ground.half_approved("x");
    ground.append(&mut open, &[("notes.md".to_owned(), b"x".to_vec())]);
    // Its administrator, or a time without the hook.
    fs::rename(guarded.path.join("hooks/pre-receive"), guarded.path.join("hooks/off")).unwrap();
    guarded.taken(&ground, "junk", &[push(&open)]);
    fs::rename(guarded.path.join("hooks/off"), guarded.path.join("hooks/pre-receive")).unwrap();
    let decision = ground.decision(&open, "bob", expacti::domain::decision::Verdict::Approve);
    ground.append(&mut open, &decided(&decision, "bob"));
    guarded.taken(&ground, "an approval beside junk", &[push(&open)]);
    ground.append(&mut open, &[("more.md".to_owned(), b"x".to_vec())]);
    guarded.refused(&ground, "more junk", &[push(&open)]);
    // The same for a reviewer who has left since.
    let mut second = Version::second(ground.root);
    second.roster = crate::attacks::fixture::roster(&["bob", "carol"], 2);
    second.config = crate::attacks::fixture::config_for(&["bob", "carol"]);
    second.signers = vec!["bob", "carol", "alice"];
    let mut other = ground.half_approved("y");
    guarded.taken(&ground, "with alice", &[push(&other)]);
    second.signers = vec!["bob", "carol"];
    ground.policy(&second);
    guarded.taken(&ground, "without alice", &[format!("{MAIN}:{MAIN}")]);
    // She has seen what counts.
    other.seen = vec![other.digest()];
    ground.approve(&mut other, "carol");
    guarded.taken(&ground, "carol's", &[push(&other)]);
}

#[test]
fn what_is_still_needed_is_not_deleted() {
    let (guarded, mut ground) = ground();
    let said = guarded.refused(&ground, "main", &[format!(":{MAIN}")]);
    assert_eq!(code_for(&said, "main").as_deref(), Some("ref-needed"), "{said}");
    // An open request, and one that landed.
    let mut open = ground.half_approved("x");
    let delete = format!(":{}", open.branch());
    guarded.taken(&ground, "asked", &[push(&open)]);
    let said = guarded.refused(&ground, "open", std::slice::from_ref(&delete));
    assert_eq!(code_for(&said, &format!("requests/{}", open.id)).as_deref(), Some("ref-needed"), "{said}");
    ground.decide(&mut open, "bob", expacti::domain::decision::Verdict::Deny);
    let branch = open.tip;
    guarded.taken(&ground, "denied", &[push(&open)]);
    guarded.refused(&ground, "denied, not landed", std::slice::from_ref(&delete));
    ground.land(&open);
    // Not in the same push: the landing may still lose a race, and then the branch would be gone.
    guarded.refused(&ground, "along with its landing", &[format!("{MAIN}:{MAIN}"), delete.clone()]);
    guarded.taken(&ground, "landed", &[format!("{MAIN}:{MAIN}")]);
    ground.append(&mut open, &[("late.md".to_owned(), b"x".to_vec())]);
    let said = guarded.refused(&ground, "after its end", &[push(&open)]);
    assert_eq!(code_for(&said, &format!("requests/{}", open.id)).as_deref(), Some("late-record"), "{said}");
    assert_eq!(guarded.refs()[&format!("requests/{}", open.id)], branch);
    guarded.taken(&ground, "over", &[delete]);
    // Junk that got in without the hook.
    let junk = "0123456789abcdef0123456789abcdef";
    guarded.objects.set_reference(&format!("refs/heads/requests/{junk}"), &branch).unwrap();
    guarded.objects.set_reference("refs/heads/topic", &branch).unwrap();
    guarded.taken(&ground, "no request", &[format!(":refs/heads/requests/{junk}")]);
    guarded.taken(&ground, "no meaning", &[":refs/heads/topic".to_owned()]);
}

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// What git's own client never sends: `old new ref`, straight to the server's end of a push.
fn send(guarded: &Guarded, command: &str) -> String {
    use std::io::Write as _;
    let line = format!("{command}\0report-status delete-refs");
    let mut packet = format!("{:04x}{line}0000", line.len() + 4).into_bytes();
    if !command.contains(&format!(" {} refs", "0".repeat(40))) {
        // A pack of nothing: version 2, no objects, and its SHA-1.
        packet.extend(b"PACK\0\0\0\x02\0\0\0\0");
        packet.extend(hex("029d08823bd8a8eab510ad6ac75c823cfd3ed31e"));
    }
    let mut server = Command::new("git");
    server.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("GIT_CONFIG_NOSYSTEM", "1");
    server.arg("receive-pack").arg(&guarded.path).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = server.spawn().unwrap();
    child.stdin.take().unwrap().write_all(&packet).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

/// Where the old commit is none, git deletes a ref without comparing, and heeds no `receive.denyDeletes` either.
#[test]
fn a_deletion_says_what_it_deletes() {
    let (guarded, mut ground) = ground();
    let mut open = ground.half_approved("x");
    guarded.taken(&ground, "asked", &[push(&open)]);
    let before = guarded.refs();
    let (branch, nothing, nowhere) = (open.branch(), "0".repeat(40), "1".repeat(40));
    for (old, name) in [(&nothing, branch.as_str()), (&nowhere, branch.as_str()), (&nothing, MAIN), (&nowhere, MAIN)] {
        let said = send(&guarded, &format!("{old} {nothing} {name}"));
        assert!(said.contains(": ref-needed: ") && said.contains("pre-receive hook declined"), "{old} {name}: {said}");
        assert_eq!(guarded.refs(), before, "{old} {name}: {said}");
    }
    // Nor is main made anew: whoever names no old one goes on from nothing.
    let said = send(&guarded, &format!("{nothing} {} {MAIN}", ground.objects_parent(&ground.main)));
    assert!(said.contains("there is a main already"), "{said}");
    assert_eq!(guarded.refs(), before);
    // Another commit that is there, such as one whose deletion would be judged otherwise.
    send(&guarded, &format!("{} {nothing} {branch}", ground.main));
    assert_eq!(guarded.refs(), before);
    // The same way to delete goes where all is said.
    ground.decide(&mut open, "bob", expacti::domain::decision::Verdict::Deny);
    guarded.taken(&ground, "denied", &[push(&open)]);
    ground.land(&open);
    guarded.taken(&ground, "landed", &[format!("{MAIN}:{MAIN}")]);
    let said = send(&guarded, &format!("{} {nothing} {branch}", open.tip));
    assert!(said.contains(&format!("ok {branch}")), "{said}");
    assert_eq!(guarded.refs().len(), 1);
}

#[test]
fn what_waits_for_ci_is_judged_on_its_way_in() {
    let (guarded, mut ground) = ground();
    let base = ground.main;
    let request = ground.half_approved("x");
    let id = request.id;
    let (claims, outcomes) = (format!("refs/heads/claims/{id}"), format!("refs/heads/outcomes/{id}"));
    let at = |commit, name: &str| format!("{commit}:{name}");
    let code = |said: &str, kind: &str| code_for(said, &format!("{kind}/{id}"));
    guarded.taken(&ground, "asked", &[push(&request)]);
    // A claim that lacks bob, and no claim at all.
    let mut early = request.clone();
    let record = crate::attacks::fixture::signed("claim.toml", &ground.claim(&early, "bot"), "bot");
    ground.append(&mut early, &record);
    let said = guarded.refused(&ground, "without a quorum", &[at(early.tip, &claims)]);
    assert_eq!(code(&said, "claims").as_deref(), Some("claim-unauthorized"), "{said}");
    let said = guarded.refused(&ground, "nothing ends", &[at(request.tip, &claims)]);
    assert_eq!(code(&said, "claims").as_deref(), Some("ending-missing"), "{said}");
    let mut open = request.clone();
    ground.approve(&mut open, "bob");
    let approved = open.clone();
    let claim = ground.claim(&open, "bot");
    ground.append(&mut open, &crate::attacks::fixture::signed("claim.toml", &claim, "bot"));
    let said = guarded.refused(&ground, "in the other place", &[at(open.tip, &outcomes)]);
    assert_eq!(code(&said, "outcomes").as_deref(), Some("path-unexpected"), "{said}");
    let other = format!("refs/heads/claims/{}", "0".repeat(32));
    guarded.refused(&ground, "under another id", &[at(open.tip, &other)]);
    guarded.taken(&ground, "a claim", &[at(open.tip, &claims)]);
    // It stays until it has landed, whole and where it is.
    let delete = format!(":{claims}");
    let said = guarded.refused(&ground, "needed", std::slice::from_ref(&delete));
    assert_eq!(code(&said, "claims").as_deref(), Some("ref-needed"), "{said}");
    let said = guarded.refused(&ground, "rewound", &[at(approved.tip, &claims)]);
    assert_eq!(code(&said, "claims").as_deref(), Some("push-forced"), "{said}");
    let junk = ground.on(open.tip, &[("evil.sh".to_owned(), b"x".to_vec())]);
    guarded.refused(&ground, "with junk", &[at(junk, &claims)]);
    let nothing = "0".repeat(40);
    send(&guarded, &format!("{nothing} {nothing} {claims}"));
    assert!(guarded.refs().contains_key(&format!("claims/{id}")));
    ground.main = base;
    ground.land(&open);
    guarded.taken(&ground, "landed", &[at(ground.main, MAIN)]);
    guarded.taken(&ground, "over", &[delete]);
    guarded.refused(&ground, "again", &[at(open.tip, &claims)]);
    // Its outcome, and nobody else's.
    open.seen.push(expacti::domain::id::Digest::of(&expacti::record::Record::render(&claim)));
    open.seen.sort();
    let before = open.clone();
    for (who, taken) in [("mal", false), ("bot", true)] {
        let mut outcome = before.clone();
        let record = ground.outcome(&outcome, who, Ground::executed());
        ground.append(&mut outcome, &crate::attacks::fixture::signed("outcome.toml", &record, who));
        if taken {
            guarded.taken(&ground, who, &[at(outcome.tip, &outcomes)]);
            guarded.refused(&ground, "needed", &[format!(":{outcomes}")]);
        } else {
            guarded.refused(&ground, who, &[at(outcome.tip, &outcomes)]);
        }
    }
}

/// A request that ends between looking and pushing: no doubt, but a no.
#[test]
fn an_approval_that_comes_too_late_is_told_so() {
    let town = guarded_town();
    town.set_clock();
    let id = town.ask("bot", &["job", "one"]);
    let hook = Path::new(&town.url()).join("hooks/pre-receive");
    let judge = hook.with_file_name("judge");
    fs::rename(&hook, &judge).unwrap();
    town.member("bob");
    let words = |(name, value): (&std::ffi::OsString, &std::ffi::OsString)| {
        format!("{}='{}'", name.to_str().unwrap(), value.to_str().unwrap())
    };
    let env: Vec<String> = town.env("bob").iter().map(words).collect();
    let program = assert_cmd::cargo::cargo_bin!("expacti");
    let (done, said) = (town.path("done"), town.path("said"));
    let script = format!(
        "#!/bin/sh\nif [ ! -e {done:?} ]; then\n: >{done:?}\nenv -i {} {program:?} deny --yes --reason no {id} \
         >{said:?} 2>&1 </dev/null\nfi\nexec {judge:?}\n",
        env.join(" ")
    );
    let source = town.path("script");
    fs::write(&source, script).unwrap();
    crate::support::tool(Command::new("install").args(["-m", "755"]).args([&source, &hook]));
    town.approve("alice", &id).expect(1).says("has ended (denied); nothing signed");
    assert_eq!(town.state(&id), "denied", "{}", fs::read_to_string(&said).unwrap_or_default());
}

#[test]
fn policy_versions_wait_and_land() {
    let (guarded, mut ground) = ground();
    let root = ground.root;
    let version = |signers: &[&'static str]| Version { signers: signers.to_vec(), ..Version::second(root) };
    let name = |version: &Version| {
        let digest = expacti::domain::id::Digest::of(&expacti::record::Record::render(&version.root()));
        format!("policy/{:06}-{digest}", version.number)
    };
    let unsigned = version(&[]);
    let proposed = ground.on(ground.main, &unsigned.files());
    let own = name(&unsigned);
    let at = |commit, name: &str| format!("{commit}:refs/heads/{name}");
    let wrong = own.replace("000002", "000003");
    guarded.refused(&ground, "another number", &[at(proposed, &wrong)]);
    let digest = expacti::domain::id::Digest::of(b"x");
    guarded.refused(&ground, "another digest", &[at(proposed, &format!("policy/000002-{digest}"))]);
    guarded.refused(&ground, "unsigned, on main", &[at(proposed, "main")]);
    guarded.taken(&ground, "proposed", &[at(proposed, &own)]);
    let delete = format!(":refs/heads/{own}");
    guarded.refused(&ground, "waits", std::slice::from_ref(&delete));
    let mut forged = version(&["alice"]).files();
    for (path, bytes) in &mut forged {
        if path.ends_with("root.toml.alice.sig") {
            *bytes = crate::attacks::fixture::key("mal").sign("root.v1@expacti", b"x");
        }
    }
    let said = guarded.refused(&ground, "forged", &[at(ground.on(proposed, &forged), &own)]);
    assert_eq!(code_for(&said, &own).as_deref(), Some("signature-invalid"), "{said}");
    let signed = ground.on(proposed, &version(&["alice"]).files());
    guarded.taken(&ground, "signed", &[at(signed, &own)]);
    let said = guarded.refused(&ground, "a signature taken away", &[at(proposed, &own)]);
    assert_eq!(code_for(&said, &own).as_deref(), Some("push-forced"), "{said}");
    guarded.refused(
        &ground,
        "signed by one, on main",
        &[at(ground.on(ground.main, &version(&["alice"]).files()), "main")],
    );
    let complete = version(&["alice", "bob"]);
    // Requests that land meanwhile do not make it stale.
    ground.finished("meanwhile");
    guarded.taken(&ground, "meanwhile", &[format!("{MAIN}:{MAIN}")]);
    guarded.taken(&ground, "complete", &[at(ground.on(signed, &complete.files()), &own)]);
    ground.policy(&complete);
    guarded.taken(&ground, "in force", &[format!("{MAIN}:{MAIN}")]);
    guarded.taken(&ground, "over", &[delete]);
    let again = version(&["alice", "bob"]);
    guarded.refused(&ground, "stale", &[at(ground.on(ground.main, &again.files()), &own)]);
}

#[test]
fn a_broken_main_takes_its_repair_and_nothing_else() {
    let (guarded, mut ground) = ground();
    let open = ground.half_approved("x");
    let good = ground.main;
    let bad = ground.step(good, &open);
    // A time without the hook.
    fs::rename(guarded.path.join("hooks/pre-receive"), guarded.path.join("hooks/off")).unwrap();
    ground.push(bad);
    guarded.taken(&ground, "bad", &[format!("{bad}:{MAIN}")]);
    fs::rename(guarded.path.join("hooks/off"), guarded.path.join("hooks/pre-receive")).unwrap();
    let said = guarded.refused(&ground, "a request", &[push(&open)]);
    assert!(said.contains("nothing is taken but its repair"), "{said}");
    let back = format!("{good}:{MAIN}");
    guarded.refused(&ground, "moved back", &[back]);
    let more = ground.on(bad, &[("x".to_owned(), b"x".to_vec())]);
    guarded.refused(&ground, "more of it", &[format!("{more}:{MAIN}")]);
    let heal = ground.of_tree(&[good, bad], &ground.tree(&good));
    guarded.taken(&ground, "repaired, and a request", &[format!("{heal}:{MAIN}"), push(&open)]);
}

#[test]
fn git_itself_shows_what_is_in_quarantine_only_to_its_hook() {
    // Plain opening would not see the objects of the push: what passes here has been read in quarantine.
    let (guarded, ground) = ground();
    let open = ground.half_approved("x");
    let hook = guarded.path.join("hooks/pre-receive");
    let script = fs::read_to_string(&hook).unwrap();
    let blind = script.replace("exec ", "unset GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\nexec ");
    fs::write(&hook, blind).unwrap();
    let said = guarded.refused(&ground, "blind", &[push(&open)]);
    assert!(said.contains("object-unreadable"), "{said}");
    fs::write(&hook, script).unwrap();
    guarded.taken(&ground, "seeing", &[push(&open)]);
}

#[test]
fn the_first_push_is_judged_from_the_root() {
    let ground = {
        let mut ground = Ground::new();
        ground.finished("before");
        ground
    };
    let other = Version {
        origin: expacti::domain::root::Origin::Genesis(expacti::domain::id::Nonce::new([8; 16])),
        ..Version::genesis()
    };
    let stranger = ground.commit(&[], None, &other.files());
    let server = tempfile::tempdir().unwrap();
    expacti::world::git::create_bare(server.path()).unwrap();
    assert!(install(server.path(), &ground.repo.fingerprint()).status.success());
    let push = |refspec: String| {
        Command::new("git")
            .arg("--git-dir")
            .arg(&ground.remote)
            .arg("push")
            .arg(server.path())
            .arg(refspec)
            .output()
            .unwrap()
    };
    let output = push(format!("{stranger}:{MAIN}"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("pin-mismatch"), "{output:?}");
    let output = push(format!("{MAIN}:{MAIN}"));
    assert!(output.status.success(), "{output:?}");
}

/// `expacti verify --pre-receive` by hand, with nothing in its environment.
fn by_hand(directory: &Path, input: &[u8]) -> Output {
    use std::io::Write as _;
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("expacti"));
    command.args(["verify", "--pre-receive"]).current_dir(directory).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may have said no before it has read all.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn what_is_no_push_is_refused() {
    let (guarded, ground) = ground();
    let zero = "0".repeat(40);
    let line = format!("{zero} {} refs/heads/main\n", ground.main);
    let cases = [
        b"x\n".to_vec(),
        b"\xff\xfe\n".to_vec(),
        format!("{zero} {zero}\n").into_bytes(),
        format!("{zero} {} \n", ground.main).into_bytes(),
        format!("{line}{line}").into_bytes(),
        vec![b'0'; 2 << 20],
    ];
    for case in cases {
        let output = by_hand(&guarded.path, &case);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    assert_eq!(by_hand(elsewhere.path(), line.as_bytes()).status.code(), Some(1));
    // Nothing to judge, nothing to say.
    let output = by_hand(&guarded.path, b"");
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn another_hook_is_left_alone() {
    let ground = Ground::new();
    let hook = ground.remote.join("hooks/pre-receive");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\nexit 0\n").unwrap();
    let root = ground.repo.fingerprint();
    let output = install(&ground.remote, &root);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("expacti hook pre-receive"), "{output:?}");
    assert_eq!(ground.objects.setting("expacti.root").unwrap(), None);
    fs::remove_file(&hook).unwrap();
    let wrong = expacti::domain::id::Digest::of(b"x").fingerprint();
    assert_eq!(install(&ground.remote, &wrong).status.code(), Some(1));
    assert!(!hook.exists());
    // Twice is once; it is executable, and refuses force pushes and damaged objects beside.
    for _ in 0..2 {
        let output = install(&ground.remote, &root);
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(fs::metadata(&hook).unwrap().permissions().mode() & 0o777, 0o755);
    for (name, value) in [
        ("expacti.root", Some(root.as_str())),
        ("receive.denyNonFastForwards", Some("true")),
        ("receive.fsckObjects", Some("true")),
        ("receive.denyDeletes", None),
    ] {
        assert_eq!(ground.objects.setting(name).unwrap().as_deref(), value, "{name}");
    }
}
