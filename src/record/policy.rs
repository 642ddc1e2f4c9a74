//! `config.toml`.

use crate::domain::pattern::{Pattern, PatternKind};
use crate::domain::policy::{Binding, Environment, Land, Matching, OnOpaque, Policy, PolicySet, Requesters};
use crate::domain::principal::{Fault, Name, Roster, nearest};
use crate::domain::requirement::{
    Care, Entry, Escalation, Operators, Presence, Quorum, Requirement, Review, Separation, When,
};
use crate::domain::risk::{Level, RiskSettings, SIGNALS};
use crate::domain::time::Lifetime;
use crate::record::diagnostic::Diagnostic;
use crate::record::document::{Document, Item, Section};
use crate::record::notify::notify;
use crate::record::root;

/// The most `reviewers` of one policy; a group counts as one.
const MAX_REVIEWERS: usize = 256;
const TIMEOUT: Lifetime = Lifetime::minutes(30);

/// Reads `config.toml`; `file` is what its diagnostics call it.
///
/// # Errors
/// Everything wrong with its form; once the form is right, what contradicts itself.
pub fn parse(file: &str, bytes: &[u8]) -> Result<PolicySet, Vec<Diagnostic>> {
    let document = Document::open(file, bytes, root::MAX_FILE)?;
    let set = document.finish(document.read(set))?;
    set.own_faults().iter().for_each(|fault| document.fault(fault));
    document.finish(Some(set))
}

/// What cannot hold together with a roster; `bytes` are those that `set` was read from.
pub fn check_together(file: &str, bytes: &[u8], set: &PolicySet, roster: &Roster) -> Vec<Diagnostic> {
    place(file, bytes, &set.faults(roster))
}

/// Faults with their places in the file, `config.toml` or `roster.toml`, whose meaning they are about.
pub fn place(file: &str, bytes: &[u8], faults: &[Fault]) -> Vec<Diagnostic> {
    if faults.is_empty() {
        return Vec::new();
    }
    let document = match Document::open(file, bytes, root::MAX_FILE) {
        Ok(document) => document,
        Err(diagnostics) => return diagnostics,
    };
    faults.iter().for_each(|fault| document.fault(fault));
    document.finish(Some(())).err().unwrap_or_default()
}

fn set(file: &Section<'_>) -> Option<PolicySet> {
    let (timeout, time_zone) = file.table("defaults", |defaults| {
        let timeout = defaults.get("timeout").map_or(Some(TIMEOUT), |timeout| duration(&timeout));
        (timeout, defaults.get("time_zone").map_or(Some("UTC".to_owned()), |zone| time_zone(&zone)))
    });
    let matching = file.table("matching", matching);
    let pass = file.table("environment", |environment| {
        texts(environment, "pass", |name| !name.is_empty() && !name.contains('='), "the name of a variable")
    });
    let environments = file.tables("environments", environment);
    let risk = file.table("risk", risk);
    let land = file.table("store", |store| {
        // For journalled runs, which no policy of this version can ask for.
        store.get("max_age").and_then(|age| duration(&age));
        store.get("land").and_then(|land| land.one_of(&[("direct", Land::Direct), ("ci", Land::Ci)]))
    });
    let notify = file.table("notify", notify);
    let policies = file.tables("approval_policies", |section| policy(section, timeout.unwrap_or(TIMEOUT)));
    let (time_zone, land) = (time_zone?, land.unwrap_or_default());
    Some(PolicySet { policies, matching, pass, environments, risk, time_zone, land, notify })
}

fn matching(section: &Section<'_>) -> Matching {
    let program = |name: &str| !name.is_empty() && !name.contains(['/', '\0']);
    let directory = |path: &str| path.starts_with('/') && !path.contains('\0');
    Matching {
        opaque: match section.get("opaque").and_then(|opaque| opaque.text()) {
            None | Some("all") => OnOpaque::All,
            Some("deny") => OnOpaque::Deny,
            Some(name) => OnOpaque::Policy(name.to_owned()),
        },
        inert: texts(section, "inert", program, "the name of a program"),
        carriers: texts(section, "carriers", program, "the name of a program"),
        trusted_path: section.get("trusted_path").map(|paths| strings(&paths, directory, "an absolute path")),
    }
}

