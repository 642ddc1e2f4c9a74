//! What `run` answers when it ends: the exit status, and in plain words what an agent may do next.

use crate::commands::Context;
use crate::commands::error::{CommandError, Kind};
use crate::commands::execute::Executed;
use crate::commands::report::{RequestReport, RunReport};
use crate::commands::request::{self, Found};
use crate::domain::id::RequestId;
use crate::gate::ledger::LandedEnding;
use crate::world::store::Store;
/// Ctrl-C while waiting: the request stays open.
pub(super) fn interrupted(id: RequestId) -> RunReport {
    RunReport {
        exit: 130,
        result: "interrupted",
        ran: false,
        id: Some(id.to_string()),
        message: format!("interrupted; request {id} stays open and nothing ran"),
        next: vec![format!("go on with `expacti resume {id}`, take it back with `expacti cancel {id}`")],
        request: None,
        notified: Vec::new(),
    }
}

pub(super) fn finished(
    context: &Context<'_>,
    store: &Store,
    id: RequestId,
    executed: Executed,
) -> Result<RunReport, CommandError> {
    let describe = || -> Option<RequestReport> {
        let at = store.remembered().ok()??;
        let found = request::find(store, &at, id).ok()?;
        Some(request::describe(context, &found))
    };
    let report = |exit, result, ran, message: String, next: Vec<String>| RunReport {
        exit,
        result,
        ran,
        id: Some(id.to_string()),
        message,
        next,
        request: describe(),
        notified: Vec::new(),
    };
    let spent = vec![
        format!("`expacti status {id}` tells what came of it"),
        "ask again with `expacti run` if it must run once more".to_owned(),
    ];
    Ok(match executed {
        Executed::Ran(end) => report(end.status(), "executed", true, "it ran".to_owned(), Vec::new()),
        Executed::Spent | Executed::Again => {
            report(119, "spent", false, format!("request {id} is already spent; nothing ran now"), spent)
        }
        Executed::Waits => {
            let go_on = format!("go on with `expacti resume {id}`");
            report(122, "pending", false, format!("request {id} waits until CI has landed its claim"), vec![go_on])
        }
        Executed::Stopped(how, why) => {
            let exit = if how == "denied" { 120 } else { 123 };
            report(exit, how, false, format!("{why}; nothing ran, and request {id} is spent"), vec![SILENCE.to_owned()])
        }
        Executed::Drifted(fields) => report(
            121,
            "drifted",
            false,
            format!("what was approved is not what is there now: {}", fields.join(", ")),
            vec!["put it back as it was and `expacti resume`, or ask again with `expacti run`".to_owned()],
        ),
        Executed::NotRun(reason, kind) => {
            let exit = match kind {
                Kind::Drift => 121,
                Kind::NotFound => 127,
                Kind::NotExecutable => 126,
                Kind::No if context.world.console.interrupted() => 130,
                Kind::No => 124,
                Kind::Usage | Kind::Unsure => 125,
            };
            let result = if exit == 121 { "drifted" } else { "not-run" };
            report(exit, result, false, format!("{reason}; its approval is spent"), spent)
        }
    })
}

/// What an agent must be told when the answer is not yes.
const SILENCE: &str = "Silence is not consent. Do not retry, rephrase, or reach the same effect by another command.";

pub(super) fn still_pending(context: &Context<'_>, found: &Found) -> RunReport {
    let request = request::describe(context, found);
    let id = &request.id;
    RunReport {
        exit: 122,
        result: "pending",
        ran: false,
        id: Some(id.clone()),
        message: format!("request {id} is open: {}", request.reason_for_state),
        next: vec![
            format!("go on with `expacti resume {id}`, take it back with `expacti cancel {id}`"),
            SILENCE.to_owned(),
        ],
        request: Some(request),
        notified: Vec::new(),
    }
}

/// The report for a request that has ended, here or on `main`.
pub(super) fn ended(context: &Context<'_>, found: &Found) -> RunReport {
    let request = request::describe(context, found);
    let id = request.id.clone();
    let why = request.reason_for_state.clone();
    let stop = || vec![SILENCE.to_owned(), "Tell the person you work for, and go on with something else.".to_owned()];
    let (exit, result, message, next) = match found.landed.as_ref().map(|landed| &landed.ending) {
        Some(LandedEnding::Claimed { .. }) => (
            119,
            "spent",
            format!("request {id} is already spent ({}): {why}; nothing ran now", request.state),
            vec!["ask again with `expacti run` if it must run once more".to_owned()],
        ),
        _ => match request.state.as_str() {
            "denied" => {
                let mut next = stop();
                if let Some(suggest) = request.decisions.iter().find_map(|decision| decision.suggest.as_ref()) {
                    next.push(format!("The reviewer suggests to ask for this instead: {suggest}"));
                }
                (120, "denied", format!("request {id} is denied: {why}"), next)
            }
            "refused" => (120, "refused", format!("request {id} is refused by policy: {why}"), stop()),
            "expired" => (124, "expired", format!("request {id} has expired: {why}"), stop()),
            "withdrawn" => (123, "withdrawn", format!("request {id} is withdrawn: {why}"), Vec::new()),
            "blocked" => (
                125,
                "blocked",
                format!("request {id} can never be claimed: {why}; nothing ran"),
                vec![format!("ask again with `expacti run --retry-of {id}`")],
            ),
            other => (125, "unsure", format!("request {id} is {other}: {why}"), stop()),
        },
    };
    RunReport { exit, result, ran: false, id: Some(id), message, next, request: Some(request), notified: Vec::new() }
}
