//! `policy preview`: which commands an edited config.toml would govern, beside today.

use std::collections::BTreeMap;
use std::path::Path;

use crate::commands::error::CommandError;
use crate::commands::policy::diff::command;
use crate::commands::policy::explain::sketched;
use crate::commands::policy::recorded::newest;
use crate::commands::policy::{faulty, file, in_force};
use crate::commands::report::{Governs, PreviewReport, PreviewedCommand, PreviewedPolicy};
use crate::commands::{Context, Hand};
use crate::domain::policy::PolicySet;
use crate::domain::principal::{Name, Roster};
use crate::domain::shown;
use crate::gate::conditions::applies;
use crate::gate::governing::{Gate, Governing, governing_by};
use crate::record;

/// How many of the newest recorded requests are looked at.
const RECORDED: usize = 1_000;
/// The most command lines taken from a list.
const LISTED: usize = 10_000;

/// Compares the file's policies with those in force, over what was recorded and what is listed.
///
/// # Errors
/// A file cannot be read or is faulty, or nobody can tell what is in force.
pub fn preview(
    context: &Context<'_>,
    config: Option<&Path>,
    commands: Option<&Path>,
) -> Result<PreviewReport, CommandError> {
    let (name, bytes) = file(context, config.unwrap_or(Path::new("config.toml")))?;
    let set = record::policy::parse(&name, &bytes).map_err(|faults| faulty(&faults))?;
    let (store, at) = in_force(context)?;
    let (today, roster) = (at.version.config(), at.version.roster());
    let mut notes = Vec::new();
    notes.extend(record::policy::check_together(&name, &bytes, &set, roster).iter().map(ToString::to_string));
    let mut found: BTreeMap<(String, Governs, Governs), PreviewedCommand> = BTreeMap::new();
    let mut add =
        |command: String, source: &'static str, before: Governs, after: Governs| {
            let entry = found.entry((command.clone(), before.clone(), after.clone())).or_insert_with(|| {
                PreviewedCommand { command, recorded: 0, listed: 0, changed: before != after, before, after }
            });
            if source == "recorded" { entry.recorded += 1 } else { entry.listed += 1 }
        };
    for recorded in newest(&store, RECORDED)? {
        let request = &recorded.request;
        let judge = |set: &PolicySet| {
            governs(&governing_by(set, request, &recorded.texts, &|policy, found| {
                applies(policy, found, request, roster)
            }))
        };
        add(command(&request.command.argv), "recorded", judge(today), judge(&set));
    }
    let me = context.signer(Hand::Run).ok().and_then(|key| roster.owner_of(key.public()).map(|me| me.id.clone()));
    for argv in commands.map(|path| listed(context, path)).transpose()?.unwrap_or_default() {
        let judge = |set: &PolicySet| -> Result<Governs, CommandError> {
            let known: Option<(Name, &Roster)> = me.clone().map(|me| (me, roster));
            Ok(governs(&sketched(context, set, known.as_ref(), argv.clone(), None)?.0))
        };
        add(command(&argv), "listed", judge(today)?, judge(&set)?);
    }
    let mut commands: Vec<PreviewedCommand> = found.into_values().collect();
    commands.sort_by(|a, b| (!a.changed, &a.command).cmp(&(!b.changed, &b.command)));
    let policies = policies(today, &set, &commands);
    Ok(PreviewReport {
        config: shown::line(&name),
        version: at.version.root().version,
        changed: commands.iter().filter(|command| command.changed).count(),
        commands,
        policies,
        notes,
    })
}

fn governs(governing: &Governing) -> Governs {
    let (decision, reason) = match &governing.gate {
        Gate::Allow => ("allow", None),
        Gate::Review => ("review", None),
        Gate::Deny(reason) => ("deny", Some(shown::line(reason))),
    };
    Governs { decision, policies: governing.policies.clone(), reason }
}

/// Every policy of either file with how many of the commands it governs, those of the edited file first.
fn policies(today: &PolicySet, then: &PolicySet, commands: &[PreviewedCommand]) -> Vec<PreviewedPolicy> {
    let gone = today.policies.iter().filter(|policy| then.get(&policy.name).is_none());
    then.policies
        .iter()
        .chain(gone)
        .map(|policy| {
            let name = &policy.name;
            let of = |pick: fn(&PreviewedCommand) -> &Governs| -> Vec<String> {
                let own = commands.iter().filter(|command| pick(command).policies.contains(name));
                own.map(|command| command.command.clone()).collect()
            };
            PreviewedPolicy {
                name: shown::line(name),
                today: today.get(name).map(|_| of(|command| &command.before)),
                then: then.get(name).map(|_| of(|command| &command.after)),
            }
        })
        .collect()
}

/// The command lines of a list: one a line, as one types them; empty lines and `#` ones are passed over.
fn listed(context: &Context<'_>, path: &Path) -> Result<Vec<Vec<Vec<u8>>>, CommandError> {
    let (name, bytes) = file(context, path)?;
    let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.trim_ascii());
    let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")).collect();
    if lines.len() > LISTED {
        let name = shown::line(&name);
        return Err(CommandError::no(format!(
            "`{name}` has {} command lines, at most {LISTED} are taken",
            lines.len()
        )));
    }
    Ok(lines
        .into_iter()
        .map(|line| {
            words(line).unwrap_or_else(|| ["sh", "-c"].map(Vec::from).into_iter().chain([line.to_vec()]).collect())
        })
        .collect())
}

/// The words of a plain command line; `None` where it takes a shell to know them.
fn words(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (mut argv, mut word) = (Vec::new(), None::<Vec<u8>>);
    let mut bytes = line.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match bytes.next()? {
                        b'\'' => break,
                        byte => word.push(byte),
                    }
                }
            }
            b'"' => {
                let word = word.get_or_insert_default();
                loop {
                    match bytes.next()? {
                        b'"' => break,
                        b'$' | b'`' => return None,
                        b'\\' => match bytes.next()? {
                            byte @ (b'"' | b'\\' | b'$' | b'`') => word.push(byte),
                            byte => word.extend([b'\\', byte]),
                        },
                        byte => word.push(byte),
                    }
                }
            }
            b'\\' => word.get_or_insert_default().push(bytes.next()?),
            b' ' | b'\t' => argv.extend(word.take()),
            b'|' | b'&' | b';' | b'<' | b'>' | b'(' | b')' | b'$' | b'`' | b'*' | b'?' | b'[' | b'{' | b'~' => {
                return None;
            }
            b'#' if word.is_none() => return None,
            byte => word.get_or_insert_default().push(byte),
        }
    }
    argv.extend(word);
    // `X=1 migrate` and `!` mean something to a shell alone.
    let first = argv.first()?;
    (!first.contains(&b'=') && first != b"!").then_some(argv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_as_a_shell_would_or_given_to_one() {
        let split = |line: &str| {
            let words = words(line.as_bytes())?;
            Some(words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect::<Vec<_>>().join("|"))
        };
        for (line, expected) in [
            ("migrate up", Some("migrate|up")),
            ("  a\t'b c'd  \"e \\\"f\" \\g ''", Some("a|b cd|e \"f|g|")),
            ("echo \"a\\b\"", Some("echo|a\\b")),
            ("a | b", None),
            ("a $X", None),
            ("a \"$X\"", None),
            ("rm *", None),
            ("X=1 a", None),
            ("a 'b", None),
            ("a \\", None),
            ("a b#c", Some("a|b#c")),
            ("a #c", None),
            ("a b=c", Some("a|b=c")),
        ] {
            assert_eq!(split(line).as_deref(), expected, "{line}");
        }
    }
}
