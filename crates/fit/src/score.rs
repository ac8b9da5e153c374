//! Proper scores of probabilistic forecasts, and how calibrated and sharp forecasts are.
//!
//! A score compares a predicted distribution with what happened; it is *proper* when nobody can expect a better score than by saying what they
//! believe (Gneiting, T. and Raftery, A. E. 2007, Strictly Proper Scoring Rules, Prediction, and Estimation, JASA 102: 359–378). The log score
//! is to be high; Brier's score and the CRPS are losses, to be low. The CRPS is in the unit of what is predicted, and of a forecast that is a
//! point it is the absolute error.
//!
//! CRPS(F, y) = ∫ (F(x) − 1{x ≥ y})² dx = E|X − y| − ½ E|X − X′|, X and X′ independent draws from F. For a positive X the second form is
//! y(2F(y) − 1) + E min(X, X′) − 2 E[X; X ≤ y], which gives the closed forms here; those of the normal mixture and of the log-logistic are in Grimit, E. P. et al.
//! (2006, QJRMS 132: 2925–2942) and Jordan, A., Krüger, F. and Lerch, S. (2019, JSS 90(12)).
//!
//! Functions return `None` where a score is not defined: never NaN.

mod calibration;

use std::f64::consts::PI;

use statrs::function::beta::beta_reg;
use statrs::function::gamma::{gamma, gamma_lr};

use crate::special::{normal, normal_density};

pub use calibration::{
    Histogram, Murphy, Reliability, ReliabilityBin, jeffreys, murphy, pit_histogram, reliability, sharpness,
    wilson,
};

/// ln of the predicted density or probability of what happened; `None` where that is not positive and finite.
#[must_use]
pub fn log_score(density: f64) -> Option<f64> {
    (density > 0.0 && density.is_finite()).then(|| density.ln())
}

/// Brier's score (p − 1{happened})² of a probability (Brier 1950); `None` outside of [0, 1].
#[must_use]
pub fn brier(probability: f64, happened: bool) -> Option<f64> {
    let gap = probability - f64::from(u8::from(happened));
    (0.0..=1.0).contains(&probability).then_some(gap * gap)
}

/// Brier's score of probabilities of several exclusive outcomes, Σ (p_k − 1{k happened})²; twice [`brier`] for two of them. `None` unless these
/// are probabilities that sum to 1 within 1e-9 and `happened` is one of them.
#[must_use]
pub fn brier_outcomes(probabilities: &[f64], happened: usize) -> Option<f64> {
    let valid = probabilities.iter().all(|p| (0.0..=1.0).contains(p)) && happened < probabilities.len();
    let sum: f64 = probabilities.iter().sum();
    let square = |(k, p): (usize, &f64)| {
        let gap = p - f64::from(u8::from(k == happened));
        gap * gap
    };
    (valid && (sum - 1.0).abs() <= 1e-9).then(|| probabilities.iter().enumerate().map(square).sum())
}

/// CRPS of the normal distribution: σ{z(2Φ(z) − 1) + 2φ(z) − 1/√π}, z = (y − μ)/σ.
#[must_use]
pub fn crps_normal(mean: f64, deviation: f64, happened: f64) -> Option<f64> {
    let z = (happened - mean) / deviation;
    let valid = deviation > 0.0 && z.is_finite();
    valid.then(|| deviation * (z * (2.0 * normal(z) - 1.0) + 2.0 * normal_density(z) - PI.sqrt().recip()))
}

/// CRPS of the distribution whose logarithm is normal: y(2F(y) − 1) − 2e^{μ+σ²/2}[Φ((ln y − μ − σ²)/σ) + Φ(σ/√2) − 1].
#[must_use]
pub fn crps_log_normal(mu: f64, sigma: f64, happened: f64) -> Option<f64> {
    if !(sigma > 0.0 && mu.is_finite() && happened > 0.0) {
        return None;
    }
    let z = (happened.ln() - mu) / sigma;
    let below = happened * (2.0 * normal(z) - 1.0);
    let mean = (mu + 0.5 * sigma * sigma).exp();
    // Φ(σ/√2) − 1 as the upper tail, which is exact where σ is large.
    finite(below - 2.0 * mean * (normal(z - sigma) - normal(-sigma * std::f64::consts::FRAC_1_SQRT_2)))
}

