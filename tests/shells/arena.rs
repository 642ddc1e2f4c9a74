//! Where scripts run: as nobody, in an empty directory, with stubs and a few harmless wrappers on PATH, and limits.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A shell under test.
pub struct Shell {
    /// What the report calls it.
    pub label: &'static str,
    /// What a command line calls it: that decides how matching reads it.
    pub name: &'static str,
    /// Where it lies.
    program: &'static str,
    /// The name that it is given, where that changes what it does.
    called: &'static str,
    arguments: &'static [&'static str],
}

const S: Shell = Shell { label: "", name: "", program: "", called: "", arguments: &["-c"] };

pub const SHELLS: &[Shell] = &[
    Shell { label: "bash", name: "bash", program: "/bin/bash", ..S },
    Shell { label: "bash as sh", name: "sh", program: "/bin/bash", called: "sh", ..S },
    Shell { label: "dash", name: "sh", program: "/bin/dash", ..S },
    Shell { label: "zsh", name: "zsh", program: "/bin/zsh", ..S },
    Shell { label: "zsh as sh", name: "sh", program: "/bin/zsh", called: "sh", ..S },
    Shell { label: "mksh", name: "mksh", program: "/bin/mksh", ..S },
    Shell { label: "mksh as sh", name: "sh", program: "/bin/mksh", called: "sh", ..S },
    Shell { label: "busybox ash", name: "ash", program: "/bin/busybox", arguments: &["ash", "-c"], ..S },
];

/// Wrappers whose real selves take part.
const WRAPPERS: &[&str] = &["env", "nohup", "nice", "timeout", "setsid", "stdbuf", "xargs", "find", "sh", "bash"];

/// Scripts that run at once: most of the time goes to those that never end.
const RUNNERS: usize = 12;

/// What ends a word, and what ends a record: one byte of it is easily made by an escape, such as `$'\37'`.
const WORD: &[u8] = b"\x1f\x01\x1f";
const RECORD: &[u8] = b"\x1e\x01\x1e";

/// Writes its name and arguments, in one write, to the file beside it; half of the stubs fail.
const STUB: &str = "#!/bin/dash
printf '%s\\037\\001\\037' \"${0##*/}\" \"$@\" '\u{1e}\u{1}\u{1e}' >>\"${0%/*}/log\"
case $0 in *[ace]) exit 0;; esac
exit 1
";

/// However a script ends, the next one begins.
const LOOP: &str = r#"shell=$SHELL_UNDER_TEST options=$ITS_OPTIONS
unset SHELL_UNDER_TEST ITS_OPTIONS
for script; do /usr/bin/timeout -k 0.2 2 "$shell" $options "$script"; done
exit 0"#;

pub struct Arena {
    directory: tempfile::TempDir,
    user: u32,
    root: bool,
}

/// Batches after which names come again: what a process left behind says later is not taken for another batch's.
const NAMED: usize = 16;

/// The name of one of the stubs of one of the scripts of a batch.
pub fn stub(batch: usize, script: usize, n: usize) -> String {
    let batch = batch % NAMED;
    // The first letter after the number: a damaged name is nobody's.
    let check = char::from(b'g' + ((script * 7 + batch * 5) % 19) as u8);
    format!("mig{script:03}{check}{}{}", char::from(b'g' + batch as u8), char::from(b'a' + n as u8))
}

/// What stands between marks.
fn split<'a>(mut bytes: &'a [u8], mark: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = bytes.windows(mark.len()).position(|part| part == mark) {
        parts.push(&bytes[..at]);
        bytes = &bytes[at + mark.len()..];
    }
    parts.push(bytes);
    parts
}

