//! Any bytes are a canonical record or an error; what is read is written alike.
#![no_main]

use expacti::domain::claim::Claim;
use expacti::domain::decision::Decision;
use expacti::domain::outcome::Outcome;
use expacti::domain::request::Request;
use expacti::domain::root::Root;
use expacti::record::Record;

fn one<T: Record>(bytes: &[u8]) {
    if let Ok(record) = T::parse(bytes) {
        assert_eq!(record.render(), bytes);
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    one::<Request>(bytes);
    one::<Decision>(bytes);
    one::<Claim>(bytes);
    one::<Outcome>(bytes);
    one::<Root>(bytes);
});
