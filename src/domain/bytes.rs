//! Bytes as text: the one spelling in which records carry what need not be UTF-8.

/// A text that is not the one percent-encoding of some bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not percent-encoded: printable ASCII except `%` stands for itself, every other byte is `%XX` in upper-case hexadecimal"
)]
pub struct EncodingError(String);

fn stands_for_itself(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e) && byte != b'%'
}

/// Printable ASCII except `%` as it is, every other byte as `%XX`.
///
/// One representation only, so that nothing shown can differ from what is bound.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if stands_for_itself(byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// Reads what [`encode`] writes.
///
/// # Errors
/// Any text that `encode` would not have written.
pub fn decode(text: &str) -> Result<Vec<u8>, EncodingError> {
    let refused = || EncodingError(text.chars().take(80).collect());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || match rest.next() {
                Some(digit @ b'0'..=b'9') => Some(digit - b'0'),
                Some(digit @ b'A'..=b'F') => Some(digit - b'A' + 10),
                _ => None,
            };
            let (Some(high), Some(low)) = (digit(), digit()) else {
                return Err(refused());
            };
            let decoded = high << 4 | low;
            if stands_for_itself(decoded) {
                return Err(refused());
            }
            bytes.push(decoded);
        } else if stands_for_itself(byte) {
            bytes.push(byte);
        } else {
            return Err(refused());
        }
    }
    Ok(bytes)
}

/// Padded standard base64 (RFC 4648 section 4); we only encode, ssh-key decodes.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let padded = chunk.iter().chain(&[0, 0]).take(3);
        let group = padded.fold(0_u32, |group, byte| (group << 8) | u32::from(*byte));
        for place in 0..=3 {
            let sextet = (group >> (18 - 6 * place)) & 63;
            let letter = ALPHABET.get(sextet as usize);
            let shown = letter.filter(|_| place <= chunk.len());
            text.push(shown.map_or('=', |letter| char::from(*letter)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_byte_has_one_spelling() {
        assert_eq!(encode(b"a b%\x1b\xff\n"), "a b%25%1B%FF%0A");
        for wrong in ["%", "%2", "%2g", "%1b", "%41", "\n", "é", "a%"] {
            assert!(decode(wrong).is_err(), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn round_trips(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert!(text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)));
            prop_assert_eq!(decode(&text), Ok(bytes));
        }

        #[test]
        fn what_is_read_is_written_alike(text: String) {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
