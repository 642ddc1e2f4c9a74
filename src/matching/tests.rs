//! The labelled corpus, the wrapper property, hostile inputs.


use serde_json::Value;

use super::*;
use crate::domain::pattern::PatternKind;

const CORPUS: &str = include_str!("../../tests/corpus/evasion.jsonl");
const POLICIES: &[(&str, &str)] = &[
    ("schema-migration", "migrate*"),
    ("prod-deploy", "deploy*"),
    ("iam", "aws iam *"),
    ("sql-ddl", "psql*"),
    ("delete", "rm -rf *"),
    ("on-call", "*"),
];

fn pattern(source: &str) -> Pattern {
    Pattern::new(PatternKind::Glob, source).unwrap()
}

fn patterns(policies: &[(&'static str, &str)]) -> Vec<(&'static str, Vec<Pattern>)> {
    policies.iter().map(|(name, source)| (*name, vec![pattern(source)])).collect()
}

fn judge(policies: &[(&'static str, Vec<Pattern>)], invocation: &Invocation<'_>) -> Governed {
    let rules: Vec<_> = policies
        .iter()
        .map(|(name, patterns)| Rule { name, patterns, applies: Applies::Yes })
        .collect();
    govern(&rules, &Settings::default(), invocation)
}

fn argv(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

fn judge_words(policies: &[(&'static str, Vec<Pattern>)], words: &[&str]) -> Governed {
    judge(policies, &Invocation { argv: &argv(words), ..Invocation::default() })
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn base64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        bits = bits << 6 | alphabet.iter().position(|one| *one == byte).unwrap() as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    out
}

/// One row judged: what is wrong with the answer, if anything.
fn row(row: &Value, policies: &[(&'static str, Vec<Pattern>)]) -> Option<String> {
    let mut argv: Vec<Vec<u8>> = strings(&row["argv"]).into_iter().map(String::into_bytes).collect();
    if row["argv_b64"].is_array() {
        argv = strings(&row["argv_b64"]).iter().map(|text| base64(text)).collect();
    }
    for pad in row["pad"].as_array().into_iter().flatten() {
        let count = pad[2].as_u64().unwrap() as usize;
        argv[pad[0].as_u64().unwrap() as usize].extend(pad[1].as_str().unwrap().repeat(count).into_bytes());
    }
    let variables = row["env"].as_object().into_iter().flatten();
    let env: Vec<_> = variables.map(|(k, v)| (k.clone().into_bytes(), v.as_str().unwrap().as_bytes().to_vec())).collect();
    let files = row["fs"]["files"].as_object().into_iter().flatten();
    let files: Vec<_> = files.map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned())).collect();
    let scripts: Vec<_> =
        files.iter().map(|(path, text)| Script { operand: path.as_bytes(), text: text.as_bytes() }).collect();
    let links = row["fs"]["symlinks"].as_object();
    let mut hops: Vec<Vec<u8>> = Vec::new();
    let mut next = String::from_utf8_lossy(argv.first().map_or(&[][..], Vec::as_slice)).into_owned();
    while let Some(target) = links.and_then(|links| links.get(&next)).and_then(Value::as_str) {
        hops.push(target.as_bytes().to_vec());
        next = target.to_owned();
    }
    let governed =
        judge(policies, &Invocation { argv: &argv, env: &env, hops: &hops, scripts: &scripts, ..Invocation::default() });
    let missing: Vec<_> =
        strings(&row["must_include"]).into_iter().filter(|name| !governed.policies.contains(name)).collect();
    let excess: Vec<_> =
        strings(&row["must_not_include"]).into_iter().filter(|name| governed.policies.contains(name)).collect();
    let wants_opaque = row["opaque"].as_bool().unwrap_or(false);
    let seen = !wants_opaque || !governed.opaque.is_empty();
    (!missing.is_empty() || !excess.is_empty() || !seen).then(|| {
        format!("{} {}: missing {missing:?}, excess {excess:?}, opaque {:?}", row["id"], row["argv"], governed.opaque)
    })
}

#[test]
fn the_corpus_holds_by_tier() {
    let policies = patterns(POLICIES);
    let rows: Vec<Value> = CORPUS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut wrong = Vec::new();
    let (mut beyond, mut beyond_wrong) = (0, 0);
    for one in &rows {
        let benign = one["class"] == "benign";
        let third = one["tier"] == 3 && !benign;
        beyond += usize::from(third);
        if let Some(problem) = row(one, &policies) {
            beyond_wrong += usize::from(third);
            println!("tier {}: {problem}", one["tier"]);
            if !third {
                wrong.push(problem);
            }
        }
    }
    assert!(rows.len() > 100);
    assert!(wrong.is_empty(), "{} rows of tier 1 and 2:\n{}", wrong.len(), wrong.join("\n"));
    assert!(beyond_wrong * 5 <= beyond, "{beyond_wrong} of {beyond} rows of tier 3");
}

#[test]
#[ignore = "a report, not a test"]
fn corpus_report() {
    let policies = patterns(POLICIES);
    for line in CORPUS.lines() {
        let one: Value = serde_json::from_str(line).unwrap();
        let words = strings(&one["argv"]);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let governed = judge_words(&policies, &words);
        if !governed.opaque.is_empty() && one["opaque"].as_bool() != Some(true) {
            println!("{} {} {:?}", one["id"], one["argv"], governed.opaque);
        }
    }
}
