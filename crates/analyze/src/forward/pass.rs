//! The forward pass itself.

use std::collections::BTreeMap;

use armistice_game::{
    Belief, Edge, EndPoint, Horizon, Node, NodeId, Payoff, PlayerId, Stage, StageTree, StateId, WarGame,
};
use armistice_solve::{Assessment, Control, Equilibrium, GridFlow};
use rayon::prelude::*;

use super::frontier::{Cells, Collector, EXACT_LEVEL, Frontier};
use super::profile::mean;
use super::{MarginSample, Outlook, Profiles, TermsMass, on_grid};
use crate::AnalyzeError;
use crate::margin::StoppingNodes;
use crate::pool::SolverPool;

/// Where a war starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// Public state.
    pub state: StateId,
    /// Public belief.
    pub belief: Belief,
}

/// How to follow wars forward.
#[derive(Clone, Debug)]
pub struct Propagation {
    /// What is done with beliefs that are close to each other.
    pub spread: Spread,
    /// Collect the stopping margins of this player's types wherever the player can end the war.
    pub margins: Option<PlayerId>,
    /// Residual at which stages are solved on the way; never below that of the equilibrium.
    pub residual: f64,
    /// Indefinite horizon: follow wars for at most so many periods.
    pub max_periods: u32,
}

/// What is done with beliefs that are close to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Merge them, but only when a period has more than `limit` nodes.
    Merge {
        /// Nodes per period.
        limit: usize,
    },
    /// Split each onto the points of the equilibrium's grid: the transpose of the backward recursion.
    Grid,
    /// The same with what the equilibrium kept of its strategies ([`armistice_solve::Settings::kept_play`]), so that nothing is solved
    /// again: many times as fast. Payoffs are not added up, nor margins collected. Where nothing was kept this is [`Spread::Grid`].
    Kept,
}

impl Default for Propagation {
    fn default() -> Self {
        Self { spread: Spread::Merge { limit: 20_000 }, margins: None, residual: 0.0, max_periods: 1200 }
    }
}

/// Beliefs solved in one batch; also the unit of parallel work, so that sums do not depend on the number of threads.
const CHUNK: usize = 128;

/// Chunks whose arrivals are held at once.
const WAVE: usize = 64;

/// Paths less probable than this, given every profile, are not followed. Their sum is reported.
pub(crate) const NEGLIGIBLE: f64 = 1e-15;

/// Indefinite horizon: stop when the probability that the war is still on has fallen below this.
pub(crate) const ALL_OVER: f64 = 1e-9;

/// Follows all wars that start at `start` until the horizon.
///
/// - returns survival, endings, terms, costs, frequencies and states, given each profile of private types.
/// - cost: one stage solution for each node visited, at most `limit` × periods; arrivals of at most 128 × 64 nodes are
///   held at once. The result does not depend on the number of threads.
/// - errors: [`AnalyzeError::Start`] for a state or belief the game does not have, [`AnalyzeError::Cancelled`].
pub fn propagate(
    game: &WarGame,
    equilibrium: &Equilibrium,
    start: &Start,
    options: &Propagation,
    control: &Control<'_>,
) -> Result<Outlook, AnalyzeError> {
    propagate_phases(&Phase { game, equilibrium }, None, start, options, control)
}

/// A game that is played for some time, and how.
#[derive(Clone, Copy)]
pub(crate) struct Phase<'a> {
    /// The game.
    pub game: &'a WarGame,
    /// What is played in it; period t of the war is its period t.
    pub equilibrium: &'a Equilibrium,
}

