//! Detached signatures: OpenSSH's SSHSIG, judged more strictly than OpenSSH does.
//!
//! Format: OpenSSH `PROTOCOL.sshsig`; for `sk-` keys also `PROTOCOL.u2f`. The bytes of a signature
//! are no identity: never use them to name, count or deduplicate anything.

use ed25519_dalek::VerifyingKey;
use sha2::{Digest as _, Sha256, Sha512};
use ssh_key::{Algorithm, HashAlg, SshSig};

use crate::domain::key::{ED25519, KeyError, PublicKey, SK_ED25519, armour, fingerprint, put_string};
use crate::domain::requirement::Presence;

/// The longest signature file we read, in bytes.
pub const MAX_SIGNATURE: usize = 4096;

const MAGIC: &[u8] = b"SSHSIG";
const LABEL: &str = "SSH SIGNATURE";
const HASH: &[u8] = b"sha512";
/// `PROTOCOL.u2f`: the authenticator saw a touch.
const USER_PRESENT: u8 = 0x01;
/// `PROTOCOL.u2f`: the authenticator checked a PIN or a fingerprint.
const USER_VERIFIED: u8 = 0x04;

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// More than [`MAX_SIGNATURE`] bytes.
    #[error("the signature file is longer than {MAX_SIGNATURE} bytes")]
    TooLong,
    /// No SSHSIG in armour, or one with parts missing, of wrong length or left over.
    #[error("not a signature as `ssh-keygen -Y sign` writes it")]
    Malformed,
    /// Readable, but not the one canonical spelling: text around it, line ends, spaces, padding.
    #[error("the signature's armour is not canonical")]
    NotCanonical,
    /// A format version other than 1.
    #[error("signature format version `{0}` is not supported")]
    Version(u32),
    /// The field kept for later use holds something.
    #[error("the signature's reserved field is not empty")]
    Reserved,
    /// A digest other than sha512.
    #[error("the signature's hash is `{0}`, only sha512 is accepted")]
    Hash(String),
    /// Made with a key of a type we do not accept.
    #[error("only signatures by ssh-ed25519 and sk-ssh-ed25519@openssh.com keys are accepted")]
    Type,
    /// Key and signature inside are of different types.
    #[error("the signature is of type `{signature}`, its key of type `{key}`")]
    Mismatch {
        /// The type of the key named in the signature.
        key: String,
        /// The type the signature itself claims.
        signature: String,
    },
    /// The key named in the signature is none we accept.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Made with another key than the one asked for.
    #[error("signed by `{found}`, not by `{wanted}`")]
    OtherKey {
        /// Fingerprint of the key named in the signature.
        found: String,
        /// Fingerprint of the key asked for.
        wanted: String,
    },
    /// Made for another purpose.
    #[error("signed for `{found}`, not for `{wanted}`")]
    Namespace {
        /// The namespace in the signature.
        found: String,
        /// The namespace asked for.
        wanted: String,
    },
    /// An `sk-` signature without the touch flag.
    #[error("the security key was not touched")]
    NotTouched,
    /// The mathematics does not hold: other bytes were signed, or nothing was.
    #[error("the signature does not fit these bytes")]
    Invalid,
    /// [`self_test`] failed: this build accepts what it must refuse, or the reverse.
    #[error("this build of expacti cannot be trusted with signatures: {0}")]
    SelfTest(&'static str),
}

/// A signature read from its file, not verified: what it says of itself is a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmoredSignature {
    key: PublicKey,
    parts: Parts,
}

impl ArmoredSignature {
    /// Reads the exact bytes of a signature file, canonical armour only.
    ///
    /// # Errors
    /// Any [`SignatureError`] of form; a weak key as [`SignatureError::Key`].
    pub fn parse(bytes: &[u8]) -> Result<ArmoredSignature, SignatureError> {
        let parts = Parts::parse(bytes)?;
        let key = PublicKey::from_blob(&parts.key)?;
        Ok(ArmoredSignature { key, parts })
    }

    /// The key the signature names: a hint until [`verify`] held with a key from elsewhere.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The purpose the signature names, a hint likewise.
    pub fn namespace(&self) -> &str {
        &self.parts.namespace
    }

    /// The bytes of the file, equal to those that were parsed.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.parts.to_bytes()
    }
}

