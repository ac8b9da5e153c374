//! Lemke's path through the linear complementarity problem of the sequence form.
//!
//! With plans x, y, constraints E x = e, F y = f and payoffs A, B of the [sequence form](super::sequence), (x, y) is an equilibrium if
//! and only if there are p, q with
//!
//! ```text
//! r = Eᵀ p − A y  ≥ 0   ⊥   x ≥ 0          E x = e
//! s = Fᵀ q − Bᵀ x ≥ 0   ⊥   y ≥ 0          F y = f
//! ```
//!
//! (Koller, Megiddo and von Stengel 1996, Games and Economic Behavior 14, 247–259). The covering vector is that of a prior (x̄, ȳ) which
//! chooses every action (von Stengel, van den Elzen and Talman 2002, Econometrica 70, 693–715): E x = (1 − z) e, F y = (1 − z) f,
//! r = Eᵀ p − A (y + z ȳ), s = Fᵀ q − Bᵀ (x + z x̄). At z = 1 all play the best replies to the prior; the path follows
//! complementary solutions until z = 0. On it everybody replies to (1 − z) × the other's play + z × the prior, so that no set is out of
//! reach: this is the linear tracing procedure of Harsanyi and Selten. Because p and q are free, payoffs need no shift.
//!
//! **The form of the linear algebra.** On each edge of the path the sequences with r = 0 are known. At every set one of them is taken as
//! the *chosen* one; E restricted to the chosen ones is triangular along the tree, p is a backward pass and x a forward pass.
//! What is left are the *extra* sequences, one for each degree of freedom of mixing: indifference of one player at his extra
//! sequences determines the weights of the other's. These two blocks are as small as there is mixing, never as large as
//! the problem, and every edge is computed afresh from the game's data, so that errors do not build up.
//!
//! **Ties.** Right-hand sides are q + ε q̃ with infinitesimal ε: q̃ is drawn once, so that, but for a set of measure zero,
//! no two variables reach zero at once. This is the lexicographic rule with one random column in place of the columns of
//! the inverse basis. Where rounding errors mislead it all the same, or a path is very long, the caller tries other draws.

use std::collections::HashSet;

use super::block::Block;
use super::sequence::{SequenceForm, Side};
use crate::{Control, tolerance};

/// Mass in q̃ for each unit of payoff there. Where sequences tie against the prior, q̃ alone makes the start unique, so that the path cannot
/// come back to it; what its mass is worth to the other player must not outweigh what it adds to payoffs.
const LIGHT: f64 = 1e-6;

/// What the path has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Complementary,
    Blocked,
    Pivots,
    Canceled,
}

/// A point of the path.
#[derive(Clone, Debug)]
pub(crate) struct Reached {
    pub(crate) stop: Stop,
    pub(crate) pivots: u64,
    /// Largest number of extra sequences of a player on the way.
    pub(crate) width: usize,
    /// By player and sequence: probability of the action at its set.
    pub(crate) behavior: [Vec<f64>; 2],
}

/// A number a + bε.
type Pair = [f64; 2];

/// All solutions of one edge: point + s × direction, by player and sequence; `z` likewise.
struct Edge {
    weight: [[Vec<f64>; 3]; 2],
    slack: [[Vec<f64>; 3]; 2],
    /// At s = 0, in ε, and per unit of s.
    z: [f64; 3],
}

/// A variable that enters or leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Variable {
    Prior,
    Weight(usize, usize),
    Slack(usize, usize),
}

impl Variable {
    /// A number of its own, for sets of variables to be named by their exclusive or.
    fn name(self) -> u64 {
        let index = match self {
            Self::Prior => 0,
            Self::Weight(player, sequence) => 1 + player as u64 + 4 * sequence as u64,
            Self::Slack(player, sequence) => 3 + player as u64 + 4 * sequence as u64,
        };
        scramble(index.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}

struct Path<'a> {
    form: &'a SequenceForm,
    prior: [Vec<f64>; 2],
    /// What the other's prior makes sequences worth.
    prior_worth: [Vec<f64>; 2],
    /// ε-part of the right-hand sides: of r by sequence, of E x = e by row.
    bonus: [Vec<f64>; 2],
    mass: [Vec<f64>; 2],
    /// Sequences with r = 0.
    active: [Vec<bool>; 2],
    /// By set: the chosen one of them.
    chosen: [Vec<usize>; 2],
    width: usize,
    /// Names the set of active sequences.
    name: u64,
}

/// What selects a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// Selects q̃, and, from 1 on, the prior too.
    pub(crate) draw: u64,
    /// Largest ratio of weights in a prior that is drawn; `None` for 2, evenly spread. Wide ones lead to more equilibria, but are worse numbers.
    pub(crate) spread: Option<f64>,
}

