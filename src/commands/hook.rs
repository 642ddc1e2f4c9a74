//! `hook`: a server that judges every push before it takes it.

pub mod install;
mod pin;

use std::collections::BTreeMap;
use std::io::Read;

use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::commands::report::{HookReport, RefusedView};
use crate::domain::id::{CommitId, Digest};
use crate::domain::shown;
use crate::gate::ahead::{Ahead, reaches};
use crate::gate::arrival::{self, Gatehouse};
use crate::gate::audit::{Standpoint, StepError, proposed};
use crate::gate::finding::{Code, Finding};
use crate::gate::history::History as _;
use crate::gate::ledger::{Ledger, LedgerError};
use crate::gate::reference::Branch;
use crate::world::objects::Objects;
use crate::world::receive::Server;

/// The most bytes of one push's list of refs; git sends about 150 a ref.
const MAX_INPUT: u64 = 1 << 20;

/// How a refusal begins that is nobody's fault who pushes now.
const BROKEN: &str = "main is not legal";

/// One ref that shall change.
#[derive(Debug, Clone)]
struct Update {
    name: String,
    branch: Option<Branch>,
    old: Option<CommitId>,
    new: Option<CommitId>,
}

/// Judges a push: `old new ref` a line, as git hands them to a pre-receive hook, whose process this must be.
///
/// All refs are judged; one that does not hold refuses the push. Nothing is written but the index of what `main` was
/// before.
///
/// # Errors
/// It cannot be told, and then nothing may be taken.
pub fn pre_receive(
    context: &Context<'_>,
    root: Option<Digest>,
    input: &mut dyn Read,
) -> Result<HookReport, CommandError> {
    if context.world.var("GIT_NAMESPACE").is_some_and(|namespace| !namespace.is_empty()) {
        return Err(CommandError::unsure("git namespaces are not judged; nothing is taken"));
    }
    let mut updates = read_updates(input)?;
    // `main` first: the other branches are judged by what it then is.
    updates.sort_by_key(|update| update.branch != Some(Branch::Main));
    let objects = Objects::of_environment().map_err(|error| {
        CommandError::unsure(format!("the repository of this push cannot be opened: {}", error.message()))
            .hint("this is called by git, as the pre-receive hook of a bare repository: see `expacti hook install`")
    })?;
    let given = pin::pinned(&objects, root)?;
    let arriving = updates.iter().find(|update| update.branch == Some(Branch::Main)).and_then(|update| update.new);
    let server = match Server::open(objects, given, arriving) {
        Ok(server) => server,
        // Nothing of it can be believed.
        Err(error) => {
            let refused = updates.iter().map(|update| refusal(update, &error)).collect();
            return Ok(HookReport { ok: false, updates: updates.len(), refused });
        }
    };
    let ahead = Ahead::new(&server.index, server.good.as_ref().map_or(0, |good| good.height));
    let mut push = Push { server: &server, ahead, at: server.good.clone(), healed: false };
    let refused = updates.iter().filter_map(|update| push.judge(update).err().map(|error| refusal(update, &error)));
    let refused: Vec<RefusedView> = refused.collect();
    Ok(HookReport { ok: refused.is_empty(), updates: updates.len(), refused })
}

fn read_updates(input: &mut dyn Read) -> Result<Vec<Update>, CommandError> {
    let mut bytes = Vec::new();
    input.take(MAX_INPUT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_INPUT {
        return Err(CommandError::unsure("more refs in one push than are judged at once").hint("push them in parts"));
    }
    let mut updates: BTreeMap<String, Update> = BTreeMap::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let unclear = || CommandError::usage(format!("`{}` is not `old new ref`", shown::bytes(line)));
        let mut words = line.splitn(3, |byte| *byte == b' ');
        let mut id = || {
            let word = words.next().and_then(|word| std::str::from_utf8(word).ok()).ok_or_else(unclear)?;
            if !word.is_empty() && word.bytes().all(|digit| digit == b'0') {
                return Ok(None);
            }
            word.parse::<CommitId>().map(Some).map_err(|_| unclear())
        };
        let (old, new) = (id()?, id()?);
        let name = words.next().filter(|name| !name.is_empty()).ok_or_else(unclear)?;
        let branch = std::str::from_utf8(name).ok().and_then(Branch::of_ref);
        let name = shown::bytes(name);
        let update = Update { name: name.clone(), branch, old, new };
        if updates.insert(name, update).is_some() {
            return Err(unclear());
        }
    }
    Ok(updates.into_values().collect())
}

