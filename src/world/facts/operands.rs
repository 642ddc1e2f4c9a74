//! Files a command line names: those that are pinned, and those only listed.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use thiserror::Error;

use super::file::{self, ReadError};
use super::path;
use crate::domain::command::paths_in;

/// Programs whose first file operand is a script; a version may follow (`python3.12`).
const INTERPRETERS: [&str; 37] = [
    ".",
    "ash",
    "awk",
    "bash",
    "bun",
    "busybox",
    "csh",
    "dash",
    "deno",
    "expect",
    "fish",
    "gawk",
    "groovy",
    "guile",
    "jshell",
    "julia",
    "ksh",
    "lua",
    "luajit",
    "make",
    "mawk",
    "mksh",
    "node",
    "nodejs",
    "nu",
    "osascript",
    "perl",
    "php",
    "psql",
    "pwsh",
    "python",
    "rscript",
    "ruby",
    "sh",
    "source",
    "tclsh",
    "zsh",
];

/// A pinned file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperandFacts {
    /// Which argument names it, the program being 0; none if only a policy does.
    pub index: Option<usize>,
    /// As on the command line, or as in the policy.
    pub path: Vec<u8>,
    /// Digest of the file behind it.
    pub sha256: [u8; 32],
    /// Its bytes.
    pub size: u64,
    /// The whole file, if it is at most [`super::TEXT_LIMIT`] bytes and holds no NUL.
    pub text: Option<Vec<u8>>,
}

/// The files of a command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operands {
    /// In the order of the command line, then those only a policy names: drift if anything here changes.
    pub pinned: Vec<OperandFacts>,
    /// Arguments that name other existing files, to be shown as "not pinned".
    pub unpinned: Vec<usize>,
    /// Files a policy names that do not exist: that they appear is drift too.
    pub absent: Vec<String>,
}

/// Why the files of a command line could not be bound.
#[derive(Debug, Error)]
pub enum OperandError {
    /// A `bind` entry is no pattern.
    #[error("`bind` entry `{entry}` is not a pattern: {source}")]
    Pattern {
        /// As in the policy.
        entry: String,
        /// What is wrong with it.
        source: globset::Error,
    },
    /// A `bind` entry names something that has no bytes to hash.
    #[error("`{}` cannot be bound: not a regular file", .0.display())]
    NotRegular(PathBuf),
    /// Hashing it would take too long.
    #[error("`{}` is too large to be bound: {size} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        size: u64,
    },
    /// Someone writes to it at this moment.
    #[error("`{}` changed while it was read", .0.display())]
    ChangedWhileReading(PathBuf),
    /// What cannot be read cannot be bound.
    #[error("`{path}` cannot be read, so it cannot be bound", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The files that `argv` names, seen from `cwd`; symlinks are followed.
///
/// Pinned are: what `bind` names (a glob as written on the command line, or a plain path from `cwd`), the first file
/// after the name of an interpreter, files that start with `#!`, and files with an execute bit. A file is
/// looked for in a whole argument, after its `=`, after a leading `@`, and after a one-letter option (`-fFILE`).
pub fn operands(argv: &[OsString], cwd: &Path, bind: &[String]) -> Result<Operands, OperandError> {
    let globs = bind.iter().map(|entry| glob(entry)).collect::<Result<Vec<_>, _>>()?;
    let mut found = Operands::default();
    let mut script_next = argv.first().is_some_and(|program| is_interpreter(program));
    for (index, argument) in argv.iter().enumerate().skip(1) {
        let Some(written) = candidates(argument).into_iter().find(|path| is_file(&cwd.join(path))) else {
            script_next |= is_interpreter(argument);
            continue;
        };
        let path = cwd.join(written);
        // Another file for another process, as `/dev/stdin` is: what the command would read is not what we would.
        if is_another_for_another_process(&path) {
            script_next = is_interpreter(argument);
            found.unpinned.push(index);
            continue;
        }
        let bound = globs.iter().any(|glob| glob.is_match(plain(written)));
        if bound || std::mem::take(&mut script_next) || is_program(&path)? {
            found.pinned.push(pin(Some(index), written.as_bytes(), &path)?);
        } else {
            found.unpinned.push(index);
        }
        script_next |= is_interpreter(argument);
    }
    for entry in bind {
        let path = cwd.join(entry);
        let named = |pinned: &OperandFacts| plain(OsStr::from_bytes(&pinned.path)) == plain(OsStr::new(entry));
        if found.pinned.iter().any(named) {
            continue;
        }
        match fs::metadata(&path) {
            Ok(meta) if meta.is_file() && !is_another_for_another_process(&path) => {
                found.pinned.push(pin(None, entry.as_bytes(), &path)?)
            }
            Ok(_) => return Err(OperandError::NotRegular(path)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                // A glob that is no file's own name only speaks of the command line.
                if !entry.contains(['*', '?', '[', '{']) {
                    found.absent.push(entry.clone());
                }
            }
            Err(source) => return Err(OperandError::Unreadable { path, source }),
        }
    }
    Ok(found)
}

