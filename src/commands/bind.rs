//! What a request binds, gathered from this machine: once when asking, again before the claim, again last before the start.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use crate::commands::error::{CommandError, Kind};
use crate::domain::command::{BoundFile, Command, Interpreter, Pin, Program, Stdin, Value, Variable, WorkTree};
use crate::domain::id::Digest;
use crate::domain::policy::PolicySet;
use crate::domain::shown;
use crate::gate::governing::{Gate, Governing, Texts, trusted_path};
use crate::matching::{is_for_anybody, started};
use crate::world::World;
use crate::world::facts::{self, OperandError, Outside, ProgramError};

/// A command as found on this machine, and the texts that travel with it.
#[derive(Debug, Clone)]
pub struct Bound {
    /// What would run.
    pub command: Command,
    /// Texts by digest: scripts, named operands, standard input.
    pub texts: Texts,
    /// Standard input too large to travel along: it waits on this machine.
    pub stdin: Option<Vec<u8>>,
    /// Programs that are started deeper in, lie outside the trusted path and could not be bound.
    pub loose: Vec<Vec<u8>>,
}

impl Bound {
    /// What nobody is asked about starts no program that is neither the system's nor bound.
    ///
    /// # Errors
    /// It does.
    pub fn hold(&self, governing: &Governing) -> Result<(), CommandError> {
        match self.loose.first() {
            Some(name) if governing.gate == Gate::Allow => {
                let name = shown::bytes(name);
                Err(CommandError::no(format!("`{name}` is started inside, lies outside the trusted path and cannot be bound"))
                    .hint("a policy lets this run without asking anyone; only programs of the system or bound ones may take part"))
            }
            _ => Ok(()),
        }
    }
}

/// What the caller asks for, before this machine is looked at.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The arguments.
    pub argv: Vec<Vec<u8>>,
    /// Where.
    pub cwd: Vec<u8>,
    /// What it reads.
    pub stdin: WantedStdin,
    /// Variables of which nobody sees the value.
    pub secrets: Vec<Variable>,
    /// Files that policies name besides.
    pub bind: Vec<String>,
    /// Programs that are started deeper in, by the names they have there.
    pub inside: Vec<Vec<u8>>,
    /// Who will run it.
    pub runner: Runner,
    /// Whether to look at the git work tree: large ones take a while.
    pub worktree: bool,
}

/// Whose machine account the command runs under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runner {
    /// The requester's.
    Requester,
    /// Another principal's: home and user name are theirs, and not bound. With the PATH that was bound, where one was.
    Other(Option<Vec<u8>>),
}

/// Variables that say whose account it is.
pub const ACCOUNT: [&str; 5] = ["HOME", "LOGNAME", "SHELL", "TMPDIR", "USER"];

/// What standard input is asked for.
#[derive(Debug, Clone)]
pub enum WantedStdin {
    /// Nothing.
    Empty,
    /// These bytes.
    Bytes(Vec<u8>),
    /// The caller's.
    Inherit,
    /// Bytes known by their digest alone, as an approved request names them.
    Known(Stdin),
}

/// How many programs are bound that are started deeper in.
const MAX_INSIDE: usize = 64;

/// The names of the programs to be bound that a request starts deeper in.
pub fn inside_of(governing: &Governing) -> Vec<Vec<u8>> {
    let started = started(&governing.tree.commands).into_iter();
    started.filter(|started| started.settled).map(|started| started.name).collect()
}

/// The largest text that travels with a request, in bytes.
const MAX_TEXT: usize = 256 * 1024;

/// Looks at this machine.
///
/// # Errors
/// The program is not there or cannot be executed, or something cannot be read: nothing is asked for then.
pub fn bind(world: &World, set: &PolicySet, wanted: &Wanted) -> Result<Bound, CommandError> {
    look(world, set, wanted, &mut Err)
}

/// As [`bind`], with whatever cannot be bound left out and named: for telling, never for asking or running.
///
/// # Errors
/// There is no command.
pub fn sketch(world: &World, set: &PolicySet, wanted: &Wanted) -> Result<(Bound, Vec<CommandError>), CommandError> {
    let mut missing = Vec::new();
    let bound = look(world, set, wanted, &mut |error| {
        missing.push(error);
        Ok(())
    })?;
    Ok((bound, missing))
}

