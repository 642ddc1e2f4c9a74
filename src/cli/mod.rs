//! Faces: what is typed, and what is shown.

pub mod args;
mod text;
