//! A run of batches of one state in one period: where each starts, what became of it.

use crate::BeliefGrid;
use crate::equilibrium::Counts;
use crate::tolerance;

use super::fixed_point::{How, Outcome, Search, Start, Worker};
use super::lanes::{F8, LANES};
use super::plan::{Kind, Plan, Shape};
use super::scratch::Scratch;
use super::start::is_solved;

/// Most unconverged points listed by name.
pub(super) const EXAMPLES: usize = 20;

/// A run of batches of one state.
pub(super) struct Task<'t> {
    pub(super) state: usize,
    pub(super) first: usize,
    pub(super) values: &'t mut [f64],
    /// Continuation values: `[table][grid point][stride]`.
    pub(super) tables: &'t [f64],
    pub(super) last: &'t mut [F8],
    pub(super) before: &'t mut [F8],
    pub(super) earlier: &'t mut [F8],
    /// `[grid point][logit]`; empty where they are not kept.
    pub(super) kept: &'t mut [f32],
    /// `[batch][strategy]`; empty where it is not kept.
    pub(super) play: &'t mut [F8],
    pub(super) periods: u32,
}

/// A belief whose stage Newton's method did not solve at once: where it stands.
pub(super) struct Pending {
    /// Batch within the task, and lane.
    pub(super) at: (usize, usize),
    pub(super) root: Vec<f64>,
    /// Logits, the last point and the step from it.
    pub(super) x: Vec<f64>,
    pub(super) from: Vec<f64>,
    pub(super) step: Vec<f64>,
    pub(super) last: f64,
    pub(super) fraction: f64,
    pub(super) stepped: bool,
    pub(super) start: Start,
}

/// What a task reports.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) counts: Counts,
    pub(super) failed: Vec<(usize, usize, f64)>,
    pub(super) approximate: bool,
}

impl Task<'_> {
    /// Takes over what was found in all lanes of a batch.
    pub(super) fn put_batch(
        &mut self,
        (shape, plan): (&Shape, &Plan),
        scratch: &Scratch,
        batch: usize,
        count: usize,
    ) {
        self.last[batch * plan.logits..(batch + 1) * plan.logits].copy_from_slice(&scratch.x[..plan.logits]);
        for lane in 0..count {
            self.put_point((shape, plan), (scratch, lane), batch * LANES + lane);
        }
        if !self.play.is_empty() {
            let play = &mut self.play[batch * plan.strategies..(batch + 1) * plan.strategies];
            each_play((shape, plan), scratch, |s, probability| play[s] = probability);
        }
    }

    /// Takes over what was found in one lane, as that of another lane of a batch.
    pub(super) fn put_lane(
        &mut self,
        (shape, plan): (&Shape, &Plan),
        (scratch, from): (&Scratch, usize),
        (batch, lane): (usize, usize),
    ) {
        self.put_point((shape, plan), (scratch, from), batch * LANES + lane);
        let own = &mut self.last[batch * plan.logits..(batch + 1) * plan.logits];
        for (to, x) in own.iter_mut().zip(&scratch.x) {
            to.0[lane] = x.0[from];
        }
        if !self.play.is_empty() {
            let play = &mut self.play[batch * plan.strategies..(batch + 1) * plan.strategies];
            each_play((shape, plan), scratch, |s, probability| play[s].0[lane] = probability.0[from]);
        }
    }

    /// Payoffs, and logits where they are kept by grid point.
    fn put_point(
        &mut self,
        (shape, plan): (&Shape, &Plan),
        (scratch, from): (&Scratch, usize),
        point: usize,
    ) {
        let slots = shape.slots;
        for (to, value) in self.values[point * slots..(point + 1) * slots].iter_mut().zip(&scratch.values) {
            *to = value.0[from];
        }
        let kept = self.kept.get_mut(point * plan.logits..(point + 1) * plan.logits).unwrap_or(&mut []);
        for (to, x) in kept.iter_mut().zip(&scratch.x) {
            *to = x.0[from] as f32;
        }
    }
}

/// What is played, by strategy: what was played and what is best differ by the residual; beliefs follow what was played.
fn each_play((shape, plan): (&Shape, &Plan), scratch: &Scratch, mut each: impl FnMut(usize, F8)) {
    for node in &plan.nodes {
        let (source, kinds) = match node.kind {
            Kind::Typed { player, .. } => (&scratch.played, shape.types[player]),
            Kind::Open { .. } => (&scratch.best, 1),
            _ => continue,
        };
        for edge in &plan.edges[node.first..node.last] {
            for s in edge.strategy..edge.strategy + kinds {
                each(s, source[s]);
            }
        }
    }
}

