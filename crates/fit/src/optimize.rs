//! Newton's method with a trust region of the Levenberg–Marquardt kind, for log likelihoods with exact second derivatives.

use serde::Serialize;

use crate::linear::{Cholesky, Square, dot};

/// A function to be maximized.
pub trait Objective {
    /// Number of variables.
    fn dimension(&self) -> usize;

    /// Value, gradient and Hessian (full) at a point; `None` where the function has no finite value.
    fn evaluate(&self, point: &[f64]) -> Option<Evaluation>;
}

/// A function's value and derivatives.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The value.
    pub value: f64,
    /// First derivatives.
    pub gradient: Vec<f64>,
    /// Second derivatives.
    pub hessian: Square,
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub struct Stopping {
    /// Largest accepted distance to the maximum, in standard errors: √(gᵀ(−H)⁻¹g).
    pub decrement: f64,
    /// Most evaluations.
    pub evaluations: usize,
}

impl Default for Stopping {
    fn default() -> Self {
        Self { decrement: 1e-7, evaluations: 400 }
    }
}

/// How a maximization ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// At a maximum: the gradient vanishes and the Hessian is negative definite.
    Converged,
    /// The function is flat, up to round-off, in some direction: the data do not say where on a line the maximum is.
    Flat,
    /// Out of evaluations, or no better point was found though the gradient does not vanish.
    Stalled,
    /// No finite value at the start.
    Undefined,
}

/// Where a maximization ended.
#[derive(Clone, Debug)]
pub struct Maximum {
    /// The point.
    pub point: Vec<f64>,
    /// Value and derivatives there; `None` only when `status` is [`Status::Undefined`].
    pub at: Option<Evaluation>,
    /// √(gᵀ(−H)⁻¹g) there: the distance to the maximum in standard errors; infinite where the Hessian is not negative definite.
    pub decrement: f64,
    /// Evaluations spent.
    pub evaluations: usize,
    /// How it ended.
    pub status: Status,
}

impl Maximum {
    /// The value, −∞ where there is none.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.at.as_ref().map_or(f64::NEG_INFINITY, |at| at.value)
    }
}

/// A pivot below this share of its diagonal entry counts as zero: far above the round-off of sums over thousands of observations, far below
/// the correlation of any two estimates that can be told apart.
const SINGULAR: f64 = 1e-13;

/// Maximizes a function from a starting point.
///
/// Steps solve (−H + μD) p = g with D the diagonal of −H in absolute value, so that units of the variables do not matter; μ falls after good
/// steps and rises after bad ones (Moré 1978). Far from the maximum that is a scaled gradient step, near it Newton's. Cost: one
/// evaluation a step, typically 6 to 30.
#[must_use]
pub fn maximize(objective: &impl Objective, start: &[f64], stopping: &Stopping) -> Maximum {
    let mut point = start.to_vec();
    let Some(mut here) = objective.evaluate(&point) else {
        return Maximum {
            point,
            at: None,
            decrement: f64::INFINITY,
            evaluations: 1,
            status: Status::Undefined,
        };
    };
    let (mut evaluations, mut mu) = (1, 0.0_f64);
    loop {
        let newton = newton_decrement(&here);
        if let Some(decrement) = newton
            && decrement <= stopping.decrement
        {
            return Maximum { point, at: Some(here), decrement, evaluations, status: Status::Converged };
        }
        // Steps grow shorter until one is good enough; when even tiny ones gain nothing, the value is as good as it gets.
        let mut bad = 0;
        loop {
            if evaluations >= stopping.evaluations || bad > 40 {
                let decrement = newton.unwrap_or(f64::INFINITY);
                let near = decrement * decrement <= 1e-10 * (1.0 + here.value.abs());
                let status = match newton {
                    Some(_) if near => Status::Converged,
                    None if flat(&here) => Status::Flat,
                    _ => Status::Stalled,
                };
                return Maximum { point, at: Some(here), decrement, evaluations, status };
            }
            let Some(step) = damped_step(&here, mu) else {
                mu = (mu * 4.0).max(1e-4);
                bad += 1;
                continue;
            };
            let trial: Vec<f64> = point.iter().zip(&step).map(|(x, p)| x + p).collect();
            let predicted = dot(&here.gradient, &step) + 0.5 * here.hessian.form(&step, &step);
            evaluations += 1;
            let there = objective.evaluate(&trial);
            let gained = there.as_ref().map_or(f64::NEG_INFINITY, |there| there.value - here.value);
            // Near the maximum gains drown in the rounding of the value; there the gradient says whether a step is good.
            let noise = 1e-13 * (1.0 + here.value.abs());
            let quiet = predicted <= noise && gained >= -4.0 * noise;
            if let Some(there) = there
                && (quiet || gained >= 1e-4 * predicted && predicted > 0.0)
            {
                let good = quiet || gained >= 0.5 * predicted;
                mu = if !good {
                    mu
                } else if mu < 1e-7 {
                    0.0
                } else {
                    mu * 0.15
                };
                (point, here) = (trial, there);
                break;
            }
            mu = (mu * 5.0).max(1e-3);
            bad += 1;
        }
    }
}

