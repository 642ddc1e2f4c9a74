//! Whom and where a policy is for, told from bound facts alone.

use crate::domain::command::Value;
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
    // A variable that text sets is none of those that are bound.
    let raw = || request.command.argv.iter().chain(texts.values());
    let sets = |name: &str| {
        let name = [name.as_bytes(), b"="].concat();
        raw().any(|text| text.windows(name.len()).any(|part| part == name))
    };
    let hides = !tree.opaque.is_empty() && (by_words || by_place || by_context || !environment.variables.is_empty());
    let mut may = hides || environment.variables.iter().any(|(name, _)| sets(name));
    for command in &tree.commands {
        let words: Vec<&[u8]> = command.argv.iter().map(|token| token.bytes.as_slice()).collect();
        let partial = command.argv.iter().any(|token| !token.is_whole());
        let program = words.first().and_then(|word| word.rsplit(|byte| *byte == b'/').next()).unwrap_or_default();
        // The value of an option counts as a word, too.
        let value = |word: &[u8]| {
            word.iter().position(|byte| *byte == b'=').and_then(|at| word.get(at + 1..).map(<[u8]>::to_vec))
        };
        let meant = |pattern: &Pattern| {
            words.iter().any(|word| pattern.matches(word) || value(word).is_some_and(|v| pattern.matches(&v)))
        };
        if environment.arguments.iter().any(|pattern| words.iter().any(|word| pattern.matches(word))) {
            return Truth::Yes;
        }
        let argv: Vec<Vec<u8>> = words.iter().map(|word| word.to_vec()).collect();
        let (context, unknown) = kube_context(environment, &argv);
        if context {
            return Truth::Yes;
        }
        may |= unknown || (partial && (by_words || by_context));
        may |= by_place && (matches!(program, b"cd" | b"pushd") || environment.cwd.iter().any(meant));
    }
    if may { Truth::Maybe } else { Truth::No }
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
mod tests {
    use super::*;
    use crate::domain::command::{Command, Pin, Program, Stdin, Variable};
    use crate::domain::id::{CommitId, Digest, Nonce};
    use crate::domain::pattern::{Pattern, PatternKind};
    use crate::domain::policy::Matching;
    use crate::domain::principal::{Kind, Principal, RosterDraft};
    use crate::domain::request::Place;
    use crate::domain::requirement::{Operators, Requirement};
    use crate::domain::time::{Lifetime, Timestamp};

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn pattern(text: &str) -> Pattern {
        Pattern::new(PatternKind::Glob, text).unwrap()
    }

    /// `arg:prod* host:db* cwd:/srv/* STAGE=prod*`.
    fn environment(name: &str, recognisers: &str) -> Environment {
        let mut environment = Environment {
            name: name.to_owned(),
            arguments: Vec::new(),
            variables: Vec::new(),
            hosts: Vec::new(),
            cwd: Vec::new(),
            kube_contexts: Vec::new(),
            risk: None,
        };
        for word in recognisers.split_whitespace() {
            if let Some((variable, value)) = word.split_once('=') {
                environment.variables.push((variable.to_owned(), pattern(value)));
                continue;
            }
            match word.split_once(':').unwrap() {
                ("arg", text) => environment.arguments.push(pattern(text)),
                ("host", text) => environment.hosts.push(pattern(text)),
                ("cwd", text) => environment.cwd.push(pattern(text)),
                ("kube", text) => environment.kube_contexts.push(pattern(text)),
                other => panic!("{other:?}"),
            }
        }
        environment
    }

    fn set() -> PolicySet {
        PolicySet {
            policies: Vec::new(),
            matching: Matching::default(),
            pass: Vec::new(),
            environments: vec![
                environment("production", "arg:prod* STAGE=prod* host:db*"),
                environment("staging", "arg:stag* STAGE=stag* cwd:/srv/staging*"),
                environment("laptop", "arg:local*"),
                environment("cluster", "kube:blue-*"),
            ],
            risk: Default::default(),
            time_zone: "UTC".to_owned(),
            land: crate::domain::policy::Land::default(),
            notify: Default::default(),
        }
    }

