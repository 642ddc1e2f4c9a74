//! How long the whole history takes to verify, beside git's own reading of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot be made must stop, and it starts programs"
)]

#[path = "history/synthetic.rs"]
mod synthetic;

fn main() {
    let mut args = std::env::args().skip(1);
    let requests: u32 = args.next().unwrap().parse().unwrap();
    let at = std::path::PathBuf::from(args.next().unwrap());
    expacti::world::git::create_bare(&at).unwrap();
    let start = std::time::Instant::now();
    let repo = synthetic::write(&at, requests);
    println!("{repo} {} {:?}", repo.fingerprint(), start.elapsed());
}
