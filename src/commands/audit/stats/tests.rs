//! Hand-made accounts: what the gate would never let pass must show all the same.

use super::*;
use crate::gate::account::Told as Outcome;

/// Seconds after 2026-11-02T00:00:00Z, a Monday.
pub(crate) fn at(seconds: i64) -> String {
    Timestamp::from_unix(1_793_577_600 + seconds).unwrap().to_string()
}

/// A request of `bot`, made at `created`; open.
pub(crate) fn account(id: &str, created: i64) -> Account {
    Account {
        id: id.to_owned(),
        state: "pending".to_owned(),
        created: at(created),
        expires: at(created + 3_600),
        ended: None,
        ended_by: None,
        ending: None,
        requester: "bot".to_owned(),
        requester_kind: "agent".to_owned(),
        operators: vec!["olga".to_owned()],
        key: "SHA256:bot".to_owned(),
        record: "00".to_owned(),
        runner: "bot".to_owned(),
        host: "host".to_owned(),
        cwd: "/".to_owned(),
        command: "deploy".to_owned(),
        program: "00".to_owned(),
        reason: String::new(),
        retry_of: None,
        environments: Vec::new(),
        opaque: false,
        policies: vec!["deploys".to_owned()],
        unattended: false,
        version: 1,
        decisions: Vec::new(),
        flags: Vec::new(),
        findings: Vec::new(),
        commit: None,
        height: None,
        outcome: None,
    }
}

/// The same, ended so.
pub(crate) fn ended(mut account: Account, state: &str, seconds: i64) -> Account {
    (account.state, account.ended) = (state.to_owned(), Some(at(seconds)));
    if state == "executed" {
        account.outcome = Some(Outcome {
            word: state.to_owned(),
            status: Some(0),
            started: Some(at(seconds)),
            duration_ms: Some(1_500),
            recorded: at(seconds + 2),
            author: account.runner.clone(),
            reason: None,
            record: "00".to_owned(),
            key: "SHA256:bot".to_owned(),
            before: None,
            commit: None,
        });
    }
    account
}

/// With the decision of a reviewer who took so many seconds.
pub(crate) fn said(mut account: Account, reviewer: &str, verdict: &str, decided: i64, seconds: u64) -> Account {
    account.decisions.push(Voice {
        reviewer: reviewer.to_owned(),
        role: Some("dba".to_owned()),
        team: None,
        key: format!("SHA256:{reviewer}"),
        verdict: verdict.to_owned(),
        shown: at(decided - i64::try_from(seconds).unwrap()),
        decided: at(decided),
        seconds,
        comment: "read it".to_owned(),
        answers: std::collections::BTreeMap::new(),
        suggest: None,
        counts: true,
        seats: Vec::new(),
        why_not: None,
        record: "00".to_owned(),
    });
    account
}

/// Asked, approved after so long by one reviewer, executed.
pub(crate) fn done(id: &str, created: i64, reviewer: &str, wait: i64) -> Account {
    ended(said(account(id, created), reviewer, "approve", created + wait, 5), "executed", created + wait + 10)
}

pub(crate) fn period(from: Option<i64>, to: Option<i64>) -> Period {
    let bound = |edge: Option<i64>| edge.map(|edge| moment(&at(edge)).unwrap());
    Period { from: bound(from), to: bound(to) }
}

const ALWAYS: Period = Period { from: None, to: None };

