//! Survival, terms and observables.

use armistice_game::{EndingId, PlayerId, TypeId};
use armistice_scenario::Scenario;

use crate::calendar;
use crate::findings::{
    self, Agreement, BeliefPath, BeliefPoint, CrossCheck, CrossCheckRow, Distribution, How, ObservablePath,
    ObservablePoint, OutcomeCurve, Quantity, Survival, SurvivalOfType, Terms, TermsBin, TermsOfOutcome,
};
use crate::forward::Given;
use crate::run::Run;
use crate::simulate::Summary;

/// Bars of a histogram when terms take more values than this.
const BARS: usize = 30;

/// How averages over the future of this run were got.
pub(crate) fn how(run: &Run) -> How {
    if run.outlook.exact() { How::Enumerated } else { How::Propagated }
}

/// A quantity without unit or error.
pub(crate) fn quantity(value: Result<f64, String>, how: How, grid_points: usize) -> Quantity {
    let (value, undefined) = match value {
        Ok(x) if x.is_finite() => (Some(x), None),
        Ok(_) => (None, Some("it is not finite".into())),
        Err(reason) => (None, Some(reason)),
    };
    Quantity {
        value,
        undefined,
        unit: None,
        percent: false,
        how,
        grid_points: Some(grid_points),
        grid_error: None,
        standard_error: None,
    }
}

/// Adds the difference to the same number on the coarser grid.
pub(crate) fn with_grid_error(mut quantity: Quantity, coarse: Option<f64>) -> Quantity {
    quantity.grid_error = quantity.value.zip(coarse).map(|(fine, coarse)| (fine - coarse).abs());
    quantity
}

pub(crate) fn date(scenario: &Scenario, n: u32) -> Option<String> {
    scenario.about.start.map(|start| calendar::date_of(start, scenario.about.period, n))
}

fn title_of(scenario: &Scenario, outcome: &str) -> String {
    let end = scenario.ends.iter().find(|end| end.outcome == outcome);
    end.map_or_else(|| outcome.to_owned(), |end| end.title.clone())
}

fn curves(scenario: &Scenario, run: &Run, weights: &[f64]) -> (Vec<f64>, Vec<OutcomeCurve>) {
    let last = run.outlook.periods;
    let on = (0..=last).map(|n| run.outlook.survival(weights, n)).collect();
    let outcomes = run.game.endings.iter().enumerate().map(|(position, outcome)| {
        let ending = Some(EndingId::new(position));
        OutcomeCurve {
            outcome: outcome.clone(),
            title: title_of(scenario, outcome),
            share: (0..=last).map(|n| run.outlook.ended_by(weights, n, ending)).collect(),
        }
    });
    let happens = |curve: &OutcomeCurve| curve.share.last().is_some_and(|x| *x > 0.0);
    (on, outcomes.filter(happens).collect())
}

/// How long the war lasts; `coarse` is the same run on the audit grid.
pub fn survival(scenario: &Scenario, run: &Run, coarse: Option<&Run>) -> Survival {
    let weights = run.outlook.weights(&Given::default());
    let (on, outcomes) = curves(scenario, run, &weights);
    let attacker = PlayerId::new(scenario.about.attacker);
    let types = scenario.players.get(attacker.index()).map_or(&[][..], |p| &p.types);
    let by_type = types.iter().enumerate().filter(|_| types.len() > 1).map(|(kind, words)| {
        let weights = run.outlook.weights(&Given(vec![(attacker, TypeId::new(kind))]));
        let (on, outcomes) = curves(scenario, run, &weights);
        SurvivalOfType {
            player: scenario.players.get(attacker.index()).map(|p| p.name.clone()).unwrap_or_default(),
            kind: words.name.clone(),
            title: words.title.clone(),
            on,
            outcomes,
        }
    });
    let coarse_weights = coarse.map(|c| c.outlook.weights(&Given::default()));
    let unit = Some(calendar::words(scenario.about.period).1.to_owned());
    let in_periods = |value: Result<f64, String>, coarse: Option<f64>| {
        let quantity = with_grid_error(quantity(value, how(run), run.grid_points), coarse);
        Quantity { unit: unit.clone(), ..quantity }
    };
    let median = |run: &Run, weights: &[f64]| run.outlook.median_duration(weights);
    Survival {
        how: how(run),
        unit: "share of wars".into(),
        periods: (0..=run.outlook.periods).collect(),
        dates: (0..=run.outlook.periods).map(|n| date(scenario, n)).collect(),
        on,
        outcomes,
        by_type: by_type.collect(),
        expected_duration: in_periods(
            Ok(run.outlook.expected_duration(&weights)),
            coarse.zip(coarse_weights.as_ref()).map(|(c, w)| c.outlook.expected_duration(w)),
        ),
        median_duration: in_periods(
            median(run, &weights).ok_or_else(|| "more than half of wars outlast the horizon".into()),
            coarse.zip(coarse_weights.as_ref()).and_then(|(c, w)| median(c, w)),
        ),
        cross_check: None,
    }
}

