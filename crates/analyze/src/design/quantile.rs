//! Inverse distribution functions: which value a probability stands for.

use armistice_scenario::Distribution;
use statrs::distribution::{Beta, ContinuousCDF, Gamma, LogNormal, Normal};

/// The value below which a distribution has probability `u`, which lies strictly between 0 and 1.
///
/// Uniform and triangular distributions in closed form, the others by statrs. `None` where the number is not finite.
pub(super) fn quantile(distribution: &Distribution, u: f64) -> Option<f64> {
    let value = match *distribution {
        Distribution::Uniform(low, high) => between(low, high, u),
        Distribution::Triangular(low, mode, high) => {
            let split = (mode - low) / (high - low);
            if u < split {
                low + (u * (high - low) * (mode - low)).sqrt()
            } else {
                high - ((1.0 - u) * (high - low) * (high - mode)).sqrt()
            }
        }
        Distribution::Normal(mean, sd) => Normal::new(mean, sd).ok()?.inverse_cdf(u),
        Distribution::LogNormal(mu, sigma) => LogNormal::new(mu, sigma).ok()?.inverse_cdf(u),
        Distribution::Beta(a, b) => Beta::new(a, b).ok()?.inverse_cdf(u),
        // The scenario language states a scale, statrs a rate.
        Distribution::Gamma(shape, scale) => Gamma::new(shape, 1.0).ok()?.inverse_cdf(u) * scale,
    };
    value.is_finite().then_some(value)
}

/// The number a share `u` of the way from `low` to `high`, never outside them.
pub(super) fn between(low: f64, high: f64, u: f64) -> f64 {
    (low + u * (high - low)).clamp(low, high)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Values of scipy 1.17.
    #[test]
    fn quantiles_agree_with_tables() {
        let cases = [
            (Distribution::Uniform(2.0, 4.0), 0.25, 2.5),
            (Distribution::Triangular(0.0, 1.0, 4.0), 0.25, 1.0),
            (Distribution::Triangular(0.0, 1.0, 4.0), 0.8125, 2.5),
            (Distribution::Normal(0.0, 1.0), 0.975, 1.959_963_984_540_054),
            (Distribution::Normal(1.0, 2.0), 0.5, 1.0),
            (Distribution::LogNormal(0.0, 1.0), 0.975, 7.099_071_384_231_335),
            (Distribution::Beta(2.0, 8.0), 0.5, 0.179_619_611_980_361),
            (Distribution::Gamma(2.0, 3.0), 0.5, 5.035_040_970_049_984),
        ];
        for (distribution, u, expected) in cases {
            let found = quantile(&distribution, u).unwrap();
            assert!((found - expected).abs() < 1e-8, "{distribution:?} at {u}: {found}, not {expected}");
        }
    }

    #[test]
    fn quantiles_rise_and_stay_inside() {
        for distribution in [
            Distribution::Triangular(-1.0, -1.0, 2.0),
            Distribution::Triangular(-1.0, 2.0, 2.0),
            Distribution::Beta(0.5, 0.5),
            Distribution::Gamma(0.3, 1.0),
            Distribution::LogNormal(-3.0, 0.4),
        ] {
            let values: Vec<f64> =
                (0..200).map(|i| quantile(&distribution, (f64::from(i) + 0.5) / 200.0).unwrap()).collect();
            assert!(values.is_sorted(), "{distribution:?}");
        }
    }
}
