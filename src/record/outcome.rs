//! `outcome.toml`.

use serde::Deserialize;

use crate::domain::id::{CommitId, Digest};
use crate::domain::outcome::{End, Ending, Execution, Outcome};
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::record::canonical::Writer;
use crate::record::request::RawPin;
use crate::record::strict::{self, RecordError, Text};

pub(crate) const SCHEMA: &str = "expacti/outcome/v1";

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
    author: Text<Name>,
    recorded: Text<Timestamp>,
    ending: RawEnding,
    reason: Option<String>,
    exit: Option<u8>,
    signal: Option<u8>,
    started: Option<Text<Timestamp>>,
    duration_ms: Option<u64>,
    pin: Option<RawPin>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawEnding {
    Executed,
    NotRun,
    Unknown,
    Expired,
    Withdrawn,
    Refused,
}

/// What an ending has is taken out; what is left over belongs to another.
impl Raw {
    fn ending(&mut self) -> Result<Ending, RecordError> {
        Ok(match self.ending {
            RawEnding::Executed => Ending::Executed(self.execution()?),
            RawEnding::NotRun => Ending::NotRun { reason: self.reason()? },
            RawEnding::Unknown => Ending::Unknown { reason: self.reason()? },
            RawEnding::Expired => Ending::Expired,
            RawEnding::Withdrawn => Ending::Withdrawn { reason: self.reason()? },
            RawEnding::Refused => Ending::Refused { reason: self.reason()? },
        })
    }

    fn reason(&mut self) -> Result<String, RecordError> {
        strict::words("reason", self.reason.take().ok_or_else(|| missing("reason"))?)
    }

    fn execution(&mut self) -> Result<Execution, RecordError> {
        let end = match (self.exit.take(), self.signal.take()) {
            (Some(code), None) => End::Exit(code),
            (None, Some(number @ 1..=127)) => End::Signal(number),
            (None, Some(_)) => return Err(strict::invalid("signal", "is no signal: expected 1 to 127")),
            _ => return Err(strict::invalid("exit", "or `signal`: an execution has exactly one of them")),
        };
        Ok(Execution {
            end,
            started: self.started.take().ok_or_else(|| missing("started"))?.0,
            duration_ms: self.duration_ms.take().ok_or_else(|| missing("duration_ms"))?,
            pin: self.pin.take().ok_or_else(|| missing("pin"))?.into(),
        })
    }
}

fn missing(field: &str) -> RecordError {
    strict::invalid(field, "is missing for this ending")
}

impl TryFrom<Raw> for Outcome {
    type Error = RecordError;

    fn try_from(mut raw: Raw) -> Result<Self, RecordError> {
        let ending = raw.ending()?;
        let left = [
            ("reason", raw.reason.is_some()),
            ("exit", raw.exit.is_some()),
            ("signal", raw.signal.is_some()),
            ("started", raw.started.is_some()),
            ("duration_ms", raw.duration_ms.is_some()),
            ("pin", raw.pin.is_some()),
        ];
        for (field, is_left) in left {
            strict::require(!is_left, field, format!("does not belong to the ending `{}`", ending.as_str()))?;
        }
        Ok(Self {
            place: strict::place(raw.repo, raw.base, raw.root),
            request: raw.request.0,
            seen: strict::seen(raw.seen)?,
            author: raw.author.0,
            recorded: raw.recorded.0,
            ending,
        })
    }
}

/// Reads `outcome.toml`.
///
/// # Errors
/// All but the canonical bytes of a valid outcome.
pub fn parse(bytes: &[u8]) -> Result<Outcome, RecordError> {
    strict::record(bytes, SCHEMA, |raw: Raw| raw.try_into(), render)
}

/// Writes `outcome.toml`.
pub fn render(outcome: &Outcome) -> Vec<u8> {
    let mut out = Writer::new(SCHEMA);
    out.place(&outcome.place);
    out.text("request", outcome.request);
    out.list("seen", &outcome.seen);
    out.text("author", &outcome.author);
    out.text("recorded", outcome.recorded);
    out.text("ending", outcome.ending.as_str());
    match &outcome.ending {
        Ending::Executed(execution) => {
            match execution.end {
                End::Exit(code) => out.number("exit", code.into()),
                End::Signal(number) => out.number("signal", number.into()),
            }
            out.text("started", execution.started);
            out.number("duration_ms", execution.duration_ms);
            out.text("pin", execution.pin.as_str());
        }
        Ending::Expired => {}
        Ending::NotRun { reason }
        | Ending::Unknown { reason }
        | Ending::Withdrawn { reason }
        | Ending::Refused { reason } => out.text("reason", reason),
    }
    out.finish()
}
