//! Tests from outside: each module drives the library, the binary or a stock tool beside it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::type_complexity,
    reason = "a test that meets the unexpected must fail loudly, drives programs, and reads as a table"
)]

mod architecture;
mod attacks;
mod audit;
mod audit_export;
mod audit_log;
mod audit_report;
mod bad_input;
mod barrier;
mod bombs;
mod child;
mod corpus;
mod demo;
mod dependencies;
mod disorder;
mod drift;
mod doctor;
mod documents;
mod exactly_once;
mod findings;
mod generated;
mod hook;
mod hostile;
mod independent;
mod joining;
mod json;
mod landing;
mod long;
mod main_loop;
mod notify;
mod ocsf;
mod odd;
mod policy;
mod range;
mod repair;
mod review;
mod risk;
mod secret_env;
mod shell_text;
mod signer;
mod sshsig;
mod support;
mod template;
mod transcripts;
mod watch;
mod window;
mod words;
