//! A scenario with free parameters, held against records.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use armistice_analyze::{KEPT_LOGITS, Variation, slopes};
use armistice_scenario::{Change, Compiled, Distribution, Limits, Record, RecordTable, Scenario};
use armistice_solve::{Control, Equilibrium, Settings, Status, solve};
use rayon::prelude::*;
use serde::Serialize;

use crate::{FitError, Problem};

use super::filter::{FilterSettings, Filtered, filter};
use super::gradient::{FilteredWar, likelihood_gradient};
use super::past::Past;

/// A parameter that is estimated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Free {
    /// Its position in the scenario.
    #[serde(skip)]
    pub position: usize,
    /// Its name.
    pub name: String,
    /// Its value in the scenario.
    pub stated: f64,
    /// Lowest and highest value tried.
    pub range: (f64, f64),
    /// What is believed of it before: uniform over the range where the scenario states no distribution.
    #[serde(skip)]
    pub distribution: Option<Distribution>,
    /// Its unit.
    pub unit: Option<String>,
}

impl Free {
    /// The value at a share of the range.
    #[must_use]
    pub fn value(&self, share: f64) -> f64 {
        self.range.0 + share * (self.range.1 - self.range.0)
    }

    /// The share of the range at which a value lies.
    #[must_use]
    pub fn share(&self, value: f64) -> f64 {
        (value - self.range.0) / (self.range.1 - self.range.0)
    }

    /// Width of the range.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.range.1 - self.range.0
    }
}

/// How likelihoods are computed.
#[derive(Clone, Debug)]
pub struct RecordSettings {
    /// How games are solved.
    pub solving: Settings,
    /// What limits compilation.
    pub limits: Limits,
    /// How what was not seen is integrated out.
    pub filter: FilterSettings,
}

impl Default for RecordSettings {
    /// Five belief points: the grid error of a likelihood is then far below what a record of some years can tell.
    fn default() -> Self {
        let solving = Settings { belief_points: 5, kept_logits: KEPT_LOGITS, ..Settings::default() };
        Self { solving, limits: Limits::default(), filter: FilterSettings::default() }
    }
}

/// A scenario, what is free in it, and the records of one or several wars of its kind.
pub struct RecordModel<'a> {
    base: Variation,
    /// What is free.
    pub free: Vec<Free>,
    wars: Vec<Past>,
    settings: RecordSettings,
    control: Control<'a>,
    solved: AtomicU64,
    refused: AtomicU64,
    not_converged: AtomicU64,
}

/// A solved game, and the records in it.
#[derive(Clone, Debug)]
pub struct Point {
    /// Values of the free parameters.
    pub values: Vec<f64>,
    /// The game.
    pub compiled: Compiled,
    /// Its solution.
    pub equilibrium: Equilibrium,
    /// By war.
    pub filtered: Vec<Filtered>,
}

impl Point {
    /// ln L of all records.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.filtered.iter().map(Filtered::log_likelihood).sum()
    }

    /// By war and row: ln of what was predicted for it.
    #[must_use]
    pub fn terms(&self) -> Vec<f64> {
        self.filtered.iter().flat_map(|f| f.months.iter().map(|m| m.log_predictive)).collect()
    }
}

/// What computing took.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spent {
    /// Games solved.
    pub games: u64,
    /// Parameter values at which there was no game or the record had probability 0.
    pub refused: u64,
    /// Games in which some stage did not converge.
    pub not_converged: u64,
}

/// The record of a scenario, read from its own table or another one with the same columns.
///
/// - errors: [`FitError::Record`] with all that is wrong.
pub fn read_record(
    scenario: &Scenario,
    table: &RecordTable,
    source: Option<&str>,
    limits: &Limits,
) -> Result<Record, FitError> {
    let compiled = scenario.compile(&Change::default(), &limits.without_grid()).map_err(FitError::Record)?;
    scenario.record(&compiled, table, source).map_err(FitError::Record)
}

/// Parameters of a scenario by name; all that have a range or a distribution when none are named.
///
/// - errors: names that are none, parameters without a range, and such as say how the record reads.
pub fn free_parameters(scenario: &Scenario, names: &[String]) -> Result<Vec<Free>, FitError> {
    let reading = scenario.read_by_record();
    let compiled =
        scenario.compile(&Change::default(), &Limits::default().without_grid()).map_err(FitError::Record)?;
    let mut problems = Vec::new();
    let mut out: Vec<Free> = Vec::new();
    let add = |position: usize, out: &mut Vec<Free>| -> Option<&'static str> {
        let parameter = &scenario.parameters[position];
        let Some(range) = parameter.range.or_else(|| parameter.distribution.map(span)) else {
            return Some("has no `range` and no `distribution`, so nothing says where to look");
        };
        if reading.contains(&position) {
            return Some("says how the record reads: it would change what was observed");
        }
        let stated = compiled.parameters.get(position).copied().unwrap_or(range.0);
        out.push(Free {
            position,
            name: parameter.name.clone(),
            stated,
            range,
            distribution: parameter.distribution,
            unit: parameter.unit.clone(),
        });
        None
    };
    if names.is_empty() {
        for position in 0..scenario.parameters.len() {
            let _ = add(position, &mut out);
        }
    }
    for name in names {
        let list = scenario.parameters.iter().map(|p| p.name.as_str());
        match list.clone().position(|n| n == name) {
            None => {
                let near = list
                    .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
                let problem = Problem::new(format!("there is no parameter `{name}`"));
                problems.push(
                    near.map_or(problem.clone(), |near| problem.hint(format!("did you mean `{near}`?"))),
                );
            }
            Some(position) if out.iter().any(|f| f.position == position) => {}
            Some(position) => {
                if let Some(why) = add(position, &mut out) {
                    problems.push(Problem::new(format!("the parameter `{name}` {why}")));
                }
            }
        }
    }
    if out.is_empty() && problems.is_empty() {
        problems.push(
            Problem::new("no parameter of the scenario has a range").hint("give those to be estimated one"),
        );
    }
    if problems.is_empty() { Ok(out) } else { Err(FitError::Invalid(problems)) }
}

