use proptest::prelude::*;

use super::*;

fn glob(source: &str) -> Pattern {
    Pattern::new(PatternKind::Glob, source).unwrap()
}

#[test]
fn globs_match_whole_commands() {
    let table: &[(&str, &str, bool)] = &[
        ("migrate*", "migrate", true),
        ("migrate*", "migrate up", true),
        ("migrate*", "migrate-status", true),
        ("migrate*", "Migrate", false),
        ("migrate*", "./migrate", false),
        ("aws iam *", "aws iam list-users", true),
        ("aws iam *", "aws iam", false),
        ("a*b", "a\n/ b", true),
        ("a?c", "aéc", true),
        ("a?c", "a\u{fe0f}c", true),
        ("a?c", "aéèc", false),
        ("migrate{,.sh}", "migrate", true),
        ("migrate{,.sh}", "migrate.sh", true),
        ("{a,{b,c}}d", "cd", true),
        ("{migrate,migrate *}", "migrate-status", false),
        ("[a-c]x", "bx", true),
        ("[!a-c]x", "bx", false),
        ("[]]", "]", true),
        ("a\\*", "a*", true),
        ("a\\*", "ab", false),
        ("!x", "!x", true),
        ("**/m*", "m", true),
        ("**/m*", "a/b/m1", true),
        ("", "x", false),
    ];
    for (source, text, expected) in table.iter().filter(|(source, ..)| !source.is_empty()) {
        assert_eq!(glob(source).matches(text.as_bytes()), *expected, "{source} on {text}");
    }
    assert!(glob("a?c").matches(b"a\xffc"));
    assert!(glob("*").matches(b"\xff\x00"));
    assert!(!glob("\u{fffd}").matches(b"\xff"));
}

#[test]
fn exact_and_regular_expressions_are_anchored() {
    let exact = Pattern::new(PatternKind::Exact, "git *").unwrap();
    assert!(exact.matches(b"git *") && !exact.matches(b"git x"));
    let table: &[(&str, &str, bool)] = &[
        ("migrate", "migrate", true),
        ("migrate", "migrate up", false),
        ("migrate( .*)?", "migrate up\nx", true),
        ("a|ab", "ab", true),
        ("ab|a", "ab", true),
        ("(?x) a b # comment", "ab", true),
        ("b", "abc", false),
        (r"\bgit\b.*", "git log", true),
    ];
    for (source, text, expected) in table {
        let pattern = Pattern::new(PatternKind::Regex, source).unwrap();
        assert_eq!(pattern.matches(text.as_bytes()), *expected, "{source} on {text}");
    }
}

#[test]
fn hostile_patterns_are_refused() {
    let new = |kind, source: &str| Pattern::new(kind, source).map(drop);
    assert_eq!(new(PatternKind::Glob, ""), Err(PatternError::Empty));
    assert_eq!(new(PatternKind::Exact, &"a".repeat(5000)), Err(PatternError::TooLong(5000)));
    for source in ["{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", &"{".repeat(2000), &"{a,".repeat(60)] {
        assert!(new(PatternKind::Glob, source).is_err(), "{source}");
    }
    for source in ["x[", "x{a", "x}", "x\\", "[z-a]"] {
        assert!(matches!(new(PatternKind::Glob, source), Err(PatternError::Glob { .. })), "{source}");
    }
    for source in ["(", "(a{1000}){1000}", "((a{99}){99}){99}", r"\p{L}{4000}"] {
        let error = new(PatternKind::Regex, source).unwrap_err();
        assert!(error.to_string().contains("regular expression"), "{error}");
    }
    let slow = glob(&format!("{}b", "*a".repeat(500)));
    assert!(!slow.matches("a".repeat(100_000).as_bytes()));
}

#[test]
fn token_patterns_compare_argument_by_argument() {
    let tokens = |sources: &[&str]| {
        Pattern::tokens(&sources.iter().map(|source| (*source).to_owned()).collect::<Vec<_>>()).unwrap()
    };
    let alter = tokens(&["psql", "-c", "ALTER *"]);
    assert!(alter.matches(b"psql -c 'ALTER TABLE t'"));
    assert!(!alter.matches(b"psql -c ALTER TABLE"));
    assert!(!alter.matches(b"psql -c 'ALTER TABLE t' x"));
    let open = tokens(&["git", "push", "**"]);
    assert!(open.matches(b"git push") && open.matches(b"git push a 'b c'"));
    assert!(!open.matches(b"git pusher"));
    assert!(tokens(&["**"]).is_generic());
    assert!(Pattern::tokens(&[]).is_err());
    assert_ne!(tokens(&["git", "*"]), glob("git *"));
}

#[test]
fn generic_patterns_say_nothing() {
    for source in ["*", "**", "***"] {
        assert!(glob(source).is_generic(), "{source}");
    }
    for source in ["?*", "* *", "a*", "{*,a}"] {
        assert!(!glob(source).is_generic(), "{source}");
    }
    assert!(Pattern::new(PatternKind::Regex, "^.*$").unwrap().is_generic());
    assert!(!Pattern::new(PatternKind::Exact, "*").unwrap().is_generic());
}

