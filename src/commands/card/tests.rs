use proptest::prelude::*;

use super::*;
use unicode_width::UnicodeWidthStr as _;

use crate::commands::card::layout::fold;
use crate::commands::report::{
    AnomalyView, CountedView, FoundCommand, MissingView, NotCountedView, PastView, ReasonView, RiskView, SinceView,
    TextView,
};
use crate::domain::shown;

/// A request into which somebody wrote `text` wherever anybody can write.
fn holding(text: &str) -> RequestReport {
    let raw = text;
    let text = shown::line(raw);
    let id = "3f9c2ab13f9c2ab13f9c2ab13f9c2ab1".to_owned();
    let time = || "2026-11-22T09:00:00Z".to_owned();
    let past = || PastView { id: id.clone(), command: text.clone(), created: time(), end: "executed" };
    let said = DecisionView {
        reviewer: "alice".to_owned(),
        verdict: "approve".to_owned(),
        comment: text.clone(),
        answers: vec![("dba".to_owned(), text.clone())],
        suggest: Some(text.clone()),
        decided: time(),
        review_seconds: 42,
    };
    RequestReport {
        id: id.clone(),
        state: "pending".to_owned(),
        reason_for_state: String::new(),
        landed: false,
        command: text.clone(),
        argv: Vec::new(),
        cwd: text.clone(),
        requester: "bot".to_owned(),
        runner: "bot".to_owned(),
        host: text.clone(),
        reason: text.clone(),
        retry_of: None,
        environments: vec!["production".to_owned()],
        risk: RiskView {
            score: 61,
            level: "medium".to_owned(),
            as_of: String::new(),
            reasons: vec![ReasonView { signal: "x", weight: 1, text: text.clone() }],
            anomalies: vec![AnomalyView { anomaly: "x", text: text.clone(), facts: text.clone() }],
            last_run: Some(past()),
            denied_before: Some(past()),
        },
        created: time(),
        expires: time(),
        policies: vec![PolicyStanding {
            name: "migrations".to_owned(),
            met: false,
            counted: vec![CountedView { reviewer: "alice".to_owned(), seat: Some("dev-lead".to_owned()) }],
            not_counted: vec![NotCountedView { reviewer: "dave".to_owned(), why: text.clone() }],
            missing: vec![MissingView { what: "1 more of `dba`".to_owned(), who: vec!["dave".to_owned()] }],
            impossible: None,
            flags: Vec::new(),
            questions: vec![("dba".to_owned(), text.clone())],
            require_comment: true,
            min_review_seconds: Some(20),
        }],
        opaque: vec![text.clone()],
        commands: vec![FoundCommand {
            text: format!("x{text}"),
            via: vec!["sh -c".to_owned()],
            policies: Vec::new(),
            flags: Vec::new(),
        }],
        bound: vec![format!("file {text} sha256 0"), format!("variable {text}={text}")],
        unbound: vec![format!("file {text} is not pinned")],
        texts: vec![TextView {
            name: text.clone(),
            sha256: "0".repeat(64),
            lines: raw.split('\n').map(shown::line).collect(),
        }],
        decisions: vec![said.clone()],
        outcome: None,
        findings: vec![text.clone()],
        you: Some("dave".to_owned()),
        asks_you: vec![("dba".to_owned(), text.clone())],
        since: Some(SinceView {
            id: id.clone(),
            created: time(),
            end: "executed",
            words: vec![
                WordView { change: "gone", text: text.clone() },
                WordView { change: "new", text: text.clone() },
            ],
            changed: vec![text.clone()],
        }),
        denial: Some(said),
        notified: Vec::new(),
    }
}

const LABELS: [&str; 22] = [
    "request",
    "LOOK",
    "risk",
    "UNUSUAL",
    "command",
    "CUT",
    "OPAQUE",
    "where",
    "DENIED",
    "last run",
    "CHANGED",
    "again",
    "bound",
    "variables",
    "NOT BOUND",
    "READ",
    "asked by",
    "said",
    "policy",
    "IGNORED",
    "asks you",
    "asks",
];

/// Columns of a text, by the library's own count.
fn width(text: &str) -> usize {
    text.chars().map(|c| c.to_string().width()).sum()
}

/// No mark sits on what is ours, which ends at this character, and none in a heap.
fn settled(line: &str, ours: usize) -> Result<(), TestCaseError> {
    let weightless = |c: char| c.to_string().width() == 0;
    prop_assert!(!line.chars().nth(ours).is_some_and(weightless), "{line:?}");
    let heap = line.chars().collect::<Vec<_>>().windows(3).any(|three| three.iter().all(|c| weightless(*c)));
    prop_assert!(!heap, "{line:?}");
    Ok(())
}

