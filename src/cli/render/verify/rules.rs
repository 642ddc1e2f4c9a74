//! What `docs/findings.md` says about a finding, for programs that show it beside.

use crate::gate::finding::Code;

const TEXT: &str = include_str!("../../../../docs/findings.md");

/// One section of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) code: Code,
    /// What it means.
    pub(super) meaning: String,
    /// The whole section: what it means, an example, what to do.
    pub(super) help: String,
}

/// All of them, in the order of [`Code::ALL`].
pub(super) fn rules() -> Vec<Rule> {
    Code::ALL.iter().map(|code| rule(*code)).collect()
}

fn rule(code: Code) -> Rule {
    let heading = format!("\n### {code}\n");
    let section = TEXT.split_once(heading.as_str()).map(|(_, rest)| rest).unwrap_or_default();
    let section = section.split("\n## ").next().and_then(|section| section.split("\n### ").next()).unwrap_or_default();
    let meaning = section.split("\n*Example:*").next().unwrap_or_default();
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    Rule {
        code,
        meaning: flat(meaning),
        help: section.trim().replace("*Example:*", "Example:").replace("*Do:*", "Do:"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_has_its_section_and_nothing_of_the_next() {
        let rules = rules();
        assert_eq!(rules.len(), Code::ALL.len());
        for rule in rules {
            let text = &rule.help;
            assert!(!rule.meaning.is_empty() && text.contains("\nExample: ") && text.contains("\nDo: "), "{rule:?}");
            assert!(!text.contains('#') && !rule.meaning.contains("Example:"), "{rule:?}");
        }
    }
}
