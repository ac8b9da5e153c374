//! One evaluation of a stage at eight beliefs: beliefs down the tree, payoffs and their linear models up, Newton step down.
//!
//! Unknowns are the logits x(h, a, θ) of moves whose mover has several types. They fix the strategies σ = softmax(x), hence
//! by Bayes' rule every belief in the tree, hence the continuation values, hence action values Q. The fixed point is
//! x = λQ + ln w (McKelvey and Palfrey 1998 for the agent logit response; the beliefs at which continuation values are read
//! depend on σ as in Vasal, Sinha and Anastasopoulos 2019).
//!
//! The way up carries, beside the payoffs U of every slot at a node, their linear model
//! δU = J δb + c + u δs in the belief coordinates of that node, where c collects the gaps x ≠ λQ + ln w further down and s is
//! the continuation parameter. At a move the linearized fixed point is solved for the shifts of the posteriors as functions
//! of the incoming belief: exactly the block elimination of the whole stage's Jacobian, at a cost linear in the tree. The way
//! down substitutes back and yields the Newton step of every logit.

use crate::BeliefGrid;

use super::lanes::{F8, Width};
use super::leaf;
use super::plan::{Kind, MAX_DIMS, Plan, PlanNode, Shape};
use super::scratch::{Frame, Index, Scratch};

/// What a kernel call needs beside the scratch memory.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) shape: &'a Shape,
    pub(crate) plan: &'a Plan,
    pub(crate) grid: &'a BeliefGrid,
    /// `[table][grid point][stride]`
    pub(crate) tables: &'a [f64],
    /// By player: λ at the current continuation parameter, and its derivative with respect to it.
    pub(crate) precision: &'a [F8],
    pub(crate) precision_slope: &'a [F8],
    /// Vector instructions to use.
    pub(crate) width: Width,
    /// Belief coordinates + 1, or + 2 with the continuation column; 0 for values alone.
    pub(crate) columns: usize,
    /// Most points along a branch.
    pub(crate) branch_points: usize,
}

/// Most columns of a linear model.
pub(crate) const MAX_COLUMNS: usize = MAX_DIMS + 2;

/// Evaluates the stage at the logits in `scratch.x` and the root beliefs in `scratch.beliefs[..slots]`.
///
/// Without columns only beliefs, payoffs, strategies, gaps and the residual are computed, which is all that checking a fixed point
/// takes; linear models and steps are then what they were.
#[inline(always)]
pub(crate) fn evaluate(context: Context<'_>, scratch: &mut Scratch) {
    scratch.index = Index::default();
    let mut frame = scratch.frame();
    down(context, &mut frame);
    let mut residual = up(context, &mut frame);
    // A number that is none anywhere in the tree reaches the payoffs at its root; maxima may lose it.
    for value in &frame.values[..context.shape.slots] {
        for (residual, value) in residual.0.iter_mut().zip(value.0) {
            *residual = if value.is_finite() { *residual } else { f64::NAN };
        }
    }
    if context.columns > context.shape.dims {
        substitute(context, &mut frame, context.shape.dims);
    }
    scratch.residual.0 = residual;
    if context.columns > context.shape.dims + 1 {
        scratch.tangent_from_steps(context.shape.dims + 1, context);
    }
}

