//! Reports in words.

use std::fmt::Write as _;

use crate::cli::args::Verb;
use crate::cli::render::doctor;
use crate::cli::render::policy;
use crate::commands::card::Card;
use crate::commands::report::{InitReport, JoinReport, Report, RequestReport, ReviewReport, RunReport};

/// The text of a report; may hold colour, which the caller strips where it is not wanted. `width` is the terminal's.
pub(super) fn text(verb: &Verb, report: &Report, width: Option<usize>) -> String {
    match report {
        Report::Init(report) => init(report),
        Report::Join(report) => join(report),
        Report::Request(report) => match verb {
            Verb::Show(_) => {
                let card = Card::of(report);
                format!("{}{}", card.painted(), card.in_full())
            }
            _ => format!("{} {}: {}\n", report.id, report.state, report.reason_for_state),
        },
        Report::Requests(reports) => pending(reports),
        Report::Decisions(decisions) => {
            let mut out = String::new();
            for decision in decisions {
                let _ = writeln!(out, "{}", decision.message);
                for hint in &decision.hints {
                    let _ = writeln!(out, "hint: {hint}");
                }
            }
            out
        }
        Report::Review(review) => reviewed(review),
        Report::Identities(identities) => {
            let mut out = String::new();
            for identity in identities {
                let who = identity.principal.as_ref().map(|who| format!(" = {who}")).unwrap_or_default();
                let _ = writeln!(
                    out,
                    "{}{who}  {}\n  {}\n  {}",
                    identity.name, identity.fingerprint, identity.path, identity.key
                );
            }
            out
        }
        Report::Sync(sync) => {
            let mut out = String::new();
            for (what, ids) in [
                ("outcome delivered", &sync.delivered),
                ("expired", &sync.expired),
                ("denial landed", &sync.denied),
                ("branch pushed back", &sync.restored),
                ("not done", &sync.problems),
            ] {
                for id in ids {
                    let _ = writeln!(out, "{what}: {id}");
                }
            }
            for landed in &sync.landed {
                let _ = writeln!(out, "landed: {} ({})", landed.id, landed.what);
            }
            for left in &sync.left {
                let code = left.code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default();
                let _ = writeln!(out, "left: {}: {code}{}", left.branch, left.message);
            }
            if out.is_empty() { "nothing to do\n".to_owned() } else { out }
        }
        Report::Verify(report) => super::verify::text(report),
        Report::Log(log) => super::audit::log::text(log, width),
        Report::Export(report) => super::audit::export::text(report),
        Report::Evidence(report) => super::audit::export::evidence(report),
        Report::Audit(report) => super::audit::report::text(report),
        Report::Hook(report) => super::hook::refused(report),
        Report::Hooked(report) => super::hook::installed(report),
        Report::Text(text) => text.clone(),
        Report::Demo(demo) => {
            let what =
                if demo.executed { "three people agreed, and it ran once" } else { "it was denied, and did not run" };
            let left = demo
                .directory
                .as_ref()
                .map_or_else(|| "nothing is left behind".to_owned(), |dir| format!("it lies in {dir}"));
            format!("{what}; {left} ({} s)\n", demo.seconds)
        }
        Report::Run(_) | Report::Watch(_) => String::new(),
        Report::Doctor(report) => doctor::doctor(report),
        Report::Policy(report) => policy::proposals(report),
        Report::Propose(report) => policy::propose(report),
        Report::Preview(report) => policy::preview(report),
        Report::Check(report) => policy::check(report),
        Report::Explain(report) => policy::explain(report),
    }
}

/// Each decision was told when it was made; this is what is left to say.
fn reviewed(review: &ReviewReport) -> String {
    let recorded = review.decisions.iter().filter(|decision| decision.recorded).count();
    let ended = if review.interrupted { "interrupted; " } else { "" };
    let unseen = if review.unseen > 0 { format!(", {} not looked at", review.unseen) } else { String::new() };
    format!("{ended}{recorded} decided, {} left as they are{unseen}\n", review.skipped.len())
}

/// What `run` says when nothing ran.
pub(super) fn ran(run: &RunReport) -> Vec<String> {
    let mut lines = vec![format!("expacti: {}", run.message)];
    lines.extend(run.next.iter().map(|next| format!("  {next}")));
    lines
}

fn init(report: &InitReport) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "policy repository  {}", report.url);
    let _ = writeln!(out, "root fingerprint   {}", report.root);
    let _ = writeln!(out, "admins             {} ({} must sign a change)", report.admins.join(", "), report.threshold);
    if report.complete {
        let _ =
            writeln!(out, "\nOn every other machine, with the fingerprint sent by another way than the repository:");
        let _ = writeln!(out, "  expacti join {} --root {}", report.url, report.root);
    } else {
        let _ = writeln!(out, "\nIt waits for {}. Each of them, on their machine:", report.waiting.join(", "));
        let _ = writeln!(out, "  expacti join {} --root {}", report.url, report.root);
        let _ = writeln!(out, "  expacti policy diff {}", report.digest);
        let _ = writeln!(out, "  expacti policy sign {}", report.digest);
    }
    if let Some(solo) = &report.solo {
        let _ = writeln!(
            out,
            "\nFor one person: `{}` asks, `{}` approves, with keys of this one user.",
            solo.agent, solo.person
        );
        let _ = writeln!(
            out,
            "That records and slows down; it is no second pair of eyes and no barrier, since the agent can use both keys."
        );
        let _ = writeln!(out, "Try it:");
        let _ = writeln!(out, "  expacti run --no-wait -- uptime");
        let _ = writeln!(out, "  expacti pending");
        let _ = writeln!(out, "  expacti approve ID");
        let _ = writeln!(out, "  expacti run -- uptime");
    }
    out
}

fn join(report: &JoinReport) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "pinned  {}", report.url);
    let _ = writeln!(out, "root    {}", report.root);
    if report.version == 0 {
        let _ = writeln!(out, "policy  version 1 still waits for signatures: see `expacti policy status`");
    } else {
        let _ = writeln!(
            out,
            "policy  version {}, admins {} ({} must sign a change)",
            report.version,
            report.admins.join(", "),
            report.threshold
        );
    }
    match &report.me {
        Some(me) => {
            let _ = writeln!(out, "you     {me}");
        }
        None => {
            let _ = writeln!(out, "you     not in the roster with the key that is set here; that is enough to audit");
        }
    }
    out
}

fn pending(reports: &[RequestReport]) -> String {
    if reports.is_empty() {
        return "nothing waits for you\n".to_owned();
    }
    let mut out = String::new();
    for report in reports {
        let _ = writeln!(out, "{}  {}  by {}, until {}", report.id, report.state, report.requester, report.expires);
        let _ = writeln!(out, "    {}", report.command);
        if !report.reason.is_empty() {
            let _ = writeln!(out, "    they say: \"{}\"", report.reason);
        }
        let _ = writeln!(out, "    {}", report.reason_for_state);
    }
    out
}
