//! Floor 2: who said it.

pub mod key;
pub mod secret;
pub mod signature;
