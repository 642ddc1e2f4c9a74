//! A message for a Slack incoming webhook.
//!
//! Nothing that a requester wrote stands where Slack reads markup: `plain_text` and the text elements of `rich_text` are shown as they are, so `<!channel>`
//! calls nobody and no link is made of `<https://…|word>`. `text`, which Slack does read, holds words and names of ours alone.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::commands::notify::event::Event;
use crate::domain::notify::{Handles, Topic};
use crate::domain::principal::Name;

/// The most characters of one text object.
const MAX_TEXT: usize = 3_000;

/// The body.
pub(super) fn body(topic: Topic, event: &Event, people: &BTreeMap<Name, Handles>) -> Value {
    let headline = event.headline(topic);
    let mut blocks = vec![
        json!({ "type": "header", "text": plain(&cut(&headline, 150)) }),
        preformatted(&event.command),
        rich(vec![text(&said(event)), text("\n")].into_iter().chain(facts(topic, event)).collect()),
        rich(whom(topic, event, people)),
        preformatted(&event.lines().join("\n")),
    ];
    if let Some(link) = &event.link {
        let button = json!({ "type": "button", "text": plain("look at it"), "url": link });
        blocks.push(json!({ "type": "actions", "elements": [button] }));
    }
    json!({ "text": headline, "blocks": blocks, "unfurl_links": false, "unfurl_media": false })
}

fn said(event: &Event) -> String {
    if event.reason.is_empty() { "no reason given".to_owned() } else { format!("they say: “{}”", event.reason) }
}

fn facts(topic: Topic, event: &Event) -> Vec<Value> {
    let facts = event.facts(topic).into_iter();
    facts.flat_map(|(label, value)| [bold(&format!("{label}: ")), text(&value), text("\n")]).collect()
}

fn whom(topic: Topic, event: &Event, people: &BTreeMap<Name, Handles>) -> Vec<Value> {
    let mut elements = vec![text(if topic == Topic::Ended { "for " } else { "waits for " })];
    for (at, name) in event.who.iter().enumerate() {
        if at > 0 {
            elements.push(text(", "));
        }
        let handle = name.parse::<Name>().ok().and_then(|name| people.get(&name)?.slack.clone());
        elements.push(match handle {
            Some(id) => json!({ "type": "user", "user_id": id }),
            None => text(name),
        });
    }
    elements.push(text(". Decide with expacti on your own machine:"));
    elements
}

fn plain(words: &str) -> Value {
    json!({ "type": "plain_text", "text": words, "emoji": false })
}

fn text(words: &str) -> Value {
    json!({ "type": "text", "text": cut(words, MAX_TEXT) })
}

fn bold(words: &str) -> Value {
    json!({ "type": "text", "text": words, "style": { "bold": true } })
}

fn rich(elements: Vec<Value>) -> Value {
    json!({ "type": "rich_text", "elements": [{ "type": "rich_text_section", "elements": elements }] })
}

fn preformatted(words: &str) -> Value {
    json!({ "type": "rich_text", "elements": [{ "type": "rich_text_preformatted", "elements": [text(words)] }] })
}

fn cut(words: &str, most: usize) -> String {
    words.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::notify::event::tests::sample;

    /// Objects whose text Slack reads as markup, or lets act.
    fn live(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
                if !["plain_text", "text"].contains(&kind) {
                    found.extend(object.values().filter_map(Value::as_str).map(str::to_owned));
                }
                object.values().for_each(|value| live(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| live(value, found)),
            _ => {}
        }
    }

    #[test]
    fn what_a_requester_writes_is_never_markup() {
        let hostile = "echo <!channel> <https://evil.example|log in> *b* `c` &amp;";
        let mut found = Vec::new();
        let message = body(Topic::Created, &sample(hostile, hostile), &BTreeMap::new());
        live(&message, &mut found);
        assert!(message.to_string().contains("<!channel>"));
        assert!(found.iter().all(|text| !text.contains('<') && !text.contains("evil")), "{found:?}");
        assert!(message["text"].as_str().unwrap().is_ascii());
    }
}
