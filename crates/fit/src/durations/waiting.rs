//! War as waiting for agreement about who would win: the stage game, its equilibrium, and the hazard of ending that follows.
//!
//! **The game.** Two sides divide something worth 1. While they fight, a side collapses with hazard h, and the other then takes all; the sides disagree about
//! which of them that would be. Side 1 expects to win with probability p₁, side 2 thinks that side 1 wins with probability p₂; both learn from the same record of
//! battles with the same confidence, so that the gap D = p₁ − p₂ shrinks as 1/t, whatever the record says: with beta priors and n battles, D_n = D₀κ/(κ + n).
//! (That they disagree though they see the same is what Smith and Stam 2004 and Yildiz 2003, 2004 assume; nobody has private information.) Fighting costs c
//! per day, both sides together. Side 1 may offer a division at any time.
//!
//! **The equilibrium.** Side 2 accepts what it expects of fighting to the end, 1 − p₂ − c₂/h, which by its own belief is a martingale. So side 1
//! chooses when to stop. Another day costs c and brings, as side 1 sees it, hD from a collapse at the odds it believes in, and dp₂/dt = D/t as side 2 comes to see
//! the light. Both fall with time, so that one look ahead is enough: it settles at the first T with
//!
//!   D(T)(h + 1/T) ≤ c,  or with D = d/t,  T²/(1 + hT) = d/c.
//!
//! In battles, with κ and n, this is the model `yildiz-2004-persuasion` of the catalog, whose game is solved there.
//!
//! **The hazard.** d/c, how far apart the sides begin and how little fighting costs them, differs between wars; ln(d/c) is normal with mean μ_w and standard deviation
//! s_w. The war ends by settlement at T or by a collapse before, F(t) = 1 − e^{−ht}Φ((μ_w − 2 ln t + ln(1 + ht))/s_w): the hazard first rises, while
//! wars of little disagreement are not yet over, and then falls, as those that remain are ever farther from agreement.
//!
//! **What is known when a war begins.** A side with capability A bears a day of war at a cost of A^{−γ} in parts of what is at stake, so the weaker one sets the cost; the side that
//! attacks has a share A^φ/(A^φ + B^φ) by a contest at odds known to both, and cannot think itself stronger than certain of victory, so that disagreement is in
//! proportion to what is left. A later period may differ in mean and spread:
//!
//!   μ_w = level − ln ½(A^{−γ} + B^{−γ}) + ln(2B^φ/(A^φ + B^φ)) + δ·period,  ln s_w = ln s + η·period.
//!
//! Units of capability move the level alone.

use serde::Serialize;

use super::War;
use super::fit::Posterior;
use super::predictive::{Predictive, log_normal_tail, normal_log_density};
use crate::jet::Jet;
use crate::special::{log_logistic, log_normal, normal};

/// A prior of a coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prior {
    /// The coefficient.
    pub name: &'static str,
    /// Mean of the normal prior.
    pub mean: f64,
    /// Its standard deviation.
    pub deviation: f64,
    /// Why.
    pub why: &'static str,
}

/// Priors of the structural model: wars are few, and without them effects that theory calls small would be taken for large. Level and spread have flat ones.
pub const WAITING_PRIORS: [Prior; 5] = [
    Prior {
        name: "endurance",
        mean: 0.0,
        deviation: 0.25,
        why: "a side a hundred times as capable bears a day of war at a tenth of the cost at the very most",
    },
    Prior {
        name: "optimism",
        mean: 0.0,
        deviation: 0.25,
        why: "capabilities tell little about who wins; a decisiveness of 1 would be four deviations away",
    },
    Prior {
        name: "period",
        mean: 0.0,
        deviation: 1.0,
        why: "periods differ in the duration of a typical war by a factor of e at most",
    },
    Prior {
        name: "period_spread",
        mean: 0.0,
        deviation: 0.5,
        why: "and in the spread of its logarithm by a factor of e at the very most",
    },
    Prior {
        name: "ln collapse",
        mean: -8.202_482_446_576_537,
        deviation: 1.0,
        why: "between states a collapse comes once in ten years of war, give or take a factor of e",
    },
];

/// The estimated structural model.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    level: f64,
    spread: f64,
    endurance: f64,
    optimism: f64,
    period: f64,
    period_spread: f64,
    collapse: f64,
}

