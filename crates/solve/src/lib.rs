//! `WarGame` → [`Equilibrium`]: Markov quantal response equilibrium in public beliefs.
//!
//! Values are kept on a grid over public beliefs, period by period; strategies are recomputed from next period's
//! values wherever they are needed, at the exact belief reached ([`StageSolver`]). Every solution comes with a
//! [`Certificate`], computed by code that shares nothing with the solver but the game.

mod assessment;
mod certificate;
mod control;
mod equilibrium;
pub mod gradient;
mod grid;
mod settings;
pub mod tolerance;
pub mod tree;
mod war;

pub use assessment::Assessment;
pub use certificate::{Certificate, GridError, SelectionCheck, certify, compare_selections, grid_error};
pub use control::{CancelToken, Control, Progress};
pub use equilibrium::{Counts, Equilibrium, NotConvergedPoint, SolveError, Status};
pub use grid::{BeliefGrid, SimplexGrid};
pub use settings::{Selection, Settings};
pub use war::{Flowed, GridFlow, SolvedStage, StageSolver, solve, solve_before, solve_tree};
