//! Wars followed forward with every merge of beliefs written down.

use std::collections::HashMap;
use std::sync::Arc;

use armistice_game::{Belief, EndPoint, Horizon, Node, NodeId, Stage, StageTree, StateId, WarGame};
use armistice_solve::{Assessment, Control};
use rayon::prelude::*;

use super::linear::Linear;
use crate::AnalyzeError;
use crate::forward::frontier::{COARSEST_LEVEL, EXACT_LEVEL, Frontier, key};
use crate::forward::{ALL_OVER, Given, NEGLIGIBLE, Profiles, Propagation, Spread, Start, mean};
use crate::pool::SolverPool;
use crate::runs::Solved;

/// Nodes solved in one batch, and the unit of parallel work.
const CHUNK: usize = 128;

/// Marks a leaf that was too improbable to follow.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Wars followed forward, period by period.
pub(super) struct Paths {
    pub(super) solved: Arc<Solved>,
    pub(super) profiles: Profiles,
    pub(super) start: Belief,
    pub(super) given: Given,
    /// By profile: at the start as the public sees it, and as the measure weighs it.
    pub(super) prior: Vec<f64>,
    pub(super) weights: Vec<f64>,
    pub(super) frontiers: Vec<Frontier>,
    /// By period, by node: first of its leaves in `targets`; `[leaf]`: node of the next period.
    pub(super) first: Vec<Vec<usize>>,
    pub(super) targets: Vec<Vec<u32>>,
    /// `[n][end mass of one path end]`: ending, terms and masses of wars that ended in the n-th period.
    pub(super) ended: Vec<Vec<(EndPoint, Vec<f64>)>>,
    /// `[state][edge × profile]`
    pub(super) edges: Vec<Vec<f64>>,
    /// Periods followed.
    pub periods: u32,
    /// Side of the largest cell in which beliefs were merged; 0 when only equal ones were.
    pub width: f64,
}

/// What one chunk of nodes sends on.
struct Expanded {
    arrivals: Frontier,
    /// By leaf in order: whether it was followed.
    followed: Vec<bool>,
    /// `[edge × profile]`
    edges: Vec<f64>,
    /// `[end × profile]`
    ends: Vec<f64>,
}

impl Paths {
    /// Follows all wars from `start` as [`crate::propagate`] does.
    ///
    /// - cost: one stage solution a node; every node and its masses are kept.
    /// - errors: [`AnalyzeError::Cancelled`].
    pub fn new(
        solved: &Arc<Solved>,
        (start, given): (&Start, &Given),
        options: &Propagation,
        control: &Control<'_>,
    ) -> Result<Self, AnalyzeError> {
        let (game, equilibrium) = (&solved.compiled.game, &solved.equilibrium);
        crate::forward::check(game, start)?;
        let profiles = Profiles::new(game);
        let limit = match options.spread {
            Spread::Merge { limit } => limit,
            Spread::Grid | Spread::Kept => usize::MAX,
        };
        let edges = game.stages.iter().map(|stage| match stage {
            Stage::Play(tree) => vec![0.0; tree.edges.len() * profiles.len()],
            Stage::Over(_) => Vec::new(),
        });
        let mut first = Frontier::default();
        first.push(start.state, &start.belief.0, &vec![1.0; profiles.len()]);
        let mut out = Self {
            solved: Arc::clone(solved),
            prior: profiles.weights(&start.belief, &Given::default()),
            weights: profiles.weights(&start.belief, given),
            start: start.belief.clone(),
            given: given.clone(),
            frontiers: vec![first],
            first: Vec::new(),
            targets: Vec::new(),
            ended: vec![Vec::new()],
            edges: edges.collect(),
            periods: 0,
            width: 0.0,
            profiles,
        };
        let solver = SolverPool::new(game, equilibrium, options.residual);
        let horizon = match game.horizon {
            Horizon::Periods(n) => n,
            Horizon::Indefinite => options.max_periods,
        };
        let mut level = EXACT_LEVEL;
        for period in 0..=horizon {
            if control.cancel.is_canceled() {
                return Err(AnalyzeError::Cancelled);
            }
            control.report("following wars forward", u64::from(period), Some(u64::from(horizon)));
            let on = out.arrive(period);
            out.periods = period;
            if period == horizon || (game.horizon == Horizon::Indefinite && on < ALL_OVER) {
                break;
            }
            level = (level + 2).min(EXACT_LEVEL);
            out.step(&solver, period, &mut level, limit);
        }
        Ok(out)
    }

