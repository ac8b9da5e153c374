//! One equilibrium of the tug of war, by Newton's method.

#![expect(
    clippy::needless_range_loop,
    reason = "sides and actions index several arrays at once, as in the equations"
)]

use super::Dynamics;
use crate::banded::{Banded, Factors};
use crate::special::logistic;

/// Payoffs β_H, β_F, κ_H, κ_F.
pub type Payoffs = [f64; 4];

/// A point of the game: values of states and advantages of attacking, by state and side (H, F).
#[derive(Clone, Debug, PartialEq)]
pub struct Play {
    /// W.
    pub values: Vec<[f64; 2]>,
    /// D.
    pub advantages: Vec<[f64; 2]>,
    /// Largest amount by which an equation is missed, in units of utility.
    pub residual: f64,
}

impl Play {
    /// Nobody expects anything.
    #[must_use]
    pub fn blank(states: usize) -> Self {
        Self { values: vec![[0.0; 2]; states], advantages: vec![[0.0; 2]; states], residual: f64::INFINITY }
    }
}

/// An equilibrium with what derivatives need.
pub(crate) struct Solved {
    pub play: Play,
    factors: Factors,
    lines: Vec<Line>,
}

/// The linearized equations of one state.
struct Line {
    /// ∂(first equations)/∂D and ∂(second equations)/∂D.
    first: [[f64; 2]; 2],
    second: [[f64; 2]; 2],
}

/// Most Newton steps.
const STEPS: usize = 80;

/// Residual at which the equations count as solved: round-off of values in the thousands.
const SOLVED: f64 = 1e-10;

/// E_i(own, other) at a state for both sides: `[side][own][other]`.
fn expectations(dynamics: &Dynamics, values: &[[f64; 2]], s: usize) -> [[[f64; 2]; 2]; 2] {
    let mut out = [[[0.0; 2]; 2]; 2];
    for h in 0..2 {
        for f in 0..2 {
            let (first, row) = &dynamics.next[2 * h + f][s];
            let mut sum = [0.0; 2];
            for (p, w) in row.iter().zip(&values[*first..]) {
                sum[0] += p * w[0];
                sum[1] += p * w[1];
            }
            out[0][h][f] = sum[0];
            out[1][f][h] = sum[1];
        }
    }
    out
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// What each equation is missed by at a state: `[first, second][side]`.
fn misses(dynamics: &Dynamics, payoffs: &Payoffs, play: &Play, s: usize) -> [[f64; 2]; 2] {
    let e = expectations(dynamics, &play.values, s);
    let (d, delta) = (play.advantages[s], dynamics.discount);
    let mut out = [[0.0; 2]; 2];
    for i in 0..2 {
        let p = logistic(d[1 - i]);
        let keep = payoffs[i] * dynamics.states[s] + delta * ((1.0 - p) * e[i][0][0] + p * e[i][0][1]);
        let gain = (1.0 - p) * (e[i][1][0] - e[i][0][0]) + p * (e[i][1][1] - e[i][0][1]);
        out[0][i] = play.values[s][i] - keep - softplus(d[i]);
        out[1][i] = d[i] - payoffs[2 + i] - delta * gain;
    }
    out
}

fn all_misses(dynamics: &Dynamics, payoffs: &Payoffs, play: &Play) -> (Vec<[[f64; 2]; 2]>, f64) {
    let all: Vec<_> = (0..dynamics.states.len()).map(|s| misses(dynamics, payoffs, play, s)).collect();
    let size = all
        .iter()
        .flatten()
        .flatten()
        .fold(0.0_f64, |m, x| if x.is_nan() { f64::INFINITY } else { m.max(x.abs()) });
    (all, size)
}

/// a·b of 2×2 matrices, and the inverse.
fn times(a: &[[f64; 2]; 2], b: &[[f64; 2]; 2]) -> [[f64; 2]; 2] {
    std::array::from_fn(|i| std::array::from_fn(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j]))
}