#[test]
fn unknown_arguments_may_match() {
    let whole = |text: &str| Token::whole(text);
    let lead = |text: &str| Token { bytes: text.into(), known: Known::Lead, glob: false };
    let table: &[(&str, Vec<Token>, May)] = &[
        ("aws iam *", vec![whole("aws"), Token::unknown(), whole("create-user")], May::Maybe),
        ("aws iam *", vec![whole("aws"), Token::unknown()], May::Maybe),
        ("aws iam *", vec![whole("echo"), Token::unknown()], May::No),
        ("rm -rf *", vec![whole("rm"), Token::unknown(), whole("x")], May::Maybe),
        ("rm -rf *", vec![whole("rm"), lead("")], May::No),
        ("rm -rf *", vec![whole("rm"), lead(""), whole("x")], May::Maybe),
        ("rm -rf *", vec![whole("rm"), lead("-"), whole("x")], May::Maybe),
        ("rm -rf *", vec![whole("rm"), lead("./"), whole("x")], May::No),
        ("migrate*", vec![lead("mig")], May::Maybe),
        ("migrate*", vec![lead("build-")], May::No),
        ("migrate*", vec![whole("migrate"), Token::unknown()], May::Surely),
        ("*", vec![Token::unknown()], May::Surely),
        ("x 'a *", vec![whole("x"), lead("a ")], May::Maybe),
    ];
    for (source, tokens, expected) in table {
        assert_eq!(glob(source).may_match(tokens), *expected, "{source} on {tokens:?}");
    }
    let regex = Pattern::new(PatternKind::Regex, "migrate .*").unwrap();
    assert_eq!(regex.may_match(&[whole("migrate"), Token::unknown()]), May::Maybe);
    assert_eq!(regex.may_match(&[whole("echo"), Token::unknown()]), May::No);
}

#[test]
fn text_is_quoted_as_posix_shells_read_it() {
    let table: &[(&[&str], &str)] = &[
        (&["git", "log"], "git log"),
        (&["git x"], "'git x'"),
        (&["", "a'b"], r"'' 'a'\''b'"),
        (&["é", "a=b", "x*"], "é a=b 'x*'"),
    ];
    for (argv, text) in table {
        assert_eq!(canonical_text(argv), text.as_bytes());
    }
}

#[test]
fn lints_name_the_surprise() {
    let table: &[(&str, &str)] = &[
        ("migrate*", "migrate-status"),
        ("a/**", "`**`"),
        ("mig*te x", "wildcard inside"),
        ("awk {print}", "vanish"),
        ("psql -c \"ALTER *\"", "bare `\"`"),
        ("Deploy x", "upper case"),
        (" x", "blank"),
    ];
    for (source, part) in table {
        let lints = glob(source).lints();
        assert!(lints.iter().any(|lint| lint.contains(part)), "{source}: {lints:?}");
    }
    for source in ["*", "{migrate,migrate *}", "psql -c 'ALTER *"] {
        assert!(glob(source).lints().iter().all(|lint| !lint.contains("vanish")), "{source}");
    }
}

#[test]
fn a_command_without_arguments_is_another() {
    for (source, bare) in
        [("aws iam *", Some("aws iam")), ("rm", None), ("rm*", None), ("*", None), ("* *", None), ("{rm,rm *}", None)]
    {
        assert_eq!(glob(source).without_arguments(), bare, "{source}");
    }
}

/// globset's own answer, with the options that we promise.
fn reference(source: &str) -> Option<globset::GlobMatcher> {
    let glob = globset::GlobBuilder::new(source)
        .literal_separator(false)
        .backslash_escape(true)
        .empty_alternates(true)
        .build();
    Some(glob.ok()?.compile_matcher())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn globs_agree_with_globset(source in r"[ab *?\[\]!{},\\-]{1,10}", texts in prop::collection::vec("[abc *?,-]{0,8}", 6)) {
        if let (Ok(own), Some(reference)) = (Pattern::new(PatternKind::Glob, &source), reference(&source)) {
            for text in texts {
                prop_assert_eq!(own.matches(text.as_bytes()), reference.is_match(&text), "{} on {}", source, text);
            }
        }
    }

    #[test]
    fn what_globset_refuses_is_refused(source in r"[ab*?\[\]!{},\\^-]{1,10}") {
        if reference(&source).is_none() {
            prop_assert!(Pattern::new(PatternKind::Glob, &source).is_err(), "{}", source);
        }
    }

    #[test]
    fn what_matches_may_match(source in r"[ab *?']{1,8}", argv in prop::collection::vec("[ab ']{0,4}", 1..4), cut in 0..4_usize, keep in 0..3_usize) {
        let pattern = glob(&source);
        let whole: Vec<Token> = argv.iter().map(|word| Token::whole(word.as_str())).collect();
        let mut partly = whole.clone();
        if let Some(token) = partly.get_mut(cut) {
            token.bytes.truncate(keep);
            token.known = if keep % 2 == 0 { Known::Lead } else { Known::Splits };
        }
        if pattern.matches(&canonical_text(&argv)) {
            prop_assert_ne!(pattern.may_match(&partly), May::No);
        } else {
            prop_assert_ne!(pattern.may_match(&partly), May::Surely);
        }
    }

    #[test]
    fn canonical_text_keeps_argument_boundaries(argv in prop::collection::vec("[ -~é\n]{0,6}", 0..5)) {
        let split = split_canonical(&canonical_text(&argv));
        prop_assert_eq!(split, argv.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>());
    }
}
