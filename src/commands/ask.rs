//! Asking: what a request binds, what governs it, and writing it down.

use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::commands::answer::{ended, finished};
use crate::commands::bind::{Bound, Runner, Wanted, WantedStdin, bind, inside_of};
use crate::commands::deliver::{ATTEMPTS, pause};
use crate::commands::error::CommandError;
use crate::commands::execute::{Executed, execute};
use crate::commands::report::RunReport;
use crate::commands::request::{self, Found};
use crate::commands::run::RunOptions;
use crate::commands::waiting::{Left, leave};
use crate::commands::{Context, place, secret_env};
use crate::domain::command::Stdin;
use crate::domain::id::{CommitId, Digest, Nonce, RequestId};
use crate::domain::outcome::{Ending, Outcome};
use crate::domain::policy::Land;
use crate::domain::principal::Principal;
use crate::domain::request::Request;
use crate::domain::shown;
use crate::domain::time::Lifetime;
use crate::gate::audit::Standpoint;
use crate::gate::conditions::environments;
use crate::gate::governing::{Governing, governing};
use crate::gate::state::State;
use crate::world::entropy;
use crate::world::facts::{self, ReadError};
use crate::world::paths::write_durably;
use crate::world::signer::Signer;
use crate::world::store::{self, Kind, Landing, Record, Store};
/// How often what is bound may change what governs.
const LOOKS: u32 = 8;
/// What `--stdin` may hold, in bytes.
const MAX_STDIN: u64 = 64 << 20;

/// Everything an ask is made from.
pub(super) struct Ask<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) store: &'a Store,
    pub(super) signer: &'a Signer,
    pub(super) me: &'a Principal,
    pub(super) options: &'a RunOptions,
    pub(super) retry_of: Option<RequestId>,
}

