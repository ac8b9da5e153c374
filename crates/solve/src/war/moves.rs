//! Payoffs and linear models at the nodes where somebody's choice or nature moves beliefs.

use super::kernel::{Context, average};
use super::lanes::F8;
use super::plan::PlanNode;
use super::scratch::Scratch;

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

/// Public probability of every edge and its linear model: Pr(a) = Σ_θ b(θ) σ(a | θ), with `local.dlog` = δ ln σ.
#[inline(always)]
fn public_probability(
    context: Context<'_>,
    scratch: &mut Scratch,
    index: usize,
    node: &PlanNode,
    player: usize,
    choice: bool,
) {
    let Context { shape, plan, columns, .. } = context;
    let k = shape.types[player];
    let (first, slot) = (shape.dim[player], index * shape.slots + shape.slot[player]);
    for (action, edge) in plan.edges[node.first..node.last].iter().enumerate() {
        let likelihood = |scratch: &Scratch, kind: usize| {
            if choice {
                scratch.best[edge.strategy + kind]
            } else {
                F8::splat(plan.probabilities[edge.chance + kind])
            }
        };
        let mut total = F8::ZERO;
        for kind in 0..k {
            total += scratch.beliefs[slot + kind] * likelihood(scratch, kind);
        }
        scratch.local.probability[action] = total;
        for column in 0..columns {
            let mut slope = F8::ZERO;
            if choice {
                for kind in 0..k {
                    slope += scratch.beliefs[slot + kind]
                        * likelihood(scratch, kind)
                        * scratch.local.dlog[(action * k + kind) * columns + column];
                }
            }
            if column >= first && column < first + k - 1 {
                let m = column - first + 1;
                slope += likelihood(scratch, m) - likelihood(scratch, m - 1);
            }
            scratch.local.dprobability[action * columns + column] = slope;
        }
    }
}

/// softmax(λQ + ln w) of every type of the mover, into `scratch.best`.
#[inline(always)]
fn best_response(context: Context<'_>, scratch: &mut Scratch, node: &PlanNode, player: usize) {
    let Context { shape, plan, precision, .. } = context;
    let slots = shape.slots;
    let edges = &plan.edges[node.first..node.last];
    for kind in 0..shape.types[player] {
        let slot = shape.slot[player] + kind;
        let mut top = F8::splat(f64::NEG_INFINITY);
        for (action, edge) in edges.iter().enumerate() {
            let logit =
                precision[player] * scratch.local.q[action * slots + slot] + F8::splat(edge.log_weight);
            scratch.best[edge.strategy + kind] = logit;
            top = top.max(logit);
        }
        let mut total = F8::ZERO;
        for edge in edges {
            let p = (scratch.best[edge.strategy + kind] - top).exp();
            scratch.best[edge.strategy + kind] = p;
            total += p;
        }
        let norm = F8::ONE / total;
        for edge in edges {
            scratch.best[edge.strategy + kind] = scratch.best[edge.strategy + kind] * norm;
        }
    }
}

/// δ ln σ = z − Σ σ z with z = λ δQ (+ Q δλ), for every type of the mover, into `local.dlog`.
#[inline(always)]
fn log_slopes(context: Context<'_>, scratch: &mut Scratch, node: &PlanNode, player: usize) {
    let Context { shape, plan, precision, precision_slope, columns, .. } = context;
    let slots = shape.slots;
    let k = shape.types[player];
    let edges = &plan.edges[node.first..node.last];
    for kind in 0..k {
        let slot = shape.slot[player] + kind;
        for column in 0..columns {
            let mut mean = F8::ZERO;
            for (action, edge) in edges.iter().enumerate() {
                let mut z = precision[player] * scratch.local.dq[(action * slots + slot) * columns + column];
                if column == shape.dims + 1 {
                    z += precision_slope[player] * scratch.local.q[action * slots + slot];
                }
                scratch.local.dlog[(action * k + kind) * columns + column] = z;
                mean += scratch.best[edge.strategy + kind] * z;
            }
            for action in 0..edges.len() {
                scratch.local.dlog[(action * k + kind) * columns + column] -= mean;
            }
        }
    }
}

