//! What the shell itself runs.

use crate::domain::pattern::Token;
use crate::matching::extract::{At, Extract, List, is_word, smuggles};
use crate::matching::shell::Dialect;
use crate::matching::tables;

impl Extract<'_> {
    pub(in crate::matching) fn builtin(&mut self, name: &str, list: &List, start: usize, at: &At) -> bool {
        let rest = list.from(start + 1);
        let dialect = at.shell.unwrap_or(Dialect::Posix);
        let inner = || at.inside(name);
        if tables::OPAQUE_BUILTINS.has(name.as_bytes()) {
            self.opaque(format!("`{name}` changes how a shell reads what follows"));
            return true;
        }
        let starts = |token: &Token, what: &[u8]| token.bytes.starts_with(what);
        match name {
            "eval" => {
                self.flag("eval-like");
                if rest.iter().any(|token| !token.is_whole() || token.glob) {
                    self.opaque("`eval` of what is known only when it runs");
                }
                let words = rest.iter().skip_while(|token| token.bytes == b"--").map(|token| token.bytes.as_slice());
                let text = words.collect::<Vec<_>>().join(&b' ');
                self.text(&text, dialect, &inner(), true);
            }
            "." | "source" => {
                self.flag("eval-like");
                match rest
                    .first()
                    .filter(|token| token.is_whole() && !token.glob)
                    .and_then(|token| self.script(&token.bytes))
                {
                    Some(text) => {
                        self.text(text, dialect, &inner(), true);
                        if !at.as_asked {
                            self.opaque("a sourced file may be another by the time it is read");
                        }
                    }
                    None => self.opaque("a sourced file is not bound"),
                }
            }
            "trap" => {
                let first = rest.iter().find(|token| !is_word("-- -p -l", &token.bytes));
                if let Some(first) = first.filter(|token| token.bytes != b"-") {
                    self.value(first, &inner());
                }
            }
            "export" | "readonly" | "local" | "typeset" | "declare" | "integer" | "float" => {
                for token in rest {
                    if starts(token, b"-") || starts(token, b"+") {
                        if !token.is_whole() || token.bytes.iter().skip(1).any(|letter| !b"-xgrp".contains(letter)) {
                            self.opaque(format!("`{name}` with an option that evaluates"));
                        }
                        continue;
                    }
                    match token.bytes.iter().position(|&byte| byte == b'=') {
                        Some(equals) => {
                            let (variable, value) = token.bytes.split_at(equals);
                            let value = Token { bytes: value.get(1..).unwrap_or_default().to_vec(), ..token.clone() };
                            self.assign(variable, &value, at);
                        }
                        None if !token.is_whole() || token.glob => {
                            self.opaque(format!("`{name}` of what is known only when it runs"))
                        }
                        None => self.assign(&token.bytes, &Token::whole(""), at),
                    }
                }
            }
            "read" | "getopts" | "printf" | "test" | "[" | "wait" | "unset" | "hash" | "jobs" | "exit" | "return"
            | "break" | "continue" | "shift" | "ulimit" | "cd" | "pushd" | "set" | "kill" | "times" | "type"
            | "print" => {
                self.careful_builtin(name, rest, dialect, at);
            }
            _ => return tables::INERT_BUILTINS.has(name.as_bytes()),
        }
        true
    }

    /// A variable named in a word, which may hold a subscript.
    pub(in crate::matching) fn assign(&mut self, name: &[u8], value: &Token, at: &At) {
        if !name.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'+') {
            self.opaque("a subscript or unusual name is assigned");
        }
        self.variable(name.strip_suffix(b"+").unwrap_or(name), value, at);
    }

    /// Builtins that some shells let evaluate arithmetic, subscripts or names.
    pub(in crate::matching) fn careful_builtin(&mut self, name: &str, rest: &[Token], dialect: Dialect, at: &At) {
        let numeric = rest.iter().any(|token| is_word("-eq -ne -lt -le -gt -ge -v -R", &token.bytes));
        let evaluates = matches!(dialect, Dialect::Ksh | Dialect::Zsh);
        let unknown = rest.iter().any(|token| !token.is_whole());
        let option = |letters: &[u8]| {
            rest.iter().any(|token| {
                token.bytes.starts_with(b"-") && token.bytes.iter().skip(1).any(|byte| letters.contains(byte))
            })
        };
        let refused = match name {
            "read" => rest.iter().any(|token| {
                !token.is_whole() || token.bytes.contains(&b'[') || token.bytes.contains(&b'?')
            }) || option(b"ec"),
            "printf" | "print" => option(b"vz") && rest.first().is_some_and(|token| token.bytes.starts_with(b"-")) || evaluates && unknown,
            "test" | "[" => {
                rest.iter().any(|token| is_word("-v -R", &token.bytes)) || evaluates && unknown && numeric
            }
            "wait" | "hash" | "jobs" => option(b"px"),
            "unset" => rest.iter().any(|token| !token.is_whole() || token.bytes.contains(&b'[')),
            "exit" | "return" | "break" | "continue" | "shift" | "ulimit" => unknown && evaluates,
            "set" => rest.iter().take_while(|token| token.bytes != b"--").any(|token| {
                let words = "allexport braceexpand errexit errtrace functrace monitor noclobber noexec noglob nounset pipefail verbose xtrace";
                let first = token.bytes.first().copied().unwrap_or(b' ');
                !token.is_whole()
                    || matches!(first, b'-' | b'+') && token.bytes.iter().skip(1).any(|letter| !b"aCeEfhmnouvxT".contains(letter))
                    || rest.iter().any(|one| one.bytes.ends_with(b"o") && one.bytes.starts_with(b"-"))
                        && !matches!(first, b'-' | b'+')
                        && !is_word(words, &token.bytes)
            }),
            _ => false,
        };
        let smuggled = rest.iter().any(|token| smuggles(&token.bytes));
        if refused || smuggled {
            self.opaque(format!("`{name}` is given what some shells evaluate"));
        }
        if name == "read" {
            for token in rest.iter().filter(|token| !token.bytes.starts_with(b"-")) {
                self.variable(&token.bytes, &Token::unknown(), at);
            }
        }
    }
}
