//! Strategies recomputed from values: one stage at any belief, on the grid or off it.

use std::sync::Arc;

use armistice_game::{Belief, Node, NodeId, Stage, StageTree, StateId, WarGame};

use crate::assessment::{Layout, Place};
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
    /// `[sketch point][logit]`; empty where the equilibrium kept logits, or where every stage starts from uniform play.
    logits: Vec<f32>,
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
    /// Cost: a few evaluations of the stage tree per eight beliefs, plus tables once per (period, state). Where the equilibrium
    /// kept no logits to start from ([`Settings::kept_logits`]), also a sketch of them at up to 32 beliefs.
    pub fn solve(&mut self, period: u32, state: StateId, beliefs: &[Belief]) -> Vec<Assessment> {
        let mut out = Vec::with_capacity(beliefs.len());
        let beliefs = beliefs.iter().map(|belief| belief.0.as_slice());
        self.visit(period, state, beliefs, |_, solved| out.push(solved.assessment()));
        out
    }

    /// The same without copying: `each` sees what is played at every belief, in order, with its position.
    pub fn visit<'b>(
        &mut self,
        period: u32,
        state: StateId,
        beliefs: impl Iterator<Item = &'b [f64]>,
        mut each: impl FnMut(usize, SolvedStage<'_>),
    ) {
        let Some(Stage::Play(tree)) = self.game.stages.get(state.index()) else { return };
        self.prepare(period, state, tree);
        let Some(plan) = &self.plans[state.index()] else { return };
        let prepared = &self.prepared[state.index()];
        let Some(layout) = &prepared.layout else { return };
        let grid = &self.equilibrium.grid;
        let kept = self.equilibrium.logits.table(period, state);
        let context = context(&self.engine, plan, grid, &prepared.tables);
        let mut beliefs = beliefs.peekable();
        let mut first = 0;
        while beliefs.peek().is_some() {
            let mut count = 0;
            for (lane, belief) in beliefs.by_ref().take(LANES).enumerate() {
                count = lane + 1;
                set_root(&mut self.worker, lane, belief);
                let x = &mut self.worker.scratch.x[..plan.logits];
                if !kept.is_empty() {
                    interpolate(x, lane, grid, belief, kept);
                } else if !prepared.logits.is_empty() {
                    interpolate(x, lane, &self.sketch, belief, &prepared.logits);
                }
            }
            repeat_root(&mut self.worker, count, self.engine.shape.slots);
            let guessed = self.engine.starts_anywhere() && !(kept.is_empty() && prepared.logits.is_empty());
            let start = if guessed { Start::Warm } else { Start::Cold };
            let active = std::array::from_fn(|lane| lane < count);
            let (outcome, _) = self.engine.run(context, &mut self.worker, active, start);
            for lane in 0..count {
                let (worker, outcome) = (&self.worker, &outcome);
                each(first + lane, SolvedStage { layout, context, worker, outcome, lane });
            }
            first += count;
        }
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
        let kept = !self.equilibrium.logits.table(period, state).is_empty();
        if kept || !self.engine.starts_anywhere() {
            return;
        }
        prepared.logits.resize(self.sketch.points() * plan.logits, 0.0);
        let context = context(&self.engine, plan, grid, &prepared.tables);
        let points: Vec<Vec<f64>> =
            (0..self.sketch.points()).map(|point| self.sketch.belief(point)).collect();
        for (batch, chunk) in points.chunks(LANES).enumerate() {
            for (lane, belief) in chunk.iter().enumerate() {
                set_root(&mut self.worker, lane, belief);
            }
            repeat_root(&mut self.worker, chunk.len(), shape.slots);
            let active = std::array::from_fn(|lane| lane < chunk.len());
            self.engine.run(context, &mut self.worker, active, Start::Cold);
            for lane in 0..chunk.len() {
                let start = (batch * LANES + lane) * plan.logits;
                let own = &mut prepared.logits[start..start + plan.logits];
                for (to, x) in own.iter_mut().zip(&self.worker.scratch.x) {
                    *to = x.0[lane] as f32;
                }
            }
        }
    }
}

