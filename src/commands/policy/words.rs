//! Policies and rosters in words.

use std::fmt::Write as _;

use crate::domain::id::Digest;
use crate::domain::policy::{OnOpaque, Policy, PolicySet, Requesters};
use crate::domain::principal::{Name, Roster};
use crate::domain::requirement::{Entry, Escalation, Operators, Presence, Quorum, Requirement, Separation};
use crate::domain::shown;
use crate::domain::time::Lifetime;
use crate::gate::governing::trusted_path;
use crate::trust::root::PolicyVersion;

/// What a policy asks for, in one line.
pub(super) fn asks(policy: &Policy) -> String {
    let review = match &policy.requirement {
        Requirement::Allow => return "runs without approval".to_owned(),
        Requirement::Deny => return "never runs".to_owned(),
        Requirement::Review(review) => review,
    };
    let who = match &review.quorum {
        Quorum::AllOf(entries) => format!("all of {}", entries_in_words(entries)),
        Quorum::AnyOf { pool, count: 1 } => format!("any one of {}", entries_in_words(pool)),
        Quorum::AnyOf { pool, count } => format!("any {count} of {}", entries_in_words(pool)),
        Quorum::MinRole { count } => {
            let role = review.min_role.as_deref().unwrap_or("?");
            let who = if *count == 1 { "one person".to_owned() } else { format!("{count} people") };
            format!("{who} of role `{}` or higher", shown::line(role))
        }
    };
    match (&review.quorum, &review.min_role) {
        (Quorum::AllOf(_) | Quorum::AnyOf { .. }, Some(role)) => {
            format!("{who}, one of them of role `{}` or higher", shown::line(role))
        }
        _ => who,
    }
}

fn entries_in_words(entries: &[Entry]) -> String {
    let words: Vec<String> = entries
        .iter()
        .map(|entry| match entry {
            Entry::One(name) => format!("`{name}`"),
            Entry::Count(name, count) => format!("{count} of `{name}`"),
            Entry::Every(name) => format!("everyone in `{name}`"),
        })
        .collect();
    words.join(", ")
}

/// A policy's further conditions and demands, one a line.
pub(super) fn details(policy: &Policy) -> Vec<String> {
    let mut lines = Vec::new();
    let patterns: Vec<String> =
        policy.patterns.iter().map(|pattern| format!("`{}`", shown::line(pattern.source()))).collect();
    lines.push(format!("commands like {}", patterns.join(", ")));
    lines.extend(conditions(policy));
    lines.push(asks(policy));
    if let Requirement::Review(_) = policy.requirement {
        reviewing(policy, &mut lines);
    }
    if let Some(runner) = &policy.runner {
        lines.push(format!("run by `{runner}` alone"));
    }
    let binding = &policy.binding;
    for (holds, words) in [
        (binding.inherit_stdin, "it reads the caller's standard input"),
        (binding.clean_worktree, "the git work tree must be clean"),
        (binding.sealed, "the program must run from sealed bytes"),
        (binding.refuse_hash_only, "files that reviewers cannot read are refused"),
        (binding.allow_secret_looking, "what looks like a secret may stand in the command"),
    ] {
        if holds {
            lines.push(words.to_owned());
        }
    }
    if !binding.files.is_empty() {
        lines.push(format!("binds {}", shown::line(&binding.files.join(", "))));
    }
    lines
}

/// When a policy holds, one condition a line.
pub(super) fn conditions(policy: &Policy) -> Vec<String> {
    let mut lines = Vec::new();
    if !policy.environments.is_empty() {
        lines.push(format!("in {}", shown::line(&policy.environments.join(", "))));
    }
    if !policy.requesters.is_empty() {
        let who: Vec<String> = policy
            .requesters
            .iter()
            .map(|who| match who {
                Requesters::Name(pattern) => format!("`{}`", shown::line(pattern.source())),
                Requesters::Team(team) => format!("team `{}`", shown::line(team)),
                Requesters::Group(group) => format!("group `{group}`"),
            })
            .collect();
        lines.push(format!("asked by {}", who.join(", ")));
    }
    lines
}

fn reviewing(policy: &Policy, lines: &mut Vec<String>) {
    match policy.separation {
        Some(Separation::Team) => lines.push("who counts is of another team than who asks".to_owned()),
        Some(Separation::Role) => lines.push("who counts has another role than who asks".to_owned()),
        None => {}
    }
    lines.push(match policy.operators {
        Operators::NotSole => "operators of the asking agent count, but never alone".to_owned(),
        Operators::Exclude => "operators of the asking agent do not count".to_owned(),
        Operators::Count => "OPERATORS OF THE ASKING AGENT COUNT LIKE ANYONE".to_owned(),
    });
    lines.push(format!("expires after {}", span(policy.timeout)));
    let care = &policy.care;
    if let Some(least) = care.min_review_time {
        lines.push(format!("an approval takes at least {}", span(least)));
    }
    if care.require_comment {
        lines.push("an approval needs a comment".to_owned());
    }
    match care.require_key {
        Presence::Key => {}
        Presence::Touch => lines.push("an approval needs a touch of a hardware key".to_owned()),
        Presence::Pin => lines.push("an approval needs a hardware key and its PIN".to_owned()),
    }
    for (seat, question) in &care.questions {
        lines.push(format!("asks `{seat}`: {}", shown::line(question)));
    }
    lines.extend(policy.escalations.iter().map(escalation));
}

