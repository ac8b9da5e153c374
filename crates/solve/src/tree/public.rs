//! Games with public actions and private types: one node for what everyone has seen, vectors over types at it.
//!
//! A tree with a node for every profile of types is smaller by the number of profiles in this form, and its linearized quantal response
//! equilibrium can be eliminated exactly along it. With m the logarithm of the public weight of a type (prior times the probabilities of
//! the type's own actions so far), payoffs U depend on m alone and not on its level. At a node let U have the linear model
//!
//!   δU_s = Σ_θ J(s, θ) δm_θ + c_s δ1 + d_s δλ.
//!
//! At a move of a player with types θ, actions a, strategies σ, D_a = diag σ(a | ·), B_a = λ J_a(own, own), M_a = (I − B_a)⁻¹ and
//! r_a = gap + λ × (the rest of the model of his values after a), the linearized fixed point ln σ = λQ − ln Σ exp λQ has
//!
//!   P w = δm − Σ_a D_a M_a r_a,   P = Σ_a D_a M_a,   δm′_a = M_a (r_a + w),   δ ln σ_a = δm′_a − δm,
//!
//! so that one system of the order of the number of types per action, and one more per move, replace the Jacobian of the
//! whole game. Cost per move: of order actions × types² × (types of all players). Both are solved in differences from one type: B and
//! P − I do not see levels, and at large λ differences are small where levels are not.
//!
//! Fixed point: McKelvey and Palfrey (1998), agent quantal response equilibrium.

use super::dense;
use super::elimination::Work;
use super::path::Correspondence;
use crate::war::Width;

/// A game with public actions, independent private types and chance that may depend on one player's type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PublicGame {
    /// Number of types of each player.
    pub(crate) types: Vec<usize>,
    /// `[slot]`: prior probability of every type of every player.
    pub(crate) prior: Vec<f64>,
    /// Preorder, root first.
    pub(crate) nodes: Vec<PublicNode>,
}

/// What happens once everyone has seen the same.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PublicNode {
    /// A player chooses; `children` by action.
    Move {
        /// Who.
        player: usize,
        /// Next nodes.
        children: Vec<usize>,
    },
    /// Nature chooses.
    Chance {
        /// Whose type its odds depend on, if anybody's.
        about: Option<usize>,
        /// `[child][type]`, one number per child where the odds depend on nobody.
        odds: Vec<Vec<f64>>,
        /// Next nodes.
        children: Vec<usize>,
    },
    /// The end, with payoffs that depend on one's own type only: `[slot]`.
    End(Vec<f64>),
    /// The end, with payoffs that depend on everyone's types: `[profile][player]`, last player's type fastest.
    Joint(Vec<Vec<f64>>),
}

/// Working memory and structure of one game.
#[derive(Debug)]
pub(crate) struct PublicSolver<'a> {
    pub(super) game: &'a PublicGame,
    pub(super) slots: usize,
    /// By player: first slot; first column, where the player has several types.
    pub(super) slot: Vec<usize>,
    pub(super) column: Vec<Option<usize>>,
    /// Columns of a linear model: informed types, then the constant, then λ.
    pub(super) columns: usize,
    /// By node: first unknown of a move.
    pub(super) unknown: Vec<usize>,
    pub(super) unknowns: usize,
    /// `[unknown]`: ln w of base weights, σ ∝ w exp λQ; all 0 where everything weighs the same.
    pub(super) base: Vec<f64>,
    /// `[node][slot]`
    pub(super) weights: Vec<f64>,
    pub(super) beliefs: Vec<f64>,
    pub(super) values: Vec<f64>,
    /// `[node][slot][column]`
    pub(super) models: Vec<f64>,
    /// `[unknown][column]`: δm′ of the mover's types after every action; of a mover with one type δ ln σ.
    pub(super) maps: Vec<f64>,
    /// `[unknown]`: strategies played, and λQ + ln w.
    pub(super) played: Vec<f64>,
    pub(super) scaled: Vec<f64>,
    pub(super) gap: Vec<f64>,
    pub(super) step: Vec<f64>,
    pub(super) tangent: Vec<f64>,
    /// `[node][column − 2]`: shifts of m while substituting back.
    pub(super) shifts: Vec<f64>,
    pub(super) sign: f64,
    pub(super) width: Width,
    pub(super) work: Work,
}

/// Probabilities below this count as 0 in sums; their logarithms go on counting in beliefs.
const TINY: f64 = 1e-250;

