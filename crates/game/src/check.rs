//! Structural checks of a compiled game: what every solver may rely on.

use crate::{Node, Payoff, PlayerId, Precision, Stage, StageTree, WarGame};

/// Why a game cannot be used. Messages complete "failed to …".
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GameError {
    /// The tree would be larger than allowed.
    #[error("build the tree: it has more than {limit} nodes")]
    TooLarge {
        /// The limit that was passed.
        limit: usize,
    },
    /// A finite horizon was asked of a game without a horizon payoff.
    #[error("unroll the game: it has an indefinite horizon and so no payoff at a horizon")]
    NoHorizonPayoff,
    /// A broken structure: a bug of whoever built the game.
    #[error("use the game: {what}")]
    Malformed {
        /// What is broken.
        what: &'static str,
    },
}

/// Checks that a game is sound: ids in range, preorder, probabilities that sum to 1 for every type, finite
/// payoffs, priors that sum to 1, discounts in (0, 1], precisions ≥ 0.
///
/// Cost: linear in the size of the game.
pub fn check(game: &WarGame) -> Result<(), GameError> {
    let fail = |what| Err(GameError::Malformed { what });
    if game.players.is_empty() {
        return fail("no players");
    }
    for player in &game.players {
        let mass: f64 = player.types.iter().map(|t| t.prior).sum();
        if player.types.is_empty()
            || (mass - 1.0).abs() > 1e-9
            || player.types.iter().any(|t| !(t.prior >= 0.0))
        {
            return fail("priors that do not sum to 1");
        }
        if !(player.discount > 0.0 && player.discount <= 1.0) {
            return fail("a discount factor outside (0, 1]");
        }
        if let Precision::Finite(x) = player.precision
            && !(x.is_finite() && x >= 0.0)
        {
            return fail("a precision that is negative or not finite");
        }
    }
    if game.stages.len() != game.states.len() || game.start.index() >= game.states.len() {
        return fail("states without a stage");
    }
    if !game.horizon_payoffs.is_empty() && game.horizon_payoffs.len() != game.states.len() {
        return fail("horizon payoffs that do not match the states");
    }
    let profiles: usize = game.types().iter().product();
    let sound = |payoff: &Payoff| {
        let expected = match payoff {
            Payoff::Own(_) => game.slots(),
            Payoff::Joint(_) => profiles * game.players.len(),
        };
        payoff.values().len() == expected && payoff.values().iter().all(|x| x.is_finite())
    };
    if !game.horizon_payoffs.iter().all(sound) {
        return fail("a horizon payoff that is not finite or has the wrong length");
    }
    for stage in &game.stages {
        match stage {
            Stage::Over(end) if !sound(&end.payoff) => {
                return fail("an end payoff that is not finite or has the wrong length");
            }
            Stage::Over(_) => {}
            Stage::Play(tree) => check_tree(game, tree, &sound)?,
        }
    }
    Ok(())
}

fn check_tree(game: &WarGame, tree: &StageTree, sound: &dyn Fn(&Payoff) -> bool) -> Result<(), GameError> {
    let fail = |what| Err(GameError::Malformed { what });
    if tree.nodes.is_empty() {
        return fail("an empty stage tree");
    }
    if !tree.flows.values().iter().chain(tree.costs.values()).all(|x| x.is_finite()) {
        return fail("a flow payoff that is not finite");
    }
    if !tree.ends.iter().all(|end| sound(&end.payoff)) {
        return fail("an end payoff that is not finite or has the wrong length");
    }
    for (index, node) in tree.nodes.iter().enumerate() {
        let edges = tree.edges_of(crate::NodeId::new(index));
        if edges.iter().any(|e| e.child.index() <= index || e.child.index() >= tree.nodes.len()) {
            return fail("an edge that does not lead down the tree");
        }
        match node {
            Node::Move { player, id, .. } => {
                let info = game.moves.get(id.index());
                if edges.is_empty() || info.is_none_or(|m| m.player != *player) {
                    return fail("a move node without actions or with the wrong player");
                }
                if edges.iter().any(|e| !e.log_weight.is_finite()) {
                    return fail("a base weight that is not positive");
                }
            }
            Node::Chance { about, .. } => {
                let kinds = about.map_or(1, |p: PlayerId| game.slots_of(p).len());
                for kind in 0..kinds {
                    let mass: f64 = edges.iter().map(|e| tree.probability(e, kind)).sum();
                    if (mass - 1.0).abs() > 1e-9 || edges.iter().any(|e| !(tree.probability(e, kind) >= 0.0))
                    {
                        return fail("chance probabilities that do not sum to 1");
                    }
                }
            }
            Node::Next(state) if state.index() >= game.states.len() => {
                return fail("a next state out of range");
            }
            Node::End(end) if *end as usize >= tree.ends.len() => return fail("an end out of range"),
            Node::Later { .. } if edges.len() != 1 => return fail("a period boundary without its one edge"),
            _ => {}
        }
    }
    Ok(())
}
