//! One pattern against one text: total, linear time, no shell in sight.

use std::fmt;

use regex_automata::hybrid::dfa::DFA;
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, Input, MatchKind};

use super::glob::{Glob, Unit};

/// Longest pattern read, in bytes.
pub const MAX_SOURCE: usize = 4096;
/// Most alternatives that the braces of one pattern may stand for.
pub const MAX_ALTERNATIVES: usize = 64;
const REGEX_BYTES: usize = 1 << 20;
/// The most bytes of memory that one pattern is thought to take, as it is read.
pub const MAX_MEMORY: usize = 2 * REGEX_BYTES;

/// How much of an argument is known before the command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// Every byte.
    Whole,
    /// The first bytes of exactly one argument.
    Lead,
    /// The first bytes; it may become several arguments, or none.
    Splits,
}

/// One argument of a command, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// The bytes, or the bytes it starts with.
    pub bytes: Vec<u8>,
    /// How much `bytes` says.
    pub known: Known,
    /// A shell may replace it by file names it stands for.
    pub glob: bool,
}

impl Token {
    /// An argument known to the last byte.
    pub fn whole(bytes: impl Into<Vec<u8>>) -> Token {
        Token { bytes: bytes.into(), known: Known::Whole, glob: false }
    }

    /// An argument that may be any string, or several.
    pub fn unknown() -> Token {
        Token { bytes: Vec::new(), known: Known::Splits, glob: false }
    }

    /// Whether every byte is known.
    pub fn is_whole(&self) -> bool {
        self.known == Known::Whole
    }
}

/// The arguments, POSIX-quoted where needed, joined by one space.
///
/// An argument stays bare if it is made of `[A-Za-z0-9_@%+=:,./-]` and non-ASCII bytes alone. Source: specification section 4.
pub fn canonical_text<T: AsRef<[u8]>>(argv: &[T]) -> Vec<u8> {
    let mut text = Vec::new();
    for (n, argument) in argv.iter().enumerate() {
        if n > 0 {
            text.push(b' ');
        }
        quote_into(argument.as_ref(), &mut text);
    }
    text
}

pub(super) fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_@%+=:,./-".contains(&byte)
}

fn quote_into(argument: &[u8], text: &mut Vec<u8>) {
    if !argument.is_empty() && argument.iter().all(|&byte| is_bare(byte)) {
        return text.extend_from_slice(argument);
    }
    text.push(b'\'');
    for &byte in argument {
        if byte == b'\'' {
            text.extend_from_slice(b"'\\''");
        } else {
            text.push(byte);
        }
    }
    text.push(b'\'');
}

/// The arguments that `canonical_text` would have written so; other text is split at its blanks.
fn split_canonical(text: &[u8]) -> Vec<Vec<u8>> {
    let (mut argv, mut word, mut quoted) = (Vec::new(), None::<Vec<u8>>, false);
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            b'\\' if !quoted => word.get_or_insert_default().extend(bytes.next()),
            b' ' if !quoted => argv.extend(word.take()),
            _ => word.get_or_insert_default().push(byte),
        }
    }
    argv.extend(word);
    argv
}

/// What one side of a command looks like to a pattern with unknown parts in it.
fn units(tokens: &[Token]) -> Vec<Unit> {
    let mut units = Vec::new();
    for (n, token) in tokens.iter().enumerate() {
        if n > 0 && token.known != Known::Splits {
            units.push(Unit::Byte(b' '));
        }
        if token.is_whole() {
            let mut text = Vec::new();
            quote_into(&token.bytes, &mut text);
            units.extend(text.into_iter().map(Unit::Byte));
            continue;
        }
        if token.known == Known::Splits && token.bytes.is_empty() {
            units.push(Unit::Any);
        } else if token.known == Known::Splits {
            units.extend((n > 0).then_some(Unit::Byte(b' ')));
            units.push(Unit::Arguments(token.bytes.clone()));
        } else {
            units.push(Unit::Argument(token.bytes.clone()));
        }
    }
    units
}

