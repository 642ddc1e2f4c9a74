//! `keys.csv`: whose key was which, and from when to when.

use std::collections::BTreeMap;

use crate::commands::audit::evidence::Case;
use crate::commands::audit::evidence::bag::Bag;
use crate::commands::audit::evidence::tables::{table, text, yes};
use crate::commands::error::CommandError;
use crate::domain::shown;

/// A key in the hands of one principal.
struct Held {
    line: String,
    kind: &'static str,
    is_admin: bool,
    from: u32,
    to: u32,
}

/// Every key of every version up to the end of the period.
pub fn keys(case: &Case<'_>, bag: &mut Bag<'_>) -> Result<(), CommandError> {
    let mut held: BTreeMap<(String, String), Held> = BTreeMap::new();
    for step in &case.steps {
        let roster = step.version.roster();
        for principal in roster.principals() {
            for key in &principal.keys {
                let whose = (principal.id.to_string(), key.fingerprint());
                let (line, kind) = (key.line(), principal.kind.as_str());
                let one = held.entry(whose).or_insert(Held { line, kind, is_admin: false, from: step.number, to: 0 });
                one.to = step.number;
                one.is_admin = roster.admins().contains(&principal.id);
            }
        }
    }
    let newest = case.steps.last();
    let revoked = |fingerprint: &str| {
        let revocations = newest.map(|step| step.version.roster().revocations()).unwrap_or_default();
        revocations.iter().find(|revoked| revoked.key.fingerprint() == fingerprint)
    };
    let header = [
        "owner",
        "kind",
        "admin",
        "fingerprint",
        "from_version",
        "to_version",
        "in_force",
        "revoked",
        "in_doubt_since",
        "reason",
        "public_key",
    ];
    table(bag, "keys.csv", &header, &mut |row| {
        held.iter().try_for_each(|((owner, fingerprint), key)| {
            let revoked = revoked(fingerprint);
            row(vec![
                owner.clone(),
                key.kind.to_owned(),
                yes(key.is_admin),
                fingerprint.clone(),
                key.from.to_string(),
                key.to.to_string(),
                yes(newest.is_some_and(|step| step.number == key.to)),
                yes(revoked.is_some()),
                text(revoked.map(|revoked| revoked.since)),
                text(revoked.and_then(|revoked| revoked.reason.as_deref().map(shown::line))),
                key.line.clone(),
            ])
        })
    })
}
