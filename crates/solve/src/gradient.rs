//! Derivatives of a solved war game: the numbers it is made of, and functionals of its equilibrium with respect to them.
//!
//! The equilibrium is a function of the game's *primitives*: payoffs, probabilities, base weights, discounts, precisions.
//! [`AdjointSolver`] differentiates functionals of it with respect to all primitives at once; how a parameter moves the primitives is
//! an explicit computation that needs no solver ([`Primitives::of`] two games that differ a little), and the derivative with respect to
//! the parameter is the scalar product of the two ([`Primitives::dot`]).

use armistice_game::{NodeId, Payoff, Precision, Stage, StageTree, StateId, WarGame};

pub use crate::war::{AdjointSolver, StageAdjoint};

/// Every number a war game is made of, or a derivative with respect to each.
#[derive(Clone, Debug, PartialEq)]
pub struct Primitives {
    /// By player: δ, per period.
    pub discount: Vec<f64>,
    /// By player: λ, per unit of payoff; 0 where it is infinite.
    pub precision: Vec<f64>,
    /// By slot: the public belief at the start. [`Primitives::of`] puts the priors here.
    pub start: Vec<f64>,
    /// By state: numbers of the horizon payoff, as [`Payoff::values`].
    pub horizon: Vec<Vec<f64>>,
    /// By state.
    pub stages: Vec<StagePrimitives>,
    /// By observable: values by state. No equilibrium depends on them, but measures do.
    pub observables: Vec<Vec<f64>>,
}

/// The numbers of one state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StagePrimitives {
    /// `[edge][slot]`: what edges pay.
    pub flows: Vec<f64>,
    /// `[edge][slot]`: the part of it that is borne cost, for measures of cost.
    pub costs: Vec<f64>,
    /// `[edge]`: log of the base weight.
    pub log_weights: Vec<f64>,
    /// As [`StageTree::probabilities`].
    pub probabilities: Vec<f64>,
    /// `[end]`: numbers of the payoff, as [`Payoff::values`]; one end where the war is over in the state.
    pub ends: Vec<Vec<f64>>,
    /// `[end]`: terms; 0 where none are stated.
    pub terms: Vec<f64>,
}

impl Primitives {
    /// The numbers of a game.
    ///
    /// Cost: linear in the size of the game.
    #[must_use]
    pub fn of(game: &WarGame) -> Self {
        let finite = |precision: &Precision| match precision {
            Precision::Finite(x) => *x,
            Precision::Infinite => 0.0,
        };
        Self {
            discount: game.players.iter().map(|p| p.discount).collect(),
            precision: game.players.iter().map(|p| finite(&p.precision)).collect(),
            start: game.players.iter().flat_map(|p| p.types.iter().map(|t| t.prior)).collect(),
            horizon: game.horizon_payoffs.iter().map(|p| p.values().to_vec()).collect(),
            stages: game.stages.iter().map(StagePrimitives::of).collect(),
            observables: game.observables.iter().map(|o| o.values.clone()).collect(),
        }
    }

    /// As many zeros as the game has numbers.
    #[must_use]
    pub fn zero(game: &WarGame) -> Self {
        let mut out = Self::of(game);
        out.parts_mut().into_iter().for_each(|part| part.fill(0.0));
        out
    }

    /// Σ aᵢ bᵢ over all numbers, in a fixed order; numbers that only one of them has count nothing.
    #[must_use]
    pub fn dot(&self, other: &Self) -> f64 {
        let sum = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        self.parts().into_iter().zip(other.parts()).map(|(a, b)| sum(a, b)).sum()
    }

    /// Adds `factor` times the other numbers.
    pub fn add(&mut self, factor: f64, other: &Self) {
        for (a, b) in self.parts_mut().into_iter().zip(other.parts()) {
            for (a, b) in a.iter_mut().zip(b) {
                *a += factor * b;
            }
        }
    }

