//! Moves of players with several types, and what both passes share.

use super::super::kernel::Context;
use super::super::moves::slope_of_posterior;
use super::super::plan::PlanNode;
use super::super::scratch::Scratch;
use super::super::small;
use super::{F8, Local, Reverse, Sums};

/// Action value of a slot at an edge.
#[inline(always)]
pub(super) fn action_value(context: Context<'_>, scratch: &Scratch, edge: usize, slot: usize) -> F8 {
    let edge = &context.plan.edges[edge];
    F8::splat(context.plan.flows[edge.flow + slot]) + scratch.values[edge.child * context.shape.slots + slot]
}

/// Adds what a derivative with respect to the posterior's cumulative coordinate j says about the probabilities of an outcome:
/// ∂c′_j / ∂p(o | θ) = (b_θ / P_o) ([θ ≥ j] − c′_j).
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "a formula, not an interface")]
pub(super) fn shift_of_odds(
    context: Context<'_>,
    scratch: &Scratch,
    sums: &mut Sums,
    index: usize,
    at: usize,
    player: usize,
    j: usize,
    seed: F8,
) {
    let Context { shape, plan, .. } = context;
    let k = shape.types[player];
    let edge = &plan.edges[at];
    let prior = &scratch.beliefs[index * shape.slots + shape.slot[player]..][..k];
    let posterior = &scratch.beliefs[edge.child * shape.slots + shape.slot[player]..][..k];
    let mut total = F8::ZERO;
    for kind in 0..k {
        total += prior[kind] * F8::splat(plan.probabilities[edge.chance + kind]);
    }
    // Where the outcome cannot happen beliefs stay, whatever the probabilities.
    let weight = total.map(|t| if t > 0.0 { 1.0 / t } else { 0.0 });
    let cumulative = posterior[j..].iter().fold(F8::ZERO, |sum, p| sum + *p);
    for kind in 0..k {
        let side = if kind >= j { F8::ONE - cumulative } else { -cumulative };
        sums.odds[edge.strategy + kind] += seed * prior[kind] * weight * side;
    }
}

#[inline(always)]
pub(super) fn typed(
    context: Context<'_>,
    scratch: &Scratch,
    reverse: &mut Reverse,
    sums: &mut Sums,
    index: usize,
    node: &PlanNode,
    (player, k): (usize, usize),
) {
    let Context { shape, plan, columns, .. } = context;
    let slots = shape.slots;
    let (slot0, first, own) = (shape.slot[player], shape.dim[player], k - 1);
    let seeds = index * slots;
    for at in node.first..node.last {
        let edge = &plan.edges[at];
        let action = at - node.first;
        let played = &scratch.best[edge.strategy..][..k];
        let prior = &scratch.beliefs[index * slots + slot0..][..k];
        let mut public = F8::ZERO;
        for kind in 0..k {
            public += prior[kind] * played[kind];
        }
        let mut others = F8::ZERO;
        let y = &mut reverse.local.y[action * own..][..own];
        y.fill(F8::ZERO);
        for slot in 0..slots {
            let seed = reverse.values[seeds + slot];
            let is_own = slot >= slot0 && slot < slot0 + k;
            let sent = if is_own {
                played[slot - slot0] * seed
            } else {
                others += seed * action_value(context, scratch, at, slot);
                public * seed
            };
            sums.flows[at * slots + slot] += sent;
            reverse.values[edge.child * slots + slot] += sent;
            let row = &scratch.slopes[(edge.child * slots + slot) * columns + first..][..own];
            for (y, slope) in y.iter_mut().zip(row) {
                *y += sent * *slope;
            }
        }
        for kind in 0..k {
            let q = action_value(context, scratch, at, slot0 + kind);
            reverse.local.x[action * k + kind] =
                reverse.values[seeds + slot0 + kind] * q + prior[kind] * others;
        }
    }
    for kind in 0..k {
        let mut mean = F8::ZERO;
        for (action, edge) in plan.edges[node.first..node.last].iter().enumerate() {
            mean += scratch.best[edge.strategy + kind] * reverse.local.x[action * k + kind];
        }
        for (action, edge) in plan.edges[node.first..node.last].iter().enumerate() {
            let x = &mut reverse.local.x[action * k + kind];
            *x = scratch.best[edge.strategy + kind] * (*x - mean);
        }
    }
    resolve(context, scratch, &mut reverse.local, node, (player, k));
    respond(context, scratch, reverse, sums, node, (player, k));
}

