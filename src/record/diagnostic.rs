//! What is wrong in a file that people write, and where: line, column, excerpt, advice.
//!
//! The codes: `too-large` (also of lists and patterns), `not-utf-8`, `hidden-character` and `syntax` of the file as text;
//! `unknown-key`, `missing-key`, `wrong-type`, `bad-value`, `bad-key` (no usable public key),
//! `conflict` (two keys that exclude each other), `example` (of `match` or `not_match`) and
//! `unsupported` of its form; `unknown-name` and `cannot-hold` of its meaning.

use std::fmt;
use std::ops::Range;

use crate::record::canonical::visible;

/// One thing wrong in a configuration file.
///
/// `Display` gives `config.toml:3:8: error[unknown-key]: …`, the excerpt with
/// carets and the help; whatever came from the file is escaped there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostic {
    /// As the caller named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// `error`, or `warning` where the file may stand as it is.
    pub severity: &'static str,
    /// Stable, for scripts: `unknown-key`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The line it is about, or the part of it around the column.
    pub excerpt: Excerpt,
}

/// Part of one line, and what of it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    before: String,
    marked: String,
    after: String,
}

const CONTEXT: usize = 60;

impl Diagnostic {
    /// About the bytes `span` of `text`.
    pub fn new(file: &str, text: &str, span: Range<usize>, code: &'static str, message: impl Into<String>) -> Self {
        let start = (0..=span.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (before, rest) = text.split_at_checked(start).unwrap_or(("", text));
        let line_start = before.rsplit('\n').next().unwrap_or_default();
        let line_end = rest.lines().next().unwrap_or_default();
        let wide = span.end.saturating_sub(start);
        let marked = line_end.char_indices().take_while(|(at, _)| *at < wide).count();
        let column = line_start.chars().count() + 1;
        let part = |text: &str, skip: usize, take: usize| text.chars().skip(skip).take(take).collect::<String>();
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column,
            severity: "error",
            code,
            message: message.into(),
            help: None,
            excerpt: Excerpt {
                before: part(line_start, (column - 1).saturating_sub(CONTEXT), CONTEXT),
                marked: part(line_end, 0, marked.min(CONTEXT)),
                after: part(line_end, marked.min(CONTEXT), CONTEXT),
            },
        }
    }

    /// As a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = "warning";
        self
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help = help.map(Into::into);
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &str| visible(&text.replace('\t', " "), 400);
        let (severity, code) = (self.severity, self.code);
        writeln!(
            f,
            "{}:{}:{}: {severity}[{code}]: {}",
            shown(&self.file),
            self.line,
            self.column,
            shown(&self.message)
        )?;
        let Excerpt { before, marked, after } = &self.excerpt;
        let (before, marked) = (shown(before), shown(marked));
        writeln!(f, "  {}", format!("{before}{marked}{}", shown(after)).trim_end())?;
        write!(f, "  {}{}", " ".repeat(before.chars().count()), "^".repeat(marked.chars().count().max(1)))?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {}", shown(help)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn excerpt_and_caret() {
        let text = "a = 1\n\tkéy = \"\u{202e}x\" # y\n";
        let at = text.find("kéy").unwrap();
        let diagnostic = Diagnostic::new("config.toml", text, at..at + 4, "unknown-key", "unknown key `kéy`")
            .help(Some("leave it out"));
        assert_eq!(
            diagnostic.to_string(),
            "config.toml:2:2: error[unknown-key]: unknown key `kéy`\n   kéy = \"\\u202Ex\" # y\n   ^^^\n  help: leave it out",
        );
    }

    #[test]
    fn long_lines_are_cut() {
        let text = "x".repeat(100_000);
        let diagnostic = Diagnostic::new("f", &text, 50_000..60_000, "c", "m");
        assert_eq!(diagnostic.column, 50_001);
        assert!(diagnostic.to_string().len() < 500);
    }

    proptest! {
        #[test]
        fn any_span_of_any_text(text: String, start in 0..40_usize, length in 0..40_usize) {
            let diagnostic = Diagnostic::new("f", &text, start..start + length, "c", text.as_str());
            prop_assert!(diagnostic.to_string().lines().count() == 3);
        }
    }
}
