use super::*;
use crate::trust::key::base64;
use crate::trust::secret::SecretKey;
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;

const NAMESPACE: &str = "decision.v1@expacti";
const MESSAGE: &[u8] = b"schema = \"expacti/decision/v1\"\n";

fn alice() -> SecretKey {
    SecretKey::generate([7; 32])
}

/// The seed of `alice`, as dalek's own type.
fn secret() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// An SSHSIG body with every field free, to build what our own writer cannot.
struct Forge {
    version: u32,
    key: Vec<u8>,
    namespace: Vec<u8>,
    reserved: Vec<u8>,
    hash: Vec<u8>,
    signature_type: Vec<u8>,
    signature: Vec<u8>,
    after_signature: Vec<u8>,
    after: Vec<u8>,
}

impl Forge {
    fn honest() -> Forge {
        Forge {
            version: 1,
            key: alice().public().blob().to_vec(),
            namespace: NAMESPACE.into(),
            reserved: Vec::new(),
            hash: HASH.into(),
            signature_type: ED25519.into(),
            signature: secret()
                .sign(&preimage(NAMESPACE, MESSAGE))
                .to_bytes()
                .into(),
            after_signature: Vec::new(),
            after: Vec::new(),
        }
    }

    /// A software key posing as a security key, with these flags.
    fn sk(flags: u8) -> Forge {
        let key = sk_key();
        let assertion = Assertion {
            flags,
            counter: [0, 0, 1, 2],
        };
        let signed = assertion.signed("ssh:", &preimage(NAMESPACE, MESSAGE));
        Forge {
            key: key.blob().to_vec(),
            signature_type: SK_ED25519.into(),
            signature: secret().sign(&signed).to_bytes().into(),
            after_signature: vec![flags, 0, 0, 1, 2],
            ..Forge::honest()
        }
    }

    fn body(&self) -> Vec<u8> {
        let mut signature = Vec::new();
        put_string(&mut signature, &self.signature_type);
        put_string(&mut signature, &self.signature);
        signature.extend_from_slice(&self.after_signature);
        let mut body = MAGIC.to_vec();
        body.extend_from_slice(&self.version.to_be_bytes());
        for field in [
            &self.key,
            &self.namespace,
            &self.reserved,
            &self.hash,
            &signature,
        ] {
            put_string(&mut body, field);
        }
        body.extend_from_slice(&self.after);
        body
    }

    fn file(&self) -> Vec<u8> {
        armour(LABEL, &self.body())
    }
}

fn sk_key() -> PublicKey {
    let mut blob = Vec::new();
    put_string(&mut blob, SK_ED25519.as_bytes());
    put_string(&mut blob, alice().public().point());
    put_string(&mut blob, b"ssh:");
    PublicKey::from_blob(&blob).unwrap()
}

fn judge(file: &[u8]) -> Result<Presence, SignatureError> {
    verify(alice().public(), NAMESPACE, MESSAGE, file)
}

#[test]
fn the_honest_signature_holds_and_reads_back() {
    let file = alice().sign(NAMESPACE, MESSAGE);
    assert_eq!(file, Forge::honest().file());
    assert_eq!(judge(&file), Ok(Presence::Key));
    let read = ArmoredSignature::parse(&file).unwrap();
    assert_eq!(read.key(), alice().public());
    assert_eq!(read.namespace(), NAMESPACE);
    assert_eq!(read.to_bytes(), file);
}

