//! The quick audit of the claims, which is part of a run.

use std::time::Instant;

use armistice::analyze::audit::{self, Short};
use armistice::analyze::findings::{Missing, QuickAudit};
use armistice::analyze::sweep::SweepError;
use armistice::analyze::{AnalyzeError, Findings, Options};
use armistice::scenario::Scenario;
use armistice::{Control, Progress};

use crate::arguments::Run;
use crate::progress::ProgressLine;
use crate::session::Session;
use crate::text::plural;
use crate::work;

/// Cases where none are asked for: a balanced part of the Sobol sequence.
const CASES: u32 = 64;

/// After so many seconds no case is begun, where no number of cases is asked for.
const SECONDS: f64 = 125.0;

/// Audits the claims and adds what is found to the findings, or why there is nothing. Scenarios in which there is nothing to audit stay as they
/// are.
pub fn add(
    session: &Session,
    arguments: &Run,
    scenario: &Scenario,
    options: &Options,
    findings: &mut Findings,
) {
    if !audit::can_audit(scenario) {
        return;
    }
    if arguments.quick || arguments.audit.no_audit {
        if arguments.audit.no_audit {
            repeat(findings, "--no-audit");
        }
        return absent(findings, "not asked for".to_owned());
    }
    let seconds = match arguments.audit.audit_seconds {
        Some(seconds) => seconds,
        None if arguments.audit.audit_cases.is_some() => f64::INFINITY,
        None => SECONDS,
    };
    let asked = arguments.audit.audit_cases.unwrap_or(CASES);
    let line = ProgressLine::new(session.quiet);
    let update = |progress: Progress<'_>| line.update(progress);
    let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
    let begun = Instant::now();
    let more = || begun.elapsed().as_secs_f64() < seconds;
    let found = audit::quick(scenario, asked as usize, arguments.seed, options, &more, &control);
    drop(line);
    let (found, short) = match found {
        Ok(Some(found)) => found,
        Ok(None) => return,
        Err(SweepError::Analyze(AnalyzeError::Cancelled)) => {
            return absent(findings, "stopped on request".to_owned());
        }
        Err(error) => return absent(findings, format!("failed to {error}")),
    };
    let short = short.map(|short| match short {
        Short::NoMore => {
            format!("the {seconds} s set aside were over; --audit-cases {asked} takes as long as it needs")
        }
        Short::Stopped => "stopped on request".to_owned(),
    });
    if found.cases != CASES as usize {
        repeat(findings, &format!("--audit-cases {}", found.cases));
    }
    session.step("audited", &format!("{}, quickly", plural(found.cases, "case")), begun);
    findings.audit = Some(QuickAudit {
        asked: asked as usize,
        short,
        seed: arguments.seed,
        full: full(arguments),
        findings: found,
    });
}

fn absent(findings: &mut Findings, reason: String) {
    findings.missing.push(Missing { part: "audit".to_owned(), reason });
}

/// Adds an option to the command that gives the same report: one with as many cases as there are, whatever stopped the rest.
fn repeat(findings: &mut Findings, option: &str) {
    if let Some(command) = &mut findings.provenance.command {
        command.push_str(&format!(" {option}"));
    }
}

/// The command of the whole audit; none where parameters are set, which an audit takes from theories.
fn full(arguments: &Run) -> Option<String> {
    if !arguments.set.is_empty() {
        return None;
    }
    let mut words = vec!["--report audit.html".to_owned()];
    words.extend(arguments.audit_points.map(|points| format!("--belief-points {points}")));
    let mut options = arguments.options.clone();
    // There it is the grid of the audit, not that of the main solution.
    options.belief_points = None;
    Some(work::command("audit", &arguments.scenario, words, &options, Some(arguments.seed)))
}
