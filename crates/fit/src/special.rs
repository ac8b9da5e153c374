//! The normal and logistic distributions, far into their tails.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use crate::erfc::erfc;

/// ln √(2π).
const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_7;

/// Below this the normal distribution function underflows and its logarithm is taken from the asymptotic series.
const DEEP_TAIL: f64 = -30.0;

/// φ(z), the standard normal density.
#[must_use]
pub fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z - LN_SQRT_2PI).exp()
}

/// Φ(z), the standard normal distribution function, with full relative accuracy in the lower tail.
#[must_use]
pub fn normal(z: f64) -> f64 {
    0.5 * erfc(-z * FRAC_1_SQRT_2)
}

/// ln Φ(z) with its first two derivatives, without underflow.
///
/// With λ = φ/Φ the derivatives are λ and −λ(z + λ). Far in the lower tail
/// Φ(z) = φ(z)/(−z) · (1 − 1/z² + 3/z⁴ − 15/z⁶ + …) (Abramowitz and Stegun 26.2.12).
#[must_use]
pub fn log_normal(z: f64) -> [f64; 3] {
    if z > DEEP_TAIL {
        return log_normal_from(z, normal(z), normal_density(z));
    }
    let u = 1.0 / (z * z);
    let series = 1.0 - u * (1.0 - 3.0 * u * (1.0 - 5.0 * u * (1.0 - 7.0 * u)));
    let ratio = -z / series;
    // z + λ = z (1 − 1/series), written so that nothing cancels.
    let gap = z * (series - 1.0) / series;
    [-0.5 * z * z - LN_SQRT_2PI - (-z).ln() + series.ln(), ratio, -ratio * gap]
}

/// The same from Φ(z) and φ(z), where these are known already; z above the deep tail.
fn log_normal_from(z: f64, probability: f64, density: f64) -> [f64; 3] {
    let ratio = density / probability;
    // Far in the upper tail Φ is 1 to the last digit, and its logarithm is what is missing to 1.
    let value = if z > 5.0 { (-normal(-z)).ln_1p() } else { probability.ln() };
    [value, ratio, -ratio * (z + ratio)]
}

/// What a choice needs of the normal distribution at z: Φ(−z), Φ(z) and φ(z).
#[must_use]
pub fn normal_choice(z: f64) -> ([f64; 2], f64) {
    let tail = normal(-z.abs());
    (if z > 0.0 { [tail, 1.0 - tail] } else { [1.0 - tail, tail] }, normal_density(z))
}

/// ln Φ(z) with its first two derivatives, from Φ(z) and φ(z).
#[must_use]
pub fn log_normal_known(z: f64, probability: f64, density: f64) -> [f64; 3] {
    if z > DEEP_TAIL && z <= 5.0 { log_normal_from(z, probability, density) } else { log_normal(z) }
}

/// 1/(1 + e⁻ᶻ).
#[must_use]
pub fn logistic(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        let e = z.exp();
        e / (1.0 + e)
    }
}

/// ln(1/(1 + e⁻ᶻ)) with its first two derivatives.
#[must_use]
pub fn log_logistic(z: f64) -> [f64; 3] {
    let value = if z >= 0.0 { -(-z).exp().ln_1p() } else { z - z.exp().ln_1p() };
    let (p, q) = (logistic(z), logistic(-z));
    [value, q, -p * q]
}

/// Φ₂(h, k; ρ) = P(X ≤ h, Y ≤ k) for standard normals with correlation |ρ| ≤ ¾, to about 1e-12 of its value where ρ ≥ 0.
///
/// Near the center by Plackett's identity, Φ₂ = Φ(h)Φ(k) + ∫₀^{asin ρ} exp(−(h² − 2hk sin θ + k²)/(2cos²θ)) dθ/2π, by Gauss's rule
/// (Drezner and Wesolowsky 1990); for ρ > 0 both terms are positive and nothing cancels. Far out, where that integrand has a peak too
/// narrow for that, by ∫_{−∞}^{h} φ(x) Φ((k − ρx)/√(1−ρ²)) dx in panels.
#[must_use]
pub fn binormal(h: f64, k: f64, rho: f64) -> f64 {
    // The smaller argument first: in the tail its integrand decays faster.
    let (h, k) = if h <= k { (h, k) } else { (k, h) };
    if h < -38.0 {
        return 0.0;
    }
    if k > 9.0 {
        return normal(h);
    }
    if h * h + k * k < NEAR_CENTER {
        let half = 0.5 * rho.asin();
        let mut sum = 0.0;
        for (node, weight) in GAUSS_12 {
            for share in [0.5 * (1.0 - node), 0.5 * (1.0 + node)] {
                for sine in [(share * half).sin(), ((share + 1.0) * half).sin()] {
                    let square = (1.0 - sine) * (1.0 + sine);
                    sum += weight * (-0.5 * (h * h - 2.0 * h * k * sine + k * k) / square).exp();
                }
            }
        }
        return normal(h) * normal(k) + 0.5 * half * sum / (2.0 * PI);
    }
    let root = ((1.0 - rho) * (1.0 + rho)).sqrt();
    if h > 0.0 {
        // P(X ≤ h, Y ≤ k) = Φ(h) − Φ(−k) + P(X > h, Y > k).
        return normal(h) - normal(-k) + binormal_tail(-k, -h, rho, root);
    }
    binormal_tail(h, k, rho, root)
}

/// h² + k² below which two panels of twelve points of Plackett's integral give full accuracy at |ρ| ≤ ¾.
const NEAR_CENTER: f64 = 12.0;

