//! The agent quantal response correspondence, followed from λ = 0.
//!
//! Natural steps of λ with a second-order predictor and Newton correctors as long as the branch moves forward in λ; around turning points
//! pseudo-arclength steps (Keller 1977; for quantal response Turocy 2005, 2010). The sign of the determinant of the Jacobian is watched:
//! where it changes although λ goes on in the same direction, another branch crosses.

use serde::Serialize;

use crate::Control;

/// A game as the path sees it: unknowns are the logarithms of choice probabilities.
pub(crate) trait Correspondence {
    /// Number of unknowns.
    fn unknowns(&self) -> usize;
    /// Uniform play.
    fn uniform(&self) -> Vec<f64>;
    /// Evaluates at `y` and λ: Newton step and tangent are ready afterwards. Returns max |played − best|.
    fn evaluate(&mut self, y: &[f64], lambda: f64) -> f64;
    /// Makes probabilities sum to 1.
    fn normalize(&self, y: &mut [f64]);
    /// Newton step at fixed λ.
    fn step(&self) -> &[f64];
    /// dy/dλ along the branch, as far as the linear model goes.
    fn tangent(&self) -> &[f64];
    /// max |λQ − ln Σ exp λQ − y| of the last evaluation: the residual in logarithms, which sees vanishing probabilities too.
    fn gap(&self) -> f64;
    /// max over information sets of Σ σ |λQ − ln Σ exp λQ − y| of the last evaluation: how far off what is played is, whatever the number
    /// of actions.
    fn distance(&self) -> f64;
    /// Choice probabilities of the last evaluation.
    fn played(&self) -> &[f64];
    /// Sign of the determinant of the Jacobian.
    fn sign(&self) -> f64;
}

/// How far and how finely to follow the correspondence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathSettings {
    /// Stop at this λ.
    pub max_lambda: f64,
    /// Largest residual |played − best| of a point of the path; where λ is so large that round-off alone makes more, what round-off makes.
    pub residual: f64,
    /// Most points.
    pub max_points: usize,
    /// Points wanted at exactly these λ, in ascending order, besides those the step control chooses; none of them inside a stretch where the
    /// branch turns back.
    pub at: Vec<f64>,
    /// Solve in general form even where there is a public one: slow, and the check of the other.
    pub general: bool,
}

impl Default for PathSettings {
    fn default() -> Self {
        Self { max_lambda: 1e6, residual: 1e-10, max_points: 5000, at: Vec::new(), general: false }
    }
}

/// A point of the correspondence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathPoint {
    /// Precision.
    pub lambda: f64,
    /// Choice probabilities, by action of the game.
    pub profile: Vec<f64>,
    /// max |played − best response at λ|.
    pub residual: f64,
}

/// Something the path met.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum PathEvent {
    /// The branch turned back in λ, or forward again, near here.
    Turning {
        /// Where.
        lambda: f64,
    },
    /// Another branch crosses between these: the Jacobian's determinant changed its sign, the direction in λ did not.
    Bifurcation {
        /// Last λ before.
        from: f64,
        /// First λ after.
        to: f64,
    },
}

/// Why the path ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PathEnd {
    /// The λ asked for was reached.
    Reached,
    /// Steps became too small: at large λ because double precision is used up.
    Stalled,
    /// The number of points was used up.
    Points,
    /// Stopped on request.
    Cancelled,
}

/// What following the correspondence took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PathCounts {
    /// Points accepted.
    pub points: u64,
    /// Evaluations with Newton step and tangent.
    pub evaluations: u64,
}

/// A point while the path is followed: logarithms of probabilities.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) lambda: f64,
    pub(crate) y: Vec<f64>,
    pub(crate) residual: f64,
}

/// The path with logarithms of probabilities.
#[derive(Debug)]
pub(crate) struct RawPath {
    pub(crate) points: Vec<Raw>,
    pub(crate) events: Vec<PathEvent>,
    pub(crate) end: PathEnd,
    pub(crate) counts: PathCounts,
}