    /// The game.
    pub fn game(&self) -> &WarGame {
        &self.solved.compiled.game
    }

    pub(super) fn count(&self) -> usize {
        self.profiles.len()
    }

    /// Tells wars that are over at the start of a period; returns the probability that the war is still on.
    fn arrive(&mut self, period: u32) -> f64 {
        let count = self.count();
        let frontier = &self.frontiers[period as usize];
        let mut on = 0.0;
        let mut ended = Vec::new();
        for node in 0..frontier.len() {
            let mass = frontier.mass(node, count);
            match self.game().stages.get(frontier.states[node].index()) {
                Some(Stage::Over(end)) => ended.push((end.clone(), mass.to_vec())),
                _ => on += mean(&self.prior, mass),
            }
        }
        self.ended[period as usize].extend(ended);
        on
    }

    fn step(&mut self, solver: &SolverPool<'_>, period: u32, level: &mut u32, limit: usize) {
        let (count, slots) = (self.count(), self.game().slots());
        let frontier = &self.frontiers[period as usize];
        let chunks = chunks(self.game(), frontier);
        let done: Vec<Expanded> =
            chunks.par_iter().map(|chunk| self.expand(solver, period, chunk.clone())).collect();
        let mut first = vec![0; frontier.len()];
        let mut arrivals = Frontier::default();
        let mut targets = Vec::new();
        let mut ended = Vec::new();
        let mut passed: Vec<(usize, Vec<f64>)> = Vec::new();
        for (chunk, done) in chunks.iter().zip(done) {
            let state = frontier.states[chunk.start].index();
            let leaves = done.followed.len() / chunk.len().max(1);
            for node in chunk.clone() {
                first[node] = targets.len() + (node - chunk.start) * leaves;
            }
            let mut next = u32::try_from(arrivals.len()).unwrap_or(NOWHERE);
            for followed in done.followed {
                targets.push(if followed { next } else { NOWHERE });
                next += u32::from(followed);
            }
            for node in 0..done.arrivals.len() {
                let (at, mass) = (done.arrivals.belief(node, slots), done.arrivals.mass(node, count));
                arrivals.push(done.arrivals.states[node], at, mass);
            }
            passed.push((state, done.edges));
            if let Some(Stage::Play(tree)) = self.game().stages.get(state) {
                let masses = tree.ends.iter().zip(done.ends.chunks_exact(count));
                ended.extend(masses.map(|(end, mass)| (end.clone(), mass.to_vec())));
            }
        }
        let (nodes, of) = self.group(&arrivals, level, limit);
        if *level < EXACT_LEVEL {
            self.width = self.width.max(1.0 / f64::from(1u32 << *level));
        }
        for (state, edges) in passed {
            self.edges[state].iter_mut().zip(&edges).for_each(|(x, y)| *x += y);
        }
        for target in &mut targets {
            *target = of.get(*target as usize).copied().unwrap_or(NOWHERE);
        }
        self.frontiers.push(nodes);
        self.first.push(first);
        self.targets.push(targets);
        self.ended.push(ended);
    }

