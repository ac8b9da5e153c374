//! What is played at one point of the game, as data.

use armistice::analyze::StoppingNodes;
use armistice::game::{Belief, Node, NodeId, PlayerId, StageTree, WarGame};
use armistice::solve::Assessment;
use serde::Serialize;

/// What is played at one point.
#[derive(Debug, Serialize)]
pub struct View {
    /// Public belief at the point, by player with private information.
    pub beliefs: Vec<PlayerBelief>,
    /// Expected payoffs from here on.
    pub values: Vec<PlayerValues>,
    /// The moves shown.
    pub nodes: Vec<MoveNode>,
    /// Moves of the period that are not shown.
    pub hidden: usize,
    /// Stopping margins of players who can end the war here.
    pub margins: Vec<Margin>,
}

/// Belief about one player.
#[derive(Debug, Serialize)]
pub struct PlayerBelief {
    /// The player.
    pub player: String,
    /// Type and probability.
    pub types: Vec<(String, f64)>,
}

/// Expected payoffs of one player.
#[derive(Debug, Serialize)]
pub struct PlayerValues {
    /// The player.
    pub player: String,
    /// Type and expected discounted payoff.
    pub types: Vec<(String, f64)>,
}

/// One move.
#[derive(Debug, Serialize)]
pub struct MoveNode {
    /// Name of the move.
    pub name: String,
    /// Who moves.
    pub player: String,
    /// What came before in the period: move or event, and what was chosen.
    pub history: Vec<(String, String)>,
    /// Probability that play comes here, by the public belief.
    pub reached: f64,
    /// Whether the node is on the likeliest path.
    pub on_path: bool,
    /// Types of the mover.
    pub types: Vec<String>,
    /// The actions.
    pub actions: Vec<Action>,
}

/// One action.
#[derive(Debug, Serialize)]
pub struct Action {
    /// Label.
    pub label: String,
    /// Probability by the public belief.
    pub probability: f64,
    /// Probability by type of the mover.
    pub strategy: Vec<f64>,
    /// Action value by type of the mover.
    pub action_value: Vec<f64>,
    /// Public belief about the mover once the action is seen, by type.
    pub belief_after: Vec<f64>,
}

/// A stopping margin.
#[derive(Debug, Serialize)]
pub struct Margin {
    /// The player.
    pub player: String,
    /// The type.
    pub kind: String,
    /// Q(stop) − Q(go), in the player's payoff units.
    pub margin: f64,
    /// Best action that ends the war.
    pub stop: String,
    /// Best action that goes on.
    pub go: String,
}

impl View {
    /// What is played where the war is over: nothing.
    pub fn over() -> Self {
        Self { beliefs: Vec::new(), values: Vec::new(), nodes: Vec::new(), hidden: 0, margins: Vec::new() }
    }

    /// Reads a stage off its assessment; `all` shows every move, not only the choices on the likeliest path.
    pub fn new(
        game: &WarGame,
        tree: &StageTree,
        assessment: &Assessment,
        belief: &Belief,
        all: bool,
    ) -> Self {
        let reading = Reading { game, tree, assessment };
        let mut nodes = Vec::new();
        reading.walk(NodeId(0), 1.0, true, &mut Vec::new(), &mut nodes);
        let total = nodes.len();
        nodes.retain(|node: &MoveNode| all || (node.on_path && node.actions.len() > 1));
        let players = || game.players.iter().enumerate().map(|(i, p)| (PlayerId::new(i), p));
        Self {
            beliefs: players()
                .filter(|(_, p)| p.types.len() > 1)
                .map(|(id, p)| PlayerBelief {
                    player: p.name.clone(),
                    types: reading.by_type(id, belief.of(game, id)),
                })
                .collect(),
            values: players()
                .map(|(id, p)| {
                    let values = assessment.value(NodeId(0)).get(game.slots_of(id)).unwrap_or(&[]);
                    PlayerValues { player: p.name.clone(), types: reading.by_type(id, values) }
                })
                .collect(),
            hidden: total - nodes.len(),
            nodes,
            margins: players().flat_map(|(id, _)| reading.margins(id)).collect(),
        }
    }
}

/// A stage and what is played in it.
struct Reading<'a> {
    game: &'a WarGame,
    tree: &'a StageTree,
    assessment: &'a Assessment,
}

