//! The wars themselves.

use armistice_game::{
    Belief, EndingId, Horizon, Node, NodeId, PlayerId, Stage, StageTree, StateId, TypeId, WarGame,
};
use armistice_solve::{Control, Equilibrium, SolvedStage};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::Summary;
use crate::AnalyzeError;
use crate::forward::{Given, Profiles, Start};
use crate::pool::SolverPool;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Number of wars.
    pub trajectories: u64,
    /// Seed.
    pub seed: u64,
    /// Players who really are of a certain type; the others are drawn from the public belief at the start.
    pub given: Given,
    /// How many wars to keep step by step, from the first.
    pub keep: u64,
    /// Indefinite horizon: follow wars for at most so many periods.
    pub max_periods: u32,
}

impl Default for Simulation {
    fn default() -> Self {
        Self { trajectories: 20_000, seed: 1, given: Given::default(), keep: 0, max_periods: 1200 }
    }
}

/// One war, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// Its number, from 0: the stream of its random numbers.
    pub number: u64,
    /// The private types drawn, by player.
    pub types: Vec<TypeId>,
    /// Its periods.
    pub steps: Vec<Step>,
    /// How it ended and on what terms; `None` when it was still on at the horizon.
    pub end: Option<(EndingId, Option<f64>)>,
    /// Periods begun before it was over.
    pub duration: u32,
}

/// One period of one war.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Public state at its start.
    pub state: StateId,
    /// Public belief at its start.
    pub belief: Belief,
    /// What was chosen and what happened, as edges of the stage tree of `state`.
    pub edges: Vec<u32>,
}

/// A war being fought.
#[derive(Clone, Debug)]
struct War {
    number: u64,
    profile: usize,
    state: StateId,
    belief: Vec<f64>,
}

/// Random numbers of one period of one war lie this many 32-bit words apart; a period draws far fewer.
const WORDS_PER_PERIOD: u128 = 1 << 16;

/// Residual at which stages are solved on the way: far below what draws can show, and most often a Newton step cheaper than that
/// of a solution.
const RESIDUAL: f64 = 1e-6;

/// Beliefs solved in one batch.
const CHUNK: usize = 64;

/// Plays wars at random and summarizes them; keeps the first [`Simulation::keep`] step by step.
///
/// - cost: one stage solution for each different (period, state, belief) met, at most one per war and period.
/// - errors: [`AnalyzeError::Start`], [`AnalyzeError::Cancelled`].
pub fn simulate(
    game: &WarGame,
    equilibrium: &Equilibrium,
    start: &Start,
    options: &Simulation,
    control: &Control<'_>,
) -> Result<(Summary, Vec<Trajectory>), AnalyzeError> {
    crate::forward::check(game, start)?;
    let profiles = Profiles::new(game);
    let weights = profiles.weights(&start.belief, &options.given);
    let solver = SolverPool::new(game, equilibrium, RESIDUAL);
    let horizon = match game.horizon {
        Horizon::Periods(n) => n,
        Horizon::Indefinite => options.max_periods,
    };
    let mut wars: Vec<War> = (0..options.trajectories)
        .map(|number| {
            let mut random = generator(options.seed, number, 0);
            let profile = draw(&weights, random.random::<f64>());
            War { number, profile, state: start.state, belief: start.belief.0.clone() }
        })
        .collect();
    let mut kept: Vec<Trajectory> = wars
        .iter()
        .take(usize::try_from(options.keep).unwrap_or(usize::MAX))
        .map(|war| Trajectory {
            number: war.number,
            types: types_of(&profiles, war.profile),
            steps: Vec::new(),
            end: None,
            duration: 0,
        })
        .collect();
    let mut summary = Summary::new(game, horizon, options);

    for period in 0..=horizon {
        if control.cancel.is_canceled() {
            return Err(AnalyzeError::Cancelled);
        }
        control.report("simulating", u64::from(period), Some(u64::from(horizon)));
        // Wars that are over in the state they reached.
        wars.retain(|war| match game.stages.get(war.state.index()) {
            Some(Stage::Over(end)) => {
                finish(&mut summary, &mut kept, war.number, period, Some((end.ending, end.terms)));
                false
            }
            _ => true,
        });
        if period == horizon || wars.is_empty() {
            for war in &wars {
                finish(&mut summary, &mut kept, war.number, period, None);
            }
            break;
        }
        wars.sort_unstable_by(|a, b| {
            a.state.cmp(&b.state).then_with(|| order(&a.belief, &b.belief)).then(a.number.cmp(&b.number))
        });
        let batches = batches(wars);
        let fought: Vec<Fought> = batches
            .into_par_iter()
            .map(|batch| batch.fight(game, &solver, &profiles, period, options.seed, kept.len() as u64))
            .collect();
        wars = Vec::new();
        for batch in &fought {
            for (outcome, costs) in batch.outcomes.iter().zip(batch.costs.chunks_exact(game.players.len())) {
                summary.add_costs(outcome.war.number, costs);
            }
        }
        for outcome in fought.into_iter().flat_map(|batch| batch.outcomes) {
            if let Some(trajectory) = usize::try_from(outcome.war.number).ok().and_then(|n| kept.get_mut(n)) {
                trajectory.steps.extend(outcome.step);
            }
            match outcome.end {
                Some(end) => finish(&mut summary, &mut kept, outcome.war.number, period + 1, Some(end)),
                None => wars.push(outcome.war),
            }
        }
    }
    Ok((summary, kept))
}