/// Verifies the exact bytes of a signature file over the exact bytes of a message.
///
/// The signature must name `key` and `namespace` themselves; the preimage is rebuilt from the
/// arguments alone. Source: spec section 2 "Trust"; RFC 8032 section 5.1.7, made strict.
///
/// # Errors
/// Every [`SignatureError`]; none of them is ever a yes.
pub fn verify(key: &PublicKey, namespace: &str, message: &[u8], signature: &[u8]) -> Result<Presence, SignatureError> {
    let parts = Parts::parse(signature)?;
    if parts.key != key.blob() {
        return Err(SignatureError::OtherKey { found: fingerprint(&parts.key), wanted: key.fingerprint() });
    }
    if parts.namespace != namespace {
        return Err(SignatureError::Namespace { found: parts.namespace, wanted: namespace.to_owned() });
    }
    let preimage = preimage(namespace, message);
    let (signed, presence) = match (key.application(), &parts.assertion) {
        (None, None) => (preimage, Presence::Key),
        (Some(application), Some(assertion)) => (assertion.signed(application, &preimage), assertion.presence()?),
        _ => return Err(SignatureError::Malformed),
    };
    if !strict(key.verifying_key(), &signed, &parts.signature) {
        return Err(SignatureError::Invalid);
    }
    Ok(presence)
}

/// Refuses a build whose ed25519 accepts what it must not; call it once, at start-up.
///
/// Cargo features are additive: any dependency could switch on dalek's `legacy_compatibility`,
/// under which even its strict check accepts a second spelling of every signature.
///
/// # Errors
/// [`SignatureError::SelfTest`] says which check failed.
pub fn self_test() -> Result<(), SignatureError> {
    self_test_of(strict)
}

/// The bytes an SSHSIG signature covers (`PROTOCOL.sshsig`, "Signed Data").
pub(crate) fn preimage(namespace: &str, message: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    put_string(&mut out, namespace.as_bytes());
    put_string(&mut out, b"");
    put_string(&mut out, HASH);
    put_string(&mut out, &Sha512::digest(message));
    out
}

/// The signature file for a plain ed25519 signature over [`preimage`].
pub(crate) fn assemble(key: &PublicKey, namespace: &str, signature: [u8; 64]) -> Vec<u8> {
    Parts { key: key.blob().to_vec(), namespace: namespace.to_owned(), signature, assertion: None }.to_bytes()
}

/// The only verdict on ed25519 in this program.
fn strict(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(signature);
    key.verify_strict(message, &signature).is_ok()
}

/// What an authenticator adds to its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Assertion {
    flags: u8,
    counter: [u8; 4],
}

impl Assertion {
    /// The bytes an authenticator signs (`PROTOCOL.u2f`, "SSH U2F signatures").
    fn signed(&self, application: &str, preimage: &[u8]) -> Vec<u8> {
        let mut out = Sha256::digest(application.as_bytes()).to_vec();
        out.push(self.flags);
        out.extend_from_slice(&self.counter);
        out.extend_from_slice(&Sha256::digest(preimage));
        out
    }

    fn presence(&self) -> Result<Presence, SignatureError> {
        match (self.flags & USER_PRESENT, self.flags & USER_VERIFIED) {
            (0, _) => Err(SignatureError::NotTouched),
            (_, 0) => Ok(Presence::Touch),
            _ => Ok(Presence::Pin),
        }
    }
}

/// The varying fields of an SSHSIG; the fixed ones are checked by `parse`, written by `to_bytes`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    key: Vec<u8>,
    namespace: String,
    signature: [u8; 64],
    assertion: Option<Assertion>,
}

