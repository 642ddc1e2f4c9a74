//! The binary: reads this machine into a `World`, runs the command line, exits.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::rc::Rc;

use expacti::world::clock::SystemClock;
use expacti::world::console::Stderr;
use expacti::world::entropy::SystemEntropy;
use expacti::world::paths::Paths;
use expacti::world::{Terminal, World};

fn main() -> ExitCode {
    let env = std::env::vars_os().collect();
    let arguments: Vec<_> = std::env::args_os().collect();
    // The program that the demo's agent asks to run is this one, by another name.
    let here = std::path::Path::new(".");
    if let Some(code) = expacti::commands::demo::migrate(&arguments, here, &mut std::io::stdout()) {
        return ExitCode::from(code);
    }
    let terminal = Terminal {
        stdin: std::io::stdin().is_terminal(),
        stdout: std::io::stdout().is_terminal(),
        stderr: std::io::stderr().is_terminal(),
    };
    let quiet = expacti::cli::is_quiet(&arguments);
    let console = Rc::new(Stderr::new(quiet, terminal.stderr));
    let paths = match Paths::find(&env) {
        Err(_) if expacti::cli::needs_no_home(&arguments) => Ok(Paths::under(std::path::Path::new("/nonexistent"))),
        paths => paths,
    };
    let (paths, cwd) = match (paths, std::env::current_dir()) {
        (Ok(paths), Ok(cwd)) => (paths, cwd),
        (paths, cwd) => {
            let why = paths.err().map(|error| error.to_string()).or_else(|| cwd.err().map(|error| error.to_string()));
            expacti::world::console::Console::complain(
                console.as_ref(),
                &format!("error: {}", why.unwrap_or_default()),
            );
            return ExitCode::from(125);
        }
    };
    let world = World {
        env,
        cwd,
        paths,
        host: expacti::world::host_name(),
        clock: Rc::new(SystemClock),
        entropy: Rc::new(SystemEntropy),
        console,
        courier: std::sync::Arc::new(expacti::world::courier::Post),
        terminal,
    };
    ExitCode::from(expacti::cli::run(&world, arguments, &mut std::io::stdout()))
}