/// `fault` says whether to go on without what could not be bound.
fn look(
    world: &World,
    set: &PolicySet,
    wanted: &Wanted,
    fault: &mut dyn FnMut(CommandError) -> Result<(), CommandError>,
) -> Result<Bound, CommandError> {
    let name = wanted.argv.first().ok_or_else(|| CommandError::usage("there is no command"))?;
    let cwd = PathBuf::from(OsString::from_vec(wanted.cwd.clone()));
    let inherited: Vec<(OsString, OsString)> =
        world.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut env = facts::environment(&inherited, &set.pass);
    if let Runner::Other(path) = &wanted.runner {
        env.retain(|(name, _)| !ACCOUNT.iter().any(|own| name == own));
        if let (Some(path), Some(own)) = (path, env.iter_mut().find(|(name, _)| name == "PATH")) {
            own.1 = OsString::from_vec(path.clone());
        }
    }
    if let Some((_, path)) = env.iter_mut().find(|(name, _)| name == "PATH") {
        *path = resolved(path);
    }
    let path = env.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_os_str());
    let mut texts = Texts::new();
    let program = match program(world, name, &cwd, path, set, &mut texts) {
        Ok(program) => program,
        Err(error) => {
            fault(error)?;
            unknown(name)
        }
    };
    let mut files = match operands(wanted, &cwd, &mut texts) {
        Ok(files) => files,
        Err(error) => {
            fault(error)?;
            Operands::default()
        }
    };
    let loose = inside(world, wanted, &cwd, path, set, &mut files.0, &mut texts);
    // One that cannot be judged is none: a policy that asks for a clean one is not met then.
    let exactly = set.policies.iter().any(|policy| policy.binding.clean_worktree);
    let worktree = if wanted.worktree { facts::worktree(&cwd, exactly).unwrap_or_default() } else { None };
    let stdin = match &wanted.stdin {
        WantedStdin::Empty => Stdin::Empty,
        WantedStdin::Inherit => Stdin::Inherit,
        WantedStdin::Known(stdin) => *stdin,
        WantedStdin::Bytes(bytes) => {
            let sha256 = Digest::of(bytes);
            let shown = bytes.len() <= MAX_TEXT;
            if shown {
                texts.insert(sha256, bytes.clone());
            }
            Stdin::Bound { sha256, size: bytes.len() as u64, shown }
        }
    };
    let (files, unpinned) = files;
    let mut env: Vec<Variable> = env
        .into_iter()
        .map(|(name, value)| Variable { name: name.into_vec(), value: Value::Plain(value.into_vec()) })
        .filter(|variable| !wanted.secrets.iter().any(|secret| secret.name == variable.name))
        .chain(wanted.secrets.iter().cloned())
        .collect();
    env.sort();
    let command = Command {
        argv: wanted.argv.clone(),
        cwd: wanted.cwd.clone(),
        program,
        env,
        stdin,
        files,
        unpinned,
        worktree: worktree.map(|tree| WorkTree { head: tree.head, clean: tree.clean }),
    };
    let stdin = match &wanted.stdin {
        WantedStdin::Bytes(bytes) if bytes.len() > MAX_TEXT => Some(bytes.clone()),
        _ => None,
    };
    Ok(Bound { command, texts, stdin, loose })
}

/// PATH, with each directory that only by a link's name is one's own replaced by what it is: judges see its text alone.
fn resolved(path: &OsStr) -> OsString {
    let directories = path.as_bytes().split(|byte| *byte == b':').map(|directory| {
        let real = std::fs::canonicalize(OsStr::from_bytes(directory)).ok().map(PathBuf::into_os_string);
        let hides = |real: &OsString| is_for_anybody(real.as_bytes()) && !is_for_anybody(directory);
        real.filter(hides).map_or(directory.to_vec(), OsString::into_vec)
    });
    OsString::from_vec(directories.collect::<Vec<_>>().join(&b':'))
}

/// A program that this machine does not have: as named, and trusted by nobody.
fn unknown(name: &[u8]) -> Program {
    Program {
        path: name.to_vec(),
        hops: Vec::new(),
        sha256: Digest::of(b""),
        size: 0,
        interpreters: Vec::new(),
        shown: false,
        pin: Pin::Checked,
        trusted: false,
    }
}

/// Where the machine's administrator names the path, the policy's holds too: every judge asks for that.
fn trusted(world: &World, set: &PolicySet) -> Vec<PathBuf> {
    let own = world.paths.barrier.as_ref().and_then(|barrier| barrier.trusted_path.clone());
    own.unwrap_or_else(|| trusted_path(set).into_iter().map(PathBuf::from).collect())
}

