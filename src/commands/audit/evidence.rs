//! `audit export --evidence`: a zip that an auditor checks with stock tools.

mod about;
mod bag;
mod tables;

use std::path::Path;

use serde::Serialize;

use crate::commands::audit::export::{feed, line};
use crate::commands::audit::filter::Filter;
use crate::commands::audit::period::Period;
use crate::commands::audit::trail::Trail;
use crate::commands::audit::versions;
use crate::commands::audit::whole::Whole;
use crate::commands::error::CommandError;
use crate::commands::report::FindingView;
use crate::commands::{Context, Hand};
use crate::domain::shown;
use crate::domain::time::Timestamp;
use crate::gate::account::Account;
use crate::gate::dossier::MAX_RECORD;
use crate::gate::history::History as _;
use crate::world::signer::Signer;
use crate::world::store::StoreError;
use about::About;
use bag::Bag;

/// The purpose inside the signature of a manifest.
pub const NAMESPACE: &str = "evidence.v1@expacti";

/// `audit export --evidence`.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceReport {
    /// The file.
    pub path: String,
    /// Requests of the period, open ones too.
    pub requests: u64,
    /// Files that the manifest lists.
    pub files: u64,
    /// Rows of `exceptions.csv`.
    pub exceptions: u64,
    /// Whose key signed the manifest, as `ssh-keygen -I` takes it.
    pub signer: String,
    /// That key's fingerprint.
    pub key: String,
    /// SHA-256 of the manifest.
    pub manifest: String,
    /// The newest step of `main` that holds.
    pub head: String,
    /// What does not hold: the evidence ends before it, and says so.
    pub findings: Vec<FindingView>,
}

/// What is told in every file of it.
struct Case<'a> {
    context: &'a Context<'a>,
    trail: &'a Trail,
    filter: Filter,
    /// The requests that are still open.
    open: Vec<Account>,
    /// Every policy version up to the end of the period.
    steps: Vec<versions::Step>,
}

impl Case<'_> {
    /// Every request of the period: those that ended as they landed, then the open ones.
    fn each(&self, each: &mut dyn FnMut(&Account) -> Result<(), CommandError>) -> Result<(), CommandError> {
        self.trail.each(&self.filter, &mut |account| each(&account))?;
        self.open.iter().try_for_each(each)
    }
}

/// Writes everything that the verified history says of a period into a zip file, with a signed manifest.
///
/// # Errors
/// There is no key, or it is revoked; it cannot be told; nothing of `main` holds; the file cannot be written.
pub fn evidence(
    context: &Context<'_>,
    period: Period,
    full: bool,
    path: &Path,
) -> Result<EvidenceReport, CommandError> {
    let signer = context.signer(Hand::Person).map_err(|error| {
        error.hint(
            "evidence is signed by who hands it over; a key that the roster does not list will do, and is named so",
        )
    })?;
    let path = context.world.cwd.join(path);
    let mut file = Whole::new(&path)?;
    let trail = Trail::open(context, full)?;
    if let (false, Some(finding)) = (trail.verified.sure, trail.verified.findings.first()) {
        return Err(CommandError::unsure(finding.message.clone()));
    }
    let Some(last) = &trail.last else {
        let why = trail.verified.findings.first().map(|finding| finding.message.clone()).unwrap_or_default();
        return Err(CommandError::no(format!("nothing of main holds: {why}")));
    };
    if last.version.roster().revocations().iter().any(|revoked| revoked.key.point() == signer.public().point()) {
        let message = format!("key {} is revoked", signer.public().fingerprint());
        return Err(CommandError::no(message).hint("sign with another key: --key FILE"));
    }
    let filter = Filter { period, ..Filter::default() };
    let open = trail.open_requests(context)?.into_iter().filter(|account| filter.takes(account)).collect();
    let early = |time: &str| time.parse::<Timestamp>().map_or(true, |at| period.to.is_none_or(|to| at < to));
    let steps = versions::steps(&trail)?.into_iter().filter(|step| early(&step.time)).collect();
    let case = Case { context, trail: &trail, filter, open, steps };
    let about = About::of(&case, last, &signer)?;
    let mut report = EvidenceReport {
        path: shown::line(&path.to_string_lossy()),
        requests: about.requests + about.open,
        files: 0,
        exceptions: 0,
        signer: about.signer.name.clone(),
        key: about.signer.fingerprint.clone(),
        manifest: String::new(),
        head: about.head.clone(),
        findings: trail.verified.findings.clone(),
    };
    let mut bag = Bag::new(file.file.as_file_mut());
    report.exceptions = fill(&case, &about, &mut bag)?;
    report.files = bag.files();
    report.manifest = seal(bag, &signer)?;
    file.keep()?;
    Ok(report)
}

/// All but the manifest; how many exceptions there are.
fn fill(case: &Case<'_>, about: &About, bag: &mut Bag<'_>) -> Result<u64, CommandError> {
    bag.add("README.txt", about.readme().as_bytes())?;
    bag.add("about.json", &about.json())?;
    bag.add("allowed_signers", &about.allowed_signers)?;
    tables::population(case, bag)?;
    tables::approvals(case, bag)?;
    tables::executions(case, bag)?;
    tables::policy_changes(case, bag)?;
    let exceptions = tables::exceptions(case, bag)?;
    tables::keys(case, bag)?;
    bag.stream("events.jsonl", &mut |out| {
        feed(case.trail, &case.filter, None, &line, &mut |line| {
            out.write_all(line).and_then(|()| out.write_all(b"\n")).map_err(|error| bag::unwritten(&error))
        })
    })?;
    let verified = serde_json::to_vec_pretty(&case.trail.verified).unwrap_or_default();
    bag.add("verify.json", &[verified.as_slice(), b"\n"].concat())?;
    for step in &case.steps {
        for (path, bytes) in step.files.listed(step.number) {
            bag.add(&path, bytes)?;
        }
    }
    case.each(&mut |account| records(case, account, bag))?;
    Ok(exceptions)
}

/// Every signed record of a request with its signature, and its texts, at the paths of the repository.
fn records(case: &Case<'_>, account: &Account, bag: &mut Bag<'_>) -> Result<(), CommandError> {
    let store = &case.trail.store;
    let Ok(id) = account.id.parse() else { return Ok(()) };
    let landed = store.index().landed_at(&id)?;
    let is_open = landed.is_none();
    let Some(commit) = landed.map_or_else(|| store.branch_tip(&id), |commit| Ok(Some(commit)))? else {
        return Ok(());
    };
    let directory = tables::directory(account);
    for (name, blob) in store.exhibits(&commit, &directory)? {
        match store.objects().blob(&blob, MAX_RECORD) {
            Ok(bytes) => bag.add(&format!("{directory}/{name}"), &bytes)?,
            // On an open branch lies what anyone pushed; what is larger than a record is none.
            Err(error) if is_open && error.malformed => {}
            Err(error) => return Err(StoreError::from(error).into()),
        }
    }
    Ok(())
}

/// Adds the manifest and its signature; SHA-256 of the manifest.
fn seal(mut bag: Bag<'_>, signer: &Signer) -> Result<String, CommandError> {
    let manifest = bag.manifest();
    let signature = signer.sign(NAMESPACE, manifest.as_bytes())?;
    let digest = crate::domain::id::Digest::of(manifest.as_bytes()).to_string();
    bag.add("MANIFEST", manifest.as_bytes())?;
    bag.add("MANIFEST.sig", &signature)?;
    bag.finish()?;
    Ok(digest)
}
