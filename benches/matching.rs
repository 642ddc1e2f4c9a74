//! How long the whole decision takes, cold and warm, and beside it parsers of shell text alone: medians, never a verdict.
//!
//! `cargo bench --bench matching` prints a table; `docs/benchmarks.md` keeps one, with the machine it came from.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot be made must stop"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use expacti::domain::policy::PolicySet;
use expacti::domain::request::Request;
use expacti::gate::conditions::Truth;
use expacti::gate::governing::{Gate, Texts, governing_by};
use expacti::matching::canonical_text;
use expacti::matching::shell::{self, Dialect};
use expacti::record::{Record as _, policy};

/// Most time spent on one number.
const BUDGET: Duration = Duration::from_millis(1_500);
const MOST_RUNS: usize = 2_001;
/// Runs of less than a clock can tell are timed together.
const TOGETHER: u32 = 10;

fn main() {
    let commands = [
        ("kubectl apply", words("kubectl apply -f x")),
        (
            "sudo, env, sh -c",
            [&words("sudo -u x env A=b sh -c")[..], &["migrate up && terraform apply".to_owned()]].concat(),
        ),
        (
            "pipeline of 30 words",
            [
                &words("sh -c")[..],
                &["kubectl get pods -n shop -o name | grep -v canary | sed -e s/a/b/ | sort -u | head -n 20 \
                   | xargs -n 1 kubectl delete -n shop --wait=false | tee out.log"
                    .to_owned()],
            ]
            .concat(),
        ),
    ];
    println!("{:<22} {:>8} {:>12} {:>12}", "what", "policies", "cold", "warm");
    for count in [10, 1_000, 10_000] {
        let config = policies(count);
        let set = policy::parse("config.toml", config.as_bytes()).unwrap();
        for (what, argv) in &commands {
            let request = request(argv);
            let [cold, warm] = medians([
                &mut || decide(&policy::parse("config.toml", config.as_bytes()).unwrap(), &request),
                &mut || decide(&set, &request),
            ]);
            println!("{what:<22} {count:>8} {cold:>10.1}µs {warm:>10.1}µs");
        }
        let parse = || drop(black_box(policy::parse("config.toml", config.as_bytes()).unwrap()));
        let [parsing] = medians([&mut { parse }]);
        println!("{:<22} {count:>8} {parsing:>10.1}µs", "of cold: config.toml");
    }
    beside_parsers(&commands);
}

/// The same text through our decision at 10 policies, our recogniser, and two parsers of bash, in turn.
///
/// A parser says what is written: brush-parser leaves words as they are written, tree-sitter makes a tree of spans.
/// Neither says which programs run, nor what governs them.
fn beside_parsers(commands: &[(&str, Vec<String>)]) {
    let set = policy::parse("config.toml", policies(10).as_bytes()).unwrap();
    let mut grammar = tree_sitter::Parser::new();
    grammar.set_language(&tree_sitter_bash::LANGUAGE.into()).unwrap();
    println!(
        "\n{:<40} {:>6} {:>10} {:>10} {:>10} {:>10}   decision and recogniser over brush, over tree-sitter",
        "text", "bytes", "decision", "recogniser", "brush", "tree-sit."
    );
    for (what, argv) in commands {
        let request = request(argv);
        let line = String::from_utf8(canonical_text(argv)).unwrap();
        let inner = argv.iter().position(|word| word == "-c").map(|at| argv[at + 1].clone());
        let texts = [Some(("the command line", line)), inner.map(|text| ("what sh -c reads", text))];
        for (which, text) in texts.into_iter().flatten() {
            let [decision, own, brush, tree] = medians([
                &mut || decide(&set, &request),
                &mut || {
                    let reading = shell::read(black_box(text.as_bytes()), Dialect::Bash);
                    assert!(reading.opaque.is_empty(), "{:?}", reading.opaque);
                    black_box(reading);
                },
                &mut || {
                    let options = brush_parser::ParserOptions::default();
                    let mut parser = brush_parser::Parser::new(black_box(text.as_bytes()), &options);
                    black_box(parser.parse_program().unwrap());
                },
                &mut || {
                    let tree = grammar.parse(black_box(&text), None).unwrap();
                    assert!(!tree.root_node().has_error());
                    black_box(tree);
                },
            ]);
            println!(
                "{:<40} {:>6} {decision:>8.1}µs {own:>8.1}µs {brush:>8.1}µs {tree:>8.1}µs   {:.2} {:.3}   {:.2} {:.3}",
                format!("{what}: {which}"),
                text.len(),
                decision / brush,
                own / brush,
                decision / tree,
                own / tree,
            );
        }
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// What governs, as every judge of a request finds it, and that it is what was meant to be measured.
fn decide(set: &PolicySet, request: &Request) {
    let found = governing_by(set, black_box(request), &Texts::new(), &|_, _| Truth::Yes);
    assert_eq!(found.gate, Gate::Review, "{:?}", found.tree);
    black_box(found);
}

/// Policies for programs nobody runs, then those that these commands meet, and the one for all the rest.
fn policies(count: usize) -> String {
    let real = ["kubectl *", "migrate *", "terraform *", "*"];
    let mut config = String::new();
    let others = (0..count - real.len()).map(|n| match n % 4 {
        0 => format!("\"tool-{n} deploy *\""),
        1 => format!("[\"svc-{n} restart*\", \"svc-{n} stop*\"]"),
        2 => format!("\"make release-{n}\""),
        _ => format!("\"aws --profile p{n} iam *\""),
    });
    let real = real.iter().map(|pattern| format!("\"{pattern}\""));
    for (n, pattern) in others.chain(real).enumerate() {
        writeln!(
            config,
            "[[approval_policies]]\nname = \"policy-{n}\"\npattern = {pattern}\nrequirement = \"any_of\"\nreviewers = [\"alice\", \"bob\"]\n"
        )
        .unwrap();
    }
    config
}

/// The request of docs/format.md, for another command.
fn request(argv: &[String]) -> Request {
    let document = include_str!("../docs/format.md");
    let first = "schema = \"expacti/request/v1\"";
    let rest = document.split_once(first).unwrap().1.split("```").next().unwrap();
    let mut request = Request::parse(format!("{first}{rest}").as_bytes()).unwrap();
    let command = &mut request.command;
    command.argv = argv.iter().map(|word| word.clone().into_bytes()).collect();
    command.program.path = format!("/usr/bin/{}", argv[0]).into_bytes();
    command.program.interpreters.clear();
    command.unpinned.clear();
    request
}

/// Medians in microseconds; the works are done in turn, so that a change of the machine's speed meets all.
fn medians<const N: usize>(mut works: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut times: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::new());
    works.iter_mut().for_each(|work| work());
    let start = Instant::now();
    while times[0].len() < MOST_RUNS && (start.elapsed() < BUDGET || times[0].len() < 5) {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let start = Instant::now();
            work();
            let once = start.elapsed();
            times.push(if once > Duration::from_millis(1) {
                once
            } else {
                let start = Instant::now();
                (0..TOGETHER).for_each(|_| work());
                start.elapsed() / TOGETHER
            });
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e6
    })
}
