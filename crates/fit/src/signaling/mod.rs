//! The crisis-signaling game of Lewis and Schultz (2003) with all its equilibria.
//!
//! A challenges or keeps the status quo (S_A, 0); B concedes (V_A, C_B) or resists; A fights (W̄_A + ε_A, W̄_B + ε_B) or backs down (ā + ε_a, V_B). The three
//! ε are standard normal secrets of their owners. In equilibrium (Jo 2011; Crisman-Cox and Gibilisco 2021), with p = P(resist):
//!
//!   c = (S_A − (1 − p) V_A) / p                        what A must expect of a crisis to challenge
//!   h = P(W̄_A + ε_A ≥ c, ε beats backing down) = Φ₂((W̄_A − ā)/√2, W̄_A − c; 1/√2)
//!   k = Φ₂((ā − W̄_A)/√2, ā − c; 1/√2)                  the same for challenges that are bluffs
//!   P(challenge) = h + k,   F = P(fight | challenge) = h / (h + k)
//!   p = Φ((F W̄_B + (1 − F) V_B − C_B) / F)             B's best reply
//!
//! The last line is one equation in p ∈ (0, 1), with one, three or more solutions.

mod equilibria;
mod errors;
mod pseudo;

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use serde::Serialize;

use armistice_solve::Control;

pub use equilibria::{Equilibrium, Payoffs};
pub use pseudo::{Beliefs, Iterations, MOST_ITERATIONS, Pseudo, Source, iterate};

use crate::jet::Jet;
use crate::likelihood::{Design, Model};
use crate::special::{binormal, binormal_density, log_normal, normal, normal_density};
use crate::strategic::{Utility, with_constant};

/// Names of the utilities, in the order of formulas.
pub const UTILITIES: [&str; 7] = ["SA", "VA", "CB", "barWA", "barWB", "bara", "VB"];

/// Names of the endings.
pub const ENDINGS: [&str; 4] = ["status quo", "concession", "war", "backing down"];

/// Which equilibrium is played where there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Selection {
    /// For each observation the one that makes it likeliest: the maximum of the likelihood over parameters and equilibria.
    Likeliest,
    /// The one with the least resistance.
    Lowest,
    /// The one with the most resistance.
    Highest,
}

/// The signaling game with what was observed.
#[derive(Clone, Debug)]
pub struct Signaling {
    /// Utilities, in the order of [`UTILITIES`].
    pub utilities: [Utility; 7],
    /// How often each ending was observed, one row an observation.
    pub counts: Vec<[f64; 4]>,
    /// Which equilibrium is played.
    pub selection: Selection,
}

/// Utilities as jets.
type Parts<const N: usize> = [Jet<N>; 7];

fn parts<const N: usize>(utilities: &[Utility; 7], eta: &[f64]) -> Parts<N> {
    utilities.map(|u| match u {
        Utility::Fixed(value) => Jet::constant(value),
        Utility::Index(index) => Jet::variable(eta[index], index),
    })
}

fn payoffs(utilities: &[Utility; 7], eta: &[f64]) -> Payoffs {
    Payoffs(utilities.map(|u| match u {
        Utility::Fixed(value) => value,
        Utility::Index(index) => eta[index],
    }))
}

/// Φ₂(x, y; 1/√2) of jets.
fn orthant<const N: usize>(x: &Jet<N>, y: &Jet<N>) -> Jet<N> {
    let (rho, root) = (FRAC_1_SQRT_2, FRAC_1_SQRT_2);
    let (a, b) = (x.value, y.value);
    let by_x = normal_density(a) * normal((b - rho * a) / root);
    let by_y = normal_density(b) * normal((a - rho * b) / root);
    let both = binormal_density(a, b, rho);
    let second = [-a * by_x - rho * both, both, -b * by_y - rho * both];
    x.chain2(y, binormal(a, b, rho), [by_x, by_y], second)
}

/// h and k at a threshold c.
fn challenges<const N: usize>(u: &Parts<N>, c: &Jet<N>) -> [Jet<N>; 2] {
    let [_, _, _, war, _, back, _] = *u;
    let d = (war - back).scaled(1.0 / SQRT_2);
    [orthant(&d, &(war - *c)), orthant(&-d, &(back - *c))]
}

/// The threshold c at a probability of resistance.
fn threshold<const N: usize>(u: &Parts<N>, p: &Jet<N>) -> Jet<N> {
    let [status_quo, concession, ..] = *u;
    concession + (status_quo - concession) * p.recip()
}

/// B's advantage of resisting at a probability of fighting.
fn resolve<const N: usize>(u: &Parts<N>, fight: &Jet<N>) -> Jet<N> {
    let [_, _, concede, _, war, _, bluff] = *u;
    war + (bluff - concede) * fight.recip() - bluff
}

fn log_phi<const N: usize>(z: &Jet<N>, sign: f64) -> Jet<N> {
    let [value, first, second] = log_normal(sign * z.value);
    z.chain(value, sign * first, second)
}

