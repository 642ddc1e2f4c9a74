//! Words, quotes, expansions and redirections.

use super::{Dialect, Heredoc, MAX_DEPTH, Reader, Reading, Refused, Step, ends_word, is_name, is_treacherous};
use crate::domain::pattern::{Known, Token};

/// A word under construction.
#[derive(Default)]
pub(super) struct Word {
    pub(super) bytes: Vec<u8>,
    /// No quote, escape or expansion in it.
    pub(super) bare: bool,
    pub(super) unknown: bool,
    pub(super) splits: bool,
    pub(super) glob: bool,
    /// `\` newline inside: no reserved word or assignment may be read from it.
    pub(super) continued: bool,
    /// It means something else than its bytes as a command (`~/x`, `=x`, `%1`).
    pub(super) special: bool,
    /// Where an unquoted `=` ends a variable's name.
    pub(super) equals: Option<usize>,
}

impl Word {
    fn push(&mut self, byte: u8) {
        if !self.unknown {
            self.bytes.push(byte);
        }
    }

    pub(super) fn token(self) -> Token {
        let known = match (self.unknown, self.splits || self.glob) {
            (false, _) => Known::Whole,
            (true, false) => Known::Lead,
            (true, true) => Known::Splits,
        };
        Token { bytes: self.bytes, known, glob: self.glob }
    }
}

impl Reader<'_> {
    pub(super) fn process_substitution(&mut self) -> Step<Token> {
        let escaped = self.at.checked_sub(2).and_then(|at| self.text.get(at)) == Some(&b'\\');
        let glued = escaped || self.before().is_some_and(|before| !b" \t\n;|&(".contains(&before));
        if glued || self.inside > 0 && self.depth > 30 {
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

    pub(super) fn redirection(&mut self) -> Step {
        let duplicates = self.sees(b">&") || self.sees(b"<&");
        let writes = !self.sees(b"<") || self.sees(b"<>");
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
            if matches!(self.dialect, Dialect::Zsh | Dialect::Posix) && self.numeric_glob() {
                return Err(Refused("numeric glob"));
            }
            self.at += 1;
        }
        // `<&-x` closes, and `x` is a word of its own, in bash.
        let closes = duplicates && self.peek() == Some(b'-') && !ends_word(self.ahead(1));
        if closes || matches!(self.peek(), Some(b'!' | b'|')) {
            return Err(Refused("redirection outside the subset"));
        }
        self.blanks()?;
        if matches!(self.peek(), Some(b'<' | b'>')) && self.ahead(1) == Some(b'(') {
            return self.process_substitution().map(drop);
        }
        if ends_word(self.peek()) || self.peek() == Some(b'#') {
            return Err(Refused("redirection without a target"));
        }
        // bash expands a quoted target of `>&` once more.
        let target = self.word()?;
        let bare = target.bare;
        let number = duplicates && target.bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
        if writes && !target.unknown && !target.glob && !number {
            self.found.writes.push(target.bytes);
        }
        if bare || !duplicates {
            return Ok(());
        }
        Err(Refused("quotes after `>&`"))
    }

    /// `<1-9>`, by which zsh means file names.
    fn numeric_glob(&self) -> bool {
        let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let after = |text: &'_ [u8], n: usize| text.get(n..).unwrap_or_default().to_vec();
        let Some(rest) = self.rest().strip_prefix(b"<") else { return false };
        let rest = after(rest, digits(rest));
        rest.strip_prefix(b"-").is_some_and(|rest| after(rest, digits(rest)).starts_with(b">"))
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

    pub(super) fn word(&mut self) -> Step<Word> {
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
            // zsh takes it for the end of a block, and runs what stands before.
            b'}' if matches!(self.dialect, Dialect::Zsh | Dialect::Posix) && self.sees(b"}\\\n") => {
                return Err(Refused("`}` that shells read differently"));
            }
            b'~' if self.at == start => {
                word.special = true;
                // A home directory is a path; what follows a name may be, or stay as it is.
                if ends_word(self.ahead(1)) || self.ahead(1) == Some(b'/') {
                    word.push(b'/');
                }
                word.unknown = true;
            }
            // bash expands it in every word that looks like an assignment, mksh in more.
            b'~' if matches!(self.before(), Some(b'=' | b':')) => word.unknown = true,
            b'=' | b'%' | b'^' if self.at == start => {
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
    pub(super) fn dollar(&mut self, quoted: bool) -> Step<bool> {
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
            // zsh: `$=name` splits, `$^name` and `$~name` expand.
            Some(b'^' | b'=' | b'+') if matches!(self.dialect, Dialect::Zsh | Dialect::Posix) => {
                Err(Refused("`$` that shells read differently"))
            }
            Some(byte) if ends_word(Some(byte)) || b"/.,:%^=+|)>".contains(&byte) => Ok(false),
            _ => Err(Refused("`$` that shells read differently")),
        }
    }

    fn ends_special(&self, quoted: bool) -> bool {
        ends_word(self.peek()) || quoted || self.peek().is_some_and(|byte| b"\"'/.,:".contains(&byte))
    }

    pub(super) fn backquotes(&mut self, quoted: bool) -> Step {
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
