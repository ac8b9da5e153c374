//! Branches that cross the principal one, followed on request.
//!
//! Where the determinant of the Jacobian changes its sign and λ goes on, another branch crosses. The crossing is bracketed more closely by
//! bisection on that sign, the null direction of the Jacobian there is found by inverse iteration, and the other branch is entered along it
//! in both directions: F(y, λ) = 0 with ⟨d, y − y*⟩ = s for a small s (Keller 1977). From there it is followed as any branch is, to the
//! largest λ or to where it ends.

use armistice_game::FiniteGame;
use serde::Serialize;

use super::arrays::Arrays;
use super::general::GeneralSolver;
use super::path::{Correspondence, Fork, PathEvent, RawPath, follow_fork};
use super::{Form, PathSettings, QrePath, TreeError, check, compact, finish, raw_path, scale};
use crate::Control;

/// Most actions of a game whose crossings are entered: it is done in general form, whatever the game's own is.
const ACTIONS: usize = 1500;
/// Most branches.
const BRANCHES: usize = 64;
/// Crossings are bracketed to this share of λ.
const BRACKET: f64 = 1e-7;
/// Newton steps to a point between two others, and the gap at which it is one.
const STEPS: usize = 20;
const CLOSE: f64 = 1e-11;
/// Ends of branches, and crossings, that differ by no more than this in probability are the same.
const SAME_END: f64 = 1e-6;
const SAME_CROSSING: f64 = 1e-2;

/// The principal branch and those that cross it, or each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Branches {
    /// The principal branch first; each with the certificate of its last point. Branches but the first begin next to a crossing.
    pub paths: Vec<QrePath>,
    /// The crossings that were met.
    pub crossings: Vec<BranchCrossing>,
    /// Whether all crossings that were met were entered in both directions, and nobody asked to stop.
    pub complete: bool,
}

/// A place where branches cross.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BranchCrossing {
    /// The position of the branch on which it was met.
    pub on: usize,
    /// λ between which branches cross.
    pub from: f64,
    /// See `from`.
    pub to: f64,
    /// Choice probabilities there.
    pub profile: Vec<f64>,
    /// The two directions of the branch that crosses; none where the game is too large to enter it.
    pub arms: Vec<Arm>,
}

/// One direction in which a branch leaves a crossing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Arm {
    /// The position of the branch in [`Branches::paths`]; `None` where no point on it was found.
    pub path: Option<usize>,
    /// Whether its end was known already, from another crossing.
    pub known: bool,
}

/// Follows the principal branch, and every branch that crosses it or another one that is followed.
///
/// Crossings are seen by the sign of a determinant. Where an even number of eigenvalues passes zero at once, as symmetries of three and more
/// players can force, the sign does not change and the crossing is not seen.
///
/// - cost: that of [`trace`](super::trace), and for each branch that of following it in general form; a crossing costs about 30 Newton steps.
/// - errors: [`TreeError`].
/// - source: Keller 1977; for quantal response Turocy 2005.
pub fn branches(
    game: &FiniteGame,
    settings: &PathSettings,
    control: &Control<'_>,
) -> Result<Branches, TreeError> {
    check(settings)?;
    let tree = Arrays::new(game)?;
    let found = compact::compact(&tree).filter(|_| !settings.general);
    let principal = raw_path(&tree, found.as_ref(), None, settings, control)?;
    let form = if found.is_some() { Form::Public } else { Form::General };
    let (crossings, raw, complete) = cross(&tree, principal, settings, control);
    let forms = |at: usize| if at == 0 { form } else { Form::General };
    let paths = raw.iter().enumerate().map(|(at, raw)| finish(&tree, raw, forms(at))).collect();
    Ok(Branches { paths, crossings, complete })
}