/// Corrector evaluations before a step is halved.
const CORRECTIONS: usize = 8;
/// First step in λ, per unit of the largest payoff difference.
const FIRST: f64 = 0.1;
/// Step control aims at this distance of the predictor: Newton squares it twice to far below any tolerance.
const AIM: f64 = 0.02;
/// Largest factor between steps, and between λ + `FIRST` and the next.
const GROWTH: f64 = 3.0;
const REACH: f64 = 10.0;
/// Natural steps shorter than this share of λ mean a turning point.
const SMALLEST: f64 = 1e-4;
/// Smallest cosine between the directions of two arclength steps.
const STRAIGHT: f64 = 0.8;
/// Crossings are bracketed to this share of λ.
const BRACKET: f64 = 1e-3;
/// Arclength steps shorter than this are a stall.
const STALL: f64 = 1e-9;
/// Largest distance of a prediction, and most of it that a Newton step may leave.
const FAR: f64 = 0.3;
const CONTRACTION: f64 = 0.2;
/// Units in the last place of a payoff by which choices may be off.
const ROUND_OFF: f64 = 64.0;
/// Steps off a crossing that are tried, and the change of λ, in its units, above which a step found something else than the branch that crosses.
const FORK: [f64; 5] = [0.05, 0.02, 0.1, 0.01, 0.003];
const SAME_POINT: f64 = 0.5;
/// Steps around a turning point after which natural steps are tried again.
const AROUND: usize = 4;

pub(crate) fn follow<C: Correspondence>(
    game: &mut C,
    scale: f64,
    settings: &PathSettings,
    control: &Control<'_>,
) -> RawPath {
    let mut tracer = Tracer::new(game, scale, settings);
    tracer.path.end = tracer.run(control);
    tracer.path.counts.points = tracer.path.points.len() as u64;
    tracer.path
}

/// A point at which branches cross, and the direction in which another one leaves.
pub(crate) struct Fork<'a> {
    pub(crate) y: &'a [f64],
    pub(crate) lambda: f64,
    /// Null direction of the Jacobian, with Σ σ d² = 1.
    pub(crate) direction: &'a [f64],
}

/// Follows the branch that leaves a crossing in a direction; `None` where no point on it was found.
pub(crate) fn follow_fork<C: Correspondence>(
    game: &mut C,
    scale: f64,
    fork: &Fork<'_>,
    settings: &PathSettings,
    control: &Control<'_>,
) -> Option<RawPath> {
    let mut tracer = Tracer::new(game, scale, settings);
    tracer.path.end = tracer.run_fork(fork, control)?;
    tracer.path.counts.points = tracer.path.points.len() as u64;
    Some(tracer.path)
}

struct Tracer<'a, C> {
    game: &'a mut C,
    settings: &'a PathSettings,
    /// λ that makes the largest payoff difference 1.
    unit: f64,
    path: RawPath,
}

/// Where the path stands.
struct Here {
    y: Vec<f64>,
    lambda: f64,
    tangent: Vec<f64>,
    sign: f64,
    residual: f64,
}

impl<'a, C: Correspondence> Tracer<'a, C> {
    fn new(game: &'a mut C, scale: f64, settings: &'a PathSettings) -> Self {
        Self {
            unit: if scale > 0.0 { 1.0 / scale } else { 1.0 },
            path: RawPath {
                points: Vec::new(),
                events: Vec::new(),
                end: PathEnd::Points,
                counts: PathCounts::default(),
            },
            game,
            settings,
        }
    }

    fn run(&mut self, control: &Control<'_>) -> PathEnd {
        let y = self.game.uniform();
        let here = self.arrive(y, 0.0);
        self.keep(&here);
        self.advance(here, control)
    }

    /// Steps off the branch that passes a crossing, and follows the other one.
    fn run_fork(&mut self, fork: &Fork<'_>, control: &Control<'_>) -> Option<PathEnd> {
        let unit = fork.lambda + FIRST * self.unit;
        let start = Here {
            y: fork.y.to_vec(),
            lambda: fork.lambda,
            tangent: Vec::new(),
            sign: 0.0,
            residual: f64::NAN,
        };
        let (next, reach) = FORK.iter().find_map(|reach| {
            let (next, _) = self.arc(&start, fork.direction, 0.0, *reach, unit)?;
            let same = (next.lambda - fork.lambda).abs() > SAME_POINT * unit;
            (!same).then_some((next, *reach))
        })?;
        // The way from the crossing says which way to go on.
        let way: Vec<f64> = next.y.iter().zip(fork.y).map(|(y, old)| y - old).collect();
        let (d, along) = self.direction(unit, Some((&way, (next.lambda - fork.lambda) / unit)));
        self.keep(&next);
        Some(match self.arcs(next, d, along, 0.5 * reach, unit, control) {
            Ok(here) => self.advance(here, control),
            Err(end) => end,
        })
    }

