//! The texts of one command: each can only add policies.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::extract::{Candidate, List, Role, basename};
use super::programs::{globals, sub_commands as sub_commands_of};
use crate::domain::pattern::{Known, Lead, Token, canonical_text};

/// Most readings of which options precede a sub-command.
const MAX_READINGS: usize = 512;

/// One text of a command.
#[derive(Clone, Debug)]
pub(super) struct View<'a> {
    pub name: &'static str,
    pub tokens: Cow<'a, [Token]>,
    whole: bool,
    /// Empty where something is known only when it runs.
    pub text: Vec<u8>,
    /// Letters of either case are alike.
    pub fold: bool,
}

impl<'a> View<'a> {
    fn new(name: &'static str, tokens: impl Into<Cow<'a, [Token]>>) -> View<'a> {
        let tokens = tokens.into();
        let whole = tokens.iter().all(Token::is_whole);
        let text = if whole { canonical(&tokens) } else { Vec::new() };
        View { name, tokens, whole, text, fold: false }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// How its canonical text starts.
    pub(super) fn lead(&self) -> Lead {
        if self.whole {
            return Lead::of_text(&self.text);
        }
        let known = self.tokens.iter().take_while(|token| token.is_whole());
        Lead::of_start(&canonical_text(&known.map(|token| &token.bytes).collect::<Vec<_>>()))
    }

    /// What comparing it takes, in bytes of text; unknown parts take longer.
    pub(super) fn cost(&self) -> usize {
        if self.is_whole() {
            return self.text.len() + 1;
        }
        8 * self.tokens.iter().map(|token| token.bytes.len() + 2).sum::<usize>()
    }