impl Parts {
    /// ssh-key reads, we write: whatever its reader lets through must survive our own writer.
    fn parse(bytes: &[u8]) -> Result<Parts, SignatureError> {
        if bytes.len() > MAX_SIGNATURE {
            return Err(SignatureError::TooLong);
        }
        let read = SshSig::from_pem(bytes).map_err(|error| match error {
            ssh_key::Error::Version { number } => SignatureError::Version(number),
            ssh_key::Error::AlgorithmUnknown => SignatureError::Type,
            _ => SignatureError::Malformed,
        })?;
        if read.version() != 1 {
            return Err(SignatureError::Version(read.version()));
        }
        if !read.reserved().is_empty() {
            return Err(SignatureError::Reserved);
        }
        if read.hash_alg() != HashAlg::Sha512 {
            return Err(SignatureError::Hash(read.hash_alg().to_string()));
        }
        let algorithm = read.public_key().algorithm();
        if !matches!(algorithm, Algorithm::Ed25519 | Algorithm::SkEd25519) {
            return Err(SignatureError::Type);
        }
        if algorithm != read.algorithm() {
            return Err(SignatureError::Mismatch {
                key: algorithm.as_str().to_owned(),
                signature: read.algorithm().as_str().to_owned(),
            });
        }
        let raw = read.signature_bytes();
        let (signature, rest) = raw.split_at_checked(64).ok_or(SignatureError::Malformed)?;
        let assertion = match (&algorithm, rest) {
            (Algorithm::Ed25519, []) => None,
            (Algorithm::SkEd25519, [flags, counter @ ..]) => {
                Some(Assertion { flags: *flags, counter: counter.try_into().map_err(|_| SignatureError::Malformed)? })
            }
            _ => return Err(SignatureError::Malformed),
        };
        let key = ssh_key::PublicKey::from(read.public_key().clone());
        let parts = Parts {
            key: key.to_bytes().map_err(|_| SignatureError::Malformed)?,
            namespace: read.namespace().to_owned(),
            signature: signature.try_into().map_err(|_| SignatureError::Malformed)?,
            assertion,
        };
        if parts.to_bytes() != bytes {
            return Err(SignatureError::NotCanonical);
        }
        Ok(parts)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut signature = Vec::with_capacity(128);
        let name = match self.assertion {
            Some(_) => SK_ED25519,
            None => ED25519,
        };
        put_string(&mut signature, name.as_bytes());
        put_string(&mut signature, &self.signature);
        if let Some(assertion) = &self.assertion {
            signature.push(assertion.flags);
            signature.extend_from_slice(&assertion.counter);
        }
        let mut body = MAGIC.to_vec();
        body.extend_from_slice(&1_u32.to_be_bytes());
        put_string(&mut body, &self.key);
        put_string(&mut body, self.namespace.as_bytes());
        put_string(&mut body, b"");
        put_string(&mut body, HASH);
        put_string(&mut body, &signature);
        armour(LABEL, &body)
    }
}

/// Key, message and signature of RFC 8032 section 7.1, TEST 2.
const KNOWN_KEY: [u8; 32] = [
    0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c, 0x98, 0x2c,
    0xcf, 0x2e, 0xc4, 0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c,
];
const KNOWN_MESSAGE: &[u8] = &[0x72];
const KNOWN_SIGNATURE: [u8; 64] = [
    0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f, 0x64, 0x25, 0x40, 0xa2, 0xb2, 0x7b,
    0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76, 0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda, 0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15,
    0x99, 0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30, 0x2a, 0xee, 0xb0,
    0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00,
];
/// The order of the base point, L, little-endian (RFC 8032 section 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn self_test_of(verdict: impl Fn(&VerifyingKey, &[u8], &[u8; 64]) -> bool) -> Result<(), SignatureError> {
    let check = |holds: bool, what| holds.then_some(()).ok_or(SignatureError::SelfTest(what));
    let point = |bytes| VerifyingKey::from_bytes(bytes).map_err(|_| SignatureError::SelfTest("a point is refused"));
    let key = point(&KNOWN_KEY)?;
    check(verdict(&key, KNOWN_MESSAGE, &KNOWN_SIGNATURE), "it refuses a good signature")?;
    check(!verdict(&key, b"another", &KNOWN_SIGNATURE), "it accepts another message")?;
    check(!verdict(&key, KNOWN_MESSAGE, &malleated(&KNOWN_SIGNATURE)), "it accepts a malleated signature")?;
    // The neutral point as key and as R, with S = 0, fits every message.
    let mut neutral = [0; 32];
    neutral.first_mut().into_iter().for_each(|low| *low = 1);
    let mut forged = [0; 64];
    forged.first_mut().into_iter().for_each(|low| *low = 1);
    check(!verdict(&point(&neutral)?, KNOWN_MESSAGE, &forged), "it accepts a weak key")
}

/// The same signature with S + L for S: a second spelling that lax verifiers accept.
fn malleated(signature: &[u8; 64]) -> [u8; 64] {
    let mut other = *signature;
    let mut carry = 0_u16;
    for (byte, addend) in other.iter_mut().skip(32).zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(addend) + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    other
}

#[cfg(test)]
mod tests;
