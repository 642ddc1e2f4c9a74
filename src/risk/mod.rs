//! Floor 4: how much a request deserves a look, from verified data alone (spec section 6).
//!
//! A score from 0 to 100 with its reasons, and anomalies with the facts they rest on. Pure functions of what the
//! request binds and of what has landed on `main` up to a named step: requester, reviewer, CI and auditor get the
//! same answer, and nobody believes the requester's. Risk informs people; where policy says so it raises what is
//! needed, and never lowers it.

pub mod anomaly;
pub mod history;
pub mod kind;
pub mod look;
mod rewrite;
pub mod score;
pub mod signals;
mod sql;

pub use anomaly::Anomaly;
pub use history::{End, History, Past, Subject};
pub use score::{Assessment, Reason, assess};
