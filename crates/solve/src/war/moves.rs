//! Payoffs and linear models at the nodes where somebody's choice or nature moves beliefs.

use crate::grid::MAX_TYPES;

use super::kernel::{Context, MAX_COLUMNS, average};
use super::lanes::F8;
use super::plan::PlanNode;
use super::scratch::Frame;

/// ∂c′_j / ∂c_m: how the posterior's cumulative coordinate j moves with the prior's coordinate m, likelihoods fixed.
///
/// With r_l = likelihood of type l / probability, b′_l = b_l r_l, so δc′_j = Σ_l r_l ([l ≥ j] − c′_j) δb_l and δb_l = δc_l − δc_{l+1}.
#[inline(always)]
pub(crate) fn posterior_slope(posterior: &[F8], ratio: &[F8], j: usize, m: usize) -> F8 {
    let cumulative = posterior[j..].iter().fold(F8::ZERO, |acc, p| acc + *p);
    let weight = |l: usize| ratio[l] * (if l >= j { F8::ONE - cumulative } else { -cumulative });
    weight(m) - weight(m - 1)
}

/// δb_l for a unit shift of the cumulative coordinate m (1-based): +1 for l = m, −1 for l = m − 1.
#[inline(always)]
fn belief_slope(l: usize, m: usize) -> f64 {
    if l == m {
        1.0
    } else if l + 1 == m {
        -1.0
    } else {
        0.0
    }
}

