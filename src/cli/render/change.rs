//! `policy propose`, `diff` and `preview` in words: the worst first.

use std::fmt::Write as _;

use crate::commands::report::{
    ChangeReport, Governs, PreviewReport, PreviewedCommand, Proposal, ProposeReport, RejudgedView,
};

/// Requests and commands shown of each kind; `--json` has them all.
const SHOWN: usize = 10;

/// What was proposed, and what comes next.
pub fn propose(report: &ProposeReport) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "proposed version {}", report.version);
    let _ = writeln!(out, "digest    {}", report.digest);
    let _ = writeln!(out, "branch    {}", report.branch);
    for (what, paths) in [("changed", &report.changed), ("added", &report.added), ("removed", &report.removed)] {
        if !paths.is_empty() {
            let _ = writeln!(out, "{what:<8}  {}", paths.join(", "));
        }
    }
    for note in &report.notes {
        let _ = writeln!(out, "note: {note}");
    }
    for command in &report.next {
        let _ = writeln!(out, "next: {command}");
    }
    out
}

/// Who must sign a proposal, side by side.
pub(super) fn needs(out: &mut String, proposal: &Proposal) {
    for side in &proposal.needs {
        let whose = match (side.in_force, proposal.needs.len()) {
            (_, 1) => "its admins".to_owned(),
            (true, _) => format!("admins of {}", side.version),
            (false, _) => "its own".to_owned(),
        };
        let state = if side.met { "enough" } else { "not enough" };
        let _ = writeln!(
            out,
            "  {whose:<11}  {} of {} needed have signed, {state}: {}; not yet: {}",
            side.signed.len(),
            side.threshold,
            list(&side.signed),
            list(&side.waiting)
        );
    }
}

/// What a proposal changes.
pub(super) fn change(proposal: &Proposal, change: &ChangeReport) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "version {}, after version {} that is in force", proposal.version, change.follows);
    let _ = writeln!(out, "  digest       {}", proposal.digest);
    let _ = writeln!(out, "  fingerprint  {}", proposal.fingerprint);
    needs(&mut out, proposal);
    if change.weaker.is_empty() {
        let _ = writeln!(out, "\nnothing that expacti can tell gets weaker");
    } else {
        let _ = writeln!(out, "\nWEAKER, or possibly so");
        change.weaker.iter().for_each(|text| out.push_str(&format!("  ! {text}\n")));
    }
    let looked = match change.requests {
        0 => "no request is recorded yet that could be judged again".to_owned(),
        1 => "the one recorded request".to_owned(),
        many => format!("the newest {many} recorded requests"),
    };
    requests(&mut out, &format!("WOULD HAVE ASKED FEWER PEOPLE, of {looked}"), &change.fewer);
    requests(&mut out, &format!("would have been denied, of {looked}"), &change.denied);
    requests(&mut out, &format!("would have been governed otherwise, of {looked}"), &change.otherwise);
    if change.requests == 0 {
        let _ = writeln!(out, "\n{looked}");
    } else if change.fewer.is_empty() && change.denied.is_empty() && change.otherwise.is_empty() {
        let _ = writeln!(out, "\nnothing changes for {looked}");
    }
    if !change.changes.is_empty() {
        let title = if change.weaker.is_empty() { "changes" } else { "other changes" };
        let _ = writeln!(out, "\n{title}");
        change.changes.iter().for_each(|text| out.push_str(&format!("  {text}\n")));
    }
    for file in &change.files {
        let _ = writeln!(out, "\n--- {} ({})", file.path, file.what);
        file.lines.iter().for_each(|line| out.push_str(&format!("| {line}\n")));
        if file.more > 0 {
            let _ = writeln!(
                out,
                "| … {} more lines: git diff main policy/{:06}-{}",
                file.more, proposal.version, proposal.digest
            );
        }
    }
    out
}

fn requests(out: &mut String, title: &str, requests: &[RejudgedView]) {
    if requests.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}: {}", requests.len());
    for request in requests.iter().take(SHOWN) {
        let id: String = request.id.chars().take(8).collect();
        let (before, after) = (&request.before, &request.after);
        let _ = writeln!(out, "  {id}  {}", request.command);
        let met = |policies: &[String]| if policies.is_empty() { "no policy".to_owned() } else { policies.join(" + ") };
        let mut line = format!("{} -> {}", before.words, after.words);
        if before.policies == after.policies {
            line += &format!(" ({})", met(&before.policies));
        } else {
            line += &format!(" ({} -> {})", met(&before.policies), met(&after.policies));
        }
        if let Some(reason) = &after.reason {
            line += &format!(": {reason}");
        }
        let _ = writeln!(out, "            {line}");
    }
    if requests.len() > SHOWN {
        let _ = writeln!(out, "  … and {} more; --json lists them", requests.len() - SHOWN);
    }
}

/// What an edited file would govern, beside today.
pub fn preview(report: &PreviewReport) -> String {
    let mut out = String::new();
    let count = report.commands.len();
    let _ = writeln!(
        out,
        "{} of {count} commands would be governed otherwise by {} than by version {}",
        report.changed, report.config, report.version
    );
    for command in report.commands.iter().filter(|command| command.changed).take(4 * SHOWN) {
        let _ = writeln!(out, "  {}{}", command.command, times(command));
        let _ = writeln!(out, "      today  {}", governs(&command.before));
        let _ = writeln!(out, "      then   {}", governs(&command.after));
    }
    if report.changed > 4 * SHOWN {
        let _ = writeln!(out, "  … and {} more; --json lists them", report.changed - 4 * SHOWN);
    }
    for policy in &report.policies {
        let number = |commands: &Option<Vec<String>>| match commands {
            Some(commands) => commands.len().to_string(),
            None => "-".to_owned(),
        };
        let _ = writeln!(out, "\n{}  today {}, then {}", policy.name, number(&policy.today), number(&policy.then));
        let (then, today) = (policy.then.as_deref().unwrap_or_default(), policy.today.as_deref().unwrap_or_default());
        let came = then.iter().filter(|command| !today.contains(command)).map(|command| ("+ ", command));
        let went = today.iter().filter(|command| !then.contains(command)).map(|command| ("- ", command));
        let kept = then.iter().filter(|command| today.contains(command)).map(|command| ("  ", command));
        let all: Vec<(&str, &String)> = came.chain(went).chain(kept).collect();
        for (sign, command) in all.iter().take(SHOWN) {
            let _ = writeln!(out, "  {sign}{command}");
        }
        if all.len() > SHOWN {
            let _ = writeln!(out, "    … and {} more", all.len() - SHOWN);
        }
    }
    for note in &report.notes {
        let _ = writeln!(out, "\nwith the roster in force: {note}");
    }
    out
}

fn times(command: &PreviewedCommand) -> String {
    match command.recorded {
        0 => String::new(),
        1 => "  (asked for once)".to_owned(),
        many => format!("  (asked for {many} times)"),
    }
}

fn governs(governs: &Governs) -> String {
    let mut text = governs.decision.to_owned();
    if !governs.policies.is_empty() {
        text += &format!(": {}", governs.policies.join(", "));
    }
    if let Some(reason) = &governs.reason {
        text += &format!(" ({reason})");
    }
    text
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}
