//! Screening without a gap over a finite number of rounds (Sobel and Takahashi 1983).

use armistice_scenario::EvaluationError;

use super::{Numbers, Parameters, parameter};

/// More rounds than this are not asked for.
const MOST_ROUNDS: f64 = 10_000.0;

/// First price, value and share of settlements of the game that ends after `rounds` rounds.
///
/// With values spread evenly up to v, the price with n rounds left is g v, A's value a v² and the values that wait those below κ v:
/// whoever has value κ v is indifferent between the price now and g′ κ v a round later, so the price that leaves κ v waiting is β κ v
/// with β = 1 − δ + δ g′; A maximizes β κ (1 − κ) + δ a′ κ². From g = 1/2 and a = 1/4 in the last round,
/// κ = β / (2(β − δ a′)), g = β κ, a = β² / (4(β − δ a′)).
pub(super) fn compute(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let discount = parameter(parameters, "delta")?;
    let rounds = parameter(parameters, "rounds")?.round();
    if !(1.0..=MOST_ROUNDS).contains(&rounds) {
        return Err(EvaluationError::Domain { operation: "a game over so many rounds", argument: rounds });
    }
    let (mut price, mut value, mut waits) = (0.5, 0.25, 0.5);
    for _ in 1..rounds as u32 {
        let slope = 1.0 - discount + discount * price;
        let gain = slope - discount * value;
        if gain <= 0.0 {
            return Err(EvaluationError::DivisionByZero);
        }
        waits = slope / (2.0 * gain);
        price = slope * waits;
        value = slope * slope / (4.0 * gain);
    }
    let numbers =
        Numbers::from([("finite_price", price), ("finite_value", value), ("finite_settled", 1.0 - waits)]);
    if numbers.values().all(|x| x.is_finite()) { Ok(numbers) } else { Err(EvaluationError::NotFinite) }
}
