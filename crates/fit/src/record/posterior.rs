//! The posterior of parameters given a record: adaptive tempered sequential Monte Carlo.
//!
//! A cloud of points drawn from the prior is carried through π(θ) L(θ)^τ from τ = 0 to 1 (Del Moral, Doucet and Jasra 2006). The next τ is the
//! one at which the effective sample size falls to half (the adaptive scheme of Del Moral, Doucet and Jasra 2012); the cloud is resampled,
//! and every point moved by random-walk Metropolis steps with the cloud's covariance. The products of mean incremental weights estimate
//! the marginal likelihood. Several independent clouds give its standard error and the R-hat of every parameter.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::distribution::{Beta, Continuous, Gamma, LogNormal, Normal, Triangular};

use armistice_scenario::Distribution;

use crate::FitError;
use crate::inference::normal_draw;
use crate::linear::{Cholesky, Square};

use super::model::Free;

/// How a posterior is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PosteriorSettings {
    /// Points in a cloud.
    pub points: usize,
    /// Independent clouds.
    pub runs: usize,
    /// Metropolis steps at each temperature.
    pub steps: usize,
    /// Seed.
    pub seed: u64,
}

impl Default for PosteriorSettings {
    fn default() -> Self {
        Self { points: 64, runs: 2, steps: 2, seed: 1 }
    }
}

/// Clouds on their way: what is needed to go on with them, to the same bits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clouds {
    /// In the order of their runs; all but the last have arrived.
    clouds: Vec<Cloud>,
}

impl Clouds {
    /// Clouds that have arrived, and the temperature of the one on its way.
    #[must_use]
    pub fn progress(&self) -> (usize, f64) {
        let arrived = self.clouds.iter().filter(|cloud| cloud.at >= 1.0).count();
        (arrived, self.clouds.last().map_or(0.0, |cloud| cloud.at))
    }
}

/// What the clouds say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PosteriorFindings {
    /// ln of the marginal likelihood: of the mean over clouds.
    pub log_evidence: f64,
    /// Its standard error over clouds; `null` with one.
    pub log_evidence_error: Option<f64>,
    /// By parameter.
    pub parameters: Vec<PosteriorRow>,
    /// Temperatures of each cloud.
    pub temperatures: Vec<Vec<f64>>,
    /// Mean acceptance of each cloud at the last temperature.
    pub acceptance: Vec<f64>,
    /// Points in a cloud.
    pub points: usize,
    /// Effective number of draws: (Σ n)² / Σ n² over the different points, each n times among the draws.
    pub effective_draws: f64,
    /// Draws, all clouds one after another.
    pub draws: Vec<Vec<f64>>,
    /// ln of the likelihood's terms of each draw, by row of the record.
    #[serde(skip)]
    pub terms: Vec<Vec<f64>>,
}

/// The posterior of one parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PosteriorRow {
    /// Name.
    pub name: String,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
    /// 5, 50 and 95 percent points.
    pub quantiles: (f64, f64, f64),
    /// Between clouds against within: near 1 where they agree; `null` with one cloud.
    pub r_hat: Option<f64>,
    /// Shared area of prior and posterior: 1 where the record says nothing.
    pub overlap: f64,
}

/// ln L and its terms at a point; `None` where it is not defined.
pub type Likelihood<'f> = &'f (dyn Fn(&[f64]) -> Result<Option<Vec<f64>>, FitError> + Sync);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Place", into = "Place")]
struct Particle {
    values: Vec<f64>,
    terms: Vec<f64>,
    likelihood: f64,
}

/// A particle as it is kept: its likelihood is the sum of its terms, and none, which JSON cannot say, without terms.
#[derive(Serialize, Deserialize)]
struct Place {
    values: Vec<f64>,
    terms: Vec<f64>,
}

impl From<Particle> for Place {
    fn from(particle: Particle) -> Self {
        Self { values: particle.values, terms: particle.terms }
    }
}

impl From<Place> for Particle {
    fn from(Place { values, terms }: Place) -> Self {
        let likelihood = if terms.is_empty() { f64::NEG_INFINITY } else { terms.iter().sum() };
        Self { values, terms, likelihood }
    }
}

/// Draws from the posterior.
///
/// - `progress` sees temperatures.
/// - cost: points × runs × (1 + temperatures × steps) likelihoods; those of one step side by side.
/// - errors: those of the likelihood; [`FitError::NoStart`] where no point of the prior has a likelihood.
pub fn posterior(
    free: &[Free],
    likelihood: Likelihood<'_>,
    settings: &PosteriorSettings,
    progress: &(dyn Fn(usize, f64) + Sync),
) -> Result<PosteriorFindings, FitError> {
    let mut see = |clouds: &Clouds| {
        let (arrived, at) = clouds.progress();
        progress(arrived, if at >= 1.0 { 0.0 } else { at });
    };
    posterior_from(Clouds::default(), free, likelihood, settings, &mut see)
}

