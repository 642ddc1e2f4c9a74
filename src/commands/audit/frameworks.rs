//! Which controls of which framework the report holds evidence towards, and what of each it does not cover.
//!
//! Titles are short descriptions of ours: the texts belong to their publishers. A row names evidence, never compliance.

use serde::Serialize;

/// What an auditor may ask by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framework {
    /// AICPA Trust Services Criteria (2017, points of focus of 2022).
    Soc2,
    /// PCI DSS 4.0.1.
    PciDss,
    /// ISO/IEC 27001:2022, Annex A.
    Iso27001,
    /// HIPAA Security Rule, 45 CFR part 164 subpart C.
    Hipaa,
    /// Sarbanes-Oxley section 404: general IT controls.
    Sox,
}

impl Framework {
    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Soc2 => "soc2",
            Self::PciDss => "pci-dss",
            Self::Iso27001 => "iso27001",
            Self::Hipaa => "hipaa",
            Self::Sox => "sox",
        }
    }
}

/// The controls of one framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mapping {
    /// Its name and edition.
    pub framework: &'static str,
    /// What a reader must know of all rows.
    pub note: &'static str,
    /// One row a control.
    pub controls: Vec<Control>,
    /// What no row covers, whatever the framework.
    pub not_covered: Vec<&'static str>,
}

/// One control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Control {
    /// Its number.
    pub control: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// What in this report is evidence towards it.
    pub evidence: &'static str,
    /// The sections that hold it.
    pub sections: &'static [&'static str],
    /// What of it this report does not show.
    pub not_covered: &'static str,
}

const NOTE: &str = "Evidence towards these controls, for the commands that went through expacti in this period. Whether a control is met is \
    for the assessor to say, who knows the systems, the people and what else is in place.";

/// What no report of ours shows.
const NOT_COVERED: [&str; 7] = [
    "commands that ran outside expacti: their absence must be shown by the systems themselves, by who holds credentials for them",
    "who physically held a key when it signed, and that two names in the roster are two people",
    "that the clocks of the machines that signed were right: a time binds its signer only, the order of landing is proven",
    "review times: each is the reviewer's own signed measurement, a statement and no proof; nor that who looked also understood",
    "what a command did once it had started, beyond its exit status, and what it was told over a network or read from elsewhere",
    "that the outcome is true: the machine that ran the command signed it",
    "retention: git keeps everything as long as somebody keeps the repository; copies elsewhere and their protection are the operator's",
];

const fn row(
    control: &'static str,
    about: &'static str,
    evidence: &'static str,
    sections: &'static [&'static str],
    not_covered: &'static str,
) -> Control {
    Control { control, about, evidence, sections, not_covered }
}

const SOC2: [Control; 10] = [
    row(
        "CC4.1",
        "Ongoing and separate evaluations of controls",
        "The verification result: every execution judged again from signed records, by anyone, at any time",
        &["verify", "findings"],
        "that somebody does it regularly, and acts on the result",
    ),
    row(
        "CC5.1",
        "Control activities, segregation of duties among them",
        "Who asked beside who was counted, over every execution, recounted by name and by key",
        &["duties", "executions"],
        "duties outside the approval of commands",
    ),
    row(
        "CC6.1",
        "Logical access to protected assets",
        "Each command that ran, with the policy that governed it and the people whose signatures let it run; denials and what policy refused",
        &["executions", "denials", "ended"],
        "access that does not pass through expacti; authentication to the target systems",
    ),
    row(
        "CC6.2",
        "Registration and authorisation of users before credentials are issued, and their removal",
        "Versions of the roster with the admins who signed them; keys added, removed and revoked",
        &["policy", "keys"],
        "identity proofing; joiners and leavers outside the roster, and how fast a leaver's key was removed",
    ),
    row(
        "CC6.3",
        "Access by role, least privilege and segregation of duties",
        "Roles, groups and policies in force as signed versions; the role and seat of each approver at the time",
        &["policy", "executions", "duties"],
        "whether the roles given are the least needed; periodic review of access",
    ),
    row(
        "CC7.2",
        "Monitoring for anomalies",
        "Denials, refusals, decisions that did not count, rubber-stamp runs, unknown outcomes, endings dated out of order",
        &["notices", "denials", "unknown", "runs"],
        "monitoring of the systems themselves; that alerts were followed up",
    ),
    row(
        "CC7.3",
        "Evaluation of security events",
        "Findings of verification, records of revoked keys to be looked at again, claims that must be explained",
        &["findings", "unknown", "keys"],
        "the evaluation itself, and incidents elsewhere",
    ),
    row(
        "CC8.1",
        "Changes are authorised, approved and documented",
        "For each command: who asked and why, the exact arguments, who approved before it ran, when it ran and with what exit status; versions of the policy itself",
        &["executions", "policy"],
        "design, testing and the content of a change; changes made by other means",
    ),
    row(
        "CC5.2",
        "General controls over technology",
        "The policy in force, its versions and signatures",
        &["policy"],
        "all other technology",
    ),
    row(
        "CC2.1",
        "Relevant, quality information for internal control",
        "Population and completeness: the numbers add up, and no step of the record is missing",
        &["population"],
        "information from other systems",
    ),
];

