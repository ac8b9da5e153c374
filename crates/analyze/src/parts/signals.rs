//! What moves say about private types, at the start.

use armistice_game::{MoveId, Node, NodeId};
use armistice_scenario::{Compiled, Scenario, StageKind};

use crate::findings::{How, Signal, SignalAction, SignalType, Step};
use crate::opening::Opening;
use crate::run::Run;

pub(crate) fn signals(scenario: &Scenario, compiled: &Compiled, run: &Run) -> Vec<Signal> {
    let Some(opening) = &run.opening else { return Vec::new() };
    (0..run.game.moves.len())
        .filter_map(|position| signal(scenario, compiled, run, opening, MoveId::new(position)))
        .collect()
}

fn signal(
    scenario: &Scenario,
    compiled: &Compiled,
    run: &Run,
    opening: &Opening,
    id: MoveId,
) -> Option<Signal> {
    let node = opening.node_of(id, &[])?;
    let stage = scenario.stages.get(*compiled.move_stage.get(id.index())?)?;
    let StageKind::Move { player } = stage.kind else { return None };
    let player = scenario.players.get(player)?;
    let labels = &run.game.moves.get(id.index())?.actions;
    let actions = opening
        .tree
        .edges_of(node)
        .iter()
        .map(|edge| {
            let label = [edge.label as usize];
            let name = labels.get(edge.label as usize).cloned().unwrap_or_default();
            let branch = stage.branches.iter().find(|branch| branch.label == name);
            let types = player.types.iter().enumerate().filter(|_| player.types.len() > 1);
            SignalAction {
                title: branch.map_or_else(|| name.clone(), |branch| branch.title.clone()),
                action: name,
                probability: opening.probability(node, &label),
                types: types
                    .map(|(kind, words)| {
                        let (before, after, shift) = opening.belief_shift(&run.game, node, &label, kind);
                        SignalType {
                            name: words.name.clone(),
                            probability: opening.strategy(node, &label, kind),
                            belief_before: before,
                            belief_after: after,
                            shift,
                        }
                    })
                    .collect(),
            }
        })
        .collect();
    Some(Signal {
        stage: stage.name.clone(),
        title: stage.title.clone(),
        player: player.name.clone(),
        history: history(run, opening, node),
        actions,
        how: How::Equilibrium,
    })
}

/// What came before a node in the first period.
pub(crate) fn history(run: &Run, opening: &Opening, node: NodeId) -> Vec<Step> {
    opening
        .history(node)
        .into_iter()
        .filter_map(|(node, label)| {
            let (name, labels) = match node {
                Node::Move { id, .. } => run.game.moves.get(id.index()).map(|m| (&m.name, &m.actions))?,
                Node::Chance { id, .. } => {
                    run.game.chances.get(id.index()).map(|c| (&c.name, &c.outcomes))?
                }
                _ => return None,
            };
            Some(Step { stage: name.clone(), branch: labels.get(label as usize)?.clone() })
        })
        .collect()
}
