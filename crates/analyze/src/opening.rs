//! The first period: what is played at the start, and what is read off it.

use armistice_game::{Belief, MoveId, Node, NodeId, PlayerId, Stage, StageTree, WarGame};
use armistice_solve::{Assessment, Equilibrium, StageSolver};

use crate::forward::Start;
use crate::margin::{StoppingMargin, StoppingNodes, find_node, path_to};

/// What is played in the first period of a war: the stage of the start and its solution at the start belief.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The stage.
    pub tree: StageTree,
    /// What is played in it.
    pub assessment: Assessment,
    /// Public belief.
    pub belief: Belief,
}

impl Opening {
    /// Solves the first period; `None` when the war is over in the state it starts in.
    ///
    /// Cost: one stage solution.
    #[must_use]
    pub fn new(game: &WarGame, equilibrium: &Equilibrium, start: &Start) -> Option<Self> {
        let Some(Stage::Play(tree)) = game.stages.get(start.state.index()) else { return None };
        let mut solved =
            StageSolver::new(game, equilibrium).solve(0, start.state, std::slice::from_ref(&start.belief));
        Some(Self { tree: tree.clone(), assessment: solved.pop()?, belief: start.belief.clone() })
    }

    /// Expected payoffs at the start, by slot.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        self.assessment.value(NodeId(0))
    }

    /// The stopping margins of a player, by type; `None` where there is no choice.
    #[must_use]
    pub fn margins(
        &self,
        game: &WarGame,
        player: PlayerId,
        nodes: &StoppingNodes,
    ) -> Vec<Option<StoppingMargin>> {
        game.slots_of(player).map(|slot| nodes.margin(&self.tree, &self.assessment, slot)).collect()
    }

    /// The node at which a move is read: the first one of the move on the likeliest path that has one of `actions` (any, when
    /// the list is empty); where the path has none, the one reached with the highest probability.
    #[must_use]
    pub fn node_of(&self, id: MoveId, actions: &[usize]) -> Option<NodeId> {
        let wanted = |node: NodeId| match self.tree.nodes.get(node.index()) {
            Some(Node::Move { id: found, .. }) => {
                *found == id
                    && (actions.is_empty()
                        || self.tree.edges_of(node).iter().any(|e| actions.contains(&(e.label as usize))))
            }
            _ => false,
        };
        find_node(&self.tree, &self.assessment, wanted)
    }

    /// Probability that the type at position `kind` of the mover chooses one of `actions` at a node.
    #[must_use]
    pub fn strategy(&self, node: NodeId, actions: &[usize], kind: usize) -> f64 {
        self.edges(node, actions)
            .map(|edge| self.assessment.strategy(edge).get(kind).copied().unwrap_or(0.0))
            .sum()
    }

    /// Probability of one of `actions` at a node, by the public belief.
    #[must_use]
    pub fn probability(&self, node: NodeId, actions: &[usize]) -> f64 {
        self.edges(node, actions)
            .map(|edge| self.assessment.probability.get(edge).copied().unwrap_or(0.0))
            .sum()
    }

    /// Share of the times the move is made, after one of the `earlier` actions of the first period, in which one of `actions` is
    /// chosen, by the public belief; `None` where it is never made there.
    #[must_use]
    pub fn probability_after(
        &self,
        id: MoveId,
        actions: &[usize],
        earlier: &(MoveId, Vec<usize>),
    ) -> Option<f64> {
        // By node: how likely it is reached, and whether an earlier action lies on the way.
        let mut reached = vec![(0.0, false); self.tree.nodes.len()];
        *reached.first_mut()? = (1.0, false);
        let (mut chosen, mut made) = (0.0, 0.0);
        for (index, node) in self.tree.nodes.iter().enumerate() {
            let (edges, mover) = match node {
                Node::Move { id, edges, .. } => (edges, Some(*id)),
                Node::Chance { edges, .. } | Node::Later { edges } => (edges, None),
                Node::Next(_) | Node::End(_) => continue,
            };
            let (here, after) = reached.get(index).copied().unwrap_or_default();
            for (position, edge) in self.tree.edges_of(NodeId::new(index)).iter().enumerate() {
                let at = edges.start as usize + position;
                let passed = here * self.assessment.probability.get(at).copied().unwrap_or(0.0);
                let label = edge.label as usize;
                if mover == Some(id) && after {
                    made += passed;
                    chosen += if actions.contains(&label) { passed } else { 0.0 };
                }
                let now = after || (mover == Some(earlier.0) && earlier.1.contains(&label));
                if let Some(child) = reached.get_mut(edge.child.index()) {
                    *child = (passed, now);
                }
            }
        }
        (made > 0.0).then(|| chosen / made)
    }

    /// What seeing one of `actions` at a node does to the belief in the mover's type `kind`: belief before, belief after, and
    /// the shift of the log odds.
    ///
    /// ```text
    /// ln(b′/(1−b′)) − ln(b/(1−b)) = ln [ σ(a | θ) (1 − b(θ)) / Σ_{θ′≠θ} b(θ′) σ(a | θ′) ]
    /// ```
    ///
    /// The shift is `None` where b is 0 or 1, or where an action has probability 0 for one side of the fraction.
    #[must_use]
    pub fn belief_shift(
        &self,
        game: &WarGame,
        node: NodeId,
        actions: &[usize],
        kind: usize,
    ) -> (f64, f64, Option<f64>) {
        let Some(Node::Move { player, .. }) = self.tree.nodes.get(node.index()) else {
            return (0.0, 0.0, None);
        };
        let slots = game.slots_of(*player);
        let belief = self.assessment.belief(node).get(slots).unwrap_or(&[]);
        let before = belief.get(kind).copied().unwrap_or(0.0);
        let own = self.strategy(node, actions, kind);
        let rest: f64 = belief
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != kind)
            .map(|(other, b)| b * self.strategy(node, actions, other))
            .sum();
        let seen = before * own + rest;
        let after = if seen > 0.0 { before * own / seen } else { before };
        let inside = before > 0.0 && before < 1.0 && own > 0.0 && rest > 0.0;
        let shift = inside.then(|| (own * (1.0 - before) / rest).ln() + 0.0);
        (before, after, shift)
    }

    /// What came before a node in the period: (is it a move, position of the move or event, label) for each edge.
    #[must_use]
    pub fn history(&self, node: NodeId) -> Vec<(Node, u32)> {
        path_to(&self.tree, node)
            .into_iter()
            .filter_map(|at| {
                let edge = self.tree.edges.get(at)?;
                let parent = self.tree.nodes.iter().find(|node| match node {
                    Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges } => {
                        (edges.start as usize..edges.end as usize).contains(&at)
                    }
                    Node::Next(_) | Node::End(_) => false,
                })?;
                Some((parent.clone(), edge.label))
            })
            .collect()
    }

    /// Position of the first edge of a move; far beyond all edges where the node is none.
    pub(crate) fn first_edge(&self, node: NodeId) -> usize {
        match self.tree.nodes.get(node.index()) {
            Some(Node::Move { edges, .. }) => edges.start as usize,
            _ => usize::MAX,
        }
    }

    /// Positions of the edges of a node that carry one of `actions`.
    fn edges(&self, node: NodeId, actions: &[usize]) -> impl Iterator<Item = usize> {
        let first = self.first_edge(node);
        self.tree
            .edges_of(node)
            .iter()
            .enumerate()
            .filter(move |(_, edge)| actions.contains(&(edge.label as usize)))
            .map(move |(position, _)| first.saturating_add(position))
    }
}