const PCI_DSS: [Control; 15] = [
    row(
        "6.5.1",
        "Changes in production: reason, documented approval by authorised parties",
        "Reason, exact command, environment, approvers with role and seat, and outcome of each command",
        &["executions"],
        "documentation of security impact, testing, procedures to go back; changes made by other means",
    ),
    row(
        "6.5.4",
        "Roles and functions separated between production and pre-production",
        "Executions by environment with their approvers; separation of duties, recounted",
        &["environments", "duties"],
        "accounts and access on the systems themselves",
    ),
    row(
        "7.2.1",
        "An access control model",
        "The policy in force and every version of it in the period, signed",
        &["policy"],
        "access that does not pass through expacti",
    ),
    row(
        "7.2.2",
        "Access by job function and least privilege",
        "Roles and groups of the people who decided; which policy governed which command",
        &["executions", "policies"],
        "whether a role is the least needed",
    ),
    row(
        "7.2.3",
        "Privileges approved by authorised personnel",
        "Every privileged command with its approvals; every change of roster and policy with its signatures",
        &["executions", "policy"],
        "privileges granted elsewhere",
    ),
    row(
        "7.2.5",
        "Application and system accounts: least privilege",
        "Agents and runners as requesters, with who operates them, what they asked for and what they were refused",
        &["executions", "denials"],
        "accounts of agents on the systems themselves; the review of 7.2.5.1",
    ),
    row(
        "8.2.1",
        "A unique ID for every user",
        "Each signature made by a key that belongs to one principal of the roster",
        &["keys"],
        "that a key is used by one person; accounts on the systems themselves",
    ),
    row(
        "8.2.2",
        "No shared accounts but as an exception",
        "A key that signed for two names would be listed",
        &["keys", "duties"],
        "keys shared between people",
    ),
    row(
        "8.2.4",
        "Additions, deletions and changes of user IDs are authorised",
        "Versions of the roster with the admins who signed them",
        &["policy"],
        "identities elsewhere",
    ),
    row(
        "10.2.1.2",
        "Logs of all actions by those with administrative access",
        "Every command that was claimed, who asked and who approved",
        &["executions"],
        "interactive sessions; commands that ran outside expacti",
    ),
    row(
        "10.2.1.4",
        "Logs of invalid logical access attempts",
        "Denials, refusals by policy, decisions that did not count",
        &["denials", "ended", "not-counted"],
        "failed logins",
    ),
    row(
        "10.2.1.5",
        "Logs of changes to identification and authentication credentials",
        "Versions of the roster: keys, roles, people, revocations",
        &["policy", "keys"],
        "credentials elsewhere",
    ),
    row(
        "10.2.2",
        "Each log entry: who, what, when, outcome, where from, on what",
        "Requester, command, time, outcome, host, environment; all of it in the JSON twin",
        &["executions"],
        "the name of each resource that a command reached",
    ),
    row(
        "10.3.2",
        "Logs protected from modification by individuals",
        "Signed records on a chain that is judged from a pinned root; a change of any record is a finding",
        &["verify", "findings"],
        "deletion of the whole repository and of every copy",
    ),
    row(
        "10.3.4",
        "Change detection on audit logs",
        "The verification result, and how to have it again",
        &["verify"],
        "that it is run as often as required; 10.4 (review), 10.5 (twelve months), 10.6 (time)",
    ),
];

