//! Measures that are read off the first period, with their derivatives with respect to what is played there.

use armistice_game::{MoveId, NodeId, PlayerId, WarGame};
use armistice_scenario::Value;
use armistice_solve::gradient::StageSeeds;

use crate::margin::StoppingNodes;
use crate::measure::named;
use crate::opening::Opening;

/// A number read off the first period.
pub(super) struct Reading {
    pub value: f64,
    /// Its derivative with respect to what the stage determines.
    pub seeds: StageSeeds,
    /// … and, directly, with respect to the belief at the start, by slot.
    pub start: Vec<f64>,
}

/// Whether a function is read off the first period.
pub(super) fn is_reading(function: &str) -> bool {
    matches!(function, "value" | "margin" | "action_probability" | "belief_shift")
}

/// What a function reads at the start, or why it is not defined.
pub(super) fn read(
    game: &WarGame,
    opening: Option<&Opening>,
    function: &str,
    arguments: &[Value],
) -> Result<Reading, String> {
    let opening = opening.ok_or("the war is over at the start")?;
    let text = |position: usize| match arguments.get(position) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let mut out = Reading { value: 0.0, seeds: StageSeeds::default(), start: vec![0.0; game.slots()] };
    match function {
        "value" => {
            let player = player(game, text(0))?;
            let own = game.slots_of(player);
            let one = text(1).map(|name| kind(game, player, name)).transpose()?;
            for (position, slot) in own.enumerate() {
                let weight = match one {
                    Some(kind) => f64::from(u8::from(kind == position)),
                    None => opening.belief.0.get(slot).copied().unwrap_or(0.0),
                };
                let value = opening.values().get(slot).copied().unwrap_or(0.0);
                out.value += weight * value;
                out.seeds.values.push((NodeId(0), slot, weight));
                if one.is_none() {
                    out.start[slot] = value;
                }
            }
        }
        "margin" => {
            let player = player(game, text(0))?;
            let kind = kind(game, player, text(1).unwrap_or_default())?;
            let nodes = StoppingNodes::of_tree(game, &opening.tree, player);
            let slot = game.slots_of(player).start + kind;
            let margin = nodes
                .margin(&opening.tree, &opening.assessment, slot)
                .ok_or("the player has no choice between ending the war and going on in the first period")?;
            out.value = margin.margin();
            out.seeds.action_values.extend([(margin.stop.0, slot, 1.0), (margin.go.0, slot, -1.0)]);
        }
        _ => {
            let (id, actions) = actions(game, text(0), text(1))?;
            let mover = game.moves.get(id.index()).map(|m| m.player).ok_or("there is no such move")?;
            let node =
                opening.node_of(id, &actions).ok_or("the action is not available in the first period")?;
            let one = text(2).map(|name| kind(game, mover, name)).transpose()?;
            choice(game, opening, function, (mover, node, &actions, one), &mut out)?;
        }
    }
    Ok(out)
}

/// `action_probability` and `belief_shift`.
fn choice(
    game: &WarGame,
    opening: &Opening,
    function: &str,
    (mover, node, actions, one): (PlayerId, NodeId, &[usize], Option<usize>),
    out: &mut Reading,
) -> Result<(), String> {
    let own = game.slots_of(mover);
    let belief = opening.assessment.belief(node).get(own.clone()).unwrap_or(&[]).to_vec();
    let played: Vec<f64> = (0..own.len()).map(|k| opening.strategy(node, actions, k)).collect();
    // Derivatives with respect to Σ σ(a | θ) over the actions, and to b(θ).
    let mut by_strategy = vec![0.0; own.len()];
    let mut by_belief = vec![0.0; own.len()];
    match (function, one) {
        ("action_probability", Some(kind)) => {
            out.value = played[kind];
            by_strategy[kind] = 1.0;
        }
        ("action_probability", None) => {
            out.value = belief.iter().zip(&played).map(|(b, p)| b * p).sum();
            by_strategy.clone_from(&belief);
            by_belief.clone_from(&played);
        }
        ("belief_shift", Some(kind)) => {
            let (_, _, shift) = opening.belief_shift(game, node, actions, kind);
            out.value = shift.ok_or("the belief in the type is 0 or 1, or no type takes the action")?;
            let others = (0..own.len()).filter(|k| *k != kind);
            let rest: f64 = others.clone().map(|k| belief[k] * played[k]).sum();
            by_strategy[kind] = 1.0 / played[kind];
            by_belief[kind] = -1.0 / (1.0 - belief[kind]);
            for k in others {
                by_strategy[k] = -belief[k] / rest;
                by_belief[k] = -played[k] / rest;
            }
        }
        _ => return Err(format!("`{function}` has no derivative here")),
    }
    let first = opening.first_edge(node);
    for (position, edge) in opening.tree.edges_of(node).iter().enumerate() {
        if actions.contains(&(edge.label as usize)) {
            let seeds = by_strategy.iter().enumerate().map(|(k, x)| (first + position, k, *x));
            out.seeds.strategies.extend(seeds);
        }
    }
    out.seeds.beliefs.extend(own.zip(by_belief).map(|(slot, x)| (node, slot, x)));
    Ok(())
}

fn missing(kind: &str, name: &str) -> String {
    format!("there is no {kind} `{name}`")
}

pub(super) fn player(game: &WarGame, name: Option<&str>) -> Result<PlayerId, String> {
    let name = name.unwrap_or_default();
    game.player(name).ok_or_else(|| missing("player", name))
}

fn kind(game: &WarGame, player: PlayerId, name: &str) -> Result<usize, String> {
    let types = game.players.get(player.index()).map_or(&[][..], |p| &p.types);
    types.iter().position(|t| t.name == name).ok_or_else(|| missing("type", name))
}

/// Positions of an action and of its copies.
pub(super) fn actions(
    game: &WarGame,
    name: Option<&str>,
    action: Option<&str>,
) -> Result<(MoveId, Vec<usize>), String> {
    let (name, action) = (name.unwrap_or_default(), action.unwrap_or_default());
    let id = game.find_move(name).ok_or_else(|| missing("move", name))?;
    let labels = game.moves.get(id.index()).map_or(&[][..], |m| &m.actions);
    let found = named(labels, action);
    if found.is_empty() { Err(missing("action", action)) } else { Ok((id, found)) }
}