/// The same for a war that becomes another one: `then` names the period from which on the second game is played. Wars that are on go over with
/// their states and beliefs; states, types, moves, events and endings of the two games must be the same.
pub(crate) fn propagate_phases(
    first: &Phase<'_>,
    then: Option<(u32, Phase<'_>)>,
    start: &Start,
    options: &Propagation,
    control: &Control<'_>,
) -> Result<Outlook, AnalyzeError> {
    let Phase { game, equilibrium } = *first;
    check(game, start)?;
    if options.spread == Spread::Kept
        && then.is_none()
        && let Some(flow) = GridFlow::new(game, equilibrium)
    {
        return on_grid::follow(first, flow, start, options, control);
    }
    let profiles = Profiles::new(game);
    let slots = game.slots();
    let mut outlook = Outlook::empty(game, profiles, start.belief.clone());
    let prior = outlook.weights(&super::Given::default());
    let measures = prior.len() + slots;
    let profiles = outlook.profiles.clone();
    let phases: Vec<Phase<'_>> =
        std::iter::once(*first).chain(then.iter().map(|(_, phase)| *phase)).collect();
    let solvers: Vec<SolverPool<'_>> =
        phases.iter().map(|phase| SolverPool::new(phase.game, phase.equilibrium, options.residual)).collect();
    let stoppers: Vec<Option<Vec<StoppingNodes>>> = phases
        .iter()
        .map(|phase| options.margins.map(|player| StoppingNodes::of_game(phase.game, player)))
        .collect();
    let mut passed: Vec<Passed> =
        phases.iter().map(|phase| nothing_passed(phase.game, prior.len())).collect();
    let horizon = match game.horizon {
        Horizon::Periods(n) => n,
        Horizon::Indefinite => options.max_periods,
    };
    let mut terms: BTreeMap<(u32, u64), TermsMass> = BTreeMap::new();
    let mut discounts = vec![1.0; game.players.len()];
    let mut level = EXACT_LEVEL;
    let cells = |level: u32| match options.spread {
        Spread::Merge { limit } => Cells::Level { level: (level + 2).min(EXACT_LEVEL), limit },
        Spread::Grid | Spread::Kept => Cells::Grid(&equilibrium.grid),
    };

    let mut collector = Collector::new(game, &prior, measures, cells(level));
    let mut frontier = Frontier::default();
    frontier.push(start.state, &start.belief.0, &vec![1.0; measures]);
    collector.absorb(&frontier);
    let (mut frontier, _) = collector.finish();

    for period in 0..=horizon {
        if control.cancel.is_canceled() {
            return Err(AnalyzeError::Cancelled);
        }
        control.report("following wars forward", u64::from(period), Some(u64::from(horizon)));
        let now = usize::from(then.as_ref().is_some_and(|(from, _)| period >= *from));
        let game = phases[now].game;
        let pass = Pass {
            game,
            solver: &solvers[now],
            profiles: &profiles,
            prior: &prior,
            stoppers: stoppers[now].as_deref(),
            player: options.margins,
        };
        outlook.nodes += frontier.len() as u64;
        pass.arrive(&frontier, &mut outlook, &mut terms, &discounts);
        let on = outlook.on.get(outlook.on.len() - prior.len()..).unwrap_or(&[]);
        let still_on = mean(&prior, on);
        if period == horizon || (game.horizon == Horizon::Indefinite && still_on < ALL_OVER) {
            pass.horizon(&frontier, &mut outlook, &discounts);
            outlook.periods = period;
            break;
        }
        let mut collector = Collector::new(game, &prior, measures, cells(level));
        // What happened in this period counts as ended once the next one has begun.
        let mut ended = vec![0.0; game.endings.len() * prior.len()];
        let mut samples = Vec::new();
        let chunks = chunks(game, &frontier);
        for wave in chunks.chunks(WAVE) {
            let done: Vec<Expanded> =
                wave.par_iter().map(|chunk| pass.expand(&frontier, chunk.clone(), period)).collect();
            for (chunk, done) in wave.iter().zip(done) {
                let state = frontier.states[chunk.start];
                collector.absorb(&done.arrivals);
                add(&mut passed[now][state.index()], &done.edges);
                if let Some(Stage::Play(tree)) = game.stages.get(state.index()) {
                    for (end, mass) in tree.ends.iter().zip(done.ends.chunks_exact(prior.len())) {
                        tally_end(end, mass, &mut ended, &mut terms);
                    }
                }
                for (slot, x) in done.payoffs.iter().enumerate() {
                    outlook.payoffs[slot] += discounts[pass.player_of(slot)] * x;
                }
                outlook.dropped += done.dropped;
                samples.extend(done.margins);
            }
            if control.cancel.is_canceled() {
                return Err(AnalyzeError::Cancelled);
            }
        }
        outlook.pending = ended;
        outlook.margins.push(samples);
        let reached = collector.finish();
        frontier = reached.0;
        level = reached.1;
        if level < EXACT_LEVEL {
            outlook.width = outlook.width.max(1.0 / f64::from(1u32 << level));
        }
        for (discount, player) in discounts.iter_mut().zip(&game.players) {
            *discount *= player.discount;
        }
    }
    finish(&phases, &passed, &mut outlook, terms);
    Ok(outlook)
}

/// How often every edge of every state was passed: `[state][edge × profile]`.
pub(super) type Passed = Vec<Vec<f64>>;

pub(super) fn nothing_passed(game: &WarGame, profiles: usize) -> Passed {
    let stages = game.stages.iter();
    stages
        .map(|stage| match stage {
            Stage::Play(tree) => vec![0.0; tree.edges.len() * profiles],
            Stage::Over(_) => Vec::new(),
        })
        .collect()
}

pub(crate) fn check(game: &WarGame, start: &Start) -> Result<(), AnalyzeError> {
    let fail = |what: String| Err(AnalyzeError::Start { what });
    if start.state.index() >= game.states.len() {
        return fail(format!("there is no state {}", start.state.0));
    }
    if start.belief.0.len() != game.slots() {
        return fail(format!("a belief over {} types, not {}", game.slots(), start.belief.0.len()));
    }
    for player in 0..game.players.len() {
        let own = start.belief.of(game, PlayerId::new(player));
        if own.iter().any(|p| !(0.0..=1.0 + 1e-9).contains(p)) || (own.iter().sum::<f64>() - 1.0).abs() > 1e-9
        {
            let name = game.players.get(player).map_or("", |p| p.name.as_str());
            return fail(format!("the belief about {name} does not sum to 1"));
        }
    }
    Ok(())
}

/// Consecutive nodes of one state, at most [`CHUNK`] of them.
fn chunks(game: &WarGame, frontier: &Frontier) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    let mut from = 0;
    while from < frontier.len() {
        let state = frontier.states[from];
        let mut to = from + 1;
        while to < frontier.len() && to - from < CHUNK && frontier.states[to] == state {
            to += 1;
        }
        if matches!(game.stages.get(state.index()), Some(Stage::Play(_))) {
            out.push(from..to);
        }
        from = to;
    }
    out
}

