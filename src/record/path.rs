//! Where the files of one request lie.

use std::fmt;

use crate::domain::id::Digest;
use crate::domain::principal::Name;

/// A file in the directory of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordFile {
    /// `request.toml`.
    Request,
    /// `claim.toml`.
    Claim,
    /// `outcome.toml`.
    Outcome,
    /// `outcome-late.toml`, after an admin has closed the request as unknown.
    OutcomeLate,
    /// `decisions/<reviewer>.<short>.toml`.
    Decision {
        /// Whose it claims to be.
        reviewer: Name,
        /// The first 12 hex digits of the file's SHA-256.
        short: String,
    },
    /// `files/<sha256>`: a text that travels along.
    Text(Digest),
}

impl RecordFile {
    /// Reads a path relative to the directory of a request, and whether it is that of the file's signature (`….sig`).
    ///
    /// None for every other path, other spellings of these included. Texts carry no signature.
    pub fn parse(path: &str) -> Option<(Self, bool)> {
        let (body, is_signature) = match path.strip_suffix(".sig") {
            Some(body) => (body, true),
            None => (path, false),
        };
        let file = match body {
            "request.toml" => Self::Request,
            "claim.toml" => Self::Claim,
            "outcome.toml" => Self::Outcome,
            "outcome-late.toml" => Self::OutcomeLate,
            _ => match body.strip_prefix("files/") {
                Some(digest) if !is_signature => Self::Text(digest.parse().ok()?),
                Some(_) => return None,
                None => Self::decision(body)?,
            },
        };
        Some((file, is_signature))
    }

    fn decision(path: &str) -> Option<Self> {
        let (reviewer, short) = path.strip_prefix("decisions/")?.strip_suffix(".toml")?.split_once('.')?;
        let is_short = short.len() == 12 && short.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        is_short.then_some(Self::Decision { reviewer: reviewer.parse().ok()?, short: short.to_owned() })
    }
}

impl fmt::Display for RecordFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => f.write_str("request.toml"),
            Self::Claim => f.write_str("claim.toml"),
            Self::Outcome => f.write_str("outcome.toml"),
            Self::OutcomeLate => f.write_str("outcome-late.toml"),
            Self::Decision { reviewer, short } => write!(f, "decisions/{reviewer}.{short}.toml"),
            Self::Text(digest) => write!(f, "files/{digest}"),
        }
    }
}

/// The path of a decision with these bytes: `decisions/<reviewer>.<12 hex of its SHA-256>.toml`.
pub fn decision_file_name(reviewer: &Name, bytes: &[u8]) -> String {
    let short = Digest::of(bytes).to_string().chars().take(12).collect();
    RecordFile::Decision { reviewer: reviewer.clone(), short }.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exactly_the_expected_paths() {
        let digest = Digest::of(b"x");
        let reviewer: Name = "alice".parse().unwrap();
        let decision = decision_file_name(&reviewer, b"x");
        assert_eq!(decision, "decisions/alice.2d711642b726.toml");
        let text = format!("files/{digest}");
        for path in ["request.toml", "claim.toml", "outcome.toml", "outcome-late.toml", &decision] {
            let (file, is_signature) = RecordFile::parse(path).unwrap();
            assert_eq!((file.to_string().as_str(), is_signature), (path, false));
            assert_eq!(RecordFile::parse(&format!("{path}.sig")), Some((file, true)));
        }
        assert_eq!(RecordFile::parse(&text), Some((RecordFile::Text(digest), false)));
        for wrong in [
            "",
            ".sig",
            "request.toml.sig.sig",
            "Request.toml",
            "./request.toml",
            "request.toml/",
            "/request.toml",
            "decisions",
            "decisions/",
            "decisions/alice.toml",
            "decisions/alice.2D711642B726.toml",
            "decisions/Alice.2d711642b726.toml",
            "decisions/alice.2d711642b72.toml",
            "decisions/../x.2d711642b726.toml",
            "decisions/a/b.2d711642b726.toml",
            "decisions/alice.2d711642b726.toml.bak",
            "decisions/alice.2d711642b726.x.toml",
            "files/",
            "files/x",
            &format!("{text}.sig"),
            &text.to_uppercase(),
            "outcome.toml\n",
            "notes.md",
        ] {
            assert_eq!(RecordFile::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_alike(path in "(decisions/|files/)?[a-c0-9./]{0,20}(\\.toml)?(\\.sig)?") {
            if let Some((file, is_signature)) = RecordFile::parse(&path) {
                prop_assert_eq!(format!("{file}{}", if is_signature { ".sig" } else { "" }), path);
            }
        }
    }
}
