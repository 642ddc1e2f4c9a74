//! `audit report`: what an auditor asks for, from the verified history alone.

mod changes;
mod notice;

use serde::Serialize;

use crate::commands::Context;
use crate::commands::audit::frameworks::{Framework, Mapping};
use crate::commands::audit::period::Period;
use crate::commands::audit::stats::{
    self, Duties, Flow, Group, Hours, KeyUse, Pace, Population, Quorum, Reviewer, Told,
};
use crate::commands::audit::trail::Trail;
use crate::commands::error::CommandError;
use crate::commands::report::VerifyReport;
use crate::domain::shown;
use crate::domain::time::Timestamp;
use crate::gate::account::Account;
use crate::matching::canonical_text;

pub use changes::PolicyChange;
pub use notice::{Notice, Weight};

/// The schema of the JSON twin.
const SCHEMA: &str = "expacti/audit-report/v1";

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Which stretch of time.
    pub period: Period,
    /// Which controls to point to.
    pub framework: Option<Framework>,
    /// Begin at the pinned root.
    pub full: bool,
}

/// The report, and its JSON twin but for `requests`, which stand there last.
#[derive(Debug, Clone, Serialize)]
pub struct AuditReport {
    /// `expacti/audit-report/v1`.
    pub schema: &'static str,
    /// Whether what was verified holds.
    pub verdict: Verdict,
    /// When it was made, by the clock of the machine that made it.
    pub generated: String,
    /// Which expacti made it.
    pub program: String,
    /// Which stretch of time.
    pub period: Stretch,
    /// Which repository, and how far it was judged.
    pub repository: Standing,
    /// The chain of `main`, counted.
    pub chain: Chain,
    /// The answer of `expacti verify`, in full.
    pub verification: VerifyReport,
    /// Commands that come to the same answer from a clone.
    pub again: Vec<Rerun>,
    /// What was open, made and ended.
    pub population: Population,
    /// Who asked beside who approved.
    pub duties: Duties,
    /// What deserves an eye, the gravest first.
    pub notices: Vec<Notice>,
    /// Versions that may have come into force in the period, the oldest first.
    pub policy_changes: Vec<PolicyChange>,
    /// How reviewers review.
    pub reviewers: Vec<Reviewer>,
    /// Decisions that did not count, by why.
    pub not_counted: Vec<Told>,
    /// Requests that ended in the period, by environment.
    pub environments: Vec<Group>,
    /// The same by policy.
    pub policies: Vec<Group>,
    /// Which keys signed what in the period.
    pub keys: Vec<KeyUse>,
    /// Endings over time.
    pub flow: Flow,
    /// Time to quorum.
    pub quorum: Quorum,
    /// Review times by reviewer.
    pub paces: Vec<Pace>,
    /// When executions happened.
    pub hours: Hours,
    /// Controls of a framework, and what here is evidence towards them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framework: Option<Mapping>,
    /// Every request that was open, made or ended in the period: as it landed, then the open ones.
    #[serde(skip)]
    pub requests: Vec<Account>,
    /// The period as it was asked for.
    #[serde(skip)]
    pub asked: Period,
}

/// The answer on the first page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every step verified, and nothing here breaks a rule.
    Holds,
    /// A finding, or a breach of duties.
    DoesNotHold,
    /// An object could not be read.
    Unsure,
}

/// The period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// The first moment that belongs to it; absent: from the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The first one that does not any more; absent: up to when it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Its address, without passwords.
    pub address: String,
    /// The fingerprint that this machine had pinned: the repository's identity.
    pub pinned_root: String,
    /// The policy version in force at the last legal step.
    pub version: u32,
    /// The fingerprint of that version's root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_in_force: Option<String>,
    /// The commit of `main` up to which everything was judged legal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// Steps of `main`, counted by what they do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// All of them, each judged under the one before.
    pub steps: u64,
    /// Whether their heights go from 0 up to one less than that.
    pub without_gaps: bool,
    /// Policy versions.
    pub versions: u64,
    /// Requests that ended.
    pub endings: u64,
    /// Outcomes of claims that landed as a step of their own.
    pub outcomes: u64,
    /// Repairs.
    pub repairs: u64,
    /// The height of the first ending of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// The height of the last ending of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
}

/// A command, and what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rerun {
    /// For a shell.
    pub command: String,
    /// What it is for.
    pub why: String,
}

