//! Which requests an auditor asks about.

use crate::commands::audit::period::Period;
use crate::domain::pattern::{Pattern, PatternKind};
use crate::domain::time::Timestamp;
use crate::gate::account::Account;

/// All of it must hold; what is not said holds for every request.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// When it ended; while it is open, when it was made.
    pub period: Period,
    /// Asked for it, operates who asked, ran it, decided about it or closed it.
    pub principal: Option<String>,
    /// One of the policies that govern it.
    pub policy: Option<String>,
    /// In the command line; with `*`, `?` or `[` a glob over all of it, as in policies.
    pub command: Option<String>,
    /// Its state, one of these; none: any.
    pub states: Vec<String>,
    /// Goes there.
    pub environment: Option<String>,
}

impl Filter {
    /// Whether nothing but a stretch of time is asked for.
    pub fn is_of_time_alone(&self) -> bool {
        let words = [&self.principal, &self.policy, &self.command, &self.environment];
        self.states.is_empty() && words.iter().all(|word| word.is_none())
    }

    /// Whether a request is asked for.
    pub fn takes(&self, account: &Account) -> bool {
        let time = account.ended.as_ref().unwrap_or(&account.created).parse::<Timestamp>();
        // What cannot be placed in time is not left out.
        let timely = time.map_or(true, |at| self.period.holds(at));
        let named = |wanted: &Option<String>, names: &[String]| wanted.as_ref().is_none_or(|one| names.contains(one));
        timely
            && self.principal.as_ref().is_none_or(|who| takes_part(account, who))
            && named(&self.policy, &account.policies)
            && named(&self.environment, &account.environments)
            && self.command.as_ref().is_none_or(|text| says(account, text))
            && (self.states.is_empty() || self.states.contains(&account.state))
    }
}

fn takes_part(account: &Account, who: &str) -> bool {
    account.requester == who
        || account.runner == who
        || account.operators.iter().any(|one| one == who)
        || account.ended_by.as_deref() == Some(who)
        || account.decisions.iter().any(|voice| voice.reviewer == who)
        || account.outcome.as_ref().is_some_and(|told| told.author == who)
}

fn says(account: &Account, text: &str) -> bool {
    if text.contains(['*', '?', '[']) {
        return Pattern::new(PatternKind::Glob, text).is_ok_and(|pattern| pattern.matches(account.command.as_bytes()));
    }
    account.command.contains(text)
}
