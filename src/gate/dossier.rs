//! One request and everything verified that speaks of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::claim::Claim;
use crate::domain::decision::{Decision, Verdict};
use crate::domain::id::{CommitId, Digest, RequestId};
use crate::domain::outcome::Outcome;
use crate::domain::request::Request;
use crate::gate::branch::{Added, Branch};
use crate::gate::finding::{Code, Finding};
use crate::gate::governing::{Texts, governing};
use crate::gate::hazard;
use crate::gate::history::{History, ReadError};
use crate::gate::ledger::{Ledger, LedgerError};
use crate::record::RecordFile;
use crate::risk::History as Pasts;
use crate::trust::root::PolicyVersion;
use crate::trust::signature::MAX_SIGNATURE;
use crate::trust::verify::{Authored, Later, Rejected, Verified, open, open_by};

/// The largest record or text that travels with a request, in bytes.
pub const MAX_RECORD: usize = 256 * 1024;

/// A verified request, its verified records in the order they were added, and what did not verify.
#[derive(Debug)]
pub struct Dossier {
    /// Its name.
    pub id: RequestId,
    /// The chain of commits it was read from.
    pub branch: Branch,
    /// The ask.
    pub request: Verified<Request>,
    /// Every decision that verified, oldest first; several by one reviewer are possible.
    pub decisions: Vec<Verified<Decision>>,
    /// Denials of this request by a key in force that were made on a history this machine does
    /// not know: they cannot land, and still nothing runs against them.
    pub doubts: Vec<Verified<Decision>>,
    /// A claim that verified.
    pub claim: Option<Verified<Claim>>,
    /// An outcome that verified.
    pub outcome: Option<Verified<Outcome>>,
    /// Texts that travel along and have the digest the request names.
    pub texts: Texts,
    /// What counts for nothing, and why.
    pub findings: Vec<Finding>,
    /// Paths, below the directory, of all that verified.
    pub verified: BTreeSet<String>,
    /// What had landed at the base of the request and of every decision, where an escalation asks for it.
    pub pasts: BTreeMap<CommitId, Pasts>,
}

/// Why there is no dossier.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DossierError {
    /// An object is missing or damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The index of `main` cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The request itself does not verify.
    #[error("{0}")]
    Request(Finding),
}

/// Whose keys and rules judge which record.
#[derive(Debug, Clone, Copy)]
pub struct Judges<'a> {
    /// The version in force where the ending lands: its first parent on `main`.
    pub now: &'a PolicyVersion,
    /// The version in force at the request's base; the request may also be verified under it,
    /// so that one whose requester has left can still be ended, never claimed.
    pub base: &'a PolicyVersion,
    /// SHA-256 of the genesis root.
    pub repo: Digest,
    /// Only records whose base is at most this high count.
    pub height: u64,
    /// Whether claims and outcomes are read: they count only where they land. On an open branch anyone with a
    /// key could otherwise take their names, or have decisions rest on them.
    pub endings: bool,
}

impl Dossier {
    /// The digests of all verified records but the outcome, sorted: what a claim must have seen.
    pub fn seen(&self) -> Vec<Digest> {
        let mut seen: Vec<Digest> =
            std::iter::once(self.request.digest()).chain(self.decisions.iter().map(Verified::digest)).collect();
        seen.extend(self.claim.as_ref().map(Verified::digest));
        seen.sort();
        seen
    }

    /// Whether the requester's key still stands in the roster that judges.
    pub fn requester_stands(&self, version: &PolicyVersion) -> bool {
        let owner = version.roster().owner_of(self.request.key());
        owner.is_some_and(|owner| owner.id == self.request.value().requester)
    }
}

