//! Links lead somewhere, and the examples of `docs/format.md` are what it says they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use expacti::domain::claim::Claim;
use expacti::domain::decision::Decision;
use expacti::domain::id::{Digest, RequestId};
use expacti::domain::key::PublicKey;
use expacti::domain::outcome::Outcome;
use expacti::domain::request::Request;
use expacti::domain::root::Root;
use expacti::record::{Record, decision_file_name};
use expacti::trust::signature::verify;

#[test]
fn links_lead_somewhere() {
    let documents = documents();
    assert!(documents.len() >= 8, "{documents:?}");
    for document in documents {
        let text = read(&document);
        for target in links(&text).into_iter().filter(|target| !target.contains("://")) {
            let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
            let other = if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            assert!(root().join(&other).exists(), "{}: {target} is not there", document.display());
            if let Some(anchor) = anchor {
                assert!(
                    anchors(&read(&other)).contains(anchor),
                    "{}: {target} has no such heading",
                    document.display()
                );
            }
        }
    }
}

/// `class/attack` is a directory of `tests/hostile/`, `module::function` a test of `tests/it/`.
#[test]
fn what_the_threat_model_is_shown_by_is_there() {
    let text = read("docs/threat-model.md");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| tries"))
        .map(|line| line.trim_matches('|').split(" | ").collect())
        .collect();
    assert!(rows.len() > 30, "{}", rows.len());
    let mut named = 0;
    for row in rows {
        let [_, _, shown, _] = row[..] else { panic!("four columns: {row:?}") };
        let names: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty() || shown == "–", "{row:?}");
        for name in names {
            named += 1;
            let found = match name.split_once("::") {
                _ if name.starts_with("tests/") => root().join(name).exists(),
                Some((module, function)) => ["", "attacks/"].iter().any(|below| {
                    let file = root().join(format!("tests/it/{below}{module}.rs"));
                    fs::read_to_string(file).is_ok_and(|text| text.contains(&format!("#[test]\nfn {function}(")))
                }),
                None => root().join("tests/hostile").join(name).join("build.sh").exists(),
            };
            assert!(found, "docs/threat-model.md names `{name}`, which is not there");
        }
    }
    assert!(named > 80, "{named}");
}

#[test]
fn examples_of_the_format_are_records() {
    let text = read("docs/format.md");
    let blocks = blocks(&text);
    let record = |kind: &str| {
        let head = format!("schema = \"expacti/{kind}/v1\"\n");
        let found: Vec<&String> = blocks.iter().filter(|block| block.starts_with(&head)).collect();
        assert!(!found.is_empty(), "no example of {kind}");
        found.into_iter().map(|block| block.as_bytes()).collect::<Vec<_>>()
    };
    let (root, request) = (record("root")[0], record("request")[0]);
    let (repo, asked) = (Digest::of(root), Digest::of(request));
    let version = Root::parse(root).unwrap();
    assert_eq!(version.version, 1);
    assert!(text.contains(&repo.fingerprint()), "the fingerprint {} stands in the text", repo.fingerprint());

    let script = blocks.iter().find(|block| block.starts_with("#!")).expect("the text that travels along");
    let request = Request::parse(request).unwrap();
    assert_eq!((request.place.repo, request.command.program.sha256), (repo, Digest::of(script.as_bytes())));
    assert!(
        text.contains(&format!("requests/{}", RequestId::of(&asked)))
            || text.contains(&RequestId::of(&asked).to_string())
    );

    let [approval, denial] = record("decision")[..] else { panic!("an approval and a denial") };
    let (decided, denied) = (Decision::parse(approval).unwrap(), Decision::parse(denial).unwrap());
    assert_eq!((decided.request, decided.seen), (asked, vec![asked]));
    assert!(text.contains(&decision_file_name(&decided.reviewer, approval)));
    assert!(denied.request != asked && denied.place.repo == repo);

    let claim = Claim::parse(record("claim")[0]).unwrap();
    let mut seen = BTreeSet::from([asked, Digest::of(approval)]);
    assert_eq!((claim.request, claim.seen), (asked, seen.iter().copied().collect()));
    let outcome = Outcome::parse(record("outcome")[0]).unwrap();
    seen.insert(Digest::of(record("claim")[0]));
    assert_eq!((outcome.request, outcome.seen), (asked, seen.into_iter().collect()));

    let keys = allowed(blocks.iter().find(|block| block.contains(" namespaces=")).unwrap());
    let signature = blocks.iter().find(|block| block.starts_with("-----BEGIN SSH SIGNATURE")).unwrap();
    verify(&keys["alice"], Decision::NAMESPACE, approval, signature.as_bytes()).unwrap();
    for namespace in [Root::NAMESPACE, Request::NAMESPACE, Decision::NAMESPACE, Claim::NAMESPACE, Outcome::NAMESPACE] {
        assert!(text.contains(&format!("| `{namespace}` |")), "{namespace}");
    }
}

/// By principal, from lines `alice namespaces="…" ssh-ed25519 AAAA…`.
fn allowed(text: &str) -> BTreeMap<String, PublicKey> {
    let line = |line: &str| {
        let (principal, rest) = line.split_once(' ').unwrap();
        let (_, key) = rest.split_once("\" ").unwrap();
        (principal.to_owned(), PublicKey::parse(key).unwrap())
    };
    text.lines().map(line).collect()
}

/// The texts between fences.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            blocks.push(lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect());
        }
    }
    blocks
}

/// Targets of `[text](target)`, outside of fences.
fn links(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if !fenced {
            found.extend(line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)));
        }
    }
    found
}

/// As hosts make them of headings: lower case, words joined by `-`.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    headings
        .map(|heading| {
            let kept = heading
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
                .collect::<String>();
            kept.replace(' ', "-")
        })
        .collect()
}

/// Every document of the repository, relative to its root.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for directory in ["", "docs", "tests/transcripts", "policy-repo-template"] {
        for entry in fs::read_dir(root().join(directory)).unwrap() {
            let name = entry.unwrap().file_name();
            if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
                found.push(Path::new(directory).join(name));
            }
        }
    }
    found
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