/// One push under judgement.
struct Push<'a> {
    server: &'a Server,
    /// What `main` will be.
    ahead: Ahead<'a>,
    at: Option<Standpoint>,
    /// Whether this push repairs `main`.
    healed: bool,
}

impl<'a> Push<'a> {
    fn judge(&mut self, update: &Update) -> Result<(), StepError> {
        let Some(branch) = update.branch else {
            // What means nothing may always go.
            if update.new.is_none() {
                return Ok(());
            }
            let message = "a policy repository has no such branch".to_owned();
            return Err(StepError::Illegal(Finding::new(Code::RefUnknown, message)));
        };
        if branch == Branch::Main {
            return self.main(update);
        }
        if update.new.is_none() {
            return self.gone(branch, update.old);
        }
        if let Some(fault) = self.server.fault.as_ref().filter(|_| !self.healed) {
            let message = format!("{BROKEN}, so nothing is taken but its repair: {}", fault.message);
            return Err(StepError::Illegal(Finding { message, ..fault.clone() }));
        }
        let Some(new) = update.new else { return Ok(()) };
        match branch {
            Branch::Main => Ok(()),
            Branch::Policy(number, digest) => {
                if let Some(old) = update.old {
                    arrival::forward(&self.server.objects, &self.ahead, old, new)?;
                }
                self.proposal(self.at.as_ref(), number, &digest, &new)
            }
            Branch::Request(id) => self.house(&self.ahead, self.at.as_ref())?.request(id, update.old, new).map(|_| ()),
            Branch::Claim(id) | Branch::Outcome(id) => {
                let claims = matches!(branch, Branch::Claim(_));
                self.house(&self.ahead, self.at.as_ref())?.waiting(claims, id, update.old, new).map(|_| ())
            }
        }
    }

    /// Deletions are judged by the `main` that is there: the one that is pushed along may still lose a race.
    fn gone(&self, branch: Branch, old: Option<CommitId>) -> Result<(), StepError> {
        let there = self.server.objects.reference(&format!("refs/heads/{branch}"));
        let Some(there) = there.map_err(|error| LedgerError(error.message().to_owned()))? else { return Ok(()) };
        // Git compares nothing where the pusher names no object that is there, and deletes whatever it finds.
        let Some(old) = old.filter(|old| *old == there) else {
            return Err(arrival::needed(there, "the push does not say what it deletes".to_owned()));
        };
        let now = self.server.good.as_ref();
        match branch {
            Branch::Main => Ok(()),
            Branch::Request(id) => self.house(&self.server.index, now)?.request_may_go(id, old),
            Branch::Claim(id) => self.house(&self.server.index, now)?.waiting_may_go(true, id, old),
            Branch::Outcome(id) => self.house(&self.server.index, now)?.waiting_may_go(false, id, old),
            Branch::Policy(number, digest) => match self.proposal(now, number, &digest, &old) {
                Ok(()) => Err(arrival::needed(old, format!("policy version {number} waits for its signatures there"))),
                // In force, stale or unreadable.
                Err(StepError::Illegal(_)) => Ok(()),
                Err(other) => Err(other),
            },
        }
    }

