//! Where equilibria form a continuum: corners of it.
//!
//! The equations of [`polish`](super::polish) may leave play on the path some freedom. From an equilibrium a random direction is projected on what
//! they leave free and followed, with Newton corrections, until an action is no longer played or one that is not played is as good; that
//! is a further equation, and so on until nothing is free. Where an equilibrium ends for another reason the walk ends there.

use rand_chacha::ChaCha8Rng;

use super::arrays::Arrays;
use super::certificate::certify;
use super::completion::normal;
use super::dense;
use super::polish::{System, shortest};
use crate::tolerance;

/// Halvings of a step: to the last digit.
const HALVINGS: usize = 44;
/// A direction shorter than this is none.
const FLAT: f64 = 1e-7;
/// Gain below which an action that is not played counts as tied at the end of a step, as a share of the payoff range.
const TIED: f64 = 1e-7;

/// How many directions the equations leave free at a profile.
pub(crate) fn freedom(tree: &Arrays, sigma: &[f64]) -> usize {
    let support: Vec<bool> = sigma.iter().map(|p| *p > 0.0).collect();
    let Some((system, sigma)) = System::new(tree, sigma, &support) else { return 0 };
    let (mut rows, values) = system.linear(&sigma);
    let (m, n) = (values.len(), system.unknowns.len());
    let mut rank = 0;
    for column in 0..n {
        let Some(pivot) =
            (rank..m).max_by(|a, b| rows[a * n + column].abs().total_cmp(&rows[b * n + column].abs()))
        else {
            break;
        };
        if !(rows[pivot * n + column].abs() > FLAT) {
            continue;
        }
        for at in 0..n {
            rows.swap(rank * n + at, pivot * n + at);
        }
        for row in rank + 1..m {
            let factor = rows[row * n + column] / rows[rank * n + column];
            for at in column..n {
                rows[row * n + at] -= factor * rows[rank * n + at];
            }
        }
        rank += 1;
    }
    n - rank
}

/// Walks from an equilibrium to a corner of the continuum that it is part of.
///
/// Cost: for each equation added some 50 corrections and passes over the tree.
pub(crate) fn corner(tree: &Arrays, start: &[f64], random: &mut ChaCha8Rng) -> Option<Vec<f64>> {
    let mut sigma = start.to_vec();
    let mut ties: Vec<(usize, usize, usize)> = Vec::new();
    let wish: Vec<f64> = start.iter().map(|_| normal(random)).collect();
    let limit = tolerance::RESIDUAL.max(10.0 * regret(tree, start));
    for _ in 0..start.len() {
        let support: Vec<bool> = sigma.iter().map(|p| *p > 0.0).collect();
        let (mut system, at) = System::new(tree, &sigma, &support)?;
        sigma = at;
        ties.retain(|(_, played, _)| support[*played]);
        ties.iter().for_each(|(set, played, unplayed)| system.tie(*set, *played, *unplayed));
        let n = system.unknowns.len();
        let (slopes, values) = system.linear(&sigma);
        // What is left of the wish once what would change an equation is taken away; twice, against round-off.
        let mut d: Vec<f64> = system.unknowns.iter().map(|u| wish[*u]).collect();
        for _ in 0..2 {
            let along: Vec<f64> =
                (0..values.len()).map(|row| dense::dot(&slopes[row * n..][..n], &d)).collect();
            let back = shortest(&slopes, &along, n);
            d.iter_mut().zip(&back).for_each(|(d, b)| *d -= b);
        }
        let size = d.iter().fold(0.0f64, |m, d| m.max(d.abs()));
        if !(size > FLAT) {
            return Some(sigma);
        }
        d.iter_mut().for_each(|d| *d /= size);
        // The first probability that would vanish.
        let first = system.unknowns.iter().zip(&d).filter(|(_, d)| **d < -FLAT);
        let far = first.map(|(u, d)| sigma[*u] / -d).fold(f64::INFINITY, f64::min);
        if !far.is_finite() {
            return None;
        }
        let step = |t: f64| -> Option<Vec<f64>> {
            let mut next = sigma.clone();
            system.unknowns.iter().zip(&d).for_each(|(u, d)| next[*u] = (next[*u] + t * d).max(0.0));
            let next = system.solve(next)?;
            (regret(tree, &next) <= limit).then_some(next)
        };
        let (mut low, mut high, mut reached) = (0.0, far, sigma.clone());
        if let Some(next) = step(far) {
            reached = next;
        } else {
            for _ in 0..HALVINGS {
                let middle = f64::midpoint(low, high);
                match step(middle) {
                    Some(next) => (low, reached) = (middle, next),
                    None => high = middle,
                }
            }
        }
        let vanished: Vec<usize> = system.unknowns.iter().copied().filter(|u| reached[*u] <= TIED).collect();
        sigma = reached;
        if vanished.is_empty() {
            let Some(tie) = tied(tree, &sigma, &support, &ties) else { return Some(sigma) };
            system.tie(tie.0, tie.1, tie.2);
            ties.push(tie);
            if let Some(exact) = system.solve(sigma.clone()).filter(|s| regret(tree, s) <= limit) {
                sigma = exact;
            }
        }
        vanished.iter().for_each(|u| sigma[*u] = 0.0);
        if !vanished.is_empty() && regret(tree, &sigma) > limit.max(TIED) {
            return None;
        }
    }
    Some(sigma)
}

fn regret(tree: &Arrays, sigma: &[f64]) -> f64 {
    let logs: Vec<f64> = sigma.iter().map(|p| p.ln()).collect();
    certify(tree, &logs, None).relative
}

/// An action on the path that is not played and as good as one that is, the closest one: set, played, unplayed.
fn tied(
    tree: &Arrays,
    sigma: &[f64],
    support: &[bool],
    known: &[(usize, usize, usize)],
) -> Option<(usize, usize, usize)> {
    let reached = super::polish::reached_sets(tree, support);
    let mut best: Option<(f64, (usize, usize, usize))> = None;
    for set in (0..reached.len()).filter(|set| reached[*set]) {
        let own = tree.action[set]..tree.action[set + 1];
        let played = own.clone().find(|a| support[*a])?;
        for unplayed in own.filter(|a| !support[*a]) {
            if known.iter().any(|(_, _, a)| *a == unplayed) {
                continue;
            }
            let (mut system, _) = System::new(tree, sigma, support)?;
            system.tie(set, played, unplayed);
            let gain = system.linear_value(sigma).last().copied().unwrap_or(f64::INFINITY).abs();
            if gain <= TIED && best.is_none_or(|(least, _)| gain < least) {
                best = Some((gain, (set, played, unplayed)));
            }
        }
    }
    best.map(|(_, tie)| tie)
}
