//! Reading continuation values and their slopes at the beliefs of a node.

use crate::grid::{MAX_TYPES, Vertex};

use super::kernel::Context;
use super::lanes::{F8, LANES};
use super::plan::MAX_DIMS;
use super::scratch::Frame;
use super::transpose::transpose;

/// Interpolates a table at the beliefs of node `index` into its values and linear model (no constant column: the
/// interpolant is exactly what is being linearized).
#[inline(always)]
pub(crate) fn read(context: Context<'_>, scratch: &mut Frame<'_>, index: usize, table: usize) {
    let Context { shape, grid, tables, columns, .. } = context;
    let slots = shape.slots;
    let len = grid.points() * shape.stride;
    let table = &tables[table * len..(table + 1) * len];
    let beliefs = &scratch.beliefs[index * slots..][..slots];
    let values = &mut scratch.values[index * slots..][..slots];
    let slopes = &mut scratch.slopes[index * slots * columns..][..slots * columns];
    let two_types = shape.types.iter().all(|k| *k <= 2);
    match (two_types, shape.dims) {
        (true, 1) => one_dimension(context, table, beliefs, values, slopes),
        (true, 2) => two_dimensions(context, table, beliefs, values, slopes),
        _ => {
            slopes.fill(F8::ZERO);
            for lane in 0..LANES {
                general(context, table, beliefs, lane, values, slopes);
            }
        }
    }
}

/// The belief coordinate of a two-type player in the grid: cell and fraction.
#[inline(always)]
pub(super) fn cell(probability: f64, steps: usize) -> (usize, f64) {
    let n = steps as f64;
    let z = probability * n;
    let z = if z < 0.0 { 0.0 } else { z };
    let z = if z > n { n } else { z };
    let cell = (z as usize).min(steps - 1);
    (cell, z - cell as f64)
}

#[inline(always)]
pub(super) fn informed(context: Context<'_>, nth: usize) -> usize {
    let mut seen = 0;
    for (player, k) in context.shape.types.iter().enumerate() {
        if *k > 1 {
            if seen == nth {
                return player;
            }
            seen += 1;
        }
    }
    0
}

/// Eight numbers from a table row.
#[inline(always)]
fn load(row: &[f64]) -> F8 {
    let mut out = F8::ZERO;
    out.0.copy_from_slice(&row[..LANES]);
    out
}

#[inline(always)]
fn one_dimension(context: Context<'_>, table: &[f64], beliefs: &[F8], values: &mut [F8], slopes: &mut [F8]) {
    let Context { shape, grid, columns, width, .. } = context;
    let player = informed(context, 0);
    let steps = grid.players()[player].steps();
    let step = grid.strides()[player] * shape.stride;
    let n = F8::splat(steps as f64);
    let own = beliefs[shape.slot[player] + 1];
    for chunk in (0..shape.stride).step_by(LANES) {
        let (mut value, mut slope) = ([F8::ZERO; LANES], [F8::ZERO; LANES]);
        for lane in 0..LANES {
            let (at, f) = cell(own.0[lane], steps);
            let low = load(&table[at * step + chunk..]);
            let rise = load(&table[(at + 1) * step + chunk..]) - low;
            value[lane] = low + F8::splat(f) * rise;
            slope[lane] = n * rise;
        }
        let count = LANES.min(values.len() - chunk);
        let mut turned = [F8::ZERO; LANES];
        transpose(width, &value, &mut turned);
        values[chunk..chunk + count].copy_from_slice(&turned[..count]);
        if columns > 0 {
            transpose(width, &slope, &mut turned);
            let rows = &mut slopes[chunk * columns..(chunk + count) * columns];
            rows.fill(F8::ZERO);
            for k in 0..count {
                rows[k * columns] = turned[k];
            }
        }
    }
}

