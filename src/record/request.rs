//! `request.toml`.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::domain::command::{BoundFile, Command, Interpreter, Pin, Program, Stdin, Value, Variable, WorkTree};
use crate::domain::id::{CommitId, Digest, Nonce, RequestId};
use crate::domain::principal::Name;
use crate::domain::request::Request;
use crate::domain::time::Timestamp;
use crate::record::canonical::{Writer, is_label};
use crate::record::strict::{self, Bytes, RecordError, Text, ascends, require};

pub(crate) const SCHEMA: &str = "expacti/request/v1";

/// The longest chain of interpreters Linux starts, with room (`execve(2)`: 4).
const MAX_INTERPRETERS: usize = 8;
/// The most items of `argv`, of `env` and of `files`.
pub const MAX_ITEMS: usize = 4_096;
/// The most environments one request names.
pub const MAX_ENVIRONMENTS: usize = 64;
/// The most bytes of a text that travels along as `files/<sha256>`.
pub const MAX_SHOWN: u64 = 256 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(rename = "schema")]
    _schema: String,
    repo: Text<Digest>,
    base: Text<CommitId>,
    root: Text<Digest>,
    requester: Text<Name>,
    runner: Text<Name>,
    host: String,
    created: Text<Timestamp>,
    expires: Text<Timestamp>,
    nonce: Text<Nonce>,
    reason: String,
    retry_of: Option<Text<RequestId>>,
    environments: Vec<String>,
    command: RawCommand,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCommand {
    argv: Vec<Bytes>,
    cwd: Bytes,
    stdin: String,
    stdin_size: Option<u64>,
    stdin_shown: Option<bool>,
    unpinned: Vec<u32>,
    program: RawProgram,
    #[serde(default)]
    env: Vec<RawVariable>,
    #[serde(default)]
    files: Vec<RawFile>,
    worktree: Option<RawWorkTree>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProgram {
    path: Bytes,
    hops: Vec<Bytes>,
    sha256: Text<Digest>,
    size: u64,
    shown: bool,
    pin: RawPin,
    trusted: bool,
    #[serde(default)]
    interpreters: Vec<RawInterpreter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawPin {
    Sealed,
    Checked,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInterpreter {
    path: Bytes,
    hops: Vec<Bytes>,
    argument: Option<Bytes>,
    sha256: Text<Digest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVariable {
    name: Bytes,
    value: Option<Bytes>,
    secret: Option<Text<Digest>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    index: Option<u32>,
    path: Bytes,
    sha256: Text<Digest>,
    size: u64,
    shown: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWorkTree {
    head: String,
    clean: bool,
}

impl TryFrom<Raw> for Request {
    type Error = RecordError;

    fn try_from(raw: Raw) -> Result<Self, RecordError> {
        let host_is_plain = raw.host.bytes().all(|byte| matches!(byte, 0x20..=0x7e));
        require(
            host_is_plain && (1..=255).contains(&raw.host.len()),
            "host",
            "is not 1 to 255 printable ASCII characters",
        )?;
        require(raw.expires.0 > raw.created.0, "expires", "is not after `created`")?;
        let different: BTreeSet<&String> = raw.environments.iter().collect();
        let is_set = different.len() == raw.environments.len() && different.len() <= MAX_ENVIRONMENTS;
        require(is_set, "environments", format!("names one twice, or more than {MAX_ENVIRONMENTS}"))?;
        require(raw.environments.iter().all(|name| is_label(name)), "environments", "holds what cannot be a name")?;
        Ok(Self {
            place: strict::place(raw.repo, raw.base, raw.root),
            requester: raw.requester.0,
            runner: raw.runner.0,
            host: raw.host,
            created: raw.created.0,
            expires: raw.expires.0,
            nonce: raw.nonce.0,
            reason: strict::words("reason", raw.reason)?,
            retry_of: raw.retry_of.map(|id| id.0),
            environments: raw.environments,
            command: raw.command.try_into()?,
        })
    }
}

impl TryFrom<RawCommand> for Command {
    type Error = RecordError;

    fn try_from(raw: RawCommand) -> Result<Self, RecordError> {
        let stdin = raw.stdin()?;
        let count = raw.argv.len();
        let within = |index: u32| (index as usize) < count;
        require(
            (1..=MAX_ITEMS).contains(&count),
            "command.argv",
            format!("has {count} items, expected 1 to {MAX_ITEMS}"),
        )?;
        let argv: Vec<Vec<u8>> = raw.argv.into_iter().map(|item| item.0).collect();
        require(argv.iter().all(|item| !item.contains(&0)), "command.argv", "holds a NUL byte")?;
        absolute("command.cwd", &raw.cwd.0)?;
        let ordered = ascends(&raw.unpinned) && raw.unpinned.iter().all(|index| within(*index));
        require(ordered, "command.unpinned", "is not a sorted list of places in `argv`")?;

        require(raw.env.len() <= MAX_ITEMS, "command.env", format!("has more than {MAX_ITEMS} items"))?;
        let env = raw.env.into_iter().enumerate().map(variable).collect::<Result<Vec<_>, _>>()?;
        require(env.is_sorted_by(|a, b| a.name < b.name), "command.env", "is not sorted by name, or has a name twice")?;

        require(raw.files.len() <= MAX_ITEMS, "command.files", format!("has more than {MAX_ITEMS} items"))?;
        let files = raw.files.into_iter().enumerate().map(|(at, file)| {
            let field = |name: &str| format!("command.files[{at}].{name}");
            require(file.index.is_none_or(within), field("index"), "is no place in `argv`")?;
            named(field("path"), &file.path.0)?;
            shown(field("shown"), file.shown, file.size)?;
            Ok(BoundFile {
                index: file.index,
                path: file.path.0,
                sha256: file.sha256.0,
                size: file.size,
                shown: file.shown,
            })
        });
        Ok(Self {
            argv,
            cwd: raw.cwd.0,
            program: raw.program.try_into()?,
            env,
            stdin,
            files: files.collect::<Result<_, RecordError>>()?,
            unpinned: raw.unpinned,
            worktree: raw.worktree.map(TryInto::try_into).transpose()?,
        })
    }
}

impl RawCommand {
    fn stdin(&self) -> Result<Stdin, RecordError> {
        let digest = self.stdin.strip_prefix("sha256:").and_then(|hex| hex.parse().ok());
        match (self.stdin.as_str(), digest, self.stdin_size, self.stdin_shown) {
            ("empty", _, None, None) => Ok(Stdin::Empty),
            ("inherit", _, None, None) => Ok(Stdin::Inherit),
            (_, Some(sha256), Some(size), Some(is_shown)) => {
                shown("command.stdin_shown", is_shown, size)?;
                Ok(Stdin::Bound { sha256, size, shown: is_shown })
            }
            _ => Err(strict::invalid(
                "command.stdin",
                "is neither `empty` nor `inherit` alone, nor `sha256:` and a digest with `stdin_size` and `stdin_shown`",
            )),
        }
    }
}

impl TryFrom<RawProgram> for Program {
    type Error = RecordError;

    fn try_from(raw: RawProgram) -> Result<Self, RecordError> {
        absolute("command.program.path", &raw.path.0)?;
        let hops: Vec<Vec<u8>> = raw.hops.into_iter().map(|hop| hop.0).collect();
        require(hops.len() <= 64, "command.program.hops", "has more than 64 items")?;
        hops.iter().try_for_each(|hop| named("command.program.hops", hop))?;
        shown("command.program.shown", raw.shown, raw.size)?;
        let few = raw.interpreters.len() <= MAX_INTERPRETERS;
        require(few, "command.program.interpreters", format!("more than {MAX_INTERPRETERS} interpreters"))?;
        let interpreter = |raw: RawInterpreter| {
            named("command.program.interpreters.path", &raw.path.0)?;
            let hops: Vec<Vec<u8>> = raw.hops.into_iter().map(|hop| hop.0).collect();
            hops.iter().try_for_each(|hop| named("command.program.interpreters.hops", hop))?;
            let argument = raw.argument.map(|argument| argument.0);
            Ok(Interpreter { path: raw.path.0, hops, argument, sha256: raw.sha256.0 })
        };
        let interpreters = raw.interpreters.into_iter().map(interpreter).collect::<Result<_, RecordError>>()?;
        Ok(Self {
            path: raw.path.0,
            hops,
            sha256: raw.sha256.0,
            size: raw.size,
            interpreters,
            shown: raw.shown,
            pin: raw.pin.into(),
            trusted: raw.trusted,
        })
    }
}

impl From<RawPin> for Pin {
    fn from(raw: RawPin) -> Self {
        match raw {
            RawPin::Sealed => Self::Sealed,
            RawPin::Checked => Self::Checked,
        }
    }
}

fn variable((at, raw): (usize, RawVariable)) -> Result<Variable, RecordError> {
    let name = raw.name.0;
    let can_be_set = !name.is_empty() && !name.iter().any(|byte| matches!(byte, 0 | b'='));
    require(can_be_set, format!("command.env[{at}].name"), "is empty, or holds `=` or a NUL byte")?;
    let value = match (raw.value, raw.secret) {
        (Some(Bytes(value)), None) if !value.contains(&0) => Value::Plain(value),
        (None, Some(Text(secret))) => Value::Secret(secret),
        _ => {
            let message = "is neither one `value` without a NUL byte nor one `secret`";
            return Err(strict::invalid(format!("command.env[{at}]"), message));
        }
    };
    Ok(Variable { name, value })
}

impl TryFrom<RawWorkTree> for WorkTree {
    type Error = RecordError;

    fn try_from(raw: RawWorkTree) -> Result<Self, RecordError> {
        let is_hex = raw.head.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        require(is_hex && matches!(raw.head.len(), 40 | 64), "command.worktree.head", "is no commit id")?;
        Ok(Self { head: raw.head, clean: raw.clean })
    }
}

fn named(field: impl std::fmt::Display, path: &[u8]) -> Result<(), RecordError> {
    require(!path.is_empty() && !path.contains(&0), field, "is empty, or holds a NUL byte")
}

fn absolute(field: &str, path: &[u8]) -> Result<(), RecordError> {
    named(field, path)?;
    require(path.starts_with(b"/"), field, "is not absolute")
}

fn shown(field: impl std::fmt::Display, is_shown: bool, size: u64) -> Result<(), RecordError> {
    require(!is_shown || size <= MAX_SHOWN, field, format!("is true of {size} bytes: at most {MAX_SHOWN} travel along"))
}

/// Reads `request.toml`.
///
/// # Errors
/// All but the canonical bytes of a valid request.
pub fn parse(bytes: &[u8]) -> Result<Request, RecordError> {
    strict::record(bytes, SCHEMA, |raw: Raw| raw.try_into(), render)
}

/// Writes `request.toml`.
pub fn render(request: &Request) -> Vec<u8> {
    let mut out = Writer::new(SCHEMA);
    out.place(&request.place);
    out.text("requester", &request.requester);
    out.text("runner", &request.runner);
    out.text("host", &request.host);
    out.text("created", request.created);
    out.text("expires", request.expires);
    out.text("nonce", request.nonce);
    out.text("reason", &request.reason);
    out.optional("retry_of", request.retry_of);
    out.list("environments", &request.environments);
    write_command(&mut out, &request.command);
    out.finish()
}

fn write_command(out: &mut Writer, command: &Command) {
    out.table("command");
    out.bytes_list("argv", &command.argv);
    out.bytes("cwd", &command.cwd);
    match command.stdin {
        Stdin::Empty => out.text("stdin", "empty"),
        Stdin::Inherit => out.text("stdin", "inherit"),
        Stdin::Bound { sha256, size, shown } => {
            out.text("stdin", format!("sha256:{sha256}"));
            out.number("stdin_size", size);
            out.flag("stdin_shown", shown);
        }
    }
    out.numbers("unpinned", &command.unpinned);
    write_program(out, &command.program);
    for variable in &command.env {
        out.item("command.env");
        out.bytes("name", &variable.name);
        match &variable.value {
            Value::Plain(value) => out.bytes("value", value),
            Value::Secret(secret) => out.text("secret", secret),
        }
    }
    for file in &command.files {
        out.item("command.files");
        if let Some(index) = file.index {
            out.number("index", index.into());
        }
        out.bytes("path", &file.path);
        out.text("sha256", file.sha256);
        out.number("size", file.size);
        out.flag("shown", file.shown);
    }
    if let Some(worktree) = &command.worktree {
        out.table("command.worktree");
        out.text("head", &worktree.head);
        out.flag("clean", worktree.clean);
    }
}

fn write_program(out: &mut Writer, program: &Program) {
    out.table("command.program");
    out.bytes("path", &program.path);
    out.bytes_list("hops", &program.hops);
    out.text("sha256", program.sha256);
    out.number("size", program.size);
    out.flag("shown", program.shown);
    out.text("pin", program.pin.as_str());
    out.flag("trusted", program.trusted);
    for interpreter in &program.interpreters {
        out.item("command.program.interpreters");
        out.bytes("path", &interpreter.path);
        out.bytes_list("hops", &interpreter.hops);
        if let Some(argument) = &interpreter.argument {
            out.bytes("argument", argument);
        }
        out.text("sha256", interpreter.sha256);
    }
}
