//! First match per view, united over all commands.

use std::collections::BTreeSet;

use super::extract::{Candidate, Extract, List, Role, basename};
use super::views::{Asked, View, views};
use super::{Applies, Found, Governed, Invocation, OnOpaque, Rule, Settings};
use crate::domain::pattern::{May, Token};

/// Most bytes of text compared with the policies; what lies beyond is opaque.
const MAX_TEXT: usize = 4 << 20;
/// Most words of code read as one command; what follows them may be anything.
const MENTION_WORDS: usize = 16;

/// The ordered policies with what speeds up looking.
struct Rules<'a> {
    rules: &'a [Rule<'a>],
    /// By first byte: some policy other than the bare `*` may match.
    starts: Vec<bool>,
    upper: bool,
}

impl<'a> Rules<'a> {
    fn new(rules: &'a [Rule<'a>]) -> Rules<'a> {
        let mut starts = vec![false; 256];
        let mut upper = false;
        for pattern in rules.iter().flat_map(|rule| rule.patterns).filter(|pattern| !pattern.is_generic()) {
            upper |= pattern.has_upper_case();
            match pattern.first_bytes() {
                None => starts.fill(true),
                Some(bytes) => {
                    for byte in bytes {
                        starts.get_mut(usize::from(byte)).into_iter().for_each(|place| *place = true);
                    }
                }
            }
        }
        Rules { rules, starts, upper }
    }

    fn views(
        &self,
        candidate: &Candidate,
        hops: &[Vec<u8>],
        flags: &mut Vec<String>,
    ) -> (Vec<View>, Option<&'static str>) {
        let asked = Asked {
            starts: &|byte| self.starts.get(usize::from(byte)).copied().unwrap_or(true),
            reaches: &|name| {
                let patterns = self.rules.iter().flat_map(|rule| rule.patterns);
                patterns.into_iter().any(|pattern| !pattern.is_generic() && pattern.reaches_past(name))
            },
            upper: self.upper,
        };
        views(candidate, hops, &asked, flags)
    }

    /// The policies that this text brings: the first that surely holds, and those before it that may.
    fn first_match(&self, view: &View, literal: bool, into: &mut BTreeSet<usize>) {
        let whole = view.is_whole();
        for (n, rule) in self.rules.iter().enumerate().filter(|(_, rule)| rule.applies != Applies::No) {
            let (mut may, mut generic) = (May::No, true);
            for pattern in rule.patterns {
                let this = if !whole {
                    pattern.may_match(&view.tokens)
                } else if pattern.matches_command(&view.tokens, &view.text, view.fold) {
                    May::Surely
                } else {
                    May::No
                };
                if this != May::No {
                    generic &= pattern.is_generic();
                    may = if may == May::Surely { may } else { this };
                }
            }
            if may != May::No && (literal || !generic) {
                into.insert(n);
            }
            if may == May::Surely && rule.applies == Applies::Yes {
                return;
            }
        }
    }
}

