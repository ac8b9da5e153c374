//! Where equilibria form a continuum: corners of it.
//!
//! The equations of [`polish`](super::polish) may leave play on the path some freedom. From an equilibrium a random direction is projected on what
//! they leave free and followed, with Newton corrections, until an action is no longer played or one that is not played is as good; that
//! is a further equation, and so on until nothing is free. Where an equilibrium ends for another reason, or the corrections fail on a curved edge,
//! the walk ends there, which need not be a corner.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::arrays::{Arrays, Who};
use super::certificate::certify;
use super::completion::{normal, worth};
use super::dense;
use super::polish::{System, shortest};
use crate::tolerance;

/// Halvings of a step: to the last digit.
const HALVINGS: usize = 44;
/// A direction shorter than this is none.
const FLAT: f64 = 1e-7;
/// Share of a drawn direction in one to larger payoffs, for where these do not change.
const LEAST: f64 = 1e-3;
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

/// An information set, an action played there, and one that is not.
type Tie = (usize, usize, usize);

/// Where a walk wants to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// In a direction drawn once.
    Anywhere,
    /// To larger payoffs, of players weighted at random: corners that are best for somebody are those that matter most.
    Payoffs,
}

/// Walks from an equilibrium to a corner of the continuum that it is part of.
///
/// Cost: for each equation added some 50 corrections and passes over the tree.
pub(crate) fn corner(tree: &Arrays, start: &[f64], aim: Aim, random: &mut ChaCha8Rng) -> Option<Vec<f64>> {
    let mut sigma = start.to_vec();
    let mut ties: Vec<Tie> = Vec::new();
    let wish: Vec<f64> = start.iter().map(|_| normal(random)).collect();
    let weights: Vec<f64> = (0..tree.players).map(|_| normal(random)).collect();
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
        if aim == Aim::Payoffs {
            let here = worth_of_play(tree, &sigma, &weights);
            let mut moved = sigma.clone();
            for (d, u) in d.iter_mut().zip(&system.unknowns) {
                moved[*u] += 1.0;
                *d = LEAST * *d + worth_of_play(tree, &moved, &weights) - here;
                moved[*u] = sigma[*u];
            }
        }
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

/// A point of the continuum that `start` is part of, with other replies off the path wherever several are best: what is a corner depends on them.
///
/// The point is drawn on the way to a corner; replies are changed set by set, as long as the profile stays an equilibrium. `beliefs` are those off
/// the path, by node.
pub(crate) fn elsewhere(
    tree: &Arrays,
    start: &[f64],
    beliefs: &[f64],
    random: &mut ChaCha8Rng,
) -> Option<Vec<f64>> {
    let limit = tolerance::RESIDUAL.max(10.0 * regret(tree, start));
    let end = corner(tree, start, Aim::Anywhere, random)?;
    let share: f64 = random.random();
    let between: Vec<f64> = start.iter().zip(&end).map(|(a, b)| a + share * (b - a)).collect();
    let support: Vec<bool> = start.iter().map(|p| *p > 0.0).collect();
    let mut sigma = super::polish::polish(tree, &between, &support).filter(|s| regret(tree, s) <= limit)?;
    let reached = super::polish::reached_sets(tree, &support);
    for set in (0..reached.len()).filter(|set| !reached[*set]) {
        let own = tree.action[set]..tree.action[set + 1];
        let worth = worth(tree, &sigma, beliefs, set);
        let best = worth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let unit = tree.payoff_range(tree.owner[set]);
        let tied: Vec<usize> =
            (0..own.len()).filter(|a| worth[*a] >= best - tolerance::EQUILIBRIUM * unit).collect();
        if tied.len() < 2 {
            continue;
        }
        let chosen = tied[random.random_range(0..tied.len())];
        let kept = sigma[own.clone()].to_vec();
        sigma[own.clone()].fill(0.0);
        sigma[own.start + chosen] = 1.0;
        if regret(tree, &sigma) > limit {
            match repaired(tree, &sigma, &support).filter(|s| regret(tree, s) <= limit) {
                Some(better) => sigma = better,
                None => sigma[own].copy_from_slice(&kept),
            }
        }
    }
    Some(sigma)
}

/// Σ weight × expected payoff in units of its range.
fn worth_of_play(tree: &Arrays, sigma: &[f64], weights: &[f64]) -> f64 {
    let mut reach = vec![0.0; tree.nodes()];
    let mut out = 0.0;
    if let Some(root) = reach.first_mut() {
        *root = 1.0;
    }
    let units: Vec<f64> = (0..tree.players).map(|p| tree.payoff_range(p).max(f64::MIN_POSITIVE)).collect();
    for node in 0..tree.nodes() {
        if reach[node] == 0.0 {
            continue;
        }
        for (position, child) in tree.children(node).iter().enumerate() {
            reach[*child] = reach[node]
                * match tree.who[node] {
                    Who::Set(set) => sigma[tree.action[set] + position],
                    Who::Chance(odds) => tree.odds[odds + position],
                    Who::Nobody => 0.0,
                };
        }
        if tree.who[node] == Who::Nobody {
            let players = weights.iter().zip(&units).enumerate();
            out += reach[node] * players.map(|(p, (w, unit))| w * tree.payoff(node, p) / unit).sum::<f64>();
        }
    }
    out
}

fn regret(tree: &Arrays, sigma: &[f64]) -> f64 {
    let logs: Vec<f64> = sigma.iter().map(|p| p.ln()).collect();
    certify(tree, &logs, None).relative
}

/// The nearest play on the path at which the best of the unplayed actions there is no better than those that are played.
fn repaired(tree: &Arrays, sigma: &[f64], support: &[bool]) -> Option<Vec<f64>> {
    let mut best: Option<(f64, Tie)> = None;
    for (gain, at) in gains(tree, sigma, support, &[])? {
        if gain > TIED && best.is_none_or(|(most, _)| gain > most) {
            best = Some((gain, at));
        }
    }
    let (_, (set, played, unplayed)) = best?;
    let (mut system, start) = System::new(tree, sigma, support)?;
    system.tie(set, played, unplayed);
    let found = system.solve(start)?;
    system.unknowns.iter().all(|u| found[*u] > TIED).then_some(found)
}

/// An action on the path that is not played and as good as one that is, the closest one: set, played, unplayed.
fn tied(tree: &Arrays, sigma: &[f64], support: &[bool], known: &[Tie]) -> Option<Tie> {
    let mut best: Option<(f64, Tie)> = None;
    for (gain, at) in gains(tree, sigma, support, known)? {
        if gain.abs() <= TIED && best.is_none_or(|(least, _)| gain.abs() < least) {
            best = Some((gain.abs(), at));
        }
    }
    best.map(|(_, tie)| tie)
}

/// What unplayed actions on the path are better than those played: gain as a share of the payoff range; set, played, unplayed.
fn gains(tree: &Arrays, sigma: &[f64], support: &[bool], known: &[Tie]) -> Option<Vec<(f64, Tie)>> {
    let reached = super::polish::reached_sets(tree, support);
    let mut out = Vec::new();
    for set in (0..reached.len()).filter(|set| reached[*set]) {
        let own = tree.action[set]..tree.action[set + 1];
        let played = own.clone().find(|a| support[*a])?;
        for unplayed in own.filter(|a| !support[*a]) {
            if known.iter().all(|(_, _, a)| *a != unplayed) {
                let (mut system, _) = System::new(tree, sigma, support)?;
                system.tie(set, played, unplayed);
                let gain = system.linear_value(sigma).last().copied().unwrap_or(f64::INFINITY);
                out.push((gain, (set, played, unplayed)));
            }
        }
    }
    Some(out)
}
