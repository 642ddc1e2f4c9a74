use std::collections::BTreeMap;

use super::*;
use crate::domain::id::{Digest, Nonce};
use crate::domain::root::{Origin, Root};
use crate::record::Record as _;
use crate::record::roster::tests::key_line;
use crate::trust::root::{VersionFiles, read};

const CONFIG: &str = r#"
[[approval_policies]]
name = "a"
pattern = ["one*", "two"]
requirement = "all_of"
reviewers = ["alice", "dba"]
min_role = "dba"
separation = "team"
timeout = "10m"
min_review_time = "20s"
require_comment = true
questions = { dba = "lock?" }
environments = ["production"]
requesters = ["bot"]
bind = ["Makefile"]
[[approval_policies]]
name = "b"
pattern = "three*"
requirement = "any_of"
reviewers = ["alice", "bob", "carol"]
min_approvals = 2
operators = "exclude"
[[approval_policies]]
name = "c"
pattern = "four"
requirement = "deny"
[[approval_policies]]
name = "d"
pattern = "*"
requirement = "min_role"
min_role = "dba"
[matching]
inert = ["cowsay"]
carriers = ["wrap"]
trusted_path = ["/usr/bin"]
[environment]
pass = ["KUBECONFIG"]
[[environments]]
name = "production"
arguments = ["prod*"]
"#;

fn roster() -> String {
    let person = |id: &str, role: &str, team: &str, seed: u8| {
        format!(
            "[[principals]]\nid = \"{id}\"\nkind = \"person\"\nrole = \"{role}\"\nteam = \"{team}\"\nkeys = [\"{}\"]\n",
            key_line(seed)
        )
    };
    [
        "roles = [\"dev\", \"dba\"]\n[trust]\nadmins = [\"alice\", \"bob\", \"carol\"]\nthreshold = 2\n".to_owned(),
        person("alice", "dba", "x", 1),
        person("bob", "dba", "y", 2),
        person("carol", "dev", "y", 3),
        person("dan", "dev", "z", 4),
        format!(
            "[[principals]]\nid = \"bot\"\nkind = \"agent\"\noperators = [\"bob\"]\nteam = \"t\"\nkeys = [\"{}\"]\n",
            key_line(5)
        ),
        format!("[[revocations]]\nkey = \"{}\"\ncompromised_since = \"{}\"\n", key_line(9), "ab".repeat(20)),
        "[groups]\ndba = [\"bob\", \"carol\"]\n".to_owned(),
    ]
    .concat()
}

fn version(config: &str, roster: &str) -> PolicyVersion {
    let (_, people) = crate::record::read_policy(config.as_bytes(), roster.as_bytes())
        .unwrap_or_else(|faults| panic!("{}", faults.iter().map(ToString::to_string).collect::<String>()));
    let files = [("config.toml", config), ("roster.toml", roster)];
    let root = Root {
        version: 1,
        origin: Origin::Genesis(Nonce::new([1; 16])),
        admins: people.admins().iter().cloned().collect(),
        threshold: people.threshold(),
        files: files.iter().map(|(name, text)| ((*name).to_owned(), Digest::of(text.as_bytes()))).collect(),
    };
    read(&VersionFiles {
        root: root.render(),
        signatures: BTreeMap::new(),
        config: config.as_bytes().to_vec(),
        roster: roster.as_bytes().to_vec(),
        allowed_signers: crate::record::roster::allowed_signers(&people),
    })
    .unwrap()
}

#[test]
fn nothing_changed_is_nothing_said() {
    let comment = format!("# a comment\n{CONFIG}");
    assert_eq!(between(&version(CONFIG, &roster()), &version(&comment, &roster())), Changes::default());
}

