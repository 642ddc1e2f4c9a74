//! Sections about people: who asked, who decided, how, and what did not count.

use maud::{Markup, html};

use crate::cli::render::audit::html::words::{grouped, many, short, span, time};
use crate::cli::render::audit::html::{ROWS, left, nothing, section, table};
use crate::commands::audit::report::AuditReport;
use crate::commands::audit::stats::{self, HASTY, RUN_GAP, RUN_LEAST, Run, Spread};
use crate::gate::account::{Account, Voice};

pub(super) fn duties(report: &AuditReport) -> Markup {
    let duties = &report.duties;
    section(
        "duties",
        html! {
            p { "Counted anew for this report from " (many(duties.executions, "execution")) ": the name of who asked and the key that signed the request, \
                against the name and the key of every approval that the gate counted; no key may stand for two names; and where policy asks for \
                approval there must be one." }
            (table("Separation of duties", &["", "executions"], &[1], html! {
                tr { th scope="row" { "break it" } td.num { (grouped(duties.breaches.len() as u64)) } }
                tr { th scope="row" { "approved by somebody other than who asked" } td.num { (grouped(duties.approved)) } }
                tr { th scope="row" { "policy lets them run without anyone's approval (" code { "requirement = \"allow\"" } ")" } td.num { (grouped(duties.needed_nobody)) } }
                tr { th scope="row" { "approved by the requester's operators alone: one person may stand on both sides" } td.num { (grouped(duties.operators_alone.len() as u64)) } }
                tr { th scope="row" { "approved by an operator of the requester, and by others" } td.num { (grouped(duties.operator_among.len() as u64)) } }
                tr { th scope="row" { "attempts to approve one's own request, none of which counted" } td.num { (grouped(duties.attempts.len() as u64)) } }
            }))
            @if !duties.breaches.is_empty() {
                h3 { "What breaks it" }
                (table("Breaches", &["request", "kind", "what"], &[], html! {
                    @for breach in &duties.breaches { tr { th scope="row" { code { (breach.id) } } td { (breach.kind) } td.text { (breach.what) } } }
                }))
            }
            @for (title, ids) in [("Approved by operators alone", &duties.operators_alone), ("Approved by an operator among others", &duties.operator_among)] {
                @if !ids.is_empty() {
                    details { summary { (title) ": " (grouped(ids.len() as u64)) }
                        p { @for id in ids.iter().take(ROWS) { code { (short(id)) } " " } }
                        (left(ids.len()))
                    }
                }
            }
            @if !duties.attempts.is_empty() {
                h3 { "Attempts to approve one's own request" }
                (table("Attempts", &["request", "who", "when"], &[], html! {
                    @for attempt in duties.attempts.iter().take(ROWS) {
                        tr { th scope="row" { code { (short(&attempt.id)) } } td { (attempt.reviewer) } td.time { (time(&attempt.decided)) } }
                    }
                }))
                (left(duties.attempts.len()))
            }
        },
    )
}

pub(super) fn executions(report: &AuditReport) -> Markup {
    let all: Vec<&Account> = stats::executions(report.asked, &report.requests).collect();
    let shown = all.iter().skip(all.len().saturating_sub(ROWS));
    section(
        "executions",
        html! {
            p { "Every request whose approval was spent in the period, in the order in which the claims landed. Times are UTC, by the clock of \
                whoever signed; waited: from the request to the decision; review: from the card to the decision." }
            @if all.len() > ROWS {
                p { strong { (grouped((all.len() - ROWS) as u64)) " earlier ones are not on this page" } ": the newest "
                    (grouped(ROWS as u64)) " of " (grouped(all.len() as u64)) " are, and the JSON twin has all of them. \
                    What is wrong or must be explained is listed in full in its own section." }
            }
            @if all.is_empty() { (nothing()) } @else {
                (table("Executions", &["claimed", "request", "command", "where", "asked by", "approved by", "outcome", "policy"], &[], html! {
                    @for account in shown { (execution(account)) }
                }))
            }
        },
    )
}

fn execution(account: &Account) -> Markup {
    html! {
        tr {
            td.time { (time(account.ended.as_deref().unwrap_or_default())) }
            th scope="row" { code title=(account.id) { (short(&account.id)) } }
            td.text { code { (account.command) }
                @if !account.reason.is_empty() { div.soft { "“" (account.reason) "”" } }
                @if account.opaque { div { span.tag.explain { "not taken apart in full" } } }
            }
            td { (list(&account.environments)) }
            td { (requester(account)) }
            td.who {
                @if account.unattended { span.soft { "nobody had to" } }
                ul.people { @for voice in account.approvers() { li { (approval(account, voice)) } } }
            }
            td { (outcome(account)) }
            td { (list(&account.policies)) div.soft { "version " (account.version) } }
        }
    }
}

/// `bot (agent of bob)`.
pub(super) fn requester(account: &Account) -> Markup {
    html! {
        (account.requester) div.soft { (account.requester_kind) @if !account.operators.is_empty() { " of " (account.operators.join(", ")) } }
    }
}

fn approval(account: &Account, voice: &Voice) -> Markup {
    let operates = account.operators.contains(&voice.reviewer);
    html! {
        (voice.reviewer)
        @if let Some(role) = &voice.role { ", " (role) }
        @if !voice.seats.is_empty() { " as " (voice.seats.join(", ")) }
        @if operates { " " span.tag.explain { "operator" } }
        div.soft { "waited " (span(stats::waited(account, voice))) ", review " (span(voice.seconds)) }
    }
}