/// The same from clouds that are on their way already, of the same request: the findings are the same, to the bit.
///
/// - `keep` sees the clouds whenever they have come to a new temperature.
pub fn posterior_from(
    mut kept: Clouds,
    free: &[Free],
    likelihood: Likelihood<'_>,
    settings: &PosteriorSettings,
    keep: &mut dyn FnMut(&Clouds),
) -> Result<PosteriorFindings, FitError> {
    for run in 0..settings.runs.max(1) {
        if kept.clouds.len() <= run {
            kept.clouds.push(Cloud::from_prior(free, likelihood, settings, run as u64)?);
            keep(&kept);
        }
        while kept.clouds[run].at < 1.0 {
            let further = kept.clouds[run].cooled(free, likelihood, settings, run as u64)?;
            kept.clouds[run] = further;
            keep(&kept);
        }
    }
    let clouds = kept.clouds;
    let evidences: Vec<f64> = clouds.iter().map(|cloud| cloud.evidence).collect();
    let n = evidences.len() as f64;
    let top = evidences.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let relative: Vec<f64> = evidences.iter().map(|e| (e - top).exp()).collect();
    let mean = relative.iter().sum::<f64>() / n;
    let spread = relative.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let parameters = (0..free.len()).map(|i| row(&free[i], i, &clouds)).collect();
    let temperatures = clouds.iter().map(|cloud| cloud.temperatures.clone()).collect();
    let acceptance = clouds.iter().map(|cloud| cloud.acceptance).collect();
    let all: Vec<Particle> = clouds.into_iter().flat_map(|cloud| cloud.points).collect();
    Ok(PosteriorFindings {
        log_evidence: top + mean.ln(),
        log_evidence_error: (n > 1.0).then(|| (spread / n).sqrt() / mean),
        parameters,
        temperatures,
        acceptance,
        points: settings.points,
        effective_draws: effective_draws(&all),
        draws: all.iter().map(|p| p.values.clone()).collect(),
        terms: all.into_iter().map(|p| p.terms).collect(),
    })
}

/// Points that resampling copied and no step moved since count as one.
fn effective_draws(points: &[Particle]) -> f64 {
    let mut values: Vec<&[f64]> = points.iter().map(|p| p.values.as_slice()).collect();
    values.sort_by(|a, b| {
        a.iter().zip(*b).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    let squares: f64 = values.chunk_by(|a, b| a == b).map(|same| (same.len() as f64).powi(2)).sum();
    (points.len() as f64).powi(2) / squares
}

/// A cloud at some temperature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Cloud {
    points: Vec<Particle>,
    /// ln of the marginal likelihood of the tempered posterior.
    evidence: f64,
    temperatures: Vec<f64>,
    acceptance: f64,
    /// Temperature, 0 to 1.
    at: f64,
    /// Number of the next step, which has random numbers of its own.
    step: u64,
}

fn particle(free: &[Free], likelihood: Likelihood<'_>, values: Vec<f64>) -> Result<Particle, FitError> {
    let terms = if prior_of(free, &values).is_finite() { likelihood(&values)? } else { None };
    Ok(Particle::from(Place { values, terms: terms.unwrap_or_default() }))
}

fn prior_of(free: &[Free], values: &[f64]) -> f64 {
    free.iter().zip(values).map(|(f, v)| log_prior(f, *v)).sum()
}

/// Random numbers of one point in one step of one run.
fn stream(settings: &PosteriorSettings, run: u64, step: u64, point: usize) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(settings.seed.wrapping_add(run << 32));
    random.set_stream(step << 24 | point as u64);
    random
}

impl Cloud {
    fn from_prior(
        free: &[Free],
        likelihood: Likelihood<'_>,
        settings: &PosteriorSettings,
        run: u64,
    ) -> Result<Self, FitError> {
        let n = settings.points.max(8);
        let points: Vec<Particle> = (0..n)
            .into_par_iter()
            .map(|i| {
                let mut random = stream(settings, run, 0, i);
                let values = free.iter().map(|f| prior_draw(f, &mut random)).collect();
                particle(free, likelihood, values)
            })
            .collect::<Result<_, _>>()?;
        if points.iter().all(|p| !p.likelihood.is_finite()) {
            return Err(FitError::NoStart { starts: n });
        }
        Ok(Self { points, evidence: 0.0, temperatures: vec![0.0], acceptance: 0.0, at: 0.0, step: 1 })
    }

