//! Arbitrary records that can be.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use crate::domain::claim::Claim;
use crate::domain::command::{BoundFile, Command, Interpreter, Pin, Program, Stdin, Value, Variable, WorkTree};
use crate::domain::decision::{Decision, Verdict};
use crate::domain::id::{CommitId, Digest, Nonce, RequestId};
use crate::domain::outcome::{End, Ending, Execution, Outcome};
use crate::domain::principal::Name;
use crate::domain::request::{Place, Request};
use crate::domain::root::{Origin, Root};
use crate::domain::time::{Lifetime, Timestamp};

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::new)
}

fn nonce() -> impl Strategy<Value = Nonce> {
    any::<[u8; 16]>().prop_map(Nonce::new)
}

fn name() -> impl Strategy<Value = Name> {
    "[a-z0-9][a-z0-9_-]{0,9}".prop_map(|name| name.parse().unwrap())
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0..250_000_000_000_i64).prop_map(|seconds| Timestamp::from_unix(seconds).unwrap())
}

/// Plain, hidden, quoting and foreign characters, often.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[ab\"\\\\\n\t\r\u{0}\u{7f}\u{85}\u{202e}\u{200b}\u{feff}\u{e0041}é= \\[#]{0,30}"]
}

fn place() -> impl Strategy<Value = Place> {
    (digest(), any::<[u8; 20]>(), digest()).prop_map(|(repo, base, root)| Place {
        repo,
        base: CommitId::new(base),
        root,
    })
}

fn seen() -> impl Strategy<Value = Vec<Digest>> {
    btree_set(digest(), 0..5).prop_map(|digests| digests.into_iter().collect())
}

/// Bytes that can be an argument or path: anything but NUL.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(1..=255_u8, 0..12)
}

fn path() -> impl Strategy<Value = Vec<u8>> {
    bytes().prop_map(|bytes| [b"/".as_slice(), &bytes].concat())
}

fn size() -> impl Strategy<Value = u64> {
    0..1_u64 << 40
}

fn pin() -> impl Strategy<Value = Pin> {
    prop_oneof![Just(Pin::Sealed), Just(Pin::Checked)]
}

fn program() -> impl Strategy<Value = Program> {
    let interpreter = (path(), vec(path(), 0..3), option::of(bytes()), digest())
        .prop_map(|(path, hops, argument, sha256)| Interpreter { path, hops, argument, sha256 });
    (path(), vec(path(), 0..3), digest(), size(), vec(interpreter, 0..3), any::<bool>(), pin(), any::<bool>()).prop_map(
        |(path, hops, sha256, size, interpreters, shown, pin, trusted)| Program {
            path,
            hops,
            sha256,
            size,
            interpreters,
            shown: shown && size < 1 << 18,
            pin,
            trusted,
        },
    )
}

fn stdin() -> impl Strategy<Value = Stdin> {
    prop_oneof![
        Just(Stdin::Empty),
        Just(Stdin::Inherit),
        (digest(), size()).prop_map(|(sha256, size)| Stdin::Bound { sha256, size, shown: size < 1 << 18 }),
    ]
}

fn variables() -> impl Strategy<Value = Vec<Variable>> {
    let value = prop_oneof![bytes().prop_map(Value::Plain), digest().prop_map(Value::Secret)];
    let name = vec((1..=255_u8).prop_filter("no =", |byte| *byte != b'='), 1..8);
    btree_map(name, value, 0..4).prop_map(|env| env.into_iter().map(|(name, value)| Variable { name, value }).collect())
}

