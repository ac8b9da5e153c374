//! Backward recursion: values of every period from those of the next.

use std::cell::RefCell;

use armistice_game::{Horizon, Stage, StateId, WarGame};
use rayon::prelude::*;

use crate::equilibrium::{Counts, Equilibrium, Logits, NotConvergedPoint, SolveError, Status};
use crate::grid::SimplexGrid;
use crate::{BeliefGrid, Control, Settings};

use super::fixed_point::{How, Outcome, Search, Start, Worker, failed, rescue};
use super::kernel::Context;
use super::lanes::{F8, LANES};
use super::plan::Plan;
use super::start::Engine;
use super::task::{EXAMPLES, Pending, Tally, Task, guess, roots};

/// Batches of eight beliefs that one task solves.
const BATCHES_PER_TASK: usize = 8;

/// Solves a war game: Markov quantal response equilibrium in public beliefs, on a belief grid.
///
/// V(T, s, b, θ) is the horizon payoff (or that of the ending, in states where the war is over). Backwards from there the
/// stage equilibrium at every state and grid belief gives V(t, s, b, θ) = U(root), with V(t + 1) read by interpolation at the
/// beliefs reached. With an indefinite horizon the same step is repeated from V = 0 until no value moves by more than
/// [`Settings::value_tolerance`].
///
/// - returns values `[period][state][grid point][slot]` with counts; not converging is a [`Status`], not an error.
/// - cost: linear in periods, states and grid points; each stage a few evaluations of its tree (see `Counts::evaluations`).
/// - errors: [`SolveError`] for an unsound game, a size over [`Settings::max_values`] (computed before anything is allocated), or a
///   setting out of range.
/// - the same bits for any number of threads.
///
/// Sources: Vasal, Sinha and Anastasopoulos (2019) for the decomposition; McKelvey and Palfrey (1998) for the agent logit response.
pub fn solve(game: &WarGame, settings: &Settings, control: &Control<'_>) -> Result<Equilibrium, SolveError> {
    let rows = match game.horizon {
        Horizon::Periods(n) => n.saturating_add(1),
        Horizon::Indefinite => 2,
    };
    recursion(game, settings, control, rows, |recursion| recursion.run())
}

/// Solves the first `periods` of a war that from then on is another game, already solved: one whose rules change on a date that
/// everybody knows.
///
/// The recursion of [`solve`] with V(periods, s, b, θ) read from `after` at the same period, state and grid belief. With an indefinite horizon
/// `after` is stationary, so its values are those of any period: the result is as exact as with a finite one.
///
/// - returns values of periods 0..=`periods`; the last are those of `after`.
/// - cost: linear in `periods`.
/// - errors: as for [`solve`]; [`SolveError::Setting`] where `after` was solved on another grid, or where the two games differ in their
///   states or private types.
/// - the same bits for any number of threads.
pub fn solve_before(
    game: &WarGame,
    periods: u32,
    after: &Equilibrium,
    settings: &Settings,
    control: &Control<'_>,
) -> Result<Equilibrium, SolveError> {
    let alike = after.states == game.states.len()
        && after.slots == game.slots()
        && after.grid == BeliefGrid::new(&game.types(), settings.belief_points);
    if !alike {
        return Err(SolveError::Setting {
            what: "the game that follows has other states, types or grid points",
        });
    }
    recursion(game, settings, control, periods.saturating_add(1), |recursion| {
        recursion.finite(periods, |values| {
            let block = values.len() / game.states.len().max(1);
            for (state, own) in values.chunks_exact_mut(block.max(1)).enumerate() {
                own.copy_from_slice(after.table(periods, StateId::new(state)));
            }
        })
    })
}

/// Checks that a game can be solved, then solves it on as many threads as the settings say.
fn recursion(
    game: &WarGame,
    settings: &Settings,
    control: &Control<'_>,
    rows: u32,
    run: impl FnOnce(&Recursion<'_>) -> Equilibrium + Send,
) -> Result<Equilibrium, SolveError> {
    armistice_game::check(game)?;
    let engine = Engine::new(game, settings);
    validate(game, &engine, settings, rows)?;
    match settings.threads {
        None => Ok(run(&Recursion::new(game, settings, control, engine))),
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .map_err(|_| SolveError::Threads)?;
            Ok(pool.install(|| run(&Recursion::new(game, settings, control, engine))))
        }
    }
}

