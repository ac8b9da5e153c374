//! Precision and payoffs of a finite game from how often each action was seen.

use armistice_game::FiniteGame;
use serde::Serialize;

use super::path::{PathEnd, PathSettings};
use super::{TreeError, dense, trace};
use crate::Control;

/// A maximum-likelihood estimate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Precision λ, and its standard error.
    pub lambda: f64,
    /// … from the Fisher information.
    pub lambda_error: f64,
    /// Parameters of the payoffs, with their standard errors.
    pub parameters: Vec<f64>,
    /// … from the Fisher information, λ estimated beside them.
    pub errors: Vec<f64>,
    /// Σ n ln σ at the estimate; combinatorial constants left out.
    pub log_likelihood: f64,
    /// The same for uniform play.
    pub log_likelihood_uniform: f64,
    /// Observed choices.
    pub observations: f64,
    /// Scoring steps.
    pub iterations: u32,
    /// Whether the last step was within a millionth of every standard error; else nothing but the best point found.
    pub converged: bool,
    /// Choice probabilities at the estimate.
    pub profile: Vec<f64>,
}

/// A scoring step shorter than this share of a standard error ends the search.
const STEP: f64 = 1e-6;

/// Most scoring steps.
const STEPS: u32 = 100;

/// Largest λ times payoff range that is tried.
const LARGEST: f64 = 1e4;

/// Estimates λ of a game from counts of actions, in the game's order.
///
/// See [`estimate`]; there are no parameters beside λ.
pub fn estimate_lambda(
    game: &FiniteGame,
    counts: &[f64],
    control: &Control<'_>,
) -> Result<Estimate, TreeError> {
    estimate(&|_| Ok(game.clone()), &[], counts, control)
}

/// Estimates λ and the parameters of a family of games from counts of actions.
///
/// ```text
/// ln L(λ, θ) = Σ_h Σ_a n(h, a) ln σ(a | h; λ, θ),   I = Σ_h n(h) Σ_a ∇σ ∇σᵀ / σ
/// ```
///
/// with σ the principal branch of the agent quantal response correspondence. The search starts from the best point of the branch at `start` and
/// takes scoring steps I⁻¹ ∇ ln L in (ln λ, θ), halved until the likelihood grows; derivatives are central differences.
/// Standard errors are the roots of the diagonal of I⁻¹ (for λ by the delta method).
///
/// - `counts`: observed choices by action, in the game's order; every game of the family must have the same information sets.
/// - cost: per step one path for every parameter and direction.
/// - errors: those of [`trace`]; counts that do not fit the game, that are negative, or that sum to 0.
/// - sources: McKelvey and Palfrey (1995, 1998); Fisher scoring: Rao (1948).
pub fn estimate(
    family: &dyn Fn(&[f64]) -> Result<FiniteGame, TreeError>,
    start: &[f64],
    counts: &[f64],
    control: &Control<'_>,
) -> Result<Estimate, TreeError> {
    let first = family(start)?;
    let actions: usize = first.sets.iter().map(|set| set.actions.len()).sum();
    let total: f64 = counts.iter().sum();
    if counts.len() != actions || counts.iter().any(|n| !(*n >= 0.0)) || !(total > 0.0 && total.is_finite()) {
        return Err(TreeError::Setting {
            what: "there must be one count for each action, none negative, some positive",
        });
    }
    let sets: Vec<usize> = first.sets.iter().map(|set| set.actions.len()).collect();
    let search = Search { family, counts, control, sets };
    let (mut at, mut best) = search.start(&first, start)?;
    let mut converged = false;
    let mut iterations = 0;
    let mut covariance = Vec::new();
    while iterations < STEPS && !control.cancel.is_canceled() {
        iterations += 1;
        let (gradient, information) = search.scores(&at, &best)?;
        let inverse = invert(&information, at.len());
        let step: Vec<f64> = inverse.chunks_exact(at.len()).map(|row| dense::dot(row, &gradient)).collect();
        let length = step
            .iter()
            .enumerate()
            .map(|(i, s)| s.abs() / inverse[i * at.len() + i].abs().sqrt().max(f64::MIN_POSITIVE))
            .fold(0.0, f64::max);
        covariance = inverse;
        if !(length > STEP) {
            converged = length <= STEP;
            break;
        }
        let mut fraction = 1.0;
        let found = loop {
            // λ grows or falls at most threefold a step.
            let limit = if step[0].abs() > 1.1 { 1.1 / step[0].abs() } else { 1.0 };
            let next: Vec<f64> = at.iter().zip(&step).map(|(x, s)| x + fraction * limit * s).collect();
            if let Some(point) = search.point(&next)?
                && point.value > best.value
            {
                break Some((next, point));
            }
            fraction *= 0.5;
            if fraction < 1e-9 {
                break None;
            }
        };
        match found {
            Some((next, point)) => (at, best) = (next, point),
            None => {
                // No better point along the step: as good as it gets in floating point.
                converged = length < 1e-3;
                break;
            }
        }
    }
    let n = at.len();
    let error = |i: usize| covariance.get(i * n + i).map_or(f64::INFINITY, |v| v.max(0.0).sqrt());
    let lambda = at[0].exp();
    let uniform = search.sets.iter().flat_map(|k| vec![-(*k as f64).ln(); *k]);
    Ok(Estimate {
        lambda,
        lambda_error: lambda * error(0),
        errors: (1..n).map(error).collect(),
        parameters: at[1..].to_vec(),
        log_likelihood: best.value,
        log_likelihood_uniform: counts.iter().zip(uniform).map(|(n, y)| n * y).sum(),
        observations: total,
        iterations,
        converged,
        profile: best.profile,
    })
}

