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
use super::path::Correspondence;
use crate::war::Width;

/// A game with public actions, independent private types and chance that may depend on one player's type.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicGame {
    /// Number of types of each player.
    pub types: Vec<usize>,
    /// `[slot]`: prior probability of every type of every player.
    pub prior: Vec<f64>,
    /// Preorder, root first.
    pub nodes: Vec<PublicNode>,
}

/// What happens once everyone has seen the same.
#[derive(Clone, Debug, PartialEq)]
pub enum PublicNode {
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
    game: &'a PublicGame,
    slots: usize,
    /// By player: first slot; first column, where the player has several types.
    slot: Vec<usize>,
    column: Vec<Option<usize>>,
    /// Columns of a linear model: informed types, then the constant, then λ.
    columns: usize,
    /// By node: first unknown of a move.
    unknown: Vec<usize>,
    unknowns: usize,
    /// `[node][slot]`
    weights: Vec<f64>,
    beliefs: Vec<f64>,
    values: Vec<f64>,
    /// `[node][slot][column]`
    models: Vec<f64>,
    /// `[unknown][column]`: δm′ of the mover's types after every action; of a mover with one type δ ln σ.
    maps: Vec<f64>,
    /// `[unknown]`: strategies played, and λQ.
    played: Vec<f64>,
    scaled: Vec<f64>,
    gap: Vec<f64>,
    step: Vec<f64>,
    tangent: Vec<f64>,
    /// `[node][column − 2]`: shifts of m while substituting back.
    shifts: Vec<f64>,
    sign: f64,
    width: Width,
    work: Work,
}

#[derive(Debug, Default)]
struct Work {
    /// `[action][type but one][types − 1 + columns]`
    systems: Vec<f64>,
    /// `[type][types − 1 + columns]`, then as many rows but one.
    middle: Vec<f64>,
    /// `[action][type][column]`
    known: Vec<f64>,
    /// `[slot][column]` of one action.
    row: Vec<f64>,
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

