//! Whom and where a policy is for, told from bound facts alone.

use crate::domain::command::Value;
use crate::domain::policy::{Environment, Policy, PolicySet, Requesters};
use crate::domain::principal::{Name, Roster};
use crate::domain::request::Request;

/// An answer that may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Certainly.
    Yes,
    /// Certainly not.
    No,
    /// The bound facts do not tell.
    Maybe,
}

/// To which configured environments a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environments(Vec<(String, Truth)>);

impl Environments {
    /// Whether it goes to this one; `Maybe` for a name that is not configured.
    pub fn get(&self, name: &str) -> Truth {
        self.0.iter().find(|(known, _)| known == name).map_or(Truth::Maybe, |(_, truth)| *truth)
    }

    /// Those it certainly goes to, in the file's order.
    pub fn recognised(&self) -> impl Iterator<Item = &str> {
        self.iter().filter(|(_, truth)| *truth == Truth::Yes).map(|(name, _)| name)
    }

    /// All that are configured, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Truth)> {
        self.0.iter().map(|(name, truth)| (name.as_str(), *truth))
    }
}

/// Runs the recognisers of `[[environments]]` over what the request binds.
///
/// Spec section 6: never from the caller, so [`Request::environments`] is not looked at.
pub fn environments(set: &PolicySet, request: &Request) -> Environments {
    let recognise = |environment: &Environment| (environment.name.clone(), recognise(environment, request));
    Environments(set.environments.iter().map(recognise).collect())
}

/// Whether a policy's `requesters` and `environments` hold for a request.
///
/// Spec section 2: passed over (`No`) only when provably false. An environment condition is that only
/// when none of its environments can be meant and another one is recognised; `Maybe` governs, and
/// matching goes on below.
pub fn applies(policy: &Policy, set: &PolicySet, request: &Request, roster: &Roster) -> Truth {
    let asks = |who: &Requesters| is_requester(who, &request.requester, roster);
    if !policy.requesters.is_empty() && !policy.requesters.iter().any(asks) {
        return Truth::No;
    }
    if policy.environments.is_empty() {
        return Truth::Yes;
    }
    let found = environments(set, request);
    let listed = |name: &str| policy.environments.iter().any(|listed| listed == name);
    let meant = |truth: Truth| policy.environments.iter().any(|name| found.get(name) == truth);
    let others = |truth: Truth| found.iter().any(|(name, is)| is == truth && !listed(name));
    if meant(Truth::Yes) && !others(Truth::Yes) && !others(Truth::Maybe) {
        Truth::Yes
    } else if !meant(Truth::Yes) && !meant(Truth::Maybe) && others(Truth::Yes) {
        Truth::No
    } else {
        Truth::Maybe
    }
}

fn is_requester(who: &Requesters, requester: &Name, roster: &Roster) -> bool {
    match who {
        Requesters::Name(pattern) => pattern.matches(requester.as_str().as_bytes()),
        Requesters::Team(team) => {
            roster.get(requester).is_some_and(|principal| principal.team.as_ref() == Some(team))
        }
        Requesters::Group(group) => {
            roster.group(group).is_some_and(|members| members.contains(requester))
        }
    }
}

fn recognise(environment: &Environment, request: &Request) -> Truth {
    let command = &request.command;
    let argument = command.argv.iter().any(|argument| environment.arguments.iter().any(|p| p.matches(argument)));
    let cwd = environment.cwd.iter().any(|pattern| pattern.matches(&command.cwd));
    let host = environment.hosts.iter().any(|pattern| pattern.matches(request.host.as_bytes()));
    // The child's environment is exactly what is bound: a variable that is not there is not set.
    let mut variable = false;
    let mut secret = false;
    for (name, pattern) in &environment.variables {
        for bound in command.env.iter().filter(|bound| bound.name == name.as_bytes()) {
            match &bound.value {
                Value::Plain(value) => variable |= pattern.matches(value),
                Value::Secret(_) => secret = true,
            }
        }
    }
    let unknown_host = !environment.hosts.is_empty() && request.host.is_empty();
    if argument || cwd || variable || (host && !unknown_host) {
        Truth::Yes
    } else if secret || unknown_host {
        Truth::Maybe
    } else {
        Truth::No
    }
}
