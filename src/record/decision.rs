//! `decisions/<reviewer>.<12 hex of its SHA-256>.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::decision::{Decision, Verdict};
use crate::domain::id::{CommitId, Digest};
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::record::canonical::Writer;
use crate::record::strict::{self, RecordError, Text};

pub(crate) const SCHEMA: &str = "expacti/decision/v1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(rename = "schema")]
    _schema: String,
    repo: Text<Digest>,
    base: Text<CommitId>,
    root: Text<Digest>,
    request: Text<Digest>,
    seen: Vec<Text<Digest>>,
    reviewer: Text<Name>,
    verdict: RawVerdict,
    comment: String,
    suggest: Option<String>,
    card: Text<Digest>,
    shown: Text<Timestamp>,
    decided: Text<Timestamp>,
    #[serde(default)]
    answers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawVerdict {
    Approve,
    Deny,
}

impl TryFrom<Raw> for Decision {
    type Error = RecordError;

    fn try_from(raw: Raw) -> Result<Self, RecordError> {
        let verdict = match raw.verdict {
            RawVerdict::Approve => Verdict::Approve,
            RawVerdict::Deny => Verdict::Deny,
        };
        let answers = raw.answers.into_iter().map(|(seat, answer)| {
            let field = format!("answers.{seat}");
            let seat: Name = seat.parse().map_err(|error| strict::invalid("answers", error))?;
            Ok((seat, strict::words(&field, answer)?))
        });
        let suggest = raw.suggest.map(|suggest| strict::words("suggest", suggest)).transpose()?;
        strict::require(suggest.is_none() || verdict == Verdict::Deny, "suggest", "belongs to a denial")?;
        Ok(Self {
            place: strict::place(raw.repo, raw.base, raw.root),
            request: raw.request.0,
            seen: strict::seen(raw.seen)?,
            reviewer: raw.reviewer.0,
            verdict,
            comment: strict::words("comment", raw.comment)?,
            answers: answers.collect::<Result<_, RecordError>>()?,
            suggest,
            card: raw.card.0,
            shown: raw.shown.0,
            decided: raw.decided.0,
        })
    }
}

/// Reads a decision.
///
/// # Errors
/// All but the canonical bytes of a valid decision.
pub fn parse(bytes: &[u8]) -> Result<Decision, RecordError> {
    strict::record(bytes, SCHEMA, |raw: Raw| raw.try_into(), render)
}

/// Writes a decision.
pub fn render(decision: &Decision) -> Vec<u8> {
    let mut out = Writer::new(SCHEMA);
    out.place(&decision.place);
    out.text("request", decision.request);
    out.list("seen", &decision.seen);
    out.text("reviewer", &decision.reviewer);
    out.text("verdict", decision.verdict.as_str());
    out.text("comment", &decision.comment);
    out.optional("suggest", decision.suggest.as_ref());
    out.text("card", decision.card);
    out.text("shown", decision.shown);
    out.text("decided", decision.decided);
    if !decision.answers.is_empty() {
        out.table("answers");
        for (seat, answer) in &decision.answers {
            out.text(seat.as_str(), answer);
        }
    }
    out.finish()
}
