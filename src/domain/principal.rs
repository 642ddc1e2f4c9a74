//! People, agents and runners, and the roster that says who they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::domain::key::PublicKey;
use crate::domain::revocation::{self, Revocation};

/// The name of a principal or group: `[a-z0-9][a-z0-9_-]{0,62}`.
///
/// Principals and groups share one namespace, and the name is a path component
/// of records, so nothing that means something to a file system can be one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// A text that cannot name a principal or group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name: expected 1 to 63 of `a-z`, `0-9`, `_`, `-`, the first a letter or digit")]
pub struct NameError(String);

impl std::str::FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let first = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let later = |c: char| first(c) || c == '_' || c == '-';
        if text.len() <= 63 && text.starts_with(first) && text.chars().all(later) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError(text.chars().take(80).collect()))
        }
    }
}

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a principal is; only persons review or administer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A human being.
    Person,
    /// A program that asks.
    Agent,
    /// A machine that claims and executes what others asked for.
    Runner,
}

impl Kind {
    /// The word in `roster.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Agent => "agent",
            Self::Runner => "runner",
        }
    }
}

/// Someone, or something, that signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Unique among principals and groups.
    pub id: Name,
    /// Person, agent or runner.
    pub kind: Kind,
    /// One of the roster's roles; persons only.
    pub role: Option<String>,
    /// The team for separation of duties.
    pub team: Option<String>,
    /// The persons who run this agent.
    pub operators: Vec<Name>,
    /// At least one key; each belongs to this principal alone.
    pub keys: Vec<PublicKey>,
}

/// What was written in `roster.toml`, before anything was checked.
#[derive(Debug, Clone, Default)]
pub struct RosterDraft {
    /// Lowest first.
    pub roles: Vec<String>,
    /// In the file's order.
    pub principals: Vec<Principal>,
    /// Name and members, as written.
    pub groups: Vec<(Name, Vec<Name>)>,
    /// The persons who sign policy versions.
    pub admins: Vec<Name>,
    /// How many of them must.
    pub threshold: u32,
    /// Keys that must never count again.
    pub revocations: Vec<Revocation>,
}

/// What is wrong with a configuration, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// The value it is about, as a path: `principals[2].keys[0]`, `groups.dba`.
    pub path: String,
    /// Stable, for scripts: `unknown-name` or `cannot-hold`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Fault {
    /// A fault at `path`.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), code: "cannot-hold", message: message.into(), help: None }
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Who everybody is: unique names, keys of one owner each, groups resolved, admins that can meet their threshold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    roles: Vec<String>,
    principals: BTreeMap<Name, Principal>,
    groups: BTreeMap<Name, BTreeSet<Name>>,
    admins: BTreeSet<Name>,
    threshold: u32,
    revocations: Vec<Revocation>,
}

impl Roster {
    /// Checks a draft.
    ///
    /// # Errors
    /// Every fault found, in the file's order.
    pub fn new(draft: RosterDraft) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        check_roles(&draft.roles, &mut faults);
        let names = check_names(&draft, &mut faults);
        check_keys(&draft.principals, &mut faults);
        revocation::check(&draft.revocations, &draft.principals, &mut faults);
        let kinds: BTreeMap<&Name, Kind> = draft.principals.iter().map(|p| (&p.id, p.kind)).collect();
        for (at, principal) in draft.principals.iter().enumerate() {
            check_principal(at, principal, &draft.roles, &kinds, &mut faults);
        }
        check_admins(&draft, &kinds, &mut faults);
        let groups = expand_groups(&draft.groups, &names, &kinds, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            roles: draft.roles,
            principals: draft.principals.into_iter().map(|p| (p.id.clone(), p)).collect(),
            groups,
            admins: draft.admins.into_iter().collect(),
            threshold: draft.threshold,
            revocations: draft.revocations,
        })
    }

    /// The principal of this name.
    pub fn get(&self, id: &Name) -> Option<&Principal> {
        self.principals.get(id)
    }

    /// Everybody, by name.
    pub fn principals(&self) -> impl Iterator<Item = &Principal> {
        self.principals.values()
    }

    /// All members of a group, groups in it resolved.
    pub fn group(&self, name: &Name) -> Option<&BTreeSet<Name>> {
        self.groups.get(name)
    }

    /// All group names.
    pub fn groups(&self) -> impl Iterator<Item = (&Name, &BTreeSet<Name>)> {
        self.groups.iter()
    }

    /// The principal to whom a key belongs.
    pub fn owner_of(&self, key: &PublicKey) -> Option<&Principal> {
        self.principals().find(|p| p.keys.iter().any(|k| k.point() == key.point() && k == key))
    }

    /// The persons who sign policy versions.
    pub fn admins(&self) -> &BTreeSet<Name> {
        &self.admins
    }

    /// How many admins must sign; at least 1 and at most their number.
    pub fn threshold(&self) -> u32 {
        self.threshold
    }

    /// Keys that must never count again, in the file's order.
    pub fn revocations(&self) -> &[Revocation] {
        &self.revocations
    }

    /// Roles, lowest first.
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// The rank of a role, 0 the lowest.
    pub fn rank(&self, role: &str) -> Option<usize> {
        self.roles.iter().position(|known| known == role)
    }

    /// Whether `id` is a person of at least this role.
    pub fn holds(&self, id: &Name, role: &str) -> bool {
        let rank_of = |role: &String| self.rank(role);
        match (self.get(id), self.rank(role)) {
            (Some(principal), Some(least)) => {
                principal.kind == Kind::Person
                    && principal.role.as_ref().and_then(rank_of).is_some_and(|rank| rank >= least)
            }
            _ => false,
        }
    }
}

