//! The tables of the evidence, each written as it is read.

mod exceptions;
mod keys;

use std::io::Write;

use crate::commands::audit::csv::{self, Table};
use crate::commands::audit::evidence::Case;
use crate::commands::audit::evidence::bag::{Bag, unwritten};
use crate::commands::error::CommandError;
use crate::domain::time::Timestamp;
use crate::gate::account::{Account, Voice};

pub use exceptions::exceptions;
pub use keys::keys;

/// Takes one row.
type Row<'a> = dyn FnMut(Vec<String>) -> Result<(), CommandError> + 'a;

/// Writes a table.
fn table(
    bag: &mut Bag<'_>,
    name: &str,
    header: &[&str],
    fill: &mut dyn FnMut(&mut Row<'_>) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    bag.stream(name, &mut |out: &mut dyn Write| {
        let mut table = Table::new(header, out).map_err(|error| unwritten(&error))?;
        fill(&mut |cells| table.row(cells).map_err(|error| unwritten(&error)))?;
        table.finish().map(|_| ()).map_err(|error| unwritten(&error))
    })
}

/// Where the repository keeps a request's records.
pub fn directory(account: &Account) -> String {
    let day = account.created.parse::<Timestamp>().map(|at| at.day_path()).unwrap_or_default();
    format!("requests/{day}/{}", account.id)
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn yes(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

/// `population.csv`: as `audit log --format csv`.
pub fn population(case: &Case<'_>, bag: &mut Bag<'_>) -> Result<(), CommandError> {
    table(bag, "population.csv", &csv::ACCOUNTS, &mut |row| case.each(&mut |account| row(csv::row(account))))
}

/// `approvals.csv`: every decision.
pub fn approvals(case: &Case<'_>, bag: &mut Bag<'_>) -> Result<(), CommandError> {
    let header = [
        "request",
        "request_state",
        "command",
        "requester",
        "reviewer",
        "role",
        "team",
        "verdict",
        "counted",
        "why_not",
        "seats",
        "created",
        "shown",
        "decided",
        "seconds_to_decide",
        "review_seconds",
        "comment",
        "answers",
        "suggest",
        "policy_version",
        "key",
        "record_sha256",
        "file",
    ];
    table(bag, "approvals.csv", &header, &mut |row| {
        case.each(&mut |account| account.decisions.iter().try_for_each(|voice| row(approval(account, voice))))
    })
}

/// The record of a decision.
fn file(account: &Account, voice: &Voice) -> String {
    let short: String = voice.record.chars().take(12).collect();
    format!("{}/decisions/{}.{short}.toml", directory(account), voice.reviewer)
}

fn approval(account: &Account, voice: &Voice) -> Vec<String> {
    let times = (account.created.parse::<Timestamp>(), voice.decided.parse::<Timestamp>());
    // Two clocks: it may be negative.
    let waited = if let (Ok(made), Ok(decided)) = times { Some(decided.unix() - made.unix()) } else { None };
    let answers: Vec<String> = voice.answers.iter().map(|(seat, answer)| format!("{seat}: {answer}")).collect();
    vec![
        account.id.clone(),
        account.state.clone(),
        account.command.clone(),
        account.requester.clone(),
        voice.reviewer.clone(),
        text(voice.role.as_ref()),
        text(voice.team.as_ref()),
        voice.verdict.clone(),
        yes(voice.counts),
        text(voice.why_not.as_ref()),
        voice.seats.join("; "),
        account.created.clone(),
        voice.shown.clone(),
        voice.decided.clone(),
        text(waited),
        voice.seconds.to_string(),
        voice.comment.clone(),
        answers.join("; "),
        text(voice.suggest.as_ref()),
        account.version.to_string(),
        voice.key.clone(),
        voice.record.clone(),
        file(account, voice),
    ]
}

/// `executions.csv`: every request whose approval was spent.
pub fn executions(case: &Case<'_>, bag: &mut Bag<'_>) -> Result<(), CommandError> {
    let header = [
        "request",
        "outcome",
        "exit_status",
        "command",
        "program_sha256",
        "requester",
        "runner",
        "host",
        "cwd",
        "environments",
        "policies",
        "policy_version",
        "unattended",
        "approved_by",
        "claimed",
        "started",
        "duration_ms",
        "recorded",
        "recorded_by",
        "reason",
        "claim_key",
        "claim_sha256",
        "outcome_key",
        "outcome_sha256",
        "claim_commit",
        "outcome_commit",
        "directory",
    ];
    table(bag, "executions.csv", &header, &mut |row| {
        case.each(&mut |account| if account.is_claimed() { row(execution(account)) } else { Ok(()) })
    })
}

fn execution(account: &Account) -> Vec<String> {
    let told = account.outcome.as_ref();
    let approvers: Vec<&str> = account.approvers().map(|voice| voice.reviewer.as_str()).collect();
    vec![
        account.id.clone(),
        told.map_or_else(|| "not told".to_owned(), |told| told.word.clone()),
        text(told.and_then(|told| told.status)),
        account.command.clone(),
        account.program.clone(),
        account.requester.clone(),
        account.runner.clone(),
        account.host.clone(),
        account.cwd.clone(),
        account.environments.join("; "),
        account.policies.join("; "),
        account.version.to_string(),
        yes(account.unattended),
        approvers.join("; "),
        text(account.ended.as_ref()),
        text(told.and_then(|told| told.started.as_ref())),
        text(told.and_then(|told| told.duration_ms)),
        text(told.map(|told| &told.recorded)),
        text(told.map(|told| &told.author)),
        text(told.and_then(|told| told.reason.as_ref())),
        text(account.ending.as_ref().map(|signed| &signed.key)),
        text(account.ending.as_ref().map(|signed| &signed.record)),
        text(told.map(|told| &told.key)),
        text(told.map(|told| &told.record)),
        text(account.commit.as_ref()),
        text(told.and_then(|told| told.commit.as_ref())),
        directory(account),
    ]
}

/// `policy-changes.csv`: every version up to the end of the period.
pub fn policy_changes(case: &Case<'_>, bag: &mut Bag<'_>) -> Result<(), CommandError> {
    let header = [
        "version",
        "in_period",
        "commit_date",
        "signed_by",
        "keys",
        "admins",
        "threshold",
        "weaker",
        "other_changes",
        "root_sha256",
        "fingerprint",
        "commit",
    ];
    table(bag, "policy-changes.csv", &header, &mut |row| {
        case.steps.iter().try_for_each(|step| {
            let period = case.filter.period;
            let names: Vec<&str> = step.signed.iter().map(|(who, _)| who.as_str()).collect();
            let keys: Vec<&str> = step.signed.iter().map(|(_, key)| key.as_str()).collect();
            row(vec![
                step.number.to_string(),
                yes(step.time.parse().map_or(true, |at| period.holds(at))),
                step.time.clone(),
                names.join("; "),
                keys.join("; "),
                step.admins.join("; "),
                step.threshold.to_string(),
                step.weaker.join("; "),
                step.changes.join("; "),
                step.root.clone(),
                step.fingerprint.clone(),
                step.commit.clone(),
            ])
        })
    })
}
