//! Elimination of a dense block with full pivoting, which finds its rank.

/// P M Q = L U of a block M, of which only the first `rank` rows and columns have pivots.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    lu: Vec<f64>,
    columns: usize,
    row_order: Vec<usize>,
    column_order: Vec<usize>,
    pub(crate) rank: usize,
}

impl Block {
    /// Stops where no entry is larger than `tiny`. Cost: rows × columns × rank.
    pub(crate) fn new(mut lu: Vec<f64>, rows: usize, columns: usize, tiny: f64) -> Self {
        let mut row_order: Vec<usize> = (0..rows).collect();
        let mut column_order: Vec<usize> = (0..columns).collect();
        let mut rank = 0;
        while rank < rows.min(columns) {
            let (mut most, mut at) = (tiny, None);
            for row in rank..rows {
                for (offset, entry) in lu[row * columns + rank..(row + 1) * columns].iter().enumerate() {
                    if entry.abs() > most {
                        (most, at) = (entry.abs(), Some((row, rank + offset)));
                    }
                }
            }
            let Some((row, column)) = at else { break };
            if row != rank {
                for k in 0..columns {
                    lu.swap(row * columns + k, rank * columns + k);
                }
                row_order.swap(row, rank);
            }
            if column != rank {
                for k in 0..rows {
                    lu.swap(k * columns + column, k * columns + rank);
                }
                column_order.swap(column, rank);
            }
            let (above, below) = lu.split_at_mut((rank + 1) * columns);
            let pivot = &above[rank * columns..];
            for row in below.chunks_exact_mut(columns) {
                if row[rank] != 0.0 {
                    let factor = row[rank] / pivot[rank];
                    row[rank] = factor;
                    for (x, p) in row[rank + 1..].iter_mut().zip(&pivot[rank + 1..]) {
                        *x -= factor * p;
                    }
                }
            }
            rank += 1;
        }
        Self { lu, columns, row_order, column_order, rank }
    }

    /// L⁻¹ P b. Entries from `rank` on belong to rows in which only zeros are left.
    pub(crate) fn forward(&self, b: &[f64]) -> Vec<f64> {
        let mut out: Vec<f64> = self.row_order.iter().map(|row| b[*row]).collect();
        for row in 1..out.len() {
            let known = row.min(self.rank);
            let factors = &self.lu[row * self.columns..][..known];
            let sum: f64 = factors.iter().zip(&out).map(|(f, y)| f * y).sum();
            out[row] -= sum;
        }
        out
    }

    /// Solves U Q⁻¹ x = y, where all unknowns without pivot are `free`.
    pub(crate) fn back(&self, y: &[f64], free: f64) -> Vec<f64> {
        let mut out = vec![free; self.columns];
        for row in (0..self.rank).rev() {
            let own = &self.lu[row * self.columns..][..self.columns];
            let sum: f64 = own[row + 1..].iter().zip(&out[row + 1..]).map(|(u, x)| u * x).sum();
            out[row] = (y[row] - sum) / own[row];
        }
        let mut x = vec![0.0; self.columns];
        for (value, column) in out.into_iter().zip(&self.column_order) {
            x[*column] = value;
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_and_finds_the_rank() {
        let m = [2.0, 1.0, 0.0, 0.0, 3.0, 1.0, 4.0, 5.0, 7.0];
        let block = Block::new(m.to_vec(), 3, 3, 1e-12);
        assert_eq!(block.rank, 3);
        let x = block.back(&block.forward(&[4.0, 9.0, 35.0]), 0.0);
        assert!(x.iter().zip([1.0, 2.0, 3.0]).all(|(x, y)| (x - y).abs() < 1e-14), "{x:?}");
        // Row 3 = row 1 + row 2; the null vector has its free unknown at 1.
        let m = [1.0, 2.0, 3.0, 0.0, 1.0, 1.0, 1.0, 3.0, 4.0];
        let block = Block::new(m.to_vec(), 3, 3, 1e-12);
        assert_eq!(block.rank, 2);
        let x = block.back(&[0.0; 3], 1.0);
        assert!(m.chunks(3).all(|r| r.iter().zip(&x).map(|(a, b)| a * b).sum::<f64>().abs() < 1e-14));
        assert!(block.forward(&[1.0, 2.0, 3.0])[2].abs() < 1e-14);
    }
}
