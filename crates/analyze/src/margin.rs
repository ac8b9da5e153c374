//! The stopping margin: would a player rather end the war than go on?
//!
//! ```text
//! M(θ; t, s, b) = max_{a ends the war} Q(h, a, θ) − max_{a goes on} Q(h, a, θ)
//! ```
//!
//! at one node h of the player in the stage of state s. Which actions *end the war* is read off the tree:
//!
//! - an action is a **certain ending** when every way on from it ends the war within the period (an ending, or a state in
//!   which the war is over);
//! - it is a **possible ending** when some way on from it ends the war by moves alone, without chance: a demand that the
//!   other side may ratify. A battle that may bring a collapse is not such an ending: nobody chooses it.
//!
//! At a node where some actions are certain endings and others are not, the margin compares these two groups. Where no
//! node of the player has a certain ending, possible endings take their place. A player who has neither in a stage
//! (in a truce, say) has no margin there.
//!
//! The node h is the first such node on the likeliest path of the period (at every node the branch most probable by the
//! public belief); where that path passes none, the one reached with the highest probability; ties go to the node that
//! comes first. All types are read at the same node, since everyone sees where play is.

use armistice_game::{Edge, Node, NodeId, PlayerId, Stage, StageTree, WarGame};
use armistice_solve::Assessment;

/// The nodes of one player in one stage at which ending the war and going on are both possible.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoppingNodes {
    nodes: Vec<StoppingNode>,
}

#[derive(Clone, Debug, PartialEq)]
struct StoppingNode {
    node: NodeId,
    /// Positions of edges in the tree.
    stop: Vec<usize>,
    go: Vec<usize>,
}

/// A stopping margin and where it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct StoppingMargin {
    /// The node.
    pub node: NodeId,
    /// Best action that ends the war, as a position among the tree's edges, and its action value.
    pub stop: (usize, f64),
    /// Best action that goes on.
    pub go: (usize, f64),
}

impl StoppingMargin {
    /// Q(stop) − Q(go), in the player's payoff units.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.stop.1 - self.go.1
    }
}

impl StoppingNodes {
    /// The stopping nodes of `player` in every stage of a game, by state; empty where the war is over.
    #[must_use]
    pub fn of_game(game: &WarGame, player: PlayerId) -> Vec<Self> {
        game.stages
            .iter()
            .map(|stage| match stage {
                Stage::Play(tree) => Self::of_tree(game, tree, player),
                Stage::Over(_) => Self::default(),
            })
            .collect()
    }

    /// The stopping nodes of `player` in one stage.
    ///
    /// Cost: linear in the tree.
    #[must_use]
    pub fn of_tree(game: &WarGame, tree: &StageTree, player: PlayerId) -> Self {
        let endings = classify(game, tree);
        let split = |by: &dyn Fn(&Edge) -> bool| {
            let mut nodes = Vec::new();
            for (index, node) in tree.nodes.iter().enumerate() {
                let Node::Move { player: mover, edges, .. } = node else { continue };
                if *mover != player {
                    continue;
                }
                let id = NodeId::new(index);
                let (mut stop, mut go) = (Vec::new(), Vec::new());
                for (position, edge) in tree.edges_of(id).iter().enumerate() {
                    let side = if by(edge) { &mut stop } else { &mut go };
                    side.push(edges.start as usize + position);
                }
                if !stop.is_empty() && !go.is_empty() {
                    nodes.push(StoppingNode { node: id, stop, go });
                }
            }
            nodes
        };
        let at = |edge: &Edge| endings.get(edge.child.index()).copied().unwrap_or_default();
        let mut nodes = split(&|edge| at(edge).certain);
        if nodes.is_empty() {
            nodes = split(&|edge| at(edge).possible);
        }
        Self { nodes }
    }

    /// Whether the player has no choice between ending and going on in this stage.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The margin of the type in `slot`; `None` where there is no choice.
    #[must_use]
    pub fn margin(&self, tree: &StageTree, assessment: &Assessment, slot: usize) -> Option<StoppingMargin> {
        self.at(self.chosen(tree, assessment)?, tree, assessment, slot)
    }

    /// The margins of all types of the player.
    pub(crate) fn margins(
        &self,
        game: &WarGame,
        tree: &StageTree,
        assessment: &Assessment,
        player: PlayerId,
    ) -> Vec<Option<f64>> {
        let node = self.chosen(tree, assessment);
        game.slots_of(player).map(|slot| Some(self.at(node?, tree, assessment, slot)?.margin())).collect()
    }

    fn at(
        &self,
        node: &StoppingNode,
        tree: &StageTree,
        assessment: &Assessment,
        slot: usize,
    ) -> Option<StoppingMargin> {
        let best = |edges: &[usize]| {
            let mut best: Option<(usize, f64)> = None;
            for at in edges {
                let edge = tree.edges.get(*at)?;
                let value = assessment.action_value(tree.flows.row(edge.flow), edge, slot);
                if best.is_none_or(|(_, most)| value > most) {
                    best = Some((*at, value));
                }
            }
            best
        };
        Some(StoppingMargin { node: node.node, stop: best(&node.stop)?, go: best(&node.go)? })
    }

