use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;

fn parse(line: &str) -> Result<Args, clap::Error> {
    Args::try_parse_from(line.split(' '))
}

fn refused(line: &str) -> ErrorKind {
    match parse(line) {
        Err(error) => error.kind(),
        Ok(args) => panic!("`{line}` was taken as {args:?}"),
    }
}

/// What of a line is the command's own.
fn command(line: &str) -> Vec<String> {
    let command = match parse(line).unwrap_or_else(|error| panic!("`{line}`: {error}")).verb {
        Verb::Run(run) => run.line.command,
        Verb::Policy(Policy::Explain { line, .. }) => line.command,
        other => panic!("{other:?}"),
    };
    command.into_iter().map(|word| word.into_string().unwrap()).collect()
}

#[test]
fn the_tree_is_sound() {
    Args::command().debug_assert();
}

#[test]
fn everything_after_the_command_is_the_commands_own() {
    for (line, own) in [
        ("expacti run -- ls -l --json", "ls -l --json"),
        ("expacti run ls -l --json --wait 5s -h --version", "ls -l --json --wait 5s -h --version"),
        ("expacti run --reason x --no-wait ls --no-wait", "ls --no-wait"),
        ("expacti run -- --json", "--json"),
        ("expacti run -- -- x", "-- x"),
        ("expacti run sh -c x -- y", "sh -c x -- y"),
        ("expacti run -- sh -c x -- y", "sh -c x -- y"),
        ("expacti run --json -- env -- x", "env -- x"),
        ("expacti run env -- x", "env -- x"),
        ("expacti policy explain --config c ls --config d", "ls --config d"),
        ("expacti policy explain -- ls --config d", "ls --config d"),
    ] {
        assert_eq!(command(line).join(" "), own, "{line}");
    }
}

#[test]
fn a_mistyped_option_is_not_a_command() {
    for line in [
        "expacti run --wiat 5s -- ls",
        "expacti run --wiat -- ls",
        "expacti run -x ls",
        "expacti policy explain --cfg c ls",
    ] {
        assert_eq!(refused(line), ErrorKind::UnknownArgument, "{line}");
    }
}

#[cfg(unix)]
#[test]
fn bytes_that_are_not_unicode_pass() {
    use std::os::unix::ffi::OsStringExt;
    let odd = OsString::from_vec(b"a\xff\n".to_vec());
    let args = Args::try_parse_from(["expacti".into(), "run".into(), "--".into(), "ls".into(), odd.clone()]).unwrap();
    assert!(matches!(args.verb, Verb::Run(run) if run.line.command == [OsString::from("ls"), odd.clone()]));
}

#[test]
fn wrong_usage_is_refused() {
    use ErrorKind::*;
    let digest = "0".repeat(64);
    for (line, kind) in [
        ("expacti run", MissingRequiredArgument),
        ("expacti run --", MissingRequiredArgument),
        ("expacti run --wait soon -- ls", ValueValidation),
        ("expacti run --wait 5s --no-wait -- ls", ArgumentConflict),
        ("expacti resume", MissingRequiredArgument),
        ("expacti resume abcdef --reason x", MissingRequiredArgument),
        ("expacti resume abcdef --unknown --wait 5s", ArgumentConflict),
        ("expacti approve", MissingRequiredArgument),
        ("expacti approve abcdef --answer dba", ValueValidation),
        ("expacti approve abcdef --answer DBA=x", ValueValidation),
        ("expacti deny abcdef", MissingRequiredArgument),
        ("expacti deny abcdef 012345 --reason x", UnknownArgument),
        ("expacti join", MissingRequiredArgument),
        ("expacti join u --root SHA256:x", ValueValidation),
        ("expacti identity", DisplayHelpOnMissingArgumentOrSubcommand),
        ("expacti identity new ../x", ValueValidation),
        ("expacti policy sign 0123", ValueValidation),
        (&format!("expacti policy sign {}A", "0".repeat(63)), ValueValidation),
        ("expacti verify --format xml", InvalidValue),
        ("expacti verify --json --format text", ArgumentConflict),
        ("expacti rum -- ls", InvalidSubcommand),
        ("expacti --color sometimes sync", InvalidValue),
        ("expacti", DisplayHelpOnMissingArgumentOrSubcommand),
        ("expacti --version", DisplayVersion),
    ] {
        assert_eq!(refused(line), kind, "{line}");
    }
    assert!(parse(&format!("expacti policy sign {digest} -y")).is_ok());
}

#[test]
fn values_arrive() {
    let args =
        parse("expacti approve abcdef 012345 -m ok --answer dba=a=b --answer security= -y --repo r --json").unwrap();
    assert!(args.global.json && args.global.repo.as_deref() == Some("r"));
    let Verb::Approve(approve) = args.verb else { panic!() };
    assert_eq!(approve.ids, ["abcdef", "012345"]);
    assert_eq!(approve.comment.as_deref(), Some("ok"));
    let answers: Vec<(&str, &str)> =
        approve.answers.iter().map(|(seat, text)| (seat.as_str(), text.as_str())).collect();
    assert_eq!(answers, [("dba", "a=b"), ("security", "")]);
    assert!(approve.yes);

    let Verb::Run(run) = parse("expacti run --wait 0s --stdin - true").unwrap().verb else { panic!() };
    assert_eq!(run.waiting.wait.map(Lifetime::seconds), Some(0));
    assert_eq!(run.stdin, Some("-".into()));
}

#[test]
fn quiet_is_whose_it_is() {
    for (line, quiet) in [
        ("expacti -q run ls", true),
        ("expacti run --quiet -- ls", true),
        ("expacti run ls -q", false),
        ("expacti run -- ls --quiet", false),
        ("expacti run", false),
    ] {
        let words: Vec<_> = line.split(' ').map(OsString::from).collect();
        assert_eq!(crate::cli::is_quiet(&words), quiet, "{line}");
    }
}
