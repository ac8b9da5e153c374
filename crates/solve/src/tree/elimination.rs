//! Linear models of moves: see the head of `public.rs` for the algebra.

use super::dense;
use super::public::PublicSolver;

/// Working memory of one move.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// `[action][type but one][types − 1 + columns]`
    systems: Vec<f64>,
    /// `[type][types − 1 + columns]`, then as many rows but one.
    middle: Vec<f64>,
    /// `[action][type][column]`
    known: Vec<f64>,
    /// `[slot][column]` of one action.
    row: Vec<f64>,
}

impl PublicSolver<'_> {
    /// Linear models of a move of a player with one type.
    #[inline(always)]
    pub(super) fn open(&mut self, index: usize, player: usize, children: &[usize], lambda: f64) {
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
    pub(super) fn typed(&mut self, index: usize, player: usize, children: &[usize], lambda: f64) {
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
}

fn grow(v: &mut Vec<f64>, len: usize) {
    if v.len() < len {
        v.resize(len, 0.0);
    }
}