fn finish(
    summary: &mut Summary,
    kept: &mut [Trajectory],
    number: u64,
    duration: u32,
    end: Option<(EndingId, Option<f64>)>,
) {
    summary.finish(number, duration, end);
    if let Some(trajectory) = usize::try_from(number).ok().and_then(|n| kept.get_mut(n)) {
        trajectory.end = end;
        trajectory.duration = duration;
    }
}

fn types_of(profiles: &Profiles, profile: usize) -> Vec<TypeId> {
    let mut offset = 0;
    profiles
        .slots(profile)
        .iter()
        .zip(profiles.types())
        .map(|(slot, count)| {
            let kind = TypeId::new(slot - offset);
            offset += count;
            kind
        })
        .collect()
}

fn generator(seed: u64, number: u64, period: u32) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(number);
    // Position 0 is for the private types; period t starts at (t + 1) × WORDS_PER_PERIOD.
    random.set_word_pos(u128::from(period) * WORDS_PER_PERIOD);
    random
}

fn order(a: &[f64], b: &[f64]) -> std::cmp::Ordering {
    a.iter().zip(b).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}

/// Position of the share in which `x` in [0, 1) falls; the last positive one when rounding leaves none.
fn draw(weights: &[f64], x: f64) -> usize {
    let total: f64 = weights.iter().sum();
    let mut left = x * total;
    let mut last = 0;
    for (position, weight) in weights.iter().enumerate() {
        if *weight > 0.0 {
            last = position;
            left -= weight;
            if left < 0.0 {
                return position;
            }
        }
    }
    last
}

/// Wars at one state, with at most [`CHUNK`] different beliefs.
struct Batch {
    state: StateId,
    beliefs: Vec<Belief>,
    /// Wars with the position of their belief.
    wars: Vec<(War, usize)>,
}

fn batches(wars: Vec<War>) -> Vec<Batch> {
    let mut out: Vec<Batch> = Vec::new();
    for war in wars {
        let same = |batch: &Batch| batch.beliefs.last().is_some_and(|b| order(&b.0, &war.belief).is_eq());
        match out.last_mut() {
            Some(batch) if batch.state == war.state && (same(batch) || batch.beliefs.len() < CHUNK) => {
                if !same(batch) {
                    batch.beliefs.push(Belief(war.belief.clone()));
                }
                batch.wars.push((war, batch.beliefs.len() - 1));
            }
            _ => out.push(Batch {
                state: war.state,
                beliefs: vec![Belief(war.belief.clone())],
                wars: vec![(war, 0)],
            }),
        }
    }
    out
}

