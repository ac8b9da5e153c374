//! War as waiting to persuade: after how many battles sides that disagree settle.

use armistice_scenario::EvaluationError;

use super::{Numbers, Parameters, parameter};

/// More battles than this are none that anybody would count.
const MOST: u32 = 1_000_000;

/// The gain that A expects from battle n + 1, G(n) = kD_n + (1 − k)D_n/(κ + n + 1) − cA − cB with D_n = (p1 − p2)κ/(κ + n), falls with n; the war is settled
/// at the first n at which it is not positive. A's payoff by its own beliefs is what it would settle for at once and what it gains while fighting,
/// p2 + cB/k + Σ_{n < N} (1 − k)ⁿ G(n).
///
/// - errors: [`EvaluationError`] where k is not between 0 and 1, κ or the costs not positive, or there are more battles than [`MOST`].
pub(super) fn compute(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let of = |name| parameter(parameters, name);
    let (p1, p2, kappa, k) = (of("p1")?, of("p2")?, of("kappa")?, of("k")?);
    let (cost_a, cost_b) = (of("cA")?, of("cB")?);
    if !(k > 0.0 && k < 1.0 && kappa > 0.0 && cost_a + cost_b > 0.0) {
        return Err(EvaluationError::NotFinite);
    }
    let (mut go_on, mut value) = (1.0, p2 + cost_b / k);
    for n in 0..MOST {
        let weight = kappa + f64::from(n);
        let gap = (p1 - p2) * kappa / weight;
        let gain = k * gap + (1.0 - k) * gap / (weight + 1.0) - cost_a - cost_b;
        if !(gain > 0.0) {
            return Ok(Numbers::from([
                ("battles", f64::from(n)),
                ("P_settle", go_on),
                ("expected_battles", (1.0 - go_on) / k),
                ("EU_A", value),
            ]));
        }
        value += go_on * gain;
        go_on *= 1.0 - k;
    }
    Err(EvaluationError::NotFinite)
}
