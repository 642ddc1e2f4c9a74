//! globset's syntax, expanded into at most 64 sequences and matched without a regular expression.

use globset::GlobBuilder;

use super::pattern::{MAX_ALTERNATIVES, PatternError};

const MAX_NESTING: usize = 16;

/// One step of a text with unknown parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Byte(u8),
    /// Any string.
    Any,
    /// One argument, quoted or bare, that starts so.
    Argument(Vec<u8>),
    /// Several arguments, the first of which starts so.
    Arguments(Vec<u8>),
}

#[derive(Clone, Debug)]
enum Piece {
    Char(char),
    One,
    Star,
    Class { not: bool, ranges: Vec<(char, char)> },
}

/// One way to read the braces: literal bytes, then the rest.
#[derive(Clone, Debug)]
struct Branch {
    prefix: Vec<u8>,
    pieces: Vec<Piece>,
}

/// A compiled glob.
#[derive(Clone, Debug)]
pub(super) struct Glob {
    branches: Vec<Branch>,
}

impl Glob {
    pub(super) fn new(source: &str) -> Result<Glob, PatternError> {
        match Glob::plain(source) {
            Some(glob) => Ok(glob),
            None => Glob::parse(source),
        }
    }

    /// Text, or text and one last `*`: what most patterns are, and what globset has nothing to say against.
    fn plain(source: &str) -> Option<Glob> {
        let (text, star) = source.strip_suffix('*').map_or((source, None), |text| (text, Some(Piece::Star)));
        if text.contains(['*', '?', '[', '{', '}', '\\']) {
            return None;
        }
        Some(Glob { branches: vec![Branch { prefix: text.as_bytes().to_vec(), pieces: Vec::from_iter(star) }] })
    }

    fn parse(source: &str) -> Result<Glob, PatternError> {
        let wrong = |reason: String| PatternError::Glob { source_text: source.to_owned(), reason };
        if source.matches('{').count() > MAX_ALTERNATIVES {
            return Err(PatternError::Alternatives(source.to_owned()));
        }
        // Without these, globset finds no fault.
        if source.contains(['[', '{', '}', '\\']) {
            GlobBuilder::new(source)
                .literal_separator(false)
                .backslash_escape(true)
                .empty_alternates(true)
                .build()
                .map_err(|error| wrong(error.kind().to_string()))?;
        }
        let mut parser = Parser { chars: source.chars().collect(), at: 0, source };
        let branches = parser.sequence(0)?;
        if parser.at < parser.chars.len() {
            return Err(wrong("unopened alternate group".to_owned()));
        }
        Ok(Glob { branches: branches.into_iter().map(branch).collect() })
    }

    pub(super) fn literal(text: &str) -> Glob {
        Glob { branches: vec![Branch { prefix: text.as_bytes().to_vec(), pieces: Vec::new() }] }
    }

    pub(super) fn matches(&self, text: &[u8], fold: bool) -> bool {
        self.branches.iter().any(|branch| branch.matches(text, fold))
    }

    /// Whether every text that starts so matches.
    pub(super) fn matches_any_extension(&self, text: &[u8]) -> bool {
        self.branches
            .iter()
            .any(|branch| matches!(branch.pieces.last(), Some(Piece::Star)) && branch.matches(text, false))
    }

    pub(super) fn may_match(&self, units: &[Unit]) -> bool {
        self.branches.iter().any(|branch| branch.may_match(units))
    }

    /// About how many bytes of memory it takes.
    pub(super) fn memory(&self) -> usize {
        let branch =
            |branch: &Branch| size_of::<Branch>() + branch.prefix.len() + size_of_val(branch.pieces.as_slice());
        self.branches.iter().map(branch).sum()
    }

    /// The bytes with which every matching text starts; nothing, where its ways to read the braces start differently.
    pub(super) fn lead(&self) -> &[u8] {
        let mut branches = self.branches.iter();
        let first = branches.next().map(|branch| branch.prefix.as_slice()).unwrap_or_default();
        let shared = branches.fold(first.len(), |length, branch| {
            first.iter().zip(&branch.prefix).take(length).take_while(|(one, other)| one == other).count()
        });
        first.get(..shared).unwrap_or_default()
    }

    pub(super) fn first_bytes(&self) -> Option<Vec<u8>> {
        self.branches.iter().map(|branch| branch.prefix.first().copied()).collect()
    }

    /// Whether some text that starts with `name` and a blank could match.
    pub(super) fn starts_like(&self, name: &[u8]) -> bool {
        self.branches.iter().any(|branch| {
            let shared = branch.prefix.iter().zip(name.iter().chain(b" "));
            shared.into_iter().all(|(one, other)| one.eq_ignore_ascii_case(other))
        })
    }
}

