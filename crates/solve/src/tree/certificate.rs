//! Checks a profile of a finite game by code that shares nothing with the solver but the tree.

use serde::Serialize;

use armistice_game::FiniteGame;

use super::TreeError;
use super::arrays::{Arrays, Who};
use crate::tolerance;

/// What a profile of choice probabilities is worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TreeCertificate {
    /// By player: the expected payoff.
    pub payoffs: Vec<f64>,
    /// By player: how much a best response of the whole player, other moves included, would gain. Zero in a Nash equilibrium.
    pub regret: Vec<f64>,
    /// Σ of the players' regrets.
    pub nash_conv: f64,
    /// Largest gain at any single information set from another action there, given beliefs; sets of probability zero included.
    pub agent_regret: f64,
    /// Largest regret as a share of the player's payoff range.
    pub relative: f64,
    /// max |σ − logit(λQ(σ))| over information sets, at the λ asked for.
    pub residual: Option<f64>,
    /// max |μ − Bayes(σ)| over the nodes of information sets that σ reaches, in probability: μ are the beliefs from which agent regret is
    /// computed, which follow from the logarithms that the solver carries, trembles included; Bayes(σ) follows from products of the
    /// probabilities alone. At sets that σ does not reach Bayes' rule says nothing.
    pub bayes_residual: f64,
    /// max |Σ σ − 1| over information sets, and over chance.
    pub mass_error: f64,
    /// Whether every player remembers what he did and knew; without it a best response may gain more than `regret` says.
    pub perfect_recall: bool,
}

/// Checks a profile: probabilities of all actions of all information sets, in the game's order.
///
/// - cost: a few passes over the tree, and one per player.
/// - errors: [`TreeError::Unsound`], also where the profile has not one probability per action.
pub fn certify_profile(
    game: &FiniteGame,
    profile: &[f64],
    lambda: Option<f64>,
) -> Result<TreeCertificate, TreeError> {
    let tree = Arrays::new(game)?;
    if profile.len() != tree.actions() || profile.iter().any(|p| !(*p >= 0.0)) {
        return Err(TreeError::Unsound { what: "the profile has not one probability for each action" });
    }
    let logs: Vec<f64> = profile.iter().map(|p| p.ln()).collect();
    Ok(certify(&tree, &logs, lambda))
}

/// The same for logarithms of probabilities, so that beliefs are defined where probabilities vanish.
pub(crate) fn certify(tree: &Arrays, logs: &[f64], lambda: Option<f64>) -> TreeCertificate {
    certify_assessment(tree, logs.iter().map(|l| l.exp()).collect(), logs, lambda)
}

/// The same for a profile whose beliefs are those that other logarithms imply: trembles, where the profile has zeros.
pub(crate) fn certify_assessment(
    tree: &Arrays,
    sigma: Vec<f64>,
    logs: &[f64],
    lambda: Option<f64>,
) -> TreeCertificate {
    let check = Check { tree, sigma };
    let payoffs: Vec<f64> = (0..tree.players).map(|player| check.expected(player)[0]).collect();
    let mut perfect_recall = true;
    let mut regret = Vec::with_capacity(tree.players);
    for (player, payoff) in payoffs.iter().enumerate() {
        let (best, recall) = check.best_response(player);
        perfect_recall &= recall;
        // Round-off can leave the best response a hair below what is played.
        regret.push((best - payoff).max(0.0));
    }
    let beliefs = beliefs(tree, logs);
    let (agent_regret, residual) = check.agents(&beliefs, lambda);
    let ranges = regret.iter().enumerate().map(|(player, r)| {
        let range = tree.payoff_range(player);
        if range > 0.0 { r / range } else { 0.0 }
    });
    TreeCertificate {
        relative: ranges.fold(0.0, f64::max),
        nash_conv: regret.iter().sum(),
        payoffs,
        regret,
        agent_regret,
        residual,
        bayes_residual: check.bayes_residual(&beliefs),
        mass_error: check.mass_error(),
        perfect_recall,
    }
}

