//! The proof that comes with a solution: strategies are put into the stage tree and everything is recomputed by plain
//! recursion. Nothing here is shared with the solver but the game and the values it kept.

use armistice_game::{
    Belief, Horizon, Node, NodeId, PlayerId, Precision, Stage, StageTree, StateId, WarGame,
};
use serde::Serialize;

use crate::{Assessment, Control, Counts, Equilibrium, Selection, Settings, StageSolver, Status};

/// What was checked, and what came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Certificate {
    /// Status of the solution.
    pub status: Status,
    /// How the solver got there.
    pub counts: Counts,
    /// Points (period, state, grid belief) recomputed independently, of how many.
    pub checked: u64,
    /// Points in all.
    pub points: u64,
    /// Largest |σ − logit(λQ(σ))| at any information set checked.
    pub residual: f64,
    /// Largest gain from the best one-shot deviation at any information set checked, in payoff units.
    pub regret: f64,
    /// The same as a share of [`Certificate::payoff_range`].
    pub regret_share: f64,
    /// What logit choice allows at the information set with the largest regret: ln(Σw / w_best) / λ, in payoff units.
    pub regret_bound: f64,
    /// Largest |V − U(root; σ)|: the values kept against those the strategies earn, in payoff units.
    pub value_error: f64,
    /// Points checked at which the strategies recomputed from scratch belong to another equilibrium than the values kept: the stage
    /// game has several there, and conclusions should be read with the other selections beside them.
    pub ambiguous: u64,
    /// Largest |Σ σ − 1|.
    pub mass_error: f64,
    /// Largest minus smallest payoff of any flow or ending.
    pub payoff_range: f64,
    /// Belief points along an edge.
    pub belief_points: usize,
    /// The belief grid's error, where a coarser solution was compared.
    pub grid_error: Option<GridError>,
    /// Other selections tried, and whether they agree.
    pub selections: Vec<SelectionCheck>,
}

/// The difference to the solution on a coarser grid.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GridError {
    /// Belief points along an edge of the coarser grid.
    pub coarse_points: usize,
    /// Largest difference of values at the first period over all states and the coarse points, in payoff units.
    pub largest_difference: f64,
    /// Difference of values at the start, largest over slots, in payoff units.
    pub start_difference: f64,
    /// Richardson estimate of the error at the start: the difference / (ratio² − 1), for an error of order h².
    pub richardson: f64,
}

/// Another selection of stage equilibria, compared point by point.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SelectionCheck {
    /// Which.
    pub selection: Selection,
    /// Points compared.
    pub points: u64,
    /// Points where that selection reached a fixed point.
    pub converged: u64,
    /// Points where its payoffs differ by more than [`crate::tolerance::SAME_EQUILIBRIUM`].
    pub different: u64,
    /// Largest difference of any payoff, in payoff units.
    pub largest_difference: f64,
}

/// Checks a solution at `sample` points (all of them if there are no more), spread evenly over periods, states and beliefs.
///
/// Strategies are recomputed from the values kept, then judged by plain recursion on the stage tree: Bayes' rule, expected
/// payoffs, logit response, best deviation. Cost: `sample` stage solutions and tree walks.
#[must_use]
pub fn certify(
    game: &WarGame,
    equilibrium: &Equilibrium,
    sample: usize,
    control: &Control<'_>,
) -> Certificate {
    let points = Points::new(game, equilibrium);
    let chosen = points.sample(sample);
    let mut certificate = Certificate {
        status: equilibrium.status.clone(),
        counts: equilibrium.counts,
        checked: 0,
        points: points.total() as u64,
        residual: 0.0,
        regret: 0.0,
        regret_share: 0.0,
        regret_bound: 0.0,
        value_error: 0.0,
        ambiguous: 0,
        mass_error: 0.0,
        payoff_range: game.payoff_range(),
        belief_points: equilibrium.settings.belief_points,
        grid_error: None,
        selections: Vec::new(),
    };
    let mut solver = StageSolver::new(game, equilibrium);
    let total = chosen.len() as u64;
    for group in chosen.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        if control.cancel.is_canceled() {
            break;
        }
        let (period, state, _) = group[0];
        let Stage::Play(tree) = &game.stages[state.index()] else { continue };
        let beliefs: Vec<Belief> = group.iter().map(|g| Belief(equilibrium.grid.belief(g.2))).collect();
        for (assessment, belief) in solver.solve(period, state, &beliefs).iter().zip(&beliefs) {
            let mut judge =
                Judge { game, equilibrium, tree, assessment, period, certificate: &mut certificate };
            let values = judge.node(NodeId(0), &belief.0);
            let kept = equilibrium.value(game, period, state, belief);
            let error = values.iter().zip(&kept).map(|(u, v)| (u - v).abs()).fold(0.0, larger);
            certificate.value_error = larger(certificate.value_error, error);
            certificate.ambiguous += u64::from(error > crate::tolerance::SAME_EQUILIBRIUM);
            certificate.checked += 1;
        }
        control.report("certifying", certificate.checked, Some(total));
    }
    if certificate.payoff_range > 0.0 {
        certificate.regret_share = certificate.regret / certificate.payoff_range;
    }
    certificate
}

