//! Profiles: one private type for every player.

use armistice_game::{Belief, PlayerId, TypeId, WarGame};

/// All profiles of private types of a game: mixed-radix numbers, player 0 the most significant digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profiles {
    types: Vec<usize>,
    /// `[profile][player]`: slot of the player's type.
    slots: Vec<usize>,
    count: usize,
}

/// Players who really are of a certain type; the others are what the public belief at the start says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given(pub Vec<(PlayerId, TypeId)>);

impl Profiles {
    /// The profiles of a game.
    #[must_use]
    pub fn new(game: &WarGame) -> Self {
        let types = game.types();
        let count: usize = types.iter().product();
        let mut slots = Vec::with_capacity(count * types.len());
        for profile in 0..count {
            let mut rest = profile;
            let mut row = vec![0; types.len()];
            for (player, radix) in types.iter().enumerate().rev() {
                row[player] = rest % radix;
                rest /= radix;
            }
            let mut offset = 0;
            for (digit, radix) in row.iter_mut().zip(&types) {
                *digit += offset;
                offset += radix;
            }
            slots.extend(row);
        }
        Self { types, slots, count }
    }

    /// Number of profiles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none, which no sound game has.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The slots of a profile, by player.
    #[must_use]
    pub fn slots(&self, profile: usize) -> &[usize] {
        let n = self.types.len();
        self.slots.get(profile * n..(profile + 1) * n).unwrap_or(&[])
    }

    /// Number of types of each player.
    #[must_use]
    pub fn types(&self) -> &[usize] {
        &self.types
    }

    /// Probability of every profile at a belief, with some players known to be of a type; sums to 1.
    ///
    /// - `belief`: flat probabilities over slots.
    /// - `given`: these players' types have probability 1 whatever the belief says.
    #[must_use]
    pub fn weights(&self, belief: &Belief, given: &Given) -> Vec<f64> {
        let mut at = belief.0.clone();
        for (player, kind) in &given.0 {
            let start: usize = self.types.iter().take(player.index()).sum();
            let len = self.types.get(player.index()).copied().unwrap_or(0);
            for (j, p) in at.iter_mut().skip(start).take(len).enumerate() {
                *p = if j == kind.index() { 1.0 } else { 0.0 };
            }
        }
        (0..self.count)
            .map(|profile| self.slots(profile).iter().map(|s| at.get(*s).copied().unwrap_or(0.0)).product())
            .collect()
    }
}

/// Σ_θ w(θ) x(θ).
pub(crate) fn mean(weights: &[f64], values: &[f64]) -> f64 {
    weights.iter().zip(values).map(|(w, x)| w * x).sum()
}
