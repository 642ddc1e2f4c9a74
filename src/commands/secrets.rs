//! What looks like a secret is refused before it is written down: git never forgets.

use crate::commands::bind::Bound;
use crate::commands::error::CommandError;
use crate::domain::command::{Command, Stdin, Value};
use crate::domain::id::Digest;
use crate::domain::policy::PolicySet;
use crate::domain::shown;
use crate::gate::governing::Governing;
use crate::matching::{canonical_text, secret};
use crate::record::strict::MAX_WORDS;

/// Refuses a request in which something looks like a secret, unless it was asked for and every policy consents.
///
/// # Errors
/// Where it stands and what it looks like, never itself.
pub(super) fn refuse(
    set: &PolicySet,
    governing: &Governing,
    bound: &Bound,
    reason: &str,
    anyway: bool,
) -> Result<(), CommandError> {
    let consents = |name: &String| set.get(name).is_some_and(|policy| policy.binding.allow_secret_looking);
    if anyway && !governing.policies.is_empty() && governing.policies.iter().all(consents) {
        return Ok(());
    }
    let Some((place, kind, way_out)) = find(set, bound, reason) else { return Ok(()) };
    let error = CommandError::unsure(format!("{place} holds what looks like {kind}; nothing was written"))
        .hint(format!("everyone with a clone could read it, for ever: {way_out}"));
    Err(if anyway {
        error.hint("--allow-secret-looking needs every governing policy to say `allow_secret_looking = true`")
    } else {
        error.hint("if it is none, add --allow-secret-looking, where the policies consent")
    })
}

/// Where it stands, what it looks like, and what to do instead.
fn find(set: &PolicySet, bound: &Bound, reason: &str) -> Option<(String, &'static str, String)> {
    const FILE: &str = "let the program read it from a file that is not bound, or from a vault";
    let command = &bound.command;
    let found = |text: &[u8]| secret::find(text);
    let line = canonical_text(&command.argv);
    // One argument by itself too: what quotes do to a word must not hide it.
    if let Some(kind) = std::iter::once(&line).chain(&command.argv).find_map(|text| found(text)) {
        let way_out = "export it as a variable and pass that with --secret-env NAME";
        return Some(("the command".to_owned(), kind, way_out.to_owned()));
    }
    if let Some(kind) = found(reason.as_bytes()) {
        return Some(("the reason".to_owned(), kind, "say it without".to_owned()));
    }
    for variable in &command.env {
        let Value::Plain(value) = &variable.value else { continue };
        // With its name before it, as a name may be what tells.
        let Some(kind) = found(&[&variable.name, b"=".as_slice(), value].concat()) else { continue };
        let name = shown::bytes(&variable.name);
        let listed = set.pass.iter().any(|pass| pass.as_bytes() == variable.name);
        let way_out = if listed {
            format!("the policy's `[environment] pass` should not list it; then --secret-env {name} passes it unseen")
        } else {
            "set it to something else".to_owned()
        };
        return Some((format!("variable {name}"), kind, way_out));
    }
    bound.texts.iter().find_map(|(digest, text)| Some((name(command, digest), found(text)?, FILE.to_owned())))
}

/// Refuses words of a person that are longer than a record takes.
///
/// # Errors
/// How long they are.
pub(super) fn short_enough(what: &str, words: &str) -> Result<(), CommandError> {
    if words.len() <= MAX_WORDS {
        return Ok(());
    }
    let long = words.len();
    Err(CommandError::usage(format!("{what} has {long} bytes, at most {MAX_WORDS} are taken; nothing was written"))
        .hint("say it shortly, and where to read the rest"))
}

/// What people call the text with this digest.
fn name(command: &Command, digest: &Digest) -> String {
    if let Some(file) = command.files.iter().find(|file| file.sha256 == *digest) {
        return format!("file {}", shown::bytes(&file.path));
    }
    match command.stdin {
        Stdin::Bound { sha256, .. } if sha256 == *digest => "standard input".to_owned(),
        _ => format!("script {}", shown::bytes(&command.program.path)),
    }
}

/// Refuses words of a person that no record takes, or that hold what looks like a secret.
///
/// # Errors
/// How long they are, or what it looks like; never themselves.
pub(super) fn in_words(what: &str, words: &str) -> Result<(), CommandError> {
    short_enough(what, words)?;
    match secret::find(words.as_bytes()) {
        None => Ok(()),
        Some(kind) => Err(CommandError::usage(format!("{what} holds what looks like {kind}; nothing was written"))
            .hint("everyone with a clone could read it, for ever: say it without")),
    }
}