/// The same numbers from simulated wars.
///
/// They agree when every difference is within 4 standard errors plus `slack` times the size of the number: a number
/// followed with merged beliefs is not exact either.
pub(crate) fn cross_check(scenario: &Scenario, run: &Run, simulated: &Summary) -> CrossCheck {
    let weights = run.outlook.weights(&Given::default());
    let last = run.outlook.periods;
    let mut rows = Vec::new();
    let mut row = |what: String, propagated: Option<f64>, estimate: Option<crate::simulate::Estimate>| {
        if let (Some(propagated), Some(estimate)) = (propagated, estimate) {
            rows.push(CrossCheckRow {
                what,
                propagated,
                simulated: estimate.mean,
                standard_error: estimate.standard_error,
            });
        }
    };
    row("expected duration".into(), Some(run.outlook.expected_duration(&weights)), simulated.duration());
    let half = last / 2;
    row(format!("survival({half})"), Some(run.outlook.survival(&weights, half)), simulated.survival(half));
    row(format!("survival({last})"), Some(run.outlook.survival(&weights, last)), simulated.survival(last));
    for (position, outcome) in run.game.endings.iter().enumerate() {
        let ending = Some(EndingId::new(position));
        let probability = run.outlook.ended_by(&weights, last, ending);
        row(format!("probability_outcome('{outcome}')"), Some(probability), simulated.ended_by(last, ending));
    }
    let terms = run.outlook.expected_terms(&weights, None).map(|(mean, _)| mean);
    row("expected_terms".into(), terms, simulated.terms(None));
    for (position, player) in scenario.players.iter().enumerate() {
        let cost = run.outlook.cost(&weights, PlayerId::new(position));
        row(format!("cost('{}')", player.name), Some(cost), simulated.cost(position));
    }
    // What merging may move: second order in the width of the cells.
    let slack = run.outlook.width.powi(2) + 1e-9;
    let close = |row: &CrossCheckRow| {
        let scale = 1.0 + row.propagated.abs();
        (row.propagated - row.simulated).abs() <= 4.0 * row.standard_error + slack * scale
    };
    let agreement = if rows.iter().all(close) { Agreement::Agree } else { Agreement::Differ };
    CrossCheck { trajectories: simulated.trajectories, seed: simulated.seed, rows, agreement }
}

/// On what terms the war ends; `None` when no ending has terms.
pub(crate) fn terms(scenario: &Scenario, run: &Run, coarse: Option<&Run>) -> Option<Terms> {
    let weights = run.outlook.weights(&Given::default());
    let (mean, share_with_terms) = run.outlook.expected_terms(&weights, None)?;
    let outcomes: Vec<(EndingId, TermsOfOutcome)> = run
        .game
        .endings
        .iter()
        .enumerate()
        .filter_map(|(position, outcome)| {
            let ending = EndingId::new(position);
            let (mean, share) = run.outlook.expected_terms(&weights, Some(ending))?;
            let title = title_of(scenario, outcome);
            Some((ending, TermsOfOutcome { outcome: outcome.clone(), title, share, mean }))
        })
        .collect();
    let coarse = coarse
        .and_then(|c| c.outlook.expected_terms(&c.outlook.weights(&Given::default()), None))
        .map(|(mean, _)| mean);
    let points: Vec<(EndingId, f64, f64)> = run
        .outlook
        .terms
        .iter()
        .map(|row| (row.ending, row.terms, crate::forward::mean(&weights, &row.mass)))
        .collect();
    let kinds: Vec<EndingId> = outcomes.iter().map(|(ending, _)| *ending).collect();
    Some(Terms {
        how: how(run),
        unit: None,
        mean: with_grid_error(quantity(Ok(mean), how(run), run.grid_points), coarse),
        share_with_terms,
        outcomes: outcomes.into_iter().map(|(_, row)| row).collect(),
        bins: bins(&kinds, &points),
    })
}

