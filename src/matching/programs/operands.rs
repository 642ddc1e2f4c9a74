//! Programs that execute their operands after a fashion of their own.

use std::collections::BTreeSet;

use super::only_asks;
use crate::domain::pattern::{Known, Token};
use crate::matching::extract::{At, Extract, List, Role, is_word};
use crate::matching::shell::Dialect;
use crate::matching::tables;

impl Extract<'_> {
    /// `su -c`, `script -c`: a shell script, or a login shell.
    pub(in crate::matching) fn switch_user(&mut self, name: &str, list: &List, start: usize, at: &At) -> bool {
        let rest = list.from(start + 1);
        let mut carries = false;
        for (n, token) in rest.iter().enumerate() {
            let text = String::from_utf8_lossy(&token.bytes).into_owned();
            let value = text.strip_prefix("--command=").or(text.strip_prefix("--session-command="));
            if let Some(value) = value {
                carries = true;
                self.value(&Token::whole(value), at);
            } else if is_word("--command --session-command --comm", text.as_bytes())
                || text.starts_with('-') && !text.starts_with("--") && text.ends_with('c')
            {
                carries = true;
                let Some(value) = rest.get(n + 1) else {
                    continue;
                };
                self.value(value, at);
            } else if let Some(glued) = text.strip_prefix("-c") {
                carries = true;
                self.value(&Token::whole(glued), at);
            }
        }
        if let Some(command) = rest.get(1).filter(|_| name == "sg" && !carries) {
            carries = true;
            self.value(command, at);
        }
        let names_command =
            name == "runuser" && rest.iter().any(|token| token.bytes.starts_with(b"-u") || token.bytes == b"--user");
        if !carries && !names_command && !only_asks(list, start) {
            self.opaque(format!("`{name}` without a command starts a shell"));
        }
        carries && name != "sg" && rest.len() < 4
    }

    /// `ssh host words…`: the words, joined, are a script there.
    pub(in crate::matching) fn remote(&mut self, name: &str, list: &List, start: usize, at: &At) -> bool {
        const SSH: tables::Wrapper = tables::Wrapper {
            names: &[],
            flags: "46AaCfGgKkMNnqsTtVvXxYy",
            values: "BbcDEeFIiJLlmOoPpQRSWw",
            long_flags: "",
            long_values: "--ssh --server --client --port --predict",
            skip: 1,
            assigns: false,
            scripts: "",
            programs: "",
            late: false,
            bare: tables::Bare::Shell,
        };
        const AUTOSSH: tables::Wrapper =
            tables::Wrapper { flags: "46AaCfGgKkNnqsTtVvXxYy", values: "BbcDEeFIiJLlMmOoPpQRSWw", ..SSH };
        let table = if name == "autossh" { &AUTOSSH } else { &SSH };
        let options = self.options(list, start + 1, table, at);
        self.ssh_options(&options.values, at);
        let mut operand = options.operand + 1;
        let again = self.options(list, operand, table, at);
        if again.operand > operand && !again.ambiguous {
            self.ssh_options(&again.values, at);
            operand = again.operand;
        }
        if options.ambiguous {
            self.scan(list, start + 1, at);
        }
        let quiet = options.seen.iter().chain(&again.seen).any(|seen| is_word("-N -V -G", seen.as_bytes()))
            || options.values.iter().any(|(option, _)| is_word("-O -Q -W", option.as_bytes()));
        if operand >= list.len() {
            if !quiet && options.operand < list.len() {
                self.opaque(format!("`{name}` without a command starts a shell"));
            }
        } else {
            self.join(list.from(operand).to_vec().as_slice(), at);
        }
        true
    }

    pub(in crate::matching) fn ssh_options(&mut self, values: &[(String, Token)], at: &At) {
        for (option, value) in values {
            let text = String::from_utf8_lossy(&value.bytes).into_owned();
            if option == "-o" {
                let (key, command) = text.split_once(['=', ' ']).unwrap_or((&text, ""));
                if is_word(
                    "proxycommand localcommand knownhostscommand remotecommand",
                    key.trim().to_lowercase().as_bytes(),
                ) {
                    self.value(&Token { bytes: command.trim().into(), ..value.clone() }, at);
                } else if is_word(
                    "include pkcs11provider securitykeyprovider xauthlocation",
                    key.trim().to_lowercase().as_bytes(),
                ) {
                    self.opaque("an option of `ssh` loads other code");
                }
            } else if option == "-F" || option == "-I" {
                self.flag("gtfobin-option");
            } else if is_word("--ssh --server --client", option.as_bytes()) {
                self.value(value, at);
            }
        }
    }

    /// Words that a program joins with blanks and hands to a shell.
    pub(in crate::matching) fn join(&mut self, words: &[Token], at: &At) {
        if words.iter().any(|word| !word.is_whole()) {
            self.opaque("a script is known only when it runs");
        }
        let text: Vec<_> = words.iter().map(|word| word.bytes.as_slice()).collect();
        self.text(&text.join(&b' '), Dialect::Posix, at, true);
    }

    /// `watch`, `parallel`: the words, joined, are a script.
    pub(in crate::matching) fn joined(&mut self, name: &str, list: &List, start: usize, at: &At) -> bool {
        const TABLE: tables::Wrapper = tables::Wrapper {
            names: &[],
            flags: "bcdegprtwx0kmXquvz",
            values: "nsjPaNSILd",
            long_flags: "--beep --color --no-color --differences --errexit --chgexit --no-title --no-wrap --precise --exec --keep-order --null --verbose --dry-run --bar --eta --group --ungroup --line-buffer --pipe --xargs --will-cite --halt-on-error --progress --tag",
            long_values: "--interval --equexit --jobs --max-args --arg-file --colsep --delay --timeout --joblog --halt --workdir --replace --sshlogin --results --shebang --max-procs",
            skip: 0,
            assigns: false,
            scripts: "",
            programs: "",
            late: false,
            bare: tables::Bare::Shell,
        };
        let options = self.options(list, start + 1, &TABLE, at);
        if options.ambiguous {
            self.scan(list, start + 1, at);
        }
        let words: Vec<Token> = list
            .from(options.operand)
            .iter()
            .take_while(|token| !is_word("::: :::+ :::: ::::+", &token.bytes))
            .cloned()
            .collect();
        let data = list.from(options.operand + words.len()).to_vec();
        let parallel = is_word("parallel sem", name.as_bytes());
        if words.is_empty() {
            if parallel {
                self.opaque("`parallel` reads commands that are not seen");
            }
            for token in &data {
                self.value(token, &at.with(Role::Tried));
            }
            return true;
        }
        if options.seen.iter().any(|seen| seen == "-x" || seen == "--exec") || name == "entr" {
            self.command(list, options.operand, at);
        }
        let mut text: Vec<u8> = words.iter().map(|word| word.bytes.as_slice()).collect::<Vec<_>>().join(&b' ');
        if words.iter().any(|word| !word.is_whole()) {
            self.opaque("a script is known only when it runs");
        }
        if parallel {
            let placed = ["{}", "{.}", "{/}", "{//}", "{/.}", "{#}", "{%}", "{1}", "{2}", "{3}"];
            let mut shown = String::from_utf8_lossy(&text).into_owned();
            let had = placed.iter().any(|place| shown.contains(place));
            for place in placed {
                shown = shown.replace(place, " $1 ");
            }
            text = shown.into_bytes();
            if !had {
                text.extend_from_slice(b" $1");
            }
        }
        self.text(&text, Dialect::Posix, at, true);
        true
    }

    pub(in crate::matching) fn xargs(&mut self, list: &List, start: usize, at: &At) -> bool {
        const TABLE: tables::Wrapper = tables::Wrapper {
            names: &[],
            flags: "0oprtx",
            values: "adEIJLnPRsS",
            long_flags: "--null --open-tty --interactive --no-run-if-empty --verbose --exit --show-limits --help --version",
            long_values: "--arg-file --delimiter --max-args --max-procs --max-chars --process-slot-var",
            skip: 0,
            assigns: false,
            scripts: "",
            programs: "",
            late: false,
            bare: tables::Bare::Nothing,
        };
        let options = self.options(list, start + 1, &TABLE, at);
        let mut place = options
            .values
            .iter()
            .rev()
            .find(|(option, _)| option == "-I" || option == "-J")
            .map(|(_, value)| value.bytes.clone());
        // `-i` takes an optional glued value, which the table cannot say.
        for bytes in (start + 1..options.operand).filter_map(|n| list.bytes(n)) {
            if let Some(glued) = bytes.strip_prefix(b"--replace").or(bytes.strip_prefix(b"-i")) {
                let glued = glued.strip_prefix(b"=").unwrap_or(glued);
                place = Some(if glued.is_empty() { b"{}" } else { glued }.to_vec());
            }
        }
        if options.ambiguous {
            self.scan(list, start + 1, at);
            place.get_or_insert(b"{}".to_vec());
        }
        let mut words = list.from(options.operand).to_vec();
        if words.is_empty() {
            return true;
        }
        if let Some(place) = place.filter(|place| !place.is_empty()) {
            words = words.into_iter().map(|token| replaced(token, &place, b"")).collect();
        }
        words.push(Token::unknown());
        let list = self.list(words);
        self.command(&list, 0, at);
        true
    }

    pub(in crate::matching) fn find(&mut self, list: &List, start: usize, at: &At) -> bool {
        let rest = list.from(start + 1);
        let roots = find_roots(rest);
        for (n, token) in rest.iter().enumerate() {
            if !token.is_whole() && token.bytes.is_empty() && n > 0 {
                self.flag("find-dynamic");
            }
            if is_word("-exec -execdir -ok -okdir", &token.bytes) {
                let words = rest.iter().skip(n + 1).take_while(|token| token.bytes != b";").cloned();
                let mut words: Vec<Token> = words.collect();
                let end = words.windows(2).position(|pair| {
                    pair.first().is_some_and(|t| t.bytes == b"{}") && pair.get(1).is_some_and(|t| t.bytes == b"+")
                });
                words.truncate(end.map_or(words.len(), |end| end + 1));
                let here = BTreeSet::from([&b"."[..]]);
                for root in if token.bytes.ends_with(b"dir") { &here } else { &roots } {
                    let mut words: Vec<Token> =
                        words.iter().map(|token| replaced(token.clone(), b"{}", root)).collect();
                    if let Some(last) = words.last_mut().filter(|_| end.is_some()) {
                        last.known = Known::Splits;
                    }
                    let list = self.list(words);
                    self.command(&list, 0, at);
                }
            }
        }
        true
    }
}

