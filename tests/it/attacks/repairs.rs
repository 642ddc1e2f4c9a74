//! Repairs: whoever can push can write one, so it heals what is broken; what must not be taken back is in `tests/hostile/history/`.

use expacti::domain::id::CommitId;

use super::fixture::{Ground, Open};
use super::{SIDE, ground};

/// The tree of `good` again, with `bad` set aside.
fn repair(ground: &Ground, good: CommitId, bad: CommitId) -> CommitId {
    ground.of_tree(&[good, bad], &ground.tree(&good))
}

/// A host's Merge button on the request.
fn broken(ground: &Ground, open: &Open) -> CommitId {
    ground.step(ground.main, open)
}

#[test]
fn what_was_broken_is_healed_and_work_goes_on() {
    // How it is broken, and the step on which it can be healed: the last legal one.
    let heals: &[(&str, fn(&mut Ground, &Open) -> CommitId)] = &[
        ("merge button", |g, open| {
            let good = g.main;
            let bad = broken(g, open);
            g.push(bad);
            good
        }),
        ("several bad steps", |g, open| {
            let good = g.main;
            let bad = broken(g, open);
            g.push(bad);
            let more = g.on(bad, &[("evil.sh".to_owned(), b"x".to_vec())]);
            g.push(more);
            good
        }),
        ("an old tip named first", |g, _| {
            let good = g.main;
            let merge = g.of_tree(&[g.objects_parent(&good), good], &g.tree(&good));
            g.push(merge);
            good
        }),
        ("a repair of nothing", |g, _| {
            let good = g.main;
            let undoing = repair(g, g.objects_parent(&good), good);
            g.push(undoing);
            good
        }),
        ("a file too large to read", |g, _| {
            let good = g.main;
            let bad = g.on(good, &[("policy/000002/root.toml".to_owned(), vec![b'#'; (2 << 20) + 1])]);
            g.push(bad);
            good
        }),
        ("repairs of repairs", |g, open| {
            let good = g.main;
            let legal = repair(g, good, broken(g, open));
            // Each of them takes back the one before it, the first of which was legal.
            let bad = (0..400).fold(legal, |bad, _| repair(g, good, bad));
            g.push(bad);
            legal
        }),
    ];
    for (what, break_it) in heals {
        let mut ground = ground();
        let mut open = ground.half_approved(SIDE);
        let good = break_it(&mut ground, &open);
        assert_eq!(ground.verify("bot", &[]).0, 1, "{what}");
        let heal = repair(&ground, good, ground.main);
        ground.push(heal);
        for who in ["bot", "auditor"] {
            let (status, report) = ground.verify(who, &["--full"]);
            assert_eq!(status, 0, "{what}: {report:#}");
        }
        ground.approve(&mut open, "bob");
        let (status, said) = ground.run("bot", &["resume", "--no-wait", &open.id.to_string()]);
        assert_eq!(status, 0, "{what}: {said}");
        assert!(ground.ran(SIDE), "{what}");
    }
}
