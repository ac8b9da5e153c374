//! Any finite game: the Jacobian written out, one direction per action.
//!
//! With ℓ(x) the logarithm of the probability that node x is reached, μ(x | h) = exp ℓ(x) / Σ_{x′ ∈ h} exp ℓ(x′) the belief at an information
//! set and V(x) the payoffs from x on,
//!
//!   Q(h, a) = Σ_x μ(x | h) V(x a),   δQ = Σ μ (δV(x a) + (δℓ(x) − δℓ̄(h)) V(x a)).
//!
//! Cost of an evaluation: actions × nodes × players for the Jacobian, actions³ / 3 to solve.

use super::arrays::{Arrays, Who};
use super::dense;
use super::path::Correspondence;

/// Directions carried together.
const WIDE: usize = 8;

#[derive(Debug)]
pub(crate) struct GeneralSolver<'a> {
    tree: &'a Arrays,
    /// By action: ln w of base weights, and η of floors: σ = η + (1 − Σ η) w exp λQ / Σ w exp λQ.
    base: Vec<f64>,
    floor: Vec<f64>,
    /// By node: logarithm of the probability that it is reached.
    reach: Vec<f64>,
    /// By node: its probability given that its information set is reached.
    belief: Vec<f64>,
    /// `[node][player]`
    values: Vec<f64>,
    q: Vec<f64>,
    played: Vec<f64>,
    best: Vec<f64>,
    /// By action: the logit part of `best` alone, and its share in `best`.
    soft: Vec<f64>,
    share: Vec<f64>,
    gap: Vec<f64>,
    step: Vec<f64>,
    tangent: Vec<f64>,
    sign: f64,
    /// `[action][action + 2]`
    system: Vec<f64>,
    slope_reach: Vec<[f64; WIDE]>,
    slope_values: Vec<[f64; WIDE]>,
    slope_q: Vec<[f64; WIDE]>,
}

impl<'a> GeneralSolver<'a> {
    pub(crate) fn new(tree: &'a Arrays) -> Self {
        let (nodes, actions) = (tree.nodes(), tree.actions());
        Self {
            tree,
            base: vec![0.0; actions],
            floor: vec![0.0; actions],
            soft: vec![0.0; actions],
            share: vec![1.0; actions],
            reach: vec![0.0; nodes],
            belief: vec![0.0; nodes],
            values: vec![0.0; nodes * tree.players],
            q: vec![0.0; actions],
            played: vec![0.0; actions],
            best: vec![0.0; actions],
            gap: vec![0.0; actions],
            step: vec![0.0; actions],
            tangent: vec![0.0; actions],
            sign: 1.0,
            system: Vec::new(),
            slope_reach: vec![[0.0; WIDE]; nodes],
            slope_values: vec![[0.0; WIDE]; nodes * tree.players],
            slope_q: vec![[0.0; WIDE]; actions],
        }
    }

    /// With base weights (logarithms) and floors by action; the floors of an information set sum to less than 1.
    pub(crate) fn weighted(tree: &'a Arrays, base: Vec<f64>, floor: Vec<f64>) -> Self {
        Self { base, floor, ..Self::new(tree) }
    }

    /// By action: probability without floors, at the last evaluation.
    pub(crate) fn soft(&self) -> &[f64] {
        &self.soft
    }

    fn sets(&self) -> usize {
        self.tree.owner.len()
    }

