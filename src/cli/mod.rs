//! Floor 8: faces. What is typed becomes a verb, what a verb returns becomes text or JSON.

pub mod args;
mod dispatch;
pub mod exit;
pub mod generate;
pub mod render;
mod text;

use std::ffi::OsString;
use std::io::Write;

use clap::Parser as _;

use crate::cli::args::{Args, Verb};
use crate::world::World;

/// Runs one command line and returns the exit status.
///
/// Results go to `out`, everything else through the world's console.
pub fn run(world: &World, arguments: Vec<OsString>, out: &mut dyn Write) -> u8 {
    // A build that accepts forged signatures must not decide anything.
    if let Err(error) = crate::trust::signature::self_test() {
        world.console.complain(&format!("error: {error}"));
        return exit::UNSURE;
    }
    let runs = runs_a_command(&arguments);
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) if !error.use_stderr() => {
            let _ = write!(out, "{}", error.render().ansi());
            return exit::YES;
        }
        Err(error) => {
            world.console.complain(error.render().ansi().to_string().trim_end());
            return if runs { exit::UNSURE } else { exit::USAGE };
        }
    };
    match dispatch::dispatch(world, &args, out) {
        Ok(report) => {
            let code = exit::of_report(&report);
            if let Err(error) = render::report(world, &args, &report, out) {
                // A reader that went away, as `head` does, has what it wanted.
                if error.kind() != std::io::ErrorKind::BrokenPipe {
                    world.console.complain(&format!("error: standard output: {error}"));
                    if !matches!(args.verb, Verb::Run(_) | Verb::Resume(_)) {
                        return exit::UNSURE;
                    }
                }
            }
            code
        }
        Err(error) => {
            let code = exit::of_error(&error, &args.verb);
            render::error(world, &args, &error, code, out);
            code
        }
    }
}

/// Whether the words on the command line ask for `run` or `resume`, whose own statuses lie above 118.
fn runs_a_command(arguments: &[OsString]) -> bool {
    matches!(verb(arguments), Some("run" | "resume"))
}

/// Whether somebody without a home directory may ask for this: the demo, a server's hook, and what only helps.
pub fn needs_no_home(arguments: &[OsString]) -> bool {
    matches!(verb(arguments), Some("demo" | "hook") | None) || arguments.iter().any(|word| word == "--pre-receive")
}

/// The first word that is no option, nor an option's value.
fn verb(arguments: &[OsString]) -> Option<&str> {
    let mut words = arguments.iter().skip(1).filter_map(|argument| argument.to_str());
    while let Some(word) = words.next() {
        match word {
            "--repo" | "--key" | "--color" => {
                words.next();
            }
            word if word.starts_with('-') => {}
            word => return Some(word),
        }
    }
    None
}

/// Whether `--quiet` stands before the command's own words.
pub fn is_quiet(arguments: &[OsString]) -> bool {
    let own = arguments.iter().skip(1).take_while(|argument| *argument != "--");
    own.map(|argument| argument.to_string_lossy()).any(|argument| argument == "--quiet" || argument == "-q")
}
