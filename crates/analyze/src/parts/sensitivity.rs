//! How everything depends on precision, priors and parameters.

use armistice_game::PlayerId;
use armistice_scenario::{Change, Expression, Scenario, Term};
use armistice_solve::Control;

use crate::AnalyzeError;
use crate::findings::{How, Outcome, PrecisionRow, PriorRow, PriorSweep, Threshold, TornadoRow};
use crate::gradient::{Derivative, gradient};
use crate::parts::outlook::quantity;
use crate::run::Run;
use crate::runs::{Runs, Variation};
use crate::survey::outcomes;

/// Factors on every precision.
pub(crate) const PRECISIONS: [f64; 6] = [0.5, 0.75, 1.0, 1.25, 1.5, 2.0];

/// Priors of a sweep.
const PRIORS: [f64; 11] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

/// Most games solved for one threshold.
const STEPS: usize = 6;

/// A threshold is found when the margin there is below this share of the larger margin at the ends of the range.
const CLOSE: f64 = 1e-3;

/// Precision of all players times a factor.
pub(crate) fn precision(
    runs: &Runs<'_>,
    base: &Variation,
    plain: &Outcome,
    control: &Control<'_>,
) -> Result<Vec<PrecisionRow>, AnalyzeError> {
    let variations: Vec<Variation> = PRECISIONS.iter().map(|scale| base.with_precision(*scale)).collect();
    let found = outcomes(runs, &variations, plain, "scaling precision", control)?;
    Ok(PRECISIONS.iter().zip(found).map(|(scale, outcome)| PrecisionRow { scale: *scale, outcome }).collect())
}

/// The attacker's prior swept; `None` when the attacker has one type.
///
/// Where the prior of a type is a parameter, that parameter is swept, so that measures which mention it follow; else the public
/// belief at the start.
pub(crate) fn prior(
    runs: &Runs<'_>,
    base: &Variation,
    run: &Run,
    plain: &Outcome,
    control: &Control<'_>,
) -> Result<Option<PriorSweep>, AnalyzeError> {
    let scenario = base.scenario();
    let attacker = PlayerId::new(scenario.about.attacker);
    let Some(spec) = scenario.players.get(attacker.index()).filter(|p| p.types.len() > 1) else {
        return Ok(None);
    };
    let parameter = spec.types.iter().enumerate().find_map(|(kind, t)| match &t.prior.term {
        Term::Name(parts) => {
            let name = parts.first().filter(|_| parts.len() == 1)?;
            let position = scenario.parameters.iter().position(|p| p.name == *name)?;
            // Only two types surely leave the rest of the probability to the other one.
            (spec.types.len() == 2).then_some((kind, position))
        }
        _ => None,
    });
    let kind = parameter.map_or(spec.types.len() - 1, |(kind, _)| kind);
    let variations: Vec<Variation> = PRIORS
        .iter()
        .map(|p| match parameter {
            Some((_, position)) => base.with_parameter(position, *p),
            None => {
                let belief = crate::parts::margins::sweep(&run.game, &run.start.belief, attacker, kind, *p);
                let own = belief.of(&run.game, attacker).iter().enumerate();
                let rows = own.map(|(k, b)| (attacker.index(), k, *b)).collect();
                base.with_change(&Change { belief: rows, ..Change::default() })
            }
        })
        .collect();
    let found = outcomes(runs, &variations, plain, "sweeping the prior", control)?;
    let words = spec.types.get(kind);
    Ok(Some(PriorSweep {
        player: spec.name.clone(),
        kind: words.map(|t| t.name.clone()).unwrap_or_default(),
        title: words.map(|t| t.title.clone()).unwrap_or_default(),
        base: run.start.belief.of(&run.game, attacker).get(kind).copied().unwrap_or(0.0),
        rows: PRIORS.iter().zip(found).map(|(p, outcome)| PriorRow { prior: *p, outcome }).collect(),
    }))
}

/// Derivatives of the headline measures, all parameters at once.
pub(crate) fn derivatives(
    runs: &Runs<'_>,
    base: &Variation,
    control: &Control<'_>,
) -> Result<Vec<Derivative>, AnalyzeError> {
    let scenario = base.scenario();
    let named = scenario.about.headline.iter().filter_map(|name| {
        let measure = scenario.measures.iter().find(|measure| measure.name == *name)?;
        Some((measure.name.clone(), measure.value.clone(), measure.unit.clone()))
    });
    let measures: Vec<(String, Expression, Option<String>)> = named.collect();
    if measures.is_empty() {
        return Ok(Vec::new());
    }
    control.report("differentiating", 0, None);
    Ok(gradient(runs, base, &measures, control)?.derivatives)
}

/// The parameters with a range, by position, with their value in the scenario.
pub(crate) fn ranged(scenario: &Scenario, run: &Run) -> Vec<(usize, f64, (f64, f64))> {
    let parameters = scenario.parameters.iter().enumerate();
    parameters
        .filter_map(|(position, p)| Some((position, run.parameters.get(position).copied()?, p.range?)))
        .filter(|(_, _, (low, high))| low < high)
        .collect()
}

