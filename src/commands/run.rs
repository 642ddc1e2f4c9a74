//! `run` and `resume`: ask, wait, and run exactly what was approved, once.

use std::io::Read as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;
use std::time::Duration;

use crate::commands::bind::{Bound, Wanted, WantedStdin, bind};
use crate::commands::close::{close, land_denial};
use crate::commands::error::{CommandError, Kind};
use crate::commands::execute::{ATTEMPTS, Executed, deliver_spooled, execute, pause};
use crate::commands::report::{RequestReport, RunReport};
use crate::commands::request::{self, Found};
use crate::commands::{Context, Hand, place};
use crate::domain::id::{CommitId, Nonce, RequestId};
use crate::domain::outcome::Ending;
use crate::domain::principal::{Name, Principal};
use crate::domain::request::Request;
use crate::domain::shown;
use crate::domain::time::{Lifetime, Timestamp};
use crate::gate::audit::Standpoint;
use crate::gate::conditions::environments;
use crate::gate::governing::{Gate, Governing, governing};
use crate::gate::ledger::LandedEnding;
use crate::gate::state::State;
use crate::world::entropy;
use crate::world::signer::Signer;
use crate::world::store::{self, Landing, Record, Store};

/// What `run` was asked.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The arguments, as bytes.
    pub argv: Vec<Vec<u8>>,
    /// The requester's words.
    pub reason: String,
    /// `--stdin`: a file, or `-`.
    pub stdin: Option<std::path::PathBuf>,
    /// The ended request this tries again.
    pub retry_of: Option<String>,
    /// How long to wait.
    pub wait: Wait,
}

/// How long `run` waits for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Until the request ends.
    ToTheEnd,
    /// This long.
    For(Lifetime),
    /// Not at all: ask, and say the id.
    No,
}

/// What `--stdin` may hold, in bytes.
const MAX_STDIN: u64 = 64 << 20;

/// Asks for a command, waits, and runs it.
///
/// # Errors
/// expacti could not tell, or the command is none; nothing ran.
pub fn run(context: &Context<'_>, options: &RunOptions) -> Result<RunReport, CommandError> {
    let (store, signer) = (context.store()?, context.signer(Hand::Run)?);
    let at = store.refresh()?;
    deliver_before(context, &store);
    let me = context.me(&at, &signer)?;
    let retry_of = match &options.retry_of {
        Some(text) => Some(context.resolve(&store, text)?),
        None => None,
    };
    let ask = Ask { context, store: &store, signer: &signer, me: &me, options, retry_of };
    let (bound, draft, governing) = ask.draft(&at)?;
    if let Gate::Deny(reason) = &governing.gate {
        return ask.refuse(&at, draft, &bound, reason);
    }
    if governing.gate == Gate::Allow {
        return ask.allowed(at, &draft, &bound);
    }
    let id = match ask.adopt(&at, &draft)? {
        Some(id) => {
            context.world.console.say(&format!("expacti: request {id} already asks for this, going on with it"));
            id
        }
        None => ask.record(&at, &draft, &bound, &governing)?,
    };
    follow(context, &store, &signer, &me.id, id, options.wait)
}

/// Goes on with a request.
///
/// # Errors
/// As [`run`].
pub fn resume(context: &Context<'_>, id: &str, wait: Wait) -> Result<RunReport, CommandError> {
    let (store, signer) = (context.store()?, context.signer(Hand::Run)?);
    let at = store.refresh()?;
    deliver_before(context, &store);
    let me = context.me(&at, &signer)?;
    let id = context.resolve(&store, id)?;
    follow(context, &store, &signer, &me.id, id, wait)
}

fn deliver_before(context: &Context<'_>, store: &Store) {
    let (_, problems) = deliver_spooled(context, store);
    for problem in problems {
        context.world.console.say(&format!("expacti: {problem}"));
    }
}

struct Ask<'a> {
    context: &'a Context<'a>,
    store: &'a Store,
    signer: &'a Signer,
    me: &'a Principal,
    options: &'a RunOptions,
    retry_of: Option<RequestId>,
}

