//! `[notify]` of `config.toml`.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::notify::{Channel, Handles, Medium, Notify, Topic, is_address, is_link};
use crate::domain::pattern::PatternKind;
use crate::domain::principal::Name;
use crate::record::document::{Item, Section};
use crate::record::policy::{duration, patterns};

/// Keys of settings.toml that somebody may look for here: everyone reads this file, and it sends no machine anywhere.
const ELSEWHERE: [&str; 9] =
    ["url", "url_env", "url_file", "secret", "secret_env", "secret_file", "command", "sendmail", "from"];

pub(super) fn notify(section: &Section<'_>) -> Notify {
    let usual = Notify::default();
    let expected = "an address that begins with `https://` and has `{id}` in it, without blanks, quotes and brackets";
    let people = section.get("people").and_then(|people| people.table("`[notify.people]`", |people| Some(all(people))));
    Notify {
        channels: section.tables("channels", channel),
        people: people.unwrap_or_default(),
        reminder: section.get("reminder").and_then(|span| duration(&span)).unwrap_or(usual.reminder),
        redact: section.get("redact").map(|globs| patterns(&globs, PatternKind::Glob)).unwrap_or_default(),
        link: section.get("link").and_then(|link| link.string(is_link, expected)),
    }
}

fn channel(section: &Section<'_>) -> Option<Channel> {
    let name = section.require("name").and_then(|name| name.parse::<Name>());
    let kind = section.require("kind").and_then(|kind| kind.one_of(&Medium::WORDS));
    for key in ELSEWHERE {
        if let Some(item) = section.get(key) {
            let help = "put it in settings.toml on the machine that tells this channel, below `[notify.NAME]`";
            let message =
                format!("`{key}` is no key of config.toml: it makes no machine post anywhere or start anything");
            item.error("not-here", message, Some(help));
        }
    }
    let events: BTreeSet<Topic> = match section.get("events") {
        None => Topic::WORDS.iter().map(|(_, topic)| *topic).collect(),
        Some(events) => {
            let items = events.list();
            if items.is_empty() && events.is_list() {
                events.error("bad-value", "a channel that tells nothing", Some("remove it"));
            }
            items.iter().filter_map(|event| event.one_of(&Topic::WORDS)).collect()
        }
    };
    let people = section.get("people").map(|people| people.list()).unwrap_or_default();
    let people = people.iter().filter_map(Item::parse).collect();
    Some(Channel { name: name?, kind: kind?, events, people })
}

fn all(section: &Section<'_>) -> BTreeMap<Name, Handles> {
    let member =
        |id: &str| (2..=32).contains(&id.len()) && id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let entries = section.entries().into_iter().filter_map(|(name, item)| {
        let name: Name = item.checked(name.parse())?;
        let handles = item.table("a person", |person| {
            Some(Handles {
                email: person.get("email").and_then(|email| email.string(is_address, "a plain mail address")),
                slack: person.get("slack").and_then(|id| id.string(member, "a Slack member id, like `U024BE7LH`")),
            })
        })?;
        Some((name, handles))
    });
    entries.collect()
}