/// Reads a branch's records, verifies each, and sorts out what does not hold.
///
/// # Errors
/// [`DossierError`]: the request itself does not verify, or objects are missing.
pub fn gather(
    history: &dyn History,
    ledger: &dyn Ledger,
    branch: Branch,
    judges: &Judges<'_>,
) -> Result<Dossier, DossierError> {
    let mut reader = Reader { history, ledger, branch: &branch, judges, order: BTreeMap::new(), findings: Vec::new() };
    let mut verified = BTreeSet::new();
    let request = reader.request()?;
    reader.order.insert(request.digest(), reader.stands("request.toml"));
    verified.extend(["request.toml".to_owned(), "request.toml.sig".to_owned()]);
    let texts = reader.texts(request.value(), &mut verified)?;

    let mut names: Vec<(usize, &String)> = branch.files.keys().map(|path| (reader.stands(path), path)).collect();
    names.sort();
    let mut decisions = Vec::new();
    let mut doubts = Vec::new();
    let mut claim = None;
    let mut outcome: Option<Verified<Outcome>> = None;
    for (order, path) in names {
        match RecordFile::parse(path) {
            Some((_, true)) => {}
            Some((RecordFile::Claim | RecordFile::Outcome | RecordFile::OutcomeLate, false)) if !judges.endings => {
                reader.report(Code::EndingUnauthorized, path, "it counts only on main");
            }
            Some((RecordFile::Decision { reviewer, short }, false)) => {
                let Some(decision) = reader.open::<Decision>(path, None)? else { continue };
                let digest = decision.digest();
                if decision.value().reviewer != reviewer || !digest.to_string().starts_with(&short) {
                    reader.report(Code::PathUnexpected, path, "its name is not that of its reviewer and bytes");
                    continue;
                }
                if reader.belongs(path, order, decision.value(), request.digest())? {
                    reader.order.insert(digest, order);
                    verified.extend([path.clone(), format!("{path}.sig")]);
                    decisions.push(decision);
                } else if decision.value().verdict == Verdict::Deny && decision.value().request == request.digest() {
                    doubts.push(decision);
                }
            }
            Some((RecordFile::Claim, false)) => {
                let Some(found) = reader.open::<Claim>(path, None)? else { continue };
                if reader.belongs(path, order, found.value(), request.digest())? {
                    reader.order.insert(found.digest(), order);
                    verified.extend([path.clone(), format!("{path}.sig")]);
                    claim = Some(found);
                }
            }
            Some((RecordFile::Outcome, false)) => {
                let Some(found) = reader.open::<Outcome>(path, claim.as_ref())? else { continue };
                if reader.belongs(path, order, found.value(), request.digest())? {
                    verified.extend([path.clone(), format!("{path}.sig")]);
                    outcome = Some(found);
                }
            }
            Some((RecordFile::Request | RecordFile::Text(_), false)) => {}
            Some((RecordFile::OutcomeLate, false)) if claim.is_some() => {
                let Some(found) = reader.open::<Outcome>(path, claim.as_ref())? else { continue };
                if claim.as_ref().is_none_or(|claim| claim.key() != found.key()) {
                    reader.report(Code::EndingUnauthorized, path, "only the key of the claim may write it");
                    continue;
                }
                if reader.belongs(path, order, found.value(), request.digest())? {
                    verified.extend([path.clone(), format!("{path}.sig")]);
                    outcome = Some(found);
                }
            }
            Some((RecordFile::OutcomeLate, false)) | None => {
                reader.report(Code::PathUnexpected, path, "no record of a request has this name");
            }
        }
    }
    for path in branch.files.keys().filter(|path| path.ends_with(".sig")) {
        let record = path.trim_end_matches(".sig");
        if !branch.files.contains_key(record) {
            reader.report(Code::PathUnexpected, path, "a signature without its record");
        }
    }
    let mut findings = reader.findings;
    findings.extend(
        branch
            .taint
            .iter()
            .map(|taint| Finding::new(Code::BranchTainted, taint.clone()).path(format!("requests/{}", branch.id))),
    );
    let pasts = BTreeMap::new();
    let mut dossier =
        Dossier { id: branch.id, branch, request, decisions, doubts, claim, outcome, texts, findings, verified, pasts };
    if judges.now.config().asks_history() {
        dossier.pasts = pasts_of(ledger, &dossier, judges.now)?;
    }
    Ok(dossier)
}