fn inverse(a: &[[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let det = a[0][0] * a[1][1] - a[0][1] * a[1][0];
    [[a[1][1] / det, -a[0][1] / det], [-a[1][0] / det, a[0][0] / det]]
}

/// Coefficients of W_i in equation `second`/first of side i at a state: by state that follows.
fn weights(
    dynamics: &Dynamics,
    play: &Play,
    s: usize,
    side: usize,
    second: bool,
    mut add: impl FnMut(usize, f64),
) {
    let p = logistic(play.advantages[s][1 - side]);
    for own in 0..2 {
        for other in 0..2 {
            let actions = if side == 0 { 2 * own + other } else { 2 * other + own };
            let chance = if other == 1 { p } else { 1.0 - p };
            let factor = match (second, own) {
                (false, 0) => chance,
                (false, _) => continue,
                (true, 1) => chance,
                (true, _) => -chance,
            };
            let (first, row) = &dynamics.next[actions][s];
            for (k, f) in row.iter().enumerate() {
                add(first + k, -dynamics.discount * factor * f);
            }
        }
    }
}

/// The Jacobian with D eliminated, factored.
fn linearize(dynamics: &Dynamics, play: &Play) -> Option<(Factors, Vec<Line>)> {
    let n = dynamics.states.len();
    let mut matrix = Banded::zeros(2 * n, (2 * dynamics.reach + 1).min(2 * n - 1));
    let mut lines = Vec::with_capacity(n);
    for s in 0..n {
        let e = expectations(dynamics, &play.values, s);
        let d = play.advantages[s];
        let (mut first, mut second) = ([[0.0; 2]; 2], [[1.0, 0.0], [0.0, 1.0]]);
        for i in 0..2 {
            let j = 1 - i;
            let q = logistic(d[j]);
            let slope = dynamics.discount * q * (1.0 - q);
            first[i][i] = -logistic(d[i]);
            first[i][j] = -slope * (e[i][0][1] - e[i][0][0]);
            second[i][j] = -slope * ((e[i][1][1] - e[i][0][1]) - (e[i][1][0] - e[i][0][0]));
        }
        let out = times(&first, &inverse(&second));
        for i in 0..2 {
            matrix.add(2 * s + i, 2 * s + i, 1.0);
            weights(dynamics, play, s, i, false, |to, w| matrix.add(2 * s + i, 2 * to + i, w));
            for (k, factor) in out[i].iter().enumerate() {
                weights(dynamics, play, s, k, true, |to, w| matrix.add(2 * s + i, 2 * to + k, -factor * w));
            }
        }
        lines.push(Line { first, second });
    }
    Some((matrix.factor()?, lines))
}

/// Solves for an equilibrium from a starting point. Steps are halved until the equations are missed by less than before.
pub(crate) fn newton(dynamics: &Dynamics, payoffs: &Payoffs, start: &Play) -> Option<Solved> {
    let n = dynamics.states.len();
    let mut play = start.clone();
    let (mut missed, mut size) = all_misses(dynamics, payoffs, &play);
    for _ in 0..STEPS {
        let (factors, lines) = linearize(dynamics, &play)?;
        // At the solution one more step costs nothing but shows that there is nothing left to gain.
        if size <= SOLVED {
            play.residual = size;
            return Some(Solved { play, factors, lines });
        }
        let mut right = vec![0.0; 2 * n];
        for s in 0..n {
            let out = times(&lines[s].first, &inverse(&lines[s].second));
            for i in 0..2 {
                right[2 * s + i] =
                    missed[s][0][i] - out[i][0] * missed[s][1][0] - out[i][1] * missed[s][1][1];
            }
        }
        let by_value = factors.solve(&right);
        let step: Vec<([f64; 2], [f64; 2])> = (0..n)
            .map(|s| {
                let w = [by_value[2 * s], by_value[2 * s + 1]];
                let mut rest = missed[s][1];
                for (i, r) in rest.iter_mut().enumerate() {
                    weights(dynamics, &play, s, i, true, |to, weight| *r -= weight * by_value[2 * to + i]);
                }
                let inverse = inverse(&lines[s].second);
                (w, std::array::from_fn(|i| inverse[i][0] * rest[0] + inverse[i][1] * rest[1]))
            })
            .collect();
        let mut length = 1.0;
        let taken = loop {
            let mut trial = play.clone();
            for (s, (w, d)) in step.iter().enumerate() {
                for i in 0..2 {
                    trial.values[s][i] -= length * w[i];
                    trial.advantages[s][i] -= length * d[i];
                }
            }
            let (there, now) = all_misses(dynamics, payoffs, &trial);
            if now < size * (1.0 - 0.1 * length) {
                break Some((trial, there, now));
            }
            length *= 0.5;
            if length < 1e-6 {
                break None;
            }
        };
        (play, missed, size) = taken?;
    }
    None
}

/// An equilibrium reached from a starting point, or, where Newton's method fails from there, by raising the discount factor step by step from 0.
#[must_use]
pub fn solve(dynamics: &Dynamics, payoffs: &Payoffs, start: &Play) -> Option<Play> {
    solved(dynamics, payoffs, start).map(|solved| solved.play)
}

pub(crate) fn solved(dynamics: &Dynamics, payoffs: &Payoffs, start: &Play) -> Option<Solved> {
    if let Some(found) = newton(dynamics, payoffs, start) {
        return Some(found);
    }
    let mut play = Play::blank(dynamics.states.len());
    let mut patience = dynamics.clone();
    let goal = dynamics.discount;
    // Horizons 1/(1 − δ) grow by a factor, which is reduced where a step is too large.
    let (mut horizon, mut factor): (f64, f64) = (1.0, 2.0);
    while factor > 1.01 {
        let next = (horizon * factor).min(1.0 / (1.0 - goal));
        patience.discount = if next >= 1.0 / (1.0 - goal) { goal } else { 1.0 - 1.0 / next };
        match newton(&patience, payoffs, &play) {
            Some(found) if patience.discount == goal => return Some(found),
            Some(found) => (play, horizon) = (found.play, next),
            None => factor = factor.sqrt(),
        }
    }
    None
}

impl Solved {
    /// The gradient of a function of D in the payoffs, from its derivatives in D: one transposed solve.
    pub(crate) fn adjoint(&self, dynamics: &Dynamics, by_advantage: &[[f64; 2]]) -> [f64; 4] {
        let n = dynamics.states.len();
        // Multipliers (λ, μ) of the two kinds of equations solve Aᵀλ + Cᵀμ = 0 and Bᵀλ + Mᵀμ = g: μ = M⁻ᵀ(g − Bᵀλ), (A − BM⁻¹C)ᵀλ = −CᵀM⁻ᵀg.
        let mut right = vec![0.0; 2 * n];
        let plain: Vec<[f64; 2]> =
            (0..n).map(|s| transposed(&inverse(&self.lines[s].second), &by_advantage[s])).collect();
        for (s, mu) in plain.iter().enumerate() {
            for (i, m) in mu.iter().enumerate().filter(|(_, m)| **m != 0.0) {
                weights(dynamics, &self.play, s, i, true, |to, w| right[2 * to + i] -= w * m);
            }
        }
        let lambda = self.factors.solve_transposed(&right);
        let mut out = [0.0; 4];
        for s in 0..n {
            let l = [lambda[2 * s], lambda[2 * s + 1]];
            let pulled = transposed(&self.lines[s].first, &l);
            let left = [by_advantage[s][0] - pulled[0], by_advantage[s][1] - pulled[1]];
            let mu = transposed(&inverse(&self.lines[s].second), &left);
            for i in 0..2 {
                // The first equations contain −β s, the second −κ.
                out[i] += dynamics.states[s] * l[i];
                out[2 + i] += mu[i];
            }
        }
        out
    }
}

/// aᵀ x.
fn transposed(a: &[[f64; 2]; 2], x: &[f64; 2]) -> [f64; 2] {
    std::array::from_fn(|j| a[0][j] * x[0] + a[1][j] * x[1])
}