struct Search<'a> {
    family: &'a dyn Fn(&[f64]) -> Result<FiniteGame, TreeError>,
    counts: &'a [f64],
    control: &'a Control<'a>,
    /// Actions of every information set.
    sets: Vec<usize>,
}

struct Point {
    value: f64,
    profile: Vec<f64>,
}

impl Search<'_> {
    /// ln L, −∞ where something seen has probability 0.
    fn value(&self, profile: &[f64]) -> f64 {
        let seen = self.counts.iter().zip(profile).filter(|(n, _)| **n > 0.0);
        seen.map(|(n, p)| n * p.ln()).sum()
    }

    /// The best point of the branch of the first game.
    fn start(&self, game: &FiniteGame, parameters: &[f64]) -> Result<(Vec<f64>, Point), TreeError> {
        let settings = PathSettings { max_lambda: LARGEST / range(game), ..PathSettings::default() };
        let path = trace(game, &settings, self.control)?;
        let (mut lambda, mut best) =
            (0.1 / range(game), Point { value: f64::NEG_INFINITY, profile: Vec::new() });
        for point in path.points.iter().filter(|p| p.lambda > 0.0) {
            let value = self.value(&point.profile);
            if value > best.value {
                (lambda, best) = (point.lambda, Point { value, profile: point.profile.clone() });
            }
        }
        let mut at = vec![lambda.ln()];
        at.extend_from_slice(parameters);
        Ok((at, best))
    }

    /// The branch at (ln λ, θ); `None` where it does not get there.
    fn point(&self, at: &[f64]) -> Result<Option<Point>, TreeError> {
        let lambda = at[0].exp();
        let game = (self.family)(&at[1..])?;
        if !(lambda > 0.0) || lambda * range(&game) > LARGEST {
            return Ok(None);
        }
        let settings = PathSettings { max_lambda: lambda, residual: 1e-12, ..PathSettings::default() };
        let path = trace(&game, &settings, self.control)?;
        let last = path.points.last().filter(|p| path.end == PathEnd::Reached && p.lambda == lambda);
        Ok(last.map(|p| Point { value: self.value(&p.profile), profile: p.profile.clone() }))
    }

    /// Gradient and Fisher information at a point.
    fn scores(&self, at: &[f64], here: &Point) -> Result<(Vec<f64>, Vec<f64>), TreeError> {
        let n = at.len();
        let mut slopes = vec![vec![0.0; here.profile.len()]; n];
        for (i, slope) in slopes.iter_mut().enumerate() {
            let h = 1e-4 * at[i].abs().max(1.0);
            let shifted = |by: f64| -> Result<Option<Point>, TreeError> {
                let mut next = at.to_vec();
                next[i] += by;
                self.point(&next)
            };
            // One-sided where the branch does not reach the other side.
            let (low, high) = (shifted(-h)?, shifted(h)?);
            let width = h * f64::from(u8::from(low.is_some()) + u8::from(high.is_some()));
            let profile = |p: &Option<Point>| p.as_ref().map_or(here.profile.clone(), |p| p.profile.clone());
            let (low, high) = (profile(&low), profile(&high));
            if width > 0.0 {
                for ((s, low), high) in slope.iter_mut().zip(&low).zip(&high) {
                    *s = (high - low) / width;
                }
            }
        }
        let mut gradient = vec![0.0; n];
        let mut information = vec![0.0; n * n];
        let mut first = 0;
        for actions in &self.sets {
            let own = first..first + actions;
            first += actions;
            let seen: f64 = self.counts[own.clone()].iter().sum();
            for a in own {
                // A probability this small carries no information that differences could show.
                let p = here.profile[a].max(1e-300);
                for i in 0..n {
                    gradient[i] += self.counts[a] * slopes[i][a] / p;
                    for j in 0..n {
                        information[i * n + j] += seen * slopes[i][a] * slopes[j][a] / p;
                    }
                }
            }
        }
        Ok((gradient, information))
    }
}

/// Largest payoff difference of any player, 1 where there is none.
fn range(game: &FiniteGame) -> f64 {
    let mut widest = 0.0f64;
    for player in 0..game.players.len() {
        let payoffs = game.outcomes.iter().filter_map(|o| o.payoffs.get(player)).map(|p| p.value);
        let (low, high) =
            payoffs.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(p), high.max(p)));
        widest = widest.max(high - low);
    }
    if widest > 0.0 && widest.is_finite() { widest } else { 1.0 }
}

/// The inverse of a symmetric matrix; a direction without information gets a huge variance, not a NaN.
fn invert(matrix: &[f64], n: usize) -> Vec<f64> {
    let mut rows = vec![0.0; n * 2 * n];
    for i in 0..n {
        rows[i * 2 * n..i * 2 * n + n].copy_from_slice(&matrix[i * n..(i + 1) * n]);
        rows[i * 2 * n + n + i] = 1.0;
    }
    dense::solve(&mut rows, n, 2 * n);
    (0..n).flat_map(|i| rows[i * 2 * n + n..(i + 1) * 2 * n].to_vec()).collect()
}
