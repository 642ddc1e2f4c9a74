//! Sections about requests, policy, keys, and how to verify all of it.

use maud::{Markup, html};

use crate::cli::render::audit::html::people::{list, outcome, requester};
use crate::cli::render::audit::html::words::{grouped, many, short, time};
use crate::cli::render::audit::html::{ROWS, left, nothing, section, table};
use crate::commands::audit::report::{AuditReport, PolicyChange};
use crate::commands::audit::stats::{self, Group};
use crate::domain::id::Digest;
use crate::gate::account::Account;

pub(super) fn findings(report: &AuditReport) -> Markup {
    let verified = &report.verification;
    section(
        "findings",
        html! {
            @if verified.findings.is_empty() { p { "None: every step of main was judged by the rules, under the step before it."
                @if !report.duties.breaches.is_empty() { " What breaks the separation of duties stands in " a href="#duties" { "its own section" } "." } } } @else {
                p { "Main does not hold from the step named here on; what it says from there on is not in this report. The codes are explained in docs/findings.md." }
                (table("Findings", &["code", "commit", "file", "what"], &[], html! {
                    @for finding in &verified.findings {
                        tr { th scope="row" { (finding.code) } td { code { (finding.commit.as_deref().unwrap_or("–")) } }
                            td { code { (finding.path.as_deref().unwrap_or("–")) } } td.text { (finding.message) } }
                    }
                }))
            }
        },
    )
}

pub(super) fn population(report: &AuditReport) -> Markup {
    let (population, chain) = (&report.population, &report.chain);
    section(
        "population",
        html! {
            (table("Roll-forward", &["", "requests"], &[1], html! {
                tr { th scope="row" { "open at the start" } td.num { (grouped(population.open_at_start)) } }
                tr { th scope="row" { "+ made in the period" } td.num { (grouped(population.made)) } }
                @for (word, count) in population.ended.listed() {
                    tr { th scope="row" { "− ended in the period: " (word) } td.num { (grouped(count)) } }
                }
                tr { th scope="row" { "= open at the end" } td.num { strong { (grouped(population.open_at_end)) } } }
            }))
            p { "Each number is counted by itself. " @if population.adds_up { "They add up." } @else { strong { "They do not add up." } } }
            p { "Main has " (many(chain.steps, "step")) " from height 0 on, "
                @if chain.without_gaps { "each judged under the one before it, none missing" } @else { strong { "with heights missing" } }
                ": " (many(chain.versions, "policy version")) ", " (many(chain.endings, "ending")) ", " (many(chain.outcomes, "outcome"))
                " in steps of their own, " (many(chain.repairs, "repair")) ". "
                @if let (Some(first), Some(last)) = (chain.first, chain.last) { "The endings of this period lie between heights " (grouped(first)) " and " (grouped(last)) "." }
            }
            (branches(report))
        },
    )
}

/// Open branches that are not as they should be.
fn branches(report: &AuditReport) -> Markup {
    let open = &report.verification.open;
    let odd: Vec<_> = open.iter().filter(|one| !one.findings.is_empty()).collect();
    html! {
        div id="branches" {
            h3 { "Open branches" }
            @match open.len() {
                0 => p { "No request stood on a branch of its own when this was made." },
                many => p { "Requests that stood on a branch of their own when this was made, and had not landed on main: " (many) ". "
                    @if odd.is_empty() { "All can be read, and none that this machine knew has vanished." }
                    @else { "Those below have findings, which change nothing on main." } },
            }
            @if !odd.is_empty() {
                (table("Open branches with findings", &["request", "state", "code", "what"], &[], html! {
                    @for one in odd.iter().take(ROWS) { @for finding in &one.findings {
                        tr { th scope="row" { code { (one.id) } } td { (one.state) } td { (finding.code) } td.text { (finding.message) } }
                    } }
                }))
                (left(odd.len()))
            }
        }
    }
}

fn ended_as<'a>(report: &'a AuditReport, states: &'a [&str]) -> Vec<&'a Account> {
    let asked = report.asked;
    report.requests.iter().filter(|one| stats::ended_in(asked, one) && states.contains(&one.state.as_str())).collect()
}

fn subject(account: &Account) -> Markup {
    html! {
        th scope="row" { code title=(account.id) { (short(&account.id)) } }
        td.text { code { (account.command) } @if !account.reason.is_empty() { div.soft { "“" (account.reason) "”" } } }
        td { (list(&account.environments)) }
        td { (requester(account)) }
    }
}

