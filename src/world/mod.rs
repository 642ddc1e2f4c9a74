//! Floor 6: effects.
