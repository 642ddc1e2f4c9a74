//! Trees as they were read, cheap to hold and to compare: a long history is mostly these.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

use crate::domain::id::ObjectId;

/// One line of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// A single path component; any bytes an attacker likes.
    pub name: Component,
    /// git's mode: `0o100644` for a plain file, `0o040000` for a directory.
    pub mode: u32,
    /// The blob or tree.
    pub id: ObjectId,
}

/// The bytes of a name in a tree, those of our records' lengths held in place.
#[derive(Clone)]
pub struct Component(Held);

const SHORT: usize = 38;

#[derive(Clone)]
enum Held {
    Short(u8, [u8; SHORT]),
    Long(Box<[u8]>),
}

impl From<&[u8]> for Component {
    fn from(name: &[u8]) -> Self {
        let mut short = [0; SHORT];
        match (short.get_mut(..name.len()), u8::try_from(name.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(name);
                Self(Held::Short(length, short))
            }
            _ => Self(Held::Long(name.into())),
        }
    }
}

impl Deref for Component {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            // INVARIANT: the length was that of a part of the array.
            Held::Short(length, bytes) => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Held::Long(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", crate::domain::bytes::encode(self))
    }
}

impl PartialEq for Component {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Component {}

impl PartialOrd for Component {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Component {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for Component {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl PartialEq<[u8]> for Component {
    fn eq(&self, other: &[u8]) -> bool {
        **self == *other
    }
}

impl<const N: usize> PartialEq<&[u8; N]> for Component {
    fn eq(&self, other: &&[u8; N]) -> bool {
        **self == **other
    }
}

/// The lines of one tree, in stored order, duplicates included; cheap to copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    entries: Rc<[Entry]>,
    ascending: bool,
}

impl Tree {
    /// Whether each name is greater than the one before it, byte by byte, so that none is there twice.
    ///
    /// git's own order differs where a directory's name begins another name.
    pub fn is_ascending(&self) -> bool {
        self.ascending
    }
}

impl Deref for Tree {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.entries
    }
}

impl FromIterator<Entry> for Tree {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let entries: Rc<[Entry]> = entries.into_iter().collect();
        let ascending = entries.is_sorted_by(|one, next| one.name < next.name);
        Self { entries, ascending }
    }
}

impl IntoIterator for Tree {
    type Item = Entry;
    type IntoIter = std::vec::IntoIter<Entry>;

    fn into_iter(self) -> Self::IntoIter {
        Vec::from(&*self.entries).into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_holds_any_bytes() {
        for length in [0, 1, 37, 38, 39, 255, 256, 4_000] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let component = Component::from(bytes.as_slice());
            assert_eq!(&*component, bytes.as_slice());
            assert_eq!(component, component.clone());
            let longer = Component::from([bytes.as_slice(), b"\0"].concat().as_slice());
            assert!(component < longer);
        }
    }

    #[test]
    fn ascending_names_are_unique() {
        let tree = |names: &[&str]| -> Tree {
            let entry = |name: &&str| Entry { name: name.as_bytes().into(), mode: 0, id: ObjectId::new([0; 20]) };
            names.iter().map(entry).collect()
        };
        assert!(tree(&[]).is_ascending());
        assert!(tree(&["a", "a.b", "b"]).is_ascending());
        assert!(!tree(&["a", "a"]).is_ascending());
        assert!(!tree(&["a.b", "a"]).is_ascending(), "as git orders a directory `a`");
    }
}