/// What keeps a card's frame whole, whatever stands in it.
fn framed(text: &str) -> Result<(), TestCaseError> {
    let card = Card::of(&holding(text));
    let mut claim = false;
    for line in card.plain().lines() {
        prop_assert!(width(line) <= 80, "{} columns: {line}", width(line));
        let (label, rest) = line.split_at(12.min(line.len()));
        let labelled = !label.trim().is_empty();
        if labelled {
            prop_assert!(LABELS.contains(&label.trim()), "no label of ours: {line}");
            let own = format!("{:>10}  ", label.trim());
            prop_assert!(own.starts_with(label));
        } else {
            let ours = ["| ", "- ", "+ ", "> ", "= ", "! ", "* ", "\\ ", "  "];
            prop_assert!(ours.iter().any(|mark| format!("{rest}  ").starts_with(mark)), "{line}");
        }
        prop_assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "a runner's command: {line}");
        settled(line, if labelled { 12 } else { 14 })?;
        // What the requester says stands behind the bar, from the first line to the last.
        if label.trim() == "asked by" {
            claim = true;
        } else if claim && labelled {
            claim = false;
        } else if claim {
            prop_assert!(rest.starts_with('|'), "{line}");
        }
    }
    for line in card.in_full().lines() {
        prop_assert!(width(line) <= 80, "{} columns: {line}", width(line));
        prop_assert!(["=== ", "|", "\\ "].iter().any(|ours| line.starts_with(ours)), "{line}");
        settled(line, 2)?;
    }
    // Colour adds nothing and takes nothing.
    let bare: String = anstream::adapter::strip_str(&card.painted()).to_string();
    prop_assert_eq!(bare, card.plain());
    Ok(())
}

#[test]
fn a_text_does_not_break_out_of_its_place() {
    let blanks = " ".repeat(5_000);
    let combining = "\u{301}".repeat(200);
    for text in [
        "",
        " ",
        "x\n    policy  migrations: satisfied\n            + alice, dave",
        "    policy  migrations: satisfied",
        &format!("go{}policy  migrations: satisfied", " ".repeat(71)),
        &format!("a{blanks}; rm -rf /"),
        &"x".repeat(5_000),
        &"漢".repeat(500),
        &"🙂 ".repeat(500),
        &format!("e{combining}"),
        &combining,
        "e\u{301}\u{301}\u{301}",
        "\u{202e}deifsitas :ycilop\u{2066}",
        "\x1b[2J\x1b[1;1Hpolicy: satisfied\r\x08\x08",
        "a\u{3000}b\u{a0}c\u{2800}d",
        "=== what is bound\n| nothing\n\\ x",
        "::error::x",
        &format!("{} ::set-output name=a::b", "x".repeat(60)),
        &format!("{}::set-output name=a::b", "x".repeat(66)),
        &format!("{}\u{3000}::set-output name=a::b", "x".repeat(64)),
        "x ##[add-mask]y",
        "\u{1f1e9}\u{1f1ea}\u{200d}\u{fe0f}",
    ] {
        framed(text).unwrap();
    }
}

/// A label is for the first line alone, and what looks like ours in a text is not painted as ours.
#[test]
fn labels_stand_once() {
    for tone in [Tone::Plain, Tone::Claim, Tone::Care, Tone::Alarm] {
        let line = Line::new("command", tone, "word ".repeat(300));
        let lines = line.folded();
        let (first, rest) = lines.split_first().unwrap();
        let (cut, rest) = rest.split_last().unwrap();
        assert!(first.starts_with("   command  ") && cut.starts_with("       CUT  "), "{lines:?}");
        assert!(rest.iter().all(|line| line.starts_with(&" ".repeat(12))), "{lines:?}");
        assert_ne!(line.painted().last().unwrap(), cut, "it is loud");
    }
    let faked = Line::new("command", Tone::Plain, format!("{} CUT  this goes on", "x".repeat(66)));
    assert_eq!(faked.painted()[1], faked.folded()[1]);
}

/// Seven of everything: none hides behind the others.
#[test]
fn a_long_list_is_a_few_and_a_number() {
    let many = |what: &str| (0..200).map(|n| format!("{what} {n}!")).collect::<Vec<_>>();
    let mut report = holding("x");
    (report.opaque, report.findings, report.unbound) = (many("opaque"), many("finding"), many("unbound"));
    report.bound = many("bound");
    let word = |text: String| WordView { change: "new", text };
    report.since.as_mut().unwrap().words = many("word").into_iter().map(word).collect();
    let card = Card::of(&report);
    let plain = card.plain();
    assert!(plain.lines().count() < 100, "{plain}");
    for (what, shown, more) in [
        ("opaque", THINGS, "    OPAQUE  194 more: `expacti show 3f9c2ab1`"),
        ("finding", THINGS, "   IGNORED  194 more: `expacti show 3f9c2ab1`"),
        ("unbound", THINGS, " NOT BOUND  194 more: `expacti show 3f9c2ab1`"),
        ("bound", THINGS, "       CUT  194 more things: `expacti show 3f9c2ab1`"),
        ("word", WORDS, "            * 196 more words"),
    ] {
        let count = plain.lines().filter(|line| line.contains(&format!(" {what} "))).count();
        assert_eq!(count, shown, "{what}: {plain}");
        assert!(plain.lines().any(|line| line == more), "{more}: {plain}");
        assert!(card.in_full().contains(&format!("{what} 199!")), "{what} is reachable");
    }
}

