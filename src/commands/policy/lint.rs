//! What is valid and may still surprise: policies nobody reaches, and people nobody can do without.

use crate::domain::pattern::{Lead, Pattern, PatternKind};
use crate::domain::policy::{OnOpaque, Policy, PolicySet};
use crate::domain::principal::{Fault, Kind, Roster};
use crate::domain::requirement::{Entry, Operators, Quorum, Requirement};
use crate::domain::time::Timestamp;
use crate::gate::quorum::{Asking, Moment, tally};

fn warning(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault { code, ..Fault::new(path, message) }
}

/// What the policies alone show.
pub(super) fn config(set: &PolicySet) -> Vec<Fault> {
    let (mut found, mut above) = (Vec::new(), Vec::new());
    for (at, policy) in set.policies.iter().enumerate() {
        let path = format!("approval_policies[{at}]");
        unreachable(&path, policy, &above, &mut found);
        for (nth, pattern) in policy.patterns.iter().enumerate() {
            let place = pattern_path(&path, policy, nth);
            found.extend(pattern.lints().into_iter().map(|lint| warning("pattern", place.clone(), lint)));
            if let Some(bare) = pattern.without_arguments()
                && !policy.patterns.iter().any(|other| other.matches(bare.as_bytes()))
            {
                let message = format!("`{}` does not match `{bare}` without arguments", pattern.source());
                found.push(warning("pattern", place, message));
            }
        }
        if policy.requirement == Requirement::Allow && policy.patterns.iter().any(Pattern::is_generic) {
            let message =
                format!("policy `{}` lets every program of the trusted path run without approval", policy.name);
            found.push(
                warning("allows-all", format!("{path}.pattern"), message).help("name the commands that only look"),
            );
        }
        if policy.operators == Operators::Count {
            let message = format!("under policy `{}` whoever operates an agent may approve for it alone", policy.name);
            found.push(
                warning("operators-count", format!("{path}.operators"), message)
                    .help("for one person's own use; in a team leave it out, or take \"exclude\""),
            );
        }
        if always_ends(policy) {
            above.extend(policy.patterns.iter().map(|pattern| (pattern.lead(), policy, pattern)));
        }
    }
    if let OnOpaque::Policy(name) = &set.matching.opaque {
        opaque(set, name, &mut found);
    }
    found
}

/// Whether whatever it matches goes no further: no condition, and no trusted path that `allow` depends on.
fn always_ends(policy: &Policy) -> bool {
    policy.environments.is_empty() && policy.requesters.is_empty() && policy.requirement != Requirement::Allow
}

/// A pattern whose match goes no further, its policy, and how the texts start that it matches.
type Ending<'a> = (Lead, &'a Policy, &'a Pattern);

fn unreachable(path: &str, policy: &Policy, above: &[Ending<'_>], found: &mut Vec<Fault>) {
    let cover = |pattern: &Pattern| {
        // What matches all that another one matches starts alike.
        let lead = pattern.lead();
        let alike = above.iter().filter(|(wider, ..)| wider.allows(lead));
        alike.map(|(_, by, wider)| (*by, *wider)).find(|(_, wider)| covers(wider, pattern))
    };
    let covered: Vec<_> = policy.patterns.iter().map(cover).collect();
    let help = "the first match wins: put the more specific policy above";
    if let Some(Some((by, wider))) = covered.first()
        && covered.iter().all(Option::is_some)
    {
        let name = &policy.name;
        let message = format!(
            "policy `{name}` is never reached: `{}` of policy `{}` above matches all of it",
            wider.source(),
            by.name
        );
        found.push(warning("unreachable", pattern_path(path, policy, 0), message).help(help));
        return;
    }
    for (nth, (pattern, cover)) in policy.patterns.iter().zip(&covered).enumerate() {
        if let Some((by, wider)) = cover {
            let message = format!(
                "`{}` of policy `{}` is never reached: `{}` of policy `{}` above matches all of it",
                pattern.source(),
                policy.name,
                wider.source(),
                by.name
            );
            found.push(warning("shadowed", pattern_path(path, policy, nth), message).help(help));
        }
    }
}

/// Whether `wider` surely matches whatever `narrow` does; a doubt is a no.
pub(super) fn covers(wider: &Pattern, narrow: &Pattern) -> bool {
    const SPECIAL: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];
    if wider.is_generic() || wider == narrow {
        return true;
    }
    let source = narrow.source();
    let plain = |text: &str| !text.contains(SPECIAL);
    let literal = match narrow.kind() {
        PatternKind::Exact => true,
        PatternKind::Glob => plain(source),
        PatternKind::Regex => false,
    };
    if literal && !narrow.is_tokens() {
        return wider.matches(source.as_bytes());
    }
    // `deploy*` and `deploy prod*`: all that the narrow one matches begins with what the wide one asks for.
    let prefix = match wider.kind() {
        PatternKind::Glob if !wider.is_tokens() => wider.source().strip_suffix('*').filter(|prefix| plain(prefix)),
        _ => None,
    };
    narrow.kind() == PatternKind::Glob && !narrow.is_tokens() && prefix.is_some_and(|prefix| source.starts_with(prefix))
}

