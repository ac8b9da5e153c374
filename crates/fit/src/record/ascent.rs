//! Maximization over a box by a projected quasi-Newton method.
//!
//! A record's log likelihood has cheap gradients and no second derivatives (each would take a solution of the game for every parameter), and its
//! maximum often lies at an end of a range: neither suits the Newton method of [`crate::maximize`].

use serde::{Deserialize, Serialize};

use crate::linear::{Cholesky, Square, dot};

/// Where an ascent ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ascent {
    /// The point, in the unit box.
    pub point: Vec<f64>,
    /// The value.
    pub value: f64,
    /// The gradient there.
    pub gradient: Vec<f64>,
    /// Evaluations spent.
    pub evaluations: usize,
    /// Whether no step promises more than [`GAIN`], or none gains anything.
    pub converged: bool,
}

/// A quadratic model that promises less than this is at its maximum: a ten-thousandth of what a standard error is worth.
const GAIN: f64 = 5e-5;

/// The largest first step, as a share of the box.
const FIRST_STEP: f64 = 0.2;

/// Value and gradient of an objective at a point; `Ok(None)` where it is not defined.
pub type Objective<'f, E> = &'f mut dyn FnMut(&[f64]) -> Result<Option<(f64, Vec<f64>)>, E>;

/// Maximizes over the unit box.
///
/// BFGS in the coordinates that are not held at an end of the box, with Powell's damping, backtracking along the projected path (Bertsekas
/// 1982). - returns `None` where the objective is not defined at the start.
pub fn ascend<E>(objective: Objective<'_, E>, start: &[f64], most: usize) -> Result<Option<Ascent>, E> {
    ascend_with(objective, start, most, None)
}

/// The same with a first guess of −∂²/∂x² by coordinate, where there is one: with few evaluations it decides how far coordinates of small slope
/// come.
pub fn ascend_with<E>(
    objective: Objective<'_, E>,
    start: &[f64],
    most: usize,
    guess: Option<&[f64]>,
) -> Result<Option<Ascent>, E> {
    let n = start.len();
    let mut point: Vec<f64> = start.iter().map(|x| x.clamp(0.0, 1.0)).collect();
    let Some((mut value, mut gradient)) = objective(&point)? else { return Ok(None) };
    let mut evaluations = 1;
    let steepest = gradient.iter().fold(0.0f64, |m, g| m.max(g.abs())).max(1e-12);
    let first: Vec<f64> = guess
        .map_or_else(|| vec![steepest / FIRST_STEP; n], |guess| guess.iter().map(|c| c.max(1e-9)).collect());
    let mut curvature = Square::zeros(n);
    reset(&mut curvature, &first, 1.0);
    let (mut fresh, mut converged) = (true, false);
    while evaluations < most {
        let open: Vec<usize> = (0..n).filter(|i| !held(point[*i], gradient[*i])).collect();
        let Some(step) = direction(&curvature, &gradient, &open) else { break };
        let promised = 0.5 * dot(&step, &gradient);
        if promised < GAIN || open.is_empty() {
            converged = true;
            break;
        }
        let mut length = 1.0;
        let mut found = None;
        while evaluations < most && length > 1e-6 {
            let trial: Vec<f64> =
                point.iter().zip(&step).map(|(x, p)| (x + length * p).clamp(0.0, 1.0)).collect();
            let moved: Vec<f64> = trial.iter().zip(&point).map(|(a, b)| a - b).collect();
            evaluations += 1;
            if let Some((there, slope)) = objective(&trial)?
                && there >= value + 1e-4 * dot(&gradient, &moved)
            {
                found = Some((trial, moved, there, slope));
                break;
            }
            length *= 0.35;
        }
        let Some((trial, moved, there, slope)) = found else {
            // Not even a tiny step gains: either the curvature is bad, or a kink is the maximum.
            if fresh {
                converged = true;
                break;
            }
            reset(&mut curvature, &first, 1.0);
            fresh = true;
            continue;
        };
        let bend: Vec<f64> = gradient.iter().zip(&slope).map(|(a, b)| a - b).collect();
        let little = there - value < 1e-7 * (1.0 + value.abs());
        if fresh && dot(&moved, &bend) > 0.0 {
            let inverse: f64 = bend.iter().zip(&first).map(|(b, c)| b * b / c).sum();
            reset(&mut curvature, &first, inverse / dot(&moved, &bend));
        }
        fresh = false;
        update(&mut curvature, &moved, &bend);
        (point, value, gradient) = (trial, there, slope);
        if little {
            converged = true;
            break;
        }
    }
    Ok(Some(Ascent { point, value, gradient, evaluations, converged }))
}

