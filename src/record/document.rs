//! A TOML file that people write, read key by key: every fault is kept with its place, and a key nobody asked for is one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::pattern::{MAX_MEMORY, Pattern, PatternError};
use crate::domain::principal::{Fault, MAX_FAULTS, nearest};
use crate::record::canonical::{is_hidden, is_label, visible};
use crate::record::diagnostic::Diagnostic;
use crate::record::strict;

/// The most bytes that the patterns of one file may take in memory: some 500 large regular expressions.
const MAX_PATTERNS: usize = 64 << 20;
/// The most bytes of examples times bytes of the patterns that they are tried with, in one file: some seconds.
const MAX_TRIED: usize = 1 << 34;

/// One file, and what was found wrong in it so far.
#[derive(Debug)]
pub struct Document<'a> {
    file: &'a str,
    text: &'a str,
    tree: Spanned<DeTable<'a>>,
    found: RefCell<Vec<Diagnostic>>,
    /// Bytes that its patterns take in memory.
    patterns: Cell<usize>,
    /// What trying its examples has taken, in bytes of text times bytes of patterns.
    tried: Cell<usize>,
}

impl<'a> Document<'a> {
    /// Reads the tree of a file of at most `most` bytes.
    ///
    /// # Errors
    /// Too large, not UTF-8, hidden characters, or no TOML.
    pub fn open(file: &'a str, bytes: &'a [u8], most: usize) -> Result<Self, Vec<Diagnostic>> {
        let text = strict::text(bytes, most).map_err(|error| vec![unreadable(file, bytes, &error)])?;
        let suspect = if is_plain(text) { "" } else { text };
        let mut found: Vec<Diagnostic> = suspect
            .char_indices()
            .filter(|(_, character)| is_hidden(*character) && !matches!(character, '\n' | '\t' | '\r'))
            .take(MAX_FAULTS)
            .map(|(at, character)| {
                let message = format!("hidden character `{}`", visible(&character.to_string(), 1));
                let help = "what people sign must be what they see: remove it, or write the escape inside a string";
                Diagnostic::new(file, text, at..at + character.len_utf8(), "hidden-character", message).help(Some(help))
            })
            .collect();
        let (tree, errors) = DeTable::parse_recoverable(text);
        found.extend(
            errors
                .iter()
                .take(MAX_FAULTS)
                .map(|error| Diagnostic::new(file, text, error.span().unwrap_or(0..0), "syntax", error.message())),
        );
        if found.is_empty() {
            Ok(Self { file, text, tree, found: RefCell::default(), patterns: Cell::default(), tried: Cell::default() })
        } else {
            Err(found)
        }
    }

    /// Reads the whole file as one table.
    pub fn read<T>(&self, read: impl FnOnce(&Section<'_>) -> T) -> T {
        Section::read(self, self.tree.get_ref(), 0..0, "the file", read)
    }

    /// The value, if nothing was wrong.
    ///
    /// # Errors
    /// All that was, in the file's order.
    pub fn finish<T>(&self, value: Option<T>) -> Result<T, Vec<Diagnostic>> {
        let mut found = self.found.take();
        found.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
        match value {
            Some(value) if found.is_empty() => Ok(value),
            _ if found.is_empty() => {
                Err(vec![Diagnostic::new(self.file, self.text, 0..0, "bad-value", "no meaning in this file")])
            }
            _ => Err(found),
        }
    }

    /// A fault of the meaning, at the place its path names.
    pub fn fault(&self, fault: &Fault) {
        self.add(self.locate(&fault.path), fault.code, &fault.message, fault.help.as_deref());
    }

    /// Whether no more faults are kept, so that none need be described.
    fn is_full(&self) -> bool {
        self.found.borrow().len() >= MAX_FAULTS
    }

    fn add(&self, span: Range<usize>, code: &'static str, message: impl Display, help: Option<&str>) {
        if !self.is_full() {
            let found = Diagnostic::new(self.file, self.text, span, code, message.to_string()).help(help);
            self.found.borrow_mut().push(found);
        }
    }

    /// The bytes of `approval_policies[2].reviewers[0]`, or of as much of the path as there is.
    fn locate(&self, path: &str) -> Range<usize> {
        let mut span = 0..0;
        let mut table = Some(self.tree.get_ref());
        for step in path.split('.') {
            let mut parts = step.split(['[', ']']).filter(|part| !part.is_empty());
            let key = parts.next().unwrap_or_default();
            let Some(mut value) = table.and_then(|table| table.get(key)) else { return span };
            span = value.span();
            for index in parts {
                let element = value.get_ref().as_array().and_then(|list| list.get(index.parse::<usize>().ok()?));
                let Some(element) = element else { return span };
                value = element;
                span = value.span();
            }
            table = value.get_ref().as_table();
        }
        span
    }
}

/// Whether all is visible ASCII, space, tab and line ends. Each byte is looked at, since that is faster than stopping early.
fn is_plain(text: &str) -> bool {
    !text.bytes().fold(false, |odd, byte| odd | !matches!(byte, b' '..=b'~' | b'\n' | b'\t' | b'\r'))
}

/// One bit of 64 for a key: most keys that are not there have another than those that are.
fn mark(key: &str) -> u64 {
    let first = key.bytes().next().unwrap_or_default();
    1_u64.rotate_left(u32::from(first) + 5 * u32::try_from(key.len() % 64).unwrap_or_default())
}

fn unreadable(file: &str, bytes: &[u8], error: &strict::RecordError) -> Diagnostic {
    let (at, code) = match error {
        strict::RecordError::NotUtf8(at) => (*at, "not-utf-8"),
        _ => (0, "too-large"),
    };
    let start = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default());
    Diagnostic::new(file, &start, at..at, code, error.to_string())
}

