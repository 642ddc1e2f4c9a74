//! `docs/dependencies.md` gives a reason for every dependency, and for none that is gone.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

#[test]
fn every_dependency_has_its_reason() {
    let read = |file: &str| fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let named: BTreeSet<String> = ["dependencies", "dev-dependencies"]
        .iter()
        .flat_map(|kind| manifest[*kind].as_table().unwrap().keys().cloned())
        .collect();
    let document = read("docs/dependencies.md");
    let reasoned: BTreeSet<String> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" | ").next())
        .flat_map(|crates| crates.split(", "))
        .map(|name| name.trim_matches('`').to_owned())
        .collect();
    assert_eq!(named, reasoned);
}
