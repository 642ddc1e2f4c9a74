//! Floor 2: who said it.
