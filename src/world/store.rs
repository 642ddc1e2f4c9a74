//! The policy repository as this machine sees it: fetched, verified, remembered, appended to.

mod ahead;
mod chain;
mod exhibits;
mod fetch;
mod land;
mod locate;
mod policy;
mod proposals;
mod repair;
mod revoked;
mod verify;
mod waiting;

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::id::{CommitId, Digest, RequestId};
use crate::domain::policy::Land;
use crate::domain::root::Root;
use crate::gate::audit::{self, Standpoint, StepError, Versions};
use crate::gate::branch::{self, BranchError};
use crate::gate::dossier::{Dossier, DossierError, Judges, gather};
use crate::gate::finding::{Code, Finding};
use crate::gate::history::{self, History as _, ReadError};
use crate::gate::ledger::{Landed, Ledger as _, LedgerError, Position};
use crate::record::RecordError;
use crate::world::World;
use crate::world::git::{Git, GitError};
use crate::world::index::Index;
use crate::world::objects::Objects;
use crate::world::paths::{make_private_dir, read_bounded, write_durably};
use crate::world::settings::Pin;
use crate::world::signer::SignerError;

pub use chain::{Pace, judge_chain, judge_chain_at};
pub use land::{Ending, Landing, Record};
pub use proposals::{Proposal, Side, Stale, Waiting};
pub use repair::{Fix, Remedy};
pub use revoked::Suspect;
pub use verify::Audited;
pub use waiting::{Kind, Waits};

/// One pinned policy repository.
#[derive(Debug)]
pub struct Store {
    url: String,
    repo: Digest,
    /// The policy version that was given out of band, where it is later than the genesis.
    floor: Option<Digest>,
    memory: PathBuf,
    objects: Objects,
    git: Git,
    index: Index,
    versions: Versions,
    warnings: RefCell<Vec<Finding>>,
}

/// Why the repository does not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// git could not do it.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The local cache could not do it.
    #[error("the local cache: {}", .0.message())]
    Cache(#[from] git2::Error),
    /// A file of this machine.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The index.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// An object is missing or damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// `main` breaks a rule: nobody may act until it is repaired.
    #[error("main is not legal: {0}")]
    Illegal(Finding),
    /// The local cache does not show the whole history.
    #[error("{0}")]
    Cut(Finding),
    /// The remote has no `main`.
    #[error("`{0}` has no branch main: it is no policy repository, or its first policy still waits for signatures")]
    NoMain(String),
    /// The remote refuses the push.
    #[error("the repository refuses the push: {0}")]
    Refused(String),
    /// A branch cannot be read.
    #[error("{0}")]
    Branch(#[from] BranchError),
    /// More new policy versions than are verified at once.
    #[error("more than {0} new policy versions at once: {0} were verified, and are remembered")]
    ManyVersions(usize),
    /// A request does not verify.
    #[error("{0}")]
    Request(Finding),
    /// No signature.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// What this program was about to sign is no record.
    #[error("not written: {0}")]
    Record(#[from] RecordError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] crate::world::entropy::EntropyError),
}

impl From<StepError> for StoreError {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Illegal(finding) => Self::Illegal(finding),
            StepError::Read(error) => Self::Read(error),
            StepError::Ledger(error) => Self::Ledger(error),
            StepError::ManyVersions(most) => Self::ManyVersions(most),
        }
    }
}

impl From<DossierError> for StoreError {
    fn from(error: DossierError) -> Self {
        match error {
            DossierError::Request(finding) => Self::Request(finding),
            DossierError::Read(error) => Self::Read(error),
            DossierError::Ledger(error) => Self::Ledger(error),
        }
    }
}

pub(crate) const FETCHED_MAIN: &str = "refs/expacti/fetched/main";
const FETCHED: &str = "refs/expacti/fetched/";
const FETCHED_REQUESTS: &str = "refs/expacti/fetched/requests/";
/// Heads that were refused, and what was verified when they were.
const KEPT: &str = "refs/expacti/kept/";
const SEEN_REQUESTS: &str = "refs/expacti/seen/requests/";
const MAIN: &str = "refs/heads/main";

