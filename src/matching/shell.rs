//! The recogniser: shell text to a superset of its simple commands, or a reason why it cannot say.
//!
//! It is no grammar. It accepts only what every shell of the dialect reads alike; a misreading of compound commands
//! costs an approval, not safety, because every word in command position is collected and all else is refused.

mod words;

use std::ops::Range;

use self::words::Word;
use crate::domain::pattern::Token;

/// Deepest nesting of substitutions and compound commands that is read.
pub const MAX_DEPTH: usize = 40;

/// Which shells will read the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `sh`, and any shell that might stand behind that name.
    Posix,
    /// The Korn shells: arithmetic in many builtins.
    Ksh,
    /// bash.
    Bash,
    /// zsh.
    Zsh,
}

/// One simple command: assignments, then words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simple {
    /// Variables set for or before the command.
    pub assignments: Vec<(Vec<u8>, Token)>,
    /// The command word and its arguments; empty when there are assignments alone.
    pub words: Vec<Token>,
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
}

/// What a text holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Every simple command found; complete only if nothing is opaque.
    pub commands: Vec<Simple>,
    /// Why the commands may not be all, empty when they are.
    pub opaque: Vec<&'static str>,
    /// Names that the text gives values that are known only when it runs.
    pub sets: Vec<Vec<u8>>,
    /// Files that redirections write, as far as they are known to the last byte; for showing, complete for nothing.
    pub writes: Vec<Vec<u8>>,
}

/// Reads a script. Total: any bytes in, in time linear in the text for each level of backquotes.
pub fn read(text: &[u8], dialect: Dialect) -> Reading {
    read_at(text, dialect, 0)
}

fn read_at(text: &[u8], dialect: Dialect, depth: usize) -> Reading {
    let mut reader = Reader { text, at: 0, dialect, depth, inside: 0, found: Reading::default(), heredocs: Vec::new() };
    if let Err(Refused(why)) = reader.script() {
        reader.found.opaque.push(why);
    }
    reader.found
}