/// Public probability of every edge and its linear model: Pr(a) = Σ_θ b(θ) p(a | θ), with `likelihood` p `[action][type]` and
/// `dlog` = δ ln p where p is a choice; chance does not respond.
#[inline(always)]
fn public_probability(
    context: Context<'_>,
    scratch: &mut Frame<'_>,
    index: usize,
    (player, k): (usize, usize),
    actions: usize,
    likelihood: impl Fn(&Frame<'_>, usize, usize) -> F8,
    choice: bool,
) {
    let Context { shape, columns, .. } = context;
    let (first, slot) = (shape.dim[player], index * shape.slots + shape.slot[player]);
    for action in 0..actions {
        let mut total = F8::ZERO;
        for kind in 0..k {
            total += scratch.beliefs[slot + kind] * likelihood(scratch, action, kind);
        }
        scratch.probability[action] = total;
        if columns == 0 {
            continue;
        }
        let mut sums = [F8::ZERO; MAX_COLUMNS];
        if choice {
            for kind in 0..k {
                let weight = scratch.beliefs[slot + kind] * likelihood(scratch, action, kind);
                let dlog = &scratch.dlog[(action * k + kind) * columns..][..columns];
                for column in 0..columns {
                    sums[column] += weight * dlog[column];
                }
            }
        }
        let slopes = &mut scratch.dprobability[action * columns..][..columns];
        slopes.copy_from_slice(&sums[..columns]);
        for m in 1..k {
            let shift = likelihood(scratch, action, m) - likelihood(scratch, action, m - 1);
            scratch.dprobability[action * columns + first + m - 1] += shift;
        }
    }
}

/// softmax(λQ + ln w) of every type of the mover, into `best`.
#[inline(always)]
fn best_response(context: Context<'_>, scratch: &mut Frame<'_>, node: &PlanNode, player: usize, k: usize) {
    let Context { shape, plan, precision, .. } = context;
    let slots = shape.slots;
    let lambda = precision[player];
    let edges = &plan.edges[node.first..node.last];
    let own = edges.first().map_or(0, |edge| edge.strategy);
    let best = &mut scratch.best[own..][..edges.len() * k];
    for kind in 0..k {
        let slot = shape.slot[player] + kind;
        let mut top = F8::splat(f64::NEG_INFINITY);
        for (action, edge) in edges.iter().enumerate() {
            let logit = lambda * scratch.q[action * slots + slot] + F8::splat(edge.log_weight);
            best[action * k + kind] = logit;
            top = top.max(logit);
        }
        let mut total = F8::ZERO;
        for row in best.chunks_exact_mut(k) {
            row[kind] = (row[kind] - top).exp();
            total += row[kind];
        }
        let norm = F8::ONE / total;
        for row in best.chunks_exact_mut(k) {
            row[kind] = row[kind] * norm;
        }
    }
}

/// δ ln σ = z − Σ σ z with z = λ δQ (+ Q δλ), for every type of the mover, into `dlog`.
#[inline(always)]
fn log_slopes(context: Context<'_>, scratch: &mut Frame<'_>, node: &PlanNode, player: usize, k: usize) {
    let Context { shape, plan, precision, precision_slope, columns, .. } = context;
    let slots = shape.slots;
    let (lambda, slope) = (precision[player], precision_slope[player]);
    let edges = &plan.edges[node.first..node.last];
    for kind in 0..k {
        let slot = shape.slot[player] + kind;
        for column in 0..columns {
            let mut mean = F8::ZERO;
            for (action, edge) in edges.iter().enumerate() {
                let mut z = lambda * scratch.dq[(action * slots + slot) * columns + column];
                if column == shape.dims + 1 {
                    z += slope * scratch.q[action * slots + slot];
                }
                scratch.dlog[(action * k + kind) * columns + column] = z;
                mean += scratch.best[edge.strategy + kind] * z;
            }
            for action in 0..edges.len() {
                scratch.dlog[(action * k + kind) * columns + column] -= mean;
            }
        }
    }
}

/// U(θ) = Σ σ Q and its linear model for the mover's own types: δU = Σ σ (δQ + Q δ ln σ).
#[inline(always)]
fn own_values(
    context: Context<'_>,
    scratch: &mut Frame<'_>,
    index: usize,
    node: &PlanNode,
    player: usize,
    k: usize,
) {
    let Context { shape, plan, columns, .. } = context;
    let slots = shape.slots;
    let edges = &plan.edges[node.first..node.last];
    for kind in 0..k {
        let slot = shape.slot[player] + kind;
        let mut value = F8::ZERO;
        for (action, edge) in edges.iter().enumerate() {
            value += scratch.best[edge.strategy + kind] * scratch.q[action * slots + slot];
        }
        scratch.values[index * slots + slot] = value;
        let mut sums = [F8::ZERO; MAX_COLUMNS];
        for (action, edge) in edges.iter().enumerate() {
            let (p, q) = (scratch.best[edge.strategy + kind], scratch.q[action * slots + slot]);
            let dq = &scratch.dq[(action * slots + slot) * columns..][..columns];
            let dlog = &scratch.dlog[(action * k + kind) * columns..][..columns];
            for column in 0..columns {
                sums[column] += p * (dq[column] + q * dlog[column]);
            }
        }
        scratch.slopes[(index * slots + slot) * columns..][..columns].copy_from_slice(&sums[..columns]);
    }
}

/// A move of a player with one type: beliefs do not change.
#[inline(always)]
pub(crate) fn open(
    context: Context<'_>,
    scratch: &mut Frame<'_>,
    index: usize,
    node: &PlanNode,
    player: usize,
) {
    best_response(context, scratch, node, player, 1);
    log_slopes(context, scratch, node, player, 1);
    let columns = context.columns;
    for (action, edge) in context.plan.edges[node.first..node.last].iter().enumerate() {
        let p = scratch.best[edge.strategy];
        scratch.probability[action] = p;
        for column in 0..columns {
            scratch.dprobability[action * columns + column] = p * scratch.dlog[action * columns + column];
        }
    }
    own_values(context, scratch, index, node, player, 1);
    average(context, scratch, index, node, Some(player));
}

/// Chance whose outcome probabilities depend on the type of `player`.
#[inline(always)]
pub(crate) fn reveal(
    context: Context<'_>,
    scratch: &mut Frame<'_>,
    index: usize,
    node: &PlanNode,
    player: usize,
) {
    let Context { shape, plan, columns, .. } = context;
    let slots = shape.slots;
    let k = shape.types[player];
    let first = shape.dim[player];
    // The children's models in their own posteriors become models in this node's belief.
    let edges = &plan.edges[node.first..node.last];
    for (action, edge) in edges.iter().enumerate().take(if columns > 0 { edges.len() } else { 0 }) {
        let start = edge.child * slots + shape.slot[player];
        for m in 1..k {
            for slot in 0..slots {
                let row = (action * slots + slot) * columns;
                let child = (edge.child * slots + slot) * columns;
                let mut total = F8::ZERO;
                for j in 1..k {
                    let slope = posterior_slope(
                        &scratch.beliefs[start..start + k],
                        &scratch.ratio[edge.strategy..edge.strategy + k],
                        j,
                        m,
                    );
                    total += slope * scratch.slopes[child + first + j - 1];
                }
                scratch.dq[row + first + m - 1] = total;
            }
        }
    }
    let likelihood = |_: &Frame<'_>, action: usize, kind: usize| {
        F8::splat(plan.probabilities[edges[action].chance + kind])
    };
    public_probability(context, scratch, index, (player, k), edges.len(), likelihood, false);
    for kind in 0..k {
        let slot = shape.slot[player] + kind;
        for column in 0..columns + 1 {
            let mut total = F8::ZERO;
            for (action, edge) in plan.edges[node.first..node.last].iter().enumerate() {
                let p = F8::splat(plan.probabilities[edge.chance + kind]);
                total += p * if column == columns {
                    scratch.q[action * slots + slot]
                } else {
                    scratch.dq[(action * slots + slot) * columns + column]
                };
            }
            if column == columns {
                scratch.values[index * slots + slot] = total;
            } else {
                scratch.slopes[(index * slots + slot) * columns + column] = total;
            }
        }
    }
    average(context, scratch, index, node, Some(player));
}

