//! Errors of pseudo-likelihood estimates, whose beliefs are estimated too: Aguirregabiria and Mira (2007), Econometrica 75:1–53, Proposition 2.
//!
//! Let ℓᵢ(θ, Pᵢ) be the pseudo-likelihood of row i at beliefs Pᵢ = (P(resist), P(fight | challenge)) and Ψᵢ(θ, Pᵢ) the best replies to them. At the fixed point of
//! the nested iterations Pᵢ = Ψᵢ(θ, Pᵢ), so that beliefs move with the coefficients, dPᵢ/dθ = (I − ∂Ψᵢ/∂P)⁻¹ ∂Ψᵢ/∂θ, and the score that is set to zero
//! moves by more than its second derivatives say:
//!
//!   V = A⁻¹ Ω A⁻ᵀ,  A = −Σ [∂²ℓᵢ/∂θ∂θ′ + ∂²ℓᵢ/∂θ∂P′ · dPᵢ/dθ],  Ω the variance of the score, −Σ ∂²ℓᵢ/∂θ∂θ′ by the information equality.
//!
//! After one round only, with beliefs that are shares P̂ among everything that was observed, A = −Σ ∂²ℓᵢ/∂θ∂θ′, and the error of P̂ comes in by the score: row i
//! adds sᵢ + G ψᵢ with G = Σ ∂²ℓ/∂θ∂P′ and ψᵢ the row's influence on the shares. Ω is then the outer product of these sums.

use super::pseudo::{Pseudo, Source};
use super::{challenges, endings, parts, resolve, threshold, total};
use crate::jet::Jet;
use crate::likelihood::{Design, Model, Moving};
use crate::linear::Square;
use crate::special::{normal, normal_density};
use crate::strategic::with_constant;

/// Derivatives of one row, in the indices and then the two beliefs.
struct Row {
    /// Second derivatives of its pseudo-likelihood, lower triangle, in rows.
    hessian: Vec<f64>,
    /// First derivatives of both best replies.
    replies: [Vec<f64>; 2],
}

impl Pseudo {
    fn row<const N: usize>(&self, i: usize, eta: &[f64]) -> Row {
        let u = parts::<N>(&self.utilities, eta);
        let [resist, fight] = self.believed(i);
        let (resist, fight) = (Jet::<N>::variable(resist, N - 2), Jet::variable(fight, N - 1));
        let c = threshold(&u, &resist);
        let hk = challenges(&u, &c);
        let z = resolve(&u, &fight);
        let likelihood = total(&self.counts[i], &endings(&u, &c, &hk, &z));
        let answer = z.chain(normal(z.value), normal_density(z.value), 0.0);
        let carried_out = hk[0] * (hk[0] + hk[1]).recip();
        let hessian = likelihood.hessian.iter().flatten().copied().collect();
        Row { hessian, replies: [answer, carried_out].map(|reply| reply.gradient.to_vec()) }
    }

    /// How the score moves with the coefficients and with first beliefs; `None` where beliefs are known.
    pub(super) fn moving_score(&self, design: &Design, point: &[f64]) -> Option<Moving> {
        if self.source == Source::Given {
            return None;
        }
        let (m, k) = (self.indices(), design.coefficients());
        let n = m + 2;
        let mut eta = vec![0.0; m];
        let mut slope = Square::zeros(k);
        let mut by_beliefs = [vec![0.0; k], vec![0.0; k]];
        for i in 0..self.counts.len() {
            let regressors = design.row(i);
            design.indices_of(regressors, point, &mut eta);
            let row = with_constant!(self, n, row(i, &eta));
            let second = |a: usize, b: usize| row.hessian[a.max(b) * n + a.min(b)];
            let [answer, carried_out] = &row.replies;
            // (I − ∂Ψ/∂P)⁻¹ ∂Ψ/∂η: each belief answers the other only.
            let (by_fight, by_resist) = (answer[m + 1], carried_out[m]);
            let loop_gain = 1.0 - by_fight * by_resist;
            let moved = |b: usize| match self.source {
                Source::Nested => [
                    (answer[b] + by_fight * carried_out[b]) / loop_gain,
                    (carried_out[b] + by_resist * answer[b]) / loop_gain,
                ],
                Source::Pooled | Source::Given => [0.0; 2],
            };
            for b in 0..m {
                let [resist, fight] = moved(b);
                for a in 0..m {
                    let h = second(a, b) + second(m, a) * resist + second(m + 1, a) * fight;
                    for row in design.range(a) {
                        for column in design.range(b) {
                            *slope.at_mut(row, column) -= h * regressors[row] * regressors[column];
                        }
                    }
                }
            }
            for (belief, sums) in by_beliefs.iter_mut().enumerate() {
                let cross: Vec<f64> = (0..m).map(|a| second(m + belief, a)).collect();
                design.add_gradient(regressors, &cross, 1.0, sums);
            }
        }
        let first = if self.source == Source::Pooled { self.first_errors(&by_beliefs) } else { Vec::new() };
        Some(Moving { slope, first })
    }