/// Whether a coordinate is at an end of the box and would leave it.
pub(super) fn held(x: f64, slope: f64) -> bool {
    (x <= 0.0 && slope <= 0.0) || (x >= 1.0 && slope >= 0.0)
}

/// The first guess again, larger or smaller by one factor.
fn reset(curvature: &mut Square, first: &[f64], scale: f64) {
    for (i, own) in first.iter().enumerate() {
        for j in 0..first.len() {
            *curvature.at_mut(i, j) = if i == j { scale * own } else { 0.0 };
        }
    }
}

/// B⁻¹ g in the open coordinates.
fn direction(curvature: &Square, gradient: &[f64], open: &[usize]) -> Option<Vec<f64>> {
    let mut part = Square::zeros(open.len());
    for (a, i) in open.iter().enumerate() {
        for (b, j) in open.iter().enumerate() {
            *part.at_mut(a, b) = curvature.at(*i, *j);
        }
    }
    let own: Vec<f64> = open.iter().map(|i| gradient[*i]).collect();
    let solved = Cholesky::new(&part, 1e-14).ok()?.solve(&own);
    let mut out = vec![0.0; gradient.len()];
    for (i, x) in open.iter().zip(solved) {
        out[*i] = x;
    }
    Some(out)
}

/// B ← B − BssᵀB/(sᵀBs) + rrᵀ/(sᵀr), r between y and Bs so that B stays positive definite.
fn update(curvature: &mut Square, moved: &[f64], bend: &[f64]) {
    let carried = curvature.times(moved);
    let size = dot(moved, &carried);
    if !(size > 0.0) {
        return;
    }
    let along = dot(moved, bend);
    let share = if along >= 0.2 * size { 1.0 } else { 0.8 * size / (size - along) };
    let mixed: Vec<f64> = bend.iter().zip(&carried).map(|(y, b)| share * y + (1.0 - share) * b).collect();
    let scale = dot(moved, &mixed);
    let n = curvature.size;
    for i in 0..n {
        for j in 0..n {
            *curvature.at_mut(i, j) += mixed[i] * mixed[j] / scale - carried[i] * carried[j] / size;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_of_curvature_saves_evaluations() {
        // Two coordinates whose curvatures differ by ten thousand.
        let far = |p: &[f64]| {
            let value = -5000.0 * (p[0] - 0.4).powi(2) - 0.5 * (p[1] - 0.9).powi(2);
            (value, vec![-10_000.0 * (p[0] - 0.4), -(p[1] - 0.9)])
        };
        let run = |guess: Option<&[f64]>| {
            let mut objective = |p: &[f64]| Ok::<_, ()>(Some(far(p)));
            ascend_with(&mut objective, &[0.3, 0.1], 40, guess).unwrap().unwrap()
        };
        let (blind, guided) = (run(None), run(Some(&[10_000.0, 1.0])));
        assert!(guided.converged && guided.evaluations <= 3, "{guided:?}");
        assert!((guided.point[1] - 0.9).abs() < 1e-9 && blind.evaluations > guided.evaluations);
    }

    #[test]
    fn finds_the_end_of_the_valley_and_the_wall_in_its_way() {
        // Rosenbrock's valley in [0, 1]², its end at (0.8, 0.64); then with a wall at x = 0.5 of the box's scale.
        let valley = |end: f64| {
            move |p: &[f64]| {
                let t = p[1] - p[0] * p[0];
                let value = -(p[0] - end).powi(2) - 20.0 * t * t;
                let gradient = vec![-2.0 * (p[0] - end) + 80.0 * t * p[0], -40.0 * t];
                Ok::<_, ()>(Some((value, gradient)))
            }
        };
        let inside = ascend(&mut valley(0.8), &[0.1, 0.9], 200).unwrap().unwrap();
        assert!(inside.converged && (inside.point[0] - 0.8).abs() < 0.01, "{inside:?}");
        let outside = ascend(&mut valley(3.0), &[0.1, 0.9], 200).unwrap().unwrap();
        assert!(
            outside.converged && outside.point[0] == 1.0 && (outside.point[1] - 1.0).abs() < 0.01,
            "{outside:?}"
        );
    }

    #[test]
    fn stays_where_nothing_is_defined() {
        assert_eq!(ascend(&mut |_: &[f64]| Ok::<_, ()>(None), &[0.5], 10), Ok(None));
    }
}
