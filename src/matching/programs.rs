//! What the programs that have a rule of their own execute.

mod builtins;
pub(super) mod escapes;
mod operands;

use std::borrow::Cow;

use self::escapes::sed_executes;
use self::operands::{lead, replaced};
use super::extract::{At, Extract, List, Role, dialect, is_word};
use super::git;
use super::shell::Dialect;
use super::tables;
use crate::domain::pattern::{Known, Token};

impl Extract<'_> {
    /// Looks at a command by the name of its program; `false` if nothing is known of it.
    pub(super) fn dispatch(&mut self, name: &[u8], list: &List, start: usize, at: &At) -> bool {
        let Ok(name) = std::str::from_utf8(name) else {
            return false;
        };
        if at.shell.is_some() && self.builtin(name, list, start, at) {
            return true;
        }
        if is_word("echo true false :", name.as_bytes()) {
            return true;
        }
        let sub = after_globals(name, list, start);
        let stem = stem(name);
        let listed = tables::RUNNERS.may_have(name.as_bytes()) || tables::RUNNERS.may_have(stem.as_bytes());
        for wrapper in tables::WRAPPERS.iter().filter(|_| listed) {
            for full in wrapper
                .names
                .iter()
                .copied()
                .filter(|full| full.bytes().next() == name.bytes().next() && full.starts_with(name))
            {
                let mut words = full.split(' ');
                let named = words.next() == Some(name);
                if named && words.enumerate().all(|(n, word)| list.bytes(sub + n) == Some(word.as_bytes())) {
                    let length = full.split(' ').count() - 1;
                    let operand = if length == 0 { start + 1 } else { sub + length };
                    self.wrapper(wrapper, full, list, operand, at);
                    return true;
                }
            }
        }
        if self.settings.carriers.iter().any(|carrier| carrier == name) {
            for token in list.from(start + 1).to_vec() {
                self.value(&token, &at.inside(name));
            }
            return false;
        }
        if let Some(dialect) = dialect(name.as_bytes()).or_else(|| dialect(stem.as_bytes())) {
            self.shell(name, dialect, list, start, at);
            return true;
        }
        if tables::OTHER_SHELLS.has(name.as_bytes()) || tables::OTHER_SHELLS.has(stem.as_bytes()) {
            if !only_asks(list, start) {
                self.opaque(format!("`{name}` has a grammar of its own"));
            }
            return true;
        }
        for interpreter in tables::INTERPRETERS.iter().filter(|_| listed) {
            if is_word(interpreter.names, name.as_bytes()) || is_word(interpreter.names, stem.as_bytes()) {
                return self.interpreter(interpreter, name, list, start, at);
            }
        }
        if let Some(known) = self.special(name, list, start, at) {
            return known;
        }
        self.escapes(name, list, start + 1, at);
        self.is_inert(name, list, start)
    }

    /// Whether all its arguments are data.
    fn is_inert(&self, name: &str, list: &List, start: usize) -> bool {
        if self.settings.inert.iter().any(|inert| inert == name) {
            return true;
        }
        if !tables::INERT.has(name.as_bytes()) {
            return false;
        }
        let reachable = sub_commands(list, start, globals(name.as_bytes()));
        let words = |table: &'static [(&str, &str)]| {
            table.iter().find(|(program, _)| *program == name).map(|(_, words)| *words)
        };
        let any = |words: &str| reachable.iter().any(|&at| list.bytes(at).is_none_or(|word| is_word(words, word)));
        !words(tables::RUNNING).is_some_and(any) && (reachable.is_empty() || words(tables::SUBCOMMANDS).is_none_or(any))
    }

    fn shell(&mut self, name: &str, dialect: Dialect, list: &List, start: usize, at: &At) {
        let inner = |label: &str| At { shell: None, ..at.inside(label) };
        let (mut next, mut carries, mut reads_stdin, mut interactive) = (start + 1, false, false, false);
        while let Some(token) = list.get(next) {
            let text = String::from_utf8_lossy(&token.bytes).into_owned();
            if !token.is_whole() {
                return self.opaque("what a shell is told is known only when it runs");
            }
            next += 1;
            match text.as_str() {
                "--version" | "--help" if next == start + 2 => return,
                "--" | "-" => break,
                "--rcfile" | "--init-file" | "--emulate" => {
                    return self.opaque("a shell's start-up file");
                }
                _ if text.starts_with("--") => {}
                _ if text.starts_with(['-', '+']) && text.len() > 1 => {
                    let letters = text.get(1..).unwrap_or_default();
                    carries |= letters.contains('c') && text.starts_with('-');
                    reads_stdin |= letters.contains('s');
                    interactive |= letters.contains('i');
                    next += letters.matches(['o', 'O']).count();
                    if letters.contains('O') && dialect == Dialect::Bash || letters.contains(['k', 't']) {
                        return self.opaque("a shell option that changes how it reads");
                    }
                }
                _ => {
                    next -= 1;
                    break;
                }
            }
        }
        let Some(operand) = list.get(next) else {
            return match self.invocation.stdin.filter(|_| at.as_asked && !carries && !interactive) {
                Some(text) => self.text(text, dialect, &inner(name), true),
                None => self.opaque(format!("`{name}` reads commands from standard input")),
            };
        };
        if !operand.is_whole() || operand.glob {
            return self.opaque(format!("the script of `{name}` is known only when it runs"));
        }
        if carries {
            let label = format!("{name} -c");
            if interactive && operand.bytes.contains(&b'!')
                || interactive && dialect == Dialect::Zsh && operand.bytes.contains(&b'#')
            {
                self.opaque("an interactive shell reads `!` and `#` differently");
            }
            return self.text(&operand.bytes.clone(), dialect, &inner(&label), true);
        }
        if reads_stdin {
            return self.opaque(format!("`{name}` reads commands from standard input"));
        }
        match self.script(&operand.bytes) {
            Some(text) => {
                self.text(text, dialect, &inner(name), true);
                if !at.as_asked {
                    let shown = String::from_utf8_lossy(&operand.bytes);
                    self.opaque(format!("the script `{shown}` may be another by the time it starts"));
                }
            }
            None => self.opaque(format!("the script `{}` is not bound", String::from_utf8_lossy(&operand.bytes))),
        }
    }

    fn interpreter(&mut self, table: &tables::Interpreter, name: &str, list: &List, start: usize, at: &At) -> bool {
        let inner = At { shell: None, ..at.inside(name) };
        let (mut next, mut has_code, mut operand) = (start + 1, false, None);
        while let Some(token) = list.get(next).cloned() {
            let text = String::from_utf8_lossy(&token.bytes).into_owned();
            next += 1;
            let long = text.split('=').next().unwrap_or_default();
            if table.opaque.split(' ').any(|option| {
                !option.is_empty()
                    && (long == option
                        || !option.starts_with("--") && text.starts_with(option) && option.starts_with('-'))
            }) && !(name == "perl" && is_plain_module(&text))
            {
                self.opaque(format!("`{name} {long}` loads code that is not seen"));
            }
            if is_word(table.long_code, long.as_bytes()) {
                has_code = true;
                let value =
                    text.split_once('=').map(|(_, value)| Token::whole(value)).or_else(|| list.get(next).cloned());
                self.code(value, name, &inner);
                next += usize::from(!text.contains('='));
            } else if text.starts_with('-') && !text.starts_with("--") && text.len() > 1 {
                let mut letters = text.char_indices().skip(1);
                let carrier =
                    letters.find(|(_, letter)| table.code.contains(*letter) || table.values.contains(*letter));
                if let Some((at, letter)) = carrier {
                    let glued = token.bytes.get(at + 1..).filter(|glued| !glued.is_empty());
                    let value = glued.map(Token::whole).or_else(|| list.get(next).cloned());
                    next += usize::from(glued.is_none());
                    if table.code.contains(letter) {
                        has_code = true;
                        self.code(value, name, &inner);
                    }
                }
            } else if !text.starts_with("--") {
                operand = Some((next - 1, token));
                break;
            }
        }
        match operand {
            None if has_code || only_asks(list, start) => true,
            None | Some((_, Token { known: Known::Lead | Known::Splits, .. })) => {
                self.opaque(format!("`{name}` reads code from standard input"));
                false
            }
            Some((_, token))
                if matches!(token.bytes.as_slice(), b"-" | b"/dev/stdin" | b"/dev/fd/0" | b"/proc/self/fd/0") =>
            {
                self.opaque(format!("`{name}` reads code from standard input"));
                false
            }
            Some((_, token)) if table.operand_is_code => {
                if !has_code {
                    self.code(Some(token), name, &inner);
                }
                true
            }
            Some((_, token)) if !has_code => {
                if let Some(text) = self.script(&token.bytes) {
                    self.flag("code-carrier");
                    self.mention(text, &inner);
                    self.interpreted.push(token.bytes);
                }
                false
            }
            Some(_) => true,
        }
    }

    /// Code given on the command line.
    fn code(&mut self, code: Option<Token>, name: &str, at: &At) {
        let Some(code) = code else {
            return self.opaque(format!("`{name}` reads code from standard input"));
        };
        if !code.is_whole() {
            return self.opaque(format!("the code of `{name}` is known only when it runs"));
        }
        self.flag("inline-code");
        let text = String::from_utf8_lossy(&code.bytes).into_owned();
        let awk = name.ends_with("awk");
        let pipes = awk && text.replace("||", "").contains('|');
        if pipes || tables::PRIMITIVES.iter().any(|primitive| text.contains(primitive)) {
            self.opaque(format!("the code of `{name}` can start programs"));
        }
        self.mention(&code.bytes, at);
    }

    /// Programs with a shape of their own; `None` if it is none of them.
    fn special(&mut self, name: &str, list: &List, start: usize, at: &At) -> Option<bool> {
        let inner = || At { shell: None, ..at.inside(name) };
        let rest = list.from(start + 1);
        match name {
            "git" => return Some(git::command(self, list, start, at)),
            "su" | "runuser" | "script" | "sg" => {
                return Some(self.switch_user(name, list, start, &inner()));
            }
            "ssh" | "autossh" | "rsh" | "mosh" | "slogin" => {
                return Some(self.remote(name, list, start, &inner()));
            }
            "watch" | "parallel" | "sem" | "entr" | "watchexec" => {
                return Some(self.joined(name, list, start, &inner()));
            }
            "xargs" | "gxargs" => return Some(self.xargs(list, start, &inner())),
            "find" | "gfind" => return Some(self.find(list, start, &inner())),
            "fd" | "fdfind" => {
                for (n, token) in rest.iter().enumerate() {
                    if is_word("-x -X --exec --exec-batch", &token.bytes) {
                        let words = rest.iter().skip(n + 1).take_while(|token| token.bytes != b";").cloned();
                        let words: Vec<_> = words.map(|token| replaced(token, b"{", b"")).chain([lead("./")]).collect();
                        let list = self.list(words);
                        self.command(&list, 0, &inner());
                    } else if let Some(text) = ["--exec=", "--exec-batch=", "-x", "-X"]
                        .iter()
                        .find_map(|option| token.bytes.strip_prefix(option.as_bytes()))
                    {
                        self.text(text, Dialect::Posix, &inner(), true);
                    }
                }
            }
            "socat" | "socat1" => {
                for token in rest {
                    let text = String::from_utf8_lossy(&token.bytes).into_owned();
                    let upper = text.to_uppercase();
                    for kind in ["EXEC:", "SYSTEM:", "SHELL:"] {
                        if let Some(found) = upper.find(kind) {
                            let value = text.get(found + kind.len()..).unwrap_or_default();
                            self.value(&Token::whole(value), &inner());
                            let command = value.split(',').next().unwrap_or_default();
                            self.value(&Token::whole(command), &inner());
                        }
                    }
                }
            }
            "nix-shell" | "nix" | "guix" | "direnv" | "devbox" | "poetry" | "conda" => {
                for (n, token) in rest.iter().enumerate() {
                    if is_word("--run --command -c", &token.bytes)
                        && let Some(value) = rest.get(n + 1)
                    {
                        self.value(value, &inner());
                    }
                }
                return Some(false);
            }
            "at" | "batch" | "crontab" | "anacron" => {
                if !rest.iter().any(|token| is_word("-l -r -V --version --help -q -c -d", &token.bytes)) {
                    self.opaque(format!("`{name}` reads commands that are not seen"));
                }
            }
            "docker" | "podman" | "nerdctl" if rest.iter().any(|token| token.bytes == b"compose") => {
                return Some(!composes(rest));
            }
            "tmux" if only_looks(rest) => return Some(true),
            "tmux" | "screen" | "byobu" | "zellij" | "dtach" | "abduco" => return Some(false),
            "make" | "gmake" | "bmake" | "just" | "ninja" | "rake" => {
                for token in rest {
                    let text = &token.bytes;
                    if text.starts_with(b"--eval")
                        || text.starts_with(b"-E")
                        || text.starts_with(b"SHELL=")
                        || text.starts_with(b".SHELLFLAGS")
                        || text.starts_with(b"--shell")
                    {
                        self.opaque(format!("`{name}` is given code or another shell"));
                    }
                }
                return Some(false);
            }
            "psql" | "pgcli" | "mysql" | "mariadb" | "mycli" | "sqlite3" | "sqlite" | "duckdb"
            | "clickhouse-client" | "usql" | "sqlplus" | "mongosh" | "mongo" | "redis-cli" => {
                self.sql_client(name, rest, &inner());
            }
            "sed" | "gsed" => {
                for token in rest {
                    if sed_executes(&token.bytes) {
                        self.opaque("`sed` is told to execute");
                    }
                    if !token.is_whole() && token.bytes.is_empty() {
                        self.opaque("the code of `sed` is known only when it runs");
                    }
                }
            }
            "vim" | "vi" | "nvim" | "view" | "ex" | "gvim" | "vimdiff" | "ed" | "emacs" | "nano" | "less" | "more"
            | "most" => {
                self.editor(name, rest, &inner());
            }
            "apt" | "apt-get" | "aptitude" | "apt-cache" => {
                for token in rest {
                    if let Some((key, value)) = String::from_utf8_lossy(&token.bytes).split_once('=')
                        && key.contains("::")
                    {
                        self.value(&Token { bytes: value.into(), ..token.clone() }, &inner().with(Role::Tried));
                    }
                }
            }
            "docker-compose" | "podman-compose" => return Some(!composes(rest)),
            "npx" | "pnpx" | "bunx" | "uvx" => return Some(false),
            "aws" | "gcloud" | "az" | "oci" | "fly" | "flyctl" | "heroku" => {
                let remote = "ssm ssh execute-command run-command run-task invoke exec console run:detached run user-data send-command start-session";
                if rest.iter().any(|token| is_word(remote, &token.bytes)) {
                    for token in rest {
                        self.mention(&token.bytes, &inner());
                    }
                    return Some(!rest.iter().any(|token| is_word("ssh ssm execute-command run exec", &token.bytes)));
                }
            }
            _ if is_loader(name) => {
                if rest.iter().any(|token| {
                    ["--preload", "--audit", "--library-path", "--inhibit"]
                        .iter()
                        .any(|option| token.bytes.starts_with(option.as_bytes()))
                }) {
                    self.opaque("the dynamic loader is told to load other code");
                }
                self.scan(list, start + 1, at);
                let operand = list.from(start + 1).iter().position(|token| !token.bytes.starts_with(b"-"));
                if let Some(operand) = operand {
                    self.command(list, start + 1 + operand, &inner());
                }
            }
            _ => return None,
        }
        if is_word("sqlite3 sqlite mysql mariadb psql sed find fd fdfind socat at batch crontab", name.as_bytes())
            || is_loader(name)
        {
            return Some(true);
        }
        None
    }
}

