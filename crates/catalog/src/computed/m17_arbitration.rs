//! The least probability of war under arbitration (Hörner, Morelli and Squintani 2015), as a linear program solved over its vertices.

use armistice_scenario::EvaluationError;

use super::{Numbers, Parameters, parameter};

/// Unknowns: war probabilities of the pairs HH, HL, LL, and the share (1 − HL) b that H gets of settlements with L.
const N: usize = 4;

/// Constraints: four of incentives, eight bounds.
const M: usize = 12;

/// How far a vertex may be outside a constraint by round-off.
const OUTSIDE: f64 = 1e-11;

/// Objectives nearer than this are equal; the vertex found first stays.
const EQUAL: f64 = 1e-12;

/// A row a · x ≤ b.
type Row = ([f64; N], f64);

/// The vertex of the program at which war is least likely.
///
/// With q the share of H, θ what war leaves of the pie and φ the chance that H beats L, minimize
/// q² HH + 2q(1 − q) HL + (1 − q)² LL such that each type prefers its own report to the other's and to war, by at least `slack`.
pub(super) fn compute(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let of = |name| parameter(parameters, name);
    let (q, theta, phi, slack) = (of("q")?, of("theta")?, of("phi")?, of("slack")?);
    let rest = 1.0 - q;
    let even = theta / 2.0;
    let (strong, weak) = (phi * theta, (1.0 - phi) * theta);
    // What a type gets from a report, as constant and coefficients.
    let high = (q / 2.0, [q * (even - 0.5), rest * strong, 0.0, rest]);
    let low = (q + rest / 2.0, [0.0, q * (weak - 1.0), rest * (even - 0.5), -q]);
    let low_as_high = (q / 2.0, [q * (weak - 0.5), rest * even, 0.0, rest]);
    let high_as_low = (q + rest / 2.0, [0.0, q * (even - 1.0), rest * (strong - 0.5), -q]);
    let at_least = |(c, a): (f64, [f64; N]), (d, b): (f64, [f64; N])| -> Row {
        (std::array::from_fn(|j| b[j] - a[j]), c - d - slack)
    };
    let mut rows: Vec<Row> = vec![
        at_least(high, (q * even + rest * strong, [0.0; N])),
        at_least(low, (q * weak + rest * even, [0.0; N])),
        at_least(low, low_as_high),
        at_least(high, high_as_low),
    ];
    for j in 0..N {
        rows.push((unit(j, -1.0), 0.0));
    }
    for j in 0..N - 1 {
        rows.push((unit(j, 1.0), 1.0));
    }
    rows.push(([0.0, 1.0, 0.0, 1.0], 1.0));
    let objective = [q * q, 2.0 * q * rest, rest * rest, 0.0];
    let best = least(&rows, &objective).ok_or(EvaluationError::Domain {
        operation: "a mechanism that leaves everyone so much slack",
        argument: slack,
    })?;
    let value = dot(&objective, &best);
    Ok(Numbers::from([
        ("min_P_war", value.max(0.0)),
        ("pi_HH", best[0]),
        ("pi_HL", best[1]),
        ("pi_LL", best[2]),
        ("settled_share", best[3]),
    ]))
}

fn unit(j: usize, x: f64) -> [f64; N] {
    std::array::from_fn(|i| if i == j { x } else { 0.0 })
}

fn dot(a: &[f64; N], x: &[f64; N]) -> f64 {
    a.iter().zip(x).map(|(a, x)| a * x).sum()
}

/// The vertex with the least objective: every choice of N of the M rows is tried.
fn least(rows: &[Row], objective: &[f64; N]) -> Option<[f64; N]> {
    let mut best: Option<([f64; N], f64)> = None;
    for mask in 0u32..1 << M {
        if mask.count_ones() as usize != N {
            continue;
        }
        let chosen: Vec<Row> =
            rows.iter().enumerate().filter(|(i, _)| mask & (1 << i) != 0).map(|(_, row)| *row).collect();
        let Some(x) = vertex(&chosen) else { continue };
        if rows.iter().any(|(a, b)| dot(a, &x) > b + OUTSIDE) {
            continue;
        }
        let value = dot(objective, &x);
        if best.is_none_or(|(_, least)| value < least - EQUAL) {
            best = Some((x, value));
        }
    }
    best.map(|(x, _)| x)
}

/// The point at which N rows hold with equality, by elimination with pivoting; `None` where there is no single one.
fn vertex(rows: &[Row]) -> Option<[f64; N]> {
    let mut m: Vec<[f64; N + 1]> =
        rows.iter().map(|(a, b)| std::array::from_fn(|j| if j < N { a[j] } else { *b })).collect();
    for column in 0..N {
        let pivot = (column..N).max_by(|i, k| m[*i][column].abs().total_cmp(&m[*k][column].abs()))?;
        if m[pivot][column].abs() < EQUAL {
            return None;
        }
        m.swap(column, pivot);
        let lead = m[column];
        for (i, row) in m.iter_mut().enumerate() {
            if i != column {
                let factor = row[column] / lead[column];
                for (x, l) in row.iter_mut().zip(&lead) {
                    *x -= factor * l;
                }
            }
        }
    }
    Some(std::array::from_fn(|j| m[j][N] / m[j][j]))
}
