//! Parts of the generalized gamma distribution in the form of Prentice (1974), smooth through the log-normal at λ = 0.
//!
//! With w = (ln t − μ)/σ, x = λw and q = 1/λ², ln f = −ln(σt) − ½ ln 2π − r(q) − w²·E(x), where E(x) = (eˣ − 1 − x)/x² and r is Binet's remainder of
//! Stirling's formula, ln Γ(q) = (q − ½) ln q − q + ½ ln 2π + r(q): what is large in |ln λ|, ln Γ and q ln q cancels on paper.

/// E(x) = (eˣ − 1 − x)/x² with its first two derivatives.
pub(super) fn excess(x: f64) -> [f64; 3] {
    if x.abs() < 0.5 {
        // Σ xᵏ/(k + 2)!
        let (mut sum, mut term, mut power) = ([0.0; 3], 0.5, [1.0, 0.0, 0.0]);
        for k in 0..24 {
            for (s, p) in sum.iter_mut().zip(power) {
                *s += term * p;
            }
            let next = f64::from(k + 1);
            // xᵏ, k xᵏ⁻¹, k(k − 1) xᵏ⁻²
            power = [power[0] * x, next * power[0], next * power[1]];
            term /= next + 2.0;
        }
        return sum;
    }
    let (e, e1) = (x.exp(), x.exp_m1());
    let rest = e1 - x;
    let (x2, x3) = (x * x, x * x * x);
    [rest / x2, e1 / x2 - 2.0 * rest / x3, e / x2 - 4.0 * e1 / x3 + 6.0 * rest / (x2 * x2)]
}

/// r(1/λ²) with its first two derivatives in λ.
pub(super) fn binet(lambda: f64) -> [f64; 3] {
    let l2 = lambda * lambda;
    if l2 < 1.0 / 16.0 {
        // λ²/12 − λ⁶/360 + λ¹⁰/1260 − λ¹⁴/1680
        let mut sum = [0.0; 3];
        for (power, coefficient) in [(2, 12.0), (6, -360.0), (10, 1260.0), (14, -1680.0)] {
            let p = f64::from(power);
            sum[0] += lambda.powi(power) / coefficient;
            sum[1] += p * lambda.powi(power - 1) / coefficient;
            sum[2] += p * (p - 1.0) * lambda.powi(power - 2) / coefficient;
        }
        return sum;
    }
    let q = l2.recip();
    // r(q) = r(q + 1) + (q + ½) ln(1 + 1/q) − 1, until the series is exact.
    let (mut r, mut y) = ([0.0; 3], q);
    while y < 16.0 {
        let (log, both) = (y.recip().ln_1p(), y * (y + 1.0));
        r[0] += (y + 0.5) * log - 1.0;
        r[1] += log - (y + 0.5) / both;
        r[2] += 0.5 / (both * both);
        y += 1.0;
    }
    for (power, coefficient) in [(1, 12.0), (3, -360.0), (5, 1260.0), (7, -1680.0)] {
        let p = f64::from(power);
        r[0] += y.powi(-power) / coefficient;
        r[1] -= p * y.powi(-power - 1) / coefficient;
        r[2] += p * (p + 1.0) * y.powi(-power - 2) / coefficient;
    }
    // dq/dλ = −2/λ³, d²q/dλ² = 6/λ⁴.
    let (first, second) = (-2.0 / (lambda * l2), 6.0 / (l2 * l2));
    [r[0], r[1] * first, r[2] * first * first + r[1] * second]
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::function::gamma::ln_gamma;

    #[test]
    fn both_parts_are_smooth_and_right() {
        for x in [-30.0, -2.0, -0.51, -0.49, -1e-9, 0.0, 0.3, 0.499, 0.501, 4.0] {
            let h = 1e-4;
            let [value, first, second] = excess(x);
            let (up, down) = (excess(x + h), excess(x - h));
            assert!(((up[0] - down[0]) / (2.0 * h) - first).abs() < 1e-7 * (1.0 + first.abs()), "{x}");
            assert!(((up[1] - down[1]) / (2.0 * h) - second).abs() < 1e-7 * (1.0 + second.abs()), "{x}");
            assert!(value > 0.0);
        }
        for lambda in [-2.0, -0.2501, -0.2499, 0.1, 0.6, 1.0, 3.0] {
            let q: f64 = 1.0 / (lambda * lambda);
            let direct = ln_gamma(q) - ((q - 0.5) * q.ln() - q + 0.5 * (2.0 * std::f64::consts::PI).ln());
            let [value, first, second] = binet(lambda);
            assert!((value - direct).abs() < 1e-11, "{lambda}: {value} {direct}");
            let h = 1e-4;
            let (up, down) = (binet(lambda + h), binet(lambda - h));
            assert!(((up[0] - down[0]) / (2.0 * h) - first).abs() < 1e-7, "{lambda}");
            assert!(((up[1] - down[1]) / (2.0 * h) - second).abs() < 1e-7, "{lambda}");
        }
        assert_eq!(binet(0.0)[0], 0.0);
    }
}
