//! The scenes, in their order.

use std::time::Duration;

use crate::commands::demo::cast::{CONFIG, Cast, MIGRATION, Person, UNWANTED};
use crate::commands::demo::shop;
use crate::commands::demo::stage::{Show, Stage};
use crate::commands::demo::{history, people};
use crate::commands::error::CommandError;
use crate::commands::report::DemoTable;
use crate::world::World;

/// What the reviewers say where nobody plays them: comment, answer to the question of their seat.
const LINES: [(&str, &str); 3] = [
    ("the migration for the loyalty tiers we ship on Monday", "Yes, it is SHOP-42"),
    ("online DDL; the backfill is batched", "No: the new column is metadata only, 500 rows a batch"),
    ("no PII, no further encryption at rest needed", "No, only gold, silver or basic"),
];

/// A look at the database that must succeed.
pub(super) fn look(cast: &Cast) -> Result<DemoTable, CommandError> {
    shop::look(&cast.database()).map_err(|error| CommandError::unsure(format!("the demo's database: {error}")))
}

/// Something that must hold, in words.
fn must(holds: bool, what: &str) -> Result<(), CommandError> {
    if holds { Ok(()) } else { Err(CommandError::no(format!("the demo did not come out as told: {what}"))) }
}

/// alice makes the repository, everybody joins.
pub(super) fn policy(stage: &mut Stage<'_>, cast: &Cast) -> Result<(), CommandError> {
    for person in cast.signers() {
        stage.play(person, &["identity", "new", person.name], 0, Show::Nothing)?;
    }
    cast.write_policy()?;
    stage.scene("the rules")?;
    stage.tell(
        "alice writes who must agree to what. A schema migration needs three people, each for a reason of their own:",
    )?;
    let first = CONFIG.split("\n\n[[").next().unwrap_or(CONFIG);
    stage.exhibit(first)?;
    stage.tell("She signs that as the first root of trust, in a new git repository:")?;
    let url = cast.repository();
    let url = url.to_string_lossy();
    let init = stage.play(&cast.alice, &["init", "--from", "policy", &url], 0, Show::All)?;
    let root = init.out.split_whitespace().find(|word| word.starts_with("SHA256:")).unwrap_or_default().to_owned();
    stage.tell(
        "The others pin that fingerprint, which alice told them in person. erin does it, and so do all the others:",
    )?;
    for (n, person) in cast.reviewers.iter().chain([&cast.bot, &cast.auditor]).enumerate() {
        let show = if n == 0 { Show::All } else { Show::Nothing };
        stage.play(person, &["join", &url, "--root", &root], 0, show)?;
    }
    Ok(())
}

/// The agent asks; the request's id.
pub(super) fn asking(stage: &mut Stage<'_>, cast: &Cast) -> Result<String, CommandError> {
    stage.scene("the agent asks")?;
    stage.tell("The shop's database is a real SQLite file, and the agent wants to alter it:")?;
    stage.exhibit(&look(cast)?.to_string())?;
    stage.tell("`bin/migrate up` would apply migration.sql, which the policy binds: its text travels with the request, its digest is signed.")?;
    cast.write_migration(MIGRATION)?;
    stage.exhibit(MIGRATION)?;
    let mut words = vec!["run", "--no-wait", "--reason", "loyalty tiers, SHOP-42", "--"];
    words.extend(migration(stage));
    let asked = stage.play(&cast.bot, &words, 122, Show::All)?;
    let id = asked.out.split_whitespace().next().unwrap_or_default().to_owned();
    must(id.len() == 32, "`run --no-wait` printed no id")?;
    must(look(cast)?.columns.len() == 4, "the database changed before anybody agreed")?;
    Ok(id)
}

