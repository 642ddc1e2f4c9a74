//! A second opinion: whatever `brush-parser`, which others wrote for bash, takes for a command is among those we list.
//!
//! It judges nothing. Where we say opaque, or it cannot read the text, there is nothing to compare.

use std::cell::Cell;
use std::collections::BTreeSet;

use brush_parser::ast::{
    AndOr, Command, CommandPrefixOrSuffixItem as Item, CompoundCommand, CompoundList, IoFileRedirectTarget, IoRedirect,
    Pipeline, SimpleCommand,
};
use brush_parser::word::{WordPiece, WordPieceWithSource};
use brush_parser::{ParserOptions, ast, word};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use super::super::*;

/// A command as the other parser sees it; `None` for an argument that is known only when it runs.
type Seen = Vec<Option<Vec<u8>>>;

/// Why the other parser's view of a text is not complete.
#[derive(Debug)]
struct Beyond;

struct Brush {
    options: ParserOptions,
    seen: BTreeSet<Seen>,
}

impl Brush {
    fn program(&mut self, text: &str) -> Result<(), Beyond> {
        let program = brush_parser::Parser::new(text.as_bytes(), &self.options).parse_program().map_err(|_| Beyond)?;
        program.complete_commands.iter().try_for_each(|list| self.list(list))
    }

    fn list(&mut self, list: &CompoundList) -> Result<(), Beyond> {
        for item in &list.0 {
            self.pipeline(&item.0.first)?;
            for more in &item.0.additional {
                let (AndOr::And(pipeline) | AndOr::Or(pipeline)) = more;
                self.pipeline(pipeline)?;
            }
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &Pipeline) -> Result<(), Beyond> {
        for command in &pipeline.seq {
            match command {
                Command::Simple(simple) => self.simple(simple)?,
                Command::Compound(compound, redirections) => {
                    self.compound(compound)?;
                    for redirection in redirections.iter().flat_map(|list| &list.0) {
                        self.redirection(redirection)?;
                    }
                }
                Command::Function(_) | Command::ExtendedTest(..) => return Err(Beyond),
            }
        }
        Ok(())
    }

    fn compound(&mut self, compound: &CompoundCommand) -> Result<(), Beyond> {
        match compound {
            CompoundCommand::BraceGroup(group) => self.list(&group.list),
            CompoundCommand::Subshell(group) => self.list(&group.list),
            CompoundCommand::ForClause(clause) => {
                clause.values.iter().flatten().try_for_each(|value| self.word(value).map(drop))?;
                self.list(&clause.body.list)
            }
            CompoundCommand::CaseClause(clause) => {
                self.word(&clause.value)?;
                for case in &clause.cases {
                    case.patterns.iter().try_for_each(|pattern| self.word(pattern).map(drop))?;
                    case.cmd.iter().try_for_each(|list| self.list(list))?;
                }
                Ok(())
            }
            CompoundCommand::IfClause(clause) => {
                self.list(&clause.condition)?;
                self.list(&clause.then)?;
                for other in clause.elses.iter().flatten() {
                    other.condition.iter().try_for_each(|list| self.list(list))?;
                    self.list(&other.body)?;
                }
                Ok(())
            }
            CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
                self.list(&clause.0)?;
                self.list(&clause.1.list)
            }
            CompoundCommand::Arithmetic(_)
            | CompoundCommand::ArithmeticForClause(_)
            | CompoundCommand::Coprocess(_) => Err(Beyond),
        }
    }

    fn simple(&mut self, simple: &SimpleCommand) -> Result<(), Beyond> {
        let mut words = Vec::new();
        for item in simple.prefix.iter().flat_map(|prefix| &prefix.0) {
            if let Item::AssignmentWord(_, word) = item {
                self.word(word)?;
            } else {
                self.item(item, &mut words)?;
            }
        }
        if let Some(name) = &simple.word_or_name {
            words.push(self.word(name)?);
        }
        for item in simple.suffix.iter().flat_map(|suffix| &suffix.0) {
            self.item(item, &mut words)?;
        }
        if !words.is_empty() {
            self.seen.insert(words);
        }
        Ok(())
    }

    fn item(&mut self, item: &Item, words: &mut Seen) -> Result<(), Beyond> {
        match item {
            Item::Word(word) | Item::AssignmentWord(_, word) => words.push(self.word(word)?),
            Item::IoRedirect(redirection) => self.redirection(redirection)?,
            Item::ProcessSubstitution(_, inside) => {
                self.list(&inside.list)?;
                words.push(None);
            }
        }
        Ok(())
    }