/// A program outside the trusted directories.
#[derive(Debug)]
pub enum Outside {
    /// Its bytes.
    Pinned(OperandFacts),
    /// It is there, and cannot be held to its bytes: unreadable, or another one for another process.
    Loose,
}

/// The program that text for a shell starts by this name, if it is found here and lies outside the directories in `trusted`.
///
/// Where PATH led is its path, else as named. Anything executable counts: a shell reads a file without `#!` as a script.
pub fn started(name: &[u8], cwd: &Path, path_var: Option<&OsStr>, trusted: &[PathBuf]) -> Option<Outside> {
    let found = super::find_outside(OsStr::from_bytes(name), cwd, path_var, trusted)?;
    let written = if name.contains(&b'/') { name } else { found.as_os_str().as_bytes() };
    // A name that is also a pattern could not be told from one when it is looked for again.
    let is_pattern =
        std::str::from_utf8(written).map_or(true, |name| name.contains(['*', '?', '[', ']', '{', '}', '\\']));
    if is_pattern || is_another_for_another_process(&found) {
        return Some(Outside::Loose);
    }
    Some(pin(None, written, &found).map_or(Outside::Loose, Outside::Pinned))
}

fn glob(entry: &str) -> Result<GlobMatcher, OperandError> {
    GlobBuilder::new(plain(OsStr::new(entry)).to_str().unwrap_or(entry))
        .literal_separator(true)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|source| OperandError::Pattern { entry: entry.to_owned(), source })
}

/// `./a` is `a`.
fn plain(path: &OsStr) -> &Path {
    let path = Path::new(path);
    path.strip_prefix(".").unwrap_or(path)
}

fn candidates(argument: &OsStr) -> Vec<&OsStr> {
    paths_in(argument.as_bytes()).into_iter().map(OsStr::from_bytes).collect()
}

/// Whether a file stands there; what cannot be looked at is none, and the child cannot read it either.
fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file())
}

/// Whether it is reached through `/proc` (`/dev/stdin`, `/dev/fd/3`, `/proc/self/exe`), or nobody can say.
fn is_another_for_another_process(path: &Path) -> bool {
    path::walk(path).map_or(true, |walk| {
        let through = walk.links.iter().chain([&walk.named]);
        through.into_iter().any(|place| place.starts_with("/proc"))
    })
}

fn is_interpreter(argument: &OsStr) -> bool {
    let name = Path::new(argument).file_name().unwrap_or(argument).to_ascii_lowercase();
    let Some(name) = name.to_str() else {
        return false;
    };
    let bare = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.' || letter == '-');
    INTERPRETERS.contains(&name) || INTERPRETERS.contains(&bare)
}

/// Whether the file is run rather than read: it has an execute bit, or starts with `#!`.
fn is_program(path: &Path) -> Result<bool, OperandError> {
    use std::io::Read;
    let (file, meta) = match file::open(path) {
        Ok(opened) => opened,
        // Its owner may still let a program with more rights read it; it is listed as not pinned.
        Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Ok(false);
        }
        Err(error) => return Err(failed(path, error)),
    };
    let mut start = Vec::new();
    let read = file.take(2).read_to_end(&mut start);
    read.map_err(|error| failed(path, error.into()))?;
    Ok(meta.mode() & 0o111 != 0 || start == b"#!")
}

