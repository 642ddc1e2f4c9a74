//! The only reader of the clock.

use std::fmt;
use std::time::Duration;

use crate::domain::time::Timestamp;

/// What time it is, and waiting for it to pass.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
    /// Time since this machine was started, sleep included, on a clock that nobody sets; none where the platform has none.
    fn uptime(&self) -> Option<Uptime> {
        None
    }
    /// Waits.
    fn sleep(&self, span: Duration);
}

/// How long a machine has been up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uptime {
    /// Another after every start of the machine; one word.
    pub boot: String,
    /// In milliseconds.
    pub millis: u64,
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one reader of the clock")]
    fn now(&self) -> Timestamp {
        let now = jiff::Timestamp::now().as_second();
        // A clock before 1970 or after 9999 is read as the epoch: everything has
        // then long expired or not begun, and nothing runs.
        Timestamp::from_unix(now).unwrap_or(Timestamp::EPOCH)
    }

    #[cfg(target_os = "linux")]
    fn uptime(&self) -> Option<Uptime> {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let boot = boot.trim();
        let known = !boot.is_empty() && boot.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let up = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let millis = u64::try_from(up.tv_sec).ok()?.checked_mul(1_000)?;
        let millis = millis.checked_add(u64::try_from(up.tv_nsec / 1_000_000).ok()?)?;
        known.then(|| Uptime { boot: boot.to_owned(), millis })
    }

    fn sleep(&self, span: Duration) {
        std::thread::sleep(span);
    }
}
