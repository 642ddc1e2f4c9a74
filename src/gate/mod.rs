//! Floor 5: what follows.
