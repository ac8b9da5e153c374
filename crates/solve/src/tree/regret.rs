//! Counterfactual regrets over blocks of information sets: the arrays and the passes over them.
//!
//! With r₂ the plan of player 2 (the probability of each of his sequences under his own strategy) and A_xy the payoffs of the ends that
//! follow block actions x and y, times what chance does, the values of player 1's private states at x are
//!
//!   u_x = Σ_y A_xy r₂_y + Σ_b v_b (blocks b that follow x),   v_b = Σ_a σ_a u_a (actions a of block b),
//!
//! and R_a ← R_a + u_a − v_b at every block. Chance needs no node of its own: it is in A, for any joint distribution of private states. All
//! are vectors over private states, of `L` numbers at a time; matrices that are multiples of each other are stored once. Sums run in one
//! order and no multiplication is fused with an addition, so that all machines give the same bits.

use std::collections::HashMap;

use super::arrays::Arrays;
use super::plays::{Plays, rounded};
use super::public_pair::Blocks;
use crate::war::Width;

/// Sums of regrets up to this count as 0: their reciprocals would not be finite.
const TINY: f64 = 1e-250;

/// What one iteration does to regrets and averages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weights {
    /// Factor of regrets above 0 and below.
    pub(super) keep: [f64; 2],
    /// Weight of the plan in the average.
    pub(super) average: f64,
}

/// What the method needs, whatever the width of vectors.
pub(super) trait Regrets {
    /// One iteration: player 1 first, then player 2 against what player 1 has become.
    fn iterate(&mut self, weights: Weights);
    /// Half of what best replies to the average plans gain, both together, in units of the range; `None` before the first iteration.
    fn exploitability(&mut self) -> Option<f64>;
    /// Average probabilities of the actions of a class, uniform where its owner never goes.
    fn average(&self, block: usize, state: usize) -> Vec<f64>;
    /// Regrets of the actions of a class.
    #[cfg(test)]
    fn regrets(&self, block: usize, state: usize) -> Vec<f64>;
}

/// Where a block lies. Vectors of an action follow each other; actions follow each other.
#[derive(Clone, Copy, Debug)]
struct Span {
    /// First vector, and first vector of the parent's action.
    at: usize,
    parent: usize,
    actions: usize,
    /// Vectors of one action.
    chunks: usize,
    /// Private states, and where their parents are listed; `usize::MAX`: at the same place.
    states: usize,
    map: usize,
}

/// Vectors of one action.
#[derive(Clone, Copy, Debug)]
struct Row {
    at: usize,
    chunks: usize,
    /// Pairs up to here, from where the row before it ends.
    end: usize,
}

/// Ends at which one's own action meets an action of the other: `scale` × a matrix × the other's plan.
#[derive(Clone, Copy, Debug)]
struct Pair {
    matrix: u32,
    other: u32,
    columns: u32,
    scale: f64,
}

/// One player.
#[derive(Clone, Debug)]
struct Side<const L: usize> {
    spans: Vec<Span>,
    rows: Vec<Row>,
    pairs: Vec<Pair>,
    /// By private state of blocks that have one: the parent's.
    maps: Vec<usize>,
    // `[block][action][private state]`, after one vector for the empty sequence.
    regret: Vec<[f64; L]>,
    strategy: Vec<[f64; L]>,
    plan: Vec<[f64; L]>,
    total: Vec<[f64; L]>,
    value: Vec<[f64; L]>,
}

/// Both players.
#[derive(Clone, Debug)]
pub(super) struct Solver<const L: usize, const ONE: bool> {
    sides: [Side<L>; 2],
    /// `[column][private state]`, padded with zeros.
    matrices: Vec<[f64; L]>,
    /// By block: player and position among his.
    index: Vec<(usize, usize)>,
    /// Sum of weights of the average.
    weight: f64,
    width: Width,
}