/// How a pattern is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternKind {
    /// globset's syntax; `*` crosses blanks, slashes and newlines, `?` is one character, an empty alternative is one.
    Glob,
    /// The canonical text itself.
    Exact,
    /// A regular expression for the whole canonical text; `.` matches newlines.
    Regex,
}

/// Why a pattern was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// It has no characters, or no tokens.
    #[error("a pattern must not be empty")]
    Empty,
    /// Longer than [`MAX_SOURCE`].
    #[error("the pattern has {0} bytes, at most {MAX_SOURCE} are read")]
    TooLong(usize),
    /// More than [`MAX_ALTERNATIVES`].
    #[error("the braces of `{0}` stand for more than {MAX_ALTERNATIVES} alternatives")]
    Alternatives(String),
    /// Not globset syntax.
    #[error("`{source_text}` is no glob: {reason}")]
    Glob { source_text: String, reason: String },
    /// Not a regular expression, or too large a one.
    #[error("`{source_text}` is no usable regular expression: {reason}")]
    Regex { source_text: String, reason: String },
}

#[derive(Clone)]
enum Matcher {
    Glob(Glob),
    Regex { whole: Regex, lead: Option<Box<DFA>> },
    Tokens { globs: Vec<Glob>, open: bool },
}

/// The first bytes of a text, or those with which every text starts that a pattern matches; letters of either case are alike.
///
/// Two that do not allow each other are of a pattern and a text that it surely does not match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lead {
    bytes: u128,
    known: u128,
}

impl Lead {
    /// Of a text that ends where `text` ends.
    pub fn of_text(text: &[u8]) -> Lead {
        Lead { known: u128::MAX, ..Lead::of_start(text) }
    }

    /// Of a text that starts so, and may go on.
    pub fn of_start(start: &[u8]) -> Lead {
        let (mut bytes, mut known) = ([0; 16], [0; 16]);
        for ((byte, known), own) in bytes.iter_mut().zip(&mut known).zip(start) {
            (*byte, *known) = (own.to_ascii_lowercase(), 0xff);
        }
        Lead { bytes: u128::from_ne_bytes(bytes), known: u128::from_ne_bytes(known) }
    }

    /// Whether a text with one of them may match a pattern with the other.
    pub fn allows(self, other: Lead) -> bool {
        (self.bytes ^ other.bytes) & self.known & other.known == 0
    }
}

/// One pattern of an approval policy, checked and ready to match.
///
/// Equal when written equally. Matching is total: any bytes in, an answer out, in time linear in the text.
#[derive(Clone)]
pub struct Pattern {
    kind: PatternKind,
    source: String,
    matcher: Matcher,
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?}, {:?})", self.kind, self.source)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.kind == other.kind && self.source == other.source && self.is_tokens() == other.is_tokens()
    }
}

impl Eq for Pattern {}

/// What is known of a command with unknown parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// Whatever the unknown parts are, it does not match.
    No,
    /// It depends on them.
    Maybe,
    /// Whatever they are, it matches.
    Surely,
}

impl Pattern {
    /// Reads a pattern. Errors say what is wrong and where.
    pub fn new(kind: PatternKind, source: &str) -> Result<Pattern, PatternError> {
        check_size(source)?;
        let matcher = match kind {
            PatternKind::Glob => Matcher::Glob(Glob::new(source)?),
            PatternKind::Exact => Matcher::Glob(Glob::literal(source)),
            PatternKind::Regex => regex(source)?,
        };
        Ok(Pattern { kind, source: source.to_owned(), matcher })
    }

    /// Reads a pattern of one glob a token; a last `**` stands for any further tokens.
    pub fn tokens(sources: &[String]) -> Result<Pattern, PatternError> {
        let source = canonical_text(sources);
        let source = String::from_utf8_lossy(&source).into_owned();
        check_size(&source)?;
        let (open, sources) = match sources.split_last() {
            Some((last, rest)) if last == "**" => (true, rest),
            _ => (false, sources),
        };
        let globs: Result<Vec<_>, _> =
            sources.iter().map(|one| if one.is_empty() { Ok(Glob::literal("")) } else { Glob::new(one) }).collect();
        Ok(Pattern { kind: PatternKind::Glob, source, matcher: Matcher::Tokens { globs: globs?, open } })
    }

