//! The only reader of the clock.

use std::fmt;
use std::time::Duration;

use crate::domain::time::Timestamp;

/// What time it is, and waiting for it to pass.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
    /// Waits.
    fn sleep(&self, span: Duration);
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

    fn sleep(&self, span: Duration) {
        std::thread::sleep(span);
    }
}
