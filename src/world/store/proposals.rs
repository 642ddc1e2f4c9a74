//! Policy versions that wait for signatures, each on a branch `policy/<version>-<digest>`.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::id::{CommitId, Digest, ObjectId};
use crate::domain::principal::Name;
use crate::domain::root::Root;
use crate::domain::time::Timestamp;
use crate::gate::audit;
use crate::gate::history::{self, FILE, History as _};
use crate::record::{Record as _, roster::allowed_signers};
use crate::trust::root::{PolicyVersion, VersionFiles, read, signers};
use crate::world::git::{Pushed, Update};
use crate::world::store::{Landing, MAIN, Store, StoreError};

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
}

const FETCHED: &str = "refs/expacti/fetched/policy/";
/// Commits of a proposal's branch that are looked at: one a signature, and some junk.
const MAX_COMMITS: usize = 1_024;
const MAX_FILE: usize = 1 << 20;

impl Proposal {
    /// The branch on which a version waits.
    pub fn branch(version: u32, digest: &Digest) -> String {
        format!("policy/{version:06}-{digest}")
    }

    /// Admins of this version who signed.
    pub fn signed(&self) -> Vec<Name> {
        signers(&self.files, self.version.roster())
    }

    /// Admins of this version who have not.
    pub fn waiting(&self) -> Vec<Name> {
        let signed = self.signed();
        self.version.roster().admins().iter().filter(|admin| !signed.contains(admin)).cloned().collect()
    }

    /// Whether enough admins of this version signed.
    pub fn is_complete(&self) -> bool {
        self.signed().len() >= self.version.roster().threshold() as usize
    }
}

impl Store {
    /// Fetches what waits for signatures and names of it what could be read; the others with the reason.
    ///
    /// # Errors
    /// [`StoreError`].
    #[expect(clippy::type_complexity, reason = "two lists of different things")]
    pub fn proposals(&self) -> Result<(Vec<Proposal>, Vec<(String, String)>), StoreError> {
        let lock = super::lock_file(&self.memory)?;
        self.git.fetch(&self.url, &[&format!("+refs/heads/policy/*:{FETCHED}*")], true)?;
        let branches = self.objects.references(FETCHED)?;
        drop(lock);
        let (mut found, mut unreadable) = (Vec::new(), Vec::new());
        for (name, tip) in branches {
            let parts = name
                .split_once('-')
                .and_then(|(number, digest)| Some((number.parse::<u32>().ok()?, digest.parse::<Digest>().ok()?)));
            let Some((number, digest)) = parts else { continue };
            if Proposal::branch(number, &digest) != format!("policy/{name}") {
                continue;
            }
            match self.read_proposal(number, &digest, tip) {
                Ok(proposal) => found.push(proposal),
                Err(why) => unreadable.push((format!("policy/{name}"), why)),
            }
        }
        Ok((found, unreadable))
    }

    fn read_proposal(&self, number: u32, digest: &Digest, tip: CommitId) -> Result<Proposal, String> {
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
        for admin in roster.admins() {
            for (_, signature) in self.everywhere(&trees, &format!("{directory}/root.toml.{admin}.sig")) {
                files.signatures.insert(admin.clone(), signature);
                if signers(&files, &roster).contains(admin) {
                    break;
                }
                files.signatures.remove(admin);
            }
        }
        let version = read(&files).map_err(|error| error.to_string())?;
        Ok(Proposal { branch: Proposal::branch(number, digest), tip, version, files, governed })
    }

    /// The trees of a branch, the newest first.
    fn trees(&self, tip: CommitId) -> Result<Vec<ObjectId>, history::ReadError> {
        let mut trees = Vec::new();
        let mut at = Some(tip);
        while let Some(commit) = at.filter(|_| trees.len() < MAX_COMMITS) {
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

    /// Adds an admin's signature to a proposal's branch, if it is still where it was read; `None` where it moved.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn add_signature(
        &self,
        proposal: &Proposal,
        me: &Name,
        signature: Vec<u8>,
        now: Timestamp,
    ) -> Result<Option<Proposal>, StoreError> {
        let mut signed = proposal.clone();
        signed.files.signatures.insert(me.clone(), signature);
        let tree = self.proposal_tree(&signed)?;
        let number = proposal.version.root().version;
        let message = format!("policy {number:06}: signed by {me}");
        signed.tip = self.objects.write_commit(&[proposal.tip], &tree, me.as_str(), now, &message)?;
        let landed =
            self.push_policy(&format!("refs/heads/{}", proposal.branch), Some(proposal.tip), Some(signed.tip))?;
        Ok(landed.then_some(signed))
    }

    /// Makes a completely signed genesis the first commit of `main`, if there is no `main` yet.
    ///
    /// It is judged before it is pushed, by the judge everyone else will use.
    ///
    /// # Errors
    /// [`StoreError::Illegal`] where it would not be accepted; [`StoreError::Refused`].
    pub fn land_genesis(&self, proposal: &Proposal, author: &Name, now: Timestamp) -> Result<Landing, StoreError> {
        let tree = self.proposal_tree(proposal)?;
        let commit = self.objects.write_commit(&[], &tree, author.as_str(), now, "policy 000001: genesis")?;
        audit::genesis(&self.objects, &commit, Some(&self.repo))?;
        let landed = self.push_policy(MAIN, None, Some(commit))?;
        Ok(if landed { Landing::Landed(commit) } else { Landing::Moved })
    }

    /// Removes a proposal's branch where it is still at its tip; nothing depends on it.
    pub fn remove_proposal(&self, proposal: &Proposal) {
        let _ = self.push_policy(&format!("refs/heads/{}", proposal.branch), Some(proposal.tip), None);
    }

    /// The files of a first version and nothing else: what the branch's tip holds, where nobody added junk.
    fn proposal_tree(&self, proposal: &Proposal) -> Result<ObjectId, StoreError> {
        let mut blobs: Vec<(String, ObjectId)> =
            proposal.governed.iter().map(|(path, id)| (path.clone(), *id)).collect();
        for (path, bytes) in proposal.files.listed(proposal.version.root().version) {
            blobs.push((path, self.objects.write_blob(bytes)?));
        }
        Ok(self.objects.write_tree(None, &blobs)?)
    }

    fn push_policy(
        &self,
        reference: &str,
        expected: Option<CommitId>,
        new: Option<CommitId>,
    ) -> Result<bool, StoreError> {
        let update = Update { reference: reference.to_owned(), expected, new };
        match self.git.push(&self.url, &update)? {
            Pushed::Landed => Ok(true),
            Pushed::Moved => Ok(false),
            Pushed::Refused(reason) => Err(StoreError::Refused(reason)),
        }
    }
}
