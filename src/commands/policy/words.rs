//! Policies and rosters in words.

use crate::domain::policy::{Policy, Requesters};
use crate::domain::requirement::{Entry, Escalation, Operators, Presence, Quorum, Requirement, Separation, When};
use crate::domain::shown;
use crate::domain::time::Lifetime;

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
    let patterns: Vec<String> = policy.patterns.iter().map(|pattern| format!("`{}`", shown::line(pattern.source()))).collect();
    lines.push(format!("commands like {}", patterns.join(", ")));
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

fn escalation(escalation: &Escalation) -> String {
    let When::Hours(hours) = escalation.when;
    let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let mut needs = Vec::new();
    if let Some(count) = escalation.min_approvals {
        needs.push(format!("at least {count} people"));
    }
    if let Some(role) = &escalation.min_role {
        needs.push(format!("one of role `{}` or higher", shown::line(role)));
    }
    format!("from {} to {}: {}", time(hours.from), time(hours.to), needs.join(", "))
}

/// `90s`, `30m`, `2h`.
pub(super) fn span(span: Lifetime) -> String {
    match span.seconds() {
        seconds if seconds > 0 && seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        seconds if seconds > 0 && seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}
