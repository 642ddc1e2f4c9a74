//! What a server says to who pushed, a line a ref.

use std::fmt::Write as _;

use crate::commands::report::{HookReport, HookedReport};

/// Nothing where all is well, as hooks do.
pub(super) fn refused(report: &HookReport) -> String {
    let mut out = String::new();
    for refused in &report.refused {
        let name = refused.reference.strip_prefix("refs/heads/").unwrap_or(&refused.reference);
        let _ = write!(out, "refused {name}: {}: {}", refused.code, refused.message);
        let places = [("commit", &refused.commit), ("path", &refused.path)];
        let places = places.iter().filter_map(|(what, place)| Some(format!("{what} {}", place.as_ref()?)));
        let places: Vec<String> = places.collect();
        if !places.is_empty() {
            let _ = write!(out, " ({})", places.join(", "));
        }
        let _ = writeln!(out, "; {}", refused.advice);
    }
    if !report.ok && report.updates > report.refused.len() {
        let _ = writeln!(out, "nothing of this push was taken");
    }
    out
}

/// What was set up.
pub(super) fn installed(report: &HookedReport) -> String {
    let mut out = format!("hook    {}\nroot    {}\n", report.hook, report.root);
    for setting in &report.settings {
        let _ = writeln!(out, "set     {setting}");
    }
    if let Some(warning) = &report.warning {
        let _ = writeln!(out, "warning {warning}");
    }
    out
}