struct Pass<'a> {
    game: &'a WarGame,
    solver: &'a SolverPool<'a>,
    profiles: &'a Profiles,
    prior: &'a [f64],
    /// By state.
    stoppers: Option<&'a [StoppingNodes]>,
    player: Option<PlayerId>,
}

/// What one chunk of nodes sends on.
struct Expanded {
    arrivals: Frontier,
    /// `[edge][profile]`
    edges: Vec<f64>,
    /// `[end of the tree][profile]`
    ends: Vec<f64>,
    /// `[slot]`, in payoffs of this period.
    payoffs: Vec<f64>,
    margins: Vec<MarginSample>,
    dropped: f64,
}

impl Pass<'_> {
    fn player_of(&self, slot: usize) -> usize {
        let mut end = 0;
        for (player, types) in self.profiles.types().iter().enumerate() {
            end += types;
            if slot < end {
                return player;
            }
        }
        0
    }

    /// Counts the nodes of a period: wars that are over in their state end, the others are still on.
    fn arrive(
        &self,
        frontier: &Frontier,
        outlook: &mut Outlook,
        terms: &mut BTreeMap<(u32, u64), TermsMass>,
        discounts: &[f64],
    ) {
        let (count, slots) = (self.prior.len(), self.game.slots());
        let measures = count + slots;
        let mut ended = std::mem::take(&mut outlook.pending);
        ended.resize(self.game.endings.len() * count, 0.0);
        let mut on = vec![0.0; count];
        let mut states: Vec<(StateId, Vec<f64>)> = Vec::new();
        let mut belief = vec![0.0; slots];
        for node in 0..frontier.len() {
            let state = frontier.states[node];
            let mass = frontier.mass(node, measures);
            let profile_mass = mass.get(..count).unwrap_or(&[]);
            match self.game.stages.get(state.index()) {
                Some(Stage::Over(end)) => {
                    tally_end(end, profile_mass, &mut ended, terms);
                    let at = frontier.belief(node, slots);
                    self.pay(
                        &end.payoff,
                        at,
                        mass.get(count..).unwrap_or(&[]),
                        discounts,
                        &mut outlook.payoffs,
                    );
                }
                _ => {
                    add(&mut on, profile_mass);
                    let public = mean(self.prior, profile_mass);
                    for (x, b) in belief.iter_mut().zip(frontier.belief(node, slots)) {
                        *x += public * b;
                    }
                    match states.last_mut() {
                        Some((last, row)) if *last == state => add(row, profile_mass),
                        _ => states.push((state, profile_mass.to_vec())),
                    }
                }
            }
        }
        let public = mean(self.prior, &on);
        if public > 0.0 {
            belief.iter_mut().for_each(|b| *b /= public);
        }
        outlook.on.extend(on);
        outlook.ended.extend(ended);
        outlook.states.push(states);
        outlook.beliefs.push(belief);
    }

    /// Pays the horizon payoffs of wars still on.
    fn horizon(&self, frontier: &Frontier, outlook: &mut Outlook, discounts: &[f64]) {
        let (count, slots) = (self.prior.len(), self.game.slots());
        for node in 0..frontier.len() {
            let state = frontier.states[node].index();
            if let (Some(Stage::Play(_)), Some(payoff)) =
                (self.game.stages.get(state), self.game.horizon_payoffs.get(state))
            {
                let mass = frontier.mass(node, count + slots).get(count..).unwrap_or(&[]);
                self.pay(payoff, frontier.belief(node, slots), mass, discounts, &mut outlook.payoffs);
            }
        }
    }

    fn pay(&self, payoff: &Payoff, belief: &[f64], mass: &[f64], discounts: &[f64], out: &mut [f64]) {
        let expected = payoff.expected(self.profiles.types(), belief);
        for (slot, (x, value)) in out.iter_mut().zip(&expected).enumerate() {
            *x += discounts[self.player_of(slot)] * mass.get(slot).copied().unwrap_or(0.0) * value;
        }
    }

    /// Pushes the wars of a chunk of nodes (all of one state) through the moves of the period.
    fn expand(&self, frontier: &Frontier, chunk: std::ops::Range<usize>, period: u32) -> Expanded {
        let (count, slots) = (self.prior.len(), self.game.slots());
        let measures = count + slots;
        let state = frontier.states[chunk.start];
        let mut out = Expanded {
            arrivals: Frontier::default(),
            edges: Vec::new(),
            ends: Vec::new(),
            payoffs: vec![0.0; slots],
            margins: Vec::new(),
            dropped: 0.0,
        };
        let Some(Stage::Play(tree)) = self.game.stages.get(state.index()) else { return out };
        out.edges = vec![0.0; tree.edges.len() * count];
        out.ends = vec![0.0; tree.ends.len() * count];
        let beliefs: Vec<Belief> =
            chunk.clone().map(|node| Belief(frontier.belief(node, slots).to_vec())).collect();
        let assessments = self.solver.solve(period, state, &beliefs);
        let mut mass = vec![0.0; tree.nodes.len() * measures];
        for (node, assessment) in chunk.zip(&assessments) {
            mass[..measures].copy_from_slice(frontier.mass(node, measures));
            if let (Some(stoppers), Some(player)) = (self.stoppers, self.player)
                && let Some(nodes) = stoppers.get(state.index())
                && !nodes.is_empty()
            {
                let margins = nodes.margins(self.game, tree, assessment, player);
                out.margins.push(MarginSample { margins, mass: mass[..count].to_vec() });
            }
            self.push(tree, assessment, &mut mass, &mut out);
        }
        out
    }

    /// Pushes one node's wars down the tree of the period; `mass` is `[node of the tree][measure]`, filled at the root.
    fn push(&self, tree: &StageTree, assessment: &Assessment, mass: &mut [f64], out: &mut Expanded) {
        let count = self.prior.len();
        let measures = count + self.game.slots();
        for (index, node) in tree.nodes.iter().enumerate() {
            let id = NodeId::new(index);
            // Children stand behind their parents, so what is pushed down never lies before the split.
            let (above, below) = mass.split_at_mut((index + 1) * measures);
            let here = &above[index * measures..];
            match node {
                Node::Move { player, edges, .. } => {
                    let range = self.game.slots_of(*player);
                    for (position, edge) in tree.edges_of(id).iter().enumerate() {
                        let at = edges.start as usize + position;
                        let own = |kind: usize| assessment.strategy(at).get(kind).copied().unwrap_or(0.0);
                        let public = assessment.probability.get(at).copied().unwrap_or(0.0);
                        let child = child(below, edge, index, measures);
                        self.step(here, child, player.index(), &range, own, public);
                        self.pass_edge(tree, edge, at, child, out);
                    }
                }
                Node::Chance { about, edges, .. } => {
                    let range = about.map_or(0..0, |p| self.game.slots_of(p));
                    for (position, edge) in tree.edges_of(id).iter().enumerate() {
                        let at = edges.start as usize + position;
                        let public = assessment.probability.get(at).copied().unwrap_or(0.0);
                        let child = child(below, edge, index, measures);
                        match about {
                            Some(player) => {
                                let own = |kind: usize| tree.probability(edge, kind);
                                self.step(here, child, player.index(), &range, own, public);
                            }
                            None => {
                                let p = tree.probability(edge, 0);
                                for (x, m) in child.iter_mut().zip(here) {
                                    *x = m * p;
                                }
                            }
                        }
                        self.pass_edge(tree, edge, at, child, out);
                    }
                }
                Node::Next(state) => {
                    let own = here.get(..count).unwrap_or(&[]);
                    let most = here.iter().copied().fold(0.0, f64::max);
                    if most >= NEGLIGIBLE {
                        out.arrivals.push(*state, assessment.belief(id), &here[..measures]);
                    } else {
                        out.dropped += own.iter().copied().fold(0.0, f64::max);
                    }
                }
                Node::End(end) => {
                    let Some(point) = tree.ends.get(*end as usize) else { continue };
                    add(&mut out.ends[*end as usize * count..(*end as usize + 1) * count], &here[..count]);
                    let seen = &here[count..measures];
                    match &point.payoff {
                        Payoff::Own(row) => {
                            for ((x, m), value) in out.payoffs.iter_mut().zip(seen).zip(row) {
                                *x += m * value;
                            }
                        }
                        payoff @ Payoff::Joint(_) => {
                            let row = payoff.expected(self.profiles.types(), assessment.belief(id));
                            for ((x, m), value) in out.payoffs.iter_mut().zip(seen).zip(&row) {
                                *x += m * value;
                            }
                        }
                    }
                }
                // Only unrolled trees have such nodes, and those are not games of states.
                Node::Later { .. } => {}
            }
        }
    }

    /// Mass behind an edge chosen by (or about) `player`: own types by their own probability, the others' view by the
    /// public one.
    fn step(
        &self,
        here: &[f64],
        child: &mut [f64],
        player: usize,
        range: &std::ops::Range<usize>,
        own: impl Fn(usize) -> f64,
        public: f64,
    ) {
        let count = self.prior.len();
        for profile in 0..count {
            let slot = self.profiles.slots(profile).get(player).copied().unwrap_or(0);
            child[profile] = here[profile] * own(slot - range.start);
        }
        for (slot, (x, m)) in child[count..].iter_mut().zip(&here[count..]).enumerate() {
            *x = m * if range.contains(&slot) { own(slot - range.start) } else { public };
        }
    }

    fn pass_edge(&self, tree: &StageTree, edge: &Edge, at: usize, child: &[f64], out: &mut Expanded) {
        let count = self.prior.len();
        add(&mut out.edges[at * count..(at + 1) * count], &child[..count]);
        if edge.flow.0 != 0 {
            for ((x, m), flow) in out.payoffs.iter_mut().zip(&child[count..]).zip(tree.flows.row(edge.flow)) {
                *x += m * flow;
            }
        }
    }
}