    /// All numbers, run by run, always in the same order.
    #[must_use]
    pub fn parts(&self) -> Vec<&[f64]> {
        let mut out: Vec<&[f64]> = vec![&self.discount, &self.precision, &self.start];
        out.extend(self.horizon.iter().map(Vec::as_slice));
        for stage in &self.stages {
            let StagePrimitives { flows, costs, log_weights, probabilities, ends, terms } = stage;
            out.extend([flows, costs, log_weights, probabilities, terms].map(Vec::as_slice));
            out.extend(ends.iter().map(Vec::as_slice));
        }
        out.extend(self.observables.iter().map(Vec::as_slice));
        out
    }

    fn parts_mut(&mut self) -> Vec<&mut [f64]> {
        let mut out: Vec<&mut [f64]> = vec![&mut self.discount, &mut self.precision, &mut self.start];
        out.extend(self.horizon.iter_mut().map(Vec::as_mut_slice));
        for stage in &mut self.stages {
            let StagePrimitives { flows, costs, log_weights, probabilities, ends, terms } = stage;
            out.extend([flows, costs, log_weights, probabilities, terms].map(Vec::as_mut_slice));
            out.extend(ends.iter_mut().map(Vec::as_mut_slice));
        }
        out.extend(self.observables.iter_mut().map(Vec::as_mut_slice));
        out
    }
}

impl StagePrimitives {
    fn of(stage: &Stage) -> Self {
        match stage {
            Stage::Over(end) => Self {
                ends: vec![end.payoff.values().to_vec()],
                terms: vec![end.terms.unwrap_or(0.0)],
                ..Self::default()
            },
            Stage::Play(tree) => Self {
                flows: tree.edges.iter().flat_map(|e| tree.flows.row(e.flow)).copied().collect(),
                costs: tree.edges.iter().flat_map(|e| tree.costs.row(e.cost)).copied().collect(),
                log_weights: tree.edges.iter().map(|e| e.log_weight).collect(),
                probabilities: tree.probabilities.clone(),
                ends: tree.ends.iter().map(|end| end.payoff.values().to_vec()).collect(),
                terms: tree.ends.iter().map(|end| end.terms.unwrap_or(0.0)).collect(),
            },
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let add = |a: &mut [f64], b: &[f64]| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        add(&mut self.flows, &other.flows);
        add(&mut self.log_weights, &other.log_weights);
        add(&mut self.probabilities, &other.probabilities);
        for (a, b) in self.ends.iter_mut().zip(&other.ends) {
            add(a, b);
        }
    }
}

/// Whether two games differ in numbers alone, or what else differs, in words that complete "not the same: …".
///
/// Cost: linear in the size of the games.
pub fn same_shape(a: &WarGame, b: &WarGame) -> Result<(), &'static str> {
    let test = |same: bool, what: &'static str| if same { Ok(()) } else { Err(what) };
    let infinite = |game: &WarGame| -> Vec<bool> {
        game.players.iter().map(|p| p.precision == Precision::Infinite).collect()
    };
    test(a.types() == b.types() && infinite(a) == infinite(b), "the players")?;
    test(a.states == b.states && a.start == b.start, "the states that play can reach")?;
    test(a.horizon == b.horizon, "the horizon")?;
    let joint = |payoff: &Payoff| matches!(payoff, Payoff::Joint(_));
    test(
        a.horizon_payoffs.iter().map(joint).eq(b.horizon_payoffs.iter().map(joint)),
        "what a payoff at the horizon depends on",
    )?;
    test(a.observables.len() == b.observables.len(), "the observables")?;
    for (a, b) in a.stages.iter().zip(&b.stages) {
        match (a, b) {
            (Stage::Over(a), Stage::Over(b)) => {
                test(
                    a.ending == b.ending && joint(&a.payoff) == joint(&b.payoff),
                    "how the war ends in a state",
                )?;
            }
            (Stage::Play(a), Stage::Play(b)) => same_tree(a, b)?,
            _ => return Err("the states in which the war is over"),
        }
    }
    Ok(())
}