/// One table.
#[derive(Debug)]
pub struct Section<'a> {
    document: &'a Document<'a>,
    table: &'a DeTable<'a>,
    /// The [`mark`] of each key that is there.
    marks: u64,
    span: Range<usize>,
    name: &'a str,
    /// In the order asked; one may stand there twice.
    asked: RefCell<Vec<&'static str>>,
    asked_all: Cell<bool>,
}

impl Section<'_> {
    /// Reads, then reports the keys that were not asked for.
    fn read<T>(
        document: &Document<'_>,
        table: &DeTable<'_>,
        span: Range<usize>,
        name: &str,
        read: impl FnOnce(&Section<'_>) -> T,
    ) -> T {
        let marks = table.keys().fold(0, |marks, key| marks | mark(key.get_ref()));
        let (asked, asked_all) = (RefCell::new(Vec::with_capacity(32)), Cell::default());
        let section = Section { document, table, marks, span, name, asked, asked_all };
        let value = read(&section);
        let asked = section.asked.take();
        let is_known = |key: &str| section.asked_all.get() || asked.contains(&key);
        for key in table.keys().filter(|key| !is_known(key.get_ref())) {
            if document.is_full() {
                break;
            }
            let mut seen = BTreeSet::new();
            let asked: Vec<&str> = asked.iter().copied().filter(|key| seen.insert(*key)).collect();
            let help = match nearest(key.get_ref(), asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: `{}`", asked.join("`, `")),
            };
            let message = format!("unknown key `{}` in {name}", key.get_ref());
            document.add(key.span(), "unknown-key", message, Some(&help));
        }
        value
    }

    /// The value of a key, where there is one.
    pub fn get(&self, key: &'static str) -> Option<Item<'_>> {
        self.asked.borrow_mut().push(key);
        if self.marks & mark(key) == 0 {
            return None;
        }
        let value = self.table.get(key)?;
        Some(Item { document: self.document, value, name: key })
    }

    /// The value of a key that must be there.
    pub fn require(&self, key: &'static str) -> Option<Item<'_>> {
        let item = self.get(key);
        if item.is_none() {
            self.error("missing-key", format!("{} has no `{key}`", self.name), None);
        }
        item
    }

    /// Every key and value, whatever the keys are.
    pub fn entries(&self) -> Vec<(&str, Item<'_>)> {
        self.asked_all.set(true);
        let item = |name, value| Item { document: self.document, value, name };
        self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), item(key.get_ref(), value))).collect()
    }

    /// Reads the table under a key; for a missing one, an empty table.
    pub fn table<T>(&self, key: &'static str, read: impl FnOnce(&Section<'_>) -> T) -> T {
        match self.get(key).and_then(|item| Some((item, item.as_table()?))) {
            Some((item, table)) => Section::read(self.document, table, item.value.span(), &format!("`[{key}]`"), read),
            None => Section::read(self.document, &DeTable::new(), self.span.clone(), &format!("`[{key}]`"), read),
        }
    }

    /// Reads each of `[[key]]`; what has faults is left out.
    pub fn tables<T>(&self, key: &'static str, mut read: impl FnMut(&Section<'_>) -> Option<T>) -> Vec<T> {
        let items = self.get(key).map(|item| item.list()).unwrap_or_default();
        let name = format!("`[[{key}]]`");
        items.into_iter().filter_map(|item| item.table(&name, &mut read)).collect()
    }

    /// A fault of the table as a whole.
    pub fn error(&self, code: &'static str, message: impl Display, help: Option<&str>) {
        self.document.add(self.span.clone(), code, message, help);
    }
}

/// One value.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    document: &'a Document<'a>,
    value: &'a Spanned<DeValue<'a>>,
    name: &'a str,
}

impl<'a> Item<'a> {
    /// A fault of this value.
    pub fn error(&self, code: &'static str, message: impl Display, help: Option<&str>) {
        self.document.add(self.value.span(), code, message, help);
    }

