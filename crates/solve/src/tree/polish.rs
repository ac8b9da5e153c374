//! Mixed play on the path, made exact.
//!
//! Given the actions S(h) that are played at every information set that is reached, an equilibrium solves Σ σ(a | h) = 1 and
//!
//!   G(h, a) = Σ_{x ∈ h} Pr(x) (V(x a) − V(x a₀)) = 0   for a, a₀ ∈ S(h).
//!
//! Only play on the path enters. G is affine in every single probability, so that differences with a step of 1 are its derivatives, but for
//! round-off; the equations are solved by Newton's method with the shortest step where they have more than one solution.

use super::arrays::{Arrays, Who};
use super::dense;
use crate::tolerance;

/// Most Newton steps.
const STEPS: usize = 40;
/// Most unknowns.
const UNKNOWNS: usize = 400;
/// Share of the largest squared slope that keeps the normal equations solvable.
const RIDGE: f64 = 1e-13;

/// Which information sets have a node that is reached with actions in `support` alone.
pub(crate) fn reached_sets(tree: &Arrays, support: &[bool]) -> Vec<bool> {
    reached_with_nodes(tree, support).0
}

/// The same, and which nodes are reached.
fn reached_with_nodes(tree: &Arrays, support: &[bool]) -> (Vec<bool>, Vec<bool>) {
    let mut live = vec![false; tree.nodes()];
    let mut out = vec![false; tree.owner.len()];
    if let Some(root) = live.first_mut() {
        *root = true;
    }
    for node in 0..tree.nodes() {
        if !live[node] {
            continue;
        }
        if let Who::Set(set) = tree.who[node] {
            out[set] = true;
        }
        for (position, child) in tree.children(node).iter().enumerate() {
            live[*child] = match tree.who[node] {
                Who::Set(set) => support[tree.action[set] + position],
                Who::Chance(odds) => tree.odds[odds + position] > 0.0,
                Who::Nobody => false,
            };
        }
    }
    (out, live)
}

/// The equations of mixed play on the path.
pub(crate) struct System<'a> {
    tree: &'a Arrays,
    /// The nodes that are reached, in preorder; all of them where there are ties.
    nodes: Vec<usize>,
    /// By reached set with several actions played: these actions.
    mixed: Vec<(usize, Vec<usize>)>,
    /// Actions that are as good as those played at their set although they are not: set, played, unplayed.
    ties: Vec<(usize, usize, usize)>,
    /// Actions whose probability is unknown.
    pub(crate) unknowns: Vec<usize>,
    /// By player: unit of payoffs.
    unit: Vec<f64>,
}

/// The profile near `start` that is indifferent wherever it mixes on the path; `support` says which actions are played, and `start` is kept
/// at sets that are not reached. `None` where there is none.
///
/// Cost: per step unknowns × nodes on the path + unknowns³.
pub(crate) fn polish(tree: &Arrays, start: &[f64], support: &[bool]) -> Option<Vec<f64>> {
    let (system, sigma) = System::new(tree, start, support)?;
    if system.unknowns.is_empty() { Some(sigma) } else { system.solve(sigma) }
}

impl<'a> System<'a> {
    /// The equations, and `start` with nothing but the support on the path. `None` where the support has no mass, or is too large.
    pub(crate) fn new(tree: &'a Arrays, start: &[f64], support: &[bool]) -> Option<(Self, Vec<f64>)> {
        let (reached, live) = reached_with_nodes(tree, support);
        let mut sigma = start.to_vec();
        let mut mixed = Vec::new();
        for set in (0..reached.len()).filter(|set| reached[*set]) {
            let own = tree.action[set]..tree.action[set + 1];
            let total: f64 = own.clone().filter(|a| support[*a]).map(|a| start[a]).sum();
            if !(total > 0.0) {
                return None;
            }
            for a in own.clone() {
                sigma[a] = if support[a] { start[a] / total } else { 0.0 };
            }
            let played: Vec<usize> = own.filter(|a| support[*a]).collect();
            if played.len() > 1 {
                mixed.push((set, played));
            }
        }
        let unknowns: Vec<usize> = mixed.iter().flat_map(|(_, played)| played.iter().copied()).collect();
        if unknowns.len() > UNKNOWNS {
            return None;
        }
        let nodes = (0..tree.nodes()).filter(|n| live[*n]).collect();
        let unit = (0..tree.players).map(|p| tree.payoff_range(p).max(f64::MIN_POSITIVE)).collect();
        Some((Self { tree, nodes, mixed, ties: Vec::new(), unknowns, unit }, sigma))
    }

    /// Demands that an action which is not played be as good as one that is.
    pub(crate) fn tie(&mut self, set: usize, played: usize, unplayed: usize) {
        self.nodes = (0..self.tree.nodes()).collect();
        self.ties.push((set, played, unplayed));
    }

    /// Values of the equations at a profile.
    pub(crate) fn linear_value(&self, sigma: &[f64]) -> Vec<f64> {
        let (raw, weights) = self.equations(sigma);
        raw.iter().zip(&weights).map(|(r, w)| r / w).collect()
    }

    /// Slopes `[equation][unknown]` of the equations at a profile, and their values there.
    pub(crate) fn linear(&self, sigma: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (raw, weights) = self.equations(sigma);
        let scaled = |raw: &[f64]| -> Vec<f64> { raw.iter().zip(&weights).map(|(r, w)| r / w).collect() };
        let value = scaled(&raw);
        let n = self.unknowns.len();
        let mut slopes = vec![0.0; value.len() * n];
        let mut moved = sigma.to_vec();
        for (column, at) in self.unknowns.iter().enumerate() {
            moved[*at] += 1.0;
            for (row, (m, v)) in scaled(&self.equations(&moved).0).iter().zip(&value).enumerate() {
                slopes[row * n + column] = m - v;
            }
            moved[*at] = sigma[*at];
        }
        (slopes, value)
    }
}

