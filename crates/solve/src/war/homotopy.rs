//! Continuation in λ: the principal branch of the stage's quantal response correspondence.
//!
//! All precisions are multiplied by s. At s = 0 play is uniform and nothing is learned; the branch that starts there is followed
//! until s first reaches 1, around turning points too, by pseudo-arclength steps (Keller 1977; for quantal response Turocy 2005):
//! a quadratic predictor along the last two unit tangents, and Newton's method on the fixed point together with the arclength
//! condition ⟨direction, (x, s) − predicted⟩ = 0. Eight beliefs are followed together, each with its own s, step and turning
//! points: what one lane does never depends on the others.
//!
//! Continuation values are piecewise linear in beliefs, so the branch has kinks where a posterior passes from one cell of the grid
//! to the next. Where it turns by a right angle or more, no step along the old tangent meets the branch again, however short. There the
//! tangent just behind the kink is taken. Which of its two directions leads on is told by the sign of the Jacobian's determinant:
//! along the branch sign(det) · sign(ds) never changes, around turning points and kinks alike.

use super::fixed_point::{How, Outcome, Worker, evaluate_on, restore, uniform_start};
use super::kernel::Context;
use super::lanes::{F8, LANES};

/// Most corrections before a shorter step is tried.
const CORRECTIONS: usize = 6;
/// Most corrections at the end of the branch, where s is held and the answer is wanted.
const LAST_CORRECTIONS: usize = 16;
/// Residual on the way. It is as small as at the end, because a point just beyond a kink that passes for one on the branch has the tangent of the
/// wrong side.
const ON_THE_WAY: f64 = 1e-10;
/// First step and shortest step, in logits.
const FIRST_STEP: f64 = 0.25;
const SHORTEST_STEP: f64 = 1e-7;
/// A step that failed is tried again at this share of its length.
const SHORTER: f64 = 0.25;
/// Step below which a kink is looked for; how much shorter the next step is before it is looked for again.
const KINK_STEP: f64 = 1e-3;
const KINK_AGAIN: f64 = 1.0 / 64.0;
/// Tangents before and behind a kink differ by more than this cosine.
const KINK: f64 = 1.0 - 1e-5;
/// First step behind a kink, in steps before it; how often a longer one is tried, and how much longer.
const BEHIND: f64 = 8.0;
const TRIES: usize = 3;
const FARTHER: f64 = 4.0;
/// Steps whose tangents turn by more than this cosine are shortened, as long as they are longer than [`ANY_TURN`].
const TURN: f64 = 0.5;
const ANY_TURN: f64 = 1e-2;
/// A correction must reduce the residual by this factor from the second one on.
const CONTRACTION: f64 = 0.5;

/// Follows the principal branch for the lanes in `mask`; leaves their logits in `worker.scratch.x` where they arrived, and those
/// of all other lanes as they were.
pub(crate) fn follow(
    context: Context<'_>,
    worker: &mut Worker,
    mask: [bool; LANES],
    tolerance: f64,
    outcome: &mut Outcome,
) {
    let logits = context.plan.logits;
    let columns = context.shape.dims + 2;
    let scratch = &mut worker.scratch;
    scratch.fit(context.plan, context.shape, columns);
    let before: Vec<F8> = scratch.x[..logits].to_vec();
    uniform_start(context, scratch);
    restore(scratch, &before, mask.map(|lane| !lane), logits);
    let mut branches = Branches {
        most: context.branch_points,
        lanes: [Lane::default(); LANES],
        from: scratch.x[..logits].to_vec(),
        direction: vec![F8::ZERO; logits],
        earlier: vec![F8::ZERO; logits],
        behind: vec![F8::ZERO; logits],
    };
    let mut open = mask;
    let mut arrived = [false; LANES];
    while open.contains(&true) {
        let mut s = F8::ONE;
        for lane in (0..LANES).filter(|lane| open[*lane]) {
            s.0[lane] = branches.lanes[lane].tried;
        }
        let scaled: Vec<F8> = context.precision.iter().map(|p| *p * s).collect();
        let at = Context { columns, precision: &scaled, precision_slope: context.precision, ..context };
        evaluate_on(at, scratch);
        outcome.evaluations += 1;
        let residual = scratch.residual.0.0;
        for lane in 0..LANES {
            if !open[lane] {
                continue;
            }
            let point = Evaluated {
                x: &mut scratch.x[..logits],
                step: &scratch.step[..logits],
                tangent: &scratch.tangent[..logits],
                residual: residual[lane],
                turned: scratch.index.0[lane],
            };
            match branches.advance(lane, point, tolerance) {
                Progress::Going => {}
                Progress::Arrived => {
                    (open[lane], arrived[lane]) = (false, true);
                    outcome.how[lane] = How::Homotopy;
                    outcome.residual[lane] = residual[lane];
                }
                Progress::Lost => open[lane] = false,
            }
        }
    }
    restore(scratch, &before, arrived.map(|lane| !lane), logits);
}

