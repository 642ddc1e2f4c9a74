//! From an authorization to an outcome: claim, see the claim on `main`, run once, say what happened.

mod claim;
mod waiting;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use crate::commands::bind::{ACCOUNT, Runner, Wanted, WantedStdin, bind, inside_of};
use crate::commands::deliver::deliver;
use crate::commands::error::{CommandError, Kind};
use crate::commands::{Context, place, secret_env};
use crate::domain::command::{self, Command, Pin, Value};
use crate::domain::id::{Digest, Nonce, RequestId};
use crate::domain::outcome::{End, Ending, Execution, Outcome};
use crate::domain::policy::Land;
use crate::domain::time::Timestamp;
use crate::gate::audit::Standpoint;
use crate::gate::authorized::Authorized;
use crate::gate::dossier::Dossier;
use crate::gate::governing::{Texts, governing};
use crate::world::World;
use crate::world::facts;
use crate::world::journal::{self, Entry, Stage};
use crate::world::paths::read_bounded;
use crate::world::signer::Signer;
use crate::world::spawn::{self, Launch, SpawnError};
use crate::world::store::{Record, Store};

pub use waiting::{landed, take_back};

/// What came of trying to run.
#[derive(Debug)]
pub enum Executed {
    /// The child ran.
    Ran(End),
    /// Spent: claimed or executed by another process, here or elsewhere.
    Spent,
    /// `main` moved, or another process here is at it: judge again.
    Again,
    /// What was approved is not what is there; the fields. Nothing is spent.
    Drifted(Vec<String>),
    /// It changed after the claim: the approval is spent, nothing ran.
    NotRun(String, Kind),
    /// Somebody said no, or took it back, before CI had landed the claim; it is spent, nothing ran. How it ended, and why.
    Stopped(&'static str, String),
    /// The claim waits until CI lands it.
    Waits,
}

/// Our own claim, seen on `main`: the permission to start one child.
///
/// Only [`claim::claim`] makes it, and [`waiting::landed`] where CI lands; it moves into [`start`].
#[derive(Debug)]
#[must_use = "a claim that nobody runs stays claimed for ever"]
struct Claimed {
    id: RequestId,
    request: Digest,
    seen: Vec<Digest>,
    nonce: Nonce,
    expires: Timestamp,
    ready: Ready,
    /// Why it must not start, where that is known already.
    objection: Option<(String, Kind)>,
}

/// Everything at hand to start what was authorized, and the lock under which no other process here does.
#[derive(Debug)]
struct Ready {
    launch: Launch,
    entry: Entry,
}

/// Claims and runs what was authorized.
///
/// # Errors
/// expacti could not tell; nothing ran here.
pub fn execute(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    dossier: &Dossier,
    authorized: Authorized,
    signer: &Signer,
) -> Result<Executed, CommandError> {
    let request = dossier.request.value();
    let world = context.world;
    if request.host != world.host {
        return Ok(Executed::Drifted(vec![format!("host: asked on `{}`, this is `{}`", request.host, world.host)]));
    }
    let by_ci = at.version.config().land == Land::Ci;
    if by_ci && waiting::has_claimed(store, at, &dossier.id)? {
        return Ok(Executed::Waits);
    }
    let drift = drift(world, store, at, dossier)?;
    if !drift.is_empty() {
        return Ok(Executed::Drifted(drift));
    }
    // What it reads must be at hand before the approval is spent.
    let stdin = match stdin(store, authorized.command(), &dossier.texts)? {
        Some(stdin) => stdin,
        None => return Ok(Executed::Drifted(vec!["standard input: its bytes are not on this machine".to_owned()])),
    };
    let launch = launch(world, store, authorized.command(), stdin, request.runner != request.requester)?;
    let Some(entry) = journal::lock(&store.journal(), &dossier.id)? else { return Ok(Executed::Again) };
    if let Some(Stage::Started(_)) = entry.stage()? {
        return Ok(Executed::Spent);
    }
    if by_ci {
        return waiting::claim(context, store, at, dossier, &authorized, &entry, signer);
    }
    match claim::claim(context, store, at, dossier, authorized, Ready { launch, entry }, signer)? {
        Ok(claimed) => start(context, store, dossier, claimed, signer),
        Err(other) => Ok(other),
    }
}

/// Checks once more, starts the child, and lands what happened.
fn start(
    context: &Context<'_>,
    store: &Store,
    dossier: &Dossier,
    claimed: Claimed,
    signer: &Signer,
) -> Result<Executed, CommandError> {
    let world = context.world;
    let at = store.remembered()?.ok_or_else(|| CommandError::unsure("the verified main was forgotten"))?;
    let before = world.clock.now();
    let drift = drift(world, store, &at, dossier);
    // From the claim on, whatever keeps it from running is an outcome.
    let ready = if let Some(objection) = claimed.objection {
        Err(objection)
    } else if world.console.interrupted() {
        Err(("it was interrupted before it could start".to_owned(), Kind::No))
    } else if before > claimed.expires {
        Err(("its time was over before it could start".to_owned(), Kind::No))
    } else {
        match drift {
            Ok(fields) if fields.is_empty() => Ok(()),
            Ok(fields) => Err((format!("it changed after the claim: {}", fields.join(", ")), Kind::Drift)),
            Err(error) => Err((error.message, error.kind)),
        }
    };
    let (ending, executed) = match ready {
        Err((reason, kind)) => (Ending::NotRun { reason: reason.clone() }, Executed::NotRun(reason, kind)),
        Ok(()) => {
            let entry = &claimed.ready.entry;
            let nonce = claimed.nonce;
            world.console.settle();
            match spawn::spawn(&claimed.ready.launch, &mut || entry.started(&nonce)) {
                Ok(ended) => {
                    let end = end(ended.end);
                    let duration_ms = u64::try_from(ended.duration.as_millis()).unwrap_or(u64::MAX);
                    let pin = match ended.pinned {
                        facts::Pin::Sealed => Pin::Sealed,
                        facts::Pin::Checked => Pin::Checked,
                    };
                    (Ending::Executed(Execution { end, started: before, duration_ms, pin }), Executed::Ran(end))
                }
                Err(error) => {
                    let reason = shown_error(&error);
                    if error.nothing_ran() {
                        let kind = match error {
                            SpawnError::Drift { .. } | SpawnError::WorkingDirectory(_) => Kind::Drift,
                            SpawnError::NotFound(_) => Kind::NotFound,
                            SpawnError::NotExecutable { .. } => Kind::NotExecutable,
                            _ => Kind::Unsure,
                        };
                        (Ending::NotRun { reason: reason.clone() }, Executed::NotRun(reason, kind))
                    } else {
                        (Ending::Unknown { reason: reason.clone() }, Executed::NotRun(reason, Kind::Unsure))
                    }
                }
            }
        }
    };
    if matches!(ending, Ending::NotRun { .. }) {
        // Before anyone reads that it did not run: from here on it never does.
        claimed.ready.entry.started(&claimed.nonce)?;
    }
    let author = dossier.request.value().runner.clone();
    let outcome = Outcome {
        place: place(&at),
        request: claimed.request,
        seen: claimed.seen,
        author: author.clone(),
        recorded: world.clock.now(),
        ending,
    };
    conclude(context, store, &claimed.id, &outcome, signer);
    drop(claimed.ready);
    Ok(executed)
}

/// Signs, spools and delivers an outcome; what cannot be delivered now waits on disk.
fn conclude(context: &Context<'_>, store: &Store, id: &RequestId, outcome: &Outcome, signer: &Signer) {
    let say = |line: String| context.world.console.say(&line);
    let record = match Record::sign("outcome.toml", outcome, signer) {
        Ok(record) => record,
        Err(error) => {
            say(format!("expacti: the outcome could not be signed: {error}"));
            return say(format!("hint: close it with `expacti resume --unknown {id}`"));
        }
    };
    if let Err(error) = journal::spool(&store.spool(), id, &record.bytes, &record.signature) {
        say(format!("expacti: the outcome could not be kept on disk: {error}"));
    }
    if let Err(error) = deliver(context, store, id, &record, &outcome.author) {
        say(format!("expacti: the outcome is not on main yet: {error}"));
        say("hint: the next call of expacti delivers it, or `expacti sync`".to_owned());
    }
}

/// The fields in which this machine differs from what was approved.
fn drift(world: &World, store: &Store, at: &Standpoint, dossier: &Dossier) -> Result<Vec<String>, CommandError> {
    let request = dossier.request.value();
    let approved = &request.command;
    let (secrets, wrong) = secret_env::look(world, &store.secret_key(), approved)?;
    if !wrong.is_empty() {
        return Ok(wrong);
    }
    let governing = governing(&at.version, request, &dossier.texts);
    let inside = inside_of(&governing);
    let wanted = Wanted {
        argv: approved.argv.clone(),
        cwd: approved.cwd.clone(),
        stdin: WantedStdin::Known(approved.stdin),
        secrets,
        bind: approved
            .files
            .iter()
            .map(|file| (file.index, String::from_utf8_lossy(&file.path)))
            // An operand was bound by its own name; what only a policy names is named as there.
            .map(|(index, path)| if index.is_some() { globset::escape(&path) } else { path.into_owned() })
            .collect(),
        inside,
        runner: if request.runner == request.requester {
            Runner::Requester
        } else {
            let path = approved.env.iter().find(|variable| variable.name == b"PATH").map(|variable| &variable.value);
            Runner::Other(path.and_then(|value| match value {
                Value::Plain(path) => Some(path.clone()),
                Value::Secret(_) => None,
            }))
        },
        worktree: true,
    };
    match bind(world, at.version.config(), &wanted) {
        Ok(mut now) => {
            if let Err(error) = now.hold(&governing) {
                return Ok(vec![error.message]);
            }
            // The child gets the approved values; what another account's shell happens to hold is no drift.
            if wanted.runner != Runner::Requester {
                now.command.env = approved.env.clone();
            }
            // Bound without symbolic links: one that stands there now, or above, leads elsewhere.
            let cwd = Path::new(OsStr::from_bytes(&approved.cwd));
            let gone = !cwd.is_dir() || std::fs::canonicalize(cwd).is_ok_and(|real| real != cwd);
            Ok(approved.drift(&now.command).into_iter().chain(gone.then(|| "working directory".to_owned())).collect())
        }
        // It could be bound once: gone, no longer a program or a plain file, unreadable, being written to.
        Err(error) => Ok(vec![error.message]),
    }
}

/// The bytes of standard input; `None` where they are nowhere to be had.
fn stdin(store: &Store, command: &Command, texts: &Texts) -> Result<Option<spawn::Stdin>, CommandError> {
    Ok(match command.stdin {
        command::Stdin::Empty => Some(spawn::Stdin::Empty),
        command::Stdin::Inherit => Some(spawn::Stdin::Inherit),
        command::Stdin::Bound { sha256, size, shown } => {
            let bytes = if shown { texts.get(&sha256).cloned() } else { read_bounded(&store.stdin(&sha256), size)? };
            bytes.filter(|bytes| Digest::of(bytes) == sha256).map(spawn::Stdin::Bytes)
        }
    })
}

fn launch(
    world: &World,
    store: &Store,
    command: &Command,
    stdin: spawn::Stdin,
    other: bool,
) -> Result<Launch, CommandError> {
    let os = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let mut argv = command.argv.iter();
    let argv0 = argv.next().map(|name| os(name)).unwrap_or_default();
    let mut env = Vec::with_capacity(command.env.len());
    for variable in &command.env {
        let value = match &variable.value {
            Value::Plain(value) => os(value),
            Value::Secret(_) => secret_env::reveal(world, &store.secret_key(), variable)?,
        };
        env.push((os(&variable.name), value));
    }
    if other {
        let own =
            ACCOUNT.iter().filter_map(|name| world.var(name).map(|value| (OsString::from(name), value.to_owned())));
        env.extend(own);
    }
    Ok(Launch {
        program: PathBuf::from(os(&command.program.path)),
        argv0,
        args: argv.map(|argument| os(argument)).collect(),
        cwd: PathBuf::from(os(&command.cwd)),
        env,
        stdin,
        pin: match command.program.pin {
            Pin::Sealed => facts::Pin::Sealed,
            Pin::Checked => facts::Pin::Checked,
        },
        sha256: *command.program.sha256.as_bytes(),
    })
}

fn end(end: spawn::End) -> End {
    match end {
        spawn::End::Exit(code) => End::Exit(u8::try_from(code & 0xff).unwrap_or(u8::MAX)),
        spawn::End::Signal(number) => End::Signal(u8::try_from(number).unwrap_or(u8::MAX)),
    }
}

fn shown_error(error: &SpawnError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    crate::domain::shown::line(&text)
}
