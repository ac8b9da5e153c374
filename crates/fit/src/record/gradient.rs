//! The gradient of a record's log likelihood: back through the filter, through the equilibrium of every stage it passes, and through the
//! recursion over periods.

use armistice_game::{Node, Stage, StageTree, StateId, WarGame};
use armistice_scenario::Observation;
use armistice_solve::gradient::{Adjoint, AdjointSolver, GradientError, Primitives, StageSeeds};
use armistice_solve::{Control, Equilibrium, SolvedStage};

use super::filter::{Filtered, History, Link, Passage, by_state, passages, public_probability};

/// A record and what the filter made of it.
pub type FilteredWar<'a> = (&'a [Observation], &'a Filtered);

/// Derivatives of Σ ln L over records with respect to every number of the game.
///
/// Reverse mode: the derivative with respect to the weights and beliefs of the histories after a row gives, through the probabilities of the
/// passages and Bayes' rule, that with respect to the strategies of the row's stages and to the histories before it. Where histories
/// were merged, each takes the share of its mass; where some were left out, they count in the likelihood of their row and nowhere after.
///
/// - cost: a stage solution and a transposed solve for each history and row, and one sweep over the periods for all records together.
/// - errors: those of [`AdjointSolver`]: an infinite precision has no derivatives; stopped on request.
pub fn likelihood_gradient(
    game: &WarGame,
    equilibrium: &Equilibrium,
    wars: &[FilteredWar<'_>],
    control: &Control<'_>,
) -> Result<Primitives, GradientError> {
    let solver = AdjointSolver::new(game, equilibrium)?;
    let mut adjoints = vec![solver.adjoint()];
    let slots = game.slots();
    for (rows, filtered) in wars {
        if control.cancel.is_canceled() {
            return Err(GradientError::Cancelled);
        }
        // Derivatives with respect to the histories after the row at hand: their weights, their beliefs.
        let mut bars = Bars::zero(0, slots);
        for (period, row) in rows.iter().enumerate().rev() {
            let before = filtered.after(period);
            let Some(month) = filtered.months.get(period) else { continue };
            let after = Carried::new(month, &bars, before, slots);
            bars = Bars::zero(before.len(), slots);
            let place = u32::try_from(period).unwrap_or(u32::MAX);
            for (state, members) in by_state(before) {
                back(
                    game,
                    &solver,
                    (place, state),
                    row,
                    (before, &members),
                    &after,
                    &mut bars,
                    &mut adjoints,
                );
            }
        }
        if let [adjoint] = adjoints.as_mut_slice() {
            adjoint.primitives.start.iter_mut().zip(&bars.beliefs).for_each(|(x, y)| *x += y);
        }
    }
    solver.sweep(&mut adjoints, control)?;
    adjoints.pop().map(|adjoint| adjoint.primitives).ok_or(GradientError::Cancelled)
}

/// Derivatives with respect to histories.
struct Bars {
    weights: Vec<f64>,
    /// `[history][slot]`
    beliefs: Vec<f64>,
}

impl Bars {
    fn zero(histories: usize, slots: usize) -> Self {
        Self { weights: vec![0.0; histories], beliefs: vec![0.0; histories * slots] }
    }
}

/// What the passages of a row are worth.
struct Carried<'a> {
    links: &'a [Link],
    /// By link: derivative of ln L with respect to its mass.
    masses: Vec<f64>,
    /// By link: derivative with respect to the belief it leads to, by slot.
    beliefs: Vec<f64>,
}

impl<'a> Carried<'a> {
    fn new(month: &'a super::filter::Month, bars: &Bars, before: &[History], slots: usize) -> Self {
        let total = month.log_predictive.exp();
        let kept = month.kept * total;
        let histories = &month.after;
        // Weights are normalized, so a mass that grows takes from all others.
        let mean: f64 = histories.iter().zip(&bars.weights).map(|(h, bar)| h.weight * bar).sum();
        let mut masses = Vec::with_capacity(month.links.len());
        let mut beliefs = vec![0.0; month.links.len() * slots];
        for (n, link) in month.links.iter().enumerate() {
            let mut bar = 1.0 / total;
            if let Some(to) = link.to {
                if let Some(own) = bars.weights.get(to) {
                    bar += (own - mean) / kept;
                }
                let mass = before[link.from].weight * link.probability;
                let share = mass / (histories[to].weight * kept);
                let from = bars.beliefs.get(to * slots..(to + 1) * slots).unwrap_or(&[]);
                for (x, b) in beliefs[n * slots..(n + 1) * slots].iter_mut().zip(from) {
                    *x = share * b;
                }
            }
            masses.push(bar);
        }
        Self { links: &month.links, masses, beliefs }
    }
}

