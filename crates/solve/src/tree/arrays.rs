//! A finite game as flat arrays: what solving and checking walk over.

use armistice_game::{FiniteGame, FiniteKind};

use super::TreeError;

/// Largest payoff in size: differences and squares of such are finite.
const LARGEST: f64 = 1e100;

/// Who moves at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Nobody,
    /// Information set.
    Set(usize),
    /// First probability in [`Arrays::odds`].
    Chance(usize),
}

/// The tree in preorder; information sets and their actions are those of the game, in its order.
#[derive(Clone, Debug)]
pub(crate) struct Arrays {
    pub(crate) players: usize,
    pub(crate) who: Vec<Who>,
    /// By node: its children are `edges[first[n]..first[n + 1]]`.
    pub(crate) first: Vec<usize>,
    pub(crate) edges: Vec<usize>,
    pub(crate) odds: Vec<f64>,
    /// `[node][player]`: payoffs collected on the way to the node, itself included.
    pub(crate) collected: Vec<f64>,
    /// By information set: its player, and its first action among all; one more for the end.
    pub(crate) owner: Vec<usize>,
    pub(crate) action: Vec<usize>,
    /// By information set: its nodes.
    pub(crate) members: Vec<Vec<usize>>,
}

impl Arrays {
    pub(crate) fn new(game: &FiniteGame) -> Result<Self, TreeError> {
        let players = game.players.len();
        let (mut action, mut total) = (vec![0], 0);
        for set in &game.sets {
            total += set.actions.len();
            action.push(total);
        }
        let mut out = Self {
            players,
            who: Vec::with_capacity(game.nodes.len()),
            first: vec![0],
            edges: Vec::with_capacity(game.nodes.len()),
            odds: Vec::new(),
            collected: vec![0.0; game.nodes.len() * players],
            owner: game.sets.iter().map(|set| set.player as usize).collect(),
            action,
            members: vec![Vec::new(); game.sets.len()],
        };
        let odds_of: Vec<usize> = game
            .chances
            .iter()
            .map(|set| {
                let start = out.odds.len();
                out.odds.extend(set.actions.iter().map(|(_, p)| p.value));
                start
            })
            .collect();
        let unsound = || TreeError::Unsound { what: "a node refers to something that is not there" };
        for (index, node) in game.nodes.iter().enumerate() {
            let (who, count) = match node.kind {
                FiniteKind::Terminal => (Who::Nobody, 0),
                FiniteKind::Chance { set } => {
                    let chance = game.chances.get(set as usize).ok_or_else(unsound)?;
                    (Who::Chance(odds_of[set as usize]), chance.actions.len())
                }
                FiniteKind::Move { set } => {
                    let own = game.sets.get(set as usize).ok_or_else(unsound)?;
                    if own.player as usize >= players {
                        return Err(unsound());
                    }
                    out.members[set as usize].push(index);
                    (Who::Set(set as usize), own.actions.len())
                }
            };
            if node.children.len() != count {
                return Err(TreeError::Unsound { what: "a node has not one child for each of its actions" });
            }
            if let Some(outcome) = node.outcome {
                let payoffs = &game.outcomes.get(outcome as usize).ok_or_else(unsound)?.payoffs;
                if payoffs.len() != players || payoffs.iter().any(|p| !(p.value.abs() <= LARGEST)) {
                    return Err(TreeError::Unsound {
                        what: "an outcome has not one payoff below 1e100 for each player",
                    });
                }
                for (to, from) in out.collected[index * players..].iter_mut().zip(payoffs) {
                    *to += from.value;
                }
            }
            for child in &node.children {
                let child = *child as usize;
                // Preorder: a child stands behind its parent, so that what was collected is already there.
                if child <= index || child >= game.nodes.len() {
                    return Err(TreeError::Unsound { what: "the nodes are not in preorder" });
                }
                let (above, below) = out.collected.split_at_mut(child * players);
                for (to, from) in below.iter_mut().zip(&above[index * players..][..players]) {
                    *to += from;
                }
                out.edges.push(child);
            }
            out.first.push(out.edges.len());
            out.who.push(who);
        }
        Ok(out)
    }

    pub(crate) fn nodes(&self) -> usize {
        self.who.len()
    }

    pub(crate) fn actions(&self) -> usize {
        self.action.last().copied().unwrap_or(0)
    }

    pub(crate) fn children(&self, node: usize) -> &[usize] {
        &self.edges[self.first[node]..self.first[node + 1]]
    }

    pub(crate) fn payoff(&self, node: usize, player: usize) -> f64 {
        self.collected[node * self.players + player]
    }

    /// Largest minus smallest payoff of a player over all ends.
    pub(crate) fn payoff_range(&self, player: usize) -> f64 {
        let ends = (0..self.nodes()).filter(|n| self.who[*n] == Who::Nobody);
        let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), n| {
            (low.min(self.payoff(n, player)), high.max(self.payoff(n, player)))
        });
        if high > low { high - low } else { 0.0 }
    }
}