/// Refuses what cannot be solved; `periods` is how many rows of values will be kept.
fn validate(game: &WarGame, engine: &Engine, settings: &Settings, periods: u32) -> Result<(), SolveError> {
    if settings.belief_points < 2 {
        return Err(SolveError::Setting { what: "at least 2 belief points are needed" });
    }
    if !(settings.residual > 0.0) || !(settings.value_tolerance > 0.0) || !(settings.max_precision >= 1.0) {
        return Err(SolveError::Setting { what: "tolerances and the largest precision must be positive" });
    }
    if !engine.shape.supported() {
        return Err(SolveError::Setting {
            what: "more private types or belief dimensions than the solver holds",
        });
    }
    let points = game
        .types()
        .iter()
        .fold(1u128, |acc, k| acc.saturating_mul(SimplexGrid::count(*k, settings.belief_points - 1)));
    let (states, slots) = (game.states.len(), game.slots());
    let values = [states as u128, u128::from(periods), slots as u128]
        .iter()
        .fold(points, |acc, n| acc.saturating_mul(*n));
    if values > u128::from(settings.max_values) {
        return Err(SolveError::TooLarge {
            values,
            states,
            points,
            periods,
            slots,
            limit: settings.max_values,
        });
    }
    Ok(())
}

struct Recursion<'a> {
    game: &'a WarGame,
    settings: &'a Settings,
    control: &'a Control<'a>,
    engine: Engine,
    grid: BeliefGrid,
    /// By state; `None` where the war is over.
    plans: Vec<Option<Plan>>,
    /// `[batch][slot]`: root beliefs.
    roots: Vec<F8>,
}

thread_local! {
    /// Kept from task to task and from game to game: a tree's worth of numbers is not asked for and given back every time.
    static WORKER: RefCell<Worker> = RefCell::default();
}

/// What one state keeps from period to period: the unknowns at every grid point in the last three solved, where the next one starts.
struct Memory {
    /// Continuation values: `[table][grid point][stride]`.
    tables: Vec<f64>,
    /// `[batch][logit]`
    last: Vec<F8>,
    before: Vec<F8>,
    earlier: Vec<F8>,
    periods: u32,
}

impl<'a> Recursion<'a> {
    fn new(game: &'a WarGame, settings: &'a Settings, control: &'a Control<'a>, engine: Engine) -> Self {
        let grid = BeliefGrid::new(&engine.shape.types, settings.belief_points);
        let plans = game
            .stages
            .par_iter()
            .map(|stage| match stage {
                Stage::Play(tree) => Some(Plan::new(&engine.shape, tree, &grid)),
                Stage::Over(_) => None,
            })
            .collect();
        let roots = roots(&grid, engine.shape.slots);
        Self { game, settings, control, engine, grid, plans, roots }
    }

    fn run(&self) -> Equilibrium {
        match self.game.horizon {
            Horizon::Periods(periods) => self.finite(periods, |values| self.terminal(values, true)),
            Horizon::Indefinite => self.indefinite(),
        }
    }

    /// Numbers per period: `[state][grid point][slot]`.
    fn row(&self) -> usize {
        self.game.states.len() * self.grid.points() * self.engine.shape.slots
    }

    /// The recursion over `periods`, from the values after the last one that `end` fills in.
    fn finite(&self, periods: u32, end: impl FnOnce(&mut [f64])) -> Equilibrium {
        let row = self.row();
        let mut values = vec![0.0; (periods as usize + 1) * row];
        let mut logits = self.kept(periods as usize);
        let kept = logits.period();
        let strategies = if self.settings.kept_play { self.strategies() } else { 0 };
        let mut play = vec![F8::ZERO; strategies * periods as usize];
        let mut memory = self.memory();
        let mut tally = Tally::default();
        let mut failed = Vec::new();
        end(&mut values[periods as usize * row..]);
        let mut cancelled = false;
        for period in (0..periods).rev() {
            if self.control.cancel.is_canceled() {
                cancelled = true;
                break;
            }
            let (now, next) = values.split_at_mut((period as usize + 1) * row);
            let start = period as usize * kept;
            let starts = logits.values.get_mut(start..start + kept).unwrap_or(&mut []);
            let plays = &mut play[period as usize * strategies..(period as usize + 1) * strategies];
            let now = &mut now[period as usize * row..];
            let own = self.period(now, &next[..row], &mut memory, (starts, plays));
            note(&mut failed, &own, period);
            merge(&mut tally, own);
            self.control.report("solving", u64::from(periods - period), Some(u64::from(periods)));
        }
        self.finish((values, logits, play), periods, None, tally, failed, cancelled, None)
    }

