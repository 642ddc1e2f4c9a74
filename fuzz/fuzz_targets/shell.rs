//! Any bytes are read as shell text in every dialect, in bounded time.
#![no_main]

use expacti::matching::shell::{Dialect, read};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for dialect in [Dialect::Posix, Dialect::Ksh, Dialect::Bash, Dialect::Zsh] {
        let _ = read(bytes, dialect);
    }
});