/// Where nearly all of a distribution lies.
fn span(distribution: Distribution) -> (f64, f64) {
    match distribution {
        Distribution::Uniform(low, high) | Distribution::Triangular(low, _, high) => (low, high),
        Distribution::Normal(mean, sd) => (mean - 4.0 * sd, mean + 4.0 * sd),
        Distribution::LogNormal(mu, sigma) => ((mu - 4.0 * sigma).exp(), (mu + 4.0 * sigma).exp()),
        Distribution::Beta(..) => (0.0, 1.0),
        Distribution::Gamma(shape, scale) => (0.0, scale * (shape + 6.0 * shape.sqrt() + 6.0)),
    }
}

impl<'a> RecordModel<'a> {
    /// A scenario and the records of wars, all starting where the scenario starts.
    #[must_use]
    pub fn new(
        scenario: Arc<Scenario>,
        free: Vec<Free>,
        wars: Vec<Past>,
        settings: RecordSettings,
        control: &Control<'a>,
    ) -> Self {
        Self {
            base: Variation::base(scenario),
            free,
            wars,
            settings,
            control: control.clone(),
            solved: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            not_converged: AtomicU64::new(0),
        }
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Arc<Scenario> {
        self.base.scenario()
    }

    /// The records.
    #[must_use]
    pub fn wars(&self) -> &[Past] {
        &self.wars
    }

    /// How likelihoods are computed.
    #[must_use]
    pub fn settings(&self) -> &RecordSettings {
        &self.settings
    }

    /// What stops the work.
    #[must_use]
    pub fn control(&self) -> &Control<'a> {
        &self.control
    }

    /// What computing took so far.
    #[must_use]
    pub fn spent(&self) -> Spent {
        let get = |x: &AtomicU64| x.load(Ordering::Relaxed);
        Spent {
            games: get(&self.solved),
            refused: get(&self.refused),
            not_converged: get(&self.not_converged),
        }
    }

    /// Values of the free parameters in the scenario.
    #[must_use]
    pub fn stated(&self) -> Vec<f64> {
        self.free.iter().map(|f| f.stated).collect()
    }

    fn variation(&self, values: &[f64]) -> Variation {
        let set: Vec<(usize, f64)> =
            self.free.iter().map(|f| f.position).zip(values.iter().copied()).collect();
        self.base.with_parameters(&set)
    }

    /// The game at values of the free parameters, solved, with the records followed through it.
    ///
    /// - returns `None` where there is no game, or a record has probability 0.
    /// - cost: one compilation and one solution; then a stage solution for each row and history.
    /// - errors: [`FitError::Canceled`], or that the game is too large.
    pub fn at(&self, values: &[f64]) -> Result<Option<Point>, FitError> {
        if self.control.cancel.is_canceled() {
            return Err(FitError::Canceled);
        }
        let variation = self.variation(values);
        let refuse = || {
            self.refused.fetch_add(1, Ordering::Relaxed);
            Ok(None)
        };
        let Ok(compiled) = variation.scenario().compile(&variation.change, &self.settings.limits) else {
            return refuse();
        };
        let quiet = Control { progress: None, cancel: self.control.cancel.clone() };
        let equilibrium = solve(&compiled.game, &self.settings.solving, &quiet)?;
        self.solved.fetch_add(1, Ordering::Relaxed);
        match equilibrium.status {
            Status::Cancelled => return Err(FitError::Canceled),
            Status::Certified | Status::Approximate => {}
            _ => {
                self.not_converged.fetch_add(1, Ordering::Relaxed);
            }
        }
        let start = (compiled.game.start, &compiled.start_belief);
        let filtered: Option<Vec<Filtered>> = self
            .wars
            .par_iter()
            .map(|war| filter(&compiled.game, &equilibrium, start, war.rows(), &self.settings.filter))
            .collect();
        match filtered {
            Some(filtered) => Ok(Some(Point { values: values.to_vec(), compiled, equilibrium, filtered })),
            None => refuse(),
        }
    }

    /// ∂ ln L / ∂ free parameters at a point.
    ///
    /// - cost: for each war an adjoint of its record; one sweep over the periods; two compilations a parameter.
    pub fn gradient(&self, point: &Point) -> Result<Vec<f64>, FitError> {
        let compiled = &point.compiled;
        let quiet = Control { progress: None, cancel: self.control.cancel.clone() };
        let wars: Vec<FilteredWar<'_>> = self.wars.iter().map(Past::rows).zip(&point.filtered).collect();
        let sum = likelihood_gradient(&compiled.game, &point.equilibrium, &wars, &quiet)?;
        let variation = self.variation(&point.values);
        let along: Vec<Result<f64, String>> = self
            .free
            .par_iter()
            .zip(&point.values)
            .map(|(free, value)| {
                let found = slopes(&variation, compiled, free.position, *value, &self.settings.limits)?;
                Ok(sum.dot(&found.primitives))
            })
            .collect();
        let wrong =
            |(free, why): (&Free, String)| Problem::new(format!("the parameter `{}`: {why}", free.name));
        let problems: Vec<Problem> = (self.free.iter().zip(&along))
            .filter_map(|(free, along)| along.as_ref().err().map(|why| wrong((free, why.clone()))))
            .collect();
        if problems.is_empty() {
            Ok(along.into_iter().flatten().collect())
        } else {
            Err(FitError::Invalid(problems))
        }
    }
}
