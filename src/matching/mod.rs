//! Floor 3: which policies govern.
