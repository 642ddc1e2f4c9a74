//! `demo`: a schema migration with three reviewers, played in a directory of its own.
//!
//! The people type real command lines: they go through the same door as the user's, each with a `World` whose home, keys and memory
//! lie in a fresh temporary directory, and what comes back is shown as it is.

mod cast;
mod history;
mod migrate;
mod people;
mod scenes;
mod shop;
mod stage;

use std::ffi::OsString;
use std::io::Write;

use crate::commands::demo::cast::Cast;
use crate::commands::demo::stage::Stage;
use crate::commands::error::CommandError;
use crate::commands::report::{DemoReport, DemoTable};
use crate::world::World;

pub use migrate::migrate;

/// Runs one command line in a world: the command line's own entry, handed down from above.
pub type Play = fn(&World, Vec<OsString>, &mut dyn Write) -> u8;

/// How the demo is played and shown.
pub struct Face<'a> {
    /// How command lines are run.
    pub play: Play,
    /// Where it is shown.
    pub out: &'a mut dyn Write,
    /// Show nothing on the way.
    pub silent: bool,
    /// Use colour.
    pub color: bool,
    /// Characters a line.
    pub width: usize,
}

impl std::fmt::Debug for Face<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Face {{ silent: {}, color: {}, width: {} }}", self.silent, self.color, self.width)
    }
}

/// Plays it all.
///
/// # Errors
/// A step came out otherwise than told, or could not be played.
pub fn demo(world: &World, face: Face<'_>, interactive: bool) -> Result<DemoReport, CommandError> {
    let terminal = world.terminal;
    if interactive && (face.silent || !(terminal.stdin && terminal.stdout && terminal.stderr)) {
        return Err(CommandError::usage("--interactive needs a terminal, and shows what happens there")
            .hint("without it the demo plays by itself, also with --json and --quiet"));
    }
    let began = world.clock.now();
    let dir = tempfile::Builder::new().prefix("expacti-demo-").tempdir()?;
    let cast = Cast::new(world, dir.path())?;
    let mut stage = Stage::new(face);
    let audience = interactive.then_some(world);
    let played = play(&mut stage, &cast, audience);
    let keep = interactive && played.is_ok() && people::agrees(world, "Keep the directory, to look around?")?;
    let kept = keep.then(|| cast.dir.to_string_lossy().into_owned());
    let closed = if keep {
        let _path = dir.keep();
        Ok(())
    } else {
        dir.close()
    };
    let (request, executed, before, after) = played?;
    closed?;
    if let Some(kept) = &kept {
        stage.gap()?;
        stage.exhibit(&format!(
            "EXPACTI_HOME={kept}/dave/expacti expacti show {request}\ngit -C {kept}/policy.git log main"
        ))?;
        stage.tell("It is yours to remove.")?;
    }
    Ok(DemoReport {
        ok: true,
        seconds: world.clock.now().since(began),
        request,
        executed,
        before,
        after,
        steps: stage.steps,
        directory: kept,
    })
}

type End = (String, bool, DemoTable, DemoTable);

fn play(stage: &mut Stage<'_>, cast: &Cast, audience: Option<&World>) -> Result<End, CommandError> {
    let pause = |stage: &mut Stage<'_>| audience.map_or(Ok(()), |world| people::pause(stage, world));
    stage.title("expacti demo: an AI agent alters a database once three people have signed")?;
    stage.tell("Everything below really happens, in a temporary directory that is removed at the end.")?;
    let everyone = cast.signers().map(|person| format!("{:<12}{}", person.name, person.part));
    stage.exhibit(&everyone.collect::<Vec<_>>().join("\n"))?;
    let before = scenes::look(cast)?;
    scenes::policy(stage, cast)?;
    pause(stage)?;
    let id = scenes::asking(stage, cast)?;
    pause(stage)?;
    let agreed = scenes::review(stage, cast, &id, audience)?;
    if agreed {
        scenes::running(stage, cast, &id)?;
        pause(stage)?;
        scenes::shortcut(stage, cast)?;
    } else {
        scenes::denied(stage, cast, &id)?;
    }
    pause(stage)?;
    scenes::checking(stage, cast)?;
    pause(stage)?;
    scenes::next(stage)?;
    Ok((id, agreed, before, scenes::look(cast)?))
}