struct Refused(&'static str);
type Step<T = ()> = Result<T, Refused>;

struct Heredoc {
    delimiter: Vec<u8>,
    strips: bool,
    expands: bool,
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    dialect: Dialect,
    depth: usize,
    /// How many `$( )` are open.
    inside: usize,
    found: Reading,
    heredocs: Vec<Heredoc>,
}

const RESERVED: &[&str] =
    &["!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until", "while", "{", "}"];
const REFUSED_WORDS: &[&str] =
    &["[[", "]]", "always", "coproc", "end", "foreach", "function", "namespace", "nocorrect", "repeat", "select"];

fn ends_word(byte: Option<u8>) -> bool {
    byte.is_none_or(|byte| b" \t\n;&|()<>".contains(&byte))
}

fn is_name(bytes: &[u8]) -> bool {
    let starts = bytes.first().is_some_and(|&b| b.is_ascii_alphabetic() || b == b'_');
    starts && bytes.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Blanks, controls and invisible characters that shells and people read differently.
fn is_treacherous(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.ahead(0)
    }

    fn ahead(&self, n: usize) -> Option<u8> {
        self.text.get(self.at + n).copied()
    }

    fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).and_then(|at| self.text.get(at)).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn sees(&self, start: &[u8]) -> bool {
        self.rest().starts_with(start)
    }

    fn skip(&mut self, start: &[u8]) -> bool {
        let seen = self.sees(start);
        self.at += if seen { start.len() } else { 0 };
        seen
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refused("nested too deeply"));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn script(&mut self) -> Step {
        if std::str::from_utf8(self.text).is_err() {
            return Err(Refused("the script is not UTF-8"));
        }
        if self.text.iter().any(|&b| b < 0x20 && !b"\t\n".contains(&b) || b == 0x7f) {
            return Err(Refused("control character in a script"));
        }
        self.list(&[], true)?;
        if self.at < self.text.len() {
            return Err(Refused("unbalanced script"));
        }
        if !self.heredocs.is_empty() {
            return Err(Refused("unfinished here-document"));
        }
        Ok(())
    }

    /// Blanks and continued lines.
    fn blanks(&mut self) -> Step {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') if self.ahead(1) == Some(b'\n') => {
                    self.at += 2;
                    if matches!(self.peek(), Some(b'#')) {
                        return Err(Refused("`#` after a continued line"));
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// Blanks, comments and newlines, with the here-documents that begin after them.
    fn gap(&mut self) -> Step {
        loop {
            self.blanks()?;
            match self.peek() {
                Some(b'#') => self.comment()?,
                Some(b'\n') => self.newline()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Step {
        if self.inside > 0 || self.before().is_some_and(|before| !b" \t\n;".contains(&before)) {
            return Err(Refused("`#` that shells read differently"));
        }
        self.at += self.rest().iter().take_while(|&&byte| byte != b'\n').count();
        Ok(())
    }

    fn newline(&mut self) -> Step {
        self.at += 1;
        for heredoc in std::mem::take(&mut self.heredocs) {
            let from = self.at;
            loop {
                let line = self.rest().split(|&byte| byte == b'\n').next().unwrap_or_default();
                if self.at >= self.text.len() {
                    return Err(Refused("unfinished here-document"));
                }
                let body = self.text.get(from..self.at).unwrap_or_default();
                let tabs = line.iter().take_while(|&&byte| heredoc.strips && byte == b'\t').count();
                self.at = (self.at + line.len() + 1).min(self.text.len());
                if line.get(tabs..) == Some(heredoc.delimiter.as_slice()) {
                    if heredoc.expands {
                        self.heredoc_body(body)?;
                    }
                    break;
                }
            }
        }
        Ok(())
    }

    fn heredoc_body(&mut self, body: &[u8]) -> Step {
        let mut reader = Reader {
            text: body,
            at: 0,
            dialect: self.dialect,
            depth: self.depth + 1,
            inside: 1,
            found: Reading::default(),
            heredocs: Vec::new(),
        };
        let mut result = Ok(());
        while let (Ok(()), Some(byte)) = (&result, reader.peek()) {
            match byte {
                b'\\' if reader.ahead(1).is_none_or(|next| next == b'\n') => {
                    result = Err(Refused("continued line in a here-document"));
                }
                b'\\' => reader.at += 2,
                b'$' => result = reader.dollar(true).map(drop),
                b'`' => result = reader.backquotes(true),
                _ => reader.at += 1,
            }
        }
        self.absorb(reader.found);
        result
    }

    fn absorb(&mut self, inner: Reading) {
        self.found.commands.extend(inner.commands);
        self.found.opaque.extend(inner.opaque);
        self.found.sets.extend(inner.sets);
        self.found.writes.extend(inner.writes);
    }

    /// Commands up to one of the reserved words `ends`, a closing parenthesis, `;;` or the end of the text.
    fn list(&mut self, ends: &[&str], may_be_empty: bool) -> Step {
        let mut empty = may_be_empty;
        loop {
            self.gap()?;
            if self.peek().is_none_or(|byte| byte == b')') || self.sees(b";;") {
                break;
            }
            if let Some(word) = self.keyword()
                && ends.contains(&word)
            {
                break;
            }
            self.and_or()?;
            empty = true;
            self.blanks()?;
            match self.peek() {
                Some(b';') if !self.sees(b";;") => self.at += 1,
                Some(b'&') if !self.sees(b"&&") && !self.sees(b"&>") => self.at += 1,
                Some(b'\n' | b'#') => {}
                _ if self.peek().is_none_or(|byte| byte == b')') || self.sees(b";;") => break,
                _ => return Err(Refused("syntax outside the subset")),
            }
            if matches!(self.peek(), Some(b'&' | b'|' | b'!')) {
                return Err(Refused("operator outside the subset"));
            }
        }
        if empty { Ok(()) } else { Err(Refused("empty list of commands")) }
    }

    fn and_or(&mut self) -> Step {
        loop {
            self.pipeline()?;
            self.blanks()?;
            if !self.skip(b"&&") && !self.skip(b"||") {
                return Ok(());
            }
            self.gap()?;
        }
    }

    fn pipeline(&mut self) -> Step {
        loop {
            self.blanks()?;
            while self.keyword() == Some("!") {
                self.at += 1;
                if self.peek() == Some(b'(') {
                    return Err(Refused("function or pattern in parentheses"));
                }
                self.blanks()?;
            }
            self.deeper(Self::command)?;
            self.blanks()?;
            if self.peek() != Some(b'|') || self.sees(b"||") {
                return Ok(());
            }
            self.at += 1;
            if self.peek() == Some(b'&') {
                self.at += 1;
            }
            self.gap()?;
        }
    }

    /// The reserved word that starts here, if one does.
    fn keyword(&self) -> Option<&'static str> {
        RESERVED.iter().copied().find(|word| self.sees(word.as_bytes()) && ends_word(self.ahead(word.len())))
    }

    fn expect(&mut self, word: &str) -> Step {
        if self.keyword() != Some(word) {
            return Err(Refused("unbalanced compound command"));
        }
        self.at += word.len();
        Ok(())
    }

    fn command(&mut self) -> Step {
        if self.peek() == Some(b'(') {
            if self.ahead(1) == Some(b'(') {
                return Err(Refused("arithmetic command"));
            }
            self.at += 1;
            self.list(&[], false)?;
            if !self.skip(b")") {
                return Err(Refused("unbalanced parenthesis"));
            }
            return self.redirections();
        }
        match self.keyword() {
            None => return self.simple(),
            Some("if") => {
                self.at += 2;
                self.list(&["then"], false)?;
                self.expect("then")?;
                loop {
                    self.list(&["elif", "else", "fi"], false)?;
                    match self.keyword() {
                        Some("elif") => {
                            self.at += 4;
                            self.list(&["then"], false)?;
                            self.expect("then")?;
                        }
                        Some("else") => {
                            self.at += 4;
                            self.list(&["fi"], false)?;
                            break;
                        }
                        _ => break,
                    }
                }
                self.expect("fi")?;
            }
            Some("while" | "until") => {
                self.at += 5;
                self.list(&["do"], false)?;
                self.body()?;
            }
            Some("for") => {
                self.at += 3;
                self.for_head()?;
                self.body()?;
            }
            Some("case") => {
                self.at += 4;
                self.case()?;
            }
            Some("{") => {
                self.at += 1;
                self.list(&["}"], false)?;
                self.expect("}")?;
            }
            Some(_) => return Err(Refused("unbalanced compound command")),
        }
        self.redirections()
    }

    fn body(&mut self) -> Step {
        self.expect("do")?;
        self.list(&["done"], false)?;
        self.expect("done")
    }

    fn for_head(&mut self) -> Step {
        self.blanks()?;
        let name = self.word()?;
        if !name.bare || name.continued || !is_name(&name.bytes) {
            return Err(Refused("loop outside the subset"));
        }
        self.found.sets.push(name.bytes);
        self.gap()?;
        if self.keyword() == Some("in") {
            self.at += 2;
            loop {
                self.blanks()?;
                match self.peek() {
                    Some(b';' | b'\n' | b'#') => break,
                    Some(b'(' | b')' | b'&' | b'|' | b'<' | b'>') | None => {
                        return Err(Refused("loop outside the subset"));
                    }
                    _ => drop(self.word()?),
                }
            }
        }
        if self.peek() == Some(b';') {
            self.at += 1;
        }
        self.gap()
    }

    fn case(&mut self) -> Step {
        if self.inside > 0 {
            return Err(Refused("case inside a substitution"));
        }
        self.blanks()?;
        self.word()?;
        self.gap()?;
        self.expect("in")?;
        loop {
            self.gap()?;
            if self.keyword() == Some("esac") {
                self.at += 4;
                return Ok(());
            }
            self.skip(b"(");
            loop {
                self.blanks()?;
                self.word()?;
                self.blanks()?;
                if self.sees(b"||") || !self.skip(b"|") {
                    break;
                }
            }
            if !self.skip(b")") {
                return Err(Refused("case outside the subset"));
            }
            self.list(&["esac"], true)?;
            if !self.skip(b";;") && self.keyword() != Some("esac") {
                return Err(Refused("case outside the subset"));
            }
            if matches!(self.peek(), Some(b'&' | b';' | b'|')) {
                return Err(Refused("case outside the subset"));
            }
        }
    }

    fn redirections(&mut self) -> Step {
        loop {
            self.blanks()?;
            let digit = self.peek().is_some_and(|byte| byte.is_ascii_digit());
            match self.ahead(usize::from(digit)) {
                Some(b'<' | b'>') => {
                    self.at += usize::from(digit);
                    self.redirection()?;
                }
                _ if self.sees(b"&>") => self.redirection()?,
                _ => return Ok(()),
            }
        }
    }

    fn simple(&mut self) -> Step {
        let start = self.at;
        let mut simple = Simple { assignments: Vec::new(), words: Vec::new(), span: start..start };
        let mut redirected = false;
        let mut soft = None;
        loop {
            self.blanks()?;
            match self.peek() {
                None | Some(b'\n' | b';' | b'|' | b')') => break,
                Some(b'&') if !self.sees(b"&>") => break,
                Some(b'#') => {
                    self.comment()?;
                    break;
                }
                Some(b'<' | b'>') if self.ahead(1) == Some(b'(') => {
                    let token = self.process_substitution()?;
                    simple.words.push(token);
                }
                Some(b'&' | b'<' | b'>') => {
                    self.redirection()?;
                    redirected = true;
                }
                Some(b'(') => return Err(Refused("function or pattern in parentheses")),
                Some(_) => {
                    let word = self.word()?;
                    if matches!(self.peek(), Some(b'<' | b'>')) && word.bare && !word.bytes.is_empty() {
                        if !word.unknown && word.bytes.iter().all(u8::is_ascii_digit) {
                            if word.bytes.len() > 1 || word.continued {
                                return Err(Refused("file descriptor that shells read differently"));
                            }
                            self.redirection()?;
                            redirected = true;
                            continue;
                        }
                        if word.bytes.ends_with(b"}") || self.ahead(1) == Some(b'(') {
                            return Err(Refused("redirection outside the subset"));
                        }
                    }
                    if !simple.words.is_empty() {
                        let timed = simple.words.first().is_some_and(|first| first.bytes == b"time");
                        let text = std::str::from_utf8(&word.bytes).unwrap_or_default();
                        if timed && word.bare && (RESERVED.contains(&text) || REFUSED_WORDS.contains(&text)) {
                            return Err(Refused("`time` before a compound command"));
                        }
                        // Busybox lets `&&` and `||` after it be words, wherever it stands.
                        if self.dialect == Dialect::Posix && word.bare && matches!(text, "[[" | "]]") {
                            return Err(Refused("`[[` that shells read differently"));
                        }
                        // zsh ends a block at any such word.
                        if matches!(self.dialect, Dialect::Posix | Dialect::Zsh) && word.bare && text == "}" {
                            return Err(Refused("`}` that shells read differently"));
                        }
                        simple.words.push(word.token());
                        continue;
                    }
                    if let Some(equals) = word.equals {
                        if word.continued {
                            return Err(Refused("continued line in an assignment"));
                        }
                        if self.peek() == Some(b'(') {
                            return Err(Refused("array"));
                        }
                        let mut token = word.token();
                        let value = token.bytes.split_off(equals + 1);
                        token.bytes.truncate(equals);
                        let name = token.bytes.strip_suffix(b"+").unwrap_or(&token.bytes).to_vec();
                        simple.assignments.push((name, Token { bytes: value, ..token }));
                        continue;
                    }
                    soft = soft.or(self.command_word(&word, redirected || !simple.assignments.is_empty())?);
                    simple.words.push(word.token());
                }
            }
        }
        if self.at == start {
            return Err(Refused("syntax outside the subset"));
        }
        simple.span = start..self.at;
        self.found.opaque.extend(soft);
        self.found.commands.push(simple);
        Ok(())
    }

    /// A reason if the word does not name the program it seems to.
    fn command_word(&self, word: &Word, late: bool) -> Step<Option<&'static str>> {
        let text = std::str::from_utf8(&word.bytes).unwrap_or_default();
        if word.bare && !word.unknown {
            if REFUSED_WORDS.contains(&text) {
                return Err(Refused("compound command outside the subset"));
            }
            if RESERVED.contains(&text) && (late || word.continued || text != "in") {
                return Err(Refused("reserved word in an unusual place"));
            }
        }
        if word.special || word.glob && text != "[" {
            return Ok(Some("the command word is expanded"));
        }
        if word.unknown {
            return Ok(Some("the command is known only when it runs"));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
