//! What each row would have been worth had it not been seen: leave-one-out by Pareto-smoothed importance sampling.
//!
//! Draws from the posterior given all rows are weighted by 1 / p(row | rows before, θ), as if the row's own factor were taken out of the likelihood.
//! A few draws can then have nearly all the weight, so the largest weights are replaced by the quantiles of a generalized Pareto distribution
//! fitted to them; its shape k says whether the answer can be trusted (Vehtari, Gelman and Gabry 2017; Vehtari et al. 2024). The shape is
//! estimated as by Zhang and Stephens (2009), drawn weakly toward ½.
//!
//! The rows after the one left out keep their factors, which are conditional on it: this says how well a theory explains a month among months,
//! not how well it foresees it. Foreseeing is measured by held-out rows.

use serde::Serialize;

/// Leave-one-out for a table of rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeaveOneOut {
    /// Σ ln p(row | the other rows).
    pub elpd: f64,
    /// Its standard error over rows.
    pub standard_error: f64,
    /// Effective number of parameters: how much better rows look to those who saw them.
    pub effective_parameters: f64,
    /// Shapes above this are not to be trusted with so many draws: min(1 − 1 / log₁₀ S, 0.7).
    pub trusted_below: f64,
    /// By row.
    pub rows: Vec<LeftOut>,
}

/// One row left out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LeftOut {
    /// ln p(row | the other rows).
    pub elpd: f64,
    /// Pareto shape of the importance weights; `null` where the draws have too few different values to fit one.
    pub shape: Option<f64>,
}

impl LeaveOneOut {
    /// Rows whose shape is not to be trusted.
    #[must_use]
    pub fn doubtful(&self) -> usize {
        self.rows.iter().filter(|row| row.shape.is_none_or(|k| k > self.trusted_below)).count()
    }
}

/// Leave-one-out from draws of the posterior: `terms[draw][row]` is ln p(row | rows before, draw).
///
/// - returns `None` with fewer than 25 draws, without rows, or where a term is not finite.
/// - cost: a sort of the draws for each row.
#[must_use]
pub fn leave_one_out(terms: &[Vec<f64>]) -> Option<LeaveOneOut> {
    let count = terms.first()?.len();
    let finite = |draw: &Vec<f64>| draw.len() == count && draw.iter().all(|x| x.is_finite());
    if terms.len() < 25 || count == 0 || !terms.iter().all(finite) {
        return None;
    }
    let draws = terms.len() as f64;
    let (mut rows, mut seen) = (Vec::with_capacity(count), 0.0);
    for row in 0..count {
        let own: Vec<f64> = terms.iter().map(|draw| draw[row]).collect();
        let (weights, shape) = smoothed(&own.iter().map(|x| -x).collect::<Vec<f64>>());
        let both: Vec<f64> = weights.iter().zip(&own).map(|(w, x)| w + x).collect();
        seen += log_sum(&own) - draws.ln();
        rows.push(LeftOut { elpd: log_sum(&both), shape });
    }
    let n = count as f64;
    let elpd: f64 = rows.iter().map(|row| row.elpd).sum();
    let variance = rows.iter().map(|row| (row.elpd - elpd / n).powi(2)).sum::<f64>() / n;
    Some(LeaveOneOut {
        elpd,
        standard_error: (n * variance).sqrt(),
        effective_parameters: seen - elpd,
        trusted_below: (1.0 - 1.0 / draws.log10()).min(0.7),
        rows,
    })
}

/// ln Σ exp.
fn log_sum(list: &[f64]) -> f64 {
    let top = list.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + list.iter().map(|x| (x - top).exp()).sum::<f64>().ln()
}

