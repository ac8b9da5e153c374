//! Play and beliefs off the path that make a Nash equilibrium a sequential one, if some are found.
//!
//! Any sequence of trembles ε^k w with ε → 0 gives beliefs that are consistent (Kreps and Wilson 1982). Exponents and weights are drawn, beliefs
//! follow from them by Bayes' rule in logarithms, sets off the path reply to them, and the assessment is checked. That none is found proves
//! nothing.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::arrays::Arrays;
use super::certificate::{TreeCertificate, beliefs, certify_assessment};
use super::polish::reached_sets;
use crate::tolerance;

/// ln ε: so small that no chain of few trembles is mistaken for many.
pub(crate) const TREMBLE: f64 = -400.0;
/// Sweeps of replies.
const SWEEPS: usize = 12;

/// A profile with logarithms of probabilities in which zeros are trembles, and its certificate.
#[derive(Clone, Debug)]
pub(crate) struct Assessed {
    pub(crate) sigma: Vec<f64>,
    pub(crate) logs: Vec<f64>,
    pub(crate) certificate: TreeCertificate,
}

impl Assessed {
    pub(crate) fn new(tree: &Arrays, sigma: Vec<f64>, logs: Vec<f64>) -> Self {
        let certificate = certify_assessment(tree, sigma.clone(), &logs, None);
        Self { sigma, logs, certificate }
    }

    /// Whether no player gains by playing differently.
    pub(crate) fn nash(&self) -> bool {
        self.certificate.relative <= tolerance::EQUILIBRIUM && self.certificate.mass_error <= 1e-9
    }

    /// Whether no agent gains either, given the beliefs that trembles leave.
    pub(crate) fn sequential(&self, scale: f64) -> bool {
        self.nash()
            && self.certificate.agent_regret <= tolerance::EQUILIBRIUM * scale
            && self.certificate.bayes_residual <= tolerance::EQUILIBRIUM
            && self.logs.iter().all(|l| l.is_finite())
    }
}

/// A standard normal deviate (Box and Muller 1958).
pub(crate) fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (random.random(), random.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Looks for play off the path, and trembles, that make a Nash equilibrium sequential; play on the path is kept.
///
/// Cost: per draw a few passes over the tree.
pub(crate) fn complete(
    tree: &Arrays,
    sigma: &[f64],
    scale: f64,
    draws: u32,
    random: &mut ChaCha8Rng,
) -> Option<Assessed> {
    let support: Vec<bool> = sigma.iter().map(|p| *p > 0.0).collect();
    let reached = reached_sets(tree, &support);
    for draw in 0..draws {
        let trembles: Vec<f64> = sigma
            .iter()
            .map(|_| {
                let exponent = if draw == 0 { 1 } else { random.random_range(1..=3u32) };
                let weight = if draw == 0 { 0.0 } else { normal(random) };
                f64::from(exponent) * TREMBLE + weight
            })
            .collect();
        let mut play = sigma.to_vec();
        let mut logs = vec![0.0; sigma.len()];
        for _ in 0..SWEEPS {
            for (at, log) in logs.iter_mut().enumerate() {
                *log = if play[at] > 0.0 { play[at].ln() } else { trembles[at] };
            }
            if !reply(tree, &reached, &mut play, &beliefs(tree, &logs), scale) {
                break;
            }
        }
        for (at, log) in logs.iter_mut().enumerate() {
            *log = if play[at] > 0.0 { play[at].ln() } else { trembles[at] };
        }
        let found = Assessed::new(tree, play, logs);
        if found.sequential(scale) {
            return Some(found);
        }
    }
    None
}

/// Lets sets off the path reply best, the last ones first; whether something changed.
fn reply(tree: &Arrays, reached: &[bool], play: &mut [f64], beliefs: &[f64], scale: f64) -> bool {
    let mut order: Vec<usize> = (0..reached.len()).filter(|set| !reached[*set]).collect();
    order.sort_by_key(|set| std::cmp::Reverse(tree.members[*set].first().copied().unwrap_or(0)));
    let mut changed = false;
    for set in order {
        let own = tree.action[set]..tree.action[set + 1];
        let worth = worth(tree, play, beliefs, set);
        let best = worth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let now: f64 = worth.iter().zip(&play[own.clone()]).map(|(w, p)| w * p).sum();
        if best - now > 1e-9 * scale
            && let Some(at) = worth.iter().position(|w| *w == best)
        {
            play[own.clone()].fill(0.0);
            play[own.start + at] = 1.0;
            changed = true;
        }
    }
    changed
}

/// What the actions of an information set are worth to its owner, given beliefs by node.
pub(crate) fn worth(tree: &Arrays, play: &[f64], beliefs: &[f64], set: usize) -> Vec<f64> {
    let mut out = vec![0.0; tree.action[set + 1] - tree.action[set]];
    for node in tree.members[set].iter().filter(|n| beliefs[**n] > 0.0) {
        for (w, child) in out.iter_mut().zip(tree.children(*node)) {
            *w += beliefs[*node] * value(tree, play, *child, tree.owner[set]);
        }
    }
    out
}

/// Expected payoff of a player from a node on.
fn value(tree: &Arrays, play: &[f64], node: usize, player: usize) -> f64 {
    use super::arrays::Who;
    let children = tree.children(node).iter().enumerate();
    match tree.who[node] {
        Who::Nobody => tree.payoff(node, player),
        Who::Set(set) => children
            .map(|(i, c)| (play[tree.action[set] + i], c))
            .filter(|(p, _)| *p > 0.0)
            .map(|(p, c)| p * value(tree, play, *c, player))
            .sum(),
        Who::Chance(odds) => children.map(|(i, c)| tree.odds[odds + i] * value(tree, play, *c, player)).sum(),
    }
}
