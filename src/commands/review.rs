//! `review`: through what waits for one reviewer, one card at a time.
//!
//! Nothing is remembered here: every step fetches, asks what waits, and shows the first that was not looked at yet. So what arrives meanwhile joins
//! once the card that lies there is done with.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use crate::commands::Context;
use crate::commands::decide::{Judge, Presented, Saying, ask, not_recorded};
use crate::commands::error::CommandError;
use crate::commands::report::ReviewReport;
use crate::commands::status::{open, waits_for};
use crate::domain::decision::Verdict;
use crate::domain::id::RequestId;
use crate::gate::state::State;

/// Goes through the queue.
///
/// # Errors
/// There is no terminal, the repository does not answer, or the key is nobody's.
pub fn review(context: &Context<'_>) -> Result<ReviewReport, CommandError> {
    let terminal = context.world.terminal;
    if !(terminal.stdin && terminal.stderr) {
        return Err(CommandError::usage("there is no terminal to review on")
            .hint("`expacti pending --json` lists what waits, `expacti show ID` shows a request")
            .hint("`expacti approve --yes ID` and `expacti deny --yes --reason TEXT ID` decide it, with the full id"));
    }
    context.world.console.hear_interrupts();
    let (judge, _) = Judge::open(context)?;
    let mut walk = Walk { judge, looked: BTreeSet::new(), report: ReviewReport::default() };
    match walk.all() {
        // What was decided was told when it was; the error says the rest.
        Err(Stop::Failed(error)) => return Err(error),
        Err(Stop::Interrupted) => {
            context.world.console.say("");
            walk.report.interrupted = true;
        }
        Ok(()) | Err(Stop::Quit) => {}
    }
    Ok(walk.report)
}

/// Why the walk ends before its end.
enum Stop {
    Quit,
    Interrupted,
    Failed(CommandError),
}

impl From<CommandError> for Stop {
    fn from(error: CommandError) -> Self {
        Self::Failed(error)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == ErrorKind::Interrupted { Self::Interrupted } else { Self::Failed(error.into()) }
    }
}

/// Which of the two queues.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Queue {
    /// An approval would bring it forward.
    Waiting,
    /// This reviewer approved it, and it has not run.
    Approved,
}

struct Walk<'a> {
    judge: Judge<'a>,
    looked: BTreeSet<String>,
    report: ReviewReport,
}

