//! Names that are made of hash or random bytes: one spelling each, lower-case hexadecimal.

use std::fmt;

/// A text that is not the one lower-case hexadecimal spelling of an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: expected {length} lower-case hexadecimal digits")]
pub struct IdError {
    text: String,
    what: &'static str,
    length: usize,
}

fn decode_hex<const N: usize>(text: &str, what: &'static str) -> Result<[u8; N], IdError> {
    let refused = || IdError { text: text.chars().take(80).collect(), what, length: N * 2 };
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return Err(refused());
    }
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        match pair {
            [high, low] => match (nibble(*high), nibble(*low)) {
                (Some(high), Some(low)) => *byte = high << 4 | low,
                _ => return Err(refused()),
            },
            _ => return Err(refused()),
        }
    }
    Ok(bytes)
}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $length:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// Wraps the raw bytes.
            pub const fn new(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// The raw bytes.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                decode_hex(text, $what).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

hex_id!(
    /// The SHA-256 of a record's or file's exact bytes.
    Digest, 32, "a SHA-256 digest"
);
hex_id!(
    /// A commit of the policy repository: git's SHA-1 object name.
    ///
    /// It carries order and place only; whatever must not be forged is bound by a [`Digest`].
    CommitId, 20, "a commit id"
);
hex_id!(
    /// A tree or blob of the policy repository: git's SHA-1 object name.
    ObjectId, 20, "an object id"
);
hex_id!(
    /// The name of a request: the first 16 bytes of the SHA-256 of `request.toml`.
    RequestId, 16, "a request id"
);
hex_id!(
    /// 128 random bits that make two records of the same content different.
    Nonce, 16, "a nonce"
);

impl Digest {
    /// The SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// How a trust root is quoted to people: `SHA256:` and unpadded base64, as OpenSSH prints keys.
    pub fn fingerprint(&self) -> String {
        let base64 = crate::domain::bytes::base64(&self.0);
        format!("SHA256:{}", base64.trim_end_matches('='))
    }

    /// Reads what [`Digest::fingerprint`] writes.
    ///
    /// # Errors
    /// Any other spelling, base64 whose spare bits are set included.
    pub fn from_fingerprint(text: &str) -> Result<Self, FingerprintError> {
        let refused = || FingerprintError(text.chars().take(80).collect());
        let digits = text.strip_prefix("SHA256:").ok_or_else(refused)?;
        let mut bits = 0_u32;
        let mut held = 0;
        let mut bytes = Vec::with_capacity(33);
        for digit in digits.bytes() {
            let value = match digit {
                b'A'..=b'Z' => digit - b'A',
                b'a'..=b'z' => digit - b'a' + 26,
                b'0'..=b'9' => digit - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return Err(refused()),
            };
            bits = (bits << 6 | u32::from(value)) & 0xffff;
            held += 6;
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held & 0xff) as u8);
            }
        }
        let digest = <[u8; 32]>::try_from(bytes).map(Self).map_err(|_| refused())?;
        if digest.fingerprint() == text { Ok(digest) } else { Err(refused()) }
    }
}

/// A text that is not a root fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a root fingerprint: expected `SHA256:` and 43 base64 characters, as `expacti init` prints it")]
pub struct FingerprintError(String);

impl RequestId {
    /// The id of the request whose `request.toml` has this digest.
    pub fn of(request: &Digest) -> Self {
        let mut id = [0; 16];
        id.iter_mut().zip(request.as_bytes()).for_each(|(to, from)| *to = *from);
        Self(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_one_spelling_is_read() {
        let id = "00112233445566778899aabbccddeeff";
        assert_eq!(id.parse::<RequestId>().unwrap().to_string(), id);
        for wrong in [
            "",
            "00112233445566778899AABBCCDDEEFF",
            "00112233445566778899aabbccddeef",
            "00112233445566778899aabbccddeeff0",
            "0x112233445566778899aabbccddeeff",
            "é0112233445566778899aabbccddeef",
        ] {
            assert!(wrong.parse::<RequestId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn fingerprint_is_what_openssh_would_print() {
        assert_eq!(Digest::of(b"").fingerprint(), "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU");
    }

    #[test]
    fn spare_bits_of_a_fingerprint_are_refused() {
        let text = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV";
        assert!(Digest::from_fingerprint(text).is_err());
    }

    proptest! {
        #[test]
        fn fingerprints_round_trip(bytes: [u8; 32]) {
            let digest = Digest::new(bytes);
            prop_assert_eq!(Digest::from_fingerprint(&digest.fingerprint()), Ok(digest));
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = text.parse::<Digest>();
            let _ = Digest::from_fingerprint(&text);
        }
    }
}
