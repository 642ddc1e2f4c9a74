//! The one door from bytes to a record that may be judged: the signature first, then the content.

use crate::domain::claim::Claim;
use crate::domain::decision::Decision;
use crate::domain::id::Digest;
use crate::domain::key::PublicKey;
use crate::domain::outcome::Outcome;
use crate::domain::principal::{Name, Roster};
use crate::domain::request::{Place, Request};
use crate::domain::requirement::Presence;
use crate::record::{Record, RecordError};
use crate::trust::signature::{ArmoredSignature, SignatureError, verify};

/// A record whose signature held, by a key of the principal it names as its author.
///
/// The only constructor is [`open`] (and its twin for the key of a claim), so
/// whatever takes a `Verified` cannot be handed anything else:
///
/// ```compile_fail
/// use expacti::trust::verify::Verified;
/// fn forge<T>(value: T) -> Verified<T> {
///     Verified { value }
/// }
/// ```
///
/// while taking it apart is for everyone:
///
/// ```
/// use expacti::trust::verify::Verified;
/// fn look<T>(verified: &Verified<T>) -> &T {
///     verified.value()
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Verified<T> {
    value: T,
    digest: Digest,
    key: PublicKey,
    presence: Presence,
}

impl<T> Verified<T> {
    /// The record.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// SHA-256 of its exact bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The key that signed it.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// What that key proved.
    pub fn presence(&self) -> Presence {
        self.presence
    }
}

/// A record that one principal writes and signs.
pub trait Authored: Record {
    /// Whom it names as its author.
    fn author(&self) -> &Name;
    /// Where its author stood.
    fn place(&self) -> &Place;
}

impl Authored for Request {
    fn author(&self) -> &Name {
        &self.requester
    }
    fn place(&self) -> &Place {
        &self.place
    }
}

impl Authored for Decision {
    fn author(&self) -> &Name {
        &self.reviewer
    }
    fn place(&self) -> &Place {
        &self.place
    }
}

impl Authored for Claim {
    fn author(&self) -> &Name {
        &self.runner
    }
    fn place(&self) -> &Place {
        &self.place
    }
}

impl Authored for Outcome {
    fn author(&self) -> &Name {
        &self.author
    }
    fn place(&self) -> &Place {
        &self.place
    }
}

/// A record that speaks of a request and of the records it was made on.
pub trait Later: Authored {
    /// SHA-256 of the request's bytes.
    fn request(&self) -> Digest;
    /// Records it was made on.
    fn seen(&self) -> &[Digest];
}

impl Later for Decision {
    fn request(&self) -> Digest {
        self.request
    }
    fn seen(&self) -> &[Digest] {
        &self.seen
    }
}

impl Later for Claim {
    fn request(&self) -> Digest {
        self.request
    }
    fn seen(&self) -> &[Digest] {
        &self.seen
    }
}

impl Later for Outcome {
    fn request(&self) -> Digest {
        self.request
    }
    fn seen(&self) -> &[Digest] {
        &self.seen
    }
}

/// Why bytes and signature are no verified record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The signature file is not what it should be, or does not hold.
    #[error("the signature does not hold: {0}")]
    Signature(#[from] SignatureError),
    /// The roster in force lists no such key.
    #[error("key {0} belongs to nobody in the roster in force")]
    Stranger(String),
    /// Signed by one, written in the name of another.
    #[error("signed by `{signer}` in the name of `{author}`")]
    Impostor {
        /// Whose key it is.
        signer: String,
        /// Whom the record names.
        author: String,
    },
    /// Signed, but not a record.
    #[error("{0}")]
    Record(#[from] RecordError),
}

/// Verifies a record against the roster in force: its key's owner must be the author it names.
///
/// # Errors
/// [`Rejected`]; the record then counts for nothing.
pub fn open<T: Authored>(bytes: &[u8], signature: &[u8], roster: &Roster) -> Result<Verified<T>, Rejected> {
    let hint = ArmoredSignature::parse(signature)?;
    let stranger = || Rejected::Stranger(hint.key().fingerprint());
    let owner = roster.owner_of(hint.key()).ok_or_else(stranger)?;
    let key = owner.keys.iter().find(|key| *key == hint.key()).ok_or_else(stranger)?;
    open_by(bytes, signature, key, &owner.id)
}

/// Verifies a record against one key of `author`, whatever today's roster says: for the outcome of a claim.
///
/// # Errors
/// [`Rejected`].
pub fn open_by<T: Authored>(
    bytes: &[u8],
    signature: &[u8],
    key: &PublicKey,
    author: &Name,
) -> Result<Verified<T>, Rejected> {
    let presence = verify(key, T::NAMESPACE, bytes, signature)?;
    let value = T::parse(bytes)?;
    if value.author() != author {
        return Err(Rejected::Impostor { signer: author.to_string(), author: value.author().to_string() });
    }
    Ok(Verified { value, digest: Digest::of(bytes), key: key.clone(), presence })
}
