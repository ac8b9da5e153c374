//! Pure subgame-perfect equilibria of games of perfect information.
//!
//! Zermelo's backward induction with all ties: at every node an equilibrium of the subgame is one for each subgame below, and
//! an action that is best given their values. Equilibria are counted by classes of equal value and never listed on the way: at a node of a
//! player, the classes below that are best for some equilibria of the others, with the product of their counts; at a
//! node of chance, one class for each combination. A list is read off the counts: every number below the count is decoded into its
//! equilibrium.

use armistice_game::FiniteGame;
use serde::Serialize;

use super::TreeError;
use super::arrays::{Arrays, Who};
use crate::tolerance;

/// Most classes below one node.
const CLASSES: usize = 1 << 16;

/// The pure subgame-perfect equilibria of a game of perfect information.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PureEquilibria {
    /// How many there are; `u64::MAX` says at least so many.
    pub count: u64,
    /// The first of them.
    pub equilibria: Vec<PureEquilibrium>,
    /// Whether these are all.
    pub complete: bool,
}

/// One pure subgame-perfect equilibrium.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PureEquilibrium {
    /// By information set of the game: the position of the action chosen.
    pub actions: Vec<usize>,
    /// By player: the expected payoff.
    pub payoffs: Vec<f64>,
}

/// Equilibria of a subgame that have the same value for all players.
struct Class {
    values: Vec<f64>,
    count: u64,
    source: Source,
}

enum Source {
    End,
    /// Action and class of its child.
    Action(usize, usize),
    /// By child: class.
    Combination(Vec<usize>),
}

/// What to read off: the equilibrium of this number, among those of a class or of those worth at most so much to a player.
enum Among {
    All,
    Class(usize),
    Worth(usize, f64),
}

struct Induction<'a> {
    tree: &'a Arrays,
    /// By node. Where only chance moved before, there are no classes at nodes of chance: nobody chooses by their value.
    classes: Vec<Vec<Class>>,
    total: Vec<u64>,
    /// By player: differences up to this are ties.
    tied: Vec<f64>,
}

/// Finds all pure subgame-perfect equilibria and lists the first `limit` of them.
///
/// v(n) = payoff at an end, Σ p(a) v(n a) at chance, v(n a*) with a* ∈ argmax of the owner's v(n a) elsewhere (Zermelo 1913; Selten 1965).
/// Values that differ by at most 1e-12 of a player's payoff range are tied. The count is exact up to `u64::MAX`.
///
/// - cost: without ties, linear in the nodes; in general of order ends × depth × ties, besides combinations of ties below chance that a
///   player can choose to reach. Each equilibrium listed takes of order actions.
/// - errors: [`TreeError::ImperfectInformation`]; [`TreeError::TooManyTies`] for more than 65,536 of those combinations;
///   [`TreeError::Unsound`].
pub fn backward_induction(game: &FiniteGame, limit: usize) -> Result<PureEquilibria, TreeError> {
    let tree = Arrays::new(game)?;
    if let Some(set) = tree.members.iter().position(|members| members.len() > 1) {
        return Err(TreeError::ImperfectInformation { set });
    }
    if tree.action.windows(2).any(|bounds| bounds[0] == bounds[1]) {
        return Err(TreeError::Unsound { what: "an information set has no actions" });
    }
    let induction = Induction::new(&tree)?;
    let count = induction.total.first().copied().unwrap_or(0);
    let listed = count.min(limit as u64);
    let equilibria: Vec<PureEquilibrium> = (0..listed)
        .map(|rank| {
            let actions = induction.read(rank);
            PureEquilibrium { payoffs: induction.payoffs(&actions), actions }
        })
        .collect();
    Ok(PureEquilibria { count, complete: count == listed && count < u64::MAX, equilibria })
}

impl<'a> Induction<'a> {
    fn new(tree: &'a Arrays) -> Result<Self, TreeError> {
        let mut free = vec![false; tree.nodes()];
        free[0] = true;
        for node in 0..tree.nodes() {
            let passes = free[node] && matches!(tree.who[node], Who::Chance(_));
            for child in tree.children(node) {
                free[*child] = passes;
            }
        }
        let mut out = Self {
            tree,
            classes: Vec::with_capacity(tree.nodes()),
            total: vec![0; tree.nodes()],
            tied: (0..tree.players).map(|p| tolerance::TIED_VALUES * tree.payoff_range(p)).collect(),
        };
        out.classes.resize_with(tree.nodes(), Vec::new);
        for node in (0..tree.nodes()).rev() {
            let children = tree.children(node);
            let classes = match tree.who[node] {
                Who::Nobody => {
                    let values = (0..tree.players).map(|p| tree.payoff(node, p)).collect();
                    vec![Class { values, count: 1, source: Source::End }]
                }
                Who::Chance(_) if free[node] => {
                    out.total[node] = children.iter().fold(1, |n: u64, c| n.saturating_mul(out.total[*c]));
                    continue;
                }
                Who::Chance(odds) => out.combine(node, &tree.odds[odds..odds + children.len()])?,
                Who::Set(set) => out.choose(node, tree.owner[set]),
            };
            out.total[node] = classes.iter().fold(0, |n: u64, c| n.saturating_add(c.count));
            out.classes[node] = classes;
        }
        Ok(out)
    }

