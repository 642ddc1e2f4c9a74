//! The history of the policy repository as a graph: what `git log --graph --first-parent` shows, and what each step brought.

use std::collections::BTreeSet;
use std::path::Path;

use git2::{Oid, Repository};

/// Lines, newest step first: every step of `main`, and below it the commits that it took in.
pub(super) fn graph(repository: &Path) -> Result<Vec<String>, git2::Error> {
    let repository = Repository::open_bare(repository)?;
    let mut steps = vec![repository.refname_to_id("refs/heads/main")?];
    while let Some(parent) =
        steps.last().map(|step| repository.find_commit(*step)).transpose()?.and_then(|step| step.parent_id(0).ok())
    {
        steps.push(parent);
    }
    let mut known: BTreeSet<Oid> = steps.iter().copied().collect();
    let mut lines = Vec::new();
    // From the oldest on, so that each commit stands below the step that brought it first.
    for step in steps.iter().rev() {
        let mut step_lines = vec![format!("* {}", line(&repository, *step)?)];
        let mut next = repository.find_commit(*step)?.parent_id(1).ok();
        let mut brought = Vec::new();
        while let Some(id) = next.filter(|id| known.insert(*id)) {
            brought.push(format!("| * {}", line(&repository, id)?));
            next = repository.find_commit(id)?.parent_id(0).ok();
        }
        if !brought.is_empty() {
            step_lines.push("|\\".to_owned());
            step_lines.append(&mut brought);
            step_lines.push("|/".to_owned());
        }
        lines.splice(0..0, step_lines);
    }
    Ok(lines)
}

fn line(repository: &Repository, id: Oid) -> Result<String, git2::Error> {
    let commit = repository.find_commit(id)?;
    let summary = String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned();
    let summary: Vec<String> = summary.split(' ').map(shorten).collect();
    let hash: String = id.to_string().chars().take(7).collect();
    let summary = crate::domain::shown::line(&summary.join(" "));
    Ok(format!("{hash} {summary}"))
}

/// A request's id by its first digits.
fn shorten(word: &str) -> String {
    let id = word.trim_end_matches(':');
    if id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let tail = if id.len() < word.len() { ":" } else { "" };
        return id.chars().take(8).chain(tail.chars()).collect();
    }
    word.to_owned()
}
