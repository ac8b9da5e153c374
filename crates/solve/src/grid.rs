//! Grids over public beliefs: a simplex grid per player, and their product.
//!
//! A player with k types has the points of the simplex whose coordinates are multiples of 1/n. In the cumulative
//! coordinates c_j = Σ_{l ≥ j} b_l (j = 1..k−1, so 1 ≥ c_1 ≥ … ≥ c_{k−1} ≥ 0; for two types c_1 is the probability of the
//! second) these are integer points of n·c, and the Freudenthal triangulation (Freudenthal 1942; Kuhn 1960) splits every
//! cube into simplices by the order of the fractional parts. Interpolation is linear on each simplex, and the product
//! over players is multilinear when everyone has two types.

use serde::Serialize;

/// The grid of one player's belief.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimplexGrid {
    types: usize,
    steps: usize,
    points: usize,
    /// Position of every integer vector (z_1, …, z_{k−1}) in `0..=steps`, `u32::MAX` outside the simplex; `[z_1][z_2]…`.
    #[serde(skip)]
    rank: Vec<u32>,
    /// `[point][type]`: the belief at each point.
    #[serde(skip)]
    beliefs: Vec<f64>,
}

/// The product of the players' simplex grids.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BeliefGrid {
    players: Vec<SimplexGrid>,
    /// Distance in points between neighbors in each player's grid; the last player varies fastest.
    #[serde(skip)]
    strides: Vec<usize>,
    points: usize,
}

/// Where a player's belief lies in that player's grid: vertices of its simplex with weights that sum to 1.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Vertex {
    pub(crate) point: usize,
    pub(crate) weight: f64,
}

impl SimplexGrid {
    /// Number of points, C(n + k − 1, k − 1), without building anything.
    #[must_use]
    pub fn count(types: usize, steps: usize) -> u128 {
        (1..types as u128).fold(1u128, |acc, j| acc.saturating_mul(steps as u128 + j) / j)
    }

    /// The grid of beliefs over `types` types in steps of 1/`steps`.
    #[must_use]
    pub fn new(types: usize, steps: usize) -> Self {
        let dims = types.saturating_sub(1);
        let side = steps + 1;
        let mut rank = vec![u32::MAX; side.pow(u32::try_from(dims).unwrap_or(0))];
        let mut beliefs = Vec::new();
        let mut points = 0usize;
        for (index, slot) in rank.iter_mut().enumerate() {
            let z = digits(index, side, dims);
            if z.windows(2).all(|w| w[0] >= w[1]) {
                *slot = u32::try_from(points).unwrap_or(u32::MAX);
                points += 1;
                let mut above = steps;
                for j in 0..types {
                    let below = z.get(j).copied().unwrap_or(0);
                    beliefs.push((above - below) as f64 / steps.max(1) as f64);
                    above = below;
                }
            }
        }
        if types == 1 {
            beliefs = vec![1.0];
        }
        Self { types, steps, points, rank, beliefs }
    }

    /// Number of points.
    #[must_use]
    pub fn points(&self) -> usize {
        self.points
    }

    /// Steps along an edge.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The belief at a point.
    #[must_use]
    pub fn belief(&self, point: usize) -> &[f64] {
        self.beliefs.get(point * self.types..(point + 1) * self.types).unwrap_or(&[])
    }

    /// Vertices of the simplex that holds a belief, written to `out[..types]`; `order[m]` receives the coordinate
    /// (0-based j − 1) that grows between vertex m and m + 1.
    #[inline]
    pub(crate) fn locate(&self, belief: &[f64], out: &mut [Vertex], order: &mut [usize]) {
        let n = self.steps as f64;
        match self.types {
            1 => out[0] = Vertex { point: 0, weight: 1.0 },
            2 => {
                let z = (belief[1] * n).clamp(0.0, n);
                let cell = (z as usize).min(self.steps - 1);
                let fraction = z - cell as f64;
                out[0] = Vertex { point: cell, weight: 1.0 - fraction };
                out[1] = Vertex { point: cell + 1, weight: fraction };
                order[0] = 0;
            }
            _ => self.locate_many(belief, out, order),
        }
    }

    fn locate_many(&self, belief: &[f64], out: &mut [Vertex], order: &mut [usize]) {
        let dims = self.types - 1;
        let n = self.steps as f64;
        let side = self.steps + 1;
        let mut cell = [0usize; MAX_TYPES];
        let mut fraction = [0.0f64; MAX_TYPES];
        let mut above = 0.0;
        for j in (0..dims).rev() {
            above += belief[j + 1];
            let z = (above * n).clamp(0.0, n);
            cell[j] = (z as usize).min(self.steps - 1);
            fraction[j] = z - cell[j] as f64;
            order[j] = j;
        }
        // Round-off can put c_j a hair below c_{j+1}; restore the order so that every vertex exists.
        for j in 1..dims {
            if cell[j] > cell[j - 1] || (cell[j] == cell[j - 1] && fraction[j] > fraction[j - 1]) {
                cell[j] = cell[j - 1];
                fraction[j] = fraction[j - 1];
            }
        }
        // Descending fractions, ties by position: each added step stays inside 1 ≥ c_1 ≥ c_2 ≥ ….
        order[..dims].sort_by(|a, b| fraction[*b].total_cmp(&fraction[*a]).then(a.cmp(b)));
        let rank = |cell: &[usize]| {
            let index = cell.iter().fold(0, |acc, z| acc * side + z);
            self.rank.get(index).copied().filter(|r| *r != u32::MAX).map(|r| r as usize)
        };
        let mut last = 1.0;
        let mut point = rank(&cell[..dims]).unwrap_or(0);
        for m in 0..dims {
            let next = fraction[order[m]];
            out[m] = Vertex { point, weight: last - next };
            last = next;
            cell[order[m]] += 1;
            // A vertex outside the simplex can only carry weight zero; keep the previous one in its place.
            point = rank(&cell[..dims]).unwrap_or(point);
        }
        out[dims] = Vertex { point, weight: last };
    }
}