/// By node: its probability given that its information set is reached, from logarithms of choice probabilities. All nodes of a set that chance
/// excludes are held alike.
pub(crate) fn beliefs(tree: &Arrays, logs: &[f64]) -> Vec<f64> {
    let mut reach = vec![0.0; tree.nodes()];
    for node in 0..tree.nodes() {
        for (position, child) in tree.children(node).iter().enumerate() {
            reach[*child] = reach[node]
                + match tree.who[node] {
                    Who::Set(set) => logs[tree.action[set] + position],
                    Who::Chance(odds) => tree.odds[odds + position].ln(),
                    Who::Nobody => 0.0,
                };
        }
    }
    let mut out = vec![0.0; tree.nodes()];
    for members in &tree.members {
        let top = members.iter().map(|n| reach[*n]).fold(f64::NEG_INFINITY, f64::max);
        let weight = |n: usize| if top == f64::NEG_INFINITY { 1.0 } else { (reach[n] - top).exp() };
        let total: f64 = members.iter().map(|n| weight(*n)).sum();
        for node in members {
            out[*node] = weight(*node) / total;
        }
    }
    out
}

struct Check<'a> {
    tree: &'a Arrays,
    sigma: Vec<f64>,
}

impl Check<'_> {
    fn probability(&self, node: usize, position: usize) -> f64 {
        match self.tree.who[node] {
            Who::Set(set) => self.sigma[self.tree.action[set] + position],
            Who::Chance(odds) => self.tree.odds[odds + position],
            Who::Nobody => 0.0,
        }
    }

    /// By node: the expected payoff of a player from there on.
    fn expected(&self, player: usize) -> Vec<f64> {
        let mut out = vec![0.0; self.tree.nodes()];
        for node in (0..self.tree.nodes()).rev() {
            out[node] = if self.tree.who[node] == Who::Nobody {
                self.tree.payoff(node, player)
            } else {
                let children = self.tree.children(node).iter().enumerate();
                children.map(|(i, child)| self.probability(node, i) * out[*child]).sum()
            };
        }
        out
    }

    /// Value of the best response of a player, and whether the player has perfect recall.
    ///
    /// Sets are taken in descending order of the player's own moves before them; every node is passed once.
    fn best_response(&self, player: usize) -> (f64, bool) {
        let tree = self.tree;
        // Probability that everyone else leads to a node, and the player's own last (set, action) and number of moves before.
        let mut others = vec![0.0; tree.nodes()];
        let mut history: Vec<Option<(usize, usize)>> = vec![None; tree.nodes()];
        let mut moves = vec![0usize; tree.nodes()];
        others[0] = 1.0;
        for node in 0..tree.nodes() {
            let own = match tree.who[node] {
                Who::Set(set) if tree.owner[set] == player => Some(set),
                _ => None,
            };
            for (position, child) in tree.children(node).iter().enumerate() {
                match own {
                    Some(set) => {
                        others[*child] = others[node];
                        history[*child] = Some((set, position));
                        moves[*child] = moves[node] + 1;
                    }
                    None => {
                        others[*child] = others[node] * self.probability(node, position);
                        history[*child] = history[node];
                        moves[*child] = moves[node];
                    }
                }
            }
        }
        let mut sets: Vec<usize> = (0..tree.owner.len())
            .filter(|set| tree.owner[*set] == player && !tree.members[*set].is_empty())
            .collect();
        let recall = sets.iter().all(|set| {
            let members = &tree.members[*set];
            members.iter().all(|n| history[*n] == history[members[0]])
        });
        let depth = |set: &usize| tree.members[*set].iter().map(|n| moves[*n]).max().unwrap_or(0);
        sets.sort_by_key(|set| std::cmp::Reverse(depth(set)));
        let mut value = vec![f64::NAN; tree.nodes()];
        for set in sets {
            let count = tree.action[set + 1] - tree.action[set];
            let mut best: Option<(f64, usize)> = None;
            for position in 0..count {
                let total: f64 = tree.members[set]
                    .iter()
                    .map(|n| {
                        let child = tree.children(*n)[position];
                        self.below(child, player, &mut value);
                        others[*n] * value[child]
                    })
                    .sum();
                if best.is_none_or(|(most, _)| total > most) {
                    best = Some((total, position));
                }
            }
            let chosen = best.map_or(0, |(_, position)| position);
            for node in &tree.members[set] {
                value[*node] = value[tree.children(*node)[chosen]];
            }
        }
        self.below(0, player, &mut value);
        (value[0], recall)
    }

    /// Fills in the value of a node from what is known below it.
    fn below(&self, node: usize, player: usize, value: &mut [f64]) {
        let tree = self.tree;
        let mut stack = vec![(node, false)];
        while let Some((node, children_done)) = stack.pop() {
            if !value[node].is_nan() {
                continue;
            }
            if tree.who[node] == Who::Nobody {
                value[node] = tree.payoff(node, player);
            } else if children_done {
                let children = tree.children(node).iter().enumerate();
                // A set of the player's own that was not decided yet (imperfect recall) is played as it is.
                value[node] = children.map(|(i, child)| self.probability(node, i) * value[*child]).sum();
            } else {
                stack.push((node, true));
                stack.extend(tree.children(node).iter().map(|child| (*child, false)));
            }
        }
    }

    /// Largest gain at one information set, and the residual at λ.
    fn agents(&self, beliefs: &[f64], lambda: Option<f64>) -> (f64, Option<f64>) {
        let tree = self.tree;
        let values: Vec<Vec<f64>> = (0..tree.players).map(|player| self.expected(player)).collect();
        let (mut gain, mut residual) = (0.0f64, 0.0f64);
        for (set, members) in tree.members.iter().enumerate() {
            let own = tree.action[set]..tree.action[set + 1];
            let q: Vec<f64> = (0..own.len())
                .map(|position| {
                    let of = &values[tree.owner[set]];
                    members.iter().map(|n| beliefs[*n] * of[tree.children(*n)[position]]).sum()
                })
                .collect();
            let best = q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let played: f64 = q.iter().zip(&self.sigma[own.clone()]).map(|(q, p)| q * p).sum();
            if best.is_finite() {
                gain = gain.max(best - played);
            }
            if let Some(lambda) = lambda {
                let sum: f64 = q.iter().map(|q| (lambda * (q - best)).exp()).sum();
                for (q, p) in q.iter().zip(&self.sigma[own]) {
                    residual = residual.max(((lambda * (q - best)).exp() / sum - p).abs());
                }
            }
        }
        (gain, lambda.map(|_| residual))
    }

    /// By node: the probability that it is reached.
    fn reached(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.tree.nodes()];
        if let Some(root) = out.first_mut() {
            *root = 1.0;
        }
        for node in 0..self.tree.nodes() {
            for (position, child) in self.tree.children(node).iter().enumerate() {
                out[*child] = out[node] * self.probability(node, position);
            }
        }
        out
    }

    fn bayes_residual(&self, beliefs: &[f64]) -> f64 {
        let reached = self.reached();
        let mut most = 0.0f64;
        for members in &self.tree.members {
            let total: f64 = members.iter().map(|n| reached[*n]).sum();
            if total > tolerance::BAYES {
                most = members.iter().fold(most, |m, n| m.max((beliefs[*n] - reached[*n] / total).abs()));
            }
        }
        most
    }

    fn mass_error(&self) -> f64 {
        let sets = self.tree.action.windows(2).map(|b| self.sigma[b[0]..b[1]].iter().sum::<f64>());
        let chance =
            (0..self.tree.nodes()).filter(|n| matches!(self.tree.who[*n], Who::Chance(_))).map(|n| {
                (0..self.tree.children(n).len()).map(|position| self.probability(n, position)).sum::<f64>()
            });
        sets.chain(chance).map(|total| (total - 1.0).abs()).fold(0.0, f64::max)
    }
}