/// U(θ) = Σ σ Q and its linear model for the mover's own types: δU = Σ σ (δQ + Q δ ln σ).
#[inline(always)]
fn own_values(context: Context<'_>, scratch: &mut Scratch, index: usize, node: &PlanNode, player: usize) {
    let Context { shape, plan, columns, .. } = context;
    let slots = shape.slots;
    let k = shape.types[player];
    let edges = &plan.edges[node.first..node.last];
    for kind in 0..k {
        let slot = shape.slot[player] + kind;
        let mut value = F8::ZERO;
        for (action, edge) in edges.iter().enumerate() {
            value += scratch.best[edge.strategy + kind] * scratch.local.q[action * slots + slot];
        }
        scratch.values[index * slots + slot] = value;
        for column in 0..columns {
            let mut slope = F8::ZERO;
            for (action, edge) in edges.iter().enumerate() {
                let dq = scratch.local.dq[(action * slots + slot) * columns + column];
                let dlog = scratch.local.dlog[(action * k + kind) * columns + column];
                slope +=
                    scratch.best[edge.strategy + kind] * (dq + scratch.local.q[action * slots + slot] * dlog);
            }
            scratch.slopes[(index * slots + slot) * columns + column] = slope;
        }
    }
}

/// A move of a player with one type: beliefs do not change.
#[inline(always)]
pub(crate) fn open(
    context: Context<'_>,
    scratch: &mut Scratch,
    index: usize,
    node: &PlanNode,
    player: usize,
) {
    best_response(context, scratch, node, player);
    log_slopes(context, scratch, node, player);
    let columns = context.columns;
    for (action, edge) in context.plan.edges[node.first..node.last].iter().enumerate() {
        let p = scratch.best[edge.strategy];
        scratch.local.probability[action] = p;
        for column in 0..columns {
            scratch.local.dprobability[action * columns + column] =
                p * scratch.local.dlog[action * columns + column];
        }
    }
    own_values(context, scratch, index, node, player);
    average(context, scratch, index, node, Some(player));
}

