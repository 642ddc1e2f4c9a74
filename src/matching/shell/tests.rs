mod brush;

use super::*;

/// The commands of a script as `name=value… word word`, or `None` if it is opaque.
fn commands(text: &str, dialect: Dialect) -> Option<Vec<String>> {
    let reading = read(text.as_bytes(), dialect);
    let shown = |token: &Token| {
        let text = String::from_utf8_lossy(&token.bytes).into_owned();
        if token.is_whole() { text } else { text + "…" }
    };
    let commands = reading.commands.iter().map(|simple| {
        let assigned = simple.assignments.iter();
        let assigned = assigned.map(|(name, value)| format!("{}={}", String::from_utf8_lossy(name), shown(value)));
        assigned.chain(simple.words.iter().map(shown)).collect::<Vec<_>>().join(" ")
    });
    reading.opaque.is_empty().then(|| commands.collect())
}

#[test]
fn every_command_is_collected() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("a b; c", &["a b", "c"]),
        ("a&&b||c|d|&e&f\ng", &["a", "b", "c", "d", "e", "f", "g"]),
        ("mi\\\ngrate up", &["migrate up"]),
        ("m'i'\"g\"\\rate", &["migrate"]),
        ("a $(b `c \\`d\\``) \"$(e '$(x)')\"", &["d", "c …", "b …", "e $(x)", "a … …"]),
        ("x=1 y=$(a) b >c 2>&1 <d", &["a", "x=1 y=… b"]),
        (">a b", &["b"]),
        ("if a; then b; elif c; then d; else e; fi >f", &["a", "b", "c", "d", "e"]),
        ("for i in 1 $(a); do b $i; done", &["a", "b …"]),
        ("while a\ndo b\ndone", &["a", "b"]),
        ("case $(a) in x|'y') b;; *) c; esac", &["a", "b", "c"]),
        ("(a; { b; }) | c", &["a", "b", "c"]),
        ("! a # b\nc", &["a", "c"]),
        ("cat <<E; a\n$(b) c\nE\nd", &["cat", "a", "b", "d"]),
        ("cat <<'E'\n$(b)\nE", &["cat"]),
        ("cat <<-E\n\tx\n\tE\na", &["cat", "a"]),
        ("cat <(a) > >(b)", &["a", "b", "cat /dev/fd/63"]),
        ("a '' \"\" b", &["a   b"]),
        ("a {} x{} HEAD", &["a {} x{} HEAD"]),
        ("echo \"5$\" a$ 'x'", &["echo 5$ a$ x"]),
        ("x=\\ \na", &["x= ", "a"]),
        ("$'\\155\\x69' x", &["mi x"]),
        ("a {b,c} $x \"$y\"", &["a … … …"]),
        // Found by running the shells, tests/shells.
        ("a ~ ~/x ~y b=~/z", &["a /… /… … b=…"]),
        ("a <&- b", &["a b"]),
        ("a 1{0>b", &["a 1…"]),
        ("a =~ b", &["a =… b"]),
        ("a \"$x\"*", &["a …"]),
    ];
    for (text, expected) in table {
        let mut found = commands(text, Dialect::Bash).unwrap_or_else(|| panic!("{text} is opaque"));
        let mut expected: Vec<String> = expected.iter().map(|one| (*one).to_owned()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn what_shells_read_differently_is_opaque() {
    let table = [
        "$x a",
        "`a`",
        "a*",
        "{a,b}",
        "~/x",
        "=x",
        "%1",
        "${x:-a}",
        "echo $((1))",
        "echo $[1]",
        "((1))",
        "[[ a ]]",
        "a=(1)",
        "a[0]=1",
        "f() { a; }",
        "function f { a; }",
        "coproc a",
        "select x in a; do b; done",
        "echo $\"a\"",
        "${ a; }",
        "echo $'a\\'b'",
        "a\u{a0}b",
        "a\rb",
        "a\u{b}b",
        "if a; then b",
        "a)",
        "a; }",
        "done",
        "a;;b",
        "echo 'a",
        "echo \"a",
        "echo `a",
        "echo $(a",
        "a \\",
        "cat <<E",
        "cat <<\"E F\"\nE F",
        "$(cat <<E\nE\n)",
        "cat <<E \"$(\na)\"\nE",
        "a >",
        "a >! b",
        "a >>| b",
        "12>a b",
        "{fd}>a b",
        "a>&'$(b)'",
        "a<(b)",
        ">x if a",
        "x=1 then",
        "a & & b",
        "&& a",
        "| a",
        "!(a)",
        "repeat 3 a",
        "foreach x (a) b",
        "echo $\\\n(a)",
        "a \\\n#b",
        "echo $(a # b\n)",
        "case x in x) a;& esac",
        "$x[1]",
        "\u{200b}a",
        "i\\\nf a",
        "(a) b",
        "fi a",
        "$(time case x in x) a; esac)",
        "time ! a",
        // Found by running the shells, tests/shells.
        "<&-a b",
        "a >&-b",
        "a ^b\\;>(c)",
        "a\\ <(b)",
        "a\\\n<(b)",
    ];
    for text in table {
        assert_eq!(commands(text, Dialect::Bash), None, "{text}");
    }
    for text in ["a &>b", "$'a' b", "a &>b c", "a [[ b && c"] {
        assert_eq!(commands(text, Dialect::Posix), None, "{text}");
    }
    assert!(commands("a $'b'", Dialect::Posix).is_some());
    for text in ["{ a } always { b\n}", "a <1-3> b", "a}\\\n", "a b}\\\n c", "x=1 $=1'b'", "a \"$^x\""] {
        assert_eq!(commands(text, Dialect::Zsh), None, "{text}");
        assert_eq!(commands(text, Dialect::Posix), None, "{text}");
    }
    assert_eq!(commands(&"(".repeat(MAX_DEPTH + 1), Dialect::Bash), None);
    assert!(!read(b"a \xff", Dialect::Bash).opaque.is_empty());
}

#[test]
fn commands_before_the_refusal_are_kept() {
    let reading = read(b"a; b; $((1))", Dialect::Bash);
    assert_eq!((reading.commands.len(), reading.opaque.len()), (2, 1));
    let span = reading.commands.get(1).map(|simple| simple.span.clone());
    assert_eq!(span, Some(3..4));
}