pub(super) fn outcome(account: &Account) -> Markup {
    let told = account.outcome.as_ref();
    html! {
        @match (account.state.as_str(), told.and_then(|told| told.status)) {
            ("executed", Some(0)) => "exit 0",
            ("executed", Some(status)) => span.tag.explain { "exit " (status) },
            (state, _) => span.tag.explain { (state) },
        }
        @if let Some(told) = told {
            @if let Some(spent) = told.duration_ms { div.soft { "ran " (ran(spent)) } }
            @if let Some(reason) = &told.reason { div.soft { (reason) } }
            @if told.is_late() { div { span.tag.explain { "told late" } } }
        }
    }
}

fn ran(milliseconds: u64) -> String {
    if milliseconds < 10_000 {
        format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100)
    } else {
        span(milliseconds / 1_000)
    }
}

pub(super) fn list(names: &[String]) -> String {
    if names.is_empty() { "–".to_owned() } else { names.join(", ") }
}

pub(super) fn reviewers(report: &AuditReport) -> Markup {
    section(
        "reviewers",
        html! {
            p { "Review times are the reviewers' own signed measurement: statements, no proof, and a short one is no proof of carelessness. " em { "Waited" }
                " is from the request to the decision, by two clocks. The median and the ninetieth percentile are by nearest rank." }
            @if report.reviewers.is_empty() { (nothing()) } @else {
                (table("Reviewers", &["reviewer", "role", "approved", "denied", "did not count", "review, median", "review, p90", "waited, median",
                    "without comment", "under 3 s", "longest run"], &[2, 3, 4, 5, 6, 7, 8, 9], html! {
                    @for one in report.reviewers.iter().take(ROWS) {
                        tr {
                            th scope="row" { (one.reviewer) }
                            td { (list(&one.roles)) }
                            td.num { (grouped(one.approvals)) }
                            td.num { (grouped(one.denials)) }
                            td.num { (grouped(one.did_not_count)) }
                            td.num { (middle(one.review_seconds, |spread| spread.median)) }
                            td.num { (middle(one.review_seconds, |spread| spread.p90)) }
                            td.num { (middle(one.waited_seconds, |spread| spread.median)) }
                            td.num { (share(one.without_comment, one.approvals)) }
                            td.num { (grouped(one.hasty)) }
                            td { @match one.runs.first() { Some(run) => (run.words()), None => "–" } }
                        }
                    }
                }))
                (left(report.reviewers.len()))
            }
        },
    )
}

fn middle(spread: Option<Spread>, of: impl Fn(Spread) -> u64) -> String {
    spread.map_or_else(|| "–".to_owned(), |spread| span(of(spread)))
}

/// `3 (25%)`.
fn share(part: u64, whole: u64) -> String {
    (part * 100).checked_div(whole).map_or_else(|| "–".to_owned(), |percent| format!("{} ({percent}%)", grouped(part)))
}

pub(super) fn runs(report: &AuditReport) -> Markup {
    let mut runs: Vec<&Run> = report.reviewers.iter().flat_map(|one| &one.runs).collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.approvals));
    section(
        "runs",
        html! {
            p { "A run is a longest possible series of one reviewer's approvals, ordered by when they were decided: at least " (RUN_LEAST)
                " of them, each at most " (RUN_GAP) " s after the one before. Approvals after less than " (HASTY) " s of review are counted by reviewer above." }
            @if runs.is_empty() { (nothing()) } @else {
                (table("Rubber-stamp runs", &["reviewer", "run", "from", "to", "first request", "last request"], &[], html! {
                    @for run in runs.iter().take(ROWS) {
                        tr { th scope="row" { (run.reviewer) } td { strong { (run.words()) } } td.time { (time(&run.from)) } td.time { (time(&run.to)) }
                            td { code title=(run.first) { (short(&run.first)) } } td { code title=(run.last) { (short(&run.last)) } } }
                    }
                }))
                (left(runs.len()))
            }
        },
    )
}

pub(super) fn not_counted(report: &AuditReport) -> Markup {
    let spare: Vec<_> = stats::voices(report.asked, &report.requests).filter(|(_, voice)| !voice.counts).collect();
    section(
        "not-counted",
        html! {
            @if spare.is_empty() { (nothing()) } @else {
                (table("Why decisions did not count", &["times", "why: the reviewer …", "who"], &[0], html! {
                    @for told in &report.not_counted { tr { td.num { (grouped(told.count)) } td.text { (told.why) } td { (told.reviewers.join(", ")) } } }
                }))
                (table("Decisions that did not count", &["decided", "request", "who", "decision", "why", "request ended"], &[], html! {
                    @for (account, voice) in spare.iter().take(ROWS) {
                        tr { td.time { (time(&voice.decided)) } th scope="row" { code title=(account.id) { (short(&account.id)) } } td { (voice.reviewer) }
                            td { (voice.verdict) ", review " (span(voice.seconds)) } td.text { (voice.why_not.as_deref().unwrap_or("–")) } td { (account.state) } }
                    }
                }))
                (left(spare.len()))
            }
        },
    )
}