/// What the structural model predicts for one war.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// μ_w, the mean of ln(d/c), d/c in squared days.
    pub location: f64,
    /// s_w, its standard deviation.
    pub spread: f64,
    /// h, the hazard of a collapse per day.
    pub collapse: f64,
}

impl Outlook {
    /// 2 ln t − ln(1 + ht): the ln(d/c) of wars that are settled at t.
    fn reach(&self, days: f64) -> f64 {
        2.0 * days.ln() - (self.collapse * days).ln_1p()
    }

    /// ln of the density per day.
    pub(super) fn log_density(&self, days: f64) -> f64 {
        let z = (self.reach(days) - self.location) / self.spread;
        let ht = self.collapse * days;
        let slope = (2.0 + ht) / (days * (1.0 + ht));
        let settled = normal_log_density(z) - self.spread.ln() + slope.ln();
        let collapsed = self.collapse.ln() + log_normal_tail(-z);
        -ht + settled - log_logistic(settled - collapsed)[0]
    }

    /// F(t).
    pub(super) fn ended_by(&self, days: f64) -> f64 {
        let z = (self.reach(days) - self.location) / self.spread;
        let ht = self.collapse * days;
        // Written so that small probabilities keep their digits.
        normal(z) - (-ht).exp_m1() * normal(-z)
    }
}

impl Waiting {
    /// The posterior mode on wars.
    pub(super) fn fit(wars: &[&War]) -> Option<Self> {
        let n = wars.len() as f64;
        let logs: Vec<f64> = wars.iter().map(|war| war.days.ln()).collect();
        let mean = logs.iter().sum::<f64>() / n;
        let deviation = (logs.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>() / n).sqrt();
        if !(deviation > 1e-9) {
            return None;
        }
        let term = |i: usize, v: &[Jet<7>; 7]| log_likelihood(wars[i], logs[i], v);
        let mut prior = [None; 7];
        for (slot, given) in prior.iter_mut().skip(2).zip(WAITING_PRIORS) {
            *slot = Some((given.mean, given.deviation));
        }
        let start = [2.0 * mean, (2.0 * deviation).ln(), 0.0, 0.0, 0.0, 0.0, WAITING_PRIORS[4].mean];
        let [level, ln_spread, endurance, optimism, period, period_spread, ln_collapse] =
            Posterior { terms: wars.len(), term: &term, prior }.maximum(start)?;
        Some(Self {
            level,
            spread: ln_spread.exp(),
            endurance,
            optimism,
            period,
            period_spread,
            collapse: ln_collapse.exp(),
        })
    }

    pub(super) fn predict(&self, war: &War) -> Predictive {
        let v =
            [self.level, self.spread.ln(), self.endurance, self.optimism, self.period, self.period_spread];
        let variables: [Jet<0>; 6] = v.map(Jet::constant);
        let [location, ln_spread] = place(war, &variables);
        Predictive::Waiting(Outlook {
            location: location.value,
            spread: ln_spread.value.exp(),
            collapse: self.collapse,
        })
    }

    pub(super) fn values(&self) -> Vec<f64> {
        vec![
            self.level,
            self.spread,
            self.endurance,
            self.optimism,
            self.period,
            self.period_spread,
            self.collapse,
        ]
    }
}

/// μ_w and ln s_w from level, ln s, γ, φ, δ, η.
fn place<const N: usize>(war: &War, v: &[Jet<N>]) -> [Jet<N>; 2] {
    let [level, ln_spread, endurance, optimism, period, period_spread] = [0, 1, 2, 3, 4, 5].map(|i| v[i]);
    let mut location = level + period.scaled(war.period);
    if let Some([attacker, other]) = war.capabilities {
        // −ln ½(A^−γ + B^−γ) = γ(a + b)/2 − ln cosh(γ(a − b)/2), with ln cosh x = |x| + ln(1 + e^{−2|x|}) − ln 2.
        let half = endurance.scaled(0.5 * (attacker - other));
        let (x, tanh) = (half.value.abs(), half.value.tanh());
        let ln_cosh = x + (-2.0 * x).exp().ln_1p() - std::f64::consts::LN_2;
        location = location + endurance.scaled(0.5 * (attacker + other))
            - half.chain(ln_cosh, tanh, 1.0 - tanh * tanh);
        if war.began {
            let odds = optimism.scaled(other - attacker);
            let [value, first, second] = log_logistic(odds.value);
            location = location + odds.chain(value, first, second).shifted(std::f64::consts::LN_2);
        }
    }
    [location, ln_spread + period_spread.scaled(war.period)]
}

