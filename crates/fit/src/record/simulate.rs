//! Wars drawn from a solved game, as records in which everything was seen.

use armistice_game::{Belief, Node, NodeId, Stage, StateId, WarGame};
use armistice_scenario::Observation;
use armistice_solve::{Equilibrium, StageSolver};
use rand::RngExt;

/// A war that was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// By player: the type drawn.
    pub types: Vec<usize>,
    /// What an observer saw.
    pub rows: Vec<Observation>,
}

/// Draws a war from the public belief at `start`, as a record of everything that can be seen.
///
/// - `periods`: rows at most; wars that end sooner have fewer.
/// - cost: a stage solution a row.
pub fn draw_war(
    game: &WarGame,
    equilibrium: &Equilibrium,
    start: (StateId, &Belief),
    periods: u32,
    random: &mut impl RngExt,
) -> Drawn {
    let mut solver = StageSolver::new(game, equilibrium);
    let types: Vec<usize> = (0..game.players.len())
        .map(|player| draw(start.1.of(game, armistice_game::PlayerId::new(player)), random.random()))
        .collect();
    let (mut state, mut belief) = (start.0, start.1.0.clone());
    let mut rows = Vec::new();
    for period in 0..periods {
        let Some(Stage::Play(tree)) = game.stages.get(state.index()) else { break };
        let mut row = Observation {
            date: period.to_string(),
            line: u64::from(period) + 2,
            moves: vec![None; game.moves.len()],
            events: vec![None; game.chances.len()],
            after: vec![None; game.variables.len()],
            ended: None,
        };
        let mut next = None;
        let before = belief.clone();
        solver.visit(period, state, std::iter::once(before.as_slice()), |_, stage| {
            let mut at = NodeId(0);
            while let Some(node) = tree.nodes.get(at.index()) {
                let edges = tree.edges_of(at);
                let weights: Vec<f64> = match node {
                    Node::Move { player, edges, .. } => {
                        let kind = types[player.index()];
                        edges.clone().map(|edge| stage.strategy(edge as usize, kind)).collect()
                    }
                    Node::Chance { about, .. } => {
                        let kind = about.map_or(0, |player| types[player.index()]);
                        edges.iter().map(|edge| tree.probability(edge, kind)).collect()
                    }
                    Node::Next(state) => {
                        next = Some(*state);
                        stage.belief(at, &mut belief);
                        break;
                    }
                    Node::End(end) => {
                        row.ended = tree.ends.get(*end as usize).map(|end| end.ending.index());
                        break;
                    }
                    Node::Later { .. } => break,
                };
                let Some(edge) = edges.get(draw(&weights, random.random())) else { break };
                let mask = |labels: usize| {
                    let mut mask = vec![false; labels];
                    mask[edge.label as usize] = true;
                    Some(mask)
                };
                match node {
                    Node::Move { id, .. } => {
                        row.moves[id.index()] = mask(game.moves[id.index()].actions.len());
                    }
                    Node::Chance { id, .. } => {
                        row.events[id.index()] = mask(game.chances[id.index()].outcomes.len());
                    }
                    _ => {}
                }
                at = edge.child;
            }
        });
        if let Some(next) = next {
            row.after = game.states[next.index()].values.iter().map(|v| Some(*v)).collect();
            if let Some(Stage::Over(end)) = game.stages.get(next.index()) {
                row.ended = Some(end.ending.index());
            }
            state = next;
        }
        let over = row.ended.is_some();
        rows.push(row);
        if over || next.is_none() {
            break;
        }
    }
    Drawn { types, rows }
}

/// The position that a uniform number falls on.
pub(super) fn draw(weights: &[f64], uniform: f64) -> usize {
    let mut left = uniform * weights.iter().sum::<f64>();
    for (position, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return position;
        }
    }
    // Round-off: the last that can happen.
    weights.iter().rposition(|w| *w > 0.0).unwrap_or(0)
}