/// Compares a solution with one on a coarser grid.
#[must_use]
pub fn grid_error(game: &WarGame, fine: &Equilibrium, coarse: &Equilibrium) -> GridError {
    let mut largest = 0.0f64;
    for state in 0..game.states.len() {
        for point in 0..coarse.grid.points() {
            let belief = Belief(coarse.grid.belief(point));
            largest = larger(largest, distance(game, fine, coarse, StateId::new(state), &belief));
        }
    }
    let start = distance(game, fine, coarse, game.start, &Belief::prior(game));
    let steps = |e: &Equilibrium| (e.settings.belief_points - 1) as f64;
    let ratio = steps(fine) / steps(coarse);
    GridError {
        coarse_points: coarse.settings.belief_points,
        largest_difference: largest,
        start_difference: start,
        richardson: if ratio > 1.0 { start / (ratio * ratio - 1.0) } else { start },
    }
}

fn distance(game: &WarGame, a: &Equilibrium, b: &Equilibrium, state: StateId, belief: &Belief) -> f64 {
    let (a, b) = (a.value(game, 0, state, belief), b.value(game, 0, state, belief));
    a.iter().zip(&b).map(|(x, y)| (x - y).abs()).fold(0.0, larger)
}

/// Solves a sample of stages again under other selections, with the same continuation values, and compares payoffs.
///
/// [`Selection::Continuation`] checks that the fast iteration stayed on the principal branch; the others look for further
/// equilibria. Finding none is evidence, not proof, that there are none.
#[must_use]
pub fn compare_selections(
    game: &WarGame,
    equilibrium: &Equilibrium,
    selections: &[Selection],
    sample: usize,
    control: &Control<'_>,
) -> Vec<SelectionCheck> {
    let chosen = Points::new(game, equilibrium).sample(sample);
    let mut out = Vec::new();
    for selection in selections {
        let settings = Settings { selection: *selection, ..equilibrium.settings.clone() };
        let mut solver = StageSolver::with_settings(game, equilibrium, &settings);
        let mut check = SelectionCheck {
            selection: *selection,
            points: 0,
            converged: 0,
            different: 0,
            largest_difference: 0.0,
        };
        for group in chosen.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            if control.cancel.is_canceled() {
                break;
            }
            let (period, state, _) = group[0];
            let beliefs: Vec<Belief> = group.iter().map(|g| Belief(equilibrium.grid.belief(g.2))).collect();
            for (assessment, belief) in solver.solve(period, state, &beliefs).iter().zip(&beliefs) {
                check.points += 1;
                if !assessment.converged {
                    continue;
                }
                check.converged += 1;
                let known = equilibrium.value(game, period, state, belief);
                let found = assessment.value(NodeId(0));
                let gap = known.iter().zip(found).map(|(x, y)| (x - y).abs()).fold(0.0, larger);
                check.largest_difference = larger(check.largest_difference, gap);
                check.different += u64::from(gap > crate::tolerance::SAME_EQUILIBRIUM);
            }
        }
        out.push(check);
    }
    out
}

/// The larger of two errors, where what is not a number is an error without bound.
fn larger(a: f64, b: f64) -> f64 {
    if b.is_nan() { f64::INFINITY } else { a.max(b) }
}

/// All points of a solution that have a stage fixed point, numbered.
struct Points {
    periods: u32,
    playing: Vec<StateId>,
    beliefs: usize,
}

impl Points {
    fn new(game: &WarGame, equilibrium: &Equilibrium) -> Self {
        let playing = (0..game.states.len())
            .filter(|s| matches!(game.stages[*s], Stage::Play(_)))
            .map(StateId::new)
            .collect();
        Self { periods: equilibrium.periods, playing, beliefs: equilibrium.grid.points() }
    }

    fn total(&self) -> usize {
        self.periods as usize * self.playing.len() * self.beliefs
    }

