//! Histories that are legal to the last signature, written as one pack by `git fast-import`.
//!
//! Each closed request is seven commits, as honest machines make them: the request, two approvals and the claim on
//! its own chain, the step that lands them, the outcome, the step that lands that. Four requests are open at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use expacti::domain::claim::Claim;
use expacti::domain::command::{self, Pin, Program, Stdin, Value, Variable, WorkTree};
use expacti::domain::decision::{Decision, Verdict};
use expacti::domain::id::{CommitId, Digest, Nonce, RequestId};
use expacti::domain::outcome::{End, Ending, Execution, Outcome};
use expacti::domain::principal::Name;
use expacti::domain::request::{Place, Request};
use expacti::domain::root::{Origin, Root};
use expacti::domain::time::{Lifetime, Timestamp};
use expacti::record::{self, Record, decision_file_name};
use expacti::trust::secret::SecretKey;

/// 2026-11-23T10:00:00Z.
const START: i64 = 1_795_428_000;
/// How many requests the tip's tree holds before the lander starts afresh.
const WINDOW: usize = 256;
/// Requests that are open at the same time.
const TOGETHER: u32 = 4;

const CONFIG: &str = r#"
[[approval_policies]]
name = "drop-database"
pattern = ["dropdb *", "psql * -c 'DROP *'"]
requirement = "deny"

[[approval_policies]]
name = "schema-migration"
pattern = "migrate*"
requirement = "all_of"
reviewers = ["dev", "dba"]
timeout = "2h"

[[approval_policies]]
name = "deploy"
pattern = ["kubectl apply *", "terraform apply*"]
requirement = "any_of"
reviewers = ["dev", "dba"]
min_approvals = 2

[[approval_policies]]
name = "anything-else"
pattern = "*"
requirement = "any_of"
reviewers = ["alice", "bob"]
"#;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// The key of a principal: one seed a name.
pub fn key(who: &str) -> SecretKey {
    SecretKey::generate(*Digest::of(who.as_bytes()).as_bytes())
}

fn roster() -> String {
    let mut text = "roles = [\"dev\"]\n[trust]\nadmins = [\"alice\", \"bob\"]\nthreshold = 2\n".to_owned();
    for (who, kind) in [("alice", "person"), ("bob", "person"), ("bot", "agent")] {
        text += &format!("[[principals]]\nid = {who:?}\nkind = {kind:?}\nkeys = [{:?}]\n", key(who).public().line());
    }
    text + "[groups]\ndev = [\"alice\"]\ndba = [\"bob\"]\n"
}

/// A `git fast-import` at work, and the number of its newest mark.
struct Import {
    child: Child,
    into: BufWriter<ChildStdin>,
    from: BufReader<ChildStdout>,
    marks: u64,
}

/// A file by path and the mark of its blob.
type File = (String, u64);

