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
use crate::world::barrier::barrier;

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
    let mut args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) if !error.use_stderr() => {
            let text = error.render();
            let _ = if world.terminal.stdout { write!(out, "{}", text.ansi()) } else { write!(out, "{text}") };
            return exit::YES;
        }
        Err(error) => {
            world.console.complain(error.render().ansi().to_string().trim_end());
            return if runs { exit::UNSURE } else { exit::USAGE };
        }
    };
    // What is said on the way asks there.
    match args.global.color {
        args::Color::Always => anstream::ColorChoice::Always.write_global(),
        args::Color::Never => anstream::ColorChoice::Never.write_global(),
        args::Color::Auto => {}
    }
    // The administrator's word for this machine, not the caller's.
    let barrier = if runs { barrier(&world.paths) } else { Ok(None) };
    let (dispatched, behind);
    let world = match barrier {
        Ok(None) => {
            dispatched = dispatch::dispatch(world, &args, out);
            world
        }
        Ok(Some(barrier)) => {
            ignore(world, &mut args);
            behind = world.behind(barrier);
            dispatched = dispatch::dispatch(&behind, &args, out);
            &behind
        }
        Err(error) => {
            dispatched = Err(error.into());
            world
        }
    };
    match dispatched {
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

/// Takes away what the caller may not decide behind a barrier, and says so once.
fn ignore(world: &World, args: &mut Args) {
    let mut ignored: Vec<String> = Vec::new();
    let mut global = |given: bool, option: &str, name: &str| {
        if given {
            ignored.push(if world.var(name).is_some() { name.to_owned() } else { option.to_owned() });
        }
    };
    global(args.global.repo.take().is_some(), "--repo", "EXPACTI_REPO");
    global(args.global.key.take().is_some(), "--key", "EXPACTI_KEY");
    let others = world.env.keys().filter_map(|name| name.to_str()).filter(|name| name.starts_with("EXPACTI_"));
    let others: Vec<String> =
        others.filter(|name| !ignored.iter().any(|known| known == name)).map(str::to_owned).collect();
    ignored.extend(others);
    // It would be written by whoever the barrier runs as, to wherever the caller says.
    let status_file = match &mut args.verb {
        Verb::Run(run) => run.status_file.take(),
        Verb::Resume(resume) => resume.status_file.take(),
        _ => None,
    };
    ignored.extend(status_file.map(|_| "--status-file".to_owned()));
    let files = [world.paths.settings(), world.paths.pins()];
    ignored.extend(files.iter().filter(|file| file.exists()).map(|file| file.display().to_string()));
    if !ignored.is_empty() {
        let dir = world.paths.system.as_ref().map(|system| system.dir.display().to_string()).unwrap_or_default();
        let list = crate::domain::shown::line(&ignored.join(", "));
        world.console.complain(&format!("expacti: {dir} decides for this machine; ignored: {list}"));
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

/// Whether `--quiet` is said to expacti, and not to the command it runs.
pub fn is_quiet(arguments: &[OsString]) -> bool {
    Args::try_parse_from(arguments).is_ok_and(|args| args.global.quiet)
}
