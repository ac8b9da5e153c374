//! Whether play of the game can produce a record: row by row, with what would have to be different where it cannot.

use armistice_game::{Edge, Node, NodeId, Stage, StateId, WarGame};

use crate::codes;
use crate::compile::Compiled;
use crate::diagnostic::Diagnostic;
use crate::expression::Expression;
use crate::model::Scenario;

use super::{Observation, Rows};

/// One thing a row says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Move(usize),
    Event(usize),
    After(usize),
    Ended,
}

impl Observation {
    /// Whether an edge of a node is consistent with what was seen.
    #[must_use]
    pub fn allows(&self, node: &Node, edge: &Edge) -> bool {
        let mask = match node {
            Node::Move { id, .. } => self.moves.get(id.index()),
            Node::Chance { id, .. } => self.events.get(id.index()),
            _ => None,
        };
        mask.and_then(Option::as_ref)
            .is_none_or(|mask| mask.get(edge.label as usize).copied().unwrap_or(false))
    }

    /// Whether the war can go on in a state after the row's period.
    #[must_use]
    pub fn allows_state(&self, game: &WarGame, state: StateId) -> bool {
        let Some(values) = game.states.get(state.index()).map(|s| &s.values) else { return false };
        self.after.iter().zip(values).all(|(wanted, value)| wanted.is_none_or(|wanted| wanted == *value))
    }

    /// The same without one thing it says.
    fn without(&self, part: Part) -> Self {
        let mut out = self.clone();
        match part {
            Part::Move(id) => out.moves[id] = None,
            Part::Event(id) => out.events[id] = None,
            Part::After(variable) => out.after[variable] = None,
            Part::Ended => out.ended = None,
        }
        out
    }
}

/// States that play can be in after a row, from any of some states; `None` where the war is over as the row says.
fn follow(game: &WarGame, from: &[StateId], row: &Observation) -> (Vec<StateId>, bool) {
    let (mut states, mut over) = (Vec::new(), false);
    for state in from {
        let Some(Stage::Play(tree)) = game.stages.get(state.index()) else { continue };
        let mut open = vec![NodeId(0)];
        while let Some(at) = open.pop() {
            let Some(node) = tree.nodes.get(at.index()) else { continue };
            match node {
                Node::Next(next) if row.allows_state(game, *next) => match game.stages.get(next.index()) {
                    Some(Stage::Over(end)) => over |= row.ended == Some(end.ending.index()),
                    _ if row.ended.is_none() && !states.contains(next) => states.push(*next),
                    _ => {}
                },
                Node::End(end) => {
                    let end = tree.ends.get(*end as usize).map(|end| end.ending.index());
                    over |= row.ended.is_some() && row.ended == end;
                }
                _ => {}
            }
            for edge in tree.edges_of(at) {
                // An outcome that has no probability for any type is no outcome.
                let impossible =
                    matches!(node, Node::Chance { about: None, .. }) && tree.probability(edge, 0) == 0.0;
                if row.allows(node, edge) && !impossible {
                    open.push(edge.child);
                }
            }
        }
    }
    states.sort_unstable();
    (states, over)
}

/// Notes every row that no play of the game produces.
pub(super) fn possible(
    scenario: &Scenario,
    rows: &Rows<'_>,
    compiled: &Compiled,
    periods: &[Observation],
    problems: &mut Vec<Diagnostic>,
) {
    let game = &compiled.game;
    let live = |state: &StateId| matches!(game.stages.get(state.index()), Some(Stage::Play(_)));
    let all: Vec<StateId> = (0..game.states.len()).map(StateId::new).filter(live).collect();
    let mut from = vec![game.start];
    for (n, row) in periods.iter().enumerate() {
        let (next, over) = follow(game, &from, row);
        if over && n + 1 < periods.len() {
            let message = format!("{} ends the war, and rows follow", said(rows, row));
            let help = "let `to` name the last row of the war";
            problems.push(
                Diagnostic::error(codes::RECORD_IMPOSSIBLE, message)
                    .at(rows.data.span.clone(), "")
                    .help(help),
            );
            return;
        }
        if next.is_empty() && !over {
            problems.push(impossible(scenario, rows, compiled, &from, row));
            // What a row says about the state after it is where the next one starts from.
            let stated: Vec<StateId> = all.iter().copied().filter(|s| row.allows_state(game, *s)).collect();
            from = if stated.is_empty() { all.clone() } else { stated };
        } else {
            from = next;
        }
        if let armistice_game::Horizon::Periods(horizon) = game.horizon
            && n + 1 == horizon as usize
            && n + 1 < periods.len()
        {
            let message = format!("the record has {} rows, and the game {horizon} periods", periods.len());
            let help = "raise `horizon`: players look ahead to it, so it should lie well after the record";
            problems.push(
                Diagnostic::error(codes::RECORD_ROWS, message).at(rows.data.span.clone(), "").help(help),
            );
            return;
        }
    }
}

