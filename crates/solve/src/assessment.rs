//! Strategies, beliefs and values of one stage at one belief.

use armistice_game::{Edge, NodeId};

/// What is played in one stage at one public belief, and why.
///
/// Everything refers to nodes and edges of the stage tree by position.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    slots: usize,
    /// Strategies: `[edge][type of the mover]`, with `offsets[edge]` the first; empty for edges that nobody chooses.
    pub(crate) strategy: Vec<f64>,
    pub(crate) offsets: Vec<u32>,
    /// `[edge]`: probability under the public belief at its node (moves and chance; 1 for period boundaries).
    pub probability: Vec<f64>,
    /// `[node][slot]`: public belief when the node is reached.
    pub beliefs: Vec<f64>,
    /// `[node][slot]`: expected payoff from the node on.
    pub values: Vec<f64>,
    /// max |σ − logit(λQ(σ))| over the information sets of the stage.
    pub residual: f64,
    /// Whether the residual is within the setting.
    pub converged: bool,
}

impl Assessment {
    /// An assessment with room for a tree of the given size, all zero.
    pub(crate) fn new(slots: usize, nodes: usize, offsets: Vec<u32>) -> Self {
        let strategies = offsets.last().map_or(0, |last| *last as usize);
        let edges = offsets.len().saturating_sub(1);
        Self {
            slots,
            strategy: vec![0.0; strategies],
            offsets,
            probability: vec![0.0; edges],
            beliefs: vec![0.0; nodes * slots],
            values: vec![0.0; nodes * slots],
            residual: f64::INFINITY,
            converged: false,
        }
    }

    /// Probability that each type of the mover chooses the edge at position `edge` of the tree; empty for chance edges.
    #[must_use]
    pub fn strategy(&self, edge: usize) -> &[f64] {
        match (self.offsets.get(edge), self.offsets.get(edge + 1)) {
            (Some(from), Some(to)) => self.strategy.get(*from as usize..*to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// Public belief at a node, by slot.
    #[must_use]
    pub fn belief(&self, node: NodeId) -> &[f64] {
        let start = node.index() * self.slots;
        self.beliefs.get(start..start + self.slots).unwrap_or(&[])
    }

    /// Expected payoffs from a node on, by slot.
    #[must_use]
    pub fn value(&self, node: NodeId) -> &[f64] {
        let start = node.index() * self.slots;
        self.values.get(start..start + self.slots).unwrap_or(&[])
    }

    /// Action value Q(h, a, θ) of slot `slot` for an edge: flow plus value from its child on.
    #[must_use]
    pub fn action_value(&self, flow: &[f64], edge: &Edge, slot: usize) -> f64 {
        flow.get(slot).copied().unwrap_or(0.0) + self.value(edge.child).get(slot).copied().unwrap_or(0.0)
    }
}
