//! Policy versions that wait for signatures, each on a branch `policy/<version>-<digest>`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::id::{CommitId, Digest, ObjectId};
use crate::domain::principal::{Name, Roster};
use crate::domain::root::{Origin, Root};
use crate::gate::audit::Standpoint;
use crate::gate::history::{self, FILE, History as _};
use crate::gate::ledger::Ledger as _;
use crate::record::root::MAX_FILE;
use crate::record::{Record as _, roster::allowed_signers};
use crate::trust::root::{PolicyVersion, VersionFiles, read, signers};
use crate::world::store::{Store, StoreError};

/// A version that was proposed: its digest is what its name says, and all its files are there.
///
/// Whoever can push can add commits to the branch. So files are taken from wherever on it they have the digest that
/// the root names, and signatures from wherever on it they hold; the rest is not looked at, and cannot stop anyone.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The branch, without `refs/heads/`.
    pub branch: String,
    /// Its tip, which a push is leased on.
    pub tip: CommitId,
    /// What it says; not yet to be believed.
    pub version: PolicyVersion,
    /// The version's files, with the signatures that hold.
    pub files: VersionFiles,
    /// Every file outside `policy/` and `requests/`, by path.
    pub governed: BTreeMap<String, ObjectId>,
    /// The version in force, where this one follows it; its admins must sign too.
    pub previous: Option<Arc<PolicyVersion>>,
}

/// One roster whose admins must sign a version, and how far they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The version whose admins these are.
    pub version: u32,
    /// How many of them must.
    pub threshold: u32,
    /// Who has.
    pub signed: Vec<Name>,
    /// Who has not.
    pub waiting: Vec<Name>,
}

impl Side {
    fn of(files: &VersionFiles, version: &PolicyVersion) -> Self {
        let roster = version.roster();
        let signed = signers(files, roster);
        let waiting = roster.admins().iter().filter(|admin| !signed.contains(admin)).cloned().collect();
        Self { version: version.root().version, threshold: roster.threshold(), signed, waiting }
    }

    /// Whether enough have signed.
    pub fn is_met(&self) -> bool {
        self.signed.len() >= self.threshold as usize
    }
}

/// A branch that holds no version that could come into force.
#[derive(Debug, Clone)]
pub struct Stale {
    /// Its branch, without `refs/heads/`.
    pub branch: String,
    /// Its number.
    pub number: u32,
    /// Its digest.
    pub digest: Digest,
    /// Why.
    pub why: String,
}

/// The branches of versions that wait, sorted.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// What can come into force.
    pub proposals: Vec<Proposal>,
    /// What no longer can, or not yet.
    pub stale: Vec<Stale>,
    /// What is in force or was, where nobody removed the branch.
    pub over: Vec<(String, CommitId)>,
    /// What is no version, with the reason.
    pub unreadable: Vec<(String, String)>,
}

pub(super) const FETCHED: &str = "refs/expacti/fetched/policy/";
/// Commits of a proposal's branch that are looked at: one a signature, and some junk.
const MAX_COMMITS: usize = 1_024;

impl Proposal {
    /// The branch on which a version waits.
    pub fn branch(version: u32, digest: &Digest) -> String {
        format!("policy/{version:06}-{digest}")
    }

    /// Whose signatures it needs: the admins of the version in force, and its own.
    pub fn sides(&self) -> Vec<Side> {
        let versions = self.previous.as_deref().into_iter().chain(std::iter::once(&self.version));
        versions.map(|version| Side::of(&self.files, version)).collect()
    }

    /// Whether it has all that it needs.
    pub fn is_complete(&self) -> bool {
        self.sides().iter().all(Side::is_met)
    }

    /// The names under which a key's signature counts: one, or two where an admin is called otherwise from now on.
    pub fn seats(&self, key: &crate::domain::key::PublicKey) -> BTreeSet<Name> {
        let versions = self.previous.as_deref().into_iter().chain(std::iter::once(&self.version));
        let admin = |version: &PolicyVersion| {
            let roster = version.roster();
            roster.owner_of(key).map(|owner| owner.id.clone()).filter(|owner| roster.admins().contains(owner))
        };
        versions.filter_map(admin).collect()
    }
}