/// CRPS of the exponential distribution with mean m: y − 3m/2 + 2m e^{−y/m}.
#[must_use]
pub fn crps_exponential(mean: f64, happened: f64) -> Option<f64> {
    crps_weibull(1.0, mean, happened)
}

/// CRPS of the Weibull distribution with shape a and scale b: y(2F(y) − 1) + bΓ(1 + 1/a)[2^{−1/a} − 2P(1 + 1/a, (y/b)^a)], P the regularized
/// lower incomplete gamma function.
#[must_use]
pub fn crps_weibull(shape: f64, scale: f64, happened: f64) -> Option<f64> {
    if !(shape > 0.0 && scale > 0.0 && scale.is_finite() && happened > 0.0 && happened.is_finite()) {
        return None;
    }
    let (power, order) = ((happened / scale).powf(shape), shape.recip());
    let probability = -(-power).exp_m1();
    let mean = scale * gamma(1.0 + order);
    let part = if power < 700.0 { gamma_lr(1.0 + order, power) } else { 1.0 };
    finite(happened * (2.0 * probability - 1.0) + mean * ((-order).exp2() - 2.0 * part))
}

/// CRPS of the log-logistic distribution F(t) = 1/(1 + (t/b)^{−a}): y(2F(y) − 1) − M[2I + 1/a − 1], M = bπ/(a sin(π/a)) the mean and
/// I the regularized incomplete beta function at F(y) with 1 + 1/a and 1 − 1/a. `None` for a ≤ 1, where the mean, and with it the score, is infinite.
#[must_use]
pub fn crps_log_logistic(shape: f64, scale: f64, happened: f64) -> Option<f64> {
    if !(shape > 1.0 && scale > 0.0 && happened > 0.0 && happened.is_finite()) {
        return None;
    }
    let order = shape.recip();
    let probability = 1.0 / (1.0 + (happened / scale).powf(-shape));
    let mean = scale * PI * order / (PI * order).sin();
    let part = beta_reg(1.0 + order, 1.0 - order, probability);
    finite(happened * (2.0 * probability - 1.0) - mean * (2.0 * part + order - 1.0))
}

/// CRPS of a discrete distribution, Σ w_i|x_i − y| − ½ΣΣ w_i w_j|x_i − x_j|, exactly; of an ensemble with equal weights as with any others.
/// Weights need not sum to 1. `None` without points, or where a number is not finite or a weight negative. Cost: n ln n.
#[must_use]
pub fn crps_discrete(points: &[(f64, f64)], happened: f64) -> Option<f64> {
    let total: f64 = points.iter().map(|(_, w)| w).sum();
    let valid = points.iter().all(|(x, w)| x.is_finite() && *w >= 0.0);
    if !(valid && total > 0.0 && total.is_finite() && happened.is_finite()) {
        return None;
    }
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    // ½ΣΣ w w′|x − x′| is the integral of F(1 − F), which has steps.
    let (mut below, mut spread, mut error) = (0.0, 0.0, 0.0);
    let mut last: Option<f64> = None;
    for (x, weight) in sorted {
        if let Some(last) = last {
            let share = below / total;
            spread += share * (1.0 - share) * (x - last);
        }
        error += weight / total * (x - happened).abs();
        below += weight;
        last = Some(x);
    }
    finite(error - spread)
}

/// CRPS of an ensemble, every member with the same weight; see [`crps_discrete`].
#[must_use]
pub fn crps_ensemble(members: &[f64], happened: f64) -> Option<f64> {
    crps_discrete(&members.iter().map(|x| (*x, 1.0)).collect::<Vec<_>>(), happened)
}