impl Reading<'_> {
    fn types(&self, player: PlayerId) -> Vec<String> {
        let types = self.game.players.get(player.index()).map(|p| p.types.as_slice()).unwrap_or_default();
        types.iter().map(|t| t.name.clone()).collect()
    }

    fn by_type(&self, player: PlayerId, numbers: &[f64]) -> Vec<(String, f64)> {
        self.types(player).into_iter().zip(numbers.iter().copied()).collect()
    }

    /// Name of a move or event, and the label of one of its branches.
    fn words(&self, node: &Node, label: u32) -> (String, String) {
        let label = label as usize;
        let (name, labels) = match node {
            Node::Move { id, .. } => match self.game.moves.get(id.index()) {
                Some(info) => (info.name.clone(), info.actions.get(label)),
                None => (String::new(), None),
            },
            Node::Chance { id, .. } => match self.game.chances.get(id.index()) {
                Some(info) => (info.name.clone(), info.outcomes.get(label)),
                None => (String::new(), None),
            },
            Node::Next(_) | Node::Later { .. } | Node::End(_) => (String::new(), None),
        };
        (name, labels.cloned().unwrap_or_default())
    }

    fn walk(
        &self,
        id: NodeId,
        reached: f64,
        on_path: bool,
        history: &mut Vec<(String, String)>,
        out: &mut Vec<MoveNode>,
    ) {
        let Some(node) = self.tree.nodes.get(id.index()) else { return };
        let (Node::Move { edges, .. } | Node::Chance { edges, .. }) = node else { return };
        let first = edges.start as usize;
        if let Node::Move { player, .. } = node {
            out.push(self.move_node(id, node, *player, first, reached, on_path, history));
        }
        let edges = self.tree.edges_of(id);
        let chance =
            |position: usize| self.assessment.probability.get(first + position).copied().unwrap_or(0.0);
        let mut likeliest = 0;
        for position in 1..edges.len() {
            if chance(position) > chance(likeliest) {
                likeliest = position;
            }
        }
        for (position, edge) in edges.iter().enumerate() {
            history.push(self.words(node, edge.label));
            self.walk(edge.child, reached * chance(position), on_path && position == likeliest, history, out);
            history.pop();
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a node is and where it stands")]
    fn move_node(
        &self,
        id: NodeId,
        node: &Node,
        player: PlayerId,
        first: usize,
        reached: f64,
        on_path: bool,
        history: &[(String, String)],
    ) -> MoveNode {
        let slots = self.game.slots_of(player);
        let actions = self.tree.edges_of(id).iter().enumerate().map(|(position, edge)| Action {
            label: self.words(node, edge.label).1,
            probability: self.assessment.probability.get(first + position).copied().unwrap_or(0.0),
            strategy: self.assessment.strategy(first + position).to_vec(),
            action_value: slots
                .clone()
                .map(|slot| self.assessment.action_value(self.tree.flows.row(edge.flow), edge, slot))
                .collect(),
            belief_after: self.assessment.belief(edge.child).get(slots.clone()).unwrap_or(&[]).to_vec(),
        });
        MoveNode {
            name: self.words(node, 0).0,
            player: self.game.players.get(player.index()).map(|p| p.name.clone()).unwrap_or_default(),
            history: history.to_vec(),
            reached,
            on_path,
            types: self.types(player),
            actions: actions.collect(),
        }
    }

    fn margins(&self, player: PlayerId) -> Vec<Margin> {
        let stopping = StoppingNodes::of_tree(self.game, self.tree, player);
        let label = |edge: usize, node: NodeId| {
            let node = self.tree.nodes.get(node.index());
            match (node, self.tree.edges.get(edge)) {
                (Some(node), Some(edge)) => self.words(node, edge.label).1,
                _ => String::new(),
            }
        };
        let types = self.types(player).into_iter().zip(self.game.slots_of(player));
        types
            .filter_map(|(kind, slot)| {
                let found = stopping.margin(self.tree, self.assessment, slot)?;
                Some(Margin {
                    player: self.game.players.get(player.index())?.name.clone(),
                    kind,
                    margin: found.margin(),
                    stop: label(found.stop.0, found.node),
                    go: label(found.go.0, found.node),
                })
            })
            .collect()
    }
}
