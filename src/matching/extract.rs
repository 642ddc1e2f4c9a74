//! From an argv to every command it visibly executes.

mod variables;
mod wrappers;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use self::variables::is_loader_variable;
pub use self::variables::{is_for_anybody, steers};
use super::shell::{self, Dialect, Simple};
use super::tables;
use super::{Invocation, Settings};
use crate::domain::pattern::Token;

/// Deepest unwrapping; what lies deeper is opaque.
const MAX_DEPTH: usize = 16;
/// Most commands looked at; what comes after is opaque.
const MAX_COMMANDS: usize = 2000;
/// Most bytes of arguments and scripts looked at.
const MAX_BYTES: usize = 128 << 10;
/// Most bytes of a bound script; reviewers see no more either.
const MAX_SCRIPTS: usize = 512 << 10;

/// What is known of whether a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// It runs if the request does: it needs a policy of its own.
    Certain,
    /// It lies inside a program that is a script: it only adds policies.
    Inside,
    /// It might run: it only adds policies.
    Tried,
    /// Words of code in another language: every run of words may be a command.
    Mention,
}

/// Arguments that several candidates share.
#[derive(Clone, Debug)]
pub(super) struct List {
    id: usize,
    pub tokens: Rc<[Token]>,
}

impl List {
    /// Arguments that no other candidate shares.
    pub(super) fn alone(tokens: Vec<Token>) -> List {
        List { id: 0, tokens: tokens.into() }
    }

    pub(super) fn get(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    pub(super) fn from(&self, at: usize) -> &[Token] {
        self.tokens.get(at..).unwrap_or_default()
    }

    /// The bytes of a fully known argument.
    pub(super) fn bytes(&self, at: usize) -> Option<&[u8]> {
        self.get(at).filter(|token| token.is_whole()).map(|token| token.bytes.as_slice())
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }
}

/// One command that the request executes, or may.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub list: List,
    pub start: usize,
    pub via: Rc<[String]>,
    pub role: Role,
    /// The program that the invocation resolved.
    pub root: bool,
}

/// Where the extraction stands.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub via: Rc<[String]>,
    pub role: Role,
    pub shell: Option<Dialect>,
    pub depth: usize,
    /// The program is the one that the invocation resolved.
    pub root: bool,
    /// Standard input, directory and files are still those of the request: no text of a shell has run before, and no program
    /// that goes elsewhere stands between. Only then is a bound text what a shell here reads.
    pub as_asked: bool,
}

impl At {
    /// One level further in.
    pub(super) fn inside(&self, label: &str) -> At {
        let via = self.via.iter().cloned().chain([label.to_owned()]).collect();
        At { via, depth: self.depth + 1, shell: None, root: false, as_asked: false, ..self.clone() }
    }

    pub(super) fn with(&self, role: Role) -> At {
        let role = if self.role == Role::Certain || role == Role::Tried { role } else { self.role };
        At { role, ..self.clone() }
    }
}

pub(super) struct Extract<'a> {
    pub settings: &'a Settings,
    pub invocation: &'a Invocation<'a>,
    pub found: Vec<Candidate>,
    pub opaque: Vec<String>,
    pub flags: Vec<String>,
    /// Files that text for a shell writes by redirections.
    pub writes: Vec<Vec<u8>>,
    lists: usize,
    bytes: usize,
    script_bytes: usize,
    commands: usize,
    /// Bound files whose interpreter the command line names: they are no shell's.
    pub interpreted: Vec<Vec<u8>>,
    visited: HashSet<(usize, usize, Role, bool, bool)>,
    scanned: HashMap<usize, usize>,
}

/// Whether `word` is one of the blank-separated `words`.
pub(super) fn is_word(words: &str, word: &[u8]) -> bool {
    words.split_ascii_whitespace().any(|one| one.as_bytes() == word)
}

/// The last component of a path.
pub(super) fn basename(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}