/// When it raises what is needed, and to what.
pub(super) fn escalation(escalation: &Escalation) -> String {
    let mut needs = Vec::new();
    if let Some(count) = escalation.min_approvals {
        needs.push(format!("at least {count} people"));
    }
    if let Some(role) = &escalation.min_role {
        needs.push(format!("one of role `{}` or higher", shown::line(role)));
    }
    format!("{}: {}", escalation.when, needs.join(", "))
}

/// `90s`, `30m`, `2h`.
pub(super) fn span(span: Lifetime) -> String {
    match span.seconds() {
        seconds if seconds > 0 && seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        seconds if seconds > 0 && seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

/// All that a first version says: who administers, who everybody is, what needs whom, then the files themselves.
pub(super) fn version(version: &PolicyVersion, texts: &[(String, Vec<u8>)]) -> String {
    let (root, roster, set) = (version.root(), version.roster(), version.config());
    let mut out = String::new();
    let names = |names: &mut dyn Iterator<Item = &Name>| names.map(Name::as_str).collect::<Vec<_>>().join(", ");
    let _ = writeln!(out, "version      {}, the first of this repository", root.version);
    let _ = writeln!(out, "digest       {}", version.digest());
    let _ = writeln!(out, "fingerprint  {}", version.digest().fingerprint());
    let _ = writeln!(out, "admins       {} ({} must sign a change)", names(&mut root.admins.iter()), root.threshold);
    people(&mut out, roster);
    let _ = writeln!(out, "\npolicies, the first match from the top governs; without a match it is denied");
    for policy in &set.policies {
        let _ = writeln!(out, "  {}", shown::line(&policy.name));
        for line in details(policy) {
            let _ = writeln!(out, "    {line}");
        }
    }
    settings(&mut out, set);
    for (path, bytes) in texts {
        let digest = Digest::of(bytes);
        let _ = writeln!(out, "\n--- {path}, {} bytes, sha256 {digest}", bytes.len());
        match std::str::from_utf8(bytes) {
            Ok(text) => text.lines().for_each(|line| out.push_str(&format!("| {}\n", shown::line(line)))),
            Err(_) => out.push_str("| (no text)\n"),
        }
    }
    out
}

fn people(out: &mut String, roster: &Roster) {
    let _ = writeln!(out, "\nprincipals");
    for principal in roster.principals() {
        let mut line = format!("  {}: {}", principal.id, principal.kind.as_str());
        for (word, value) in [("role", &principal.role), ("team", &principal.team)] {
            if let Some(value) = value {
                let _ = write!(line, ", {word} {}", shown::line(value));
            }
        }
        if !principal.operators.is_empty() {
            let operators: Vec<&str> = principal.operators.iter().map(Name::as_str).collect();
            let _ = write!(line, ", operated by {}", operators.join(", "));
        }
        let _ = writeln!(out, "{line}");
        for key in &principal.keys {
            let kind = if key.is_sk() { "hardware key" } else { "key" };
            let _ = writeln!(out, "    {kind} {} {}", key.fingerprint(), shown::line(key.comment()));
        }
    }
    if !roster.roles().is_empty() {
        let _ = writeln!(out, "roles, lowest first: {}", shown::line(&roster.roles().join(", ")));
    }
    for (group, members) in roster.groups() {
        let members: Vec<&str> = members.iter().map(Name::as_str).collect();
        let _ = writeln!(out, "group {group}: {}", members.join(", "));
    }
}

fn settings(out: &mut String, set: &PolicySet) {
    let matching = &set.matching;
    let opaque = match &matching.opaque {
        OnOpaque::All => "needs every policy".to_owned(),
        OnOpaque::Deny => "is denied".to_owned(),
        OnOpaque::Policy(name) => format!("needs policy {}", shown::line(name)),
    };
    let list = |items: &[String]| if items.is_empty() { "none".to_owned() } else { shown::line(&items.join(", ")) };
    let _ = writeln!(out, "\nsettings");
    let _ = writeln!(out, "  what cannot be taken apart {opaque}");
    let _ = writeln!(out, "  further programs that take plain data: {}", list(&matching.inert));
    let _ = writeln!(out, "  further programs that run their arguments: {}", list(&matching.carriers));
    let _ = writeln!(out, "  trusted path: {}", list(&trusted_path(set)));
    let _ = writeln!(out, "  further variables that pass: {}", list(&set.pass));
    let names: Vec<String> = set.environments.iter().map(|environment| environment.name.clone()).collect();
    let _ = writeln!(out, "  environments recognised: {}", list(&names));
    let _ = writeln!(out, "  hours in {}", shown::line(&set.time_zone));
}
