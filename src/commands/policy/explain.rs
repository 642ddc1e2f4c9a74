//! `policy explain`: which policies govern a command, and why.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use crate::commands::bind::{Bound, Runner, Wanted, WantedStdin, inside_of, sketch};
use crate::commands::error::CommandError;
use crate::commands::policy::{faulty, file, in_force, words};
use crate::commands::report::{ExplainReport, ExplainedCommand, ExplainedView};
use crate::commands::{Context, Hand};
use crate::domain::command::{Command, Value, Variable};
use crate::domain::id::{CommitId, Digest, Nonce};
use crate::domain::policy::{Policy, PolicySet};
use crate::domain::principal::{Name, Roster};
use crate::domain::request::{Place, Request};
use crate::domain::shown;
use crate::gate::conditions::{Environments, Truth, applies, goes};
use crate::gate::governing::{Gate, Governing, governing_by};
use crate::matching;
use crate::record;
use crate::world::facts;

/// Explains a command under a file, or under the policy in force.
///
/// # Errors
/// The file is faulty, or nobody can tell what is in force; whatever the policies say is no error.
pub fn explain(
    context: &Context<'_>,
    config: Option<&Path>,
    argv: Vec<Vec<u8>>,
) -> Result<ExplainReport, CommandError> {
    let mut notes = Vec::new();
    if let Some(path) = config {
        let (name, bytes) = file(context, path)?;
        let set = record::policy::parse(&name, &bytes).map_err(|faults| faulty(&faults))?;
        return tell(context, &set, None, argv, notes, true);
    }
    let (_, at) = in_force(context)?;
    let roster = at.version.roster();
    let me = context.signer(Hand::Run).ok().and_then(|signer| roster.owner_of(signer.public()).map(|me| me.id.clone()));
    if let Some(me) = &me {
        notes.push(format!("asked by `{me}`, as the key set here is theirs"));
    }
    let known = me.map(|me| (me, roster));
    tell(context, at.version.config(), known, argv, notes, false)
}

/// `known`: who asks, under which roster; without it conditions on requesters may hold. `inherits`: what is set here
/// and decides what programs load counts too, although `run` would not pass it on.
fn tell(
    context: &Context<'_>,
    set: &PolicySet,
    known: Option<(Name, &Roster)>,
    argv: Vec<Vec<u8>>,
    mut notes: Vec<String>,
    inherits: bool,
) -> Result<ExplainReport, CommandError> {
    let unknown = known.is_none() && set.policies.iter().any(|policy| !policy.requesters.is_empty());
    if unknown {
        notes.push("who asks is not known here: conditions on requesters may hold".to_owned());
    }
    let heard = inherits.then_some(&mut notes);
    let (governing, missing) = sketched(context, set, known.as_ref(), argv, heard)?;
    notes.extend(missing.iter().map(|error| error.message.clone()));
    Ok(report(set, governing, notes))
}