/// What had landed at every base that the request and its decisions name.
fn pasts_of(
    ledger: &dyn Ledger,
    dossier: &Dossier,
    version: &PolicyVersion,
) -> Result<BTreeMap<CommitId, Pasts>, LedgerError> {
    let governing = governing(version, dossier.request.value(), &dossier.texts);
    let subject = hazard::subject(dossier, &governing);
    let decided = dossier.decisions.iter().map(|decision| decision.value().place.base);
    let bases: BTreeSet<CommitId> = decided.chain([dossier.request.value().place.base]).collect();
    let mut pasts = BTreeMap::new();
    for base in bases {
        if let Some(position) = ledger.find(&base)? {
            pasts.insert(base, ledger.past(&subject, position.height)?);
        }
    }
    Ok(pasts)
}

/// Which rule bytes and signature break.
pub(super) fn rejection(rejected: &Rejected) -> Code {
    match rejected {
        Rejected::Signature(_) => Code::SignatureInvalid,
        Rejected::Stranger(_) => Code::KeyUnknown,
        Rejected::Impostor { .. } => Code::AuthorMismatch,
        Rejected::Record(_) => Code::RecordInvalid,
    }
}

/// A record's bytes and its signature's.
type Signed = (Vec<u8>, Vec<u8>);

struct Reader<'a> {
    history: &'a dyn History,
    ledger: &'a dyn Ledger,
    branch: &'a Branch,
    judges: &'a Judges<'a>,
    /// Verified records so far, and when each stood complete.
    order: BTreeMap<Digest, usize>,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn report(&mut self, code: Code, path: &str, message: impl Into<String>) {
        let finding = Finding::new(code, message).path(format!("{}/{path}", self.branch.directory));
        self.findings.push(finding.commit(self.branch.tip));
    }

    /// When a record and its signature both stood.
    fn stands(&self, path: &str) -> usize {
        let order = |path: &str| self.branch.files.get(path).map(|added| added.order);
        order(path).max(order(&format!("{path}.sig"))).unwrap_or(usize::MAX)
    }

    fn bytes(&mut self, path: &str, added: Added, limit: usize) -> Result<Option<Vec<u8>>, ReadError> {
        match self.history.blob(&added.blob, limit) {
            Ok(bytes) => Ok(Some(bytes)),
            // Larger than any record, or no file: junk. Missing or damaged: we cannot tell.
            Err(error) if error.malformed => {
                self.report(Code::RecordInvalid, path, error.reason);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn pair(&mut self, path: &str) -> Result<Option<Signed>, ReadError> {
        let signature = format!("{path}.sig");
        let files = &self.branch.files;
        let (Some(record), Some(sig)) = (files.get(path).copied(), files.get(&signature).copied()) else {
            self.report(Code::RecordInvalid, path, "it has no signature beside it");
            return Ok(None);
        };
        let Some(record) = self.bytes(path, record, MAX_RECORD)? else { return Ok(None) };
        let Some(sig) = self.bytes(&signature, sig, MAX_SIGNATURE)? else { return Ok(None) };
        Ok(Some((record, sig)))
    }

    fn open<T: Authored>(
        &mut self,
        path: &str,
        claim: Option<&Verified<Claim>>,
    ) -> Result<Option<Verified<T>>, ReadError> {
        let Some((bytes, signature)) = self.pair(path)? else { return Ok(None) };
        let opened = match claim {
            // The key that claimed may say what happened, also after its removal.
            Some(claim) => open(&bytes, &signature, self.judges.now.roster())
                .or_else(|_: Rejected| open_by(&bytes, &signature, claim.key(), &claim.value().runner)),
            None => open(&bytes, &signature, self.judges.now.roster()),
        };
        match opened {
            Ok(verified) => Ok(Some(verified)),
            Err(rejected) => {
                self.report(rejection(&rejected), path, rejected.to_string());
                Ok(None)
            }
        }
    }

    fn request(&mut self) -> Result<Verified<Request>, DossierError> {
        let refused = |finding: Finding, branch: &Branch| {
            let path = format!("{}/request.toml", branch.directory);
            DossierError::Request(finding.path(path).commit(branch.tip))
        };
        let branch = self.branch;
        let Some((bytes, signature)) = self.pair("request.toml")? else {
            let finding = Finding::new(Code::RecordInvalid, "there is no signed request");
            return Err(refused(finding, branch));
        };
        let request: Verified<Request> = open(&bytes, &signature, self.judges.now.roster())
            .or_else(|_| open(&bytes, &signature, self.judges.base.roster()))
            .map_err(|error| refused(Finding::new(rejection(&error), error.to_string()), branch))?;
        let value = request.value();
        let wrong = if RequestId::of(&request.digest()) != branch.id {
            Some((Code::RequestMismatch, "its bytes make another id"))
        } else if value.directory(&branch.id) != branch.directory {
            Some((Code::PathUnexpected, "it lies under another day than it was made on"))
        } else if value.place.repo != self.judges.repo {
            Some((Code::ForeignRepo, "it was made for another repository"))
        } else if value.place.base != branch.base {
            Some((Code::BaseUnknown, "its branch does not start at the base it names"))
        } else if value.place.root != branch.base_position.root {
            Some((Code::RootMismatch, "the policy it names was not in force at its base"))
        } else if branch.base_position.height > self.judges.height {
            Some((Code::BaseUnknown, "its base comes after the step that judges it"))
        } else {
            None
        };
        match wrong {
            Some((code, message)) => Err(refused(Finding::new(code, message), branch)),
            None => Ok(request),
        }
    }

    /// Whether a record was made here, on this request, on records that stood before it.
    fn belongs<T: Later>(
        &mut self,
        path: &str,
        order: usize,
        record: &T,
        request: Digest,
    ) -> Result<bool, LedgerError> {
        let place = record.place();
        let base = self.ledger.find(&place.base)?.filter(|position| position.height <= self.judges.height);
        let wrong = if record.request() != request {
            Some((Code::RequestMismatch, "it speaks of another request".to_owned()))
        } else if place.repo != self.judges.repo {
            Some((Code::ForeignRepo, "it was made for another repository".to_owned()))
        } else {
            match base {
                None => Some((Code::BaseUnknown, format!("its base {} is not on the verified main", place.base))),
                Some(position) if position.root != place.root => {
                    Some((Code::RootMismatch, "the policy it names was not in force at its base".to_owned()))
                }
                Some(_) => record
                    .seen()
                    .iter()
                    .find(|digest| self.order.get(digest).is_none_or(|stood| *stood >= order))
                    .map(|digest| {
                        (Code::SeenMissing, format!("it was made on record {digest}, which does not stand before it"))
                    }),
            }
        };
        match wrong {
            Some((code, message)) => {
                self.report(code, path, message);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    fn texts(&mut self, request: &Request, verified: &mut BTreeSet<String>) -> Result<Texts, ReadError> {
        let mut texts = Texts::new();
        let wanted = request.command.shown();
        let files: Vec<(String, Added)> =
            self.branch.files.iter().map(|(path, added)| (path.clone(), *added)).collect();
        for (path, added) in files {
            let Some((RecordFile::Text(digest), false)) = RecordFile::parse(&path) else { continue };
            let Some(bytes) = self.bytes(&path, added, MAX_RECORD)? else { continue };
            if Digest::of(&bytes) == digest && wanted.contains(&digest) {
                texts.insert(digest, bytes);
                verified.insert(path);
            } else {
                self.report(Code::PathUnexpected, &path, "not a text that the request names");
            }
        }
        Ok(texts)
    }
}
