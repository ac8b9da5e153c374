//! The usual distributions of durations, by maximum likelihood.

use super::fit::{Model, Posterior};
use super::gamma::{binet, excess};
use super::predictive::Predictive;
use crate::jet::Jet;
use crate::special::log_logistic;

/// ½ ln 2π.
const HALF_LN_2PI: f64 = 0.918_938_533_204_672_7;

/// The maximum-likelihood estimate of a baseline; `None` where there is none.
pub(super) fn fit(model: Model, days: &[f64]) -> Option<Predictive> {
    let n = days.len() as f64;
    let logs: Vec<f64> = days.iter().map(|t| t.ln()).collect();
    let mu = logs.iter().sum::<f64>() / n;
    let sigma = (logs.iter().map(|y| (y - mu) * (y - mu)).sum::<f64>() / n).sqrt();
    if model != Model::Exponential && model != Model::BaseRate && !(sigma > 1e-9) {
        return None;
    }
    // Standard deviations of the logarithms of Weibull and log-logistic variables are π/√6 and π/√3 over the shape.
    Some(match model {
        Model::Exponential => Predictive::Exponential { mean: days.iter().sum::<f64>() / n },
        Model::LogNormal => Predictive::LogNormal { mu, sigma },
        Model::Weibull => {
            let term = |i: usize, v: &[Jet<2>; 2]| {
                let z = v[1].exp() * (v[0].scaled(-1.0).shifted(logs[i]));
                v[1] + z - z.exp()
            };
            let start = [mu + 0.577 * sigma / 1.283, (1.283 / sigma).ln()];
            let [scale, shape] =
                Posterior { terms: days.len(), term: &term, prior: [None; 2] }.maximum(start)?;
            Predictive::Weibull { shape: shape.exp(), scale: scale.exp() }
        }
        Model::LogLogistic => {
            let term = |i: usize, v: &[Jet<2>; 2]| {
                let z = v[1].exp() * (v[0].scaled(-1.0).shifted(logs[i]));
                let [value, first, second] = log_logistic(z.value);
                // ln of the logistic density is z-odd: ln Λ(z) + ln Λ(−z) = 2 ln Λ(z) − z.
                v[1] + z.chain(value, first, second).scaled(2.0) - z
            };
            let start = [mu, (1.814 / sigma).ln()];
            let [scale, shape] =
                Posterior { terms: days.len(), term: &term, prior: [None; 2] }.maximum(start)?;
            Predictive::LogLogistic { shape: shape.exp(), scale: scale.exp() }
        }
        Model::GeneralizedGamma => {
            let term = |i: usize, v: &[Jet<3>; 3]| generalized_gamma(logs[i], v);
            let posterior = Posterior { terms: days.len(), term: &term, prior: [None; 3] };
            let [mu, ln_sigma, lambda] = posterior.maximum([mu, sigma.ln(), 0.0])?;
            Predictive::GeneralizedGamma { mu, sigma: ln_sigma.exp(), lambda }
        }
        Model::BaseRate => {
            let mut sorted = days.to_vec();
            sorted.sort_by(f64::total_cmp);
            Predictive::BaseRate { days: sorted }
        }
        Model::Waiting => return None,
    })
}

/// Log density of ln t in (μ, ln σ, λ).
fn generalized_gamma(log: f64, v: &[Jet<3>; 3]) -> Jet<3> {
    let w = v[0].scaled(-1.0).shifted(log) * v[1].scaled(-1.0).exp();
    let x = v[2] * w;
    let [e, e1, e2] = excess(x.value);
    let [r, r1, r2] = binet(v[2].value);
    (v[1].scaled(-1.0) - v[2].chain(r, r1, r2) - w * w * x.chain(e, e1, e2)).shifted(-HALF_LN_2PI)
}

/// ln f(t) of the generalized gamma distribution.
pub(super) fn generalized_gamma_log_density(days: f64, mu: f64, sigma: f64, lambda: f64) -> f64 {
    let log = days.ln();
    let w = (log - mu) / sigma;
    -log - sigma.ln() - HALF_LN_2PI - binet(lambda)[0] - w * w * excess(lambda * w)[0]
}
