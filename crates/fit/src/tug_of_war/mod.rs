//! The tug of war: two rivals for support, month after month, each of whom attacks or does not.
//!
//! Crisman-Cox and Gibilisco, *Tug of War*. A public state s (who leads, by how much) moves with both sides' attacks, s' ~ N(γ₀ + γ₁a_H + γ₂a_F + γ₃s + γ₄a_H s +
//! γ₅a_F s, σ²), on a grid. Side i earns β_i s + κ_i a_i and an extreme-value error in each period and discounts by δ. With W_i(s) the value of a state and
//! D_i(s) the advantage of attacking in it, p_i = 1/(1 + exp(−D_i)), j the other side and E_i(a, b) = Σ f(s'|s, a, b) W_i(s'), a Markov perfect equilibrium solves
//!
//!   W_i = β_i s + δ[(1 − p_j)E_i(0, 0) + p_j E_i(0, 1)] + ln(1 + exp D_i)
//!   D_i = κ_i + δ[(1 − p_j)(E_i(1, 0) − E_i(0, 0)) + p_j(E_i(1, 1) − E_i(0, 1))]
//!
//! where the first argument is i's own action. Newton's method eliminates the two D of a state first; what remains is banded, since states move a little
//! at a time. The gradient of any function of D in (β, κ) takes one transposed solve more (the adjoint).

mod estimate;
mod solve;

pub use estimate::{Choices, TugOptimum, search};
pub use solve::{Play, solve};

use crate::error::{FitError, Problem};
use crate::special::normal;

/// How the state moves.
#[derive(Clone, Debug)]
pub struct Dynamics {
    /// The grid of states, evenly spaced.
    pub states: Vec<f64>,
    /// The discount factor.
    pub discount: f64,
    /// By actions (2·a_H + a_F) and state: the first state that can follow, and the probabilities of it and those after it.
    pub(crate) next: [Vec<(usize, Vec<f64>)>; 4],
    /// How many states away the next one can be.
    pub(crate) reach: usize,
}

/// Probabilities below this are taken as 0, and the rest scaled up: as in the published model, whose numbers depend on it.
const LEAST: f64 = 1e-8;

impl Dynamics {
    /// The law of motion from its coefficients γ₀…γ₅ and σ.
    ///
    /// # Errors
    /// When states are not evenly spaced and rising, σ is not positive, or the discount factor is not within (0, 1).
    pub fn new(states: Vec<f64>, gamma: [f64; 6], sigma: f64, discount: f64) -> Result<Self, FitError> {
        let mut problems = Vec::new();
        let step = states.get(1).zip(states.first()).map_or(0.0, |(b, a)| b - a);
        let even = states.windows(2).all(|w| (w[1] - w[0] - step).abs() <= 1e-6 * step);
        if states.len() < 3 || !(step > 0.0) || !even {
            problems.push(Problem::new("states must be at least three, rising in even steps"));
        }
        if !(sigma > 0.0 && sigma.is_finite()) {
            problems.push(Problem::new(format!("the standard deviation {sigma} is not a number above 0")));
        }
        if !(discount > 0.0 && discount < 1.0) {
            problems.push(Problem::new(format!("the discount factor {discount} is not between 0 and 1")));
        }
        if gamma.iter().any(|g| !g.is_finite()) {
            problems.push(Problem::new("a coefficient of the law of motion is missing"));
        }
        if !problems.is_empty() {
            return Err(FitError::Invalid(problems));
        }
        let row = |s: f64, h: f64, f: f64| {
            let mean =
                gamma[0] + gamma[1] * h + gamma[2] * f + gamma[3] * s + gamma[4] * h * s + gamma[5] * f * s;
            let below = |x: f64| normal((x + 0.5 * step - mean) / sigma);
            let last = states.len() - 1;
            let cell = |j: usize| match j {
                0 => below(states[0]),
                _ if j == last => 1.0 - below(states[last] - step),
                _ => below(states[j]) - below(states[j] - step),
            };
            let all: Vec<f64> = (0..=last).map(cell).map(|p| if p < LEAST { 0.0 } else { p }).collect();
            let first = all.iter().position(|p| *p > 0.0).unwrap_or(0);
            let end = all.iter().rposition(|p| *p > 0.0).unwrap_or(0);
            let sum: f64 = all.iter().sum();
            (first, all[first..=end].iter().map(|p| p / sum).collect::<Vec<f64>>())
        };
        let next = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
            .map(|(h, f)| states.iter().map(|&s| row(s, h, f)).collect::<Vec<_>>());
        let away = |(s, (first, row)): (usize, &(usize, Vec<f64>))| {
            s.abs_diff(*first).max(s.abs_diff(first + row.len() - 1))
        };
        let reach = next.iter().flat_map(|rows| rows.iter().enumerate().map(away)).max().unwrap_or(0);
        Ok(Self { states, discount, next, reach })
    }

    /// The state of the grid that is nearest to a value.
    #[must_use]
    pub fn nearest(&self, value: f64) -> usize {
        let distance = |at: &usize| (self.states[*at] - value).abs();
        (0..self.states.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
    }
}
