//! expacti: the approval gate for AI agents.

pub mod domain;
pub mod record;
pub mod trust;
pub mod matching;
pub mod risk;
pub mod gate;
pub mod world;
pub mod commands;
pub mod cli;
