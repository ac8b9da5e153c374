//! Several equilibria of a finite game, by methods that find different ones.
//!
//! 1. The principal branch of quantal responses, from uniform play, and the branches that cross it.
//! 2. Branches of weighted responses σ ∝ w exp λQ with random weights w > 0: they start elsewhere and may end elsewhere.
//! 3. Branches with floors, σ = η + (1 − Σ η) w exp λQ / Σ w exp λQ with random η = ε^k v. Off the path beliefs are those that the floors leave, not
//!    those of the losses from deviating, so that equilibria are found which no limit of logit responses is.
//! 4. Two players: Lemke's path from random priors.
//! 5. Small games: all supports.
//! 6. Where what was found is part of a continuum: corners of it, also with other replies off the path where several are best.
//!
//! The mixed play on the path of what is found is made exact by Newton's method, and everything is checked by code that shares nothing with the
//! methods but the tree.

use armistice_game::FiniteGame;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::arrays::{Arrays, Who};
use super::branches::cross;
use super::certificate::beliefs;
use super::compact::compact;
use super::completion::{Assessed, TREMBLE, complete, normal};
use super::continuum::{Aim, corner, elsewhere, freedom};
use super::found::{FoundEquilibrium, Origin, OutcomeGroup, SetBelief, Several, SeveralSettings, Skipped};
use super::general::GeneralSolver;
use super::lemke::{Start, Stop};
use super::nash::profile_of;
use super::path::{Correspondence, PathEvent, follow};
use super::polish::{polish, reached_sets};
use super::sequence::{SequenceForm, Side};
use super::supports::{Scope, supports};
use super::{PathSettings, TreeError, check, lemke, raw_path, scale};
use crate::{Control, tolerance};

/// Most actions of a game whose branches with floors are followed: they are followed in general form.
const FLOORED_ACTIONS: usize = 400;
/// Most profiles that are kept of one outcome, and most outcomes.
const MEMBERS: usize = 4;
const GROUPS: usize = 256;
/// Most continua whose corners are looked for.
const SOURCES: usize = 24;
/// Probabilities above which an action counts as played, in the order in which they are tried.
const PLAYED: [f64; 6] = [1e-4, 1e-5, 1e-6, 1e-3, 1e-2, 0.05];
/// ε of floors, and the largest sum of those of an information set.
const FLOOR: f64 = 1e-3;
const FLOORS: f64 = 0.2;
/// Ratio of weights in the priors of Lemke's path.
const SPREAD: f64 = 1e4;

/// Looks for several equilibria of a game.
///
/// There may be more: only [`backward_induction`](super::backward_induction) lists all that there are, of another kind of game. Profiles that differ
/// by at most 1e-7 in probability are one, and so are outcomes.
///
/// - cost: restarts × (two branches, each as [`trace`](super::trace) takes, one of them in general form, and one path of Lemke's); and
///   supports × nodes.
/// - errors: [`TreeError`].
/// - source: McKelvey and Palfrey 1998 (limits of branches); Kreps and Wilson 1982 (beliefs as limits of trembles); von Stengel, van den Elzen
///   and Talman 2002 (priors).
pub fn equilibria(
    game: &FiniteGame,
    settings: &SeveralSettings,
    control: &Control<'_>,
) -> Result<Several, TreeError> {
    check(&settings.path)?;
    let tree = Arrays::new(game)?;
    let mut search = Search {
        scale: scale(&tree),
        tree: &tree,
        settings,
        random: ChaCha8Rng::seed_from_u64(settings.seed),
        pool: Vec::new(),
        principal: None,
        skipped: Vec::new(),
        tried: 0,
        used: 0,
    };
    search.branches(control)?;
    search.weighted(control)?;
    search.floored(control);
    search.lemke(control);
    search.enumerate(control);
    search.corners(control);
    if control.cancel.is_canceled() {
        search.skipped.push(Skipped::Canceled);
    }
    Ok(search.done())
}

