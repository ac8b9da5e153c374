//! War games as finite games that other tools read.

use super::{ChanceSet, FiniteGame, FiniteKind, FiniteNode, InformationSet, Number, Outcome};
use crate::{Belief, GameError, Node, NodeId, StageTree, StateId, WarGame, unroll};

impl FiniteGame {
    /// The first `periods` periods of a war game from `state` as a finite game in which chance deals the private types.
    ///
    /// Payoffs are discounted to the first period; whoever is still at war at the end gets the horizon payoff. Nodes that a player cannot
    /// tell apart (the others' types) share an information set. Two things the formats of finite games have no words for are left
    /// out: base weights of actions, and that precision applies to payoffs of the period a choice is made in (so that one λ for the
    /// whole tree is λδᵗ in period t). Both vanish in the limit λ → ∞.
    ///
    /// - `limit`: the largest number of nodes to build.
    /// - errors: [`GameError::TooLarge`], [`GameError::NoHorizonPayoff`], [`GameError::Malformed`].
    /// - cost: linear in the result: nodes of the unrolled tree times profiles of types.
    pub fn of_war(
        game: &WarGame,
        state: StateId,
        belief: &Belief,
        periods: u32,
        limit: usize,
    ) -> Result<Self, GameError> {
        let profiles = profiles(game, belief, limit)?;
        let tree = unroll(game, state, periods, limit / profiles.len().max(1))?;
        let mut dealer = Dealer::new(game, &tree);
        let several = profiles.len() > 1;
        if several {
            let actions = profiles.iter().map(|(kinds, p)| (names(game, kinds), Number::from_f64(*p)));
            dealer.out.chances.push(ChanceSet {
                number: 1,
                name: "types".into(),
                actions: exact(actions.collect()),
            });
            dealer.node(None, FiniteKind::Chance { set: 0 }, None);
        }
        for (kinds, _) in &profiles {
            dealer.deal(kinds, several)?;
        }
        Ok(dealer.out)
    }
}

