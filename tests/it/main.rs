//! Tests from outside: each module drives the library, the binary or a stock tool beside it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected must fail loudly"
)]

mod sshsig;
