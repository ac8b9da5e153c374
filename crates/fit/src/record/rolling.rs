//! Estimates made again and again on the way through a record, each from the rows before it.

use std::sync::Arc;

use armistice_scenario::{Record, Scenario};
use armistice_solve::Control;

use crate::{FitError, Problem};

use super::ascent::ascend_with;
use super::fit::evaluate;
use super::model::{Free, Point, RecordModel, RecordSettings, free_parameters};
use super::past::Past;
use super::posterior::{log_prior, prior_mode};

/// What is estimated, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct Refits {
    /// Parameters, by name; none: the scenario's values are used throughout.
    pub free: Vec<String>,
    /// Rows between estimates.
    pub every: usize,
    /// Whether the parameters' distributions count too: the mode of the posterior in place of the maximum of the likelihood, which few rows
    /// leave anywhere.
    pub prior: bool,
}

/// Most evaluations on the first way up, and on later ones, which start where the one before ended.
const EVALUATIONS: (usize, usize) = (30, 15);

/// What a year of rows is taken to tell of a parameter before it is known: a standard error of a quarter of the range.
const LEAST_CURVATURE: f64 = 16.0;

/// Half the distance of differences of ln prior, as a share of the range.
const PRIOR_STEP: f64 = 1e-4;

/// A solved game for each row of a record, at values that only the rows before it decided.
pub(super) struct Rolling<'a> {
    scenario: &'a Arc<Scenario>,
    record: &'a Record,
    settings: &'a RecordSettings,
    control: Control<'a>,
    every: usize,
    prior: bool,
    /// What is estimated.
    pub free: Vec<Free>,
    /// Rows since the last estimate, and where it lies, in shares of the ranges.
    last: Option<(usize, Vec<f64>)>,
    point: Option<Point>,
    /// Estimates made: first row they are used for, and values.
    pub estimates: Vec<(String, Vec<f64>)>,
}

impl<'a> Rolling<'a> {
    /// Nothing estimated yet.
    ///
    /// - errors: those of [`free_parameters`].
    pub fn new(
        scenario: &'a Arc<Scenario>,
        record: &'a Record,
        refits: &Refits,
        settings: &'a RecordSettings,
        control: &Control<'a>,
    ) -> Result<Self, FitError> {
        let free = if refits.free.is_empty() { Vec::new() } else { free_parameters(scenario, &refits.free)? };
        Ok(Self {
            scenario,
            record,
            settings,
            control: Control { progress: None, cancel: control.cancel.clone() },
            every: refits.every.max(1),
            prior: refits.prior,
            free,
            last: None,
            point: None,
            estimates: Vec::new(),
        })
    }

    /// The game for a row, estimated from the rows before it where its time has come. Rows are asked for in order.
    ///
    /// The first way up starts where the prior is highest, not at the scenario's values, which may have seen later rows.
    ///
    /// - errors: that the rows before have probability 0; those of [`RecordModel::at`].
    pub fn before(&mut self, row: usize) -> Result<&Point, FitError> {
        let due = match &self.last {
            None => true,
            Some((at, _)) => !self.free.is_empty() && row >= at + self.every,
        };
        if due {
            let past = Past::until(self.record, row);
            let model = RecordModel::new(
                Arc::clone(self.scenario),
                self.free.clone(),
                vec![past],
                self.settings.clone(),
                &self.control,
            );
            self.point = if self.free.is_empty() {
                self.last = Some((row, Vec::new()));
                model.at(&[])?
            } else {
                self.climb(&model, row)?
            };
        }
        let date = || self.record.periods.get(row).map_or_else(String::new, |p| p.date.clone());
        match &self.point {
            Some(point) => Ok(point),
            None => {
                Err(Problem::new(format!("the rows before {} have probability 0 in the game", date())).into())
            }
        }
    }

    fn climb(&mut self, model: &RecordModel<'_>, row: usize) -> Result<Option<Point>, FitError> {
        let (from, most) = match self.last.take() {
            Some((_, shares)) => (shares, EVALUATIONS.1),
            None => (self.free.iter().map(|f| f.share(prior_mode(f))).collect(), EVALUATIONS.0),
        };
        let mut highest = None;
        let mut objective = |shares: &[f64]| -> Result<Option<(f64, Vec<f64>)>, FitError> {
            let found = evaluate(model, shares, &mut highest)?;
            Ok(found.map(|(mut value, mut slopes)| {
                if self.prior {
                    for (free, (share, slope)) in model.free.iter().zip(shares.iter().zip(&mut slopes)) {
                        let (own, along) = prior_and_slope(free, *share);
                        value += own;
                        *slope += along;
                    }
                }
                (value, slopes)
            }))
        };
        let guess: Vec<f64> =
            self.free.iter().zip(&from).map(|(f, x)| LEAST_CURVATURE + prior_curvature(f, *x)).collect();
        let guess = self.prior.then_some(guess.as_slice());
        let Some(found) = ascend_with(&mut objective, &from, most, guess)? else { return Ok(None) };
        let values: Vec<f64> = model.free.iter().zip(&found.point).map(|(f, x)| f.value(*x)).collect();
        let date = self.record.periods.get(row).map_or_else(String::new, |p| p.date.clone());
        self.estimates.push((date, values.clone()));
        self.last = Some((row, found.point));
        model.at(&values)
    }
}

/// ln of the prior density at a share of the range, and its slope in the share.
fn prior_and_slope(free: &Free, share: f64) -> (f64, f64) {
    let at = |x: f64| log_prior(free, free.value(x.clamp(0.0, 1.0)));
    let (low, high) = ((share - PRIOR_STEP).max(0.0), (share + PRIOR_STEP).min(1.0));
    let slope = (at(high) - at(low)) / (high - low);
    (at(share).max(-1e6), if slope.is_finite() { slope } else { 0.0 })
}

/// −∂² ln prior at a share of the range; 0 where it bends the other way.
fn prior_curvature(free: &Free, share: f64) -> f64 {
    let at = |x: f64| prior_and_slope(free, x.clamp(0.0, 1.0)).1;
    let (low, high) = ((share - 0.01).max(0.0), (share + 0.01).min(1.0));
    ((at(low) - at(high)) / (high - low)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use armistice_scenario::Distribution;

    #[test]
    fn slopes_of_priors_are_those_of_paper() {
        let free = Free {
            position: 0,
            name: "x".to_owned(),
            stated: 0.3,
            range: (0.0, 2.0),
            distribution: Some(Distribution::Normal(0.6, 0.2)),
            unit: None,
        };
        // At 1: −(1 − 0.6) / 0.04 a unit, and the range is two units.
        let (value, slope) = prior_and_slope(&free, 0.5);
        assert!((slope + 20.0).abs() < 1e-6, "{slope}");
        let top = prior_and_slope(&free, free.share(prior_mode(&free))).0;
        assert!((top - value - 2.0).abs() < 1e-3, "{top} {value}");
        assert!((prior_curvature(&free, 0.5) - 100.0).abs() < 1e-3, "the range is ten standard deviations");
        let flat = Free { distribution: None, ..free };
        assert!(prior_and_slope(&flat, 1.0).1.abs() < 1e-9);
        assert!((prior_mode(&flat) - 1.0).abs() < 1e-9, "the middle of the range");
    }
}