    fn values_of(&mut self, y: &[f64], lambda: f64) -> f64 {
        let tree = self.tree;
        let players = tree.players;
        for (p, y) in self.played.iter_mut().zip(y) {
            *p = y.exp();
        }
        self.reach[0] = 0.0;
        for node in 0..tree.nodes() {
            for (position, child) in tree.children(node).iter().enumerate() {
                self.reach[*child] = self.reach[node]
                    + match tree.who[node] {
                        Who::Set(set) => y[tree.action[set] + position],
                        Who::Chance(odds) => tree.odds[odds + position].ln(),
                        Who::Nobody => 0.0,
                    };
            }
        }
        for members in &tree.members {
            let top = members.iter().map(|n| self.reach[*n]).fold(f64::NEG_INFINITY, f64::max);
            let mut total = 0.0;
            for node in members {
                // Chance may exclude every node of a set; then all are held alike.
                let weight = if top == f64::NEG_INFINITY { 1.0 } else { (self.reach[*node] - top).exp() };
                self.belief[*node] = weight;
                total += weight;
            }
            for node in members {
                self.belief[*node] /= total;
            }
        }
        for node in (0..tree.nodes()).rev() {
            for player in 0..players {
                let value = match tree.who[node] {
                    Who::Nobody => tree.payoff(node, player),
                    Who::Set(set) => {
                        let own = &self.played[tree.action[set]..];
                        self.mean(node, player, own)
                    }
                    Who::Chance(odds) => self.mean(node, player, &tree.odds[odds..]),
                };
                self.values[node * players + player] = value;
            }
        }
        let mut residual = 0.0f64;
        for set in 0..self.sets() {
            let own = tree.action[set]..tree.action[set + 1];
            self.q[own.clone()].fill(0.0);
            for node in &tree.members[set] {
                for (at, child) in own.clone().zip(tree.children(*node)) {
                    self.q[at] += self.belief[*node] * self.values[child * players + tree.owner[set]];
                }
            }
            let log = |at: usize| lambda * self.q[at] + self.base[at];
            let top = own.clone().map(log).fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = own.clone().map(|at| (log(at) - top).exp()).sum();
            let free = 1.0 - self.floor[own.clone()].iter().sum::<f64>();
            for at in own {
                let log = lambda * self.q[at] + self.base[at] - top - total.ln();
                self.soft[at] = log.exp();
                if self.floor[at] > 0.0 {
                    self.best[at] = self.floor[at] + free * self.soft[at];
                    self.share[at] = free * self.soft[at] / self.best[at];
                    self.gap[at] = self.best[at].ln() - y[at];
                } else {
                    self.best[at] = free * self.soft[at];
                    self.gap[at] = log + free.ln() - y[at];
                }
                let r = (self.best[at] - self.played[at]).abs();
                residual = if r > residual || r.is_nan() { r } else { residual };
            }
        }
        residual
    }

    fn mean(&self, node: usize, player: usize, weights: &[f64]) -> f64 {
        let players = self.tree.players;
        self.tree.children(node).iter().zip(weights).map(|(c, p)| p * self.values[c * players + player]).sum()
    }

    /// δQ for the directions e_from … e_{from + 7}, into `slope_q`.
    fn slopes(&mut self, from: usize) {
        let tree = self.tree;
        let players = tree.players;
        self.slope_reach[0] = [0.0; WIDE];
        for node in 0..tree.nodes() {
            let here = self.slope_reach[node];
            for (position, child) in tree.children(node).iter().enumerate() {
                let mut next = here;
                if let Who::Set(set) = tree.who[node]
                    && let Some(lane) = (tree.action[set] + position).checked_sub(from).filter(|l| *l < WIDE)
                {
                    next[lane] += 1.0;
                }
                self.slope_reach[*child] = next;
            }
        }
        for node in (0..tree.nodes()).rev() {
            for player in 0..players {
                let mut total = [0.0; WIDE];
                for (position, child) in tree.children(node).iter().enumerate() {
                    let (p, lane) = match tree.who[node] {
                        Who::Set(set) => {
                            let at = tree.action[set] + position;
                            (self.played[at], at.checked_sub(from).filter(|l| *l < WIDE))
                        }
                        Who::Chance(odds) => (tree.odds[odds + position], None),
                        Who::Nobody => (0.0, None),
                    };
                    for (t, s) in total.iter_mut().zip(&self.slope_values[child * players + player]) {
                        *t += p * s;
                    }
                    if let Some(lane) = lane {
                        total[lane] += p * self.values[child * players + player];
                    }
                }
                self.slope_values[node * players + player] = total;
            }
        }
        for set in 0..self.sets() {
            let own = tree.action[set]..tree.action[set + 1];
            let mut mean = [0.0; WIDE];
            for node in &tree.members[set] {
                for (m, s) in mean.iter_mut().zip(&self.slope_reach[*node]) {
                    *m += self.belief[*node] * s;
                }
            }
            self.slope_q[own.clone()].fill([0.0; WIDE]);
            for node in &tree.members[set] {
                let mu = self.belief[*node];
                for (at, child) in own.clone().zip(tree.children(*node)) {
                    let of = child * players + tree.owner[set];
                    let value = self.values[of];
                    let of_values = self.slope_values[of];
                    let rows = of_values.iter().zip(&self.slope_reach[*node]).zip(&mean);
                    for (q, ((v, r), m)) in self.slope_q[at].iter_mut().zip(rows) {
                        *q += mu * (v + (r - m) * value);
                    }
                }
            }
        }
    }

