//! The dollar auction by backward induction (O'Neill 1986): at every pair of bids the side whose turn it is drops out, or raises to the bid
//! that leaves it most; a side that is indifferent drops out, and of bids that are equally good makes the smallest. Nothing of the closed
//! form is used.

use armistice_scenario::EvaluationError;

use super::{Numbers, Parameters, parameter};

/// Largest limit for which bids are worked out: the work grows with its cube.
const MOST: f64 = 200.0;

/// The first bid; 0 where the side that begins drops out.
pub(super) fn compute(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let (stake, limit) = (parameter(parameters, "s")?, parameter(parameters, "b")?);
    for argument in [stake, limit] {
        if !(1.0..=MOST).contains(&argument) || argument.fract() != 0.0 {
            return Err(EvaluationError::Domain { operation: "a whole number of bids", argument });
        }
    }
    let first = first_bid(stake as i64, limit as usize);
    Ok(Numbers::from([("backward_first_bid", first as f64)]))
}

/// What the side whose turn it is does: what it and the other side end with, and the bid it makes, if any.
#[derive(Clone, Copy, Default)]
struct Turn {
    own: i64,
    other: i64,
    bid: usize,
}

fn first_bid(stake: i64, limit: usize) -> usize {
    // `turns[high][low]`: the other side has bid `high`, the side whose turn it is `low`.
    let mut turns = vec![vec![Turn::default(); limit + 1]; limit + 1];
    for high in (0..=limit).rev() {
        for low in 0..=high {
            let mut best = Turn { own: -(low as i64), other: stake - high as i64, bid: 0 };
            for (bid, answers) in turns.iter().enumerate().skip(high + 1) {
                let answer = answers[high];
                if answer.other > best.own {
                    best = Turn { own: answer.other, other: answer.own, bid };
                }
            }
            turns[high][low] = best;
        }
    }
    turns[0][0].bid
}

#[cfg(test)]
mod tests {
    use super::first_bid;

    #[test]
    fn the_formula_of_oneill_holds() {
        for stake in 3..=9 {
            for limit in stake..=24 {
                let known = (limit - 1) % (stake - 1) + 1;
                assert_eq!(first_bid(stake, limit as usize), known as usize, "s = {stake}, b = {limit}");
            }
        }
    }
}