/// Verifies, and reports on a period.
///
/// # Errors
/// It cannot be told: nothing is pinned, the repository cannot be reached, the index cannot be read; or the period ends before
/// it begins.
pub fn report(context: &Context<'_>, asked: &Asked) -> Result<AuditReport, CommandError> {
    let period = asked.period;
    if let (Some(from), Some(to)) = (period.from, period.to)
        && to <= from
    {
        return Err(CommandError::usage(format!("the period ends at {to}, before it begins at {from}")));
    }
    let trail = Trail::open(context, asked.full)?;
    let mut chain = Chain::default();
    let (mut requests, mut misdated) = (Vec::new(), Vec::new());
    if trail.verified.sure {
        gather(context, &trail, period, &mut chain, &mut requests, &mut misdated)?;
    }
    let at = trail.last.as_ref();
    let ground = Ground {
        generated: context.world.clock.now(),
        url: trail.store.url().to_owned(),
        zone: at.map_or("UTC", |at| at.version.config().time_zone.as_str()).to_owned(),
        root_in_force: at.map(|at| at.version.digest().fingerprint()),
        chain,
        misdated,
        policy_changes: changes::within(&trail, period)?,
        verified: trail.verified,
    };
    Ok(compose(ground, asked, requests))
}

/// What a report stands on, beside the requests.
#[derive(Debug)]
pub struct Ground {
    /// By the clock of this machine.
    pub generated: Timestamp,
    /// The repository's address, as pinned.
    pub url: String,
    /// The time zone of the policy in force.
    pub zone: String,
    /// The fingerprint of the root in force.
    pub root_in_force: Option<String>,
    /// The chain of `main`, counted.
    pub chain: Chain,
    /// Ids of requests whose ending was signed long before one that had landed already.
    pub misdated: Vec<String>,
    /// Versions of the period.
    pub policy_changes: Vec<PolicyChange>,
    /// The answer of `verify`.
    pub verified: VerifyReport,
}

/// All numbers and notices over these requests.
pub fn compose(ground: Ground, asked: &Asked, requests: Vec<Account>) -> AuditReport {
    let Ground { generated, url, zone, root_in_force, chain, misdated, policy_changes, verified } = ground;
    let period = asked.period;
    let reviewers = stats::reviewers(period, &requests);
    let mut report = AuditReport {
        schema: SCHEMA,
        verdict: Verdict::Holds,
        generated: generated.to_string(),
        program: concat!("expacti ", env!("CARGO_PKG_VERSION")).to_owned(),
        period: Stretch { from: text(period.from), to: text(period.to) },
        repository: Standing {
            address: address(&url),
            pinned_root: verified.root.clone(),
            version: verified.version,
            root_in_force,
            commit: verified.last.clone(),
        },
        chain,
        again: again(&url, &verified, asked),
        population: stats::population(period, &requests),
        duties: stats::duties(period, &requests),
        notices: Vec::new(),
        policy_changes,
        not_counted: stats::not_counted(period, &requests),
        environments: stats::by_environment(period, &requests),
        policies: stats::by_policy(period, &requests),
        keys: stats::keys(period, &requests),
        flow: stats::flow(period, &requests),
        quorum: stats::quorum(period, &requests),
        paces: stats::paces(period, &requests, &reviewers),
        hours: stats::hours(period, &requests, &zone),
        framework: asked.framework.map(Mapping::of),
        verification: verified,
        reviewers,
        requests,
        asked: period,
    };
    report.notices = notice::notices(&report, &misdated);
    report.verdict = verdict(&report);
    report
}

/// Only what is wrong decides; what deserves an eye does not.
fn verdict(report: &AuditReport) -> Verdict {
    if !report.verification.sure {
        return Verdict::Unsure;
    }
    let wrong = report.notices.iter().any(|notice| notice.weight == Weight::Wrong);
    if wrong || !report.verification.ok { Verdict::DoesNotHold } else { Verdict::Holds }
}