fn branch(pieces: Vec<Piece>) -> Branch {
    let literal = pieces.iter().map_while(|piece| match piece {
        Piece::Char(c) => Some(*c),
        _ => None,
    });
    let prefix: String = literal.collect();
    let rest = pieces.into_iter().skip(prefix.chars().count()).collect();
    Branch { prefix: prefix.into_bytes(), pieces: rest }
}

struct Parser<'s> {
    chars: Vec<char>,
    at: usize,
    source: &'s str,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.chars.get(self.at).copied();
        self.at += usize::from(next.is_some());
        next
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Everything up to the end, or at some depth up to `,` or `}`.
    fn sequence(&mut self, depth: usize) -> Result<Vec<Vec<Piece>>, PatternError> {
        let mut all: Vec<Vec<Piece>> = vec![Vec::new()];
        while let Some(c) = self.peek(0) {
            if depth > 0 && matches!(c, ',' | '}') {
                break;
            }
            self.at += 1;
            let piece = match c {
                '\\' => Piece::Char(self.next().unwrap_or('\\')),
                '?' => Piece::One,
                '*' => {
                    if self.directories(&mut all) {
                        self.check(&all)?;
                        continue;
                    }
                    while self.peek(0) == Some('*') {
                        self.at += 1;
                    }
                    Piece::Star
                }
                '[' => self.class(),
                '{' => {
                    let group = self.group(depth + 1)?;
                    let product = all
                        .iter()
                        .flat_map(|head| group.iter().map(|tail| [head.as_slice(), tail.as_slice()].concat()));
                    all = product.take(MAX_ALTERNATIVES + 1).collect();
                    self.check(&all)?;
                    continue;
                }
                _ => Piece::Char(c),
            };
            for one in &mut all {
                if !(matches!(piece, Piece::Star) && matches!(one.last(), Some(Piece::Star))) {
                    one.push(piece.clone());
                }
            }
        }
        Ok(all)
    }

    /// `**/` between slashes also stands for nothing, as in globset.
    fn directories(&mut self, all: &mut Vec<Vec<Piece>>) -> bool {
        let at_component = |one: &Vec<Piece>| matches!(one.last(), None | Some(Piece::Char('/')));
        if self.peek(0) != Some('*') || self.peek(1) != Some('/') || !all.iter().all(at_component) {
            return false;
        }
        self.at += 2;
        let deeper: Vec<_> =
            all.iter().map(|one| one.iter().cloned().chain([Piece::Star, Piece::Char('/')]).collect()).collect();
        all.extend(deeper);
        true
    }

    fn check(&self, all: &[Vec<Piece>]) -> Result<(), PatternError> {
        if all.len() > MAX_ALTERNATIVES {
            return Err(PatternError::Alternatives(self.source.to_owned()));
        }
        Ok(())
    }

    fn group(&mut self, depth: usize) -> Result<Vec<Vec<Piece>>, PatternError> {
        if depth > MAX_NESTING {
            return Err(PatternError::Alternatives(self.source.to_owned()));
        }
        let mut all = Vec::new();
        loop {
            all.extend(self.sequence(depth)?);
            self.check(&all)?;
            if self.next() != Some(',') {
                return Ok(all);
            }
        }
    }

    /// As globset reads it: a first `]` is literal, as is a backslash.
    fn class(&mut self) -> Piece {
        let not = matches!(self.peek(0), Some('!' | '^'));
        self.at += usize::from(not);
        let mut ranges: Vec<(char, char)> = Vec::new();
        let (mut first, mut in_range) = (true, false);
        while let Some(c) = self.next() {
            match c {
                ']' if !first => break,
                '-' if !first && !in_range => in_range = true,
                _ if in_range => {
                    in_range = false;
                    if let Some(last) = ranges.last_mut() {
                        last.1 = c;
                    }
                }
                _ => ranges.push((c, c)),
            }
            first = false;
        }
        if in_range {
            ranges.push(('-', '-'));
        }
        Piece::Class { not, ranges }
    }
}

/// The first character of a text and its length; a byte that is not UTF-8 counts as one character that equals none.
fn first_char(text: &[u8]) -> Option<(Option<char>, usize)> {
    let first = *text.first()?;
    if first < 0x80 {
        return Some((Some(char::from(first)), 1));
    }
    let length = match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    let character = text.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(|s| s.chars().next());
    Some(character.map_or((None, 1), |c| (Some(c), length)))
}

impl Piece {
    fn takes(&self, c: Option<char>, fold: bool) -> bool {
        let same = |a: char, b: char| a == b || fold && a.eq_ignore_ascii_case(&b);
        match self {
            Piece::Char(own) => c.is_some_and(|c| same(*own, c)),
            Piece::One => true,
            Piece::Star => false,
            Piece::Class { not, ranges } => {
                let within = |c: char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
                let hit = c.is_some_and(|c| {
                    within(c) || fold && (within(c.to_ascii_lowercase()) || within(c.to_ascii_uppercase()))
                });
                hit != *not
            }
        }
    }
}

