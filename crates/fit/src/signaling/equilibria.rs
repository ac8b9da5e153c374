//! All equilibria of a signaling game: every root of one function on (0, 1).

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use crate::special::{binormal, log_normal, normal, normal_density};

/// S_A, V_A, C_B, W̄_A, W̄_B, ā, V_B.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Payoffs(pub [f64; 7]);

/// One equilibrium.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Equilibrium {
    /// P(resist).
    pub resist: f64,
    /// P(challenge).
    pub challenge: f64,
    /// P(fight | challenge).
    pub fight: f64,
    /// p − B's best reply to p.
    pub residual: f64,
    /// ln P of no challenge, of a challenge that is carried out and of a bluff.
    logs: [f64; 3],
    /// B's advantage of resisting.
    advantage: f64,
}

impl Equilibrium {
    /// ln P of status quo, concession, war and backing down.
    #[must_use]
    pub fn log_probabilities(&self) -> [f64; 4] {
        let (resist, concede) = (log_normal(self.advantage)[0], log_normal(-self.advantage)[0]);
        [self.logs[0], self.challenge.ln() + concede, self.logs[1] + resist, self.logs[2] + resist]
    }
}

/// Cells into which (0, 1) is cut, evenly in p, and as many again evenly in the threshold c where challenges depend on it.
const CELLS: usize = 32;

/// Standard deviations beyond which no challenge, or every challenge, is made.
const FAR: f64 = 8.5;

impl Payoffs {
    /// h, k and the threshold at p.
    fn challenges(&self, p: f64) -> (f64, f64, f64) {
        let [status_quo, concession, _, war, _, back, _] = self.0;
        let c = concession + (status_quo - concession) / p;
        let d = (war - back) / SQRT_2;
        (binormal(d, war - c, FRAC_1_SQRT_2), binormal(-d, back - c, FRAC_1_SQRT_2), c)
    }

    /// B's advantage of resisting when p is expected, and its slope in p. `None` where no challenge is ever made.
    fn advantage(&self, p: f64) -> Option<[f64; 2]> {
        let [status_quo, concession, concede, war, b_war, back, bluff] = self.0;
        let (h, k, c) = self.challenges(p);
        let challenge = h + k;
        if !(h > 0.0 && challenge > f64::MIN_POSITIVE) {
            return None;
        }
        // dh/dc = −φ(W̄ − c) Φ(c − ā) and dk/dc = −φ(ā − c) Φ(c − W̄).
        let dh = -normal_density(war - c) * normal(c - back);
        let dk = -normal_density(back - c) * normal(c - war);
        let dc = (concession - status_quo) / (p * p);
        // 1/F = 1 + k/h.
        let inverse = challenge / h;
        let d_inverse = (dk * h - k * dh) / (h * h) * dc;
        Some([b_war - bluff + (bluff - concede) * inverse, (bluff - concede) * d_inverse])
    }

    /// p − Φ(advantage), and its slope.
    fn residual(&self, p: f64) -> Option<[f64; 2]> {
        let [z, slope] = self.advantage(p)?;
        // (bluff − concede)/F overflows where F vanishes; B then does what its sign says.
        let density = normal_density(z);
        let slope = if density > 0.0 { density * slope } else { 0.0 };
        Some([p - normal(z), 1.0 - slope]).filter(|r| r.iter().all(|x| x.is_finite()))
    }

    /// ∂/∂p of p − Φ(advantage) at a solution.
    pub(super) fn slope(&self, p: f64) -> f64 {
        self.residual(p).map_or(1.0, |r| r[1])
    }

    fn equilibrium(&self, p: f64) -> Option<Equilibrium> {
        let [advantage, _] = self.advantage(p)?;
        let (h, k, c) = self.challenges(p);
        let [_, _, _, war, _, back, _] = self.0;
        let quiet = log_normal(c - war)[0] + log_normal(c - back)[0];
        let (challenge, residual) = (h + k, p - normal(advantage));
        Some(Equilibrium {
            resist: p,
            challenge,
            fight: h / challenge,
            residual,
            logs: [quiet, h.ln(), k.max(f64::MIN_POSITIVE).ln()],
            advantage,
        })
    }

