//! Floor 1: how things are written, bytes to domain values and back.