impl Store {
    /// Opens the cache of a pinned repository; nothing is fetched yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(world: &World, url: &str, repo: Digest) -> Result<Self, StoreError> {
        let cache = world.paths.cache(&repo);
        let memory = world.paths.memory(&repo);
        make_private_dir(&memory)?;
        if let Some(parent) = cache.parent() {
            make_private_dir(parent)?;
        }
        // Two processes that start at once must not both lay out the cache.
        let _lock = lock_file(&memory)?;
        // Nor has anyone but us anything to say in it.
        Objects::settle(&cache)?;
        if let Some(what) = Objects::cut(&cache).or_else(|| Objects::borrows(&cache)) {
            let message = format!("the local cache is cut: it has `{what}`, so history is missing or bent");
            return Err(StoreError::Cut(Finding::new(Code::HistoryCut, message).path(what)));
        }
        let objects = Objects::create(&cache)?;
        let git = Git::new(world, &cache);
        git.write_config(world)?;
        let index = Index::open(&memory.join("index.sqlite"))?;
        Ok(Self {
            url: url.to_owned(),
            repo,
            floor: None,
            memory,
            objects,
            git,
            index,
            versions: Versions::default(),
            warnings: RefCell::default(),
        })
    }

    /// Opens what a pin names: a `main` without the version that it was given is refused from then on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_pin(world: &World, pin: &Pin) -> Result<Self, StoreError> {
        let repo = pin.identity(&world.paths).map_err(|error| io::Error::other(error.to_string()))?;
        let floor = Digest::from_fingerprint(&pin.root)
            .map_err(|error| io::Error::other(format!("the pin of `{}`: {error}", pin.url)))?;
        let floor = Some(floor).filter(|floor| *floor != repo);
        Ok(Self { floor, ..Self::open(world, &pin.url, repo)? })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its identity: SHA-256 of the genesis root.
    pub fn repo(&self) -> Digest {
        self.repo
    }

    /// Its objects on this machine.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// What is known of the verified chain.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The directory of this machine's journal.
    pub fn journal(&self) -> PathBuf {
        self.memory.join("journal")
    }

    /// The directory of records that wait for delivery.
    pub fn spool(&self) -> PathBuf {
        self.memory.join("spool")
    }

    /// Where standard input that does not travel with its request waits on this machine.
    pub fn stdin(&self, digest: &Digest) -> PathBuf {
        self.memory.join("stdin").join(digest.to_string())
    }

    /// The key under which this machine binds variables that nobody sees.
    pub fn secret_key(&self) -> PathBuf {
        self.memory.join("secret-env.key")
    }

    /// The directory of what this machine has shown.
    pub fn shown(&self) -> PathBuf {
        self.memory.join("shown")
    }

    /// The directory of what this machine has told, or still has to.
    pub fn told(&self) -> PathBuf {
        self.memory.join("told")
    }

    /// What was noticed on the way and stops nobody, each once.
    pub fn take_warnings(&self) -> Vec<Finding> {
        self.warnings.take()
    }

    /// Fetches `main`, verifies what is new of it, remembers it, then fetches the open requests.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing may be decided or run.
    pub fn refresh(&self) -> Result<Standpoint, StoreError> {
        let _lock = lock_file(&self.memory)?;
        // Alone and first: a bad request branch must not keep anyone from seeing main.
        let standpoint = self.verify_main(self.fetch_main()?)?;
        let by_ci = standpoint.version.config().land == Land::Ci;
        self.fetch_branches(if by_ci { &fetch::ALL } else { &fetch::REQUESTS })?;
        Ok(standpoint)
    }

    /// As [`Store::refresh`], for who needs to know what has landed and nothing else.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing may be decided or run.
    pub fn refresh_main(&self) -> Result<Standpoint, StoreError> {
        let _lock = lock_file(&self.memory)?;
        self.verify_main(self.fetch_main()?)
    }

    /// The newest verified `main` this machine remembers, without asking the remote.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remembered(&self) -> Result<Option<Standpoint>, StoreError> {
        let Some((commit, position)) = self.index.tip()? else { return Ok(None) };
        self.standpoint(commit, position).map(Some)
    }

    fn standpoint(&self, commit: CommitId, position: Position) -> Result<Standpoint, StoreError> {
        let tree = self.objects.commit(&commit)?.tree;
        let version = self.versions.get(&self.objects, &tree, &position.root)?;
        Ok(Standpoint { commit, height: position.height, version, repo: self.repo })
    }

    /// Judges everything between the newest verified step and `tip`, and remembers it.
    fn verify_main(&self, tip: CommitId) -> Result<Standpoint, StoreError> {
        let memory = self.remembered_main()?;
        if let Some((commit, position)) = self.index.tip()?.filter(|(commit, _)| *commit == tip)
            && memory.is_none_or(|memory| memory == tip)
        {
            let standpoint = self.standpoint(commit, position)?;
            self.above_floor(&standpoint)?;
            return Ok(standpoint);
        }
        let standpoint = match self.judge_main(tip, memory, &mut |_, _| {}) {
            Err(StepError::Illegal(finding)) => return Err(StoreError::Illegal(self.keep(finding, &tip)?)),
            judged => judged?,
        };
        self.remember(&standpoint)?;
        Ok(standpoint)
    }

    /// Judges the chain up to `tip`, which must hold what this machine remembers, also where its index was lost.
    fn judge_main(
        &self,
        tip: CommitId,
        memory: Option<CommitId>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Standpoint, StepError> {
        let judge = |tip, progress: &mut dyn FnMut(u64, u64)| {
            judge_chain(&self.objects, &self.index, &self.versions, self.repo, tip, progress)
        };
        // What was verified comes first, or an index that was lost would take another history in its place.
        if let Some(memory) = memory.filter(|memory| self.objects.holds(memory))
            && self.index.find(&memory)?.is_none()
        {
            judge(memory, progress)?;
        }
        let standpoint = judge(tip, progress)?;
        self.above_floor(&standpoint)?;
        if let Some(memory) = memory
            && self.index.find(&memory)?.is_none()
        {
            self.index.clear()?;
            return Err(StepError::Illegal(verify::diverged(&self.objects, &tip, &memory)?));
        }
        Ok(standpoint)
    }

    /// Whether what the pin names came into force on the way to `at`: a genuine past before it is refused.
    fn above_floor(&self, at: &Standpoint) -> Result<(), StepError> {
        let Some(floor) = self.floor else { return Ok(()) };
        // In the tree, not among the versions that were ever read: those may be of a history that was refused.
        let tree = self.objects.commit(&at.commit)?.tree;
        for version in (1..=at.version.root().version).rev() {
            let path = format!("{}/root.toml", Root::directory(version));
            if let Some(file) = history::at(&self.objects, &tree, &path)?
                && Digest::of(&self.objects.blob(&file.id, audit::MAX_FILE)?) == floor
            {
                return Ok(());
            }
        }
        let (last, floor) = (at.version.root().version, floor.fingerprint());
        let message =
            format!("main ends at policy version {last}, before the one that this machine's pin names, {floor}");
        Err(StepError::Illegal(Finding::new(Code::BelowFloor, message).commit(at.commit).path("policy")))
    }

    /// Gives the two heads that do not fit together names in the cache, for whoever looks into it later.
    fn keep(&self, mut finding: Finding, tip: &CommitId) -> Result<Finding, StoreError> {
        let name = |commit: &CommitId| format!("{KEPT}{commit}");
        let verified = match self.remembered_main()? {
            Some(memory) => Some(memory),
            None => self.index.tip()?.map(|(commit, _)| commit),
        };
        for commit in std::iter::once(tip).chain(&verified).filter(|commit| self.objects.holds(commit)) {
            self.objects.set_reference(&name(commit), commit)?;
        }
        if verify::is_divergence(finding.code) {
            finding.message = format!("{}; both are kept in the local cache, below {KEPT}", finding.message);
        }
        Ok(finding)
    }

    fn memory_file(&self) -> PathBuf {
        self.memory.join("main")
    }

    fn remembered_main(&self) -> Result<Option<CommitId>, StoreError> {
        let Some(bytes) = read_bounded(&self.memory_file(), 1_024)? else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes);
        match text.trim().parse() {
            Ok(commit) => Ok(Some(commit)),
            Err(_) => {
                let path = self.memory_file();
                Err(io::Error::new(io::ErrorKind::InvalidData, format!("`{}` is damaged", path.display())).into())
            }
        }
    }

    /// After all checks, and so that a crash leaves the old or the new.
    fn remember(&self, standpoint: &Standpoint) -> Result<(), StoreError> {
        if self.remembered_main()? != Some(standpoint.commit) {
            write_durably(&self.memory_file(), format!("{}\n", standpoint.commit).as_bytes())?;
            self.objects.set_reference("refs/expacti/main", &standpoint.commit)?;
        }
        Ok(())
    }

    /// The branches of the repository, without `refs/heads/`; nothing is fetched.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remote_branches(&self) -> Result<Vec<String>, StoreError> {
        let heads = self.git.remote_heads(&self.url)?;
        Ok(heads.into_iter().filter_map(|(name, _)| name.strip_prefix("refs/heads/").map(str::to_owned)).collect())
    }

    /// What the remote says `main` is; nothing is fetched.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remote_tip(&self) -> Result<Option<CommitId>, StoreError> {
        Ok(self.git.remote_heads(&self.url)?.into_iter().find(|(name, _)| name == MAIN).map(|(_, tip)| tip))
    }

    /// Open requests as last fetched: branches of the right name whose id never landed on `main`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_requests(&self) -> Result<Vec<(RequestId, CommitId)>, StoreError> {
        let mut open = Vec::new();
        for (name, tip) in self.objects.references(FETCHED_REQUESTS)? {
            let Ok(id) = name.parse::<RequestId>() else { continue };
            if self.index.landed(&id)?.is_none() {
                open.push((id, tip));
            }
        }
        Ok(open)
    }

    /// The tip of one open request's branch as last fetched.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn branch_tip(&self, id: &RequestId) -> Result<Option<CommitId>, StoreError> {
        Ok(self.objects.reference(&format!("{FETCHED_REQUESTS}{id}"))?)
    }

    /// Remembers the tip of an open branch, and whether it was rewound since.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn saw(&self, id: &RequestId, tip: &CommitId) -> Result<(), StoreError> {
        let name = format!("{SEEN_REQUESTS}{id}");
        // What was seen once stays seen: a rewound branch, or another one in its place, does not lower it.
        match self.objects.reference(&name)? {
            Some(seen) if !self.objects.is_before(&seen, tip)? => Ok(()),
            _ => Ok(self.objects.set_reference(&name, tip)?),
        }
    }

    /// Pushes a branch back that this machine saw, that never ended on `main`, and that has vanished or was rewound.
    ///
    /// One that was replaced by another is left as it is: what was seen cannot be added to it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn restore(&self, id: &RequestId) -> Result<bool, StoreError> {
        let seen = self.objects.reference(&format!("{SEEN_REQUESTS}{id}"))?;
        let (Some(seen), None) = (seen, self.index.landed(id)?) else { return Ok(false) };
        let now = self.branch_tip(id)?;
        if let Some(now) = now
            && !self.objects.is_before(&now, &seen)?
        {
            return Ok(false);
        }
        let pushed = self.push_branch(id, now, seen)?;
        if pushed {
            self.objects.set_reference(&format!("{FETCHED_REQUESTS}{id}"), &seen)?;
        }
        Ok(pushed)
    }

    /// [`Store::restore`] for every branch this machine ever saw; those that ended are forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn restore_all(&self) -> Result<Vec<RequestId>, StoreError> {
        let mut restored = Vec::new();
        for (name, _) in self.objects.references(SEEN_REQUESTS)? {
            let Ok(id) = name.parse::<RequestId>() else { continue };
            if self.index.landed(&id)?.is_some() {
                self.objects.remove_reference(&format!("{SEEN_REQUESTS}{name}"))?;
            } else if self.restore(&id)? {
                restored.push(id);
            }
        }
        Ok(restored)
    }

    /// Reads an open request under what is in force at `at`.
    ///
    /// # Errors
    /// [`StoreError::Request`] where it does not verify; else it cannot be told.
    pub fn dossier(&self, at: &Standpoint, id: RequestId, tip: CommitId) -> Result<Dossier, StoreError> {
        let branch = branch::read(&self.objects, &self.index, id, tip)?;
        let tree = self.objects.commit(&at.commit)?.tree;
        let base = self.versions.get(&self.objects, &tree, &branch.base_position.root)?;
        let judges = Judges { now: &at.version, base: &base, repo: self.repo, height: at.height, endings: false };
        let mut dossier = gather(&self.objects, &self.index, branch, &judges)?;
        if at.version.config().land == Land::Ci {
            dossier.outcome = self.waiting_withdrawal(at, &id)?;
        }
        Ok(dossier)
    }

    /// Reads a landed request as it was judged: under the first parent of the step that ended it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn landed_dossier(
        &self,
        at: &Standpoint,
        id: RequestId,
        landed: &Landed,
    ) -> Result<(Dossier, Standpoint), StoreError> {
        let parents_of = |commit: &CommitId| -> Result<(CommitId, CommitId), StoreError> {
            match self.objects.commit(commit)?.parents.as_slice() {
                [first, second] => Ok((*first, *second)),
                _ => Err(StoreError::Ledger(LedgerError("a landed request without its chain".to_owned()))),
            }
        };
        let (first, ended) = parents_of(&landed.commit)?;
        let second = match &landed.outcome {
            Some(outcome) => parents_of(outcome)?.1,
            None => ended,
        };
        let position =
            self.index.find(&first)?.ok_or_else(|| LedgerError("a landed request is not on the chain".to_owned()))?;
        let tree = self.objects.commit(&at.commit)?.tree;
        let version = self.versions.get(&self.objects, &tree, &position.root)?;
        let judged =
            Standpoint { commit: first, height: position.height, version: Arc::clone(&version), repo: self.repo };
        let branch = branch::read(&self.objects, &self.index, id, second)?;
        let base = self.versions.get(&self.objects, &tree, &branch.base_position.root)?;
        // The outcome's base may lie after the claim.
        let judges = Judges { now: &version, base: &base, repo: self.repo, height: at.height, endings: true };
        Ok((gather(&self.objects, &self.index, branch, &judges)?, judged))
    }
}

/// One process at a time fetches, verifies and remembers.
fn lock_file(memory: &std::path::Path) -> io::Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(memory.join("lock"))?;
    file.lock()?;
    Ok(file)
}