/// Whether a program of this name is what the name says: bare, or in a directory of the system.
fn has_trusted_path(program: &[u8]) -> bool {
    let directory = program.strip_suffix(basename(program)).unwrap_or_default();
    directory.is_empty()
        || is_word(
            "/bin/ /sbin/ /usr/bin/ /usr/sbin/ /usr/local/bin/ /usr/local/sbin/ /opt/homebrew/bin/ /snap/bin/ /run/current-system/sw/bin/",
            directory,
        )
}

impl<'a> Extract<'a> {
    /// Every command of the request.
    pub(super) fn run(settings: &'a Settings, invocation: &'a Invocation<'a>) -> Extract<'a> {
        let mut extract = Extract {
            settings,
            invocation,
            found: Vec::new(),
            opaque: Vec::new(),
            flags: Vec::new(),
            writes: Vec::new(),
            lists: 0,
            bytes: 0,
            script_bytes: 0,
            commands: 0,
            interpreted: Vec::new(),
            visited: HashSet::new(),
            scanned: HashMap::new(),
        };
        let at = At { via: [].into(), role: Role::Certain, shell: None, depth: 0, root: true, as_asked: true };
        for (name, value) in invocation.env {
            extract.inherited(name, value, &at.inside("environment"));
        }
        if invocation.argv.is_empty() {
            extract.opaque("there is no command");
        }
        let size: usize = invocation.argv.iter().map(Vec::len).sum();
        if size > MAX_BYTES {
            extract.opaque("the arguments are longer than 128 KiB");
        }
        let tokens = invocation.argv.iter().map(|one| Token::whole(one.as_slice())).collect();
        let list = extract.list(tokens);
        if size > MAX_BYTES {
            extract.bytes = 0;
            extract.push(&list, 0, &at);
            return extract;
        }
        extract.command(&list, 0, &at);
        extract
    }

    pub(super) fn opaque(&mut self, reason: impl Into<String>) {
        let reason = reason.into();
        if !self.opaque.contains(&reason) {
            self.opaque.push(reason);
        }
    }

    pub(super) fn flag(&mut self, flag: &str) {
        if !self.flags.iter().any(|one| one == flag) {
            self.flags.push(flag.to_owned());
        }
    }

    pub(super) fn list(&mut self, tokens: Vec<Token>) -> List {
        self.lists += 1;
        self.bytes += tokens.iter().map(|token| token.bytes.len() + 1).sum::<usize>();
        List { id: self.lists, tokens: tokens.into() }
    }

    /// Whether a limit is reached; from then on nothing more is looked at, and the request is opaque.
    fn is_full(&mut self) -> bool {
        if self.commands > MAX_COMMANDS {
            self.opaque(format!("more than {MAX_COMMANDS} commands"));
        } else if self.bytes > 4 * MAX_BYTES {
            self.opaque("more text than is looked at");
        } else {
            return false;
        }
        true
    }

    fn push(&mut self, list: &List, start: usize, at: &At) {
        self.found.push(Candidate { list: list.clone(), start, via: Rc::clone(&at.via), role: at.role, root: at.root });
    }

    /// The command at `start` of `list`, and all that it executes.
    pub(super) fn command(&mut self, list: &List, start: usize, at: &At) {
        let key = (list.id, start, at.role, at.shell.is_some(), at.root);
        let Some(first) = list.get(start) else { return };
        if !self.visited.insert(key) || self.is_full() {
            return;
        }
        if at.depth > MAX_DEPTH {
            return self.opaque(format!("nested deeper than {MAX_DEPTH} levels"));
        }
        self.commands += 1;
        if !first.is_whole() {
            if at.role != Role::Tried {
                self.opaque("the command is known only when it runs");
            }
            self.push(list, start, at);
            return self.scan(list, start + 1, at);
        }
        if first.bytes.is_empty() {
            if at.role != Role::Tried {
                self.opaque("empty command name");
                self.push(list, start, at);
            }
            return;
        }
        self.note_bytes(list, start, at);
        self.push(list, start, at);
        self.program_text(list, start, at);
        let name = basename(&first.bytes).to_vec();
        let mut known = self.dispatch(&name, list, start, at);
        if at.root {
            for hop in self.invocation.hops {
                let hop = basename(hop);
                if hop != name && self.dispatch(hop, list, start, at) {
                    known |= !tables::INERT.has(hop);
                }
            }
        }
        if !known || !has_trusted_path(&first.bytes) {
            self.scan(list, start + 1, at);
        }
    }

    /// Bytes that people cannot read.
    fn note_bytes(&mut self, list: &List, start: usize, at: &At) {
        let Some(name) = list.bytes(start) else {
            return;
        };
        if std::str::from_utf8(name).is_err() {
            self.opaque("the command name is not UTF-8");
        }
        if at.role == Role::Tried {
            return;
        }
        let tokens = list.from(start);
        if tokens.iter().any(|token| std::str::from_utf8(&token.bytes).is_err()) {
            self.flag("non-utf8");
        }
        if tokens.iter().any(|token| token.bytes.iter().any(|&b| b < 0x20 && !b"\t\n".contains(&b) || b == 0x7f)) {
            self.flag("control-chars");
        }
        if tokens.iter().any(|token| token.bytes.len() > 10_000) {
            self.flag("long-arg");
        }
    }

    /// The text of a program that is a script itself.
    fn program_text(&mut self, list: &List, start: usize, at: &At) {
        let Some(program) = list.bytes(start) else {
            return;
        };
        if at.role == Role::Tried && self.interpreted.iter().any(|operand| operand == program) {
            return;
        }
        let text = match self.invocation.program_script {
            Some(text) if at.root => Some(text),
            _ => self.script(program).or_else(|| self.program(program)),
        };
        let Some(text) = text else { return };
        let label = String::from_utf8_lossy(program).into_owned();
        let before = (self.found.len(), self.opaque.len());
        let trusted = at.root && self.invocation.trusted;
        let at = at.inside(&label).with(Role::Inside);
        self.script_text(text, &at);
        // A script of the system is what its name says: most hold functions and the like, and whoever asks did not put it
        // there. One that can be read as a whole still adds. Any other, on PATH or not, may be the asker's own.
        if trusted {
            let unread = self.opaque.len() > before.1;
            let added = self.found.split_off(before.0);
            let knows = |found: &Candidate| found.list.get(found.start).is_some_and(Token::is_whole);
            self.found.extend(added.into_iter().filter(|found| knows(found) && !unread));
            self.opaque.truncate(before.1);
        }
    }

    /// The text of a bound file that the command line names so.
    pub(super) fn script(&self, operand: &[u8]) -> Option<&'a [u8]> {
        self.invocation.scripts.iter().find(|script| script.operand == operand).map(|script| script.text)
    }

