//! What is told of a request: bounded, harmless to show, and without what must not leave the repository.
//!
//! It is made from a [`RequestReport`], so from verified data alone, and it is told and nothing more: whoever gets it decides on their own machine.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::commands::report::RequestReport;
use crate::domain::bytes::decode;
use crate::domain::notify::{Notify, Topic};
use crate::domain::principal::Name;
use crate::domain::shown;
use crate::matching::{canonical_text, secret};

/// What stands in the place of what is not told.
const HIDDEN: &str = "[not told]";
/// The most characters of a command, as Slack takes them.
const MAX_COMMAND: usize = 2_900;
/// The most characters of anybody's words.
const MAX_WORDS: usize = 900;
/// The most characters of everything else that is no name.
const MAX_LINE: usize = 300;
/// The most reasons of a risk, and of other lists.
const MAX_LIST: usize = 6;

/// A request, as those who are told of it read it; this is what a webhook, a program and `watch --json` get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The request's full id.
    pub id: String,
    /// As in `status`.
    pub state: String,
    /// The command, quoted for a shell.
    pub command: String,
    /// The working directory.
    pub cwd: String,
    /// Where it would run, or ran.
    pub host: String,
    /// Who would run it.
    pub runner: String,
    /// Environments that it was recognised to go to.
    pub environments: Vec<String>,
    /// Who asks.
    pub requester: String,
    /// The requester's words.
    pub reason: String,
    /// How much it deserves a look.
    pub risk: Risk,
    /// By the requester's clock.
    pub created: String,
    /// Until when it can be claimed.
    pub expires: String,
    /// What is missing, or how it ended.
    pub why: String,
    /// Whom it is for: those who can decide it, at its end those who asked.
    pub who: Vec<String>,
    /// Where a host shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The command that shows all of it.
    pub show: String,
    /// The command that approves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve: Option<String>,
    /// Whether something is cut short or not told.
    pub partial: bool,
}

/// A request's risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// From 0 to 100.
    pub score: u8,
    /// `low`, `medium`, `high`, `critical`.
    pub level: String,
    /// Why, the weightiest first.
    pub reasons: Vec<String>,
    /// What is unlike the requester.
    pub anomalies: Vec<String>,
}

impl Event {
    /// What is told of a request to `who`.
    ///
    /// INVARIANT: every text in a report has passed `domain::shown`.
    pub fn of(topic: Topic, report: &RequestReport, notify: &Notify, who: &BTreeSet<Name>) -> Self {
        let mut veil = Veil::over(report, notify);
        let open = topic != Topic::Ended;
        Self {
            id: report.id.clone(),
            state: report.state.clone(),
            command: veil.command(report),
            cwd: veil.text(&report.cwd, MAX_LINE),
            host: veil.text(&report.host, MAX_LINE),
            runner: report.runner.clone(),
            environments: report.environments.iter().take(MAX_LIST).map(|name| veil.text(name, MAX_LINE)).collect(),
            requester: report.requester.clone(),
            reason: veil.text(&report.reason, MAX_WORDS),
            risk: Risk {
                score: report.risk.score,
                level: report.risk.level.clone(),
                reasons: report.risk.reasons.iter().take(MAX_LIST).map(|r| veil.text(&r.text, MAX_LINE)).collect(),
                anomalies: report
                    .risk
                    .anomalies
                    .iter()
                    .take(MAX_LIST)
                    .map(|anomaly| veil.text(&format!("{} ({})", anomaly.text, anomaly.facts), MAX_LINE))
                    .collect(),
            },
            created: report.created.clone(),
            expires: report.expires.clone(),
            why: veil.text(&report.reason_for_state, MAX_WORDS),
            who: who.iter().map(ToString::to_string).collect(),
            // Its branch goes when it ends.
            link: notify.link.as_ref().filter(|_| open).map(|link| link.replace("{id}", &report.id)),
            show: format!("expacti show {}", report.id),
            approve: open.then(|| format!("expacti approve {}", report.id)),
            partial: veil.took,
        }
    }

    /// The first eight digits of its id, for headings.
    pub fn short(&self) -> &str {
        self.id.get(..8).unwrap_or(&self.id)
    }

    /// One line: what this is about, in words and names of ours alone.
    pub fn headline(&self, topic: Topic) -> String {
        let (short, who) = (self.short(), &self.requester);
        match topic {
            Topic::Created => format!("{who} asks for approval of {short} ({} risk)", self.risk.level),
            Topic::Expiring => format!("{who} still waits for approval of {short}, until {}", self.expires),
            Topic::Ended => format!("request {short} of {who} is {}", self.state),
        }
    }

