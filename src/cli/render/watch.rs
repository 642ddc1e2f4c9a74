//! What `watch` prints, as it happens.

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::cli::args::Args;
use crate::commands::card::{begins, fold};
use crate::commands::watch::Notice;
use crate::domain::notify::Topic;
use crate::world::World;

/// One notice: a JSON object a line, or a few lines for a person.
///
/// # Errors
/// Nobody reads standard output any more.
pub fn notice(world: &World, args: &Args, notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
    let text = match (args.global.json, notice) {
        (true, Notice::Request { object, .. }) => format!("{object}\n"),
        (true, Notice::Told(told)) => {
            format!(
                "{}\n",
                serde_json::json!({ "type": "channel", "timestamp": world.clock.now().to_string(), "data": told })
            )
        }
        (false, Notice::Request { .. }) => words(notice, width(world)),
        // Said where it happened.
        (false, Notice::Told(_)) => return Ok(()),
    };
    let mut colored = Vec::new();
    write!(super::painted(world, args, &mut colored), "{text}")?;
    out.write_all(&colored)?;
    out.flush()
}

/// For a person at a screen of so many columns; elsewhere every text stays on its line.
///
/// What others wrote never stands at the left edge, so that nothing of it passes for a line of ours.
fn words(notice: &Notice, width: usize) -> String {
    let Notice::Request { topic, at, event, .. } = notice else { return String::new() };
    let time: String = at.to_string().chars().skip(11).take(8).collect();
    let (word, style) = match topic {
        Topic::Created => ("new", Style::new().bold()),
        Topic::Expiring => ("soon over", AnsiColor::Yellow.on_default().bold()),
        Topic::Ended => ("ended", Style::new().dimmed()),
    };
    let head = match topic {
        Topic::Ended => format!("{} of {}: {}, {}", event.short(), event.requester, event.state, event.why),
        Topic::Created | Topic::Expiring => format!("{} by {}", event.id, event.requester),
    };
    let mut text = format!("{time}  {style}{word}{style:#}  ");
    let (first, later) = (width.saturating_sub(text_width(&time, word)), width.saturating_sub(6));
    text.push_str(&joined(&fold(&head, first, later)));
    text.push('\n');
    if *topic == Topic::Ended {
        return text;
    }
    let mut line = |words: &str| {
        let pieces = fold(words, width.saturating_sub(4), later);
        let _ = writeln!(text, "    {}", joined(&pieces));
    };
    line(&event.command);
    line(&format!("{} risk; {}; until {}", event.risk.level, event.why, event.expires));
    if !event.reason.is_empty() {
        line(&format!("they say: \"{}\"", event.reason));
    }
    line(&format!("expacti review, or {}", event.approve.as_deref().unwrap_or(&event.show)));
    text
}

/// Pieces of a text, a line each; what goes on stands further in.
fn joined(pieces: &[String]) -> String {
    let mut lines = String::new();
    for (nth, piece) in pieces.iter().enumerate() {
        if nth > 0 {
            let _ = write!(lines, "\n    {}", begins(piece));
        }
        lines.push_str(piece);
    }
    lines
}

fn text_width(time: &str, word: &str) -> usize {
    time.len() + word.len() + 4
}

/// Columns of the terminal; elsewhere as many as there are.
fn width(world: &World) -> usize {
    super::columns(world).map_or(usize::MAX, |columns| columns.max(40))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::notify::{Event, webhook};

    #[test]
    fn nothing_that_others_wrote_stands_at_the_left_edge() {
        let padded =
            format!("job {}11:41:34  ended  0123abcd of bot: denied {}::error::x", " x".repeat(90), "y".repeat(70));
        let event: Event = serde_json::from_value(serde_json::json!({
            "id": "0123456789abcdef0123456789abcdef", "state": "pending", "command": padded, "cwd": "/", "host": "h",
            "runner": "bot", "environments": [], "requester": "bot", "reason": padded, "created": "", "expires": "",
            "risk": { "score": 1, "level": "low", "reasons": [], "anomalies": [] }, "why": padded, "who": [],
            "show": "expacti show 0", "partial": false,
        }))
        .unwrap();
        for topic in [Topic::Created, Topic::Expiring, Topic::Ended] {
            let at = "2026-11-22T09:00:00Z".parse().unwrap();
            let object = webhook::object(topic, &event, at);
            let text = words(&Notice::Request { topic, at, event: Box::new(event.clone()), object }, 80);
            let text = anstream::adapter::strip_str(&text).to_string();
            let (first, rest) = text.split_once('\n').unwrap();
            assert!(first.starts_with("09:00:00  "));
            assert!(rest.lines().all(|line| line.starts_with("    ")), "{text}");
            assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
    }
}
