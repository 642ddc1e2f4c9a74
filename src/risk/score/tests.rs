use super::*;
use crate::domain::id::RequestId;
use crate::risk::history::Past;
use crate::risk::kind::kinds;
use crate::risk::signals::tests::{command, taken_apart};
use proptest::prelude::*;

const NOON: &str = "2026-11-25T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn past(text: &str, end: End, created: &str, environments: &[&str]) -> Past {
    let command = command(text, &[]);
    let tree = taken_apart(&command);
    let looked = Looked::new(&tree, &command, true, &[]);
    Past {
        id: RequestId::new([1; 16]),
        height: 1,
        requester: "bot".parse().unwrap(),
        key: "SHA256:x".to_owned(),
        created: at(created),
        ended: at(created),
        kinds: kinds(&looked),
        text: text.to_owned(),
        environments: environments.iter().map(|name| (*name).to_owned()).collect(),
        end,
    }
}

/// What is said of a command at a time, in an environment, with this behind it.
fn judged(line: &str, created: &str, environment: &str, behind: &[Past]) -> Assessment {
    let command = command(line, &[]);
    let tree = taken_apart(&command);
    let looked = Looked::new(&tree, &command, true, &[]);
    let environments: Vec<String> = (!environment.is_empty()).then(|| environment.to_owned()).into_iter().collect();
    let subject = Subject {
        requester: "bot".parse().unwrap(),
        key: "SHA256:x".to_owned(),
        created: at(created),
        base: 0,
        kinds: kinds(&looked),
        text: line.to_owned(),
        environments: environments.clone(),
    };
    let alike =
        behind.iter().filter(|past| past.kinds.iter().any(|kind| subject.kinds.contains(kind))).cloned().collect();
    let history = History { alike, own: behind.to_vec(), key_known: true };
    let targets: Vec<Target> = environments.into_iter().map(|name| Target { name, risk: None }).collect();
    let zone = crate::domain::time::zone("UTC");
    assess(&looked, &subject, &targets, true, &history, &RiskSettings::default(), zone.as_ref())
}

fn ids(assessment: &Assessment) -> Vec<&'static str> {
    assessment.reasons.iter().map(|reason| reason.id).collect()
}

#[test]
fn weights_take_their_share_of_what_is_left() {
    for (weights, score) in [
        (vec![], 0),
        (vec![45], 45),
        (vec![50, 50], 75),
        (vec![25, 25, 25], 58),
        (vec![100, 1], 100),
        (vec![90, 90, 90], 100),
    ] {
        assert_eq!(combined(weights.iter().copied()), score, "{weights:?}");
    }
}

proptest! {
    #[test]
    fn more_signals_never_lower_the_score(mut weights in prop::collection::vec(0_u8..=100, 0..80), more in 0_u8..=100) {
        let before = combined(weights.iter().copied());
        weights.push(more);
        let after = combined(weights.iter().copied());
        prop_assert!(after >= before && after <= 100);
        weights.reverse();
        prop_assert!(combined(weights.iter().copied()).abs_diff(after) <= 1);
    }
}

/// The seed's example: "risk: high, this command modifies production IAM policies and has never been executed before".
#[test]
fn the_example_of_the_seed() {
    let found = judged("aws iam attach-role-policy --role-name r", NOON, "production", &[]);
    assert!(found.level >= Level::High, "{found:?}");
    let found = ids(&found);
    assert!(["iam-change", "environment", "never-by-anyone"].iter().all(|id| found.contains(id)), "{found:?}");
}

#[test]
fn history_speaks() {
    let ran = |end| vec![past("deploy web", end, "2026-11-24T12:00:00Z", &["staging"])];
    let ok = End::Executed { ok: true };
    for (line, behind, there, not) in [
        ("deploy web", vec![], "never-by-anyone", "new-form"),
        ("deploy web", ran(ok), "never-in-environment", "never-by-anyone"),
        ("deploy api", ran(ok), "new-form", "never-by-requester"),
        ("deploy web", ran(End::Executed { ok: false }), "last-failed", "new-form"),
        ("deploy web", ran(End::Denied), "denied-recently", "expired-recently"),
        ("deploy web", ran(End::Expired), "expired-recently", "denied-recently"),
        ("deploy web", ran(End::Withdrawn), "never-by-anyone", "denied-recently"),
    ] {
        let found = judged(line, NOON, "production", &behind);
        assert!(ids(&found).contains(&there), "{line}: {found:?}");
        assert!(!ids(&found).contains(&not), "{line}: {found:?}");
    }
    let twice = [
        past("deploy web", End::Denied, "2026-11-24T12:00:00Z", &[]),
        past("deploy x", End::Denied, "2026-11-23T12:00:00Z", &[]),
    ];
    let found = judged("deploy web", NOON, "", &twice);
    assert!(found.reasons.iter().any(|reason| reason.text.contains("denied twice")), "{found:?}");
    let other = Past { requester: "other".parse().unwrap(), ..past("deploy web", ok, "2026-11-24T12:00:00Z", &[]) };
    assert!(ids(&judged("deploy web", NOON, "", &[other])).contains(&"never-by-requester"));
}

#[test]
fn time_speaks_in_the_policys_zone() {
    for (created, night, weekend) in [
        (NOON, false, false),
        ("2026-11-25T03:17:00Z", true, false),
        ("2026-11-25T22:00:00Z", true, false),
        ("2026-11-28T12:00:00Z", false, true),
    ] {
        let found = ids(&judged("ls", created, "", &[]));
        assert_eq!((found.contains(&"night"), found.contains(&"weekend")), (night, weekend), "{created}");
    }
}

#[test]
fn policy_weighs() {
    let command = command("rm -rf build", &[]);
    let tree = taken_apart(&command);
    let looked = Looked::new(&tree, &command, true, &[]);
    let subject = Subject {
        requester: "bot".parse().unwrap(),
        key: String::new(),
        created: at(NOON),
        base: 0,
        kinds: kinds(&looked),
        text: "rm -rf build".to_owned(),
        environments: vec!["live".to_owned()],
    };
    let mut settings = RiskSettings::default();
    let score = |settings: &RiskSettings, risk| {
        let targets = [Target { name: "live".to_owned(), risk }];
        assess(&looked, &subject, &targets, true, &History::default(), settings, None)
    };
    let before = score(&settings, None);
    assert!(score(&settings, Some(90)).score > before.score);
    assert!(score(&settings, Some(0)).score < before.score);
    settings.weights.insert("rm-recursive-force".to_owned(), 0);
    let after = score(&settings, None);
    assert!(after.score < before.score && !ids(&after).contains(&"rm-recursive-force"));
    settings.levels = [1, 2, 3];
    assert_eq!(score(&settings, None).level, Level::Critical);
}
