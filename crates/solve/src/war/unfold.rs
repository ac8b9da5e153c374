//! From sums over a plan to the numbers of the stage tree and of next period's values.

use armistice_game::{Horizon, Node, Stage};

use crate::gradient::{Place, StagePrimitives, payoff_adjoint};

use super::adjoint::{AdjointSolver, Memory, Share};
use super::lanes::F8;
use super::plan::{Kind, Table};
use super::reverse::Sums;

impl AdjointSolver<'_> {
    /// Unfolds what was summed up over a plan into the numbers of the stage tree.
    pub(super) fn collect(
        &self,
        (period, state): Place,
        sums: &Sums,
        functional: usize,
        memory: &mut Memory,
    ) -> Share {
        let (Some((plan, _)), Some(Stage::Play(tree))) =
            (self.plans.get(state.index()).and_then(Option::as_ref), self.game.stages.get(state.index()))
        else {
            return Share::default();
        };
        let shape = &self.engine.shape;
        let (slots, stride, grid) = (shape.slots, shape.stride, &self.equilibrium.grid);
        let mut out = Share {
            next: Vec::new(),
            stage: StagePrimitives {
                flows: vec![0.0; tree.edges.len() * slots],
                costs: Vec::new(),
                log_weights: vec![0.0; tree.edges.len()],
                probabilities: vec![0.0; tree.probabilities.len()],
                ends: tree.ends.iter().map(|end| vec![0.0; end.payoff.values().len()]).collect(),
                terms: Vec::new(),
            },
            precision: sums.precision.iter().map(total).collect(),
            discount: sums.discount.iter().map(total).collect(),
        };
        for node in &plan.nodes {
            for at in node.first..node.last {
                let edge = &plan.edges[at];
                let flows = sums.flows[at * slots..(at + 1) * slots].iter().map(total);
                out.stage.flows[edge.source * slots..][..slots]
                    .iter_mut()
                    .zip(flows)
                    .for_each(|(x, y)| *x += y);
                match node.kind {
                    Kind::Typed { .. } | Kind::Open { .. } => {
                        out.stage.log_weights[edge.source] += total(&sums.edges[at]);
                    }
                    Kind::Lottery => out.stage.probabilities[edge.chance] += total(&sums.edges[at]),
                    Kind::Reveal { player } => {
                        for kind in 0..shape.types[player] {
                            out.stage.probabilities[edge.chance + kind] +=
                                total(&sums.odds[edge.strategy + kind]);
                        }
                    }
                    _ => {}
                }
            }
            if let (Kind::Constant(row), Some(Node::End(end))) = (node.kind, tree.nodes.get(node.source)) {
                let own = sums.constants[row..row + slots].iter().map(total);
                out.stage.ends[*end as usize].iter_mut().zip(own).for_each(|(x, y)| *x += y);
            }
        }
        let next = if self.game.horizon == Horizon::Indefinite { 0 } else { period + 1 };
        let len = grid.points() * stride;
        let Some(bars) = memory.bars.get_mut(functional) else { return out };
        for (index, table) in plan.tables.iter().enumerate().rev() {
            let (before, rest) = bars.split_at_mut(index * len);
            let own = &rest[..len];
            if own.iter().all(|x| *x == 0.0) {
                continue;
            }
            match table {
                Table::Next(to) => {
                    let mut bar = Vec::with_capacity(grid.points() * slots);
                    let values = self.equilibrium.table(next, *to);
                    for (row, values) in own.chunks_exact(stride).zip(values.chunks_exact(slots)) {
                        for (slot, (x, v)) in row.iter().zip(values).enumerate() {
                            out.discount[slot] += x * v;
                            bar.push(x * shape.slot_discount[slot]);
                        }
                    }
                    out.next.push((*to, bar));
                }
                Table::Mixture(parts) => {
                    for ((p, flow, part), source) in parts.iter().zip(&plan.sources[index]) {
                        let flow = &plan.flows[*flow..*flow + slots];
                        let values = &memory.tables[part * len..(part + 1) * len];
                        let below = &mut before[part * len..(part + 1) * len];
                        let mut odds = 0.0;
                        let flows = &mut out.stage.flows[source * slots..][..slots];
                        let rows = own.chunks_exact(stride).zip(values.chunks_exact(stride));
                        for ((row, values), below) in rows.zip(below.chunks_exact_mut(stride)) {
                            for slot in 0..slots {
                                odds += row[slot] * (flow[slot] + values[slot]);
                                flows[slot] += p * row[slot];
                                below[slot] += p * row[slot];
                            }
                        }
                        out.stage.probabilities[tree.edges[*source].chance as usize] += odds;
                    }
                }
                Table::Fixed(_) => {
                    let Some(end) = plan.sources[index].first() else { continue };
                    let payoff = &tree.ends[*end].payoff;
                    for (point, row) in own.chunks_exact(stride).enumerate() {
                        if row.iter().any(|x| *x != 0.0) {
                            let belief = grid.belief(point);
                            payoff_adjoint(
                                payoff,
                                &shape.types,
                                &belief,
                                &row[..slots],
                                &mut out.stage.ends[*end],
                            );
                        }
                    }
                }
            }
        }
        out
    }
}

fn total(parts: &F8) -> f64 {
    parts.0.iter().sum()
}
