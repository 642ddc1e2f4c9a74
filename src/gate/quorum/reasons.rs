//! Words for a tired reviewer.

use crate::domain::principal::Name;
use crate::domain::requirement::{Escalation, Presence};

/// Why an approval does not count; its text goes on after the reviewer's name.
///
/// In the order of the checks: of several approvals by one person the last one stopped is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum NotCounted {
    /// Nobody knows on whose side anyone is.
    #[error("cannot be told apart from `{requester}`, who asks and is not in the roster")]
    UnknownRequester {
        /// Who asks.
        requester: Name,
    },
    /// Nobody approves their own request.
    #[error("asks for it, and nobody approves their own request")]
    Requester,
    /// Unknown where it is judged.
    #[error("is not in the roster")]
    NotInRoster,
    /// An agent or a runner.
    #[error("is not a person, and only persons review")]
    NotAPerson,
    /// Not named by the policy.
    #[error("is not among the reviewers of this policy")]
    NotASeat,
    /// `min_role` alone.
    #[error("does not hold the role `{needs}` or a higher one")]
    RoleTooLow {
        /// The lowest role that counts.
        needs: String,
    },
    /// `operators = "exclude"`.
    #[error("operates `{requester}`, whose operators do not count here")]
    Operator {
        /// The agent or runner that asks.
        requester: Name,
    },
    /// `separation = "team"`, and this one is in none.
    #[error("cannot be of another team than who asks: `{who}` has no team")]
    NoTeam {
        /// The reviewer, or one of the asking side.
        who: Name,
    },
    /// `separation = "team"`.
    #[error("is of team `{team}`, like `{with}`")]
    SameTeam {
        /// The team they share.
        team: String,
        /// One of the asking side.
        with: Name,
    },
    /// `separation = "role"`, and there is none to differ.
    #[error("cannot be of another role than who asks: `{who}` has no role")]
    NoRole {
        /// The reviewer, or the requester where nobody on its side has one.
        who: Name,
    },
    /// `separation = "role"`.
    #[error("has the role `{role}`, like `{with}`")]
    SameRole {
        /// The role they share.
        role: String,
        /// One of the asking side.
        with: Name,
    },
    /// `require_key`.
    #[error("signed with a key that proved no {}", match needs { Presence::Pin => "PIN", _ => "touch" })]
    WeakKey {
        /// What the policy asks of the key.
        needs: Presence,
    },
    /// `min_review_time`, in seconds, by the reviewer's own measurement.
    #[error("decided after {took} s, and the policy asks for at least {least} s")]
    TooFast {
        /// From being shown to deciding.
        took: u64,
        /// The least that counts.
        least: u64,
    },
    /// `require_comment`.
    #[error("gave no comment, and the policy asks for one")]
    NoComment,
    /// `questions`.
    #[error("left the question for `{seat}` unanswered: `{question}`")]
    NoAnswer {
        /// The seat or role.
        seat: Name,
        /// As the policy asks it.
        question: String,
    },
    /// The condition of an escalation holds for it, while the others suffice without it.
    #[error("is not needed: the others suffice, and it would only raise what is needed")]
    Spare,
}

/// An escalation that holds.
pub(super) fn escalation(escalation: &Escalation) -> String {
    let approvals = escalation.min_approvals.map(|least| format!("at least {least} approvals"));
    let role = escalation.min_role.as_ref().map(|role| format!("one by `{role}` or higher"));
    let raises: Vec<String> = approvals.into_iter().chain(role).collect();
    format!("raised {}: {}", escalation.when, raises.join(", "))
}
