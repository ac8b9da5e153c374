//! Leaves to root: from seeds anywhere in the stage to the belief at the root.

use super::super::kernel::Context;
use super::super::moves::posterior_slope;
use super::super::plan::{Kind, Plan, PlanNode};
use super::super::scratch::Scratch;
use super::moves::{action_value, resolve, respond, shift_of_odds};
use super::{F8, Reverse, Sums};

#[inline(always)]
pub(super) fn upward(context: Context<'_>, scratch: &Scratch, reverse: &mut Reverse, sums: &mut Sums) {
    let Context { shape, plan, columns, precision, .. } = context;
    let (slots, dims) = (shape.slots, shape.dims);
    for (index, node) in plan.nodes.iter().enumerate().rev() {
        for slot in 0..slots {
            let seed = reverse.values[index * slots + slot];
            for dim in 0..dims {
                reverse.beliefs[index * dims + dim] +=
                    scratch.slopes[(index * slots + slot) * columns + dim] * seed;
            }
        }
        let (first, own) = match node.kind {
            Kind::Typed { player, .. } | Kind::Reveal { player } => {
                (shape.dim[player], shape.types[player] - 1)
            }
            _ => (0, 0),
        };
        // Coordinates that nobody moves here are the same at the children.
        for edge in &plan.edges[node.first..node.last] {
            for dim in (0..dims).filter(|dim| *dim < first || *dim >= first + own) {
                let below = reverse.beliefs[edge.child * dims + dim];
                reverse.beliefs[index * dims + dim] += below;
            }
        }
        match node.kind {
            Kind::Open { player } => {
                choice_seeds(scratch, reverse, plan, node, 1);
                let slot = shape.slot[player];
                for at in node.first..node.last {
                    let child = plan.edges[at].child;
                    let z = reverse.local.x[at - node.first];
                    let worth = precision[player] * z;
                    sums.precision[player] += z * action_value(context, scratch, at, slot);
                    sums.edges[at] += z;
                    sums.flows[at * slots + slot] += worth;
                    reverse.values[child * slots + slot] += worth;
                    for dim in 0..dims {
                        reverse.beliefs[index * dims + dim] +=
                            scratch.slopes[(child * slots + slot) * columns + dim] * worth;
                    }
                }
            }
            Kind::Typed { player, .. } => {
                let k = own + 1;
                choice_seeds(scratch, reverse, plan, node, k);
                for (action, edge) in plan.edges[node.first..node.last].iter().enumerate() {
                    for j in 0..own {
                        reverse.local.y[action * own + j] = reverse.beliefs[edge.child * dims + first + j];
                    }
                }
                resolve(context, scratch, &mut reverse.local, node, (player, k));
                respond(context, scratch, reverse, sums, node, (player, k));
                for (action, edge) in plan.edges[node.first..node.last].iter().enumerate() {
                    for kind in 0..k {
                        let worth = precision[player] * reverse.local.x[action * k + kind];
                        let row = (edge.child * slots + shape.slot[player] + kind) * columns;
                        for dim in (0..dims).filter(|dim| *dim < first || *dim >= first + own) {
                            reverse.beliefs[index * dims + dim] += scratch.slopes[row + dim] * worth;
                        }
                    }
                    let posterior = &scratch.beliefs[edge.child * slots + shape.slot[player]..][..k];
                    let ratio = &scratch.ratio[edge.strategy..][..k];
                    for m in 1..k {
                        for j in 1..k {
                            reverse.beliefs[index * dims + first + m - 1] +=
                                posterior_slope(posterior, ratio, j, m)
                                    * reverse.local.y[action * own + j - 1];
                        }
                    }
                }
            }
            Kind::Reveal { player } => {
                let k = own + 1;
                for at in node.first..node.last {
                    let edge = &plan.edges[at];
                    let posterior = &scratch.beliefs[edge.child * slots + shape.slot[player]..][..k];
                    let ratio = &scratch.ratio[edge.strategy..][..k];
                    for m in 1..k {
                        for j in 1..k {
                            let below = reverse.beliefs[edge.child * dims + first + j - 1];
                            reverse.beliefs[index * dims + first + m - 1] +=
                                posterior_slope(posterior, ratio, j, m) * below;
                        }
                    }
                    for j in 1..k {
                        let seed = reverse.beliefs[edge.child * dims + first + j - 1];
                        shift_of_odds(context, scratch, sums, index, at, player, j, seed);
                    }
                }
            }
            _ => {}
        }
    }
}

/// x̄ = σ (σ̄ − Σ σ σ̄) for every type of the mover, from the seeds on strategies into `local.x`.
#[inline(always)]
fn choice_seeds(scratch: &Scratch, reverse: &mut Reverse, plan: &Plan, node: &PlanNode, k: usize) {
    let edges = &plan.edges[node.first..node.last];
    for kind in 0..k {
        let mut mean = F8::ZERO;
        for edge in edges {
            mean += scratch.best[edge.strategy + kind] * reverse.strategies[edge.strategy + kind];
        }
        for (action, edge) in edges.iter().enumerate() {
            let s = edge.strategy + kind;
            reverse.local.x[action * k + kind] = scratch.best[s] * (reverse.strategies[s] - mean);
        }
    }
}
