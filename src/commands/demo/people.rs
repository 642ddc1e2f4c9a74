//! `--interactive`: the audience decides in the reviewers' places.

use crate::commands::demo::cast::{CONFIG, Person};
use crate::commands::demo::stage::{Show, Stage};
use crate::commands::error::CommandError;
use crate::world::World;

/// Asks until an answer is given.
///
/// # Errors
/// The input has ended.
fn ask(world: &World, question: &str) -> Result<String, CommandError> {
    loop {
        match world.console.ask(question)? {
            Some(answer) if !answer.is_empty() => return Ok(answer),
            Some(_) => {}
            None => return Err(CommandError::no("you left the demo")),
        }
    }
}

/// Waits for the audience.
///
/// # Errors
/// The input has ended.
pub(super) fn pause(stage: &mut Stage<'_>, world: &World) -> Result<(), CommandError> {
    match world.console.ask("[Enter goes on]")? {
        Some(_) => Ok(stage.gap()?),
        None => Err(CommandError::no("you left the demo")),
    }
}

/// Asks for a yes.
///
/// # Errors
/// As the terminal says.
pub(super) fn agrees(world: &World, question: &str) -> Result<bool, CommandError> {
    Ok(matches!(world.console.ask(&format!("{question} [y/N]"))?.as_deref(), Some("y" | "Y" | "yes")))
}

/// The audience plays one reviewer; whether they agreed.
///
/// # Errors
/// The input has ended.
pub(super) fn decide(stage: &mut Stage<'_>, world: &World, person: &Person, id: &str) -> Result<bool, CommandError> {
    let who = person.name;
    loop {
        let (exit, agreed) = match ask(world, &format!("You are {who}. Approve or deny? [a/d]"))?.as_str() {
            "a" | "approve" => {
                let comment = ask(world, "What did you check?")?;
                let answer = match question(person.seat) {
                    Some(question) => format!("{}={}", person.seat, ask(world, &question)?),
                    None => String::new(),
                };
                let mut words = vec!["approve", id, "--yes", "--comment", &comment];
                if !answer.is_empty() {
                    words.extend(["--answer", &answer]);
                }
                stage.gap()?;
                (stage.play_any(person, &words, Show::All)?.exit, true)
            }
            "d" | "deny" => {
                let reason = ask(world, "Why not?")?;
                stage.gap()?;
                (stage.play_any(person, &["deny", id, "--yes", "--reason", &reason], Show::All)?.exit, false)
            }
            _ => continue,
        };
        if exit == 0 {
            return Ok(agreed);
        }
    }
}

/// What the policy asks this seat.
fn question(seat: &str) -> Option<String> {
    let line = CONFIG.lines().find_map(|line| line.strip_prefix(seat)?.strip_prefix(" = "))?;
    Some(line.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seat_has_its_question() {
        assert_eq!(question("dba").as_deref(), Some("Will it lock the table?"));
        assert!(question("dev-lead").is_some() && question("security").is_some());
        assert_eq!(question("nobody"), None);
    }
}
