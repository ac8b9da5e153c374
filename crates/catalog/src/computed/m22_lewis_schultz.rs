//! Crisis signalling with normal shocks (Lewis and Schultz 2003): all roots of the fixed point.
//!
//! With c = (SA − (1 − pR)·VA)/pR, the war payoff or price of backing down at which A is indifferent about a challenge,
//! pC = 1 − Φ(c − WA)·Φ(c − abar), pF = ∫_c^∞ φ(w − WA)·Φ(w − abar) dw / pC, and in equilibrium
//! pR = Φ((pF·WB + (1 − pF)·VB − CB)/pF). There may be several roots (Jo 2011); they are looked for at log odds of pR between −40 and 40, where it is 0 or 1 to the last
//! digit.

use armistice_scenario::EvaluationError;

use super::{Numbers, Parameters, parameter};

/// Density of the standard normal distribution.
fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Distance from 0 at which the tail of the normal distribution has no digit left beside 1.
const FAR: f64 = 8.5;

/// Standard normal distribution: 1/2 + φ(x)·(x + x³/3 + x⁵/15 + …), good to the last digits of numbers near 1.
fn normal(x: f64) -> f64 {
    if x <= -FAR {
        return 0.0;
    }
    if x >= FAR {
        return 1.0;
    }
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    // Terms shrink like x²/odd once odd > x²: at most 250 are needed for |x| < 8.5.
    for _ in 0..250 {
        odd += 2.0;
        term *= x * x / odd;
        sum += term;
        if term.abs() <= 1e-18 * sum.abs() {
            break;
        }
    }
    (0.5 + density(x) * sum).clamp(0.0, 1.0)
}

/// Nodes and weights of the five-point Gauss rule on [−1, 1].
const GAUSS: [(f64, f64); 5] = [
    (0.0, 0.568_888_888_888_888_9),
    (-0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
    (0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
    (-0.906_179_845_938_664, 0.236_926_885_056_189_1),
    (0.906_179_845_938_664, 0.236_926_885_056_189_1),
];

/// Width of the panels of the integral.
const PANEL: f64 = 0.25;

/// ∫_c^∞ φ(w − mean)·Φ(w − other) dw for any c.
struct Tail {
    mean: f64,
    other: f64,
    /// Integrals from the start of each panel.
    sums: Vec<f64>,
}

impl Tail {
    fn new(mean: f64, other: f64) -> Self {
        let panels = (2.0 * FAR / PANEL) as usize;
        let mut tail = Self { mean, other, sums: vec![0.0; panels + 1] };
        for panel in (0..panels).rev() {
            let from = tail.start(panel);
            tail.sums[panel] = tail.sums[panel + 1] + tail.panel(from, from + PANEL);
        }
        tail
    }

    fn start(&self, panel: usize) -> f64 {
        self.mean - FAR + panel as f64 * PANEL
    }

    fn panel(&self, from: f64, to: f64) -> f64 {
        let half = (to - from) / 2.0;
        let at = |x: f64| {
            let w = from + half * (1.0 + x);
            density(w - self.mean) * normal(w - self.other)
        };
        GAUSS.iter().map(|(x, weight)| weight * at(*x)).sum::<f64>() * half
    }

    fn from(&self, c: f64) -> f64 {
        let place = ((c - self.mean + FAR) / PANEL).max(0.0);
        if place == 0.0 {
            return self.sums[0];
        }
        let next = place as usize + 1;
        match self.sums.get(next) {
            Some(rest) => rest + self.panel(c, self.start(next)),
            None => 0.0,
        }
    }
}

/// The game at one set of parameters.
struct Crisis {
    status_quo: f64,
    prize: f64,
    concede: f64,
    stand: f64,
    war_a: f64,
    war_b: f64,
    backing_down: f64,
    tail: Tail,
}

/// What follows from a probability of resistance.
#[derive(Clone, Copy)]
struct At {
    c: f64,
    challenge: f64,
    fight: f64,
    /// What B's reply is worth less the probability assumed.
    gap: f64,
}

impl Crisis {
    /// `None` where a challenge is too rare for what follows to have digits.
    fn at(&self, resist: f64) -> Option<At> {
        let c = (self.status_quo - (1.0 - resist) * self.prize) / resist;
        let (war, back) = (normal(self.war_a - c), normal(self.backing_down - c));
        let challenge = war + back - war * back;
        let fight = self.tail.from(c) / challenge;
        if !(challenge > 1e-9 && fight > 1e-9) {
            return None;
        }
        let fight = fight.min(1.0);
        let worth = (fight * self.war_b + (1.0 - fight) * self.stand - self.concede) / fight;
        Some(At { c, challenge, fight, gap: normal(worth) - resist })
    }

    /// The root between two probabilities of resistance where the gap changes its sign.
    fn root(&self, mut low: f64, mut high: f64) -> Option<f64> {
        let below = self.at(low)?.gap > 0.0;
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if (self.at(middle)?.gap > 0.0) == below { low = middle } else { high = middle }
        }
        Some(f64::midpoint(low, high))
    }
}

/// Points at which the sign of the gap is looked at.
const POINTS: usize = 1601;

/// The number of equilibria, and the one that `root` counts, from the lowest probability of resistance.
pub(super) fn compute(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let get = |name| parameter(parameters, name);
    let (war_a, backing_down) = (get("WA")?, get("abar")?);
    let crisis = Crisis {
        status_quo: get("SA")?,
        prize: get("VA")?,
        concede: get("CB")?,
        stand: get("VB")?,
        war_a,
        war_b: get("WB")?,
        backing_down,
        tail: Tail::new(war_a, backing_down),
    };
    let mut roots = Vec::new();
    let mut before: Option<(f64, f64)> = None;
    for point in 0..POINTS {
        let odds = 80.0 * point as f64 / (POINTS - 1) as f64 - 40.0;
        let resist = 1.0 / (1.0 + (-odds).exp());
        let here = crisis.at(resist).map(|at| (resist, at.gap));
        if let (Some((low, gap)), Some((high, next))) = (before, here)
            && (gap > 0.0) != (next > 0.0)
        {
            roots.extend(crisis.root(low, high));
        }
        before = here;
    }
    let mut numbers = Numbers::from([("n_equilibria", roots.len() as f64)]);
    let wanted = get("root")?;
    let chosen = roots.iter().enumerate().find(|(position, _)| *position as f64 + 1.0 == wanted);
    if let Some((_, resist)) = chosen
        && let Some(at) = crisis.at(*resist)
    {
        numbers.extend([("pR", *resist), ("c", at.c), ("pC", at.challenge), ("pF", at.fight)]);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution_is_good_to_the_last_digits() {
        for (x, known) in [(0.0, 0.5), (1.0, 0.841_344_746_068_542_9), (-3.0, 0.001_349_898_031_630_094_5)] {
            assert!((normal(x) - known).abs() < 1e-15, "{x}");
        }
        assert!((normal(6.0) - 0.999_999_999_013_412_4).abs() < 1e-15);
    }

    #[test]
    fn tails_agree_with_what_is_known() {
        // The larger of two independent standard normal variables is the first one with probability 1/2.
        let tail = Tail::new(0.0, 0.0);
        assert!((tail.from(-20.0) - 0.5).abs() < 1e-14);
        // … and with the larger above 0, of probability 3/4, it is so half of the time.
        assert!((tail.from(0.0) - 0.375).abs() < 1e-14);
    }
}