/// How far the branch of one lane has been followed.
#[derive(Clone, Copy, Debug)]
struct Lane {
    /// s at the last point on the branch, and of the unit tangent there and at the point before.
    s: f64,
    along: f64,
    along_earlier: f64,
    /// Length of the step between these two points; 0 where there is no point before.
    length: f64,
    /// Points on the branch so far.
    points: usize,
    /// Length of the next step.
    reach: f64,
    /// The point being tried: its s, the length of the step to it, whether it is held at s = 1.
    tried: f64,
    step: f64,
    hold: bool,
    corrections: usize,
    residual: f64,
    mode: Mode,
    /// Step below which a kink is looked for, and of the tangent behind it.
    kink: f64,
    along_behind: f64,
}

/// What the next step is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Along the branch.
    Along,
    /// To see the tangent behind a kink.
    Look,
    /// Along that tangent, for the so-manieth time.
    Turn(usize),
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            s: 0.0,
            along: 1.0,
            along_earlier: 1.0,
            length: 0.0,
            points: 0,
            reach: FIRST_STEP,
            tried: 0.0,
            step: 0.0,
            hold: false,
            corrections: 0,
            residual: f64::INFINITY,
            mode: Mode::Along,
            kink: KINK_STEP,
            along_behind: 0.0,
        }
    }
}

/// What one evaluation says about a lane, and the logits to evaluate next.
struct Evaluated<'a> {
    x: &'a mut [F8],
    /// Newton step with s held.
    step: &'a [F8],
    /// dx/ds
    tangent: &'a [F8],
    residual: f64,
    /// Whether the determinant of the Jacobian is negative: the branch runs towards smaller s.
    turned: bool,
}

enum Progress {
    Going,
    Arrived,
    Lost,
}

/// The branches of all lanes.
struct Branches {
    /// Most points along a branch.
    most: usize,
    lanes: [Lane; LANES],
    /// `[logit]`: the last point, the unit tangent there, the one at the point before, and one behind a kink.
    from: Vec<F8>,
    direction: Vec<F8>,
    earlier: Vec<F8>,
    behind: Vec<F8>,
}

impl Branches {
    /// Takes an evaluation at the point tried: accepts it and predicts the next one, corrects it, or goes back for another step.
    fn advance(&mut self, lane: usize, mut point: Evaluated<'_>, tolerance: f64) -> Progress {
        let own = self.lanes[lane];
        if own.mode == Mode::Look {
            return self.look(lane, &mut point);
        }
        let goal = if own.hold { tolerance } else { ON_THE_WAY };
        if point.residual <= goal {
            if own.hold {
                return Progress::Arrived;
            }
            return if self.accept(lane, &point) {
                self.predict(lane, &mut point)
            } else {
                self.again(lane, &mut point)
            };
        }
        let most = if own.hold { LAST_CORRECTIONS } else { CORRECTIONS };
        let slow = own.corrections >= 2 && !(point.residual < CONTRACTION * own.residual);
        if own.corrections >= most || slow || !self.correct(lane, &mut point) {
            return self.again(lane, &mut point);
        }
        Progress::Going
    }

    /// Makes the point tried the last one on the branch, unless the branch turns too sharply there to be the same.
    fn accept(&mut self, lane: usize, point: &Evaluated<'_>) -> bool {
        let own = self.lanes[lane];
        let (scale, same) = self.compare(lane, point, &self.direction, own.along);
        let turning = matches!(own.mode, Mode::Turn(_));
        let lost = if turning {
            // What lies on the old side of the kink has the old tangent.
            let (_, ahead) = self.compare(lane, point, &self.behind, own.along_behind);
            !(ahead > same)
        } else {
            own.points > 0 && !(same > TURN) && own.step > ANY_TURN
        };
        if lost || !(scale.abs() > 0.0) {
            return false;
        }
        for (i, t) in point.tangent.iter().enumerate() {
            self.earlier[i].0[lane] = self.direction[i].0[lane];
            self.direction[i].0[lane] = scale * t.0[lane];
            self.from[i].0[lane] = point.x[i].0[lane];
        }
        let next = &mut self.lanes[lane];
        next.along_earlier = own.along;
        next.along = scale;
        next.length = if own.points > 0 && !turning { own.step } else { 0.0 };
        next.s = own.tried;
        next.points += 1;
        next.mode = Mode::Along;
        next.kink = KINK_STEP;
        next.reach *= match own.corrections {
            0..=2 => 2.0,
            3 => 1.4,
            4 => 1.0,
            _ => 0.7,
        };
        true
    }