/// Profiles with one outcome.
struct Group {
    outcome: Vec<(usize, f64)>,
    /// Directions left free, and the actions that are played on the path.
    freedom: usize,
    support: Vec<bool>,
    members: Vec<Member>,
    times: u32,
}

struct Member {
    found: Assessed,
    sequential: bool,
    origin: Origin,
    times: u32,
}

struct Search<'a> {
    tree: &'a Arrays,
    settings: &'a SeveralSettings,
    scale: f64,
    random: ChaCha8Rng,
    pool: Vec<Group>,
    /// Group and member.
    principal: Option<(usize, usize)>,
    skipped: Vec<Skipped>,
    tried: u32,
    used: u32,
}

impl Search<'_> {
    fn branches(&mut self, control: &Control<'_>) -> Result<(), TreeError> {
        let path = &self.settings.path;
        let form = compact(self.tree).filter(|_| !path.general);
        let principal = raw_path(self.tree, form.as_ref(), None, path, control)?;
        let crossed = principal.events.iter().any(|e| matches!(e, PathEvent::Bifurcation { .. }));
        if let Some(last) = principal.points.last() {
            let soft: Vec<f64> = last.y.iter().map(|y| y.exp()).collect();
            let y = last.y.clone();
            self.principal = self.offer(&soft, &y, Origin::Principal);
        }
        if crossed {
            let (crossings, paths, complete) = cross(self.tree, principal, path, control);
            if !complete {
                self.skipped.push(Skipped::Crossings);
            }
            for crossing in &crossings {
                for at in crossing.arms.iter().filter(|arm| !arm.known).filter_map(|arm| arm.path) {
                    let Some(last) = paths[at].points.last() else { continue };
                    let soft: Vec<f64> = last.y.iter().map(|y| y.exp()).collect();
                    self.offer(&soft, &last.y, Origin::Crossing { lambda: crossing.from });
                }
            }
        }
        Ok(())
    }

    /// ln w, heavy-tailed: one scale for all actions of a restart, another for each action.
    fn weights(&mut self) -> Vec<f64> {
        let spread = 1.5 * (0.8 * normal(&mut self.random)).exp();
        (0..self.tree.actions()).map(|_| spread * normal(&mut self.random)).collect()
    }

    fn weighted(&mut self, control: &Control<'_>) -> Result<(), TreeError> {
        let path = PathSettings { at: Vec::new(), ..self.settings.path.clone() };
        let form = compact(self.tree).filter(|_| !path.general);
        for restart in 0..self.settings.restarts {
            if control.cancel.is_canceled() {
                break;
            }
            let base = self.weights();
            let raw = raw_path(self.tree, form.as_ref(), Some(&base), &path, control)?;
            if let Some(last) = raw.points.last() {
                let soft: Vec<f64> = last.y.iter().map(|y| y.exp()).collect();
                self.offer(&soft, &last.y, Origin::Weights { restart });
            }
        }
        Ok(())
    }

    fn floored(&mut self, control: &Control<'_>) {
        if self.tree.actions() > FLOORED_ACTIONS {
            self.skipped.push(Skipped::Floors);
            return;
        }
        let path = PathSettings { at: Vec::new(), ..self.settings.path.clone() };
        for restart in 0..self.settings.restarts {
            if control.cancel.is_canceled() {
                break;
            }
            let base = self.weights();
            let exponents: Vec<f64> =
                base.iter().map(|_| f64::from(self.random.random_range(1..=3u32))).collect();
            let weights: Vec<f64> = base.iter().map(|_| 1.5 * normal(&mut self.random)).collect();
            let mut floor: Vec<f64> =
                exponents.iter().zip(&weights).map(|(k, w)| (k * FLOOR.ln() + w).exp()).collect();
            for bounds in self.tree.action.windows(2) {
                let own = &mut floor[bounds[0]..bounds[1]];
                let total: f64 = own.iter().sum();
                if total > FLOORS {
                    own.iter_mut().for_each(|f| *f *= FLOORS / total);
                }
            }
            let mut solver = GeneralSolver::weighted(self.tree, base, floor);
            let raw = follow(&mut solver, self.scale, &path, control);
            let Some(last) = raw.points.last() else { continue };
            solver.evaluate(&last.y, last.lambda);
            let soft = solver.soft().to_vec();
            let trembles: Vec<f64> = exponents.iter().zip(&weights).map(|(k, w)| k * TREMBLE + w).collect();
            self.offer(&soft, &trembles, Origin::Floors { restart });
        }
    }

    fn lemke(&mut self, control: &Control<'_>) {
        let Ok(form) = SequenceForm::new(self.tree) else {
            self.skipped.push(Skipped::Lemke);
            return;
        };
        let sequences: usize = form.sides.iter().map(Side::sequences).sum();
        let limit = 1000 + 8 * sequences as u64;
        for restart in 0..self.settings.restarts {
            if control.cancel.is_canceled() {
                break;
            }
            let draw = if restart == 0 { 0 } else { self.random.random::<u64>() | 1 };
            let found = lemke::follow(&form, Start { draw, spread: Some(SPREAD) }, limit, control);
            if found.stop == Stop::Complementary {
                let profile = profile_of(self.tree, &form, &found.behavior);
                self.exact(&profile, Origin::Lemke { restart });
            }
        }
    }

    fn enumerate(&mut self, control: &Control<'_>) {
        let (found, scope) = supports(self.tree, self.settings.supports, &mut self.random, control);
        match scope {
            Scope::All => {}
            Scope::Pure => self.skipped.push(Skipped::MixedSupports),
            Scope::None => self.skipped.push(Skipped::Supports),
        }
        for (number, profile) in found {
            self.exact(&profile, Origin::Support { number });
        }
    }

    /// Corners of every continuum that was met.
    fn corners(&mut self, control: &Control<'_>) {
        let sources = self.pool.iter().filter(|group| group.freedom > 0).take(SOURCES);
        let sources: Vec<(Vec<f64>, Vec<f64>)> = sources
            .map(|group| (group.members[0].found.sigma.clone(), group.members[0].found.logs.clone()))
            .collect();
        for (sigma, logs) in sources {
            let held = beliefs(self.tree, &logs);
            for walk in 0..2 * self.settings.restarts {
                if control.cancel.is_canceled() {
                    return;
                }
                self.tried += 1;
                let start = match walk % 2 {
                    0 => Some(sigma.clone()),
                    _ => elsewhere(self.tree, &sigma, &held, &mut self.random),
                };
                let Some(start) = start else { continue };
                let aim = if walk % 4 < 3 { Aim::Payoffs } else { Aim::Anywhere };
                let Some(found) = corner(self.tree, &start, aim, &mut self.random) else { continue };
                let logs = found.iter().zip(&logs).zip(&sigma).map(|((p, log), old)| match () {
                    () if *p > 0.0 => p.ln(),
                    () if *old > 0.0 => TREMBLE,
                    () => *log,
                });
                let found = Assessed::new(self.tree, found.clone(), logs.collect());
                if found.nash() {
                    self.settle(found, Origin::Corner);
                }
            }
        }
    }

    /// The end of a branch: probabilities without trembles, and logarithms of those of actions that vanish.
    fn offer(&mut self, soft: &[f64], trembles: &[f64], origin: Origin) -> Option<(usize, usize)> {
        self.tried += 1;
        let mut best: Option<Assessed> = None;
        for threshold in PLAYED {
            let Some(found) = self.sharpen(soft, trembles, threshold) else { continue };
            let better = |old: &Assessed| found.certificate.relative < old.certificate.relative;
            if best.as_ref().is_none_or(better) {
                best = Some(found);
            }
            if best.as_ref().is_some_and(|b| b.certificate.relative <= tolerance::RESIDUAL) {
                break;
            }
        }
        let best = best.filter(Assessed::nash)?;
        self.settle(best, origin)
    }

    fn sharpen(&self, soft: &[f64], trembles: &[f64], threshold: f64) -> Option<Assessed> {
        let support: Vec<bool> = soft.iter().map(|p| *p >= threshold).collect();
        let mut sigma = polish(self.tree, soft, &support)?;
        let reached = reached_sets(self.tree, &support);
        for set in (0..reached.len()).filter(|set| !reached[*set]) {
            let own = &mut sigma[self.tree.action[set]..self.tree.action[set + 1]];
            own.iter_mut().filter(|p| **p < tolerance::ROUNDED).for_each(|p| *p = 0.0);
            let total: f64 = own.iter().sum();
            own.iter_mut().for_each(|p| *p /= total);
        }
        let logs = sigma.iter().zip(trembles).map(|(p, t)| if *p > 0.0 { p.ln() } else { t.min(-1.0) });
        let logs = logs.collect();
        Some(Assessed::new(self.tree, sigma, logs))
    }

    /// A profile that is exact already, without beliefs off the path.
    fn exact(&mut self, profile: &[f64], origin: Origin) {
        self.tried += 1;
        let support: Vec<bool> = profile.iter().map(|p| *p > tolerance::ROUNDED).collect();
        let sigma = polish(self.tree, profile, &support).unwrap_or_else(|| profile.to_vec());
        let logs = sigma.iter().map(|p| p.ln()).collect();
        let found = Assessed::new(self.tree, sigma, logs);
        if found.nash() {
            self.settle(found, origin);
        }
    }

    /// Takes an equilibrium in, with beliefs where some are found.
    fn settle(&mut self, mut found: Assessed, origin: Origin) -> Option<(usize, usize)> {
        self.used += 1;
        let outcome = self.outcome(&found.sigma);
        let group = self.pool.iter().position(|group| same_outcome(&group.outcome, &outcome));
        if let Some(group) = group
            && let Some(at) = self.pool[group].members.iter().position(|m| near(&m.found.sigma, &found.sigma))
        {
            let sequential = found.sequential(self.scale);
            self.pool[group].times += 1;
            let member = &mut self.pool[group].members[at];
            member.times += 1;
            if sequential && !member.sequential {
                (member.found, member.sequential) = (found, true);
            }
            return Some((group, at));
        }
        let support = self.on_path(&found.sigma);
        let freedom = freedom(self.tree, &found.sigma);
        // Another point of a continuum says nothing new, if it is no corner.
        if group.is_none() && freedom > 0 && origin != Origin::Corner {
            let same = |g: &Group| g.freedom == freedom && g.support == support;
            if let Some(at) = self.pool.iter().position(same) {
                self.pool[at].times += 1;
                return None;
            }
        }
        let mut sequential = found.sequential(self.scale);
        let full = group.is_some_and(|g| self.pool[g].members.len() >= MEMBERS);
        let has = group.is_some_and(|g| self.pool[g].members.iter().any(|m| m.sequential));
        if !sequential && !has {
            let trembles = self.settings.trembles;
            if let Some(completed) = complete(self.tree, &found.sigma, self.scale, trembles, &mut self.random)
            {
                (found, sequential) = (completed, true);
            }
        }
        let member = Member { found, sequential, origin, times: 1 };
        let Some(group) = group else {
            if self.pool.len() >= GROUPS {
                if !self.skipped.contains(&Skipped::Outcomes) {
                    self.skipped.push(Skipped::Outcomes);
                }
                return None;
            }
            self.pool.push(Group { outcome, freedom, support, members: vec![member], times: 1 });
            return Some((self.pool.len() - 1, 0));
        };
        self.pool[group].times += 1;
        if full && (has || !sequential) {
            return None;
        }
        self.pool[group].members.push(member);
        Some((group, self.pool[group].members.len() - 1))
    }

    /// Actions that are played at sets that are reached.
    fn on_path(&self, sigma: &[f64]) -> Vec<bool> {
        let mut out: Vec<bool> = sigma.iter().map(|p| *p > 0.0).collect();
        let reached = reached_sets(self.tree, &out);
        for set in (0..reached.len()).filter(|set| !reached[*set]) {
            out[self.tree.action[set]..self.tree.action[set + 1]].fill(false);
        }
        out
    }

    /// Endings that are reached.
    fn outcome(&self, sigma: &[f64]) -> Vec<(usize, f64)> {
        let tree = self.tree;
        let mut reach = vec![0.0; tree.nodes()];
        if let Some(root) = reach.first_mut() {
            *root = 1.0;
        }
        let mut out = Vec::new();
        for node in 0..tree.nodes() {
            if !(reach[node] > 0.0) {
                continue;
            }
            if tree.who[node] == Who::Nobody {
                out.push((node, reach[node]));
            }
            for (position, child) in tree.children(node).iter().enumerate() {
                reach[*child] = reach[node]
                    * match tree.who[node] {
                        Who::Set(set) => sigma[tree.action[set] + position],
                        Who::Chance(odds) => tree.odds[odds + position],
                        Who::Nobody => 0.0,
                    };
            }
        }
        out
    }

    fn done(self) -> Several {
        let mut out = Several {
            equilibria: Vec::new(),
            groups: Vec::new(),
            principal: None,
            skipped: self.skipped.clone(),
            tried: self.tried,
            used: self.used,
        };
        for (number, group) in self.pool.iter().enumerate() {
            let mut order: Vec<usize> = (0..group.members.len()).collect();
            order.sort_by_key(|at| (self.principal != Some((number, *at)), !group.members[*at].sequential));
            let first = out.equilibria.len();
            for at in order {
                let member = &group.members[at];
                if self.principal == Some((number, at)) {
                    out.principal = Some(out.equilibria.len());
                }
                out.equilibria.push(FoundEquilibrium {
                    profile: member.found.sigma.clone(),
                    origin: member.origin,
                    times: member.times,
                    group: number,
                    freedom: group.freedom,
                    sequential: member.sequential,
                    off_path: if member.sequential { self.off_path(&member.found) } else { Vec::new() },
                    certificate: member.found.certificate.clone(),
                });
            }
            out.groups.push(OutcomeGroup {
                outcome: group.outcome.clone(),
                members: (first..out.equilibria.len()).collect(),
                times: group.times,
            });
        }
        out
    }

    fn off_path(&self, found: &Assessed) -> Vec<SetBelief> {
        let support: Vec<bool> = found.sigma.iter().map(|p| *p > 0.0).collect();
        let reached = reached_sets(self.tree, &support);
        let beliefs = beliefs(self.tree, &found.logs);
        let sets = (0..reached.len()).filter(|set| !reached[*set] && self.tree.members[*set].len() > 1);
        sets.map(|set| SetBelief {
            set,
            nodes: self.tree.members[set].iter().map(|n| (*n, beliefs[*n])).collect(),
        })
        .collect()
    }
}

/// Whether two profiles are the same.
fn near(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance::SAME_PROFILE)
}

/// Whether two distributions over endings are the same; both in the order of nodes.
fn same_outcome(a: &[(usize, f64)], b: &[(usize, f64)]) -> bool {
    let within = |a: &[(usize, f64)], b: &[(usize, f64)]| {
        a.iter().all(|(node, p)| {
            let q = b.binary_search_by_key(node, |(n, _)| *n).map_or(0.0, |at| b[at].1);
            (p - q).abs() <= tolerance::SAME_PROFILE
        })
    };
    within(a, b) && within(b, a)
}
