//! How risk is weighed: levels and what policy says about them.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::requirement::Hours;

/// A score in a word, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Routine.
    Low,
    /// Worth a look.
    Medium,
    /// Worth a second pair of eyes.
    High,
    /// Hard to undo, or not at all.
    Critical,
}

impl Level {
    /// All, lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word in `config.toml` and on every screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `[risk]` of `config.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskSettings {
    /// The lowest score of medium, high and critical, ascending.
    pub levels: [u8; 3],
    /// Weights from 0 (never fires) to 100, by the name of a signal.
    pub weights: BTreeMap<String, u8>,
    /// What counts as night, in the policy's time zone.
    pub night: Hours,
}

impl Default for RiskSettings {
    fn default() -> Self {
        Self { levels: [20, 50, 80], weights: BTreeMap::new(), night: Hours { from: 22 * 60, to: 6 * 60 } }
    }
}

impl RiskSettings {
    /// The level of a score.
    pub fn level(&self, score: u8) -> Level {
        let [medium, high, critical] = self.levels;
        match score {
            score if score >= critical => Level::Critical,
            score if score >= high => Level::High,
            score if score >= medium => Level::Medium,
            _ => Level::Low,
        }
    }
}
