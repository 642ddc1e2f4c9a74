//! A request's risk, put into words.

use crate::commands::report::{AnomalyView, PastView, ReasonView, RiskView};
use crate::commands::request::Found;
use crate::domain::shown;
use crate::gate::hazard;
use crate::gate::state::Standing;
use crate::risk::Past;

/// The words for a request's risk.
pub(super) fn view(found: &Found, standing: &Standing) -> RiskView {
    let (version, dossier) = (&found.judged.version, &found.dossier);
    let assessed = hazard::judge(version, dossier, &standing.governing, &found.past);
    let subject = hazard::subject(dossier, &standing.governing);
    let past = |past: &Past| PastView {
        id: past.id.to_string(),
        command: shown::line(&past.text),
        created: past.created.to_string(),
        end: past.end.as_str(),
    };
    RiskView {
        score: assessed.score,
        level: assessed.level.to_string(),
        as_of: found.judged.commit.to_string(),
        reasons: assessed
            .reasons
            .iter()
            .map(|reason| ReasonView { signal: reason.id, weight: reason.weight, text: shown::line(&reason.text) })
            .collect(),
        anomalies: assessed
            .anomalies
            .iter()
            .map(|anomaly| AnomalyView {
                anomaly: anomaly.id,
                text: shown::line(&anomaly.text),
                facts: shown::line(&anomaly.facts),
            })
            .collect(),
        last_run: found.past.last_run(&subject).map(past),
        denied_before: found.past.denied_before(&subject).map(|(denied, _)| past(denied)),
    }
}
