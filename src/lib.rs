//! expacti: the approval gate for AI agents.

pub mod cli;
pub mod domain;
pub mod gate;
pub mod matching;
pub mod record;
pub mod trust;
pub mod world;
