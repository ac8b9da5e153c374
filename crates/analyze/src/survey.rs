//! The headline measures and the attacker's margins under many variations, in parallel.

use armistice_game::PlayerId;
use armistice_scenario::{Measure, Scenario};
use armistice_solve::Control;
use rayon::prelude::*;

use crate::AnalyzeError;
use crate::evaluate::Measures;
use crate::findings::{MeasureValue, Outcome, TypeMargin};
use crate::runs::{Runs, Variation};

/// The measures named in `headline`, all measures when it is empty.
pub(crate) fn headline(scenario: &Scenario) -> Vec<&Measure> {
    if scenario.about.headline.is_empty() {
        return scenario.measures.iter().collect();
    }
    let named = |name: &String| scenario.measures.iter().find(|m| m.name == *name);
    scenario.about.headline.iter().filter_map(named).collect()
}

/// Headline measures and margins of one variation, without differences.
///
/// - errors: [`AnalyzeError::Cancelled`]; every other failure is in [`Outcome::undefined`].
pub(crate) fn outcome(runs: &Runs<'_>, variation: &Variation) -> Result<Outcome, AnalyzeError> {
    let scenario = variation.scenario();
    let run = match runs.get(variation) {
        Ok(run) => run,
        Err(AnalyzeError::Cancelled) => return Err(AnalyzeError::Cancelled),
        Err(error) => {
            return Ok(Outcome { undefined: Some(format!("failed to {error}")), ..Outcome::default() });
        }
    };
    let measures = Measures::new(runs, variation);
    let mut out = Outcome::default();
    for measure in headline(scenario) {
        let value = measures.number(&measure.value)?.value;
        out.measures.push(MeasureValue { name: measure.name.clone(), value, difference: None });
    }
    let attacker = PlayerId::new(scenario.about.attacker);
    let types = scenario.players.get(attacker.index()).map_or(&[][..], |p| &p.types);
    for (kind, margin) in types.iter().zip(run.margins(attacker)) {
        let margin = margin.map(|m| m.margin());
        out.margins.push(TypeMargin { kind: kind.name.clone(), margin, difference: None });
    }
    Ok(out)
}

/// [`outcome`] of many variations, in their order, with differences to `base`.
///
/// Reports progress as `what`; independent of the number of threads.
///
/// - errors: [`AnalyzeError::Cancelled`] when stopped before all were done.
pub(crate) fn outcomes(
    runs: &Runs<'_>,
    variations: &[Variation],
    base: &Outcome,
    what: &str,
    control: &Control<'_>,
) -> Result<Vec<Outcome>, AnalyzeError> {
    let total = variations.len() as u64;
    let mut out = Vec::with_capacity(variations.len());
    // Some at a time, so that progress is reported from the thread that started the work.
    for some in variations.chunks(8 * rayon::current_num_threads().max(1)) {
        control.report(what, out.len() as u64, Some(total));
        let done: Result<Vec<Outcome>, AnalyzeError> =
            some.par_iter().map(|variation| Ok(compared(outcome(runs, variation)?, base))).collect();
        out.extend(done?);
    }
    control.report(what, total, Some(total));
    Ok(out)
}

/// With differences to `base`.
pub(crate) fn compared(mut outcome: Outcome, base: &Outcome) -> Outcome {
    for (row, old) in outcome.measures.iter_mut().zip(&base.measures) {
        row.difference = row.value.zip(old.value).map(|(new, old)| new - old);
    }
    for (row, old) in outcome.margins.iter_mut().zip(&base.margins) {
        row.difference = row.margin.zip(old.margin).map(|(new, old)| new - old);
    }
    outcome
}