    /// Every (total / size)-th point, with a stride that shares no factor with the grid.
    fn sample(&self, size: usize) -> Vec<(u32, StateId, usize)> {
        let total = self.total();
        let at = |index: usize| {
            let (rest, belief) = (index / self.beliefs, index % self.beliefs);
            let (period, state) = (rest / self.playing.len(), rest % self.playing.len());
            (u32::try_from(period).unwrap_or(u32::MAX), self.playing[state], belief)
        };
        if size >= total {
            return (0..total).map(at).collect();
        }
        (0..size).map(|i| at((i as u128 * total as u128 / size as u128) as usize)).collect()
    }
}

/// Plain recursion over one stage tree.
struct Judge<'a> {
    game: &'a WarGame,
    equilibrium: &'a Equilibrium,
    tree: &'a StageTree,
    assessment: &'a Assessment,
    period: u32,
    certificate: &'a mut Certificate,
}

impl Judge<'_> {
    /// Payoffs of all slots from a node reached with a belief; on the way up every information set is judged.
    fn node(&mut self, node: NodeId, belief: &[f64]) -> Vec<f64> {
        let tree = self.tree;
        match &tree.nodes[node.index()] {
            Node::End(end) => tree.ends[*end as usize].payoff.expected(&self.game.types(), belief),
            Node::Next(state) => {
                let next = self.read(*state, belief);
                self.discounted(next)
            }
            Node::Later { .. } => {
                let (edge, values) =
                    (&tree.edges_of(node)[0], self.node(tree.edges_of(node)[0].child, belief));
                let flow = tree.flows.row(edge.flow);
                self.discounted(values).iter().zip(flow).map(|(v, f)| v + f).collect()
            }
            Node::Chance { about, edges, .. } => {
                let first = edges.start as usize;
                let count = edges.len();
                let k = about.map_or(1, |p| self.game.slots_of(p).len());
                let likelihood: Vec<Vec<f64>> = (first..first + count)
                    .map(|e| (0..k).map(|kind| tree.probability(&tree.edges[e], kind)).collect())
                    .collect();
                self.branch(first, *about, &likelihood, belief).0
            }
            Node::Move { player, edges, .. } => {
                let first = edges.start as usize;
                let count = edges.len();
                let strategies: Vec<Vec<f64>> =
                    (first..first + count).map(|e| self.assessment.strategy(e).to_vec()).collect();
                let (values, q) = self.branch(first, Some(*player), &strategies, belief);
                self.judge(*player, first, &strategies, &q);
                values
            }
        }
    }

    /// Expected payoffs when edge e has probability `likelihood[e][type]` for the player concerned; also all Q by edge.
    fn branch(
        &mut self,
        first: usize,
        about: Option<PlayerId>,
        likelihood: &[Vec<f64>],
        belief: &[f64],
    ) -> (Vec<f64>, Vec<Vec<f64>>) {
        let slots = self.game.slots();
        let own = about.map_or(0..0, |p| self.game.slots_of(p));
        let mut values = vec![0.0; slots];
        let mut all = Vec::new();
        for (e, likelihood) in likelihood.iter().enumerate() {
            let edge = &self.tree.edges[first + e];
            let mut public = likelihood[0];
            let mut posterior = belief.to_vec();
            if about.is_some() {
                public = own.clone().zip(likelihood).map(|(slot, p)| belief[slot] * p).sum();
                if public > 0.0 {
                    for (slot, p) in own.clone().zip(likelihood) {
                        posterior[slot] = belief[slot] * p / public;
                    }
                }
            }
            let below = self.node(edge.child, &posterior);
            let flow = self.tree.flows.row(edge.flow);
            let q: Vec<f64> = below.iter().zip(flow).map(|(u, r)| u + r).collect();
            for slot in 0..slots {
                let p = if own.contains(&slot) { likelihood[slot - own.start] } else { public };
                values[slot] += p * q[slot];
            }
            all.push(q);
        }
        (values, all)
    }

    fn judge(&mut self, player: PlayerId, first: usize, strategies: &[Vec<f64>], q: &[Vec<f64>]) {
        let weights: Vec<f64> = (0..q.len()).map(|e| self.tree.edges[first + e].log_weight).collect();
        let own = self.game.slots_of(player);
        for (kind, slot) in own.enumerate() {
            let best = (0..q.len()).fold(0, |b, e| if q[e][slot] > q[b][slot] { e } else { b });
            let mean: f64 = (0..q.len()).map(|e| strategies[e][kind] * q[e][slot]).sum();
            let mass: f64 = (0..q.len()).map(|e| strategies[e][kind]).sum();
            let regret = q[best][slot] - mean;
            self.certificate.mass_error = larger(self.certificate.mass_error, (mass - 1.0).abs());
            let lambda = match self.game.players[player.index()].precision {
                Precision::Finite(lambda) => lambda,
                // The limit is judged by its regret; the residual at an unstated λ would mean nothing.
                Precision::Infinite => {
                    self.note(regret, 0.0);
                    continue;
                }
            };
            let top =
                (0..q.len()).map(|e| lambda * q[e][slot] + weights[e]).fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = (0..q.len()).map(|e| (lambda * q[e][slot] + weights[e] - top).exp()).sum();
            for e in 0..q.len() {
                let logit = (lambda * q[e][slot] + weights[e] - top).exp() / total;
                self.certificate.residual =
                    larger(self.certificate.residual, (strategies[e][kind] - logit).abs());
            }
            let mass: f64 = weights.iter().map(|w| w.exp()).sum();
            self.note(
                regret,
                if lambda > 0.0 { (mass.ln() - weights[best]) / lambda } else { f64::INFINITY },
            );
        }
    }

    fn note(&mut self, regret: f64, bound: f64) {
        let regret = larger(0.0, regret);
        if regret > self.certificate.regret {
            self.certificate.regret = regret;
            // No bound exists at λ = 0; the payoff range is then the only limit.
            self.certificate.regret_bound =
                if bound.is_finite() { bound } else { self.certificate.payoff_range };
        }
    }

    fn discounted(&self, mut values: Vec<f64>) -> Vec<f64> {
        let mut slot = 0;
        for player in &self.game.players {
            for _ in &player.types {
                values[slot] *= player.discount;
                slot += 1;
            }
        }
        values
    }

    /// Next period's values at a belief: barycentric in every player's simplex, written without the solver's grid code.
    fn read(&self, state: StateId, belief: &[f64]) -> Vec<f64> {
        let next = if self.game.horizon == Horizon::Indefinite { 0 } else { self.period + 1 };
        let table = self.equilibrium.table(next, state);
        let grids = self.equilibrium.grid.players();
        let slots = self.game.slots();
        let mut corners: Vec<(Vec<Vec<f64>>, f64)> = vec![(Vec::new(), 1.0)];
        for (player, grid) in grids.iter().enumerate() {
            let range = self.game.slots_of(PlayerId::new(player));
            let vertices = barycentric(&belief[range], grid.steps() as f64);
            corners = corners
                .iter()
                .flat_map(|(path, weight)| {
                    vertices.iter().map(move |(vertex, w)| {
                        let mut path = path.clone();
                        path.push(vertex.clone());
                        (path, weight * w)
                    })
                })
                .filter(|(_, weight)| *weight > 0.0)
                .collect();
        }
        let mut out = vec![0.0; slots];
        for (path, weight) in corners {
            let mut point = 0;
            for (grid, vertex) in grids.iter().zip(&path) {
                let own = (0..grid.points())
                    .find(|p| grid.belief(*p).iter().zip(vertex).all(|(a, b)| (a - b).abs() < 1e-9));
                point = point * grid.points() + own.unwrap_or(0);
            }
            for (x, v) in out.iter_mut().zip(&table[point * slots..(point + 1) * slots]) {
                *x += weight * v;
            }
        }
        out
    }
}