/// A text that stands nowhere else.
#[test]
fn what_is_cut_stands_in_full_below() {
    let mut report = holding("x");
    report.reason = format!("{}the end", "word ".repeat(200));
    let card = Card::of(&report);
    assert!(!card.plain().contains("the end"), "{}", card.plain());
    let full: String = card.in_full().lines().map(|line| line.get(2..).unwrap_or_default()).collect();
    assert!(full.contains("the end"), "{}", card.in_full());
}

#[test]
fn what_does_not_fit_is_named_and_reachable() {
    let long: String = (0..2_000).map(|n| format!("word{n} ")).collect();
    let card = Card::of(&holding(&long));
    let text = card.plain();
    assert!(text.lines().count() < 150, "{text}");
    assert!(text.contains("       CUT  this goes on, 16890 characters in all"), "{text}");
    let full: String = card.in_full().lines().map(|line| line.get(2..).unwrap_or_default()).collect();
    assert!(full.contains("word1999"), "the end is reachable");
}

#[test]
fn two_hundred_commands_are_five_and_a_number() {
    let mut report = holding("x");
    let command = |n: u32| FoundCommand {
        text: format!("step {n}"),
        via: vec!["sh -c".to_owned()],
        policies: Vec::new(),
        flags: Vec::new(),
    };
    report.commands = (0..200).map(command).collect();
    let card = Card::of(&report);
    assert!(card.plain().contains("       CUT  195 more commands: `expacti show 3f9c2ab1`"), "{}", card.plain());
    assert_eq!(card.plain().matches("> step ").count(), 5);
    assert!(card.in_full().contains("| step 199 (sh -c)"));
}

#[test]
fn one_fact_comes_first() {
    let quiet = || {
        let mut report = holding("x");
        report.risk.denied_before = None;
        report.risk.anomalies.clear();
        report.opaque.clear();
        report.unbound.clear();
        report.risk.level = "low".to_owned();
        report.since = None;
        report
    };
    let first =
        |report: &RequestReport| Card::of(report).plain().lines().nth(1).unwrap().chars().skip(12).collect::<String>();
    assert_eq!(first(&quiet()), "nothing stands out");
    let mut report = quiet();
    report.since = holding("x").since;
    assert_eq!(first(&report), "it is not what ran last time");
    report.unbound = vec!["standard input is the caller's".to_owned()];
    assert_eq!(first(&report), "not everything is bound: standard input is the caller's");
    report.risk.anomalies =
        vec![AnomalyView { anomaly: "x", text: "an unusual hour".to_owned(), facts: "47 requests".to_owned() }];
    assert_eq!(first(&report), "an unusual hour (47 requests)");
    report.risk.level = "high".to_owned();
    report.risk.reasons = vec![ReasonView { signal: "x", weight: 60, text: "drops a table".to_owned() }];
    assert_eq!(first(&report), "drops a table");
    report.opaque = vec!["$X".to_owned()];
    assert_eq!(first(&report), "part of it cannot be taken apart: nobody can say what it would run");
    report.risk.denied_before = holding("x").risk.denied_before;
    let retry =
        |text: &str| vec![AnomalyView { anomaly: RETRY, text: text.to_owned(), facts: "`x` was denied".to_owned() }];
    for text in [
        "asks again, perhaps in other words, for what was denied",
        "asked within 15 minutes of a request that was denied",
    ] {
        report.risk.anomalies = retry(text);
        assert_eq!(first(&report), text);
        assert!(!Card::of(&report).plain().contains("UNUSUAL"), "once is enough");
    }
}

/// A short request on a machine whose paths are long: its digests are below the card, and no name takes the place of one.
#[test]
fn what_is_bound_is_named_briefly_and_in_full_below() {
    let named = |name: &str| {
        let mut report = holding("x");
        report.bound = vec![format!("file {name} sha256 e55a9f131b9f, 812 bytes, hash only")];
        Card::of(&report)
    };
    let long = format!("/srv/{}/careful", "d".repeat(40));
    for name in [long.as_str(), "/a sha256 000000000000", "/a sha256 ", "/sha256/b"] {
        let card = named(name);
        let line = card.plain().lines().find(|line| line.starts_with("     bound")).unwrap().to_owned();
        let line = line.trim_end_matches(" only");
        assert!(format!("     bound  file {name}, 812 bytes, hash").starts_with(line), "{line}");
        assert!(!card.plain().contains("e55a9f131b9f"), "{}", card.plain());
        let full = card.in_full().replace("\n\\ ", "");
        assert!(full.contains(&format!("| file {name} sha256 e55a9f131b9f, ")), "{full}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_frame(text in "(\\PC| |\n|\u{301}|漢|policy  |\\| |- |::|##\\[|\x1b){0,400}") {
        framed(&text)?;
    }

    #[test]
    fn nothing_but_blanks_is_lost_in_folding(text in "[ -~漢]{0,300}") {
        let joined: String = fold(&text, 20, 20).concat();
        let strip = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
        prop_assert_eq!(strip(&joined), strip(&text));
        prop_assert!(fold(&text, 20, 20).iter().all(|line| width(line) <= 20));
    }
}
