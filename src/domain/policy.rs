//! The ordered approval policies and the settings beside them.

use std::collections::BTreeSet;

use crate::domain::notify::Notify;
use crate::domain::pattern::Pattern;
use crate::domain::principal::{Fault, Kind, MAX_FAULTS, Name, Roster, nearest, unknown};
use crate::domain::requirement::{Care, Entry, Escalation, Operators, Quorum, Requirement, Separation, When};
use crate::domain::risk::RiskSettings;
use crate::domain::time::Lifetime;

/// `config.toml`, read and checked for itself.
///
/// First match wins, top to bottom; a command that matches none is denied.
#[derive(Debug, Clone)]
pub struct PolicySet {
    /// In the file's order; names are unique.
    pub policies: Vec<Policy>,
    /// `[matching]`.
    pub matching: Matching,
    /// `[environment] pass`: variables a child gets besides the safe default.
    pub pass: Vec<String>,
    /// `[[environments]]`.
    pub environments: Vec<Environment>,
    /// `[risk]`.
    pub risk: RiskSettings,
    /// `[defaults] time_zone`, an IANA name; UTC where absent.
    pub time_zone: String,
    /// `[store] land`.
    pub land: Land,
    /// `[notify]`.
    pub notify: Notify,
}

/// Who pushes to `main`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Land {
    /// Whoever made a record that ends a request.
    #[default]
    Direct,
    /// CI alone; until then such records wait on branches of their own.
    Ci,
}

/// One `[[approval_policies]]`.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Unique in the file.
    pub name: String,
    /// Any of them.
    pub patterns: Vec<Pattern>,
    /// Who must agree.
    pub requirement: Requirement,
    /// Names of `[[environments]]`; empty: all.
    pub environments: Vec<String>,
    /// Requesters it is for; empty: all.
    pub requesters: Vec<Requesters>,
    /// Another team or role than the asking side's.
    pub separation: Option<Separation>,
    /// Whether the agent's operators count.
    pub operators: Operators,
    /// After this the request is expired.
    pub timeout: Lifetime,
    /// What an approval must bring.
    pub care: Care,
    /// Only this principal may claim and execute.
    pub runner: Option<Name>,
    /// Conditions that raise what is needed.
    pub escalations: Vec<Escalation>,
    /// What of the command is bound, and how.
    pub binding: Binding,
}

/// What a policy says about the execution itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    /// `stdin = "inherit"`: the child reads the caller's standard input.
    pub inherit_stdin: bool,
    /// `worktree = "clean"`: the work tree must be clean and stay at its commit.
    pub clean_worktree: bool,
    /// `bind`: further files whose bytes are bound, as paths relative to the working directory.
    pub files: Vec<String>,
    /// `pin = "sealed"`: only a program that runs from sealed bytes.
    pub sealed: bool,
    /// `hash_only = "refuse"`: refuse a request with texts that reviewers cannot read.
    pub refuse_hash_only: bool,
    /// `allow_secret_looking = true`.
    pub allow_secret_looking: bool,
}

/// One entry of `requesters`.
#[derive(Debug, Clone)]
pub enum Requesters {
    /// A glob over the requester's name.
    Name(Pattern),
    /// `team:data`.
    Team(String),
    /// `group:ci`.
    Group(Name),
}

/// `[matching]`.
#[derive(Debug, Clone, Default)]
pub struct Matching {
    /// What an opaque command needs.
    pub opaque: OnOpaque,
    /// Further programs whose arguments are plain data.
    pub inert: Vec<String>,
    /// Further programs that run the command in their arguments.
    pub carriers: Vec<String>,
    /// Directories from which `allow` may run programs; absent: the system's.
    pub trusted_path: Option<Vec<String>>,
}

/// What a command that cannot be taken apart needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OnOpaque {
    /// Every policy, each on its own.
    #[default]
    All,
    /// It is denied.
    Deny,
    /// This policy, besides those found.
    Policy(String),
}

/// One `[[environments]]`: any of its recognisers says that the command goes there.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// What policies call it.
    pub name: String,
    /// Patterns over single arguments.
    pub arguments: Vec<Pattern>,
    /// Variables and patterns over their values.
    pub variables: Vec<(String, Pattern)>,
    /// Patterns over the runner's host name, and over those that ssh and its like are told to go to.
    pub hosts: Vec<Pattern>,
    /// Patterns over the working directory.
    pub cwd: Vec<Pattern>,
    /// Patterns over the context that `kubectl`, `helm` and their like are told to use.
    pub kube_contexts: Vec<Pattern>,
    /// `risk`: what going there weighs, from 0 to 100.
    pub risk: Option<u8>,
}

impl PolicySet {
    /// Whether some escalation depends on what has landed before.
    pub fn asks_history(&self) -> bool {
        let asks = |escalation: &Escalation| matches!(escalation.when, When::Risk(_) | When::Anomaly);
        self.policies.iter().any(|policy| policy.escalations.iter().any(asks))
    }