pub(super) fn denials(report: &AuditReport) -> Markup {
    let all = ended_as(report, &["denied"]);
    section(
        "denials",
        html! {
            @if all.is_empty() { (nothing()) } @else {
                (table("Denials", &["ended", "request", "command", "where", "asked by", "denied by", "in their words"], &[], html! {
                    @for account in all.iter().take(ROWS) {
                        @let said = account.decisions.iter().filter(|voice| voice.counts && voice.verdict == "deny");
                        tr {
                            td.time { (time(account.ended.as_deref().unwrap_or_default())) } (subject(account))
                            td { (account.ended_by.as_deref().unwrap_or("–")) }
                            td.text { @for voice in said { div { (voice.comment) @if let Some(suggest) = &voice.suggest { div { "instead: " code { (suggest) } } } } } }
                        }
                    }
                }))
                (left(all.len()))
            }
        },
    )
}

pub(super) fn ended(report: &AuditReport) -> Markup {
    let all = ended_as(report, &["expired", "withdrawn", "refused"]);
    section(
        "ended",
        html! {
            @if all.is_empty() { (nothing()) } @else {
                (table("Expired, withdrawn, refused", &["ended", "request", "command", "where", "asked by", "how", "closed by"], &[], html! {
                    @for account in all.iter().take(ROWS) {
                        tr {
                            td.time { (time(account.ended.as_deref().unwrap_or_default())) } (subject(account))
                            td.text { (account.state) @if let Some(reason) = account.outcome.as_ref().and_then(|told| told.reason.as_ref()) { div.soft { (reason) } } }
                            td { (account.ended_by.as_deref().unwrap_or("–")) }
                        }
                    }
                }))
                (left(all.len()))
            }
        },
    )
}

pub(super) fn unknown(report: &AuditReport) -> Markup {
    let mut all = ended_as(report, &["unknown", "claimed"]);
    let late =
        |one: &&Account| stats::ended_in(report.asked, one) && one.outcome.as_ref().is_some_and(|told| told.is_late());
    all.extend(report.requests.iter().filter(late));
    section(
        "unknown",
        html! {
            p { "An approval was spent, and what came of it is not known, or was told only after an admin had closed it as unknown. Each must be explained." }
            @if all.is_empty() { (nothing()) } @else {
                (table("Unknown and late outcomes", &["claimed", "request", "command", "where", "asked by", "ran on", "outcome"], &[], html! {
                    @for account in all.iter().take(ROWS) {
                        tr {
                            td.time { (time(account.ended.as_deref().unwrap_or_default())) } (subject(account))
                            td { (account.runner) div.soft { (account.host) } } td.text { (outcome(account)) }
                        }
                    }
                }))
                (left(all.len()))
            }
        },
    )
}

pub(super) fn open(report: &AuditReport) -> Markup {
    let all: Vec<&Account> = report.requests.iter().filter(|one| one.ended.is_none()).collect();
    section(
        "open",
        html! {
            p { "As judged when this was made; nothing of it has landed on main." }
            @if all.is_empty() { (nothing()) } @else {
                (table("Open requests", &["made", "request", "command", "where", "asked by", "state", "until", "findings"], &[7], html! {
                    @for account in all.iter().take(ROWS) {
                        tr { td.time { (time(&account.created)) } (subject(account)) td { (account.state) } td.time { (time(&account.expires)) }
                            td.num { (account.findings.len()) } }
                    }
                }))
                (left(all.len()))
            }
        },
    )
}

pub(super) fn policy(report: &AuditReport) -> Markup {
    section(
        "policy",
        html! {
            p { "Versions that came into force in the period, or may have: no time is signed for the step itself, so it lies between the endings before and after it." }
            @if report.policy_changes.is_empty() { (nothing()) } @else {
                (table("Policy changes", &["version", "in force", "signed by", "what changes"], &[], html! {
                    @for change in report.policy_changes.iter().take(ROWS) { (version(change)) }
                }))
                (left(report.policy_changes.len()))
            }
        },
    )
}

fn version(change: &PolicyChange) -> Markup {
    html! {
        tr {
            th scope="row" { (change.version) div.soft { "commit " code title=(change.commit) { (short(&change.commit)) } } }
            td { "after " (change.after.as_deref().map_or("the beginning".to_owned(), time)) div { "before " (change.before.as_deref().map_or("now".to_owned(), time)) } }
            td { (list(&change.signed_by)) div.soft { (change.threshold) " needed" @if change.version > 1 { " by the version before" } }
                @if change.version > 1 { div { "own admins: " (list(&change.signed_by_own)) } div.soft { (change.own_threshold) " needed" } } }
            td.text {
                @if change.version == 1 { "the first version" }
                @for file in &change.files { div { code { (file) } } }
                @for line in &change.weaker { div { span.tag.explain { "weaker" } " " (line) } }
                @for line in &change.other { div { (line) } }
                @if change.more > 0 { div.soft { (many(change.more, "more line")) ": see the files in the repository" } }
            }
        }
    }
}

