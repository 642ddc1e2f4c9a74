//! Floor 5: what follows. Judgement over verified records, pure.

pub mod account;
pub mod ahead;
pub mod arrival;
pub mod audit;
pub mod authorized;
pub mod branch;
pub mod conditions;
pub mod dossier;
pub mod evaluate;
pub mod finding;
pub mod governing;
pub mod hazard;
pub mod history;
pub mod ledger;
pub mod quorum;
pub mod reference;
pub mod state;