impl Pending {
    pub(super) fn new(
        worker: &Worker,
        roots: &[F8],
        logits: usize,
        at: (usize, usize),
        search: &Search,
        start: Start,
    ) -> Self {
        let lane = at.1;
        let column = |rows: &[F8]| rows[..logits].iter().map(|x| x.0[lane]).collect();
        Self {
            at,
            root: roots.iter().map(|b| b.0[lane]).collect(),
            x: column(&worker.scratch.x),
            from: column(&worker.history.x),
            step: column(&worker.history.step),
            last: search.last[lane],
            fraction: search.fraction[lane],
            stepped: search.stepped[lane],
            start,
        }
    }

    /// Puts it into a lane.
    pub(super) fn load(&self, worker: &mut Worker, lane: usize, search: &mut Search) {
        let put = |rows: &mut [F8], own: &[f64]| {
            for (row, x) in rows.iter_mut().zip(own) {
                row.0[lane] = *x;
            }
        };
        put(&mut worker.scratch.beliefs, &self.root);
        put(&mut worker.scratch.x, &self.x);
        put(&mut worker.history.x, &self.from);
        put(&mut worker.history.step, &self.step);
        search.last[lane] = self.last;
        search.fraction[lane] = self.fraction;
        search.stepped[lane] = self.stepped;
    }
}

impl Tally {
    /// Counts a belief: `seen` is its residual as it was left, `point` its state and grid point.
    pub(super) fn count(
        &mut self,
        outcome: &Outcome,
        reached: Option<[f64; LANES]>,
        lane: usize,
        seen: f64,
        point: (usize, usize),
    ) {
        let counts = &mut self.counts;
        counts.points += 1;
        match outcome.how[lane] {
            How::Iteration => counts.iteration += 1,
            How::Newton => counts.newton += 1,
            How::Homotopy => counts.homotopy += 1,
            How::Failed => counts.not_converged += 1,
        }
        if is_solved(outcome.how[lane]) {
            counts.worst_residual = counts.worst_residual.max(outcome.residual[lane]);
        } else {
            counts.worst_residual = counts.worst_residual.max(seen);
            self.approximate |= seen > tolerance::APPROXIMATE_RESIDUAL;
            if self.failed.len() < EXAMPLES {
                self.failed.push((point.0, point.1, seen));
            }
        }
        if let Some(reached) = reached {
            let so_far = counts.largest_precision.unwrap_or(f64::INFINITY);
            counts.largest_precision = Some(so_far.min(reached[lane]));
        }
    }
}

/// `[batch][slot]`: the beliefs of a grid, eight at a time; the last batch repeats its last point.
pub(super) fn roots(grid: &BeliefGrid, slots: usize) -> Vec<F8> {
    let mut out = vec![F8::ZERO; grid.points().div_ceil(LANES) * slots];
    for (batch, own) in out.chunks_exact_mut(slots.max(1)).enumerate() {
        for lane in 0..LANES {
            let point = (batch * LANES + lane).min(grid.points() - 1);
            for (root, b) in own.iter_mut().zip(grid.belief(point)) {
                root.0[lane] = b;
            }
        }
    }
    out
}

/// Steps that grow from period to period are taken to grow by no more than this factor.
const GROWTH: f64 = 1.5;

/// The logits to start from: those of the last period and one step more. Over three periods steps change by a constant factor, as they do on the way to
/// where play comes to rest; over two they are alike; before that there is none, or no start at all.
pub(super) fn guess(x: &mut [F8], [last, before, earlier]: [&[F8]; 3], periods: u32) -> Start {
    match periods {
        0 => return Start::Cold,
        1 => x[..last.len()].copy_from_slice(last),
        2 => {
            for ((x, last), before) in x.iter_mut().zip(last).zip(before) {
                *x = *last + (*last - *before);
            }
        }
        _ => {
            for (((x, last), before), earlier) in x.iter_mut().zip(last).zip(before).zip(earlier) {
                for lane in 0..LANES {
                    let slope = last.0[lane] - before.0[lane];
                    let steeper = before.0[lane] - earlier.0[lane];
                    // Where a step is more than twice the next or turned back, the factor means nothing.
                    let steady = (slope - steeper).abs() < slope.abs();
                    let factor = if steady { (slope / steeper).min(GROWTH) } else { 1.0 };
                    x.0[lane] = last.0[lane] + factor * slope;
                }
            }
        }
    }
    Start::Warm
}