fn environment(section: &Section<'_>) -> Option<Environment> {
    let name = section.require("name").and_then(|name| name.label());
    let globs = |key| section.get(key).map(|globs| patterns(&globs, PatternKind::Glob)).unwrap_or_default();
    let (arguments, hosts, cwd) = (globs("arguments"), globs("hosts"), globs("cwd"));
    let variables = section.get("variables").and_then(|variables| {
        variables.table("`variables`", |variables| {
            let entries = variables.entries();
            Some(
                entries
                    .into_iter()
                    .filter_map(|(name, glob)| Some((name.to_owned(), pattern(&glob, PatternKind::Glob)?)))
                    .collect(),
            )
        })
    });
    let variables: Vec<(String, Pattern)> = variables.unwrap_or_default();
    let kube_contexts = globs("kube_contexts");
    let risk = section.get("risk").and_then(|risk| risk.percentage());
    let none = arguments.is_empty() && hosts.is_empty() && cwd.is_empty() && variables.is_empty();
    if none && kube_contexts.is_empty() {
        section.error(
            "missing-key",
            "nothing recognises this environment",
            Some("give `arguments`, `variables`, `hosts`, `cwd` or `kube_contexts`"),
        );
    }
    Some(Environment { name: name?, arguments, variables, hosts, cwd, kube_contexts, risk })
}