/// Reads the accounts that concern the period, and those whose signed time does not fit where they landed.
fn gather(
    context: &Context<'_>,
    trail: &Trail,
    period: Period,
    chain: &mut Chain,
    requests: &mut Vec<Account>,
    misdated: &mut Vec<String>,
) -> Result<(), CommandError> {
    let index = trail.store.index();
    let mut newest: Option<Timestamp> = None;
    index.accounts(None, None, &mut |account| {
        chain.endings += 1;
        // A late one corrects another that had landed.
        let told = account.outcome.as_ref().filter(|told| told.commit.is_some());
        chain.outcomes += told.map_or(0, |told| 1 + u64::from(told.is_late()));
        let ended = account.ended.as_deref().and_then(stats::moment);
        if let (Some(ended), Some(before)) = (ended, newest)
            && before.since(ended) > MISDATED
        {
            misdated.push(account.id.clone());
        }
        newest = newest.max(ended);
        if stats::ended_in(period, &account) {
            chain.first = chain.first.or(account.height);
            chain.last = account.height.or(chain.last);
        }
        if stats::concerns(period, &account) {
            requests.push(account);
        }
        Ok::<(), CommandError>(())
    })?;
    let open = trail.open_requests(context)?;
    requests.extend(open.into_iter().filter(|account| stats::concerns(period, account)));
    let (steps, highest) = index.steps()?;
    chain.steps = steps;
    chain.without_gaps = steps == highest + 1;
    chain.versions = index.versions()?.len() as u64;
    chain.repairs = steps.saturating_sub(chain.versions + chain.endings + chain.outcomes);
    Ok(())
}

/// An ending signed so many seconds before one that had landed already is listed: it may have been dated into another period.
const MISDATED: u64 = 3_600;

fn text(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

/// Without what may be a password: a report goes to others.
fn address(url: &str) -> String {
    let bare = match url.split_once("://") {
        Some((scheme, rest)) => match rest.split_once('/').unwrap_or((rest, "")) {
            (authority, _) if authority.contains('@') => {
                let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
                let user = user.split(':').next().unwrap_or_default();
                let path = rest.strip_prefix(authority).unwrap_or_default();
                // Over http a user's name alone may be a token.
                let user = if scheme.starts_with("http") { String::new() } else { format!("{user}@") };
                format!("{scheme}://{user}{host}{path}")
            }
            _ => url.to_owned(),
        },
        None => url.to_owned(),
    };
    shown::line(&bare)
}

fn again(url: &str, verified: &VerifyReport, asked: &Asked) -> Vec<Rerun> {
    let quoted = canonical_text(&[address(url).into_bytes()]);
    let url = String::from_utf8_lossy(&quoted).into_owned();
    let rerun = |command: String, why: &str| Rerun { command, why: why.to_owned() };
    let mut report = "expacti audit report".to_owned();
    for (option, at) in [("--from", asked.period.from), ("--to", asked.period.to)] {
        if let Some(at) = at {
            report += &format!(" {option} {at}");
        }
    }
    if let Some(framework) = asked.framework {
        report += &format!(" --framework {}", framework.as_str());
    }
    let tip = verified.last.as_deref().unwrap_or("main");
    vec![
        rerun(
            format!("expacti join {url} --root {}", verified.root),
            "once a machine, with the fingerprint you were given by a way of your own: do not take it from this page",
        ),
        rerun("expacti verify --full".to_owned(), "judges every step from the pinned root on; exit status 0: it holds"),
        rerun(report, "makes this report again; the same history gives the same numbers"),
        rerun(
            format!(
                "git clone --bare {url} approvals.git && git --git-dir approvals.git rev-list --first-parent --count {tip}"
            ),
            "counts the steps with git alone",
        ),
        rerun(
            format!("sh contrib/verify.sh {} ID", verified.root),
            "checks one request in such a clone with sh, git, ssh-keygen and openssl alone; the script comes with expacti",
        ),
        rerun(
            "ssh-keygen -Y verify -f allowed_signers -I NAME -n decision.v1@expacti -s FILE.toml.sig < FILE.toml"
                .to_owned(),
            "checks one record with OpenSSH alone, in a checkout: allowed_signers lies in policy/NNNNNN/, records below requests/",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_leaves_with_the_address() {
        for (given, shown) in [
            ("/srv/git/approvals.git", "/srv/git/approvals.git"),
            ("git@host:approvals.git", "git@host:approvals.git"),
            ("ssh://git@host:22/approvals.git", "ssh://git@host:22/approvals.git"),
            ("ssh://git:secret@host/a.git", "ssh://git@host/a.git"),
            ("https://token@host/a.git", "https://host/a.git"),
            ("https://user:pass@word@host/a@b.git", "https://host/a@b.git"),
            ("https://host/a.git", "https://host/a.git"),
        ] {
            assert_eq!(address(given), shown);
        }
    }
}