/// Chance whose outcome probabilities depend on the type of `player`.
#[inline(always)]
pub(crate) fn reveal(
    context: Context<'_>,
    scratch: &mut Scratch,
    index: usize,
    node: &PlanNode,
    player: usize,
) {
    let Context { shape, plan, columns, .. } = context;
    let slots = shape.slots;
    let k = shape.types[player];
    let first = shape.dim[player];
    // The children's models in their own posteriors become models in this node's belief.
    for (action, edge) in plan.edges[node.first..node.last].iter().enumerate() {
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
                scratch.local.dq[row + first + m - 1] = total;
            }
        }
    }
    public_probability(context, scratch, index, node, player, false);
    for kind in 0..k {
        let slot = shape.slot[player] + kind;
        for column in 0..columns + 1 {
            let mut total = F8::ZERO;
            for (action, edge) in plan.edges[node.first..node.last].iter().enumerate() {
                let p = F8::splat(plan.probabilities[edge.chance + kind]);
                total += p * if column == columns {
                    scratch.local.q[action * slots + slot]
                } else {
                    scratch.local.dq[(action * slots + slot) * columns + column]
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
    scratch: &mut Scratch,
    index: usize,
    node: &PlanNode,
    player: usize,
    logits: usize,
    maps: usize,
) -> F8 {
    let Context { shape, plan, precision, precision_slope, columns, .. } = context;
    let slots = shape.slots;
    let k = shape.types[player];
    let own = k - 1;
    let first = shape.dim[player];
    let lambda = precision[player];
    let edges = &plan.edges[node.first..node.last];
    best_response(context, scratch, node, player);
    let mut residual = F8::ZERO;
    for edge in edges {
        for kind in 0..k {
            let s = edge.strategy + kind;
            residual = residual.max((scratch.played[s] - scratch.best[s]).abs());
        }
    }

    // Per action: δx without the own posterior's part (`base`), then δy = y − W h.
    for (action, edge) in edges.iter().enumerate() {
        let posterior = edge.child * slots + shape.slot[player];
        for kind in 0..k {
            let slot = shape.slot[player] + kind;
            let logit = logits + action * k + kind;
            let gap = lambda * scratch.local.q[action * slots + slot] + F8::splat(edge.log_weight)
                - scratch.x[logit];
            scratch.gap[logit] = gap;
            for column in 0..columns {
                let mut value = lambda * scratch.local.dq[(action * slots + slot) * columns + column];
                if column >= first && column < first + own {
                    value = F8::ZERO;
                } else if column == shape.dims {
                    value += gap;
                } else if column == shape.dims + 1 {
                    value += precision_slope[player] * scratch.local.q[action * slots + slot];
                }
                scratch.local.base[(action * k + kind) * columns + column] = value;
            }
        }
        // Rows of the inner system: [S | T | T base + K].
        let width = own + k + columns;
        let mut cumulative = F8::ZERO;
        for j in (1..k).rev() {
            cumulative += scratch.beliefs[posterior + j];
            let row = (j - 1) * width;
            for m in 1..k {
                let mut s = F8::ZERO;
                for kind in 0..k {
                    let slot = shape.slot[player] + kind;
                    let t = slope_of_posterior(scratch.beliefs[posterior + kind], cumulative, kind >= j);
                    s += t * scratch.local.dq[(action * slots + slot) * columns + first + m - 1];
                }
                let identity = if m == j { F8::ONE } else { F8::ZERO };
                scratch.local.inner[row + m - 1] = identity - lambda * s;
            }
            for kind in 0..k {
                scratch.local.inner[row + own + kind] =
                    slope_of_posterior(scratch.beliefs[posterior + kind], cumulative, kind >= j);
            }
            for column in 0..columns {
                let mut total = F8::ZERO;
                for kind in 0..k {
                    let t = scratch.local.inner[row + own + kind];
                    total += t * scratch.local.base[(action * k + kind) * columns + column];
                }
                if column >= first && column < first + own {
                    let m = column - first + 1;
                    for l in 0..k {
                        let shift = belief_slope(l, m);
                        if shift != 0.0 {
                            let side = if l >= j { F8::ONE - cumulative } else { -cumulative };
                            total += scratch.ratio[edge.strategy + l] * side * F8::splat(shift);
                        }
                    }
                }
                scratch.local.inner[row + own + k + column] = total;
            }
        }
        super::small::solve(&mut scratch.local.inner, own, width);
        for j in 0..own {
            for kind in 0..k {
                scratch.local.w[(action * own + j) * k + kind] = scratch.local.inner[j * width + own + kind];
            }
            for column in 0..columns {
                scratch.local.y[(action * own + j) * columns + column] =
                    scratch.local.inner[j * width + own + k + column];
            }
        }
    }

    // (I + Σ σ λ J W) h = Σ σ (base + λ J y), one row per type.
    let width = k + columns;
    for kind in 0..k {
        let slot = shape.slot[player] + kind;
        for column in 0..width {
            let mut total = if column == kind { F8::ONE } else { F8::ZERO };
            for (action, edge) in edges.iter().enumerate() {
                let mut term = if column < k {
                    F8::ZERO
                } else {
                    scratch.local.base[(action * k + kind) * columns + column - k]
                };
                for j in 0..own {
                    let slope = lambda * scratch.local.dq[(action * slots + slot) * columns + first + j];
                    term += slope
                        * if column < k {
                            scratch.local.w[(action * own + j) * k + column]
                        } else {
                            scratch.local.y[(action * own + j) * columns + column - k]
                        };
                }
                total += scratch.played[edge.strategy + kind] * term;
            }
            scratch.local.system[kind * width + column] = total;
        }
    }
    super::small::solve(&mut scratch.local.system, k, width);

    // Back: δy = y − W h, δx = base + λ J δy; then δQ of every slot as a model in this node's belief.
    for action in 0..edges.len() {
        for j in 0..own {
            for column in 0..columns {
                let mut value = scratch.local.y[(action * own + j) * columns + column];
                for kind in 0..k {
                    value -= scratch.local.w[(action * own + j) * k + kind]
                        * scratch.local.system[kind * width + k + column];
                }
                scratch.local.y[(action * own + j) * columns + column] = value;
                scratch.maps[(maps + action * (2 * k - 1) + k + j) * columns + column] = value;
            }
        }
        for kind in 0..k {
            let slot = shape.slot[player] + kind;
            for column in 0..columns {
                let mut value = scratch.local.base[(action * k + kind) * columns + column];
                for j in 0..own {
                    value += lambda
                        * scratch.local.dq[(action * slots + slot) * columns + first + j]
                        * scratch.local.y[(action * own + j) * columns + column];
                }
                scratch.maps[(maps + action * (2 * k - 1) + kind) * columns + column] = value;
            }
        }
        for slot in 0..slots {
            let row = (action * slots + slot) * columns;
            let mut slopes = [F8::ZERO; crate::grid::MAX_TYPES];
            for j in 0..own {
                slopes[j] = scratch.local.dq[row + first + j];
                scratch.local.dq[row + first + j] = F8::ZERO;
            }
            for column in 0..columns {
                let mut value = scratch.local.dq[row + column];
                for (j, slope) in slopes[..own].iter().enumerate() {
                    value += *slope * scratch.local.y[(action * own + j) * columns + column];
                }
                scratch.local.dq[row + column] = value;
            }
        }
    }
    log_slopes(context, scratch, node, player);
    public_probability(context, scratch, index, node, player, true);
    own_values(context, scratch, index, node, player);
    average(context, scratch, index, node, Some(player));
    residual
}

/// ∂c′_j / ∂ ln σ(θ) = b′_θ ([θ ≥ j] − c′_j).
#[inline(always)]
fn slope_of_posterior(posterior: F8, cumulative: F8, above: bool) -> F8 {
    posterior * if above { F8::ONE - cumulative } else { -cumulative }
}
