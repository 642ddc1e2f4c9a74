//! The bytes of commits and trees.

use crate::domain::id::{CommitId, ObjectId};
use crate::gate::history::{Commit, Entry};

/// Tree and parents of a commit: the lines it begins with. What follows proves nothing and is not read.
pub(super) fn commit(bytes: &[u8]) -> Option<Commit> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let tree = named(lines.next()?, b"tree ")?.parse().ok()?;
    let mut parents = Vec::new();
    for line in lines {
        let Some(parent) = named(line, b"parent ") else { break };
        parents.push(parent.parse::<CommitId>().ok()?);
    }
    Some(Commit { parents, tree })
}

fn named<'a>(line: &'a [u8], what: &[u8]) -> Option<&'a str> {
    std::str::from_utf8(line.strip_prefix(what)?).ok()
}

/// The lines of a tree: `<octal mode> <name>\0<20 bytes>`.
pub(super) fn tree(mut bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let space = bytes.iter().position(|byte| *byte == b' ')?;
        let (mode, rest) = bytes.split_at_checked(space)?;
        let rest = rest.get(1..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        let (name, rest) = rest.split_at_checked(end)?;
        let (id, rest) = rest.get(1..)?.split_first_chunk::<20>()?;
        if name.is_empty() {
            return None;
        }
        entries.push(Entry { name: name.into(), mode: octal(mode)?, id: ObjectId::new(*id) });
        bytes = rest;
    }
    Some(entries)
}

fn octal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 7 {
        return None;
    }
    digits.iter().try_fold(0, |mode, digit| match digit {
        b'0'..=b'7' => Some(mode << 3 | u32::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn commits() {
        let tree = format!("tree {ID}\n");
        let parent = format!("parent {ID}\n");
        let rest = "author x <x> 0 +0000\n\nparent 1\n";
        let cases = [
            (format!("{tree}{parent}{parent}{rest}"), Some(2)),
            (format!("{tree}{rest}"), Some(0)),
            (tree.clone(), Some(0)),
            (format!("{tree}{rest}{parent}"), Some(0)),
            (format!("{parent}{tree}"), None),
            (format!("{tree}parent {ID}0\n"), None),
            (format!("{tree}parent {}\n", ID.to_uppercase()), None),
            (String::new(), None),
        ];
        for (text, parents) in cases {
            assert_eq!(commit(text.as_bytes()).map(|commit| commit.parents.len()), parents, "{text}");
        }
    }

    #[test]
    fn trees() {
        let id = [7; 20];
        let line = |mode: &str, name: &str| [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &id].concat();
        let two = [line("40000", "a b"), line("100644", "c")].concat();
        let entry = |mode, name: &str| Entry { name: name.as_bytes().into(), mode, id: ObjectId::new(id) };
        assert_eq!(tree(&two), Some(vec![entry(0o40_000, "a b"), entry(0o100_644, "c")]));
        assert_eq!(tree(b""), Some(vec![]));
        for bad in [
            &two[..two.len() - 1],
            &line("100644", ""),
            &line("", "a"),
            &line("100648", "a"),
            &line("1234567890", "a"),
            b"x",
        ] {
            assert_eq!(tree(bad), None);
        }
    }
}
