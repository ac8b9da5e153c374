//! Measures of followed wars as sums over paths, and ratios of such sums.

use armistice_game::{EndPoint, EndingId, Node, NodeId, Stage, StageTree, WarGame};
use armistice_scenario::Value;

use super::paths::Paths;
use super::reading::{actions, player};
use crate::measure::named;

/// A sum over paths of play: how often something happens, or what it is worth, expected at the start.
#[derive(Clone, Debug)]
pub(super) enum Linear {
    /// Periods n in `from..to` at whose start the war is still on, each counting the observable if there is one.
    On { from: u32, to: u32, observable: Option<usize> },
    /// Wars that ended within so many periods, by any ending or one.
    Ended { by: u32, ending: Option<EndingId> },
    /// Wars that ended with terms, by any ending or one; each counting its terms, or 1.
    Terms { ending: Option<EndingId>, counted: bool },
    /// Costs borne by a player.
    Cost { player: usize },
    /// Times that edges are passed: `[state][edge]`.
    Passed(Vec<Vec<f64>>),
}

impl Linear {
    /// What being on at the start of period n in a state counts.
    pub fn on(&self, game: &WarGame, n: u32, state: usize) -> f64 {
        match self {
            Self::On { from, to, observable } if (*from..*to).contains(&n) => match observable {
                Some(o) => game.observables.get(*o).and_then(|o| o.values.get(state)).copied().unwrap_or(0.0),
                None => 1.0,
            },
            _ => 0.0,
        }
    }

    /// What ending in the n-th period counts.
    pub fn end(&self, n: u32, end: &EndPoint) -> f64 {
        let is = |ending: &Option<EndingId>| ending.is_none_or(|e| e == end.ending);
        match self {
            Self::Ended { by, ending } if n <= *by && is(ending) => 1.0,
            Self::Terms { ending, counted } if is(ending) => match end.terms {
                Some(terms) if *counted => terms,
                Some(_) => 1.0,
                None => 0.0,
            },
            _ => 0.0,
        }
    }

    /// Whether the terms of an end enter.
    pub fn counts_terms(&self, end: &EndPoint) -> bool {
        end.terms.is_some()
            && matches!(self, Self::Terms { ending, counted: true } if ending.is_none_or(|e| e == end.ending))
    }

    /// What passing an edge counts for a profile whose slots, by player, are given.
    pub fn edge(&self, tree: &StageTree, state: usize, edge: usize, slots: &[usize]) -> f64 {
        match self {
            Self::Passed(counts) => counts.get(state).and_then(|row| row.get(edge)).copied().unwrap_or(0.0),
            Self::Cost { player } => {
                let row = tree.edges.get(edge).map_or(&[][..], |e| tree.costs.row(e.cost));
                slots.get(*player).and_then(|slot| row.get(*slot)).copied().unwrap_or(0.0)
            }
            _ => 0.0,
        }
    }
}

/// A measure: its value, and its derivative with respect to sums over paths.
pub(super) struct Composite {
    pub value: f64,
    pub parts: Vec<(f64, Linear)>,
}

