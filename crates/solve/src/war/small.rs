//! Dense systems of a few unknowns, one per lane.

use super::lanes::F8;

/// Solves the `n` × `n` system in the first columns of `rows` (row length `width`) for all right-hand sides in the others,
/// in place: afterwards columns `n..width` hold the solutions. Partial pivoting, lane by lane, for n > 2.
///
/// A singular pivot is nudged instead of dividing by zero: the caller sees a bad step, not a NaN, and falls back.
///
/// Returns numbers with the signs of the determinants.
#[inline(always)]
pub(crate) fn solve(rows: &mut [F8], n: usize, width: usize) -> F8 {
    match n {
        1 => {
            let determinant = nudge(rows[0]);
            let inverse = F8::ONE / determinant;
            for x in &mut rows[1..width] {
                *x = *x * inverse;
            }
            determinant
        }
        2 => {
            let (a, b, c, d) = (rows[0], rows[1], rows[width], rows[width + 1]);
            let determinant = nudge(a * d - b * c);
            let inverse = F8::ONE / determinant;
            for column in 2..width {
                let (p, q) = (rows[column], rows[width + column]);
                rows[column] = (d * p - b * q) * inverse;
                rows[width + column] = (a * q - c * p) * inverse;
            }
            determinant
        }
        _ => F8(std::array::from_fn(|lane| solve_lane(rows, n, width, lane))),
    }
}

#[inline(always)]
fn nudge(pivot: F8) -> F8 {
    pivot.map(|p| if p.abs() < 1e-14 { if p < 0.0 { -1e-14 } else { 1e-14 } } else { p })
}

fn solve_lane(rows: &mut [F8], n: usize, width: usize, lane: usize) -> f64 {
    let mut sign = 1.0;
    for column in 0..n {
        let mut pivot = column;
        for row in column + 1..n {
            if rows[row * width + column].0[lane].abs() > rows[pivot * width + column].0[lane].abs() {
                pivot = row;
            }
        }
        if pivot != column {
            sign = -sign;
            for j in column..width {
                let held = rows[pivot * width + j].0[lane];
                rows[pivot * width + j].0[lane] = rows[column * width + j].0[lane];
                rows[column * width + j].0[lane] = held;
            }
        }
        let value = rows[column * width + column].0[lane];
        let value = if value.abs() < 1e-14 { 1e-14 } else { value };
        sign = if value < 0.0 { -sign } else { sign };
        for j in column..width {
            rows[column * width + j].0[lane] /= value;
        }
        for row in (0..n).filter(|row| *row != column) {
            let factor = rows[row * width + column].0[lane];
            if factor != 0.0 {
                for j in column..width {
                    let held = rows[column * width + j].0[lane];
                    rows[row * width + j].0[lane] -= factor * held;
                }
            }
        }
    }
    sign
}
