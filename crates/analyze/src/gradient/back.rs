//! From the ends of all paths back to the start, with derivatives.
//!
//! A node (t, s) with masses m(θ), the probability of being there given each profile of types, has the public belief
//!
//! ```text
//! b(θᵢ) = Σ_{θ ∋ θᵢ} w(θ) m(θ) / Σ_θ w(θ) m(θ) ,      w(θ) = Πᵢ b₀(θᵢ)
//! ```
//!
//! also where nodes were merged. So a path sum L is a function of masses alone, and with W = ∂L/∂m of the nodes of the next period
//!
//! ```text
//! W(n; θ) = v(θ) own(n) + Σ_leaves Pr(leaf | n, θ) W(target; θ) + Σ_slot b̄(slot) ∂b(slot)/∂m(θ) ,
//! ```
//!
//! where b̄ is what the stage's strategies are worth in the belief at its root, from [`AdjointSolver::visit`]. Which beliefs are merged
//! is held fixed: the derivative is that of the measure as computed between two changes of the merging.

use armistice_game::{Node, Stage};
use armistice_solve::Control;
use armistice_solve::gradient::{Adjoint, AdjointSolver, Effort, StageAdjoint, StagePrimitives};
use rayon::prelude::*;

use super::linear::Linear;
use super::paths::{NOWHERE, Paths, chunks};
use crate::AnalyzeError;
use crate::forward::frontier::Frontier;
use crate::forward::{Given, mean};

impl Paths {
    /// Adds the derivatives of Σ factor × sum over paths, for each functional, to its adjoint; also with respect to the belief at the
    /// start.
    ///
    /// - cost: one stage solution a node, and a transposed solve for each functional.
    /// - errors: [`AnalyzeError::Cancelled`].
    pub fn adjoint(
        &self,
        solver: &AdjointSolver<'_>,
        functionals: &[Vec<(f64, Linear)>],
        adjoints: &mut [Adjoint],
        control: &Control<'_>,
    ) -> Result<Effort, AnalyzeError> {
        let (count, slots) = (self.count(), self.game().slots());
        let many = functionals.len();
        let mut effort = Effort::default();
        // By functional and profile: derivatives with respect to public weights and to those of the measure.
        let mut public = vec![0.0; many * count];
        let mut own = vec![0.0; many * count];
        for (n, parts) in functionals.iter().enumerate() {
            for (factor, linear) in parts {
                for (x, y) in own[n * count..(n + 1) * count].iter_mut().zip(self.by_profile(linear)) {
                    *x += factor * y;
                }
            }
        }
        // `[node][functional][profile]`
        let mut next: Vec<f64> = Vec::new();
        for period in (0..=self.periods).rev() {
            if control.cancel.is_canceled() {
                return Err(AnalyzeError::Cancelled);
            }
            control.report(
                "differentiating",
                u64::from(self.periods - period),
                Some(u64::from(self.periods)),
            );
            let frontier = &self.frontiers[period as usize];
            let mut worth = vec![0.0; frontier.len() * many * count];
            self.arrived(period, functionals, &mut worth, adjoints);
            if period < self.periods {
                let chunks = chunks(self.game(), frontier);
                let done: Vec<Option<Back>> = chunks
                    .par_iter()
                    .map(|chunk| self.back(solver, period, chunk.clone(), functionals, &next))
                    .collect();
                for (chunk, back) in chunks.iter().zip(done) {
                    let Some(back) = back else { continue };
                    effort += back.visit.effort;
                    solver.take(&back.visit, adjoints);
                    let state = frontier.states[chunk.start].index();
                    for (adjoint, direct) in adjoints.iter_mut().zip(&back.direct) {
                        let stage = &mut adjoint.primitives.stages[state];
                        let add = |x: &mut [f64], y: &[f64]| x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
                        add(&mut stage.probabilities, &direct.probabilities);
                        add(&mut stage.costs, &direct.costs);
                        add(&mut stage.terms, &direct.terms);
                    }
                    let from = chunk.start * many * count;
                    worth[from..from + back.worth.len()]
                        .iter_mut()
                        .zip(&back.worth)
                        .for_each(|(x, y)| *x += y);
                    for (position, node) in chunk.clone().enumerate() {
                        for n in 0..many {
                            let bar = &back.visit.roots[(position * many + n) * slots..][..slots];
                            let row = (node * many + n) * count;
                            let (worth, public) =
                                (&mut worth[row..row + count], &mut public[n * count..(n + 1) * count]);
                            self.through_belief(frontier, node, bar, worth, public);
                        }
                    }
                }
            }
            next = worth;
        }
        for (n, adjoint) in adjoints.iter_mut().enumerate() {
            self.through_weights(
                &public[n * count..(n + 1) * count],
                &Given::default(),
                &mut adjoint.primitives.start,
            );
            self.through_weights(
                &own[n * count..(n + 1) * count],
                &self.given,
                &mut adjoint.primitives.start,
            );
        }
        Ok(effort)
    }

