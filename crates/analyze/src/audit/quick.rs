//! An audit that is cut short when its time is over: some cases from the start of the design, and no counterexamples.

use armistice_scenario::Scenario;
use armistice_solve::Control;

use super::{Audit, AuditFindings, AuditSettings};
use crate::AnalyzeError;
use crate::design::Sampling;
use crate::options::Options;
use crate::sweep::SweepError;

/// Cases that are begun together: few, so that little is lost when somebody asks to stop.
const TOGETHER: usize = 8;

/// Why an audit has fewer cases than it was to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Short {
    /// `more` said no.
    NoMore,
    /// Stopped on request.
    Stopped,
}

/// Audits the scenario as written over its first cases, as long as `more` says so before every eight of them.
///
/// The findings are those of an audit with just as many cases: they depend on how many were done, which they say, and not on what
/// stopped the rest. Nothing is judged under other precisions, selections and priors, and no counterexample is looked for further than the
/// design.
///
/// - returns nothing where no claim or nothing uncertain is there, and where nothing was done.
/// - errors: as for [`Audit::new`]; [`AnalyzeError::Cancelled`], as [`SweepError::Analyze`], where it was stopped before the first cases were done.
pub fn quick(
    scenario: &Scenario,
    cases: usize,
    seed: u64,
    options: &Options,
    more: &dyn Fn() -> bool,
    control: &Control<'_>,
) -> Result<Option<(AuditFindings, Option<Short>)>, SweepError> {
    if !can_audit(scenario) || cases == 0 {
        return Ok(None);
    }
    let planned = |points: usize| {
        let settings = AuditSettings {
            sampling: Sampling::Sobol { points, seed },
            scales: Vec::new(),
            odds: Vec::new(),
            evaluations: 0,
            checked: 0,
            ..AuditSettings::default()
        };
        Audit::new(scenario, &[], &[], &settings, options)
    };
    let mut audit = planned(cases)?;
    // First, so that nothing has to be solved any more once it is stopped.
    let under = audit.under(control)?;
    let (mut rows, mut short) = (Vec::new(), None);
    while rows.len() < cases {
        if !rows.is_empty() && !more() {
            short = Some(Short::NoMore);
            break;
        }
        match audit.sweep.rows(rows.len()..(rows.len() + TOGETHER).min(cases), control) {
            Ok(some) => rows.extend(some),
            Err(AnalyzeError::Cancelled) if !rows.is_empty() => {
                short = Some(Short::Stopped);
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    if rows.len() < cases {
        // The points of a Sobol sequence are the same however many of them are taken.
        audit = planned(rows.len())?;
    }
    let table = audit.sweep.plan().table(&rows);
    let findings = audit.read(&table, &under, &Control::default())?;
    Ok(Some((findings, short)))
}

/// Whether there is a claim, and a parameter with a range or a distribution.
#[must_use]
pub fn can_audit(scenario: &Scenario) -> bool {
    let uncertain = |p: &armistice_scenario::Parameter| p.range.is_some() || p.distribution.is_some();
    !scenario.claims.is_empty() && scenario.parameters.iter().any(uncertain)
}