/// What one period did to one war.
struct Outcome {
    war: War,
    end: Option<(EndingId, Option<f64>)>,
    step: Option<Step>,
}

/// What one period did to a batch.
struct Fought {
    outcomes: Vec<Outcome>,
    /// `[outcome][player]`
    costs: Vec<f64>,
}

impl Batch {
    fn fight(
        self,
        game: &WarGame,
        solver: &SolverPool<'_>,
        profiles: &Profiles,
        period: u32,
        seed: u64,
        keep: u64,
    ) -> Fought {
        let (count, players) = (self.wars.len(), game.players.len());
        let mut out =
            Fought { outcomes: Vec::with_capacity(count), costs: Vec::with_capacity(count * players) };
        let Some(Stage::Play(tree)) = game.stages.get(self.state.index()) else { return out };
        let mut field = Field { game, tree, profiles, edges: Vec::new(), weights: Vec::new() };
        let mut wars = self.wars.into_iter().peekable();
        solver.visit(period, self.state, &self.beliefs, |position, solved| {
            while let Some((war, _)) = wars.next_if(|(_, belief)| *belief == position) {
                let mut random = generator(seed, war.number, period + 1);
                let own = out.costs.len();
                out.costs.resize(own + players, 0.0);
                out.outcomes.push(field.fight(solved, war, &mut random, &mut out.costs[own..], keep));
            }
        });
        out
    }
}

/// Where the wars of one state are fought in a period.
struct Field<'a> {
    game: &'a WarGame,
    tree: &'a StageTree,
    profiles: &'a Profiles,
    /// The edges passed by the war being fought.
    edges: Vec<u32>,
    weights: Vec<f64>,
}

impl Field<'_> {
    /// Draws one war through the period; adds what each player pays to `costs`.
    fn fight(
        &mut self,
        solved: SolvedStage<'_>,
        mut war: War,
        random: &mut impl Rng,
        costs: &mut [f64],
        keep: u64,
    ) -> Outcome {
        let Self { game, tree, profiles, edges, weights } = self;
        let slots = profiles.slots(war.profile);
        let own =
            |player: PlayerId| slots.get(player.index()).map_or(0, |slot| slot - game.slots_of(player).start);
        let mut node = NodeId(0);
        edges.clear();
        let (next, end) = loop {
            let first = match tree.nodes.get(node.index()) {
                Some(Node::Move { player, edges, .. }) => {
                    let kind = own(*player);
                    weights.clear();
                    weights.extend(edges.clone().map(|edge| solved.strategy(edge as usize, kind)));
                    edges.start
                }
                Some(Node::Chance { about, edges, .. }) => {
                    let kind = about.map_or(0, own);
                    weights.clear();
                    weights.extend(tree.edges_of(node).iter().map(|edge| tree.probability(edge, kind)));
                    edges.start
                }
                Some(Node::Next(state)) => break (Some(*state), None),
                Some(Node::End(end)) => {
                    let end = tree.ends.get(*end as usize).map(|point| (point.ending, point.terms));
                    break (None, end);
                }
                Some(Node::Later { .. }) | None => break (None, None),
            };
            let position = draw(weights, random.random::<f64>());
            let Some(edge) = tree.edges_of(node).get(position) else { break (None, None) };
            let row = tree.costs.row(edge.cost);
            for (cost, slot) in costs.iter_mut().zip(slots) {
                *cost += row.get(*slot).copied().unwrap_or(0.0);
            }
            edges.push(first + u32::try_from(position).unwrap_or(0));
            node = edge.child;
        };
        let step = (war.number < keep).then(|| Step {
            state: war.state,
            belief: Belief(war.belief.clone()),
            edges: edges.clone(),
        });
        if let Some(next) = next {
            war.state = next;
            solved.belief(node, &mut war.belief);
        }
        Outcome { war, end, step }
    }
}