impl Ask<'_> {
    /// What would be asked, and what governs it.
    fn draft(&self, at: &Standpoint) -> Result<(Bound, Request, Governing), CommandError> {
        let stdin = match &self.options.stdin {
            None => WantedStdin::Empty,
            Some(path) => WantedStdin::Bytes(self.read_stdin(path)?),
        };
        let mut wanted = Wanted {
            argv: self.options.argv.clone(),
            cwd: self.context.world.cwd.as_os_str().as_bytes().to_vec(),
            stdin,
            bind: Vec::new(),
        };
        let set = at.version.config();
        // What policies ask to bind decides nothing about which govern, so a second look settles it.
        loop {
            let bound = bind(self.context.world, set, &wanted)?;
            let request = self.request(at, &bound)?;
            let governing = governing(&at.version, &request, &bound.texts);
            let found = || governing.policies.iter().filter_map(|name| set.get(name));
            let mut files: Vec<String> = found().flat_map(|policy| policy.binding.files.iter().cloned()).collect();
            files.sort();
            files.dedup();
            let inherit = self.options.stdin.is_none()
                && !governing.policies.is_empty()
                && found().all(|policy| policy.binding.inherit_stdin);
            let inherits = matches!(wanted.stdin, WantedStdin::Inherit);
            if files == wanted.bind && inherit == inherits {
                let request = self.settle(at, request, &governing);
                return Ok((bound, request, governing));
            }
            if wanted.bind.len() > files.len() {
                return Err(CommandError::unsure("the policies contradict each other about what is bound"));
            }
            wanted.bind = files;
            if inherit {
                wanted.stdin = WantedStdin::Inherit;
            }
        }
    }

    fn read_stdin(&self, path: &Path) -> Result<Vec<u8>, CommandError> {
        let mut bytes = Vec::new();
        if path.as_os_str() == "-" {
            std::io::stdin().lock().take(MAX_STDIN + 1).read_to_end(&mut bytes)?;
        } else {
            let path = self.context.world.cwd.join(path);
            let file = std::fs::File::open(&path)
                .map_err(|error| CommandError::unsure(format!("`{}`: {error}", shown::line(&path.to_string_lossy()))))?;
            file.take(MAX_STDIN + 1).read_to_end(&mut bytes)?;
        }
        if bytes.len() as u64 > MAX_STDIN {
            return Err(CommandError::unsure(format!("standard input is larger than {MAX_STDIN} bytes")));
        }
        Ok(bytes)
    }

    fn request(&self, at: &Standpoint, bound: &Bound) -> Result<Request, CommandError> {
        let world = self.context.world;
        let now = world.clock.now();
        let mut request = Request {
            place: place(at),
            requester: self.me.id.clone(),
            runner: self.me.id.clone(),
            host: world.host.clone(),
            created: now,
            expires: now.plus(Lifetime::minutes(30)),
            nonce: Nonce::new(entropy::bytes(world.entropy.as_ref())?),
            reason: self.options.reason.clone(),
            retry_of: self.retry_of,
            environments: Vec::new(),
            command: bound.command.clone(),
        };
        request.environments = environments(at.version.config(), &request).recognised().map(str::to_owned).collect();
        Ok(request)
    }

    fn settle(&self, at: &Standpoint, mut request: Request, governing: &Governing) -> Request {
        request.expires = request.created.plus(governing.timeout);
        if let Some(runner) = &governing.runner {
            request.runner = runner.clone();
        }
        request.environments = environments(at.version.config(), &request).recognised().map(str::to_owned).collect();
        request
    }

    /// An open request of mine for the same thing: an agent that was killed finds its approval.
    fn adopt(&self, at: &Standpoint, draft: &Request) -> Result<Option<RequestId>, CommandError> {
        let now = self.context.world.clock.now();
        for (id, tip) in self.store.open_requests()? {
            let Ok(dossier) = self.store.dossier(at, id, tip) else { continue };
            let request = dossier.request.value();
            let mine = dossier.branch.taint.is_empty() && request.same_intent(draft) && request.retry_of == draft.retry_of;
            if !mine {
                continue;
            }
            let found = Found { dossier, landed: None, judged: at.clone() };
            if matches!(found.state(now), State::Pending(_) | State::Approved(..)) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn files(&self, record: &Record, bound: &Bound) -> Vec<(String, Vec<u8>)> {
        let mut files = vec![
            (record.name.clone(), record.bytes.clone()),
            (format!("{}.sig", record.name), record.signature.clone()),
        ];
        let wanted = bound.command.shown();
        files.extend(
            bound
                .texts
                .iter()
                .filter(|(digest, _)| wanted.contains(digest))
                .map(|(digest, text)| (format!("files/{digest}"), text.clone())),
        );
        files
    }

    fn commit(&self, at: &Standpoint, draft: &Request, bound: &Bound) -> Result<(RequestId, String, CommitId), CommandError> {
        let record = Record::sign("request.toml", draft, self.signer)?;
        let id = RequestId::of(&record.digest());
        let directory = draft.directory(&id);
        let files = self.files(&record, bound);
        let message = format!("request {id}");
        let tip = self.store.append(&at.commit, &directory, &files, &self.me.id, draft.created, &message)?;
        Ok((id, directory, tip))
    }

    /// Writes and pushes the request, and says who is needed.
    fn record(
        &self,
        at: &Standpoint,
        draft: &Request,
        bound: &Bound,
        governing: &Governing,
    ) -> Result<RequestId, CommandError> {
        let (id, _, tip) = self.commit(at, draft, bound)?;
        if !self.store.push_branch(&id, None, tip)? {
            return Err(CommandError::unsure(format!("a branch of request {id} exists already")));
        }
        self.store.saw(&id, &tip)?;
        let say = |line: &str| self.context.world.console.say(line);
        say(&format!("expacti: request {id}"));
        say(&format!("  policy: {}; until {}", governing.policies.join(", "), draft.expires));
        Ok(id)
    }

    /// Claims and runs what nobody need approve: request and claim land in one step.
    fn allowed(&self, mut at: Standpoint, draft: &Request, bound: &Bound) -> Result<RunReport, CommandError> {
        let (context, store) = (self.context, self.store);
        let (id, _, tip) = self.commit(&at, draft, bound)?;
        for attempt in 0..ATTEMPTS {
            let dossier = store.dossier(&at, id, tip)?;
            let found = Found { dossier, landed: None, judged: at };
            match found.state(context.world.clock.now()) {
                State::Approved(authorized, _) => {
                    match execute(context, store, &found.judged, &found.dossier, *authorized, self.signer)? {
                        Executed::Again => pause(context.world, attempt),
                        other => return finished(context, store, id, other),
                    }
                }
                // The policy changed this very moment: ask like anyone.
                other => {
                    let why = other.as_str();
                    return Err(CommandError::unsure(format!("the policy changed meanwhile, it is {why}"))
                        .hint("run it again"));
                }
            }
            at = store.refresh()?;
        }
        Err(CommandError::unsure(format!("main kept moving for {ATTEMPTS} attempts")))
    }

    /// Lands the request and its refusal in one step.
    fn refuse(&self, at: &Standpoint, draft: Request, bound: &Bound, reason: &str) -> Result<RunReport, CommandError> {
        let (id, directory, tip) = self.commit(at, &draft, bound)?;
        let request = crate::domain::id::Digest::of(&crate::record::Record::render(&draft));
        let ending = Ending::Refused { reason: reason.to_owned() };
        let mut at = at.clone();
        for attempt in 0..ATTEMPTS {
            let now = self.context.world.clock.now();
            let outcome = crate::domain::outcome::Outcome {
                place: place(&at),
                request,
                seen: vec![request],
                author: self.me.id.clone(),
                recorded: now,
                ending: ending.clone(),
            };
            let outcome = Record::sign("outcome.toml", &outcome, self.signer)?;
            let message = format!("request {id}: refused");
            let second = self.store.append_record(&tip, &directory, &outcome, &self.me.id, now, &message)?;
            let author = &self.me.id;
            let step = store::Ending { id: &id, directory: &directory, second, author, now, what: "refused" };
            match self.store.land(&at, &step)? {
                Landing::Landed(_) => break,
                Landing::Moved => {
                    pause(self.context.world, attempt);
                    at = self.store.refresh()?;
                }
            }
        }
        let at = self.store.refresh()?;
        let found = request::find(self.store, &at, id)?;
        Ok(ended(self.context, &found))
    }
}

/// Waits for a request's end and, once it is approved, runs it.
fn follow(
    context: &Context<'_>,
    store: &Store,
    signer: &Signer,
    me: &Name,
    id: RequestId,
    wait: Wait,
) -> Result<RunReport, CommandError> {
    let world = context.world;
    world.console.hear_interrupts();
    match wait_and_run(context, store, signer, me, id, wait) {
        // A Ctrl-C also reaches the git of this moment: its failure is the interrupt's.
        Err(_) if world.console.interrupted() => Ok(interrupted(id)),
        other => other,
    }
}

fn wait_and_run(
    context: &Context<'_>,
    store: &Store,
    signer: &Signer,
    me: &Name,
    id: RequestId,
    wait: Wait,
) -> Result<RunReport, CommandError> {
    let world = context.world;
    let started = world.clock.now();
    let mut last = String::new();
    let mut attempt = 0_u32;
    loop {
        if world.console.interrupted() {
            return Ok(interrupted(id));
        }
        let at = store.refresh()?;
        restore(context, store, &id)?;
        let found = request::find(store, &at, id)?;
        if found.landed.is_some() {
            return Ok(ended(context, &found));
        }
        let now = world.clock.now();
        let mut report = None;
        match found.state(now) {
            State::Approved(authorized, _) if authorized.runner() == me => {
                match execute(context, store, &at, &found.dossier, *authorized, signer)? {
                    Executed::Again => {
                        pause(world, attempt);
                        attempt += 1;
                        if attempt < ATTEMPTS {
                            continue;
                        }
                    }
                    other => return finished(context, store, id, other),
                }
            }
            State::Approved(authorized, _) => {
                let line = format!("approved; runner `{}` may run it with `expacti resume {id}`", authorized.runner());
                announce(context, &mut last, line);
            }
            State::Pending(standing) => {
                announce(context, &mut last, format!("waiting: {}", request::missing(&standing)));
                let left = Lifetime::from_seconds(standing.expires.since(now)).map(|left| left.to_string()).unwrap_or_default();
                world.console.progress(&format!("  {left} left"));
            }
            State::Denied(..) => {
                try_landing(context, land_denial(context, store, id, me));
                report = Some(());
            }
            State::Expired(_) => {
                try_landing(context, close(context, store, id, me, signer, Ending::Expired));
                report = Some(());
            }
            State::Withdrawn(..) => report = Some(()),
            State::Refused(reason, _) => {
                if found.dossier.request.value().requester == *me {
                    try_landing(context, close(context, store, id, me, signer, Ending::Refused { reason }));
                }
                report = Some(());
            }
        }
        if report.is_some() {
            let at = store.refresh()?;
            return Ok(ended(context, &request::find(store, &at, id)?));
        }
        let over = match wait {
            Wait::No => true,
            Wait::For(span) => now.since(started) >= span.seconds(),
            Wait::ToTheEnd => false,
        };
        if over {
            return Ok(still_pending(context, &found));
        }
        let mut left = rest(now, started);
        while !left.is_zero() && !world.console.interrupted() {
            let slice = left.min(Duration::from_millis(100));
            world.clock.sleep(slice);
            left = left.saturating_sub(slice);
        }
    }
}

/// An ending holds also where this machine may not, or cannot, land it.
fn try_landing(context: &Context<'_>, landed: Result<bool, CommandError>) {
    if let Err(error) = landed {
        context.world.console.say(&format!("expacti: its end is not on main yet: {}", error.message));
    }
}

/// Looks often at first, then every two seconds.
fn rest(now: Timestamp, started: Timestamp) -> Duration {
    match now.since(started) {
        0..10 => Duration::from_millis(250),
        10..60 => Duration::from_millis(1_000),
        _ => Duration::from_millis(2_000),
    }
}

/// Ctrl-C while waiting: the request stays open.
fn interrupted(id: RequestId) -> RunReport {
    RunReport {
        exit: 130,
        result: "interrupted",
        ran: false,
        id: Some(id.to_string()),
        message: format!("interrupted; request {id} stays open and nothing ran"),
        next: vec![format!("go on with `expacti resume {id}`, take it back with `expacti cancel {id}`")],
        request: None,
    }
}

fn announce(context: &Context<'_>, last: &mut String, line: String) {
    if *last != line {
        context.world.console.say(&format!("expacti: {}", shown::line(&line)));
        *last = line;
    }
}

/// Pushes a branch back that this machine saw and that has vanished without ending.
fn restore(context: &Context<'_>, store: &Store, id: &RequestId) -> Result<(), CommandError> {
    if store.restore(id)? {
        context.world.console.say(&format!("expacti: the branch of request {id} had vanished and was pushed back"));
    }
    Ok(())
}

fn finished(context: &Context<'_>, store: &Store, id: RequestId, executed: Executed) -> Result<RunReport, CommandError> {
    let describe = || -> Option<RequestReport> {
        let at = store.remembered().ok()??;
        let found = request::find(store, &at, id).ok()?;
        Some(request::describe(context, &found))
    };
    let report = |exit, result, ran, message: String, next: Vec<String>| RunReport {
        exit,
        result,
        ran,
        id: Some(id.to_string()),
        message,
        next,
        request: describe(),
    };
    let spent = vec![
        format!("`expacti status {id}` tells what came of it"),
        "ask again with `expacti run` if it must run once more".to_owned(),
    ];
    Ok(match executed {
        Executed::Ran(end) => report(end.status(), "executed", true, "it ran".to_owned(), Vec::new()),
        Executed::Spent | Executed::Again => {
            report(119, "spent", false, format!("request {id} is already spent; nothing ran now"), spent)
        }
        Executed::Drifted(fields) => report(
            121,
            "drifted",
            false,
            format!("what was approved is not what is there now: {}", fields.join(", ")),
            vec!["put it back as it was and `expacti resume`, or ask again with `expacti run`".to_owned()],
        ),
        Executed::NotRun(reason, kind) => {
            let exit = match kind {
                Kind::Drift => 121,
                Kind::NotFound => 127,
                Kind::NotExecutable => 126,
                Kind::No if context.world.console.interrupted() => 130,
                Kind::No => 124,
                Kind::Usage | Kind::Unsure => 125,
            };
            let result = if exit == 121 { "drifted" } else { "not-run" };
            report(exit, result, false, format!("{reason}; its approval is spent"), spent)
        }
    })
}

/// What an agent must be told when the answer is not yes.
const SILENCE: &str =
    "Silence is not consent. Do not retry, rephrase, or reach the same effect by another command.";

fn still_pending(context: &Context<'_>, found: &Found) -> RunReport {
    let request = request::describe(context, found);
    let id = &request.id;
    RunReport {
        exit: 122,
        result: "pending",
        ran: false,
        id: Some(id.clone()),
        message: format!("request {id} is open: {}", request.reason_for_state),
        next: vec![
            format!("go on with `expacti resume {id}`, take it back with `expacti cancel {id}`"),
            SILENCE.to_owned(),
        ],
        request: Some(request),
    }
}

/// The report for a request that has ended, here or on `main`.
fn ended(context: &Context<'_>, found: &Found) -> RunReport {
    let request = request::describe(context, found);
    let id = request.id.clone();
    let why = request.reason_for_state.clone();
    let stop = || vec![SILENCE.to_owned(), "Tell the person you work for, and go on with something else.".to_owned()];
    let (exit, result, message, next) = match found.landed.as_ref().map(|landed| &landed.ending) {
        Some(LandedEnding::Claimed { .. }) => (
            119,
            "spent",
            format!("request {id} is already spent ({}): {why}; nothing ran now", request.state),
            vec!["ask again with `expacti run` if it must run once more".to_owned()],
        ),
        _ => match request.state.as_str() {
            "denied" => {
                let mut next = stop();
                if let Some(suggest) = request.decisions.iter().find_map(|decision| decision.suggest.as_ref()) {
                    next.push(format!("The reviewer suggests to ask for this instead: {suggest}"));
                }
                (120, "denied", format!("request {id} is denied: {why}"), next)
            }
            "refused" => (120, "refused", format!("request {id} is refused by policy: {why}"), stop()),
            "expired" => (124, "expired", format!("request {id} has expired: {why}"), stop()),
            "withdrawn" => (123, "withdrawn", format!("request {id} is withdrawn: {why}"), Vec::new()),
            other => (125, "unsure", format!("request {id} is {other}: {why}"), stop()),
        },
    };
    RunReport { exit, result, ran: false, id: Some(id), message, next, request: Some(request) }
}

/// The bytes of arguments.
pub fn argv(arguments: &[std::ffi::OsString]) -> Vec<Vec<u8>> {
    arguments.iter().map(|argument| argument.clone().into_vec()).collect()
}