/// Most private types of one player; a scenario beyond it is refused.
pub const MAX_TYPES: usize = 8;

fn digits(mut index: usize, side: usize, dims: usize) -> Vec<usize> {
    let mut out = vec![0; dims];
    for z in out.iter_mut().rev() {
        *z = index % side;
        index /= side;
    }
    out
}

impl BeliefGrid {
    /// The product grid for players with the given numbers of types, `belief_points` points along every edge.
    #[must_use]
    pub fn new(types: &[usize], belief_points: usize) -> Self {
        let players: Vec<SimplexGrid> =
            types.iter().map(|k| SimplexGrid::new(*k, belief_points.max(2) - 1)).collect();
        let mut strides = vec![1; players.len()];
        let mut points = 1;
        for i in (0..players.len()).rev() {
            strides[i] = points;
            points *= players[i].points();
        }
        Self { players, strides, points }
    }

    /// Number of points of the product.
    #[must_use]
    pub fn points(&self) -> usize {
        self.points
    }

    /// The players' grids.
    #[must_use]
    pub fn players(&self) -> &[SimplexGrid] {
        &self.players
    }

    pub(crate) fn strides(&self) -> &[usize] {
        &self.strides
    }

    /// The belief at a point, flat over slots.
    #[must_use]
    pub fn belief(&self, point: usize) -> Vec<f64> {
        let mut out = Vec::new();
        let mut rest = point;
        for (grid, stride) in self.players.iter().zip(&self.strides) {
            out.extend_from_slice(grid.belief(rest / stride));
            rest %= stride;
        }
        out
    }

    /// Grid points around a belief (flat over slots) with their interpolation weights: positive, summing to 1.
    #[must_use]
    pub fn locate(&self, belief: &[f64]) -> Vec<(usize, f64)> {
        let mut out = vec![(0usize, 1.0f64)];
        let mut offset = 0;
        let mut vertices = [Vertex::default(); MAX_TYPES];
        let mut order = [0usize; MAX_TYPES];
        for (grid, stride) in self.players.iter().zip(&self.strides) {
            let own = belief.get(offset..offset + grid.types).unwrap_or(&[]);
            offset += grid.types;
            if own.len() < grid.types {
                continue;
            }
            grid.locate(own, &mut vertices, &mut order);
            let mut next = Vec::with_capacity(out.len() * grid.types);
            for (point, weight) in &out {
                for vertex in &vertices[..grid.types] {
                    if vertex.weight > 0.0 {
                        next.push((point + vertex.point * stride, weight * vertex.weight));
                    }
                }
            }
            out = next;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_match_the_points_built() {
        for types in 1..=5 {
            for steps in [1, 2, 5] {
                assert_eq!(SimplexGrid::count(types, steps), SimplexGrid::new(types, steps).points() as u128);
            }
        }
    }

    #[test]
    fn interpolation_reproduces_linear_functions_of_every_belief() {
        let grid = BeliefGrid::new(&[3, 1, 2, 4], 5);
        let slope: Vec<f64> = (0..10).map(|i| f64::from(i) * 0.7 - 2.0).collect();
        let beliefs = [
            [0.2, 0.5, 0.3, 1.0, 0.9, 0.1, 0.25, 0.25, 0.25, 0.25],
            [0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0],
            [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.1, 0.9],
            [0.05, 0.9, 0.05, 1.0, 0.33, 0.67, 0.7, 0.1, 0.1, 0.1],
        ];
        for belief in beliefs {
            let mut weights = 0.0;
            let mut value = 0.0;
            for (point, weight) in grid.locate(&belief) {
                let at: f64 = grid.belief(point).iter().zip(&slope).map(|(b, s)| b * s).sum();
                weights += weight;
                value += weight * at;
            }
            let exact: f64 = belief.iter().zip(&slope).map(|(b, s)| b * s).sum();
            assert!((weights - 1.0).abs() < 1e-14);
            assert!((value - exact).abs() < 1e-13, "{value} {exact}");
        }
    }

    #[test]
    fn grid_points_are_their_own_vertex() {
        let grid = BeliefGrid::new(&[3, 2], 6);
        for point in 0..grid.points() {
            let found = grid.locate(&grid.belief(point));
            let own: f64 = found.iter().filter(|(p, _)| *p == point).map(|(_, w)| w).sum();
            assert!((own - 1.0).abs() < 1e-12);
        }
    }
}