/// What governs a command on this machine, and what of it could not be found here. With a place for `notes`, what is set
/// here and decides what programs load counts too.
pub(super) fn sketched(
    context: &Context<'_>,
    set: &PolicySet,
    known: Option<&(Name, &Roster)>,
    argv: Vec<Vec<u8>>,
    mut notes: Option<&mut Vec<String>>,
) -> Result<(Governing, Vec<CommandError>), CommandError> {
    let requester = match known {
        Some((me, _)) => me.clone(),
        None => "unknown"
            .parse()
            .map_err(|error: crate::domain::principal::NameError| CommandError::unsure(error.to_string()))?,
    };
    let cwd = context.world.cwd.as_os_str().as_bytes().to_vec();
    let worktree = set.policies.iter().any(|policy| policy.binding.clean_worktree);
    let mut wanted = Wanted {
        argv,
        cwd,
        stdin: WantedStdin::Empty,
        secrets: Vec::new(),
        bind: Vec::new(),
        inside: Vec::new(),
        runner: Runner::Requester,
        worktree,
    };
    // As `run` does: what the policies found ask to bind is bound, then matching is asked again.
    loop {
        let (mut bound, missing) = sketch(context.world, set, &wanted)?;
        if let Some(notes) = notes.as_deref_mut() {
            inherit(context, &mut bound.command, notes);
        }
        if let (true, Some(name)) = (bound.command.program.hops.is_empty(), wanted.argv.first()) {
            // A link to nowhere still says what it means.
            let hops = facts::links(&context.world.cwd, OsStr::from_bytes(name));
            bound.command.program.hops = hops.into_iter().map(|hop| hop.into_os_string().into_vec()).collect();
        }
        let request = request(context, requester.clone(), &bound);
        let holds = |policy: &Policy, found: &Environments| match known {
            Some((_, roster)) => applies(policy, found, &request, roster),
            None => match goes(policy, found) {
                Truth::Yes if !policy.requesters.is_empty() => Truth::Maybe,
                truth => truth,
            },
        };
        let governing = governing_by(set, &request, &bound.texts, &holds);
        let found = || governing.policies.iter().filter_map(|name| set.get(name));
        let mut files: Vec<String> = found().flat_map(|policy| policy.binding.files.iter().cloned()).collect();
        files.sort();
        files.dedup();
        if found().count() > 0 && found().all(|policy| policy.binding.inherit_stdin) {
            wanted.stdin = WantedStdin::Inherit;
        }
        let inside = inside_of(&governing);
        if files.len() <= wanted.bind.len() && inside.len() <= wanted.inside.len() {
            return Ok((governing, missing));
        }
        wanted.bind = files;
        wanted.inside = inside;
    }
}

/// Adds the variables set here that decide what programs load or run.
fn inherit(context: &Context<'_>, command: &mut Command, notes: &mut Vec<String>) {
    for (name, value) in &context.world.env {
        let name = name.as_bytes().to_vec();
        if matching::steers(&name) && !command.env.iter().any(|variable| variable.name == name) {
            let note = format!(
                "`{}` is set here, and counts: `run` passes it on only if the policy says so",
                String::from_utf8_lossy(&name)
            );
            if !notes.contains(&note) {
                notes.push(note);
            }
            command.env.push(Variable { name, value: Value::Plain(value.as_bytes().to_vec()) });
        }
    }
}

/// The facts as a request would state them; nothing of it is ever written.
fn request(context: &Context<'_>, requester: Name, bound: &Bound) -> Request {
    let now = context.world.clock.now();
    let nothing = Digest::of(b"");
    Request {
        place: Place { repo: nothing, base: CommitId::new([0; 20]), root: nothing },
        runner: requester.clone(),
        requester,
        host: context.world.host.clone(),
        created: now,
        expires: now,
        nonce: Nonce::new([0; 16]),
        reason: String::new(),
        retry_of: None,
        environments: Vec::new(),
        command: bound.command.clone(),
    }
}

fn report(set: &PolicySet, governing: Governing, notes: Vec<String>) -> ExplainReport {
    let (decision, reason) = match &governing.gate {
        Gate::Allow => ("allow", None),
        Gate::Review => ("review", None),
        Gate::Deny(reason) => ("deny", Some(shown::line(reason))),
    };
    let asks = governing.policies.iter().filter_map(|name| set.get(name)).map(words::asks).collect();
    let lines = |texts: &[String]| texts.iter().map(|text| shown::line(text)).collect::<Vec<_>>();
    let command = |found: &matching::Found| ExplainedCommand {
        text: shown::line(&found.text),
        via: lines(&found.via),
        certain: found.certain,
        views: found
            .views
            .iter()
            .map(|(name, text, policies)| ExplainedView { name, text: shown::line(text), policies: policies.clone() })
            .collect(),
        policies: found.policies.clone(),
        flags: lines(&found.flags),
    };
    ExplainReport {
        decision,
        opaque: lines(&governing.tree.opaque),
        commands: governing.tree.commands.iter().map(command).collect(),
        policies: governing.policies,
        reason,
        notes: lines(&notes),
        asks,
    }
}