    /// Whether it is made of `*` alone and so says nothing about the command.
    pub fn is_generic(&self) -> bool {
        match (&self.matcher, self.kind) {
            (Matcher::Glob(_), PatternKind::Glob) => self.source.chars().all(|c| c == '*'),
            (Matcher::Regex { .. }, _) => {
                matches!(self.source.trim_matches(['^', '$']), ".*" | "(?s).*")
            }
            (Matcher::Tokens { globs, open }, _) => globs.is_empty() && *open,
            _ => false,
        }
    }

    /// The pattern as it was written; a token pattern in canonical quoting.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How it was written.
    pub fn kind(&self) -> PatternKind {
        self.kind
    }

    /// About how many bytes of memory it takes.
    pub fn memory(&self) -> usize {
        let own = match &self.matcher {
            Matcher::Glob(glob) => glob.memory(),
            Matcher::Regex { whole, lead } => {
                whole.memory_usage()
                    + lead.as_ref().map_or(0, |lead| lead.memory_usage() + lead.get_nfa().memory_usage())
            }
            Matcher::Tokens { globs, .. } => globs.iter().map(Glob::memory).sum(),
        };
        size_of::<Pattern>() + self.source.len() + own
    }

    /// Whether it was written as one glob a token.
    pub fn is_tokens(&self) -> bool {
        matches!(self.matcher, Matcher::Tokens { .. })
    }

    /// Whether the canonical text of a command matches, from its first to its last byte.
    pub fn matches(&self, text: &[u8]) -> bool {
        match &self.matcher {
            Matcher::Tokens { .. } => {
                let argv = split_canonical(text);
                self.matches_command(&argv.into_iter().map(Token::whole).collect::<Vec<_>>(), text, false)
            }
            _ => self.matches_command(&[], text, false),
        }
    }

    /// As [`Pattern::matches`] for arguments known to the last byte and their canonical text; `fold` ignores ASCII case.
    pub fn matches_command(&self, tokens: &[Token], text: &[u8], fold: bool) -> bool {
        match &self.matcher {
            Matcher::Glob(glob) => glob.matches(text, fold),
            Matcher::Regex { whole, .. } => {
                let text = String::from_utf8_lossy(text);
                let input = Input::new(text.as_ref()).anchored(Anchored::Yes);
                whole.search_half(&input).is_some_and(|end| end.offset() == text.len())
            }
            Matcher::Tokens { globs, open } => {
                (tokens.len() == globs.len() || *open && tokens.len() > globs.len())
                    && globs.iter().zip(tokens).all(|(glob, token)| glob.matches(&token.bytes, fold))
            }
        }
    }