impl Arena {
    pub fn new(scripts: usize, stubs: usize) -> Arena {
        let directory = tempfile::tempdir().unwrap();
        let root = rustix::process::geteuid().is_root();
        // Nobody else has it: limits on processes count for this run alone.
        let user = 40_000 + std::process::id() % 20_000;
        let arena = Arena { directory, user, root };
        fs::set_permissions(arena.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(arena.path("bin")).unwrap();
        fs::write(arena.path("bin/stub"), STUB).unwrap();
        fs::set_permissions(arena.path("bin/stub"), fs::Permissions::from_mode(0o755)).unwrap();
        for batch in 0..NAMED {
            for name in (0..scripts).flat_map(|script| (0..stubs).map(move |n| stub(batch, script, n))) {
                symlink("stub", arena.path("bin").join(name)).unwrap();
            }
        }
        for name in WRAPPERS {
            let real = if *name == "sh" { PathBuf::from("/bin/dash") } else { Path::new("/usr/bin").join(name) };
            symlink(real, arena.path("bin").join(name)).unwrap();
        }
        for shell in SHELLS {
            assert!(Path::new(shell.program).exists(), "{} is not installed", shell.program);
            if !shell.called.is_empty() {
                let place = arena.path(shell.label);
                fs::create_dir(&place).unwrap();
                symlink(shell.program, place.join(shell.called)).unwrap();
            }
        }
        arena
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What each script of a batch executed: the names and arguments of stubs. Reports of another batch are printed, no more.
    pub fn execute(&self, shell: &Shell, batch: usize, scripts: &[&str]) -> Vec<Vec<Vec<Vec<u8>>>> {
        let (work, log) = (self.path("work"), self.path("bin/log"));
        let _ = fs::remove_dir_all(&work);
        fs::create_dir(&work).unwrap();
        fs::write(&log, "").unwrap();
        if self.root {
            for place in [&work, &log] {
                chown(place, Some(self.user), Some(self.user)).unwrap();
            }
        }
        let share = scripts.len().div_ceil(RUNNERS).max(1);
        let runners: Vec<_> =
            scripts.chunks(share).map(|scripts| self.runner(shell, scripts).spawn().unwrap()).collect();
        for mut runner in runners {
            assert!(runner.wait().unwrap().success(), "{}: the batch was not finished", shell.label);
        }
        self.quiet();
        let mut ran = vec![Vec::new(); scripts.len()];
        let mut counts: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for record in split(&fs::read(&log).unwrap(), RECORD) {
            let mut words: Vec<Vec<u8>> = split(record, WORD).into_iter().map(<[u8]>::to_vec).collect();
            words.pop();
            if words.first().is_some_and(Vec::is_empty) {
                words.remove(0);
            }
            let Some(name) = words.first() else { continue };
            let digits: String = String::from_utf8_lossy(name).chars().filter(char::is_ascii_digit).collect();
            let script = digits.parse::<usize>().unwrap();
            let own = script < scripts.len() && (0..26).any(|n| stub(batch, script, n).as_bytes() == name.as_slice());
            if !own {
                println!("LATE {}: {:?}", shell.label, String::from_utf8_lossy(record));
                continue;
            }
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            // A loop says the same again and again.
            if *count <= 50 {
                ran[script].push(words);
            }
        }
        ran
    }

    /// What executes these scripts, one after the other, within limits.
    fn runner(&self, shell: &Shell, scripts: &[&str]) -> Command {
        // Processes are counted a user: where we are not root, ours count too.
        let mut words = "--fsize=1000000 --cpu=60 --nofile=64 --core=0".to_owned();
        if self.root {
            let user = self.user;
            words +=
                &format!(" --nproc=200 /usr/bin/setpriv --reuid={user} --regid={user} --clear-groups --no-new-privs");
            words += " --inh-caps=-all --bounding-set=-all";
        }
        let program = match shell.called {
            "" => PathBuf::from(shell.program),
            called => self.path(shell.label).join(called),
        };
        let mut command = Command::new("/usr/bin/prlimit");
        command.args(words.split(' ')).args(["/bin/dash", "-c", LOOP, "dash"]).args(scripts).env_clear();
        command.env("PATH", self.path("bin")).env("HOME", self.path("work")).env("LANG", "C.UTF-8");
        command.env("SHELL_UNDER_TEST", program).env("ITS_OPTIONS", shell.arguments.join(" "));
        command.current_dir(self.path("work")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Waits for what scripts left in the background, and ends what does not end by itself.
    fn quiet(&self) {
        let start = Instant::now();
        loop {
            let left = self.left();
            if left.is_empty() {
                return;
            }
            if start.elapsed() > Duration::from_secs(2) {
                for process in left {
                    // It may have ended by now.
                    let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The processes of the user that nobody else has.
    fn left(&self) -> Vec<rustix::process::Pid> {
        if !self.root {
            return Vec::new();
        }
        let ours = |process: &fs::DirEntry| process.metadata().is_ok_and(|process| process.uid() == self.user);
        let processes = fs::read_dir("/proc").unwrap().flatten().filter(ours);
        let number = |process: fs::DirEntry| process.file_name().to_string_lossy().parse().ok();
        processes.filter_map(number).filter_map(rustix::process::Pid::from_raw).collect()
    }
}