impl System<'_> {
    /// The solution near a profile, by Newton's method.
    pub(crate) fn solve(&self, mut sigma: Vec<f64>) -> Option<Vec<f64>> {
        let unknowns = &self.unknowns;
        let n = unknowns.len();
        let mut last = f64::INFINITY;
        let mut best: Option<(f64, Vec<f64>)> = None;
        for _ in 0..STEPS {
            let (slopes, value) = self.linear(&sigma);
            let worst = value.iter().fold(0.0f64, |m, v| if v.abs() > m || v.is_nan() { v.abs() } else { m });
            if !worst.is_finite() {
                return None;
            }
            if best.as_ref().is_none_or(|(least, _)| worst < *least) {
                best = Some((worst, sigma.clone()));
            } else if worst <= tolerance::POLISHED && worst >= 0.5 * last {
                break;
            }
            if worst == 0.0 {
                break;
            }
            last = worst;
            let step = shortest(&slopes, &value, n);
            let longest = step.iter().fold(0.0f64, |m, s| m.max(s.abs()));
            if !longest.is_finite() {
                return None;
            }
            let damp = if longest > 0.5 { 0.5 / longest } else { 1.0 };
            for (at, step) in unknowns.iter().zip(&step) {
                sigma[*at] -= damp * step;
            }
            if unknowns.iter().any(|at| !(sigma[*at].abs() <= 10.0)) {
                return None;
            }
        }
        let (worst, mut sigma) = best?;
        if worst > tolerance::POLISHED || unknowns.iter().any(|at| sigma[*at] < -tolerance::POLISHED) {
            return None;
        }
        for (_, played) in &self.mixed {
            let total: f64 = played.iter().map(|at| sigma[*at].max(0.0)).sum();
            played.iter().for_each(|at| sigma[*at] = sigma[*at].max(0.0) / total);
        }
        Some(sigma)
    }

    /// Left-hand sides, and the probability of the set times the unit of payoffs by which each is divided.
    fn equations(&self, sigma: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let tree = self.tree;
        let players = tree.players;
        let mut reach = vec![0.0; tree.nodes()];
        let mut values = vec![0.0; tree.nodes() * players];
        let probability = |node: usize, position: usize| match tree.who[node] {
            Who::Set(set) => sigma[tree.action[set] + position],
            Who::Chance(odds) => tree.odds[odds + position],
            Who::Nobody => 0.0,
        };
        reach[0] = 1.0;
        for node in &self.nodes {
            for (position, child) in tree.children(*node).iter().enumerate() {
                reach[*child] = reach[*node] * probability(*node, position);
            }
        }
        for node in self.nodes.iter().rev() {
            for player in 0..players {
                values[node * players + player] = if tree.who[*node] == Who::Nobody {
                    tree.payoff(*node, player)
                } else {
                    let children = tree.children(*node).iter().enumerate();
                    children.map(|(i, c)| probability(*node, i) * values[c * players + player]).sum()
                };
            }
        }
        let (mut out, mut weights) = (Vec::new(), Vec::new());
        for (set, played) in &self.mixed {
            out.push(played.iter().map(|at| sigma[*at]).sum::<f64>() - 1.0);
            weights.push(1.0);
            let player = tree.owner[*set];
            let total: f64 = tree.members[*set].iter().map(|n| reach[*n]).sum();
            for at in &played[1..] {
                let (one, other) = (at - tree.action[*set], played[0] - tree.action[*set]);
                let gain = tree.members[*set].iter().map(|n| {
                    let of = |i: usize| values[tree.children(*n)[i] * players + player];
                    reach[*n] * (of(one) - of(other))
                });
                out.push(gain.sum());
                weights.push(self.unit[player] * if total > 0.0 { total } else { 1.0 });
            }
        }
        for (set, played, unplayed) in &self.ties {
            let player = tree.owner[*set];
            let total: f64 = tree.members[*set].iter().map(|n| reach[*n]).sum();
            let (one, other) = (unplayed - tree.action[*set], played - tree.action[*set]);
            let gain = tree.members[*set].iter().map(|n| {
                let of = |i: usize| values[tree.children(*n)[i] * players + player];
                reach[*n] * (of(one) - of(other))
            });
            out.push(gain.sum());
            weights.push(self.unit[player] * if total > 0.0 { total } else { 1.0 });
        }
        (out, weights)
    }
}

/// The shortest x with J x = v, up to a small ridge: Jᵀ (J Jᵀ + μ)⁻¹ v, J with rows of length n.
pub(crate) fn shortest(slopes: &[f64], value: &[f64], n: usize) -> Vec<f64> {
    let m = value.len();
    let width = m + 1;
    let mut rows = vec![0.0; m * width];
    let mut most = 0.0f64;
    for i in 0..m {
        for j in 0..m {
            rows[i * width + j] = dense::dot(&slopes[i * n..][..n], &slopes[j * n..][..n]);
        }
        most = most.max(rows[i * width + i]);
        rows[i * width + m] = value[i];
    }
    for i in 0..m {
        rows[i * width + i] += RIDGE * most;
    }
    dense::solve(&mut rows, m, width);
    let mut out = vec![0.0; n];
    for i in 0..m {
        dense::add(&mut out, rows[i * width + m], &slopes[i * n..][..n]);
    }
    out
}
