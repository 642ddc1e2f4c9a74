//! From what was typed to what it means.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::ffi::OsStrExt as _;

use crate::cli::args::audit::{self as typed, Audit, Export, ExportFormat, Span, Which};
use crate::cli::args::{Args, CommandLine, Hook, Identity, Policy, Verb, Waiting};
use crate::commands::audit::frameworks::Framework;
use crate::commands::audit::{self, Filter, Period};
use crate::commands::decide::{Saying, decide};
use crate::commands::demo::Face;
use crate::commands::error::CommandError;
use crate::commands::report::Report;
use crate::commands::run::{RunOptions, Wait};
use crate::commands::watch::{Watching, watch};
use crate::commands::{Context, demo, hook, identity, init, join, policy, run, status, verify};
use crate::domain::decision::Verdict;
use crate::domain::id::Digest;
use crate::domain::shown;
use crate::domain::time::Lifetime;
use crate::matching;
use crate::world::World;

/// How long `run` waits where nobody watches: agents' tools give up after two minutes.
const UNWATCHED: u64 = 90;

pub(super) fn dispatch(world: &World, args: &Args, out: &mut dyn Write) -> Result<Report, CommandError> {
    let repo = args.global.repo.as_deref().filter(|repo| !repo.is_empty());
    let key = args.global.key.as_deref().filter(|key| !key.as_os_str().is_empty());
    let context = Context { world, repo, key };
    match &args.verb {
        Verb::Init(init) => init::init(&context, init.from.as_deref(), init.target.as_deref()).map(Report::Init),
        Verb::Join(join) => join::join(&context, &join.url, join.root).map(Report::Join),
        Verb::Identity(Identity::New { name }) => {
            identity::new(&context, name).map(|made| Report::Identities(vec![made]))
        }
        Verb::Identity(Identity::List) => identity::list(&context).map(Report::Identities),
        Verb::Run(run) => {
            let options = RunOptions {
                argv: run::argv(&command_line(&run.line)?),
                reason: run.reason.clone().unwrap_or_default(),
                stdin: run.stdin.clone(),
                secret_env: run.secret_env.clone(),
                retry_of: run.retry_of.clone(),
                allow_secret_looking: run.allow_secret_looking,
                wait: wait(world, run.waiting)?,
            };
            run::run(&context, &options).map(|report| Report::Run(Box::new(report)))
        }
        Verb::Resume(resume) if resume.unknown => {
            let reason = resume.reason.as_deref().unwrap_or("the machine stopped before it said what happened");
            status::unknown(&context, &resume.id, reason).map(|report| Report::Request(Box::new(report)))
        }
        Verb::Resume(resume) => {
            let wait = wait(world, resume.waiting)?;
            run::resume(&context, &resume.id, wait).map(|report| Report::Run(Box::new(report)))
        }
        Verb::Cancel(cancel) => {
            let reason = cancel.reason.as_deref().unwrap_or_default();
            status::cancel(&context, &cancel.id, reason).map(|report| Report::Request(Box::new(report)))
        }
        Verb::Status(status) => status::status(&context, &status.id).map(|report| Report::Request(Box::new(report))),
        Verb::Show(show) => status::show(&context, &show.id).map(|report| Report::Request(Box::new(report))),
        Verb::Pending(pending) => status::pending(&context, pending.all).map(Report::Requests),
        Verb::Sync(sync) => status::sync(&context, sync.land).map(Report::Sync),
        Verb::Watch(watching) => {
            let asked = Watching { span: watching.wait, relay: watching.relay };
            watch(&context, asked, &mut |notice| super::render::notice(world, args, notice, out)).map(Report::Watch)
        }
        Verb::Review => crate::commands::review::review(&context).map(Report::Review),
        Verb::Approve(approve) => {
            let mut answers = std::collections::BTreeMap::new();
            for (seat, answer) in &approve.answers {
                if answers.insert(seat.clone(), answer.clone()).is_some() {
                    return Err(CommandError::usage(format!("seat `{seat}` is answered twice")));
                }
            }
            let saying = Saying {
                verdict: Verdict::Approve,
                comment: approve.comment.clone().unwrap_or_default(),
                answers,
                suggest: None,
                yes: approve.yes,
            };
            decide(&context, &approve.ids, &saying).map(Report::Decisions)
        }
        Verb::Deny(deny) => {
            let saying = Saying {
                verdict: Verdict::Deny,
                comment: deny.reason.clone(),
                answers: std::collections::BTreeMap::new(),
                suggest: deny.suggest.clone(),
                yes: deny.yes,
            };
            decide(&context, std::slice::from_ref(&deny.id), &saying).map(Report::Decisions)
        }
        Verb::Policy(Policy::Check { config, roster }) => {
            policy::check::check(&context, config.as_deref(), roster.as_deref()).map(Report::Check)
        }
        Verb::Policy(Policy::Propose { from, remove }) => {
            policy::propose::propose(&context, from.as_deref(), remove).map(Report::Propose)
        }
        Verb::Policy(Policy::Preview { config, commands }) => {
            policy::preview::preview(&context, config.as_deref(), commands.as_deref())
                .map(|report| Report::Preview(Box::new(report)))
        }
        Verb::Policy(Policy::Diff { digest, from, remove }) => match (digest, from) {
            (Some(digest), _) => policy::diff::diff(&context, digest),
            (None, Some(from)) => policy::diff::diff_from(&context, from, remove),
            (None, None) => Err(CommandError::usage("name a proposal, or a directory with --from")),
        }
        .map(Report::Policy),
        Verb::Policy(Policy::Sign { digest, yes }) => policy::sign::sign(&context, digest, *yes).map(Report::Policy),
        Verb::Policy(Policy::Status) => policy::sign::status(&context).map(Report::Policy),
        Verb::Policy(Policy::Explain { config, line }) => {
            policy::explain::explain(&context, config.as_deref(), run::argv(&command_line(line)?))
                .map(|report| Report::Explain(Box::new(report)))
        }
        Verb::Doctor(doctor) if doctor.root_fingerprint => {
            crate::commands::doctor::root_fingerprint(&context).map(Report::Text)
        }
        Verb::Doctor(doctor) => Ok(Report::Doctor(crate::commands::doctor::doctor(&context, doctor.repair))),
        Verb::Demo(demo) => {
            let face = Face {
                play: crate::cli::run,
                out,
                silent: args.global.json || args.global.quiet,
                color: super::render::is_colored(world, args),
                width: width(world),
            };
            demo::demo(world, face, demo.interactive).map(|report| Report::Demo(Box::new(report)))
        }
        Verb::Verify(args) if args.pre_receive => receive(&context, args.root),
        Verb::Audit(Audit::Log(asked)) => {
            audit::log(&context, &filter(&asked.which), asked.which.span.full).map(Report::Log)
        }
        Verb::Audit(Audit::Export(asked)) => export(&context, asked, args.global.json, out),
        Verb::Audit(Audit::Report(asked)) => {
            let (period, framework) = (period(&asked.span), asked.framework.map(framework));
            // Before anything is judged, which may take its time.
            asked.output.as_deref().map(super::render::twin_beside).transpose()?;
            let report =
                audit::report::report(&context, &audit::report::Asked { period, framework, full: asked.span.full })?;
            if let Some(file) = &asked.output {
                super::render::write_report(world, &report, file)?;
            }
            Ok(Report::Audit(Box::new(report)))
        }
        Verb::Hook(Hook::PreReceive { root }) => receive(&context, *root),
        Verb::Hook(Hook::Install { root, repository }) => {
            hook::install::install(&context, repository, *root).map(Report::Hooked)
        }
        Verb::Verify(args) => {
            let asked = verify::Asked {
                full: args.full,
                request: args.request.as_deref(),
                base: args.base.as_deref(),
                head: args.head.as_deref(),
            };
            verify::verify(&context, &asked).map(|report| Report::Verify(Box::new(report)))
        }
    }
}