    /// Natural steps from a point of the branch, with arclength steps where they fail.
    fn advance(&mut self, mut here: Here, control: &Control<'_>) -> PathEnd {
        // The last two points behind `here`, nearest first.
        let mut behind: Vec<Here> = Vec::new();
        let mut secant = false;
        let mut step = FIRST * self.unit;
        let mut wanted = self.settings.at.iter().copied().filter(|at| *at > 0.0).peekable();
        while self.path.points.len() < self.settings.max_points {
            if control.cancel.is_canceled() {
                return PathEnd::Cancelled;
            }
            control.report("following the branch", self.path.points.len() as u64, None);
            let mut next = (here.lambda + step).min(self.settings.max_lambda);
            if let Some(at) = wanted.peek() {
                next = next.min(*at);
            }
            match self.forward(&here, &behind, next, secant) {
                // The determinant changes its sign where branches cross, or because the step went to another one: a short step tells.
                Some((found, _))
                    if found.sign != here.sign
                        && next - here.lambda > BRACKET * (here.lambda + FIRST * self.unit) =>
                {
                    step = (next - here.lambda) / 4.0;
                }
                Some((found, seen)) => {
                    // The predictor's error is of third order where there is a point behind, else of second.
                    let order = if behind.is_empty() { 0.5 } else { 1.0 / 3.0 };
                    secant = self.secant_was_better(&here, &behind, &found);
                    let factor = (AIM / seen.max(1e-12)).powf(order).clamp(0.3, GROWTH);
                    step = ((next - here.lambda) * factor).min(REACH * (next + FIRST * self.unit));
                    if wanted.peek().is_some_and(|at| *at <= next) {
                        wanted.next();
                    }
                    if found.sign != here.sign {
                        self.path.events.push(PathEvent::Bifurcation { from: here.lambda, to: found.lambda });
                    }
                    behind.insert(0, std::mem::replace(&mut here, found));
                    behind.truncate(2);
                    self.keep(&here);
                    if here.lambda >= self.settings.max_lambda {
                        return PathEnd::Reached;
                    }
                }
                None => {
                    step = (next - here.lambda) / 4.0;
                    if step < SMALLEST * (here.lambda + FIRST * self.unit) {
                        match self.around(here, control) {
                            Ok(found) => here = found,
                            Err(end) => return end,
                        }
                        behind.clear();
                        secant = false;
                        step = 10.0 * SMALLEST * (here.lambda + FIRST * self.unit);
                        while wanted.peek().is_some_and(|at| *at <= here.lambda) {
                            wanted.next();
                        }
                    }
                }
            }
        }
        PathEnd::Points
    }

    /// The residual that can be asked for: payoffs are known to a few units in the last place, and λ multiplies what they are off by.
    fn tolerance(&self, lambda: f64) -> f64 {
        self.settings.residual.max(ROUND_OFF * f64::EPSILON * lambda / self.unit)
    }

    /// The same for logarithms: vanishing probabilities matter through the beliefs they leave behind.
    fn loose(&self, lambda: f64) -> f64 {
        (1e4 * self.tolerance(lambda)).max(1e-6)
    }

    fn evaluate(&mut self, y: &[f64], lambda: f64) -> f64 {
        self.path.counts.evaluations += 1;
        self.game.evaluate(y, lambda)
    }

    /// The state at a point that is on the branch.
    fn arrive(&mut self, mut y: Vec<f64>, lambda: f64) -> Here {
        self.game.normalize(&mut y);
        let residual = self.evaluate(&y, lambda);
        Here { lambda, tangent: self.game.tangent().to_vec(), sign: self.game.sign(), residual, y }
    }

    fn keep(&mut self, here: &Here) {
        self.path.points.push(Raw { lambda: here.lambda, y: here.y.clone(), residual: here.residual });
    }

