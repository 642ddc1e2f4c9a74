//! Floor 0: what things are, as values that cannot be wrong.
//!
//! No files, processes, sockets, environment or clock, and no serde: a value
//! here was checked when it was made, whoever wrote the bytes it came from.

pub mod bytes;
pub mod claim;
pub mod command;
pub mod decision;
mod glob;
pub mod id;
pub mod key;
pub mod notify;
pub mod outcome;
pub mod pattern;
pub mod policy;
pub mod principal;
pub mod request;
pub mod requirement;
pub mod revocation;
pub mod risk;
pub mod root;
pub mod shown;
pub mod time;
