//! Commands that people write: few of them may be opaque.

use super::*;

/// A seventh of the commands on the tldr pages.
const COMMANDS: &str = include_str!("../../../tests/corpus/tldr.txt");

#[test]
fn what_people_write_is_transparent() {
    let policies = patterns(POLICIES);
    let commands: Vec<&str> = COMMANDS.lines().filter(|line| !line.starts_with("# ") && !line.is_empty()).collect();
    let (mut opaque, mut more) = (0, 0);
    for command in &commands {
        let governed = judge_words(&policies, &["bash", "-c", command]);
        if !governed.opaque.is_empty() {
            opaque += 1;
            println!("opaque: {command}: {}", governed.opaque.join("; "));
        } else if governed.policies != ["on-call"] {
            more += 1;
            println!("{}: {command}", governed.policies.join(", "));
        }
    }
    let all = commands.len();
    println!("{all} commands, {opaque} opaque, {more} need more than `*`");
    assert!(all > 3000 && opaque * 100 <= all * 2, "{opaque} of {all} are opaque");
    assert!(more * 100 <= all, "{more} of {all} need more than `*`");
}
