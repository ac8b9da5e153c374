//! The stage fixed point at eight beliefs: plain sweeps and Newton steps, continuation in λ, accelerated damped iteration.

use std::ops::Range;

use super::homotopy;
use super::kernel::{Context, evaluate};
use super::lanes::{F8, LANES, Width};
use super::scratch::Scratch;

/// How a fixed point was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Iteration,
    Newton,
    Homotopy,
    Failed,
}

/// What came of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) how: [How; LANES],
    pub(crate) residual: [f64; LANES],
    /// Evaluations of the whole batch with linear models.
    pub(crate) evaluations: u64,
    /// … of values alone.
    pub(crate) checks: u64,
}

impl Outcome {
    /// Nothing reached yet.
    pub(crate) fn none() -> Self {
        Self { how: [How::Failed; LANES], residual: [f64::INFINITY; LANES], evaluations: 0, checks: 0 }
    }

    pub(crate) fn add_effort(&mut self, other: &Self) {
        self.evaluations += other.evaluations;
        self.checks += other.checks;
    }
}

/// Memory for stepping back; beside the kernel's own.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) x: Vec<F8>,
    pub(crate) step: Vec<F8>,
    pub(crate) kept: Vec<F8>,
}

/// A thread's memory.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    pub(crate) scratch: Scratch,
    pub(crate) history: History,
}

/// Where the iteration starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Uniform play: two plain sweeps come before the first Newton step.
    Cold,
    /// The logits already in `scratch.x`, believed to be close.
    Warm,
    /// The logits already in `scratch.x`, chosen to lead to another equilibrium than the principal one.
    Chosen,
}

/// Most Newton evaluations before the slower methods take over.
const NEWTON_EVALUATIONS: usize = 24;
/// Newton evaluations up to which its result is taken without question.
const CLEAN_EVALUATIONS: usize = 14;
/// After a Newton step from a residual below this many times √tolerance the next one is likely within the tolerance.
const HOPE: f64 = 30.0;
/// Most evaluations of the damped iteration.
const DAMPED_EVALUATIONS: usize = 400;

/// Evaluates with the widest vectors the machine has.
pub(crate) fn evaluate_on(context: Context<'_>, scratch: &mut Scratch) {
    match context.width {
        Width::Portable => evaluate(Context { width: Width::Portable, ..context }, scratch),
        #[cfg(target_arch = "x86_64")]
        Width::Avx2 => {
            #[expect(
                unsafe_code,
                reason = "calls a function compiled for instructions that were detected at start"
            )]
            // SAFETY: `Width::of_this_machine` returned this width only after detecting the features.
            unsafe {
                evaluate_avx2(context, scratch);
            }
        }
        #[cfg(target_arch = "x86_64")]
        Width::Avx512 => {
            #[expect(
                unsafe_code,
                reason = "calls a function compiled for instructions that were detected at start"
            )]
            // SAFETY: as above.
            unsafe {
                evaluate_avx512(context, scratch);
            }
        }
    }
}

