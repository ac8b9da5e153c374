//! Derivatives of functionals of an equilibrium: stage by stage backwards, then forward through the recursion over periods.

use std::sync::Arc;

use armistice_game::{Horizon, Precision, Stage, StateId, WarGame};
use rayon::prelude::*;

use crate::assessment::Layout;
use crate::gradient::{
    Adjoint, Effort, GradientError, Place, Primitives, StagePrimitives, StageSeeds, payoff_adjoint,
};
use crate::{Control, Equilibrium, tolerance};

use super::fixed_point::{How, Outcome, Start, Worker, evaluate_on};
use super::kernel::Context;
use super::lanes::{F8, LANES};
use super::plan::Plan;
use super::reverse::{Passes, Reverse, Sums, reverse_on};
use super::stage_solver::{SolvedStage, context, interpolate, layout, repeat_root, set_root};
use super::start::Engine;

/// Newton steps from the logits kept at a grid point before the stage is solved as if nothing were known.
const STEPS: usize = 4;

/// Differentiates functionals of an equilibrium with respect to every number of the game at once, by implicit differentiation with an
/// adjoint over the recursion.
///
/// With σ the fixed point of a stage, F(σ; V(t+1), p) = 0, a functional J of values and strategies and multipliers μ for F:
///
/// ```text
/// F_σᵀ μ = −J_σ                            one transposed solve, along the tree of the stage
/// V̄(t+1) += J_V + F_Vᵀ μ,   p̄ += J_p + F_pᵀ μ
/// ```
///
/// V(t+1) is read by interpolation at the posteriors, so J_σ holds the slope of the interpolant times that of Bayes' rule. V̄ flows
/// from the periods that read values to those that set them, opposite to the recursion; only points (t, s, b) with V̄ ≠ 0
/// are visited, each once for all functionals.
///
/// Where a posterior lies exactly on a grid point the interpolant has a kink and the derivative is the one towards higher
/// probability of later types.
///
/// Source: the adjoint of a fixed point is that of Christianson (1994), *Reverse accumulation and attractive fixed points*.
pub struct AdjointSolver<'a> {
    pub(super) game: &'a WarGame,
    pub(super) equilibrium: &'a Equilibrium,
    pub(super) engine: Engine,
    /// By state; `None` where the war is over.
    pub(super) plans: Vec<Option<(Plan, Arc<Layout>)>>,
}

/// What stages of one state add to the derivatives of each functional.
#[derive(Clone, Debug)]
pub struct StageAdjoint {
    place: Place,
    /// By functional.
    shares: Vec<Share>,
    /// `[belief][functional][slot]`: derivative with respect to the belief at the root, seeds at the root included.
    pub roots: Vec<f64>,
    /// What it took.
    pub effort: Effort,
}

/// The part of one functional.
#[derive(Clone, Debug, Default)]
pub(super) struct Share {
    /// Values of the next period: `[grid point][slot]` by state.
    pub(super) next: Vec<(StateId, Vec<f64>)>,
    pub(super) stage: StagePrimitives,
    pub(super) precision: Vec<f64>,
    pub(super) discount: Vec<f64>,
}

/// A thread's memory.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) worker: Worker,
    pub(super) reverse: Reverse,
    /// `[table][grid point][stride]`: continuation values, and derivatives with respect to them by functional.
    pub(super) tables: Vec<f64>,
    pub(super) bars: Vec<Vec<f64>>,
}

impl<'a> AdjointSolver<'a> {
    /// Prepares a solved game.
    ///
    /// - errors: [`GradientError::InfinitePrecision`].
    /// - cost: one plan a state.
    pub fn new(game: &'a WarGame, equilibrium: &'a Equilibrium) -> Result<Self, GradientError> {
        if game.players.iter().any(|p| p.precision == Precision::Infinite) {
            return Err(GradientError::InfinitePrecision);
        }
        let engine = Engine::new(game, &equilibrium.settings);
        let plans = game
            .stages
            .par_iter()
            .map(|stage| match stage {
                Stage::Play(tree) => {
                    let plan = Plan::apart(&engine.shape, tree, &equilibrium.grid);
                    let layout = layout(tree, &plan, &engine.shape);
                    Some((plan, layout))
                }
                Stage::Over(_) => None,
            })
            .collect();
        Ok(Self { game, equilibrium, engine, plans })
    }