    /// The text for people.
    pub(super) fn shown(&self) -> String {
        if !self.text.is_empty() {
            return String::from_utf8_lossy(&self.text).into_owned();
        }
        let words = self.tokens.iter().map(|token| {
            let text = String::from_utf8_lossy(&canonical_text(&[&token.bytes])).into_owned();
            match (token.is_whole(), token.bytes.is_empty()) {
                (true, _) => text,
                (false, true) => "…".to_owned(),
                (false, false) => text + "…",
            }
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

fn canonical(tokens: &[Token]) -> Vec<u8> {
    canonical_text(&tokens.iter().map(|token| &token.bytes).collect::<Vec<_>>())
}

/// What the list of policies asks of views.
pub(super) struct Asked<'a> {
    /// Whether a text that starts with this byte can match more than the bare `*`.
    pub starts: &'a dyn Fn(u8) -> bool,
    /// Whether a policy looks past the first word of this program.
    pub reaches: &'a dyn Fn(&[u8]) -> bool,
    /// A policy has upper-case letters.
    pub upper: bool,
}

/// The literal text first, then the others that differ from it.
///
/// Flags for reviewers and, if there are too many readings, a reason to call it opaque.
pub(super) fn views<'a>(
    candidate: &'a Candidate,
    hops: &[Vec<u8>],
    asked: &Asked<'_>,
    flags: &mut Vec<String>,
) -> (Vec<View<'a>>, Option<&'static str>) {
    let tokens = candidate.list.from(candidate.start);
    let Some((first, rest)) = tokens.split_first() else {
        return (Vec::new(), None);
    };
    let name = basename(&first.bytes);
    let wanted = |bytes: &[u8]| bytes.first().is_some_and(|&byte| (asked.starts)(byte)) || (asked.starts)(b'\'');
    let literal = candidate.role == Role::Certain;
    let mut views = Vec::new();
    let unknown = !first.is_whole();
    if literal || candidate.role == Role::Inside || unknown || wanted(&first.bytes) {
        views.push(View::new("literal", tokens));
    }
    let renamed = |name: &[u8]| {
        let first = Token { bytes: name.to_vec(), ..first.clone() };
        std::iter::once(first).chain(rest.iter().cloned()).collect::<Vec<_>>()
    };
    if name != first.bytes && !name.is_empty() && (unknown || wanted(name)) || unknown && first.bytes.contains(&b'/') {
        views.push(View::new("basename", renamed(name)));
    }
    if candidate.root {
        for hop in hops {
            for text in [hop.as_slice(), basename(hop)] {
                if text != first.bytes && text != name && wanted(text) {
                    views.push(View::new("target", renamed(text)));
                }
            }
        }
        if hops.last().is_some_and(|last| basename(last) != name) {
            flags.push("symlink-command".to_owned());
        }
    }
    let mut readings = None;
    if !unknown {
        let folded = folded(name, asked.upper, flags);
        let targets = hops.iter().map(|hop| basename(hop)).filter(|_| candidate.root);
        for other in targets.chain(folded.as_ref().map(String::as_bytes)) {
            if other != name && (asked.reaches)(other) {
                let list = List::alone(renamed(other));
                readings = readings.or(sub_command_views(&list, 0, &mut views));
                flag_views(other, list.from(0), &mut views);
            }
        }
        if let Some(folded) = folded
            && folded.bytes().next().is_some_and(|byte| (asked.starts)(byte) || asked.upper)
        {
            let tokens = renamed(folded.as_bytes());
            let mut view = View::new("folded", tokens);
            if view.is_whole() {
                view.text = folded.into_bytes();
                if !rest.is_empty() {
                    view.text.push(b' ');
                    view.text.extend(canonical(rest));
                }
            }
            view.fold = true;
            views.push(view);
        }
        if (asked.reaches)(name) || (asked.reaches)(&first.bytes) {
            readings = readings.or(sub_command_views(&candidate.list, candidate.start, &mut views));
            flag_views(name, tokens, &mut views);
        }
    }
    (views, readings)
}

/// The program with what follows its options, which may take a value or not; twice, for sub-commands of sub-commands.
fn sub_command_views(list: &List, start: usize, views: &mut Vec<View<'_>>) -> Option<&'static str> {
    let tokens = list.from(start);
    let first = tokens.first()?;
    let name = Token::whole(basename(&first.bytes));
    let globals = globals(&name.bytes);
    let mut made = 0;
    for place in sub_commands_of(list, start, globals) {
        let Some(sub) = list.get(place) else { continue };
        let mut heads = vec![vec![name.clone()]];
        if name != *first {
            heads.push(vec![first.clone()]);
        }
        for head in heads {
            if place > start + 1 {
                made += 1;
                views.push(View::new("sub-command", [head.as_slice(), list.from(place)].concat()));
            }
            for second in sub_commands_of(list, place, globals) {
                if second > place + 1 {
                    made += 1;
                    let head = [head.as_slice(), std::slice::from_ref(sub)].concat();
                    views.push(View::new("sub-command", [head.as_slice(), list.from(second)].concat()));
                }
                if made > MAX_READINGS {
                    return Some("more options than are read before a sub-command");
                }
            }
        }
    }
    None
}

/// `rm` with its flags in the usual spellings, before its operands.
fn flag_views(name: &[u8], tokens: &[Token], views: &mut Vec<View<'_>>) {
    if !matches!(name, b"rm" | b"grm" | b"srm" | b"trash") {
        return;
    }
    let (mut recursive, mut force, mut splits, mut leads, mut ended) = (false, false, 0, 0, false);
    let mut operands: Vec<Token> = Vec::new();
    for token in tokens.iter().skip(1) {
        let text = token.bytes.as_slice();
        let could_be_flag = text.is_empty() || text.starts_with(b"-");
        if ended || token.is_whole() && !text.starts_with(b"-") && !is_flag_glob(token) {
            operands.push(token.clone());
        } else if !token.is_whole() || is_flag_glob(token) {
            match token.known {
                _ if !could_be_flag && !is_flag_glob(token) => operands.push(token.clone()),
                Known::Lead => leads += 1,
                _ => splits += 1,
            }
        } else if text == b"--" {
            ended = true;
        } else if text.starts_with(b"--") {
            recursive |= text.len() > 2 && b"--recursive".starts_with(text);
            force |= text.len() > 2 && b"--force".starts_with(text);
        } else {
            recursive |= text.contains(&b'r') || text.contains(&b'R');
            force |= text.contains(&b'f');
        }
    }
    let spellings: &[&[&str]] = match (recursive, force) {
        (true, true) => &[&["-rf"], &["-fr"], &["-r", "-f"], &["-Rf"], &["-r"], &["-R"], &["-f"]],
        (true, false) => &[&["-r"], &["-R"]],
        (false, true) => &[&["-f"]],
        (false, false) => &[],
    };
    let rm = Token::whole("rm");
    for spelling in spellings {
        let flags = spelling.iter().map(|flag| Token::whole(*flag));
        let words = std::iter::once(rm.clone()).chain(flags).chain(operands.iter().cloned());
        let mut words: Vec<_> = words.collect();
        if splits + leads > 0 {
            words.push(Token::unknown());
        }
        views.push(View::new("flags", words));
    }
    if splits > 0 || leads > 1 || leads == 1 && !operands.is_empty() {
        let words = [rm, Token::unknown()].into_iter().chain(operands);
        views.push(View::new("flags", words.collect::<Vec<_>>()));
    }
}

/// Whether file names that a shell puts here could read as `-rf`.
fn is_flag_glob(token: &Token) -> bool {
    token.glob
        && token.bytes.iter().all(|byte| b"*?[]-rRfivdI".contains(byte))
        && token.bytes.first().is_some_and(|byte| b"*?[-".contains(byte))
}

/// The name as it looks: no case, no invisible characters, no look-alikes. `None` if that is the name itself.
fn folded(name: &[u8], upper: bool, flags: &mut Vec<String>) -> Option<String> {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_@%+=:,.-".contains(byte);
    if name.iter().all(plain) {
        return upper.then(|| String::from_utf8_lossy(name).into_owned()).filter(|name| !name.is_empty());
    }
    let name = String::from_utf8_lossy(name);
    let mut flag = |flag: &str| flags.push(flag.to_owned());
    if name.chars().any(char::is_control) {
        flag("control-chars");
    }
    let composed: String = name.nfkc().filter(|c| !c.is_control()).collect();
    let visible: String = composed.chars().filter(|c| !is_invisible(*c)).collect();
    if visible != composed {
        flag("bidi-zero-width");
    }
    let lower: String = visible.to_lowercase().nfkd().filter(|c| !is_mark(*c)).collect();
    let skeleton: String = lower.chars().map(look_alike).collect();
    if skeleton != lower || !visible.is_ascii() && skeleton.is_ascii() {
        flag("homoglyph");
    }
    Some(skeleton.trim().to_owned()).filter(|name| !name.is_empty())
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Lower-case letters of other scripts that look like Latin ones. Source: UTS 39, the letters of Cyrillic, Greek,
/// Armenian, Cherokee, Coptic and phonetic alphabets that fonts draw alike.
const LOOK_ALIKES: &[(&str, char)] = &[
    ("аɑαᴀꭺ⍺", 'a'),
    ("ьҍᏏƅ", 'b'),
    ("сϲᴄⲥᏟꮯ", 'c'),
    ("ԁɗժᏧ", 'd'),
    ("еҽєεᴇ℮ҿꬲ", 'e'),
    ("ғƒẝꞙք", 'f'),
    ("ɡգցɢᶃ", 'g'),
    ("һհнʜᏂ", 'h'),
    ("іıɩιӏⲓιƖǀⅰꙇᎥ", 'i'),
    ("јϳʝյ", 'j'),
    ("кκᴋⲕ", 'k'),
    ("ⅼӏlʟǀון∣", 'l'),
    ("мᴍmⅿ", 'm'),
    ("ոռпηɴ", 'n'),
    ("оοօσᴏⲟסഠ၀ჿo", 'o'),
    ("рρϱⲣᴩꝑ⍴", 'p'),
    ("ԛգզϙ", 'q'),
    ("гᴦʀⲅꭇ", 'r'),
    ("ѕꜱʂƽ", 's'),
    ("тτᴛŧⲧ", 't'),
    ("υսᴜʋцꞟ", 'u'),
    ("νѵᴠⱱטⅴ", 'v'),
    ("ѡԝաᴡωɯ", 'w'),
    ("хχ×ⲭ᙮", 'x'),
    ("уγүʏỿყ", 'y'),
    ("ᴢʐƶ", 'z'),
    ("‐‑‒–—−﹘۔", '-'),
    ("․", '.'),
    ("⁄∕╱", '/'),
    ("ⲟ", 'o'),
];

fn look_alike(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    LOOK_ALIKES.iter().find(|(group, _)| group.contains(c)).map_or(c, |(_, plain)| *plain)
}