fn said(rows: &Rows<'_>, row: &Observation) -> String {
    format!("{} (line {} of `{}`)", row.date, row.line, rows.table.file)
}

/// What is wrong with a row: each thing it says without which play could produce it.
fn impossible(
    scenario: &Scenario,
    rows: &Rows<'_>,
    compiled: &Compiled,
    from: &[StateId],
    row: &Observation,
) -> Diagnostic {
    let game = &compiled.game;
    let parts = (0..row.moves.len()).filter(|i| row.moves[*i].is_some()).map(Part::Move);
    let parts = parts.chain((0..row.events.len()).filter(|i| row.events[*i].is_some()).map(Part::Event));
    let parts = parts.chain((0..row.after.len()).filter(|i| row.after[*i].is_some()).map(Part::After));
    let parts = parts.chain(row.ended.is_some().then_some(Part::Ended));
    let mut reasons = Vec::new();
    let mut places: Vec<&Expression> = Vec::new();
    let source = rows.table.rows.iter().find(|r| r.line == row.line);
    for part in parts {
        let (next, over) = follow(game, from, &row.without(part));
        if next.is_empty() && !over {
            continue;
        }
        let (name, read) = described(scenario, rows, compiled, part);
        let cells = source.map(|source| rows.cells(&read, source)).unwrap_or_default();
        let mut reason = format!("`{name}` ({cells})");
        if let Part::After(variable) = part {
            let label = |values: &[u16]| label_of(game, variable, values.get(variable));
            let mut before: Vec<String> =
                from.iter().map(|s| label(&game.states[s.index()].values)).collect();
            before.dedup();
            before.truncate(4);
            let after = label_of(game, variable, row.after[variable].as_ref());
            reason = format!("`{name}` {after} after {} ({cells})", before.join(" or "));
        }
        reasons.push(reason);
        places.extend(read.first());
    }
    let place = said(rows, row);
    let message = match reasons.as_slice() {
        [] => format!(
            "{place} is nothing that play of the game produces, even without one of the things it says"
        ),
        [one] => format!("{place} is nothing that play of the game produces: not with {one}"),
        _ => format!(
            "{place} is nothing that play of the game produces: not with {} together",
            reasons.join(" and ")
        ),
    };
    let out = Diagnostic::error(codes::RECORD_IMPOSSIBLE, message);
    let out = match places.as_slice() {
        [] => out.at(rows.data.span.clone(), ""),
        list => list.iter().fold(out, |out, place| out.at(place.span.clone(), "")),
    };
    out.help("change how the row reads, or extend the game by what happened")
}

fn label_of(game: &WarGame, variable: usize, value: Option<&u16>) -> String {
    let labels = game.variables.get(variable).map_or(&[][..], |v| &v.labels);
    value.and_then(|v| labels.get(usize::from(*v))).cloned().unwrap_or_default()
}

/// The name of a part and the expressions it is read by.
fn described<'a>(
    scenario: &'a Scenario,
    rows: &'a Rows<'_>,
    compiled: &Compiled,
    part: Part,
) -> (String, Vec<&'a Expression>) {
    let reading = rows.reading;
    let of_stage = |stage: Option<&usize>| -> Vec<&Expression> {
        let seen = reading.seen.iter().filter(|seen| Some(&seen.stage) == stage);
        seen.flat_map(|seen| seen.branches.iter().map(|(_, e)| e)).collect()
    };
    match part {
        Part::Move(id) => (compiled.game.moves[id].name.clone(), of_stage(compiled.move_stage.get(id))),
        Part::Event(id) => (compiled.game.chances[id].name.clone(), of_stage(compiled.chance_stage.get(id))),
        Part::After(variable) => {
            let read = reading.after.iter().filter(|(v, _)| *v == variable).map(|(_, e)| e).collect();
            (scenario.variables.get(variable).map_or_else(String::new, |v| v.name.clone()), read)
        }
        Part::Ended => ("ended".to_owned(), reading.ended.iter().map(|(_, e)| e).collect()),
    }
}
