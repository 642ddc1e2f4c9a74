//! `exceptions.csv`: what an auditor should ask about.

use crate::commands::audit::evidence::Case;
use crate::commands::audit::evidence::bag::Bag;
use crate::commands::audit::evidence::tables::{directory, file, table};
use crate::commands::error::CommandError;
use crate::commands::report::FindingView;
use crate::gate::account::Account;

/// One row.
#[derive(Default)]
struct Odd {
    kind: &'static str,
    request: String,
    who: String,
    at: String,
    detail: String,
    place: String,
}

impl Odd {
    fn cells(self) -> Vec<String> {
        vec![self.kind.to_owned(), self.request, self.who, self.at, self.detail, self.place]
    }
}

/// Writes the table; how many rows it has.
pub fn exceptions(case: &Case<'_>, bag: &mut Bag<'_>) -> Result<u64, CommandError> {
    let mut count = 0;
    let header = ["kind", "request", "who", "time", "detail", "place"];
    table(bag, "exceptions.csv", &header, &mut |row| {
        let mut add = |odd: Odd| {
            count += 1;
            row(odd.cells())
        };
        about_main(case, &mut add)?;
        case.each(&mut |account| about(account, &mut add))
    })?;
    Ok(count)
}

type Add<'a> = dyn FnMut(Odd) -> Result<(), CommandError> + 'a;

fn place(finding: &FindingView) -> String {
    [finding.commit.as_deref(), finding.path.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Of `main`, of open branches as they are now, of policy versions, of revoked keys.
fn about_main(case: &Case<'_>, add: &mut Add<'_>) -> Result<(), CommandError> {
    let verified = &case.trail.verified;
    for finding in &verified.findings {
        let detail = format!("{}: {}", finding.code, finding.message);
        add(Odd { kind: "main does not hold", detail, place: place(finding), ..Odd::default() })?;
    }
    for open in &verified.open {
        for finding in &open.findings {
            let kind = match open.state.as_str() {
                "vanished" => "branch vanished",
                "unreadable" => "request unreadable",
                _ => "does not verify",
            };
            let detail = format!("{}: {}", finding.code, finding.message);
            add(Odd { kind, request: open.id.clone(), detail, place: place(finding), ..Odd::default() })?;
        }
    }
    for again in &verified.again {
        for suspect in &again.records {
            let why = again.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            add(Odd {
                kind: "signed by a key that was revoked later",
                request: suspect.request.clone().unwrap_or_default(),
                who: again.key.clone(),
                detail: format!("in doubt since {}{why}", again.compromised_since),
                place: format!("{} {}", suspect.commit, suspect.record),
                ..Odd::default()
            })?;
        }
    }
    let period = case.filter.period;
    for step in case.steps.iter().filter(|step| step.time.parse().map_or(true, |at| period.holds(at))) {
        for weaker in &step.weaker {
            add(Odd {
                kind: "policy asks for less",
                who: step.signed.iter().map(|(who, _)| who.as_str()).collect::<Vec<_>>().join("; "),
                at: step.time.clone(),
                detail: format!("version {}: {weaker}", step.number),
                place: step.commit.clone(),
                ..Odd::default()
            })?;
        }
    }
    Ok(())
}

fn about(account: &Account, add: &mut Add<'_>) -> Result<(), CommandError> {
    let request = || account.id.clone();
    for voice in account.decisions.iter().filter(|voice| !voice.counts) {
        add(Odd {
            kind: if voice.verdict == "deny" { "denial did not count" } else { "approval did not count" },
            request: request(),
            who: voice.reviewer.clone(),
            at: voice.decided.clone(),
            detail: voice.why_not.clone().unwrap_or_default(),
            place: file(account, voice),
        })?;
    }
    for flag in &account.flags {
        let (detail, place) = (flag.clone(), directory(account));
        add(Odd { kind: "counted with a remark", request: request(), detail, place, ..Odd::default() })?;
    }
    if !account.is_claimed() {
        return Ok(());
    }
    let told = account.outcome.as_ref();
    if told.is_none() {
        add(Odd {
            kind: "no outcome told",
            request: request(),
            who: account.runner.clone(),
            at: account.ended.clone().unwrap_or_default(),
            detail: "claimed, and nobody has told what came of it".to_owned(),
            place: directory(account),
        })?;
    }
    let mut next = told;
    while let Some(told) = next {
        let corrected = told.before.is_some();
        if matches!(told.word.as_str(), "unknown" | "not-run") || corrected {
            add(Odd {
                kind: match (told.word.as_str(), corrected) {
                    (_, true) => "outcome corrected",
                    ("unknown", _) => "unknown outcome",
                    _ => "approved and not run",
                },
                request: request(),
                who: told.author.clone(),
                at: told.recorded.clone(),
                detail: told.reason.clone().unwrap_or_else(|| told.word.clone()),
                place: directory(account),
            })?;
        }
        next = told.before.as_deref();
    }
    Ok(())
}