    /// Best replies to beliefs: P(resist) to the chance of fighting, P(fight | challenge) to that of resistance.
    pub(super) fn replies(&self, resist: f64, fight: f64) -> [f64; 2] {
        let [_, _, concede, _, war, _, bluff] = self.0;
        let (h, k, _) = self.challenges(resist);
        let answer = normal(war - bluff + (bluff - concede) / fight);
        // Where no challenge is ever made, what would follow one is as good as believed.
        [answer, if h + k > 0.0 { h / (h + k) } else { fight }]
    }

    /// Points between which at most one extremum of the residual is expected.
    fn grid(&self) -> Vec<f64> {
        let [status_quo, concession, _, war, _, back, _] = self.0;
        let mut grid: Vec<f64> = (0..=CELLS).map(|i| i as f64 / CELLS as f64).collect();
        grid[0] = 1e-12;
        grid[CELLS] = 1.0 - 1e-15;
        let (low, high) = (war.min(back) - FAR, war.max(back) + FAR);
        for i in 0..=CELLS {
            // c = V + (S − V)/p, turned round.
            let c = low + (high - low) * i as f64 / CELLS as f64;
            let p = (status_quo - concession) / (c - concession);
            if p > 1e-12 && p < 1.0 - 1e-15 {
                grid.push(p);
            }
        }
        // Near 0 and 1 solutions come close to the ends.
        for power in 2..=11 {
            let tiny = 0.1_f64.powi(power);
            grid.extend([tiny, 1.0 - tiny]);
        }
        grid.sort_by(f64::total_cmp);
        grid.dedup();
        grid
    }

    /// All equilibria, by rising probability of resistance.
    ///
    /// Signs of the residual on a grid that is fine wherever challenges depend on p; between equal signs the extremum that slopes announce is
    /// sought too, so that pairs of solutions near a fold are not missed. Solutions are exact to round-off. Cost: about 100 evaluations.
    #[must_use]
    pub fn equilibria(&self) -> Vec<Equilibrium> {
        let mut roots: Vec<f64> = Vec::new();
        let mut last: Option<(f64, [f64; 2])> = None;
        let grid = self.grid();
        // A solution nearer to 0 or 1 than the grid reaches is, to round-off, the end of the grid.
        let beyond = |p: Option<&f64>, sign: f64| {
            p.copied().filter(|&p| self.residual(p).is_some_and(|r| r[0] * sign > 0.0))
        };
        roots.extend(beyond(grid.first(), 1.0));
        for &p in &grid {
            let Some(here) = self.residual(p) else {
                last = None;
                continue;
            };
            if let Some((q, there)) = last {
                if there[0] * here[0] <= 0.0 {
                    roots.push(self.root(q, p, there[0]));
                } else if there[0] * there[1] < 0.0 && here[0] * here[1] > 0.0 {
                    let middle = self.turn(q, p, there[1]);
                    if let Some(at) = self.residual(middle)
                        && at[0] * here[0] <= 0.0
                    {
                        roots.push(self.root(q, middle, there[0]));
                        roots.push(self.root(middle, p, at[0]));
                    }
                }
            }
            last = Some((p, here));
        }
        roots.extend(beyond(grid.last(), -1.0));
        roots.dedup_by(|a, b| (*a - *b).abs() <= 1e-14);
        roots.into_iter().filter_map(|p| self.equilibrium(p)).collect()
    }

    /// The solution between two points of different sign: Newton's steps, bisection where these leave the bracket.
    fn root(&self, mut low: f64, mut high: f64, at_low: f64) -> f64 {
        let mut p = 0.5 * (low + high);
        for _ in 0..200 {
            let Some([value, slope]) = self.residual(p) else { return p };
            if value == 0.0 {
                return p;
            }
            if value * at_low > 0.0 {
                low = p
            } else {
                high = p
            }
            let newton = p - value / slope;
            let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
            if (next - p).abs() <= 1e-16 + 1e-15 * p {
                return next;
            }
            p = next;
        }
        p
    }

    /// Where the slope changes sign between two points.
    fn turn(&self, mut low: f64, mut high: f64, at_low: f64) -> f64 {
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            let Some([_, slope]) = self.residual(middle) else { break };
            if slope * at_low > 0.0 { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }
}
