//! Tables of words that the compiler lays out, so that a name is looked up in the time of reading it once.

/// More than twice the words of the longest table: a look-up ends at a free slot.
const SLOTS: usize = 2048;

/// A set of blank-separated words.
pub(super) struct Words {
    text: &'static str,
    /// Where a word starts, from 1; 0 is free.
    slots: [u16; SLOTS],
}

/// FNV-1a.
const START: u32 = 0x811c_9dc5;
const fn mix(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

const fn place(hash: u32) -> usize {
    (hash ^ hash >> 15) as usize % SLOTS
}

fn hash(word: &[u8]) -> u32 {
    word.iter().fold(START, |hash, byte| mix(hash, *byte))
}

/// The hash of the first word, the blanks before it, and what follows it.
const fn first_word(text: &[u8]) -> Option<(u32, usize, &[u8])> {
    let (mut rest, mut hash) = (text, START);
    while let Some((byte, after)) = rest.split_first()
        && byte.is_ascii_whitespace()
    {
        rest = after;
    }
    let blanks = text.len() - rest.len();
    if rest.is_empty() {
        return None;
    }
    while let Some((byte, after)) = rest.split_first()
        && !byte.is_ascii_whitespace()
    {
        hash = mix(hash, *byte);
        rest = after;
    }
    Some((hash, blanks, rest))
}

impl Words {
    pub(super) const fn new(text: &'static str) -> Words {
        let mut slots = [0; SLOTS];
        let mut rest = text.as_bytes();
        while let Some((hash, blanks, after)) = first_word(rest) {
            let start = text.len() - rest.len() + blanks;
            let mut at = place(hash);
            while let Some((slot, _)) = slots.split_at_mut(at).1.split_first_mut() {
                if *slot == 0 {
                    assert!(start < u16::MAX as usize, "a table is longer than 64 KiB");
                    *slot = start as u16 + 1;
                    break;
                }
                at = (at + 1) % SLOTS;
            }
            rest = after;
        }
        Words { text, slots }
    }

    pub(super) const fn text(&self) -> &'static str {
        self.text
    }

    /// Whether `word` is one of the words.
    pub(super) fn has(&self, word: &[u8]) -> bool {
        let (before, after) = self.slots.split_at(place(hash(word)));
        let taken = after.iter().chain(before).take_while(|slot| **slot > 0);
        taken.into_iter().any(|slot| self.starts_at(usize::from(*slot) - 1, word))
    }

    fn starts_at(&self, start: usize, word: &[u8]) -> bool {
        let there = self.text.as_bytes().get(start..).unwrap_or_default();
        let after = there.strip_prefix(word).filter(|_| !word.is_empty() && !word.iter().any(u8::is_ascii_whitespace));
        after.is_some_and(|after| after.first().is_none_or(u8::is_ascii_whitespace))
    }
}

/// Words of which it is known at once that most others are not among them.
pub(super) struct Names([u64; 64]);

impl Names {
    pub(super) const NONE: Names = Names([0; 64]);

    /// Those, and the words of `text`.
    pub(super) const fn and(mut self, text: &str) -> Names {
        let mut rest = text.as_bytes();
        while let Some((hash, _, after)) = first_word(rest) {
            let place = place(hash);
            if let Some((bits, _)) = self.0.split_at_mut(place / 64 % 64).1.split_first_mut() {
                *bits |= 1 << (place % 64);
            }
            rest = after;
        }
        self
    }

    /// False for no word that was put in, and for nearly all others.
    pub(super) fn may_have(&self, word: &[u8]) -> bool {
        let place = place(hash(word));
        self.0.get(place / 64 % 64).is_none_or(|bits| bits >> (place % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::matching::extract::is_word;
    use crate::matching::tables;

    fn tables() -> [&'static Words; 7] {
        [
            &tables::INERT,
            &tables::INERT_BUILTINS,
            &tables::OPAQUE_BUILTINS,
            &tables::OTHER_SHELLS,
            &tables::LOADER_VARIABLES,
            &tables::DESKTOP_VARIABLES,
            &tables::COMMAND_VARIABLES,
        ]
    }

    #[test]
    fn every_word_of_a_table_is_found_and_no_part_of_one() {
        for table in tables() {
            assert!(table.text.split_ascii_whitespace().count() < SLOTS / 2);
            for word in table.text.split_ascii_whitespace() {
                let (blank, longer) = (format!("{word} "), format!("{word}x"));
                let word = word.as_bytes();
                for other in [word, &word[1..], &word[..word.len() - 1], blank.as_bytes(), longer.as_bytes()] {
                    assert_eq!(table.has(other), is_word(table.text, other), "{}", String::from_utf8_lossy(other));
                }
            }
        }
    }

    #[test]
    fn no_program_of_a_table_is_passed_over() {
        let wrappers = tables::WRAPPERS.iter().flat_map(|wrapper| wrapper.names).copied();
        let interpreters = tables::INTERPRETERS.iter().map(|interpreter| interpreter.names);
        let runners = wrappers.chain(interpreters).chain([tables::OTHER_SHELLS.text]);
        for word in runners.flat_map(str::split_ascii_whitespace) {
            assert!(tables::RUNNERS.may_have(word.as_bytes()), "{word}");
        }
        for word in tables::ESCAPES.iter().flat_map(|escape| escape.names.split_ascii_whitespace()) {
            assert!(tables::ESCAPING.may_have(word.as_bytes()), "{word}");
        }
        let inert = || tables::INERT.text.split_ascii_whitespace();
        for names in [&tables::RUNNERS, &tables::ESCAPING] {
            let others = inert().filter(|word| names.may_have(word.as_bytes()));
            assert!(others.count() < inert().count() / 4, "hardly any name is passed over");
        }
    }

    proptest! {
        #[test]
        fn looking_up_is_reading_through(word in "[a-zA-Z0-9_. \n\\[-]{0,6}") {
            for table in tables() {
                prop_assert_eq!(table.has(word.as_bytes()), is_word(table.text, word.as_bytes()));
            }
        }
    }
}
