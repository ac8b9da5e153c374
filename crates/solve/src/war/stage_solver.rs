//! Strategies recomputed from values: one stage at any belief, on the grid or off it.

use armistice_game::{Belief, Stage, StateId, WarGame};

use crate::{Assessment, Equilibrium, Settings};

use super::fixed_point::{Start, Worker};
use super::kernel::Context;
use super::lanes::{F8, LANES};
use super::plan::{Kind, Plan};
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
    /// By state: the period whose continuation the tables hold, and the tables.
    tables: Vec<(Option<u32>, Vec<f64>)>,
    worker: Worker,
}

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
            tables: vec![(None, Vec::new()); states],
            worker: Worker::default(),
        }
    }

    /// What is played in `state` in `period` at each of the beliefs; empty where the war is over.
    ///
    /// Beliefs are solved eight at a time; each result is independent of the others in the list, to the bit.
    /// Cost: a few evaluations of the stage tree per eight beliefs, plus the tables once per (period, state).
    pub fn solve(&mut self, period: u32, state: StateId, beliefs: &[Belief]) -> Vec<Assessment> {
        let Some(Stage::Play(tree)) = self.game.stages.get(state.index()) else { return Vec::new() };
        let shape = &self.engine.shape;
        let grid = &self.equilibrium.grid;
        let plan = self.plans[state.index()].get_or_insert_with(|| Plan::new(shape, tree, grid));
        let (known, tables) = &mut self.tables[state.index()];
        if *known != Some(period) {
            plan.fill_tables(shape, grid, |next| self.equilibrium.table(period + 1, next), tables);
            *known = Some(period);
        }
        let columns = shape.dims + 1;
        self.worker.scratch.fit(plan, shape, columns);
        let context = Context {
            shape,
            plan,
            grid,
            tables,
            precision: &self.engine.precision,
            precision_slope: &self.engine.none,
            columns,
        };
        let offsets = offsets(self.game, tree);
        let mut out = Vec::with_capacity(beliefs.len());
        for chunk in beliefs.chunks(LANES) {
            for slot in 0..shape.slots {
                for lane in 0..LANES {
                    // A last batch that is not full repeats its last belief.
                    let belief = &chunk[lane.min(chunk.len() - 1)];
                    self.worker.scratch.beliefs[slot].0[lane] = belief.0.get(slot).copied().unwrap_or(0.0);
                }
            }
            let active = std::array::from_fn(|lane| lane < chunk.len());
            let (outcome, _) = self.engine.run(context, &mut self.worker, active, Start::Cold);
            for lane in 0..chunk.len() {
                let mut own = Assessment::new(shape.slots, tree.nodes.len(), offsets.clone());
                own.residual = if is_solved(outcome.how[lane]) {
                    outcome.residual[lane]
                } else {
                    self.worker.scratch.residual.0.0[lane]
                };
                own.converged = is_solved(outcome.how[lane]);
                extract(&mut own, context, &self.worker, lane);
                super::tree::unfold(&mut own, shape, tree, plan, grid, tables);
                out.push(own);
            }
        }
        out
    }
}

/// Start of each edge's strategies in an assessment.
pub(crate) fn offsets(game: &WarGame, tree: &armistice_game::StageTree) -> Vec<u32> {
    let mut kinds = vec![0u32; tree.edges.len()];
    for node in &tree.nodes {
        if let armistice_game::Node::Move { player, edges, .. } = node {
            for edge in edges.clone() {
                kinds[edge as usize] = u32::try_from(game.slots_of(*player).len()).unwrap_or(0);
            }
        }
    }
    let mut out = vec![0];
    let mut total = 0;
    for k in kinds {
        total += k;
        out.push(total);
    }
    out
}

/// Copies one lane of the kernel's memory into an assessment (all nodes and edges the plan has).
pub(crate) fn extract(own: &mut Assessment, context: Context<'_>, worker: &Worker, lane: usize) {
    let Context { shape, plan, .. } = context;
    let scratch = &worker.scratch;
    let slots = shape.slots;
    let get = |v: &[F8], i: usize| v[i].0[lane];
    for (index, node) in plan.nodes.iter().enumerate() {
        for slot in 0..slots {
            own.beliefs[node.source * slots + slot] = get(&scratch.beliefs, index * slots + slot);
            own.values[node.source * slots + slot] = get(&scratch.values, index * slots + slot);
        }
        for edge in &plan.edges[node.first..node.last] {
            let start = own.offsets[edge.source] as usize;
            let belief =
                |player: usize, kind: usize| get(&scratch.beliefs, index * slots + shape.slot[player] + kind);
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
}
