//! Standard errors: observed information, outer products, robust, clustered, bootstrap.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

use armistice_solve::Control;

use crate::error::FitError;
use crate::likelihood::{Design, Likelihood, Model};
use crate::linear::{Cholesky, Square};
use crate::optimize::{Evaluation, Maximum, Status, Stopping, maximize};
use crate::search::{runs_off, scales};

/// How the covariance of estimates is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Covariance {
    /// (−H)⁻¹, the inverse of the observed information.
    Observed,
    /// (Σ sᵢsᵢᵀ)⁻¹, the inverse of the outer products of scores.
    OuterProduct,
    /// H⁻¹ (Σ sᵢsᵢᵀ) H⁻¹: right also where the likelihood is not (Huber, White).
    Robust,
    /// The same with scores summed within clusters first, times G/(G − 1) for G clusters.
    Clustered,
    /// Of estimates from samples drawn with replacement, observations or clusters.
    Bootstrap,
}

/// Observations that belong together, by number; each observation its own group where there are no clusters.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// The group of each observation.
    pub of: Vec<usize>,
    /// Number of groups.
    pub count: usize,
}

impl Groups {
    /// Every observation alone.
    #[must_use]
    pub fn single(observations: usize) -> Self {
        Self { of: (0..observations).collect(), count: observations }
    }

    /// Groups from labels.
    #[must_use]
    pub fn from_labels(labels: &[String]) -> Self {
        let mut names: Vec<&String> = labels.iter().collect();
        names.sort();
        names.dedup();
        let of = labels.iter().map(|label| names.binary_search(&label).unwrap_or(0)).collect();
        Self { of, count: names.len() }
    }
}

/// (−H)⁻¹; `None` where −H is not positive definite.
#[must_use]
pub fn observed(at: &Evaluation) -> Option<Square> {
    let mut negative = at.hessian.clone();
    negative.entries.iter_mut().for_each(|x| *x = -*x);
    Cholesky::new(&negative, 1e-14).ok().map(|c| c.inverse())
}

/// Σ over groups of the outer product of the group's score.
#[must_use]
pub fn outer_products(likelihood: &Likelihood<'_>, point: &[f64], groups: &Groups) -> Square {
    outer(likelihood, point, groups, &[])
}

/// The same with something added to the score of each observation, by observation and coefficient; nothing where empty.
fn outer(likelihood: &Likelihood<'_>, point: &[f64], groups: &Groups, added: &[f64]) -> Square {
    let k = point.len();
    let mut scores = vec![0.0; groups.count * k];
    let mut one = vec![0.0; k];
    for (i, &group) in groups.of.iter().enumerate() {
        likelihood.score(i, point, &mut one);
        let more = added.get(i * k..(i + 1) * k).unwrap_or(&[]);
        one.iter_mut().zip(more).for_each(|(s, x)| *s += x);
        for (sum, s) in scores[group * k..(group + 1) * k].iter_mut().zip(&one) {
            *sum += s;
        }
    }
    let mut out = Square::zeros(k);
    scores.chunks(k.max(1)).for_each(|score| out.add_outer(1.0, score));
    out.mirror();
    out
}

/// The covariance of estimates at a maximum, of every kind but the bootstrap. `None` where it is not defined.
///
/// Where the score moves with more than the coefficients (see [`Moving`](crate::Moving)), H is its whole derivative: the covariance is A⁻¹ Ω A⁻ᵀ with A from there and
/// Ω by the kind, −H or the outer products; always these where a first estimate has an error of its own.
#[must_use]
pub fn covariance(
    kind: Covariance,
    likelihood: &Likelihood<'_>,
    maximum: &Maximum,
    groups: &Groups,
) -> Option<Square> {
    let at = maximum.at.as_ref()?;
    let bread = observed(at);
    let (point, single) = (&maximum.point, Groups::single(groups.of.len()));
    let moving = likelihood.model.moving(likelihood.design, point);
    let added = moving.as_ref().map_or(&[][..], |m| &m.first);
    let clustered = kind == Covariance::Clustered;
    let meat = || {
        let mut meat = outer(likelihood, point, if clustered { groups } else { &single }, added);
        if clustered {
            let count = groups.count as f64;
            let factor = count / (count - 1.0).max(1.0);
            meat.entries.iter_mut().for_each(|x| *x *= factor);
        }
        meat
    };
    if let Some(moving) = &moving {
        let (mut slope, mut middle) = (moving.slope.clone(), meat());
        match kind {
            Covariance::Observed | Covariance::Bootstrap if added.is_empty() => {
                middle = at.hessian.clone();
                middle.entries.iter_mut().for_each(|x| *x = -*x);
            }
            Covariance::OuterProduct => {
                // Outer products wherever second derivatives of the likelihood stand.
                let pairs =
                    outer_products(likelihood, point, &single).entries.into_iter().zip(&at.hessian.entries);
                slope.entries.iter_mut().zip(pairs).for_each(|(a, (o, h))| *a += o + h);
            }
            _ => {}
        }
        let inverse = bread.and_then(|_| slope.inverse())?;
        return Some(inverse.product(&middle).product(&inverse.transposed()));
    }
    match kind {
        Covariance::Observed | Covariance::Bootstrap => bread,
        Covariance::OuterProduct => Cholesky::new(&meat(), 1e-14).ok().map(|c| c.inverse()),
        Covariance::Robust | Covariance::Clustered => {
            let bread = bread?;
            Some(bread.product(&meat()).product(&bread))
        }
    }
}