impl<'a> PublicSolver<'a> {
    pub(crate) fn new(game: &'a PublicGame) -> Self {
        let (mut slot, mut column) = (Vec::new(), Vec::new());
        let (mut slots, mut informed) = (0, 0);
        for k in &game.types {
            slot.push(slots);
            column.push((*k > 1).then_some(informed));
            slots += k;
            informed += if *k > 1 { *k } else { 0 };
        }
        let columns = informed + 2;
        let mut unknown = Vec::with_capacity(game.nodes.len());
        let mut unknowns = 0;
        for node in &game.nodes {
            unknown.push(unknowns);
            if let PublicNode::Move { player, children } = node {
                unknowns += children.len() * game.types[*player];
            }
        }
        let nodes = game.nodes.len();
        Self {
            game,
            slots,
            slot,
            column,
            columns,
            unknown,
            unknowns,
            base: vec![0.0; unknowns],
            weights: vec![0.0; nodes * slots],
            beliefs: vec![0.0; nodes * slots],
            values: vec![0.0; nodes * slots],
            models: vec![0.0; nodes * slots * columns],
            maps: vec![0.0; unknowns * columns],
            played: vec![0.0; unknowns],
            scaled: vec![0.0; unknowns],
            gap: vec![0.0; unknowns],
            step: vec![0.0; unknowns],
            tangent: vec![0.0; unknowns],
            shifts: vec![0.0; nodes * informed],
            sign: 1.0,
            width: Width::of_this_machine(),
            work: Work::default(),
        }
    }

    pub(super) fn range(&self, player: usize) -> std::ops::Range<usize> {
        self.slot[player]..self.slot[player] + self.game.types[player]
    }

    /// Weights and beliefs, from the root down.
    fn down(&mut self, y: &[f64]) {
        let slots = self.slots;
        for (w, p) in self.weights.iter_mut().zip(&self.game.prior) {
            *w = p.ln();
        }
        for (index, node) in self.game.nodes.iter().enumerate() {
            let own = index * slots..(index + 1) * slots;
            for player in 0..self.game.types.len() {
                let range = self.range(player);
                dense::softmax(
                    &self.weights[own.clone()][range.clone()],
                    &mut self.beliefs[own.clone()][range],
                );
            }
            let (children, mover) = match node {
                PublicNode::Move { player, children } => (children, Some(*player)),
                PublicNode::Chance { about, children, .. } => (children, *about),
                PublicNode::End(_) | PublicNode::Joint(_) => continue,
            };
            for (action, child) in children.iter().enumerate() {
                let (above, below) = self.weights.split_at_mut(child * slots);
                let to = &mut below[..slots];
                to.copy_from_slice(&above[own.clone()]);
                let Some(player) = mover else { continue };
                let k = self.game.types[player];
                let to = &mut to[self.slot[player]..][..k];
                match node {
                    PublicNode::Chance { odds, .. } => {
                        for (w, p) in to.iter_mut().zip(&odds[action]) {
                            *w += p.ln();
                        }
                    }
                    _ => {
                        for (w, y) in to.iter_mut().zip(&y[self.unknown[index] + action * k..][..k]) {
                            *w += y;
                        }
                    }
                }
                // Only differences count; the largest is kept at 0 so that nothing drifts.
                let top = to.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                if top.is_finite() {
                    to.iter_mut().for_each(|w| *w -= top);
                }
            }
        }
    }

