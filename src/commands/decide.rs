//! `approve` and `deny`: show the card, ask, sign, deliver.

use std::collections::BTreeMap;

use crate::commands::card::{card, digest};
use crate::commands::close::end_with;
use crate::commands::deliver::{ATTEMPTS, deliver_spooled, pause};
use crate::commands::error::{CommandError, Kind};
use crate::commands::report::DecisionReport;
use crate::commands::request::{self, Found};
use crate::commands::{Context, Hand, place, secrets};
use crate::domain::decision::{Decision, Verdict};
use crate::domain::id::{Digest, RequestId};
use crate::domain::policy::Land;
use crate::domain::principal::{Name, Principal};
use crate::domain::risk::Heat;
use crate::domain::shown;
use crate::domain::time::Timestamp;
use crate::gate::audit::Standpoint;
use crate::gate::evaluate::{approver, denier};
use crate::gate::quorum::{Asking, Moment, NotCounted, Vote, tally};
use crate::gate::state::State;
use crate::record::decision_file_name;
use crate::world::signer::Signer;
use crate::world::store::{Record, Store, StoreError};

/// What a reviewer says.
#[derive(Debug, Clone)]
pub struct Saying {
    /// Yes or no.
    pub verdict: Verdict,
    /// In their words.
    pub comment: String,
    /// Answers by seat.
    pub answers: BTreeMap<Name, String>,
    /// What they would approve instead.
    pub suggest: Option<String>,
    /// Do not ask.
    pub yes: bool,
}

/// Decides each of the requests named, and only those.
///
/// # Errors
/// Nothing could be decided at all; a request that could not is in its report.
pub fn decide(context: &Context<'_>, ids: &[String], saying: &Saying) -> Result<Vec<DecisionReport>, CommandError> {
    let terminal = context.world.terminal;
    let watched = terminal.stdin && terminal.stderr;
    if !saying.yes && !watched {
        return Err(CommandError::usage("there is no terminal to ask on").hint("add --yes, with the full id"));
    }
    secrets::in_words("the comment", &saying.comment)?;
    secrets::in_words("the suggestion", saying.suggest.as_deref().unwrap_or_default())?;
    saying.answers.values().try_for_each(|answer| secrets::in_words("an answer", answer))?;
    let short = ids.iter().find(|id| id.parse::<RequestId>().is_err());
    if let Some(short) = short.filter(|_| saying.yes) {
        return Err(CommandError::usage(format!("`{}` is not a full id", shown::line(short)))
            .hint("with --yes give all 32 digits: a prefix could be made to fit another request"));
    }
    let (store, signer) = (context.store()?, context.signer(Hand::Person)?);
    let at = store.refresh()?;
    let me = context.me(&at, &signer)?;
    let (_, problems) = deliver_spooled(context, &store);
    problems.iter().for_each(|problem| context.world.console.say(&format!("expacti: {problem}")));
    let ids = ids.iter().map(|id| context.resolve(&store, id)).collect::<Result<Vec<_>, _>>()?;
    let judge = Judge { context, store: &store, signer: &signer, me: &me, saying };
    Ok(ids.into_iter().map(|id| judge.one(id)).collect())
}

struct Judge<'a> {
    context: &'a Context<'a>,
    store: &'a Store,
    signer: &'a Signer,
    me: &'a Principal,
    saying: &'a Saying,
}

