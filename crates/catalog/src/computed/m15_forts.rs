//! War over forts: what A asks for at every position of the front, from the difference equation itself.
//!
//! B's value of fighting to the end solves W(n) = −cB + p·W(n + 1) + (1 − p)·W(n − 1) with W(0) = 1 and W(N) = 0 (Feller 1968, chapter
//! XIV); A asks for 1 − W(n). The equations are solved by elimination, which shares nothing with the closed form.

use armistice_scenario::EvaluationError;

use super::{Numbers, Parameters, parameter};

/// Most forts for which the equations are solved.
const MOST_FORTS: f64 = 10_000.0;

/// Least and largest proposal over all positions of the front.
pub(super) fn compute(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let forts = parameter(parameters, "N")?;
    let (p, cost) = (parameter(parameters, "p")?, parameter(parameters, "cB")?);
    if !(1.0..=MOST_FORTS).contains(&forts) || forts.fract() != 0.0 {
        return Err(EvaluationError::Domain { operation: "a number of forts", argument: forts });
    }
    let (mut lowest, mut highest) = (0.0f64, 1.0f64);
    for value in war_values(forts as usize, p, cost)? {
        lowest = lowest.min(1.0 - value);
        highest = highest.max(1.0 - value);
    }
    Ok(Numbers::from([("lowest_proposal", lowest), ("highest_proposal", highest)]))
}

/// B's value of fighting to the end at 1 … N − 1 forts.
fn war_values(forts: usize, p: f64, cost: f64) -> Result<Vec<f64>, EvaluationError> {
    // Forward: W(n) = slope(n)·W(n + 1) + constant(n).
    let mut lines = Vec::with_capacity(forts);
    let (mut slope, mut constant) = (0.0, 1.0);
    for _ in 1..forts {
        let left = 1.0 - (1.0 - p) * slope;
        if left == 0.0 {
            return Err(EvaluationError::DivisionByZero);
        }
        constant = ((1.0 - p) * constant - cost) / left;
        slope = p / left;
        lines.push((slope, constant));
    }
    // And back, from W(N) = 0.
    let mut value = 0.0;
    let mut values = Vec::with_capacity(forts);
    for (slope, constant) in lines.into_iter().rev() {
        value = slope * value + constant;
        if !f64::is_finite(value) {
            return Err(EvaluationError::NotFinite);
        }
        values.push(value);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::war_values;

    #[test]
    fn an_even_walk_has_the_known_values() {
        // 1 − n/N − cB·n·(N − n), from N − 1 forts down.
        let values = war_values(5, 0.5, 0.01).unwrap_or_default();
        for (value, known) in values.iter().zip([0.16, 0.34, 0.54, 0.76]) {
            assert!((value - known).abs() < 1e-12, "{value} is not {known}");
        }
        assert_eq!(values.len(), 4);
    }
}
