//! The labelled command lines, black box: `expacti policy explain --config FILE --json -- COMMAND` with what each row sets up.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use serde_json::Value;

const SAMPLE: &str = include_str!("../corpus/evasion.jsonl");
const OWN: &str = include_str!("../corpus/own.jsonl");
const POLICIES: [(&str, &str); 6] = [
    ("schema-migration", "migrate*"),
    ("prod-deploy", "deploy*"),
    ("iam", "aws iam *"),
    ("sql-ddl", "psql*"),
    ("delete", "rm -rf *"),
    ("on-call", "*"),
];

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn base64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<usize> = text.bytes().filter_map(|byte| alphabet.iter().position(|one| *one == byte)).collect();
    let bits = digits.iter().flat_map(|digit| (0..6).rev().map(move |n| (digit >> n & 1) as u8));
    bits.collect::<Vec<_>>().chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect()
}

/// What is wrong with the answer to a row, if anything.
fn row(row: &Value) -> Option<String> {
    let place = tempfile::tempdir().unwrap();
    let work = place.path().join("work");
    fs::create_dir(&work).unwrap();
    let policies = POLICIES.map(|(name, pattern)| {
        format!("[[approval_policies]]\nname = {name:?}\npattern = {pattern:?}\nrequirement = \"min_role\"\nmin_role = \"x\"\n")
    });
    fs::write(place.path().join("config.toml"), policies.concat()).unwrap();
    let mut argv: Vec<Vec<u8>> = match row["argv_b64"].is_array() {
        true => strings(&row["argv_b64"]).iter().map(|text| base64(text)).collect(),
        false => strings(&row["argv"]).into_iter().map(String::into_bytes).collect(),
    };
    for pad in row["pad"].as_array().into_iter().flatten() {
        let text = pad[1].as_str().unwrap().repeat(pad[2].as_u64().unwrap() as usize);
        argv[pad[0].as_u64().unwrap() as usize].extend(text.into_bytes());
    }
    for (path, text) in row["fs"]["files"].as_object().into_iter().flatten() {
        let path = work.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text.as_str().unwrap()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    for (path, target) in row["fs"]["symlinks"].as_object().into_iter().flatten() {
        let path = work.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target.as_str().unwrap(), path).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_expacti"));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("EXPACTI_HOME", place.path().join("home"));
    for (name, value) in row["env"].as_object().into_iter().flatten() {
        command.env(name, value.as_str().unwrap());
    }
    command.args(["policy", "explain", "--json", "--config"]).arg(place.path().join("config.toml")).arg("--");
    let output = command.args(argv.into_iter().map(OsString::from_vec)).current_dir(&work).output().unwrap();
    let Ok(answer) = serde_json::from_slice::<Value>(&output.stdout) else {
        return Some(format!("{}: {}", row["id"], String::from_utf8_lossy(&output.stderr)));
    };
    let found = strings(&answer["policies"]);
    let lacks = strings(&row["must_include"]).into_iter().any(|name| !found.contains(&name));
    let exceeds = strings(&row["must_not_include"]).into_iter().any(|name| found.contains(&name));
    let hides = row["opaque"] == true && strings(&answer["opaque"]).is_empty();
    (lacks || exceeds || hides || answer["decision"] != "review")
        .then(|| format!("{} {}: {answer}", row["id"], row["argv"]))
}

fn governed_as_labelled(rows: &[&str]) {
    let rows: Vec<Value> = rows.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let wrong: Vec<String> = rows.iter().filter_map(row).collect();
    assert!(rows.len() > 100 && wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_row_is_governed_as_labelled() {
    governed_as_labelled(&SAMPLE.lines().collect::<Vec<_>>());
}

/// Every tenth; matching's own tests judge them all, and tests/real/corpus.sh does so through the program.
#[test]
fn own_rows_are_governed_as_labelled() {
    governed_as_labelled(&OWN.lines().step_by(10).collect::<Vec<_>>());
}

#[test]
#[ignore = "a thousand processes: tests/real/corpus.sh"]
fn every_own_row_is_governed_as_labelled() {
    governed_as_labelled(&OWN.lines().collect::<Vec<_>>());
}
