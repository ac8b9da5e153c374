//! Root to leaves: from payoffs to the numbers they are made of.

use crate::grid::{MAX_TYPES, Vertex};

use super::super::kernel::Context;
use super::super::lanes::LANES;
use super::super::leaf::{cell, informed};
use super::super::plan::{Kind, PlanNode};
use super::super::scratch::Scratch;
use super::super::transpose::transpose;
use super::moves::{action_value, shift_of_odds, typed};
use super::{F8, Reverse, Sums};

#[inline(always)]
pub(super) fn downward(
    context: Context<'_>,
    scratch: &Scratch,
    reverse: &mut Reverse,
    sums: &mut Sums,
    tables: &mut [f64],
) {
    let Context { shape, plan, .. } = context;
    let slots = shape.slots;
    for (index, node) in plan.nodes.iter().enumerate() {
        match node.kind {
            Kind::Table(table) => scatter(context, scratch, reverse, index, table, tables),
            Kind::Constant(row) => {
                for slot in 0..slots {
                    sums.constants[row + slot] += reverse.values[index * slots + slot];
                }
            }
            Kind::Later => {
                let child = plan.edges[node.first].child;
                for slot in 0..slots {
                    let seed = reverse.values[index * slots + slot];
                    sums.flows[node.first * slots + slot] += seed;
                    sums.discount[slot] += seed * scratch.values[child * slots + slot];
                    reverse.values[child * slots + slot] += F8::splat(shape.slot_discount[slot]) * seed;
                }
            }
            Kind::Lottery => {
                for at in node.first..node.last {
                    let edge = &plan.edges[at];
                    let p = F8::splat(plan.probabilities[edge.chance]);
                    for slot in 0..slots {
                        let seed = reverse.values[index * slots + slot];
                        sums.edges[at] += seed * action_value(context, scratch, at, slot);
                        sums.flows[at * slots + slot] += p * seed;
                        reverse.values[edge.child * slots + slot] += p * seed;
                    }
                }
            }
            Kind::Reveal { player } => reveal(context, scratch, reverse, sums, index, node, player),
            Kind::Open { player } => open(context, scratch, reverse, sums, index, node, player),
            Kind::Typed { player, .. } => {
                match shape.types[player] {
                    2 => typed(context, scratch, reverse, sums, index, node, (player, 2)),
                    k => typed(context, scratch, reverse, sums, index, node, (player, k)),
                };
            }
        }
    }
}

#[inline(always)]
fn reveal(
    context: Context<'_>,
    scratch: &Scratch,
    reverse: &mut Reverse,
    sums: &mut Sums,
    index: usize,
    node: &PlanNode,
    player: usize,
) {
    let Context { shape, plan, columns, .. } = context;
    let slots = shape.slots;
    let (k, slot0, first) = (shape.types[player], shape.slot[player], shape.dim[player]);
    for at in node.first..node.last {
        let edge = &plan.edges[at];
        let odds = |kind: usize| F8::splat(plan.probabilities[edge.chance + kind]);
        let prior = |kind: usize| scratch.beliefs[index * slots + slot0 + kind];
        let mut public = F8::ZERO;
        for kind in 0..k {
            public += prior(kind) * odds(kind);
        }
        let mut others = F8::ZERO;
        let mut shift = [F8::ZERO; MAX_TYPES];
        for slot in 0..slots {
            let seed = reverse.values[index * slots + slot];
            let worth = seed * action_value(context, scratch, at, slot);
            let is_own = (slot0..slot0 + k).contains(&slot);
            let sent = if is_own {
                sums.odds[edge.strategy + slot - slot0] += worth;
                odds(slot - slot0) * seed
            } else {
                others += worth;
                public * seed
            };
            sums.flows[at * slots + slot] += sent;
            reverse.values[edge.child * slots + slot] += sent;
            let row = (edge.child * slots + slot) * columns + first;
            for j in 1..k {
                shift[j] += sent * scratch.slopes[row + j - 1];
            }
        }
        for kind in 0..k {
            sums.odds[edge.strategy + kind] += prior(kind) * others;
        }
        for j in 1..k {
            shift_of_odds(context, scratch, sums, index, at, player, j, shift[j]);
        }
    }
}

