//! `approve` and `deny`: show the card, ask, sign, deliver.

pub(super) mod ask;
mod deny;

use std::collections::BTreeMap;

use crate::commands::card::Card;
use crate::commands::deliver::{ATTEMPTS, deliver_spooled, pause};
use crate::commands::error::{CommandError, Kind};
use crate::commands::report::{DecisionReport, RequestReport};
use crate::commands::request::{self, Found};
use crate::commands::{Context, Hand, place, secrets, showing};
use crate::domain::decision::{Decision, Verdict};
use crate::domain::id::{Digest, RequestId};
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

impl Saying {
    /// Everyone reads what a reviewer says, for ever.
    ///
    /// # Errors
    /// It is too long, or something in it looks like a password or a key.
    pub(super) fn may_be_written(&self) -> Result<(), CommandError> {
        secrets::in_words("the comment", &self.comment)?;
        secrets::in_words("the suggestion", self.suggest.as_deref().unwrap_or_default())?;
        self.answers.values().try_for_each(|answer| secrets::in_words("an answer", answer))
    }
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
    saying.may_be_written()?;
    let short = ids.iter().find(|id| id.parse::<RequestId>().is_err());
    if let Some(short) = short.filter(|_| saying.yes) {
        return Err(CommandError::usage(format!("`{}` is not a full id", shown::line(short)))
            .hint("with --yes give all 32 digits: a prefix could be made to fit another request"));
    }
    let (judge, _) = Judge::open(context)?;
    let ids = ids.iter().map(|id| context.resolve(&judge.store, id)).collect::<Result<Vec<_>, _>>()?;
    let one = |id| {
        let decided = judge.present(id, saying.verdict).and_then(|before| {
            let saying = if saying.yes { judge.unasked(&before, saying)? } else { ask::once(&judge, &before, saying)? };
            judge.sign(&before, &saying)
        });
        decided.unwrap_or_else(|error| not_recorded(id, saying.verdict, error))
    };
    Ok(ids.into_iter().map(one).collect())
}

/// What a reviewer hears of a decision that was not recorded.
pub(super) fn not_recorded(id: RequestId, verdict: Verdict, error: CommandError) -> DecisionReport {
    DecisionReport {
        id: id.to_string(),
        verdict: verdict.as_str().to_owned(),
        recorded: false,
        unsure: error.kind == Kind::Unsure,
        message: error.message,
        hints: error.hints,
        wait_seconds: error.wait,
        request: None,
        notified: Vec::new(),
    }
}

/// A reviewer with a key, before the repository as it is.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) store: Store,
    signer: Signer,
    pub(super) me: Principal,
}

/// A request as it lies before a reviewer: what they sign is this.
#[derive(Debug)]
pub(super) struct Presented {
    at: Standpoint,
    pub(super) found: Found,
    pub(super) report: RequestReport,
    pub(super) card: Card,
}

impl<'a> Judge<'a> {
    /// Fetches, and delivers what waits here.
    ///
    /// # Errors
    /// The repository does not answer, or the key is nobody's.
    pub(super) fn open(context: &'a Context<'a>) -> Result<(Self, Standpoint), CommandError> {
        let (store, signer) = (context.store()?, context.signer(Hand::Person)?);
        let at = store.refresh()?;
        let me = context.me(&at, &signer)?;
        let (_, problems) = deliver_spooled(context, &store);
        problems.iter().for_each(|problem| context.world.console.say(&format!("expacti: {problem}")));
        Ok((Self { context, store, signer, me }, at))
    }

    /// Fetches a request and makes its card, where this reviewer may decide it so.
    ///
    /// # Errors
    /// It has ended, the decision could not count, or it cannot be told.
    pub(super) fn present(&self, id: RequestId, verdict: Verdict) -> Result<Presented, CommandError> {
        let at = self.store.refresh()?;
        self.store.restore(&id)?;
        let found = request::find(&self.store, &at, id)?;
        self.still_open(&found, verdict)?;
        self.eligible(&at, &found, verdict)?;
        let report = request::describe_to(self.context, &self.store, &at, &found, Some(&self.me))?;
        let card = Card::of(&report);
        Ok(Presented { at, found, report, card })
    }

    /// Notes that the card is on the screen.
    ///
    /// # Errors
    /// It cannot be remembered.
    pub(super) fn showed(&self, before: &Presented) -> Result<(), CommandError> {
        showing::note(&self.store, self.context.world.clock.as_ref(), &before.found.dossier.id).map(drop)
    }

    /// The decision as it would be signed now.
    fn decision(&self, before: &Presented, saying: &Saying) -> Result<Decision, CommandError> {
        let clock = self.context.world.clock.as_ref();
        let (request, decided) = (&before.found.dossier.request, clock.now());
        let looked = showing::ago(&self.store, clock, &before.found.dossier.id)?.unwrap_or(0);
        let looked = i64::try_from(looked).unwrap_or(0);
        Ok(Decision {
            place: place(&before.at),
            request: request.digest(),
            seen: before.found.dossier.seen(),
            reviewer: self.me.id.clone(),
            verdict: saying.verdict,
            comment: saying.comment.clone(),
            answers: saying.answers.clone(),
            suggest: saying.suggest.clone(),
            card: before.card.digest(),
            // By the clock that nobody sets, told on the one that others read.
            shown: Timestamp::from_unix(decided.unix().saturating_sub(looked)).unwrap_or(decided),
            decided,
        })
    }

