//! What a verb says while it works, and what it asks: standard error and the terminal.

use std::fmt;
use std::io::{self, BufRead as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A person, or a log, that listens.
pub trait Console: fmt::Debug + Send + Sync {
    /// A line that stays.
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
    /// Takes a line of progress away: the terminal is the child's now.
    fn settle(&self) {}
    /// Asks, and reads one line; `None` at the end of input.
    ///
    /// # Errors
    /// As the terminal says.
    fn ask(&self, question: &str) -> io::Result<Option<String>>;
}

/// Standard error, and standard input for answers.
#[derive(Debug)]
pub struct Stderr {
    quiet: bool,
    terminal: bool,
    live: Mutex<bool>,
    interrupted: Arc<AtomicBool>,
}

impl Stderr {
    /// `terminal`: whether standard error is one.
    pub fn new(quiet: bool, terminal: bool) -> Self {
        Self { quiet, terminal, live: Mutex::new(false), interrupted: Arc::default() }
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
        let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&self.interrupted));
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    fn ask(&self, question: &str) -> io::Result<Option<String>> {
        {
            let mut out = anstream::stderr().lock();
            self.clear(&mut out);
            write!(out, "{question} ")?;
            out.flush()?;
        }
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim().to_owned()))
    }
}
