//! `watch`: tells on a reviewer's machine what comes to wait for them, or, as a relay, tells the channels for everyone.
//!
//! What is told has been fetched and verified as for `pending`. Nothing is remembered but, by a relay, which channel was told of what.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use serde_json::Value;

use crate::commands::deliver::rest;
use crate::commands::error::CommandError;
use crate::commands::notify::{Event, Teller, deciders, program_env, settings, webhook};
use crate::commands::report::{RequestReport, ToldView, WatchReport};
use crate::commands::request::{self, Found, describe};
use crate::commands::status::{each_open, waits_for};
use crate::commands::{Context, Hand};
use crate::domain::id::RequestId;
use crate::domain::notify::Topic;
use crate::domain::principal::Name;
use crate::domain::shown;
use crate::domain::time::{Lifetime, Timestamp};
use crate::gate::audit::Standpoint;
use crate::gate::state::State;
use crate::world::courier::{Errand, Flight};
use crate::world::signer::Signer;
use crate::world::store::{Store, StoreError};

/// The first pause between two looks.
const SHORTEST: Duration = Duration::from_secs(2);
/// The longest one while all is quiet.
const QUIET: Duration = Duration::from_secs(15);
/// The longest one while the repository does not answer.
const LONGEST: Duration = Duration::from_secs(120);

/// What `watch` was asked.
#[derive(Debug, Clone, Copy)]
pub struct Watching {
    /// Stop after this long; none: never.
    pub span: Option<Lifetime>,
    /// Tell the channels, for all requests.
    pub relay: bool,
}

/// Something that happened.
#[derive(Debug)]
pub enum Notice {
    /// A request came to wait for me, soon is over, or has ended.
    Request {
        /// Which of these.
        topic: Topic,
        /// When it was seen.
        at: Timestamp,
        /// What is to know.
        event: Box<Event>,
        /// All of it, as `--json` has it.
        object: Value,
    },
    /// A channel was told, or could not be.
    Told(ToldView),
}

/// Who hears of it at once; an error ends the watch.
pub type Listener<'a> = &'a mut dyn FnMut(&Notice) -> io::Result<()>;

/// Watches until Ctrl-C, or as long as asked.
///
/// # Errors
/// The repository does not answer at first, the key is nobody's, or a relay reaches no channel.
pub fn watch(context: &Context<'_>, asked: Watching, tell: Listener<'_>) -> Result<WatchReport, CommandError> {
    let world = context.world;
    let store = context.store()?;
    world.console.hear_interrupts();
    let mut at = store.refresh()?;
    let mut eye = if asked.relay { Eye::relay(context, &store, &at)? } else { Eye::mine(context, &at)? };
    let started = world.clock.now();
    let (mut pause, mut trouble) = (SHORTEST, String::new());
    loop {
        let news = match eye.look(context, &store, &at, tell) {
            Ok(news) => news,
            // Whoever listened has gone.
            Err(Stop::Closed) => break,
            Err(Stop::Failed(error)) => return Err(error),
        };
        pause = if news { SHORTEST } else { (pause * 3 / 2).min(QUIET.max(pause)) };
        let over = asked.span.is_some_and(|span| world.clock.now().since(started) >= span.seconds());
        if over || world.console.interrupted() {
            break;
        }
        loop {
            rest(world, pause);
            if world.console.interrupted() {
                break;
            }
            match store.refresh() {
                Ok(newest) => {
                    if !trouble.is_empty() {
                        world.console.say("expacti: the repository answers again");
                        (trouble, pause) = (String::new(), SHORTEST);
                    }
                    at = newest;
                    break;
                }
                Err(error) => {
                    // What it cannot verify it does not tell; it goes on asking.
                    pause = (pause * 2).min(LONGEST);
                    let said = describe_error(error);
                    if said != trouble {
                        world.console.complain(&format!("expacti: nothing can be told now, trying again: {said}"));
                        trouble = said;
                    }
                    let over = asked.span.is_some_and(|span| world.clock.now().since(started) >= span.seconds());
                    if over {
                        return Err(CommandError::unsure(trouble));
                    }
                }
            }
        }
    }
    let told = eye.leave(context);
    for view in told {
        let _ = tell(&Notice::Told(view));
    }
    Ok(WatchReport { interrupted: world.console.interrupted() })
}

fn describe_error(error: StoreError) -> String {
    CommandError::from(error).message
}

enum Stop {
    Closed,
    Failed(CommandError),
}

impl<E: Into<CommandError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Whose eyes these are.
enum Eye<'a> {
    Mine { signer: Box<Signer>, seen: BTreeMap<RequestId, Seen>, popup: Popup },
    Relay(Box<Teller<'a>>),
}

/// What was told of a request.
#[derive(Default)]
struct Seen {
    reminded: bool,
    ended: bool,
}

impl<'a> Eye<'a> {
    fn mine(context: &Context<'_>, at: &Standpoint) -> Result<Self, CommandError> {
        let signer = context.signer(Hand::Person)?;
        context.me(at, &signer)?;
        let command = settings(context.world)?.watch.map(|watch| watch.command);
        Ok(Self::Mine {
            signer: Box::new(signer),
            seen: BTreeMap::new(),
            popup: Popup { command, flights: Vec::new() },
        })
    }

    fn relay(context: &'a Context<'a>, store: &Store, at: &Standpoint) -> Result<Self, CommandError> {
        let teller = Teller::open(context, store);
        if !teller.reaches_any(at) {
            return Err(CommandError::no("this machine reaches no channel of the policy repository")
                .hint("config.toml names channels in `[[notify.channels]]`, settings.toml says below `[notify.NAME]` how this machine reaches one")
                .hint("`expacti doctor` compares them"));
        }
        Ok(Self::Relay(Box::new(teller)))
    }

