//! A request as one person sees it: beside what came before, and with what is asked of them.

use std::collections::BTreeMap;

use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::commands::report::{RequestReport, SinceView, WordView};
use crate::commands::request::{Found, decision_view, describe, find};
use crate::domain::command::Command;
use crate::domain::decision::Verdict;
use crate::domain::principal::Principal;
use crate::domain::request::Request;
use crate::domain::requirement::{Quorum, Requirement};
use crate::domain::shown;
use crate::gate::audit::Standpoint;
use crate::matching::canonical_text;
use crate::world::store::Store;

/// [`describe`], for who looks at it, with all that is read of earlier requests.
///
/// # Errors
/// An earlier request cannot be read.
pub fn describe_to(
    context: &Context<'_>,
    store: &Store,
    at: &Standpoint,
    found: &Found,
    you: Option<&Principal>,
) -> Result<RequestReport, CommandError> {
    let mut report = describe(context, found);
    let earlier = |id: &str| -> Result<Option<Found>, CommandError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        find(store, at, id).map(Some)
    };
    if let Some(past) = &report.risk.last_run
        && let Some(before) = earlier(&past.id)?
    {
        let (before, now) = (before.dossier.request.value(), found.dossier.request.value());
        report.since = Some(SinceView {
            id: past.id.clone(),
            created: past.created.clone(),
            end: past.end,
            words: words(&text(&before.command), &text(&now.command)),
            changed: changed(before, now),
        });
    }
    if let Some(past) = &report.risk.denied_before
        && let Some(before) = earlier(&past.id)?
    {
        let denial = before.dossier.decisions.iter().find(|decision| decision.value().verdict == Verdict::Deny);
        report.denial = denial.map(|denial| decision_view(denial.value()));
    }
    if let Some(you) = you {
        report.you = Some(you.id.to_string());
        report.asks_you = asked(found, &report, you);
    }
    Ok(report)
}

/// Questions of seats that this person could fill, each once.
fn asked(found: &Found, report: &RequestReport, you: &Principal) -> Vec<(String, String)> {
    let version = &found.judged.version;
    let mut asked = BTreeMap::new();
    for policy in report.policies.iter().filter_map(|policy| version.config().get(&policy.name)) {
        // With `min_role` alone the role is everybody's seat.
        let everybodys = match &policy.requirement {
            Requirement::Review(review) if matches!(review.quorum, Quorum::MinRole { .. }) => {
                review.min_role.as_deref()
            }
            _ => None,
        };
        for (seat, question) in &policy.care.questions {
            let name = seat.as_str();
            let in_group = version.roster().group(seat).is_some_and(|members| members.contains(&you.id));
            if *seat == you.id || in_group || you.role.as_deref() == Some(name) || everybodys == Some(name) {
                asked.entry(name.to_owned()).or_insert_with(|| shown::line(question));
            }
        }
    }
    asked.into_iter().collect()
}

fn text(command: &Command) -> String {
    shown::bytes(&canonical_text(&command.argv))
}

/// What differs beside the arguments, a line a thing.
fn changed(before: &Request, now: &Request) -> Vec<String> {
    let (old, new) = (&before.command, &now.command);
    let fields = old.drift(new).into_iter().filter(|field| field != "arguments");
    let mut changed: Vec<String> = fields
        .map(|field| match field.as_str() {
            "working directory" => format!("{field}, then {}", shown::bytes(&old.cwd)),
            "program path" => format!("{field}, then {}", shown::bytes(&old.program.path)),
            _ => field,
        })
        .collect();
    if before.host != now.host {
        changed.push(format!("host, then {}", shown::line(&before.host)));
    }
    if before.runner != now.runner {
        changed.push(format!("runner, then {}", before.runner));
    }
    if before.requester != now.requester {
        changed.push(format!("requester, then {}", before.requester));
    }
    changed
}

