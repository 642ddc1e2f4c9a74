//! Whom and where a policy is for, told from bound facts alone.

mod remote;

use crate::domain::command::{Value, paths_in};
use crate::domain::pattern::Pattern;
use crate::domain::policy::{Environment, Policy, PolicySet, Requesters};
use crate::domain::principal::{Name, Roster};
use crate::domain::request::Request;
use crate::gate::governing::Texts;
use crate::matching::Governed;

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
pub struct Environments {
    told: Vec<(String, Truth)>,
    /// Those that a command inside the request names, where nothing else does.
    inside: Vec<String>,
}

impl Environments {
    /// Whether it goes to this one; `Maybe` for a name that is not configured.
    pub fn get(&self, name: &str) -> Truth {
        self.told.iter().find(|(known, _)| known == name).map_or(Truth::Maybe, |(_, truth)| *truth)
    }

    /// Those it certainly goes to, in the file's order.
    pub fn recognised(&self) -> impl Iterator<Item = &str> {
        self.iter().filter(|(_, truth)| *truth == Truth::Yes).map(|(name, _)| name)
    }

    /// Those that people are told of: recognised, or named by a command inside the request.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        let named = |name: &&str| self.get(name) == Truth::Yes || self.inside.iter().any(|inside| inside == name);
        self.told.iter().map(|(name, _)| name.as_str()).filter(named)
    }

    /// Looks at the commands found inside as well: `sh -c 'deploy prod'` may go where `deploy prod` goes. Whether anything changed.
    ///
    /// What is found so is a `Maybe`, never a `Yes`: it lets more policies govern, and passes none over.
    pub fn look_inside(&mut self, set: &PolicySet, request: &Request, tree: &Governed, texts: &Texts) -> bool {
        let mut changed = false;
        for (environment, (name, truth)) in set.environments.iter().zip(&mut self.told) {
            if *truth == Truth::Yes {
                continue;
            }
            let inside = inside(environment, request, tree, texts);
            if inside == Truth::Yes && !self.inside.contains(name) {
                self.inside.push(name.clone());
            }
            if inside != Truth::No && *truth == Truth::No {
                *truth = Truth::Maybe;
                changed = true;
            }
        }
        changed
    }

    /// All that are configured, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Truth)> {
        self.told.iter().map(|(name, truth)| (name.as_str(), *truth))
    }
}

/// Runs the recognisers of `[[environments]]` over what the request binds.
///
/// Spec section 6: never from the caller, so [`Request::environments`] is not looked at.
pub fn environments(set: &PolicySet, request: &Request) -> Environments {
    let recognise = |environment: &Environment| (environment.name.clone(), recognise(environment, request));
    Environments { told: set.environments.iter().map(recognise).collect(), inside: Vec::new() }
}

/// Whether a policy's `requesters` and `environments` hold for a request.
///
/// Spec section 2: passed over (`No`) only when provably false. An environment condition is that only
/// when none of its environments can be meant and another one is recognised; `Maybe` governs, and
/// matching goes on below.
pub fn applies(policy: &Policy, found: &Environments, request: &Request, roster: &Roster) -> Truth {
    let asks = |who: &Requesters| is_requester(who, &request.requester, roster);
    if !policy.requesters.is_empty() && !policy.requesters.iter().any(asks) {
        return Truth::No;
    }
    goes(policy, found)
}

/// The `environments` half of [`applies`], which asks nothing of the roster.
pub fn goes(policy: &Policy, found: &Environments) -> Truth {
    if policy.environments.is_empty() {
        return Truth::Yes;
    }
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
        Requesters::Team(team) => roster.get(requester).is_some_and(|principal| principal.team.as_ref() == Some(team)),
        Requesters::Group(group) => roster.group(group).is_some_and(|members| members.contains(requester)),
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
    let (context, unknown_context) = kube_context(environment, &command.argv);
    if argument || cwd || variable || context || (host && !unknown_host) {
        Truth::Yes
    } else if secret || unknown_host || unknown_context {
        Truth::Maybe
    } else {
        Truth::No
    }
}