fn receive(context: &Context<'_>, root: Option<Digest>) -> Result<Report, CommandError> {
    hook::pre_receive(context, root, &mut std::io::stdin().lock()).map(Report::Hook)
}

/// What other programs and auditors are handed.
fn export(context: &Context<'_>, asked: &Export, json: bool, out: &mut dyn Write) -> Result<Report, CommandError> {
    let (filter, full) = (filter(&asked.which), asked.which.span.full);
    let format = match asked.format {
        Some(ExportFormat::Ocsf) => audit::Format::Ocsf,
        Some(ExportFormat::Jsonl) => audit::Format::Jsonl,
        Some(ExportFormat::Csv) => audit::Format::Csv,
        None => {
            let path = asked.evidence.as_deref().unwrap_or(std::path::Path::new(""));
            return audit::evidence(context, filter.period, full, path).map(Report::Evidence);
        }
    };
    if json && asked.output.is_none() {
        return Err(CommandError::usage("--json and --format both speak on standard output")
            .hint("write the export to a file with --output FILE"));
    }
    if format == audit::Format::Csv && asked.after.is_some() {
        return Err(CommandError::usage("--after is for events, and csv lists requests").hint("use --from"));
    }
    let (after, output) = (asked.after.as_deref(), asked.output.as_deref());
    audit::export(context, &audit::Asked { filter, full, format, after, output }, out).map(Report::Export)
}

