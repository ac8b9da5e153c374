//! Small dense symmetric systems: as many unknowns as a model has coefficients.

/// A square matrix in rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Square {
    /// Rows and columns.
    pub size: usize,
    /// Entries, row by row.
    pub entries: Vec<f64>,
}

impl Square {
    /// Zeros.
    #[must_use]
    pub fn zeros(size: usize) -> Self {
        Self { size, entries: vec![0.0; size * size] }
    }

    /// Entry in a row and a column.
    #[must_use]
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.entries[row * self.size + column]
    }

    /// The entry, to be changed.
    pub fn at_mut(&mut self, row: usize, column: usize) -> &mut f64 {
        &mut self.entries[row * self.size + column]
    }

    /// The diagonal.
    #[must_use]
    pub fn diagonal(&self) -> Vec<f64> {
        (0..self.size).map(|i| self.at(i, i)).collect()
    }

    /// Matrix times vector.
    #[must_use]
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        self.entries.chunks(self.size.max(1)).map(|row| dot(row, x)).collect()
    }

    /// Matrix times matrix.
    #[must_use]
    pub fn product(&self, other: &Self) -> Self {
        let mut out = Self::zeros(self.size);
        for i in 0..self.size {
            for k in 0..self.size {
                let a = self.at(i, k);
                for j in 0..self.size {
                    *out.at_mut(i, j) += a * other.at(k, j);
                }
            }
        }
        out
    }

    /// The transpose.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut out = Self::zeros(self.size);
        for i in 0..self.size {
            for j in 0..self.size {
                *out.at_mut(j, i) = self.at(i, j);
            }
        }
        out
    }

    /// A⁻¹ of any matrix, by elimination with row exchanges; `None` where a pivot is below 1e-14 of its column. Cost: 2n³.
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        let n = self.size;
        let (mut left, mut right) = (self.clone(), Self::zeros(n));
        (0..n).for_each(|i| *right.at_mut(i, i) = 1.0);
        for k in 0..n {
            let column = (0..n).map(|i| self.at(i, k).abs()).fold(0.0, f64::max);
            let pivot = (k..n).max_by(|a, b| left.at(*a, k).abs().total_cmp(&left.at(*b, k).abs()))?;
            if !(left.at(pivot, k).abs() > 1e-14 * column) {
                return None;
            }
            for j in 0..n {
                left.entries.swap(k * n + j, pivot * n + j);
                right.entries.swap(k * n + j, pivot * n + j);
            }
            let scale = left.at(k, k).recip();
            for j in 0..n {
                *left.at_mut(k, j) *= scale;
                *right.at_mut(k, j) *= scale;
            }
            for i in (0..n).filter(|i| *i != k) {
                let factor = left.at(i, k);
                for j in 0..n {
                    *left.at_mut(i, j) -= factor * left.at(k, j);
                    *right.at_mut(i, j) -= factor * right.at(k, j);
                }
            }
        }
        right.entries.iter().all(|x| x.is_finite()).then_some(right)
    }

    /// xᵀ A y.
    #[must_use]
    pub fn form(&self, x: &[f64], y: &[f64]) -> f64 {
        dot(x, &self.times(y))
    }

    /// Copies the lower triangle onto the upper one.
    pub fn mirror(&mut self) {
        for i in 0..self.size {
            for j in 0..i {
                *self.at_mut(j, i) = self.at(i, j);
            }
        }
    }

    /// Adds `factor` · x xᵀ to the lower triangle.
    pub fn add_outer(&mut self, factor: f64, x: &[f64]) {
        for (i, xi) in x.iter().enumerate() {
            let row = &mut self.entries[i * self.size..=i * self.size + i];
            for (entry, xj) in row.iter_mut().zip(x) {
                *entry += factor * xi * xj;
            }
        }
    }
}

/// Σ xᵢ yᵢ.
#[must_use]
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

/// The factor L of a positive definite matrix A = L Lᵀ.
#[derive(Clone, Debug)]
pub struct Cholesky {
    factor: Square,
}

