//! Faces: what is typed, and what is shown.

pub mod args;
pub mod generate;
mod text;
