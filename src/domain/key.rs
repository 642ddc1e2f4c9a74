//! Public keys, as OpenSSH writes them.

use std::fmt;
use std::hash::{Hash, Hasher};

use ed25519_dalek::VerifyingKey;
use ssh_key::public::KeyData;

use crate::domain::bytes::base64;

/// The type name of a key kept in a file or an agent (RFC 8709).
pub(crate) const ED25519: &str = "ssh-ed25519";
/// The type name of a key kept in a FIDO authenticator (OpenSSH `PROTOCOL.u2f`).
pub(crate) const SK_ED25519: &str = "sk-ssh-ed25519@openssh.com";

/// The longest public key line we read, in bytes.
const MAX_LINE: usize = 2048;

/// Why a text or a blob is no public key of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The line does not read `type base64 [comment]`, or is no single canonical line.
    #[error("not an openssh public key line (`type base64 comment`)")]
    Line,
    /// The type is none we accept; holds its name.
    #[error("key type `{0}` is not accepted: use ssh-ed25519 or sk-ssh-ed25519@openssh.com")]
    Type(String),
    /// The key data do not decode, or hold bytes beyond the key.
    #[error("the key data are damaged")]
    Data,
    /// The type before the data is not the type inside them.
    #[error("the key is labelled `{0}`, its data are of another type")]
    Mislabelled(String),
    /// The 32 bytes encode no point of the curve, or encode one in a second spelling.
    #[error("the key is not the canonical encoding of a point")]
    NonCanonical,
    /// The point has small order: anyone can sign with it.
    #[error("the key is weak: its point has small order, so anyone can sign for it")]
    Weak,
}

/// A strong public key: `ssh-ed25519` or `sk-ssh-ed25519@openssh.com`.
///
/// INVARIANT: the point is canonically encoded and not of small order, the blob is the one
/// canonical encoding of type, point and application. Two keys are equal when their blobs are;
/// the comment is a label and takes no part. One point can still stand in a plain and in an
/// `sk-` key: compare [`PublicKey::point`] where that matters.
#[derive(Clone)]
pub struct PublicKey {
    point: VerifyingKey,
    application: Option<String>,
    blob: Vec<u8>,
    comment: String,
}

impl PublicKey {
    /// Reads one OpenSSH public key line, such as the content of a `.pub` file.
    ///
    /// At most 2 KiB, one final newline allowed, single spaces, no control characters.
    ///
    /// # Errors
    /// Every [`KeyError`]: other types, damaged data, weak or non-canonical points.
    pub fn parse(line: &str) -> Result<PublicKey, KeyError> {
        let line = line.strip_suffix('\n').unwrap_or(line);
        if line.len() > MAX_LINE || line.chars().any(char::is_control) {
            return Err(KeyError::Line);
        }
        let (label, rest) = line.split_once(' ').ok_or(KeyError::Line)?;
        let (data, comment) = rest.split_once(' ').unwrap_or((rest, ""));
        if label != ED25519 && label != SK_ED25519 {
            return Err(KeyError::Type(label.to_owned()));
        }
        // ssh-key compares label and data too, but cannot say which of its checks failed.
        let parsed = ssh_key::PublicKey::from_openssh(&format!("{label} {data}"));
        let key = match parsed {
            Ok(parsed) => PublicKey::from_data(parsed.key_data())?,
            Err(ssh_key::Error::AlgorithmUnknown) => {
                return Err(KeyError::Mislabelled(label.to_owned()));
            }
            Err(_) => return Err(KeyError::Data),
        };
        if key.line() != format!("{label} {data}") {
            return Err(KeyError::Data);
        }
        let comment = comment.trim().to_owned();
        Ok(PublicKey { comment, ..key })
    }

