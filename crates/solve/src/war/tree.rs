//! Single trees: stages whose folded lotteries are filled in again, and unrolled games solved without a grid.

use armistice_game::{Belief, Node, NodeId, StageTree, WarGame};

use crate::equilibrium::SolveError;
use crate::{Assessment, BeliefGrid, Settings};

use super::fixed_point::{Start, Worker};
use super::kernel::Context;
use super::plan::{Kind, Plan, Shape, Table};
use super::stage_solver::{extract, offsets};
use super::start::{Engine, is_solved};

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
        columns,
    };
    let active = std::array::from_fn(|lane| lane == 0);
    let (outcome, _) = engine.run(context, &mut worker, active, Start::Cold);
    let mut own = Assessment::new(shape.slots, tree.nodes.len(), offsets(game, tree));
    own.converged = is_solved(outcome.how[0]);
    own.residual = if own.converged { outcome.residual[0] } else { worker.scratch.residual.0.0[0] };
    extract(&mut own, context, &worker, 0);
    unfold(&mut own, shape, tree, &plan, &grid, &tables);
    Ok(own)
}

/// Fills in the nodes below folded lotteries: beliefs do not move there, values are read node by node.
pub(crate) fn unfold(
    own: &mut Assessment,
    shape: &Shape,
    tree: &StageTree,
    plan: &Plan,
    grid: &BeliefGrid,
    tables: &[f64],
) {
    let slots = shape.slots;
    for node in &plan.nodes {
        let Kind::Table(table) = node.kind else { continue };
        if !matches!(tree.nodes[node.source], Node::Chance { .. }) {
            continue;
        }
        let belief: Vec<f64> = own.beliefs[node.source * slots..(node.source + 1) * slots].to_vec();
        let corners = grid.locate(&belief);
        Unfold { own, shape, tree, plan, tables, belief: &belief, corners: &corners }
            .below(node.source, table);
    }
}

struct Unfold<'a> {
    own: &'a mut Assessment,
    shape: &'a Shape,
    tree: &'a StageTree,
    plan: &'a Plan,
    tables: &'a [f64],
    belief: &'a [f64],
    corners: &'a [(usize, f64)],
}

impl Unfold<'_> {
    fn below(&mut self, source: usize, table: usize) {
        let Table::Mixture(parts) = &self.plan.tables[table] else { return };
        let len = self.tables.len() / self.plan.tables.len().max(1);
        let slots = self.shape.slots;
        let mut parts = parts.iter();
        let tree = self.tree;
        let Some(Node::Chance { edges, .. }) = tree.nodes.get(source) else { return };
        for position in edges.clone() {
            let edge = &tree.edges[position as usize];
            let p = tree.probability(edge, 0);
            self.own.probability[position as usize] = p;
            let child = edge.child.index();
            self.own.beliefs[child * slots..(child + 1) * slots].copy_from_slice(self.belief);
            // Outcomes of probability zero were left out of the table: nothing reaches them.
            if p > 0.0 {
                let Some((_, _, part)) = parts.next() else { return };
                for slot in 0..slots {
                    self.own.values[child * slots + slot] = self
                        .corners
                        .iter()
                        .map(|(point, weight)| {
                            weight * self.tables[part * len + point * self.shape.stride + slot]
                        })
                        .sum();
                }
                self.below(NodeId::new(child).index(), *part);
            }
        }
    }
}
