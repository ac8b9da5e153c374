//! One war is left out, every model is estimated on the others, and what it predicts for the one left out is scored.

use armistice_solve::Control;
use rayon::prelude::*;
use serde::Serialize;

use super::fit::{Fit, Model};
use super::waiting::{Prior, WAITING_PRIORS};
use super::{War, Wars};
use crate::error::FitError;
use crate::score::{Histogram, Murphy, Reliability, brier, murphy, pit_histogram, reliability, sharpness};

/// Days at which it is predicted whether a war will have ended.
pub const HORIZONS: [f64; 6] = [30.0, 90.0, 180.0, 365.0, 730.0, 1461.0];

/// Of wars that have gone on for so many days it is predicted whether they end within so many more.
pub const CONDITION: [f64; 2] = [365.0, 365.0];

/// Bins of tables and histograms of calibration.
const BINS: usize = 10;

/// Level of intervals of observed shares.
const LEVEL: f64 = 0.95;

/// What all models predict for one war that they have not seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// The war.
    pub war: String,
    /// How long it lasted.
    pub days: f64,
    /// The model.
    pub model: Model,
    /// Parameters of the predicted distribution, by name: those of the model, of `waiting` those for this war.
    pub parameters: Vec<Parameter>,
    /// ln of the predicted density per day at the duration.
    pub log_score: Option<f64>,
    /// CRPS in days.
    pub crps: Option<f64>,
    /// F at the duration.
    pub transform: f64,
    /// Predicted quantiles at 5, 25, 50, 75 and 95 %.
    pub quantiles: [Option<f64>; 5],
    /// Probability that the war has ended by each of [`HORIZONS`].
    pub ended_by: [f64; 6],
    /// Probability that it ends within [`CONDITION`], where it lasted longer than the first of these.
    pub ends_within: Option<f64>,
}

/// A number with a name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// A sum of paired differences.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The sum; positive where the model is better.
    pub sum: f64,
    /// Its standard error, √n times the standard deviation of differences, as if wars were independent.
    pub standard_error: f64,
}

/// Scores of a model for a sample of wars, each predicted from others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelScores {
    /// The model.
    pub model: Model,
    /// Its parameters on all wars it may learn from; empty where it has none or there is no maximum.
    pub parameters: Vec<Parameter>,
    /// Its log likelihood there (of a structural model, without priors).
    pub log_likelihood: Option<f64>,
    /// Folds without a maximum; with any, scores are not defined.
    pub failed: usize,
    /// Sum of log scores.
    pub log_score: Option<f64>,
    /// Mean CRPS in days.
    pub crps: Option<f64>,
    /// Mean Brier scores at [`HORIZONS`].
    pub brier: Vec<Option<f64>>,
    /// Mean Brier score of whether a war that has reached the first of [`CONDITION`] ends within the second.
    pub brier_ends_within: Option<f64>,
    /// Log score against that of the best baseline that is estimated on the sample itself.
    pub versus: Option<Difference>,
    /// Shares of wars within the central intervals of 50 % and 90 %.
    pub coverage: Option<[f64; 2]>,
    /// Quartiles of widths of the central interval of 50 %, in days.
    pub sharpness: Option<[f64; 3]>,
    /// Of F at what happened.
    pub transforms: Option<Histogram>,
    /// Of all predictions at all of [`HORIZONS`] together: those of one war are not independent.
    pub reliability: Option<Reliability>,
    /// Parts of the Brier scores at [`HORIZONS`].
    pub murphy: Vec<Option<Murphy>>,
}

/// Scores for a sample of wars.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SampleScores {
    /// Which wars: `all wars`, or a group.
    pub sample: String,
    /// How many.
    pub wars: usize,
    /// How many of them reached the first of [`CONDITION`].
    pub at_risk: usize,
    /// From which others they are predicted: those of the sample, or all.
    pub learns_from: String,
    /// The baseline with the best log score among those estimated on the sample itself.
    pub best_baseline: Option<Model>,
    /// Scores of each model.
    pub models: Vec<ModelScores>,
    /// Every prediction, war after war within each model.
    pub forecasts: Vec<Forecast>,
}

/// A backtest of durations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DurationBacktest {
    /// Wars used.
    pub wars: usize,
    /// Rows left out because something in them is missing.
    pub dropped: usize,
    /// What the structural model knows of a war when it begins.
    pub covariates: Vec<&'static str>,
    /// Days at which Brier scores are taken.
    pub horizons: [f64; 6],
    /// After how many days, and within how many more, for conditional scores.
    pub condition: [f64; 2],
    /// Priors of the structural model.
    pub priors: [Prior; 5],
    /// All wars, then groups: each predicted from its own wars, and groups also from all.
    pub samples: Vec<SampleScores>,
}