/// Follows the path.
///
/// - cost: per pivot of order (entries of A and B + sequences) × extra sequences + extra sequences³.
pub(crate) fn follow(form: &SequenceForm, start: Start, limit: u64, control: &Control<'_>) -> Reached {
    let mut path = Path::new(form, start);
    let mut position: Pair = [1.0, 0.0];
    let mut sign = -1.0;
    let mut pivots = 0;
    let mut stop = Stop::Blocked;
    let mut entering = Variable::Prior;
    let mut behavior = None;
    let mut passed = HashSet::new();
    while let Some(edge) = path.edge() {
        // In exact arithmetic no edge comes twice.
        if !passed.insert(scramble(path.name) ^ entering.name()) {
            break;
        }
        if entering != Variable::Prior {
            let [point, nudge, rate] = edge.entry(entering);
            if !(rate.abs() > tolerance::PIVOT) {
                break;
            }
            sign = rate.signum();
            position = [-point / rate, -nudge / rate];
        }
        behavior = Some(path.behavior(&edge, position));
        if control.cancel.is_canceled() || pivots == limit {
            stop = if pivots == limit { Stop::Pivots } else { Stop::Canceled };
            break;
        }
        let Some((leaving, step)) = path.ratio_test(&edge, position, sign) else { break };
        pivots += 1;
        if pivots % 256 == 0 {
            control.report("pivoting", pivots, None);
        }
        match leaving {
            Variable::Prior => {
                // z = 0, where s is z itself.
                stop = Stop::Complementary;
                let last = path.refined(edge);
                behavior = Some(path.behavior(&last, [0.0, 0.0]));
                break;
            }
            Variable::Weight(player, sequence) => {
                path.turn(player, sequence, false);
                let at = [position[0] + sign * step, position[1]];
                if !path.choose_again(&edge, at, player, sequence) {
                    break;
                }
                entering = Variable::Slack(player, sequence);
            }
            Variable::Slack(player, sequence) => {
                path.turn(player, sequence, true);
                entering = Variable::Weight(player, sequence);
            }
        }
    }
    let behavior = behavior.unwrap_or_else(|| path.prior.clone());
    Reached { stop, pivots, width: path.width, behavior }
}

impl Edge {
    fn entry(&self, variable: Variable) -> [f64; 3] {
        match variable {
            Variable::Prior => self.z,
            Variable::Weight(player, sequence) => [0, 1, 2].map(|l| self.weight[player][l][sequence]),
            Variable::Slack(player, sequence) => [0, 1, 2].map(|l| self.slack[player][l][sequence]),
        }
    }
}

/// Turns the worth of sequences into what each falls short of the chosen one at its set, in place.
fn shortfall(side: &Side, chosen: &[usize], worth: &mut [f64]) {
    for set in (0..side.sets.len()).rev() {
        worth[side.before[set]] += worth[chosen[set]];
    }
    worth[0] = 0.0;
    for set in 0..side.sets.len() {
        let best = worth[chosen[set]];
        worth[side.actions(set)].iter_mut().for_each(|w| *w = best - *w);
    }
}

/// Fills in the weights of the chosen sequences; the others are there already.
fn complete(side: &Side, chosen: &[usize], root: f64, mass: Option<&[f64]>, plan: &mut [f64]) {
    plan[0] = root;
    for set in 0..side.sets.len() {
        plan[chosen[set]] = 0.0;
        let others: f64 = plan[side.actions(set)].iter().sum();
        plan[chosen[set]] = plan[side.before[set]] + mass.map_or(0.0, |m| m[set + 1]) - others;
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): numbers between ½ and 1.
fn draws(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        0.5 + (scramble(state) >> 12) as f64 / (1u64 << 53) as f64
    }
}