fn command() -> impl Strategy<Value = Command> {
    let argv = vec(bytes(), 1..5);
    (argv, path(), program(), variables(), stdin(), option::of(any::<bool>())).prop_flat_map(
        |(argv, cwd, program, env, stdin, worktree)| {
            let places = u32::try_from(argv.len()).unwrap();
            let file = (option::of(0..places), path(), digest(), 0..1_u64 << 18, any::<bool>())
                .prop_map(|(index, path, sha256, size, shown)| BoundFile { index, path, sha256, size, shown });
            (vec(file, 0..3), btree_set(0..places, 0..3)).prop_map(move |(files, unpinned)| Command {
                argv: argv.clone(),
                cwd: cwd.clone(),
                program: program.clone(),
                env: env.clone(),
                stdin,
                files,
                unpinned: unpinned.into_iter().collect(),
                worktree: worktree.map(|clean| WorkTree { head: "0a".repeat(if clean { 20 } else { 32 }), clean }),
            })
        },
    )
}

pub(crate) fn request() -> impl Strategy<Value = Request> {
    let who = (name(), name(), "[ -~]{1,40}");
    let asks = (words(), option::of(any::<[u8; 16]>()), btree_set("[a-zA-Zé]{1,8}", 0..3));
    (place(), who, time(), 1..=86_400_u64, nonce(), asks, command()).prop_map(
        |(place, (requester, runner, host), created, seconds, nonce, (reason, retry_of, environments), command)| {
            Request {
                place,
                requester,
                runner,
                host,
                created,
                expires: created.plus(Lifetime::from_seconds(seconds).unwrap()),
                nonce,
                reason,
                retry_of: retry_of.map(RequestId::new),
                environments: environments.into_iter().collect(),
                command,
            }
        },
    )
}

pub(crate) fn decision() -> impl Strategy<Value = Decision> {
    let says = (any::<bool>(), words(), option::of(words()), btree_map(name(), words(), 0..3));
    (place(), digest(), seen(), name(), says, digest(), time(), time()).prop_map(
        |(place, request, seen, reviewer, (approves, comment, suggest, answers), card, shown, decided)| Decision {
            place,
            request,
            seen,
            reviewer,
            verdict: if approves { Verdict::Approve } else { Verdict::Deny },
            comment,
            answers,
            suggest: suggest.filter(|_| !approves),
            card,
            shown,
            decided,
        },
    )
}

pub(crate) fn claim() -> impl Strategy<Value = Claim> {
    (place(), digest(), seen(), name(), nonce(), time()).prop_map(|(place, request, seen, runner, nonce, claimed)| {
        Claim { place, request, seen, runner, nonce, claimed }
    })
}

pub(crate) fn outcome() -> impl Strategy<Value = Outcome> {
    let end = prop_oneof![any::<u8>().prop_map(End::Exit), (1..=127_u8).prop_map(End::Signal)];
    let ending = prop_oneof![
        (end, time(), size(), pin()).prop_map(|(end, started, duration_ms, pin)| Ending::Executed(Execution {
            end,
            started,
            duration_ms,
            pin
        })),
        Just(Ending::Expired),
        words().prop_map(|reason| Ending::NotRun { reason }),
        words().prop_map(|reason| Ending::Unknown { reason }),
        words().prop_map(|reason| Ending::Withdrawn { reason }),
        words().prop_map(|reason| Ending::Refused { reason }),
    ];
    (place(), digest(), seen(), name(), time(), ending).prop_map(|(place, request, seen, author, recorded, ending)| {
        Outcome { place, request, seen, author, recorded, ending }
    })
}

pub(crate) fn root() -> impl Strategy<Value = Root> {
    let files = btree_map("[a-zA-Z0-9\"' =]{1,6}(/[a-z]{1,4}){0,2}", digest(), 0..6);
    (1..40_u32, any::<[u8; 16]>(), digest(), btree_set(name(), 1..4), files).prop_map(
        |(version, salt, previous, admins, files)| Root {
            version,
            origin: if version == 1 { Origin::Genesis(Nonce::new(salt)) } else { Origin::Previous(previous) },
            threshold: u32::try_from(admins.len()).unwrap(),
            admins: admins.into_iter().collect(),
            files: files
                .into_iter()
                .filter(|(path, _)| crate::record::root::is_governed(path))
                .collect::<BTreeMap<_, _>>(),
        },
    )
}
