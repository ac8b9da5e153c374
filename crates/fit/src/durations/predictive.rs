//! Predicted distributions of durations.

use statrs::function::gamma::{gamma_lr, gamma_ur};

use super::baseline::generalized_gamma_log_density;
use super::waiting::Outlook;
use crate::score;
use crate::special::{log_logistic, log_normal, logistic, normal, normal_density};

/// A predicted distribution of a war's duration, in days.
#[derive(Clone, Debug, PartialEq)]
pub enum Predictive {
    /// F(t) = 1 − e^{−t/m}.
    Exponential {
        /// The mean m.
        mean: f64,
    },
    /// F(t) = 1 − e^{−(t/b)^a}.
    Weibull {
        /// a; below 1 the hazard falls.
        shape: f64,
        /// b.
        scale: f64,
    },
    /// F(t) = Φ((ln t − μ)/σ).
    LogNormal {
        /// μ.
        mu: f64,
        /// σ.
        sigma: f64,
    },
    /// F(t) = 1/(1 + (t/b)^{−a}).
    LogLogistic {
        /// a.
        shape: f64,
        /// b, the median.
        scale: f64,
    },
    /// Prentice's generalized gamma: Weibull at λ = 1, log-normal at λ = 0.
    GeneralizedGamma {
        /// μ.
        mu: f64,
        /// σ.
        sigma: f64,
        /// λ.
        lambda: f64,
    },
    /// As other wars lasted, each as likely.
    BaseRate {
        /// Their durations, in order.
        days: Vec<f64>,
    },
    /// Of the structural model.
    Waiting(Outlook),
}

impl Predictive {
    /// ln of the density per day; `None` for the base rate, which has none.
    #[must_use]
    pub fn log_density(&self, days: f64) -> Option<f64> {
        let log = days.ln();
        let value = match self {
            Self::Exponential { mean } => -mean.ln() - days / mean,
            Self::Weibull { shape, scale } => {
                let z = shape * (log - scale.ln());
                shape.ln() - log + z - z.exp()
            }
            Self::LogNormal { mu, sigma } => {
                let z = (log - mu) / sigma;
                normal_log_density(z) - sigma.ln() - log
            }
            Self::LogLogistic { shape, scale } => {
                let z = shape * (log - scale.ln());
                shape.ln() - log + 2.0 * log_logistic(z)[0] - z
            }
            Self::GeneralizedGamma { mu, sigma, lambda } => {
                generalized_gamma_log_density(days, *mu, *sigma, *lambda)
            }
            Self::BaseRate { .. } => return None,
            Self::Waiting(outlook) => outlook.log_density(days),
        };
        value.is_finite().then_some(value)
    }

    /// Probability that the war has ended by a day.
    #[must_use]
    pub fn ended_by(&self, days: f64) -> f64 {
        if !(days > 0.0) {
            return 0.0;
        }
        let log = days.ln();
        match self {
            Self::Exponential { mean } => -(-days / mean).exp_m1(),
            Self::Weibull { shape, scale } => -(-(shape * (log - scale.ln())).exp()).exp_m1(),
            Self::LogNormal { mu, sigma } => normal((log - mu) / sigma),
            Self::LogLogistic { shape, scale } => logistic(shape * (log - scale.ln())),
            Self::GeneralizedGamma { mu, sigma, lambda } => generalized_gamma((log - mu) / sigma, *lambda),
            Self::BaseRate { days: known } => {
                known.partition_point(|t| *t <= days) as f64 / known.len().max(1) as f64
            }
            Self::Waiting(outlook) => outlook.ended_by(days),
        }
    }

    /// Probability that a war that has gone on for `after` days ends within the next `within`; `None` where it cannot have lasted so long.
    #[must_use]
    pub fn ends_within(&self, after: f64, within: f64) -> Option<f64> {
        let (from, to) = (self.ended_by(after), self.ended_by(after + within));
        (from < 1.0).then(|| ((to - from) / (1.0 - from)).clamp(0.0, 1.0))
    }

