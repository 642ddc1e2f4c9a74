use super::*;
use proptest::prelude::*;

#[test]
fn a_malleated_signature_is_refused() {
    let honest = secret().sign(&preimage(NAMESPACE, MESSAGE)).to_bytes();
    let file = Forge { signature: malleated(&honest).to_vec(), ..Forge::honest() };
    assert_eq!(judge(&file.file()), Err(SignatureError::Invalid));
}

/// Weak keys under which lax verifiers accept a signature made without any secret.
#[test]
fn forgeries_under_weak_keys_are_refused() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut neutral_again = [0xff; 32];
    neutral_again[0] = 0xee;
    neutral_again[31] = 0x7f;
    let mut order_2 = neutral_again;
    order_2[0] = 0xec;
    for point in [neutral, neutral_again, order_2] {
        let key = VerifyingKey::from_bytes(&point).unwrap();
        let mut forged = [0; 64];
        forged[0] = 1;
        // For the order-2 key one message in two fits, so try a few.
        let message = (0..64_u8).map(|n| preimage(NAMESPACE, &[n])).find(|signed| {
            let forged = ed25519_dalek::Signature::from_bytes(&forged);
            ed25519_dalek::Verifier::verify(&key, signed, &forged).is_ok()
        });
        let message = message.expect("the lax check accepts this forgery");
        assert!(!strict(&key, &message, &forged));
        let mut blob = Vec::new();
        put_string(&mut blob, ED25519.as_bytes());
        put_string(&mut blob, &point);
        let file = Forge { key: blob, signature: forged.to_vec(), ..Forge::honest() };
        let parsed = ArmoredSignature::parse(&file.file());
        assert_eq!(parsed, Err(SignatureError::Key(KeyError::Weak)));
        assert!(matches!(judge(&file.file()), Err(SignatureError::OtherKey { .. })));
    }
}

/// Signatures only the key's owner can make, on which verifiers disagree among themselves.
#[test]
fn torsion_in_a_signature_is_refused() {
    let mut order_2 = [0xff; 32];
    order_2[0] = 0xec;
    order_2[31] = 0x7f;
    let order_2 = VerifyingKey::from_bytes(&order_2).unwrap().to_edwards();
    let nonce = SigningKey::from_bytes(&[9; 32]);
    let signed = preimage(NAMESPACE, MESSAGE);
    let a = secret().to_scalar();
    let (one, zero) = (a * a.invert(), a - a);
    // R, its discrete logarithm without the torsion part, and whether the signature should hold.
    let honest = nonce.verifying_key().to_edwards();
    let cases = [
        ("plain R", honest, nonce.to_scalar(), true),
        ("R + T2", honest + order_2, nonce.to_scalar(), false),
        ("neutral R", order_2 + order_2, zero, false),
        ("R = T2", order_2, zero, false),
    ];
    for (name, point, log, holds) in cases {
        let r = point.compress().to_bytes();
        let mut hash = Sha512::new();
        hash.update(r);
        hash.update(alice().public().point());
        hash.update(&signed);
        // The hash as a scalar, little-endian, by double and add.
        let mut k = zero;
        let hash = hash.finalize();
        for bit in (0..512).rev() {
            k += k;
            if hash[bit / 8] >> (bit % 8) & 1 == 1 {
                k += one;
            }
        }
        let s = log + k * a;
        let file = Forge { signature: [r, s.to_bytes()].concat(), ..Forge::honest() };
        assert_eq!(judge(&file.file()).is_ok(), holds, "{name}");
        if !holds {
            assert_eq!(judge(&file.file()), Err(SignatureError::Invalid), "{name}");
        }
    }
}

#[test]
fn no_single_bit_of_a_signature_or_message_may_change() {
    let file = alice().sign(NAMESPACE, MESSAGE);
    let body = Forge::honest().body();
    for (bytes, wrap) in [(&file, false), (&body, true)] {
        for bit in 0..bytes.len() * 8 {
            let mut other = bytes.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            let other = if wrap { armour(LABEL, &other) } else { other };
            assert!(judge(&other).is_err(), "bit {bit}");
        }
    }
    for bit in 0..MESSAGE.len() * 8 {
        let mut other = MESSAGE.to_vec();
        other[bit / 8] ^= 1 << (bit % 8);
        let verdict = verify(alice().public(), NAMESPACE, &other, &file);
        assert_eq!(verdict, Err(SignatureError::Invalid), "bit {bit}");
    }
    for length in 0..file.len() {
        assert!(judge(&file[..length]).is_err(), "cut to {length}");
    }
    for length in 0..body.len() {
        let cut = armour(LABEL, &body[..length]);
        assert!(judge(&cut).is_err(), "body cut to {length}");
    }
}

proptest! {
    #[test]
    fn one_flipped_bit_fails(seed: [u8; 32], message in proptest::collection::vec(any::<u8>(), 1..200), at: prop::sample::Index, in_file: bool) {
        let key = SecretKey::generate(seed);
        let mut message = message;
        let mut file = key.sign(NAMESPACE, &message);
        prop_assert_eq!(verify(key.public(), NAMESPACE, &message, &file), Ok(Presence::Key));
        let target = if in_file { &mut file } else { &mut message };
        let bit = at.index(target.len() * 8);
        target[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify(key.public(), NAMESPACE, &message, &file).is_err());
    }

    #[test]
    fn whatever_parses_is_written_alike(mut file in Just(Forge::sk(1).file()), edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3)) {
        for (at, byte) in edits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok(read) = ArmoredSignature::parse(&file) {
            prop_assert_eq!(read.to_bytes(), file);
        }
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        prop_assert!(judge(&bytes).is_err());
        prop_assert!(judge(&armour(LABEL, &bytes)).is_err());
        let magic = [MAGIC, &[0, 0, 0, 1], &bytes].concat();
        prop_assert!(judge(&armour(LABEL, &magic)).is_err());
    }
}