/// Binds programs that are started deeper in, and what their `#!` lines name, as far as they are here: the card says which
/// are not. Returns those outside the trusted path that could not be bound.
fn inside(
    world: &World,
    wanted: &Wanted,
    cwd: &Path,
    path: Option<&OsStr>,
    set: &PolicySet,
    files: &mut Vec<BoundFile>,
    texts: &mut Texts,
) -> Vec<Vec<u8>> {
    let trusted = trusted(world, set);
    let (first, rest) = wanted.inside.split_at(MAX_INSIDE.min(wanted.inside.len()));
    let outside = |name: &&Vec<u8>| facts::find_outside(OsStr::from_bytes(name), cwd, path, &trusted).is_some();
    let mut loose: Vec<Vec<u8>> = rest.iter().filter(outside).cloned().collect();
    let mut names: VecDeque<Vec<u8>> = first.iter().cloned().collect();
    let mut left = 2 * MAX_INSIDE;
    while let Some(name) = names.pop_front() {
        let found = match facts::started(&name, cwd, path, &trusted) {
            None => continue,
            Some(Outside::Pinned(found)) => found,
            Some(Outside::Loose) => {
                loose.push(name);
                continue;
            }
        };
        // What starts a script in turn; a circle of them ends here.
        let next = found.text.as_deref().map(facts::named_interpreters).unwrap_or_default();
        let next: Vec<Vec<u8>> = next.into_iter().filter(|next| *next != name).take(left).collect();
        left -= next.len();
        names.extend(next);
        if files.iter().any(|file| file.path == found.path) {
            continue;
        }
        let (sha256, shown) = (Digest::new(found.sha256), found.text.is_some());
        texts.extend(found.text.map(|text| (sha256, text)));
        files.push(BoundFile { index: None, path: found.path, sha256, size: found.size, shown });
    }
    // One order, whoever named them: those of the command line first, as they stand there.
    files.sort_by(|a, b| {
        (a.index.is_none(), a.index).cmp(&(b.index.is_none(), b.index)).then_with(|| a.path.cmp(&b.path))
    });
    loose
}

fn program(
    world: &World,
    name: &[u8],
    cwd: &Path,
    path: Option<&OsStr>,
    set: &PolicySet,
    texts: &mut Texts,
) -> Result<Program, CommandError> {
    let found = facts::resolve(OsStr::from_bytes(name), cwd, path, &trusted(world, set)).map_err(not_a_program)?;
    let shown = found.script.is_some();
    let sha256 = Digest::new(found.sha256);
    if let Some(text) = found.script {
        texts.insert(sha256, text);
    }
    let mut interpreters = Vec::new();
    let mut next = found.interpreter.map(Box::new);
    while let Some(interpreter) = next {
        interpreters.push(Interpreter {
            path: bytes(&interpreter.path),
            hops: hops(&interpreter.path, &interpreter.hops),
            argument: interpreter.argument,
            sha256: Digest::new(interpreter.sha256),
        });
        next = interpreter.next;
    }
    Ok(Program {
        path: bytes(&found.path),
        hops: hops(&found.path, &found.hops),
        sha256,
        size: found.size,
        interpreters,
        shown,
        pin: match found.pin {
            facts::Pin::Sealed => Pin::Sealed,
            facts::Pin::Checked => Pin::Checked,
        },
        trusted: found.trusted,
    })
}

type Operands = (Vec<BoundFile>, Vec<u32>);

fn operands(wanted: &Wanted, cwd: &Path, texts: &mut Texts) -> Result<Operands, CommandError> {
    let argv: Vec<OsString> = wanted.argv.iter().map(|argument| OsString::from_vec(argument.clone())).collect();
    let found = facts::operands(&argv, cwd, &wanted.bind)
        .map_err(|error: OperandError| CommandError::unsure(shown::line(&error.to_string())))?;
    let index = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let files = found
        .pinned
        .into_iter()
        .map(|file| {
            let sha256 = Digest::new(file.sha256);
            let shown = file.text.is_some();
            if let Some(text) = file.text {
                texts.insert(sha256, text);
            }
            BoundFile { index: file.index.map(index), path: file.path, sha256, size: file.size, shown }
        })
        .collect();
    if let Some(absent) = found.absent.first() {
        return Err(CommandError::no(format!("operand file {} is to be bound, and is not there", shown::line(absent))));
    }
    Ok((files, found.unpinned.into_iter().map(index).collect()))
}

fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

/// Where the path is no link, there is no hop to name.
fn hops(path: &Path, hops: &[PathBuf]) -> Vec<Vec<u8>> {
    match hops {
        [only] if only == path => Vec::new(),
        hops => hops.iter().map(|hop| bytes(hop)).collect(),
    }
}

fn not_a_program(error: ProgramError) -> CommandError {
    let kind = if error.is_not_found() { Kind::NotFound } else { Kind::NotExecutable };
    CommandError::of(kind, shown::line(&error.to_string()))
}
