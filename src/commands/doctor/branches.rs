//! Branches that are none of ours.

use super::{fault, fine, quoted};
use crate::commands::report::Check;
use crate::domain::id::{Digest, RequestId};

/// Branches that are none of ours; one that takes the place of a directory of ours blocks everything below it.
pub(super) fn foreign(url: &str, branches: &[String]) -> Vec<Check> {
    let delete = |name: &str| format!("git push {} --delete {}", quoted(url), quoted(&format!("refs/heads/{name}")));
    let others = branches.iter().filter(|name| !is_ours(name));
    let (blocking, stray): (Vec<&String>, Vec<&String>) = others.partition(|name| DIRECTORIES.contains(&name.as_str()));
    let mut checks = Vec::new();
    for name in blocking {
        checks
            .push(fault("branches", format!("the branch `{name}` is in the way of all `{name}/…`")).hint(delete(name)));
    }
    if !stray.is_empty() {
        let check = fine("branches", format!("{} are none of expacti's, and ignored; to delete them:", stray.len()));
        checks.push(stray.iter().map(|name| delete(name)).fold(check, Check::hint));
    }
    if checks.is_empty() {
        checks.push(fine("branches", "all are expacti's"));
    }
    checks
}

const DIRECTORIES: [&str; 4] = ["requests", "policy", "claims", "outcomes"];

fn is_ours(name: &str) -> bool {
    let id = |text: &str| text.parse::<RequestId>().is_ok();
    match name.split_once('/') {
        None => name == "main",
        Some(("requests" | "claims" | "outcomes", rest)) => id(rest),
        Some(("policy", rest)) => rest.split_once('-').is_some_and(|(number, digest)| {
            number.parse::<u32>().is_ok_and(|version| format!("{version:06}") == number)
                && digest.parse::<Digest>().is_ok()
        }),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_names_are_ours() {
        let (id, digest) = ("0".repeat(32), "0".repeat(64));
        for name in
            ["main".to_owned(), format!("requests/{id}"), format!("claims/{id}"), format!("policy/000002-{digest}")]
        {
            assert!(is_ours(&name), "{name}");
        }
        for name in ["requests", "master", "requests/x", "policy/2-x", "main/x", "feature/x", ""] {
            assert!(!is_ours(name), "{name}");
        }
        assert!(!is_ours(&format!("policy/2-{digest}")) && !is_ours(&format!("requests/{}", id.to_uppercase() + "A")));
    }

    #[test]
    fn what_is_printed_to_be_run_is_quoted() {
        let checks = foreign("/srv/a b.git", &["main".to_owned(), "x;$(reboot)'".to_owned(), "requests".to_owned()]);
        assert_eq!(checks.iter().map(|check| check.ok).collect::<Vec<_>>(), [false, true]);
        assert_eq!(checks[1].hints, ["git push '/srv/a b.git' --delete 'refs/heads/x;$(reboot)'\\'''"]);
    }
}
