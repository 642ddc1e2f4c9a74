//! `doctor` in words.

use std::fmt::Write as _;

use crate::commands::report::DoctorReport;

/// One line a check, what to do beneath it, and the sum of it.
pub(super) fn doctor(report: &DoctorReport) -> String {
    let mut out = String::new();
    for check in &report.checks {
        let mark = if check.ok { "ok " } else { "NOT" };
        let _ = writeln!(out, "{mark} {:<9} {}", check.name, check.message);
        for hint in &check.hints {
            let _ = writeln!(out, "    {:<9} {hint}", "");
        }
    }
    let faults = report.checks.iter().filter(|check| !check.ok).count();
    let _ = match faults {
        0 => writeln!(out, "all is fine"),
        1 => writeln!(out, "1 thing is not fine"),
        faults => writeln!(out, "{faults} things are not fine"),
    };
    out
}
