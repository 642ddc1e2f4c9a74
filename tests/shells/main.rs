//! Real shells execute generated scripts of stubs; a stub that ran must be among the commands that matching found.
//!
//! Executed: what matching believes it has wholly read. `tests/real/shells.sh` runs it; it asks for shells that not
//! every machine has. `EXPACTI_SCRIPTS` how many are executed, `EXPACTI_SEED` which.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test that meets the unexpected must fail loudly, and it starts shells"
)]

mod arena;
mod generator;

use std::collections::BTreeMap;

use arena::{Arena, SHELLS, Shell};
use expacti::domain::pattern::{Known, Pattern, PatternKind, Token};
use expacti::matching::{Applies, Governed, Invocation, Rule, Settings, govern};
use generator::{Numbers, Writer};

/// Stubs of one script.
const STUBS: usize = 6;
/// Scripts of one batch.
const BATCH: usize = 960;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

fn judge(shell: &Shell, script: &str, stubs: &[String]) -> Governed {
    let patterns: Vec<_> = stubs
        .iter()
        .map(|stub| vec![Pattern::new(PatternKind::Glob, &format!("{stub}*")).unwrap()])
        .chain([vec![Pattern::new(PatternKind::Glob, "*").unwrap()]])
        .collect();
    let names: Vec<&str> = stubs.iter().map(String::as_str).chain(["all"]).collect();
    let rules: Vec<_> = names
        .iter()
        .zip(&patterns)
        .map(|(name, patterns)| Rule { name, patterns, applies: Applies::Yes, unasked: false })
        .collect();
    // Their arguments are data: what is found must be found where a command stands.
    let settings = Settings { inert: stubs.to_vec(), ..Settings::default() };
    let argv: Vec<Vec<u8>> = [shell.name, "-c", script].map(|word| word.as_bytes().to_vec()).into();
    govern(&rules, &settings, &Invocation { argv: &argv, ..Invocation::default() })
}

/// Whether what ran is one of the commands that this one may become.
fn agrees(found: &[Token], ran: &[Vec<u8>]) -> bool {
    let Some((token, rest)) = found.split_first() else { return ran.is_empty() };
    let one = |fits: &dyn Fn(&[u8]) -> bool| {
        ran.split_first().is_some_and(|(first, after)| fits(first) && agrees(rest, after))
    };
    match token.known {
        Known::Whole if !token.glob => one(&|first| first == token.bytes),
        Known::Lead => one(&|first| first.starts_with(&token.bytes)),
        Known::Whole | Known::Splits => (0..=ran.len()).any(|taken| {
            let leads = token.glob || taken == 0 || ran[0].starts_with(&token.bytes);
            leads && agrees(rest, &ran[taken..])
        }),
    }
}

/// Why what ran was not seen, if it was not.
fn missed(governed: &Governed, ran: &[Vec<u8>]) -> Option<String> {
    let name = String::from_utf8_lossy(&ran[0]).into_owned();
    if !governed.policies.contains(&name) {
        return Some(format!("{name} was not found"));
    }
    let seen = governed.commands.iter().any(|found| agrees(&found.argv, ran));
    (!seen).then(|| {
        format!(
            "{:?} was not found with these arguments",
            ran.iter().map(|arg| String::from_utf8_lossy(arg)).collect::<Vec<_>>()
        )
    })
}

#[test]
#[ignore = "needs bash, dash, zsh, mksh and busybox: tests/real/shells.sh"]
fn nothing_runs_unseen() {
    let (wanted, seed) = (number("EXPACTI_SCRIPTS", 3000) as usize, number("EXPACTI_SEED", 1));
    // Only scripts that name a stub which was not found: where a miss must hide, if there is one.
    let suspects = number("EXPACTI_SUSPECTS", 0) > 0;
    let arena = Arena::new(BATCH, STUBS);
    let (mut numbers, mut misses) = (Numbers::new(seed), Vec::new());
    let mut totals: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let (mut executed, mut number_of_batch) = (0, 0);
    println!("seed {seed}, {wanted} scripts");
    while executed < wanted {
        let shell = &SHELLS[numbers.below(SHELLS.len())];
        let mut batch = Vec::new();
        let mut refused = 0;
        while batch.len() < BATCH.min(wanted - executed) {
            let stubs: Vec<String> = (0..STUBS).map(|n| arena::stub(number_of_batch, batch.len(), n)).collect();
            let used = numbers.below(STUBS);
            let mut writer = Writer { numbers: &mut numbers, stubs: &stubs, used };
            let script = writer.script();
            if script.is_empty() || script.contains('\0') || !script.contains("mig") {
                continue;
            }
            let governed = judge(shell, &script, &stubs);
            if !governed.opaque.is_empty() {
                refused += 1;
                continue;
            }
            if suspects && stubs.iter().all(|stub| !script.contains(stub.as_str()) || governed.policies.contains(stub))
            {
                continue;
            }
            batch.push((script, governed));
        }
        let scripts: Vec<&str> = batch.iter().map(|(script, _)| script.as_str()).collect();
        let ran = arena.execute(shell, number_of_batch, &scripts);
        number_of_batch += 1;
        let total = totals.entry(shell.label).or_default();
        total[0] += batch.len();
        total[1] += ran.iter().filter(|commands| !commands.is_empty()).count();
        total[2] += refused;
        executed += batch.len();
        for ((script, governed), commands) in batch.iter().zip(&ran) {
            if let Some(why) = commands.iter().find_map(|command| missed(governed, command)) {
                println!("MISS {}: {why}\n  {script:?}", shell.label);
                misses.push(script.clone());
            }
        }
        if misses.len() > 40 {
            break;
        }
    }
    println!("{:12} {:>9} {:>9} {:>9}", "shell", "executed", "ran", "opaque");
    for (label, [executed, ran, refused]) in &totals {
        println!("{label:12} {executed:>9} {ran:>9} {refused:>9}");
    }
    let sum = |n: usize| totals.values().map(|total| total[n]).sum::<usize>();
    println!("{:12} {:>9} {:>9} {:>9}", "all", sum(0), sum(1), sum(2));
    assert!(sum(1) * 2 > sum(0), "few scripts ran anything: is the arena whole?");
    assert!(misses.is_empty(), "{} scripts ran what was not found", misses.len());
}
