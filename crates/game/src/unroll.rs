//! Unrolling: the first periods of a war game as one finite tree, with no belief grid at all.

use crate::{
    Edge, EndPoint, EndingId, GameError, Node, NodeId, Row, Stage, StageTree, StageTreeBuilder, StateId,
    WarGame,
};

/// The first `periods` periods from `state` as one finite tree; whoever is still at war then gets the horizon payoff.
///
/// Payoffs stay in the units of the period in which they fall: every boundary between two periods is a
/// [`Node::Later`] through which values pass multiplied by the player's discount factor. That is the same as
/// discounting everything to period 0 and letting the precision grow by 1/δᵗ with depth, without the overflow.
///
/// - `limit`: the largest number of nodes to build.
/// - errors: [`GameError::TooLarge`] when the tree would pass `limit`, [`GameError::NoHorizonPayoff`] for a game
///   with an indefinite horizon, [`GameError::Malformed`] for a broken tree.
/// - cost: linear in the nodes of the result, which grow exponentially with `periods`.
pub fn unroll(game: &WarGame, state: StateId, periods: u32, limit: usize) -> Result<StageTree, GameError> {
    if game.horizon_payoffs.len() != game.states.len() {
        return Err(GameError::NoHorizonPayoff);
    }
    let mut builder = StageTreeBuilder::new(game.slots());
    let root = builder.open();
    Unroller { game, builder: &mut builder, limit }.state(root, state, periods)?;
    builder.finish().ok_or(GameError::Malformed { what: "an unrolled node was never filled" })
}

struct Unroller<'a> {
    game: &'a WarGame,
    builder: &'a mut StageTreeBuilder,
    limit: usize,
}

impl Unroller<'_> {
    /// Fills `at` with the game from `state` on.
    fn state(&mut self, at: NodeId, state: StateId, periods: u32) -> Result<(), GameError> {
        let malformed = GameError::Malformed { what: "a state without a stage" };
        match self.game.stages.get(state.index()).ok_or(malformed)? {
            Stage::Over(end) if periods > 0 => self.builder.close_end(at, end.clone()),
            Stage::Play(tree) if periods > 0 => self.node(at, tree, NodeId(0), periods)?,
            last => {
                let payoff =
                    self.game.horizon_payoffs.get(state.index()).ok_or(GameError::NoHorizonPayoff)?.clone();
                // A war still on at the horizon has the id after the last kind of ending.
                let (ending, terms) = match last {
                    Stage::Over(end) => (end.ending, end.terms),
                    Stage::Play(_) => (EndingId::new(self.game.endings.len()), None),
                };
                self.builder.close_end(at, EndPoint { ending, terms, payoff });
            }
        }
        Ok(())
    }

    fn node(&mut self, at: NodeId, tree: &StageTree, source: NodeId, periods: u32) -> Result<(), GameError> {
        if self.builder.len() > self.limit {
            return Err(GameError::TooLarge { limit: self.limit });
        }
        let malformed = || GameError::Malformed { what: "an edge or end out of range" };
        match tree.nodes.get(source.index()).ok_or_else(malformed)? {
            Node::Move { id, player, .. } => {
                let edges = self.edges(tree, source, periods)?;
                self.builder.close_move(at, *id, *player, edges);
            }
            Node::Chance { id, about, .. } => {
                let mut edges = self.edges(tree, source, periods)?;
                let kinds = about.map_or(1, |p| self.game.slots_of(p).len());
                for (edge, from) in edges.iter_mut().zip(tree.edges_of(source)) {
                    edge.chance = u32::try_from(self.builder.probabilities.len()).unwrap_or(u32::MAX);
                    for kind in 0..kinds {
                        self.builder.probabilities.push(tree.probability(from, kind));
                    }
                }
                self.builder.close_chance(at, *id, *about, edges);
            }
            Node::Next(state) => {
                let child = self.builder.open();
                self.state(child, *state, periods - 1)?;
                let edge = Edge { child, label: 0, log_weight: 0.0, chance: 0, flow: Row(0), cost: Row(0) };
                self.builder.close_later(at, edge);
            }
            Node::Later { .. } => {
                let mut edges = self.edges(tree, source, periods)?;
                let edge = edges.pop().ok_or_else(malformed)?;
                self.builder.close_later(at, edge);
            }
            Node::End(index) => {
                let end = tree.ends.get(*index as usize).ok_or_else(malformed)?;
                self.builder.close_end(at, end.clone());
            }
        }
        Ok(())
    }

    fn edges(&mut self, tree: &StageTree, source: NodeId, periods: u32) -> Result<Vec<Edge>, GameError> {
        let mut out = Vec::new();
        for edge in tree.edges_of(source) {
            let child = self.builder.open();
            self.node(child, tree, edge.child, periods)?;
            out.push(Edge {
                child,
                label: edge.label,
                log_weight: edge.log_weight,
                chance: 0,
                flow: self.builder.flows.push(tree.flows.row(edge.flow)),
                cost: self.builder.costs.push(tree.costs.row(edge.cost)),
            });
        }
        Ok(out)
    }
}
