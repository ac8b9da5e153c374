//! Payoffs: vectors over *slots* (player, own type), and end payoffs that depend on every player's type.

use crate::ids::Row;

/// Rows of payoffs per slot. A *slot* is a pair (player, own type); slots are numbered player by player.
///
/// Layout: `values: [row][slot]`. Row 0 is zero and always present.
#[derive(Clone, Debug, PartialEq)]
pub struct PayoffTable {
    slots: usize,
    values: Vec<f64>,
}

impl PayoffTable {
    /// An empty table (row 0 only) over `slots` slots.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self { slots, values: vec![0.0; slots] }
    }

    /// Adds a row and returns its id; a row of zeros is row 0, and equal consecutive rows are shared.
    pub fn push(&mut self, row: &[f64]) -> Row {
        debug_assert_eq!(row.len(), self.slots);
        if row.iter().all(|x| *x == 0.0) {
            return Row(0);
        }
        let start = self.values.len().saturating_sub(self.slots);
        if self.values.get(start..) == Some(row) {
            return Row::new(start / self.slots.max(1));
        }
        self.values.extend_from_slice(row);
        Row::new(self.values.len() / self.slots.max(1) - 1)
    }

    /// The payoffs of one row, by slot.
    #[must_use]
    pub fn row(&self, row: Row) -> &[f64] {
        let start = row.index() * self.slots;
        self.values.get(start..start + self.slots).unwrap_or(&[])
    }

    /// Number of rows, the zero row included.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.slots).unwrap_or(1)
    }

    /// Every number in the table.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

/// What an ending (or the horizon) pays.
#[derive(Clone, Debug, PartialEq)]
pub enum Payoff {
    /// Depends on the player's own type only: one number per slot.
    Own(Vec<f64>),
    /// Depends on the types of all players.
    Joint(JointPayoff),
}

/// A payoff that depends on the whole type profile (interdependent values).
///
/// Layout: `values: [profile][player]`; a profile is a mixed-radix number whose most significant digit is
/// the type of player 0. A type of player i expects `Σ_θ₋ᵢ Π_{j≠i} b_j(θ_j) values[(θᵢ, θ₋ᵢ)][i]`.
#[derive(Clone, Debug, PartialEq)]
pub struct JointPayoff {
    /// `[profile][player]`
    pub values: Vec<f64>,
}

impl Payoff {
    /// Expected payoff of every slot at a public belief.
    ///
    /// - `types`: number of types of each player.
    /// - `belief`: flat probabilities, player by player (as [`crate::Belief`]).
    /// - returns one number per slot. Cost: O(profiles × players) for a joint payoff.
    #[must_use]
    pub fn expected(&self, types: &[usize], belief: &[f64]) -> Vec<f64> {
        match self {
            Self::Own(row) => row.clone(),
            Self::Joint(joint) => joint.expected(types, belief),
        }
    }

    /// All numbers the payoff can take.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        match self {
            Self::Own(row) => row,
            Self::Joint(joint) => &joint.values,
        }
    }
}

impl JointPayoff {
    fn expected(&self, types: &[usize], belief: &[f64]) -> Vec<f64> {
        let players = types.len();
        let slots: usize = types.iter().sum();
        let mut offsets = Vec::with_capacity(players);
        let mut next = 0;
        for k in types {
            offsets.push(next);
            next += k;
        }
        let mut out = vec![0.0; slots];
        let mut profile = vec![0usize; players];
        for row in self.values.chunks_exact(players.max(1)) {
            for (i, payoff) in row.iter().enumerate() {
                let mut weight = 1.0;
                for j in (0..players).filter(|j| *j != i) {
                    weight *= belief.get(offsets[j] + profile[j]).copied().unwrap_or(0.0);
                }
                if let Some(slot) = out.get_mut(offsets[i] + profile[i]) {
                    *slot += weight * payoff;
                }
            }
            for j in (0..players).rev() {
                profile[j] += 1;
                if profile[j] < types[j] {
                    break;
                }
                profile[j] = 0;
            }
        }
        out
    }
}
