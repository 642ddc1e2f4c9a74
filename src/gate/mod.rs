//! Floor 5: what follows.
pub mod history;
