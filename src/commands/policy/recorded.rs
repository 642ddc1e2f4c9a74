//! Commands that the repository has recorded, judged again under another policy.

use crate::commands::error::CommandError;
use crate::domain::id::RequestId;
use crate::domain::policy::PolicySet;
use crate::domain::principal::Roster;
use crate::domain::request::Request;
use crate::gate::conditions::applies;
use crate::gate::dossier::MAX_RECORD;
use crate::gate::governing::{Gate, Texts, governing_by};
use crate::gate::history::{self, FILE, History as _, ReadError};
use crate::gate::quorum::{Asking, fewest};
use crate::record::Record as _;
use crate::world::store::Store;

/// A request that landed on verified `main`, with the texts that travelled along.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) id: RequestId,
    pub(super) request: Request,
    pub(super) texts: Texts,
}

/// The newest requests that ended, at most `limit`.
pub(super) fn newest(store: &Store, limit: usize) -> Result<Vec<Recorded>, CommandError> {
    let unsure = |error: ReadError| CommandError::unsure(error.to_string());
    let objects = store.objects();
    let mut found = Vec::new();
    for row in store.index().newest(limit)? {
        let entry = history::at(objects, &row.landed.tree, "request.toml").map_err(unsure)?;
        let Some(entry) = entry else { continue };
        let bytes = objects.blob(&entry.id, MAX_RECORD).map_err(unsure)?;
        let request = Request::parse(&bytes).map_err(|error| CommandError::unsure(error.to_string()))?;
        let mut texts = Texts::new();
        for file in history::subtree(objects, &row.landed.tree, "files").map_err(unsure)?.iter() {
            if file.mode == FILE {
                let text = objects.blob(&file.id, MAX_RECORD).map_err(unsure)?;
                texts.insert(crate::domain::id::Digest::of(&text), text);
            }
        }
        found.push(Recorded { id: row.id, request, texts });
    }
    Ok(found)
}

/// What policies ask for a command, as a number of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    /// All that govern.
    pub(super) policies: Vec<String>,
    /// How many different people at least; `None`: it never runs.
    pub(super) people: Option<usize>,
    /// Why it never runs.
    pub(super) reason: Option<String>,
}

impl Judged {
    /// `allow`, `review` or `deny`.
    pub(super) fn decision(&self) -> &'static str {
        match self.people {
            Some(0) => "allow",
            Some(_) => "review",
            None => "deny",
        }
    }

    /// `no approval`, `2 people`, `never`.
    pub(super) fn words(&self) -> String {
        match self.people {
            Some(0) => "no approval".to_owned(),
            Some(1) => "1 person".to_owned(),
            Some(many) => format!("{many} people"),
            None => "never".to_owned(),
        }
    }

    /// Whether it asks for fewer people than `other`; what never runs asks for the most.
    pub(super) fn asks_less_than(&self, other: &Self) -> bool {
        match (self.people, other.people) {
            (Some(own), Some(other)) => own < other,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}

/// Judges a request's facts under these policies and people.
pub(super) fn judge(set: &PolicySet, roster: &Roster, request: &Request, texts: &Texts) -> Judged {
    let governing = governing_by(set, request, texts, &|policy, found| applies(policy, found, request, roster));
    count(set, roster, request, &governing)
}

/// How many people a judgement asks for.
pub(super) fn count(
    set: &PolicySet,
    roster: &Roster,
    request: &Request,
    governing: &crate::gate::governing::Governing,
) -> Judged {
    let asking = Asking { requester: &request.requester, roster };
    let policies = governing.policies.clone();
    let (people, reason) = match &governing.gate {
        Gate::Allow => (Some(0), None),
        Gate::Deny(reason) => (None, Some(reason.clone())),
        Gate::Review => {
            // One signature may serve several policies: the most demanding of them says how many it takes at least.
            let each: Option<Vec<usize>> =
                policies.iter().filter_map(|name| set.get(name)).map(|policy| fewest(policy, &asking)).collect();
            let reason = each.is_none().then(|| format!("nobody could approve it for `{}`", request.requester));
            (each.map(|each| each.into_iter().max().unwrap_or(0)), reason)
        }
    };
    Judged { policies, people, reason }
}