/// Normalized logarithms of weights with their upper tail smoothed, and the tail's shape.
fn smoothed(log_ratios: &[f64]) -> (Vec<f64>, Option<f64>) {
    let n = log_ratios.len();
    let top = log_ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut out: Vec<f64> = log_ratios.iter().map(|x| x - top).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| out[*a].total_cmp(&out[*b]).then(a.cmp(b)));
    let tail = (n as f64 / 5.0).min(3.0 * (n as f64).sqrt()).ceil() as usize;
    let cut = out[order[n.saturating_sub(tail + 1)]].max(f64::MIN_POSITIVE.ln());
    let above: Vec<usize> = order.into_iter().filter(|i| out[*i] > cut).collect();
    let mut shape = None;
    if above.len() > 4 {
        let excess: Vec<f64> = above.iter().map(|i| out[*i].exp() - cut.exp()).collect();
        if let Some((k, scale)) = pareto(&excess) {
            shape = Some(k);
            for (place, i) in above.iter().enumerate() {
                let p = (place as f64 + 0.5) / above.len() as f64;
                out[*i] = (quantile(p, k, scale) + cut.exp()).ln().min(0.0);
            }
        }
    }
    let total = log_sum(&out);
    out.iter_mut().for_each(|x| *x -= total);
    (out, shape)
}

/// Shape and scale of a generalized Pareto distribution from a sorted sample (Zhang and Stephens 2009), the shape drawn toward ½ as by ten
/// more observations; `None` where the sample is too uneven to fit.
fn pareto(sorted: &[f64]) -> Option<(f64, f64)> {
    let n = sorted.len() as f64;
    let quartile = *sorted.get(((n / 4.0 + 0.5) as usize).checked_sub(1)?)?;
    let largest = *sorted.last()?;
    let many = 30 + n.sqrt() as usize;
    let rates: Vec<f64> = (1..=many)
        .map(|j| (1.0 - (many as f64 / (j as f64 - 0.5)).sqrt()) / (3.0 * quartile) + 1.0 / largest)
        .collect();
    let mean_log = |rate: f64| sorted.iter().map(|x| (-rate * x).ln_1p()).sum::<f64>() / n;
    let profile: Vec<f64> = rates
        .iter()
        .map(|rate| {
            let k = mean_log(*rate);
            n * ((-(rate / k)).ln() - k - 1.0)
        })
        .collect();
    let total = log_sum(&profile);
    let mut weights: Vec<f64> = profile.iter().map(|l| (l - total).exp()).collect();
    weights.iter_mut().for_each(|w| {
        if *w < 10.0 * f64::EPSILON {
            *w = 0.0;
        }
    });
    let sum: f64 = weights.iter().sum();
    let rate = rates.iter().zip(&weights).map(|(r, w)| r * w / sum).sum::<f64>();
    let raw = mean_log(rate);
    let (shape, scale) = ((n * raw + 5.0) / (n + 10.0), -raw / rate);
    (shape.is_finite() && scale.is_finite() && scale > 0.0).then_some((shape, scale))
}