/// One bar for each value of the terms, or [`BARS`] equal ones when there are more values.
fn bins(kinds: &[EndingId], points: &[(EndingId, f64, f64)]) -> Vec<TermsBin> {
    let mut values: Vec<f64> = points.iter().map(|(_, terms, _)| *terms).collect();
    values.sort_by(f64::total_cmp);
    values.dedup_by(|a, b| (*a - *b).abs() <= 1e-9 * (1.0 + b.abs()));
    let (Some(low), Some(high)) = (values.first().copied(), values.last().copied()) else {
        return Vec::new();
    };
    let edges: Vec<(f64, f64)> = if values.len() <= BARS {
        values.iter().map(|v| (*v, *v)).collect()
    } else {
        let step = (high - low) / BARS as f64;
        (0..BARS).map(|i| (low + step * i as f64, low + step * (i + 1) as f64)).collect()
    };
    let mut out: Vec<TermsBin> =
        edges.into_iter().map(|(low, high)| TermsBin { low, high, shares: vec![0.0; kinds.len()] }).collect();
    for (ending, terms, mass) in points {
        let slack = 1e-9 * (1.0 + terms.abs());
        let bin = out.iter_mut().find(|bin| *terms <= bin.high + slack);
        let column = kinds.iter().position(|kind| kind == ending);
        if let Some(share) = bin.zip(column).and_then(|(bin, column)| bin.shares.get_mut(column)) {
            *share += mass;
        }
    }
    out
}

pub(crate) fn observables(scenario: &Scenario, run: &Run) -> Vec<ObservablePath> {
    let weights = run.outlook.weights(&Given::default());
    run.game
        .observables
        .iter()
        .map(|observable| ObservablePath {
            name: observable.name.clone(),
            how: how(run),
            points: (0..=run.outlook.periods)
                .filter_map(|period| {
                    let values: Vec<(f64, f64)> = run
                        .outlook
                        .states(&weights, period)
                        .map(|(s, m)| (observable.values.get(s.index()).copied().unwrap_or(0.0), m))
                        .collect();
                    Some(ObservablePoint {
                        period,
                        date: date(scenario, period),
                        value: spread(values)?,
                        survival: run.outlook.survival(&weights, period),
                    })
                })
                .collect(),
        })
        .collect()
}

/// What is believed about every player with private types while the war is on.
pub(crate) fn beliefs(scenario: &Scenario, run: &Run) -> Vec<BeliefPath> {
    let weights = run.outlook.weights(&Given::default());
    let mut out = Vec::new();
    for (position, player) in scenario.players.iter().enumerate().filter(|(_, p)| p.types.len() > 1) {
        let slots = run.game.slots_of(PlayerId::new(position));
        for (slot, words) in slots.zip(&player.types) {
            let points = (0..=run.outlook.periods).filter_map(|period| {
                let survival = run.outlook.survival(&weights, period);
                let mean = run.outlook.beliefs.get(period as usize)?.get(slot).copied()?;
                (survival > 0.0).then(|| BeliefPoint { period, date: date(scenario, period), mean, survival })
            });
            out.push(BeliefPath {
                player: player.name.clone(),
                kind: words.name.clone(),
                title: words.title.clone(),
                how: how(run),
                points: points.collect(),
            });
        }
    }
    out
}

/// Mean and quantiles of weighted values; `None` without weight.
pub(crate) fn spread(mut values: Vec<(f64, f64)>) -> Option<Distribution> {
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    if total <= 0.0 {
        return None;
    }
    let mean = values.iter().map(|(x, weight)| x * weight).sum::<f64>() / total;
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let quantile = |q: f64| {
        let mut below = 0.0;
        for (x, weight) in &values {
            below += weight;
            if below >= q * total * (1.0 - 1e-12) {
                return *x;
            }
        }
        values.last().map_or(mean, |(x, _)| *x)
    };
    let [p10, p25, p50, p75, p90] = [0.1, 0.25, 0.5, 0.75, 0.9].map(quantile);
    Some(findings::Distribution { mean, p10, p25, p50, p75, p90 })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_with_that_share_at_or_below() {
        let d = spread(vec![(3.0, 0.2), (1.0, 0.5), (2.0, 0.3)]).unwrap();
        assert!((d.mean - 1.7).abs() < 1e-12);
        assert_eq!((d.p10, d.p50, d.p75, d.p90), (1.0, 1.0, 2.0, 3.0));
        assert_eq!(spread(vec![(1.0, 0.0)]), None);
    }

    #[test]
    fn every_value_is_a_bar_until_there_are_too_many() {
        let kinds = [EndingId(0), EndingId(2)];
        let few = bins(&kinds, &[(EndingId(0), 0.5, 0.1), (EndingId(2), 0.5, 0.2), (EndingId(2), 1.0, 0.3)]);
        assert_eq!(few.len(), 2);
        assert_eq!(few[0].shares, vec![0.1, 0.2]);
        let many: Vec<_> = (0..100).map(|i| (EndingId(0), f64::from(i), 0.01)).collect();
        let bars = bins(&kinds, &many);
        assert_eq!(bars.len(), BARS);
        assert!((bars.iter().map(|b| b.shares[0]).sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
