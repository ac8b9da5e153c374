//! Games of constant sum.
//!
//! Their equilibria are the solutions of a linear program in sequence form (Koller and Megiddo 1992; von Stengel 1996):
//! min eᵀ p subject to Eᵀ p ≥ A y, F y = f, y ≥ 0, and its dual for x. The complementarity conditions of that program are those of the
//! [general case](super::lemke) with B = −A, of which Lemke's path always finds a solution, in exact arithmetic, so that no
//! second solver is needed: a vertex of the program in place of the interior point of a barrier method, whose equilibria would
//! be right to a tolerance only.

use super::arrays::{Arrays, Who};
use crate::tolerance;

/// The sum of payoffs, if it is the same at all ends.
pub(crate) fn constant_sum(tree: &Arrays) -> Option<f64> {
    if tree.players != 2 {
        return None;
    }
    let ends = (0..tree.nodes()).filter(|n| tree.who[*n] == Who::Nobody);
    let sums = ends.map(|n| tree.payoff(n, 0) + tree.payoff(n, 1));
    let (low, high) = sums.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), sum| (l.min(sum), h.max(sum)));
    let scale = tree.payoff_range(0).max(tree.payoff_range(1));
    (high - low <= tolerance::CONSTANT_SUM * scale.max(f64::MIN_POSITIVE)).then(|| f64::midpoint(low, high))
}