/// Strategies and beliefs.
#[inline(always)]
fn down(context: Context<'_>, scratch: &mut Frame<'_>) {
    let Context { shape, plan, .. } = context;
    for (index, node) in plan.nodes.iter().enumerate() {
        if node.first == node.last {
            continue;
        }
        for edge in &plan.edges[node.first..node.last] {
            let (parents, children) = scratch.beliefs.split_at_mut(edge.child * shape.slots);
            children[..shape.slots].copy_from_slice(&parents[index * shape.slots..(index + 1) * shape.slots]);
        }
        match node.kind {
            Kind::Typed { player, logits, .. } => {
                let k = shape.types[player];
                respond(&scratch.x[logits..], scratch.played, &mut scratch.gap[logits..], plan, node, k);
                for (action, edge) in plan.edges[node.first..node.last].iter().enumerate() {
                    // `gap` holds x − max x here: scale by the largest, so that a vanishing action still has a posterior.
                    let mut top = F8::splat(f64::NEG_INFINITY);
                    for kind in 0..k {
                        top = top.max(scratch.gap[logits + action * k + kind]);
                    }
                    let vanishing = top.smallest() < -600.0;
                    for kind in 0..k {
                        let s = edge.strategy + kind;
                        scratch.ratio[s] = if vanishing {
                            let rest = scratch.gap[logits + action * k + kind] - top;
                            rest.exp() * scratch.ratio_norm(node, plan, k, kind)
                        } else {
                            scratch.played[s]
                        };
                    }
                    bayes(scratch, shape, edge.child, edge.strategy, player);
                }
            }
            Kind::Reveal { player } => {
                for edge in &plan.edges[node.first..node.last] {
                    for kind in 0..shape.types[player] {
                        scratch.ratio[edge.strategy + kind] =
                            F8::splat(plan.probabilities[edge.chance + kind]);
                    }
                    bayes(scratch, shape, edge.child, edge.strategy, player);
                }
            }
            _ => {}
        }
    }
}

impl Frame<'_> {
    /// 1 / Σ_a exp(x − max x) of one type: what turns exp(x − max x) into a probability.
    #[inline(always)]
    fn ratio_norm(&self, node: &PlanNode, plan: &Plan, k: usize, kind: usize) -> F8 {
        let mut total = F8::ZERO;
        let Kind::Typed { logits, .. } = node.kind else { return F8::ONE };
        for action in 0..plan.edges[node.first..node.last].len() {
            total += self.gap[logits + action * k + kind].exp();
        }
        F8::ONE / total
    }
}

/// softmax over actions for every type; also leaves x − max x in `reduced`.
#[inline(always)]
fn respond(x: &[F8], strategies: &mut [F8], reduced: &mut [F8], plan: &Plan, node: &PlanNode, k: usize) {
    let edges = &plan.edges[node.first..node.last];
    for kind in 0..k {
        let mut top = F8::splat(f64::NEG_INFINITY);
        for action in 0..edges.len() {
            top = top.max(x[action * k + kind]);
        }
        let mut total = F8::ZERO;
        for (action, edge) in edges.iter().enumerate() {
            let e = x[action * k + kind] - top;
            reduced[action * k + kind] = e;
            let p = e.exp();
            strategies[edge.strategy + kind] = p;
            total += p;
        }
        let norm = F8::ONE / total;
        for edge in edges {
            strategies[edge.strategy + kind] = strategies[edge.strategy + kind] * norm;
        }
    }
}

/// Bayes' rule at a child for one player: belief ∝ belief × likelihood; `ratio` becomes likelihood / probability.
///
/// Where the public belief gives the edge no weight at all (chance that only an excluded type can cause) the belief stays.
#[inline(always)]
fn bayes(scratch: &mut Frame<'_>, shape: &Shape, child: usize, strategy: usize, player: usize) {
    let k = shape.types[player];
    let start = child * shape.slots + shape.slot[player];
    let belief = &mut scratch.beliefs[start..start + k];
    let ratio = &mut scratch.ratio[strategy..strategy + k];
    let mut total = F8::ZERO;
    for (b, r) in belief.iter().zip(ratio.iter()) {
        total += *b * *r;
    }
    let impossible = total.map(|t| if t > 0.0 { 0.0 } else { 1.0 });
    let norm = F8::ONE / (total + impossible);
    for (b, r) in belief.iter_mut().zip(ratio.iter_mut()) {
        *r = *r * norm + impossible * (F8::ONE - *r * norm);
        *b = *b * *r;
    }
}