/// Two command lines word by word; what is the same on end stands together.
fn words(before: &str, now: &str) -> Vec<WordView> {
    /// The most pairs of words that are compared; beyond, all between the common ends has changed.
    const PAIRS: usize = 250_000;
    let (before, now): (Vec<&str>, Vec<&str>) = (before.split(' ').collect(), now.split(' ').collect());
    let first = before.iter().zip(&now).take_while(|(a, b)| a == b).count();
    let (old, new) = (before.get(first..).unwrap_or_default(), now.get(first..).unwrap_or_default());
    let last = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let end = old.get(old.len() - last..).unwrap_or_default();
    let old = old.get(..old.len() - last).unwrap_or_default();
    let new = new.get(..new.len() - last).unwrap_or_default();
    let mut out = Words::default();
    now.iter().take(first).for_each(|word| out.put("same", word));
    if old.len().saturating_mul(new.len()) > PAIRS {
        old.iter().for_each(|word| out.put("gone", word));
        new.iter().for_each(|word| out.put("new", word));
    } else {
        between(old, new, &mut out);
    }
    end.iter().for_each(|word| out.put("same", word));
    out.0
}

/// The longest common subsequence, what went before what came.
fn between(old: &[&str], new: &[&str], out: &mut Words) {
    let wide = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * wide];
    let at = |longest: &[u32], o: usize, n: usize| longest.get(o * wide + n).copied().unwrap_or(0);
    for (o, left) in old.iter().enumerate().rev() {
        for (n, right) in new.iter().enumerate().rev() {
            let best = if left == right {
                at(&longest, o + 1, n + 1) + 1
            } else {
                at(&longest, o + 1, n).max(at(&longest, o, n + 1))
            };
            if let Some(cell) = longest.get_mut(o * wide + n) {
                *cell = best;
            }
        }
    }
    let (mut o, mut n) = (0, 0);
    loop {
        match (old.get(o), new.get(n)) {
            (Some(left), Some(right)) if left == right => {
                out.put("same", right);
                (o, n) = (o + 1, n + 1);
            }
            (Some(left), Some(_)) if at(&longest, o + 1, n) >= at(&longest, o, n + 1) => {
                out.put("gone", left);
                o += 1;
            }
            (_, Some(right)) => {
                out.put("new", right);
                n += 1;
            }
            (Some(left), None) => {
                out.put("gone", left);
                o += 1;
            }
            (None, None) => return,
        }
    }
}

#[derive(Default)]
struct Words(Vec<WordView>);

impl Words {
    fn put(&mut self, change: &'static str, word: &str) {
        match self.0.last_mut() {
            Some(last) if last.change == change => {
                last.text.push(' ');
                last.text.push_str(word);
            }
            _ => self.0.push(WordView { change, text: word.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(before: &str, now: &str) -> String {
        let pieces = words(before, now);
        let piece = |word: &WordView| match word.change {
            "gone" => format!("[-{}-]", word.text),
            "new" => format!("{{+{}+}}", word.text),
            _ => word.text.clone(),
        };
        pieces.iter().map(piece).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn two_command_lines_word_by_word() {
        for (before, now, expected) in [
            ("migrate up", "migrate up", "migrate up"),
            ("migrate up --env staging", "migrate up --env prod", "migrate up --env [-staging-] {+prod+}"),
            ("migrate up", "migrate up --force", "migrate up {+--force+}"),
            ("rm -r a b", "rm -r b", "rm -r [-a-] b"),
            ("a b c d e", "a c x e", "a [-b-] c [-d-] {+x+} e"),
            ("a", "b", "[-a-] {+b+}"),
        ] {
            assert_eq!(told(before, now), expected);
        }
    }

    #[test]
    fn very_long_ones_are_compared_at_their_ends() {
        let line = |word: &str| format!("run {} end", vec![word; 2_000].join(" "));
        let changes: Vec<&str> = words(&line("a"), &line("b")).iter().map(|word| word.change).collect();
        assert_eq!(changes, ["same", "gone", "new", "same"]);
    }

    proptest! {
        #[test]
        fn both_lines_can_be_read_from_it(before in "[ab ]{0,30}", now in "[ab ]{0,30}") {
            let pieces = words(&before, &now);
            let read = |without: &str| {
                let kept = pieces.iter().filter(|piece| piece.change != without);
                kept.map(|piece| piece.text.as_str()).collect::<Vec<_>>().join(" ")
            };
            prop_assert_eq!(read("new"), before);
            prop_assert_eq!(read("gone"), now);
        }
    }
}
