//! Banded linear systems: as many unknowns as a game has states, each tied to its neighbors only.

/// A square matrix whose entries farther than `half` from the diagonal are zero, with room for what row exchanges fill in.
#[derive(Clone, Debug)]
pub struct Banded {
    size: usize,
    half: usize,
    /// Rows of 3·half + 1: columns i − half to i + 2·half of row i.
    rows: Vec<f64>,
}

/// L U = P A of a banded matrix.
#[derive(Clone, Debug)]
pub struct Factors {
    matrix: Banded,
    pivots: Vec<usize>,
}

impl Banded {
    /// Zeros.
    #[must_use]
    pub fn zeros(size: usize, half: usize) -> Self {
        Self { size, half, rows: vec![0.0; size * (3 * half + 1)] }
    }

    fn place(&self, row: usize, column: usize) -> usize {
        row * (3 * self.half + 1) + column + self.half - row
    }

    /// Adds to an entry within the band.
    pub fn add(&mut self, row: usize, column: usize, value: f64) {
        let at = self.place(row, column);
        self.rows[at] += value;
    }

    /// Gaussian elimination with row exchanges; `None` where the matrix is singular. Cost: about 2 · size · half² multiplications.
    #[must_use]
    pub fn factor(mut self) -> Option<Factors> {
        let (n, half) = (self.size, self.half);
        let mut pivots = Vec::with_capacity(n);
        for k in 0..n {
            let last = (k + half).min(n - 1);
            let size = |i: usize| self.rows[self.place(i, k)].abs();
            let pivot = (k..=last).fold(k, |best, i| if size(i) > size(best) { i } else { best });
            if !(size(pivot) > 0.0) || !size(pivot).is_finite() {
                return None;
            }
            pivots.push(pivot);
            let width = (2 * half).min(n - 1 - k) + 1;
            let here = self.place(k, k);
            if pivot != k {
                let there = self.place(pivot, k);
                for j in 0..width {
                    self.rows.swap(here + j, there + j);
                }
            }
            let (above, below) = self.rows.split_at_mut((k + 1) * (3 * half + 1));
            let row = &above[here..here + width];
            for i in k + 1..=last {
                let start = (i - k - 1) * (3 * half + 1) + half + k - i;
                let target = &mut below[start..start + width];
                let factor = target[0] / row[0];
                if factor != 0.0 {
                    for (t, r) in target[1..].iter_mut().zip(&row[1..]) {
                        *t -= factor * r;
                    }
                }
                target[0] = factor;
            }
        }
        Some(Factors { matrix: self, pivots })
    }
}

impl Factors {
    fn at(&self, row: usize, column: usize) -> f64 {
        self.matrix.rows[self.matrix.place(row, column)]
    }

    /// A⁻¹ b.
    #[must_use]
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let (n, half) = (self.matrix.size, self.matrix.half);
        let mut x = b.to_vec();
        for k in 0..n {
            x.swap(k, self.pivots[k]);
            for i in k + 1..=(k + half).min(n - 1) {
                x[i] -= self.at(i, k) * x[k];
            }
        }
        for k in (0..n).rev() {
            let after: f64 = (k + 1..=(k + 2 * half).min(n - 1)).map(|j| self.at(k, j) * x[j]).sum();
            x[k] = (x[k] - after) / self.at(k, k);
        }
        x
    }

    /// A⁻ᵀ b.
    #[must_use]
    pub fn solve_transposed(&self, b: &[f64]) -> Vec<f64> {
        let (n, half) = (self.matrix.size, self.matrix.half);
        let mut x = b.to_vec();
        for k in 0..n {
            x[k] /= self.at(k, k);
            for j in k + 1..=(k + 2 * half).min(n - 1) {
                x[j] -= self.at(k, j) * x[k];
            }
        }
        for k in (0..n).rev() {
            let after: f64 = (k + 1..=(k + half).min(n - 1)).map(|i| self.at(i, k) * x[i]).sum();
            x[k] -= after;
            x.swap(k, self.pivots[k]);
        }
        x
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn solves_both_ways_with_row_exchanges() {
        let (n, half) = (23, 3);
        let entry = |i: usize, j: usize| {
            if i.abs_diff(j) > half {
                0.0
            } else {
                ((i * 7 + j * 13) % 11) as f64 - if i == j { 5.0 } else { 4.0 }
            }
        };
        let mut a = Banded::zeros(n, half);
        for i in 0..n {
            for j in i.saturating_sub(half)..=(i + half).min(n - 1) {
                a.add(i, j, entry(i, j));
            }
        }
        let factors = a.factor().unwrap();
        assert!(factors.pivots.iter().enumerate().any(|(k, p)| k != *p), "no rows were exchanged");
        let b: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
        let (x, y) = (factors.solve(&b), factors.solve_transposed(&b));
        for (i, wanted) in b.iter().enumerate() {
            let back: f64 = (0..n).map(|j| entry(i, j) * x[j]).sum();
            let turned: f64 = (0..n).map(|j| entry(j, i) * y[j]).sum();
            assert!(
                (back - wanted).abs() < 1e-10 && (turned - wanted).abs() < 1e-10,
                "{i}: {back} {turned} {wanted}"
            );
        }
    }

    #[test]
    fn singular_matrices_are_refused() {
        assert!(Banded::zeros(4, 1).factor().is_none());
    }
}
