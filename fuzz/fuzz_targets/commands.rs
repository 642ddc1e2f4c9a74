//! Any argument list is governed by at least what governs it literally.
#![no_main]

use expacti::domain::pattern::{Pattern, PatternKind};
use expacti::matching::{Applies, Invocation, OnOpaque, Rule, Settings, canonical_text, govern};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let argv: Vec<Vec<u8>> = bytes.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    let patterns = |source: &str| vec![Pattern::new(PatternKind::Glob, source).unwrap()];
    let (migrate, any) = (patterns("migrate*"), patterns("*"));
    let rules = [
        Rule { name: "migrate", patterns: &migrate, applies: Applies::Yes, unasked: false },
        Rule { name: "any", patterns: &any, applies: Applies::Yes, unasked: false },
    ];
    let settings = Settings { opaque: OnOpaque::All, inert: vec![], carriers: vec![] };
    let governed = govern(&rules, &settings, &Invocation { argv: &argv, ..Invocation::default() });
    if canonical_text(&argv).starts_with(b"migrate") {
        assert!(governed.policies.iter().any(|name| name == "migrate"));
    }
});
