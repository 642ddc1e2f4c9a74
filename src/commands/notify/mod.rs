//! Telling people that a request waits for them, and those who asked how it ended.
//!
//! Whom it concerns is asked of the gate; that a channel fails changes nothing but what is said about it. Letters leave on threads of their own, and what
//! was not taken in a few seconds waits in the state directory for the next call.

mod event;
mod mail;
mod notes;
mod reach;
mod slack;
mod teams;
pub mod webhook;

use std::collections::{BTreeMap, BTreeSet};

pub use event::Event;
pub(super) use reach::{program_env, settings, unusable};

use crate::commands::Context;
use crate::commands::notify::notes::{Key, Letter, Notes};
use crate::commands::report::{RequestReport, ToldView};
use crate::commands::request::{self, Found};
use crate::domain::id::RequestId;
use crate::domain::notify::{Channel, Medium, Notify, Topic};
use crate::domain::principal::{Kind, Name, Roster};
use crate::domain::shown;
use crate::domain::time::{Lifetime, Timestamp};
use crate::gate::audit::Standpoint;
use crate::gate::state::Standing;
use crate::world::courier::{Errand, Flight, Reach};
use crate::world::store::Store;

/// The most letters that are under way at once.
const AT_ONCE: usize = 16;
/// How often it is looked, in seconds, whether one that was not taken is due.
const LOOK_AGAIN: u64 = 10;
/// How long an end is worth telling.
const END_IS_NEWS: Lifetime = Lifetime::minutes(24 * 60);
/// Tells the channels that this machine reaches.
#[derive(Debug)]
pub struct Teller<'a> {
    context: &'a Context<'a>,
    notes: Notes,
    reach: BTreeMap<String, Reach>,
    noted: BTreeSet<Key>,
    flights: Vec<(Flight, Vec<(Key, String)>)>,
    looked: Option<Timestamp>,
    said: BTreeSet<(String, String)>,
    told: Vec<ToldView>,
}

impl<'a> Teller<'a> {
    /// With what this machine's settings say of channels; where they cannot be used, that is said, and nobody is told.
    pub fn open(context: &'a Context<'a>, store: &Store) -> Self {
        let reach = settings(context.world).map(|settings| settings.notify).unwrap_or_else(|error| {
            let error = shown::line(&error.to_string());
            context.world.console.complain(&format!("expacti: nobody is told: {error}"));
            BTreeMap::new()
        });
        Self {
            context,
            notes: Notes::new(store.told()),
            reach,
            noted: BTreeSet::new(),
            flights: Vec::new(),
            looked: None,
            said: BTreeSet::new(),
            told: Vec::new(),
        }
    }

    /// A request waits for people: they are told, each channel once, and once more before it expires.
    pub fn waits(&mut self, at: &Standpoint, found: &Found, standing: &Standing) {
        let notify = &at.version.config().notify;
        if self.reach.is_empty() || notify.channels.is_empty() {
            return;
        }
        let now = self.context.world.clock.now();
        let request = found.dossier.request.value();
        let who = deciders(standing, &request.requester);
        let report = || request::describe(self.context, found);
        let about = About { id: found.dossier.id, who: &who, stale: standing.expires };
        let soon = standing.expires.since(now) <= notify.reminder.seconds()
            && request.created.plus(notify.reminder) < standing.expires;
        for topic in [Some(Topic::Created), soon.then_some(Topic::Expiring)].into_iter().flatten() {
            let new = note(&self.notes, &self.reach, &mut self.noted, at, now, topic, &about, &report);
            self.noted_new(new);
        }
        self.step(at);
    }

    /// A request has ended: those who asked are told, once from here.
    pub fn ended(&mut self, at: &Standpoint, report: &RequestReport) {
        let asked = |policy: &crate::commands::report::PolicyStanding| {
            !policy.counted.is_empty() || !policy.missing.is_empty() || !policy.not_counted.is_empty()
        };
        // What nobody was asked about is nobody's news.
        let nobody = !report.policies.iter().any(asked) && report.decisions.is_empty();
        if self.reach.is_empty() || !report.has_ended() || nobody {
            return;
        }
        let (Ok(id), Ok(requester)) = (report.id.parse(), report.requester.parse()) else { return };
        let now = self.context.world.clock.now();
        let who = askers(at.version.roster(), &requester);
        let about = About { id, who: &who, stale: now.plus(END_IS_NEWS) };
        let report = || report.clone();
        let new = note(&self.notes, &self.reach, &mut self.noted, at, now, Topic::Ended, &about, &report);
        self.noted_new(new);
        self.step(at);
    }

    /// Sends what is due, and hears what came of what was sent; waits for nothing.
    pub fn step(&mut self, at: &Standpoint) {
        if self.reach.is_empty() {
            return;
        }
        let now = self.context.world.clock.now();
        if self.looked.is_none_or(|looked| now.since(looked) >= LOOK_AGAIN) {
            self.looked = Some(now);
            self.send(&at.version.config().notify, now);
        }
        self.hear(false);
    }