/// A solver as wide as the game needs, or `None` where blocks would need much more memory than ends have.
pub(super) fn solver(
    tree: &Arrays,
    plays: &Plays,
    class: &[usize],
    blocks: &Blocks,
) -> Option<Box<dyn Regrets>> {
    let widest = blocks.blocks.iter().map(|block| block.members.len()).max().unwrap_or(1);
    Some(match widest {
        0 | 1 => Box::new(Solver::<1, true>::new(tree, plays, class, blocks)?),
        2 => Box::new(Solver::<2, true>::new(tree, plays, class, blocks)?),
        3 | 4 => Box::new(Solver::<4, true>::new(tree, plays, class, blocks)?),
        5..=8 => Box::new(Solver::<8, true>::new(tree, plays, class, blocks)?),
        _ => Box::new(Solver::<8, false>::new(tree, plays, class, blocks)?),
    })
}

/// Numbers in matrices for each end, and for small games in all, up to which matrices are dense.
const CELLS_PER_END: usize = 32;
const CELLS: usize = 1 << 16;

impl<const L: usize, const ONE: bool> Solver<L, ONE> {
    fn new(tree: &Arrays, plays: &Plays, class: &[usize], blocks: &Blocks) -> Option<Self> {
        let mut sides = [0, 1].map(|_| Side {
            spans: Vec::new(),
            rows: vec![Row { at: 0, chunks: 1, end: 0 }],
            pairs: Vec::new(),
            maps: Vec::new(),
            regret: vec![[0.0; L]],
            strategy: vec![[0.0; L]],
            plan: vec![[1.0; L]],
            total: vec![[0.0; L]],
            value: vec![[0.0; L]],
        });
        let mut index: Vec<(usize, usize)> = Vec::with_capacity(blocks.blocks.len());
        // By block: its first row.
        let mut first_row = Vec::with_capacity(blocks.blocks.len());
        for block in &blocks.blocks {
            let side = &mut sides[block.player];
            let (at, chunks) = (side.plan.len(), block.members.len().div_ceil(L));
            let parent = block.parent.map_or(0, |(parent, action)| {
                let span = side.spans[index[parent].1];
                span.at + action * span.chunks
            });
            let map = block.map.as_ref().map_or(usize::MAX, |map| {
                side.maps.extend(map);
                side.maps.len() - map.len()
            });
            index.push((block.player, side.spans.len()));
            first_row.push(side.rows.len());
            let (actions, states) = (block.actions, block.members.len());
            side.spans.push(Span { at, parent, actions, chunks, states, map });
            side.rows.extend((0..actions).map(|a| Row { at: at + a * chunks, chunks, end: 0 }));
            let length = at + actions * chunks;
            for vector in [&mut side.regret, &mut side.plan, &mut side.total, &mut side.value] {
                vector.resize(length, [0.0; L]);
            }
            side.strategy.resize(length, [1.0 / actions as f64; L]);
        }
        // (rows, private states, payoff) of the ends.
        let place = |sequence: usize| {
            let Some(&set) = plays.set_of.get(sequence).filter(|set| **set != usize::MAX) else {
                return Some((0, 0, 1));
            };
            let (block, state) = blocks.place[class[set]]?;
            let row = first_row[block] + sequence - 1 - tree.action[set];
            Some((row, state, blocks.blocks[block].members.len()))
        };
        let mut cells = Vec::with_capacity(plays.ends.len());
        for end in &plays.ends {
            let (one, two) = (place(end.last[0])?, place(end.last[1])?);
            cells.push(([one.0, two.0], [one.1, two.1], [one.2, two.2], end.odds * end.worth));
        }
        cells.sort_by_key(|cell| cell.0);
        let groups = || cells.chunk_by(|a, b| a.0 == b.0);
        let dense: usize = groups().map(|group| group[0].2.iter().product::<usize>()).sum();
        if dense > CELLS.max(CELLS_PER_END * cells.len()) {
            return None;
        }
        let mut matrices = Matrices { known: HashMap::new(), vectors: Vec::new() };
        for player in 0..2 {
            // (own row, pair), in the order of own rows.
            let mut found = Vec::new();
            let sign = if player == 0 { 1.0 } else { -1.0 };
            for group in groups() {
                let sizes = group[0].2;
                let mut dense = vec![0.0; sizes[0] * sizes[1]];
                for cell in group {
                    dense[cell.1[1 - player] * sizes[player] + cell.1[player]] += sign * cell.3;
                }
                if let Some((scale, matrix)) = matrices.add(dense, sizes[player]) {
                    let other = sides[1 - player].rows[group[0].0[1 - player]].at as u32;
                    let columns = sizes[1 - player] as u32;
                    found.push((group[0].0[player], Pair { matrix, other, columns, scale }));
                }
            }
            found.sort_by_key(|(row, _)| *row);
            let side = &mut sides[player];
            for (row, pair) in found {
                side.pairs.push(pair);
                side.rows[row].end = side.pairs.len();
            }
            let mut end = 0;
            for row in &mut side.rows {
                end = end.max(row.end);
                row.end = end;
            }
        }
        let matrices = matrices.vectors;
        let mut out = Self { sides, matrices, index, weight: 0.0, width: Width::of_this_machine() };
        for side in &mut out.sides {
            side.forward::<ONE, true>(0.0);
        }
        Some(out)
    }

