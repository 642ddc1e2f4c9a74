//! What the first page points at: what is wrong, what must be explained, what deserves an eye.

use serde::Serialize;

use crate::commands::audit::report::AuditReport;
use crate::commands::audit::stats::{self, HASTY, Run};
use crate::gate::account::Account;

/// How grave it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// A rule is broken: the report does not hold.
    Wrong,
    /// Nothing is broken, and somebody must say what happened.
    Explain,
    /// It may be in order, and should be looked at.
    Look,
}

/// One line of the first page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// How grave.
    pub weight: Weight,
    /// How many.
    pub count: u64,
    /// Of what.
    pub text: String,
    /// The section that lists them.
    pub section: &'static str,
    /// Ids of the requests, where it is about requests; at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<String>,
}

/// The most requests that a notice names: the sections list all.
const NAMED: usize = 50;

/// All notices with something to say, the gravest first.
pub(super) fn notices(report: &AuditReport, misdated: &[String]) -> Vec<Notice> {
    let mut found = Vec::new();
    let mut add = |weight, section, text: String, count: usize, requests: Vec<String>| {
        if count > 0 {
            found.push(Notice { weight, count: count as u64, text, section, requests });
        }
    };
    for finding in &report.verification.findings {
        let place = finding.commit.as_deref().map(|commit| format!(" at {commit}")).unwrap_or_default();
        add(Weight::Wrong, "findings", format!("{}{place}: {}", finding.code, finding.message), 1, Vec::new());
    }
    for breach in report.duties.breaches.iter().take(NAMED) {
        add(Weight::Wrong, "duties", format!("request {}: {}", breach.id, breach.what), 1, vec![breach.id.clone()]);
    }
    let more = report.duties.breaches.len().saturating_sub(NAMED);
    add(Weight::Wrong, "duties", "more breaches of the separation of duties".to_owned(), more, Vec::new());
    if report.verification.sure {
        let text = "the population does not add up: this is a fault of expacti, and should be reported";
        add(Weight::Wrong, "population", text.to_owned(), usize::from(!report.population.adds_up), Vec::new());
        let text = "steps of main are missing in the index: `expacti audit report --full` builds it anew";
        add(Weight::Wrong, "population", text.to_owned(), usize::from(!report.chain.without_gaps), Vec::new());
    }
    let shared: Vec<_> = report.keys.iter().filter(|key| key.principals.len() > 1).collect();
    for key in shared.into_iter().take(NAMED) {
        let text = format!("key {} signed for {}", key.key, key.principals.join(" and "));
        add(Weight::Look, "keys", text, 1, Vec::new());
    }
    requests(report, &mut add);
    let text = "endings signed more than an hour before one that had landed already: look whether they are dated into another period";
    add(Weight::Look, "population", text.to_owned(), misdated.len(), first(misdated));
    reviews(report, &mut add);
    let weaker: usize = report.policy_changes.iter().filter(|change| !change.weaker.is_empty()).count();
    let text = "policy versions that ask for less than the one before, or may; each is signed by its admins";
    add(Weight::Look, "policy", text.to_owned(), weaker, Vec::new());
    let records: usize = report.verification.again.iter().map(|key| key.records.len()).sum();
    let text = "records signed by keys since revoked, while they may have been in other hands";
    add(Weight::Look, "keys", text.to_owned(), records, Vec::new());
    let odd = report.verification.open.iter().filter(|open| !open.findings.is_empty());
    let odd: Vec<String> = odd.map(|open| open.id.clone()).collect();
    let text = "open requests with findings, unreadable or vanished branches among them; none of it is on main";
    add(Weight::Look, "branches", text.to_owned(), odd.len(), first(&odd));
    found.sort_by_key(|notice| notice.weight);
    found
}

fn first(ids: &[String]) -> Vec<String> {
    ids.iter().take(NAMED).cloned().collect()
}

type Add<'a> = dyn FnMut(Weight, &'static str, String, usize, Vec<String>) + 'a;

fn requests(report: &AuditReport, add: &mut Add<'_>) {
    let period = report.asked;
    let ended: Vec<&Account> = report.requests.iter().filter(|one| stats::ended_in(period, one)).collect();
    let mut list = |weight, section, text: &str, which: &dyn Fn(&Account) -> bool| {
        let ids: Vec<String> = ended.iter().filter(|one| which(one)).map(|one| one.id.clone()).collect();
        add(weight, section, text.to_owned(), ids.len(), first(&ids));
    };
    let unknown = "claims whose outcome nobody knows: whether the command ran must be explained";
    list(Weight::Explain, "unknown", unknown, &|one| one.state == "unknown");
    let silent = "claims without an outcome yet: the machine that claimed has not told what happened";
    list(Weight::Explain, "unknown", silent, &|one| one.state == "claimed");
    let late = "outcomes that came late, after a claim had been closed as unknown";
    list(Weight::Explain, "unknown", late, &|one| one.outcome.as_ref().is_some_and(|told| told.is_late()));
    list(Weight::Look, "executions", "claims that were spent without running", &|one| one.state == "not-run");
    let failed = |one: &Account| one.outcome.as_ref().and_then(|told| told.status).is_some_and(|status| status != 0);
    list(Weight::Look, "executions", "executions that ended with another status than 0", &failed);
    let opaque = |one: &Account| one.is_claimed() && one.opaque;
    list(Weight::Look, "executions", "executions whose command could not be taken apart in full", &opaque);
    let duties = &report.duties;
    let alone = "executions approved by nobody but those who operate the requester (solo use, `operators = \"count\"`)";
    add(Weight::Look, "duties", alone.to_owned(), duties.operators_alone.len(), first(&duties.operators_alone));
    let nobody = usize::try_from(duties.needed_nobody).unwrap_or(usize::MAX);
    add(Weight::Look, "duties", "executions that policy lets run unasked".to_owned(), nobody, Vec::new());
    let attempts: Vec<String> = duties.attempts.iter().map(|attempt| attempt.id.clone()).collect();
    let text = "attempts to approve one's own request; none of them counted";
    add(Weight::Look, "duties", text.to_owned(), attempts.len(), first(&attempts));
    let over =
        |one: &&Account| one.ended.is_none() && !matches!(one.state.as_str(), "pending" | "approved" | "blocked");
    let over: Vec<String> = report.requests.iter().filter(over).map(|one| one.id.clone()).collect();
    let text = "open requests that are over, and whose end has not landed on main";
    add(Weight::Look, "open", text.to_owned(), over.len(), first(&over));
}

fn reviews(report: &AuditReport, add: &mut Add<'_>) {
    let mut runs: Vec<&Run> = report.reviewers.iter().flat_map(|reviewer| &reviewer.runs).collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.approvals));
    if let Some(longest) = runs.first() {
        let text = format!("rubber-stamp runs; the longest: {}, {}", longest.reviewer, longest.words());
        add(Weight::Look, "runs", text, runs.len(), Vec::new());
    }
    let hasty: u64 = report.reviewers.iter().map(|reviewer| reviewer.hasty).sum();
    let text = format!("approvals after less than {HASTY} s of review, as the reviewers state it");
    add(Weight::Look, "reviewers", text, usize::try_from(hasty).unwrap_or(usize::MAX), Vec::new());
    let spare: u64 = report.not_counted.iter().map(|told| told.count).sum();
    let text = "decisions that did not count".to_owned();
    add(Weight::Look, "not-counted", text, usize::try_from(spare).unwrap_or(usize::MAX), Vec::new());
}