/// Each edit with what is said of it, and whether that is weaker; undone, it is said the other way round or not at all.
#[test]
fn every_change_is_said_and_what_is_weaker_is_called_so() {
    let key = key_line(4);
    let two = format!("{key}\", \"{}", key_line(7));
    for (from, to, weaker, said) in [
        // Requirements.
        ("min_approvals = 2", "min_approvals = 1", true, "policy `b` asks: any one of"),
        ("min_approvals = 2", "min_approvals = 3", false, "policy `b` asks: any 3 of"),
        (
            "\"bob\", \"carol\"]\nmin_approvals",
            "\"bob\", \"dan\"]\nmin_approvals",
            true,
            "policy `b`: `dan` may approve too",
        ),
        ("\"alice\", \"dba\"]\nmin", "\"alice\", \"bob\"]\nmin", true, "policy `a` asks: all of `alice`, `bob`"),
        (
            "\"alice\", \"dba\"]\nmin",
            "\"alice\", \"dba\", \"dan\"]\nmin",
            false,
            "policy `a` asks: all of `alice`, `dba`, `dan`",
        ),
        ("min_role = \"dba\"\nsep", "min_role = \"dev\"\nsep", true, "policy `a` asks"),
        ("min_role = \"dba\"\nsep", "sep", true, "policy `a` asks"),
        ("requirement = \"deny\"", "requirement = \"allow\"", true, "policy `c`: RUNS WITHOUT APPROVAL"),
        (
            "requirement = \"deny\"",
            "requirement = \"any_of\"\nreviewers = [\"bob\"]",
            true,
            "policy `c` can be approved: any one of `bob`",
        ),
        (
            "requirement = \"min_role\"\nmin_role = \"dba\"",
            "requirement = \"deny\"",
            false,
            "policy `d` asks: never runs",
        ),
        // Conditions.
        ("\"one*\", \"two\"", "\"one*\"", true, "policy `a` no longer matches `two`"),
        ("\"one*\", \"two\"", "\"one*\", \"two\", \"ten\"", false, "policy `a` also matches `ten`"),
        ("environments = [\"production\"]\n", "", true, "policy `a` holds asked by `bot`; before in production"),
        ("requesters = [\"bot\"]", "requesters = [\"b*\"]", true, "policy `a` holds in production, asked by `b*`"),
        (
            "pattern = \"four\"",
            "pattern = \"four\"\npattern_type = \"exact\"",
            true,
            "policy `c` reads its patterns in another way",
        ),
        // What an approval must bring.
        ("separation = \"team\"\n", "", true, "policy `a`: nobody is kept apart"),
        (
            "operators = \"exclude\"",
            "operators = \"not-sole\"",
            true,
            "operators of the asking agent count, never alone",
        ),
        ("operators = \"exclude\"", "operators = \"count\"", true, "COUNT LIKE ANYONE"),
        ("timeout = \"10m\"", "timeout = \"1h\"", true, "requests expire after 1h; before 10m"),
        ("timeout = \"10m\"", "timeout = \"5m\"", false, "requests expire after 5m; before 10m"),
        ("min_review_time = \"20s\"", "min_review_time = \"5s\"", true, "takes at least 5s; before 20s"),
        ("require_comment = true\n", "", true, "no longer needs a comment"),
        ("{ dba = \"lock?\" }", "{ dba = \"sure?\" }", true, "policy `a` no longer asks `dba: lock?`"),
        (
            "timeout = \"10m\"",
            "timeout = \"10m\"\nrequire_key = \"touch\"",
            false,
            "a touch of a hardware key; before any key",
        ),
        ("timeout = \"10m\"", "timeout = \"10m\"\nrunner = \"bot\"", true, "`bot` runs it; before who asks"),
        (
            "timeout = \"10m\"",
            "timeout = \"10m\"\nescalations = [{ hours = \"22:00-07:00\", min_approvals = 2 }]",
            false,
            "raises `from 22:00 to 07:00: at least 2 people`",
        ),
        // What is bound.
        ("bind = [\"Makefile\"]\n", "", true, "policy `a` no longer binds `Makefile`"),
        ("timeout = \"10m\"", "timeout = \"10m\"\nworktree = \"clean\"", false, "the git work tree must be clean"),
        ("timeout = \"10m\"", "timeout = \"10m\"\nstdin = \"inherit\"", true, "reads the caller's standard input"),
        ("timeout = \"10m\"", "timeout = \"10m\"\nallow_secret_looking = true", true, "what looks like a secret"),
        // Settings.
        ("[matching]\n", "[matching]\nopaque = \"deny\"\n", false, "what cannot be taken apart is denied"),
        ("[matching]\n", "[matching]\nopaque = \"d\"\n", true, "needs policy `d`; before it needs every policy"),
        ("\"cowsay\"", "\"cowsay\", \"psql\"", true, "plain data: `psql` is new"),
        ("\"cowsay\"", "", false, "plain data: `cowsay` is gone"),
        ("\"wrap\"", "", true, "run their arguments: `wrap` is gone"),
        ("\"/usr/bin\"", "\"/usr/bin\", \"/opt\"", true, "the trusted path: `/opt` is new"),
        ("\"KUBECONFIG\"", "\"KUBECONFIG\", \"AWS_PROFILE\"", true, "pass to commands: `AWS_PROFILE` is new"),
        ("[\"prod*\"]", "[\"prod\"]", true, "environment `production` is recognised by other facts"),
        (
            "[matching]",
            "[defaults]\ntime_zone = \"Europe/Berlin\"\n[matching]",
            true,
            "hours are read in Europe/Berlin",
        ),
        // People.
        ("threshold = 2", "threshold = 1", true, "a change of the policy takes 1 admin; before 2 admins"),
        ("threshold = 2", "threshold = 3", false, "a change of the policy takes 3 admins"),
        ("\"carol\"]\nthr", "\"carol\", \"dan\"]\nthr", true, "`dan` is an admin from now on"),
        ("\"bob\", \"carol\"]\nthr", "\"bob\"]\nthr", false, "`carol` is no admin any more"),
        (
            "role = \"dev\"\nteam = \"z\"",
            "role = \"dba\"\nteam = \"z\"",
            true,
            "`dan` has the role `dba`; before `dev`",
        ),
        ("role = \"dba\"\nteam = \"y\"", "role = \"dev\"\nteam = \"y\"", false, "`bob` has the role `dev`"),
        ("team = \"x\"", "team = \"w\"", true, "`alice` is of team `w`; before `x`"),
        ("operators = [\"bob\"]", "operators = [\"alice\"]", true, "`bob` no longer counts as operating `bot`"),
        ("operators = [\"bob\"]", "operators = [\"bob\", \"alice\"]", false, "`alice` operates `bot` too"),
        ("kind = \"agent\"\noperators = [\"bob\"]", "kind = \"person\"", true, "`bot` is of kind person; before agent"),
        ("dba = [\"bob\"", "dba = [\"bob\", \"dan\"", true, "policy `a`: `dan` may approve too"),
        ("dba = [\"bob\"", "dba = [\"bob\", \"dan\"", false, "group `dba` also has `dan`"),
        ("\"dev\", \"dba\"]", "\"dev\", \"ops\", \"dba\"]", true, "roles are dev < ops < dba"),
        (&key, &two, false, "`dan` signs with key SHA256:"),
        ("[groups]", "[groups]\nops = [\"dan\"]", false, "new group `ops`: `dan`"),
        (&"ab".repeat(20), &"cd".repeat(20), true, "the revocation of key SHA256:"),
        (&"ab".repeat(20), &"cd".repeat(20), false, "to be doubted since commit cdcd"),
    ] {
        let (config, people) = if CONFIG.contains(from) {
            (CONFIG.replacen(from, to, 1), roster())
        } else {
            assert!(roster().contains(from), "{from}");
            (CONFIG.to_owned(), roster().replacen(from, to, 1))
        };
        let changes = between(&version(CONFIG, &roster()), &version(&config, &people));
        let (own, other) = if weaker { (&changes.weaker, &changes.other) } else { (&changes.other, &changes.weaker) };
        assert!(own.iter().any(|text| text.contains(said)), "{from} -> {to}: {changes:#?}");
        assert!(!other.iter().any(|text| text.contains(said)), "{from} -> {to}: {changes:#?}");
    }
}