    /// One look at everything that is open; whether there was something to tell.
    fn look(
        &mut self,
        context: &Context<'_>,
        store: &Store,
        at: &Standpoint,
        tell: Listener<'_>,
    ) -> Result<bool, Stop> {
        let now = context.world.clock.now();
        let open = all_open(context, store, at)?;
        match self {
            Self::Relay(teller) => {
                let mut waiting = BTreeSet::new();
                for found in &open {
                    if let State::Pending(standing) = found.state(now) {
                        waiting.insert(found.dossier.id);
                        teller.waits(at, found, &standing);
                    }
                }
                for id in teller.unended().into_iter().filter(|id| !waiting.contains(id)) {
                    if let Some(report) = over(context, store, at, &open, id) {
                        teller.ended(at, &report);
                    }
                }
                teller.step(at);
                let told = teller.take_told();
                let news = !told.is_empty();
                for view in told {
                    tell(&Notice::Told(view)).map_err(|_| Stop::Closed)?;
                }
                Ok(news)
            }
            Self::Mine { signer, seen, popup } => {
                // The roster may have changed.
                let me = context.me(at, signer)?.id;
                let mut look = Look { context, at, me: &me, popup, tell };
                look.all(store, &open, seen)
            }
        }
    }

    /// Waits a bounded time for what is under way.
    fn leave(self, context: &Context<'_>) -> Vec<ToldView> {
        match self {
            Self::Relay(teller) => teller.finish(),
            Self::Mine { mut popup, .. } => {
                popup.hear(context, !context.world.console.interrupted());
                Vec::new()
            }
        }
    }
}

/// Every open request that verifies.
fn all_open(context: &Context<'_>, store: &Store, at: &Standpoint) -> Result<Vec<Found>, CommandError> {
    let mut open = Vec::new();
    // What does not verify is told by `pending`.
    each_open(store, at, |_, _| {}, |found| open.push(found))?;
    let now = context.world.clock.now();
    open.sort_by_cached_key(|found| (found.state(now).standing().expires, found.dossier.id));
    Ok(open)
}

/// The request, where it has ended.
fn over(context: &Context<'_>, store: &Store, at: &Standpoint, open: &[Found], id: RequestId) -> Option<RequestReport> {
    let report = match open.iter().find(|found| found.dossier.id == id) {
        Some(found) => describe(context, found),
        None => describe(context, &request::find(store, at, id).ok()?),
    };
    report.has_ended().then_some(report)
}

/// One reviewer's look.
struct Look<'a, 'b> {
    context: &'a Context<'a>,
    at: &'a Standpoint,
    me: &'a Name,
    popup: &'a mut Popup,
    tell: Listener<'b>,
}

impl Look<'_, '_> {
    fn all(&mut self, store: &Store, open: &[Found], seen: &mut BTreeMap<RequestId, Seen>) -> Result<bool, Stop> {
        let now = self.context.world.clock.now();
        let notify = &self.at.version.config().notify;
        let mut news = false;
        for found in open {
            let State::Pending(standing) = found.state(now) else { continue };
            let request = found.dossier.request.value();
            let mine = deciders(&standing, &request.requester).contains(self.me)
                && waits_for(self.context, self.at, found, self.me);
            if !mine {
                continue;
            }
            let id = found.dossier.id;
            let known = seen.contains_key(&id);
            let state = seen.entry(id).or_default();
            let soon = standing.expires.since(now) <= notify.reminder.seconds();
            if !known {
                // What is told so late is told once.
                state.reminded = soon;
                self.say(Topic::Created, &describe(self.context, found))?;
                news = true;
            } else if soon && !state.reminded {
                state.reminded = true;
                self.say(Topic::Expiring, &describe(self.context, found))?;
                news = true;
            }
        }
        for (id, state) in seen.iter_mut().filter(|(_, state)| !state.ended) {
            if let Some(report) = over(self.context, store, self.at, open, *id) {
                state.ended = true;
                self.say(Topic::Ended, &report)?;
                news = true;
            }
        }
        self.popup.hear(self.context, false);
        Ok(news)
    }

    fn say(&mut self, topic: Topic, report: &RequestReport) -> Result<(), Stop> {
        let at = self.context.world.clock.now();
        let event = Event::of(topic, report, &self.at.version.config().notify, &BTreeSet::from([self.me.clone()]));
        let object = webhook::object(topic, &event, at);
        self.popup.start(self.context, &object);
        let notice = Notice::Request { topic, at, event: Box::new(event), object };
        (self.tell)(&notice).map_err(|_| Stop::Closed)
    }
}

/// The program of `[watch]` in settings.toml.
struct Popup {
    command: Option<Vec<String>>,
    flights: Vec<Flight>,
}

impl Popup {
    fn start(&mut self, context: &Context<'_>, object: &Value) {
        let Some(argv) = self.command.clone() else { return };
        let errand = Errand::Start { argv, env: program_env(context.world), stdin: format!("{object}\n").into_bytes() };
        self.flights.push(Flight::start(&context.world.courier, vec![errand]));
    }

    fn hear(&mut self, context: &Context<'_>, wait: bool) {
        for flight in &mut self.flights {
            while let Some((_, result)) = flight.next(wait) {
                if let Err(undelivered) = result {
                    let why = shown::line(&undelivered.why);
                    context.world.console.complain(&format!("expacti: the command of `[watch]`: {why}"));
                }
            }
        }
        self.flights.retain(|flight| !flight.is_over());
    }
}
