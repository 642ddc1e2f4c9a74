//! Risk as the gate asks for it: who asks for what, what `main` knows of it, and the heat that escalations look at.

use crate::domain::id::CommitId;
use crate::domain::request::Request;
use crate::domain::risk::{Heat, Level};
use crate::domain::time::Timestamp;
use crate::gate::dossier::Dossier;
use crate::gate::governing::{Governing, Texts, governing};
use crate::gate::ledger::LandedEnding;
use crate::matching::canonical_text;
use crate::risk::kind::kinds;
use crate::risk::look::Looked;
use crate::risk::score::Target;
use crate::risk::{Assessment, End, History, Past, Subject, assess};
use crate::trust::root::PolicyVersion;

/// The longest command line that history keeps, in characters.
const LONGEST: usize = 400;

/// What history is asked about a request.
pub fn subject(dossier: &Dossier, governing: &Governing) -> Subject {
    let request = dossier.request.value();
    let looked = looked(governing, request, &dossier.texts);
    Subject {
        requester: request.requester.clone(),
        key: dossier.request.key().fingerprint(),
        created: request.created,
        base: dossier.branch.base_position.height,
        kinds: kinds(&looked),
        text: String::from_utf8_lossy(&canonical_text(&request.command.argv)).chars().take(LONGEST).collect(),
        environments: governing.environments.named().map(str::to_owned).collect(),
    }
}

/// What history keeps of a request that ended at `height`; `ended` is the time that whoever ended it signed.
pub fn past(
    version: &PolicyVersion,
    dossier: &Dossier,
    governing: Option<&Governing>,
    (ending, ended): (&LandedEnding, Timestamp),
    height: u64,
) -> Past {
    let request = dossier.request.value();
    let own;
    let governing = match governing {
        Some(governing) => governing,
        None => {
            own = self::governing(version, request, &dossier.texts);
            &own
        }
    };
    let Subject { requester, key, created, base: _, kinds, text, environments } = subject(dossier, governing);
    let end = match ending {
        // What came of it lands later.
        LandedEnding::Claimed { .. } => End::Unknown,
        LandedEnding::Denied => End::Denied,
        LandedEnding::Expired => End::Expired,
        LandedEnding::Withdrawn => End::Withdrawn,
        LandedEnding::Refused => End::Refused,
    };
    Past { id: dossier.id, height, requester, key, created, ended, kinds, text, environments, end }
}

/// Judges a request's risk, with what has landed up to some step.
pub fn judge(version: &PolicyVersion, dossier: &Dossier, governing: &Governing, history: &History) -> Assessment {
    let request = dossier.request.value();
    let set = version.config();
    let subject = subject(dossier, governing);
    let targets: Vec<Target> = set
        .environments
        .iter()
        .filter(|environment| subject.environments.contains(&environment.name))
        .map(|environment| Target { name: environment.name.clone(), risk: environment.risk })
        .collect();
    let zone = crate::domain::time::zone(&set.time_zone);
    let looked = looked(governing, request, &dossier.texts);
    assess(&looked, &subject, &targets, !set.environments.is_empty(), history, &set.risk, zone.as_ref())
}

/// The heat of a request with what had landed at `base`, one of its records' own; the highest where that is not known.
///
/// INVARIANT: a dossier holds what had landed at every base of its records, wherever the policy asks for it.
pub(super) fn heat(version: &PolicyVersion, dossier: &Dossier, governing: &Governing, base: &CommitId) -> Heat {
    if !version.config().asks_history() {
        return Heat::default();
    }
    match dossier.pasts.get(base) {
        Some(history) => {
            let found = judge(version, dossier, governing, history);
            Heat { level: found.level, anomaly: !found.anomalies.is_empty() }
        }
        None => Heat { level: Level::Critical, anomaly: true },
    }
}

fn looked<'a>(governing: &'a Governing, request: &'a Request, texts: &'a Texts) -> Looked<'a> {
    let texts: Vec<&[u8]> = texts.values().map(Vec::as_slice).collect();
    Looked::new(&governing.tree, &request.command, governing.trusted, &texts)
}