/// Logarithms of the probabilities of the four endings, from the threshold, h, k and B's advantage.
fn endings<const N: usize>(u: &Parts<N>, c: &Jet<N>, hk: &[Jet<N>; 2], z: &Jet<N>) -> [Jet<N>; 4] {
    let [_, _, _, war, _, back, _] = *u;
    let quiet = log_phi(&(*c - war), 1.0) + log_phi(&(*c - back), 1.0);
    let resist = log_phi(z, 1.0);
    let concession = (hk[0] + hk[1]).ln() + log_phi(z, -1.0);
    [quiet, concession, hk[0].ln() + resist, hk[1].ln() + resist]
}

impl Signaling {
    /// All equilibria of an observation at given indices, by rising probability of resistance.
    #[must_use]
    pub fn equilibria(&self, eta: &[f64]) -> Vec<Equilibrium> {
        payoffs(&self.utilities, eta).equilibria()
    }

    /// The equilibrium that is played, given what was observed, if anything was.
    pub(crate) fn selected(&self, observation: Option<usize>, eta: &[f64]) -> Option<Equilibrium> {
        let all = self.equilibria(eta);
        match (self.selection, observation) {
            (Selection::Lowest, _) | (Selection::Likeliest, None) => all.first().copied(),
            (Selection::Highest, _) => all.last().copied(),
            (Selection::Likeliest, Some(i)) => {
                let log = |e: &Equilibrium| weighted(&self.counts[i], &e.log_probabilities());
                all.into_iter().max_by(|a, b| log(a).total_cmp(&log(b)))
            }
        }
    }

    /// Logarithms of the probabilities of the endings, with the equilibrium moving as the indices do.
    ///
    /// Newton steps on jets, from the solution and with its slope, gain one order of derivatives each.
    fn follow<const N: usize>(&self, equilibrium: &Equilibrium, eta: &[f64]) -> [Jet<N>; 4] {
        let u = parts::<N>(&self.utilities, eta);
        let slope = payoffs(&self.utilities, eta).slope(equilibrium.resist);
        let mut p = Jet::constant(equilibrium.resist);
        let at = |p: &Jet<N>| {
            let c = threshold(&u, p);
            let hk = challenges(&u, &c);
            let fight = hk[0] * (hk[0] + hk[1]).recip();
            (c, hk, resolve(&u, &fight))
        };
        for _ in 0..2 {
            let (_, _, z) = at(&p);
            let density = normal_density(z.value);
            let reply = z.chain(normal(z.value), density, -z.value * density);
            let residual = (p - reply).scaled(1.0 / slope);
            let value = p.value;
            p = p - residual;
            p.value = value;
        }
        let (c, hk, z) = at(&p);
        endings(&u, &c, &hk, &z)
    }

    fn log_density<const N: usize>(&self, i: usize, eta: &[f64], g: &mut [f64], h: &mut [f64]) -> f64 {
        let Some(equilibrium) = self.selected(Some(i), eta) else { return f64::NEG_INFINITY };
        total(&self.counts[i], &self.follow::<N>(&equilibrium, eta)).write(g, h)
    }

    fn ending<const N: usize>(&self, ending: usize, eta: &[f64], g: &mut [f64]) -> f64 {
        let Some(equilibrium) = self.selected(None, eta) else { return f64::NEG_INFINITY };
        let log = self.follow::<N>(&equilibrium, eta)[ending];
        let p = log.value.exp();
        for (g, slope) in g.iter_mut().zip(log.gradient) {
            *g = p * slope;
        }
        p
    }
}

/// Σ count · ln P; endings that were not observed do not matter, whatever their probability.
fn weighted(counts: &[f64; 4], logs: &[f64; 4]) -> f64 {
    counts.iter().zip(logs).filter(|(n, _)| **n > 0.0).map(|(n, log)| n * log).sum()
}

fn total<const N: usize>(counts: &[f64; 4], logs: &[Jet<N>; 4]) -> Jet<N> {
    let mut sum = Jet::constant(0.0);
    for (n, log) in counts.iter().zip(logs) {
        if *n > 0.0 {
            sum = sum + log.scaled(*n);
        }
    }
    sum
}

fn indices(utilities: &[Utility; 7]) -> usize {
    utilities.iter().filter(|u| matches!(u, Utility::Index(_))).count()
}

fn quantities() -> Vec<String> {
    ENDINGS.iter().map(|e| format!("P({e})")).collect()
}

impl Model for Signaling {
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

    fn quantities(&self) -> Vec<String> {
        quantities()
    }

    fn quantity(&self, quantity: usize, eta: &[f64], gradient: &mut [f64]) -> f64 {
        with_constant!(self, eta.len(), ending(quantity, eta, gradient))
    }

    /// Far from the data an equilibrium says little about where to go: beliefs as observed on average do.
    fn warm(&self, design: &Design, point: Vec<f64>) -> Vec<f64> {
        let pseudo =
            Pseudo::new(self.utilities, self.counts.clone(), Beliefs::pooled(&self.counts), Source::Pooled);
        let Ok(end) = iterate(pseudo, design, &point, 60, 1e-3, &Control::default()) else { return point };
        let first = end.maximum;
        if first.value().is_finite() { first.point } else { point }
    }
}
