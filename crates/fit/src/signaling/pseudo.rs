//! Pseudo-likelihood: choices that are best replies to given beliefs, and the nested version that makes the beliefs consistent.
//!
//! Aguirregabiria and Mira (2007), Econometrica 75:1–53; Crisman-Cox and Gibilisco (2021) for this game.

use armistice_solve::Control;

use super::{Payoffs, challenges, endings, indices, parts, payoffs, quantities, resolve, threshold, total};
use crate::error::FitError;
use crate::jet::Jet;
use crate::likelihood::{Design, Likelihood, Model, Moving};
use crate::optimize::{Maximum, Status, Stopping, maximize};
use crate::strategic::{Utility, with_constant};

/// What players believe in each observation: P(resist), P(fight | challenge).
#[derive(Clone, Debug, PartialEq)]
pub struct Beliefs(pub Vec<[f64; 2]>);

/// Nested iterations after which beliefs that still move are reported as not consistent.
pub const MOST_ITERATIONS: usize = 1000;

/// Change of a belief or coefficient below which a bootstrap replicate is done: far below what 1000 replicates can tell.
const AGAIN: f64 = 1e-6;

/// Beliefs are kept this far from 0 and 1, where best replies are not defined.
const EDGE: f64 = 1e-10;

impl Beliefs {
    /// The same for all observations: shares among all that was observed, with half an observation added on either side.
    #[must_use]
    pub fn pooled(counts: &[[f64; 4]]) -> Self {
        let mut sum = [0.0; 4];
        for row in counts {
            sum.iter_mut().zip(row).for_each(|(s, n)| *s += n);
        }
        let [_, concede, war, back] = sum;
        let resist = (war + back + 0.5) / (concede + war + back + 1.0);
        let fight = (war + 0.5) / (war + back + 1.0);
        Self(vec![[resist, fight]; counts.len()])
    }
}

/// Where beliefs come from, on which errors depend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// They are known.
    Given,
    /// Shares among all that was observed, see [`Beliefs::pooled`].
    Pooled,
    /// Best replies to themselves at the estimate: the nested pseudo-likelihood.
    Nested,
}

/// Choices as best replies to given beliefs.
#[derive(Clone, Debug)]
pub struct Pseudo {
    pub(super) utilities: [Utility; 7],
    pub(super) counts: Vec<[f64; 4]>,
    beliefs: Beliefs,
    pub(super) source: Source,
}

impl Pseudo {
    /// The model with its data and beliefs.
    #[must_use]
    pub fn new(utilities: [Utility; 7], counts: Vec<[f64; 4]>, beliefs: Beliefs, source: Source) -> Self {
        Self { utilities, counts, beliefs, source }
    }

    /// P(resist) and P(fight | challenge) as believed in a row.
    pub(super) fn believed(&self, row: usize) -> [f64; 2] {
        self.beliefs.0[row].map(|p| p.clamp(EDGE, 1.0 - EDGE))
    }

    fn log_density<const N: usize>(&self, i: usize, eta: &[f64], g: &mut [f64], h: &mut [f64]) -> f64 {
        let u = parts::<N>(&self.utilities, eta);
        let [resist, fight] = self.believed(i);
        let c = threshold(&u, &Jet::constant(resist));
        let hk = challenges(&u, &c);
        let z = resolve(&u, &Jet::constant(fight));
        total(&self.counts[i], &endings(&u, &c, &hk, &z)).write(g, h)
    }

    /// Best replies to the beliefs at given coefficients.
    fn replies(&self, design: &Design, point: &[f64]) -> Beliefs {
        let mut eta = vec![0.0; self.indices()];
        let one = |i: usize| {
            design.indices_of(design.row(i), point, &mut eta);
            let game: Payoffs = payoffs(&self.utilities, &eta);
            let [resist, fight] = self.believed(i);
            game.replies(resist, fight)
        };
        Beliefs((0..self.beliefs.0.len()).map(one).collect())
    }
}

impl Model for Pseudo {
    fn indices(&self) -> usize {
        indices(&self.utilities)
    }

    fn log_likelihood(
        &self,
        observation: usize,
        eta: &[f64],
        gradient: &mut [f64],
        hessian: &mut [f64],
    ) -> f64 {
        with_constant!(self, eta.len(), log_density(observation, eta, gradient, hessian))
    }

    fn moving(&self, design: &Design, point: &[f64]) -> Option<Moving> {
        self.moving_score(design, point)
    }

    fn again(&self, design: &Design, weights: &[f64], start: &[f64]) -> Option<Maximum> {
        let weighted = |(row, weight): (&[f64; 4], &f64)| row.map(|n| n * weight);
        let counts: Vec<[f64; 4]> = self.counts.iter().zip(weights).map(weighted).collect();
        let (beliefs, most) = match self.source {
            Source::Given => return None,
            Source::Pooled => (Beliefs::pooled(&counts), 1),
            Source::Nested => (self.beliefs.clone(), MOST_ITERATIONS),
        };
        let model = Self::new(self.utilities, counts, beliefs, self.source);
        let end = iterate(model, design, start, most, AGAIN, &Control::default()).ok()?;
        let mut maximum = end.maximum;
        if most > 1 && end.change > AGAIN {
            // Beliefs that still move are no fixed point.
            maximum.status = Status::Stalled;
        }
        Some(maximum)
    }

    fn quantities(&self) -> Vec<String> {
        quantities()
    }

    /// The first equilibrium at these indices: what the game predicts once beliefs are consistent.
    fn quantity(&self, quantity: usize, eta: &[f64], gradient: &mut [f64]) -> f64 {
        let game = super::Signaling {
            utilities: self.utilities,
            counts: Vec::new(),
            selection: super::Selection::Lowest,
        };
        game.quantity(quantity, eta, gradient)
    }
}

/// How the nested pseudo-likelihood ended.
#[derive(Clone, Debug)]
pub struct Iterations {
    /// The last maximization.
    pub maximum: Maximum,
    /// The model with its last beliefs.
    pub model: Pseudo,
    /// Iterations.
    pub iterations: usize,
    /// Largest change of a belief or coefficient in the last one.
    pub change: f64,
}

/// Maximizes the pseudo-likelihood, replaces beliefs by best replies, and so on until nothing moves by more than `tolerance`.
///
/// # Errors
/// When canceled.
pub fn iterate(
    mut model: Pseudo,
    design: &Design,
    start: &[f64],
    most: usize,
    tolerance: f64,
    control: &Control<'_>,
) -> Result<Iterations, FitError> {
    let mut point = start.to_vec();
    let mut done = 0;
    loop {
        if control.cancel.is_canceled() {
            return Err(FitError::Canceled);
        }
        control.report("iterating", done as u64, Some(most as u64));
        let maximum = maximize(&Likelihood::new(&model, design), &point, &Stopping::default());
        done += 1;
        let replies = model.replies(design, &maximum.point);
        let pairs = replies.0.iter().zip(&model.beliefs.0);
        let moved = pairs.flat_map(|(a, b)| [(a[0] - b[0]).abs(), (a[1] - b[1]).abs()]);
        let shifted = maximum.point.iter().zip(&point).map(|(a, b)| (a - b).abs());
        let change = moved.chain(shifted).fold(0.0, f64::max);
        if done >= most || change <= tolerance || !maximum.value().is_finite() {
            return Ok(Iterations { maximum, model, iterations: done, change });
        }
        point.clone_from(&maximum.point);
        model.beliefs = replies;
    }
}