/// The mass row of an edge's child, in the part of the table that starts behind node `parent`.
fn child<'m>(below: &'m mut [f64], edge: &Edge, parent: usize, measures: usize) -> &'m mut [f64] {
    let row = (edge.child.index() - parent - 1) * measures;
    &mut below[row..row + measures]
}

pub(super) fn add(sum: &mut [f64], part: &[f64]) {
    for (x, y) in sum.iter_mut().zip(part) {
        *x += y;
    }
}

pub(super) fn tally_end(
    end: &EndPoint,
    mass: &[f64],
    ended: &mut [f64],
    terms: &mut BTreeMap<(u32, u64), TermsMass>,
) {
    let count = mass.len();
    if mass.iter().all(|m| *m == 0.0) {
        return;
    }
    if let Some(row) = ended.get_mut(end.ending.index() * count..(end.ending.index() + 1) * count) {
        add(row, mass);
    }
    if let Some(value) = end.terms {
        // −0 and 0 are the same terms.
        let value = value + 0.0;
        let row = terms.entry((end.ending.0, value.to_bits())).or_insert_with(|| TermsMass {
            ending: end.ending,
            terms: value,
            mass: vec![0.0; count],
        });
        add(&mut row.mass, mass);
    }
}

/// Derives costs and frequencies from the number of times every edge was passed.
pub(super) fn finish(
    phases: &[Phase<'_>],
    passed: &[Passed],
    outlook: &mut Outlook,
    terms: BTreeMap<(u32, u64), TermsMass>,
) {
    let count = outlook.profiles.len();
    for (phase, passed) in phases.iter().zip(passed) {
        for (stage, mass) in phase.game.stages.iter().zip(passed) {
            let Stage::Play(tree) = stage else { continue };
            outlook.frequencies.add(tree, mass);
            for (edge, passed) in tree.edges.iter().zip(mass.chunks_exact(count)) {
                if edge.cost.0 == 0 {
                    continue;
                }
                let row = tree.costs.row(edge.cost);
                for (profile, m) in passed.iter().enumerate() {
                    for (player, slot) in outlook.profiles.slots(profile).iter().enumerate() {
                        outlook.costs[player * count + profile] += m * row.get(*slot).copied().unwrap_or(0.0);
                    }
                }
            }
        }
    }
    outlook.terms = terms.into_values().collect();
    // By ending in the scenario's order, then by terms.
    outlook.terms.sort_by(|a, b| a.ending.cmp(&b.ending).then(a.terms.total_cmp(&b.terms)));
}
