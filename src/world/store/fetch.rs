//! Fetching the open requests, so that a branch git refuses stops no other and costs nothing twice.

use std::collections::BTreeMap;

use crate::domain::id::{CommitId, RequestId};
use crate::gate::finding::{Code, Finding};
use crate::world::paths::{read_bounded, write_durably};
use crate::world::store::{FETCHED_REQUESTS, Store, StoreError};

const REQUESTS: &str = "refs/heads/requests/";
/// The most refused heads that are remembered: each is an argument of every fetch.
const MAX_REFUSED: usize = 1_024;

impl Store {
    /// All together but those that git refused before, or one by one where one of them is bad.
    pub(super) fn fetch_requests(&self) -> Result<(), StoreError> {
        let mut refused = self.refused();
        if !refused.is_empty() {
            // A head that moved may be good now.
            let heads = self.request_heads()?;
            refused.retain(|id, head| heads.get(id) == Some(head));
        }
        let mut refspecs = vec![format!("+{REQUESTS}*:{FETCHED_REQUESTS}*")];
        refspecs.extend(refused.keys().map(|id| format!("^{REQUESTS}{id}")));
        let refspecs: Vec<&str> = refspecs.iter().map(String::as_str).collect();
        if self.git.fetch(&self.url, &refspecs, true).is_err() {
            self.fetch_one_by_one(&mut refused)?;
        }
        for (id, head) in &refused {
            let message = format!("git refuses to fetch {head}: it holds an object that no repository should");
            let finding = Finding::new(Code::ObjectUnreadable, message).commit(*head).path(format!("{REQUESTS}{id}"));
            self.warnings.borrow_mut().push(finding);
        }
        self.remember_refused(&refused)
    }

    fn fetch_one_by_one(&self, refused: &mut BTreeMap<RequestId, CommitId>) -> Result<(), StoreError> {
        let heads = self.request_heads()?;
        for (name, _) in self.objects.references(FETCHED_REQUESTS)? {
            if name.parse().ok().is_none_or(|id: RequestId| !heads.contains_key(&id)) {
                self.objects.remove_reference(&format!("{FETCHED_REQUESTS}{name}"))?;
            }
        }
        for (id, head) in heads {
            if refused.contains_key(&id) {
                continue;
            }
            let name = format!("{REQUESTS}{id}");
            let Err(error) = self.git.fetch(&self.url, &[&format!("+{name}:{FETCHED_REQUESTS}{id}")], false) else {
                continue;
            };
            // Only what the objects themselves are at fault for: a network that failed is tried again.
            if error.to_string().contains("fsck error") {
                refused.insert(id, head);
            } else {
                let finding = Finding::new(Code::ObjectUnreadable, error.to_string()).path(name);
                self.warnings.borrow_mut().push(finding);
            }
        }
        Ok(())
    }

    fn request_heads(&self) -> Result<BTreeMap<RequestId, CommitId>, StoreError> {
        let heads = self.git.remote_heads(&self.url)?;
        Ok(heads.iter().filter_map(|(name, head)| Some((name.strip_prefix(REQUESTS)?.parse().ok()?, *head))).collect())
    }

    /// The heads that git refused; a list that is lost or damaged is made again.
    fn refused(&self) -> BTreeMap<RequestId, CommitId> {
        let bytes = read_bounded(&self.memory.join("refused"), 1 << 20).ok().flatten().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let pair =
            |line: &str| line.split_once(' ').and_then(|(id, head)| Some((id.parse().ok()?, head.parse().ok()?)));
        text.lines().filter_map(pair).collect()
    }

    fn remember_refused(&self, refused: &BTreeMap<RequestId, CommitId>) -> Result<(), StoreError> {
        let known: BTreeMap<_, _> = refused.iter().take(MAX_REFUSED).map(|(id, head)| (*id, *head)).collect();
        if known != self.refused() {
            let lines: String = known.iter().map(|(id, head)| format!("{id} {head}\n")).collect();
            write_durably(&self.memory.join("refused"), lines.as_bytes())?;
        }
        Ok(())
    }
}