    /// What being at a node counts by itself.
    fn arrived(
        &self,
        period: u32,
        functionals: &[Vec<(f64, Linear)>],
        worth: &mut [f64],
        adjoints: &mut [Adjoint],
    ) {
        let count = self.count();
        let frontier = &self.frontiers[period as usize];
        for (node, rows) in worth.chunks_exact_mut(functionals.len() * count).enumerate() {
            let state = frontier.states[node].index();
            let weighted = mean(&self.weights, frontier.mass(node, count));
            let functionals = functionals.iter().zip(adjoints.iter_mut());
            for (row, (parts, adjoint)) in rows.chunks_exact_mut(count).zip(functionals) {
                for (factor, linear) in parts {
                    let counted = match &self.game().stages[state] {
                        Stage::Over(end) => {
                            if linear.counts_terms(end) {
                                adjoint.primitives.stages[state].terms[0] += factor * weighted;
                            }
                            linear.end(period, end)
                        }
                        Stage::Play(_) => {
                            if let Linear::On { from, to, observable: Some(o) } = linear
                                && (*from..*to).contains(&period)
                            {
                                adjoint.primitives.observables[*o][state] += factor * weighted;
                            }
                            linear.on(self.game(), period, state)
                        }
                    };
                    row.iter_mut().zip(&self.weights).for_each(|(x, v)| *x += factor * v * counted);
                }
            }
        }
    }

