//! The limit λ → ∞ along the principal branch, for players whose precision is infinite.

use super::fixed_point::{How, Outcome, Start, Worker, fixed_point, restore};
use super::kernel::Context;
use super::lanes::{F8, LANES};
use super::plan::Kind;

/// First λ of the continuation, per unit of payoff.
const FIRST: f64 = 1.0;
/// Growth of λ from step to step at most, and below which a lane gives up.
const GROWTH: f64 = 4.0;
const SMALLEST_GROWTH: f64 = 1.01;

/// Solves the stage with infinite precisions replaced by λ = 1, then lets λ grow as far as the branch can be followed, at most to
/// `largest`. Returns the outcome at the last λ reached by each lane, and that λ.
pub(crate) fn limit(
    context: Context<'_>,
    worker: &mut Worker,
    active: [bool; LANES],
    tolerance: f64,
    largest: f64,
) -> (Outcome, [f64; LANES]) {
    let logits = context.plan.logits;
    let infinite = &context.shape.infinite;
    let at = |lambda: F8| -> Vec<F8> {
        context.precision.iter().zip(infinite).map(|(p, inf)| if *inf { lambda } else { *p }).collect()
    };
    let precision = at(F8::splat(FIRST));
    let mut outcome =
        fixed_point(Context { precision: &precision, ..context }, worker, active, Start::Cold, tolerance);
    let mut reached = [FIRST; LANES];
    let mut growth = [GROWTH; LANES];
    let mut open: [bool; LANES] =
        std::array::from_fn(|lane| active[lane] && outcome.how[lane] != How::Failed);
    let mut kept: Vec<F8> = worker.scratch.x[..logits].to_vec();
    while open.contains(&true) {
        let mut next = F8(reached);
        for lane in 0..LANES {
            if open[lane] {
                next.0[lane] = (reached[lane] * growth[lane]).min(largest);
            }
        }
        // The logits of a player grow in proportion to his own λ.
        for node in &context.plan.nodes {
            if let Kind::Typed { player, logits, .. } = node.kind
                && infinite[player]
            {
                let factor = next / F8(reached);
                let count = (node.last - node.first) * context.shape.types[player];
                for x in &mut worker.scratch.x[logits..logits + count] {
                    *x = *x * factor;
                }
            }
        }
        let precision = at(next);
        let tried =
            fixed_point(Context { precision: &precision, ..context }, worker, open, Start::Warm, tolerance);
        outcome.add_effort(&tried);
        let failed: [bool; LANES] = std::array::from_fn(|lane| !open[lane] || tried.how[lane] == How::Failed);
        restore(&mut worker.scratch, &kept, failed, logits);
        for lane in 0..LANES {
            if !open[lane] {
                continue;
            }
            if failed[lane] {
                growth[lane] = growth[lane].sqrt();
                open[lane] = growth[lane] > SMALLEST_GROWTH;
            } else {
                reached[lane] = next.0[lane];
                outcome.residual[lane] = tried.residual[lane];
                outcome.how[lane] = How::Homotopy;
                open[lane] = reached[lane] < largest;
                growth[lane] = (growth[lane] * 1.5).min(GROWTH);
            }
        }
        kept.copy_from_slice(&worker.scratch.x[..logits]);
    }
    (outcome, reached)
}