    /// Payoffs and linear models, from the ends up; returns the residual.
    fn up(&mut self, y: &[f64], lambda: f64) -> f64 {
        match self.width {
            Width::Portable => self.up_on(y, lambda),
            #[cfg(target_arch = "x86_64")]
            Width::Avx2 => {
                #[expect(
                    unsafe_code,
                    reason = "calls a function compiled for instructions that were detected at start"
                )]
                // SAFETY: `Width::of_this_machine` returned this width only after detecting the features.
                unsafe {
                    self.up_avx2(y, lambda)
                }
            }
            #[cfg(target_arch = "x86_64")]
            Width::Avx512 => {
                #[expect(
                    unsafe_code,
                    reason = "calls a function compiled for instructions that were detected at start"
                )]
                // SAFETY: as above.
                unsafe {
                    self.up_avx512(y, lambda)
                }
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn up_avx2(&mut self, y: &[f64], lambda: f64) -> f64 {
        self.up_on(y, lambda)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl")]
    fn up_avx512(&mut self, y: &[f64], lambda: f64) -> f64 {
        self.up_on(y, lambda)
    }

    #[inline(always)]
    fn up_on(&mut self, y: &[f64], lambda: f64) -> f64 {
        let mut residual = 0.0f64;
        self.sign = 1.0;
        for index in (0..self.game.nodes.len()).rev() {
            match &self.game.nodes[index] {
                PublicNode::End(payoff) => {
                    self.values[index * self.slots..][..self.slots].copy_from_slice(payoff);
                    self.models[index * self.slots * self.columns..][..self.slots * self.columns].fill(0.0);
                }
                PublicNode::Joint(payoff) => self.joint(index, payoff),
                PublicNode::Chance { about, odds, children } => {
                    self.chance(index, *about, odds, children);
                }
                PublicNode::Move { player, children } => {
                    let r = self.choose(index, *player, children, y, lambda);
                    residual = if r > residual || r.is_nan() { r } else { residual };
                    if self.game.types[*player] == 1 {
                        self.open(index, *player, children, lambda);
                    } else {
                        self.typed(index, *player, children, lambda);
                    }
                }
            }
        }
        residual
    }

    /// Expected payoffs of an end that depends on everyone's types, and their slopes in ln weights: b_θ (E[u | θ] − E[u]).
    fn joint(&mut self, index: usize, payoff: &[Vec<f64>]) {
        let (slots, columns) = (self.slots, self.columns);
        let values = &mut self.values[index * slots..][..slots];
        let models = &mut self.models[index * slots * columns..][..slots * columns];
        values.fill(0.0);
        models.fill(0.0);
        let beliefs = &self.beliefs[index * slots..][..slots];
        let types = &self.game.types;
        let mut profile = vec![0usize; types.len()];
        for row in payoff {
            for player in 0..types.len() {
                // Probability of the others' types.
                let mut rest = 1.0;
                for other in (0..types.len()).filter(|other| *other != player) {
                    rest *= beliefs[self.slot[other] + profile[other]];
                }
                let slot = self.slot[player] + profile[player];
                values[slot] += rest * row[player];
                for other in (0..types.len()).filter(|other| *other != player) {
                    if let Some(first) = self.column[other] {
                        models[slot * columns + first + profile[other]] += rest * row[player];
                    }
                }
            }
            for player in (0..types.len()).rev() {
                profile[player] += 1;
                if profile[player] < types[player] {
                    break;
                }
                profile[player] = 0;
            }
        }
        for (player, k) in types.iter().enumerate() {
            for slot in self.slot[player]..self.slot[player] + k {
                for (other, first) in self.column.iter().enumerate() {
                    let Some(first) = first.filter(|_| other != player) else { continue };
                    for kind in 0..types[other] {
                        models[slot * columns + first + kind] -=
                            beliefs[self.slot[other] + kind] * values[slot];
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn chance(&mut self, index: usize, about: Option<usize>, odds: &[Vec<f64>], children: &[usize]) {
        let (slots, columns) = (self.slots, self.columns);
        let own = about.map_or(0..0, |player| self.range(player));
        let (above, below) = self.values.split_at_mut((index + 1) * slots);
        let values = &mut above[index * slots..];
        let (above, models_below) = self.models.split_at_mut((index + 1) * slots * columns);
        let rows = &mut above[index * slots * columns..];
        values.fill(0.0);
        rows.fill(0.0);
        for (odds, child) in odds.iter().zip(children) {
            let at = (child - index - 1) * slots;
            let beliefs = &self.beliefs[index * slots..][..slots];
            let public = match about {
                None => odds[0],
                Some(_) => odds.iter().zip(&beliefs[own.clone()]).map(|(p, b)| p * b).sum(),
            };
            for slot in 0..slots {
                let p = if own.contains(&slot) { odds[slot - own.start] } else { public };
                let value = below[at + slot];
                values[slot] += p * value;
                if p == 0.0 {
                    continue;
                }
                let row = &mut rows[slot * columns..][..columns];
                dense::add(row, p, &models_below[(at + slot) * columns..][..columns]);
                if let Some(player) = about.filter(|_| !own.contains(&slot))
                    && let Some(first) = self.column[player]
                {
                    // δ ln Pr = Σ (b′ − b) δm.
                    for (kind, odds) in odds.iter().enumerate() {
                        let b = beliefs[own.start + kind];
                        row[first + kind] += value * b * (odds - public);
                    }
                }
            }
        }
    }

    /// Values of a move, strategies, gaps; returns max |played − best|.
    #[inline(always)]
    fn choose(&mut self, index: usize, player: usize, children: &[usize], y: &[f64], lambda: f64) -> f64 {
        let slots = self.slots;
        let own = self.range(player);
        let k = own.len();
        let first = self.unknown[index];
        let actions = children.len();
        let mut residual = 0.0f64;
        for kind in 0..k {
            let at = |action: usize| first + action * k + kind;
            let (mut top, mut top_y) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
            for (action, child) in children.iter().enumerate() {
                let scaled = lambda * self.values[child * slots + own.start + kind] + self.base[at(action)];
                self.scaled[at(action)] = scaled;
                top = top.max(scaled);
                top_y = top_y.max(y[at(action)]);
            }
            let (mut total, mut total_y) = (0.0, 0.0);
            for action in 0..actions {
                total += (self.scaled[at(action)] - top).exp();
                total_y += (y[at(action)] - top_y).exp();
            }
            let (level, level_y) = (top + total.ln(), top_y + total_y.ln());
            let mut value = 0.0;
            for (action, child) in children.iter().enumerate() {
                let u = at(action);
                let (best, played) = ((self.scaled[u] - level).exp(), (y[u] - level_y).exp());
                // Denormal numbers would only slow everything down.
                self.played[u] = if played < TINY { 0.0 } else { played };
                self.gap[u] = (self.scaled[u] - level) - (y[u] - level_y);
                value += played * self.values[child * slots + own.start + kind];
                let r = (best - played).abs();
                residual = if r > residual || r.is_nan() { r } else { residual };
            }
            self.values[index * slots + own.start + kind] = value;
        }
        for slot in (0..slots).filter(|slot| !own.contains(slot)) {
            let mut value = 0.0;
            for (action, child) in children.iter().enumerate() {
                value += self.public(index, player, action) * self.values[child * slots + slot];
            }
            self.values[index * slots + slot] = value;
        }
        residual
    }

    /// Probability of an action by the public belief.
    #[inline(always)]
    fn public(&self, index: usize, player: usize, action: usize) -> f64 {
        let k = self.game.types[player];
        let beliefs = &self.beliefs[index * self.slots + self.slot[player]..][..k];
        let played = &self.played[self.unknown[index] + action * k..][..k];
        beliefs.iter().zip(played).map(|(b, p)| b * p).sum()
    }

    /// Shifts of ln σ, from the root down, when one column is switched on.
    fn substitute(&mut self, constant: usize, out_tangent: bool) {
        let informed = self.columns - 2;
        let columns = self.columns;
        self.shifts[..informed].fill(0.0);
        for (index, node) in self.game.nodes.iter().enumerate() {
            let children = match node {
                PublicNode::Move { children, .. } | PublicNode::Chance { children, .. } => children,
                PublicNode::End(_) | PublicNode::Joint(_) => continue,
            };
            for (action, child) in children.iter().enumerate() {
                let (above, below) = self.shifts.split_at_mut(child * informed);
                let here = &above[index * informed..][..informed];
                let there = &mut below[..informed];
                there.copy_from_slice(here);
                let PublicNode::Move { player, .. } = node else { continue };
                let k = self.game.types[*player];
                for kind in 0..k {
                    let u = self.unknown[index] + action * k + kind;
                    let map = &self.maps[u * columns..][..columns];
                    let total = map[constant] + dense::dot(&map[..informed], here);
                    let shift = match self.column[*player] {
                        Some(at) => {
                            there[at + kind] = total;
                            total - here[at + kind]
                        }
                        None => total,
                    };
                    if out_tangent {
                        self.tangent[u] = shift;
                    } else {
                        self.step[u] = shift;
                    }
                }
            }
        }
    }
}

impl Correspondence for PublicSolver<'_> {
    fn unknowns(&self) -> usize {
        self.unknowns
    }

    fn uniform(&self) -> Vec<f64> {
        let mut y = self.base.clone();
        self.normalize(&mut y);
        y
    }

    fn evaluate(&mut self, y: &[f64], lambda: f64) -> f64 {
        self.down(y);
        let residual = self.up(y, lambda);
        self.substitute(self.columns - 2, false);
        self.substitute(self.columns - 1, true);
        residual
    }

    fn normalize(&self, y: &mut [f64]) {
        for (index, node) in self.game.nodes.iter().enumerate() {
            if let PublicNode::Move { player, children } = node {
                let k = self.game.types[*player];
                dense::normalize_columns(&mut y[self.unknown[index]..][..children.len() * k], k);
            }
        }
    }

    fn step(&self) -> &[f64] {
        &self.step
    }

    fn tangent(&self) -> &[f64] {
        &self.tangent
    }

    fn gap(&self) -> f64 {
        self.gap.iter().fold(0.0, |most, g| if g.abs() > most || g.is_nan() { g.abs() } else { most })
    }

    fn distance(&self) -> f64 {
        let mut most = 0.0f64;
        for (index, node) in self.game.nodes.iter().enumerate() {
            let PublicNode::Move { player, children } = node else { continue };
            let k = self.game.types[*player];
            let own = self.unknown[index]..self.unknown[index] + children.len() * k;
            for kind in 0..k {
                let own = own.clone().skip(kind).step_by(k);
                let total: f64 = own.map(|u| self.played[u] * self.gap[u].abs()).sum();
                most = if total > most || total.is_nan() { total } else { most };
            }
        }
        most
    }

    fn played(&self) -> &[f64] {
        &self.played
    }

    fn sign(&self) -> f64 {
        self.sign
    }
}
