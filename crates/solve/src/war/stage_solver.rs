//! Strategies recomputed from values: one stage at any belief, on the grid or off it.

use std::sync::Arc;

use armistice_game::{Belief, Node, Stage, StageTree, StateId, WarGame};

use crate::assessment::Layout;
use crate::grid::SimplexGrid;
use crate::{Assessment, BeliefGrid, Equilibrium, Settings};

use super::fixed_point::{Outcome, Start, Worker};
use super::kernel::Context;
use super::lanes::{F8, LANES};
use super::plan::{Kind, Plan, Shape};
use super::start::{Engine, is_solved};

/// Recomputes strategies from the values an [`Equilibrium`] keeps.
///
/// Cheap to clone in spirit but not in memory: make one per thread. Plans and tables are built when a state is first asked for
/// and kept for the period last used, so ask period by period.
pub struct StageSolver<'a> {
    game: &'a WarGame,
    equilibrium: &'a Equilibrium,
    engine: Engine,
    /// By state.
    plans: Vec<Option<Plan>>,
    /// By state: what was prepared for the period last asked for.
    prepared: Vec<Prepared>,
    /// Where the logits of every stage are solved first, to start from at all other beliefs.
    sketch: BeliefGrid,
    worker: Worker,
}

/// What one state needs in one period.
#[derive(Clone, Default)]
struct Prepared {
    period: Option<u32>,
    /// Continuation values: `[table][grid point][stride]`.
    tables: Vec<f64>,
    /// `[sketch point][logit]`; empty where every stage starts from uniform play.
    logits: Vec<f64>,
    layout: Option<Arc<Layout>>,
}

/// Most points of the sketch: four batches of eight.
const SKETCH: usize = 32;

impl<'a> StageSolver<'a> {
    /// A solver of the stages of `game` with the continuation values of `equilibrium`.
    #[must_use]
    pub fn new(game: &'a WarGame, equilibrium: &'a Equilibrium) -> Self {
        Self::with_settings(game, equilibrium, &equilibrium.settings)
    }

    /// The same with another residual or selection than the equilibrium was solved with.
    #[must_use]
    pub fn with_settings(game: &'a WarGame, equilibrium: &'a Equilibrium, settings: &Settings) -> Self {
        let states = game.states.len();
        Self {
            game,
            equilibrium,
            engine: Engine::new(game, settings),
            plans: vec![None; states],
            prepared: vec![Prepared::default(); states],
            sketch: sketch(&game.types()),
            worker: Worker::default(),
        }
    }

    /// What is played in `state` in `period` at each of the beliefs; empty where the war is over.
    ///
    /// Beliefs are solved eight at a time; each result is independent of the others in the list, to the bit.
    /// Cost: a few evaluations of the stage tree per eight beliefs, plus tables and a sketch of the logits (at most 32 beliefs)
    /// once per (period, state).
    pub fn solve(&mut self, period: u32, state: StateId, beliefs: &[Belief]) -> Vec<Assessment> {
        let Some(Stage::Play(tree)) = self.game.stages.get(state.index()) else { return Vec::new() };
        self.prepare(period, state, tree);
        let Some(plan) = &self.plans[state.index()] else { return Vec::new() };
        let prepared = &self.prepared[state.index()];
        let Some(layout) = &prepared.layout else { return Vec::new() };
        let shape = &self.engine.shape;
        let grid = &self.equilibrium.grid;
        let context = context(&self.engine, plan, grid, &prepared.tables);
        let mut out = Vec::with_capacity(beliefs.len());
        for chunk in beliefs.chunks(LANES) {
            root(&mut self.worker, chunk.iter().map(|b| b.0.as_slice()), shape.slots);
            let start = if prepared.logits.is_empty() {
                Start::Cold
            } else {
                for (lane, belief) in chunk.iter().enumerate() {
                    let x = &mut self.worker.scratch.x[..plan.logits];
                    x.iter_mut().for_each(|x| x.0[lane] = 0.0);
                    for (point, weight) in self.sketch.locate(&belief.0) {
                        let known = &prepared.logits[point * plan.logits..(point + 1) * plan.logits];
                        for (x, k) in x.iter_mut().zip(known) {
                            x.0[lane] += weight * k;
                        }
                    }
                }
                Start::Warm
            };
            let active = std::array::from_fn(|lane| lane < chunk.len());
            let (outcome, _) = self.engine.run(context, &mut self.worker, active, start);
            for lane in 0..chunk.len() {
                out.push(extract(layout, context, &self.worker, &outcome, lane));
            }
        }
        out
    }

