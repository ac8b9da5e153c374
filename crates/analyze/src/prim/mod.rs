//! Scenario discovery: boxes of factors in which a claim holds (or a number is high), by the patient rule induction method.
//!
//! A box is peeled: again and again the thin slice is cut off that raises the mean inside most for what it costs, until too little is
//! left; then it is pasted, the other way round, where that raises the mean again. Every box on the way is kept, because which one to
//! read is a choice between how much a box covers and how pure it is.
//!
//! Sources: Friedman and Fisher (1999) for the method; Bryant and Lempert (2010) for coverage, density and quasi-p-values; Kwakkel
//! and Jaxa-Rozen (2016) for the gain per point removed as the objective. Conventions (quantiles between neighboring values, ties
//! to the box with fewer restricted factors) are those of the EMA Workbench, with which boxes are compared in
//! `tests/prim.rs`.

mod column;
mod search;

use serde::Serialize;

pub use column::{Limits, PrimColumn};

/// How boxes are looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prim {
    /// Share of the points in a box that a peel cuts off.
    pub peel: f64,
    /// Share of the points beside a box that a paste adds.
    pub paste: f64,
    /// Smallest share of all points that a box holds.
    pub smallest: f64,
    /// What a peel is to raise.
    pub objective: Objective,
}

impl Default for Prim {
    fn default() -> Self {
        Self { peel: 0.05, paste: 0.05, smallest: 0.05, objective: Objective::GainPerPoint }
    }
}

/// What a peel is to raise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// The gain in the mean per point removed: fair to factors with few values, whose slices are thick.
    #[default]
    GainPerPoint,
    /// The mean: Friedman and Fisher's own.
    Mean,
}

/// One box of a trajectory.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrimBox {
    /// By factor.
    pub limits: Vec<Limits>,
    /// Factors whose limits cut something off, with the quasi-p-values of their limits.
    pub restricted: Vec<Restriction>,
    /// Share of all cases of interest that are inside.
    pub coverage: f64,
    /// Share of the points inside that are cases of interest.
    pub density: f64,
    /// Mean of the outcome inside; for a claim the same as the density.
    pub mean: f64,
    /// Share of all points that are inside.
    pub mass: f64,
    /// Points inside.
    pub points: usize,
}

/// A restricted factor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Restriction {
    /// Position of the factor.
    pub factor: usize,
    /// How probable as many cases of interest among the points inside would be, if each were one with the density of the box
    /// without the lower limit (one-sided binomial test); for a categorical factor, without its limit. `None` where there is no such
    /// limit.
    pub low: Option<f64>,
    /// The same for the upper limit.
    pub high: Option<f64>,
}

/// The boxes from the whole space to the last one found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trajectory {
    /// In the order in which they were found; the first is the whole space.
    pub boxes: Vec<PrimBox>,
    /// How many of them peeling made, the whole space included; the rest was pasted.
    pub peeled: usize,
    /// Positions of the points in the last box.
    pub inside: Vec<usize>,
}

/// Why there is no box. Messages complete "not defined: …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrimError {
    /// Columns of different lengths, or none.
    #[error("the columns have different lengths, or there are none")]
    Shape,
    /// A number that is none.
    #[error("a number is not finite")]
    NotFinite,
    /// A setting out of its range.
    #[error("shares lie strictly between 0 and 1, those that are cut off or added below one half")]
    Setting,
    /// Nothing to look for.
    #[error("no point is a case of interest")]
    NoInterest,
}
