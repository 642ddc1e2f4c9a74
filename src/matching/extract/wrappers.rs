//! Programs that execute their operand, by their tables of options.

use super::{At, Extract, List, is_word};
use crate::domain::pattern::{Token, canonical_text};
use crate::matching::shell::Dialect;
use crate::matching::tables::{self, Bare, Wrapper};

/// The options of a wrapper, as far as its table goes.
#[derive(Debug, Default)]
pub(in crate::matching) struct Options {
    /// Where its operands start; past the end if there are none.
    pub operand: usize,
    /// An option was not in the table: any later argument may be the command.
    pub ambiguous: bool,
    pub values: Vec<(String, Token)>,
    pub seen: Vec<String>,
}

impl Extract<'_> {
    /// Reads the options of a wrapper.
    pub(in crate::matching) fn options(&mut self, list: &List, start: usize, wrapper: &Wrapper, at: &At) -> Options {
        let mut options = Options::default();
        let mut next = start;
        while let Some(token) = list.get(next) {
            let text = String::from_utf8_lossy(&token.bytes).into_owned();
            if !token.is_whole() && text.starts_with('-') {
                options.ambiguous = true;
                if !wrapper.scripts.is_empty() {
                    self.opaque("an option is known only when it runs");
                }
                next += 1;
            } else if text == "--" {
                next += 1;
                if !wrapper.assigns {
                    break;
                }
            } else if let Some(long) = text.strip_prefix("--") {
                next += 1;
                let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
                let full = |words: &'static str| {
                    let all = words.split_ascii_whitespace();
                    let exact = all.clone().find(|word| word.trim_start_matches('-') == name);
                    let mut close = all.filter(|word| word.trim_start_matches('-').starts_with(name));
                    exact.or_else(|| close.next().filter(|_| close.next().is_none()))
                };
                match (full(wrapper.long_flags), full(wrapper.long_values)) {
                    (Some(flag), None) => options.seen.push(flag.to_owned()),
                    (None, Some(option)) => {
                        let value = value.map(|value| Token::whole(value.as_bytes())).or_else(|| {
                            next += 1;
                            list.get(next - 1).cloned()
                        });
                        options.values.extend(value.map(|value| (option.to_owned(), value)));
                        if wrapper.assigns && is_word(wrapper.scripts, option.as_bytes()) {
                            break;
                        }
                    }
                    _ => options.ambiguous = true,
                }
            } else if text.starts_with('-') && text.len() > 1 {
                next += 1;
                self.cluster(list, &mut next, &text, wrapper, &mut options);
                // What `env -S` splits comes before all that follows.
                let last = options.values.last();
                if wrapper.assigns && last.is_some_and(|(option, _)| is_word(wrapper.scripts, option.as_bytes())) {
                    break;
                }
            } else if wrapper.assigns && text == "-" {
                next += 1;
            } else if let Some((name, _)) = text.split_once('=').filter(|(name, _)| wrapper.assigns && !name.is_empty())
            {
                let value =
                    Token { bytes: token.bytes.get(name.len() + 1..).unwrap_or_default().to_vec(), ..token.clone() };
                self.variable(name.as_bytes(), &value, at);
                next += 1;
            } else {
                break;
            }
        }
        options.operand = next;
        options
    }

    pub(in crate::matching) fn cluster(
        &self,
        list: &List,
        next: &mut usize,
        text: &str,
        wrapper: &Wrapper,
        options: &mut Options,
    ) {
        for (at, letter) in text.char_indices().skip(1) {
            if wrapper.flags.contains(letter) {
                options.seen.push(format!("-{letter}"));
            } else if wrapper.values.contains(letter) {
                let glued = text.as_bytes().get(at + letter.len_utf8()..).unwrap_or_default();
                let value = if glued.is_empty() {
                    *next += 1;
                    list.get(*next - 1).cloned()
                } else {
                    Some(Token::whole(glued))
                };
                options.values.extend(value.map(|value| (format!("-{letter}"), value)));
                return;
            } else {
                options.ambiguous = true;
                return;
            }
        }
    }

    /// A program that executes its operand.
    pub(in crate::matching) fn wrapper(&mut self, wrapper: &Wrapper, name: &str, list: &List, start: usize, at: &At) {
        let options = self.options(list, start, wrapper, at);
        let goes = options.values.iter().map(|(option, _)| option).chain(&options.seen).any(|option| {
            is_word(tables::ELSEWHERE, option.as_bytes())
                && !(wrapper.assigns && option == "-i" && name.ends_with("env"))
        });
        let stays = is_word(tables::STAYING, name.as_bytes()) && !goes && !options.ambiguous;
        let inner = At { as_asked: at.as_asked && stays, ..at.inside(name) };
        let (mut operand, mut ambiguous) = (options.operand, options.ambiguous);
        for (option, value) in &options.values {
            if is_word(wrapper.scripts, option.as_bytes()) {
                let rest: Vec<_> = list.from(operand).to_vec();
                match wrapper.assigns {
                    true => self.split_string(value, &rest, &inner),
                    false => self.script_value(value, &rest, &inner),
                }
            } else if is_word(wrapper.programs, option.as_bytes()) {
                let rest = list.from(operand + wrapper.skip).iter().cloned();
                let words = std::iter::once(value.clone()).chain(rest).collect();
                let list = self.list(words);
                self.command(&list, 0, &inner);
            }
        }
        if wrapper.skip > 0 && operand < list.len() {
            operand += wrapper.skip;
            if wrapper.late && list.bytes(operand).is_some_and(|bytes| bytes.starts_with(b"-")) {
                let later = self.options(list, operand, wrapper, at);
                for (option, value) in &later.values {
                    if is_word(wrapper.scripts, option.as_bytes()) {
                        self.script_value(value, &[], &inner);
                    }
                }
                ambiguous |= later.ambiguous;
                operand = later.operand;
            } else if list.bytes(operand) == Some(b"--") {
                operand += 1;
            }
        }
        if ambiguous {
            self.scan(list, start, at);
        }
        let asks = |flag: &str| options.seen.iter().any(|seen| seen == flag);
        if name == "command" && (asks("-v") || asks("-V")) || name.starts_with("sudo") && (asks("-e") || asks("--edit"))
        {
            return;
        }
        let carried = options.values.iter().any(|(option, _)| is_word(wrapper.scripts, option.as_bytes()));
        let shell = wrapper.bare == Bare::Shell && !carried
            || name.starts_with("sudo") && ["-s", "-i", "--shell", "--login"].into_iter().any(asks);
        if operand < list.len() {
            let transparent = is_word("command builtin exec time noglob nocorrect -", name.as_bytes());
            self.command(list, operand, &At { shell: at.shell.filter(|_| transparent), ..inner });
        } else if shell && !asks("--help") && !asks("--version") {
            self.opaque(format!("`{name}` without a command starts a shell"));
        }
    }

    /// `env -S`: it splits words itself, by rules of its own, and reads them as its arguments.
    fn split_string(&mut self, value: &Token, rest: &[Token], at: &At) {
        let words = Some(value).filter(|value| value.is_whole()).and_then(|value| split_words(&value.bytes));
        let Some(words) = words else {
            return self.opaque("what `env -S` splits is known only when it runs");
        };
        let words = words.into_iter().map(Token::whole).chain(rest.iter().cloned());
        let list = self.list(std::iter::once(Token::whole("env")).chain(words).collect());
        self.command(&list, 0, at);
    }

    /// The value of an option that carries a script, followed by further words.
    pub(in crate::matching) fn script_value(&mut self, value: &Token, rest: &[Token], at: &At) {
        if !value.is_whole() || rest.iter().any(|token| !token.is_whole()) {
            return self.opaque("a script is known only when it runs");
        }
        let rest: Vec<_> = rest.iter().map(|token| &token.bytes).collect();
        let mut text = value.bytes.clone();
        if !rest.is_empty() {
            text.push(b' ');
            text.extend(canonical_text(&rest));
        }
        self.text(&text, Dialect::Posix, at, true);
    }
}

/// The words of `env -S`; `None` where versions of it differ, or a variable is named. Source: GNU coreutils' manual.
fn split_words(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<Vec<u8>>, None);
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match (byte, quote) {
            (b'\\', Some(b'\'')) => match bytes.next()? {
                next @ (b'\\' | b'\'') => word.get_or_insert_default().push(next),
                _ => return None,
            },
            (b'\\', _) => match bytes.next()? {
                next @ (b'\\' | b'\'' | b'"' | b'#' | b'$') => word.get_or_insert_default().push(next),
                _ => return None,
            },
            (_, Some(open)) if byte == open => quote = None,
            (b'\'' | b'"', None) => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            (b'$', None | Some(b'"')) => return None,
            (b'#', None) if word.is_none() => return None,
            (b' ' | b'\t' | b'\n', None) => words.extend(word.take()),
            (0..=b' ', None) => return None,
            _ => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}