/// Whether a compose command starts a command that it is given.
fn composes(rest: &[Token]) -> bool {
    rest.iter().any(|token| !token.is_whole() || is_word("exec run create alpha watch", &token.bytes))
}

/// Whether a tmux command attaches or lists, and nothing follows a `;`.
fn only_looks(rest: &[Token]) -> bool {
    let looks = rest.first().is_some_and(|sub| is_word(TMUX_DATA, &sub.bytes));
    looks && rest.iter().all(|token| token.is_whole() && !token.bytes.ends_with(b";"))
}

const TMUX_DATA: &str = "attach attach-session a at ls list-sessions kill-session kill-server has-session has detach lsw list-windows lsp list-panes";

/// The name without its version, suffix and case: `Python3.12.exe` is `python`.
fn stem(name: &str) -> Cow<'_, str> {
    fn plain(lower: &str) -> &str {
        lower.strip_suffix(".exe").unwrap_or(lower).trim_end_matches(|c: char| c.is_ascii_digit() || ".-".contains(c))
    }
    match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(plain(&name.to_ascii_lowercase()).to_owned()),
        false => Cow::Borrowed(plain(name)),
    }
}

/// Where the sub-command stands after options of the program itself; right after it if one is not known.
fn after_globals(name: &str, list: &List, start: usize) -> usize {
    let values = globals(name.as_bytes());
    if values.is_empty() {
        return start + 1;
    }
    let mut next = start + 1;
    while let Some(word) = list.bytes(next).filter(|word| word.starts_with(b"-")) {
        next += match word.contains(&b'=') {
            true => 1,
            false if is_word(values, word) => 2,
            false => return start + 1,
        };
    }
    next
}

