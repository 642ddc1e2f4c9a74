//! Times and durations, in whole seconds; `now` always arrives as an argument.

use std::fmt;

/// A moment in UTC, in whole seconds, between the years 1970 and 9999.
///
/// A time in a record binds its signer only: order comes from landing on `main`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// A text or number that is no [`Timestamp`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time: expected RFC 3339 in UTC and whole seconds, like `2026-11-22T10:00:00Z`")]
pub struct TimestampError(String);

const LAST_SECOND: i64 = 253_402_207_200;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// The moment `seconds` after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// Before 1970 or after 9999.
    pub fn from_unix(seconds: i64) -> Result<Self, TimestampError> {
        let refused = |_| TimestampError(seconds.to_string());
        if !(0..LAST_SECOND).contains(&seconds) {
            return Err(TimestampError(seconds.to_string()));
        }
        jiff::Timestamp::from_second(seconds).map(Self).map_err(refused)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(&self) -> i64 {
        self.0.as_second()
    }

    /// The moment `after` this one; the last representable one where that lies beyond it.
    #[must_use]
    pub fn plus(self, after: Lifetime) -> Self {
        let seconds = self.unix().saturating_add_unsigned(after.seconds());
        Self::from_unix(seconds.min(LAST_SECOND - 1)).unwrap_or(self)
    }

    /// Seconds from `earlier` to this moment, 0 where it is not earlier.
    pub fn since(&self, earlier: Self) -> u64 {
        u64::try_from(self.unix() - earlier.unix()).unwrap_or(0)
    }

    /// The UTC day as the directory of a request: `2026/11/22`.
    pub fn day_path(&self) -> String {
        let text = self.to_string();
        text.chars().take(10).map(|c| if c == '-' { '/' } else { c }).collect()
    }

    /// The same moment for the time-zone arithmetic of `hours` and of people's screens.
    pub fn instant(&self) -> jiff::Timestamp {
        self.0
    }
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let refused = || TimestampError(text.chars().take(80).collect());
        let moment: jiff::Timestamp = text.parse().map_err(|_| refused())?;
        let moment = Self::from_unix(moment.as_second()).map_err(|_| refused())?;
        if moment.to_string() == text { Ok(moment) } else { Err(refused()) }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A span of whole seconds, at most 366 days: `90s`, `30m`, `1h30m`, `2d`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime(u64);

/// A text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration: expected numbers with a unit, like `90s`, `30m`, `1h30m` or `2d`, at most 366d")]
pub struct LifetimeError(String);

impl Lifetime {
    const LONGEST: u64 = 366 * 86_400;

    /// A span of `seconds`.
    ///
    /// # Errors
    /// More than 366 days.
    pub fn from_seconds(seconds: u64) -> Result<Self, LifetimeError> {
        if seconds <= Self::LONGEST { Ok(Self(seconds)) } else { Err(LifetimeError(format!("{seconds}s"))) }
    }

    /// A span of `minutes`; for constants.
    pub const fn minutes(minutes: u16) -> Self {
        Self(minutes as u64 * 60)
    }

    /// Its length in seconds.
    pub const fn seconds(self) -> u64 {
        self.0
    }
}

impl std::str::FromStr for Lifetime {
    type Err = LifetimeError;

    fn from_str(text: &str) -> Result<Self, LifetimeError> {
        let refused = || LifetimeError(text.chars().take(80).collect());
        let mut total = 0_u64;
        let mut number: Option<u64> = None;
        for character in text.chars() {
            let unit = match character {
                '0'..='9' => {
                    let digit = u64::from(character as u32 - '0' as u32);
                    number = number.unwrap_or(0).checked_mul(10).and_then(|number| number.checked_add(digit));
                    if number.is_none() {
                        return Err(refused());
                    }
                    continue;
                }
                's' => 1,
                'm' => 60,
                'h' => 3_600,
                'd' => 86_400,
                _ => return Err(refused()),
            };
            total = number
                .take()
                .and_then(|number| number.checked_mul(unit))
                .and_then(|span| total.checked_add(span))
                .ok_or_else(refused)?;
        }
        if text.is_empty() || number.is_some() {
            return Err(refused());
        }
        Self::from_seconds(total).map_err(|_| refused())
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut written = false;
        for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
            if rest >= length {
                write!(f, "{}{unit}", rest / length)?;
                rest %= length;
                written = true;
            }
        }
        if rest > 0 || !written {
            write!(f, "{rest}s")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The time zone of an IANA name, from the database compiled in: the same on every machine that judges.
pub fn zone(name: &str) -> Option<jiff::tz::TimeZone> {
    static BUNDLED: std::sync::LazyLock<jiff::tz::TimeZoneDatabase> =
        std::sync::LazyLock::new(jiff::tz::TimeZoneDatabase::bundled);
    BUNDLED.get(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_time_has_one_spelling() {
        let text = "2026-11-22T10:00:00Z";
        let moment: Timestamp = text.parse().unwrap();
        assert_eq!(moment.to_string(), text);
        assert_eq!(moment.day_path(), "2026/11/22");
        for wrong in [
            "2026-11-22T10:00:00.5Z",
            "2026-11-22T10:00:00+00:00",
            "2026-11-22 10:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-11-22",
            "",
        ] {
            assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations() {
        for (text, seconds) in [("0s", 0), ("90s", 90), ("30m", 1_800), ("1h30m", 5_400), ("2d", 172_800)] {
            assert_eq!(text.parse::<Lifetime>().unwrap().seconds(), seconds, "{text}");
        }
        for wrong in ["", "5", "m", "1.5h", "-1s", "1 h", "367d", "99999999999999999999s", "1w"] {
            assert!(wrong.parse::<Lifetime>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn durations_round_trip(seconds in 0..=Lifetime::LONGEST) {
            let span = Lifetime::from_seconds(seconds).unwrap();
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }

        #[test]
        fn times_round_trip(seconds in 0..LAST_SECOND) {
            let moment = Timestamp::from_unix(seconds).unwrap();
            prop_assert_eq!(moment.to_string().parse(), Ok(moment));
            prop_assert!(moment.plus(Lifetime::minutes(30)) >= moment);
        }
    }
}