#[test]
fn roll_forward_adds_up_at_every_edge() {
    let all = [
        ended(account("before", 0), "executed", 50),
        ended(account("into", 50), "denied", 100),
        ended(account("within", 100), "executed", 199),
        ended(account("out", 150), "expired", 200),
        ended(account("through", 99), "withdrawn", 300),
        ended(account("after", 200), "executed", 250),
        account("open since before", 10),
        account("open since within", 199),
        account("open since after", 200),
        // Two clocks: it ended before it was made, in the period and out of it.
        ended(account("odd", 210), "executed", 120),
        ended(account("older", 130), "executed", 90),
    ];
    let counted = |from, to| {
        let period = period(from, to);
        let population = population(period, &all);
        assert!(population.adds_up, "{population:?}");
        // What does not concern a period changes no number of it.
        let own: Vec<Account> = all.iter().filter(|one| concerns(period, one)).cloned().collect();
        assert_eq!(super::population(period, &own), population);
        (population.open_at_start, population.made, population.ended.total(), population.open_at_end, own.len())
    };
    assert_eq!(counted(Some(100), Some(200)), (3, 4, 3, 4, 7));
    assert_eq!(counted(None, None), (0, 11, 8, 3, 11));
    assert_eq!(counted(Some(200), None), (4, 2, 3, 3, 6));
    assert_eq!(counted(None, Some(100)), (0, 5, 2, 3, 5));
    assert_eq!(counted(Some(1_000), Some(2_000)), (3, 0, 0, 3, 3));
}

#[test]
fn spreads_are_by_nearest_rank() {
    let of = |seconds: &[u64]| Spread::of(seconds.to_vec()).map(|s| (s.least, s.median, s.p90, s.most));
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[7]), Some((7, 7, 7, 7)));
    assert_eq!(of(&[3, 1]), Some((1, 1, 3, 3)));
    assert_eq!(of(&[5, 1, 3]), Some((1, 3, 5, 5)));
    assert_eq!(of(&(1..=10).rev().collect::<Vec<_>>()), Some((1, 5, 9, 10)));
    assert_eq!(of(&(1..=100).collect::<Vec<_>>()), Some((1, 50, 90, 100)));
}

#[test]
fn a_rubber_stamp_run_is_five_within_ten_seconds_each() {
    // When one reviewer approved; the runs as approvals and seconds.
    type Row = (&'static [i64], &'static [(u64, u64)]);
    let rows: &[Row] = &[
        (&[0, 10, 20, 30, 40], &[(5, 40)]),
        (&[0, 10, 20, 30], &[]),
        (&[0, 10, 20, 31, 41], &[]),
        (&[0, 0, 0, 0, 0], &[(5, 0)]),
        (&[40, 0, 30, 10, 20], &[(5, 40)]),
        (&[0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 8, 8, 8], &[(15, 8)]),
        (&[0, 1, 2, 3, 4, 100, 101, 102, 103, 104, 105], &[(6, 5), (5, 4)]),
        (&[0, 1, 2, 3, 4, 15, 16, 17, 18, 19], &[(5, 4), (5, 4)]),
    ];
    for (times, expected) in rows {
        let mut all: Vec<Account> = Vec::new();
        for (nth, time) in times.iter().enumerate() {
            all.push(said(account(&format!("{nth:02}"), -500), "rita", "approve", *time, 1));
            // Somebody else in between neither makes a run nor breaks one, nor do denials.
            all.push(said(account(&format!("other-{nth}"), -500), &format!("ivan-{}", nth % 4), "approve", *time, 1));
            all.push(said(account(&format!("no-{nth}"), -500), "rita", "deny", *time + 5, 1));
        }
        let found = reviewers(ALWAYS, &all);
        let rita = found.iter().find(|one| one.reviewer == "rita").unwrap();
        let runs: Vec<(u64, u64)> = rita.runs.iter().map(|run| (run.approvals, run.seconds)).collect();
        assert_eq!(runs, *expected, "{times:?}");
        assert!(found.iter().filter(|one| one.reviewer != "rita").all(|one| one.runs.is_empty()), "{times:?}");
    }
    let all: Vec<Account> =
        (0..6).map(|nth| said(account(&format!("id-{nth}"), -9), "rita", "approve", nth, 1)).collect();
    let run = reviewers(ALWAYS, &all)[0].runs[0].clone();
    assert_eq!((run.first.as_str(), run.last.as_str(), run.words().as_str()), ("id-0", "id-5", "6 approvals in 5 s"));
    // An edge of the period cuts a run.
    assert_eq!(reviewers(period(Some(2), None), &all)[0].runs, []);
}