/// Scores every model on all wars and on every group.
///
/// The fold of a war contains all others and nothing of it: its start, priors and centers are constants or come from the others. Folds are independent,
/// and results do not depend on the number of threads. Cost: one estimate of each model for each war and sample, some 10 ms a war.
///
/// # Errors
/// Canceled.
pub fn backtest(wars: &Wars, control: &Control<'_>) -> Result<DurationBacktest, FitError> {
    let all: Vec<usize> = (0..wars.wars.len()).collect();
    let mut jobs: Vec<(&str, &[usize], &[usize], &str)> = vec![("all wars", &all, &all, "all wars")];
    for (name, members) in &wars.groups {
        jobs.push((name, members, members, "the group"));
        jobs.push((name, members, &all, "all wars"));
    }
    let total = jobs.len() * Model::ALL.len();
    let mut samples: Vec<SampleScores> = Vec::new();
    for (name, members, pool, learns_from) in jobs {
        let mut scored = Vec::new();
        for model in Model::ALL {
            if control.cancel.is_canceled() {
                return Err(FitError::Canceled);
            }
            let done = samples.len() * Model::ALL.len() + scored.len();
            control.report("scoring", done as u64, Some(total as u64));
            scored.push(one_model(model, &wars.wars, members, pool));
        }
        let at_risk = members.iter().filter(|&&i| wars.wars[i].days > CONDITION[0]).count();
        let known = samples.iter().find(|s| s.sample == name && s.learns_from == "the group");
        let reference: Option<(Model, Vec<f64>)> = match known {
            // A group that is predicted from all wars is compared with what its own wars say.
            Some(own) => own.best_baseline.map(|best| (best, log_scores(&own.forecasts, best))),
            None => best_baseline(&scored),
        };
        let mut models = Vec::new();
        let mut forecasts = Vec::new();
        for (mut scores, mine) in scored {
            scores.versus = reference.as_ref().and_then(|(best, theirs)| {
                let same = *best == scores.model && known.is_none();
                difference(&log_scores(&mine, scores.model), theirs).filter(|_| !same)
            });
            models.push(scores);
            forecasts.extend(mine);
        }
        samples.push(SampleScores {
            sample: name.to_owned(),
            wars: members.len(),
            at_risk,
            learns_from: learns_from.to_owned(),
            best_baseline: reference.map(|(best, _)| best),
            models,
            forecasts,
        });
    }
    Ok(DurationBacktest {
        wars: all.len(),
        dropped: wars.dropped,
        covariates: wars.covariates.clone(),
        horizons: HORIZONS,
        condition: CONDITION,
        priors: WAITING_PRIORS,
        samples,
    })
}

/// Log scores of one model, war after war; empty if any is missing.
fn log_scores(forecasts: &[Forecast], model: Model) -> Vec<f64> {
    let mine = forecasts.iter().filter(|f| f.model == model).map(|f| f.log_score);
    mine.collect::<Option<Vec<f64>>>().unwrap_or_default()
}

fn best_baseline(scored: &[(ModelScores, Vec<Forecast>)]) -> Option<(Model, Vec<f64>)> {
    let baselines = scored.iter().filter(|(scores, _)| scores.model != Model::Waiting);
    let (best, forecasts) = baselines
        .filter(|(scores, _)| scores.log_score.is_some())
        .max_by(|a, b| a.0.log_score.unwrap_or(0.0).total_cmp(&b.0.log_score.unwrap_or(0.0)))?;
    Some((best.model, log_scores(forecasts, best.model)))
}

fn difference(mine: &[f64], theirs: &[f64]) -> Option<Difference> {
    if mine.len() != theirs.len() || mine.len() < 2 {
        return None;
    }
    let n = mine.len() as f64;
    let gaps: Vec<f64> = mine.iter().zip(theirs).map(|(a, b)| a - b).collect();
    let sum: f64 = gaps.iter().sum();
    let variance = gaps.iter().map(|g| (g - sum / n) * (g - sum / n)).sum::<f64>() / (n - 1.0);
    Some(Difference { sum, standard_error: (n * variance).sqrt() })
}