    /// Waits, for a bounded time, until what is under way has ended; what was told and what was not.
    pub fn finish(mut self) -> Vec<ToldView> {
        if !self.context.world.console.interrupted() {
            self.hear(true);
        }
        self.told
    }

    /// What came of it since this was last asked.
    pub fn take_told(&mut self) -> Vec<ToldView> {
        std::mem::take(&mut self.told)
    }

    /// Requests that were told of from here, and whose end was not.
    pub fn unended(&self) -> Vec<RequestId> {
        self.notes.unended().unwrap_or_default()
    }

    /// Whether this machine reaches any channel.
    pub fn reaches_any(&self, at: &Standpoint) -> bool {
        at.version.config().notify.channels.iter().any(|channel| self.reach.contains_key(channel.name.as_str()))
    }

    fn noted_new(&mut self, new: Result<bool, std::io::Error>) {
        match new {
            // It leaves at once.
            Ok(true) => self.looked = None,
            Ok(false) => {}
            Err(error) => self.complain("", format!("nobody is told: {error}")),
        }
    }

    fn send(&mut self, notify: &Notify, now: Timestamp) {
        let ours = |key: &Key| self.reach.contains_key(&key.channel) && notify.channel(&key.channel).is_some();
        let free = AT_ONCE.saturating_sub(self.flights.iter().map(|(_, keys)| keys.len()).sum());
        let taken = match self.notes.take(now, free, ours) {
            Ok(taken) => taken,
            Err(error) => return self.complain("", format!("nobody is told: {error}")),
        };
        let (mut keys, mut errands) = (Vec::new(), Vec::new());
        for (key, letter) in taken {
            match self.errand(notify, &key, &letter, now) {
                Ok(errand) => {
                    errands.push(errand);
                    keys.push((key, letter.event.who.join(", ")));
                }
                Err(why) => self.failed(&key, why),
            }
        }
        if !errands.is_empty() {
            self.flights.push((Flight::start(&self.context.world.courier, errands), keys));
        }
    }

    fn hear(&mut self, wait: bool) {
        let mut flights = std::mem::take(&mut self.flights);
        for (flight, keys) in &mut flights {
            while let Some((at, result)) = flight.next(wait) {
                let Some((key, who)) = keys.get(at) else { continue };
                match result {
                    Ok(()) => self.taken(key, who),
                    Err(undelivered) => self.failed(key, undelivered.why),
                }
            }
        }
        flights.retain(|(flight, _)| !flight.is_over());
        self.flights = flights;
    }

    fn taken(&mut self, key: &Key, who: &str) {
        if let Err(error) = self.notes.sent(key, None) {
            self.complain(&key.channel, format!("told, but that cannot be noted: {error}"));
        }
        let short: String = key.id.to_string().chars().take(8).collect();
        let what = match key.topic {
            Topic::Created => "told of",
            Topic::Expiring => "reminded of",
            Topic::Ended => "told of the end of",
        };
        self.context.world.console.say(&format!("expacti: channel `{}` is {what} {short}: {who}", key.channel));
        self.told.push(view(key, None));
    }

    fn failed(&mut self, key: &Key, why: String) {
        let why = shown::line(&why);
        // It is tried again in any case.
        let _ = self.notes.sent(key, Some(&why));
        self.complain(&key.channel, why.clone());
        self.told.push(view(key, Some(why)));
    }

    /// Says what is wrong with a channel, the same once.
    fn complain(&mut self, channel: &str, why: String) {
        if self.said.insert((channel.to_owned(), why.clone())) {
            let line = match channel {
                "" => format!("expacti: {why}"),
                _ => format!("expacti: channel `{channel}` could not be told, and is tried again: {why}"),
            };
            self.context.world.console.complain(&line);
        }
    }

    /// What is to be carried, in the form that its channel takes.
    fn errand(&self, notify: &Notify, key: &Key, letter: &Letter, now: Timestamp) -> Result<Errand, String> {
        let (Some(channel), Some(reach)) = (notify.channel(&key.channel), self.reach.get(&key.channel)) else {
            return Err("there is no such channel any more".to_owned());
        };
        let world = self.context.world;
        let (topic, event) = (key.topic, &letter.event);
        let made = Timestamp::from_unix(letter.made).unwrap_or(now);
        let id = webhook::message_id(&event.id, topic, &key.channel);
        let post = |url, mut headers: Vec<(&'static str, String)>, body| {
            headers.push(("content-type", "application/json; charset=utf-8".to_owned()));
            Errand::Post { url, headers, body, environment: world.paths.barrier.is_none() }
        };
        let start = |argv, stdin| Errand::Start { argv, env: program_env(world), stdin };
        Ok(match channel.kind {
            Medium::Slack => {
                let body = slack::body(topic, event, &notify.people).to_string().into_bytes();
                post(reach::url(world, reach)?, Vec::new(), body)
            }
            Medium::Teams => {
                post(reach::url(world, reach)?, Vec::new(), teams::body(topic, event).to_string().into_bytes())
            }
            Medium::Webhook => {
                let body = webhook::object(topic, event, made).to_string().into_bytes();
                let headers = webhook::headers(&reach::signing(world, reach)?, &id, now, &body)?;
                post(reach::url(world, reach)?, headers, body)
            }
            Medium::Email => {
                let (argv, from) = reach::mailer(reach)?;
                let to = event.who.iter().filter_map(|name| email(notify, &name.parse().ok()?)).collect::<Vec<_>>();
                start(argv, mail::message(topic, event, (from, &to), &id, made))
            }
            Medium::Command => {
                let stdin = format!("{}\n", webhook::object(topic, event, made)).into_bytes();
                start(reach::program(reach)?, stdin)
            }
        })
    }
}

