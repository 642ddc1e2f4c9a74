//! `audit log`, `audit report`, `audit export`: what the verified history says, for people who were not there.

pub mod csv;
mod evidence;
mod export;
mod filter;
pub mod frameworks;
mod log;
mod period;
pub mod report;
pub mod stats;
mod trail;
mod versions;
mod whole;

pub use evidence::{EvidenceReport, NAMESPACE, evidence};
pub use export::{Asked, ExportReport, Format, export};
pub use filter::Filter;
pub use log::{Log, log};
pub use period::{Period, since, until};
pub use trail::Trail;
pub use whole::Whole;
