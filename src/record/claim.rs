//! `claim.toml`.

use serde::Deserialize;

use crate::domain::claim::Claim;
use crate::domain::id::{CommitId, Digest, Nonce};
use crate::domain::principal::Name;
use crate::domain::time::Timestamp;
use crate::record::canonical::Writer;
use crate::record::strict::{self, RecordError, Text};

pub(crate) const SCHEMA: &str = "expacti/claim/v1";

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
    runner: Text<Name>,
    nonce: Text<Nonce>,
    claimed: Text<Timestamp>,
}

impl TryFrom<Raw> for Claim {
    type Error = RecordError;

    fn try_from(raw: Raw) -> Result<Self, RecordError> {
        Ok(Self {
            place: strict::place(raw.repo, raw.base, raw.root),
            request: raw.request.0,
            seen: strict::seen(raw.seen)?,
            runner: raw.runner.0,
            nonce: raw.nonce.0,
            claimed: raw.claimed.0,
        })
    }
}

/// Reads `claim.toml`.
///
/// # Errors
/// All but the canonical bytes of a valid claim.
pub fn parse(bytes: &[u8]) -> Result<Claim, RecordError> {
    strict::record(bytes, SCHEMA, |raw: Raw| raw.try_into(), render)
}

/// Writes `claim.toml`.
pub fn render(claim: &Claim) -> Vec<u8> {
    let mut out = Writer::new(SCHEMA);
    out.place(&claim.place);
    out.text("request", claim.request);
    out.list("seen", &claim.seen);
    out.text("runner", &claim.runner);
    out.text("nonce", claim.nonce);
    out.text("claimed", claim.claimed);
    out.finish()
}
