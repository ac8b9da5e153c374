//! Scores of forecasts, all as penalties: smaller is better.

use crate::special::normal_density;

/// −ln p, in nats; a probability of 0 that came true counts as 1e-12.
#[must_use]
pub(super) fn log_score(p: f64) -> f64 {
    -p.max(1e-12).ln()
}

/// Σ (pₖ − oₖ)² over categories, 0 to 2 (Brier 1950).
#[must_use]
pub(super) fn brier(probabilities: &[f64], outcome: usize) -> f64 {
    probabilities.iter().enumerate().map(|(k, p)| (p - f64::from(u8::from(k == outcome))).powi(2)).sum()
}

/// Continuous ranked probability score of a sample: E|X − y| − ½ E|X − X′|, in the unit of y (Gneiting and Raftery 2007).
#[must_use]
pub(super) fn crps(sample: &[f64], y: f64) -> Option<f64> {
    let n = sample.len() as f64;
    if sample.is_empty() {
        return None;
    }
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let far = sorted.iter().map(|x| (x - y).abs()).sum::<f64>() / n;
    // Σ over pairs of |x − x′| from the order alone.
    let pairs: f64 = sorted.iter().enumerate().map(|(i, x)| (2.0 * i as f64 + 1.0 - n) * x).sum();
    Some(far - pairs / (n * n))
}

/// Density of a normal distribution.
pub(super) fn density(x: f64, mean: f64, deviation: f64) -> f64 {
    normal_density((x - mean) / deviation) / deviation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_paper() {
        assert!((brier(&[0.7, 0.2, 0.1], 0) - 0.14).abs() < 1e-12);
        assert!((log_score(0.5) - std::f64::consts::LN_2).abs() < 1e-12);
        // Two points at 0 and 1, y = 0: E|X − y| = 1/2, E|X − X′| = 1/2.
        assert!((crps(&[0.0, 1.0], 0.0).unwrap_or(f64::NAN) - 0.25).abs() < 1e-12);
        assert_eq!(crps(&[], 0.0), None);
        // The normal distribution's own closed form, 2φ(0) − 1/√π, in a fine sample.
        let sample: Vec<f64> = (0..4000)
            .map(|i| {
                let u = (f64::from(i) + 0.5) / 4000.0;
                let (mut low, mut high) = (-9.0, 9.0);
                for _ in 0..60 {
                    let middle = 0.5 * (low + high);
                    if crate::special::normal(middle) < u { low = middle } else { high = middle }
                }
                low
            })
            .collect();
        let expected = 2.0 * normal_density(0.0) - 1.0 / std::f64::consts::PI.sqrt();
        assert!((crps(&sample, 0.0).unwrap_or(f64::NAN) - expected).abs() < 1e-3);
    }
}