const ISO27001: [Control; 11] = [
    row(
        "A.5.3",
        "Segregation of duties",
        "Who asked beside who was counted, recounted by name and by key over every execution",
        &["duties"],
        "duties outside the approval of commands",
    ),
    row(
        "A.5.15",
        "Access control",
        "The policy in force, its versions, and each command that it let run or refused",
        &["policy", "executions", "denials"],
        "physical access; access that does not pass through expacti",
    ),
    row(
        "A.5.16",
        "Identity management",
        "Principals and keys as signed versions of the roster; which key signed what",
        &["policy", "keys"],
        "identity proofing",
    ),
    row(
        "A.5.18",
        "Access rights",
        "Changes of roles, groups and keys with the admins who signed them",
        &["policy"],
        "periodic review of rights; how fast a leaver's rights were removed",
    ),
    row(
        "A.5.28",
        "Collection of evidence",
        "Signed records, and commands that check them without us",
        &["verify"],
        "custody of copies",
    ),
    row(
        "A.8.2",
        "Privileged access rights",
        "Each privileged command, approved one by one, with the role and seat of who approved",
        &["executions"],
        "privileges on the systems themselves",
    ),
    row(
        "A.8.15",
        "Logging",
        "Requests, decisions, claims and outcomes, complete and protected by signatures",
        &["population", "executions", "verify"],
        "logs of the systems themselves; retention",
    ),
    row(
        "A.8.16",
        "Monitoring activities",
        "What deserves an eye: rubber-stamp runs, decisions that did not count, unknown outcomes",
        &["notices"],
        "that somebody looked",
    ),
    row(
        "A.8.17",
        "Clock synchronization",
        "Endings dated more than an hour out of the order in which they landed",
        &["population"],
        "that clocks were right: a time binds its signer only",
    ),
    row(
        "A.8.18",
        "Use of privileged utility programs",
        "Programs with the digest of their bytes, and the people who let them run",
        &["executions"],
        "programs started by other means, and by the commands themselves",
    ),
    row(
        "A.8.32",
        "Change management",
        "Each change as a command: reason, approval before it, outcome; and changes of the policy itself",
        &["executions", "policy"],
        "planning, testing, impact and fallback of a change",
    ),
];

const HIPAA: [Control; 10] = [
    row(
        "164.308(a)(1)(ii)(D)",
        "Information system activity review",
        "The report itself: activity, exceptions, and how reviewers review",
        &["notices", "reviewers"],
        "that it is reviewed regularly; activity outside expacti",
    ),
    row(
        "164.308(a)(3)(ii)(A)",
        "Workforce: authorisation and supervision",
        "Each command with the people who authorised it before it ran",
        &["executions"],
        "supervision of people at work",
    ),
    row(
        "164.308(a)(3)(ii)(C)",
        "Workforce: termination procedures",
        "Keys and people removed or revoked, with who signed that",
        &["policy", "keys"],
        "when somebody left, and access elsewhere",
    ),
    row(
        "164.308(a)(4)(ii)(B)",
        "Access authorisation",
        "Policies in force, and each command that they let run, with approvals",
        &["policy", "executions"],
        "access to ePHI by other means",
    ),
    row(
        "164.308(a)(4)(ii)(C)",
        "Access establishment and modification",
        "Versions of roster and policy with their signatures",
        &["policy"],
        "periodic review of access",
    ),
    row(
        "164.312(a)(1)",
        "Technical access control",
        "What policy refused, and what ran only after the approvals asked for",
        &["executions", "denials", "ended"],
        "access control of the systems that hold ePHI; emergency access, automatic logoff, encryption",
    ),
    row(
        "164.312(a)(2)(i)",
        "Unique user identification",
        "Each signature made by a key of one principal",
        &["keys"],
        "users of the systems themselves",
    ),
    row(
        "164.312(b)",
        "Audit controls",
        "Complete record of requests, decisions, executions and outcomes",
        &["population", "executions"],
        "which records of patients a command read or changed",
    ),
    row(
        "164.312(c)(1)",
        "Integrity",
        "The record itself cannot be changed unnoticed: the verification result",
        &["verify", "findings"],
        "integrity of ePHI",
    ),
    row(
        "164.312(d)",
        "Person or entity authentication",
        "ed25519 signatures over each request and each decision, judged strictly",
        &["keys", "verify"],
        "who physically held the key; retention for six years (164.316(b)(2)(i))",
    ),
];