#[test]
fn reviewers_are_told_by_what_they_did() {
    let mut spare = said(account("c", 0), "rita", "approve", 60, 2);
    (spare.decisions[0].counts, spare.decisions[0].why_not) = (false, Some("decided after 2 s".to_owned()));
    spare.decisions[0].comment = " ".to_owned();
    let all = [
        said(account("a", 0), "rita", "approve", 100, 20),
        said(account("b", 0), "rita", "deny", 40, 9),
        spare,
        said(account("late", 0), "rita", "approve", 5_000, 1_000),
    ];
    let rita = &reviewers(period(None, Some(5_000)), &all)[0];
    assert_eq!((rita.approvals, rita.denials, rita.did_not_count), (2, 1, 1));
    assert_eq!((rita.without_comment, rita.hasty), (1, 1));
    assert_eq!(rita.review_seconds.unwrap(), Spread { least: 2, median: 9, p90: 20, most: 20 });
    assert_eq!(rita.waited_seconds.unwrap(), Spread { least: 40, median: 60, p90: 100, most: 100 });
    let told = not_counted(ALWAYS, &all);
    assert_eq!((told.len(), told[0].count, told[0].why.as_str()), (1, 1, "decided after 2 s"));
}

/// Each breaks the separation of duties in its own way, though the gate is said to have counted it.
pub(crate) fn breaking() -> Vec<(&'static str, Account)> {
    let mut key = done("own-key", 0, "alias", 30);
    key.decisions[0].key = key.key.clone();
    let mut shared = done("shared", 0, "ann", 30);
    shared = said(shared, "ben", "approve", 35, 5);
    shared.decisions[1].key = shared.decisions[0].key.clone();
    let mut nobody = done("nobody", 0, "ann", 30);
    nobody.decisions[0].counts = false;
    let mut denied = done("only-denied", 0, "ann", 30);
    denied.decisions[0].verdict = "deny".to_owned();
    vec![
        ("own-name", done("own", 0, "bot", 30)),
        ("own-name", said(done("own-among", 0, "ann", 30), "bot", "approve", 31, 5)),
        ("own-key", key),
        ("shared-key", shared),
        ("nobody", nobody),
        ("nobody", denied),
    ]
}

#[test]
fn duties_are_counted_anew_and_not_believed() {
    for (kind, account) in breaking() {
        let id = account.id.clone();
        let found = duties(ALWAYS, &[done("right", 0, "ann", 9), account]);
        let kinds: Vec<_> = found.breaches.iter().map(|breach| (breach.kind, breach.id.as_str())).collect();
        assert_eq!(kinds, [(kind, id.as_str())]);
        assert_eq!(found.executions, 2);
    }
    let mut unasked = ended(account("unasked", 0), "executed", 5);
    unasked.unattended = true;
    let mut attempt = said(done("attempt", 0, "ann", 30), "bot", "approve", 20, 1);
    attempt.decisions[1].counts = false;
    let mut by_key = said(done("attempt-by-key", 0, "ann", 30), "carl", "approve", 20, 1);
    (by_key.decisions[1].counts, by_key.decisions[1].key) = (false, by_key.key.clone());
    let all = [
        done("right", 0, "ann", 9),
        unasked,
        attempt,
        by_key,
        done("alone", 0, "olga", 9),
        said(done("among", 0, "olga", 9), "ann", "approve", 10, 5),
        // No executions: who approves an own request that is then denied breaks nothing.
        ended(said(account("denied", 0), "bot", "approve", 5, 1), "denied", 9),
        said(account("open", 0), "bot", "approve", 5, 1),
    ];
    let found = duties(ALWAYS, &all);
    assert_eq!((found.executions, found.needed_nobody, found.approved), (6, 1, 5));
    assert_eq!(found.breaches, []);
    assert_eq!((found.operators_alone, found.operator_among), (vec!["alone".to_owned()], vec!["among".to_owned()]));
    let attempts: Vec<_> = found.attempts.iter().map(|attempt| attempt.id.as_str()).collect();
    assert_eq!(attempts, ["attempt", "attempt-by-key"]);
    assert_eq!(duties(period(Some(1_000), None), &all).executions, 0);
    for state in ["claimed", "not-run", "unknown"] {
        assert_eq!(duties(ALWAYS, &[ended(account("spent", 0), state, 5)]).breaches.len(), 1, "{state}");
    }
}

