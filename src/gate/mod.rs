//! Floor 5: what follows.

pub mod conditions;
pub mod quorum;