fn pin(index: Option<usize>, written: &[u8], path: &Path) -> Result<OperandFacts, OperandError> {
    let content = file::read(path).map_err(|error| failed(path, error))?;
    let (sha256, size) = (content.sha256, content.size);
    let text = content.whole().filter(|text| !text.contains(&0));
    Ok(OperandFacts { index, path: written.to_vec(), sha256, size, text })
}

fn failed(path: &Path, error: ReadError) -> OperandError {
    match error {
        ReadError::NotRegular => OperandError::NotRegular(path.to_owned()),
        ReadError::TooLarge(size) => OperandError::TooLarge { path: path.to_owned(), size },
        ReadError::Changed => OperandError::ChangedWhileReading(path.to_owned()),
        ReadError::Io(source) => OperandError::Unreadable { path: path.to_owned(), source },
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use proptest::prelude::*;

    use super::*;

    fn files() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("a.sh", "echo a\n"),
            ("data.csv", "1,2\n"),
            ("more.csv", "3\n"),
            ("hash-bang", "#!/bin/sh\n"),
            ("Makefile", "all:\n"),
            ("tool", "\x7fELF\0"),
            ("q.sql", "drop table x;"),
            ("bash", "x"),
            ("-", "dash"),
        ] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        fs::set_permissions(dir.path().join("tool"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        dir
    }

    fn found(dir: &Path, line: &str, bind: &[&str]) -> (Vec<String>, Vec<usize>, Vec<String>) {
        let argv: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let bind: Vec<String> = bind.iter().map(ToString::to_string).collect();
        let found = operands(&argv, dir, &bind).unwrap();
        let pinned = found.pinned.into_iter().map(|file| String::from_utf8(file.path).unwrap()).collect();
        (pinned, found.unpinned, found.absent)
    }

    #[test]
    fn scripts_programs_and_bound_files_are_pinned_and_the_rest_is_listed() {
        let dir = files();
        let none: &[&str] = &[];
        for (line, bind, pinned, unpinned) in [
            ("cat data.csv", none, none, &[1_usize][..]),
            ("cat missing sub", none, none, &[]),
            ("a.sh data.csv", none, none, &[1]),
            ("bash a.sh data.csv", none, &["a.sh"], &[2]),
            ("/usr/bin/python3.12 -u a.sh data.csv", none, &["a.sh"], &[3]),
            ("env X=1 sh -x ./a.sh", none, &["./a.sh"], &[]),
            ("timeout 5 ./tool data.csv", none, &["./tool"], &[3]),
            ("/lib64/ld-linux-x86-64.so.2 --library-path sub ./tool", none, &["./tool"], &[]),
            ("nice hash-bang", none, &["hash-bang"], &[]),
            ("psql --file=q.sql", none, &["q.sql"], &[]),
            ("psql -fq.sql", none, &["q.sql"], &[]),
            ("kubectl apply -f q.sql", none, none, &[3]),
            ("kubectl apply -f q.sql", &["*.sql"], &["q.sql"], &[]),
            ("kubectl apply -f ./q.sql", &["*.sql"], &["./q.sql"], &[]),
            ("curl -d @data.csv", none, none, &[2]),
            ("curl --data=@data.csv", &["./data.csv"], &["data.csv"], &[]),
            ("make deploy", &["Makefile"], &["Makefile"], &[]),
            ("make -f Makefile", &["Makefile"], &["Makefile"], &[]),
            ("sudo bash data.csv bash more.csv", none, &["data.csv", "more.csv"], &[1, 3]),
            ("cat bash a.sh", none, &["a.sh"], &[1]),
            ("cat sub/../data.csv", &["*.csv"], none, &[1]),
        ] {
            let (found_pinned, found_unpinned, absent) = found(dir.path(), line, bind);
            assert_eq!(
                (found_pinned.as_slice(), found_unpinned.as_slice()),
                (&pinned.iter().map(ToString::to_string).collect::<Vec<_>>()[..], unpinned),
                "{line} {bind:?}"
            );
            assert!(absent.is_empty(), "{line}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_another_file_for_another_process_is_not_pinned() {
        let dir = files();
        let open = fs::File::open(dir.path().join("a.sh")).unwrap();
        let number = std::os::fd::AsRawFd::as_raw_fd(&open);
        symlink(format!("/dev/fd/{number}"), dir.path().join("link")).unwrap();
        let (own, me) = (std::env::current_exe().unwrap(), std::process::id());
        let own = own.to_str().unwrap();
        for (path, pinned) in [
            (&*format!("/dev/fd/{number}"), false),
            (&format!("/proc/self/fd/{number}"), false),
            (&format!("/proc/thread-self/fd/{number}"), false),
            (&format!("/proc/{me}/fd/{number}"), false),
            (&format!("/dev/../dev/fd/../fd/{number}"), false),
            ("/proc/self/exe", false),
            (&format!("/proc/self/root{own}"), false),
            ("link", false),
            (own, true),
        ] {
            let found = operands(&["bash".into(), path.into()], dir.path(), &[]).unwrap();
            assert_eq!(
                (found.pinned.len(), found.unpinned.len()),
                (usize::from(pinned), usize::from(!pinned)),
                "{path}"
            );
            let bind = [path.to_owned()];
            assert_eq!(operands(&["make".into()], dir.path(), &bind).is_ok(), pinned, "{path}");
        }
        // The file itself is gone: nobody can say any more what it is.
        fs::remove_file(dir.path().join("a.sh")).unwrap();
        let found = operands(&["bash".into(), format!("/dev/fd/{number}").into()], dir.path(), &[]).unwrap();
        assert!(found.pinned.is_empty());
    }

    #[test]
    fn a_bound_file_that_does_not_exist_is_said_to_be_absent() {
        let dir = files();
        assert_eq!(found(dir.path(), "make", &["GNUmakefile", "x/y", "*.mk"]).2, ["GNUmakefile", "x/y"]);
        assert!(matches!(operands(&["make".into()], dir.path(), &["sub".into()]), Err(OperandError::NotRegular(_))));
        assert!(matches!(operands(&["make".into()], dir.path(), &["[".into()]), Err(OperandError::Pattern { .. })));
    }

    #[test]
    fn facts_follow_the_bytes() {
        let dir = files();
        let argv: Vec<OsString> = vec!["bash".into(), "a.sh".into()];
        let before = operands(&argv, dir.path(), &[]).unwrap();
        assert_eq!(before.pinned[0].text.as_deref(), Some(&b"echo a\n"[..]));
        assert_eq!(before.pinned[0].index, Some(1));
        assert_eq!(operands(&argv, dir.path(), &[]).unwrap(), before);
        fs::write(dir.path().join("a.sh"), "echo b\n").unwrap();
        assert_ne!(operands(&argv, dir.path(), &[]).unwrap(), before);
        let large = vec![b'#'; usize::try_from(super::super::TEXT_LIMIT).unwrap() + 1];
        fs::write(dir.path().join("a.sh"), &large).unwrap();
        assert_eq!(operands(&argv, dir.path(), &[]).unwrap().pinned[0].text, None);
        fs::write(dir.path().join("a.sh"), b"a\0b").unwrap();
        assert_eq!(operands(&argv, dir.path(), &[]).unwrap().pinned[0].text, None);
    }

    #[test]
    fn huge_arguments_are_no_files() {
        let dir = files();
        let argv: Vec<OsString> =
            ["cat".into(), "x".repeat(1 << 20), "a/".repeat(5000), "\0".into()].map(OsString::from).into();
        assert_eq!(operands(&argv, dir.path(), &[]).unwrap(), Operands::default());
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_and_never_read_as_a_file_that_is_not_there(
            argv in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let argv: Vec<OsString> = argv.iter().map(|bytes| OsStr::from_bytes(&[b"no/", bytes.as_slice()].concat()).to_owned()).collect();
            prop_assert!(operands(&argv, &dir.path().join("gone"), &[]).unwrap().pinned.is_empty());
        }
    }
}
