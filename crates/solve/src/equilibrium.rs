//! The result of solving: values on the grid, how they were reached, and whether to believe them.

use armistice_game::{Belief, StateId, WarGame};
use serde::Serialize;

use crate::war::F8;
use crate::{BeliefGrid, Settings};

/// A solved war game: values at every period, state and grid belief.
#[derive(Clone, Debug)]
pub struct Equilibrium {
    /// How it was solved.
    pub settings: Settings,
    /// Whether to believe it.
    pub status: Status,
    /// The belief grid.
    pub grid: BeliefGrid,
    /// How the stage fixed points were reached.
    pub counts: Counts,
    /// Periods solved: the horizon, or 1 for the stationary values of an indefinite horizon.
    pub periods: u32,
    /// Number of backward sweeps made (indefinite horizon) and the last move of any value, in payoff units.
    pub stationary: Option<(u32, f64)>,
    /// `[period][state][grid point][slot]`; periods 0..=horizon for a finite horizon, one period otherwise.
    pub(crate) values: Vec<f64>,
    pub(crate) logits: Logits,
    /// `[period][state][batch][strategy]` as in plans; empty where it is not kept.
    pub(crate) play: Vec<F8>,
    pub(crate) slots: usize,
    pub(crate) states: usize,
}

/// Logits of every stage solved, where [`Settings::kept_logits`] allows: good guesses of those at other beliefs, so that single
/// precision is enough.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logits {
    /// `[period][state][grid point][logit]`; empty where they are not kept.
    pub(crate) values: Vec<f32>,
    /// By state: its first number in a period; one more for the end.
    start: Vec<usize>,
}

impl Logits {
    /// No values yet; `own` is the number of logits of each state.
    pub(crate) fn new(own: impl Iterator<Item = usize>, points: usize) -> Self {
        let mut start = vec![0];
        let mut total = 0;
        for logits in own {
            total += logits * points;
            start.push(total);
        }
        Self { values: Vec::new(), start }
    }

    /// Numbers per period.
    pub(crate) fn period(&self) -> usize {
        self.start.last().copied().unwrap_or(0)
    }

    /// Those of one period and state: `[grid point][logit]`; empty where they are not kept. Periods past the last are the last.
    pub(crate) fn table(&self, period: u32, state: StateId) -> &[f32] {
        let last = (self.values.len() / self.period().max(1)).saturating_sub(1);
        let period = (period as usize).min(last) * self.period();
        match (self.start.get(state.index()), self.start.get(state.index() + 1)) {
            (Some(from), Some(to)) => self.values.get(period + from..period + to).unwrap_or(&[]),
            _ => &[],
        }
    }
}

/// An outcome, not an error.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum Status {
    /// Every point is within the residual asked for.
    Certified,
    /// Every point is within [`crate::tolerance::APPROXIMATE_RESIDUAL`].
    Approximate,
    /// Some points are not solved; the first are listed.
    NotConverged {
        /// How many.
        points: u64,
        /// The first of them.
        examples: Vec<NotConvergedPoint>,
    },
    /// Indefinite horizon: values still moved after the last sweep allowed.
    NotStationary {
        /// Largest move of any value in the last sweep, in payoff units.
        change: f64,
    },
    /// Stopped on request; earlier periods are missing.
    Cancelled,
}

/// A stage fixed point that was not reached.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotConvergedPoint {
    /// Period.
    pub period: u32,
    /// State.
    pub state: StateId,
    /// Position in the grid.
    pub point: usize,
    /// Residual left.
    pub residual: f64,
}

/// How the stage fixed points were reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Stage fixed points in all.
    pub points: u64,
    /// Reached by (accelerated, damped) iteration alone; corners of the belief simplex among them.
    pub iteration: u64,
    /// Reached by Newton steps.
    pub newton: u64,
    /// Reached by continuation in λ.
    pub homotopy: u64,
    /// Not reached.
    pub not_converged: u64,
    /// Evaluations of a stage with its linear model, each followed by a Newton step, summed over points.
    pub evaluations: u64,
    /// Evaluations of a stage's payoffs alone, to sweep or to see that a fixed point is reached, summed over points.
    pub checks: u64,
    /// Largest residual.
    pub worst_residual: f64,
    /// Smallest λ at which continuation stopped, where a precision is infinite.
    pub largest_precision: Option<f64>,
}

/// Why a game was not solved. Messages complete "failed to …".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SolveError {
    /// The game is not sound.
    #[error(transparent)]
    Game(#[from] armistice_game::GameError),
    /// Too large for the settings.
    #[error(
        "solve the game: {values} values would be kept ({states} states × {points} beliefs × {periods} periods × {slots} slots), more than the limit of {limit}"
    )]
    TooLarge {
        /// Values needed.
        values: u128,
        /// States.
        states: usize,
        /// Grid points.
        points: u128,
        /// Periods.
        periods: u32,
        /// Slots.
        slots: usize,
        /// The limit.
        limit: u64,
    },
    /// A setting is out of range.
    #[error("solve the game: {what}")]
    Setting {
        /// Which.
        what: &'static str,
    },
    /// Worker threads could not be started.
    #[error("start worker threads")]
    Threads,
}

impl Equilibrium {
    /// Expected payoffs from the start of `period` on, by slot, interpolated between grid points.
    #[must_use]
    pub fn value(&self, game: &WarGame, period: u32, state: StateId, belief: &Belief) -> Vec<f64> {
        debug_assert_eq!(game.slots(), self.slots);
        let table = self.table(period, state);
        let mut out = vec![0.0; self.slots];
        for (point, weight) in self.grid.locate(&belief.0) {
            let row = table.get(point * self.slots..(point + 1) * self.slots).unwrap_or(&[]);
            for (x, v) in out.iter_mut().zip(row) {
                *x += weight * v;
            }
        }
        out
    }

    /// Values of one period and state: `[grid point][slot]`. Periods past the last are the last.
    #[must_use]
    pub fn table(&self, period: u32, state: StateId) -> &[f64] {
        let row = self.grid.points() * self.slots;
        let periods = self.values.len() / (row * self.states).max(1);
        let period = (period as usize).min(periods.saturating_sub(1));
        let start = (period * self.states + state.index()) * row;
        self.values.get(start..start + row).unwrap_or(&[])
    }
}
