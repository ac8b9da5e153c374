//! Public beliefs about private types.

use serde::{Deserialize, Serialize};

use crate::{PlayerId, WarGame};

/// What everyone publicly believes about every player's private type: a product of distributions.
///
/// Layout: flat probabilities over slots, `[player][type]`; each player's part sums to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Belief(pub Vec<f64>);

impl Belief {
    /// The priors of a game.
    #[must_use]
    pub fn prior(game: &WarGame) -> Self {
        Self(game.players.iter().flat_map(|player| player.types.iter().map(|t| t.prior)).collect())
    }

    /// The probabilities of one player's types.
    #[must_use]
    pub fn of<'a>(&'a self, game: &WarGame, player: PlayerId) -> &'a [f64] {
        let range = game.slots_of(player);
        self.0.get(range).unwrap_or(&[])
    }

    /// This belief with one player's distribution replaced.
    #[must_use]
    pub fn with(&self, game: &WarGame, player: PlayerId, distribution: &[f64]) -> Self {
        let mut out = self.clone();
        for (slot, p) in game.slots_of(player).zip(distribution) {
            if let Some(x) = out.0.get_mut(slot) {
                *x = *p;
            }
        }
        out
    }
}
