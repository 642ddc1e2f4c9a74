//! What this machine has told, and what it still has to: a file for each request, event and channel.
//!
//! A note is made before the letter leaves, so that a crash repeats it rather than loses it, under the same message id; and it stays when the letter
//! was taken, so that nothing is told twice from here. Addresses and secrets are not in it.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::commands::notify::event::Event;
use crate::domain::id::RequestId;
use crate::domain::notify::Topic;
use crate::domain::time::{Lifetime, Timestamp};
use crate::world::paths::{create_durably, make_private_dir, read_bounded, write_durably};

/// The most bytes of a note.
const MAX: u64 = 256 << 10;
/// How long after its letter is stale a note is kept, so that nothing is told again.
const KEPT: Lifetime = Lifetime::minutes(7 * 24 * 60);
/// The longest pause between two tries, in seconds.
const LONGEST: u64 = 1_800;

/// Which letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) id: RequestId,
    pub(super) topic: Topic,
    pub(super) channel: String,
}

impl Key {
    fn name(&self) -> String {
        format!("{}.{}.{}", self.id, self.topic.as_str(), self.channel)
    }

    fn parse(name: &str) -> Option<Self> {
        let mut parts = name.splitn(3, '.');
        let (id, topic, channel) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        Some(Self { id, topic, channel: channel.to_owned() })
    }
}

/// A letter that was not taken yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    /// What it tells.
    pub(super) event: Event,
    /// When it was made, by this machine's clock, in seconds since 1970.
    pub(super) made: i64,
    /// From when on it tells nothing any more.
    stale: i64,
    /// How often it was sent in vain.
    tries: u32,
    /// When it may be tried again.
    next: i64,
    /// Why it was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failed: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    /// When it may be forgotten.
    until: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    letter: Option<Letter>,
}

/// The notes of one repository.
#[derive(Debug)]
pub(super) struct Notes {
    directory: PathBuf,
}

impl Notes {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Notes a letter, where none was before; whether it is new.
    ///
    /// # Errors
    /// As the file system says; then it must not be sent.
    pub(super) fn add(&self, key: &Key, event: Event, now: Timestamp, stale: Timestamp) -> io::Result<bool> {
        let letter = Letter { event, made: now.unix(), stale: stale.unix(), tries: 0, next: now.unix(), failed: None };
        let note = Note { until: stale.plus(KEPT).unix(), letter: Some(letter) };
        match create_durably(&self.directory.join(key.name()), &bytes(&note)?) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether it was noted.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.directory.join(key.name()).exists()
    }

    /// Takes up to `most` letters that are due and that `ours` holds for; no other process takes them for a while. What is stale is given up, what is old
    /// forgotten.
    ///
    /// # Errors
    /// As the file system says.
    pub(super) fn take(
        &self,
        now: Timestamp,
        most: usize,
        ours: impl Fn(&Key) -> bool,
    ) -> io::Result<Vec<(Key, Letter)>> {
        let Some(_lock) = self.lock()? else { return Ok(Vec::new()) };
        let mut taken = Vec::new();
        for key in self.keys()? {
            let path = self.directory.join(key.name());
            let Some(mut note) = read(&path)? else { continue };
            if now.unix() > note.until {
                std::fs::remove_file(&path)?;
                continue;
            }
            let Some(letter) = &mut note.letter else { continue };
            if now.unix() > letter.stale {
                note.letter = None;
                write_durably(&path, &bytes(&note)?)?;
                continue;
            }
            if letter.next > now.unix() || taken.len() >= most || !ours(&key) {
                continue;
            }
            letter.tries += 1;
            let pause = 15_u64.saturating_mul(1 << letter.tries.min(8)).min(LONGEST);
            letter.next = now.unix().saturating_add_unsigned(pause);
            taken.push((key, letter.clone()));
            write_durably(&path, &bytes(&note)?)?;
        }
        Ok(taken)
    }

