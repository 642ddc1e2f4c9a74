//! What changed in a text file, line by line, in bounded size.

use crate::domain::shown;

/// Lines around a change that are shown with it.
const CONTEXT: usize = 2;
/// The most cells of the table that finds what stayed; beyond it the whole middle counts as replaced.
const MAX_CELLS: usize = 1 << 22;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line<'a> {
    Same(&'a str),
    Gone(&'a str),
    New(&'a str),
}

/// The changed lines with their surroundings, harmless to show, and how many more there are beyond `most`.
pub(super) fn changed(old: &[u8], new: &[u8], most: usize) -> (Vec<String>, usize) {
    let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else {
        return (vec!["(no text)".to_owned()], 0);
    };
    let lines = compare(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
    let near = |at: usize| {
        let around = lines.iter().skip(at.saturating_sub(CONTEXT)).take(CONTEXT + 1 + at.min(CONTEXT));
        around.into_iter().any(|line| !matches!(line, Line::Same(_)))
    };
    let mut shown = Vec::new();
    let mut left_out = false;
    for (at, line) in lines.iter().enumerate() {
        if !near(at) {
            left_out = true;
            continue;
        }
        if std::mem::take(&mut left_out) {
            shown.push("  …".to_owned());
        }
        shown.push(match line {
            Line::Same(text) => format!("  {}", shown::line(text)),
            Line::Gone(text) => format!("- {}", shown::line(text)),
            Line::New(text) => format!("+ {}", shown::line(text)),
        });
    }
    let more = shown.len().saturating_sub(most);
    shown.truncate(most);
    (shown, more)
}

/// The longest common subsequence, common ends cut off first.
fn compare<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (old.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let a = old_rest.get(..old_rest.len() - end).unwrap_or_default();
    let b = new_rest.get(..new_rest.len() - end).unwrap_or_default();
    let mut lines: Vec<Line<'a>> = old.iter().take(start).map(|line| Line::Same(line)).collect();
    lines.extend(middle(a, b));
    lines.extend(old.iter().skip(old.len() - end).map(|line| Line::Same(line)));
    lines
}

fn middle<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<Line<'a>> {
    let width = b.len() + 1;
    if (a.len() + 1).saturating_mul(width) > MAX_CELLS {
        return a.iter().map(|line| Line::Gone(line)).chain(b.iter().map(|line| Line::New(line))).collect();
    }
    // `common(i, j)`: how many lines `a` from `i` on and `b` from `j` on have in common.
    let mut table = vec![0_u32; (a.len() + 1) * width];
    let common = |table: &[u32], i: usize, j: usize| table.get(i * width + j).copied().unwrap_or(0);
    for (i, left) in a.iter().enumerate().rev() {
        for (j, right) in b.iter().enumerate().rev() {
            let value = if left == right {
                common(&table, i + 1, j + 1) + 1
            } else {
                common(&table, i + 1, j).max(common(&table, i, j + 1))
            };
            table.get_mut(i * width + j).into_iter().for_each(|cell| *cell = value);
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    loop {
        match (a.get(i), b.get(j)) {
            (Some(left), Some(right)) if left == right => {
                lines.push(Line::Same(left));
                (i, j) = (i + 1, j + 1);
            }
            (Some(left), right) if right.is_none() || common(&table, i + 1, j) >= common(&table, i, j + 1) => {
                lines.push(Line::Gone(left));
                i += 1;
            }
            (_, Some(right)) => {
                lines.push(Line::New(right));
                j += 1;
            }
            (_, None) => return lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn changes_are_shown_with_their_surroundings() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\n";
        let new = "a\nb\nc\nd\nE\u{1b}\nf\ng\nh\ni\nj\n";
        let (lines, more) = changed(old.as_bytes(), new.as_bytes(), 100);
        assert_eq!(lines, ["  …", "  c", "  d", "- e", "+ E\\u{1b}", "  f", "  g", "  h", "  i", "+ j"]);
        assert_eq!(more, 0);
        let (lines, more) = changed(old.as_bytes(), new.as_bytes(), 3);
        assert_eq!((lines.len(), more), (3, 7));
        assert_eq!(changed(b"", b"\xff", 9).0, ["(no text)"]);
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_back(old in prop::collection::vec("[abc]", 0..12), new in prop::collection::vec("[abc]", 0..12)) {
            let a: Vec<&str> = old.iter().map(String::as_str).collect();
            let b: Vec<&str> = new.iter().map(String::as_str).collect();
            let lines = compare(&a, &b);
            let before: Vec<&str> = lines.iter().filter_map(|line| match line { Line::Same(t) | Line::Gone(t) => Some(*t), Line::New(_) => None }).collect();
            let after: Vec<&str> = lines.iter().filter_map(|line| match line { Line::Same(t) | Line::New(t) => Some(*t), Line::Gone(_) => None }).collect();
            prop_assert_eq!(before, a);
            prop_assert_eq!(after, b);
        }
    }
}
