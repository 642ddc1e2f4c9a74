//! `docs/findings.md` names every finding, and no other.

use expacti::gate::finding::Code;

#[test]
fn every_finding_is_explained_with_an_example_and_what_to_do() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/findings.md")).unwrap();
    let mut sections: Vec<(&str, &str)> =
        text.split("\n### ").skip(1).map(|section| section.split_once('\n').unwrap()).collect();
    sections.sort_unstable();
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(sections.iter().map(|(code, _)| *code).collect::<Vec<_>>(), codes);
    for (code, body) in sections {
        assert!(body.contains("\n*Example:* ") && body.contains("\n*Do:* "), "{code}");
    }
}
