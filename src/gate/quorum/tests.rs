use super::*;
use crate::domain::id::{CommitId, Digest};
use crate::domain::key::PublicKey;
use crate::domain::principal::{Kind, Principal, RosterDraft};
use crate::domain::request::Place;
use crate::domain::requirement::{Care, Entry, Quorum, Review, Separation, When};
use crate::domain::risk::Level;
use crate::domain::time::Lifetime;
use crate::gate::quorum::seating::Seating;
use proptest::prelude::*;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn key(nth: u8) -> PublicKey {
    let point = ed25519_dalek::SigningKey::from_bytes(&[nth + 1; 32]).verifying_key().to_bytes();
    let key = ssh_key::PublicKey::from(ssh_key::public::Ed25519PublicKey(point));
    PublicKey::parse(&key.to_openssh().unwrap()).unwrap()
}

/// `alice:dba@data bot(bob,alice)@plat +dba=alice,erin`: persons with role and team, agents, groups.
fn roster(text: &str) -> Roster {
    let mut draft = RosterDraft {
        roles: ["developer", "dba", "lead", "admin"].map(str::to_owned).to_vec(),
        threshold: 1,
        ..RosterDraft::default()
    };
    let names = |list: &str| list.split(',').filter(|one| !one.is_empty()).map(name).collect::<Vec<_>>();
    for (nth, word) in text.split_whitespace().enumerate() {
        if let Some(group) = word.strip_prefix('+') {
            let (group, members) = group.split_once('=').unwrap();
            draft.groups.push((name(group), names(members)));
            continue;
        }
        let (word, team) = word.split_once('@').map_or((word, None), |(word, team)| (word, Some(team.to_owned())));
        let (word, operators) = word.split_once('(').map_or((word, None), |(word, who)| (word, Some(who)));
        let (id, role) = word.split_once(':').map_or((word, None), |(id, role)| (id, Some(role.to_owned())));
        draft.principals.push(Principal {
            id: name(id),
            kind: if operators.is_some() { Kind::Agent } else { Kind::Person },
            role,
            team,
            operators: operators.map_or_else(Vec::new, |who| names(who.trim_end_matches(')'))),
            keys: vec![key(nth as u8)],
        });
    }
    draft.admins = draft.principals.iter().filter(|p| p.kind == Kind::Person).map(|p| p.id.clone()).take(1).collect();
    Roster::new(draft).unwrap()
}

/// `all_of dev dba*2 ops/*`, `any_of 2 dba carol`, `min_role 1 admin`, with options: `role=lead`, `sep=team`,
/// `ops=exclude`, `slow=20`, `comment`, `ask=dba`, `key=touch`, `22:00-07:00=3,admin`, `!high=3` and `!odd=2` for risk and anomaly.
fn policy(text: &str) -> Policy {
    let mut words = text.split_whitespace();
    let model = words.next().unwrap();
    let count = if matches!(model, "any_of" | "min_role") { words.next().unwrap().parse().unwrap() } else { 0 };
    let mut entries = Vec::new();
    let mut min_role = (model == "min_role").then(|| words.next().unwrap().to_owned());
    let (mut separation, mut operators) = (None, Operators::default());
    let (mut care, mut escalations) = (Care::default(), Vec::new());
    for word in words {
        let (option, value) = word.split_once('=').unwrap_or((word, ""));
        match (option, value) {
            ("role", role) => min_role = Some(role.to_owned()),
            ("sep", "team") => separation = Some(Separation::Team),
            ("sep", "role") => separation = Some(Separation::Role),
            ("ops", "exclude") => operators = Operators::Exclude,
            ("ops", "count") => operators = Operators::Count,
            ("slow", seconds) => care.min_review_time = Some(Lifetime::from_seconds(seconds.parse().unwrap()).unwrap()),
            ("comment", "") => care.require_comment = true,
            ("ask", seat) => care.questions.push((name(seat), "why?".to_owned())),
            ("key", "touch") => care.require_key = Presence::Touch,
            (when, raise) if when.contains(':') || when.starts_with('!') => {
                let (least, role) = raise.split_once(',').unwrap_or((raise, ""));
                escalations.push(Escalation {
                    when: match when.strip_prefix('!') {
                        Some("odd") => When::Anomaly,
                        Some(level) => When::Risk(heat(level).level),
                        None => When::Hours(when.parse().unwrap()),
                    },
                    min_approvals: least.parse().ok(),
                    min_role: (!role.is_empty()).then(|| role.to_owned()),
                });
            }
            (entry, "") => entries.push(match (entry.strip_suffix("/*"), entry.split_once('*')) {
                (Some(group), _) => Entry::Every(name(group)),
                (None, Some((group, count))) => Entry::Count(name(group), count.parse().unwrap()),
                (None, None) => Entry::One(name(entry)),
            }),
            other => panic!("{other:?}"),
        }
    }
    let requirement = match model {
        "allow" => Requirement::Allow,
        "deny" => Requirement::Deny,
        "all_of" => Requirement::Review(Review { quorum: Quorum::AllOf(entries), min_role }),
        "any_of" => Requirement::Review(Review { quorum: Quorum::AnyOf { pool: entries, count }, min_role }),
        "min_role" => Requirement::Review(Review { quorum: Quorum::MinRole { count }, min_role }),
        other => panic!("{other}"),
    };
    Policy {
        name: "p".to_owned(),
        patterns: Vec::new(),
        requirement,
        environments: Vec::new(),
        requesters: Vec::new(),
        separation,
        operators,
        timeout: Lifetime::minutes(30),
        care,
        runner: None,
        escalations,
        binding: Default::default(),
    }
}