    /// What the points behind and their tangents let expect at `lambda`.
    fn predict(&self, here: &Here, behind: &[Here], lambda: f64, secant: bool) -> Vec<f64> {
        let change = lambda - here.lambda;
        match behind {
            // Through three points, without tangents: at large λ the Jacobian is ill-conditioned, the points are not.
            [one, two, ..] if secant => {
                let weight = |at: f64, a: f64, b: f64| (lambda - a) * (lambda - b) / ((at - a) * (at - b));
                let (h, i, j) = (here.lambda, one.lambda, two.lambda);
                let (p, q, r) = (weight(h, i, j), weight(i, h, j), weight(j, h, i));
                let rows = here.y.iter().zip(&one.y).zip(&two.y);
                rows.map(|((y, one), two)| p * y + q * one + r * two).collect()
            }
            // y(λ + h) = y + h t + h² (t − t₋) / (2 (λ − λ₋)).
            [one, ..] => {
                let curve = 0.5 * change * change / (here.lambda - one.lambda);
                let rows = here.y.iter().zip(&here.tangent).zip(&one.tangent);
                rows.map(|((y, t), old)| y + change * t + curve * (t - old)).collect()
            }
            [] => here.y.iter().zip(&here.tangent).map(|(y, t)| y + change * t).collect(),
        }
    }

    /// Which of the two predictors would have come closer to the point found.
    fn secant_was_better(&self, here: &Here, behind: &[Here], found: &Here) -> bool {
        if behind.len() < 2 {
            return false;
        }
        let [tangents, points] = [false, true].map(|secant| {
            let mut y = self.predict(here, behind, found.lambda, secant);
            self.game.normalize(&mut y);
            let rows = y.iter().zip(&found.y).zip(self.game.played());
            rows.map(|((y, f), p)| (y - f).abs() * (p + 0.02)).fold(0.0, f64::max)
        });
        points < tangents
    }

    /// A natural step: the point at `lambda`, and how far off its prediction was.
    fn forward(&mut self, here: &Here, behind: &[Here], lambda: f64, secant: bool) -> Option<(Here, f64)> {
        let mut y = self.predict(here, behind, lambda, secant);
        self.game.normalize(&mut y);
        let mut first = None;
        let mut last = f64::INFINITY;
        for _ in 0..CORRECTIONS {
            let residual = self.evaluate(&y, lambda);
            let gap = self.game.gap();
            let distance = self.game.distance();
            let seen = *first.get_or_insert(distance.max(0.02 * gap));
            if residual <= self.tolerance(lambda) && gap <= self.loose(lambda) {
                let tangent = self.game.tangent().to_vec();
                return Some((Here { lambda, tangent, sign: self.game.sign(), residual, y }, seen));
            }
            // Newton from afar may land on another branch: only steps that contract at once are trusted.
            if !(distance < FAR) || !(distance < CONTRACTION * last || distance < self.loose(lambda)) {
                return None;
            }
            last = distance;
            for (y, d) in y.iter_mut().zip(self.game.step()) {
                *y += d;
            }
            if y.iter().any(|y| !y.is_finite()) {
                return None;
            }
            self.game.normalize(&mut y);
        }
        None
    }

    /// Σ σ a b per unknown: what probabilities do counts, what vanishing logits do does not.
    fn inner(&self, played: &[f64], a: &[f64], b: &[f64]) -> f64 {
        played.iter().zip(a).zip(b).map(|((p, a), b)| p * a * b).sum()
    }

    /// Direction of the branch at the point last evaluated, of length 1 with λ in units of `unit`; the way it went before, if it did.
    fn direction(&self, unit: f64, before: Option<(&[f64], f64)>) -> (Vec<f64>, f64) {
        let played = self.game.played();
        let tangent: Vec<f64> = self.game.tangent().iter().map(|t| t * unit).collect();
        let norm = (self.inner(played, &tangent, &tangent) + 1.0).sqrt();
        let mut d: Vec<f64> = tangent.iter().map(|t| t / norm).collect();
        let mut along = 1.0 / norm;
        if let Some((old, a)) = before
            && self.inner(played, old, &d) + a * along < 0.0
        {
            d.iter_mut().for_each(|x| *x = -*x);
            along = -along;
        }
        (d, along)
    }