    /// The policy of this name.
    pub fn get(&self, name: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.name == name)
    }

    /// What cannot hold whatever the roster says: names used twice, environments and policies that are not there.
    pub fn own_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for at in duplicates(self.policies.iter().map(|policy| policy.name.as_str())) {
            faults.push(Fault::new(format!("approval_policies[{at}].name"), "another policy above has this name"));
        }
        for at in duplicates(self.environments.iter().map(|environment| environment.name.as_str())) {
            faults.push(Fault::new(format!("environments[{at}].name"), "another environment above has this name"));
        }
        let known: BTreeSet<&str> = self.environments.iter().map(|known| known.name.as_str()).collect();
        for (at, policy) in self.policies.iter().enumerate() {
            for (nth, name) in policy.environments.iter().enumerate() {
                if !known.contains(name.as_str()) && faults.len() < MAX_FAULTS {
                    let path = format!("approval_policies[{at}].environments[{nth}]");
                    faults.push(unknown(path, "environment", name, known.iter().copied()));
                }
            }
        }
        if let OnOpaque::Policy(name) = &self.matching.opaque
            && self.get(name).is_none()
        {
            let known = self.policies.iter().map(|policy| policy.name.as_str());
            faults.push(unknown("matching.opaque", "policy", name, known));
        }
        faults.extend(self.notify.own_faults());
        faults
    }

    /// What cannot hold together with this roster: unknown names, agents as reviewers, numbers nobody can reach.
    pub fn faults(&self, roster: &Roster) -> Vec<Fault> {
        let mut faults = self.own_faults();
        for (at, policy) in self.policies.iter().enumerate() {
            if faults.len() >= MAX_FAULTS {
                break;
            }
            policy.check(&format!("approval_policies[{at}]"), roster, &mut faults);
        }
        faults.extend(self.notify.faults(roster));
        faults
    }
}

impl Policy {
    fn check(&self, path: &str, roster: &Roster, faults: &mut Vec<Fault>) {
        for (at, requesters) in self.requesters.iter().enumerate() {
            let path = format!("{path}.requesters[{at}]");
            if faults.len() >= MAX_FAULTS {
                return;
            }
            let teams = || roster.principals().filter_map(|p| p.team.as_deref());
            match requesters {
                Requesters::Group(group) if roster.group(group).is_none() => {
                    let known = roster.groups().map(|(name, _)| name.as_str());
                    faults.push(unknown(path, "group", group.as_str(), known));
                }
                Requesters::Team(team) if !teams().any(|known| known == team) => {
                    faults.push(unknown(path, "team", team, teams()));
                }
                _ => {}
            }
        }
        if let Some(runner) = &self.runner
            && roster.get(runner).is_none()
        {
            let known = roster.principals().map(|p| p.id.as_str());
            faults.push(unknown(format!("{path}.runner"), "principal", runner.as_str(), known));
        }
        let roles = self.escalations.iter().enumerate().filter_map(|(at, escalation)| {
            escalation.min_role.as_ref().map(|role| (format!("{path}.escalations[{at}].min_role"), role))
        });
        let Requirement::Review(review) = &self.requirement else { return };
        let before = faults.len();
        let own = review.min_role.as_ref().map(|role| (format!("{path}.min_role"), role));
        for (path, role) in roles.chain(own) {
            if faults.len() >= MAX_FAULTS {
                return;
            }
            if roster.rank(role).is_none() {
                faults.push(unknown(path, "role", role, roster.roles().iter().map(String::as_str)));
            } else if !roster.principals().any(|p| roster.holds(&p.id, role)) {
                faults.push(
                    Fault::new(path, format!("nobody holds the role `{role}` or a higher one"))
                        .help("give a person that role in roster.toml, or lower `min_role`"),
                );
            }
        }
        review.quorum.entries().iter().enumerate().for_each(|(at, entry)| {
            if faults.len() < MAX_FAULTS {
                check_entry(&format!("{path}.reviewers[{at}]"), entry, roster, faults);
            }
        });
        if faults.len() == before {
            let pool = self.pool(roster);
            for (at, escalation) in self.escalations.iter().enumerate() {
                if let Some(count) = escalation.min_approvals {
                    check_reach(format!("{path}.escalations[{at}].min_approvals"), count, &pool, faults);
                }
            }
            check_count(path, review.quorum.clone(), pool, roster, review.min_role.as_deref(), faults);
        }
        for (seat, _) in &self.care.questions {
            if faults.len() >= MAX_FAULTS {
                return;
            }
            let seats: Vec<&str> = review.quorum.entries().iter().map(|e| e.name().as_str()).collect();
            let is_role = roster.rank(seat.as_str()).is_some();
            if !seats.contains(&seat.as_str()) && !is_role {
                let near = nearest(seat.as_str(), seats.iter().copied());
                let fault = Fault::new(format!("{path}.questions.{seat}"), format!("no seat `{seat}` in this policy"));
                faults.push(match near {
                    Some(near) => fault.help(format!("did you mean `{near}`?")),
                    None => fault.help("a question's key is one of `reviewers`, or a role"),
                });
            }
        }
    }

