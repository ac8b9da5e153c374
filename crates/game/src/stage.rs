//! Stage trees: the moves of one period in one public state.

use std::ops::Range;

use crate::{ChanceId, EndingId, MoveId, NodeId, Payoff, PayoffTable, PlayerId, Row, StateId};

/// The moves of one period, as a tree whose moves are all public.
///
/// Nodes are in preorder: a parent stands before its children, and node 0 is the root. The edges of a node
/// are consecutive.
#[derive(Clone, Debug)]
pub struct StageTree {
    /// Preorder.
    pub nodes: Vec<Node>,
    /// The edges, those of one node consecutive.
    pub edges: Vec<Edge>,
    /// What edges pay: rows by slot, already net of costs.
    pub flows: PayoffTable,
    /// The part of the flows that is borne cost (positive = borne), kept for accounting only.
    pub costs: PayoffTable,
    /// Probabilities of chance edges; see [`Edge::chance`].
    pub probabilities: Vec<f64>,
    /// The ends within the period.
    pub ends: Vec<EndPoint>,
}

/// One node of a stage tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A player chooses.
    Move {
        /// Which named move this is; it also says who moves.
        id: MoveId,
        /// Who moves.
        player: PlayerId,
        /// Edges, in the order of the actions.
        edges: Range<u32>,
    },
    /// Nature chooses; probabilities may depend on the type of `about`.
    Chance {
        /// Which named event this is.
        id: ChanceId,
        /// Whose type the outcome reveals; `None` when probabilities are common to all types.
        about: Option<PlayerId>,
        /// Edges, in the order of the outcomes.
        edges: Range<u32>,
    },
    /// The period ends; play goes on in this state in the next period, discounted.
    Next(StateId),
    /// The period ends and the next one follows *in this tree* (only in unrolled trees): one edge, discounted.
    Later {
        /// The single edge.
        edges: Range<u32>,
    },
    /// The war ends: index into [`StageTree::ends`].
    End(u32),
}

/// One edge of a stage tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Where it leads.
    pub child: NodeId,
    /// Position of the action in [`crate::MoveInfo::actions`], or of the outcome in [`crate::ChanceInfo::outcomes`].
    pub label: u32,
    /// Moves: natural log of the base weight (0 for weight 1). Unused for chance.
    pub log_weight: f64,
    /// Chance: start of this outcome's probabilities in [`StageTree::probabilities`]; one per type of the player
    /// the node is about, or a single one when it is about nobody. Unused for moves.
    pub chance: u32,
    /// What the edge pays each slot: row of [`StageTree::flows`].
    pub flow: Row,
    /// Its cost part: row of [`StageTree::costs`].
    pub cost: Row,
}

/// The end of a war.
#[derive(Clone, Debug, PartialEq)]
pub struct EndPoint {
    /// Kind of ending.
    pub ending: EndingId,
    /// The terms, where the scenario states them (such as the share held by the attacker).
    pub terms: Option<f64>,
    /// What it pays.
    pub payoff: Payoff,
}

impl StageTree {
    /// The edges of a node; empty for ends and next nodes.
    #[must_use]
    pub fn edges_of(&self, node: NodeId) -> &[Edge] {
        match self.nodes.get(node.index()) {
            Some(Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges }) => {
                self.edges.get(edges.start as usize..edges.end as usize).unwrap_or(&[])
            }
            _ => &[],
        }
    }

    /// Probability of a chance edge for type `kind` of the player the node is about.
    #[must_use]
    pub fn probability(&self, edge: &Edge, kind: usize) -> f64 {
        self.probabilities.get(edge.chance as usize + kind).copied().unwrap_or(0.0)
    }

    /// States that play can reach at the end of this period, in order of first appearance.
    #[must_use]
    pub fn successors(&self) -> Vec<StateId> {
        let mut out = Vec::new();
        for node in &self.nodes {
            if let Node::Next(state) = node
                && !out.contains(state)
            {
                out.push(*state);
            }
        }
        out
    }
}

/// Builds a [`StageTree`] in preorder.
///
/// Reserve a node with [`StageTreeBuilder::open`], then fill it: leaves at once, inner nodes after their
/// children were built.
#[derive(Clone, Debug)]
pub struct StageTreeBuilder {
    nodes: Vec<Option<Node>>,
    edges: Vec<Edge>,
    /// What edges pay.
    pub flows: PayoffTable,
    /// Costs borne.
    pub costs: PayoffTable,
    /// Chance probabilities.
    pub probabilities: Vec<f64>,
    ends: Vec<EndPoint>,
}

impl StageTreeBuilder {
    /// A builder for payoffs over `slots` slots.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self {
            nodes: Vec::new(),
            edges: Vec::new(),
            flows: PayoffTable::new(slots),
            costs: PayoffTable::new(slots),
            probabilities: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Number of nodes opened so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether no node was opened yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Reserves the next node in preorder.
    pub fn open(&mut self) -> NodeId {
        self.nodes.push(None);
        NodeId::new(self.nodes.len() - 1)
    }

    /// Fills a move node.
    pub fn close_move(&mut self, node: NodeId, id: MoveId, player: PlayerId, edges: Vec<Edge>) {
        let edges = self.append(edges);
        self.set(node, Node::Move { id, player, edges });
    }

    /// Fills a chance node.
    pub fn close_chance(&mut self, node: NodeId, id: ChanceId, about: Option<PlayerId>, edges: Vec<Edge>) {
        let edges = self.append(edges);
        self.set(node, Node::Chance { id, about, edges });
    }

    /// Fills a node where the next period follows in the same tree.
    pub fn close_later(&mut self, node: NodeId, edge: Edge) {
        let edges = self.append(vec![edge]);
        self.set(node, Node::Later { edges });
    }

    /// Fills a node where the next period follows in `state`.
    pub fn close_next(&mut self, node: NodeId, state: StateId) {
        self.set(node, Node::Next(state));
    }

    /// Fills a node where the war ends.
    pub fn close_end(&mut self, node: NodeId, end: EndPoint) {
        let index = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.ends.push(end);
        self.set(node, Node::End(index));
    }

    /// The finished tree, or `None` when a node was opened and never filled.
    #[must_use]
    pub fn finish(self) -> Option<StageTree> {
        Some(StageTree {
            nodes: self.nodes.into_iter().collect::<Option<Vec<_>>>()?,
            edges: self.edges,
            flows: self.flows,
            costs: self.costs,
            probabilities: self.probabilities,
            ends: self.ends,
        })
    }

    fn append(&mut self, edges: Vec<Edge>) -> Range<u32> {
        let start = u32::try_from(self.edges.len()).unwrap_or(u32::MAX);
        self.edges.extend(edges);
        start..u32::try_from(self.edges.len()).unwrap_or(u32::MAX)
    }

    fn set(&mut self, node: NodeId, value: Node) {
        if let Some(slot) = self.nodes.get_mut(node.index()) {
            *slot = Some(value);
        }
    }
}
