//! Strategies, beliefs and values of one stage at one belief.

use std::sync::Arc;

use armistice_game::{Edge, NodeId};

/// What is played in one stage at one public belief, and why.
///
/// Everything refers to nodes and edges of the stage tree by position.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    layout: Arc<Layout>,
    /// `[edge][type of the mover]`
    pub(crate) strategy: Vec<f64>,
    /// `[edge]`: probability under the public belief at its node (moves and chance; 1 for period boundaries).
    pub probability: Vec<f64>,
    /// `[row][slot]`: public beliefs.
    pub(crate) beliefs: Vec<f64>,
    /// `[row][slot]`: expected payoffs.
    pub(crate) values: Vec<f64>,
    /// max |σ − logit(λQ(σ))| over the information sets of the stage.
    pub residual: f64,
    /// Whether the residual is within the setting.
    pub converged: bool,
}

/// Where the numbers of all assessments of one stage tree lie.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Layout {
    pub(crate) slots: usize,
    /// `[edge]`, and one more: first strategy of each edge; nothing for edges that nobody chooses.
    pub(crate) strategies: Vec<u32>,
    /// `[node]`: row of the belief; nodes between which nothing is learned share one.
    pub(crate) belief: Vec<u32>,
    /// `[node]`: row of the values; [`Layout::NONE`] below a lottery that was folded into one lookup.
    pub(crate) value: Vec<u32>,
    pub(crate) belief_rows: usize,
    pub(crate) value_rows: usize,
    /// `[edge]`: probabilities of folded lotteries; zero elsewhere.
    pub(crate) probability: Vec<f64>,
    /// `[node]`: node of the plan that has its belief.
    pub(crate) source: Vec<u32>,
    /// `[edge]`: where the plan has its strategies.
    pub(crate) place: Vec<Place>,
}

/// Where the plan has the strategies of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A move of a player with several types: first number among the strategies played.
    Typed(u32),
    /// A move of a player with one type: first number among the best ones.
    Open(u32),
    /// Nobody chooses.
    Nobody,
}

impl Layout {
    pub(crate) const NONE: u32 = u32::MAX;
}

impl Assessment {
    /// An assessment with room for everything the layout says, all zero but the folded lotteries.
    pub(crate) fn new(layout: Arc<Layout>) -> Self {
        Self {
            strategy: vec![0.0; layout.strategies.last().map_or(0, |last| *last as usize)],
            probability: layout.probability.clone(),
            beliefs: vec![0.0; layout.belief_rows * layout.slots],
            values: vec![0.0; layout.value_rows * layout.slots],
            residual: f64::INFINITY,
            converged: false,
            layout,
        }
    }

    /// Probability that each type of the mover chooses the edge at position `edge` of the tree; empty for chance edges.
    #[must_use]
    pub fn strategy(&self, edge: usize) -> &[f64] {
        match (self.layout.strategies.get(edge), self.layout.strategies.get(edge + 1)) {
            (Some(from), Some(to)) => self.strategy.get(*from as usize..*to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// Public belief at a node, by slot.
    #[must_use]
    pub fn belief(&self, node: NodeId) -> &[f64] {
        row(&self.beliefs, self.layout.belief.get(node.index()), self.layout.slots)
    }

    /// Expected payoffs from a node on, by slot.
    ///
    /// Empty for the outcomes of a lottery that reveals nothing and ends the period: the lottery itself has their mean.
    #[must_use]
    pub fn value(&self, node: NodeId) -> &[f64] {
        row(&self.values, self.layout.value.get(node.index()), self.layout.slots)
    }

    /// Action value Q(h, a, θ) of slot `slot` for an edge of a move: flow plus value from its child on.
    #[must_use]
    pub fn action_value(&self, flow: &[f64], edge: &Edge, slot: usize) -> f64 {
        flow.get(slot).copied().unwrap_or(0.0) + self.value(edge.child).get(slot).copied().unwrap_or(0.0)
    }
}

fn row<'a>(rows: &'a [f64], at: Option<&u32>, slots: usize) -> &'a [f64] {
    match at {
        Some(at) if *at != Layout::NONE => {
            rows.get(*at as usize * slots..(*at as usize + 1) * slots).unwrap_or(&[])
        }
        _ => &[],
    }
}