pub(super) fn groups(report: &AuditReport) -> Markup {
    section(
        "environments",
        html! {
            p { "Requests that ended in the period. One with several environments or policies counts in each." }
            @for (title, groups) in [("By environment", &report.environments), ("By policy", &report.policies)] {
                h3 id=[(title == "By policy").then_some("policies")] { (title) }
                (counted(title, groups))
            }
        },
    )
}

fn counted(title: &str, groups: &[Group]) -> Markup {
    if groups.is_empty() {
        return nothing();
    }
    let head = ["", "all", "executed", "claimed", "not run", "unknown", "denied", "expired", "withdrawn", "refused"];
    table(
        title,
        &head,
        &[1, 2, 3, 4, 5, 6, 7, 8, 9],
        html! {
            @for group in groups.iter().take(ROWS) {
                tr { th scope="row" { @match &group.name { Some(name) => (name), None => span.soft { "none recognised" } } }
                    td.num { (grouped(group.ended.total())) } @for (_, count) in group.ended.listed() { td.num { (grouped(count)) } } }
            }
        },
    )
}

pub(super) fn keys(report: &AuditReport) -> Markup {
    section(
        "keys",
        html! {
            @if report.keys.is_empty() { (nothing()) } @else {
                (table("Keys", &["principal", "key", "requests", "approvals", "denials"], &[2, 3, 4], html! {
                    @for key in report.keys.iter().take(ROWS) {
                        tr { th scope="row" { (list(&key.principals)) } td { code { (key.key) } } td.num { (grouped(key.requests)) }
                            td.num { (grouped(key.approvals)) } td.num { (grouped(key.denials)) } }
                    }
                }))
                (left(report.keys.len()))
            }
            h3 { "Revoked keys" }
            @if report.verification.again.is_empty() { p.soft { "None with records to be looked at again." } } @else {
                p { "What these keys signed while they may have been in other hands stays valid, and should be looked at again. The whole history, not this period alone." }
                (table("Revoked keys", &["key", "doubted since", "why", "records"], &[], html! {
                    @for key in &report.verification.again {
                        tr { th scope="row" { code { (key.key) } } td { code title=(key.compromised_since) { (short(&key.compromised_since)) } }
                            td.text { (key.reason.as_deref().unwrap_or("–")) }
                            td.text { @for record in key.records.iter().take(ROWS) { div { code { (record.record) } } } (left(key.records.len())) } }
                    }
                }))
            }
        },
    )
}

pub(super) fn verify(report: &AuditReport, twin: Option<(&str, &Digest)>) -> Markup {
    let verified = &report.verification;
    section(
        "verify",
        html! {
            p { "Pinned root " code { (report.repository.pinned_root) } ". Judged legal: " (many(verified.steps, "step")) " up to "
                code { (verified.last.as_deref().unwrap_or("none")) } "; the repository showed " code { (verified.tip.as_deref().unwrap_or("none")) } ". Policy version "
                (report.repository.version) @if let Some(root) = &report.repository.root_in_force { ", root " code { (root) } } "." }
            p { "Nothing here needs to be believed: any machine with a clone comes to the same answer." }
            @for again in &report.again { pre { code { (again.command) } } p.soft { (again.why) } }
            @if let Some((name, digest)) = twin {
                p { "The JSON twin, with every request in full: " code { (name) } ", SHA-256 " code { (digest) } "." }
            } @else {
                p { "The JSON twin, with every request in full: the same command with " code { "--json" } "." }
            }
        },
    )
}

pub(super) fn limits() -> Markup {
    section(
        "limits",
        html! {
            p { strong { "Proven" } " by signatures and the order of main, to anyone with the pinned root: who asked for what, whose keys approved or denied it, that what \
                policy asked for stood before a command was claimed, that each approval was spent at most once, which policy was in force and whose keys \
                changed it, and that none of it was changed afterwards." }
            p { strong { "Stated" } " by the machine that signed it: all times, review times among them; host, working directory and program facts; whether and how \
                a command ran." }
            p { strong { "Not shown" } ": commands that ran outside expacti; who physically held a key; what a command did; that a reviewer understood what they \
                approved; and, where a server can withhold branches, requests that never landed." }
        },
    )
}

pub(super) fn framework(report: &AuditReport) -> Markup {
    let Some(mapping) = &report.framework else { return html! {} };
    section(
        "framework",
        html! {
            p { strong { (mapping.framework) } }
            p { (mapping.note) }
            (table("Controls", &["control", "about", "evidence towards it here", "not covered"], &[], html! {
                @for control in &mapping.controls {
                    tr { th scope="row" { (control.control) } td.text { (control.about) }
                        td.text { (control.evidence) div { @for anchor in control.sections { a href={ "#" (anchor) } { (anchor) } " " } } }
                        td.text { (control.not_covered) } }
                }
            }))
            h3 { "What no row covers" }
            ul { @for line in &mapping.not_covered { li { (line) } } }
        },
    )
}
