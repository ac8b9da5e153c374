//! Variance-based sensitivity: how much of a number's variance each factor accounts for, alone and with all its interactions.
//!
//! Sources: Saltelli, Annoni, Azzini, Campolongo, Ratto and Tarantola (2010), table 2 (b) for first-order indices and (f), which
//! is Jansen (1999), for total ones; the design is [`crate::design::Sampling::Saltelli`].

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

/// A variance below this share of the squared largest value is round-off, and the number constant: far above what sums of a
/// million numbers leave, far below any dependence that matters.
const CONSTANT: f64 = 1e-24;

/// How intervals are computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Resamples of the base points; 0 leaves intervals out.
    pub resamples: u32,
    /// Probability that an interval is meant to cover.
    pub level: f64,
    /// Seed of the resamples.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 1000, level: 0.95, seed: 1 }
    }
}

/// An index with its bootstrap percentile interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Index {
    /// The estimate; sampling error can take it below 0 or above 1.
    pub value: f64,
    /// Lower and upper end of the interval, where it was asked for.
    pub interval: Option<(f64, f64)>,
}

/// What one factor accounts for, as shares of the variance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FactorIndices {
    /// By itself: S = Var(E(Y | Xᵢ)) / Var(Y).
    pub first: Index,
    /// With every interaction it takes part in: T = E(Var(Y | all but Xᵢ)) / Var(Y).
    pub total: Index,
}

/// Indices of all factors for one number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Indices {
    /// By factor.
    pub factors: Vec<FactorIndices>,
    /// Base points used.
    pub used: usize,
    /// Base points left out because the number is not defined at one of their points. When there are many, the indices are
    /// those of the part of the design where the number is defined.
    pub left_out: usize,
    /// Mean of the number over the base points.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
}

/// Why there are no indices. Messages complete "not defined: …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndicesError {
    /// Not d + 2 numbers for each base point.
    #[error("{outputs} numbers are not {factors} + 2 for each base point")]
    Shape {
        /// Numbers given.
        outputs: usize,
        /// Factors.
        factors: usize,
    },
    /// Fewer than two base points.
    #[error("the number is defined at fewer than two base points")]
    TooFew,
    /// No variance.
    #[error("the number is the same everywhere")]
    Constant,
}