    /// Whether a command with unknown parts matches, may match, or cannot.
    pub fn may_match(&self, tokens: &[Token]) -> May {
        let first_unknown = tokens.iter().position(|token| !token.is_whole()).unwrap_or(tokens.len());
        let known = tokens.get(..first_unknown).unwrap_or_default();
        if known.len() == tokens.len() {
            let argv: Vec<_> = tokens.iter().map(|token| &token.bytes).collect();
            let matched = self.matches_command(tokens, &canonical_text(&argv), false);
            return if matched { May::Surely } else { May::No };
        }
        match &self.matcher {
            Matcher::Glob(glob) => {
                let argv: Vec<_> = known.iter().map(|token| &token.bytes).collect();
                if glob.matches_any_extension(&canonical_text(&argv)) {
                    May::Surely
                } else if glob.may_match(&units(tokens)) {
                    May::Maybe
                } else {
                    May::No
                }
            }
            Matcher::Regex { lead, .. } => {
                let units = units(tokens);
                let lead_bytes = units.iter().map_while(|unit| match unit {
                    Unit::Byte(byte) => Some(*byte),
                    _ => None,
                });
                match lead {
                    Some(dfa) if is_dead_after(dfa, lead_bytes) => May::No,
                    _ if self.is_generic() => May::Surely,
                    _ => May::Maybe,
                }
            }
            Matcher::Tokens { globs, open } => {
                for (n, token) in tokens.iter().enumerate() {
                    let Some(glob) = globs.get(n) else {
                        return if *open { May::Surely } else { May::Maybe };
                    };
                    let fits = match token.known {
                        Known::Splits => return May::Maybe,
                        Known::Whole => glob.matches(&token.bytes, false),
                        Known::Lead => {
                            let mut units: Vec<_> = token.bytes.iter().copied().map(Unit::Byte).collect();
                            units.push(Unit::Any);
                            glob.may_match(&units)
                        }
                    };
                    if !fits {
                        return May::No;
                    }
                }
                if tokens.len() < globs.len() { May::No } else { May::Maybe }
            }
        }
    }

    /// How every canonical text starts that it matches, or may match.
    pub fn lead(&self) -> Lead {
        match &self.matcher {
            Matcher::Glob(glob) => Lead::of_start(glob.lead()),
            // The first argument of a text may be quoted.
            Matcher::Regex { .. } | Matcher::Tokens { .. } => Lead::default(),
        }
    }

    /// The bytes a matching text can start with; `None` stands for any.
    pub fn first_bytes(&self) -> Option<Vec<u8>> {
        match &self.matcher {
            Matcher::Glob(glob) => glob.first_bytes(),
            Matcher::Regex { .. } => None,
            Matcher::Tokens { globs, .. } => globs.first().and_then(Glob::first_bytes),
        }
    }

    /// Whether it says something about the argument after the command `name`, so that options before that argument matter.
    pub fn reaches_past(&self, name: &[u8]) -> bool {
        match &self.matcher {
            Matcher::Glob(glob) => self.source.contains([' ', '{', '[']) && glob.starts_like(name),
            Matcher::Regex { .. } => true,
            Matcher::Tokens { globs, .. } => {
                globs.len() > 1 && globs.first().is_some_and(|glob| glob.matches(name, true))
            }
        }
    }

    /// Whether letters of either case are told apart by it.
    pub fn has_upper_case(&self) -> bool {
        self.kind != PatternKind::Regex && self.source.bytes().any(|byte| byte.is_ascii_uppercase())
    }

    /// The command that a pattern such as `rm *` misses, since it has no arguments: `rm`.
    pub fn without_arguments(&self) -> Option<&str> {
        let is_glob = self.kind == PatternKind::Glob && !self.is_tokens() && !self.is_generic();
        let bare = self.source.strip_suffix(" *").filter(|_| is_glob && self.source.matches('*').count() == 1)?;
        (!self.matches(bare.as_bytes())).then_some(bare)
    }

    /// What its author may not expect, one sentence each.
    pub fn lints(&self) -> Vec<String> {
        let mut lints = Vec::new();
        let source = &self.source;
        match (&self.matcher, self.kind) {
            (Matcher::Tokens { .. }, _) => return lints,
            (_, PatternKind::Regex) => {
                if !self.is_generic() && !source.contains(['*', '+', '?', '$', '{', '|', '[', '.']) {
                    lints.push(format!("`{source}` must match the whole command: end it in `.*` to allow arguments"));
                }
                return lints;
            }
            _ => {}
        }
        let glob = self.kind == PatternKind::Glob;
        if source.starts_with([' ', '\t']) || source.ends_with([' ', '\t']) {
            lints.push(format!("`{source}` starts or ends in a blank: no canonical command does"));
        }
        if glob && !self.is_generic() {
            glob_lints(source, &mut lints);
        }
        let outside = quoting_problem(source, glob);
        if let Some(character) = outside {
            lints.push(format!(
                "`{source}` holds a bare `{character}`, which a command shows inside single quotes only: quote the argument, or use `argv = […]`"
            ));
        }
        lints
    }
}