/// `[risk]`: levels, weights of signals, and what counts as night.
fn risk(section: &Section<'_>) -> RiskSettings {
    let mut settings = RiskSettings::default();
    if let Some(night) = section.get("night").and_then(|night| night.parse()) {
        settings.night = night;
    }
    if let Some(levels) = section.get("levels") {
        let read = levels.table("`levels`", |levels| {
            let [medium, high, critical] = settings.levels;
            let level = |key, default| levels.get(key).map_or(Some(default), |level| level.percentage());
            Some([level("medium", medium)?, level("high", high)?, level("critical", critical)?])
        });
        match read {
            Some([medium, high, critical]) if medium > 0 && medium < high && high < critical => {
                settings.levels = [medium, high, critical];
            }
            Some(_) => levels.error("bad-value", "levels must rise: 0 < medium < high < critical", None),
            None => {}
        }
    }
    if let Some(weights) = section.get("weights") {
        weights.table("`weights`", |weights| {
            for (signal, weight) in weights.entries() {
                if !SIGNALS.contains(&signal) {
                    let near = nearest(signal, SIGNALS.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                    let help = near.unwrap_or_else(|| "docs/risk.md lists them".to_owned());
                    weight.error("bad-value", format!("there is no signal `{signal}`"), Some(&help));
                } else if let Some(weight) = weight.percentage() {
                    settings.weights.insert(signal.to_owned(), weight);
                }
            }
            Some(())
        });
    }
    settings
}

fn levels() -> [(&'static str, Level); 4] {
    Level::ALL.map(|level| (level.as_str(), level))
}

const REVIEW_KEYS: [&str; 10] = [
    "reviewers",
    "min_approvals",
    "min_role",
    "separation",
    "operators",
    "min_review_time",
    "require_comment",
    "questions",
    "escalations",
    "require_key",
];

/// A placeholder stands for what has a fault, so that all faults of a policy are found in one go; then no set is made.
fn policy(section: &Section<'_>, timeout: Lifetime) -> Option<Policy> {
    let name = section.require("name").and_then(|name| name.label());
    let patterns = policy_patterns(section);
    let requirement = requirement(section);
    let unreviewed = matches!(requirement, Some(Requirement::Allow | Requirement::Deny));
    let lists = |key| section.get(key).map(|list| list.list()).unwrap_or_default();
    let environments = lists("environments").iter().filter_map(Item::label).collect();
    let requesters = lists("requesters").iter().filter_map(requesters).collect();
    if let Some(record) = section.get("record") {
        unsupported(&record, "record");
    }
    let separations = [("team", Separation::Team), ("role", Separation::Role)];
    let operators = [("not-sole", Operators::NotSole), ("exclude", Operators::Exclude), ("count", Operators::Count)];
    let policy = Policy {
        name: name.unwrap_or_default(),
        patterns,
        requirement: requirement.unwrap_or(Requirement::Deny),
        environments,
        requesters,
        separation: section.get("separation").and_then(|separation| separation.one_of(&separations)),
        operators: section.get("operators").and_then(|who| who.one_of(&operators)).unwrap_or_default(),
        timeout: section.get("timeout").and_then(|timeout| duration(&timeout)).unwrap_or(timeout),
        care: care(section),
        runner: section.get("runner").and_then(|runner| runner.parse()),
        escalations: lists("escalations").iter().filter_map(escalation).collect(),
        binding: binding(section),
    };
    if unreviewed {
        for key in REVIEW_KEYS {
            if let Some(item) = section.get(key) {
                item.error(
                    "conflict",
                    format!("`{key}` means nothing where nobody reviews"),
                    Some("remove it, or ask for a review"),
                );
            }
        }
    }
    Some(policy)
}

fn policy_patterns(section: &Section<'_>) -> Vec<Pattern> {
    let kinds = [("glob", PatternKind::Glob), ("exact", PatternKind::Exact), ("regex", PatternKind::Regex)];
    let kind = section.get("pattern_type");
    let (texts, tokens) = (section.get("pattern"), section.get("argv"));
    let patterns = match (texts, tokens) {
        (Some(texts), None) => {
            let kind = kind.and_then(|kind| kind.one_of(&kinds)).unwrap_or(PatternKind::Glob);
            patterns(&texts, kind)
        }
        (None, Some(tokens)) => {
            if let Some(kind) = kind {
                kind.error(
                    "conflict",
                    "`pattern_type` means nothing for `argv`",
                    Some("each item of `argv` is a glob"),
                );
            }
            let words = strings(&tokens, |_| true, "");
            tokens.pattern(|| Pattern::tokens(&words)).into_iter().collect()
        }
        (Some(_), Some(tokens)) => {
            tokens.error("conflict", "both `pattern` and `argv`", Some("write two policies"));
            Vec::new()
        }
        (None, None) => {
            section.error("missing-key", "`[[approval_policies]]` has no `pattern`", Some("give `pattern` or `argv`"));
            Vec::new()
        }
    };
    if !patterns.is_empty() {
        examples(section, &patterns);
    }
    patterns
}

/// `match` and `not_match`: commands that the patterns must hit, and must not.
fn examples(section: &Section<'_>, patterns: &[Pattern]) {
    for (key, must_hit) in [("match", true), ("not_match", false)] {
        for example in section.get(key).map(|list| list.list()).unwrap_or_default() {
            let Some(text) = example.text() else { continue };
            let Some(hit) = example.is_matched(patterns, text) else { return };
            if hit != must_hit {
                let word = if must_hit { "does not match" } else { "matches" };
                example.error(
                    "example",
                    format!("`{text}` {word} this policy's pattern"),
                    Some("correct the pattern, or the example"),
                );
            }
        }
    }
}

pub(super) fn patterns(item: &Item<'_>, kind: PatternKind) -> Vec<Pattern> {
    let items = item.one_or_list();
    if items.is_empty() && item.is_list() {
        item.error("bad-value", "an empty list matches nothing", None);
    }
    items.iter().filter_map(|item| pattern(item, kind)).collect()
}

fn pattern(item: &Item<'_>, kind: PatternKind) -> Option<Pattern> {
    let text = item.string(|text| !text.is_empty(), "a pattern: it is empty")?;
    item.pattern(|| Pattern::new(kind, &text))
}

fn requirement(section: &Section<'_>) -> Option<Requirement> {
    #[derive(Clone, Copy, PartialEq)]
    enum Word {
        AllOf,
        AnyOf,
        MinRole,
        Allow,
        Deny,
    }
    let words = [
        ("all_of", Word::AllOf),
        ("any_of", Word::AnyOf),
        ("min_role", Word::MinRole),
        ("allow", Word::Allow),
        ("deny", Word::Deny),
    ];
    let min_role = section.get("min_role");
    let min_approvals = section.get("min_approvals");
    let reviewers = section.get("reviewers");
    let word = section.require("requirement")?.one_of(&words)?;
    if matches!(word, Word::Allow | Word::Deny) {
        return Some(if word == Word::Allow { Requirement::Allow } else { Requirement::Deny });
    }
    let role = min_role.and_then(|role| role.text()).map(str::to_owned);
    let count = min_approvals.map_or(Some(1), |count| count.count());
    if word == Word::MinRole {
        if min_role.is_none() {
            section.error(
                "missing-key",
                "a `min_role` policy has no `min_role`",
                Some("name the lowest role that may approve"),
            );
        }
        if let Some(reviewers) = reviewers {
            let help = "to ask some of them for a role, use `any_of` or `all_of` with `min_role`";
            reviewers.error("conflict", "`reviewers` means nothing with `min_role` alone", Some(help));
        }
        return Some(Requirement::Review(Review { quorum: Quorum::MinRole { count: count? }, min_role: role }));
    }
    let reviewers = reviewers_of(section, reviewers);
    let pool = reviewers.iter().filter_map(entry).collect();
    let quorum = if word == Word::AllOf {
        if let Some(count) = min_approvals {
            count.error(
                "conflict",
                "`min_approvals` means nothing with `all_of`",
                Some("`all_of` needs every reviewer"),
            );
        }
        Quorum::AllOf(pool)
    } else {
        for item in reviewers.iter().filter(|item| item.is_table()) {
            item.error(
                "conflict",
                "a count of its own means nothing with `any_of`",
                Some("name the group, and set `min_approvals`"),
            );
        }
        Quorum::AnyOf { pool, count: count? }
    };
    Some(Requirement::Review(Review { quorum, min_role: role }))
}

fn reviewers_of<'a>(section: &Section<'_>, reviewers: Option<Item<'a>>) -> Vec<Item<'a>> {
    let Some(reviewers) = reviewers else {
        section.error(
            "missing-key",
            "`[[approval_policies]]` has no `reviewers`",
            Some("name the people or groups who may approve"),
        );
        return Vec::new();
    };
    let items = reviewers.list();
    if items.is_empty() && reviewers.is_list() {
        reviewers.error("bad-value", "no reviewers: nobody could ever approve", None);
    }
    if items.len() > MAX_REVIEWERS {
        let message = format!("{} reviewers, of which at most {MAX_REVIEWERS} are read", items.len());
        reviewers.error("too-large", message, Some("name a group"));
        return Vec::new();
    }
    items
}

fn entry(item: &Item<'_>) -> Option<Entry> {
    if item.is_table() {
        return item.table("a reviewer", |entry| {
            let group = entry.require("group").and_then(|group| group.parse());
            let count = entry.require("count").and_then(|count| count.count());
            Some(Entry::Count(group?, count?))
        });
    }
    let text = item.text()?;
    match text.strip_suffix("/*") {
        Some(group) => item.checked(group.parse()).map(Entry::Every),
        None => item.checked(text.parse()).map(Entry::One),
    }
}

fn requesters(item: &Item<'_>) -> Option<Requesters> {
    match item.text()?.split_once(':') {
        None => pattern(item, PatternKind::Glob).map(Requesters::Name),
        Some(("team", team)) if !team.is_empty() => Some(Requesters::Team(team.to_owned())),
        Some(("group", group)) => item.checked(group.parse::<Name>()).map(Requesters::Group),
        Some(_) => {
            item.error(
                "bad-value",
                "unknown kind of requesters",
                Some("expected a name like `ci-*`, `team:data` or `group:ci`"),
            );
            None
        }
    }
}

fn care(section: &Section<'_>) -> Care {
    let presence = [("any", Presence::Key), ("touch", Presence::Touch), ("pin", Presence::Pin)];
    let questions = section.get("questions").and_then(|questions| {
        questions.table("`questions`", |questions| {
            let entries = questions.entries();
            let read = entries.into_iter().filter_map(|(seat, question)| {
                let seat: Name = question.checked(seat.parse())?;
                Some((seat, question.string(|text| !text.trim().is_empty(), "a question: it is empty")?))
            });
            Some(read.collect())
        })
    });
    Care {
        min_review_time: section.get("min_review_time").and_then(|time| time.parse()),
        require_comment: flag(section, "require_comment"),
        questions: questions.unwrap_or_default(),
        require_key: section.get("require_key").and_then(|key| key.one_of(&presence)).unwrap_or_default(),
    }
}

fn escalation(item: &Item<'_>) -> Option<Escalation> {
    item.table("an escalation", |section| {
        let (hours, risk, anomaly) = (section.get("hours"), section.get("risk"), section.get("anomaly"));
        let min_approvals = section.get("min_approvals");
        let min_role = section.get("min_role");
        if min_approvals.is_none() && min_role.is_none() {
            section.error(
                "missing-key",
                "an escalation raises nothing",
                Some("give `min_approvals`, `min_role` or both"),
            );
        }
        let when = match (hours, risk, anomaly) {
            (Some(hours), None, None) => When::Hours(hours.parse()?),
            (None, Some(risk), None) => When::Risk(risk.one_of(&levels())?),
            (None, None, Some(anomaly)) => {
                if !anomaly.flag()? {
                    anomaly.error("bad-value", "`anomaly = false` never holds", Some("remove the escalation"));
                    return None;
                }
                When::Anomaly
            }
            (None, None, None) => {
                let help = "give `hours`, like `22:00-07:00`, `risk`, like `high`, or `anomaly = true`";
                section.error("missing-key", "an escalation has no condition", Some(help));
                return None;
            }
            _ => {
                let help = "write one escalation for each: every one that holds raises";
                section.error("conflict", "an escalation has several conditions", Some(help));
                return None;
            }
        };
        Some(Escalation {
            min_approvals: min_approvals.and_then(|count| count.count()),
            min_role: min_role.and_then(|role| role.text()).map(str::to_owned),
            when,
        })
    })
}

fn binding(section: &Section<'_>) -> Binding {
    let only = |key, word: &str| section.get(key).is_some_and(|item| item.one_of(&[(word, ())]).is_some());
    let stdin = [("inherit", true), ("empty", false)];
    let relative = |path: &str| !path.is_empty() && !path.starts_with('/') && !path.contains('\0');
    Binding {
        inherit_stdin: section.get("stdin").and_then(|item| item.one_of(&stdin)).unwrap_or_default(),
        clean_worktree: only("worktree", "clean"),
        files: texts(section, "bind", relative, "a path relative to the working directory"),
        sealed: only("pin", "sealed"),
        refuse_hash_only: only("hash_only", "refuse"),
        allow_secret_looking: flag(section, "allow_secret_looking"),
    }
}

/// What this version would not enforce is refused, never passed over.
fn unsupported(item: &Item<'_>, key: &str) {
    item.error(
        "unsupported",
        format!("`{key}` is not supported by this version, so it would not be enforced"),
        Some("remove it"),
    );
}

fn flag(section: &Section<'_>, key: &'static str) -> bool {
    section.get(key).and_then(|item| item.flag()).unwrap_or_default()
}

fn texts(section: &Section<'_>, key: &'static str, holds: impl Fn(&str) -> bool, expected: &str) -> Vec<String> {
    section.get(key).map(|list| strings(&list, holds, expected)).unwrap_or_default()
}

fn strings(item: &Item<'_>, holds: impl Fn(&str) -> bool, expected: &str) -> Vec<String> {
    item.list().iter().filter_map(|item| item.string(&holds, expected)).collect()
}

pub(super) fn duration(item: &Item<'_>) -> Option<Lifetime> {
    let span: Lifetime = item.parse()?;
    if span.seconds() == 0 {
        item.error("bad-value", "a duration of nothing", None);
        return None;
    }
    Some(span)
}

fn time_zone(item: &Item<'_>) -> Option<String> {
    let name = item.text()?;
    if crate::domain::time::zone(name).is_some_and(|zone| zone.iana_name() == Some(name)) {
        return Some(name.to_owned());
    }
    item.error("bad-value", format!("unknown time zone `{name}`"), Some("expected an IANA name, like `Europe/Berlin`"));
    None
}

#[cfg(test)]
mod tests;