    fn indefinite(&self) -> Equilibrium {
        let row = self.row();
        let mut next = vec![0.0; row];
        let mut now = vec![0.0; row];
        self.terminal(&mut next, false);
        let mut logits = self.kept(1);
        let strategies = if self.settings.kept_play { self.strategies() } else { 0 };
        let mut play = vec![F8::ZERO; strategies];
        let mut memory = self.memory();
        let mut total = Counts::default();
        let mut sweeps = 0;
        let mut change = f64::INFINITY;
        let mut cancelled = false;
        let mut last = Tally::default();
        while sweeps < self.settings.max_periods && change > self.settings.value_tolerance {
            if self.control.cancel.is_canceled() {
                cancelled = true;
                break;
            }
            last = self.period(&mut now, &next, &mut memory, (&mut logits.values, &mut play));
            change = now.iter().zip(&next).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            std::mem::swap(&mut now, &mut next);
            total.evaluations += last.counts.evaluations;
            total.checks += last.counts.checks;
            sweeps += 1;
            self.control.report("iterating to stationary values", u64::from(sweeps), None);
        }
        let mut failed = Vec::new();
        note(&mut failed, &last, 0);
        last.counts.evaluations = total.evaluations;
        last.counts.checks = total.checks;
        let moved = (!cancelled && change > self.settings.value_tolerance).then_some(change);
        self.finish((next, logits, play), 1, Some((sweeps, change)), last, failed, cancelled, moved)
    }

    /// Room for the logits of every grid point, if there may be so many.
    fn kept(&self, periods: usize) -> Logits {
        let points = self.grid.points();
        let own = self.plans.iter().map(|plan| plan.as_ref().map_or(0, |plan| plan.logits));
        let mut kept = Logits::new(own, points);
        let size = (kept.period() as u128) * (periods as u128);
        if size <= u128::from(self.settings.kept_logits) && self.engine.starts_anywhere() {
            kept.values = vec![0.0; kept.period() * periods];
        }
        kept
    }

    /// Vectors of probabilities in a period of what is played.
    fn strategies(&self) -> usize {
        let batches = self.grid.points().div_ceil(LANES);
        self.plans.iter().flatten().map(|plan| plan.strategies * batches).sum()
    }

    fn memory(&self) -> Vec<Memory> {
        let batches = self.grid.points().div_ceil(LANES);
        self.plans
            .iter()
            .map(|plan| {
                let logits = plan.as_ref().map_or(0, |p| p.logits);
                Memory {
                    tables: Vec::new(),
                    last: vec![F8::ZERO; batches * logits],
                    before: vec![F8::ZERO; batches * logits],
                    earlier: vec![F8::ZERO; batches * logits],
                    periods: 0,
                }
            })
            .collect()
    }

    /// Values of a state where the war is over.
    fn ending(&self, state: usize, out: &mut [f64]) {
        let Stage::Over(end) = &self.game.stages[state] else { return };
        for (point, row) in out.chunks_exact_mut(self.engine.shape.slots).enumerate() {
            row.copy_from_slice(&end.payoff.expected(&self.engine.shape.types, &self.grid.belief(point)));
        }
    }

    /// Values after the last period (`pay`), or only those of states where the war is over.
    fn terminal(&self, out: &mut [f64], pay: bool) {
        let points = self.grid.points();
        let slots = self.engine.shape.slots;
        let types = &self.engine.shape.types;
        for (state, own) in out.chunks_exact_mut(points * slots).take(self.game.states.len()).enumerate() {
            let payoff = match &self.game.stages[state] {
                _ if pay => self.game.horizon_payoffs.get(state),
                Stage::Over(end) => Some(&end.payoff),
                Stage::Play(_) => None,
            };
            for (point, row) in own.chunks_exact_mut(slots).enumerate() {
                if let Some(payoff) = payoff {
                    row.copy_from_slice(&payoff.expected(types, &self.grid.belief(point)));
                }
            }
        }
    }

