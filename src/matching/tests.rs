//! The labelled corpus, the wrapper property, hostile inputs.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::domain::pattern::PatternKind;

mod limits;
mod real;

const CORPUS: [&str; 2] =
    [include_str!("../../tests/corpus/evasion.jsonl"), include_str!("../../tests/corpus/own.jsonl")];
const POLICIES: &[(&str, &str)] = &[
    ("schema-migration", "migrate*"),
    ("prod-deploy", "deploy*"),
    ("iam", "aws iam *"),
    ("sql-ddl", "psql*"),
    ("delete", "rm -rf *"),
    ("on-call", "*"),
];

fn pattern(source: &str) -> Pattern {
    Pattern::new(PatternKind::Glob, source).unwrap()
}

fn patterns(policies: &[(&'static str, &str)]) -> Vec<(&'static str, Vec<Pattern>)> {
    policies.iter().map(|(name, source)| (*name, vec![pattern(source)])).collect()
}

fn judge(policies: &[(&'static str, Vec<Pattern>)], invocation: &Invocation<'_>) -> Governed {
    let rules: Vec<_> = policies
        .iter()
        .map(|(name, patterns)| Rule { name, patterns, applies: Applies::Yes, unasked: false })
        .collect();
    govern(&rules, &Settings::default(), invocation)
}

fn argv(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

fn judge_words(policies: &[(&'static str, Vec<Pattern>)], words: &[&str]) -> Governed {
    judge(policies, &Invocation { argv: &argv(words), ..Invocation::default() })
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn base64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        bits = bits << 6 | alphabet.iter().position(|one| *one == byte).unwrap() as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    out
}

/// One row judged: what is wrong with the answer, if anything.
fn row(row: &Value, policies: &[(&'static str, Vec<Pattern>)]) -> Option<String> {
    let mut argv: Vec<Vec<u8>> = strings(&row["argv"]).into_iter().map(String::into_bytes).collect();
    if row["argv_b64"].is_array() {
        argv = strings(&row["argv_b64"]).iter().map(|text| base64(text)).collect();
    }
    for pad in row["pad"].as_array().into_iter().flatten() {
        let count = pad[2].as_u64().unwrap() as usize;
        argv[pad[0].as_u64().unwrap() as usize].extend(pad[1].as_str().unwrap().repeat(count).into_bytes());
    }
    let variables = row["env"].as_object().into_iter().flatten();
    let env: Vec<_> =
        variables.map(|(k, v)| (k.clone().into_bytes(), v.as_str().unwrap().as_bytes().to_vec())).collect();
    let files = row["fs"]["files"].as_object().into_iter().flatten();
    let files: Vec<_> = files.map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned())).collect();
    let scripts: Vec<_> =
        files.iter().map(|(path, text)| Script { operand: path.as_bytes(), text: text.as_bytes() }).collect();
    let links = row["fs"]["symlinks"].as_object();
    let mut hops: Vec<Vec<u8>> = Vec::new();
    let mut next = String::from_utf8_lossy(argv.first().map_or(&[][..], Vec::as_slice)).into_owned();
    while let Some(target) = links.and_then(|links| links.get(&next)).and_then(Value::as_str) {
        hops.push(target.as_bytes().to_vec());
        next = target.to_owned();
    }
    let governed = judge(
        policies,
        &Invocation { argv: &argv, env: &env, hops: &hops, scripts: &scripts, ..Invocation::default() },
    );
    let missing: Vec<_> =
        strings(&row["must_include"]).into_iter().filter(|name| !governed.policies.contains(name)).collect();
    let excess: Vec<_> =
        strings(&row["must_not_include"]).into_iter().filter(|name| governed.policies.contains(name)).collect();
    let wants_opaque = row["opaque"].as_bool().unwrap_or(false);
    let seen = !wants_opaque || !governed.opaque.is_empty();
    (!missing.is_empty() || !excess.is_empty() || !seen).then(|| {
        format!("{} {}: missing {missing:?}, excess {excess:?}, opaque {:?}", row["id"], row["argv"], governed.opaque)
    })
}

#[test]
fn the_corpus_holds_by_tier() {
    let policies = patterns(POLICIES);
    let rows: Vec<Value> =
        CORPUS.iter().flat_map(|corpus| corpus.lines()).map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut wrong = Vec::new();
    let (mut beyond, mut beyond_wrong) = (0, 0);
    for one in &rows {
        let benign = one["class"] == "benign";
        let third = one["tier"] == 3 && !benign;
        beyond += usize::from(third);
        if let Some(problem) = row(one, &policies) {
            beyond_wrong += usize::from(third);
            println!("tier {}: {problem}", one["tier"]);
            if !third {
                wrong.push(problem);
            }
        }
    }
    assert!(rows.len() > 100);
    assert!(wrong.is_empty(), "{} rows of tier 1 and 2:\n{}", wrong.len(), wrong.join("\n"));
    assert!(beyond_wrong * 5 <= beyond, "{beyond_wrong} of {beyond} rows of tier 3");
}

type Template = (&'static str, fn(Vec<String>) -> Vec<String>);

fn before(words: &[&str], inner: Vec<String>) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).chain(inner).collect()
}

fn around(words: &[&str], inner: Vec<String>, after: &[&str]) -> Vec<String> {
    before(words, inner).into_iter().chain(after.iter().map(|word| (*word).to_owned())).collect()
}

/// The words as a script, in another spelling than the canonical one where `n` is odd.
fn script(inner: &[String], n: usize) -> String {
    let spelled = |word: &String| {
        let plain = !word.contains(['$', '`', '"', '\\', '!']);
        if n % 2 == 1 && plain { format!("\"{word}\"") } else { String::from_utf8(canonical_text(&[word])).unwrap() }
    };
    inner.iter().map(spelled).collect::<Vec<_>>().join(" ")
}

/// As `env -S` quotes: in single quotes it still unescapes `\\'` and `\\\\`.
fn split_by_env(inner: &[String]) -> String {
    let quoted = |word: &String| format!("'{}'", word.replace('\\', "\\\\").replace('\'', "\\'"));
    inner.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn carried(words: &[&str], script: String) -> Vec<String> {
    before(words, vec![script])
}

/// Wrappers whose operand is the only command: benign commands stay benign in them.
const KNOWN: &[Template] = &[
    ("sudo", |c| before(&["sudo", "-u", "db"], c)),
    ("env", |c| before(&["env", "-u", "A", "X=1"], c)),
    ("nohup", |c| before(&["nohup"], c)),
    ("timeout", |c| before(&["timeout", "-k", "1", "5"], c)),
    ("nice", |c| before(&["nice", "-n", "3"], c)),
    ("ionice", |c| before(&["ionice", "-c2"], c)),
    ("setsid", |c| before(&["setsid", "-w"], c)),
    ("stdbuf", |c| before(&["stdbuf", "-oL"], c)),
    ("taskset", |c| before(&["taskset", "0x1"], c)),
    ("chroot", |c| before(&["chroot", "/srv"], c)),
    ("flock", |c| before(&["flock", "-n", "/l"], c)),
    ("flock -c", |c| carried(&["flock", "/l", "-c"], script(&c, 0))),
    ("time", |c| before(&["/usr/bin/time", "-v"], c)),
    ("tini", |c| before(&["tini", "--"], c)),
    ("docker", |c| before(&["docker", "exec", "-it", "db"], c)),
    ("kubectl", |c| before(&["kubectl", "exec", "pod", "--"], c)),
    ("busybox", |c| before(&["busybox", "nohup"], c)),
    ("sh -c", |c| carried(&["sh", "-c"], script(&c, 0))),
    ("bash -lc", |c| carried(&["bash", "-lc"], script(&c, 1))),
    ("dash -ec", |c| carried(&["/bin/dash", "-ec"], format!("cd /x && {}", script(&c, 1)))),
    ("zsh -c", |c| carried(&["zsh", "-c"], format!("ls; ({})", script(&c, 0)))),
    ("mksh -c", |c| carried(&["mksh", "-c"], format!("if true; then {}; fi", script(&c, 1)))),
    ("substitution", |c| carried(&["bash", "-c"], format!("echo \"$({})\"", script(&c, 0)))),
    ("loop", |c| carried(&["bash", "-c"], format!("for i in 1 2; do {}; done", script(&c, 1)))),
    ("case", |c| carried(&["sh", "-c"], format!("case x in x) {};; esac", script(&c, 0)))),
    ("pipe", |c| carried(&["sh", "-c"], format!("ls | {} >/dev/null 2>&1", script(&c, 0)))),
    ("eval", |c| carried(&["sh", "-c"], script(&["eval".to_owned(), script(&c, 0)], 0))),
    ("trap", |c| carried(&["sh", "-c"], format!("trap {} EXIT", script(&[script(&c, 0)], 0)))),
    ("su -c", |c| carried(&["su", "db", "-c"], script(&c, 0))),
    ("ssh", |c| carried(&["ssh", "-p", "22", "host"], script(&c, 0))),
    ("watch", |c| carried(&["watch", "-n", "5"], script(&c, 0))),
    ("env -S", |c| carried(&["env", "-S"], split_by_env(&c))),
    ("find", |c| around(&["find", ".", "-exec"], c, &[";"])),
    ("nix-shell", |c| carried(&["nix-shell", "--run"], script(&c, 0))),
    ("git", |c| carried(&["git", "-c"], format!("alias.x=!{}", script(&c, 0)))),
    ("bisect", |c| before(&["git", "bisect", "run"], c)),
];

/// Wrappers nothing is known of, or that add what is not known.
const UNKNOWN: &[Template] = &[
    ("unknown", |c| before(&["flurb", "--x", "7"], c)),
    ("unknown path", |c| before(&["./echo"], c)),
    ("unknown string", |c| carried(&["flurb", "-c"], script(&c, 0))),
    ("unknown option", |c| before(&["sudo", "--new-option", "v"], c)),
    ("unknown glued", |c| vec!["flurb".to_owned(), format!("--run={}", script(&c, 1))]),
    ("xargs", |c| before(&["xargs", "-n1"], c)),
    ("npx", |c| before(&["npx", "--yes"], c)),
];

const GOVERNED: &[&[&str]] = &[
    &["migrate", "up"],
    &["/usr/local/bin/migrate"],
    &["deploy", "api"],
    &["aws", "iam", "create-user"],
    &["aws", "--profile", "p", "iam", "create-user"],
    &["psql", "-c", "ALTER TABLE t"],
    &["rm", "-rf", "/srv"],
    &["rm", "/srv", "-fr"],
    &["sh", "-c", "$x up"],
];
const BENIGN: &[&[&str]] = &[
    &["echo", "migrate up; rm -rf /"],
    &["git", "commit", "-m", "deploy: x"],
    &["grep", "-r", "migrate", "."],
    &["ls", "deploy"],
    &["cat", "migrate.sql"],
    &["cp", "a", "deploy"],
];
const NASTY: &[&str] =
    &["it's", "a\nb", "\"$x\"", "`id`", "\\", "$(ls)", "é", "a;b", "", "*", "'; ls #", "--", "a  b", "{}x", "&", "#"];

fn cases() -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if config.cases == 256 {
        config.cases = 2500;
    }
    config
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_wrapping_weakens(
        command in prop::sample::select(GOVERNED),
        nasty in prop::collection::vec(prop::sample::select(NASTY), 0..3),
        wrappers in prop::collection::vec(0..KNOWN.len() + UNKNOWN.len(), 1..=5),
    ) {
        let policies = patterns(POLICIES);
        let mut words: Vec<String> = command.iter().chain(&nasty).map(|word| (*word).to_owned()).collect();
        let governs = |words: &[String]| {
            judge_words(&policies, &words.iter().map(String::as_str).collect::<Vec<_>>()).policies
        };
        let bare = governs(&words);
        for n in wrappers {
            words = KNOWN.iter().chain(UNKNOWN).nth(n).unwrap().1(words);
        }
        let wrapped = governs(&words);
        prop_assert!(bare.iter().all(|name| wrapped.contains(name)), "{words:?}: {bare:?} became {wrapped:?}");
    }

    #[test]
    fn benign_commands_stay_benign(
        command in prop::sample::select(BENIGN),
        nasty in prop::collection::vec(prop::sample::select(NASTY), 0..3),
        wrappers in prop::collection::vec(0..KNOWN.len(), 1..=5),
    ) {
        let policies = patterns(POLICIES);
        // `{}` means something to find, `;` ends what it executes.
        let nasty = nasty.iter().filter(|word| !word.contains("{}"));
        let mut words: Vec<String> = command.iter().chain(nasty).map(|word| (*word).to_owned()).collect();
        for n in wrappers {
            words = KNOWN[n].1(words);
        }
        let governed = judge_words(&policies, &words.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(&governed.policies, &["on-call"], "{:?}: {:?}", words, governed.opaque);
    }

    #[test]
    fn any_bytes_are_judged(argv in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..12), 0..6)) {
        let _ = judge(&patterns(POLICIES), &Invocation { argv: &argv, ..Invocation::default() });
    }

    #[test]
    fn any_script_is_judged(script in "[a-z$`'\"(){};|&<> \n\\\\#=*~!\\[\\]-]{0,60}", shell in "(ba|da|z|mk)?sh") {
        let governed = judge_words(&patterns(POLICIES), &[&shell, "-c", &script]);
        prop_assert!(!governed.policies.is_empty());
    }
}

#[test]
fn hostile_sizes_are_bounded_and_opaque() {
    let policies = patterns(POLICIES);
    let nested = |n: usize| (0..n).fold("migrate up".to_owned(), |inner, _| format!("$({inner})"));
    let mut cases: Vec<Vec<String>> = vec![
        vec!["flurb".to_owned(); 10_000],
        vec!["sudo".to_owned(); 10_000],
        vec!["xargs".to_owned(); 300],
        vec!["sh".to_owned(); 3_000],
        vec!["echo".to_owned(), "a".repeat(1 << 20)],
        vec!["sh".to_owned(), "-c".to_owned(), format!("echo {}", nested(64))],
        vec!["sh".to_owned(), "-c".to_owned(), "(".repeat(100_000)],
        vec!["sh".to_owned(), "-c".to_owned(), "{ ".repeat(50_000)],
        vec!["sh".to_owned(), "-c".to_owned(), "$(".repeat(50_000)],
        vec!["sh".to_owned(), "-c".to_owned(), "\\".repeat(40_000) + "`"],
        vec!["sh".to_owned(), "-c".to_owned(), "`".repeat(9_999)],
        vec!["sh".to_owned(), "-c".to_owned(), "a;".repeat(5_000)],
        vec!["flurb".to_owned(), "x; ".repeat(20_000)],
        vec![String::new()],
        vec![],
    ];
    cases.push((0..64).map(|_| "nohup".to_owned()).chain(["migrate".to_owned()]).collect());
    for words in cases {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let governed = judge_words(&policies, &words);
        let start: Vec<_> = words.iter().take(3).map(|word| word.chars().take(20).collect::<String>()).collect();
        assert!(!governed.opaque.is_empty(), "{start:?}");
        assert_eq!(governed.policies.len(), POLICIES.len(), "{start:?}");
    }
}

#[test]
fn a_long_list_of_data_stays_benign() {
    let policies = patterns(POLICIES);
    let words: Vec<&str> = ["ls"].into_iter().chain(std::iter::repeat_n("deploy.log", 10_000)).collect();
    assert_eq!(judge_words(&policies, &words).policies, ["on-call"]);
}

#[test]
fn opaque_requests_need_what_the_settings_say() {
    let policies = patterns(POLICIES);
    let rules: Vec<_> = policies
        .iter()
        .map(|(name, patterns)| Rule { name, patterns, applies: Applies::Yes, unasked: false })
        .collect();
    let argv = argv(&["bash", "-c", "$x"]);
    let invocation = Invocation { argv: &argv, ..Invocation::default() };
    let with = |opaque| govern(&rules, &Settings { opaque, ..Settings::default() }, &invocation);
    assert_eq!(with(OnOpaque::All).policies.len(), 6);
    assert!(with(OnOpaque::Deny).opaque_denied);
    assert_eq!(with(OnOpaque::Deny).decision(), Decision::Unmatched);
    let named = with(OnOpaque::Policy("delete".to_owned()));
    assert!(named.policies.contains(&"delete".to_owned()) && !named.opaque_denied);
    assert!(with(OnOpaque::Policy("nobody".to_owned())).opaque_denied);
}

#[test]
fn conditions_pass_over_or_go_on() {
    let (weak, strong, any) = ([pattern("git *")], [pattern("git push*")], [pattern("*")]);
    let judge = |first, second| {
        let rules = [
            Rule { name: "weak", patterns: &weak, applies: first, unasked: false },
            Rule { name: "strong", patterns: &strong, applies: second, unasked: false },
            Rule { name: "any", patterns: &any, applies: Applies::Yes, unasked: false },
        ];
        let argv = argv(&["git", "push"]);
        govern(&rules, &Settings::default(), &Invocation { argv: &argv, ..Invocation::default() }).policies
    };
    assert_eq!(judge(Applies::Yes, Applies::Yes), ["weak"]);
    assert_eq!(judge(Applies::No, Applies::Yes), ["strong"]);
    assert_eq!(judge(Applies::Maybe, Applies::Yes), ["weak", "strong"]);
    assert_eq!(judge(Applies::Maybe, Applies::No), ["weak", "any"]);
}

#[test]
fn what_matches_nothing_is_denied_if_it_certainly_runs() {
    let policies = patterns(&[("git", "git *"), ("shell", "bash *")]);
    let table: &[(&[&str], &[&str])] = &[
        (&["git", "log"], &[]),
        (&["ls"], &["ls"]),
        (&["bash", "-c", "git log; ls x"], &["ls x"]),
        (&["bash", "-c", "git log"], &[]),
        (&["git", "push", "ls"], &[]),
    ];
    for (words, unmatched) in table {
        assert_eq!(judge_words(&policies, words).unmatched, *unmatched, "{words:?}");
    }
}

#[test]
fn a_script_started_by_its_name_only_adds() {
    let policies = patterns(&[("tool", "./tool*"), ("delete", "rm -rf *")]);
    let argv = argv(&["./tool", "x"]);
    let judge_text = |text: &str| {
        let invocation = Invocation { argv: &argv, program_script: Some(text.as_bytes()), ..Invocation::default() };
        judge(&policies, &invocation)
    };
    let quiet = judge_text("#!/bin/sh\nls\n");
    assert_eq!((quiet.policies.as_slice(), quiet.unmatched.len()), (&["tool".to_owned()][..], 0));
    assert_eq!(judge_text("#!/usr/bin/env bash\nrm -rf x\n").policies, ["tool", "delete"]);
    assert_eq!(judge_text("#!/usr/bin/python3\nrun('rm -rf x')\n").policies, ["tool", "delete"]);
    assert!(!judge_text("#!/bin/sh\n$x\n").opaque.is_empty());
}

#[test]
fn an_installed_script_is_what_its_name_says() {
    let policies = patterns(POLICIES);
    let judge_text = |name: &str, trusted: bool, text: &str| {
        let argv = argv(&[name]);
        let invocation =
            Invocation { argv: &argv, program_script: Some(text.as_bytes()), trusted, ..Invocation::default() };
        let governed = judge(&policies, &invocation);
        (governed.policies, governed.opaque.is_empty())
    };
    let unreadable = "#!/bin/bash\nmigrate up\nf() { x; }\n\"$y\" z\n";
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let all: Vec<String> = POLICIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    // Whoever asks may have put it there, on PATH too.
    assert_eq!(judge_text("./tool", false, unreadable), (all.clone(), false));
    assert_eq!(judge_text("tool", false, unreadable), (all, false));
    // In the system's directories: only what can be read as a whole.
    assert_eq!(judge_text("tool", true, unreadable), (names(&["on-call"]), true));
    assert_eq!(judge_text("tool", true, "#!/bin/sh\nmigrate up\n"), (names(&["schema-migration", "on-call"]), true));
    let shim = "#!/usr/bin/env bash\nexec asdf exec \"python3\" \"$@\"\n";
    assert_eq!(judge_text("tool", true, shim).0, names(&["on-call"]));
}

#[test]
fn bound_input_is_read_by_the_shell_that_gets_it() {
    let policies = patterns(POLICIES);
    let argv = argv(&["sudo", "bash", "-s"]);
    let invocation = Invocation { argv: &argv, stdin: Some(b"migrate up\n"), ..Invocation::default() };
    let governed = judge(&policies, &invocation);
    assert_eq!(
        (governed.policies.as_slice(), governed.opaque.len()),
        (&["schema-migration".to_owned(), "on-call".to_owned()][..], 0)
    );
}

#[test]
fn a_bound_text_is_believed_only_where_nothing_can_have_put_another_in_its_place() {
    let policies = patterns(POLICIES);
    let script = [Script { operand: b"x.sh", text: b"echo harmless\n" }];
    let judged = |words: &[&str]| {
        let argv = argv(words);
        let stdin = Some(&b"echo harmless\n"[..]);
        judge(&policies, &Invocation { argv: &argv, stdin, scripts: &script, ..Invocation::default() }).opaque
    };
    for words in [
        &["sh", "x.sh"][..],
        &["env", "-i", "A=1", "nice", "-n", "5", "sh", "x.sh"],
        &["sudo", "-u", "bob", "bash", "x.sh"],
        &["timeout", "5", "sh"],
    ] {
        assert_eq!(judged(words), [""; 0], "{words:?}");
    }
    for words in [
        &["sh", "-c", "cd evil; sh x.sh", "x.sh"][..],
        &["sh", "-c", "cp evil x.sh; . x.sh", "x.sh"],
        &["bash", "-c", "echo migrate up > x.sh; bash x.sh", "x.sh"],
        &["sh", "-c", "echo migrate up | sh"],
        &["sh", "-c", "sh < evil"],
        &["env", "-C", "evil", "sh", "x.sh"],
        &["env", "-S", "-C evil sh x.sh"],
        &["sudo", "--chdir=evil", "sh", "x.sh"],
        &["find", "evil", "-execdir", "sh", "x.sh", ";"],
        &["docker", "exec", "box", "sh", "x.sh"],
        &["chroot", "evil", "sh", "x.sh"],
        &["ssh", "host", "sh", "x.sh"],
        &["git", "-C", "evil", "rebase", "--exec", "sh x.sh"],
    ] {
        assert_ne!(judged(words), [""; 0], "{words:?}");
    }
}

#[test]
fn symlinks_and_settings_add() {
    let policies = patterns(POLICIES);
    let words = argv(&["./notes", "up"]);
    let hops = argv(&["/usr/local/bin/migrate"]);
    let governed = judge(&policies, &Invocation { argv: &words, hops: &hops, ..Invocation::default() });
    assert_eq!(governed.policies, ["schema-migration", "on-call"]);
    let words = argv(&["./x", "-c", "migrate up"]);
    let hops = argv(&["/usr/bin/bash"]);
    let governed = judge(&policies, &Invocation { argv: &words, hops: &hops, ..Invocation::default() });
    assert!(governed.policies.contains(&"schema-migration".to_owned()));

    let rules: Vec<_> = policies
        .iter()
        .map(|(name, patterns)| Rule { name, patterns, applies: Applies::Yes, unasked: false })
        .collect();
    let settings =
        Settings { inert: vec!["note".to_owned()], carriers: vec!["runner".to_owned()], ..Settings::default() };
    let words = argv(&["note", "migrate"]);
    assert_eq!(govern(&rules, &settings, &Invocation { argv: &words, ..Invocation::default() }).policies, ["on-call"]);
    let words = argv(&["runner", "if"]);
    assert!(!govern(&rules, &settings, &Invocation { argv: &words, ..Invocation::default() }).opaque.is_empty());
}