    /// Why this very approval would count nowhere; nothing where it would, or is a denial.
    ///
    /// # Errors
    /// The memory of what was shown cannot be read.
    pub(super) fn objections(
        &self,
        before: &Presented,
        saying: &Saying,
    ) -> Result<Vec<(String, NotCounted)>, CommandError> {
        match saying.verdict {
            Verdict::Approve => Ok(self.would_count(before, &self.decision(before, saying)?)),
            Verdict::Deny => Ok(Vec::new()),
        }
    }

    /// With --yes nothing is asked; what would not count shows the card, so that it can be made again.
    fn unasked(&self, before: &Presented, saying: &Saying) -> Result<Saying, CommandError> {
        let objections = self.objections(before, saying)?;
        let fast = objections.iter().any(|(_, why)| matches!(why, NotCounted::TooFast { .. }));
        if fast && showing::ago(&self.store, self.context.world.clock.as_ref(), &before.found.dossier.id)?.is_none() {
            self.context.world.console.say(&before.card.plain());
            self.showed(before)?;
        }
        match objections.is_empty() {
            true => Ok(saying.clone()),
            false => Err(self.refused(before, objections)),
        }
    }

    /// The error that tells objections.
    pub(super) fn refused(&self, before: &Presented, objections: Vec<(String, NotCounted)>) -> CommandError {
        let me = &self.me.id;
        let id = before.found.dossier.id;
        let mut error = CommandError::no(format!("this approval of request {id} would not count; nothing signed"));
        let left = left(&objections);
        for (policy, why) in objections {
            error = error.hint(format!("policy `{policy}`: `{me}` {why}"));
        }
        if let Some(left) = left {
            error.wait = Some(left);
            error = error.hint(format!("read on, and say it again in {left} s"));
        }
        error
    }

    /// Signs and delivers.
    ///
    /// # Errors
    /// It ended meanwhile, would not count, or could not be delivered.
    pub(super) fn sign(&self, before: &Presented, saying: &Saying) -> Result<DecisionReport, CommandError> {
        saying.may_be_written()?;
        self.still_open(&before.found, saying.verdict)?;
        let decision = self.decision(before, saying)?;
        match saying.verdict {
            Verdict::Approve => self.approve(before, &decision),
            Verdict::Deny => self.deny(before.found.dossier.id, &decision, before.at.version.config().land),
        }
    }

    fn still_open(&self, found: &Found, verdict: Verdict) -> Result<(), CommandError> {
        let now = self.context.world.clock.now();
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
            _ if verdict == Verdict::Deny => Ok(()),
            other => Err(CommandError::no(format!("request {id} is {}; nothing signed", other.as_str()))),
        }
    }

    /// Told before signing, not after.
    fn eligible(&self, at: &Standpoint, found: &Found, verdict: Verdict) -> Result<(), CommandError> {
        let id = found.dossier.id;
        let me = &self.me.id;
        match verdict {
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

    fn approve(&self, before: &Presented, decision: &Decision) -> Result<DecisionReport, CommandError> {
        let objections = self.would_count(before, decision);
        if !objections.is_empty() {
            return Err(self.refused(before, objections));
        }
        let found = &before.found;
        let id = found.dossier.id;
        let rendered = crate::record::Record::render(decision);
        let name = decision_file_name(&self.me.id, &rendered);
        let record = Record::sign(&name, decision, &self.signer)?;
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
            let now = request::find(&self.store, &at, id)?;
            self.still_open(&now, Verdict::Approve)?;
            // A server that judges pushes takes none on a request that has ended: then that is the answer.
            if let Some(refused) = refused {
                return Err(refused.into());
            }
            tip = now.dossier.branch.tip;
        }
        Err(CommandError::unsure(format!("the branch kept moving for {ATTEMPTS} attempts")))
    }

    /// Why this very approval counts nowhere: then it is not written, and can be made again.
    fn would_count(&self, before: &Presented, decision: &Decision) -> Vec<(String, NotCounted)> {
        let request = before.found.dossier.request.value();
        let version = &before.at.version;
        let asking = Asking { requester: &request.requester, roster: version.roster() };
        let time_zone = &version.config().time_zone;
        // Escalations decide how many are needed, not whether this one counts.
        let heat = Heat::default();
        let moment = Moment { now: decision.decided, requested: request.created, time_zone, heat };
        let votes = [Vote { decision, presence: self.presence(), heat }];
        let mut reasons: Vec<(String, NotCounted)> = Vec::new();
        for name in &before.found.state(decision.decided).standing().governing.policies {
            let Some(policy) = version.config().get(name) else { continue };
            for (who, why) in tally(policy, &asking, &votes, &moment).not_counted {
                if who == self.me.id && why != NotCounted::Spare {
                    reasons.push((name.clone(), why));
                } else {
                    return Vec::new();
                }
            }
            if reasons.iter().all(|(policy, _)| policy != name) {
                return Vec::new();
            }
        }
        reasons
    }

    /// What this key will prove: a hardware key's touch is part of every signature of it.
    fn presence(&self) -> crate::domain::requirement::Presence {
        use crate::domain::requirement::Presence;
        // A PIN is known only from the signature; the tally after delivery says so.
        if self.signer.public().is_sk() { Presence::Pin } else { Presence::Key }
    }

    fn approved(&self, id: RequestId, digest: &Digest) -> Result<DecisionReport, CommandError> {
        let at = self.store.refresh()?;
        let found = request::find(&self.store, &at, id)?;
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
            wait_seconds: None,
            request: Some(request),
            notified: Vec::new(),
        })
    }
}

/// Seconds until the approval is slow enough everywhere, where that is an objection.
pub(super) fn left(objections: &[(String, NotCounted)]) -> Option<u64> {
    let left = objections.iter().filter_map(|(_, why)| match why {
        NotCounted::TooFast { took, least } => Some(least.saturating_sub(*took)),
        _ => None,
    });
    left.max()
}