/// How the names that `find` puts in place of `{}` start: as the places where it looks do. Nothing, where that is not known.
fn find_roots(arguments: &[Token]) -> BTreeSet<&[u8]> {
    let options = |token: &&Token| token.is_whole() && is_word("-H -L -P", &token.bytes);
    let roots = arguments.iter().skip_while(options);
    let roots: Vec<&Token> =
        roots.take_while(|token| !token.bytes.first().is_some_and(|byte| b"-(!,".contains(byte))).collect();
    let elsewhere = |token: &Token| {
        token.bytes.starts_with(b"-D") || token.bytes.starts_with(b"-O") || token.bytes == b"-files0-from"
    };
    if arguments.iter().any(elsewhere) {
        return BTreeSet::from([&b""[..]]);
    }
    if roots.is_empty() {
        return BTreeSet::from([&b"."[..]]);
    }
    let first = |root: &&'_ Token| usize::from(root.is_whole() && !root.glob);
    roots.iter().map(|root| root.bytes.get(..first(root)).unwrap_or_default()).collect()
}

/// An argument in which a place is filled by what is known only when it runs; it starts with `start` if the place does.
pub(super) fn replaced(token: Token, place: &[u8], start: &[u8]) -> Token {
    match token.bytes.windows(place.len().max(1)).position(|window| window == place) {
        None => token,
        Some(found) => {
            let mut bytes = token.bytes.get(..found).unwrap_or_default().to_vec();
            if found == 0 {
                bytes.extend_from_slice(start);
            }
            Token { bytes, known: Known::Lead, glob: false }
        }
    }
}

pub(super) fn lead(text: &str) -> Token {
    Token { bytes: text.as_bytes().to_vec(), known: Known::Lead, glob: false }
}