fn at(clock: &str) -> Timestamp {
    format!("2026-11-22T{clock}:00Z").parse().unwrap()
}

/// `alice/fast/mute/dba/touch/23:00/deny`: who, then how; the default took a minute at noon and says "ok".
type Cast = (Decision, Presence, Heat);

/// `high` is a level, `odd` an anomaly.
fn heat(word: &str) -> Heat {
    let level = Level::ALL.into_iter().find(|level| level.as_str() == word).unwrap_or_default();
    Heat { level, anomaly: word == "odd" }
}

fn vote(text: &str) -> Cast {
    let mut words = text.split('/');
    let mut decision = Decision {
        place: Place { repo: Digest::new([0; 32]), base: CommitId::new([0; 20]), root: Digest::new([0; 32]) },
        request: Digest::new([1; 32]),
        seen: Vec::new(),
        reviewer: name(words.next().unwrap()),
        verdict: Verdict::Approve,
        comment: "ok".to_owned(),
        answers: BTreeMap::new(),
        suggest: None,
        card: Digest::new([2; 32]),
        shown: at("00:00"),
        decided: at("12:00"),
    };
    let (mut took, mut presence, mut hot) = (60, Presence::Key, Heat::default());
    for word in words {
        match word {
            "fast" => took = 3,
            "backwards" => took = -60,
            "mute" => decision.comment = " \n\u{200b}\u{3164}".to_owned(),
            "touch" => presence = Presence::Touch,
            word if word.starts_with('!') => hot = heat(word.trim_start_matches('!')),
            "deny" => decision.verdict = Verdict::Deny,
            clock if clock.contains(':') => decision.decided = at(clock),
            blank if blank.ends_with('?') => {
                drop(decision.answers.insert(name(blank.trim_end_matches('?')), " ".into()))
            }
            seat => drop(decision.answers.insert(name(seat), "because".to_owned())),
        }
    }
    decision.shown = Timestamp::from_unix(decision.decided.unix() - took).unwrap();
    (decision, presence, hot)
}

fn votes(text: &str) -> Vec<Cast> {
    text.split_whitespace().map(vote).collect()
}

fn count(policy: &Policy, roster: &Roster, requester: &str, cast: &[Cast]) -> Tally {
    let (requester, hot) = requester.split_once('!').unwrap_or((requester, ""));
    let requester = name(requester);
    let votes: Vec<Vote<'_>> =
        cast.iter().map(|(decision, presence, heat)| Vote { decision, presence: *presence, heat: *heat }).collect();
    let moment = Moment { now: at("13:00"), requested: at("11:00"), time_zone: "UTC", heat: heat(hot) };
    tally(policy, &Asking { requester: &requester, roster }, &votes, &moment)
}

fn said(tally: &Tally) -> String {
    let counted =
        tally.counted.iter().map(|c| c.seat.as_ref().map_or(c.reviewer.to_string(), |s| format!("{}={s}", c.reviewer)));
    let lacks = tally.missing.iter().map(|m| {
        let who: Vec<&str> = m.who.iter().map(Name::as_str).collect();
        format!("lacks {} ({})", m.what, who.join(","))
    });
    let refused = tally.not_counted.iter().map(|(who, why)| format!("{who} {why}"));
    std::iter::once(if tally.met { "yes" } else { "no" }.to_owned())
        .chain(counted)
        .chain(lacks)
        .chain(refused)
        .collect::<Vec<_>>()
        .join("; ")
}

/// alice and erin are DBAs, bob operates bot.
const TEAM: &str = "alice:dba@data erin:dba@data bob:developer@plat carol:lead@sec dave:admin@sec frank \
    bot(bob)@plat loner()@plat teamless(bob) bot2(dave) +dba=alice,erin +dev=bob,carol +sec=alice,carol +few=bob,dave +mixed=dave,bot +none= +machines=bot";