    /// The node at which margins are read.
    fn chosen(&self, tree: &StageTree, assessment: &Assessment) -> Option<&StoppingNode> {
        let wanted = |id: NodeId| self.nodes.iter().position(|n| n.node == id);
        find_node(tree, assessment, |id| wanted(id).is_some())
            .and_then(wanted)
            .and_then(|position| self.nodes.get(position))
    }
}

/// The first wanted node on the likeliest path; else the one reached with the highest probability; `None` if there is none.
pub(crate) fn find_node(
    tree: &StageTree,
    assessment: &Assessment,
    wanted: impl Fn(NodeId) -> bool,
) -> Option<NodeId> {
    let mut node = NodeId(0);
    loop {
        if wanted(node) {
            return Some(node);
        }
        let Some((edge, _)) = likeliest(tree, assessment, node) else { break };
        node = edge.child;
    }
    let reach = reach(tree, assessment);
    let mut best: Option<(NodeId, f64)> = None;
    for (index, probability) in reach.iter().enumerate() {
        let id = NodeId::new(index);
        if best.is_none_or(|(_, most)| *probability > most) && wanted(id) {
            best = Some((id, *probability));
        }
    }
    best.map(|(id, _)| id)
}

/// The most probable edge of a node by the public belief, and its probability; the first of equals.
fn likeliest<'t>(tree: &'t StageTree, assessment: &Assessment, node: NodeId) -> Option<(&'t Edge, f64)> {
    let first = match tree.nodes.get(node.index())? {
        Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges } => edges.start as usize,
        Node::Next(_) | Node::End(_) => return None,
    };
    let mut best: Option<(&Edge, f64)> = None;
    for (position, edge) in tree.edges_of(node).iter().enumerate() {
        let p = assessment.probability.get(first + position).copied().unwrap_or(0.0);
        if best.is_none_or(|(_, most)| p > most) {
            best = Some((edge, p));
        }
    }
    best
}

/// Probability that each node is reached, by the public belief.
fn reach(tree: &StageTree, assessment: &Assessment) -> Vec<f64> {
    let mut reach = vec![0.0; tree.nodes.len()];
    if let Some(root) = reach.first_mut() {
        *root = 1.0;
    }
    for (index, node) in tree.nodes.iter().enumerate() {
        let (Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges }) = node else {
            continue;
        };
        let here = reach.get(index).copied().unwrap_or(0.0);
        for (position, edge) in tree.edges_of(NodeId::new(index)).iter().enumerate() {
            let p = assessment.probability.get(edges.start as usize + position).copied().unwrap_or(0.0);
            if let Some(x) = reach.get_mut(edge.child.index()) {
                *x = here * p;
            }
        }
    }
    reach
}

/// The edges from the root to a node, as positions in the tree.
pub(crate) fn path_to(tree: &StageTree, node: NodeId) -> Vec<usize> {
    let mut path = Vec::new();
    let mut at = node;
    while at.index() > 0 {
        let Some(edge) = tree.edges.iter().position(|edge| edge.child == at) else { break };
        let parent = tree.nodes.iter().position(|node| match node {
            Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges } => {
                (edges.start as usize..edges.end as usize).contains(&edge)
            }
            Node::Next(_) | Node::End(_) => false,
        });
        path.push(edge);
        match parent {
            Some(parent) if parent < at.index() => at = NodeId::new(parent),
            _ => break,
        }
    }
    path.reverse();
    path
}

/// How a node can end the war within the period.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Endings {
    /// Every way on ends the war.
    certain: bool,
    /// Some way on ends it by moves alone.
    possible: bool,
}

fn classify(game: &WarGame, tree: &StageTree) -> Vec<Endings> {
    let mut out = vec![Endings::default(); tree.nodes.len()];
    for (index, node) in tree.nodes.iter().enumerate().rev() {
        let id = NodeId::new(index);
        let children =
            || tree.edges_of(id).iter().map(|e| out.get(e.child.index()).copied().unwrap_or_default());
        let here = match node {
            Node::End(_) => Endings { certain: true, possible: true },
            Node::Next(state) => {
                let over = matches!(game.stages.get(state.index()), Some(Stage::Over(_)));
                Endings { certain: over, possible: over }
            }
            Node::Move { .. } | Node::Later { .. } => {
                Endings { certain: children().all(|c| c.certain), possible: children().any(|c| c.possible) }
            }
            Node::Chance { .. } => {
                let certain = children().all(|c| c.certain);
                Endings { certain, possible: certain }
            }
        };
        if let Some(slot) = out.get_mut(index) {
            *slot = here;
        }
    }
    out
}
