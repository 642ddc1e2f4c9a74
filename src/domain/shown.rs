//! Text as it may be shown: whatever could steer a terminal or deceive an eye is spelled out.

use std::fmt::Write as _;

/// Characters that are not shown as themselves: controls, bidirectional and invisible ones, line separators, those of private use.
///
/// Source: Unicode's Cc, Zl, Zp and Co, and its Default_Ignorable_Code_Point.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}'
        )
}

/// One line, harmless: hidden characters as `\n`, `\t` or `\u{202e}`; a backslash stays one. Nor is it a command to a CI runner that
/// prints it: the `:` or `[` that would make it one is spelled out too.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push(&mut out, text);
    no_command(out)
}

/// One line from bytes: what is not UTF-8 as `\xff`.
pub fn bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        push(&mut out, chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    no_command(out)
}

fn push(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '[' if opens_command(out) => out.push_str("\\u{5b}"),
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

/// Whether a line that holds this text alone is `::name …::data`, a command to the runner of GitHub's workflows.
///
/// Source: actions/runner, `src/Runner.Common/ActionCommand.cs`, `TryParseV2`.
fn is_command(text: &str) -> bool {
    text.trim_start().strip_prefix("::").is_some_and(|rest| rest.contains("::"))
}

/// Whether a `[` after this opens a command to a runner, anywhere in a line: `##[name]` (the same source, `TryParse`), `##vso[…]` of Azure Pipelines.
fn opens_command(text: &str) -> bool {
    text.trim_end_matches(|c: char| c.is_ascii_alphanumeric()).ends_with("##")
}

fn no_command(text: String) -> String {
    // The first two that are no blanks.
    if is_command(&text) { text.replacen("::", "\\u{3a}:", 1) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(line("a\x1b[2Jb\r\n\u{202e}c\u{200b}"), "a\\u{1b}[2Jb\\u{d}\\n\\u{202e}c\\u{200b}");
        assert_eq!(bytes(b"caf\xc3\xa9 \xff"), "café \\xff");
    }

    /// The first and last of each range, and what stands beside it.
    #[test]
    fn what_cannot_be_seen_is_spelled_out() {
        for (first, last) in [
            (0x00, 0x1f),
            (0x7f, 0x9f),
            (0xad, 0xad),
            (0x34f, 0x34f),
            (0x61c, 0x61c),
            (0x115f, 0x1160),
            (0x17b4, 0x17b5),
            (0x180b, 0x180f),
            (0x200b, 0x200f),
            (0x2028, 0x202e),
            (0x2060, 0x206f),
            (0x3164, 0x3164),
            (0xe000, 0xf8ff),
            (0xfe00, 0xfe0f),
            (0xfeff, 0xfeff),
            (0xffa0, 0xffa0),
            (0xfff0, 0xfffb),
            (0x1bca0, 0x1bca3),
            (0x1d173, 0x1d17a),
            (0xe0000, 0xe0fff),
            (0xf0000, 0x10ffff),
        ] {
            let of = |code: u32| char::from_u32(code).unwrap().to_string();
            for code in [first, last] {
                let expected = match code {
                    0x0a => "\\n".to_owned(),
                    0x09 => "\\t".to_owned(),
                    code => format!("\\u{{{code:x}}}"),
                };
                assert_eq!(line(&of(code)), expected);
            }
            for beside in [first.saturating_sub(1), last + 1].into_iter().filter_map(char::from_u32) {
                let is_own = |code: u32| !matches!(code, 0 | 0x7f | 0x10000..|0xdfff| 0xe000);
                if is_own(u32::from(beside)) {
                    assert_eq!(line(&beside.to_string()), beside.to_string(), "{beside:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_a_command_to_a_runner() {
        for (text, shown) in [
            ("::error file=x::y", "\\u{3a}:error file=x::y"),
            (" \u{3000}::set-output name=a::b", " \u{3000}\\u{3a}:set-output name=a::b"),
            ("a ##[add-mask]b", "a ##\\u{5b}add-mask]b"),
            ("##vso[task.setvariable]x", "##vso\\u{5b}task.setvariable]x"),
            ("##\u{200b}[x]", "##\\u{200b}[x]"),
            // What is none stays as it is.
            ("x::error::y", "x::error::y"),
            ("::1", "::1"),
            ("# [x] #[y] ## [z]", "# [x] #[y] ## [z]"),
        ] {
            assert_eq!(line(text), shown);
            assert_eq!(bytes(text.as_bytes()), shown);
        }
        assert_eq!(bytes(b"##\xff[x] \xff"), "##\\xff[x] \\xff");
    }

    proptest! {
        #[test]
        fn any_bytes_are_one_harmless_line(raw: Vec<u8>) {
            prop_assert!(!bytes(&raw).chars().any(is_hidden));
        }
    }
}