    #[inline(always)]
    fn iterate_on(&mut self, weights: Weights) {
        let [one, two] = &mut self.sides;
        one.values::<ONE>(&self.matrices, &two.plan);
        one.backward::<ONE>(weights.keep);
        one.forward::<ONE, true>(weights.average);
        two.values::<ONE>(&self.matrices, &one.plan);
        two.backward::<ONE>(weights.keep);
        two.forward::<ONE, false>(weights.average);
        self.weight += weights.average;
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn iterate_avx2(&mut self, weights: Weights) {
        self.iterate_on(weights);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl")]
    fn iterate_avx512(&mut self, weights: Weights) {
        self.iterate_on(weights);
    }
}

impl<const L: usize, const ONE: bool> Regrets for Solver<L, ONE> {
    fn iterate(&mut self, weights: Weights) {
        match self.width {
            Width::Portable => self.iterate_on(weights),
            #[cfg(target_arch = "x86_64")]
            Width::Avx2 => {
                #[expect(
                    unsafe_code,
                    reason = "calls a function compiled for instructions that were detected at start"
                )]
                // SAFETY: `Width::of_this_machine` returned this width only after detecting the features.
                unsafe {
                    self.iterate_avx2(weights);
                }
            }
            #[cfg(target_arch = "x86_64")]
            Width::Avx512 => {
                #[expect(
                    unsafe_code,
                    reason = "calls a function compiled for instructions that were detected at start"
                )]
                // SAFETY: as above.
                unsafe {
                    self.iterate_avx512(weights);
                }
            }
        }
    }

    fn exploitability(&mut self) -> Option<f64> {
        let [one, two] = &mut self.sides;
        one.values::<ONE>(&self.matrices, &two.total);
        two.values::<ONE>(&self.matrices, &one.total);
        let gain = one.best() + two.best();
        (self.weight > 0.0).then(|| (gain / self.weight / 2.0).max(0.0))
    }

    fn average(&self, block: usize, state: usize) -> Vec<f64> {
        let (player, at) = self.index[block];
        let side = &self.sides[player];
        let weights = side.column(&side.total, at, state);
        let sum: f64 = weights.iter().sum();
        let even = 1.0 / weights.len() as f64;
        weights.iter().map(|weight| if sum > TINY { weight / sum } else { even }).collect()
    }

    #[cfg(test)]
    fn regrets(&self, block: usize, state: usize) -> Vec<f64> {
        let (player, at) = self.index[block];
        let side = &self.sides[player];
        side.column(&side.regret, at, state)
    }
}

impl<const L: usize> Side<L> {
    /// Numbers of one private state at a block, by action.
    fn column(&self, of: &[[f64; L]], block: usize, state: usize) -> Vec<f64> {
        let span = self.spans[block];
        (0..span.actions).map(|a| of[span.at + a * span.chunks + state / L][state % L]).collect()
    }

