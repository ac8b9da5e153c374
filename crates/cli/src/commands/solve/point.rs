//! Where to look: a period, a public state and a public belief, as named on the command line.

use armistice::game::{Belief, Horizon, StateId, WarGame};

use crate::arguments::{At, Solve};
use crate::failure::Failure;
use crate::names::unknown;

/// A point of the game.
#[derive(Debug)]
pub struct Point {
    /// Period.
    pub period: u32,
    /// Public state.
    pub state: StateId,
    /// Public belief.
    pub belief: Belief,
}

impl Point {
    /// The point that the arguments name; the start where they say nothing.
    pub fn find(game: &WarGame, start: &Belief, arguments: &Solve) -> Result<Self, Failure> {
        if let Horizon::Periods(periods) = game.horizon
            && arguments.period >= periods
        {
            return Err(Failure::usage(format!(
                "there is no period {}: the war lasts {periods} periods, numbered from 0",
                arguments.period
            )));
        }
        Ok(Self {
            period: arguments.period,
            state: state(game, &arguments.at)?,
            belief: belief(game, start, &arguments.belief)?,
        })
    }
}

/// The start with some variables changed.
fn state(game: &WarGame, changes: &[At]) -> Result<StateId, Failure> {
    let Some(start) = game.states.get(game.start.index()) else {
        return Err(Failure::Bug { what: "the start is not among the states".to_owned() });
    };
    let mut wanted = start.values.clone();
    for change in changes {
        let At::State(name, value) = change else { continue };
        let names = game.variables.iter().map(|v| v.name.as_str());
        let Some(position) = game.variables.iter().position(|v| v.name == *name) else {
            return Err(unknown("state variable", name, names));
        };
        let labels = game.variables.get(position).map(|v| v.labels.as_slice()).unwrap_or_default();
        let Some(index) = labels.iter().position(|label| label == value) else {
            return Err(unknown(&format!("value of `{name}`"), value, labels.iter().map(String::as_str)));
        };
        if let (Some(slot), Ok(index)) = (wanted.get_mut(position), u16::try_from(index)) {
            *slot = index;
        }
    }
    let found = game.states.iter().position(|state| state.values == wanted);
    found.map(StateId::new).ok_or_else(|| {
        Failure::usage("no play from the start reaches that state, so it is not part of the solved game")
    })
}

/// The public belief at the start with some probabilities changed; a player's other types keep their proportions.
fn belief(game: &WarGame, start: &Belief, changes: &[(String, String)]) -> Result<Belief, Failure> {
    let mut out = start.clone();
    for (name, value) in changes {
        let (player, kind) = name.split_once('.').unwrap_or((name, ""));
        let Some(id) = game.player(player) else {
            return Err(unknown("player", player, game.players.iter().map(|p| p.name.as_str())));
        };
        let types = game.players.get(id.index()).map(|p| p.types.as_slice()).unwrap_or_default();
        let Some(position) = types.iter().position(|t| t.name == kind) else {
            return Err(unknown(&format!("type of `{player}`"), kind, types.iter().map(|t| t.name.as_str())));
        };
        let probability = value.parse::<f64>().ok().filter(|p| (0.0..=1.0).contains(p)).ok_or_else(|| {
            Failure::usage(format!(
                "the belief `{name}` is `{value}`, which is not a probability from 0 to 1"
            ))
        })?;
        let shifted = shift(out.of(game, id), position, probability);
        out = out.with(game, id, &shifted);
    }
    Ok(out)
}

/// A distribution with one probability set and the others in proportion.
fn shift(old: &[f64], position: usize, probability: f64) -> Vec<f64> {
    let others: f64 = old.iter().enumerate().filter(|(i, _)| *i != position).map(|(_, p)| p).sum();
    let count = old.len().saturating_sub(1).max(1) as f64;
    let share = |p: f64| if others > 0.0 { p / others } else { 1.0 / count };
    old.iter()
        .enumerate()
        .map(|(i, p)| if i == position { probability } else { (1.0 - probability) * share(*p) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::shift;

    #[test]
    fn other_types_keep_their_proportions() {
        assert_eq!(shift(&[0.5, 0.25, 0.25], 0, 0.2), [0.2, 0.4, 0.4]);
        assert_eq!(shift(&[1.0, 0.0, 0.0], 0, 0.5), [0.5, 0.25, 0.25]);
        assert_eq!(shift(&[1.0], 0, 1.0), [1.0]);
    }
}