    /// Everyone whom `reviewers` (for `min_role` alone: the role) names, whoever asks.
    pub fn pool(&self, roster: &Roster) -> BTreeSet<Name> {
        let Requirement::Review(review) = &self.requirement else { return BTreeSet::new() };
        match (&review.quorum, &review.min_role) {
            (Quorum::MinRole { .. }, role) => roster
                .principals()
                .filter(|p| role.as_ref().is_some_and(|role| roster.holds(&p.id, role)))
                .map(|p| p.id.clone())
                .collect(),
            (Quorum::AllOf(entries) | Quorum::AnyOf { pool: entries, .. }, _) => {
                let persons: BTreeSet<&Name> = entries.iter().flat_map(|entry| persons(entry.name(), roster)).collect();
                persons.into_iter().cloned().collect()
            }
        }
    }
}

impl Quorum {
    /// The entries of `reviewers`; none for `min_role` alone.
    pub fn entries(&self) -> &[Entry] {
        match self {
            Self::AllOf(entries) | Self::AnyOf { pool: entries, .. } => entries,
            Self::MinRole { .. } => &[],
        }
    }
}

/// The persons a principal's or group's name stands for.
pub fn people(name: &Name, roster: &Roster) -> BTreeSet<Name> {
    persons(name, roster).cloned().collect()
}

fn persons<'a>(name: &'a Name, roster: &'a Roster) -> impl Iterator<Item = &'a Name> {
    let group = roster.group(name);
    let alone = group.is_none().then_some(name);
    let everyone = group.into_iter().flatten().chain(alone);
    everyone.filter(|id| roster.get(id).is_some_and(|principal| principal.kind == Kind::Person))
}

fn check_entry(path: &str, entry: &Entry, roster: &Roster, faults: &mut Vec<Fault>) {
    let name = entry.name();
    let group = roster.group(name);
    match (roster.get(name), group) {
        (None, None) => {
            let known = roster.principals().map(|p| p.id.as_str());
            let groups = roster.groups().map(|(name, _)| name.as_str());
            faults.push(unknown(path, "reviewer", name.as_str(), known.chain(groups)));
        }
        (Some(_), _) if !matches!(entry, Entry::One(_)) => {
            faults.push(Fault::new(path, format!("`{name}` is a principal, not a group")));
        }
        (Some(principal), _) if principal.kind != Kind::Person => faults.push(
            Fault::new(path, format!("reviewer `{name}` is of kind `{}`", principal.kind.as_str()))
                .help("only persons review"),
        ),
        (None, Some(members)) => {
            let machines: Vec<&str> = members
                .iter()
                .filter(|id| roster.get(id).is_some_and(|p| p.kind != Kind::Person))
                .map(Name::as_str)
                .collect();
            let persons = members.len() - machines.len();
            let needed = match entry {
                Entry::Count(_, count) => *count as usize,
                _ => 1,
            };
            if !machines.is_empty() {
                faults.push(
                    Fault::new(
                        path,
                        format!("group `{name}` holds `{}`, which is not a person", machines.join("`, `")),
                    )
                    .help("only persons review"),
                );
            } else if needed == 0 {
                faults.push(Fault::new(path, "a count is at least 1"));
            } else if persons < needed {
                faults.push(Fault::new(path, format!("group `{name}` has {persons} members, {needed} are asked for")));
            }
        }
        (Some(_), _) => {}
    }
}

fn check_count(
    path: &str,
    quorum: Quorum,
    pool: BTreeSet<Name>,
    roster: &Roster,
    min_role: Option<&str>,
    faults: &mut Vec<Fault>,
) {
    match quorum {
        Quorum::AnyOf { count, .. } | Quorum::MinRole { count } => {
            check_reach(format!("{path}.min_approvals"), count, &pool, faults);
        }
        Quorum::AllOf(entries) => {
            let seats = entries.iter().map(|entry| match entry {
                Entry::One(_) => 1,
                Entry::Count(_, count) => *count as usize,
                Entry::Every(group) => persons(group, roster).count(),
            });
            let seats: usize = seats.sum();
            if seats > pool.len() {
                let message =
                    format!("{seats} different people are asked for, but its reviewers are only {}", pool.len());
                faults.push(
                    Fault::new(format!("{path}.reviewers"), message).help("nobody fills two seats: add reviewers"),
                );
            }
        }
    }
    if let Some(role) = min_role
        && !pool.is_empty()
        && !pool.iter().any(|id| roster.holds(id, role))
    {
        let message = format!("none of its reviewers holds the role `{role}` or a higher one");
        faults.push(Fault::new(format!("{path}.min_role"), message).help("add a reviewer who does"));
    }
}

fn check_reach(path: String, count: u32, pool: &BTreeSet<Name>, faults: &mut Vec<Fault>) {
    if count == 0 {
        faults.push(Fault::new(path, "`min_approvals` is at least 1"));
    } else if count as usize > pool.len() {
        let message = format!("{count} approvals are asked for, but only {} people may give one", pool.len());
        faults.push(Fault::new(path, message).help("add reviewers, or lower `min_approvals`"));
    }
}

/// Places whose name stands at an earlier place already.
fn duplicates<'a>(names: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    names.enumerate().filter_map(|(at, name)| (!seen.insert(name)).then_some(at)).collect()
}
