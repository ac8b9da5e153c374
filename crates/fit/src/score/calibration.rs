//! Calibration, sharpness, and what a Brier score is made of.

use serde::Serialize;
use statrs::distribution::{Beta, ContinuousCDF};
use statrs::function::erf::erf_inv;

use crate::special::normal;

/// Wilson's interval for a share: of `happened` in `count`, at a level such as 0.95 (Wilson 1927). `None` for no observations or a level outside (0, 1).
#[must_use]
pub fn wilson(happened: usize, count: usize, level: f64) -> Option<[f64; 2]> {
    if count == 0 || happened > count || !(level > 0.0 && level < 1.0) {
        return None;
    }
    let z = quantile_of_level(level);
    let (n, p) = (count as f64, happened as f64 / count as f64);
    let center = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends round-off would leave a hair.
    let low = if happened == 0 { 0.0 } else { center - half };
    let high = if happened == count { 1.0 } else { center + half };
    Some([low, high])
}

/// Jeffreys's interval: quantiles of Beta(k + ½, n − k + ½), 0 below when nothing happened and 1 above when everything did (Brown, Cai and
/// DasGupta 2001, Interval Estimation for a Binomial Proportion, Statistical Science 16).
#[must_use]
pub fn jeffreys(happened: usize, count: usize, level: f64) -> Option<[f64; 2]> {
    if count == 0 || happened > count || !(level > 0.0 && level < 1.0) {
        return None;
    }
    let beta = Beta::new(happened as f64 + 0.5, (count - happened) as f64 + 0.5).ok()?;
    let tail = 0.5 * (1.0 - level);
    let low = if happened == 0 { 0.0 } else { beta.inverse_cdf(tail) };
    let high = if happened == count { 1.0 } else { beta.inverse_cdf(1.0 - tail) };
    Some([low, high])
}

/// z with P(|Z| ≤ z) = level, polished by one step of Newton's method on our own distribution function.
fn quantile_of_level(level: f64) -> f64 {
    let z = std::f64::consts::SQRT_2 * erf_inv(level);
    z - (2.0 * normal(z) - 1.0 - level) / (2.0 * crate::special::normal_density(z))
}

/// One bin of a reliability table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Forecasts from here,
    pub from: f64,
    /// to here; the end belongs to the next bin, but in the last.
    pub to: f64,
    /// Forecasts in it.
    pub count: usize,
    /// Their mean; `None` where there are none.
    pub forecast: Option<f64>,
    /// How many of them came true.
    pub happened: usize,
    /// The share that came true.
    pub observed: Option<f64>,
    /// Wilson's interval of that share.
    pub wilson: Option<[f64; 2]>,
    /// Jeffreys's interval of it.
    pub jeffreys: Option<[f64; 2]>,
}

/// Whether what was said to have a chance of p happened in a share p of cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reliability {
    /// Bins of equal width.
    pub bins: Vec<ReliabilityBin>,
    /// Level of intervals.
    pub level: f64,
}

/// A reliability table of forecasts (probability, whether it happened) in bins of equal width. `None` for no bins or a probability outside [0, 1].
#[must_use]
pub fn reliability(forecasts: &[(f64, bool)], bins: usize, level: f64) -> Option<Reliability> {
    if bins == 0 || !(level > 0.0 && level < 1.0) || !forecasts.iter().all(|(p, _)| (0.0..=1.0).contains(p)) {
        return None;
    }
    let of = |p: f64| ((p * bins as f64) as usize).min(bins - 1);
    let bin = |b: usize| {
        let mine: Vec<&(f64, bool)> = forecasts.iter().filter(|(p, _)| of(*p) == b).collect();
        let (count, happened) = (mine.len(), mine.iter().filter(|(_, h)| *h).count());
        let mean = |sum: f64| (count > 0).then(|| sum / count as f64);
        ReliabilityBin {
            from: b as f64 / bins as f64,
            to: (b + 1) as f64 / bins as f64,
            count,
            forecast: mean(mine.iter().map(|(p, _)| p).sum()),
            happened,
            observed: mean(happened as f64),
            wilson: wilson(happened, count, level),
            jeffreys: jeffreys(happened, count, level),
        }
    };
    Some(Reliability { bins: (0..bins).map(bin).collect(), level })
}