    /// One backward step: `now` from `next`; the logits found and what is played go to `kept` and `play` if these are not empty.
    fn period(
        &self,
        now: &mut [f64],
        next: &[f64],
        memory: &mut [Memory],
        (mut kept, mut play): (&mut [f32], &mut [F8]),
    ) -> Tally {
        let shape = &self.engine.shape;
        let block = self.grid.points() * shape.slots;
        self.plans.par_iter().zip(memory.par_iter_mut()).for_each(|(plan, memory)| {
            if let Some(plan) = plan {
                let next = |state: StateId| &next[state.index() * block..(state.index() + 1) * block];
                plan.fill_tables(shape, &self.grid, next, &mut memory.tables);
            }
        });
        let mut tasks = Vec::new();
        for ((state, values), memory) in now.chunks_exact_mut(block).enumerate().zip(memory.iter_mut()) {
            let Some(plan) = &self.plans[state] else {
                self.ending(state, values);
                continue;
            };
            let per_task = BATCHES_PER_TASK * LANES * shape.slots;
            let logits = (BATCHES_PER_TASK * plan.logits).max(1);
            let Memory { tables, last, before, earlier, periods } = memory;
            let (mut last, mut before) = (last.chunks_mut(logits), before.chunks_mut(logits));
            let mut earlier = earlier.chunks_mut(logits);
            let all = if kept.is_empty() { 0 } else { self.grid.points() * plan.logits };
            let (own, others) = std::mem::take(&mut kept).split_at_mut(all);
            kept = others;
            let mut own = own.chunks_mut(logits * LANES);
            let all = if play.is_empty() { 0 } else { self.grid.points().div_ceil(LANES) * plan.strategies };
            let (plays, others) = std::mem::take(&mut play).split_at_mut(all);
            play = others;
            let mut plays = plays.chunks_mut((BATCHES_PER_TASK * plan.strategies).max(1));
            for (number, values) in values.chunks_mut(per_task).enumerate() {
                tasks.push(Task {
                    state,
                    first: number * BATCHES_PER_TASK,
                    values,
                    last: last.next().unwrap_or(&mut []),
                    before: before.next().unwrap_or(&mut []),
                    earlier: earlier.next().unwrap_or(&mut []),
                    kept: own.next().unwrap_or(&mut []),
                    play: plays.next().unwrap_or(&mut []),
                    tables,
                    periods: *periods,
                });
            }
            *periods += 1;
        }
        let tallies: Vec<Tally> = tasks
            .into_par_iter()
            .map(|task| WORKER.with_borrow_mut(|worker| self.task(worker, task)))
            .collect();
        let mut out = Tally::default();
        for tally in tallies {
            merge(&mut out, tally);
        }
        out
    }