    fn house<'b>(&'b self, ledger: &'b dyn Ledger, at: Option<&'b Standpoint>) -> Result<Gatehouse<'b>, StepError> {
        let Server { objects, versions, .. } = self.server;
        let message = "there is no verified main yet for it to start from";
        let at = at.ok_or_else(|| StepError::Illegal(Finding::new(Code::BaseUnknown, message)))?;
        Ok(Gatehouse { history: objects, ledger, versions, at })
    }

    fn proposal(&self, at: Option<&Standpoint>, number: u32, digest: &Digest, tip: &CommitId) -> Result<(), StepError> {
        proposed(&self.server.objects, at, &self.server.repo, number, digest, tip).map(|_| ())
    }

    /// `main` only ever goes on, step by legal step.
    fn main(&mut self, update: &Update) -> Result<(), StepError> {
        let Some(new) = update.new else {
            return Err(arrival::needed(
                update.old.unwrap_or(CommitId::new([0; 20])),
                "main is never deleted".to_owned(),
            ));
        };
        let server = self.server;
        // Where two push at once, git lets the first one win: each is judged on what it was made on.
        let start = match update.old {
            Some(old) => match server.index.find(&old)? {
                Some(position) => {
                    let tree = server.objects.commit(&old)?.tree;
                    let version = server.versions.get(&server.objects, &tree, &position.root)?;
                    Some(Standpoint { commit: old, height: position.height, version, repo: server.repo })
                }
                // Broken before there was a hook: then it goes on from the last good step.
                None => server.good.clone(),
            },
            None => None,
        };
        if start.is_none() && server.tip.is_some() {
            let message = "there is a main already, and this does not go on from a legal step of it";
            return Err(StepError::Illegal(Finding::new(Code::StepIllegal, message).commit(new)));
        }
        let height = start.as_ref().map_or(0, |start| start.height);
        let ahead = Ahead::new(&server.index, height);
        let at = ahead.judge(&server.objects, &server.versions, start.as_ref(), server.repo, new)?;
        if let Some(old) = update.old.filter(|_| server.fault.is_some())
            && !reaches(&server.objects, &server.index, &new, &old)?
        {
            let message = format!("it leaves out {old}, which main is now; a repair names it as its second parent");
            return Err(StepError::Illegal(Finding::new(Code::PushForced, message).commit(new)));
        }
        // On a main that is no longer the newest git itself refuses it.
        if update.old == server.tip {
            self.healed = true;
            self.ahead = ahead;
            self.at = Some(at);
        }
        Ok(())
    }
}

/// What is said to the pusher: what, which commit, which rule, what to do.
fn refusal(update: &Update, error: &StepError) -> RefusedView {
    let unreadable;
    let finding = match error.finding() {
        Some(finding) => finding,
        None => {
            unreadable = Finding::new(Code::ObjectUnreadable, format!("it cannot be told: {error}"));
            &unreadable
        }
    };
    let advice = match (finding.code, update.branch) {
        (Code::ObjectUnreadable, _) => "try again; if it stays, the server needs its administrator",
        (_, Some(branch)) if branch != Branch::Main && finding.message.starts_with(BROKEN) => {
            "`expacti doctor` prints the repair, for whoever looks after the repository"
        }
        (Code::PinMismatch, _) => "ask the admins for the fingerprint of the root: one of the two is not theirs",
        (_, None) => "there are main, requests/ID and policy/VERSION-DIGEST, and expacti pushes them",
        (Code::RefNeeded, Some(Branch::Main)) => "keep it",
        (Code::RefNeeded, Some(Branch::Policy(..))) => "it can go once another version is in force",
        (Code::RefNeeded, Some(_)) => "end the request first: `expacti deny`, or `expacti cancel` by who asked",
        (Code::PushForced, Some(_)) => "fetch, and add to what is there",
        (Code::LateRecord, Some(Branch::Request(_))) => "nothing reopens it: ask anew with `expacti run --retry-of`",
        (_, Some(Branch::Main)) => {
            "nobody pushes main by hand: `expacti` lands what ends a request, \
             `expacti policy sign` a version, `expacti doctor` prints a repair"
        }
        (Code::PolicyOrder, Some(Branch::Policy(..))) => "propose it anew on the version in force",
        (_, Some(Branch::Policy(..))) => "let `expacti policy propose` and `sign` write it",
        (_, Some(_)) => "let `expacti run`, `approve` and `deny` write it, with this server's main fetched",
    };
    RefusedView {
        reference: update.name.clone(),
        old: update.old.map(|id| id.to_string()),
        new: update.new.map(|id| id.to_string()),
        code: finding.code.to_string(),
        commit: finding.commit.or(update.new).map(|commit| commit.to_string()),
        path: finding.path.as_deref().map(shown::line),
        message: shown::line(&finding.message),
        advice: advice.to_owned(),
    }
}
