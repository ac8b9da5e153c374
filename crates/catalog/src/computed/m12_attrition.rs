//! The war of attrition with private values: when a type stops.

use armistice_scenario::EvaluationError;

use super::{Numbers, Parameters, parameter};

/// Most terms of the series.
const TERMS: u32 = 1_000_000;
/// Terms below this share of the sum are none.
const SMALL: f64 = 1e-17;

/// For values with distribution function F(v) = v^k on \[0, 1\], the symmetric equilibrium has the type v stop at
///
/// t(v) = ∫₀^v x f(x)/(1 − F(x)) dx = ∫₀^v k x^k/(1 − x^k) dx = Σ_{m ≥ 1} k v^{km + 1}/(km + 1),
///
/// the geometric series of 1/(1 − x^k), term by term (Bishop, Cannings and Maynard Smith 1978; Krishna and Morgan 1997).
///
/// - errors: [`EvaluationError`] where v is not below 1, or so close to it that the series does not end.
pub(super) fn compute(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let (k, v) = (parameter(parameters, "k")?, parameter(parameters, "v")?);
    if !(k > 0.0 && (0.0..1.0).contains(&v)) {
        return Err(EvaluationError::NotFinite);
    }
    let ratio = v.powf(k);
    let (mut power, mut sum) = (v, 0.0);
    for term in 1..=TERMS {
        power *= ratio;
        let next = k * power / (k * f64::from(term) + 1.0);
        sum += next;
        if next <= SMALL * sum {
            return Ok(Numbers::from([("stop_time", sum)]));
        }
    }
    Err(EvaluationError::NotFinite)
}
