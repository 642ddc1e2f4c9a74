//! The first page: verdict, numbers, what needs an eye, and plots.

use maud::{Markup, html};

use crate::cli::render::audit::html::words::{grouped, many, short, span};
use crate::cli::render::audit::plots;
use crate::cli::render::audit::report::headline;
use crate::commands::audit::report::{AuditReport, Verdict, Weight};
use crate::commands::audit::stats::RUN_GAP;

pub(super) fn page(report: &AuditReport, title: &str) -> Markup {
    html! {
        header {
            h1 { (title) }
            (verdict(report))
            (facts(report))
        }
        (cards(report))
        (notices(report))
        (plots(report))
    }
}

fn verdict(report: &AuditReport) -> Markup {
    let (class, mark) = match report.verdict {
        Verdict::Holds => ("holds", "✔"),
        Verdict::DoesNotHold => ("does-not-hold", "✘"),
        Verdict::Unsure => ("unsure", "?"),
    };
    let line = headline(report);
    let (word, rest) = line.split_once(": ").unwrap_or((&line, ""));
    html! {
        div class={ "verdict " (class) } role="status" {
            strong { span aria-hidden="true" class=(class) { (mark) " " } (word) }
            span { (rest)
                @if !report.verification.findings.is_empty() { ": what this page says ends before the first step that breaks a rule; the findings stand below" }
            }
        }
    }
}

fn facts(report: &AuditReport) -> Markup {
    let place = &report.repository;
    html! {
        div.facts {
            span { "repository " b { (place.address) } }
            span { "pinned root " b.mono { (place.pinned_root) } }
            @if let Some(commit) = &place.commit { span { "main judged up to " b.mono title=(commit) { (short(commit)) } } }
            span { "policy version " b { (place.version) } }
            span { "made " b { (report.generated) } " by " b { (report.program) } }
        }
    }
}

fn cards(report: &AuditReport) -> Markup {
    let (population, duties) = (&report.population, &report.duties);
    let ended = &population.ended;
    html! {
        div.cards {
            div.card {
                h3 { "Separation of duties" }
                div.big { (grouped(duties.breaches.len() as u64)) small { " of " (many(duties.executions, "execution")) } }
                p { @if duties.breaches.is_empty() { "counted who asked as an approver, or one key for two people, or lacked an approval" }
                    @else { strong { "break it: see the findings" } }
                    "; recounted by name and by key. " a href="#duties" { "How" } }
            }
            div.card {
                h3 { "Population" }
                div.sum {
                    span { b { (grouped(population.open_at_start)) } "open before" }
                    span { b { "+ " (grouped(population.made)) } "made" }
                    span { b { "− " (grouped(ended.total())) } "ended" }
                    span { b { "= " (grouped(population.open_at_end)) } "still open" }
                }
                p { @if population.adds_up { "adds up" } @else { strong { "does not add up" } } "; " (many(report.chain.steps, "step")) " of main, "
                    @if report.chain.without_gaps { "none missing. " } @else { strong { "some missing" } ". " } a href="#population" { "Details" } }
            }
            div.card {
                h3 { "Endings" }
                div.big { (grouped(ended.executed)) small { " executed" } }
                p { (grouped(ended.denied)) " denied, " (grouped(ended.expired)) " expired, " (grouped(ended.withdrawn)) " withdrawn, "
                    (grouped(ended.refused)) " refused by policy, " (grouped(ended.not_run)) " spent without running, "
                    (grouped(ended.unknown + ended.claimed)) " to be explained" }
            }
            div.card {
                h3 { "Review" }
                @match report.quorum.seconds {
                    Some(spread) => div.big { (span(spread.median)) },
                    None => div.big { "–" },
                }
                p {
                    @match report.quorum.seconds {
                        Some(spread) => { "median from request to quorum; nine of ten within " (span(spread.p90)) "; " },
                        None => "no execution that somebody approved; ",
                    }
                    (many(report.reviewers.len() as u64, "reviewer")) ", "
                    (many(report.reviewers.iter().map(|one| one.approvals + one.denials).sum(), "decision")) ". "
                    a href="#reviewers" { "By reviewer" } }
            }
        }
    }
}

fn notices(report: &AuditReport) -> Markup {
    html! {
        section id="notices" aria-label="What needs an eye" {
            ul.notices {
                @for notice in &report.notices {
                    @let (class, word) = match notice.weight {
                        Weight::Wrong => ("wrong", "✘ finding"),
                        Weight::Explain => ("explain", "? explain"),
                        Weight::Look => ("look", "• look"),
                    };
                    li {
                        span { span class={ "tag " (class) } { (word) } }
                        span.count { (grouped(notice.count)) }
                        span { (notice.text) " " a href={ "#" (notice.section) } { "list" } }
                    }
                }
                @if report.notices.is_empty() { li { span { span.tag.look { "✔ nothing" } } span.count { "0" } span { "Nothing that would need an eye." } } }
            }
        }
    }
}

fn plots(report: &AuditReport) -> Markup {
    let per = match report.flow.days {
        1 => "per day",
        7 => "per week, by its Monday",
        _ => "per four weeks",
    };
    html! {
        (plots::patterns())
        div.plots id="plots" {
            figure {
                figcaption { "Requests that ended, " (per) span { "stacked by how they ended; days are those of UTC" } }
                @if report.flow.buckets.is_empty() { p.soft { "No request ended in this period." } } @else {
                    (plots::flow(&report.flow))
                    ul.legend { @for (label, fill, _) in plots::STACK { li { (plots::swatch(fill)) (label) } } }
                    (flow_table(report))
                }
            }
            figure {
                figcaption { "From the request to its last counted approval"
                    span { @match report.quorum.seconds {
                        Some(spread) => { "median " (span(spread.median)) ", nine of ten within " (span(spread.p90)) ", longest " (span(spread.most)) },
                        None => "executions that somebody approved",
                    } }
                }
                @if report.quorum.seconds.is_none() { p.soft { "Nothing that needed approval was executed in this period." } } @else {
                    (plots::quorum(&report.quorum))
                }
            }
            figure {
                figcaption { "Seconds of review, by reviewer"
                    span { "from the card to the decision, as reviewers state it; bar: median; diamonds: in a rubber-stamp run (each within "
                        (RUN_GAP) " s of the one before)" }
                }
                @if report.paces.is_empty() { p.soft { "No decision was made in this period." } } @else {
                    (plots::paces(&report.paces, &report.reviewers))
                    @if report.paces.len() > plots::ROWS { p.soft { (report.paces.len() - plots::ROWS) " more reviewers are in the table." } }
                    p.soft { a href="#reviewers" { "Numbers by reviewer" } }
                }
            }
            figure {
                figcaption { "When commands were claimed" span { "executions by hour of the day, in " (report.hours.zone) ", the time zone of the policy in force" } }
                @if report.duties.executions == 0 { p.soft { "Nothing was executed in this period." } } @else { (plots::hours(&report.hours)) }
            }
        }
    }
}

fn flow_table(report: &AuditReport) -> Markup {
    let head: Vec<&str> = std::iter::once("from").chain(plots::STACK.iter().map(|(label, ..)| *label)).collect();
    html! {
        details { summary { "Numbers" }
            (super::table("Requests that ended, by bucket", &head, &[1, 2, 3, 4, 5], html! {
                @for bucket in report.flow.buckets.iter().filter(|bucket| bucket.ended.total() > 0) {
                    tr { th scope="row" { (bucket.from) } @for (_, _, of) in plots::STACK { td.num { (grouped(of(&bucket.ended))) } } }
                }
            }))
        }
    }
}