    fn redirection(&mut self, redirection: &IoRedirect) -> Result<(), Beyond> {
        match redirection {
            IoRedirect::File(_, _, IoFileRedirectTarget::ProcessSubstitution(_, inside)) => self.list(&inside.list),
            IoRedirect::File(_, _, IoFileRedirectTarget::Fd(_)) => Ok(()),
            IoRedirect::File(_, _, IoFileRedirectTarget::Filename(word) | IoFileRedirectTarget::Duplicate(word))
            | IoRedirect::HereString(_, word)
            | IoRedirect::OutputAndError(word, _) => self.word(word).map(drop),
            IoRedirect::HereDocument(_, document) if document.requires_expansion => {
                let pieces = word::parse_heredoc(&document.doc.value, &self.options).map_err(|_| Beyond)?;
                self.pieces(&pieces, true).map(drop)
            }
            IoRedirect::HereDocument(..) => Ok(()),
        }
    }

    /// The word's bytes, if it is one literal word, and what stands in its substitutions as commands.
    fn word(&mut self, word: &ast::Word) -> Result<Option<Vec<u8>>, Beyond> {
        let pieces = word::parse(&word.value, &self.options).map_err(|_| Beyond)?;
        self.pieces(&pieces, false)
    }

    fn pieces(&mut self, pieces: &[WordPieceWithSource], quoted: bool) -> Result<Option<Vec<u8>>, Beyond> {
        let mut literal = Some(Vec::new());
        for piece in pieces {
            let known = match &piece.piece {
                WordPiece::Text(text) if quoted || !text.contains(['*', '?', '[', '{', '~']) => {
                    Some(text.clone().into_bytes())
                }
                WordPiece::SingleQuotedText(text) => Some(text.clone().into_bytes()),
                WordPiece::EscapeSequence(text) => text.strip_prefix('\\').map(|text| match text {
                    "\n" => Vec::new(),
                    text => text.as_bytes().to_vec(),
                }),
                WordPiece::DoubleQuotedSequence(inner) => self.pieces(inner, true)?,
                WordPiece::CommandSubstitution(text) => self.program(text).map(|()| None)?,
                WordPiece::BackquotedCommandSubstitution(text) => self.program(text).map(|()| None)?,
                WordPiece::GettextDoubleQuotedSequence(_) | WordPiece::ArithmeticExpression(_) => return Err(Beyond),
                WordPiece::Text(_)
                | WordPiece::AnsiCQuotedText(_)
                | WordPiece::TildeExpansion(_)
                | WordPiece::ParameterExpansion(_) => None,
            };
            literal = literal.zip(known).map(|(bytes, more): (Vec<u8>, _)| [bytes, more].concat());
        }
        Ok(literal)
    }
}

/// The commands that the other parser sees in a text and we neither list nor flag; `None` where either gives up.
fn unlisted(text: &str, dialect: Dialect) -> Option<Vec<String>> {
    let reading = read(text.as_bytes(), dialect);
    if !reading.opaque.is_empty() {
        return None;
    }
    // Patterns as `!(a)` are off in a shell that runs a text, and brush has them on.
    let options = ParserOptions {
        enable_extended_globbing: false,
        sh_mode: dialect == Dialect::Posix,
        posix_mode: dialect == Dialect::Posix,
        ..ParserOptions::default()
    };
    let mut brush = Brush { options, seen: BTreeSet::new() };
    brush.program(text).ok()?;
    let missing = brush.seen.iter().filter(|seen| !reading.commands.iter().any(|ours| covers(&ours.words, seen)));
    Some(missing.map(|seen| format!("{seen:?}")).collect())
}

/// Whether a command of ours is, or may be, one that the other parser sees.
fn covers(ours: &[Token], seen: &[Option<Vec<u8>>]) -> bool {
    let may_be = |ours: &Token, seen: &Option<Vec<u8>>| match seen {
        Some(bytes) if ours.is_whole() => ours.bytes == *bytes,
        Some(bytes) => bytes.starts_with(&ours.bytes),
        None => true,
    };
    let same =
        |ours: &[Token]| ours.len() == seen.len() && ours.iter().zip(seen).all(|(ours, seen)| may_be(ours, seen));
    // To bash `time` is no command but a word before one, and its assignments are that one's. We list it with all of it,
    // and extraction takes it for the wrapper that it is (`time X=1 migrate up` in tests/corpus/own.jsonl).
    let is_timing = |token: &Token| {
        [&b"time"[..], b"-p", b"--"].contains(&token.bytes.as_slice())
            || token.bytes.split(|byte| *byte == b'=').next().is_some_and(|name| name != token.bytes && is_name(name))
    };
    let timed = ours.first().is_some_and(|first| first.bytes == b"time");
    let skipped = ours.iter().take_while(|token| timed && is_timing(token)).count();
    (0..=skipped).any(|skipped| ours.get(skipped..).is_some_and(same))
}