    /// What the ends are worth against a plan of the other, by own action and private state.
    #[inline(always)]
    fn values<const ONE: bool>(&mut self, matrices: &[[f64; L]], other: &[[f64; L]]) {
        let mut pairs = self.pairs.iter();
        let mut done = 0;
        if ONE {
            for (row, out) in self.rows.iter().zip(&mut self.value) {
                let mut sum = [0.0; L];
                for pair in pairs.by_ref().take(row.end - done) {
                    let (matrix, plan) =
                        (&matrices[pair.matrix as usize..][..L], &other[pair.other as usize]);
                    let mut product = [0.0; L];
                    for (column, weight) in matrix.iter().zip(plan) {
                        for (to, from) in product.iter_mut().zip(column) {
                            *to += from * weight;
                        }
                    }
                    for (to, from) in sum.iter_mut().zip(&product) {
                        *to += pair.scale * from;
                    }
                }
                done = row.end;
                *out = sum;
            }
        } else {
            for row in &self.rows {
                let out = &mut self.value[row.at..][..row.chunks];
                out.fill([0.0; L]);
                for pair in pairs.by_ref().take(row.end - done) {
                    let columns = pair.columns as usize;
                    let matrix = &matrices[pair.matrix as usize..][..columns * row.chunks];
                    let plan = other[pair.other as usize..][..columns.div_ceil(L)].as_flattened();
                    for (chunk, out) in out.iter_mut().enumerate() {
                        let mut product = [0.0; L];
                        for (column, weight) in matrix.chunks_exact(row.chunks).zip(plan) {
                            for (to, from) in product.iter_mut().zip(&column[chunk]) {
                                *to += from * weight;
                            }
                        }
                        for (to, from) in out.iter_mut().zip(&product) {
                            *to += pair.scale * from;
                        }
                    }
                }
                done = row.end;
            }
        }
    }

    /// Hands the values of a block's private states to the action before it.
    #[inline(always)]
    fn hand_up(value: &mut [[f64; L]], maps: &[usize], span: &Span, chunk: usize, own: &[f64; L]) {
        if span.map == usize::MAX {
            for (to, from) in value[span.parent + chunk].iter_mut().zip(own) {
                *to += from;
            }
        } else {
            let map = &maps[span.map..][..span.states];
            for (state, from) in map[chunk * L..].iter().zip(own) {
                value[span.parent + state / L][state % L] += from;
            }
        }
    }

    /// Values from the ends up, regrets, and the strategies that match them.
    #[inline(always)]
    fn backward<const ONE: bool>(&mut self, keep: [f64; 2]) {
        for span in self.spans.iter().rev() {
            let chunks = if ONE { 1 } else { span.chunks };
            let (above, values) = self.value.split_at_mut(span.at);
            let values = &values[..span.actions * chunks];
            let strategies = &mut self.strategy[span.at..][..span.actions * chunks];
            let regrets = &mut self.regret[span.at..][..span.actions * chunks];
            let even = 1.0 / span.actions as f64;
            for chunk in 0..chunks {
                let mut mean = [0.0; L];
                for (value, strategy) in
                    values[chunk..].iter().step_by(chunks).zip(strategies[chunk..].iter().step_by(chunks))
                {
                    for l in 0..L {
                        mean[l] += value[l] * strategy[l];
                    }
                }
                let mut sum = [0.0; L];
                for (value, regret) in
                    values[chunk..].iter().step_by(chunks).zip(regrets[chunk..].iter_mut().step_by(chunks))
                {
                    for l in 0..L {
                        let fresh = regret[l] + (value[l] - mean[l]);
                        let (up, down) =
                            (if fresh > 0.0 { fresh } else { 0.0 }, if fresh < 0.0 { fresh } else { 0.0 });
                        let up = up * keep[0];
                        sum[l] += up;
                        regret[l] = up + down * keep[1];
                    }
                }
                let mut inverse = [0.0; L];
                let mut rest = [0.0; L];
                for l in 0..L {
                    inverse[l] = if sum[l] > TINY { 1.0 / sum[l] } else { 0.0 };
                    rest[l] = if sum[l] > TINY { 0.0 } else { even };
                }
                for (strategy, regret) in strategies[chunk..]
                    .iter_mut()
                    .step_by(chunks)
                    .zip(regrets[chunk..].iter().step_by(chunks))
                {
                    for l in 0..L {
                        let up = if regret[l] > 0.0 { regret[l] } else { 0.0 };
                        strategy[l] = up * inverse[l] + rest[l];
                    }
                }
                Self::hand_up(above, &self.maps, span, chunk, &mean);
            }
        }
    }

