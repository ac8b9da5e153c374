//! Trajectories as CSV and as JSON lines: one row or line for every period of every war.

use std::io::Write;

use armistice_game::{PlayerId, Stage, StageTree, WarGame};
use armistice_scenario::{Date, Period};
use serde_json::{Map, Value, json};

use super::{Step, Trajectory};
use crate::{AnalyzeError, calendar};

/// Writes trajectories as CSV.
///
/// Columns: `war`, `period`, `date` (empty without a start), one for every state variable, one for every move and chance event (label
/// of what was chosen or happened, empty where it was not reached), one for every private type of players with more than
/// one (`belief.player.type`: public belief at the start of the period), one for every such player (`type.player`: what the
/// player really is, which nobody sees), `outcome` and `terms` (in the last row of a war; outcome `ongoing` at the horizon).
///
/// - errors: [`AnalyzeError::Write`].
pub fn write_csv(
    game: &WarGame,
    start: Option<(Date, Period)>,
    trajectories: &[Trajectory],
    out: &mut dyn Write,
) -> Result<(), AnalyzeError> {
    let mut writer = csv::Writer::from_writer(out);
    let failed = |error: csv::Error| AnalyzeError::Write(std::io::Error::other(error));
    writer.write_record(header(game)).map_err(failed)?;
    for trajectory in trajectories {
        for (period, step) in trajectory.steps.iter().enumerate() {
            let last = period + 1 == trajectory.steps.len();
            writer.write_record(row(game, start, trajectory, period, step, last)).map_err(failed)?;
        }
    }
    writer.flush().map_err(AnalyzeError::Write)
}

/// Writes trajectories as JSON lines: the columns of [`write_csv`] as keys, in the same order, numbers as numbers; what
/// would be empty is left out.
///
/// - errors: [`AnalyzeError::Write`].
pub fn write_json_lines(
    game: &WarGame,
    start: Option<(Date, Period)>,
    trajectories: &[Trajectory],
    out: &mut dyn Write,
) -> Result<(), AnalyzeError> {
    let header = header(game);
    for trajectory in trajectories {
        for (period, step) in trajectory.steps.iter().enumerate() {
            let last = period + 1 == trajectory.steps.len();
            let mut line = Map::new();
            for (name, cell) in header.iter().zip(row(game, start, trajectory, period, step, last)) {
                if cell.is_empty() {
                    continue;
                }
                let number = cell.parse::<f64>().ok().filter(|x| x.is_finite());
                let value = match cell.parse::<i64>() {
                    Ok(integer) => json!(integer),
                    Err(_) => number.map_or_else(|| Value::String(cell.clone()), |x| json!(x)),
                };
                line.insert(name.clone(), value);
            }
            let text = Value::Object(line).to_string();
            writeln!(out, "{text}").map_err(AnalyzeError::Write)?;
        }
    }
    Ok(())
}

fn informed(game: &WarGame) -> impl Iterator<Item = (PlayerId, &armistice_game::Player)> {
    game.players
        .iter()
        .enumerate()
        .filter(|(_, player)| player.types.len() > 1)
        .map(|(position, player)| (PlayerId::new(position), player))
}

fn header(game: &WarGame) -> Vec<String> {
    let mut out: Vec<String> = ["war", "period", "date"].map(String::from).to_vec();
    out.extend(game.variables.iter().map(|v| v.name.clone()));
    out.extend(game.moves.iter().map(|m| m.name.clone()));
    out.extend(game.chances.iter().map(|c| c.name.clone()));
    for (_, player) in informed(game) {
        out.extend(player.types.iter().map(|t| format!("belief.{}.{}", player.name, t.name)));
    }
    out.extend(informed(game).map(|(_, player)| format!("type.{}", player.name)));
    out.extend(["outcome", "terms"].map(String::from));
    out
}

fn row(
    game: &WarGame,
    start: Option<(Date, Period)>,
    trajectory: &Trajectory,
    period: usize,
    step: &Step,
    last: bool,
) -> Vec<String> {
    let n = u32::try_from(period).unwrap_or(u32::MAX);
    let mut out = vec![trajectory.number.to_string(), period.to_string()];
    out.push(start.map_or_else(String::new, |(date, length)| calendar::date_of(date, length, n)));
    let values = game.states.get(step.state.index()).map_or(&[][..], |state| &state.values);
    for (variable, value) in game.variables.iter().zip(values) {
        out.push(variable.labels.get(usize::from(*value)).cloned().unwrap_or_default());
    }
    let (mut moves, mut events) = (vec![""; game.moves.len()], vec![""; game.chances.len()]);
    if let Some(Stage::Play(tree)) = game.stages.get(step.state.index()) {
        label(game, tree, step, &mut moves, &mut events);
    }
    out.extend(moves.into_iter().chain(events).map(String::from));
    for (player, _) in informed(game) {
        out.extend(step.belief.of(game, player).iter().map(f64::to_string));
    }
    for (player, spec) in informed(game) {
        let kind = trajectory.types.get(player.index()).and_then(|t| spec.types.get(t.index()));
        out.push(kind.map_or_else(String::new, |t| t.name.clone()));
    }
    let (mut outcome, mut terms) = (String::new(), String::new());
    if last {
        (outcome, terms) = match trajectory.end {
            Some((ending, at)) => (
                game.endings.get(ending.index()).cloned().unwrap_or_default(),
                at.map_or_else(String::new, |x| x.to_string()),
            ),
            None => ("ongoing".into(), String::new()),
        };
    }
    out.push(outcome);
    out.push(terms);
    out
}

/// Writes the label of every move and event on the path of a step into its column.
fn label<'g>(
    game: &'g WarGame,
    tree: &StageTree,
    step: &Step,
    moves: &mut [&'g str],
    events: &mut [&'g str],
) {
    use armistice_game::{Node, NodeId};
    let mut node = NodeId(0);
    for at in &step.edges {
        let Some(edge) = tree.edges.get(*at as usize) else { return };
        let branch = edge.label as usize;
        match tree.nodes.get(node.index()) {
            Some(Node::Move { id, .. }) => {
                let name = game.moves.get(id.index()).and_then(|m| m.actions.get(branch));
                if let (Some(cell), Some(name)) = (moves.get_mut(id.index()), name) {
                    *cell = name;
                }
            }
            Some(Node::Chance { id, .. }) => {
                let name = game.chances.get(id.index()).and_then(|c| c.outcomes.get(branch));
                if let (Some(cell), Some(name)) = (events.get_mut(id.index()), name) {
                    *cell = name;
                }
            }
            _ => return,
        }
        node = edge.child;
    }
}