/// The output function of SplitMix64.
fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl<'a> Path<'a> {
    fn new(form: &'a SequenceForm, Start { draw, spread }: Start) -> Self {
        let mut random = draws(draw);
        let bonus = [0, 1].map(|p: usize| -> Vec<f64> {
            let side = &form.sides[p];
            let unit = |sequence: usize| if sequence == 0 { 1.0 } else { side.unit[side.set_of[sequence]] };
            (0..side.sequences()).map(|sequence| unit(sequence) * random()).collect()
        });
        let mass = [0, 1].map(|p: usize| -> Vec<f64> {
            let own = form.sides[p].sets.iter().map(|_| LIGHT * random());
            std::iter::once(0.0).chain(own).collect()
        });
        let prior = [0, 1].map(|p: usize| {
            let side = &form.sides[p];
            let mut plan = side.uniform();
            if draw > 0 {
                for set in 0..side.sets.len() {
                    let weights: Vec<f64> = side
                        .actions(set)
                        .map(|_| {
                            let r = random();
                            spread.map_or(r, |s| s.powf(2.0 * r - 1.0))
                        })
                        .collect();
                    let total: f64 = weights.iter().sum();
                    for (sequence, weight) in side.actions(set).zip(weights) {
                        plan[sequence] = plan[side.before[set]] * weight / total;
                    }
                }
            }
            plan
        });
        let prior_worth = [0, 1].map(|p: usize| {
            let mut worth = vec![0.0; form.sides[p].sequences()];
            form.toward[p].add_product(&prior[1 - p], &mut worth);
            worth
        });
        let mut path = Self {
            form,
            prior,
            prior_worth,
            bonus,
            mass,
            active: [0, 1].map(|p: usize| vec![false; form.sides[p].sequences()]),
            chosen: [0, 1].map(|p: usize| form.sides[p].start[..form.sides[p].sets.len()].to_vec()),
            width: 0,
            name: 0,
        };
        path.start();
        path
    }

    /// Best replies to the prior, ties broken by the ε-part, bottom up.
    fn start(&mut self) {
        let form = self.form;
        for (player, side) in form.sides.iter().enumerate() {
            let (mut worth, mut bonus) = (self.prior_worth[player].clone(), self.bonus[player].clone());
            for set in (0..side.sets.len()).rev() {
                let actions = side.actions(set);
                let most = worth[actions.clone()].iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let tied = most - tolerance::TIE * side.unit[set];
                let best =
                    actions.filter(|a| worth[*a] >= tied).max_by(|a, b| bonus[*a].total_cmp(&bonus[*b]));
                let best = best.unwrap_or(side.start[set]);
                self.chosen[player][set] = best;
                self.turn(player, best, true);
                worth[side.before[set]] += worth[best];
                bonus[side.before[set]] += bonus[best];
            }
        }
        // What the ε-part of the start's weights is worth must not upset the choice.
        for player in 0..2 {
            let other = 1 - player;
            let mut plan = vec![0.0; self.form.sides[other].sequences()];
            let mass = &self.mass[other];
            complete(&self.form.sides[other], &self.chosen[other], mass[0], Some(mass), &mut plan);
            plan.iter_mut().for_each(|x| *x = -*x);
            self.form.toward[player].add_product(&plan, &mut self.bonus[player]);
        }
    }

    fn turn(&mut self, player: usize, sequence: usize, on: bool) {
        self.active[player][sequence] = on;
        self.name ^= Variable::Weight(player, sequence).name();
    }

    fn extras(&self, player: usize) -> Vec<usize> {
        let side = &self.form.sides[player];
        (1..side.sequences())
            .filter(|s| self.active[player][*s] && self.chosen[player][side.set_of[*s]] != *s)
            .collect()
    }

    /// A plan from a player's extra weights, the root's weight, and the ε-part of the right-hand side.
    fn plan(
        &self,
        player: usize,
        extras: &[usize],
        weights: &[f64],
        root: f64,
        mass: Option<&[f64]>,
    ) -> Vec<f64> {
        let side = &self.form.sides[player];
        let mut plan = vec![0.0; side.sequences()];
        for (sequence, weight) in extras.iter().zip(weights) {
            plan[*sequence] = *weight;
        }
        complete(side, &self.chosen[player], root, mass, &mut plan);
        plan
    }

    /// r of a player, where the other plays `plan` and the prior with weight `z`.
    fn slack(&self, player: usize, plan: &[f64], z: f64, bonus: bool) -> Vec<f64> {
        let mut worth: Vec<f64> = self.prior_worth[player].iter().map(|w| z * w).collect();
        if bonus {
            worth.iter_mut().zip(&self.bonus[player]).for_each(|(w, b)| *w += b);
        }
        self.form.toward[player].add_product(plan, &mut worth);
        shortfall(&self.form.sides[player], &self.chosen[player], &mut worth);
        worth
    }

    /// The rows of a player's extra sequences in units of their sets.
    fn rows(&self, player: usize, extras: &[usize], slack: &[f64]) -> Vec<f64> {
        let side = &self.form.sides[player];
        extras.iter().map(|s| slack[*s] / side.unit[side.set_of[*s]]).collect()
    }

    /// The block of a player: what the other's extra weights do to the player's extra rows.
    fn block(&self, player: usize, own: &[usize], others: &[usize]) -> Block {
        let (other, side) = (1 - player, &self.form.sides[player]);
        let mut entries = vec![0.0; own.len() * others.len()];
        let mut worth = vec![0.0; side.sequences()];
        for (column, extra) in others.iter().enumerate() {
            if own.is_empty() {
                break;
            }
            let plan = self.plan(other, &[*extra], &[1.0], 0.0, None);
            worth.fill(0.0);
            self.form.toward[player].add_product(&plan, &mut worth);
            shortfall(side, &self.chosen[player], &mut worth);
            for (row, sequence) in own.iter().enumerate() {
                entries[row * others.len() + column] = worth[*sequence] / side.unit[side.set_of[*sequence]];
            }
        }
        Block::new(entries, own.len(), others.len(), tolerance::PIVOT)
    }

    /// The edge on which the active sequences are those with r = 0; `None` where they do not determine one.
    fn edge(&mut self) -> Option<Edge> {
        let extras = [self.extras(0), self.extras(1)];
        self.width = self.width.max(extras[0].len()).max(extras[1].len());
        // blocks[p] determines the weights of player 1 − p.
        let blocks = [0, 1].map(|p: usize| self.block(p, &extras[p], &extras[1 - p]));
        let right = [0, 1].map(|p: usize| {
            let base = |root: f64, z: f64, bonus: bool| {
                let mass = bonus.then_some(self.mass[1 - p].as_slice());
                let plan = self.plan(1 - p, &[], &[], root, mass);
                let rows = self.rows(p, &extras[p], &self.slack(p, &plan, z, bonus));
                blocks[p].forward(&rows)
            };
            [base(1.0, 0.0, false), base(self.mass[1 - p][0], 0.0, true), base(-1.0, 1.0, false)]
        });
        let spare: Vec<usize> = (0..2).filter(|p| blocks[*p].rank < extras[*p].len()).collect();
        // Free unknowns and rows without pivot go in pairs; the row says what z is.
        let mut z = [0.0, 0.0, 1.0];
        let rank = blocks[0].rank + blocks[1].rank;
        let total = extras[0].len() + extras[1].len();
        match (spare.as_slice(), total - rank) {
            ([], 0) => {}
            ([p], 1) => {
                let row = blocks[*p].rank;
                let [point, nudge, rate] = [0, 1, 2].map(|l| right[*p][l][row]);
                if !(rate.abs() > tolerance::PIVOT) {
                    return None;
                }
                z = [-point / rate, -nudge / rate, 0.0];
            }
            _ => return None,
        }
        let free = 1.0 - z[2];
        let mut weights: [[Vec<f64>; 3]; 2] = Default::default();
        for (p, block) in blocks.iter().enumerate() {
            let [point, nudge, rate] = &right[p];
            let with = |base: Option<&Vec<f64>>, z: f64| -> Vec<f64> {
                (0..extras[p].len()).map(|i| -base.map_or(0.0, |b| b[i]) - z * rate[i]).collect()
            };
            weights[1 - p] = [
                block.back(&with(Some(point), z[0]), 0.0),
                block.back(&with(Some(nudge), z[1]), 0.0),
                block.back(&with(None, z[2]), free),
            ];
        }
        Some(self.spread(&extras, &weights, z))
    }

    /// All variables from the extra weights.
    fn spread(&self, extras: &[Vec<usize>; 2], weights: &[[Vec<f64>; 3]; 2], z: [f64; 3]) -> Edge {
        let weight = [0, 1].map(|p: usize| {
            let mass = self.mass[p].as_slice();
            let level = |l: usize, root: f64, mass| self.plan(p, &extras[p], &weights[p][l], root, mass);
            [level(0, 1.0 - z[0], None), level(1, mass[0] - z[1], Some(mass)), level(2, -z[2], None)]
        });
        let slack = [0, 1].map(|p: usize| [0, 1, 2].map(|l| self.slack(p, &weight[1 - p][l], z[l], l == 1)));
        Edge { weight, slack, z }
    }

    /// The last edge at z = 0, improved by the residuals of the players' indifference.
    fn refined(&self, mut edge: Edge) -> Edge {
        let extras = [self.extras(0), self.extras(1)];
        for p in 0..2 {
            let block = self.block(p, &extras[p], &extras[1 - p]);
            if block.rank < extras[p].len() || block.rank < extras[1 - p].len() {
                continue;
            }
            for _ in 0..2 {
                let plan = &edge.weight[1 - p][0];
                let residual = self.rows(p, &extras[p], &self.slack(p, plan, 0.0, false));
                let change = block.back(&block.forward(&residual), 0.0);
                let improved: Vec<f64> =
                    extras[1 - p].iter().zip(&change).map(|(s, c)| plan[*s] - c).collect();
                edge.weight[1 - p][0] = self.plan(1 - p, &extras[1 - p], &improved, 1.0, None);
            }
        }
        edge
    }

    /// Which variable reaches zero first, in the order of numbers a + bε, and after which step.
    ///
    /// Two passes (Harris 1973): how far one can go if every variable may become negative by a tolerance; among those that are
    /// zero by then the one with the smallest ε-part.
    fn ratio_test(&self, edge: &Edge, position: Pair, sign: f64) -> Option<(Variable, f64)> {
        let mut falling: Vec<(Variable, f64, f64, f64)> = Vec::new();
        let mut consider = |variable: Variable, entry: [f64; 3], unit: f64| {
            let rate = -sign * entry[2] / unit;
            if rate > tolerance::PIVOT {
                let at = [0, 1].map(|l| (entry[l] + position[l] * entry[2]) / unit);
                falling.push((variable, at[0].max(0.0), at[1], rate));
            }
        };
        consider(Variable::Prior, edge.z, 1.0);
        for (player, side) in self.form.sides.iter().enumerate() {
            for sequence in 1..side.sequences() {
                let set = side.set_of[sequence];
                if !self.active[player][sequence] {
                    let slack = Variable::Slack(player, sequence);
                    consider(slack, edge.entry(slack), side.unit[set]);
                } else if side.actions(set).filter(|s| self.active[player][*s]).nth(1).is_some() {
                    let weight = Variable::Weight(player, sequence);
                    consider(weight, edge.entry(weight), 1.0);
                }
            }
        }
        let reach =
            falling.iter().map(|(_, at, _, rate)| (at + tolerance::TIE) / rate).fold(f64::INFINITY, f64::min);
        let mut best: Option<(Variable, f64, f64, f64)> = None;
        for (variable, at, nudge, rate) in falling {
            if at / rate > reach {
                continue;
            }
            if variable == Variable::Prior {
                return Some((variable, at / rate));
            }
            let ratio = nudge / rate;
            let first = best.is_none_or(|(_, _, least, strongest)| {
                let close = (ratio - least).abs() <= tolerance::TIE * (ratio.abs() + least.abs());
                if close { rate > strongest } else { ratio < least }
            });
            if first {
                best = Some((variable, at / rate, ratio, rate));
            }
        }
        best.map(|(variable, step, ..)| (variable, step))
    }

    /// Where the chosen sequence of a set is no longer active, the heaviest active one takes its place.
    fn choose_again(&mut self, edge: &Edge, at: Pair, player: usize, sequence: usize) -> bool {
        let side = &self.form.sides[player];
        let set = side.set_of[sequence];
        if self.chosen[player][set] != sequence {
            return true;
        }
        let [point, nudge, rate] = &edge.weight[player];
        let weight = |s: usize| point[s] + at[0] * rate[s] + tolerance::TIE * (nudge[s] + at[1] * rate[s]);
        let active = side.actions(set).filter(|s| self.active[player][*s]);
        match active.max_by(|a, b| weight(*a).total_cmp(&weight(*b))) {
            Some(best) => {
                self.chosen[player][set] = best;
                true
            }
            None => false,
        }
    }

    /// Choice probabilities at a point of an edge. At sets that their owner's own play does not reach, the chosen sequence: there too it is
    /// a best reply to the other's play.
    fn behavior(&self, edge: &Edge, at: Pair) -> [Vec<f64>; 2] {
        [0, 1].map(|p: usize| {
            let side = &self.form.sides[p];
            let [point, _, rate] = &edge.weight[p];
            let z = (edge.z[0] + at[0] * edge.z[2]).max(0.0);
            let mut out = vec![1.0; side.sequences()];
            for set in 0..side.sets.len() {
                let weight = |s: usize| (point[s] + at[0] * rate[s] + z * self.prior[p][s]).max(0.0);
                let total: f64 = side.actions(set).map(weight).sum();
                for s in side.actions(set) {
                    out[s] = if total > tolerance::UNREACHED {
                        weight(s) / total
                    } else {
                        f64::from(u8::from(self.chosen[p][set] == s))
                    };
                }
            }
            out
        })
    }
}
