//! The command as it is bound: exactly these bytes, program, files and variables.

use crate::domain::id::Digest;
use crate::domain::shown;

/// Everything about an execution that people approve, in the spelling of the host that runs it.
///
/// Paths and arguments are bytes. Two commands are the same intent when they are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// At least one; `argv[0]` as the caller wrote it.
    pub argv: Vec<Vec<u8>>,
    /// Absolute.
    pub cwd: Vec<u8>,
    /// The program `argv[0]` resolved to.
    pub program: Program,
    /// The child's whole environment, sorted by name, names unique.
    pub env: Vec<Variable>,
    /// What the child reads.
    pub stdin: Stdin,
    /// Operands whose bytes are bound.
    pub files: Vec<BoundFile>,
    /// Indices of operands that are existing files but not bound.
    pub unpinned: Vec<u32>,
    /// The git work tree around `cwd`.
    pub worktree: Option<WorkTree>,
}

/// The file that is executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Absolute, as found on PATH.
    pub path: Vec<u8>,
    /// Every symbolic link's target in turn, the last one the file itself; empty where `path` is no link.
    pub hops: Vec<Vec<u8>>,
    /// Of its bytes.
    pub sha256: Digest,
    /// In bytes.
    pub size: u64,
    /// For a script: what its first line starts, and what that starts in turn.
    pub interpreters: Vec<Interpreter>,
    /// Whether its text travels along as `files/<sha256>`.
    pub shown: bool,
    /// How the bytes are held between check and start.
    pub pin: Pin,
    /// Whether every hop lies in the trusted path of the machine that asked.
    pub trusted: bool,
}

/// A script's interpreter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpreter {
    /// As the first line names it, or as `env` finds it.
    pub path: Vec<u8>,
    /// Every symbolic link's target in turn, the last one the file itself; empty where `path` is no link.
    pub hops: Vec<Vec<u8>>,
    /// The one argument the first line may give it.
    pub argument: Option<Vec<u8>>,
    /// Of the interpreter's bytes.
    pub sha256: Digest,
}

/// How a program's bytes are kept from changing between check and start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pin {
    /// Runs from a sealed copy in memory: the hashed bytes are the bytes that run.
    Sealed,
    /// Hashed last before it is started by path.
    Checked,
}

impl Pin {
    /// The word in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Checked => "checked",
        }
    }
}

/// One environment variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable {
    /// No `=`, not empty.
    pub name: Vec<u8>,
    /// Its value, or how a secret one is bound.
    pub value: Value,
}

/// A variable's value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Shown to everyone who can read the repository.
    Plain(Vec<u8>),
    /// An HMAC-SHA-256 under a key that never leaves the requester's machine.
    Secret(Digest),
}

/// What the child reads on standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stdin {
    /// Nothing.
    Empty,
    /// Exactly these bytes.
    Bound {
        /// Of the bytes.
        sha256: Digest,
        /// In bytes.
        size: u64,
        /// Whether they travel along as `files/<sha256>`.
        shown: bool,
    },
    /// Whatever the caller's standard input gives; only where a policy says so.
    Inherit,
}

/// An operand whose bytes are bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundFile {
    /// Its place in `argv`; none for files named by a policy's `bind`.
    pub index: Option<u32>,
    /// As the command line or the policy names it.
    pub path: Vec<u8>,
    /// Of its bytes.
    pub sha256: Digest,
    /// In bytes.
    pub size: u64,
    /// Whether it travels along as `files/<sha256>`; else it is "hash only".
    pub shown: bool,
}

/// The git work tree in which a command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkTree {
    /// Its HEAD, a commit of that other repository.
    pub head: String,
    /// No tracked file differs from HEAD and no untracked one lies about.
    pub clean: bool,
}

impl Command {
    /// The fields in which `self`, as approved, and `now` differ, by the names people know; files and variables by their own.
    pub fn drift(&self, now: &Self) -> Vec<String> {
        let program = (&self.program, &now.program);
        let fields = [
            ("arguments", self.argv != now.argv),
            ("working directory", self.cwd != now.cwd),
            ("program path", program.0.path != program.1.path),
            ("symbolic links of the program", program.0.hops != program.1.hops),
            ("program", (program.0.sha256, program.0.size) != (program.1.sha256, program.1.size)),
            ("interpreter", program.0.interpreters != program.1.interpreters),
            ("how the program is pinned", program.0.pin != program.1.pin),
            ("trusted path", program.0.trusted != program.1.trusted),
            ("standard input", self.stdin != now.stdin),
            ("unpinned operands", self.unpinned != now.unpinned),
            ("work tree", self.worktree != now.worktree),
        ];
        let variables = changed(self.lasting_env(), now.lasting_env(), |variable| &variable.name);
        let files = changed(self.files.iter(), now.files.iter(), |file| &file.path);
        let fields = fields.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field.to_owned());
        fields
            .chain(variables.into_iter().map(|name| format!("variable {name}")))
            .chain(files.into_iter().map(|path| format!("operand file {path}")))
            .collect()
    }

    /// The variables without those that only say which terminal somebody sits at: the child gets
    /// the approved values anyway.
    fn lasting_env(&self) -> impl Iterator<Item = &Variable> {
        self.env.iter().filter(|variable| variable.name != b"TERM" && variable.name != b"COLORTERM")
    }

    /// Digests of the texts that travel along, each once.
    pub fn shown(&self) -> std::collections::BTreeSet<Digest> {
        let program = self.program.shown.then_some(self.program.sha256);
        let files = self.files.iter().filter(|file| file.shown).map(|file| file.sha256);
        let stdin = match self.stdin {
            Stdin::Bound { sha256, shown: true, .. } => Some(sha256),
            _ => None,
        };
        program.into_iter().chain(files).chain(stdin).collect()
    }
}

/// The names of items that are on one side alone, each once and harmless to show.
fn changed<'a, T: PartialEq + 'a>(
    before: impl Iterator<Item = &'a T>,
    now: impl Iterator<Item = &'a T>,
    name: impl Fn(&T) -> &Vec<u8>,
) -> Vec<String> {
    let (before, now): (Vec<&T>, Vec<&T>) = (before.collect(), now.collect());
    let gone = before.iter().filter(|item| !now.contains(item));
    let new = now.iter().filter(|item| !before.contains(item));
    let mut names: Vec<String> = gone.chain(new).map(|item| shown::bytes(name(item))).collect();
    names.sort();
    names.dedup();
    // The same items in another order are no longer the same list.
    if names.is_empty() && before != now {
        names = before.iter().map(|item| shown::bytes(name(item))).collect();
    }
    names
}

/// What of an argument may name a path: itself, the value of an option, what is glued to its letter (`-C../x`), each also without an `@` before it.
pub fn paths_in(argument: &[u8]) -> Vec<&[u8]> {
    let value = argument.iter().position(|byte| *byte == b'=').and_then(|at| argument.get(at + 1..));
    let short = argument.strip_prefix(b"-").filter(|rest| !rest.starts_with(b"-")).and_then(|rest| rest.get(1..));
    let mut found = vec![argument];
    found.extend(value);
    found.extend(short);
    let at: Vec<&[u8]> = found.iter().filter_map(|path| path.strip_prefix(b"@")).collect();
    found.extend(at);
    found.retain(|path| !path.is_empty());
    found
}
