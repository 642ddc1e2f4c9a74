//! Floor 2: who said it.

pub mod secret;
pub mod signature;
