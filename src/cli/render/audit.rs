//! What the audit verbs return, as text, CSV, JSON lines, and a page.

pub(super) mod export;
pub(super) mod html;
pub(super) mod log;
mod plots;
pub(super) mod report;