    /// Merges arrivals whose beliefs share a cell, as coarse as the limit asks for; returns the nodes, those of one state together,
    /// and the node of each arrival.
    fn group(&self, arrivals: &Frontier, level: &mut u32, limit: usize) -> (Frontier, Vec<u32>) {
        let (count, slots) = (self.count(), self.game().slots());
        let mut free = Vec::new();
        for player in 0..self.game().players.len() {
            let own = self.game().slots_of(armistice_game::PlayerId::new(player));
            free.extend(own.start..own.end.saturating_sub(1));
        }
        let of = loop {
            let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
            let of: Vec<u32> = (0..arrivals.len())
                .map(|n| {
                    let next = u32::try_from(known.len()).unwrap_or(NOWHERE);
                    *known
                        .entry(key(arrivals.states[n], arrivals.belief(n, slots), &free, *level))
                        .or_insert(next)
                })
                .collect();
            if known.len() <= limit || *level <= COARSEST_LEVEL {
                break of;
            }
            *level -= 1;
        };
        let total = of.iter().map(|n| *n as usize + 1).max().unwrap_or(0);
        let mut nodes = Frontier {
            states: vec![StateId(0); total],
            beliefs: vec![0.0; total * slots],
            mass: vec![0.0; total * count],
        };
        let mut weights = vec![0.0; total];
        for (n, node) in of.iter().enumerate() {
            let node = *node as usize;
            let mass = arrivals.mass(n, count);
            let public = mean(&self.prior, mass);
            let weight = public.max(f64::MIN_POSITIVE * 1e30 * mass.iter().sum::<f64>());
            weights[node] += weight;
            let share = if weights[node] > 0.0 { weight / weights[node] } else { 0.0 };
            nodes.states[node] = arrivals.states[n];
            let row = &mut nodes.beliefs[node * slots..(node + 1) * slots];
            row.iter_mut().zip(arrivals.belief(n, slots)).for_each(|(x, b)| *x += share * (b - *x));
            let row = &mut nodes.mass[node * count..(node + 1) * count];
            row.iter_mut().zip(mass).for_each(|(x, m)| *x += m);
        }
        let mut order: Vec<usize> = (0..total).collect();
        order.sort_by_key(|node| nodes.states[*node]);
        let mut place = vec![0u32; total];
        let mut sorted = Frontier::default();
        for node in order {
            place[node] = u32::try_from(sorted.len()).unwrap_or(NOWHERE);
            sorted.push(nodes.states[node], nodes.belief(node, slots), nodes.mass(node, count));
        }
        (sorted, of.into_iter().map(|node| place[node as usize]).collect())
    }