fn same_tree(a: &StageTree, b: &StageTree) -> Result<(), &'static str> {
    let edges = |a: &StageTree, b: &StageTree| {
        a.edges.len() == b.edges.len()
            && a.edges
                .iter()
                .zip(&b.edges)
                .all(|(a, b)| (a.child, a.label, a.chance) == (b.child, b.label, b.chance))
    };
    if a.nodes != b.nodes || !edges(a, b) || a.probabilities.len() != b.probabilities.len() {
        return Err("the moves of a period");
    }
    let end = |end: &armistice_game::EndPoint| {
        (end.ending, end.terms.is_some(), matches!(end.payoff, Payoff::Joint(_)))
    };
    if a.ends.iter().map(end).ne(b.ends.iter().map(end)) {
        return Err("how the war ends within a period");
    }
    Ok(())
}

/// What a functional reads in one stage at one belief: its derivative with respect to numbers the stage determines.
///
/// Several entries for one number add up. Direct dependence on primitives is not stated here: add it to
/// [`Adjoint::primitives`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StageSeeds {
    /// Expected payoff at a node, by slot: `(node, slot, derivative)`. Nodes inside a lottery that reveals nothing have none.
    pub values: Vec<(NodeId, usize, f64)>,
    /// Action value Q at an edge of a move: `(edge, slot, derivative)`.
    pub action_values: Vec<(usize, usize, f64)>,
    /// Probability that a type of the mover chooses an edge: `(edge, position of the type, derivative)`.
    pub strategies: Vec<(usize, usize, f64)>,
    /// Public belief at a node: `(node, slot, derivative)`. Beliefs move within the simplex, so that only differences between the
    /// slots of a player matter.
    pub beliefs: Vec<(NodeId, usize, f64)>,
}

impl StageSeeds {
    /// Forgets all entries.
    pub fn clear(&mut self) {
        self.values.clear();
        self.action_values.clear();
        self.strategies.clear();
        self.beliefs.clear();
    }
}

/// Derivatives of one functional, so far: with respect to the equilibrium values of every period, and to the primitives directly.
#[derive(Clone, Debug)]
pub struct Adjoint {
    /// `[period][state][grid point][slot]`; one period for an indefinite horizon.
    pub(crate) values: Vec<f64>,
    /// With respect to the primitives; complete after [`AdjointSolver::sweep`].
    pub primitives: Primitives,
}

/// What differentiating took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Stages solved: points (period, state, belief) on which some functional depends.
    pub stages: u64,
    /// Transposed linear systems solved, at most one a stage and functional.
    pub solves: u64,
    /// Stages whose fixed point was not reached; derivatives there are not to be trusted.
    pub not_converged: u64,
}

impl std::ops::AddAssign for Effort {
    fn add_assign(&mut self, other: Self) {
        self.stages += other.stages;
        self.solves += other.solves;
        self.not_converged += other.not_converged;
    }
}

/// Why no derivatives exist. Messages complete "failed to …".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GradientError {
    /// Best responses jump.
    #[error("differentiate: the precision of a player is infinite")]
    InfinitePrecision,
    /// Stopped on request.
    #[error("differentiate: stopped on request")]
    Cancelled,
}

/// Adds to `out` (like [`Payoff::values`]) what derivatives with respect to the expected payoffs of all slots are worth in it.
pub fn payoff_adjoint(payoff: &Payoff, types: &[usize], belief: &[f64], by_slot: &[f64], out: &mut [f64]) {
    if matches!(payoff, Payoff::Own(_)) {
        out.iter_mut().zip(by_slot).for_each(|(x, seed)| *x += seed);
        return;
    }
    let players = types.len();
    let offsets: Vec<usize> = (0..players).map(|i| types[..i].iter().sum()).collect();
    let mut profile = vec![0usize; players];
    let at = |list: &[f64], slot: usize| list.get(slot).copied().unwrap_or(0.0);
    for row in out.chunks_exact_mut(players.max(1)) {
        for (i, x) in row.iter_mut().enumerate() {
            let others = (0..players).filter(|j| *j != i);
            let weight: f64 = others.map(|j| at(belief, offsets[j] + profile[j])).product();
            *x += weight * at(by_slot, offsets[i] + profile[i]);
        }
        for j in (0..players).rev() {
            profile[j] += 1;
            if profile[j] < types[j] {
                break;
            }
            profile[j] = 0;
        }
    }
}

/// Where a stage is played.
pub(crate) type Place = (u32, StateId);
