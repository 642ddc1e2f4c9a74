//! What was read lately, so that a walk along a history reads each tree once.

use std::collections::HashMap;
use std::hash::Hash;

/// A bounded map that forgets what was not asked for lately: two generations, the older one dropped as a whole.
#[derive(Debug)]
pub(super) struct Cache<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    weight: usize,
    limit: usize,
}

impl<K: Eq + Hash + Copy, V: Clone> Cache<K, V> {
    /// Holds at most twice `limit`.
    pub(super) fn new(limit: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), weight: 0, limit }
    }

    pub(super) fn get(&mut self, key: &K, weigh: impl Fn(&V) -> usize) -> Option<V> {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let value = self.old.remove(key)?;
        self.put(*key, value.clone(), weigh(&value));
        Some(value)
    }

    /// What is heavier than a quarter of the limit is not kept.
    pub(super) fn put(&mut self, key: K, value: V, weight: usize) {
        if weight > self.limit / 4 {
            return;
        }
        if self.weight + weight > self.limit {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += weight;
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut cache = Cache::new(8);
        for key in 0..100_u32 {
            cache.put(key, key, 1);
            assert_eq!(cache.get(&0, |_| 1), Some(0));
            assert!(cache.young.len() + cache.old.len() <= 16);
        }
        assert_eq!((cache.get(&99, |_| 1), cache.get(&50, |_| 1)), (Some(99), None));
        cache.put(200, 200, 3);
        assert_eq!(cache.get(&200, |_| 3), None, "too heavy");
    }
}
