//! Floor 3: which policies govern a command. Pure, and it fails closed.
//!
//! What is matched is every command that the request would visibly execute (`extract`), each in several views
//! (`views`), each view against the whole ordered list (`govern`). Source: specification section 4.

mod extract;
mod git;
mod govern;
mod lookup;
mod programs;
pub mod secret;
pub mod shell;
mod started;
#[rustfmt::skip]
mod tables;
mod views;

use crate::domain::pattern::{Pattern, Token};

pub use crate::domain::pattern::canonical_text;
pub use extract::{is_for_anybody, steers};
pub use govern::govern;
pub use started::{Started, started};

/// What is known of a policy's conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// They hold: its first match ends the search.
    Yes,
    /// They provably do not: it is passed over.
    No,
    /// It governs, and matching goes on below.
    Maybe,
}

/// One policy, as far as matching needs it.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'a> {
    /// Its unique name.
    pub name: &'a str,
    /// Any of these matches.
    pub patterns: &'a [Pattern],
    /// Whether its conditions hold.
    pub applies: Applies,
    /// It asks nobody: deeper in, it is for programs of the trusted path alone.
    pub unasked: bool,
}

/// What a request needs of which something cannot be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OnOpaque {
    /// Every policy.
    #[default]
    All,
    /// It is refused.
    Deny,
    /// The policy of this name; if there is none, it is refused.
    Policy(String),
}

/// The `[matching]` table of a policy repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What opaque requests need.
    pub opaque: OnOpaque,
    /// Further programs whose arguments are data.
    pub inert: Vec<String>,
    /// Further programs that hand their arguments to a shell.
    pub carriers: Vec<String>,
}

/// The text of a bound file.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    /// How the command line names the file.
    pub operand: &'a [u8],
    /// What it holds.
    pub text: &'a [u8],
}

/// What would be executed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Invocation<'a> {
    /// The program's name and arguments.
    pub argv: &'a [Vec<u8>],
    /// The variables that would be passed.
    pub env: &'a [(Vec<u8>, Vec<u8>)],
    /// Every path from the program's first to its last symlink hop; empty when unknown.
    pub hops: &'a [Vec<u8>],
    /// Bound files that may be scripts.
    pub scripts: &'a [Script<'a>],
    /// Bound programs that may be scripts, by the names they may be started by: they only add.
    pub programs: &'a [Script<'a>],
    /// The program's own text, when it is a script.
    pub program_script: Option<&'a [u8]>,
    /// Nobody but the system puts programs where it lies: it is what its name says, as far as its text cannot be read.
    pub trusted: bool,
    /// What standard input holds, when it is bound.
    pub stdin: Option<&'a [u8]>,
    /// The directories in which nobody but the system puts programs.
    pub trusted_path: &'a [String],
    /// Programs, by the last part of their path, that lie elsewhere where PATH leads first.
    pub outside: &'a [&'a [u8]],
}

impl Invocation<'_> {
    /// Whether a program started deeper in by this name may be one that somebody else than the system put there.
    ///
    /// A relative path is: where it leads changes with the directory. What a link in the trusted path leads to, that machine alone can see.
    fn is_outside(&self, name: &[u8]) -> bool {
        if name.contains(&b'/') {
            return !lies_in(self.trusted_path, name);
        }
        self.outside.contains(&name)
    }
}

/// Whether an absolute path without `..` lies below one of these directories.
pub fn lies_in(path: &[String], file: &[u8]) -> bool {
    path.iter().any(|dir| {
        let rest = file.strip_prefix(dir.trim_end_matches('/').as_bytes());
        rest.is_some_and(|rest| rest.starts_with(b"/")) && !file.split(|byte| *byte == b'/').any(|part| part == b"..")
    })
}

/// One command that the request executes, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its arguments, as far as they are known.
    pub argv: Vec<Token>,
    /// Its canonical text; `…` where it is known only when it runs.
    pub text: String,
    /// Where it was found, outermost first; empty for the request itself.
    pub via: Vec<String>,
    /// Whether it runs if the request does: then it needs a match of its own.
    pub certain: bool,
    /// The texts it was matched by, the literal one first: name, text, and the policies that text brings.
    pub views: Vec<(&'static str, String, Vec<String>)>,
    /// The policies it brings, in the order of the list.
    pub policies: Vec<String>,
    /// What a reviewer should notice.
    pub flags: Vec<String>,
}

/// What governs a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Governed {
    /// The policies, in the order of the list; each must be satisfied on its own.
    pub policies: Vec<String>,
    /// Commands certainly executed that match nothing: any denies the request.
    pub unmatched: Vec<String>,
    /// Why something cannot be seen; empty when all can.
    pub opaque: Vec<String>,
    /// The request is opaque, and such requests are refused.
    pub opaque_denied: bool,
    /// The commands found; of those only tried, the ones that bring a policy.
    pub commands: Vec<Found>,
    /// What a reviewer should notice.
    pub flags: Vec<String>,
    /// Files that redirections in text for a shell write, as written there.
    pub writes: Vec<Vec<u8>>,
}

/// The answer of matching alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A command certainly executed matches nothing, or opaque requests are refused: the request is denied.
    Unmatched,
    /// The policies found decide.
    Governed,
}

impl Governed {
    /// Whether the policies found decide, or there is nothing left to decide.
    pub fn decision(&self) -> Decision {
        if self.unmatched.is_empty() && !self.opaque_denied && !self.policies.is_empty() {
            Decision::Governed
        } else {
            Decision::Unmatched
        }
    }
}

/// Whether this program, a name or a path, is a shell whose text is read.
pub fn is_shell(program: &[u8]) -> bool {
    extract::dialect(extract::basename(program)).is_some()
}

#[cfg(test)]
mod tests;