    /// Writes down what came of a letter.
    ///
    /// # Errors
    /// As the file system says; it may then be sent again.
    pub(super) fn sent(&self, key: &Key, failed: Option<&str>) -> io::Result<()> {
        let path = self.directory.join(key.name());
        let Some(mut note) = read(&path)? else { return Ok(()) };
        match (failed, &mut note.letter) {
            (None, letter) => *letter = None,
            (Some(why), Some(letter)) => letter.failed = Some(why.to_owned()),
            (Some(_), None) => return Ok(()),
        }
        write_durably(&path, &bytes(&note)?)
    }

    /// Letters that wait, with why.
    ///
    /// # Errors
    /// As the file system says.
    pub(super) fn waiting(&self) -> io::Result<Vec<(Key, Letter)>> {
        let mut waiting = Vec::new();
        for key in self.keys()? {
            let letter = read(&self.directory.join(key.name()))?.and_then(|note| note.letter);
            waiting.extend(letter.map(|letter| (key, letter)));
        }
        Ok(waiting)
    }

    /// Requests that were told of here, and whose end was not.
    ///
    /// # Errors
    /// As the file system says.
    pub(super) fn unended(&self) -> io::Result<Vec<RequestId>> {
        let keys = self.keys()?;
        let ended = |id| keys.iter().any(|key| key.id == id && key.topic == Topic::Ended);
        let told = keys.iter().filter(|key| key.topic == Topic::Created).map(|key| key.id);
        let mut open: Vec<RequestId> = told.filter(|id| !ended(*id)).collect();
        open.dedup();
        Ok(open)
    }

    fn keys(&self) -> io::Result<Vec<Key>> {
        let entries = match std::fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut keys = Vec::new();
        for entry in entries {
            keys.extend(entry?.file_name().to_str().and_then(Key::parse));
        }
        keys.sort();
        Ok(keys)
    }

    fn lock(&self) -> io::Result<Option<File>> {
        make_private_dir(&self.directory)?;
        let lock = File::options().create(true).truncate(false).write(true).open(self.directory.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn bytes(note: &Note) -> io::Result<Vec<u8>> {
    serde_json::to_vec(note).map_err(io::Error::other)
}

/// A damaged note stands for one that was told: nothing is sent from it.
fn read(path: &Path) -> io::Result<Option<Note>> {
    let bytes = read_bounded(path, MAX)?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::notify::event::tests::sample;

    #[test]
    fn a_letter_is_taken_once_at_a_time_and_told_once() {
        let home = tempfile::tempdir().unwrap();
        let notes = Notes::new(home.path().join("told"));
        let at = |seconds| Timestamp::from_unix(1_795_338_000 + seconds).unwrap();
        let key = Key { id: RequestId::new([7; 16]), topic: Topic::Created, channel: "room".to_owned() };
        let add = || notes.add(&key, sample("x", ""), at(0), at(3_600)).unwrap();
        let take = |seconds| notes.take(at(seconds), 9, |_| true).unwrap().len();
        assert!(add() && !add());
        assert_eq!(notes.take(at(0), 9, |_| false).unwrap().len(), 0);
        assert_eq!((take(0), take(1), take(29)), (1, 0, 0));
        notes.sent(&key, Some("it is closed")).unwrap();
        assert_eq!(notes.waiting().unwrap()[0].1.failed.as_deref(), Some("it is closed"));
        assert_eq!((take(31), take(32), notes.unended().unwrap().len()), (1, 0, 1));
        notes.sent(&key, None).unwrap();
        assert_eq!((take(3_000), add(), notes.has(&key), notes.waiting().unwrap().len()), (0, false, true, 0));
        let kept = i64::try_from(KEPT.seconds()).unwrap();
        assert_eq!((take(3_600 + kept + 1), notes.has(&key)), (0, false));
        assert!(add());
        assert_eq!((take(3_601), take(9_000), notes.waiting().unwrap().len()), (0, 0, 0));
    }
}
