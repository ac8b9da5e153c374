//! Single finite trees: unrolled games, solved without a grid.

use armistice_game::{Belief, Node, StageTree, WarGame};

use crate::equilibrium::SolveError;
use crate::{Assessment, BeliefGrid, Settings};

use super::fixed_point::{Start, Worker};
use super::kernel::Context;
use super::plan::Plan;
use super::stage_solver::{extract, layout};
use super::start::Engine;

/// Solves one finite tree (a game unrolled by [`armistice_game::unroll`]) at one public belief: no grid, no interpolation.
///
/// - errors: [`SolveError::Setting`] when the tree still has `Next` nodes, or is beyond the solver's sizes.
/// - cost: a few evaluations of the tree. Not converging shows in [`Assessment::converged`].
pub fn solve_tree(
    game: &WarGame,
    tree: &StageTree,
    belief: &Belief,
    settings: &Settings,
) -> Result<Assessment, SolveError> {
    if tree.nodes.iter().any(|node| matches!(node, Node::Next(_))) {
        return Err(SolveError::Setting { what: "a finite tree cannot refer to another state" });
    }
    let engine = Engine::new(game, settings);
    if !engine.shape.supported() {
        return Err(SolveError::Setting {
            what: "more private types or belief dimensions than the solver holds",
        });
    }
    let shape = &engine.shape;
    // End payoffs that depend on others' types are multilinear in beliefs: two points a side hold them exactly.
    let grid = BeliefGrid::new(&shape.types, 2);
    let plan = Plan::new(shape, tree, &grid);
    let mut tables = Vec::new();
    plan.fill_tables(shape, &grid, |_| &[], &mut tables);
    let columns = shape.dims + 1;
    let mut worker = Worker::default();
    worker.scratch.fit(&plan, shape, columns);
    for slot in 0..shape.slots {
        worker.scratch.beliefs[slot] = super::lanes::F8::splat(belief.0.get(slot).copied().unwrap_or(0.0));
    }
    let context = Context {
        shape,
        plan: &plan,
        grid: &grid,
        tables: &tables,
        precision: &engine.precision,
        precision_slope: &engine.none,
        width: engine.width,
        columns,
        branch_points: engine.branch_points,
    };
    let active = std::array::from_fn(|lane| lane == 0);
    let (outcome, _) = engine.run(context, &mut worker, active, Start::Cold);
    Ok(extract(&layout(tree, &plan, shape), context, &worker, &outcome, 0))
}