/// Whether a command inside the request names this environment (`Yes`), or may (`Maybe`).
fn inside(environment: &Environment, request: &Request, tree: &Governed, texts: &Texts) -> Truth {
    let by_words = !environment.arguments.is_empty();
    let by_place = !environment.cwd.is_empty();
    let by_context = !environment.kube_contexts.is_empty();
    let by_host = !environment.hosts.is_empty();
    // A variable that text sets is none of those that are bound.
    let raw = || request.command.argv.iter().chain(texts.values());
    let sets = |name: &str| {
        let name = [name.as_bytes(), b"="].concat();
        raw().any(|text| text.windows(name.len()).any(|part| part == name))
    };
    let looks = by_words || by_place || by_context || by_host || !environment.variables.is_empty();
    let hides = !tree.opaque.is_empty() && looks;
    let mut may = hides || environment.variables.iter().any(|(name, _)| sets(name));
    for command in &tree.commands {
        let words: Vec<&[u8]> = command.argv.iter().map(|token| token.bytes.as_slice()).collect();
        let partial = command.argv.iter().any(|token| !token.is_whole());
        let program = words.first().and_then(|word| word.rsplit(|byte| *byte == b'/').next()).unwrap_or_default();
        if environment.arguments.iter().any(|pattern| words.iter().any(|word| pattern.matches(word))) {
            return Truth::Yes;
        }
        let argv: Vec<Vec<u8>> = words.iter().map(|word| word.to_vec()).collect();
        let (context, unknown) = kube_context(environment, &argv);
        if context {
            return Truth::Yes;
        }
        if let Some(hosts) = remote::hosts(&argv).filter(|_| by_host) {
            if hosts.iter().any(|host| environment.hosts.iter().any(|pattern| pattern.matches(host))) {
                return Truth::Yes;
            }
            // Any name may be another's.
            may = true;
        }
        may |= unknown || (partial && (by_words || by_context || by_place));
        let places = || words.iter().flat_map(|word| places(&request.command.cwd, word));
        let meant = |pattern: &Pattern| places().any(|place| pattern.matches(&place));
        may |= by_place && (matches!(program, b"cd" | b"pushd") || environment.cwd.iter().any(meant));
    }
    if may { Truth::Maybe } else { Truth::No }
}

/// The places that a word may mean, each as it is written and as seen from `cwd`.
///
/// By the words alone: where a symbolic link leads is no bound fact.
fn places(cwd: &[u8], word: &[u8]) -> Vec<Vec<u8>> {
    paths_in(word).into_iter().flat_map(|place| [place.to_vec(), seen_from(cwd, place)]).collect()
}

/// A path from the root, without `.`, `..` and empty parts.
fn seen_from(cwd: &[u8], path: &[u8]) -> Vec<u8> {
    let start = if path.starts_with(b"/") { &[] } else { cwd };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in start.split(|byte| *byte == b'/').chain(path.split(|byte| *byte == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    [b"/", parts.join(&b'/').as_slice()].concat()
}

/// Whether the command names a context of this environment, and whether the one it would use cannot be told:
/// a program of a cluster that names none takes it from a file that is not bound.
fn kube_context(environment: &Environment, argv: &[Vec<u8>]) -> (bool, bool) {
    const OPTIONS: [&[u8]; 2] = [b"--context", b"--kube-context"];
    const PROGRAMS: [&[u8]; 6] = [b"kubectl", b"helm", b"oc", b"helmfile", b"kustomize", b"k9s"];
    if environment.kube_contexts.is_empty() {
        return (false, false);
    }
    let mut named = Vec::new();
    for (at, argument) in argv.iter().enumerate() {
        for option in OPTIONS {
            match argument.strip_prefix(option) {
                Some([]) => named.extend(argv.get(at + 1).map(Vec::as_slice)),
                Some([b'=', value @ ..]) => named.push(value),
                _ => {}
            }
        }
    }
    let meant = named.iter().any(|context| environment.kube_contexts.iter().any(|pattern| pattern.matches(context)));
    let name = |argument: &Vec<u8>| argument.rsplit(|byte| *byte == b'/').next().map(<[u8]>::to_vec);
    let of_a_cluster = argv.iter().filter_map(name).any(|name| PROGRAMS.contains(&name.as_slice()));
    (meant, named.is_empty() && of_a_cluster)
}

#[cfg(test)]
mod tests;
