//! Floor 6: effects.

pub mod facts;
pub mod spawn;