/// ln f of a war's duration.
fn log_likelihood(war: &War, log: f64, v: &[Jet<7>; 7]) -> Jet<7> {
    let [location, ln_spread] = place(war, &v[..6]);
    let hazard = v[6].exp().scaled(war.days);
    let grown = hazard.shifted(1.0).ln();
    let z = (grown.scaled(-1.0).shifted(2.0 * log) - location) * ln_spread.scaled(-1.0).exp();
    let slope = hazard.shifted(2.0).ln() - grown;
    let settled = (z * z).scaled(-0.5).shifted(-0.918_938_533_204_672_7 - log) - ln_spread + slope;
    let [value, first, second] = log_normal(-z.value);
    let collapsed = v[6] + z.scaled(-1.0).chain(value, first, second);
    let gap = settled - collapsed;
    let [value, first, second] = log_logistic(gap.value);
    settled - hazard - gap.chain(value, first, second)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn war() -> War {
        War { name: "w".into(), days: 230.0, capabilities: Some([-2.0, -3.5]), began: true, period: 1.0 }
    }

    #[test]
    fn the_likelihood_is_the_density_and_its_derivatives_are_slopes() {
        let point = [10.0, 1.0, 0.3, 0.4, -0.6, 0.2, -8.0];
        let at = |point: [f64; 7]| {
            let mut v = [Jet::<7>::constant(0.0); 7];
            v.iter_mut().enumerate().for_each(|(i, v)| *v = Jet::variable(point[i], i));
            log_likelihood(&war(), war().days.ln(), &v)
        };
        let model = Waiting {
            level: 10.0,
            spread: 1f64.exp(),
            endurance: 0.3,
            optimism: 0.4,
            period: -0.6,
            period_spread: 0.2,
            collapse: (-8f64).exp(),
        };
        let jet = at(point);
        let density = model.predict(&war()).log_density(230.0).unwrap();
        assert!((jet.value - density).abs() < 1e-12, "{} {density}", jet.value);
        for i in 0..7 {
            let h = 1e-5;
            let moved = |by: f64| {
                let mut p = point;
                p[i] += by;
                at(p)
            };
            let (up, down) = (moved(h), moved(-h));
            let slope = (up.value - down.value) / (2.0 * h);
            assert!((slope - jet.gradient[i]).abs() < 1e-8 * (1.0 + slope.abs()), "{i}");
            for j in 0..=i {
                let slope = (up.gradient[j] - down.gradient[j]) / (2.0 * h);
                assert!((slope - jet.hessian[i][j]).abs() < 1e-7 * (1.0 + slope.abs()), "{i} {j}");
            }
        }
    }

    #[test]
    fn mu_is_what_the_formula_says() {
        let v = [10.0, 1.0, 0.3, 0.4, -0.6, 0.2].map(Jet::<0>::constant);
        let [location, ln_spread] = place(&war(), &v);
        let (a, b) = ((-2.0f64).exp(), (-3.5f64).exp());
        let cost = 0.5 * (a.powf(-0.3) + b.powf(-0.3));
        let left = 2.0 * b.powf(0.4) / (a.powf(0.4) + b.powf(0.4));
        assert!((location.value - (10.0 - cost.ln() + left.ln() - 0.6)).abs() < 1e-12);
        assert!((ln_spread.value - 1.2).abs() < 1e-15);
    }

    #[test]
    fn settlement_comes_when_another_day_is_worth_no_more_than_it_costs() {
        // The median of wars without collapse solves T²/(1 + hT) = e^μ.
        let outlook = Outlook { location: 9.0, spread: 2.0, collapse: 1e-3 };
        let (mut low, mut high) = (1.0f64, 1e5);
        for _ in 0..100 {
            let t = 0.5 * (low + high);
            if t * t / (1.0 + 1e-3 * t) < 9f64.exp() { low = t } else { high = t }
        }
        let survives = (1.0 - outlook.ended_by(low)) / (-1e-3 * low).exp();
        assert!((survives - 0.5).abs() < 1e-9, "{survives}");
    }
}
