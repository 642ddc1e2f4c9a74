//! Whether this machine's settings and the channels of the policy repository fit, and what could not be told.

use super::{fault, fine};
use crate::commands::Context;
use crate::commands::notify::{self, Waiting};
use crate::commands::report::Check;
use crate::domain::shown;
use crate::gate::audit::Standpoint;
use crate::world::store::Store;

/// Nothing where neither side names a channel.
pub(super) fn channels(context: &Context<'_>, store: &Store, at: &Standpoint) -> Vec<Check> {
    let channels = &at.version.config().notify.channels;
    let settings = match notify::settings(context.world) {
        Ok(settings) => settings,
        Err(error) => return vec![fault("notify", shown::line(&error.to_string()))],
    };
    if channels.is_empty() && settings.notify.is_empty() {
        return Vec::new();
    }
    let (reached, others): (Vec<_>, Vec<_>) =
        channels.iter().map(|channel| channel.name.as_str()).partition(|name| settings.notify.contains_key(*name));
    let mut checks = Vec::new();
    for name in settings.notify.keys().filter(|name| !reached.contains(&name.as_str())) {
        checks.push(
            fault(
                "notify",
                format!("settings.toml reaches a channel `{}`, which config.toml does not name", shown::line(name)),
            )
            .hint("correct the name, or have an admin add it to `[[notify.channels]]`"),
        );
    }
    for (name, why) in notify::unusable(context.world, &at.version.config().notify, &settings) {
        checks.push(fault("notify", format!("channel `{name}`: {}", shown::line(&why))));
    }
    match notify::waiting(store) {
        Ok(waiting) => checks.extend(waiting.into_iter().map(|Waiting { id, channel, event, why }| {
            let why = why.map(|why| format!(": {}", shown::line(&why))).unwrap_or_default();
            fault("notify", format!("channel `{}` was not told of {id} ({event}){why}", shown::line(&channel)))
                .hint("the next run, resume, sync or watch tries again")
        })),
        Err(error) => checks.push(fault("notify", shown::line(&error.to_string()))),
    }
    if checks.is_empty() {
        let list = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let words = format!("channels told from here: {}; from other machines: {}", list(&reached), list(&others));
        checks.push(fine("notify", words));
    }
    checks
}