    /// Tables and the sketch of a state in a period.
    fn prepare(&mut self, period: u32, state: StateId, tree: &StageTree) {
        let shape = &self.engine.shape;
        let grid = &self.equilibrium.grid;
        let plan = self.plans[state.index()].get_or_insert_with(|| Plan::new(shape, tree, grid));
        let prepared = &mut self.prepared[state.index()];
        if prepared.period == Some(period) {
            return;
        }
        prepared.layout.get_or_insert_with(|| layout(tree, plan, shape));
        // An indefinite horizon has one period of values: `table` gives it whatever the period.
        plan.fill_tables(shape, grid, |next| self.equilibrium.table(period + 1, next), &mut prepared.tables);
        prepared.period = Some(period);
        self.worker.scratch.fit(plan, shape, shape.dims + 1);
        prepared.logits.clear();
        if !self.engine.starts_anywhere() || plan.logits == 0 {
            return;
        }
        prepared.logits.resize(self.sketch.points() * plan.logits, 0.0);
        let context = context(&self.engine, plan, grid, &prepared.tables);
        let points: Vec<Vec<f64>> =
            (0..self.sketch.points()).map(|point| self.sketch.belief(point)).collect();
        for (batch, chunk) in points.chunks(LANES).enumerate() {
            root(&mut self.worker, chunk.iter().map(Vec::as_slice), shape.slots);
            let active = std::array::from_fn(|lane| lane < chunk.len());
            self.engine.run(context, &mut self.worker, active, Start::Cold);
            for lane in 0..chunk.len() {
                let start = (batch * LANES + lane) * plan.logits;
                let own = &mut prepared.logits[start..start + plan.logits];
                for (to, x) in own.iter_mut().zip(&self.worker.scratch.x) {
                    *to = x.0[lane];
                }
            }
        }
    }
}

/// The finest grid of at most [`SKETCH`] points.
fn sketch(types: &[usize]) -> BeliefGrid {
    let count = |points: usize| types.iter().map(|k| SimplexGrid::count(*k, points - 1)).product::<u128>();
    let points = (3..=SKETCH).take_while(|points| count(*points) <= SKETCH as u128).last().unwrap_or(2);
    BeliefGrid::new(types, points)
}

fn context<'a>(engine: &'a Engine, plan: &'a Plan, grid: &'a BeliefGrid, tables: &'a [f64]) -> Context<'a> {
    Context {
        shape: &engine.shape,
        plan,
        grid,
        tables,
        precision: &engine.precision,
        precision_slope: &engine.none,
        columns: engine.shape.dims + 1,
    }
}

/// Puts up to eight beliefs at the root; a batch that is not full repeats its last.
fn root<'b>(worker: &mut Worker, beliefs: impl Iterator<Item = &'b [f64]>, slots: usize) {
    let mut last = 0;
    for (lane, belief) in beliefs.enumerate() {
        last = lane;
        for slot in 0..slots {
            worker.scratch.beliefs[slot].0[lane] = belief.get(slot).copied().unwrap_or(0.0);
        }
    }
    for slot in 0..slots {
        let own = &mut worker.scratch.beliefs[slot].0;
        let repeated = own[last];
        own[last + 1..].fill(repeated);
    }
}

