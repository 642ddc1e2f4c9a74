//! Keys that must never count again, and since when what they signed is to be looked at.

use crate::domain::id::CommitId;
use crate::domain::key::PublicKey;
use crate::domain::principal::{Fault, Principal};

/// One `[[revocations]]`.
///
/// A key that is simply gone from the roster no longer counts either. This also says that it may have been in other
/// hands, and keeps it from being enrolled again by mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The key; nobody's.
    pub key: PublicKey,
    /// The commit of `main` from which on it may have been used by somebody else.
    pub since: CommitId,
    /// Why, in the admins' words.
    pub reason: Option<String>,
}

/// Keys that are revoked and somebody's, and keys that are revoked twice.
pub(crate) fn check(revocations: &[Revocation], principals: &[Principal], faults: &mut Vec<Fault>) {
    for (at, revocation) in revocations.iter().enumerate() {
        let earlier = revocations.iter().take(at);
        if earlier.into_iter().any(|other| other.key.point() == revocation.key.point()) {
            let message = format!("key {} is revoked twice", revocation.key.fingerprint());
            faults.push(Fault::new(format!("revocations[{at}].key"), message));
        }
    }
    for (at, principal) in principals.iter().enumerate() {
        for (nth, key) in principal.keys.iter().enumerate() {
            if revocations.iter().any(|revocation| revocation.key.point() == key.point()) {
                let message = format!("key {} of `{}` is revoked", key.fingerprint(), principal.id);
                faults.push(
                    Fault::new(format!("principals[{at}].keys[{nth}]"), message)
                        .help("a revoked key is nobody's: give them a new one"),
                );
            }
        }
    }
}
