//! What the audit verbs return, as text, CSV and JSON lines.

pub(super) mod export;
pub(super) mod log;