#[test]
fn policies_come_go_and_move() {
    let parts: Vec<&str> = CONFIG.split("[[approval_policies]]").collect();
    let of = |order: &[&str]| {
        let (last, tail) = parts[4].split_once("[matching]").unwrap();
        let text = |name: &&str| match *name {
            "a" => parts[1].to_owned(),
            "b" => parts[2].to_owned(),
            "c" => parts[3].to_owned(),
            "d" => last.to_owned(),
            more => format!("\n{more}\n"),
        };
        let policies: String = order.iter().map(|name| format!("[[approval_policies]]{}", text(name))).collect();
        format!("{policies}[matching]{tail}")
    };
    let allow = "name = \"n\"\npattern = \"ls\"\nrequirement = \"allow\"";
    let two =
        "name = \"n\"\npattern = \"ls\"\nrequirement = \"any_of\"\nreviewers = [\"alice\", \"bob\"]\nmin_approvals = 2";
    let never = "name = \"n\"\npattern = \"ls\"\nrequirement = \"deny\"";
    for (order, weaker, said) in [
        (["a", "b", "d"].as_slice(), true, "policy `c` is gone (never runs)"),
        (&["a", "b", "c", allow, "d"], true, "new policy `n`, for commands like `ls`: runs without approval"),
        (&["a", "b", "c", two, "d"], false, "new policy `n`, for commands like `ls`: any 2 of"),
        (&["a", "b", "c", never, "d"], false, "new policy `n`, for commands like `ls`: never runs"),
        (&["a", "b", "d", "c"], true, "policy `d` is now tried before `c`"),
        (&["c", "a", "b", "d"], false, "policy `c` is now tried before `a`, `b`"),
    ] {
        let changes = between(&version(CONFIG, &roster()), &version(&of(order), &roster()));
        let own = if weaker { &changes.weaker } else { &changes.other };
        assert!(own.iter().any(|text| text.contains(said)), "{order:?}: {changes:#?}");
    }
    // One that takes over from a wider one below it that asks more people.
    let wide = of(&["a", "b", "c"]).replace("\"three*\"", "[\"three*\", \"*\"]");
    let narrow = "name = \"n\"\npattern = \"ls\"\nrequirement = \"any_of\"\nreviewers = [\"alice\"]";
    let taken = of(&["a", narrow, "b", "c"]).replace("\"three*\"", "[\"three*\", \"*\"]");
    let changes = between(&version(&wide, &roster()), &version(&taken, &roster()));
    assert!(changes.weaker.iter().any(|text| text.ends_with("any one of `alice`; `b` asked for more")), "{changes:#?}");
}
