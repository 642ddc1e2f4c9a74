//! What is pushed to be unpacked: named, in bounded memory and time.

use std::path::{Path, PathBuf};
use std::process::Command;

use expacti::domain::id::{CommitId, Digest, ObjectId};
use expacti::domain::time::Timestamp;
use expacti::gate::audit::{StepError, Versions};
use expacti::gate::history::History as _;
use expacti::world::git::create_bare;
use expacti::world::index::Index;
use expacti::world::objects::Objects;
use expacti::world::store::judge_chain;
use git2::ObjectType;
use tempfile::TempDir;

use crate::long::synthetic;
use crate::support::tool;

const MAIN: &str = "refs/heads/main";

/// A repository with two closed requests.
struct Site {
    _home: TempDir,
    remote: PathBuf,
    raw: git2::Repository,
    objects: Objects,
    repo: Digest,
    genesis: CommitId,
    tip: CommitId,
}

impl Site {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let remote = home.path().join("policy.git");
        create_bare(&remote).unwrap();
        let repo = synthetic::write(&remote, 2);
        let objects = Objects::open(&remote).unwrap();
        let tip = objects.reference(MAIN).unwrap().unwrap();
        let mut genesis = tip;
        while let Some(parent) = objects.commit(&genesis).unwrap().parents.first() {
            genesis = *parent;
        }
        Self { raw: git2::Repository::open_bare(&remote).unwrap(), _home: home, remote, objects, repo, genesis, tip }
    }

    fn write(&self, kind: ObjectType, bytes: &[u8]) -> ObjectId {
        let oid = self.raw.odb().unwrap().write(kind, bytes).unwrap();
        ObjectId::new(oid.as_bytes().try_into().unwrap())
    }

    fn tree(&self, entries: impl IntoIterator<Item = (u32, String, ObjectId)>) -> ObjectId {
        let line = |(mode, name, id): (u32, String, ObjectId)| {
            [format!("{mode:o} {name}\0").as_bytes(), id.as_bytes()].concat()
        };
        self.write(ObjectType::Tree, &entries.into_iter().flat_map(line).collect::<Vec<u8>>())
    }

    /// Zeros, written without holding them.
    fn zeros(&self, megabytes: usize) -> ObjectId {
        use std::io::Write as _;
        let odb = self.raw.odb().unwrap();
        let mut writer = odb.writer(megabytes << 20, ObjectType::Blob).unwrap();
        let block = vec![0; 1 << 20];
        (0..megabytes).for_each(|_| writer.write_all(&block).unwrap());
        ObjectId::new(writer.finalize().unwrap().as_bytes().try_into().unwrap())
    }

    fn commit(&self, parents: &[CommitId], tree: &ObjectId) -> CommitId {
        self.objects.write_commit(parents, tree, "mallory", Timestamp::from_unix(0).unwrap(), "x").unwrap()
    }

    /// A commit object with anything as its message.
    fn raw_commit(&self, parents: &[CommitId], tree: &ObjectId, message: &[u8]) -> CommitId {
        let parents: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
        let head = format!("tree {tree}\n{parents}author x <x@x> 0 +0000\ncommitter x <x@x> 0 +0000\n\n");
        CommitId::new(*self.write(ObjectType::Commit, &[head.as_bytes(), message].concat()).as_bytes())
    }

    /// The tip's tree with something else at its top.
    fn top(&self, name: &str, mode: u32, id: ObjectId) -> ObjectId {
        let old = self.objects.tree(&self.objects.commit(&self.tip).unwrap().tree).unwrap();
        let mut lines: Vec<_> = old
            .into_iter()
            .map(|entry| (entry.mode, String::from_utf8(entry.name.to_vec()).unwrap(), entry.id))
            .filter(|(_, known, _)| known != name)
            .collect();
        lines.push((mode, name.to_owned(), id));
        lines.sort_by(|one, other| one.1.cmp(&other.1));
        self.tree(lines)
    }

    /// A step whose second parent, and tree, hold this as `requests/`; that chain begins before the first request.
    fn landing(&self, requests: ObjectId) -> CommitId {
        let tree = self.top("requests", 0o40_000, requests);
        let own = self.commit(&[self.genesis], &tree);
        self.commit(&[self.tip, own], &tree)
    }

    /// A chain of directories, and what the last one holds.
    fn below(&self, path: &[&str], last: ObjectId) -> ObjectId {
        path.iter().rev().fold(last, |below, name| self.tree([(0o40_000, (*name).to_owned(), below)]))
    }
}

