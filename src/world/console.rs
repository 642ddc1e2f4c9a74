//! What a verb says while it works, and what it asks: standard error and the terminal.

use std::fmt;
use std::io::{self, BufRead as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A person, or a log, that listens.
pub trait Console: fmt::Debug + Send + Sync {
    /// A line that stays; it may hold colour, which goes where nobody wants it.
    fn say(&self, line: &str);
    /// A line that the next one replaces; nothing where nobody watches.
    fn progress(&self, line: &str);
    /// What went wrong; said also where nothing else is.
    fn complain(&self, line: &str) {
        self.say(line);
    }
    /// From now on Ctrl-C is noted, and no longer ends the process at once.
    fn hear_interrupts(&self) {}
    /// Whether Ctrl-C was pressed since.
    fn interrupted(&self) -> bool {
        false
    }
    /// Ctrl-C pressed until now was for another program that had the terminal.
    fn forget_interrupts(&self) {}
    /// What was typed until now answers nothing that is asked from here on.
    fn forget_typed(&self) {}
    /// Takes a line of progress away: the terminal is the child's now.
    fn settle(&self) {}
    /// Asks, and reads one line; `None` at the end of input.
    ///
    /// # Errors
    /// As the terminal says; [`io::ErrorKind::Interrupted`] for Ctrl-C, where it is heard.
    fn ask(&self, question: &str) -> io::Result<Option<String>>;
}

/// Standard error, and standard input for answers.
#[derive(Debug)]
pub struct Stderr {
    quiet: bool,
    terminal: bool,
    live: Mutex<bool>,
    hears: AtomicBool,
    interrupted: Arc<AtomicBool>,
}

impl Stderr {
    /// `terminal`: whether standard error is one.
    pub fn new(quiet: bool, terminal: bool) -> Self {
        Self { quiet, terminal, live: Mutex::new(false), hears: AtomicBool::new(false), interrupted: Arc::default() }
    }

    /// One line of the terminal, or Ctrl-C: a plain read would go on after it.
    fn listen(&self) -> io::Result<Option<String>> {
        let stdin = io::stdin();
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            if self.interrupted() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            // A signal between the look above and the wait is seen when the wait ends.
            let soon = rustix::time::Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
            let mut fds = [rustix::event::PollFd::new(&stdin, rustix::event::PollFlags::IN)];
            match rustix::event::poll(&mut fds, Some(&soon)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
            let mut buffer = [0; 4096];
            match rustix::io::read(&stdin, &mut buffer) {
                Ok(0) if line.is_empty() => return Ok(None),
                Ok(0) => break,
                Ok(read) => line.extend_from_slice(buffer.get(..read).unwrap_or_default()),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()))
    }

    fn clear(&self, out: &mut dyn io::Write) {
        if let Ok(mut live) = self.live.lock()
            && std::mem::take(&mut *live)
        {
            let _ = out.write_all(b"\r\x1b[K");
        }
    }
}

impl Console for Stderr {
    fn say(&self, line: &str) {
        if !self.quiet {
            self.complain(line);
        }
    }

    fn complain(&self, line: &str) {
        let mut out = anstream::stderr().lock();
        self.clear(&mut out);
        // A closed standard error must not end a run that is under way.
        let _ = writeln!(out, "{line}");
    }

    fn progress(&self, line: &str) {
        if self.quiet || !self.terminal {
            return;
        }
        let mut out = anstream::stderr().lock();
        self.clear(&mut out);
        let _ = write!(out, "{line}");
        let _ = out.flush();
        if let Ok(mut live) = self.live.lock() {
            *live = true;
        }
    }

    fn settle(&self) {
        self.clear(&mut anstream::stderr().lock());
    }

    fn hear_interrupts(&self) {
        // Where this fails, Ctrl-C ends the process, as it would have.
        let heard = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&self.interrupted));
        self.hears.store(heard.is_ok(), Ordering::SeqCst);
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    fn forget_interrupts(&self) {
        self.interrupted.store(false, Ordering::SeqCst);
    }

    fn forget_typed(&self) {
        // Where it is no terminal, nobody typed.
        let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
    }

    fn ask(&self, question: &str) -> io::Result<Option<String>> {
        {
            let mut out = anstream::stderr().lock();
            self.clear(&mut out);
            write!(out, "{question} ")?;
            out.flush()?;
        }
        if self.hears.load(Ordering::SeqCst) {
            return self.listen();
        }
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim().to_owned()))
    }
}
