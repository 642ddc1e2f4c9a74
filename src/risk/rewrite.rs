//! Text that writes a file and starts it: digests are checked before it begins, and see another file than the one that runs.
//!
//! In whatever order the two stand: a loop or a background job turns them round.

use std::path::{Component, Path, PathBuf};

use crate::domain::command::Value;
use crate::risk::look::{Looked, Words};

/// Programs that read a file as a program; a version may follow (`python3.12`).
const INTERPRETERS: &str = "sh ash bash dash zsh ksh mksh busybox fish csh tcsh python perl ruby node nodejs deno bun php lua tclsh \
                            Rscript julia osascript pwsh awk gawk mawk psql make . source";

/// The command that starts what the request writes, as people read it.
pub(super) fn find(looked: &Looked<'_>) -> Option<String> {
    // One command alone has nothing to start what it wrote.
    if looked.commands.len() < 2 {
        return None;
    }
    let cwd = PathBuf::from(String::from_utf8_lossy(&looked.command.cwd).into_owned());
    let redirected = looked.tree.writes.iter().map(|path| String::from_utf8_lossy(path).into_owned());
    let written = looked.commands.iter().flat_map(written).chain(redirected);
    let written: Vec<PathBuf> =
        written.filter(|path| !path.is_empty() && !path.contains('…')).map(|path| absolute(&cwd, &path)).collect();
    let searched = searched(looked);
    let starts = |words: &Words| started(words, &cwd, &searched).iter().any(|path| written.contains(path));
    if written.is_empty() { None } else { looked.find(starts) }
}

/// Where a command writes: for what copies into a directory, the name that the file may get there too.
fn written(words: &Words) -> Vec<String> {
    let operands: Vec<&str> = words.operands().collect();
    let glued =
        |option: &str| words.args.iter().filter_map(|arg| arg.strip_prefix(option)).map(str::to_owned).collect();
    if words.is("cp mv install ln rsync scp") {
        let directories = words.values("-t --target-directory");
        let last = operands.last().copied().filter(|_| directories.is_empty());
        let names = operands.iter().filter_map(|from| from.trim_end_matches('/').rsplit('/').next());
        let inside = |to: &str| names.clone().map(|name| format!("{to}/{name}")).collect::<Vec<_>>();
        let places = directories.into_iter().chain(last.filter(|_| operands.len() > 1));
        return places.flat_map(|to| [vec![to.to_owned()], inside(to)].concat()).collect();
    }
    match words.name.as_str() {
        "tee" | "sponge" => operands.into_iter().map(str::to_owned).collect(),
        "sed" | "gsed" if words.short("i") || words.args.iter().any(|arg| arg.starts_with("--in-place")) => {
            operands.into_iter().map(str::to_owned).collect()
        }
        "dd" => glued("of="),
        "curl" => named(words, "-o --output", 'o'),
        "wget" => named(words, "-O --output-document", 'O'),
        _ => Vec::new(),
    }
}

/// The values of an option, `-oFILE` and the last of a cluster (`-sSo FILE`) included.
fn named(words: &Words, options: &str, letter: char) -> Vec<String> {
    let values = words.values(options).into_iter().map(str::to_owned);
    let clusters = words.args.iter().enumerate().filter(|(_, arg)| arg.starts_with('-') && !arg.starts_with("--"));
    let more = clusters.filter_map(|(at, arg)| {
        let (_, value) = arg.split_once(letter)?;
        if value.is_empty() { words.args.get(at + 1).cloned() } else { Some(value.to_owned()) }
    });
    values.chain(more).collect()
}

/// What a command starts: its program, by path or where PATH would look for it, and what an interpreter may read.
fn started(words: &Words, cwd: &Path, searched: &[PathBuf]) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = if words.program.contains('/') {
        vec![absolute(cwd, &words.program)]
    } else {
        searched.iter().map(|directory| absolute(directory, &words.program)).collect()
    };
    let bare = words.name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let interprets = INTERPRETERS.split_whitespace().any(|name| {
        let name = name.to_lowercase();
        name == words.name || name == bare
    });
    if interprets {
        paths.extend(words.operands().map(|operand| absolute(cwd, operand)));
        paths.extend(words.values("-f --file").into_iter().map(|file| absolute(cwd, file)));
    }
    paths
}

