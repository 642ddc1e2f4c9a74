//! The only starter of programs that take notifications: a mailer, a pager, a pop-up. They are named in this machine's own settings, by absolute path.

use std::ffi::OsString;
use std::io::{Seek as _, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::world::courier::Undelivered;

/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(10);

pub(super) fn start(
    argv: &[String],
    env: &[(OsString, OsString)],
    stdin: &[u8],
    within: Duration,
) -> Result<(), Undelivered> {
    let never = |why: String| Undelivered { why, again: false };
    let Some((program, arguments)) = argv.split_first() else { return Err(never("its command is empty".to_owned())) };
    if !Path::new(program).is_absolute() {
        return Err(never("its program is not named by an absolute path".to_owned()));
    }
    let until = Instant::now() + within;
    // A file: a program that does not read keeps nobody waiting.
    let mut file = tempfile::tempfile().map_err(|error| never(error.to_string()))?;
    file.write_all(stdin).and_then(|()| file.rewind()).map_err(|error| never(error.to_string()))?;
    #[expect(clippy::disallowed_methods, reason = "this is the one place that starts programs for notifications")]
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(env.iter().cloned()).current_dir("/");
    // A group of its own: Ctrl-C is not meant for it, and all of it can be ended.
    command.stdin(file).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().map_err(|error| never(format!("its program cannot be started: {error}")))?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => {
                let how = status.code().map(|code| format!("ended with {code}"));
                let how = how.or_else(|| status.signal().map(|signal| format!("was ended by signal {signal}")));
                return Err(never(format!("its program {}", how.unwrap_or_default())));
            }
            Ok(None) if Instant::now() < until => thread::sleep(LOOK),
            Ok(None) => {
                end(&mut child);
                return Err(never("its program did not end in time".to_owned()));
            }
            Err(error) => return Err(never(error.to_string())),
        }
    }
}

fn end(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}