    /// The text of a program that is bound, found on PATH or not.
    fn program(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.invocation.programs.iter().find(|program| program.operand == name).map(|program| program.text)
    }

    /// A script with its first line.
    fn script_text(&mut self, text: &[u8], at: &At) {
        let line = text.strip_prefix(b"#!").and_then(|rest| rest.split(|&byte| byte == b'\n').next());
        let mut words =
            line.unwrap_or(b"/bin/sh").split(|byte| b" \t\r".contains(byte)).filter(|word| !word.is_empty());
        let mut name = basename(words.next().unwrap_or_default());
        if name == b"env" {
            name =
                words.find(|word| !word.starts_with(b"-") && !word.contains(&b'=')).map(basename).unwrap_or_default();
        }
        match dialect(name) {
            Some(dialect) => self.text(text, dialect, at, true),
            None => {
                self.flag("code-carrier");
                self.mention(text, at);
            }
        }
    }

    /// Shell text; `strict` text that cannot be read is opaque, other text is searched for mentions.
    pub(super) fn text(&mut self, text: &[u8], dialect: Dialect, at: &At, strict: bool) {
        self.script_bytes += text.len();
        if self.script_bytes > MAX_SCRIPTS || at.depth > MAX_DEPTH {
            return self.opaque("more scripts than are looked at");
        }
        let reading = shell::read(text, dialect);
        let at = At { shell: Some(dialect), ..at.clone() };
        for name in &reading.sets {
            self.variable(name, &Token::unknown(), &at);
        }
        for reason in &reading.opaque {
            if strict {
                self.opaque(*reason);
            }
        }
        if !strict && !reading.opaque.is_empty() {
            let mut words = text.split(|byte| !byte.is_ascii_alphanumeric());
            if words.any(|word| self::dialect(word).is_some() || word == b"eval") {
                self.opaque("an argument that names a shell cannot be read");
            }
            self.mention(text, &at);
        }
        self.writes.extend(reading.writes);
        for simple in reading.commands {
            if strict || simple.words.first().is_none_or(Token::is_whole) {
                self.simple(simple, &at);
            }
        }
    }