/// Back through the stage of one state.
#[expect(
    clippy::too_many_arguments,
    reason = "one step of one recursion; a struct would name its parts a second time"
)]
fn back(
    game: &WarGame,
    solver: &AdjointSolver<'_>,
    place: (u32, StateId),
    row: &Observation,
    (before, members): (&[History], &[usize]),
    after: &Carried<'_>,
    bars: &mut Bars,
    adjoints: &mut [Adjoint],
) {
    let Some(Stage::Play(tree)) = game.stages.get(place.1.index()) else { return };
    let slots = game.slots();
    let ways = passages(game, tree, row);
    let beliefs: Vec<&[f64]> = members.iter().map(|i| before[*i].belief.as_slice()).collect();
    let mut chances = vec![0.0; tree.probabilities.len()];
    let visit = solver.visit(place, &beliefs, 1, |n, stage, out| {
        let Some(seeds) = out.first_mut() else { return };
        let from = members[n];
        for (number, link) in after.links.iter().enumerate().filter(|(_, link)| link.from == from) {
            let Some(way) = ways.get(link.passage) else { continue };
            let weight = before[from].weight;
            bars.weights[from] += after.masses[number] * link.probability;
            plant(game, tree, stage, way, after.masses[number] * weight, seeds, &mut chances);
            for (slot, seed) in after.beliefs[number * slots..(number + 1) * slots].iter().enumerate() {
                if *seed != 0.0 {
                    seeds.beliefs.push((way.exit, slot, *seed));
                }
            }
        }
    });
    let Some(visit) = visit else { return };
    solver.take(&visit, adjoints);
    for (n, from) in members.iter().enumerate() {
        let own = &mut bars.beliefs[from * slots..(from + 1) * slots];
        own.iter_mut().zip(&visit.roots[n * slots..(n + 1) * slots]).for_each(|(x, y)| *x += y);
    }
    for adjoint in adjoints {
        if let Some(stage) = adjoint.primitives.stages.get_mut(place.1.index()) {
            stage.probabilities.iter_mut().zip(&chances).for_each(|(x, y)| *x += y);
        }
    }
}

/// Seeds of `bar` times the probability of a passage: each of its edges by the product of the others.
fn plant(
    game: &WarGame,
    tree: &StageTree,
    stage: &SolvedStage<'_>,
    way: &Passage,
    bar: f64,
    seeds: &mut StageSeeds,
    chances: &mut [f64],
) {
    let mut belief = vec![0.0; game.slots()];
    let factors: Vec<f64> =
        way.edges.iter().map(|edge| public_probability(game, tree, stage, *edge, &mut belief)).collect();
    for (position, (at, number)) in way.edges.iter().enumerate() {
        let others = factors.iter().enumerate().filter(|(i, _)| *i != position).map(|(_, p)| p);
        let bar = bar * others.product::<f64>();
        let Some(edge) = tree.edges.get(*number as usize) else { continue };
        let edge_at = *number as usize;
        match tree.nodes.get(at.index()) {
            Some(Node::Move { player, .. }) => {
                stage.belief(*at, &mut belief);
                for (kind, slot) in game.slots_of(*player).enumerate() {
                    seeds.strategies.push((edge_at, kind, bar * belief[slot]));
                    seeds.beliefs.push((*at, slot, bar * stage.strategy(edge_at, kind)));
                }
            }
            Some(Node::Chance { about: Some(player), .. }) => {
                stage.belief(*at, &mut belief);
                for (kind, slot) in game.slots_of(*player).enumerate() {
                    seeds.beliefs.push((*at, slot, bar * tree.probability(edge, kind)));
                    if let Some(x) = chances.get_mut(edge.chance as usize + kind) {
                        *x += bar * belief[slot];
                    }
                }
            }
            Some(Node::Chance { about: None, .. }) => {
                if let Some(x) = chances.get_mut(edge.chance as usize) {
                    *x += bar;
                }
            }
            _ => {}
        }
    }
}
