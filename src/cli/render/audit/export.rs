//! What `audit export` says of the file it wrote.

use std::fmt::Write as _;

use crate::commands::audit::{EvidenceReport, ExportReport};

/// Of a feed or a table; nothing of one on standard output.
pub fn text(report: &ExportReport) -> String {
    let Some(path) = &report.path else { return String::new() };
    let mut out = format!("{path}: {} lines\n", report.lines);
    if let Some(head) = &report.head {
        let _ = writeln!(out, "main was at {head}: go on with --after {head}");
    }
    out
}

/// Of evidence.
pub fn evidence(report: &EvidenceReport) -> String {
    let mut out = format!(
        "{}: {} requests, {} files, {} exceptions\n",
        report.path, report.requests, report.files, report.exceptions
    );
    let _ = writeln!(out, "manifest signed by {} with key {}", report.signer, report.key);
    let _ = writeln!(out, "sha256 of the manifest: {}", report.manifest);
    out
}