/// Where only JSON may stand on standard output, the migration keeps quiet.
fn migration(stage: &Stage<'_>) -> &'static [&'static str] {
    if stage.is_silent() { &["bin/migrate", "up", "--quiet"] } else { &["bin/migrate", "up"] }
}

/// One after the other they read and decide; whether all agreed.
pub(super) fn review(
    stage: &mut Stage<'_>,
    cast: &Cast,
    id: &str,
    audience: Option<&World>,
) -> Result<bool, CommandError> {
    for (n, (person, lines)) in cast.reviewers.iter().zip(LINES).enumerate() {
        stage.scene(&format!("{} {}", person.name, person.part))?;
        if n == 0 {
            stage.play(person, &["pending"], 0, Show::All)?;
        }
        let show = if n == 0 || audience.is_some() { Show::All } else { Show::From("asked by  ") };
        stage.play(person, &["show", id], 0, show)?;
        let agreed = match audience {
            Some(world) => people::decide(stage, world, person, id)?,
            None => {
                approve(stage, person, id, lines)?;
                true
            }
        };
        if !agreed {
            return Ok(false);
        }
        if n == 1 {
            stage.tell("Two of three have signed. The agent is impatient, and is told who is missing:")?;
            stage.play(&cast.bot, &["resume", "--no-wait", id], 122, Show::All)?;
        }
    }
    Ok(true)
}

fn approve(
    stage: &mut Stage<'_>,
    person: &Person,
    id: &str,
    (comment, answer): (&str, &str),
) -> Result<(), CommandError> {
    // The policy wants a second between seeing and deciding.
    person.world.clock.sleep(Duration::from_millis(1_000));
    let answer = format!("{}={answer}", person.seat);
    stage.play(person, &["approve", id, "--yes", "--comment", comment, "--answer", &answer], 0, Show::All)?;
    Ok(())
}

/// It runs, once.
pub(super) fn running(stage: &mut Stage<'_>, cast: &Cast, id: &str) -> Result<(), CommandError> {
    stage.scene("it runs, once")?;
    stage.tell(
        "Everyone has signed, and the agent slips a line into migration.sql. But what was approved is what runs:",
    )?;
    cast.write_migration(&format!("{MIGRATION}\n{UNWANTED}"))?;
    stage.play(&cast.bot, &["resume", id], 121, Show::All)?;
    cast.write_migration(MIGRATION)?;
    stage.tell("With the file as it was, expacti spends the approval on main and starts the command:")?;
    stage.play(&cast.bot, &["resume", id], 0, Show::All)?;
    must(look(cast)?.is_migrated(), "the migration left rows behind")?;
    stage.tell("An approval is good for one run:")?;
    stage.play(&cast.bot, &["resume", id], 119, Show::All)?;
    stage.play(&cast.alice, &["status", id], 0, Show::All)?;
    let after = look(cast)?;
    Ok(stage.exhibit(&after.to_string())?)
}

/// The agent wraps a second migration into a shell, and is told no.
pub(super) fn shortcut(stage: &mut Stage<'_>, cast: &Cast) -> Result<(), CommandError> {
    stage.scene("a way around")?;
    stage.tell("The agent wraps its next migration into a shell. The commands inside are what is matched, so the same policy governs:")?;
    cast.write_migration(UNWANTED)?;
    stage.exhibit(UNWANTED)?;
    let inner = migration(stage).join(" ");
    let asked = stage.play(&cast.bot, &["run", "--no-wait", "--", "sh", "-c", &inner], 122, Show::All)?;
    let id = asked.out.split_whitespace().next().unwrap_or_default().to_owned();
    stage.tell("One denial by anybody who has a seat ends it:")?;
    let [_, dave, _] = &cast.reviewers;
    stage.play(dave, &["deny", &id, "--yes", "--reason", "billing still reads that column"], 0, Show::All)?;
    stage.play(&cast.bot, &["resume", &id], 120, Show::All)?;
    must(look(cast)?.is_migrated(), "the database changed after a denial")
}

/// What follows from a denial in the audience's own play.
pub(super) fn denied(stage: &mut Stage<'_>, cast: &Cast, id: &str) -> Result<(), CommandError> {
    stage.scene("it does not run")?;
    stage.tell("One denial ends the request, whoever agreed before. The agent learns why, and what not to do now:")?;
    stage.play(&cast.bot, &["resume", id], 120, Show::All)?;
    let after = look(cast)?;
    must(after.columns.len() == 4, "the database changed after a denial")?;
    Ok(stage.exhibit(&after.to_string())?)
}

/// Anyone checks everything.
pub(super) fn checking(stage: &mut Stage<'_>, cast: &Cast) -> Result<(), CommandError> {
    stage.scene("anyone can check")?;
    stage.tell("An auditor with a clone and the fingerprint, without a key, judges every step of main anew:")?;
    stage.play(&cast.auditor, &["verify", "--full"], 0, Show::All)?;
    stage.tell("It is plain git. Each step of main took in the signed records of one request:")?;
    let graph = history::graph(&cast.repository()).map_err(|error| CommandError::unsure(error.message().to_owned()))?;
    Ok(stage.exhibit(&graph.join("\n"))?)
}

/// What to type to use it for real.
pub(super) fn next(stage: &mut Stage<'_>) -> Result<(), CommandError> {
    stage.scene("for real")?;
    stage.tell("On this machine alone, to try it out:")?;
    stage.exhibit(
        "expacti init\nexpacti run --no-wait -- uptime\nexpacti pending\nexpacti approve ID\nexpacti run -- uptime",
    )?;
    stage.tell("In a team, with a directory that holds your config.toml and roster.toml:")?;
    stage.exhibit(
        "expacti identity new NAME              # everyone; the key is for roster.toml\n\
         expacti init --from DIR URL            # one of you; prints the fingerprint\n\
         expacti join URL --root FINGERPRINT    # everyone else\n\
         expacti run -- COMMAND                 # the agent, from then on",
    )?;
    Ok(())
}
