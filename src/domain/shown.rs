//! Text as it may be shown: whatever could steer a terminal or deceive an eye is spelled out.

use std::fmt::Write as _;

/// Characters that are not shown as themselves: controls, bidirectional and invisible ones, line separators.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{e000}'..='\u{f8ff}'
        )
}

/// One line, harmless: hidden characters as `\n`, `\t` or `\u{202e}`; a backslash stays one.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// One line from bytes: what is not UTF-8 as `\xff`.
pub fn bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(&line(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
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

    proptest! {
        #[test]
        fn any_bytes_are_one_harmless_line(raw: Vec<u8>) {
            prop_assert!(!bytes(&raw).chars().any(is_hidden));
        }
    }
}