    fn task(&self, worker: &mut Worker, mut task: Task<'_>) -> Tally {
        let mut tally = Tally::default();
        let Some(plan) = &self.plans[task.state] else { return tally };
        let shape = &self.engine.shape;
        let slots = shape.slots;
        let columns = shape.dims + 1;
        worker.scratch.fit(plan, shape, columns);
        let context = Context {
            shape,
            plan,
            grid: &self.grid,
            tables: task.tables,
            precision: &self.engine.precision,
            precision_slope: &self.engine.none,
            width: self.engine.width,
            columns,
            branch_points: self.engine.branch_points,
        };
        let mut pending: Vec<Pending> = Vec::new();
        for number in 0..task.values.len().div_ceil(LANES * slots) {
            let batch = task.first + number;
            let count = (task.values.len() / slots - number * LANES).min(LANES);
            let active = std::array::from_fn(|lane| lane < count);
            worker.scratch.beliefs[..slots].copy_from_slice(&self.roots[batch * slots..(batch + 1) * slots]);
            let own = number * plan.logits..(number + 1) * plan.logits;
            let (last, before) = (&mut task.last[own.clone()], &mut task.before[own.clone()]);
            let earlier = &mut task.earlier[own];
            let start = guess(&mut worker.scratch.x, [last, before, earlier], task.periods);
            let (outcome, reached) = match self.engine.attempt(context, worker, active, start) {
                Some((outcome, search)) => {
                    let open = failed(&outcome, active);
                    let open = (0..LANES).filter(|lane| open[*lane]);
                    pending.extend(open.map(|lane| {
                        let root = &self.roots[batch * slots..(batch + 1) * slots];
                        Pending::new(worker, root, plan.logits, (number, lane), &search, start)
                    }));
                    (outcome, None)
                }
                None => self.engine.run(context, worker, active, start),
            };
            earlier.copy_from_slice(before);
            before.copy_from_slice(last);
            let whole = self.engine.starts_anywhere();
            task.put_batch((shape, plan), &worker.scratch, number, count);
            for lane in 0..count {
                tally.counts.evaluations += outcome.evaluations;
                tally.counts.checks += outcome.checks;
                if !(whole && outcome.how[lane] == How::Failed) {
                    let point = (task.state, batch * LANES + lane);
                    tally.count(&outcome, reached, lane, worker.scratch.residual.0.0[lane], point);
                }
            }
        }
        // Beliefs that take longer are put together, so that eight of them share each evaluation.
        for some in pending.chunks(LANES) {
            let mut search = Search::default();
            for (lane, one) in some.iter().enumerate() {
                one.load(worker, lane, &mut search);
            }
            for slot in 0..slots {
                let own = &mut worker.scratch.beliefs[slot].0;
                let repeated = own[some.len() - 1];
                own[some.len()..].fill(repeated);
            }
            let active = std::array::from_fn(|lane| lane < some.len());
            let mut outcome = Outcome::none();
            let start = some.first().map_or(Start::Cold, |one| one.start);
            let tolerance = self.engine.tolerance;
            rescue(context, worker, active, start, tolerance, &mut search, &mut outcome);
            for (lane, one) in some.iter().enumerate() {
                task.put_lane((shape, plan), (&worker.scratch, lane), one.at);
                tally.counts.evaluations += outcome.evaluations;
                tally.counts.checks += outcome.checks;
                let point = (task.state, (task.first + one.at.0) * LANES + one.at.1);
                tally.count(&outcome, None, lane, worker.scratch.residual.0.0[lane], point);
            }
        }
        tally
    }

    #[expect(clippy::too_many_arguments, reason = "the pieces of one result")]
    fn finish(
        &self,
        (values, logits, play): (Vec<f64>, Logits, Vec<F8>),
        periods: u32,
        stationary: Option<(u32, f64)>,
        tally: Tally,
        failed: Vec<NotConvergedPoint>,
        cancelled: bool,
        moved: Option<f64>,
    ) -> Equilibrium {
        let status = if cancelled {
            Status::Cancelled
        } else if let Some(change) = moved {
            Status::NotStationary { change }
        } else if tally.counts.not_converged == 0 {
            Status::Certified
        } else if tally.approximate {
            Status::NotConverged { points: tally.counts.not_converged, examples: failed }
        } else {
            Status::Approximate
        };
        Equilibrium {
            settings: self.settings.clone(),
            status,
            grid: self.grid.clone(),
            counts: tally.counts,
            periods,
            stationary,
            values,
            logits,
            play,
            slots: self.engine.shape.slots,
            states: self.game.states.len(),
        }
    }
}

fn note(list: &mut Vec<NotConvergedPoint>, tally: &Tally, period: u32) {
    for (state, point, residual) in &tally.failed {
        if list.len() < EXAMPLES {
            list.push(NotConvergedPoint {
                period,
                state: StateId::new(*state),
                point: *point,
                residual: *residual,
            });
        }
    }
}

fn merge(into: &mut Tally, from: Tally) {
    let (a, b) = (&mut into.counts, from.counts);
    a.points += b.points;
    a.iteration += b.iteration;
    a.newton += b.newton;
    a.homotopy += b.homotopy;
    a.not_converged += b.not_converged;
    a.evaluations += b.evaluations;
    a.checks += b.checks;
    a.worst_residual = a.worst_residual.max(b.worst_residual);
    a.largest_precision = match (a.largest_precision, b.largest_precision) {
        (Some(x), Some(y)) => Some(x.min(y)),
        (x, y) => x.or(y),
    };
    into.failed.extend(from.failed);
    into.failed.truncate(EXAMPLES);
    into.approximate |= from.approximate;
}