impl Branch {
    /// Remembers the last star alone: going back to an earlier one never helps.
    fn matches(&self, text: &[u8], fold: bool) -> bool {
        let Some((head, rest)) = text.split_at_checked(self.prefix.len()) else {
            return false;
        };
        if head != self.prefix && !(fold && head.eq_ignore_ascii_case(&self.prefix)) {
            return false;
        }
        let (mut text, mut piece) = (rest, 0);
        let mut back: Option<(usize, &[u8])> = None;
        loop {
            match (self.pieces.get(piece), first_char(text)) {
                (None, None) => return true,
                (Some(Piece::Star), _) => {
                    piece += 1;
                    if piece == self.pieces.len() {
                        return true;
                    }
                    back = Some((piece, text));
                    continue;
                }
                (Some(own), Some((c, length))) if own.takes(c, fold) => {
                    text = text.get(length..).unwrap_or_default();
                    piece += 1;
                    continue;
                }
                _ => {}
            }
            let Some((after_star, from)) = back else {
                return false;
            };
            let Some((_, length)) = first_char(from) else {
                return false;
            };
            let next = from.get(length..).unwrap_or_default();
            (piece, text) = (after_star, next);
            back = Some((after_star, next));
        }
    }

    /// The set of places in the pattern reachable so far, one text step at a time.
    fn may_match(&self, units: &[Unit]) -> bool {
        let prefix = String::from_utf8_lossy(&self.prefix);
        let pieces: Vec<Piece> = prefix.chars().map(Piece::Char).chain(self.pieces.iter().cloned()).collect();
        let mut places = vec![false; pieces.len() + 1];
        if let Some(start) = places.first_mut() {
            *start = true;
        }
        pass_stars(&mut places, &pieces);
        let mut units = units;
        while let Some((unit, rest)) = units.split_first() {
            units = rest;
            places = match unit {
                Unit::Any => any(places),
                Unit::Argument(lead) | Unit::Arguments(lead) => {
                    let quoted = any(walk(step(&places, &pieces, Some('\'')), &pieces, lead));
                    let open = walk(places, &pieces, lead);
                    let open = if matches!(unit, Unit::Argument(_)) { any_bare(open, &pieces) } else { any(open) };
                    open.into_iter().zip(quoted).map(|(one, other)| one || other).collect()
                }
                Unit::Byte(first) => {
                    let tail = rest.iter().map_while(|unit| match unit {
                        Unit::Byte(byte) => Some(*byte),
                        _ => None,
                    });
                    let window: Vec<u8> = std::iter::once(*first).chain(tail.take(3)).collect();
                    let (c, length) = first_char(&window).unwrap_or((None, 1));
                    units = rest.get(length - 1..).unwrap_or_default();
                    step(&places, &pieces, c)
                }
            };
            if !places.contains(&true) {
                return false;
            }
        }
        places.last().copied().unwrap_or(false)
    }
}

/// Every place from the first one on: a star or a jump stands between.
fn any(mut places: Vec<bool>) -> Vec<bool> {
    let from = places.iter().position(|&here| here).unwrap_or(places.len());
    places.iter_mut().skip(from).for_each(|place| *place = true);
    places
}

/// As `any`, for text that needs no quotes.
fn any_bare(mut places: Vec<bool>, pieces: &[Piece]) -> Vec<bool> {
    let mut reached = false;
    for (n, place) in places.iter_mut().enumerate() {
        *place |= reached;
        let passes = match pieces.get(n) {
            Some(Piece::Char(c)) => !c.is_ascii() || super::pattern::is_bare(*c as u8),
            _ => true,
        };
        reached = *place && passes;
    }
    places
}

fn walk(mut places: Vec<bool>, pieces: &[Piece], mut text: &[u8]) -> Vec<bool> {
    while let Some((c, length)) = first_char(text) {
        text = text.get(length..).unwrap_or_default();
        places = step(&places, pieces, c);
    }
    places
}

fn step(places: &[bool], pieces: &[Piece], c: Option<char>) -> Vec<bool> {
    let mut next = vec![false; places.len()];
    for ((n, piece), _) in pieces.iter().enumerate().zip(places).filter(|(_, here)| **here) {
        let target = if matches!(piece, Piece::Star) {
            n
        } else if piece.takes(c, false) {
            n + 1
        } else {
            continue;
        };
        if let Some(place) = next.get_mut(target) {
            *place = true;
        }
    }
    pass_stars(&mut next, pieces);
    next
}

fn pass_stars(places: &mut [bool], pieces: &[Piece]) {
    let mut reached = false;
    for (n, place) in places.iter_mut().enumerate() {
        *place |= reached;
        reached = *place && matches!(pieces.get(n), Some(Piece::Star));
    }
}
