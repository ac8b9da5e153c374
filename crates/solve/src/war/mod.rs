//! War games: backward recursion over periods, stage fixed points at every public state and grid belief.

#![expect(clippy::needless_range_loop, reason = "kernels walk several flat arrays with one index")]

mod adjoint;
mod backward;
mod fixed_point;
mod flow;
mod homotopy;
mod kernel;
mod lanes;
mod leaf;
mod limit;
mod moves;
mod plan;
mod reverse;
mod scratch;
mod small;
mod stage_solver;
mod start;
mod task;
mod transpose;
mod tree;
mod unfold;

pub use adjoint::{AdjointSolver, StageAdjoint};
pub use backward::{solve, solve_before};
pub use flow::{Flowed, GridFlow};
pub(crate) use lanes::{F8, Width};
pub use stage_solver::{SolvedStage, StageSolver};
pub use tree::solve_tree;
