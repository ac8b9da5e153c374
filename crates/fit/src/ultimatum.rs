//! The ultimatum game with secret reservation values, after Ramsay and Signorino (2009).
//!
//! Player 1 offers y out of Q; player 2 accepts or both fall back on their reservation values R₁ + ε₁ and R₂ + ε₂, with logistic errors of scales
//! s₁ and s₂ that only their owners know. Player 2 accepts with probability F(y) = 1/(1 + exp(−(y − R₂)/s₂)), so the best offer solves
//!
//!   ε₁ = e(y) := Q − y − R₁ − s₂ (1 + exp((y − R₂)/s₂)),
//!
//! which falls in y: offers have density f(e(y); s₁) · (1 + exp((y − R₂)/s₂)) inside, and at the least and the greatest offer the mass of all
//! secrets for which the best offer would be beyond.

use crate::jet::Jet;
use crate::likelihood::Model;
use crate::special::log_logistic;
use crate::strategic::{Utility, with_constant};

/// An ultimatum model with what was observed.
#[derive(Clone, Debug)]
pub struct Ultimatum {
    /// R₁, R₂, ln s₁, ln s₂: numbers, or linear indices.
    pub parts: [Utility; 4],
    /// Offers.
    pub offers: Vec<f64>,
    /// Whether each was accepted; empty where only offers are modeled.
    pub accepted: Vec<bool>,
    /// The least and the greatest offer possible.
    pub range: [f64; 2],
    /// Densities and probabilities below this count as this, with no slope. 0 gives the exact likelihood; published fits have used the
    /// machine's ε, which takes observations that a model all but excludes out of it.
    pub floor: f64,
}

impl Ultimatum {
    fn parts<const N: usize>(&self, eta: &[f64]) -> [Jet<N>; 4] {
        self.parts.map(|part| match part {
            Utility::Fixed(value) => Jet::constant(value),
            Utility::Index(index) => Jet::variable(eta[index], index),
        })
    }

    /// e(y)/s₁ and 1 + exp((y − R₂)/s₂).
    fn secret<const N: usize>(&self, y: f64, parts: &[Jet<N>; 4]) -> (Jet<N>, Jet<N>) {
        let [r1, r2, ln_s1, ln_s2] = *parts;
        let odds = ((-r2).shifted(y) * (-ln_s2).exp()).exp().shifted(1.0);
        let e = (-r1).shifted(self.range[1] - y) - ln_s2.exp() * odds;
        (e * (-ln_s1).exp(), odds)
    }

    fn log_density<const N: usize>(&self, i: usize, eta: &[f64], g: &mut [f64], h: &mut [f64]) -> f64 {
        let y = self.offers[i];
        let parts = self.parts::<N>(eta);
        let (z, odds) = self.secret(y, &parts);
        let chain = |z: &Jet<N>, sign: f64| {
            let [value, first, second] = log_logistic(sign * z.value);
            z.chain(value, sign * first, second)
        };
        let offer = if y <= self.range[0] {
            chain(&z, -1.0)
        } else if y >= self.range[1] {
            chain(&z, 1.0)
        } else {
            chain(&z, 1.0) + chain(&z, -1.0) - parts[2] + odds.ln()
        };
        let mut sum = self.floored(offer);
        if let Some(&accepted) = self.accepted.get(i) {
            let advantage = (-parts[1]).shifted(y) * (-parts[3]).exp();
            sum = sum + self.floored(chain(&advantage, if accepted { 1.0 } else { -1.0 }));
        }
        sum.write(g, h)
    }

    fn floored<const N: usize>(&self, log: Jet<N>) -> Jet<N> {
        let floor = self.floor.ln();
        if log.value < floor { Jet::constant(floor) } else { log }
    }

    /// The offer of a player 1 with ε₁ = 0, and the probability that it is accepted: value and gradient of one of the two.
    fn middle<const N: usize>(&self, accepted: bool, eta: &[f64], g: &mut [f64]) -> f64 {
        let parts = self.parts::<N>(eta);
        let [low, high] = self.range;
        let (mut a, mut b) = (low, high);
        // e falls from one end to the other: bisection down to the last bit.
        for _ in 0..200 {
            let middle = 0.5 * (a + b);
            if self.secret(middle, &parts).0.value > 0.0 { a = middle } else { b = middle }
        }
        let y = 0.5 * (a + b);
        let inside = y > low && y < high && a > low && b < high;
        let (z, odds) = self.secret(y, &parts);
        // dy/dη = −(∂z/∂η) / (∂z/∂y), and ∂z/∂y = −odds/s₁.
        let slope = -odds.value * (-parts[2].value).exp();
        let mut offer = Jet::<N>::constant(y);
        if inside {
            for (o, z) in offer.gradient.iter_mut().zip(z.gradient) {
                *o = -z / slope;
            }
        }
        let out = if accepted {
            let advantage = (offer - parts[1]) * (-parts[3]).exp();
            let p = crate::special::logistic(advantage.value);
            advantage.chain(p, p * (1.0 - p), 0.0)
        } else {
            offer
        };
        g.copy_from_slice(&out.gradient);
        out.value
    }
}

impl Model for Ultimatum {
    fn indices(&self) -> usize {
        self.parts.iter().filter(|part| matches!(part, Utility::Index(_))).count()
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

    fn quantities(&self) -> Vec<String> {
        vec!["offer".to_owned(), "P(accept)".to_owned()]
    }

    fn quantity(&self, quantity: usize, eta: &[f64], gradient: &mut [f64]) -> f64 {
        with_constant!(self, eta.len(), middle(quantity == 1, eta, gradient))
    }
}
