//! The attacker's stopping margins: at the start, over time, and over states and beliefs.

use armistice_game::{Belief, Node, PlayerId, Stage, State, StateId, WarGame};
use armistice_scenario::Scenario;
use armistice_solve::{Control, Equilibrium};

use crate::AnalyzeError;
use crate::findings::{How, MarginAtStart, MarginPath, MarginPoint, MarginSurface, Margins};
use crate::forward::{Given, Start, mean};
use crate::margin::StoppingNodes;
use crate::parts::outlook::{date, how, quantity, spread, with_grid_error};
use crate::parts::signals::history;
use crate::pool::SolverPool;
use crate::run::Run;

/// Beliefs along an axis of a surface.
const COLUMNS: usize = 21;

/// Margins of the attacker, without surfaces; `coarse` is the same run on the audit grid.
pub fn margins(scenario: &Scenario, run: &Run, coarse: Option<&Run>) -> Option<Margins> {
    let attacker = PlayerId::new(scenario.about.attacker);
    let spec = scenario.players.get(attacker.index())?;
    let found = run.margins(attacker);
    let rough = coarse.map(|run| run.margins(attacker)).unwrap_or_default();
    let start = spec.types.iter().enumerate().map(|(kind, words)| {
        let here = found.get(kind).cloned().flatten();
        let there = rough.get(kind).cloned().flatten();
        let value = here.as_ref().map(|m| m.margin());
        let reason = "no choice between ending the war and going on in the first period";
        let label = |edge: usize| {
            let opening = run.opening.as_ref()?;
            let edge_of = opening.tree.edges.get(edge)?;
            let Some(Node::Move { id, .. }) = opening.tree.nodes.get(here.as_ref()?.node.index()) else {
                return None;
            };
            run.game.moves.get(id.index())?.actions.get(edge_of.label as usize).cloned()
        };
        let stage = here.as_ref().and_then(|m| match run.opening.as_ref()?.tree.nodes.get(m.node.index()) {
            Some(Node::Move { id, .. }) => run.game.moves.get(id.index()).map(|m| m.name.clone()),
            _ => None,
        });
        let margin = quantity(value.ok_or_else(|| reason.into()), How::Equilibrium, run.grid_points);
        MarginAtStart {
            kind: words.name.clone(),
            title: words.title.clone(),
            margin: with_grid_error(margin, there.map(|m| m.margin())),
            history: here
                .as_ref()
                .zip(run.opening.as_ref())
                .map(|(m, opening)| history(run, opening, m.node))
                .unwrap_or_default(),
            stage,
            stop: here.as_ref().and_then(|m| label(m.stop.0)),
            stop_value: here.as_ref().map(|m| m.stop.1),
            go: here.as_ref().and_then(|m| label(m.go.0)),
            go_value: here.as_ref().map(|m| m.go.1),
        }
    });
    let paths = spec.types.iter().enumerate().map(|(kind, words)| MarginPath {
        kind: words.name.clone(),
        title: words.title.clone(),
        points: path(scenario, run, attacker, kind),
    });
    Some(Margins {
        player: spec.name.clone(),
        title: spec.title.clone(),
        unit: format!("payoff units of {}", spec.title),
        how: how(run),
        start: start.collect(),
        paths: paths.collect(),
        surfaces: Vec::new(),
    })
}

fn path(scenario: &Scenario, run: &Run, attacker: PlayerId, kind: usize) -> Vec<MarginPoint> {
    let weights = run.outlook.weights(&Given(vec![(attacker, armistice_game::TypeId::new(kind))]));
    let mut out = Vec::new();
    for (period, samples) in run.outlook.margins.iter().enumerate() {
        let period = u32::try_from(period).unwrap_or(u32::MAX);
        let survival = run.outlook.survival(&weights, period);
        if survival <= 0.0 {
            break;
        }
        let values: Vec<(f64, f64)> = samples
            .iter()
            .filter_map(|s| Some((s.margins.get(kind).copied().flatten()?, mean(&weights, &s.mass))))
            .collect();
        let total: f64 = values.iter().map(|(_, w)| w).sum();
        let positive: f64 = values.iter().filter(|(m, _)| *m > 0.0).map(|(_, w)| w).sum();
        out.push(MarginPoint {
            period,
            date: date(scenario, period),
            margin: spread(values),
            share_positive: (total > 0.0).then(|| positive / total),
            survival,
        });
    }
    out
}

