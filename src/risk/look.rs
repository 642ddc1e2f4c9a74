//! What signals look at: every command found, as words, and what else the request binds.

use crate::domain::command::Command;
use crate::domain::pattern::{Token, canonical_text};
use crate::matching::{Found, Governed};

/// A request's commands, taken apart once for all signals.
#[derive(Debug)]
pub struct Looked<'a> {
    /// Every command found, the request's own first.
    pub commands: Vec<Words>,
    /// What the matcher noticed.
    pub tree: &'a Governed,
    /// What is bound.
    pub command: &'a Command,
    /// Whether its program lies where the policy trusts programs; what the requester says of it is not enough.
    pub trusted: bool,
    /// Bound texts (scripts, standard input), as far as they travel along.
    pub texts: Vec<String>,
}

impl<'a> Looked<'a> {
    /// Takes a request apart; `texts` are those that travel along.
    pub fn new(tree: &'a Governed, command: &'a Command, trusted: bool, texts: &[&[u8]]) -> Self {
        let texts = texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
        let mut commands: Vec<Words> = tree.commands.iter().filter_map(Words::of).collect();
        if commands.is_empty() {
            commands.extend(Words::new(&command.argv, Vec::new()));
        }
        Self { commands, tree, command, trusted, texts }
    }

    /// The first command of which `holds` is true, as people read it.
    pub fn find(&self, holds: impl Fn(&Words) -> bool) -> Option<String> {
        self.commands.iter().find(|words| holds(words)).map(|words| words.text.clone())
    }

    /// The first command, or bound text, that holds one of these pieces of text.
    pub fn mentions(&self, pieces: &[&str]) -> Option<String> {
        let in_text = |text: &str| pieces.iter().any(|piece| text.contains(piece));
        let command = self.find(|words| words.args.iter().any(|arg| in_text(arg)) || in_text(&words.name));
        command.or_else(|| self.texts.iter().any(|text| in_text(text)).then(|| "a text that travels along".to_owned()))
    }

    /// Whether the matcher raised this flag, for the request or one of its commands.
    pub fn flagged(&self, flag: &str) -> Option<String> {
        let starts =
            |found: &String| found == flag || found.strip_prefix(flag).is_some_and(|rest| rest.starts_with(':'));
        let command = self.tree.commands.iter().find(|found| found.flags.iter().any(starts));
        match command {
            Some(found) => Some(found.text.clone()),
            None => self.tree.flags.iter().any(starts).then(String::new),
        }
    }
}

/// One command as words: a program and what it is given.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The program's last path component in lower case, without `.exe`.
    pub name: String,
    /// The program as it is named.
    pub program: String,
    /// Its arguments; `…` stands for what is known only when it runs.
    pub args: Vec<String>,
    /// As people read it, bounded.
    pub text: String,
    /// Where it was found, outermost first.
    pub via: Vec<String>,
}

impl Words {
    fn of(found: &Found) -> Option<Self> {
        let argv: Vec<Vec<u8>> = found.argv.iter().map(known).collect();
        let mut words = Self::new(&argv, found.via.clone())?;
        words.text = bounded(&found.text);
        Some(words)
    }

    fn new(argv: &[Vec<u8>], via: Vec<String>) -> Option<Self> {
        let lossy = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        let (program, args) = argv.split_first()?;
        let program = lossy(program);
        let name = program.rsplit('/').next().unwrap_or_default().to_lowercase();
        let name = name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name);
        let text = bounded(&String::from_utf8_lossy(&canonical_text(argv)));
        Some(Self { name, program, args: args.iter().map(lossy).collect(), text, via })
    }

    /// Whether the program is one of these blank-separated names.
    pub fn is(&self, names: &str) -> bool {
        names.split_whitespace().any(|name| name == self.name)
    }

    /// Whether one of these blank-separated words stands among the arguments, `--word=value` included.
    pub fn has(&self, words: &str) -> bool {
        let holds = |arg: &String, word: &str| {
            arg == word || (word.starts_with("--") && arg.strip_prefix(word).is_some_and(|rest| rest.starts_with('=')))
        };
        words.split_whitespace().any(|word| self.args.iter().any(|arg| holds(arg, word)))
    }

    /// Whether a cluster of short options holds one of these letters.
    pub fn short(&self, letters: &str) -> bool {
        let cluster = |arg: &&String| arg.starts_with('-') && !arg.starts_with("--");
        self.args.iter().filter(cluster).any(|arg| arg.chars().skip(1).any(|letter| letters.contains(letter)))
    }

    /// The arguments that are no options.
    pub fn operands(&self) -> impl Iterator<Item = &str> {
        self.args.iter().map(String::as_str).filter(|arg| !arg.starts_with('-'))
    }

    /// Whether its operands begin with these words, or with them after others that options may have taken.
    ///
    /// `aws --profile p iam create-user` begins with `iam`: which words belong to options is not known.
    pub fn verb(&self, words: &[&str]) -> bool {
        let operands: Vec<&str> = self.operands().collect();
        operands.windows(words.len()).take(4).any(|window| window == words)
    }

    /// Whether one of its first operands starts with one of these blank-separated words.
    pub fn verb_starts(&self, words: &str) -> bool {
        self.operands().take(4).any(|operand| words.split_whitespace().any(|word| operand.starts_with(word)))
    }

    /// The value of an option, given as `--name value` or `--name=value`.
    pub fn values(&self, options: &str) -> Vec<&str> {
        let mut values = Vec::new();
        for option in options.split_whitespace() {
            for (at, arg) in self.args.iter().enumerate() {
                if arg == option {
                    values.extend(self.args.get(at + 1).map(String::as_str));
                } else if let Some(value) = arg.strip_prefix(option).and_then(|rest| rest.strip_prefix('=')) {
                    values.push(value);
                }
            }
        }
        values
    }
}

/// The known bytes of an argument, with a mark for the rest.
fn known(token: &Token) -> Vec<u8> {
    let mut bytes = token.bytes.clone();
    if !token.is_whole() {
        bytes.extend("…".as_bytes());
    }
    bytes
}

/// The longest text of one command in a reason, in characters.
const LONGEST: usize = 120;

fn bounded(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(LONGEST).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