    /// Writes out (I − λ ∂ ln best / ∂y) (step, tangent) = (gap, ∂ ln best / ∂λ).
    fn assemble(&mut self, lambda: f64) {
        let actions = self.tree.actions();
        let width = actions + 2;
        self.system.clear();
        self.system.resize(actions * width, 0.0);
        let center = |best: &[f64], values: &mut dyn FnMut(usize) -> f64, out: &mut dyn FnMut(usize, f64)| {
            let mean: f64 = best.iter().enumerate().map(|(i, p)| p * values(i)).sum();
            for i in 0..best.len() {
                out(i, values(i) - mean);
            }
        };
        for from in (0..actions).step_by(WIDE) {
            self.slopes(from);
            for set in 0..self.sets() {
                let own = self.tree.action[set]..self.tree.action[set + 1];
                for lane in 0..WIDE.min(actions - from) {
                    let (slopes, share, system) = (&self.slope_q, &self.share, &mut self.system);
                    center(&self.soft[own.clone()], &mut |i| slopes[own.start + i][lane], &mut |i, v| {
                        system[(own.start + i) * width + from + lane] = -lambda * v * share[own.start + i];
                    });
                }
            }
        }
        for set in 0..self.sets() {
            let own = self.tree.action[set]..self.tree.action[set + 1];
            let (q, share, system) = (&self.q, &self.share, &mut self.system);
            center(&self.soft[own.clone()], &mut |i| q[own.start + i], &mut |i, v| {
                system[(own.start + i) * width + actions + 1] = v * share[own.start + i];
            });
        }
        for at in 0..actions {
            self.system[at * width + at] += 1.0;
            self.system[at * width + actions] = self.gap[at];
        }
    }

    fn linear(&mut self, lambda: f64) {
        let actions = self.tree.actions();
        let width = actions + 2;
        self.assemble(lambda);
        self.sign = dense::solve(&mut self.system, actions, width);
        for at in 0..actions {
            self.step[at] = self.system[at * width + actions];
            self.tangent[at] = self.system[at * width + actions + 1];
        }
    }
}

impl GeneralSolver<'_> {
    /// Direction d with Σ σ d² = 1 in which the equation changes least: the null direction of the Jacobian where branches cross.
    ///
    /// Inverse iteration from a fixed start. Cost: actions³ for each of a few rounds.
    pub(crate) fn null_direction(&mut self, y: &[f64], lambda: f64) -> Option<Vec<f64>> {
        let actions = self.tree.actions();
        let width = actions + 2;
        self.values_of(y, lambda);
        // Nothing that is symmetric: the start must not be orthogonal to what is looked for.
        let mut d: Vec<f64> =
            (0..actions).map(|at| ((at as f64 + 1.0) * 1.618_033_988_749_895).sin()).collect();
        for _ in 0..6 {
            self.assemble(lambda);
            for (row, d) in self.system.chunks_exact_mut(width).zip(&d) {
                row[actions] = *d;
                row[actions + 1] = 0.0;
            }
            dense::solve(&mut self.system, actions, width);
            for (at, d) in d.iter_mut().enumerate() {
                *d = self.system[at * width + actions];
            }
            let norm = d.iter().zip(&self.played).map(|(d, p)| p * d * d).sum::<f64>().sqrt();
            if !(norm > 0.0) || !norm.is_finite() {
                return None;
            }
            d.iter_mut().for_each(|d| *d /= norm);
        }
        Some(d)
    }
}

impl Correspondence for GeneralSolver<'_> {
    fn unknowns(&self) -> usize {
        self.tree.actions()
    }

    fn uniform(&self) -> Vec<f64> {
        let mut y = self.base.clone();
        self.normalize(&mut y);
        for bounds in self.tree.action.windows(2) {
            let free = 1.0 - self.floor[bounds[0]..bounds[1]].iter().sum::<f64>();
            if free < 1.0 {
                let own = bounds[0]..bounds[1];
                for (y, floor) in y[own.clone()].iter_mut().zip(&self.floor[own]) {
                    *y = (floor + free * y.exp()).ln();
                }
            }
        }
        y
    }

    fn evaluate(&mut self, y: &[f64], lambda: f64) -> f64 {
        let residual = self.values_of(y, lambda);
        self.linear(lambda);
        residual
    }

    fn normalize(&self, y: &mut [f64]) {
        for bounds in self.tree.action.windows(2) {
            dense::normalize_columns(&mut y[bounds[0]..bounds[1]], 1);
        }
    }

    fn step(&self) -> &[f64] {
        &self.step
    }

    fn tangent(&self) -> &[f64] {
        &self.tangent
    }

    fn gap(&self) -> f64 {
        self.gap.iter().fold(0.0, |most, g| if g.abs() > most || g.is_nan() { g.abs() } else { most })
    }

    fn distance(&self) -> f64 {
        let totals = self.tree.action.windows(2).map(|bounds| {
            let own = bounds[0]..bounds[1];
            own.map(|a| self.played[a] * self.gap[a].abs()).sum::<f64>()
        });
        totals.fold(0.0, |most, total| if total > most || total.is_nan() { total } else { most })
    }

    fn played(&self) -> &[f64] {
        &self.played
    }

    fn sign(&self) -> f64 {
        self.sign
    }
}
