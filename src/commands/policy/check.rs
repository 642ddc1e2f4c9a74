//! `policy check`: what is wrong with config.toml and roster.toml, and what may surprise.

use std::path::Path;

use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::commands::policy::{file, in_force, lint};
use crate::commands::report::CheckReport;
use crate::domain::principal::Fault;
use crate::gate::history::{self, History as _};
use crate::record::{self, Diagnostic};
use crate::world::settings::Pins;

/// A file under check.
struct Source {
    name: String,
    bytes: Vec<u8>,
    /// How the report calls it.
    words: String,
}

impl Source {
    fn place(&self, faults: &[Fault]) -> Vec<Diagnostic> {
        record::policy::place(&self.name, &self.bytes, faults)
    }
}

/// Checks the files named; for one that is not, the one in force, as far as it is needed.
///
/// `config` alone is checked for itself, `roster` alone against the policies in force, where this machine has any.
///
/// # Errors
/// A file cannot be read, or nobody can tell what is in force; what is wrong in a file stands in the report.
pub fn check(context: &Context<'_>, config: Option<&Path>, roster: Option<&Path>) -> Result<CheckReport, CommandError> {
    let named = |path: Option<&Path>| match path {
        Some(path) => {
            let (name, bytes) = file(context, path)?;
            Ok(Some(Source { words: crate::domain::shown::line(&name), name, bytes }))
        }
        None => Ok::<_, CommandError>(None),
    };
    let (mut config_file, mut roster_file) = (named(config)?, named(roster)?);
    let joined = !Pins::load(&context.world.paths)?.pin.is_empty();
    if config.is_none() && (roster.is_none() || joined) {
        let (config, roster) = sources_in_force(context)?;
        config_file = Some(config);
        roster_file = roster_file.or(Some(roster));
    }
    Ok(examine(config_file.as_ref(), roster_file.as_ref()))
}

fn sources_in_force(context: &Context<'_>) -> Result<(Source, Source), CommandError> {
    let (store, at) = in_force(context)?;
    let unsure = |error: history::ReadError| CommandError::unsure(error.to_string());
    let objects = store.objects();
    let tree = objects.commit(&at.commit).map_err(unsure)?.tree;
    let version = at.version.root().version;
    let source = |name: &str| -> Result<Source, CommandError> {
        let path = format!("{}/{name}", crate::domain::root::Root::directory(version));
        let entry = history::at(objects, &tree, &path).map_err(unsure)?;
        let entry = entry.ok_or_else(|| CommandError::unsure(format!("`{path}` is missing")))?;
        let bytes = objects.blob(&entry.id, record::root::MAX_FILE).map_err(unsure)?;
        Ok(Source { name: name.to_owned(), bytes, words: format!("{name} in force (version {version})") })
    };
    Ok((source("config.toml")?, source("roster.toml")?))
}

fn examine(config: Option<&Source>, roster: Option<&Source>) -> CheckReport {
    let set = config.map(|source| record::policy::parse(&source.name, &source.bytes));
    let people = roster.map(|source| record::roster::parse(&source.name, &source.bytes));
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    let (set, people) = (keep(set, &mut errors), keep(people, &mut errors));
    if let (Some(source), Some(set)) = (config, &set) {
        if let Some(people) = &people {
            errors.extend(record::policy::check_together(&source.name, &source.bytes, set, people));
        }
        warnings.extend(source.place(&lint::config(set)));
        // What nobody can meet is an error already.
        if let Some(people) = people.as_ref().filter(|_| errors.is_empty()) {
            warnings.extend(source.place(&lint::together(set, people)));
        }
    }
    if let (Some(source), Some(people)) = (roster, &people) {
        warnings.extend(source.place(&lint::roster(people)));
    }
    let sources = || config.into_iter().chain(roster);
    warnings.sort_by_key(|warning| (warning.file.clone(), warning.line, warning.column));
    CheckReport {
        ok: errors.is_empty(),
        checked: sources().map(|source| source.words.clone()).collect(),
        errors: errors.iter().map(ToString::to_string).collect(),
        warnings: warnings.into_iter().map(|warning| warning.warning().to_string()).collect(),
    }
}

/// What was read; its faults go to the others.
fn keep<T>(read: Option<Result<T, Vec<Diagnostic>>>, errors: &mut Vec<Diagnostic>) -> Option<T> {
    match read? {
        Ok(value) => Some(value),
        Err(faults) => {
            errors.extend(faults);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source { name: name.to_owned(), bytes: text.as_bytes().to_vec(), words: name.to_owned() }
    }

    #[test]
    fn every_fault_is_reported_with_its_place() {
        let config = source("c.toml", "[[approval_policies]]\nname = \"a\"\npatern = \"x\"\nrequirement = \"deny\"\n");
        let roster = source("r.toml", "[trust]\nadmins = [\"alice\"]\nthreshold = 1\n");
        let report = examine(Some(&config), Some(&roster));
        assert!(!report.ok);
        assert!(report.errors.iter().any(|error| error.starts_with("c.toml:3:1: error[unknown-key]")), "{report:?}");
        assert!(report.errors.iter().any(|error| error.starts_with("r.toml:2:")), "{report:?}");
        assert_eq!(report.checked, ["c.toml", "r.toml"]);
    }

    #[test]
    fn the_order_of_the_seed_is_reported() {
        let text = "[[approval_policies]]\nname = \"all\"\npattern = \"*\"\nrequirement = \"min_role\"\nmin_role = \"admin\"\n\
                    [[approval_policies]]\nname = \"prod-deploy\"\npattern = \"deploy*\"\nrequirement = \"min_role\"\nmin_role = \"admin\"\n";
        let report = examine(Some(&source("config.toml", text)), None);
        assert!(report.ok);
        let unreachable = report.warnings.iter().find(|warning| warning.contains("warning[unreachable]")).unwrap();
        assert!(unreachable.starts_with("config.toml:8:11: "), "{unreachable}");
        assert!(unreachable.contains("`prod-deploy`") && unreachable.contains("`all`"), "{unreachable}");
    }
}