/// Evaluates payoffs, strategies, gaps and the residual, without linear models: a fraction of the work.
pub(crate) fn check(context: Context<'_>, scratch: &mut Scratch) {
    evaluate_on(Context { columns: 0, ..context }, scratch);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn evaluate_avx2(context: Context<'_>, scratch: &mut Scratch) {
    specialized(Context { width: Width::Avx2, ..context }, scratch);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl")]
fn evaluate_avx512(context: Context<'_>, scratch: &mut Scratch) {
    specialized(Context { width: Width::Avx512, ..context }, scratch);
}

/// The same evaluation, compiled once more for each of the common numbers of belief dimensions: loops over columns unroll.
#[inline(always)]
fn specialized(context: Context<'_>, scratch: &mut Scratch) {
    match context.columns {
        0 => evaluate(Context { columns: 0, ..context }, scratch),
        2 => evaluate(Context { columns: 2, ..context }, scratch),
        3 => evaluate(Context { columns: 3, ..context }, scratch),
        4 => evaluate(Context { columns: 4, ..context }, scratch),
        _ => evaluate(context, scratch),
    }
}

/// Puts uniform play (by base weights) into `scratch.x`.
pub(crate) fn uniform_start(context: Context<'_>, scratch: &mut Scratch) {
    for node in &context.plan.nodes {
        if let super::plan::Kind::Typed { player, logits, .. } = node.kind {
            let k = context.shape.types[player];
            for (action, edge) in context.plan.edges[node.first..node.last].iter().enumerate() {
                scratch.x[logits + action * k..logits + (action + 1) * k].fill(F8::splat(edge.log_weight));
            }
        }
    }
}

/// Where Newton's method stands in every lane; its points and steps are in [`History`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search {
    pub(crate) last: [f64; LANES],
    pub(crate) fraction: [f64; LANES],
    pub(crate) stepped: [bool; LANES],
}

impl Default for Search {
    fn default() -> Self {
        Self { last: [f64::INFINITY; LANES], fraction: [1.0; LANES], stepped: [false; LANES] }
    }
}

/// Solves the stage at the root beliefs in `worker.scratch.beliefs`, for the lanes in `active`: [`attempt`], then [`rescue`].
///
/// Afterwards `scratch.x` holds the logits, `scratch.values` the payoffs. Every lane is treated alone: its result does not
/// depend on its neighbors.
pub(crate) fn fixed_point(
    context: Context<'_>,
    worker: &mut Worker,
    active: [bool; LANES],
    start: Start,
    tolerance: f64,
) -> Outcome {
    let (mut outcome, mut search) = attempt(context, worker, active, start, tolerance);
    let pending = failed(&outcome, active);
    if pending.contains(&true) {
        rescue(context, worker, pending, start, tolerance, &mut search, &mut outcome);
    }
    outcome
}

/// Newton's method for as long as its result is taken without question: then the start was close, and so is the branch it lay on.
/// Lanes that are not there by then are left as [`How::Failed`], for [`rescue`] to go on with.
pub(crate) fn attempt(
    context: Context<'_>,
    worker: &mut Worker,
    active: [bool; LANES],
    start: Start,
    tolerance: f64,
) -> (Outcome, Search) {
    let (mut outcome, mut search) = (Outcome::none(), Search::default());
    newton(context, worker, active, (start, 0..CLEAN_EVALUATIONS), tolerance, &mut search, &mut outcome);
    (outcome, search)
}

/// Solves what [`attempt`] left open. When the principal branch is wanted it is followed from λ = 0, because Newton from afar may land
/// on another equilibrium. What continuation cannot follow, or may not (`branch_points` 0), is left to some more Newton steps, then to
/// damped iteration from uniform play.
pub(crate) fn rescue(
    context: Context<'_>,
    worker: &mut Worker,
    pending: [bool; LANES],
    start: Start,
    tolerance: f64,
    search: &mut Search,
    outcome: &mut Outcome,
) {
    let logits = context.plan.logits;
    if start != Start::Chosen && context.branch_points > 0 {
        let found: Vec<F8> = worker.scratch.x[..logits].to_vec();
        trace(context, worker, pending, tolerance, outcome);
        restore(&mut worker.scratch, &found, failed(outcome, pending), logits);
    }
    let left = failed(outcome, pending);
    if left.contains(&true) {
        let more = CLEAN_EVALUATIONS..NEWTON_EVALUATIONS;
        newton(context, worker, left, (start, more), tolerance, search, outcome);
    }
    let left = failed(outcome, pending);
    if left.contains(&true) {
        damped(context, worker, left, tolerance, outcome);
    }
    outcome.checks += leave(context, &mut worker.scratch, pending);
}

/// The principal branch from λ = 0 for every active lane, whether or not something faster would do.
pub(crate) fn continuation(
    context: Context<'_>,
    worker: &mut Worker,
    active: [bool; LANES],
    tolerance: f64,
) -> Outcome {
    let mut outcome = Outcome::none();
    trace(context, worker, active, tolerance, &mut outcome);
    outcome
}

/// Continuation for the lanes given.
fn trace(
    context: Context<'_>,
    worker: &mut Worker,
    lanes: [bool; LANES],
    tolerance: f64,
    outcome: &mut Outcome,
) {
    if !lanes.contains(&true) {
        return;
    }
    homotopy::follow(context, worker, lanes, tolerance, outcome);
    outcome.checks += leave(context, &mut worker.scratch, lanes);
}

/// Recomputes payoffs and strategies from the logits as they are left, and says how many evaluations that took. Where a method
/// ran off to logits that are no numbers, uniform play is left instead: not an equilibrium, and its residual says so.
fn leave(context: Context<'_>, scratch: &mut Scratch, active: [bool; LANES]) -> u64 {
    check(context, scratch);
    let lost = std::array::from_fn(|lane| active[lane] && !scratch.residual.0.0[lane].is_finite());
    if !lost.contains(&true) {
        return 1;
    }
    let logits = context.plan.logits;
    let kept: Vec<F8> = scratch.x[..logits].to_vec();
    uniform_start(context, scratch);
    restore(scratch, &kept, lost.map(|lane: bool| !lane), logits);
    check(context, scratch);
    2
}

pub(crate) fn failed(outcome: &Outcome, active: [bool; LANES]) -> [bool; LANES] {
    std::array::from_fn(|lane| active[lane] && outcome.how[lane] == How::Failed)
}

/// Newton steps with halving where the residual grows: the evaluations of a range, the first of which come after plain sweeps.
pub(crate) fn newton(
    context: Context<'_>,
    worker: &mut Worker,
    active: [bool; LANES],
    (start, evaluations): (Start, Range<usize>),
    tolerance: f64,
    search: &mut Search,
    outcome: &mut Outcome,
) {
    let logits = context.plan.logits;
    let Worker { scratch, history } = worker;
    history.x.resize(logits.max(history.x.len()), F8::ZERO);
    history.step.resize(logits.max(history.step.len()), F8::ZERO);
    let sweeps = if start == Start::Cold { 2 } else { 0 };
    let mut open = active;
    let Search { last, fraction, stepped } = search;
    let mut hopeful = false;
    for evaluation in evaluations {
        // Plain sweeps take no linear model, and neither does seeing that the last step was the last.
        let cheap = hopeful || evaluation < sweeps;
        if cheap {
            check(context, scratch);
            outcome.checks += 1;
        }
        let done = |lane: usize| !open[lane] || scratch.residual.0.0[lane] <= tolerance;
        if !cheap || (evaluation >= sweeps && !(0..LANES).all(done)) {
            evaluate_on(context, scratch);
            outcome.evaluations += 1;
        }
        let residual = scratch.residual.0.0;
        // How far each lane moves: 0 stays, else along `history.step` from `history.x`.
        let mut back = [false; LANES];
        for lane in 0..LANES {
            if !open[lane] {
                continue;
            }
            if residual[lane] <= tolerance {
                open[lane] = false;
                outcome.residual[lane] = residual[lane];
                outcome.how[lane] = if stepped[lane] { How::Newton } else { How::Iteration };
            } else if evaluation > sweeps && !(residual[lane] < last[lane]) && fraction[lane] > 1.0 / 32.0 {
                back[lane] = true;
                fraction[lane] *= 0.5;
            } else {
                last[lane] = residual[lane];
                fraction[lane] = 1.0;
                stepped[lane] |= evaluation >= sweeps;
            }
        }
        if !open.contains(&true) {
            return;
        }
        let near = |lane: usize| !open[lane] || residual[lane] <= HOPE * tolerance.sqrt();
        hopeful = (0..LANES).all(near);
        let direction = if evaluation < sweeps { &scratch.gap } else { &scratch.step };
        for i in 0..logits {
            let (x, gap, direction) = (&mut scratch.x[i].0, scratch.gap[i].0, direction[i].0);
            let (from, step) = (&mut history.x[i].0, &mut history.step[i].0);
            for lane in 0..LANES {
                let fresh = open[lane] && !back[lane];
                let reach = 10.0 + 2.0 * gap[lane].abs();
                let most = if direction[lane] > reach { reach } else { direction[lane] };
                let bounded = if most < -reach { -reach } else { most };
                from[lane] = if fresh { x[lane] } else { from[lane] };
                step[lane] = if fresh { bounded } else { step[lane] };
                let moved = from[lane] + fraction[lane] * step[lane];
                x[lane] = if open[lane] { moved } else { x[lane] };
            }
        }
    }
    for lane in 0..LANES {
        if open[lane] {
            outcome.residual[lane] = last[lane];
        }
    }
}

/// Damped iteration x ← x + ω (λQ + ln w − x) with the relaxation factor of Irons and Tuck (1969), a vector form of Aitken's.
fn damped(
    context: Context<'_>,
    worker: &mut Worker,
    active: [bool; LANES],
    tolerance: f64,
    outcome: &mut Outcome,
) {
    let logits = context.plan.logits;
    let Worker { scratch, history } = worker;
    history.kept.clear();
    history.kept.extend_from_slice(&scratch.x[..logits]);
    uniform_start(context, scratch);
    // Lanes that are done keep their logits.
    restore(scratch, &history.kept, active.map(|a| !a), logits);
    let mut omega = [0.5; LANES];
    let mut open = active;
    for evaluation in 0..DAMPED_EVALUATIONS {
        check(context, scratch);
        outcome.checks += 1;
        for lane in 0..LANES {
            if open[lane] && scratch.residual.0.0[lane] <= tolerance {
                open[lane] = false;
                outcome.how[lane] = How::Iteration;
                outcome.residual[lane] = scratch.residual.0.0[lane];
            }
        }
        if !open.contains(&true) {
            return;
        }
        if evaluation > 0 {
            let mut along = [0.0; LANES];
            let mut square = [0.0; LANES];
            for i in 0..logits {
                for lane in 0..LANES {
                    let change = scratch.gap[i].0[lane] - history.step[i].0[lane];
                    along[lane] += history.step[i].0[lane] * change;
                    square[lane] += change * change;
                }
            }
            for lane in 0..LANES {
                if square[lane] > 0.0 {
                    omega[lane] = (-omega[lane] * along[lane] / square[lane]).abs().clamp(0.02, 1.0);
                }
            }
        }
        for i in 0..logits {
            history.step[i] = scratch.gap[i];
            for lane in 0..LANES {
                if open[lane] {
                    scratch.x[i].0[lane] += omega[lane] * scratch.gap[i].0[lane];
                }
            }
        }
    }
}

/// Puts kept logits back into the lanes of `mask`.
pub(crate) fn restore(scratch: &mut Scratch, kept: &[F8], mask: [bool; LANES], logits: usize) {
    for (x, k) in scratch.x[..logits].iter_mut().zip(kept) {
        for lane in 0..LANES {
            if mask[lane] {
                x.0[lane] = k.0[lane];
            }
        }
    }
}