    /// The day by which the war has ended with a probability strictly between 0 and 1, by bisection; of the base rate the lowest such duration.
    #[must_use]
    pub fn quantile(&self, probability: f64) -> Option<f64> {
        if !(probability > 0.0 && probability < 1.0) {
            return None;
        }
        if let Self::BaseRate { days } = self {
            let rank = (probability * days.len() as f64).ceil() as usize;
            return days.get(rank.saturating_sub(1)).copied();
        }
        let (mut low, mut high) = (-60.0_f64, 60.0_f64);
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if self.ended_by(middle.exp()) < probability { low = middle } else { high = middle }
        }
        Some((0.5 * (low + high)).exp())
    }

    /// CRPS in days; `None` where it is infinite.
    #[must_use]
    pub fn crps(&self, days: f64) -> Option<f64> {
        match self {
            Self::Exponential { mean } => score::crps_exponential(*mean, days),
            Self::Weibull { shape, scale } => score::crps_weibull(*shape, *scale, days),
            Self::LogNormal { mu, sigma } => score::crps_log_normal(*mu, *sigma, days),
            Self::LogLogistic { shape, scale } => score::crps_log_logistic(*shape, *scale, days),
            Self::BaseRate { days: known } => score::crps_ensemble(known, days),
            Self::GeneralizedGamma { .. } | Self::Waiting(_) => {
                score::crps_positive(|t| self.ended_by(t), days)
            }
        }
    }

    /// Values of its parameters, in the order of the model's names for them.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        match self {
            Self::Exponential { mean } => vec![*mean],
            Self::Weibull { shape, scale } | Self::LogLogistic { shape, scale } => vec![*shape, *scale],
            Self::LogNormal { mu, sigma } => vec![*mu, *sigma],
            Self::GeneralizedGamma { mu, sigma, lambda } => vec![*mu, *sigma, *lambda],
            Self::BaseRate { .. } => Vec::new(),
            Self::Waiting(outlook) => vec![outlook.location, outlook.spread, outlook.collapse],
        }
    }
}

pub(super) fn normal_log_density(z: f64) -> f64 {
    -0.5 * z * z - 0.918_938_533_204_672_7
}

/// |λ| below which the incomplete gamma function is of too large an order, and the distribution is Φ(w) + λ(w² + 2)φ(w)/6 + O(λ²).
const NEARLY_NORMAL: f64 = 1e-3;

fn generalized_gamma(w: f64, lambda: f64) -> f64 {
    if lambda.abs() < NEARLY_NORMAL {
        return (normal(w) + lambda * (w * w + 2.0) * normal_density(w) / 6.0).clamp(0.0, 1.0);
    }
    let order = (lambda * lambda).recip();
    let at = order * (lambda * w).exp();
    let (low, high) = if at > 0.0 && at < 1e300 {
        (gamma_lr(order, at), gamma_ur(order, at))
    } else if at <= 0.0 {
        (0.0, 1.0)
    } else {
        (1.0, 0.0)
    };
    if lambda > 0.0 { low } else { high }
}

/// ln Φ(z), far into the tail.
pub(super) fn log_normal_tail(z: f64) -> f64 {
    log_normal(z)[0]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn all() -> Vec<Predictive> {
        vec![
            Predictive::Exponential { mean: 400.0 },
            Predictive::Weibull { shape: 0.72, scale: 330.0 },
            Predictive::LogNormal { mu: 5.07, sigma: 1.47 },
            Predictive::LogLogistic { shape: 1.17, scale: 160.0 },
            Predictive::GeneralizedGamma { mu: 5.13, sigma: 1.47, lambda: 0.08 },
            Predictive::GeneralizedGamma { mu: 4.6, sigma: 1.6, lambda: -0.4 },
            Predictive::GeneralizedGamma { mu: 4.6, sigma: 1.6, lambda: 9e-4 },
            Predictive::Waiting(Outlook { location: 10.0, spread: 2.8, collapse: 3e-4 }),
        ]
    }

    #[test]
    fn densities_are_slopes_and_quantiles_inverses() {
        for predictive in all() {
            for days in [2.0, 31.0, 163.0, 1000.0, 4000.0] {
                let h = 1e-4 * days;
                let slope = (predictive.ended_by(days + h) - predictive.ended_by(days - h)) / (2.0 * h);
                let density = predictive.log_density(days).unwrap().exp();
                assert!(
                    (slope - density).abs() < 2e-5 * density + 1e-12,
                    "{predictive:?} {days}: {slope} {density}"
                );
            }
            for p in [0.05, 0.5, 0.95] {
                let days = predictive.quantile(p).unwrap();
                assert!((predictive.ended_by(days) - p).abs() < 1e-9, "{predictive:?} {p}");
            }
            assert!(predictive.crps(200.0).unwrap() > 0.0);
        }
    }

    #[test]
    fn the_generalized_gamma_has_its_cases() {
        let (mu, sigma) = (5.0_f64, 1.4);
        for days in [10.0_f64, 300.0, 3000.0] {
            let weibull = Predictive::Weibull { shape: 1.0 / sigma, scale: mu.exp() };
            let same = Predictive::GeneralizedGamma { mu, sigma, lambda: 1.0 };
            assert!((weibull.log_density(days).unwrap() - same.log_density(days).unwrap()).abs() < 1e-12);
            assert!((weibull.ended_by(days) - same.ended_by(days)).abs() < 1e-12);
            let normal = Predictive::LogNormal { mu, sigma };
            let same = Predictive::GeneralizedGamma { mu, sigma, lambda: 0.0 };
            assert!((normal.log_density(days).unwrap() - same.log_density(days).unwrap()).abs() < 1e-12);
            assert!((normal.ended_by(days) - same.ended_by(days)).abs() < 1e-15);
        }
    }
}
