//! Floor 2: who said it. Verification is pure and in-process.

pub mod root;
pub mod secret;
pub mod signature;
pub mod verify;
