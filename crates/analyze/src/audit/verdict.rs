//! How sure a share is.

/// Standard normal quantile of a two-sided interval of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's interval of 95 % (Wilson 1927) for a share of `hits` in `cases`; `None` where there are no cases.
#[must_use]
pub fn wilson(hits: usize, cases: usize) -> Option<(f64, f64)> {
    if cases == 0 {
        return None;
    }
    let (n, p) = (cases as f64, hits as f64 / cases as f64);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let (middle, scale) = (p + Z * Z / (2.0 * n), 1.0 + Z * Z / n);
    // Round-off must not move an end that is 0 or 1.
    let low = if hits == 0 { 0.0 } else { (middle - spread) / scale };
    let high = if hits >= cases { 1.0 } else { (middle + spread) / scale };
    Some((low, high))
}
