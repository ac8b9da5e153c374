//! Which of two models that are not nested is closer to the truth: the tests of Vuong (1989) and Clarke (2003).

use serde::Serialize;
use statrs::distribution::{Binomial, DiscreteCDF};

use crate::error::{FitError, Problem};
use crate::estimate::Fitted;

/// Both tests of a first model against a second.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// ln L of both.
    pub log_likelihoods: [f64; 2],
    /// Coefficients of both.
    pub coefficients: [usize; 2],
    /// (Σ mᵢ − (k₁ − k₂)/2 · ln n) / (√n ω) with mᵢ the difference in ln L of observation i and ω its standard deviation: standard normal if both are
    /// equally close, positive in favor of the first. Absent when the two predict the same everywhere.
    pub vuong: Option<f64>,
    /// Its two-sided p-value.
    pub vuong_p: Option<f64>,
    /// Observations that the first predicts better, each difference less (k₁ − k₂)/(2n) · ln n: binomial with ½ if both are equally close.
    pub clarke: u64,
    /// Its two-sided p-value.
    pub clarke_p: f64,
    /// Observations.
    pub observations: usize,
}

/// Compares two models of the same observations.
///
/// # Errors
/// When they were fitted to different rows of the data or to different outcomes.
pub fn compare(first: &Fitted, second: &Fitted) -> Result<Comparison, FitError> {
    if first.prepared.rows != second.prepared.rows {
        let what =
            "the two models use different rows of the data, because other columns are missing in other rows";
        return Err(Problem::new(what).hint("drop incomplete rows from the data first").into());
    }
    if first.prepared.responses != second.prepared.responses {
        return Err(Problem::new("the two models explain different columns").into());
    }
    let terms = |fitted: &Fitted| fitted.likelihood().terms(&fitted.maximum.point);
    let k = [first.maximum.point.len(), second.maximum.point.len()];
    Ok(of_terms(&terms(first), &terms(second), k))
}

/// Both tests from ln L of each observation under each model, and the numbers of their coefficients.
pub(crate) fn of_terms(a: &[f64], b: &[f64], k: [usize; 2]) -> Comparison {
    let n = a.len() as f64;
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let penalty = 0.5 * (k[0] as f64 - k[1] as f64) * n.ln();
    let sum: f64 = differences.iter().sum();
    let mean = sum / n;
    let deviation = (differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n).sqrt();
    // Differences of round-off size are none.
    let vuong = (deviation > 1e-10).then(|| (sum - penalty) / (n.sqrt() * deviation));
    let clarke = differences.iter().filter(|d| **d - penalty / n > 0.0).count() as u64;
    Comparison {
        log_likelihoods: [a.iter().sum(), b.iter().sum()],
        coefficients: k,
        vuong,
        vuong_p: vuong.map(|z| 2.0 * crate::special::normal(-z.abs())),
        clarke,
        clarke_p: sign_test(clarke, a.len() as u64),
        observations: a.len(),
    }
}

/// The probability of a count as far from n/2 or farther, of n fair coins.
fn sign_test(count: u64, n: u64) -> f64 {
    let less = count.min(n - count);
    Binomial::new(0.5, n).map_or(1.0, |coins| (2.0 * coins.cdf(less)).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_tests_are_those_of_fair_coins() {
        assert!((sign_test(5, 10) - 1.0).abs() < 1e-12);
        assert!((sign_test(0, 10) - 2.0 / 1024.0).abs() < 1e-12);
        assert!((sign_test(10, 10) - sign_test(0, 10)).abs() < 1e-15);
        assert!((sign_test(2, 10) - 2.0 * 56.0 / 1024.0).abs() < 1e-12);
    }
}
