//! Any bytes are a policy, a roster, a record's path, or an error with its place.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = expacti::record::policy::parse("config.toml", bytes);
    let _ = expacti::record::roster::parse("roster.toml", bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = expacti::record::RecordFile::parse(&text);
    if let Ok(decoded) = expacti::domain::bytes::decode(&text) {
        assert_eq!(expacti::domain::bytes::encode(&decoded), text);
    }
});
