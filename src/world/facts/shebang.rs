//! The `#!` line of a script.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Linux reads this much of a script's first line (`execve(2)`).
const FIRST_LINE: usize = 255;

/// Splits the line after `#!` into interpreter and its one argument, as Linux does (`execve(2)`).
pub(super) fn first_line(text: &[u8]) -> Result<(&[u8], Option<&[u8]>), &'static str> {
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    let line = text.get(..end).unwrap_or(text);
    if line.len() + 2 > FIRST_LINE {
        return Err("its `#!` line is too long");
    }
    if line.contains(&0) {
        return Err("its `#!` line holds a NUL byte");
    }
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let line = trim(line, blank);
    let end = line.iter().position(blank).unwrap_or(line.len());
    let (name, argument) = line.split_at_checked(end).unwrap_or((line, &[]));
    if name.is_empty() {
        return Err("its `#!` line names no interpreter");
    }
    let argument = trim(argument, blank);
    Ok((name, (!argument.is_empty()).then_some(argument)))
}

/// What a script's text names to start it: its interpreter, and the program that `env` looks up for it.
pub fn named_interpreters(text: &[u8]) -> Vec<Vec<u8>> {
    let Some(Ok((name, argument))) = text.strip_prefix(b"#!").map(first_line) else { return Vec::new() };
    let env = name.rsplit(|byte| *byte == b'/').next() == Some(b"env");
    let looked_up = argument.filter(|_| env).and_then(env_program).map(|name| name.as_bytes().to_vec());
    [name.to_vec()].into_iter().chain(looked_up).collect()
}

fn trim(bytes: &[u8], blank: impl Fn(&u8) -> bool) -> &[u8] {
    let start = bytes.iter().position(|byte| !blank(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    bytes.get(start..end).unwrap_or_default()
}

/// The program that `#!/usr/bin/env ARGUMENT` starts: a plain name, or the first word after `-S`.
///
/// Anything cleverer (options, assignments, quotes, `$`) is nothing.
pub(super) fn env_program(argument: &[u8]) -> Option<&OsStr> {
    let name = match argument.strip_prefix(b"-S").or_else(|| argument.strip_prefix(b"--split-string=")) {
        Some(words) => words.split(u8::is_ascii_whitespace).find(|word| !word.is_empty())?,
        None => argument,
    };
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._+-/".contains(byte);
    (name.iter().all(plain) && !name.is_empty() && !name.starts_with(b"-")).then(|| OsStr::from_bytes(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_env_starts_is_a_plain_name_or_nothing() {
        for (argument, expected) in [
            ("sh", Some("sh")),
            ("/usr/bin/python3.12", Some("/usr/bin/python3.12")),
            ("-S sh -eu", Some("sh")),
            ("-Ssh", Some("sh")),
            ("-S  sh", Some("sh")),
            ("--split-string=sh -e", Some("sh")),
            ("", None),
            ("-S", None),
            ("-S ", None),
            ("-i sh", None),
            ("-vS sh", None),
            ("-S -i sh", None),
            ("X=1 sh", None),
            ("-S X=1 sh", None),
            ("-S 'sh'", None),
            ("-S ${HOME}/sh", None),
            ("-S s\\h", None),
            ("two words", None),
        ] {
            assert_eq!(env_program(argument.as_bytes()), expected.map(OsStr::new), "{argument}");
        }
    }

    #[test]
    fn a_line_that_linux_would_cut_is_refused() {
        let line = |length: usize| format!("/bin/sh {}", "x".repeat(length - 8));
        assert!(first_line(line(FIRST_LINE - 2).as_bytes()).is_ok());
        assert!(first_line(line(FIRST_LINE - 1).as_bytes()).is_err());
        assert!(first_line(format!("{}\nmore", line(FIRST_LINE - 2)).as_bytes()).is_ok());
    }

    proptest! {
        #[test]
        fn any_line_is_split_or_refused(line in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok((name, argument)) = first_line(&line) {
                prop_assert!(!name.is_empty() && !name.iter().any(|byte| b" \t\n\0".contains(byte)));
                let trimmed = |words: &[u8]| !b" \t".contains(&words[0]) && !b" \t".contains(words.last().unwrap());
                prop_assert!(argument.is_none_or(|words| !words.is_empty() && trimmed(words)));
            }
            if let Some(name) = env_program(&line) {
                prop_assert!(!name.is_empty() && name.as_bytes().is_ascii());
            }
        }
    }
}