    fn expand(&self, solver: &SolverPool<'_>, period: u32, chunk: std::ops::Range<usize>) -> Expanded {
        let (count, slots) = (self.count(), self.game().slots());
        let frontier = &self.frontiers[period as usize];
        let state = frontier.states[chunk.start];
        let mut out = Expanded {
            arrivals: Frontier::default(),
            followed: Vec::new(),
            edges: Vec::new(),
            ends: Vec::new(),
        };
        let Some(Stage::Play(tree)) = self.game().stages.get(state.index()) else { return out };
        out.edges.resize(tree.edges.len() * count, 0.0);
        out.ends.resize(tree.ends.len() * count, 0.0);
        let beliefs: Vec<Belief> =
            chunk.clone().map(|node| Belief(frontier.belief(node, slots).to_vec())).collect();
        let assessments = solver.solve(period, state, &beliefs);
        for (node, assessment) in chunk.zip(&assessments) {
            let mass = self.masses(tree, assessment, frontier.mass(node, count));
            for (index, kind) in tree.nodes.iter().enumerate() {
                let here = &mass[index * count..(index + 1) * count];
                match kind {
                    Node::Next(to) => {
                        let most = here.iter().copied().fold(0.0, f64::max);
                        out.followed.push(most >= NEGLIGIBLE);
                        if most >= NEGLIGIBLE {
                            out.arrivals.push(*to, assessment.belief(NodeId::new(index)), here);
                        }
                    }
                    Node::End(end) => {
                        let row = &mut out.ends[*end as usize * count..(*end as usize + 1) * count];
                        row.iter_mut().zip(here).for_each(|(x, m)| *x += m);
                    }
                    Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges } => {
                        for edge in edges.start as usize..edges.end as usize {
                            let child = tree.edges[edge].child.index();
                            let below = &mass[child * count..(child + 1) * count];
                            let row = &mut out.edges[edge * count..(edge + 1) * count];
                            row.iter_mut().zip(below).for_each(|(x, m)| *x += m);
                        }
                    }
                }
            }
        }
        out
    }

    /// `[node of the tree][profile]`: probability of getting there.
    pub(super) fn masses(&self, tree: &StageTree, assessment: &Assessment, root: &[f64]) -> Vec<f64> {
        let count = self.count();
        let mut mass = vec![0.0; tree.nodes.len() * count];
        mass[..count].copy_from_slice(root);
        for (index, node) in tree.nodes.iter().enumerate() {
            let (Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges }) = node else {
                continue;
            };
            for edge in edges.start as usize..edges.end as usize {
                let child = tree.edges[edge].child.index();
                for profile in 0..count {
                    let p = self.odds(tree, assessment, node, edge, profile);
                    mass[child * count + profile] = p * mass[index * count + profile];
                }
            }
        }
        mass
    }

    /// Probability of an edge given a profile.
    pub(super) fn odds(
        &self,
        tree: &StageTree,
        assessment: &Assessment,
        node: &Node,
        edge: usize,
        profile: usize,
    ) -> f64 {
        match node {
            Node::Move { player, .. } => {
                let kind = self.kind(profile, player.index());
                assessment.strategy(edge).get(kind).copied().unwrap_or(0.0)
            }
            Node::Chance { about, .. } => {
                let kind = about.map_or(0, |player| self.kind(profile, player.index()));
                tree.probability(&tree.edges[edge], kind)
            }
            _ => 1.0,
        }
    }

    /// The type of a player in a profile.
    pub(super) fn kind(&self, profile: usize, player: usize) -> usize {
        let slot = self.profiles.slots(profile).get(player).copied().unwrap_or(0);
        slot - self.profiles.types().iter().take(player).sum::<usize>()
    }

    /// A sum over paths.
    pub fn value(&self, linear: &Linear) -> f64 {
        mean(&self.weights, &self.by_profile(linear))
    }

    /// The same given each profile.
    pub(super) fn by_profile(&self, linear: &Linear) -> Vec<f64> {
        let count = self.count();
        let mut out = vec![0.0; count];
        let mut add = |factor: f64, mass: &[f64]| {
            if factor != 0.0 {
                out.iter_mut().zip(mass).for_each(|(x, m)| *x += factor * m);
            }
        };
        for (n, frontier) in (0..).zip(&self.frontiers) {
            for node in 0..frontier.len() {
                let state = frontier.states[node].index();
                if matches!(self.game().stages.get(state), Some(Stage::Play(_))) {
                    add(linear.on(self.game(), n, state), frontier.mass(node, count));
                }
            }
            for (end, mass) in self.ended.get(n as usize).into_iter().flatten() {
                add(linear.end(n, end), mass);
            }
        }
        for (state, (stage, mass)) in self.game().stages.iter().zip(&self.edges).enumerate() {
            let Stage::Play(tree) = stage else { continue };
            for (edge, mass) in mass.chunks_exact(count).enumerate() {
                for (profile, m) in mass.iter().enumerate() {
                    out[profile] += m * linear.edge(tree, state, edge, self.profiles.slots(profile));
                }
            }
        }
        out
    }
}

/// Consecutive nodes of one state in which the war is on, at most [`CHUNK`] of them.
pub(super) fn chunks(game: &WarGame, frontier: &Frontier) -> Vec<std::ops::Range<usize>> {
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
