use super::*;
use crate::domain::bytes::base64;
use crate::domain::requirement::Presence;
use crate::trust::secret::SecretKey;
use ed25519_dalek::{Signer as _, SigningKey};

/// Forgeries and damage, bit by bit.
mod forged;

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
            signature: secret().sign(&preimage(NAMESPACE, MESSAGE)).to_bytes().into(),
            after_signature: Vec::new(),
            after: Vec::new(),
        }
    }

    /// A software key posing as a security key, with these flags.
    fn sk(flags: u8) -> Forge {
        let key = sk_key();
        let assertion = Assertion { flags, counter: [0, 0, 1, 2] };
        let signed = assertion.signed("ssh:", &preimage(NAMESPACE, MESSAGE));
        Forge {
            key: key.blob().to_vec(),
            signature_type: SK_ED25519.into(),
            signature: secret().sign(&signed).to_bytes().into(),
            after_signature: vec![flags, 0, 0, 1, 2],
            ..Forge::honest()
        }
    }

    /// Names sha256 and signs over it, as `ssh-keygen -O hashalg=sha256` does.
    fn sha256(&mut self) {
        self.hash = b"sha256".to_vec();
        let mut signed = MAGIC.to_vec();
        for field in [NAMESPACE.as_bytes(), b"", b"sha256"] {
            put_string(&mut signed, field);
        }
        put_string(&mut signed, &Sha256::digest(MESSAGE));
        self.signature = secret().sign(&signed).to_bytes().into();
    }

    fn body(&self) -> Vec<u8> {
        let mut signature = Vec::new();
        put_string(&mut signature, &self.signature_type);
        put_string(&mut signature, &self.signature);
        signature.extend_from_slice(&self.after_signature);
        let mut body = MAGIC.to_vec();
        body.extend_from_slice(&self.version.to_be_bytes());
        for field in [&self.key, &self.namespace, &self.reserved, &self.hash, &signature] {
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
        Err(SignatureError::OtherKey { found: alice().public().fingerprint(), wanted: bob.public().fingerprint() })
    );
    // The same point under another type is another key.
    let posing = verify(&sk_key(), NAMESPACE, MESSAGE, &file);
    assert!(matches!(posing, Err(SignatureError::OtherKey { .. })));
    for namespace in ["claim.v1@expacti", "decision.v1@expact", "git", "file", ""] {
        assert_eq!(
            verify(alice().public(), namespace, MESSAGE, &file),
            Err(SignatureError::Namespace { found: NAMESPACE.into(), wanted: namespace.into() })
        );
    }
    assert_eq!(verify(alice().public(), NAMESPACE, b"", &file), Err(SignatureError::Invalid));
    // Namespace and key rewritten to what is asked for: the preimage is rebuilt, so it fails.
    let renamed = Forge { namespace: b"claim.v1@expacti".to_vec(), ..Forge::honest() };
    assert_eq!(verify(alice().public(), "claim.v1@expacti", MESSAGE, &renamed.file()), Err(SignatureError::Invalid));
    let relabelled = Forge { key: bob.public().blob().to_vec(), ..Forge::honest() };
    assert_eq!(verify(bob.public(), NAMESPACE, MESSAGE, &relabelled.file()), Err(SignatureError::Invalid));
}

