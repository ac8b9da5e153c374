//! How large a scenario is, worked out before anything is allocated.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::{Domain, Scenario};

/// What a run may use. Passing a limit is an error that names the numbers and the flag that raises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// States of the full product of the state variables (`--max-states`).
    pub max_states: u64,
    /// Nodes of all stage trees together (`--max-nodes`).
    pub max_nodes: usize,
    /// Numbers of a solution: states × belief grid × periods × slots (`--max-values`). `u64::MAX` is no limit.
    pub max_values: u64,
}

impl Limits {
    /// The same limits for a use that needs no belief grid, such as a tree in which chance deals the private types: a grid
    /// may then be of any size, because nobody makes it.
    #[must_use]
    pub fn without_grid(self) -> Self {
        Self { max_values: u64::MAX, ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_states: 1_000_000, max_nodes: 2_000_000, max_values: 200_000_000 }
    }
}

/// The size of a solution on a belief grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// States of the full product; play may reach fewer.
    pub states: u128,
    /// Points of the belief grid: the product over players of the points of their simplex.
    pub grid_points: u128,
    /// Periods; 1 for an indefinite horizon.
    pub periods: u128,
    /// Pairs of player and own type.
    pub slots: u128,
    /// All of these multiplied: the numbers a solution holds.
    pub values: u128,
}

impl Scenario {
    /// The size of a solution with `belief_points` grid points along each edge of each player's belief simplex.
    pub fn size(&self, belief_points: usize) -> Size {
        let product = |list: &mut dyn Iterator<Item = u128>| list.fold(1u128, u128::saturating_mul);
        let states = product(&mut self.variables.iter().map(|v| match &v.domain {
            Domain::Integers(from, to) => {
                u128::try_from(i128::from(*to) - i128::from(*from) + 1).unwrap_or(1)
            }
            Domain::Words(words) => words.len() as u128,
        }));
        let points = belief_points.max(2) as u128;
        let grid_points = product(&mut self.players.iter().map(|p| simplex_points(points, p.types.len())));
        let periods = u128::from(self.about.horizon.unwrap_or(1));
        let slots = self.players.iter().map(|p| p.types.len() as u128).sum();
        let values = product(&mut [states, grid_points, periods, slots].into_iter());
        Size { states, grid_points, periods, slots, values }
    }

    /// Refuses a scenario whose solution would pass a limit; instant, whatever the size.
    pub fn refuse(&self, belief_points: usize, limits: &Limits) -> Option<Diagnostic> {
        let size = self.size(belief_points);
        if size.states > u128::from(limits.max_states) {
            let counts: Vec<String> = self
                .variables
                .iter()
                .map(|v| {
                    let count = match &v.domain {
                        Domain::Integers(from, to) => i128::from(*to) - i128::from(*from) + 1,
                        Domain::Words(words) => words.len() as i128,
                    };
                    format!("{} {count}", v.name)
                })
                .collect();
            let message = format!(
                "the state space has {} states ({}), over the limit of {}",
                grouped(size.states),
                counts.join(" × "),
                grouped(u128::from(limits.max_states))
            );
            let help = "make state variables smaller or fewer, or raise the limit with `--max-states`";
            return Some(self.at_state(Diagnostic::error(codes::TOO_MANY_STATES, message)).help(help));
        }
        if limits.max_values < u64::MAX && size.values > u128::from(limits.max_values) {
            let message = format!(
                "a solution has {} states × {} belief points × {} periods × {} slots = {} numbers, over the limit of {}",
                grouped(size.states),
                grouped(size.grid_points),
                grouped(size.periods),
                grouped(size.slots),
                grouped(size.values),
                grouped(u128::from(limits.max_values))
            );
            let help =
                "use fewer belief points, states, types or periods, or raise the limit with `--max-values`";
            return Some(self.at_state(Diagnostic::error(codes::TOO_MANY_VALUES, message)).help(help));
        }
        None
    }

    fn at_state(&self, diagnostic: Diagnostic) -> Diagnostic {
        match self.variables.first() {
            Some(variable) => diagnostic.at(variable.span.clone(), "the state variables start here"),
            None => diagnostic,
        }
    }
}

/// Points of a simplex over `types` types with `points` along each edge: C(points − 1 + types − 1, types − 1).
fn simplex_points(points: u128, types: usize) -> u128 {
    let mut out: u128 = 1;
    for k in 1..types as u128 {
        let Some(next) = out.checked_mul(points - 1 + k) else { return u128::MAX };
        out = next / k;
    }
    out
}

/// 1234567 → "1 234 567".
fn grouped(x: u128) -> String {
    let digits = x.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}