/// A mean Brier score in parts (Murphy 1973): score = reliability − resolution + uncertainty + within, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Murphy {
    /// The mean score.
    pub score: f64,
    /// Mean squared gap between forecasts and shares, over bins: to be low.
    pub reliability: f64,
    /// Mean squared gap between shares and the base rate: to be high.
    pub resolution: f64,
    /// ō(1 − ō) with ō the base rate: what the score of the base rate is.
    pub uncertainty: f64,
    /// What forecasts within one bin differ by: variance within bins minus twice the covariance with what happened (Stephenson, Coelho and Jolliffe 2008). 0 where every
    /// bin holds one forecast only, as in Murphy's original.
    pub within: f64,
}

/// Murphy's decomposition with forecasts in bins of equal width; `None` for no forecasts, no bins or a probability outside [0, 1].
#[must_use]
pub fn murphy(forecasts: &[(f64, bool)], bins: usize) -> Option<Murphy> {
    let table = reliability(forecasts, bins, 0.5)?;
    let n = forecasts.len() as f64;
    if forecasts.is_empty() {
        return None;
    }
    let square = |x: f64| x * x;
    let outcome = |h: bool| f64::from(u8::from(h));
    let base = forecasts.iter().map(|(_, h)| outcome(*h)).sum::<f64>() / n;
    let score = forecasts.iter().map(|(p, h)| square(p - outcome(*h))).sum::<f64>() / n;
    let over = |part: &dyn Fn(f64, f64) -> f64| -> f64 {
        let one = |b: &ReliabilityBin| Some(b.count as f64 / n * part(b.forecast?, b.observed?));
        table.bins.iter().filter_map(one).sum()
    };
    let reliability = over(&|forecast, observed| square(forecast - observed));
    let resolution = over(&|_, observed| square(observed - base));
    let uncertainty = base * (1.0 - base);
    Some(Murphy {
        score,
        reliability,
        resolution,
        uncertainty,
        within: score - reliability + resolution - uncertainty,
    })
}

/// Counts in bins of [0, 1].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Histogram {
    /// Counts in bins of equal width.
    pub counts: Vec<usize>,
    /// Pearson's X² against equal counts.
    pub chi_squared: f64,
    /// Its p value, with one degree of freedom less than bins; small where forecasts are not calibrated. Approximate for counts below five.
    pub p_value: f64,
    /// Largest gap between the distribution of values and the uniform one (Kolmogorov and Smirnov).
    pub distance: f64,
}

/// A histogram of probability integral transforms F(y), which are uniform where forecasts are calibrated (Dawid 1984; Gneiting, Balabdaoui and
/// Raftery 2007): a hump means forecasts too wide, a trough too narrow. `None` for fewer than two bins, no values, or values outside [0, 1].
#[must_use]
pub fn pit_histogram(values: &[f64], bins: usize) -> Option<Histogram> {
    if bins < 2 || values.is_empty() || !values.iter().all(|p| (0.0..=1.0).contains(p)) {
        return None;
    }
    let mut counts = vec![0_usize; bins];
    for p in values {
        counts[((p * bins as f64) as usize).min(bins - 1)] += 1;
    }
    let n = values.len() as f64;
    let expected = n / bins as f64;
    let chi_squared = counts.iter().map(|c| (*c as f64 - expected).powi(2) / expected).sum::<f64>();
    let p_value = statrs::function::gamma::gamma_ur(0.5 * (bins - 1) as f64, (0.5 * chi_squared).max(1e-300));
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let gap = |(i, p): (usize, &f64)| ((i + 1) as f64 / n - p).max(p - i as f64 / n);
    let distance = sorted.iter().enumerate().map(gap).fold(0.0, f64::max);
    Some(Histogram { counts, chi_squared, p_value, distance })
}