    /// `deploy prod STAGE=prod STAGE? @db1 /srv/staging`: arguments, plain and secret variables, host, directory.
    fn request(facts: &str) -> Request {
        let time: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let digest = Digest::new([0; 32]);
        let mut request = Request {
            place: Place { repo: digest, base: CommitId::new([0; 20]), root: digest },
            requester: name("ci-bot"),
            runner: name("ci-bot"),
            host: "ci1".to_owned(),
            created: time,
            expires: time,
            nonce: Nonce::new([0; 16]),
            reason: String::new(),
            retry_of: None,
            // What the requester says is not believed.
            environments: vec!["laptop".to_owned()],
            command: Command {
                argv: Vec::new(),
                cwd: b"/home".to_vec(),
                program: Program {
                    path: b"/usr/bin/deploy".to_vec(),
                    hops: Vec::new(),
                    sha256: digest,
                    size: 1,
                    interpreters: Vec::new(),
                    shown: false,
                    pin: Pin::Checked,
                    trusted: true,
                },
                env: Vec::new(),
                stdin: Stdin::Empty,
                files: Vec::new(),
                unpinned: Vec::new(),
                worktree: None,
            },
        };
        for word in facts.split_whitespace() {
            let mut set = |name: &str, value| {
                request.command.env.push(Variable { name: name.as_bytes().to_vec(), value });
            };
            if let Some((variable, value)) = word.split_once('=') {
                set(variable, Value::Plain(value.as_bytes().to_vec()));
            } else if let Some(variable) = word.strip_suffix('?') {
                set(variable, Value::Secret(digest));
            } else if let Some(host) = word.strip_prefix('@') {
                request.host = host.to_owned();
            } else if word.starts_with('/') {
                request.command.cwd = word.as_bytes().to_vec();
            } else {
                request.command.argv.push(word.as_bytes().to_vec());
            }
        }
        request
    }

    fn policy(environments: &str, requesters: Vec<Requesters>) -> Policy {
        Policy {
            name: "p".to_owned(),
            patterns: Vec::new(),
            requirement: Requirement::Deny,
            environments: environments.split_whitespace().map(str::to_owned).collect(),
            requesters,
            separation: None,
            operators: Operators::default(),
            timeout: Lifetime::minutes(30),
            care: Default::default(),
            runner: None,
            escalations: Vec::new(),
            binding: Default::default(),
        }
    }

    fn roster() -> Roster {
        let principal = |id: &str, kind, seed: u8, team: Option<&str>| {
            let point = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes();
            let key = ssh_key::PublicKey::from(ssh_key::public::Ed25519PublicKey(point)).to_openssh().unwrap();
            Principal {
                id: name(id),
                kind,
                role: None,
                team: team.map(str::to_owned),
                operators: Vec::new(),
                keys: vec![crate::domain::key::PublicKey::parse(&key).unwrap()],
            }
        };
        Roster::new(RosterDraft {
            roles: Vec::new(),
            principals: vec![
                principal("ci-bot", Kind::Agent, 1, Some("data")),
                principal("alice", Kind::Person, 2, None),
            ],
            groups: vec![(name("bots"), vec![name("ci-bot")]), (name("people"), vec![name("alice")])],
            admins: vec![name("alice")],
            threshold: 1,
            revocations: Vec::new(),
        })
        .unwrap()
    }

    #[test]
    fn environments_are_told_from_bound_facts() {
        use Truth::{Maybe, No, Yes};
        for (facts, production, staging, laptop) in [
            ("deploy", No, No, No),
            ("deploy prod", Yes, No, No),
            ("prod", Yes, No, No),
            ("deploy STAGE=production", Yes, No, No),
            ("deploy OTHER=production", No, No, No),
            ("deploy STAGE=test", No, No, No),
            ("deploy STAGE?", Maybe, Maybe, No),
            ("deploy OTHER?", No, No, No),
            ("deploy prod STAGE?", Yes, Maybe, No),
            ("deploy @db1", Yes, No, No),
            ("deploy /srv/staging/app", No, Yes, No),
            ("deploy prod staging local", Yes, Yes, Yes),
        ] {
            let found = environments(&set(), &request(facts));
            assert_eq!(
                ["production", "staging", "laptop"].map(|name| found.get(name)),
                [production, staging, laptop],
                "{facts}"
            );
        }
        let mut hostless = request("deploy");
        hostless.host.clear();
        assert_eq!(environments(&set(), &hostless).get("production"), Maybe);
        assert_eq!(environments(&set(), &hostless).get("unheard-of"), Maybe);
        assert_eq!(
            environments(&set(), &request("prod local")).recognised().collect::<Vec<_>>(),
            ["production", "laptop"]
        );
    }

