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
        principals: vec![principal("ci-bot", Kind::Agent, 1, Some("data")), principal("alice", Kind::Person, 2, None)],
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
    assert_eq!(environments(&set(), &request("prod local")).recognised().collect::<Vec<_>>(), ["production", "laptop"]);
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

/// From a machine of one environment, at work on a host of another.
#[test]
fn a_host_that_is_gone_to_may_be_meant() {
    use Truth::{Maybe, No};
    let mut set = set();
    set.environments =
        vec![environment("live", "host:live*"), environment("ci", "host:ci*"), environment("paper", "arg:zz*")];
    for (argv, live, named) in [
        (&["ls", "live-1"][..], No, "ci"),
        (&["ssh", "live-1", "ls"], Maybe, "live ci"),
        (&["env", "nice", "ssh", "-p", "22", "root@LIVE-1", "ls"], Maybe, "live ci"),
        (&["sh", "-c", "cd x && ssh live-1 ls"], Maybe, "live ci"),
        (&["ssh", "-o", "HostName=live-1", "other", "ls"], Maybe, "live ci"),
        (&["ssh", "other", "ssh", "live-1", "ls"], Maybe, "live ci"),
        (&["scp", "a", "live-1:b"], Maybe, "live ci"),
        // An alias, or a name that nobody knows yet.
        (&["ssh", "other", "ls"], Maybe, "ci"),
        (&["sh", "-c", "ssh $WHERE ls"], Maybe, "ci"),
        (&["sh", "-c", "$WHAT"], Maybe, "ci"),
        (&["scp", "a", "b"], Maybe, "ci"),
        (&["cp", "a", "live-1:b"], No, "ci"),
    ] {
        let mut request = request("/srv/staging");
        request.command.argv = argv.iter().map(|word| word.as_bytes().to_vec()).collect();
        let governing = crate::gate::governing::governing_by(&set, &request, &Texts::new(), &|_, _| Truth::Yes);
        let found = &governing.environments;
        assert_eq!((found.get("live"), found.get("ci")), (live, Truth::Yes), "{argv:?}");
        assert_eq!(found.named().collect::<Vec<_>>().join(" "), named, "{argv:?}");
        // So its policy is not passed over because of where ssh starts.
        let applies = applies(&policy("live", Vec::new()), found, &request, &roster());
        assert_eq!(applies, live, "{argv:?}");
    }
}

/// From the directory of staging, at work in another one: by an option, by dots, by a word that nobody knows yet.
#[test]
fn a_directory_that_is_named_may_be_meant() {
    use Truth::{Maybe, No};
    let mut set = set();
    set.environments.push(environment("live", "cwd:/srv/live*"));
    for (argv, live) in [
        (&["make", "deploy"][..], No),
        (&["make", "-C", "/srv/live", "deploy"], Maybe),
        (&["make", "-C", "../live", "deploy"], Maybe),
        (&["make", "-C../live", "deploy"], Maybe),
        (&["make", "-C", "/srv/staging/../live/x", "deploy"], Maybe),
        (&["terraform", "-chdir=../live", "apply"], Maybe),
        (&["git", "--git-dir=./../live/.git", "push"], Maybe),
        (&["sh", "-c", "make -C ../live deploy"], Maybe),
        (&["sh", "-c", "make -C $WHERE deploy"], Maybe),
        (&["make", "-C", "../test", "deploy"], No),
        (&["make", "-C", "live", "deploy"], No),
    ] {
        let mut request = request("/srv/staging");
        request.command.argv = argv.iter().map(|word| word.as_bytes().to_vec()).collect();
        let governing = crate::gate::governing::governing_by(&set, &request, &Texts::new(), &|_, _| Truth::Yes);
        assert_eq!(governing.environments.get("live"), live, "{argv:?}");
        assert_eq!(governing.environments.get("staging"), Truth::Yes, "{argv:?}");
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
