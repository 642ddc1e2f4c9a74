//! What the programs that have a rule of their own execute.

use super::extract::{At, Extract, List, Role, dialect, is_word, smuggles};
use super::git;
use super::shell::Dialect;
use super::tables;
use crate::domain::pattern::{Known, Token};

impl Extract<'_> {
    /// Looks at a command by the name of its program; `false` if nothing is known of it.
    pub(super) fn dispatch(&mut self, name: &[u8], list: &List, start: usize, at: &At) -> bool {
        let Ok(name) = std::str::from_utf8(name) else { return false };
        if at.shell.is_some() && self.builtin(name, list, start, at) {
            return true;
        }
        if is_word("echo true false :", name.as_bytes()) {
            return true;
        }
        for wrapper in tables::WRAPPERS {
            for &full in wrapper.names {
                let length = full.split(' ').count();
                let mut words = full.split(' ').enumerate();
                if full.starts_with(name)
                    && words.all(|(n, word)| if n == 0 { word == name } else { list.bytes(start + n) == Some(word.as_bytes()) })
                {
                    self.wrapper(wrapper, full, list, start + length, at);
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
        if let Some(dialect) = dialect(name.as_bytes()) {
            self.shell(name, dialect, list, start, at);
            return true;
        }
        if is_word(tables::OTHER_SHELLS, name.as_bytes()) {
            if !only_asks(list, start) {
                self.opaque(format!("`{name}` has a grammar of its own"));
            }
            return true;
        }
        for interpreter in tables::INTERPRETERS {
            if is_word(interpreter.names, name.as_bytes()) {
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
        if !is_word(tables::INERT, name.as_bytes()) {
            return false;
        }
        let reachable = sub_commands(list, start);
        let words = |table: &'static [(&str, &str)]| table.iter().find(|(program, _)| *program == name).map(|(_, words)| *words);
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
                "--rcfile" | "--init-file" | "--emulate" => return self.opaque("a shell's start-up file"),
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
            return match self.invocation.stdin.filter(|_| at.stdin && !carries && !interactive) {
                Some(text) => self.text(text, dialect, &inner(name), true),
                None => self.opaque(format!("`{name}` reads commands from standard input")),
            };
        };
        if !operand.is_whole() || operand.glob {
            return self.opaque(format!("the script of `{name}` is known only when it runs"));
        }
        if carries {
            let label = format!("{name} -c");
            if interactive && operand.bytes.contains(&b'!') || interactive && dialect == Dialect::Zsh && operand.bytes.contains(&b'#') {
                self.opaque("an interactive shell reads `!` and `#` differently");
            }
            return self.text(&operand.bytes.clone(), dialect, &inner(&label), true);
        }
        if reads_stdin {
            return self.opaque(format!("`{name}` reads commands from standard input"));
        }
        match self.script(&operand.bytes) {
            Some(text) => self.text(text, dialect, &inner(name), true),
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
                !option.is_empty() && (long == option || !option.starts_with("--") && text.starts_with(option) && option.starts_with('-'))
            }) && !(name == "perl" && is_plain_module(&text))
            {
                self.opaque(format!("`{name} {long}` loads code that is not seen"));
            }
            if is_word(table.long_code, long.as_bytes()) {
                has_code = true;
                let value = text.split_once('=').map(|(_, value)| Token::whole(value)).or_else(|| list.get(next).cloned());
                self.code(value, name, &inner);
                next += usize::from(!text.contains('='));
            } else if text.starts_with('-') && !text.starts_with("--") && text.len() > 1 {
                let mut letters = text.char_indices().skip(1);
                let carrier = letters.find(|(_, letter)| table.code.contains(*letter) || table.values.contains(*letter));
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
            Some((_, token)) if matches!(token.bytes.as_slice(), b"-" | b"/dev/stdin" | b"/dev/fd/0" | b"/proc/self/fd/0") => {
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
                }
                false
            }
            Some(_) => true,
        }
    }

    /// Code given on the command line.
    fn code(&mut self, code: Option<Token>, name: &str, at: &At) {
        let Some(code) = code else { return self.opaque(format!("`{name}` reads code from standard input")) };
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
        let inner = At { shell: None, ..at.inside(name) };
        let rest = list.from(start + 1).to_vec();
        match name {
            "git" => return Some(git::command(self, list, start, at)),
            "su" | "runuser" | "script" | "sg" => return Some(self.switch_user(name, list, start, &inner)),
            "ssh" | "autossh" | "rsh" | "mosh" | "slogin" => return Some(self.remote(name, list, start, &inner)),
            "watch" | "parallel" | "sem" | "entr" | "watchexec" => return Some(self.joined(name, list, start, &inner)),
            "xargs" | "gxargs" => return Some(self.xargs(list, start, &inner)),
            "find" | "gfind" => return Some(self.find(list, start, &inner)),
            "fd" | "fdfind" => {
                for (n, token) in rest.iter().enumerate() {
                    if is_word("-x -X --exec --exec-batch", &token.bytes) {
                        let words = rest.iter().skip(n + 1).take_while(|token| token.bytes != b";").cloned();
                        let words: Vec<_> = words.map(|token| replaced(token, b"{", "")).chain([lead("./")]).collect();
                        let list = self.list(words);
                        self.command(&list, 0, &inner);
                    } else if let Some(text) = token.bytes.strip_prefix(b"--exec=").or(token.bytes.strip_prefix(b"-x")) {
                        self.text(text, Dialect::Posix, &inner, true);
                    }
                }
            }
            "socat" | "socat1" => {
                for token in &rest {
                    let text = String::from_utf8_lossy(&token.bytes).into_owned();
                    let upper = text.to_uppercase();
                    for kind in ["EXEC:", "SYSTEM:", "SHELL:"] {
                        if let Some(found) = upper.find(kind) {
                            let value = text.get(found + kind.len()..).unwrap_or_default();
                            self.value(&Token::whole(value), &inner);
                            let command = value.split(',').next().unwrap_or_default();
                            self.value(&Token::whole(command), &inner);
                        }
                    }
                }
            }
            "nix-shell" | "nix" | "guix" | "direnv" | "devbox" | "poetry" | "conda" => {
                for (n, token) in rest.iter().enumerate() {
                    if is_word("--run --command -c", &token.bytes)
                        && let Some(value) = rest.get(n + 1)
                    {
                        self.value(value, &inner);
                    }
                }
                return Some(false);
            }
            "at" | "batch" | "crontab" | "anacron" => {
                if !rest.iter().any(|token| is_word("-l -r -V --version --help -q -c -d", &token.bytes)) {
                    self.opaque(format!("`{name}` reads commands that are not seen"));
                }
            }
            "tmux" | "screen" | "byobu" | "zellij" | "dtach" | "abduco" => return Some(false),
            "make" | "gmake" | "bmake" | "just" | "ninja" | "rake" => {
                for token in &rest {
                    let text = &token.bytes;
                    if text.starts_with(b"--eval") || text.starts_with(b"-E") || text.starts_with(b"SHELL=") || text.starts_with(b".SHELLFLAGS") || text.starts_with(b"--shell") {
                        self.opaque(format!("`{name}` is given code or another shell"));
                    }
                }
                return Some(false);
            }
            "psql" | "pgcli" | "mysql" | "mariadb" | "mycli" | "sqlite3" | "sqlite" | "duckdb" | "clickhouse-client" | "usql" | "sqlplus" | "mongosh" | "mongo" | "redis-cli" => {
                self.sql_client(name, &rest, &inner);
            }
            "sed" | "gsed" => {
                for token in &rest {
                    if sed_executes(&token.bytes) {
                        self.opaque("`sed` is told to execute");
                    }
                    if !token.is_whole() && token.bytes.is_empty() {
                        self.opaque("the code of `sed` is known only when it runs");
                    }
                }
            }
            "vim" | "vi" | "nvim" | "view" | "ex" | "gvim" | "vimdiff" | "ed" | "emacs" | "nano" | "less" | "more" | "most" => {
                self.editor(name, &rest, &inner);
            }
            "apt" | "apt-get" | "aptitude" | "apt-cache" => {
                for token in &rest {
                    if let Some((key, value)) = String::from_utf8_lossy(&token.bytes).split_once('=')
                        && key.contains("::")
                    {
                        self.value(&Token { bytes: value.into(), ..token.clone() }, &inner.with(Role::Tried));
                    }
                }
            }
            "docker-compose" | "npx" | "pnpx" | "bunx" | "uvx" => return Some(false),
            "aws" | "gcloud" | "az" | "oci" | "fly" | "flyctl" | "heroku" => {
                let remote = "ssm ssh execute-command run-command run-task invoke exec console run:detached run user-data send-command start-session";
                if rest.iter().any(|token| is_word(remote, &token.bytes)) {
                    for token in &rest {
                        self.mention(&token.bytes, &inner);
                    }
                    return Some(!rest.iter().any(|token| is_word("ssh ssm execute-command run exec", &token.bytes)));
                }
            }
            _ if is_loader(name) => {
                if rest.iter().any(|token| ["--preload", "--audit", "--library-path", "--inhibit"].iter().any(|option| token.bytes.starts_with(option.as_bytes()))) {
                    self.opaque("the dynamic loader is told to load other code");
                }
                self.scan(list, start + 1, at);
                let operand = list.from(start + 1).iter().position(|token| !token.bytes.starts_with(b"-"));
                if let Some(operand) = operand {
                    self.command(list, start + 1 + operand, &inner);
                }
            }
            _ => return None,
        }
        if is_word("sqlite3 sqlite mysql mariadb psql sed find fd fdfind socat at batch crontab", name.as_bytes()) || is_loader(name) {
            return Some(true);
        }
        None
    }

    /// `su -c`, `script -c`: a shell script, or a login shell.
    fn switch_user(&mut self, name: &str, list: &List, start: usize, at: &At) -> bool {
        let rest = list.from(start + 1).to_vec();
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
                let Some(value) = rest.get(n + 1) else { continue };
                self.value(value, at);
            } else if let Some(glued) = text.strip_prefix("-c") {
                carries = true;
                self.value(&Token::whole(glued), at);
            }
        }
        let names_command = name == "runuser" && rest.iter().any(|token| token.bytes.starts_with(b"-u") || token.bytes == b"--user");
        if !carries && !names_command && !only_asks(list, start) {
            self.opaque(format!("`{name}` without a command starts a shell"));
        }
        carries && name != "sg" && rest.len() < 4
    }

    /// `ssh host words…`: the words, joined, are a script there.
    fn remote(&mut self, name: &str, list: &List, start: usize, at: &At) -> bool {
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
        let options = self.options(list, start + 1, &SSH, at);
        self.ssh_options(&options.values, at);
        let mut operand = options.operand + 1;
        let again = self.options(list, operand, &SSH, at);
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
            if !quiet {
                self.opaque(format!("`{name}` without a command starts a shell"));
            }
        } else {
            self.join(list.from(operand).to_vec().as_slice(), at);
        }
        true
    }

    pub(super) fn ssh_options(&mut self, values: &[(String, Token)], at: &At) {
        for (option, value) in values {
            let text = String::from_utf8_lossy(&value.bytes).into_owned();
            if option == "-o" {
                let (key, command) = text.split_once(['=', ' ']).unwrap_or((&text, ""));
                if is_word("proxycommand localcommand knownhostscommand remotecommand", key.trim().to_lowercase().as_bytes()) {
                    self.value(&Token { bytes: command.trim().into(), ..value.clone() }, at);
                } else if is_word("include pkcs11provider securitykeyprovider xauthlocation", key.trim().to_lowercase().as_bytes()) {
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
    pub(super) fn join(&mut self, words: &[Token], at: &At) {
        if words.iter().any(|word| !word.is_whole()) {
            self.opaque("a script is known only when it runs");
        }
        let text: Vec<_> = words.iter().map(|word| word.bytes.as_slice()).collect();
        self.text(&text.join(&b' '), Dialect::Posix, at, true);
    }

    /// `watch`, `parallel`: the words, joined, are a script.
    fn joined(&mut self, name: &str, list: &List, start: usize, at: &At) -> bool {
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

    fn xargs(&mut self, list: &List, start: usize, at: &At) -> bool {
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
        let mut place = options.values.iter().rev().find(|(option, _)| option == "-I" || option == "-J").map(|(_, value)| value.bytes.clone());
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
            words = words.into_iter().map(|token| replaced(token, &place, "")).collect();
        }
        words.push(Token::unknown());
        let list = self.list(words);
        self.command(&list, 0, at);
        true
    }

    fn find(&mut self, list: &List, start: usize, at: &At) -> bool {
        let rest = list.from(start + 1).to_vec();
        let root = rest.first().filter(|token| !token.bytes.starts_with(b"-") && token.is_whole());
        let root = root.and_then(|token| token.bytes.first()).map_or('.', |&byte| char::from(byte));
        for (n, token) in rest.iter().enumerate() {
            if !token.is_whole() && token.bytes.is_empty() && n > 0 {
                self.flag("find-dynamic");
            }
            if is_word("-exec -execdir -ok -okdir", &token.bytes) {
                let words = rest.iter().skip(n + 1).take_while(|token| token.bytes != b";").cloned();
                let mut words: Vec<Token> = words.collect();
                if let Some(end) = words.windows(2).position(|pair| pair.first().is_some_and(|t| t.bytes == b"{}") && pair.get(1).is_some_and(|t| t.bytes == b"+")) {
                    words.truncate(end + 1);
                }
                let words = words.into_iter().map(|token| replaced(token, b"{}", root.encode_utf8(&mut [0; 4]))).collect();
                let list = self.list(words);
                self.command(&list, 0, at);
            }
        }
        true
    }

    /// Values of options that start a program, see the table.
    pub(super) fn escapes(&mut self, name: &str, list: &List, from: usize, at: &At) {
        let rest = list.from(from).to_vec();
        for escape in tables::ESCAPES.iter().filter(|escape| escape.names == name || !name.contains(' ') && is_word(escape.names, name.as_bytes())) {
            for (n, token) in rest.iter().enumerate() {
                let text = &token.bytes;
                for option in escape.options.split_ascii_whitespace() {
                    let Some(value) = option_value(text, option, rest.get(n + 1)) else { continue };
                    self.flag("gtfobin-option");
                    let value = Token { bytes: value.bytes.strip_prefix(b"exec=").unwrap_or(&value.bytes).to_vec(), ..value };
                    self.value(&value, &at.inside(&format!("{name} {option}")));
                }
            }
        }
        if is_word("scp sftp sshfs rsync", name.as_bytes()) {
            for (n, token) in rest.iter().enumerate() {
                if let Some(value) = option_value(&token.bytes, "-o", rest.get(n + 1)) {
                    self.ssh_options(&[("-o".to_owned(), value)], at);
                }
            }
        }
    }

    /// Shell escapes and programs in SQL.
    fn sql_client(&mut self, name: &str, rest: &[Token], at: &At) {
        for token in rest {
            let text = String::from_utf8_lossy(&token.bytes).into_owned();
            for escape in ["\\!", "\\o |", "\\g |", "\\w |", ".shell ", ".system ", "system ", "\\! ", ".once |", ".output |", "\\i |", "\\copy"] {
                for (found, _) in text.match_indices(escape) {
                    let starts = text.get(..found).is_some_and(|before| before.trim_end().is_empty() || before.trim_end().ends_with([';', '\n']) || escape.starts_with('\\'));
                    if !starts {
                        continue;
                    }
                    let value = text.get(found + escape.len()..).unwrap_or_default();
                    if escape == "\\copy" && !value.to_uppercase().contains("PROGRAM") {
                        continue;
                    }
                    self.flag("sql-exec");
                    let line = value.lines().next().unwrap_or_default();
                    self.value(&Token::whole(line), &at.inside("shell escape"));
                }
            }
            let upper = text.to_uppercase();
            if upper.contains("PROGRAM") && upper.contains("COPY") {
                self.flag("sql-exec");
                for quoted in text.split('\'').skip(1).step_by(2) {
                    self.value(&Token::whole(quoted), &at.inside("copy program"));
                }
                self.mention(&token.bytes, at);
            }
            if ["-e\\!", "\\`", "\\setenv", "SYS_EXEC", "XP_CMDSHELL", "\\include"].iter().any(|word| upper.contains(&word.to_uppercase())) || upper.contains("\\SET") && upper.contains('`') {
                self.opaque(format!("`{name}` is told to run what is not seen"));
            }
        }
    }

    /// Commands given to an editor or pager.
    fn editor(&mut self, name: &str, rest: &[Token], at: &At) {
        for (n, token) in rest.iter().enumerate() {
            let text = &token.bytes;
            let value = text
                .strip_prefix(b"+")
                .map(Token::whole)
                .or_else(|| ["-c", "--cmd", "--eval", "-f", "--funcall", "--execute", "-S", "-s", "-u"].iter().find_map(|option| option_value(text, option, rest.get(n + 1)).filter(|_| !is_word("less more most nano", name.as_bytes()))));
            let Some(value) = value else { continue };
            let shown = String::from_utf8_lossy(&value.bytes).into_owned();
            if let Some((_, command)) = shown.split_once('!') {
                self.flag("gtfobin-option");
                self.value(&Token::whole(command), &at.inside("shell escape"));
            }
            if !value.is_whole() || tables::PRIMITIVES.iter().any(|primitive| shown.contains(primitive)) || ["call", "source", "lua", "py", "term", "shell", "-process"].iter().any(|word| shown.contains(word)) {
                self.opaque(format!("`{name}` is given commands that can start programs"));
            }
        }
    }

    fn builtin(&mut self, name: &str, list: &List, start: usize, at: &At) -> bool {
        let rest = list.from(start + 1).to_vec();
        let dialect = at.shell.unwrap_or(Dialect::Posix);
        let inner = at.inside(name);
        if is_word(tables::OPAQUE_BUILTINS, name.as_bytes()) {
            self.opaque(format!("`{name}` changes how a shell reads what follows"));
            return true;
        }
        let starts = |token: &Token, what: &[u8]| token.bytes.starts_with(what);
        match name {
            "eval" => {
                self.flag("eval-like");
                if rest.iter().any(|token| !token.is_whole() || token.glob) {
                    self.opaque("`eval` of what is known only when it runs");
                }
                let words = rest.iter().skip_while(|token| token.bytes == b"--").map(|token| token.bytes.as_slice());
                let text = words.collect::<Vec<_>>().join(&b' ');
                self.text(&text, dialect, &inner, true);
            }
            "." | "source" => {
                self.flag("eval-like");
                match rest.first().filter(|token| token.is_whole() && !token.glob).and_then(|token| self.script(&token.bytes)) {
                    Some(text) => self.text(text, dialect, &inner, true),
                    None => self.opaque("a sourced file is not bound"),
                }
            }
            "trap" => {
                let first = rest.iter().find(|token| !is_word("-- -p -l", &token.bytes));
                if let Some(first) = first.filter(|token| token.bytes != b"-") {
                    self.value(first, &inner);
                }
            }
            "export" | "readonly" | "local" | "typeset" | "declare" | "integer" | "float" => {
                for token in &rest {
                    if starts(token, b"-") || starts(token, b"+") {
                        if !token.is_whole() || token.bytes.iter().skip(1).any(|letter| !b"-xgrp".contains(letter)) {
                            self.opaque(format!("`{name}` with an option that evaluates"));
                        }
                        continue;
                    }
                    match token.bytes.iter().position(|&byte| byte == b'=') {
                        Some(equals) => {
                            let (variable, value) = token.bytes.split_at(equals);
                            let value = Token { bytes: value.get(1..).unwrap_or_default().to_vec(), ..token.clone() };
                            self.assign(variable, &value, at);
                        }
                        None if !token.is_whole() || token.glob => self.opaque(format!("`{name}` of what is known only when it runs")),
                        None => {}
                    }
                }
            }
            "read" | "getopts" | "printf" | "test" | "[" | "wait" | "unset" | "hash" | "jobs" | "exit" | "return"
            | "break" | "continue" | "shift" | "ulimit" | "cd" | "pushd" | "set" | "kill" | "times" | "type" | "print" => {
                self.careful_builtin(name, &rest, dialect, at);
            }
            _ => return is_word(tables::INERT_BUILTINS, name.as_bytes()),
        }
        true
    }

    /// A variable named in a word, which may hold a subscript.
    fn assign(&mut self, name: &[u8], value: &Token, at: &At) {
        if !name.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'+') {
            self.opaque("a subscript or unusual name is assigned");
        }
        self.variable(name.strip_suffix(b"+").unwrap_or(name), value, at);
    }

    /// Builtins that some shells let evaluate arithmetic, subscripts or names.
    fn careful_builtin(&mut self, name: &str, rest: &[Token], dialect: Dialect, at: &At) {
        let numeric = rest.iter().any(|token| is_word("-eq -ne -lt -le -gt -ge -v -R", &token.bytes));
        let evaluates = matches!(dialect, Dialect::Ksh | Dialect::Zsh);
        let unknown = rest.iter().any(|token| !token.is_whole());
        let option = |letters: &[u8]| {
            rest.iter().any(|token| token.bytes.starts_with(b"-") && token.bytes.iter().skip(1).any(|byte| letters.contains(byte)))
        };
        let refused = match name {
            "read" => rest.iter().any(|token| {
                !token.is_whole() || token.bytes.contains(&b'[') || token.bytes.contains(&b'?')
            }) || option(b"ec"),
            "printf" | "print" => option(b"vz") && rest.first().is_some_and(|token| token.bytes.starts_with(b"-")) || evaluates && unknown,
            "test" | "[" => {
                rest.iter().any(|token| is_word("-v -R", &token.bytes)) || evaluates && unknown && numeric
            }
            "wait" | "hash" | "jobs" => option(b"px"),
            "unset" => rest.iter().any(|token| !token.is_whole() || token.bytes.contains(&b'[')),
            "exit" | "return" | "break" | "continue" | "shift" | "ulimit" => unknown && evaluates,
            "set" => rest.iter().take_while(|token| token.bytes != b"--").any(|token| {
                let words = "allexport braceexpand errexit errtrace functrace monitor noclobber noexec noglob nounset pipefail verbose xtrace";
                let first = token.bytes.first().copied().unwrap_or(b' ');
                !token.is_whole()
                    || matches!(first, b'-' | b'+') && token.bytes.iter().skip(1).any(|letter| !b"aCeEfhmnouvxT".contains(letter))
                    || rest.iter().any(|one| one.bytes.ends_with(b"o") && one.bytes.starts_with(b"-"))
                        && !matches!(first, b'-' | b'+')
                        && !is_word(words, &token.bytes)
            }),
            _ => false,
        };
        let smuggled = rest.iter().any(|token| smuggles(&token.bytes));
        if refused || smuggled {
            self.opaque(format!("`{name}` is given what some shells evaluate"));
        }
        if name == "read" {
            for token in rest.iter().filter(|token| !token.bytes.starts_with(b"-")) {
                self.variable(&token.bytes, &Token::unknown(), at);
            }
        }
    }
}

/// Whether the only argument asks for version or help.
fn only_asks(list: &List, start: usize) -> bool {
    list.len() == start + 2 && list.bytes(start + 1).is_some_and(|word| is_word("--version --help -V -h -v -version -help version help", word))
}

fn is_loader(name: &str) -> bool {
    name.starts_with("ld-linux") || name.starts_with("ld-musl") || name.starts_with("ld.so") || name.starts_with("ld64.so") || name.starts_with("ld-2.")
}

fn is_plain_module(text: &str) -> bool {
    text.starts_with("-M") && text.len() > 2 && text.chars().skip(2).all(|c| c.is_alphanumeric() || c == ':')
}

/// The value of an option written `-o value`, `-ovalue`, `--option value`, `--option=value` or abbreviated.
pub(super) fn option_value(text: &[u8], option: &str, next: Option<&Token>) -> Option<Token> {
    if !text.starts_with(b"-") {
        return None;
    }
    let (name, value) = match text.iter().position(|&byte| byte == b'=') {
        Some(equals) => (text.get(..equals)?, text.get(equals + 1..)),
        None => (text, None),
    };
    if option.starts_with("--") || option.len() > 2 {
        let abbreviated = name == option.as_bytes() || name.len() > 4 && name.starts_with(b"--") && option.as_bytes().starts_with(name);
        return match value.filter(|_| abbreviated) {
            Some(value) => Some(Token::whole(value)),
            None => next.filter(|_| abbreviated).cloned(),
        };
    }
    let letter = *option.as_bytes().get(1)?;
    if text.starts_with(b"--") {
        return None;
    }
    let found = text.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric()).position(|&byte| byte == letter)?;
    let glued = text.get(found + 2..).unwrap_or_default();
    if glued.is_empty() { next.cloned() } else { Some(Token::whole(glued)) }
}

fn lead(text: &str) -> Token {
    Token { bytes: text.as_bytes().to_vec(), known: Known::Lead, glob: false }
}

/// An argument in which a place is filled by what is known only when it runs; it starts with `start` if the place does.
fn replaced(token: Token, place: &[u8], start: &str) -> Token {
    match token.bytes.windows(place.len().max(1)).position(|window| window == place) {
        None => token,
        Some(found) => {
            let mut bytes = token.bytes.get(..found).unwrap_or_default().to_vec();
            if found == 0 {
                bytes.extend_from_slice(start.as_bytes());
            }
            Token { bytes, known: Known::Lead, glob: false }
        }
    }
}

/// Where the sub-command may stand: options may or may not take the next argument.
pub(super) fn sub_commands(list: &List, start: usize) -> Vec<usize> {
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
        let steps = if token.bytes.contains(&b'=') { 1 } else { 2 };
        reachable.iter_mut().skip(n + 1).take(steps).for_each(|place| *place = true);
    }
    places
}

/// Whether a `sed` script runs commands: `e`, `s///e`, or GNU's `w /dev/…`-like ways.
fn sed_executes(script: &[u8]) -> bool {
    let text = String::from_utf8_lossy(script);
    text.split([';', '\n', '{', '}']).any(|part| {
        let part = part.trim();
        let command = part.trim_start_matches(|c: char| c.is_ascii_digit() || "$,~!+ ".contains(c));
        let command = match command.strip_prefix('/') {
            Some(rest) => rest.split_once('/').map_or("", |(_, after)| after.trim_start()),
            None => command,
        };
        let executes = command == "e" || command.starts_with("e ") || command.starts_with("e\t");
        let mut letters = command.chars();
        let substitution = letters.next() == Some('s')
            && letters.next().filter(|c| !c.is_alphanumeric() && !c.is_whitespace()).is_some_and(|mark| {
                command.rsplit(mark).next().is_some_and(|flags| flags.contains('e') && flags.len() < 8)
            });
        executes || substitution
    })
}
