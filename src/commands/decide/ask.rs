//! A decision at a terminal: what is asked, and when it may be signed.

use std::time::Duration;

use crate::commands::decide::{Judge, Presented, Saying, left};
use crate::commands::error::CommandError;
use crate::domain::decision::Verdict;
use crate::domain::principal::Name;
use crate::domain::shown;
use crate::gate::quorum::NotCounted;
use crate::world::pager;

/// The card is shown, and one question asked: `approve` and `deny`.
///
/// # Errors
/// The answer was not yes, or what was said would not count.
pub(super) fn once(judge: &Judge<'_>, before: &Presented, saying: &Saying) -> Result<Saying, CommandError> {
    let console = judge.context.world.console.as_ref();
    let id = before.found.dossier.id;
    show(judge, before)?;
    let word = saying.verdict.as_str();
    loop {
        console.forget_typed();
        let question = format!("{word} this request as `{}`? [y/N, o opens all of it]", judge.me.id);
        match console.ask(&question)?.as_deref() {
            Some("y" | "Y" | "yes") => break,
            Some("o") => open(judge, before),
            _ => return Err(CommandError::no(format!("nothing signed for request {id}"))),
        }
    }
    let mut saying = saying.clone();
    match settle(judge, before, &mut saying)? {
        true => Ok(saying),
        false => Err(CommandError::no(format!("nothing signed for request {id}"))),
    }
}

/// Puts the card on the screen, and remembers when.
///
/// # Errors
/// It cannot be remembered.
pub(in crate::commands) fn show(judge: &Judge<'_>, before: &Presented) -> Result<(), CommandError> {
    judge.context.world.console.say(before.card.painted().trim_end());
    judge.showed(before)
}

/// Opens the card and all that does not fit on it in a pager.
pub(in crate::commands) fn open(judge: &Judge<'_>, before: &Presented) {
    let world = judge.context.world;
    let text = format!("{}{}", before.card.plain(), before.card.in_full());
    if let Err(error) = pager::page(world, &text) {
        let id = before.found.dossier.id;
        world.console.say(&format!("expacti: {}; `expacti show {id}` prints it", shown::line(&error.to_string())));
    }
    // Ctrl-C in there was for the pager.
    world.console.forget_interrupts();
}

/// Asks for what an approval lacks until it would count; false where the reviewer gave up.
///
/// # Errors
/// It can never count, or the terminal is gone.
pub(in crate::commands) fn settle(
    judge: &Judge<'_>,
    before: &Presented,
    saying: &mut Saying,
) -> Result<bool, CommandError> {
    if saying.verdict == Verdict::Deny {
        return Ok(true);
    }
    let console = judge.context.world.console.as_ref();
    for (seat, question) in &before.report.asks_you {
        let Ok(name) = seat.parse::<Name>() else { continue };
        if saying.answers.get(&name).is_none_or(|answer| answer.trim().is_empty()) {
            match console.ask(&format!("{question} ({seat}):"))? {
                // Another seat may do; where not, it is asked for below.
                Some(answer) if answer.is_empty() => {}
                Some(answer) => drop(saying.answers.insert(name, answer)),
                None => return Ok(false),
            }
        }
    }
    loop {
        let objections = judge.objections(before, saying)?;
        let Some((policy, why)) = objections.first() else { return Ok(true) };
        if let Some(left) = left(&objections) {
            if !wait(judge, before, policy, why, left)? {
                return Ok(false);
            }
            continue;
        }
        let lacks_comment = objections.iter().any(|(_, why)| *why == NotCounted::NoComment);
        let question = objections.iter().find_map(|(_, why)| match why {
            NotCounted::NoAnswer { seat, question } => Some((seat.clone(), question.clone())),
            _ => None,
        });
        let answer = match &question {
            _ if lacks_comment => console.ask("comment (the policy asks for one):")?,
            Some((seat, question)) => console.ask(&format!("{} ({seat}):", shown::line(question)))?,
            None => return Err(judge.refused(before, objections)),
        };
        // Nothing said where something must be: given up.
        let Some(answer) = answer.filter(|answer| !answer.trim().is_empty()) else { return Ok(false) };
        match question {
            Some((seat, _)) if !lacks_comment => drop(saying.answers.insert(seat, answer)),
            _ => saying.comment = answer,
        }
    }
}

/// Too fast: the reviewer waits, reads on, or gives up.
fn wait(
    judge: &Judge<'_>,
    before: &Presented,
    policy: &str,
    why: &NotCounted,
    seconds: u64,
) -> Result<bool, CommandError> {
    let world = judge.context.world;
    world.console.say(&format!("not signed yet: policy `{policy}`: `{}` {why}", judge.me.id));
    world.console.forget_typed();
    match world.console.ask(&format!("{seconds} s to go: Enter waits, o opens all of it, n gives up:"))?.as_deref() {
        Some("") => {}
        Some("o") => {
            open(judge, before);
            return Ok(true);
        }
        _ => return Ok(false),
    }
    for left in (1..=seconds).rev() {
        if world.console.interrupted() {
            return Ok(false);
        }
        world.console.progress(&format!("{left} s to go"));
        world.clock.sleep(Duration::from_secs(1));
    }
    world.console.settle();
    Ok(true)
}