/// Writes a function of the language as sums over paths; or why it is not defined, or has no derivative.
pub(super) fn compose(paths: &Paths, function: &str, arguments: &[Value]) -> Result<Composite, String> {
    let game = paths.game();
    let text = |position: usize| match arguments.get(position) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let periods = |position: usize| match arguments.get(position) {
        Some(Value::Number(x)) if *x >= 0.0 && x.fract() == 0.0 => Ok((*x as u32).min(paths.periods)),
        _ => Err(format!("argument {} of `{function}` is not a number of periods", position + 1)),
    };
    let ending = |position: usize| match text(position) {
        None => Ok(None),
        Some(name) => match game.endings.iter().position(|e| e == name) {
            Some(position) => Ok(Some(EndingId::new(position))),
            None => Err(format!("there is no outcome `{name}`")),
        },
    };
    let on = |from: u32, to: u32| Linear::On { from, to, observable: None };
    let one = |linear: Linear| Composite { value: paths.value(&linear), parts: vec![(1.0, linear)] };
    let ratio = |above: Linear, below: Linear, reason: &str| {
        let (a, b) = (paths.value(&above), paths.value(&below));
        if b > 0.0 {
            Ok(Composite { value: a / b, parts: vec![(1.0 / b, above), (-a / (b * b), below)] })
        } else {
            Err(reason.to_owned())
        }
    };
    match function {
        "survival" => periods(0).map(|n| one(on(n, n + 1))),
        "probability_end_by" => Ok(one(Linear::Ended { by: periods(0)?, ending: ending(1)? })),
        "probability_outcome" if text(0) == Some("ongoing") => Ok(one(on(paths.periods, paths.periods + 1))),
        "probability_outcome" => Ok(one(Linear::Ended { by: paths.periods, ending: ending(0)? })),
        "expected_duration" => Ok(one(on(0, paths.periods))),
        "median_duration" => {
            let survival = |n: u32| paths.value(&on(n, n + 1));
            let crossed = (1..=paths.periods).find(|n| survival(*n) <= 0.5);
            let n = crossed.ok_or("more than half of wars outlast the horizon")?;
            let (before, now) = (survival(n - 1), survival(n));
            let fall = before - now;
            let parts = vec![
                ((0.5 - now) / (fall * fall), on(n - 1, n)),
                ((before - 0.5) / (fall * fall), on(n, n + 1)),
            ];
            Ok(Composite { value: f64::from(n - 1) + (before - 0.5) / fall, parts })
        }
        "expected_terms" => {
            let ending = ending(0)?;
            let terms = |counted| Linear::Terms { ending, counted };
            ratio(terms(true), terms(false), "no war ends on terms this way")
        }
        "expected" => {
            let name = text(0).unwrap_or_default();
            let found = game.observables.iter().position(|o| o.name == name);
            let observable = Some(found.ok_or_else(|| format!("there is no observable `{name}`"))?);
            let n = periods(1)?;
            ratio(Linear::On { from: n, to: n + 1, observable }, on(n, n + 1), "no war lasts that long")
        }
        "cost" => Ok(one(Linear::Cost { player: player(game, text(0))?.index() })),
        "frequency" => {
            let (id, chosen) = actions(game, text(0), text(1))?;
            let after = text(2).map(|earlier| actions(game, Some(earlier), text(3))).transpose()?;
            let after = after.map(|(id, labels)| (Group::Move(id.index()), labels));
            let group = Group::Move(id.index());
            let count = |labels: Option<&[usize]>| passed(game, group, labels, after.as_ref());
            ratio(count(Some(&chosen)), count(None), "the move is never made there")
        }
        "reached" => {
            let name = text(0).unwrap_or_default();
            let id = game.find_move(name).ok_or_else(|| format!("there is no move `{name}`"))?;
            let made = passed(game, Group::Move(id.index()), None, None);
            ratio(made, on(0, paths.periods), "the war is over at the start")
        }
        "chance" => {
            let name = text(0).unwrap_or_default();
            let found = game.chances.iter().position(|c| c.name == name);
            let id = found.ok_or_else(|| format!("there is no event `{name}`"))?;
            let outcomes = named(&game.chances[id].outcomes, text(1).unwrap_or_default());
            let count = |labels: Option<&[usize]>| passed(game, Group::Event(id), labels, None);
            ratio(count(Some(&outcomes)), count(None), "the event never occurs")
        }
        _ => Err(format!("`{function}` has no derivative here")),
    }
}

/// A named move or event.
#[derive(Clone, Copy, PartialEq)]
enum Group {
    Move(usize),
    Event(usize),
}

/// Counts edges of a move or event with one of the labels (any, where there are none), as often as an earlier edge of the same
/// period has one of the labels of `after`.
fn passed(
    game: &WarGame,
    group: Group,
    labels: Option<&[usize]>,
    after: Option<&(Group, Vec<usize>)>,
) -> Linear {
    let rows = game.stages.iter().map(|stage| match stage {
        Stage::Over(_) => Vec::new(),
        Stage::Play(tree) => {
            let mut row = vec![0.0; tree.edges.len()];
            // By node: how often something of `after` came before it.
            let mut earlier = vec![0.0; tree.nodes.len()];
            for (index, node) in tree.nodes.iter().enumerate() {
                let (own, first) = match node {
                    Node::Move { id, edges, .. } => (Group::Move(id.index()), edges.start as usize),
                    Node::Chance { id, edges, .. } => (Group::Event(id.index()), edges.start as usize),
                    _ => continue,
                };
                for (position, edge) in tree.edges_of(NodeId::new(index)).iter().enumerate() {
                    let label = edge.label as usize;
                    if own == group && labels.is_none_or(|labels| labels.contains(&label)) {
                        row[first + position] = if after.is_some() { earlier[index] } else { 1.0 };
                    }
                    let counts =
                        after.is_some_and(|(group, labels)| *group == own && labels.contains(&label));
                    earlier[edge.child.index()] = earlier[index] + f64::from(u8::from(counts));
                }
            }
            row
        }
    });
    Linear::Passed(rows.collect())
}
