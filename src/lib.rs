//! expacti: the approval gate for AI agents.

pub mod domain;
pub mod matching;
pub mod trust;
pub mod world;