/// Every text of the corpora: lines that people write, and each argument and command line of the labelled rows.
fn corpus() -> Vec<String> {
    let tldr = include_str!("../../../../tests/corpus/tldr.txt").lines().map(str::to_owned);
    let rows =
        [include_str!("../../../../tests/corpus/evasion.jsonl"), include_str!("../../../../tests/corpus/own.jsonl")];
    let rows = rows.iter().flat_map(|rows| rows.lines()).map(|row| serde_json::from_str::<Value>(row).unwrap());
    let texts = rows.flat_map(|row| {
        let argv: Vec<String> =
            row["argv"].as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()).collect();
        let files = row["fs"]["files"].as_object().into_iter().flatten();
        let files: Vec<String> = files.map(|(_, text)| text.as_str().unwrap().to_owned()).collect();
        let line = String::from_utf8(crate::matching::canonical_text(&argv)).unwrap();
        argv.into_iter().chain(files).chain([line]).collect::<Vec<_>>()
    });
    tldr.chain(texts).filter(|text| text.len() < 10_000).collect()
}

#[test]
fn no_command_that_another_parser_sees_in_the_corpora_is_unlisted() {
    let texts = corpus();
    for dialect in [Dialect::Bash, Dialect::Posix] {
        let (mut compared, mut wrong) = (0, Vec::new());
        for text in &texts {
            let Some(missing) = unlisted(text, dialect) else { continue };
            compared += 1;
            if !missing.is_empty() {
                wrong.push(format!("{text}: {}", missing.join("; ")));
            }
        }
        println!("{dialect:?}: {compared} of {} texts compared", texts.len());
        assert!(compared * 4 > texts.len() * 3, "{compared} of {}", texts.len());
        assert!(wrong.is_empty(), "{dialect:?}:\n{}", wrong.join("\n"));
    }
}

/// Text with commands in every place where a shell runs one.
fn script() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "a", "b", "-c", "x=1", "'q r'", "\"d $v\"", "\\;", "$v", "*", "{}", "1", "é", "''", "a\\\nb", "[", "!", "}",
        "~", "in", "do", "done", "#", "a#b", "time", "if", "{x,y}", "$'e\\n'", "=a", "%", "\"`b`\"",
    ]);
    // Mostly what names a program, so that most texts are read.
    let program = prop_oneof![
        8 => prop::sample::select(vec!["a", "b", "'q r'", "\\a", "é", "x=1 a", "a\\\nb", "time a", "\"d\""]),
        1 => word.clone(),
    ];
    let simple = (program, prop::collection::vec(word, 0..3))
        .prop_map(|(program, words)| [vec![program], words].concat().join(" "));
    simple.prop_recursive(4, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            (
                two.clone(),
                prop::sample::select(vec![";", "&", "&&", "||", "|", "|&", "\n", " & ", ";\n", "&\n", " &#\n"])
            )
                .prop_map(|((a, b), op)| format!("{a}{op}{b}")),
            (
                two.clone(),
                prop::sample::select(vec![
                    ("if ", "; then ", "; fi"),
                    ("while ", "\ndo ", "\ndone"),
                    ("if a & then ", "; else ", " & fi"),
                    ("case x in (x) ", ";; *) ", ";; esac"),
                    ("for i in $(", "); do ", "; done"),
                    ("cat <<E; ", "\n$(", ")\nE\n"),
                    ("a >f 2>&1 <(", ") | ", " &"),
                ])
            )
                .prop_map(|((a, b), (start, middle, end))| format!("{start}{a}{middle}{b}{end}")),
            (
                inner,
                prop::sample::select(vec![
                    ("(", ")"),
                    ("{ ", "; }"),
                    ("a $(", ") b"),
                    ("a \"x$(", ")\""),
                    ("a `", "`"),
                    ("! ", ""),
                    ("time ", ""),
                    ("a <<<$(", ")"),
                    ("x=$(", ") a"),
                    (">f ", " &>g"),
                    ("a > >(", ")"),
                    ("a # ", "\nb"),
                    ("a \\\n ", ""),
                ])
            )
                .prop_map(|(a, (start, end))| format!("{start}{a}{end}")),
        ]
    })
}

fn cases() -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if config.cases == 256 {
        config.cases = 2500;
    }
    config
}

#[test]
fn no_command_that_another_parser_sees_is_unlisted() {
    let (all, compared) = (Cell::new(0), Cell::new(0));
    let judged = TestRunner::new(cases()).run(&script(), |script| {
        for dialect in [Dialect::Bash, Dialect::Posix] {
            all.set(all.get() + 1);
            let Some(missing) = unlisted(&script, dialect) else { continue };
            compared.set(compared.get() + 1);
            prop_assert!(missing.is_empty(), "{dialect:?}: {}", missing.join("; "));
        }
        Ok(())
    });
    println!("{} of {} texts compared", compared.get(), all.get());
    judged.unwrap();
    assert!(compared.get() * 4 > all.get(), "{} of {}", compared.get(), all.get());
}
