//! The card's frame: columns that only we write in, whatever the text is.
//!
//! Twelve columns belong to labels. What follows begins there in a first line, and two columns further in every line after it, so that no piece of a text can
//! stand where a label, or a mark of ours, stands. Widths are those of a terminal's columns, not of bytes or characters.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthChar as _;

/// Columns of a line.
pub(super) const WIDTH: usize = 80;
/// Where text begins.
const INDENT: usize = 12;
/// Columns of a text after its mark, and in lines that go on.
const TEXT: usize = WIDTH - INDENT - 2;

/// The label of what does not fit on the card.
pub(super) const CUT: &str = "CUT";
/// Lines that one thing may take, where nothing else is said.
const MOST: usize = 6;

/// How a line is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// As it is.
    Plain,
    /// Somebody's own words, which nobody checked.
    Claim,
    /// To be looked at.
    Care,
    /// To be looked at first.
    Alarm,
}

/// One thing the card says; several lines on a screen where it is long.
#[derive(Debug, Clone)]
pub(super) struct Line {
    label: &'static str,
    mark: &'static str,
    text: String,
    tone: Tone,
    most: usize,
}

impl Line {
    /// A thing with a label.
    pub(super) fn new(label: &'static str, tone: Tone, text: impl Into<String>) -> Self {
        Self { label, mark: "", text: text.into(), tone, most: MOST }
    }

    /// With a mark before its text.
    #[must_use]
    pub(super) fn marked(mut self, mark: &'static str) -> Self {
        self.mark = mark;
        self
    }

    /// On so many lines at most.
    #[must_use]
    pub(super) fn within(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// The whole text, where not all of it stands on the card.
    pub(super) fn cut(&self) -> Option<&str> {
        (self.pieces().len() > self.most).then_some(self.text.as_str())
    }

    fn pieces(&self) -> Vec<String> {
        let room = if self.mark.is_empty() && self.tone != Tone::Claim { WIDTH - INDENT } else { TEXT };
        fold(&self.text, room, TEXT)
    }

    /// What is printed, at most [`WIDTH`] columns a line.
    pub(super) fn folded(&self) -> Vec<String> {
        let claim = self.tone == Tone::Claim;
        // Somebody's words have our bar before each of their lines.
        let (first, later) = match self.mark {
            "" if claim => ("| ", "| "),
            "" => ("", "  "),
            mark => (mark, "  "),
        };
        let mut lines = Vec::new();
        let pieces = self.pieces();
        for (nth, piece) in pieces.iter().take(self.most).enumerate() {
            let (label, mark) = if nth == 0 { (self.label, first) } else { ("", later) };
            let space = if nth == 0 && mark.len() == 1 { " " } else { "" };
            let mark = if mark == "  " { begins(piece) } else { mark };
            lines.push(format!("{label:>10}  {mark}{space}{piece}").trim_end().to_owned());
        }
        if pieces.len() > self.most {
            let more = self.text.chars().count();
            lines.push(format!("{CUT:>10}  this goes on, {more} characters in all: open it in full"));
        }
        lines
    }

    /// The same with colour.
    pub(super) fn painted(&self) -> Vec<String> {
        let loud = match self.tone {
            Tone::Plain => Style::new().bold(),
            Tone::Claim => Style::new().dimmed(),
            Tone::Care => AnsiColor::Yellow.on_default().bold(),
            Tone::Alarm => AnsiColor::Red.on_default().bold(),
        };
        let whole = self.tone == Tone::Alarm;
        let paint = |text: &str| format!("{loud}{text}{loud:#}");
        let lines = self.folded();
        lines
            .into_iter()
            .enumerate()
            .map(|(nth, line)| {
                // Labels are ASCII: ten bytes are ten columns.
                let cut = nth > 0 && line.trim_start().starts_with(CUT) && !line.starts_with("            ");
                match line.split_at_checked(10) {
                    _ if whole || cut => paint(&line),
                    Some((label, rest)) if nth == 0 && !self.label.is_empty() => format!("{}{rest}", paint(label)),
                    _ => line,
                }
            })
            .collect()
    }
}

/// Columns that a character takes, never fewer than a terminal gives it.
fn columns(c: char) -> usize {
    c.width().unwrap_or(1)
}

/// What may be put on the screen: a mark that sits on no letter, or is one of a heap of them, is spelled out.
fn settled(text: &str) -> String {
    const HEAP: usize = 2;
    let mut out = String::with_capacity(text.len());
    let mut stacked = HEAP;
    for c in text.chars() {
        if columns(c) > 0 {
            stacked = if c.is_alphanumeric() { 0 } else { HEAP };
            out.push(c);
        } else if stacked < HEAP {
            stacked += 1;
            out.push(c);
        } else {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        }
    }
    out
}

/// Pieces of at most so many columns, broken at blanks where there are any; blanks at a break are left out.
pub fn fold(text: &str, first: usize, later: usize) -> Vec<String> {
    let text = settled(text);
    let mut width = first;
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let wide: usize = word.chars().map(columns).sum();
        if used > 0 && used + 1 + wide > width {
            lines.push(std::mem::take(&mut line));
            (used, width) = (0, later);
        } else if used > 0 {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            if used + columns(c) > width {
                lines.push(std::mem::take(&mut line));
                (used, width) = (0, later);
            }
            used += columns(c);
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

/// The two columns before a piece that goes on: where a CI runner that prints it would take it for a command, they are no blanks.
pub fn begins(piece: &str) -> &'static str {
    if piece.trim_start().starts_with("::") { "\\ " } else { "  " }
}

/// A line of code at the left edge: a bar before it, and a backslash where it goes on.
pub(super) fn code(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::from("| ");
    let mut used = 2;
    for c in settled(text).chars() {
        if used + columns(c) > WIDTH {
            lines.push(std::mem::replace(&mut line, String::from("\\ ")));
            used = 2;
        }
        used += columns(c);
        line.push(c);
    }
    lines.push(line);
    lines
}