/// Enters every crossing of a branch, and of those that are found; all branches, the given one first.
pub(crate) fn cross(
    tree: &Arrays,
    principal: RawPath,
    settings: &PathSettings,
    control: &Control<'_>,
) -> (Vec<BranchCrossing>, Vec<RawPath>, bool) {
    let mut crossings: Vec<BranchCrossing> = Vec::new();
    let mut paths = vec![principal];
    let mut complete = true;
    let scale = scale(tree);
    let mut solver = GeneralSolver::new(tree);
    let mut on = 0;
    while on < paths.len() {
        for (from, to) in brackets(&paths[on]) {
            if control.cancel.is_canceled() || paths.len() >= BRANCHES {
                return (crossings, paths, false);
            }
            let (y, lambda, from, to) = locate(&mut solver, &paths[on], from, to, tree.actions() <= ACTIONS);
            let profile: Vec<f64> = y.iter().map(|y| y.exp()).collect();
            let known = crossings.iter().any(|other| {
                let near = |a: f64, b: f64| (a - b).abs() <= SAME_CROSSING * (a.abs() + b.abs());
                near(other.from, from) && apart(&other.profile, &profile) < SAME_CROSSING
            });
            if known {
                continue;
            }
            let mut arms = Vec::new();
            let direction = if tree.actions() <= ACTIONS { solver.null_direction(&y, lambda) } else { None };
            complete &= direction.is_some();
            for sign in direction.iter().flat_map(|_| [1.0, -1.0]) {
                let d: Vec<f64> = direction.iter().flatten().map(|d| sign * d).collect();
                let fork = Fork { y: &y, lambda, direction: &d };
                let arm = follow_fork(&mut solver, scale, &fork, settings, control);
                let known = arm.as_ref().and_then(|arm| paths.iter().position(|path| same_end(path, arm)));
                complete &= arm.is_some();
                arms.push(Arm {
                    path: known.or_else(|| arm.as_ref().map(|_| paths.len())),
                    known: known.is_some(),
                });
                if known.is_none() {
                    paths.extend(arm);
                }
            }
            crossings.push(BranchCrossing { on, from, to, profile, arms });
        }
        on += 1;
    }
    (crossings, paths, complete && !control.cancel.is_canceled())
}

/// Positions of the points of a path between which other branches cross.
fn brackets(path: &RawPath) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for event in &path.events {
        let PathEvent::Bifurcation { from, to } = event else { continue };
        let at = path
            .points
            .windows(2)
            .position(|w| w[0].lambda.min(w[1].lambda) == *from && w[0].lambda.max(w[1].lambda) == *to);
        out.extend(at.map(|at| (at, at + 1)));
    }
    out
}

/// The crossing between two points: logarithms of probabilities and λ there, and the λ on its two sides.
fn locate(
    solver: &mut GeneralSolver<'_>,
    path: &RawPath,
    from: usize,
    to: usize,
    closely: bool,
) -> (Vec<f64>, f64, f64, f64) {
    let (mut low, mut high) = (path.points[from].clone(), path.points[to].clone());
    let middle = |low: &[f64], high: &[f64]| -> Vec<f64> {
        low.iter().zip(high).map(|(a, b)| f64::midpoint(*a, *b)).collect()
    };
    if closely {
        solver.evaluate(&low.y, low.lambda);
        let sign = solver.sign();
        while (high.lambda - low.lambda).abs() > BRACKET * high.lambda.abs().max(low.lambda.abs()) {
            let lambda = f64::midpoint(low.lambda, high.lambda);
            let Some(y) = newton(solver, middle(&low.y, &high.y), lambda) else { break };
            let side = if solver.sign() == sign { &mut low } else { &mut high };
            (side.y, side.lambda) = (y, lambda);
        }
    }
    let mut y = middle(&low.y, &high.y);
    solver.normalize(&mut y);
    let ends = (low.lambda.min(high.lambda), low.lambda.max(high.lambda));
    (y, f64::midpoint(low.lambda, high.lambda), ends.0, ends.1)
}

/// The solution next to `y`, evaluated last.
fn newton(solver: &mut GeneralSolver<'_>, mut y: Vec<f64>, lambda: f64) -> Option<Vec<f64>> {
    solver.normalize(&mut y);
    for _ in 0..STEPS {
        solver.evaluate(&y, lambda);
        if solver.gap() <= CLOSE {
            return Some(y);
        }
        y.iter_mut().zip(solver.step()).for_each(|(y, d)| *y += d);
        if y.iter().any(|y| !y.is_finite()) {
            return None;
        }
        solver.normalize(&mut y);
    }
    None
}

/// Largest difference.
fn apart(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Whether two branches end in the same point.
fn same_end(a: &RawPath, b: &RawPath) -> bool {
    let (Some(a), Some(b)) = (a.points.last(), b.points.last()) else { return false };
    let near = a.y.iter().zip(&b.y).all(|(a, b)| (a.exp() - b.exp()).abs() <= SAME_END);
    near && (a.lambda - b.lambda).abs() <= SAME_END * a.lambda.max(b.lambda)
}
