//! The recogniser: shell text to a superset of its simple commands, or a reason why it cannot say.
//!
//! It is no grammar. It accepts only what every shell of the dialect reads alike; a misreading of compound commands
//! costs an approval, not safety, because every word in command position is collected and all else is refused.

use std::ops::Range;

use crate::domain::pattern::{Known, Token};

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
}

/// Reads a script. Total: any bytes in, in time linear in the text for each level of backquotes.
pub fn read(text: &[u8], dialect: Dialect) -> Reading {
    read_at(text, dialect, 0)
}

fn read_at(text: &[u8], dialect: Dialect, depth: usize) -> Reading {
    let mut reader =
        Reader { text, at: 0, dialect, depth, inside: 0, found: Reading::default(), heredocs: Vec::new() };
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

/// A word under construction.
#[derive(Default)]
struct Word {
    bytes: Vec<u8>,
    /// No quote, escape or expansion in it.
    bare: bool,
    unknown: bool,
    splits: bool,
    glob: bool,
    /// `\` newline inside: no reserved word or assignment may be read from it.
    continued: bool,
    /// It means something else than its bytes as a command (`~/x`, `=x`, `%1`).
    special: bool,
    /// Where an unquoted `=` ends a variable's name.
    equals: Option<usize>,
}

impl Word {
    fn push(&mut self, byte: u8) {
        if !self.unknown {
            self.bytes.push(byte);
        }
    }

    fn token(self) -> Token {
        let known = match (self.unknown, self.splits) {
            (false, _) => Known::Whole,
            (true, false) => Known::Lead,
            (true, true) => Known::Splits,
        };
        Token { bytes: self.bytes, known, glob: self.glob }
    }
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

const RESERVED: &[&str] = &[
    "!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until", "while", "{", "}",
];
const REFUSED_WORDS: &[&str] = &[
    "[[", "]]", "always", "coproc", "end", "foreach", "function", "namespace", "nocorrect", "repeat", "select",
];

fn ends_word(byte: Option<u8>) -> bool {
    byte.is_none_or(|byte| b" \t\n;&|()<>".contains(&byte))
}

fn is_name(bytes: &[u8]) -> bool {
    let starts = bytes.first().is_some_and(|&b| b.is_ascii_alphabetic() || b == b'_');
    starts && bytes.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Blanks, controls and invisible characters that shells and people read differently.
fn is_treacherous(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.ahead(0)
    }

    fn ahead(&self, n: usize) -> Option<u8> {
        self.text.get(self.at + n).copied()
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
        let before = self.at.checked_sub(1).and_then(|at| self.text.get(at));
        if self.inside > 0 || before.is_some_and(|before| !b" \t\n;".contains(before)) {
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
        RESERVED
            .iter()
            .copied()
            .find(|word| self.sees(word.as_bytes()) && ends_word(self.ahead(word.len())))
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
                        if word.bytes.iter().all(u8::is_ascii_digit) {
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
        if word.unknown {
            return Ok(Some("the command is known only when it runs"));
        }
        if word.special || word.glob && text != "[" {
            return Ok(Some("the command word is expanded"));
        }
        Ok(None)
    }

    fn process_substitution(&mut self) -> Step<Token> {
        let before = self.at.checked_sub(1).and_then(|at| self.text.get(at));
        if before.is_some_and(|before| !b" \t\n;|&(".contains(before)) || self.inside > 0 && self.depth > 30 {
            return Err(Refused("process substitution inside a word"));
        }
        self.at += 2;
        self.substitution()?;
        if !ends_word(self.peek()) {
            return Err(Refused("process substitution inside a word"));
        }
        Ok(Token { bytes: b"/dev/fd/63".to_vec(), known: Known::Whole, glob: true })
    }

    /// The commands up to the closing parenthesis.
    fn substitution(&mut self) -> Step {
        self.inside += 1;
        self.deeper(|reader| reader.list(&[], true))?;
        self.inside -= 1;
        if self.skip(b")") { Ok(()) } else { Err(Refused("unbalanced substitution")) }
    }

    fn redirection(&mut self) -> Step {
        if self.sees(b"<<<") {
            self.at += 3;
        } else if self.sees(b"<<") {
            return self.heredoc();
        } else if self.sees(b"&>") {
            if matches!(self.dialect, Dialect::Posix | Dialect::Ksh) {
                return Err(Refused("`&>` that shells read differently"));
            }
            self.at += if self.sees(b"&>>") { 3 } else { 2 };
        } else if [&b">>"[..], b">&", b">|", b"<>", b"<&"].iter().any(|operator| self.sees(operator)) {
            self.at += 2;
        } else {
            self.at += 1;
            if self.dialect == Dialect::Zsh && self.peek().is_some_and(|b| b.is_ascii_digit() || b == b'-') {
                return Err(Refused("numeric glob"));
            }
        }
        if matches!(self.peek(), Some(b'!' | b'|')) {
            return Err(Refused("redirection outside the subset"));
        }
        self.blanks()?;
        if matches!(self.peek(), Some(b'<' | b'>')) && self.ahead(1) == Some(b'(') {
            return self.process_substitution().map(drop);
        }
        if ends_word(self.peek()) || self.peek() == Some(b'#') {
            return Err(Refused("redirection without a target"));
        }
        self.word().map(drop)
    }

    fn heredoc(&mut self) -> Step {
        if self.inside > 0 {
            return Err(Refused("here-document inside a substitution"));
        }
        self.at += 2;
        let strips = self.skip(b"-");
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let quote = self.peek().filter(|byte| b"'\"\\".contains(byte));
        self.at += usize::from(quote.is_some());
        let delimiter: Vec<u8> = self
            .rest()
            .iter()
            .copied()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte))
            .collect();
        self.at += delimiter.len();
        if let Some(quote @ (b'\'' | b'"')) = quote
            && !self.skip(&[quote])
        {
            return Err(Refused("here-document with an unusual delimiter"));
        }
        if delimiter.is_empty() || !ends_word(self.peek()) || delimiter.starts_with(b"-") {
            return Err(Refused("here-document with an unusual delimiter"));
        }
        self.heredocs.push(Heredoc { delimiter, strips, expands: quote.is_none() });
        Ok(())
    }

    fn word(&mut self) -> Step<Word> {
        let mut word = Word { bare: true, ..Word::default() };
        let start = self.at;
        while let Some(byte) = self.peek().filter(|&byte| !ends_word(Some(byte))) {
            match byte {
                b'\'' => {
                    word.bare = false;
                    self.single_quotes(&mut word)?;
                }
                b'"' => {
                    word.bare = false;
                    self.double_quotes(&mut word)?;
                }
                b'\\' => match self.ahead(1) {
                    None => return Err(Refused("backslash at the end")),
                    Some(b'\n') => {
                        word.continued = true;
                        self.at += 2;
                    }
                    Some(next) => {
                        word.bare = false;
                        word.push(next);
                        self.at += 2;
                        self.inner_newlines(next)?;
                    }
                },
                b'`' => {
                    word.bare = false;
                    self.backquotes(false)?;
                    (word.unknown, word.splits) = (true, true);
                }
                b'$' => {
                    word.bare = false;
                    if self.ahead(1) == Some(b'\'') {
                        self.ansi_quotes(&mut word)?;
                    } else if self.dollar(false)? {
                        (word.unknown, word.splits) = (true, true);
                    } else {
                        word.push(b'$');
                    }
                }
                _ => {
                    self.plain(byte, start, &mut word)?;
                }
            }
        }
        if self.at == start {
            return Err(Refused("syntax outside the subset"));
        }
        Ok(word)
    }

    /// One unquoted byte of a word.
    fn plain(&mut self, byte: u8, start: usize, word: &mut Word) -> Step {
        match byte {
            b'*' | b'?' | b'[' => word.glob = true,
            b'{' if self.ahead(1) == Some(b'}') => {}
            b'{' if !(self.at == start && ends_word(self.ahead(1))) => {
                (word.unknown, word.splits) = (true, true);
            }
            b'~' | b'=' | b'%' | b'^' if self.at == start => {
                word.special = true;
                if byte == b'=' && self.dialect == Dialect::Zsh && !ends_word(self.ahead(1)) {
                    word.unknown = true;
                }
            }
            b'=' if word.bare && word.equals.is_none() && !word.unknown => {
                let name = word.bytes.strip_suffix(b"+").unwrap_or(&word.bytes);
                word.equals = is_name(name).then_some(word.bytes.len());
            }
            0x80.. => {
                let text = std::str::from_utf8(self.rest()).unwrap_or_default();
                let Some(c) = text.chars().next().filter(|c| !is_treacherous(*c)) else {
                    return Err(Refused("invisible character or unusual blank"));
                };
                self.rest().iter().take(c.len_utf8()).for_each(|&byte| word.push(byte));
                self.at += c.len_utf8();
                return Ok(());
            }
            _ => {}
        }
        word.push(byte);
        self.at += 1;
        Ok(())
    }

    /// A newline inside quotes must not be where a here-document begins.
    fn inner_newlines(&self, byte: u8) -> Step {
        if byte == b'\n' && !self.heredocs.is_empty() {
            return Err(Refused("here-document begun on a line that goes on in quotes"));
        }
        Ok(())
    }

    fn single_quotes(&mut self, word: &mut Word) -> Step {
        loop {
            self.at += 1;
            match self.peek() {
                None => return Err(Refused("unfinished quotes")),
                Some(b'\'') => break,
                Some(byte) => {
                    self.inner_newlines(byte)?;
                    word.push(byte);
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    /// `$'…'`: an escape sequence in bash and zsh, a dollar and quotes in dash.
    fn ansi_quotes(&mut self, word: &mut Word) -> Step {
        let inner: Vec<u8> = self.rest().iter().copied().skip(2).take_while(|&byte| byte != b'\'').collect();
        let escapes_quote = inner.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1;
        let posix = matches!(self.dialect, Dialect::Posix | Dialect::Ksh);
        if escapes_quote || inner.contains(&b'\n') {
            return Err(Refused("`$'…'` that shells read differently"));
        }
        self.at += 2 + inner.len();
        if !self.skip(b"'") {
            return Err(Refused("unfinished quotes"));
        }
        match unescape(&inner).filter(|_| !posix) {
            Some(bytes) => bytes.into_iter().for_each(|byte| word.push(byte)),
            None => word.unknown = true,
        }
        Ok(())
    }

    fn double_quotes(&mut self, word: &mut Word) -> Step {
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(Refused("unfinished quotes")),
                Some(b'"') => break,
                Some(b'\\') => match self.ahead(1) {
                    None => return Err(Refused("unfinished quotes")),
                    Some(b'\n') => self.at += 2,
                    Some(next) => {
                        if !b"$`\"\\".contains(&next) {
                            word.push(b'\\');
                        }
                        word.push(next);
                        self.at += 2;
                    }
                },
                Some(b'`') => {
                    self.backquotes(true)?;
                    word.unknown = true;
                }
                Some(b'$') => {
                    let from = self.at;
                    if self.dollar(true)? {
                        word.unknown = true;
                        // `"$@"` and `"${a[@]}"` are the quoted forms that make several words.
                        let name = self.text.get(from..self.at).unwrap_or_default();
                        word.splits |= name == b"$@" || name == b"${@}";
                    } else {
                        word.push(b'$');
                    }
                }
                Some(byte) => {
                    self.inner_newlines(byte)?;
                    word.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    /// An expansion; `false` if the dollar means itself.
    fn dollar(&mut self, quoted: bool) -> Step<bool> {
        self.at += 1;
        match self.peek() {
            Some(b'(') => {
                if self.ahead(1) == Some(b'(') {
                    return Err(Refused("arithmetic expansion"));
                }
                if !self.heredocs.is_empty() && self.rest().contains(&b'\n') {
                    return Err(Refused("substitution on the line of a here-document"));
                }
                self.at += 1;
                self.substitution()?;
                Ok(true)
            }
            Some(b'{') => {
                let inner: Vec<u8> = self.rest().iter().copied().skip(1).take_while(|&b| b != b'}').collect();
                let plain = is_name(&inner)
                    || !inner.is_empty() && inner.iter().all(u8::is_ascii_digit)
                    || matches!(inner.as_slice(), b"@" | b"*");
                self.at += inner.len() + 2;
                if !plain || self.at > self.text.len() || self.peek() == Some(b'[') {
                    return Err(Refused("parameter expansion outside `$name` and `${name}`"));
                }
                Ok(true)
            }
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let name = self.rest().iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_');
                self.at += name.count();
                if self.peek() == Some(b'[') {
                    return Err(Refused("subscript"));
                }
                Ok(true)
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?-$!".contains(&byte) => {
                self.at += 1;
                if matches!(self.peek(), Some(b'[' | b'{')) || byte == b'#' && !self.ends_special(quoted) {
                    return Err(Refused("subscript"));
                }
                Ok(true)
            }
            None => Ok(false),
            Some(b'"') if quoted => Ok(false),
            Some(byte) if ends_word(Some(byte)) || b"/.,:%^=+|)>".contains(&byte) => Ok(false),
            _ => Err(Refused("`$` that shells read differently")),
        }
    }

    fn ends_special(&self, quoted: bool) -> bool {
        ends_word(self.peek()) || quoted || self.peek().is_some_and(|byte| b"\"'/.,:".contains(&byte))
    }

    fn backquotes(&mut self, quoted: bool) -> Step {
        let mut inner = Vec::new();
        self.at += 1;
        loop {
            match (self.peek(), self.ahead(1)) {
                (None, _) => return Err(Refused("unfinished backquotes")),
                (Some(b'`'), _) => break,
                (Some(b'\\'), Some(next @ (b'`' | b'\\' | b'$'))) => {
                    inner.push(next);
                    self.at += 2;
                }
                (Some(b'\\'), Some(b'\n')) => return Err(Refused("continued line in backquotes")),
                (Some(byte), _) => {
                    inner.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        let newline = inner.contains(&b'\n') && !self.heredocs.is_empty();
        if quoted && inner.contains(&b'"') || newline || inner.contains(&b'#') {
            return Err(Refused("backquotes that shells read differently"));
        }
        if self.depth >= MAX_DEPTH {
            return Err(Refused("nested too deeply"));
        }
        let mut reader = Reader {
            text: &inner,
            at: 0,
            dialect: self.dialect,
            depth: self.depth + 1,
            inside: 1,
            found: Reading::default(),
            heredocs: Vec::new(),
        };
        let result = reader.script();
        let found = std::mem::take(&mut reader.found);
        self.absorb(found);
        result
    }
}

/// The bytes of `$'…'`; `None` for what shells read differently.
fn unescape(inner: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = inner;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let (&kind, after) = rest.split_first()?;
        rest = after;
        let simple = match kind {
            b'a' => 7,
            b'b' => 8,
            b'e' | b'E' => 27,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' | b'"' | b'?' => kind,
            b'0'..=b'7' | b'x' => {
                let (radix, most) = if kind == b'x' { (16, 2) } else { (8, 3) };
                let digits: Vec<u8> = std::iter::once(kind)
                    .filter(|_| kind != b'x')
                    .chain(rest.iter().copied())
                    .take(most)
                    .take_while(|digit| char::from(*digit).is_digit(radix))
                    .collect();
                let used = digits.len() - usize::from(kind != b'x');
                rest = rest.get(used..).unwrap_or_default();
                let text = std::str::from_utf8(&digits).ok()?;
                let value = u8::try_from(u32::from_str_radix(text, radix).ok()?).ok()?;
                (value != 0).then_some(value)?
            }
            _ => return None,
        };
        out.push(simple);
    }
    Some(out)
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