impl Ask<'_> {
    /// What would be asked, and what governs it.
    pub(super) fn draft(&self, at: &Standpoint) -> Result<(Bound, Request, Governing), CommandError> {
        let stdin = match &self.options.stdin {
            None => WantedStdin::Empty,
            Some(path) => WantedStdin::Bytes(self.read_stdin(path)?),
        };
        let set = at.version.config();
        let (world, key) = (self.context.world, self.store.secret_key());
        let secrets = secret_env::bind(world, set, &key, &self.options.secret_env)?;
        let mut wanted = Wanted {
            argv: self.options.argv.clone(),
            cwd: self.cwd()?.as_os_str().as_bytes().to_vec(),
            stdin,
            secrets,
            bind: Vec::new(),
            inside: Vec::new(),
            runner: Runner::Requester,
            worktree: true,
        };
        let mut looks = 0;
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
            let runner = match &governing.runner {
                Some(runner) if *runner != self.me.id => Runner::Other(None),
                _ => Runner::Requester,
            };
            if runner != Runner::Requester && !wanted.secrets.is_empty() {
                return Err(CommandError::unsure("a secret variable cannot reach a runner other than the requester")
                    .hint("let the runner's own machine hold it"));
            }
            let inside = inside_of(&governing);
            if files == wanted.bind && inside == wanted.inside && inherit == inherits && runner == wanted.runner {
                bound.hold(&governing)?;
                let request = self.settle(at, request, &governing);
                return Ok((bound, request, governing));
            }
            looks += 1;
            if looks > LOOKS {
                return Err(CommandError::unsure("the policies contradict each other about what is bound"));
            }
            wanted.bind = files;
            wanted.inside = inside;
            wanted.runner = runner;
            if inherit {
                wanted.stdin = WantedStdin::Inherit;
            }
        }
    }

    /// The working directory, free of symbolic links.
    fn cwd(&self) -> Result<PathBuf, CommandError> {
        let cwd = &self.context.world.cwd;
        std::fs::canonicalize(cwd).map_err(|error| {
            let cwd = shown::line(&cwd.to_string_lossy());
            CommandError::unsure(format!("the working directory `{cwd}`: {error}"))
        })
    }

    fn read_stdin(&self, path: &Path) -> Result<Vec<u8>, CommandError> {
        let mut bytes = Vec::new();
        if path.as_os_str() == "-" {
            std::io::stdin().lock().take(MAX_STDIN + 1).read_to_end(&mut bytes)?;
        } else {
            let path = self.context.world.cwd.join(path);
            let failed = |error: ReadError| {
                let name = shown::line(&path.to_string_lossy());
                let hint = matches!(error, ReadError::NotRegular).then_some("for a pipe or a device say `--stdin -`");
                let error = CommandError::unsure(format!("`{name}`: {error}"));
                hint.into_iter().fold(error, CommandError::hint)
            };
            let (file, _) = facts::open(&path).map_err(failed)?;
            file.take(MAX_STDIN + 1).read_to_end(&mut bytes).map_err(|error| failed(error.into()))?;
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
    pub(super) fn adopt(&self, at: &Standpoint, draft: &Request) -> Result<Option<RequestId>, CommandError> {
        let now = self.context.world.clock.now();
        for (id, tip) in self.store.open_requests()? {
            let Ok(dossier) = self.store.dossier(at, id, tip) else { continue };
            let request = dossier.request.value();
            let mine =
                dossier.branch.taint.is_empty() && request.same_intent(draft) && request.retry_of == draft.retry_of;
            if !mine {
                continue;
            }
            let found = Found::open(self.store, at, dossier)?;
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

    fn commit(
        &self,
        at: &Standpoint,
        draft: &Request,
        bound: &Bound,
    ) -> Result<(RequestId, String, CommitId), CommandError> {
        let record = Record::sign("request.toml", draft, self.signer)?;
        let id = RequestId::of(&record.digest());
        let directory = draft.directory(&id);
        let files = self.files(&record, bound);
        if let (Stdin::Bound { sha256, shown: false, .. }, Some(bytes)) = (draft.command.stdin, &bound.stdin) {
            write_durably(&self.store.stdin(&sha256), bytes)?;
        }
        let message = format!("request {id}");
        let tip = self.store.append(&at.commit, &directory, &files, &self.me.id, draft.created, &message)?;
        Ok((id, directory, tip))
    }

    /// Writes and pushes the request, and says who is needed.
    pub(super) fn record(
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
    pub(super) fn allowed(
        &self,
        mut at: Standpoint,
        draft: &Request,
        bound: &Bound,
    ) -> Result<RunReport, CommandError> {
        let (context, store) = (self.context, self.store);
        let (id, _, tip) = self.commit(&at, draft, bound)?;
        for attempt in 0..ATTEMPTS {
            let dossier = store.dossier(&at, id, tip)?;
            let found = Found::open(store, &at, dossier)?;
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
                    return Err(
                        CommandError::unsure(format!("the policy changed meanwhile, it is {why}")).hint("run it again")
                    );
                }
            }
            at = store.refresh()?;
        }
        Err(CommandError::unsure(format!("main kept moving for {ATTEMPTS} attempts")))
    }

    /// Lands the request and its refusal in one step.
    pub(super) fn refuse(
        &self,
        at: &Standpoint,
        draft: Request,
        bound: &Bound,
        reason: &str,
    ) -> Result<RunReport, CommandError> {
        let (id, directory, tip) = self.commit(at, &draft, bound)?;
        let request = Digest::of(&crate::record::Record::render(&draft));
        let ending = Ending::Refused { reason: reason.to_owned() };
        let mut at = at.clone();
        for attempt in 0..ATTEMPTS {
            let now = self.context.world.clock.now();
            let outcome = Outcome {
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
            if at.version.config().land == Land::Ci {
                let path = format!("{directory}/outcome.toml");
                let left = Left { id: &id, tip: second, path, digest: outcome.digest() };
                leave(self.context, self.store, Kind::Outcome, &left)?;
                break;
            }
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