/// Estimates from samples drawn with replacement.
#[derive(Clone, Debug, Serialize)]
pub struct Replicates {
    /// Coefficients, one row a replicate that converged.
    pub coefficients: Vec<Vec<f64>>,
    /// Replicates asked for.
    pub asked: usize,
    /// Replicates in which no maximum was found, because a sample does not identify all coefficients.
    pub failed: usize,
}

impl Replicates {
    /// The sample covariance of the replicates.
    #[must_use]
    pub fn covariance(&self) -> Option<Square> {
        let n = self.coefficients.len();
        let k = self.coefficients.first()?.len();
        if n < 2 {
            return None;
        }
        let mut mean = vec![0.0; k];
        for row in &self.coefficients {
            mean.iter_mut().zip(row).for_each(|(m, x)| *m += x / n as f64);
        }
        let mut out = Square::zeros(k);
        for row in &self.coefficients {
            let off: Vec<f64> = row.iter().zip(&mean).map(|(x, m)| x - m).collect();
            out.add_outer(1.0 / (n - 1) as f64, &off);
        }
        out.mirror();
        Some(out)
    }

    /// The quantile of a coefficient over replicates, linear between order statistics.
    #[must_use]
    pub fn quantile(&self, coefficient: usize, share: f64) -> Option<f64> {
        let mut values: Vec<f64> = self.coefficients.iter().map(|row| row[coefficient]).collect();
        values.sort_by(f64::total_cmp);
        quantile(&values, share)
    }
}

/// The quantile of sorted values, linear between order statistics.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let (a, b) = (sorted[below], sorted[(below + 1).min(last)]);
    Some(a + (place - below as f64) * (b - a))
}

/// Distance to the maximum, in standard errors, at which a replicate is done: far below what 1000 replicates can tell.
const REPLICATE: Stopping = Stopping { decrement: 1e-4, evaluations: 60 };

/// Estimates again from `asked` samples drawn with replacement, groups as wholes, each started at `start`.
///
/// Replicate r draws from stream r + 1 of the generator, so that results depend neither on threads nor on how many replicates are asked for.
///
/// # Errors
/// When canceled.
pub fn bootstrap(
    model: &dyn Model,
    design: &Design,
    start: &[f64],
    groups: &Groups,
    asked: usize,
    seed: u64,
    control: &Control<'_>,
) -> Result<Replicates, FitError> {
    const BLOCK: usize = 64;
    let scales = scales(design);
    let mut coefficients = Vec::with_capacity(asked);
    for first in (0..asked).step_by(BLOCK) {
        if control.cancel.is_canceled() {
            return Err(FitError::Canceled);
        }
        control.report("drawing samples", first as u64, Some(asked as u64));
        let block: Vec<Option<Vec<f64>>> = (first..(first + BLOCK).min(asked))
            .into_par_iter()
            .map(|number| replicate(model, design, start, groups, &scales, seed, number as u64))
            .collect();
        coefficients.extend(block);
    }
    let coefficients: Vec<Vec<f64>> = coefficients.into_iter().flatten().collect();
    Ok(Replicates { failed: asked - coefficients.len(), coefficients, asked })
}

fn replicate(
    model: &dyn Model,
    design: &Design,
    start: &[f64],
    groups: &Groups,
    scales: &[f64],
    seed: u64,
    number: u64,
) -> Option<Vec<f64>> {
    let mut random = stream(seed, number + 1);
    let mut drawn = vec![0.0; groups.count];
    for _ in 0..groups.count {
        drawn[random.random_range(0..groups.count)] += 1.0;
    }
    let weights: Vec<f64> = groups.of.iter().map(|&group| drawn[group]).collect();
    let likelihood = Likelihood { model, design, weights: Some(&weights) };
    let again = model.again(design, &weights, start);
    let maximum = again.unwrap_or_else(|| maximize(&likelihood, start, &REPLICATE));
    let found = maximum.status == Status::Converged && !runs_off(&maximum, scales);
    found.then_some(maximum.point)
}

/// A stream of the generator of a seed.
#[must_use]
pub(crate) fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(number);
    random
}

/// A standard normal draw, by the polar method.
pub(crate) fn normal_draw(random: &mut impl Rng) -> f64 {
    loop {
        let (u, v): (f64, f64) = (2.0 * random.random::<f64>() - 1.0, 2.0 * random.random::<f64>() - 1.0);
        let s = u * u + v * v;
        if s > 0.0 && s < 1.0 {
            return u * (-2.0 * s.ln() / s).sqrt();
        }
    }
}
