//! When the `hours` of escalations hold.

use crate::domain::requirement::{Escalation, Hours, When};
use crate::domain::time::Timestamp;
use crate::gate::quorum::Moment;

/// More different windows of `hours` than this hold always: they are tried in every combination.
const WINDOWS: usize = 6;

/// The window of an escalation.
pub(super) fn hours(escalation: &Escalation) -> Hours {
    let When::Hours(hours) = escalation.when;
    hours
}

/// The policy's time zone; none where its name is unknown.
pub(super) struct Clock(Option<jiff::tz::TimeZone>);

impl Clock {
    pub(super) fn new(time_zone: &str) -> Self {
        Self(crate::domain::time::zone(time_zone))
    }

    /// Whether `at` lies inside; fails closed.
    pub(super) fn inside(&self, hours: Hours, at: Timestamp) -> bool {
        self.0.as_ref().is_none_or(|zone| {
            let local = at.instant().to_zoned(zone.clone());
            let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
            u16::try_from(minute).map_or(true, |minute| hours.holds(minute))
        })
    }

    /// Escalations that hold whatever is decided, and the windows whose escalations depend on decisions.
    pub(super) fn sort<'a>(
        &self,
        escalations: &'a [Escalation],
        moment: &Moment<'_>,
    ) -> (Vec<&'a Escalation>, Vec<Hours>) {
        let mut held = Vec::new();
        let mut windows = Vec::new();
        for escalation in escalations {
            let hours = hours(escalation);
            if self.inside(hours, moment.requested) || self.inside(hours, moment.now) {
                held.push(escalation);
            } else if !windows.contains(&hours) {
                if windows.len() < WINDOWS { windows.push(hours) } else { held.push(escalation) }
            }
        }
        (held, windows)
    }

    /// In which of the windows `at` lies, one bit each.
    pub(super) fn mask(&self, windows: &[Hours], at: Timestamp) -> u32 {
        let bit = |(nth, hours): (usize, &Hours)| if self.inside(*hours, at) { 1 << nth } else { 0 };
        windows.iter().enumerate().map(bit).fold(0, |mask, bit| mask | bit)
    }
}