/// Profiles of types with their probabilities, those of probability 0 left out; each takes a node at least.
fn profiles(game: &WarGame, belief: &Belief, limit: usize) -> Result<Vec<(Vec<usize>, f64)>, GameError> {
    let mut out = vec![(Vec::new(), 1.0)];
    let mut slot = 0;
    for count in game.types() {
        let own = belief.0.get(slot..slot + count).unwrap_or(&[]).to_vec();
        slot += count;
        let held = own.iter().filter(|b| **b > 0.0).count();
        if out.len().saturating_mul(held) > limit {
            return Err(GameError::TooLarge { limit });
        }
        out = out
            .into_iter()
            .flat_map(|(kinds, p)| {
                own.iter()
                    .enumerate()
                    .filter(|(_, b)| **b > 0.0)
                    .map(|(kind, b)| {
                        let mut next = kinds.clone();
                        next.push(kind);
                        (next, p * b)
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    Ok(out)
}

fn names(game: &WarGame, kinds: &[usize]) -> String {
    let rows = game.players.iter().zip(kinds).filter(|(player, _)| player.types.len() > 1);
    let names = rows.filter_map(|(player, kind)| player.types.get(*kind).map(|t| t.name.clone()));
    names.collect::<Vec<_>>().join(" ")
}

/// Probabilities that sum to 1 to the last digit: the largest takes what rounding left.
fn exact(mut actions: Vec<(String, Number)>) -> Vec<(String, Number)> {
    let total: f64 = actions.iter().map(|(_, p)| p.value).sum();
    if let Some((_, largest)) = actions.iter_mut().max_by(|a, b| a.1.value.total_cmp(&b.1.value)) {
        *largest = Number::from_f64(largest.value + (1.0 - total));
    }
    actions
}

struct Dealer<'a> {
    game: &'a WarGame,
    tree: &'a StageTree,
    out: FiniteGame,
    /// `[node of the tree][type]`: information set, or chance set.
    sets: Vec<Vec<Option<u32>>>,
    /// By player: information sets so far.
    numbers: Vec<i64>,
}

/// How play comes to a node of the tree.
#[derive(Clone)]
struct Arrival {
    /// The last node of the game before it.
    parent: Option<u32>,
    /// By player: payoffs so far, discounted.
    paid: Vec<f64>,
    /// By player: what a payoff is worth from here on.
    discount: Vec<f64>,
}

impl<'a> Dealer<'a> {
    fn new(game: &'a WarGame, tree: &'a StageTree) -> Self {
        let most = game.types().into_iter().max().unwrap_or(1);
        Self {
            game,
            tree,
            out: FiniteGame {
                title: game.title.clone(),
                comment: None,
                players: game.players.iter().map(|player| player.name.clone()).collect(),
                nodes: Vec::new(),
                sets: Vec::new(),
                chances: Vec::new(),
                outcomes: Vec::new(),
            },
            sets: vec![vec![None; most]; tree.nodes.len()],
            numbers: vec![0; game.players.len()],
        }
    }

    fn node(&mut self, parent: Option<u32>, kind: FiniteKind, outcome: Option<u32>) -> u32 {
        let index = position(self.out.nodes.len());
        self.out.nodes.push(FiniteNode { name: String::new(), kind, children: Vec::new(), outcome });
        if let Some(parent) = parent.and_then(|p| self.out.nodes.get_mut(p as usize)) {
            parent.children.push(index);
        }
        index
    }

    /// Adds the tree once more, for one profile of types.
    fn deal(&mut self, kinds: &[usize], several: bool) -> Result<(), GameError> {
        let malformed = GameError::Malformed { what: "an unrolled tree that refers to what is not there" };
        let players = self.game.players.len();
        let types = self.game.types();
        let mut certain = vec![0.0; self.game.slots()];
        let mut slots = Vec::with_capacity(players);
        let mut first = 0;
        for (kind, count) in kinds.iter().zip(&types) {
            slots.push(first + kind);
            if let Some(b) = certain.get_mut(first + kind) {
                *b = 1.0;
            }
            first += count;
        }
        let mut reached: Vec<Option<Arrival>> = vec![None; self.tree.nodes.len()];
        let root = several.then_some(0);
        reached[0] = Some(Arrival { parent: root, paid: vec![0.0; players], discount: vec![1.0; players] });
        for index in 0..self.tree.nodes.len() {
            let Some(Arrival { parent, paid, discount }) = reached[index].take() else {
                return Err(malformed);
            };
            let id = NodeId::new(index);
            let (own, then) = match &self.tree.nodes[index] {
                Node::Later { .. } => {
                    let then = discount.iter().zip(&self.game.players).map(|(d, player)| d * player.discount);
                    (parent, then.collect::<Vec<f64>>())
                }
                Node::End(end) => {
                    let end = self.tree.ends.get(*end as usize).ok_or(malformed.clone())?;
                    let last = end.payoff.expected(&types, &certain);
                    let payoffs = (0..players).map(|player| {
                        let own = last.get(slots[player]).copied().unwrap_or(0.0);
                        Number::from_f64(paid[player] + discount[player] * own)
                    });
                    let name =
                        self.game.endings.get(end.ending.index()).map_or("still at war", String::as_str);
                    let outcome = position(self.out.outcomes.len());
                    self.out.outcomes.push(Outcome {
                        number: i64::from(outcome) + 1,
                        name: name.to_owned(),
                        payoffs: payoffs.collect(),
                    });
                    (Some(self.node(parent, FiniteKind::Terminal, Some(outcome))), discount.clone())
                }
                _ => {
                    let kind = self.kind(id, kinds)?;
                    (Some(self.node(parent, kind, None)), discount.clone())
                }
            };
            for edge in self.tree.edges_of(id) {
                let flow = self.tree.flows.row(edge.flow);
                let paid = (0..players).map(|player| {
                    let now = flow.get(slots[player]).copied().unwrap_or(0.0);
                    paid[player] + discount[player] * now
                });
                let child = reached.get_mut(edge.child.index()).ok_or(malformed.clone())?;
                *child = Some(Arrival { parent: own, paid: paid.collect(), discount: then.clone() });
            }
        }
        Ok(())
    }

    /// Who moves at a node of the tree under a profile; makes information and chance sets when first asked.
    fn kind(&mut self, id: NodeId, kinds: &[usize]) -> Result<FiniteKind, GameError> {
        let malformed = GameError::Malformed { what: "a move or event without a name" };
        let edges = self.tree.edges_of(id);
        match &self.tree.nodes[id.index()] {
            Node::Move { id: named, player, .. } => {
                let kind = kinds.get(player.index()).copied().unwrap_or(0);
                let (info, owner) =
                    match (self.game.moves.get(named.index()), self.game.players.get(player.index())) {
                        (Some(info), Some(owner)) => (info, owner),
                        _ => return Err(malformed),
                    };
                let next = position(self.out.sets.len());
                let set = *self.sets[id.index()][kind].get_or_insert(next);
                if set == next {
                    self.numbers[player.index()] += 1;
                    let own = owner.types.get(kind).filter(|_| owner.types.len() > 1);
                    let own = own.map_or(String::new(), |t| format!(" {}", t.name));
                    self.out.sets.push(InformationSet {
                        player: position(player.index()),
                        number: self.numbers[player.index()],
                        name: format!("{}{own} {}", info.name, id.index()),
                        actions: labels(&info.actions, edges.iter().map(|e| e.label)),
                    });
                }
                Ok(FiniteKind::Move { set })
            }
            Node::Chance { id: named, about, .. } => {
                let kind = about.and_then(|p| kinds.get(p.index()).copied()).unwrap_or(0);
                let info = self.game.chances.get(named.index()).ok_or(malformed)?;
                let next = position(self.out.chances.len());
                let set = *self.sets[id.index()][kind].get_or_insert(next);
                if set == next {
                    let odds = edges.iter().map(|e| Number::from_f64(self.tree.probability(e, kind)));
                    let names = labels(&info.outcomes, edges.iter().map(|e| e.label));
                    self.out.chances.push(ChanceSet {
                        number: i64::from(next) + 1,
                        name: info.name.clone(),
                        actions: exact(names.into_iter().zip(odds).collect()),
                    });
                }
                Ok(FiniteKind::Chance { set })
            }
            _ => Err(malformed),
        }
    }
}

fn labels(all: &[String], wanted: impl Iterator<Item = u32>) -> Vec<String> {
    wanted.map(|label| all.get(label as usize).cloned().unwrap_or_default()).collect()
}

fn position(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