/// Whether the only argument asks for version or help.
fn only_asks(list: &List, start: usize) -> bool {
    list.len() == start + 2
        && list
            .bytes(start + 1)
            .is_some_and(|word| is_word("--version --help -V -h -v -version -help version help", word))
}

fn is_loader(name: &str) -> bool {
    name.starts_with("ld-linux")
        || name.starts_with("ld-musl")
        || name.starts_with("ld.so")
        || name.starts_with("ld64.so")
        || name.starts_with("ld-2.")
}

fn is_plain_module(text: &str) -> bool {
    text.starts_with("-M") && text.len() > 2 && text.chars().skip(2).all(|c| c.is_alphanumeric() || c == ':')
}

/// The options of a program that take a value and stand before its sub-command.
pub(super) fn globals(name: &[u8]) -> &'static str {
    tables::GLOBALS.iter().find(|(program, _)| program.as_bytes() == name).map_or("", |(_, values)| values)
}

/// Where the sub-command may stand: options that are not among `values` may or may not take the next argument.
pub(super) fn sub_commands(list: &List, start: usize, values: &str) -> Vec<usize> {
    let tokens = list.from(start + 1);
    let mut reachable = vec![false; tokens.len() + 2];
    let mut places = Vec::new();
    if let Some(first) = reachable.first_mut() {
        *first = true;
    }
    for (n, token) in tokens.iter().enumerate() {
        if !reachable.get(n).copied().unwrap_or(false) {
            continue;
        }
        if !token.bytes.starts_with(b"-") {
            places.push(start + 1 + n);
            continue;
        }
        // What splits may hold the sub-command after the value.
        let takes = is_word(values, &token.bytes) && tokens.get(n + 1).is_some_and(|next| next.known != Known::Splits);
        let (skipped, steps) = match token.bytes.contains(&b'=') {
            true => (0, 1),
            false if takes => (1, 1),
            false => (0, 2),
        };
        reachable.iter_mut().skip(n + 1 + skipped).take(steps).for_each(|place| *place = true);
    }
    places
}