    /// A functional that depends on nothing yet.
    #[must_use]
    pub fn adjoint(&self) -> Adjoint {
        let values = match self.game.horizon {
            Horizon::Periods(periods) => (periods as usize + 1) * self.row(),
            Horizon::Indefinite => self.row(),
        };
        Adjoint { values: vec![0.0; values], primitives: Primitives::zero(self.game) }
    }

    /// Numbers per period: `[state][grid point][slot]`.
    fn row(&self) -> usize {
        self.game.states.len() * self.block()
    }

    fn block(&self) -> usize {
        self.equilibrium.grid.points() * self.engine.shape.slots
    }

    /// Solves the stage of `state` in `period` at each belief and differentiates `functionals` of what is played there.
    ///
    /// - `seeds(n, stage, out)` says what each functional reads at the n-th belief: `out[functional]` is empty before.
    /// - returns the derivatives with respect to the beliefs, to next period's values and to the numbers of the stage, for
    ///   [`AdjointSolver::take`]; `None` where the war is over.
    /// - cost: a stage solution for each belief, and one transposed linear solve each for each functional. Eight at a time.
    pub fn visit(
        &self,
        (period, state): (u32, StateId),
        beliefs: &[&[f64]],
        functionals: usize,
        mut seeds: impl FnMut(usize, &SolvedStage<'_>, &mut [StageSeeds]),
    ) -> Option<StageAdjoint> {
        let (plan, layout) = self.plans.get(state.index())?.as_ref()?;
        let memory = &mut Memory::default();
        self.prepare(memory, plan, (period, state), functionals);
        let mut sums = vec![Sums::new(plan, &self.engine.shape); functionals];
        let shape = &self.engine.shape;
        let grid = &self.equilibrium.grid;
        let Memory { worker, reverse, tables, bars } = memory;
        let context = context(&self.engine, plan, grid, tables);
        let kept = self.equilibrium.logits.table(period, state);
        let mut wanted = vec![StageSeeds::default(); functionals];
        let mut all = vec![vec![StageSeeds::default(); functionals]; LANES];
        let mut roots = vec![0.0; beliefs.len() * functionals * shape.slots];
        let mut effort = Effort::default();
        for (batch, chunk) in beliefs.chunks(LANES).enumerate() {
            for (lane, belief) in chunk.iter().enumerate() {
                set_root(worker, lane, belief);
                if !kept.is_empty() {
                    interpolate(&mut worker.scratch.x[..plan.logits], lane, grid, belief, kept);
                }
            }
            repeat_root(worker, chunk.len(), shape.slots);
            let guessed = self.engine.starts_anywhere() && !kept.is_empty();
            let outcome =
                self.solve(context, worker, chunk.len(), if guessed { Start::Warm } else { Start::Cold });
            effort.stages += chunk.len() as u64;
            effort.not_converged += failed(&outcome, chunk.len());
            for lane in 0..chunk.len() {
                wanted.iter_mut().for_each(StageSeeds::clear);
                let stage = SolvedStage { layout, context, worker, outcome: &outcome, lane };
                seeds(batch * LANES + lane, &stage, &mut wanted);
                all[lane].clone_from(&wanted);
            }
            for functional in 0..functionals {
                reverse.clear(plan, shape);
                for (lane, seeds) in all.iter().enumerate().take(chunk.len()) {
                    let seeds = &seeds[functional];
                    self.plant(seeds, (plan, layout), lane, reverse, &mut sums[functional]);
                }
                let (sums, bars) = (&mut sums[functional], &mut bars[functional]);
                reverse_on(context, &worker.scratch, reverse, sums, bars, Passes::UpAndDown);
                effort.solves += chunk.len() as u64;
                for lane in 0..chunk.len() {
                    let at = ((batch * LANES + lane) * functionals + functional) * shape.slots;
                    self.root(reverse, lane, &mut roots[at..at + shape.slots]);
                }
            }
        }
        let shares =
            sums.iter().enumerate().map(|(n, sums)| self.collect((period, state), sums, n, memory)).collect();
        Some(StageAdjoint { place: (period, state), shares, roots, effort })
    }

    /// Adds what a visit found. Visits added in the same order give the same bits.
    pub fn take(&self, visit: &StageAdjoint, adjoints: &mut [Adjoint]) {
        let next = match self.game.horizon {
            Horizon::Periods(_) => (visit.place.0 as usize + 1) * self.row(),
            Horizon::Indefinite => 0,
        };
        for (share, adjoint) in visit.shares.iter().zip(adjoints) {
            self.take_share(share, visit.place.1, adjoint, next);
        }
    }

    fn take_share(&self, share: &Share, state: StateId, adjoint: &mut Adjoint, next: usize) {
        for (to, bar) in &share.next {
            let start = next + to.index() * self.block();
            add(&mut adjoint.values[start..start + bar.len()], bar);
        }
        self.take_primitives(share, state, &mut adjoint.primitives);
    }

    fn take_primitives(&self, share: &Share, state: StateId, primitives: &mut Primitives) {
        if let Some(stage) = primitives.stages.get_mut(state.index()) {
            stage.add(&share.stage);
        }
        add(&mut primitives.precision, &share.precision);
        for (player, seeds) in self.engine.shape.slot.iter().enumerate() {
            let own = *seeds..*seeds + self.engine.shape.types[player];
            primitives.discount[player] += share.discount[own].iter().sum::<f64>();
        }
    }

    /// Carries derivatives with respect to values through all periods, until only those with respect to primitives are left.
    ///
    /// - cost: for every point (period, state, grid belief) with a derivative that is not zero a stage solution and, for each
    ///   functional, a transposed solve: at most one to two solutions of the game for the first functional, less for others.
    ///   An indefinite horizon is swept until what is left is below [`tolerance::ADJOINT`] of what was there at first.
    /// - errors: [`GradientError::Cancelled`].
    /// - the same bits for any number of threads.
    pub fn sweep(&self, adjoints: &mut [Adjoint], control: &Control<'_>) -> Result<Effort, GradientError> {
        let mut effort = Effort::default();
        let row = self.row();
        match self.game.horizon {
            Horizon::Periods(periods) => {
                for period in 0..=periods {
                    if control.cancel.is_canceled() {
                        return Err(GradientError::Cancelled);
                    }
                    control.report("differentiating", u64::from(period), Some(u64::from(periods)));
                    let now: Vec<Vec<f64>> = adjoints
                        .iter()
                        .map(|a| a.values[period as usize * row..(period as usize + 1) * row].to_vec())
                        .collect();
                    effort += self.period(period, &now, adjoints, (period as usize + 1) * row);
                }
            }
            Horizon::Indefinite => {
                let size = |a: &[Adjoint]| a.iter().map(|a| largest(&a.values)).collect::<Vec<f64>>();
                let first = size(adjoints);
                for sweep in 0..self.equilibrium.settings.max_periods {
                    if control.cancel.is_canceled() {
                        return Err(GradientError::Cancelled);
                    }
                    control.report("differentiating", u64::from(sweep), None);
                    let now: Vec<Vec<f64>> = adjoints
                        .iter_mut()
                        .map(|a| std::mem::replace(&mut a.values, vec![0.0; row]))
                        .collect();
                    effort += self.period(0, &now, adjoints, 0);
                    let left = size(adjoints);
                    if left.iter().zip(&first).all(|(left, first)| *left <= tolerance::ADJOINT * first) {
                        break;
                    }
                }
            }
        }
        Ok(effort)
    }

    /// One period: derivatives with respect to its values, `now`, become those with respect to the next one's, which start at `next` of
    /// [`Adjoint::values`].
    fn period(&self, period: u32, now: &[Vec<f64>], adjoints: &mut [Adjoint], next: usize) -> Effort {
        let block = self.block();
        let last = self.game.horizon == Horizon::Periods(period);
        let done: Vec<Option<(Vec<Share>, Effort)>> = (0..self.game.states.len())
            .into_par_iter()
            .map_init(Memory::default, |memory, state| {
                let own: Vec<&[f64]> = now.iter().map(|v| &v[state * block..(state + 1) * block]).collect();
                if last || own.iter().all(|v| v.iter().all(|x| *x == 0.0)) {
                    return None;
                }
                self.state(memory, (period, StateId::new(state)), &own)
            })
            .collect();
        let mut effort = Effort::default();
        for (state, found) in done.into_iter().enumerate() {
            match found {
                Some((shares, own)) => {
                    for (share, adjoint) in shares.iter().zip(adjoints.iter_mut()) {
                        self.take_share(share, StateId::new(state), adjoint, next);
                    }
                    effort += own;
                }
                None => {
                    for (now, adjoint) in now.iter().zip(adjoints.iter_mut()) {
                        self.pay(
                            state,
                            last,
                            &now[state * block..(state + 1) * block],
                            &mut adjoint.primitives,
                        );
                    }
                }
            }
        }
        effort
    }

    /// Derivatives with respect to values that are payoffs: of a state where the war is over, or at the horizon.
    fn pay(&self, state: usize, last: bool, bar: &[f64], primitives: &mut Primitives) {
        let (payoff, out) = match &self.game.stages[state] {
            _ if last => (self.game.horizon_payoffs.get(state), primitives.horizon.get_mut(state)),
            Stage::Over(end) => (Some(&end.payoff), primitives.stages[state].ends.first_mut()),
            Stage::Play(_) => (None, None),
        };
        let (Some(payoff), Some(out)) = (payoff, out) else { return };
        for (point, bar) in bar.chunks_exact(self.engine.shape.slots).enumerate() {
            if bar.iter().any(|x| *x != 0.0) {
                let belief = self.equilibrium.grid.belief(point);
                payoff_adjoint(payoff, &self.engine.shape.types, &belief, bar, out);
            }
        }
    }

    /// The stages of one state at the grid points on whose values some functional depends.
    fn state(&self, memory: &mut Memory, place: Place, bars: &[&[f64]]) -> Option<(Vec<Share>, Effort)> {
        let (plan, _) = self.plans.get(place.1.index())?.as_ref()?;
        let shape = &self.engine.shape;
        let (slots, grid) = (shape.slots, &self.equilibrium.grid);
        let seed = |functional: usize, point: usize| &bars[functional][point * slots..(point + 1) * slots];
        let wanted = |point: &usize| (0..bars.len()).any(|f| seed(f, *point).iter().any(|x| *x != 0.0));
        let points: Vec<usize> = (0..grid.points()).filter(wanted).collect();
        self.prepare(memory, plan, place, bars.len());
        let mut sums = vec![Sums::new(plan, shape); bars.len()];
        let Memory { worker, reverse, tables, bars: table_bars } = memory;
        let context = context(&self.engine, plan, grid, tables);
        let kept = self.equilibrium.logits.table(place.0, place.1);
        let mut effort = Effort { stages: points.len() as u64, ..Effort::default() };
        for chunk in points.chunks(LANES) {
            for (lane, point) in chunk.iter().enumerate() {
                set_root(worker, lane, &grid.belief(*point));
                let from = kept.get(point * plan.logits..(point + 1) * plan.logits).unwrap_or(&[]);
                for (x, k) in worker.scratch.x.iter_mut().zip(from) {
                    x.0[lane] = f64::from(*k);
                }
            }
            repeat_root(worker, chunk.len(), slots);
            for x in &mut worker.scratch.x[..plan.logits] {
                let repeated = x.0[chunk.len() - 1];
                x.0[chunk.len()..].fill(repeated);
            }
            if kept.is_empty() || !self.settle(context, worker) {
                let outcome = self.solve(context, worker, chunk.len(), Start::Cold);
                effort.not_converged += failed(&outcome, chunk.len());
            }
            for functional in 0..bars.len() {
                reverse.clear(plan, shape);
                for (lane, point) in chunk.iter().enumerate() {
                    for (x, seed) in reverse.values.iter_mut().zip(seed(functional, *point)) {
                        x.0[lane] = *seed;
                    }
                }
                if reverse.values[..slots].iter().all(|x| *x == F8::ZERO) {
                    continue;
                }
                effort.solves += chunk.len() as u64;
                let (sums, bars) = (&mut sums[functional], &mut table_bars[functional]);
                reverse_on(context, &worker.scratch, reverse, sums, bars, Passes::Down);
            }
        }
        let shares = sums.iter().enumerate().map(|(n, sums)| self.collect(place, sums, n, memory)).collect();
        Some((shares, effort))
    }

    /// Tables of continuation values, and zeros for the derivatives with respect to them.
    fn prepare(&self, memory: &mut Memory, plan: &Plan, (period, _): Place, functionals: usize) {
        let shape = &self.engine.shape;
        let grid = &self.equilibrium.grid;
        let next = match self.game.horizon {
            Horizon::Periods(_) => period + 1,
            Horizon::Indefinite => 0,
        };
        plan.fill_tables(shape, grid, |state| self.equilibrium.table(next, state), &mut memory.tables);
        memory.worker.scratch.fit(plan, shape, shape.dims + 1);
        memory.bars.resize(functionals.max(memory.bars.len()), Vec::new());
        for bar in &mut memory.bars {
            bar.clear();
            bar.resize(memory.tables.len(), 0.0);
        }
    }

    /// A few Newton steps from logits that are nearly right; ends with linear models at the fixed point, or says that it did not.
    fn settle(&self, context: Context<'_>, worker: &mut Worker) -> bool {
        for _ in 0..STEPS {
            evaluate_on(context, &mut worker.scratch);
            if worker.scratch.residual.0.0.iter().all(|r| *r <= self.engine.tolerance) {
                return true;
            }
            for i in 0..context.plan.logits {
                let step = worker.scratch.step[i];
                worker.scratch.x[i] += step;
            }
        }
        false
    }

    /// Solves the stage like anybody who asks for strategies, then works out linear models.
    fn solve(&self, context: Context<'_>, worker: &mut Worker, count: usize, start: Start) -> Outcome {
        let active = std::array::from_fn(|lane| lane < count);
        if start == Start::Warm {
            for x in &mut worker.scratch.x[..context.plan.logits] {
                let repeated = x.0[count - 1];
                x.0[count..].fill(repeated);
            }
        }
        let (outcome, _) = self.engine.run(context, worker, active, start);
        evaluate_on(context, &mut worker.scratch);
        outcome
    }

    /// Puts seeds into one lane.
    fn plant(
        &self,
        seeds: &StageSeeds,
        (plan, layout): (&Plan, &Layout),
        lane: usize,
        reverse: &mut Reverse,
        sums: &mut Sums,
    ) {
        let shape = &self.engine.shape;
        let node =
            |list: &[u32], at: usize| list.get(at).filter(|n| **n != Layout::NONE).map(|n| *n as usize);
        for (at, slot, seed) in &seeds.values {
            if let Some(node) = node(&layout.value, at.index()) {
                reverse.values[node * shape.slots + slot].0[lane] += seed;
            }
        }
        for (at, slot, seed) in &seeds.action_values {
            if let Some(edge) = plan.edges.iter().position(|e| e.source == *at) {
                reverse.values[plan.edges[edge].child * shape.slots + slot].0[lane] += seed;
                sums.flows[edge * shape.slots + slot].0[lane] += seed;
            }
        }
        for (at, kind, seed) in &seeds.strategies {
            use crate::assessment::Place::{Open, Typed};
            if let Some(Typed(first) | Open(first)) = layout.place.get(*at) {
                reverse.strategies[*first as usize + kind].0[lane] += seed;
            }
        }
        for (at, slot, seed) in &seeds.beliefs {
            let Some(node) = node(&layout.source, at.index()) else { continue };
            let player = shape.slot.iter().rposition(|first| first <= slot).unwrap_or(0);
            let kind = slot - shape.slot[player];
            // b_l = c_l − c_{l+1}: a coordinate for each type but the first.
            let row = node * shape.dims + shape.dim[player];
            if kind > 0 {
                reverse.beliefs[row + kind - 1].0[lane] += seed;
            }
            if kind + 1 < shape.types[player] {
                reverse.beliefs[row + kind].0[lane] -= seed;
            }
        }
    }

    /// The derivative with respect to the belief at the root, by slot; the first type of every player has none of its own.
    fn root(&self, reverse: &Reverse, lane: usize, out: &mut [f64]) {
        let shape = &self.engine.shape;
        for (player, k) in shape.types.iter().enumerate() {
            let mut total = 0.0;
            for kind in 1..*k {
                total += reverse.beliefs[shape.dim[player] + kind - 1].0[lane];
                out[shape.slot[player] + kind] = total;
            }
        }
    }
}

fn add(sum: &mut [f64], part: &[f64]) {
    sum.iter_mut().zip(part).for_each(|(x, y)| *x += y);
}

fn largest(values: &[f64]) -> f64 {
    values.iter().map(|x| x.abs()).fold(0.0, f64::max)
}

fn failed(outcome: &Outcome, count: usize) -> u64 {
    outcome.how[..count].iter().filter(|how| **how == How::Failed).count() as u64
}
