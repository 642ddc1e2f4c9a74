//! The exit statuses, in one table.
//!
//! Verbs answer 0 yes, 1 no, 2 usage, 125 could not tell. `run` and `resume` exit with the child's
//! status, or 128 and the signal's number; their own words lie in 119 to 127.

use crate::cli::args::{Hook, Verb};
use crate::commands::audit::report::Verdict;
use crate::commands::error::{CommandError, Kind};
use crate::commands::report::Report;

/// The answer is yes.
pub const YES: u8 = 0;
/// The answer is no.
pub const NO: u8 = 1;
/// It was asked wrongly.
pub const USAGE: u8 = 2;
/// `run`: already spent.
pub const SPENT: u8 = 119;
/// `run`: denied by a reviewer, by policy, or by the absence of one.
pub const DENIED: u8 = 120;
/// `run`: what was approved is not what is there.
pub const DRIFTED: u8 = 121;
/// `run`: pending, to be resumed.
pub const PENDING: u8 = 122;
/// `run`: withdrawn by the requester.
pub const WITHDRAWN: u8 = 123;
/// `run`: expired.
pub const EXPIRED: u8 = 124;
/// expacti could not tell; nothing ran.
pub const UNSURE: u8 = 125;
/// Found and not executable.
pub const NOT_EXECUTABLE: u8 = 126;
/// Not found.
pub const NOT_FOUND: u8 = 127;
/// Ctrl-C while waiting, in `review` or in `watch`; the request stays open.
pub const INTERRUPTED: u8 = 130;

/// What a report means.
pub fn of_report(report: &Report) -> u8 {
    let holds = |ok: bool| if ok { YES } else { NO };
    match report {
        Report::Run(run) => run.exit,
        Report::Init(_)
        | Report::Join(_)
        | Report::Request(_)
        | Report::Requests(_)
        | Report::Identities(_)
        | Report::Explain(_)
        | Report::Policy(_)
        | Report::Hooked(_)
        | Report::Preview(_)
        | Report::Propose(_)
        | Report::Text(_) => YES,
        Report::Decisions(decisions) if decisions.iter().any(|decision| decision.unsure) => UNSURE,
        Report::Decisions(decisions) => holds(decisions.iter().all(|decision| decision.recorded)),
        // What did not go through was told at its place, and is still open.
        Report::Review(review) if review.interrupted => INTERRUPTED,
        Report::Review(review) if review.decisions.iter().any(|decision| decision.unsure) => UNSURE,
        Report::Review(_) => YES,
        Report::Watch(watch) if watch.interrupted => INTERRUPTED,
        Report::Watch(_) => YES,
        Report::Doctor(doctor) => holds(doctor.ok),
        Report::Demo(demo) => holds(demo.ok),
        Report::Sync(sync) => holds(sync.problems.is_empty() && sync.left.iter().all(|left| left.code.is_none())),
        Report::Log(log) if !log.sure => UNSURE,
        Report::Log(log) => holds(log.findings.is_empty()),
        Report::Export(export) if !export.sure => UNSURE,
        Report::Export(export) => holds(export.findings.is_empty()),
        Report::Evidence(evidence) => holds(evidence.findings.is_empty()),
        Report::Audit(report) => match report.verdict {
            Verdict::Holds => YES,
            Verdict::DoesNotHold => NO,
            Verdict::Unsure => UNSURE,
        },
        Report::Verify(verify) if !verify.sure => UNSURE,
        Report::Verify(verify) => holds(verify.ok),
        Report::Check(check) => holds(check.ok),
        Report::Hook(hook) => holds(hook.ok),
    }
}

/// What an error means for this verb.
pub fn of_error(error: &CommandError, verb: &Verb) -> u8 {
    // git knows taken and refused, nothing between.
    if matches!(verb, Verb::Hook(Hook::PreReceive { .. })) || matches!(verb, Verb::Verify(verify) if verify.pre_receive)
    {
        return NO;
    }
    let runs = matches!(verb, Verb::Run(_)) || matches!(verb, Verb::Resume(resume) if !resume.unknown);
    match error.kind {
        Kind::NotFound if runs => NOT_FOUND,
        Kind::NotExecutable if runs => NOT_EXECUTABLE,
        Kind::Drift if runs => DRIFTED,
        Kind::Usage if !runs => USAGE,
        Kind::No if !runs => NO,
        _ => UNSURE,
    }
}
