//! Secret keys held in files, for agents, runners and tests; people's keys stay with ssh-keygen.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use ssh_key::private::KeypairData;
use ssh_key::{Algorithm, PrivateKey};

use crate::domain::key::{ED25519, PublicKey, armour, put_string};
use crate::trust::signature::{assemble, preimage};

/// Why a file yields no secret key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretKeyError {
    /// Not an OpenSSH private key file, or a damaged one.
    #[error("not an openssh private key file")]
    Malformed,
    /// Protected by a passphrase: let ssh-keygen or an agent sign with it.
    #[error("the private key is encrypted")]
    Encrypted,
    /// The secret is in a security key: let ssh-keygen or an agent sign with it.
    #[error("the private key is in a security key")]
    Hardware,
    /// A type we do not accept.
    #[error("only private keys of type ssh-ed25519 are accepted")]
    Type,
}

/// An ed25519 secret key, wiped from memory when dropped.
///
/// Not `Clone`, no `PartialEq`, and `Debug` shows the public half only, so that the secret stays
/// in one place and out of every message.
pub struct SecretKey {
    secret: SigningKey,
    public: PublicKey,
}

impl SecretKey {
    /// The key of 32 bytes, which must come from the system's randomness (or a test's seed).
    pub fn generate(seed: [u8; 32]) -> SecretKey {
        let secret = SigningKey::from_bytes(&seed);
        let public = PublicKey::from_signing(&secret);
        SecretKey { secret, public }
    }

    /// Reads the bytes of an OpenSSH private key file.
    ///
    /// # Errors
    /// Every [`SecretKeyError`]; for `Encrypted` and `Hardware` another signer can still serve.
    pub fn parse(pem: &[u8]) -> Result<SecretKey, SecretKeyError> {
        let file = PrivateKey::from_openssh(pem).map_err(|error| match error {
            ssh_key::Error::AlgorithmUnknown => SecretKeyError::Type,
            _ => SecretKeyError::Malformed,
        })?;
        match (file.algorithm(), file.key_data()) {
            (Algorithm::SkEd25519, _) => Err(SecretKeyError::Hardware),
            (Algorithm::Ed25519, KeypairData::Encrypted(_)) => Err(SecretKeyError::Encrypted),
            // The public half is derived anew, so a file cannot make us sign for another key.
            (Algorithm::Ed25519, KeypairData::Ed25519(pair)) => Ok(SecretKey::generate(*pair.private.as_ref())),
            _ => Err(SecretKeyError::Type),
        }
    }

    /// The public half, without a comment.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The unencrypted private key file (OpenSSH `PROTOCOL.key`).
    ///
    /// These bytes are the secret: store them with mode 0600 and nowhere else.
    pub fn to_openssh(&self, comment: &str) -> Vec<u8> {
        let blob = self.public.blob();
        let mut section = Vec::with_capacity(256 + comment.len());
        // Twice one number that guards decryption; without encryption any will do.
        section.extend_from_slice(&[0; 8]);
        put_string(&mut section, ED25519.as_bytes());
        put_string(&mut section, self.public.point());
        put_string(&mut section, &self.secret.to_keypair_bytes());
        put_string(&mut section, comment.as_bytes());
        section.extend((1..=7).take(section.len().next_multiple_of(8) - section.len()));

        let mut body = Vec::with_capacity(128 + blob.len() + section.len());
        body.extend_from_slice(b"openssh-key-v1\0");
        for field in [b"none".as_slice(), b"none", b""] {
            put_string(&mut body, field);
        }
        body.extend_from_slice(&1_u32.to_be_bytes());
        put_string(&mut body, blob);
        put_string(&mut body, &section);
        armour("OPENSSH PRIVATE KEY", &body)
    }