/// First-order and total Sobol indices of a number over the points of a Saltelli design.
///
/// With f(A)ⱼ, f(B)ⱼ and f(ABᵢ)ⱼ the numbers at the rows of base point j, N base points and V the variance of all f(A) and f(B):
///
/// Sᵢ = 1/(N V) Σⱼ f(B)ⱼ (f(ABᵢ)ⱼ − f(A)ⱼ), Tᵢ = 1/(2 N V) Σⱼ (f(A)ⱼ − f(ABᵢ)ⱼ)²
///
/// where the mean is first taken off f, which changes no expected value and lessens the error of Sᵢ.
///
/// - `outputs`: `[base point][A, B, AB₁, …, AB_d]`, as the design lists its points; `None` where the number is not defined, NaN
///   counts as that.
/// - returns indices by factor with percentile intervals from resampling base points. The points of a Sobol sequence are more even
///   than random ones, so the intervals are wider than the errors.
/// - cost: N (d + 2) sums for each resample; the same bits for any number of threads.
/// - errors: [`IndicesError`].
pub fn sobol_indices(
    outputs: &[Option<f64>],
    factors: usize,
    bootstrap: &Bootstrap,
) -> Result<Indices, IndicesError> {
    let width = factors + 2;
    if factors == 0 || !outputs.len().is_multiple_of(width) {
        return Err(IndicesError::Shape { outputs: outputs.len(), factors });
    }
    let finite = |block: &[Option<f64>]| -> Option<Vec<f64>> {
        block.iter().map(|y| y.filter(|y| y.is_finite())).collect()
    };
    let mut rows: Vec<f64> = Vec::with_capacity(outputs.len());
    let blocks = outputs.len() / width;
    for block in outputs.chunks(width) {
        rows.extend(finite(block).unwrap_or_default());
    }
    let used = rows.len() / width;
    if used < 2 {
        return Err(IndicesError::TooFew);
    }
    let largest = rows.iter().fold(0.0, |most: f64, y| most.max(y.abs()));
    let mean = rows.chunks(width).map(ends).sum::<f64>() / (2 * used) as f64;
    rows.iter_mut().for_each(|y| *y -= mean);
    let all: Vec<usize> = (0..used).collect();
    let (variance, estimates) = estimate(&rows, factors, &all);
    if !(variance > CONSTANT * largest * largest) {
        return Err(IndicesError::Constant);
    }
    let resampled: Vec<Vec<(f64, f64)>> = (0..bootstrap.resamples)
        .into_par_iter()
        .map(|replicate| {
            let mut random = ChaCha8Rng::seed_from_u64(bootstrap.seed);
            random.set_stream(u64::from(replicate));
            let drawn: Vec<usize> = (0..used).map(|_| random.random_range(0..used)).collect();
            estimate(&rows, factors, &drawn).1
        })
        .collect();
    let interval = |pick: &dyn Fn(&(f64, f64)) -> f64, factor: usize| {
        let values = resampled.iter().filter_map(|replicate| replicate.get(factor)).map(pick);
        percentiles(values.filter(|x| x.is_finite()).collect(), bootstrap.level)
    };
    let index = |(factor, (first, total)): (usize, &(f64, f64))| FactorIndices {
        first: Index { value: *first, interval: interval(&|x| x.0, factor) },
        total: Index { value: *total, interval: interval(&|x| x.1, factor) },
    };
    let factors = estimates.iter().enumerate().map(index).collect();
    Ok(Indices { factors, used, left_out: blocks - used, mean, variance })
}

/// f(A) + f(B) of a base point.
fn ends(row: &[f64]) -> f64 {
    row.iter().take(2).sum()
}

/// The variance, and both indices by factor, over some base points of numbers with their mean taken off.
fn estimate(rows: &[f64], factors: usize, chosen: &[usize]) -> (f64, Vec<(f64, f64)>) {
    let width = factors + 2;
    let count = chosen.len() as f64;
    let mut sums = vec![(0.0, 0.0); factors];
    let (mut total, mut square) = (0.0, 0.0);
    for j in chosen {
        let Some([a, b, mixed @ ..]) = rows.get(j * width..(j + 1) * width) else { continue };
        total += a + b;
        square += a * a + b * b;
        for ((first, jansen), ab) in sums.iter_mut().zip(mixed) {
            *first += b * (ab - a);
            *jansen += (a - ab) * (a - ab);
        }
    }
    let mean = total / (2.0 * count);
    let variance = square / (2.0 * count) - mean * mean;
    let indices = sums.into_iter();
    (variance, indices.map(|(s, t)| (s / count / variance, t / (2.0 * count) / variance)).collect())
}

