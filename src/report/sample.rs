//! The one report that every format is tested with: every severity, kind, place and status, and ugly names.
//!
//! It stands in a file, so that the integration tests read the same one.

use crate::model::{Report, ReportedCoverage, SCHEMA, Tool};

/// The sample report.
pub(super) fn sample_report() -> Report {
    serde_json::from_str(include_str!("../../fixtures/report/sample.json")).expect("the sample is a report")
}

/// The report of a scan that looked at everything and found nothing.
pub(super) fn clean_report() -> Report {
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "akscan".to_owned(), version: "0.1.0".to_owned(), rules_digest: "sha256:00".to_owned() },
        as_of: None,
        complete: true,
        coverage: ReportedCoverage { files: 3, bytes: 1500, ..ReportedCoverage::default() },
        findings: Vec::new(),
        errors: Vec::new(),
    }
}
