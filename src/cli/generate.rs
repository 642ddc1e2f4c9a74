//! Completions for shells, made from the arguments.

use std::collections::BTreeMap;

use clap::CommandFactory;
use clap_complete::aot::{Generator, Shell};

use crate::cli::args::Args;

/// The completion script of every shell, by the name of its file.
pub fn completions() -> BTreeMap<String, Vec<u8>> {
    [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh]
        .into_iter()
        .map(|shell| {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "expacti", &mut script);
            (shell.file_name("expacti"), script)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_learns_every_verb() {
        let scripts = completions();
        assert_eq!(scripts.len(), 5);
        for (name, script) in scripts {
            let script = String::from_utf8(script).unwrap();
            for verb in Args::command().get_subcommands() {
                assert!(script.contains(verb.get_name()), "{name}: {}", verb.get_name());
            }
        }
    }
}