    fn typed<T>(&self, expected: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            let kind = self.value.get_ref().type_str();
            self.error("wrong-type", format!("`{}` takes {expected}, not {kind}", self.name), None);
        }
        value
    }

    /// A string.
    pub fn text(&self) -> Option<&'a str> {
        self.typed("a string", self.value.get_ref().as_str())
    }

    /// `true` or `false`.
    pub fn flag(&self) -> Option<bool> {
        self.typed("true or false", self.value.get_ref().as_bool())
    }

    /// An integer of at least 1.
    pub fn count(&self) -> Option<u32> {
        let number = self.value.get_ref().as_integer();
        let number = self.typed("a number", number)?;
        let count = u32::from_str_radix(number.as_str(), number.radix()).ok().filter(|count| *count > 0);
        if count.is_none() {
            self.error("bad-value", format!("`{}` is at least 1, and a number of people", self.name), None);
        }
        count
    }

    /// A whole number from 0 to 100.
    pub fn percentage(&self) -> Option<u8> {
        let number = self.value.get_ref().as_integer();
        let number = self.typed("a number", number)?;
        let part = u8::from_str_radix(number.as_str(), number.radix()).ok().filter(|part| *part <= 100);
        if part.is_none() {
            self.error("bad-value", format!("`{}` is a whole number from 0 to 100", self.name), None);
        }
        part
    }

    /// A string with a meaning.
    pub fn parse<T: FromStr<Err: Display>>(&self) -> Option<T> {
        self.checked(self.text()?.parse())
    }

    /// A result, its error kept as a fault of this value.
    pub fn checked<T, E: Display>(&self, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.error("bad-value", error, None)).ok()
    }

    /// A pattern, unless those before it in this file already take all the memory that they may take.
    pub fn pattern(&self, read: impl FnOnce() -> Result<Pattern, PatternError>) -> Option<Pattern> {
        let taken = &self.document.patterns;
        if taken.get() > MAX_PATTERNS {
            let message = format!("the patterns above it take more than {} MiB of memory", MAX_PATTERNS >> 20);
            self.error("too-large", message, Some("shorten regular expressions and braces that stand for many"));
            return None;
        }
        let pattern = read();
        // One that was refused may have been found too large only when it was.
        taken.set(taken.get() + pattern.as_ref().map_or(MAX_MEMORY, Pattern::memory));
        self.checked(pattern)
    }

    /// Whether any of these patterns matches this text; none where so much has been tried in this file that no more is.
    pub fn is_matched(&self, patterns: &[Pattern], text: &str) -> Option<bool> {
        let tried = &self.document.tried;
        let cost = patterns.iter().map(Pattern::memory).sum::<usize>().saturating_mul(text.len() + 1);
        tried.set(tried.get().saturating_add(cost));
        if tried.get() > MAX_TRIED {
            self.error(
                "too-large",
                "more examples and patterns than are tried",
                Some("leave some out, or shorten them"),
            );
            return None;
        }
        Some(patterns.iter().any(|pattern| pattern.matches(text.as_bytes())))
    }

    /// A string that can name something.
    pub fn label(&self) -> Option<String> {
        let text = self.text()?;
        if !is_label(text) {
            let message = format!("`{}` cannot be a name", visible(text, 100));
            self.error("bad-value", message, Some("use 1 to 100 visible characters, no space at either end"));
            return None;
        }
        Some(text.to_owned())
    }

    /// A string that `holds`; `expected` says what that means.
    pub fn string(&self, holds: impl FnOnce(&str) -> bool, expected: &str) -> Option<String> {
        let text = self.text()?;
        if !holds(text) {
            self.error("bad-value", format!("`{text}` is not {expected}"), None);
            return None;
        }
        Some(text.to_owned())
    }

    /// One of these words.
    pub fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let known = words.iter().find(|(word, _)| *word == text);
        if known.is_none() && !self.document.is_full() {
            let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let help = match nearest(text, all.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("expected `{}`", all.join("`, `")),
            };
            self.error("bad-value", format!("unknown {} `{text}`", self.name), Some(&help));
        }
        known.map(|(_, value)| *value)
    }

    /// An array.
    pub fn list(&self) -> Vec<Self> {
        let list = self.typed("a list", self.value.get_ref().as_array());
        list.into_iter().flatten().map(|value| Self { value, ..*self }).collect()
    }

    /// An array, or one value as if it were alone in one.
    pub fn one_or_list(&self) -> Vec<Self> {
        if self.value.get_ref().is_str() { vec![*self] } else { self.list() }
    }

    /// Whether it is an array.
    pub fn is_list(&self) -> bool {
        self.value.get_ref().is_array()
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    fn as_table(&self) -> Option<&'a DeTable<'a>> {
        self.typed("a table", self.value.get_ref().as_table())
    }

    /// Reads it as a table, called `name` in messages.
    pub fn table<T>(&self, name: &str, read: impl FnOnce(&Section<'_>) -> Option<T>) -> Option<T> {
        Section::read(self.document, self.as_table()?, self.value.span(), name, read)
    }
}
