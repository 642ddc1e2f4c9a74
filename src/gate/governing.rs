//! Which policies govern a request: recomputed by every judge from the facts it binds.

use crate::domain::command::{Command, Stdin, Value, Variable};
use crate::domain::id::Digest;
use crate::domain::pattern::{Pattern, PatternKind};
use crate::domain::policy::{OnOpaque, Policy, PolicySet};
use crate::domain::principal::Name;
use crate::domain::request::Request;
use crate::domain::requirement::Requirement;
use crate::domain::time::Lifetime;
use crate::gate::conditions::{Environments, Truth, applies, environments};
use crate::matching::{Applies, Governed, Invocation, Rule, Script, Settings, govern, lies_in};
use crate::trust::root::PolicyVersion;

/// Texts that travel with a request, by digest.
pub type Texts = std::collections::BTreeMap<Digest, Vec<u8>>;

/// What the policy set says about a request, before anyone has decided.
#[derive(Debug, Clone)]
pub struct Governing {
    /// The commands found, and what matched each.
    pub tree: Governed,
    /// All policies that must be satisfied, each on its own, in the file's order.
    pub policies: Vec<String>,
    /// What follows without people.
    pub gate: Gate,
    /// The strictest timeout of those policies.
    pub timeout: Lifetime,
    /// The principal who must run it, where a policy names one.
    pub runner: Option<Name>,
    /// Where it goes, as far as it can be told.
    pub environments: Environments,
    /// Whether its program lies where the policy trusts programs.
    pub trusted: bool,
}

/// What the policies ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// Nobody need approve.
    Allow,
    /// People decide.
    Review,
    /// It never runs.
    Deny(String),
}

/// The system's directories: what `allow` trusts where the policy names none.
///
/// The last three hold what names in the others link to (`/usr/bin/npm`, `/usr/bin/gcloud`).
pub const SYSTEM_PATH: &[&str] = &[
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/usr/lib",
    "/usr/libexec",
    "/usr/share",
];

/// Judges a request's facts against a policy version.
pub fn governing(version: &PolicyVersion, request: &Request, texts: &Texts) -> Governing {
    let set = version.config();
    governing_by(set, request, texts, &|policy, found| applies(policy, found, request, version.roster()))
}

/// As [`governing`], with the conditions of each policy judged by the caller.
///
/// For `policy explain`, which may know neither roster nor requester; every judge of a request asks [`governing`].
pub fn governing_by(
    set: &PolicySet,
    request: &Request,
    texts: &Texts,
    holds: &dyn Fn(&Policy, &Environments) -> Truth,
) -> Governing {
    let mut found = environments(set, request);
    let mut tree = taken_apart(set, request, texts, &|policy| holds(policy, &found));
    if found.look_inside(set, request, &tree, texts) {
        tree = taken_apart(set, request, texts, &|policy| holds(policy, &found));
    }
    judge(set, request, tree, found)
}

/// The commands found, and what matches them under conditions judged by the caller.
fn taken_apart(set: &PolicySet, request: &Request, texts: &Texts, holds: &dyn Fn(&Policy) -> Truth) -> Governed {
    let command = &request.command;
    let secret = command.env.iter().any(|variable| matches!(variable.value, Value::Secret(_)));
    let trusted = is_trusted(set, request) && !secret;
    let rules: Vec<Rule<'_>> = set
        .policies
        .iter()
        .map(|policy| Rule {
            name: &policy.name,
            patterns: &policy.patterns,
            applies: match holds(policy) {
                // `allow` is for programs that nobody but the system puts in place, and for what can all be seen.
                _ if policy.requirement == Requirement::Allow && !trusted => Applies::No,
                Truth::Yes => Applies::Yes,
                Truth::Maybe => Applies::Maybe,
                Truth::No => Applies::No,
            },
            unasked: policy.requirement == Requirement::Allow,
        })
        .collect();
    let settings = settings(set);
    let env: Vec<(Vec<u8>, Vec<u8>)> = command
        .env
        .iter()
        .map(|variable| match &variable.value {
            Value::Plain(value) => (variable.name.clone(), value.clone()),
            // As a shell writes what is known only when it runs: a variable whose value is a command makes it opaque.
            Value::Secret(_) => (variable.name.clone(), b"$secret".to_vec()),
        })
        .collect();
    let mut hops = vec![command.program.path.clone()];
    hops.extend(command.program.hops.iter().cloned());
    let scripts: Vec<Script<'_>> = command
        .files
        .iter()
        .filter_map(|file| Some(Script { operand: &file.path, text: texts.get(&file.sha256)? }))
        .collect();
    // Programs that text starts are bound without a place in argv: as named, or by the path where PATH led.
    let inside = || {
        let files = command.files.iter().filter(|file| file.index.is_none());
        files.filter_map(|file| Some((&file.path, texts.get(&file.sha256)?)))
    };
    let by_name = inside().filter_map(|(path, text)| {
        let name = path.starts_with(b"/").then(|| path.rsplit(|byte| *byte == b'/').next())??;
        Some(Script { operand: name, text })
    });
    let programs: Vec<Script<'_>> = by_name.collect();
    let bound = command.files.iter().filter(|file| file.index.is_none());
    let outside: Vec<&[u8]> = bound.filter_map(|file| file.path.rsplit(|byte| *byte == b'/').next()).collect();
    let trusted_path = trusted_path(set);
    let stdin = match command.stdin {
        Stdin::Bound { sha256, .. } => texts.get(&sha256).map(Vec::as_slice),
        Stdin::Empty | Stdin::Inherit => None,
    };
    govern(
        &rules,
        &settings,
        &Invocation {
            argv: &command.argv,
            env: &env,
            hops: &hops,
            scripts: &scripts,
            programs: &programs,
            program_script: texts.get(&command.program.sha256).map(Vec::as_slice),
            trusted,
            stdin,
            trusted_path: &trusted_path,
            outside: &outside,
        },
    )
}