    fn range(&self, player: usize) -> std::ops::Range<usize> {
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
    fn up(&mut self, y: &[f64], lambda: f64, models: bool) -> f64 {
        match self.width {
            Width::Portable => self.up_on(y, lambda, models),
            #[cfg(target_arch = "x86_64")]
            Width::Avx2 => {
                #[expect(
                    unsafe_code,
                    reason = "calls a function compiled for instructions that were detected at start"
                )]
                // SAFETY: `Width::of_this_machine` returned this width only after detecting the features.
                unsafe {
                    self.up_avx2(y, lambda, models)
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
                    self.up_avx512(y, lambda, models)
                }
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn up_avx2(&mut self, y: &[f64], lambda: f64, models: bool) -> f64 {
        self.up_on(y, lambda, models)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl")]
    fn up_avx512(&mut self, y: &[f64], lambda: f64, models: bool) -> f64 {
        self.up_on(y, lambda, models)
    }

    #[inline(always)]
    fn up_on(&mut self, y: &[f64], lambda: f64, models: bool) -> f64 {
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
                    self.chance(index, *about, odds, children, models);
                }
                PublicNode::Move { player, children } => {
                    let r = self.choose(index, *player, children, y, lambda);
                    residual = if r > residual || r.is_nan() { r } else { residual };
                    if models {
                        if self.game.types[*player] == 1 {
                            self.open(index, *player, children, lambda);
                        } else {
                            self.typed(index, *player, children, lambda);
                        }
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
    fn chance(
        &mut self,
        index: usize,
        about: Option<usize>,
        odds: &[Vec<f64>],
        children: &[usize],
        models: bool,
    ) {
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
                if !models || p == 0.0 {
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
                let scaled = lambda * self.values[child * slots + own.start + kind];
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

    /// Linear models of a move of a player with one type.
    #[inline(always)]
    fn open(&mut self, index: usize, player: usize, children: &[usize], lambda: f64) {
        let (slots, columns) = (self.slots, self.columns);
        let slot = self.slot[player];
        let first = self.unknown[index];
        let Work { row: mean, .. } = &mut self.work;
        mean.clear();
        mean.resize(columns, 0.0);
        for (action, child) in children.iter().enumerate() {
            let u = first + action;
            let map = &mut self.maps[u * columns..][..columns];
            map.fill(0.0);
            dense::add(map, lambda, &self.models[(child * slots + slot) * columns..][..columns]);
            map[columns - 2] += self.gap[u];
            map[columns - 1] += self.values[child * slots + slot];
            dense::add(mean, self.played[u], map);
        }
        for action in 0..children.len() {
            dense::add(&mut self.maps[(first + action) * columns..][..columns], -1.0, mean);
        }
        let (above, below) = self.models.split_at_mut((index + 1) * slots * columns);
        let rows = &mut above[index * slots * columns..];
        rows.fill(0.0);
        for (action, child) in children.iter().enumerate() {
            let p = self.played[first + action];
            let map = &self.maps[(first + action) * columns..][..columns];
            let from = &below[(child - index - 1) * slots * columns..][..slots * columns];
            for slot in 0..slots {
                let row = &mut rows[slot * columns..][..columns];
                dense::add(row, p, &from[slot * columns..][..columns]);
                dense::add(row, p * self.values[child * slots + slot], map);
            }
        }
    }

    /// Linear models of a move of a player with several types: see the head of this file.
    #[inline(always)]
    fn typed(&mut self, index: usize, player: usize, children: &[usize], lambda: f64) {
        let (slots, columns) = (self.slots, self.columns);
        let own = self.range(player);
        let k = own.len();
        let at = self.column[player].unwrap_or(0);
        let first = self.unknown[index];
        let inner = k - 1;
        let width = inner + columns;
        let Work { systems, middle, known, row } = &mut self.work;
        grow(systems, children.len() * inner * width);
        grow(known, children.len() * k * columns);
        middle.clear();
        middle.resize((k + inner) * (inner + columns), 0.0);
        // Types other than the reference, in order: B only sees differences from it.
        let other = |reference: usize, position: usize| position + usize::from(position >= reference);
        let reference_of = |beliefs: &[f64]| {
            (0..k).fold(0, |best, kind| if beliefs[kind] > beliefs[best] { kind } else { best })
        };
        let home = reference_of(&self.beliefs[index * slots + own.start..][..k]);
        let (means, outer) = middle.split_at_mut(k * (inner + columns));
        for (action, child) in children.iter().enumerate() {
            let models = &self.models[(child * slots + own.start) * columns..][..k * columns];
            let reference = reference_of(&self.beliefs[child * slots + own.start..][..k]);
            // r, with the identity in the mover's own columns: what is not B.
            let known = &mut known[action * k * columns..][..k * columns];
            for kind in 0..k {
                let right = &mut known[kind * columns..][..columns];
                for (x, slope) in right.iter_mut().zip(&models[kind * columns..][..columns]) {
                    *x = lambda * slope;
                }
                right[at..at + k].fill(0.0);
                right[at + kind] = 1.0;
                let u = first + action * k + kind;
                right[columns - 2] += self.gap[u];
                right[columns - 1] += self.values[child * slots + own.start + kind];
            }
            // Differences from the reference type: (I − E B) d = E (r + w).
            let system = &mut systems[action * inner * width..][..inner * width];
            let base = &models[reference * columns + at..][..k];
            for position in 0..inner {
                let kind = other(reference, position);
                let (left, right) = system[position * width..][..width].split_at_mut(inner);
                let model = &models[kind * columns + at..][..k];
                for (column, x) in left.iter_mut().enumerate() {
                    let of = other(reference, column);
                    *x = -lambda * (model[of] - base[of]);
                }
                left[position] += 1.0;
                right.copy_from_slice(&known[kind * columns..][..columns]);
                dense::add(right, -1.0, &known[reference * columns..][..columns]);
            }
            self.sign *= dense::solve(system, inner, width);
            // Means over actions of M r, and of M − I in the mover's own columns.
            for kind in 0..k {
                let p = self.played[first + action * k + kind];
                let (left, right) = means[kind * width..][..width].split_at_mut(inner);
                dense::add(right, p, &known[kind * columns..][..columns]);
                right[at + kind] -= p;
                for position in 0..inner {
                    let b = p * lambda * models[kind * columns + at + other(reference, position)];
                    let d = &system[position * width + inner..][..columns];
                    dense::add(right, b, d);
                    for (column, x) in left.iter_mut().enumerate() {
                        *x += b * d[at + other(home, column)];
                    }
                }
            }
        }
        // (I + E G) ω = E (δm − Σ D M r), then the level of w.
        for position in 0..inner {
            let kind = other(home, position);
            let (left, right) = outer[position * width..][..width].split_at_mut(inner);
            for (column, x) in left.iter_mut().enumerate() {
                *x = means[kind * width + column] - means[home * width + column];
            }
            left[position] += 1.0;
            for (column, x) in right.iter_mut().enumerate() {
                let mine = column >= at && column < at + k;
                *x = if mine {
                    f64::from(u8::from(column == at + kind)) - f64::from(u8::from(column == at + home))
                } else {
                    means[home * width + inner + column] - means[kind * width + inner + column]
                };
            }
        }
        self.sign *= dense::solve(outer, inner, width);
        row.clear();
        row.resize(columns, 0.0);
        row[at + home] = 1.0;
        for (column, x) in row.iter_mut().enumerate() {
            if column < at || column >= at + k {
                *x -= means[home * width + inner + column];
            }
        }
        for position in 0..inner {
            let weight = means[home * width + position];
            dense::add(row, -weight, &outer[position * width + inner..][..columns]);
        }
        // δm′ = r + w + B d with d = d₀ + N E ω.
        for (action, child) in children.iter().enumerate() {
            let models = &self.models[(child * slots + own.start) * columns..][..k * columns];
            let reference = reference_of(&self.beliefs[child * slots + own.start..][..k]);
            let known = &known[action * k * columns..][..k * columns];
            let system = &mut systems[action * inner * width..][..inner * width];
            for rows in system.chunks_exact_mut(width) {
                let (weights, d) = rows.split_at_mut(inner);
                for (position, weight) in weights.iter_mut().enumerate() {
                    *weight = d[at + other(home, position)];
                }
                d[at..at + k].fill(0.0);
                for (position, weight) in weights.iter().enumerate() {
                    dense::add(d, *weight, &outer[position * width + inner..][..columns]);
                }
            }
            for kind in 0..k {
                let map = &mut self.maps[(first + action * k + kind) * columns..][..columns];
                map.copy_from_slice(&known[kind * columns..][..columns]);
                map[at..at + k].fill(0.0);
                dense::add(map, 1.0, row);
                if kind != home {
                    let position = kind - usize::from(kind > home);
                    dense::add(map, 1.0, &outer[position * width + inner..][..columns]);
                }
                for position in 0..inner {
                    let b = lambda * models[kind * columns + at + other(reference, position)];
                    dense::add(map, b, &system[position * width + inner..][..columns]);
                }
            }
        }
        // Payoffs: own types by their own strategies, the others' view by the public probability.
        let (above, below) = self.models.split_at_mut((index + 1) * slots * columns);
        let rows = &mut above[index * slots * columns..];
        rows.fill(0.0);
        let beliefs = &self.beliefs[index * slots + own.start..][..k];
        row.clear();
        row.resize(columns, 0.0);
        for (action, child) in children.iter().enumerate() {
            let maps = &self.maps[(first + action * k) * columns..][..k * columns];
            let played = &self.played[first + action * k..][..k];
            let public: f64 = beliefs.iter().zip(played).map(|(b, p)| b * p).sum();
            // δ Pr = Σ b σ δm′ − Pr Σ b δm.
            row.fill(0.0);
            for kind in 0..k {
                dense::add(row, beliefs[kind] * played[kind], &maps[kind * columns..][..columns]);
                row[at + kind] -= public * beliefs[kind];
            }
            let models = &below[(child - index - 1) * slots * columns..][..slots * columns];
            let values = &self.values[child * slots..][..slots];
            for slot in 0..slots {
                let model = &models[slot * columns..][..columns];
                let out = &mut rows[slot * columns..][..columns];
                let p = if own.contains(&slot) { played[slot - own.start] } else { public };
                for (column, (x, m)) in out.iter_mut().zip(model).enumerate() {
                    if column < at || column >= at + k {
                        *x += p * m;
                    }
                }
                for kind in 0..k {
                    let slope = p * model[at + kind];
                    if slope != 0.0 {
                        dense::add(out, slope, &maps[kind * columns..][..columns]);
                    }
                }
                if own.contains(&slot) {
                    // σ Q δ ln σ with δ ln σ = δm′ − δm.
                    let kind = slot - own.start;
                    dense::add(out, p * values[slot], &maps[kind * columns..][..columns]);
                    out[at + kind] -= p * values[slot];
                } else {
                    dense::add(out, values[slot], row);
                }
            }
        }
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

fn grow(v: &mut Vec<f64>, len: usize) {
    if v.len() < len {
        v.resize(len, 0.0);
    }
}

impl Correspondence for PublicSolver<'_> {
    fn unknowns(&self) -> usize {
        self.unknowns
    }

    fn uniform(&self) -> Vec<f64> {
        let mut y = vec![0.0; self.unknowns];
        for (index, node) in self.game.nodes.iter().enumerate() {
            if let PublicNode::Move { player, children } = node {
                let count = children.len() * self.game.types[*player];
                y[self.unknown[index]..][..count].fill(-(children.len() as f64).ln());
            }
        }
        y
    }

    fn evaluate(&mut self, y: &[f64], lambda: f64, models: bool) -> f64 {
        self.down(y);
        let residual = self.up(y, lambda, models);
        if models {
            self.substitute(self.columns - 2, false);
            self.substitute(self.columns - 1, true);
        }
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

    fn played(&self) -> &[f64] {
        &self.played
    }

    fn sign(&self) -> f64 {
        self.sign
    }
}