    /// Pseudo-arclength steps from a point at which natural steps fail, until λ has moved forward for a while.
    fn around(&mut self, here: Here, control: &Control<'_>) -> Result<Here, PathEnd> {
        // λ is measured in units of where the turn began.
        let unit = here.lambda + FIRST * self.unit;
        self.evaluate(&here.y, here.lambda);
        let (d, along) = self.direction(unit, None);
        self.arcs(here, d, along, 10.0 * SMALLEST, unit, control)
    }

    /// Arclength steps from a point in a direction.
    fn arcs(
        &mut self,
        mut here: Here,
        mut d: Vec<f64>,
        mut along: f64,
        mut reach: f64,
        unit: f64,
        control: &Control<'_>,
    ) -> Result<Here, PathEnd> {
        let start = here.lambda;
        let mut forward = 0;
        while self.path.points.len() < self.settings.max_points {
            if control.cancel.is_canceled() {
                return Err(PathEnd::Cancelled);
            }
            let (next, corrections, then) = loop {
                if reach < STALL {
                    return Err(PathEnd::Stalled);
                }
                if let Some((next, corrections)) = self.arc(&here, &d, along, reach, unit) {
                    let then = self.direction(unit, Some((&d, along)));
                    // Where the branch turns, and only there, the determinant changes its sign with the direction of λ. Else branches
                    // cross, or the step went to another one: a short step tells.
                    let turned = then.1.signum() != along.signum();
                    let bend = self.inner(self.game.played(), &d, &then.0) + along * then.1;
                    if (turned == (next.sign != here.sign) && bend > STRAIGHT) || reach < BRACKET {
                        break (next, corrections, then);
                    }
                }
                reach *= 0.25;
            };
            if then.1.signum() != along.signum() {
                self.path.events.push(PathEvent::Turning { lambda: next.lambda });
            } else if next.sign != here.sign {
                let (from, to) = (here.lambda.min(next.lambda), here.lambda.max(next.lambda));
                self.path.events.push(PathEvent::Bifurcation { from, to });
            }
            if corrections <= 3 {
                reach *= 1.8;
            } else if corrections > 5 {
                reach *= 0.7;
            }
            forward = if next.lambda > here.lambda { forward + 1 } else { 0 };
            (d, along) = then;
            here = next;
            self.keep(&here);
            if here.lambda >= self.settings.max_lambda {
                return Err(PathEnd::Reached);
            }
            if forward >= AROUND && (here.lambda > start * (1.0 + 20.0 * SMALLEST) || along > 0.2) {
                return Ok(self.arrive(here.y, here.lambda));
            }
        }
        Err(PathEnd::Points)
    }

    /// One arclength step; the point reached and the corrections it took.
    fn arc(&mut self, here: &Here, d: &[f64], along: f64, reach: f64, unit: f64) -> Option<(Here, usize)> {
        let mut y: Vec<f64> = here.y.iter().zip(d).map(|(y, d)| y + reach * d).collect();
        let mut lambda = (here.lambda + reach * along * unit).max(0.0);
        self.game.normalize(&mut y);
        let mut last = f64::INFINITY;
        for corrections in 0..CORRECTIONS {
            let residual = self.evaluate(&y, lambda);
            if residual <= self.tolerance(lambda).max(1e-9) && self.game.gap() <= self.loose(lambda) {
                let sign = self.game.sign();
                return Some((Here { lambda, tangent: Vec::new(), sign, residual, y }, corrections));
            }
            let distance = self.game.distance();
            if !(distance < FAR) || !(distance < CONTRACTION * last || distance < self.loose(lambda)) {
                return None;
            }
            last = distance;
            let played = self.game.played().to_vec();
            let (step, tangent) = (self.game.step(), self.game.tangent());
            let divisor = unit * self.inner(&played, tangent, d) + along;
            if divisor.abs() < 1e-12 {
                return None;
            }
            let ds = -self.inner(&played, step, d) / divisor;
            for (y, (s, t)) in y.iter_mut().zip(step.iter().zip(tangent)) {
                *y += s + t * unit * ds;
            }
            lambda += ds * unit;
            if !lambda.is_finite() || lambda < 0.0 || y.iter().any(|y| !y.is_finite()) {
                return None;
            }
            self.game.normalize(&mut y);
        }
        None
    }
}