/// A move of a player with several types; returns max |played − best| over types and actions.
///
/// In the linear model, with T the slope of the posterior in ln σ, K that in the incoming belief, J the children's slopes in
/// the posterior, g = λQ + ln w − x the gap and h(θ) = Σ_a σ δx the shift that keeps probabilities summing to 1:
///
///   δx_a = g_a + λ (J_a δy_a + rest of the child's model),   δy_a = T_a (δx_a − h) + K_a δb,   h = Σ_a σ_a δx_a.
///
/// For given h every action is solved on its own (S_a = I − λ T_a J_a, of order k − 1), then h from a system of order k.
#[inline(always)]
pub(crate) fn typed(
    context: Context<'_>,
    scratch: &mut Frame<'_>,
    index: usize,
    node: &PlanNode,
    player: usize,
    logits: usize,
    maps: usize,
) -> F8 {
    // Loops over two types, the usual number, unroll.
    match context.shape.types[player] {
        2 => typed_of(context, scratch, index, node, Mover { player, k: 2, logits, maps }),
        k => typed_of(context, scratch, index, node, Mover { player, k, logits, maps }),
    }
}

/// Who moves, with how many types, and where the unknowns and linear models of the move begin.
#[derive(Clone, Copy)]
struct Mover {
    player: usize,
    k: usize,
    logits: usize,
    maps: usize,
}

