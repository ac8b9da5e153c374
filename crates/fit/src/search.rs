//! From many starting points to every local maximum that was found.

use rayon::prelude::*;

use armistice_solve::Control;

use crate::error::FitError;
use crate::inference::{normal_draw, observed, stream};
use crate::likelihood::{Design, Likelihood, Model, Scoring};
use crate::linear::dot;
use crate::optimize::{Maximum, Status, Stopping, maximize};

/// A local maximum and how many starting points led to it.
#[derive(Clone, Debug)]
pub struct Optimum {
    /// The maximum.
    pub maximum: Maximum,
    /// Starting points that led here.
    pub starts: usize,
}

/// What came of a search.
#[derive(Clone, Debug)]
pub struct Search {
    /// Distinct maxima, the best first.
    pub optima: Vec<Optimum>,
    /// Starting points tried.
    pub starts: usize,
    /// Starting points that led nowhere: stalled, or without a finite value.
    pub failed: usize,
}

/// Observations from which a sample gives a first estimate.
const LARGE: usize = 500;

/// Observations of each outcome in the first sample, and how many times as many in each further one.
const SAMPLE: (usize, usize) = (100, 8);

/// A sample is worth its while where there are at least so many times as many observations in all.
const SPARSE: usize = 2;

/// Distance to the maximum of a sample at which it has told what it can, in standard errors.
const IN_SAMPLE: f64 = 0.3;

/// Distance to the maximum at which Newton's method, which squares the distance with every step, takes over from scoring.
const BEFORE_NEWTON: f64 = 0.1;

/// Linear indices from which second derivatives cost so much more than first ones that scoring, which needs more steps, is the shorter way.
const MANY: usize = 5;

/// Maximizes from the model's own start and from points drawn around it.
///
/// Point 0 is `start`. The others are `start` plus normal draws with a standard deviation of `spread` in units of each regressor's root mean
/// square, so that every regressor moves the index about equally. `strata` names each observation's outcome: with many observations, an
/// equal number of each, weighted back, gives a cheap first estimate, from which all of them are used.
///
/// # Errors
/// When no starting point has a finite likelihood, or canceled.
#[expect(clippy::too_many_arguments, reason = "each is one thing that a caller decides")]
pub fn search(
    model: &dyn Model,
    design: &Design,
    start: &[f64],
    strata: &[u32],
    starts: usize,
    spread: f64,
    seed: u64,
    control: &Control<'_>,
) -> Result<Search, FitError> {
    let scales = scales(design);
    let samples = samples(strata);
    let likelihood = Likelihood::new(model, design);
    let stopping = Stopping::default();
    let one = |number: usize| {
        let mut point = start.to_vec();
        if number > 0 {
            let mut random = stream(seed, u64::MAX - number as u64);
            for (x, scale) in point.iter_mut().zip(&scales) {
                *x += spread * scale * normal_draw(&mut random);
            }
        }
        for weights in &samples {
            let sample = Likelihood { model, design, weights: Some(weights) };
            point = closer(&sample, point, IN_SAMPLE);
        }
        point = model.warm(design, point);
        if model.indices() >= MANY {
            point = scored(&likelihood, point, BEFORE_NEWTON).point;
        }
        let mut found = maximize(&likelihood, &point, &stopping);
        if found.status == Status::Converged && runs_off(&found, &scales) {
            found.status = Status::Flat;
        }
        found
    };
    let mut found = Vec::with_capacity(starts);
    const BLOCK: usize = 8;
    for first in (0..starts).step_by(BLOCK) {
        if control.cancel.is_canceled() {
            return Err(FitError::Canceled);
        }
        control.report("searching", first as u64, Some(starts as u64));
        let block: Vec<Maximum> = (first..(first + BLOCK).min(starts)).into_par_iter().map(one).collect();
        found.extend(block);
    }
    collect(found)
}

/// Fisher's scoring up to a distance from the maximum, in standard errors; stays where it is where that does not converge.
fn scored(likelihood: &Likelihood<'_>, point: Vec<f64>, decrement: f64) -> Maximum {
    let stopping = Stopping { decrement, evaluations: 60 };
    let end = maximize(&Scoring(likelihood), &point, &stopping);
    if end.status == Status::Converged { end } else { Maximum { point, ..end } }
}