/// Sharpness: quantiles (a quarter, half, three quarters) of the widths of central prediction intervals. The narrower the better among forecasts that are
/// calibrated. `None` without widths.
#[must_use]
pub fn sharpness(widths: &[f64]) -> Option<[f64; 3]> {
    if widths.is_empty() || !widths.iter().all(|w| w.is_finite()) {
        return None;
    }
    let mut sorted = widths.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (sorted.len() - 1) as f64;
        let low = place.floor() as usize;
        let high = (low + 1).min(sorted.len() - 1);
        sorted[low] + (place - low as f64) * (sorted[high] - sorted[low])
    };
    Some([at(0.25), at(0.5), at(0.75)])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn intervals_have_their_known_values() {
        // 4 of 20 at 95 %, as SciPy 1.17 has it.
        let [low, high] = wilson(4, 20, 0.95).unwrap();
        assert!(
            (low - 0.080_657_662_58).abs() < 1e-10 && (high - 0.416_017_432_25).abs() < 1e-10,
            "{low} {high}"
        );
        let [low, high] = jeffreys(4, 20, 0.95).unwrap();
        assert!((low - 0.071_520_05).abs() < 1e-7 && (high - 0.408_225_76).abs() < 1e-7, "{low} {high}");
        let beta = Beta::new(4.5, 16.5).unwrap();
        assert!((beta.cdf(low) - 0.025).abs() < 1e-8 && (beta.cdf(high) - 0.975).abs() < 1e-8);
        assert_eq!(wilson(0, 10, 0.95).unwrap()[0], 0.0);
        assert_eq!(jeffreys(10, 10, 0.95).unwrap()[1], 1.0);
        assert_eq!(wilson(0, 0, 0.95), None);
        assert_eq!(jeffreys(1, 2, 1.0), None);
    }

    #[test]
    fn bins_hold_every_forecast_once() {
        let forecasts = [(0.0, false), (0.1, false), (0.19, true), (0.2, false), (1.0, true)];
        let table = reliability(&forecasts, 5, 0.9).unwrap();
        assert_eq!(table.bins.iter().map(|b| b.count).collect::<Vec<_>>(), [3, 1, 0, 0, 1]);
        assert_eq!(table.bins[0].happened, 1);
        assert_eq!(table.bins[2].observed, None);
        assert!((table.bins[0].forecast.unwrap() - 0.29 / 3.0).abs() < 1e-15);
        assert_eq!(reliability(&[(1.5, true)], 5, 0.9), None);
    }

    #[test]
    fn parts_of_the_score_add_up_and_are_murphys() {
        // Each bin holds one forecast value, so that nothing varies within.
        let forecasts = [(0.1, false), (0.1, false), (0.1, true), (0.5, true), (0.5, false), (0.9, true)];
        let parts = murphy(&forecasts, 10).unwrap();
        assert!(parts.within.abs() < 1e-15, "{parts:?}");
        let reliability = (3.0 * (0.1f64 - 1.0 / 3.0).powi(2) + 2.0 * 0.0 + 0.1f64.powi(2)) / 6.0;
        assert!((parts.reliability - reliability).abs() < 1e-15);
        assert!((parts.uncertainty - 0.25).abs() < 1e-15);
        let varied = [(0.12, false), (0.18, true), (0.55, true), (0.51, false)];
        let parts = murphy(&varied, 10).unwrap();
        let sum = parts.reliability - parts.resolution + parts.uncertainty + parts.within;
        assert!((parts.score - sum).abs() < 1e-15 && parts.within != 0.0);
        assert_eq!(murphy(&[], 10), None);
    }

    #[test]
    fn uniform_transforms_make_a_flat_histogram() {
        let flat: Vec<f64> = (0..100).map(|i| (f64::from(i) + 0.5) / 100.0).collect();
        let histogram = pit_histogram(&flat, 10).unwrap();
        assert_eq!(histogram.counts, [10; 10]);
        assert!(histogram.p_value > 0.999 && (histogram.distance - 0.005).abs() < 1e-12);
        let narrow: Vec<f64> =
            flat.iter().map(|p| if *p < 0.5 { p * p } else { 1.0 - (1.0 - p).powi(2) }).collect();
        assert!(pit_histogram(&narrow, 10).unwrap().p_value < 0.01);
        assert_eq!(pit_histogram(&[], 10), None);
        assert_eq!(pit_histogram(&[f64::NAN], 10), None);
    }

    #[test]
    fn sharpness_is_quartiles() {
        assert_eq!(sharpness(&[4.0, 1.0, 3.0, 2.0, 5.0]), Some([2.0, 3.0, 4.0]));
        assert_eq!(sharpness(&[]), None);
    }
}