/// ∫_{-∞}^{h} φ(x) Φ((k − ρx)/√(1−ρ²)) dx for h ≤ 0, by Gauss–Legendre panels that double in width down the tail.
fn binormal_tail(h: f64, k: f64, rho: f64, root: f64) -> f64 {
    // The transition of the inner Φ has width √(1−ρ²)/ρ, and φ decays within 9 of 0: panels of width 1 resolve both to 1e-15.
    let end = (h - 9.0).max(-39.0).min(h);
    let panels = (h - end).ceil().max(1.0);
    let width = (h - end) / panels;
    let mut total = 0.0;
    let mut right = h;
    for _ in 0..panels as usize {
        let (middle, half) = (right - 0.5 * width, 0.5 * width);
        let mut sum = 0.0;
        for (node, weight) in GAUSS_12 {
            for x in [middle - half * node, middle + half * node] {
                sum += weight * normal_density(x) * normal((k - rho * x) / root);
            }
        }
        total += sum * half;
        right -= width;
        if sum * half <= 1e-18 * total {
            break;
        }
    }
    total
}

/// Density of the standard bivariate normal.
#[must_use]
pub fn binormal_density(h: f64, k: f64, rho: f64) -> f64 {
    let s = (1.0 - rho) * (1.0 + rho);
    (-0.5 * (h * h - 2.0 * rho * h * k + k * k) / s).exp() / (2.0 * PI * s.sqrt())
}

/// Positive nodes and weights of Gauss–Legendre quadrature with twelve points on [−1, 1] (Abramowitz and Stegun, table 25.4).
const GAUSS_12: [(f64, f64); 6] = [
    (0.125_233_408_511_468_9, 0.249_147_045_813_402_8),
    (0.367_831_498_998_180_2, 0.233_492_536_538_354_8),
    (0.587_317_954_286_617_4, 0.203_167_426_723_065_92),
    (0.769_902_674_194_304_7, 0.160_078_328_543_346_23),
    (0.904_117_256_370_474_9, 0.106_939_325_995_318_43),
    (0.981_560_634_246_719_3, 0.047_175_336_386_511_83),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_of_the_normal_is_smooth_across_its_seam() {
        for z in [-45.0, -31.0, -29.0, -12.0, -1.0, 0.0, 3.0, 9.0] {
            let h = 1e-4;
            let [value, first, second] = log_normal(z);
            let (up, down) = (log_normal(z + h), log_normal(z - h));
            assert!(((up[0] - down[0]) / (2.0 * h) - first).abs() < 1e-6 * (1.0 + first.abs()), "{z}");
            assert!(((up[1] - down[1]) / (2.0 * h) - second).abs() < 1e-6 * (1.0 + second.abs()), "{z}");
            assert!(value.is_finite());
        }
        let (left, right) = (log_normal(DEEP_TAIL), log_normal(DEEP_TAIL + 1e-12));
        for (a, b) in left.iter().zip(right) {
            assert!((a - b).abs() < 1e-7 * a.abs(), "{left:?} {right:?}");
        }
        let (p, density) = normal_choice(0.3);
        let (low, high) = (log_normal_known(-0.3, p[0], density), log_normal_known(0.3, p[1], density));
        assert!((p[0] - normal(-0.3)).abs() < 1e-16 && (p[1] - normal(0.3)).abs() < 1e-15);
        assert_eq!(density, normal_density(0.3));
        assert!((low[1] - log_normal(-0.3)[1]).abs() < 1e-14 && (high[2] - log_normal(0.3)[2]).abs() < 1e-14);
    }

    #[test]
    fn bivariate_normal_has_its_known_values() {
        let r = FRAC_1_SQRT_2;
        // Φ₂(0, 0; ρ) = ¼ + asin(ρ)/2π.
        assert!((binormal(0.0, 0.0, r) - (0.25 + r.asin() / (2.0 * PI))).abs() < 1e-14);
        assert!((binormal(0.0, 0.0, -0.3) - (0.25 + (-0.3f64).asin() / (2.0 * PI))).abs() < 1e-14);
        // Independence, and margins.
        assert!((binormal(-1.2, 0.7, 0.0) - normal(-1.2) * normal(0.7)).abs() < 1e-15);
        assert!((binormal(-1.2, 12.0, r) - normal(-1.2)).abs() < 1e-15);
        assert!((binormal(2.0, 12.0, r) - normal(2.0)).abs() < 1e-15);
        // Derivative in the first argument: φ(h) Φ((k − ρh)/√(1−ρ²)).
        for (h, k) in [(-2.0, -1.0), (-0.5, 0.4), (1.3, -0.2), (0.8, 1.9), (-6.0, -3.0)] {
            let d = 1e-4;
            let slope = (binormal(h + d, k, r) - binormal(h - d, k, r)) / (2.0 * d);
            let exact = normal_density(h) * normal((k - r * h) / r);
            assert!((slope - exact).abs() < 1e-8 * (1.0 + exact), "{h} {k}: {slope} {exact}");
            assert!((binormal(h, k, r) - binormal(k, h, r)).abs() < 1e-15);
        }
    }

    #[test]
    fn logistic_is_symmetric_and_never_overflows() {
        for z in [-800.0, -3.0, 0.0, 2.0, 800.0] {
            assert!((logistic(z) + logistic(-z) - 1.0).abs() < 1e-15);
            assert!(log_logistic(z).iter().all(|x| x.is_finite()));
        }
    }
}
