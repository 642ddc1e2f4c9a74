//! `[notify]` of config.toml: who is told what, by which channel.
//!
//! It is public, and says nothing of how a channel is reached: addresses, secrets and programs are a machine's own (`settings.toml`), so that a
//! policy repository makes no machine post anywhere or start anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::pattern::Pattern;
use crate::domain::policy::people;
use crate::domain::principal::{Fault, MAX_FAULTS, Name, Roster, unknown};
use crate::domain::time::Lifetime;

/// All of `[notify]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Notify {
    /// `[[notify.channels]]`; names are unique.
    pub channels: Vec<Channel>,
    /// `[notify.people]`: how to call or reach somebody in a medium.
    pub people: BTreeMap<Name, Handles>,
    /// How long before its expiry a request is told once more.
    pub reminder: Lifetime,
    /// Arguments that these match are not told.
    pub redact: Vec<Pattern>,
    /// Where a host shows an open request; `{id}` stands for its full id.
    pub link: Option<String>,
}

impl Default for Notify {
    fn default() -> Self {
        Self {
            channels: Vec::new(),
            people: BTreeMap::new(),
            reminder: Lifetime::minutes(10),
            redact: Vec::new(),
            link: None,
        }
    }
}

/// One way to reach people: a room, a mailbox, a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// What settings.toml calls it too.
    pub name: Name,
    /// Which medium.
    pub kind: Medium,
    /// What it tells.
    pub events: BTreeSet<Topic>,
    /// Whom it reaches: principals and groups; empty: everyone concerned.
    pub people: Vec<Name>,
}

/// The form in which a channel takes what it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// A Slack incoming webhook.
    Slack,
    /// A Microsoft Teams workflow's webhook, with an Adaptive Card.
    Teams,
    /// Any receiver of Standard Webhooks 1.0.
    Webhook,
    /// A mail, handed to a sendmail command.
    Email,
    /// A program that reads one JSON object.
    Command,
}

impl Medium {
    /// Each with its word.
    pub const WORDS: [(&str, Self); 5] = [
        ("slack", Self::Slack),
        ("teams", Self::Teams),
        ("webhook", Self::Webhook),
        ("email", Self::Email),
        ("command", Self::Command),
    ];
}

/// What there is to tell of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// It waits for people.
    Created,
    /// It still does, and soon is over.
    Expiring,
    /// It has ended.
    Ended,
}

impl Topic {
    /// Each with its word.
    pub const WORDS: [(&str, Self); 3] =
        [("created", Self::Created), ("expiring", Self::Expiring), ("ended", Self::Ended)];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Expiring => "expiring",
            Self::Ended => "ended",
        }
    }
}

impl std::str::FromStr for Topic {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::WORDS.iter().find(|(word, _)| *word == text).map(|(_, topic)| *topic).ok_or(())
    }
}

/// How somebody is called in a medium.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handles {
    /// A mail address.
    pub email: Option<String>,
    /// A Slack member id, like `U024BE7LH`.
    pub slack: Option<String>,
}

impl Notify {
    /// The channel of this name.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name.as_str() == name)
    }

    /// Names used twice.
    pub fn own_faults(&self) -> Vec<Fault> {
        let mut seen = BTreeSet::new();
        let twice = self.channels.iter().enumerate().filter(|(_, channel)| !seen.insert(&channel.name));
        twice
            .map(|(at, _)| Fault::new(format!("notify.channels[{at}].name"), "another channel above has this name"))
            .collect()
    }

    /// People and groups that the roster does not know.
    pub fn faults(&self, roster: &Roster) -> Vec<Fault> {
        let known = || {
            let principals = roster.principals().map(|principal| principal.id.as_str());
            principals.chain(roster.groups().map(|(name, _)| name.as_str()))
        };
        let mut faults = Vec::new();
        for (at, channel) in self.channels.iter().enumerate() {
            for (nth, name) in channel.people.iter().enumerate() {
                if roster.get(name).is_none() && roster.group(name).is_none() && faults.len() < MAX_FAULTS {
                    let path = format!("notify.channels[{at}].people[{nth}]");
                    faults.push(unknown(path, "principal or group", name.as_str(), known()));
                }
            }
        }
        for name in self.people.keys().filter(|name| roster.get(name).is_none()).take(MAX_FAULTS) {
            let ids = roster.principals().map(|principal| principal.id.as_str());
            faults.push(unknown(format!("notify.people.{name}"), "principal", name.as_str(), ids));
        }
        faults
    }
}

impl Channel {
    /// Those of `concerned` that it reaches.
    pub fn reaches(&self, concerned: &BTreeSet<Name>, roster: &Roster) -> BTreeSet<Name> {
        if self.people.is_empty() {
            return concerned.clone();
        }
        let mine: BTreeSet<Name> = self.people.iter().flat_map(|name| people(name, roster)).collect();
        concerned.intersection(&mine).cloned().collect()
    }
}

/// Whether a text is a mail address that cannot be anything else: no quoting, no comments, no option.
pub fn is_address(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else { return false };
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let label = |label: &str| {
        !label.is_empty() && !label.starts_with('-') && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.len() <= 254
        && !local.is_empty()
        && !local.starts_with(['-', '|', '/'])
        && local.chars().all(atom)
        && host.split('.').all(label)
}

/// Whether a text can be put as a link where nothing of it may act: visible ASCII without quotes or brackets, and a place for the id.
pub fn is_link(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"<>\"'`\\|^()[]".contains(c);
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.len() <= 1_000
        && text.contains("{id}")
        && text.replace("{id}", "").chars().all(|c| plain(c) && c != '{' && c != '}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_links_are_nothing_else() {
        for (text, holds) in [
            ("alice@example.com", true),
            ("a.b+c@mail.example.com", true),
            ("alice@localhost", true),
            ("-odq@example.com", false),
            ("|cat@example.com", false),
            ("alice@-x.com", false),
            ("alice@example.com\r\nBcc: m@evil.example", false),
            ("a@b, c@d", false),
            ("a@b@c", false),
            ("\"a b\"@example.com", false),
            ("alice", false),
            ("@example.com", false),
        ] {
            assert_eq!(is_address(text), holds, "{text}");
        }
        for (text, holds) in [
            ("https://github.com/acme/approvals/tree/requests/{id}", true),
            ("http://git.internal/x?id={id}", true),
            ("https://example.com/", false),
            ("javascript:alert({id})", false),
            ("https://example.com/{id}>|click <!channel>", false),
            ("https://example.com/{id} x", false),
            ("https://example.com/{id}{name}", false),
        ] {
            assert_eq!(is_link(text), holds, "{text}");
        }
    }
}