#[inline(always)]
fn open(
    context: Context<'_>,
    scratch: &Scratch,
    reverse: &mut Reverse,
    sums: &mut Sums,
    index: usize,
    node: &PlanNode,
    player: usize,
) {
    let Context { shape, plan, precision, .. } = context;
    let slots = shape.slots;
    let own = shape.slot[player];
    let mut mean = F8::ZERO;
    for at in node.first..node.last {
        let edge = &plan.edges[at];
        let played = scratch.best[edge.strategy];
        let mut worth = F8::ZERO;
        for slot in 0..slots {
            let seed = reverse.values[index * slots + slot];
            worth += seed * action_value(context, scratch, at, slot);
            sums.flows[at * slots + slot] += played * seed;
            reverse.values[edge.child * slots + slot] += played * seed;
        }
        mean += played * worth;
        reverse.local.x[at - node.first] = worth;
    }
    for at in node.first..node.last {
        let edge = &plan.edges[at];
        let z = scratch.best[edge.strategy] * (reverse.local.x[at - node.first] - mean);
        let worth = precision[player] * z;
        sums.precision[player] += z * action_value(context, scratch, at, own);
        sums.edges[at] += z;
        sums.flows[at * slots + own] += worth;
        reverse.values[edge.child * slots + own] += worth;
    }
}

/// Adds a node's derivatives to the grid points its payoffs are read from.
#[inline(always)]
fn scatter(
    context: Context<'_>,
    scratch: &Scratch,
    reverse: &Reverse,
    index: usize,
    table: usize,
    tables: &mut [f64],
) {
    let Context { shape, grid, width, .. } = context;
    let slots = shape.slots;
    let len = grid.points() * shape.stride;
    let table = &mut tables[table * len..(table + 1) * len];
    let beliefs = &scratch.beliefs[index * slots..][..slots];
    let seeds = &reverse.values[index * slots..][..slots];
    let two_types = shape.types.iter().all(|k| *k <= 2);
    for chunk in (0..shape.stride).step_by(LANES) {
        let count = LANES.min(slots - chunk);
        let mut rows = [F8::ZERO; LANES];
        rows[..count].copy_from_slice(&seeds[chunk..chunk + count]);
        let mut turned = [F8::ZERO; LANES];
        transpose(width, &rows, &mut turned);
        for (lane, seeds) in turned.iter().enumerate() {
            if *seeds == F8::ZERO {
                continue;
            }
            let mut add = |point: usize, weight: f64| {
                let row = &mut table[point * shape.stride + chunk..][..LANES];
                for (x, seed) in row.iter_mut().zip(&seeds.0) {
                    *x += weight * seed;
                }
            };
            match (two_types, shape.dims) {
                (true, 1) => {
                    let p = informed(context, 0);
                    let (i, f) = cell(beliefs[shape.slot[p] + 1].0[lane], grid.players()[p].steps());
                    let step = grid.strides()[p];
                    add(i * step, 1.0 - f);
                    add((i + 1) * step, f);
                }
                (true, 2) => {
                    let (p, q) = (informed(context, 0), informed(context, 1));
                    let (i, f) = cell(beliefs[shape.slot[p] + 1].0[lane], grid.players()[p].steps());
                    let (j, g) = cell(beliefs[shape.slot[q] + 1].0[lane], grid.players()[q].steps());
                    let (row, column) = (grid.strides()[p], grid.strides()[q]);
                    let start = i * row + j * column;
                    add(start, (1.0 - f) * (1.0 - g));
                    add(start + column, (1.0 - f) * g);
                    add(start + row, f * (1.0 - g));
                    add(start + row + column, f * g);
                }
                _ => corners(context, beliefs, lane, &mut add),
            }
        }
    }
}

/// The grid points around a belief with their weights, for any number of players and types.
fn corners(context: Context<'_>, beliefs: &[F8], lane: usize, add: &mut dyn FnMut(usize, f64)) {
    let Context { shape, grid, .. } = context;
    let mut found = vec![(0usize, 1.0f64)];
    let mut vertices = [Vertex::default(); MAX_TYPES];
    let mut order = [0usize; MAX_TYPES];
    let mut own = [0.0; MAX_TYPES];
    for (player, k) in shape.types.iter().enumerate().filter(|(_, k)| **k > 1) {
        for kind in 0..*k {
            own[kind] = beliefs[shape.slot[player] + kind].0[lane];
        }
        grid.players()[player].locate(&own[..*k], &mut vertices, &mut order);
        let stride = grid.strides()[player];
        let corner =
            |(point, weight): &(usize, f64), v: &Vertex| (point + v.point * stride, weight * v.weight);
        found = found.iter().flat_map(|at| vertices[..*k].iter().map(move |v| corner(at, v))).collect();
    }
    for (point, weight) in found {
        add(point, weight);
    }
}