    /// G ψᵢ by row: what the row, by its part in the shares, adds to the score.
    fn first_errors(&self, by_beliefs: &[Vec<f64>; 2]) -> Vec<f64> {
        let sum = |ending: usize| self.counts.iter().map(|row| row[ending]).sum::<f64>();
        let (conceded, fought, bluffed) = (sum(1), sum(2), sum(3));
        let resisted = fought + bluffed;
        let shares = [resisted / (conceded + resisted).max(1.0), fought / resisted.max(1.0)];
        let influence = |[_, concede, war, back]: &[f64; 4]| {
            [
                ((war + back) - shares[0] * (concede + war + back)) / (conceded + resisted).max(1.0),
                (war - shares[1] * (war + back)) / resisted.max(1.0),
            ]
        };
        let row = |counts| {
            let [resist, fight] = influence(counts);
            let pairs = by_beliefs[0].iter().zip(&by_beliefs[1]);
            pairs.map(|(g, h)| g * resist + h * fight).collect::<Vec<f64>>()
        };
        self.counts.iter().flat_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Beliefs, Payoffs};
    use super::*;
    use crate::likelihood::{Equation, Likelihood};
    use crate::strategic::Utility;

    /// Three rows of a game in which C_B and W̄_A depend on a regressor each.
    fn model(source: Source, beliefs: Vec<[f64; 2]>) -> (Pseudo, Design) {
        use Utility::{Fixed, Index};
        let utilities = [Fixed(0.0), Fixed(1.0), Index(0), Index(1), Fixed(-1.0), Fixed(-0.8), Fixed(0.3)];
        let counts = vec![[40.0, 12.0, 9.0, 6.0], [30.0, 20.0, 4.0, 5.0], [50.0, 9.0, 11.0, 9.0]];
        let equation = |name: &str| Equation { name: name.to_owned(), columns: vec!["x".to_owned()] };
        let rows = vec![0.4, -0.9, 0.9, -1.3, 0.2, -0.5];
        let design = Design::new(vec![equation("CB"), equation("barWA")], rows, 3);
        (Pseudo::new(utilities, counts, Beliefs(beliefs), source), design)
    }

    const POINT: [f64; 2] = [-0.7, 0.9];

    /// Beliefs that are best replies to themselves, by row.
    fn equilibrium(design: &Design, point: &[f64]) -> Vec<[f64; 2]> {
        let row = |i: usize| {
            let mut eta = [0.0; 2];
            design.indices_of(design.row(i), point, &mut eta);
            let found = Payoffs([0.0, 1.0, eta[0], eta[1], -1.0, -0.8, 0.3]).equilibria();
            assert_eq!(found.len(), 1);
            [found[0].resist, found[0].fight]
        };
        (0..3).map(row).collect()
    }

    fn score(beliefs: Vec<[f64; 2]>, point: &[f64]) -> Vec<f64> {
        let (model, design) = model(Source::Given, beliefs);
        let (mut sum, mut one) = (vec![0.0; 2], vec![0.0; 2]);
        for i in 0..3 {
            Likelihood::new(&model, &design).score(i, point, &mut one);
            sum.iter_mut().zip(&one).for_each(|(s, o)| *s += o);
        }
        sum
    }

    #[test]
    fn the_score_moves_with_consistent_beliefs_as_differences_say() {
        let (_, design) = model(Source::Given, Vec::new());
        let (nested, _) = model(Source::Nested, equilibrium(&design, &POINT));
        let Some(moving) = nested.moving_score(&design, &POINT) else { panic!("beliefs move") };
        assert!(moving.first.is_empty());
        for b in 0..2 {
            let moved = |h: f64| {
                let mut point = POINT;
                point[b] += h;
                score(equilibrium(&design, &point), &point)
            };
            let (up, down) = (moved(1e-5), moved(-1e-5));
            for a in 0..2 {
                let difference = -(up[a] - down[a]) / 2e-5;
                let exact = moving.slope.at(a, b);
                assert!(
                    (difference - exact).abs() < 1e-5 * (1.0 + exact.abs()),
                    "{a} {b}: {difference} {exact}"
                );
            }
        }
    }

    #[test]
    fn rows_add_to_the_score_what_they_add_to_the_shares() {
        let (model, design) = model(Source::Pooled, Vec::new());
        let beliefs = Beliefs::pooled(&model.counts);
        let at = Pseudo::new(model.utilities, model.counts.clone(), beliefs.clone(), Source::Pooled);
        let Some(moving) = at.moving_score(&design, &POINT) else { panic!("beliefs are estimated") };
        // The shares with row 0 counted a little more, and without the half observations that shares begin with.
        let shares = |extra: f64| {
            let mut sum = [0.0; 4];
            for (i, row) in model.counts.iter().enumerate() {
                let weight = if i == 0 { 1.0 + extra } else { 1.0 };
                sum.iter_mut().zip(row).for_each(|(s, n)| *s += weight * n);
            }
            let resist = sum[2] + sum[3];
            [resist / (sum[1] + resist), sum[2] / resist]
        };
        let moved = |extra: f64| {
            let (base, now) = (shares(0.0), shares(extra));
            let [resist, fight] = beliefs.0[0];
            score(vec![[resist + now[0] - base[0], fight + now[1] - base[1]]; 3], &POINT)
        };
        let (up, down) = (moved(1e-4), moved(-1e-4));
        for a in 0..2 {
            let difference = (up[a] - down[a]) / 2e-4;
            assert!(
                (difference - moving.first[a]).abs() < 1e-5 * (1.0 + difference.abs()),
                "{a}: {difference}"
            );
        }
    }
}