/// Hands on μ, the derivative with respect to λQ + ln w of every action and type, in `local.x`.
#[inline(always)]
pub(super) fn respond(
    context: Context<'_>,
    scratch: &Scratch,
    reverse: &mut Reverse,
    sums: &mut Sums,
    node: &PlanNode,
    (player, k): (usize, usize),
) {
    let Context { shape, plan, precision, .. } = context;
    let slots = shape.slots;
    for at in node.first..node.last {
        for kind in 0..k {
            let slot = shape.slot[player] + kind;
            let mu = reverse.local.x[(at - node.first) * k + kind];
            let worth = precision[player] * mu;
            sums.precision[player] += mu * action_value(context, scratch, at, slot);
            sums.edges[at] += mu;
            sums.flows[at * slots + slot] += worth;
            reverse.values[plan.edges[at].child * slots + slot] += worth;
        }
    }
}

/// Solves the transposed linear system of a move: x̄, ȳ in `local.x`, `local.y` become μ, ν.
#[inline(always)]
pub(super) fn resolve(
    context: Context<'_>,
    scratch: &Scratch,
    local: &mut Local,
    node: &PlanNode,
    (player, k): (usize, usize),
) {
    let Context { shape, plan, precision, columns, .. } = context;
    let (slots, first) = (shape.slots, shape.dim[player]);
    let own = k - 1;
    let lambda = precision[player];
    let edges = &plan.edges[node.first..node.last];
    let system = &mut local.system[..k * (k + 1)];
    system.fill(F8::ZERO);
    for kind in 0..k {
        system[kind * (k + 1) + kind] = F8::ONE;
    }
    for (action, edge) in edges.iter().enumerate() {
        let from = edge.child * slots + shape.slot[player];
        let posterior = &scratch.beliefs[from..][..k];
        let played = &scratch.played[edge.strategy..][..k];
        let slope = |kind: usize, j: usize| scratch.slopes[(from + kind) * columns + first + j];
        let x = &local.x[action * k..][..k];
        let y = &mut local.y[action * own..][..own];
        let width = own + 1 + k;
        let inner = &mut local.inner[..own * width];
        for j in 0..own {
            let row = &mut inner[j * width..][..width];
            for m in 0..own {
                let cumulative = above(posterior, m + 1);
                let mut s = F8::ZERO;
                for kind in 0..k {
                    s += slope(kind, j) * slope_of_posterior(posterior[kind], cumulative, kind > m);
                }
                let identity = if m == j { F8::ONE } else { F8::ZERO };
                row[m] = identity - lambda * s;
            }
            let mut known = y[j];
            for kind in 0..k {
                let worth = lambda * slope(kind, j);
                known += worth * x[kind];
                row[own + 1 + kind] = worth * played[kind];
            }
            row[own] = known;
        }
        small::solve(inner, own, width);
        for j in 0..own {
            let row = &inner[j * width..][..width];
            y[j] = row[own];
            local.share[(action * own + j) * k..][..k].copy_from_slice(&row[own + 1..]);
            let cumulative = above(posterior, j + 1);
            for kind in 0..k {
                let t = slope_of_posterior(posterior[kind], cumulative, kind > j);
                let line = &mut system[kind * (k + 1)..][..k + 1];
                for other in 0..k {
                    line[other] += t * row[own + 1 + other];
                }
                line[k] -= t * row[own];
            }
        }
    }
    small::solve(system, k, k + 1);
    for (action, edge) in edges.iter().enumerate() {
        let posterior = &scratch.beliefs[edge.child * slots + shape.slot[player]..][..k];
        for kind in 0..k {
            let eta = system[kind * (k + 1) + k];
            local.x[action * k + kind] += scratch.played[edge.strategy + kind] * eta;
        }
        for j in 0..own {
            let mut nu = local.y[action * own + j];
            for kind in 0..k {
                nu += local.share[(action * own + j) * k + kind] * system[kind * (k + 1) + k];
            }
            local.y[action * own + j] = nu;
            let cumulative = above(posterior, j + 1);
            for kind in 0..k {
                local.x[action * k + kind] += nu * slope_of_posterior(posterior[kind], cumulative, kind > j);
            }
        }
    }
}

/// Probability of the types from the j-th on.
#[inline(always)]
fn above(posterior: &[F8], j: usize) -> F8 {
    posterior[j..].iter().fold(F8::ZERO, |sum, p| sum + *p)
}
