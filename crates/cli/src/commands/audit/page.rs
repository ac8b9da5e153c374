//! The page of an audit.

use std::path::PathBuf;

use armistice::analyze::findings::{AuditDocument, TheoryAudit};

use super::Done;
use crate::arguments::Audit;
use crate::calendar;
use crate::failure::Failure;
use crate::run_folder::write_whole;
use crate::work::Opened;

/// Writes the page where it is wanted, and says where it is.
pub fn write(
    arguments: &Audit,
    scenarios: &[Opened],
    done: &[Done],
    command: &str,
) -> Result<Vec<PathBuf>, Failure> {
    let inside = arguments.out.as_ref().map(|out| out.join("audit.html"));
    let targets: Vec<PathBuf> = inside.into_iter().chain(arguments.report.clone()).collect();
    if targets.is_empty() {
        return Ok(targets);
    }
    let about = scenarios.first().map(|opened| &opened.scenario.about);
    let title = |position: usize| {
        let opened = scenarios.get(position);
        opened.map_or_else(String::new, |opened| opened.scenario.about.title.clone())
    };
    let audits = done.iter().map(|one| TheoryAudit {
        scenario: one.scenario,
        title: title(one.scenario),
        theory: one.theory.clone(),
        held: one.held.clone(),
        findings: one.findings.clone(),
        examples: one.examples(arguments.out.as_deref()),
    });
    let document = AuditDocument {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: command.to_owned(),
        date: Some(calendar::today()),
        seed: arguments.seed,
        question: about.and_then(|about| about.question.clone()),
        cannot_say: about.map(|about| about.cannot_say.clone()).unwrap_or_default(),
        audits: audits.collect(),
    };
    let page = armistice::report::render_audit(&document)
        .map_err(|error| Failure::Bug { what: format!("failed to {error}") })?;
    for target in &targets {
        write_whole(target, page.as_bytes())?;
    }
    Ok(targets)
}
