//! Facts about a command: what a request binds, gathered from this machine.
//!
//! They are gathered when asking, again before the claim, and again last before the command starts; whatever
//! differs is drift (spec section 3, steps 3, 5 and 6). Gathering never runs a program.
//!
//! Not bound, and so not promised: shared libraries and the loader of an ELF program, files a script reads or
//! sources, programs that a wrapper finds by rules of its own (`sudo migrate`), and remote state.

mod environment;
mod file;
mod operands;
mod path;
mod program;
mod shebang;
mod worktree;

pub use environment::{environment, is_dangerous, passes_by_itself};
pub use file::TEXT_LIMIT;
pub(crate) use file::{Identity, ReadError, open, scan};
pub use operands::{OperandError, OperandFacts, Operands, Outside, operands, started};
pub use path::links;
pub use program::{Interpreter, Pin, ProgramError, ProgramFacts, SEAL_LIMIT, find_outside, resolve};
pub use shebang::named_interpreters;
pub use worktree::{WorkTree, WorkTreeError, worktree};