    /// What makes the tangent at a point, dx/ds with ds = 1, the unit tangent along the branch, and its cosine with a direction.
    fn compare(&self, lane: usize, point: &Evaluated<'_>, direction: &[F8], along: f64) -> (f64, f64) {
        let (mut square, mut same) = (1.0, along);
        for (t, d) in point.tangent.iter().zip(direction) {
            square += t.0[lane] * t.0[lane];
            same += t.0[lane] * d.0[lane];
        }
        let scale = if point.turned { -1.0 } else { 1.0 } / f64::sqrt(square);
        (scale, scale * same)
    }

    /// Tries another step: shorter, or around a kink.
    fn again(&mut self, lane: usize, point: &mut Evaluated<'_>) -> Progress {
        let own = &mut self.lanes[lane];
        match own.mode {
            Mode::Turn(tries) if tries + 1 < TRIES => {
                own.mode = Mode::Turn(tries + 1);
                own.reach *= FARTHER;
            }
            Mode::Turn(_) => {
                own.mode = Mode::Along;
                own.reach = own.kink;
            }
            Mode::Along if own.step < own.kink => {
                own.reach = own.step;
                own.mode = Mode::Look;
                own.kink = own.step * KINK_AGAIN;
            }
            Mode::Along | Mode::Look => own.reach *= SHORTER,
        }
        self.predict(lane, point)
    }

    /// Takes the tangent at the point tried as the one behind a kink, if there is one.
    fn look(&mut self, lane: usize, point: &mut Evaluated<'_>) -> Progress {
        let (scale, same) = self.compare(lane, point, &self.direction, self.lanes[lane].along);
        let own = &mut self.lanes[lane];
        if !(scale.abs() > 0.0) || same > KINK {
            own.mode = Mode::Along;
            own.reach *= SHORTER;
            return self.predict(lane, point);
        }
        for (d, t) in self.behind.iter_mut().zip(point.tangent) {
            d.0[lane] = scale * t.0[lane];
        }
        own.along_behind = scale;
        own.mode = Mode::Turn(0);
        own.reach *= BEHIND;
        self.predict(lane, point)
    }

    /// The next point to try: not past the end, where s is held and the step is a plain Newton solve.
    fn predict(&mut self, lane: usize, point: &mut Evaluated<'_>) -> Progress {
        let own = &mut self.lanes[lane];
        if own.points > self.most || !(own.reach > SHORTEST_STEP) {
            return Progress::Lost;
        }
        let turning = matches!(own.mode, Mode::Turn(_));
        let (direction, along) =
            if turning { (&self.behind, own.along_behind) } else { (&self.direction, own.along) };
        own.hold = own.mode == Mode::Along && along > 0.0 && own.s + own.reach * along >= 1.0;
        own.step = if own.hold { (1.0 - own.s) / along } else { own.reach };
        let bend = if own.length > 0.0 && own.mode == Mode::Along {
            own.step * own.step / (2.0 * own.length)
        } else {
            0.0
        };
        own.tried =
            if own.hold { 1.0 } else { own.s + own.step * along + bend * (along - own.along_earlier) };
        for (i, x) in point.x.iter_mut().enumerate() {
            let (now, then) = (direction[i].0[lane], self.earlier[i].0[lane]);
            x.0[lane] = self.from[i].0[lane] + own.step * now + bend * (now - then);
        }
        own.corrections = 0;
        own.residual = f64::INFINITY;
        Progress::Going
    }

    /// Newton on the fixed point and the arclength condition, or on the fixed point alone with s held.
    fn correct(&mut self, lane: usize, point: &mut Evaluated<'_>) -> bool {
        let own = &mut self.lanes[lane];
        let turning = matches!(own.mode, Mode::Turn(_));
        let (direction, along) =
            if turning { (&self.behind, own.along_behind) } else { (&self.direction, own.along) };
        let mut ds = 0.0;
        if !own.hold {
            let (mut step, mut tangent) = (0.0, along);
            for (d, (p, t)) in direction.iter().zip(point.step.iter().zip(point.tangent)) {
                step += d.0[lane] * p.0[lane];
                tangent += d.0[lane] * t.0[lane];
            }
            if tangent.abs() < 1e-12 {
                return false;
            }
            ds = -step / tangent;
        }
        let mut finite = true;
        for (x, (p, t)) in point.x.iter_mut().zip(point.step.iter().zip(point.tangent)) {
            x.0[lane] += p.0[lane] + t.0[lane] * ds;
            finite &= x.0[lane].is_finite();
        }
        own.tried += ds;
        own.corrections += 1;
        own.residual = point.residual;
        finite && own.tried.is_finite() && own.tried > -0.5
    }
}
