//! Who must agree before a command runs.

use crate::domain::principal::Name;
use crate::domain::risk::Level;
use crate::domain::time::Lifetime;

/// What a policy asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requirement {
    /// Runs without anybody's approval, and is recorded.
    Allow,
    /// Never runs.
    Deny,
    /// Runs when enough people agreed.
    Review(Review),
}

/// Which people, and how many of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The seats to fill, or the pool to count in.
    pub quorum: Quorum,
    /// With [`Quorum::MinRole`]: everyone who counts holds it or a higher one.
    /// Layered on the others: at least one who counts does.
    pub min_role: Option<String>,
}

/// The three models of the seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quorum {
    /// Every entry met by different people.
    AllOf(Vec<Entry>),
    /// `count` different people out of the pool.
    AnyOf {
        /// Who may.
        pool: Vec<Entry>,
        /// How many must; at least 1.
        count: u32,
    },
    /// `count` different people of the role in [`Review::min_role`] or higher.
    MinRole {
        /// How many must; at least 1.
        count: u32,
    },
}

/// One entry of `reviewers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// This person, or any one member of this group; the roster says which it is.
    One(Name),
    /// `{ group = "dba", count = 2 }`: so many of its members.
    Count(Name, u32),
    /// `"dba/*"`: every member.
    Every(Name),
}

impl Entry {
    /// The principal or group it names, which is also the name of its seat.
    pub fn name(&self) -> &Name {
        match self {
            Self::One(name) | Self::Count(name, _) | Self::Every(name) => name,
        }
    }
}

/// Which other duties exclude somebody from counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separation {
    /// Another team than the requester's and its operators'.
    Team,
    /// Another role than the requester's and its operators'.
    Role,
}

/// Whether those who operate the requesting agent count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Operators {
    /// They count, but never alone.
    #[default]
    NotSole,
    /// They do not count.
    Exclude,
    /// They count like anyone; for one person's own use, and flagged wherever it shows.
    Count,
}

/// What the approving key must have proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Presence {
    /// Nothing beyond possession.
    #[default]
    Key,
    /// A touch of the hardware key.
    Touch,
    /// Its PIN as well.
    Pin,
}

/// Raises what is needed while its condition holds; never lowers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// When it holds.
    pub when: When,
    /// At least so many different people in all.
    pub min_approvals: Option<u32>,
    /// At least one of them of this role or higher.
    pub min_role: Option<String>,
}

/// The condition of an [`Escalation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The request, a counted decision or the claim falls into these hours.
    Hours(Hours),
    /// At the base of the request or of a counted decision, the risk has this level or a higher one.
    Risk(Level),
    /// At the base of the request or of a counted decision, something is unlike the requester.
    Anomaly,
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hours(hours) => {
                let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
                write!(f, "from {} to {}", clock(hours.from), clock(hours.to))
            }
            Self::Risk(level) => write!(f, "where the risk is {level} or higher"),
            Self::Anomaly => f.write_str("where something is unlike the requester"),
        }
    }
}

/// A daily window in the policy's time zone: from inclusive, to exclusive, over midnight where `to` is earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight.
    pub to: u16,
}

impl Hours {
    /// Whether a minute of the day lies inside.
    pub fn holds(self, minute: u16) -> bool {
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

impl std::str::FromStr for Hours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let minute = |time: &str| -> Option<u16> {
            let (hour, minute) = time.split_once(':')?;
            let two = |text: &str| (text.len() == 2).then(|| text.parse::<u16>().ok()).flatten();
            let (hour, minute) = (two(hour)?, two(minute)?);
            (hour < 24 && minute < 60).then_some(hour * 60 + minute)
        };
        text.split_once('-')
            .and_then(|(from, to)| Some(Self { from: minute(from)?, to: minute(to)? }))
            .filter(|hours| hours.from != hours.to)
            .ok_or_else(|| HoursError(text.chars().take(80).collect()))
    }
}

/// A text that is no daily window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a window of hours: expected `HH:MM-HH:MM`, like `22:00-07:00`")]
pub struct HoursError(String);

/// What an approval must bring besides its signature.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Care {
    /// The least time between the card's being shown and the approval.
    pub min_review_time: Option<Lifetime>,
    /// Whether it needs a comment.
    pub require_comment: bool,
    /// Seat and question: an approval that fills the seat must answer.
    pub questions: Vec<(Name, String)>,
    /// What the key must have proved.
    pub require_key: Presence,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_wrap_over_midnight() {
        let night: Hours = "22:00-07:00".parse().unwrap();
        for (minute, inside) in
            [(22 * 60, true), (23 * 60 + 59, true), (0, true), (419, true), (420, false), (1319, false)]
        {
            assert_eq!(night.holds(minute), inside, "{minute}");
        }
        for wrong in ["", "22-7", "24:00-07:00", "07:00-07:00", "7:00-8:00", "07:60-08:00", "é:00-07:00"] {
            assert!(wrong.parse::<Hours>().is_err(), "{wrong}");
        }
    }
}