#[test]
fn another_key_purpose_or_message_is_refused() {
    let file = alice().sign(NAMESPACE, MESSAGE);
    let bob = SecretKey::generate([8; 32]);
    assert_eq!(
        verify(bob.public(), NAMESPACE, MESSAGE, &file),
        Err(SignatureError::OtherKey {
            found: alice().public().fingerprint(),
            wanted: bob.public().fingerprint(),
        })
    );
    // The same point under another type is another key.
    let posing = verify(&sk_key(), NAMESPACE, MESSAGE, &file);
    assert!(matches!(posing, Err(SignatureError::OtherKey { .. })));
    for namespace in ["claim.v1@expacti", "decision.v1@expact", "git", "file", ""] {
        assert_eq!(
            verify(alice().public(), namespace, MESSAGE, &file),
            Err(SignatureError::Namespace {
                found: NAMESPACE.into(),
                wanted: namespace.into(),
            })
        );
    }
    assert_eq!(
        verify(alice().public(), NAMESPACE, b"", &file),
        Err(SignatureError::Invalid)
    );
    // Namespace and key rewritten to what is asked for: the preimage is rebuilt, so it fails.
    let renamed = Forge {
        namespace: b"claim.v1@expacti".to_vec(),
        ..Forge::honest()
    };
    assert_eq!(
        verify(
            alice().public(),
            "claim.v1@expacti",
            MESSAGE,
            &renamed.file()
        ),
        Err(SignatureError::Invalid)
    );
    let relabelled = Forge {
        key: bob.public().blob().to_vec(),
        ..Forge::honest()
    };
    assert_eq!(
        verify(bob.public(), NAMESPACE, MESSAGE, &relabelled.file()),
        Err(SignatureError::Invalid)
    );
}

#[test]
fn fields_other_than_ours_are_refused_by_name() {
    let sha256 = {
        let mut signed = MAGIC.to_vec();
        for field in [NAMESPACE.as_bytes(), b"", b"sha256"] {
            put_string(&mut signed, field);
        }
        put_string(&mut signed, &Sha256::digest(MESSAGE));
        secret().sign(&signed).to_bytes().to_vec()
    };
    let honest = Forge::honest;
    let mismatch = |key: &str, signature: &str| SignatureError::Mismatch {
        key: key.into(),
        signature: signature.into(),
    };
    for (name, forge, error) in [
        (
            "version 2",
            Forge {
                version: 2,
                ..honest()
            },
            SignatureError::Version(2),
        ),
        (
            "version 0",
            Forge {
                version: 0,
                ..honest()
            },
            SignatureError::Version(0),
        ),
        (
            "reserved",
            Forge {
                reserved: b"x".to_vec(),
                ..honest()
            },
            SignatureError::Reserved,
        ),
        (
            "sha256, honestly signed",
            Forge {
                hash: b"sha256".to_vec(),
                signature: sha256,
                ..honest()
            },
            SignatureError::Hash("sha256".into()),
        ),
        (
            "unknown hash",
            Forge {
                hash: b"md5".to_vec(),
                ..honest()
            },
            SignatureError::Malformed,
        ),
        (
            "empty namespace",
            Forge {
                namespace: Vec::new(),
                ..honest()
            },
            SignatureError::Malformed,
        ),
        (
            "namespace not utf-8",
            Forge {
                namespace: vec![0xff],
                ..honest()
            },
            SignatureError::Malformed,
        ),
        (
            "bytes after the body",
            Forge {
                after: vec![0],
                ..honest()
            },
            SignatureError::Malformed,
        ),
        (
            "bytes after the signature",
            Forge {
                after_signature: vec![0],
                ..honest()
            },
            SignatureError::Malformed,
        ),
        (
            "63 bytes",
            Forge {
                signature: vec![1; 63],
                ..honest()
            },
            SignatureError::Malformed,
        ),
        (
            "65 bytes",
            Forge {
                signature: vec![1; 65],
                ..honest()
            },
            SignatureError::Malformed,
        ),
        (
            "no signature",
            Forge {
                signature: Vec::new(),
                ..honest()
            },
            SignatureError::Malformed,
        ),
        (
            "sk signature, plain key",
            Forge {
                key: alice().public().blob().to_vec(),
                ..Forge::sk(1)
            },
            mismatch(ED25519, SK_ED25519),
        ),
        (
            "plain signature, sk key",
            Forge {
                key: sk_key().blob().to_vec(),
                ..honest()
            },
            mismatch(SK_ED25519, ED25519),
        ),
        (
            "foreign type",
            Forge {
                signature_type: b"spam@example.com".to_vec(),
                ..honest()
            },
            mismatch(ED25519, "spam@example.com"),
        ),
    ] {
        assert_eq!(judge(&forge.file()), Err(error.clone()), "{name}");
        assert_eq!(
            ArmoredSignature::parse(&forge.file()),
            Err(error),
            "{name}, parsed"
        );
    }
}