    /// One chunk of nodes, all of one state: from what the next period's nodes are worth to what its strategies and masses are.
    fn back(
        &self,
        solver: &AdjointSolver<'_>,
        period: u32,
        chunk: std::ops::Range<usize>,
        functionals: &[Vec<(f64, Linear)>],
        next: &[f64],
    ) -> Option<Back> {
        let (count, slots, many) = (self.count(), self.game().slots(), functionals.len());
        let frontier = &self.frontiers[period as usize];
        let state = frontier.states[chunk.start];
        let Some(Stage::Play(tree)) = self.game().stages.get(state.index()) else { return None };
        let direct = StagePrimitives {
            probabilities: vec![0.0; tree.probabilities.len()],
            costs: vec![0.0; tree.edges.len() * slots],
            terms: vec![0.0; tree.ends.len()],
            ..StagePrimitives::default()
        };
        let mut direct = vec![direct; many];
        let mut worth = vec![0.0; chunk.len() * many * count];
        let beliefs: Vec<&[f64]> = chunk.clone().map(|node| frontier.belief(node, slots)).collect();
        // `[node of the tree][profile]`: what getting there is worth.
        let mut values = vec![0.0; tree.nodes.len() * count];
        let visit = solver.visit((period, state), &beliefs, many, |position, stage, out| {
            let assessment = stage.assessment();
            let node = chunk.start + position;
            let mass = self.masses(tree, &assessment, frontier.mass(node, count));
            for (n, parts) in functionals.iter().enumerate() {
                let mut leaf = self.first[period as usize][node];
                for (index, kind) in tree.nodes.iter().enumerate() {
                    let here = &mut values[index * count..(index + 1) * count];
                    here.fill(0.0);
                    match kind {
                        Node::Next(_) => {
                            let target = self.targets[period as usize][leaf];
                            leaf += 1;
                            if target != NOWHERE {
                                let row = (target as usize * many + n) * count;
                                here.copy_from_slice(&next[row..row + count]);
                            }
                        }
                        Node::End(end) => {
                            let point = &tree.ends[*end as usize];
                            let seen = &mass[index * count..(index + 1) * count];
                            for (factor, linear) in parts {
                                let counted = factor * linear.end(period + 1, point);
                                here.iter_mut().zip(&self.weights).for_each(|(x, v)| *x += v * counted);
                                if linear.counts_terms(point) {
                                    direct[n].terms[*end as usize] += factor * mean(&self.weights, seen);
                                }
                            }
                        }
                        _ => {}
                    }
                }
                for (index, kind) in tree.nodes.iter().enumerate().rev() {
                    let (Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges }) =
                        kind
                    else {
                        continue;
                    };
                    for edge in edges.start as usize..edges.end as usize {
                        let child = tree.edges[edge].child.index();
                        for profile in 0..count {
                            let own = self.profiles.slots(profile);
                            let mut gain = values[child * count + profile];
                            for (factor, linear) in parts {
                                let counted = linear.edge(tree, state.index(), edge, own);
                                gain += factor * self.weights[profile] * counted;
                                if let Linear::Cost { player } = linear {
                                    let passed = self.weights[profile] * mass[child * count + profile];
                                    direct[n].costs[edge * slots + own[*player]] += factor * passed;
                                }
                            }
                            let seed = gain * mass[index * count + profile];
                            match kind {
                                Node::Move { player, .. } => {
                                    let kind = self.kind(profile, player.index());
                                    out[n].strategies.push((edge, kind, seed));
                                }
                                Node::Chance { about, .. } => {
                                    let kind = about.map_or(0, |p| self.kind(profile, p.index()));
                                    direct[n].probabilities[tree.edges[edge].chance as usize + kind] += seed;
                                }
                                _ => {}
                            }
                            values[index * count + profile] +=
                                gain * self.odds(tree, &assessment, kind, edge, profile);
                        }
                    }
                }
                worth[(position * many + n) * count..][..count].copy_from_slice(&values[..count]);
            }
        })?;
        Some(Back { visit, direct, worth })
    }

    /// ∂b(slot)/∂m(θ) = w(θ) ([slot ∈ θ] − b(slot)) / Σ w m, and the same for w.
    fn through_belief(
        &self,
        frontier: &Frontier,
        node: usize,
        bar: &[f64],
        worth: &mut [f64],
        public: &mut [f64],
    ) {
        let (count, slots) = (self.count(), self.game().slots());
        let (mass, belief) = (frontier.mass(node, count), frontier.belief(node, slots));
        let total = mean(&self.prior, mass);
        if !(total > 0.0) {
            return;
        }
        let expected = mean(bar, belief);
        for profile in 0..count {
            let own: f64 = self.profiles.slots(profile).iter().map(|slot| bar[*slot]).sum();
            let shift = (own - expected) / total;
            worth[profile] += self.prior[profile] * shift;
            public[profile] += mass[profile] * shift;
        }
    }

    /// w(θ) = Π b₀(θᵢ) over the players whose types are not given.
    fn through_weights(&self, bar: &[f64], given: &Given, start: &mut [f64]) {
        for (profile, bar) in bar.iter().enumerate() {
            let own = self.profiles.slots(profile);
            let weight = |player: usize, slot: usize| {
                let fixed = given.0.iter().find(|(p, _)| p.index() == player);
                match fixed {
                    Some((_, kind)) => f64::from(u8::from(self.kind(profile, player) == kind.index())),
                    None => self.start.0.get(slot).copied().unwrap_or(0.0),
                }
            };
            for (player, slot) in own.iter().enumerate() {
                if given.0.iter().any(|(p, _)| p.index() == player) {
                    continue;
                }
                let others = own.iter().enumerate().filter(|(p, _)| *p != player);
                let rest: f64 = others.map(|(p, slot)| weight(p, *slot)).product();
                start[*slot] += bar * rest;
            }
        }
    }
}

/// What one chunk of nodes finds on the way back.
struct Back {
    visit: StageAdjoint,
    /// By functional: probabilities, costs and terms that count directly.
    direct: Vec<StagePrimitives>,
    /// `[node of the chunk][functional][profile]`
    worth: Vec<f64>,
}