    /// The cloud at its next temperature.
    fn cooled(
        &self,
        free: &[Free],
        likelihood: Likelihood<'_>,
        settings: &PosteriorSettings,
        run: u64,
    ) -> Result<Self, FitError> {
        let n = self.points.len();
        let at = next_temperature(&self.points, self.at);
        let weights: Vec<f64> = self.points.iter().map(|p| (at - self.at) * p.likelihood).collect();
        let top = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let relative: Vec<f64> = weights.iter().map(|w| (w - top).exp()).collect();
        let evidence = self.evidence + top + (relative.iter().sum::<f64>() / n as f64).ln();
        let temperatures = self.temperatures.iter().copied().chain([at]).collect();
        let mut points = resampled(&self.points, &relative, stream(settings, run, self.step, n).random());
        let (mut acceptance, mut step) = (0.0, self.step + 1);
        let mut scale = 2.38 / (free.len() as f64).sqrt();
        for _ in 0..settings.steps.max(1) {
            let factor = spread(&points, free);
            let moved: Vec<(Particle, bool)> = points
                .par_iter()
                .enumerate()
                .map(|(i, point)| {
                    let mut random = stream(settings, run, step, i);
                    let normal: Vec<f64> = free.iter().map(|_| normal_draw(&mut random)).collect();
                    let by = factor.times(&normal);
                    let values = point.values.iter().zip(&by).map(|(v, b)| v + scale * b).collect();
                    let proposed = particle(free, likelihood, values)?;
                    let gain = prior_of(free, &proposed.values) - prior_of(free, &point.values)
                        + at * (proposed.likelihood - point.likelihood);
                    let taken = proposed.likelihood.is_finite() && random.random::<f64>().ln() < gain;
                    Ok(if taken { (proposed, true) } else { (point.clone(), false) })
                })
                .collect::<Result<_, FitError>>()?;
            acceptance = moved.iter().filter(|(_, taken)| *taken).count() as f64 / n as f64;
            points = moved.into_iter().map(|(p, _)| p).collect();
            // Steps that are hardly ever taken are too long.
            if acceptance < 0.15 {
                scale *= 0.5;
            } else if acceptance > 0.5 {
                scale *= 1.5;
            }
            step += 1;
        }
        Ok(Self { points, evidence, temperatures, acceptance, at, step })
    }
}

/// The temperature at which the effective sample size is half the number of points; 1 where it stays above.
fn next_temperature(points: &[Particle], at: f64) -> f64 {
    let effective = |to: f64| {
        let weights: Vec<f64> = points.iter().map(|p| (to - at) * p.likelihood).collect();
        let top = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let relative = weights.iter().map(|w| (w - top).exp());
        let (sum, squares) = relative.fold((0.0, 0.0), |(s, q), r| (s + r, q + r * r));
        sum * sum / squares
    };
    let half = 0.5 * points.len() as f64;
    if effective(1.0) >= half {
        return 1.0;
    }
    let (mut low, mut high) = (at, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if effective(middle) >= half { low = middle } else { high = middle }
    }
    high
}

/// Systematic resampling.
fn resampled(points: &[Particle], weights: &[f64], uniform: f64) -> Vec<Particle> {
    let total: f64 = weights.iter().sum();
    let n = points.len();
    let mut out = Vec::with_capacity(n);
    let (mut position, mut passed) = (0, weights[0]);
    for i in 0..n {
        let wanted = (i as f64 + uniform) / n as f64 * total;
        while passed < wanted && position + 1 < n {
            position += 1;
            passed += weights[position];
        }
        out.push(points[position].clone());
    }
    out
}

/// The Cholesky factor of the cloud's covariance, with a floor so that it never collapses.
fn spread(points: &[Particle], free: &[Free]) -> Cholesky {
    let (n, k) = (points.len() as f64, free.len());
    let mean: Vec<f64> = (0..k).map(|i| points.iter().map(|p| p.values[i]).sum::<f64>() / n).collect();
    let mut covariance = Square::zeros(k);
    for point in points {
        let off: Vec<f64> = point.values.iter().zip(&mean).map(|(v, m)| v - m).collect();
        covariance.add_outer(1.0 / n, &off);
    }
    for (i, f) in free.iter().enumerate() {
        *covariance.at_mut(i, i) += (1e-3 * f.width()).powi(2);
    }
    covariance.mirror();
    loop {
        if let Ok(factor) = Cholesky::new(&covariance, 1e-12) {
            return factor;
        }
        for (i, f) in free.iter().enumerate() {
            *covariance.at_mut(i, i) += (1e-2 * f.width()).powi(2);
        }
    }
}

