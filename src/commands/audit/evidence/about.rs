//! What the evidence is, whose, and how it is checked.

use serde::Serialize;

use crate::commands::audit::evidence::{Case, NAMESPACE};
use crate::commands::error::CommandError;
use crate::gate::audit::Standpoint;
use crate::world::signer::Signer;

/// Nobody's name in a roster, which have no dots.
const STRANGER: &str = "not.in.roster";

/// `about.json`, and what the other files need of it.
#[derive(Debug, Serialize)]
pub struct About {
    schema: &'static str,
    expacti: &'static str,
    /// The fingerprint of the root that everything follows from.
    root: String,
    /// The newest step of `main` that holds, and how many stand below it.
    pub head: String,
    height: u64,
    /// Whether `main` holds up to its tip.
    holds: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// Requests that ended in the period.
    pub requests: u64,
    /// Requests made in it that are open.
    pub open: u64,
    /// When those were judged: their state changes with time.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_as_of: Option<String>,
    policy_version: u32,
    policy_root: String,
    pub signer: Hand,
    #[serde(skip)]
    pub allowed_signers: Vec<u8>,
}

/// Whose key signed the manifest.
#[derive(Debug, Serialize)]
pub struct Hand {
    /// As in the roster in force, or [`STRANGER`].
    pub name: String,
    in_roster: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    pub fingerprint: String,
    key: String,
    namespace: &'static str,
}

impl About {
    /// Counts and names everything.
    ///
    /// # Errors
    /// The index or an object cannot be read.
    pub fn of(case: &Case<'_>, last: &Standpoint, signer: &Signer) -> Result<Self, CommandError> {
        let mut requests = 0;
        case.trail.each(&case.filter, &mut |_| {
            requests += 1;
            Ok(())
        })?;
        let owner = last.version.roster().owner_of(signer.public());
        let name = owner.map_or_else(|| STRANGER.to_owned(), |owner| owner.id.to_string());
        let mut allowed_signers = crate::record::roster::allowed_signers(last.version.roster());
        allowed_signers.extend(format!("{name} namespaces=\"{NAMESPACE}\" {}\n", signer.public().line()).into_bytes());
        let open = case.open.len() as u64;
        let period = case.filter.period;
        Ok(Self {
            schema: "expacti/evidence/v1",
            expacti: env!("CARGO_PKG_VERSION"),
            root: case.trail.verified.root.clone(),
            head: last.commit.to_string(),
            height: last.height,
            holds: case.trail.verified.findings.is_empty(),
            from: period.from.map(|at| at.to_string()),
            before: period.to.map(|at| at.to_string()),
            requests,
            open,
            open_as_of: (open > 0).then(|| case.context.world.clock.now().to_string()),
            policy_version: last.version.root().version,
            policy_root: last.version.digest().to_string(),
            signer: Hand {
                name,
                in_roster: owner.is_some(),
                kind: owner.map(|owner| owner.kind.as_str()),
                role: owner.and_then(|owner| owner.role.clone()),
                fingerprint: signer.public().fingerprint(),
                key: signer.public().line(),
                namespace: NAMESPACE,
            },
            allowed_signers,
        })
    }

    /// `about.json`.
    pub fn json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// `README.txt`.
    pub fn readme(&self) -> String {
        let mut text = README.to_owned();
        let period = match (&self.from, &self.before) {
            (None, None) => "all of it".to_owned(),
            (Some(from), None) => format!("from {from} on"),
            (None, Some(before)) => format!("before {before}"),
            (Some(from), Some(before)) => format!("from {from} on, before {before}"),
        };
        let holds = if self.holds {
            "main holds: every step up to its tip was judged"
        } else {
            "MAIN DOES NOT HOLD: this evidence ends before the step that breaks it; see exceptions.csv"
        };
        for (mark, value) in [
            ("@ROOT@", self.root.as_str()),
            ("@HEAD@", &self.head),
            ("@PERIOD@", &period),
            ("@HOLDS@", holds),
            ("@NAME@", &self.signer.name),
            ("@KEY@", &self.signer.fingerprint),
            ("@NAMESPACE@", NAMESPACE),
        ] {
            text = text.replace(mark, value);
        }
        text
    }
}

const README: &str = include_str!("README.txt");
