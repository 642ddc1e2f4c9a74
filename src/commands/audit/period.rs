//! Which stretch of time an auditor asks about.

use crate::domain::time::{Lifetime, Timestamp};

/// From a moment on and before another; open where none is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// The first moment that belongs to it.
    pub from: Option<Timestamp>,
    /// The first one that does not any more.
    pub to: Option<Timestamp>,
}

impl Period {
    /// Whether a moment belongs to it.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}

const DAY: u64 = 86_400;

/// The first second of a period: `2026-07-01`, which is its midnight in UTC, or `2026-07-01T08:00:00Z`.
///
/// # Errors
/// Neither.
pub fn since(text: &str) -> Result<Timestamp, String> {
    moment(text).map(|(at, _)| at)
}

/// The end of a period: with `2026-09-30` that day still belongs to it, `2026-10-01T00:00:00Z` does not any more.
///
/// # Errors
/// Neither a day nor a time.
pub fn until(text: &str) -> Result<Timestamp, String> {
    let (at, is_day) = moment(text)?;
    let day = Lifetime::from_seconds(DAY).map_err(|error| error.to_string())?;
    Ok(if is_day { at.plus(day) } else { at })
}

/// The moment, and whether a whole day was named.
fn moment(text: &str) -> Result<(Timestamp, bool), String> {
    let midnight = format!("{text}T00:00:00Z").parse::<Timestamp>().map(|at| (at, true));
    midnight
        .or_else(|_| text.parse().map(|at| (at, false)))
        .map_err(|_| "expected a day like `2026-07-01` or a time in UTC like `2026-07-01T08:00:00Z`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_belongs_to_the_period_it_ends() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(since("2026-07-01").unwrap(), at("2026-07-01T00:00:00Z"));
        assert_eq!(until("2026-09-30").unwrap(), at("2026-10-01T00:00:00Z"));
        assert_eq!(until("2026-09-30T12:00:00Z").unwrap(), at("2026-09-30T12:00:00Z"));
        for wrong in ["", "yesterday", "2026-13-01", "2026-02-30", "2026-07-01T08:00:00", "2026-07-01 ", "01.07.2026"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
        let quarter = Period { from: since("2026-07-01").ok(), to: until("2026-09-30").ok() };
        for (time, inside) in [
            ("2026-06-30T23:59:59Z", false),
            ("2026-07-01T00:00:00Z", true),
            ("2026-09-30T23:59:59Z", true),
            ("2026-10-01T00:00:00Z", false),
        ] {
            assert_eq!(quarter.holds(at(time)), inside, "{time}");
        }
        assert!(Period::default().holds(at("1970-01-01T00:00:00Z")));
    }
}