/// What a letter is about.
struct About<'a> {
    id: RequestId,
    /// Whom it concerns.
    who: &'a BTreeSet<Name>,
    /// From when on it is no news.
    stale: Timestamp,
}

/// Notes a letter for every channel that this machine reaches and that reaches somebody whom it concerns; whether one is new.
#[expect(clippy::too_many_arguments, reason = "parts of one value that are borrowed apart")]
fn note(
    notes: &Notes,
    reach: &BTreeMap<String, Reach>,
    noted: &mut BTreeSet<Key>,
    at: &Standpoint,
    now: Timestamp,
    topic: Topic,
    about: &About<'_>,
    report: &dyn Fn() -> RequestReport,
) -> std::io::Result<bool> {
    let notify = &at.version.config().notify;
    let mut new = false;
    let mut described = None;
    for channel in notify.channels.iter().filter(|channel| channel.events.contains(&topic)) {
        let key = Key { id: about.id, topic, channel: channel.name.to_string() };
        if !reach.contains_key(channel.name.as_str()) || noted.contains(&key) {
            continue;
        }
        if !notes.has(&key) {
            let who = reached(channel, notify, about.who, at.version.roster());
            if who.is_empty() {
                continue;
            }
            let report = described.get_or_insert_with(report);
            new |= notes.add(&key, Event::of(topic, report, notify, &who), now, about.stale)?;
        }
        noted.insert(key);
    }
    Ok(new)
}

/// Those concerned whom a channel reaches; with mail, those who have an address.
fn reached(channel: &Channel, notify: &Notify, who: &BTreeSet<Name>, roster: &Roster) -> BTreeSet<Name> {
    let mut who = channel.reaches(who, roster);
    if channel.kind == Medium::Email {
        who.retain(|name| email(notify, name).is_some());
    }
    who
}

fn email<'a>(notify: &'a Notify, name: &Name) -> Option<&'a str> {
    notify.people.get(name)?.email.as_deref()
}

/// Who could bring what is still missing; the requester never is.
pub(super) fn deciders(standing: &Standing, requester: &Name) -> BTreeSet<Name> {
    let missing = standing.tallies.iter().flat_map(|(_, tally)| &tally.missing);
    missing.flat_map(|missing| &missing.who).filter(|name| *name != requester).cloned().collect()
}

/// The persons on the requester's side: itself, or those who operate it.
fn askers(roster: &Roster, requester: &Name) -> BTreeSet<Name> {
    let Some(principal) = roster.get(requester) else { return BTreeSet::new() };
    match principal.kind {
        Kind::Person => BTreeSet::from([requester.clone()]),
        Kind::Agent | Kind::Runner => principal.operators.iter().cloned().collect(),
    }
}

/// A letter that was not taken yet.
pub(super) struct Waiting {
    pub(super) id: RequestId,
    pub(super) channel: String,
    pub(super) event: &'static str,
    /// Where it was tried.
    pub(super) why: Option<String>,
}

/// What waits to be told from here.
///
/// # Errors
/// As the file system says.
pub(super) fn waiting(store: &Store) -> std::io::Result<Vec<Waiting>> {
    let waiting = Notes::new(store.told()).waiting()?;
    let view = |(key, letter): (Key, Letter)| Waiting {
        id: key.id,
        channel: key.channel,
        event: key.topic.as_str(),
        why: letter.failed,
    };
    Ok(waiting.into_iter().map(view).collect())
}

/// Tells the end of a request that this call brought about.
pub(super) fn tell_end(context: &Context<'_>, store: &Store, at: &Standpoint, report: &RequestReport) -> Vec<ToldView> {
    let mut teller = Teller::open(context, store);
    teller.ended(at, report);
    teller.finish()
}

fn view(key: &Key, why: Option<String>) -> ToldView {
    let event = key.topic.as_str();
    ToldView { id: key.id.to_string(), event, channel: key.channel.clone(), told: why.is_none(), why }
}
