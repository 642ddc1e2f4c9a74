//! Long histories: shared out between threads they come out as one thread judges them, to the last finding.

#[path = "../../benches/history/synthetic.rs"]
pub mod synthetic;

use std::path::Path;

use expacti::domain::id::{CommitId, Digest, ObjectId};
use expacti::domain::time::Timestamp;
use expacti::gate::audit::{StepError, Versions};
use expacti::gate::finding::{Code, Finding};
use expacti::gate::history::{DIRECTORY, Entry, History as _, subtree};
use expacti::gate::ledger::Landed;
use expacti::world::git::create_bare;
use expacti::world::index::Index;
use expacti::world::objects::Objects;
use expacti::world::store::{Pace, judge_chain_at};

/// What judging leaves behind: the newest legal step, what landed, and the finding.
type Judged = (Option<CommitId>, String, Option<Finding>);

fn judged(remote: &Path, repo: Digest, tips: &[CommitId], pace: &Pace) -> Judged {
    let (objects, index, versions) = (Objects::open(remote).unwrap(), Index::in_memory().unwrap(), Versions::default());
    let mut found = None;
    for tip in tips {
        let mut told = Vec::new();
        let end = judge_chain_at(pace, &objects, &index, &versions, repo, *tip, &mut |done, total| {
            told.push((done, total));
        });
        // Every step is told of once and in order, whoever judged it.
        assert!(told.iter().zip(0..).all(|((done, _), place)| *done == place), "{told:?}");
        match end {
            Ok(standpoint) => assert_eq!(standpoint.commit, *tip),
            Err(StepError::Illegal(finding)) => found = Some(finding),
            Err(other) => panic!("{other}"),
        }
    }
    let newest = index.tip().unwrap();
    (newest.map(|(commit, _)| commit), format!("{newest:?} {:?}", index.newest(1_000).unwrap()), found)
}

/// Everything below a directory.
fn files(objects: &Objects, tree: &ObjectId, directory: &str) -> Vec<(String, ObjectId)> {
    let below = |entry: Entry| {
        let path = format!("{directory}/{}", String::from_utf8(entry.name.to_vec()).unwrap());
        if entry.mode == DIRECTORY { files(objects, tree, &path) } else { vec![(path, entry.id)] }
    };
    subtree(objects, tree, directory).unwrap().into_iter().flat_map(below).collect()
}

/// A step that lands a chain which has landed before, in a fresh window.
fn land_again(objects: &Objects, tip: CommitId, landed: &Landed) -> CommitId {
    let second = objects.commit(&landed.commit).unwrap().parents[1];
    let own = objects.commit(&second).unwrap().tree;
    let base = objects.replace_top(&objects.commit(&tip).unwrap().tree, "requests", None).unwrap();
    let tree = objects.write_tree(Some(&base), &files(objects, &own, &landed.directory)).unwrap();
    objects.write_commit(&[tip, second], &tree, "mallory", Timestamp::from_unix(0).unwrap(), "again").unwrap()
}

/// The tip, and `count` more commits that repeat its tree: no step is like that.
fn idle(objects: &Objects, tip: CommitId, count: usize) -> CommitId {
    let tree = objects.commit(&tip).unwrap().tree;
    let now = Timestamp::from_unix(0).unwrap();
    (0..count).fold(tip, |at, _| objects.write_commit(&[at, at], &tree, "mallory", now, "idle").unwrap())
}

const PACES: [Pace; 5] = [
    Pace { threads: 1, batch: 128, chunk: 8_192 },
    Pace { threads: 2, batch: 1, chunk: 8_192 },
    Pace { threads: 2, batch: 8, chunk: 30 },
    Pace { threads: 3, batch: 5, chunk: 64 },
    Pace { threads: 4, batch: 20, chunk: 1_000 },
];

#[test]
fn whoever_works_ahead_the_judgement_is_the_same() {
    let home = tempfile::tempdir().unwrap();
    let remote = home.path().join("policy.git");
    create_bare(&remote).unwrap();
    let repo = synthetic::write(&remote, 45);
    let objects = Objects::open(&remote).unwrap();
    let tip = objects.reference("refs/heads/main").unwrap().unwrap();
    let honest = judged(&remote, repo, &[tip], &PACES[0]);
    assert_eq!((honest.0, &honest.2), (Some(tip), &None));

    let index = Index::in_memory().unwrap();
    judge_chain_at(&PACES[0], &objects, &index, &Versions::default(), repo, tip, &mut |_, _| {}).unwrap();
    let rows = index.newest(45).unwrap();
    let middle = objects.commit(&rows[20].landed.commit).unwrap().parents[0];
    // The newest claims are those that a thread may not know to be over: taken at its word, it would let these land.
    let again = |row: usize| land_again(&objects, tip, &rows[row].landed);
    let cases = [
        ("as it is", vec![tip], None),
        ("in two goes", vec![middle, tip], None),
        ("the oldest claim again", vec![again(44)], Some(Code::EndedTwice)),
        ("a late claim again", vec![again(2)], Some(Code::EndedTwice)),
        ("and what comes after", vec![idle(&objects, again(9), 30)], Some(Code::EndedTwice)),
        ("idle steps", vec![idle(&objects, tip, 30)], Some(Code::RepairIllegal)),
    ];
    for (case, tips, code) in cases {
        let alone = judged(&remote, repo, &tips, &PACES[0]);
        assert_eq!(alone.2.as_ref().map(|finding| finding.code), code, "{case}");
        assert_eq!((alone.0, &alone.1), (honest.0, &honest.1), "{case}: what was good stays known");
        for pace in &PACES[1..] {
            assert_eq!(judged(&remote, repo, &tips, pace), alone, "{case}: {pace:?}");
        }
    }
}
