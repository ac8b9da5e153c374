//! [`Scenario`] → [`WarGame`]: every reachable state gets its stage tree.

mod build;
pub(crate) mod code;
pub(crate) mod constants;
mod found;
pub(crate) mod lower;
mod machine;
mod payoffs;
pub(crate) mod place;
pub(crate) mod program;
mod size;
mod space;
mod tree;

use armistice_game::{Belief, Payoff, WarGame};

use crate::diagnostic::Diagnostic;
use crate::model::{Change, Scenario};

pub(crate) use constants::{constants, trim};
pub use size::{Limits, Size};

/// A game, and what the scenario says around it.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The game; it passed `armistice_game::check`.
    pub game: WarGame,
    /// Values of the parameters after the change, by position.
    pub parameters: Vec<f64>,
    /// By `MoveId`: position in [`Scenario::stages`].
    pub move_stage: Vec<usize>,
    /// By `ChanceId`: position in [`Scenario::stages`]. A flow stage has an event of its own (with the one outcome `flow`)
    /// only where it pays before anyone has moved.
    pub chance_stage: Vec<usize>,
    /// Public belief at the start: the priors, or what the change says.
    pub start_belief: Belief,
    /// By player: the type the player really is, where the change says so.
    pub given: Vec<Option<usize>>,
    /// By lever: cost to whoever pulls it, per period in force.
    pub lever_costs: Vec<f64>,
    /// By state: terms if the war is still on at the horizon; empty for an indefinite horizon.
    pub horizon_terms: Vec<Option<f64>>,
    /// What settling at once would pay, where the scenario has `[bargaining]`.
    pub bargaining: Option<BargainingTable>,
    /// Endings never reached, actions never available, and the like; found for the scenario as written only.
    pub warnings: Vec<Diagnostic>,
}

/// What the agreed ending pays in each state for each of the terms tried.
#[derive(Clone, Debug, PartialEq)]
pub struct BargainingTable {
    /// The values the note takes, evenly spaced.
    pub terms: Vec<f64>,
    /// `[state][terms]`: the payoff of settling at the start of a period; empty for states in which the war is over.
    pub payoffs: Vec<Vec<Payoff>>,
}

impl Scenario {
    /// The game of this scenario after a change; `Change::default()` is the scenario as written.
    ///
    /// - errors: everything that keeps the game from being sound, each with the first state and path where it happens;
    ///   or that it would pass a limit, found before anything of that size is allocated.
    /// - cost: linear in the nodes of all stage trees times the number of slots.
    pub fn compile(&self, change: &Change, limits: &Limits) -> Result<Compiled, Vec<Diagnostic>> {
        build::compile(self, change, limits)
    }
}
