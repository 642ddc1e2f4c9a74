//! First match per view, united over all commands.

use std::collections::BTreeSet;

use super::extract::{Candidate, Extract, List, Role, basename};
use super::views::{Asked, View, views};
use super::{Applies, Found, Governed, Invocation, OnOpaque, Rule, Settings};
use crate::domain::pattern::{Lead, May, Pattern, Token};

/// Most bytes of text compared with the policies; what lies beyond is opaque.
const MAX_TEXT: usize = 4 << 20;
/// Most words of code read as one command; what follows them may be anything.
const MENTION_WORDS: usize = 16;

/// The ordered policies with what speeds up looking.
struct Rules<'a> {
    rules: &'a [Rule<'a>],
    /// By first byte: some policy other than the bare `*` may match.
    starts: [bool; 256],
    upper: bool,
    /// Every pattern in the order of the policies, the place of its policy, and how texts that it matches start.
    patterns: Vec<(Lead, usize, &'a Pattern)>,
}

impl<'a> Rules<'a> {
    fn new(rules: &'a [Rule<'a>]) -> Rules<'a> {
        let mut starts = [false; 256];
        let mut upper = false;
        let places = rules.iter().enumerate().flat_map(|(n, rule)| rule.patterns.iter().map(move |one| (n, one)));
        let patterns = places.map(|(n, pattern)| (pattern.lead(), n, pattern)).collect();
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
        Rules { rules, starts, upper, patterns }
    }

    fn views<'c>(
        &self,
        candidate: &'c Candidate,
        hops: &[Vec<u8>],
        flags: &mut Vec<String>,
    ) -> (Vec<View<'c>>, Option<&'static str>) {
        let asked = Asked {
            starts: &|byte| self.starts.get(usize::from(byte)).copied().unwrap_or(true),
            reaches: &|name| {
                let lead = Lead::of_start(&[name, b" "].concat());
                let mut patterns = self.patterns.iter().filter(|(own, ..)| own.allows(lead));
                patterns.any(|(.., pattern)| !pattern.is_generic() && pattern.reaches_past(name))
            },
            upper: self.upper,
        };
        views(candidate, hops, &asked, flags)
    }

    /// The policies that this text brings: the first that surely holds, and those before it that may. For a program that may lie
    /// `outside` the trusted path those that ask nobody are none.
    fn first_match(&self, view: &View<'_>, literal: bool, outside: bool, into: &mut BTreeSet<usize>) {
        let (whole, lead) = (view.is_whole(), view.lead());
        let mut patterns = self.patterns.iter().filter(|(own, ..)| own.allows(lead)).peekable();
        while let Some(n) = patterns.peek().map(|(_, n, _)| *n) {
            let rule = self.rules.get(n).filter(|rule| !(outside && rule.unasked));
            let applies = rule.map_or(Applies::No, |rule| rule.applies);
            let (mut may, mut generic) = (May::No, true);
            while let Some((.., pattern)) = patterns.next_if(|(_, other, _)| *other == n) {
                if applies == Applies::No {
                    continue;
                }
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
            if may == May::Surely && applies == Applies::Yes {
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
    let head = candidate.list.get(candidate.start);
    let outside = !candidate.root && head.is_some_and(|name| !name.is_whole() || invocation.is_outside(&name.bytes));
    let mut own = BTreeSet::new();
    let mut seen = Vec::with_capacity(views.len());
    for (n, view) in views.iter().enumerate() {
        *budget = budget.saturating_sub(view.cost());
        let mut first = BTreeSet::new();
        rules.first_match(view, n == 0 && candidate.role == Role::Certain, outside, &mut first);
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
            rules.first_match(&view, false, true, &mut own);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::pattern::PatternKind;

    fn pattern(source: &str, how: u8) -> Option<Pattern> {
        match how % 5 {
            0 => Pattern::new(PatternKind::Exact, source).ok(),
            1 => Pattern::new(PatternKind::Regex, &source.replace('*', ".*")).ok(),
            2 => Pattern::tokens(&source.split(' ').map(str::to_owned).collect::<Vec<_>>()).ok(),
            _ => Pattern::new(PatternKind::Glob, source).ok(),
        }
    }

    /// The views of a command and what each brings.
    fn found<'c>(rules: &Rules<'_>, command: &'c Candidate) -> Vec<(View<'c>, [BTreeSet<usize>; 2])> {
        let views = rules.views(command, &[], &mut Vec::new()).0;
        let brings = |view: &View<'_>| {
            [true, false].map(|literal| {
                let mut into = BTreeSet::new();
                rules.first_match(view, literal, false, &mut into);
                into
            })
        };
        views.into_iter().map(|view| (brings(&view), view)).map(|(brings, view)| (view, brings)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..ProptestConfig::default() })]

        #[test]
        fn looking_at_leads_first_changes_nothing(
            sources in prop::collection::vec(("([abA/é]{1,4}|aaaaaaaaaaaaaaaa|'a b')( [abA]{0,3})?[*?{},\\[\\]! ab]{0,4}", 0..9_u8), 1..6),
            per_policy in 1..3_usize,
            applies in 0..4_u8,
            argv in prop::collection::vec("([abA/é -]{0,4}|aaaaaaaaaaaaaaaa[abA]?)", 1..5),
            cut in 0..8_usize,
            keep in 0..3_usize,
        ) {
            let patterns: Vec<Pattern> = sources.iter().filter_map(|(source, how)| pattern(source, *how)).collect();
            let rules: Vec<Rule<'_>> = patterns
                .chunks(per_policy)
                .enumerate()
                .map(|(n, patterns)| Rule {
                    name: "any",
                    patterns,
                    applies: [Applies::Yes, Applies::Maybe, Applies::No][usize::from(applies) * n % 3],
                    unasked: false,
                })
                .collect();
            let mut tokens: Vec<Token> = argv.iter().map(|word| Token::whole(word.as_str())).collect();
            if let Some(token) = tokens.get_mut(cut) {
                token.bytes.truncate(keep);
                token.known = [crate::domain::pattern::Known::Lead, crate::domain::pattern::Known::Splits][keep % 2];
            }
            let command =
                Candidate { list: List::alone(tokens), start: 0, via: [].into(), role: Role::Certain, root: false };
            let quick = Rules::new(&rules);
            let mut plain = Rules::new(&rules);
            plain.patterns.iter_mut().for_each(|(lead, ..)| *lead = Lead::default());
            prop_assert_eq!(format!("{:?}", found(&quick, &command)), format!("{:?}", found(&plain, &command)));
        }
    }
}
