//! Fetching the branches of requests, so that one git refuses stops no other and costs nothing twice.

use std::collections::BTreeMap;

use crate::domain::id::{CommitId, RequestId};
use crate::gate::finding::{Code, Finding};
use crate::world::paths::{read_bounded, write_durably};
use crate::world::store::{FETCHED, Store, StoreError, waiting};

const HEADS: &str = "refs/heads/";
/// The open requests, and nothing else that waits.
pub(super) const REQUESTS: [&str; 1] = ["requests"];
/// What is fetched where CI lands.
pub(super) const ALL: [&str; 3] = ["requests", waiting::DIRECTORIES[0], waiting::DIRECTORIES[1]];
/// The most refused heads that are remembered: each is an argument of every fetch.
const MAX_REFUSED: usize = 1_024;

/// Branches by name, `<directory>/<id>`, with their heads.
type Heads = BTreeMap<String, CommitId>;

impl Store {
    /// The branches below these directories: all together but those that git refused before, or one by one where one
    /// of them is bad.
    pub(super) fn fetch_branches(&self, directories: &[&str]) -> Result<(), StoreError> {
        let mut refused = self.refused();
        if !refused.is_empty() {
            // A head that moved may be good now.
            let heads = self.heads()?;
            refused.retain(|name, head| heads.get(name) == Some(head));
        }
        let wanted = |name: &str| directories.iter().any(|directory| belongs(name, directory));
        let mut refspecs: Vec<String> =
            directories.iter().map(|name| format!("+{HEADS}{name}/*:{FETCHED}{name}/*")).collect();
        refspecs.extend(refused.keys().filter(|name| wanted(name)).map(|name| format!("^{HEADS}{name}")));
        let refspecs: Vec<&str> = refspecs.iter().map(String::as_str).collect();
        if self.git.fetch(&self.url, &refspecs, true).is_err() {
            self.fetch_one_by_one(directories, &mut refused)?;
        }
        for (name, head) in refused.iter().filter(|(name, _)| wanted(name)) {
            let message = format!("git refuses to fetch {head}: it holds an object that no repository should");
            let finding = Finding::new(Code::ObjectUnreadable, message).commit(*head).path(format!("{HEADS}{name}"));
            self.warnings.borrow_mut().push(finding);
        }
        self.remember_refused(&refused)
    }

    fn fetch_one_by_one(&self, directories: &[&str], refused: &mut Heads) -> Result<(), StoreError> {
        let heads = self.heads()?;
        for directory in directories {
            for (id, _) in self.objects.references(&format!("{FETCHED}{directory}/"))? {
                if !heads.contains_key(&format!("{directory}/{id}")) {
                    self.objects.remove_reference(&format!("{FETCHED}{directory}/{id}"))?;
                }
            }
            for (name, head) in heads.iter().filter(|(name, _)| belongs(name, directory)) {
                if refused.contains_key(name) {
                    continue;
                }
                let refspec = format!("+{HEADS}{name}:{FETCHED}{name}");
                let Err(error) = self.git.fetch(&self.url, &[&refspec], false) else { continue };
                // Only what the objects themselves are at fault for: a network that failed is tried again.
                if error.to_string().contains("fsck error") {
                    refused.insert(name.clone(), *head);
                } else {
                    let path = format!("{HEADS}{name}");
                    let finding = Finding::new(Code::ObjectUnreadable, error.to_string()).path(path);
                    self.warnings.borrow_mut().push(finding);
                }
            }
        }
        Ok(())
    }

    fn heads(&self) -> Result<Heads, StoreError> {
        let heads = self.git.remote_heads(&self.url)?;
        let ours = |(name, head): &(String, CommitId)| branch(name.strip_prefix(HEADS)?).map(|name| (name, *head));
        Ok(heads.iter().filter_map(ours).collect())
    }

    /// The heads that git refused; a list that is lost or damaged is made again.
    fn refused(&self) -> Heads {
        let bytes = read_bounded(&self.memory.join("refused"), 1 << 20).ok().flatten().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let pair = |line: &str| line.split_once(' ').and_then(|(name, head)| Some((branch(name)?, head.parse().ok()?)));
        text.lines().filter_map(pair).collect()
    }

    fn remember_refused(&self, refused: &Heads) -> Result<(), StoreError> {
        let known: Heads = refused.iter().take(MAX_REFUSED).map(|(name, head)| (name.clone(), *head)).collect();
        if known != self.refused() {
            let lines: String = known.iter().map(|(name, head)| format!("{name} {head}\n")).collect();
            write_durably(&self.memory.join("refused"), lines.as_bytes())?;
        }
        Ok(())
    }
}

fn belongs(name: &str, directory: &str) -> bool {
    name.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// The name where it is one of ours: nothing else becomes an argument of git.
fn branch(name: &str) -> Option<String> {
    let (directory, id) = name.split_once('/')?;
    id.parse::<RequestId>().ok().filter(|_| ALL.contains(&directory)).map(|_| name.to_owned())
}
