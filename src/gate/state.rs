//! What the gate concludes about a request now, and why.

use crate::domain::decision::Decision;
use crate::domain::outcome::Outcome;
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::gate::authorized::Authorized;
use crate::gate::governing::Governing;
use crate::gate::quorum::Tally;

/// The conclusion about a request whose ending has not landed.
#[derive(Debug)]
#[must_use = "a conclusion that nobody looks at decides nothing"]
pub enum State {
    /// People still have to decide.
    Pending(Standing),
    /// It may be claimed, once.
    Approved(Box<Authorized>, Standing),
    /// Somebody who may said no.
    Denied(Box<Decision>, Standing),
    /// Nobody claimed it in time.
    Expired(Standing),
    /// The requester took it back; not landed yet.
    Withdrawn(Box<Outcome>, Standing),
    /// Policy refuses it, whoever approves.
    Refused(String, Standing),
    /// It can be ended, never claimed: its branch, its requester or its date is not what it must be.
    Blocked(String, Standing),
}

/// How a request stands with each policy.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What governs it, and why.
    pub governing: Governing,
    /// Name and count of every governing policy that asks people.
    pub tallies: Vec<(String, Tally)>,
    /// The earlier of what the request says and the policies allow.
    pub expires: Timestamp,
}

impl State {
    /// The word people and programs see.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pending(_) => "pending",
            Self::Approved(..) => "approved",
            Self::Denied(..) => "denied",
            Self::Expired(_) => "expired",
            Self::Withdrawn(..) => "withdrawn",
            Self::Refused(..) => "refused",
            Self::Blocked(..) => "blocked",
        }
    }

    /// How it stands with each policy.
    pub fn standing(&self) -> &Standing {
        match self {
            Self::Pending(standing)
            | Self::Approved(_, standing)
            | Self::Denied(_, standing)
            | Self::Expired(standing)
            | Self::Withdrawn(_, standing)
            | Self::Refused(_, standing)
            | Self::Blocked(_, standing) => standing,
        }
    }
}

impl Standing {
    /// People who count for some policy, each once.
    pub fn counted(&self) -> Vec<&Name> {
        let mut names: Vec<&Name> =
            self.tallies.iter().flat_map(|(_, tally)| tally.counted.iter().map(|counted| &counted.reviewer)).collect();
        names.sort();
        names.dedup();
        names
    }
}