fn pattern_path(path: &str, policy: &Policy, nth: usize) -> String {
    match policy.patterns.as_slice() {
        [only] if only.is_tokens() => format!("{path}.argv"),
        [_] => format!("{path}.pattern"),
        _ => format!("{path}.pattern[{nth}]"),
    }
}

/// A policy for what cannot be seen should ask for no less than those that might govern it.
fn opaque(set: &PolicySet, name: &str, found: &mut Vec<Fault>) {
    let Some(named) = set.get(name) else { return };
    let weaker = set.policies.iter().find(|other| !implies(&named.requirement, &other.requirement));
    if let Some(other) = weaker {
        let message = format!(
            "what cannot be taken apart needs policy `{name}` alone, which asks for less than `{}`",
            other.name
        );
        found
            .push(warning("opaque", "matching.opaque", message).help("\"all\" asks for all of them, \"deny\" refuses"));
    }
}

/// Whether what meets the first requirement surely meets the second.
fn implies(first: &Requirement, second: &Requirement) -> bool {
    match (first, second) {
        (Requirement::Deny, _) | (_, Requirement::Allow) => true,
        (Requirement::Review(first), Requirement::Review(second)) => match (&first.quorum, &second.quorum) {
            _ if first == second => true,
            (Quorum::AllOf(has), Quorum::AllOf(needs)) => {
                second.min_role.is_none() && needs.iter().all(|entry: &Entry| has.contains(entry))
            }
            _ => false,
        },
        _ => false,
    }
}

/// What the policies show together with the people.
pub(super) fn together(set: &PolicySet, roster: &Roster) -> Vec<Fault> {
    let mut found = Vec::new();
    for (at, policy) in set.policies.iter().enumerate() {
        if !matches!(policy.requirement, Requirement::Review(_)) {
            continue;
        }
        let path = format!("approval_policies[{at}]");
        // Separation and hours speak of a particular request; what is asked here holds for all.
        let plain = Policy { separation: None, escalations: Vec::new(), ..policy.clone() };
        let pool = plain.pool(roster);
        let needed: Vec<&str> =
            pool.iter().filter(|person| cannot(&plain, person, roster).is_some()).map(|name| name.as_str()).collect();
        let name = &policy.name;
        match needed.as_slice() {
            [] => {}
            [one] if pool.len() == 1 => found.push(
                warning(
                    "one-person",
                    format!("{path}.name"),
                    format!("only `{one}` can meet policy `{name}`, and nobody what `{one}` asks"),
                )
                .help("name a second person, or a group of several"),
            ),
            [one] => found.push(
                warning("one-person", format!("{path}.name"), format!("policy `{name}` cannot be met without `{one}`"))
                    .help("name a group of several for that seat"),
            ),
            several => found.push(
                warning(
                    "one-person",
                    format!("{path}.name"),
                    format!("policy `{name}` cannot be met without any one of `{}`", several.join("`, `")),
                )
                .help("name groups of several, so that nobody's absence stops it"),
            ),
        }
        if policy.requesters.is_empty() {
            let agents = roster.principals().filter(|principal| principal.kind == Kind::Agent);
            for (agent, why) in agents.filter_map(|agent| Some((&agent.id, cannot(&plain, &agent.id, roster)?))) {
                let message = format!("policy `{name}` can never be met for `{agent}`: {why}");
                found.push(
                    warning("impossible-for", format!("{path}.name"), message)
                        .help("add reviewers who do not operate it"),
                );
            }
        }
    }
    found
}