/// The policies that govern a request: those of every command that it visibly executes.
///
/// Total and bounded: whatever exceeds a limit is opaque. The same arguments give the same answer on every machine.
pub fn govern(rules: &[Rule<'_>], settings: &Settings, invocation: &Invocation<'_>) -> Governed {
    let rules = Rules::new(rules);
    let extract = Extract::run(settings, invocation);
    let mut governed =
        Governed { opaque: extract.opaque, flags: extract.flags, writes: extract.writes, ..Governed::default() };
    let mut all = BTreeSet::new();
    let mut budget = MAX_TEXT;
    for candidate in &extract.found {
        if candidate.role == Role::Mention {
            mentions(candidate, &rules, &mut all, &mut governed);
        } else {
            one(candidate, &rules, invocation, &mut all, &mut governed, &mut budget);
        }
        if budget == 0 {
            governed.opaque.push("more text than is matched".to_owned());
            break;
        }
    }
    if !governed.opaque.is_empty() {
        governed.flags.push("opaque".to_owned());
        match &settings.opaque {
            OnOpaque::All => {
                let applicable = rules.rules.iter().enumerate().filter(|(_, rule)| rule.applies != Applies::No);
                all.extend(applicable.map(|(n, _)| n));
            }
            OnOpaque::Deny => governed.opaque_denied = true,
            OnOpaque::Policy(name) => match rules.rules.iter().position(|rule| rule.name == name) {
                Some(n) => drop(all.insert(n)),
                None => governed.opaque_denied = true,
            },
        }
    }
    governed.policies = names(&rules, &all);
    governed.flags.sort();
    governed.flags.dedup();
    governed
}

fn names(rules: &Rules<'_>, set: &BTreeSet<usize>) -> Vec<String> {
    set.iter().filter_map(|&n| rules.rules.get(n)).map(|rule| rule.name.to_owned()).collect()
}

fn one(
    candidate: &Candidate,
    rules: &Rules<'_>,
    invocation: &Invocation<'_>,
    all: &mut BTreeSet<usize>,
    governed: &mut Governed,
    budget: &mut usize,
) {
    let mut flags = Vec::new();
    let (views, too_many) = rules.views(candidate, invocation.hops, &mut flags);
    governed.opaque.extend(too_many.map(str::to_owned));
    let mut own = BTreeSet::new();
    let mut seen = Vec::with_capacity(views.len());
    for (n, view) in views.iter().enumerate() {
        *budget = budget.saturating_sub(view.cost());
        let mut first = BTreeSet::new();
        rules.first_match(view, n == 0 && candidate.role == Role::Certain, &mut first);
        own.extend(&first);
        seen.push(first);
    }
    let certain = candidate.role == Role::Certain;
    if own.is_empty() && candidate.role == Role::Tried {
        return;
    }
    let shown = views.first().map(View::shown).unwrap_or_default();
    if own.is_empty() && certain {
        governed.unmatched.push(shown.clone());
    }
    all.extend(&own);
    governed.flags.extend(flags.iter().cloned());
    governed.commands.push(Found {
        argv: candidate.list.from(candidate.start).to_vec(),
        text: shown,
        via: candidate.via.to_vec(),
        certain,
        views: views.iter().zip(&seen).map(|(view, first)| (view.name, view.shown(), names(rules, first))).collect(),
        policies: names(rules, &own),
        flags,
    });
}

/// Every run of words in code of another language is tried.
fn mentions(candidate: &Candidate, rules: &Rules<'_>, all: &mut BTreeSet<usize>, governed: &mut Governed) {
    let tokens = candidate.list.from(0);
    let mut own = BTreeSet::new();
    for (n, word) in tokens.iter().enumerate() {
        let name = basename(&word.bytes);
        if !name.first().is_some_and(|&byte| rules.starts.get(usize::from(byte)).copied().unwrap_or(true)) {
            continue;
        }
        let more = tokens.len() > n + 1 + MENTION_WORDS;
        let words = tokens.iter().skip(n + 1).take(MENTION_WORDS).cloned().chain(more.then(Token::unknown));
        let first = Token::whole(name);
        let list = List::alone(std::iter::once(first).chain(words).collect());
        let command = Candidate { list, start: 0, role: Role::Tried, ..candidate.clone() };
        for view in rules.views(&command, &[], &mut Vec::new()).0 {
            rules.first_match(&view, false, &mut own);
        }
    }
    if own.is_empty() {
        return;
    }
    all.extend(&own);
    let flags = vec!["code-carrier".to_owned()];
    governed.flags.extend(flags.iter().cloned());
    governed.commands.push(Found {
        argv: Vec::new(),
        text: "words of a text that name a governed command".to_owned(),
        via: candidate.via.to_vec(),
        certain: false,
        views: Vec::new(),
        policies: names(rules, &own),
        flags,
    });
}
