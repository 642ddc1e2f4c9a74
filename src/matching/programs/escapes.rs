//! Options and texts by which otherwise harmless programs start others.

use crate::domain::pattern::Token;
use crate::matching::extract::{At, Extract, List, Role, is_word};
use crate::matching::shell::Dialect;
use crate::matching::tables;

impl Extract<'_> {
    /// Values of options that start a program, see the table.
    pub(in crate::matching) fn escapes(&mut self, name: &str, list: &List, from: usize, at: &At) {
        let rest = list.from(from);
        let listed = name.contains(' ') || tables::ESCAPING.may_have(name.as_bytes());
        for escape in tables::ESCAPES
            .iter()
            .filter(|_| listed)
            .filter(|escape| escape.names == name || !name.contains(' ') && is_word(escape.names, name.as_bytes()))
        {
            for (n, token) in rest.iter().enumerate() {
                let text = &token.bytes;
                for option in escape.options.split_ascii_whitespace() {
                    let Some(value) = option_value(text, option, rest.get(n + 1)) else {
                        continue;
                    };
                    self.flag("gtfobin-option");
                    let value =
                        Token { bytes: value.bytes.strip_prefix(b"exec=").unwrap_or(&value.bytes).to_vec(), ..value };
                    let inner = at.inside(&format!("{name} {option}"));
                    // `--config key="program"`
                    if let Some((_, command)) = value.is_whole().then(|| split_setting(&value.bytes)).flatten() {
                        self.text(command, Dialect::Posix, &inner.with(Role::Tried), false);
                    }
                    self.value(&value, &inner);
                }
            }
        }
        if is_word("scp sftp sshfs rsync", name.as_bytes()) {
            for (n, token) in rest.iter().enumerate() {
                if let Some(value) = option_value(&token.bytes, "-o", rest.get(n + 1)) {
                    self.ssh_options(&[("-o".to_owned(), value)], at);
                }
            }
        }
    }

    /// Shell escapes and programs in SQL.
    pub(in crate::matching) fn sql_client(&mut self, name: &str, rest: &[Token], at: &At) {
        for token in rest {
            let text = String::from_utf8_lossy(&token.bytes).into_owned();
            for escape in [
                "\\!",
                "\\o |",
                "\\g |",
                "\\w |",
                ".shell ",
                ".system ",
                "system ",
                "\\! ",
                ".once |",
                ".output |",
                "\\i |",
                "\\copy",
            ] {
                for (found, _) in text.match_indices(escape) {
                    let starts = text.get(..found).is_some_and(|before| {
                        before.trim_end().is_empty()
                            || before.trim_end().ends_with([';', '\n'])
                            || escape.starts_with('\\')
                    });
                    if !starts {
                        continue;
                    }
                    let value = text.get(found + escape.len()..).unwrap_or_default();
                    if escape == "\\copy" && !value.to_uppercase().contains("PROGRAM") {
                        continue;
                    }
                    self.flag("sql-exec");
                    let line = value.lines().next().unwrap_or_default();
                    self.value(&Token::whole(line), &at.inside("shell escape"));
                }
            }
            let upper = text.to_uppercase();
            if upper.contains("PROGRAM") && upper.contains("COPY") {
                self.flag("sql-exec");
                for quoted in text.split('\'').skip(1).step_by(2) {
                    self.value(&Token::whole(quoted), &at.inside("copy program"));
                }
                self.mention(&token.bytes, at);
            }
            if ["-e\\!", "\\`", "\\setenv", "SYS_EXEC", "XP_CMDSHELL", "\\include"]
                .iter()
                .any(|word| upper.contains(&word.to_uppercase()))
                || upper.contains("\\SET") && upper.contains('`')
            {
                self.opaque(format!("`{name}` is told to run what is not seen"));
            }
        }
    }

    /// Commands given to an editor or pager.
    pub(in crate::matching) fn editor(&mut self, name: &str, rest: &[Token], at: &At) {
        for (n, token) in rest.iter().enumerate() {
            let text = &token.bytes;
            let value = text.strip_prefix(b"+").map(Token::whole).or_else(|| {
                ["-c", "--cmd", "--eval", "-f", "--funcall", "--execute", "-S", "-s", "-u"].iter().find_map(|option| {
                    option_value(text, option, rest.get(n + 1))
                        .filter(|_| !is_word("less more most nano", name.as_bytes()))
                })
            });
            let Some(value) = value else { continue };
            let shown = String::from_utf8_lossy(&value.bytes).into_owned();
            if let Some((_, command)) = shown.split_once('!') {
                self.flag("gtfobin-option");
                self.value(&Token::whole(command), &at.inside("shell escape"));
            }
            if !value.is_whole()
                || tables::PRIMITIVES.iter().any(|primitive| shown.contains(primitive))
                || ["call", "source", "lua", "py", "term", "shell", "-process"].iter().any(|word| shown.contains(word))
            {
                self.opaque(format!("`{name}` is given commands that can start programs"));
            }
        }
    }
}

/// `key=value`, where the key is a plain one.
fn split_setting(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = text.iter().position(|&byte| byte == b'=')?;
    let (key, value) = (text.get(..equals)?, text.get(equals + 1..)?);
    key.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte)).then_some((key, value))
}

/// Whether a `sed` script runs commands: `e`, `s///e`, or GNU's `w /dev/…`-like ways.
pub(super) fn sed_executes(script: &[u8]) -> bool {
    let text = String::from_utf8_lossy(script);
    text.split([';', '\n', '{', '}']).any(|part| {
        let part = part.trim();
        let command = part.trim_start_matches(|c: char| c.is_ascii_digit() || "$,~!+ ".contains(c));
        let command = match command.strip_prefix('/') {
            Some(rest) => rest.split_once('/').map_or("", |(_, after)| after.trim_start()),
            None => command,
        };
        let executes = command == "e" || command.starts_with("e ") || command.starts_with("e\t");
        let mut letters = command.chars();
        let substitution = letters.next() == Some('s')
            && letters.next().filter(|c| !c.is_alphanumeric() && !c.is_whitespace()).is_some_and(|mark| {
                command.rsplit(mark).next().is_some_and(|flags| flags.contains('e') && flags.len() < 8)
            });
        executes || substitution
    })
}

/// The value of an option written `-o value`, `-ovalue`, `--option value`, `--option=value` or abbreviated.
pub(in crate::matching) fn option_value(text: &[u8], option: &str, next: Option<&Token>) -> Option<Token> {
    if !text.starts_with(b"-") {
        return None;
    }
    let (name, value) = match text.iter().position(|&byte| byte == b'=') {
        Some(equals) => (text.get(..equals)?, text.get(equals + 1..)),
        None => (text, None),
    };
    if option.starts_with("--") || option.len() > 2 {
        let abbreviated = name == option.as_bytes()
            || name.len() > 4 && name.starts_with(b"--") && option.as_bytes().starts_with(name);
        return match value.filter(|_| abbreviated) {
            Some(value) => Some(Token::whole(value)),
            None => next.filter(|_| abbreviated).cloned(),
        };
    }
    let letter = *option.as_bytes().get(1)?;
    if text.starts_with(b"--") {
        return None;
    }
    let found = text.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric()).position(|&byte| byte == letter)?;
    let glued = text.get(found + 2..).unwrap_or_default();
    if glued.is_empty() { next.cloned() } else { Some(Token::whole(glued)) }
}