/// One solved stage at one belief, in the solver's own memory.
#[derive(Clone, Copy)]
pub struct SolvedStage<'a> {
    pub(super) layout: &'a Arc<Layout>,
    pub(super) context: Context<'a>,
    pub(super) worker: &'a Worker,
    pub(super) outcome: &'a Outcome,
    pub(super) lane: usize,
}

impl SolvedStage<'_> {
    /// Probability that the mover's type at position `kind` chooses the edge at position `edge` of the tree; 0 for chance edges.
    #[must_use]
    pub fn strategy(&self, edge: usize, kind: usize) -> f64 {
        let scratch = &self.worker.scratch;
        let (strategies, first) = match self.layout.place.get(edge) {
            Some(Place::Typed(first)) => (&scratch.played, *first),
            Some(Place::Open(first)) => (&scratch.best, *first),
            Some(Place::Nobody) | None => return 0.0,
        };
        strategies.get(first as usize + kind).map_or(0.0, |p| p.0[self.lane])
    }

    /// Writes the public belief at a node, by slot.
    pub fn belief(&self, node: NodeId, out: &mut [f64]) {
        let Some(row) = self.layout.source.get(node.index()) else { return };
        let start = *row as usize * self.layout.slots;
        for (to, b) in out.iter_mut().zip(self.worker.scratch.beliefs.iter().skip(start)) {
            *to = b.0[self.lane];
        }
    }

    /// Everything, as a value of its own.
    #[must_use]
    pub fn assessment(&self) -> Assessment {
        extract(self.layout, self.context, self.worker, self.outcome, self.lane)
    }
}

/// Puts interpolated logits, kept as `[grid point][logit]`, into one lane.
pub(super) fn interpolate(x: &mut [F8], lane: usize, grid: &BeliefGrid, belief: &[f64], kept: &[f32]) {
    let logits = x.len();
    x.iter_mut().for_each(|x| x.0[lane] = 0.0);
    for (point, weight) in grid.locate(belief) {
        for (x, k) in x.iter_mut().zip(&kept[point * logits..(point + 1) * logits]) {
            x.0[lane] += weight * f64::from(*k);
        }
    }
}

/// The finest grid of at most [`SKETCH`] points.
fn sketch(types: &[usize]) -> BeliefGrid {
    let count = |points: usize| types.iter().map(|k| SimplexGrid::count(*k, points - 1)).product::<u128>();
    let points = (3..=SKETCH).take_while(|points| count(*points) <= SKETCH as u128).last().unwrap_or(2);
    BeliefGrid::new(types, points)
}

pub(super) fn context<'a>(
    engine: &'a Engine,
    plan: &'a Plan,
    grid: &'a BeliefGrid,
    tables: &'a [f64],
) -> Context<'a> {
    Context {
        shape: &engine.shape,
        plan,
        grid,
        tables,
        precision: &engine.precision,
        precision_slope: &engine.none,
        width: engine.width,
        columns: engine.shape.dims + 1,
        branch_points: engine.branch_points,
    }
}

pub(super) fn set_root(worker: &mut Worker, lane: usize, belief: &[f64]) {
    for (root, b) in worker.scratch.beliefs.iter_mut().zip(belief) {
        root.0[lane] = *b;
    }
}

/// A batch that is not full repeats its last belief.
pub(super) fn repeat_root(worker: &mut Worker, count: usize, slots: usize) {
    for slot in 0..slots {
        let own = &mut worker.scratch.beliefs[slot].0;
        let repeated = own[count - 1];
        own[count..].fill(repeated);
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
        source: vec![0; tree.nodes.len()],
        place: vec![Place::Nobody; tree.edges.len()],
    };
    out.belief[0] = 0;
    for (row, node) in plan.nodes.iter().enumerate() {
        out.value[node.source] = u32::try_from(row).unwrap_or(Layout::NONE);
        out.source[node.source] = out.value[node.source];
        let own = out.belief[node.source];
        for edge in &plan.edges[node.first..node.last] {
            let child = plan.nodes[edge.child].source;
            let first = u32::try_from(edge.strategy).unwrap_or(Layout::NONE);
            out.place[edge.source] = match node.kind {
                Kind::Typed { .. } => Place::Typed(first),
                Kind::Open { .. } => Place::Open(first),
                _ => Place::Nobody,
            };
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
            layout.source[edge.child.index()] = layout.source[source];
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
