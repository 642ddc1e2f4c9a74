use proptest::prelude::*;

use super::*;
use crate::record::canonical::is_hidden;
use crate::record::roster;
use crate::record::roster::tests::{key_line, person};

const SEED: &str = r#"[[approval_policies]]
name = "schema-migration"
pattern = "migrate*"
requirement = "all_of"
reviewers = ["dev-lead", "dba", "security"]
[[approval_policies]]
name = "on-call-approve"
pattern = "*"
requirement = "any_of"
reviewers = ["oncall-primary", "oncall-secondary", "eng-manager"]
[[approval_policies]]
name = "prod-deploy"
pattern = "deploy*"
requirement = "min_role"
min_role = "admin"
"#;

const FULL: &str = r#"
[defaults]
timeout = "45m"
time_zone = "Europe/Berlin"

[matching]
opaque = "schema-migration"
inert = ["mylog"]
carriers = ["with-env"]
trusted_path = ["/usr/bin", "/bin"]

[environment]
pass = ["AWS_PROFILE"]

[[environments]]
name = "production"
arguments = ["*prod*"]
variables = { KUBECONFIG = "*prod*" }
hosts = ["prod-*"]
cwd = ["/srv/prod/*"]
kube_contexts = ["prod-*"]
risk = 60

[risk]
night = "20:00-08:00"
levels = { high = 60 }
weights = { rm-root = 100, weekend = 0 }

[store]
land = "direct"
max_age = "2m"

[[approval_policies]]
name = "schema-migration"
pattern = ["migrate*", "alembic upgrade*"]
match = ["migrate up", "alembic upgrade head"]
not_match = ["alembic history"]
requirement = "all_of"
reviewers = ["alice", { group = "dba", count = 2 }, "leads/*"]
min_role = "admin"
environments = ["production"]
requesters = ["ci-*", "team:data", "group:dba"]
separation = "team"
operators = "exclude"
timeout = "1h30m"
min_review_time = "20s"
require_comment = true
runner = "ci-7"
questions = { dba = "Will it lock the table?", admin = "Is the backup fresh?" }
escalations = [
    { hours = "22:00-07:00", min_approvals = 5, min_role = "admin" },
    { risk = "high", min_approvals = 3 },
    { anomaly = true, min_approvals = 2 },
]
stdin = "inherit"
worktree = "clean"
bind = ["plan.sql"]
pin = "sealed"
hash_only = "refuse"
require_key = "pin"
allow_secret_looking = true

[[approval_policies]]
name = "psql"
argv = ["psql*"]
requirement = "any_of"
reviewers = ["alice", "dba"]
min_approvals = 2

[[approval_policies]]
name = "reads"
pattern = "ls"
pattern_type = "exact"
requirement = "allow"
"#;

fn roster(people: &[(&str, &str)]) -> Roster {
    let mut text = String::from("roles = [\"developer\", \"admin\"]\n[trust]\nadmins = [\"root\"]\nthreshold = 1\n");
    text.push_str(&person("root", "admin", "ops", 200));
    for ((id, role), seed) in people.iter().zip(1..) {
        text.push_str(&person(id, role, "data", seed));
    }
    text.push_str(&format!("[[principals]]\nid = \"ci-7\"\nkind = \"agent\"\nkeys = [\"{}\"]\n", key_line(201)));
    text.push_str("[groups]\nbots = [\"ci-7\"]\nleads = [\"root\"]\n");
    if people.iter().any(|(id, _)| *id == "erin") {
        text.push_str("dba = [\"erin\", \"fay\", \"gus\"]\n");
    }
    roster::parse("roster.toml", text.as_bytes()).unwrap()
}

fn team() -> Roster {
    roster(&[("alice", "developer"), ("erin", "developer"), ("fay", "developer"), ("gus", "admin")])
}

#[test]
fn who_lands_is_read() {
    for (text, land) in
        [("", Land::Direct), ("[store]\nland = \"direct\"\n", Land::Direct), ("[store]\nland = \"ci\"\n", Land::Ci)]
    {
        assert_eq!(parse("config.toml", format!("{SEED}{text}").as_bytes()).unwrap().land, land, "{text}");
    }
}