    /// How many equilibria below a node are worth at most so much to a player.
    fn at_most(&self, node: usize, player: usize, value: f64) -> u64 {
        let low = self.classes[node].iter().filter(|c| c.values[player] <= value + self.tied[player]);
        low.fold(0, |n: u64, c| n.saturating_add(c.count))
    }

    fn choose(&self, node: usize, player: usize) -> Vec<Class> {
        let children = self.tree.children(node);
        let mut out = Vec::new();
        for (action, child) in children.iter().enumerate() {
            for (index, class) in self.classes[*child].iter().enumerate() {
                let others = children.iter().enumerate().filter(|(other, _)| *other != action);
                let count = others.fold(class.count, |n, (_, other)| {
                    n.saturating_mul(self.at_most(*other, player, class.values[player]))
                });
                if count > 0 {
                    let source = Source::Action(action, index);
                    out.push(Class { values: class.values.clone(), count, source });
                }
            }
        }
        out
    }

    fn combine(&self, node: usize, odds: &[f64]) -> Result<Vec<Class>, TreeError> {
        let children = self.tree.children(node);
        let number = children.iter().fold(1, |n: usize, c| n.saturating_mul(self.classes[*c].len()));
        if number > CLASSES {
            return Err(TreeError::TooManyTies { node, limit: CLASSES });
        }
        let combination = |mut rank: usize| {
            let mut values = vec![0.0; self.tree.players];
            let (mut count, mut picked) = (1u64, Vec::with_capacity(children.len()));
            for (child, odds) in children.iter().zip(odds) {
                let below = &self.classes[*child];
                let class = &below[rank % below.len()];
                values.iter_mut().zip(&class.values).for_each(|(to, from)| *to += odds * from);
                count = count.saturating_mul(class.count);
                picked.push(rank % below.len());
                rank /= below.len();
            }
            Class { values, count, source: Source::Combination(picked) }
        };
        Ok((0..number).map(combination).collect())
    }

    /// The actions of the equilibrium with this number.
    fn read(&self, rank: u64) -> Vec<usize> {
        let mut actions = vec![0; self.tree.owner.len()];
        let mut stack = vec![(0, Among::All, rank)];
        while let Some((node, among, mut rank)) = stack.pop() {
            let children = self.tree.children(node);
            // Numbers of independent parts are the digits of the number of the whole.
            let mut digit = |base: u64| {
                let digit = rank % base.max(1);
                rank /= base.max(1);
                digit
            };
            let classes = &self.classes[node];
            let class = match among {
                Among::All if classes.is_empty() => {
                    stack.extend(children.iter().map(|c| (*c, Among::All, digit(self.total[*c]))));
                    continue;
                }
                Among::Class(class) => Some((class, rank)),
                Among::All => locate(classes, rank, |_| true),
                Among::Worth(player, value) => {
                    locate(classes, rank, |c| c.values[player] <= value + self.tied[player])
                }
            };
            let Some((class, within)) = class else { continue };
            rank = within;
            let mut digit = |base: u64| {
                let digit = rank % base.max(1);
                rank /= base.max(1);
                digit
            };
            match &classes[class].source {
                Source::End => {}
                Source::Combination(picked) => {
                    for (child, class) in children.iter().zip(picked) {
                        let number = digit(self.classes[*child][*class].count);
                        stack.push((*child, Among::Class(*class), number));
                    }
                }
                Source::Action(action, below) => {
                    let Who::Set(set) = self.tree.who[node] else { continue };
                    actions[set] = *action;
                    let (player, values) = (self.tree.owner[set], &classes[class].values);
                    for (position, child) in children.iter().enumerate() {
                        if position == *action {
                            let number = digit(self.classes[*child][*below].count);
                            stack.push((*child, Among::Class(*below), number));
                        } else {
                            let number = digit(self.at_most(*child, player, values[player]));
                            stack.push((*child, Among::Worth(player, values[player]), number));
                        }
                    }
                }
            }
        }
        actions
    }

    fn payoffs(&self, actions: &[usize]) -> Vec<f64> {
        let tree = self.tree;
        let mut out = vec![0.0; tree.players];
        let mut stack = vec![(0, 1.0)];
        while let Some((node, weight)) = stack.pop() {
            match tree.who[node] {
                Who::Nobody => {
                    (0..tree.players).for_each(|player| out[player] += weight * tree.payoff(node, player));
                }
                Who::Set(set) => stack.push((tree.children(node)[actions[set]], weight)),
                Who::Chance(odds) => {
                    let children = tree.children(node).iter().enumerate();
                    stack.extend(children.map(|(i, child)| (*child, weight * tree.odds[odds + i])));
                }
            }
        }
        out
    }
}

/// The class that holds the equilibrium of this number, and its number there.
fn locate(classes: &[Class], mut rank: u64, mut keep: impl FnMut(&Class) -> bool) -> Option<(usize, u64)> {
    for (index, class) in classes.iter().enumerate() {
        if keep(class) {
            if rank < class.count {
                return Some((index, rank));
            }
            rank -= class.count;
        }
    }
    None
}