/// CRPS of a mixture of normal distributions, given as (weight, mean, standard deviation), weights summing to 1:
/// Σ w_i A(y − μ_i, σ_i²) − ½ΣΣ w_i w_j A(μ_i − μ_j, σ_i² + σ_j²) with A(m, s²) = m(2Φ(m/s) − 1) + 2sφ(m/s).
#[must_use]
pub fn crps_normal_mixture(parts: &[(f64, f64, f64)], happened: f64) -> Option<f64> {
    let total: f64 = parts.iter().map(|(w, _, _)| w).sum();
    let valid = parts.iter().all(|(w, mean, s)| *w >= 0.0 && mean.is_finite() && *s > 0.0);
    if !(valid && (total - 1.0).abs() <= 1e-9 && happened.is_finite()) {
        return None;
    }
    let distance = |m: f64, variance: f64| {
        let s = variance.sqrt();
        m * (2.0 * normal(m / s) - 1.0) + 2.0 * s * normal_density(m / s)
    };
    let mut sum = 0.0;
    for &(w, mean, s) in parts {
        sum += w * distance(happened - mean, s * s);
        for &(other, center, t) in parts {
            sum -= 0.5 * w * other * distance(mean - center, s * s + t * t);
        }
    }
    finite(sum)
}

/// CRPS of any positive quantity from its distribution function, by quadrature of ∫ (F − 1{x ≥ y})² dx over ln x with Simpson's rule, 64 intervals to a
/// unit of ln x, out to where what is left is below 1e-10 of the sum. To about 1e-8 of its value for smooth F. `None` where it does not converge by
/// x = y e^{60}, as for distributions without a mean of the smaller of two draws.
#[must_use]
pub fn crps_positive(distribution: impl Fn(f64) -> f64, happened: f64) -> Option<f64> {
    if !(happened > 0.0 && happened.is_finite()) {
        return None;
    }
    let start = happened.ln();
    let side = |direction: f64| {
        let square = |u: f64| {
            let x = u.exp();
            let f = distribution(x);
            let gap = if direction < 0.0 { f } else { 1.0 - f };
            gap * gap * x
        };
        const PER_UNIT: usize = 64;
        let step = direction / PER_UNIT as f64;
        let mut total = 0.0;
        for unit in 0..60 {
            let from = start + direction * f64::from(unit);
            let mut sum = square(from) + square(from + direction);
            for i in 1..PER_UNIT {
                let weight = if i % 2 == 1 { 4.0 } else { 2.0 };
                sum += weight * square(from + step * i as f64);
            }
            let piece = sum * step.abs() / 3.0;
            total += piece;
            if !total.is_finite() {
                return None;
            }
            // The integrand may first rise: it is bounded by x, which is what is left below.
            if (direction > 0.0 && piece <= 1e-10 * total)
                || (direction < 0.0 && (from - 1.0).exp() <= 1e-10 * happened)
            {
                return Some(total);
            }
        }
        None
    };
    finite(side(-1.0)? + side(1.0)?)
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn close(a: Option<f64>, b: f64, tolerance: f64) {
        assert!((a.unwrap() - b).abs() <= tolerance * (1.0 + b.abs()), "{a:?} {b}");
    }

    #[test]
    fn closed_forms_of_positive_distributions_are_the_integral() {
        for y in [0.3, 40.0, 163.0, 900.0, 5000.0] {
            let ln = crps_log_normal(5.07, 1.47, y);
            close(ln, crps_positive(|t| normal((t.ln() - 5.07) / 1.47), y).unwrap(), 1e-7);
            for shape in [0.72, 1.0, 2.5] {
                let numeric = crps_positive(|t| -(-(t / 330.0_f64).powf(shape)).exp_m1(), y);
                close(crps_weibull(shape, 330.0, y), numeric.unwrap(), 1e-7);
            }
            for shape in [1.17, 3.0] {
                let numeric = crps_positive(|t| 1.0 / (1.0 + (t / 160.0_f64).powf(-shape)), y);
                close(crps_log_logistic(shape, 160.0, y), numeric.unwrap(), 1e-6);
            }
            let m = 417.9;
            close(crps_exponential(m, y), y - 1.5 * m + 2.0 * m * (-y / m).exp(), 1e-13);
        }
        assert_eq!(crps_log_logistic(1.0, 160.0, 10.0), None);
    }

    #[test]
    fn the_normal_form_is_the_integral_and_a_mixture_of_one() {
        for y in [-3.0, 0.0, 1.7] {
            let (mean, s) = (0.4, 1.3);
            let (n, from, to) = (200_000, -30.0, 30.0);
            let h = (to - from) / f64::from(n);
            let sum: f64 = (0..n)
                .map(|i| from + (f64::from(i) + 0.5) * h)
                .map(|x| (normal((x - mean) / s) - f64::from(u8::from(x >= y))).powi(2) * h)
                .sum();
            close(crps_normal(mean, s, y), sum, 1e-4);
            close(crps_normal_mixture(&[(1.0, mean, s)], y), crps_normal(mean, s, y).unwrap(), 1e-14);
            close(
                crps_normal_mixture(&[(0.3, mean, s), (0.7, mean, s)], y),
                crps_normal(mean, s, y).unwrap(),
                1e-14,
            );
        }
        // A narrow mixture is a discrete distribution.
        let narrow = crps_normal_mixture(&[(0.25, -1.0, 1e-9), (0.75, 2.0, 1e-9)], 0.5);
        close(narrow, crps_discrete(&[(-1.0, 0.25), (2.0, 0.75)], 0.5).unwrap(), 1e-8);
    }

    #[test]
    fn the_discrete_form_is_its_definition() {
        let points = [(3.0_f64, 1.0), (1.0, 2.0), (7.0, 0.5), (3.0, 1.0), (2.0, 0.0)];
        let total: f64 = points.iter().map(|p| p.1).sum();
        for y in [0.0_f64, 2.9, 11.0] {
            let mut direct = 0.0;
            for (x, w) in points {
                direct += w / total * (x - y).abs();
                for (z, v) in points {
                    direct -= 0.5 * w * v / total / total * (x - z).abs();
                }
            }
            close(crps_discrete(&points, y), direct, 1e-14);
        }
        close(crps_ensemble(&[4.0], 1.5), 2.5, 0.0);
        assert_eq!(crps_ensemble(&[], 1.0), None);
        assert_eq!(crps_ensemble(&[f64::NAN], 1.0), None);
        assert_eq!(crps_discrete(&[(1.0, -1.0)], 1.0), None);
    }

    #[test]
    fn scores_are_proper() {
        // The truth has the best expected score among wrong beliefs of all kinds.
        let truth = |q: f64| 0.3 * brier(q, true).unwrap() + 0.7 * brier(q, false).unwrap();
        assert!([0.0, 0.2, 0.29, 0.31, 0.5, 1.0].iter().all(|q| truth(*q) > truth(0.3)));
        let draws: Vec<f64> =
            (0..2000).map(|i| -(1.0 - (f64::from(i) + 0.5) / 2000.0).ln() * 100.0).collect();
        let expected = |mean: f64| -> f64 { draws.iter().map(|y| crps_exponential(mean, *y).unwrap()).sum() };
        assert!([60.0, 90.0, 110.0, 150.0].iter().all(|m| expected(*m) > expected(100.0)));
    }

    #[test]
    fn what_is_not_defined_is_said() {
        assert_eq!(log_score(0.0), None);
        assert_eq!(log_score(f64::NAN), None);
        assert_eq!(log_score(1.0), Some(0.0));
        assert_eq!(brier(1.2, true), None);
        assert_eq!(brier_outcomes(&[0.5, 0.6], 0), None);
        assert_eq!(brier_outcomes(&[0.25, 0.75], 0), Some(2.0 * 0.75 * 0.75));
        assert_eq!(crps_normal(0.0, 0.0, 1.0), None);
        assert_eq!(crps_log_normal(0.0, 1.0, f64::NAN), None);
        assert_eq!(crps_weibull(1.0, f64::INFINITY, 1.0), None);
        // No mean of the smaller of two draws: S(t) = 1/√(1 + ln(1 + t)) falls too slowly.
        assert_eq!(crps_positive(|t: f64| 1.0 - (1.0 + t.ln_1p()).sqrt().recip(), 1.0), None);
    }
}