fn judge(set: &PolicySet, request: &Request, tree: Governed, environments: Environments) -> Governing {
    let found: Vec<&Policy> = tree.policies.iter().filter_map(|name| set.get(name)).collect();
    let denied = found.iter().find(|policy| policy.requirement == Requirement::Deny);
    let mut runners = found.iter().filter_map(|policy| policy.runner.as_ref());
    let runner = runners.next().cloned();
    let other_runner = runners.find(|other| Some(*other) != runner.as_ref());
    let gate = if tree.opaque_denied {
        Gate::Deny(format!("it cannot be taken apart ({}) and the policy refuses that", tree.opaque.join(", ")))
    } else if let Some(unmatched) = tree.unmatched.first() {
        Gate::Deny(format!("no policy matches `{unmatched}`"))
    } else if let Some(policy) = denied {
        Gate::Deny(format!("policy `{}` denies it", policy.name))
    } else if let Some(other) = other_runner {
        Gate::Deny(format!("its policies name different runners, `{other}` among them"))
    } else if let Some(name) = hidden(set, &request.command) {
        Gate::Deny(format!("variable `{name}` is to be shown by policy, and is a secret"))
    } else if let Some(reason) = found.iter().find_map(|policy| binding(policy, request)) {
        Gate::Deny(reason)
    } else if found.is_empty() {
        Gate::Deny("no policy matches".to_owned())
    } else if found.iter().all(|policy| policy.requirement == Requirement::Allow) {
        // `allow` is for what can all be seen; where every policy is one, "every policy" asks nobody.
        if tree.opaque.is_empty() || set.matching.opaque != OnOpaque::All {
            Gate::Allow
        } else {
            Gate::Deny(format!("it cannot be taken apart ({}) and no policy asks anyone", tree.opaque.join(", ")))
        }
    } else {
        Gate::Review
    };
    let timeout = found.iter().map(|policy| policy.timeout).min().unwrap_or(Lifetime::minutes(30));
    let policies = found.iter().map(|policy| policy.name.clone()).collect();
    let trusted = is_trusted(set, request);
    Governing { policies, gate, timeout, runner, tree, environments, trusted }
}

/// A variable that reviewers are to see and cannot.
fn hidden(set: &PolicySet, command: &Command) -> Option<String> {
    let secret = |name: &&String| {
        let hides =
            |variable: &Variable| variable.name == name.as_bytes() && matches!(variable.value, Value::Secret(_));
        command.env.iter().any(hides)
    };
    set.pass.iter().find(secret).cloned()
}

/// What a policy says about the execution that the request does not meet.
fn binding(policy: &Policy, request: &Request) -> Option<String> {
    let name = &policy.name;
    let command = &request.command;
    let binding = &policy.binding;
    if command.stdin == Stdin::Inherit && !binding.inherit_stdin {
        return Some(format!("policy `{name}` does not let it inherit standard input"));
    }
    if binding.clean_worktree && !command.worktree.as_ref().is_some_and(|tree| tree.clean) {
        return Some(format!("policy `{name}` asks for a clean git work tree"));
    }
    if binding.sealed && command.program.pin != crate::domain::command::Pin::Sealed {
        return Some(format!("policy `{name}` asks for a sealed program"));
    }
    if binding.refuse_hash_only {
        let file = command.files.iter().any(|file| !file.shown);
        let stdin = matches!(command.stdin, Stdin::Bound { shown: false, .. });
        if file || stdin {
            return Some(format!("policy `{name}` refuses files that reviewers cannot read"));
        }
    }
    binding
        .files
        .iter()
        .find(|wanted| !is_bound(wanted, command))
        .map(|wanted| format!("policy `{name}` asks for `{wanted}` to be bound, and it is not"))
}