fn check_roles(roles: &[String], faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for (at, role) in roles.iter().enumerate() {
        if role.parse::<Name>().is_err() {
            faults.push(
                Fault::new(format!("roles[{at}]"), format!("`{role}` is not a role name"))
                    .help("use lower-case letters, digits, `_` and `-`"),
            );
        } else if !seen.insert(role) {
            faults.push(Fault::new(format!("roles[{at}]"), format!("role `{role}` is listed twice")));
        }
    }
}

fn check_names<'a>(draft: &'a RosterDraft, faults: &mut Vec<Fault>) -> BTreeSet<&'a Name> {
    let mut names = BTreeSet::new();
    for (at, principal) in draft.principals.iter().enumerate() {
        if !names.insert(&principal.id) {
            faults.push(Fault::new(
                format!("principals[{at}].id"),
                format!("principal `{}` is defined twice", principal.id),
            ));
        }
    }
    for (name, _) in &draft.groups {
        if !names.insert(name) {
            faults.push(
                Fault::new(format!("groups.{name}"), format!("`{name}` names a group and a principal"))
                    .help("principals and groups share one namespace: rename one of them"),
            );
        }
    }
    names
}

fn check_keys(principals: &[Principal], faults: &mut Vec<Fault>) {
    let mut owners: BTreeMap<&[u8; 32], &Name> = BTreeMap::new();
    for (at, principal) in principals.iter().enumerate() {
        if principal.keys.is_empty() {
            faults.push(Fault::new(format!("principals[{at}].id"), format!("principal `{}` has no key", principal.id)));
        }
        for (nth, key) in principal.keys.iter().enumerate() {
            let path = format!("principals[{at}].keys[{nth}]");
            match owners.insert(key.point(), &principal.id) {
                Some(owner) if *owner == principal.id => {
                    faults.push(Fault::new(path, format!("key {} is listed twice for `{owner}`", key.fingerprint())))
                }
                Some(owner) => faults.push(
                    Fault::new(
                        path,
                        format!("key {} belongs to `{owner}` and to `{}`", key.fingerprint(), principal.id),
                    )
                    .help("a key stands for one principal: two seats need two people"),
                ),
                None => {}
            }
        }
    }
}

fn check_principal(
    at: usize,
    principal: &Principal,
    roles: &[String],
    kinds: &BTreeMap<&Name, Kind>,
    faults: &mut Vec<Fault>,
) {
    let id = &principal.id;
    if let Some(role) = &principal.role {
        let path = format!("principals[{at}].role");
        if principal.kind != Kind::Person {
            faults.push(
                Fault::new(path, format!("{} `{id}` holds the role `{role}`", principal.kind.as_str()))
                    .help("roles are for persons: agents and runners never review"),
            );
        } else if !roles.contains(role) {
            faults.push(unknown(path, "role", role, roles.iter().map(String::as_str)));
        }
    }
    for (nth, operator) in principal.operators.iter().enumerate() {
        let path = format!("principals[{at}].operators[{nth}]");
        match kinds.get(operator) {
            _ if principal.kind == Kind::Person => {
                faults.push(
                    Fault::new(path, format!("person `{id}` has operators"))
                        .help("only agents and runners are operated by someone"),
                );
            }
            None => faults.push(unknown(path, "principal", operator.as_str(), kinds.keys().map(|n| n.as_str()))),
            Some(Kind::Person) => {}
            Some(kind) => faults.push(
                Fault::new(
                    path,
                    format!(
                        "operator `{operator}` is a{} {}",
                        if *kind == Kind::Agent { "n" } else { "" },
                        kind.as_str()
                    ),
                )
                .help("operators are persons"),
            ),
        }
    }
}

