//! Continuation in λ: the principal branch of the stage's quantal response correspondence.
//!
//! All precisions are multiplied by s. At s = 0 play is uniform and nothing is learned; the branch that starts there is followed
//! until s first reaches 1: by natural steps of s, eight beliefs together, as long as the branch moves forward in s; around turning
//! points by pseudo-arclength steps (Keller 1977; for quantal response Turocy 2005), one belief at a time.

use super::fixed_point::{How, Outcome, Start, Worker, evaluate_on, newton, restore, uniform_start};
use super::kernel::Context;
use super::lanes::{F8, LANES};

/// Most predictor steps along a branch.
const STEPS: usize = 2000;
/// Corrector evaluations before a step is halved.
const CORRECTIONS: usize = 6;

/// Smallest natural step of s; shorter ones mean a turning point.
const SMALLEST_STEP: f64 = 1.0 / 256.0;

/// Follows the principal branch for several lanes in natural steps of s, with secant predictors and Newton correctors.
///
/// Lanes that need a step below [`SMALLEST_STEP`] stay failed, with their logits as they were.
pub(crate) fn climb(
    context: Context<'_>,
    worker: &mut Worker,
    lanes: [bool; LANES],
    tolerance: f64,
    outcome: &mut Outcome,
) {
    let logits = context.plan.logits;
    let before: Vec<F8> = worker.scratch.x[..logits].to_vec();
    uniform_start(context, &mut worker.scratch);
    restore(&mut worker.scratch, &before, lanes.map(|l| !l), logits);
    let mut here: Vec<F8> = worker.scratch.x[..logits].to_vec();
    let mut last = here.clone();
    let (mut s, mut s_last, mut reach) = ([0.0; LANES], [0.0; LANES], [0.5; LANES]);
    let mut open = lanes;
    while open.contains(&true) {
        let mut next = F8::ONE;
        let mut slope = [0.0; LANES];
        for lane in 0..LANES {
            if open[lane] {
                next.0[lane] = f64::min(1.0, s[lane] + reach[lane]);
                if s[lane] > s_last[lane] {
                    slope[lane] = (next.0[lane] - s[lane]) / (s[lane] - s_last[lane]);
                }
            }
        }
        for i in 0..logits {
            for lane in (0..LANES).filter(|lane| open[*lane]) {
                let (now, then) = (here[i].0[lane], last[i].0[lane]);
                worker.scratch.x[i].0[lane] = now + slope[lane] * (now - then);
            }
        }
        let scaled: Vec<F8> = context.precision.iter().map(|p| *p * next).collect();
        let step = Context { precision: &scaled, ..context };
        // From uniform play the first steps are plain sweeps; later the secant is the better guess.
        let start = if s.iter().zip(open).any(|(s, o)| o && *s == 0.0) { Start::Cold } else { Start::Warm };
        let mut tried = Outcome::none();
        let clean = newton(step, worker, open, start, tolerance, &mut tried);
        outcome.add_effort(&tried);
        for lane in (0..LANES).filter(|lane| lanes[*lane]) {
            if !open[lane] {
                continue;
            }
            if clean[lane] {
                for i in 0..logits {
                    last[i].0[lane] = here[i].0[lane];
                    here[i].0[lane] = worker.scratch.x[i].0[lane];
                }
                s_last[lane] = s[lane];
                s[lane] = next.0[lane];
                reach[lane] *= 2.0;
                if s[lane] >= 1.0 {
                    open[lane] = false;
                    outcome.how[lane] = How::Homotopy;
                    outcome.residual[lane] = tried.residual[lane];
                }
            } else {
                reach[lane] *= 0.5;
                open[lane] = reach[lane] >= SMALLEST_STEP;
            }
        }
    }
    let reached = std::array::from_fn(|lane| lanes[lane] && outcome.how[lane] == How::Homotopy);
    worker.scratch.x[..logits].copy_from_slice(&before);
    restore(&mut worker.scratch, &here, reached, logits);
}

/// Follows the principal branch for one lane; leaves the logits in that lane of `worker.scratch.x`.
///
/// All lanes carry the same belief meanwhile; those of the other lanes are put back before returning.
pub(crate) fn follow(
    context: Context<'_>,
    worker: &mut Worker,
    lane: usize,
    tolerance: f64,
    outcome: &mut Outcome,
) {
    let logits = context.plan.logits;
    let slots = context.shape.slots;
    let kept: Vec<F8> = worker.scratch.x[..logits].to_vec();
    let roots: Vec<F8> = worker.scratch.beliefs[..slots].to_vec();
    for slot in 0..slots {
        worker.scratch.beliefs[slot] = F8::splat(roots[slot].0[lane]);
    }
    let columns = context.shape.dims + 2;
    worker.scratch.fit(context.plan, context.shape, columns);
    let found = Branch { context: Context { columns, ..context }, worker, outcome }.trace(lane, tolerance);
    worker.scratch.beliefs[..slots].copy_from_slice(&roots);
    worker.scratch.x[..logits].copy_from_slice(&kept);
    if let Some((x, residual)) = found {
        for (to, from) in worker.scratch.x[..logits].iter_mut().zip(&x) {
            to.0[lane] = *from;
        }
        outcome.how[lane] = How::Homotopy;
        outcome.residual[lane] = residual;
    }
}