#[test]
fn fields_other_than_ours_are_refused_by_name() {
    use SignatureError::{Hash, Malformed, Reserved, Type, Version};
    type Edit<'a> = &'a dyn Fn(&mut Forge);
    let (plain, sk) = (Forge::honest, || Forge::sk(1));
    let mismatch =
        |key: &str, signature: &str| SignatureError::Mismatch { key: key.into(), signature: signature.into() };
    let foreign = |name: &str| {
        let mut blob = Vec::new();
        put_string(&mut blob, name.as_bytes());
        put_string(&mut blob, b"data");
        blob
    };
    let table: [(&str, Forge, Edit<'_>, SignatureError); 17] = [
        ("version 2", plain(), &|f| f.version = 2, Version(2)),
        ("version 0", plain(), &|f| f.version = 0, Version(0)),
        ("reserved", plain(), &|f| f.reserved.push(1), Reserved),
        ("sha256, honestly signed", plain(), &|f| f.sha256(), Hash("sha256".into())),
        ("unknown hash", plain(), &|f| f.hash = b"md5".to_vec(), Malformed),
        ("empty namespace", plain(), &|f| f.namespace.clear(), Malformed),
        ("namespace not utf-8", plain(), &|f| f.namespace.push(0xff), Malformed),
        ("bytes after the body", plain(), &|f| f.after.push(0), Malformed),
        ("bytes after the signature", plain(), &|f| f.after_signature.push(0), Malformed),
        ("63 bytes", plain(), &|f| f.signature.truncate(63), Malformed),
        ("65 bytes", plain(), &|f| f.signature.push(1), Malformed),
        ("no signature", plain(), &|f| f.signature.clear(), Malformed),
        ("plain key", sk(), &|f| f.key = plain().key, mismatch(ED25519, SK_ED25519)),
        ("sk key", plain(), &|f| f.key = sk().key, mismatch(SK_ED25519, ED25519)),
        ("foreign signature", plain(), &|f| f.signature_type = b"a@b".to_vec(), mismatch(ED25519, "a@b")),
        ("foreign key", plain(), &|f| f.key = foreign("a@b"), Type),
        ("curve we lack", plain(), &|f| f.key = foreign("ecdsa-sha2-nistp256"), Type),
    ];
    for (name, mut forge, edit, error) in table {
        edit(&mut forge);
        assert_eq!(judge(&forge.file()), Err(error.clone()), "{name}");
        assert_eq!(ArmoredSignature::parse(&forge.file()), Err(error), "{name}, parsed");
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
        format!("-----BEGIN {LABEL}-----\n{}\n-----END {LABEL}-----\n", lines.join("\n"))
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
        let form = matches!(error, SignatureError::Malformed | SignatureError::NotCanonical);
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
    assert!(matches!(refused, Err(SignatureError::Malformed | SignatureError::NotCanonical)));
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
        assert_eq!(verify(&sk_key(), NAMESPACE, MESSAGE, &file), verdict, "{flags:#x}");
    }
    assert!(Presence::Key < Presence::Touch && Presence::Touch < Presence::Pin);
    // Flags and counter are signed: raising them afterwards breaks the signature.
    for trailer in [[5, 0, 0, 1, 2], [1, 0, 0, 1, 3]] {
        let raised = Forge { after_signature: trailer.to_vec(), ..Forge::sk(1) };
        assert_eq!(verify(&sk_key(), NAMESPACE, MESSAGE, &raised.file()), Err(SignatureError::Invalid));
    }
    for trailer in [&[][..], &[1], &[1, 0, 0, 1], &[1, 0, 0, 1, 2, 3]] {
        let short = Forge { after_signature: trailer.to_vec(), ..Forge::sk(1) };
        assert_eq!(verify(&sk_key(), NAMESPACE, MESSAGE, &short.file()), Err(SignatureError::Malformed));
    }
    // Another relying party's signature, for instance a web site's.
    let mut web = sk_key().blob().to_vec();
    web.truncate(web.len() - 8);
    put_string(&mut web, b"web:");
    let web = PublicKey::from_blob(&web).unwrap();
    let file = Forge { key: web.blob().to_vec(), ..Forge::sk(1) };
    assert_eq!(verify(&web, NAMESPACE, MESSAGE, &file.file()), Err(SignatureError::Invalid));
}

#[test]
fn the_self_test_passes_here_and_catches_lax_builds() {
    use ed25519_dalek::{Signature, Verifier as _};
    assert_eq!(self_test(), Ok(()));
    let refused = |verdict: fn(&VerifyingKey, &[u8], &[u8; 64]) -> bool| match self_test_of(verdict) {
        Err(SignatureError::SelfTest(what)) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(|_, _, _| false), "it refuses a good signature");
    assert_eq!(refused(|_, _, _| true), "it accepts another message");
    // As under `legacy_compatibility`: S is reduced instead of refused.
    assert_eq!(
        refused(|key, message, signature| {
            strict(key, message, signature) || (message == KNOWN_MESSAGE && *signature == malleated(&KNOWN_SIGNATURE))
        }),
        "it accepts a malleated signature"
    );
    assert_eq!(
        refused(|key, message, signature| { key.verify(message, &Signature::from_bytes(signature)).is_ok() }),
        "it accepts a weak key"
    );
}