/// Whether a file that a policy names is bound: by its own name, or, for a glob, wherever the command line names one.
fn is_bound(wanted: &str, command: &Command) -> bool {
    let plain = |path: &[u8]| path.strip_prefix(b"./").unwrap_or(path).to_vec();
    let wanted = String::from_utf8_lossy(&plain(wanted.as_bytes())).into_owned();
    if !wanted.contains(['*', '?', '[', '{']) {
        return command.files.iter().any(|file| plain(&file.path) == wanted.as_bytes());
    }
    let Ok(pattern) = Pattern::new(PatternKind::Glob, &wanted) else { return false };
    let left_out = |index: &u32| command.argv.get(*index as usize).is_some_and(|path| pattern.matches(&plain(path)));
    !command.unpinned.iter().any(left_out)
}

/// The matching settings of a policy set.
pub fn settings(set: &PolicySet) -> Settings {
    Settings {
        opaque: match &set.matching.opaque {
            OnOpaque::All => crate::matching::OnOpaque::All,
            OnOpaque::Deny => crate::matching::OnOpaque::Deny,
            OnOpaque::Policy(name) => crate::matching::OnOpaque::Policy(name.clone()),
        },
        inert: set.matching.inert.clone(),
        carriers: set.matching.carriers.clone(),
    }
}

/// The directories a policy set trusts programs from.
pub fn trusted_path(set: &PolicySet) -> Vec<String> {
    match &set.matching.trusted_path {
        Some(path) => path.clone(),
        None => SYSTEM_PATH.iter().map(|dir| (*dir).to_owned()).collect(),
    }
}

/// Whether the program, as named and as the last link leads, lies in the trusted path, and the requester's machine found it so.
///
/// Links between may lie elsewhere (`/etc/alternatives`): that only root can bend them, that machine alone can see.
fn is_trusted(set: &PolicySet, request: &Request) -> bool {
    let program = &request.command.program;
    let path = trusted_path(set);
    program.trusted && std::iter::once(&program.path).chain(program.hops.last()).all(|file| lies_in(&path, file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{self, Record as _};

    /// The request of docs/format.md with LANG as a secret.
    fn request() -> Request {
        let document = include_str!("../../docs/format.md");
        let start = document.find("schema = \"expacti/request/v1\"").unwrap();
        let text = document.get(start..).unwrap().split("```").next().unwrap();
        let secret = format!("secret = \"{}\"", "5".repeat(64));
        Request::parse(text.replace("value = \"C.UTF-8\"", &secret).as_bytes()).unwrap()
    }

    #[test]
    fn a_program_is_trusted_where_it_is_named_and_where_it_lies() {
        let system = "";
        let own = "[matching]\ntrusted_path = [\"/opt/tools/\"]\n";
        for (matching, hops, found, trusted) in [
            (system, &["/usr/bin/which"][..], true, true),
            (system, &["/usr/bin/which"], false, false),
            (system, &["/usr/bin/which", "/etc/alternatives/which", "/usr/bin/which.debianutils"], true, true),
            (system, &["/usr/bin/gcloud", "/usr/bin/../lib/sdk/bin/gcloud", "/usr/lib/sdk/bin/gcloud"], true, true),
            (system, &["/usr/bin/job", "/home/bot/job"], true, false),
            (system, &["/usr/bin/job", "/usr/bin/../../home/bot/job"], true, false),
            (system, &["/home/bot/job", "/usr/bin/job"], true, false),
            (system, &["/usr/bin/../../home/bot/job"], true, false),
            (system, &["/usr/binary/job"], true, false),
            (system, &["/opt/tools/job"], true, false),
            (own, &["/opt/tools/job"], true, true),
            (own, &["/opt/tools/job", "/usr/bin/job"], true, false),
            (own, &["/usr/bin/job"], true, false),
        ] {
            let mut request = request();
            let hops: Vec<Vec<u8>> = hops.iter().map(|hop| hop.as_bytes().to_vec()).collect();
            request.command.program.path = hops[0].clone();
            request.command.program.hops = hops[1..].to_vec();
            request.command.program.trusted = found;
            let policy = "[[approval_policies]]\nname = \"any\"\npattern = \"*\"\nrequirement = \"allow\"\n";
            let set = record::policy::parse("config.toml", format!("{matching}{policy}").as_bytes()).unwrap();
            assert_eq!(is_trusted(&set, &request), trusted, "{matching} {:?}", request.command.program);
            let governing = governing_by(&set, &request, &Texts::new(), &|_, _| Truth::Yes);
            assert_eq!(governing.trusted, trusted, "{matching} {:?}", request.command.program);
        }
    }

    #[test]
    fn what_the_policy_has_shown_cannot_be_a_secret_whoever_wrote_the_request() {
        let request = request();
        for (pass, denied) in [("LANG", true), ("OTHER", false)] {
            let policy = "name = \"any\"\npattern = \"*\"\nrequirement = \"any_of\"\nreviewers = [\"alice\"]\n";
            let config = format!("[environment]\npass = [\"{pass}\"]\n[[approval_policies]]\n{policy}");
            let set = record::policy::parse("config.toml", config.as_bytes()).unwrap();
            let found = governing_by(&set, &request, &Texts::new(), &|_, _| Truth::Yes);
            assert_eq!(matches!(&found.gate, Gate::Deny(why) if why.contains("`LANG`")), denied, "{:?}", found.gate);
        }
    }
}