    /// What there is to know beside command and reason: labels of ours, and values.
    pub fn facts(&self, topic: Topic) -> Vec<(&'static str, String)> {
        let environments = match self.environments.as_slice() {
            [] => String::new(),
            names => format!(", environment {}", names.join(", ")),
        };
        let mut facts = vec![
            ("asked by", self.requester.clone()),
            ("where", format!("{} on {}, as {}{environments}", self.cwd, self.host, self.runner)),
        ];
        if topic == Topic::Ended {
            facts.push(("how it ended", format!("{}: {}", self.state, self.why)));
            return facts;
        }
        facts.push(("risk", format!("{}, {} of 100", self.risk.level, self.risk.score)));
        facts.extend(self.risk.reasons.iter().map(|reason| ("because", reason.clone())));
        facts.extend(self.risk.anomalies.iter().map(|anomaly| ("unusual", anomaly.clone())));
        facts.push(("missing", self.why.clone()));
        facts.push(("until", self.expires.clone()));
        facts
    }

    /// What a person may do about it, word for word.
    pub fn lines(&self) -> Vec<&str> {
        std::iter::once(self.show.as_str()).chain(self.approve.as_deref()).collect()
    }
}

/// Takes out of texts what must not be told, and cuts them.
struct Veil {
    argv: Vec<Vec<u8>>,
    hidden: Vec<String>,
    took: bool,
}

impl Veil {
    /// Arguments that a glob of `[notify] redact` matches, or a word in them does, are hidden wherever they occur.
    fn over(report: &RequestReport, notify: &Notify) -> Self {
        let mut hidden = BTreeSet::new();
        let mut argv = Vec::with_capacity(report.argv.len());
        for argument in &report.argv {
            let bytes = decode(argument).unwrap_or_else(|_| argument.clone().into_bytes());
            let matches = |text: &[u8]| notify.redact.iter().any(|glob| glob.matches(text));
            if matches(&bytes) {
                hidden.insert(shown::bytes(&bytes));
                argv.push(HIDDEN.as_bytes().to_vec());
                continue;
            }
            let words = bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty() && matches(word));
            hidden.extend(words.map(shown::bytes));
            argv.push(bytes);
        }
        // The longest first: one may hold another.
        let mut hidden: Vec<String> = hidden.into_iter().filter(|text| text.len() > 2).collect();
        hidden.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self { argv, hidden, took: false }
    }

    fn command(&mut self, report: &RequestReport) -> String {
        let gone = self.argv.iter().any(|argument| argument == HIDDEN.as_bytes());
        let text = if gone { shown::bytes(&canonical_text(&self.argv)) } else { report.command.clone() };
        self.text(&text, MAX_COMMAND)
    }

    fn text(&mut self, text: &str, most: usize) -> String {
        let mut told = secret::hide(text, HIDDEN);
        for hidden in &self.hidden {
            told = told.replace(hidden, HIDDEN);
        }
        self.took |= told != text;
        let count = told.chars().count();
        if count <= most {
            return told;
        }
        self.took = true;
        let head: String = told.chars().take(most).collect();
        format!("{head} … ({count} characters in all)")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An event with everything in it.
    pub(in crate::commands::notify) fn sample(command: &str, reason: &str) -> Event {
        Event {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            state: "pending".to_owned(),
            command: command.to_owned(),
            cwd: "/srv/app".to_owned(),
            host: "prod-1".to_owned(),
            runner: "bot".to_owned(),
            environments: vec!["production".to_owned()],
            requester: "bot".to_owned(),
            reason: reason.to_owned(),
            risk: Risk {
                score: 70,
                level: "high".to_owned(),
                reasons: vec![command.to_owned()],
                anomalies: Vec::new(),
            },
            created: "2026-11-22T09:00:00Z".to_owned(),
            expires: "2026-11-22T09:30:00Z".to_owned(),
            why: "policy `job` needs 1 more of `dba` (alice)".to_owned(),
            who: vec!["alice".to_owned()],
            link: Some("https://git.example.com/requests/0123".to_owned()),
            show: "expacti show 0123456789abcdef0123456789abcdef".to_owned(),
            approve: Some("expacti approve 0123456789abcdef0123456789abcdef".to_owned()),
            partial: false,
        }
    }
}