    /// Signs a message for a purpose: the bytes of the signature file, as `ssh-keygen -Y sign`
    /// writes them.
    ///
    /// An empty namespace yields a signature that no verifier accepts.
    pub fn sign(&self, namespace: &str, message: &[u8]) -> Vec<u8> {
        let signature = self.secret.sign(&preimage(namespace, message));
        assemble(&self.public, namespace, signature.to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::requirement::Presence;
    use crate::trust::signature::verify;
    use proptest::prelude::*;
    use ssh_key::LineEnding;

    /// Seed and public key of RFC 8032 section 7.1, TEST 2.
    const SEED: [u8; 32] = [
        0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a,
        0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb,
    ];
    const LINE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM";

    fn file(data: impl Into<KeypairData>) -> PrivateKey {
        PrivateKey::new(data.into(), "x").unwrap()
    }

    fn pem(key: &PrivateKey) -> Vec<u8> {
        key.to_openssh(LineEnding::LF).unwrap().as_bytes().to_vec()
    }

    #[test]
    fn the_public_half_is_the_one_of_the_rfc() {
        assert_eq!(SecretKey::generate(SEED).public().line(), LINE);
    }

    #[test]
    fn debug_shows_no_byte_of_the_secret() {
        let shown = format!("{:?}", SecretKey::generate(SEED));
        assert!(shown.starts_with("SecretKey(of SHA256:"), "{shown}");
        assert!(!shown.contains("76, 205") && !shown.to_lowercase().contains("4ccd"));
    }

    #[test]
    fn keys_we_cannot_use_are_refused_with_the_reason() {
        let pair = ssh_key::private::Ed25519Keypair::from_seed(&SEED);
        let public = ssh_key::public::SkEd25519::new(pair.public, "ssh:");
        let sk = ssh_key::private::SkEd25519::new(public, 1, b"handle".to_vec()).unwrap();
        let encrypt = |key: &PrivateKey| {
            let kdf = ssh_key::Kdf::Bcrypt { salt: vec![7; 16], rounds: 1 };
            let cipher = ssh_key::Cipher::Aes256Ctr;
            pem(&key.encrypt_with(cipher, kdf, 9, "hunter42").unwrap())
        };
        let plain = file(pair.clone());
        let mut stranger = pair.clone();
        stranger.public = ssh_key::private::Ed25519Keypair::from_seed(&[1; 32]).public;
        let text = pem(&plain);
        for (bytes, error) in [
            (encrypt(&plain), SecretKeyError::Encrypted),
            (pem(&file(sk.clone())), SecretKeyError::Hardware),
            (encrypt(&file(sk)), SecretKeyError::Hardware),
            (Vec::new(), SecretKeyError::Malformed),
            (text[..text.len() / 2].to_vec(), SecretKeyError::Malformed),
            (LINE.as_bytes().to_vec(), SecretKeyError::Malformed),
            (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_vec(), SecretKeyError::Malformed),
        ] {
            assert_eq!(SecretKey::parse(&bytes).unwrap_err(), error);
        }
        assert!(SecretKey::parse(&pem(&file(stranger))).is_err());
    }

    proptest! {
        #[test]
        fn files_round_trip_through_us_and_through_ssh_key(seed: [u8; 32], comment in "\\PC{0,20}") {
            let key = SecretKey::generate(seed);
            let bytes = key.to_openssh(&comment);
            let back = SecretKey::parse(&bytes).unwrap();
            prop_assert_eq!(back.secret.as_bytes(), &seed);
            prop_assert_eq!(back.public(), key.public());
            let theirs = PrivateKey::from_openssh(&bytes).unwrap();
            prop_assert_eq!(theirs.comment().as_bytes(), comment.as_bytes());
            let again = SecretKey::parse(&pem(&theirs)).unwrap();
            prop_assert_eq!(again.public(), key.public());
        }

        #[test]
        fn what_we_sign_we_verify_and_ssh_key_signs_alike(seed: [u8; 32], message: Vec<u8>) {
            let key = SecretKey::generate(seed);
            let ours = key.sign("request.v1@expacti", &message);
            prop_assert_eq!(verify(key.public(), "request.v1@expacti", &message, &ours), Ok(Presence::Key));
            let theirs = PrivateKey::from_openssh(key.to_openssh("")).unwrap();
            let theirs = theirs.sign("request.v1@expacti", ssh_key::HashAlg::Sha512, &message);
            let theirs = theirs.unwrap().to_pem(LineEnding::LF).unwrap();
            prop_assert_eq!(ours, theirs.into_bytes());
        }

        #[test]
        fn no_file_panics(bytes: Vec<u8>) {
            prop_assert!(SecretKey::parse(&bytes).is_err());
        }
    }
}