    #[test]
    fn contexts_of_clusters_are_told_where_they_are_named() {
        for (facts, cluster) in [
            ("kubectl --context blue-1 get", Truth::Yes),
            ("helm --kube-context blue-1 list", Truth::Yes),
            ("kubectl --context green get", Truth::No),
            ("env kubectl get", Truth::Maybe),
            ("ls", Truth::No),
        ] {
            assert_eq!(environments(&set(), &request(facts)).get("cluster"), cluster, "{facts}");
        }
        let mut joined = request("kubectl get");
        joined.command.argv.push(b"--context=blue-1".to_vec());
        assert_eq!(environments(&set(), &joined).get("cluster"), Truth::Yes);
    }

    /// `sh -c 'deploy prod'` from the directory of staging: found by the commands inside, told to people, and only `Maybe` to policy.
    #[test]
    fn what_a_command_inside_names_may_be_meant() {
        use Truth::{Maybe, No};
        for (script, production, cluster, named) in [
            ("deploy test", No, No, "staging"),
            ("deploy prod", Maybe, No, "production staging"),
            ("cd x && env nice deploy prod", Maybe, No, "production staging"),
            ("STAGE=prod deploy", Maybe, No, "staging"),
            ("export STAGE=pr''od; deploy", Maybe, No, "staging"),
            ("deploy $(cat where)", Maybe, Maybe, "staging"),
            ("kubectl --context blue-1 get pods", No, Maybe, "staging cluster"),
            ("kubectl get pods", No, Maybe, "staging"),
            ("kubectl --context green get pods", No, No, "staging"),
        ] {
            let mut request = request("/srv/staging");
            request.command.argv = vec![b"sh".to_vec(), b"-c".to_vec(), script.as_bytes().to_vec()];
            let governing = crate::gate::governing::governing_by(&set(), &request, &Texts::new(), &|_, _| Truth::Yes);
            let found = &governing.environments;
            assert_eq!((found.get("production"), found.get("cluster")), (production, cluster), "{script}");
            assert_eq!(found.get("staging"), Truth::Yes, "{script}");
            assert_eq!(found.named().collect::<Vec<_>>().join(" "), named, "{script}");
        }
    }

    #[test]
    fn a_policy_is_passed_over_only_when_provably_false() {
        use Truth::{Maybe, No, Yes};
        for (listed, facts, truth) in [
            ("", "deploy", Yes),
            ("production", "deploy prod", Yes),
            ("production", "deploy staging", No),
            // Nothing recognised: the target is unknown.
            ("production", "deploy", Maybe),
            ("production staging laptop", "deploy", Maybe),
            // Two at once: ambiguous, unless the policy is for both.
            ("production", "deploy prod staging", Maybe),
            ("production laptop", "deploy prod staging", Maybe),
            ("production staging", "deploy prod staging", Yes),
            ("laptop", "deploy prod staging", No),
            // A secret variable may hide any environment that looks at it.
            ("production", "deploy STAGE?", Maybe),
            ("production", "deploy local STAGE?", Maybe),
            ("production", "deploy prod STAGE?", Maybe),
            ("production staging", "deploy prod STAGE?", Yes),
            ("laptop", "deploy prod STAGE?", No),
            ("laptop", "deploy STAGE?", Maybe),
            ("unheard-of", "deploy prod", Maybe),
        ] {
            let policy = policy(listed, Vec::new());
            assert_eq!(
                applies(&policy, &environments(&set(), &request(facts)), &request(facts), &roster()),
                truth,
                "{listed} | {facts}"
            );
        }
    }

    #[test]
    fn requesters_are_always_decidable() {
        let asked = |policy: &Policy, facts: &str| {
            applies(policy, &environments(&set(), &request(facts)), &request(facts), &roster())
        };
        let by = |requesters| asked(&policy("", requesters), "deploy");
        let group = |text: &str| Requesters::Group(name(text));
        let team = |text: &str| Requesters::Team(text.to_owned());
        assert_eq!(by(vec![]), Truth::Yes);
        assert_eq!(by(vec![Requesters::Name(pattern("ci-*"))]), Truth::Yes);
        assert_eq!(by(vec![Requesters::Name(pattern("cd-*"))]), Truth::No);
        assert_eq!(by(vec![team("data")]), Truth::Yes);
        assert_eq!(by(vec![team("plat")]), Truth::No);
        assert_eq!(by(vec![group("bots")]), Truth::Yes);
        assert_eq!(by(vec![group("people"), group("unheard-of")]), Truth::No);
        assert_eq!(by(vec![group("people"), team("plat"), Requesters::Name(pattern("ci-bot"))]), Truth::Yes);
        // Another requester is no reason to look at environments.
        let other = policy("production", vec![team("plat")]);
        assert_eq!(asked(&other, "deploy prod"), Truth::No);
    }
}