const ID: &str = "0123456789abcdef0123456789abcdef";
const REQUEST: [&str; 4] = ["2026", "11", "23", ID];

type Bomb = (&'static str, fn(&Site) -> CommitId, &'static str);

const BOMBS: [Bomb; 13] = [
    (
        "a large request",
        |site| {
            site.landing(site.below(
                &REQUEST,
                site.tree([
                    (0o100_644, "request.toml".to_owned(), site.zeros(192)),
                    (0o100_644, "request.toml.sig".to_owned(), site.write(ObjectType::Blob, b"x")),
                ]),
            ))
        },
        "record-invalid",
    ),
    (
        "a large signature",
        |site| {
            site.landing(site.below(
                &REQUEST,
                site.tree([
                    (0o100_644, "request.toml".to_owned(), site.write(ObjectType::Blob, b"x")),
                    (0o100_644, "request.toml.sig".to_owned(), site.zeros(192)),
                ]),
            ))
        },
        "record-invalid",
    ),
    (
        "a large governed file",
        |site| {
            let policy = site.below(&["000002"], site.tree([(0o100_644, "root.toml".to_owned(), site.zeros(192))]));
            let old = site.objects.tree(&site.objects.commit(&site.tip).unwrap().tree).unwrap();
            let old = expacti::gate::history::entry(&old, "policy").unwrap().id;
            let first = site.objects.tree(&old).unwrap()[0].id;
            let second = site.objects.tree(&policy).unwrap()[0].id;
            let both = site.tree([(0o40_000, "000001".to_owned(), first), (0o40_000, "000002".to_owned(), second)]);
            site.commit(&[site.tip], &site.top("policy", 0o40_000, both))
        },
        "step-illegal",
    ),
    (
        "directories that name each other, without a file",
        |site| {
            let empty = site.tree([]);
            let wide = (0..12).fold(empty, |below, _| site.tree((0..16).map(|n| (0o40_000, format!("{n:02}"), below))));
            site.landing(site.below(&REQUEST, wide))
        },
        "branch-tainted",
    ),
    (
        "directories that name each other, with a file",
        |site| {
            let leaf = site.tree([(0o100_644, "x".to_owned(), site.write(ObjectType::Blob, b"x"))]);
            let wide = (0..12).fold(leaf, |below, _| site.tree((0..16).map(|n| (0o40_000, format!("{n:02}"), below))));
            site.landing(site.below(&REQUEST, wide))
        },
        "branch-tainted",
    ),
    (
        "a deep path",
        |site| {
            let deep = (0..3_000).fold(site.tree([]), |below, _| site.tree([(0o40_000, "d".to_owned(), below)]));
            site.landing(deep)
        },
        "branch-tainted",
    ),
    (
        "a wide directory",
        |site| {
            let blob = site.write(ObjectType::Blob, b"x");
            site.landing(site.tree((0..100_001).map(|n| (0o100_644, format!("{n:06}"), blob))))
        },
        "step-illegal",
    ),
    (
        "a huge directory",
        |site| {
            let blob = site.write(ObjectType::Blob, b"x");
            let name = "n".repeat(200);
            site.landing(site.tree((0..100_000).map(|n| (0o100_644, format!("{n:06}{name}"), blob))))
        },
        "step-illegal",
    ),
    (
        "many parents",
        |site| {
            let tree = site.objects.commit(&site.tip).unwrap().tree;
            let others = (0..500).map(|n| site.raw_commit(&[site.tip], &tree, n.to_string().as_bytes()));
            let parents: Vec<CommitId> = std::iter::once(site.tip).chain(others).collect();
            site.raw_commit(&parents, &tree, b"")
        },
        "step-illegal",
    ),
    (
        "a large commit",
        |site| {
            let tree = site.objects.commit(&site.tip).unwrap().tree;
            site.raw_commit(&[site.tip], &tree, &vec![b'x'; 192 << 20])
        },
        "step-illegal",
    ),
    (
        "a long chain of a request",
        |site| {
            let file = site.tree([(0o100_644, "request.toml".to_owned(), site.write(ObjectType::Blob, b"x"))]);
            let step = site.objects.commit(&site.landing(site.below(&REQUEST, file))).unwrap();
            let own = (0..4_100).fold(step.parents[1], |at, _| site.raw_commit(&[at], &step.tree, b""));
            site.raw_commit(&[site.tip, own], &step.tree, b"")
        },
        "branch-tainted",
    ),
    (
        "a long chain of nothing",
        |site| {
            let tree = site.objects.commit(&site.tip).unwrap().tree;
            (0..20_000).fold(site.tip, |at, _| site.raw_commit(&[at], &tree, b""))
        },
        "step-illegal",
    ),
    (
        "a file in the place of a commit's tree",
        |site| site.raw_commit(&[site.tip], &site.write(ObjectType::Blob, b"x"), b""),
        "step-illegal",
    ),
];

