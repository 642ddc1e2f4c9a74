//! What variables make programs do.

use super::{At, Extract, Role, basename, dialect, has_trusted_path, is_word, smuggles};
use crate::domain::pattern::Token;
use crate::matching::shell::Dialect;
use crate::matching::tables;

impl Extract<'_> {
    /// A variable that the command line or a script sets.
    pub(in crate::matching) fn variable(&mut self, name: &[u8], value: &Token, at: &At) {
        let shown = || String::from_utf8_lossy(name);
        if is_loader_variable(name) {
            self.flag("loader-env");
            return self.opaque(format!("the variable `{}` can make programs load other code", shown()));
        }
        if is_word("HOME PWD OLDPWD", name) && !value.bytes.starts_with(b"/") {
            // Elsewhere `~` is believed to become a path.
            return self.opaque(format!("the variable `{}` is given what may be no path", shown()));
        }
        if name == b"SHELL" {
            if !value.is_whole() || !has_trusted_path(&value.bytes) || dialect(basename(&value.bytes)).is_none() {
                self.opaque("the variable `SHELL` names an unusual shell");
            }
        } else if tables::COMMAND_VARIABLES.has(name) {
            self.flag("env-command");
            self.value(value, &at.inside(&shown()).with(Role::Tried));
        } else if at.shell.is_some() && smuggles(&value.bytes) {
            self.opaque(format!("the variable `{}` holds a substitution", shown()));
        }
    }

    /// A value that some program hands to a shell or executes.
    pub(in crate::matching) fn value(&mut self, value: &Token, at: &At) {
        if !value.is_whole() {
            return self.opaque("a command given to an option is known only when it runs");
        }
        let text = value.bytes.trim_ascii_start();
        let text = text.strip_prefix(b"!").or(text.strip_prefix(b"|")).or(text.strip_prefix(b"||")).unwrap_or(text);
        self.text(text, Dialect::Bash, at, true);
    }

    pub(in crate::matching) fn inherited(&mut self, name: &[u8], value: &[u8], at: &At) {
        if name != b"PATH" {
            return self.variable(name, &Token::whole(value), at);
        }
        if value.split(|&byte| byte == b':').any(is_for_anybody) {
            self.opaque(
                "the variable `PATH` holds a directory that anybody can write, or that is another for another process",
            );
        }
    }
}

/// Whether a directory of PATH depends on where one stands, or lies where anybody can put a program.
///
/// Below `/proc` and `/dev` it may be any other directory (`/proc/self/root/tmp`), and another for another process. Where
/// links lead is for whoever has the file system to say (`commands/bind.rs`).
pub fn is_for_anybody(directory: &[u8]) -> bool {
    const SHARED: [&[&[u8]]; 4] = [&[b"tmp"], &[b"var", b"tmp"], &[b"dev"], &[b"proc"]];
    let parts: Vec<&[u8]> = directory.split(|&byte| byte == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    !directory.starts_with(b"/") || parts.contains(&&b".."[..]) || SHARED.iter().any(|shared| parts.starts_with(shared))
}

/// Whether a variable that a command inherits decides what it loads or runs; those of a desktop are left out.
pub fn steers(name: &[u8]) -> bool {
    let steers = is_loader_variable(name) || tables::COMMAND_VARIABLES.has(name);
    steers && name != b"PATH" && !tables::DESKTOP_VARIABLES.has(name)
}

pub(super) fn is_loader_variable(name: &[u8]) -> bool {
    tables::LOADER_VARIABLES.has(name)
        || tables::LOADER_PREFIXES.split_ascii_whitespace().any(|prefix| name.starts_with(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::is_for_anybody;

    #[test]
    fn shared_directories_are_known_in_every_spelling() {
        for shared in [
            "",
            ".",
            "bin",
            "/tmp",
            "/tmp/x",
            "//tmp/x",
            "/./tmp/x",
            "/var//tmp",
            "/dev/shm/a",
            "/usr/../tmp",
            "/usr/..",
            "/dev/fd/3",
            "/proc/self/root/usr/bin",
            "//proc//1/cwd",
        ] {
            assert!(is_for_anybody(shared.as_bytes()), "{shared}");
        }
        for own in [
            "/usr/bin",
            "/tmpfoo",
            "/opt/proc",
            "/home/a/dev",
            "/devel/bin",
            "/home/a/tmp",
            "/var/lib/tmp",
            "/opt/x..y/bin",
        ] {
            assert!(!is_for_anybody(own.as_bytes()), "{own}");
        }
    }
}
