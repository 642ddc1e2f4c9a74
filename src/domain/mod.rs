//! Floor 0: what things are, values that cannot be wrong.

mod glob;
pub mod pattern;