#[inline(always)]
fn two_dimensions(context: Context<'_>, table: &[f64], beliefs: &[F8], values: &mut [F8], slopes: &mut [F8]) {
    let Context { shape, grid, columns, width, .. } = context;
    let (p, q) = (informed(context, 0), informed(context, 1));
    let steps = grid.players()[p].steps();
    let (row, column) = (grid.strides()[p] * shape.stride, grid.strides()[q] * shape.stride);
    let n = F8::splat(steps as f64);
    let (of_p, of_q) = (beliefs[shape.slot[p] + 1], beliefs[shape.slot[q] + 1]);
    for chunk in (0..shape.stride).step_by(LANES) {
        let mut value = [F8::ZERO; LANES];
        let (mut slope_p, mut slope_q) = (value, value);
        for lane in 0..LANES {
            let (i, f) = cell(of_p.0[lane], steps);
            let (j, g) = cell(of_q.0[lane], steps);
            let start = i * row + j * column + chunk;
            let (v00, v01) = (load(&table[start..]), load(&table[start + column..]));
            let (v10, v11) = (load(&table[start + row..]), load(&table[start + row + column..]));
            let (fs, gs) = (F8::splat(f), F8::splat(g));
            let (rise0, rise1) = (v01 - v00, v11 - v10);
            let (low, high) = (v00 + gs * rise0, v10 + gs * rise1);
            value[lane] = low + fs * (high - low);
            if columns > 0 {
                slope_p[lane] = n * (high - low);
                slope_q[lane] = n * (rise0 + fs * (rise1 - rise0));
            }
        }
        let count = LANES.min(values.len() - chunk);
        let mut turned = [F8::ZERO; LANES];
        transpose(width, &value, &mut turned);
        values[chunk..chunk + count].copy_from_slice(&turned[..count]);
        if columns > 0 {
            let rows = &mut slopes[chunk * columns..(chunk + count) * columns];
            rows.fill(F8::ZERO);
            for (dim, slope) in [slope_p, slope_q].iter().enumerate() {
                transpose(width, slope, &mut turned);
                for k in 0..count {
                    rows[k * columns + dim] = turned[k];
                }
            }
        }
    }
}

/// Any number of players and types: sum over the corners of the product of simplices.
fn general(
    context: Context<'_>,
    table: &[f64],
    beliefs: &[F8],
    lane: usize,
    values: &mut [F8],
    slopes: &mut [F8],
) {
    let Context { shape, grid, columns, .. } = context;
    for value in values.iter_mut() {
        value.0[lane] = 0.0;
    }
    let mut vertices = [[Vertex::default(); MAX_TYPES]; MAX_DIMS];
    let mut orders = [[0usize; MAX_TYPES]; MAX_DIMS];
    let mut players = [0usize; MAX_DIMS];
    let mut informed = 0;
    let mut own = [0.0; MAX_TYPES];
    for (player, k) in shape.types.iter().enumerate().filter(|(_, k)| **k > 1) {
        for kind in 0..*k {
            own[kind] = beliefs[shape.slot[player] + kind].0[lane];
        }
        grid.players()[player].locate(&own[..*k], &mut vertices[informed], &mut orders[informed]);
        players[informed] = player;
        informed += 1;
    }
    let mut corner = [0usize; MAX_DIMS];
    'corners: loop {
        let mut point = 0;
        let mut weight = 1.0;
        for n in 0..informed {
            let vertex = vertices[n][corner[n]];
            point += vertex.point * grid.strides()[players[n]];
            weight *= vertex.weight;
        }
        let row = &table[point * shape.stride..][..shape.slots];
        for (slot, v) in row.iter().enumerate() {
            values[slot].0[lane] += weight * v;
        }
        for n in 0..if columns > 0 { informed } else { 0 } {
            let player = players[n];
            let others: f64 =
                (0..informed).filter(|m| *m != n).map(|m| vertices[m][corner[m]].weight).product();
            if others == 0.0 {
                continue;
            }
            // Vertex m has weight f(m − 1) − f(m): it grows with the coordinate added last and falls with the next.
            let steps = grid.players()[player].steps() as f64;
            let m = corner[n];
            let mut add = |dim: usize, slope: f64| {
                for (slot, v) in row.iter().enumerate() {
                    slopes[slot * columns + shape.dim[player] + dim].0[lane] += slope * v;
                }
            };
            if m > 0 {
                add(orders[n][m - 1], steps * others);
            }
            if m + 1 < shape.types[player] {
                add(orders[n][m], -steps * others);
            }
        }
        for n in (0..informed).rev() {
            corner[n] += 1;
            if corner[n] < shape.types[players[n]] {
                continue 'corners;
            }
            corner[n] = 0;
        }
        break;
    }
}