    /// Reads the binary form, as it stands in signatures and in an agent's answers.
    ///
    /// # Errors
    /// As [`PublicKey::parse`], without those of a line.
    pub fn from_blob(blob: &[u8]) -> Result<PublicKey, KeyError> {
        let name = first_string(blob).ok_or(KeyError::Data)?;
        if name != ED25519.as_bytes() && name != SK_ED25519.as_bytes() {
            return Err(KeyError::Type(name.escape_ascii().to_string()));
        }
        let parsed = ssh_key::PublicKey::from_bytes(blob).map_err(|_| KeyError::Data)?;
        let key = PublicKey::from_data(parsed.key_data())?;
        if key.blob != blob {
            return Err(KeyError::Data);
        }
        Ok(key)
    }

    /// The key of a secret one: always strong, since it is a clamped multiple of the base point.
    pub(crate) fn from_signing(key: &ed25519_dalek::SigningKey) -> PublicKey {
        PublicKey::assemble(key.verifying_key(), None)
    }

    fn from_data(data: &KeyData) -> Result<PublicKey, KeyError> {
        let (bytes, application) = match data {
            KeyData::Ed25519(key) => (key.as_ref(), None),
            KeyData::SkEd25519(key) => (key.public_key().as_ref(), Some(key.application().to_owned())),
            other => return Err(KeyError::Type(other.algorithm().as_str().to_owned())),
        };
        let point = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NonCanonical)?;
        // The neutral point has both faults in its second spelling: weakness is the graver.
        if point.is_weak() {
            return Err(KeyError::Weak);
        }
        if point.to_edwards().compress().as_bytes() != bytes {
            return Err(KeyError::NonCanonical);
        }
        Ok(PublicKey::assemble(point, application))
    }

    fn assemble(point: VerifyingKey, application: Option<String>) -> PublicKey {
        let mut blob = Vec::with_capacity(96);
        let name = if application.is_some() { SK_ED25519 } else { ED25519 };
        put_string(&mut blob, name.as_bytes());
        put_string(&mut blob, point.as_bytes());
        if let Some(application) = &application {
            put_string(&mut blob, application.as_bytes());
        }
        PublicKey { point, application, blob, comment: String::new() }
    }

    /// The fingerprint `ssh-keygen -l` prints: `SHA256:` and 43 characters of unpadded base64.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.blob)
    }

    /// Whether the key says it lives in a FIDO authenticator; true only if who enrolled it checked.
    pub fn is_sk(&self) -> bool {
        self.application.is_some()
    }

    /// The line `type base64`, without the comment: what identifies the key in text.
    pub fn line(&self) -> String {
        let name = if self.is_sk() { SK_ED25519 } else { ED25519 };
        format!("{name} {}", base64(&self.blob))
    }

    /// The label after the key, often `user@host`; empty when there is none. Proves nothing.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// The 32 bytes of the curve point: equal for a plain and an `sk-` key made from one secret.
    pub fn point(&self) -> &[u8; 32] {
        self.point.as_bytes()
    }

    /// The binary form, the inverse of [`PublicKey::from_blob`].
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    pub(crate) fn verifying_key(&self) -> &VerifyingKey {
        &self.point
    }

    /// The relying party an `sk-` key signs for, usually `ssh:`.
    pub(crate) fn application(&self) -> Option<&str> {
        self.application.as_deref()
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &PublicKey) -> bool {
        self.blob == other.blob
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.blob.hash(state);
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {:?})", self.line(), self.comment)
    }
}

/// The fingerprint of any key blob, whether or not we accept the key.
pub(crate) fn fingerprint(blob: &[u8]) -> String {
    crate::domain::id::Digest::of(blob).fingerprint()
}

/// Appends an SSH `string`: its length as four bytes, then the bytes (RFC 4251 section 5).
///
/// Ours are names, keys and signatures, far below 4 GiB.
pub(crate) fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// The SSH `string` that `bytes` begin with: in a key blob, the name of its type.
fn first_string(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.get(..u32::from_be_bytes(*length) as usize)
}

/// The armour of OpenSSH files: `label` lines around base64 in lines of 70, each ended by LF.
pub(crate) fn armour(label: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!("-----BEGIN {label}-----\n").into_bytes();
    for line in base64(body).as_bytes().chunks(70) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(format!("-----END {label}-----\n").as_bytes());
    out
}

#[cfg(test)]
mod tests;