struct Branch<'a> {
    context: Context<'a>,
    worker: &'a mut Worker,
    outcome: &'a mut Outcome,
}

/// One evaluation at (x, s): Newton step, tangent dx/ds, residual.
struct Point {
    step: Vec<f64>,
    tangent: Vec<f64>,
    residual: f64,
}

impl Branch<'_> {
    fn trace(&mut self, lane: usize, tolerance: f64) -> Option<(Vec<f64>, f64)> {
        let logits = self.context.plan.logits;
        uniform_start(self.context, &mut self.worker.scratch);
        let mut x: Vec<f64> = self.worker.scratch.x[..logits].iter().map(|v| v.0[lane]).collect();
        let mut s = 0.0;
        let mut previous: Option<(Vec<f64>, f64)> = None;
        let mut reach = 0.1;
        for _ in 0..STEPS {
            let here = self.at(&x, s);
            let norm = (here.tangent.iter().map(|t| t * t).sum::<f64>() + 1.0).sqrt();
            let mut direction: Vec<f64> = here.tangent.iter().map(|t| t / norm).collect();
            let mut along = 1.0 / norm;
            if let Some((d, a)) = &previous {
                let same = d.iter().zip(&direction).map(|(p, q)| p * q).sum::<f64>() + a * along;
                if same < 0.0 {
                    direction.iter_mut().for_each(|v| *v = -*v);
                    along = -along;
                }
            }
            let mut accepted = None;
            while reach > 1e-7 {
                // Do not step past the end: there the parameter is held and the step is a plain Newton solve.
                let last = along > 0.0 && s + reach * along >= 1.0;
                let length = if last { (1.0 - s) / along } else { reach };
                let guess: Vec<f64> = x.iter().zip(&direction).map(|(v, d)| v + length * d).collect();
                let at = if last { 1.0 } else { s + length * along };
                match self.correct(guess, at, &direction, along, last, tolerance) {
                    Some((next, at, residual, corrections)) => {
                        if last {
                            return Some((next, residual));
                        }
                        if corrections <= 3 {
                            reach *= 1.6;
                        }
                        accepted = Some((next, at));
                        break;
                    }
                    None => reach *= 0.5,
                }
            }
            (x, s) = accepted?;
            previous = Some((direction, along));
        }
        None
    }

    /// Newton on (F, arclength condition), or on F alone with s held.
    fn correct(
        &mut self,
        mut x: Vec<f64>,
        mut s: f64,
        direction: &[f64],
        along: f64,
        hold: bool,
        tolerance: f64,
    ) -> Option<(Vec<f64>, f64, f64, usize)> {
        // Points on the way only have to stay on the branch; the last one is the answer.
        let goal = if hold { tolerance } else { 1e-8 };
        for corrections in 0..CORRECTIONS + if hold { 10 } else { 0 } {
            let point = self.at(&x, s);
            if point.residual <= goal {
                return Some((x, s, point.residual, corrections));
            }
            let ds = if hold {
                0.0
            } else {
                let dot = |v: &[f64]| v.iter().zip(direction).map(|(p, q)| p * q).sum::<f64>();
                let divisor = dot(&point.tangent) + along;
                if divisor.abs() < 1e-12 {
                    return None;
                }
                -dot(&point.step) / divisor
            };
            for (v, (d, t)) in x.iter_mut().zip(point.step.iter().zip(&point.tangent)) {
                *v += d + t * ds;
            }
            s += ds;
            if !s.is_finite() || x.iter().any(|v| !v.is_finite()) || s < -0.5 {
                return None;
            }
        }
        None
    }

    fn at(&mut self, x: &[f64], s: f64) -> Point {
        for (to, from) in self.worker.scratch.x.iter_mut().zip(x) {
            *to = F8::splat(*from);
        }
        let scaled: Vec<F8> = self.context.precision.iter().map(|p| *p * F8::splat(s)).collect();
        let context = Context { precision: &scaled, precision_slope: self.context.precision, ..self.context };
        let scratch = &mut self.worker.scratch;
        evaluate_on(context, scratch);
        self.outcome.evaluations += 1;
        let first = |v: &[F8]| v[..x.len()].iter().map(|p| p.0[0]).collect::<Vec<f64>>();
        Point {
            step: first(&scratch.step),
            tangent: first(&scratch.tangent),
            residual: scratch.residual.0.0[0],
        }
    }
}
