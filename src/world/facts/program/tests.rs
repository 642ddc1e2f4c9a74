use std::os::unix::fs::{PermissionsExt, symlink};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;

const ELF: &[u8] = b"\x7fELF and the rest";

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn dir(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8], mode: u32) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        chmod(&path, mode);
        path
    }

    fn link(&self, name: &str, target: impl AsRef<Path>) {
        symlink(target, self.at(name)).unwrap();
    }

    /// Resolves in this directory, `PATH` being its `bin`.
    fn resolve(&self, name: &str) -> Result<ProgramFacts, ProgramError> {
        resolve(OsStr::new(name), &self.dir(), Some(self.at("bin").as_os_str()), &[self.at("bin")])
    }

    fn error(&self, name: &str) -> String {
        let error = self.resolve(name).unwrap_err();
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(deeper) = cause {
            text = format!("{text}: {deeper}");
            cause = deeper.source();
        }
        text
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_name_is_looked_for_as_a_shell_does() {
    let place = Place::new();
    place.file("bin/tool", ELF, 0o755);
    place.file("other/tool", b"\x7fELF other", 0o755);
    place.file("other/last", ELF, 0o755);
    place.file("skipped/last", ELF, 0o644);
    place.file("here", ELF, 0o755);
    fs::create_dir_all(place.at("dirs/last")).unwrap();
    let path = |entries: &[&str]| {
        std::env::join_paths(entries.iter().map(
            |entry| {
                if entry.is_empty() { PathBuf::new() } else { place.at(entry) }
            },
        ))
        .unwrap()
    };
    for (name, entries, expected) in [
        ("tool", &["bin", "other"][..], Some("bin/tool")),
        ("tool", &["other", "bin"], Some("other/tool")),
        ("last", &["missing", "dirs", "skipped", "other"], Some("other/last")),
        ("here", &["bin", ""], Some("here")),
        ("here", &["bin"], None),
        ("./here", &[], Some("here")),
        ("bin/tool", &["other"], Some("bin/tool")),
        ("", &["", "bin"], None),
        ("tool\0", &["bin"], None),
        ("TOOL", &["bin"], None),
    ] {
        let found = resolve(OsStr::new(name), &place.dir(), Some(&path(entries)), &[]);
        match expected {
            Some(file) => assert_eq!(found.unwrap().real(), place.at(file), "{name} {entries:?}"),
            None => assert!(found.unwrap_err().is_not_found(), "{name} {entries:?}"),
        }
    }
    let relative = resolve(OsStr::new("tool"), &place.dir(), Some(OsStr::new("bin")), &[]).unwrap();
    assert_eq!(relative.path, place.at("bin/tool"));
}

#[test]
fn what_cannot_run_says_why() {
    let place = Place::new();
    place.file("bin/plain", ELF, 0o644);
    place.file("bin/text", b"echo hello\n", 0o755);
    place.file("bin/empty", b"", 0o755);
    place.file("bin/exe", b"MZ\x90\0", 0o755);
    fs::create_dir(place.at("bin/dir")).unwrap();
    place.link("bin/dangling", "nowhere");
    place.link("bin/round", "about");
    place.link("bin/about", "round");
    for (name, words, not_found) in [
        ("missing", "not found", true),
        ("./bin/missing", "not found", true),
        ("bin/plain/x", "not found", true),
        ("plain", "permission denied", false),
        ("dir", "it is a directory", false),
        ("./bin/dir", "it is a directory", false),
        ("dangling", "a symlink to nothing", false),
        ("round", "run in a circle", false),
        ("text", "neither a native program nor a script", false),
        ("empty", "neither a native program nor a script", false),
        ("exe", "neither a native program nor a script", false),
        ("/dev/null", "not a regular file", false),
    ] {
        assert!(place.error(name).contains(words), "{name}: {}", place.error(name));
        assert_eq!(place.resolve(name).unwrap_err().is_not_found(), not_found, "{name}");
    }
}

#[test]
fn every_hop_is_recorded_and_a_retargeted_symlink_is_drift() {
    let place = Place::new();
    place.file("bin/v1", ELF, 0o755);
    place.file("bin/v2", ELF, 0o755);
    place.link("bin/current", "v1");
    place.link("bin/tool", "../sub/../bin/current");
    place.link("sub", "bin");
    let asked = place.resolve("tool").unwrap();
    assert_eq!(asked.path, place.at("bin/tool"));
    assert_eq!(asked.hops, [place.at("bin/../sub/../bin/current"), place.at("bin/v1")]);
    assert_eq!(asked.drift(&place.resolve("tool").unwrap()), None);
    fs::remove_file(place.at("bin/current")).unwrap();
    place.link("bin/current", "v2");
    assert_eq!(asked.drift(&place.resolve("tool").unwrap()), Some("program symlinks"));
    let plain = place.resolve("v1").unwrap();
    assert_eq!(plain.hops, [place.at("bin/v1")]);
    assert_eq!(plain.sha256, <[u8; 32]>::from(Sha256::digest(ELF)));
}

#[test]
fn drift_names_the_field() {
    let place = Place::new();
    place.file("bin/tool", ELF, 0o755);
    let asked = place.resolve("tool").unwrap();
    place.file("bin/tool", b"\x7fELF AND THE REST", 0o755);
    assert_eq!(asked.drift(&place.resolve("tool").unwrap()), Some("program sha256"));
    place.file("bin/tool", ELF, 0o4755);
    assert_eq!(asked.drift(&place.resolve("tool").unwrap()), Some("setuid"));
    place.file("bin/tool", ELF, 0o777);
    assert_eq!(asked.drift(&place.resolve("tool").unwrap()), Some("pin"));
    place.file("first/tool", ELF, 0o755);
    let path = std::env::join_paths([place.at("first"), place.at("bin")]).unwrap();
    let shadowed = resolve(OsStr::new("tool"), &place.dir(), Some(&path), &[place.at("bin")]).unwrap();
    assert_eq!(asked.drift(&shadowed), Some("program path"));
}

#[test]
fn a_script_binds_its_interpreters() {
    let place = Place::new();
    let sh = place.file("bin/sh", ELF, 0o755);
    place.file("bin/env", b"\x7fELF env", 0o755);
    let bin = place.at("bin").display().to_string();
    let script = |name: &str, line: &str| place.file(&format!("bin/{name}"), line.as_bytes(), 0o755);
    for (line, argument, next) in [
        (format!("#!{bin}/sh"), None, None),
        (format!("#! \t{bin}/sh -e -u \t\necho\n"), Some("-e -u"), None),
        (format!("#!{bin}/env sh\n"), Some("sh"), Some("bin/sh")),
        (format!("#!{bin}/env -S sh -eu\n"), Some("-S sh -eu"), Some("bin/sh")),
        (format!("#!{bin}/env -Ssh\n"), Some("-Ssh"), Some("bin/sh")),
        ("#!bin/sh\n".to_owned(), None, None),
    ] {
        script("s", &line);
        let found = place.resolve("s").unwrap();
        assert_eq!(found.script.as_deref(), Some(line.as_bytes()), "{line}");
        assert_eq!(found.pin, Pin::Checked);
        assert!(found.trusted, "{line}");
        let interpreter = found.interpreter.unwrap();
        assert_eq!(interpreter.argument.as_deref(), argument.map(str::as_bytes), "{line}");
        assert_eq!(interpreter.next.map(|next| next.path), next.map(|name| place.at(name)), "{line}");
    }
    place.file("elsewhere/sh", ELF, 0o755);
    script("s", &format!("#!{}\n", place.at("elsewhere/sh").display()));
    assert!(!place.resolve("s").unwrap().trusted);
    script("s", &format!("#!{bin}/env {}\n", place.at("elsewhere/sh").display()));
    let odd = place.resolve("s").map(|found| found.trusted);
    assert!(matches!(odd, Ok(false)), "{odd:?}");
    script("inner", &format!("#!{bin}/sh\n"));
    script("outer", &format!("#!{bin}/inner x\n"));
    let outer = place.resolve("outer").unwrap();
    assert_eq!(outer.interpreter.as_ref().unwrap().next.as_ref().unwrap().path, sh);
    place.file("bin/sh", b"\x7fELF another", 0o755);
    assert_eq!(outer.drift(&place.resolve("outer").unwrap()), Some("interpreter"));
}

#[test]
fn a_broken_first_line_says_why() {
    let place = Place::new();
    place.file("bin/env", ELF, 0o755);
    place.file("bin/text", b"text", 0o755);
    let bin = place.at("bin").display().to_string();
    for (line, words) in [
        ("#!/nowhere/sh\n".to_owned(), "`/nowhere/sh` was not found"),
        (format!("#!{bin}/env nobody\n"), "`nobody` was not found"),
        (format!("#!{bin}/env -i sh\n"), "does not say plainly"),
        (format!("#!{bin}/env X=1 sh\n"), "does not say plainly"),
        (format!("#!{bin}/env -S 'sh'\n"), "does not say plainly"),
        (format!("#!{bin}/env\n"), "does not say plainly"),
        (format!("#!{bin}/text\n"), "neither a native program"),
        (format!("#!{bin}/s\n"), "nested too deep"),
        (format!("#!{bin}\n"), "it is a directory"),
        ("#!".to_owned(), "names no interpreter"),
        ("#! \n/bin/sh".to_owned(), "names no interpreter"),
        ("#!/bin/\0sh\n".to_owned(), "NUL"),
        (format!("#!/bin/sh {}", "x".repeat(300)), "too long"),
        ("#!/bin/sh\r\n".to_owned(), "was not found"),
    ] {
        place.file("bin/s", line.as_bytes(), 0o755);
        assert!(place.error("s").contains(words), "{line:?}: {}", place.error("s"));
        assert!(!place.resolve("s").unwrap_err().is_not_found(), "a shell says 126: {line:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn sealed_where_others_can_write_unless_a_copy_would_not_work() {
    let origin = [ELF, b"\0$ORIGIN/../lib\0"].concat();
    for (bytes, mode, dir_mode, expected) in [
        (ELF, 0o755, 0o755, Pin::Checked),
        (ELF, 0o755, 0o700, Pin::Checked),
        (ELF, 0o757, 0o755, Pin::Sealed),
        (ELF, 0o775, 0o755, Pin::Sealed),
        (ELF, 0o755, 0o777, Pin::Sealed),
        (ELF, 0o755, 0o775, Pin::Sealed),
        (ELF, 0o755, 0o1777, Pin::Checked),
        (ELF, 0o757, 0o1777, Pin::Sealed),
        (ELF, 0o4757, 0o777, Pin::Checked),
        (ELF, 0o2757, 0o777, Pin::Checked),
        (&origin, 0o777, 0o777, Pin::Checked),
        (b"#!/proc/self/exe\n", 0o777, 0o777, Pin::Checked),
    ] {
        let place = Place::new();
        place.file("bin/tool", bytes, mode);
        chmod(&place.at("bin"), dir_mode);
        let pin = place.resolve("tool").map(|found| (found.pin, found.setuid));
        if bytes.starts_with(b"#!") {
            assert_eq!(pin.unwrap().0, expected);
        } else {
            assert_eq!(pin.unwrap(), (expected, mode & 0o6000 != 0), "{mode:o} {dir_mode:o}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_symlink_that_others_could_bend_seals_and_is_not_trusted() {
    let place = Place::new();
    place.file("bin/tool", ELF, 0o755);
    fs::create_dir(place.at("open")).unwrap();
    place.link("open/tool", "../bin/tool");
    place.link("open/dir", "../bin");
    place.link("bin/via", "../open/tool");
    place.link("bin/deep", "../open/dir/tool");
    place.link("bin/fine", "../closed/tool");
    fs::create_dir(place.at("closed")).unwrap();
    place.link("closed/tool", "../bin/tool");
    chmod(&place.at("open"), 0o777);
    for (name, pin, trusted) in [
        ("tool", Pin::Checked, true),
        ("./bin/tool", Pin::Checked, true),
        ("./closed/../bin/tool", Pin::Checked, true),
        ("via", Pin::Sealed, false),
        ("deep", Pin::Sealed, false),
        ("./open/tool", Pin::Sealed, false),
        ("./open/dir/tool", Pin::Sealed, false),
        ("./closed/tool", Pin::Checked, false),
        ("./bin/../closed/tool", Pin::Checked, false),
    ] {
        let found = place.resolve(name).unwrap();
        assert_eq!((found.pin, found.trusted), (pin, trusted), "{name}");
    }
    // Where this user is root, a hop that only root can bend is as good as the trusted path.
    let root = rustix::process::geteuid().is_root();
    assert_eq!(place.resolve("fine").unwrap().trusted, root);
}

#[test]
#[cfg(target_os = "linux")]
fn too_large_to_seal_is_an_error_before_anyone_is_asked() {
    let place = Place::new();
    let (bin, dir) = (place.at("bin"), place.dir());
    place.file("bin/tool", ELF, 0o757);
    for (seal_limit, fits) in [(ELF.len() as u64, true), (ELF.len() as u64 - 1, false)] {
        let search = Search { cwd: &dir, path_var: Some(bin.as_os_str()), trusted: vec![], seal_limit };
        let found = search.resolve(OsStr::new("tool"));
        assert_eq!(found.is_ok(), fits);
        assert!(matches!(found, Ok(_) | Err(ProgramError::TooLarge { .. })));
    }
}

#[test]
fn system_programs_resolve_through_the_real_path() {
    let found = resolve(OsStr::new("sh"), Path::new("/"), None, &["/usr/bin".into(), "/bin".into()]).unwrap();
    assert!(found.trusted && found.interpreter.is_none() && found.pin == Pin::Checked);
}

#[test]
fn a_program_that_cannot_be_read_cannot_be_bound() {
    let place = Place::new();
    place.file("bin/tool", ELF, 0o111);
    let found = place.resolve("tool");
    if rustix::process::geteuid().is_root() {
        assert!(found.is_ok());
    } else {
        assert!(matches!(found, Err(ProgramError::Unreadable { .. })), "{found:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn file_capabilities_count_as_setuid_and_are_never_sealed() {
    let place = Place::new();
    let path = place.file("bin/tool", ELF, 0o757);
    assert_eq!(place.resolve("tool").unwrap().pin, Pin::Sealed);
    // `struct vfs_cap_data`, revision 2, with CAP_NET_RAW; only root may set it, and not on every file system.
    let mut capability = [0_u8; 20];
    capability[3] = 2;
    capability[5] = 0x20;
    let flags = rustix::fs::XattrFlags::empty();
    if rustix::fs::setxattr(&path, "security.capability", &capability, flags).is_ok() {
        let found = place.resolve("tool").unwrap();
        assert_eq!((found.pin, found.setuid), (Pin::Checked, true));
    }
}
