//! The one way a record is written, frozen per schema version and our own, so that no crate's update turns history red.
//!
//! Lines `key = value` in a fixed order; tables after an empty line; arrays on
//! one line; strings always basic strings; LF line ends and a final one.

use std::fmt::Write as _;

use crate::domain::request::Place;

/// Whether a character shows nothing, or moves what others show: all controls, bidi marks and invisible characters.
pub fn is_hidden(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    character.is_control()
        || matches!(
            u32::from(character),
            0x00ad | 0x061c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
                | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe007f
        )
}

/// Whether a text can name a policy, team or environment: 1 to 100 characters, none hidden, no space at its ends.
pub fn is_label(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && text.chars().count() <= 100 && !text.chars().any(is_hidden)
}

fn push_escaped(out: &mut String, character: char) {
    let code = u32::from(character);
    let written = match character {
        '\n' => out.write_str("\\n"),
        '\t' => out.write_str("\\t"),
        _ if code > 0xffff => write!(out, "\\U{code:08X}"),
        _ => write!(out, "\\u{code:04X}"),
    };
    debug_assert!(written.is_ok(), "a String takes every write");
}

/// A TOML basic string with its quotes: `"`, `\` and hidden characters escaped, all else raw.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            _ if is_hidden(character) => push_escaped(&mut out, character),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// The text for a person's screen: hidden characters escaped, at most `most` characters of it.
pub fn visible(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    for character in characters.by_ref().take(most) {
        if is_hidden(character) {
            push_escaped(&mut out, character);
        } else {
            out.push(character);
        }
    }
    if characters.next().is_some() {
        out.push('…');
    }
    out
}

/// Collects the lines of one record.
#[derive(Debug)]
pub struct Writer(String);

impl Writer {
    /// Begins with the line that names the schema.
    pub fn new(schema: &str) -> Self {
        let mut writer = Self(String::new());
        writer.text("schema", schema);
        writer
    }

    fn line(&mut self, key: &str, value: &str) {
        for part in [key, " = ", value, "\n"] {
            self.0.push_str(part);
        }
    }

    /// A string; anything that has one spelling.
    pub fn text(&mut self, key: &str, value: impl ToString) {
        self.line(key, &quote(&value.to_string()));
    }

    /// A string, where there is one.
    pub fn optional(&mut self, key: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    /// A string under a quoted key.
    pub fn quoted(&mut self, key: &str, value: impl ToString) {
        self.text(&quote(key), value);
    }

    /// The place its author stood.
    pub fn place(&mut self, place: &Place) {
        self.text("repo", place.repo);
        self.text("base", place.base);
        self.text("root", place.root);
    }

    /// Bytes, percent-encoded.
    pub fn bytes(&mut self, key: &str, value: &[u8]) {
        self.text(key, crate::domain::bytes::encode(value));
    }

    /// An integer.
    pub fn number(&mut self, key: &str, value: u64) {
        self.line(key, &value.to_string());
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &str, value: bool) {
        self.line(key, &value.to_string());
    }

    /// An array of strings; `[]` where empty.
    pub fn list(&mut self, key: &str, values: impl IntoIterator<Item: ToString>) {
        let values: Vec<String> = values.into_iter().map(|value| quote(&value.to_string())).collect();
        self.line(key, &format!("[{}]", values.join(", ")));
    }

    /// An array of bytes, percent-encoded.
    pub fn bytes_list(&mut self, key: &str, values: &[Vec<u8>]) {
        self.list(key, values.iter().map(|value| crate::domain::bytes::encode(value)));
    }

    /// An array of integers.
    pub fn numbers(&mut self, key: &str, values: &[u32]) {
        let values: Vec<String> = values.iter().map(u32::to_string).collect();
        self.line(key, &format!("[{}]", values.join(", ")));
    }

    /// Begins `[name]`.
    pub fn table(&mut self, name: &str) {
        for part in ["\n[", name, "]\n"] {
            self.0.push_str(part);
        }
    }

    /// Begins one `[[name]]`.
    pub fn item(&mut self, name: &str) {
        for part in ["\n[[", name, "]]\n"] {
            self.0.push_str(part);
        }
    }

    /// The bytes of the record.
    pub fn finish(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_form_is_frozen() {
        let mut writer = Writer::new("expacti/test/v1");
        writer.text("a", "x\"\\\n\t\r\u{1b}\u{7f}\u{85}\u{ad}\u{202e}\u{feff}\u{e0041}é ");
        writer.optional("absent", None::<String>);
        writer.bytes("b", b"\xff%");
        writer.number("n", 7);
        writer.flag("f", true);
        writer.list("l", ["x", "y"]);
        writer.list("e", [""; 0]);
        writer.numbers("i", &[1, 2]);
        writer.table("t");
        writer.quoted("a/b \"", 1);
        writer.item("t.i");
        let expected = concat!(
            "schema = \"expacti/test/v1\"\n",
            "a = \"x\\\"\\\\\\n\\t\\u000D\\u001B\\u007F\\u0085\\u00AD\\u202E\\uFEFF\\U000E0041é \"\n",
            "b = \"%FF%25\"\nn = 7\nf = true\nl = [\"x\", \"y\"]\ne = []\ni = [1, 2]\n",
            "\n[t]\n\"a/b \\\"\" = \"1\"\n\n[[t.i]]\n",
        );
        assert_eq!(String::from_utf8(writer.finish()).unwrap(), expected);
    }

    #[test]
    fn the_hidden_are_known() {
        for (first, last) in [
            (0, 0x1f),
            (0x7f, 0x9f),
            (0xad, 0xad),
            (0x61c, 0x61c),
            (0x180e, 0x180e),
            (0x200b, 0x200f),
            (0x2028, 0x202e),
            (0x2060, 0x206f),
            (0xfeff, 0xfeff),
            (0xfff9, 0xfffb),
            (0xe0000, 0xe007f),
        ] {
            for code in [first, last] {
                assert!(is_hidden(char::from_u32(code).unwrap()), "{code:x}");
            }
        }
        for shown in
            [' ', '~', 'é', '\u{a0}', '\u{200a}', '\u{2010}', '\u{2027}', '\u{202f}', '\u{205f}', '\u{2070}', '🦀']
        {
            assert!(!is_hidden(shown), "{shown:?}");
        }
        assert_eq!(visible("a\u{202e}b\nc", 4), "a\\u202Eb\\n…");
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(text: String) {
            let quoted = quote(&text);
            prop_assert!(!quoted.chars().any(is_hidden));
            let read: toml::Table = toml::from_str(&format!("k = {quoted}\n")).unwrap();
            prop_assert_eq!(read.get("k").and_then(toml::Value::as_str), Some(text.as_str()));
        }
    }
}