/// Margins at the start over the values of the first integer state variable (the first variable, when all hold words) and the
/// belief about each player with private types.
///
/// Cost: values × 21 stage solutions for each such player.
pub fn surfaces(
    scenario: &Scenario,
    game: &WarGame,
    equilibrium: &Equilibrium,
    start: &Start,
    control: &Control<'_>,
) -> Result<Vec<MarginSurface>, AnalyzeError> {
    let attacker = PlayerId::new(scenario.about.attacker);
    let variable = game.variables.iter().position(|v| v.numbers.is_some()).unwrap_or(0);
    let (Some(spec), Some(words)) =
        (scenario.players.get(attacker.index()), scenario.variables.get(variable))
    else {
        return Ok(Vec::new());
    };
    let Some(here) = game.states.get(start.state.index()) else { return Ok(Vec::new()) };
    let labels = game.variables.get(variable).map(|v| v.labels.clone()).unwrap_or_default();
    let start_row = here.values.get(variable).map_or(0, |v| usize::from(*v));
    let solver = SolverPool::new(game, equilibrium, 0.0);
    let slots = game.slots_of(attacker);
    let mut out = Vec::new();
    for (position, player) in scenario.players.iter().enumerate().filter(|(_, p)| p.types.len() > 1) {
        // The last type: by convention of the shipped scenarios the more resolute one.
        let swept = player.types.len() - 1;
        let about = PlayerId::new(position);
        let beliefs: Vec<f64> = (0..COLUMNS).map(|i| i as f64 / (COLUMNS - 1) as f64).collect();
        let points: Vec<Belief> =
            beliefs.iter().map(|p| sweep(game, &start.belief, about, swept, *p)).collect();
        let mut tables = vec![Vec::new(); slots.len()];
        for row in 0..labels.len() {
            if control.cancel.is_canceled() {
                return Err(AnalyzeError::Cancelled);
            }
            let at = neighbor(game, here, variable, row);
            let margins = at.and_then(|state| rows(game, &solver, state, attacker, &points));
            for (kind, table) in tables.iter_mut().enumerate() {
                table.push(margins.as_ref().map_or_else(
                    || vec![None; COLUMNS],
                    |rows| rows.iter().map(|row| row.get(kind).copied().flatten()).collect(),
                ));
            }
        }
        for (kind, margins) in spec.types.iter().zip(tables) {
            out.push(MarginSurface {
                kind: kind.name.clone(),
                title: kind.title.clone(),
                variable: words.name.clone(),
                labels: labels.clone(),
                belief_about: player.name.clone(),
                belief_in: player.types.get(swept).map(|t| t.name.clone()).unwrap_or_default(),
                beliefs: beliefs.clone(),
                margins,
                start_row,
                start_belief: start.belief.of(game, about).get(swept).copied().unwrap_or(0.0),
            });
        }
    }
    Ok(out)
}

/// Margins of all types at each belief: `[belief][type]`; `None` where the war is over.
fn rows(
    game: &WarGame,
    solver: &SolverPool<'_>,
    state: StateId,
    attacker: PlayerId,
    beliefs: &[Belief],
) -> Option<Vec<Vec<Option<f64>>>> {
    let Some(Stage::Play(tree)) = game.stages.get(state.index()) else { return None };
    let nodes = StoppingNodes::of_tree(game, tree, attacker);
    let assessments = solver.solve(0, state, beliefs);
    Some(assessments.iter().map(|assessment| nodes.margins(game, tree, assessment, attacker)).collect())
}

/// The state that differs from `here` in one variable; `None` when no play reaches it.
fn neighbor(game: &WarGame, here: &State, variable: usize, value: usize) -> Option<StateId> {
    let mut values = here.values.clone();
    *values.get_mut(variable)? = u16::try_from(value).ok()?;
    game.states.iter().position(|state| state.values == values).map(StateId::new)
}

/// A belief with the probability of one type set; the player's other types keep their proportions.
pub(crate) fn sweep(
    game: &WarGame,
    belief: &Belief,
    player: PlayerId,
    kind: usize,
    probability: f64,
) -> Belief {
    let own = belief.of(game, player);
    let rest: f64 = own.iter().enumerate().filter(|(k, _)| *k != kind).map(|(_, p)| p).sum();
    let others = own.len().saturating_sub(1).max(1) as f64;
    let next: Vec<f64> = own
        .iter()
        .enumerate()
        .map(|(k, p)| match k {
            k if k == kind => probability,
            // Nothing to keep the proportions of: share equally.
            _ if rest <= 0.0 => (1.0 - probability) / others,
            _ => p / rest * (1.0 - probability),
        })
        .collect();
    belief.with(game, player, &next)
}