#[test]
fn the_seed_is_valid_as_it_stands() {
    let set = parse("config.toml", SEED.as_bytes()).unwrap();
    let names: Vec<&str> = set.policies.iter().map(|policy| policy.name.as_str()).collect();
    assert_eq!(names, ["schema-migration", "on-call-approve", "prod-deploy"]);
    assert_eq!(set.policies[0].timeout, Lifetime::minutes(30));
    let ids = ["dev-lead", "dba", "security", "oncall-primary", "oncall-secondary", "eng-manager"];
    let roster = roster(&ids.map(|id| (id, "developer")));
    assert_eq!(check_together("config.toml", SEED.as_bytes(), &set, &roster), []);
    let utc = format!("[defaults]\ntime_zone = \"UTC\"\n{SEED}");
    assert_eq!(parse("config.toml", utc.as_bytes()).unwrap().time_zone, "UTC");
    let crlf = SEED.replace('\n', "\r\n");
    assert_eq!(parse("config.toml", crlf.as_bytes()).unwrap().policies.len(), 3);
}

#[test]
fn every_key_is_read() {
    let set = parse("config.toml", FULL.as_bytes()).unwrap();
    assert_eq!(check_together("config.toml", FULL.as_bytes(), &set, &team()), []);
    assert_eq!(set.time_zone, "Europe/Berlin");
    assert_eq!(set.matching.opaque, OnOpaque::Policy("schema-migration".into()));
    assert_eq!((set.matching.inert.len(), set.matching.carriers.len()), (1, 1));
    assert_eq!(set.matching.trusted_path.as_ref().unwrap().len(), 2);
    assert_eq!(set.pass, ["AWS_PROFILE"]);
    let environment = &set.environments[0];
    let recognisers =
        (environment.arguments.len(), environment.variables.len(), environment.hosts.len(), environment.cwd.len());
    assert_eq!(recognisers, (1, 1, 1, 1));
    let [policy, psql, reads] = set.policies.as_slice() else { panic!("three policies") };
    let one = |name: &str| name.parse::<Name>().unwrap();
    let Requirement::Review(review) = &policy.requirement else { panic!("a review") };
    let entries = [Entry::One(one("alice")), Entry::Count(one("dba"), 2), Entry::Every(one("leads"))];
    assert_eq!(review.quorum, Quorum::AllOf(entries.to_vec()));
    assert_eq!(review.min_role.as_deref(), Some("admin"));
    assert_eq!((policy.patterns.len(), policy.requesters.len(), policy.environments.len()), (2, 3, 1));
    assert!(matches!(policy.requesters.as_slice(), [Requesters::Name(_), Requesters::Team(_), Requesters::Group(_)]));
    assert_eq!((policy.separation, policy.operators), (Some(Separation::Team), Operators::Exclude));
    assert_eq!(policy.timeout.seconds(), 5_400);
    assert_eq!(policy.care.min_review_time.unwrap().seconds(), 20);
    assert!(
        policy.care.require_comment && policy.care.require_key == Presence::Pin && policy.care.questions.len() == 2
    );
    assert_eq!(policy.runner, Some(one("ci-7")));
    assert_eq!(
        (policy.escalations[0].min_approvals, policy.escalations[0].min_role.as_deref()),
        (Some(5), Some("admin"))
    );
    assert_eq!(policy.escalations[1].when, When::Risk(Level::High));
    assert_eq!(policy.escalations[2].when, When::Anomaly);
    assert_eq!((set.environments[0].risk, set.environments[0].kube_contexts.len()), (Some(60), 1));
    assert_eq!(set.risk.levels, [20, 60, 80]);
    assert_eq!((set.risk.weights["rm-root"], set.risk.weights["weekend"], set.risk.weights.len()), (100, 0, 2));
    let binding = Binding {
        inherit_stdin: true,
        clean_worktree: true,
        files: vec!["plan.sql".into()],
        sealed: true,
        refuse_hash_only: true,
        allow_secret_looking: true,
    };
    assert_eq!(policy.binding, binding);
    assert!(matches!(
        &psql.requirement,
        Requirement::Review(Review { quorum: Quorum::AnyOf { count: 2, .. }, min_role: None })
    ));
    assert_eq!((psql.timeout.seconds(), psql.binding.clone()), (2_700, Binding::default()));
    assert_eq!(reads.requirement, Requirement::Allow);
}

