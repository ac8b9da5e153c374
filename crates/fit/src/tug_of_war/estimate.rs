//! Maximum likelihood for the tug of war: the equilibrium is solved for at every step, and followed from one step to the next.

use std::sync::Mutex;

use armistice_solve::{CancelToken, Control};

use super::Dynamics;
use super::solve::{Payoffs, Play, Solved, solved};
use crate::error::FitError;
use crate::inference::{normal_draw, stream};
use crate::linear::Square;
use crate::optimize::{Evaluation, Maximum, Objective, Stopping, maximize};
use crate::special::log_logistic;

/// What was observed: by state and side, periods without and with an attack.
#[derive(Clone, Debug)]
pub struct Choices(pub Vec<[[f64; 2]; 2]>);

impl Choices {
    /// Counts periods by state.
    #[must_use]
    pub fn count(dynamics: &Dynamics, periods: &[(f64, [bool; 2])]) -> Self {
        let mut out = vec![[[0.0; 2]; 2]; dynamics.states.len()];
        for (state, attacks) in periods {
            let here = &mut out[dynamics.nearest(*state)];
            for (side, attack) in attacks.iter().enumerate() {
                here[side][usize::from(*attack)] += 1.0;
            }
        }
        Self(out)
    }

    /// ln L, and its derivatives in the advantages of attacking.
    #[must_use]
    pub fn log_likelihood(&self, play: &Play) -> (f64, Vec<[f64; 2]>) {
        let mut sum = 0.0;
        let mut slopes = vec![[0.0; 2]; self.0.len()];
        for ((counts, d), slope) in self.0.iter().zip(&play.advantages).zip(&mut slopes) {
            for side in 0..2 {
                let [quiet, attacks] = counts[side];
                if quiet + attacks > 0.0 {
                    let (up, down) = (log_logistic(d[side]), log_logistic(-d[side]));
                    sum += attacks * up[0] + quiet * down[0];
                    slope[side] = attacks * up[1] - quiet * down[1];
                }
            }
        }
        (sum, slopes)
    }
}

/// The likelihood as a function of (β_H, β_F, κ_H, κ_F), on the branch of equilibria that is reached from the last one.
struct Nested<'a> {
    dynamics: &'a Dynamics,
    choices: &'a Choices,
    last: Mutex<Play>,
    cancel: CancelToken,
}

/// Steps of the differences of gradients from which second derivatives are taken: small against standard errors, large against round-off.
const STEP: [f64; 4] = [1e-6, 1e-7, 1e-4, 1e-4];

impl Nested<'_> {
    fn last(&self) -> Play {
        self.last.lock().map_or_else(|poisoned| poisoned.into_inner().clone(), |play| play.clone())
    }

    fn gradient(&self, point: &[f64], from: &Play) -> Option<(f64, [f64; 4], Solved)> {
        if self.cancel.is_canceled() {
            return None;
        }
        let payoffs: Payoffs = point.try_into().ok()?;
        let solved = solved(self.dynamics, &payoffs, from)?;
        let (value, slopes) = self.choices.log_likelihood(&solved.play);
        let gradient = solved.adjoint(self.dynamics, &slopes);
        Some((value, gradient, solved))
    }
}

impl Objective for Nested<'_> {
    fn dimension(&self) -> usize {
        4
    }

    fn evaluate(&self, point: &[f64]) -> Option<Evaluation> {
        let (value, gradient, here) = self.gradient(point, &self.last())?;
        let mut hessian = Square::zeros(4);
        for j in 0..4 {
            let moved = |sign: f64| {
                let mut point = point.to_vec();
                point[j] += sign * STEP[j];
                self.gradient(&point, &here.play).map(|(_, gradient, _)| gradient)
            };
            let (up, down) = (moved(1.0)?, moved(-1.0)?);
            for i in 0..4 {
                let slope = (up[i] - down[i]) / (2.0 * STEP[j]);
                *hessian.at_mut(i, j) += 0.5 * slope;
                *hessian.at_mut(j, i) += 0.5 * slope;
            }
        }
        if let Ok(mut last) = self.last.lock() {
            *last = here.play;
        }
        let finite = value.is_finite() && gradient.iter().chain(&hessian.entries).all(|x| x.is_finite());
        finite.then(|| Evaluation { value, gradient: gradient.to_vec(), hessian })
    }
}

/// A local maximum with its equilibrium.
#[derive(Clone, Debug)]
pub struct TugOptimum {
    /// The maximum; its point is (β_H, β_F, κ_H, κ_F).
    pub maximum: Maximum,
    /// The equilibrium there.
    pub play: Play,
}

/// Maximizes from each of several points: the given one, and others drawn around it with the given spreads.
///
/// Deterministic. Cost: some twenty evaluations a start, each nine equilibria.
///
/// # Errors
/// When canceled.
pub fn search(
    dynamics: &Dynamics,
    choices: &Choices,
    start: [f64; 4],
    spread: [f64; 4],
    starts: usize,
    seed: u64,
    control: &Control<'_>,
) -> Result<Vec<Option<TugOptimum>>, FitError> {
    let mut out = Vec::new();
    for number in 0..starts {
        if control.cancel.is_canceled() {
            return Err(FitError::Canceled);
        }
        control.report("searching", number as u64, Some(starts as u64));
        let mut point = start;
        if number > 0 {
            let mut random = stream(seed, u64::MAX - number as u64);
            point.iter_mut().zip(spread).for_each(|(x, s)| *x += s * normal_draw(&mut random));
        }
        let last = Mutex::new(Play::blank(dynamics.states.len()));
        let nested = Nested { dynamics, choices, last, cancel: control.cancel.clone() };
        let stopping = Stopping { decrement: 1e-6, evaluations: 60 };
        let maximum = maximize(&nested, &point, &stopping);
        if control.cancel.is_canceled() {
            return Err(FitError::Canceled);
        }
        let end: Option<Payoffs> = maximum.point.as_slice().try_into().ok();
        let play = end.and_then(|end| solved(dynamics, &end, &nested.last())).map(|solved| solved.play);
        out.push(play.map(|play| TugOptimum { maximum, play }));
    }
    Ok(out)
}
