//! A message for a Microsoft Teams workflow: one Adaptive Card.
//!
//! A `TextBlock` and a `FactSet` read Markdown, so they hold words and names of ours alone; what others wrote stands in the runs of a `RichTextBlock`,
//! which are shown as they are.

use serde_json::{Value, json};

use crate::commands::notify::event::Event;
use crate::domain::notify::Topic;

/// The body.
pub(super) fn body(topic: Topic, event: &Event) -> Value {
    let heading = event.headline(topic);
    let mut card = vec![
        json!({ "type": "TextBlock", "text": escaped(&heading), "size": "Medium", "weight": "Bolder", "wrap": true }),
        runs(vec![run(&event.command, true)]),
    ];
    let said = if event.reason.is_empty() { "no reason given".to_owned() } else { format!("“{}”", event.reason) };
    card.push(runs(vec![label("they say"), run(&said, false)]));
    for (word, value) in event.facts(topic) {
        card.push(runs(vec![label(word), run(&value, false)]));
    }
    let whom = if topic == Topic::Ended { "for" } else { "waits for" };
    card.push(runs(vec![label(whom), run(&event.who.join(", "), false)]));
    card.push(runs(vec![run("Decide with expacti on your own machine:", false)]));
    card.extend(event.lines().into_iter().map(|line| runs(vec![run(line, true)])));
    let actions: Vec<Value> =
        event.link.iter().map(|link| json!({ "type": "Action.OpenUrl", "title": "look at it", "url": link })).collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": card,
                "actions": actions,
                "msteams": { "width": "Full" },
            },
        }],
    })
}

fn label(word: &str) -> Value {
    json!({ "type": "TextRun", "text": format!("{word}: "), "weight": "Bolder" })
}

fn run(text: &str, fixed: bool) -> Value {
    json!({ "type": "TextRun", "text": text, "fontType": if fixed { "Monospace" } else { "Default" } })
}

fn runs(inlines: Vec<Value>) -> Value {
    json!({ "type": "RichTextBlock", "inlines": inlines })
}

/// Every sign that Markdown could read, behind a backslash.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() && !",:".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::notify::event::tests::sample;

    #[test]
    fn what_a_requester_writes_is_never_markdown() {
        let hostile = "echo [log in](https://evil.example) **b** <at>all</at> ![x](https://evil.example/y)";
        let message = body(Topic::Created, &sample(hostile, hostile));
        let card = &message["attachments"][0]["content"];
        let blocks = card["body"].as_array().unwrap();
        assert!(blocks.iter().any(|block| block["inlines"][0]["text"] == hostile));
        for block in blocks.iter().filter(|block| block["type"] != "RichTextBlock") {
            assert!(!block.to_string().contains("evil"), "{block}");
        }
        assert_eq!(card["actions"].as_array().unwrap().len(), 1);
        assert_eq!(escaped("a_b (1) *x*"), "a\\_b \\(1\\) \\*x\\*");
    }
}