/// The ends of the central interval that holds a share `level` of the values.
fn percentiles(mut values: Vec<f64>, level: f64) -> Option<(f64, f64)> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |share: f64| {
        let place = share.clamp(0.0, 1.0) * last as f64;
        let below = place.floor() as usize;
        let (low, high) = (values.get(below)?, values.get((below + 1).min(last))?);
        Some(low + (place - below as f64) * (high - low))
    };
    Some((at((1.0 - level) / 2.0)?, at((1.0 + level) / 2.0)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::design::{Design, Factor, Levels, Sampling, Subject};

    fn indices(
        factors: usize,
        (low, high): (f64, f64),
        base: usize,
        f: impl Fn(&[f64]) -> Option<f64>,
    ) -> Result<Indices, IndicesError> {
        let factor =
            |k| Factor { subject: Subject::Parameter(format!("x{k}")), levels: Levels::Range { low, high } };
        let design = Design {
            factors: (0..factors).map(factor).collect(),
            sampling: Sampling::Saltelli { base, seed: 1 },
        };
        let outputs: Vec<Option<f64>> = design.generate().unwrap().iter().map(|x| f(x)).collect();
        sobol_indices(&outputs, factors, &Bootstrap { resamples: 200, ..Bootstrap::default() })
    }

    fn assert_close(found: &Indices, first: &[f64], total: &[f64], tolerance: f64) {
        for (k, factor) in found.factors.iter().enumerate() {
            for (index, exact) in [(factor.first, first[k]), (factor.total, total[k])] {
                let (low, high) = index.interval.unwrap();
                assert!((index.value - exact).abs() < tolerance, "x{k}: {} for {exact}", index.value);
                assert!(low - 1e-3 <= exact && exact <= high + 1e-3, "x{k}: {exact} in [{low}, {high}]");
            }
        }
    }

    /// Ishigami and Homma (1990) with a = 7 and b = 0.1: variances in closed form.
    #[test]
    fn indices_of_the_ishigami_function() {
        let (a, b) = (7.0, 0.1);
        let f = |x: &[f64]| Some(x[0].sin() + a * x[1].sin().powi(2) + b * x[2].powi(4) * x[0].sin());
        let one = 0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2);
        let two = a * a / 8.0;
        let both = b * b * PI.powi(8) * (1.0 / 18.0 - 1.0 / 50.0);
        let all = one + two + both;
        let found = indices(3, (-PI, PI), 1 << 14, f).unwrap();
        let first = [one / all, two / all, 0.0];
        let total = [(one + both) / all, two / all, both / all];
        assert_close(&found, &first, &total, 0.01);
        assert!((found.variance / all - 1.0).abs() < 0.01);
        assert!((found.mean - a / 2.0).abs() < 0.01);
        for (k, factor) in found.factors.iter().enumerate() {
            println!(
                "x{k}: {:.4} ({:.4}), {:.4} ({:.4})",
                factor.first.value, first[k], factor.total.value, total[k]
            );
        }
    }

    /// Sobol's G function with eight factors, as in Saltelli et al. (2010).
    #[test]
    fn indices_of_the_g_function() {
        let a = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0];
        let f =
            |x: &[f64]| Some(x.iter().zip(a).map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a)).product());
        let own: Vec<f64> = a.iter().map(|a: &f64| 1.0 / 3.0 / (1.0 + a).powi(2)).collect();
        let product: f64 = own.iter().map(|v| 1.0 + v).product();
        let all = product - 1.0;
        let first: Vec<f64> = own.iter().map(|v| v / all).collect();
        let total: Vec<f64> = own.iter().map(|v| v * product / (1.0 + v) / all).collect();
        let found = indices(8, (0.0, 1.0), 1 << 14, f).unwrap();
        assert_close(&found, &first, &total, 0.01);
    }

    #[test]
    fn undefined_points_are_left_out_and_constants_are_refused() {
        let some = indices(2, (0.0, 1.0), 256, |x| (x[0] < 0.9).then_some(x[1])).unwrap();
        assert!(some.left_out > 0 && some.used + some.left_out == 256);
        assert!((some.factors[1].first.value - 1.0).abs() < 0.1 && some.factors[0].total.value.abs() < 1e-12);
        assert_eq!(indices(2, (0.0, 1.0), 64, |_| Some(0.1)), Err(IndicesError::Constant));
        assert_eq!(indices(2, (0.0, 1.0), 64, |_| Some(f64::NAN)), Err(IndicesError::TooFew));
        assert!(matches!(
            sobol_indices(&[Some(1.0); 7], 2, &Bootstrap::default()),
            Err(IndicesError::Shape { .. })
        ));
    }

    #[test]
    fn one_thread_and_many_give_the_same_bits() {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| indices(2, (0.0, 1.0), 128, |x| Some(x[0] * x[1])).unwrap())
        };
        assert_eq!(run(1), run(3));
    }
}
