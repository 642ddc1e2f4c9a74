//! Reading: bounded bytes, UTF-8, TOML, and nothing that the canonical writer would not have written.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};

use crate::domain::id::{CommitId, Digest};
use crate::domain::request::Place;
use crate::record::canonical::visible;

/// The most bytes of any record, and of `roster.toml`.
pub const MAX_BYTES: usize = 256 * 1024;
/// The most bytes of a reason, comment, answer or suggestion.
pub const MAX_WORDS: usize = 16 * 1024;
/// The most records one record names as seen.
pub const MAX_SEEN: usize = 512;

/// Why bytes are no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// More bytes than the most that are read.
    #[error("{0} bytes are too many: it may have {1}")]
    TooLarge(usize, usize),
    /// Not UTF-8 from this byte on.
    #[error("not UTF-8 at byte {0}")]
    NotUtf8(usize),
    /// Another kind of record, or none.
    #[error("not `{expected}`: the first line is `{found}`")]
    Schema {
        /// The schema that was expected.
        expected: &'static str,
        /// The first line, escaped.
        found: String,
    },
    /// The right kind, of a later version.
    #[error("`{schema}` was written by a newer expacti: update this one")]
    Newer {
        /// The schema it names.
        schema: String,
    },
    /// No TOML, an unknown or missing field, or a value of the wrong form.
    #[error("line {line}: {message}")]
    Syntax {
        /// From 1.
        line: usize,
        /// In words, escaped.
        message: String,
    },
    /// Each value has its form, but this one cannot be.
    #[error("`{field}` {message}")]
    Invalid {
        /// As a path: `command.files[2].index`.
        field: String,
        /// In words.
        message: String,
    },
    /// What it says is fine, how it is written is not.
    #[error("not in canonical form: line {line} is `{found}`, expected `{expected}`")]
    NotCanonical {
        /// The first line that differs, from 1; `nothing` stands for a line that is not there.
        line: usize,
        /// That line, escaped.
        found: String,
        /// As it would have to be, escaped.
        expected: String,
    },
}

impl RecordError {
    /// Whether an update of expacti would help.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Newer { .. })
    }
}

/// The text of a file of at most `most` bytes.
///
/// # Errors
/// Too many bytes, or not UTF-8.
pub fn text(bytes: &[u8], most: usize) -> Result<&str, RecordError> {
    if bytes.len() > most {
        return Err(RecordError::TooLarge(bytes.len(), most));
    }
    std::str::from_utf8(bytes).map_err(|error| RecordError::NotUtf8(error.valid_up_to()))
}

/// Reads a record: its raw shape, then its meaning, then that rendering the meaning gives these bytes.
///
/// # Errors
/// Everything but the one canonical spelling of a valid record of this schema.
pub fn record<Raw: DeserializeOwned, T>(
    bytes: &[u8],
    schema: &'static str,
    check: impl FnOnce(Raw) -> Result<T, RecordError>,
    render: impl FnOnce(&T) -> Vec<u8>,
) -> Result<T, RecordError> {
    let text = text(bytes, MAX_BYTES)?;
    check_schema(text, schema)?;
    let raw = toml::from_str(text).map_err(|error| RecordError::Syntax {
        line: error.span().map_or(1, |span| line_of(text, span.start)),
        message: visible(error.message(), 300),
    })?;
    let value = check(raw)?;
    let again = render(&value);
    if again == bytes { Ok(value) } else { Err(difference(bytes, &again)) }
}

/// Line numbers count from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn check_schema(text: &str, expected: &'static str) -> Result<(), RecordError> {
    let line = text.split('\n').next().unwrap_or_default();
    let named = line.strip_prefix("schema = \"").and_then(|rest| rest.strip_suffix('"'));
    if named == Some(expected) {
        return Ok(());
    }
    let kind = expected.trim_end_matches(|c: char| c.is_ascii_digit());
    let version = named.and_then(|schema| schema.strip_prefix(kind));
    let is_later = |version: &&str| {
        version.starts_with(|c: char| matches!(c, '1'..='9')) && version.parse::<u32>().is_ok_and(|number| number > 1)
    };
    Err(match (named, version.filter(is_later)) {
        (Some(schema), Some(_)) => RecordError::Newer { schema: schema.to_owned() },
        _ => RecordError::Schema { expected, found: visible(line, 80) },
    })
}

fn difference(found: &[u8], expected: &[u8]) -> RecordError {
    let lines = |bytes: &[u8]| -> Vec<String> {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        lines.map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    };
    let (found, expected) = (lines(found), lines(expected));
    let same = found.iter().zip(&expected).take_while(|(found, expected)| found == expected).count();
    let (found, expected) = (found.get(same), expected.get(same));
    let both_end = [found, expected].iter().all(|line| line.is_none_or(|line| line.ends_with('\n')));
    let shown = |line: Option<&String>| match line {
        Some(line) if both_end => visible(line.trim_end_matches('\n'), 200),
        Some(line) => visible(line, 200),
        None => "nothing".to_owned(),
    };
    RecordError::NotCanonical { line: same + 1, found: shown(found), expected: shown(expected) }
}

/// A value that is written as text with one spelling.
#[derive(Debug)]
pub struct Text<T>(pub T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

/// Bytes, percent-encoded.
#[derive(Debug)]
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::domain::bytes::decode(&text).map(Self).map_err(D::Error::custom)
    }
}

/// Unwraps a list of texts.
pub fn values<T>(texts: Vec<Text<T>>) -> Vec<T> {
    texts.into_iter().map(|text| text.0).collect()
}

/// The place its author stood.
pub fn place(repo: Text<Digest>, base: Text<CommitId>, root: Text<Digest>) -> Place {
    Place { repo: repo.0, base: base.0, root: root.0 }
}

/// Refuses `field` unless `holds`.
///
/// # Errors
/// [`RecordError::Invalid`].
pub fn require(holds: bool, field: impl Display, message: impl Display) -> Result<(), RecordError> {
    if holds { Ok(()) } else { Err(invalid(field, message)) }
}

/// A value that cannot be.
pub fn invalid(field: impl Display, message: impl Display) -> RecordError {
    RecordError::Invalid { field: visible(&field.to_string(), 80), message: visible(&message.to_string(), 300) }
}

/// Somebody's words, bounded.
///
/// # Errors
/// More than [`MAX_WORDS`] bytes.
pub fn words(field: &str, text: String) -> Result<String, RecordError> {
    require(text.len() <= MAX_WORDS, field, format!("has {} bytes, at most {MAX_WORDS} are allowed", text.len()))?;
    Ok(text)
}

/// The digests a record was made on: sorted, each once, bounded.
///
/// # Errors
/// Any other list.
pub fn seen(digests: Vec<Text<Digest>>) -> Result<Vec<Digest>, RecordError> {
    let digests = values(digests);
    require(
        digests.len() <= MAX_SEEN,
        "seen",
        format!("names {} records, at most {MAX_SEEN} are allowed", digests.len()),
    )?;
    require(ascends(&digests), "seen", "is not sorted, or names a record twice")?;
    Ok(digests)
}

/// Whether each is greater than the one before.
pub fn ascends<T: PartialOrd>(values: &[T]) -> bool {
    values.is_sorted_by(|earlier, later| earlier < later)
}