#[test]
fn armour_has_one_spelling() {
    let text = String::from_utf8(alice().sign(NAMESPACE, MESSAGE)).unwrap();
    let body = Forge::honest().body();
    let lines = |width: usize| {
        let text = base64(&body);
        let lines = text.as_bytes().chunks(width);
        let lines: Vec<_> = lines.map(|l| str::from_utf8(l).unwrap()).collect();
        format!(
            "-----BEGIN {LABEL}-----\n{}\n-----END {LABEL}-----\n",
            lines.join("\n")
        )
    };
    assert_eq!(lines(70), text, "the variations start from the honest one");
    for (name, variant) in [
        ("text before", format!("x\n{text}")),
        ("newline before", format!("\n{text}")),
        ("byte order mark", format!("\u{feff}{text}")),
        ("text after", format!("{text}x\n")),
        ("newline after", format!("{text}\n")),
        ("two signatures", format!("{text}{text}")),
        ("crlf", text.replace('\n', "\r\n")),
        ("one crlf", text.replacen('\n', "\r\n", 1)),
        ("cr", text.replace('\n', "\r")),
        ("no last newline", text.trim_end().to_owned()),
        ("space in base64", text.replacen("\nU1NI", "\nU1 NI", 1)),
        ("space at line end", text.replacen("-\nU", "- \nU", 1)),
        ("lines of 64", lines(64)),
        ("lines of 71", lines(71)),
        ("one line", lines(1000)),
        ("empty line", text.replacen("\nU1NI", "\n\nU1NI", 1)),
        ("padding", text.replacen("\n-----END", "=\n-----END", 1)),
        ("label", text.replace(LABEL, "SSH  SIGNATURE")),
        ("case", text.replace("BEGIN", "begin")),
        ("no end", text.replace("-----END", "")),
        ("nul", format!("{text}\0")),
        ("empty", String::new()),
    ] {
        assert_ne!(variant, text, "{name} changes nothing");
        let error = judge(variant.as_bytes()).unwrap_err();
        let form = matches!(
            error,
            SignatureError::Malformed | SignatureError::NotCanonical
        );
        assert!(form, "{name}: {error:?}");
    }
    let long = format!("{text}{}", "\n".repeat(MAX_SIGNATURE));
    assert_eq!(judge(long.as_bytes()), Err(SignatureError::TooLong));
}

#[test]
fn base64_with_stray_low_bits_is_refused() {
    // A namespace of the right length makes the last group end in `=`.
    let name = ["n", "nn", "nnn"].into_iter().find(|name| {
        let file = String::from_utf8(alice().sign(name, MESSAGE)).unwrap();
        file.contains("=\n") && !file.contains("==\n")
    });
    let name = name.unwrap();
    let file = String::from_utf8(alice().sign(name, MESSAGE)).unwrap();
    let at = file.find("=\n").unwrap() - 1;
    let last = file.as_bytes()[at];
    let next = char::from(last + 1).to_string();
    let mut other = file.clone();
    other.replace_range(at..=at, &next);
    assert!(verify(alice().public(), name, MESSAGE, file.as_bytes()).is_ok());
    let refused = verify(alice().public(), name, MESSAGE, other.as_bytes());
    assert!(matches!(
        refused,
        Err(SignatureError::Malformed | SignatureError::NotCanonical)
    ));
}