fn first_lines(diagnostics: &[Diagnostic]) -> Vec<String> {
    let first = |diagnostic: &Diagnostic| diagnostic.to_string().lines().next().unwrap_or_default().to_owned();
    diagnostics.iter().map(|diagnostic| first(diagnostic).replacen("config.toml:", "", 1)).collect()
}

#[track_caller]
fn expect(found: &[Diagnostic], expected: &[&str], of: &str) {
    let found = first_lines(found);
    let matches = found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected));
    assert!(matches, "{of}: {found:#?}, expected {expected:#?}");
}

#[test]
fn faults_have_places() {
    // One policy, whose line 6 each case writes.
    let policy = |line: &str| {
        format!(
            "[[approval_policies]]\nname = \"a\"\npattern = \"migrate*\"\nrequirement = \"any_of\"\nreviewers = [\"alice\"]\n{line}\n"
        )
    };
    for (line, expected) in [
        ("requirment = 1", ["6:1: error[unknown-key]: unknown key `requirment` in `[[approval_policies]]`"].as_slice()),
        (
            "patern = 1\nxyz = 2",
            &["6:1: error[unknown-key]: unknown key `patern`", "7:1: error[unknown-key]: unknown key `xyz`"],
        ),
        ("min_approvals = 0", &["6:17: error[bad-value]: `min_approvals` is at least 1"]),
        ("min_approvals = -1", &["6:17: error[bad-value]: `min_approvals` is at least 1"]),
        ("min_approvals = 5000000000", &["6:17: error[bad-value]: `min_approvals` is at least 1"]),
        ("min_approvals = \"2\"", &["6:17: error[wrong-type]: `min_approvals` takes a number, not string"]),
        ("require_comment = 1", &["6:19: error[wrong-type]: `require_comment` takes true or false, not integer"]),
        ("environments = [\"prod\"]", &["6:17: error[unknown-name]: unknown environment `prod`"]),
        ("environments = [1]", &["6:17: error[wrong-type]: `environments` takes a string, not integer"]),
        ("environments = \"prod\"", &["6:16: error[wrong-type]: `environments` takes a list, not string"]),
        ("match = \"migrate\"", &["6:9: error[wrong-type]: `match` takes a list, not string"]),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"\nrequirement = \"any_of\"\nreviewers = \"alice\"",
            &["10:13: error[wrong-type]: `reviewers` takes a list, not string"],
        ),
        ("requesters = [\"role:x\"]", &["6:15: error[bad-value]: unknown kind of requesters"]),
        ("requesters = [\"group:X\"]", &["6:15: error[bad-value]: `X` is not a name"]),
        ("separation = \"teem\"", &["6:14: error[bad-value]: unknown separation `teem`"]),
        ("operators = \"no\"", &["6:13: error[bad-value]: unknown operators `no`"]),
        ("timeout = \"30\"", &["6:11: error[bad-value]: `30` is not a duration"]),
        ("timeout = \"0s\"", &["6:11: error[bad-value]: a duration of nothing"]),
        ("timeout = 30", &["6:11: error[wrong-type]: `timeout` takes a string, not integer"]),
        ("min_review_time = \"x\"", &["6:19: error[bad-value]: `x` is not a duration"]),
        ("runner = \"A\"", &["6:10: error[bad-value]: `A` is not a name"]),
        ("questions = { A = \"x\" }", &["6:19: error[bad-value]: `A` is not a name"]),
        ("questions = { dba = \" \" }", &["6:21: error[bad-value]: ` ` is not a question"]),
        ("escalations = [{ risk = \"hi\", min_approvals = 3 }]", &["6:25: error[bad-value]: unknown risk `hi`"]),
        (
            "escalations = [{ anomaly = false, min_approvals = 3 }]",
            &["6:28: error[bad-value]: `anomaly = false` never holds"],
        ),
        (
            "escalations = [{ risk = \"high\", anomaly = true, min_approvals = 3 }]",
            &["6:16: error[conflict]: an escalation has several conditions"],
        ),
        ("[risk]\nnight = \"22\"", &["7:9: error[bad-value]: `22` is not a window of hours"]),
        ("[risk]\nlevels = { high = 10 }", &["7:10: error[bad-value]: levels must rise: 0 < medium < high < critical"]),
        ("[risk]\nlevels = { hi = 10 }", &["7:12: error[unknown-key]: unknown key `hi` in `levels`"]),
        ("[risk]\nweights = { night = 101 }", &["7:21: error[bad-value]: `night` is a whole number from 0 to 100"]),
        ("[risk]\nweights = { nite = 1 }", &["7:20: error[bad-value]: there is no signal `nite`"]),
        ("escalations = [{ min_approvals = 3 }]", &["6:16: error[missing-key]: an escalation has no condition"]),
        ("escalations = [{ hours = \"22:00-07:00\" }]", &["6:16: error[missing-key]: an escalation raises nothing"]),
        (
            "escalations = [{ hours = \"22-7\", min_approvals = 2 }]",
            &["6:26: error[bad-value]: `22-7` is not a window of hours"],
        ),
        (
            "escalations = [{ hour = \"22:00-07:00\", min_approvals = 2 }]",
            &[
                "6:16: error[missing-key]: an escalation has no condition",
                "6:18: error[unknown-key]: unknown key `hour` in an escalation",
            ],
        ),
        (
            "record = \"journal\"",
            &["6:10: error[unsupported]: `record` is not supported by this version, so it would not be enforced"],
        ),
        ("stdin = \"any\"", &["6:9: error[bad-value]: unknown stdin `any`"]),
        ("worktree = \"dirty\"", &["6:12: error[bad-value]: unknown worktree `dirty`"]),
        ("pin = \"checked\"", &["6:7: error[bad-value]: unknown pin `checked`"]),
        ("hash_only = \"accept\"", &["6:13: error[bad-value]: unknown hash_only `accept`"]),
        ("bind = [\"/etc/x\"]", &["6:9: error[bad-value]: `/etc/x` is not a path relative to the working directory"]),
        ("require_key = \"yes\"", &["6:15: error[bad-value]: unknown require_key `yes`"]),
        ("argv = [\"migrate\"]", &["6:8: error[conflict]: both `pattern` and `argv`"]),
        ("match = [\"deploy\"]", &["6:10: error[example]: `deploy` does not match this policy's pattern"]),
        ("not_match = [\"migrate up\"]", &["6:14: error[example]: `migrate up` matches this policy's pattern"]),
        (
            "[[approval_policies]]\nname = \"b\"\nrequirement = \"deny\"",
            &["6:1: error[missing-key]: `[[approval_policies]]` has no `pattern`"],
        ),
        (
            "[[approval_policies]]\nname = \"a\"\npattern = \"x\"\nrequirement = \"deny\"",
            &["7:8: error[cannot-hold]: another policy above has this name"],
        ),
        (
            "[[approval_policies]]\nname = \" b\"\npattern = \"x\"\nrequirement = \"deny\"",
            &["7:8: error[bad-value]: ` b` cannot be a name"],
        ),
        (
            "[[approval_policies]]\npattern = \"x\"\nrequirement = \"deny\"",
            &["6:1: error[missing-key]: `[[approval_policies]]` has no `name`"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = []\nrequirement = \"deny\"",
            &["8:11: error[bad-value]: an empty list matches nothing"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"\"\nrequirement = \"deny\"",
            &["8:11: error[bad-value]: `` is not a pattern: it is empty"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"\npattern_type = \"fuzzy\"\nrequirement = \"deny\"",
            &["9:16: error[bad-value]: unknown pattern_type `fuzzy`"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"\nrequirement = \"all\"",
            &["9:15: error[bad-value]: unknown requirement `all`"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"",
            &["6:1: error[missing-key]: `[[approval_policies]]` has no `requirement`"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"\nrequirement = \"allow\"\nmin_approvals = 2",
            &["10:17: error[conflict]: `min_approvals` means nothing where nobody reviews"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"\nrequirement = \"all_of\"\nreviewers = [\"a\"]\nmin_approvals = 2",
            &["11:17: error[conflict]: `min_approvals` means nothing with `all_of`"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"\nrequirement = \"all_of\"\nreviewers = []",
            &["10:13: error[bad-value]: no reviewers"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"\nrequirement = \"any_of\"",
            &["6:1: error[missing-key]: `[[approval_policies]]` has no `reviewers`"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"\nrequirement = \"any_of\"\nreviewers = [{ group = \"dba\", count = 2 }]",
            &["10:14: error[conflict]: a count of its own means nothing with `any_of`"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"\nrequirement = \"all_of\"\nreviewers = [{ group = \"dba\" }, 7]",
            &[
                "10:14: error[missing-key]: a reviewer has no `count`",
                "10:33: error[wrong-type]: `reviewers` takes a string, not integer",
            ],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"\nrequirement = \"min_role\"",
            &["6:1: error[missing-key]: a `min_role` policy has no `min_role`"],
        ),
        (
            "[[approval_policies]]\nname = \"b\"\npattern = \"x\"\nrequirement = \"min_role\"\nmin_role = \"admin\"\nreviewers = [\"a\"]",
            &["11:13: error[conflict]: `reviewers` means nothing with `min_role` alone"],
        ),
        ("[matching]\nopaque = \"nowhere\"", &["7:10: error[unknown-name]: unknown policy `nowhere`"]),
        (
            "[matching]\ninert = [\"/bin/ls\"]\ntrusted_path = [\"bin\"]",
            &[
                "7:10: error[bad-value]: `/bin/ls` is not the name of a program",
                "8:17: error[bad-value]: `bin` is not an absolute path",
            ],
        ),
        ("[defaults]\ntime_zone = \"Mars/Olympus\"", &["7:13: error[bad-value]: unknown time zone `Mars/Olympus`"]),
        ("[defaults]\ntime_zone = \"europe/berlin\"", &["7:13: error[bad-value]: unknown time zone `europe/berlin`"]),
        ("[defaults]\ntime_zone = \"../../etc/passwd\"", &["7:13: error[bad-value]: unknown time zone"]),
        ("[environment]\npass = [\"A=B\"]", &["7:9: error[bad-value]: `A=B` is not the name of a variable"]),
        ("[[environments]]\nname = \"p\"", &["6:1: error[missing-key]: nothing recognises this environment"]),
        (
            "[[environments]]\nname = \"p\"\nhosts = [\"x\"]\n[[environments]]\nname = \"p\"\nhosts = [\"y\"]",
            &["10:8: error[cannot-hold]: another environment above has this name"],
        ),
        ("[store]\nland = \"cl\"", &["7:8: error[bad-value]: unknown land `cl`"]),
        ("store = \"direct\"", &["6:1: error[unknown-key]: unknown key `store`"]),
        ("[stores]\nland = \"ci\"", &["6:2: error[unknown-key]: unknown key `stores` in the file"]),
        ("[[store]]\nland = \"ci\"", &["6:1: error[wrong-type]: `store` takes a table, not array"]),
        ("name = \"b\"", &["6:1: error[syntax]: duplicate key"]),
        ("timeout = ", &["6:11: error[syntax]: "]),
        ("# \u{202e}", &["6:3: error[hidden-character]: hidden character `\\u202E`"]),
    ] {
        expect(&parse("config.toml", policy(line).as_bytes()).unwrap_err(), expected, line);
    }
    expect(
        &parse("config.toml", b"x = \"\xff\"").unwrap_err(),
        &["1:6: error[not-utf-8]: not UTF-8 at byte 5"],
        "latin-1",
    );
    let large = vec![b'\n'; (2 << 20) + 1];
    expect(&parse("config.toml", &large).unwrap_err(), &["1:1: error[too-large]: 2097153 bytes"], "large");
    expect(
        &parse("config.toml", format!("\u{feff}{SEED}").as_bytes()).unwrap_err(),
        &["1:1: error[hidden-character]"],
        "bom",
    );
}

#[test]
fn advice_and_excerpt_are_shown() {
    let diagnostics = parse("config.toml", SEED.replacen("requirement", "requirment", 1).as_bytes()).unwrap_err();
    let shown: Vec<String> = diagnostics.iter().map(Diagnostic::to_string).collect();
    assert_eq!(
        shown,
        [
            "config.toml:1:1: error[missing-key]: `[[approval_policies]]` has no `requirement`\n  [[approval_policies]]\n  ^^^^^^^^^^^^^^^^^^^^^",
            "config.toml:4:1: error[unknown-key]: unknown key `requirment` in `[[approval_policies]]`\n  requirment = \"all_of\"\n  ^^^^^^^^^^\n  help: did you mean `requirement`?",
        ]
    );
}

#[test]
fn what_the_roster_cannot_hold() {
    let policy = |line: &str| format!("[[approval_policies]]\nname = \"a\"\npattern = \"x\"\n{line}\n");
    for (line, expected) in [
        (
            "requirement = \"all_of\"\nreviewers = [\"alise\", \"ci-7\"]",
            [
                "5:14: error[unknown-name]: unknown reviewer `alise`",
                "5:23: error[cannot-hold]: reviewer `ci-7` is of kind `agent`",
            ]
            .as_slice(),
        ),
        (
            "requirement = \"any_of\"\nreviewers = [\"bots\"]",
            &["5:14: error[cannot-hold]: group `bots` holds `ci-7`, which is not a person"],
        ),
        (
            "requirement = \"all_of\"\nreviewers = [{ group = \"dba\", count = 4 }]",
            &["5:14: error[cannot-hold]: group `dba` has 3 members, 4 are asked for"],
        ),
        (
            "requirement = \"all_of\"\nreviewers = [\"alice/*\"]",
            &["5:14: error[cannot-hold]: `alice` is a principal, not a group"],
        ),
        (
            "requirement = \"all_of\"\nreviewers = [\"alice\", \"alice\"]",
            &["5:13: error[cannot-hold]: 2 different people are asked for, but its reviewers are only 1"],
        ),
        (
            "requirement = \"all_of\"\nreviewers = [\"dba/*\", \"erin\"]",
            &["5:13: error[cannot-hold]: 4 different people are asked for, but its reviewers are only 3"],
        ),
        (
            "requirement = \"any_of\"\nreviewers = [\"alice\"]\nmin_approvals = 2",
            &["6:17: error[cannot-hold]: 2 approvals are asked for, but only 1 people may give one"],
        ),
        (
            "requirement = \"any_of\"\nreviewers = [\"alice\"]\nmin_role = \"admin\"",
            &["6:12: error[cannot-hold]: none of its reviewers holds the role `admin`"],
        ),
        ("requirement = \"min_role\"\nmin_role = \"adminn\"", &["5:12: error[unknown-name]: unknown role `adminn`"]),
        (
            "requirement = \"min_role\"\nmin_role = \"admin\"\nescalations = [{ hours = \"22:00-07:00\", min_role = \"boss\" }]",
            &["6:52: error[unknown-name]: unknown role `boss`"],
        ),
        (
            "requirement = \"any_of\"\nreviewers = [\"dba\"]\nescalations = [{ hours = \"22:00-07:00\", min_approvals = 4 }]",
            &["6:57: error[cannot-hold]: 4 approvals are asked for, but only 3 people may give one"],
        ),
        (
            "requirement = \"min_role\"\nmin_role = \"admin\"\nrunner = \"ci-8\"",
            &["6:10: error[unknown-name]: unknown principal `ci-8`"],
        ),
        (
            "requirement = \"min_role\"\nmin_role = \"admin\"\nrequesters = [\"group:ops\", \"team:dat\", \"ci-*\"]",
            &["6:15: error[unknown-name]: unknown group `ops`", "6:28: error[unknown-name]: unknown team `dat`"],
        ),
        (
            "requirement = \"any_of\"\nreviewers = [\"dba\"]\nquestions = { dbs = \"lock?\" }",
            &["6:21: error[cannot-hold]: no seat `dbs` in this policy"],
        ),
    ] {
        let text = policy(line);
        let set = parse("config.toml", text.as_bytes()).unwrap();
        expect(&check_together("config.toml", text.as_bytes(), &set, &team()), expected, line);
    }
}

/// Nesting by dotted keys, tables and inline tables together ends in an error, not in a full stack.
#[test]
fn nesting_ends_in_an_error() {
    let dotted = "a.".repeat(75) + "a";
    for nest in [
        format!("x = {}", "[".repeat(100_000)),
        format!("{}a = 1", "a.".repeat(100_000)),
        format!("[{dotted}]\n{dotted} = {}1{}", format!("{{{dotted} = ").repeat(70), "}".repeat(70)),
    ] {
        assert!(!parse("config.toml", nest.as_bytes()).unwrap_err().is_empty());
    }
}

#[test]
fn faults_are_bounded() {
    let text: String = (0..5_000).map(|n| format!("k{n} = 1\n")).collect();
    assert_eq!(parse("config.toml", text.as_bytes()).unwrap_err().len(), 100);
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read(bytes: Vec<u8>, text: String) {
        let _ = parse("config.toml", &bytes);
        let _ = parse("config.toml", text.as_bytes());
    }

    #[test]
    fn any_change_is_refused_or_read(at: prop::sample::Index, with in "[\"\\[\\]{}=\n .a0\u{202e}é-]{0,4}", cut in 0..9_usize) {
        let at = at.index(FULL.len());
        let changed: String = FULL.chars().take(at).chain(with.chars()).chain(FULL.chars().skip(at + cut)).collect();
        match parse("config.toml", changed.as_bytes()) {
            Ok(set) => drop(check_together("config.toml", changed.as_bytes(), &set, &team())),
            Err(diagnostics) => {
                prop_assert!(!diagnostics.is_empty());
                let shown: String = diagnostics.iter().map(Diagnostic::to_string).collect();
                prop_assert!(!shown.chars().any(|c| is_hidden(c) && c != '\n'));
            }
        }
    }
}

#[test]
fn ten_thousand_policies_are_one_file() {
    let policy = |n: usize| {
        format!(
            "[[approval_policies]]\nname = \"policy-{n}\"\npattern = [\"svc-{n} restart*\", \"svc-{n} stop*\"]\nrequirement = \"any_of\"\nreviewers = [\"alice\", \"bob\"]\n\n"
        )
    };
    let text: String = (0..10_000).map(policy).collect();
    assert_eq!(parse("config.toml", text.as_bytes()).unwrap().policies.len(), 10_000);
    let twice = format!("{text}{}", policy(77));
    expect(&parse("config.toml", twice.as_bytes()).unwrap_err(), &["60002:8: error[cannot-hold]: another"], "twice");
}

#[test]
fn what_patterns_take_in_memory_is_bounded() {
    let many = |pattern: &str, kind: &str| {
        let patterns = format!("'{pattern}', ").repeat(((2 << 20) - 200) / (pattern.len() + 4));
        let text = format!(
            "[[approval_policies]]\nname = \"a\"\nrequirement = \"deny\"\npattern_type = \"{kind}\"\npattern = [{patterns}]\n"
        );
        parse("config.toml", text.as_bytes()).unwrap_err()
    };
    for (pattern, kind) in [
        (r"\w{30}".to_owned(), "regex"),
        (r"\w{999}{999}".to_owned(), "regex"),
        (format!("*{}{}", "{,}".repeat(6), "x".repeat(4000)), "glob"),
    ] {
        let faults = many(&pattern, kind);
        assert_eq!(faults.len(), 100, "{pattern}");
        let last = &faults[99];
        assert!(last.code == "too-large" && last.message.contains("more than 64 MiB"), "{last}");
    }
}

#[test]
fn reviewers_are_bounded() {
    let with = |count: usize| {
        let names = "\"alice\", ".repeat(count);
        format!(
            "[[approval_policies]]\nname = \"a\"\npattern = \"*\"\nrequirement = \"any_of\"\nreviewers = [{names}]\n"
        )
    };
    assert!(parse("config.toml", with(256).as_bytes()).is_ok());
    let faults = parse("config.toml", with(257).as_bytes()).unwrap_err();
    assert_eq!(
        (faults[0].code, faults[0].message.as_str()),
        ("too-large", "257 reviewers, of which at most 256 are read")
    );
}

#[test]
fn trying_examples_is_bounded() {
    let text = format!(
        "[[approval_policies]]\nname = \"a\"\nrequirement = \"deny\"\npattern = [{}]\nnot_match = [{}]\n",
        "\"*a*b\", ".repeat(100_000),
        "\"zzzz\", ".repeat(100_000)
    );
    expect(&parse("config.toml", text.as_bytes()).unwrap_err(), &["5:"], "examples");
}

#[test]
fn no_more_faults_are_looked_for_than_are_told() {
    let unknown = "\"x\", ".repeat(100_000);
    let environments: String =
        (0..10_000).map(|n| format!("[[environments]]\nname = \"e{n}\"\nhosts = \"h\"\n")).collect();
    let text = format!(
        "{environments}[[approval_policies]]\nname = \"a\"\npattern = \"*\"\nrequirement = \"deny\"\nenvironments = [{unknown}]\n"
    );
    let document = Document::open("config.toml", text.as_bytes(), root::MAX_FILE).unwrap();
    let set = document.read(set).unwrap();
    assert_eq!(set.own_faults().len(), 100);
    assert_eq!(parse("config.toml", text.as_bytes()).unwrap_err().len(), 100);
}
