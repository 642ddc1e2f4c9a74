use proptest::prelude::*;

use self::arbitrary::{claim, decision, outcome, request, root};
use crate::domain::claim::Claim;
use crate::domain::decision::Decision;
use crate::domain::outcome::Outcome;
use crate::domain::request::Request;
use crate::domain::root::Root;
use crate::record::{Record, RecordError};

pub(crate) mod arbitrary;

fn reads_back<R: Record + PartialEq + std::fmt::Debug>(value: &R) {
    let bytes = value.render();
    assert!(bytes.starts_with(format!("schema = \"{}\"\n", R::SCHEMA).as_bytes()));
    assert_eq!(R::parse(&bytes).as_ref(), Ok(value), "{}", String::from_utf8_lossy(&bytes));
}

fn parses_all(bytes: &[u8]) {
    let _ = Request::parse(bytes);
    let _ = Decision::parse(bytes);
    let _ = Claim::parse(bytes);
    let _ = Outcome::parse(bytes);
    let _ = Root::parse(bytes);
}

/// One byte changed, cut out or put in: never a panic, and never the same value from other bytes.
fn survives<R: Record + PartialEq + std::fmt::Debug>(value: &R, at: prop::sample::Index, byte: u8, how: u8) {
    let mut bytes = value.render();
    let at = at.index(bytes.len());
    match how % 3 {
        0 => bytes[at] = byte,
        1 => drop(bytes.remove(at)),
        _ => bytes.insert(at, byte),
    }
    if let Ok(read) = R::parse(&bytes) {
        assert_eq!(read.render(), bytes);
        assert!(read != *value || bytes == value.render());
    }
}

proptest! {
    #[test]
    fn requests_read_back(request in request()) { reads_back(&request); }
    #[test]
    fn decisions_read_back(decision in decision()) { reads_back(&decision); }
    #[test]
    fn claims_read_back(claim in claim()) { reads_back(&claim); }
    #[test]
    fn outcomes_read_back(outcome in outcome()) { reads_back(&outcome); }
    #[test]
    fn roots_read_back(root in root()) { reads_back(&root); }

    #[test]
    fn any_bytes_are_refused_or_read(bytes: Vec<u8>, text: String) {
        parses_all(&bytes);
        for kind in ["request", "decision", "claim", "outcome", "root"] {
            parses_all(format!("schema = \"expacti/{kind}/v1\"\n{text}").as_bytes());
        }
    }

    #[test]
    fn changed_requests(value in request(), at: prop::sample::Index, byte: u8, how: u8) { survives(&value, at, byte, how); }
    #[test]
    fn changed_decisions(value in decision(), at: prop::sample::Index, byte: u8, how: u8) { survives(&value, at, byte, how); }
    #[test]
    fn changed_outcomes(value in outcome(), at: prop::sample::Index, byte: u8, how: u8) { survives(&value, at, byte, how); }
    #[test]
    fn changed_roots(value in root(), at: prop::sample::Index, byte: u8, how: u8) { survives(&value, at, byte, how); }
}

