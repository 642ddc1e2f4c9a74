//! `audit log`: a line a request.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use crate::cli::args::audit::{Audit, LogFormat};
use crate::cli::args::{Args, Verb};
use crate::commands::audit::{Log, csv};
use crate::commands::report::FindingView;
use crate::gate::account::{Account, Voice};
use crate::world::World;

/// JSON lines or CSV, where that is asked for.
pub fn machine(log: &Log, args: &Args) -> Option<Vec<u8>> {
    let Verb::Audit(Audit::Log(asked)) = &args.verb else { return None };
    match asked.format {
        LogFormat::Text => None,
        LogFormat::Csv => Some(csv::accounts(log.accounts.iter())),
        LogFormat::Jsonl => Some(lines(log.accounts.iter())),
    }
}

/// One JSON object a line.
pub fn lines<'a>(accounts: impl Iterator<Item = &'a Account>) -> Vec<u8> {
    let mut out = Vec::new();
    for account in accounts {
        out.extend(serde_json::to_vec(account).unwrap_or_default());
        out.push(b'\n');
    }
    out
}

/// Says that the list is not all there is, whatever is done with standard output.
pub fn warn(world: &World, findings: &[FindingView]) {
    for finding in findings {
        let commit = finding.commit.as_deref().map(|commit| format!(" at {commit}")).unwrap_or_default();
        world.console.complain(&format!("error: {}{commit}: {}", finding.code, finding.message));
    }
    if !findings.is_empty() {
        world.console.complain("error: main does not hold: what it says from there on is not told here");
        world.console.complain("hint: see `expacti verify`, and `expacti doctor`");
    }
}

/// For people; lines are cut to `width` columns, where there is a terminal.
pub fn text(log: &Log, width: Option<usize>) -> String {
    if log.accounts.is_empty() {
        return "no request of that kind\n".to_owned();
    }
    let rows: Vec<[String; 5]> = log
        .accounts
        .iter()
        .map(|account| {
            let time = account.ended.as_ref().unwrap_or(&account.created);
            let id: String = account.id.chars().take(8).collect();
            let minute: String = time.chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect();
            [minute, id, state(account), account.requester.clone(), people(account)]
        })
        .collect();
    let widest = |at: usize, most: usize| {
        let widths = rows.iter().filter_map(|row| row.get(at)).map(|text| text.width());
        widths.max().unwrap_or(0).min(most)
    };
    let (states, names, voices) = (widest(2, 14), widest(3, 16), widest(4, 28));
    let mut out = String::new();
    for ([time, id, state, requester, people], account) in rows.iter().zip(&log.accounts) {
        let mut line = format!("{time}  {id}  ");
        for (text, width) in [(state, states), (requester, names), (people, voices)] {
            line.push_str(text);
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(text.width()) + 2));
        }
        line.push_str(&account.command);
        let _ = writeln!(out, "{}", cut(line.trim_end(), width.unwrap_or(usize::MAX)));
    }
    out
}

/// `executed`, or with what it ended: `executed 2`.
fn state(account: &Account) -> String {
    match account.outcome.as_ref().and_then(|told| told.status) {
        Some(status) if status != 0 => format!("{} {status}", account.state),
        _ => account.state.clone(),
    }
}

/// Who approved, or who denied; a dash where nobody had to.
fn people(account: &Account) -> String {
    let counted: Vec<&str> =
        account.decisions.iter().filter(|voice| voice.counts).map(|voice: &Voice| voice.reviewer.as_str()).collect();
    let mut names: Vec<&str> = Vec::new();
    for name in counted {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { "-".to_owned() } else { names.join(",") }
}

fn cut(line: &str, width: usize) -> String {
    if line.width() <= width {
        return line.to_owned();
    }
    let mut shown = String::new();
    let mut columns = 1;
    for c in line.chars() {
        columns += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if columns > width {
            break;
        }
        shown.push(c);
    }
    shown.push('…');
    shown
}