/// Each parameter with a range at both ends of it; largest effect on the first headline measure first.
pub(crate) fn tornado(
    runs: &Runs<'_>,
    base: &Variation,
    run: &Run,
    plain: &Outcome,
    control: &Control<'_>,
) -> Result<Vec<TornadoRow>, AnalyzeError> {
    let scenario = base.scenario();
    let ranged = ranged(scenario, run);
    let ends = ranged.iter().flat_map(|(position, _, (low, high))| [(*position, *low), (*position, *high)]);
    let variations: Vec<Variation> =
        ends.map(|(position, value)| base.with_parameter(position, value)).collect();
    let found = outcomes(runs, &variations, plain, "varying parameters", control)?;
    let mut rows: Vec<TornadoRow> = ranged
        .iter()
        .zip(found.chunks_exact(2))
        .filter_map(|((position, value, (low, high)), ends)| {
            let parameter = scenario.parameters.get(*position)?;
            let [at_low, at_high] = ends else { return None };
            Some(TornadoRow {
                parameter: parameter.name.clone(),
                unit: parameter.unit.clone(),
                controlled_by: parameter.controlled_by.clone(),
                base: *value,
                low: *low,
                high: *high,
                at_low: at_low.clone(),
                at_high: at_high.clone(),
            })
        })
        .collect();
    rows.sort_by(|a, b| effect(b).total_cmp(&effect(a)));
    Ok(rows)
}

/// Largest difference to the first headline measure (the first margin, where there is none) at either end.
pub(crate) fn effect(row: &TornadoRow) -> f64 {
    let of = |outcome: &Outcome| {
        let measure = outcome.measures.first().and_then(|m| m.difference);
        measure.or_else(|| outcome.margins.first().and_then(|m| m.difference)).map_or(0.0, f64::abs)
    };
    of(&row.at_low).max(of(&row.at_high))
}

/// Where in the range of a parameter the margin of a type changes sign, for every pair whose margins at the two ends differ in
/// sign.
///
/// The margin is read at one node of the first period, and that node may change with the parameter: a sign change across
/// such a jump has no zero, which `undefined` of the crossing then says.
pub(crate) fn thresholds(
    runs: &Runs<'_>,
    base: &Variation,
    tornado: &[TornadoRow],
    control: &Control<'_>,
) -> Result<Vec<Threshold>, AnalyzeError> {
    let scenario = base.scenario();
    let attacker = PlayerId::new(scenario.about.attacker);
    let mut open = Vec::new();
    for row in tornado {
        let Some(position) = scenario.parameters.iter().position(|p| p.name == row.parameter) else {
            continue;
        };
        for (kind, (low, high)) in row.at_low.margins.iter().zip(&row.at_high.margins).enumerate() {
            if let (Some(low), Some(high)) = (low.margin, high.margin)
                && low * high < 0.0
            {
                open.push((row, position, kind, low, high));
            }
        }
    }
    let total = open.len() as u64;
    let mut out = Vec::new();
    for some in open.chunks(2 * rayon::current_num_threads().max(1)) {
        control.report("finding thresholds", out.len() as u64, Some(total));
        let done: Result<Vec<Threshold>, AnalyzeError> = {
            use rayon::prelude::*;
            some.par_iter()
                .map(|(row, position, kind, low, high)| {
                    let margin =
                        |value: f64| match runs.margins(&base.with_parameter(*position, value), attacker) {
                            Ok(margins) => Ok(margins.get(*kind).copied().flatten()),
                            Err(AnalyzeError::Cancelled) => Err(AnalyzeError::Cancelled),
                            Err(_) => Ok(None),
                        };
                    let crossing = cross(row.low, row.high, *low, *high, &margin)?;
                    let mut found = quantity(crossing, How::Equilibrium, runs.grid_points());
                    found.unit.clone_from(&row.unit);
                    Ok(Threshold {
                        parameter: row.parameter.clone(),
                        kind: row.at_low.margins.get(*kind).map(|m| m.kind.clone()).unwrap_or_default(),
                        base: row.base,
                        crossing: found,
                        margin_at_low: *low,
                        margin_at_high: *high,
                    })
                })
                .collect()
        };
        out.extend(done?);
    }
    Ok(out)
}

/// A zero of `f` between `a` and `b`, whose values there differ in sign: regula falsi that halves the value kept at an end
/// that stays (the Illinois rule; Dowell and Jarratt 1971), so that both ends close in.
pub(crate) fn cross(
    mut a: f64,
    mut b: f64,
    mut at_a: f64,
    mut at_b: f64,
    f: &dyn Fn(f64) -> Result<Option<f64>, AnalyzeError>,
) -> Result<Result<f64, String>, AnalyzeError> {
    let scale = at_a.abs().max(at_b.abs());
    let mut best = (f64::INFINITY, a);
    for _ in 0..STEPS {
        let middle = a + (b - a) * at_a / (at_a - at_b);
        let Some(value) = f(middle)? else {
            return Ok(Err(format!("at {middle} the player has no choice, or the game is not solved")));
        };
        if value.abs() < best.0 {
            best = (value.abs(), middle);
        }
        if value.abs() <= CLOSE * scale {
            return Ok(Ok(middle));
        }
        if (value > 0.0) == (at_b > 0.0) {
            at_a *= 0.5;
        } else {
            (a, at_a) = (b, at_b);
        }
        (b, at_b) = (middle, value);
    }
    // Across a jump the two sides stay apart however close they come.
    if best.0 > 20.0 * CLOSE * scale {
        let (low, high) = (a.min(b), a.max(b));
        return Ok(Err(format!(
            "the margin jumps between {low} and {high}, where it is read at another node"
        )));
    }
    Ok(Ok(best.1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_is_found_and_a_jump_is_not_one() {
        let smooth = |x: f64| Ok(Some(x * x - 0.3));
        let found = cross(0.0, 1.0, -0.3, 0.7, &smooth).unwrap().unwrap();
        assert!((found - 0.3f64.sqrt()).abs() < 1e-3, "{found}");
        let jump = |x: f64| Ok(Some(if x < 0.4 { -1.0 } else { 1.0 }));
        assert!(cross(0.0, 1.0, -1.0, 1.0, &jump).unwrap().unwrap_err().contains("jumps"));
    }
}