const CLAIM: &str = "schema = \"expacti/claim/v1\"
repo = \"1111111111111111111111111111111111111111111111111111111111111111\"
base = \"2222222222222222222222222222222222222222\"
root = \"3333333333333333333333333333333333333333333333333333333333333333\"
request = \"4444444444444444444444444444444444444444444444444444444444444444\"
seen = [\"5555555555555555555555555555555555555555555555555555555555555555\"]
runner = \"prod-runner\"
nonce = \"66666666666666666666666666666666\"
claimed = \"2026-11-22T10:00:00Z\"
";

const REQUEST: &str = "schema = \"expacti/request/v1\"
repo = \"1111111111111111111111111111111111111111111111111111111111111111\"
base = \"2222222222222222222222222222222222222222\"
root = \"3333333333333333333333333333333333333333333333333333333333333333\"
requester = \"deploy-bot\"
runner = \"deploy-bot\"
host = \"ci-7\"
created = \"2026-11-22T10:00:00Z\"
expires = \"2026-11-22T10:30:00Z\"
nonce = \"66666666666666666666666666666666\"
reason = \"add a column\"
environments = [\"production\"]

[command]
argv = [\"migrate.sh\", \"--to\", \"%C3%A9 50%25\"]
cwd = \"/srv/app\"
stdin = \"sha256:7777777777777777777777777777777777777777777777777777777777777777\"
stdin_size = 12
stdin_shown = true
unpinned = [2]

[command.program]
path = \"/usr/local/bin/migrate.sh\"
hops = [\"/opt/migrate/migrate.sh\"]
sha256 = \"8888888888888888888888888888888888888888888888888888888888888888\"
size = 345
shown = true
pin = \"checked\"
trusted = false

[[command.program.interpreters]]
path = \"/bin/sh\"
hops = [\"/usr/bin/dash\"]
argument = \"-eu\"
sha256 = \"9999999999999999999999999999999999999999999999999999999999999999\"

[[command.env]]
name = \"HOME\"
value = \"/home/bot\"

[[command.env]]
name = \"TOKEN\"
secret = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"

[[command.files]]
index = 1
path = \"plan.sql\"
sha256 = \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"
size = 99
shown = true

[command.worktree]
head = \"cccccccccccccccccccccccccccccccccccccccc\"
clean = true
";

const DECISION: &str = "schema = \"expacti/decision/v1\"
repo = \"1111111111111111111111111111111111111111111111111111111111111111\"
base = \"2222222222222222222222222222222222222222\"
root = \"3333333333333333333333333333333333333333333333333333333333333333\"
request = \"4444444444444444444444444444444444444444444444444444444444444444\"
seen = []
reviewer = \"alice\"
verdict = \"deny\"
comment = \"not during the freeze\"
suggest = \"migrate --dry-run\"
card = \"5555555555555555555555555555555555555555555555555555555555555555\"
shown = \"2026-11-22T10:00:00Z\"
decided = \"2026-11-22T10:01:00Z\"

[answers]
dba = \"no lock\"
";

const OUTCOME: &str = "schema = \"expacti/outcome/v1\"
repo = \"1111111111111111111111111111111111111111111111111111111111111111\"
base = \"2222222222222222222222222222222222222222\"
root = \"3333333333333333333333333333333333333333333333333333333333333333\"
request = \"4444444444444444444444444444444444444444444444444444444444444444\"
seen = []
author = \"deploy-bot\"
recorded = \"2026-11-22T10:02:00Z\"
ending = \"executed\"
exit = 3
started = \"2026-11-22T10:01:00Z\"
duration_ms = 1500
pin = \"sealed\"
";

const ROOT: &str = "schema = \"expacti/root/v1\"
version = 1
salt = \"66666666666666666666666666666666\"
admins = [\"bob\", \"alice\"]
threshold = 2

[files]
\".github/workflows/verify.yml\" = \"1111111111111111111111111111111111111111111111111111111111111111\"
\"config.toml\" = \"2222222222222222222222222222222222222222222222222222222222222222\"
";

/// The exact bytes of version 1: signatures stand over them, they never change.
#[test]
fn version_one_is_frozen() {
    assert_eq!(Request::parse(REQUEST.as_bytes()).unwrap().render(), REQUEST.as_bytes());
    assert_eq!(Decision::parse(DECISION.as_bytes()).unwrap().render(), DECISION.as_bytes());
    assert_eq!(Claim::parse(CLAIM.as_bytes()).unwrap().render(), CLAIM.as_bytes());
    assert_eq!(Outcome::parse(OUTCOME.as_bytes()).unwrap().render(), OUTCOME.as_bytes());
    assert_eq!(Root::parse(ROOT.as_bytes()).unwrap().render(), ROOT.as_bytes());
    let request = Request::parse(REQUEST.as_bytes()).unwrap();
    assert_eq!(request.command.argv[2], "é 50%".as_bytes());
    assert!(request.same_intent(&request) && request.command.files[0].index == Some(1));
}

#[track_caller]
fn refused<R: Record + std::fmt::Debug>(bytes: impl AsRef<[u8]>, message: &str) {
    let said = R::parse(bytes.as_ref()).unwrap_err().to_string();
    assert!(said.contains(message), "expected `{message}`, got `{said}`");
    assert!(!said.chars().any(super::canonical::is_hidden), "{said:?}");
}

/// Refused with this message after `from` became `to`.
#[track_caller]
fn changed<R: Record + std::fmt::Debug>(good: &str, cases: &[(&str, &str, &str)]) {
    for (from, to, message) in cases {
        assert_eq!(good.matches(from).count(), 1, "`{from}` occurs once");
        refused::<R>(good.replace(from, to), message);
    }
}

#[test]
fn other_spellings_are_refused() {
    let seen = "seen = [\"5555555555555555555555555555555555555555555555555555555555555555\"]";
    let twice = format!("{}, {}", seen.trim_end_matches(']'), seen.trim_start_matches("seen = ["));
    let falling = format!("{}, \"{}\"]", seen.trim_end_matches(']'), "1".repeat(64));
    changed::<Claim>(
        CLAIM,
        &[
            ("schema", "\u{feff}schema", "the first line is `\\uFEFFschema = \"expacti/claim/v1\"`"),
            ("claim/v1\"\n", "claim/v1\"\r\n", "the first line is `schema = \"expacti/claim/v1\"\\u000D`"),
            (
                "prod-runner\"\n",
                "prod-runner\"\r\n",
                "line 7 is `runner = \"prod-runner\"\\u000D`, expected `runner = \"prod-runner\"`",
            ),
            ("prod-runner", "prod\\u002Drunner", "line 7 is `runner = \"prod\\u002Drunner\"`"),
            ("prod-runner", "prod\u{202e}runner", "line 7: `prod\\u202Erunner` is not a name"),
            ("\"prod-runner\"", "'prod-runner'", "line 7 is `runner = 'prod-runner'`"),
            ("\"prod-runner\"", "\"\"\"prod-runner\"\"\"", "not in canonical form: line 7"),
            ("runner =", "\"runner\" =", "not in canonical form: line 7"),
            ("runner = ", "runner  = ", "not in canonical form: line 7"),
            ("\"prod-runner\"", "\"prod-runner\" # or not", "not in canonical form: line 7"),
            (
                "runner = \"prod-runner\"\n",
                "runner = \"prod-runner\"\nrunner = \"prod-runner\"\n",
                "line 8: duplicate key",
            ),
            ("runner = \"prod-runner\"\n", "", "missing field `runner`"),
            (
                "runner = \"prod-runner\"\n",
                "runner = \"prod-runner\"\nrunner_up = \"x\"\n",
                "unknown field `runner_up`",
            ),
            ("runner = \"prod-runner\"\n", "runner = [\"prod-runner\"]\n", "line 7: invalid type"),
            (
                "22T10:00:00Z\"\n",
                "22T10:00:00Z\"",
                "line 9 is `claimed = \"2026-11-22T10:00:00Z\"`, expected `claimed = \"2026-11-22T10:00:00Z\"\\n`",
            ),
            ("22T10:00:00Z\"\n", "22T10:00:00Z\"\n\n", "line 10 is ``, expected `nothing`"),
            ("22T10:00:00Z\"\n", "22T10:00:00Z\"\n[extra]\n", "unknown field `extra`"),
            ("22T10:00:00Z", "22T11:00:00+01:00", "is not a time"),
            ("66666666666666666666666666666666", "6666666666666666666666666666666A", "is not a nonce"),
            (
                "2222222222222222222222222222222222222222",
                "22222222222222222222222222222222222222AA",
                "is not a commit id",
            ),
            ("claim/v1", "claim/v2", "`expacti/claim/v2` was written by a newer expacti: update this one"),
            ("claim/v1", "claim/v0", "not `expacti/claim/v1`: the first line is"),
            ("claim/v1", "claim/v+2", "not `expacti/claim/v1`"),
            ("claim/v1", "claim/v01", "not `expacti/claim/v1`"),
            ("claim/v1", "claim/v99999999999", "not `expacti/claim/v1`"),
            ("claim/v1", "request/v1", "not `expacti/claim/v1`"),
            ("claim/v1", "request/v2", "not `expacti/claim/v1`"),
            (seen, &twice, "`seen` is not sorted, or names a record twice"),
            (seen, &falling, "`seen` is not sorted"),
            ("prod-runner", "\u{1b}[2J", "line 7: "),
        ],
    );
    let (first, rest) = CLAIM.split_once('\n').unwrap();
    let (second, rest) = rest.split_once('\n').unwrap();
    let (third, rest) = rest.split_once('\n').unwrap();
    refused::<Claim>(format!("{second}\n{first}\n{third}\n{rest}"), "the first line is `repo = ");
    refused::<Claim>(format!("{first}\n{third}\n{second}\n{rest}"), "not in canonical form: line 2 is `base = ");
    refused::<Claim>(format!("# signed\n{CLAIM}"), "the first line is `# signed`");
    refused::<Claim>("", "the first line is ``");
    refused::<Claim>(CLAIM.replace("prod", "pr\u{0}d"), "line 7: ");
    refused::<Claim>([CLAIM.as_bytes(), b"\xff"].concat(), "not UTF-8 at byte");
    refused::<Claim>(vec![b'x'; 300 * 1024], "307200 bytes are too many: it may have 262144");
    let digests: Vec<String> = (0..513).map(|n| format!("\"{n:064x}\"")).collect();
    refused::<Claim>(CLAIM.replace(seen, &format!("seen = [{}]", digests.join(", "))), "at most 512 are allowed");
}

/// Whatever nests, the parser's own limits hold: dotted keys, arrays, inline tables, and all of them together.
#[test]
fn nesting_ends_in_an_error() {
    let head = "schema = \"expacti/claim/v1\"\n";
    let dotted = "a.".repeat(75) + "a";
    let nests = [
        format!("x = {}", "[".repeat(20_000)),
        format!("x = {}{}", "[".repeat(20_000), "]".repeat(20_000)),
        format!("x = {}", "{a = ".repeat(20_000)),
        format!("{}a = 1", "a.".repeat(100_000)),
        format!("[{}a]", "a.".repeat(100_000)),
        format!("[{dotted}]\n{dotted} = {}1{}", format!("{{{dotted} = ").repeat(70), "}".repeat(70)),
    ];
    for nest in nests {
        refused::<Claim>(format!("{head}{nest}\n"), "line ");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let long = "x".repeat(16 * 1024 + 1);
    changed::<Request>(
        REQUEST,
        &[
            ("ci-7", "", "`host` is not 1 to 255 printable ASCII characters"),
            ("ci-7", "cï", "`host` is not"),
            ("T10:30:00Z", "T10:00:00Z", "`expires` is not after `created`"),
            ("[\"production\"]", "[\"production\", \"production\"]", "`environments` names one twice"),
            ("[\"production\"]", "[\" production\"]", "`environments` holds what cannot be a name"),
            ("add a column", &long, "`reason` has 16385 bytes, at most 16384"),
            ("[\"migrate.sh\", \"--to\", \"%C3%A9 50%25\"]", "[]", "`command.argv` has 0 items"),
            ("%C3%A9", "%c3%a9", "is not percent-encoded"),
            ("%C3%A9", "é", "is not percent-encoded"),
            ("%C3%A9", "%41", "is not percent-encoded"),
            ("\"--to\"", "\"%00\"", "`command.argv` holds a NUL byte"),
            ("/srv/app", "srv/app", "`command.cwd` is not absolute"),
            ("\nstdin_size = 12", "", "`command.stdin` is neither"),
            ("sha256:7777", "SHA256:7777", "`command.stdin` is neither"),
            ("stdin_size = 12", "stdin_size = 262145", "`command.stdin_shown` is true of 262145 bytes"),
            ("[2]", "[3]", "`command.unpinned` is not a sorted list"),
            ("[2]", "[2, 1]", "`command.unpinned` is not a sorted list"),
            ("[2]", "[1, 1]", "`command.unpinned` is not a sorted list"),
            ("/usr/local/bin", "usr/local/bin", "`command.program.path` is not absolute"),
            ("pin = \"checked\"", "pin = \"hoped\"", "unknown variant `hoped`"),
            ("size = 345", "size = -1", "line 26: "),
            ("size = 345", "size = 0x159", "line 26 is `size = 0x159`, expected `size = 345`"),
            ("size = 345", "size = 345.0", "line 26: "),
            ("\"HOME\"", "\"UNDER\"", "`command.env` is not sorted by name"),
            ("\"HOME\"", "\"TOKEN\"", "`command.env` is not sorted by name, or has a name twice"),
            ("\"HOME\"", "\"A=B\"", "`command.env[0].name` is empty, or holds"),
            ("\"HOME\"", "\"\"", "`command.env[0].name` is empty"),
            ("value = \"/home/bot\"\n", "", "`command.env[0]` is neither"),
            ("secret = ", "value = \"\"\nsecret = ", "`command.env[1]` is neither"),
            ("index = 1", "index = 3", "`command.files[0].index` is no place in `argv`"),
            ("plan.sql", "", "`command.files[0].path` is empty"),
            ("cccccccccccccccccccccccccccccccccccccccc", "cccccccc", "`command.worktree.head` is no commit id"),
            ("clean = true", "clean = 1", "line 5"),
        ],
    );
    let argv = vec!["\"a\""; 4_097].join(", ");
    refused::<Request>(
        REQUEST.replace("[\"migrate.sh\", \"--to\", \"%C3%A9 50%25\"]", &format!("[{argv}]")),
        "`command.argv` has 4097 items, expected 1 to 4096",
    );
    changed::<Decision>(
        DECISION,
        &[
            ("\"deny\"", "\"approve\"", "`suggest` belongs to a denial"),
            ("\"deny\"", "\"perhaps\"", "unknown variant `perhaps`"),
            ("dba =", "DBA =", "`answers` `DBA` is not a name"),
            ("dba =", "\"\\u202E\" =", "`answers` `\\u202E` is not a name"),
            ("dba = \"no lock\"\n", "", "not in canonical form: line 14 is ``, expected `nothing`"),
            ("alice", "../alice", "is not a name"),
            ("no lock", &long, "`answers.dba` has 16385 bytes"),
            ("not during the freeze", &long, "`comment` has 16385 bytes"),
        ],
    );
    changed::<Outcome>(
        OUTCOME,
        &[
            ("exit = 3", "exit = 256", "line 10: "),
            ("exit = 3", "exit = 3\nsignal = 9", "an execution has exactly one of them"),
            ("exit = 3\n", "", "an execution has exactly one of them"),
            ("exit = 3", "signal = 0", "`signal` is no signal"),
            ("exit = 3", "signal = 128", "`signal` is no signal"),
            ("\nduration_ms = 1500", "", "`duration_ms` is missing for this ending"),
            ("\"executed\"", "\"expired\"", "`exit` does not belong to the ending `expired`"),
            ("\"executed\"", "\"refused\"", "`reason` is missing for this ending"),
            ("\"executed\"", "\"executed\"\nreason = \"x\"", "`reason` does not belong to the ending `executed`"),
            ("\"executed\"", "\"Executed\"", "unknown variant `Executed`"),
        ],
    );
}

#[test]
fn roots_that_cannot_be_are_refused() {
    changed::<Root>(
        ROOT,
        &[
            ("version = 1", "version = 0", "`version` is at least 1"),
            ("version = 1", "version = 2", "`previous` and nothing else is the origin"),
            ("salt =", "previous = \"\"\nsalt =", "is not a SHA-256 digest"),
            ("salt = \"66666666666666666666666666666666\"\n", "", "`salt` and nothing else is the origin"),
            ("threshold = 2", "threshold = 3", "`threshold` 3 can never be met by 2 admins"),
            ("threshold = 2", "threshold = 0", "`threshold` 0 can never be met"),
            ("\"alice\"", "\"bob\"", "`admins` names somebody twice"),
            ("[files]", "[Files]", "unknown field `Files`"),
            ("\"config.toml\" =", "config.toml =", "line 9: "),
        ],
    );
    for wrong in [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        "./a",
        "requests/x",
        "policy/000001/root.toml",
        "Policy/x",
        "policy",
        "é",
        "a\\\\b",
        ".git/config",
        "x/.GIT/y",
        "a\\u0000",
        "a\\nb",
    ] {
        refused::<Root>(ROOT.replace("config.toml", wrong), "which is no path of a governed file");
    }
    let many: String = (0..1_025).map(|n| format!("\"{n:05}\" = \"{}\"\n", "1".repeat(64))).collect();
    refused::<Root>(format!("{}{many}", ROOT.split_inclusive("[files]\n").next().unwrap()), "at most 1024 are allowed");
}

#[test]
fn a_newer_version_is_told_apart() {
    let error = Claim::parse(CLAIM.replace("v1", "v7").as_bytes()).unwrap_err();
    assert!(error.is_newer());
    assert!(!matches!(Claim::parse(b"").unwrap_err(), RecordError::Newer { .. }));
}