#[inline(always)]
fn typed_of(
    context: Context<'_>,
    scratch: &mut Frame<'_>,
    index: usize,
    node: &PlanNode,
    mover: Mover,
) -> F8 {
    let Context { shape, plan, precision, columns, .. } = context;
    let Mover { player, k, logits, .. } = mover;
    let slots = shape.slots;
    let lambda = precision[player];
    let edges = &plan.edges[node.first..node.last];
    best_response(context, scratch, node, player, k);
    let mut residual = F8::ZERO;
    for (action, edge) in edges.iter().enumerate() {
        for kind in 0..k {
            let s = edge.strategy + kind;
            residual = residual.max((scratch.played[s] - scratch.best[s]).abs());
            let q = scratch.q[action * slots + shape.slot[player] + kind];
            let logit = logits + action * k + kind;
            scratch.gap[logit] = lambda * q + F8::splat(edge.log_weight) - scratch.x[logit];
        }
    }
    if columns > 0 {
        eliminate(context, scratch, node, mover);
        log_slopes(context, scratch, node, player, k);
    }
    let own = edges.first().map_or(0, |edge| edge.strategy);
    let likelihood = |scratch: &Frame<'_>, action: usize, kind: usize| scratch.best[own + action * k + kind];
    public_probability(context, scratch, index, (player, k), edges.len(), likelihood, true);
    own_values(context, scratch, index, node, player, k);
    average(context, scratch, index, node, Some(player));
    residual
}

