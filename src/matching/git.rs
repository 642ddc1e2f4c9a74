//! What git executes: aliases, settings, hooks' like, and other programs by option.

use super::extract::{At, Extract, List, is_word};
use super::programs::escapes::option_value;
use super::tables;
use crate::domain::pattern::Token;

/// Looks at a git command; `true`: its arguments are data beyond what was found.
pub(super) fn command(extract: &mut Extract<'_>, list: &List, start: usize, at: &At) -> bool {
    let inner = At { shell: None, ..at.inside("git") };
    let mut next = start + 1;
    while let Some(token) = list.get(next).cloned() {
        if !token.is_whole() {
            extract.opaque("the sub-command of `git` is known only when it runs");
            return false;
        }
        if !token.bytes.starts_with(b"-") {
            break;
        }
        next += 1;
        let text = String::from_utf8_lossy(&token.bytes).into_owned();
        let name = text.split('=').next().unwrap_or_default();
        match name {
            "-c" => {
                if let Some(value) = list.get(next).cloned() {
                    setting(extract, &value, &inner);
                }
                next += 1;
            }
            "--config-env" | "--exec-path" if text.contains('=') || name == "--config-env" => {
                extract.opaque("git is told to load settings or programs that are not seen");
                next += usize::from(!text.contains('='));
            }
            "-C" | "--git-dir" | "--work-tree" | "--namespace" | "--super-prefix" | "--attr-source" | "--list-cmds" => {
                if name == "--git-dir" {
                    extract.flag("git-exec-config");
                }
                next += usize::from(!text.contains('='));
            }
            "-p"
            | "-P"
            | "--paginate"
            | "--no-pager"
            | "--bare"
            | "--no-replace-objects"
            | "--literal-pathspecs"
            | "--glob-pathspecs"
            | "--noglob-pathspecs"
            | "--icase-pathspecs"
            | "--no-optional-locks"
            | "--version"
            | "--help"
            | "-v"
            | "-h"
            | "--html-path"
            | "--man-path"
            | "--info-path"
            | "--exec-path"
            | "--no-lazy-fetch"
            | "--no-advice" => {}
            _ if name.starts_with("-c") && !name.starts_with("--") => {
                let value = text.get(2..).unwrap_or_default();
                setting(extract, &Token::whole(value), &inner);
            }
            _ => return false,
        }
    }
    let Some(sub) = list.bytes(next).map(|sub| String::from_utf8_lossy(sub).into_owned()) else {
        return true;
    };
    let rest = list.from(next + 1);
    extract.escapes(&format!("git {sub}"), list, next + 1, at);
    for (n, token) in rest.iter().enumerate() {
        for option in ["-c", "--config"] {
            if matches!(sub.as_str(), "clone" | "submodule")
                && let Some(value) = option_value(&token.bytes, option, rest.get(n + 1))
            {
                setting(extract, &value, &inner);
            }
        }
        let text = String::from_utf8_lossy(&token.bytes).into_owned();
        if let Some((_, helper)) = text.split_once("ext::").filter(|_| takes_urls(&sub)) {
            extract.value(&Token { bytes: helper.into(), ..token.clone() }, &inner);
        }
        if text.starts_with("--template=") || text == "--template" && matches!(sub.as_str(), "clone" | "init") {
            extract.flag("git-exec-config");
        }
    }
    let second = list.bytes(next + 1).unwrap_or_default();
    match sub.as_str() {
        "bisect" if second == b"run" => extract.command(list, next + 2, &inner),
        "submodule" => {
            if let Some(at) = rest.iter().position(|token| token.bytes == b"foreach") {
                let words = rest.get(at + 1..).unwrap_or_default();
                let words: Vec<_> = words
                    .iter()
                    .skip_while(|token| is_word("--recursive --quiet -q --", &token.bytes))
                    .cloned()
                    .collect();
                if let [single] = words.as_slice() {
                    extract.value(single, &inner);
                } else {
                    extract.join(&words, &inner);
                }
            }
        }
        "config" => configure(extract, rest, &inner),
        "for-each-repo" | "hook" | "daemon" | "shell" => return false,
        "lfs" | "gui" | "gitk" | "citool" => {}
        _ if !known(&sub) => return false,
        _ => {}
    }
    true
}

fn known(sub: &str) -> bool {
    tables::SUBCOMMANDS.iter().any(|(program, words)| *program == "git" && is_word(words, sub.as_bytes()))
}

fn takes_urls(sub: &str) -> bool {
    is_word("clone fetch pull push ls-remote remote submodule archive fetch-pack send-pack config", sub.as_bytes())
}

/// `git config [set] key value`.
fn configure(extract: &mut Extract<'_>, rest: &[Token], at: &At) {
    let words: Vec<_> = rest.iter().filter(|token| !token.bytes.starts_with(b"-")).collect();
    let asks = rest
        .iter()
        .any(|token| is_word("--get --get-all --get-regexp --list -l --unset --unset-all --edit -e", &token.bytes))
        || words.first().is_some_and(|word| is_word("get list unset edit", &word.bytes));
    if asks {
        return;
    }
    for pair in words.windows(2) {
        let [key, value] = pair else { continue };
        if key.is_whole() && key.bytes.contains(&b'.') {
            let bytes = [key.bytes.as_slice(), b"=", value.bytes.as_slice()].concat();
            setting(extract, &Token { bytes, known: value.known, glob: false }, at);
        }
    }
}

/// `key=value`, as after `-c`.
fn setting(extract: &mut Extract<'_>, setting: &Token, at: &At) {
    let text = String::from_utf8_lossy(&setting.bytes).into_owned();
    let (key, value) = text.split_once('=').unwrap_or((&text, ""));
    if !setting.is_whole() && !text.contains('=') {
        return extract.opaque("a setting of git is known only when it runs");
    }
    let key = key.to_ascii_lowercase();
    let value = Token { bytes: value.as_bytes().to_vec(), ..setting.clone() };
    if matches_any(tables::GIT_OPAQUE, &key) {
        extract.flag("git-exec-config");
        return extract.opaque(format!("the git setting `{key}` makes git run files that are not seen"));
    }
    if value.bytes.starts_with(b"!") || matches_any(tables::GIT_COMMANDS, &key) {
        extract.flag("git-exec-config");
        extract.value(&value, &at.inside(&key));
    } else if key.starts_with("alias.") {
        let words = [b"git ".as_slice(), &value.bytes].concat();
        extract.value(&Token { bytes: words, ..value }, &at.inside(&key));
    } else if !value.is_whole() && value.bytes.is_empty() {
        extract.flag("git-config");
    }
}

/// Whether a key is in the table, whose `*` stands for anything.
fn matches_any(table: &str, key: &str) -> bool {
    table.split_ascii_whitespace().any(|known| match known.split_once('*') {
        None => known == key,
        Some((head, tail)) => key.len() >= head.len() + tail.len() && key.starts_with(head) && key.ends_with(tail),
    })
}