#[test]
fn a_request_counts_in_each_of_its_groups() {
    let mut both = done("both", 0, "ann", 9);
    both.environments = vec!["production".to_owned(), "staging".to_owned()];
    let all = [both, ended(account("none", 0), "denied", 9), account("open", 0)];
    let names: Vec<_> =
        by_environment(ALWAYS, &all).into_iter().map(|group| (group.name, group.ended.total())).collect();
    let name = |text: &str| Some(text.to_owned());
    assert_eq!(names, [(None, 1), (name("production"), 1), (name("staging"), 1)]);
    let policy = &by_policy(ALWAYS, &all)[0];
    assert_eq!((policy.ended.executed, policy.ended.denied, policy.ended.total()), (1, 1, 2));
    let keys = keys(ALWAYS, &all);
    let bot = keys.iter().find(|key| key.key == "SHA256:bot").unwrap();
    assert_eq!((bot.requests, bot.approvals, bot.principals.len()), (3, 0, 1));
}

#[test]
fn series_hold_what_the_tables_hold() {
    const DAY: i64 = 86_400;
    let long = [done("a", 0, "ann", 100), done("b", 50 * DAY, "ann", 5)];
    let flow = flow(ALWAYS, &long);
    assert_eq!((flow.days, flow.buckets.len(), flow.buckets[0].from.as_str()), (7, 8, "2026-11-02"));
    assert_eq!(flow.buckets.iter().map(|bucket| bucket.ended.total()).sum::<u64>(), 2);
    let short = super::flow(ALWAYS, &[done("a", 0, "ann", 100), done("b", 2 * DAY, "ann", 5)]);
    assert_eq!((short.days, short.buckets.len()), (1, 3));
    assert_eq!(super::flow(ALWAYS, &[account("open", 0)]).buckets, []);
    // Somebody's clock in the year 9999.
    let mut far = done("far", 0, "ann", 5);
    far.ended = Some("9998-12-31T00:00:00Z".to_owned());
    let flow = super::flow(ALWAYS, &[done("a", 0, "ann", 5), far]);
    assert!(flow.buckets.len() < 1_100, "{}", flow.buckets.len());
    assert_eq!(flow.buckets.iter().map(|bucket| bucket.ended.total()).sum::<u64>(), 2);

    let quorum = quorum(ALWAYS, &long);
    assert_eq!(quorum.seconds.map(|s| (s.median, s.most)), Some((5, 100)));
    let counts: Vec<_> = quorum.bins.iter().filter(|bin| bin.count > 0).map(|bin| bin.below).collect();
    assert_eq!(counts, [Some(10), Some(180)]);

    let runs: Vec<Account> = (0..6).map(|nth| said(account(&format!("{nth}"), 0), "ann", "approve", nth, 1)).collect();
    let mut all = runs;
    all.push(said(account("slow", 0), "ann", "approve", 9_000, 600));
    let paces = paces(ALWAYS, &all, &reviewers(ALWAYS, &all));
    let bins: Vec<_> = paces[0].bins.iter().map(|bin| (bin.seconds, bin.count, bin.in_runs)).collect();
    assert_eq!(bins, [(1, 6, 6), (600, 1, 0)]);

    // A Monday, ten seconds after midnight in UTC, is one in the morning in Berlin.
    let grid = |zone| hours(ALWAYS, &[done("a", 0, "ann", 5)], zone);
    assert_eq!((grid("UTC").counts[0][0], grid("Europe/Berlin").counts[0][1]), (1, 1));
    assert_eq!(grid("Nowhere/At-all").zone, "UTC");
}