/// Payoffs and linear models, from the leaves to the root.
#[inline(always)]
fn up(context: Context<'_>, scratch: &mut Frame<'_>) -> F8 {
    let Context { shape, plan, columns, .. } = context;
    let slots = shape.slots;
    let mut residual = F8::ZERO;
    for (index, node) in plan.nodes.iter().enumerate().rev() {
        match node.kind {
            Kind::Table(table) => leaf::read(context, scratch, index, table),
            Kind::Constant(row) => {
                for slot in 0..slots {
                    scratch.values[index * slots + slot] = F8::splat(plan.constants[row + slot]);
                }
                scratch.slopes[index * slots * columns..(index + 1) * slots * columns].fill(F8::ZERO);
            }
            Kind::Later => {
                let edge = &plan.edges[node.first];
                for slot in 0..slots {
                    let discount = F8::splat(shape.slot_discount[slot]);
                    let flow = F8::splat(plan.flows[edge.flow + slot]);
                    scratch.values[index * slots + slot] =
                        flow + discount * scratch.values[edge.child * slots + slot];
                    for column in 0..columns {
                        let child = scratch.slopes[(edge.child * slots + slot) * columns + column];
                        scratch.slopes[(index * slots + slot) * columns + column] = discount * child;
                    }
                }
            }
            Kind::Lottery => {
                collect(context, scratch, node);
                for (action, edge) in plan.edges[node.first..node.last].iter().enumerate() {
                    scratch.probability[action] = F8::splat(plan.probabilities[edge.chance]);
                    scratch.dprobability[action * columns..(action + 1) * columns].fill(F8::ZERO);
                }
                average(context, scratch, index, node, None);
            }
            Kind::Reveal { player } => {
                collect(context, scratch, node);
                super::moves::reveal(context, scratch, index, node, player);
            }
            Kind::Open { player } => {
                collect(context, scratch, node);
                super::moves::open(context, scratch, index, node, player);
            }
            Kind::Typed { player, logits, maps } => {
                collect_values(context, scratch, node);
                let r = super::moves::typed(context, scratch, index, node, player, logits, maps);
                residual = residual.max(r);
            }
        }
    }
    residual
}

/// Action values Q = flow + U(child) into `q`.
#[inline(always)]
fn collect_values(context: Context<'_>, scratch: &mut Frame<'_>, node: &PlanNode) {
    let Context { shape, plan, .. } = context;
    let slots = shape.slots;
    let edges = &plan.edges[node.first..node.last];
    for (edge, q) in edges.iter().zip(scratch.q.chunks_exact_mut(slots)) {
        let flows = &plan.flows[edge.flow..][..slots];
        let values = &scratch.values[edge.child * slots..][..slots];
        for ((q, flow), value) in q.iter_mut().zip(flows).zip(values) {
            *q = F8::splat(*flow) + *value;
        }
    }
}

/// The same, and the children's linear models into `dq`.
#[inline(always)]
fn collect(context: Context<'_>, scratch: &mut Frame<'_>, node: &PlanNode) {
    collect_values(context, scratch, node);
    let row = context.shape.slots * context.columns;
    if row > 0 {
        let edges = &context.plan.edges[node.first..node.last];
        for (edge, dq) in edges.iter().zip(scratch.dq.chunks_exact_mut(row)) {
            dq.copy_from_slice(&scratch.slopes[edge.child * row..][..row]);
        }
    }
}

/// U = Σ Pr(a) Q(a) and its linear model for every slot but those of `except`, from `q` and `dq`.
#[inline(always)]
pub(crate) fn average(
    context: Context<'_>,
    scratch: &mut Frame<'_>,
    index: usize,
    node: &PlanNode,
    except: Option<usize>,
) {
    let Context { shape, columns, .. } = context;
    let slots = shape.slots;
    let own = except.map_or(0..0, |p| shape.slot[p]..shape.slot[p] + shape.types[p]);
    let actions = node.last - node.first;
    let probability = &scratch.probability[..actions];
    let values = &mut scratch.values[index * slots..][..slots];
    let slopes = &mut scratch.slopes[index * slots * columns..][..slots * columns];
    for slot in 0..slots {
        if own.contains(&slot) {
            continue;
        }
        let mut value = F8::ZERO;
        for (action, p) in probability.iter().enumerate() {
            value += *p * scratch.q[action * slots + slot];
        }
        values[slot] = value;
        let mut sums = [F8::ZERO; MAX_COLUMNS];
        for (action, p) in probability.iter().enumerate() {
            let q = scratch.q[action * slots + slot];
            let dq = &scratch.dq[(action * slots + slot) * columns..][..columns];
            let dp = &scratch.dprobability[action * columns..][..columns];
            for column in 0..columns {
                sums[column] += *p * dq[column] + dp[column] * q;
            }
        }
        slopes[slot * columns..][..columns].copy_from_slice(&sums[..columns]);
    }
}