fn check_admins(draft: &RosterDraft, kinds: &BTreeMap<&Name, Kind>, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for (at, admin) in draft.admins.iter().enumerate() {
        let path = format!("trust.admins[{at}]");
        match kinds.get(admin) {
            None => faults.push(unknown(path, "principal", admin.as_str(), kinds.keys().map(|n| n.as_str()))),
            Some(Kind::Person) if !seen.insert(admin) => {
                faults.push(Fault::new(path, format!("admin `{admin}` is listed twice")));
            }
            Some(Kind::Person) => {}
            Some(kind) => faults.push(
                Fault::new(path, format!("admin `{admin}` is of kind `{}`", kind.as_str())).help("admins are persons"),
            ),
        }
    }
    if draft.threshold == 0 || draft.threshold as usize > draft.admins.len() {
        faults.push(
            Fault::new(
                "trust.threshold",
                format!("threshold {} can never be met by {} admins", draft.threshold, draft.admins.len()),
            )
            .help("a threshold is at least 1 and at most the number of admins"),
        );
    }
}

/// An unknown name, with the nearest known one as advice.
pub fn unknown<'a>(path: impl Into<String>, what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Fault {
    let fault = Fault { code: "unknown-name", ..Fault::new(path, format!("unknown {what} `{name}`")) };
    match nearest(name, known) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault,
    }
}

/// The most faults that are reported of one file; more are not looked for where each takes long.
pub const MAX_FAULTS: usize = 100;

/// The known word most like `word`, where one is alike enough to suggest.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

fn expand_groups(
    groups: &[(Name, Vec<Name>)],
    names: &BTreeSet<&Name>,
    kinds: &BTreeMap<&Name, Kind>,
    faults: &mut Vec<Fault>,
) -> BTreeMap<Name, BTreeSet<Name>> {
    let written: BTreeMap<&Name, &Vec<Name>> = groups.iter().map(|(n, m)| (n, m)).collect();
    let mut expanded = BTreeMap::new();
    for (group, members) in groups {
        for (at, member) in members.iter().enumerate() {
            if !names.contains(member) {
                let known = names.iter().map(|name| name.as_str());
                faults.push(unknown(format!("groups.{group}[{at}]"), "member", member.as_str(), known));
            }
        }
        // Depth first, each group once: linear however the groups nest.
        let mut people = BTreeSet::new();
        let mut visited = BTreeSet::from([group]);
        let mut queue: Vec<&Name> = members.iter().collect();
        while let Some(member) = queue.pop() {
            if member == group {
                faults.push(
                    Fault::new(format!("groups.{group}"), format!("group `{group}` contains itself"))
                        .help("take it out of the groups it lists, directly or through others"),
                );
                break;
            }
            if let Some(nested) = written.get(member) {
                if visited.insert(member) {
                    queue.extend(nested.iter());
                }
            } else if kinds.contains_key(member) {
                people.insert(member.clone());
            }
        }
        expanded.insert(group.clone(), people);
    }
    expanded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn names_cannot_be_paths() {
        for good in ["a", "0", "dev-lead", "oncall_primary", &"a".repeat(63)] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "_a", "A", "a/b", "..", ".git", "a b", "é", "a\0", "a\n", &"a".repeat(64)] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn group_cycles_and_strangers_are_faults() {
        let mut faults = Vec::new();
        let groups = vec![
            (name("a"), vec![name("b")]),
            (name("b"), vec![name("c"), name("alice")]),
            (name("c"), vec![name("b")]),
            (name("d"), vec![name("alicee")]),
        ];
        let alice = name("alice");
        let mut names: BTreeSet<&Name> = groups.iter().map(|(n, _)| n).collect();
        names.insert(&alice);
        let kinds = BTreeMap::from([(&alice, Kind::Person)]);
        expand_groups(&groups, &names, &kinds, &mut faults);
        let said: Vec<String> = faults.iter().map(|f| format!("{}: {}", f.path, f.message)).collect();
        assert_eq!(
            said,
            [
                "groups.b: group `b` contains itself",
                "groups.c: group `c` contains itself",
                "groups.d[0]: unknown member `alicee`",
            ]
        );
        assert_eq!(faults.last().unwrap().help.as_deref(), Some("did you mean `alice`?"));
    }
}