impl Judge<'_> {
    fn one(&self, id: RequestId) -> DecisionReport {
        let verdict = self.saying.verdict.as_str().to_owned();
        match self.decide(id) {
            Ok(report) => report,
            Err(error) => DecisionReport {
                id: id.to_string(),
                verdict,
                recorded: false,
                unsure: error.kind == Kind::Unsure,
                message: error.message,
                hints: error.hints,
                request: None,
            },
        }
    }

    fn decide(&self, id: RequestId) -> Result<DecisionReport, CommandError> {
        let world = self.context.world;
        let at = self.store.refresh()?;
        self.store.restore(&id)?;
        let found = request::find(self.store, &at, id)?;
        let now = world.clock.now();
        self.still_open(&found, now)?;
        self.eligible(&at, &found)?;
        let report = request::describe(self.context, &found);
        let card = card(&report);
        let shown = self.first_shown(&id, now)?;
        if !self.saying.yes {
            world.console.say(&card);
            let word = self.saying.verdict.as_str();
            let answer = world.console.ask(&format!("{word} this request as `{}`? [y/N]", self.me.id))?;
            if !matches!(answer.as_deref(), Some("y" | "Y" | "yes")) {
                return Err(CommandError::no(format!("nothing signed for request {id}")));
            }
        }
        let decision = Decision {
            place: place(&at),
            request: found.dossier.request.digest(),
            seen: found.dossier.seen(),
            reviewer: self.me.id.clone(),
            verdict: self.saying.verdict,
            comment: self.saying.comment.clone(),
            answers: self.saying.answers.clone(),
            suggest: self.saying.suggest.clone(),
            card: digest(&card),
            shown,
            decided: world.clock.now(),
        };
        match self.saying.verdict {
            Verdict::Approve => self.approve(&at, &found, &decision),
            Verdict::Deny => self.deny(id, &decision, at.version.config().land),
        }
    }

    fn still_open(&self, found: &Found, now: Timestamp) -> Result<(), CommandError> {
        let id = found.dossier.id;
        if let Some(landed) = &found.landed {
            return Err(CommandError::no(format!(
                "request {id} has ended ({}); nothing signed",
                landed.ending.as_str()
            )));
        }
        match found.state(now) {
            State::Pending(_) | State::Approved(..) => Ok(()),
            // A denial is welcome also where it changes nothing any more.
            _ if self.saying.verdict == Verdict::Deny => Ok(()),
            other => Err(CommandError::no(format!("request {id} is {}; nothing signed", other.as_str()))),
        }
    }

    /// Told before signing, not after.
    fn eligible(&self, at: &Standpoint, found: &Found) -> Result<(), CommandError> {
        let id = found.dossier.id;
        let me = &self.me.id;
        match self.saying.verdict {
            Verdict::Approve => approver(&at.version, &found.dossier, me).map_err(|reasons| {
                let error = CommandError::no(format!("an approval of request {id} by `{me}` would not count"));
                reasons
                    .into_iter()
                    .fold(error, |error, (policy, why)| error.hint(format!("policy `{policy}`: `{me}` {why}")))
            }),
            Verdict::Deny if denier(&at.version, &found.dossier, me) => Ok(()),
            Verdict::Deny => Err(CommandError::no(format!("`{me}` fills no seat for request {id} and cannot deny it"))),
        }
    }

    /// When this machine first showed the card; kept across processes.
    fn first_shown(&self, id: &RequestId, now: Timestamp) -> Result<Timestamp, CommandError> {
        first_shown(self.store, id, now)
    }

    fn approve(&self, at: &Standpoint, found: &Found, decision: &Decision) -> Result<DecisionReport, CommandError> {
        self.would_count(at, found, decision)?;
        let id = found.dossier.id;
        let rendered = crate::record::Record::render(decision);
        let name = decision_file_name(&self.me.id, &rendered);
        let record = Record::sign(&name, decision, self.signer)?;
        let mut tip = found.dossier.branch.tip;
        for attempt in 0..ATTEMPTS {
            let directory = &found.dossier.branch.directory;
            let message = format!("request {id}: approved by {}", self.me.id);
            let new = self.store.append_record(&tip, directory, &record, &self.me.id, decision.decided, &message)?;
            let refused = match self.store.push_branch(&id, Some(tip), new) {
                Ok(true) => {
                    self.store.saw(&id, &new)?;
                    return self.approved(id, &record.digest());
                }
                Ok(false) => None,
                Err(error @ StoreError::Refused(_)) => Some(error),
                Err(error) => return Err(error.into()),
            };
            // Somebody else was first: the same bytes go on the new tip, if they still stand there.
            pause(self.context.world, attempt);
            let at = self.store.refresh()?;
            self.store.restore(&id)?;
            let now = request::find(self.store, &at, id)?;
            self.still_open(&now, self.context.world.clock.now())?;
            // A server that judges pushes takes none on a request that has ended: then that is the answer.
            if let Some(refused) = refused {
                return Err(refused.into());
            }
            tip = now.dossier.branch.tip;
        }
        Err(CommandError::unsure(format!("the branch kept moving for {ATTEMPTS} attempts")))
    }

    /// Whether this very approval counts somewhere; else it is not written, and can be made again.
    fn would_count(&self, at: &Standpoint, found: &Found, decision: &Decision) -> Result<(), CommandError> {
        let request = found.dossier.request.value();
        let version = &at.version;
        let asking = Asking { requester: &request.requester, roster: version.roster() };
        let time_zone = &version.config().time_zone;
        // Escalations decide how many are needed, not whether this one counts.
        let heat = Heat::default();
        let moment = Moment { now: decision.decided, requested: request.created, time_zone, heat };
        let presence = self.presence()?;
        let votes = [Vote { decision, presence, heat }];
        let mut reasons: Vec<(String, NotCounted)> = Vec::new();
        for name in &found.state(decision.decided).standing().governing.policies {
            let Some(policy) = version.config().get(name) else { continue };
            for (who, why) in tally(policy, &asking, &votes, &moment).not_counted {
                if who == self.me.id && why != NotCounted::Spare {
                    reasons.push((name.clone(), why));
                } else {
                    return Ok(());
                }
            }
            if reasons.iter().all(|(policy, _)| policy != name) {
                return Ok(());
            }
        }
        let me = &self.me.id;
        let error =
            CommandError::no(format!("this approval of request {} would not count; nothing signed", found.dossier.id));
        Err(reasons
            .into_iter()
            .fold(error, |error, (policy, why)| error.hint(format!("policy `{policy}`: `{me}` {why}"))))
    }

    /// What this key will prove: a hardware key's touch is part of every signature of it.
    fn presence(&self) -> Result<crate::domain::requirement::Presence, CommandError> {
        use crate::domain::requirement::Presence;
        // A PIN is known only from the signature; the tally after delivery says so.
        Ok(if self.signer.public().is_sk() { Presence::Pin } else { Presence::Key })
    }

    fn approved(&self, id: RequestId, digest: &Digest) -> Result<DecisionReport, CommandError> {
        let at = self.store.refresh()?;
        let found = request::find(self.store, &at, id)?;
        let request = request::describe(self.context, &found);
        let standing = found.dossier.decisions.iter().any(|decision| decision.digest() == *digest);
        let mut hints = Vec::new();
        if !standing {
            hints.push("the branch moved on before it was seen there; `expacti show` tells more".to_owned());
        }
        for policy in &request.policies {
            for other in policy.not_counted.iter().filter(|other| other.reviewer == self.me.id.as_str()) {
                hints.push(format!("policy `{}` does not count it: `{}` {}", policy.name, other.reviewer, other.why));
            }
        }
        Ok(DecisionReport {
            id: id.to_string(),
            verdict: "approve".to_owned(),
            recorded: true,
            unsure: false,
            message: format!("approved; request {id} is {}: {}", request.state, request.reason_for_state),
            hints,
            request: Some(request),
        })
    }

    /// A denial lands on `main` at once; where it may not, it waits on the branch and forbids a claim from there.
    fn deny(&self, id: RequestId, decision: &Decision, land: Land) -> Result<DecisionReport, CommandError> {
        let context = self.context;
        let rendered = crate::record::Record::render(decision);
        let name = decision_file_name(&self.me.id, &rendered);
        let record = Record::sign(&name, decision, self.signer)?;
        let landed = match land {
            Land::Direct => {
                end_with(context, self.store, id, &self.me.id, "denied", |_, _, _| Ok(Some(record.clone())))
                    .map_err(|error| format!("main does not take it: {}", error.message))
            }
            Land::Ci => Err("CI lands it, before any claim of the request".to_owned()),
        };
        let mut hints = Vec::new();
        let message = match landed {
            Ok(true) => format!("denied; request {id} has ended and nothing reopens it"),
            Ok(false) => {
                let at = self.store.refresh()?;
                return Err(self.too_late(&request::find(self.store, &at, id)?));
            }
            Err(why) => {
                self.push_denial(id, &record, decision.decided)?;
                hints.push(why);
                "denied, but not landed yet; it stands on the request's branch and forbids a claim".to_owned()
            }
        };
        let at = self.store.refresh()?;
        let found = request::find(self.store, &at, id)?;
        Ok(DecisionReport {
            id: id.to_string(),
            verdict: "deny".to_owned(),
            recorded: true,
            unsure: false,
            message,
            hints,
            request: Some(request::describe(context, &found)),
        })
    }

    fn too_late(&self, found: &Found) -> CommandError {
        let state = request::describe(self.context, found);
        let (id, word, why) = (&state.id, &state.state, &state.reason_for_state);
        CommandError::no(format!("request {id} had ended before ({word}): {why}; the denial came too late"))
    }

    fn push_denial(&self, id: RequestId, record: &Record, now: Timestamp) -> Result<(), CommandError> {
        for attempt in 0..ATTEMPTS {
            let at = self.store.refresh()?;
            self.store.restore(&id)?;
            let found = request::find(self.store, &at, id)?;
            if found.landed.is_some() {
                return Err(self.too_late(&found));
            }
            let branch = &found.dossier.branch;
            let message = format!("request {id}: denied by {}", self.me.id);
            let new = self.store.append_record(&branch.tip, &branch.directory, record, &self.me.id, now, &message)?;
            match self.store.push_branch(&id, Some(branch.tip), new) {
                Ok(true) => return Ok(()),
                Ok(false) => pause(self.context.world, attempt),
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommandError::unsure(format!("the branch kept moving for {ATTEMPTS} attempts")))
    }
}

/// When this machine first showed the card of a request; `now`, and remembered, where it never did.
///
/// # Errors
/// It cannot be remembered.
pub fn first_shown(store: &Store, id: &RequestId, now: Timestamp) -> Result<Timestamp, CommandError> {
    use crate::world::paths::{create_durably, read_bounded};
    let path = store.shown().join(id.to_string());
    match create_durably(&path, format!("{now}\n").as_bytes()) {
        Ok(()) => Ok(now),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let bytes = read_bounded(&path, 128)?.unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            // A damaged or future note counts as shown just now: slower, never faster.
            Ok(text.trim().parse::<Timestamp>().ok().filter(|shown| *shown <= now).unwrap_or(now))
        }
        Err(error) => Err(error.into()),
    }
}
