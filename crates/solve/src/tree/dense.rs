//! Small dense algebra on rows: every loop runs over contiguous columns, so that its bits do not depend on vector widths.

/// `row += factor × from`.
#[inline(always)]
pub(crate) fn add(row: &mut [f64], factor: f64, from: &[f64]) {
    if factor != 0.0 {
        for (x, f) in row.iter_mut().zip(from) {
            *x += factor * f;
        }
    }
}

#[inline(always)]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// exp(x) / Σ exp(x); all of equal weight where every x is −∞.
pub(crate) fn softmax(x: &[f64], out: &mut [f64]) {
    let top = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        out.fill(1.0 / x.len().max(1) as f64);
        return;
    }
    let mut total = 0.0;
    for (o, x) in out.iter_mut().zip(x) {
        // Denormal numbers would only slow everything down.
        *o = if x - top < -600.0 { 0.0 } else { (x - top).exp() };
        total += *o;
    }
    out.iter_mut().for_each(|o| *o /= total);
}

/// Subtracts ln Σ exp over the rows of every column of a table with `columns` columns.
pub(crate) fn normalize_columns(table: &mut [f64], columns: usize) {
    for column in 0..columns {
        let own = || (column..table.len()).step_by(columns);
        let top = own().map(|i| table[i]).fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = own().map(|i| (table[i] - top).exp()).sum();
        let level = top + total.ln();
        for i in (column..table.len()).step_by(columns) {
            table[i] -= level;
        }
    }
}

/// Solves the `n` × `n` system in the first columns of `rows` (row length `width`) for the right-hand sides in the others, in place, with
/// partial pivoting; returns the sign of the determinant.
///
/// A pivot that vanishes is nudged instead of dividing by zero: the caller sees a bad step, not a NaN.
#[inline(always)]
pub(crate) fn solve(rows: &mut [f64], n: usize, width: usize) -> f64 {
    let mut sign = 1.0;
    for column in 0..n {
        let mut pivot = column;
        for row in column + 1..n {
            if rows[row * width + column].abs() > rows[pivot * width + column].abs() {
                pivot = row;
            }
        }
        if pivot != column {
            let (above, below) = rows.split_at_mut(pivot * width);
            above[column * width + column..][..width - column].swap_with_slice(&mut below[column..width]);
            sign = -sign;
        }
        let (above, below) = rows.split_at_mut((column + 1) * width);
        let own = &mut above[column * width..];
        let mut value = own[column];
        if value.abs() < 1e-300 {
            value = 1e-300;
        }
        if value < 0.0 {
            sign = -sign;
        }
        let inverse = 1.0 / value;
        own[column..].iter_mut().for_each(|x| *x *= inverse);
        for row in below[..(n - column - 1) * width].chunks_exact_mut(width) {
            let factor = row[column];
            if factor != 0.0 {
                row[column] = 0.0;
                add(&mut row[column + 1..], -factor, &own[column + 1..]);
            }
        }
    }
    // Back, only in the right-hand sides.
    for column in (1..n).rev() {
        let (above, below) = rows.split_at_mut(column * width);
        let own = &below[n..width];
        for row in above.chunks_exact_mut(width) {
            let factor = row[column];
            if factor != 0.0 {
                add(&mut row[n..], -factor, own);
            }
        }
    }
    sign
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_and_knows_the_sign() {
        // [0 2; 3 1] x = [4, 5] has x = (1, 2) and determinant −6.
        let mut rows = vec![0.0, 2.0, 4.0, 3.0, 1.0, 5.0];
        let sign = solve(&mut rows, 2, 3);
        assert_eq!(sign, -1.0);
        assert!((rows[2] - 1.0).abs() < 1e-15 && (rows[5] - 2.0).abs() < 1e-15, "{rows:?}");
    }
}