fn judged(remote: &Path, repo: Digest, tip: CommitId) -> (Result<(), StepError>, Option<CommitId>) {
    let (objects, index) = (Objects::open(remote).unwrap(), Index::in_memory().unwrap());
    let end = judge_chain(&objects, &index, &Versions::default(), repo, tip, &mut |_, _| {});
    (end.map(|_| ()), index.tip().unwrap().map(|(commit, _)| commit))
}

#[test]
fn bombs_are_named_and_what_was_good_stays_known() {
    let site = Site::new();
    for (bomb, build, code) in BOMBS {
        let tip = build(&site);
        let (end, newest) = judged(&site.remote, site.repo, tip);
        let Err(StepError::Illegal(finding)) = end else { panic!("{bomb}: {end:?}") };
        assert_eq!(finding.code.as_str(), code, "{bomb}: {finding}");
        assert!(finding.commit.is_some(), "{bomb}");
        assert_eq!(newest, Some(site.tip), "{bomb}");
    }
}

/// Less than the zeros alone would take.
const KILOBYTES: usize = 150_000;

#[test]
fn a_large_file_is_never_unpacked() {
    let site = Site::new();
    for (bomb, build, _) in BOMBS.iter().filter(|(bomb, ..)| bomb.starts_with("a large") && *bomb != "a large commit") {
        let tip = build(&site);
        let own = std::env::current_exe().unwrap();
        let limited = format!("ulimit -v {KILOBYTES} && exec \"$0\" --exact bombs::within_limits --nocapture");
        let mut child = Command::new("sh");
        child.arg("-c").arg(limited).arg(own).env("EXPACTI_TEST_BOMB", format!("{} {tip}", site.repo));
        let said = tool(child.current_dir(&site.remote));
        assert!(String::from_utf8_lossy(&said).contains("it was judged"), "{bomb}");
    }
}

/// What the test above starts; by itself it does nothing.
#[test]
fn within_limits() {
    let Ok(bomb) = std::env::var("EXPACTI_TEST_BOMB") else { return };
    let (repo, tip) = bomb.split_once(' ').unwrap();
    let (end, _) = judged(Path::new("."), repo.parse().unwrap(), tip.parse().unwrap());
    assert!(matches!(end, Err(StepError::Illegal(_))), "{end:?}");
    println!("it was judged");
}
