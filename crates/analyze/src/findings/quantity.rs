//! A number that says what it is.

use serde::{Deserialize, Serialize};

/// A number with its unit, how it was got and how uncertain it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    /// The number; `null` when it is not defined.
    pub value: Option<f64>,
    /// Why it is not defined, completing "not defined: …".
    pub undefined: Option<String>,
    /// Unit in words.
    pub unit: Option<String>,
    /// Whether to show it as a percentage.
    pub percent: bool,
    /// How it was got.
    pub how: How,
    /// Belief grid points per dimension of the solution it comes from.
    pub grid_points: Option<usize>,
    /// |difference| to the same number on the audit grid, which is coarser; `null` when not measured.
    pub grid_error: Option<f64>,
    /// Standard error, where it comes from simulated trajectories.
    pub standard_error: Option<f64>,
}

/// How a number was got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Stated in the scenario or computed from its parameters alone.
    Stated,
    /// Observed: from a data file.
    Observed,
    /// Read off the equilibrium: values, strategies and beliefs at the start, no averaging over futures.
    Equilibrium,
    /// Averaged over every path of play at the exact beliefs, none left out.
    Enumerated,
    /// Averaged over every path of play, with close beliefs of one state merged where there were too many.
    Propagated,
    /// Averaged over simulated trajectories.
    Simulated,
    /// From several of the above; the least exact is meant for the error.
    Mixed,
}

/// A summary of how a number is distributed over wars.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Mean.
    pub mean: f64,
    /// 10 % of wars are at or below.
    pub p10: f64,
    /// 25 %.
    pub p25: f64,
    /// Half.
    pub p50: f64,
    /// 75 %.
    pub p75: f64,
    /// 90 %.
    pub p90: f64,
}
