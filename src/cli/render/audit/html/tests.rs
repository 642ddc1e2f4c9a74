//! The page over accounts that the gate would never make, and one to look at.

use super::*;
use crate::commands::audit::frameworks::Framework;
use crate::commands::audit::report::{Asked, Chain, Ground, Verdict, Weight, compose};
use crate::commands::audit::stats::tests::{account, at, breaking, done, ended, said};
use crate::commands::report::VerifyReport;
use crate::domain::time::Timestamp;
use crate::gate::account::Account;

fn composed(requests: Vec<Account>, framework: Option<Framework>) -> AuditReport {
    let spent = requests.iter().filter(|one| one.ended.is_some()).count() as u64;
    let verified = VerifyReport {
        ok: true,
        sure: true,
        tip: Some("5f".repeat(20)),
        last: Some("5f".repeat(20)),
        steps: 1 + 2 * spent,
        requests: spent,
        root: "SHA256:3nGdUq0lZ1sGQw2kq5b0mJmN4E1nqZ0y2Q3T4b5c6d8".to_owned(),
        version: 1,
        findings: Vec::new(),
        request: None,
        head: None,
        open: Vec::new(),
        again: Vec::new(),
    };
    let ground = Ground {
        generated: Timestamp::from_unix(1_800_000_000).unwrap(),
        url: "ssh://git@git.example.org/approvals.git".to_owned(),
        zone: "Europe/Berlin".to_owned(),
        root_in_force: None,
        chain: Chain {
            steps: 1 + 2 * spent,
            without_gaps: true,
            versions: 1,
            endings: spent,
            outcomes: spent,
            ..Chain::default()
        },
        misdated: Vec::new(),
        policy_changes: Vec::new(),
        verified,
    };
    compose(ground, &Asked { framework, ..Asked::default() }, requests)
}

fn first_page(report: &AuditReport) -> String {
    page(report, None).split_once("<nav").unwrap().0.to_owned()
}

#[test]
fn a_breach_of_duties_stands_on_the_first_page() {
    for (kind, account) in breaking() {
        let id = account.id.clone();
        let report = composed(vec![done("right", 0, "ann", 9), account], None);
        assert_eq!(report.verdict, Verdict::DoesNotHold, "{kind}");
        let page = first_page(&report);
        assert!(page.contains("DOES NOT HOLD") && page.contains(&format!("request {id}: ")), "{kind}: {page}");
        assert!(page.contains("of 2 executions"), "{page}");
        let text = super::super::report::text(&report);
        assert!(text.starts_with("DOES NOT HOLD: 1 finding\n") && text.contains(&id), "{text}");
    }
    // However many: the first page names some, and counts the rest.
    let many = composed((0..300).map(|nth| done(&format!("own-{nth}"), nth, "bot", 9)).collect(), None);
    let wrong = many.notices.iter().filter(|notice| notice.weight == Weight::Wrong);
    assert_eq!(wrong.map(|notice| notice.count).sum::<u64>(), 300);
    assert!(many.notices.len() < 60, "{}", many.notices.len());
    let report = composed(vec![done("right", 0, "ann", 9)], None);
    assert_eq!(report.verdict, Verdict::Holds);
    assert!(first_page(&report).contains("HOLDS") && !first_page(&report).contains("DOES NOT"));
}

#[test]
fn what_could_not_be_told_is_not_called_right() {
    let mut report = composed(Vec::new(), None);
    assert!(first_page(&report).contains("HOLDS"));
    report.verdict = Verdict::Unsure;
    assert!(first_page(&report).contains("COULD NOT TELL"));
}

#[test]
fn many_executions_stay_usable_and_exceptions_are_all_there() {
    let mut requests: Vec<Account> =
        (0..2_500).map(|nth| done(&format!("id-{nth:04}-abcdef"), nth * 60, "ann", 30)).collect();
    requests[7] = ended(said(account("mystery", 420), "ann", "approve", 440, 5), "unknown", 450);
    let page = page(&composed(requests, None), None);
    assert!(page.contains("500 earlier ones are not on this page"), "a sentence that says so");
    assert!(page.contains("id-2499-abcd") && page.contains("id-0500-abcd") && !page.contains("id-0499-abcd"));
    assert!(page.contains("mystery") && page.len() < 4_000_000, "{}", page.len());
}

/// A few months with everything in them.
fn months() -> Vec<Account> {
    let mut state: u64 = 7;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let people = ["alice", "bob", "erin", "margarethe-von-der-ops", "yuki"];
    let commands = [
        "terraform apply -auto-approve plan.out",
        "kubectl rollout restart deploy/checkout",
        "migrate up --step 42 --database orders",
        "psql -h db-1.prod -c 'ALTER TABLE orders ADD COLUMN note text'",
    ];
    let mut all = Vec::new();
    for nth in 0..620_u64 {
        let (day, hour) = (random(92), 6 + (random(7) + random(7)));
        let created = i64::try_from(day * 86_400 + hour * 3_600 + random(3_600)).unwrap();
        let mut one = account(&format!("{:032x}", u128::from(nth + 1) * 0x9e37_79b9_7f4a_7c15_f39c_c060), created);
        one.command = commands[usize::try_from(random(4)).unwrap()].to_owned();
        one.reason = if random(2) == 0 { "ticket OPS-1234: the index is missing".to_owned() } else { String::new() };
        one.environments = match random(3) {
            0 => vec!["production".to_owned()],
            1 => vec!["staging".to_owned()],
            _ => Vec::new(),
        };
        let wait = i64::try_from(20 + random(60) * random(60) * random(9)).unwrap();
        let who = usize::try_from(random(5)).unwrap();
        let seconds = if who == 4 { random(4) } else { 3 + random(20) * random(9) };
        let all_right = random(20);
        one = match all_right {
            0 => ended(said(one, people[who], "deny", created + wait, seconds), "denied", created + wait),
            1 => ended(one, "expired", created + 3_700),
            2 => ended(one, if random(2) == 0 { "withdrawn" } else { "refused" }, created + 60),
            3 if random(3) == 0 => {
                ended(said(one, people[who], "approve", created + wait, seconds), "unknown", created + wait + 5)
            }
            _ => {
                let second = people[(who + 1) % 5];
                let one = said(one, people[who], "approve", created + wait, seconds);
                ended(
                    said(one, second, "approve", created + wait + 40, 3 + random(90)),
                    "executed",
                    created + wait + 60,
                )
            }
        };
        all.push(one);
    }
    for nth in 0..15 {
        all.push(ended(
            said(account(&format!("{nth:032x}"), 4_000_000), "yuki", "approve", 4_000_100 + nth / 2, 1),
            "executed",
            4_000_200,
        ));
    }
    all.push(account("00000000000000000000000000000abc", 8_000_000));
    all
}

#[test]
#[ignore = "writes pages to target/tmp/, to be looked at"]
fn pages_to_look_at() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tmp");
    let pages = [
        ("holds", composed(months(), Some(Framework::Soc2))),
        ("breaks", composed(breaking().into_iter().map(|(_, account)| account).collect(), None)),
        ("empty", composed(Vec::new(), None)),
    ];
    for (name, report) in pages {
        std::fs::write(directory.join(format!("report-{name}.html")), page(&report, None)).unwrap();
    }
    assert!(!at(0).is_empty());
}