impl Import {
    fn start(repository: &Path) -> Self {
        let mut child = Command::new("git")
            .arg("--git-dir")
            .arg(repository)
            .args(["fast-import", "--quiet", "--force", "--done"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let into = BufWriter::with_capacity(1 << 16, child.stdin.take().unwrap());
        let from = BufReader::new(child.stdout.take().unwrap());
        Self { child, into, from, marks: 0 }
    }

    fn mark(&mut self) -> u64 {
        self.marks += 1;
        self.marks
    }

    fn blob(&mut self, bytes: &[u8]) -> u64 {
        let mark = self.mark();
        write!(self.into, "blob\nmark :{mark}\ndata {}\n", bytes.len()).unwrap();
        self.into.write_all(bytes).unwrap();
        self.into.write_all(b"\n").unwrap();
        mark
    }

    /// A record and its signature by `who`, below `directory`.
    fn signed<T: Record>(&mut self, path: String, value: &T, who: &SecretKey) -> Vec<File> {
        let bytes = value.render();
        let signature = who.sign(T::NAMESPACE, &bytes);
        let (record, sig) = (self.blob(&bytes), self.blob(&signature));
        vec![(path.clone(), record), (format!("{path}.sig"), sig)]
    }

    /// A commit that adds files to the tree of its first parent, whose `requests/` may go before.
    fn commit(&mut self, branch: &str, parents: &[u64], at: i64, afresh: bool, files: &[File]) -> u64 {
        let mark = self.mark();
        let into = &mut self.into;
        write!(into, "commit refs/heads/{branch}\nmark :{mark}\n").unwrap();
        write!(into, "committer bot <bot@expacti.invalid> {at} +0000\ndata 7\nrequest\n").unwrap();
        for (place, parent) in parents.iter().enumerate() {
            writeln!(into, "{} :{parent}", if place == 0 { "from" } else { "merge" }).unwrap();
        }
        if afresh {
            writeln!(into, "D requests").unwrap();
        }
        for (path, blob) in files {
            writeln!(into, "M 100644 :{blob} {path}").unwrap();
        }
        mark
    }

    fn id(&mut self, mark: u64) -> CommitId {
        writeln!(self.into, "get-mark :{mark}").unwrap();
        self.into.flush().unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        line.trim().parse().unwrap()
    }

    fn end(mut self) {
        write!(self.into, "reset refs/heads/own\nfrom {}\n\ndone\n", "0".repeat(40)).unwrap();
        self.into.flush().unwrap();
        drop(self.into);
        assert!(self.child.wait().unwrap().success());
    }
}

/// The genesis: its files, and the digest of its root.
fn genesis() -> (Vec<(String, Vec<u8>)>, Digest) {
    let (config, roster) = (CONFIG.as_bytes().to_vec(), roster().into_bytes());
    let (_, people) = record::read_policy(&config, &roster).unwrap();
    let root = Root {
        version: 1,
        origin: Origin::Genesis(Nonce::new([7; 16])),
        admins: people.admins().iter().cloned().collect(),
        threshold: people.threshold(),
        files: BTreeMap::from([
            ("config.toml".to_owned(), Digest::of(&config)),
            ("roster.toml".to_owned(), Digest::of(&roster)),
        ]),
    }
    .render();
    let own = |name: &str| format!("{}/{name}", Root::directory(1));
    let mut files = vec![
        ("config.toml".to_owned(), config.clone()),
        ("roster.toml".to_owned(), roster.clone()),
        (own("config.toml"), config),
        (own("roster.toml"), roster),
        (own("allowed_signers"), record::roster::allowed_signers(&people)),
        (own("root.toml"), root.clone()),
    ];
    for who in ["alice", "bob"] {
        files.push((own(&format!("root.toml.{who}.sig")), key(who).sign(Root::NAMESPACE, &root)));
    }
    (files, Digest::of(&root))
}

/// One request on its way.
struct Open {
    request: Digest,
    directory: String,
    seen: Vec<Digest>,
    claim: Digest,
    files: Vec<File>,
    tip: u64,
}

/// Who signs, where.
struct Town {
    repo: Digest,
    keys: BTreeMap<&'static str, SecretKey>,
}

impl Town {
    fn request(&self, number: u32, base: CommitId, created: Timestamp) -> Request {
        let mut nonce = [0; 16];
        nonce[..4].copy_from_slice(&number.to_be_bytes());
        let program = Program {
            path: b"/usr/local/bin/migrate".to_vec(),
            hops: vec![b"/opt/migrate/4.2/bin/migrate".to_vec()],
            sha256: Digest::of(b"migrate"),
            size: 1_204_224,
            interpreters: Vec::new(),
            shown: false,
            pin: Pin::Sealed,
            trusted: true,
        };
        let variable = |name: &str, value: &str| Variable {
            name: name.as_bytes().to_vec(),
            value: Value::Plain(value.as_bytes().to_vec()),
        };
        Request {
            place: Place { repo: self.repo, base, root: self.repo },
            requester: name("bot"),
            runner: name("bot"),
            host: "runner-3.example.org".to_owned(),
            created,
            expires: created.plus(Lifetime::minutes(60)),
            nonce: Nonce::new(nonce),
            reason: format!("step {number} of the move to the new schema"),
            retry_of: None,
            environments: Vec::new(),
            command: command::Command {
                argv: ["migrate", "up", "--step", &number.to_string(), "--database", "orders"]
                    .map(|word| word.as_bytes().to_vec())
                    .to_vec(),
                cwd: b"/srv/orders".to_vec(),
                program,
                env: vec![
                    variable("HOME", "/home/bot"),
                    variable("LANG", "C.UTF-8"),
                    variable("PATH", "/usr/local/bin:/usr/bin:/bin"),
                ],
                stdin: Stdin::Empty,
                files: Vec::new(),
                unpinned: Vec::new(),
                worktree: Some(WorkTree { head: "5".repeat(40), clean: true }),
            },
        }
    }

    /// Asked, approved twice and claimed, on its own chain.
    fn claimed(&self, import: &mut Import, number: u32, base: (u64, CommitId)) -> Open {
        let at = START + i64::from(number) * 60;
        let time = |seconds| Timestamp::from_unix(at + seconds).unwrap();
        let place = Place { repo: self.repo, base: base.1, root: self.repo };
        let request = self.request(number, base.1, time(0));
        let digest = Digest::of(&request.render());
        let directory = request.directory(&RequestId::of(&digest));
        let path = |file: &str| format!("{directory}/{file}");
        let mut files = import.signed(path("request.toml"), &request, &self.keys["bot"]);
        let mut tip = import.commit("own", &[base.0], at, false, &files);
        let mut seen = vec![digest];
        for (wait, who) in [(40, "alice"), (90, "bob")] {
            let decision = Decision {
                place,
                request: digest,
                seen: seen.clone(),
                reviewer: name(who),
                verdict: Verdict::Approve,
                comment: "read the plan".to_owned(),
                answers: BTreeMap::new(),
                suggest: None,
                card: digest,
                shown: time(wait - 30),
                decided: time(wait),
            };
            let bytes = decision.render();
            let added =
                import.signed(path(&decision_file_name(&decision.reviewer, &bytes)), &decision, &self.keys[who]);
            tip = import.commit("own", &[tip], at + wait, false, &added);
            files.extend(added);
            seen.push(Digest::of(&bytes));
            seen.sort();
        }
        let claim = Claim {
            place,
            request: digest,
            seen: seen.clone(),
            runner: name("bot"),
            nonce: request.nonce,
            claimed: time(100),
        };
        let added = import.signed(path("claim.toml"), &claim, &self.keys["bot"]);
        tip = import.commit("own", &[tip], at + 100, false, &added);
        files.extend(added);
        let claim = Digest::of(&claim.render());
        seen.push(claim);
        seen.sort();
        Open { request: digest, directory, seen, claim, files, tip }
    }

    fn finished(&self, import: &mut Import, open: &mut Open, number: u32, base: CommitId) {
        let at = START + i64::from(number) * 60 + 110;
        let time = Timestamp::from_unix(at).unwrap();
        assert!(open.seen.contains(&open.claim));
        let outcome = Outcome {
            place: Place { repo: self.repo, base, root: self.repo },
            request: open.request,
            seen: open.seen.clone(),
            author: name("bot"),
            recorded: time,
            ending: Ending::Executed(Execution {
                end: End::Exit(0),
                started: time,
                duration_ms: 1_000 + u64::from(number % 1_000),
                pin: Pin::Sealed,
            }),
        };
        let added = import.signed(format!("{}/outcome.toml", open.directory), &outcome, &self.keys["bot"]);
        open.tip = import.commit("own", &[open.tip], at, false, &added);
        open.files.extend(added);
    }
}

/// The tip of `main`, and the requests its tree holds.
struct Main {
    tip: u64,
    window: BTreeSet<Digest>,
}

impl Main {
    fn land(&mut self, import: &mut Import, open: &Open, at: i64) {
        let afresh = !self.window.contains(&open.request) && self.window.len() >= WINDOW;
        if afresh {
            self.window.clear();
        }
        self.window.insert(open.request);
        self.tip = import.commit("main", &[self.tip, open.tip], at, afresh, &open.files);
    }
}

/// Writes a history of `requests` closed requests into the bare repository `remote`; returns its identity.
pub fn write(remote: &Path, requests: u32) -> Digest {
    let (files, repo) = genesis();
    let keys = ["alice", "bob", "bot"].into_iter().map(|who| (who, key(who))).collect();
    let town = Town { repo, keys };
    let mut import = Import::start(remote);
    let files: Vec<File> = files.iter().map(|(path, bytes)| (path.clone(), import.blob(bytes))).collect();
    let first = import.commit("main", &[], START, false, &files);
    let mut main = Main { tip: first, window: BTreeSet::new() };
    let mut number = 0;
    while number < requests {
        let numbers = number..requests.min(number + TOGETHER);
        number = numbers.end;
        let base = (main.tip, import.id(main.tip));
        let mut open: Vec<(u32, Open)> =
            numbers.map(|number| (number, town.claimed(&mut import, number, base))).collect();
        for (number, open) in &open {
            main.land(&mut import, open, START + i64::from(*number) * 60 + 100);
        }
        let base = import.id(main.tip);
        for (number, open) in &mut open {
            town.finished(&mut import, open, *number, base);
            main.land(&mut import, open, START + i64::from(*number) * 60 + 110);
        }
    }
    import.end();
    repo
}
