//! When the conditions of escalations hold.

use crate::domain::requirement::{Escalation, Hours, When};
use crate::domain::risk::Heat;
use crate::domain::time::Timestamp;
use crate::gate::quorum::Moment;

/// More different conditions than this hold always: they are tried in every combination.
const CONDITIONS: usize = 6;

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

    /// Whether a condition holds for what was done at this time, with this heat.
    pub(super) fn holds(&self, when: When, at: Timestamp, heat: Heat) -> bool {
        match when {
            When::Hours(hours) => self.inside(hours, at),
            When::Risk(level) => heat.level >= level,
            When::Anomaly => heat.anomaly,
        }
    }

    /// Escalations that hold whatever is decided, and the conditions of those that depend on decisions.
    pub(super) fn sort<'a>(
        &self,
        escalations: &'a [Escalation],
        moment: &Moment<'_>,
    ) -> (Vec<&'a Escalation>, Vec<When>) {
        let mut held = Vec::new();
        let mut open = Vec::new();
        for escalation in escalations {
            let when = escalation.when;
            if self.holds(when, moment.requested, moment.heat) || self.holds(when, moment.now, moment.heat) {
                held.push(escalation);
            } else if !open.contains(&when) {
                if open.len() < CONDITIONS { open.push(when) } else { held.push(escalation) }
            }
        }
        (held, open)
    }

    /// Which of the conditions hold for a decision, one bit each.
    pub(super) fn mask(&self, conditions: &[When], decided: Timestamp, heat: Heat) -> u32 {
        let bit = |(nth, when): (usize, &When)| if self.holds(*when, decided, heat) { 1 << nth } else { 0 };
        conditions.iter().enumerate().map(bit).fold(0, |mask, bit| mask | bit)
    }
}