fn glob_lints(source: &str, lints: &mut Vec<String>) {
    let first = source.split(' ').next().unwrap_or_default();
    if source.contains("**") {
        lints.push(format!("`**` in `{source}` means no more than `*`: every `*` crosses blanks and slashes"));
    }
    if first.trim_end_matches('*').contains(['*', '?', '[']) {
        lints.push(format!("a wildcard inside the program name of `{source}` governs programs you may not think of"));
    }
    if let Some(name) = source.strip_suffix('*')
        && !name.is_empty()
        && !name.contains([' ', '*', '?', '[', '{'])
        && name.ends_with(|c: char| c.is_alphanumeric())
    {
        lints.push(format!("`{source}` also matches `{name}-status`: write `{{{name},{name} *}}` for the one program"));
    }
    let mut rest = source;
    while let Some((_, inner)) = rest.split_once('{') {
        let (group, after) = inner.split_once('}').unwrap_or((inner, ""));
        if !group.contains(',') {
            lints.push(format!("the braces of `{{{group}}}` vanish: `\\{{` is a literal brace"));
        }
        rest = after;
    }
    if first.chars().any(char::is_uppercase) {
        lints.push(format!("the program name of `{source}` has upper case: patterns tell cases apart"));
    }
}

/// A character that canonical text never shows outside single quotes.
fn quoting_problem(source: &str, glob: bool) -> Option<char> {
    let mut quoted = false;
    let mut escaped = false;
    source.chars().find(|&c| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match c {
            '\\' => escaped = true,
            '\'' => quoted = !quoted,
            _ => {}
        }
        let syntax = glob && "*?[]{},!^".contains(c);
        !quoted && !syntax && c.is_ascii() && !matches!(c, '\'' | '\\' | ' ') && !is_bare(c as u8)
    })
}

fn check_size(source: &str) -> Result<(), PatternError> {
    match source.len() {
        0 => Err(PatternError::Empty),
        length if length > MAX_SOURCE => Err(PatternError::TooLong(length)),
        _ => Ok(()),
    }
}

fn regex(source: &str) -> Result<Matcher, PatternError> {
    let wrong = |reason: String| PatternError::Regex {
        source_text: source.to_owned(),
        reason: reason.lines().last().unwrap_or_default().trim().to_owned(),
    };
    let syntax = syntax::Config::new().dot_matches_new_line(true).nest_limit(100);
    let whole = Regex::builder()
        .configure(
            Regex::config()
                .match_kind(MatchKind::All)
                .nfa_size_limit(Some(REGEX_BYTES))
                .onepass_size_limit(Some(REGEX_BYTES))
                .hybrid_cache_capacity(REGEX_BYTES),
        )
        .syntax(syntax)
        .build(source)
        .map_err(|error| match error.size_limit() {
            Some(limit) => wrong(format!("it needs more than {limit} bytes")),
            None => match error.syntax_error() {
                Some(error) => wrong(error.to_string()),
                None => wrong(error.to_string()),
            },
        })?;
    let lead = DFA::builder()
        .configure(DFA::config().match_kind(MatchKind::All))
        .thompson(thompson::Config::new().nfa_size_limit(Some(REGEX_BYTES)))
        .syntax(syntax)
        .build(source)
        .ok()
        .map(Box::new);
    Ok(Matcher::Regex { whole, lead })
}

/// Whether no text that starts with these bytes can match.
fn is_dead_after(dfa: &DFA, bytes: impl Iterator<Item = u8>) -> bool {
    let mut cache = dfa.create_cache();
    let anchored = start::Config::new().anchored(Anchored::Yes);
    let Ok(mut state) = dfa.start_state(&mut cache, &anchored) else {
        return false;
    };
    for byte in bytes {
        match dfa.next_state(&mut cache, state, byte) {
            Ok(next) if next.is_dead() => return true,
            Ok(next) if !next.is_quit() => state = next,
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