/// What an auditor asks about.
fn filter(which: &Which) -> Filter {
    Filter {
        period: period(&which.span),
        principal: which.principal.clone(),
        policy: which.policy.clone(),
        command: which.command.clone(),
        states: which.states.iter().map(|state| state.as_str().to_owned()).collect(),
        environment: which.environment.clone(),
    }
}

fn period(span: &Span) -> Period {
    Period { from: span.from, to: span.to }
}

fn framework(asked: typed::Framework) -> Framework {
    match asked {
        typed::Framework::Soc2 => Framework::Soc2,
        typed::Framework::PciDss => Framework::PciDss,
        typed::Framework::Iso27001 => Framework::Iso27001,
        typed::Framework::Hipaa => Framework::Hipaa,
        typed::Framework::Sox => Framework::Sox,
    }
}

/// Characters a line for prose: the terminal's, within reason.
fn width(world: &World) -> usize {
    super::render::columns(world).map_or(80, |columns| columns.clamp(60, 100))
}

/// What shall run: the command, or a shell with the text of `-c`.
fn command_line(line: &CommandLine) -> Result<Vec<OsString>, CommandError> {
    let Some(text) = &line.text else { return Ok(line.command.clone()) };
    let shell = line.shell.as_bytes();
    if !matching::is_shell(shell) {
        return Err(CommandError::usage(format!("`{}` is no shell that can be read", shown::bytes(shell))).hint(
            "--shell takes sh, bash, dash, zsh and the like; other interpreters are commands: expacti run -- NAME",
        ));
    }
    if text.as_bytes().trim_ascii().is_empty() {
        return Err(CommandError::usage("there is no command in the text of -c"));
    }
    if matches!(text.as_bytes(), [b'-' | b'+', ..]) {
        return Err(CommandError::usage("a shell would take the text of -c as an option")
            .hint("begin it with a blank if that is a command's name"));
    }
    let own = [line.shell.clone(), "-c".into(), text.clone()];
    Ok(own.into_iter().chain(line.command.iter().cloned()).collect())
}

fn wait(world: &World, waiting: Waiting) -> Result<Wait, CommandError> {
    Ok(match waiting {
        Waiting { no_wait: true, .. } => Wait::No,
        Waiting { wait: Some(span), .. } => Wait::For(span),
        _ if world.terminal.stderr && world.terminal.stdin => Wait::ToTheEnd,
        _ => Wait::For(Lifetime::from_seconds(UNWATCHED).map_err(|error| CommandError::usage(error.to_string()))?),
    })
}
