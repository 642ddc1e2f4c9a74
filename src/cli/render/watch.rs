//! What `watch` prints, as it happens.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::cli::args::Args;
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
        (false, Notice::Request { .. }) => words(notice),
        // Said where it happened.
        (false, Notice::Told(_)) => return Ok(()),
    };
    let mut colored = Vec::new();
    write!(super::painted(world, args, &mut colored), "{text}")?;
    out.write_all(&colored)?;
    out.flush()
}

fn words(notice: &Notice) -> String {
    let Notice::Request { topic, at, event, .. } = notice else { return String::new() };
    let time: String = at.to_string().chars().skip(11).take(8).collect();
    let (word, color) = match topic {
        Topic::Created => ("new", "\x1b[1m"),
        Topic::Expiring => ("soon over", "\x1b[1;33m"),
        Topic::Ended => ("ended", "\x1b[2m"),
    };
    let mut text = String::new();
    let (id, reset) = (&event.id, "\x1b[0m");
    if *topic == Topic::Ended {
        let short = event.short();
        let _ = writeln!(
            text,
            "{time}  {color}{word}{reset}  {short} of {}: {}, {}",
            event.requester, event.state, event.why
        );
        return text;
    }
    let _ = writeln!(
        text,
        "{time}  {color}{word}{reset}  {id} by {}\n    {}\n    {} risk; {}; until {}",
        event.requester, event.command, event.risk.level, event.why, event.expires
    );
    if !event.reason.is_empty() {
        let _ = writeln!(text, "    they say: \"{}\"", event.reason);
    }
    let _ = writeln!(text, "    expacti review, or {}", event.approve.as_deref().unwrap_or(&event.show));
    text
}