/// Near the maximum, by scoring where second derivatives are dear, otherwise or failing that by Newton's method; the same point where neither converges.
fn closer(likelihood: &Likelihood<'_>, mut point: Vec<f64>, decrement: f64) -> Vec<f64> {
    if likelihood.model.indices() >= MANY {
        let end = scored(likelihood, point, decrement);
        if end.status == Status::Converged {
            return end.point;
        }
        point = end.point;
    }
    let newton = maximize(likelihood, &point, &Stopping { decrement, ..Stopping::default() });
    if newton.status == Status::Converged { newton.point } else { point }
}

/// Weights of samples, each some times as large as the one before; none where there are few observations.
fn samples(strata: &[u32]) -> Vec<Vec<f64>> {
    let mut out = Vec::new();
    let mut each = SAMPLE.0;
    while strata.len() > LARGE {
        let weights = stratified(strata, each);
        if weights.iter().filter(|w| **w > 0.0).count() * SPARSE > weights.len() {
            break;
        }
        out.push(weights);
        each *= SAMPLE.1;
    }
    out
}

/// Sorts what was found and merges what is the same.
pub(crate) fn collect(mut found: Vec<Maximum>) -> Result<Search, FitError> {
    let starts = found.len();
    found.sort_by(|a, b| b.value().total_cmp(&a.value()));
    let mut optima: Vec<Optimum> = Vec::new();
    let mut failed = 0;
    for maximum in found {
        if maximum.at.is_none() || maximum.status == Status::Stalled {
            failed += 1;
            if !optima.is_empty() || maximum.at.is_none() {
                continue;
            }
        }
        match optima.iter_mut().find(|known| same(&known.maximum, &maximum)) {
            Some(known) => known.starts += 1,
            None => optima.push(Optimum { maximum, starts: 1 }),
        }
    }
    if optima.is_empty() {
        return Err(FitError::NoStart { starts });
    }
    // A point that stalled is kept only where nothing better is known.
    if optima.iter().any(|o| o.maximum.status != Status::Stalled) {
        optima.retain(|o| o.maximum.status != Status::Stalled);
    }
    Ok(Search { optima, starts, failed })
}

/// Two maxima are one if their distance is far below a standard error.
fn same(a: &Maximum, b: &Maximum) -> bool {
    let Some(at) = &a.at else { return false };
    let off: Vec<f64> = a.point.iter().zip(&b.point).map(|(x, y)| x - y).collect();
    let distance = -at.hessian.form(&off, &off);
    let close = (a.value() - b.value()).abs() <= 1e-6 * (1.0 + a.value().abs());
    let flat = a.status == Status::Flat && b.status == Status::Flat;
    close && (flat || distance <= 1e-4 || dot(&off, &off) == 0.0)
}

/// Standard error, in units of the linear index, beyond which a coefficient has no finite maximum: where an outcome is predicted perfectly the
/// likelihood flattens out exponentially, and by the time the search ends errors are in the millions.
const NO_ERROR: f64 = 1e3;

/// Whether some coefficient is on its way to infinity. `scales` are those of [`scales`].
pub(crate) fn runs_off(maximum: &Maximum, scales: &[f64]) -> bool {
    let covariance = maximum.at.as_ref().and_then(observed);
    covariance.is_none_or(|c| c.diagonal().iter().zip(scales).any(|(v, scale)| v.sqrt() > NO_ERROR * scale))
}

/// One over the root mean square of each regressor.
pub(crate) fn scales(design: &Design) -> Vec<f64> {
    let mut squares = vec![0.0; design.coefficients()];
    for i in 0..design.observations() {
        squares.iter_mut().zip(design.row(i)).for_each(|(s, x)| *s += x * x);
    }
    let n = design.observations().max(1) as f64;
    squares.iter().map(|s| if *s > 0.0 { (n / s).sqrt() } else { 1.0 }).collect()
}

/// Weights of a sample with about equally many observations of each outcome, `each` at most, spread evenly over the data.
fn stratified(strata: &[u32], each: usize) -> Vec<f64> {
    let outcomes = strata.iter().max().map_or(0, |m| *m as usize + 1);
    let mut counts = vec![0_usize; outcomes];
    strata.iter().for_each(|&s| counts[s as usize] += 1);
    let mut seen = vec![0_usize; outcomes];
    let mut weights = Vec::with_capacity(strata.len());
    for &s in strata {
        let s = s as usize;
        let kept = counts[s].min(each);
        // The j-th of n is kept where ⌊j·kept/n⌋ moves on.
        let moves = (seen[s] + 1) * kept / counts[s] > seen[s] * kept / counts[s];
        weights.push(if moves { counts[s] as f64 / kept as f64 } else { 0.0 });
        seen[s] += 1;
    }
    weights
}