/// Why a policy can never be met for what this principal asks.
fn cannot(policy: &Policy, requester: &crate::domain::principal::Name, roster: &Roster) -> Option<String> {
    let moment =
        Moment { now: Timestamp::EPOCH, requested: Timestamp::EPOCH, time_zone: "UTC", heat: Default::default() };
    tally(policy, &Asking { requester, roster }, &[], &moment).impossible
}

/// What the people alone show.
pub(super) fn roster(roster: &Roster) -> Vec<Fault> {
    let (admins, threshold) = (roster.admins().len(), roster.threshold() as usize);
    let path = "trust.threshold";
    let mut found = Vec::new();
    if threshold == 1 {
        let message = if admins == 1 {
            "one admin decides everything, and without their key the policy can never change again"
        } else {
            "any one admin's key decides everything"
        };
        found.push(
            warning("threshold", path, message)
                .help("three admins and a threshold of 2: one may be ill, none can act alone"),
        );
    } else if threshold == admins {
        let message = format!("all {admins} admins must sign: nobody may be ill, and a lost key is final");
        found.push(warning("threshold", path, message).help("add an admin, or lower the threshold"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Pattern {
        Pattern::new(PatternKind::Glob, text).unwrap()
    }

    #[test]
    fn covering_is_certain_or_not_claimed() {
        for (wider, narrow, covered) in [
            ("*", "deploy*", true),
            ("deploy*", "deploy prod*", true),
            ("deploy*", "deploy", true),
            ("deploy*", "deploy{ a,-b}*", true),
            ("deploy *", "deploy*", false),
            ("deploy*", "de*", false),
            ("deploy*x", "deploy*", false),
            ("{a,b}*", "a*", false),
            ("d?ploy*", "deploy*", false),
            ("d?ploy*", "deploy now", true),
            ("deploy prod", "deploy prod", true),
        ] {
            assert_eq!(covers(&glob(wider), &glob(narrow)), covered, "{wider} over {narrow}");
        }
        let exact = Pattern::new(PatternKind::Exact, "deploy *").unwrap();
        assert!(covers(&glob("deploy*"), &exact));
        let regex = Pattern::new(PatternKind::Regex, "deploy .*").unwrap();
        assert!(covers(&glob("*"), &regex) && !covers(&glob("deploy*"), &regex) && covers(&regex, &glob("deploy x")));
    }

    #[test]
    fn an_opaque_policy_must_imply_the_others() {
        let parse = |opaque: &str| {
            let text = format!(
                "[[approval_policies]]\nname = \"a\"\npattern = \"a\"\nrequirement = \"all_of\"\nreviewers = [\"x\", \"y\"]\n\
                 [[approval_policies]]\nname = \"b\"\npattern = \"b\"\nrequirement = \"all_of\"\nreviewers = [\"y\"]\n\
                 [[approval_policies]]\nname = \"c\"\npattern = \"c\"\nrequirement = \"allow\"\n[matching]\nopaque = \"{opaque}\"\n"
            );
            let set = crate::record::policy::parse("config.toml", text.as_bytes()).unwrap();
            config(&set).iter().any(|fault| fault.code == "opaque")
        };
        assert_eq!(["a", "b", "c", "all", "deny"].map(parse), [false, true, true, false, false]);
    }
}