/// Vertices (as beliefs) and weights of the Freudenthal simplex around a belief, by sorting fractional parts.
fn barycentric(belief: &[f64], steps: f64) -> Vec<(Vec<f64>, f64)> {
    let k = belief.len();
    if k == 1 {
        return vec![(vec![1.0], 1.0)];
    }
    let cumulative: Vec<f64> = (1..k).map(|j| steps * belief[j..].iter().sum::<f64>()).collect();
    let mut cell: Vec<f64> = cumulative.iter().map(|z| z.floor().clamp(0.0, steps - 1.0)).collect();
    let fraction: Vec<f64> = cumulative.iter().zip(&cell).map(|(z, c)| (z - c).clamp(0.0, 1.0)).collect();
    let mut order: Vec<usize> = (0..k - 1).collect();
    order.sort_by(|a, b| fraction[*b].total_cmp(&fraction[*a]).then(a.cmp(b)));
    let as_belief = |cell: &[f64]| -> Vec<f64> {
        (0..k)
            .map(|l| {
                let above = if l == 0 { steps } else { cell[l - 1] };
                let below = if l == k - 1 { 0.0 } else { cell[l] };
                (above - below) / steps
            })
            .collect()
    };
    let mut out = Vec::new();
    let mut last = 1.0;
    for coordinate in order {
        out.push((as_belief(&cell), last - fraction[coordinate]));
        last = fraction[coordinate];
        cell[coordinate] += 1.0;
    }
    out.push((as_belief(&cell), last));
    out.retain(|(_, w)| *w > 0.0);
    out
}