/// The directories of the bound PATH; relative ones are opaque anyway.
fn searched(looked: &Looked<'_>) -> Vec<PathBuf> {
    let path = looked.command.env.iter().find(|variable| variable.name == b"PATH");
    let Some(Value::Plain(path)) = path.map(|variable| &variable.value) else { return Vec::new() };
    let directories = path.split(|byte| *byte == b':').filter(|directory| directory.starts_with(b"/"));
    directories.map(|directory| PathBuf::from(String::from_utf8_lossy(directory).into_owned())).collect()
}

/// As seen from `from`, without `.` and `..`; links are not looked at.
fn absolute(from: &Path, path: &str) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in from.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use crate::risk::look::Looked;
    use crate::risk::signals::tests::{command, taken_apart};

    fn found(line: &str) -> Option<String> {
        let command = command(line, &[("PATH", "/opt/bin:/usr/bin")]);
        let tree = taken_apart(&command);
        super::find(&Looked::new(&tree, &command, true, &[]))
    }

    #[test]
    fn what_is_written_and_started_is_named() {
        for (line, start) in [
            ("cp evil ./deploy && ./deploy up", "./deploy up"),
            ("cp evil deploy; ./deploy", "./deploy"),
            ("mv evil /srv/app/deploy; ./x/../deploy", "./x/../deploy"),
            ("cp x/deploy . && ./deploy", "./deploy"),
            ("cp -t . x/deploy && ./deploy", "./deploy"),
            ("install -m 755 a b bin && bin/b", "bin/b"),
            ("ln -sf evil deploy & ./deploy", "./deploy"),
            ("echo x | tee a deploy; sh deploy", "sh deploy"),
            ("sed -i s/a/b/ deploy.sh && bash deploy.sh", "bash deploy.sh"),
            ("dd if=x of=deploy && ./deploy", "./deploy"),
            ("curl -sSLo deploy.py https://x && python3.12 deploy.py", "python3.12 deploy.py"),
            ("curl --output=deploy https://x; . ./deploy", ". ./deploy"),
            ("wget -O deploy https://x; nice ./deploy", "./deploy"),
            ("echo x > deploy; chmod 755 deploy; ./deploy", "./deploy"),
            ("echo x >>./deploy && (./deploy)", "./deploy"),
            ("echo x >| deploy; sh -x deploy", "sh -x deploy"),
            ("make all 2> Makefile; make -f Makefile", "make -f Makefile"),
            ("cp evil /opt/bin/migrate && migrate up", "migrate up"),
            ("while :; do ./deploy; cp evil deploy; done", "./deploy"),
            ("sudo sh -c 'cp evil deploy'; ./deploy", "./deploy"),
        ] {
            assert_eq!(found(&format!("sh -c {line}")).as_deref(), Some(start), "{line}");
        }
    }

    #[test]
    fn what_is_only_written_or_only_started_is_not() {
        for line in [
            "cp deploy backup && ./deploy",
            "./deploy > deploy.log 2>&1",
            "./deploy >/dev/null 2>&1 && echo done",
            "sed s/a/b/ deploy && ./deploy",
            "cat deploy.sh > copy; bash deploy.sh",
            "cp a b; sh c.sh",
            "sh deploy.sh < deploy.conf > out",
            "tee log < x; ./log2",
            "curl -s https://x/deploy; ./deploy",
            "cp evil /srv/other/deploy && ./deploy",
            "cp evil /home/x/migrate && migrate up",
            "cp migrate.sql x.sql && migrate up",
            "dd if=deploy of=image; ./deploy",
            "mkdir -p out && cp a out && ./run out",
            "cp $x . && ./deploy",
        ] {
            assert_eq!(found(&format!("sh -c {line}")), None, "{line}");
        }
        assert_eq!(found("cp cp cp"), None);
    }
}
