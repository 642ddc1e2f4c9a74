//! A mail, as RFC 5322 and MIME have it, for a sendmail command that takes its recipients from it.
//!
//! Headers hold checked addresses, and words in RFC 2047's encoding wherever they are not plain; the body is base64. So no text begins a line of its own.

use std::fmt::Write as _;

use base64ct::{Base64, Encoding as _};

use crate::commands::notify::event::Event;
use crate::domain::notify::Topic;
use crate::domain::time::Timestamp;

/// The most characters of a subject.
const MAX_SUBJECT: usize = 120;
/// Bytes of text in one encoded word, so that its line stays below 76 characters.
const ENCODED: usize = 36;

/// The mail's bytes.
pub(super) fn message(topic: Topic, event: &Event, (from, to): (&str, &[&str]), id: &str, made: Timestamp) -> Vec<u8> {
    let subject: String =
        format!("[expacti] {}: {}", event.headline(topic), event.command).chars().take(MAX_SUBJECT).collect();
    let host = from.rsplit('@').next().unwrap_or("localhost");
    let mut mail = String::new();
    let mut line = |text: &str| {
        mail.push_str(text);
        mail.push_str("\r\n");
    };
    line(&format!("Date: {}", date(made)));
    line(&format!("From: expacti <{from}>"));
    line(&format!("To: {}", to.join(",\r\n ")));
    line(&format!("Subject: {}", words(&subject)));
    line(&format!("Message-ID: <{id}@{host}>"));
    line("Auto-Submitted: auto-generated");
    line("MIME-Version: 1.0");
    line("Content-Type: text/plain; charset=utf-8");
    line("Content-Transfer-Encoding: base64");
    line("");
    let body = Base64::encode_string(text(topic, event).as_bytes());
    // Of base64, which is ASCII.
    for part in body.as_bytes().chunks(76) {
        line(&String::from_utf8_lossy(part));
    }
    mail.into_bytes()
}

/// What a person reads.
fn text(topic: Topic, event: &Event) -> String {
    let mut text = format!("{}\n\n    {}\n\n", event.headline(topic), event.command);
    if !event.reason.is_empty() {
        let _ = writeln!(text, "they say: \"{}\"", event.reason);
    }
    for (label, value) in event.facts(topic) {
        let _ = writeln!(text, "{label}: {value}");
    }
    if let Some(link) = &event.link {
        let _ = writeln!(text, "link: {link}");
    }
    text.push_str("\nOn your own machine:\n\n");
    for line in event.lines() {
        let _ = writeln!(text, "    {line}");
    }
    text.push_str("\nAn answer to this mail decides nothing: only a signature does.\n");
    text
}

/// As RFC 5322 writes it.
fn date(made: Timestamp) -> String {
    jiff::fmt::rfc2822::to_string(&made.instant().to_zoned(jiff::tz::TimeZone::UTC)).unwrap_or_default()
}

/// Plain words as they are; else encoded, each word on a line of its own.
fn words(text: &str) -> String {
    let plain = text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) && !text.contains("=?") && text.len() <= 60;
    if plain {
        return text.to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    for c in text.chars() {
        match parts.last_mut() {
            Some(part) if part.len() + c.len_utf8() <= ENCODED => part.push(c),
            _ => parts.push(c.to_string()),
        }
    }
    let parts = parts.iter().map(|part| format!("=?UTF-8?B?{}?=", Base64::encode_string(part.as_bytes())));
    parts.collect::<Vec<_>>().join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::notify::event::tests::sample;

    #[test]
    fn nothing_begins_a_line_of_its_own() {
        let hostile = "x\r\nBcc: mallory@evil.example\r\n\r\n.\r\nüber =?UTF-8?Q?x?= \u{202e}";
        let made = Timestamp::from_unix(1_795_338_000).unwrap();
        let to = ["alice@example.com", "bob@example.com"];
        let mail = message(Topic::Created, &sample(hostile, hostile), ("gate@example.com", &to), "msg_1", made);
        let mail = String::from_utf8(mail).unwrap();
        assert!(mail.is_ascii());
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split_once(": ").unwrap().0)
            .collect();
        let expected =
            "Date From To Subject Message-ID Auto-Submitted MIME-Version Content-Type Content-Transfer-Encoding";
        assert_eq!(names.join(" "), expected);
        assert!(mail.split("\r\n").all(|line| line.len() <= 76 && !line.contains(['\r', '\n'])));
        assert!(head.contains("Date: Sun, 22 Nov 2026 09:00:00 +0000"), "{head}");
        let base64: String = body.split("\r\n").collect();
        let text = String::from_utf8(Base64::decode_vec(&base64).unwrap()).unwrap();
        assert!(text.contains("expacti approve 0123456789abcdef0123456789abcdef\n"), "{text}");
    }

    #[test]
    fn subjects() {
        assert_eq!(words("plain"), "plain");
        assert_eq!(words("größer"), "=?UTF-8?B?Z3LDtsOfZXI=?=");
        assert_eq!(words("=?x"), "=?UTF-8?B?PT94?=");
        assert!(words(&"ü".repeat(100)).split("\r\n ").all(|word| word.len() <= 75));
    }
}