/// ln of the prior density; −∞ outside the range.
pub(super) fn log_prior(free: &Free, value: f64) -> f64 {
    let (low, high) = free.range;
    if !(value >= low && value <= high) {
        return f64::NEG_INFINITY;
    }
    let density = match free.distribution {
        None | Some(Distribution::Uniform(..)) => Some(-free.width().ln()),
        Some(Distribution::Triangular(low, mode, high)) => {
            Triangular::new(low, high, mode).ok().map(|d| d.ln_pdf(value))
        }
        Some(Distribution::Normal(mean, sd)) => Normal::new(mean, sd).ok().map(|d| d.ln_pdf(value)),
        Some(Distribution::LogNormal(mu, sigma)) => LogNormal::new(mu, sigma).ok().map(|d| d.ln_pdf(value)),
        Some(Distribution::Beta(a, b)) => Beta::new(a, b).ok().map(|d| d.ln_pdf(value)),
        Some(Distribution::Gamma(shape, scale)) => {
            Gamma::new(shape, 1.0 / scale).ok().map(|d| d.ln_pdf(value))
        }
    };
    density.filter(|x| !x.is_nan()).unwrap_or(f64::NEG_INFINITY)
}

/// Where the prior is highest, on a grid; the middle of the range where nothing but the range is stated.
pub(super) fn prior_mode(free: &Free) -> f64 {
    if matches!(free.distribution, None | Some(Distribution::Uniform(..))) {
        return free.value(0.5);
    }
    let grid = (0..=400).map(|i| free.value(f64::from(i) / 400.0));
    let best = grid.max_by(|a, b| finite(log_prior(free, *a)).total_cmp(&finite(log_prior(free, *b))));
    best.unwrap_or(free.stated)
}

/// A density that is infinite at an end of the range counts as none there.
fn finite(x: f64) -> f64 {
    if x.is_finite() { x } else { f64::NEG_INFINITY }
}

/// A draw from the prior, by rejection under its largest density on a grid; uniform where nothing else is stated.
fn prior_draw(free: &Free, random: &mut impl RngExt) -> f64 {
    if matches!(free.distribution, None | Some(Distribution::Uniform(..))) {
        return free.value(random.random());
    }
    let top = (0..=400).map(|i| log_prior(free, free.value(f64::from(i) / 400.0))).filter(|x| x.is_finite());
    let top = top.fold(f64::NEG_INFINITY, f64::max);
    for _ in 0..100_000 {
        let value = free.value(random.random());
        if random.random::<f64>().ln() < log_prior(free, value) - top {
            return value;
        }
    }
    free.stated.clamp(free.range.0, free.range.1)
}

fn row(free: &Free, i: usize, clouds: &[Cloud]) -> PosteriorRow {
    let all: Vec<f64> = clouds.iter().flat_map(|c| &c.points).map(|p| p.values[i]).collect();
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
    let variance = |list: &[f64]| {
        let m = mean(list);
        list.iter().map(|x| (x - m).powi(2)).sum::<f64>() / (list.len() as f64 - 1.0).max(1.0)
    };
    let parts: Vec<Vec<f64>> =
        clouds.iter().map(|c| c.points.iter().map(|p| p.values[i]).collect()).collect();
    let r_hat = (parts.len() > 1).then(|| {
        let n = parts[0].len() as f64;
        let within = mean(&parts.iter().map(|p| variance(p)).collect::<Vec<f64>>());
        let between = variance(&parts.iter().map(|p| mean(p)).collect::<Vec<f64>>());
        if within > 0.0 { (((n - 1.0) / n * within + between) / within).sqrt() } else { 1.0 }
    });
    let mut sorted = all.clone();
    sorted.sort_by(f64::total_cmp);
    let at = |q: f64| sorted[((q * (sorted.len() - 1) as f64).round()) as usize];
    PosteriorRow {
        name: free.name.clone(),
        mean: mean(&all),
        deviation: variance(&all).sqrt(),
        quantiles: (at(0.05), at(0.5), at(0.95)),
        r_hat: r_hat.filter(|r| r.is_finite()),
        overlap: overlap(free, &all),
    }
}

/// Shared area of the prior and a histogram of draws, in ten cells.
fn overlap(free: &Free, draws: &[f64]) -> f64 {
    const CELLS: usize = 10;
    let mut counts = [0.0; CELLS];
    for value in draws {
        let cell = ((free.share(*value) * CELLS as f64) as usize).min(CELLS - 1);
        counts[cell] += 1.0 / draws.len() as f64;
    }
    let mut prior = [0.0; CELLS];
    for i in 0..CELLS * 40 {
        let share = (i as f64 + 0.5) / (CELLS * 40) as f64;
        let density = log_prior(free, free.value(share)).exp();
        prior[i / 40] += if density.is_finite() { density } else { 0.0 };
    }
    let total: f64 = prior.iter().sum();
    counts.iter().zip(prior).map(|(c, p)| c.min(p / total)).sum()
}
