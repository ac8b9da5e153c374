//! What can be set about a solution.

use serde::{Deserialize, Serialize};

use crate::tolerance;

/// Settings of [`crate::solve`]; the default is what reports use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Grid points per belief dimension, both ends included: 17 means steps of 1/16. At least 2.
    pub belief_points: usize,
    /// Largest accepted difference |σ − logit(λQ(σ))| at any information set.
    pub residual: f64,
    /// Which equilibrium of a stage is sought.
    pub selection: Selection,
    /// Most points along a principal branch before a stage is left to Newton's method and damped iteration; 0 leaves it to them at once.
    /// Kinks of a coarse belief grid may fold a branch hundreds of times.
    pub branch_points: usize,
    /// Indefinite horizon: stop when no value moves by more than this in a period.
    pub value_tolerance: f64,
    /// Indefinite horizon: give up after this many periods.
    pub max_periods: u32,
    /// Largest λ tried for a player whose precision is infinite.
    pub max_precision: f64,
    /// Refuse before allocating when more values than this would be kept.
    pub max_values: u64,
    /// Keep the logits of all stages, four bytes each, as starting points for strategies at other beliefs, if there are at most so
    /// many; 0 keeps values only. Strategies recomputed from other starting points differ within the residual.
    pub kept_logits: u64,
    /// Keep what is played in all stages at all grid points, eight bytes a probability, so that wars can be followed on the grid without
    /// solving anything again ([`crate::GridFlow`]).
    #[serde(default)]
    pub kept_play: bool,
    /// Worker threads; `None` is one per core. Results do not depend on it.
    pub threads: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            belief_points: 17,
            residual: tolerance::RESIDUAL,
            selection: Selection::Principal,
            branch_points: 400,
            value_tolerance: tolerance::VALUE,
            max_periods: 5000,
            max_precision: tolerance::MAX_PRECISION,
            max_values: 400_000_000,
            kept_logits: 0,
            kept_play: false,
            threads: None,
        }
    }
}

/// Which equilibrium of a stage is sought where there are several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// The branch that starts at uniform play for λ = 0, reached by iteration from uniform play or from the neighboring period.
    #[default]
    Principal,
    /// The same branch, followed from λ = 0 at every single point: slow, and the check of the former.
    Continuation,
    /// Iteration from the profile in which all types of a player do the same.
    Pooling,
    /// Iteration from the profile in which types do different things.
    Separating,
}
