//! Values that never leave this machine: records name them by a digest under a key of its own.
//!
//! A plain digest of a password can be searched for; one under a key that nobody else has tells nothing but
//! whether the value is still the same.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::domain::id::Digest;
use crate::world::entropy::{self, Entropy, EntropyError};
use crate::world::paths::{is_open_to_others, make_private_dir, read_bounded};

/// One block of SHA-256: every bit of the key counts, and none is padding.
const KEY_LENGTH: usize = 64;

/// The key of this machine for one repository.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; KEY_LENGTH]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// Why there is no key to be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// As the file system says.
    #[error("the key of secret variables, `{}`: {source}", .path.display())]
    Io {
        /// The key's file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// Whoever reads it could search for the values.
    #[error("the key of secret variables, `{}`, can be read by others", .0.display())]
    OpenToOthers(PathBuf),
    /// It has another length than a key.
    #[error("the key of secret variables, `{}`, is damaged", .0.display())]
    Damaged(PathBuf),
    /// The machine has no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl Key {
    /// The key in this file, if there is one.
    ///
    /// # Errors
    /// It cannot be read, or others can.
    pub fn load(path: &Path) -> Result<Option<Self>, KeyError> {
        let failed = |source| KeyError::Io { path: path.to_owned(), source };
        let Some(bytes) = read_bounded(path, KEY_LENGTH as u64).map_err(failed)? else { return Ok(None) };
        if is_open_to_others(path).map_err(failed)? {
            return Err(KeyError::OpenToOthers(path.to_owned()));
        }
        let key = bytes.try_into().map_err(|_| KeyError::Damaged(path.to_owned()))?;
        Ok(Some(Self(key)))
    }

    /// The key in this file; where there is none, a new one is made there first.
    ///
    /// # Errors
    /// As [`Key::load`], or it cannot be made.
    pub fn load_or_make(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        if let Some(key) = Self::load(path)? {
            return Ok(key);
        }
        let key = Self(entropy::bytes(entropy)?);
        // Another process may be making one at this moment: the first one stays.
        appear(path, &key.0).map_err(|source| KeyError::Io { path: path.to_owned(), source })?;
        Self::load(path)?.ok_or_else(|| KeyError::Damaged(path.to_owned()))
    }

    /// The digest that stands for this variable with this value: HMAC-SHA-256 over `NAME=VALUE`.
    pub fn digest(&self, name: &[u8], value: &[u8]) -> Digest {
        let mut mac = Hmac::<Sha256>::new(&self.0.into());
        [name, b"=", value].iter().for_each(|part| mac.update(part));
        Digest::new(mac.finalize().into_bytes().into())
    }
}

/// Makes a file that appears whole or not at all; one that is there already stays.
fn appear(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a file has no directory"))?;
    make_private_dir(dir)?;
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    match fs::hard_link(file.path(), path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        other => other?,
    }
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::world::entropy::SystemEntropy;

    #[test]
    fn the_digest_is_hmac_sha256() {
        // A shorter key is padded with zeros up to the block.
        let mut key = [0; KEY_LENGTH];
        key[..4].copy_from_slice(b"Jefe");
        let digest = Key(key).digest(b"what do ya want for nothing?", b"");
        // printf 'what do ya want for nothing?=' | openssl dgst -sha256 -mac HMAC -macopt key:Jefe
        assert_eq!(digest.to_string(), "d1508b3d10470d3b76268362eaad0e6306effaa7598a2e4e25180c008df8c64f");
    }

    #[test]
    fn a_key_is_made_once_and_is_ours_alone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state/key");
        assert_eq!(Key::load(&path).unwrap(), None);
        let key = Key::load_or_make(&path, &SystemEntropy).unwrap();
        assert_eq!(Key::load_or_make(&path, &SystemEntropy).unwrap(), key);
        assert_eq!(Key::load(&path).unwrap(), Some(key.clone()));
        assert!(!is_open_to_others(&path).unwrap());
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        appear(&path, &[7; KEY_LENGTH]).unwrap();
        assert_eq!(Key::load(&path).unwrap(), Some(key.clone()), "the first one stays");
        assert_eq!(format!("{key:?}"), "Key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Key::load(&path), Err(KeyError::OpenToOthers(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for damaged in [&b""[..], b"short", &[1; KEY_LENGTH - 1]] {
            fs::write(&path, damaged).unwrap();
            assert!(Key::load_or_make(&path, &SystemEntropy).is_err(), "never replaced: approvals hang on it");
        }
    }

    #[test]
    fn name_value_and_key_each_make_another_digest() {
        let (one, two) = (Key([1; KEY_LENGTH]), Key([2; KEY_LENGTH]));
        let digests = [
            one.digest(b"A", b"x"),
            one.digest(b"A", b"y"),
            one.digest(b"B", b"x"),
            one.digest(b"A", b""),
            two.digest(b"A", b"x"),
        ];
        let different: std::collections::BTreeSet<_> = digests.iter().collect();
        assert_eq!(different.len(), digests.len());
    }
}
