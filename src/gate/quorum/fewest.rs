//! How few people could meet a policy.

use crate::domain::policy::Policy;
use crate::domain::principal::Name;
use crate::domain::requirement::{Operators, Quorum, Requirement};
use crate::gate::quorum::Asking;
use crate::gate::quorum::panel::Panel;
use crate::gate::quorum::seating::Hands;

/// The fewest different people whose approvals can meet a policy for this requester; `None`: nobody can.
///
/// Outside the `hours` of escalations, which may ask for more.
pub fn fewest(policy: &Policy, asking: &Asking<'_>) -> Option<usize> {
    match policy.requirement {
        Requirement::Allow => return Some(0),
        Requirement::Deny => return None,
        Requirement::Review(_) => {}
    }
    let panel = Panel::new(policy, asking);
    if panel.impossible(&[]).is_some() {
        return None;
    }
    let places = match panel.quorum {
        Some(Quorum::AllOf(_)) => panel.places.iter().sum(),
        Some(Quorum::AnyOf { count, .. } | Quorum::MinRole { count }) => (*count).max(1) as usize,
        None => return None,
    };
    let layered = panel.min_role.filter(|_| !matches!(panel.quorum, Some(Quorum::MinRole { .. })));
    let brings_both = |person: &Name| {
        let ranks = layered.is_none_or(|role| panel.roster.holds(person, role));
        ranks && (policy.operators != Operators::NotSole || !panel.is_operator(person))
    };
    // Rank and distance from the requester may take two people where one would fill the count.
    let needed = if panel.open(&Hands::new()).keys().any(|person| brings_both(person)) { 1 } else { 2 };
    Some(places.max(needed))
}
