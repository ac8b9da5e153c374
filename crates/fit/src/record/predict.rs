//! What comes next, by the mixture of histories that a record leaves open.

use armistice_game::{Belief, Horizon, Node, NodeId, Stage, StateId, WarGame};
use armistice_solve::{Equilibrium, StageSolver};

use super::filter::{History, by_state};

/// The distribution of one period to come.
#[derive(Clone, Debug, PartialEq)]
pub struct NextMonth {
    /// By `MoveId` and action: probability that the move is made and this action chosen.
    pub moves: Vec<Vec<f64>>,
    /// By state in which play goes on: its probability, in the order of states.
    pub states: Vec<(StateId, f64)>,
    /// By ending.
    pub endings: Vec<f64>,
}

impl NextMonth {
    /// Probability that the war is over after the period.
    #[must_use]
    pub fn over(&self) -> f64 {
        self.endings.iter().sum()
    }

    /// Probability that some action of a move is chosen, and that the move is made.
    #[must_use]
    pub fn chosen(&self, id: usize, actions: impl Fn(usize) -> bool) -> (f64, f64) {
        let row = self.moves.get(id).map_or(&[][..], |row| row);
        let some = row.iter().enumerate().filter(|(a, _)| actions(*a)).map(|(_, p)| p).sum();
        (some, row.iter().sum())
    }
}

/// The distribution of the period after `period` rows, with what was seen in them integrated as far as the record leaves it open.
///
/// - returns `None` past the horizon, or where no history goes on.
/// - cost: a stage solution for each history.
#[must_use]
pub fn next_month(
    game: &WarGame,
    equilibrium: &Equilibrium,
    histories: &[History],
    period: u32,
) -> Option<NextMonth> {
    if histories.is_empty() || matches!(game.horizon, Horizon::Periods(last) if period >= last) {
        return None;
    }
    let mut solver = StageSolver::new(game, equilibrium);
    let mut out = NextMonth {
        moves: game.moves.iter().map(|m| vec![0.0; m.actions.len()]).collect(),
        states: Vec::new(),
        endings: vec![0.0; game.endings.len()],
    };
    let mut reached = vec![0.0; game.states.len()];
    for (state, members) in by_state(histories) {
        let Some(Stage::Play(tree)) = game.stages.get(state.index()) else { continue };
        let beliefs: Vec<Belief> = members.iter().map(|i| Belief(histories[*i].belief.clone())).collect();
        let solved = solver.solve(period, state, &beliefs);
        for (member, stage) in members.iter().zip(&solved) {
            let mut mass = vec![0.0; tree.nodes.len()];
            mass[0] = histories[*member].weight;
            for (index, node) in tree.nodes.iter().enumerate() {
                let here = mass[index];
                match node {
                    Node::Move { edges, .. } | Node::Chance { edges, .. } => {
                        for (number, edge) in edges.clone().zip(tree.edges_of(NodeId::new(index))) {
                            let p = here * stage.probability.get(number as usize).copied().unwrap_or(0.0);
                            mass[edge.child.index()] = p;
                            if let Node::Move { id, .. } = node
                                && let Some(x) = out.moves[id.index()].get_mut(edge.label as usize)
                            {
                                *x += p;
                            }
                        }
                    }
                    Node::Next(next) => match game.stages.get(next.index()) {
                        Some(Stage::Over(end)) => out.endings[end.ending.index()] += here,
                        _ => reached[next.index()] += here,
                    },
                    Node::End(end) => {
                        if let Some(end) = tree.ends.get(*end as usize) {
                            out.endings[end.ending.index()] += here;
                        }
                    }
                    Node::Later { .. } => {}
                }
            }
        }
    }
    let states = reached.into_iter().enumerate().filter(|(_, p)| *p > 0.0);
    out.states = states.map(|(state, p)| (StateId::new(state), p)).collect();
    Some(out)
}