impl Scratch {
    /// Fills `tangent` by substituting back the continuation column; `step` keeps the Newton step.
    #[inline(always)]
    fn tangent_from_steps(&mut self, column: usize, context: Context<'_>) {
        std::mem::swap(&mut self.step, &mut self.tangent);
        substitute(context, &mut self.frame(), column);
        std::mem::swap(&mut self.step, &mut self.tangent);
    }
}

/// Shifts of all logits, from the root to the leaves, when the column `constant` of every linear model is switched on.
#[inline(always)]
fn substitute(context: Context<'_>, scratch: &mut Frame<'_>, constant: usize) {
    let Context { shape, plan, columns, .. } = context;
    let dims = shape.dims;
    if dims == 0 {
        return;
    }
    scratch.shifts[..dims].fill(F8::ZERO);
    for (index, node) in plan.nodes.iter().enumerate() {
        for (action, edge) in plan.edges[node.first..node.last].iter().enumerate() {
            let (parents, children) = scratch.shifts.split_at_mut(edge.child * dims);
            let (shift, child) = (&parents[index * dims..(index + 1) * dims], &mut children[..dims]);
            child.copy_from_slice(shift);
            match node.kind {
                Kind::Typed { player, logits, maps } => {
                    let k = shape.types[player];
                    let first = shape.dim[player];
                    for row in 0..2 * k - 1 {
                        let map = &scratch.maps[(maps + action * (2 * k - 1) + row) * columns..][..columns];
                        let mut total = map[constant];
                        for (m, d) in map.iter().zip(shift) {
                            total += *m * *d;
                        }
                        if row < k {
                            scratch.step[logits + action * k + row] = total;
                        } else {
                            child[first + row - k] = total;
                        }
                    }
                }
                Kind::Reveal { player } => {
                    let k = shape.types[player];
                    let first = shape.dim[player];
                    let belief = &scratch.beliefs[edge.child * shape.slots + shape.slot[player]..][..k];
                    let ratio = &scratch.ratio[edge.strategy..edge.strategy + k];
                    for j in 1..k {
                        let mut total = F8::ZERO;
                        for m in 1..k {
                            total +=
                                super::moves::posterior_slope(belief, ratio, j, m) * shift[first + m - 1];
                        }
                        child[first + j - 1] = total;
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
#[path = "../../tests/common/mod.rs"]
mod games;

#[cfg(test)]
mod tests {
    use armistice_game::{Stage, StateId};

    use super::*;
    use crate::Settings;
    use crate::war::fixed_point::{check, evaluate_on, uniform_start};
    use crate::war::lanes::counted;
    use crate::war::start::Engine;

    /// Floating point operations a belief of one evaluation, with and without linear models: what the performance page states.
    #[test]
    fn arithmetic_of_one_evaluation() {
        let game = games::steel_or_mush(2, 10.0);
        let engine = Engine::new(&game, &Settings::default());
        let grid = BeliefGrid::new(&engine.shape.types, 17);
        let Stage::Play(tree) = &game.stages[4] else { panic!("a war") };
        let plan = Plan::new(&engine.shape, tree, &grid);
        let mut tables = Vec::new();
        let next = vec![0.0; grid.points() * engine.shape.slots];
        plan.fill_tables(&engine.shape, &grid, |_: StateId| &next, &mut tables);
        let columns = engine.shape.dims + 1;
        let mut scratch = Scratch::default();
        scratch.fit(&plan, &engine.shape, columns);
        let context = Context {
            shape: &engine.shape,
            plan: &plan,
            grid: &grid,
            tables: &tables,
            precision: &engine.precision,
            precision_slope: &engine.none,
            width: engine.width,
            columns,
            branch_points: 0,
        };
        for (slot, b) in [0.7, 0.3, 1.0, 0.6, 0.4].into_iter().enumerate() {
            scratch.beliefs[slot] = F8::splat(b);
        }
        uniform_start(context, &mut scratch);
        counted::take();
        evaluate_on(context, &mut scratch);
        let with_models = counted::take();
        check(context, &mut scratch);
        let values_alone = counted::take();
        assert_eq!((with_models, values_alone), (22_945, 10_724));
    }
}