impl Store {
    /// Fetches what waits for signatures, and sorts it by what is in force at `at`; `None`: nothing yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn proposals(&self, at: Option<&Standpoint>) -> Result<Waiting, StoreError> {
        let lock = super::lock_file(&self.memory)?;
        self.git.fetch(&self.url, &[&format!("+refs/heads/policy/*:{FETCHED}*")], true)?;
        let branches = self.objects.references(FETCHED)?;
        drop(lock);
        let mut waiting = Waiting::default();
        for (name, tip) in branches {
            let parts = name
                .split_once('-')
                .and_then(|(number, digest)| Some((number.parse::<u32>().ok()?, digest.parse::<Digest>().ok()?)));
            let Some((number, digest)) = parts else { continue };
            let branch = Proposal::branch(number, &digest);
            if branch != format!("policy/{name}") {
                continue;
            }
            if let Some(why) = self.late(at, number, &digest)? {
                match why {
                    Some(why) => waiting.stale.push(Stale { branch, number, digest, why }),
                    None => waiting.over.push((branch, tip)),
                }
                continue;
            }
            match self.read_proposal(at, number, &digest, tip) {
                Ok(proposal) => match (at, proposal.version.root().origin) {
                    (Some(at), origin) if origin != Origin::Previous(at.version.digest()) => {
                        let why = format!("it does not follow version {} that is in force", number.saturating_sub(1));
                        waiting.stale.push(Stale { branch, number, digest, why });
                    }
                    (None, _) if digest != self.repo => {
                        let why = "it is not the first version that this machine has pinned".to_owned();
                        waiting.stale.push(Stale { branch, number, digest, why });
                    }
                    _ => waiting.proposals.push(proposal),
                },
                Err(why) => waiting.unreadable.push((branch, why)),
            }
        }
        Ok(waiting)
    }

    /// Why a version of this number cannot come into force next; `Some(None)`: it did.
    fn late(
        &self,
        at: Option<&Standpoint>,
        number: u32,
        digest: &Digest,
    ) -> Result<Option<Option<String>>, StoreError> {
        let Some(at) = at else { return Ok(None) };
        let newest = at.version.root().version;
        if number == newest + 1 {
            return Ok(None);
        }
        if number > newest {
            return Ok(Some(Some(format!("version {newest} is in force: the next is {}", newest + 1))));
        }
        let tree = self.objects.commit(&at.commit)?.tree;
        let path = format!("{}/root.toml", Root::directory(number));
        let landed = match history::at(&self.objects, &tree, &path)? {
            Some(entry) => Digest::of(&self.objects.blob(&entry.id, MAX_FILE)?) == *digest,
            None => false,
        };
        Ok(Some((!landed).then(|| format!("another version {number} came into force"))))
    }

    fn read_proposal(
        &self,
        at: Option<&Standpoint>,
        number: u32,
        digest: &Digest,
        tip: CommitId,
    ) -> Result<Proposal, String> {
        let directory = Root::directory(number);
        let trees = self.trees(tip).map_err(|error| error.to_string())?;
        let with_digest = |path: &str, digest: &Digest| {
            let found = self.everywhere(&trees, path).find(|(_, bytes)| Digest::of(bytes) == *digest);
            found.ok_or_else(|| format!("`{path}` with the digest {digest} is not there"))
        };
        let (_, root_bytes) = with_digest(&format!("{directory}/root.toml"), digest)?;
        let root = Root::parse(&root_bytes).map_err(|error| format!("root.toml: {error}"))?;
        if root.version != number {
            return Err(format!("its root is that of version {}", root.version));
        }
        let mut governed = BTreeMap::new();
        let mut texts = BTreeMap::new();
        for (path, digest) in &root.files {
            let (id, bytes) = with_digest(path, digest)?;
            governed.insert(path.clone(), id);
            texts.insert(path.as_str(), bytes);
        }
        let text = |name: &str| texts.get(name).cloned().ok_or_else(|| format!("its root names no {name}"));
        let mut files = VersionFiles {
            root: root_bytes,
            config: text("config.toml")?,
            roster: text("roster.toml")?,
            ..VersionFiles::default()
        };
        let (_, roster) = crate::record::read_policy(&files.config, &files.roster)
            .map_err(|faults| faults.first().map(ToString::to_string).unwrap_or_default())?;
        files.allowed_signers = allowed_signers(&roster);
        let previous = at.map(|at| Arc::clone(&at.version));
        let old = previous.as_deref().map(PolicyVersion::roster);
        self.collect_signatures(&mut files, &trees, &directory, old, &roster);
        let version = read(&files).map_err(|error| error.to_string())?;
        Ok(Proposal { branch: Proposal::branch(number, digest), tip, version, files, governed, previous })
    }

    /// For each admin the newest signature that counts on every side, or else where it is needed.
    fn collect_signatures(
        &self,
        files: &mut VersionFiles,
        trees: &[ObjectId],
        directory: &str,
        old: Option<&Roster>,
        new: &Roster,
    ) {
        let sides: Vec<&Roster> = old.into_iter().chain(std::iter::once(new)).collect();
        let admins: BTreeSet<&Name> = sides.iter().flat_map(|roster| roster.admins()).collect();
        // Who has another key in each version and has signed with both: one file can hold one of them.
        let mut torn: Vec<(&Name, Vec<u8>, Vec<u8>)> = Vec::new();
        for admin in admins {
            let seats = sides.iter().filter(|roster| roster.admins().contains(admin)).count();
            let mut half: [Option<Vec<u8>>; 2] = [None, None];
            for (_, signature) in self.everywhere(trees, &format!("{directory}/root.toml.{admin}.sig")) {
                files.signatures.insert(admin.clone(), signature.clone());
                let counts: Vec<bool> = sides.iter().map(|roster| signers(files, roster).contains(admin)).collect();
                if counts.iter().filter(|counts| **counts).count() == seats {
                    half = [None, None];
                    break;
                }
                files.signatures.remove(admin);
                for (kept, _) in half.iter_mut().zip(&counts).filter(|(kept, counts)| **counts && kept.is_none()) {
                    *kept = Some(signature.clone());
                }
            }
            match half {
                [Some(one), Some(other)] => torn.push((admin, one, other)),
                [Some(one), None] | [None, Some(one)] => {
                    files.signatures.insert(admin.clone(), one);
                }
                [None, None] => {}
            }
        }
        for (admin, under_old, under_new) in torn {
            let met = old.is_none_or(|old| signers(files, old).len() >= old.threshold() as usize);
            files.signatures.insert(admin.clone(), if met { under_new } else { under_old });
        }
    }

    /// The trees of a branch down to where it left `main`, the newest first.
    fn trees(&self, tip: CommitId) -> Result<Vec<ObjectId>, StoreError> {
        let mut trees = Vec::new();
        let mut at = Some(tip);
        for _ in 0..MAX_COMMITS {
            let Some(commit) = at else { break };
            if self.index.find(&commit)?.is_some() {
                break;
            }
            let commit = self.objects.commit(&commit)?;
            if trees.last() != Some(&commit.tree) {
                trees.push(commit.tree);
            }
            at = commit.parents.first().copied();
        }
        Ok(trees)
    }

    /// Every plain file that ever lay at `path`, the newest first, each once.
    fn everywhere<'a>(&'a self, trees: &'a [ObjectId], path: &str) -> impl Iterator<Item = (ObjectId, Vec<u8>)> + 'a {
        let path = path.to_owned();
        let mut seen = BTreeSet::new();
        trees.iter().filter_map(move |tree| {
            let entry = history::at(&self.objects, tree, &path).ok()??;
            let new = entry.mode == FILE && seen.insert(entry.id);
            Some((entry.id, new.then(|| self.objects.blob(&entry.id, MAX_FILE).ok())??))
        })
    }
}
