//! What a request binds, what it does not, and what of it can be read.

use crate::commands::report::TextView;
use crate::domain::bytes::encode;
use crate::domain::command::{Command, Pin, Stdin, Value};
use crate::domain::shown;
use crate::gate::governing::{Governing, Texts};
use crate::matching::started;

/// What travels along to be read, each text once.
pub(super) fn texts(command: &Command, texts: &Texts) -> Vec<TextView> {
    let program = command.program.shown.then(|| ("program".to_owned(), command.program.sha256));
    let files =
        command.files.iter().filter(|file| file.shown).map(|file| (shown::line(&encode(&file.path)), file.sha256));
    let stdin = match command.stdin {
        Stdin::Bound { sha256, shown: true, .. } => Some(("standard input".to_owned(), sha256)),
        _ => None,
    };
    let named = program.into_iter().chain(files).chain(stdin);
    let mut seen = std::collections::BTreeSet::new();
    named
        .filter(|(_, digest)| seen.insert(*digest))
        .filter_map(|(name, digest)| {
            let lines = texts.get(&digest)?.split(|byte| *byte == b'\n').map(shown::bytes).collect();
            Some(TextView { name, sha256: digest.to_string(), lines })
        })
        .collect()
}

/// The programs started deeper in that are found only then.
pub(super) fn inside(command: &Command, governing: &Governing) -> Option<String> {
    let is_bound = |name: &[u8]| {
        command.files.iter().any(|file| {
            let by_path = || file.path.rsplit(|byte| *byte == b'/').next() == Some(name) && file.path.starts_with(b"/");
            file.path == name || file.index.is_none() && by_path()
        })
    };
    let open = started(&governing.tree.commands).into_iter().filter(|one| !(one.settled && is_bound(&one.name)));
    let names: Vec<String> = open.map(|one| shown::bytes(&one.name)).collect();
    (!names.is_empty()).then(|| format!("started inside, found again when it runs: {}", names.join(", ")))
}

/// What is bound and what is not, a line a thing.
pub(super) fn bindings(command: &Command) -> (Vec<String>, Vec<String>) {
    let short = |digest: &crate::domain::id::Digest| digest.to_string().chars().take(12).collect::<String>();
    let mut bound = Vec::new();
    let mut unbound = Vec::new();
    let program = &command.program;
    let mut line = format!("program {} sha256 {}", shown::bytes(&program.path), short(&program.sha256));
    if let Some(last) = program.hops.last() {
        line.push_str(&format!(", really {}", shown::bytes(last)));
    }
    line.push_str(match program.pin {
        Pin::Sealed => ", runs sealed",
        // As everything the system put in place is.
        Pin::Checked if program.trusted => "",
        Pin::Checked => ", checked",
    });
    if !program.trusted {
        line.push_str(", OUTSIDE the trusted path");
    }
    bound.push(line);
    for interpreter in &program.interpreters {
        bound.push(format!("interpreter {} sha256 {}", shown::bytes(&interpreter.path), short(&interpreter.sha256)));
    }
    for file in &command.files {
        // What travels along is named as to be read, too.
        let how = if file.shown { String::new() } else { format!(", {} bytes, hash only", file.size) };
        bound.push(format!("file {} sha256 {}{how}", shown::bytes(&file.path), short(&file.sha256)));
    }
    match &command.stdin {
        Stdin::Empty => {}
        Stdin::Bound { sha256, size, shown } => {
            let how = if *shown { "to be read" } else { "hash only" };
            bound.push(format!("standard input sha256 {}, {size} bytes, {how}", short(sha256)));
        }
        Stdin::Inherit => unbound.push("standard input is the caller's".to_owned()),
    }
    for variable in &command.env {
        let name = shown::bytes(&variable.name);
        bound.push(match &variable.value {
            Value::Plain(value) => format!("variable {name}={}", shown::bytes(value)),
            Value::Secret(_) => format!("secret {name}, not shown"),
        });
    }
    if let Some(tree) = &command.worktree {
        let clean = if tree.clean { "clean" } else { "NOT clean" };
        bound.push(format!("work tree at {}, {clean}", tree.head.chars().take(12).collect::<String>()));
    }
    for index in &command.unpinned {
        if let Some(argument) = command.argv.get(*index as usize) {
            unbound.push(format!("file {} is not pinned", shown::bytes(argument)));
        }
    }
    (bound, unbound)
}