/// Where the numbers of an assessment of this tree lie.
pub(crate) fn layout(tree: &StageTree, plan: &Plan, shape: &Shape) -> Arc<Layout> {
    let mut kinds = vec![0u32; tree.edges.len()];
    for node in &tree.nodes {
        if let Node::Move { player, edges, .. } = node {
            for edge in edges.clone() {
                kinds[edge as usize] = u32::try_from(shape.types[player.index()]).unwrap_or(0);
            }
        }
    }
    let mut strategies = vec![0];
    let mut total = 0;
    for k in kinds {
        total += k;
        strategies.push(total);
    }
    let mut out = Layout {
        slots: shape.slots,
        strategies,
        belief: vec![Layout::NONE; tree.nodes.len()],
        value: vec![Layout::NONE; tree.nodes.len()],
        belief_rows: 1,
        value_rows: plan.nodes.len(),
        probability: vec![0.0; tree.edges.len()],
    };
    out.belief[0] = 0;
    for (row, node) in plan.nodes.iter().enumerate() {
        out.value[node.source] = u32::try_from(row).unwrap_or(Layout::NONE);
        let own = out.belief[node.source];
        for edge in &plan.edges[node.first..node.last] {
            let child = plan.nodes[edge.child].source;
            out.belief[child] = match node.kind {
                Kind::Typed { .. } | Kind::Reveal { .. } => {
                    out.belief_rows += 1;
                    u32::try_from(out.belief_rows - 1).unwrap_or(Layout::NONE)
                }
                _ => own,
            };
        }
        if let Kind::Table(_) = node.kind {
            fold(&mut out, tree, node.source);
        }
    }
    Arc::new(out)
}

/// Everything below a folded lottery shares its belief.
fn fold(layout: &mut Layout, tree: &StageTree, source: usize) {
    if let Node::Chance { edges, .. } = &tree.nodes[source] {
        for position in edges.clone() {
            let edge = &tree.edges[position as usize];
            layout.probability[position as usize] = tree.probability(edge, 0);
            layout.belief[edge.child.index()] = layout.belief[source];
            fold(layout, tree, edge.child.index());
        }
    }
}

/// Copies one lane of the kernel's memory into an assessment.
pub(crate) fn extract(
    layout: &Arc<Layout>,
    context: Context<'_>,
    worker: &Worker,
    outcome: &Outcome,
    lane: usize,
) -> Assessment {
    let Context { shape, plan, .. } = context;
    let scratch = &worker.scratch;
    let slots = shape.slots;
    let get = |v: &[F8], i: usize| v[i].0[lane];
    let mut own = Assessment::new(Arc::clone(layout));
    own.converged = is_solved(outcome.how[lane]);
    own.residual = if own.converged { outcome.residual[lane] } else { scratch.residual.0.0[lane] };
    for (index, node) in plan.nodes.iter().enumerate() {
        let row = layout.belief[node.source] as usize;
        let at = index * slots;
        for slot in 0..slots {
            own.beliefs[row * slots + slot] = get(&scratch.beliefs, at + slot);
            own.values[at + slot] = get(&scratch.values, at + slot);
        }
        for edge in &plan.edges[node.first..node.last] {
            let start = layout.strategies[edge.source] as usize;
            let belief = |player: usize, kind: usize| get(&scratch.beliefs, at + shape.slot[player] + kind);
            own.probability[edge.source] = match node.kind {
                Kind::Typed { player, .. } | Kind::Open { player } => {
                    let typed = matches!(node.kind, Kind::Typed { .. });
                    let mut total = 0.0;
                    for kind in 0..shape.types[player] {
                        // What was played and what is best differ by the residual; beliefs follow what was played.
                        let strategies = if typed { &scratch.played } else { &scratch.best };
                        let p = get(strategies, edge.strategy + kind);
                        own.strategy[start + kind] = p;
                        total += belief(player, kind) * p;
                    }
                    total
                }
                Kind::Reveal { player } => (0..shape.types[player])
                    .map(|kind| belief(player, kind) * plan.probabilities[edge.chance + kind])
                    .sum(),
                Kind::Lottery => plan.probabilities[edge.chance],
                _ => 1.0,
            };
        }
    }
    own
}