#[test]
fn the_table() {
    let roster = roster(TEAM);
    // policy | requester | votes | verdict; who counts; what is lacking (who could); who does not count
    let table = "
all_of dev dba | loner | bob alice | yes; alice=dba; bob=dev
all_of dev dba | loner | bob | no; bob=dev; lacks 1 more of `dba` (alice,erin)
all_of dev dba | loner | | no; lacks 1 more of `dba` (alice,erin); lacks 1 more of `dev` (bob,carol)
all_of dba sec | loner | alice | no; alice=dba; lacks 1 more of `sec` (carol,erin)
all_of dba sec | loner | alice erin | yes; alice=sec; erin=dba
all_of dba alice | loner | alice erin | yes; alice=alice; erin=dba
all_of dba dba | loner | alice alice | no; alice=dba; lacks 1 more of `dba` (erin)
all_of dba*2 sec | loner | alice erin carol | yes; alice=dba; carol=sec; erin=dba
all_of dba*2 sec | loner | alice erin | no; alice=dba; erin=dba; lacks 1 more of `sec` (carol)
all_of dba/* | loner | alice | no; alice=dba; lacks 1 more of `dba` (erin)
all_of dba/* | loner | alice erin | yes; alice=dba; erin=dba
all_of dba/* | alice | erin | no; erin=dba; lacks 1 more of `dba` ()
all_of dba | loner | alice erin | yes; alice=dba; erin
all_of dba | alice | alice | no; lacks 1 more of `dba` (erin); alice asks for it, and nobody approves their own request
all_of dba | loner | nobody | no; lacks 1 more of `dba` (alice,erin); nobody is not in the roster
all_of dba | loner | bot | no; lacks 1 more of `dba` (alice,erin); bot is not a person, and only persons review
all_of mixed | loner | bot | no; lacks 1 more of `mixed` (dave); bot is not a person, and only persons review
all_of dba*0 | loner | | no; lacks 1 more of `dba` (alice,erin)
all_of dba none | loner | alice | no; alice=dba; lacks 1 more of `none` ()
all_of dba none/* | loner | alice | no; alice=dba; lacks 1 more of `none` ()
all_of dba machines/* | loner | alice | no; alice=dba; lacks 1 more of `machines` ()
all_of mixed/* | loner | dave | yes; dave=mixed
all_of dba | loner | carol | no; lacks 1 more of `dba` (alice,erin); carol is not among the reviewers of this policy
all_of dba | loner | alice/deny | no; lacks 1 more of `dba` (alice,erin)
all_of alice | gone | alice | no; lacks `alice` (); alice cannot be told apart from `gone`, who asks and is not in the roster
all_of dba dev role=lead | loner | alice bob | no; alice=dba; bob=dev; lacks one holding `lead` or higher (carol)
all_of dba dev role=lead | loner | alice bob carol | yes; alice=dba; bob; carol=dev
all_of few | bot | bob | no; bob=few; lacks someone who does not operate `bot` (dave)
all_of few | bot | bob dave | yes; bob; dave=few
all_of few dba | bot | bob alice | yes; alice=dba; bob=few
any_of 1 dba | loner | erin | yes; erin
any_of 2 dba dev | loner | alice alice | no; alice; lacks 1 more of `dba`, `dev` (bob,carol,erin)
any_of 2 dba dev | loner | alice bob | yes; alice; bob
any_of 2 dba dev role=lead | loner | alice bob | no; alice; bob; lacks one holding `lead` or higher (carol)
any_of 2 dba dev role=lead | loner | alice carol | yes; alice; carol
any_of 1 few role=admin | bot | bob dave | yes; bob; dave
any_of 1 dev | bot | bob | no; bob; lacks someone who does not operate `bot` (carol)
any_of 1 dev ops=exclude | bot | bob | no; lacks 1 more of `dev` (carol); bob operates `bot`, whose operators do not count here
any_of 1 dev ops=count | bot | bob | yes; bob
any_of 2 dev | bot | bob carol | yes; bob; carol
min_role 1 lead | loner | alice | no; lacks 1 more holding `lead` or higher (carol,dave); alice does not hold the role `lead` or a higher one
min_role 1 lead | loner | carol | yes; carol
min_role 1 lead | loner | dave | yes; dave
min_role 2 lead | loner | dave frank | no; dave; lacks 1 more holding `lead` or higher (carol); frank does not hold the role `lead` or a higher one
min_role 1 lead | carol | carol | no; lacks 1 more holding `lead` or higher (dave); carol asks for it, and nobody approves their own request
any_of 1 dba dev sep=team | bot | bob | no; lacks 1 more of `dba`, `dev` (alice,carol,erin); bob is of team `plat`, like `bot`
any_of 1 dba dev sep=team | bot | carol | yes; carol
any_of 1 dba frank sep=team | bot | frank | no; lacks 1 more of `dba`, `frank` (alice,erin); frank cannot be of another team than who asks: `frank` has no team
any_of 1 dba sep=team | teamless | alice | no; lacks 1 more of `dba` (); alice cannot be of another team than who asks: `teamless` has no team
any_of 1 dba sep=team | erin | alice | no; lacks 1 more of `dba` (); alice is of team `data`, like `erin`
any_of 1 dba sep=role | erin | alice | no; lacks 1 more of `dba` (); alice has the role `dba`, like `erin`
any_of 1 dba sep=role | bot | alice | yes; alice
any_of 1 dba sep=role | loner | alice | no; lacks 1 more of `dba` (); alice cannot be of another role than who asks: `loner` has no role
any_of 1 frank sep=role | bot | frank | no; lacks 1 more of `frank` (); frank cannot be of another role than who asks: `frank` has no role
any_of 1 dba slow=20 | loner | alice/fast | no; lacks 1 more of `dba` (alice,erin); alice decided after 3 s, and the policy asks for at least 20 s
any_of 1 dba slow=20 | loner | alice/backwards | no; lacks 1 more of `dba` (alice,erin); alice decided after 0 s, and the policy asks for at least 20 s
any_of 1 dba slow=20 | loner | alice/fast alice | yes; alice
any_of 1 dba slow=60 | loner | alice | yes; alice
any_of 1 dba comment | loner | alice/mute | no; lacks 1 more of `dba` (alice,erin); alice gave no comment, and the policy asks for one
any_of 1 dba comment | loner | alice | yes; alice
any_of 1 dba | loner | alice/mute/fast | yes; alice
any_of 1 dba key=touch | loner | alice erin/touch | yes; erin; alice signed with a key that proved no touch
any_of 1 dba key=touch slow=20 | loner | alice/touch/fast alice | no; lacks 1 more of `dba` (alice,erin); alice decided after 3 s, and the policy asks for at least 20 s
any_of 1 dba ask=dba | loner | alice | no; lacks 1 more of `dba` (alice,erin); alice left the question for `dba` unanswered: `why?`
any_of 1 dba ask=dba | loner | alice/dba? | no; lacks 1 more of `dba` (alice,erin); alice left the question for `dba` unanswered: `why?`
any_of 1 dba ask=dba | loner | alice/dba | yes; alice
any_of 1 dba sec ask=dba | loner | carol | yes; carol
any_of 1 dba sec ask=dba | loner | alice | no; lacks 1 more of `dba`, `sec` (alice,carol,erin); alice left the question for `dba` unanswered: `why?`
all_of dba sec ask=dba | loner | alice erin/dba | yes; alice=sec; erin=dba
all_of dba sec ask=dba | loner | alice erin | no; alice=sec; lacks 1 more of `dba` (erin); erin left the question for `dba` unanswered: `why?`
all_of sec dev ask=lead | loner | alice carol | no; alice=sec; lacks 1 more of `dev` (bob,carol); carol left the question for `lead` unanswered: `why?`
all_of sec dev ask=lead | loner | alice carol/lead | yes; alice=sec; carol=dev
min_role 1 lead ask=lead | loner | dave | no; lacks 1 more holding `lead` or higher (carol,dave); dave left the question for `lead` unanswered: `why?`
min_role 1 lead ask=lead | loner | dave/lead | yes; dave
min_role 1 lead ask=admin | loner | carol | yes; carol
any_of 1 dba dev 10:00-12:00=3 | loner | alice bob | no; alice; bob; lacks 1 more of `dba`, `dev` (carol,erin)
any_of 1 dba dev 10:00-12:00=3 | loner | alice bob carol | yes; alice; bob; carol
any_of 1 dba dev 13:00-14:00=1,lead | loner | alice | no; alice; lacks one holding `lead` or higher (carol)
any_of 2 dba dev 22:00-07:00=1 | loner | alice/23:00 | no; alice; lacks 1 more of `dba`, `dev` (bob,carol,erin)
any_of 1 dba dev 22:00-07:00=2 | loner | alice/23:00 | no; alice; lacks 1 more of `dba`, `dev` (bob,carol,erin)
any_of 1 dba dev 22:00-07:00=2 | loner | alice/23:00 alice | yes; alice
any_of 1 dba dev 22:00-07:00=3 | loner | alice bob/23:00 | yes; alice; bob is not needed: the others suffice, and it would only raise what is needed
any_of 1 dba dev 22:00-07:00=2 | loner | alice bob/23:00 | yes; alice; bob
any_of 1 dba dev !high=2 | loner | alice | yes; alice
any_of 1 dba dev !high=2 | loner!medium | alice | yes; alice
any_of 1 dba dev !high=2 | loner!high | alice | no; alice; lacks 1 more of `dba`, `dev` (bob,carol,erin)
any_of 1 dba dev !high=2 | loner!critical | alice | no; alice; lacks 1 more of `dba`, `dev` (bob,carol,erin)
any_of 1 dba dev !high=2 | loner!high | alice bob | yes; alice; bob
any_of 1 dba dev !high=2 | loner | alice/!high | no; alice; lacks 1 more of `dba`, `dev` (bob,carol,erin)
any_of 1 dba dev !high=3 | loner | alice bob/!high | yes; alice; bob is not needed: the others suffice, and it would only raise what is needed
any_of 1 dba dev !odd=2 | loner!odd | alice | no; alice; lacks 1 more of `dba`, `dev` (bob,carol,erin)
any_of 1 dba dev !odd=2 | loner!critical | alice | yes; alice
any_of 2 dba dev 22:00-07:00=9 01:00-02:00=3 | loner | alice bob/23:00 carol | yes; alice; carol; bob is not needed: the others suffice, and it would only raise what is needed
all_of dba 10:00-12:00=2 | loner | alice | no; alice=dba; lacks 1 more of its reviewers (erin)
all_of dba 10:00-12:00=2 | loner | alice erin | yes; alice=dba; erin
all_of dba dev 10:00-12:00=3 | loner | alice | no; alice=dba; lacks 1 more of `dev` (bob,carol); lacks 1 more of its reviewers (bob,carol,erin)
all_of dba dev role=developer 10:00-12:00=1,lead | loner | alice bob | no; alice=dba; bob=dev; lacks one holding `lead` or higher (carol)
all_of few role=dba 10:00-12:00=2 | bot | bob dave | yes; bob; dave=few
any_of 0 dba | loner | | no; lacks 1 more of `dba` (alice,erin)
all_of | loner | | no; lacks a reviewer: this policy names none ()
allow | loner | | yes
deny | loner | alice | no";
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [rule, requester, cast, expected] = columns[..] else { panic!("{line}") };
        let policy = policy(rule);
        assert_eq!(said(&count(&policy, &roster, requester, &votes(cast))), expected, "{line}");
    }
}

#[test]
fn what_nobody_can_meet_is_said_beforehand() {
    let roster = roster(TEAM);
    // policy | requester | reason, or nothing
    let table = "
all_of dba dev | loner |
all_of dba dba dba | loner | even if everyone who may approve does, it lacks 1 more of `dba`
all_of dba*2 | alice | even if everyone who may approve does, it lacks 1 more of `dba`; `alice` asks for it, and nobody approves their own request
all_of dev/* ops=exclude | bot | even if everyone who may approve does, it lacks 1 more of `dev`; `bob` operates `bot`, whose operators do not count here
any_of 1 bob | bot | even if everyone who may approve does, it lacks someone who does not operate `bot`
any_of 1 bob ops=count | bot |
any_of 1 dba role=admin | loner | even if everyone who may approve does, it lacks one holding `admin` or higher
all_of few role=admin | bot2 | even if everyone who may approve does, it lacks one holding `admin` or higher and someone who does not operate `bot2`, in two seats
any_of 1 few role=admin | bot2 |
any_of 1 dba 10:00-12:00=3 | loner | even if everyone who may approve does, it lacks 1 more of `dba`
any_of 1 dba 13:00-14:00=3 | loner |
any_of 1 dba 22:00-07:00=3 | loner |
any_of 1 alice slow=20 comment key=touch ask=alice | loner |
all_of alice | gone | even if everyone who may approve does, it lacks `alice`; `alice` cannot be told apart from `gone`, who asks and is not in the roster
allow | loner |
deny | loner | policy `p` denies whatever it governs";
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [rule, requester, expected] = columns[..] else { panic!("{line}") };
        let tally = count(&policy(rule), &roster, requester, &[]);
        assert_eq!(tally.impossible.unwrap_or_default(), expected, "{line}");
    }
}

#[test]
fn who_may_decide_and_who_may_deny() {
    let roster = roster(TEAM);
    // policy | requester | person | may approve | may deny
    let table = "
any_of 1 dba | loner | alice | yes | yes
any_of 1 dba slow=20 comment ask=dba | loner | alice | yes | yes
any_of 1 dba | loner | carol | is not among the reviewers of this policy | no
any_of 1 dba | loner | stranger | is not in the roster | no
any_of 1 dba | alice | alice | asks for it, and nobody approves their own request | no
any_of 1 mixed | loner | bot | is not a person, and only persons review | no
any_of 1 dev ops=exclude | bot | bob | operates `bot`, whose operators do not count here | yes
any_of 1 dev | bot | bob | yes | yes
any_of 1 dev sep=team | bot | bob | is of team `plat`, like `bot` | yes
any_of 1 dba sep=role | loner | alice | cannot be of another role than who asks: `loner` has no role | yes
min_role 1 lead | loner | alice | does not hold the role `lead` or a higher one | no
min_role 1 lead | loner | dave | yes | yes
allow | loner | dave | is not among the reviewers of this policy | no
deny | loner | dave | is not among the reviewers of this policy | no";
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [rule, requester, person, decide, deny] = columns[..] else { panic!("{line}") };
        let (policy, requester, person) = (policy(rule), name(requester), name(person));
        let asking = Asking { requester: &requester, roster: &roster };
        let may = may_decide(&policy, &asking, &person).map_or_else(|why| why.to_string(), |()| "yes".to_owned());
        assert_eq!(may, decide, "{line}");
        assert_eq!(may_deny(&policy, &asking, &person), deny == "yes", "{line}");
    }
}

#[test]
fn flags_say_what_a_reader_must_know() {
    let roster = roster(TEAM);
    let flags = |rule: &str| count(&policy(rule), &roster, "loner", &votes("alice/23:30")).flags;
    assert_eq!(flags("any_of 1 dba"), Vec::<String>::new());
    assert_eq!(flags("any_of 1 dba ops=count"), ["operators count like anyone (solo use)"]);
    assert_eq!(
        flags("any_of 1 dba 22:00-07:00=2,lead"),
        ["raised from 22:00 to 07:00: at least 2 approvals, one by `lead` or higher"]
    );
    assert_eq!(flags("any_of 1 dba 08:00-09:00=2"), Vec::<String>::new());
}

#[test]
fn hours_are_local_and_an_unknown_zone_holds_always() {
    let roster = roster(TEAM);
    let requester = name("loner");
    // 11:00, 12:00 and 13:00 UTC are 20:00 to 22:00 in Tokyo.
    for (zone, window, met) in [
        ("UTC", "20:00-22:30", true),
        ("Asia/Tokyo", "20:00-20:30", false),
        ("Asia/Tokyo", "21:00-21:30", false),
        ("Asia/Tokyo", "22:00-22:30", false),
        ("Asia/Tokyo", "10:30-13:30", true),
        ("Nowhere/Else", "03:00-03:01", false),
        ("", "03:00-03:01", false),
    ] {
        let policy = policy(&format!("any_of 1 dba {window}=2"));
        let (decision, presence, heat) = vote("alice");
        let moment = Moment { now: at("13:00"), requested: at("11:00"), time_zone: zone, heat: Heat::default() };
        let asking = Asking { requester: &requester, roster: &roster };
        let tally = tally(&policy, &asking, &[Vote { decision: &decision, presence, heat }], &moment);
        assert_eq!(tally.met, met, "{zone} {window}");
    }
}

#[test]
fn more_windows_than_can_be_weighed_hold_always() {
    let roster = roster(TEAM);
    let windows: Vec<String> =
        (0..7).map(|nth| format!("2{}:{}0-2{}:{}5=2", nth / 6, nth % 6, nth / 6, nth % 6)).collect();
    let six = format!("any_of 1 dba {}", windows[..6].join(" "));
    let seven = format!("any_of 1 dba {}", windows.join(" "));
    assert!(count(&policy(&six), &roster, "loner", &votes("alice")).met);
    assert!(!count(&policy(&seven), &roster, "loner", &votes("alice")).met);
    assert!(count(&policy(&seven), &roster, "loner", &votes("alice erin")).met);
}

/// Seats that only one order of moves fills: `p<n>` may take seats n and n+1, and the last only the first.
#[test]
fn many_seats_are_filled_through_long_paths() {
    let names: Vec<Name> = (0..1_200).map(|nth| name(&format!("p{nth:04}"))).collect();
    let last = names.len() - 1;
    let hands: Hands<'_> = names
        .iter()
        .enumerate()
        .map(|(nth, who)| (who, if nth == last { BTreeSet::from([0]) } else { BTreeSet::from([nth, nth + 1]) }))
        .collect();
    let places = vec![1; names.len()];
    let seating = Seating::fill(&places, &hands, &[]);
    assert!((0..names.len()).all(|seat| seating.empty(seat) == 0));
    // Hundreds too many for one seat stay standing, and cost nothing.
    let crowd: Hands<'_> = names.iter().map(|who| (who, (0..600).collect())).collect();
    let seating = Seating::fill(&places[..600], &crowd, &[]);
    assert_eq!(names.iter().filter(|who| seating.seat_of(who).is_some()).count(), 600);
}

/// Six persons of every role and team, two of them operators, in overlapping groups.
fn crowd() -> Roster {
    roster(
        "a:developer@x b:dba@y c:lead@z d:admin@x e:dba f:developer@w bot(a,d)@x cron()@v \
         +g=a,b +h=b,c,d +i=d,e +j=a,b,c,d,e,f",
    )
}

fn any_policy() -> impl Strategy<Value = String> {
    let entry = prop::sample::select(vec!["a", "b", "d", "f", "g", "h", "i", "j", "g*2", "h*2", "i/*", "g/*"]);
    let seats = prop::collection::vec(entry, 1..4).prop_map(|entries| entries.join(" "));
    let model = (prop::sample::select(vec!["all_of", "any_of 1", "any_of 2", "any_of 3"]), seats)
        .prop_map(|(model, seats)| format!("{model} {seats}"));
    let model =
        prop_oneof![4 => model, 1 => Just("min_role 1 dba".to_owned()), 1 => Just("min_role 2 lead".to_owned())];
    let options = prop::sample::subsequence(
        vec![
            "role=lead",
            "sep=team",
            "ops=exclude",
            "slow=20",
            "comment",
            "ask=g",
            "ask=dba",
            "key=touch",
            "22:00-07:00=3",
            "01:00-02:00=2,admin",
            "12:00-14:00=2",
            "!high=3",
            "!medium=2,admin",
            "!odd=2",
        ],
        0..4,
    );
    (model, options).prop_map(|(model, options)| {
        // A layered role would replace the one of `min_role`.
        let keep = |option: &&str| !(model.starts_with("min_role") && option.starts_with("role="));
        format!("{model} {}", options.into_iter().filter(keep).collect::<Vec<_>>().join(" "))
    })
}

fn any_votes(most: usize) -> impl Strategy<Value = Vec<String>> {
    let who = prop::sample::select(vec!["a", "b", "c", "d", "e", "f"]);
    let how =
        prop::sample::subsequence(vec!["fast", "mute", "g", "dba", "touch", "23:00", "01:30", "!high", "!odd"], 0..4);
    let vote = (who, how).prop_map(|(who, how)| std::iter::once(who).chain(how).collect::<Vec<_>>().join("/"));
    prop::collection::vec(vote, 0..most)
}

fn requester() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["bot", "cron", "b", "d"])
}

/// All ways to put different people on all places, by trying them.
fn seatings(places: &[Vec<&str>], used: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let Some((first, rest)) = places.split_first() else { return found.push(used.clone()) };
    for who in first {
        if !used.iter().any(|one| one == who) {
            used.push((*who).to_owned());
            seatings(rest, used, found);
            used.pop();
        }
    }
}

/// The size of the smallest crowd whose approvals meet the policy, by trying all.
fn smallest_crowd(policy: &Policy, roster: &Roster, by: &str) -> Option<usize> {
    let people: Vec<&str> = roster.principals().filter(|p| p.kind == Kind::Person).map(|p| p.id.as_str()).collect();
    let crowd = |mask: u32| people.iter().enumerate().filter(move |(at, _)| mask & (1 << at) != 0).map(|(_, who)| *who);
    (0..1_u32 << people.len())
        .filter(|mask| count(policy, roster, by, &votes(&crowd(*mask).collect::<Vec<_>>().join(" "))).met)
        .map(u32::count_ones)
        .min()
        .map(|size| size as usize)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_fewest_are_as_many_as_the_smallest_crowd_that_meets_it(rule in any_policy(), by in requester()) {
        let mut policy = policy(&rule);
        // What an approval must bring, and hours, are not about how many people it takes.
        policy.care = Care::default();
        policy.escalations.clear();
        let (requester, roster) = (name(by), crowd());
        let asking = Asking { requester: &requester, roster: &roster };
        prop_assert_eq!(fewest(&policy, &asking), smallest_crowd(&policy, &roster, by), "{}", rule);
    }
}

proptest! {
    #[test]
    fn votes_are_a_set_and_only_reviewers_cast_them(rule in any_policy(), by in requester(), cast in any_votes(7), turn in 0_usize..7) {
        let (policy, roster) = (policy(&rule), crowd());
        let plain = votes(&cast.join(" "));
        let tally = count(&policy, &roster, by, &plain);

        let mut turned = plain.clone();
        turned.rotate_left(turn.min(plain.len()));
        prop_assert_eq!(&count(&policy, &roster, by, &turned), &tally, "order");
        turned.reverse();
        prop_assert_eq!(&count(&policy, &roster, by, &turned), &tally, "reverse order");
        turned.extend(plain.iter().take(turn).cloned());
        prop_assert_eq!(&count(&policy, &roster, by, &turned), &tally, "repetition");
        for stranger in ["stranger", "bot", "cron", by] {
            let mut more = plain.clone();
            more.push(vote(&format!("{stranger}/touch/g/dba")));
            let mut with = count(&policy, &roster, by, &more);
            prop_assert!(with.not_counted.iter().any(|(who, _)| who.as_str() == stranger));
            with.not_counted.retain(|(who, _)| who.as_str() != stranger);
            let mut without = tally.clone();
            without.not_counted.retain(|(who, _)| who.as_str() != stranger);
            prop_assert_eq!(with, without, "{} changes nothing", stranger);
        }
    }

    #[test]
    fn more_approvals_never_undo_a_quorum(rule in any_policy(), by in requester(), cast in any_votes(7), more in any_votes(3)) {
        let (policy, roster) = (policy(&rule), crowd());
        let before = count(&policy, &roster, by, &votes(&cast.join(" ")));
        let after = count(&policy, &roster, by, &votes(&[cast, more].concat().join(" ")));
        prop_assert!(!before.met || after.met, "{}", said(&after));
    }

    #[test]
    fn a_tally_agrees_with_itself(rule in any_policy(), by in requester(), cast in any_votes(8)) {
        let (policy, roster, asker) = (policy(&rule), crowd(), name(by));
        let asking = Asking { requester: &asker, roster: &roster };
        let tally = count(&policy, &roster, by, &votes(&cast.join(" ")));
        prop_assert_eq!(tally.met, tally.missing.is_empty());
        prop_assert!(!(tally.met && tally.impossible.is_some()), "{}", said(&tally));
        let people: BTreeSet<&Name> = tally.counted.iter().map(|counted| &counted.reviewer).collect();
        prop_assert_eq!(people.len(), tally.counted.len());
        for counted in &tally.counted {
            prop_assert!(may_decide(&policy, &asking, &counted.reviewer).is_ok());
            prop_assert!(may_deny(&policy, &asking, &counted.reviewer));
            prop_assert!(!tally.not_counted.iter().any(|(who, _)| *who == counted.reviewer));
        }
        for who in tally.missing.iter().flat_map(|missing| &missing.who) {
            prop_assert!(!people.contains(who) && may_decide(&policy, &asking, who).is_ok());
        }
        if policy.operators == Operators::NotSole && by == "bot" && tally.met {
            prop_assert!(people.iter().any(|who| !["a", "d"].contains(&who.as_str())));
        }
    }

    #[test]
    fn who_is_named_as_missing_brings_it(rule in any_policy(), by in requester(), cast in any_votes(6)) {
        let (policy, roster) = (policy(&rule), crowd());
        // Hours depend on when the further approval comes: not here.
        let policy = Policy { escalations: Vec::new(), ..policy };
        let cast = votes(&cast.join(" "));
        let tally = count(&policy, &roster, by, &cast);
        for who in tally.missing.iter().take(1).flat_map(|missing| &missing.who) {
            let mut more = cast.clone();
            more.push(vote(&format!("{who}/touch/g/dba")));
            let after = count(&policy, &roster, by, &more);
            prop_assert!(after.missing.first() != tally.missing.first(), "{who}: {} -> {}", said(&tally), said(&after));
        }
        let mut everyone = cast;
        everyone.extend(["a", "b", "c", "d", "e", "f"].map(|who| vote(&format!("{who}/touch/g/dba"))));
        let after = count(&policy, &roster, by, &everyone);
        prop_assert_eq!(after.met, after.impossible.is_none(), "{}", said(&after));
    }

    #[test]
    fn seats_agree_with_trying_every_seating(
        seats in prop::collection::vec(prop::sample::select(vec!["a", "b", "d", "f", "g", "h", "i", "j", "h*2", "i/*"]), 1..4),
        role in prop::sample::select(vec!["", "role=lead", "role=admin"]),
        exclude in prop::sample::select(vec!["", "ops=exclude", "ops=count"]),
        by in requester(),
        who in prop::sample::subsequence(vec!["a", "b", "c", "d", "e", "f"], 0..=6),
    ) {
        let rule = format!("all_of {} {role} {exclude}", seats.join(" "));
        let operators: &[&str] = if by == "bot" { &["a", "d"] } else { &[] };
        let mut places: Vec<Vec<&str>> = Vec::new();
        for seat in &seats {
            match *seat {
                "g" => places.push(vec!["a", "b"]),
                "h" => places.push(vec!["b", "c", "d"]),
                "h*2" => places.extend([vec!["b", "c", "d"], vec!["b", "c", "d"]]),
                "i" => places.push(vec!["d", "e"]),
                "i/*" => places.extend([vec!["d"], vec!["e"]]),
                "j" => places.push(vec!["a", "b", "c", "d", "e", "f"]),
                one => places.push(vec![one]),
            }
        }
        for place in &mut places {
            place.retain(|one| who.contains(one) && *one != by && !(exclude == "ops=exclude" && operators.contains(one)));
        }
        let mut found = Vec::new();
        seatings(&places, &mut Vec::new(), &mut found);
        let high: &[&str] = match role { "role=lead" => &["c", "d"], "role=admin" => &["d"], _ => &["a", "b", "c", "d", "e", "f"] };
        let expected = found.iter().any(|seated| {
            seated.iter().any(|one| high.contains(&one.as_str()))
                && (exclude == "ops=count" || seated.iter().any(|one| !operators.contains(&one.as_str())))
        });
        let tally = count(&policy(&rule), &crowd(), by, &votes(&who.join(" ")));
        prop_assert_eq!(tally.met, expected, "{}: {}", rule, said(&tally));
    }
}