impl Walk<'_> {
    fn all(&mut self) -> Result<(), Stop> {
        if !self.through(Queue::Waiting)? {
            self.say("nothing waits for you");
        }
        let approved = self.queue(Queue::Approved)?.len();
        if approved > 0 {
            let question = format!("{approved} that you approved may still run: look at them? [y/N]");
            if matches!(self.ask(&question)?.as_str(), "y" | "Y" | "yes") {
                self.through(Queue::Approved)?;
            }
        }
        Ok(())
    }

    /// One card after the other, until none is left; whether there was one.
    fn through(&mut self, queue: Queue) -> Result<bool, Stop> {
        let mut any = false;
        loop {
            let waiting = self.queue(queue)?;
            let Some((id, expires)) = waiting.first().cloned() else { return Ok(any) };
            any = true;
            self.looked.insert(id.to_string());
            let verdict = if queue == Queue::Waiting { Verdict::Approve } else { Verdict::Deny };
            match self.judge.present(id, verdict) {
                Ok(before) => {
                    let now = self.judge.context.world.clock.now();
                    let left = expires.parse().map_or(0, |expires: crate::domain::time::Timestamp| expires.since(now));
                    let more = match waiting.len() - 1 {
                        0 => "nothing more after it".to_owned(),
                        more => format!("{more} more after it"),
                    };
                    self.say(&format!("\n-- {}; {more} --", ends_in(left)));
                    let made = self.report.decisions.len();
                    let walked = self.card(&before, queue);
                    let decided = self.report.decisions.iter().skip(made).any(|decision| decision.recorded);
                    if walked.is_err() {
                        // It lies there still, and so do those behind it.
                        self.report.skipped.extend((!decided).then(|| id.to_string()));
                        self.report.unseen = waiting.len() - 1;
                    }
                    walked?;
                }
                // It ended, or somebody else settled it, since the list was made.
                Err(error) => self.say(&format!("expacti: {}", error.message)),
            }
        }
    }

    /// What waits and was not looked at yet, by id and expiry.
    fn queue(&self, queue: Queue) -> Result<Vec<(RequestId, String)>, Stop> {
        let Judge { context, store, me, .. } = &self.judge;
        let at = store.refresh().map_err(CommandError::from)?;
        let now = context.world.clock.now();
        let reports = open(context, store, &at, |found| match queue {
            Queue::Waiting => waits_for(context, &at, found, &me.id),
            Queue::Approved => {
                let own = |verdict| {
                    let decisions = found.dossier.decisions.iter().map(|decision| decision.value());
                    decisions.filter(|decision| decision.reviewer == me.id).any(|decision| decision.verdict == verdict)
                };
                own(Verdict::Approve)
                    && !own(Verdict::Deny)
                    && matches!(found.state(now), State::Pending(_) | State::Approved(..))
            }
        })?;
        let new = reports.into_iter().filter(|report| !self.looked.contains(&report.id));
        Ok(new.filter_map(|report| Some((report.id.parse().ok()?, report.expires))).collect())
    }

    fn card(&mut self, before: &Presented, queue: Queue) -> Result<(), Stop> {
        ask::show(&self.judge, before)?;
        let id = before.found.dossier.id;
        loop {
            self.judge.context.world.console.forget_typed();
            let menu = match queue {
                Queue::Waiting => "a approve, d deny, o open all of it, s skip, q quit:",
                Queue::Approved => "d deny and so take your approval back, o open all of it, s skip, q quit:",
            };
            let saying = match self.ask(menu)?.as_str() {
                "a" | "approve" if queue == Queue::Waiting => self.approval(before)?,
                "d" | "deny" => self.denial()?,
                "o" | "open" => {
                    ask::open(&self.judge, before);
                    None
                }
                "s" | "skip" => {
                    self.report.skipped.push(id.to_string());
                    return Ok(());
                }
                "q" | "quit" => return Err(Stop::Quit),
                _ => None,
            };
            let Some(saying) = saying else { continue };
            if let Err(error) = saying.may_be_written() {
                self.say(&format!("nothing signed: {}", error.message));
                continue;
            }
            let decided = self.judge.sign(before, &saying);
            let told = decided.unwrap_or_else(|error| not_recorded(id, saying.verdict, error));
            self.say(&told.message);
            told.hints.iter().for_each(|hint| self.say(&format!("hint: {hint}")));
            let again = told.wait_seconds.is_some();
            self.report.decisions.push(told);
            if self.judge.context.world.console.interrupted() {
                return Err(Stop::Interrupted);
            }
            if !again {
                return Ok(());
            }
        }
    }

    /// Comment and answers; none where the reviewer went back.
    fn approval(&self, before: &Presented) -> Result<Option<Saying>, Stop> {
        let needed = before.report.policies.iter().any(|policy| policy.require_comment);
        let question = if needed { "what did you check?" } else { "what did you check? (Enter for no comment)" };
        let comment = self.ask(question)?;
        let mut saying = Saying {
            verdict: Verdict::Approve,
            comment,
            answers: std::collections::BTreeMap::new(),
            suggest: None,
            yes: false,
        };
        match ask::settle(&self.judge, before, &mut saying) {
            Ok(true) => Ok(Some(saying)),
            Ok(false) if self.judge.context.world.console.interrupted() => Err(Stop::Interrupted),
            Ok(false) => {
                self.say("nothing signed");
                Ok(None)
            }
            Err(_) if self.judge.context.world.console.interrupted() => Err(Stop::Interrupted),
            Err(error) => {
                self.say(&error.message);
                error.hints.iter().for_each(|hint| self.say(&format!("hint: {hint}")));
                Ok(None)
            }
        }
    }

    fn denial(&self) -> Result<Option<Saying>, Stop> {
        let comment = self.ask("why not? (everyone reads it; Enter goes back)")?;
        if comment.is_empty() {
            self.say("nothing signed");
            return Ok(None);
        }
        let suggest = self.ask("a command you would approve instead? (Enter for none)")?;
        Ok(Some(Saying {
            verdict: Verdict::Deny,
            comment,
            answers: std::collections::BTreeMap::new(),
            suggest: Some(suggest).filter(|suggest| !suggest.is_empty()),
            yes: false,
        }))
    }

    fn ask(&self, question: &str) -> Result<String, Stop> {
        // The end of input is a person who left.
        self.judge.context.world.console.ask(question)?.ok_or(Stop::Quit)
    }

    fn say(&self, line: &str) {
        self.judge.context.world.console.say(line);
    }
}

/// How long it is until it expires, in the unit a person wants.
fn ends_in(seconds: u64) -> String {
    match seconds {
        0..120 => format!("expires in {seconds} s"),
        120..7_200 => format!("expires in {} min", seconds / 60),
        7_200..172_800 => format!("expires in {} h", seconds / 3_600),
        _ => format!("expires in {} days", seconds / 86_400),
    }
}
