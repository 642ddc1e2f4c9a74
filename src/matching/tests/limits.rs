//! Every limit, at its edge: below it all is seen, above it the request is opaque, and no size loses the policy.

use super::*;

/// The smallest size that is opaque, at most `most`; the governed command is found at every size around it.
fn edge(name: &str, most: usize, make: &dyn Fn(usize) -> Vec<String>) -> usize {
    let policies = patterns(POLICIES);
    let judge = |n: usize| judge_words(&policies, &make(n).iter().map(String::as_str).collect::<Vec<_>>());
    assert!(judge(1).opaque.is_empty(), "{name}: {:?}", judge(1).opaque);
    assert!(!judge(most).opaque.is_empty(), "{name} has no limit up to {most}");
    let (mut below, mut above) = (1, most);
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if judge(middle).opaque.is_empty() { below = middle } else { above = middle }
    }
    for n in below.saturating_sub(1).max(1)..=above + 1 {
        let governed = judge(n);
        assert!(governed.policies.iter().any(|policy| policy == "schema-migration"), "{name} of {n}");
        assert_eq!(governed.opaque.is_empty(), n < above, "{name} of {n}");
    }
    above
}

fn repeated(word: &str, n: usize, rest: &[&str]) -> Vec<String> {
    std::iter::repeat_n(word, n).chain(rest.iter().copied()).map(str::to_owned).collect()
}

#[test]
fn nothing_is_lost_at_the_edge_of_a_limit() {
    let shell = |text: String| vec!["sh".to_owned(), "-c".to_owned(), text];
    type Make<'a> = &'a dyn Fn(usize) -> Vec<String>;
    let table: &[(&str, usize, usize, Make<'_>)] = &[
        ("wrappers", 16, 64, &|n| repeated("nohup", n, &["migrate", "up"])),
        ("commands", 1999, 4000, &|n| shell("ls;".repeat(n) + "migrate up")),
        ("bytes of arguments", (128 << 10) - 10, 200_000, &|n| {
            vec!["sudo".to_owned(), "migrate".to_owned(), "a".repeat(n)]
        }),
        ("substitutions", 20, 64, &|n| shell(format!("{}migrate up{}", "ls $(".repeat(n), ")".repeat(n)))),
        ("subshells", 40, 100, &|n| shell(format!("{}migrate up{}", "( ".repeat(n), ")".repeat(n)))),
        ("groups", 40, 100, &|n| shell(format!("{}migrate up;{}", "{ ".repeat(n), " };".repeat(n)))),
    ];
    let found: Vec<_> = table.iter().map(|(name, _, most, make)| (*name, edge(name, *most, make))).collect();
    let expected: Vec<_> = table.iter().map(|(name, expected, ..)| (*name, *expected)).collect();
    assert_eq!(found, expected);
}

#[test]
fn text_beyond_what_is_compared_is_opaque() {
    let policies = patterns(POLICIES);
    let words: Vec<String> = (0..1500).map(|n| format!("m{}", "x".repeat(n % 80))).collect();
    let words: Vec<&str> = ["flurb"].into_iter().chain(words.iter().map(String::as_str)).chain(["migrate"]).collect();
    let governed = judge_words(&policies, &words);
    assert!(governed.opaque.iter().any(|why| why == "more text than is matched"), "{:?}", governed.opaque);
    assert_eq!(governed.policies.len(), POLICIES.len());
}

#[test]
fn options_beyond_what_is_tried_are_opaque() {
    let policies = patterns(POLICIES);
    let words = |n: usize| -> Vec<String> {
        ["aws".to_owned()].into_iter().chain((0..n).flat_map(|n| ["-x".to_owned(), format!("v{n}")])).collect()
    };
    let judge = |n: usize| judge_words(&policies, &words(n).iter().map(String::as_str).collect::<Vec<_>>());
    assert!(judge(5).opaque.is_empty());
    assert_eq!(judge(600).opaque, ["more options than are read before a sub-command"]);
}

#[test]
fn scripts_beyond_what_is_read_are_opaque() {
    let policies = patterns(POLICIES);
    let argv = argv(&["sh", "x.sh"]);
    let judge_size = |size: usize| {
        let text = format!("{}\nmigrate up\n", "#".repeat(size - 12));
        let scripts = [Script { operand: b"x.sh", text: text.as_bytes() }];
        judge(&policies, &Invocation { argv: &argv, scripts: &scripts, ..Invocation::default() })
    };
    let (below, above) = (judge_size(512 << 10), judge_size((512 << 10) + 1));
    assert_eq!(
        (below.opaque.len(), below.policies.as_slice()),
        (0, &["schema-migration".to_owned(), "on-call".to_owned()][..])
    );
    assert_eq!((above.opaque.len(), above.policies.len()), (1, POLICIES.len()));
}

#[test]
fn long_runs_of_words_in_code_may_go_on() {
    let policies = patterns(&[("long", "tool a b c d e f g h i j k l m n o p q r"), ("any", "*")]);
    let code = "tool a b c d e f g h i j k l m n o p q r";
    let governed = judge_words(&policies, &["python3", "-c", &format!("print('{code}')")]);
    assert_eq!(governed.policies, ["long", "any"]);
}