/// −H, and its factor where it is positive definite.
fn information(at: &Evaluation) -> Option<Cholesky> {
    let mut negative = at.hessian.clone();
    negative.entries.iter_mut().for_each(|x| *x = -*x);
    Cholesky::new(&negative, SINGULAR).ok()
}

fn newton_decrement(at: &Evaluation) -> Option<f64> {
    let half = information(at)?.half_solve(&at.gradient);
    Some(dot(&half, &half).sqrt())
}

fn damped_step(at: &Evaluation, mu: f64) -> Option<Vec<f64>> {
    let mut damped = at.hessian.clone();
    let diagonal: Vec<f64> = at.hessian.diagonal().iter().map(|d| d.abs()).collect();
    let floor = 1e-8 * diagonal.iter().copied().fold(0.0, f64::max) + 1e-12;
    damped.entries.iter_mut().for_each(|x| *x = -*x);
    for (i, d) in diagonal.iter().enumerate() {
        *damped.at_mut(i, i) += mu * d.max(floor);
    }
    let step = Cholesky::new(&damped, SINGULAR).ok()?.solve(&at.gradient);
    step.iter().all(|x| x.is_finite()).then_some(step)
}

/// Whether the gradient vanishes though the Hessian is singular.
fn flat(at: &Evaluation) -> bool {
    damped_step(at, 1e-6).is_some_and(|step| dot(&step, &at.gradient) <= 1e-9 * (1.0 + at.value.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// −(1−x)² − 100 (y − x²)², Rosenbrock's valley upside down.
    struct Valley;

    impl Objective for Valley {
        fn dimension(&self) -> usize {
            2
        }

        fn evaluate(&self, p: &[f64]) -> Option<Evaluation> {
            let (x, y) = (p[0], p[1]);
            let t = y - x * x;
            let hessian = vec![-2.0 + 400.0 * t - 800.0 * x * x, 400.0 * x, 400.0 * x, -200.0];
            Some(Evaluation {
                value: -(1.0 - x) * (1.0 - x) - 100.0 * t * t,
                gradient: vec![2.0 * (1.0 - x) + 400.0 * t * x, -200.0 * t],
                hessian: Square { size: 2, entries: hessian },
            })
        }
    }

    #[test]
    fn finds_the_end_of_the_valley() {
        for start in [[-1.2, 1.0], [5.0, -20.0], [0.0, 100.0]] {
            let end = maximize(&Valley, &start, &Stopping::default());
            assert_eq!(end.status, Status::Converged);
            assert!(
                (end.point[0] - 1.0).abs() < 1e-7 && (end.point[1] - 1.0).abs() < 1e-7,
                "{:?}",
                end.point
            );
            assert!(end.evaluations < 80, "{}", end.evaluations);
        }
    }

    /// −x², whatever y.
    struct Ridge;

    impl Objective for Ridge {
        fn dimension(&self) -> usize {
            2
        }

        fn evaluate(&self, p: &[f64]) -> Option<Evaluation> {
            let hessian = Square { size: 2, entries: vec![-2.0, 0.0, 0.0, 0.0] };
            Some(Evaluation { value: -p[0] * p[0], gradient: vec![-2.0 * p[0], 0.0], hessian })
        }
    }

    #[test]
    fn says_when_a_direction_is_flat() {
        assert_eq!(maximize(&Ridge, &[3.0, 1.0], &Stopping::default()).status, Status::Flat);
    }
}