impl Cholesky {
    /// Factors the lower triangle, or fails where a pivot, relative to the diagonal entry it came from, falls below `relative`; the
    /// failure names that position. Cost: n³/6 multiplications.
    pub fn new(a: &Square, relative: f64) -> Result<Self, usize> {
        let n = a.size;
        let mut factor = Square::zeros(n);
        for j in 0..n {
            for i in j..n {
                let (row_i, row_j) = (i * n, j * n);
                let below = dot(&factor.entries[row_i..row_i + j], &factor.entries[row_j..row_j + j]);
                let value = a.at(i, j) - below;
                if i == j {
                    let positive = value > relative * a.at(j, j).abs() && value.is_finite();
                    if !positive || !(value > 0.0) {
                        return Err(j);
                    }
                    *factor.at_mut(j, j) = value.sqrt();
                } else {
                    *factor.at_mut(i, j) = value / factor.at(j, j);
                }
            }
        }
        Ok(Self { factor })
    }

    /// A⁻¹ b.
    #[must_use]
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.factor.size;
        let mut x = self.half_solve(b);
        for i in (0..n).rev() {
            let after: f64 = (i + 1..n).map(|k| self.factor.at(k, i) * x[k]).sum();
            x[i] = (x[i] - after) / self.factor.at(i, i);
        }
        x
    }

    /// L⁻¹ b.
    #[must_use]
    pub fn half_solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.factor.size;
        let mut x = b.to_vec();
        for i in 0..n {
            let before = dot(&self.factor.entries[i * n..i * n + i], &x[..i]);
            x[i] = (x[i] - before) / self.factor.at(i, i);
        }
        x
    }

    /// L x: with x standard normal, a draw with covariance A.
    #[must_use]
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        let n = self.factor.size;
        (0..n).map(|i| dot(&self.factor.entries[i * n..=i * n + i], &x[..=i])).collect()
    }

    /// A⁻¹.
    #[must_use]
    pub fn inverse(&self) -> Square {
        let n = self.factor.size;
        let mut out = Square::zeros(n);
        for j in 0..n {
            let mut unit = vec![0.0; n];
            unit[j] = 1.0;
            for (i, value) in self.solve(&unit).into_iter().enumerate() {
                *out.at_mut(i, j) = value;
            }
        }
        // Exactly symmetric, whatever the rounding.
        for i in 0..n {
            for j in 0..i {
                let mean = 0.5 * (out.at(i, j) + out.at(j, i));
                *out.at_mut(i, j) = mean;
                *out.at_mut(j, i) = mean;
            }
        }
        out
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn solves_and_inverts() {
        let a = Square { size: 3, entries: vec![4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0] };
        let cholesky = Cholesky::new(&a, 1e-14).unwrap();
        let x = cholesky.solve(&[1.0, -2.0, 0.5]);
        let back = a.times(&x);
        for (got, wanted) in back.iter().zip([1.0, -2.0, 0.5]) {
            assert!((got - wanted).abs() < 1e-14);
        }
        let unit = a.product(&cholesky.inverse());
        for i in 0..3 {
            for j in 0..3 {
                assert!((unit.at(i, j) - f64::from(u8::from(i == j))).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn inverts_what_is_not_symmetric() {
        let a = Square { size: 3, entries: vec![0.0, 2.0, 0.6, -2.0, 5.0, 1.0, 0.6, 1.0, 3.0] };
        let unit = a.product(&a.inverse().unwrap());
        for i in 0..3 {
            for j in 0..3 {
                assert!((unit.at(i, j) - f64::from(u8::from(i == j))).abs() < 1e-14);
            }
        }
        assert_eq!(Square { size: 2, entries: vec![1.0, 2.0, 2.0, 4.0] }.inverse(), None);
    }

    #[test]
    fn names_the_dependent_position() {
        let a = Square { size: 3, entries: vec![1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0] };
        assert_eq!(Cholesky::new(&a, 1e-12).map(|_| ()), Err(1));
    }
}
