//! The ultimatum of Fearon (1995) where costs have the distribution ((c − l)/(h − l))^a.

use armistice_scenario::EvaluationError;

use super::{Numbers, Parameters, parameter};

/// Halvings of the interval: more than doubles have bits.
const HALVINGS: usize = 200;

/// `k`: the cost above which B accepts.
///
/// The first-order condition 1 − G(k) = g(k)(k + cA), with u = (k − l)/(h − l), reads
/// 1 − u^a = a u^(a−1) (l + u (h − l) + cA)/(h − l). Left minus right falls in u for a ≥ 1, so there is one root in (0, 1), or none
/// where demanding more never pays; the demand p + k stays at or below 1.
pub(super) fn compute(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let of = |name| parameter(parameters, name);
    let (p, cost, low, high, a) = (of("p")?, of("cA")?, of("l")?, of("h")?, of("a")?);
    let span = high - low;
    if span <= 0.0 {
        return Err(EvaluationError::Domain { operation: "a distribution", argument: span });
    }
    if a < 1.0 {
        return Err(EvaluationError::Domain { operation: "a rising hazard rate", argument: a });
    }
    let gain = |u: f64| 1.0 - u.powf(a) - a * u.powf(a - 1.0) * (low + u * span + cost) / span;
    let (mut below, mut above) = (0.0, 1.0);
    if gain(below) > 0.0 {
        for _ in 0..HALVINGS {
            let middle = 0.5 * (below + above);
            if gain(middle) > 0.0 { below = middle } else { above = middle }
        }
    } else {
        above = 0.0;
    }
    let k = (low + 0.5 * (below + above) * span).min(1.0 - p);
    if !k.is_finite() {
        return Err(EvaluationError::NotFinite);
    }
    Ok(Numbers::from([("k", k)]))
}