/// Solves the linearized fixed point of a move. From the children's models come those of action values in the belief of the
/// move's own node, in `dq`, and what substituting back needs, in `maps`.
#[inline(always)]
fn eliminate(context: Context<'_>, scratch: &mut Frame<'_>, node: &PlanNode, mover: Mover) {
    let Context { shape, plan, precision, precision_slope, columns, .. } = context;
    let Mover { player, k, logits, maps } = mover;
    let slots = shape.slots;
    let own = k - 1;
    let first = shape.dim[player];
    let lambda = precision[player];
    let edges = &plan.edges[node.first..node.last];

    // Per action: δx without the own posterior's part (`base`), then δy = y − W h.
    for (action, edge) in edges.iter().enumerate() {
        let posterior = &scratch.beliefs[edge.child * slots + shape.slot[player]..][..k];
        let ratio = &scratch.ratio[edge.strategy..][..k];
        let from = (edge.child * slots + shape.slot[player]) * columns;
        let models = &scratch.slopes[from..][..k * columns];
        let base = &mut scratch.base[action * k * columns..][..k * columns];
        for kind in 0..k {
            let model = &models[kind * columns..][..columns];
            let base = &mut base[kind * columns..][..columns];
            for (base, slope) in base.iter_mut().zip(model) {
                *base = lambda * *slope;
            }
            base[first..first + own].fill(F8::ZERO);
            base[shape.dims] += scratch.gap[logits + action * k + kind];
            if columns > shape.dims + 1 {
                let q = scratch.q[action * slots + shape.slot[player] + kind];
                base[shape.dims + 1] += precision_slope[player] * q;
            }
        }
        // Rows of the inner system: [S | T | T base + K].
        let width = own + k + columns;
        let inner = &mut scratch.inner[..own * width];
        let mut cumulative = F8::ZERO;
        for j in (1..k).rev() {
            cumulative += posterior[j];
            let row = &mut inner[(j - 1) * width..][..width];
            for m in 1..k {
                let mut s = F8::ZERO;
                for kind in 0..k {
                    let t = slope_of_posterior(posterior[kind], cumulative, kind >= j);
                    s += t * models[kind * columns + first + m - 1];
                }
                let identity = if m == j { F8::ONE } else { F8::ZERO };
                row[m - 1] = identity - lambda * s;
            }
            for kind in 0..k {
                row[own + kind] = slope_of_posterior(posterior[kind], cumulative, kind >= j);
            }
            let (known, right) = row.split_at_mut(own + k);
            for (column, total) in right.iter_mut().enumerate() {
                let mut sum = F8::ZERO;
                for kind in 0..k {
                    sum += known[own + kind] * base[kind * columns + column];
                }
                *total = sum;
            }
            for m in 1..k {
                for l in 0..k {
                    let shift = belief_slope(l, m);
                    if shift != 0.0 {
                        let side = if l >= j { F8::ONE - cumulative } else { -cumulative };
                        right[first + m - 1] += ratio[l] * side * F8::splat(shift);
                    }
                }
            }
        }
        let determinant = super::small::solve(inner, own, width);
        if columns > shape.dims + 1 {
            scratch.index.follow(determinant);
        }
        let inner = &scratch.inner[..own * width];
        for j in 0..own {
            let row = &inner[j * width..][..width];
            scratch.w[(action * own + j) * k..][..k].copy_from_slice(&row[own..own + k]);
            scratch.y[(action * own + j) * columns..][..columns].copy_from_slice(&row[own + k..]);
        }
    }

    // (I + Σ σ λ J W) h = Σ σ (base + λ J y), one row per type.
    let width = k + columns;
    for kind in 0..k {
        let slot = shape.slot[player] + kind;
        let mut left = [F8::ZERO; MAX_TYPES];
        let mut right = [F8::ZERO; MAX_COLUMNS];
        left[kind] = F8::ONE;
        for (action, edge) in edges.iter().enumerate() {
            let played = scratch.played[edge.strategy + kind];
            let base = &scratch.base[(action * k + kind) * columns..][..columns];
            let slopes = &scratch.slopes[(edge.child * slots + slot) * columns + first..][..own];
            let w = &scratch.w[action * own * k..][..own * k];
            let y = &scratch.y[action * own * columns..][..own * columns];
            for column in 0..k {
                let mut term = F8::ZERO;
                for j in 0..own {
                    term += lambda * slopes[j] * w[j * k + column];
                }
                left[column] += played * term;
            }
            for column in 0..columns {
                let mut term = base[column];
                for j in 0..own {
                    term += lambda * slopes[j] * y[j * columns + column];
                }
                right[column] += played * term;
            }
        }
        let row = &mut scratch.system[kind * width..][..width];
        row[..k].copy_from_slice(&left[..k]);
        row[k..].copy_from_slice(&right[..columns]);
    }
    let determinant = super::small::solve(&mut scratch.system[..k * width], k, width);
    if columns > shape.dims + 1 {
        scratch.index.follow(determinant);
    }

    // Back: δy = y − W h, δx = base + λ J δy; then δQ of every slot as a model in this node's belief.
    for (action, edge) in edges.iter().enumerate() {
        let maps = &mut scratch.maps[(maps + action * (2 * k - 1)) * columns..][..(2 * k - 1) * columns];
        let (of_logits, of_posteriors) = maps.split_at_mut(k * columns);
        let y = &mut scratch.y[action * own * columns..][..own * columns];
        let w = &scratch.w[action * own * k..][..own * k];
        let h = &scratch.system[..k * width];
        for j in 0..own {
            for column in 0..columns {
                let mut value = y[j * columns + column];
                for kind in 0..k {
                    value -= w[j * k + kind] * h[kind * width + k + column];
                }
                y[j * columns + column] = value;
                of_posteriors[j * columns + column] = value;
            }
        }
        let models = &scratch.slopes[edge.child * slots * columns..][..slots * columns];
        let base = &scratch.base[action * k * columns..][..k * columns];
        for kind in 0..k {
            let model = &models[(shape.slot[player] + kind) * columns..][..columns];
            for column in 0..columns {
                let mut value = base[kind * columns + column];
                for j in 0..own {
                    value += lambda * model[first + j] * y[j * columns + column];
                }
                of_logits[kind * columns + column] = value;
            }
        }
        let rows = &mut scratch.dq[action * slots * columns..][..slots * columns];
        for slot in 0..slots {
            let model = &models[slot * columns..][..columns];
            let row = &mut rows[slot * columns..][..columns];
            for column in 0..columns {
                let own_belief = column >= first && column < first + own;
                let mut value = if own_belief { F8::ZERO } else { model[column] };
                for j in 0..own {
                    value += model[first + j] * y[j * columns + column];
                }
                row[column] = value;
            }
        }
    }
}

/// ∂c′_j / ∂ ln σ(θ) = b′_θ ([θ ≥ j] − c′_j).
#[inline(always)]
pub(super) fn slope_of_posterior(posterior: F8, cumulative: F8, above: bool) -> F8 {
    posterior * if above { F8::ONE - cumulative } else { -cumulative }
}