    /// Plans from the root down, and their average: with `NEW` the plan as it becomes, else as it was.
    #[inline(always)]
    fn forward<const ONE: bool, const NEW: bool>(&mut self, weight: f64) {
        for span in &self.spans {
            let chunks = if ONE { 1 } else { span.chunks };
            let (above, plans) = self.plan.split_at_mut(span.at);
            let plans = &mut plans[..span.actions * chunks];
            let strategies = &self.strategy[span.at..][..span.actions * chunks];
            let totals = &mut self.total[span.at..][..span.actions * chunks];
            for chunk in 0..chunks {
                let before = if span.map == usize::MAX {
                    above[span.parent + chunk]
                } else {
                    let mut before = [0.0; L];
                    let map = &self.maps[span.map..][..span.states];
                    for (to, state) in before.iter_mut().zip(&map[chunk * L..]) {
                        *to = above[span.parent + state / L][state % L];
                    }
                    before
                };
                for ((plan, strategy), total) in plans[chunk..]
                    .iter_mut()
                    .step_by(chunks)
                    .zip(strategies[chunk..].iter().step_by(chunks))
                    .zip(totals[chunk..].iter_mut().step_by(chunks))
                {
                    for l in 0..L {
                        let fresh = before[l] * strategy[l];
                        total[l] += weight * if NEW { fresh } else { plan[l] };
                        plan[l] = fresh;
                    }
                }
            }
        }
        // Nothing was done before the first move.
        if let Some(total) = self.total.first_mut() {
            total.iter_mut().for_each(|total| *total += weight);
        }
    }

    /// Value of a best reply, from the values of the ends.
    fn best(&mut self) -> f64 {
        for span in self.spans.iter().rev() {
            for chunk in 0..span.chunks {
                let mut most = [f64::NEG_INFINITY; L];
                for action in 0..span.actions {
                    let value = &self.value[span.at + action * span.chunks + chunk];
                    for (most, value) in most.iter_mut().zip(value) {
                        *most = if *value > *most { *value } else { *most };
                    }
                }
                Self::hand_up(&mut self.value, &self.maps, span, chunk, &most);
            }
        }
        self.value.first().map_or(0.0, |root| root[0])
    }
}

/// Matrices of which none is a multiple of another.
struct Matrices<const L: usize> {
    known: HashMap<Vec<u64>, u32>,
    vectors: Vec<[f64; L]>,
}

impl<const L: usize> Matrices<L> {
    /// Takes a matrix `[column][row]` and says which multiple of which stored one it is, up to round-off; none if it is zero.
    fn add(&mut self, dense: Vec<f64>, rows: usize) -> Option<(f64, u32)> {
        let largest = dense.iter().fold(0.0, |most: f64, x| if x.abs() > most.abs() { *x } else { most });
        if largest == 0.0 {
            return None;
        }
        let mut key: Vec<u64> = dense.iter().map(|x| rounded(x / largest, 46)).collect();
        key.push(rows as u64);
        let at = *self.known.entry(key).or_insert_with(|| {
            let at = self.vectors.len() as u32;
            for column in dense.chunks_exact(rows) {
                for part in column.chunks(L) {
                    let mut vector = [0.0; L];
                    for (to, from) in vector.iter_mut().zip(part) {
                        *to = from / largest;
                    }
                    self.vectors.push(vector);
                }
            }
            // Wherever vectors have one chunk, as many columns as it has places are read.
            let columns = dense.len() / rows;
            if rows <= L && columns < L {
                self.vectors.resize(self.vectors.len() + L - columns, [0.0; L]);
            }
            at
        });
        Some((largest, at))
    }
}