    fn simple(&mut self, simple: Simple, at: &At) {
        for (name, value) in &simple.assignments {
            self.variable(name, value, at);
        }
        if !simple.words.is_empty() {
            let list = self.list(simple.words);
            self.command(&list, 0, at);
        }
    }

    /// Code in another language: its words may name commands.
    pub(super) fn mention(&mut self, code: &[u8], at: &At) {
        self.script_bytes += code.len();
        if self.script_bytes > MAX_SCRIPTS {
            return self.opaque("more scripts than are looked at");
        }
        let words = code.split(|byte| !(byte.is_ascii_alphanumeric() || b"_-./+*%".contains(byte) || *byte >= 0x80));
        let tokens: Vec<Token> = words.filter(|word| !word.is_empty()).map(Token::whole).collect();
        self.lists += 1;
        let list = List { id: self.lists, tokens: tokens.into() };
        self.push(&list, 0, &At { role: Role::Mention, ..at.inside("mention") });
    }

    /// Every suffix of the arguments from `from` on is tried as a command, every argument as a script.
    pub(super) fn scan(&mut self, list: &List, from: usize, at: &At) {
        let before = self.scanned.get(&list.id).copied().unwrap_or(usize::MAX);
        if before <= from || from >= list.len() {
            return;
        }
        self.scanned.insert(list.id, from);
        let tried = At { shell: None, ..at.inside("argument").with(Role::Tried) };
        for start in from..list.len().min(before) {
            if self.is_full() {
                return;
            }
            let Some(token) = list.get(start) else { return };
            if !token.bytes.starts_with(b"-") {
                self.command(list, start, &tried);
            }
            self.argument(&token.bytes.clone(), &tried);
        }
    }

    /// One argument of a program that may pass it to a shell.
    fn argument(&mut self, argument: &[u8], at: &At) {
        let is_option = argument.starts_with(b"-");
        if let Some(equals) = argument.iter().position(|&byte| byte == b'=') {
            let (name, value) = argument.split_at(equals);
            let value = value.get(1..).unwrap_or_default();
            if is_option {
                self.text(value, Dialect::Bash, at, false);
            } else if is_loader_variable(name) {
                self.variable(name, &Token::whole(value), at);
            }
        }
        if is_option {
            let glued = argument.get(2..).unwrap_or_default();
            if !argument.starts_with(b"--") && !glued.is_empty() {
                self.text(glued, Dialect::Bash, at, false);
            }
        } else if argument.iter().any(|byte| b" \t\n;|&$`'\"\\(){}<>".contains(byte)) {
            self.text(argument, Dialect::Bash, at, false);
        }
        if argument.iter().any(u8::is_ascii_whitespace) && is_option {
            self.mention(argument, at);
        }
    }
}

/// Whether a value holds a substitution that arithmetic would evaluate.
pub(super) fn smuggles(text: &[u8]) -> bool {
    text.contains(&b'`') || text.windows(2).any(|pair| pair == b"$(")
}

/// The dialect of a shell of this name.
pub(super) fn dialect(name: &[u8]) -> Option<Dialect> {
    let (_, dialect) = tables::SHELLS.iter().find(|(shell, _)| shell.as_bytes() == name)?;
    Some(match dialect {
        'b' => Dialect::Bash,
        'z' => Dialect::Zsh,
        'k' => Dialect::Ksh,
        _ => Dialect::Posix,
    })
}
