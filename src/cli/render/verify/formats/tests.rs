use super::*;
use crate::commands::report::{HeadView, OpenView, SuspectView};
use proptest::prelude::*;

const HOSTILE: &str = "]]>\n::stop-commands::x\r\n</failure>\"'&%0A\u{0}\u{b}\u{1b}[2J \u{fffe}";

fn finding(code: &str, text: &str) -> FindingView {
    let path = Some(format!("requests/a:b,c/{text}"));
    FindingView { code: code.to_owned(), commit: Some("0".repeat(40)), path, message: text.to_owned() }
}

fn hostile(text: &str) -> VerifyReport {
    VerifyReport {
        ok: false,
        sure: true,
        tip: None,
        last: None,
        steps: 3,
        requests: 1,
        root: "SHA256:x".to_owned(),
        version: 1,
        findings: vec![finding("step-illegal", text)],
        request: None,
        head: Some(HeadView {
            rev: text.to_owned(),
            commit: "1".repeat(40),
            base: "2".repeat(40),
            kind: "main",
            id: None,
            steps: 0,
            state: None,
            waiting: Vec::new(),
            note: Some(text.to_owned()),
            findings: vec![finding("fork", text), finding("no-such-code", text)],
        }),
        again: vec![AgainView {
            key: "SHA256:y".to_owned(),
            compromised_since: "4".repeat(40),
            reason: Some(text.to_owned()),
            records: vec![SuspectView { request: None, record: text.to_owned(), commit: "5".repeat(40) }],
        }],
        open: vec![OpenView {
            id: "3".repeat(32),
            state: text.to_owned(),
            findings: vec![finding("key-unknown", text)],
        }],
    }
}

/// Undoes what GitHub's runner undoes.
fn undone(text: &str) -> String {
    text.replace("%0A", "\n").replace("%0D", "\r").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
}

#[test]
fn github_reads_what_was_meant_and_no_other_command() {
    let out = report(&hostile(HOSTILE), Format::Github).unwrap();
    let lines: Vec<&str> = out.split('\n').filter(|line| !line.is_empty()).collect();
    let commands: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(commands, ["::error", "::notice", "::error", "::error", "::notice", "::warning", "::notice"]);
    assert!(
        lines[6].contains(&format!("title=expacti revoked key SHA256%3Ay::revoked ({}", data(HOSTILE))),
        "{}",
        lines[6]
    );
    assert!(!out.contains('\r'));
    let (properties, message) = lines[0].strip_prefix("::error ").unwrap().split_once("::").unwrap();
    assert_eq!(undone(message), format!("{HOSTILE}\ncommit {}", "0".repeat(40)));
    let properties: Vec<(&str, &str)> = properties.split(',').map(|pair| pair.split_once('=').unwrap()).collect();
    assert_eq!(properties[0].0, "file");
    assert_eq!(undone(properties[0].1), format!("requests/a:b,c/{HOSTILE}"));
    assert_eq!(properties[1], ("title", "expacti main step-illegal"));
}

#[test]
fn sarif_has_what_scanners_ask_for() {
    let out = report(&hostile(HOSTILE), Format::Sarif).unwrap();
    let log: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(run["tool"]["driver"]["name"], "expacti");
    assert!(rules.iter().all(|rule| !rule["help"]["text"].as_str().unwrap().is_empty()));
    let results = run["results"].as_array().unwrap();
    let levels: Vec<&str> = results.iter().map(|result| result["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["error", "error", "error", "warning", "none"]);
    let (review, results) = results.split_last().unwrap();
    assert_eq!((&review["kind"], review.get("ruleId")), (&"review".into(), None));
    assert!(review["message"]["text"].as_str().unwrap().starts_with("key SHA256:y: revoked ("), "{review}");
    for result in results {
        assert_eq!(result["message"]["text"], HOSTILE);
        let place = &result["locations"][0];
        let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("requests/a%3Ab%2Cc/%5D%5D%3E%0A") && uri.is_ascii(), "{uri}");
        assert_eq!(place["logicalLocations"][1]["name"], "0".repeat(40));
        match result["ruleIndex"].as_u64() {
            Some(index) => assert_eq!(rules[usize::try_from(index).unwrap()]["id"], result["ruleId"]),
            None => assert_eq!(result["ruleId"], "no-such-code"),
        }
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

/// The elements of a document, or what makes it none: enough of XML for what is written here.
fn elements(text: &str) -> Vec<String> {
    let text = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    assert!(text.chars().all(|c| c == '\n' || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))), "{text:?}");
    let (mut open, mut all) = (Vec::<String>::new(), Vec::new());
    for piece in text.split('<').skip(1) {
        let (tag, content) = piece.split_once('>').unwrap();
        assert!(!content.contains('>'), "{content:?}");
        for reference in piece.split('&').skip(1) {
            let name = reference.split_once(';').unwrap().0;
            assert!(["amp", "lt", "gt", "quot", "apos", "#10", "#9"].contains(&name), "{name:?}");
        }
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop().as_deref(), Some(name)),
            None => {
                assert_eq!(tag.matches('"').count() % 2, 0, "{tag:?}");
                let name = tag.split(' ').next().unwrap().to_owned();
                all.push(name.clone());
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
    all
}

#[test]
fn junit_has_a_test_for_each_subject() {
    let out = report(&hostile(HOSTILE), Format::Junit).unwrap();
    let found = elements(&out);
    let count = |name: &str| found.iter().filter(|element| *element == name).count();
    assert_eq!((count("testcase"), count("failure"), count("error")), (4, 2, 0));
    assert!(out.contains("tests=\"4\" failures=\"2\" errors=\"0\""), "{out}");
    let unsure = VerifyReport { sure: false, ..hostile(HOSTILE) };
    assert!(report(&unsure, Format::Junit).unwrap().contains("tests=\"4\" failures=\"0\" errors=\"2\""));
}

#[test]
fn a_fault_is_said_in_the_same_format() {
    let fault = CommandError::unsure(HOSTILE).hint("try\nagain");
    let github = error(&fault, Format::Github).unwrap();
    assert_eq!(github.lines().count(), 1);
    let log: Value = serde_json::from_str(&error(&fault, Format::Sarif).unwrap()).unwrap();
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    let junit = error(&fault, Format::Junit).unwrap();
    assert!(elements(&junit).contains(&"error".to_owned()), "{junit}");
    assert_eq!(error(&fault, Format::Text), None);
}

proptest! {
    #[test]
    fn any_text_stays_text(text: String) {
        let said = hostile(&text);
        elements(&report(&said, Format::Junit).unwrap());
        let log: Value = serde_json::from_str(&report(&said, Format::Sarif).unwrap()).unwrap();
        prop_assert_eq!(log["runs"][0]["results"][0]["message"]["text"].as_str().unwrap(), &text);
        let github = report(&said, Format::Github).unwrap();
        prop_assert_eq!(github.lines().count(), 7);
    }
}