#[test]
fn security_keys_prove_what_their_flags_say() {
    for (flags, verdict) in [
        (0x00, Err(SignatureError::NotTouched)),
        (0x04, Err(SignatureError::NotTouched)),
        (0xfe, Err(SignatureError::NotTouched)),
        (0x01, Ok(Presence::Touch)),
        (0x05, Ok(Presence::Pin)),
    ] {
        let file = Forge::sk(flags).file();
        assert_eq!(
            verify(&sk_key(), NAMESPACE, MESSAGE, &file),
            verdict,
            "{flags:#x}"
        );
    }
    assert!(Presence::Key < Presence::Touch && Presence::Touch < Presence::Pin);
    // Flags and counter are signed: raising them afterwards breaks the signature.
    for trailer in [[5, 0, 0, 1, 2], [1, 0, 0, 1, 3]] {
        let raised = Forge {
            after_signature: trailer.to_vec(),
            ..Forge::sk(1)
        };
        assert_eq!(
            verify(&sk_key(), NAMESPACE, MESSAGE, &raised.file()),
            Err(SignatureError::Invalid)
        );
    }
    for trailer in [&[][..], &[1], &[1, 0, 0, 1], &[1, 0, 0, 1, 2, 3]] {
        let short = Forge {
            after_signature: trailer.to_vec(),
            ..Forge::sk(1)
        };
        assert_eq!(
            verify(&sk_key(), NAMESPACE, MESSAGE, &short.file()),
            Err(SignatureError::Malformed)
        );
    }
    // Another relying party's signature, for instance a web site's.
    let mut web = sk_key().blob().to_vec();
    web.truncate(web.len() - 8);
    put_string(&mut web, b"web:");
    let web = PublicKey::from_blob(&web).unwrap();
    let file = Forge {
        key: web.blob().to_vec(),
        ..Forge::sk(1)
    };
    assert_eq!(
        verify(&web, NAMESPACE, MESSAGE, &file.file()),
        Err(SignatureError::Invalid)
    );
}

#[test]
fn a_malleated_signature_is_refused() {
    let honest = secret().sign(&preimage(NAMESPACE, MESSAGE)).to_bytes();
    let file = Forge {
        signature: malleated(&honest).to_vec(),
        ..Forge::honest()
    };
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
        let message = (0..64_u8)
            .map(|n| preimage(NAMESPACE, &[n]))
            .find(|signed| {
                let forged = ed25519_dalek::Signature::from_bytes(&forged);
                ed25519_dalek::Verifier::verify(&key, signed, &forged).is_ok()
            });
        let message = message.expect("the lax check accepts this forgery");
        assert!(!strict(&key, &message, &forged));
        let mut blob = Vec::new();
        put_string(&mut blob, ED25519.as_bytes());
        put_string(&mut blob, &point);
        let file = Forge {
            key: blob,
            signature: forged.to_vec(),
            ..Forge::honest()
        };
        let parsed = ArmoredSignature::parse(&file.file());
        assert_eq!(parsed, Err(SignatureError::Key(KeyError::Weak)));
        assert!(matches!(
            judge(&file.file()),
            Err(SignatureError::OtherKey { .. })
        ));
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
        let file = Forge {
            signature: [r, s.to_bytes()].concat(),
            ..Forge::honest()
        };
        assert_eq!(judge(&file.file()).is_ok(), holds, "{name}");
        if !holds {
            assert_eq!(judge(&file.file()), Err(SignatureError::Invalid), "{name}");
        }
    }
}

#[test]
fn the_self_test_passes_here_and_catches_lax_builds() {
    use ed25519_dalek::{Signature, Verifier as _};
    assert_eq!(self_test(), Ok(()));
    let refused = |verdict: fn(&VerifyingKey, &[u8], &[u8; 64]) -> bool| match self_test_of(verdict)
    {
        Err(SignatureError::SelfTest(what)) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(|_, _, _| false), "it refuses a good signature");
    assert_eq!(refused(|_, _, _| true), "it accepts another message");
    // As under `legacy_compatibility`: S is reduced instead of refused.
    assert_eq!(
        refused(|key, message, signature| {
            strict(key, message, signature)
                || (message == KNOWN_MESSAGE && *signature == malleated(&KNOWN_SIGNATURE))
        }),
        "it accepts a malleated signature"
    );
    assert_eq!(
        refused(|key, message, signature| {
            key.verify(message, &Signature::from_bytes(signature))
                .is_ok()
        }),
        "it accepts a weak key"
    );
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