const SOX: [Control; 9] = [
    row(
        "Access to programs and data",
        "General IT control (PCAOB AS 2201.B29; COBIT 2019 DSS05.04, DSS06.03)",
        "Roster and policy as signed versions; roles and seats of those who approved",
        &["policy", "executions"],
        "access that does not pass through expacti; periodic review of access",
    ),
    row(
        "Segregation of duties",
        "COBIT 2019 DSS06.03",
        "Who asked beside who was counted, recounted by name and by key; solo use counted apart",
        &["duties"],
        "duties in the business processes themselves",
    ),
    row(
        "Program changes",
        "General IT control (PCAOB AS 2201.B29; COBIT 2019 BAI06.01, BAI06.03)",
        "Each change as a command: reason, approval before it ran, outcome",
        &["executions"],
        "testing, and the content of a change; changes made by other means",
    ),
    row(
        "Emergency changes",
        "COBIT 2019 BAI06.02",
        "Executions by hour of the day, with what policy asked for at that time",
        &["plots", "executions"],
        "what counts as an emergency",
    ),
    row(
        "Computer operations",
        "General IT control (PCAOB AS 2201.B29; COBIT 2019 DSS01.01)",
        "Outcomes with exit status; executions that failed, did not run, or must be explained",
        &["executions", "unknown"],
        "scheduling, backup and recovery",
    ),
    row(
        "Changes of the control itself",
        "COBIT 2019 BAI06.01, MEA02.01",
        "Policy versions, their signatures, what became weaker",
        &["policy"],
        "why it was wanted",
    ),
    row(
        "Completeness and accuracy of the population",
        "Information produced by the entity (PCAOB AS 1105)",
        "Roll-forward that adds up; a chain of steps without gaps; the command that makes it again",
        &["population", "verify"],
        "commands that never were requests",
    ),
    row(
        "Review as a control",
        "Precision of a review control",
        "Review times, comments, rubber-stamp runs, decisions that did not count",
        &["reviewers", "runs"],
        "what the reviewer thought; times are statements",
    ),
    row(
        "Monitoring",
        "COBIT 2019 MEA02.01",
        "Verification result and exceptions",
        &["notices", "findings"],
        "that somebody follows up",
    ),
];

impl Mapping {
    /// The rows of a framework.
    pub fn of(framework: Framework) -> Self {
        let (name, controls): (_, &[Control]) = match framework {
            Framework::Soc2 => ("SOC 2 (Trust Services Criteria, 2017, revised points of focus 2022)", &SOC2),
            Framework::PciDss => ("PCI DSS 4.0.1", &PCI_DSS),
            Framework::Iso27001 => ("ISO/IEC 27001:2022, Annex A", &ISO27001),
            Framework::Hipaa => ("HIPAA Security Rule, 45 CFR part 164 subpart C", &HIPAA),
            Framework::Sox => ("Sarbanes-Oxley section 404, general IT controls", &SOX),
        };
        Self { framework: name, note: NOTE, controls: controls.to_vec(), not_covered: NOT_COVERED.to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_promises_compliance_or_forgets_its_limits() {
        for framework in [Framework::Soc2, Framework::PciDss, Framework::Iso27001, Framework::Hipaa, Framework::Sox] {
            let mapping = Mapping::of(framework);
            let mut numbers: Vec<_> = mapping.controls.iter().map(|control| control.control).collect();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), mapping.controls.len(), "{}", mapping.framework);
            for control in &mapping.controls {
                assert!(!control.evidence.is_empty() && !control.not_covered.is_empty(), "{control:?}");
                assert!(!control.sections.is_empty(), "{control:?}");
                let words = format!("{} {}", control.evidence, control.not_covered).to_lowercase();
                assert!(!words.contains("complian") && !words.contains("guarantee"), "{control:?}");
            }
        }
    }
}
