//! What the audit verbs return, as text, CSV and JSON lines.

pub(super) mod csv;
pub(super) mod log;