/// A model's forecast of each member from the wars of a pool without it.
fn one_model(model: Model, wars: &[War], members: &[usize], pool: &[usize]) -> (ModelScores, Vec<Forecast>) {
    let fold = |&left_out: &usize| {
        let others: Vec<&War> = pool.iter().filter(|&&i| i != left_out).map(|&i| &wars[i]).collect();
        forecast(model, &model.fit(&others)?, &wars[left_out])
    };
    let found: Vec<Option<Forecast>> = members.par_iter().map(fold).collect();
    let failed = found.iter().filter(|f| f.is_none()).count();
    let forecasts: Vec<Forecast> = found.into_iter().flatten().collect();
    let everyone: Vec<&War> = pool.iter().map(|&i| &wars[i]).collect();
    let fit = model.fit(&everyone);
    let parameters = fit.as_ref().map_or_else(Vec::new, |fit| named(model.parameters(), &fit.values()));
    let log_likelihood = fit.and_then(|fit| {
        everyone.iter().map(|war| fit.predict(war).log_density(war.days)).sum::<Option<f64>>()
    });
    let mut scores = ModelScores {
        model,
        parameters,
        log_likelihood,
        failed,
        log_score: None,
        crps: None,
        brier: vec![None; HORIZONS.len()],
        brier_ends_within: None,
        versus: None,
        coverage: None,
        sharpness: None,
        transforms: None,
        reliability: None,
        murphy: vec![None; HORIZONS.len()],
    };
    if failed == 0 {
        fill(&mut scores, &forecasts);
    }
    (scores, forecasts)
}

fn fill(scores: &mut ModelScores, forecasts: &[Forecast]) {
    let mean = |values: Option<Vec<f64>>| {
        values.filter(|v| !v.is_empty()).map(|v| v.iter().sum::<f64>() / v.len() as f64)
    };
    scores.log_score = forecasts.iter().map(|f| f.log_score).sum();
    scores.crps = mean(forecasts.iter().map(|f| f.crps).collect());
    let mut together = Vec::new();
    for (k, horizon) in HORIZONS.iter().enumerate() {
        let at: Vec<(f64, bool)> = forecasts.iter().map(|f| (f.ended_by[k], f.days <= *horizon)).collect();
        scores.brier[k] = mean(at.iter().map(|(p, ended)| brier(*p, *ended)).collect());
        scores.murphy[k] = murphy(&at, BINS);
        together.extend(at);
    }
    let [after, within] = CONDITION;
    let at_risk = forecasts.iter().filter(|f| f.days > after);
    scores.brier_ends_within =
        mean(at_risk.map(|f| brier(f.ends_within?, f.days <= after + within)).collect());
    scores.reliability = reliability(&together, BINS, LEVEL);
    let transforms: Vec<f64> = forecasts.iter().map(|f| f.transform).collect();
    let covered = |tail: f64| {
        let inside = transforms.iter().filter(|u| (tail..=1.0 - tail).contains(*u)).count();
        inside as f64 / transforms.len().max(1) as f64
    };
    scores.coverage = (!transforms.is_empty()).then(|| [covered(0.25), covered(0.05)]);
    scores.transforms = pit_histogram(&transforms, BINS);
    let widths: Option<Vec<f64>> =
        forecasts.iter().map(|f| Some(f.quantiles[3]? - f.quantiles[1]?)).collect();
    scores.sharpness = widths.and_then(|widths| sharpness(&widths));
}

fn forecast(model: Model, fit: &Fit, war: &War) -> Option<Forecast> {
    let predictive = fit.predict(war);
    let log_score = predictive.log_density(war.days);
    if log_score.is_none() && model != Model::BaseRate {
        return None;
    }
    let names: &[&str] =
        if model == Model::Waiting { &["location", "spread", "collapse"] } else { model.parameters() };
    let [after, within] = CONDITION;
    Some(Forecast {
        war: war.name.clone(),
        days: war.days,
        model,
        parameters: named(names, &predictive.values()),
        log_score,
        crps: predictive.crps(war.days),
        transform: predictive.ended_by(war.days),
        quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|p| predictive.quantile(p)),
        ended_by: HORIZONS.map(|horizon| predictive.ended_by(horizon)),
        ends_within: if war.days > after { predictive.ends_within(after, within) } else { None },
    })
}

fn named(names: &[&str], values: &[f64]) -> Vec<Parameter> {
    names
        .iter()
        .zip(values)
        .map(|(name, value)| Parameter { name: (*name).to_owned(), value: *value })
        .collect()
}