/// Quantile of a generalized Pareto distribution.
fn quantile(p: f64, shape: f64, scale: f64) -> f64 {
    let tail = (-p).ln_1p();
    scale * if shape.abs() < f64::EPSILON { -tail } else { (-shape * tail).exp_m1() / shape }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Draws of a mean, and eight rows of which the last is an outlier.
    fn table() -> Vec<Vec<f64>> {
        let rows = [-0.3, 0.1, 0.4, -0.6, 0.2, 0.9, -0.1, 3.5];
        let mean = |s: f64| 0.5 + 0.35 * ((12.9898 * s).sin() + (78.233 * s).cos() + (4.1414 * s).sin());
        let term = |mean: f64, row: &f64| -0.5 * (row - mean).powi(2) - 0.918_938_533_204_672_8;
        (0..500).map(|s| rows.iter().map(|row| term(mean(f64::from(s)), row)).collect()).collect()
    }

    #[test]
    fn agrees_with_arviz() {
        let found = leave_one_out(&table()).unwrap();
        // `arviz.loo(..., pointwise=True, reff=1.0)` of ArviZ 0.23.4 on the same table.
        let elpd = [
            -1.409_495_018_054_61,
            -1.116_645_289_050_124_9,
            -1.023_945_643_498_545_4,
            -1.755_606_843_126_880_5,
            -1.073_681_840_308_822_2,
            -1.113_273_345_550_123_1,
            -1.238_904_719_617_176_3,
            -6.375_432_845_393_377,
        ];
        let shape = [
            -0.115_504_016_484_801_82,
            -0.137_961_620_213_484_76,
            0.014_475_017_261_634_6,
            -0.088_886_370_293_810_54,
            -0.139_438_272_559_261_97,
            0.006_679_355_365_239_66,
            -0.129_281_365_747_019_68,
            0.318_311_895_734_972_26,
        ];
        assert!((found.elpd + 15.106_985_544_599_66).abs() < 1e-8, "{}", found.elpd);
        assert!((found.standard_error - 4.838_363_933_386_057_5).abs() < 1e-8, "{}", found.standard_error);
        assert!((found.effective_parameters - 2.156_622_264_862_601_7).abs() < 1e-8);
        assert!(
            (found.trusted_below - (1.0 - 1.0 / 500.0f64.log10())).abs() < 1e-12 && found.doubtful() == 0
        );
        for (row, (elpd, shape)) in found.rows.iter().zip(elpd.into_iter().zip(shape)) {
            assert!((row.elpd - elpd).abs() < 1e-8 && (row.shape.unwrap() - shape).abs() < 1e-8, "{row:?}");
        }
    }

    #[test]
    fn agrees_with_leaving_rows_out() {
        // Normal rows of variance 1 and a flat prior of their mean: without a row, it is normal around the mean of the others, with variance
        // 1 + 1 / 7. Draws are quantiles of the posterior of the mean, normal around the mean of all with variance 1 / 8.
        let rows = [-0.3, 0.1, 0.4, -0.6, 0.2, 0.9, -0.1, 1.1];
        let mean = rows.iter().sum::<f64>() / 8.0;
        let log_density =
            |x: f64, variance: f64| -0.5 * (x * x / variance + (std::f64::consts::TAU * variance).ln());
        let quantile = |p: f64| {
            let (mut low, mut high) = (-9.0, 9.0);
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                if crate::special::normal(middle) < p { low = middle } else { high = middle }
            }
            low
        };
        let draws: Vec<Vec<f64>> = (0..4000)
            .map(|s| mean + quantile((f64::from(s) + 0.5) / 4000.0) / 8.0f64.sqrt())
            .map(|m| rows.iter().map(|row| log_density(row - m, 1.0)).collect())
            .collect();
        let found = leave_one_out(&draws).unwrap();
        let mut more = 0.0;
        for (row, left_out) in rows.iter().zip(&found.rows) {
            let others = (8.0 * mean - row) / 7.0;
            let exact = log_density(row - others, 1.0 + 1.0 / 7.0);
            assert!((left_out.elpd - exact).abs() < 0.01, "{} against {exact}", left_out.elpd);
            more += log_density(row - mean, 1.0 + 1.0 / 8.0) - exact;
        }
        assert_eq!(found.doubtful(), 0);
        assert!(
            (found.effective_parameters - more).abs() < 0.02,
            "{} against {more}",
            found.effective_parameters
        );
    }

    #[test]
    fn says_nothing_of_too_little() {
        assert_eq!(leave_one_out(&table()[..24]), None);
        assert_eq!(leave_one_out(&[]), None);
        let mut broken = table();
        broken[3][2] = f64::NEG_INFINITY;
        assert_eq!(leave_one_out(&broken), None);
        // All draws alike: every row is as with it, and no tail to fit.
        let same = vec![vec![-1.0, -2.0]; 50];
        let found = leave_one_out(&same).unwrap();
        assert!((found.elpd + 3.0).abs() < 1e-12 && found.doubtful() == 2);
    }
}
