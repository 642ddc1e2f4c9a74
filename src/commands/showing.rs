//! When this machine first showed a card, and how long ago that is.
//!
//! Counted on the clock that runs since the machine was started, which nobody sets, and kept across processes. What is signed from it is the word of
//! this machine: a statement, not a proof.

use crate::commands::error::CommandError;
use crate::domain::id::RequestId;
use crate::domain::time::Timestamp;
use crate::world::clock::{Clock, Uptime};
use crate::world::paths::{create_durably, read_bounded, write_durably};
use crate::world::store::Store;

/// A moment by both clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moment {
    wall: Timestamp,
    uptime: Option<Uptime>,
}

impl Moment {
    fn now(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), uptime: clock.uptime() }
    }

    fn render(&self) -> String {
        let uptime = self.uptime.as_ref().map(|uptime| format!(" {} {}", uptime.boot, uptime.millis));
        format!("{}{}\n", self.wall, uptime.unwrap_or_default())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let wall = words.next()?.parse().ok()?;
        let uptime = match (words.next(), words.next(), words.next()) {
            (None, None, None) => None,
            (Some(boot), Some(millis), None) => Some(Uptime { boot: boot.to_owned(), millis: millis.parse().ok()? }),
            _ => return None,
        };
        Some(Self { wall, uptime })
    }

    /// Whole seconds from `self` to `now`; none where that cannot be.
    fn until(&self, now: &Self) -> Option<u64> {
        match (&self.uptime, &now.uptime) {
            (Some(then), Some(now)) if then.boot == now.boot => Some(now.millis.checked_sub(then.millis)? / 1_000),
            // The machine was started anew since: at least for as long as it has been up, and no longer than the wall says.
            (_, uptime) => {
                let wall = (self.wall <= now.wall).then(|| now.wall.since(self.wall))?;
                Some(uptime.as_ref().map_or(wall, |uptime| wall.min(uptime.millis / 1_000)))
            }
        }
    }
}

/// Remembers that the card is being shown, where it never was before; how many seconds ago that first was.
///
/// # Errors
/// It cannot be remembered.
pub fn note(store: &Store, clock: &dyn Clock, id: &RequestId) -> Result<u64, CommandError> {
    let path = store.shown().join(id.to_string());
    let now = Moment::now(clock);
    match create_durably(&path, now.render().as_bytes()) {
        Ok(()) => Ok(0),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => match ago(store, clock, id)? {
            Some(seconds) => Ok(seconds),
            // Damaged, or from the future: shown just now. Slower, never faster.
            None => {
                write_durably(&path, now.render().as_bytes())?;
                Ok(0)
            }
        },
        Err(error) => Err(error.into()),
    }
}

/// How many seconds ago this machine first showed the card; none where it never did.
///
/// # Errors
/// The memory cannot be read.
pub fn ago(store: &Store, clock: &dyn Clock, id: &RequestId) -> Result<Option<u64>, CommandError> {
    let bytes = read_bounded(&store.shown().join(id.to_string()), 256)?;
    let first = bytes.and_then(|bytes| Moment::parse(&String::from_utf8_lossy(&bytes)));
    Ok(first.and_then(|first| first.until(&Moment::now(clock))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: i64, uptime: Option<(&str, u64)>) -> Moment {
        let uptime = uptime.map(|(boot, millis)| Uptime { boot: boot.to_owned(), millis });
        Moment { wall: Timestamp::from_unix(wall).unwrap(), uptime }
    }

    #[test]
    fn the_wall_clock_neither_lends_nor_takes_time() {
        for (told, then, now, seconds) in [
            ("both agree", (100, Some(("a", 5_000))), (120, Some(("a", 25_000))), Some(20)),
            ("a started second is none", (100, Some(("a", 5_900))), (101, Some(("a", 6_100))), Some(0)),
            ("set forward", (100, Some(("a", 5_000))), (9_000, Some(("a", 8_000))), Some(3)),
            ("set back", (100, Some(("a", 5_000))), (20, Some(("a", 35_000))), Some(30)),
            ("the clock of a boot runs on", (100, Some(("a", 5_000))), (100, Some(("a", 4_000))), None),
            ("started anew, up for 40 s", (100, Some(("a", 5_000))), (9_000, Some(("b", 40_000))), Some(40)),
            ("started anew, a wall that says less", (100, Some(("a", 5_000))), (107, Some(("b", 40_000))), Some(7)),
            ("started anew, and set back", (100, Some(("a", 5_000))), (99, Some(("b", 40_000))), None),
            ("no such clock", (100, None), (130, None), Some(30)),
            ("no such clock, and set back", (100, None), (99, None), None),
        ] {
            assert_eq!(moment(then.0, then.1).until(&moment(now.0, now.1)), seconds, "{told}");
        }
    }

    #[test]
    fn a_note_is_read_as_written_and_nothing_else_is() {
        for moment in [moment(1_795_338_000, Some(("b0-07", 12))), moment(1_795_338_000, None)] {
            assert_eq!(Moment::parse(&moment.render()), Some(moment));
        }
        for damaged in
            ["", "\n", "soon", "2026-11-22T09:00:00Z a", "2026-11-22T09:00:00Z a b", "2026-11-22T09:00:00Z a 1 2"]
        {
            assert_eq!(Moment::parse(damaged), None, "{damaged}");
        }
    }
}
