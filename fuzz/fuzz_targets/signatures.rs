//! Any bytes are a canonical signature, a key, or an error; none verifies.
#![no_main]

use expacti::domain::key::PublicKey;
use expacti::trust::secret::SecretKey;
use expacti::trust::signature::{ArmoredSignature, verify};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(signature) = ArmoredSignature::parse(bytes) {
        assert_eq!(signature.to_bytes(), bytes);
    }
    let _ = SecretKey::parse(bytes);
    if let Ok(key) = PublicKey::parse(&String::from_utf8_lossy(bytes)) {
        assert_eq!(PublicKey::parse(&key.line()), Ok(key));
    }
    let key = SecretKey::generate([7; 32]);
    assert!(verify(key.public(), "decision.v1@expacti", b"anything", bytes).is_err());
});
